"""Plots cut into pieces: what of each plot lies on which ground, and how far the next open hazard is.

Runs the compiled sweep and search over plots in all cores. Knows the prepared ground and arrays of plots; gives no
verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hazardmap import measure, tables
from hazardmap.checks.index import in_threads

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

    from hazardmap.checks.index import Ground
    from hazardmap.trapezoids.rings import Rings

    Array = NDArray[Any]

#: Beyond this the scale of the plane at the plot is not that along the way.
_FAR_M = 50_000.0
_BATCH, _ROOM, _PIECES = 4096, 16_384, 8


#: The longest edge that is not divided on its way to the plane, by whole degrees of latitude.
_EDGE_STEPS_DEG = np.array([measure.edge_step_deg(float(degree)) for degree in range(91)])


@dataclass(frozen=True, eq=False)
class Laid:
    """Plots laid out in the plane.

    Parameters
    ----------
    rings
        Their rings; a plot that cannot be used has none.
    flaw
        For each plot why it cannot be used; empty where it can.
    bounds_deg
        West, south, east, north of each.
    """

    rings: Rings
    flaw: Array
    bounds_deg: Array

    @property
    def longitude(self) -> Array:
        """Of the middle of each box."""
        return np.asarray((self.bounds_deg[:, 0] + self.bounds_deg[:, 2]) / 2)

    @property
    def latitude(self) -> Array:
        """Of the middle of each box."""
        return np.asarray((self.bounds_deg[:, 1] + self.bounds_deg[:, 3]) / 2)

    def outside(self, extent_deg: tuple[float, float, float, float] | None) -> Array:
        """Say which plots do not lie in the country."""
        if extent_deg is None:
            return np.zeros(len(self.flaw), dtype=bool)
        west, south, east, north = extent_deg
        x0, y0, x1, y1 = self.bounds_deg.T
        return np.asarray((x0 < west) | (y0 < south) | (x1 > east) | (y1 > north))


@dataclass(frozen=True, eq=False)
class Pieces:
    """The pieces of plots, sorted by plot and set.

    Parameters
    ----------
    plot, ground, area_m2, thick
        Of each piece its plot, the set of records that covers it, its area, and whether it is anywhere as wide as
        `measure.NOISE_WIDTH_M`.
    """

    plot: Array
    ground: Array
    area_m2: Array
    thick: Array


@dataclass(frozen=True, eq=False)
class Near:
    """The nearest open hazard of each plot.

    Parameters
    ----------
    distance_m, azimuth_deg
        On the ground; infinite and NaN where there is none.
    label
        Whose it is; -1 where there is none.
    within
        For confirmed and suspected the label of the nearest within the error of the boundaries; -1 where there is none.
    """

    distance_m: Array
    azimuth_deg: Array
    label: Array
    within: Array


def lay_out(shapes: Array, plane: pyproj.CRS) -> Laid:
    """Lay out plots given in EPSG:4326, and say which cannot be used and why."""
    from hazardmap.trapezoids.rings import from_arrays  # noqa: PLC0415  the compiler is loaded when it is needed

    values = np.array(shapes, dtype=object)
    flaw = _flaws(values)
    sound = np.flatnonzero(flaw == "")
    # How finely edges are divided depends on the latitude of the plot alone: it is the same whatever it is asked with.
    bounds = shapely.bounds(values)
    highest = np.ceil(np.abs(bounds[sound][:, [1, 3]]).max(axis=1, initial=0)).astype(np.int64)
    usable = measure.divided(values[sound], _EDGE_STEPS_DEG[highest])
    xy, owner = shapely.get_coordinates(usable, return_index=True)
    x, y = measure.plane_coordinates(xy[:, 0], xy[:, 1], plane)
    ring, rings = _rings(usable, np.bincount(owner, minlength=len(usable)))
    count = np.zeros(len(values), dtype=np.int64)
    count[sound] = rings
    laid = from_arrays(x, y, ring, _starts(count), tree=False)
    return Laid(laid, flaw, bounds)


def _rings(shapes: Array, coordinates: Array) -> tuple[Array, Array]:
    """Give where each ring of polygons begins among their coordinates (and the end), and how many rings each has."""
    plain = (shapely.get_type_id(shapes) == 3) & (shapely.get_num_interior_rings(shapes) == 0)
    others = np.flatnonzero(~plain)
    parts, owner = shapely.get_parts(shapes[others], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    count = np.ones(len(shapes), dtype=np.int64)
    count[others] = np.bincount(owner[part], minlength=len(others))
    size = np.empty(count.sum(), dtype=np.int64)
    own = np.repeat(plain, count)
    size[own], size[~own] = coordinates[plain], shapely.get_num_coordinates(rings)
    return _starts(size), count


def _starts(counts: Array) -> Array:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _flaws(values: Array) -> Array:
    """Say of each shape why it is no land that can be measured; empty for the others."""
    flaw = np.full(len(values), "", dtype=object)
    missing = shapely.is_missing(values)
    empty = shapely.is_empty(values) & ~missing
    polygon = np.isin(shapely.get_type_id(values), (3, 6))
    bounds = shapely.bounds(values)
    earth = np.isfinite(bounds).all(axis=1)
    earth[earth] = tables.on_earth(bounds[earth])
    flaw[missing] = "it has no geometry"
    flaw[empty] = "its geometry is empty"
    rest = ~missing & ~empty
    for i in np.flatnonzero(rest & ~polygon):
        flaw[i] = f"it is a {values[i].geom_type}, not a polygon"
    flaw[rest & polygon & ~earth] = "its coordinates are no longitude and latitude"
    usable = rest & polygon & earth
    usable[usable] = ~shapely.is_valid(values[usable])
    for i, reason in zip(np.flatnonzero(usable), shapely.is_valid_reason(values[usable]), strict=True):
        nowhere = reason.startswith("Invalid Coordinate")  # a box tells nothing of single ones that are no numbers
        flaw[i] = (
            "its coordinates are no longitude and latitude"
            if nowhere
            else f"its polygon is invalid: {_shortened(reason)}"
        )
    return flaw


def _shortened(reason: str) -> str:
    """Leave the many decimals out of GEOS' words: "Self-intersection[46.9381 40.0012]"."""
    word, bracket, place = reason.partition("[")
    if not bracket:
        return word
    return f"{word} at {' '.join(f'{float(v):.6f}' for v in place.rstrip(']').split()[:2])}"


