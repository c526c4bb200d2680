"""The rule of the ground: laws that hold for every programme, and the pointwise reading as oracle."""

import dataclasses

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pointwise
import pytest
import shapely
from hypothesis import assume, given, settings
from land import PLANE, plane_shapes, programme, table
from lands import DATES, EXAMPLES, LAND, dates, find_row, hazard_rows, lands, made, release_row

import hazardmap as hm
from hazardmap import measure, words


def area(frame, states=None):
    chosen = frame if states is None else frame[frame["state"].isin(states)]
    return float(chosen["area_m2"].sum())


def points():
    """A fine grid of points, away from the edges of the rectangles and of the discs."""
    return [(x + 3.3, y + 2.7) for x in range(-10, 110, 5) for y in range(-10, 110, 5)]


@pytest.mark.parametrize("unlinked", ["none", "ground"])
@LAND
@given(rows=lands(), day=dates)
def test_every_point_has_the_state_that_the_pointwise_reading_gives_it(unlinked, rows, day):
    ground = hm.ground(made(rows, unlinked_releases=unlinked), on=day)
    shapes = plane_shapes(ground)
    for x, y in points():
        point = shapely.Point(x, y)
        if any(abs(np.hypot(x - f["geometry"].x, y - f["geometry"].y) - 15) < 0.2 for f in rows["finds"]):
            continue  # on the rim of a disc, which is a polygon outside its circle
        found = ground["state"].to_numpy()[shapely.contains_xy(shapes, x, y)]
        expected = pointwise.state(rows, point, day, unlinked=unlinked, radius=15.0)
        assert found.tolist() == ([] if expected is None else [expected]), (x, y)


@LAND
@given(rows=lands(), day=dates)
def test_states_are_disjoint_and_known_is_remaining_plus_released(rows, day):
    land = made(rows)
    ground, left, freed = hm.ground(land, on=day), hm.remaining(land, on=day), hm.released(land, on=day)
    known = ground[ground["state"].isin(words.KNOWN_STATES)]
    assert area(left) + area(freed) == pytest.approx(area(known))
    union = shapely.union_all(plane_shapes(ground), grid_size=measure.GRID_M)
    assert shapely.area(plane_shapes(ground)).sum() == pytest.approx(union.area, abs=0.1)  # discs are not on the grid


@LAND
@given(rows=lands(), day=dates)
def test_known_ground_is_all_hazards_of_the_day_and_all_releases_that_are_not_void(rows, day):
    assume(not rows["finds"])
    land = made(rows)
    ground = hm.ground(land, on=day)
    hazards, releases = hm.hazards_on(land, on=day), hm.releases_on(land, on=day)
    shapes = [*plane_shapes(hazards), *plane_shapes(releases[releases["standing"] != "void"])]
    expected = shapely.union_all(np.array(shapes, dtype=object), grid_size=measure.GRID_M).area if shapes else 0.0
    known = ground[ground["state"].isin(words.KNOWN_STATES)]
    assert shapely.area(plane_shapes(known)).sum() == pytest.approx(expected, abs=0.05)


@LAND
@given(rows=lands(), day=dates, data=st.data())
def test_a_further_release_never_raises_open_ground(rows, day, data):
    ids = sorted({h["hazard_id"] for h in rows["hazards"]})
    more = rows | {"releases": [*rows["releases"], data.draw(release_row(ids, 9))]}
    for state in (("confirmed_open",), words.OPEN_STATES):
        assert area(hm.ground(made(more), on=day), state) <= area(hm.ground(made(rows), on=day), state) + 0.05


@LAND
@given(rows=lands(), day=dates, data=st.data())
def test_a_further_hazard_never_lowers_what_remains(rows, day, data):
    new = data.draw(hazard_rows(ids=("H-9",)))
    # Evidence that a new hazard explains loses its own disc (rule, point 4): that is the one exception.
    assume(not any(h["geometry"].intersects(f["geometry"]) for h in new for f in rows["finds"]))
    more = rows | {"hazards": [*rows["hazards"], *new]}
    before, after = hm.ground(made(rows), on=day), hm.ground(made(more), on=day)
    assert area(after, words.REMAINING_STATES) >= area(before, words.REMAINING_STATES) - 0.05
    assert area(after, words.RELEASED_STATES) <= area(before, words.RELEASED_STATES) + 0.05


#: How much each state promises; ground of a hazard may only move towards the left.
PROMISE = {
    "confirmed_open": 0,
    "suspected_open": 1,
    "in_question": 2,
    "not_handed_over": 3,
    "cancelled": 4,
    "reduced": 4,
    "cleared": 4,
}


def promises(ground, rows, day, *, hazards_only):
    """Give for each test point what its state promises; without a hazard, void and unknown promise nothing at all."""
    shapes = plane_shapes(ground)
    found = []
    for x, y in points():
        states = ground["state"].to_numpy()[shapely.contains_xy(shapes, x, y)]
        state = states[0] if len(states) else None
        bare = not any(pointwise.ground_of(h["hazard_id"], rows, shapely.Point(x, y), day)[0] for h in rows["hazards"])
        if bare and hazards_only:
            found.append(4 if state in words.RELEASED_STATES else 0)
        else:
            found.append(PROMISE.get(state, 0 if bare else -1))
    return np.array(found)


