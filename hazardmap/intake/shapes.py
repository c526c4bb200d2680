"""Build shapes row by row, so that one bad record never loses the file.

Vectorised decoders (shapely) go first; what they refuse is taken apart here into nested positions, rings are
closed or found broken, and the reason stays with the row. Knows shapes and their texts; knows nothing of tables,
of metres or of what a hazard is.
"""

from __future__ import annotations

import json
import math
import re
import struct
from functools import partial
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hazardmap.intake.sheet import Flaw, Gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    Array = NDArray[Any]

_TYPES = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
_BY_FOLD = {t.casefold(): t for t in _TYPES}
_NUMBER = "finite numbers, longitude or x first"
_NESTING = "coordinates nested as their type asks"
_CLOSED = "a closed ring"
_PLACES = "a ring of at least 3 places"
_ONE_OUTER = "one outer boundary for each polygon"
_KIND = f"one of {', '.join(_TYPES)}"
_DEEPEST = 8
_LONGEST = 100_000


class BrokenError(Exception):
    """A signal to `built`: the shape cannot be built at all."""

    def __init__(self, found: str, expected: str, draft: Any = None) -> None:
        super().__init__(found)
        self.found, self.expected, self.draft = found, expected, draft


class Chain(list[Any]):
    """The pieces of one line or ring, arrays of positions that join end to end; or why they cannot be had.

    Stands in nested coordinates where a list of positions would, so that a broken hole is judged like any other.
    """

    fault: BrokenError | None = None

    def joined(self, gaps: list[Gap]) -> Array:
        """Give the positions in one array; where two pieces do not meet, a straight line joins them, and is a gap."""
        if self.fault is not None:
            raise self.fault
        if not self:
            return np.empty((0, 2))
        size = min(piece.shape[1] for piece in self)
        parts = [self[0][:, :size]]
        for before, piece in pairwise(self):
            meet = bool((before[-1, :2] == piece[0, :2]).all())
            if not meet:
                gaps.append((float(before[-1, 0]), float(before[-1, 1]), float(piece[0, 0]), float(piece[0, 1])))
            parts.append(piece[int(meet) :, :size])
        return np.concatenate(parts)


class Outers(list[Any]):
    """The rings of a polygon that has not one outer boundary: the outer ones, then its holes.

    Stands in nested coordinates where the rings of one polygon would. Such a polygon is broken; the most that it can
    mean is the ground inside all of its outer rings, its holes left out.
    """

    def __init__(self, outer: list[Any], inner: list[Any]) -> None:
        super().__init__([*outer, *inner])
        self.outer = outer


def from_geojson(geometry: Any) -> tuple[Any, Flaw | None]:
    """Build a shape from a GeoJSON geometry object.

    Returns
    -------
    The shapely geometry, or None, and what is wrong with it, or None.

    Examples
    --------
    >>> shape, flaw = from_geojson({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]})
    >>> shape, flaw.found, flaw.gaps, str(flaw.draft)
    (None, 'a ring left open', ((1.0, 1.0, 0.0, 0.0),), 'POLYGON ((0 0, 1 0, 1 1, 0 0))')
    >>> from_geojson(None)
    (None, None)
    """
    if geometry is None:
        return None, None
    return built(lambda gaps: of_object(geometry, gaps), lambda: as_text(geometry))


def from_wkb(values: Iterable[bytes | None]) -> tuple[Array, dict[int, Flaw]]:
    """Build shapes from WKB; what shapely refuses is read byte by byte.

    Returns
    -------
    The geometries, None where missing or flawed, and position → flaw.
    """
    return _decoded(array(values), shapely.from_wkb, lambda v: _wkb(v, 0)[0], bytes.hex)


def from_wkt(values: Iterable[str | None]) -> tuple[Array, dict[int, Flaw]]:
    """Build shapes from WKT; what shapely refuses is read token by token.

    Examples
    --------
    >>> found, flaws = from_wkt(["POINT (1 2)", "POLYGON ((0 0, 1 0))", "nowhere", None])
    >>> [str(f) for f in found], {i: f.found for i, f in flaws.items()}
    (['POINT (1 2)', 'None', 'None', 'None'], {1: 'a ring of 2 places', 2: "'nowhere' is no WKT"})
    """
    return _decoded(array(values), shapely.from_wkt, _wkt, str)


def array(values: Iterable[Any]) -> Array:
    """Give values as an array of objects, whatever they are."""
    listed = list(values)
    made = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made


