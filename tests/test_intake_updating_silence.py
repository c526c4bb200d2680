"""Updating: what a newer file does not say is no news, and neither is what a constant says for it."""

import json

import pytest
import shapely
from land import box, square_metres, state_at
from test_intake_updating import RELEASE, SQUARE, came, file, hazard, held, updated

import hazardmap as hm
from hazardmap.intake import update

END = "2024-12-31"
VOIDING = {
    "decision": ("rejected", "approved"),
    "quality": ("failed", "passed"),
    "nonconformity": ("critical", "none"),
}


def without(row, *columns):
    return {c: v for c, v in row.items() if c not in columns}


@pytest.mark.parametrize("column", VOIDING)
@pytest.mark.parametrize("by_constant", [False, True])
def test_a_release_that_counts_for_nothing_does_not_count_because_a_file_is_silent(column, by_constant):
    bad, good = VOIDING[column]
    programme = held(hazards=[hazard()], releases=[RELEASE | {column: bad}])
    frame = file("releases", [without(RELEASE, column) | {"handover_to": "village"}])
    constants = {"values": {column: good}} if by_constant else {}
    done = update(programme, came(programme, "releases", frame, **constants))
    assert done.counts["changed"] == 1
    assert done.programme.releases[column].tolist() == [bad]
    assert done.programme.releases["handover_to"].tolist() == ["village"]
    assert square_metres(hm.ground(done.programme, on=END)) == {"confirmed_open": 10_000}
    assert f"the file is silent of {column}" in done.report["why"].iloc[0]
    assert "1 rows keep what was held" in str(done)
    stated = updated(programme, "releases", [RELEASE | {column: good}])
    assert square_metres(hm.ground(stated.programme, on=END)) == {"cleared": 10_000}, "a report that says it counts"


def test_a_nonconformity_is_closed_by_a_report_that_says_when():
    programme = held(hazards=[hazard()], releases=[RELEASE | {"nonconformity": "major"}])
    done = updated(programme, "releases", [RELEASE | {"nonconformity_closed_on": "2022-05-01"}])
    assert done.programme.releases["nonconformity"].tolist() == ["major"]
    assert square_metres(hm.ground(done.programme, on=END)) == {"cleared": 10_000}


def test_a_constant_that_is_bad_news_counts_and_one_that_is_good_replaces_nothing():
    programme = held(hazards=[hazard()], releases=[RELEASE | {"depth_m": 0.1}])
    frame = file("releases", [RELEASE]).drop(columns=["depth_m", "decision"])
    imported = came(programme, "releases", frame, values={"depth_m": "0.5", "decision": "rejected"})
    done = update(programme, imported)
    assert done.programme.releases[["depth_m", "decision"]].to_numpy().tolist() == [[0.1, "rejected"]]


def test_a_silent_file_hides_no_activity_and_no_coarse_accuracy():
    other = RELEASE | {"release_id": "R-2", "activity_type": "NTS"}  # the product disagrees: void
    rows = [RELEASE | {"activity_id": "A-1", "accuracy_m": 30.0}, other]
    programme = held(hazards=[hazard()], releases=rows)
    newer = [without(r, "activity_id", "accuracy_m", "activity_type") | {"organisation": "X"} for r in rows]
    now = updated(programme, "releases", newer).programme.releases
    assert now["activity_id"].fillna("").tolist() == ["A-1", ""]
    assert now["accuracy_m"].fillna(0).tolist() == [30.0, 0.0]
    assert now["activity_type"].fillna("").tolist() == ["", "NTS"], "what would only make it worse is not kept"


def test_a_silent_file_asks_no_less_of_a_plot():
    plot = {"plot_id": "P-1", "geometry": SQUARE, "required_depth_m": 0.5, "accuracy_m": 20.0}
    programme = held(hazards=[hazard()], releases=[RELEASE], plots=[plot])
    assert hm.check_plots(programme, on="2024-06-30")["verdict"].tolist() == ["too_shallow"]
    done = updated(programme, "plots", [without(plot, "required_depth_m", "accuracy_m") | {"use": "orchard"}])
    assert hm.check_plots(done.programme, on="2024-06-30")["verdict"].tolist() == ["too_shallow"]
    assert done.programme.plots["accuracy_m"].tolist() == [20.0]
    stated = updated(programme, "plots", [plot | {"required_depth_m": 0.1}])
    assert hm.check_plots(stated.programme, on="2024-06-30")["verdict"].tolist() == ["released"]


def test_a_refused_report_is_kept_as_the_file_said_it():
    programme = held("2024-06-30", hazards=[hazard()], releases=[RELEASE | {"decision": "rejected"}])
    done = updated(
        programme, "releases", [without(RELEASE, "decision") | {"name": "x", "organisation": "X"}], "2024-01-01"
    )
    assert done.counts["refused"] == 1
    assert "decision" not in json.loads(done.report["kept"].iloc[0])[0]


FIND = {
    "find_id": "F-1",
    "geometry": shapely.Point(50, 50),
    "date": "2023-01-01",
    "kind": "accident",
    "accuracy_m": 1.0,
}


@pytest.mark.parametrize("newer", [{}, {"date": "2021-06-01"}])
def test_an_answer_from_before_the_find_is_no_answer(newer):
    programme = held(hazards=[hazard()], releases=[RELEASE], finds=[FIND])
    assert state_at(hm.ground(programme, on="2024-06-30"), 50, 50) == "in_question"
    for day in ("2021-10-01", "2021-11-01"):  # nor does a second one help
        programme = updated(
            programme, "finds", [FIND | newer | {"answered_on": day, "answered_by": "S-1"}], allow_same_day=True
        ).programme
        assert state_at(hm.ground(programme, on=END), 50, 50) == "in_question", day
    late = FIND | newer | {"answered_on": "2024-08-01", "answered_by": "S-1"}
    programme = updated(programme, "finds", [late], allow_same_day=True).programme
    assert state_at(hm.ground(programme, on=END), 50, 50) == "cleared"


def test_ids_that_differ_only_in_capitals_or_blanks_are_told():
    programme = held(hazards=[hazard()], releases=[RELEASE | {"decision": "rejected"}])
    done = updated(programme, "releases", [RELEASE | {"release_id": "r-1"}])
    assert "1 ids differ from ids held ONLY IN CAPITALS OR BLANKS ('r-1' and 'R-1')" in str(done)
    assert "CAPITALS" not in str(updated(programme, "releases", [RELEASE | {"release_id": "R-2"}]))


def test_a_file_of_which_everything_is_refused_makes_the_data_no_fresher():
    programme = held("2022-06-30", hazards=[hazard()])
    wider = hazard(geometry=box(0, 0, 200))
    done = updated(programme, "hazards", [wider], "2024-12-31")
    assert done.counts["refused"] == 1
    assert str(done.programme.as_of) == "2022-06-30"
    done = updated(programme, "hazards", [wider, hazard("H-2")], "2024-12-31")
    assert str(done.programme.as_of) == "2024-12-31"


def test_a_district_that_gets_smaller_is_told():
    district = {"district_id": "D-1", "name": "D", "geometry": SQUARE}
    programme = held(districts=[district])
    smaller = updated(programme, "districts", [district | {"geometry": box(0, 0, 50)}])
    assert "1 districts are SMALLER than held ('D-1')" in str(smaller)
    assert "SMALLER" not in str(updated(programme, "districts", [district | {"geometry": box(0, 0, 200)}]))
