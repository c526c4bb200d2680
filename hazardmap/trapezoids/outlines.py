"""What one walk along an outline can tell for sure: that it does not cross or touch itself, and that no edge is long.

A quick look before GEOS is asked: nearly all plots are small and plain. Whatever is not sure in the last digit is left
to GEOS, so that no answer hangs on this. Knows coordinates; knows no plane and no table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap.trapezoids.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Each edge is compared with each other one: outlines of more edges are GEOS' to look at.
_MOST = 40
#: The sign of a determinant is sure beyond so much of its two products (3.4e-16 would do: Shewchuk's bound).
_SURE = 1e-15
#: Edges that are longer by less than rounding are looked at once more by whoever divides them.
_ROUNDING = 1.0 - 1e-9


@compiled
def _side(xy, a, b, c):
    """Say on which side of the line a–b the point c lies: 1, -1, or 0 where rounding hides it."""
    left = (xy[a, 0] - xy[c, 0]) * (xy[b, 1] - xy[c, 1])
    right = (xy[a, 1] - xy[c, 1]) * (xy[b, 0] - xy[c, 0])
    det, doubt = left - right, _SURE * (abs(left) + abs(right))
    if det > doubt:
        return 1
    return -1 if det < -doubt else 0


@compiled
def _apart(xy, a, b):
    """Say whether the edges that begin at two vertices surely have no point in common."""
    for k in range(2):
        if max(xy[a, k], xy[a + 1, k]) < min(xy[b, k], xy[b + 1, k]):
            return True
        if max(xy[b, k], xy[b + 1, k]) < min(xy[a, k], xy[a + 1, k]):
            return True
    side = _side(xy, a, a + 1, b)
    if side != 0 and side == _side(xy, a, a + 1, b + 1):
        return True
    side = _side(xy, b, b + 1, a)
    return side != 0 and side == _side(xy, b, b + 1, a + 1)


@compiled
def _plain(xy, first, last, step):
    """Look at one outline."""
    edges = last - first - 1
    if edges < 3 or edges > _MOST or xy[first, 0] != xy[last - 1, 0] or xy[first, 1] != xy[last - 1, 1]:
        return False
    for v in range(first, last - 1):
        dx, dy = xy[v + 1, 0] - xy[v, 0], xy[v + 1, 1] - xy[v, 1]
        if not dx * dx + dy * dy < step * step:  # what is no number is not plain
            return False
        # Neighbours have one point in common, unless one runs back along the other.
        if _side(xy, v, v + 1, first + (v + 2 - first) % edges) == 0:
            if dx == 0.0 and dy == 0.0:
                return False
            after = first + (v + 1 - first) % edges
            if dx * (xy[after + 1, 0] - xy[after, 0]) + dy * (xy[after + 1, 1] - xy[after, 1]) <= 0.0:
                return False
    for v in range(first, last - 1):
        # The edge before the first one is its neighbour, too.
        for w in range(v + 2, last - 1 if v > first else last - 2):
            if not _apart(xy, v, w):
                return False
    return True


@compiled
def _plain_outlines(xy, start, step, plain):
    for i in range(len(start) - 1):
        plain[i] = _plain(xy, start[i], start[i + 1], step[i] * _ROUNDING)


def plain_outlines(xy: Array, start: Array, step: Array) -> Array:
    """Say which shapes are surely one ring that does not cross or touch itself, none of its edges longer than a step.

    Parameters
    ----------
    xy
        The coordinates of all shapes, all their rings one after the other.
    start
        Where those of each shape begin, and the end.
    step
        The longest edge of each shape.

    Returns
    -------
    True where it is sure. False says nothing: the outline may have many edges, or come too near to itself.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> shapes = np.array([shapely.box(0, 0, 1, 1), shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])])
    >>> plain_outlines(shapely.get_coordinates(shapes), np.array([0, 5, 10]), np.array([2.0, 2.0])).tolist()
    [True, False]
    """
    plain = np.zeros(len(start) - 1, dtype=np.bool_)
    _plain_outlines(np.ascontiguousarray(xy), start, step, plain)
    return plain
