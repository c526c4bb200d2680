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

    Rings without area enclose nothing in any reading and are left out first. A reading that GEOS cannot make (it throws
    on rare shapes) is None.

    Parameters
    ----------
    geometry
        A Polygon or MultiPolygon.

    Returns
    -------
    Valid polygonal geometries, some perhaps empty or None.
    """
    solid = _without_flat_rings(geometry)
    found: list[Any] = []
    for read in (_by_line_work, _by_structure, _by_winding):
        try:
            polygons = polygons_of(np.array([read(solid)], dtype=object))[0]
        except shapely.errors.GEOSException:
            found.append(None)
        else:
            found.append(shapely.Polygon() if polygons is None else polygons)
    return found


def _by_line_work(geometry: Any) -> Any:
    return shapely.make_valid(geometry)


def _by_structure(geometry: Any) -> Any:
    return shapely.make_valid(geometry, method="structure", keep_collapsed=False)


def _by_winding(geometry: Any) -> Any:
    return shapely.buffer(geometry, 0)


def _without_flat_rings(geometry: Any) -> Any:
    """Leave out holes that have collapsed to a line or a point, and parts of nothing but such rings."""
    parts = []
    for part in shapely.get_parts(geometry):
        rings = shapely.get_rings(part)
        flat = shapely.is_missing(_filled(rings))
        if not flat.any():
            parts.append(part)
        elif not flat.all():
            parts.append(shapely.Polygon(rings[0], list(rings[1:][~flat[1:]])))
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _filled(rings: Array) -> Array:
    """Give what each ring encloses by itself; None where that is nothing."""
    return polygons_of(shapely.make_valid(shapely.polygons(rings)))


def widest(geometry: Any) -> Any:
    """Read an invalid hazard polygon: the union of its readings; None when it encloses nothing.

    Where a reading cannot be made, all that its rings enclose is taken, holes too.

    Examples
    --------
    >>> bow_tie = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    >>> bow_tie.area, widest(bow_tie).area, narrowest(bow_tie).area
    (0.0, 5000.0, 2500.0)
    """
    if geometry is None or shapely.is_valid(geometry):
        return geometry
    found = all_readings(geometry)
    if any(g is None for g in found):
        found = [*(g for g in found if g is not None), *_filled(shapely.get_rings(geometry))]
    whole = shapely.union_all(found)
    return polygons_of(np.array([whole], dtype=object))[0]


def narrowest(geometry: Any) -> Any:
    """Read an invalid release polygon: the intersection of its readings; None when nothing is sure.

    Where a reading cannot be made, nothing is sure.

    Examples
    --------
    >>> nested = shapely.MultiPolygon([shapely.box(0, 0, 100, 100), shapely.box(20, 20, 80, 80)])
    >>> narrowest(nested).area, widest(nested).area
    (6400.0, 10000.0)
    """
    if geometry is None or shapely.is_valid(geometry):
        return geometry
    common, *others = all_readings(geometry)
    try:
        for other in others:
            common = None if common is None or other is None else shapely.intersection(common, other)
    except shapely.errors.GEOSException:
        return None
    return polygons_of(np.array([common], dtype=object))[0]
