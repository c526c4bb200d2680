"""Read one layer of a GeoPackage with sqlite3: every row of the table by a full scan, whatever its indexes say.

GDAL counts the rows a second time (driver forced). Views and virtual tables are refused: they can point elsewhere.
"""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyogrio
import pyproj

from hazardmap.errors import CrsError, FileError
from hazardmap.intake import curves, layers, shapes
from hazardmap.intake.sheet import Flaw, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENVELOPE = (0, 32, 48, 48, 64)


def read(path: Path, *, sha256: str, layer: str | None, wanted: str) -> Sheet:
    """Read a layer; when the file has several with rows, the one named, or the one named like the table.

    Raises
    ------
    FileError
        When the file is damaged, has no layer with rows, or has several and none is named.
    """
    with _damage_told(path), closing(_read_only(path)) as database:
        name, others = _choose(database, path.name, layer, wanted)
        return _layer(database, path, sha256, name, others)


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:  # SQLite's own message may quote bytes that are no text
        raise FileError(
            f"{path.name} is a damaged GeoPackage ({error})", "a whole file", "ask for the file again"
        ) from None


def _read_only(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    database.text_factory = lambda b: b.decode("utf-8", "replace")
    return database


def layer_counts(path: Path) -> dict[str, int]:
    """Give the layers with geometry, with their rows.

    Raises
    ------
    FileError
        When the file is damaged.
    """
    with _damage_told(path), closing(_read_only(path)) as database:
        return _counts(database)[0]


def _choose(database: sqlite3.Connection, file: str, layer: str | None, wanted: str) -> tuple[str, dict[str, int]]:
    counts, listed = _counts(database)
    why = "is a view or no layer with geometry" if layer in listed else "is not in it"
    return layers.chosen(file, counts, layer, wanted, why=why)


def _counts(database: sqlite3.Connection) -> tuple[dict[str, int], list[str]]:
    layers_there = [
        n
        for (n,) in database.execute(
            "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes')"
        )
    ]
    real = {
        n
        for n, sql in database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if sql and not sql.lstrip().upper().startswith("CREATE VIRTUAL")
    }
    spatial = {n for (n,) in database.execute("SELECT table_name FROM gpkg_geometry_columns")}
    counts = {
        n: int(database.execute(f"SELECT count(*) FROM {_quoted(n)}").fetchone()[0])  # noqa: S608 - names are quoted
        for n in layers_there
        if n in real and n in spatial
    }
    return counts, layers_there


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _layer(database: sqlite3.Connection, path: Path, sha256: str, name: str, others: dict[str, int]) -> Sheet:
    column, srs_id = database.execute(
        "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (name,)
    ).fetchone()
    info = database.execute(f"PRAGMA table_info({_quoted(name)})").fetchall()
    booleans = {n for _, n, declared, *_ in info if str(declared).upper() == "BOOLEAN"}
    own_key = {
        n
        for _, n, declared, _, _, key in info
        if key and str(declared).upper() == "INTEGER" and n in {"fid", "ogc_fid"}
    }
    cursor = database.execute(f"SELECT * FROM {_quoted(name)}")  # noqa: S608 - the name is quoted
    names = [d[0] for d in cursor.description]
    rows = cursor.fetchall()
    at = names.index(column)
    blobs, flaws = _geometries([row[at] for row in rows])
    blobs, arcs = curves.straightened(blobs)
    found, broken = shapes.from_wkb(blobs)
    cells = pd.DataFrame(
        {
            n: pd.Series([_value(r[i], boolean=n in booleans) for r in rows], dtype="object")
            for i, n in enumerate(names)
            if n != column and n not in own_key
        },
        index=pd.RangeIndex(len(rows)),
    )
    return Sheet(
        name=path.name,
        sha256=sha256,
        kind="GeoPackage",
        layer=name,
        cells=cells,
        shapes=found,
        flaws={**broken, **flaws},
        faults={},
        crs=_crs(database, srs_id, path.name),
        counted=_counted(path, name),
        notes=(*layers.unread(others), *curves.told(arcs)),
    )


def _counted(path: Path, layer: str) -> int:
    try:
        _, fids, _, _ = pyogrio.raw.read(
            f"GPKG:{path.resolve()}", layer=layer, columns=[], read_geometry=False, return_fids=True
        )
    except pyogrio.errors.DataSourceError as error:
        raise FileError(
            f"{path.name} is a damaged GeoPackage ({error})", "a whole file", "ask for the file again"
        ) from None
    return len(fids)


def _value(value: Any, *, boolean: bool) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return bool(value) if boolean and value in {0, 1} else value


def _geometries(values: list[Any]) -> tuple[list[bytes | None], dict[int, Flaw]]:
    """Take the WKB out of GeoPackage geometry blobs."""
    blobs: list[bytes | None] = []
    flaws: dict[int, Flaw] = {}
    for i, value in enumerate(values):
        blob = None
        if value is not None:
            try:
                size = 8 + _ENVELOPE[(value[3] >> 1) & 7]
                blob = value[size:] if value[:2] == b"GP" else None
            except (TypeError, IndexError, struct.error):
                blob = None
            if blob is None:
                entered = value.hex() if isinstance(value, bytes) else str(value)
                flaws[i] = Flaw("a geometry that is no GeoPackage geometry", "GeoPackage geometry", entered)
        blobs.append(blob)
    return blobs, flaws


def _crs(database: sqlite3.Connection, srs_id: int, file: str) -> pyproj.CRS | None:
    if srs_id in {0, -1}:
        return None
    row = database.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        (srs_id,),
    ).fetchone()
    if row is not None:
        for said in (f"{row[0]}:{row[1]}", row[2]):
            try:
                return pyproj.CRS.from_user_input(said)
            except pyproj.exceptions.CRSError:
                continue
    raise CrsError(f"{file} names the CRS {srs_id}, which PROJ does not know", "a known CRS", "state it: --crs EPSG:…")
