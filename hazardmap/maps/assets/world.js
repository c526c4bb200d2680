/* The ground under the map: Natural Earth's countries and a net of coordinates. Quiet on purpose; its outlines are true to a
   kilometre or so, therefore land, sea and borders fade out as one comes nearer. */
(function (hazardmap) {
  'use strict';

  const LAND = '#f5f2eb', SEA = '#dbe5ec', BORDER = '#b7aea0', COAST = '#a9bac6';
  const COARSE_FROM = 9, GONE_FROM = 12; // zooms between which the outlines fade
  const STEPS = [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005];
  const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif';

  const toX = (longitude) => (longitude + 180) / 360 * hazardmap.WORLD;
  const toY = (latitude) => {
    const sine = Math.sin(Math.max(-85.0511, Math.min(85.0511, latitude)) * Math.PI / 180);
    return (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * hazardmap.WORLD;
  };

  /* Features given as lists of parts, each x, y, x, y … → a block like those of the data. */
  function block(shape, features) {
    const x = [], y = [], featureStart = [0], partStart = [0];
    for (const parts of features) {
      for (const part of parts) {
        const end = shape === 'polygon' ? part.length - 2 : part.length; // a ring ends where it began
        for (let i = 0; i < end; i += 2) { x.push(part[i]); y.push(part[i + 1]); }
        partStart.push(x.length);
      }
      featureStart.push(partStart.length - 1);
    }
    const made = new hazardmap.Block({
      layer: 'world', shape, count: features.length, x: Int32Array.from(x), y: Int32Array.from(y), featureStart, partStart,
    });
    made.isOuter.fill(1);
    return made;
  }

  /* A ring from its arcs, each of which begins where the one before ends; ~i stands for arc i backwards. */
  function ringOf(numbers, { x, y, partStart }) {
    const ring = [];
    for (const number of numbers) {
      const back = number < 0, arc = back ? ~number : number, from = partStart[arc], end = partStart[arc + 1];
      for (let k = ring.length ? 1 : 0; k < end - from; k++) {
        const i = back ? end - 1 - k : from + k;
        ring.push(x[i], y[i]);
      }
    }
    return ring;
  }

  /* How many countries an arc belongs to: one, and it is a coast; two, and it is a border. */
  function owners(countries, count) {
    const last = new Int32Array(count).fill(-1), found = new Uint8Array(count);
    countries.forEach(({ rings }, c) => {
      for (const number of rings.flat()) {
        const arc = number < 0 ? ~number : number;
        if (last[arc] !== c) found[arc]++;
        last[arc] = c;
      }
    });
    return found;
  }

  /* A ring that crosses the 180th meridian, once for either edge of the map; one round a pole stays as it is. */
  function unwrapped(ring) {
    const { WORLD } = hazardmap, half = WORLD / 2;
    let turn = 0, beyond = 0;
    const whole = ring.slice();
    for (let i = 2; i < ring.length; i += 2) {
      const step = ring[i] - ring[i - 2];
      if (Math.abs(step) > half) turn -= WORLD * Math.sign(step);
      whole[i] += turn;
      if (!beyond && (whole[i] < 0 || whole[i] > WORLD)) beyond = Math.sign(whole[i]) || 1;
    }
    if (turn !== 0 || !beyond) return [ring];
    const shift = beyond < 0 ? WORLD : -WORLD;
    return [whole, whole.map((value, i) => (i % 2 ? value : value + shift))];
  }

  /* An arc as lines, cut where a country ends at the edge of the map rather than at a coast. */
  function seamless({ x, y, partStart }, arc) {
    const edge = hazardmap.WORLD * 0.01 / 360, south = toY(-85);
    const out = [];
    let run = [];
    for (let i = partStart[arc]; i < partStart[arc + 1]; i++) {
      if (x[i] > edge && x[i] < hazardmap.WORLD - edge && y[i] < south) { run.push(x[i], y[i]); continue; }
      if (run.length > 2) out.push([run]);
      run = [];
    }
    if (run.length > 2) out.push([run]);
    return out;
  }

  const fade = (zoom) => Math.max(0, Math.min(1, (GONE_FROM - zoom) / (GONE_FROM - COARSE_FROM)));

  const WorldLayer = hazardmap.CanvasTiles.extend({
    initialize() { L.setOptions(this, { pane: 'hazardmap-world' }); },

    async load() {
      const [countries, bytes] = await Promise.all([hazardmap.readPacked('countries'), hazardmap.readBytes('world')]);
      const arcs = hazardmap.blockOf('world', await hazardmap.inflate(bytes));
      const found = owners(countries, arcs.count);
      const lines = (test) => Array.from(found.keys()).filter((a) => test(found[a])).flatMap((a) => seamless(arcs, a));
      this.land = block('polygon', countries.map(({ rings }) => rings.flatMap((ring) => unwrapped(ringOf(ring, arcs)))));
      this.names = countries.map(({ name }) => ({ name, place: null }));
      this.borders = block('line', lines((n) => n > 1));
      this.coasts = block('line', lines((n) => n === 1));
      this.repaint();
    },

    paint(ctx, view) {
      if (this.land) this.paintWorld(ctx, view);
      paintNet(ctx, view);
    },

    paintWorld(ctx, view) {
      const near = fade(view.zoom);
      ctx.fillStyle = LAND;
      ctx.fillRect(0, 0, view.size, view.size);
      if (near > 0) {
        ctx.globalAlpha = near;
        ctx.fillStyle = SEA;
        ctx.fillRect(0, 0, view.size, view.size);
        ctx.globalAlpha = 1;
        ctx.fillStyle = LAND;
        ctx.fill(pathOf(this.land, view), 'evenodd');
      }
      stroke(ctx, pathOf(this.coasts, view), COAST, 0.8, 0.2 + 0.8 * near);
      stroke(ctx, pathOf(this.borders, view), BORDER, view.zoom < COARSE_FROM ? 1.1 : 4, view.zoom < COARSE_FROM ? 1 : 0.22);
      if (view.zoom >= 3 && view.zoom < 10) this.writeNames(ctx, view);
    },

    writeNames(ctx, view) {
      ctx.font = `500 ${view.zoom < 5 ? 11 : 13}px ${FONT}`;
      ctx.textAlign = 'center';
      ctx.textBaseline = 'middle';
      ctx.fillStyle = '#9b9284';
      if ('letterSpacing' in ctx) ctx.letterSpacing = '2px';
      this.names.forEach((country, f) => {
        const { name } = country;
        const place = country.place ??= hazardmap.room(this.land, f, 0.5);
        const x = place.x * view.scale - view.left, y = place.y * view.scale - view.top;
        if (x < -200 || y < -20 || x > view.size + 200 || y > view.size + 20) return;
        const text = name.toUpperCase();
        if (ctx.measureText(text).width < place.width * view.scale) ctx.fillText(text, x, y);
      });
      if ('letterSpacing' in ctx) ctx.letterSpacing = '0px';
    },
  });

  function pathOf(shapes, view) {
    const path = new Path2D();
    const reach = 12;
    const found = shapes.index.search((view.left - reach) / view.scale, (view.top - reach) / view.scale,
      (view.left + view.size + reach) / view.scale, (view.top + view.size + reach) / view.scale);
    for (const f of found) {
      for (let p = shapes.featureStart[f]; p < shapes.featureStart[f + 1]; p++) {
        const box = hazardmap.onScreen(shapes, p, view);
        if (hazardmap.misses(box, view) || Math.max(box.east - box.west, box.south - box.north) < 0.4) continue;
        if (shapes.shape === 'line') strokeNear(path, shapes, p, view);
        else if (box.east - box.west > 4 * view.size) hazardmap.traceClipped(path, shapes, p, view);
        else hazardmap.tracePart(path, shapes, p, view, true);
      }
    }
    return path;
  }

  /* Only the pieces of a line that can be seen: a coast may be a thousand times longer than the screen. */
  function strokeNear(path, shapes, p, view) {
    const reach = 12, limit = view.size + reach;
    let down = false;
    let px = 0, py = 0;
    for (let i = shapes.partStart[p]; i < shapes.partStart[p + 1]; i++) {
      const x = shapes.x[i] * view.scale - view.left, y = shapes.y[i] * view.scale - view.top;
      if (i > shapes.partStart[p]) {
        const seen = Math.max(x, px) > -reach && Math.min(x, px) < limit && Math.max(y, py) > -reach && Math.min(y, py) < limit;
        if (seen && !down) path.moveTo(px, py);
        if (seen) path.lineTo(x, y);
        down = seen;
      }
      px = x;
      py = y;
    }
  }

  function stroke(ctx, path, colour, width, alpha) {
    ctx.globalAlpha = alpha;
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.lineJoin = ctx.lineCap = 'round';
    ctx.stroke(path);
    ctx.globalAlpha = 1;
    ctx.lineCap = 'butt';
  }

  /* Meridians and parallels, a finer net the nearer one comes, so that the map is never a void. */
  function paintNet(ctx, view) {
    const step = STEPS.findLast((s) => toX(s - 180) * view.scale >= 120) || 30;
    const digits = Math.max(0, Math.ceil(-Math.log10(step)));
    const longitude = (x) => (x / hazardmap.WORLD) * 360 - 180;
    const latitude = (y) => Math.atan(Math.sinh(Math.PI * (1 - 2 * y / hazardmap.WORLD))) * 180 / Math.PI;
    const west = longitude(view.left / view.scale), east = longitude((view.left + view.size) / view.scale);
    const north = latitude(view.top / view.scale), south = latitude((view.top + view.size) / view.scale);
    ctx.strokeStyle = 'rgba(60,75,88,.13)';
    ctx.fillStyle = 'rgba(60,75,88,.55)';
    ctx.lineWidth = 1;
    ctx.font = `10px ${FONT}`;
    ctx.textBaseline = 'bottom';
    ctx.textAlign = 'left';
    ctx.beginPath();
    for (let k = Math.ceil(Math.max(west, -180) / step); k * step < Math.min(east, 180.001); k++) {
      const x = Math.round(toX(k * step) * view.scale - view.left) + 0.5;
      ctx.moveTo(x, 0);
      ctx.lineTo(x, view.size);
      if (k % 2 === 0) beside(ctx, degrees(k * step, digits, 'E', 'W'), x, view);
    }
    for (let k = Math.ceil(Math.max(south, -85) / step); k * step <= Math.min(north, 85); k++) {
      const y = Math.round(toY(k * step) * view.scale - view.top) + 0.5;
      ctx.moveTo(0, y);
      ctx.lineTo(view.size, y);
      if (k % 2 === 0 && y > 14) ctx.fillText(degrees(k * step, digits, 'N', 'S'), 4, y - 2);
    }
    ctx.stroke();
  }

  /* Left or right of its meridian, whichever side the tile has room on. */
  function beside(ctx, text, x, view) {
    const fits = x + 6 + ctx.measureText(text).width < view.size;
    ctx.textAlign = fits ? 'left' : 'right';
    ctx.fillText(text, fits ? x + 3 : x - 3, view.size - 3);
    ctx.textAlign = 'left';
  }

  const degrees = (value, digits, plus, minus) => {
    const size = Math.abs(value).toFixed(digits);
    return size + '°' + (Number(size) === 0 ? '' : value > 0 ? plus : minus);
  };

  Object.assign(hazardmap, { WorldLayer, degrees });
})(window.hazardmap);
