/* Printing: the sheet that stands for the page on paper, made when the browser is about to print and taken away after, whether
   the button or the browser's own command was used. What the sheet shows is on it with its legend, scale, grid and sentences. */
(function (hazardmap) {
  'use strict';

  const { el, say, word, sheet } = hazardmap;
  const PAPERS = { A4: [210, 297], A3: [297, 420] }; // millimetres, upright
  const MARGIN = 8; // millimetres
  const SCALES = [1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000];
  const TYPE = [8.5, 8, 7.5, 7]; // points of the legend, the largest that fits …
  const SMALL = [6.5, 6, 5.5]; // … in two columns also smaller
  const PLAIN = new Set(['plots', 'surveys', 'districts', 'coverage']); // one sign: named as its layer is
  const PATIENCE = 5000; // milliseconds for the pictures of a base map
  const wanted = { paper: 'A4', across: true, scale: 0 };
  let made = null;

  const sides = () => { const [short, long] = PAPERS[wanted.paper]; return wanted.across ? [long, short] : [short, long]; };

  const boxOf = (frame) => [frame.left, frame.top, frame.left + frame.width, frame.top + frame.height].map((v) => v / frame.scale);

  /* Signs of a layer that occur on the sheet. */
  function signsOn(layer, frame) {
    const seen = new Set();
    const box = boxOf(frame);
    for (const block of layer.blocks) {
      if (!block.count) continue;
      for (const feature of block.index.search(...box, hazardmap.holding(block))) {
        if (!hazardmap.records.passes(block, feature)) continue;
        seen.add(block.signAt('symbol', feature));
        if (block.columns.flag) seen.add(block.signAt('flag', feature));
      }
    }
    return layer.symbols.filter((_, s) => seen.has(s) && !layer.off.has(s));
  }

  /* Whether ground on the sheet is grey, because a filter hides it. */
  const hasGrey = ({ blocks }, frame) => blocks.some((block) => block.ghost && block.index.search(...boxOf(frame),
    hazardmap.holding(block)).some((feature) => block.hidden[feature]));

  function legendOf(frame) {
    const groups = [];
    const row = (sign, name, label) => el('li', '', hazardmap.swatch(sign, hazardmap.shapeOf(sign, name), 4), el('span', '', label));
    for (const name of hazardmap.legendOrder) {
      const layer = hazardmap.data.layers.find((l) => l.layer === name);
      if (!layer || !layer.shown || !hazardmap.map.hasLayer(hazardmap.data)) continue;
      const signs = signsOn(layer, frame);
      if (hasGrey(layer, frame)) signs.push({ ...hazardmap.GREY, label: say('search.filtered') });
      if (!signs.length) continue;
      groups.push(PLAIN.has(name) ? el('ul', '', row(signs[0], name, layer.title))
        : el('section', '', el('h2', '', layer.title), el('ul', '', signs.map((sign) => row(sign, name, sign.label)))));
    }
    return groups;
  }

  /* What stands above the map. */
  function head({ title, on, as_of: known, sources, unplaced }) {
    const told = [...document.querySelectorAll('.hm-heading :is(.hm-filtered p, .hm-hidden)')].map((line) => line.textContent).filter(Boolean);
    const audience = document.querySelector('.hm-heading .hm-audience');
    const missing = hazardmap.missingText(unplaced);
    return el('header', 'hm-sheet-head',
      hazardmap.recorded('h1', title),
      audience ? el('p', 'hm-sheet-warning', audience.textContent) : null,
      el('p', '', say('frame.on') + ' ', el('strong', '', hazardmap.day(on)), '. ',
        known ? say('frame.known', { day: hazardmap.day(known) }) : say('frame.not_known')),
      sources ? el('p', '', say('frame.source') + ' ', hazardmap.recorded('bdi', sources)) : null,
      missing ? el('p', 'hm-sheet-warning', missing) : null,
      told.map((text) => el('p', 'hm-sheet-warning', text)));
  }

  function foot(manifest) {
    return el('footer', 'hm-sheet-foot',
      ...hazardmap.sentences(manifest), el('p', 'hm-sheet-small', say('world.source') + '.'));
  }

  /* Marks and lines that were added to the map by whoever made it. What cannot be copied is counted. */
  function added(frame) {
    const marks = [], shapes = [];
    let left = 0;
    hazardmap.map.eachLayer((layer) => {
      if ([hazardmap.CanvasTiles, L.LayerGroup, L.Renderer].some((kind) => layer instanceof kind)) return;
      if (layer instanceof L.Marker && layer.getElement()) marks.push(markOf(layer, frame));
      else if (layer instanceof L.Path && layer.getLatLngs) shapes.push(shapeOf(layer, frame));
      else if (layer instanceof L.CircleMarker) shapes.push(discOf(layer, frame));
      else if (!(layer instanceof L.Popup || layer instanceof L.Tooltip)) left++;
    });
    return { marks, shapes, left };
  }

  const positionOf = (latlng, frame) => frame.at(latlng.lat, latlng.lng);

  function markOf(marker, frame) {
    const copy = marker.getElement().cloneNode(true);
    const [x, y] = positionOf(marker.getLatLng(), frame);
    Object.assign(copy.style, { position: 'absolute', transform: 'none', left: x + 'px', top: y + 'px', opacity: 1 });
    return copy;
  }

  const styleOf = ({ options }) => ({
    stroke: options.stroke === false ? 'none' : options.color, 'stroke-width': options.weight, 'stroke-opacity': options.opacity,
    fill: options.fill ? options.fillColor || options.color : 'none', 'fill-opacity': options.fillOpacity, 'fill-rule': 'evenodd',
    ...(options.dashArray ? { 'stroke-dasharray': options.dashArray } : {}),
  });

  function shapeOf(shape, frame) {
    const ringsOf = (part) => (Array.isArray(part[0]) ? part.flatMap(ringsOf) : [part]);
    const end = shape instanceof L.Polygon ? 'Z' : '';
    const d = ringsOf(shape.getLatLngs()).filter((ring) => ring.length)
      .map((ring) => 'M' + ring.map((latlng) => positionOf(latlng, frame).map((v) => v.toFixed(1)).join(' ')).join('L') + end).join('');
    return sheet.svg('path', { d, ...styleOf(shape) });
  }

  function discOf(disc, frame) {
    const [cx, cy] = positionOf(disc.getLatLng(), frame);
    let r = disc.getRadius();
    if (disc instanceof L.Circle) r /= frame.denominator * 0.0254 / 96; // metres on the ground
    return sheet.svg('circle', { cx, cy, r, ...styleOf(disc) });
  }

  const frameIn = (place) =>
    sheet.frameOf(hazardmap.map, place.clientWidth - 2 * sheet.COLLAR, place.clientHeight - 2 * sheet.COLLAR, wanted.scale);

  /* Put the map into its place on the sheet. */
  function fill(place, frame, manifest) {
    const { width, height } = frame;
    const picture = sheet.picture(frame);
    shrink(picture, width / picture.width);
    const { marks, shapes, left } = added(frame);
    const view = el('div', 'hm-sheet-view', picture,
      sheet.svg('svg', { class: 'hm-sheet-added', width, height, viewBox: `0 0 ${width} ${height}` }, ...shapes), ...marks);
    if (manifest.fictitious) view.append(watermark(width, height));
    const grid = sheet.grid(frame);
    place.replaceChildren(view, grid.element);
    return { grid: grid.text, left: left + picture.left };
  }

  /* By a transform: Chromium prints a canvas that CSS makes smaller at a size rounded to 1/64, two in a hundred too small. */
  function shrink(canvas, scale) {
    Object.assign(canvas.style, {
      width: canvas.width + 'px', height: canvas.height + 'px', transformOrigin: '0 0', transform: `scale(${scale})`,
    });
  }

  function watermark(width, height) {
    const canvas = el('canvas');
    [canvas.width, canvas.height] = [width * 2, height * 2];
    shrink(canvas, 0.5);
    const ctx = canvas.getContext('2d');
    ctx.fillStyle = ctx.createPattern(hazardmap.stamp(2), 'repeat');
    ctx.fillRect(0, 0, canvas.width, canvas.height);
    return canvas;
  }

  /* Find room for what stands beside the map: in one column, in two, or the legend on a sheet of its own. Gives the frame. */
  function arrange(body, place, key, scale, groups) {
    const fits = (box) => box.scrollHeight <= box.clientHeight + 1 && box.scrollWidth <= box.clientWidth + 1;
    const write = () => {
      const frame = frameIn(place);
      groups.replaceChildren(...legendOf(frame));
      scale.replaceChildren(sheet.scaleBar(frame, Math.min(scale.clientWidth / sheet.MM, 100)), el('p', '', '1 : 1'), el('p', '', '1\n1'));
      return frame;
    };
    for (const [wide, sizes] of [[false, TYPE], [true, [...TYPE, ...SMALL]]]) {
      body.classList.toggle('hm-sheet-wide', wide);
      const frame = write();
      for (const points of sizes) {
        groups.style.fontSize = points + 'pt';
        if (fits(groups) && fits(key)) return frame;
      }
    }
    body.classList.remove('hm-sheet-wide');
    const frame = write();
    body.append(el('div', 'hm-sheet-more', el('h1', '', say('legend.name')), el('div', 'hm-sheet-groups', [...groups.children])));
    groups.style.fontSize = TYPE[0] + 'pt';
    groups.replaceChildren(el('p', '', say('print.legend_next')));
    return frame;
  }

  /* Make the sheet. */
  function lay() {
    take();
    const { manifest } = hazardmap;
    const [width, height] = sides();
    const place = el('div', 'hm-sheet-map'), scale = el('div', 'hm-sheet-scale'), groups = el('div', 'hm-sheet-groups');
    const key = el('div', 'hm-sheet-key', scale, groups);
    const page = el('div', 'hm-sheet-page',
      manifest.fictitious ? el('p', 'hm-sheet-banner', hazardmap.withEnglish('words.fictitious', manifest.fictitious)) : null,
      head(manifest), place, key, foot(manifest));
    const body = el('div', 'hm-sheet hm-sheet-' + (wanted.across ? 'across' : 'upright') + ' hm-sheet-' + wanted.paper, page);
    Object.assign(page.style, { width: width - 2 * MARGIN + 'mm', height: height - 2 * MARGIN + 'mm' });
    body.style.setProperty('--hm-margin', MARGIN + 'mm');
    document.body.append(body);
    document.body.classList.add('hm-printing');
    made = body;
    const frame = arrange(body, place, key, scale, groups);
    const { grid, left } = fill(place, frame, manifest);
    scale.replaceChildren(scale.firstChild,
      el('p', '', el('strong', '', say('print.scale', { scale: hazardmap.number(frame.denominator, 0) })), ' · ', grid),
      ...(left ? [el('p', '', say('print.left_out', { count: left }))] : []));
    return frame;
  }

  /* Take the sheet away: it is made anew for each print. */
  function take() {
    if (made) made.remove();
    made = null;
    document.body.classList.remove('hm-printing');
  }

  /* Pictures of a base map are decoded beside the page, and a browser that prints does not wait: ask for them before. The sheet
     says what is missing all the same, for the browser's own command comes without this. */
  async function prepare() {
    if (!hazardmap.ready || !hazardmap.bases?.length) return;
    try { lay(); } catch { return; } finally { take(); } // the print itself says what is wrong
    await Promise.race([sheet.whole(), new Promise((resolve) => { setTimeout(resolve, PATIENCE); })]);
  }

  function pageSize(rule) {
    const [width, height] = sides();
    rule.textContent = `@page { size: ${width}mm ${height}mm; margin: 0; }`;
  }

  function printing() {
    const rule = el('style');
    document.head.append(rule);
    pageSize(rule);
    const set = (name) => (value) => { wanted[name] = value; pageSize(rule); };
    const go = el('button', 'hm-do', word('print.go'));
    go.type = 'button';
    hazardmap.panelTool(
      { name: 'print', label: 'print.name', symbol: hazardmap.drawing('M5.5 7.5v-5h9v5', 'M5.5 14.5h-3v-7h15v7h-3', 'M5.5 11.5h9v6h-9z') },
      hazardmap.choice('print.paper', Object.keys(PAPERS).map((paper) => [paper, () => paper]), () => wanted.paper, set('paper')),
      hazardmap.choice('print.way', [['across', () => say('print.across')], ['upright', () => say('print.upright')]],
        () => (wanted.across ? 'across' : 'upright'), (way) => set('across')(way === 'across')),
      hazardmap.choice('print.scale_name', [['0', () => say('print.fitting')],
        ...SCALES.map((scale) => [String(scale), () => say('print.scale', { scale: hazardmap.number(scale, 0) })])],
      () => String(wanted.scale), (scale) => set('scale')(Number(scale))),
      go,
      el('p', 'hm-small-print', word('print.note')),
    );
    go.addEventListener('click', async () => {
      await prepare();
      window.print();
    });
    window.addEventListener('beforeprint', () => {
      if (!hazardmap.ready) return; // the page then prints as it stands, with what it says about not being complete
      try { lay(); } catch (error) { take(); hazardmap.errors.push(error.message); hazardmap.failSaying('fail.print', { what: error.message }); }
    });
    window.addEventListener('afterprint', take);
    hazardmap.print = { wanted, lay, take, pageSize: () => pageSize(rule) };
  }

  Object.assign(hazardmap, { printing });
})(window.hazardmap);
