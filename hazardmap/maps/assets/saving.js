/* What is shown now as a file: GeoJSON (RFC 7946) or CSV, with the day, the sources, the disclaimer and the mark of example data in
   the file and in each of its rows, because rows go their own ways. Text of the records is text: nothing that a spreadsheet runs.
   Knows records; the panel is small. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  const DIGITS = 1e7; // of a degree; positions are whole numbers of the map, 15 cm or finer
  const STARTS = '=+\\-@\uff1d\uff0b\uff0d\uff20';
  const AT_START = new RegExp(`^(?:\\s*[${STARTS}]|[\\t\\r\\n])`), INSIDE = new RegExp(`([;\\t\\r\\n])(?=\\s*[${STARTS}])`, 'g');
  const UNFIT = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

  const degrees = (value) => Math.round(value * DIGITS) / DIGITS;
  const placeOf = (x, y) => [degrees(x / hazardmap.WORLD * 360 - 180),
    degrees(Math.atan(Math.sinh(Math.PI * (1 - 2 * y / hazardmap.WORLD))) * 180 / Math.PI)];

  /* The geometry of a feature. Outer rings run against the clock, holes with it: so they are packed, and so RFC 7946 wants them. */
  function geometryOf(block, feature) {
    if (block.shape === 'none') return null;
    const parts = [];
    for (let p = block.featureStart[feature]; p < block.featureStart[feature + 1]; p++) {
      const part = [];
      for (let i = block.partStart[p]; i < block.partStart[p + 1]; i++) part.push(placeOf(block.x[i], block.y[i]));
      if (block.shape !== 'polygon') { parts.push(block.shape === 'point' ? part[0] : part); continue; }
      part.push(part[0]);
      if (block.isOuter[p] || !parts.length) parts.push([part]); else parts.at(-1).push(part);
    }
    const kind = { polygon: 'Polygon', line: 'LineString', point: 'Point' }[block.shape];
    return parts.length === 1 ? { type: kind, coordinates: parts[0] } : { type: 'Multi' + kind, coordinates: parts };
  }

  /* The columns of a layer that are told to readers, in their order. */
  const columnsOf = (layer) => [...new Set([layer.heading, ...layer.attributes.flatMap(({ column, kind }) =>
    (kind === 'share' ? [column + '_m2', column + '_pct'] : kind === 'nearest' ? ['nearest_hazard_id', 'nearest_hazard_m', 'nearest_direction'] : [column]))])].filter(Boolean);

  /* On the map now: somebody who adds a control of layers can take all records off at once. */
  const isOn = ({ shown }) => shown && hazardmap.map.hasLayer(hazardmap.data);

  /* What is said about every row. */
  function imprint(scope) {
    const { manifest, filters } = hazardmap;
    const hidden = filters.active.map(({ name }) => `${name}: ${[...filters.hidden.get(name)].map((v) => v || 'not stated').join(', ')}`);
    const off = hazardmap.data.layers.filter((layer) => layer.rows && !isOn(layer)).map(({ layer }) => layer);
    const plots = hazardmap.data.layers.find(({ layer }) => layer === 'verdicts');
    const verdicts = plots ? [...plots.off].map((at) => plots.symbols[at].code) : [];
    return {
      title: manifest.title, state_on: manifest.on, records_up_to: manifest.as_of, source: manifest.sources,
      disclaimer: manifest.disclaimer, absence: manifest.absence, ...(manifest.fictitious ? { fictitious: manifest.fictitious } : {}),
      part: { map: 'whole map', view: 'features whose box meets the view', chosen: 'records that were chosen' }[scope],
      hidden_by_filter: [...hidden, ...(verdicts.length ? ['verdict: ' + verdicts.join(', ')] : [])].join('; ') || null,
      layers_switched_off: off.join(', ') || null,
    };
  }

  /* Call `visit(hit)` for everything that is shown, in the order of danger of layers; or for what the card tells. */
  function shown(box, scope, visit) {
    const { manifest, data, records } = hazardmap;
    if (scope === 'chosen') { hazardmap.card.told.forEach(visit); return; }
    for (const name of manifest.danger) {
      const layer = data.layers.find((l) => l.layer === name);
      if (!layer || !isOn(layer)) continue;
      for (const block of [...layer.blocks, ...layer.loose]) {
        records.each(block, box, (feature) => { const hit = records.hitOf(layer, block, feature); if (records.isShown(hit)) visit(hit); });
      }
    }
  }

  function geojson(box, scope) {
    const told = imprint(scope);
    const mark = { state_on: told.state_on, records_up_to: told.records_up_to, source_of_map: told.source, disclaimer: told.disclaimer, ...(told.fictitious ? { fictitious: told.fictitious } : {}) };
    const features = [];
    shown(box, scope, ({ layer, block, feature, sign }) => {
      const properties = { layer: layer.layer, sign: layer.symbols[sign]?.code ?? null };
      for (const column of columnsOf(layer)) properties[column] = block.value(column, feature);
      features.push((features.length ? ',\n' : '') + JSON.stringify({ type: 'Feature', geometry: geometryOf(block, feature), properties: { ...properties, ...mark } }));
    });
    const head = JSON.stringify({ ...told, features: features.length, positions: 'WGS 84, on the grid of the map: 0.15 m or finer' });
    return { text: ['{"type":"FeatureCollection","hazardmap":', head, ',"features":[\n', ...features, '\n]}\n'], count: features.length };
  }

  /* As sheets/cells.py does it: an apostrophe where a spreadsheet could see the start of a formula. */
  function defused(text) {
    const clean = text.replace(/\r\n?/g, '\n').replace(UNFIT, '\ufffd');
    return (AT_START.test(clean) ? "'" : '') + clean.replace(INSIDE, "$1'");
  }

  function cell(value) {
    if (value === null || value === undefined) return '';
    if (typeof value === 'number') return String(value);
    const text = defused(Array.isArray(value) ? value.join('; ') : String(value));
    return /[",\n\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  }

  function csv(box, scope) {
    const told = imprint(scope);
    const { manifest, data } = hazardmap;
    const layers = manifest.danger.map((name) => data.layers.find((l) => l.layer === name)).filter((layer) => layer && layer.rows &&
      (scope === 'chosen' ? hazardmap.card.told.some((hit) => hit.layer === layer) : isOn(layer)));
    const columns = [...new Set(layers.flatMap(columnsOf))];
    const lines = [];
    const last = Object.entries(told).map(([name, value]) => ['map_' + name, cell(value)]);
    const end = last.map(([, text]) => text);
    lines.push('\ufeff' + ['layer', 'sign', 'longitude', 'latitude', ...columns, ...last.map(([name]) => name)].join(',') + '\r\n');
    shown(box, scope, ({ layer, block, feature, sign }) => {
      const known = new Set(columnsOf(layer));
      const middle = block.shape === 'none' ? [null, null] : placeOf((block.box[4 * feature] + block.box[4 * feature + 2]) / 2, (block.box[4 * feature + 1] + block.box[4 * feature + 3]) / 2);
      lines.push([layer.layer, cell(layer.symbols[sign]?.code), ...middle.map(cell), ...columns.map((column) => (known.has(column) ? cell(block.value(column, feature)) : '')), ...end].join(',') + '\r\n');
    });
    if (lines.length === 1) lines.push(['(none)', '', '', '', ...columns.map(() => ''), ...end].join(',') + '\r\n'); // the imprint even so
    return { text: lines, count: lines.length - 1 };
  }

  const FORMS = { geojson: { make: geojson, type: 'application/geo+json' }, csv: { make: csv, type: 'text/csv' } };

  /* Make the file and hand it to the browser; gives its name, its content and how many rows it has. */
  function save(form, scope) {
    const box = scope === 'view' ? hazardmap.records.viewBox(hazardmap.map) : null;
    const { make, type } = FORMS[form];
    const { text, count } = make(box, scope);
    const blob = new Blob(text, { type });
    const name = [hazardmap.fold(hazardmap.manifest.title).replaceAll(' ', '-').slice(0, 60) || 'map', hazardmap.manifest.on].join('_') + '.' + form;
    const anchor = el('a');
    anchor.href = URL.createObjectURL(blob);
    anchor.download = name;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 60_000);
    return { name, blob, count };
  }

  function savingTool(address) {
    let scope = 'map', told = '';
    const write = (body) => {
      const chosen = document.activeElement?.name === 'hm-scope';
      const saving = (form) => hazardmap.action('saving.' + form, () => {
        hazardmap.saved = save(form, scope);
        tell(hazardmap.say('saving.saved', { count: hazardmap.saved.count, name: hazardmap.saved.name }));
      });
      const status = el('p', 'hm-hint hm-told', told);
      status.setAttribute('role', 'status');
      const tell = (text) => { told = text; status.textContent = text; };
      const chosenToo = hazardmap.card.told.length ? [['chosen', 'saving.chosen']] : [];
      if (scope === 'chosen' && !chosenToo.length) scope = 'map';
      body.replaceChildren(
        el('h3', '', hazardmap.say('saving.file')), el('p', 'hm-hint', hazardmap.say('saving.help')),
        hazardmap.either('scope', 'totals.of', [['map', 'totals.whole'], ['view', 'totals.view'], ...chosenToo], scope, (value) => { scope = value; }),
        el('p', 'hm-actions', saving('geojson'), ' ', saving('csv')),
        el('h3', '', hazardmap.say('saving.link')), el('p', 'hm-hint', hazardmap.say('saving.link_help')),
        el('p', 'hm-actions', hazardmap.action('saving.copy', async () => {
          hazardmap.copied = address();
          tell(await hazardmap.copy(hazardmap.copied) ? hazardmap.say('position.copied') : hazardmap.say('position.not_copied'));
        })), status);
      if (chosen) body.querySelector('input:checked').focus();
    };
    const panel = new hazardmap.Panel('saving', 'saving.title', write, { onOpen: () => { told = ''; } })
      .tool('saving.tool', hazardmap.symbol('M12 3v12M7 11l5 5 5-5', 'M4 17v4h16v-4'));
    hazardmap.data.on('selected', () => panel.write()); // the day moved: what was chosen is chosen no more
    return panel;
  }

  Object.assign(hazardmap, { savingTool, defused });
})(window.hazardmap);
