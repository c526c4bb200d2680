/* What a reader chooses about the map itself: its language and its colours. And the small panel beside the bar of tools in
   which such choices are made. */
(function (hazardmap) {
  'use strict';

  const { el, say, word, wordOn, always } = hazardmap;
  const SVG = 'http://www.w3.org/2000/svg';

  /* A line drawing of 20 × 20 for a button; `paths` are SVG path data. */
  function drawing(...paths) {
    const made = document.createElementNS(SVG, 'svg');
    for (const [name, value] of Object.entries({
      viewBox: '0 0 20 20', width: 20, height: 20, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5,
      'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true', focusable: 'false',
    })) made.setAttribute(name, value);
    for (const d of paths) {
      const path = document.createElementNS(SVG, 'path');
      path.setAttribute('d', d);
      made.append(path);
    }
    return made;
  }

  /* A tool whose button opens a panel beside it. Gives { button, panel, close }. */
  function panelTool({ name, label, symbol }, ...children) {
    const panel = wordOn(el('section', 'hm-panel hm-paper hm-panel-' + name, ...children), 'aria-label', label);
    panel.id = 'hm-panel-' + name;
    panel.hidden = true;
    const set = (open) => {
      if (open) for (const other of document.querySelectorAll('.hm-panel:not([hidden])')) other.dispatchEvent(new Event('away'));
      panel.hidden = !open;
      button.setAttribute('aria-expanded', String(open));
      if (open) panel.querySelector('select, input, button').focus();
    };
    const button = hazardmap.addTool({ name, label, symbol, press: () => set(panel.hidden) });
    button.setAttribute('aria-expanded', 'false');
    button.setAttribute('aria-controls', panel.id);
    const away = () => { if (!panel.hidden) { set(false); button.focus(); } };
    panel.addEventListener('away', () => set(false));
    for (const part of [panel, button]) {
      part.addEventListener('keydown', (event) => { if (event.key === 'Escape') { event.stopPropagation(); away(); } });
    }
    L.DomEvent.disableClickPropagation(panel);
    L.DomEvent.disableScrollPropagation(panel);
    button.closest('.hm-map').append(panel);
    return { button, panel, close: away };
  }

  /* A labelled list to choose from; `options` are pairs of a value and a function that says it. */
  function choice(label, options, current, choose) {
    const select = el('select', 'hm-select');
    for (const [value, text, language] of options) {
      const option = el('option');
      option.value = value;
      always(() => { option.textContent = text(); });
      if (language) option.lang = language;
      select.append(option);
    }
    always(() => { select.value = current(); });
    select.addEventListener('change', () => choose(select.value));
    return el('label', 'hm-choice', el('span', '', word(label)), select);
  }

  function choices() {
    const note = el('p', 'hm-small-print');
    always(() => { note.textContent = hazardmap.language === 'en' ? '' : say('language.note'); });
    panelTool(
      { name: 'choices', label: 'choices.name', symbol: drawing('M10 2.5a7.5 7.5 0 1 0 0 15a7.5 7.5 0 1 0 0-15z', 'M2.5 10h15', 'M10 2.5c-5 5-5 10 0 15c5-5 5-10 0-15z') },
      choice('choices.language', hazardmap.languages.map((code) => [code, () => say('language.name', {}, code), code]),
        () => hazardmap.language, (code) => hazardmap.speak(code)),
      choice('choices.colours', Object.keys(hazardmap.manifest.themes).map((theme) => [theme, () => say('choices.' + theme)]),
        () => hazardmap.theme, (theme) => hazardmap.wear(theme)),
      note,
    );
  }

  Object.assign(hazardmap, { choices, panelTool, choice, drawing });
})(window.hazardmap);
