/* Where the cursor is, in degrees, UTM and MGRS on WGS 84: a quiet line at the bottom, copied by a click or by the key C. Without a
   mouse it tells the middle of the map, which a cross marks. Computes nothing itself: grids.js does. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  const DIGITS = 5; // of a degree: about a metre

  const written = (latitude, longitude) =>
    hazardmap.degrees(latitude, DIGITS, 'N', 'S') + ' ' + hazardmap.degrees(wrapped(longitude), DIGITS, 'E', 'W');
  const wrapped = (longitude) => ((longitude + 180) % 360 + 360) % 360 - 180;

  /* The same place in three writings; UTM and MGRS are null where they do not reach. */
  function writings({ lat, lng }) {
    const utm = hazardmap.grids.toUtm(lat, lng);
    return {
      degrees: written(lat, lng),
      utm: utm && `${utm.zone}${utm.south ? 'S' : 'N'} ${Math.round(utm.easting)} ${Math.round(utm.northing)}`,
      mgrs: hazardmap.grids.toMgrs(lat, lng),
    };
  }

  function position(map) {
    const container = map.getContainer();
    const cross = el('div', 'hm-cross');
    cross.setAttribute('aria-hidden', 'true');
    const parts = { degrees: el('span', 'hm-degrees'), utm: el('span', 'hm-utm'), mgrs: el('span', 'hm-mgrs') };
    const lead = el('span', 'hm-where'), done = el('span', 'hm-copied');
    const line = el('button', 'hm-position', lead, parts.degrees, parts.utm, parts.mgrs, el('span', 'hm-datum', 'WGS 84'), done);
    line.type = 'button';
    line.dir = 'ltr';
    done.setAttribute('aria-hidden', 'true'); // what stands in a button is not told when it changes: the other one is
    const live = el('p', 'hm-live');
    live.setAttribute('role', 'status');
    hazardmap.wordOn(line, 'title', 'position.copy');
    container.append(cross, line, live);
    L.DomEvent.disableClickPropagation(line);
    let cursor = null, waiting = false;
    const write = () => {
      waiting = false;
      const shown = writings(cursor ?? map.getCenter());
      container.classList.toggle('hm-at-centre', !cursor);
      lead.textContent = hazardmap.say(cursor ? 'position.cursor' : 'position.centre');
      parts.degrees.textContent = shown.degrees;
      parts.utm.textContent = shown.utm ? 'UTM ' + shown.utm : hazardmap.say('position.no_grid');
      parts.mgrs.textContent = shown.mgrs ? 'MGRS ' + shown.mgrs : '';
    };
    const soon = () => { if (!waiting) { waiting = true; requestAnimationFrame(write); } };
    const copied = async () => {
      const shown = writings(cursor ?? map.getCenter());
      const text = [shown.degrees, shown.utm && 'UTM ' + shown.utm, shown.mgrs && 'MGRS ' + shown.mgrs, 'WGS 84'].filter(Boolean).join(' · ');
      const well = await hazardmap.copy(text);
      done.textContent = live.textContent = hazardmap.say(well ? 'position.copied' : 'position.not_copied');
      hazardmap.copied = text;
      setTimeout(() => { done.textContent = ''; }, 1800);
    };
    map.on('mousemove', (event) => { if (!touched) { cursor = event.latlng; soon(); } });
    map.on('mouseout', () => { cursor = null; soon(); });
    map.on('move', soon);
    let touched = window.matchMedia('(hover: none)').matches;
    container.addEventListener('pointerdown', (event) => { touched = event.pointerType === 'touch'; container.classList.toggle('hm-touched', touched); if (touched) { cursor = null; soon(); } });
    container.addEventListener('pointermove', (event) => { if (event.pointerType === 'mouse') touched = false; });
    container.addEventListener('keydown', (event) => {
      if (event.target !== container || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key.startsWith('Arrow')) { cursor = null; soon(); }
      if (event.key === 'c' || event.key === 'C') copied();
    });
    line.addEventListener('mousedown', (event) => event.preventDefault()); // the focus stays on the map
    line.addEventListener('click', copied);
    hazardmap.always(write);
  }

  Object.assign(hazardmap, { position, writings, written_degrees: written });
})(window.hazardmap);
