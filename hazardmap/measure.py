"""The only door between degrees and metres.

Areas on the WGS 84 ellipsoid, a local equal-area plane for set operations, discs of a given radius, and changes of
CRS that never fall back to a guess. Knows nothing of hazards or files.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from pyproj.aoi import AreaOfInterest
from pyproj.transformer import TransformerGroup

from hazardmap.errors import CrsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]

#: The CRS in which all tables are stored: longitude, latitude, in that order.
STORED_CRS = "EPSG:4326"
#: Set operations run on this grid (GEOS loses area without one: locationtech/jts#1000).
GRID_M = 0.001
#: Ground narrower than this is noise; width = 2 × area / perimeter. Used for spikes and slivers alike.
NOISE_WIDTH_M = 0.001
#: A change of CRS moves no edge by more than this.
EDGE_TOLERANCE_M = 0.01

_STORED = pyproj.CRS(STORED_CRS)
_GEOD = pyproj.Geod(ellps="WGS84")
_E2 = _GEOD.es
_E = math.sqrt(_E2)
_B2_HALF = _GEOD.b**2 / 2
_M_PER_DEG = math.pi * _GEOD.a / 180
_DISC_SIDES = 64


def _zone_area(latitude_rad: Array) -> Array:
    """Give the area in m² between the equator and a parallel, per radian of longitude (authalic function)."""
    sine = np.sin(latitude_rad)
    return _B2_HALF * (sine / (1 - _E2 * sine**2) + np.arctanh(_E * sine) / _E)


def area_m2(geometry: gpd.GeoSeries) -> pd.Series:
    """Measure areas on the WGS 84 ellipsoid, edges being straight in longitude and latitude.

    The area under each edge is integrated exactly enough (three Gauss points on the authalic function) for edges of any
    length met in practice; the sign of a ring does not matter. Points, lines and missing geometry have area 0.

    Parameters
    ----------
    geometry
        Geometries in EPSG:4326.

    Returns
    -------
    Series of float, m², on the same index.

    Raises
    ------
    CrsError
        When the CRS is missing or not EPSG:4326.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> cell = gpd.GeoSeries([shapely.box(46, 39, 47, 40), None], index=["cell", "none"], crs="EPSG:4326")
    >>> (area_m2(cell) / 1e6).round().to_dict()
    {'cell': 9550.0, 'none': 0.0}
    """
    _require_stored(geometry)
    return pd.Series(_areas(geometry.to_numpy()), index=geometry.index, name="area_m2", dtype="float64")


def _areas(geometries: Array) -> Array:
    total = np.zeros(len(geometries))
    polygons, owner = shapely.get_parts(geometries, return_index=True)
    while (shapely.get_type_id(polygons) > 3).any():  # collections hold multipolygons and collections
        polygons, index = shapely.get_parts(polygons, return_index=True)
        owner = owner[index]
    keep = (shapely.get_type_id(polygons) == 3) & ~shapely.is_empty(polygons)
    polygons, owner = polygons[keep], owner[keep]
    if not len(polygons):
        return total
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    first = np.r_[True, polygon[1:] != polygon[:-1]]
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    xy = np.radians(xy)
    same = ring[1:] == ring[:-1]
    d_longitude, d_latitude = np.diff(xy[:, 0])[same], np.diff(xy[:, 1])[same]
    start, ring = xy[:-1, 1][same], ring[1:][same]
    half, offset = d_latitude / 2, math.sqrt(0.6)
    mean = (
        5 * (_zone_area(start + half * (1 - offset)) + _zone_area(start + half * (1 + offset)))
        + 8 * _zone_area(start + half)
    ) / 18
    ring_area = np.abs(np.bincount(ring, d_longitude * mean, minlength=len(rings)))
    signed = np.where(first, ring_area, -ring_area)
    np.add.at(total, owner, np.maximum(np.bincount(polygon, signed, minlength=len(polygons)), 0.0))
    return total


def length_m(geometry: gpd.GeoSeries) -> pd.Series:
    """Measure lines on the WGS 84 ellipsoid, along geodesics between their vertices.

    Parameters
    ----------
    geometry
        Geometries in EPSG:4326; of polygons the boundary is measured.

    Returns
    -------
    Series of float, m, on the same index; 0 for points and missing geometry.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> line = gpd.GeoSeries([shapely.LineString([(47, 40), (47.01, 40)]), None], crs="EPSG:4326")
    >>> length_m(line).round(1).tolist()
    [853.9, 0.0]
    """
    _require_stored(geometry)
    values = geometry.to_numpy()
    return pd.Series([_GEOD.geometry_length(g) if g is not None else 0.0 for g in values], index=geometry.index)


def local_plane(bounds: Array | tuple[float, float, float, float]) -> pyproj.CRS:
    """Choose the plane in which set operations run: Albers equal-area, fitted to the data.

    Areas are true everywhere; over a country of 5° of latitude distances are within 0.05 %. (Lambert's azimuthal
    plane would serve as well, but PROJ 9 brings points back from it 0.8 mm off; Albers returns within 0.1 µm.)

    Parameters
    ----------
    bounds
        West, south, east, north, degrees.

    Examples
    --------
    >>> plane = local_plane((46, 39, 48, 41))
    >>> [round(p.value, 2) for p in plane.coordinate_operation.params[:4]]
    [40.0, 47.0, 39.33, 40.67]
    """
    west, south, east, north = (float(v) if math.isfinite(v) else 0.0 for v in bounds)
    middle, third = round((south + north) / 2, 2), (north - south) / 3
    # A cone needs parallels that do not cancel out: on the equator it is tilted by half a degree.
    cone = math.copysign(max(abs(middle), 0.5), middle)
    return pyproj.CRS(
        f"+proj=aea +lat_0={middle} +lon_0={round((west + east) / 2, 2)}"
        f" +lat_1={cone - third:.2f} +lat_2={cone + third:.2f} +datum=WGS84 +units=m +no_defs"
    )


def _edge_step_m(latitude_deg: float) -> float:
    """Give the longest edge that bends by no more than half the tolerance when the CRS changes."""
    bend = max(math.tan(math.radians(min(abs(latitude_deg), 85.0))), 0.5)
    return math.sqrt(8 * _GEOD.a * EDGE_TOLERANCE_M / 2 / bend)


def to_plane(geometry: gpd.GeoSeries, plane: pyproj.CRS) -> Array:
    """Carry geometries from EPSG:4326 to a local plane; no edge moves by more than 1 cm.

    Returns an array of shapely geometries in metres, in the order given; missing stays missing.
    """
    _require_stored(geometry)
    values = geometry.to_numpy()
    if not len(values) or not np.isfinite(shapely.total_bounds(values)).all():
        return np.asarray(values, dtype=object)
    step = edge_step_deg(float(np.abs(shapely.total_bounds(values)[[1, 3]]).max()))
    return _moved(divided(values, step), lambda x, y: plane_coordinates(x, y, plane))


def edge_step_deg(latitude_deg: float) -> float:
    """Give the longest edge, in degrees, that moves by no more than `EDGE_TOLERANCE_M` on its way to the plane."""
    return _edge_step_m(latitude_deg) / _M_PER_DEG


def plane_coordinates(longitude: Array, latitude: Array, plane: pyproj.CRS) -> tuple[Array, Array]:
    """Carry coordinates from EPSG:4326 to a local plane; long edges between them have to be divided before."""
    return _proj(plane.srs)(longitude, latitude, errcheck=True)


def divided(geometries: Array, step: Array | float) -> Array:
    """Divide edges that are longer than a step; shapes without such edges, and missing ones, stay the same objects.

    GEOS divides an invalid polygon only after it has repaired it in silence, by which a bow-tie loses half its ground:
    polygons are divided ring by ring here.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    >>> divided(np.array([bow_tie]), 1.5)[0].wkt
    'POLYGON ((0 0, 1 1, 2 2, 2 1, 2 0, 1 1, 0 2, 0 1, 0 0))'
    """
    values = np.array(geometries, dtype=object)
    steps = np.broadcast_to(np.asarray(step, dtype="float64"), values.shape)
    xy, owner = shapely.get_coordinates(values, return_index=True)
    if not len(xy):
        return values
    with np.errstate(invalid="ignore"):
        long = np.hypot(*np.diff(xy, axis=0).T) > steps[owner[1:]]
    chosen = np.unique(owner[1:][long & (owner[1:] == owner[:-1])])
    if not len(chosen):
        return values
    kept = chosen[shapely.is_valid(values[chosen]) | ~np.isin(shapely.get_type_id(values[chosen]), (3, 6, 7))]
    values[kept] = shapely.segmentize(values[kept], steps[kept])
    for i in np.setdiff1d(chosen, kept):
        values[i] = _divided_by_ring(values[i], float(steps[i]))
    return values


def _divided_by_ring(shape: Any, step: float) -> Any:
    if shape.geom_type == "Polygon":
        rings = shapely.get_rings(shape)
        long = shapely.length(rings) > step  # GEOS refuses a ring that is all one place
        rings[long] = shapely.segmentize(rings[long], step)
        return shapely.Polygon(rings[0], list(rings[1:])) if len(rings) else shape
    if hasattr(shape, "geoms"):
        return type(shape)([_divided_by_ring(part, step) for part in shape.geoms])
    return shapely.segmentize(shape, step)


def from_plane(geometries: Array, plane: pyproj.CRS) -> gpd.GeoSeries:
    """Carry geometries from a local plane back to EPSG:4326; no edge moves by more than 1 cm.

    Coordinates are moved one by one, so what neighbours share they go on sharing. (Edges carried to the plane by
    `to_plane` are short already.)
    """
    values = np.asarray(geometries, dtype=object)
    back = _between(plane.srs, STORED_CRS)
    return gpd.GeoSeries(_moved(values, lambda x, y: back.transform(x, y, errcheck=True)), crs=STORED_CRS)


@functools.lru_cache(maxsize=32)
def _between(source: str, target: str) -> pyproj.Transformer:
    """Both are on WGS 84, so the way between them is exact; it is kept because PROJ takes 10 ms to find it."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _moved(geometries: Array, transform: Callable[[Array, Array], tuple[Array, Array]]) -> Array:
    def move(xy: Array) -> Array:
        return np.column_stack(transform(xy[:, 0], xy[:, 1]))

    return np.asarray(shapely.transform(geometries, move), dtype=object)


