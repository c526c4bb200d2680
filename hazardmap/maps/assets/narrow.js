/* The narrow places of a polygon that is wide elsewhere: a tail, a neck, the rim beside a hole. On the screen they are so thin that
   the line of a record along them hides the ground. Knows rings and pixels. */
(function (hazardmap) {
  'use strict';

  const STEP = 4; // pixels along an edge for which one look across is enough
  const FEW = 48; // edges of which each is compared with each
  const TIP = Math.tan(Math.PI / 6); // two edges that meet at a wider angle make a corner, no tip
  const SKIP = 0.5;

  /* The edges of all rings of a feature that come near the canvas, in pixels: x, y, x, y, and where the ring of each begins and ends. */
  function edgesOf(block, feature, view, reach) {
    const { scale, left, top, size } = view;
    const edges = [], rings = [];
    for (let p = block.featureStart[feature]; p < block.featureStart[feature + 1]; p++) {
      const begin = edges.length / 4, from = block.partStart[p], end = block.partStart[p + 1];
      const x0 = block.x[from] * scale - left, y0 = block.y[from] * scale - top;
      let px = x0, py = y0, whole = true;
      const add = (x, y) => {
        if (Math.max(px, x) < -reach || Math.max(py, y) < -reach || Math.min(px, x) > size + reach || Math.min(py, y) > size + reach) whole = false;
        else edges.push(px, py, x, y);
        px = x;
        py = y;
      };
      for (let i = from + 1; i < end; i++) {
        const x = block.x[i] * scale - left, y = block.y[i] * scale - top;
        if (Math.abs(x - px) + Math.abs(y - py) >= SKIP) add(x, y);
      }
      add(x0, y0);
      for (let e = begin; e < edges.length / 4; e++) rings.push(begin, whole ? edges.length / 4 : 0);
    }
    return { edges, rings };
  }

  /* A look-up of the edges that come within some pixels of a box. */
  function lookUp(edges, reach) {
    const count = edges.length / 4;
    if (count <= FEW) {
      return (west, north, east, south) => {
        const found = [];
        for (let e = 0; e < count; e++) {
          const [ax, ay, bx, by] = [edges[4 * e], edges[4 * e + 1], edges[4 * e + 2], edges[4 * e + 3]];
          if (Math.max(ax, bx) >= west - reach && Math.min(ax, bx) <= east + reach && Math.max(ay, by) >= north - reach && Math.min(ay, by) <= south + reach) found.push(e);
        }
        return found;
      };
    }
    const index = new Flatbush(count);
    for (let e = 0; e < count; e++) {
      const [ax, ay, bx, by] = [edges[4 * e], edges[4 * e + 1], edges[4 * e + 2], edges[4 * e + 3]];
      index.add(Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by));
    }
    index.finish();
    return (west, north, east, south) => index.search(west - reach, north - reach, east + reach, south + reach);
  }

  /* How far one sees from a place in a direction before an edge is met; Infinity where none is. */
  function sight(x, y, dx, dy, edges, e) {
    const ex = edges[4 * e + 2] - edges[4 * e], ey = edges[4 * e + 3] - edges[4 * e + 1];
    const across = dx * ey - dy * ex;
    if (Math.abs(across) < 1e-9) return Infinity;
    const wx = edges[4 * e] - x, wy = edges[4 * e + 1] - y;
    const far = (wx * ey - wy * ex) / across, along = (wx * dy - wy * dx) / across;
    return far > 0 && along >= 0 && along <= 1 ? far : Infinity;
  }

  /* Whether edge f follows or precedes edge e in its ring, and they make no tip. */
  function isCorner(edges, rings, e, f) {
    const begin = rings[2 * e], end = rings[2 * e + 1];
    const next = e + 1 === end ? begin : e + 1, last = e === begin && end ? end - 1 : e - 1;
    if (f !== next && f !== last) return false;
    const sign = -1; // of one edge read from the corner, the other towards it
    const ax = edges[4 * e + 2] - edges[4 * e], ay = edges[4 * e + 3] - edges[4 * e + 1];
    const bx = sign * (edges[4 * f + 2] - edges[4 * f]), by = sign * (edges[4 * f + 3] - edges[4 * f + 1]);
    const dot = ax * bx + ay * by, cross = Math.abs(ax * by - ay * bx);
    return dot <= 0 || cross > TIP * dot;
  }

  /* The share of a line, from and to, that lies within a square from -reach to size + reach; nothing where it misses. */
  function within(ax, ay, bx, by, size, reach) {
    let from = 0, to = 1;
    for (const [start, step] of [[ax, bx - ax], [ay, by - ay]]) {
      const low = -reach - start, high = size + reach - start;
      if (!step) { if (low > 0 || high < 0) return null; continue; }
      from = Math.max(from, Math.min(low / step, high / step));
      to = Math.min(to, Math.max(low / step, high / step));
    }
    return from < to ? [from, to] : null;
  }

  /* Add the edges of a feature along its narrow places to a path; tells whether there are any. Outer rings run against the clock
     and holes with it, so that the ground lies to the left of every edge. */
  function traceNarrow(path, block, feature, view, width) {
    const { edges, rings } = edgesOf(block, feature, view, width);
    if (!edges.length) return false;
    const near = lookUp(edges, width);
    let any = false;
    for (let e = 0; e < edges.length / 4; e++) {
      const [ax, ay, bx, by] = [edges[4 * e], edges[4 * e + 1], edges[4 * e + 2], edges[4 * e + 3]];
      const length = Math.hypot(bx - ax, by - ay), seen = within(ax, ay, bx, by, view.size, width);
      if (!length || !seen) continue;
      const others = near(Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by))
        .filter((f) => f !== e && !isCorner(edges, rings, e, f));
      if (!others.length) continue;
      const dx = (by - ay) / length, dy = (ax - bx) / length;
      const steps = Math.ceil((seen[1] - seen[0]) * length / STEP), step = (seen[1] - seen[0]) / steps;
      const x = (share) => ax + (bx - ax) * share, y = (share) => ay + (by - ay) * share;
      let drawing = false;
      for (let k = 0; k < steps; k++) {
        const from = seen[0] + k * step, middle = from + step / 2;
        const isNarrow = others.some((f) => sight(x(middle), y(middle), dx, dy, edges, f) < width);
        if (isNarrow) {
          if (!drawing) path.moveTo(x(from), y(from));
          path.lineTo(x(from + step), y(from + step));
          any = true;
        }
        drawing = isNarrow;
      }
    }
    return any;
  }

  /* The narrow places of some features as one path, or null. What is roomy at one scale is so nearer by, and is not looked at again. */
  hazardmap.narrowPath = function (block, features, view, width) {
    block.roomyFrom ??= new Float64Array(block.count).fill(Infinity);
    let path = null;
    for (const f of features) {
      if (view.scale >= block.roomyFrom[f]) continue;
      const started = path ?? new Path2D();
      if (traceNarrow(started, block, f, view, width)) { path = started; continue; }
      const box = [0, 1, 2, 3].map((i) => block.box[4 * f + i] * view.scale - (i % 2 ? view.top : view.left));
      if (box[0] >= 0 && box[1] >= 0 && box[2] <= view.size && box[3] <= view.size) block.roomyFrom[f] = view.scale;
    }
    return path;
  };
})(window.hazardmap);
