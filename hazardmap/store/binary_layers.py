"""Stored tables as Shapefile, FlatGeobuf and GeoParquet.

What a format cannot hold is refused before anything is written, with the column and the row. Knows stored tables;
knows nothing of programmes or folders.
"""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyogrio.raw
import pyproj
import shapely

from hazardmap import formats, tables
from hazardmap.errors import CrsError, FileError, SchemaError
from hazardmap.measure import STORED_CRS
from hazardmap.store.cells import Stored
from hazardmap.store.shapes import in_stored_crs, shapes_of_wkb

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[Any]

_GEOMETRY = "geometry"
_TYPES = {
    "date": pa.date32(),
    "number": pa.float64(),
    "count": pa.int64(),
    "flag": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
}
_DBF_TEXT_BYTES = 254
_DBF_NAME = 10
#: Shapely type ids that one Shapefile can hold together, and what it is then called.
_FAMILIES = (((0,), "Point"), ((1, 5), "LineString"), ((3, 6), "Polygon"), ((4,), "MultiPoint"))


def _arrow(layer: Stored, *, times: bool) -> pa.Table:
    columns = {}
    for column, kind in layer.kinds.items():
        cells = layer.cells[column]
        if kind in {"date", "time"} and (kind == "date" or times):
            columns[column] = pa.array(cells, pa.string()).cast(_TYPES[kind])
        else:
            columns[column] = pa.array(cells, _TYPES.get(kind, pa.string()) if kind != "time" else pa.string())
    if layer.shapes is not None:
        columns[_GEOMETRY] = pa.array(shapely.to_wkb(layer.shapes, flavor="iso"), pa.binary())
    return pa.table(columns)


def write_parquet(path: Path, layer: Stored) -> None:
    """Write a table as GeoParquet 1.0 (plain Parquet for `history`)."""
    table = _arrow(layer, times=True)
    if layer.shapes is not None:
        table = table.replace_schema_metadata({b"geo": geo_metadata(layer.shapes, _GEOMETRY)})
    pq.write_table(table, path, compression="zstd")


def geo_metadata(shapes: Array, column: str) -> bytes:
    """Give what makes Parquet with shapes as WKB in EPSG:4326 a GeoParquet: the text under its key ``geo``.

    Examples
    --------
    >>> import numpy as np
    >>> json.loads(geo_metadata(np.array([None, shapely.Point(1, 2)]), "geometry"))["columns"]["geometry"][
    ...     "geometry_types"]
    ['Point']
    """
    there = shapes[~shapely.is_missing(shapes)]
    kinds = {(g.geom_type, bool(g.has_z)) for g in there.tolist()}
    geo = {
        "version": "1.0.0",
        "primary_column": column,
        "columns": {
            column: {
                "encoding": "WKB",
                "geometry_types": sorted(f"{name}{' Z' if z else ''}" for name, z in kinds),
                "crs": pyproj.CRS(STORED_CRS).to_json_dict(),
            }
        },
    }
    return json.dumps(geo).encode()


def read_parquet(path: Path, name: str, extra: Mapping[str, str]) -> Stored:
    """Read a table from GeoParquet.

    Raises
    ------
    FileError
        When the file is damaged, is no GeoParquet, or holds geometries in another encoding than WKB.
    CrsError
        When it declares that its CRS is unknown.
    """
    try:
        table = pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError):
        raise _damaged(path) from None
    if tables.table(name).geometry is None:
        return _stored(table, name, extra, path, None)
    try:
        geo = json.loads((table.schema.metadata or {})[b"geo"])
        column = geo["primary_column"]
        described = geo["columns"][column]
        encoding = described["encoding"]
    except (KeyError, TypeError, ValueError):
        raise FileError(
            f"{path.name!r} is Parquet, but does not say which column is the geometry",
            "GeoParquet",
            "write it with geopandas: frame.to_parquet(…)",
        ) from None
    if encoding != "WKB" or column not in table.column_names:
        raise FileError(
            f"{path.name!r} holds geometry as {encoding}", "geometry as WKB", "write it with geometry_encoding='WKB'"
        )
    crs: Any = described.get("crs", "OGC:CRS84")  # the standard's meaning of silence
    try:
        declared = None if crs is None else pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        raise CrsError(
            f"{path.name!r} is in a CRS that nobody knows", "a CRS with an EPSG code", "write it again in EPSG:4326"
        ) from None
    shapes = shapes_of_wkb(table.column(column).to_pylist(), path.name)
    return _stored(table.drop_columns([column]), name, extra, path, in_stored_crs(shapes, declared, path.name))


