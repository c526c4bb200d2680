/* Ground that is told by zones, for readers who do not see boundaries: what a zone says in words, and how much there is.
   Figures are rounded already: what is not released up, what is released down. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  const RELEASED = new Set(['cancelled', 'reduced', 'cleared']);

  const size = (metres) => (metres < 1000 ? hazardmap.unit('m', hazardmap.number(metres, 0)) : hazardmap.unit('km', hazardmap.number(metres / 1000, 2)));

  const bounded = (state, m2) => (RELEASED.has(state) ? '≥ ' : '≤ ') + hazardmap.area(m2);

  /* The states of a zone with their rounded areas: [label, text]. */
  function areas(layer, of) {
    return layer.attributes.filter(({ column }) => column.endsWith('_m2')).flatMap(({ column, label }) => {
      const state = column.slice(0, -3), m2 = of(state);
      return m2 ? [[label, bounded(state, m2)]] : [];
    });
  }

  function zoneEntry({ layer, block, feature, sign }) {
    const of = (column) => block.value(column, feature);
    const symbol = layer.symbols[sign];
    const kind = of('zone'), cell = of('cell_m');
    const name = kind === 'district' ? of('name') : hazardmap.say('zones.cell', { size: size(cell) });
    const facts = el('dl', '', areas(layer, (state) => of(state + '_m2')).map(([label, text]) =>
      el('div', '', el('dt', '', label), el('dd', '', text))));
    const lost = of('unplaced_hazards');
    const label = layer.attributes.find(({ column }) => column === 'unplaced_hazards')?.label;
    if (lost) facts.append(el('div', 'hm-warning', el('dt', '', label), el('dd', '', hazardmap.number(lost, 0))));
    const item = el('li', 'hm-entry hm-entry-zones', el('p', 'hm-kind', layer.title),
      el('h3', '', hazardmap.swatch(symbol), hazardmap.recorded('span', name ?? '', 'hm-title')),
      el('p', 'hm-why', hazardmap.say(`zones.${kind}.${symbol.code}`, { size: size(cell ?? 0) })));
    if (facts.childElementCount) item.append(facts);
    return item;
  }

  /* Below the signs of the legend: how much ground all zones have together. */
  function zoneTotals(layer, { totals }) {
    const rows = areas(layer, (state) => totals[state]);
    if (!rows.length) return null;
    return el('div', 'hm-zone-totals', el('p', '', hazardmap.say('zones.totals')),
      el('dl', '', rows.map(([label, text]) => el('div', '', el('dt', '', label), el('dd', 'hm-figure', text)))));
  }

  /* For whom the map is made, below its title; null on an internal one. */
  function audienceLine({ audience, generalised }) {
    if (audience === 'internal') return null;
    const how = !generalised ? '' : generalised.districts ? '.districts' : '.cells';
    return el('p', 'hm-audience', hazardmap.word(() => hazardmap.say('audience.' + audience + how, { size: size(generalised?.cell_m ?? 0) })));
  }

  Object.assign(hazardmap, { zoneEntry, zoneTotals, audienceLine });
})(window.hazardmap);
