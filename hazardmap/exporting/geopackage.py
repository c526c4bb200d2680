"""A day as a GeoPackage that QGIS opens coloured: its layers with their styles, and a table of what has no place.

No layer is named like a table of a programme, so that this is never read as one. WGS 84; QGIS shows it in any CRS.
Makes no save atomic: that is `writing`'s.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

import shapely

from hazardmap.errors import FileError
from hazardmap.exporting.looks import look_of
from hazardmap.exporting.product import NOWHERE, NOWHERE_COLUMNS
from hazardmap.sheets.cells import clean
from hazardmap.store import gpkg_schema
from hazardmap.store.cells import Stored, to_cells
from hazardmap.store.gpkg_writing import write_geopackage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from hazardmap.exporting.product import Layer, Product

ABOUT = "about"
_SAID = {"id": "text", "label": "text", "sign": "text", "sign_in_words": "text"}


def write_gpkg(path: Path, product: Product) -> None:
    """Write the layers, their styles and the tables ``without_place`` and ``about`` into a file not there yet."""
    layers = [_stored(layer) for layer in product.layers]
    kinds = {c: "date" if c == "date_of_information" else "text" for c in NOWHERE_COLUMNS}
    layers.append(Stored(NOWHERE, kinds, _cells(product.nowhere, kinds), None))
    about = {k: clean(v) for k, v in product.imprint.texts().items()} | {"lost": clean(product.imprint.lost)}
    looks = {layer.name: look_of(layer) for layer in product.layers}
    write_geopackage(path, layers, about, looks=looks, described_in=ABOUT)


def _stored(layer: Layer) -> Stored:
    kinds = _SAID | dict(layer.kinds)
    return Stored(layer.name, kinds, _cells(layer.frame, kinds), layer.frame.geometry.to_numpy())


def _cells(frame: pd.DataFrame, kinds: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for column, kind in kinds.items():
        values = frame[column]
        if kind in {"ids", "words"}:
            values = values.map(lambda v: tuple(clean(str(t)) for t in v) if v else ())
        found[column] = [clean(v) if isinstance(v, str) else v for v in to_cells(values, kind)]
    return found


def check_gpkg(path: Path, product: Product) -> None:
    """Read a file back: every feature of every layer, by its id, with its shape.

    Raises
    ------
    FileError
        When something is missing.
    """
    found: dict[str, Any] = {}
    with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
        sound = db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        for name, column in [*((layer.name, "geom") for layer in product.layers), (NOWHERE, "NULL")]:
            table = gpkg_schema.quoted(name)
            rows = db.execute(f"SELECT id, {column} FROM {table} ORDER BY fid").fetchall()  # noqa: S608 (quoted)
            places = sum(shapely.get_num_coordinates(shapely.from_wkb([g[40:] for _, g in rows if g])).tolist())
            found[name] = ([i for i, _ in rows], places)
    expected: dict[str, Any] = {
        layer.name: (
            [clean(str(v)) for v in layer.frame["id"]],
            int(shapely.get_num_coordinates(layer.frame.geometry.to_numpy()).sum()),
        )
        for layer in product.layers
    }
    expected[NOWHERE] = ([clean(str(v)) for v in product.nowhere["id"]], 0)
    if not sound or found != expected:
        raise FileError(
            f"what was written does not read back: { ({k: len(v[0]) for k, v in found.items()}) }",
            f"{ ({k: len(v[0]) for k, v in expected.items()}) } features, each with its shape",
            "save again, or elsewhere; what was there is as it was",
        )


def holds_export(path: Path) -> bool:
    """Say whether a GeoPackage is an older export, which a new one may replace."""
    with (
        contextlib.suppress(sqlite3.DatabaseError),
        contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db,
    ):
        names = {n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
        if {ABOUT, NOWHERE, gpkg_schema.STYLES_TABLE} <= names:
            (mark,) = db.execute(f"SELECT count(*) FROM {ABOUT} WHERE key = 'written_by'").fetchone()  # noqa: S608 (ours)
            return bool(mark)
    return False
