"""Read TopoJSON: shapes whose boundaries are kept once, as arcs that neighbours share.

Arcs are decoded here and every shape is built from them by the rules of all the others (shapes.py): a broken arc is
a flaw of the rows that use it, never of the file. Numbers keep all their digits, a key that stands twice is a fault of
its row. The format states no CRS, and none is assumed. Knows the format; knows nothing of tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap.errors import FileError
from hazardmap.intake import counting, json_text, layers, shapes
from hazardmap.intake.json_text import CUT, HANDED_OVER, short, skip
from hazardmap.intake.sheet import CellFault, Flaw, Sheet

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Type → how deep lists of arc numbers are nested in its arcs.
_DEPTHS = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}
_TYPES = {t.casefold(): t for t in (*_DEPTHS, "Point", "MultiPoint", "GeometryCollection")}
_INDEX = "numbers of arcs that the file has"
_DEEPEST = 8


@dataclass(frozen=True)
class _Transform:
    """How whole numbers on a grid become coordinates."""

    scale: Array
    translate: Array

    def places(self, xy: Array) -> Array:
        """Carry positions from the grid; what is beyond x and y stays."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.column_stack([xy[:, :2] * self.scale + self.translate, xy[:, 2:]])


@dataclass(frozen=True)
class _Topology:
    """The arcs of the file, decoded, or what is wrong with each; and the grid, or None."""

    arcs: list[Any]
    transform: _Transform | None


def read(path: Path, *, sha256: str, layer: str | None, wanted: str, encoding: str | None = None) -> Sheet:
    """Read an object of a TopoJSON file as a layer; when it has several, the one named, or named like the table.

    Raises
    ------
    FileError
        For text that is no JSON, is cut short, is not in the encoding, is no topology, or has several objects with
        rows and none is named.
    CrsError
        When it has a member ``crs`` that cannot be understood.
    """
    data = path.read_bytes()
    head, given = _walk(json_text.decoded(data, path.name, encoding), path.name)
    crs = json_text.named_crs(head["crs"], path.name) if "crs" in head else None
    transform = _transform(head, path.name)
    topology = _Topology([_decoded(arc, transform) for arc in given], transform)
    objects = _objects(head, path.name)
    counts = {n: len(rows) for n, rows in objects.items()}
    name, others = layers.chosen(path.name, counts, layer, wanted)
    rows, found = [], []
    flaws: dict[int, Flaw] = {}
    faults: dict[int, list[CellFault]] = {}
    for i, geometry in enumerate(objects[name]):
        cells, wrong = _row(geometry)
        shape, flaw = _shape(geometry, topology) if isinstance(geometry, dict) else (None, None)
        rows.append(cells)
        found.append(shape)
        if wrong:
            faults[i] = wrong
        if flaw:
            flaws[i] = flaw
    counted = counting.topology_rows(data.removeprefix(b"\xef\xbb\xbf"))
    return Sheet(
        name=path.name,
        sha256=sha256,
        kind="TopoJSON",
        layer=name,
        cells=json_text.table(rows, path.name),
        shapes=shapes.array(found),
        flaws=flaws,
        faults=faults,
        crs=crs,
        counted=counted[list(objects).index(name)] if len(counted) == len(objects) else -1,
        step=None if transform is None else (float(abs(transform.scale[0])), float(abs(transform.scale[1]))),
        notes=(*layers.unread(others), *_told(head["objects"][name], name, crs)),
    )


def layer_counts(path: Path, encoding: str | None) -> dict[str, int]:
    """Give the objects, with their rows."""
    head, _ = _walk(json_text.decoded(path.read_bytes(), path.name, encoding), path.name)
    return {n: len(rows) for n, rows in _objects(head, path.name).items()}


def _told(collection: dict[str, Any], name: str, crs: Any) -> list[str]:
    notes = [f"its foreign member crs says {crs.to_string()}: honoured"] if crs is not None else []
    own = {k: v for k, v in collection.items() if k in {"id", "properties"} and v not in (None, {})}
    if own and _kind(collection) == "GeometryCollection":
        notes.append(f"what layer {name} says of itself belongs to no row and is left out: {short(own)}")
    return notes