def to_stored(geometry: gpd.GeoSeries) -> tuple[gpd.GeoSeries, str, float | None]:
    """Carry geometries of any declared CRS to EPSG:4326 by the best operation for their area.

    Never a ballpark operation: when PROJ knows no real one, that is an error. Edges are straight in the CRS they were
    recorded in, so they are densified until no edge moves by more than 1 cm.

    Returns
    -------
    The geometries in EPSG:4326; the name of the operation used; its stated accuracy in metres, or None when PROJ
    states none (a change of projection on the same datum is exact and gives 0.0).

    Raises
    ------
    CrsError
        When no CRS is declared, or no operation with known accuracy exists for the area.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> utm = gpd.GeoSeries([shapely.Point(660000, 4430000)], crs="EPSG:32638")
    >>> moved, operation, accuracy_m = to_stored(utm)
    >>> moved.crs.to_string(), moved.x.round(3).tolist(), accuracy_m
    ('EPSG:4326', [46.875], 0.0)
    """
    if geometry.crs is None:
        raise CrsError(f"{len(geometry)} geometries without a CRS", "a declared CRS", "state it, e.g. crs='EPSG:32638'")
    if geometry.crs == _STORED:
        return geometry.set_crs(STORED_CRS, allow_override=True), "none", 0.0
    values = geometry.to_numpy()
    finite = np.isfinite(shapely.bounds(values)).all(axis=1)
    transformer = _operation(geometry.crs, shapely.total_bounds(values[finite]) if finite.any() else None)
    moved = np.array(values, dtype=object)
    if finite.any():
        step = _edge_step_m(_latitude_of(values[finite], transformer)) / _metres_per_unit(geometry.crs)
        moved[finite] = _moved(
            divided(shapely.force_2d(values[finite]), step), lambda x, y: transformer.transform(x, y, errcheck=True)
        )
    accuracy = transformer.accuracy
    exact = transformer.definition is not None and accuracy == 0
    return (
        gpd.GeoSeries(moved, index=geometry.index, crs=STORED_CRS),
        transformer.description or "",
        0.0 if exact else (accuracy if accuracy >= 0 else None),
    )


