"""From boundary points to ground: the polygon of an area, the belt along a row of mines.

Sides are geodesics, divided so finely that none lies more than a centimetre from where degrees draw it. What is
doubtful makes the ground larger. Knows points in degrees; knows nothing of how they were walked.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from hazardmap import measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_GEOD = pyproj.Geod(ellps="WGS84")
_M_PER_DEG = math.pi * _GEOD.a / 180
_GRID_DEG = 1e-9  # 0.1 mm: a union of polygons loses none of them on a grid
_SLACK = 1.01  # GEOS simplifies by a hundredth of the width, and its arcs lie inside the circle
_EDGE_M = 500.0


def sides(longitude: Array, latitude: Array, *, closed: bool) -> Array:
    """Give the way along geodesics from point to point, divided, as n × 2 degrees.

    Examples
    --------
    >>> import numpy as np
    >>> way = sides(np.array([46.9, 46.96]), np.array([40.0, 40.0]), closed=False)  # 5.1 km due east, nearly
    >>> len(way), (way[5, 1] - 40.0).round(6).tolist()  # L² tan φ / 8R north of its parallel
    (11, 4e-06)
    """
    count = len(longitude)
    parts = []
    for i in range(count if closed else count - 1):
        j = (i + 1) % count
        parts.append([(longitude[i], latitude[i])])
        _, _, length = _GEOD.inv(longitude[i], latitude[i], longitude[j], latitude[j])
        step = measure.edge_step_deg(max(abs(latitude[i]), abs(latitude[j]))) * _M_PER_DEG
        between = math.ceil(length / step) - 1
        if between > 0:
            parts.append(_GEOD.npts(longitude[i], latitude[i], longitude[j], latitude[j], between))
    last = 0 if closed else count - 1
    parts.append([(longitude[last], latitude[last])])
    return np.array([xy for part in parts for xy in part], dtype="float64")


def area_inside(longitude: Array, latitude: Array, back: tuple[float, float] | None = None) -> Any:
    """Give the polygon inside boundary points.

    Parameters
    ----------
    longitude, latitude
        The points in order, degrees; at least 3.
    back
        Where a closing leg came out, when that is not the first point: the ground of both readings is then taken, of
        the last side straight to the first point and of the leg as it was walked.

    Returns
    -------
    A polygon, invalid where its sides cross: that is not mended here.
    """
    ring = shapely.Polygon(sides(longitude, latitude, closed=True))
    if back is None or not ring.is_valid:
        return ring
    corner_x, corner_y = (
        np.array([longitude[-1], back[0], longitude[0]]),
        np.array([latitude[-1], back[1], latitude[0]]),
    )
    corner = shapely.Polygon(sides(corner_x, corner_y, closed=True))
    both = shapely.union(ring, corner, grid_size=_GRID_DEG)
    kept = both.geom_type == "Polygon" and both.is_valid and both.area >= ring.area * (1 - 1e-6)
    return both if kept else ring.union(corner)


def belt_along(longitude: Array, latitude: Array, width_m: float, line: str | None) -> Any:
    """Give the belt of a stated width along a row of mines: never narrower, and round at its ends on both sides.

    Parameters
    ----------
    longitude, latitude
        The points of the row in order, degrees; at least 2.
    width_m
        Of the whole belt.
    line
        Which line was walked: "centre", "left_edge", "right_edge"; None: not known, and the whole width is taken to
        both sides.

    Examples
    --------
    >>> import numpy as np
    >>> belt = belt_along(np.array([46.9, 46.9]), np.array([40.0, 40.009]), 20.0, "centre")
    >>> bool(20 * 999 < measure.area_m2(gpd.GeoSeries([belt], crs="EPSG:4326")).iloc[0] < 20 * 1040)
    True
    """
    way = shapely.LineString(sides(longitude, latitude, closed=False))
    plane = measure.local_plane(shapely.bounds(way))
    flat = measure.to_plane(gpd.GeoSeries([way], crs=measure.STORED_CRS), plane)[0]
    if line in {"left_edge", "right_edge"}:
        side = -1.0 if line == "left_edge" else 1.0  # the belt lies to the right of its left edge
        wide = _one_side(flat, side * width_m * _SLACK)
    else:
        half = width_m / 2 if line == "centre" else width_m
        wide = flat.buffer(half * _SLACK, quad_segs=16)
    wide = shapely.segmentize(wide, _EDGE_M)
    return measure.from_plane(np.array([wide], dtype=object), plane).iloc[0]


def _one_side(line: Any, offset: float) -> Any:
    """Give the ground to one side of a line: GEOS' reading and, lest a bend lose some, a strip along each leg."""
    xy = shapely.get_coordinates(line)
    strips = [line.buffer(offset, single_sided=True)]
    for a, b in pairwise(xy):
        length = math.hypot(*(b - a))
        if length:
            aside = np.array([a[1] - b[1], b[0] - a[0]]) / length * offset
            strips.append(shapely.Polygon([a, b, b + aside, a + aside]))
    return shapely.union_all(strips, grid_size=measure.GRID_M)
