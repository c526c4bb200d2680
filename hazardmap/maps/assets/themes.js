/* The colours of the signs: those of the note on symbology, or a set that readers with a colour blindness and grey print can
   tell apart. What changes is written in symbols.py; hatches, dashes and letters stay as they are. */
(function (hazardmap) {
  'use strict';

  const first = new Map(); // sign → its look as it came

  /* Give the signs of all layers the colours of a theme; `imas` is how they came. */
  function dress(theme) {
    const changes = hazardmap.manifest.themes[theme];
    if (!changes) throw new Error('no colours ' + theme);
    for (const { layer, symbols } of hazardmap.manifest.layers) {
      for (const sign of symbols) {
        if (!first.has(sign)) first.set(sign, { ...sign });
        const { label, ...look } = first.get(sign); // the label may have been said in another language since
        Object.assign(sign, look, (changes[layer] || {})[sign.code]);
      }
    }
    hazardmap.theme = theme;
  }

  /* Change the colours of a map that is drawn. */
  function wear(theme) {
    dress(theme);
    hazardmap.anew();
    if (hazardmap.data) hazardmap.data.changed();
  }

  Object.assign(hazardmap, { dress, wear });
})(window.hazardmap);