def from_stored(geometry: gpd.GeoSeries, crs: Any) -> tuple[gpd.GeoSeries, str, float]:
    """Carry geometries from EPSG:4326 to another CRS by the operation that `to_stored` would take the other way.

    The way there and back is the same one, so a file written so reads back where it was. Edges are divided until none
    moves by more than 1 cm. Never a ballpark operation.

    Parameters
    ----------
    geometry
        Geometries in EPSG:4326; missing ones stay missing.
    crs
        Where to; whatever pyproj understands. Coordinates are x (east), y (north), whatever order the CRS itself has.

    Returns
    -------
    The geometries; the name of the operation to EPSG:4326, which was taken the other way round; its stated accuracy in
    metres (0.0 for a projection of WGS 84 itself).

    Raises
    ------
    CrsError
        When no operation of known accuracy exists for the area, or a point cannot be carried.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> there = gpd.GeoSeries([shapely.Point(46.875, 40.0), None], crs="EPSG:4326")
    >>> moved, operation, accuracy_m = from_stored(there, "EPSG:32638")
    >>> moved.x.round(1).tolist()[0], accuracy_m
    (660054.5, 0.0)
    >>> from_stored(there, "EPSG:28408")[2]
    4.5
    """
    _require_stored(geometry)
    target = pyproj.CRS(crs)
    values = np.array(geometry.to_numpy(), dtype=object)
    if target == _STORED:
        return gpd.GeoSeries(values, index=geometry.index, crs=crs), "none", 0.0
    finite = np.isfinite(shapely.bounds(values)).all(axis=1) if len(values) else np.zeros(0, dtype=bool)
    box = AreaOfInterest(*shapely.total_bounds(values[finite])) if finite.any() else None
    transformer = _best(target, box)
    if box is not None:
        step = edge_step_deg(max(abs(box.south_lat_degree), abs(box.north_lat_degree)))
        try:
            values[finite] = _moved(
                divided(shapely.force_2d(values[finite]), step),
                lambda x, y: transformer.transform(x, y, direction="INVERSE", errcheck=True),
            )
        except pyproj.exceptions.ProjError as error:
            raise CrsError(
                f"some places cannot be written in {target.to_string()} ({error})",
                "a CRS that is in use where the data lie",
                "ask for another, e.g. --crs EPSG:32638",
            ) from None
    return gpd.GeoSeries(values, index=geometry.index, crs=crs), transformer.description or "", transformer.accuracy