def _walk(text: str, name: str) -> tuple[dict[str, Any], list[Any]]:
    """Give the members at the top, and the arcs: each as an array of positions, or what is wrong with it."""
    arcs: list[Any] = []

    def take(arc: Any) -> None:
        arcs.append(_arc(arc, len(arcs)))

    with json_text.breaks_told(name, "TopoJSON"):
        position = skip(text, 0)
        head, position = json_text.members(text, position, name, {"arcs": take})
        if skip(text, position) < len(text):
            raise FileError(f"{name} goes on after its topology", "one topology in a file", CUT)
    if head.get("type") != "Topology":
        raise FileError(f"{name} is JSON of type {short(head.get('type'))}", "TopoJSON", CUT)
    if head.get("arcs") is not HANDED_OVER:
        raise FileError(f"{name} is a topology without a list of arcs", "TopoJSON", CUT)
    return head, arcs


def _arc(value: Any, number: int) -> Any:
    try:
        xy = shapes.positions(value)
    except shapes.BrokenError as broken:
        return shapes.BrokenError(f"arc {number}: {broken.found}", broken.expected)
    # One position is less than the format asks, and what is left of a part smaller than its grid: the ring is judged.
    return xy if len(xy) else shapes.BrokenError(f"arc {number} without positions", "positions in every arc")


def _decoded(arc: Any, transform: _Transform | None) -> Any:
    """Carry an arc from the grid: each position but the first is stated as a step from the one before."""
    if transform is None or not isinstance(arc, np.ndarray):
        return arc
    with np.errstate(over="ignore", invalid="ignore"):
        xy = transform.places(np.column_stack([arc[:, :2].cumsum(axis=0), arc[:, 2:]]))
    if not np.isfinite(xy[:, :2]).all():
        return shapes.BrokenError("an arc that runs beyond all numbers", "finite numbers")
    return xy


def _transform(head: dict[str, Any], name: str) -> _Transform | None:
    said = head.get("transform")
    if said is None:
        return None
    pairs = []
    for part in ("scale", "translate"):
        pair = said.get(part) if isinstance(said, dict) else None
        numbers = isinstance(pair, list) and len(pair) >= 2 and all(type(v) in (int, float) for v in pair[:2])
        pairs.append(_pair(pair[:2]) if numbers and isinstance(pair, list) else None)
    scale, translate = pairs
    twice = isinstance(said, json_text.Twice)
    if scale is None or translate is None or twice or not scale.all():
        raise FileError(
            f"{name}: its transform is {short(said)}",
            "a scale and a translate of two numbers, no scale 0",
            "ask for the file again: without it no coordinate is known",
        )
    return _Transform(scale, translate)


def _pair(values: list[Any]) -> Array | None:
    try:
        pair = np.array(values, dtype="float64")
    except OverflowError:
        return None
    return pair if np.isfinite(pair).all() else None


def _objects(head: dict[str, Any], name: str) -> dict[str, list[Any]]:
    """Give for each object its rows: the members of a collection, or the object itself."""
    objects = head.get("objects")
    if not isinstance(objects, dict) or not all(isinstance(v, dict) for v in objects.values()):
        raise FileError(f"{name}: its objects are {short(objects)}", "geometry objects by name", CUT)
    twice = [
        key for found in (objects, *objects.values()) if isinstance(found, json_text.Twice) for key in found.keys_twice
    ]
    if twice:
        raise FileError(f"{name} states {short(twice[0])} twice", "each member once", "correct the file")
    json_text.refuse_half_characters(objects, name)
    rows = {}
    for title, found in objects.items():
        members = found.get("geometries") if _kind(found) == "GeometryCollection" else [found]
        if not isinstance(members, list):
            raise FileError(f"{name}: object {short(title)} has no list of geometries", "TopoJSON", CUT)
        rows[title] = members
    return rows


def _kind(geometry: dict[str, Any]) -> str | None:
    return _TYPES.get(str(geometry.get("type")).casefold())


