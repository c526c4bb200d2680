/* The frame round the map: title, day, source, the sentences that go with every product, and the mark of example data. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  const { say, word, always } = hazardmap;

  function heading(manifest) {
    const known = () => (manifest.as_of ? say('frame.known', { day: hazardmap.day(manifest.as_of) }) : say('frame.not_known'));
    const title = hazardmap.recorded('h1', manifest.title);
    title.title = manifest.title; // three lines of it are shown: a longer one would lie over hazards
    return el('header', 'hm-heading hm-paper',
      title,
      el('p', 'hm-day', word('frame.on'), ' ', el('strong', '', word(() => hazardmap.day(manifest.on)))),
      el('p', 'hm-known', word(known)),
      manifest.unplaced.text ? hazardmap.english(manifest.unplaced.text, 'p', 'hm-missing') : null,
      manifest.sources ? el('p', 'hm-source', word('frame.source'), ' ', source(manifest.sources)) : null);
  }

  function source(text) {
    const made = el('bdi', '', text);
    made.dir = 'auto';
    return made;
  }

  /* A translation that nobody has reviewed says so, in its own language. */
  function unreviewed() {
    const line = el('span', 'hm-unreviewed');
    always(() => { line.textContent = hazardmap.language === 'en' ? '' : ' ' + say('language.note'); });
    return line;
  }

  /* The words lie across the whole map, so that no cutting of a screenshot loses them. */
  function watermark(container) {
    const sheet = el('div', 'hm-watermark');
    always(() => { sheet.style.backgroundImage = 'url(' + stamp(1).toDataURL() + ')'; });
    sheet.setAttribute('aria-hidden', 'true');
    container.append(sheet);
  }

  function stamp(ratio) {
    const canvas = document.createElement('canvas');
    canvas.width = 520 * ratio;
    canvas.height = 300 * ratio;
    const ctx = canvas.getContext('2d');
    ctx.scale(ratio, ratio);
    ctx.translate(260, 150);
    ctx.rotate(-Math.PI / 9);
    ctx.font = '800 34px system-ui, "Segoe UI", Roboto, sans-serif';
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.fillStyle = 'rgba(60, 20, 90, .075)';
    ctx.fillText(say('frame.watermark'), 0, 0, 480);
    return canvas;
  }

  function frame(map, manifest) {
    const container = map.getContainer();
    container.classList.add('hm-map');
    if (manifest.fictitious) {
      container.classList.add('hm-has-banner');
      watermark(container);
      const banner = el('p', 'hm-banner');
      always(() => banner.replaceChildren(...hazardmap.withEnglish('words.fictitious', manifest.fictitious)));
      container.append(banner);
    }
    const left = el('div', 'hm-left', heading(manifest));
    const permission = el('strong'), absence = el('span');
    always(() => {
      permission.replaceChildren(...hazardmap.withEnglish('words.disclaimer', manifest.disclaimer));
      absence.replaceChildren(...hazardmap.withEnglish('words.absence', manifest.absence));
    });
    const online = manifest.tiles ? el('span', '', ' ', word('frame.online', { host: manifest.tiles.host })) : null;
    container.append(left, el('footer', 'hm-foot', permission, ' ', absence, online, unreviewed()));
    zoom(map);
    hazardmap.toolbar(map);
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    map.attributionControl.setPrefix(false);
    L.DomEvent.disableClickPropagation(left.firstChild);
    let countries = null;
    always(() => {
      if (countries) map.attributionControl.removeAttribution(countries);
      countries = escaped(say('world.source')); // Leaflet takes HTML here
      map.attributionControl.addAttribution(countries);
    });
  }

  function escaped(text) {
    const made = document.createElement('span');
    made.textContent = text;
    return made.innerHTML;
  }

  function zoom(map) {
    const control = L.control.zoom({ position: 'topright' }).addTo(map);
    for (const [name, key] of [['in', 'frame.zoom_in'], ['out', 'frame.zoom_out']]) {
      const button = control.getContainer().querySelector('.leaflet-control-zoom-' + name);
      for (const attribute of ['title', 'aria-label']) hazardmap.wordOn(button, attribute, key);
    }
  }

  /* A map with plots switched off says so where its title stands. */
  function tellHidden(hazardLayer, manifest) {
    const plots = hazardLayer.layers.find((l) => l.layer === 'verdicts');
    const line = el('p', 'hm-hidden');
    line.setAttribute('role', 'status');
    document.querySelector('.hm-heading .hm-known').after(line);
    const tell = () => {
      const off = manifest.tally.filter((row) => row.layer === 'verdicts' &&
        (!plots.shown || plots.off.has(plots.symbols.findIndex(({ code }) => code === row.symbol))));
      const count = off.reduce((sum, row) => sum + row.placed, 0);
      line.textContent = count ? say('frame.hidden', { count }) : '';
    };
    hazardLayer.on('shownchange', tell);
    always(tell);
  }

  Object.assign(hazardmap, { frame, tellHidden, stamp });
})(window.hazardmap);
