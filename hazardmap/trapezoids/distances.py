"""The compiled search for the nearest edge: from each plot to the edges of open ground, by a ladder of boxes.

Also finds, for each of two classes, the nearest edge within the error of its boundaries. Knows coordinates and
accuracies; knows no hazards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hazardmap.trapezoids.compiling import compiled
from hazardmap.trapezoids.rings import FANOUT, hilbert, ladder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Distances closer than this are the same; the lower label wins, so that no order of rows or machines matters.
_SAME_M = 1e-6


class Edges(NamedTuple):
    """Edges in Hilbert order under a ladder of boxes.

    Parameters
    ----------
    xy
        x, y, x, y of each edge, metres.
    label
        What each belongs to; lower labels win where distances are equal.
    error
        Accuracy of its boundary for each of two classes, metres; negative where the class is not there.
    floor, tree
        As in `rings.Rings`.
    worst
        The greatest error of each class in each box of the tree.
    """

    xy: Array
    label: Array
    error: Array
    floor: Array
    tree: Array
    worst: Array


def edges_of(xy: Array, label: Array, error: Array) -> Edges:
    """Put edges into their order and box them.

    Examples
    --------
    >>> import numpy as np
    >>> edges_of(np.array([[0.0, 0.0, 1.0, 0.0]]), np.array([7]), np.array([[5.0, -1.0]])).tree.tolist()
    [[0.0, 0.0, 1.0, 0.0]]
    """
    box = np.column_stack([np.minimum(xy[:, :2], xy[:, 2:]), np.maximum(xy[:, :2], xy[:, 2:])])
    order = _in_order(hilbert(box), label, xy) if len(box) else np.zeros(0, dtype=np.int64)
    floor, tree = ladder(box[order])
    error = np.ascontiguousarray(error[order], dtype="float64")
    levels, below = [], error
    for _ in range(len(floor) - 1):
        below = np.maximum.reduceat(below, np.arange(0, len(below), FANOUT), axis=0)
        levels.append(below)
    return Edges(
        np.ascontiguousarray(xy[order]),
        np.ascontiguousarray(label[order], dtype=np.int64),
        error,
        floor,
        tree,
        np.concatenate(levels) if levels else np.empty((0, 2)),
    )


def _in_order(place: Array, label: Array, xy: Array) -> Array:
    """Sort edges by place, label, then coordinates, so that no order of rows matters."""
    key = place * (label.max(initial=0) + 1) + label
    order = np.argsort(key, kind="stable")
    same = np.flatnonzero(np.diff(key[order]) == 0)
    tied = np.union1d(same, same + 1)
    some = order[tied]
    order[tied] = some[np.lexsort((xy[some, 3], xy[some, 2], xy[some, 1], xy[some, 0], key[some]))]
    return order


@compiled
def _gap2(a0, a1, a2, a3, b0, b1, b2, b3):
    """Give the square of the distance of two boxes."""
    dx, dy = max(0.0, b0 - a2, a0 - b2), max(0.0, b1 - a3, a1 - b3)
    return dx * dx + dy * dy


@compiled
def _to_edge(px, py, ax, ay, bx, by):
    """Give the point of an edge nearest to a point, and the square of their distance."""
    ux, uy = bx - ax, by - ay
    length2 = ux * ux + uy * uy
    t = 0.0 if length2 == 0.0 else min(1.0, max(0.0, ((px - ax) * ux + (py - ay) * uy) / length2))
    x, y = ax + t * ux, ay + t * uy
    return x, y, (x - px) * (x - px) + (y - py) * (y - py)


@compiled
def _between(ax, ay, bx, by, cx, cy, dx, dy):
    """Give the square of the distance of two edges, and their nearest points."""
    turn = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if turn != 0.0:
        t = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / turn
        s = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / turn
        if 0.0 <= t <= 1.0 and 0.0 <= s <= 1.0:
            x, y = ax + t * (bx - ax), ay + t * (by - ay)
            return 0.0, x, y, x, y
    fx, fy = ax, ay
    tx, ty, best = _to_edge(ax, ay, cx, cy, dx, dy)
    x, y, d = _to_edge(bx, by, cx, cy, dx, dy)
    if d < best:
        best, fx, fy, tx, ty = d, bx, by, x, y
    x, y, d = _to_edge(cx, cy, ax, ay, bx, by)
    if d < best:
        best, fx, fy, tx, ty = d, x, y, cx, cy
    x, y, d = _to_edge(dx, dy, ax, ay, bx, by)
    if d < best:
        best, fx, fy, tx, ty = d, x, y, dx, dy
    return best, fx, fy, tx, ty


@compiled
def _from_ring(x, y, begin, last, ax, ay, bx, by, limit2, best, fx, fy, tx, ty):
    """Compare an edge with a run of edges of a plot."""
    west, east, south, north = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
    dx, dy = x[begin], y[begin]
    for e in range(begin, last):
        cx, cy = dx, dy
        dx, dy = x[e + 1], y[e + 1]
        gap2 = _gap2(min(cx, dx), min(cy, dy), max(cx, dx), max(cy, dy), west, south, east, north)
        if gap2 > limit2 or gap2 >= best:
            continue
        d, ox, oy, qx, qy = _between(cx, cy, dx, dy, ax, ay, bx, by)
        if d < best:
            best, fx, fy, tx, ty = d, ox, oy, qx, qy
    return best, fx, fy, tx, ty


@compiled
def _from_plot(x, y, ring, shape, run, runs, p, ax, ay, bx, by, limit2, stack):
    """Give the square of the distance of an edge from the boundary of a plot, and the two points.

    Infinite beyond the limit.
    """
    best, fx, fy, tx, ty = np.inf, 0.0, 0.0, 0.0, 0.0
    for r in range(shape[p], shape[p + 1]):
        begin, n = ring[r], ring[r + 1] - ring[r] - 1
        if n <= FANOUT:
            best, fx, fy, tx, ty = _from_ring(x, y, begin, begin + n, ax, ay, bx, by, limit2, best, fx, fy, tx, ty)
            continue
        west, east, south, north = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
        top, size = 0, (n + FANOUT - 1) // FANOUT
        while size > 1:
            top += 1
            size = (size + FANOUT - 1) // FANOUT
        stack[0, 0], stack[0, 1] = top, 0
        depth = 1
        while depth > 0:
            depth -= 1
            level, i = stack[depth, 0], stack[depth, 1]
            at, step, size = run[r], FANOUT, (n + FANOUT - 1) // FANOUT
            below = n
            for _ in range(level):
                at += size
                below = size
                size = (size + FANOUT - 1) // FANOUT
                step *= FANOUT
            at += i
            if _gap2(runs[at, 0], runs[at, 1], runs[at, 2], runs[at, 3], west, south, east, north) > min(limit2, best):
                continue
            if level > 0:
                for k in range(i * FANOUT, min((i + 1) * FANOUT, below)):
                    stack[depth, 0], stack[depth, 1] = level - 1, k
                    depth += 1
                continue
            best, fx, fy, tx, ty = _from_ring(
                x, y, begin + i * step, begin + min((i + 1) * step, n), ax, ay, bx, by, limit2, best, fx, fy, tx, ty
            )
    return best, fx, fy, tx, ty


@compiled
def nearest(plots, first, last, edges, accuracy, stretch, known, out, out_label, out_within):
    """Find for each plot the nearest edge, and the nearest within the error of its boundary for each class.

    An edge is within the error when its distance is at most ``stretch × √(error² + accuracy²)``. Plots marked in
    `known` (they overlap open ground) are only asked for the errors. Writes to `out`: distance, x, y on the plot,
    x, y on the edge; to `out_label` the label of the nearest (-1: none); to `out_within` for each class the label of
    the nearest edge within its error (-1: none).
    """
    x, y, ring, shape, run, runs = plots.x, plots.y, plots.ring, plots.shape, plots.run, plots.runs
    xy, labels, error, floor, tree, worst = edges.xy, edges.label, edges.error, edges.floor, edges.tree, edges.worst
    levels = len(floor) - 1
    stack = np.empty((1024, 2), dtype=np.int64)
    gaps = np.empty(1024)
    walk = np.empty((512, 2), dtype=np.int64)
    order = np.empty(FANOUT, dtype=np.int64)
    near = np.empty(FANOUT)
    within = np.empty(2)
    seed = -1
    for p in range(first, last):
        out[p, 0] = np.inf
        out_label[p], out_within[p, 0], out_within[p, 1] = -1, -1, -1
        box = plots.box
        b0, b1, b2, b3 = box[p, 0], box[p, 1], box[p, 2], box[p, 3]
        if levels < 1 or not b2 >= b0:
            continue
        own2, scale2 = accuracy[p] * accuracy[p], stretch[p] * stretch[p]
        best = -np.inf if known[p] else np.inf  # how far the nearest is so far; below that nothing is looked at
        best2 = -1.0 if known[p] else np.inf
        within[0], within[1] = np.inf, np.inf
        if seed >= 0 and not known[p]:  # the neighbour's answer bounds this one's
            d2 = _from_plot(
                x, y, ring, shape, run, runs, p, xy[seed, 0], xy[seed, 1], xy[seed, 2], xy[seed, 3], np.inf, walk
            )[0]
            best = np.sqrt(d2) + 2 * _SAME_M
            best2 = (best + _SAME_M) * (best + _SAME_M)
        stack[0, 0], stack[0, 1], gaps[0] = levels - 1, 0, 0.0
        depth = 1
        while depth > 0:
            depth -= 1
            level, i, gap2 = stack[depth, 0], stack[depth, 1], gaps[depth]
            if gap2 > best2:
                at = floor[level] + i
                reach2 = -1.0
                for c in range(2):
                    if worst[at, c] >= 0.0:
                        reach2 = max(reach2, scale2 * (worst[at, c] * worst[at, c] + own2))
                if gap2 > reach2:
                    continue
            if level > 0:
                below = floor[level] - floor[level - 1]
                low, m = floor[level - 1], 0
                for k in range(i * FANOUT, min((i + 1) * FANOUT, below)):
                    at = low + k
                    d = _gap2(b0, b1, b2, b3, tree[at, 0], tree[at, 1], tree[at, 2], tree[at, 3])
                    if d > best2:
                        reach2 = -1.0
                        for c in range(2):
                            if worst[at, c] >= 0.0:
                                reach2 = max(reach2, scale2 * (worst[at, c] * worst[at, c] + own2))
                        if d > reach2:
                            continue
                    j = m
                    while j > 0 and near[j - 1] < d:
                        near[j], order[j] = near[j - 1], order[j - 1]
                        j -= 1
                    near[j], order[j] = d, k
                    m += 1
                for j in range(m):  # the nearest is taken up first
                    stack[depth, 0], stack[depth, 1], gaps[depth] = level - 1, order[j], near[j]
                    depth += 1
                continue
            for k in range(i * FANOUT, min((i + 1) * FANOUT, len(labels))):
                ax, ay, bx, by = xy[k, 0], xy[k, 1], xy[k, 2], xy[k, 3]
                gap2 = _gap2(b0, b1, b2, b3, min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
                reach2 = -1.0
                for c in range(2):
                    if error[k, c] >= 0.0:
                        reach2 = max(reach2, scale2 * (error[k, c] * error[k, c] + own2))
                if gap2 > best2 and gap2 > reach2:
                    continue
                limit2 = max(best2, reach2) + _SAME_M
                d2, fx, fy, tx, ty = _from_plot(x, y, ring, shape, run, runs, p, ax, ay, bx, by, limit2, walk)
                if d2 > limit2:
                    continue
                d, label = np.sqrt(d2), labels[k]
                for c in range(2):
                    if (
                        error[k, c] >= 0.0
                        and d2 <= scale2 * (error[k, c] * error[k, c] + own2)
                        and (d < within[c] - _SAME_M or (d <= within[c] + _SAME_M and label < out_within[p, c]))
                    ):
                        out_within[p, c] = label
                        within[c] = min(within[c], d)
                if known[p]:
                    continue
                if d < out[p, 0] - _SAME_M or (d <= out[p, 0] + _SAME_M and label < out_label[p]):
                    out[p, 0], out[p, 1], out[p, 2], out[p, 3], out[p, 4] = d, fx, fy, tx, ty
                    out_label[p], seed = label, k
                    if d < best:
                        best = d
                        best2 = (best + _SAME_M) * (best + _SAME_M)
