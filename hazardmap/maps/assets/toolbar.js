/* The bar of tools beside the zoom buttons: each tool is one button, pressed or not. Knows no tool. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  let bar = null;

  hazardmap.toolbar = function (map) {
    bar = el('div', 'hm-toolbar leaflet-bar');
    bar.setAttribute('role', 'toolbar');
    hazardmap.wordOn(bar, 'aria-label', 'toolbar.name');
    const control = new L.Control({ position: 'topright' });
    control.onAdd = () => bar;
    control.addTo(map);
    L.DomEvent.disableClickPropagation(bar);
  };

  /* Add a tool. `label` is the key of its words, or a function that says them; `symbol` is text or an element;
     `press(button)` is called when it is pressed. Gives the button. */
  hazardmap.addTool = function ({ name, label, symbol, press }) {
    const button = el('button', 'hm-tool hm-tool-' + name, symbol);
    button.type = 'button';
    for (const attribute of ['title', 'aria-label']) hazardmap.wordOn(button, attribute, label);
    button.addEventListener('click', () => press(button));
    bar.append(button);
    return button;
  };
})(window.hazardmap);
