/* The names by which records are found, in one list that can be gone through at each keystroke. Folded as words.fold does:
   case, accents, the Turkic i and the marks between words make no difference. Knows text; knows no page. */
(function (hazardmap) {
  'use strict';

  const LISTED = 20;
  const AT_ONCE = 20_000;
  const [EXACT, PREFIX, WITHIN, RAW, CLOSED_UP] = [0, 1, 2, 3, 4];
  /* Layer → the columns that name a record, in the order in which layers come when all else is equal. */
  const NAMED = {
    verdicts: ['plot_id', 'cadastre_no', 'name'], plots: ['plot_id', 'cadastre_no', 'name'], hazards: ['hazard_id', 'name'],
    releases: ['release_id', 'activity_id', 'handover_no'], finds: ['find_id'], surveys: ['survey_id'],
    districts: ['name', 'district_id', 'aliases'], context: ['name'],
  };

  function fold(text) {
    if (!/^[\x20-\x7e]*$/.test(text)) {
      text = text.normalize('NFKD').toLowerCase().normalize('NFKD').replace(/\p{Mn}/gu, '')
        .replace(/ß/g, 'ss').replace(/ς/g, 'σ').replace(/ı/g, 'i');
    }
    return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
  }

  /* Numbers in a name count as numbers: P-9 comes before P-10. */
  const inOrder = (folded) => folded.replace(/\d+/g, (digits) => digits.padStart(12, '0'));

  class Names {
    constructor(hazardLayer) {
      this.layers = hazardLayer.layers;
      this.entries = []; // { hit, names }
      this.folded = []; // of each name, flat
      this.raw = []; // in small letters, where that says more than the folded form
      this.closed = []; // without its gaps, where it has any
      this.owner = []; // place of the entry
      this.order = [];
      this.reading = this.read();
    }

    /* Read all names, a part at a time, so that nothing stands still. */
    * read() {
      let since = 0;
      for (const [rank, [name, columns]] of Object.entries(NAMED).entries()) {
        const layer = this.layers.find((l) => l.layer === name);
        for (const block of layer ? [...layer.blocks, ...layer.loose] : []) {
          for (let feature = 0; feature < block.count; feature++) {
            this.add(hazardmap.records.hitOf(layer, block, feature), rank, columns);
            if (++since % AT_ONCE === 0) yield;
          }
        }
      }
    }

    add(hit, rank, columns) {
      const { block, feature } = hit;
      const names = columns.flatMap((column) => block.value(column, feature) ?? []).map(String);
      if (!names.length) return;
      const entry = this.entries.length;
      this.entries.push({ hit, names, rank });
      for (const name of names) {
        const folded = fold(name), small = name.toLowerCase();
        this.folded.push(folded);
        this.raw.push(small === folded ? null : small);
        this.closed.push(folded.includes(' ') ? folded.replaceAll(' ', '') : null);
        this.owner.push(entry);
      }
      this.order.push(inOrder(fold(names[0])));
    }

    /* All names are read when this gives true; it reads one part at a time. */
    more() { return this.reading.next().done; }

    all() { while (!this.more()); return this; }

    /* The best entries, best first: shown before hidden ones, then by how well they fit, then by layer, then by id. */
    find(text) {
      const { folded, raw, closed, owner, entries, order } = this;
      const typed = fold(text), small = text.trim().toLowerCase(), tight = typed.replaceAll(' ', '');
      const found = [];
      let count = 0;
      if (!small) return { found, count };
      const before = (a, b) => a.hidden - b.hidden || a.fit - b.fit || a.entry.rank - b.entry.rank || (a.order < b.order ? -1 : a.order > b.order ? 1 : 0);
      let last = -1, best = Infinity;
      /* Most entries are worse than the worst of the list, whether they are shown or not: that is asked first. */
      const keep = () => {
        if (last < 0) return;
        const entry = entries[last], { block, feature } = entry.hit;
        if (hazardmap.records.holding(block)?.(feature) === false) { count--; return; } // of another day
        const worst = found.length === LISTED ? found[LISTED - 1] : null;
        if (worst && !worst.hidden && (best - worst.fit || entry.rank - worst.entry.rank || (order[last] < worst.order ? -1 : 1)) > 0) return;
        const hidden = best > EXACT && entry.hit.block.shape !== 'none' && !hazardmap.records.isShown(entry.hit) ? 1 : 0;
        const match = { entry, order: order[last], fit: best, hidden };
        if (worst && before(match, worst) >= 0) return;
        let at = found.length;
        while (at > 0 && before(match, found[at - 1]) < 0) at--;
        found.splice(at, 0, match);
        if (found.length > LISTED) found.pop();
      };
      for (let i = 0; i < folded.length; i++) {
        const name = folded[i];
        let fit = Infinity;
        const at = typed ? name.indexOf(typed) : -1;
        if (at === 0) fit = name.length === typed.length ? EXACT : PREFIX;
        else if (at > 0) fit = WITHIN;
        else if (raw[i] !== null && raw[i].includes(small)) fit = RAW;
        else if (tight && closed[i] !== null && closed[i].includes(tight)) fit = CLOSED_UP;
        else if (tight !== typed && tight && name.includes(tight)) fit = CLOSED_UP;
        if (fit === Infinity) continue;
        if (owner[i] === last) { if (fit < best) best = fit; continue; }
        keep();
        last = owner[i];
        best = fit;
        count++;
      }
      keep();
      return { found, count };
    }
  }

  Object.assign(hazardmap, { Names, fold });
})(window.hazardmap);
