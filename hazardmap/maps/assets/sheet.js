/* A map on paper: its scale, its picture painted again at the sharpness of print, the grid over it, the scale bar. A place on
   the sheet is in CSS pixels, 96 to the inch; `frame` says which part of the world the sheet shows. */
(function (hazardmap) {
  'use strict';

  const SVG = 'http://www.w3.org/2000/svg';
  const MM = 96 / 25.4; // CSS pixels
  const RATIO = 300 / 96; // points of print for one CSS pixel
  const MOST = 64e6; // points of one picture; a browser that cannot hold them gets fewer
  const TILE = 512;
  const RADIUS = 6378137, SQUARED = 0.00669437999014; // WGS 84: equator, eccentricity²
  const GRID_MM = 24; // lines of the grid are at least this far apart
  const COLLAR = 5 * MM; // for the numbers of the grid

  function svg(tag, attributes, ...children) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  /* 1, 2 or 5 and noughts: the first that is not smaller. */
  function round(value) {
    const ten = 10 ** Math.floor(Math.log10(value) + 1e-9);
    return [1, 2, 5, 10].map((k) => k * ten).find((k) => k >= value * (1 - 1e-9));
  }

  /* Metres on the ground, from west to east, of one pixel of the world at zoom 20. */
  const metres = (latitude) => {
    const sine = Math.sin(latitude * Math.PI / 180);
    return 2 * Math.PI * RADIUS / hazardmap.WORLD * Math.cos(latitude * Math.PI / 180) / Math.sqrt(1 - SQUARED * sine * sine);
  };

  const PAPER_METRE = 0.0254 / 96; // of one CSS pixel

  /* What a reader sees of the map: the legend at its side covers the rest. */
  function viewOf(map) {
    const box = map.getContainer().getBoundingClientRect();
    const legend = map.getContainer().querySelector('.hm-legend:not(.hm-closed)');
    let [from, to] = [0, box.width];
    if (legend && box.width >= 720) {
      const covered = legend.getBoundingClientRect();
      if (covered.left - box.left > box.width / 2) to = covered.left - box.left; else from = covered.right - box.left;
    }
    return { west: map.containerPointToLatLng([from, 0]), east: map.containerPointToLatLng([to, box.height]),
      centre: map.containerPointToLatLng([(from + to) / 2, box.height / 2]) };
  }

  /* The part of the world on a sheet of `width` × `height`, at 1 : `denominator`, or as large as holds the view of the map. */
  function frameOf(map, width, height, denominator) {
    const { west: northWest, east: southEast, centre } = viewOf(map);
    const world = (latlng) => map.project(latlng, hazardmap.ZOOM);
    const middle = world(centre), ground = metres(centre.lat);
    if (!denominator) {
      const west = world(northWest), east = world(southEast);
      const needed = Math.max((east.x - west.x) / width, (east.y - west.y) / height) * ground / PAPER_METRE;
      denominator = Math.min(roundScale(needed), 2e8);
    }
    const scale = ground / (denominator * PAPER_METRE);
    const left = middle.x * scale - width / 2, top = middle.y * scale - height / 2;
    return {
      width, height, denominator, scale, left, top, centre,
      zoom: Math.log2(scale) + hazardmap.ZOOM,
      at: (latitude, longitude) => { const p = world(L.latLng(latitude, longitude)); return [p.x * scale - left, p.y * scale - top]; },
      place: (x, y) => map.unproject([(x + left) / scale, (y + top) / scale], hazardmap.ZOOM),
    };
  }

  /* Scales that a map sheet has: 1 : 1,000, 2,000, 2,500, 5,000, 10,000, 15,000, 20,000, 25,000 … */
  function roundScale(needed) {
    const ten = 10 ** Math.floor(Math.log10(needed) + 1e-9);
    return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8, 10].map((k) => k * ten).find((k) => k >= needed * (1 - 1e-9));
  }

  /* All that is painted on canvas tiles, the lowest first. */
  function paintersOf(map) {
    const found = [];
    map.eachLayer((layer) => { if (layer instanceof hazardmap.CanvasTiles) found.push(layer); });
    const height = (layer) => Number(getComputedStyle(layer.getPane()).zIndex) || 0;
    return found.sort((a, b) => height(a) - height(b));
  }

  /* The picture: the painters of the screen, a piece at a time, on one canvas at the sharpness of print. */
  function picture(frame) {
    const ratio = Math.min(RATIO, Math.sqrt(MOST / (frame.width * frame.height)));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(frame.width * ratio);
    canvas.height = Math.round(frame.height * ratio);
    const pen = canvas.getContext('2d');
    const piece = document.createElement('canvas');
    piece.width = piece.height = Math.round(TILE * ratio);
    const ctx = piece.getContext('2d');
    const painters = paintersOf(hazardmap.map);
    for (const painter of painters) painter.sheetBegins?.();
    const words = hazardmap.data.words;
    hazardmap.data.words = new Map(); // the words of this scale, not of a zoom of the screen
    try {
      for (let y = 0; y < frame.height; y += TILE) {
        for (let x = 0; x < frame.width; x += TILE) {
          const view = { zoom: frame.zoom, scale: frame.scale, size: TILE, ratio: piece.width / TILE, left: frame.left + x, top: frame.top + y };
          ctx.setTransform(1, 0, 0, 1, 0, 0);
          ctx.clearRect(0, 0, piece.width, piece.height);
          ctx.scale(view.ratio, view.ratio);
          for (const painter of painters) painter.paint(ctx, view);
          pen.drawImage(piece, x * ratio, y * ratio);
        }
      }
    } finally {
      hazardmap.data.words = words;
      canvas.left = painters.filter((painter) => painter.sheetEnds?.()).length; // base maps of which pictures are missing
    }
    return canvas;
  }

  /* Resolves when all that the last sheet asked for can be painted. */
  const whole = () => Promise.all(paintersOf(hazardmap.map).map((painter) => painter.decoded?.()));

  /* Where a line of points crosses one edge of the sheet: `axis` 0 is a line x = bound, 1 a line y = bound. */
  function crossing(points, axis, bound) {
    for (let i = 1; i < points.length; i++) {
      const a = points[i - 1][axis] - bound, b = points[i][axis] - bound;
      if (a === b || a > 0 === b > 0) continue;
      const t = a / (a - b), other = 1 - axis;
      return points[i - 1][other] + t * (points[i][other] - points[i - 1][other]);
    }
    return null;
  }

  /* Range of a grid on the sheet, from points along its edges. Null where UTM is of no use: polar, or far too wide. */
  function reach(frame) {
    const edge = [];
    for (let k = 0; k <= 8; k++) {
      const x = frame.width * k / 8, y = frame.height * k / 8;
      edge.push([x, 0], [x, frame.height], [0, y], [frame.width, y]);
    }
    const places = edge.map(([x, y]) => frame.place(x, y));
    const { zone, south } = hazardmap.grids.toUtm(frame.centre.lat, frame.centre.lng) || {};
    const meridian = 6 * zone - 183;
    if (!zone || places.some(({ lat, lng }) => lat < -79.5 || lat > 83.5 || Math.abs(lng - meridian) > 7)) return null;
    const found = places.map(({ lat, lng }) => hazardmap.grids.toUtm(lat, lng, zone));
    const shift = (utm) => utm.northing + (utm.south === south ? 0 : south ? 1e7 : -1e7); // across the equator
    const range = (values) => [Math.min(...values), Math.max(...values)];
    return { zone, south, east: range(found.map((utm) => utm.easting)), north: range(found.map(shift)) };
  }

  /* The UTM grid: thin lines, numbered in the collar. Gives { element, text }; `text` names the grid and its step. */
  function grid(frame) {
    const { width, height } = frame;
    const element = svg('svg', {
      class: 'hm-grid', width: width + 2 * COLLAR, height: height + 2 * COLLAR,
      viewBox: [-COLLAR, -COLLAR, width + 2 * COLLAR, height + 2 * COLLAR].join(' '), role: 'img', 'aria-label': hazardmap.say('print.grid'),
    });
    element.append(svg('defs', {}, svg('clipPath', { id: 'hm-sheet-clip' }, svg('rect', { x: 0, y: 0, width, height }))));
    const there = reach(frame);
    const text = there ? addLines(element, frame, there) : hazardmap.say('print.no_grid');
    element.append(svg('rect', { x: 0, y: 0, width, height, fill: 'none', stroke: '#10202c', 'stroke-width': 1.2 }), north(frame));
    return { element, text };
  }

  function addLines(element, frame, { zone, south, east, north: northings }) {
    const { width, height } = frame;
    const step = round(GRID_MM / 1000 * frame.denominator);
    const lines = svg('g', { fill: 'none', stroke: '#1f4e79', 'stroke-width': 0.5, 'stroke-opacity': 0.75, 'clip-path': 'url(#hm-sheet-clip)' });
    const numbers = svg('g', { fill: '#10202c', 'font-size': 8.5, 'text-anchor': 'middle' });
    element.append(lines, numbers);
    const digits = step >= 1000 ? 0 : step >= 100 ? 1 : step >= 10 ? 2 : 3;
    const number = (value, x, y, turned) => numbers.append(svg('text', {
      x, y, 'dominant-baseline': 'central', ...(turned ? { transform: `rotate(-90 ${x} ${y})` } : {}),
    }, (value / 1000).toFixed(digits)));
    const along = ([low, high]) => Array.from({ length: 25 }, (_, k) => low + (high - low) * (k - 2) / 20);
    const line = (points) => lines.append(svg('polyline', { points: points.map((p) => p.map((v) => v.toFixed(2)).join(',')).join(' ') }));
    const point = (easting, northing) => { const { latitude, longitude } = hazardmap.grids.fromUtm(zone, south, easting, northing); return frame.at(latitude, longitude); };
    const inside = (value, end) => value !== null && value > 6 && value < end - 6;
    for (let e = Math.ceil(east[0] / step) * step; e <= east[1]; e += step) {
      const points = along(northings).map((n) => point(e, n));
      line(points);
      for (const [bound, y] of [[0, -COLLAR / 2], [height, height + COLLAR / 2]]) {
        const x = crossing(points, 1, bound);
        if (inside(x, width)) number(e, x, y, false);
      }
    }
    for (let n = Math.ceil(northings[0] / step) * step; n <= northings[1]; n += step) {
      const points = along(east).map((e) => point(e, n));
      line(points);
      for (const [bound, x] of [[0, -COLLAR / 2], [width, width + COLLAR / 2]]) {
        const y = crossing(points, 0, bound);
        if (inside(y, height)) number(n, x, y, true);
      }
    }
    return hazardmap.say('print.grid_of', { zone: zone + (south ? 'S' : 'N'), step: length(step) });
  }

  function north(frame) {
    const x = frame.width - 24, y = 14;
    return svg('g', { class: 'hm-north' },
      svg('path', { d: `M${x} ${y}l9 34l-9-7l-9 7z`, fill: '#ffffff', stroke: '#ffffff', 'stroke-width': 4, 'stroke-linejoin': 'round' }),
      svg('path', { d: `M${x} ${y}l9 34l-9-7z`, fill: '#ffffff', stroke: '#10202c', 'stroke-width': 1, 'stroke-linejoin': 'round' }),
      svg('path', { d: `M${x} ${y}l-9 34l9-7z`, fill: '#10202c', stroke: '#10202c', 'stroke-width': 1, 'stroke-linejoin': 'round' }),
      svg('text', {
        x, y: y + 46, 'text-anchor': 'middle', 'font-size': 13, 'font-weight': 700, fill: '#10202c', stroke: '#ffffff', 'stroke-width': 3, 'paint-order': 'stroke',
      }, hazardmap.say('print.north')));
  }

  const length = (value) => (value < 1000 ? hazardmap.unit('m', hazardmap.number(value, 0)) : hazardmap.unit('km', hazardmap.number(value / 1000, 1)));

  /* Four fields of equal length, as many metres as have room in `most` millimetres; true at the middle of the sheet. */
  function scaleBar(frame, most) {
    const room = (most - 14) / 1000 * frame.denominator / 4;
    const ten = 10 ** Math.floor(Math.log10(room));
    const step = [5, 2.5, 2, 1].map((k) => k * ten).find((k) => k <= room) ?? ten;
    const whole = 4 * step, mm = whole * 1000 / frame.denominator;
    const bar = svg('svg', { class: 'hm-scale-bar', width: (mm + 14) + 'mm', height: '9mm', viewBox: `-7 0 ${mm + 14} 9`, role: 'img', 'aria-label': length(whole) });
    for (let k = 0; k < 4; k++) {
      bar.append(svg('rect', {
        x: k * mm / 4, y: 4.6, width: mm / 4, height: 1.6, fill: k % 2 ? '#ffffff' : '#10202c', stroke: '#10202c', 'stroke-width': 0.25,
      }));
    }
    for (const k of [0, 2, 4]) {
      const text = k === 4 ? length(whole) : hazardmap.number(whole >= 1000 ? k * step / 1000 : k * step, 2);
      bar.append(svg('text', { x: k * mm / 4, y: 3.6, 'text-anchor': 'middle', 'font-size': 2.7, fill: '#10202c' }, text));
    }
    bar.dataset.metres = whole;
    bar.dataset.mm = mm;
    return bar;
  }

  Object.assign(hazardmap, { sheet: { MM, COLLAR, frameOf, picture, whole, grid, scaleBar, svg } });
})(window.hazardmap);
