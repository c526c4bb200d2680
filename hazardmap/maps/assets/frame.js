/* The frame round the map: title, day, source, the sentences that go with every product, and the mark of example data. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  const day = (iso) => new Date(iso + 'T00:00:00Z').toLocaleDateString('en-GB',
    { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

  function heading(manifest) {
    const known = manifest.as_of ? 'Records up to ' + day(manifest.as_of) : 'How far the records reach is not stated';
    const title = el('h1', '', manifest.title);
    title.title = manifest.title; // three lines of it are shown: a longer one would lie over hazards
    return el('header', 'hm-heading hm-paper',
      title,
      el('p', 'hm-day', 'Ground as known on ', el('strong', '', day(manifest.on))),
      hazardmap.audienceLine(manifest),
      el('p', 'hm-known', known + '.'),
      manifest.unplaced.text ? el('p', 'hm-missing', manifest.unplaced.text) : null,
      manifest.sources ? el('p', 'hm-source', 'Source: ' + manifest.sources) : null);
  }

  /* The words lie across the whole map, so that no cutting of a screenshot loses them. */
  function watermark(container) {
    const canvas = document.createElement('canvas');
    canvas.width = 520;
    canvas.height = 300;
    const ctx = canvas.getContext('2d');
    ctx.translate(260, 150);
    ctx.rotate(-Math.PI / 9);
    ctx.font = '800 34px system-ui, "Segoe UI", Roboto, sans-serif';
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.fillStyle = 'rgba(60, 20, 90, .075)';
    ctx.fillText('FICTITIOUS EXAMPLE', 0, 0);
    const sheet = el('div', 'hm-watermark');
    sheet.style.backgroundImage = 'url(' + canvas.toDataURL() + ')';
    sheet.setAttribute('aria-hidden', 'true');
    container.append(sheet);
  }

  function frame(map, manifest) {
    const container = map.getContainer();
    container.classList.add('hm-map');
    if (manifest.fictitious) {
      container.classList.add('hm-has-banner');
      watermark(container);
      container.append(el('p', 'hm-banner', manifest.fictitious));
    }
    const online = manifest.tiles ? ' Background pictures are asked from ' + manifest.tiles.host + ' when the map is open.' : '';
    const left = el('div', 'hm-left', heading(manifest));
    container.append(left, el('footer', 'hm-foot',
      el('strong', '', manifest.disclaimer + ' '), manifest.absence + online));
    L.control.zoom({ position: 'topright' }).addTo(map);
    hazardmap.toolbar(map);
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    map.attributionControl.setPrefix(false);
    L.DomEvent.disableClickPropagation(left.firstChild);
    map.attributionControl.addAttribution('Countries: Natural Earth; no opinion on status or borders is implied');
  }

  /* A map with plots switched off says so where its title stands. */
  function tellHidden(hazardLayer, manifest) {
    const plots = hazardLayer.layers.find((l) => l.layer === 'verdicts');
    const line = el('p', 'hm-hidden');
    line.setAttribute('role', 'status');
    document.querySelector('.hm-heading .hm-known').after(line);
    hazardLayer.on('shownchange', () => {
      const off = manifest.tally.filter((row) => row.layer === 'verdicts' &&
        (!plots.shown || plots.off.has(plots.symbols.findIndex(({ code }) => code === row.symbol))));
      const count = off.reduce((sum, row) => sum + row.placed, 0);
      line.textContent = count ? `${hazardmap.number(count, 0)} ${count === 1 ? 'plot is' : 'plots are'} switched off.` : '';
    });
  }

  Object.assign(hazardmap, { frame, tellHidden });
})(window.hazardmap);
