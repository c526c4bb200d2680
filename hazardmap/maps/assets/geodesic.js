/* Distances, directions and areas on the ellipsoid of WGS 84. Vincenty's iteration over the auxiliary sphere, with the
   integrals taken by Gauss and Legendre in place of series; where it does not settle (points nearly opposite each other) the
   azimuth is searched for by halving. Areas: the exact area between an edge and the equator. Knows numbers only. */
(function (hazardmap) {
  'use strict';

  const RADIUS = 6378137, F = 1 / 298.257223563;
  const POLAR = RADIUS * (1 - F);
  const E2 = F * (2 - F), E = Math.sqrt(E2);
  const NODES = [0.09501250983763744, 0.2816035507792589, 0.45801677765722737, 0.6178762444026438, 0.755404408355003,
    0.8656312023878318, 0.9445750230732326, 0.9894009349916499];
  const WEIGHTS = [0.18945061045506864, 0.18260341504492364, 0.16915651939500265, 0.1495959888165767, 0.12462897125553407,
    0.0951585116824926, 0.062253523938647456, 0.027152459411754176];
  const PANEL = 0.35; // radians; the integrands are smooth
  const radians = (degrees) => degrees * Math.PI / 180;
  const degreesOf = (angle) => angle * 180 / Math.PI;
  // What lies within half a turn is left as it is: adding and taking away 180 would cost the digits that small areas need.
  const halfTurn = (degrees) => (Math.abs(degrees) <= 180 ? degrees : ((degrees + 180) % 360 + 360) % 360 - 180);

  /* Integrals of several functions over one stretch: `f(x)` gives a list. */
  function integrals(f, from, to) {
    const panels = Math.max(1, Math.ceil(Math.abs(to - from) / PANEL)), half = (to - from) / panels / 2;
    let sums = null;
    for (let p = 0; p < panels; p++) {
      const middle = from + (2 * p + 1) * half;
      NODES.forEach((node, i) => [-1, 1].forEach((side) => {
        const values = f(middle + side * node * half);
        sums ??= values.map(() => 0);
        values.forEach((value, k) => { sums[k] += WEIGHTS[i] * half * value; });
      }));
    }
    return sums;
  }

  const reduced = (latitude) => Math.atan((1 - F) * Math.tan(radians(latitude)));

  /* The great circle of the auxiliary sphere between two points: azimuths, and where on it they lie. */
  function circle(b1, b2, omega) {
    const south = Math.cos(b1) * Math.sin(b2) - Math.sin(b1) * Math.cos(b2) * Math.cos(omega);
    const east = Math.cos(b2) * Math.sin(omega);
    const arc = Math.atan2(Math.hypot(east, south), Math.sin(b1) * Math.sin(b2) + Math.cos(b1) * Math.cos(b2) * Math.cos(omega));
    return along(b1, Math.atan2(east, south), arc);
  }

  function along(b1, azimuth, arc) {
    const sin0 = Math.sin(azimuth) * Math.cos(b1), cos0 = Math.hypot(Math.cos(azimuth), Math.sin(azimuth) * Math.sin(b1));
    const start = Math.atan2(Math.sin(b1), Math.cos(azimuth) * Math.cos(b1));
    return { azimuth, sin0, cos0, start, end: start + arc, k2: E2 / (1 - E2) * cos0 * cos0 };
  }

  const stretch = (path, x) => Math.sqrt(1 + path.k2 * Math.sin(x) ** 2);
  /* How far the longitude on the ellipsoid lags behind that on the sphere. */
  const lag = (path) => F * path.sin0 * integrals((x) => [(2 - F) / (1 + (1 - F) * stretch(path, x))], path.start, path.end)[0];
  const lengthOf = (path) => POLAR * integrals((x) => [stretch(path, x)], path.start, path.end)[0];

  /* The path between two places, or null where the iteration does not settle. */
  function settle(b1, b2, difference) {
    let omega = difference;
    for (let i = 0; i < 60; i++) {
      const path = circle(b1, b2, omega);
      const next = difference + lag(path);
      if (Math.abs(next) > Math.PI) return null;
      if (Math.abs(next - omega) < 1e-15) return path;
      if (i > 20 && Math.abs(next - omega) < 1e-13) return path;
      omega = next;
    }
    return null;
  }

  /* The shortest path between points that are nearly opposite each other: b1 ≤ 0, |b1| ≥ |b2|, difference ≥ 0. */
  function search(b1, b2, difference) {
    const pathFor = (azimuth) => {
      const cos2 = Math.sqrt(Math.max(0, Math.cos(azimuth) ** 2 * Math.cos(b1) ** 2 + Math.cos(b2) ** 2 - Math.cos(b1) ** 2)) / Math.cos(b2);
      const path = along(b1, azimuth, 0);
      path.end = Math.atan2(Math.sin(b2), cos2 * Math.cos(b2));
      if (path.end < path.start) path.end += 2 * Math.PI;
      path.azimuth2 = Math.atan2(path.sin0, cos2 * Math.cos(b2));
      return path;
    };
    const eastOf = (path) => {
      const at = (x) => Math.atan2(path.sin0 * Math.sin(x), Math.cos(x));
      const turned = at(path.end) - at(path.start);
      return (turned < 0 ? turned + 2 * Math.PI : turned) - lag(path);
    };
    let [low, high] = [0, Math.PI];
    for (let i = 0; i < 80; i++) {
      const middle = (low + high) / 2;
      if (eastOf(pathFor(middle)) < difference) low = middle; else high = middle;
    }
    return pathFor((low + high) / 2);
  }

  /* Distance in metres and azimuths in degrees from true north, at the start and at the end. */
  function inverse(lat1, lon1, lat2, lon2) {
    const difference = radians(halfTurn(lon2 - lon1));
    const [b1, b2] = [reduced(lat1), reduced(lat2)];
    if (lat1 === lat2 && difference === 0) return { distance: 0, azimuth: 0, azimuth2: 0, path: null };
    const path = settle(b1, b2, difference);
    if (path) {
      const end = Math.atan2(path.sin0, path.cos0 * Math.cos(path.end));
      return { distance: lengthOf(path), azimuth: bearing(path.azimuth), azimuth2: bearing(end), path };
    }
    const eastward = difference < 0 ? -1 : 1, swapped = Math.abs(b1) < Math.abs(b2);
    let [p, q] = swapped ? [b2, b1] : [b1, b2];
    const northward = p > 0 ? -1 : 1;
    [p, q] = [northward * p, northward * q];
    const found = search(p === 0 ? -1e-300 : p, q, Math.abs(difference));
    const turn = (azimuth) => Math.atan2(Math.sin(azimuth) * eastward, Math.cos(azimuth) * northward * (swapped ? -1 : 1));
    const [first, last] = [turn(found.azimuth), turn(found.azimuth2)];
    return { distance: lengthOf(found), azimuth: bearing(swapped ? last : first), azimuth2: bearing(swapped ? first : last), path: null };
  }

  const bearing = (angle) => (degreesOf(angle) + 360) % 360;

  /* Area between the equator and a latitude for each radian of longitude, at a reduced latitude. */
  function strip(sin) {
    const cos = Math.sqrt(Math.max(0, 1 - sin * sin)), of = sin / Math.hypot(sin, (1 - F) * cos); // sine of the latitude
    return POLAR * POLAR / 2 * (of / (1 - E2 * of * of) + Math.atanh(E * of) / E);
  }

  /* Area between an edge and the equator, positive eastward in the north. */
  function under(lat1, lon1, lat2, lon2) {
    const difference = radians(halfTurn(lon2 - lon1));
    if (!difference) return 0;
    const { path } = inverse(lat1, lon1, lat2, lon2);
    if (!path) return NaN; // as long as half the earth
    const [weighted, weights] = integrals((x) => {
      const sin = path.cos0 * Math.sin(x), cos2 = 1 - sin * sin;
      const weight = Math.sqrt(1 - E2 * cos2) / cos2;
      return [weight * strip(sin), weight];
    }, path.start, path.end);
    return difference * weighted / weights; // as a mean, so that errors of the azimuth do not matter
  }

  /* Signed area of a ring of [latitude, longitude] in m²; positive when it goes round against the clock. No pole inside. */
  function areaOf(ring) {
    let sum = 0;
    ring.forEach(([lat, lon], i) => {
      const [lat2, lon2] = ring[(i + 1) % ring.length];
      sum -= under(lat, lon, lat2, lon2);
    });
    return sum;
  }

  /* Points of the shortest line between two places, for drawing: longitudes run on without a jump. */
  function line(lat1, lon1, lat2, lon2, pieces) {
    const { path } = inverse(lat1, lon1, lat2, lon2);
    const end = [lat2, lon1 + halfTurn(lon2 - lon1)];
    if (!path || pieces < 2) return [[lat1, lon1], end];
    const at = (x) => Math.atan2(path.sin0 * Math.sin(x), Math.cos(x));
    const out = [[lat1, lon1]];
    for (let i = 1; i < pieces; i++) {
      const x = path.start + (path.end - path.start) * i / pieces;
      const turned = halfTurn(degreesOf(at(x) - at(path.start)));
      const latitude = degreesOf(Math.atan2(path.cos0 * Math.sin(x), (1 - F) * Math.hypot(path.sin0, path.cos0 * Math.cos(x))));
      out.push([latitude, lon1 + turned - degreesOf(lag({ ...path, end: x }))]);
    }
    return [...out, end];
  }

  Object.assign(hazardmap, { geodesic: { inverse, areaOf, line } });
})(window.hazardmap);
