"""Laws of traverses: geographiclib agrees, turning and moving turn and move, more doubt is never less, Bowditch closes."""

import numpy as np
import pandas as pd
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walked import STATED, square, table

from hazardmap.intake.traverse import read_traverses
from hazardmap.intake.traverse.legs import COMPASS_DEG, DISTANCE_PERCENT, PACE_PERCENT

GEOD = pyproj.Geod(ellps="WGS84")
bearings = st.floats(0, 360).map(lambda v: f"{v:.4f}")
lengths = st.floats(1, 3000).map(lambda v: f"{v:.3f}")
legs = st.lists(st.tuples(bearings, lengths), min_size=3, max_size=8)
places = st.tuples(st.floats(-179, 179), st.floats(-70, 70)).map(lambda p: (f"{p[0]:.7f}", f"{p[1]:.7f}"))
QUICK = settings(max_examples=25, deadline=None)


def frame_of(steps, place=("46.9", "40.0"), **more):
    kinds = ["start", *["turning"] * (len(steps) - 1)]
    rows = [(f"P{i}", k, b, d) for i, (k, (b, d)) in enumerate(zip(kinds, steps, strict=True))]
    return table(rows, lon=place[0], lat=place[1], **more)


def walked(frame, **options):
    stated = {**STATED, **options.pop("stated", {})}
    return read_traverses(frame, stated=stated, **options)


def xy(read):
    return np.column_stack([read.points.geometry.x, read.points.geometry.y])


@given(legs, places)
@QUICK
def test_geographiclib_agrees_within_a_millimetre(steps, place):
    geodesic = pytest.importorskip("geographiclib.geodesic", reason="pip install hazardmap[test]").Geodesic.WGS84
    longitude, latitude = map(float, place)
    for (bearing, length), (x, y) in zip(steps, xy(walked(frame_of(steps, place)))[1:], strict=True):
        end = geodesic.Direct(latitude, longitude, float(bearing), float(length))
        latitude, longitude = end["lat2"], end["lon2"]
        assert geodesic.Inverse(latitude, longitude, y, x)["s12"] < 0.001


short = st.lists(st.tuples(bearings, st.floats(1, 100).map(lambda v: f"{v:.3f}")), min_size=3, max_size=8)


@given(short, st.integers(1, 359))
@QUICK
def test_turning_all_bearings_turns_the_figure(steps, turn):
    """Over a kilometre meridians draw together by less than 2 in 10,000: so far a figure turns like one on paper."""
    turned = [(f"{(float(b) + turn) % 360:.4f}", d) for b, d in steps]
    ways = []
    for read in (walked(frame_of(steps)), walked(frame_of(turned))):
        (x, y), ends = xy(read)[0], xy(read)[1:]
        azimuth, _, length = GEOD.inv(np.full(len(ends), x), np.full(len(ends), y), *ends.T)
        ways.append(np.column_stack([np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))]) * length[:, None])
    angle = np.radians(turn)
    expected = ways[0] @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    assert np.abs(ways[1] - expected).max() < 0.001 + 2e-4 * 800


@given(legs, st.floats(-60, 60))
@QUICK
def test_moving_the_landmark_along_its_parallel_moves_the_figure(steps, east):
    there = f"{46.9 + east:.7f}"
    a, b = xy(walked(frame_of(steps))), xy(walked(frame_of(steps, (there, "40.0"))))
    assert b - a == pytest.approx(np.broadcast_to([float(there) - 46.9, 0], a.shape), abs=1e-9)


@given(legs, st.randoms())
@QUICK
def test_rows_in_any_order_with_their_numbers_give_the_same(steps, random):
    frame = pd.concat([frame_of(steps), frame_of(steps, name="M-2")], ignore_index=True)
    frame["order"] = [*range(len(steps) + 1)] * 2
    order = list(frame.index)
    random.shuffle(order)
    a, b = walked(frame), walked(frame.loc[order])
    assert a.points.geometry.sort_index().geom_equals(b.points.geometry.sort_index()).all()
    shapes = [r.polygons.set_index("traverse_id").geometry for r in (a, b)]
    assert all(shapes[0][n] == shapes[1][n] for n in ("M-1", "M-2"))


@given(legs, st.sampled_from(["mil_6400", "mil_6000", "gon"]))
@QUICK
def test_units_are_equivalent(steps, unit):
    circle = {"mil_6400": 6400, "mil_6000": 6000, "gon": 400}[unit]
    other = [(f"{float(b) * circle / 360:.8f}", d) for b, d in steps]
    a, b = walked(frame_of(steps)), walked(frame_of(other), stated={"bearing_unit": unit})
    assert xy(a) == pytest.approx(xy(b), abs=1e-9)


@given(legs)
@QUICK
def test_bowditch_closes_exactly_and_moves_nothing_that_is_closed(steps):
    frame = frame_of([*steps, ("0", "1")])
    frame.loc[len(frame) - 1, ["point", "kind"]] = ["P0", "start"]
    read = walked(frame, bowditch=True, closing_limit=0.999)
    if read.polygons["adjusted"].iloc[0]:
        assert (xy(read)[-1] == xy(read)[1]).all()
        moved = read.points["moved_m"].to_numpy()
        assert (np.diff(moved[1:]) >= 0).all()
        assert moved[-1] == pytest.approx(read.polygons["closing_m"].iloc[0])
    plain = walked(frame.iloc[:-1])
    (x0, y0), (x1, y1) = xy(plain)[-1], xy(plain)[1]
    azimuth, _, length = GEOD.inv(x0, y0, x1, y1)
    if length < 0.01:
        return
    frame.loc[len(frame) - 1, ["bearing", "distance"]] = [f"{azimuth % 360:.12f}", f"{length:.12f}"]
    closed = walked(frame, bowditch=True)
    assert closed.polygons["closing_m"].iloc[0] < 1e-6
    assert closed.points["moved_m"].max() < 1e-6
    assert xy(closed)[:-1] == pytest.approx(xy(plain), abs=1e-10)


