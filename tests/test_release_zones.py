"""Ground told by zones: squares in cells whose edges are known, and the worse side of every rounding."""

from dataclasses import replace

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from land import PLANE, box, programme
from lands import LAND, lands, made

import hazardmap as hm
from hazardmap import Policy, measure, words
from hazardmap.release.zones import ZONE_STATES

HECTARE = 10_000
ON = "2024-12-31"
_GRID = pyproj.Transformer.from_crs(4326, 6933, always_xy=True)


def cells_of(shape, side=5000):
    """The cells that a shape in plane metres meets, found from the corners alone."""
    xy = shapely.get_coordinates(measure.from_plane(np.array([shape]), PLANE)[0])
    return {tuple(c) for c in np.floor(np.column_stack(_GRID.transform(*xy.T)) / side).astype(int).tolist()}


def cells_told(zones, side=5000):
    points = shapely.point_on_surface(zones.geometry.to_numpy())
    xy = np.column_stack(_GRID.transform(shapely.get_x(points), shapely.get_y(points)))
    return [tuple(c) for c in np.floor(xy / side).astype(int).tolist()]


def test_a_cell_with_one_square_metre_is_told_and_rounded_up():
    zones = hm.generalised(programme(hazards=[{"geometry": box(1000, 1000, 1)}]), on=ON)
    assert zones[["zone", "state", "confirmed_open_m2"]].values.tolist() == [["cell", "confirmed_open", HECTARE]]
    assert cells_told(zones) == list(cells_of(box(1000, 1000, 1)))
    assert measure.area_m2(zones.geometry).iloc[0] == pytest.approx(25e6, rel=1e-5)


def test_the_thinnest_hazard_is_told_in_every_cell_it_crosses():
    strip = box(0, 1000, 12_000, 0.002)
    told = cells_told(hm.generalised(programme(hazards=[{"geometry": strip}]), on=ON))
    assert len(told) in {3, 4}, "12 km through cells that are 4.4 km wide here"
    assert cells_of(strip) <= set(told)


def test_released_ground_is_rounded_down():
    released = {"geometry": box(1000, 1000, 150, 100), "hazard_ids": ()}  # 1.5 ha
    zones = hm.generalised(programme(releases=[released]), on=ON)
    assert zones[["state", "cleared_m2"]].values.tolist() == [["released", HECTARE]]
    small = hm.generalised(programme(releases=[dict(released, geometry=box(1000, 1000, 50))]), on=ON)
    assert small[["state", "cleared_m2"]].values.tolist() == [["released", 0.0]]


def test_the_worst_in_a_zone_is_what_it_is():
    rows = {
        "hazards": [
            {"geometry": box(1000, 1000, 100), "hazard_id": "H-0", "classification": "suspected"},
            {"geometry": box(1200, 1000, 100), "hazard_id": "H-1"},
        ],
        "releases": [{"geometry": box(1200, 1000, 100), "hazard_ids": ("H-1",), "handover_no": None}],
    }
    assert hm.generalised(programme(**rows), on=ON)["state"].tolist() == ["suspected_open"]
    rows["hazards"] = rows["hazards"][1:]
    assert hm.generalised(programme(**rows), on=ON)["state"].tolist() == ["not_released"]


def test_districts_where_they_are_known_and_cells_elsewhere():
    districts = [{"geometry": box(-9000, -9000, 20_000), "name": "Inside", "district_id": "IN"}]
    hazards = [
        {"geometry": box(1000, 1000, 100)},
        {"geometry": box(30_000, 30_000, 100), "classification": "suspected"},
    ]
    zones = hm.generalised(programme(districts=districts, hazards=hazards), on=ON)
    assert zones[["zone", "name", "state"]].fillna("").values.tolist() == [
        ["district", "Inside", "confirmed_open"],
        ["cell", "", "suspected_open"],
    ]
    only = replace(programme(districts=districts, hazards=hazards), policy=Policy(public_areas="cells"))
    assert set(hm.generalised(only, on=ON)["zone"]) == {"cell"}