def _row(geometry: Any) -> tuple[dict[str, Any], list[CellFault]]:
    if not isinstance(geometry, dict):
        return {}, [CellFault("feature", short(geometry), "a geometry object")]
    faults = [CellFault("geometry", f"the key {k!r} twice", "each key once") for k in _twice(geometry, 0)]
    return json_text.properties(geometry, faults), faults


def _twice(geometry: Any, depth: int) -> list[str]:
    if not isinstance(geometry, dict) or depth > _DEEPEST:
        return []
    keys = list(geometry.keys_twice) if isinstance(geometry, json_text.Twice) else []
    members = geometry.get("geometries")
    return keys + [k for m in (members if isinstance(members, list) else []) for k in _twice(m, depth + 1)]


def _shape(geometry: dict[str, Any], topology: _Topology) -> tuple[Any, Flaw | None]:
    if geometry.get("type", ...) is None and not geometry.keys() & {"arcs", "coordinates", "geometries"}:
        return None, None
    return shapes.built(
        lambda gaps: shapes.of_object(_resolved(geometry, topology, 0), gaps), lambda: _entered(geometry, topology)
    )


def _resolved(geometry: Any, topology: _Topology, depth: int) -> Any:
    """Give a geometry object with its positions in place of arc numbers; what is no geometry is given as it is."""
    kind = _kind(geometry) if isinstance(geometry, dict) else None
    if kind == "GeometryCollection" and isinstance(geometry.get("geometries"), list) and depth <= _DEEPEST:
        return {"type": kind, "geometries": [_resolved(g, topology, depth + 1) for g in geometry["geometries"]]}
    if kind in _DEPTHS:
        return {"type": kind, "coordinates": _chains(geometry.get("arcs"), _DEPTHS[kind], topology)}
    if kind in {"Point", "MultiPoint"} and topology.transform is not None:
        given = geometry.get("coordinates")
        if isinstance(given, list):
            many = kind == "MultiPoint"
            placed = [_placed(p, topology.transform) for p in given] if many else _placed(given, topology.transform)
            return {"type": kind, "coordinates": placed}
    return geometry


def _placed(position: Any, transform: _Transform) -> Any:
    if not isinstance(position, list) or not position:
        return position
    return transform.places(shapes.positions([position]))[0].tolist()


def _chains(value: Any, depth: int, topology: _Topology) -> Any:
    if depth and not isinstance(value, list):
        raise shapes.BrokenError(f"arcs {short(value)!r}", "arcs nested as their type asks")
    return [_chains(v, depth - 1, topology) for v in value] if depth else _chain(value, topology.arcs)


def _chain(numbers: Any, arcs: list[Any]) -> shapes.Chain:
    """Give the arcs of one line or ring; a negative number means an arc from end to start, ~0 = -1 the first."""
    made = shapes.Chain()
    if not isinstance(numbers, list):
        made.fault = shapes.BrokenError(f"arcs {short(numbers)!r}", "arcs nested as their type asks")
        made.append(numbers)  # so that it is not taken for a ring that is empty
        return made
    for number in numbers:
        if type(number) is not int or not -len(arcs) <= number < len(arcs):
            arc: Any = shapes.BrokenError(f"arc {short(number)}, and the file has {len(arcs):,} arcs", _INDEX)
        else:
            arc = arcs[number if number >= 0 else ~number]
        if isinstance(arc, shapes.BrokenError):
            made.fault = made.fault or arc
            made.append(number)
        else:
            made.append(arc if number >= 0 else arc[::-1])
    return made


def _entered(geometry: dict[str, Any], topology: _Topology) -> str:
    """Write a shape as GeoJSON; where its arcs cannot be had, as the file has it."""
    own = {k: geometry[k] for k in ("type", "arcs", "coordinates", "geometries") if k in geometry}
    try:
        return shapes.as_text(_plain(_resolved(geometry, topology, 0)))
    except (shapes.BrokenError, RecursionError):
        return shapes.as_text(own)


def _plain(value: Any) -> Any:
    if isinstance(value, shapes.Chain):
        return value.joined([]).tolist()
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return {k: _plain(v) for k, v in value.items()} if isinstance(value, dict) else value