doubts = st.fixed_dictionaries(
    {
        "accuracy_m": st.floats(0, 100),
        "bearing_accuracy_deg": st.floats(0, 20),
        "distance_accuracy_m": st.floats(0, 20),
        "distance_accuracy_percent": st.floats(0, 30),
    }
)


@given(
    legs,
    doubts,
    st.sampled_from(["accuracy_m", "bearing_accuracy_deg", "distance_accuracy_m", "distance_accuracy_percent"]),
    st.floats(0, 10),
    st.integers(0, 8),
)
@settings(max_examples=60, deadline=None)
def test_more_doubt_never_gives_a_smaller_accuracy(steps, doubt, which, more, at):
    frame = frame_of(steps)
    for column, value in doubt.items():
        frame[column] = [f"{value:.6f}"] * len(frame)
    worse = frame.copy()
    row = 0 if which == "accuracy_m" else 1 + at % len(steps)
    worse.loc[row, which] = f"{doubt[which] + more:.6f}"
    a, b = walked(frame), walked(worse)
    assert (b.points["accuracy_m"] >= a.points["accuracy_m"] - 1e-9).all()
    assert b.polygons["accuracy_m"].iloc[0] >= a.polygons["accuracy_m"].iloc[0] - 1e-9


@given(legs)
@QUICK
def test_a_compass_and_paces_are_never_better_than_true_north_and_metres(steps):
    true = walked(frame_of(steps))
    compass = walked(frame_of(steps, date="1993-06-30"), stated={"north": "magnetic"})
    assert (compass.points["accuracy_m"] >= true.points["accuracy_m"]).all()
    paced = walked(frame_of(steps), stated={"distance_unit": "pace", "pace_m": "1"})
    assert (paced.points["accuracy_m"] >= true.points["accuracy_m"]).all()


def test_the_formula_by_pencil():
    """One leg of 100 m, true north: 8 m, half a metre, half a degree of 100 m, and 1 % of it."""
    frame = table([("S", "start", 90, 100)], accuracy_m="8")
    own = 0.5**2 + (100 * np.radians(0.5)) ** 2
    start = 8**2 + (111_320 * 0.5e-7) ** 2 * (1 + np.cos(np.radians(40)) ** 2)
    read = walked(frame)
    assert read.points["accuracy_m"].iloc[1] == pytest.approx(
        (start + own + (DISTANCE_PERCENT / 100 * 100) ** 2) ** 0.5
    )
    paced = walked(frame, stated={"distance_unit": "pace", "pace_m": "0.5"})
    own = 0.25**2 + (50 * np.radians(0.5)) ** 2
    assert paced.points["accuracy_m"].iloc[1] == pytest.approx((start + own + (PACE_PERCENT / 100 * 50) ** 2) ** 0.5)
    frame["bearing"] = [None, "90.000"]
    compass = walked(frame.assign(date="2025-01-01"), stated={"north": "magnetic"})
    row = compass.polygons.iloc[0]
    own = 0.5**2 + (100 * np.radians(COMPASS_DEG)) ** 2 + (100 * np.radians(row["declination_uncertainty_deg"])) ** 2
    assert compass.points["accuracy_m"].iloc[1] == pytest.approx((start + own + 1) ** 0.5)


def test_a_pace_error_does_not_shrink_when_a_leg_is_cut_in_pieces():
    """What is common to all legs stretches the whole way; it does not average out."""
    whole = walked(table([("S", "start", 90, 400)]), stated={"distance_unit": "pace", "pace_m": "1"})
    pieces = [("A", "start", 90, 100), *((n, "intermediate", 90, 100) for n in "BCD")]
    cut = walked(table(pieces), stated={"distance_unit": "pace", "pace_m": "1"})
    assert cut.points["accuracy_m"].iloc[-1] >= 40
    assert cut.points["accuracy_m"].iloc[-1] == pytest.approx(whole.points["accuracy_m"].iloc[-1], rel=0.05)


def test_the_closing_error_is_carried_into_the_accuracy():
    frame = square(1000)
    closed = walked(frame).polygons["accuracy_m"].iloc[0]
    frame.loc[5, "distance"] = "950"
    row = walked(frame).polygons.iloc[0]
    assert row["accuracy_m"] == pytest.approx(np.hypot(closed, row["closing_m"]), rel=0.01)


words = st.text(max_size=12) | st.sampled_from(
    ["", "0", "1e5", "-", "90", "45°", "N", "magnetic", "pace", "EPSG:32638", "=1+1"]
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                c: st.none() | words
                for c in (
                    "traverse_id",
                    "point",
                    "kind",
                    "from",
                    "order",
                    "longitude",
                    "latitude",
                    "coordinates",
                    "datum",
                    "bearing",
                    "bearing_unit",
                    "north",
                    "date",
                    "crs",
                    "distance",
                    "distance_unit",
                    "pace_m",
                    "accuracy_m",
                    "form",
                    "width_m",
                    "mines",
                    "decimal",
                    "line",
                    "rows",
                )
            }
        ),
        max_size=6,
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_stands_in_the_cells_no_row_is_lost(rows):
    columns = ["traverse_id", "point", "kind", "bearing", "distance"]
    frame = pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)
    read = read_traverses(frame)
    assert len(read.points) == len(frame)
    ids = {r["traverse_id"].strip() for r in rows if r["traverse_id"] is not None and r["traverse_id"].strip()}
    assert len(read.polygons) <= len(ids)
    assert read.polygons["quarantined"].notna().all()
