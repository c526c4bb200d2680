/* Plots by verdict. A band along the inside of the edge leaves the ground open to view and does not touch the neighbour's;
   the fill of a plot lies under all ground that is not released (tiles.js sees to that), its edge above. */
(function (hazardmap) {
  'use strict';

  const ROOMY = 16; // screen pixels: narrower plots are filled as a whole, there is no room for a band
  const BAND = 5;
  const EDGED = 9; // smaller plots have no edge: it would hide their colour

  const narrower = (block, f, view) => block.width[f] * view.scale;
  const wider = (block, f, view) => Math.max(
    block.box[4 * f + 2] - block.box[4 * f], block.box[4 * f + 3] - block.box[4 * f + 1]) * view.scale;

  function paintPlots(ctx, sign, block, features, view) {
    if (view.part !== 'edge') {
      const roomy = features.filter((f) => narrower(block, f, view) >= ROOMY);
      const small = features.filter((f) => narrower(block, f, view) < ROOMY);
      // A plot too small to be seen is a mark of a visible size, as everything recorded is.
      if (small.length) hazardmap.paintFills(ctx, { ...sign, fill: sign.band, opacity: 0.85 }, block, bySize(block, small, view), view);
      if (sign.fill && roomy.length) hazardmap.paintFills(ctx, sign, block, { mark: [], speck: [], full: roomy, thin: [] }, view);
      for (const f of roomy) paintBand(ctx, sign, block, f, view);
    }
    if (view.part !== 'fill') {
      const edged = features.filter((f) => wider(block, f, view) >= EDGED);
      const roomy = edged.filter((f) => narrower(block, f, view) >= ROOMY);
      const small = edged.filter((f) => narrower(block, f, view) < ROOMY);
      hazardmap.strokeAll(ctx, block, roomy, view, 'rgba(255,255,255,.6)', sign.width + 1, []);
      hazardmap.strokeAll(ctx, block, roomy, view, sign.outline, sign.width, sign.dash);
      hazardmap.strokeAll(ctx, block, small, view, sign.outline, 0.6, []);
    }
  }

  const bySize = (block, features, view) => ({
    mark: features.filter((f) => wider(block, f, view) < 2),
    speck: features.filter((f) => wider(block, f, view) >= 2 && wider(block, f, view) < EDGED),
    full: features.filter((f) => wider(block, f, view) >= EDGED),
    thin: features.filter((f) => wider(block, f, view) >= 2 && narrower(block, f, view) < hazardmap.THIN),
  });

  function paintBand(ctx, sign, block, f, view) {
    const path = new Path2D();
    hazardmap.trace(path, path, block, f, view);
    ctx.save();
    ctx.clip(path);
    ctx.lineJoin = 'miter';
    ctx.setLineDash([]);
    ctx.lineWidth = 2 * BAND; // the outer half is clipped away
    ctx.globalAlpha = 0.9;
    ctx.strokeStyle = sign.band;
    ctx.stroke(path);
    ctx.strokeStyle = hazardmap.pattern(ctx, sign.hatch, sign.hatch_colour, view.ratio);
    ctx.stroke(path);
    ctx.restore();
  }

  Object.assign(hazardmap, { paintPlots });
})(window.hazardmap);
