"""What readers could find by taking outlines of districts away from what is told: places too small to be told alone.

Outlines of districts are public. Where they leave little of a square, overlap or miss each other by little, what one of
them tells and another does not would say where a hazard lies. Knows outlines; knows no record and no state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hazardmap import measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: What lies between districts whose outlines do not quite meet is no ground of its own.
GAP_M = 1.0
#: What is left of a square, or lies in the same districts, if less than this part of a square, is too small.
_ROOM_SHARE = 0.5


@dataclass(frozen=True)
class Outlines:
    """Districts in a plane: each, all together without the gaps between them, and what is too near to lie outside.

    `shared` are the places that lie in the same districts as no other ground of enough size: where two editions of an
    outline differ, or a region is not quite the sum of its districts.
    """

    each: Array
    whole: Any
    near: Any
    shared: Array

    def tight(self, squares: Array, side: float) -> Array:
        """Say in which squares a place could be found by taking districts away.

        Never by what lies in them: a square that is chosen by its hazards would tell them.
        """
        left = shapely.area(shapely.difference(squares, self.whole, grid_size=measure.GRID_M))
        found = (left > 0) & (left < _ROOM_SHARE * side**2)
        if len(self.shared):
            found[shapely.STRtree(self.shared).query(squares, predicate="intersects")[0]] = True
        return np.asarray(found)


def known_outlines(each: Array, side: float) -> Outlines:
    """Lay out districts for squares of a side.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> known = known_outlines(np.array([shapely.box(0, 0, 9, 9), shapely.box(9.5, 0, 18, 9)]), side=4)
    >>> squares = np.array([shapely.box(7, 6, 11, 10), shapely.box(7, 2, 11, 6)])
    >>> round(known.whole.area), known.tight(squares, 4).tolist()
    (162, [True, False])
    """
    whole = shapely.union_all(each, grid_size=measure.GRID_M) if len(each) else shapely.Polygon()
    # By the width of a disc that fits: an average would take a crack for the field in which it ends, or the other way.
    filled = shapely.buffer(shapely.buffer(whole, GAP_M / 2), -GAP_M / 2)
    closed = shapely.union(whole, filled, grid_size=measure.GRID_M)
    return Outlines(each, closed, shapely.buffer(closed, GAP_M), _shared(each, _ROOM_SHARE * side**2))


def _shared(each: Array, least: float) -> Array:
    """Find the places, wider than a gap, whose districts have less ground in common than enough."""
    nothing = np.zeros(0, dtype=object)
    one, other = shapely.STRtree(each).query(each, predicate="intersects")
    one, other = one[one < other], other[one < other]
    members = np.unique(np.r_[one, other][np.tile(_wide(_common(each[one], each[other])), 2)])
    if not len(members):
        return nothing
    edges = shapely.union_all(shapely.boundary(each[members]), grid_size=measure.GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    face, district = shapely.STRtree(each[members]).query(shapely.point_on_surface(faces), predicate="intersects")
    of_face: list[list[int]] = [[] for _ in faces]
    for f, d in zip(face.tolist(), district.tolist(), strict=True):
        of_face[f].append(d)
    _, kind = np.unique(["-".join(map(str, sorted(v))) for v in of_face], return_inverse=True)
    area = np.bincount(kind, shapely.area(faces))[kind]
    inside = np.array([bool(v) for v in of_face])
    return np.asarray(faces[inside & (area < least) & _wide(faces)])


def _common(some: Array, others: Array) -> Array:
    return np.asarray(shapely.intersection(some, others, grid_size=measure.GRID_M), dtype=object)


def _wide(shapes: Array) -> Array:
    """Say in which shapes there is room for a disc as wide as a gap."""
    return np.asarray(~shapely.is_empty(shapely.buffer(shapes, -GAP_M / 2)))
