"""What is wrong with one outline by itself: crossings, too few vertices, long legs, spikes, slivers, overlapping parts.

Angles, lengths and widths are taken in the plane, long legs once more on the ellipsoid. Knows shapes; knows nothing of
what a record means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
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

#: Outlines that people measured leg by leg; those of districts and coverage may be as coarse as they like.
_SURVEYED = ("hazards", "releases", "surveys", "plots")
_AREAS = (*_SURVEYED, "districts", "coverage")
#: A vertex that turns by less is none of the outline: changes of CRS add some on long edges (0.004° at 40° N).
_STRAIGHT_DEG = 0.02
#: Vertices nearer to each other than this are one.
_ONE_VERTEX_M = 0.01
#: What two vertices enclose, as a part of the square of their distance, is nothing but rounding.
_NO_AREA = 1e-12
#: Lengths in the plane are this near to those on the ground, or nearer.
_PLANE_ERROR = 0.02
_PLACE = re.compile(r"^(.*)\[(\S+) (\S+)\]$")


@dataclass(frozen=True)
class Rings:
    """The rings of a table's polygons: whose each is, whether it is a hole, its coordinates one after the other."""

    rings: Array
    row: Array
    hole: Array
    several: Array


def _rings(layer: Layer, shapes: Array) -> Rings:
    """Take the outlines of a table apart; `several`: the row has more parts than one."""
    parts, owner = shapely.get_parts(shapes[layer.areas], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    first = np.r_[True, part[1:] != part[:-1]] if len(part) else np.zeros(0, dtype=bool)
    many = np.bincount(owner, minlength=len(layer.areas)) > 1
    return Rings(rings, layer.areas[owner[part]], ~first, many[owner[part]])


def invalid_polygons(subject: Subject, _limits: Thresholds) -> Iterator[Found]:
    """Find polygons that cross or touch themselves, and where."""
    for layer in subject.some(*_AREAS):
        at = layer.areas[~layer.valid[layer.areas]]
        reasons = [str(r) for r in shapely.is_valid_reason(layer.shapes[at])]
        places = np.full(len(at), None, dtype=object)
        for i, reason in enumerate(reasons):
            if (told := _PLACE.match(reason)) is not None:
                places[i] = shapely.Point(float(told[2]), float(told[3]))
                reasons[i] = told[1]
        yield Found(
            check="invalid_polygon",
            layer=layer,
            at=at,
            found=reasons,
            expected="a polygon that does not cross itself",
            severity="error",
            places=places,
        )


def few_vertices(subject: Subject, _limits: Thresholds) -> Iterator[Found]:
    """Find rings with fewer than 3 different vertices."""
    for layer in subject.some(*_AREAS):
        rings = _rings(layer, layer.shapes)
        flat = shapely.area(shapely.polygons(rings.rings)) <= _NO_AREA * shapely.length(rings.rings) ** 2
        rings = Rings(rings.rings[flat], rings.row[flat], rings.hole[flat], rings.several[flat])
        if not len(rings.rings):
            continue
        xy, ring = shapely.get_coordinates(rings.rings, return_index=True)
        order = np.lexsort((xy[:, 1], xy[:, 0], ring))
        sorted_xy, sorted_ring = xy[order], ring[order]
        new = np.r_[True, (np.diff(sorted_xy, axis=0) != 0).any(axis=1) | (np.diff(sorted_ring) != 0)]
        count = np.bincount(sorted_ring[new], minlength=len(rings.rings))
        few = np.flatnonzero(count < 3)
        yield Found(
            check="few_vertices",
            layer=layer,
            at=rings.row[few],
            found=[
                f"{n} different vert{'ex' if n == 1 else 'ices'}{_part(rings, int(i))}"
                for n, i in zip(count[few], few, strict=True)
            ],
            expected="3 or more",
            severity="error",
            places=shapely.points(xy[np.searchsorted(ring, few)]),
        )


def _part(rings: Rings, i: int) -> str:
    return " in a hole" if rings.hole[i] else " in a part" if rings.several[i] else ""


@dataclass(frozen=True)
class _Corners:
    """The vertices of rings, each different from the one before: place, angle between its legs, the legs' ends."""

    ring: Array
    xy: Array
    before: Array
    after: Array

    @property
    def angle_deg(self) -> Array:
        """The angle between the two legs: 180 on a straight line, 0 at the tip of a spike."""
        one, other = self.before - self.xy, self.after - self.xy
        cross = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
        return np.asarray(np.degrees(np.arctan2(np.abs(cross), (one * other).sum(axis=1))))


def _corners(rings: Array) -> _Corners:
    """Give the corners of rings in the plane; rings with fewer than 3 have none."""
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    nothing = np.zeros((0, 2))
    if not len(xy):
        return _Corners(np.zeros(0, dtype=np.int64), nothing, nothing, nothing)
    last = np.r_[ring[1:] != ring[:-1], True]
    xy, ring = xy[~last], ring[~last]  # the last vertex of a ring is its first
    while True:
        before = np.hypot(*(xy - xy[_previous(ring)]).T)
        near = before < _ONE_VERTEX_M
        # Of a run of near vertices every second one goes at a time, so that a long run does not go whole.
        near &= ~near[_previous(ring)] | (_place_in_ring(ring) % 2 == 1)
        count = np.bincount(ring)
        near &= count[ring] > 1
        if not near.any():
            break
        xy, ring = xy[~near], ring[~near]
    enough = np.bincount(ring, minlength=len(rings))[ring] >= 3
    xy, ring = xy[enough], ring[enough]
    return _Corners(ring, xy, xy[_previous(ring)], xy[_next(ring)])


def _bounds(ring: Array) -> tuple[Array, Array]:
    """Give for each vertex the position of the first and of the last of its ring."""
    start = np.flatnonzero(np.r_[True, ring[1:] != ring[:-1]]) if len(ring) else np.zeros(0, dtype=np.int64)
    count = np.diff(np.r_[start, len(ring)])
    first = np.repeat(start, count)
    return first, first + np.repeat(count, count) - 1


def _place_in_ring(ring: Array) -> Array:
    return np.asarray(np.arange(len(ring)) - _bounds(ring)[0])


def _previous(ring: Array) -> Array:
    first, last = _bounds(ring)
    here = np.arange(len(ring))
    return np.where(here == first, last, here - 1)


def _next(ring: Array) -> Array:
    first, last = _bounds(ring)
    here = np.arange(len(ring))
    return np.where(here == last, first, here + 1)


def long_legs(subject: Subject, limits: Thresholds) -> Iterator[Found]:
    """Find turning points that lie too far apart; vertices between them on the straight line are none."""
    for layer in subject.some(*_SURVEYED):
        rings = _rings(layer, layer.in_plane)
        long_rings = np.flatnonzero(shapely.length(rings.rings) >= 2 * limits.leg_m * (1 - _PLANE_ERROR))
        corners = _corners(rings.rings[long_rings])
        turns = corners.angle_deg < 180 - _STRAIGHT_DEG
        xy, ring = corners.xy[turns], corners.ring[turns]
        after = xy[_next(ring)]
        near = np.hypot(*(after - xy).T) >= limits.leg_m * (1 - _PLANE_ERROR)
        xy, ring, after = xy[near], ring[near], after[near]
        length, _ = measure.geodesics(subject.plane, *xy.T, *after.T) if len(xy) else (np.zeros(0), None)
        long = length > limits.leg_m
        yield Found(
            check="long_leg",
            layer=layer,
            at=rings.row[long_rings][ring[long]],
            found=[f"a leg of {v:,.0f} m" for v in length[long]],
            expected=f"at most {limits.leg_m:,.0f} m between two turning points",
            size=length[long],
            places=_lines(xy[long], after[long], subject),
        )


def spikes(subject: Subject, limits: Thresholds) -> Iterator[Found]:
    """Find corners with nearly no angle that are narrow at their foot; size is the length of the shorter leg."""
    for layer in subject.some(*_SURVEYED, "districts"):
        rings = _rings(layer, layer.in_plane)
        corners = _corners(rings.rings)
        angle = corners.angle_deg
        one, other = (np.hypot(*(end - corners.xy).T) for end in (corners.before, corners.after))
        length = np.minimum(one, other)
        sharp = (angle < limits.spike_deg) & (length * np.sin(np.radians(angle)) < limits.sliver_m)
        foot = np.where((one <= other)[:, None], corners.before, corners.after)
        yield Found(
            check="spike",
            layer=layer,
            at=rings.row[corners.ring[sharp]],
            found=[f"a corner of {a:.2g}°, {s:,.2f} m long" for a, s in zip(angle[sharp], length[sharp], strict=True)],
            expected=f"no corner under {limits.spike_deg:g}° that is narrower than {limits.sliver_m:g} m",
            size=length[sharp],
            places=_lines(corners.xy[sharp], foot[sharp], subject),
        )


def slivers(subject: Subject, limits: Thresholds) -> Iterator[Found]:
    """Find parts and holes that are narrower than a sliver; size is their width, below 1 mm they are noise."""
    for layer in subject.some(*_SURVEYED, "districts"):
        rings = _rings(layer, layer.in_plane)
        width = _widths(rings.rings)
        thin = np.flatnonzero(width < limits.sliver_m)
        what = np.where(rings.hole, "a hole", np.where(rings.several, "a part", "an outline"))
        yield Found(
            check="sliver",
            layer=layer,
            at=rings.row[thin],
            found=[f"{w} {v:.3f} m wide" for w, v in zip(what[thin], width[thin], strict=True)],
            expected=f"ground at least {limits.sliver_m:g} m wide",
            size=width[thin],
            places=measure.from_plane(rings.rings[thin], subject.plane).to_numpy(),
        )


def _widths(rings: Array) -> Array:
    """Give for each ring the width of what it encloses, holes not counted; of one that crosses itself all it encloses.

    The area of a bow-tie would be the difference of its two halves: nothing, of a square with two corners swapped.
    """
    filled = np.asarray(shapely.polygons(rings), dtype=object)
    torn = ~shapely.is_valid(filled)
    if torn.any():
        filled[torn] = readings.all_widest(filled[torn])
    return measure.width_m(filled)


def overlapping_parts(subject: Subject, _limits: Thresholds) -> Iterator[Found]:
    """Find parts of one record that overlap by more than noise; size is the ground that is there twice."""
    for layer in subject.some(*_AREAS):
        several = layer.areas[shapely.get_num_geometries(layer.shapes[layer.areas]) > 1]
        parts, owner = shapely.get_parts(layer.in_plane[several], return_index=True)
        torn = ~shapely.is_valid(parts)
        parts[torn] = readings.polygons_of(shapely.make_valid(parts[torn]))
        one, other = shapely.STRtree(parts).query(parts, predicate="intersects")
        mine = (one < other) & (owner[one] == owner[other])
        one, other = one[mine], other[mine]
        both = readings.polygons_of(shapely.intersection(parts[one], parts[other], grid_size=measure.GRID_M))
        twice = measure.width_m(both) > measure.NOISE_WIDTH_M
        area = shapely.area(both[twice])
        yield Found(
            check="overlapping_parts",
            layer=layer,
            at=several[owner[one[twice]]],
            found=[f"two parts overlap by {a:,.1f} m²" for a in area],
            expected="parts that do not overlap",
            size=area,
            severity="error",
            places=measure.from_plane(shapely.point_on_surface(both[twice]), subject.plane).to_numpy(),
        )


def _lines(start: Array, end: Array, subject: Subject) -> Array:
    lines = shapely.linestrings(np.stack([start, end], axis=1)) if len(start) else np.zeros(0, dtype=object)
    return np.asarray(measure.from_plane(lines, subject.plane).to_numpy())
