/* The chart below the slider: open, waiting and released ground from day to day, or finds a year; a mark at the day shown. */
(function (hazardmap) {
  'use strict';

  const LINES = {
    open: { colour: '#c4221a', width: 2, dash: [] },
    waiting: { colour: '#5d5d5d', width: 1.4, dash: [4, 3] },
    released: { colour: '#0a6b50', width: 2, dash: [] },
  };
  const KINDS = { accident: '#a3120b', incident: '#e07b39', device: '#33566f', unknown: '#8a8a8a', evidence: '#33566f' };
  const INSET = 8; // half a slider's handle: a day stands below its place on the slider
  const AXIS = 14;
  const FONT = '10.5px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif';

  class TimeChart {
    constructor(canvas, time, data) {
      Object.assign(this, { canvas, time, data });
      const asked = (event) => {
        const box = canvas.getBoundingClientRect();
        const share = (event.clientX - box.left - INSET) / (box.width - 2 * INSET);
        time.pause();
        time.soon(Math.round(time.first + Math.max(0, Math.min(1, share)) * (time.last - time.first)));
      };
      canvas.addEventListener('pointerdown', (event) => { canvas.setPointerCapture(event.pointerId); asked(event); });
      canvas.addEventListener('pointermove', (event) => { if (event.buttons) asked(event); });
    }

    x(day) {
      const { first, last } = this.time;
      return INSET + (day - first) / Math.max(1, last - first) * (this.width - 2 * INSET);
    }

    draw() {
      const { canvas } = this;
      const ratio = Math.min(Math.max(window.devicePixelRatio || 1, 1), 3);
      this.width = canvas.clientWidth;
      this.height = canvas.clientHeight;
      if (!this.width) return;
      canvas.width = Math.round(this.width * ratio);
      canvas.height = Math.round(this.height * ratio);
      const ctx = canvas.getContext('2d');
      ctx.scale(ratio, ratio);
      const floor = this.height - AXIS;
      this.axis(ctx, floor);
      if (this.data.kind === 'finds') this.bars(ctx, floor); else this.lines(ctx, floor);
      const here = this.x(this.time.day);
      ctx.strokeStyle = '#1c2a35';
      ctx.lineWidth = 1.4;
      ctx.beginPath();
      ctx.moveTo(here, 0);
      ctx.lineTo(here, floor + 3);
      ctx.stroke();
    }

    /* Years, as many as there is room for. */
    axis(ctx, floor) {
      const { first, last } = this.time;
      const from = hazardmap.yearOf(first), to = hazardmap.yearOf(last);
      ctx.font = FONT;
      ctx.fillStyle = '#566674';
      ctx.strokeStyle = '#d9dfe4';
      ctx.lineWidth = 1;
      ctx.textAlign = 'center';
      ctx.textBaseline = 'bottom';
      const step = [1, 2, 5, 10, 20, 50, 100, 500].find((s) => (to - from + 1) / s * 38 < this.width) || 1000;
      ctx.beginPath();
      ctx.moveTo(INSET, floor + 0.5);
      ctx.lineTo(this.width - INSET, floor + 0.5);
      for (let year = Math.ceil(from / step) * step; year <= to; year += step) {
        const x = Math.round(this.x(Date.UTC(year, 0, 1) / 86400e3)) + 0.5;
        if (x < INSET) continue;
        ctx.moveTo(x, floor);
        ctx.lineTo(x, floor + 3);
        if (x > 14 && x < this.width - 16) ctx.fillText(String(year), x, this.height);
      }
      ctx.stroke();
    }

    /* How high the top of the chart is. */
    top(ctx, text) {
      ctx.font = FONT;
      ctx.textAlign = 'left';
      ctx.textBaseline = 'top';
      ctx.lineWidth = 3;
      ctx.strokeStyle = '#ffffff';
      ctx.strokeText(text, INSET + 3, 1);
      ctx.fillStyle = '#566674';
      ctx.fillText(text, INSET + 3, 1);
    }

    lines(ctx, floor) {
      const { lines } = this.data;
      const most = Math.max(1e-9, ...Object.values(lines).flatMap(({ m2 }) => m2.reduce((a, b) => Math.max(a, b), 0)));
      const y = (m2) => floor - m2 / most * (floor - 3);
      for (const name of ['released', 'waiting', 'open']) {
        const { day, m2 } = lines[name];
        if (!day.length) continue;
        const { colour, width, dash } = LINES[name];
        const path = new Path2D();
        const { first, last } = this.time;
        let level = y(hazardmap.valueAt(day, m2, first));
        path.moveTo(this.x(first), level);
        for (let i = hazardmap.stepAt(day, first) + 1; i < day.length && day[i] <= last; i++) {
          path.lineTo(this.x(day[i]), level);
          level = y(m2[i]);
          path.lineTo(this.x(day[i]), level);
        }
        path.lineTo(this.x(last), level);
        ctx.strokeStyle = ctx.fillStyle = colour;
        ctx.lineWidth = width;
        ctx.setLineDash(dash);
        ctx.stroke(path);
        ctx.setLineDash([]);
        path.lineTo(this.x(last), floor);
        path.lineTo(this.x(first), floor);
        ctx.globalAlpha = 0.1;
        ctx.fill(path);
        ctx.globalAlpha = 1;
      }
      this.top(ctx, hazardmap.area(most));
    }

    /* A bar for each year, worst kind at the bottom; the year of the day is the strong one. */
    bars(ctx, floor) {
      const { year, kinds } = this.data;
      const most = Math.max(1, ...year.map((_, i) => Object.values(kinds).reduce((sum, counts) => sum + counts[i], 0)));
      const shown = hazardmap.yearOf(this.time.day);
      year.forEach((y, i) => {
        const left = Math.max(INSET, this.x(Date.UTC(y, 0, 1) / 86400e3));
        const right = Math.min(this.width - INSET, this.x(Date.UTC(y + 1, 0, 1) / 86400e3));
        let top = floor;
        ctx.globalAlpha = y === shown ? 1 : 0.55;
        for (const kind of Object.keys(KINDS)) {
          if (!kinds[kind]?.[i]) continue;
          const high = kinds[kind][i] / most * (floor - 3);
          ctx.fillStyle = KINDS[kind];
          ctx.fillRect(left + 0.5, top - high, Math.max(1, right - left - 1), high);
          top -= high;
        }
      });
      ctx.globalAlpha = 1;
      this.top(ctx, hazardmap.number(most, 0));
    }

    /* The figures of the day, each with the colour of its line. */
    figures(day) {
      const { say } = hazardmap;
      if (this.data.kind === 'finds') {
        const i = this.data.year.indexOf(hazardmap.yearOf(day));
        return Object.keys(KINDS).filter((kind) => this.data.kinds[kind]).map((kind) => [kind, this.data.kinds[kind]]).map(([kind, counts]) => (
          { colour: KINDS[kind], label: say('time.finds.' + kind), text: hazardmap.number(counts[i] ?? 0, 0) }));
      }
      return Object.entries(LINES).map(([name, { colour }]) => {
        const { day: days, m2 } = this.data.lines[name];
        return { colour, label: say('time.line.' + name), text: hazardmap.area(hazardmap.valueAt(days, m2, day)) };
      });
    }
  }

  Object.assign(hazardmap, { TimeChart });
})(window.hazardmap);
