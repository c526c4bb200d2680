"""Traverses: squares that a pencil can check, units, norths, closing errors, faults; nothing guessed, no row lost."""

import itertools

import numpy as np
import pandas as pd
import pyproj
import pytest
from walked import STATED, square, table

from hazardmap.errors import SchemaError
from hazardmap.intake.traverse import read_traverses

GEOD = pyproj.Geod(ellps="WGS84")


def walked(frame, **options):
    stated = {**STATED, **options.pop("stated", {})}
    return read_traverses(frame, stated={k: v for k, v in stated.items() if v is not None}, **options)


def only(read):
    assert len(read.polygons) == 1
    return read.polygons.iloc[0]


def place(read, name):
    return read.points.loc[read.points["point"].eq(name)].geometry.iloc[0]


def apart(a, b):
    return GEOD.inv(a.x, a.y, b.x, b.y)[2]


def test_a_square_of_100_m():
    read = walked(square())
    row = only(read)
    assert read.faults.empty
    assert row["quarantined"] is None
    assert row["area_m2"] == pytest.approx(10_000, abs=0.5)
    assert row["perimeter_m"] == pytest.approx(400, abs=0.01)
    # Meridians 100 m apart draw together by 100 m · tan 40° · 100 m / 6,388 km = 1.3 mm over 100 m.
    assert row["closing_m"] == pytest.approx(0.0013, abs=0.0008)
    assert row["points"] == 4
    corner = np.array(read.points.geometry[3].coords[0])
    _, _, diagonal = GEOD.inv(*place(read, "S").coords[0], *corner)
    assert diagonal == pytest.approx(100 * 2**0.5, abs=0.002)


@pytest.mark.parametrize(
    ("unit", "bearings"),
    [
        ("deg", (0, 90, 180, 270)),
        ("deg", ("0°00'", "90° 00' 00\"", "180", "270.0")),
        ("mil 6400", (0, 1600, 3200, 4800)),
        ("6000 mils", (0, 1500, 3000, 4500)),
        ("mil 6000", ("0-00", "15-00", "30-00", "45-00")),
        ("gon", (0, 100, 200, 300)),
        ("grad", ("0 gon", "100", "200 grads", "300")),
    ],
)
def test_units_of_bearings_mean_the_same(unit, bearings):
    quarter = bearings[1]
    read = walked(square(bearings=bearings, out=(quarter, 50)), stated={"bearing_unit": unit})
    same = walked(square())
    assert read.faults.empty
    for a, b in zip(read.points.geometry, same.points.geometry, strict=True):
        assert apart(a, b) < 1e-6


@pytest.mark.parametrize(
    ("stated", "side", "out"),
    [
        ({"distance_unit": "m"}, "100", "50"),
        ({"distance_unit": "km"}, "0.1", "0.05"),
        ({"distance_unit": "pace", "pace_m": "0.8"}, "125", "62.5"),
        ({"distance_unit": "шагов", "pace_m": "0.5"}, "200", "100"),
        ({"distance_unit": "yd"}, 100 / 0.9144, 50 / 0.9144),
        ({"distance_unit": None}, "100 m", "50 m"),
    ],
)
def test_units_of_distances_mean_the_same(stated, side, out):
    read = walked(square(side, out=(90, out)), stated=stated)
    assert read.faults.empty
    assert only(read)["area_m2"] == pytest.approx(10_000, abs=0.5)


def test_a_decimal_comma_is_read_where_it_is_stated():
    frame = square("100,0", out=(90, "50,00"), lon="46,9", lat="40,0")
    assert only(walked(frame, stated={"decimal": ","}))["area_m2"] == pytest.approx(10_000, abs=0.5)
    assert only(walked(frame))["geometry"] is None


def test_magnetic_for_true_moves_the_end_of_500_m_by_56_m():
    """The field notes: declination at Aghdam in 2025 is 6.4° E."""
    legs = [("S", "start", 30, 500)]
    magnetic = walked(table(legs, date="2025-06-30"), stated={"north": "magnetic"})
    true = walked(table(legs))
    assert apart(place(magnetic, "S"), place(true, "S")) == pytest.approx(56, abs=0.5)
    point = magnetic.points.iloc[1]
    assert point["azimuth_deg"] == pytest.approx(36.4, abs=0.05)
    row = only(magnetic)
    assert row["declination_model"] == "WMM2025"
    assert str(row["date"]) == "2025-06-30"
    old = only(walked(table(legs, date="1993-06-30"), stated={"north": "magnetic"}))
    assert old["declination_model"] == "IGRF-14"
    assert old["declination_deg"] == pytest.approx(4.65, abs=0.05)


