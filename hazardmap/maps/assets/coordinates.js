/* Coordinates as people type them → every place that they can mean. Nothing is guessed: where two readings are possible, both are
   given. Degrees (decimal, with minutes, with seconds; N S E W before or after, in Latin and Cyrillic; decimal comma), UTM with
   its zone, MGRS of any precision. All on WGS 84. Knows text and numbers; knows no map. */
(function (hazardmap) {
  'use strict';

  const LONGEST = 120;
  const NORTH_WORDS = /(?:С(?:\.?\s*Ш\.?|ЕВ(?:ЕР)?\.?)|ПН\.?\s*(?:Ш\.?)?|NORTH|شمال[اً]*)/g;
  const SOUTH_WORDS = /(?:Ю(?:\.?\s*Ш\.?|ЖН?\.?|Г\.?)|ПД\.?\s*(?:Ш\.?)?|SOUTH|جنوب[اً]*)/g;
  const EAST_WORDS = /(?:В(?:\.?\s*Д\.?|ОСТ(?:ОК)?\.?)|СХ\.?\s*(?:Д\.?)?|EAST|شرق[اً]*)/g;
  const WEST_WORDS = /(?:З(?:\.?\s*Д\.?|АП(?:АД)?\.?)|ЗХ\.?\s*(?:Д\.?)?|WEST|غرب[اً]*)/g;
  const LETTERS = { С: 'N', C: 'N', Ю: 'S', В: 'E', B: 'E', З: 'W' }; // a Latin C or B is what the keyboard gave for С or В

  /* One way of writing for signs that look alike. */
  function plain(text) {
    return text.replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660)).replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
      .replace(/٫/g, '.').replace(/،/g, ',').replace(/[\u200e\u200f\u061c]/g, '')
      .replace(/[º˚]/g, '°').replace(/[′’‘ʹ´`]/g, "'").replace(/[″”“„ʺ]/g, '"').replace(/''/g, '"').replace(/[−–—‒]/g, '-')
      .replace(/\s+/g, ' ').trim().toUpperCase();
  }

  const within = (latitude, longitude) => Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;

  // Degrees ---------------------------------------------------------------------------------------------------------------

  const lettered = (text) => text.replace(NORTH_WORDS, 'N').replace(SOUTH_WORDS, 'S').replace(EAST_WORDS, 'E').replace(WEST_WORDS, 'W')
    .replace(/[СCЮВBЗ]/g, (letter) => LETTERS[letter]);

  function tokens(text) {
    const found = [];
    const pattern = /([ΦΛ])|([NSEW])|([+-]?)(\d+(?:\.\d+)?)|([°'":])|([,;])| /y;
    while (pattern.lastIndex < text.length) {
      const part = pattern.exec(text);
      if (!part) return null;
      const [, axis, letter, sign, number, mark, separator] = part;
      const touches = (i) => text[i] !== undefined && text[i] !== ' ';
      if (axis || letter) found.push({ letter: axis || letter, before: touches(part.index - 1), after: touches(pattern.lastIndex) });
      else if (number) found.push({ number, sign });
      else if (mark) found.push({ mark });
      else if (separator) found.push({ separator });
    }
    return found;
  }

  const numbersIn = (list) => list.filter((token) => token.number).length;

  /* Where the second of two angles may begin among the tokens. A letter alone between two numbers can belong to either. */
  function cutsAt(list) {
    const at = (test) => list.flatMap((token, i) => (test(token) ? [i] : []));
    const separators = at((token) => token.separator), letters = at((token) => token.letter);
    if (separators.length > 1) return [];
    if (separators.length) return separators;
    const first = list.findIndex((token) => token.number);
    if (letters.length === 2) return [letters[0] < first ? letters[1] : letters[0] + 1];
    const degrees = at((token) => token.mark === '°');
    if (degrees.length === 2 && !letters.length) return [degrees[1] - 1];
    if (letters.length === 1 && letters[0] > first && letters[0] < list.length - 1) {
      const [letter] = letters, { before, after } = list[letter];
      return before === after ? [letter + 1, letter] : [before ? letter + 1 : letter];
    }
    const half = numbersIn(list) / 2;
    return Number.isInteger(half) ? at((token) => token.number).slice(half, half + 1) : [];
  }

  /* One angle: { value, axis: 'lat' | 'lon' | null, parts }, or null. */
  function angle(list) {
    const letters = list.filter((token) => token.letter), numbers = list.filter((token) => token.number);
    const marks = list.filter((token) => token.mark);
    if (letters.length > 1 || !numbers.length || numbers.length > 3) return null;
    const place = letters.length ? list.indexOf(letters[0]) : 0;
    if (place !== 0 && place !== list.length - 1) return null;
    const expected = ['°', "'", '"'];
    let seen = -1;
    for (const token of list) {
      if (token.number) seen++;
      else if (token.mark && token.mark !== expected[seen] && !(token.mark === ':' && seen < numbers.length - 1)) return null;
    }
    if (marks.length > numbers.length) return null;
    const values = numbers.map(({ number }) => Number(number));
    if (numbers.slice(0, -1).some(({ number }) => number.includes('.')) || numbers.slice(1).some(({ sign }) => sign)) return null;
    if (values.slice(1).some((value) => value >= 60)) return null;
    const [degrees, minutes = 0, seconds = 0] = values;
    const size = degrees + minutes / 60 + seconds / 3600;
    const letter = letters[0]?.letter ?? '';
    if (numbers[0].sign && 'NSEW'.includes(letter || '?')) return null; // a sign and a letter: which of them holds?
    const axis = letter === 'N' || letter === 'S' || letter === 'Φ' ? 'lat' : letter ? 'lon' : null;
    return { value: numbers[0].sign === '-' || letter === 'S' || letter === 'W' ? -size : size, axis, parts: numbers.length, marked: marks.length > 0 || letter !== '', exact: /\./.test(numbers.at(-1).number) };
  }

  function pairs(text) {
    const list = tokens(text);
    return list ? cutsAt(list).flatMap((cut) => paired(list, cut)) : [];
  }

  function paired(list, cut) {
    const [first, second] = [list.slice(0, cut), list.slice(cut)].map((side) => angle(side.filter((token) => !token.separator)));
    if (!first || !second || (first.parts !== second.parts && !(first.marked && second.marked))) return [];
    if (first.axis && first.axis === second.axis) return [];
    // Two whole numbers without any mark are a number of a plot sooner than a place.
    if (first.parts === 1 && !first.marked && !second.marked && !first.exact && !second.exact && !list.some((token) => token.separator)) return [];
    const kind = ['decimal', 'minutes', 'seconds'][Math.max(first.parts, second.parts) - 1];
    const known = first.axis ?? (second.axis === 'lat' ? 'lon' : second.axis === 'lon' ? 'lat' : null);
    return ['lat', 'lon'].filter((axis) => !known || axis === known).map((axis) => {
      const [latitude, longitude] = axis === 'lat' ? [first.value, second.value] : [second.value, first.value];
      return { kind, how: known ? null : axis === 'lat' ? 'latitude_first' : 'longitude_first', latitude, longitude };
    }).filter(({ latitude, longitude }) => within(latitude, longitude));
  }

  function degreesIn(text) {
    let bare = text.replace(/^GEO:/, '').replace(/\bLAT(?:ITUDE)?\b[.:=]?/g, 'Φ').replace(/\bLON(?:G|GITUDE)?\b[.:=]?/g, 'Λ')
      .replace(/(\d+)\s*D\s*(\d+)\s*M\s*([\d.,]+)\s*S/g, '$1°$2\'$3"').replace(/^[([]|[)\]]$/g, '');
    bare = lettered(bare);
    const writings = bare.includes('.') ? [bare] : [bare, bare.replace(/(\d+),(\d+)/g, '$1.$2')];
    const out = [];
    for (const writing of new Set(writings)) {
      if (!writing.includes('O')) out.push(...pairs(writing));
      else { // ouest, oeste: west; Ost: east
        out.push(...pairs(writing.replace(/O/g, 'W')).map((r) => ({ ...r, how: 'o_west' })), ...pairs(writing.replace(/O/g, 'E')).map((r) => ({ ...r, how: 'o_east' })));
      }
    }
    return out;
  }

  // UTM -------------------------------------------------------------------------------------------------------------------

  const METRES = String.raw`([EN])?[ :=]*(\d{5,8}(?:\.\d+|,\d{1,3}(?=[ ;,]|$))?) ?(?:M(?![A-Z]))?([EN](?![A-Z]))?`;
  const PAIR = `${METRES}[ ,;]+${METRES}`;
  const ZONED = [new RegExp(`^(\\d{1,2}) ?([A-Z])?[ ,;]+${PAIR}$`), new RegExp(`^${PAIR}[ ,;]+(\\d{1,2}) ?([A-Z])?$`)];
  const ZONELESS = new RegExp(`^${PAIR}$`);

  function utmIn(text) {
    let bare = text.replace(/^EPSG:? ?32([67])(\d\d)\b/, (whole, half, zone) => `${zone}${half === '6' ? '+' : '-'}`);
    const half = /^\d\d([+-])/.exec(bare)?.[1];
    bare = bare.replace(/^(\d\d)[+-]/, '$1').replace(/\b(?:UTM|ZONE|EASTING|NORTHING)\b[:=]?|ЗОНА/g, (word) => ({ EASTING: 'E', NORTHING: 'N' }[word.replace(/[:=]/, '')] ?? ' '))
      .replace(/\s+/g, ' ').trim();
    const before = ZONED[0].exec(bare), after = before ? null : ZONED[1].exec(bare);
    if (!before && !after) return { readings: [], hint: ZONELESS.test(bare) ? 'no_zone' : null };
    const [zone, letter] = before ? before.slice(1, 3) : after.slice(7, 9);
    const [p1, a, s1, p2, b, s2] = before ? before.slice(3) : after.slice(1, 7);
    if (zone < 1 || zone > 60 || 'ABIOYZ'.includes(letter || '?')) return { readings: [], hint: 'zone' };
    const [m1, m2] = [p1 ?? s1, p2 ?? s2].map((mark) => mark ?? null);
    if (m1 && m1 === m2) return { readings: [], hint: null };
    const metres = [a, b].map((number) => Number(number.replace(',', '.')));
    const northingFirst = m1 === 'N' || m2 === 'E' ? [true] : m1 || m2 ? [false] : [false, true];
    const readings = northingFirst.flatMap((turned) => {
      const [easting, northing] = turned ? [metres[1], metres[0]] : metres;
      return placed(Number(zone), half ?? letter, easting, northing, turned);
    });
    return { readings, hint: readings.length ? null : 'utm_range' };
  }

  /* The letter after a zone is a half of the earth for some and a band of latitude for others: S can be either. */
  function placed(zone, letter, easting, northing, turned) {
    if (easting < 100_000 || easting > 900_000 || northing > 10_000_000) return [];
    const { grids } = hazardmap;
    const reading = (south, how) => {
      const { latitude, longitude } = grids.fromUtm(zone, south, easting, northing);
      return { kind: 'utm', how: turned ? 'northing_first' : how, latitude, longitude, zone, south };
    };
    const fits = ({ latitude, south }, band) => (latitude < 0) === south && grids.hasGrid(latitude) &&
      (!band || [-0.01, 0, 0.01].some((shift) => grids.hasGrid(latitude + shift) && grids.bandOf(latitude + shift) === band));
    if (letter === undefined) return [reading(false, 'north'), reading(true, 'south')].filter((found) => fits(found));
    if (letter === '+' || letter === 'N') return [reading(false, null)].filter((found) => fits(found));
    if (letter === '-') return [reading(true, null)].filter((found) => fits(found));
    if (letter === 'S') return [...[reading(false, 'band_s')].filter((found) => fits(found, 'S')), ...[reading(true, 'south_s')].filter((found) => fits(found))];
    return [reading(letter < 'N', null)].filter((found) => fits(found, letter));
  }

  // MGRS ------------------------------------------------------------------------------------------------------------------

  function mgrsIn(text) {
    const bare = text.replace(/^MGRS:?\s*/, '');
    if (!/^\d{1,2} ?[C-HJ-NP-X][ -]?[A-Z]{2}[\d -]*$/.test(bare)) return { readings: [], hint: null };
    let square;
    try {
      square = hazardmap.grids.fromMgrs(bare);
    } catch (error) {
      return { readings: [], hint: error.message === 'digits' ? 'mgrs_digits' : 'mgrs_letters' };
    }
    const { zone, south, easting, northing, side } = square;
    const middle = hazardmap.grids.fromUtm(zone, south, easting + side / 2, northing + side / 2);
    return { readings: [{ kind: 'mgrs', how: null, ...middle, square }], hint: null };
  }

  /* Every place that a text can mean, and what is wrong with it when it looks like a place and is none:
     { readings: [{ kind, how, latitude, longitude, square? }], hint: key or null, apart_m }. */
  function readCoordinates(typed) {
    if (typed.length > LONGEST) return { readings: [], hint: null, apart_m: 0 };
    const text = plain(typed).replace(/\bWGS ?-?84\b/g, '').trim();
    if (!/\d/.test(text)) return { readings: [], hint: null, apart_m: 0 };
    const grid = mgrsIn(text), utm = utmIn(text);
    const found = [...grid.readings, ...utm.readings, ...degreesIn(text)];
    const readings = found.filter((reading, i) => found.findIndex((other) => same(reading, other)) === i);
    let apart = 0;
    for (const one of readings) {
      for (const other of readings) apart = Math.max(apart, hazardmap.geodesic.inverse(one.latitude, one.longitude, other.latitude, other.longitude).distance);
    }
    return { readings, hint: readings.length ? null : grid.hint ?? utm.hint, apart_m: apart };
  }

  const same = (one, other) => Math.abs(one.latitude - other.latitude) < 1e-9 && Math.abs(one.longitude - other.longitude) < 1e-9;

  Object.assign(hazardmap, { readCoordinates });
})(window.hazardmap);
