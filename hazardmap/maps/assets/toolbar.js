/* The bar of tools beside the zoom buttons: each tool is one button, pressed or not. Knows no tool. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  let bar = null;

  hazardmap.toolbar = function (map) {
    bar = el('div', 'hm-toolbar leaflet-bar');
    bar.setAttribute('role', 'toolbar');
    bar.setAttribute('aria-label', hazardmap.say('toolbar.name'));
    const control = new L.Control({ position: 'topright' });
    control.onAdd = () => bar;
    control.addTo(map);
    L.DomEvent.disableClickPropagation(bar);
  };

  /* Add a tool. `symbol` is text or an element; `press(button)` is called when it is pressed. Gives the button. */
  hazardmap.addTool = function ({ name, label, symbol, press }) {
    const button = el('button', 'hm-tool hm-tool-' + name, symbol);
    button.type = 'button';
    button.title = label;
    button.setAttribute('aria-label', label);
    button.addEventListener('click', () => press(button));
    bar.append(button);
    return button;
  };
})(window.hazardmap);