def write_flatgeobuf(path: Path, layer: Stored) -> None:
    """Write a table as FlatGeobuf, in the order of its rows (a FlatGeobuf with an index is in another)."""
    _gdal_write(path, _arrow(layer, times=False), "FlatGeobuf", "Unknown", {"SPATIAL_INDEX": "NO"})


def write_shapefile(path: Path, layer: Stored) -> dict[str, str]:
    """Write a table as Shapefile; give the short names its columns bear there, with their full names.

    Raises
    ------
    FileError
        When a text is too long for it, or shapes are of kinds that do not go together.
    """
    _check_dbf(layer)
    short = _short_names(list(layer.kinds))
    renamed = Stored(
        layer.name,
        {short[c]: k for c, k in layer.kinds.items()},
        {short[c]: v for c, v in layer.cells.items()},
        layer.shapes,
    )
    _gdal_write(path, _arrow(renamed, times=False), "ESRI Shapefile", _family(layer), {})
    return {s: c for c, s in short.items() if s != c}


def _check_dbf(layer: Stored) -> None:
    for column, cells in layer.cells.items():
        for row, value in enumerate(cells):
            if (
                isinstance(value, str)
                and len(value) * 4 > _DBF_TEXT_BYTES
                and (size := len(value.encode())) > _DBF_TEXT_BYTES
            ):
                raise FileError(
                    f"{layer.name}, row {row + 1}: {column} is {size} bytes long",
                    f"{_DBF_TEXT_BYTES} bytes or less in a Shapefile",
                    "save as .gpkg, which cuts nothing",
                )


def _family(layer: Stored) -> str:
    assert layer.shapes is not None  # noqa: S101 (only tables with geometry get here)
    kinds = shapely.get_type_id(layer.shapes)
    met = set(kinds[kinds >= 0].tolist())
    for members, name in _FAMILIES:
        if met <= set(members) and (met or name == "Polygon"):
            return name
    first = {int(k): int(np.flatnonzero(kinds == k)[0]) + 1 for k in sorted(met)}
    names = ", ".join(f"{shapely.GeometryType(k).name.capitalize()} (row {row})" for k, row in first.items())
    raise FileError(
        f"{layer.name} holds {names}", "shapes of one kind in a Shapefile", "save as .gpkg, which holds them all"
    )


def _short_names(columns: list[str]) -> dict[str, str]:
    """Give each column a name of 10 plain letters at most."""
    short: dict[str, str] = {}
    taken: set[str] = set()
    for column in sorted(columns, key=lambda c: not _fits(c)):
        stem = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in column)[:_DBF_NAME]
        name, n = stem, 1
        while name.casefold() in taken:
            n += 1
            name = f"{stem[: _DBF_NAME - len(str(n))]}{n}"
        taken.add(name.casefold())
        short[column] = name
    return short


def _fits(column: str) -> bool:
    return len(column) <= _DBF_NAME and all(c.isascii() and (c.isalnum() or c == "_") for c in column)


