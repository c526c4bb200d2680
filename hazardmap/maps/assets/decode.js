/* Packed tables → typed arrays. The format is written by packing.py. Runs in the page and, the same text, in workers. */
(function (hazardmap) {
  'use strict';

  const ZOOM = 20; // positions are whole pixels at this zoom
  const WORLD = 256 * 2 ** ZOOM;
  const MANY = 1000; // words of a dictionary that a page reads only when somebody asks for one

  function bytesOf(base64) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  /* Both ways check the checksum of the data: a damaged block is an error, not a smaller map. */
  async function inflate(bytes) {
    if (typeof DecompressionStream === 'undefined') return fflate.unzlibSync(bytes);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  function arraysOf(data) {
    const size = new DataView(data.buffer, data.byteOffset).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + size)));
    const arrays = {};
    let at = 4 + size;
    for (const { name, count, planes, float } of header.arrays) {
      const octets = data.subarray(at, at + count * planes);
      arrays[name] = float ? floats(octets, count) : wholes(octets, count, planes);
      at += count * planes;
    }
    return { header, arrays };
  }

  function wholes(octets, count, planes) {
    if (planes > 4) throw new Error('a number too large for the map');
    const numbers = new Uint32Array(count);
    if (planes === 2) {
      for (let i = 0; i < count; i++) numbers[i] = octets[i] | octets[count + i] << 8;
      return numbers;
    }
    for (let p = 0; p < planes; p++) {
      for (let i = 0, at = p * count; i < count; i++, at++) numbers[i] |= octets[at] << (8 * p);
    }
    return numbers;
  }

  function floats(octets, count) {
    const mixed = new Uint8Array(count * 8);
    for (let p = 0; p < 8; p++) {
      for (let i = 0, at = p * count; i < count; i++, at++) mixed[i * 8 + p] = octets[at];
    }
    return new Float64Array(mixed.buffer);
  }

  const unzigzag = (n) => (n >>> 1) ^ -(n & 1);

  function starts(counts) {
    const sums = new Uint32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++) sums[i + 1] = sums[i] + counts[i];
    return sums;
  }

  function positions(start, step, partStart) {
    const out = new Int32Array(partStart[partStart.length - 1]);
    let first = 0;
    let taken = 0;
    for (let part = 0; part + 1 < partStart.length; part++) {
      first += unzigzag(start[part]);
      let here = first;
      out[partStart[part]] = here;
      for (let i = partStart[part] + 1; i < partStart[part + 1]; i++) out[i] = here += unzigzag(step[taken++]);
    }
    return out;
  }

  /* The shorter side of the rectangle that has an area and a length of edge. */
  const widthOf = (area, edge) => (area > 0 ? 4 * area / (edge + Math.sqrt(Math.max(0, edge * edge - 16 * area))) : 0);

  /* Features of one kind of shape, with an index of their boxes. A feature has parts (rings, lines, points), a part has points. */
  class Block {
    constructor({ layer, shape, count, x, y, featureStart, partStart, columns = {} }) {
      Object.assign(this, { layer, shape, count, x, y, featureStart, partStart, columns });
      this.measure();
      this.index = new Flatbush(Math.max(count, 1), 16, Int32Array);
      for (let f = 0; f < count; f++) {
        this.index.add(this.box[4 * f], this.box[4 * f + 1], this.box[4 * f + 2], this.box[4 * f + 3]);
      }
      if (!count) this.index.add(-1, -1, -1, -1);
      this.index.finish();
    }

    /* What is posted between a worker and the page, and which of it changes hands. */
    packed() {
      const columns = {};
      for (const [name, { words, ...column }] of Object.entries(this.columns)) {
        const text = words && words.length > MANY ? new TextEncoder().encode(JSON.stringify(words)) : null;
        columns[name] = text ? { ...column, text } : { ...column, words };
      }
      const block = { ...this, columns, index: this.index.data };
      const arrays = [...Object.values(block), ...Object.values(columns).flatMap((c) => [c.values, c.text])];
      return { block, transfer: [block.index, ...arrays.filter(ArrayBuffer.isView).map((array) => array.buffer)] };
    }

    static from(packed) {
      const block = Object.assign(Object.create(Block.prototype), packed);
      block.index = Flatbush.from(packed.index);
      for (const column of Object.values(block.columns)) if (column.text) readLate(column);
      return block;
    }

    /* Boxes of parts and features; whether a ring is an outer one (the encoder turns those one way, holes the other); how wide
       they are, whatever way they lie: the shorter side of a rectangle of the same area and length of edge, holes taken off. */
    measure() {
      const { x, y, partStart, featureStart, count } = this;
      const parts = partStart.length - 1;
      const partBox = this.partBox = new Int32Array(4 * parts);
      this.isOuter = new Uint8Array(parts);
      const partWidth = this.partWidth = new Float32Array(parts);
      let ring = 0, area = 0, edge = 0; // of an outer ring and its holes, which follow it
      for (let p = 0; p < parts; p++) {
        const from = partStart[p], end = partStart[p + 1];
        let px = x[end - 1], py = y[end - 1];
        let west = px, east = px, north = py, south = py, twice = 0, length = 0;
        for (let i = from; i < end; i++) {
          const cx = x[i], cy = y[i];
          if (cx < west) west = cx; else if (cx > east) east = cx;
          if (cy < north) north = cy; else if (cy > south) south = cy;
          const dx = px - cx, dy = py - cy;
          twice += dx * (py + cy);
          length += Math.sqrt(dx * dx + dy * dy);
          px = cx;
          py = cy;
        }
        const at = 4 * p;
        partBox[at] = west; partBox[at + 1] = north; partBox[at + 2] = east; partBox[at + 3] = south;
        this.isOuter[p] = twice <= 0 ? 1 : 0; // y grows downwards here
        if (twice <= 0) {
          partWidth.fill(widthOf(area, edge), ring, p);
          ring = p; area = 0; edge = 0;
        }
        area -= twice / 2;
        edge += length;
      }
      partWidth.fill(widthOf(area, edge), ring, parts);
      const box = this.box = new Int32Array(4 * count);
      const width = this.width = new Float32Array(count); // of the narrowest part
      this.largest = 0; // side of the largest box
      for (let f = 0; f < count; f++) {
        let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
        for (let at = 4 * featureStart[f], end = 4 * featureStart[f + 1]; at < end; at += 4) {
          if (partBox[at] < west) west = partBox[at];
          if (partBox[at + 1] < north) north = partBox[at + 1];
          if (partBox[at + 2] > east) east = partBox[at + 2];
          if (partBox[at + 3] > south) south = partBox[at + 3];
        }
        let least = Infinity;
        for (let p = featureStart[f]; p < featureStart[f + 1]; p++) if (partWidth[p] < least) least = partWidth[p];
        width[f] = least;
        const at = 4 * f;
        box[at] = west; box[at + 1] = north; box[at + 2] = east; box[at + 3] = south;
        if (east - west > this.largest) this.largest = east - west;
        if (south - north > this.largest) this.largest = south - north;
      }
    }

    /* Place of a feature's sign among the signs of its layer; -1 when the cell is empty. */
    signAt(name, feature) {
      const column = this.columns[name];
      const code = column.values[feature];
      return code ? column.signs[code - 1] : -1;
    }

    /* Tell the block which place each code of a sign column has; an unknown sign is an error: it would not be drawn. */
    learnSigns(codes) {
      for (const name of ['symbol', 'flag']) {
        const column = this.columns[name];
        if (!column) continue;
        column.signs = column.words.map((word) => codes.indexOf(word));
        column.total = codes.length;
        if (column.signs.includes(-1)) throw new Error('a record with a sign that the map does not know');
      }
    }

    /* Features by the place of their sign, for all of the block: lists of their numbers. */
    sorted(name) {
      const column = this.columns[name];
      if (!column.lists) {
        const counts = new Uint32Array(column.total);
        const { values, signs } = column;
        for (let f = 0; f < this.count; f++) if (values[f]) counts[signs[values[f] - 1]]++;
        column.lists = Array.from(counts, (count) => new Uint32Array(count));
        for (let f = this.count - 1; f >= 0; f--) if (values[f]) column.lists[signs[values[f] - 1]][--counts[signs[values[f] - 1]]] = f;
      }
      return column.lists;
    }

    /* A cell of a column: text, list, number, ISO day, or null where it is missing. */
    value(name, feature) {
      const column = this.columns[name];
      if (!column) return null;
      const cell = column.values[feature];
      if (column.kind === 'number') return Number.isNaN(cell) ? null : cell;
      if (cell === 0) return null;
      if (column.kind === 'day') return new Date(unzigzag(cell - 1) * 86400e3).toISOString().slice(0, 10);
      return column.words[cell - 1];
    }
  }

  /* A large dictionary stays as bytes until one of its words is wanted: ids of a nation are read when somebody searches. */
  function readLate(column) {
    let words = null;
    Object.defineProperty(column, 'words', {
      get: () => {
        if (!words) { words = JSON.parse(new TextDecoder().decode(column.text)); column.text = null; }
        return words;
      },
    });
  }

  function blockOf(layer, data) {
    const { header, arrays } = arraysOf(data);
    const partStart = starts(arrays.points_of);
    const columns = {};
    for (const [name, about] of Object.entries(header.columns)) {
      columns[name] = { ...about, values: arrays['column:' + name] };
    }
    return new Block({
      layer, shape: header.shape, count: header.count, columns, partStart,
      featureStart: starts(arrays.parts_of),
      x: positions(arrays.x_start, arrays.x_step, partStart),
      y: positions(arrays.y_start, arrays.y_step, partStart),
    });
  }

  /* In a worker: decode what comes, one block at a time, and hand its arrays over without copying them. */
  if (typeof document === 'undefined') {
    self.onmessage = async ({ data: { layer, base64 } }) => {
      try {
        const { block, transfer } = blockOf(layer, await inflate(bytesOf(base64))).packed();
        self.postMessage({ block }, transfer);
      } catch (error) {
        self.postMessage({ failed: String(error.message || error) });
      }
    };
    self.postMessage({ started: true });
  }

  Object.assign(hazardmap, { ZOOM, WORLD, Block, bytesOf, inflate, blockOf });
})(self.hazardmap);
