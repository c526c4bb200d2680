"""The rule of the ground, point by point, on rectangles that a pencil can check."""

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from land import PLANE, box, plane_shapes, programme, square_metres, state_at, table

import hazardmap as hm
from hazardmap import Policy, SchemaError, measure
from hazardmap.release.arrangement import arrange

DAY = "2024-06-01"
FIELD = box(0, 0, 100)
WEST = box(0, 0, 50, 100)
EAST = box(50, 0, 50, 100)


def ground(on=DAY, **rows):
    return hm.ground(programme(**rows), on=on)


def version(event, day, geometry=FIELD, **more):
    return {"hazard_id": "H", "event": event, "date_of_information": day, "geometry": geometry} | more


# 1. Hazards on a day ---------------------------------------------------------------------------------------------------


def test_a_hazard_is_unknown_before_its_first_version():
    rows = {"hazards": [version("established", "2021-05-05")]}
    assert ground(on="2021-05-04", **rows).empty
    assert square_metres(ground(on="2021-05-05", **rows)) == {"confirmed_open": 10_000}


def test_only_an_approved_revised_down_shrinks():
    first = version("established", "2021-01-01")
    for event, workflow, left in (
        ("revised_down", "approved", 5_000),
        ("revised_down", "draft", 10_000),
        ("revised_down", None, 10_000),
        ("edited", "approved", 10_000),
        ("closed", "approved", 10_000),
    ):
        rows = [first, version(event, "2022-01-01", WEST, workflow=workflow, status="closed")]
        assert square_metres(ground(hazards=rows)) == {"confirmed_open": left}, event


def test_a_draft_adds_ground_and_cannot_soften():
    rows = [
        version("established", "2021-01-01", WEST),
        version("reclassified", "2022-01-01", FIELD, workflow="draft", classification="suspected"),
    ]
    assert square_metres(ground(hazards=rows)) == {"confirmed_open": 10_000}
    rows[1]["workflow"] = "approved"
    assert square_metres(ground(hazards=rows)) == {"suspected_open": 10_000}


def test_ground_reopened_or_established_again_is_not_freed_by_an_older_release():
    release = {"hazard_ids": ("H",), "geometry": FIELD}
    for event, state in (("edited", "cleared"), ("reopened", "confirmed_open"), ("established", "confirmed_open")):
        rows = [version("established", "2021-01-01"), version(event, "2023-01-01")]
        assert ground(hazards=rows, releases=[release])["state"].tolist() == [state], event


def test_reopening_without_a_polygon_reopens_all_of_it():
    release = {"hazard_ids": ("H",), "geometry": FIELD}
    first, later = version("established", "2021-01-01"), version("reopened", "2023-01-01", None)
    assert square_metres(ground(hazards=[first, later], releases=[release])) == {"confirmed_open": 10_000}
    for event in ("reopened", None):  # even when the row is quarantined, or does not say what it reports
        bad = later | {"event": event, "quarantined": "event: ?"}
        assert square_metres(ground(hazards=[first, bad], releases=[release])) == {"confirmed_open": 10_000}


def test_a_version_that_brings_ground_without_a_polygon_is_a_fault_and_then_unplaced():
    rows = [version("established", "2021-01-01"), version("extended", "2023-01-01", None)]
    with pytest.raises(SchemaError, match="1 faults in the tables, the first: hazards H: geometry is missing"):
        ground(hazards=rows)
    rows[1]["quarantined"] = "geometry: missing"
    land = programme(hazards=rows)
    assert square_metres(hm.ground(land, on=DAY)) == {"confirmed_open": 10_000}
    assert hm.unplaced(land, on=DAY)["hazard_id"].tolist() == ["H"]
    assert hm.unplaced(land, on="2022-01-01").empty


def test_extension_dates_only_the_ground_that_it_adds():
    rows = [version("established", "2021-01-01", WEST), version("extended", "2023-01-01", FIELD)]
    found = ground(hazards=rows, releases=[{"hazard_ids": ("H",), "geometry": FIELD}])
    assert square_metres(found) == {"confirmed_open": 5_000, "cleared": 5_000}
    assert state_at(found, 25, 50) == "cleared"


def test_a_successor_ends_its_predecessor_only_where_it_covers_it():
    rows = [
        version("established", "2021-01-01"),
        version("merged", "2022-01-01", superseded_by=("N",)),
        {
            "hazard_id": "N",
            "event": "established",
            "date_of_information": "2022-01-01",
            "geometry": WEST,
            "classification": "suspected",
        },
    ]
    assert square_metres(ground(hazards=rows)) == {"confirmed_open": 5_000, "suspected_open": 5_000}
    rows[2]["workflow"] = "draft"
    assert square_metres(ground(hazards=rows)) == {"confirmed_open": 10_000}