def cut_up(ground: Ground, plots: Laid) -> Pieces:
    """Find what of each plot lies on which ground."""
    from hazardmap.trapezoids import gathering, sweep  # noqa: PLC0415

    count = len(plots.flaw)

    def work(first: int) -> list[tuple[Array, ...]]:
        done: list[tuple[Array, ...]] = []
        room = min(_ROOM, 64 * min(_BATCH, count - first) + 1024)
        last = min(first + _BATCH, count)
        while first < last:
            w, rows = gathering.scratch(room), _PIECES * (last - first) + room
            plot, number, area = np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.int64), np.empty(rows)
            thick = np.empty(rows, dtype=np.bool_)
            begun = first
            first, found, sets = sweep.areas(
                plots.rings, first, last, ground.shapes, measure.NOISE_WIDTH_M, w, plot, number, area, thick
            )
            room *= 4 if first == begun else 1
            used = plot[:found], number[:found], area[:found], thick[:found]
            done.append((*(a.copy() for a in used), w.start[: sets + 1].copy(), w.members[: w.start[sets]].copy()))
        return done

    found = list(chain.from_iterable(in_threads(work, range(0, count, _BATCH))))
    if not found:
        nothing = np.zeros(0, dtype=np.int64)
        return Pieces(nothing, nothing, np.zeros(0), np.zeros(0, dtype=bool))
    meaning = ground.meanings.numbers_of([f[4:] for f in found], [f[1] for f in found])
    plot, area, thick = (np.concatenate([f[i] for f in found]) for i in (0, 2, 3))
    order = np.lexsort((meaning, plot))
    return Pieces(plot[order], meaning[order], area[order], thick[order])


def search(ground: Ground, plots: Laid, accuracy_m: Array, overlaps: Array) -> Near:
    """Find the nearest open hazard of each plot; of those that overlap one only what the errors reach."""
    from hazardmap.trapezoids import distances  # noqa: PLC0415

    count, plane = len(plots.flaw), ground.records.plane
    # A hair more than the scale, so that rounding puts a plot inside the error rather than outside.
    stretch = measure.longest_scale(plane, plots.longitude, plots.latitude) * (1 + 1e-6)
    stretch = np.where(np.isfinite(stretch), stretch, 1.0)
    out, label = np.empty((count, 5)), np.empty(count, dtype=np.int64)
    within = np.empty((count, 2), dtype=np.int64)

    def work(first: int) -> None:
        last = min(first + _BATCH, count)
        distances.nearest(
            plots.rings, first, last, ground.open_edges, accuracy_m, stretch, overlaps, out, label, within
        )

    for _ in in_threads(work, range(0, count, _BATCH)):
        pass
    none = label < 0
    distance, azimuth = measure.true_vectors(
        plane, plots.longitude, plots.latitude, out[:, 3] - out[:, 1], out[:, 4] - out[:, 2]
    )
    far = np.flatnonzero(~none & (distance > _FAR_M))
    if len(far):
        distance[far], azimuth[far] = measure.geodesics(plane, out[far, 1], out[far, 2], out[far, 3], out[far, 4])
    return Near(np.where(none, np.inf, distance), np.where(none, np.nan, azimuth), label, within)
