/* What is too small to be seen: squares of a visible size. A few are drawn, many are written as pixels, all of them at once:
   a nation seen from afar is a million squares. */
(function (hazardmap) {
  'use strict';

  const SIDE = 3; // a hazard is never smaller than this on the screen
  const MANY = 64; // from here on pixels are quicker

  let sheet = null; // one canvas to put pixels on, for all tiles
  let image = null;
  let pixels = null;
  let written = false;

  function begin(size) {
    if (!sheet) sheet = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    if (sheet.canvas.width !== size) {
      sheet.canvas.width = sheet.canvas.height = size;
      image = sheet.createImageData(size, size);
      pixels = new Uint32Array(image.data.buffer);
    }
    if (!written) pixels.fill(0);
    written = true;
  }

  /* The colour as the four bytes of a pixel. */
  function pixelOf(colour, alpha) {
    const [red, green, blue] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
    return new Uint32Array(new Uint8Array([red, green, blue, Math.round(alpha * 255)]).buffer)[0];
  }

  /* Mark features by the middle of their boxes, with the colour and strength that the context has now; pixels wait for `putMarks`. */
  function paintMarks(ctx, block, features, view, side = SIDE) {
    const { box } = block;
    const half = side / 2;
    const size = ctx.canvas.width;
    if (features.length < MANY || !/^#[0-9a-f]{6}$/.test(ctx.fillStyle)) {
      for (const f of features) {
        ctx.fillRect((box[4 * f] + box[4 * f + 2]) / 2 * view.scale - view.left - half,
          (box[4 * f + 1] + box[4 * f + 3]) / 2 * view.scale - view.top - half, side, side);
      }
      return;
    }
    begin(size);
    const pixel = pixelOf(ctx.fillStyle, ctx.globalAlpha);
    const fine = size / view.size; // pixels of the canvas for one of the screen
    const wide = Math.max(1, Math.round(side * fine));
    const scale = view.scale * fine / 2, left = (view.left + half) * fine - 0.5, top = (view.top + half) * fine - 0.5;
    for (let k = 0; k < features.length; k++) {
      const at = 4 * features[k];
      const x = Math.floor((box[at] + box[at + 2]) * scale - left), y = Math.floor((box[at + 1] + box[at + 3]) * scale - top);
      if (x <= -wide || y <= -wide || x >= size || y >= size) continue;
      const west = x < 0 ? 0 : x, east = x + wide > size ? size : x + wide, south = y + wide > size ? size : y + wide;
      for (let row = y < 0 ? 0 : y; row < south; row++) {
        for (let i = row * size + west, end = row * size + east; i < end; i++) pixels[i] = pixel;
      }
    }
  }

  /* Lay the pixels that were written on the canvas. */
  function putMarks(ctx, view) {
    if (!written) return;
    written = false;
    sheet.putImageData(image, 0, 0);
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(sheet.canvas, 0, 0, view.size, view.size);
  }

  Object.assign(hazardmap, { paintMarks, putMarks, MARK_SIDE: SIDE });
})(window.hazardmap);
