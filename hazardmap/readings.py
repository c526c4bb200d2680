"""What an invalid polygon can mean, and which meaning is taken.

A ring that crosses itself has several readings. A hazard is the union of them, a release their intersection: a repair
can only make an answer worse. Knows shapes in a plane or in degrees; knows nothing of tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


def polygons_of(geometries: Array) -> Array:
    """Keep the polygonal part of each geometry, as Polygon or MultiPolygon; None where there is none.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> mixed = shapely.from_wkt("GEOMETRYCOLLECTION (POINT (0 0), POLYGON ((0 0, 1 0, 1 1, 0 0)))")
    >>> [str(g) for g in polygons_of(np.array([mixed, shapely.Point(1, 1)]))]
    ['POLYGON ((0 0, 1 0, 1 1, 0 0))', 'None']
    """
    values = np.asarray(geometries, dtype=object)
    kind = shapely.get_type_id(values)
    kept = only(values, np.isin(kind, (3, 6)) & ~shapely.is_empty(values))
    for i in np.flatnonzero(kind == 7):
        parts = [
            p for p in shapely.get_parts(values[i]) if p.geom_type in {"Polygon", "MultiPolygon"} and not p.is_empty
        ]
        kept[i] = shapely.union_all(parts) if len(parts) > 1 else (parts[0] if parts else None)
    return np.asarray(kept)


def only(geometries: Array, keep: Array) -> Array:
    """Keep some geometries of an array and put None for the others, in a new array."""
    kept = np.array(geometries, dtype=object)
    kept[~np.asarray(keep, dtype=bool)] = None
    return kept


def all_readings(geometry: Any) -> list[Any]:
    """List the readings of an invalid polygon: by its line work, by its structure and by its winding.

    Parameters
    ----------
    geometry
        A Polygon or MultiPolygon.

    Returns
    -------
    Valid polygonal geometries, some perhaps empty.
    """
    found = [
        shapely.make_valid(geometry),
        shapely.make_valid(geometry, method="structure", keep_collapsed=False),
        shapely.buffer(geometry, 0),
    ]
    return [g if g is not None else shapely.Polygon() for g in polygons_of(np.array(found, dtype=object))]


def widest(geometry: Any) -> Any:
    """Read an invalid hazard polygon: the union of its readings; None when it encloses nothing.

    Examples
    --------
    >>> bow_tie = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    >>> bow_tie.area, widest(bow_tie).area, narrowest(bow_tie).area
    (0.0, 5000.0, 2500.0)
    """
    if geometry is None or shapely.is_valid(geometry):
        return geometry
    whole = shapely.union_all(all_readings(geometry))
    return polygons_of(np.array([whole], dtype=object))[0]


def narrowest(geometry: Any) -> Any:
    """Read an invalid release polygon: the intersection of its readings; None when nothing is sure.

    Examples
    --------
    >>> nested = shapely.MultiPolygon([shapely.box(0, 0, 100, 100), shapely.box(20, 20, 80, 80)])
    >>> narrowest(nested).area, widest(nested).area
    (6400.0, 10000.0)
    """
    if geometry is None or shapely.is_valid(geometry):
        return geometry
    common, *others = all_readings(geometry)
    for other in others:
        common = shapely.intersection(common, other)
    return polygons_of(np.array([common], dtype=object))[0]
