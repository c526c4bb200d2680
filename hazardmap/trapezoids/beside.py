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
_MOST_BESIDE = 104
#: What ends so near to an edge divides it.
_CLOSE_M = 0.01


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
def _keys_beside(ax, ay, bx, by, ka, kb, count, base_a, base_b, px, py, qx, qy):
    """Give the keys of the sets that cover two points of a window (no branches: eight edges are done at a time)."""
    a, b, c, d = base_a, base_b, base_a, base_b
    for i in range(count):
        x, y = bx[i] - ax[i], by[i] - ay[i]
        p = np.uint64((ay[i] < py) & (py <= by[i]) & (x * (py - ay[i]) - y * (px - ax[i]) < 0.0))
        q = np.uint64((ay[i] < qy) & (qy <= by[i]) & (x * (qy - ay[i]) - y * (qx - ax[i]) < 0.0))
        p, q = np.uint64(0) - p, np.uint64(0) - q
        a ^= p & ka[i]
        b ^= p & kb[i]
        c ^= q & ka[i]
        d ^= q & kb[i]
    return a, b, c, d


@compiled
def _known(ax, ay, bx, by, i):
    """Say whether an edge stands among those before it: releases often run along the very edges of their hazards."""
    px, py, qx, qy = ax[i], ay[i], bx[i], by[i]
    same = np.int64(0)
    for j in range(i):
        same += np.int64((ax[j] == px) & (ay[j] == py) & (bx[j] == qx) & (by[j] == qy))
    return same > 0


@compiled
def _meeting(ax, ay, bx, by, count, px, py, qx, qy, hit):
    """Mark in `hit` the edges of a window that may cross or touch an edge, and give how many."""
    ux, uy = qx - px, qy - py
    close = _CLOSE_M * _CLOSE_M * (ux * ux + uy * uy)
    # As near as an end may be: a corner a hair beside the box of a nearly level edge divides it all the same.
    west, east = min(px, qx) - _CLOSE_M, max(px, qx) + _CLOSE_M
    south, north = min(py, qy) - _CLOSE_M, max(py, qy) + _CLOSE_M
    found = 0
    for i in range(count):
        from_c = (ax[i] - px) * uy - (ay[i] - py) * ux
        from_d = (bx[i] - px) * uy - (by[i] - py) * ux
        near = (from_c * from_d <= 0.0) | (from_c * from_c < close) | (from_d * from_d < close)
        near &= (ay[i] <= north) & (by[i] >= south)
        near &= (min(ax[i], bx[i]) <= east) & (max(ax[i], bx[i]) >= west)
        hit[i] = np.int64(near)
        found += hit[i]
    return found


@compiled
def _level_edges(shapes, s, x0, y0, x1, y1, flats, flat):
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
                if flat == len(flats):
                    return TOO_SMALL
                flats[flat, 0], flats[flat, 1], flats[flat, 2] = max(west, x0), min(east, x1), height
                flat += 1
    return flat


