/* A packed table on any Leaflet map: no legend, no card of its own; a click tells the columns, a line in the corner what is drawn. */
(function (hazardmap) {
  'use strict';

  const LISTED = 50; // of what lies at one place

  function told({ layer, block, feature, sign }) {
    const { el } = hazardmap;
    const rows = layer.columns.map(({ column, label }) => {
      const value = block.value(column, feature);
      return value === null ? null : el('div', '', el('dt', '', label), el('dd', '', [].concat(value).join(', ')));
    });
    return el('section', '', el('strong', '', layer.symbols[sign].label), el('dl', 'hm-told', ...rows));
  }

  hazardmap.packedLayer = function (map, id) {
    const manifest = JSON.parse(document.getElementById(id + '-manifest').textContent);
    if (!map.getPane('hazardmap')) {
      map.createPane('hazardmap').style.zIndex = 350;
      map.getPane('hazardmap').style.pointerEvents = 'none';
    }
    const layer = new hazardmap.HazardLayer(manifest);
    Object.assign(layer, { incomplete: true, drawn: 0, expected: manifest.expected, ready: false, failed: null });
    const line = hazardmap.el('div', 'leaflet-control-attribution');
    line.setAttribute('role', 'status');
    const corner = new L.Control({ position: 'bottomleft' });
    corner.onAdd = () => line;
    corner.addTo(map);
    const number = (n) => n.toLocaleString();
    const tell = (key) => { line.textContent = hazardmap.say(key, { drawn: number(layer.drawn), expected: number(layer.expected) }); };
    const fail = (error) => {
      layer.failed = error.message;
      line.style.color = '#b00020';
      line.textContent = manifest.layers[0].title + ': ' + error.message + '. ' +
        hazardmap.say('reading.incomplete', { drawn: number(layer.drawn), expected: number(layer.expected) });
    };
    const arrived = (block) => { layer.drawn += layer.take([block]); tell('reading.progress'); layer.repaintSoon(); };
    hazardmap.readBlocks(manifest, arrived).then(() => {
      if (layer.drawn !== layer.expected) throw new Error('a part of the data is missing');
      tell('reading.complete');
      layer.incomplete = false;
      layer.ready = true;
      layer.repaint();
    }).catch(fail);
    map.on('click', (event) => {
      if (!layer.ready || !map.hasLayer(layer)) return;
      const hits = layer.at(event.latlng, map.getZoom());
      if (!hits.length) return;
      const list = hazardmap.el('div', '', ...hits.slice(0, LISTED).map(told));
      if (hits.length > LISTED) list.append(hazardmap.el('p', 'hm-more', hazardmap.say('packed.more', { count: hits.length - LISTED })));
      L.popup({ maxHeight: 300 }).setLatLng(event.latlng).setContent(list).openOn(map);
    });
    return layer;
  };
})(window.hazardmap);
