"""Read GPX: waypoints as points, routes and tracks as lines; each of the three is a layer.

A receiver writes no polygons: whether a track that closes is a boundary is not for the file to say. Times of the first
and last point of a line are kept as cells. The format prescribes WGS 84. Knows GPX; knows nothing of tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyproj

from hazardmap.errors import FileError
from hazardmap.intake import counting, layers, xml_text
from hazardmap.intake.gathering import Gathered
from hazardmap.intake.sheet import Sheet
from hazardmap.intake.xml_text import child, children, local, text_in

if TYPE_CHECKING:
    from pathlib import Path

    from hazardmap.intake.xml_text import Element

#: Element → the layer that it belongs to.
LAYERS = {"wpt": "waypoints", "rte": "routes", "trk": "tracks"}
_POINTS = {"rtept", "trkseg", "trkpt"}


def read(path: Path, *, sha256: str, layer: str | None, wanted: str, encoding: str | None = None) -> Sheet:
    """Read a layer of a GPX file: waypoints, routes or tracks; when it has several, the one named.

    Raises
    ------
    FileError
        For text that is no XML, is cut short, declares a document type, or has several layers and none is named.
    """
    text = xml_text.decoded(path.read_bytes(), path.name, encoding)
    counts = {LAYERS[k]: c for k, c in counting.xml_elements(text, *LAYERS).items()}
    name, others = layers.chosen(path.name, counts, layer, wanted)
    element_read = next(k for k, v in LAYERS.items() if v == name)
    there = Gathered()

    def take(element: Element, above: list[Element]) -> None:
        del above
        if local(element) == element_read:
            there.add(*(_waypoint(element) if element_read == "wpt" else _line(element)))

    root = xml_text.walk(text, path.name, frozenset(LAYERS), take)
    if local(root) != "gpx":
        raise FileError(f"{path.name} begins with the element {local(root)[:40]!r}", "GPX", "export it again as GPX")
    return Sheet(
        name=path.name,
        sha256=sha256,
        kind="GPX",
        layer=name,
        cells=there.cells("gpx"),
        shapes=there.shapes(),
        flaws=there.flaws,
        faults=there.faults,
        crs=pyproj.CRS("EPSG:4326"),
        counted=counts[name],
        notes=layers.unread(others),
    )


def layer_counts(path: Path, encoding: str | None) -> dict[str, int]:
    """Give the layers that have rows, with their rows."""
    counts = counting.xml_elements(xml_text.decoded(path.read_bytes(), path.name, encoding), *LAYERS)
    return {LAYERS[k]: c for k, c in counts.items() if c}


def _waypoint(element: Element) -> tuple[list[tuple[str, Any]], dict[str, Any], Any]:
    return _extensions(element), _cells(element), {"type": "Point", "coordinates": _place(element)}


def _line(element: Element) -> tuple[list[tuple[str, Any]], dict[str, Any], Any]:
    own = _cells(element)
    if local(element) == "rte":
        points = list(children(element, "rtept"))
        geometry: Any = {"type": "LineString", "coordinates": [_place(p) for p in points]} if points else None
    else:
        segments = [list(children(s, "trkpt")) for s in children(element, "trkseg")]
        points = [p for s in segments for p in s]
        lines = [[_place(p) for p in s] for s in segments if s]
        geometry = {"type": "MultiLineString", "coordinates": lines} if lines else None
        if len(lines) == 1:
            geometry = {"type": "LineString", "coordinates": lines[0]}
    own["points"] = str(len(points))
    times = [t for t in (text_in(child(p, "time")) for p in points) if t]
    if times:
        own |= {"time_first": times[0], "time_last": times[-1]}
    return _extensions(element), own, geometry


def _place(element: Element) -> list[Any]:
    """Give longitude and latitude; what is no number stays text, and is a flaw of the shape."""
    found = []
    for name in ("lon", "lat"):
        numbers = xml_text.numbers(element.get(name))
        found.append(numbers[0] if len(numbers) == 1 else element.get(name) or f"no {name}")
    return found


def _cells(element: Element) -> dict[str, Any]:
    own: dict[str, Any] = {}
    for part in element:
        name = local(part)
        if name in _POINTS or name == "extensions":
            continue
        own[name] = part.get("href") if name == "link" else text_in(part)
    return own


def _extensions(element: Element) -> list[tuple[str, Any]]:
    """Give what makers of receivers and programs add: the innermost elements, by their names."""
    return [
        (local(leaf), text_in(leaf))
        for extension in children(element, "extensions")
        for leaf in extension.iter()
        if not len(leaf) and leaf is not extension
    ]
