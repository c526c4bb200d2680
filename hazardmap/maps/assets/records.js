/* The records that the map holds: which of them are shown now, which lie in a box, how dangerous, how they are called.
   A hit is { layer, block, feature, sign }. Knows no panel. */
(function (hazardmap) {
  'use strict';

  /* Shown now: its layer is on, its sign is on, and no filter hides it (filters.js writes `block.hidden`). */
  const passes = (block, feature) => !block.hidden || block.hidden[feature] === 0;
  const isShown = ({ layer, block, feature, sign }) => layer.shown && !layer.off.has(sign) && passes(block, feature);

  /* A test of the rows of a block on a map through time: do they hold on the day shown? Undefined where every row holds. */
  const holding = (block) => hazardmap.holding?.(block);

  const hitOf = (layer, block, feature) => ({ layer, block, feature, sign: block.signAt('symbol', feature) });

  /* The smaller, the sooner it is told: bad news about a plot, then the order of layers, then of signs. */
  function danger({ layer, block, feature, sign }) {
    return layer.rank * 1000 + sign - (layer.bad.includes(block.value('verdict', feature)) ? 1e6 : 0);
  }

  /* What a record is called: its id or name; ground has none and bears the name of its state. */
  function called({ layer, block, feature, sign }) {
    if (layer.layer === 'ground' || !layer.heading) return layer.symbols[sign]?.label ?? layer.noun;
    const name = block.value(layer.heading, feature);
    if (name !== null && name !== '') return String(name);
    return layer.layer === 'zones' ? layer.symbols[sign].label : hazardmap.say('card.no_name');
  }

  /* Call `visit(feature)` for each feature that holds on the day shown and whose box meets a box; for all where none is given. */
  function each(block, box, visit) {
    if (!block.count) return;
    const holds = holding(block);
    if (!box) { for (let f = 0; f < block.count; f++) if (!holds || holds(f)) visit(f); return; }
    if (block.shape === 'none') return;
    for (const feature of block.index.search(...box, holds)) visit(feature);
  }

  /* The part of the world on the screen, as a box of positions. */
  function viewBox(map) {
    const bounds = map.getBounds();
    const low = map.project(bounds.getNorthWest(), hazardmap.ZOOM), high = map.project(bounds.getSouthEast(), hazardmap.ZOOM);
    return [low.x, low.y, high.x, high.y];
  }

  /* Does a feature meet a box, not only its own box? Rings are cut to it; for a hole round it the answer stays yes. */
  function meets(block, feature, [west, north, east, south]) {
    const { box, x, y, partStart, featureStart } = block;
    if (box[4 * feature] > east || box[4 * feature + 2] < west || box[4 * feature + 1] > south || box[4 * feature + 3] < north) return false;
    if (block.shape === 'point') return true;
    for (let p = featureStart[feature]; p < featureStart[feature + 1]; p++) {
      const ring = [];
      for (let i = partStart[p]; i < partStart[p + 1]; i++) ring.push((x[i] - west) / (east - west), (y[i] - north) / (south - north));
      if (hazardmap.clipRing(ring, 0, 1).length) return true;
    }
    return false;
  }

  /* All that meets a box, the worst first: shown or not. */
  function within(hazardLayer, box) {
    const found = [];
    for (const layer of hazardLayer.layers) {
      for (const block of layer.blocks) {
        each(block, box, (feature) => { if (meets(block, feature, box)) found.push(hitOf(layer, block, feature)); });
      }
    }
    return found.map((hit) => [danger(hit), hit]).sort(([a], [b]) => a - b).map(([, hit]) => hit);
  }

  /* A record by its id: the one that holds on the day shown, else the first of that id, else null. */
  function find(hazardLayer, name, id) {
    const layer = hazardLayer.layers.find((l) => l.layer === name);
    if (!layer || !layer.heading) return null;
    let first = null;
    for (const block of [...layer.blocks, ...layer.loose]) {
      const column = block.columns[layer.heading], holds = holding(block);
      const code = column?.words ? column.words.indexOf(id) + 1 : 0;
      if (!code) continue;
      for (let f = column.values.indexOf(code); f >= 0; f = column.values.indexOf(code, f + 1)) {
        if (!holds || holds(f)) return hitOf(layer, block, f);
        first ??= hitOf(layer, block, f);
      }
    }
    return first;
  }

  Object.assign(hazardmap, { records: { passes, holding, isShown, hitOf, danger, called, each, viewBox, meets, within, find } });
})(window.hazardmap);
