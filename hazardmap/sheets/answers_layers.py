"""The answers as layers for a GIS or a data platform: a GeoPackage that QGIS opens coloured, and GeoParquet.

Every answer is a row in the order of the table, with or without a shape. Knows the columns of the answers; makes no
save atomic: that is `answers`'s.
"""

from __future__ import annotations

import contextlib
import sqlite3
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from hazardmap.errors import FileError
from hazardmap.sheets import telling
from hazardmap.sheets.cells import clean, members, whole_characters
from hazardmap.sheets.telling import ANSWERS, DAYS, SETS
from hazardmap.sheets.verdict_look import VERDICT_LOOK
from hazardmap.store.binary_layers import geo_metadata
from hazardmap.store.cells import Stored, to_cells
from hazardmap.store.gpkg_writing import write_geopackage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    Array = NDArray[Any]

LAYER, ABOUT = "verdicts", "about"
_LISTS = ("flags", *SETS)
_TEXTS = pa.list_(pa.string())


def _kind(column: str) -> str:
    if column in _LISTS:
        return "ids"
    if column in DAYS:
        return "date"
    if column == "unplaced_hazards":
        return "count"
    return "number" if column.endswith(("_m2", "_pct", "_m")) else "text"


def write_gpkg(path: Path, answers: gpd.GeoDataFrame, about: Mapping[str, str]) -> None:
    """Write the layer ``verdicts`` with its style, and the table ``about``, into a file that does not exist yet.

    Sets are JSON texts. Plots whose shape cannot be used are rows without one.
    """
    told = {**answers, "verdict_in_words": telling.verdict_words(answers)}
    order = [*ANSWERS[: ANSWERS.index("verdict") + 1], "verdict_in_words", *ANSWERS[ANSWERS.index("verdict") + 1 :]]
    kinds = {c: _kind(c) for c in order}
    cells = {c: to_cells(_cleaned(told[c], kinds[c]), kinds[c]) for c in order}
    layer = Stored(LAYER, kinds, cells, usable(answers))
    texts = {k: clean(v) for k, v in about.items()}
    write_geopackage(path, [layer], texts, looks={LAYER: VERDICT_LOOK}, described_in=ABOUT)


def _cleaned(values: pd.Series, kind: str) -> pd.Series:
    if kind == "ids":
        return values.map(lambda v: tuple(map(clean, members(v))))
    return values.map(clean, na_action="ignore") if kind == "text" else values


def usable(answers: gpd.GeoDataFrame) -> Array:
    """Give the shapes that can be drawn: there, finite, and measured."""
    shapes = answers.geometry.to_numpy().copy()
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    broken = np.bincount(owner, ~np.isfinite(xy).all(axis=1), minlength=len(shapes)) > 0
    shapes[broken | shapely.is_empty(shapes) | answers["area_m2"].isna().to_numpy()] = None
    return np.asarray(shapes, dtype=object)


def check_gpkg(path: Path, answers: pd.DataFrame) -> None:
    """Read back what was written.

    Raises
    ------
    FileError
        When it does not hold every plot with its verdict.
    """
    with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
        sound = db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        found = db.execute(f"SELECT plot_id, verdict FROM {LAYER} ORDER BY fid").fetchall() if sound else []  # noqa: S608 (ours)
    _compare([(p, v) for p, v in found], answers)


def write_parquet(path: Path, answers: gpd.GeoDataFrame, about: Mapping[str, str]) -> None:
    """Write GeoParquet: sets as lists of texts, shapes as they are, the description as key and value of the file."""
    pq.write_table(arrow(answers, about), path, compression="zstd")


def arrow(answers: gpd.GeoDataFrame, about: Mapping[str, str]) -> pa.Table:
    """Give the answers as a table of GeoParquet, with the description as its metadata."""
    shapes, geometry = answers.geometry.to_numpy(), answers.geometry.name
    own = {c: _lists(answers[c]) for c in _LISTS}
    own[geometry] = pa.array(shapely.to_wkb(shapes, flavor="iso"), pa.binary())
    plain = pd.DataFrame(answers).drop(columns=list(own))
    texts = [c for c in plain.columns if _kind(c) == "text"]
    kept = pa.Table.from_pandas(plain.assign(**{c: plain[c].map(_encodes, na_action="ignore") for c in texts}))
    order = [*answers.columns, *(c for c in kept.column_names if c not in answers.columns)]  # the index stands last
    table = pa.table({c: own[c] if c in own else kept.column(c) for c in order})
    more = {k.encode(): whole_characters(v).encode() for k, v in about.items()}
    geo = geo_metadata(shapes, geometry)
    return table.replace_schema_metadata({**(kept.schema.metadata or {}), **more, b"geo": geo})


def _lists(values: pd.Series) -> pa.Array:
    """Put sets into lists of texts, whatever is empty (most are) at no cost."""
    sets = [members(v) for v in values]
    start = np.concatenate([[0], np.cumsum(np.fromiter(map(len, sets), dtype=np.int64, count=len(sets)))])
    texts = [whole_characters(t) for t in chain.from_iterable(sets)]
    return pa.ListArray.from_arrays(pa.array(start, pa.int32()), pa.array(texts, pa.string()))


def _encodes(value: Any) -> Any:
    return whole_characters(value) if isinstance(value, str) else value


def check_parquet(path: Path, answers: pd.DataFrame) -> None:
    """Read back what was written.

    Raises
    ------
    FileError
        When it does not hold every plot with its verdict.
    """
    found = pq.ParquetFile(path).read(columns=["plot_id", "verdict"]).to_pydict()
    _compare(list(zip(found["plot_id"], found["verdict"], strict=True)), answers)


def _compare(found: list[tuple[Any, Any]], answers: pd.DataFrame) -> None:
    given = answers["plot_id"].astype("object").where(answers["plot_id"].notna(), None)
    expected = list(zip(map(_id, given), answers["verdict"], strict=True))
    if [(_id(p), v) for p, v in found] != expected:
        raise FileError(
            "what was written does not read back",
            "every plot with its verdict",
            "save again, or elsewhere; what was there is as it was",
        )


def _id(value: Any) -> str | None:
    return clean(value) if isinstance(value, str) else None
