"""What an invalid polygon can mean, and which meaning is taken.

A ring that crosses itself has several readings. A hazard is the union of them, a release their intersection: a repair
can only make an answer worse. Knows shapes in a plane or in degrees; knows nothing of tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]

#: A ring whose area is more than this part of the square of its length encloses something, whatever is rounded.
_SURELY_AREA = 1e-9


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
    return [read[0] for read in _readings(_held(geometry))]


def _held(geometry: Any) -> Array:
    values = np.empty(1, dtype=object)
    values[0] = geometry
    return values


def _readings(geometries: Array) -> Array:
    """Give the readings of many polygons, a row for each way of reading."""
    solid = _without_flat_rings(geometries)
    return np.stack([_read(read, solid) for read in (_by_line_work, _by_structure, _by_winding)])


def _read(read: Callable[[Any], Any], solid: Array) -> Array:
    """Read all in one way at once; one by one where GEOS throws on one of them."""
    try:
        polygons = polygons_of(read(solid))
    except shapely.errors.GEOSException:
        if len(solid) > 1:
            return np.concatenate([_read(read, solid[i : i + 1]) for i in range(len(solid))])
        return _held(None)
    polygons[shapely.is_missing(polygons)] = shapely.Polygon()
    return polygons


def _by_line_work(geometry: Any) -> Any:
    return shapely.make_valid(geometry)


def _by_structure(geometry: Any) -> Any:
    return shapely.make_valid(geometry, method="structure", keep_collapsed=False)


def _by_winding(geometry: Any) -> Any:
    return shapely.buffer(geometry, 0)


def _without_flat_rings(geometries: Array) -> Array:
    """Leave out holes that have collapsed to a line or a point, and parts of nothing but such rings."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    flat = _flat(rings)
    solid = np.array(geometries, dtype=object)
    for i in np.unique(owner[part[flat]]):
        kept = []
        for p in np.flatnonzero(owner == i):
            mine = part == p
            if not flat[mine].any():
                kept.append(parts[p])
            elif not flat[mine].all():
                own = rings[mine]
                kept.append(shapely.Polygon(own[0], list(own[1:][~flat[mine][1:]])))
        solid[i] = kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)
    return solid


def _flat(rings: Array) -> Array:
    """Say which rings enclose nothing by themselves. What has an area by the sum of its turns encloses something."""
    shapes = shapely.polygons(rings)
    doubtful = np.flatnonzero(~(shapely.area(shapes) > _SURELY_AREA * shapely.length(shapes) ** 2))
    flat = np.zeros(len(rings), dtype=bool)
    flat[doubtful] = shapely.is_missing(polygons_of(shapely.make_valid(shapes[doubtful])))
    return flat


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
    return all_widest(_held(geometry))[0]


def all_widest(invalid: Array) -> Array:
    """Read many invalid hazard polygons, as `widest` reads one.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> flat = shapely.Polygon([(0, 0), (100, 100), (0, 0)])
    >>> bow_tie = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    >>> [g and g.area for g in all_widest(np.array([bow_tie, flat], dtype=object))]
    [5000.0, None]
    """
    found = _readings(invalid)
    made = ~shapely.is_missing(found).any(axis=0)
    whole = np.empty(len(invalid), dtype=object)
    whole[made] = shapely.union_all(found[:, made], axis=0)
    for i in np.flatnonzero(~made):
        some = [g for g in found[:, i] if g is not None]
        whole[i] = shapely.union_all([*some, *_filled(shapely.get_rings(invalid[i]))])
    return polygons_of(whole)


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
    return all_narrowest(_held(geometry))[0]


def all_narrowest(invalid: Array) -> Array:
    """Read many invalid release polygons, as `narrowest` reads one.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> bow_tie = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    >>> [g.area for g in all_narrowest(np.array([bow_tie], dtype=object))]
    [2500.0]
    """
    common, *others = _readings(invalid)
    for other in others:
        common = _in_both(common, other)
    return polygons_of(common)


def _in_both(some: Array, others: Array) -> Array:
    """Intersect pair by pair; None where one of them is missing, and where GEOS throws."""
    try:
        return np.asarray(shapely.intersection(some, others), dtype=object)
    except shapely.errors.GEOSException:
        if len(some) > 1:
            return np.concatenate([_in_both(some[i : i + 1], others[i : i + 1]) for i in range(len(some))])
        return _held(None)
