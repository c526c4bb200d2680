"""Read GeoJSON, feature by feature, with the json module alone.

One broken feature never loses the file: it becomes a row with a flaw. Numbers keep all their digits, a key that
stands twice is a fault of its row. Both a FeatureCollection and one feature a line (GeoJSONSeq) are read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyproj

from hazardmap.errors import CrsError, FileError
from hazardmap.intake import counting, shapes
from hazardmap.intake.sheet import CellFault, Flaw, Sheet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SPACE = " \t\r\n\x1e"
_DO = "ask for the file again: it may have been cut in copying"


class _Twice(dict[str, Any]):
    """An object in which a key stands twice; the first value is kept, and the keys are remembered."""

    keys_twice: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [k for k, _ in pairs]
    marked = _Twice(reversed(pairs))
    marked.keys_twice = tuple(sorted({k for k in names if names.count(k) > 1}))
    return marked


_DECODER = json.JSONDecoder(object_pairs_hook=_object)


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
    text = _decoded(data, path.name, encoding)
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
    crs = _crs(head, path.name)
    return Sheet(
        name=path.name,
        sha256=sha256,
        kind="GeoJSON",
        layer=str(head.get("name") or ""),
        cells=_table(rows, path.name),
        shapes=_array(found),
        flaws=flaws,
        faults=faults,
        crs=crs,
        crs_default=pyproj.CRS("EPSG:4326"),
        counted=counting.json_elements(data.removeprefix(b"\xef\xbb\xbf")),
        notes=(f"its foreign member crs says {crs.to_string()}: honoured",) if crs is not None else (),
    )


def _array(values: list[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:  # JSON can spell lone surrogates; no file and no table can hold them
        return False
    return True


def _table(rows: list[dict[str, Any]], file: str) -> pd.DataFrame:
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
    for name in names:
        if not _is_text(name):
            raise FileError(f"{file}: the name {ascii(name)[:60]} holds half a character", "Unicode text", _DO)
    index = pd.RangeIndex(len(rows))
    columns = {n: pd.Series([r.get(n) for r in rows], index=index, dtype="object") for n in names}
    return pd.DataFrame(columns, index=index)


def _decoded(data: bytes, name: str, encoding: str | None) -> str:
    try:
        return data.decode(encoding or "utf-8-sig")
    except LookupError:
        raise FileError(f"no encoding is named {encoding!r}", "an encoding", "e.g. --encoding cp1251") from None
    except UnicodeDecodeError as error:
        raise FileError(
            f"{name} is not {encoding or 'UTF-8'} text (byte {error.start:,})",
            "text whose encoding is known",
            "add --encoding, e.g. --encoding cp1251",
        ) from None


def _walk(text: str, name: str, take: Callable[[Any], None]) -> dict[str, Any]:
    """Hand over the features one by one, so that a large file is never held as objects; give the other members."""
    try:
        position = _skip(text, 0)
        if text[position : position + 1] != "{":
            raise _wrong_type(name, 1, None)
        head, position = _collection(text, position + 1, name, take)
        kind = head.get("type")
        if kind != "FeatureCollection" and "features" not in head:
            _lines(text, name, take)
            return {}
        if kind != "FeatureCollection" or head.get("features") is not None or "features" not in head:
            raise FileError(f"{name} is JSON of type {_short(kind)}, or without a list of features", "GeoJSON", _DO)
        if _skip(text, position) < len(text):
            raise FileError(f"{name} goes on after its collection of features", "one collection in a file", _DO)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno:,}, column {error.colno:,}"
        raise FileError(f"{name} is no whole JSON text: {error.msg} in {where}", "GeoJSON", _DO) from None
    except ValueError as error:  # a number of thousands of digits
        raise FileError(f"{name} holds a number that cannot be read ({error})", "GeoJSON", _DO) from None
    except RecursionError:
        raise FileError(f"{name} is nested too deep", "GeoJSON", _DO) from None
    return head


def _lines(text: str, name: str, take: Callable[[Any], None]) -> None:
    """Hand over features that stand one after the other, outside any collection."""
    position, count = _skip(text, 0), 0
    while position < len(text):
        value, position = _DECODER.raw_decode(text, position)
        position, count = _skip(text, position), count + 1
        if not isinstance(value, dict) or value.get("type") != "Feature":
            raise _wrong_type(name, count, value)
        take(value)


def _wrong_type(name: str, count: int, value: Any) -> FileError:
    kind = value.get("type") if isinstance(value, dict) else None
    return FileError(
        f"{name}: value {count:,} is JSON of type {_short(kind)}",
        "a GeoJSON FeatureCollection, or a Feature a line",
        "export the layer as GeoJSON",
    )


def _collection(text: str, position: int, name: str, take: Callable[[Any], None]) -> tuple[dict[str, Any], int]:
    """Walk over the members of the object at the top; its list of features is handed over, the rest is given."""
    head: dict[str, Any] = {}
    position = _skip(text, position)
    while text[position : position + 1] != "}":
        key, position = _DECODER.raw_decode(text, position)
        position = _expect(text, position, ":")
        if not isinstance(key, str):
            raise json.JSONDecodeError("Expecting a name", text, position)
        if key in head:
            raise FileError(f"{name} states {_short(key)} twice", "each member once", "correct the file")
        if key == "features" and text[position : position + 1] == "[":
            position, head[key] = _elements(text, position, take), None
        else:
            head[key], position = _DECODER.raw_decode(text, position)
        position = _skip(text, position)
        if text[position : position + 1] != "}":
            position = _expect(text, position, ",")
    return head, position + 1


def _elements(text: str, position: int, take: Callable[[Any], None]) -> int:
    position = _skip(text, position + 1)
    if text[position : position + 1] == "]":
        return position + 1
    while True:
        value, position = _DECODER.raw_decode(text, position)
        take(value)
        position = _skip(text, position)
        if text[position : position + 1] == "]":
            return position + 1
        position = _expect(text, position, ",")


def _expect(text: str, position: int, mark: str) -> int:
    position = _skip(text, position)
    if text[position : position + 1] != mark:
        raise json.JSONDecodeError(f"Expecting {mark!r}", text, position)
    return _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in _SPACE:
        position += 1
    return position


def _row(feature: Any) -> tuple[dict[str, Any], Any, list[CellFault]]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return {}, None, [CellFault("feature", _short(feature), "an object of type Feature")]
    faults = _doubled(feature, "feature")
    properties = feature.get("properties")
    if properties is None:
        properties = {}
    if not isinstance(properties, dict):
        faults.append(CellFault("properties", _short(properties), "an object of names and values"))
        properties = {}
    faults += _doubled(properties, "properties")
    if feature.get("id") is not None and "id" not in properties:
        properties = {"id": feature["id"], **properties}
    geometry = feature.get("geometry")
    if isinstance(geometry, dict):
        faults += _doubled(geometry, "geometry")
    return properties, geometry, faults


def _doubled(value: Any, where: str) -> list[CellFault]:
    if not isinstance(value, _Twice):
        return []
    return [
        CellFault(k if where == "properties" else where, f"the key {k!r} twice", "each key once")
        for k in value.keys_twice
    ]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:59] + "…"


def _crs(head: dict[str, Any], name: str) -> pyproj.CRS | None:
    if "crs" not in head:
        return None
    member = head["crs"]
    do = "state the CRS: --crs EPSG:…"
    if member is None:
        raise CrsError(f"{name} says that its CRS is unknown (crs: null)", "a CRS", do)
    inner = member.get("properties") if isinstance(member, dict) else None
    said = inner.get("name") if isinstance(inner, dict) else None
    if not isinstance(said, str):
        raise CrsError(f"{name}: its member crs is {_short(member)}", "a CRS by name", "correct it, e.g. EPSG:32638")
    try:
        return pyproj.CRS.from_user_input(said)
    except pyproj.exceptions.CRSError:
        raise CrsError(
            f"{name}: its member crs names {said[:60]!r}, which PROJ does not know", "a known CRS", do
        ) from None
