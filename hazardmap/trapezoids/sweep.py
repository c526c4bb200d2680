"""The compiled sweep: which shapes cover what of a plot, and how much.

A window (at first the box of the plot) is cut into slabs at every vertex and crossing; between two slabs edges do not
cross, so that the ground between neighbouring edges is a trapezoid covered by the same shapes all over. Nothing is
built, so nothing can fail: rings that cross themselves count by the even-odd rule, slivers are small numbers. Windows
with many edges are halved first, so that giant polygons cost only what lies in them. Knows coordinates; knows no
hazards.
"""

from __future__ import annotations

import numpy as np

from hazardmap.trapezoids.compiling import compiled
from hazardmap.trapezoids.gathering import TOO_SMALL, base_of, enter, gather, halve, set_of, touched

#: A window with more edges than this is halved, down to windows of a metre: edges that lie on each other, such as many
#: versions of one outline have, stay together however small a window is.
_MOST_EDGES = 96
_LEAST_WINDOW_M = 1.0
#: Trapezoids narrower than this are rounding, and go to their neighbour.
_ROUNDING_M = 1e-7


@compiled
def _by_height(edges, owner, count):
    """Sort edges by where they begin, from below."""
    for i in range(1, count):
        ax, ay, bx, by, k = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3], owner[i]
        j = i
        while j > 0 and edges[j - 1, 1] > ay:
            for c in range(4):
                edges[j, c] = edges[j - 1, c]
            owner[j] = owner[j - 1]
            j -= 1
        edges[j, 0], edges[j, 1], edges[j, 2], edges[j, 3], owner[j] = ax, ay, bx, by, k


@compiled
def _heights(edges, count, y0, y1, ys):
    """List in `ys` the heights at which slabs begin: window, vertices, crossings; give how many, or TOO_SMALL.

    The edges are sorted by where they begin.
    """
    if 2 * count + 2 > len(ys):
        return TOO_SMALL
    ys[0], ys[1] = y0, y1
    n = 2
    for i in range(count):
        if edges[i, 1] > y0:
            ys[n] = edges[i, 1]
            n += 1
        if edges[i, 3] < y1:
            ys[n] = edges[i, 3]
            n += 1
    for i in range(count):
        ax, ay, bx, by = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
        west, east = min(ax, bx), max(ax, bx)
        for j in range(i + 1, count):
            cy = edges[j, 1]
            if cy >= by:
                break
            cx, dx, dy = edges[j, 0], edges[j, 2], edges[j, 3]
            if (cx > east and dx > east) or (cx < west and dx < west):
                continue
            # On which sides of the first edge the ends of the second lie; and the other way round.
            from_c, from_d = (
                (cx - ax) * (by - ay) - (cy - ay) * (bx - ax),
                (dx - ax) * (by - ay) - (dy - ay) * (bx - ax),
            )
            if from_c * from_d >= 0.0:
                continue
            from_a, from_b = (
                (ax - cx) * (dy - cy) - (ay - cy) * (dx - cx),
                (bx - cx) * (dy - cy) - (by - cy) * (dx - cx),
            )
            if from_a * from_b >= 0.0:
                continue
            height = cy + (dy - cy) * (from_c / (from_c - from_d))
            if y0 < height < y1:
                if n == len(ys):
                    return TOO_SMALL
                ys[n] = height
                n += 1
    ys[:n].sort()
    return n


@compiled
def _cross(edges, slope, count, middle, begun, m, xs, active):
    """Bring `active`, the edges that cross the last slab from west to east, to the next slab, and their places `xs`.

    Gives how many edges have begun so far, and how many cross now.
    """
    kept = 0
    for j in range(m):
        i = active[j]
        if edges[i, 3] > middle:
            active[kept] = i
            kept += 1
    m = kept
    while begun < count and edges[begun, 1] < middle:
        if edges[begun, 3] > middle:
            active[m] = begun
            m += 1
        begun += 1
    for j in range(m):
        i = active[j]
        x = edges[i, 0] + (middle - edges[i, 1]) * slope[i]
        k = j
        while k > 0 and xs[k - 1] > x:
            xs[k], active[k] = xs[k - 1], active[k - 1]
            k -= 1
        xs[k], active[k] = x, i
    return begun, m


@compiled
def _toggle(w, upto, shapes):
    """Turn the shapes of the edges crossed so far inside out, and back when called again."""
    for j in range(upto):
        owner = w.owner[w.active[j]]
        if owner < shapes:
            w.inside[owner] = not w.inside[owner]


@compiled
def _same_at(edges, owner, pair, count, near, base_a, base_b, here, px, py, a, b):
    """Say whether a point of a window lies in the plot and is covered by a given set."""
    inside, other_a, other_b = here, base_a, base_b
    for i in range(count):
        if (
            edges[i, 1] < py <= edges[i, 3]
            and (edges[i, 2] - edges[i, 0]) * (py - edges[i, 1]) - (edges[i, 3] - edges[i, 1]) * (px - edges[i, 0])
            < 0.0
        ):
            k = owner[i]
            if k == near:
                inside = not inside
            else:
                other_a, other_b = other_a ^ pair[k, 0], other_b ^ pair[k, 1]
    return inside and other_a == a and other_b == b