def test_a_district_smaller_than_a_cell_would_tell_too_much():
    districts = [{"geometry": box(900, 900, 300), "name": "A farm"}]
    zones = hm.generalised(programme(districts=districts, hazards=[{"geometry": box(1000, 1000, 100)}]), on=ON)
    assert zones["zone"].tolist() == ["cell"]


def test_ground_across_the_edge_of_a_district_is_told_on_both_sides():
    districts = [{"geometry": box(0, 0, 6000), "name": "Inside"}]
    zones = hm.generalised(programme(districts=districts, hazards=[{"geometry": box(5900, 1000, 200, 100)}]), on=ON)
    assert sorted(zones["zone"]) == ["cell", "district"]
    assert set(zones["state"]) == {"confirmed_open"}


def test_districts_that_overlap_tell_danger_twice_and_release_once():
    districts = [{"geometry": box(-9000, -9000, 20_000), "name": n, "district_id": n} for n in ("A", "B")]
    hazards = [{"geometry": box(1000, 1000, 100)}]
    freed = [{"geometry": box(3000, 1000, 200), "hazard_ids": ()}]  # 4 ha
    zones = hm.generalised(programme(districts=districts, hazards=hazards, releases=freed), on=ON)
    assert zones["confirmed_open_m2"].gt(0).tolist() == [True, True]
    assert sorted(zones["cleared_m2"]) in ([0, 3 * HECTARE], [0, 4 * HECTARE]), "4 ha, or a hair less"


def test_a_hazard_without_a_position_is_told_by_its_district():
    districts = [{"geometry": box(0, 0, 6000), "name": "Ağdam", "district_id": "AG"}]
    lost = [{"geometry": None, "district": "AGDAM", "quarantined": "no place", "classification": "suspected"}]
    zones = hm.generalised(programme(districts=districts, hazards=lost), on=ON)
    assert zones[["state", "unplaced_hazards"]].values.tolist() == [["suspected_open", 1]]


def test_what_the_data_cover_is_told_as_not_known():
    zones = hm.generalised(
        programme(coverage=[{"geometry": box(0, 0, 9000)}], hazards=[{"geometry": box(10, 10, 9)}]), on=ON
    )
    assert zones["state"].value_counts().to_dict()["confirmed_open"] == 1
    assert set(zones["state"]) == {"confirmed_open", "no_record"}


def test_nothing_at_all():
    assert hm.generalised(hm.Programme(), on=ON).empty


@LAND
@given(lands())
def test_no_zone_is_better_than_its_ground(rows):
    records = made(rows, public_cell_m=500.0)
    zones, ground = hm.generalised(records, on=ON), hm.ground(records, on=ON)
    left = ground[ground["state"].isin(words.REMAINING_STATES)]
    for state in words.KNOWN_STATES:
        exact, told = ground.loc[ground["state"] == state, "area_m2"].sum(), zones[f"{state}_m2"].sum()
        assert told <= exact + 1e-3 if state in words.RELEASED_STATES else told >= exact - 1e-3, state
    for row in left.itertuples():
        bad = zones[zones["state"].isin(ZONE_STATES[:3])]
        assert bad.geometry.union_all().buffer(1e-7).covers(row.geometry)
        if row.state == "confirmed_open":
            at = row.geometry.representative_point()
            assert "confirmed_open" in zones.loc[zones.intersects(at), "state"].tolist()


def whole_squares(zones, side):
    """Every cell is a square of the grid, drawn whole."""
    cells = zones[zones["zone"] == "cell"]
    drawn = measure.to_plane(cells.geometry, pyproj.CRS.from_epsg(6933))
    corner = np.floor(shapely.get_coordinates(shapely.centroid(drawn)) / side) * side
    full = shapely.box(*corner.T, *(corner + side).T)
    return bool((shapely.area(shapely.symmetric_difference(drawn, full)) < side * 0.01).all())


