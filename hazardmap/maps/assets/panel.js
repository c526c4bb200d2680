/* Panels of the tools, in the place where the card of a spot opens: one of them at a time. Knows no tool. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  const panels = [];

  class Panel {
    /* `title` is the key of its words; `fill(body)` writes it, when it opens, when something changed, in another language. */
    constructor(name, title, fill, { onOpen = () => {}, onClose = () => {}, focus = null } = {}) {
      Object.assign(this, { name, fill, onOpen, onClose, focus, button: null });
      const close = el('button', 'hm-close', '×');
      close.type = 'button';
      hazardmap.wordOn(close, 'aria-label', 'card.close');
      close.addEventListener('click', () => this.close());
      this.body = el('div', 'hm-drawer-body');
      this.element = el('section', `hm-drawer hm-paper hm-drawer-${name}`, el('header', '', el('h2', '', hazardmap.word(title)), close), this.body);
      this.element.hidden = true;
      this.element.tabIndex = -1;
      hazardmap.wordOn(this.element, 'aria-label', title);
      this.element.addEventListener('keydown', (event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        this.close();
      });
      L.DomEvent.disableClickPropagation(this.element);
      L.DomEvent.disableScrollPropagation(this.element);
      hazardmap.map.getContainer().querySelector('.hm-left').append(this.element);
      hazardmap.always(() => this.write());
      panels.push(this);
    }

    /* The tool that opens it. */
    tool(label, symbol) {
      this.button = hazardmap.addTool({ name: this.name, label, symbol, press: () => (this.isOpen ? this.close() : this.open()) });
      this.button.setAttribute('aria-expanded', 'false');
      return this;
    }

    get isOpen() { return !this.element.hidden; }

    write() { if (this.isOpen) this.fill(this.body); }

    open() {
      if (!hazardmap.ready) return;
      hazardmap.closePanels(this);
      for (const small of document.querySelectorAll('.hm-panel:not([hidden])')) small.dispatchEvent(new Event('away')); // choices.js
      hazardmap.card?.hide();
      if (hazardmap.map.getContainer().clientWidth < 720) hazardmap.closeLegend?.();
      this.element.hidden = false;
      this.mark();
      this.onOpen();
      this.fill(this.body);
      this.element.scrollTop = 0;
      (this.focus ?? this.element).focus({ preventScroll: true });
    }

    close(quietly = false) {
      if (!this.isOpen) return;
      this.element.hidden = true;
      this.mark();
      this.onClose();
      if (!quietly) (this.button ?? hazardmap.map.getContainer()).focus();
    }

    mark() { this.button?.setAttribute('aria-expanded', String(this.isOpen)); }
  }

  /* Give their place to something else. */
  hazardmap.closePanels = function (except = null) {
    for (const panel of panels) if (panel !== except) panel.close(true);
  };

  /* A button with words: the key, or a function that says them. */
  function action(said, press, className = 'hm-action') {
    const button = el('button', className, typeof said === 'string' ? hazardmap.say(said) : said());
    button.type = 'button';
    button.addEventListener('click', () => press(button));
    return button;
  }

  /* A choice of one of several: [[value, key of its words]]. */
  function either(name, label, options, chosen, choose) {
    const set = el('fieldset', 'hm-either', el('legend', '', hazardmap.say(label)));
    for (const [value, key] of options) {
      const input = el('input');
      Object.assign(input, { type: 'radio', name: 'hm-' + name, value, checked: value === chosen });
      input.addEventListener('change', () => choose(value));
      set.append(el('label', '', input, ' ', hazardmap.say(key)));
    }
    return set;
  }

  const SVG = 'http://www.w3.org/2000/svg';

  /* A symbol of lines on a field of 24 by 24. */
  function symbol(...paths) {
    const picture = document.createElementNS(SVG, 'svg');
    for (const [name, value] of [['viewBox', '0 0 24 24'], ['width', 20], ['height', 20], ['aria-hidden', 'true'], ['focusable', 'false']]) picture.setAttribute(name, value);
    for (const d of paths) {
      const path = document.createElementNS(SVG, 'path');
      for (const [name, value] of [['d', d], ['fill', 'none'], ['stroke', 'currentColor'], ['stroke-width', 2], ['stroke-linecap', 'round'], ['stroke-linejoin', 'round']]) path.setAttribute(name, value);
      picture.append(path);
    }
    return picture;
  }

  /* Copy a text; a page opened from a disk may have no clipboard of the new kind. */
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const field = el('textarea', '', text);
      field.style.cssText = 'position:fixed;top:0;left:0;opacity:0';
      const focused = document.activeElement;
      document.body.append(field);
      field.select();
      const done = document.execCommand('copy');
      field.remove();
      focused?.focus?.({ preventScroll: true });
      return done;
    }
  }

  Object.assign(hazardmap, { Panel, action, either, symbol, copy });
})(window.hazardmap);