@compiled
def _thick(w, count, near, base_a, base_b, here, n, k, px, across, lean, a, b, least):
    """Say whether the ground of a set, seen from one trapezoid, is as wide as the least width.

    For ground between two straight edges the width follows from its chords along the slab and across the slabs; `lean`
    is how far the edges on both sides lean, and so how long the chord across can be.
    """
    up = w.ys[k + 1] - w.ys[k]
    if across < lean * up:  # the edges end the chord within the slab
        up = across / lean
        return across * up >= least * np.hypot(across, up)
    if across * up >= least * np.hypot(across, up):
        return True
    for way in (1, -1):
        i = k + way
        while 0 <= i < n - 1 and up < 4.0 * least:
            low, high = w.ys[i], w.ys[i + 1]
            middle = 0.5 * (low + high)
            if low < middle < high:
                if not _same_at(w.edges, w.owner, w.pair, count, near, base_a, base_b, here, px, middle, a, b):
                    break
                up += high - low
            i += way
    return across * up >= least * np.hypot(across, up)


@compiled
def areas(plots, first, last, shapes, least, w, out_plot, out_set, out_area, out_thick):
    """Measure what of each plot is covered by which set of shapes.

    Writes rows of plot, set, area, and whether that ground is anywhere as wide as `least`. Gives the first plot that
    was not done, because the scratch arrays have no room for it (`last`: all are done), how many rows and how many
    sets there are.
    """
    sets, rows = 0, 0
    stack, edges, owners, ys, xs, active, pair = w.windows, w.edges, w.owner, w.ys, w.xs, w.active, w.pair
    slope = np.empty(len(edges))
    mine, here_at = np.empty(1, dtype=np.int64), np.zeros(1, dtype=np.bool_)
    for p in range(first, last):
        mine[0] = p
        box = plots.box[p]
        if not box[2] > box[0] or not box[3] > box[1]:
            continue
        listed, done = 0, sets
        stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = box[0], box[1], box[2], box[3]
        depth = 1
        while depth > 0:
            depth -= 1
            x0, y0, x1, y1 = stack[depth, 0], stack[depth, 1], stack[depth, 2], stack[depth, 3]
            near = touched(shapes, x0, y0, x1, y1, w.near, w.stack)
            if near < 0 or near > len(w.inside):
                return p, rows, done
            # The plot's own edges have the owner "number of shapes".
            own = gather(plots, mine, 1, near, x0, y0, x1, y1, edges, owners, here_at, w.stack, 0)
            if own < 0:
                return p, rows, done
            here = here_at[0]
            if own == 0 and not here:
                continue
            count = gather(shapes, w.near, near, 0, x0, y0, x1, y1, edges, owners, w.inside, w.stack, own)
            if count < 0:
                return p, rows, done
            if count > _MOST_EDGES and max(x1 - x0, y1 - y0) > _LEAST_WINDOW_M:
                if depth + 2 > len(stack):
                    return p, rows, done
                halve(stack, depth, x0, y0, x1, y1)
                depth += 2
                continue
            _by_height(edges, owners, count)
            n = _heights(edges, count, y0, y1, ys)
            if n < 0:
                return p, rows, done
            base_a, base_b = base_of(w.near, w.inside, near, pair)
            known_a, known_b, known = np.uint64(0), np.uint64(0), np.int64(-1)
            for i in range(count):
                slope[i] = (edges[i, 2] - edges[i, 0]) / (edges[i, 3] - edges[i, 1])
            begun, m = 0, 0
            for k in range(n - 1):
                low, high = ys[k], ys[k + 1]
                middle = 0.5 * (low + high)
                if not low < middle < high:
                    continue
                begun, m = _cross(edges, slope, count, middle, begun, m, xs, active)
                a, b, inside, x = base_a, base_b, here, x0
                for j in range(m + 1):
                    end = xs[j] if j < m else x1
                    if end - x > _ROUNDING_M:
                        if inside:
                            if known < 0 or a != known_a or b != known_b:
                                known, at = set_of(w.table, w.keys, a, b)
                                if known < 0:
                                    _toggle(w, j, near)
                                    known = enter(w, sets, at, a, b, near)
                                    _toggle(w, j, near)
                                    if known < 0:
                                        return p, rows, done
                                    sets += 1
                                known_a, known_b = a, b
                            if w.stamp[known] != p:
                                w.stamp[known] = p
                                w.area[known], w.thick[known] = 0.0, False
                                w.touched[listed] = known
                                listed += 1
                            w.area[known] += (end - x) * (high - low)
                            if not w.thick[known]:
                                lean = 0.5 * (abs(slope[active[j]]) if j < m else 0.0)
                                lean += 0.5 * (abs(slope[active[j - 1]]) if j > 0 else 0.0)
                                w.thick[known] = _thick(
                                    w, count, near, base_a, base_b, here, n, k, 0.5 * (x + end), end - x, lean,
                                    a, b, least,
                                )  # fmt: skip
                        x = end
                    if j < m:
                        owner = owners[active[j]]
                        if owner == near:
                            inside = not inside
                        else:
                            a, b = a ^ pair[owner, 0], b ^ pair[owner, 1]
        if rows + listed > len(out_plot):
            return p, rows, done
        for k in range(listed):
            out_plot[rows], out_set[rows] = p, w.touched[k]
            out_area[rows], out_thick[rows] = w.area[w.touched[k]], w.thick[w.touched[k]]
            rows += 1
    return last, rows, sets
