"""Stored tables as text: CSV with WKT, and GeoJSON.

CSV keeps null and empty text apart: a text is always in quotes, nothing is not. Knows stored tables; knows nothing of
programmes or folders.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyproj
import shapely

from hazardmap import tables
from hazardmap.errors import CrsError, FileError, SchemaError
from hazardmap.store.cells import Stored, from_text
from hazardmap.store.shapes import in_stored_crs, unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from hazardmap.store.cells import Cells

    Array = NDArray[Any]

_GEOMETRY = "geometry"
_LARGEST_BLOCK = 2**31 - 1
#: GEOS counts digits after the point, and leaves out those not needed; fewer would change small numbers.
_DIGITS = 30
_SETS = ("words", "ids")


def write_csv(path: Path, layer: Stored) -> None:
    """Write a table as CSV: UTF-8, a header, geometry as WKT in longitude and latitude."""
    columns = {c: [_as_text(v) for v in cells] for c, cells in layer.cells.items()}
    if layer.shapes is not None:
        columns[_GEOMETRY] = list(shapely.to_wkt(layer.shapes, rounding_precision=_DIGITS, trim=True))
    table = pa.table({c: pa.array(values, pa.large_string()) for c, values in columns.items()})
    with path.open("wb") as stream:
        # pyarrow writes a quote in a column's name as it is, which no reader understands.
        header = io.StringIO()
        csv.writer(header, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(columns)
        stream.write(header.getvalue().encode())
        pa_csv.write_csv(table, stream, pa_csv.WriteOptions(include_header=False, quoting_style="all_valid"))


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else repr(value)


def read_csv(path: Path, name: str, extra: Mapping[str, str], crs: str | None) -> Stored:
    """Read a table from CSV.

    Parameters
    ----------
    path
        The file: UTF-8, separated by commas.
    name
        The table.
    extra
        Kinds of columns that the table does not know; those not named are text.
    crs
        The CRS of its coordinates, which CSV itself cannot say.

    Raises
    ------
    FileError
        When it is no such CSV.
    CrsError
        When no CRS is given for a table with geometry.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        try:
            header = next(csv.reader(stream, strict=True), [])
        except (UnicodeDecodeError, csv.Error):
            raise _no_csv(path) from None
    if len(header) == 1 and ";" in header[0]:
        raise FileError(
            f"{path.name!r} is separated by ;", "commas between the columns", "save it as CSV (comma delimited)"
        )
    twice = sorted({c for c in header if header.count(c) > 1})
    if twice:
        raise FileError(f"{path.name!r} has the column {', '.join(twice)} twice", "one column of a name", "rename one")
    if not set(header) & {c.name for c in tables.table(name).columns}:
        raise FileError(
            f"{path.name!r} has the columns {', '.join(header)[:60]}",
            f"a header with the columns of {name}",
            "bring it in with import_table (hazardmap import)",
        )
    try:
        table = pa_csv.read_csv(
            path,
            read_options=pa_csv.ReadOptions(block_size=min(path.stat().st_size + 1, _LARGEST_BLOCK), use_threads=False),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types={c: pa.string() for c in header},
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        raise _no_csv(path) from None
    texts = {c: table.column(c).to_pylist() for c in header}
    placed = tables.table(name).geometry is not None
    wkt = texts.pop(_GEOMETRY, None) if placed else None
    kinds = {c: _kind(name, c, extra) for c in texts}
    cells = {c: from_text(values, kinds[c]) for c, values in texts.items()}
    if not placed:
        return Stored(name, kinds, cells, None)
    if wkt is None:
        raise FileError(
            f"{path.name!r} has no column geometry",
            "a column geometry with WKT",
            "add it, or bring the file in with import_table (hazardmap import)",
        )
    if crs is None:
        raise CrsError(
            f"{path.name!r} cannot say its CRS", "the CRS beside it", 'write crs = "EPSG:4326" into meta.toml'
        )
    try:
        stated = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        raise CrsError(f"meta.toml: crs = {crs!r}", "a known CRS", 'write it as crs = "EPSG:4326"') from None
    shapes = _shapes(wkt, shapely.from_wkt, path)
    return Stored(name, kinds, cells, in_stored_crs(shapes, stated, path.name))


def _no_csv(path: Path) -> FileError:
    return FileError(
        f"{path.name!r} cannot be read as CSV",
        "UTF-8, commas, as many cells in each row as in the header",
        "save it again as CSV UTF-8",
    )


def _kind(name: str, column: str, extra: Mapping[str, str]) -> str:
    own = tables.table(name).column(column)
    return own.kind if own else extra.get(column, "text")


def _shapes(texts: list[str | None], reader: Any, path: Path) -> Array:
    values = np.array(texts, dtype=object) if texts else np.empty(0, dtype=object)
    with np.errstate(invalid="ignore"):
        shapes = np.asarray(reader(values, on_invalid="ignore"), dtype=object)
    if wrong := [i for i, (t, s) in enumerate(zip(texts, shapes, strict=True)) if t is not None and s is None]:
        raise unreadable(wrong, path.name)
    return shapes


def write_geojson(path: Path, layer: Stored) -> None:
    """Write a table as GeoJSON (RFC 7946): all digits of the coordinates, sets as lists.

    Raises
    ------
    FileError
        When a number is infinite, which JSON cannot say.
    """
    shapes: Any = shapely.to_geojson(layer.shapes)
    sets = {c for c, k in layer.kinds.items() if k in _SETS}
    columns = [
        [json.loads(v) if v is not None else None for v in cells] if c in sets else cells
        for c, cells in layer.cells.items()
    ]
    names = list(layer.cells)
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(f'{{"type": "FeatureCollection", "name": {json.dumps(layer.name)}, "features": [')
        for i, (shape, *row) in enumerate(zip(shapes, *columns, strict=True)):
            try:
                properties = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, allow_nan=False)
            except ValueError:
                raise FileError(
                    f"{layer.name}, row {i + 1}: an infinite number",
                    "numbers that JSON can write",
                    "correct it, or save as .gpkg",
                ) from None
            start = ",\n" if i else "\n"
            stream.write(f'{start}{{"type": "Feature", "properties": {properties}, "geometry": {shape or "null"}}}')
        stream.write("\n]}\n")


