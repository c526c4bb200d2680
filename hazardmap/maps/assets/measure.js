/* Measuring on the map: distances leg by leg and the area inside, on the ellipsoid of WGS 84. By mouse, by touch and by keyboard:
   Enter adds the middle of the map, Backspace takes the last point away, Escape ends. The figures are of the line that was drawn, not of
   any record. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  const INK = '#0b3d91';
  const LONG = 50_000; // metres; longer legs are drawn bent, as the shortest way lies on the map
  const MOST = 500; // points

  /* A length, to a part in ten thousand or finer. */
  function length(metres) {
    if (metres < 10) return hazardmap.unit('m', hazardmap.number(metres, 2));
    if (metres < 1000) return hazardmap.unit('m', hazardmap.number(metres, 1));
    return hazardmap.unit('km', hazardmap.number(metres / 1000, metres < 100_000 ? 3 : metres < 1e6 ? 2 : 1));
  }

  /* An area in m² and in the unit that reads easily; a map's figure for a sketch. */
  function surface(m2) {
    const plain = hazardmap.unit('m2', hazardmap.number(m2, m2 < 100 ? 1 : 0));
    if (m2 < 10_000) return plain;
    const [value, name] = m2 < 1e6 ? [m2 / 1e4, 'ha'] : [m2 / 1e6, 'km2'];
    return `${hazardmap.unit(name, hazardmap.number(value, value < 100 ? 3 : 1))} (${plain})`;
  }

  const azimuth = (degrees) => hazardmap.number(Math.floor(degrees * 10 + 0.5) / 10 % 360, 1, 1) + '°';

  /* Do two edges of the ring cross? Then it has no one area. */
  function crosses(ring) {
    const n = ring.length;
    const side = (a, b, c) => Math.sign((b[1] - a[1]) * (c[0] - a[0]) - (b[0] - a[0]) * (c[1] - a[1]));
    for (let i = 0; i < n; i++) {
      for (let j = i + 2; j < n; j++) {
        if (i === 0 && j === n - 1) continue;
        const [a, b, c, d] = [ring[i], ring[i + 1], ring[j], ring[(j + 1) % n]];
        if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) return true;
      }
    }
    return false;
  }

  /* Figures of a line of [latitude, longitude]. */
  function figures(points) {
    const { inverse, areaOf } = hazardmap.geodesic;
    const legs = points.slice(1).map((point, i) => inverse(...points[i], ...point));
    const total = legs.reduce((sum, leg) => sum + leg.distance, 0);
    if (points.length < 3) return { legs, total, perimeter: null, area: null, crossed: false };
    const perimeter = total + inverse(...points.at(-1), ...points[0]).distance;
    const crossed = crosses(points);
    return { legs, total, perimeter, area: crossed ? null : Math.abs(areaOf(points)), crossed };
  }

  function measure(map) {
    const container = map.getContainer();
    const drawn = L.layerGroup();
    const next = L.polyline([], { color: INK, weight: 2, dashArray: '4 6', interactive: false });
    let points = [];
    let cursor = null;
    const panel = new hazardmap.Panel('measure', 'measure.title', write, { onOpen: begin, onClose: end, focus: container })
      .tool('measure.tool', hazardmap.symbol('M3 17L17 3l4 4L7 21z', 'M7 13l2 2M10 10l2 2M13 7l2 2'));

    function begin() {
      hazardmap.measuring = true;
      container.classList.add('hm-measuring');
      map.doubleClickZoom.disable();
      drawn.addTo(map);
      next.addTo(map);
      draw();
    }

    function end() {
      hazardmap.measuring = false;
      container.classList.remove('hm-measuring');
      map.doubleClickZoom.enable();
      drawn.remove();
      next.remove();
      points = [];
    }

    function add({ lat, lng }) {
      const last = points.at(-1);
      if (points.length >= MOST || (last && map.latLngToContainerPoint(last).distanceTo(map.latLngToContainerPoint([lat, lng])) < 2)) return;
      points.push([lat, lng]);
      draw();
    }

    function back() {
      points.pop();
      draw();
    }

    function bent([lat1, lon1], [lat2, lon2]) {
      const { distance } = hazardmap.geodesic.inverse(lat1, lon1, lat2, lon2);
      return hazardmap.geodesic.line(lat1, lon1, lat2, lon2, Math.min(64, Math.ceil(distance / LONG)));
    }

    function draw() {
      drawn.clearLayers();
      const path = points.slice(1).flatMap((point, i) => bent(points[i], point));
      if (points.length > 2) L.polygon(points, { stroke: false, fillColor: INK, fillOpacity: 0.08, interactive: false }).addTo(drawn);
      L.polyline(path, { color: '#ffffff', weight: 6, opacity: 0.8, interactive: false }).addTo(drawn);
      L.polyline(path, { color: INK, weight: 3, interactive: false }).addTo(drawn);
      if (points.length > 2) L.polyline(bent(points.at(-1), points[0]), { color: INK, weight: 2, dashArray: '2 6', interactive: false }).addTo(drawn);
      for (const point of points) L.circleMarker(point, { radius: 5, color: INK, weight: 2, fillColor: '#ffffff', fillOpacity: 1, interactive: false }).addTo(drawn);
      lead();
      panel.write();
    }

    /* The leg that the next point would make: to the cursor, or to the middle of the map. */
    function lead() {
      const to = cursor ?? map.getCenter();
      next.setLatLngs(points.length ? bent(points.at(-1), [to.lat, to.lng]) : []);
      const row = panel.body.querySelector('.hm-to-cursor');
      if (row && points.length) row.textContent = legText(hazardmap.geodesic.inverse(...points.at(-1), to.lat, to.lng));
    }

    const legText = (leg) => hazardmap.say('measure.leg', { length: length(leg.distance), azimuth: azimuth(leg.azimuth) });

    function write(body) {
      const { legs, total, perimeter, area, crossed } = figures(points);
      const row = (key, text, name = '') => el('div', '', el('dt', '', hazardmap.say(key)), el('dd', name, text));
      const facts = el('dl', 'hm-figures');
      if (points.length) {
        facts.append(row('measure.distance', length(total), 'hm-total'));
        if (legs.length) facts.append(row('measure.last', legText(legs.at(-1)), 'hm-last'));
        facts.append(row('measure.next', '', 'hm-to-cursor'));
        if (perimeter !== null) facts.append(row('measure.perimeter', length(perimeter), 'hm-perimeter'), row('measure.area', crossed ? hazardmap.say('measure.crossed') : surface(area), 'hm-surface'));
      }
      const told = el('div', '', facts); // a list of facts keeps its own role
      told.setAttribute('role', 'status');
      const centre = hazardmap.action('measure.add', () => add(map.getCenter()));
      const last = hazardmap.action('measure.back', back), anew = hazardmap.action('measure.clear', () => { points = []; draw(); });
      last.disabled = anew.disabled = !points.length;
      const focused = [...body.querySelectorAll('.hm-action')].indexOf(document.activeElement);
      const list = legs.length > 1 ? el('details', 'hm-legs', el('summary', '', hazardmap.say('measure.legs', { count: legs.length })),
        el('ol', '', ...legs.map((leg) => el('li', '', legText(leg))))) : null;
      if (list && body.querySelector('.hm-legs')?.open) list.open = true;
      body.replaceChildren(el('p', 'hm-hint', hazardmap.say('measure.help')), told, el('p', 'hm-actions', centre, ' ', last, ' ', anew), ...(list ? [list] : []),
        el('p', 'hm-note', hazardmap.say('measure.note')));
      if (focused >= 0) (body.querySelectorAll('.hm-action')[focused].disabled ? centre : body.querySelectorAll('.hm-action')[focused]).focus();
      lead();
    }

    map.on('click', (event) => { if (hazardmap.measuring) add(event.latlng); });
    map.on('mousemove', (event) => { cursor = event.latlng; if (hazardmap.measuring) lead(); });
    map.on('mouseout', () => { cursor = null; if (hazardmap.measuring) lead(); });
    map.on('move', () => { if (hazardmap.measuring && !cursor) lead(); });
    container.addEventListener('keydown', (event) => {
      if (!hazardmap.measuring || event.target !== container) return;
      const does = { Enter: () => add(map.getCenter()), Backspace: back, Escape: () => panel.close() }[event.key];
      if (event.key.startsWith('Arrow')) { cursor = null; lead(); }
      if (!does) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      does();
    }, true);
    hazardmap.measure = { panel, add, figures, points: () => points };
  }

  Object.assign(hazardmap, { measureTool: measure, length, surface });
})(window.hazardmap);
