/* The answer about a plot, as a card tells it: every figure is a column of the table; only its way of writing is decided here. */
(function (hazardmap) {
  'use strict';

  const { el, number } = hazardmap;

  /* Percent, never rounded to none or to all. */
  function percent(value) {
    if (value > 0 && value < 0.05) return '< 0.1 %';
    if (value >= 99.95 && value < 100 - 1e-6) return '> 99.9 %'; // less than that is the noise of floating point
    return number(value, 1) + ' %';
  }

  const part = (m2) => (m2 > 0 && m2 < 0.05 ? '< 0.1 m²' : hazardmap.area(m2));

  /* A distance is cut, not rounded: a hazard is never told to be farther away than it is. */
  function metres(value) {
    if (value < 0.1) return 'less than 0.1 m';
    if (value < 10) return number(Math.floor(value * 10) / 10, 1) + ' m';
    if (value < 1000) return number(Math.floor(value), 0) + ' m';
    return number(Math.floor(value / 10) / 100, 2) + ' km';
  }

  function nearest(of, spelt) {
    const id = of('nearest_hazard_id'), distance = of('nearest_hazard_m'), direction = of('nearest_direction');
    if (id === null && distance === null) return '';
    const where = distance === null ? 'distance not known' : distance === 0 ? 'on this plot'
      : metres(distance) + (direction ? ' to the ' + spelt[direction] : '');
    return [id, where].filter(Boolean).join(', ');
  }

  const plain = (label, text, warns = false) =>
    el('div', warns ? 'hm-warning' : '', el('dt', '', label), el('dd', '', text));

  /* The parts of the plot by the state of their ground; what is not there is not listed. */
  function shares(layer, of) {
    const rows = layer.attributes.filter(({ kind }) => kind === 'share').flatMap(({ column, label }) => {
      const m2 = of(column + '_m2'), pct = of(column + '_pct');
      if (!m2) return [];
      return [el('tr', '', el('th', '', label), el('td', '', part(m2)), el('td', '', pct === null ? '' : percent(pct)))];
    });
    if (!rows.length) return [];
    for (const row of rows) row.firstChild.scope = 'row';
    return [el('table', 'hm-shares', el('caption', '', 'State of its ground'), el('tbody', '', rows))];
  }

  function verdictEntry({ layer, block, feature, sign }) {
    const of = (column) => block.value(column, feature);
    const symbol = layer.symbols[sign];
    const { spelt } = layer;
    const verdict = el('p', 'hm-verdict', spelt[of('verdict')]);
    verdict.style.borderColor = symbol.band;
    const item = el('li', 'hm-entry hm-entry-verdicts', el('p', 'hm-kind', layer.noun + ' · verdict'),
      el('h3', '', hazardmap.swatch(symbol), el('span', 'hm-title', of(layer.heading) ?? '(no id)')), verdict);
    const [before, after] = [el('dl'), el('dl')];
    let facts = before;
    for (const { column, label, kind } of layer.attributes) {
      if (kind === 'share') { facts = after; continue; }
      if (column === 'verdict') continue;
      const value = kind === 'nearest' ? null : of(column);
      if (column === 'why') { if (value) item.append(el('p', 'hm-why', value)); continue; }
      if (kind === 'flags') { item.append(...[].concat(value ?? []).map((flag) => el('p', 'hm-flag', spelt[flag]))); continue; }
      const text = kind === 'nearest' ? nearest(of, spelt) : hazardmap.written(value, kind, spelt);
      if (text && !(kind === 'count' && value === 0)) facts.append(plain(label, text, kind === 'count'));
    }
    if (block.shape === 'none') item.append(el('p', 'hm-why', 'This plot has no shape that can be drawn.'));
    item.append(...[before, ...shares(layer, of), after].filter((list) => list.childElementCount));
    return item;
  }

  Object.assign(hazardmap, { verdictEntry });
})(window.hazardmap);
