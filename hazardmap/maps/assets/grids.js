/* Positions as UTM and MGRS references on WGS 84, and back. The projection is Krüger's series in the third flattening
   (coefficients to the fourth power: better than 0.001 mm within six degrees of the central meridian). Knows numbers only. */
(function (hazardmap) {
  'use strict';

  const RADIUS = 6378137, FLATTENING = 1 / 298.257223563; // WGS 84
  const N = FLATTENING / (2 - FLATTENING);
  const ECCENTRICITY = Math.sqrt(FLATTENING * (2 - FLATTENING));
  const RECTIFYING = RADIUS / (1 + N) * (1 + N ** 2 / 4 + N ** 4 / 64);
  const SCALE = 0.9996, EAST = 500_000, SOUTH = 10_000_000;
  const FORWARD = [
    N / 2 - 2 / 3 * N ** 2 + 5 / 16 * N ** 3 + 41 / 180 * N ** 4,
    13 / 48 * N ** 2 - 3 / 5 * N ** 3 + 557 / 1440 * N ** 4,
    61 / 240 * N ** 3 - 103 / 140 * N ** 4,
    49561 / 161280 * N ** 4,
  ];
  const BACK = [
    N / 2 - 2 / 3 * N ** 2 + 37 / 96 * N ** 3 - 1 / 360 * N ** 4,
    1 / 48 * N ** 2 + 1 / 15 * N ** 3 - 437 / 1440 * N ** 4,
    17 / 480 * N ** 3 - 37 / 840 * N ** 4,
    4397 / 161280 * N ** 4,
  ];
  const BANDS = 'CDEFGHJKLMNPQRSTUVWX';
  const COLUMNS = ['STUVWXYZ', 'ABCDEFGH', 'JKLMNPQR']; // by zone modulo 3
  const ROWS = 'ABCDEFGHJKLMNPQRSTUV';
  const SQUARE = 100_000;
  const radians = (degrees) => degrees * Math.PI / 180;
  const degreesOf = (angle) => angle * 180 / Math.PI;

  /* UTM reaches from 80° S to 84° N. */
  const hasGrid = (latitude) => latitude >= -80 && latitude <= 84;
  const bandOf = (latitude) => BANDS[Math.min(19, Math.floor((latitude + 80) / 8))];
  const wrapped = (longitude) => ((longitude + 180) % 360 + 360) % 360 - 180;

  /* The zone of a place, with the wide zones of Norway and Svalbard. */
  function zoneOf(latitude, longitude) {
    const east = wrapped(longitude);
    if (latitude >= 56 && latitude < 64 && east >= 3 && east < 12) return 32;
    if (latitude >= 72 && east >= 0 && east < 42) return [[9, 31], [21, 33], [33, 35], [42, 37]].find(([end]) => east < end)[1];
    return Math.floor((east + 180) / 6) + 1;
  }

  const meridianOf = (zone) => 6 * zone - 183;

  /* Tangent of the conformal latitude of a tangent of latitude. */
  function conformal(t) {
    const s = Math.sinh(ECCENTRICITY * Math.atanh(ECCENTRICITY * t / Math.hypot(1, t)));
    return t * Math.hypot(1, s) - s * Math.hypot(1, t);
  }

  /* Easting and northing in a zone: that of the place, or another one. Null beyond the grid. */
  function toUtm(latitude, longitude, zone = zoneOf(latitude, longitude)) {
    if (!hasGrid(latitude)) return null;
    const t = conformal(Math.tan(radians(latitude))), aside = radians(wrapped(longitude - meridianOf(zone)));
    const xi = Math.atan2(t, Math.cos(aside)), eta = Math.asinh(Math.sin(aside) / Math.hypot(t, Math.cos(aside)));
    let [x, y] = [eta, xi];
    FORWARD.forEach((factor, j) => {
      const k = 2 * (j + 1);
      y += factor * Math.sin(k * xi) * Math.cosh(k * eta);
      x += factor * Math.cos(k * xi) * Math.sinh(k * eta);
    });
    const south = latitude < 0;
    return { zone, band: bandOf(latitude), south, easting: EAST + SCALE * RECTIFYING * x, northing: (south ? SOUTH : 0) + SCALE * RECTIFYING * y };
  }

  function fromUtm(zone, south, easting, northing) {
    const y = (northing - (south ? SOUTH : 0)) / (SCALE * RECTIFYING), x = (easting - EAST) / (SCALE * RECTIFYING);
    let [xi, eta] = [y, x];
    BACK.forEach((factor, j) => {
      const k = 2 * (j + 1);
      xi -= factor * Math.sin(k * y) * Math.cosh(k * x);
      eta -= factor * Math.cos(k * y) * Math.sinh(k * x);
    });
    const wanted = Math.sin(xi) / Math.hypot(Math.sinh(eta), Math.cos(xi));
    const e2 = ECCENTRICITY ** 2;
    let t = wanted / (1 - e2);
    for (let i = 0; i < 8; i++) { // Newton's steps; three are enough
      const s = conformal(t);
      const step = (wanted - s) / Math.hypot(1, s) * (1 + (1 - e2) * t * t) / ((1 - e2) * Math.hypot(1, t));
      t += step;
      if (!(Math.abs(step) > 1e-15 * Math.max(1, Math.abs(t)))) break;
    }
    return { latitude: degreesOf(Math.atan(t)), longitude: wrapped(meridianOf(zone) + degreesOf(Math.atan2(Math.sinh(eta), Math.cos(xi)))) };
  }

  const rowShift = (zone) => (zone % 2 ? 0 : 5);

  /* A reference of `digits` digits for each direction (5: 1 m). Cut, never rounded: it names the square that the place is in. */
  function toMgrs(latitude, longitude, digits = 5) {
    const found = toUtm(latitude, longitude);
    if (!found) return null;
    const { zone, band, easting, northing } = found;
    const column = COLUMNS[zone % 3][Math.floor(easting / SQUARE) - 1];
    const row = ROWS[(Math.floor(northing / SQUARE) + rowShift(zone)) % 20];
    const cut = (metres) => String(Math.floor(metres % SQUARE)).padStart(5, '0').slice(0, digits);
    return [zone + band, column + row, ...(digits ? [cut(easting), cut(northing)] : [])].join(' ');
  }

  /* Where the places of a square can lie, looked at on a net of points. */
  const netOf = (zone, south, easting, northing, side) => [0, 0.25, 0.5, 0.75, 1].flatMap((u) =>
    [0, 0.25, 0.5, 0.75, 1].map((v) => fromUtm(zone, south, easting + u * side, northing + v * side)));

  /* Read a reference: its square, that is its south-western corner in UTM and its side in metres.
     Throws a text that says what is wrong: 'form', 'digits', 'letters'. */
  function fromMgrs(text) {
    const found = /^(\d{1,2})([C-HJ-NP-X])([A-HJ-NP-Z])([A-HJ-NP-V])(\d*)$/.exec(text.toUpperCase().replace(/[\s\-.]/g, ''));
    if (!found) throw new Error('form');
    const [, zoneText, band, columnLetter, rowLetter, digits] = found;
    const zone = Number(zoneText), half = digits.length / 2;
    if (digits.length % 2 || half > 5) throw new Error('digits');
    const column = zone >= 1 && zone <= 60 ? COLUMNS[zone % 3].indexOf(columnLetter) : -1;
    if (column < 0) throw new Error('letters');
    const side = 10 ** (5 - half), south = band < 'N';
    const easting = (column + 1) * SQUARE + Number(digits.slice(0, half) || 0) * side;
    const low = ((ROWS.indexOf(rowLetter) - rowShift(zone) + 20) % 20) * SQUARE + Number(digits.slice(half) || 0) * side;
    for (let northing = low; northing < SOUTH; northing += 20 * SQUARE) {
      const there = netOf(zone, south, easting, northing, side).some(({ latitude, longitude }) =>
        hasGrid(latitude) && bandOf(latitude) === band && zoneOf(latitude, longitude) === zone);
      if (there) return { zone, band, south, easting, northing, side };
    }
    throw new Error('letters');
  }

  /* Corners of a square of the grid; its sides are not quite straight on the map, so each has points between. */
  function outlineOf({ zone, south, easting, northing, side }) {
    const out = [];
    for (const [u, v, du, dv] of [[0, 0, 1, 0], [1, 0, 0, 1], [1, 1, -1, 0], [0, 1, 0, -1]]) {
      for (let k = 0; k < 8; k++) out.push(fromUtm(zone, south, easting + (u + du * k / 8) * side, northing + (v + dv * k / 8) * side));
    }
    return out;
  }

  Object.assign(hazardmap, { grids: { toUtm, fromUtm, toMgrs, fromMgrs, outlineOf, zoneOf, bandOf, hasGrid, BANDS } });
})(window.hazardmap);
