/* The card of a place: everything that lies there, in order of danger. All text of the data goes in as text, never as HTML. */
(function (hazardmap) {
  'use strict';

  /* Make an element: el('p', 'class', 'text' or children …). */
  function el(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    for (const child of children.flat()) if (child !== null && child !== undefined) made.append(child);
    return made;
  }

  const { number } = hazardmap;
  const unit = (name, value) => hazardmap.say('unit.' + name, { value });

  function area(m2) {
    if (m2 === null) return '';
    if (m2 < 9_999.5) return unit('m2', number(m2, m2 < 99.5 ? 1 : 0));
    const [value, name] = m2 < 1e6 ? [m2 / 1e4, 'ha'] : [m2 / 1e6, 'km2'];
    const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return unit(name, number(value, digits, digits));
  }

  /* Readable form of a cell; empty text for a missing one. */
  function written(value, kind, spelt) {
    if (value === null || value === '' || (Array.isArray(value) && !value.length)) return '';
    const word = (code) => (Object.hasOwn(spelt, code) ? spelt[code] : String(code));
    if (kind === 'word') return word(value);
    if (kind === 'words') return [].concat(value).map(word).join(', ');
    if (kind === 'ids') return [].concat(value).join(', ');
    if (kind === 'm2') return area(value);
    if (kind === 'm') return unit('m', number(value, 2));
    if (kind === 'date') return hazardmap.day(value, 'short');
    if (kind === 'count') return number(value, 0);
    return String(value);
  }

  /* A sample of a sign, painted by the same code as the map. */
  function swatch(sign, shape = 'polygon', ratio = Math.min(window.devicePixelRatio || 1, 3)) {
    const canvas = el('canvas', 'hm-swatch');
    const wide = sign.band ? 54 : 34; // room for the letters of a verdict
    canvas.width = wide * ratio;
    canvas.height = 22 * ratio;
    canvas.setAttribute('aria-hidden', 'true');
    const ctx = canvas.getContext('2d');
    ctx.scale(ratio, ratio);
    const [x, y] = shape === 'point' ? [[17], [11]] : shape === 'line' ? [[2, 12, 22, 32], [15, 8, 14, 7]] : [[2, wide - 2, wide - 2, 2], [2, 2, 20, 20]];
    const sample = new hazardmap.Block({
      layer: 'finds', shape, count: 1, featureStart: [0, 1], partStart: [0, x.length],
      x: Int32Array.from(x), y: Int32Array.from(y), columns: { symbol: { kind: 'code', values: [1], words: ['s'], signs: [0], total: 1 } },
    });
    sample.isOuter.fill(1);
    if (sign.hatch.startsWith('net')) {
      ctx.strokeStyle = '#10202c33';
      ctx.strokeRect(2.5, 2.5, 29, 17);
    }
    ctx.translate(9, 6); // the nets start here, so that the sample shows a crossing
    hazardmap.paintBlocks(ctx, [sample], [{ ...sign, width: Math.min(sign.width, 2.4) }], { scale: 1, left: 9, top: 6, size: wide, ratio, zoom: 14 });
    ctx.translate(-9, -6);
    if (sign.letters && shape === 'polygon') {
      hazardmap.labels.write(ctx, sign.band ? hazardmap.labels.badge(sign, wide / 2, 11) : {
        x: 17, y: 11.5, text: sign.letters.replace('{depth}', ''), style: { font: '700 10px system-ui, sans-serif', colour: '#14212b' },
      }, 0, 0);
    }
    canvas.style.width = wide + 'px';
    return canvas;
  }

  /* Text of a record: whatever its script, it runs its own way. */
  function recorded(tag, text, className = '') {
    const made = el(tag, className, text);
    made.dir = 'auto';
    return made;
  }

  function entry(hit, go) {
    if (hit.layer.layer === 'verdicts') return hazardmap.verdictEntry(hit, go);
    if (hit.layer.layer === 'zones') return hazardmap.zoneEntry(hit);
    const { layer, block, feature, sign } = hit;
    const symbol = layer.symbols[sign];
    const isGround = layer.layer === 'ground';
    const name = isGround ? symbol.label : written(block.value(layer.heading, feature), 'text', {}) || hazardmap.say('card.no_name');
    const title = el('h3', '', swatch(symbol, block.shape === 'none' ? 'polygon' : block.shape), recorded('span', name, 'hm-title'));
    const kind = isGround ? layer.title : hazardmap.say('card.kind', { noun: layer.noun, sign: symbol.label.toLocaleLowerCase(hazardmap.language) });
    const item = el('li', 'hm-entry hm-entry-' + layer.layer, el('p', 'hm-kind', kind), title);
    const flag = block.columns.flag ? block.signAt('flag', feature) : -1;
    if (flag >= 0) item.append(el('p', 'hm-flag', layer.symbols[flag].label));
    const facts = el('dl');
    for (const { column, label, kind: form } of layer.attributes) {
      const text = written(block.value(column, feature), form, layer.spelt);
      if (!text) continue;
      if (isGround && column === 'why') { title.after(hazardmap.english(text, 'p', 'hm-why')); continue; }
      facts.append(el('div', form === 'warning' ? 'hm-warning' : '', el('dt', '', label), form === 'ids' ? idCell(column, block.value(column, feature), go) : recorded('dd', text)));
    }
    if (facts.childElementCount) item.append(facts);
    if (block.shape === 'none') item.append(el('p', 'hm-why', hazardmap.say('card.no_shape')));
    else if (!hazardmap.records.passes(block, feature)) item.append(el('p', 'hm-flag', hazardmap.say('search.filtered')));
    return item;
  }

  function idCell(column, value, go) {
    const cell = el('dd', '', hazardmap.spot.ids(column, value, go));
    cell.dir = 'auto';
    return cell;
  }

  /* The card itself; opened by a click, a tap or Enter, closed by its button or Escape. */
  class Card {
    constructor(container, manifest, onClose, go = null) {
      this.manifest = manifest;
      this.go = go;
      this.onClose = onClose;
      this.element = el('section', 'hm-card hm-paper');
      this.element.hidden = true;
      this.element.tabIndex = -1;
      this.element.setAttribute('role', 'dialog');
      this.element.setAttribute('aria-label', hazardmap.say('card.name'));
      this.said = null;
      hazardmap.always(() => { if (this.said && !this.element.hidden) this.write(...this.said); });
      this.element.addEventListener('keydown', (event) => { if (event.key === 'Escape') this.close(); });
      L.DomEvent.disableClickPropagation(this.element);
      L.DomEvent.disableScrollPropagation(this.element);
      container.append(this.element);
    }

    /* `latlng` is where was asked; null when one record is shown for itself. `hidden` lies there too, `square` is what was asked for;
       quietly: the focus stays where it is. */
    open(hits, latlng, { quietly = false, ...more } = {}) {
      hazardmap.closePanels();
      this.write(hits, latlng, more);
      this.about = { latlng, square: more.square ?? null, on: this.manifest.on };
      this.element.hidden = false;
      if (quietly) return;
      this.element.scrollTop = 0;
      this.element.focus({ preventScroll: true });
    }

    /* What it tells, or told before a panel took its place. */
    get told() { return this.said ? this.said[0] : []; }

    /* The day has moved: ask the same place or square again, or close the card of a record that may not be there any more. */
    follow(ask, askSquare) {
      if (!this.said || this.about.on === this.manifest.on) return;
      const { latlng, square } = this.about;
      const asked = !this.element.hidden && latlng && (square ? askSquare(square) : ask(latlng, true));
      if (!asked) this.close(true);
    }

    write(hits, latlng, { hidden = [], square = null } = {}) {
      this.said = [hits, latlng, { hidden, square }];
      const entryOf = (hit) => entry(hit, this.go);
      const title = square ? hazardmap.say('card.name_square', { side: hazardmap.length(square.side) })
        : hazardmap.say(latlng ? 'card.name' : hits[0].layer.layer === 'verdicts' ? 'card.name_plot' : 'card.name_record');
      this.element.setAttribute('aria-label', title);
      const close = el('button', 'hm-close', '×');
      close.type = 'button';
      close.setAttribute('aria-label', hazardmap.say('card.close'));
      close.addEventListener('click', () => this.close());
      const list = el('ol', 'hm-entries', ...hits.map(entryOf));
      const nothing = !latlng || [...hits, ...hidden].some((hit) => ['ground', 'zones'].includes(hit.layer.layer)) ? null
        : el('p', 'hm-nothing', hazardmap.say('card.nothing') + ' ', hazardmap.withEnglish('words.absence', this.manifest.absence));
      this.element.replaceChildren(
        el('header', '', el('div', '', el('h2', '', title), latlng ? hazardmap.spot.placeLines(latlng, square) : null), close),
        ...(nothing ? [nothing] : []), ...hazardmap.spot.hiddenHere(hidden, entryOf, list), list,
        el('footer', '', el('p', '', hazardmap.say('words.disclaimer') + ' ' + hazardmap.say('card.state_on', { day: hazardmap.day(this.manifest.on) })),
          hazardmap.language === 'en' ? null : el('p', '', hazardmap.english(this.manifest.disclaimer))),
      );
    }

    /* Give its place to something else. */
    hide() {
      this.element.hidden = true;
    }

    /* Quietly: the focus stays where it is, unless it was in the card. */
    close(quietly = false) {
      if (this.element.hidden && !quietly) return;
      const held = this.element.contains(document.activeElement);
      this.element.hidden = true;
      this.said = null;
      this.onClose(quietly && !held);
    }
  }

  Object.assign(hazardmap, { el, area, unit, written, recorded, swatch, idCell, Card });
})(window.hazardmap);