def test_hazards_that_replace_each_other_replace_nothing():
    rows = [
        version("merged", "2021-01-01", superseded_by=("N",)),
        version("merged", "2021-01-01", superseded_by=("H",)) | {"hazard_id": "N"},
    ]
    assert square_metres(ground(hazards=rows)) == {"confirmed_open": 10_000}


def test_a_point_becomes_a_disc_of_stated_area_and_accuracy():
    disc = ground(
        hazards=[version("established", "2021-01-01", shapely.Point(0, 0), stated_area_m2=np.pi * 900, accuracy_m=20.0)]
    )
    (shape,) = plane_shapes(disc)
    assert shape.contains(shapely.Point(0, 0).buffer(49.99))
    assert np.pi * 50**2 < shape.area < np.pi * 50.3**2


# 2. Releases on a day --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "state", "why"),
    [
        ({}, "cleared", "cleared by R-0 to 0.2 m"),
        ({"decision": "reported"}, "not_handed_over", "not approved"),
        ({"decision_date": None}, "not_handed_over", "not approved"),
        ({"decision_date": "2024-06-02"}, "not_handed_over", "not approved"),
        ({"quality": "conditional"}, "not_handed_over", "no passed quality result"),
        ({"depth_m": None}, "not_handed_over", "no depth"),
        ({"handover_no": None}, "not_handed_over", "no handover paper with number and date"),
        ({"handover_date": None}, "not_handed_over", "no handover paper with number and date"),
        ({"activity_type": None}, "not_handed_over", "kind of activity not stated"),
        ({"decision": "rejected"}, "confirmed_open", "R-0 is void: decision rejected"),
        ({"decision": "rejected", "decision_date": None}, "confirmed_open", "R-0 is void: decision rejected"),
        ({"decision": "rejected", "decision_date": "2024-06-02"}, "not_handed_over", "not approved"),
        ({"quality": "failed"}, "confirmed_open", "R-0 is void: quality failed"),
        ({"nonconformity": "major"}, "confirmed_open", "R-0 is void: major or critical nonconformity open"),
        ({"nonconformity": "critical", "nonconformity_closed_on": "2022-05-05"}, "cleared", "cleared by R-0 to 0.2 m"),
        ({"nonconformity": "minor"}, "cleared", "cleared by R-0 to 0.2 m"),
        ({"activity_type": "NTS"}, "confirmed_open", "R-0 is void: product and activity disagree"),
        ({"activity_type": "EOD"}, "confirmed_open", "R-0 is void: product and activity disagree"),
        ({"date_completed": "2024-06-02"}, "confirmed_open", "no release on it"),
        ({"hazard_ids": ()}, "confirmed_open", "R-0 does not free it: it names no hazard"),
    ],
)
def test_standing_of_a_release(change, state, why):
    found = ground(
        hazards=[version("established", "2021-01-01")], releases=[{"hazard_ids": ("H",), "geometry": FIELD} | change]
    )
    assert found["state"].tolist() == [state]
    assert why in found["why"].iloc[0]


def test_a_policy_may_waive_the_handover_paper_of_cancelled_land():
    release = {
        "hazard_ids": ("H",),
        "geometry": FIELD,
        "activity_type": "NTS",
        "product": "cancelled",
        "handover_no": None,
    }
    rows = {"hazards": [version("established", "2021-01-01")], "releases": [release]}
    assert ground(**rows)["state"].tolist() == ["not_handed_over"]
    assert ground(policy=Policy(handover_for=("cleared", "reduced")), **rows)["state"].tolist() == ["cancelled"]


# 3. What a release frees -----------------------------------------------------------------------------------------------


def test_a_release_frees_only_hazards_that_it_names():
    rows = {
        "hazards": [version("established", "2021-01-01"), version("established", "2021-01-01") | {"hazard_id": "N"}],
        "releases": [{"hazard_ids": ("H",), "geometry": FIELD}],
    }
    assert square_metres(ground(**rows)) == {"confirmed_open": 10_000}
    rows["releases"][0]["hazard_ids"] = ("H", "N")
    assert square_metres(ground(**rows)) == {"cleared": 10_000}