@pytest.mark.parametrize(("lon", "turn"), [("46.15", 0.74), ("47.15", 1.38)])
def test_grid_north_turns_by_the_convergence(lon, turn):
    """The field notes: +0.7…+1.4° there; (longitude − 45°) · sin 40° on UTM 38N."""
    read = walked(table([("S", "start", 30, 500)], lon=lon, crs="EPSG:32638"), stated={"north": "grid"})
    assert read.points["convergence_deg"].iloc[1] == pytest.approx(turn, abs=0.01)
    start, end = read.points.geometry
    there = pyproj.Transformer.from_crs(4326, 32638, always_xy=True)
    (x0, y0), (x1, y1) = there.transform(start.x, start.y), there.transform(end.x, end.y)
    assert np.degrees(np.arctan2(x1 - x0, y1 - y0)) == pytest.approx(30, abs=0.001)


def test_a_pulkovo_landmark_is_carried_to_wgs_84():
    read = walked(square(), stated={"datum": "Pulkovo 1942"})
    same = walked(square())
    moved = apart(place(read, "L"), place(same, "L"))
    assert moved == pytest.approx(102, abs=5)
    assert "is carried to WGS 84 by" in only(read)["notes"]
    assert read.points["accuracy_m"].iloc[0] > same.points["accuracy_m"].iloc[0]


def test_sides_are_geodesics_divided_to_a_centimetre():
    """A side of 4 km due west bends 0.26 m between its ends: L² tan φ / 8R."""
    read = walked(square(4000))
    ring = np.array(only(read)["geometry"].exterior.coords)
    assert len(ring) > 4 * 4
    for a, b in itertools.pairwise(ring):
        azimuth, _, length = GEOD.inv(*a, *b)
        middle = GEOD.fwd(*a, azimuth, length / 2)[:2]
        assert GEOD.inv(*middle, *((a + b) / 2))[2] < 0.01


def test_the_closing_error_is_told_and_the_gap_is_kept():
    """The last leg is 5 m too short: 395 m walked, 5 m missing, 12.7 ‰."""
    frame = square(1000)
    frame.loc[5, "distance"] = "950"
    read = walked(frame)
    row = only(read)
    assert row["closing_m"] == pytest.approx(50, abs=0.2)
    assert row["closing_permille"] == pytest.approx(50 / 3950 * 1000, abs=0.1)
    assert "misses S by 50." in row["notes"] or "misses S by 49." in row["notes"]
    assert "not adjusted" in row["notes"]
    assert not row["adjusted"]
    assert row["area_m2"] == pytest.approx(1e6, rel=1e-3)
    assert read.faults.empty


def test_the_ground_of_both_readings_is_kept():
    """The last leg comes out 10 m south of the start point: the triangle outside the square belongs to it."""
    frame = square(1000, bearings=(0, 90, 180, 269.42706))
    row = only(walked(frame))
    assert row["closing_m"] == pytest.approx(10, abs=0.2)
    assert row["area_m2"] == pytest.approx(1e6 + 1000 * 10 / 2, rel=2e-4)


def test_bowditch_closes_and_tells_how_far_points_moved():
    frame = square(1000)
    frame.loc[5, "distance"] = "950"
    read = walked(frame, bowditch=True)
    row = only(read)
    assert row["adjusted"]
    assert "spread by Bowditch" in row["notes"]
    moved = read.points["moved_m"].to_numpy()
    assert moved == pytest.approx([0, 0, *(row["closing_m"] * np.array([1000, 2000, 3000, 3950]) / 3950)], abs=1e-6)
    assert row["largest_move_m"] == pytest.approx(row["closing_m"])
    assert apart(read.points.geometry[5], read.points.geometry[1]) == 0
    plain = walked(frame)
    assert row["accuracy_m"] == only(plain)["accuracy_m"], "what is spread is not known better"


