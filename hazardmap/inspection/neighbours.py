"""Narrow strips between neighbours: overlaps and gaps that a shared edge would not have.

Looked at among hazards (their latest versions) and among releases. Knows ground in a plane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hazardmap import measure, readings
from hazardmap.inspection.findings import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hazardmap.inspection.catalogue import Thresholds
    from hazardmap.inspection.subject import Layer, Subject

    Array = NDArray[Any]

_AT_ONCE = 20_000


def narrow_overlaps(subject: Subject, limits: Thresholds) -> Iterator[Found]:
    """Find strips in which two neighbours overlap; size is the width of the strip."""
    for layer in subject.some("hazards", "releases"):
        rows, ground = _ground(layer)
        one, other = _pairs(layer, rows, ground, "intersects", None)
        for start in range(0, len(one), _AT_ONCE):
            a, b = one[start : start + _AT_ONCE], other[start : start + _AT_ONCE]
            both = _both(ground[a], ground[b])
            strips, pair = _strips(both, limits)
            yield _found("narrow_overlap", layer, rows, a[pair], b[pair], strips, limits, subject)


def narrow_gaps(subject: Subject, limits: Thresholds) -> Iterator[Found]:
    """Find strips that lie between two neighbours and in neither; size is the width of the strip.

    Both are grown by half a sliver: where the grown ones meet outside both, the gap is narrower than a sliver.
    """
    for layer in subject.some("hazards", "releases"):
        rows, ground = _ground(layer)
        if limits.sliver_m <= 0:
            continue
        one, other = _pairs(layer, rows, ground, "dwithin", limits.sliver_m)
        used = np.unique(np.r_[one, other])
        grown = np.full(len(ground), None, dtype=object)
        # Mitred: at a round corner nothing of the strip would be cut off.
        grown[used] = shapely.buffer(ground[used], limits.sliver_m / 2, join_style="mitre", mitre_limit=2.0)
        for start in range(0, len(one), _AT_ONCE):
            a, b = one[start : start + _AT_ONCE], other[start : start + _AT_ONCE]
            between = _both(grown[a], grown[b])
            left = _without(_without(between, ground[a]), ground[b])
            strips, pair = _strips(left, limits)
            yield _found("narrow_gap", layer, rows, a[pair], b[pair], strips, limits, subject)


def _ground(layer: Layer) -> tuple[Array, Array]:
    """Give the rows that are looked at and their ground: of hazards the latest versions."""
    rows = layer.areas
    if layer.name == "hazards":
        day = layer.frame["date_of_information"].to_numpy()[rows]
        order = rows[np.lexsort((np.where(np.isnat(day), np.datetime64("0001-01-01"), day), layer.ids[rows]))]
        ids = layer.ids[order]
        rows = np.sort(order[np.r_[ids[1:] != ids[:-1], True]]) if len(order) else order
    ground = layer.ground[rows]
    there = ~shapely.is_missing(ground)
    return rows[there], ground[there]


def _pairs(layer: Layer, rows: Array, ground: Array, predicate: Any, distance: float | None) -> tuple[Array, Array]:
    """Give the pairs of neighbours, each once, the first by id first."""
    one, other = shapely.STRtree(ground).query(ground, predicate=predicate, distance=distance)
    ids = layer.ids[rows]
    rank = np.empty(len(ids), dtype=np.int64)
    rank[np.argsort(ids.astype("str"), kind="stable")] = np.arange(len(ids))
    once = rank[one] < rank[other]
    return one[once], other[once]


def _both(one: Array, other: Array) -> Array:
    return readings.polygons_of(shapely.intersection(one, other, grid_size=measure.GRID_M))


def _without(one: Array, other: Array) -> Array:
    return readings.polygons_of(shapely.difference(one, other, grid_size=measure.GRID_M))


def _strips(shapes: Array, limits: Thresholds) -> tuple[Array, Array]:
    """Keep the parts that are narrow, wider than noise, and long enough to be more than a corner."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    width = measure.width_m(parts)
    length = shapely.length(parts) / 2 - width
    kept = (width > measure.NOISE_WIDTH_M) & (width < limits.sliver_m) & (length >= limits.sliver_length_m)
    return parts[kept], owner[kept]


def _found(
    check: str, layer: Layer, rows: Array, one: Array, other: Array, strips: Array, limits: Thresholds, subject: Subject
) -> Found:
    width = measure.width_m(strips)
    length = shapely.length(strips) / 2 - width
    ids = layer.ids[rows[other]]
    what = "overlaps" if check == "narrow_overlap" else "leaves a gap to"
    return Found(
        check=check,
        layer=layer,
        at=rows[one],
        found=[f"{what} {i}, {w:.2f} m wide, {n:,.0f} m long" for i, w, n in zip(ids, width, length, strict=True)],
        expected=f"one edge for both, or {limits.sliver_m:g} m and more",
        size=width,
        other=ids.tolist(),
        places=measure.from_plane(shapely.get_exterior_ring(strips), subject.plane).to_numpy(),
    )
