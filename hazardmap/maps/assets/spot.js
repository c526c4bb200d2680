/* What a place or a square is shown with on the map, and the parts of its card that lead on: ids of other records, the place in three
   writings, and what lies there but is hidden. Text of the data stays text. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  const INK = '#10202c';
  const LARGEST = 1000; // metres; what lies in a larger square is not listed, the square is only shown
  const LEADS = {
    hazard_ids: 'hazards', nearest_hazard: 'hazards', release_ids: 'releases', unlinked_release_ids: 'releases', void_release_ids: 'releases',
    idle_release_ids: 'releases', find_ids: 'finds', survey_ids: 'surveys',
  };

  /* A ring round a point; round the middle of the box of anything else that is no area. */
  function ringed({ block, feature }) {
    const [west, north, east, south] = block.box.subarray(4 * feature, 4 * feature + 4);
    return L.circleMarker(hazardmap.map.unproject([(west + east) / 2, (north + south) / 2], hazardmap.ZOOM), { radius: 12, color: INK, weight: 2.5, fill: false, interactive: false });
  }

  /* Show the square of a reference, and what may lie in it; quietly: without moving map or focus. Gives what was put on the map. */
  function visitSquare(map, hazardLayer, card, square, quietly) {
    const corners = hazardmap.grids.outlineOf(square).map(({ latitude, longitude }) => L.latLng(latitude, longitude));
    const shape = L.polygon(corners, { color: INK, weight: 2.5, fillOpacity: 0.05, fillColor: INK, interactive: false });
    const drawn = L.layerGroup([shape]).addTo(map);
    const points = corners.map((corner) => map.project(corner, hazardmap.ZOOM));
    const box = [Math.min(...points.map(({ x }) => x)), Math.min(...points.map(({ y }) => y)), Math.max(...points.map(({ x }) => x)), Math.max(...points.map(({ y }) => y))];
    if (!quietly) map.fitBounds(shape.getBounds(), { maxZoom: 18, padding: map.getContainer().clientWidth >= 720 ? [380, 80] : [30, 150], animate: false });
    if (square.side > LARGEST) { card.close(); return drawn; }
    const all = hazardmap.records.within(hazardLayer, box);
    hazardmap.closePanels();
    hazardmap.returnTo = null;
    card.open(all.filter(hazardmap.records.isShown), shape.getBounds().getCenter(), { square, quietly, hidden: all.filter((hit) => !hazardmap.records.isShown(hit)) });
    return drawn;
  }

  /* Ids of a cell: those of another layer are buttons that show that record. */
  function ids(column, value, go) {
    const layer = LEADS[column];
    const names = [].concat(value);
    if (!layer || !go) return [names.join(', ')];
    return names.flatMap((id, i) => {
      const button = el('button', 'hm-lead', id);
      button.type = 'button';
      button.addEventListener('click', () => {
        const hit = hazardmap.records.find(hazardmap.data, layer, id);
        if (hit) { go(hit); return; }
        button.disabled = true;
        button.after(el('span', 'hm-off', ' ' + hazardmap.say('card.not_on_map')));
      });
      return i ? [', ', button] : [button];
    });
  }

  /* The place of a card, in degrees, UTM and MGRS. */
  function placeLines(latlng, square) {
    const { degrees, utm, mgrs } = hazardmap.writings(latlng);
    const digits = square ? 5 - Math.round(Math.log10(square.side)) : 5;
    const reference = square ? hazardmap.grids.toMgrs(latlng.lat, latlng.lng, digits) : mgrs;
    return [degrees + ' · WGS 84', utm && 'UTM ' + utm, reference && 'MGRS ' + reference].filter(Boolean)
      .map((line, i) => hazardmap.english(line, 'p', i ? 'hm-place hm-reference' : 'hm-place'));
  }

  /* What lies there too, and is hidden on the map now: how much, and a button that tells it. */
  function hiddenHere(hits, entryOf, list) {
    if (!hits?.length) return [];
    const counts = new Map();
    for (const { layer } of hits) counts.set(layer.title, (counts.get(layer.title) ?? 0) + 1);
    const what = [...counts].map(([title, count]) => `${title}: ${hazardmap.number(count, 0)}`).join(', ');
    const box = el('div', 'hm-hidden-here', el('p', '', hazardmap.say('card.hidden', { what })));
    box.append(hazardmap.action('card.show_hidden', () => {
      const items = hits.map(entryOf);
      items[0].tabIndex = -1;
      list.append(...items);
      box.lastChild.remove();
      items[0].focus();
    }, 'hm-action'));
    return [box];
  }

  Object.assign(hazardmap, { ringed, visitSquare, spot: { ids, placeLines, hiddenHere, leads: LEADS } });
})(window.hazardmap);
