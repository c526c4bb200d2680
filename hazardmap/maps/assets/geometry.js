/* Plane geometry on the packed positions: inside, distance, clipping, a place for a label. No drawing here. */
(function (hazardmap) {
  'use strict';

  /* Winding number of a feature's rings round a point: overlapping parts stay filled, as they are painted. */
  function winding(block, feature, x, y) {
    let turns = 0;
    for (let p = block.featureStart[feature]; p < block.featureStart[feature + 1]; p++) {
      if (y < block.partBox[4 * p + 1] || y > block.partBox[4 * p + 3]) continue;
      for (let i = block.partStart[p], end = block.partStart[p + 1], j = end - 1; i < end; j = i++) {
        const x1 = block.x[j], y1 = block.y[j], x2 = block.x[i], y2 = block.y[i];
        if (y1 <= y !== y2 <= y) {
          const side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1);
          if (y2 > y1 ? side > 0 : side < 0) turns += y2 > y1 ? 1 : -1;
        }
      }
    }
    return turns;
  }

  /* Distance from a point to the nearest edge (or point) of a feature, in the units of the positions. */
  function distance(block, feature, x, y) {
    let best = Infinity;
    const closed = block.shape === 'polygon';
    for (let p = block.featureStart[feature]; p < block.featureStart[feature + 1]; p++) {
      const from = block.partStart[p], end = block.partStart[p + 1];
      if (end - from === 1) best = Math.min(best, Math.hypot(block.x[from] - x, block.y[from] - y));
      for (let i = closed ? from : from + 1, j = closed ? end - 1 : from; i < end; j = i++) {
        const dx = block.x[i] - block.x[j], dy = block.y[i] - block.y[j];
        const along = ((x - block.x[j]) * dx + (y - block.y[j]) * dy) / (dx * dx + dy * dy || 1);
        const t = Math.max(0, Math.min(1, along));
        best = Math.min(best, Math.hypot(block.x[j] + t * dx - x, block.y[j] + t * dy - y));
      }
    }
    return best;
  }

  /* Is a point on a feature, or within a tolerance of it? Areas take the tolerance only while they are hardly visible. */
  function touches(block, feature, x, y, tolerance) {
    if (block.shape !== 'polygon') return distance(block, feature, x, y) <= tolerance;
    if (winding(block, feature, x, y) !== 0) return true;
    const width = block.box[4 * feature + 2] - block.box[4 * feature];
    const height = block.box[4 * feature + 3] - block.box[4 * feature + 1];
    return Math.min(width, height) < tolerance && distance(block, feature, x, y) <= tolerance / 2;
  }

  /* Cut a ring to a box (Sutherland and Hodgman); edges along the box lie outside what is shown. `xy` is x, y, x, y … */
  function clipRing(xy, low, high) {
    for (const [axis, bound, sign] of [[0, low, 1], [0, high, -1], [1, low, 1], [1, high, -1]]) {
      const out = [];
      for (let i = 0, n = xy.length, j = n - 2; i < n; j = i, i += 2) {
        const a = sign * (xy[j + axis] - bound), b = sign * (xy[i + axis] - bound);
        if (a >= 0 !== b >= 0) {
          const t = a / (a - b);
          out.push(xy[j] + t * (xy[i] - xy[j]), xy[j + 1] + t * (xy[i + 1] - xy[j + 1]));
        }
        if (b >= 0) out.push(xy[i], xy[i + 1]);
      }
      xy = out;
      if (!xy.length) break;
    }
    return xy;
  }

  /* The widest stretch inside a polygon at a share of its height: the place for its label, and the room there. */
  function room(block, feature, share) {
    let part = block.featureStart[feature];
    let widest = -1;
    for (let p = part; p < block.featureStart[feature + 1]; p++) {
      const size = block.partBox[4 * p + 2] - block.partBox[4 * p];
      if (block.isOuter[p] && size > widest) { widest = size; part = p; }
    }
    const north = block.partBox[4 * part + 1], south = block.partBox[4 * part + 3];
    const y = north + (south - north) * share + 0.25; // between the whole numbers: no vertex lies on the line
    const cuts = [];
    for (let p = block.featureStart[feature]; p < block.featureStart[feature + 1]; p++) {
      if (y < block.partBox[4 * p + 1] || y > block.partBox[4 * p + 3]) continue;
      for (let i = block.partStart[p], end = block.partStart[p + 1], j = end - 1; i < end; j = i++) {
        if (block.y[j] <= y !== block.y[i] <= y) {
          cuts.push(block.x[j] + (y - block.y[j]) / (block.y[i] - block.y[j]) * (block.x[i] - block.x[j]));
        }
      }
    }
    cuts.sort((a, b) => a - b);
    let best = { x: 0, y, width: 0 };
    for (let k = 0; k + 1 < cuts.length; k += 2) {
      if (cuts[k + 1] - cuts[k] > best.width) best = { x: (cuts[k] + cuts[k + 1]) / 2, y, width: cuts[k + 1] - cuts[k] };
    }
    return best;
  }

  /* How far a place is from a feature; 0 on it. */
  const reach = (block, feature, x, y) => (block.shape === 'polygon' && winding(block, feature, x, y) !== 0 ? 0 : distance(block, feature, x, y));

  Object.assign(hazardmap, { touches, clipRing, room, reach });
})(window.hazardmap);
