"""Records that lie outside the country, and how they would lie inside.

Rows that were quarantined for their place have lost it; where they were is read from the history. Nothing is moved.
Knows positions and the extent of the country.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hazardmap import readings, tables
from hazardmap.inspection.findings import Found
from hazardmap.inspection.subject import usable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hazardmap.inspection.catalogue import Thresholds
    from hazardmap.inspection.subject import Layer, Subject

    Array = NDArray[Any]
    Extent = tuple[float, float, float, float]

_TABLES = ("hazards", "releases", "surveys", "finds", "plots", "coverage")


def outside_country(subject: Subject, _limits: Thresholds) -> Iterator[Found]:
    """Find records that lie outside the extent of the country, wholly or in part."""
    extent = subject.programme.policy.extent_deg
    if extent is None:
        yield Found(
            check="not_checked",
            layer=None,
            at=np.zeros(1, dtype=np.int64),
            found="outside_country: the policy states no extent of the country; swapped axes can go unseen",
            expected="extent_deg: west, south, east, north in degrees",
            severity="note",
        )
        return
    inside = ", ".join(f"{v:g}" for v in extent)
    for layer, at, shapes in _outside(subject, extent):
        boxes = shapely.bounds(shapes).tolist()
        yield Found(
            check="outside_country",
            layer=layer,
            at=at,
            found=["from {:.6g}, {:.6g} to {:.6g}, {:.6g}".format(*box) for box in boxes],
            expected=f"inside the country: {inside}",
            severity="error",
            places=_vertex_outside(shapes, extent),
        )


def swapped_axes(subject: Subject, _limits: Thresholds) -> Iterator[Found]:
    """Find records outside that would lie inside with their axes swapped or with the other sign."""
    extent = subject.programme.policy.extent_deg
    if extent is None:
        return
    for layer, at, shapes in _outside(subject, extent):
        west, south, east, north = shapely.bounds(shapes).T
        ways = {
            "its axes swapped (latitude stands first)": (south, west, north, east),
            "the other sign of its longitude": (-east, south, -west, north),
            "the other sign of its latitude": (west, -north, east, -south),
        }
        told = np.full(len(at), None, dtype=object)
        for how, box in ways.items():
            fits = _inside(np.column_stack(box), extent) & pd.isna(told)
            told[fits] = f"it would lie inside the country with {how}"
        some = np.flatnonzero(~pd.isna(told))
        yield Found(
            check="swapped_axes",
            layer=layer,
            at=at[some],
            found=told[some].tolist(),
            expected="longitude, latitude",
            severity="error",
            places=_vertex_outside(shapes[some], extent),
        )


def _inside(boxes: Array, extent: Extent) -> Array:
    west, south, east, north = extent
    return np.asarray((boxes[:, 0] >= west) & (boxes[:, 1] >= south) & (boxes[:, 2] <= east) & (boxes[:, 3] <= north))


def _outside(subject: Subject, extent: Extent) -> Iterator[tuple[Layer, Array, Array]]:
    for layer in subject.some(*_TABLES):
        shapes = layer.shapes.copy()
        lost = np.flatnonzero(shapely.is_missing(shapes) & layer.frame["quarantined"].notna().to_numpy())
        shapes[lost] = _as_entered(layer, lost, subject)
        there = np.flatnonzero(~shapely.is_missing(shapes))
        out = there[~_inside(shapely.bounds(shapes[there]), extent)]
        if len(out):
            yield layer, out, shapes[out]


def _as_entered(layer: Layer, lost: Array, subject: Subject) -> Array:
    """Give the shapes that quarantined rows had when they came in, as far as they can be read and are on earth."""
    shapes = np.full(len(lost), None, dtype=object)
    history = subject.programme.history
    if not len(history) or not len(lost):
        return shapes
    mine = history[
        history["table"].eq(layer.name) & history["geometry_as_entered"].notna() & history["record_id"].notna()
    ].drop_duplicates("record_id", keep="last")
    texts = mine.set_index("record_id")["geometry_as_entered"].reindex(layer.ids[lost])
    shapes[:] = shapely.from_wkt(texts.astype("object").where(texts.notna(), None).to_numpy(), on_invalid="ignore")
    column = tables.table(layer.name).geometry or ()
    return usable(readings.only(shapes, np.isin(shapely.get_type_id(shapes), column)))


def _vertex_outside(shapes: Array, extent: Extent) -> Array:
    """Give the first vertex of each shape that lies outside."""
    if not len(shapes):
        return np.zeros(0, dtype=object)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    out = ~_inside(np.column_stack([xy, xy]), extent)
    first = np.unique(owner[out], return_index=True)[1]
    return np.asarray(shapely.points(xy[out][first]), dtype=object)
