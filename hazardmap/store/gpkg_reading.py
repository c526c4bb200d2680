"""Read the tables of a programme from a GeoPackage, cell by cell as they stand in it.

By SQLite itself, read-only, and from plain tables alone: what a cell holds is seen before anyone converts it.
Layers that are no table of a programme are left alone and can be listed. Knows nothing of programmes.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
import pyproj

from hazardmap import tables
from hazardmap.errors import CrsError, FileError, SchemaError
from hazardmap.store import gpkg_schema
from hazardmap.store.cells import Stored
from hazardmap.store.shapes import in_stored_crs, shapes_of_wkb, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[Any]

_EXTRA_KINDS = (
    (re.compile(r"BOOL"), "flag"),
    (re.compile(r"DATE|TIME"), "time"),
    (re.compile(r"INT"), "count"),
    (re.compile(r"REAL|DOUB|FLOA|NUM|DEC"), "number"),
    (re.compile(r"TEXT|CHAR|CLOB|JSON|^$"), "text"),
)
_BOX_BYTES = np.array([0, 32, 48, 48, 64, 0, 0, 0])
_WAL = 2


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a GeoPackage for reading and make sure that it is whole.

    Raises
    ------
    FileError
        When it is damaged, or another program's save into it was interrupted or is under way.
    """
    check_at_rest(path, for_writing=False)
    with path.open("rb") as stream:
        in_wal_mode = _WAL in stream.read(20)[18:20]
    alone = in_wal_mode and not path.with_name(f"{path.name}-wal").exists()
    # A file in WAL mode without its log cannot be opened read-only otherwise.
    address = f"file:{quote(str(path.resolve()))}?mode=ro{'&immutable=1' if alone else ''}"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as db:
            db.execute("PRAGMA trusted_schema = OFF")
            if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise _damaged(path)
            yield db
    except (sqlite3.DatabaseError, UnicodeDecodeError):  # SQLite's own message may quote bytes that are no text
        raise _damaged(path) from None


def check_at_rest(path: Path, *, for_writing: bool) -> None:
    """Refuse a file in which another program's work is not finished.

    A write-ahead log beside it belongs to the file as it is now: put beside a new one it would destroy that.
    """
    journal, log = (path.with_name(f"{path.name}{end}") for end in ("-journal", "-wal"))
    if journal.exists() and journal.stat().st_size:
        raise FileError(
            f"{path.name!r} was left in the middle of another program's save ({journal.name!r} lies beside it)",
            "a file that is finished",
            "open it once in QGIS and close QGIS, which completes or undoes that save",
        )
    if for_writing and log.exists():
        raise FileError(
            f"{path.name!r} is open in another program, or was left open ({log.name!r} lies beside it)",
            "a file that nobody else has open",
            "close it there (in QGIS: remove its layers or quit), then save again",
        )


def _damaged(path: Path) -> FileError:
    backup = path.with_name(f"{path.name}.bak")
    return FileError(
        f"{path.name!r} is damaged",
        "a whole GeoPackage",
        f"take the previous one, {backup.name!r}" if backup.exists() else "take a copy of it from your backup",
    )


def foreign_layers(path: Path) -> list[str]:
    """List what a file holds besides the tables of a programme; a save over it would lose them."""
    own = {*tables.TABLES, "meta", gpkg_schema.STYLES_TABLE}
    with opened(path) as db:
        names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
    return sorted(
        n for n in names if n.casefold() not in own and not n.casefold().startswith(gpkg_schema.SYSTEM_PREFIXES)
    )


def read_geopackage(path: Path, *, only: str | None = None) -> tuple[list[Stored], dict[str, str] | None]:
    """Read the tables of a programme, and its description.

    Parameters
    ----------
    path
        A GeoPackage.
    only
        The one table to read, from its layer of that name or the only layer there is.

    Returns
    -------
    The tables, and the entries of `meta`; None when the file has no such table.

    Raises
    ------
    FileError
        When the file is damaged or holds no table of a programme.
    SchemaError
        When a layer is no plain table, or a shape or column cannot be read.
    CrsError
        When a layer has no CRS.
    """
    with opened(path) as db:
        layers = {n.casefold(): n for (n,) in db.execute("SELECT table_name FROM gpkg_contents ORDER BY table_name")}
        unlisted = [
            n
            for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
            if n.casefold() in tables.TABLES and n.casefold() not in layers
        ]
        if unlisted:
            raise FileError(
                f"{path.name!r} holds {', '.join(unlisted)}, but does not list it among its layers",
                "every table in gpkg_contents",
                "add the layer again in QGIS",
            )
        wanted = {n: layers[n] for n in tables.TABLES if n in layers}
        if only is not None:
            data = [n for n in layers if n not in {"meta", gpkg_schema.STYLES_TABLE}]
            wanted = (
                {only: layers[only] if only in layers else layers[data[0]]} if only in layers or len(data) == 1 else {}
            )
        meta = _meta(db, path, layers["meta"]) if "meta" in layers and only is None else None
        if not wanted and meta is None:
            held = ", ".join(layers.values()) or "no layer"
            raise FileError(
                f"{path.name!r} holds {held}",
                f"layers named {only or ', '.join(tables.TABLES)}",
                "bring its layers in with import_table (hazardmap import), or rename them",
            )
        return [_layer(db, path, name, table) for name, table in wanted.items()], meta