def _operation(crs: pyproj.CRS, bounds: Array | None) -> pyproj.Transformer:
    if bounds is None:
        return _best(crs, None)
    try:
        box = pyproj.Transformer.from_crs(crs, STORED_CRS, always_xy=True).transform_bounds(*bounds)
    except pyproj.exceptions.ProjError:
        box = (math.inf,) * 4
    if not all(math.isfinite(v) for v in box) or abs(box[1]) > 90 or abs(box[3]) > 90:
        raise CrsError(
            f"coordinates from {bounds[0]:.6g}, {bounds[1]:.6g} to {bounds[2]:.6g}, {bounds[3]:.6g}"
            f" are impossible in {crs.to_string()}",
            "coordinates that fit the declared CRS",
            "state the CRS they are really in, e.g. --crs EPSG:32638",
        )
    return _best(crs, AreaOfInterest(*box))


def _best(crs: pyproj.CRS, area: Any) -> pyproj.Transformer:
    """Choose the operation from a CRS to EPSG:4326 that holds the area and has the best stated accuracy."""
    group = TransformerGroup(crs, STORED_CRS, always_xy=True, area_of_interest=area, allow_ballpark=False)
    usable = sorted(
        (t for t in group.transformers if t.accuracy == 0 or (t.accuracy > 0 and _reaches(t, area))),
        key=lambda t: (not _holds(t, area), t.accuracy),
    )
    if not usable:
        raise CrsError(
            f"no transformation of known accuracy from {crs.to_string()} to WGS 84 for this place",
            "a datum that is in use where the data lie",
            "state the CRS of the data, e.g. --crs EPSG:28408 for Pulkovo 1942 / Gauss-Kruger zone 8",
        )
    return usable[0]


def _reaches(transformer: pyproj.Transformer, area: AreaOfInterest | None) -> bool:
    return area is not None and any(shapely.box(*part).intersects(_box(area)) for part in _area_of_use(transformer))


def _holds(transformer: pyproj.Transformer, area: AreaOfInterest | None) -> bool:
    return area is not None and any(shapely.box(*part).covers(_box(area)) for part in _area_of_use(transformer))


