"""The second method: points on a plot, and which shapes wind round them. Confirms what the sweep has measured.

Shares no code with the sweep: it takes candidates from GEOS' tree, counts windings (non-zero) over uncut edges with no
box round runs of them, and looks at points instead of areas. Knows coordinates; knows no hazards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap.trapezoids.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.trapezoids.rings import Rings

    Array = NDArray[Any]

#: Points looked for on each plot, spread evenly, and places tried to find them; and as many corners at most.
POINTS = 40
_TRIES = 400
CORNERS = 16
#: On a plot under giant shapes fewer points are looked at, never less than this; a point costs a walk round each shape.
_LEAST_POINTS = 8
_STEPS = 4_000_000


@compiled
def _turns(ax, ay, bx, by, margin):
    """Count how an edge turns round the origin as it crosses the line to the right of it (1, -1, 0); 2: it is near."""
    if min(ay, by) <= margin and max(ay, by) >= -margin and min(ax, bx) <= margin and max(ax, bx) >= -margin:
        ux, uy = bx - ax, by - ay
        length2 = ux * ux + uy * uy
        t = 0.0 if length2 == 0.0 else min(1.0, max(0.0, -(ax * ux + ay * uy) / length2))
        if np.hypot(ax + t * ux, ay + t * uy) <= margin:
            return 2
    if ay <= 0.0:
        return 1 if by > 0.0 and ax * by - ay * bx > 0.0 else 0
    return -1 if by <= 0.0 and ax * by - ay * bx < 0.0 else 0


@compiled
def _winds(edges, ring, first, last, px, py, margin):
    """Say whether some rings wind round a point (1), not (0), or their boundary is too near to say (-1).

    Rings may run either way, holes too: a point lies inside when an odd number of rings wind round it.
    """
    inside = 0
    for r in range(first, last):
        turns = 0
        for e in range(ring[r], ring[r + 1]):
            turn = _turns(edges[e, 0] - px, edges[e, 1] - py, edges[e, 2] - px, edges[e, 3] - py, margin)
            if turn == 2:
                return -1
            turns += turn
        if turns != 0:
            inside = 1 - inside
    return inside


@compiled
def _level(x, y, ring, shape, s, west, south, north, edges, start, count):
    """List the edges of a shape that count for points in a box: those level with it and not all to the left of it.

    The others are crossed by no line to the right of such a point. `start` says where those of each ring begin, from
    place `count` on; give the next place.
    """
    for r in range(shape[s], shape[s + 1]):
        n = start[count]
        for e in range(ring[r], ring[r + 1] - 1):
            if max(y[e], y[e + 1]) < south or min(y[e], y[e + 1]) > north or max(x[e], x[e + 1]) < west:
                continue
            edges[n, 0], edges[n, 1], edges[n, 2], edges[n, 3] = x[e], y[e], x[e + 1], y[e + 1]
            n += 1
        count += 1
        start[count] = n
    return count


@compiled
def _winding_points(px, py, pring, pshape, plots, x, y, ring, shape, start, near, margin, out_even, out_n, flags):
    edges, begins = np.empty((4096, 4)), np.zeros(256, dtype=np.int64)
    for i in range(len(plots)):
        p = plots[i]
        west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
        first, last = pring[pshape[p]], pring[pshape[p + 1]]
        for v in range(first, last):
            west, east = min(west, px[v]), max(east, px[v])
            south, north = min(south, py[v]), max(north, py[v])
        walk, rings = last - first, pshape[p + 1] - pshape[p]
        for k in range(start[i], start[i + 1]):
            walk += ring[shape[near[k] + 1]] - ring[shape[near[k]]]
            rings += shape[near[k] + 1] - shape[near[k]]
        if walk > len(edges):
            edges = np.empty((2 * walk, 4))
        if rings + 1 > len(begins):
            begins = np.zeros(2 * rings + 1, dtype=np.int64)
        wide = 2.0 * margin + 1e-6  # points lie in the box but for rounding, and what is near them counts
        listed = _level(px, py, pring, pshape, p, west - wide, south - wide, north + wide, edges, begins, 0)
        for k in range(start[i], start[i + 1]):
            listed = _level(x, y, ring, shape, near[k], west - wide, south - wide, north + wide, edges, begins, listed)
        wanted = max(_LEAST_POINTS, min(POINTS, _STEPS // max(walk, 1)))
        corners = min(CORNERS, wanted // 2, last - first - 2)
        found = 0
        for t in range(_TRIES + corners):
            if t < _TRIES:  # spread evenly over the box (the R2 sequence)
                if found == wanted:
                    continue
                qx = west + (east - west) * ((0.5 + 0.7548776662466927 * (t + 1)) % 1.0)
                qy = south + (north - south) * ((0.5 + 0.5698402909980532 * (t + 1)) % 1.0)
            else:  # beside a corner, where slivers are
                if t == _TRIES:
                    out_even[i] = found
                v = first + (t - _TRIES) * (last - first - 2) // corners
                qx = 0.9 * px[v + 1] + 0.05 * (px[v] + px[v + 2])
                qy = 0.9 * py[v + 1] + 0.05 * (py[v] + py[v + 2])
            at = pshape[p + 1] - pshape[p]
            if _winds(edges, begins, 0, at, qx, qy, margin) != 1:
                continue
            sure = True
            for k in range(start[i], start[i + 1]):
                until = at + shape[near[k] + 1] - shape[near[k]]
                w = _winds(edges, begins, at, until, qx, qy, margin)
                at = until
                if w < 0:
                    sure = False
                    break
                flags[found, k] = w == 1
            if sure:
                found += 1
        out_n[i] = found
        if corners < 1:
            out_even[i] = found


def points_on(plots: Rings, which: Array, shapes: Rings, start: Array, near: Array, margin: float) -> tuple[Any, ...]:
    """Find points on plots and the shapes that wind round each.

    Parameters
    ----------
    plots, which
        The plots, and the numbers of those asked about.
    shapes
        The shapes.
    start, near
        For each plot asked about, where its candidates begin in ``near`` (and the end), and their numbers.
    margin
        Points nearer than this to a boundary are not taken.

    Returns
    -------
    For each plot how many points are spread evenly over it, and how many there are with those beside its corners, which
    come last; and of each point and candidate whether the shape holds the point, as rows ``[point, candidate]`` (points
    beyond the number found are meaningless).
    """
    flags = np.zeros((POINTS + CORNERS, len(near)), dtype=np.bool_)
    even, count = np.zeros(len(which), dtype=np.int64), np.zeros(len(which), dtype=np.int64)
    _winding_points(
        plots.x, plots.y, plots.ring, plots.shape, which, shapes.x, shapes.y, shapes.ring, shapes.shape,
        start, near, margin, even, count, flags,
    )  # fmt: skip
    return even, count, flags