def test_a_release_that_names_no_hazard_frees_by_policy_only_and_is_reported():
    rows = {"hazards": [version("established", "2021-01-01")], "releases": [{"geometry": WEST}]}
    found = ground(**rows)
    assert square_metres(found) == {"confirmed_open": 10_000}
    assert found.groupby("unlinked_release_ids")["area_m2"].sum().round().to_dict() == {(): 5_000, ("R-0",): 5_000}
    assert square_metres(ground(policy=Policy(unlinked_releases="ground"), **rows)) == {
        "confirmed_open": 5_000,
        "cleared": 5_000,
    }


def test_an_unknown_hazard_id_is_a_fault():
    land = programme(
        hazards=[version("established", "2021-01-01")], releases=[{"hazard_ids": ("X",), "geometry": FIELD}]
    )
    with pytest.raises(SchemaError, match="hazard_ids is X, expected ids of hazards in the programme"):
        hm.ground(land, on=DAY)


def test_the_same_release_twice_leaves_what_geos_loses():
    """A hazard, and a release applied twice: difference of difference on floating coordinates may lose all that is left."""
    hazard = shapely.Polygon([(0, 0), (313, 17), (287, 251), (31, 299)])
    cut = shapely.Polygon([(-5, 100), (150, -20), (170, 310), (11, 290)])
    one = {"hazard_ids": ("H",), "geometry": cut}
    rows = {"hazards": [version("established", "2021-01-01", hazard)]}
    once, twice = ground(releases=[one], **rows), ground(releases=[one, one | {"release_id": "again"}], **rows)
    assert square_metres(twice)["confirmed_open"] == square_metres(once)["confirmed_open"]
    assert square_metres(once)["confirmed_open"] == pytest.approx(
        shapely.difference(hazard, cut, grid_size=0.001).area, abs=1
    )


# 4. Doubt --------------------------------------------------------------------------------------------------------------

RELEASED = {
    "hazards": [version("established", "2021-01-01")],
    "releases": [
        {"hazard_ids": ("H",), "geometry": WEST, "activity_id": "T"},
        {"hazard_ids": ("H",), "geometry": EAST, "activity_id": "T"},
    ],
}


@pytest.mark.parametrize(
    ("find", "state"),
    [
        ({"date": "2023-01-01"}, "in_question"),
        ({"date": None}, "in_question"),
        ({"date": "2022-01-01"}, "cleared"),
        ({"date": "2024-06-02"}, "cleared"),
        ({"date": "2023-01-01", "answered_on": "2023-06-01", "answered_by": "T-9"}, "cleared"),
        ({"date": "2023-01-01", "answered_on": "2023-06-01"}, "in_question"),
        ({"date": "2023-01-01", "answered_by": "T-9"}, "in_question"),
    ],
)
def test_a_later_find_puts_every_row_of_the_activity_in_question(find, state):
    rows = RELEASED | {"finds": [find | {"geometry": shapely.Point(10, 10)}]}
    assert set(ground(**rows)["state"]) == {state}


def test_a_find_reaches_as_far_as_its_accuracy():
    for distance, accuracy_m, state in (
        (5, 4.9, {"cleared", "suspected_open"}),
        (5, 5.1, {"in_question", "suspected_open"}),
    ):
        rows = RELEASED | {
            "finds": [{"date": "2023-01-01", "geometry": shapely.Point(-distance, 50), "accuracy_m": accuracy_m}]
        }
        assert state_at(ground(**rows), 99, 1) == ("in_question" if accuracy_m > 5 else "cleared")
        assert state_at(ground(policy=Policy(find_radius_m=20), **rows), -10, 50) == "suspected_open"
        del state


def test_evidence_outside_every_hazard_is_a_suspected_disc_until_answered():
    find = {"date": "2023-01-01", "geometry": shapely.Point(500, 500), "answered_on": "2024-01-01", "answered_by": "T"}
    assert ground(on="2022-12-31", finds=[find]).empty
    (disc,) = plane_shapes(ground(on="2023-06-01", finds=[find]))
    assert shapely.Point(500, 500).buffer(99.9).within(disc)
    assert disc.area == pytest.approx(np.pi * 100**2, rel=0.01)
    assert ground(on="2024-01-01", finds=[find]).empty


def test_evidence_inside_a_hazard_makes_no_disc():
    rows = {
        "hazards": [version("established", "2021-01-01")],
        "finds": [{"date": "2022-01-01", "geometry": shapely.Point(50, 50)}],
    }
    assert square_metres(ground(**rows)) == {"confirmed_open": 10_000}


# 5, 6. State and order -------------------------------------------------------------------------------------------------


