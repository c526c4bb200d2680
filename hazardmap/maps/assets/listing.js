/* The features in view as a list: what the map shows, for those who do not see it and for those who want to go through it. In order of
   danger, or of the distance from the middle of the map. Each is a button that opens its card. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  const LISTED = 200;
  const LAYERS = new Set(['ground', 'zones', 'hazards', 'finds', 'releases', 'verdicts', 'plots', 'surveys', 'districts', 'context']);

  /* Metres of one position at a latitude; the list needs no more than that. */
  const metresAt = (latitude) => 2 * Math.PI * 6378137 * Math.cos(latitude * Math.PI / 180) / hazardmap.WORLD;

  function fromBox({ block, feature }, x, y) {
    const [west, north, east, south] = block.box.subarray(4 * feature, 4 * feature + 4);
    return Math.hypot(Math.max(west - x, 0, x - east), Math.max(north - y, 0, y - south));
  }

  /* Keep the first of a row of things by their key, without sorting the rest. */
  class First {
    constructor(most) { Object.assign(this, { most, kept: [], sorted: true }); }

    get bar() { return this.kept.length < this.most ? Infinity : this.worst; }

    add(key, hit) {
      if (key >= this.bar) return;
      this.kept.push([key, hit]);
      if (this.kept.length >= 4 * this.most || this.kept.length === this.most) this.cut();
    }

    cut() {
      this.kept.sort((a, b) => a[0] - b[0]);
      this.kept.length = Math.min(this.kept.length, this.most);
      this.worst = this.kept.at(-1)[0];
    }

    list() { if (this.kept.length) this.cut(); return this.kept; }
  }

  /* Ground is listed where it is not released; where nothing is known of it, or it is released, it is no thing to go to. */
  const isListed = ({ layer, sign }) => LAYERS.has(layer.layer) && (layer.layer !== 'ground' || layer.symbols[sign].over_plots);

  /* { found: [{ hit, metres }], count }: the first 200 in view, and how many there are. */
  function inView(map, hazardLayer, order) {
    const { records } = hazardmap;
    const box = records.viewBox(map), { x, y } = map.project(map.getCenter(), hazardmap.ZOOM);
    const scale = metresAt(map.getCenter().lat);
    const first = new First(order === 'danger' ? LISTED : 4 * LISTED);
    let count = 0;
    for (const layer of hazardLayer.layers) {
      if (!layer.shown) continue;
      for (const block of layer.blocks) {
        records.each(block, box, (feature) => {
          const hit = records.hitOf(layer, block, feature);
          if (!isListed(hit) || !records.isShown(hit)) return;
          count++;
          const away = fromBox(hit, x, y);
          first.add(order === 'danger' ? records.danger(hit) + away / (4 * hazardmap.WORLD) : away, hit);
        });
      }
    }
    const found = first.list().map(([key, hit]) => ({ key, hit, away: hazardmap.reach(hit.block, hit.feature, x, y) }));
    if (order !== 'danger') found.sort((a, b) => a.away - b.away);
    return { found: found.slice(0, LISTED).map(({ hit, away }) => ({ hit, metres: away * scale })), count };
  }

  function item({ hit, metres }, go) {
    const { layer, block, sign } = hit;
    const symbol = layer.symbols[sign];
    const says = layer.layer === 'verdicts' ? symbol.label : layer.layer === 'ground' ? hazardmap.area(block.value('area_m2', hit.feature)) : hazardmap.say('card.kind', { noun: layer.noun, sign: symbol.label });
    const away = metres < 1 ? hazardmap.say('list.here') : hazardmap.say('list.away', { distance: hazardmap.unit(metres < 1000 ? 'm' : 'km', hazardmap.number(metres < 1000 ? Math.floor(metres) : Math.floor(metres / 100) / 10, 1)) });
    const button = el('button', 'hm-go', hazardmap.swatch(symbol, block.shape),
      el('span', 'hm-what', hazardmap.recorded('span', hazardmap.records.called(hit), 'hm-id'), el('span', 'hm-says', says + ' · ' + away)));
    button.type = 'button';
    button.addEventListener('click', () => go(hit));
    return el('li', '', button);
  }

  function listTool(map, hazardLayer, go) {
    let order = 'danger';
    const write = (body) => {
      const chosen = document.activeElement?.name === 'hm-list';
      const { found, count } = inView(map, hazardLayer, order);
      const list = el('ol', 'hm-list', ...found.map((entry) => item(entry, (hit) => { hazardmap.returnTo = panel; go(hit); })));
      list.setAttribute('aria-label', hazardmap.say('list.title'));
      const told = el('p', 'hm-hint', count > found.length ? hazardmap.say('list.more', { count, listed: hazardmap.number(found.length, 0) }) : hazardmap.say('list.count', { count }));
      told.setAttribute('role', 'status');
      body.replaceChildren(hazardmap.either('list', 'list.order', [['danger', 'list.danger'], ['distance', 'list.distance']], order, (value) => { order = value; panel.write(); }),
        told, list, el('p', 'hm-note', hazardmap.say('list.note')));
      if (chosen) body.querySelector('input:checked').focus();
    };
    const panel = new hazardmap.Panel('list', 'list.title', write).tool('list.tool', hazardmap.symbol('M9 6h11M9 12h11M9 18h11', 'M4 6h.01M4 12h.01M4 18h.01'));
    hazardLayer.on('shownchange daychange', () => panel.write());
    let late = null;
    map.on('moveend', () => { if (!panel.isOpen) return; clearTimeout(late); late = setTimeout(() => panel.write(), 150); });
    return panel;
  }

  Object.assign(hazardmap, { listInView: inView, listTool });
})(window.hazardmap);
