"""Read MapInfo tables, native (TAB) and for exchange (MIF), by GDAL; their own headers count the rows a second time.

A table that is only a view of others, or of a database, is refused: it names other places. Which rows have a shape is
known without GDAL, too: one that it does not give is a flaw. So is the unit and datum of its coordinates: where GDAL
reads another, the table is refused. Knows both forms; knows nothing of tables.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

import numpy as np
import shapely

from hazardmap import formats
from hazardmap.errors import CrsError, FileError
from hazardmap.intake import counting, gdal, shapes
from hazardmap.intake.sheet import Flaw, Sheet

if TYPE_CHECKING:
    from pathlib import Path

    import pyproj

_DRIVER = "MapInfo File"
_COPY = "copy all its files again"
_TYPE = re.compile(r'(?is)definition\s+table\s+(?:file\s+"[^"]*"\s+)?type\s+("?\w+)')
_LINKED = re.compile(r'(?im)^\s*(file\s+"[^"]*"|!view.*|create\s+view.*|open\s+table.*)|"\\isseamless"\s*=\s*"true"')
_CHARSET = re.compile(r'(?im)^\s*(?:!charset|charset)\s+"?([\w-]+)"?|type\s+native\s+charset\s+"([\w-]+)"')
_OBJECT = re.compile(
    r"(?im)^[ \t]*(none|point|line|pline|region|arc|text|rect|roundrect|ellipse|multipoint|collection)\b"
    r"[ \t]*(multiple)?[ \t]*([^\r\n]*)"
)
_COORDSYS = re.compile(r"(?is)\bcoordsys\s+earth\b(.*?)(?=^\s*(?:transform|columns|index|unique)\b|\Z)", re.MULTILINE)
_EARTH = re.compile(r'(?is)\s*projection\s+(\d{1,5})\s*,\s*(\d{1,5})[^"]*(?:"([^"]*)")?')
#: Numbers of datums that are WGS 84, or that stand before parameters of their own; GDAL reads any that it does not know
#: as WGS 84, too.
_WGS84, _OWN_DATUM = {104, 157}, {999, 9999}
#: Metres in a unit of MapInfo, and its number in the header of a native table.
_UNITS = {
    "mi": (0, 1609.344), "km": (1, 1000.0), "in": (2, 0.0254), "ft": (3, 0.3048), "yd": (4, 0.9144), "mm": (5, 0.001),
    "cm": (6, 0.01), "m": (7, 1.0), "survey ft": (8, 1200 / 3937), "nmi": (9, 1852.0), "li": (31, 20.1168 / 100),
    "ch": (32, 20.1168), "rd": (33, 5.0292),
}  # fmt: skip
_VERSION, _UNIT, _AFFINE = 0x100, 0x16F, 0x200
_SCALES = 0x170
_LOST = "a whole shape"


def read_tab(path: Path, *, sha256: str, encoding: str | None) -> Sheet:
    """Read a native table: .tab, .dat, .map and .id together.

    Raises
    ------
    FileError
        When a part is missing or cut, the table points elsewhere, or its text is beyond ASCII in no stated encoding.
    CrsError
        When GDAL reads another coordinate system than the table states.
    """
    head = path.read_bytes().decode("latin1")
    kind, linked = _TYPE.search(head), _LINKED.search(head)
    if kind is None or kind[1].casefold() != "native" or linked:
        said = linked[0].strip() if linked else f"type {kind[1]}" if kind else "no type"
        raise FileError(
            f"{path.name} is a table that names others ({said[:60]!r})",
            "a native table that holds its own rows",
            "save a copy of it in MapInfo, or export it as GeoPackage with QGIS",
        )
    data, index = (_beside(path, s).read_bytes() for s in (".dat", ".id"))
    rows, deleted = _dat(data, path.name)
    offsets = np.frombuffer(index[: len(index) // 4 * 4], dtype="<i4")
    if len(offsets) < rows:
        raise FileError(f"{path.stem}.id names {len(offsets):,} of {rows:,} rows: it is cut", "whole files", _COPY)
    drawn = {i + 1 for i in range(rows) if offsets[i] and i not in deleted}
    if drawn:
        _beside(path, ".map")
    _check_encoding(path.name, head, encoding, beyond=not data.isascii() and _text_beyond(data))
    found_rows = gdal.read(path, _DRIVER, name=path.name, encoding=encoding)
    notes = list(found_rows.notes)
    if deleted:
        notes.append(f"{len(deleted):,} rows are marked as deleted and were left out")
    _check_native(path, found_rows.crs)
    sheet = _sheet(path, sha256, "MapInfo TAB", found_rows, notes, counted=rows - len(deleted), step=_step(path))
    lost = [i for i, fid in enumerate(found_rows.fids) if fid in drawn and sheet.shapes[i] is None]
    sheet.flaws.update({i: Flaw("a shape that GDAL could not read", _LOST, "") for i in lost if i not in sheet.flaws})
    return sheet


def read_mif(path: Path, *, sha256: str, encoding: str | None) -> Sheet:
    """Read an exchange file: .mif with the shapes, .mid with the rows.

    Raises
    ------
    FileError
        When a part is missing or cut, or its text is beyond ASCII in no stated encoding.
    CrsError
        When GDAL reads another coordinate system than the file states.
    """
    text = path.read_bytes().decode("latin1")
    head, mark, body = _split(text)
    if not mark:
        raise FileError(f"{path.name} has no line Data: it is cut short", "a whole file", _COPY)
    columns = re.search(r"(?im)^\s*columns\s+(\d+)", head)
    rows = counting.csv_records(_beside(path, ".mid").read_bytes(), header=False)
    objects = _objects(body)
    if columns and int(columns[1]) and rows != len(objects):
        raise FileError(
            f"{path.name} has {len(objects):,} shapes, its .mid {rows:,} rows", "one row for each shape", _COPY
        )
    data = _beside(path, ".mid").read_bytes()
    _check_encoding(path.name, head, encoding, beyond=not data.isascii())
    found = gdal.read(path, _DRIVER, name=path.name, encoding=encoding)
    _check_coordsys(path.name, head, found.crs)
    sheet = _sheet(path, sha256, "MapInfo MIF", found, list(found.notes), counted=len(objects), step=None)
    if len(found.fids) == len(objects):
        sheet.flaws.update(_differing(sheet, objects))
        sheet.shapes[list(sheet.flaws)] = None
    return sheet


def _split(text: str) -> tuple[str, str, str]:
    found = re.search(r"(?im)^[ \t]*data[ \t]*\r?$", text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")


def _objects(body: str) -> list[tuple[str, int | None]]:
    """Give the kind of each shape, and how many vertices it must have; None where that is not for its text to say."""
    found: list[tuple[str, int | None]] = []
    parts = 0
    for match in _OBJECT.finditer(body):
        kind, multiple, rest = match[1].casefold(), match[2], match[3]
        if parts:
            parts -= 1
            continue
        count: int | None = None
        if kind == "collection":
            parts = _first(rest)
        elif kind in {"region", "pline"} and (kind == "region" or multiple):
            count = _parts_of(body, match.end(), _first(rest))
        elif kind == "pline":
            count = _first(rest) or _counted_lines(body, match.end())
        elif kind in {"point", "line", "none"}:
            count = {"point": 1, "line": 2, "none": 0}[kind]
        found.append((kind, count))
    return found


def _first(text: str) -> int:
    found = re.match(r"\s*(\d{1,9})", text)
    return int(found[1]) if found else 0


def _counted_lines(body: str, at: int) -> int:
    return _first(body[at : at + 40])


def _parts_of(body: str, at: int, parts: int) -> int:
    """Add up the vertices that the parts of a shape state, each before its own lines; -1 when the text ends first."""
    total = 0
    for _ in range(parts):
        found = re.compile(r"\s*(\d{1,9})[ \t]*\r?(?:\n|$)").match(body, at)
        if found is None:
            return -1
        size = int(found[1])
        at = found.end()
        for _ in range(size):
            end = body.find("\n", at)
            if at >= len(body):
                return -1
            at = len(body) if end < 0 else end + 1
        total += size
    return total


def _differing(sheet: Sheet, objects: list[tuple[str, int | None]]) -> dict[int, Flaw]:
    """Find the rows of which GDAL gives another number of vertices than the text says; rings that it closed aside."""
    given = shapely.get_num_coordinates(sheet.shapes)
    closing = np.array([_rings(s) for s in sheet.shapes])
    flaws = {}
    for i, (kind, count) in enumerate(objects):
        if i in sheet.flaws or (kind == "none" and sheet.shapes[i] is None):
            continue
        missing = sheet.shapes[i] is None
        if missing or (count is not None and not given[i] - closing[i] <= count <= given[i]):
            flaws[i] = Flaw(
                f"a {kind} of which {int(given[i]):,} of {max(count or 0, 0):,} vertices could be read", _LOST, kind
            )
    return flaws


def _rings(shape: object) -> int:
    if shape is None:
        return 0
    polygons = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    return sum(1 + len(p.interiors) for p in polygons)


def _sheet(
    path: Path,
    sha256: str,
    kind: str,
    found: gdal.Read,
    notes: list[str],
    *,
    counted: int,
    step: tuple[float, float] | None,
) -> Sheet:
    drawn, flaws = shapes.from_wkb(found.blobs)
    return Sheet(
        name=path.name,
        sha256=sha256,
        kind=kind,
        layer=path.stem,
        cells=found.cells,
        shapes=drawn,
        flaws=flaws,
        faults={},
        crs=found.crs,
        counted=counted,
        step=step,
        notes=tuple(notes),
    )


def _beside(path: Path, suffix: str) -> Path:
    found = formats.companion(path, suffix)
    if found is None:
        raise FileError(f"{path.name} comes without its {suffix}", f"{path.stem}{suffix} beside it", _COPY)
    if found.is_symlink():
        raise FileError(f"{found.name} is a link to another file", "the file itself", _COPY)
    return found


def _dat(data: bytes, name: str) -> tuple[int, set[int]]:
    """Give the number of rows that the header states, and which of them are marked as deleted."""
    if len(data) < 32:
        raise FileError(f"{name}: its .dat is cut short", "whole files", _COPY)
    rows, header, width = struct.unpack("<IHH", data[4:12])
    if not width or len(data) < header + rows * width:
        raise FileError(
            f"{name}: its .dat is {len(data):,} bytes long and needs {header + rows * width:,}", "whole files", _COPY
        )
    return rows, {i for i in range(rows) if data[header + i * width : header + i * width + 1] == b"*"}


def _text_beyond(data: bytes) -> bool:
    """Tell whether a column of text holds letters beyond ASCII; numbers and dates are bytes of any value."""
    rows, header, width = struct.unpack("<IHH", data[4:12])
    start, position = 1, 32
    while position + 32 <= header and data[position] != 0x0D:
        kind, size = data[position + 11 : position + 12], data[position + 16]
        if kind == b"C" and any(
            not data[header + i * width + start : header + i * width + start + size].isascii() for i in range(rows)
        ):
            return True
        position, start = position + 32, start + size
    return False


def _check_encoding(name: str, head: str, encoding: str | None, *, beyond: bool) -> None:
    said = next((m[1] or m[2] for m in _CHARSET.finditer(head)), "Neutral")
    known = said.casefold() != "neutral"
    if known and encoding is not None:
        raise FileError(f"{name} says that its text is in {said}", "one encoding", "leave --encoding out")
    if beyond and not known and encoding is None:
        raise FileError(
            f"{name} holds letters beyond ASCII and its charset is Neutral: no encoding is stated",
            "a stated encoding",
            "add --encoding, e.g. --encoding cp1251 (Cyrillic), cp1254 (Azerbaijani), cp1250 (Bosnian), UTF-8",
        )


def _check_coordsys(name: str, head: str, crs: pyproj.CRS | None) -> None:
    """Hold the CRS that GDAL gives against what the text states of datum, unit and axes."""
    clause = _COORDSYS.search(head)
    if clause is None:
        return
    stated = _EARTH.match(clause[1])
    if stated is None:
        raise _misread(name, f"says {' '.join(clause[1].split())[:40]!r}", "cannot be read")
    if re.search(r"(?i)\baffine\b", clause[1]) or int(stated[1]) // 1_000 in {1, 3}:  # 1,000 more: with Affine
        raise _misread(name, "turns and moves its axes (Affine)", "would be left out")
    datum = int(stated[2])
    wgs84 = crs is not None and crs.datum is not None and str(crs.datum.name).startswith("World Geodetic System 1984")
    if wgs84 and datum not in _WGS84 | _OWN_DATUM:
        raise _misread(name, f"has the datum number {datum}", "is not known, and would be taken for WGS 84")
    if crs is not None and crs.is_projected:
        unit = " ".join((stated[3] or "").split()).casefold()
        _check_unit(name, crs, unit, _UNITS.get(unit, (0, None))[1])


def _check_native(path: Path, crs: pyproj.CRS | None) -> None:
    """Hold the CRS that GDAL gives against what the header of a native table states of unit and axes."""
    found = formats.companion(path, ".map")
    head = found.read_bytes()[: _AFFINE + 1] if found else b""
    if len(head) <= _UNIT:
        return
    if struct.unpack_from("<h", head, _VERSION)[0] >= 500 and head[_AFFINE:] not in {b"", b"\0"}:
        raise _misread(path.name, "turns and moves its axes (Affine)", "would be left out")
    if crs is not None and crs.is_projected:
        by_number = {number: (unit, metres) for unit, (number, metres) in _UNITS.items()}
        _check_unit(path.name, crs, *by_number.get(head[_UNIT], (f"number {head[_UNIT]}", None)))


def _check_unit(name: str, crs: pyproj.CRS, unit: str, metres: float | None) -> None:
    read = [axis.unit_conversion_factor for axis in crs.axis_info]
    if metres is None or any(abs(factor / metres - 1) > 1e-6 for factor in read):
        raise _misread(name, f"is in the unit {unit[:20]!r}", f"would be read in {crs.axis_info[0].unit_name}")


def _misread(name: str, found: str, told: str) -> CrsError:
    return CrsError(
        f"{name}: its coordinate system {found}, which {told}",
        "a coordinate system that is read as it is meant",
        "save a copy of it in MapInfo in WGS 84 (longitude and latitude), or as GeoPackage with QGIS",
    )


def _step(path: Path) -> tuple[float, float] | None:
    """Give the grid of whole numbers on which a native table keeps its coordinates."""
    found = formats.companion(path, ".map")
    head = found.read_bytes()[: _SCALES + 16] if found else b""
    if len(head) < _SCALES + 16:
        return None
    x, y = (abs(v) for v in struct.unpack_from("<dd", head, _SCALES))
    return (1 / x, 1 / y) if np.isfinite([x, y]).all() and min(x, y) > 1e-9 else None