def _decoded(
    given: Array, fast: Callable[..., Any], slow: Callable[[Any], Any], text: Callable[[Any], str]
) -> tuple[Array, dict[int, Flaw]]:
    missing = np.array([v is None for v in given], dtype=bool)
    try:
        with np.errstate(invalid="ignore", over="ignore"):
            found = array(fast(given, on_invalid="ignore")) if len(given) else given
    except (shapely.errors.GEOSException, NotImplementedError):
        # GEOSException: text of half characters; NotImplementedError: arcs. One such record spoils the whole call:
        # every one is taken apart below, and says itself what is wrong with it.
        found = array([None] * len(given))
    flaws: dict[int, Flaw] = {}
    finite = _finite(found)
    for i in np.flatnonzero((shapely.is_missing(found) & ~missing) | ~finite):
        value = given[i]
        found[i], flaw = built(partial(_taken_apart, slow, value), partial(text, value))
        if flaw:
            flaws[int(i)] = flaw
    return found, flaws


def _taken_apart(slow: Callable[[Any], Any], value: Any, gaps: list[Gap]) -> Any:
    return of_object(slow(value), gaps)


def _finite(shapes: Array) -> Array:
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    return np.asarray(np.bincount(owner, ~np.isfinite(xy).all(axis=1), minlength=len(shapes)) == 0)


def built(build: Callable[[list[Gap]], Any], text: Callable[[], str]) -> tuple[Any, Flaw | None]:
    """Build a shape; give it, or None and what is wrong with it, the shape as entered in the words of `text`."""
    gaps: list[Gap] = []
    try:
        shape = build(gaps)
    except BrokenError as broken:
        return None, Flaw(broken.found, broken.expected, _cut(text()), draft=broken.draft)
    except shapely.errors.ShapelyError as error:
        return None, Flaw(f"a shape that cannot be built ({error})", _NESTING, _cut(text()))
    if gaps:
        return None, Flaw("a ring left open", _CLOSED, _cut(text()), tuple(gaps), shape)
    return shape, None


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + f"… ({len(text):,} characters)"


