"""Findings as one table, whatever check they come from.

Knows the columns of the table and where a record is; judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hazardmap import tables
from hazardmap.inspection.catalogue import CHECKS, SEVERITIES
from hazardmap.measure import STORED_CRS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from hazardmap.inspection.subject import Layer

    Array = NDArray[Any]

COLUMNS = (
    "check",
    "severity",
    "table",
    "row",
    "record_id",
    "other_id",
    "found",
    "expected",
    "size",
    "unit",
)
_LONGEST = 200
#: Checks that look at rows rather than at records.
_OF_ROWS = ("schema", "duplicate_id", "quarantined")


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one check found in one table.

    Parameters
    ----------
    check
        Its key.
    layer
        The table; None for the programme as a whole.
    at
        Positions of the rows in it.
    found, expected
        One text for all, or one for each.
    size
        In the unit of the check.
    severity
        One for all, or one for each.
    other
        Id of the other record, where two are concerned.
    places
        Where it is, in degrees; None: somewhere on the record.
    """

    check: str
    layer: Layer | None
    at: Array
    found: Sequence[str] | str
    expected: Sequence[str] | str
    size: Array | None = None
    severity: Sequence[str] | str = "warning"
    other: Sequence[Any] | None = None
    places: Array | None = None


def as_table(found: Iterable[Found]) -> gpd.GeoDataFrame:
    """Put findings into one table, the worst first; in the same order whatever the order of the rows."""
    blocks = [_rows(f) for f in found if len(f.at)]
    if not blocks:
        return _nothing()
    frame = _once(pd.concat(blocks, ignore_index=True))
    rank = frame["severity"].map({s: i for i, s in enumerate(SEVERITIES)})
    check = frame["check"].map({c: i for i, c in enumerate(CHECKS)})
    table = frame["table"].map({t: i for i, t in enumerate(tables.TABLES)}).fillna(-1)
    keys = (frame["found"], frame["other_id"].fillna(""), frame["record_id"], table)
    order = np.lexsort((*(k.to_numpy() for k in keys), -frame["size"].fillna(0).round(3).to_numpy(), check, rank))
    frame = frame.iloc[order].reset_index(drop=True)
    shapes = frame.pop("geometry").to_numpy()
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=STORED_CRS), crs=STORED_CRS)


def _once(frame: pd.DataFrame) -> pd.DataFrame:
    """Tell what all versions of a hazard share once, of the last row; what a row lacks or repeats is its own."""
    shared = frame["table"].eq("hazards") & ~frame["check"].isin(_OF_ROWS)
    what = frame[["check", "record_id", "other_id", "found", "expected"]].assign(
        where=shapely.to_wkb(frame["geometry"].to_numpy())
    )
    return frame[~(shared & what.duplicated(keep="last"))].reset_index(drop=True)


def _nothing() -> gpd.GeoDataFrame:
    kinds = {c: "object" if c == "row" else "float64" if c == "size" else "str" for c in COLUMNS}
    return gpd.GeoDataFrame(
        {c: pd.Series([], dtype=k) for c, k in kinds.items()}, geometry=gpd.GeoSeries([], crs=STORED_CRS)
    )


def _rows(f: Found) -> pd.DataFrame:
    count = len(f.at)
    at = np.asarray(f.at, dtype=np.int64)
    whole = f.layer is None
    places = f.places if f.places is not None else np.full(count, None) if f.layer is None else on_record(f.layer, at)
    data = {
        "check": f.check,
        "severity": f.severity,
        "table": "" if f.layer is None else f.layer.name,
        "row": pd.Series([None] * count if f.layer is None else list(f.layer.frame.index[at]), dtype="object"),
        "record_id": "" if f.layer is None else f.layer.ids[at],
        "other_id": pd.Series([None] * count if f.other is None else list(f.other), dtype="str"),
        "found": [_short(f.found)] * count if isinstance(f.found, str) else [*map(_short, f.found)],
        "expected": f.expected if isinstance(f.expected, str) else [*f.expected],
        "size": np.full(count, np.nan) if f.size is None else np.asarray(f.size, dtype="float64"),
        "unit": "" if whole or f.size is None else CHECKS[f.check].unit,
        "geometry": pd.Series(list(places), dtype="object"),
    }
    texts = ("check", "severity", "table", "record_id", "found", "expected", "unit")
    return pd.DataFrame(data, index=range(count)).astype(dict.fromkeys(texts, "str"))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def on_record(layer: Layer, at: Array) -> Array:
    """Give a point on each record: inside where that is sure, else its first vertex; None without a place."""
    shapes = layer.shapes[at]
    points = np.full(len(at), None, dtype=object)
    there = np.flatnonzero(~shapely.is_missing(shapes))
    sure = there[layer.valid[at][there]]
    points[sure] = shapely.point_on_surface(shapes[sure])
    torn = np.setdiff1d(there, sure)
    if len(torn):
        xy, owner = shapely.get_coordinates(shapes[torn], return_index=True)
        first = np.searchsorted(owner, np.arange(len(torn)))
        points[torn] = shapely.points(xy[first])
    return points
