"""Arcs as straight pieces, and by how much they are off; WKB with arcs as WKB without.

Arcs are drawn in pieces of one degree. What cannot be understood is left as it is, and is told as a flaw by whoever
builds the shape. Knows arcs and WKB; knows nothing of files.
"""

from __future__ import annotations

import math
import struct
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Degrees of an arc that one straight piece spans; it is off by no more than ARC_SHARE of the radius.
STEP_DEG = 1.0
ARC_SHARE = 1 - math.cos(math.radians(STEP_DEG / 2))
_MOST_PIECES = 3_600
_DEEPEST = 8
#: Kinds of WKB that may hold arcs: circular string, compound curve, curve polygon, multicurve, multisurface.
_CURVED = frozenset({8, 9, 10, 11, 12})
_PLAIN = {8: 2, 9: 2, 10: 3, 11: 5, 12: 6}


def arc_pieces(a: list[float], b: list[float], c: list[float], *, full: bool) -> tuple[list[list[float]], float]:
    """Draw the arc from a over b to c, or the full circle, in straight pieces; give their ends and the radius.

    Examples
    --------
    >>> pieces, radius = arc_pieces([1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], full=False)
    >>> len(pieces), round(radius, 9), pieces[-1]
    (180, 1.0, [-1.0, 0.0])
    """
    (ax, ay), (bx, by), (cx, cy) = a, b, c
    double = 2 * ((bx - ax) * (cy - ay) - (cx - ax) * (by - ay))
    if double == 0:
        return [b, c, *([a] if full else [])], 0.0
    bb, cc = (bx - ax) ** 2 + (by - ay) ** 2, (cx - ax) ** 2 + (cy - ay) ** 2
    x, y = ax + ((cy - ay) * bb - (by - ay) * cc) / double, ay + ((bx - ax) * cc - (cx - ax) * bb) / double
    radius = math.hypot(ax - x, ay - y)
    if not math.isfinite(radius):
        return [b, c, *([a] if full else [])], 0.0
    start, end = math.atan2(ay - y, ax - x), math.atan2(cy - y, cx - x)
    left = double > 0
    turn = (end - start) % (2 * math.pi) if left else -((start - end) % (2 * math.pi))
    if full:
        turn, last = (2 * math.pi if left else -2 * math.pi), a
    else:
        last = c
    count = min(max(1, math.ceil(abs(math.degrees(turn)) / STEP_DEG - 1e-9)), _MOST_PIECES)
    ends = [start + turn * i / count for i in range(1, count)]
    return [*([x + radius * math.cos(t), y + radius * math.sin(t)] for t in ends), last], radius


def told(arcs: int) -> tuple[str, ...]:
    """Tell that arcs were drawn as straight pieces, as notes of a sheet.

    Examples
    --------
    >>> told(0), told(2)
    ((), ('2 arcs are drawn as straight pieces, off by no more than 3.8e-05 of the radius (4 mm for 100 m)',))
    """
    share = f"{ARC_SHARE:.2g} of the radius (4 mm for 100 m)"
    return (f"{arcs:,} arcs are drawn as straight pieces, off by no more than {share}",) if arcs else ()


def straightened(blobs: Sequence[bytes | None]) -> tuple[list[bytes | None], int]:
    """Give WKB without arcs, and how many arcs were drawn as straight pieces.

    Examples
    --------
    >>> import shapely, struct
    >>> half = struct.pack("<BII6d", 1, 8, 3, 1, 0, 0, 1, -1, 0)
    >>> (line,), arcs = straightened([half])
    >>> arcs, len(shapely.from_wkb(line).coords), straightened([None, b"x"])
    (1, 181, ([None, b'x'], 0))
    """
    made: list[bytes | None] = []
    arcs = [0]
    for blob in blobs:
        plain = blob
        if blob is not None and len(blob) > 5 and _may_curve(blob):
            before = arcs[0]
            try:
                kind, body, _ = _read(blob, 0, arcs, 0)
                plain = _written(kind, body) if arcs[0] > before or kind in _CURVED else blob
            except (struct.error, IndexError, ValueError, OverflowError, MemoryError):
                arcs[0] = before  # left as it is: the shape says itself that it cannot be built
        made.append(plain)
    return made, arcs[0]


