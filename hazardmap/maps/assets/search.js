/* The search: any record by its id, name or code, and any place by its coordinates. A combobox as screen readers know it; what is
   typed and what is found stay text. Finds also what a filter hides and what has no shape; where coordinates can be read in
   several ways, each is offered and none is chosen. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  const KINDS = { decimal: 'search.decimal', minutes: 'search.minutes', seconds: 'search.seconds', utm: 'search.utm', mgrs: 'search.mgrs' };

  class Search {
    /* `go` is called with the hit that was chosen, `visit` with the reading of coordinates. */
    constructor(container, hazardLayer, { go, visit }) {
      Object.assign(this, { hazardLayer, go, visit, found: [], options: [], at: -1, names: null });
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
      hazardmap.wordOn(this.list, 'aria-label', 'search.results');
      hazardmap.wordOn(this.input, 'placeholder', 'search.hint');
      hazardmap.wordOn(this.input, 'aria-label', 'search.label');
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

    /* Read the names while nobody waits for them; whoever types earlier waits for the rest. */
    prepare() {
      this.names = new hazardmap.Names(this.hazardLayer);
      const later = window.requestIdleCallback ?? ((work) => setTimeout(work, 50));
      const part = () => { if (!this.names.more()) later(part); };
      later(part);
    }

    search() {
      if (!hazardmap.ready) return;
      if (!this.names) this.prepare();
      const text = this.input.value;
      const { found, count } = this.names.all().find(text);
      const { readings, hint, apart_m: apart } = hazardmap.readCoordinates(text);
      this.found = found.map(({ entry }) => entry.hit);
      const records = found.map(({ entry }) => ({ hit: entry.hit, names: entry.names }));
      const places = readings.map((reading) => ({ reading }));
      this.options = found[0]?.fit === 0 ? [...records, ...places] : [...places, ...records];
      this.list.replaceChildren(...this.options.map((option, i) => this.option(option, i)));
      this.list.scrollTop = 0;
      this.status.textContent = !text.trim() ? '' : [
        readings.length > 1 ? hazardmap.say('search.readings', { count: readings.length, distance: hazardmap.length(apart) }) : null,
        hint ? hazardmap.say('search.hint_' + hint) : null,
        count > found.length ? hazardmap.say('search.records_more', { count, listed: hazardmap.number(found.length, 0) })
          : count ? hazardmap.say('search.records', { count }) : readings.length || hint ? null : hazardmap.say('search.no_record'),
      ].filter(Boolean).join(' ');
      this.open(this.options.length > 0);
      this.mark(this.options.length ? 0 : -1);
    }

    option({ hit, names, reading }, i) {
      const made = el('li', 'hm-option' + (reading ? ' hm-place-option' : ''), ...(reading ? placeOption(reading) : recordOption(hit, names)));
      made.id = 'hm-option-' + i;
      made.setAttribute('role', 'option');
      made.addEventListener('mousedown', (event) => event.preventDefault()); // the focus stays where it was typed
      made.addEventListener('click', () => this.choose(i));
      return made;
    }

    open(shown) {
      this.list.hidden = !shown;
      const foot = hazardmap.map.getContainer().querySelector('.hm-foot').getBoundingClientRect();
      this.list.style.maxHeight = `max(120px, min(440px, ${Math.floor(foot.top - this.box.getBoundingClientRect().bottom - 12)}px))`; // never over the foot
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
      const { length } = this.options;
      if (event.key === 'Escape' && !this.list.hidden) { this.fold(); event.preventDefault(); return; }
      if (event.key === 'Enter') { if (this.at >= 0) this.choose(this.at); event.preventDefault(); return; }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || !length) return;
      event.preventDefault();
      if (this.list.hidden) { this.open(true); this.mark(0); return; }
      this.mark((this.at + step + length) % length);
    }

    choose(i) {
      const { hit, names, reading } = this.options[i];
      if (hit) this.input.value = names[0];
      this.fold();
      if (hit) this.go(hit); else this.visit(reading);
    }
  }

  const OTHER = { verdicts: 'cadastre_no', plots: 'cadastre_no', hazards: 'name', releases: 'activity_id', districts: 'aliases', context: 'kind' };

  function recordOption(hit, names) {
    const { layer, block, feature, sign } = hit;
    const symbol = layer.symbols[sign];
    const other = [].concat(block.value(OTHER[layer.layer], feature) ?? []).join(', ');
    const note = block.shape === 'none' ? 'search.no_shape' : !hazardmap.records.passes(block, feature) ? 'search.filtered'
      : !hazardmap.records.isShown(hit) ? 'search.switched_off' : null;
    const says = layer.layer === 'verdicts' ? symbol.label : hazardmap.say('card.kind', { noun: layer.noun, sign: symbol?.label ?? '' });
    return [symbol ? hazardmap.swatch(symbol, block.shape === 'none' ? 'polygon' : block.shape) : null,
      el('span', 'hm-what', hazardmap.recorded('span', block.value(layer.heading, feature) ?? (layer.layer === 'verdicts' || layer.layer === 'plots' ? hazardmap.say('card.no_id') : names[0]), 'hm-id'),
        other ? hazardmap.recorded('span', other, 'hm-cadastre') : null, el('span', 'hm-says', says),
        note && el('span', 'hm-off', hazardmap.say(note)))];
  }

  function placeOption(reading) {
    const { kind, how, latitude, longitude, square } = reading;
    const says = [hazardmap.say(KINDS[kind]), how && hazardmap.say('search.how_' + how),
      square && hazardmap.say('search.square', { side: hazardmap.length(square.side) }), 'WGS 84'].filter(Boolean).join(' · ');
    const pin = hazardmap.symbol('M12 21c-4-5-7-8-7-12a7 7 0 0 1 14 0c0 4-3 7-7 12z', 'M12 9h.01');
    return [el('span', 'hm-pin-sign', pin), el('span', 'hm-what', hazardmap.english(hazardmap.written_degrees(latitude, longitude), 'span', 'hm-id'), el('span', 'hm-says', says))];
  }

  Object.assign(hazardmap, { Search });
})(window.hazardmap);
