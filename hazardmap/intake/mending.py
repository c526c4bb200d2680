"""What a shape that cannot stand as entered is taken to mean; a repair can only make an answer worse.

Hazards, plots and districts are read at their widest; releases, surveys and coverage, which say something good of
ground, at their narrowest. Whatever is changed is said, with the area before and after. Knows shapes in EPSG:4326
and which side a table errs to; knows nothing of formats.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from hazardmap import measure, readings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hazardmap.intake.columns import Fault
    from hazardmap.intake.sheet import Flaw
    from hazardmap.programme import Policy

    Array = NDArray[Any]

#: Tables whose polygons claim something good: a doubtful part of them is not claimed.
NARROW = frozenset({"releases", "surveys", "coverage"})
_SAME_PLACE_DEG = 1e-8  # 1 mm
_BUFFER_SLACK = 1.01  # GEOS simplifies lines by a hundredth of the width, and its arcs lie inside the circle
_EDGE_M = 500.0  # edges of this length bend by less than 1 cm between a plane and degrees
_LINES = (1, 2, 4, 5)
_WIDTH = "Polygon, MultiPolygon or Point; a line or several points need their width: draw the area"
_NO_AREA = "no area: kept as a point, drawn as a disc"


@dataclass
class Mended:
    """Shapes as kept, what was changed (position → text), faults, and the drafts that quarantined rows keep."""

    shapes: Array
    changed: dict[int, str]
    faults: list[Fault]
    drafts: dict[int, Any]


def closing_m(name: str, policy: Policy) -> float:
    """Give the longest gap over which an open ring is closed: the accuracy assumed for the table's boundaries.

    Examples
    --------
    >>> from hazardmap import Policy
    >>> closing_m("hazards", Policy()), closing_m("releases", Policy())
    (10.0, 2.0)
    """
    if name in NARROW:
        return policy.releases_m
    return policy.plots_m if name == "plots" else policy.hazards_surveyed_m


def mend(
    geometry: gpd.GeoSeries,
    flaws: Mapping[int, Flaw],
    gaps_m: Mapping[int, float],
    name: str,
    policy: Policy,
    accuracy_m: Array,
) -> Mended:
    """Mend the shapes of one table.

    Parameters
    ----------
    geometry
        In EPSG:4326, drafts of flawed shapes in their places.
    flaws, gaps_m
        What is wrong with shapes as entered; the longest gap of their open rings, m.
    name, policy
        The table and the settings.
    accuracy_m
        Accuracy that the rows state, m; NaN where they do not.

    Returns
    -------
    Mended
        A hazard is never smaller than any reading of it, a release never larger.
    """
    done = Mended(np.array(geometry.to_numpy(), dtype=object), {}, [], {})
    done.shapes[shapely.is_empty(done.shapes)] = None
    _judge_flaws(done, flaws, gaps_m, name, policy)
    single = (shapely.get_type_id(done.shapes) == 4) & (shapely.get_num_geometries(done.shapes) == 1)
    done.shapes[single] = shapely.get_geometry(done.shapes[single], 0)
    widths = np.fmax(np.nan_to_num(accuracy_m), policy.hazards_estimated_m)
    if name == "hazards":
        _widen_lines(done, widths)
    elif name != "context":
        _keep_polygons(done, name)
    _read_invalid(done, name, widths)
    return done


def _judge_flaws(
    done: Mended, flaws: Mapping[int, Flaw], gaps_m: Mapping[int, float], name: str, policy: Policy
) -> None:
    limit = closing_m(name, policy)
    for i, flaw in flaws.items():
        gap = gaps_m.get(i, math.inf)
        if flaw.gaps and gap <= limit and done.shapes[i] is not None:
            done.changed[i] = f"open ring closed over {gap:.2f} m"
            continue
        if flaw.gaps and math.isfinite(gap):
            done.faults.append(
                (i, "geometry", f"{flaw.found} by {gap:,.1f} m", f"{flaw.expected} (gaps to {limit:g} m are closed)")
            )
        else:
            done.faults.append((i, "geometry", flaw.found, flaw.expected))
        if name != "hazards":
            done.shapes[i] = None
        elif done.shapes[i] is not None:
            done.drafts[i] = done.shapes[i]


def _widen_lines(done: Mended, widths: Array) -> None:
    """Give lines and loose points of hazards the ground to each side that their accuracy covers."""
    kind = shapely.get_type_id(done.shapes)
    lines = np.isin(kind, _LINES)
    for i in np.flatnonzero(lines & ~np.isin(np.arange(len(kind)), list(done.drafts))):
        done.faults.append((int(i), "geometry", str(done.shapes[i].geom_type), _WIDTH))
        done.drafts[int(i)] = None
    done.shapes[lines] = strips(done.shapes[lines], widths[lines])
    for i in np.flatnonzero(kind == 7):
        parts = _loose(done.shapes[i])
        areas = [p for p in parts if shapely.get_type_id(p) == 3]
        others = [p for p in parts if shapely.get_type_id(p) != 3]
        wide = strips(np.array(others, dtype=object), np.full(len(others), widths[i]))
        done.shapes[i] = shapely.MultiPolygon([p for w in wide for p in shapely.get_parts(w)] + areas)
        if areas and not others:
            continue  # several polygons, and nothing else
        if areas:
            done.changed[int(i)] = f"collection: {len(others)} lines or points in it given {widths[i]:g} m to each side"
        else:
            done.faults.append((int(i), "geometry", "a collection of lines or points", _WIDTH))
            done.drafts[int(i)] = None
    for held in done.drafts:
        done.drafts[held] = done.shapes[held]


def _loose(shape: Any) -> list[Any]:
    parts = shapely.get_parts(shape)
    while (shapely.get_type_id(parts) > 3).any():
        parts = shapely.get_parts(parts)
    return [p for p in parts if not p.is_empty]


def _keep_polygons(done: Mended, name: str) -> None:
    """Of a collection keep the polygons; lines and points in it claim no ground."""
    for i in np.flatnonzero(shapely.get_type_id(done.shapes) == 7):
        parts = _loose(done.shapes[i])
        areas = [p for p in parts if shapely.get_type_id(p) == 3]
        if not areas or name == "finds":
            continue  # its kind is a fault, found with all the others
        done.shapes[i] = shapely.MultiPolygon(areas)
        if len(areas) < len(parts):
            done.changed[int(i)] = "collection: only its polygons are kept"


def strips(shapes: Array, width_m: Array) -> Array:
    """Give the ground within a width of each shape, as polygons in EPSG:4326; never less than the whole of it.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> track = np.array([shapely.LineString([(46.9, 40.0), (46.9, 40.01)])])
    >>> int(measure.area_m2(gpd.GeoSeries(strips(track, np.array([50.0])), crs="EPSG:4326")).iloc[0]) // 1000
    120

    A track of 1,110 m is given 2 × 50 m of width and a half disc at each end, 111,040 + 7,854 m², and a hundredth more.
    """
    if not len(shapes):
        return shapes
    shapes = shapely.make_valid(shapes)  # a line of one place twice becomes a point, which can be buffered
    plane = measure.local_plane(shapely.total_bounds(shapes))
    flat = measure.to_plane(gpd.GeoSeries(shapes, crs=measure.STORED_CRS), plane)
    wide = shapely.buffer(flat, width_m * _BUFFER_SLACK, quad_segs=16)
    wide = shapely.segmentize(wide, _EDGE_M)
    return np.array(measure.from_plane(wide, plane).to_numpy(), dtype=object)


def _read_invalid(done: Mended, name: str, widths: Array) -> None:
    polygon = np.isin(shapely.get_type_id(done.shapes), (3, 6))
    invalid = np.flatnonzero(polygon & ~shapely.is_valid(done.shapes))
    if not len(invalid):
        return
    before = _area(done.shapes[invalid])
    reasons = shapely.is_valid_reason(done.shapes[invalid])
    for i in map(int, invalid):
        done.shapes[i] = (
            readings.narrowest(done.shapes[i]) if name in NARROW else _widest(done.shapes[i], widths[i], name)
        )
        if i in done.drafts:
            done.drafts[i] = done.shapes[i]
    after = _area(done.shapes[invalid])
    side = "the narrowest" if name in NARROW else "the widest"
    for i, reason, a, b in zip(map(int, invalid), reasons, before, after, strict=True):
        kept = done.shapes[i]
        if kept is None or kept.is_empty:
            done.shapes[i] = None
            done.faults.append((i, "geometry", str(reason), "a polygon of which something is sure"))
            continue
        told = (
            _NO_AREA if kept.geom_type == "Point" else f"{reason}: {side} of its readings taken, {a:,.0f} → {b:,.0f} m²"
        )
        done.changed[i] = "; ".join(t for t in (done.changed.get(i), told) if t)


def _widest(shape: Any, width_m: float, name: str) -> Any:
    """Read an invalid polygon at its widest; a hazard's part without area keeps its place."""
    wide = readings.widest(shape)
    if name != "hazards":
        return wide
    flat = [p for p in shapely.get_parts(shape) if not p.is_empty and readings.widest(p) is None]
    if not flat:
        return wide
    if wide is None and len(flat) == 1 and _one_place(flat[0]):
        return shapely.Point(shapely.get_coordinates(flat[0])[0])
    lines = np.array([shapely.LineString(p.exterior.coords) for p in flat], dtype=object)
    added = strips(lines, np.full(len(lines), width_m))
    return shapely.union_all([*added, *([] if wide is None else [wide])])


def _one_place(shape: Any) -> bool:
    west, south, east, north = shapely.bounds(shape)
    return bool(east - west <= _SAME_PLACE_DEG and north - south <= _SAME_PLACE_DEG)


def _area(shapes: Array) -> Array:
    return np.asarray(measure.area_m2(gpd.GeoSeries(shapes, crs=measure.STORED_CRS)))