def test_open_ground_is_open_whatever_the_status_says():
    assert square_metres(
        ground(
            hazards=[
                version("established", "2021-01-01", status="closed", closed_on="2022-01-01", close_reason="cleared")
            ]
        )
    ) == {"confirmed_open": 10_000}


def test_a_closed_hazard_without_polygon_is_freed_whole_only_by_policy_and_with_all_papers():
    rows = {
        "hazards": [version("established", "2021-01-01", status="closed")],
        "releases": [{"hazard_ids": ("H",), "geometry": None}],
    }
    whole = Policy(closed_without_polygon="whole")
    assert square_metres(ground(policy=whole, **rows)) == {"cleared": 10_000}
    for missing in ("handover_no", "handover_date", "decision_date", "quality_date"):
        worse = [rows["releases"][0] | {missing: None}]
        assert square_metres(ground(policy=whole, **rows | {"releases": worse})) == {"confirmed_open": 10_000}
    still_open = [version("established", "2021-01-01", status="open")]
    assert square_metres(ground(policy=whole, **rows | {"hazards": still_open})) == {"confirmed_open": 10_000}
    with pytest.raises(SchemaError, match="releases R-0: geometry is missing"):
        ground(**rows)


def test_the_worst_over_the_hazards_holds_and_the_earliest_release_has_the_ground():
    rows = {
        "hazards": [version("established", "2021-01-01"), version("established", "2021-01-01") | {"hazard_id": "N"}],
        "releases": [
            {"hazard_ids": ("H",), "geometry": FIELD, "date_completed": "2022-06-01"},
            {
                "hazard_ids": ("H",),
                "geometry": FIELD,
                "activity_type": "TS",
                "product": "reduced",
                "date_completed": "2022-01-01",
            },
            {"hazard_ids": ("N",), "geometry": FIELD, "activity_type": "NTS", "product": "cancelled"},
        ],
    }
    assert ground(**rows)["state"].tolist() == ["cancelled"]
    land = programme(**rows)
    account = hm.release_account(land, on=DAY)
    assert account["has_m2"].round().tolist() == [0, 10_000, 10_000]
    assert account["already_released_m2"].round().tolist() == [10_000, 0, 0]
    hazards = hm.hazard_account(land, on=DAY)
    assert hazards.loc["H", "reduced_m2"] == pytest.approx(10_000, abs=1)
    assert hazards.loc["N", "cancelled_m2"] == pytest.approx(10_000, abs=1)


def test_ground_without_hazard_takes_the_product_of_its_release():
    assert square_metres(ground(releases=[{"geometry": FIELD}])) == {"cleared": 10_000}
    assert square_metres(ground(releases=[{"geometry": FIELD, "handover_no": None}])) == {"not_handed_over": 10_000}
    assert ground(releases=[{"geometry": FIELD, "quality": "failed"}]).empty


def test_survey_and_coverage_lie_below_everything_else():
    found = ground(
        hazards=[version("established", "2021-01-01", WEST)],
        surveys=[{"geometry": FIELD}],
        coverage=[{"geometry": box(0, 0, 200, 100)}],
    )
    assert square_metres(found) == {"confirmed_open": 5_000, "surveyed": 5_000, "no_record": 10_000}
    assert state_at(found, 250, 50) is None


# 7. Through time -------------------------------------------------------------------------------------------------------


def test_timeline_of_one_field():
    rows = RELEASED | {
        "finds": [
            {"date": "2023-01-01", "geometry": shapely.Point(10, 10), "answered_on": "2023-06-01", "answered_by": "T-9"}
        ]
    }
    life = hm.timeline(programme(**rows))
    west = life[life["release_ids"] == ("R-0",)]
    assert list(zip(west["from"].dt.date.map(str), west["to"].dt.date.map(str), west["state"], strict=True)) == [
        ("2022-01-01", "2022-03-01", "not_handed_over"),
        ("2022-03-01", "2023-01-01", "cleared"),
        ("2023-01-01", "2023-06-01", "in_question"),
        ("2023-06-01", "NaT", "cleared"),
    ]
    assert life.columns.tolist()[-4:] == ["area_m2", "from", "to", "geometry"]


# 8. Nothing improves by being bad --------------------------------------------------------------------------------------


def test_a_quarantined_hazard_stays_an_open_draft():
    bad = version("revised_down", None, classification=None, workflow="approved", quarantined="date_of_information: ?")
    rows = {"hazards": [bad], "releases": [{"hazard_ids": ("H",), "geometry": FIELD}]}
    assert square_metres(ground(on="1990-01-01", **rows)) == {"confirmed_open": 10_000}
    assert square_metres(ground(**rows)) == {"confirmed_open": 10_000}, "an undated hazard is freed by no release"
    bad |= {"date_of_information": "2021-01-01", "classification": "suspected"}
    assert ground(on="2020-12-31", **rows).empty
    assert square_metres(ground(**rows)) == {"cleared": 10_000}


