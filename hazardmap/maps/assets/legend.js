/* The legend, which is the layer control as well: what each sign means, how much of it there is, and a box to switch it off. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  const ORDER = ['verdicts', 'zones', 'ground', 'hazards', 'releases', 'finds', 'plots', 'surveys', 'districts', 'coverage', 'context'];
  const PLAIN = new Set(['plots', 'surveys', 'districts', 'coverage']); // one sign: it stands in the heading

  const shapeOf = (sign, layer) => {
    if (layer === 'finds') return 'point';
    if (layer !== 'context') return 'polygon';
    return sign.mark && sign.mark !== 'dot' ? 'point' : 'line';
  };

  function figures(row, layer) {
    if (!row) return '';
    if (layer === 'verdicts') return hazardmap.area(row.area_m2);
    if (layer === 'ground') return hazardmap.area(row.area_m2);
    if (!row.unplaced) return hazardmap.number(row.placed, 0);
    return el('span', '', hazardmap.number(row.placed, 0), el('small', '', `+ ${hazardmap.number(row.unplaced, 0)} unplaced`));
  }

  /* The figure of a sign; it follows the day. */
  function figure(row, layer, hazardLayer) {
    const made = el('span', 'hm-figure', figures(row, layer));
    hazardLayer.on('daychange', () => made.replaceChildren(figures(row, layer)));
    return made;
  }

  function signRow(sign, row, layer, hazardLayer) {
    const made = el('li', '', hazardmap.swatch(sign, shapeOf(sign, layer)), el('span', 'hm-label', sign.label), figure(row, layer, hazardLayer));
    const dim = () => made.classList.toggle('hm-none', row.count === 0); // it occurs on other days only
    hazardLayer.on('daychange', dim);
    dim();
    return made;
  }

  /* A verdict: its box is the filter, then how many plots there are and how large they are together. */
  function verdictRow(sign, row, layer, hazardLayer) {
    const box = el('input');
    box.type = 'checkbox';
    box.checked = true;
    box.dataset.verdict = sign.code;
    box.addEventListener('change', () => hazardLayer.showSigns(layer, [sign.code], box.checked));
    const undrawn = row.count - row.placed;
    return el('li', '', el('label', 'hm-filter', box, hazardmap.swatch(sign), el('span', 'hm-label', sign.label),
      el('span', 'hm-figure', el('b', '', hazardmap.number(row.count, 0)), el('span', 'hm-area', figures(row, layer)),
        undrawn ? el('small', '', `${hazardmap.number(undrawn, 0)} not drawn`) : null)));
  }

  /* All verdicts on or off at once: with all off, one tick shows that verdict alone. */
  function allOrNone(layer, hazardLayer) {
    const button = (text, shown) => {
      const made = el('button', 'hm-small', text);
      made.type = 'button';
      made.addEventListener('click', () => hazardLayer.showSigns(layer.layer, layer.symbols.map(({ code }) => code), shown));
      return made;
    };
    return el('p', 'hm-all', 'Show: ', button('all', true), ' ', button('none', false));
  }

  function verdictSection(layer, heading, rows, hazardLayer) {
    const list = el('ul', 'hm-signs hm-verdicts', rows.map((row) =>
      verdictRow(layer.symbols.find((sign) => sign.code === row.symbol), row, layer.layer, hazardLayer)));
    const boxOf = heading.querySelector('input');
    hazardLayer.on('shownchange', () => {
      boxOf.checked = layer.shown;
      for (const box of list.querySelectorAll('input')) {
        box.checked = !layer.off.has(layer.symbols.findIndex(({ code }) => code === box.dataset.verdict));
      }
    });
    return el('section', '', heading, allOrNone(layer, hazardLayer), list);
  }

  function section(layer, tally, hazardLayer) {
    const rows = tally.filter((row) => row.layer === layer.layer);
    const box = el('input');
    box.type = 'checkbox';
    box.checked = layer.shown;
    box.dataset.layer = layer.layer;
    box.addEventListener('change', () => hazardLayer.show(layer.layer, box.checked));
    const heading = el('label', 'hm-layer', box, el('span', '', layer.title));
    if (PLAIN.has(layer.layer)) {
      heading.append(hazardmap.swatch(layer.symbols[0]), figure(rows[0], layer.layer, hazardLayer));
      return el('section', 'hm-plain', heading);
    }
    if (layer.layer === 'verdicts') return verdictSection(layer, heading, rows, hazardLayer);
    const list = el('ul', 'hm-signs', ...rows.map((row) =>
      signRow(layer.symbols.find((sign) => sign.code === row.symbol), row, layer.layer, hazardLayer)));
    return el('section', '', heading, list, layer.layer === 'zones' ? hazardmap.zoneTotals(layer, hazardLayer.manifest.generalised) : null);
  }

  /* What cannot be drawn, said plainly, with the ids. */
  function unplaced({ text, hazards, ids, plots, plot_ids: plotIds }) {
    if (!text) return [];
    const box = el('div', 'hm-unplaced', el('p', '', text));
    for (const [question, count, listed] of [['Which hazards', hazards, ids], ['Which plots', plots, plotIds]]) {
      if (!listed.length) continue;
      const more = count > listed.length ? ` … and ${hazardmap.number(count - listed.length, 0)} more` : '';
      box.append(el('details', '', el('summary', '', question), el('p', 'hm-ids', listed.join(', ') + more)));
    }
    return [box];
  }

  function legend(container, manifest, hazardLayer) {
    const body = el('div', 'hm-legend-body');
    for (const name of ORDER) {
      const layer = hazardLayer.layers.find((l) => l.layer === name);
      if (layer && layer.rows) body.append(section(layer, manifest.tally, hazardLayer));
      if (name !== 'ground') continue;
      const missing = el('div', '', unplaced(manifest.unplaced));
      hazardLayer.on('daychange', () => missing.replaceChildren(...unplaced(manifest.unplaced)));
      body.append(missing);
    }
    const drawn = el('p', 'hm-drawn', 'Reading the data …');
    drawn.setAttribute('role', 'status');
    body.append(el('p', 'hm-note', manifest.generalised ? hazardmap.say('zones.note') :
      (manifest.layers.some((l) => l.layer === 'verdicts' && l.rows)
        ? 'Band inside a plot, or the whole of a small one: its verdict. Ground that is not released lies above every plot. ' : '') +
      'Fill: state of the ground by the records. Outline: hazards and releases as recorded, by status. ' +
      'Colours of hazards and status after TN 07.11/01; hatches, letters and other signs are ours.'));
    const button = el('button', 'hm-legend-button', el('span', '', 'Legend and layers'));
    button.type = 'button';
    const panel = el('aside', 'hm-legend hm-paper', button, body, drawn);
    panel.setAttribute('aria-label', 'Legend and layers');
    const set = (open) => {
      container.classList.toggle('hm-legend-open', open);
      panel.classList.toggle('hm-closed', !open);
      button.setAttribute('aria-expanded', String(open));
    };
    button.addEventListener('click', () => set(panel.classList.contains('hm-closed')));
    set(container.clientWidth >= 720);
    L.DomEvent.disableClickPropagation(panel);
    L.DomEvent.disableScrollPropagation(panel);
    container.append(panel);
    return { panel, drawn, close: () => set(false) };
  }

  Object.assign(hazardmap, { legend });
})(window.hazardmap);
