"""The compiled look to both sides of every edge: which sets of shapes meet there.

Ground that is thinner than the look reaches is not seen, so that what runs along an edge leaves no spike. Knows
coordinates; knows no hazards.
"""

from __future__ import annotations

import numpy as np

from hazardmap.trapezoids.compiling import compiled
from hazardmap.trapezoids.gathering import TOO_SMALL, base_of, enter, gather, halve, set_of, touched
from hazardmap.trapezoids.rings import FANOUT

#: A window with more edges than this is halved, down to windows of a metre: each edge looks at all edges of its window.
_MOST_BESIDE = 72


@compiled
def _new_set(w, count, near, px, py, sets, at, a, b):
    """Enter the set that covers a point, which has not been met before; give its number, or TOO_SMALL."""
    known = np.int64(TOO_SMALL)
    for turn in range(2):
        if turn == 1:
            known = enter(w, sets, at, a, b, near)
        for i in range(count):
            e = w.edges
            if (
                e[i, 1] < py <= e[i, 3]
                and (e[i, 2] - e[i, 0]) * (py - e[i, 1]) - (e[i, 3] - e[i, 1]) * (px - e[i, 0]) < 0.0
            ):
                w.inside[w.owner[i]] = not w.inside[w.owner[i]]
    return known


@compiled
def _keys_beside(edges, owner, pair, count, base_a, base_b, px, py, qx, qy):
    """Give the keys of the sets that cover two points of a window."""
    a, b, c, d = base_a, base_b, base_a, base_b
    for i in range(count):
        ax, ay, bx, by = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
        k = owner[i]
        if ay < py <= by and (bx - ax) * (py - ay) - (by - ay) * (px - ax) < 0.0:
            a, b = a ^ pair[k, 0], b ^ pair[k, 1]
        if ay < qy <= by and (bx - ax) * (qy - ay) - (by - ay) * (qx - ax) < 0.0:
            c, d = c ^ pair[k, 0], d ^ pair[k, 1]
    return a, b, c, d


