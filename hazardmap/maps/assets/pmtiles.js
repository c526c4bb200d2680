/* PMTiles of version 3 in memory → the bytes of a tile; vector tiles (MVT 2.1) → features. Knows no colours. */
(function (hazardmap) {
  'use strict';

  const [GZIP, HEADER] = [2, 127];

  /* Numbers of a protocol buffer and of the directories: seven bits a byte, the lowest first. */
  class Reader {
    constructor(bytes) { this.bytes = bytes; this.at = 0; this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength); }

    get more() { return this.at < this.bytes.length; }

    varint() {
      let value = 0, factor = 1, byte;
      do {
        if (!this.more) throw new Error('a tile that ends too early');
        byte = this.bytes[this.at++];
        value += (byte & 0x7f) * factor;
        factor *= 128;
      } while (byte & 0x80);
      return value;
    }

    part() {
      const size = this.varint(), from = this.at;
      this.at += size;
      if (this.at > this.bytes.length) throw new Error('a tile that ends too early');
      return this.bytes.subarray(from, this.at);
    }

    skip(wire) {
      if (wire === 0) this.varint(); else if (wire === 1) this.at += 8; else if (wire === 2) this.part(); else if (wire === 5) this.at += 4;
      else throw new Error('a tile of another kind');
    }

    /* Call `read(field, wire)` for each field; false means that it was not read. */
    fields(read) {
      while (this.more) {
        const key = this.varint();
        if (read(key >> 3, key & 7) === false) this.skip(key & 7);
      }
    }
  }

  /* The number of a tile: tiles of all zooms in one row, those of a zoom along a Hilbert curve. */
  function numberOf(z, x, y) {
    let number = (4 ** z - 1) / 3;
    for (let s = 2 ** (z - 1); s >= 1; s /= 2) {
      const rx = x >= s ? 1 : 0, ry = y >= s ? 1 : 0;
      number += s * s * ((3 * rx) ^ ry);
      x -= rx * s;
      y -= ry * s;
      if (!ry) {
        if (rx) { x = s - 1 - x; y = s - 1 - y; }
        [x, y] = [y, x];
      }
    }
    return number;
  }

  class Archive {
    constructor(bytes) {
      this.bytes = bytes;
      const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER);
      const far = (at) => Number(view.getBigUint64(at, true));
      [this.inner, this.outer] = [bytes[97], bytes[98]];
      [this.leaves, this.tiles] = [far(40), far(56)];
      this.root = this.directory(far(8), far(16));
      this.known = new Map();
    }

    opened(from, size, packing) {
      const part = this.bytes.subarray(from, from + size);
      return packing === GZIP ? fflate.gunzipSync(part) : part;
    }

    directory(from, size) {
      const read = new Reader(this.opened(from, size, this.inner));
      const count = read.varint();
      const column = () => Array.from({ length: count }, () => read.varint());
      const [steps, runs, sizes, places] = [column(), column(), column(), column()];
      let id = 0, before = 0;
      return steps.map((step, i) => {
        id += step;
        const offset = places[i] ? places[i] - 1 : before + (i ? sizes[i - 1] : 0); // 0: right after the one before
        before = offset;
        return { id, run: runs[i], size: sizes[i], offset };
      });
    }

    /* The bytes of a tile, unpacked; null where the archive has none. */
    tile(z, x, y) {
      const number = numberOf(z, x, y);
      let entries = this.root;
      for (let depth = 0; depth < 4; depth++) {
        let low = 0, high = entries.length - 1;
        while (low <= high) {
          const middle = (low + high) >> 1;
          if (entries[middle].id <= number) low = middle + 1; else high = middle - 1;
        }
        const entry = entries[high];
        if (!entry) return null;
        if (entry.run) return number < entry.id + entry.run ? this.opened(this.tiles + entry.offset, entry.size, this.outer) : null;
        if (!this.known.has(entry.offset)) this.known.set(entry.offset, this.directory(this.leaves + entry.offset, entry.size));
        entries = this.known.get(entry.offset);
      }
      return null;
    }
  }

  const text = (bytes) => new TextDecoder().decode(bytes);

  function valueOf(bytes) {
    const read = new Reader(bytes);
    let value = null;
    read.fields((field) => {
      if (field === 1) value = text(read.part());
      else if (field === 2) { value = read.view.getFloat32(read.at, true); read.at += 4; }
      else if (field === 3) { value = read.view.getFloat64(read.at, true); read.at += 8; }
      else if (field >= 4 && field <= 7) value = read.varint();
      else return false;
      return true;
    });
    return value;
  }

  const numbers = (bytes) => {
    const read = new Reader(bytes), out = [];
    while (read.more) out.push(read.varint());
    return out;
  };

  const unzigzag = (n) => (n % 2 ? -(n + 1) / 2 : n / 2);

  /* Commands of a pen → parts of [x, y, x, y …]; closed ones end where they began. */
  function partsOf(commands) {
    const parts = [];
    let part = null, x = 0, y = 0;
    for (let i = 0; i < commands.length;) {
      const command = commands[i] & 7;
      let count = Math.floor(commands[i++] / 8);
      if (command === 7) { if (part) part.push(part[0], part[1]); continue; }
      for (; count > 0 && i + 1 < commands.length; count--) {
        x += unzigzag(commands[i++]);
        y += unzigzag(commands[i++]);
        if (command === 1) parts.push(part = []);
        if (part) part.push(x, y);
      }
    }
    return parts;
  }

  const SHAPES = ['', 'point', 'line', 'polygon'];

  function layerOf(bytes) {
    const read = new Reader(bytes), layer = { name: '', extent: 4096, features: [] }, keys = [], values = [], raw = [];
    read.fields((field) => {
      if (field === 1) layer.name = text(read.part());
      else if (field === 2) raw.push(read.part());
      else if (field === 3) keys.push(text(read.part()));
      else if (field === 4) values.push(valueOf(read.part()));
      else if (field === 5) layer.extent = read.varint();
      else return false;
      return true;
    });
    for (const bytes_ of raw) {
      const inner = new Reader(bytes_), feature = { shape: '', parts: [], facts: {} };
      inner.fields((field) => {
        if (field === 2) {
          const tags = numbers(inner.part());
          for (let i = 0; i + 1 < tags.length; i += 2) feature.facts[keys[tags[i]]] = values[tags[i + 1]];
        } else if (field === 3) feature.shape = SHAPES[inner.varint()] || '';
        else if (field === 4) feature.parts = partsOf(numbers(inner.part()));
        else return false;
        return true;
      });
      layer.features.push(feature);
    }
    return layer;
  }

  function vectorTile(bytes) {
    const read = new Reader(bytes), layers = [];
    read.fields((field) => { if (field !== 3) return false; layers.push(layerOf(read.part())); return true; });
    return layers;
  }

  Object.assign(hazardmap, { pmtiles: { Archive, vectorTile, numberOf } });
})(window.hazardmap);