def test_a_cell_between_districts_is_no_narrower_than_any_other():
    districts = [
        {"geometry": box(-20_000, -20_000, 19_900, 40_000), "name": "West", "district_id": "W"},
        {"geometry": box(50, -20_000, 20_000, 40_000), "name": "East", "district_id": "E"},
    ]
    hazards = [{"geometry": box(-90, 1000, 113)}]  # 113 m wide in a gap of 150 m
    zones = hm.generalised(programme(districts=districts, hazards=hazards), on=ON)
    assert whole_squares(zones, 5000)
    assert "cell" in set(zones["zone"])


def test_a_tip_over_the_edge_of_a_district_is_a_whole_cell():
    districts = [{"geometry": box(-20_000, -20_000, 20_000, 40_000), "name": "West", "district_id": "W"}]
    hazards = [{"geometry": box(-200, 1000, 201.5, 400)}]  # 1.5 m of it, 600 m², lie outside: 8.06 ha in all
    zones = hm.generalised(programme(districts=districts, hazards=hazards), on=ON)
    assert whole_squares(zones, 5000)
    told = dict(zip(zones["zone"], zones["confirmed_open_m2"], strict=True))
    assert told["district"] == 9 * HECTARE
    assert told["cell"] in {HECTARE, 9 * HECTARE}, (
        "the tip alone, or where districts leave little of it the whole square"
    )


def _between(x):
    """Two districts 150 m apart with a hazard 100 m wide, its west side x metres from the middle, all in one square."""
    districts = [
        {"geometry": box(-20_000, -20_000, 21_900, 40_000), "name": "West", "district_id": "W"},
        {"geometry": box(2050, -20_000, 20_000, 40_000), "name": "East", "district_id": "E"},
    ]
    found = hm.generalised(programme(districts=districts, hazards=[{"geometry": box(2000 + x, 1000, 100)}]), on=ON)
    return found.drop(columns="geometry"), cells_told(found[found["zone"] == "cell"])


def test_nobody_can_tell_whether_a_hazard_lies_between_districts_or_in_one():
    """Whoever takes the outlines of the districts away from a cell must learn nothing: all three places look the same."""
    between, west, east = _between(-80), _between(-300), _between(200)
    assert between[0]["state"].tolist() == ["confirmed_open"] * 3, "both districts and the cell"
    for other in (west, east):
        assert other[1] == between[1], "in the same square"
        assert other[0].sort_values("zone").equals(between[0].sort_values("zone"))


def test_ground_that_follows_the_edge_of_a_square_and_enters_it_elsewhere():
    """In the square lie a polygon and, where the ground only touches it, a line."""
    districts = [
        {"geometry": box(-20_000, -20_000, 21_900, 40_000), "name": "West", "district_id": "W"},
        {"geometry": box(2050, -20_000, 20_000, 40_000), "name": "East", "district_id": "E"},
    ]
    plane = pyproj.CRS.from_epsg(6933)
    (column, line), side = cells_of(box(1990, 1000, 1)).pop(), 5000
    x, y = column * side, line * side + 1000
    hook = shapely.union_all(
        [
            shapely.box(x - 300, y, x, y + 100),
            shapely.box(x - 300, y, x - 200, y + 300),
            shapely.box(x - 300, y + 200, x + 100, y + 300),
        ]
    )
    shape = measure.to_plane(measure.from_plane(np.array([hook]), plane), PLANE)[0]
    zones = hm.generalised(programme(districts=districts, hazards=[{"geometry": shape}]), on=ON)
    assert zones["confirmed_open_m2"].max() in {8 * HECTARE, 9 * HECTARE}, "3 + 2 + 3 ha, or a hair more"


def test_what_is_released_between_districts_is_not_told():
    districts = [
        {"geometry": box(-20_000, -20_000, 19_900, 40_000), "name": "West", "district_id": "W"},
        {"geometry": box(50, -20_000, 20_000, 40_000), "name": "East", "district_id": "E"},
    ]
    freed = [{"geometry": box(-90, 1000, 120, 400), "hazard_ids": ()}]
    zones = hm.generalised(programme(districts=districts, releases=freed), on=ON)
    assert zones["zone"].tolist() == ["district"] * 2
    assert zones["cleared_m2"].sum() == 0


