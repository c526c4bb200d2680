/* The view in the address of the page, behind its #: #zoom/latitude/longitude?off=…&hide.status=…&day=…&select=…. Whoever opens the same
   file with it sees the same. What stands there comes from strangers: numbers are checked, names are only compared with what this
   map has, and what it does not know is left out, so that a link can never show more than the file, and unknown filters hide nothing. */
(function (hazardmap) {
  'use strict';

  const LONGEST = 20_000;
  const parts = new Map(); // name → { get(): text or null, set(text) }

  /* Let another part of the page keep something in the link. */
  hazardmap.inLink = (name, part) => { parts.set(name, part); };

  const listed = (text) => text.split(',').map((value) => { try { return decodeURIComponent(value); } catch { return null; } }).filter((value) => value !== null);
  const joined = (values) => [...values].map((value) => encodeURIComponent(value)).join(',');

  /* What a text behind # says: { view: { zoom, lat, lng } or null, values: Map }. */
  function read(hash) {
    const values = new Map();
    if (hash.length > LONGEST) return { view: null, values };
    const [, place, rest] = /^#?([^?]*)\??(.*)$/s.exec(hash);
    const found = /^(\d{1,2}(?:\.\d+)?)\/(-?\d{1,2}(?:\.\d+)?)\/(-?\d{1,3}(?:\.\d+)?)$/.exec(place);
    const [zoom, lat, lng] = found ? found.slice(1).map(Number) : [];
    const view = found && zoom <= 22 && Math.abs(lat) <= 85 && Math.abs(lng) <= 180 ? { zoom, lat, lng } : null;
    for (const pair of rest.split('&')) {
      const at = pair.indexOf('=');
      if (at > 0) values.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return { view, values };
  }

  function write(map, hazardLayer, filters) {
    const { lat, lng } = map.getCenter();
    const values = [];
    const add = (name, text) => { if (text) values.push(name + '=' + text); };
    add('off', joined(hazardLayer.layers.filter(({ shown, rows }) => !shown && rows).map(({ layer }) => layer)));
    for (const { name } of filters.active) add('hide.' + name, joined(filters.hidden.get(name)));
    const plots = hazardLayer.layers.find(({ layer }) => layer === 'verdicts');
    add('hide.verdict', plots ? joined([...plots.off].map((at) => plots.symbols[at].code)) : '');
    const { selected } = hazardmap;
    const id = selected && selected.layer.heading ? selected.block.value(selected.layer.heading, selected.feature) : null;
    if (id !== null) add('select', joined([selected.layer.layer, id]));
    for (const [name, part] of parts) { const text = part.get(); if (text !== null) add(name, encodeURIComponent(text)); }
    return `#${Number(map.getZoom().toFixed(2))}/${lat.toFixed(5)}/${lng.toFixed(5)}${values.length ? '?' + values.join('&') : ''}`;
  }

  function apply(hash, map, hazardLayer, filters, go) {
    const { view, values } = read(hash);
    if (!view && !values.size) return false;
    const off = new Set(listed(values.get('off') ?? ''));
    for (const layer of hazardLayer.layers) layer.shown = !off.has(layer.layer);
    const plots = hazardLayer.layers.find(({ layer }) => layer === 'verdicts');
    const verdicts = new Set(listed(values.get('hide.verdict') ?? ''));
    plots?.symbols.forEach(({ code }, at) => plots.off[verdicts.has(code) ? 'add' : 'delete'](at));
    filters.take(new Map(filters.fields().map(({ name }) => [name, values.has('hide.' + name) ? listed(values.get('hide.' + name)) : []])));
    for (const [name, part] of parts) if (values.has(name)) part.set(listed(values.get(name))[0] ?? '');
    const [layer, id] = listed(values.get('select') ?? '');
    const hit = id === undefined ? null : hazardmap.records.find(hazardLayer, layer, id);
    if (hit) go(hit);
    if (view) map.setView([view.lat, view.lng], view.zoom, { animate: false });
    return true;
  }

  function link(map, hazardLayer, filters, go) {
    let late = null, able = true;
    const keep = () => {
      clearTimeout(late);
      late = setTimeout(() => {
        if (!able) return;
        try { history.replaceState(history.state, '', write(map, hazardLayer, filters)); } catch { able = false; } // a frame without an address of its own
      }, 300);
    };
    apply(location.hash, map, hazardLayer, filters, go);
    window.addEventListener('hashchange', () => apply(location.hash, map, hazardLayer, filters, go));
    map.on('moveend', keep);
    hazardLayer.on('shownchange selected', keep);
    /* Without the folders of this machine when the file lies on it. */
    const address = () => {
      const before = location.protocol === 'file:' ? decodeURIComponent(location.pathname.split('/').at(-1)) : location.href.split('#')[0];
      return before + write(map, hazardLayer, filters);
    };
    return { address, keep };
  }

  Object.assign(hazardmap, { link });
})(window.hazardmap);