def test_nothing_shrinks_or_ends_a_quarantined_version():
    bad = version("established", None, quarantined="date_of_information: ?")
    rows = [
        bad,
        version("revised_down", "2022-01-01", WEST),
        version("merged", "2023-01-01", WEST, superseded_by=("N",)),
        version("established", "2023-01-01") | {"hazard_id": "N", "classification": "suspected"},
    ]
    assert square_metres(ground(hazards=rows)) == {"confirmed_open": 10_000}


def test_a_quarantined_release_frees_nothing_and_is_listed():
    land = programme(
        hazards=[version("established", "2021-01-01")],
        releases=[{"hazard_ids": ("H",), "geometry": FIELD, "quarantined": "product: ?", "product": None}],
    )
    assert square_metres(hm.ground(land, on=DAY)) == {"confirmed_open": 10_000}
    listed = hm.releases_on(land, on="2021-01-01")
    assert listed[["standing"]].values.tolist() == [["void"]]
    assert "quarantined" in listed["why"].iloc[0]


def test_a_hazard_without_polygon_is_unplaced_and_counted():
    land = programme(
        hazards=[version("established", "2021-01-01", None, quarantined="geometry: missing", district="X")]
    )
    assert hm.unplaced(land, on=DAY)[["hazard_id", "district"]].values.tolist() == [["H", "X"]]
    assert hm.ground(land, on=DAY).empty
    assert hm.unplaced(land, on="2020-01-01").empty


@pytest.mark.parametrize("shape", ["bow-tie", "walked twice", "nested"])
def test_an_invalid_hazard_is_read_wide_and_an_invalid_release_narrow(shape):
    twice = [(0, 0), (100, 0), (100, 100), (0, 100)] * 2
    bad, wide, narrow = {
        "bow-tie": (shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]), 5_000, 2_500),
        "walked twice": (shapely.Polygon(twice), 10_000, 10_000),
        "nested": (shapely.MultiPolygon([box(0, 0, 100), box(20, 20, 60)]), 10_000, 6_400),
    }[shape]
    assert square_metres(ground(hazards=[version("established", "2021-01-01", bad)])) == {"confirmed_open": wide}
    freed = ground(hazards=[version("established", "2021-01-01")], releases=[{"hazard_ids": ("H",), "geometry": bad}])
    assert square_metres(freed).get("cleared") == narrow


def test_the_future_is_refused():
    with pytest.raises(SchemaError, match="the day 2025-01-01 lies after the as-of date 2024-12-31"):
        ground(on="2025-01-01")
    with pytest.raises(SchemaError, match="on = 'yesterday' – needed: a day – do: write it like 2024-12-31"):
        ground(on="yesterday")


# Slivers, order, identity ----------------------------------------------------------------------------------------------


def test_slivers_narrower_than_a_millimetre_go_to_their_neighbour():
    almost = shapely.Polygon([(0, 0), (100, 0), (100, 99.9996), (0, 99.9996)])
    found = ground(
        hazards=[version("established", "2021-01-01")], releases=[{"hazard_ids": ("H",), "geometry": almost}]
    )
    assert square_metres(found) == {"cleared": 10_000}


def test_a_strip_wider_than_a_millimetre_stays_open():
    almost = shapely.Polygon([(0, 0), (100, 0), (100, 99.99), (0, 99.99)])
    found = ground(
        hazards=[version("established", "2021-01-01")], releases=[{"hazard_ids": ("H",), "geometry": almost}]
    )
    assert found["state"].tolist() == ["confirmed_open", "cleared"]
    assert found["area_m2"].iloc[0] == pytest.approx(1.0, abs=0.1)


def test_a_hazard_that_is_nothing_but_a_sliver_is_not_lost():
    line = shapely.Polygon([(0, 50), (100, 50), (100, 50.0004), (0, 50.0004)])
    found = ground(hazards=[version("established", "2021-01-01", line, accuracy_m=1.0)])
    assert found["area_m2"].sum() > 200


