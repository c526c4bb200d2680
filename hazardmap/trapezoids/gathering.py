"""What lies in a window: the shapes that meet it, their edges, and the sets of shapes met so far.

Edges are cut to the window; what lies left of it counts by its parity alone. A set of shapes is known by two 64-bit
keys: each shape has two random ones, a set is their exclusive or. Arrays are passed one by one where calls are many:
a call that takes a tuple of arrays counts references to each. Knows coordinates; knows no hazards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hazardmap.trapezoids.compiling import compiled
from hazardmap.trapezoids.rings import FANOUT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: What a compiled call gives back when its scratch arrays were too small: the caller enlarges them and asks again.
TOO_SMALL = -1


class Scratch(NamedTuple):
    """Room that a compiled call works in; `sets` of shapes collect in `keys`, `start`, `members` through `table`."""

    edges: Array
    flat: Array
    owner: Array
    ys: Array
    xs: Array
    active: Array
    near: Array
    pair: Array
    ax: Array
    ay: Array
    bx: Array
    by: Array
    ka: Array
    kb: Array
    hit: Array
    inside: Array
    stack: Array
    windows: Array
    table: Array
    keys: Array
    start: Array
    members: Array
    area: Array
    thick: Array
    stamp: Array
    touched: Array


def scratch(size: int) -> Scratch:
    """Make room for about `size` edges in a window and as many sets of shapes."""
    return Scratch(
        edges=np.empty((size, 4)),
        flat=np.empty((size, 3)),
        owner=np.empty(size, dtype=np.int64),
        ys=np.empty(8 * size),
        xs=np.empty(size),
        active=np.empty(size, dtype=np.int64),
        near=np.empty(size, dtype=np.int64),
        pair=np.empty((size, 2), dtype=np.uint64),
        ax=np.empty(size),
        ay=np.empty(size),
        bx=np.empty(size),
        by=np.empty(size),
        ka=np.empty(size, dtype=np.uint64),
        kb=np.empty(size, dtype=np.uint64),
        hit=np.empty(size, dtype=np.int64),
        inside=np.zeros(size, dtype=np.bool_),
        stack=np.empty((2048, 2), dtype=np.int64),
        windows=np.empty((1024, 4)),
        table=np.full(1 << int(np.ceil(np.log2(2 * size))), -1, dtype=np.int64),
        keys=np.empty((size, 2), dtype=np.uint64),
        start=np.zeros(size + 1, dtype=np.int64),
        members=np.empty(8 * size, dtype=np.int64),
        area=np.zeros(size),
        thick=np.zeros(size, dtype=np.bool_),
        stamp=np.full(size, -1, dtype=np.int64),
        touched=np.empty(size, dtype=np.int64),
    )


@compiled
def key_of(shape):
    """Mix the number of a shape into two 64-bit keys (splitmix64, twice)."""
    a = (np.uint64(shape) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    a = (a ^ (a >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    a = (a ^ (a >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    a = a ^ (a >> np.uint64(31))
    b = (a + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
    b = (b ^ (b >> np.uint64(29))) * np.uint64(0x94D049BB133111EB)
    return a, b ^ (b >> np.uint64(32))


@compiled
def touched(shapes, x0, y0, x1, y1, near, stack):
    """List in `near` the shapes whose boxes meet a window, by number; give how many, or TOO_SMALL."""
    floor, tree, order, box = shapes.floor, shapes.tree, shapes.order, shapes.box
    levels = len(floor) - 1
    if levels < 1:
        return 0
    count, top = 0, 1
    stack[0, 0], stack[0, 1] = levels - 1, 0
    while top > 0:
        top -= 1
        level, i = stack[top, 0], stack[top, 1]
        below = len(order) if level == 0 else floor[level] - floor[level - 1]
        for k in range(i * FANOUT, min((i + 1) * FANOUT, below)):
            if level > 0:
                at = floor[level - 1] + k
                if tree[at, 0] <= x1 and tree[at, 2] >= x0 and tree[at, 1] <= y1 and tree[at, 3] >= y0:
                    stack[top, 0], stack[top, 1] = level - 1, k
                    top += 1
                continue
            s = order[k]
            if box[s, 0] <= x1 and box[s, 2] >= x0 and box[s, 1] <= y1 and box[s, 3] >= y0:
                if count == len(near):
                    return TOO_SMALL
                near[count] = s
                count += 1
    near[:count].sort()
    return count


@compiled
def gather(shapes, near, several, first_owner, x0, y0, x1, y1, edges, owner, inside, stack, count):
    """Collect the edges of shapes in a window, each upwards, level ones never; give how many there are now.

    What lies left of the window counts by its parity only: `inside` says of each shape whether it covers the lower left
    corner, and each crossing of the left side adds an edge up that side. What lies right of the window counts for
    nothing. One question, on which side of an edge the corner lies, settles both whether the edge passes left of the
    corner and whether it crosses the left side above it, so that rounding can never make the two disagree. Gives
    TOO_SMALL when there is no room.
    """
    x, y, ring, shape, run, runs = shapes.x, shapes.y, shapes.ring, shapes.shape, shapes.run, shapes.runs
    room = len(edges) - 2
    for i in range(several):
        parity = False
        for r in range(shape[near[i]], shape[near[i] + 1]):
            begin, n = ring[r], ring[r + 1] - ring[r] - 1
            if n < 1:
                continue
            top, size = 0, (n + FANOUT - 1) // FANOUT
            while size > 1:
                top += 1
                size = (size + FANOUT - 1) // FANOUT
            stack[0, 0], stack[0, 1] = top, 0
            depth = 1
            while depth > 0:
                depth -= 1
                level, k = stack[depth, 0], stack[depth, 1]
                at, step, size = run[r], FANOUT, (n + FANOUT - 1) // FANOUT
                below = n
                for _ in range(level):  # the boxes of a level stand behind those of the level below
                    at += size
                    below = size
                    size = (size + FANOUT - 1) // FANOUT
                    step *= FANOUT
                at += k
                if runs[at, 3] < y0 or runs[at, 1] > y1 or runs[at, 0] > x1:
                    continue
                first, last = begin + k * step, begin + min((k + 1) * step, n)
                if runs[at, 2] < x0:
                    parity ^= (y[first] <= y0) != (y[last] <= y0)
                    continue
                if level > 0:
                    for child in range(k * FANOUT, min((k + 1) * FANOUT, below)):
                        stack[depth, 0], stack[depth, 1] = level - 1, child
                        depth += 1
                    continue
                ax, ay = x[first], y[first]
                for e in range(first, last):
                    px, py = ax, ay
                    ax, ay = x[e + 1], y[e + 1]
                    if (py <= y0 and ay <= y0) or (py > y1 and ay > y1):
                        continue
                    starts = (py <= y0) != (ay <= y0)
                    if px < x0 and ax < x0:
                        parity ^= starts
                        continue
                    if px > x1 and ax > x1:
                        continue
                    if count > room:
                        return TOO_SMALL
                    # From here on from west to east.
                    if px > ax:
                        qx, qy, rx, ry = ax, ay, px, py
                    else:
                        qx, qy, rx, ry = px, py, ax, ay
                    if qx < x0:
                        above = True
                        if starts:
                            side = (rx - qx) * (y0 - qy) - (ry - qy) * (x0 - qx)
                            passes = side < 0.0 if ry > qy else side > 0.0
                            parity ^= passes
                            above = passes == (qy <= y0)
                        height = qy + (x0 - qx) * ((ry - qy) / (rx - qx))
                        height = min(max(height, min(qy, ry)), max(qy, ry))
                        if above:
                            height = max(height, y0)
                            if height < y1:
                                edges[count, 0], edges[count, 1] = x0, height
                                edges[count, 2], edges[count, 3] = x0, y1
                                owner[count] = first_owner + i
                                count += 1
                        else:
                            height = min(height, y0)
                        qx, qy = x0, height
                    if rx > x1:
                        if qx == rx:
                            continue
                        ry = qy + (x1 - qx) * ((ry - qy) / (rx - qx))
                        rx = x1
                    if qy < ry:
                        if ry > y0 and qy < y1:
                            edges[count, 0], edges[count, 1], edges[count, 2], edges[count, 3] = qx, qy, rx, ry
                            owner[count] = first_owner + i
                            count += 1
                    elif ry < qy and qy > y0 and ry < y1:
                        edges[count, 0], edges[count, 1], edges[count, 2], edges[count, 3] = rx, ry, qx, qy
                        owner[count] = first_owner + i
                        count += 1
        inside[i] = parity
    return count


@compiled
def set_of(table, keys, a, b):
    """Find a set of shapes by its keys: its number, or -1 and the free place in the table."""
    mask = len(table) - 1
    at = np.int64(a & np.uint64(mask))
    while table[at] >= 0:
        k = table[at]
        if keys[k, 0] == a and keys[k, 1] == b:
            return k, at
        at = (at + 1) & mask
    return -1, at


@compiled
def enter(w, sets, at, a, b, shapes):
    """Enter a new set: the shapes of `w.near` that are `w.inside`; give its number, or TOO_SMALL."""
    if sets + 1 >= len(w.keys) or w.start[sets] + shapes > len(w.members):
        return TOO_SMALL
    end = w.start[sets]
    for i in range(shapes):
        if w.inside[i]:
            w.members[end] = w.near[i]
            end += 1
    w.start[sets + 1] = end
    w.keys[sets, 0], w.keys[sets, 1] = a, b
    w.table[at] = sets
    return sets


@compiled
def base_of(near, inside, shapes, pair):
    """Give the keys of each shape of a window in `pair`, and those of the set that covers its lower left corner."""
    a, b = np.uint64(0), np.uint64(0)
    for i in range(shapes):
        ka, kb = key_of(near[i])
        pair[i, 0], pair[i, 1] = ka, kb
        if inside[i]:
            a, b = a ^ ka, b ^ kb
    return a, b


@compiled
def halve(stack, depth, x0, y0, x1, y1):
    """Put the two halves of a window on a stack."""
    for k in range(2):
        stack[depth + k, 0], stack[depth + k, 1], stack[depth + k, 2], stack[depth + k, 3] = x0, y0, x1, y1
    if x1 - x0 > y1 - y0:
        stack[depth, 2] = stack[depth + 1, 0] = (x0 + x1) / 2
    else:
        stack[depth, 3] = stack[depth + 1, 1] = (y0 + y1) / 2
