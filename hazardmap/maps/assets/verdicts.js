/* The answer about a plot, as a card tells it: every figure is a column of the table; only its way of writing is decided here. */
(function (hazardmap) {
  'use strict';

  const { el, number } = hazardmap;

  /* Percent, never rounded to none or to all. */
  function percent(value) {
    const shown = (kind, amount) => hazardmap.say('unit.' + kind, { value: hazardmap.unit('percent', number(amount, 1)) });
    if (value > 0 && value < 0.05) return shown('less', 0.1);
    if (value >= 99.95 && value < 100 - 1e-6) return shown('more', 99.9); // less than that is the noise of floating point
    return hazardmap.unit('percent', number(value, 1));
  }

  const part = (m2) => (m2 > 0 && m2 < 0.05 ? hazardmap.say('unit.less', { value: hazardmap.area(0.1) }) : hazardmap.area(m2));

  /* A distance is cut, not rounded: a hazard is never told to be farther away than it is. */
  function metres(value) {
    if (value < 0.1) return hazardmap.say('unit.less_than', { value: hazardmap.unit('m', number(0.1, 1)) });
    if (value < 10) return hazardmap.unit('m', number(Math.floor(value * 10) / 10, 1));
    if (value < 1000) return hazardmap.unit('m', number(Math.floor(value), 0));
    return hazardmap.unit('km', number(Math.floor(value / 10) / 100, 2));
  }

  function nearest(of, spelt) {
    const id = of('nearest_hazard_id'), distance = of('nearest_hazard_m'), direction = of('nearest_direction');
    if (id === null && distance === null) return '';
    const where = distance === null ? hazardmap.say('verdicts.distance_unknown') : distance === 0 ? hazardmap.say('verdicts.on_plot')
      : direction ? hazardmap.say('verdicts.away', { distance: metres(distance), direction: spelt[direction] }) : metres(distance);
    return [id, where].filter(Boolean).join(', ');
  }

  const plain = (label, text, warns = false) =>
    el('div', warns ? 'hm-warning' : '', el('dt', '', label), hazardmap.recorded('dd', text));

  /* The parts of the plot by the state of their ground; what is not there is not listed. */
  function shares(layer, of) {
    const rows = layer.attributes.filter(({ kind }) => kind === 'share').flatMap(({ column, label }) => {
      const m2 = of(column + '_m2'), pct = of(column + '_pct');
      if (!m2) return [];
      return [el('tr', '', el('th', '', label), el('td', '', part(m2)), el('td', '', pct === null ? '' : percent(pct)))];
    });
    if (!rows.length) return [];
    for (const row of rows) row.firstChild.scope = 'row';
    return [el('table', 'hm-shares', el('caption', '', hazardmap.say('verdicts.shares')), el('tbody', '', rows))];
  }

  function verdictEntry({ layer, block, feature, sign }, go) {
    const of = (column) => block.value(column, feature);
    const symbol = layer.symbols[sign];
    const { spelt } = layer;
    const verdict = el('p', 'hm-verdict', spelt[of('verdict')]);
    verdict.style.borderColor = symbol.band;
    const item = el('li', 'hm-entry hm-entry-verdicts', el('p', 'hm-kind', hazardmap.say('card.kind', { noun: layer.noun, sign: hazardmap.say('verdicts.kind') })),
      el('h3', '', hazardmap.swatch(symbol), hazardmap.recorded('span', of(layer.heading) ?? hazardmap.say('card.no_id'), 'hm-title')), verdict);
    const [before, after] = [el('dl'), el('dl')];
    let facts = before;
    for (const { column, label, kind } of layer.attributes) {
      if (kind === 'share') { facts = after; continue; }
      if (column === 'verdict') continue;
      const value = kind === 'nearest' ? null : of(column);
      if (column === 'why') { if (value) item.append(hazardmap.english(value, 'p', 'hm-why')); continue; }
      if (kind === 'flags') { item.append(...[].concat(value ?? []).map((flag) => el('p', 'hm-flag', spelt[flag]))); continue; }
      const text = kind === 'nearest' ? nearest(of, spelt) : hazardmap.written(value, kind, spelt);
      if (text && kind === 'ids') { facts.append(el('div', '', el('dt', '', label), hazardmap.idCell(column, value, go))); continue; }
      if (text && !(kind === 'count' && value === 0)) facts.append(plain(label, text, kind === 'count'));
      const id = kind === 'nearest' ? of('nearest_hazard_id') : null;
      if (text && id !== null) facts.lastChild.lastChild.replaceChildren(...hazardmap.spot.ids(column, id, go), text.slice(id.length));
    }
    if (block.shape === 'none') item.append(el('p', 'hm-why', hazardmap.say('verdicts.no_shape')));
    item.append(...[before, ...shares(layer, of), after].filter((list) => list.childElementCount));
    return item;
  }

  Object.assign(hazardmap, { verdictEntry });
})(window.hazardmap);
