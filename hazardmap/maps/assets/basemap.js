/* A base map of one PMTiles file, in quiet colours under everything: no green, no red, nothing that reads as a state of land. */
(function (hazardmap) {
  'use strict';

  const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif';
  const KEPT = 64; // tiles
  const WAITING = Symbol('a picture that is not decoded yet');
  const LAND = '#f5f2eb', WATER = '#c9dbe6', BUILT = '#e4ddd2', PLAIN = '#ece8df', ROAD = '#ffffff', CASING = '#c3b8a6', EDGE = '#a99fb3';
  const NAMED = new Set(['places', 'place', 'place_label', 'place_labels', 'city', 'town', 'village']);
  const WIDE = /motorway|trunk|primary|highway|major/;

  /* What a layer of a vector tile shows, by its name in the schemas of Protomaps, OpenMapTiles and Shortbread. */
  function kindOf(name) {
    if (/water|ocean|river|lake|sea/.test(name)) return 'water';
    if (/road|transport|street|highway|rail|bridge/.test(name)) return 'road';
    if (/build/.test(name)) return 'built';
    if (/bound|admin/.test(name)) return 'edge';
    if (/^(earth|land)$/.test(name)) return 'land';
    return 'plain';
  }
  const ORDER = ['land', 'plain', 'built', 'water', 'edge', 'road'];

  function pathOf(feature, at) {
    const path = new Path2D();
    for (const part of feature.parts) {
      for (let i = 0; i < part.length; i += 2) {
        const x = part[i] * at.scale + at.left, y = part[i + 1] * at.scale + at.top;
        if (i) path.lineTo(x, y); else path.moveTo(x, y);
      }
    }
    return path;
  }

  function paintFeature(ctx, kind, feature, at, zoom) {
    const path = pathOf(feature, at);
    if (feature.shape === 'polygon') {
      if (kind === 'edge') return;
      ctx.fillStyle = { land: LAND, water: WATER, built: BUILT, road: PLAIN }[kind] || PLAIN;
      ctx.fill(path);
    } else if (feature.shape === 'line') {
      const wide = WIDE.test(String(feature.facts.kind || feature.facts.class || feature.facts.highway || ''));
      const width = kind === 'road' ? Math.max(0.6, (wide ? 2.2 : 1) * (zoom - 8) / 4) : 1;
      ctx.lineJoin = ctx.lineCap = 'round';
      ctx.setLineDash(kind === 'edge' ? [6, 4] : []);
      if (kind === 'road') { ctx.strokeStyle = CASING; ctx.lineWidth = width + 1.2; ctx.stroke(path); }
      ctx.strokeStyle = { water: WATER, road: ROAD, edge: EDGE }[kind] || CASING;
      ctx.lineWidth = width;
      ctx.stroke(path);
      ctx.setLineDash([]);
      ctx.lineCap = 'butt';
    }
  }

  /* Names of places, the first come first: text of the file is only ever drawn. */
  function writeNames(ctx, layers, at, view) {
    const taken = [];
    ctx.font = `500 12px ${FONT}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    for (const layer of layers) {
      if (!NAMED.has(layer.name)) continue;
      for (const { shape, parts, facts } of layer.features) {
        const name = facts.name === undefined || facts.name === null ? '' : String(facts.name).slice(0, 60);
        if (shape !== 'point' || !name || !parts.length) continue;
        const x = parts[0][0] * at(layer).scale + at(layer).left, y = parts[0][1] * at(layer).scale + at(layer).top;
        const half = ctx.measureText(name).width / 2 + 4;
        if (x - half < 0 || x + half > view.size || y < 8 || y > view.size - 8) continue; // a name is not cut by the edge of a tile
        if (taken.some((t) => Math.abs(t.x - x) < t.half + half && Math.abs(t.y - y) < 16)) continue;
        taken.push({ x, y, half });
        ctx.strokeStyle = 'rgba(255,255,255,.85)';
        ctx.lineWidth = 3;
        ctx.strokeText(name, x, y);
        ctx.fillStyle = '#5d5648';
        ctx.fillText(name, x, y);
      }
    }
  }

  function makeLayer(bytes, about) {
    const archive = new hazardmap.pmtiles.Archive(bytes);
    const raster = about.kind !== 'mvt';
    const known = new Map(); // the one used last stands last

    const Layer = hazardmap.CanvasTiles.extend({
      initialize() {
        L.setOptions(this, { pane: 'hazardmap-base' });
        Object.assign(this, { known, missing: 0, sheet: new Set(), onSheet: false, pending: new Set() });
      },

      /* From here to `sheetEnds` a sheet is painted: what it needs stays until the next one; what it lacks is counted. */
      sheetBegins() { this.sheet.clear(); this.onSheet = true; this.missing = 0; },

      sheetEnds() { this.onSheet = false; return this.missing; },

      /* Resolves when every picture that was asked for is decoded, or cannot be. */
      async decoded() { while (this.pending.size) await Promise.all(this.pending); },

      /* Forget the tiles used longest ago; never what the screen or the sheet shows, which would be decoded without end. */
      forget() {
        const most = Math.max(KEPT, 8 * Object.keys(this._tiles || {}).length) + this.sheet.size;
        for (const [key, content] of known) {
          if (known.size <= most) return;
          if (this.sheet.has(key)) continue;
          known.delete(key);
          content?.close?.();
        }
      },

      /* The content of a tile: layers, or a picture once it is decoded; null where there is none. */
      content(z, x, y) {
        const key = [z, x, y].join('/');
        if (this.onSheet) this.sheet.add(key);
        if (known.has(key)) {
          const content = known.get(key);
          known.delete(key);
          known.set(key, content);
        } else {
          const data = archive.tile(z, x, y);
          known.set(key, !data ? null : raster ? WAITING : hazardmap.pmtiles.vectorTile(data));
          if (data && raster) this.decode(key, data);
          this.forget();
        }
        if (known.get(key) !== WAITING) return known.get(key);
        this.missing++;
        return null;
      },

      decode(key, data) {
        const done = createImageBitmap(new Blob([data], { type: 'image/' + about.kind })).then(
          (picture) => {
            if (known.get(key) !== WAITING) { picture.close(); return; } // forgotten, or decoded twice
            known.set(key, picture);
            this.repaint();
          },
          () => hazardmap.failSaying('fail.base_map'),
        ).finally(() => this.pending.delete(done));
        this.pending.add(done);
      },

      /* Tiles of vectors are 512 pixels wide, those of pictures 256; beyond the last zoom they are drawn larger. */
      paint(ctx, view) {
        const zoom = Math.min(Math.round(view.zoom) - (raster ? 0 : 1), about.max_zoom); // a sheet of paper lies between two zooms
        if (zoom < about.min_zoom || zoom < 0) return;
        const side = (raster ? 256 : 512) * 2 ** (view.zoom - (raster ? 0 : 1) - zoom), last = 2 ** zoom - 1;
        const range = (from) => [Math.max(0, Math.floor(from / side)), Math.min(last, Math.ceil((from + view.size) / side) - 1)];
        const [[west, east], [north, south]] = [range(view.left), range(view.top)];
        for (let x = west; x <= east; x++) {
          for (let y = north; y <= south; y++) {
            const found = this.content(zoom, x, y);
            if (found) this.paintPart(ctx, found, { left: x * side - view.left, top: y * side - view.top, side }, view);
          }
        }
      },

      paintPart(ctx, found, { left, top, side }, view) {
        ctx.save();
        ctx.beginPath();
        ctx.rect(left, top, side, side); // what a tile holds of its neighbours is theirs to paint
        ctx.clip();
        if (raster) {
          ctx.drawImage(found, left, top, side, side);
        } else {
          const at = (layer) => ({ left, top, scale: side / layer.extent });
          for (const kind of ORDER) {
            for (const layer of found) {
              if (kindOf(layer.name) !== kind || NAMED.has(layer.name)) continue;
              for (const feature of layer.features) paintFeature(ctx, kind, feature, at(layer), view.zoom);
            }
          }
          writeNames(ctx, found, at, view);
        }
        ctx.restore();
      },
    });
    return new Layer();
  }

  /* Lay the base maps of the page under the map. Their attribution is text. */
  hazardmap.baseMaps = function (map, manifest) {
    map.createPane('hazardmap-base').style.zIndex = 150;
    map.getPane('hazardmap-base').style.pointerEvents = 'none';
    hazardmap.bases = [];
    return Promise.all(manifest.base_maps.map(async (about) => {
      const layer = makeLayer(await hazardmap.readBytes(about.block), about);
      hazardmap.bases.push(layer.addTo(map));
      const said = document.createElement('span');
      said.textContent = about.attribution;
      if (about.attribution) map.attributionControl.addAttribution(said.innerHTML);
    }));
  };
})(window.hazardmap);
