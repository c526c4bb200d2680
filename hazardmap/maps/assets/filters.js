/* Which records a filter hides. A field hides values; a record of which a chosen field says nothing is its own value, "not
   stated". Fields add up: what any of them hides is hidden. The fill of the ground is filtered by its own state alone, never by who reported what,
   and hidden ground is painted grey, not left blank. Knows records and columns; knows no panel. */
(function (hazardmap) {
  'use strict';

  /* Field → the column that holds it, by layer. */
  const FIELDS = [
    { name: 'state', column: 'symbol', layers: ['ground'] },
    { name: 'classification', column: 'classification', layers: ['hazards'] },
    { name: 'status', column: 'status', layers: ['hazards'] },
    { name: 'contamination', column: 'contamination', layers: ['hazards'], several: true },
    { name: 'product', column: 'product', layers: ['releases'] },
    { name: 'organisation', column: 'organisation', layers: ['hazards', 'releases', 'surveys'] },
  ];
  const NOT_STATED = ''; // no record can have it as a value: empty text is missing text

  const valuesOf = (column, code) => {
    const word = code ? column.words[code - 1] : NOT_STATED;
    return Array.isArray(word) ? word : [String(word)];
  };

  class Filters {
    constructor(hazardLayer) {
      this.hazardLayer = hazardLayer;
      this.hidden = new Map(FIELDS.map(({ name }) => [name, new Set()])); // field → values that are not shown
      this.counted = null;
    }

    layersOf(field) { return this.hazardLayer.layers.filter(({ layer }) => field.layers.includes(layer)); }

    /* The fields that say something in this map, each with its values and how many records have them on the day shown. */
    fields() {
      if (this.counted && this.countedOn === hazardmap.dayShown) return this.counted;
      this.countedOn = hazardmap.dayShown;
      this.counted = FIELDS.map((field) => {
        const counts = new Map();
        for (const layer of this.layersOf(field)) {
          for (const block of [...layer.blocks, ...layer.loose]) count(block, field.column, counts);
        }
        const signs = field.name === 'state' ? this.layersOf(field)[0].symbols.map(({ code }) => code) : null;
        const order = (a, b) => (a[0] === NOT_STATED) - (b[0] === NOT_STATED) || (signs ? signs.indexOf(a[0]) - signs.indexOf(b[0]) : b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
        return { ...field, values: [...counts].sort(order) };
      }).filter(({ values }) => values.length > 0);
      return this.counted;
    }

    get active() { return FIELDS.filter(({ name }) => this.hidden.get(name).size); }

    /* Hide or show values of a field. */
    set(name, values, shown) {
      const hidden = this.hidden.get(name);
      for (const value of values) hidden[shown ? 'delete' : 'add'](value);
      this.apply();
    }

    /* Take another state of all fields at once: a map of field → values hidden. Values that this map does not have are left out. */
    take(wanted) {
      for (const field of this.fields()) {
        const known = new Set(field.values.map(([value]) => value));
        this.hidden.set(field.name, new Set((wanted.get(field.name) ?? []).filter((value) => known.has(value))));
      }
      this.apply();
    }

    clear() {
      for (const hidden of this.hidden.values()) hidden.clear();
      this.apply();
    }

    apply() {
      for (const layer of this.hazardLayer.layers) {
        for (const block of [...layer.blocks, ...layer.loose]) this.mask(layer, block);
      }
      this.hazardLayer.changed();
    }

    mask(layer, block) {
      block.kept = {};
      block.ghost = null;
      const tests = this.active.filter((field) => field.layers.includes(layer.layer)).map((field) => test(block, field, this.hidden.get(field.name))).filter(Boolean);
      block.hidden = null;
      if (!tests.length) return;
      block.hidden = new Uint8Array(block.count);
      for (const { codes, hides } of tests) {
        for (let f = 0; f < block.count; f++) if (hides[codes ? codes[f] : 0]) block.hidden[f] = 1;
      }
      if (layer.layer === 'ground') block.ghost = ghostOf(block);
    }

    /* How many of the records that the active fields speak of are shown, and what is hidden, by layer. */
    telling() {
      const spoken = new Set(this.active.flatMap(({ layers }) => layers));
      const told = { shown: 0, all: 0, hidden: [] };
      for (const layer of this.hazardLayer.layers) {
        if (!spoken.has(layer.layer)) continue;
        let away = 0, open = 0;
        for (const block of [...layer.blocks, ...layer.loose]) {
          hazardmap.records.each(block, null, (f) => {
            told.all++;
            if (!block.hidden?.[f]) return;
            away++;
            open += block.value('open_m2', f) ?? 0;
          });
        }
        told.shown -= away;
        if (away) told.hidden.push({ layer, count: away, open_m2: layer.layer === 'hazards' ? open : 0 });
      }
      told.shown += told.all;
      return told;
    }
  }

  function count(block, name, counts) {
    const column = block.columns[name], holds = hazardmap.records.holding(block);
    const add = (value, number) => counts.set(value, (counts.get(value) ?? 0) + number);
    if (!column) { let number = 0; hazardmap.records.each(block, null, () => { number++; }); if (block.count) add(NOT_STATED, number); return; }
    const rows = new Uint32Array(column.words.length + 1), there = new Uint8Array(rows.length);
    for (let f = 0; f < block.count; f++) { there[column.values[f]] = 1; if (!holds || holds(f)) rows[column.values[f]]++; }
    rows.forEach((number, code) => { if (there[code]) for (const value of valuesOf(column, code)) add(value, number); });
  }

  /* Which codes of a column are hidden. A set of several values is hidden only when all of them are. */
  function test(block, { column: name }, values) {
    const column = block.columns[name];
    if (!column) return values.has(NOT_STATED) ? { codes: null, hides: [1] } : null;
    const hides = new Uint8Array(column.words.length + 1);
    for (let code = 0; code < hides.length; code++) hides[code] = valuesOf(column, code).every((value) => values.has(value)) ? 1 : 0;
    return { codes: column.values, hides };
  }

  /* Hidden ground as a block of one sign. */
  function ghostOf(block) {
    const columns = { symbol: { kind: 'code', values: block.hidden, words: ['hidden'], signs: [0], total: 1 } };
    for (const name of ['from', 'to']) if (block.columns[name]) columns[name] = block.columns[name];
    return Object.assign(Object.create(hazardmap.Block.prototype), block, { columns, hidden: null });
  }

  const GREY = { code: 'hidden', fill: '#8d949b', opacity: 0.5, hatch: 'net', hatch_colour: '#565d64', outline: '', width: 0, dash: [], letters: '', band: '', mark: '' };

  /* Ground that a filter hides is grey: it is not gone, and a blank place would look like ground without a record. */
  hazardmap.paintHidden = function (ctx, blocks, view) {
    const ghosts = blocks.filter((block) => block.hidden && block.ghost).map((block) => block.ghost);
    if (ghosts.length) hazardmap.paintBlocks(ctx, ghosts, [GREY], view);
  };

  /* Lists of features by sign without the hidden ones; those of a whole block are made once for each filter. */
  hazardmap.unhidden = function (block, column, lists, whole) {
    if (!block.hidden) return lists;
    const keep = () => lists.map((list) => list.filter((f) => !block.hidden[f]));
    if (!whole) return keep();
    block.kept[column] ??= keep();
    return block.kept[column];
  };

  Object.assign(hazardmap, { Filters, NOT_STATED, GREY });
})(window.hazardmap);