def _gdal_write(path: Path, table: pa.Table, driver: str, kind: str, options: dict[str, str]) -> None:
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            pyogrio.write_arrow(
                table,
                path,
                driver=driver,
                geometry_name=_GEOMETRY,
                geometry_type=kind,
                crs=STORED_CRS,
                encoding="UTF-8",
                layer_options=options,
            )
        refused = str(told[0].message) if told else ""  # a warning of GDAL is a value changed
    except (RuntimeError, ValueError) as error:
        refused = str(error) or type(error).__name__
    if refused:
        raise FileError(
            f"{path.stem} cannot be written as {driver} ({refused[:120]})",
            "values that the format can hold",
            "save as .gpkg, which holds them all",
        )


def read_gdal(path: Path, name: str, extra: Mapping[str, str], short: Mapping[str, str]) -> Stored:
    """Read a table from a Shapefile or FlatGeobuf.

    Parameters
    ----------
    path
        The file, its kind being known from its content.
    name
        The table.
    extra
        Kinds of columns that the table does not know.
    short
        Short names used in the file, with the full ones.

    Raises
    ------
    FileError
        When the file is damaged, or a Shapefile does not say in which encoding its texts are.
    """
    if path.suffix.casefold() == ".shp" and formats.companion(path, ".cpg") is None:
        raise FileError(
            f"{path.name!r} does not say the encoding of its texts",
            f"a file {path.stem}.cpg with one word, e.g. UTF-8",
            "write the encoding into that file, or export the layer again as UTF-8",
        )
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            info = pyogrio.read_info(path, force_feature_count=True)
            # Two passes: GDAL 3.12 gives a broken Arrow array where a FlatGeobuf misses a geometry.
            meta, table = pyogrio.read_arrow(path, read_geometry=False)
            _, _, wkb, _ = pyogrio.raw.read(path, columns=[])
    except (RuntimeError, ValueError, IndexError, pa.ArrowException):  # IndexError: fewer features than it says
        raise _damaged(path) from None
    if told:  # a warning of GDAL is a value changed
        raise FileError(
            f"{path.name!r} is not read as it stands ({str(told[0].message)[:120]})",
            "a file whose every value can be read",
            "bring it in with import_table (hazardmap import), or save it again with QGIS",
        )
    if info["features"] != table.num_rows or wkb is None or len(wkb) != table.num_rows:
        raise _damaged(path)
    shapes = shapes_of_wkb(wkb.tolist(), path.name)
    crs = None if meta["crs"] is None else pyproj.CRS.from_user_input(meta["crs"])
    table = table.rename_columns([short.get(c, c) for c in table.column_names])
    return _stored(table, name, extra, path, in_stored_crs(shapes, crs, path.name))


def _damaged(path: Path) -> FileError:
    return FileError(f"{path.name!r} is damaged or cut short", "a whole file", "export or copy it again")


def _stored(table: pa.Table, name: str, extra: Mapping[str, str], path: Path, shapes: Any) -> Stored:
    kinds, cells = {}, {}
    for column in table.column_names:
        values = table.column(column)
        own = tables.table(name).column(column)
        kinds[column] = own.kind if own else extra.get(column) or _arrow_kind(values.type, column, path)
        if pa.types.is_timestamp(values.type):
            values = values.cast(pa.timestamp("us", tz=values.type.tz))
        cells[column] = values.to_pylist()
    return Stored(name, kinds, cells, shapes)


def _arrow_kind(kind: pa.DataType, column: str, path: Path) -> str:
    tests = (
        (pa.types.is_boolean, "flag"),
        (pa.types.is_integer, "count"),
        (pa.types.is_floating, "number"),
        (pa.types.is_temporal, "time"),
        (pa.types.is_string, "text"),
        (pa.types.is_large_string, "text"),
        (pa.types.is_null, "text"),
    )
    found = next((k for test, k in tests if test(kind)), None)
    if found is None:
        raise SchemaError(
            f"{path.name!r}: column {column!r} holds {kind}",
            "text, numbers, true/false or dates in columns of your own",
            "drop or convert this column",
        )
    return found
