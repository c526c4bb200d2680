/* The day that the map shows, and the slider that moves it: what holds on a day, the figures that follow, the chart.
   Nothing is computed here: rows bear the days between which they hold, and figures come in steps from day to day. */
(function (hazardmap) {
  'use strict';

  const { el } = hazardmap;
  const CM2 = 10_000;
  const REST = 160; // milliseconds of rest after which cards and lists follow
  const WHOLE = 24_000; // milliseconds in which the whole time is played

  const dayOf = (iso) => Math.round(Date.parse(iso + 'T00:00:00Z') / 86400e3);
  const isoOf = (day) => new Date(day * 86400e3).toISOString().slice(0, 10);
  /* A day that a stranger wrote, or null: a real one in ISO form and nothing else. */
  function dayIn(text) {
    const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? dayOf(text) : NaN;
    return Number.isFinite(day) && isoOf(day) === text ? day : null;
  }

  const yearOf = (day) => new Date(day * 86400e3).getUTCFullYear();

  const SYMBOLS = {
    back: 'M2 2h2v12H2zM14 2v12L5 8z', next: 'M12 2h2v12h-2zM2 2v12l9-6z', play: 'M3 2v12l10-6z', pause: 'M3 2h4v12H3zM9 2h4v12H9z',
  };

  function symbol(name) {
    const space = 'http://www.w3.org/2000/svg';
    const [picture, path] = ['svg', 'path'].map((tag) => document.createElementNS(space, tag));
    picture.setAttribute('viewBox', '0 0 16 16');
    picture.setAttribute('aria-hidden', 'true');
    path.setAttribute('d', SYMBOLS[name]);
    picture.append(path);
    return picture;
  }

  /* Place of the last step on or before a day; -1 before the first. */
  function stepAt(days, day) {
    let low = 0, high = days.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (days[middle] <= day) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  const valueAt = (days, values, day) => values[stepAt(days, day)] ?? 0;

  /* Bring the figures that legend and lists read to the day. */
  function figuresOn(manifest, series, day) {
    for (const row of manifest.tally) {
      const steps = series.byKey.get([row.layer, row.symbol, row.flag].join());
      if (!steps) continue;
      for (const name of ['count', 'placed', 'unplaced']) row[name] = valueAt(steps.day, steps[name], day);
      if (steps.measured) row.area_m2 = valueAt(steps.day, steps.area_cm2, day) / CM2;
    }
    const { unplaced } = series;
    const nowhere = valueAt(unplaced.day, unplaced.nowhere ?? [], day), partly = valueAt(unplaced.day, unplaced.partly ?? [], day);
    const undrawn = {};
    for (const layer of ['releases', 'finds', 'surveys', 'plots']) {
      const rows = manifest.tally.filter((row) => row.layer === layer && !row.flag);
      undrawn[layer] = rows.reduce((sum, row) => sum + row.count - row.placed, 0);
    }
    Object.assign(manifest.unplaced, {
      nowhere, partly, undrawn, hazards: nowhere + partly,
      ids: unplaced.ids.filter(([, from, to]) => from <= day && day < to).map(([name]) => name),
    });
  }

  class Time {
    constructor(container, manifest, layer, series) {
      Object.assign(this, { container, manifest, layer, series });
      series.byKey = new Map(series.figures.map((row) => [[row.layer, row.symbol, row.flag].join(), row]));
      ({ first: this.first, last: this.last } = manifest.time);
      this.make();
      this.chart = new hazardmap.TimeChart(this.plot, this, series.chart);
      const place = () => requestAnimationFrame(() => this.place());
      for (const element of [container, this.bar]) new ResizeObserver(place).observe(element);
      this.day = manifest.time.on;
      hazardmap.inLink('day', { get: () => isoOf(this.day), set: (text) => this.follow(dayIn(text)) });
      hazardmap.always(() => { this.write(); layer.fire('daychange'); });
      this.place();
    }

    button(name, press) {
      const made = el('button', 'hm-time-button hm-time-' + name, symbol(name));
      made.type = 'button';
      made.addEventListener('click', press);
      for (const attribute of ['title', 'aria-label']) {
        hazardmap.wordOn(made, attribute, () => hazardmap.say('time.' + (name === 'play' && this.timer ? 'pause' : name)));
      }
      return made;
    }

    /* The middle button says what it does next. */
    turn() {
      this.playing.replaceChildren(symbol(this.timer ? 'pause' : 'play'));
      for (const attribute of ['title', 'aria-label']) {
        this.playing.setAttribute(attribute, hazardmap.say(this.timer ? 'time.pause' : 'time.play'));
      }
    }

    make() {
      this.back = this.button('back', () => this.toEvent(-1));
      this.playing = this.button('play', () => (this.timer ? this.pause() : this.play()));
      this.on = this.button('next', () => this.toEvent(1));
      this.told = el('strong', 'hm-time-day');
      this.figures = el('ul', 'hm-time-figures');
      this.slider = el('input', 'hm-time-slider');
      Object.assign(this.slider, { type: 'range', min: this.first, max: this.last, step: 1, dir: 'ltr' });
      hazardmap.wordOn(this.slider, 'aria-label', 'time.slider');
      this.slider.addEventListener('input', () => { this.pause(); this.soon(this.slider.valueAsNumber); });
      this.slider.addEventListener('keydown', (event) => this.press(event));
      this.plot = el('canvas', 'hm-time-chart');
      this.plot.setAttribute('role', 'img');
      this.still = el('p', 'hm-time-note');
      const { undated } = this.manifest.time;
      const buttons = el('div', 'hm-time-buttons', this.back, this.playing, this.on);
      buttons.dir = 'ltr'; // as the slider: time runs from left to right
      this.bar = el('section', 'hm-time hm-paper',
        el('div', 'hm-time-head', buttons, this.told, this.figures),
        this.slider, this.plot, this.still,
        undated ? el('p', 'hm-time-note', hazardmap.word('time.undated', { count: undated })) : null);
      hazardmap.wordOn(this.bar, 'aria-label', 'time.name');
      L.DomEvent.disableClickPropagation(this.bar);
      L.DomEvent.disableScrollPropagation(this.bar);
      this.container.append(this.bar);
      this.container.classList.add('hm-has-time');
      const calm = matchMedia('(prefers-reduced-motion: reduce)');
      calm.addEventListener('change', () => this.calm(calm.matches));
      hazardmap.always(() => this.calm(calm.matches));
    }

    /* Play is off where the reader asked for less motion, and says why. */
    calm(asked) {
      if (asked) this.pause();
      this.playing.disabled = asked;
      this.still.textContent = asked ? hazardmap.say('time.still') : '';
    }

    /* What stands below others is lifted by the height of the bar. */
    place() {
      this.container.style.setProperty('--hm-time', this.bar.offsetHeight + 'px');
      this.chart.draw();
    }

    press(event) {
      const { key } = event;
      const year = (by) => {
        const date = new Date(this.day * 86400e3);
        date.setUTCFullYear(date.getUTCFullYear() + by);
        return Math.floor(date / 86400e3);
      };
      const day = {
        ArrowLeft: () => this.day - 1, ArrowDown: () => this.day - 1, ArrowRight: () => this.day + 1, ArrowUp: () => this.day + 1,
        PageDown: () => year(-1), PageUp: () => year(1), Home: () => this.first, End: () => this.last,
      }[key];
      if (!day || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.pause();
      this.show(day());
    }

    /* To the next day, or the one before, on which anything changes. */
    toEvent(way) {
      this.pause();
      const { events } = this.series;
      const at = stepAt(events, way > 0 ? this.day : this.day - 1);
      this.show((way > 0 ? events[at + 1] : events[at]) ?? (way > 0 ? this.last : this.first));
    }

    play() {
      if (this.day >= this.last) this.show(this.first);
      let before = performance.now(), reached = this.day;
      const rate = (this.last - this.first) / WHOLE;
      this.timer = 1;
      this.turn();
      const step = (now) => {
        if (!this.timer) return;
        reached = Math.min(reached + Math.max(0, now - before) * rate, this.last);
        before = now;
        if (Math.floor(reached) !== this.day) this.show(Math.floor(reached));
        if (reached >= this.last) { this.pause(); return; }
        this.timer = requestAnimationFrame(step);
      };
      this.timer = requestAnimationFrame(step);
    }

    pause() {
      if (!this.timer) return;
      cancelAnimationFrame(this.timer);
      this.timer = 0;
      this.turn();
    }

    /* A hand moves faster than a million shapes are painted: the last place it was at counts. */
    soon(day) {
      const waits = this.wanted !== undefined;
      this.wanted = day;
      if (waits) return;
      requestAnimationFrame(() => {
        const wanted = this.wanted;
        this.wanted = undefined;
        this.show(wanted);
      });
    }

    show(day) {
      day = Math.max(this.first, Math.min(this.last, day));
      if (day === this.day) { this.slider.value = day; return; }
      this.day = hazardmap.dayShown = day;
      this.write();
      this.layer.words.clear();
      this.layer.repaint();
      this.layer.fire('daychange');
      clearTimeout(this.rest);
      this.rest = setTimeout(() => this.layer.fire('shownchange'), REST); // what is slow to follow follows at rest
    }

    /* The day of a link; of days that the map does not have, the nearest. */
    follow(day) {
      if (day === null) return;
      this.pause();
      this.show(day);
    }

    /* Everything that tells the day, and what was true on it. */
    write() {
      const { day } = this;
      this.manifest.on = isoOf(day);
      const words = hazardmap.day(this.manifest.on);
      this.slider.value = day;
      this.slider.setAttribute('aria-valuetext', words);
      this.told.textContent = words;
      this.container.querySelector('.hm-heading .hm-day strong').firstChild.data = words;
      figuresOn(this.manifest, this.series, day);
      hazardmap.tellMissing(this.manifest);
      this.tell();
      this.chart.draw();
    }

    tell() {
      this.figures.replaceChildren(...this.chart.figures(this.day).map(({ colour, label, text }) => {
        const sample = el('i');
        sample.style.background = colour;
        return el('li', '', sample, label + ' ', el('b', '', text));
      }));
      this.plot.setAttribute('aria-label', this.chart.figures(this.day).map(({ label, text }) => label + ' ' + text).join(', '));
    }
  }

  /* Make the slider of a map through time; on a map of one day nothing happens. */
  hazardmap.makeTime = async function (container, manifest, layer) {
    if (!manifest.time) return;
    hazardmap.dayShown = manifest.time.on;
    const series = await hazardmap.readPacked('time');
    hazardmap.time = new Time(container, manifest, layer, series);
  };

  Object.assign(hazardmap, { dayOf, isoOf, yearOf, stepAt, valueAt });
})(window.hazardmap);