@compiled
def _level_edges(shapes, s, x0, y0, x1, y1, w, flat):
    """Collect the level edges of a shape in a window, which no sweep needs but whose sides may differ."""
    for r in range(shapes.shape[s], shapes.shape[s + 1]):
        begin, n = shapes.ring[r], shapes.ring[r + 1] - shapes.ring[r] - 1
        for block in range((n + FANOUT - 1) // FANOUT):
            b = shapes.runs[shapes.run[r] + block]
            if b[0] > x1 or b[2] < x0 or b[1] > y1 or b[3] < y0:
                continue
            for e in range(begin + block * FANOUT, begin + min((block + 1) * FANOUT, n)):
                height = shapes.y[e]
                if height != shapes.y[e + 1] or height < y0 or height > y1:
                    continue
                west, east = min(shapes.x[e], shapes.x[e + 1]), max(shapes.x[e], shapes.x[e + 1])
                if east <= x0 or west >= x1 or flat < 0:
                    continue
                if flat == len(w.flat):
                    return TOO_SMALL
                w.flat[flat, 0], w.flat[flat, 1], w.flat[flat, 2] = max(west, x0), min(east, x1), height
                flat += 1
    return flat


@compiled
def _cuts(e, count, level, flat, ax, ay, bx, by, xs):
    """List in `xs` the places along an edge (0 … 1) where others cross or touch it; give how many, or TOO_SMALL."""
    xs[0], xs[1] = 0.0, 1.0
    n = 2
    ux, uy = bx - ax, by - ay
    length2 = ux * ux + uy * uy
    west, east, south, north = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
    for i in range(count):
        cy, dy = e[i, 1], e[i, 3]
        if cy > north or dy < south:
            continue
        cx, dx = e[i, 0], e[i, 2]
        if min(cx, dx) > east or max(cx, dx) < west:
            continue
        if n + 3 > len(xs):
            return TOO_SMALL
        # How far the ends of the other lie beside this one, times its length: both on one side, it is not crossed.
        from_c, from_d = (cx - ax) * uy - (cy - ay) * ux, (dx - ax) * uy - (dy - ay) * ux
        close_c, close_d = from_c * from_c < 1e-4 * length2, from_d * from_d < 1e-4 * length2
        if from_c * from_d > 0.0 and not close_c and not close_d:
            continue
        if from_c * from_d < 0.0:
            along = (from_c * dx - from_d * cx) / (from_c - from_d)
            height = (from_c * dy - from_d * cy) / (from_c - from_d)
            t = ((along - ax) * ux + (height - ay) * uy) / length2
            if 0.0 < t < 1.0:
                xs[n] = t
                n += 1
        for k in range(2):  # ends of what runs along it
            if close_d if k else close_c:
                t = (((dx if k else cx) - ax) * ux + ((dy if k else cy) - ay) * uy) / length2
                if 0.0 < t < 1.0:
                    xs[n] = t
                    n += 1
    if ay != by:  # level edges, which no sweep needs, stand apart
        for i in range(flat):
            t = (level[i, 2] - ay) / (by - ay)
            along = ax + t * ux
            if 0.0 < t < 1.0 and level[i, 0] - 1e-2 <= along <= level[i, 1] + 1e-2:
                if n == len(xs):
                    return TOO_SMALL
                xs[n] = t
                n += 1
    xs[:n].sort()
    return n


@compiled
def _sides_of(w, count, flat, near, base_a, base_b, ax, ay, bx, by, reach, sets, rows, out_xy, out_sets):
    """Write the pieces of one edge whose sides differ; give the numbers of rows (or TOO_SMALL) and of sets."""
    length = np.hypot(bx - ax, by - ay)
    if length == 0.0:
        return rows, sets
    cuts = _cuts(w.edges, count, w.flat, flat, ax, ay, bx, by, w.xs)
    if cuts < 0:
        return TOO_SMALL, 0
    ox, oy = -(by - ay) / length * reach, (bx - ax) / length * reach
    begins = 0.0
    for k in range(1, cuts):
        ends = w.xs[k]
        if (ends - begins) * length < reach and k < cuts - 1:
            continue
        t = 0.5 * (begins + ends)
        mx, my = ax + t * (bx - ax), ay + t * (by - ay)
        a, b, c, d = _keys_beside(w.edges, w.owner, w.pair, count, base_a, base_b, mx + ox, my + oy, mx - ox, my - oy)
        if a != c or b != d:
            left, at = set_of(w.table, w.keys, a, b)
            if left < 0:
                left = _new_set(w, count, near, mx + ox, my + oy, sets, at, a, b)
                sets += 1
            right, at = set_of(w.table, w.keys, c, d)
            if right < 0 and left >= 0:
                right = _new_set(w, count, near, mx - ox, my - oy, sets, at, c, d)
                sets += 1
            if left < 0 or right < 0 or rows == len(out_xy):
                return TOO_SMALL, 0
            out_xy[rows, 0], out_xy[rows, 1] = ax + begins * (bx - ax), ay + begins * (by - ay)
            out_xy[rows, 2], out_xy[rows, 3] = ax + ends * (bx - ax), ay + ends * (by - ay)
            out_sets[rows, 0], out_sets[rows, 1] = left, right
            rows += 1
        begins = ends
    return rows, sets


@compiled
def _within(ax, ay, bx, by, x0, y0, x1, y1):
    """Give from where to where (0 … 1) an edge lies in a window."""
    low, high = 0.0, 1.0
    for d, toward, away in ((bx - ax, x0 - ax, x1 - ax), (by - ay, y0 - ay, y1 - ay)):
        if d == 0.0:
            if toward > 0.0 or away < 0.0:
                return 1.0, 0.0
        else:
            a, b = toward / d, away / d
            low, high = max(low, min(a, b)), min(high, max(a, b))
    return low, high


@compiled
def quarters(shapes, x0, y0, x1, y1, most, w, out):
    """Divide a window until no part of it meets more shapes than `most`; give how many parts (or TOO_SMALL)."""
    stack, parts = w.windows, 0
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = x0, y0, x1, y1
    depth = 1
    while depth > 0:
        depth -= 1
        x0, y0, x1, y1 = stack[depth, 0], stack[depth, 1], stack[depth, 2], stack[depth, 3]
        near = touched(shapes, x0, y0, x1, y1, w.near, w.stack)
        if near < 0:
            return TOO_SMALL
        if near == 0:
            continue
        if near > most and max(x1 - x0, y1 - y0) > 1.0:
            if depth + 2 > len(stack):
                return TOO_SMALL
            halve(stack, depth, x0, y0, x1, y1)
            depth += 2
            continue
        if parts == len(out):
            return TOO_SMALL
        out[parts, 0], out[parts, 1], out[parts, 2], out[parts, 3] = x0, y0, x1, y1
        parts += 1
    return parts


@compiled
def sides(shapes, windows, first, last, cuts_ground, reach, w, out_xy, out_sets):
    """Cut the edges of shapes where others cross them, and say which sets lie ``reach`` to both sides of each piece.

    Asked window by window (they must not overlap), of those only that meet a shape marked in `cuts_ground`. Only pieces
    with different sets on their sides are written (x, y, x, y; set on the left, on the right). Gives how many (or
    TOO_SMALL) and how many sets there are.
    """
    sets, rows = 0, 0
    stack = w.windows
    for window in range(first, last):
        for c in range(4):
            stack[0, c] = windows[window, c]
        depth = 1
        while depth > 0:
            depth -= 1
            x0, y0, x1, y1 = stack[depth, 0], stack[depth, 1], stack[depth, 2], stack[depth, 3]
            # What lies beside an edge at the rim of the window lies outside it.
            west, south, east, north = x0 - 2 * reach, y0 - 2 * reach, x1 + 2 * reach, y1 + 2 * reach
            near = touched(shapes, west, south, east, north, w.near, w.stack)
            if near < 0 or near > len(w.inside):
                return TOO_SMALL, 0
            wanted = False
            for i in range(near):
                wanted |= cuts_ground[w.near[i]]
            if not wanted:
                continue
            count = gather(shapes, w.near, near, 0, west, south, east, north, w.edges, w.owner, w.inside, w.stack, 0)
            if count < 0:
                return TOO_SMALL, 0
            if count > _MOST_BESIDE and max(x1 - x0, y1 - y0) > 1.0:
                if depth + 2 > len(stack):
                    return TOO_SMALL, 0
                halve(stack, depth, x0, y0, x1, y1)
                depth += 2
                continue
            flat = 0
            for i in range(near):
                flat = _level_edges(shapes, w.near[i], x0, y0, x1, y1, w, flat)
            if flat < 0:
                return TOO_SMALL, 0
            base_a, base_b = base_of(w.near, w.inside, near, w.pair)
            for i in range(count + flat):
                if i < count:
                    ax, ay, bx, by = w.edges[i, 0], w.edges[i, 1], w.edges[i, 2], w.edges[i, 3]
                    if ax == bx and ax < x0:
                        continue  # the left side of the window itself
                    again = False
                    for j in range(i):  # releases often run along the very edges of their hazards
                        again |= (
                            w.edges[j, 0] == ax and w.edges[j, 1] == ay and w.edges[j, 2] == bx and w.edges[j, 3] == by
                        )
                    if again:
                        continue
                    low, high = _within(ax, ay, bx, by, x0, y0, x1, y1)
                    if low >= high:
                        continue
                    ax, ay, bx, by = (
                        ax + low * (bx - ax), ay + low * (by - ay), ax + high * (bx - ax), ay + high * (by - ay)
                    )  # fmt: skip
                else:
                    ax, bx, ay = w.flat[i - count, 0], w.flat[i - count, 1], w.flat[i - count, 2]
                    by = ay
                rows, sets = _sides_of(
                    w, count, flat, near, base_a, base_b, ax, ay, bx, by, reach, sets, rows, out_xy, out_sets
                )
                if rows < 0:
                    return TOO_SMALL, 0
    return rows, sets