def _meta(db: sqlite3.Connection, path: Path, table: str) -> dict[str, str]:
    columns = {c[1] for c in db.execute(f"PRAGMA table_info({gpkg_schema.quoted(table)})")}
    if not {"key", "value"} <= columns:
        raise SchemaError(
            f"{path.name!r}: the table meta has no key and value", "columns key and value", "rename that table"
        )
    rows = db.execute(f"SELECT key, value FROM {gpkg_schema.quoted(table)}").fetchall()  # noqa: S608 (quoted)
    keys = [k for k, _ in rows]
    wrong = sorted({repr(k) for k in keys if keys.count(k) > 1} | {repr(k) for k, v in rows if not isinstance(v, str)})
    if wrong:
        raise SchemaError(
            f"{path.name!r}: meta names {', '.join(wrong)} twice or without a text",
            "one text for each key",
            "correct these rows of the table meta",
        )
    return dict(rows)


def _layer(db: sqlite3.Connection, path: Path, name: str, table: str) -> Stored:
    where = f"{path.name}, layer {name}"
    kind, sql = db.execute("SELECT type, sql FROM sqlite_master WHERE name = ?", (table,)).fetchone() or ("missing", "")
    if kind != "table" or re.match(r"\s*CREATE\s+VIRTUAL", sql or "", re.IGNORECASE):
        raise SchemaError(
            f"{where} is a {kind if kind != 'table' else 'virtual table'}",
            "a plain table",
            "save the layer as a table of its own",
        )
    info = db.execute(f"PRAGMA table_info({gpkg_schema.quoted(table)})").fetchall()
    key = next((c[1] for c in info if c[5]), "rowid")
    placed = db.execute(
        "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ? COLLATE NOCASE", (table,)
    ).fetchone()
    schema = tables.table(name)
    geometry = placed[0] if placed and schema.geometry is not None else None
    kinds = {}
    for _, column, declared, *_, is_key in info:
        if column == geometry or (is_key and schema.column(column) is None):
            continue
        own = schema.column(column)
        kinds[column] = own.kind if own else _extra_kind(declared, column, where)
    chosen = ", ".join(gpkg_schema.quoted(c) for c in (*kinds, *([geometry] if geometry else [])))
    rows = db.execute(
        f"SELECT {chosen} FROM {gpkg_schema.quoted(table)} ORDER BY {gpkg_schema.quoted(key)}"  # noqa: S608 (quoted)
    ).fetchall()
    cells = dict(zip(kinds, map(list, zip(*rows, strict=True)), strict=False)) if rows else {c: [] for c in kinds}
    if schema.geometry is None:
        return Stored(name, kinds, cells, None)
    blobs = [r[-1] for r in rows] if geometry else [None] * len(rows)
    if geometry is None and rows:
        raise SchemaError(
            f"{where} has no geometry column", "a layer of polygons or points", "draw it as a spatial layer"
        )
    shapes = shapes_of_wkb(_wkb(blobs, where), where)
    crs = _crs(db, placed[1], where) if placed else None
    return Stored(name, kinds, cells, in_stored_crs(shapes, crs, where) if rows else shapes)


def _extra_kind(declared: str, column: str, where: str) -> str:
    found = next((kind for pattern, kind in _EXTRA_KINDS if pattern.search(declared.upper())), None)
    if found is None:
        raise SchemaError(
            f"{where}: column {column!r} is a {declared}",
            "text, numbers, true/false or dates in columns of your own",
            "drop this column, or keep it in a file of its own",
        )
    return found


def _wkb(blobs: list[Any], where: str) -> list[bytes | None]:
    """Cut the GeoPackage header off the blobs."""
    wrong = [
        i for i, b in enumerate(blobs) if b is not None and not (type(b) is bytes and b[:2] == b"GP" and len(b) > 12)
    ]
    if wrong:
        raise unreadable(wrong, where)
    return [None if b is None else b[8 + int(_BOX_BYTES[b[3] >> 1 & 7]) :] for b in blobs]


def _crs(db: sqlite3.Connection, srs_id: int, where: str) -> pyproj.CRS | None:
    row = db.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        (srs_id,),
    ).fetchone()
    if row is None or srs_id in {-1, 0}:
        return None
    organization, code, definition = row
    try:
        known = isinstance(organization, str) and organization.upper() in {"EPSG", "ESRI"}
        return pyproj.CRS.from_authority(organization.upper(), code) if known else pyproj.CRS.from_wkt(definition)
    except pyproj.exceptions.CRSError:
        raise CrsError(
            f"{where} is in a CRS that nobody knows ({organization}:{code})",
            "a CRS with an EPSG code",
            "set the CRS of the layer in QGIS",
        ) from None
