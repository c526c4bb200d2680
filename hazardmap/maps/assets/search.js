/* The search for a plot by its id or its number in the cadastre. A combobox as screen readers know it; what is typed and what
   is found stay text. Finds every row of the answers: also those that a filter hides, and those that have no shape. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  const LISTED = 20;
  const [EXACT, PREFIX, WITHIN, RAW, CLOSED_UP] = [0, 1, 2, 3, 4];

  /* As words.fold: case, accents, the Turkic i and the marks between words make no difference. */
  function fold(text) {
    if (!/^[\x20-\x7e]*$/.test(text)) {
      text = text.normalize('NFKD').toLowerCase().normalize('NFKD').replace(/\p{Mn}/gu, '')
        .replace(/ß/g, 'ss').replace(/ς/g, 'σ').replace(/ı/g, 'i');
    }
    return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
  }

  function entriesOf(layer) {
    const entries = [];
    for (const block of [...layer.blocks, ...layer.loose]) {
      for (let feature = 0; feature < block.count; feature++) {
        const names = ['plot_id', 'cadastre_no'].map((column) => block.value(column, feature)).filter((name) => name !== null);
        entries.push({ block, feature, names, folded: names.map(fold) });
      }
    }
    return entries;
  }

  /* How well an entry answers what was typed; Infinity when not at all. */
  function rank(entry, typed) {
    let best = Infinity;
    entry.folded.forEach((name, i) => {
      const found = typed.folded && name === typed.folded ? EXACT
        : typed.folded && name.startsWith(typed.folded) ? PREFIX
          : typed.folded && name.includes(typed.folded) ? WITHIN
            : entry.names[i].toLowerCase().includes(typed.raw) ? RAW
              : typed.closed && name.replaceAll(' ', '').includes(typed.closed) ? CLOSED_UP : Infinity;
      if (found < best) best = found;
    });
    return best;
  }

  const inOrder = new Intl.Collator('en', { numeric: true });

  /* The best entries, best first: shown ones before hidden ones, then by how well they fit, then by id. */
  function find(entries, text, isHidden) {
    const folded = fold(text);
    const typed = { folded, raw: text.trim().toLowerCase(), closed: folded.replaceAll(' ', '') };
    const found = [];
    let count = 0;
    const before = (a, b) => a.hidden - b.hidden || a.rank - b.rank || inOrder.compare(a.entry.names[0] ?? '', b.entry.names[0] ?? '');
    if (!typed.raw) return { found, count };
    for (const entry of entries) {
      const fit = rank(entry, typed);
      if (fit === Infinity) continue;
      count++;
      const match = { entry, rank: fit, hidden: fit > EXACT && isHidden(entry) ? 1 : 0 };
      if (found.length === LISTED && before(match, found[LISTED - 1]) >= 0) continue;
      let at = found.length;
      while (at > 0 && before(match, found[at - 1]) < 0) at--;
      found.splice(at, 0, match);
      if (found.length > LISTED) found.pop();
    }
    return { found: found.map(({ entry }) => entry), count };
  }

  class Search {
    /* `go` is called with the hit that was chosen. */
    constructor(container, hazardLayer, go) {
      this.layer = hazardLayer.layers.find((l) => l.layer === 'verdicts');
      this.go = go;
      this.found = [];
      this.at = -1;
      this.input = el('input', 'hm-typed');
      Object.assign(this.input, { type: 'search', autocomplete: 'off', spellcheck: false });
      this.list = el('ul', 'hm-found');
      this.list.id = 'hm-found';
      this.list.hidden = true;
      this.status = el('p', 'hm-count');
      const said = {
        role: 'combobox', 'aria-autocomplete': 'list',
        'aria-controls': 'hm-found', 'aria-expanded': 'false', enterkeyhint: 'search',
      };
      for (const [name, value] of Object.entries(said)) this.input.setAttribute(name, value);
      this.list.setAttribute('role', 'listbox');
      hazardmap.wordOn(this.list, 'aria-label', 'search.found');
      hazardmap.wordOn(this.input, 'placeholder', 'search.placeholder');
      hazardmap.wordOn(this.input, 'aria-label', 'search.name');
      this.status.setAttribute('role', 'status');
      this.box = el('div', 'hm-search hm-paper', this.input, this.status, this.list);
      this.box.setAttribute('role', 'search');
      this.input.addEventListener('input', () => this.search());
      this.input.addEventListener('focus', () => { this.input.select(); this.search(); });
      this.input.addEventListener('keydown', (event) => this.press(event));
      this.box.addEventListener('focusout', (event) => { if (!this.box.contains(event.relatedTarget)) this.fold(); });
      hazardLayer.on('shownchange', () => { if (!this.list.hidden) this.search(); });
      hazardmap.always(() => { if (!this.list.hidden) this.search(); });
      L.DomEvent.disableClickPropagation(this.box);
      L.DomEvent.disableScrollPropagation(this.box);
      container.append(this.box);
    }

    signOf({ block, feature }) { return block.signAt('symbol', feature); }

    isHidden(entry) { return entry.block.shape !== 'none' && (!this.layer.shown || this.layer.off.has(this.signOf(entry))); }

    search() {
      if (!hazardmap.ready) return;
      this.entries ??= entriesOf(this.layer); // 100,000 plots take a moment, so only when somebody asks
      const { found, count } = find(this.entries, this.input.value, (entry) => this.isHidden(entry));
      this.found = found;
      this.list.replaceChildren(...found.map((entry, i) => this.option(entry, i)));
      this.list.scrollTop = 0;
      this.status.textContent = !this.input.value.trim() ? ''
        : count > found.length ? hazardmap.say('search.more', { count, listed: hazardmap.number(found.length, 0) })
          : count ? hazardmap.say('search.count', { count }) : hazardmap.say('search.nothing');
      this.open(found.length > 0);
      this.mark(found.length ? 0 : -1);
    }

    option(entry, i) {
      const { block, feature } = entry;
      const sign = this.layer.symbols[this.signOf(entry)];
      const cadastre = block.value('cadastre_no', feature);
      const note = block.shape === 'none' ? hazardmap.say('search.no_shape') : this.isHidden(entry) ? hazardmap.say('search.switched_off') : null;
      const made = el('li', 'hm-option', hazardmap.swatch(sign),
        el('span', 'hm-what', hazardmap.recorded('span', block.value('plot_id', feature) ?? hazardmap.say('card.no_id'), 'hm-id'),
          cadastre === null ? null : hazardmap.recorded('span', cadastre, 'hm-cadastre'), el('span', 'hm-says', sign.label),
          note && el('span', 'hm-off', note)));
      made.id = 'hm-option-' + i;
      made.setAttribute('role', 'option');
      made.addEventListener('mousedown', (event) => event.preventDefault()); // the focus stays where it was typed
      made.addEventListener('click', () => this.choose(i));
      return made;
    }

    open(shown) {
      this.list.hidden = !shown;
      this.input.setAttribute('aria-expanded', String(shown));
    }

    /* Away with the list; what was typed stays. */
    fold() {
      this.open(false);
      this.mark(-1);
      this.status.textContent = '';
    }

    mark(i) {
      this.at = i;
      [...this.list.children].forEach((item, k) => item.setAttribute('aria-selected', String(k === i)));
      if (i < 0) { this.input.removeAttribute('aria-activedescendant'); return; }
      this.input.setAttribute('aria-activedescendant', 'hm-option-' + i);
      this.list.children[i].scrollIntoView({ block: 'nearest' });
    }

    press(event) {
      const { length } = this.found;
      if (event.key === 'Escape' && !this.list.hidden) { this.fold(); event.preventDefault(); return; }
      if (event.key === 'Enter') { if (this.at >= 0) this.choose(this.at); event.preventDefault(); return; }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || !length) return;
      event.preventDefault();
      if (this.list.hidden) { this.open(true); this.mark(0); return; }
      this.mark((this.at + step + length) % length);
    }

    choose(i) {
      const { block, feature } = this.found[i];
      this.input.value = this.found[i].names[0] ?? '';
      this.fold();
      this.go({ layer: this.layer, block, feature, sign: block.signAt('symbol', feature) });
    }
  }

  Object.assign(hazardmap, { Search, fold });
})(window.hazardmap);