WORSE = {
    "decision": ("reported", "rejected"),
    "quality": ("conditional", "failed"),
    "decision_date": (None,),
    "quality_date": (None,),
    "handover_no": (None,),
    "handover_date": (None,),
    "depth_m": (None,),
    "activity_type": (None, "EOD"),
    "nonconformity": ("major", "critical"),
    "nonconformity_closed_on": (None,),
}


@LAND
@given(rows=lands(), day=dates, data=st.data())
def test_a_paper_taken_away_or_a_worse_word_never_improves_a_point(rows, day, data):
    assume(rows["releases"])
    which = data.draw(st.integers(0, len(rows["releases"]) - 1))
    column = data.draw(st.sampled_from(sorted(WORSE)))
    value = data.draw(st.sampled_from(WORSE[column]))
    old = rows["releases"][which]
    assume(not (column == "decision" and old["decision"] == "rejected"))
    assume(not (column == "quality" and old["quality"] == "failed"))
    assume(not (column == "quality" and value == "conditional" and old["quality"] != "passed"))
    assume(not (column == "decision" and value == "reported" and old["decision"] != "approved"))
    assume(not (column == "nonconformity" and old["nonconformity"] in ("major", "critical")))
    assume(not (column == "activity_type" and pointwise.PRODUCT.get(old["activity_type"]) != old["product"]))
    worse = rows | {"releases": [r | {column: value} if i == which else r for i, r in enumerate(rows["releases"])]}
    before = promises(hm.ground(made(rows), on=day), rows, day, hazards_only=True)
    after = promises(hm.ground(made(worse), on=day), worse, day, hazards_only=True)
    assert (after <= before).all()


@LAND
@given(rows=lands(), day=dates, data=st.data())
def test_a_later_find_never_improves_a_point(rows, day, data):
    more = rows | {"finds": [*rows["finds"], data.draw(find_row(9))]}
    before = promises(hm.ground(made(rows), on=day), rows, day, hazards_only=True)
    after = promises(hm.ground(made(more), on=day), more, day, hazards_only=True)
    assert (after <= before).all()


@LAND
@given(rows=lands(), day=dates, data=st.data())
def test_the_same_release_twice_changes_nothing(rows, day, data):
    assume(rows["releases"])
    twice = data.draw(st.sampled_from(rows["releases"]))
    more = rows | {"releases": [*rows["releases"], twice | {"release_id": "R-again"}]}
    assert by_state(hm.ground(made(more), on=day)) == pytest.approx(by_state(hm.ground(made(rows), on=day)), abs=0.05)


def by_state(ground):
    return ground.groupby("state")["area_m2"].sum().to_dict()


@LAND
@given(rows=lands(), day=dates, data=st.data())
def test_row_order_changes_nothing(rows, day, data):
    shuffled = {name: data.draw(st.permutations(table_rows)) for name, table_rows in rows.items()}
    a, b = hm.ground(made(rows), on=day), hm.ground(made(shuffled), on=day)
    assert by_state(a) == pytest.approx(by_state(b), abs=1e-6)
    key = ["state", "hazard_ids", "release_ids", "unlinked_release_ids", "void_release_ids", "survey_ids", "find_ids"]
    assert sorted(a[key].itertuples(index=False)) == sorted(b[key].itertuples(index=False))


@LAND
@given(rows=lands(), day=dates, turn=st.integers(1, 3))
def test_ring_start_direction_and_splitting_change_nothing(rows, day, turn):
    def turned(shape):
        ring = list(shape.exterior.coords)[:-1]
        return shapely.Polygon([*ring[turn:], *ring[:turn]][::-1])

    def halved(shape):
        west, south, east, north = shape.bounds
        middle = (west + east) / 2
        return shapely.MultiPolygon([shapely.box(west, south, middle, north)]), shapely.box(middle, south, east, north)

    other = {
        n: [
            r | {"geometry": turned(r["geometry"]) if r["geometry"].geom_type == "Polygon" else r["geometry"]}
            for r in v
        ]
        for n, v in rows.items()
    }
    halves = []
    for r in other["releases"]:
        a, b = halved(r["geometry"])
        halves += [r | {"geometry": a}, r | {"geometry": b, "release_id": r["release_id"] + "b"}]
    # A find near one half puts only that half in question unless both belong to one activity.
    halves = [h | {"activity_id": h["activity_id"] or f"of {h['release_id'][:3]}"} for h in halves]
    assert by_state(hm.ground(made(other), on=day)) == pytest.approx(by_state(hm.ground(made(rows), on=day)), abs=0.05)
    # A hazard in two parts that share an edge is an invalid polygon to GEOS: its widest reading is the whole.
    parts = [
        h | {"geometry": shapely.MultiPolygon([*halved(h["geometry"])[0].geoms, halved(h["geometry"])[1]])}
        for h in other["hazards"]
    ]
    split = other | {"releases": halves, "hazards": parts}
    assert by_state(hm.ground(made(split), on=day)) == pytest.approx(by_state(hm.ground(made(rows), on=day)), abs=0.05)