def _may_curve(blob: bytes) -> bool:
    return _kind(struct.unpack_from("<I" if blob[0] == 1 else ">I", blob, 1)[0])[0] in _CURVED | {7}


def _kind(code: int) -> tuple[int, int]:
    """Give the kind of WKB and its dimensions, in the spelling of ISO or of PostGIS."""
    size = 2 + bool(code & 0x80000000) + bool(code & 0x40000000)
    code &= 0x0FFFFFFF
    return code % 1000, size + {1: 1, 2: 1, 3: 2}.get(code // 1000, 0)


def _read(data: bytes, at: int, arcs: list[int], depth: int) -> tuple[int, Any, int]:
    order = "<" if data[at] == 1 else ">"
    (code,) = struct.unpack_from(order + "I", data, at + 1)
    kind, size = _kind(code)
    at += 9 if code & 0x20000000 else 5
    if depth > _DEEPEST:
        raise ValueError
    if kind == 1:
        return 1, [struct.unpack_from(f"{order}{size}d", data, at)[:2]], at + 8 * size
    (count,) = struct.unpack_from(order + "I", data, at)
    at += 4
    if kind in {2, 8}:
        places, at = _places(data, at, order, size, count)
        return 2, (_arcs(places, arcs) if kind == 8 else places), at
    parts: list[Any] = []
    for _ in range(count):
        if kind == 3:
            (number,) = struct.unpack_from(order + "I", data, at)
            part, at = _places(data, at + 4, order, size, number)
            parts.append(part)
        else:
            inner, part, at = _read(data, at, arcs, depth + 1)
            parts.append((inner, part) if kind in {4, 5, 6, 7, 11, 12} else part)
    if kind == 9:
        return 2, _joined(parts), at
    if kind not in {3, 4, 5, 6, 7, 10, 11, 12}:
        raise ValueError
    return _PLAIN.get(kind, kind), parts, at


def _places(data: bytes, at: int, order: str, size: int, count: int) -> tuple[list[Any], int]:
    end = at + 8 * size * count
    if end > len(data):
        raise ValueError
    numbers = struct.unpack_from(f"{order}{size * count}d", data, at)
    return [numbers[i : i + 2] for i in range(0, len(numbers), size)], end


def _joined(parts: list[Any]) -> list[Any]:
    if any(not a or not b or tuple(a[-1]) != tuple(b[0]) for a, b in pairwise(parts)):
        raise ValueError  # pieces that do not meet
    return [p for i, part in enumerate(parts) for p in part[i > 0 :]]


def _arcs(places: list[Any], arcs: list[int]) -> list[Any]:
    if len(places) < 3 or len(places) % 2 == 0 or not all(math.isfinite(v) for p in places for v in p):
        raise ValueError
    made = [places[0]]
    for i in range(0, len(places) - 2, 2):
        a, b, c = (list(p) for p in places[i : i + 3])
        arcs[0] += 1
        if a != c:
            made += arc_pieces(a, b, c, full=False)[0]
            continue
        x, y = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2  # a whole circle: from a over b, opposite, to a
        aside = [x - (a[1] - y), y + (a[0] - x)]
        other = [x + (a[1] - y), y - (a[0] - x)]
        made += arc_pieces(a, aside, b, full=False)[0] + arc_pieces(b, other, a, full=False)[0]
    return made


def _written(kind: int, body: Any) -> bytes:
    head = struct.pack("<BI", 1, kind)
    if kind == 1:
        return head + struct.pack("<2d", *body[0])
    if kind == 2:
        return head + _listed(body)
    if kind == 3:
        return head + struct.pack("<I", len(body)) + b"".join(_listed(ring) for ring in body)
    return head + struct.pack("<I", len(body)) + b"".join(_written(k, part) for k, part in body)


def _listed(places: list[Any]) -> bytes:
    return struct.pack(f"<I{2 * len(places)}d", len(places), *(float(v) for p in places for v in p))