def read_geojson(path: Path, name: str, extra: Mapping[str, str]) -> Stored:
    """Read a table from GeoJSON.

    Raises
    ------
    FileError
        When it is no FeatureCollection, is cut short, or names a property twice.
    SchemaError
        When geometries cannot be read.
    """
    try:
        document = json.loads(path.read_bytes(), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise FileError(
            f"{path.name!r} is no whole GeoJSON ({str(error)[:80]})",
            "valid JSON to the end of the file",
            "export or copy the file again",
        ) from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
        raise FileError(f"{path.name!r} holds no features", "a GeoJSON FeatureCollection", "export it again")
    rows = [f.get("properties") or {} for f in features]
    if not all(isinstance(r, dict) for r in rows):
        raise FileError(
            f"{path.name!r} has properties that are no object", "a GeoJSON FeatureCollection", "export it again"
        )
    columns = list(dict.fromkeys(c for r in rows for c in r)) or list(extra)
    cells = {c: [_cell(r.get(c)) for r in rows] for c in columns}
    kinds = {c: _json_kind(name, c, extra, cells[c]) for c in columns}
    geometries = [None if f.get("geometry") is None else json.dumps(f["geometry"]) for f in features]
    shapes = _shapes(geometries, shapely.from_geojson, path)
    return Stored(name, kinds, cells, in_stored_crs(shapes, _declared_crs(document, path), path.name))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [k for k, _ in pairs]
        raise ValueError(f"{next(k for k in names if names.count(k) > 1)!r} is given twice")
    return found


def _refuse(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _json_kind(name: str, column: str, extra: Mapping[str, str], cells: Cells) -> str:
    own = tables.table(name).column(column)
    if own or column in extra:
        return own.kind if own else extra[column]
    met = {type(v) for v in cells if v is not None}
    for types, kind in (({bool}, "flag"), ({int}, "count"), ({int, float}, "number")):
        if met and met <= types:
            return kind
    return "text"


def _declared_crs(document: dict[str, Any], path: Path) -> pyproj.CRS:
    """Give the CRS: longitude and latitude, unless the old `crs` member says otherwise."""
    member = document.get("crs")
    if member is None:
        return pyproj.CRS("OGC:CRS84")
    try:
        return pyproj.CRS.from_user_input(member["properties"]["name"])
    except (TypeError, KeyError, pyproj.exceptions.CRSError):
        raise CrsError(
            f"{path.name!r} names a CRS that nobody knows ({str(member)[:60]})",
            "a CRS with an EPSG code",
            "export it again in EPSG:4326",
        ) from None


def check_columns(layer: Stored) -> None:
    """Refuse columns that would be taken for the geometry."""
    if layer.shapes is not None and _GEOMETRY in {c.casefold() for c in layer.cells}:
        raise SchemaError(f"{layer.name}: a column named geometry", "one geometry a table", "rename that column")
