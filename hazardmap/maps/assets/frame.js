/* The frame round the map: title, day, source, the sentences that go with every product, and the mark of example data. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  const { say, word, always } = hazardmap;

  function heading(manifest) {
    const known = () => (manifest.as_of ? say('frame.known', { day: hazardmap.day(manifest.as_of) }) : say('frame.not_known'));
    const title = hazardmap.recorded('h1', manifest.title);
    const missing = el('p', 'hm-missing');
    always(() => tellMissing(manifest, missing));
    title.title = manifest.title; // three lines of it are shown: a longer one would lie over hazards
    return el('header', 'hm-heading hm-paper',
      title,
      el('p', 'hm-day', word('frame.on'), ' ', el('strong', '', word(() => hazardmap.day(manifest.on)))),
      hazardmap.audienceLine(manifest),
      el('p', 'hm-known', word(known)),
      missing,
      manifest.sources ? el('p', 'hm-source', word('frame.source'), ' ', source(manifest.sources)) : null);
  }

  /* What cannot be drawn: { nowhere, partly, undrawn by layer, plots with an answer }, as sentences. */
  function missingText({ nowhere, partly, undrawn, plots }) {
    const counts = [['nowhere', nowhere], ['partly', partly], ...Object.entries(undrawn), ['answers', plots]];
    return counts.filter(([, count]) => count).map(([name, count]) => say('missing.' + name, { count })).join(' ');
  }

  /* The same where the title stands; on a map through time it is written anew for each day. */
  function tellMissing(manifest, line = document.querySelector('.hm-heading .hm-missing')) {
    line.textContent = missingText(manifest.unplaced);
    line.hidden = !line.textContent;
  }

  function source(text) {
    const made = el('bdi', '', text);
    made.dir = 'auto';
    return made;
  }

  /* The sentences that go with every product; below a translation stand the English ones, and that nobody has reviewed it. */
  function sentences({ disclaimer, absence }) {
    const lines = [el('p', '', el('strong', '', say('words.disclaimer')), ' ', say('words.absence'))];
    if (hazardmap.language !== 'en') {
      const held = hazardmap.english('', 'span', 'hm-english');
      held.append(el('strong', '', disclaimer), ' ', el('span', 'hm-absence', absence));
      lines.push(el('p', 'hm-held', el('span', 'hm-unreviewed', say('language.note')), ' ', held));
    }
    return lines;
  }

  /* A bar across the map is as high as its words: the rest of the page keeps clear of it. */
  function keepClear(container, bar, property) {
    const set = () => container.style.setProperty(property, Math.ceil(bar.getBoundingClientRect().height) + 'px');
    if (window.ResizeObserver) new ResizeObserver(() => requestAnimationFrame(set)).observe(bar);
    set();
  }

  /* The scale bar of the screen, its unit in the language of the page. */
  const ScaleBar = L.Control.Scale.extend({
    _updateMetric(most) {
      const metres = this._getRoundNum(most);
      const text = metres < 1000 ? hazardmap.unit('m', hazardmap.number(metres, 0)) : hazardmap.unit('km', hazardmap.number(metres / 1000, 0));
      this._updateScale(this._mScale, text, metres / most);
    },
  });

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
      keepClear(container, banner, '--hm-banner');
    }
    const left = el('div', 'hm-left', heading(manifest));
    const said = el('div');
    always(() => said.replaceChildren(...sentences(manifest)));
    const online = manifest.tiles ? el('p', '', word('frame.online', { host: manifest.tiles.host })) : null;
    const foot = el('footer', 'hm-foot', said, online);
    container.append(left, foot);
    keepClear(container, foot, '--hm-foot');
    zoom(map);
    hazardmap.toolbar(map);
    const scale = new ScaleBar({ imperial: false, maxWidth: 140 }).addTo(map);
    always(() => scale._update());
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
        (!plots.shown || !hazardmap.map.hasLayer(hazardLayer) || plots.off.has(plots.symbols.findIndex(({ code }) => code === row.symbol))));
      const count = off.reduce((sum, row) => sum + row.placed, 0);
      line.textContent = count ? say('frame.hidden', { count }) : '';
    };
    hazardLayer.on('shownchange add remove', tell);
    always(tell);
  }

  Object.assign(hazardmap, { frame, missingText, tellMissing, tellHidden, stamp, sentences });
})(window.hazardmap);
