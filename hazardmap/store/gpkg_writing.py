"""Write stored tables into a new GeoPackage.

By SQLite itself, so that every cell has exactly the type it should and nothing is rounded on its way; GDAL and QGIS
find what they expect. Knows stored tables and styles; knows nothing of programmes, and makes no save atomic: that
is `saving`'s.
"""

from __future__ import annotations

import contextlib
import sqlite3
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hazardmap import tables, words
from hazardmap.store import gpkg_schema, styles
from hazardmap.store.symbology import LOOKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from hazardmap.store.cells import Cells, Stored
    from hazardmap.store.symbology import Look

    Array = NDArray[Any]

_SQL_TYPES = {
    "id": "TEXT",
    "text": "TEXT",
    "word": "TEXT",
    "words": "TEXT",
    "ids": "TEXT",
    "date": "DATE",
    "time": "DATETIME",
    "number": "REAL",
    "count": "INTEGER",
    "flag": "BOOLEAN",
}
_STORED_SRS = 4326
_AREAS = (3, 6)
_PLAIN_HEADER, _EMPTY_HEADER, _BOX_HEADER = 0b0000_0001, 0b0001_0001, 0b0000_0011


def write_geopackage(
    path: Path,
    layers: Sequence[Stored],
    meta: Mapping[str, str],
    *,
    looks: Mapping[str, Look] = LOOKS,
    described_in: str = "meta",
) -> None:
    """Write tables, their styles and the description of the programme into a file that does not exist yet.

    Parameters
    ----------
    path
        The file.
    layers
        Tables of a programme, or tables of areas made from one.
    meta
        The description: names and texts.
    looks
        How each layer with geometry is drawn.
    described_in
        The table that holds the description; by ``meta`` a programme is known.

    Raises
    ------
    sqlite3.Error
        When SQLite cannot write (a full disk, among others).
    """
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        # The file is new and not yet anyone's: a journal would only cost time.
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.executescript(gpkg_schema.EMPTY)
        db.execute("BEGIN")
        geometry_of = {layer.name: _write_layer(db, layer) for layer in layers}
        _write_meta(db, meta, described_in)
        db.execute("COMMIT")
        fictitious = meta.get("fictitious") == "true"
        spatial = {name: column for name, column in geometry_of.items() if column}
        _write_styles(db, spatial, looks, fictitious=fictitious)
        db.execute("UPDATE gpkg_contents SET description = ?", (_description(meta),))


def _description(meta: Mapping[str, str]) -> str:
    """Tell what every product tells: whether it is invented, as of when, from where, and that it permits nothing."""
    mark = f"{words.FICTITIOUS}. " if meta.get("fictitious") == "true" else ""
    as_of, sources = meta.get("as_of", "unknown"), meta.get("sources") or "not stated"
    asked = f"State of the ground on {meta['on']}. " if "on" in meta else ""
    return f"{mark}{asked}As of {as_of}. Source: {sources}. {words.DISCLAIMER} {words.ABSENCE}"


def _write_layer(db: sqlite3.Connection, layer: Stored) -> str:
    """Write one table; give the name of its geometry column, empty when it has none."""
    key, geometry = _free("fid", layer), "" if layer.shapes is None else _free("geom", layer)
    kind = _geometry_type(layer)
    columns = [(gpkg_schema.quoted(key), "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL")]
    columns += [(gpkg_schema.quoted(geometry), kind)] if geometry else []
    columns += [(gpkg_schema.quoted(c), _SQL_TYPES[k]) for c, k in layer.kinds.items()]
    table = gpkg_schema.quoted(layer.name)
    db.execute(f"CREATE TABLE {table} ({', '.join(f'{c} {t}' for c, t in columns)})")
    db.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, ?, ?, ?)",
        (layer.name, "features" if geometry else "attributes", layer.name, _STORED_SRS if geometry else None),
    )
    cells: list[Cells] = list(layer.cells.values())
    if layer.shapes is not None:
        shapes = _promoted(layer.shapes) if kind == "MULTIPOLYGON" else layer.shapes
        cells.insert(0, _blobs(shapes))
        _register_geometry(db, layer, geometry, kind)
    cells.insert(0, list(range(1, len(layer) + 1)))
    marks = ", ".join("?" * len(columns))
    names = ", ".join(c for c, _ in columns)
    db.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", zip(*cells, strict=True))  # noqa: S608 (quoted)
    if layer.shapes is not None:
        _index(db, layer, geometry, key)
    return geometry


def _free(name: str, layer: Stored) -> str:
    """Give a column name that the table does not use itself."""
    taken = {c.casefold() for c in layer.kinds}
    while name in taken:
        name = f"_{name}"
    return name


