"""Read one layer of one file, or a GeoDataFrame, whatever its format; and refuse when two counts of its rows differ."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from hazardmap import formats
from hazardmap.errors import FileError, SchemaError
from hazardmap.intake import (
    archive,
    closing,
    delimited,
    dxf,
    esrijson,
    filegdb,
    flatgeobuf,
    geojson,
    geopackage,
    geoparquet,
    gml,
    gpx,
    joining,
    kml,
    mapinfo,
    shapefile,
    shapes,
    topojson,
    workbook,
)
from hazardmap.intake.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: The name that stands for all layers of a file, read together.
ALL = "*"
_LAYERED = frozenset({"gpkg", "topojson", "kml", "kmz", "gpx", "gml", "filegdb", "dxf", "zip", "xlsx"})
_ALWAYS_UTF8 = frozenset({"gpkg", "flatgeobuf", "parquet", "filegdb", "xlsx"})
#: Format → how its layers are counted, where they are read one by one.
_COUNTS: dict[str, Callable[[Path, str | None], dict[str, int]]] = {
    "gpkg": lambda path, _: geopackage.layer_counts(path),
    "topojson": topojson.layer_counts,
    "gpx": gpx.layer_counts,
    "gml": gml.layer_counts,
    "filegdb": lambda path, _: filegdb.layer_counts(path),
}


def read(
    source: Any, *, wanted: str, layer: str | None = None, encoding: str | None = None, header_row: int | None = None
) -> Sheet:
    """Read the rows of a source as they stand.

    Parameters
    ----------
    source
        Path of a file or File Geodatabase on this machine, or a GeoDataFrame.
    wanted
        The table that it is read for; a layer of this name is taken when a file has several.
    layer
        The layer to read, or ``*`` for all of them together. KML and DXF are read whole without it: folder and layer
        are columns.
    encoding
        Encoding of its text, where the format does not say it.
    header_row
        The line or row of a table that names its columns, from 1.

    Raises
    ------
    FileError, CrsError, SchemaError
        When the file cannot be used as a whole.
    """
    if isinstance(source, gpd.GeoDataFrame):
        return _counted(_frame(source))
    path = formats.local_path(source)
    try:
        sheet = _file(path, wanted=wanted, layer=layer, encoding=encoding, header_row=header_row)
    except OSError as error:
        raise FileError(
            f"{path.name} cannot be read ({error})", "a file that can be read", "check its permissions"
        ) from None
    return _counted(sheet)


def _file(path: Path, *, wanted: str, layer: str | None, encoding: str | None, header_row: int | None = None) -> Sheet:
    kind = formats.sniff(path)
    if header_row is not None and kind not in {"csv", "xlsx", "zip"}:
        raise FileError(f"{path.name} is no table of text or Excel", "no header row", "leave --header-row out")
    if layer is not None and kind not in _LAYERED:
        raise FileError(
            f"{path.name} is {formats.NAMES[kind]}, no GeoPackage or the like, and has one layer",
            "no layer",
            "leave --layer out",
        )
    if encoding is not None and kind in _ALWAYS_UTF8:
        raise FileError(f"{path.name} is of a format whose text is always UTF-8", "no encoding", "leave --encoding out")
    if layer == ALL and kind in _COUNTS:
        names = [n for n, rows in _COUNTS[kind](path, encoding).items() if rows]
        sheets = [_opened(path, kind, wanted=wanted, layer=n, encoding=encoding) for n in names]
        if len(sheets) > 1:
            return joining.joined(sheets, names, name=path.name, kind=sheets[0].kind)
        layer = names[0] if names else None
    return _opened(path, kind, wanted=wanted, layer=layer, encoding=encoding, header_row=header_row)


def _opened(
    path: Path,
    kind: str,
    *,
    wanted: str,
    layer: str | None,
    encoding: str | None,
    header_row: int | None = None,
) -> Sheet:
    sha256 = filegdb.fingerprint(path) if kind == "filegdb" else _fingerprint(path)
    text: dict[str, Any] = {"sha256": sha256, "encoding": encoding}
    chosen: dict[str, Any] = {"sha256": sha256, "layer": layer, "wanted": wanted}

    def unpacked(file: Path, inner: str | None) -> Sheet:
        return _file(file, wanted=wanted, layer=inner, encoding=encoding, header_row=header_row)

    readers: dict[str, Callable[[], Sheet]] = {
        "gpkg": lambda: geopackage.read(path, **chosen),
        "geojson": lambda: geojson.read(path, **text),
        "geojsonseq": lambda: geojson.read(path, **text),
        "topojson": lambda: topojson.read(path, **chosen, encoding=encoding),
        "esrijson": lambda: esrijson.read(path, **text),
        "shapefile": lambda: shapefile.read(path, **text),
        "flatgeobuf": lambda: flatgeobuf.read(path, sha256=sha256),
        "parquet": lambda: geoparquet.read(path, sha256=sha256),
        "csv": lambda: delimited.read(path, **text, header_row=header_row),
        "kml": lambda: kml.read(path, **text, layer=layer),
        "gpx": lambda: gpx.read(path, **chosen, encoding=encoding),
        "gml": lambda: gml.read(path, **chosen, encoding=encoding),
        "filegdb": lambda: filegdb.read(path, **chosen),
        "dxf": lambda: dxf.read(path, **text, layer=layer, areas=wanted not in closing.LINES_ALLOWED),
        "mapinfo": lambda: mapinfo.read_tab(path, **text),
        "mif": lambda: mapinfo.read_mif(path, **text),
        "zip": lambda: archive.read(path, **chosen, reader=unpacked),
        "kmz": lambda: archive.read(path, **chosen, reader=unpacked),
        "xlsx": lambda: workbook.read(path, **chosen, header_row=header_row),
    }
    return readers[kind]()


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _counted(sheet: Sheet) -> Sheet:
    rows = len(sheet.cells)
    if rows != sheet.counted or rows != len(sheet.shapes):
        raise FileError(
            f"{sheet.name}: {rows:,} rows were read, a second count finds {sheet.counted:,}",
            "two counts that agree",
            "do not use this file; export it again, and report it if it stays so",
        )
    if not rows:
        raise FileError(f"{sheet.name} has no rows", "at least one row", "ask for the file again: the export failed")
    return sheet


def _frame(frame: gpd.GeoDataFrame) -> Sheet:
    if frame.active_geometry_name is None:
        raise SchemaError("a GeoDataFrame without geometry", "an active geometry column", "frame.set_geometry(…)")
    if not frame.columns.is_unique:
        raise SchemaError("a GeoDataFrame with a column name twice", "each name once", "rename one of them")
    cells = pd.DataFrame(frame.drop(columns=frame.geometry.name)).reset_index(drop=True)
    cells = cells.rename(columns=str)
    cells = pd.DataFrame({c: _plain(cells[c]) for c in cells}, index=cells.index)
    blobs = list(frame.geometry.to_wkb())
    found, flaws = shapes.from_wkb(blobs)
    digest = hashlib.sha256(repr(cells.to_dict("list")).encode("utf-8", "backslashreplace"))
    digest.update(b"".join(b or b"-" for b in blobs))
    return Sheet(
        name="GeoDataFrame",
        sha256=digest.hexdigest(),
        kind="GeoDataFrame",
        layer="",
        cells=cells,
        shapes=found,
        flaws=flaws,
        faults={},
        crs=frame.crs,
        counted=frame.shape[0],
    )


def _plain(values: pd.Series) -> pd.Series:
    """Give the values as Python's own, missing as None."""
    plain = values.astype("object")
    return plain.where(plain.notna(), None)