@pytest.mark.parametrize("bowditch", [False, True])
def test_a_closing_error_above_the_limit_is_a_fault_and_not_mended(bowditch):
    frame = square()
    frame.loc[5, "distance"] = "60"
    read = walked(frame, bowditch=bowditch)
    row = only(read)
    assert "misses S by 40.00 m" in row["quarantined"]
    assert "at most 20 ‰ of 360 m" in row["quarantined"]
    assert not row["adjusted"]
    assert (read.points["moved_m"] == 0).all()
    assert row["area_m2"] == pytest.approx(10_000, abs=1), "the draft is kept"
    assert only(walked(frame, closing_limit=0.2))["quarantined"] is None


def test_without_a_closing_leg_the_error_is_not_known():
    row = only(walked(square(closed=False)))
    assert np.isnan(row["closing_m"])
    assert "no closing leg: its error is not known, the last side is drawn straight" in row["notes"]
    assert row["area_m2"] == pytest.approx(10_000, abs=0.5)


def test_a_traverse_may_close_on_its_benchmark():
    """Back from the last turning point straight to the landmark, 50 m west of the start point."""
    frame = square(closed=False)
    frame.loc[5] = ["M-1", "L", "landmark", "270", "150", None, None]
    row = only(walked(frame))
    assert row["closing_m"] == pytest.approx(0, abs=0.01)
    assert row["points"] == 4
    assert row["area_m2"] == pytest.approx(10_000, abs=0.5)


def test_points_beside_the_way_are_no_corners():
    frame = square()
    mine = pd.DataFrame([["M-1", "E", "evidence", "45", "20", None, None]], columns=frame.columns)
    read = walked(pd.concat([frame.iloc[:3], mine, frame.iloc[3:]], ignore_index=True))
    assert only(read)["area_m2"] == pytest.approx(10_000, abs=0.5)
    assert apart(place(read, "E"), place(read, "T1")) == pytest.approx(20, abs=1e-6)


def test_polar_traverses_name_the_point_they_start_from():
    """All corners from one benchmark, the middle of the square: bearings 45°, 135° … and half the diagonal."""
    half = 50 * 2**0.5
    legs = [(f"C{i}", "start" if i == 0 else "turning", 45 + 90 * i, f"{half:.4f}") for i in range(4)]
    row = only(walked(table(legs).assign(**{"from": [None, "L", "L", "L", "L"]})))
    assert row["area_m2"] == pytest.approx(10_000, abs=0.5)


def test_order_is_stated_or_as_the_rows_stand():
    frame = square().assign(order=range(6))
    mixed = frame.sample(frac=1, random_state=3)
    read = walked(mixed)
    assert list(read.points.index) == list(mixed.index)
    assert only(read)["geometry"].equals(only(walked(frame))["geometry"])