def _geometry_type(layer: Stored) -> str:
    """Choose the type that QGIS shows the layer with, and lets people draw into it."""
    known = tables.TABLES.get(layer.name)
    kinds = _AREAS if known is None else known.geometry
    if layer.shapes is None or kinds is None:
        return ""
    met = set(shapely.get_type_id(layer.shapes[~shapely.is_missing(layer.shapes)]).tolist())
    if known is None and met in ({0}, {1}):
        return "POINT" if met == {0} else "LINESTRING"
    if kinds == (0,) and met <= {0}:
        return "POINT"
    return "MULTIPOLYGON" if {3, 6} <= set(kinds) and 1 not in kinds and met <= {3, 6} else "GEOMETRY"


def _promoted(shapes: Array) -> Array:
    out = shapes.copy()
    alone = shapely.get_type_id(out) == 3
    empty = alone & shapely.is_empty(out)
    alone &= ~empty
    if alone.any():
        out[alone] = shapely.multipolygons(out[alone], indices=np.arange(alone.sum()))
    out[empty] = shapely.MultiPolygon()
    return out


def _blobs(shapes: Array) -> list[bytes | None]:
    """Give geometries as GeoPackage blobs: a header with the box, then ISO WKB."""
    wkb = shapely.to_wkb(shapes, byte_order=1, flavor="iso")
    boxes = shapely.bounds(shapes)[:, [0, 2, 1, 3]]
    boxed = np.isfinite(boxes).all(axis=1)
    empty: Any = shapely.is_empty(shapes)
    plain = struct.pack("<2sBBi", b"GP", 0, _PLAIN_HEADER, _STORED_SRS)
    hollow = struct.pack("<2sBBi", b"GP", 0, _EMPTY_HEADER, _STORED_SRS)
    start = struct.pack("<2sBBi", b"GP", 0, _BOX_HEADER, _STORED_SRS)
    return [
        None if b is None else (hollow if none else (start + box.tobytes() if has else plain)) + b
        for b, box, has, none in zip(wkb, boxes, boxed, empty, strict=True)
    ]


def _register_geometry(db: sqlite3.Connection, layer: Stored, geometry: str, kind: str) -> None:
    shapes = layer.shapes
    assert shapes is not None  # noqa: S101 (the caller asked; for the type checker)
    z, m = (2 if bool(has(shapes).any()) else 0 for has in (shapely.has_z, shapely.has_m))
    db.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, ?, ?)", (layer.name, geometry, kind, _STORED_SRS, z, m)
    )
    box = shapely.total_bounds(shapes) if len(shapes) else np.full(4, np.nan)
    if np.isfinite(box).all():
        db.execute(
            "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?",
            (*box.tolist(), layer.name),
        )


def _index(db: sqlite3.Connection, layer: Stored, geometry: str, key: str) -> None:
    name = gpkg_schema.quoted(f"rtree_{layer.name}_{geometry}")
    db.execute(gpkg_schema.index_table(layer.name, geometry))
    boxes = shapely.bounds(layer.shapes)[:, [0, 2, 1, 3]]
    rows = np.flatnonzero(np.isfinite(boxes).all(axis=1))
    db.executemany(
        f"INSERT INTO {name} VALUES (?, ?, ?, ?, ?)",  # noqa: S608 (quoted)
        ((row + 1, *box) for row, box in zip(rows.tolist(), boxes[rows].tolist(), strict=True)),
    )
    for statement in gpkg_schema.index_triggers(layer.name, geometry, key).splitlines():
        db.execute(statement)
    db.execute(
        "INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index',"
        " 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
        (layer.name, geometry),
    )


def _write_meta(db: sqlite3.Connection, meta: Mapping[str, str], name: str) -> None:
    if not meta:
        return
    table = gpkg_schema.quoted(name)
    db.execute(f"CREATE TABLE {table} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, key TEXT, value TEXT)")
    db.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)", (name, name)
    )
    db.executemany(f"INSERT INTO {table} (key, value) VALUES (?, ?)", meta.items())  # noqa: S608 (quoted)


def _write_styles(
    db: sqlite3.Connection, geometry_of: Mapping[str, str], looks: Mapping[str, Look], *, fictitious: bool
) -> None:
    db.executescript(gpkg_schema.STYLES)
    db.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
        " styleQML, styleSLD, useAsDefault, description, owner, ui)"
        " VALUES ('', '', ?, ?, 'hazardmap', ?, ?, 1, ?, '', NULL)",
        [
            (
                name,
                column,
                styles.qml(name, looks[name], fictitious=fictitious),
                styles.sld(name, looks[name]),
                f"hazardmap: {looks[name].told}",
            )
            for name, column in geometry_of.items()
        ],
    )