def _told(districts, *shapes):
    """What is told of one hazard after the other, each alone: the zones with their states and areas, and the cells."""
    found = []
    for shape in shapes:
        zones = hm.generalised(programme(districts=districts, hazards=[{"geometry": shape}]), on=ON)
        rows = zones[["zone", "name", "state", "confirmed_open_m2"]].fillna("").values.tolist()
        found.append((sorted(map(tuple, rows)), cells_told(zones[zones["zone"] == "cell"])))
    return found


def test_a_field_at_the_end_of_a_crack_between_districts_gives_nothing_away():
    """The two outlines miss each other by 0.3 m, and leave a field of 20 m among them: less than 1 m wide on average."""
    crack = shapely.union_all([box(2000, -20_000, 0.3, 40_000), box(1990, 1990, 20)])
    districts = [
        {"geometry": box(-20_000, -20_000, 22_000.15, 40_000) - crack, "name": "West", "district_id": "W"},
        {"geometry": box(2000.15, -20_000, 20_000, 40_000) - crack, "name": "East", "district_id": "E"},
    ]
    field, beside = _told(districts, box(1993, 1993, 14), box(1900, 1993, 14))
    assert field == beside
    assert [state for _, _, state, _ in field[0]] == ["confirmed_open"] * 3


def test_ground_wholly_in_a_crack_between_districts_is_told_by_both():
    districts = [
        {"geometry": box(-20_000, -20_000, 22_000, 40_000), "name": "West", "district_id": "W"},
        {"geometry": box(2000.6, -20_000, 20_000, 40_000), "name": "East", "district_id": "E"},
    ]
    ((rows, cells),) = _told(districts, box(2000.1, 1993, 0.4, 14))
    assert [state for _, _, state, _ in rows] == ["confirmed_open"] * 2
    assert cells == [], "a square drawn here would tell that it lies in the crack"


@pytest.mark.parametrize("place", [1850, 1910])
def test_outlines_that_differ_by_little_give_nothing_away(place):
    """Two editions of one district, then a region that is not quite its districts: one tells what the other does not."""
    editions = [
        {"geometry": box(-20_000, -20_000, 22_000, 40_000), "name": "West", "district_id": "W1"},
        {"geometry": box(-20_000, -20_000, 21_800, 40_000), "name": "West, older", "district_id": "W2"},
    ]
    region = [
        {"geometry": box(-20_000, -20_000, 42_000, 40_000), "name": "Region", "district_id": "R"},
        {"geometry": box(-20_000, -20_000, 21_900, 40_000), "name": "West", "district_id": "W"},
        {"geometry": box(2050, -20_000, 19_950, 40_000), "name": "East", "district_id": "E"},
    ]
    for districts in (editions, region):
        strip, beside = _told(districts, box(place, 1000, 60), box(1600, 1000, 60))
        assert strip == beside
        assert {state for _, _, state, _ in strip[0]} == {"confirmed_open"}


def test_a_strip_that_leads_out_of_a_district_is_told_where_it_goes():
    districts = [{"geometry": box(-20_000, -20_000, 20_000, 40_000), "name": "West", "district_id": "W"}]
    strip = box(-100, 1000, 12_100, 0.8)  # narrower than outlines of districts are exact
    ((rows, cells),) = _told(districts, strip)
    assert [zone for zone, *_ in rows].count("cell") >= 3
    assert cells_of(box(1000, 1000, 11_000, 0.8)) <= set(cells)


def test_a_coverage_that_crosses_itself_is_told_at_its_narrowest():
    bow_tie = shapely.Polygon([(0, 0), (9000, 9000), (9000, 0), (0, 9000)])
    zones = hm.generalised(programme(coverage=[{"geometry": bow_tie}]), on=ON)
    assert set(zones["state"]) == {"no_record"}


@LAND
@given(lands())
def test_every_cell_is_a_whole_square(rows):
    districts = [{"geometry": box(-2000, -2000, 2050, 6000), "name": "West", "district_id": "W"}]
    records = made({**rows, "districts": districts}, public_cell_m=500.0)
    assert whole_squares(hm.generalised(records, on=ON), 500)
