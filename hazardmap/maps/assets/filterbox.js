/* The panel of the filter, and the lines of the heading that say what is hidden: a filter never makes a map look released without
   saying so. Knows the filters; draws nothing. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  const DANGERS = new Set(['ground', 'zones', 'hazards', 'finds']); // layers whose absence makes a map look better than the land
  const LISTED = 300; // values of a field, the most frequent first

  /* A value in words: the name of a sign or of a code; text of a record as it came. */
  function valueText(hazardLayer, field, value) {
    if (value === hazardmap.NOT_STATED) return hazardmap.say('filter.not_stated');
    const layer = hazardLayer.layers.find((l) => l.layer === field.layers[0]);
    if (field.name === 'state') return layer.symbols.find(({ code }) => code === value)?.label ?? value;
    return Object.hasOwn(layer.spelt, value) ? layer.spelt[value] : value;
  }

  function checkbox(shown, change, data) {
    const box = el('input');
    Object.assign(box, { type: 'checkbox', checked: shown });
    Object.assign(box.dataset, data);
    box.addEventListener('change', () => change(box.checked));
    return box;
  }

  function allOrNone(set) {
    return el('span', 'hm-all', hazardmap.action('legend.all', () => set(true), 'hm-small'), ' ', hazardmap.action('legend.none', () => set(false), 'hm-small'));
  }

  function fieldSet(filters, field) {
    const values = field.values.map(([value]) => value);
    const hidden = filters.hidden.get(field.name);
    const rows = field.values.slice(0, LISTED).map(([value, count]) => {
      const box = checkbox(!hidden.has(value), (shown) => filters.set(field.name, [value], shown), { field: field.name, value });
      return el('li', '', el('label', 'hm-value', box, hazardmap.recorded('span', valueText(filters.hazardLayer, field, value), 'hm-label'), el('span', 'hm-figure', hazardmap.number(count, 0))));
    });
    const more = field.values.length > LISTED ? el('p', 'hm-hint', hazardmap.say('legend.more', { count: field.values.length - LISTED })) : null;
    return el('fieldset', 'hm-field', el('legend', '', hazardmap.say('filter.' + field.name), ' ', allOrNone((shown) => filters.set(field.name, values, shown))), el('ul', '', rows), more);
  }

  /* Verdicts have their filter in the legend; it is the same one. */
  function verdictSet(hazardLayer) {
    const layer = hazardLayer.layers.find((l) => l.layer === 'verdicts');
    const rows = hazardmap.manifest.tally.filter((row) => row.layer === 'verdicts');
    if (!layer || !rows.length) return null;
    const items = rows.map((row) => {
      const at = layer.symbols.findIndex(({ code }) => code === row.symbol);
      const box = checkbox(!layer.off.has(at), (shown) => hazardLayer.showSigns('verdicts', [row.symbol], shown), { field: 'verdict', value: row.symbol });
      return el('li', '', el('label', 'hm-value', box, el('span', 'hm-label', layer.symbols[at].label), el('span', 'hm-figure', hazardmap.number(row.count, 0))));
    });
    return el('fieldset', 'hm-field', el('legend', '', hazardmap.say('filter.verdict'), ' ',
      allOrNone((shown) => hazardLayer.showSigns('verdicts', layer.symbols.map(({ code }) => code), shown))), el('ul', '', items));
  }

  function filterBox(filters) {
    const { hazardLayer } = filters;
    const write = (body) => {
      const at = document.activeElement?.dataset ?? {};
      const { scrollTop } = panel.element;
      const parts = filters.fields().map((field) => fieldSet(filters, field));
      const anew = hazardmap.action('filter.clear', () => { hazardLayer.layers.find((l) => l.layer === 'verdicts')?.off.clear(); filters.clear(); });
      const grey = el('p', 'hm-hint hm-grey', hazardmap.swatch(hazardmap.GREY), ' ', hazardmap.say('filter.grey'));
      body.replaceChildren(el('p', 'hm-hint', hazardmap.say('filter.help')), el('p', 'hm-actions', anew), verdictSet(hazardLayer) ?? '', ...parts, grey);
      panel.element.scrollTop = scrollTop;
      if (at.field) [...body.querySelectorAll('input')].find(({ dataset }) => dataset.field === at.field && dataset.value === at.value)?.focus({ preventScroll: true });
    };
    const panel = new hazardmap.Panel('filter', 'filter.title', write).tool('filter.tool', hazardmap.symbol('M3 5h18l-7 8v6l-4 2v-8z'));
    hazardLayer.on('shownchange daychange', () => panel.write());
    tellFilter(filters, panel);
    return panel;
  }

  /* In the heading: how much is shown, what is hidden, and which layers of danger are switched off. */
  function tellFilter(filters, panel) {
    const { hazardLayer } = filters;
    const lines = el('div', 'hm-filtered');
    lines.setAttribute('role', 'status');
    document.querySelector('.hm-heading .hm-known').after(lines);
    const tell = () => {
      const said = [];
      if (!hazardmap.map.hasLayer(hazardLayer)) said.push(hazardmap.say('filter.all_off'));
      if (filters.active.length) {
        const { shown, all, hidden } = filters.telling();
        said.push(hazardmap.say('filter.told', { shown: hazardmap.number(shown, 0), all: hazardmap.number(all, 0) }));
        const what = hidden.map(({ layer, count, open_m2: open }) => {
          const number = hazardmap.number(count, 0);
          return open > 0 ? hazardmap.say('filter.hidden_open', { layer: layer.title, number, area: hazardmap.area(open) }) : hazardmap.say('filter.hidden', { layer: layer.title, number });
        });
        if (what.length) said.push(hazardmap.say('filter.hidden_all', { what: what.join(', ') }));
      }
      const off = hazardLayer.layers.filter(({ layer, shown, rows }) => !shown && rows && DANGERS.has(layer));
      if (off.length) said.push(hazardmap.say('filter.off', { layers: off.map(({ title }) => title).join(', ') }));
      lines.replaceChildren(...said.map((text) => el('p', '', text)));
      if (filters.active.length) lines.append(hazardmap.action('filter.change', () => panel.open(), 'hm-small'), ' ', hazardmap.action('filter.clear', () => filters.clear(), 'hm-small'));
    };
    hazardLayer.on('shownchange daychange add remove', tell); // the last two: by a layer control of the page
    hazardmap.always(tell);
  }

  Object.assign(hazardmap, { filterBox });
})(window.hazardmap);