def _box(area: AreaOfInterest) -> shapely.Polygon:
    return shapely.box(area.west_lon_degree, area.south_lat_degree, area.east_lon_degree, area.north_lat_degree)


def _area_of_use(transformer: pyproj.Transformer) -> list[tuple[float, float, float, float]]:
    use: Any = transformer.area_of_use  # None where PROJ does not say; pyproj's types do not know that
    if use is None:
        return []
    if use.west <= use.east:
        return [(use.west, use.south, use.east, use.north)]
    return [(use.west, use.south, 180.0, use.north), (-180.0, use.south, use.east, use.north)]


def _latitude_of(values: Array, transformer: pyproj.Transformer) -> float:
    _, south, _, north = transformer.transform_bounds(*shapely.total_bounds(values))
    return max(abs(south), abs(north))


def _metres_per_unit(crs: pyproj.CRS) -> float:
    unit = crs.axis_info[0].unit_conversion_factor if crs.axis_info else 1.0
    return unit * _GEOD.a if crs.is_geographic else unit


def discs(points: gpd.GeoSeries, radius_m: Array | float) -> gpd.GeoSeries:
    """Draw around each point a geodesic disc that holds the whole circle (polygon of 64 sides, outside it).

    Parameters
    ----------
    points
        Points in EPSG:4326.
    radius_m
        One radius for all or one for each.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> point = gpd.GeoSeries([shapely.Point(46.9, 40.0)], crs="EPSG:4326")
    >>> bool(31_416 < area_m2(discs(point, 100.0)).iloc[0] < 31_500)
    True
    """
    _require_stored(points)
    count = len(points)
    radius = np.broadcast_to(np.asarray(radius_m, dtype="float64"), count) / math.cos(math.pi / _DISC_SIDES)
    azimuth = np.linspace(0, 360, _DISC_SIDES, endpoint=False)
    longitude, latitude, _ = _GEOD.fwd(
        np.repeat(points.x.to_numpy(), _DISC_SIDES),
        np.repeat(points.y.to_numpy(), _DISC_SIDES),
        np.tile(azimuth, count),
        np.repeat(radius, _DISC_SIDES),
    )
    rings = np.stack([longitude, latitude], axis=-1).reshape(count, _DISC_SIDES, 2)
    return gpd.GeoSeries(shapely.polygons(rings) if count else [], index=points.index, crs=STORED_CRS)


def grown(shapes: Array, radius_m: Array | float, plane: pyproj.CRS) -> Array:
    """Grow plane shapes outward, so that the true circle lies inside the polygon wherever in the plane it is.

    Examples
    --------
    >>> plane = local_plane((46, 39, 47, 40))
    >>> bool(math.pi * 100 < grown(np.array([shapely.Point(0, 0)]), 10.0, plane)[0].area < 316)
    True
    """
    sides_of_quarter = 16
    radius = np.maximum(radius_m, GRID_M * 10) * stretch(shapes, plane)
    outward = radius * 1.0005 / np.cos(np.pi / (4 * sides_of_quarter))
    return np.asarray(shapely.buffer(shapes, outward, quad_segs=sides_of_quarter), dtype=object)


def stretch(geometries: Array, plane: pyproj.CRS) -> Array:
    """Give the largest factor by which the plane stretches lengths where each geometry lies; 1 for nothing.

    The plane keeps areas, so far from its middle it stretches one direction and shrinks the other.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> plane = local_plane((46, 0, 48, 41))
    >>> there = to_plane(gpd.GeoSeries([shapely.Point(47, 20.5), shapely.Point(47, 41), None], crs=STORED_CRS), plane)
    >>> stretch(there, plane).round(2).tolist()
    [1.03, 1.04, 1.0]
    """
    if not len(geometries):
        return np.zeros(0)
    there = from_plane(shapely.centroid(geometries), plane).to_numpy()
    factors = pyproj.Proj(plane).get_factors(
        np.nan_to_num(shapely.get_x(there)), np.nan_to_num(shapely.get_y(there)), errcheck=False
    )
    longest = np.maximum(factors.meridional_scale, factors.parallel_scale)
    return np.where(shapely.is_missing(there) | ~np.isfinite(longest), 1.0, np.maximum(longest, 1.0))


