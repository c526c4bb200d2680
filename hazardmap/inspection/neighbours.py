"""Narrow strips between neighbours: overlaps and gaps that a shared edge would not have.

Looked at among hazards (their latest versions) and among releases. Knows ground in a plane.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hazardmap import measure, readings
from hazardmap.inspection.findings import Found
from hazardmap.inspection.overlays import common, grown, without

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hazardmap.inspection.catalogue import Thresholds
    from hazardmap.inspection.subject import Layer, Subject

    Array = NDArray[Any]

_AT_ONCE = 20_000
#: Where the edge of a strip is looked at, as parts of its length, and what part of it makes a side.
_ALONG = np.linspace(0, 1, 40, endpoint=False)
_SIDE = 0.2


@dataclass(frozen=True)
class Neighbours:
    """Pairs of records nearer than a sliver: rows of the table, their ground, the pairs, the ground both have."""

    rows: Array
    ground: Array
    one: Array
    other: Array
    both: Array


def _neighbours(subject: Subject, layer: Layer, limits: Thresholds) -> Neighbours:
    """Find the neighbours in a table once for both checks."""
    known: Neighbours | None = subject.made.get(f"neighbours of {layer.name}")
    if known is None:
        rows, ground = _ground(layer)
        one, other = _pairs(layer, rows, ground, limits.sliver_m)
        both = common(ground[one], ground[other])
        known = subject.made[f"neighbours of {layer.name}"] = Neighbours(rows, ground, one, other, both)
    return known


def narrow_overlaps(subject: Subject, limits: Thresholds) -> Iterator[Found]:
    """Find strips in which two neighbours overlap, and by no more than strips; size is the width of the strip."""
    for layer in subject.some("hazards", "releases"):
        near = _neighbours(subject, layer, limits)
        strips, pair = _strips(near.both, limits)
        yield _found("narrow_overlap", layer, near, pair, strips, limits, subject)


def narrow_gaps(subject: Subject, limits: Thresholds) -> Iterator[Found]:
    """Find strips that lie between two neighbours and in no record of the table; size is the width of the strip.

    Both are grown by a sliver: what both reach, and neither has, is a gap where it touches one on each side.
    Neighbours that overlap by more than a strip are no neighbours with a common edge, and are left out.
    """
    for layer in subject.some("hazards", "releases"):
        near = _neighbours(subject, layer, limits)
        beside = np.flatnonzero(~(_width(near.both) >= limits.sliver_m))
        one, other = near.one[beside], near.other[beside]
        used = np.unique(np.r_[one, other])
        reach = np.full(len(near.ground), None, dtype=object)
        reach[used] = grown(near.ground[used], limits.sliver_m)
        tree = shapely.STRtree(near.ground)
        for start in range(0, len(one), _AT_ONCE):
            a, b = one[start : start + _AT_ONCE], other[start : start + _AT_ONCE]
            left = without(without(common(reach[a], reach[b]), near.ground[a]), near.ground[b])
            strips, pair = _strips(left, limits)
            strips, pair = _strips(_unclaimed(strips, tree, near.ground), limits, pair)
            between = _between(strips, near.ground[a[pair]], near.ground[b[pair]])
            strips, pair = strips[between], pair[between]
            strips, pair = _strips(_cut_off(strips, near.ground[a[pair]], near.ground[b[pair]]), limits, pair)
            yield _found("narrow_gap", layer, near, beside[start + pair], strips, limits, subject)


def _between(strips: Array, one: Array, other: Array) -> Array:
    """Say which strips have one neighbour on one side and the other on the other.

    Where two overlap a little and go on along one line, both grow over that line: the strip there has both on one side.
    """
    edges = shapely.get_exterior_ring(strips)
    points = shapely.line_interpolate_point(edges[:, None], _ALONG[None, :], normalized=True)
    touching = _touching(strips)[:, None]
    beside, opposite = (shapely.dwithin(points, ground[:, None], touching) for ground in (one, other))
    both = (beside & opposite).mean(axis=1)
    return np.asarray((beside.mean(axis=1) > _SIDE) & (opposite.mean(axis=1) > _SIDE) & (both < _SIDE))


def _touching(strips: Array) -> Array:
    """Give the distance within which a strip touches: the noise, and less for one that is hardly wider."""
    return np.minimum(measure.width_m(strips) / 10, measure.GRID_M)


def _cut_off(strips: Array, one: Array, other: Array) -> Array:
    """Cut off what lies beyond the ends of the edges that face each other, and what is noise on the grid."""
    xy, owner = shapely.get_coordinates(strips, return_index=True)
    points, touching = shapely.points(xy), _touching(strips)[owner]
    beside = shapely.dwithin(points, one[owner], touching) | shapely.dwithin(points, other[owner], touching)
    facing = np.full(len(strips), None, dtype=object)
    mine, at = np.unique(owner[beside], return_inverse=True)
    facing[mine] = shapely.convex_hull(shapely.multipoints(points[beside], indices=at))
    return readings.polygons_of(shapely.intersection(strips, facing, grid_size=measure.GRID_M))


def _unclaimed(strips: Array, tree: shapely.STRtree, ground: Array) -> Array:
    """Take from each strip what any record of the table has."""
    left = strips.copy()
    strip, record = tree.query(strips, predicate="intersects")
    for i, members in pd.Series(record).groupby(strip).agg(list).items():
        left[i] = shapely.difference(strips[i], shapely.union_all(ground[members], grid_size=measure.GRID_M))
    return readings.polygons_of(left)


def _width(shapes: Array) -> Array:
    """Give the width of the widest part; -1 for nothing."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    width = np.full(len(shapes), -1.0)
    np.maximum.at(width, owner, measure.width_m(parts))
    return width


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