def test_a_neck_does_not_decide_for_the_whole():
    """Two rooms joined by a neck of 4 mm, in the middle of the bounding box: the test point lies in a room."""
    rooms = shapely.union_all([box(0, 0, 100, 40), box(0, 60, 100, 40), box(50, 40, 0.004, 20)])
    cut = arrange(np.array([rooms, box(-10, -10, 120, 55)], dtype=object))
    covered = {tuple(cut.shape[cut.cell == c].tolist()): round(cut.cells[c].area) for c in range(len(cut.cells))}
    assert covered == {(0,): 4000, (0, 1): 4000, (1,): 120 * 55 - 4000}


def test_hazards_on_gives_the_recorded_ground_and_keeps_the_attributes():
    rows = [
        version("established", "2021-01-01", name="Əsgəran"),
        version("extended", "2022-01-01", box(0, 0, 200, 100), name=None),
    ]
    land = programme(hazards=rows, releases=[{"hazard_ids": ("H",), "geometry": FIELD}])
    found = hm.hazards_on(land, on=DAY).iloc[0]
    assert (round(found["area_m2"]), round(found["open_m2"]), found["event"]) == (20_000, 10_000, "extended")


def test_ids_with_odd_text_and_a_strange_index_survive():
    rows = table("hazards", [version("established", "2021-01-01") | {"hazard_id": "007 {{x}}"}])
    rows.index = ["row"]
    land = dataclasses.replace(programme(), hazards=rows)
    assert hm.ground(land, on=DAY)["hazard_ids"].tolist() == [("007 {{x}}",)]


def test_an_empty_programme_has_no_ground():
    empty = programme()
    for answer in (
        hm.ground,
        hm.remaining,
        hm.released,
        hm.hazards_on,
        hm.releases_on,
        hm.unplaced,
        hm.hazard_account,
        hm.release_account,
    ):
        assert len(answer(empty, on=DAY)) == 0
    assert len(hm.timeline(empty)) == 0
    assert hm.ground(empty, on=DAY).crs == measure.STORED_CRS
    assert isinstance(hm.ground(empty, on=DAY), gpd.GeoDataFrame)
    assert isinstance(hm.unplaced(empty, on=DAY), pd.DataFrame)
    assert PLANE is not None


# Found by hostile review ------------------------------------------------------------------------------------------------


def test_a_later_version_says_nothing_of_the_days_before_it():
    rows = [version("established", "2021-01-01"), version("reclassified", "2023-01-01", classification="suspected")]
    assert ground(on="2022-12-31", hazards=rows)["state"].tolist() == ["confirmed_open"]
    assert ground(on="2023-01-01", hazards=rows)["state"].tolist() == ["suspected_open"]


def test_a_suspected_draft_leaves_a_suspected_hazard_suspected():
    first = version("established", "2021-01-01", classification="suspected")
    draft = version("edited", "2022-01-01", classification="suspected", workflow="draft")
    assert ground(hazards=[first, draft])["state"].tolist() == ["suspected_open"]


def test_an_undated_reopening_without_a_polygon_may_have_come_after_every_release():
    rows = [version("established", "2021-01-01"), version("reopened", None, None, quarantined="date_of_information: ?")]
    found = ground(hazards=rows, releases=[{"hazard_ids": ("H",), "geometry": FIELD}])
    assert found["state"].tolist() == ["confirmed_open"]


@pytest.mark.parametrize("later", [{"workflow": "draft"}, {"geometry": None, "quarantined": "evidence: ?"}])
def test_a_reopening_after_the_merger_is_not_ended_by_the_successor(later):
    rows = [
        version("established", "2021-01-01"),
        version("merged", "2022-01-01", superseded_by=("N",)),
        version("established", "2022-01-01") | {"hazard_id": "N"},
    ]
    release = {"hazard_ids": ("N",), "geometry": FIELD, "date_completed": "2022-06-01"}
    assert ground(hazards=rows, releases=[release])["state"].tolist() == ["cleared"]
    rows.append(version("reopened", "2023-01-01") | later)
    assert ground(hazards=rows, releases=[release])["state"].tolist() == ["confirmed_open"]


def test_a_quarantined_version_that_does_not_say_what_it_reports_may_have_brought_ground():
    land = programme(hazards=[version("established", "2021-01-01"), version(None, "2022-01-01", None, quarantined="?")])
    assert hm.unplaced(land, on=DAY)["hazard_id"].tolist() == ["H"]


