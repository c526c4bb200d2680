"""Small PMTiles files written by hand: header, directories, vector tiles or pictures; what the specifications say and no more."""

import gzip
import json
import struct
import zlib


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def zigzag(number):
    return number << 1 ^ number >> 63


def drawn(shape, parts):
    """Pen commands of parts in the units of a tile."""
    pen, at = [], (0, 0)
    for part in parts:
        for i, (x, y) in enumerate(part):
            if i < 2:
                pen.append((1 if i == 0 else 2) | (1 if i == 0 else len(part) - 1) << 3)
            pen += [zigzag(x - at[0]), zigzag(y - at[1])]
            at = (x, y)
        if shape == 3:
            pen.append(7 | 1 << 3)
    return b"".join(map(varint, pen))


def vector_tile(layers):
    """Layer → list of (1 point, 2 line or 3 polygon; parts; facts as text)."""
    out = b""
    for name, features in layers.items():
        keys = sorted({key for _, _, facts in features for key in facts})
        values = sorted({value for _, _, facts in features for value in facts.values()})
        body = field(1, name.encode())
        for shape, parts, facts in features:
            tags = b"".join(varint(keys.index(k)) + varint(values.index(v)) for k, v in facts.items())
            body += field(2, field(2, tags) + varint(3 << 3) + varint(shape) + field(4, drawn(shape, parts)))
        body += b"".join(field(3, key.encode()) for key in keys)
        body += b"".join(field(4, field(1, value.encode())) for value in values)
        out += field(3, body + varint(5 << 3) + varint(4096))
    return out


def picture(colour, side=256):
    """A PNG of one colour."""
    rows = b"".join(b"\0" + bytes(colour) * side for _ in range(side))

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def number_of(z, x, y):
    """The number of a tile: all of the zooms before it, then its place on the curve, quarter by quarter."""
    return (4**z - 1) // 3 + _place(z, x, y)


def _place(z, x, y):
    if z == 0:
        return 0
    half = 2 ** (z - 1)
    if x < half and y < half:  # begins here, turned over the diagonal
        return _place(z - 1, y, x)
    if x < half:
        return half * half + _place(z - 1, x, y - half)
    if y >= half:
        return 2 * half * half + _place(z - 1, x - half, y - half)
    return 3 * half * half + _place(z - 1, half - 1 - y, 2 * half - 1 - x)  # over the other diagonal


def directory(entries):
    """Entries are (number, run, size, offset)."""
    columns = [varint(len(entries))]
    columns += [varint(b[0] - a[0]) for a, b in zip([(0,), *entries], entries, strict=False)]
    columns += [varint(run) for _, run, _, _ in entries]
    columns += [varint(size) for _, _, size, _ in entries]
    for i, (_, _, _size, offset) in enumerate(entries):
        follows = i > 0 and offset == entries[i - 1][3] + entries[i - 1][2]
        columns.append(varint(0 if follows else offset + 1))
    return b"".join(columns)


def pmtiles(tiles, *, kind=1, attribution="", packing=2, leaf=False, version=3):
    """Write tiles {(z, x, y): bytes} as one archive; `leaf` puts the entries into a second directory."""
    pack = gzip.compress if packing == 2 else bytes
    data, entries = b"", []
    for key in sorted(tiles, key=lambda key: number_of(*key)):
        packed = pack(tiles[key]) if kind == 1 else tiles[key]
        entries.append((number_of(*key), 1, len(packed), len(data)))
        data += packed
    leaves = b""
    if leaf:
        leaves = pack(directory(entries))
        root = pack(directory([(entries[0][0], 0, len(leaves), 0)]))
    else:
        root = pack(directory(entries))
    meta = pack(json.dumps({"attribution": attribution}).encode())
    at = 127
    ends = []
    for part in (root, meta, leaves, data):
        ends += [at, len(part)]
        at += len(part)
    zooms = [z for z, _, _ in tiles]
    head = b"PMTiles" + bytes([version]) + struct.pack("<8Q", *ends)
    head += struct.pack("<3Q", len(tiles), len(tiles), len(tiles))
    head += bytes([1, packing, packing if kind == 1 else 1, kind, min(zooms), max(zooms)])
    head += struct.pack("<4i", -1800000000, -850000000, 1800000000, 850000000) + bytes([0]) + struct.pack("<2i", 0, 0)
    assert len(head) == 127
    return head + root + meta + leaves + data
