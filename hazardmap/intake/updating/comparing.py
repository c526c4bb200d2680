"""What differs between two reports of a record, in words; and a row in full, as text for the history.

Two reports are the same when every column and the shape are: cells as the table holds them, shapes within 1 mm
whatever their ring begins with. Where a row comes from, when it was entered and how it was written make no difference.
Knows rows of a table; knows nothing of days, of files or of what an update does.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hazardmap import measure, readings, tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Columns that say where a row comes from, not what it reports.
PROVENANCE = frozenset({"source", "recorded_at", "as_entered", "repaired", "quarantined"})
#: Two vertices nearer than this are the same: 1 mm.
SAME_DEG = 1e-8
_SHOWN = 60
_NOTHING = "(empty)"


def ids_of(column: pd.Series) -> Array:
    """Give the texts by which records are matched: without blanks around them and without what nobody sees.

    Examples
    --------
    >>> ids_of(pd.Series([" H-1", "H\u200b-2", None])).tolist()
    ['H-1', 'H-2', '']
    """
    texts = column.astype("str").fillna("").str.strip().to_numpy(dtype=object)
    if not "".join(texts).isprintable():
        texts = np.array(["".join(c for c in t if c.isprintable()).strip() for t in texts], dtype=object)
    return np.asarray(texts)


def differences(former: Any, fresh: Any, name: str, *, without: Iterable[str] = ()) -> dict[str, Array]:
    """Say for each column, and for ``geometry`` and ``quarantined``, in which rows two tables differ.

    Parameters
    ----------
    former, fresh
        Canonical tables of the same length, compared row by row in their order.
    name
        The table.
    without
        Columns that are passed over as well.

    Examples
    --------
    >>> import hazardmap as hm
    >>> plots = hm.example().plots
    >>> {c: int(d.sum()) for c, d in differences(plots, plots.assign(use="orchard"), "plots").items() if d.any()}
    {'use': 6}
    """
    left_out = PROVENANCE | set(without)
    found = {
        c.name: _differ(former[c.name], fresh[c.name], c.kind)
        for c in tables.table(name).columns
        if c.name not in left_out
    }
    found["geometry"] = ~same_shapes(former.geometry.to_numpy(), fresh.geometry.to_numpy())
    found["quarantined"] = former["quarantined"].isna().to_numpy() != fresh["quarantined"].isna().to_numpy()
    return found


def _differ(a: pd.Series, b: pd.Series, kind: str) -> Array:
    if kind in {"words", "ids"}:
        return np.fromiter((x != y for x, y in zip(a, b, strict=True)), dtype=bool, count=len(a))
    if kind in {"id", "text", "word"}:
        return np.asarray(a.fillna("").to_numpy(dtype=object) != b.fillna("").to_numpy(dtype=object), dtype=bool)
    x, y = ((v.to_numpy(dtype="float64", na_value=np.nan) if kind == "count" else v.to_numpy()) for v in (a, b))
    return np.asarray((x != y) & ~(pd.isna(x) & pd.isna(y)))


def same_shapes(a: Array, b: Array) -> Array:
    """Say which shapes are the same, vertex by vertex within 1 mm; where a ring begins and runs makes no difference.

    Examples
    --------
    >>> square = shapely.box(46, 39, 46.001, 39.001)
    >>> same_shapes(np.array([square, square, None]), np.array([square.reverse(), None, None])).tolist()
    [True, False, True]
    >>> same_shapes(np.array([square]), np.array([shapely.MultiPolygon([square])])).tolist()
    [True]
    """
    a, b = (_plain_shapes(v) for v in (a, b))
    missing = shapely.is_missing(a)
    same = np.asarray(shapely.equals_identical(a, b)) | (missing & shapely.is_missing(b))
    doubt = np.flatnonzero(~same & ~missing & ~shapely.is_missing(b))
    with np.errstate(invalid="ignore"):
        x, y = (shapely.normalize(v[doubt]) for v in (a, b))
        same[doubt] = shapely.equals_exact(x, y, tolerance=SAME_DEG)
    return np.asarray(same)


def _plain_shapes(shapes: Array) -> Array:
    """Give shapes without heights, one of a single part as that part, and None for one of nothing."""
    plain = shapely.force_2d(readings.only(shapes, ~shapely.is_empty(shapes)))
    alone = np.isin(shapely.get_type_id(plain), (4, 5, 6)) & (shapely.get_num_geometries(plain) == 1)
    plain[alone] = shapely.get_geometry(plain[alone], 0)
    return np.asarray(plain)


def covers(wide: Array, narrow: Array) -> Array:
    """Say which shapes lie inside others, within 1 mm; nothing lies inside anything.

    Examples
    --------
    >>> square = shapely.box(46, 39, 46.001, 39.001)
    >>> covers(np.array([square, None]), np.array([square.centroid, square])).tolist()
    [True, False]
    """
    nothing = shapely.is_missing(narrow) | shapely.is_empty(narrow)
    inside = shapely.covers(shapely.buffer(shapely.make_valid(wide), SAME_DEG), narrow)
    return np.asarray(nothing | inside)


def any_of(found: Mapping[str, Array], count: int) -> Array:
    """Say which rows differ in anything."""
    return np.asarray(np.logical_or.reduce([np.zeros(count, dtype=bool), *found.values()]))


def told(former: Any, fresh: Any, found: Mapping[str, Array], name: str) -> list[str]:
    """Tell for each row what differs: ``status: open → closed; geometry: 10,000 → 12,000 m²``.

    Examples
    --------
    >>> import hazardmap as hm
    >>> plots = hm.example().plots.head(1)
    >>> later = plots.assign(use="orchard", required_depth_m=None)
    >>> told(plots, later, differences(plots, later, "plots"), "plots")
    ['use: field → orchard; required_depth_m: 0.2 → (empty)']
    """
    said: list[list[str]] = [[] for _ in range(len(fresh))]
    kinds = {c.name: c.kind for c in tables.table(name).columns}
    for column, differs in found.items():
        rows = np.flatnonzero(differs)
        if not len(rows):
            continue
        if column == "geometry":
            texts = _of_shapes(former.geometry.to_numpy()[rows], fresh.geometry.to_numpy()[rows])
        elif column == "quarantined":
            texts = ["sound → quarantined" if q else "quarantined → sound" for q in fresh[column].iloc[rows].notna()]
        else:
            pairs = (_plain(f[column].iloc[rows], kinds[column]) for f in (former, fresh))
            texts = [f"{_short(was)} → {_short(now)}" for was, now in zip(*pairs, strict=True)]
        for row, text in zip(rows.tolist(), texts, strict=True):
            said[row].append(f"{column}: {text}")
    return ["; ".join(parts) for parts in said]


def _of_shapes(former: Array, fresh: Array) -> list[str]:
    areas = [measure.area_m2(gpd.GeoSeries(v, crs=measure.STORED_CRS)).to_numpy() for v in (former, fresh)]
    return [f"{_of_shape(was, a)} → {_of_shape(now, b)}" for was, now, a, b in zip(former, fresh, *areas, strict=True)]


def _of_shape(shape: Any, area: float) -> str:
    if shape is None or shape.is_empty:
        return "none"
    if shape.geom_type == "Point":
        return f"{shape.x:.6f} {shape.y:.6f}"
    return f"{area:,.0f} m²"


def _short(value: Any) -> str:
    text = ", ".join(value) if isinstance(value, list) else str(value)
    if value is None or value == [] or not text:
        return _NOTHING
    text = text.replace(";", ",").replace(
        "→", "->"
    )  # the marks of this sentence: no value may look like another change
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def in_full(frame: Any) -> list[dict[str, Any]]:
    """Give rows as plain values, empty cells left out, the shape as WKT: what a history keeps.

    Examples
    --------
    >>> import hazardmap as hm
    >>> in_full(hm.example().finds)[0]["geometry"][:7]
    'POINT ('
    """
    kinds = dict.fromkeys((c for c in frame.columns if c != frame.geometry.name), "text")
    known = {c.name: c.kind for t in tables.TABLES.values() for c in t.columns}
    columns = {c: _plain(frame[c], known.get(c, kinds[c])) for c in kinds}
    columns["geometry"] = shapely.to_wkt(frame.geometry.to_numpy(), rounding_precision=-1).tolist()
    names = list(columns)
    return [
        {n: v for n, v in zip(names, row, strict=True) if v is not None and v != []}
        for row in zip(*columns.values(), strict=True)
    ]


def as_text(rows: list[dict[str, Any]]) -> str:
    """Write rows in full as one text."""
    return json.dumps(rows, ensure_ascii=False, default=str)


def _plain(values: pd.Series, kind: str) -> list[Any]:
    if kind in {"words", "ids"}:
        return [list(v) if isinstance(v, tuple) else v for v in values]
    missing = values.isna().to_numpy()
    if kind in {"date", "time"}:
        unit = "D" if kind == "date" else "s"
        texts = np.datetime_as_string(values.to_numpy().astype(f"datetime64[{unit}]")) if len(values) else []
        return [None if m else str(t) for t, m in zip(texts, missing, strict=True)]
    return [None if m else v for v, m in zip(values.tolist(), missing, strict=True)]


def shape_keys(shapes: Array) -> list[str]:
    """Give a text for each shape that same shapes share, to the millimetre."""
    rounded = shapely.normalize(shapely.set_precision(_plain_shapes(shapes), SAME_DEG, mode="pointwise"))
    return [b or "" for b in shapely.to_wkb(rounded, hex=True)]
