"""Read GeoJSON, feature by feature, with the json module alone.

One broken feature never loses the file: it becomes a row with a flaw. Numbers keep all their digits, a key that
stands twice is a fault of its row. Both a FeatureCollection and one feature a line (GeoJSONSeq) are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyproj

from hazardmap.errors import FileError
from hazardmap.intake import counting, json_text, shapes
from hazardmap.intake.json_text import CUT, DECODER, HANDED_OVER, short, skip
from hazardmap.intake.sheet import CellFault, Flaw, Sheet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def read(path: Path, *, sha256: str, encoding: str | None = None) -> Sheet:
    """Read a GeoJSON file.

    Raises
    ------
    FileError
        For text that is no JSON, is cut short, is not in the encoding, or is JSON of another kind.
    CrsError
        When its ``crs`` member cannot be understood.
    """
    data = path.read_bytes()
    text = json_text.decoded(data, path.name, encoding)
    rows: list[dict[str, Any]] = []
    found: list[Any] = []
    flaws: dict[int, Flaw] = {}
    faults: dict[int, list[CellFault]] = {}

    def take(feature: Any) -> None:
        cells, geometry, wrong = _row(feature)
        shape, flaw = shapes.from_geojson(geometry)
        if wrong:
            faults[len(rows)] = wrong
        if flaw:
            flaws[len(rows)] = flaw
        rows.append(cells)
        found.append(shape)

    head = _walk(text, path.name, take)
    crs = json_text.named_crs(head["crs"], path.name) if "crs" in head else None
    return Sheet(
        name=path.name,
        sha256=sha256,
        kind="GeoJSON",
        layer=str(head.get("name") or ""),
        cells=json_text.table(rows, path.name),
        shapes=shapes.array(found),
        flaws=flaws,
        faults=faults,
        crs=crs,
        crs_default=None if "crs" in head else pyproj.CRS("EPSG:4326"),  # crs: null says that it is unknown
        counted=counting.json_elements(data.removeprefix(b"\xef\xbb\xbf")),
        notes=(f"its foreign member crs says {crs.to_string()}: honoured",) if crs is not None else (),
    )


def _walk(text: str, name: str, take: Callable[[Any], None]) -> dict[str, Any]:
    """Hand over the features one by one, so that a large file is never held as objects; give the other members."""
    with json_text.breaks_told(name, "GeoJSON"):
        position = skip(text, 0)
        if text[position : position + 1] != "{":
            raise _wrong_type(name, 1, None)
        head, position = json_text.members(text, position, name, {"features": take})
        kind = head.get("type")
        if kind != "FeatureCollection" and "features" not in head:
            _lines(text, name, take)
            return {}
        if kind != "FeatureCollection" or head.get("features") is not HANDED_OVER:
            raise FileError(f"{name} is JSON of type {short(kind)}, or without a list of features", "GeoJSON", CUT)
        if skip(text, position) < len(text):
            raise FileError(f"{name} goes on after its collection of features", "one collection in a file", CUT)
    return head


def _lines(text: str, name: str, take: Callable[[Any], None]) -> None:
    """Hand over features that stand one after the other, outside any collection."""
    position, count = skip(text, 0), 0
    while position < len(text):
        value, position = DECODER.raw_decode(text, position)
        position, count = skip(text, position), count + 1
        if not isinstance(value, dict) or value.get("type") != "Feature":
            raise _wrong_type(name, count, value)
        take(value)


def _wrong_type(name: str, count: int, value: Any) -> FileError:
    kind = value.get("type") if isinstance(value, dict) else None
    return FileError(
        f"{name}: value {count:,} is JSON of type {short(kind)}",
        "a GeoJSON FeatureCollection, or a Feature a line",
        "export the layer as GeoJSON",
    )


def _row(feature: Any) -> tuple[dict[str, Any], Any, list[CellFault]]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return {}, None, [CellFault("feature", short(feature), "an object of type Feature")]
    faults = json_text.doubled(feature, "feature")
    cells = json_text.properties(feature, faults)
    geometry = feature.get("geometry")
    if isinstance(geometry, dict):
        faults += json_text.doubled(geometry, "geometry")
    return cells, geometry, faults
