"""Plot checks: GEOS and the pointwise reading as oracles of areas, distances and verdicts, and the laws of doubt."""

import hypothesis.strategies as st
import numpy as np
import pointwise
import pytest
import shapely
from hypothesis import assume, given
from land import box, plane_shapes, programme, table
from lands import DATES, LAND, dates, find_row, hazard_rows, lands, made

import hazardmap as hm
from hazardmap import words

STATES = list(words.STATES)
#: How good the news is; a worse programme may only move a verdict to the left.
GOODNESS = {
    "confirmed_hazard": 0,
    "suspected_hazard": 1,
    "release_in_question": 2,
    "not_handed_over": 3,
    "near_hazard": 4,
    "cannot_tell": 4,
    "outside_coverage": 4,
    "no_record": 4,
    "surveyed_no_evidence": 5,
    "partly_released": 6,
    "too_shallow": 6,
    "released": 7,
}


@st.composite
def plot_shapes(draw):
    """Polygons between the lines of the board and across them, some with a hole."""
    x, y = draw(st.integers(-2, 60)), draw(st.integers(-2, 60))
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    shape = box(x, y, width, height)
    if draw(st.booleans()):
        shape = shapely.Polygon([(x, y), (x + width, y + height // 3), (x + width // 2, y + height + 3)])
        assume(shape.is_valid and shape.area > 0.5)
    elif width > 6 and height > 6 and draw(st.booleans()):
        shape = shape.difference(box(x + 2, y + 2, width - 5, height - 4))
    return shape


def plots_of(shapes, **columns):
    return table("plots", [{"geometry": s} | {c: v[i] for c, v in columns.items()} for i, s in enumerate(shapes)])


def asked(rows, shapes, day, *, coverage=True, accuracy=None, policy=None, **columns):
    land = made(rows | ({"coverage": [{"geometry": box(-200, -200, 600)}]} if coverage else {}), **(policy or {}))
    errors = {} if accuracy is None else {"accuracy_m": [accuracy] * len(shapes)}
    return hm.check_plots(land, plots_of(shapes, **errors, **columns), on=day)


def discs(rows, day):
    return [
        f["geometry"].buffer(15 * 1.0005, quad_segs=64)
        for f in rows["finds"]
        if pointwise.unanswered(f, day)
        and not any(pointwise.ground_of(h["hazard_id"], rows, f["geometry"], day)[0] for h in rows["hazards"])
    ]


def faces(rows, plot, day):
    """Cut a plot by all that lies on it with GEOS, and read the state of each face at one point of it."""
    shapes = [r["geometry"] for n in ("hazards", "releases", "surveys") for r in rows[n] if r["geometry"] is not None]
    lines = shapely.union_all([plot.boundary, *(s.boundary for s in [*shapes, *discs(rows, day)])], grid_size=1e-6)
    for face in shapely.get_parts(shapely.polygonize(shapely.get_parts(lines))):
        inside = face.representative_point()
        if plot.contains(inside):
            yield face, pointwise.state(rows, inside, day, radius=15.0 * 1.0005) or "no_record"


def oracle(rows, plot, day):
    areas = dict.fromkeys(STATES, 0.0)
    for face, state in faces(rows, plot, day):
        areas[state] += face.area
    return areas


@LAND
@given(rows=lands(), shapes=st.lists(plot_shapes(), min_size=1, max_size=4), day=dates)
def test_areas_by_state_are_those_of_geos_and_the_pointwise_reading(rows, shapes, day):
    answers = asked(rows, shapes, day)
    # The disc of a find is a polygon of ours outside its circle: its rim is not the oracle's.
    slack = 2.5 * len(discs(rows, day))
    for shape, answer in zip(shapes, answers.to_dict("records"), strict=True):
        found = {s: answer[f"{s}_m2"] for s in STATES}
        tolerance = max(0.01, 1e-9 * shape.area) + slack
        assert found == pytest.approx(oracle(rows, shape, day), abs=tolerance)
        assert sum(found.values()) == pytest.approx(shape.area, abs=0.01)
        assert answer["area_m2"] == pytest.approx(sum(found.values()))
        assert sum(answer[f"{s}_pct"] for s in STATES) == pytest.approx(100)


def expected_verdict(areas, distances, *, proximity=100.0, error=0.0):  # noqa: PLR0911
    """The ladder of domain notes §5 in its own words, for plots without depth, of fresh data."""
    there = {s for s, a in areas.items() if a > 0.05}
    released = there & set(words.RELEASED_STATES)
    if "confirmed_open" in there or distances["confirmed_open"] <= error:
        return "confirmed_hazard"
    if "suspected_open" in there or distances["suspected_open"] <= error:
        return "suspected_hazard"
    for state, verdict in (("in_question", "release_in_question"), ("not_handed_over", "not_handed_over")):
        if state in there:
            return verdict
    if released:
        return "released" if there == released else "partly_released"
    if min(distances.values()) <= proximity:
        return "near_hazard"
    if there == {"surveyed"}:
        return "surveyed_no_evidence"
    return "outside_coverage" if "outside_coverage" in there else "no_record"


@LAND
@given(rows=lands(), shapes=st.lists(plot_shapes(), min_size=1, max_size=4), day=dates)
def test_verdicts_and_distances_are_those_of_the_oracles(rows, shapes, day):
    assume(not discs(rows, day))
    rows = rows | {"hazards": [h | {"accuracy_m": 0.0} for h in rows["hazards"]]}
    rows = rows | {"releases": [r | {"accuracy_m": 0.0} for r in rows["releases"]]}
    answers = asked(rows, shapes, day, accuracy=1.3, policy={"proximity_m": 7.0})
    board = list(faces(rows, box(-60, -60, 250), day))
    ground = {s: shapely.union_all([f for f, state in board if state == s]) for s in words.OPEN_STATES}
    for shape, answer in zip(shapes, answers.to_dict("records"), strict=True):
        distances = {s: shape.distance(g) if not g.is_empty else np.inf for s, g in ground.items()}
        nearest = min(distances.values())
        if np.isinf(nearest):
            assert np.isnan(answer["nearest_hazard_m"])
        else:
            assert answer["nearest_hazard_m"] == pytest.approx(nearest, abs=0.005, rel=1e-4)
        # On whole metres nothing lies between 1 and √2 away but what is 1.3 away by no accident.
        if any(abs(d - e) < 0.01 for d in distances.values() for e in (1.3, 7.0)):
            continue
        expected = expected_verdict(oracle(rows, shape, day), distances, proximity=7.0, error=1.3)
        assert answer["verdict"] == expected, answer["why"]


@LAND
@given(rows=lands(), shapes=st.lists(plot_shapes(), min_size=1, max_size=3), day=dates)
def test_areas_are_those_of_the_ground_cut_by_the_plot(rows, shapes, day):
    land = made(rows)
    ground = hm.ground(land, on=day)
    answers = hm.check_plots(land, plots_of(shapes), on=day)
    for shape, answer in zip(shapes, answers.to_dict("records"), strict=True):
        cut = shapely.area(shapely.intersection(plane_shapes(ground), shape))
        for state in words.KNOWN_STATES:
            expected = cut[ground["state"].eq(state).to_numpy()].sum()
            assert answer[f"{state}_m2"] == pytest.approx(expected, abs=0.2), state  # the ground is on a 1 mm grid


def goodness(answers):
    return np.array([GOODNESS[v] for v in answers["verdict"]])


@LAND
@given(rows=lands(), shapes=st.lists(plot_shapes(), min_size=1, max_size=4), day=dates, data=st.data())
def test_a_further_hazard_never_improves_a_verdict(rows, shapes, day, data):
    new = data.draw(hazard_rows(ids=("H-9",)))
    assume(not any(h["geometry"].intersects(f["geometry"]) for h in new for f in rows["finds"]))
    before = asked(rows, shapes, day)
    after = asked(rows | {"hazards": [*rows["hazards"], *new]}, shapes, day)
    assert (goodness(after) <= goodness(before)).all()


@LAND
@given(rows=lands(), shapes=st.lists(plot_shapes(), min_size=1, max_size=4), day=dates, data=st.data())
def test_a_wider_margin_or_a_worse_accuracy_never_improves_a_verdict(rows, shapes, day, data):
    few, many = sorted((data.draw(st.integers(0, 30)), data.draw(st.integers(0, 30))))
    whose = data.draw(st.sampled_from(("hazards", "releases", "plots", "proximity")))

    def at(error):
        rows_ = rows
        if whose in ("hazards", "releases"):
            rows_ = rows | {whose: [r | {"accuracy_m": float(error)} for r in rows[whose]]}
        return asked(
            rows_,
            shapes,
            day,
            accuracy=float(error) if whose == "plots" else 1.0,
            policy={"proximity_m": error} if whose == "proximity" else {},
        )

    assert (goodness(at(many)) <= goodness(at(few))).all()


@LAND
@given(rows=lands(), shapes=st.lists(plot_shapes(), min_size=1, max_size=4), day=dates, data=st.data())
def test_a_dropped_paper_or_a_later_find_never_improves_a_verdict(rows, shapes, day, data):
    assume(rows["releases"])
    before = asked(rows, shapes, day)
    which = data.draw(st.integers(0, len(rows["releases"]) - 1))
    column = data.draw(st.sampled_from(("decision_date", "quality_date", "handover_no", "handover_date", "depth_m")))
    worse = [r | {column: None} if i == which else r for i, r in enumerate(rows["releases"])]
    assume(rows["releases"][which]["decision"] != "rejected" and rows["releases"][which]["quality"] != "failed")
    assert (goodness(asked(rows | {"releases": worse}, shapes, day)) <= goodness(before)).all()
    more = rows | {"finds": [*rows["finds"], data.draw(find_row(9))]}
    assert (goodness(asked(more, shapes, day)) <= goodness(before)).all()


@LAND
@given(rows=lands(), shapes=st.lists(plot_shapes(), min_size=1, max_size=4), day=dates)
def test_older_or_less_coverage_never_improves_a_verdict(rows, shapes, day):
    before = asked(rows, shapes, day)
    older = rows | {"coverage": [{"geometry": box(-200, -200, 600), "as_of": "2019-01-01"}]}
    stale = asked(older, shapes, day, coverage=False)
    assert (goodness(stale) <= goodness(before)).all()
    assert set(stale["verdict"]).isdisjoint(words.GOOD_NEWS)
    less = asked(rows, shapes, day, coverage=False)
    assert (goodness(less) <= goodness(before)).all()
    hazards = before["verdict"].isin(list(words.VERDICTS)[1:6])
    assert (stale["verdict"][hazards] == before["verdict"][hazards]).all(), "stale data never hide a hazard"


WORST_FIRST = {v: i for i, v in enumerate(words.VERDICTS)}


@LAND
@given(rows=lands(), shape=plot_shapes(), day=dates, share=st.floats(0.15, 0.85))
def test_a_plot_is_as_bad_as_its_worst_part(rows, shape, day, share):
    west, south, east, _ = shape.bounds
    middle = round(west + share * (east - west))
    # On a grid: what GEOS cuts without one crosses itself now and then once it is in degrees.
    west_half = box(west - 1, south - 1, middle - west + 1, 999)
    parts = [f(shape, west_half, grid_size=1e-3) for f in (shapely.intersection, shapely.difference)]
    assume(all(not p.is_empty and p.geom_type in ("Polygon", "MultiPolygon") and p.area > 0.5 for p in parts))
    assume(all(p.is_valid for p in (shape, *parts)))
    whole, left, right = asked(rows, [shape, *parts], day, policy={"proximity_m": 0.0}, accuracy=0.0).to_dict("records")
    for state in STATES:
        assert left[f"{state}_m2"] + right[f"{state}_m2"] == pytest.approx(whole[f"{state}_m2"], abs=0.01)
    hazardous = list(words.VERDICTS)[1:5]
    if whole["verdict"] in hazardous or left["verdict"] in hazardous or right["verdict"] in hazardous:
        assert whole["verdict"] == min(left["verdict"], right["verdict"], key=WORST_FIRST.get)
    assert (whole["verdict"] == "released") == (left["verdict"] == right["verdict"] == "released")


@LAND
@given(rows=lands(), shape=plot_shapes(), day=dates, turn=st.integers(1, 3))
def test_ring_start_direction_parts_and_more_vertices_change_nothing(rows, shape, day, turn):
    def turned(polygon):
        ring = list(polygon.exterior.coords)[:-1]
        ring = [*ring[turn % len(ring) :], *ring[: turn % len(ring)]][::-1]
        return shapely.Polygon(ring, [r.coords[::-1] for r in polygon.interiors])

    apart = shapely.MultiPolygon([turned(shape)])
    same = [shape, apart, shapely.segmentize(shape, 2.0), turned(shapely.segmentize(shape, 5.0))]
    answers = asked(rows, same, day)
    first = answers.iloc[0]
    for _, other in answers.iloc[1:].iterrows():
        assert other["verdict"] == first["verdict"]
        for column in ("flags", "hazard_ids", "release_ids", "idle_release_ids", "survey_ids", "find_ids"):
            assert other[column] == first[column], column
        assert [other[f"{s}_m2"] for s in STATES] == pytest.approx([first[f"{s}_m2"] for s in STATES], abs=0.01)


@LAND
@given(rows=lands(), shapes=st.lists(plot_shapes(), min_size=1, max_size=3), day=dates, data=st.data())
def test_row_order_and_moving_all_by_whole_metres_change_nothing(rows, shapes, day, data):
    dx, dy = data.draw(st.integers(-400, 400)), data.draw(st.integers(-400, 400))

    def moved(shape):
        return None if shape is None else shapely.transform(shape, lambda xy: xy + np.array([dx, dy]))

    there = {
        n: [r | {"geometry": moved(r["geometry"])} for r in data.draw(st.permutations(v))] for n, v in rows.items()
    }
    a = asked(rows, shapes, day, coverage=False)
    b = asked(there, [moved(s) for s in shapes], day, coverage=False)
    assert a["verdict"].tolist() == b["verdict"].tolist()
    assert a["nearest_hazard_m"].to_numpy() == pytest.approx(b["nearest_hazard_m"].to_numpy(), abs=0.01, nan_ok=True)
    for state in STATES:
        assert a[f"{state}_m2"].to_numpy() == pytest.approx(b[f"{state}_m2"].to_numpy(), abs=0.02)


@LAND
@given(rows=lands(), shapes=st.lists(plot_shapes(), min_size=1, max_size=3), day=dates)
def test_inputs_are_untouched_and_the_index_is_kept(rows, shapes, day):
    land, plots = made(rows), plots_of(shapes).set_axis([f"row {i}" for i in range(len(shapes))])
    before = plots.copy(), land.hazards.copy(), land.releases.copy()
    answers = hm.check_plots(land, plots, on=day)
    assert answers.index.equals(plots.index)
    for old, new in zip(before, (plots, land.hazards, land.releases), strict=True):
        assert old.equals(new)


def test_a_release_along_the_hazard_edge_leaves_no_spike():
    """GEOS' difference leaves zero-width spikes where edges run together; a plot beside one is not near a hazard."""
    hazard = shapely.Polygon([(0, 0), (311, 17), (307, 293), (3, 301)])
    release = hazard.intersection(box(-10, -10, 170, 400))  # the west; what is left open is the east
    rows = {
        "hazards": [{"hazard_id": "H", "geometry": hazard}],
        "releases": [{"hazard_ids": ("H",), "geometry": release}],
    }

    plot = box(-30, 100, 20, 20)
    answer = hm.check_plots(programme(**rows), plots_of([plot]), on="2024-12-31").iloc[0]
    assert answer["nearest_hazard_m"] == pytest.approx(170, abs=0.01)  # from x = -10 to x = 160


def test_days_before_any_data_have_no_records():
    rows = {"hazards": [{"geometry": box(0, 0, 10)}], "releases": [], "finds": [], "surveys": []}
    answers = asked(rows, [box(0, 0, 10)], DATES[0].replace("2021", "2001"))
    assert answers["verdict"].tolist() == ["no_record"]
    assert answers["no_record_m2"].tolist() == pytest.approx([100], abs=1e-4)


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (-5, -2), (3, -3), (5, 3), (1, 1)])
def test_a_hazard_that_touches_a_part_of_an_edge_opens_no_more_of_it(dx, dy):
    """The release runs on to both sides of the hazard above it: its corner, 34.7 m away, is no hazard; H-0 is, 41 m."""
    rows = {
        "hazards": [{"geometry": box(30 + dx, 30 + dy, 10)}],
        "releases": [{"geometry": box(20 + dx, 20 + dy, 30, 10), "activity_type": "NTS", "product": "cancelled"}],
    }
    answer = asked(rows, [box(dx, dy, 1)], "2024-12-31", coverage=False)
    assert answer["nearest_hazard_m"].iloc[0] == pytest.approx(29 * 2**0.5, abs=0.01)
