/* How much of what is shown: numbers of records and square metres, for the whole map or for the part in view. Adds columns that the
   core computed; measures nothing. In view, a feature counts whole as soon as its box meets the view, and the panel says so. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  /* What is added up: layer, by which column (the sign, or a column of codes), and which areas. */
  const TABLES = [
    { name: 'state', layer: 'ground', areas: ['area_m2'] },
    { name: 'state', layer: 'zones', areas: [] }, // their areas are told for all zones together, rounded
    { name: 'classification', layer: 'hazards', column: 'classification', areas: ['area_m2', 'open_m2'] },
    { name: 'status', layer: 'hazards', areas: ['area_m2', 'open_m2'] },
    { name: 'product', layer: 'releases', areas: ['area_m2'] },
    { name: 'verdict', layer: 'verdicts', areas: ['area_m2'] },
    { name: 'find', layer: 'finds', areas: [] },
  ];

  /* Rows of one table: { key, count, unplaced, areas, unmeasured }. */
  function sums(layer, { column, areas }, box) {
    const rows = new Map();
    for (const block of box ? layer.blocks : [...layer.blocks, ...layer.loose]) {
      hazardmap.records.each(block, box, (feature) => {
        const hit = hazardmap.records.hitOf(layer, block, feature);
        if (!hazardmap.records.isShown(hit)) return;
        const key = column ? block.value(column, feature) ?? hazardmap.NOT_STATED : hit.sign;
        if (!rows.has(key)) rows.set(key, { key, count: 0, unplaced: 0, unmeasured: 0, areas: areas.map(() => 0) });
        const row = rows.get(key);
        if (block.shape === 'none') { if (block.value('unplaced', feature) !== null || layer.layer !== 'hazards') row.unplaced++; return; }
        row.count++;
        areas.forEach((name, i) => {
          const m2 = block.value(name, feature);
          if (m2 !== null) row.areas[i] += m2; else if (i === 0) row.unmeasured++;
        });
      });
    }
    return [...rows.values()].filter(({ count, unplaced }) => count || unplaced).sort((a, b) => (column ? (a.key < b.key ? -1 : 1) : a.key - b.key));
  }

  /* All totals: [{ name, layer, areas, rows }]; `box` null for the whole map. */
  function totals(hazardLayer, box) {
    return TABLES.map((table) => ({ ...table, layer: hazardLayer.layers.find((l) => l.layer === table.layer) }))
      .filter(({ layer }) => layer && layer.rows && layer.shown)
      .map((table) => ({ ...table, rows: sums(table.layer, table, box) }));
  }

  const keyText = (layer, column, key) => {
    if (!column) return layer.symbols[key]?.label ?? '';
    if (key === hazardmap.NOT_STATED) return hazardmap.say('filter.not_stated');
    return Object.hasOwn(layer.spelt, key) ? layer.spelt[key] : key;
  };

  function tableOf({ name, layer, column, areas, rows }) {
    const head = (text) => { const cell = el('th', '', text); cell.scope = 'col'; return cell; };
    const heads = [head(hazardmap.say('filter.' + name)), head(hazardmap.say('totals.number')), ...areas.map((area) => head(hazardmap.say('totals.' + area)))];
    const body = rows.map((row) => {
      const label = el('th', '', keyText(layer, column, row.key));
      label.scope = 'row';
      const notes = [row.unplaced && hazardmap.say('legend.unplaced', { count: row.unplaced }), row.unmeasured && areas.length && hazardmap.say('totals.unmeasured', { count: row.unmeasured })].filter(Boolean);
      return el('tr', '', label, el('td', '', hazardmap.number(row.count, 0), ...notes.map((note) => el('small', '', note))), ...row.areas.map((m2) => el('td', '', hazardmap.area(m2))));
    });
    const sum = rows.length > 1 ? [el('tr', 'hm-sum', el('th', '', hazardmap.say('totals.sum')), el('td', '', hazardmap.number(rows.reduce((n, row) => n + row.count, 0), 0)),
      ...areas.map((_, i) => el('td', '', hazardmap.area(rows.reduce((m2, row) => m2 + row.areas[i], 0)))))] : [];
    return el('table', 'hm-totals', el('caption', '', layer.title), el('thead', '', el('tr', '', heads)), el('tbody', '', body, sum));
  }

  function totalsTool(map, hazardLayer) {
    let scope = 'map';
    const write = (body) => {
      const chosen = document.activeElement?.name === 'hm-totals';
      const { generalised } = hazardLayer.manifest;
      const found = totals(hazardLayer, scope === 'view' ? hazardmap.records.viewBox(map) : null).filter(({ rows }) => rows.length);
      const off = hazardLayer.layers.filter(({ layer, rows, shown }) => rows && !shown && TABLES.some((table) => table.layer === layer)).map(({ title }) => title);
      body.replaceChildren(
        hazardmap.either('totals', 'totals.of', [['map', 'totals.whole'], ['view', 'totals.view']], scope, (value) => { scope = value; panel.write(); }),
        ...found.flatMap((table) => [tableOf(table), table.layer.layer === 'zones' && scope === 'map' ? hazardmap.zoneTotals(table.layer, generalised) ?? '' : '']),
        found.length ? '' : el('p', 'hm-hint', hazardmap.say('totals.nothing')),
        el('p', 'hm-note', [map.hasLayer(hazardLayer) ? '' : hazardmap.say('filter.all_off'), scope === 'view' ? hazardmap.say('totals.note_view') : '', hazardmap.say(generalised ? 'zones.note' : 'totals.note'), off.length ? hazardmap.say('totals.off', { layers: off.join(', ') }) : ''].filter(Boolean).join(' ')));
      if (chosen) body.querySelector('input:checked').focus();
    };
    const panel = new hazardmap.Panel('totals', 'totals.title', write).tool('totals.tool', hazardmap.symbol('M18 5H7l6 7-6 7h11'));
    hazardLayer.on('shownchange daychange add remove', () => panel.write());
    let late = null;
    map.on('moveend', () => { if (scope !== 'view' || !panel.isOpen) return; clearTimeout(late); late = setTimeout(() => panel.write(), 150); });
    return panel;
  }

  Object.assign(hazardmap, { totals, totalsTool });
})(window.hazardmap);