def true_vectors(
    plane: pyproj.CRS, longitude: Array, latitude: Array, east: Array, north: Array
) -> tuple[Array, Array]:
    """Give the length and azimuth on the ground of vectors in the plane, by the scale of the plane where they begin.

    Right to 1 in 10,000 over 10 km; for anything farther the scale along the way is not that of its beginning.

    Parameters
    ----------
    plane
        From `local_plane`.
    longitude, latitude
        Where each vector begins, degrees.
    east, north
        The vectors, metres in the plane.

    Returns
    -------
    Metres, and degrees clockwise from true north.

    Examples
    --------
    >>> import numpy as np
    >>> plane = local_plane((46, 39, 48, 41))
    >>> length, azimuth = true_vectors(plane, *(np.array([v]) for v in (48.0, 40.0, 0.0, 100.0)))
    >>> length.round(2).tolist(), azimuth.round(2).tolist()
    ([99.99], [0.64])
    """
    along, across, turn = _scales(plane, longitude, latitude)
    x, y = np.cos(turn) * east + np.sin(turn) * north, np.cos(turn) * north - np.sin(turn) * east
    x, y = x / along, y / across
    return np.hypot(x, y), np.degrees(np.arctan2(x, y)) % 360


def geodesics(plane: pyproj.CRS, x: Array, y: Array, to_x: Array, to_y: Array) -> tuple[Array, Array]:
    """Give the length and azimuth of the geodesics between points of the plane: metres, degrees from true north.

    Examples
    --------
    >>> import numpy as np
    >>> plane = local_plane((46, 39, 48, 41))
    >>> length, azimuth = geodesics(plane, *(np.array([v]) for v in (0.0, 0.0, 0.0, 100_000.0)))
    >>> length.round(-2).tolist(), azimuth.round(1).tolist()
    ([100000.0], [0.0])
    """
    back = _between(plane.srs, STORED_CRS)
    azimuth, _, length = _GEOD.inv(*back.transform(x, y), *back.transform(to_x, to_y))
    return np.asarray(length), np.asarray(azimuth) % 360


def longest_scale(plane: pyproj.CRS, longitude: Array, latitude: Array) -> Array:
    """Give the largest factor, 1 or more, by which the plane stretches lengths at places in degrees."""
    along, across, _ = _scales(plane, longitude, latitude)
    return np.maximum(np.maximum(along, across), 1.0)


def _scales(plane: pyproj.CRS, longitude: Array, latitude: Array) -> tuple[Array, Array, Array]:
    """Give the scales along parallels and meridians and the convergence (radians) of an Albers plane at places.

    Scales depend on the latitude alone, the convergence on the longitude, to which it is proportional.
    """
    if not len(latitude):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    finite = np.isfinite(latitude)
    low, high = (latitude[finite].min(), latitude[finite].max()) if finite.any() else (0.0, 0.0)
    steps = np.linspace(low, high, 1 + int(np.ceil((high - low) * 100)))
    middle = _middle_meridian(plane.srs)
    proj = _proj(plane.srs)
    scale = proj.get_factors(np.full(len(steps), middle), steps)
    turned = proj.get_factors(middle + 1.0, float(steps[0])).meridian_convergence
    turn = np.radians(turned) * (longitude - middle)
    return (
        np.interp(latitude, steps, scale.parallel_scale),
        np.interp(latitude, steps, scale.meridional_scale),
        turn,
    )


@functools.lru_cache(maxsize=32)
def _proj(plane: str) -> pyproj.Proj:
    return pyproj.Proj(pyproj.CRS(plane))


@functools.lru_cache(maxsize=32)
def _middle_meridian(plane: str) -> float:
    operation: Any = pyproj.CRS(plane).coordinate_operation
    return float(next(p.value for p in operation.params if p.name.startswith("Longitude")))


def width_m(geometries: Array) -> Array:
    """Give the width of plane polygons, 2 × area / perimeter; 0 for lines, points and nothing."""
    area, perimeter = shapely.area(geometries), shapely.length(geometries)
    return np.asarray(np.divide(2 * area, perimeter, out=np.zeros_like(area), where=perimeter > 0))


def _require_stored(geometry: gpd.GeoSeries) -> None:
    if geometry.crs is None or geometry.crs != _STORED:
        found = "no CRS" if geometry.crs is None else geometry.crs.to_string()
        raise CrsError(f"geometry in {found}", STORED_CRS, "convert it with measure.to_stored first")
