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
    return el('span', '', hazardmap.number(row.placed, 0), el('small', '', hazardmap.say('legend.unplaced', { count: row.unplaced })));
  }

  let following = []; // what is written again when the day moves

  function follow(write) {
    following.push(write);
    write();
  }

  /* The figure of a sign; it follows the day. */
  function figure(row, layer) {
    const made = el('span', 'hm-figure');
    follow(() => made.replaceChildren(figures(row, layer)));
    return made;
  }

  function signRow(sign, row, layer) {
    const made = el('li', '', hazardmap.swatch(sign, shapeOf(sign, layer)), el('span', 'hm-label', sign.label), figure(row, layer));
    follow(() => made.classList.toggle('hm-none', row.count === 0)); // it occurs on other days only
    return made;
  }

  /* A verdict: its box is the filter, then how many plots there are and how large they are together. */
  function verdictRow(sign, row, layer, hazardLayer) {
    const box = el('input');
    box.type = 'checkbox';
    box.checked = !layer.off.has(layer.symbols.indexOf(sign));
    box.dataset.verdict = sign.code;
    box.addEventListener('change', () => hazardLayer.showSigns(layer.layer, [sign.code], box.checked));
    const undrawn = row.count - row.placed;
    return el('li', '', el('label', 'hm-filter', box, hazardmap.swatch(sign), el('span', 'hm-label', sign.label),
      el('span', 'hm-figure', el('b', '', hazardmap.number(row.count, 0)), el('span', 'hm-area', figures(row, layer.layer)),
        undrawn ? el('small', '', hazardmap.say('legend.not_drawn', { count: undrawn })) : null)));
  }

  /* All verdicts on or off at once: with all off, one tick shows that verdict alone. */
  function allOrNone(layer, hazardLayer) {
    const button = (text, shown) => {
      const made = el('button', 'hm-small', text);
      made.type = 'button';
      made.addEventListener('click', () => hazardLayer.showSigns(layer.layer, layer.symbols.map(({ code }) => code), shown));
      return made;
    };
    return el('p', 'hm-all', hazardmap.say('legend.show') + ' ', button(hazardmap.say('legend.all'), true), ' ', button(hazardmap.say('legend.none'), false));
  }

  function verdictSection(layer, heading, rows, hazardLayer) {
    const list = el('ul', 'hm-signs hm-verdicts', rows.map((row) =>
      verdictRow(layer.symbols.find((sign) => sign.code === row.symbol), row, layer, hazardLayer)));
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
      heading.append(hazardmap.swatch(layer.symbols[0]), figure(rows[0], layer.layer));
      return el('section', 'hm-plain', heading);
    }
    if (layer.layer === 'verdicts') return verdictSection(layer, heading, rows, hazardLayer);
    const list = el('ul', 'hm-signs', ...rows.map((row) =>
      signRow(layer.symbols.find((sign) => sign.code === row.symbol), row, layer.layer)));
    return el('section', '', heading, list, layer.layer === 'zones' ? hazardmap.zoneTotals(layer, hazardLayer.manifest.generalised) : null);
  }

  /* What cannot be drawn, said plainly, with the ids. */
  function unplaced(found) {
    const text = hazardmap.missingText(found), { hazards, ids, plots, plot_ids: plotIds } = found;
    if (!text) return [];
    const box = el('div', 'hm-unplaced', el('p', '', text));
    for (const [question, count, listed] of [['legend.which_hazards', hazards, ids], ['legend.which_plots', plots, plotIds]]) {
      if (!listed.length) continue;
      const more = count > listed.length ? ' ' + hazardmap.say('legend.more', { count: count - listed.length }) : '';
      box.append(el('details', '', el('summary', '', hazardmap.say(question)), hazardmap.recorded('p', listed.join(', ') + more, 'hm-ids')));
    }
    return [box];
  }

  function sections(manifest, hazardLayer) {
    const there = [];
    following = [];
    for (const name of ORDER) {
      const layer = hazardLayer.layers.find((l) => l.layer === name);
      if (layer && layer.rows) there.push(section(layer, manifest.tally, hazardLayer));
      if (name !== 'ground') continue;
      const missing = el('div');
      follow(() => missing.replaceChildren(...unplaced(manifest.unplaced)));
      there.push(missing);
    }
    const note = [hazardmap.say(manifest.generalised ? 'zones.note' : 'legend.note')];
    if (manifest.layers.some((l) => l.layer === 'verdicts' && l.rows)) note.unshift(hazardmap.say('legend.note_verdicts'));
    return [...there, el('p', 'hm-note', note.join(' '))];
  }

  /* The boxes say what is shown, whoever switched it. */
  function tick(body, hazardLayer) {
    for (const box of body.querySelectorAll('input[data-layer]')) {
      box.checked = hazardLayer.layers.find(({ layer }) => layer === box.dataset.layer).shown;
    }
    const plots = hazardLayer.layers.find(({ layer }) => layer === 'verdicts');
    for (const box of body.querySelectorAll('input[data-verdict]')) {
      box.checked = !plots.off.has(plots.symbols.findIndex(({ code }) => code === box.dataset.verdict));
    }
  }

  function legend(container, manifest, hazardLayer) {
    const body = el('div', 'hm-legend-body');
    body.id = 'hm-legend-body';
    hazardmap.always(() => {
      const at = body.scrollTop;
      body.replaceChildren(...sections(manifest, hazardLayer));
      body.scrollTop = at;
    });
    hazardLayer.on('shownchange', () => tick(body, hazardLayer));
    hazardLayer.on('daychange', () => { for (const write of following) write(); });
    const drawn = el('p', 'hm-drawn');
    drawn.setAttribute('role', 'status');
    let said = () => hazardmap.say('legend.reading');
    hazardmap.always(() => { drawn.textContent = said(); });
    const tell = (text, good) => {
      said = text;
      drawn.textContent = said();
      drawn.classList.toggle('hm-bad', !good);
    };
    const button = el('button', 'hm-legend-button', el('span', '', hazardmap.word('legend.name')));
    button.type = 'button';
    button.setAttribute('aria-controls', body.id);
    const panel = hazardmap.wordOn(el('aside', 'hm-legend hm-paper', button, body, drawn), 'aria-label', 'legend.name');
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
    return { panel, drawn, tell, close: () => set(false) };
  }

  Object.assign(hazardmap, { legendOrder: ORDER, legend, shapeOf });
})(window.hazardmap);