def _pairs(layer: Layer, rows: Array, ground: Array, distance: float) -> tuple[Array, Array]:
    """Give the pairs nearer than a sliver of which neither lies deeper in the other; each once, the first by id first.

    What lies a sliver inside one and meets the other overlaps by more than a strip: such pairs, most of all, have no
    edge in common, and are left out before they are overlaid.
    """
    boxes = shapely.bounds(ground) + np.array([-distance, -distance, distance, distance])
    one, other = shapely.STRtree(ground).query(shapely.box(*boxes.T))
    ids = layer.ids[rows]
    rank = np.empty(len(ids), dtype=np.int64)
    rank[np.argsort(ids.astype("str"), kind="stable")] = np.arange(len(ids))
    once = rank[one] < rank[other]
    one, other = one[once], other[once]
    core = np.full(len(ground), None, dtype=object)
    used = np.unique(np.r_[one, other])
    core[used] = grown(ground[used], -distance)
    shapely.prepare(ground)
    for a, b in ((0, 1), (1, 0)):
        pair = (one, other)
        apart = ~shapely.intersects(ground[pair[a]], core[pair[b]])
        one, other = one[apart], other[apart]
    near = shapely.dwithin(ground[one], ground[other], distance)
    return one[near], other[near]


def _strips(shapes: Array, limits: Thresholds, of: Array | None = None) -> tuple[Array, Array]:
    """Keep the parts that are narrow, wider than noise, and long enough to be more than a corner."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    width = measure.width_m(parts)
    length = shapely.length(parts) / 2 - width
    kept = (width > measure.NOISE_WIDTH_M) & (width < limits.sliver_m) & (length >= limits.sliver_length_m)
    return parts[kept], (owner if of is None else of[owner])[kept]


def _found(
    check: str, layer: Layer, near: Neighbours, pair: Array, strips: Array, limits: Thresholds, subject: Subject
) -> Found:
    width = measure.width_m(strips)
    length = shapely.length(strips) / 2 - width
    ids = layer.ids[near.rows[near.other[pair]]]
    what = "overlaps" if check == "narrow_overlap" else "leaves a gap to"
    return Found(
        check=check,
        layer=layer,
        at=near.rows[near.one[pair]],
        found=[f"{what} {i}, {w:.3f} m wide, {n:,.0f} m long" for i, w, n in zip(ids, width, length, strict=True)],
        expected=f"one edge for both, or {limits.sliver_m:g} m and more",
        size=width,
        other=ids.tolist(),
        places=measure.from_plane(shapely.get_exterior_ring(strips), subject.plane).to_numpy(),
    )
