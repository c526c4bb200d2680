"""Read Esri JSON, as ArcGIS servers give it: features with attributes, rings by their direction, dates as milliseconds.

Outer rings run clockwise, holes the other way: a hole that lies in no outer ring is a flaw, never dropped. A list that
the server cut off is refused. Knows the format; knows nothing of tables.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely

from hazardmap.errors import CrsError, FileError
from hazardmap.intake import counting, json_text, placing, shapes
from hazardmap.intake.curves import arc_pieces, told
from hazardmap.intake.json_text import CUT, HANDED_OVER, short, skip
from hazardmap.intake.sheet import CellFault, Flaw, Sheet

if TYPE_CHECKING:
    from pathlib import Path

    from hazardmap.intake.sheet import Gap

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS = ("x", "points", "paths", "curvePaths", "rings", "curveRings")
_SIMPLE = {"points": "MultiPoint", "paths": "MultiLineString"}
#: Old numbers of Esri for what has one of EPSG now.
_WKIDS = {102100: 3857, 102113: 3857, 900913: 3857, 3785: 3857}


def read(path: Path, *, sha256: str, encoding: str | None = None) -> Sheet:
    """Read an Esri JSON file.

    Raises
    ------
    FileError
        For text that is no JSON, is cut short, is not in the encoding, or holds only a part of the server's rows.
    CrsError
        When its spatial reference cannot be understood.
    """
    data = path.read_bytes()
    text = json_text.decoded(data, path.name, encoding)
    rows: list[dict[str, Any]] = []
    found: list[Any] = []
    flaws: dict[int, Flaw] = {}
    faults: dict[int, list[CellFault]] = {}
    arcs: list[float] = []
    placed: dict[str, Any] = {}

    def take(feature: Any) -> None:
        at = len(rows)
        cells, geometry, wrong = _row(feature)
        if isinstance(geometry, dict):
            own = geometry.get("spatialReference")
            placed.setdefault(shapes.as_text(own), own)
        if wrong:
            faults[at] = wrong
        shape, flaw = shapes.built(lambda gaps: _drawn(geometry, gaps, arcs), lambda: shapes.as_text(geometry))
        if flaw:
            flaws[at] = flaw
        rows.append(cells)
        found.append(shape)

    with json_text.breaks_told(path.name, "Esri JSON"):
        head, position = json_text.members(text, skip(text, 0), path.name, {"features": take})
        if skip(text, position) < len(text):
            raise FileError(f"{path.name} goes on after its features", "one list in a file", CUT)
    if head.get("features") is not HANDED_OVER:
        raise FileError(f"{path.name} is Esri JSON without a list of features", "Esri JSON", CUT)
    if head.get("exceededTransferLimit"):
        raise FileError(
            f"{path.name}: the server gave only {len(rows):,} of its rows (exceededTransferLimit)",
            "all rows of the layer",
            "fetch it page by page and import one file of all, or export the whole layer",
        )
    if head.get("transform") is not None:
        raise FileError(
            f"{path.name}: its numbers are steps of a grid (transform), not coordinates",
            "coordinates",
            "fetch it again without quantizationParameters",
        )
    notes = _spelled_out(rows, head.get("fields"))
    notes += told(len(arcs))
    return Sheet(
        name=path.name,
        sha256=sha256,
        kind="Esri JSON",
        layer=path.stem,
        cells=json_text.table(rows, path.name),
        shapes=shapes.array(found),
        flaws=flaws,
        faults=faults,
        crs=_one_crs([head.get("spatialReference"), *placed.values()], path.name),
        counted=counting.json_elements(data.removeprefix(b"\xef\xbb\xbf")),
        notes=tuple(notes),
    )


def _row(feature: Any) -> tuple[dict[str, Any], Any, list[CellFault]]:
    if not isinstance(feature, dict):
        return {}, None, [CellFault("feature", short(feature), "an object with attributes and geometry")]
    faults = json_text.doubled(feature, "feature")
    cells = json_text.properties({"properties": feature.get("attributes")}, faults)
    geometry = feature.get("geometry")
    if isinstance(geometry, dict):
        faults += json_text.doubled(geometry, "geometry")
    return cells, geometry, faults


def _drawn(geometry: Any, gaps: list[Gap], arcs: list[float]) -> Any:
    if geometry is None:
        return None
    if not isinstance(geometry, dict):
        raise shapes.BrokenError(f"{short(geometry)} in place of a shape", "a shape object or nothing")
    kinds = [k for k in _KINDS if geometry.get(k) is not None]
    if len(kinds) > 1:
        raise shapes.BrokenError(f"a shape with {' and '.join(kinds)} at once", "one of them")
    if "x" in geometry:
        place = [geometry["x"], geometry.get("y")]
        return None if place == [None, None] else shapes.of_object({"type": "Point", "coordinates": place}, gaps)
    for key, kind in _SIMPLE.items():
        if key in geometry:
            return shapes.of_object({"type": kind, "coordinates": geometry[key]}, gaps) if geometry[key] else None
    if "curvePaths" in geometry:
        return shapes.of_object(
            {"type": "MultiLineString", "coordinates": _straight(geometry["curvePaths"], arcs)}, gaps
        )
    if "rings" in geometry or "curveRings" in geometry:
        curved = "curveRings" in geometry
        rings = _straight(geometry["curveRings"], arcs) if curved else geometry["rings"]
        return _polygons(rings, gaps) if rings else None
    raise shapes.BrokenError(f"a shape with {short(sorted(geometry)[:5])}", "x and y, points, paths or rings")


def _straight(lines: Any, arcs: list[float]) -> Any:
    """Give lines with their arcs in straight pieces; other curves stay as they are, and are flaws."""
    if not isinstance(lines, list) or not all(isinstance(line, list) for line in lines):
        return lines
    made = []
    for line in lines:
        places: list[Any] = []
        for piece in line:
            arc = piece.get("c") if isinstance(piece, dict) else None
            ends = [places[-1] if places else None, *(reversed(arc) if isinstance(arc, list) else [])]
            if len(ends) == 3 and all(_is_place(p) for p in ends):
                more, radius = arc_pieces(*(p[:2] for p in ends), full=False)
                places += more
                arcs.append(radius)
            else:
                places.append(piece)
        made.append(places)
    return made


def _is_place(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) >= 2
        and all(type(v) in (int, float) and abs(v) < 1e300 and math.isfinite(v) for v in value[:2])
    )


def _polygons(rings: Any, gaps: list[Gap]) -> Any:
    """Give a polygon, or several, of rings: each hole belongs to the smallest outer ring that it lies in."""
    if not isinstance(rings, list) or len(rings) < 2:
        return shapes.of_object({"type": "Polygon", "coordinates": rings}, gaps)
    places = [shapes.positions(ring)[:, :2] for ring in rings]
    outer = [i for i, xy in enumerate(places) if len(xy) and _twice_area(xy) <= 0]
    shells = {i: shapely.Polygon(places[i]) for i in outer if len(places[i]) > 3}
    parts: dict[int, list[Any]] = {i: [rings[i]] for i in outer}
    loose = []
    for i in (j for j in range(len(rings)) if j not in parts):
        around = [k for k, shell in shells.items() if shapely.contains_xy(shell, places[i]).any()]
        if around:
            parts[min(around, key=lambda k: shells[k].area)].append(rings[i])
        else:
            loose.append(rings[i])
    listed = [*parts.values(), *([ring] for ring in loose)]
    whole = shapes.of_object({"type": "MultiPolygon", "coordinates": listed}, gaps)
    if loose:
        raise shapes.BrokenError(
            f"{len(loose)} of {len(rings)} rings run as holes do, and lie in no outer ring",
            "outer rings clockwise, holes inside them the other way",
            whole,
        )
    return whole


def _twice_area(xy: Any) -> float:
    x, y = xy[:, 0] - xy[0, 0], xy[:, 1] - xy[0, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def _spelled_out(rows: list[dict[str, Any]], fields: Any) -> list[str]:
    """Write dates as dates and codes as their words, in place; the codes are kept beside."""
    notes, dates = [], []
    for described in fields if isinstance(fields, list) else []:
        name = described.get("name") if isinstance(described, dict) else None
        if not isinstance(name, str):
            continue
        if described.get("type") == "esriFieldTypeDate":
            for row in rows:
                if isinstance(row.get(name), int):
                    row[name] = _day(row[name])
            dates.append(name)
        words = _words(described.get("domain"))
        if words:
            for row in rows:
                if isinstance(row.get(name), str | int) and row[name] in words:
                    row[f"{name}_code"] = row[name]
                    row[name] = words[row[name]]
            notes.append(f"{name}: codes are spelled out as the file lists them, kept in {name}_code")
    if dates:
        notes.append(f"{', '.join(dates)}: times are UTC; a day entered at local midnight can be the day before")
    return notes


def _words(domain: Any) -> dict[Any, str]:
    coded = domain.get("codedValues") if isinstance(domain, dict) else None
    return {
        c["code"]: c["name"]
        for c in (coded if isinstance(coded, list) else [])
        if isinstance(c, dict) and isinstance(c.get("code"), str | int) and isinstance(c.get("name"), str)
    }


def _day(milliseconds: int) -> Any:
    try:
        moment = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return milliseconds
    return moment.date().isoformat() if moment.time() == _EPOCH.time() else moment.isoformat()


def _one_crs(said: list[Any], name: str) -> pyproj.CRS | None:
    """Give the CRS that the file and its shapes state; a shape that states another is a file of two."""
    found = [crs for one in said if one is not None for crs in _crs(one, name)]
    if said[0] is None and None in said[1:]:
        return None  # a shape that is silent, in a file that is: what others state is not said of it
    if any(not placing.same(found[0], other) for other in found[1:]):
        listed = ", ".join(dict.fromkeys(short(one) for one in said if one is not None))
        raise CrsError(f"{name} names several CRSs: {listed}"[:300], "one CRS for one file", "export it in one CRS")
    return found[0] if found else None


def _crs(said: Any, name: str) -> list[pyproj.CRS]:
    """Give the CRS by each number that a spatial reference has, or by its text where PROJ knows none of them."""
    numbers = [said.get(k) for k in ("latestWkid", "wkid")] if isinstance(said, dict) else []
    known = [_WKIDS.get(n, n) for n in numbers if isinstance(n, int)]
    found = [crs for n in known if (crs := _first([f"EPSG:{n}", f"ESRI:{n}"])) is not None]
    if not found:
        texts = [said[k] for k in ("wkt2", "wkt") if isinstance(said, dict) and isinstance(said.get(k), str)]
        found = [crs for crs in [_first(texts)] if crs is not None]
    if not found:
        raise CrsError(f"{name}: its spatial reference is {short(said)}", "a known CRS", "export it in another CRS")
    return found


def _first(names: list[str]) -> pyproj.CRS | None:
    for name in names:
        try:
            return pyproj.CRS.from_user_input(name)
        except pyproj.exceptions.CRSError:
            continue
    return None