@pytest.mark.parametrize(
    "later", [{"status": "closed", "workflow": "draft"}, {"status": "open", "quarantined": "evidence: ?"}]
)
def test_neither_a_draft_nor_a_quarantined_version_lets_a_hazard_be_freed_whole(later):
    release = {"hazard_ids": ("H",), "geometry": None}
    status = "open" if later["status"] == "closed" else "closed"
    rows = [version("established", "2021-01-01", status=status), version("edited", "2021-06-01", None, **later)]
    found = ground(policy=Policy(closed_without_polygon="whole"), hazards=rows, releases=[release])
    assert found["state"].tolist() == ["confirmed_open"]


def test_blank_text_is_no_answer_and_no_paper():
    find = {"date": "2023-01-01", "geometry": shapely.Point(10, 10), "answered_on": "2023-06-01", "answered_by": " "}
    assert set(ground(**RELEASED, finds=[find])["state"]) == {"in_question"}
    policy = Policy(closed_without_polygon="whole", handover_for=())
    release = {"hazard_ids": ("H",), "geometry": None, "handover_no": " "}
    found = ground(policy=policy, hazards=[version("established", "2021-01-01", status="closed")], releases=[release])
    assert found["state"].tolist() == ["confirmed_open"]


def test_evidence_on_any_reading_of_an_invalid_release_puts_its_activity_in_question():
    """The winding of this bow-tie holds the right lobe only, its line work both: evidence in the left one counts too."""
    bow_tie = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    rows = {
        "hazards": [version("established", "2021-01-01", box(0, 0, 300, 100))],
        "releases": [
            {"hazard_ids": ("H",), "geometry": bow_tie, "activity_id": "T"},
            {"hazard_ids": ("H",), "geometry": box(200, 0, 100), "activity_id": "T"},
        ],
    }
    for x in (10, 90):
        finds = [{"date": "2023-01-01", "geometry": shapely.Point(x, 50)}]
        assert state_at(ground(finds=finds, **rows), 250, 50) == "in_question"


def test_a_hazard_polygon_that_is_only_a_line_keeps_its_whole_length():
    flat = shapely.Polygon([(0, 0), (1000, 700), (0, 0), (0, 0)])
    found = ground(hazards=[version("established", "2021-01-01", flat, accuracy_m=10.0)])
    assert [state_at(found, x, 0.7 * x) for x in (0, 1, 500, 999, 1000)] == ["confirmed_open"] * 5
    point = ground(hazards=[version("established", "2021-01-01", shapely.Polygon([(5, 5)] * 4), accuracy_m=10.0)])
    assert state_at(point, 5, 14.9) == "confirmed_open"


@pytest.mark.parametrize("x", [np.inf, 667_000.0])
def test_an_impossible_position_of_a_quarantined_row_is_unplaced_and_moves_nothing_else(x):
    land = programme(
        hazards=[
            version("established", "2021-01-01"),
            version("established", "2021-01-01", quarantined="geometry: ?") | {"hazard_id": "N"},
        ]
    )
    shapes = land.hazards.geometry.to_numpy().copy()
    shapes[1] = shapely.Polygon([(47, 40), (x, 40), (47, 41)])
    hazards = land.hazards.set_geometry(gpd.GeoSeries(shapes, index=land.hazards.index, crs=measure.STORED_CRS))
    land = dataclasses.replace(land, hazards=hazards)
    assert square_metres(hm.ground(land, on=DAY)) == {"confirmed_open": 10_000}
    assert hm.unplaced(land, on=DAY)["hazard_id"].tolist() == ["N"]


def test_a_strip_on_the_grid_that_is_one_millimetre_wide_goes_to_its_neighbour():
    """Its width is 2 × 0.1 m² / 200.002 m, just below a millimetre."""
    found = ground(
        hazards=[version("established", "2021-01-01")],
        releases=[{"hazard_ids": ("H",), "geometry": box(0, 0, 100, 99.999)}],
    )
    assert square_metres(found) == {"cleared": 10_000}


def test_a_shape_that_is_nothing_but_a_sliver_keeps_its_ground():
    cut = arrange(np.array([box(0, 0, 100), box(0, 99.999, 100, 0.001)], dtype=object))
    assert set(cut.shape.tolist()) == {0, 1}


def test_a_moment_is_asked_as_its_day():
    land = programme(hazards=[version("established", "2021-01-01")])
    assert len(hm.ground(land, on=pd.Timestamp("2021-01-01 23:00"))) == 1
    with pytest.raises(SchemaError, match="on = NaT – needed: a day"):
        hm.ground(land, on=pd.NaT)


@pytest.mark.parametrize("given", [20230102, "20230102", "2023", "2023-01"])
def test_a_date_that_is_no_full_day_is_refused(given):
    with pytest.raises(SchemaError, match=r"hazards\.date_of_information is not a date like 2024-12-31"):
        table("hazards", [version("established", given)])


