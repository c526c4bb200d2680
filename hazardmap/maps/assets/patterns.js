/* Hatches as canvas patterns, and the marks of points. Every cell divides the tile, so hatches meet across tiles. */
(function (hazardmap) {
  'use strict';

  const CELL = 16;
  const WIDE = 32; // cell of the nets

  function lines(ctx, segments, width, colour) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.beginPath();
    for (const [x1, y1, x2, y2] of segments) { ctx.moveTo(x1, y1); ctx.lineTo(x2, y2); }
    ctx.stroke();
  }

  /* Diagonals run past the corners of the cell, so that they have no gaps. */
  const falling = (step) => {
    const out = [];
    for (let c = -CELL; c <= CELL; c += step) out.push([c - 4, -4, c + CELL + 4, CELL + 4]);
    return out;
  };
  const rising = (step) => falling(step).map(([x1, y1, x2, y2]) => [x1, CELL - y1, x2, CELL - y2]);

  const HATCHES = {
    falling_dense: (ctx, colour) => lines(ctx, falling(CELL / 3), 1.35, colour),
    falling: (ctx, colour) => lines(ctx, falling(CELL / 2), 1.1, colour),
    rising: (ctx, colour) => lines(ctx, rising(CELL / 2), 1.1, colour),
    cross: (ctx, colour) => lines(ctx, [...rising(CELL), ...falling(CELL)], 1, colour),
    net: (ctx, colour) => lines(ctx, [[0, 0.5, CELL, 0.5], [0.5, 0, 0.5, CELL]], 0.9, colour),
    level: (ctx, colour) => lines(ctx, [[0, 4, CELL, 4], [0, 12, CELL, 12]], 1.3, colour),
    upright: (ctx, colour) => lines(ctx, [[4, 0, 4, CELL], [12, 0, 12, CELL]], 1.3, colour),
    specks: (ctx, colour) => {
      ctx.fillStyle = colour;
      for (const [x, y] of [[2, 2], [10, 2], [6, 6], [14, 6], [2, 10], [10, 10], [6, 14], [14, 14]]) {
        ctx.beginPath(); ctx.arc(x, y, 1.1, 0, 7); ctx.fill();
      }
    },
    plus: (ctx, colour) => lines(ctx, [[4, 1, 4, 7], [1, 4, 7, 4], [12, 9, 12, 15], [9, 12, 15, 12]], 1, colour),
    net_wide: (ctx, colour) => lines(ctx, [[0, 0.5, WIDE, 0.5], [0.5, 0, 0.5, WIDE]], 0.8, colour),
    zigzag: (ctx, colour) => lines(
      ctx, [4, 12].flatMap((y) => [[0, y - 2, 4, y + 2], [4, y + 2, 8, y - 2], [8, y - 2, 12, y + 2], [12, y + 2, 16, y - 2]]),
      1.2, colour),
    dots: (ctx, colour) => {
      ctx.fillStyle = colour;
      for (const [x, y] of [[4, 4], [12, 12]]) { ctx.beginPath(); ctx.arc(x, y, 1.35, 0, 7); ctx.fill(); }
    },
  };

  const made = new Map();

  function pattern(ctx, name, colour, ratio) {
    const key = name + colour + ratio;
    if (!made.has(key)) {
      const size = name === 'net_wide' ? WIDE : CELL;
      const cell = document.createElement('canvas');
      cell.width = cell.height = Math.round(size * ratio);
      const pen = cell.getContext('2d');
      pen.scale(cell.width / size, cell.height / size);
      HATCHES[name](pen, colour);
      const found = ctx.createPattern(cell, 'repeat');
      found.setTransform(new DOMMatrix().scale(size / cell.width));
      made.set(key, found);
    }
    return made.get(key);
  }

  const MARKS = {
    circle: (path, x, y, r) => { path.moveTo(x + r, y); path.arc(x, y, r, 0, 7); },
    dot: (path, x, y, r) => { path.moveTo(x + r / 2, y); path.arc(x, y, r / 2, 0, 7); },
    square: (path, x, y, r) => path.rect(x - r * 0.8, y - r * 0.8, r * 1.6, r * 1.6),
    diamond: (path, x, y, r) => polygon(path, [[x, y - r], [x + r, y], [x, y + r], [x - r, y]]),
    triangle: (path, x, y, r) => polygon(path, [[x, y - r * 1.1], [x + r, y + r * 0.8], [x - r, y + r * 0.8]]),
  };

  function polygon(path, points) {
    points.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
    path.closePath();
  }

  Object.assign(hazardmap, { pattern, MARKS });
})(window.hazardmap);
