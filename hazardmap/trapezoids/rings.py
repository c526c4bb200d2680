"""Polygons as flat arrays that compiled code can walk: coordinates, rings, and boxes round runs of edges.

Each ring carries a ladder of boxes, one round every 16 edges, every 256 and so on, so that a window on a ring of
200,000 vertices finds its few edges without looking at the rest; shapes carry a ladder over their own boxes in
Hilbert order. Knows arrays of polygons in a plane; knows no table and no day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from hazardmap.trapezoids.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Edges in a run, runs in a run of runs, and shapes in a box of the tree.
FANOUT = 16
#: The curve along which things are ordered has 2^20 steps each way: less than a metre in any country.
_BITS = 20


class Rings(NamedTuple):
    """Polygons as flat arrays.

    Parameters
    ----------
    x, y
        Coordinates of all rings, each closed, metres.
    ring
        Where each ring begins in them, and the end.
    shape
        Where the rings of each shape begin, and the end; a shape without ground has none.
    run
        Where the boxes of each ring begin in `runs`, and the end: first the boxes of 16 edges, then of 256, …
    runs
        West, south, east, north of each run of edges.
    box
        West, south, east, north of each shape; infinite the wrong way round where it has no ground.
    order
        Shapes in the order of the tree.
    floor
        Where each level of the tree begins in `tree`, and the end.
    tree
        Boxes of the levels, each round 16 of the level below (the lowest: 16 shapes of `order`).
    """

    x: Array
    y: Array
    ring: Array
    shape: Array
    run: Array
    runs: Array
    box: Array
    order: Array
    floor: Array
    tree: Array


def rings_of(shapes: Array) -> Rings:
    """Lay polygons out as arrays.

    Parameters
    ----------
    shapes
        Polygons, multipolygons and collections of them in a plane; None and what is no polygon has no ground.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> laid = rings_of(np.array([shapely.box(0, 0, 2, 1), None], dtype=object))
    >>> laid.ring.tolist(), laid.shape.tolist(), laid.box[0].tolist()
    ([0, 5], [0, 1, 1], [0.0, 0.0, 2.0, 1.0])
    """
    values = np.asarray(shapes, dtype=object)
    parts, owner = _polygons(values)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    return from_arrays(
        np.ascontiguousarray(xy[:, 0]),
        np.ascontiguousarray(xy[:, 1]),
        _starts(np.bincount(ring_of, minlength=len(rings))),
        _starts(np.bincount(owner[part], minlength=len(values))),
    )


def _polygons(values: Array) -> tuple[Array, Array]:
    owner = np.arange(len(values))
    while (shapely.get_type_id(values) > 3).any():  # collections hold multipolygons
        values, index = shapely.get_parts(values, return_index=True)
        owner = owner[index]
    keep = (shapely.get_type_id(values) == 3) & ~shapely.is_empty(values)
    return values[keep], owner[keep]


def from_arrays(x: Array, y: Array, ring: Array, shape: Array, *, tree: bool = True) -> Rings:
    """Build the boxes over coordinates that are laid out already; without a tree for shapes that are only asked."""
    run, runs = _runs(x, y, ring)
    box = _spans(runs, run, shape)
    order = _hilbert_order(box) if tree else np.arange(0)
    floor, boxes = ladder(box[order])
    return Rings(x, y, ring, shape, run, runs, box, order, floor, boxes)


def _starts(counts: Array) -> Array:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _sizes(edges: Array) -> list[Array]:
    """Give for each level the number of boxes of each ring; 0 above the box that holds the whole ring."""
    sizes = [-(-edges // FANOUT)]
    while (sizes[-1] > 1).any():
        sizes.append(np.where(sizes[-1] > 1, -(-sizes[-1] // FANOUT), 0))
    return sizes


def _runs(x: Array, y: Array, ring: Array) -> tuple[Array, Array]:
    """Box the runs of 16 edges of each ring, then 16 such boxes each, up to one box a ring."""
    edges = np.maximum(np.diff(ring) - 1, 0)
    sizes = _sizes(edges)
    run = _starts(np.sum(sizes, axis=0) if len(edges) else np.zeros(0, dtype=np.int64))
    runs = np.empty((run[-1], 4))
    if not run[-1]:
        return run, runs
    place = run[:-1].copy()
    owner = np.repeat(np.arange(len(edges)), sizes[0])
    number = np.arange(len(owner)) - np.repeat(np.cumsum(sizes[0]) - sizes[0], sizes[0])
    first = ring[owner] + number * FANOUT
    last = np.minimum(first + FANOUT, ring[owner + 1] - 1)  # the vertex that ends the run
    where = place[owner] + number
    # Neighbouring runs share the vertex between them: reduce up to it, then take it in.
    for column, values, reduce in ((0, x, np.minimum), (1, y, np.minimum), (2, x, np.maximum), (3, y, np.maximum)):
        runs[where, column] = reduce(reduce.reduceat(values, first), values[last])
    for level, size in enumerate(sizes[1:]):
        below, place = place, place + sizes[level]
        owner = np.repeat(np.arange(len(edges)), size)
        number = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
        first = below[owner] + number * FANOUT
        last = np.minimum(first + FANOUT, below[owner] + sizes[level][owner])
        for i in range(FANOUT):
            child = np.minimum(first + i, last - 1)
            box = runs[child]
            if i == 0:
                joined = box.copy()
            else:
                joined[:, :2] = np.minimum(joined[:, :2], box[:, :2])
                joined[:, 2:] = np.maximum(joined[:, 2:], box[:, 2:])
        runs[place[owner] + number] = joined
    return run, runs


def _spans(runs: Array, run: Array, shape: Array) -> Array:
    """Box each shape: the last box of a ring holds all of it."""
    box = np.empty((len(shape) - 1, 4))
    box[:] = (np.inf, np.inf, -np.inf, -np.inf)
    owner = np.repeat(np.arange(len(shape) - 1), np.diff(shape))
    filled = np.diff(run) > 0
    whole, owner = runs[run[1:][filled] - 1], owner[filled]
    for column, reduce in ((0, np.minimum), (1, np.minimum), (2, np.maximum), (3, np.maximum)):
        reduce.at(box[:, column], owner, whole[:, column])
    return box


def ladder(boxes: Array) -> tuple[Array, Array]:
    """Box 16 boxes each, and again, until one box holds all; give where each level begins, and the boxes."""
    floors, levels = [0], []
    while len(boxes):
        starts = np.arange(0, len(boxes), FANOUT)
        boxes = np.column_stack(
            [np.minimum.reduceat(boxes[:, :2], starts, axis=0), np.maximum.reduceat(boxes[:, 2:], starts, axis=0)]
        )
        levels.append(boxes)
        floors.append(floors[-1] + len(boxes))
        if len(boxes) == 1:
            break
    return np.array(floors, dtype=np.int64), np.concatenate(levels) if levels else np.empty((0, 4))


def _hilbert_order(box: Array) -> Array:
    """Order boxes along a Hilbert curve through their middles, so that neighbours share a box of the tree."""
    finite = np.isfinite(box).all(axis=1)
    if not finite.any():
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(finite)[np.argsort(hilbert(box[finite]), kind="stable")]


def hilbert(box: Array) -> Array:
    """Give the place of the middle of each box on a Hilbert curve through all of them (Skilling's transform)."""
    middle = np.column_stack([box[:, 0] + box[:, 2], box[:, 1] + box[:, 3]])
    low = middle.min(axis=0)
    scale = (2**_BITS - 1) / max(float((middle.max(axis=0) - low).max()), 1e-9)
    x, y = ((middle - low) * scale).astype(np.int64).T
    return np.asarray(_along(np.ascontiguousarray(x), np.ascontiguousarray(y)))


@compiled
def _along(x, y):
    place = np.zeros(len(x), dtype=np.int64)
    for i in range(len(x)):
        right, up, bit, along = x[i], y[i], 2 ** (_BITS - 1), 0
        while bit > 0:
            east, north = (right & bit) > 0, (up & bit) > 0
            along += bit * bit * ((3 * np.int64(east)) ^ np.int64(north))
            if not north:
                if east:
                    right, up = 2**_BITS - 1 - right, 2**_BITS - 1 - up
                right, up = up, right
            bit //= 2
        place[i] = along
    return place
