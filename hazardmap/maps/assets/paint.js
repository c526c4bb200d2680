/* Features → pixels of one canvas. A view says which part of the world the canvas shows:
   { scale, left, top, size, ratio }, so that screen = position × scale − (left, top). */
(function (hazardmap) {
  'use strict';

  const PAD = 12; // screen pixels round the canvas in which edges may still show
  const MARK = hazardmap.MARK_SIDE;
  const SMALL = 2; // what is smaller is drawn as a mark
  const SPECK = 9; // smaller areas have no hatch, and no outline that would hide their fill
  const THIN = 6; // narrower areas get an edge in the colour of their fill, …
  const STRIP = 2; // … so wide that they never vanish
  const CHUNK = 24;
  const CROWD = 2000; // so many points of one sign on a canvas,
  const SMALL_POINT = 3.5; // with so small a radius, are squares
  const SKIP = 0.5; // points nearer than this to the one before are not seen

  const onScreen = (block, p, view) => ({
    west: block.partBox[4 * p] * view.scale - view.left,
    north: block.partBox[4 * p + 1] * view.scale - view.top,
    east: block.partBox[4 * p + 2] * view.scale - view.left,
    south: block.partBox[4 * p + 3] * view.scale - view.top,
  });

  const misses = (box, view) =>
    box.east < -PAD || box.south < -PAD || box.west > view.size + PAD || box.north > view.size + PAD;

  /* Add a feature to the path of its sign; parts too small to see go to `marks` as squares of a visible size. */
  function trace(path, marks, block, feature, view, wanted) {
    const closed = block.shape === 'polygon';
    for (let p = block.featureStart[feature]; p < block.featureStart[feature + 1]; p++) {
      const box = onScreen(block, p, view);
      if (misses(box, view) || (wanted && !wanted(p))) continue;
      const extent = Math.max(box.east - box.west, box.south - box.north);
      if (closed && extent < SMALL) {
        if (block.isOuter[p]) {
          marks.rect((box.west + box.east - MARK) / 2, (box.north + box.south - MARK) / 2, MARK, MARK);
        }
      } else if (closed && extent > 6 * view.size) {
        traceClipped(path, block, p, view);
      } else {
        tracePart(path, block, p, view, closed);
      }
    }
  }

  function tracePart(path, block, p, view, closed) {
    const { scale, left, top } = view;
    const from = block.partStart[p], end = block.partStart[p + 1];
    let px = block.x[from] * scale - left, py = block.y[from] * scale - top;
    path.moveTo(px, py);
    for (let i = from + 1; i < end; i++) {
      const x = block.x[i] * scale - left, y = block.y[i] * scale - top;
      if (Math.abs(x - px) + Math.abs(y - py) < SKIP && i < end - 1) continue;
      path.lineTo(x, y);
      px = x;
      py = y;
    }
    if (closed) path.closePath();
  }

  /* Canvas loses precision far outside; rings much larger than the canvas are cut to it first. */
  function traceClipped(path, block, p, view) {
    const xy = [];
    for (let i = block.partStart[p]; i < block.partStart[p + 1]; i++) {
      xy.push(block.x[i] * view.scale - view.left, block.y[i] * view.scale - view.top);
    }
    const cut = hazardmap.clipRing(xy, -PAD, view.size + PAD);
    for (let i = 0; i < cut.length; i += 2) (i ? path.lineTo(cut[i], cut[i + 1]) : path.moveTo(cut[i], cut[i + 1]));
    if (cut.length) path.closePath();
  }

  /* Paths of a few features each: a browser takes a time that grows with the square of what one path holds. */
  function* pathsOf(block, features, view, marks, wanted) {
    for (let from = 0; from < features.length; from += CHUNK) {
      const path = new Path2D();
      for (let k = from; k < Math.min(from + CHUNK, features.length); k++) trace(path, marks, block, features[k], view, wanted);
      yield path;
    }
  }

  /* Sort features by how much of them can be seen: mark, speck (no hatch, thin edge), full. */
  function bySize(block, features, view) {
    if (block.largest * view.scale < SMALL) return { mark: features, speck: [], full: [], thin: [] };
    const sizes = { mark: [], speck: [], full: [], thin: [] };
    for (const f of features) {
      const width = (block.box[4 * f + 2] - block.box[4 * f]) * view.scale;
      const height = (block.box[4 * f + 3] - block.box[4 * f + 1]) * view.scale;
      const extent = Math.max(width, height);
      sizes[extent < SMALL ? 'mark' : extent < SPECK ? 'speck' : 'full'].push(f);
      if (extent >= SMALL && block.width[f] * view.scale < THIN) sizes.thin.push(f);
    }
    return sizes;
  }

  const isThin = (block, view) => (p) => block.partWidth[p] * view.scale < THIN;

  /* Ground that is not released, once more above the edges of records, where it is so narrow that they would hide it: a line of
     its own colour, whatever a record says of its status. */
  function paintAbove(ctx, sign, block, sizes, view) {
    const thin = isThin(block, view), marks = new Path2D();
    const parts = (f) => block.featureStart[f + 1] - block.featureStart[f];
    const tails = hazardmap.narrowPath(block, sizes.full.filter((f) => parts(f) > 1 || !thin(block.featureStart[f])), view, THIN);
    if (tails) {
      ctx.strokeStyle = sign.fill;
      ctx.lineJoin = 'round';
      ctx.lineWidth = STRIP;
      ctx.setLineDash([]);
      ctx.stroke(tails);
    }
    strokeAll(ctx, block, sizes.thin, view, sign.fill, STRIP, [], thin, STRIP);
    if (sign.outline) strokeAll(ctx, block, sizes.thin, view, sign.outline, 0.7, sign.dash, thin);
    ctx.fillStyle = sign.fill;
    for (const f of [...sizes.speck, ...sizes.full]) {
      if (parts(f) > 1) trace(new Path2D(), marks, block, f, view, thin);
    }
    ctx.fill(marks);
    hazardmap.paintMarks(ctx, block, sizes.mark, view);
  }

  /* Whether a layer now has edges of records that could hide narrow ground. */
  const hasEdges = ({ layer, shown, blocks }, view) => shown && ['hazards', 'releases', 'plots', 'verdicts'].includes(layer)
    && blocks.some((block) => block.shape === 'polygon' && block.largest * view.scale >= SPECK);

  function paintAreas(ctx, sign, block, features, view) {
    if (view.part === 'above') {
      if (sign.fill) paintAbove(ctx, sign, block, bySize(block, features, view), view);
      return;
    }
    if (sign.fill) paintFills(ctx, sign, block, bySize(block, features, view), view);
    else if (sign.hatch) paintHatch(ctx, sign, block, features, view);
    if (sign.outline) paintOutlines(ctx, sign, block, bySize(block, features, view), view);
  }

  function paintFills(ctx, sign, block, sizes, view) {
    const marks = new Path2D();
    ctx.fillStyle = ctx.strokeStyle = sign.fill;
    ctx.globalAlpha = sign.opacity;
    for (const path of pathsOf(block, [...sizes.speck, ...sizes.full], view, marks)) ctx.fill(path);
    ctx.globalAlpha = Math.min(1, sign.opacity + 0.35); // a strip or a speck must not fade away
    ctx.lineWidth = STRIP;
    ctx.lineJoin = 'round';
    ctx.setLineDash([]);
    for (const path of pathsOf(block, sizes.thin, view, new Path2D(), isThin(block, view))) ctx.stroke(path);
    ctx.globalAlpha = 1;
    hazardmap.paintMarks(ctx, block, sizes.mark, view);
    ctx.fill(marks);
    if (sign.hatch) paintHatch(ctx, sign, block, sizes.full, view);
  }

  function paintHatch(ctx, sign, block, features, view) {
    ctx.fillStyle = hazardmap.pattern(ctx, sign.hatch, sign.hatch_colour, view.ratio);
    ctx.globalAlpha = 0.75;
    for (const path of pathsOf(block, features, view, new Path2D())) ctx.fill(path);
    ctx.globalAlpha = 1;
  }

  /* Edges. Where they are too small to be read the state of the ground below must not be hidden by them, so they are left out;
     without that layer they stay as marks: nothing recorded ever vanishes. */
  function paintOutlines(ctx, sign, block, sizes, view) {
    const covered = view.groundShown && block.layer !== 'plots';
    if (!sign.fill && !covered) {
      ctx.fillStyle = sign.outline;
      if (!view.groundShown) hazardmap.paintMarks(ctx, block, sizes.mark, view); // a plot never hides a hazard
      ctx.globalAlpha = view.groundShown ? 0.45 : 1;
      strokeAll(ctx, block, sizes.speck, view, sign.outline, 0.9, []);
      ctx.globalAlpha = 1;
    }
    let wanted;
    if (covered && block.layer === 'hazards' && sizes.thin.length) { // in a narrow one the colour of the ground wins
      const thin = isThin(block, view);
      ctx.globalAlpha = 0.45;
      strokeAll(ctx, block, sizes.full, view, sign.outline, 0.8, sign.dash, thin);
      ctx.globalAlpha = 1;
      wanted = (p) => !thin(p);
    }
    if (sign.width >= 2) { // a pale casing keeps the colour of the status readable on any fill
      strokeAll(ctx, block, sizes.full, view, 'rgba(255,255,255,.75)', sign.width + 1.8, [], wanted);
    }
    strokeAll(ctx, block, sizes.full, view, sign.outline, sign.width, sign.dash, wanted);
  }

  function strokeAll(ctx, block, features, view, colour, width, dash, wanted, least = 0) {
    ctx.strokeStyle = colour;
    ctx.lineJoin = 'round';
    // Seen from afar a heavy outline would hide the fill, which says what is suspected and what confirmed.
    ctx.lineWidth = Math.max(least, Math.min(width, view.zoom < 11 ? 1.1 : view.zoom < 13 ? 1.5 : width));
    ctx.setLineDash(dash);
    for (const path of pathsOf(block, features, view, new Path2D(), wanted)) ctx.stroke(path);
    ctx.setLineDash([]);
  }

  function paintLines(ctx, sign, block, features, view) {
    const width = sign.width * (view.zoom < 11 ? 0.5 : view.zoom < 14 ? 1 : 1.6);
    ctx.lineCap = 'round';
    strokeAll(ctx, block, features, view, sign.outline, sign.fill ? width + 1.4 : width, sign.dash);
    if (sign.fill) strokeAll(ctx, block, features, view, sign.fill, width, sign.dash);
    ctx.lineCap = 'butt';
  }

  function paintPoints(ctx, sign, block, features, view) {
    const radius = radiusOf(block, view);
    if (features.length > CROWD && radius < SMALL_POINT && block.partStart.length - 1 === block.count) {
      ctx.fillStyle = sign.fill || sign.outline;
      hazardmap.paintMarks(ctx, block, features, view, Math.max(MARK, Math.round(radius * 1.6)));
      return;
    }
    for (let from = 0; from < features.length; from += CHUNK) {
      paintSomePoints(ctx, sign, block, features.slice(from, from + CHUNK), view);
    }
  }

  const radiusOf = (block, view) =>
    (block.layer === 'finds' ? 6.5 : 4) * (view.zoom < 9 ? 0.4 : view.zoom < 11 ? 0.5 : view.zoom < 13 ? 0.75 : 1);

  function paintSomePoints(ctx, sign, block, features, view) {
    const path = new Path2D();
    const radius = radiusOf(block, view);
    for (const f of features) {
      for (let p = block.featureStart[f]; p < block.featureStart[f + 1]; p++) {
        const i = block.partStart[p];
        hazardmap.MARKS[sign.mark || 'dot'](
          path, block.x[i] * view.scale - view.left, block.y[i] * view.scale - view.top, radius);
      }
    }
    ctx.lineJoin = 'round';
    ctx.strokeStyle = sign.outline;
    ctx.lineWidth = (sign.outline === '#ffffff' ? 2.4 : 1.4) * (view.zoom < 11 ? 0.6 : 1);
    ctx.fillStyle = sign.fill || sign.outline;
    if (sign.outline === '#ffffff') { ctx.stroke(path); ctx.fill(path); } else { ctx.fill(path); ctx.stroke(path); }
  }

  const PAINTERS = { polygon: paintAreas, line: paintLines, point: paintPoints };

  /* Sort features by their sign; returns lists in the order of the signs. All features of a block are sorted once for all. */
  function bySign(block, column, features, signs) {
    if (!features) return hazardmap.unhidden(block, column, hazardmap.sortedOn(block, column), !hazardmap.holding(block));
    const lists = signs.map(() => []);
    const { values, signs: places } = block.columns[column];
    for (const f of features) {
      const code = values[f];
      if (code) lists[places[code - 1]].push(f);
    }
    return hazardmap.unhidden(block, column, lists, false);
  }

  const NOTHING = [];

  /* The features that a view may show: a list, or null for all of the block. */
  function inView(block, view) {
    if (!block.count) return NOTHING;
    const low = (edge) => (edge - PAD) / view.scale, high = (edge) => (edge + view.size + PAD) / view.scale;
    const [west, north, east, south] = [low(view.left), low(view.top), high(view.left), high(view.top)];
    const { index } = block;
    if (index.minX > east || index.minY > south || index.maxX < west || index.maxY < north) return NOTHING;
    // Seen from so far that every feature is a mark, to ask for each is quicker than to look up which.
    if (index.minX >= west && index.minY >= north && index.maxX <= east && index.maxY <= south) return null;
    if (block.shape === 'polygon' && block.largest * view.scale < SMALL) return null;
    return block.index.search(west, north, east, south, hazardmap.holding(block)).sort((a, b) => a - b);
  }

  /* Paint the blocks of a layer: the least dangerous sign first, so that the worst lies on top; second signs (draft, changed)
     above all. `wanted` says of each sign whether it is painted now. */
  function paintBlocks(ctx, blocks, signs, view, wanted = () => true) {
    const there = blocks.map((block) => [block, inView(block, view)]).filter(([, features]) => !features || features.length);
    for (const column of ['symbol', 'flag']) {
      const sorted = there.filter(([block]) => block.columns[column])
        .map(([block, features]) => [block, bySign(block, column, features, signs)]);
      for (let s = signs.length - 1; s >= 0; s--) {
        if (!wanted(signs[s], s)) continue;
        for (const [block, lists] of sorted) {
          if (!lists[s].length) continue;
          const paint = signs[s].band && block.shape === 'polygon' ? hazardmap.paintPlots : PAINTERS[block.shape];
          paint(ctx, signs[s], block, lists[s], view);
        }
        hazardmap.putMarks(ctx, view);
      }
    }
  }

  Object.assign(hazardmap, { trace, tracePart, traceClipped, onScreen, misses, paintFills, strokeAll, paintBlocks, hasEdges, THIN });
})(window.hazardmap);
