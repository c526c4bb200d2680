"""The compiled geometry against GEOS: areas by sets, nearest edges, sides of edges, windings, on seeded polygons."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from land import box

from hazardmap.trapezoids import beside, distances, gathering, outlines, sweep, unions, winding
from hazardmap.trapezoids.rings import FANOUT, from_arrays, hilbert, ladder, rings_of
from hazardmap.trapezoids.sets import Sets

LEAST = 1e-3


def held(shapes):
    values = np.empty(len(shapes), dtype=object)
    values[:] = shapes
    return values


def swept(plots, shapes):
    """Areas by plot and set of shapes: ``{(plot, (shape, …)): area}``."""
    laid, ground = rings_of(held(plots)), rings_of(held(shapes))
    rows = 200_000
    w = gathering.scratch(20_000)
    plot, number, area = np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.int64), np.empty(rows)
    thick = np.empty(rows, dtype=np.bool_)
    done, found, sets = sweep.areas(laid, 0, len(plots), ground, LEAST, w, plot, number, area, thick)
    assert done == len(plots)
    members = [tuple(w.members[w.start[i] : w.start[i + 1]].tolist()) for i in range(sets)]
    assert len(set(members)) == sets, "each set is known once"
    return {(int(p), members[n]): (a, t) for p, n, a, t in zip(plot[:found], number[:found], area, thick, strict=False)}


def by_shape(areas, plots, shapes):
    """Area of each shape on each plot, and of each plot."""
    on, whole = np.zeros((len(plots), len(shapes))), np.zeros(len(plots))
    for (p, members), (a, _) in areas.items():
        whole[p] += a
        on[p, list(members)] += a
    return on, whole


def blob(rng, x, y, radius, vertices):
    # Seen from the middle no two neighbours are half a turn apart: no edge can cross another.
    angle = 2 * np.pi * (np.arange(vertices) + rng.uniform(0.26, 0.74, vertices)) / vertices
    far = radius * rng.uniform(0.4, 1, vertices)
    return shapely.Polygon(np.column_stack([x + far * np.cos(angle), y + far * np.sin(angle)]))


def random_shapes(rng, count, size=100.0):
    """Polygons with holes, of several parts, with level edges and with edges in common."""
    shapes = []
    while len(shapes) < count:
        x, y = rng.uniform(0, size, 2)
        shape = blob(rng, x, y, rng.uniform(3, 30), int(rng.integers(3, 60)))
        kind = rng.integers(5)
        if kind == 0:
            shape = shape.difference(blob(rng, x, y, 6, 8))
        elif kind == 1:
            shape = shape.union(blob(rng, x + 40, y, 10, 7))
        elif kind == 2:
            shape = box(*np.round(rng.uniform(0, size, 2)), *np.round(rng.uniform(1, 40, 2)))
        elif kind == 3 and shapes:  # what is left of another one: long edges in common
            shape = shapes[-1].difference(box(x, -500, 500, 1000))
        if shape.is_valid and shape.geom_type in ("Polygon", "MultiPolygon") and shape.area > 0.01:
            shapes.append(shape)
    return shapes


# Rings and boxes.


def test_rings_keep_coordinates_parts_and_holes():
    ring = box(0, 0, 10).difference(box(2, 2, 3))
    many = shapely.MultiPolygon([box(20, 0, 5), box(30, 0, 5)])
    nested = shapely.GeometryCollection([shapely.GeometryCollection([many]), shapely.Point(1, 1), box(50, 50, 1)])
    laid = rings_of(held([ring, None, many, shapely.Polygon(), nested, shapely.Point(0, 0)]))
    assert np.diff(laid.shape).tolist() == [2, 0, 2, 0, 3, 0]
    assert laid.box[0].tolist() == [0, 0, 10, 10]
    assert laid.box[4].tolist() == [20, 0, 51, 51]
    assert not np.isfinite(laid.box[1]).any()
    assert sorted(laid.order.tolist()) == [0, 2, 4]
    first = np.column_stack([laid.x, laid.y])[laid.ring[0] : laid.ring[1]]
    assert (first[0] == first[-1]).all()


@pytest.mark.parametrize("vertices", [3, 15, 16, 17, 255, 256, 257, 5000])
def test_each_run_of_edges_lies_in_its_box(vertices):
    shape = blob(np.random.default_rng(vertices), 0, 0, 100, vertices)
    laid = rings_of(held([shape]))
    edges = len(laid.x) - 1 if len(laid.ring) == 2 else None
    for r in range(len(laid.ring) - 1):
        begin, n = laid.ring[r], laid.ring[r + 1] - laid.ring[r] - 1
        at, step, size = laid.run[r], FANOUT, -(-n // FANOUT)
        while True:
            for k in range(size):
                part = slice(begin + k * step, begin + min((k + 1) * step, n) + 1)
                x, y = laid.x[part], laid.y[part]
                assert laid.runs[at + k].tolist() == [x.min(), y.min(), x.max(), y.max()]
            if size <= 1:
                break
            at, step, size = at + size, step * FANOUT, -(-size // FANOUT)
        assert at + size == laid.run[r + 1]
    assert edges is None or edges >= 3


def test_the_ladder_ends_in_one_box_round_all():
    boxes = np.random.default_rng(1).uniform(0, 1, (5000, 4))
    boxes[:, 2:] += boxes[:, :2]
    floor, tree = ladder(boxes)
    assert np.diff(floor).tolist() == [313, 20, 2, 1]
    assert tree[-1].tolist() == [*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)]
    assert len(ladder(np.empty((0, 4)))[1]) == 0


def test_a_hilbert_curve_goes_to_neighbours():
    x, y = np.meshgrid(np.arange(16.0), np.arange(16.0))
    box_ = np.column_stack([x.ravel(), y.ravel(), x.ravel(), y.ravel()])
    order = np.argsort(hilbert(box_))
    steps = np.abs(np.diff(box_[order][:, :2], axis=0)).sum(axis=1)
    assert np.unique(hilbert(box_)).size == 256
    assert np.median(steps) == 1


def test_nothing_is_laid_out_as_nothing():
    nothing = np.zeros(0)
    starts = np.zeros(1, dtype=np.int64)
    assert len(from_arrays(nothing, nothing, starts, starts).order) == 0
    assert swept([box(0, 0, 2)], [None]) == {(0, ()): (pytest.approx(4), True)}


# Sets.


def test_sets_are_those_of_python():
    rng = np.random.default_rng(3)
    sets, known = Sets(), {}
    for _ in range(30):
        drawn = [tuple(sorted(rng.choice(50, rng.integers(0, 6), replace=False).tolist())) for _ in range(200)]
        start = np.cumsum([0, *(len(d) for d in drawn)])
        members = np.array([m for d in drawn for m in d], dtype=np.int64)
        expected = [known.setdefault(d, len(known)) for d in drawn]
        assert sets.numbers(start, members).tolist() == expected
    assert len(sets) == len(known)
    start, members = sets.members(np.arange(len(known)))
    assert [tuple(members[a:b].tolist()) for a, b in pairwise(start)] == list(known)


def test_only_members_below_a_limit_count():
    sets = Sets()
    start, members = np.array([0, 2, 4, 5]), np.array([1, 9, 1, 12, 2])
    assert sets.numbers(start, members, below=5).tolist() == [0, 0, 1]
    assert sets.members(np.array([0]))[1].tolist() == [1]


# The sweep.


def test_squares_by_hand():
    areas = swept([box(0, 0, 10)], [box(5, 0, 10, 10), box(0, 5, 10, 10)])
    assert {k: a for k, (a, _) in areas.items()} == pytest.approx(
        {(0, ()): 25, (0, (0,)): 25, (0, (1,)): 25, (0, (0, 1)): 25}
    )
    assert all(t for _, t in areas.values())


@pytest.mark.parametrize("seed", range(12))
def test_areas_of_random_polygons_are_those_of_geos(seed):
    rng = np.random.default_rng(seed)
    shapes, plots = random_shapes(rng, 40), random_shapes(rng, 25)
    areas = swept(plots, shapes)
    on, whole = by_shape(areas, plots, shapes)
    assert whole == pytest.approx(shapely.area(held(plots)), rel=1e-9, abs=1e-6)
    assert on == pytest.approx(shapely.area(shapely.intersection(held(plots)[:, None], held(shapes)[None])), abs=1e-4)
    # Pairs as well: the sets are right, not only their sums.
    both = np.zeros((len(plots), len(shapes), len(shapes)))
    for (p, members), (a, _) in areas.items():
        for m in members:
            both[p, m, list(members)] += a
    some = rng.integers(0, len(shapes), (30, 2))
    for i, j in some:
        cut = shapely.intersection(shapes[i], shapes[j], grid_size=1e-9)
        assert both[:, i, j] == pytest.approx(shapely.area(shapely.intersection(held(plots), cut)), abs=1e-4)


@pytest.mark.parametrize("scale", [1e-2, 1.0, 1e4])
def test_areas_at_any_scale_and_far_from_the_origin(scale):
    rng = np.random.default_rng(77)
    shapes, plots = random_shapes(rng, 15), random_shapes(rng, 10)
    moved = [[shapely.transform(s, lambda xy: xy * scale + 3e5) for s in some] for some in (plots, shapes)]
    on, whole = by_shape(swept(*moved), *moved)
    tolerance = max(1e-6 * scale**2, 1e-5 * scale)
    assert whole == pytest.approx(shapely.area(held(plots)) * scale**2, rel=1e-6, abs=tolerance)
    expected = shapely.area(shapely.intersection(held(plots)[:, None], held(shapes)[None])) * scale**2
    assert on == pytest.approx(expected, rel=1e-5, abs=10 * tolerance)


def even_odd(ring, x, y):
    inside = np.zeros(len(x), dtype=bool)
    for (ax, ay), (bx, by) in pairwise(ring):
        crosses = (ay <= y) != (by <= y)
        with np.errstate(divide="ignore", invalid="ignore"):
            inside ^= crosses & (x < ax + (y - ay) * (bx - ax) / (by - ay))
    return inside


@pytest.mark.parametrize("seed", range(5))
def test_rings_that_cross_themselves_count_by_the_even_odd_rule(seed):
    rng = np.random.default_rng(100 + seed)
    ring = rng.uniform(0, 10, (9, 2))
    ring = np.vstack([ring, ring[:1]])
    areas = swept([box(-1, -1, 12)], [shapely.Polygon(ring)])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all([shapely.LineString(ring)]))))
    inner = shapely.get_coordinates(shapely.point_on_surface(faces))
    odd = even_odd(ring, inner[:, 0], inner[:, 1])
    assert areas[0, (0,)][0] == pytest.approx(shapely.area(faces)[odd].sum(), abs=1e-6)


def test_a_bow_tie_is_its_two_wings():
    tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert swept([box(-5, -5, 20)], [tie])[0, (0,)][0] == pytest.approx(50)


def test_many_level_and_upright_edges_in_common():
    shapes = [box(x, y, 1) for x in range(12) for y in range(12)]
    areas = swept([box(0.5, 0.5, 11)], shapes)
    assert set(areas) == {(0, (i,)) for i in range(144)}
    on, whole = by_shape(areas, [None], shapes)
    assert whole[0] == pytest.approx(121)
    assert on[0].reshape(12, 12)[1:-1, 1:-1] == pytest.approx(1)
    assert on[0].reshape(12, 12)[0, 0] == pytest.approx(0.25)


def strip_is_thick(width, degrees):
    strip = shapely.affinity.rotate(box(-50, -width / 2, 100, width), degrees, origin=(0, 0))
    return bool(swept([box(-20, -20, 40)], [strip])[0, (0,)][1])


@pytest.mark.parametrize("degrees", [0, 5, 22.5, 45, 67.5, 90, 112.5, 135, 157.5, 175])
def test_ground_of_the_least_width_is_thick_whichever_way_it_runs(degrees):
    assert strip_is_thick(0.0012, degrees)


@pytest.mark.parametrize("degrees", [0, 90])
def test_ground_under_the_least_width_is_thin(degrees):
    assert not strip_is_thick(0.0009, degrees)


@pytest.mark.parametrize("degrees", [5, 45, 135, 175])
def test_ground_under_the_least_width_is_thin_on_a_slope_too(degrees):
    assert not strip_is_thick(0.0008, degrees)


# Nearest edges.


def outline(shapes):
    """Edges of shapes, labelled with their number."""
    rows, labels = [], []
    for i, shape in enumerate(shapes):
        for ring in shapely.get_rings(shapely.get_parts(shape)):
            xy = shapely.get_coordinates(ring)
            rows.append(np.hstack([xy[:-1], xy[1:]]))
            labels += [i] * (len(xy) - 1)
    return np.vstack(rows), np.array(labels)


def nearest(plots, edges, *, accuracy=0.0, stretch=1.0):
    count = len(plots)
    out, label, within = np.empty((count, 5)), np.empty(count, dtype=np.int64), np.empty((count, 2), dtype=np.int64)
    wide = np.full(count, accuracy), np.full(count, stretch)
    distances.nearest(rings_of(held(plots)), 0, count, edges, *wide, np.zeros(count, dtype=bool), out, label, within)
    return out, label, within


@pytest.mark.parametrize("seed", range(6))
def test_the_nearest_edge_is_that_of_geos(seed):
    rng = np.random.default_rng(200 + seed)
    shapes, plots = random_shapes(rng, 30, size=600.0), random_shapes(rng, 60, size=900.0)
    xy, labels = outline(shapes)
    error = np.column_stack([np.where(labels % 2, 5.0, -1.0), np.where(labels % 2, -1.0, 12.0)])
    out, label, within = nearest(plots, distances.edges_of(xy, labels, error), accuracy=3.0)
    rims = shapely.boundary(held(shapes))
    gaps = shapely.distance(shapely.boundary(held(plots))[:, None], rims[None])
    assert out[:, 0] == pytest.approx(gaps.min(axis=1), abs=1e-6)
    own = gaps[np.arange(len(plots)), label]
    assert own == pytest.approx(gaps.min(axis=1), abs=1e-5)
    assert np.hypot(out[:, 3] - out[:, 1], out[:, 4] - out[:, 2]) == pytest.approx(out[:, 0], abs=1e-9)
    # For each class, the nearest shape within √(error² + 3²).
    for column, (parity, reach) in enumerate(((1, np.hypot(5, 3)), (0, np.hypot(12, 3)))):
        of_class = np.where(np.arange(len(shapes)) % 2 == parity, gaps, np.inf)
        best = of_class.min(axis=1)
        assert ((within[:, column] >= 0) == (best <= reach)).all()
        some = within[:, column] >= 0
        assert of_class[some, within[some, column]] == pytest.approx(best[some], abs=1e-5)


def test_equal_distances_go_to_the_lower_label():
    xy = np.array([[20.0, 0, 20, 10], [-10, 0, -10, 10], [0, 20, 10, 20]])
    for labels in ([5, 3, 9], [9, 5, 3], [3, 9, 5]):
        out, label, _ = nearest([box(0, 0, 10)], distances.edges_of(xy, np.array(labels), np.full((3, 2), -1.0)))
        assert (out[0, 0], label[0]) == (10, 3)


def test_without_edges_nothing_is_near():
    none = distances.edges_of(np.empty((0, 4)), np.zeros(0, dtype=np.int64), np.empty((0, 2)))
    out, label, within = nearest([box(0, 0, 1)], none)
    assert np.isinf(out[0, 0])
    assert (label[0], within[0].tolist()) == (-1, [-1, -1])


# Both sides of edges.


def sides(shapes):
    """Pieces of edges with the sets beside them: coordinates, left, right."""
    laid = rings_of(held(shapes))
    rows = 100_000
    xy, number = np.empty((rows, 4)), np.empty((rows, 2), dtype=np.int64)
    finite = laid.box[np.isfinite(laid.box).all(axis=1)]
    whole = (*finite[:, :2].min(axis=0) - 1, *finite[:, 2:].max(axis=0) + 1)
    windows = np.empty((4000, 4))
    parts = beside.quarters(laid, *whole, 8, gathering.scratch(30_000), windows)
    assert parts > 0
    marked = np.ones(len(shapes), dtype=np.bool_)
    done, found, known = beside.sides(laid, windows, 0, parts, marked, LEAST, gathering.scratch(30_000), xy, number)
    assert done == parts
    assert known > 0
    return xy[:found], number[:found]


def test_plots_for_which_there_is_no_room_are_taken_up_where_the_call_stopped():
    shapes = np.array([box(10 * i, 0, 7, 8) for i in range(120)])
    plots = np.array([box(10 * i + 2, 1, 10, 5) for i in range(120)])
    ground, laid = rings_of(shapes), rings_of(plots)
    whole = swept(plots, shapes)
    rows, first, calls = {}, 0, 0
    while first < len(plots):
        w = gathering.scratch(64)
        plot, number, area = np.empty(400, dtype=np.int64), np.empty(400, dtype=np.int64), np.empty(400)
        thick = np.empty(400, dtype=np.bool_)
        first, found, _ = sweep.areas(laid, first, len(plots), ground, LEAST, w, plot, number, area, thick)
        for p, n, a, t in zip(plot[:found], number, area, thick, strict=False):
            rows[int(p), tuple(w.members[w.start[n] : w.start[n + 1]].tolist())] = (a, t)
        calls += 1
    assert calls > 1
    assert rows == whole


@pytest.mark.parametrize("seed", range(4))
def test_the_edges_between_different_sets_are_the_outlines_of_geos(seed):
    shapes = random_shapes(np.random.default_rng(300 + seed), 12)
    xy, number = sides(shapes)
    assert (number[:, 0] != number[:, 1]).all()
    lines = shapely.linestrings(xy.reshape(-1, 2, 2))
    rims = shapely.union_all(shapely.boundary(held(shapes)), grid_size=1e-6)
    # Every piece runs along an outline, and they leave none of it out; pieces shorter than the noise may be missing.
    assert shapely.distance(shapely.line_interpolate_point(lines, 0.5, normalized=True), rims).max() < 1e-5
    missing = rims.difference(shapely.union_all(lines).buffer(5e-3))
    assert missing.length < 0.05
    assert shapely.union_all(lines, grid_size=1e-6).length == pytest.approx(rims.length, rel=1e-3)


def test_edges_in_common_are_one_and_what_lies_within_both_is_none():
    xy, _ = sides([box(0, 0, 10), box(0, 0, 5, 10)])  # the west is both; three sides in common, one across
    lines = shapely.linestrings(xy.reshape(-1, 2, 2))
    assert shapely.union_all(lines).length == pytest.approx(50)  # a level edge may be told twice


def test_two_squares_side_by_side_have_an_edge_between_them():
    xy, number = sides([box(0, 0, 10), box(10, 0, 10)])
    upright = np.isclose(xy[:, 0], 10) & np.isclose(xy[:, 2], 10)
    assert np.abs(xy[upright, 3] - xy[upright, 1]).sum() == pytest.approx(10)
    assert set(map(frozenset, number[upright].tolist())) == {frozenset(number[upright][0].tolist())}


# Windings.


@pytest.mark.parametrize("seed", range(6))
def test_windings_are_those_of_geos(seed):
    rng = np.random.default_rng(400 + seed)
    shapes, plots = random_shapes(rng, 20), random_shapes(rng, 10)
    near = np.tile(np.arange(len(shapes)), len(plots))
    start = np.arange(len(plots) + 1) * len(shapes)
    even, count, flags = winding.points_on(
        rings_of(held(plots)), np.arange(len(plots)), rings_of(held(shapes)), start, near, LEAST
    )
    assert (count >= even).all()
    assert (even >= 8).all()
    on, whole = by_shape(swept(plots, shapes), plots, shapes)
    share = np.zeros((len(plots), len(shapes)))
    for p in range(len(plots)):
        mine = flags[: even[p], start[p] : start[p + 1]]
        share[p] = mine.mean(axis=0)
        # A shape that holds the whole plot holds all points, one that misses it none.
        all_points = flags[: count[p], start[p] : start[p + 1]]
        covered = shapely.covers(held(shapes), plots[p])
        apart = shapely.disjoint(held(shapes), plots[p])
        assert all_points[:, covered].all()
        assert not all_points[:, apart].any()
    assert np.abs(share - on / whole[:, None]).max() < 0.35
    assert np.abs(share - on / whole[:, None]).mean() < 0.02


def test_holes_wind_whichever_way_they_run():
    outer, hole = box(0, 0, 20), box(5, 5, 10)
    for shell in (outer.exterior.coords, outer.exterior.coords[::-1]):
        for inner in (hole.exterior.coords, hole.exterior.coords[::-1]):
            ring = shapely.Polygon(shell, [inner])
            laid = rings_of(held([ring]))
            _, count, flags = winding.points_on(
                rings_of(held([box(6, 6, 8), box(1, 1, 3, 18)])),
                np.arange(2),
                laid,
                np.arange(3),
                np.zeros(2, int),
                LEAST,
            )
            assert not flags[: count[0], 0].any()
            assert flags[: count[1], 1].all()


# Outlines that are told without GEOS. --------------------------------------------------------------------------------


def outlines_of(shapes):
    values = held(shapes)
    start = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(values))]).astype(np.int64)
    return outlines.plain_outlines(shapely.get_coordinates(values), start, np.full(len(values), 1e9))


@pytest.mark.parametrize("size", [3, 10, 10_000])
def test_no_outline_is_called_plain_that_geos_calls_invalid(size):
    rng = np.random.default_rng(size)
    corners = rng.integers(3, 9, 4_000)
    owner = np.repeat(np.arange(len(corners)), corners)
    # Few places to stand on: corners fall together and on edges, edges run back over each other.
    xy = 46 + rng.integers(0, size, (len(owner), 2)) / 7
    shapes = shapely.polygons(shapely.linearrings(xy, indices=owner))
    plain, valid = outlines_of(shapes), shapely.is_valid(shapes)
    assert not (plain & ~valid).any()
    assert plain.sum() > 0.05 * len(shapes)
    if size == 10_000:
        assert (plain == valid).all(), "in general position nothing is doubtful"


def test_plain_outlines_are_one_ring():
    holed = box(0, 0, 10, 10).difference(box(2, 2, 4, 4))
    two = shapely.MultiPolygon([box(0, 0, 1, 1), box(5, 5, 6, 6)])
    touching = shapely.Polygon([(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)])  # a corner on an edge
    many = shapely.Point(0, 0).buffer(5, quad_segs=16)  # 64 edges: left to GEOS
    straight = shapely.Polygon([(0, 0), (1, 0), (2, 0), (2, 2)])
    shapes = [holed, two, touching, many, straight, box(0, 0, 1, 1)]
    assert outlines_of(shapes).tolist() == [False, False, False, False, True, True]
    nowhere = np.array([(0, 0), (1, 0), (np.nan, 1), (0, 0)])
    assert not outlines.plain_outlines(nowhere, np.array([0, 4]), np.array([1e9])).any()


def test_a_long_edge_is_seen():
    xy, start = shapely.get_coordinates(box(0, 0, 3, 1)), np.array([0, 5])
    assert [outlines.plain_outlines(xy, start, np.array([step])).item() for step in (2.9, 3.0, 3.1)] == [
        False, False, True,
    ]  # fmt: skip


def test_united_lists_each_thing_once_in_order_however_many():
    rng = np.random.default_rng(11)
    sets = [np.unique(rng.integers(0, 300, rng.integers(0, 40))) for _ in range(500)]
    start = np.concatenate([[0], np.cumsum([len(s) for s in sets])])
    rank = rng.permutation(300) // 2  # two records with one id
    owner, of = np.sort(rng.integers(0, 60, 2_000)), rng.integers(0, 500, 2_000)
    owners, begin, ranks = unions.united(owner, of, start, np.concatenate(sets), rank)
    found = {int(o): ranks[a:b].tolist() for o, a, b in zip(owners, begin[:-1], begin[1:], strict=True)}
    wanted = {o: sorted({int(rank[n]) for s in of[owner == o] for n in sets[s]}) for o in np.unique(owner).tolist()}
    assert found == {o: w for o, w in wanted.items() if w}