def test_rows_index_and_input_stay_as_they_are():
    frame = pd.concat([square(), square(name="M-2", closed=False)]).set_axis(list("abcdefghijk"))
    before = frame.copy(deep=True)
    read = walked(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert list(read.points.index) == list("abcdefghijk")
    assert list(read.polygons["traverse_id"]) == ["M-1", "M-2"]


def faulty(change, **options):
    frame = options.pop("frame", None)
    frame = square() if frame is None else frame
    frame = change(frame)
    read = walked(frame, **options)
    assert len(read.points) == len(frame), "no row is lost"
    assert read.polygons["quarantined"].notna().all()
    return read


def cell(row, column, value):
    def change(frame):
        frame = frame.copy()
        if column not in frame:
            frame[column] = None
        frame[column] = frame[column].astype("object")
        frame.loc[row, column] = value
        return frame

    return change


@pytest.mark.parametrize(
    ("change", "stated", "column", "found"),
    [
        (cell(2, "bearing", "361"), {}, "bearing", "'361'"),
        (cell(2, "bearing", "-5"), {}, "bearing", "'-5'"),
        (cell(2, "bearing", None), {}, "bearing", "none"),
        (cell(2, "bearing", "45,5"), {}, "bearing", "decimal comma, or thousands"),
        (cell(2, "bearing", "1600"), {"bearing_unit": "mil"}, "bearing_unit", "'mil'"),
        (cell(2, "bearing", "90"), {"bearing_unit": None}, "bearing", "without a unit"),
        (cell(2, "bearing", "90 gon"), {}, "bearing", "its unit is said to be deg"),
        (cell(2, "distance", "0"), {}, "distance", "'0'"),
        (cell(2, "distance", "nan"), {}, "distance", "'nan'"),
        (cell(2, "distance", "1e9999"), {}, "distance", "'1e9999'"),
        (cell(2, "distance", "100"), {"distance_unit": "pace"}, "distance", "in paces"),
        (cell(2, "distance", "100"), {"distance_unit": "pace", "pace_m": "75"}, "pace_m", "'75'"),
        (cell(2, "distance", "100"), {"distance_unit": None}, "distance", "without a unit"),
        (cell(0, "longitude", None), {}, "longitude", "none"),
        (cell(0, "latitude", "95"), {}, "latitude", "'95'"),
        (cell(0, "longitude", "46.9"), {"datum": None}, "datum", "none"),
        (cell(0, "longitude", "46.9"), {"datum": "local"}, "datum", "'local'"),
        (cell(0, "longitude", "46.9"), {"datum": "EPSG:32638"}, "datum", "'EPSG:32638'"),
        (cell(2, "north", None), {"north": None}, "north", "none"),
        (cell(2, "north", "up"), {"north": "true"}, "north", "'up'"),
        (cell(2, "north", None), {"north": "magnetic"}, "date", "none"),
        (cell(2, "date", "1899-12-31"), {"north": "magnetic"}, "date", "1899-12-31"),
        (cell(2, "date", "03/04/1993"), {"north": "magnetic"}, "date", "3 April or 4 March"),
        (cell(2, "north", None), {"north": "grid"}, "crs", "none"),
        (cell(2, "crs", "EPSG:4326"), {"north": "grid"}, "crs", "'EPSG:4326'"),
        (cell(2, "crs", "EPSG:32633"), {"north": "grid"}, "crs", "EPSG:32633 at 46.90"),
        (cell(2, "crs", "+proj=utm"), {"north": "grid"}, "crs", "'+proj=utm'"),
        (cell(2, "kind", "corner"), {}, "kind", "'corner'"),
        (cell(2, "kind", None), {}, "kind", "none"),
        (cell(2, "kind", "start"), {}, "kind", "a second start point"),
        (cell(2, "kind", "end"), {}, "kind", "an end point before others"),
        (cell(2, "point", None), {}, "point", "none"),
        (cell(3, "point", "T1"), {}, "point", "'T1' again"),
        (cell(3, "from", "X"), {}, "from", "'X'"),
        (cell(3, "width_m", "20"), {}, "form", "none, but width_m"),
        (cell(3, "order", "7"), {}, "order", "none"),
        (cell(0, "coordinates", "nonsense"), {}, "coordinates", ""),
    ],
)
def test_faults_are_told_and_quarantine(change, stated, column, found):
    read = faulty(change, stated=stated)
    told = read.faults[read.faults["column"] == column]
    assert told["found"].str.contains(found, regex=False).any(), read.faults.to_string()
    assert f"{column}: " in read.polygons["quarantined"].iloc[0]


def test_two_norths_need_one_in_each_row():
    frame = square().assign(north=[None, "true", None, "magnetic", None, "true"], date="2025-01-01")
    read = faulty(lambda f: f, frame=frame, stated={"north": None})
    told = read.faults[read.faults["column"] == "north"]
    assert list(told["row"]) == [2, 4]
    assert told["found"].str.contains("'true' and 'magnetic'").all()


def test_crossing_sides_are_a_fault_and_stay_as_walked():
    frame = square(closed=False)
    frame = frame.iloc[[0, 1, 3, 2, 4]].reset_index(drop=True)
    frame["bearing"] = [None, "90", "45", "270", "135"]
    frame["distance"] = [None, "50", "141.42", "100", "141.42"]
    read = faulty(lambda f: f, frame=frame)
    assert (read.faults["column"] == "geometry").any()
    assert not read.polygons.geometry.iloc[0].is_valid


def test_fewer_than_three_points_are_no_area():
    read = faulty(lambda f: f, frame=table([("S", "start", 90, 50), ("T1", "turning", 0, 100)]))
    assert read.polygons["quarantined"].str.contains("2 boundary points").all()
    assert read.polygons.geometry.iloc[0].geom_type == "LineString"


def test_a_row_without_a_traverse_is_a_fault_and_is_kept():
    frame = square()
    frame.loc[6] = [None, "X", "turning", "5", "5", None, None]
    read = walked(frame)
    assert len(read.points) == 7
    assert list(read.faults["row"]) == [6]
    assert only(read)["quarantined"] is None


def test_a_position_measured_twice_is_held_against_the_walk():
    frame = square()
    frame.loc[1, ["longitude", "latitude"]] = ["46.9006", "40.0000"]  # 51.2 m east: 1.2 m off
    read = walked(frame.assign(accuracy_m="5"))
    assert "S as walked lies 1.2 m from its stated position" in only(read)["notes"]
    frame.loc[1, "longitude"] = "46.9106"
    read = faulty(lambda f: f, frame=frame.assign(accuracy_m="5"))
    assert read.faults["found"].str.contains("m from its stated position").all()


def test_a_table_without_its_columns_is_refused():
    with pytest.raises(SchemaError, match="no column bearing, distance"):
        read_traverses(square().drop(columns=["bearing", "distance"]))
    with pytest.raises(SchemaError, match="can both be traverse_id"):
        read_traverses(square().assign(Traverse="x"))
    with pytest.raises(SchemaError, match="a value is stated for 'nord'"):
        read_traverses(square(), stated={"nord": "true"})
    with pytest.raises(SchemaError, match="a limit between 0 and 1"):
        read_traverses(square(), closing_limit=2)


def test_nothing_gives_nothing():
    read = walked(square().iloc[:0])
    assert read.points.empty
    assert read.polygons.empty
    assert read.faults.empty
    assert read.polygons.crs.to_epsg() == read.points.crs.to_epsg() == 4326


def test_many_traverses_in_seconds():
    """12,000 rows; 100,000 take about eight times as long."""
    import time

    one = square(date="1993-06-01")
    frame = pd.concat([one] * 2000, ignore_index=True)
    frame["traverse_id"] = [f"M-{i // 6}" for i in range(len(frame))]
    start = time.perf_counter()
    read = walked(frame, stated={"north": "magnetic"})
    assert time.perf_counter() - start < 15
    assert len(read.polygons) == 2000
    assert len(read.points) == 12_000
    assert read.polygons["area_m2"].between(9999, 10_001).all()


# What a draft may be


def inside_out():
    """A square of 100 m, walked to from a start point in its middle: the last leg closes on its corner T2."""
    return table(
        [
            ("S", "start", 90, 50),
            ("T1", "turning", 225, 42.4264),
            ("T2", "turning", 225, 28.2843),
            ("T3", "turning", 90, 100),
            ("T4", "turning", 0, 100),
            ("T5", "turning", 270, 100),
            ("T2", "turning", 180, 100),
        ]
    )


def test_a_closing_leg_to_another_corner_leaves_out_neither_reading():
    # From T5 straight to S the side would cut off a quarter of the square.
    row = only(walked(inside_out()))
    assert "the closing leg comes back to T2, and the boundary begins at S" in row["quarantined"]
    assert row["area_m2"] == pytest.approx(10_000, abs=1)


def hexagon():
    legs = [("S", "start", 90, 50), *((f"T{i}", "turning", 60 * i, 100) for i in range(1, 6))]
    return table([*legs, ("S", "start", 0, 100)])


@pytest.mark.parametrize(
    "change",
    [
        cell(5, "bearing", "x"),
        cell(5, "distance", "-100"),
        cell(4, "kind", "strange"),
        cell(4, "from", "nobody"),
        lambda frame: frame.assign(order=["1", "2", "3", "3", "4", "5", "6", "7"]),
        lambda frame: frame.assign(order=["1", "2", "3", None, "4", "5", "6", "7"]),
    ],
    ids=["bearing", "distance", "kind", "from", "order twice", "order missing"],
)
def test_where_a_corner_may_be_anywhere_the_others_are_no_draft(change):
    frame = hexagon().assign(**{"from": None})
    assert only(walked(frame))["area_m2"] == pytest.approx(1.5 * 3**0.5 * 100**2, abs=1)
    row = only(walked(change(frame)))
    assert row["quarantined"]
    assert row["geometry"] is None
