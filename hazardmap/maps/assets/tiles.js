/* The Leaflet layer that paints the packed tables on canvas tiles, and tells what lies at a place. */
(function (hazardmap) {
  'use strict';

  const TILE = 512;
  const BUDGET = 12; // milliseconds of painting in a frame
  const NEAR = 160; // screen pixels within which marks and words of what lies beside a tile may reach it
  const FEW = 5000; // features in a block of which a tile asks whether any is near
  const SOON = 250; // milliseconds between two pictures while the data are read
  const FINGER = 9; // screen pixels within which a click counts as on a point, a line or a speck

  const ratio = () => Math.min(Math.max(window.devicePixelRatio || 1, 1), 3);

  function refuse(canvas) {
    canvas.width = canvas.height = TILE;
    const ctx = canvas.getContext('2d');
    ctx.fillStyle = '#8a8a8a';
    ctx.fillRect(0, 0, TILE, TILE);
    ctx.fillStyle = '#ffffff';
    ctx.font = '700 26px system-ui, sans-serif';
    ctx.textAlign = 'center';
    ctx.fillText(hazardmap.say('map.not_drawn'), TILE / 2, TILE / 2, TILE - 40);
  }

  /* Tiles are painted at once while that takes less than a frame, the rest in the frames after: a map that is dragged must not
     stick. What has left the screen before its turn is not painted. */
  const queue = [];
  let later = 0;

  function work() {
    if (later) return;
    const start = performance.now();
    while (queue.length && performance.now() - start < BUDGET) queue.shift()();
    if (queue.length) later = requestAnimationFrame(() => { later = 0; work(); });
  }

  /* A grid of canvases; `paint(ctx, view)` fills one. */
  const CanvasTiles = L.GridLayer.extend({
    options: { tileSize: TILE, noWrap: true, updateWhenZooming: false, updateWhenIdle: false, keepBuffer: 1, maxZoom: 22 },

    createTile(coords, done) {
      const canvas = document.createElement('canvas');
      queue.push(() => {
        if (!Object.values(this._tiles).some((tile) => tile.el === canvas)) return;
        this.paintSurely(canvas, coords);
        done(null, canvas);
      });
      queueMicrotask(work); // Leaflet knows the tile only when this function has ended
      return canvas;
    },

    isBare: () => false,

    /* A tile that cannot be painted says so: an empty one would look like ground without records. */
    paintSurely(canvas, coords) {
      try {
        this.paintTile(canvas, coords);
      } catch (error) {
        refuse(canvas);
        hazardmap.errors.push(error.message);
        hazardmap.failSaying('fail.painted', { what: error.message });
      }
    },

    paintTile(canvas, coords) {
      const view = {
        zoom: coords.z, ratio: ratio(), size: TILE, left: coords.x * TILE, top: coords.y * TILE,
        scale: 2 ** (coords.z - hazardmap.ZOOM),
      };
      if (this.isBare(view)) { canvas.width = canvas.height = 1; return; } // a canvas costs, painted or not
      canvas.width = canvas.height = Math.round(TILE * view.ratio);
      const ctx = canvas.getContext('2d');
      ctx.scale(canvas.width / TILE, canvas.height / TILE);
      this.paint(ctx, view);
    },

    /* Paint the tiles that are there again, without taking them away first. */
    repaint() {
      for (const tile of Object.values(this._tiles || {})) this.paintSurely(tile.el, tile.coords);
    },
  });

  const HazardLayer = CanvasTiles.extend({
    initialize(manifest) {
      L.setOptions(this, { pane: 'hazardmap' });
      this.manifest = manifest;
      const { danger = [], bad_verdicts: bad = [] } = manifest; // a table laid over somebody's map has neither
      this.layers = manifest.layers.map((layer) => ({
        ...layer, shown: true, blocks: [], loose: [], off: new Set(), rank: danger.indexOf(layer.layer), bad: layer.layer === 'verdicts' ? bad : [],
      }));
      this.words = new Map();
    },

    /* Take decoded blocks; counts how many features can be found again by their place. */
    take(blocks) {
      let drawn = 0;
      for (const block of blocks) {
        const layer = this.layers.find((l) => l.layer === block.layer);
        block.learnSigns(layer.symbols.map((sign) => sign.code));
        if (block.shape === 'none') { layer.loose.push(block); continue; } // rows without a shape: for the search only
        layer.blocks.push(block);
        layer.blocks.sort((a, b) => a.place - b.place); // whichever was decoded first, the picture is the same
        this.words.clear();
        if (block.count) drawn += block.index.search(0, 0, hazardmap.WORLD, hazardmap.WORLD).length;
      }
      return drawn;
    },

    /* While the data are read: paint again what has come, seldom enough that reading is not held up by it. */
    repaintSoon() {
      if (this.waiting) return;
      const pause = Math.max(SOON, 3 * (this.took || 0));
      this.waiting = setTimeout(() => {
        const start = performance.now();
        this.waiting = null;
        if (this.incomplete) this.repaint();
        this.took = performance.now() - start;
      }, pause);
    },

    /* Whether all lies so far from a tile that neither marks nor words reach it; asked of few features only, where it is quick. */
    isBare({ left, top, size, scale }) {
      return this.layers.every(({ layer, blocks }) => {
        const reach = layer === 'context' ? TILE : NEAR; // names of places are long, and stand beside them
        const box = [left - reach, top - reach, left + size + reach, top + size + reach].map((edge) => edge / scale);
        return blocks.every(({ count, index }) => !count || (count < FEW && !index.search(...box).length));
      });
    },

    paint(ctx, tile) {
      const view = { ...tile, groundShown: this.layers.some((l) => l.layer === 'ground' && l.shown) };
      const step = (layer, points, part, test = () => true) => {
        const blocks = layer.shown ? layer.blocks.filter((block) => (block.shape === 'point') === points) : [];
        hazardmap.paintBlocks(ctx, blocks, layer.symbols, { ...view, part }, (sign, s) => !layer.off.has(s) && test(sign));
      };
      const plots = this.layers.find((l) => l.layer === 'verdicts');
      for (const layer of this.layers) {
        if (layer.layer === 'ground') { // what is painted of a plot covers released ground, never a hazard
          step(layer, false, 'all', (sign) => !sign.over_plots);
          step(plots, false, 'fill');
          step(layer, false, 'all', (sign) => sign.over_plots);
          if (layer.shown) hazardmap.paintHidden(ctx, layer.blocks, view);
        } else step(layer, false, layer === plots ? 'edge' : 'all');
        if (layer.layer === 'context') step(layer, true, 'all'); // a village never lies on a hazard
      }
      if (this.layers.some((layer) => hazardmap.hasEdges(layer, view))) {
        step(this.layers.find((l) => l.layer === 'ground'), false, 'above', (sign) => sign.over_plots);
      }
      for (const layer of this.layers) if (layer.layer !== 'context') step(layer, true, 'all');
      if (this.incomplete) return; // words wait: where there is room is known when all is there
      for (const word of hazardmap.labels.near(this.words, this.layers, view)) {
        hazardmap.labels.write(ctx, word, view.left, view.top);
      }
    },

    show(name, shown) {
      this.layers.find((l) => l.layer === name).shown = shown;
      this.changed();
    },

    /* Show or hide what bears some signs of a layer; the hit test follows. */
    showSigns(name, codes, shown) {
      const { symbols, off } = this.layers.find((l) => l.layer === name);
      symbols.forEach(({ code }, s) => { if (codes.includes(code)) off[shown ? 'delete' : 'add'](s); });
      this.changed();
    },

    changed() {
      this.words.clear();
      this.repaint();
      this.fire('shownchange');
    },

    /* All that lies at a place, the worst first: { layer, block, feature, sign }; or all that is hidden there now. */
    at(latlng, zoom, hidden = false) {
      const scale = 2 ** (zoom - hazardmap.ZOOM);
      const point = this._map.project(latlng, zoom).divideBy(scale);
      const reach = FINGER / scale;
      const found = [];
      for (const layer of this.layers) {
        for (const block of layer.blocks) {
          if (!block.count) continue;
          for (const feature of block.index.search(point.x - reach, point.y - reach, point.x + reach, point.y + reach, hazardmap.holding(block))) {
            const hit = hazardmap.records.hitOf(layer, block, feature);
            if (hazardmap.records.isShown(hit) === hidden || !hazardmap.touches(block, feature, point.x, point.y, reach)) continue;
            found.push(hit);
          }
        }
      }
      const { danger } = hazardmap.records;
      return found.sort((a, b) => danger(a) - danger(b));
    },
  });

  Object.assign(hazardmap, { CanvasTiles, HazardLayer });
})(window.hazardmap);