def as_text(value: Any) -> str:
    """Write a shape as a file had it; half characters, which no table can hold, as JSON spells them."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, default=str)
    return text


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else as_text(value)
    text = text.encode(errors="backslashreplace").decode()
    return repr(text) if len(text) <= 40 else repr(text[:39] + "…")


def of_object(geometry: Any, gaps: list[Gap], depth: int = 0) -> Any:
    """Build a shape from a GeoJSON geometry object; where rings were left open is added to the gaps.

    Raises
    ------
    BrokenError
        When it cannot be built.
    """
    if not isinstance(geometry, dict):
        raise BrokenError(f"{_shown(geometry)} in place of a shape", "a shape object or nothing")
    kind = _BY_FOLD.get(str(geometry.get("type")).casefold())
    if kind is None:
        raise BrokenError(f"a shape of type {_shown(geometry.get('type'))}", _KIND)
    if kind != "GeometryCollection":
        if not isinstance(geometry.get("coordinates"), list):
            raise BrokenError(f"coordinates {_shown(geometry.get('coordinates'))}", _NUMBER)
        return _BUILDERS[kind](geometry["coordinates"], gaps)
    members = geometry.get("geometries")
    if not isinstance(members, list) or depth > _DEEPEST:
        raise BrokenError("a collection without a list of shapes, or too deep", _NESTING)
    return shapely.GeometryCollection(_each(members, lambda member: of_object(member, gaps, depth + 1)))


def _each(parts: Iterable[Any], one: Callable[[Any], Any]) -> list[Any]:
    """Build the parts of one shape; where one is broken, the draft of all is every part at the most it can mean.

    What can be said of one part alone is less than the whole: where the most of any is not known, there is no draft.
    """
    made: list[Any] = []
    first: BrokenError | None = None
    for part in parts:
        try:
            made.append(one(part))
        except BrokenError as broken:
            first = first or broken
            made.append(broken.draft)
    if first is None:
        return made
    whole = made[0] if len(made) == 1 else shapely.GeometryCollection(made)
    draft = None if any(m is None for m in made) else whole
    raise BrokenError(f"a part: {first.found}", first.expected, draft)


def positions(value: Any, gaps: list[Gap] | None = None) -> Array:
    """Check the positions of one line or ring and give them as x, y(, z).

    Raises
    ------
    BrokenError
        When they are no positions.
    """
    if isinstance(value, Chain):
        return value.joined([] if gaps is None else gaps)
    if not isinstance(value, list) or not set(map(type, value)) <= {list}:
        raise BrokenError(f"{_shown(value)} in place of positions", _NESTING)
    flat = set(map(type, chain.from_iterable(value)))
    if not flat <= {int, float}:
        strange = next(v for v in chain.from_iterable(value) if type(v) not in (int, float))
        if isinstance(strange, list):
            raise BrokenError("positions nested too deep", _NESTING)
        raise BrokenError(f"the coordinate {_shown(strange)}", _NUMBER)
    sizes = set(map(len, value))
    if sizes and (min(sizes) < 2):
        raise BrokenError(f"a position of {min(sizes)} numbers", "positions of x and y")
    size = 3 if sizes and min(sizes) >= 3 else 2
    try:
        xy = np.array(value if sizes <= {size} else [p[:size] for p in value], dtype="float64").reshape(-1, size)
    except OverflowError:
        raise BrokenError("a coordinate beyond all numbers", _NUMBER) from None
    if not np.isfinite(xy[:, :2]).all():
        raise BrokenError("a coordinate that is no number (NaN or infinite)", _NUMBER)
    return xy


def _ring(value: Any, gaps: list[Gap]) -> Any:
    xy = positions(value, gaps)
    if len(xy) == 0:
        raise BrokenError("a ring without positions", _PLACES)
    open_ring = bool((xy[0, :2] != xy[-1, :2]).any())
    if len(xy) + open_ring < 4:
        places = len(np.unique(xy[:, :2], axis=0))
        draft = shapely.Point(xy[0, :2]) if places == 1 else shapely.LineString(xy[:, :2])
        raise BrokenError(f"a ring of {places} place{'s' if places > 1 else ''}", _PLACES, draft)
    if open_ring:
        gaps.append((float(xy[-1, 0]), float(xy[-1, 1]), float(xy[0, 0]), float(xy[0, 1])))
        xy = np.vstack([xy, xy[:1]])
    return shapely.linearrings(xy)


def _polygon(value: list[Any], gaps: list[Gap]) -> Any:
    if isinstance(value, Outers):
        raise _several(value)
    if not value:
        return shapely.Polygon()
    shell = _ring(value[0], gaps)
    holes = []
    broken: BrokenError | None = None
    for hole in value[1:]:
        try:
            holes.append(_ring(hole, gaps))
        except BrokenError as error:
            broken = error
    if broken is not None:  # without its broken hole the polygon is the most that it can mean
        raise BrokenError(f"a hole: {broken.found}", broken.expected, shapely.Polygon(shell, holes))
    return shapely.polygons(shell, holes=holes or None)


def _several(rings: Outers) -> BrokenError:
    try:
        parts = _each(rings.outer, lambda ring: _polygon([ring], []))
        draft = shapely.GeometryCollection(parts) if parts else None
    except BrokenError as broken:
        draft = broken.draft
    return BrokenError(f"a polygon with {len(rings.outer)} outer boundaries", _ONE_OUTER, draft)


def _point(value: list[Any], gaps: list[Gap]) -> Any:
    del gaps
    return shapely.points(positions([value])[0]) if value else shapely.Point()


def _line(value: list[Any], gaps: list[Gap]) -> Any:
    del gaps
    apart: list[Gap] = []
    xy = positions(value, apart)
    if apart:
        raise BrokenError("arcs that do not meet", "arcs that join end to end", shapely.LineString(xy))
    if len(xy) == 1:
        raise BrokenError("a line of 1 place", "a line of at least 2 places", shapely.Point(xy[0, :2]))
    return shapely.LineString(xy) if len(xy) else shapely.LineString()


def _many(
    one: Callable[[list[Any], list[Gap]], Any], gather: Callable[[list[Any]], Any]
) -> Callable[[list[Any], list[Gap]], Any]:
    def build(value: list[Any], gaps: list[Gap]) -> Any:
        if not all(isinstance(part, list) for part in value):
            raise BrokenError(f"{_shown(value)} in place of parts", _NESTING)
        filled = [part for part in value if part]
        whole = gather(_each(filled, lambda part: one(part, gaps)))
        if filled and len(filled) < len(value):
            raise BrokenError("a part without positions", "positions in every part", whole)
        return whole

    return build


_BUILDERS: dict[str, Callable[[list[Any], list[Gap]], Any]] = {
    "Point": _point,
    "LineString": _line,
    "Polygon": _polygon,
    "MultiPoint": _many(_point, shapely.MultiPoint),
    "MultiLineString": _many(_line, shapely.MultiLineString),
    "MultiPolygon": _many(_polygon, shapely.MultiPolygon),
}


# WKB and WKT are taken apart into the same nested lists as GeoJSON, and built by the same rules.


def _wkb(data: bytes, start: int, depth: int = 0) -> tuple[dict[str, Any], int]:
    try:
        order = "<" if data[start] == 1 else ">"
        (code,) = struct.unpack_from(order + "I", data, start + 1)
        position = start + 5
        dimensions = 2 + bool(code & 0x80000000) + bool(code & 0x40000000)
        if code & 0x20000000:
            position += 4
        code &= 0x0FFFFFFF
        dimensions += {0: 0, 1: 1, 2: 1, 3: 2}.get(code // 1000, 0)
        kind = code % 1000
        if not 1 <= kind <= 7 or depth > _DEEPEST:
            raise BrokenError(f"a shape of WKB type {code}", f"{_KIND}; convert curves to lines first")
        return _wkb_body(data, position, order, dimensions, kind, depth)
    except (struct.error, IndexError, ValueError, OverflowError):
        raise BrokenError("WKB that is cut short or garbled", "whole WKB") from None


def _wkb_body(
    data: bytes, position: int, order: str, dimensions: int, kind: int, depth: int
) -> tuple[dict[str, Any], int]:
    def places(at: int, count: int) -> tuple[list[list[float]], int]:
        end = at + 8 * dimensions * count
        if end > len(data):
            raise ValueError
        numbers = np.frombuffer(data, dtype=order + "f8", count=dimensions * count, offset=at)
        return numbers.reshape(count, dimensions)[:, : min(dimensions, 3)].tolist(), end

    def number(at: int) -> tuple[int, int]:
        return struct.unpack_from(order + "I", data, at)[0], at + 4

    if kind == 1:
        (place,), position = places(position, 1)
        empty = all(math.isnan(v) for v in place[:2])
        return {"type": "Point", "coordinates": [] if empty else place}, position
    count, position = number(position)
    parts: list[Any] = []
    if kind == 2:
        parts, position = places(position, count)
    elif kind == 3:
        for _ in range(count):
            size, position = number(position)
            ring, position = places(position, size)
            parts.append(ring)
    else:
        for _ in range(count):
            member, position = _wkb(data, position, depth + 1)
            parts.append(member if kind == 7 else member.get("coordinates"))
    return {"type": _TYPES[kind - 1], "geometries" if kind == 7 else "coordinates": parts}, position


_TOKENS = re.compile(r"\s*([A-Za-z]+|\(|\)|,|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")


def _wkt(text: str) -> dict[str, Any]:
    tokens: list[str] = []
    position, stripped = 0, text.strip()
    while position < len(stripped):
        match = _TOKENS.match(stripped, position)
        if match is None:
            raise BrokenError(f"{_shown(text)} is no WKT", "WKT")
        tokens.append(match.group(1))
        position = match.end()
    try:
        found, end = _wkt_shape(tokens, 0, 0)
    except (IndexError, ValueError):
        raise BrokenError(f"{_shown(text)} is no WKT", "WKT") from None
    if end != len(tokens):
        raise BrokenError(f"{_shown(text)} is no WKT", "WKT")
    return found


def _wkt_shape(tokens: list[str], at: int, depth: int) -> tuple[dict[str, Any], int]:
    kind = _BY_FOLD.get(re.sub(r"(?i)(zm|z|m)$", "", tokens[at]).casefold()) or _BY_FOLD.get(tokens[at].casefold())
    if kind is None or depth > _DEEPEST:
        raise ValueError
    at += 1
    if tokens[at].casefold() in {"z", "m", "zm"}:
        at += 1
    name = "geometries" if kind == "GeometryCollection" else "coordinates"
    if tokens[at].casefold() == "empty":
        return {"type": kind, name: []}, at + 1
    if kind == "GeometryCollection":
        members, at = [], at + 1
        while tokens[at - 1] != ")":
            member, at = _wkt_shape(tokens, at, depth + 1)
            members.append(member)
            if tokens[at] not in {",", ")"}:
                raise ValueError
            at += 1
        return {"type": kind, name: members}, at
    nested, at = _wkt_list(tokens, at, 0)
    if kind == "Point":
        (nested,) = nested
    elif kind == "MultiPoint":  # both spellings: ((1 2), (3 4)) and (1 2, 3 4)
        nested = [p[0] if p and isinstance(p[0], list) else p for p in nested]
    return {"type": kind, name: nested}, at


def _wkt_list(tokens: list[str], at: int, depth: int) -> tuple[list[Any], int]:
    if tokens[at] != "(" or depth > _DEEPEST:
        raise ValueError
    items: list[Any] = []
    while tokens[at] != ")":
        at += 1
        if tokens[at] == "(":
            item, at = _wkt_list(tokens, at, depth + 1)
        else:
            item = []
            while tokens[at] not in {",", ")"}:
                item.append(_wkt_number(tokens[at]))
                at += 1
        items.append(item)
        if tokens[at] not in {",", ")"}:
            raise ValueError
    return items, at + 1


def _wkt_number(token: str) -> float:
    if token.casefold() in {"nan", "inf", "infinity"}:
        return math.nan
    return float(token)
