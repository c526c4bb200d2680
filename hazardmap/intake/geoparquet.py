"""Read a GeoParquet file with pyarrow; GDAL takes no part."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyproj
from pyarrow import parquet

from hazardmap.errors import CrsError, FileError
from hazardmap.intake import curves, shapes
from hazardmap.intake.sheet import Sheet

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path, *, sha256: str) -> Sheet:
    """Read a GeoParquet file whose geometry is WKB.

    Raises
    ------
    FileError
        When it is damaged, no GeoParquet, or its geometry is encoded otherwise.
    """
    do = "write it with geopandas to_parquet, or as GeoPackage"
    try:
        with parquet.ParquetFile(path) as file:
            table = file.read()
            counted = file.metadata.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:  # names that are no text, too
        raise FileError(
            f"{path.name} is a damaged Parquet file ({error})", "a whole file", "ask for it again"
        ) from None
    try:
        geo = json.loads((table.schema.metadata or {})[b"geo"])
        name = geo["primary_column"]
        column = geo["columns"][name]
        given = table.column(name).to_pylist()
    except (KeyError, ValueError, TypeError):
        raise FileError(f"{path.name} is Parquet without GeoParquet's geo metadata", "GeoParquet", do) from None
    if column.get("encoding") != "WKB" or column.get("edges", "planar") != "planar":
        said = f"{column.get('encoding')}, edges {column.get('edges', 'planar')}"
        raise FileError(f"{path.name}: geometry as {said}", "geometry as WKB with planar edges", do)
    given, arcs = curves.straightened(given)
    found, flaws = shapes.from_wkb(given)
    spatial = set(geo["columns"])
    try:
        values = {n: table.column(n).to_pylist() for n in table.column_names if n not in spatial}
    except (UnicodeDecodeError, ValueError, OverflowError) as error:  # bytes that are no text, times beyond all years
        raise FileError(f"{path.name} is damaged: {str(error)[:80]}", "a whole file", "ask for it again") from None
    cells = pd.DataFrame({n: pd.Series(v, dtype="object") for n, v in values.items()}, index=pd.RangeIndex(len(table)))
    cells = cells.drop(columns=[c for c in cells if str(c).startswith("__index_level_")])
    return Sheet(
        name=path.name,
        sha256=sha256,
        kind="GeoParquet",
        layer=path.stem,
        cells=cells,
        shapes=found,
        flaws=flaws,
        faults={},
        crs=_crs(column, path.name),
        crs_default=None if "crs" in column else pyproj.CRS("OGC:CRS84"),
        counted=counted,
        notes=curves.told(arcs),
    )


def _crs(column: dict[str, Any], name: str) -> pyproj.CRS | None:
    said = column.get("crs")
    if said is None:
        return None
    try:
        return pyproj.CRS.from_user_input(said)
    except pyproj.exceptions.CRSError:
        raise CrsError(f"{name} declares a CRS that PROJ does not know", "a known CRS", "write it again") from None