def test_a_date_with_a_time_zone_is_the_day_that_was_written():
    rows = table("hazards", [version("established", "2022-01-02T00:00:00+04:00")])
    assert rows["date_of_information"].dt.date.map(str).tolist() == ["2022-01-02"]


def test_faults_under_an_ambiguous_index_are_refused():
    rows = table("hazards", [version("established", "2021-01-01"), version("edited", "2022-01-01", status="?")])
    rows.index = [0, 0]
    with pytest.raises(SchemaError, match="hazards: 1 faults, and index labels that stand for several rows"):
        hm.ground(dataclasses.replace(programme(), hazards=rows), on=DAY)


def test_a_hazard_first_reported_as_merged_is_its_successor_s():
    rows = [
        version("merged", "2022-01-01", superseded_by=("N",)),
        version("established", "2022-01-01", classification="suspected") | {"hazard_id": "N"},
    ]
    assert ground(hazards=rows)["state"].tolist() == ["suspected_open"]


def test_a_stray_record_far_away_makes_no_disc_smaller():
    """The plane is fitted to all records, and stretches where one of them lies on the equator."""
    find = {"date": "2023-01-01", "geometry": shapely.Point(0, 0)}
    stray = {"hazard_id": "S", "geometry": box(0, -4_300_000, 100), "date_of_information": "2021-01-01"}
    land = programme(hazards=[stray], finds=[find])
    found = hm.ground(land, on=DAY)
    disc = found[found["find_ids"].map(len) == 1].geometry.iloc[0]
    start = measure.from_plane(np.array([shapely.Point(0, 0)]), PLANE).iloc[0]
    rim = np.array(disc.exterior.coords)
    geod = pyproj.Geod(ellps="WGS84")
    _, _, distance = geod.inv(np.full(len(rim), start.x), np.full(len(rim), start.y), rim[:, 0], rim[:, 1])
    assert distance.min() >= 99.9


def test_shapes_across_the_antimeridian_or_at_a_pole_are_faults():
    for bounds in ((-179.9, 10, 179.9, 11), (10, 86, 11, 87)):
        hazards = table("hazards", [version("established", "2021-01-01")])
        land = dataclasses.replace(programme(), hazards=hazards.set_geometry([shapely.box(*bounds)], crs=4326))
        with pytest.raises(SchemaError, match="latitude within ±85, less than 180° wide"):
            hm.ground(land, on=DAY)


def test_evidence_without_a_position_is_listed_until_answered():
    find = {"date": "2023-01-01", "geometry": None, "quarantined": "geometry: missing", "district": "X"}
    land = programme(finds=[find])
    assert hm.unplaced(land, on=DAY)[["hazard_id", "classification", "district"]].values.tolist() == [
        ["F-0", "suspected", "X"]
    ]
    assert hm.unplaced(land, on="2022-12-31").empty
    assert hm.state_on(land, on=DAY).unplaced["hazard_id"].tolist() == ["F-0"]


def test_a_flat_part_of_a_hazard_is_grown_and_the_rest_kept():
    row = shapely.Polygon([(300, 50), (400, 50), (400, 50.0004), (300, 50.0004)])
    both = shapely.MultiPolygon([FIELD, row])
    found = ground(hazards=[version("established", "2021-01-01", both, accuracy_m=2.0)])
    assert found["area_m2"].sum() == pytest.approx(10_000 + 100 * 4 + 4 * np.pi, rel=0.01)


def test_a_flat_part_of_an_invalid_hazard_is_grown_too():
    """A field, and in the same record a row digitised as a polygon there and back."""
    row = shapely.Polygon([(300, 50), (400, 50), (400, 50), (300, 50)])
    both = shapely.MultiPolygon([FIELD, row])
    assert not both.is_valid
    found = ground(hazards=[version("established", "2021-01-01", both, accuracy_m=2.0)])
    assert state_at(found, 350, 51) == "confirmed_open"
    assert found["area_m2"].sum() == pytest.approx(10_000 + 100 * 4 + 4 * np.pi, rel=0.01)


def test_what_was_done_before_a_find_does_not_answer_it():
    find = {"date": "2023-01-01", "geometry": shapely.Point(500, 500), "answered_by": "T"}
    for day, state in (("2022-12-31", "suspected_open"), ("2023-01-01", None)):  # on the day of the find it may
        lying = programme(finds=[find | {"answered_on": day}])
        assert state_at(hm.ground(lying, on="2024-12-31"), 500, 500) == state
