/* Which words stand on the map at a zoom: letters of products, ids, names. Decided once for a zoom and a region of the world
   (four tiles wide), so that neighbouring tiles agree; a word that would cover another one of its region is left out. */
(function (hazardmap) {
  'use strict';

  const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif';
  const STYLES = {
    ground: { font: `600 12px ${FONT}`, colour: '#14212b', height: 15, shares: [0.5, 0.3, 0.7] },
    finds: { height: 16 }, // no word of its own, but no other word lies on it
    hazards: { font: `600 11px ${FONT}`, colour: '#7c1010', height: 14, shares: [0.22, 0.8] },
    badge: { font: `700 10px ${FONT}`, height: 17, shares: [0.5, 0.35, 0.65] },
    verdicts: { font: `500 11px ${FONT}`, colour: '#14304f', height: 14, shares: [0.8, 0.2] },
    plots: { font: `500 11px ${FONT}`, colour: '#163a6b', height: 14, shares: [0.8, 0.2] },
    context: { font: `500 12px ${FONT}`, colour: '#2c3a45', height: 15, shares: [0.5] },
    packed: { font: `500 11px ${FONT}`, colour: '#22303c', height: 14, shares: [0.5, 0.25, 0.75] },
    districts: { font: `500 13px ${FONT}`, colour: '#6a5a80', height: 17, shares: [0.42, 0.6], spaced: true },
  };
  const ORDER = ['finds', 'badge', 'ground', 'context', 'hazards', 'verdicts', 'plots', 'packed', 'districts']; // a badge is a verdict's
  const NAMES_FROM_ZOOM = { place: 9, school: 14 };
  const CELL = 128;
  const REGION = 2048; // screen pixels
  const LONGEST = 160; // how far a word may reach beyond its region

  const pen = document.createElement('canvas').getContext('2d');
  const widths = new Map();

  function widthOf(text, style) {
    const key = style.font + text;
    if (!widths.has(key)) {
      pen.font = style.font;
      widths.set(key, pen.measureText(text).width + (style.spaced ? text.length * 1.5 : 0));
    }
    return widths.get(key);
  }

  const depthText = (depth) => (depth === null ? '' : ' ' + Number(depth.toFixed(2)) + ' m');

  /* Letters of the product, with the depth to which it was cleared; the letters alone where there is less room. */
  function lettersOf(block, feature, sign) {
    if (!sign.letters) return [];
    return [depthText(block.value('depth_m', feature)), ''].map((depth) => sign.letters.replace('{depth}', depth));
  }

  /* Letters on a plate in the colour of the verdict. */
  function badge(sign, x, y) {
    const [red, green, blue] = [1, 3, 5].map((i) => parseInt(sign.band.slice(i, i + 2), 16));
    const colour = 0.3 * red + 0.59 * green + 0.11 * blue > 125 ? '#101a22' : '#ffffff';
    return { x, y, width: widthOf(sign.letters, STYLES.badge) + 8, text: sign.letters, plate: sign.band, style: { ...STYLES.badge, colour } };
  }

  function badgeOf(block, f, sign, scale) {
    const places = [];
    for (const share of STYLES.badge.shares) {
      const room = hazardmap.room(block, f, share);
      const word = badge(sign, room.x * scale, room.y * scale);
      if (word.width <= room.width * scale + 4) places.push(word); // it may reach over the edge by a little
    }
    return places;
  }

  function* candidates(block, layer, zoom, region, name) {
    const scale = 2 ** (zoom - hazardmap.ZOOM);
    const style = STYLES[name];
    if (block.shape === 'polygon' && block.layer !== 'context' && block.largest * scale < 16) return; // no room in any of them
    const found = block.index.search(...[region.left, region.top, region.left + REGION, region.top + REGION].map((v) => v / scale),
      hazardmap.holding(block));
    for (const f of found.sort((a, b) => a - b)) {
      const width = (block.box[4 * f + 2] - block.box[4 * f]) * scale;
      const height = (block.box[4 * f + 3] - block.box[4 * f + 1]) * scale;
      const at = block.signAt('symbol', f), sign = layer.symbols[at];
      if (layer.off.has(at) || !hazardmap.records.passes(block, f)) continue;
      if (name === 'badge') {
        if (width >= 16 && height >= style.height + 3) yield badgeOf(block, f, sign, scale);
        continue;
      }
      if (block.layer === 'finds') {
        const i = block.partStart[block.featureStart[f]];
        yield [{ x: block.x[i] * scale, y: block.y[i] * scale, width: 16, text: '', style }];
        continue;
      }
      if (block.shape === 'polygon' && block.layer === 'context') {
        const text = zoom >= (NAMES_FROM_ZOOM[sign.code] || 14) && block.value(layer.name, f);
        if (!text) continue;
        const place = hazardmap.room(block, f, 0.5); // a place is named even where its outline is small
        const word = { x: place.x * scale, y: place.y * scale, width: widthOf(text, style), text, style };
        yield [0, -16, 16, -30, 30].map((dy) => ({ ...word, y: word.y + dy }));
      } else if (block.shape === 'polygon') {
        if (width < 16 || height < style.height * 1.3) continue;
        const texts = (block.layer === 'ground' ? lettersOf(block, f, sign) : [block.value(layer.name, f)]).filter(Boolean);
        if (!texts.length || width < widthOf(texts.at(-1), style)) continue;
        const places = [];
        for (const share of style.shares) {
          const place = hazardmap.room(block, f, share);
          const text = texts.find((t) => widthOf(t, style) + 6 <= place.width * scale);
          if (text) places.push({ x: place.x * scale, y: place.y * scale, width: widthOf(text, style), text, style });
        }
        yield places;
      } else if (block.shape === 'point' && zoom >= (NAMES_FROM_ZOOM[sign.code] || 15)) {
        const text = layer.name && block.value(layer.name, f);
        if (!text) continue;
        const needed = widthOf(text, style), i = block.partStart[block.featureStart[f]];
        const beside = 9 + needed / 2;
        yield [[beside, 0], [-beside, 0], [0, -15], [0, 15]].map(([dx, dy]) => (
          { x: block.x[i] * scale + dx, y: block.y[i] * scale + dy, width: needed, text, style }));
      }
    }
  }

  /* Words already placed, in square cells, to ask quickly what a new one would cover. */
  class Placed {
    constructor() { this.cells = new Map(); }

    * cellsOf(word, margin) {
      const { width, style: { height } } = word;
      for (let cx = Math.floor((word.x - width / 2 - margin) / CELL); cx <= Math.floor((word.x + width / 2 + margin) / CELL); cx++) {
        for (let cy = Math.floor((word.y - height / 2) / CELL); cy <= Math.floor((word.y + height / 2) / CELL); cy++) {
          yield cx + ':' + cy;
        }
      }
    }

    covers(word) {
      for (const key of this.cellsOf(word, 2)) {
        for (const other of this.cells.get(key) || []) {
          if (Math.abs(other.x - word.x) * 2 < other.width + word.width + 6 &&
              Math.abs(other.y - word.y) * 2 < other.style.height + word.style.height) return true;
        }
      }
      return false;
    }

    add(word) {
      for (const key of this.cellsOf(word, 0)) {
        if (!this.cells.has(key)) this.cells.set(key, []);
        this.cells.get(key).push(word);
      }
    }

  }

  const belongs = (word, region) =>
    Math.floor(word.x / REGION) * REGION === region.left && Math.floor(word.y / REGION) * REGION === region.top;

  /* The words of one region; a word belongs to the region that its middle lies in. */
  function place(layers, zoom, region) {
    const placed = new Placed();
    const words = [];
    for (const name of ORDER) {
      const layer = layers.find((l) => l.layer === (name === 'badge' ? 'verdicts' : name) && l.shown);
      if (!layer) continue;
      for (const block of layer.blocks) {
        if (!block.count) continue;
        for (const places of candidates(block, layer, zoom, region, name)) {
          const mine = places.length && belongs(places[0], region);
          const word = mine && places.find((w) => !placed.covers(w));
          if (!word) continue;
          placed.add(word);
          if (word.text) words.push(word);
        }
      }
    }
    return words;
  }

  /* The words that a view may show; `known` keeps what was decided before. */
  function* near(known, layers, view) {
    const [west, north] = [view.left - LONGEST, view.top - 20].map((v) => Math.floor(v / REGION));
    const [east, south] = [view.left + view.size + LONGEST, view.top + view.size + 20].map((v) => Math.floor(v / REGION));
    for (let rx = west; rx <= east; rx++) {
      for (let ry = north; ry <= south; ry++) {
        const key = [view.zoom, rx, ry].join(':');
        if (!known.has(key)) known.set(key, place(layers, view.zoom, { left: rx * REGION, top: ry * REGION }));
        for (const word of known.get(key)) {
          const outside = Math.abs(word.x - view.left - view.size / 2) > (view.size + word.width) / 2 + 4;
          if (!outside && Math.abs(word.y - view.top - view.size / 2) < view.size / 2 + 20) yield word;
        }
      }
    }
  }

  function write(ctx, word, left, top) {
    const { style } = word;
    ctx.font = style.font;
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'center';
    if ('letterSpacing' in ctx) ctx.letterSpacing = style.spaced ? '1.5px' : '0px';
    if (word.plate) writePlate(ctx, word, left, top);
    if (word.plate) return;
    ctx.lineJoin = 'round';
    ctx.strokeStyle = 'rgba(255,255,255,.88)';
    ctx.lineWidth = 3.2;
    ctx.strokeText(word.text, word.x - left, word.y - top);
    ctx.fillStyle = style.colour;
    ctx.fillText(word.text, word.x - left, word.y - top);
  }

  function writePlate(ctx, { x, y, width, text, plate, style }, left, top) {
    const box = [x - left - width / 2, y - top - 7.5, width, 15];
    ctx.beginPath();
    if (ctx.roundRect) ctx.roundRect(...box, 3); else ctx.rect(...box);
    ctx.fillStyle = plate;
    ctx.strokeStyle = '#ffffff';
    ctx.lineWidth = 1.6;
    ctx.stroke();
    ctx.fill();
    ctx.fillStyle = style.colour;
    ctx.fillText(text, x - left, y - top + 0.5);
  }

  Object.assign(hazardmap, { labels: { near, write, badge } });
})(window.hazardmap);
