/* Ties it together: `prepare(map)` and `layer()` are what the page calls; `window.hazardmap` is what a test reads. */
(function (hazardmap) {
  'use strict';

  const manifest = () => JSON.parse(document.getElementById('hazardmap-manifest').textContent);
  const TIME_HIGH = 170; // pixels that the bar of time takes at the bottom
  const LARGEST_SELECTION = 20_000; // points; a shape larger than this is not outlined when it is chosen

  /* Called as soon as there is a Leaflet map: its first view, base map and frame. */
  hazardmap.prepare = function (map) {
    hazardmap.map = map;
    hazardmap.manifest = manifest();
    hazardmap.expected = hazardmap.manifest.expected;
    hazardmap.always(() => {
      hazardmap.wording(hazardmap.manifest.layers);
      if (hazardmap.data) hazardmap.wording(hazardmap.data.layers);
    });
    hazardmap.dress(hazardmap.manifest.theme);
    map.getContainer().setAttribute('role', 'main');
    hazardmap.wordOn(map.getContainer(), 'aria-label', 'map.name');
    map.createPane('hazardmap-world').style.zIndex = 100;
    map.createPane('hazardmap').style.zIndex = 350;
    for (const name of ['hazardmap-world', 'hazardmap']) map.getPane(name).style.pointerEvents = 'none';
    hazardmap.frame(map, hazardmap.manifest);
    fit(map, hazardmap.manifest.bounds);
    hazardmap.world = new hazardmap.WorldLayer().addTo(map);
    hazardmap.worldReady = Promise.all([hazardmap.world.load(), hazardmap.baseMaps && hazardmap.baseMaps(map, hazardmap.manifest)]);
    const { tiles } = hazardmap.manifest;
    if (tiles) {
      const said = document.createElement('span');
      said.textContent = tiles.attribution; // Leaflet takes HTML here
      L.tileLayer(tiles.url, { attribution: said.innerHTML, maxZoom: 22, maxNativeZoom: 18, referrerPolicy: 'no-referrer' }).addTo(map);
    }
  };

  function fit(map, [south, west, north, east]) {
    const wide = map.getContainer().clientWidth >= 720, mirrored = document.documentElement.dir === 'rtl';
    const bar = hazardmap.manifest.time ? TIME_HIGH : 0;
    const legend = wide ? 350 : 24; // the legend lies at the end of a line
    const above = wide ? 60 : 150, below = (wide ? 60 : 130) + bar;
    const room = Math.min(1, 0.6 * map.getContainer().clientHeight / (above + below)); // a low window is not all margin
    map.fitBounds([[south, west], [north, east]], {
      paddingTopLeft: [mirrored ? legend : 24, above * room], paddingBottomRight: [mirrored ? 24 : legend, below * room],
      maxZoom: 17, animate: false,
    });
  }

  /* Called for the packed layer: reads the data, then lets the map be asked. */
  hazardmap.layer = function () {
    const layer = new hazardmap.HazardLayer(hazardmap.manifest);
    hazardmap.data = layer;
    const legend = hazardmap.legend(hazardmap.map.getContainer(), hazardmap.manifest, layer);
    hazardmap.tellHidden(layer, hazardmap.manifest);
    listen(hazardmap.map, layer, legend);
    hazardmap.onerror = (what) => legend.tell(() => hazardmap.say('map.script_failed', { what }), false);
    const arrived = (block) => {
      hazardmap.drawn += layer.take([block]);
      legend.tell(() => hazardmap.say('reading.progress', progress()), true);
      tellIncomplete();
      layer.repaintSoon();
    };
    layer.incomplete = true;
    const timeReady = hazardmap.makeTime(hazardmap.map.getContainer(), hazardmap.manifest, layer);
    Promise.all([hazardmap.readBlocks(hazardmap.manifest, arrived), hazardmap.worldReady, timeReady]).then(
      () => begin(layer, legend),
      (error) => { legend.tell(() => hazardmap.say('map.not_complete'), false); hazardmap.fail(error.message || error, error.said); },
    );
    return layer;
  };

  const progress = () => ({ drawn: hazardmap.number(hazardmap.drawn, 0), expected: hazardmap.number(hazardmap.expected, 0) });

  /* The first hazards are there: the notice makes room for them, and says that others are missing. */
  function tellIncomplete() {
    const line = document.querySelector('#hazardmap-notice .hm-wait');
    if (!line) return; // something failed, and that is told there
    line.textContent = hazardmap.say('reading.incomplete', progress());
    line.parentNode.classList.add('hm-is-reading');
  }

  function begin(layer, legend) {
    const whole = hazardmap.drawn === hazardmap.expected;
    legend.tell(() => hazardmap.say('reading.complete', progress()), whole);
    if (!whole) { hazardmap.failSaying('fail.features', { drawn: hazardmap.drawn, expected: hazardmap.expected }); return; }
    layer.incomplete = false;
    layer.repaint();
    if (hazardmap.errors.length) { hazardmap.onerror(hazardmap.errors[0]); } else {
      document.getElementById('hazardmap-notice').style.display = 'none';
    }
    hazardmap.ready = true;
    hazardmap.startTools();
  }

  function listen(map, layer, legend) {
    let chosen = null;
    const forget = () => { if (chosen) chosen.remove(); chosen = null; select(null); };
    const left = map.getContainer().querySelector('.hm-left');
    hazardmap.search = new hazardmap.Search(left, layer, { go: (hit) => go(hit), visit: (reading) => visit(reading) });
    map.getContainer().classList.add('hm-has-search');
    const card = hazardmap.card = new hazardmap.Card(left, hazardmap.manifest, (quietly) => {
      forget();
      const { returnTo } = hazardmap;
      hazardmap.returnTo = null;
      if (quietly) return;
      if (returnTo) returnTo.open(); else map.getContainer().focus();
    }, (hit) => go(hit));
    hazardmap.closeLegend = () => legend.close();
    const select = (hit) => { hazardmap.selected = hit; layer.fire('selected'); };
    const ask = (latlng, quietly = false) => {
      if (!hazardmap.ready || !map.hasLayer(layer) || hazardmap.measuring) return false;
      const hits = layer.at(latlng, map.getZoom()), hidden = layer.at(latlng, map.getZoom(), true);
      forget();
      chosen = L.layerGroup([L.circleMarker(latlng, { radius: 9, color: '#10202c', weight: 2, fill: false, interactive: false }),
        ...outlined(hits)]).addTo(map);
      if (map.getContainer().clientWidth < 720) legend.close();
      hazardmap.returnTo = null;
      card.open(hits, latlng, { hidden, quietly });
      return true;
    };
    const visitSquare = (square, quietly = false) => {
      forget();
      chosen = hazardmap.visitSquare(map, layer, card, square, quietly);
      return true;
    };
    layer.on('shownchange', () => card.follow(ask, (square) => visitSquare(square, true))); // a card tells what was true on the day shown
    map.on('click', (event) => ask(event.latlng));
    /* Show a place that was typed: the point, or the square of a reference, and what lies there. */
    const visit = (reading) => {
      if (!hazardmap.ready) return;
      if (reading.square?.side > 1) { visitSquare(reading.square); return; }
      const latlng = L.latLng(reading.latitude, reading.longitude);
      map.setView(latlng, Math.max(map.getZoom(), 16), { animate: false });
      ask(latlng);
    };
    /* Show one record for itself: where it lies, if it lies anywhere, and all that is told of it. */
    const go = (hit) => {
      if (!hazardmap.ready) return;
      forget();
      select(hit);
      const { layer: plots, block, feature, sign } = hit;
      if (map.getContainer().clientWidth < 720) legend.close();
      card.open([hit], null);
      if (block.shape === 'none') return;
      if (!map.hasLayer(layer)) layer.addTo(map);
      if (!plots.shown) layer.show(plots.layer, true);
      if (plots.off.has(sign)) layer.showSigns(plots.layer, [plots.symbols[sign].code], true);
      lookAt(map, card.element, block.box.slice(4 * feature, 4 * feature + 4));
      chosen = L.layerGroup(outlined([hit], true)).addTo(map);
    };
    map.getContainer().addEventListener('keydown', (event) => {
      if (event.target !== map.getContainer()) return;
      if (event.key === 'Enter') ask(map.getCenter());
      if (event.key === 'Escape') card.close();
    });
    hover(map, layer);
    Object.assign(hazardmap, { ask, go, visit });
    hazardmap.prepareTools(map, layer, go);
    hazardmap.choices();
    hazardmap.printing();
  }

  /* Bring a plot into the part of the map that no panel covers, near enough to be read and with what lies round it. */
  function lookAt(map, card, [west, north, east, south]) {
    const corner = (x, y) => map.unproject([x, y], hazardmap.ZOOM);
    const box = map.getContainer().getBoundingClientRect();
    const above = map.getContainer().querySelector('.hm-search').getBoundingClientRect().bottom - box.top;
    const below = box.bottom - card.getBoundingClientRect().top;
    const [topLeft, bottomRight] = box.width >= 720 ? [[390, 90], [370, 90]] : [[24, above + 16], [24, below + 16]];
    map.fitBounds([corner(west, north), corner(east, south)], {
      paddingTopLeft: topLeft, paddingBottomRight: bottomRight, maxZoom: 17, animate: false,
    });
  }

  /* A hand over everything that has something to tell. */
  function hover(map, layer) {
    let waiting = null;
    map.on('mousemove', (event) => {
      const asked = waiting !== null;
      waiting = event.latlng;
      if (asked) return;
      requestAnimationFrame(() => {
        const latlng = waiting;
        waiting = null;
        if (!hazardmap.ready || !map.hasLayer(layer)) return;
        const telling = layer.at(latlng, map.getZoom()).some(
          (hit) => !['districts', 'coverage'].includes(hit.layer.layer) && hit.layer.symbols[hit.sign].code !== 'no_record');
        map.getContainer().classList.toggle('hm-over', telling);
      });
    });
  }

  /* A dark edge round the plot of a place, or its first hazard, or its ground. */
  function outlined(hits, itself = false) {
    if (itself && hits[0].block.shape !== 'polygon') return [hazardmap.ringed(hits[0])];
    const first = (test) => hits.find((hit) => hit.block.shape === 'polygon' && test(hit));
    const picked = itself ? hits : [first((h) => h.layer.layer === 'verdicts') || first((h) => h.layer.layer === 'hazards') || first((h) => h.layer.layer === 'ground')].filter(Boolean);
    return picked.filter(({ block, feature }) => itself || block.layer !== 'ground' || block.signAt('symbol', feature) < 8).flatMap(({ block, feature }) => {
      const from = block.partStart[block.featureStart[feature]], end = block.partStart[block.featureStart[feature + 1]];
      if (end - from > LARGEST_SELECTION) return [];
      const rings = [];
      for (let p = block.featureStart[feature]; p < block.featureStart[feature + 1]; p++) {
        const ring = [];
        for (let i = block.partStart[p]; i < block.partStart[p + 1]; i++) {
          ring.push(hazardmap.map.unproject([block.x[i], block.y[i]], hazardmap.ZOOM));
        }
        rings.push(ring);
      }
      return [L.polygon(rings, { fill: false, color: '#10202c', weight: 2.5, interactive: false })];
    });
  }
})(window.hazardmap);