@LAND
@given(rows=lands())
def test_the_timeline_on_any_day_is_the_ground_of_that_day(rows):
    land = made(rows)
    life = hm.timeline(land)
    for day in (*DATES[::3], "2020-06-01", "2024-12-31"):
        now = pd.Timestamp(day)
        holds = (life["from"].isna() | (life["from"] <= now)) & (life["to"].isna() | (life["to"] > now))
        assert by_state(life[holds]) == pytest.approx(by_state(hm.ground(land, on=day)), abs=1e-6)


@LAND
@given(rows=lands(), day=dates)
def test_hazard_accounts_balance_and_open_ground_agrees(rows, day):
    land = made(rows)
    account = hm.hazard_account(land, on=day)
    size = account["established_m2"] + account["extended_m2"]
    assert (account["unbalanced_m2"].abs() <= np.maximum(1.0, 0.001 * size)).all()
    if not rows["finds"]:
        assert area(hm.ground(land, on=day), words.OPEN_STATES) <= account["open_m2"].sum() + 0.05


@LAND
@given(rows=lands(), day=dates)
def test_inputs_are_untouched(rows, day):
    land = made(rows)
    before = {n: getattr(land, n).copy() for n in ("hazards", "releases", "finds", "surveys")}
    hm.ground(land, on=day)
    hm.timeline(land)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(getattr(land, name)))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.tuples(st.integers(-400, 400), st.integers(-400, 400)), min_size=3, max_size=9), st.data())
def test_any_shapes_split_into_what_is_left_and_what_is_freed(corners, data):
    """Random polygons, self-crossing ones too: nothing lost, nothing twice, against GEOS on the same 1 mm grid."""
    from hazardmap import readings

    def random_polygon(xy):
        return shapely.Polygon(xy)

    hazard = random_polygon(corners)
    release = random_polygon(
        data.draw(st.lists(st.tuples(st.integers(-400, 400), st.integers(-400, 400)), min_size=3, max_size=9))
    )
    wide, narrow = readings.widest(hazard), readings.narrowest(release)
    assume(wide is not None and not wide.is_empty and wide.area > 1)
    land = programme(
        hazards=[{"geometry": wide}],
        releases=[
            {
                "hazard_ids": ("H-0",),
                "geometry": release if narrow is not None else None,
                "quarantined": None if narrow is not None else "nothing sure",
            }
        ],
    )
    ground = hm.ground(land, on="2024-01-01")
    cut = shapely.intersection(wide, narrow, grid_size=0.001).area if narrow is not None else 0.0
    on_hazard = ground[ground["hazard_ids"].map(len) > 0]
    assert area(on_hazard) == pytest.approx(wide.area, abs=max(0.5, 0.01 * wide.length))
    assert area(on_hazard, ["cleared"]) == pytest.approx(cut, abs=max(1.0, 0.01 * (wide.length + release.length)))


def test_a_change_of_crs_moves_no_edge_by_more_than_a_centimetre():
    square = shapely.Polygon([(0, 0), (9000, 500), (9500, 8000), (300, 9000)])
    in_plane = table("hazards", [{"geometry": square}])
    for crs in ("EPSG:32638", "EPSG:32639", "EPSG:28408"):
        there = measure.from_plane(np.array([shapely.segmentize(square, 200)], dtype=object), PLANE).to_crs(crs)
        back, _, _ = measure.to_stored(there)
        land = dataclasses.replace(programme(), hazards=in_plane.set_geometry(back.to_numpy(), crs=4326))
        moved = plane_shapes(hm.remaining(land, on="2024-01-01"))[0]
        if crs != "EPSG:28408":  # another datum: geopandas and we choose different operations, metres apart
            assert shapely.hausdorff_distance(moved, square, densify=0.01) < 0.02
            assert moved.symmetric_difference(square).area < 0.01 * square.length


@LAND
@given(rows=lands(), day=dates)
def test_a_release_frees_only_ground_of_hazards_that_it_names_and_that_is_not_newer_than_it(rows, day):
    def freed_on_hazards(releases):
        ground = hm.ground(made(rows | {"releases": releases}), on=day)
        return area(ground[ground["hazard_ids"].map(len) > 0], (*words.RELEASED_STATES, "not_handed_over"))

    assert freed_on_hazards([r | {"hazard_ids": ()} for r in rows["releases"]]) == 0
    assert freed_on_hazards([r | {"date_completed": "2020-12-31"} for r in rows["releases"]]) == 0
    ground = hm.ground(made(rows), on=day)
    named = {r["release_id"]: set(r["hazard_ids"]) for r in rows["releases"]}
    for row in ground[ground["state"].isin(words.RELEASED_STATES)].itertuples():
        freed = set().union(*(named[r] for r in row.release_ids)) if row.release_ids else set()
        assert set(row.hazard_ids) <= freed