@compiled
def _cuts(ex, ey, fx, fy, count, hit, level, flat, ax, ay, bx, by, xs):
    """List in `xs` the places along an edge (0 … 1) where others cross or touch it; give how many, or TOO_SMALL."""
    xs[0], xs[1] = 0.0, 1.0
    n = 2
    ux, uy = bx - ax, by - ay
    length2 = ux * ux + uy * uy
    found = _meeting(ex, ey, fx, fy, count, ax, ay, bx, by, hit)
    if 3 * (found + 1) + flat + 2 > len(xs):
        return TOO_SMALL
    for i in range(count):
        if not hit[i]:
            continue
        cx, cy, dx, dy = ex[i], ey[i], fx[i], fy[i]
        # How far the ends of the other lie beside this one, times its length: both on one side, it is not crossed.
        from_c, from_d = (cx - ax) * uy - (cy - ay) * ux, (dx - ax) * uy - (dy - ay) * ux
        close = _CLOSE_M * _CLOSE_M * length2
        close_c, close_d = from_c * from_c < close, from_d * from_d < close
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
            if 0.0 < t < 1.0 and level[i, 0] - _CLOSE_M <= along <= level[i, 1] + _CLOSE_M:
                xs[n] = t
                n += 1
    for i in range(2, n):  # few, and 0 and 1 stand first
        t = xs[i]
        j = i
        while xs[j - 1] > t:
            xs[j] = xs[j - 1]
            j -= 1
        xs[j] = t
    return n


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
    with different sets on their sides are written (x, y, x, y; set on the left, on the right). Gives the first window
    that was not done, because the scratch arrays have no room for it (`last`: all are done), how many pieces and how
    many sets there are.
    """
    sets, rows = 0, 0
    stack, edges, owner, flats, xs, hit = w.windows, w.edges, w.owner, w.flat, w.xs, w.hit
    ex, ey, fx, fy, ka, kb, table, keys = w.ax, w.ay, w.bx, w.by, w.ka, w.kb, w.table, w.keys
    for window in range(first, last):
        begun, known = rows, sets
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
                return window, begun, known
            wanted = False
            for i in range(near):
                wanted |= cuts_ground[w.near[i]]
            if not wanted:
                continue
            count = gather(shapes, w.near, near, 0, west, south, east, north, edges, owner, w.inside, w.stack, 0)
            if count < 0:
                return window, begun, known
            if count > _MOST_BESIDE and max(x1 - x0, y1 - y0) > 1.0:
                if depth + 2 > len(stack):
                    return window, begun, known
                halve(stack, depth, x0, y0, x1, y1)
                depth += 2
                continue
            flat = 0
            for i in range(near):
                flat = _level_edges(shapes, w.near[i], x0, y0, x1, y1, flats, flat)
            if flat < 0:
                return window, begun, known
            base_a, base_b = base_of(w.near, w.inside, near, w.pair)
            for i in range(count):
                ex[i], ey[i], fx[i], fy[i] = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
                ka[i], kb[i] = w.pair[owner[i], 0], w.pair[owner[i], 1]
            for i in range(count + flat):
                if i < count:
                    ax, ay, bx, by = ex[i], ey[i], fx[i], fy[i]
                    if ax == bx and ax < x0:
                        continue  # the left side of the window itself
                    low, high = _within(ax, ay, bx, by, x0, y0, x1, y1)
                    if low >= high or _known(ex, ey, fx, fy, i):
                        continue
                    ax, ay, bx, by = (
                        ax + low * (bx - ax), ay + low * (by - ay), ax + high * (bx - ax), ay + high * (by - ay)
                    )  # fmt: skip
                else:
                    ax, bx, ay = flats[i - count, 0], flats[i - count, 1], flats[i - count, 2]
                    by = ay
                length = np.hypot(bx - ax, by - ay)
                if length == 0.0:
                    continue
                cuts = _cuts(ex, ey, fx, fy, count, hit, flats, flat, ax, ay, bx, by, xs)
                if cuts < 0 or rows + cuts > len(out_xy):
                    return window, begun, known
                ox, oy = -(by - ay) / length * reach, (bx - ax) / length * reach
                begins = 0.0
                for k in range(1, cuts):
                    ends = xs[k]
                    if (ends - begins) * length < reach and k < cuts - 1:
                        continue
                    t = 0.5 * (begins + ends)
                    mx, my = ax + t * (bx - ax), ay + t * (by - ay)
                    px, py, qx, qy = mx + ox, my + oy, mx - ox, my - oy
                    a, b, c, d = _keys_beside(ex, ey, fx, fy, ka, kb, count, base_a, base_b, px, py, qx, qy)
                    if a != c or b != d:
                        left, at = set_of(table, keys, a, b)
                        if left < 0:
                            left = _new_set(w, count, near, px, py, sets, at, a, b)
                            sets += 1
                        right, at = set_of(table, keys, c, d)
                        if right < 0 and left >= 0:
                            right = _new_set(w, count, near, qx, qy, sets, at, c, d)
                            sets += 1
                        if left < 0 or right < 0:
                            return window, begun, known
                        out_xy[rows, 0], out_xy[rows, 1] = ax + begins * (bx - ax), ay + begins * (by - ay)
                        out_xy[rows, 2], out_xy[rows, 3] = ax + ends * (bx - ax), ay + ends * (by - ay)
                        out_sets[rows, 0], out_sets[rows, 1] = left, right
                        rows += 1
                    begins = ends
    return last, rows, sets
