"""Plot checks on squares that a pencil can check: each verdict, each flag, margins, distances, depths, slivers, ids."""

from datetime import date
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
import shapely
from asking import DAY, EXACT, FIELD, PLOT, ask, hazard, land, lost, plots, release
from land import box, demo_programme

import hazardmap as hm
from hazardmap import Policy, measure, words

BESIDE = box(90, 40, 20, 10)  # half on the field, half east of it
IDS = ("hazard_ids", "release_ids", "idle_release_ids", "survey_ids", "find_ids")


def metres(answer):
    """Whole square metres by state, of the states that are there."""
    return {s: round(answer[f"{s}_m2"]) for s in words.STATES if round(answer[f"{s}_m2"])}


def ids(answer):
    return {c: answer[c] for c in IDS if answer[c]}


# The ladder, worst first.


def test_open_ground_of_a_confirmed_hazard():
    answer = ask(BESIDE, hazards=[hazard()])
    assert answer["verdict"] == "confirmed_hazard"
    assert answer["why"] == "overlaps a confirmed hazardous area: H-0"
    assert metres(answer) == {"confirmed_open": 100, "no_record": 100}
    assert answer["confirmed_open_pct"] == pytest.approx(50)
    assert ids(answer) == {"hazard_ids": ("H-0",)}
    assert (answer["nearest_hazard_id"], answer["nearest_hazard_m"]) == ("H-0", 0.0)
    assert pd.isna(answer["nearest_direction"])
    assert answer["flags"] == ()


@pytest.mark.parametrize("status", words.STATUS.codes)
@pytest.mark.parametrize("classification", ["confirmed", "suspected"])
def test_no_status_closes_a_hazard(status, classification):
    answer = ask(PLOT, hazards=[hazard(status=status, classification=classification)])
    assert answer["verdict"] == f"{classification}_hazard"


def test_a_hazard_closed_without_release_stays_open():
    closed = {"date_of_information": "2022-01-01", "event": "closed", "status": "closed", "close_reason": "cleared"}
    answer = ask(PLOT, hazards=[hazard(hazard_id="H"), hazard(hazard_id="H", **closed)])
    assert answer["verdict"] == "confirmed_hazard"
    assert metres(answer) == {"confirmed_open": 100}


def test_open_ground_of_a_suspected_hazard():
    answer = ask(PLOT, hazards=[hazard(classification="suspected")])
    assert answer["verdict"] == "suspected_hazard"
    assert answer["why"] == "overlaps a suspected hazardous area: H-0"
    assert metres(answer) == {"suspected_open": 100}


def test_confirmed_comes_before_suspected_and_both_are_told():
    hazards = [hazard(classification="suspected"), hazard(box(45, 0, 50))]
    answer = ask(PLOT, hazards=hazards)
    assert answer["verdict"] == "confirmed_hazard"
    assert answer["why"].endswith("confirmed hazardous area: H-1")
    assert answer["hazard_ids"] == ("H-0", "H-1")
    assert answer["nearest_hazard_id"] == "H-1"


def test_an_unanswered_find_is_suspected_ground():
    find = {"geometry": shapely.Point(0, 0), "date": "2023-01-01"}
    answer = ask(PLOT, finds=[find])
    assert (answer["verdict"], ids(answer)) == ("suspected_hazard", {"find_ids": ("F-0",)})
    assert "F-0" in answer["why"]
    answered = ask(PLOT, finds=[find | {"answered_on": "2023-06-01", "answered_by": "T-1"}])
    assert answered["verdict"] == "no_record"
    before = ask(PLOT, finds=[find | {"answered_on": "2023-06-01", "answered_by": "T-1"}], on="2023-05-31")
    assert before["verdict"] == "suspected_hazard"


FIND_ON_FIELD = {"geometry": shapely.Point(20, 20), "date": "2023-01-01"}


def test_a_release_in_question():
    rows = {"hazards": [hazard()], "releases": [release()], "finds": [FIND_ON_FIELD]}
    answer = ask(PLOT, **rows)
    assert answer["verdict"] == "release_in_question"
    assert answer["why"] == "later evidence contradicts the release R-0: F-0"
    assert metres(answer) == {"in_question": 100}
    assert (answer["hazard_ids"], answer["find_ids"]) == (("H-0",), ("F-0",))
    assert "R-0" in (*answer["release_ids"], *answer["idle_release_ids"])
    answered = FIND_ON_FIELD | {"answered_on": "2023-02-01", "answered_by": "T-1"}
    assert ask(PLOT, **(rows | {"finds": [answered]}))["verdict"] == "released"


@pytest.mark.parametrize(
    ("paper", "missing"),
    [
        ("handover_no", "handover"),
        ("handover_date", "handover"),
        ("decision", "approv"),
        ("quality", "quality"),
        ("depth_m", "depth"),
    ],
)
def test_not_handed_over_names_the_paper_that_is_missing(paper, missing):
    answer = ask(PLOT, hazards=[hazard()], releases=[release(**{paper: None})])
    assert answer["verdict"] == "not_handed_over"
    assert answer["why"].startswith("work reported finished, papers missing: R-0:")
    assert missing in answer["why"]
    assert metres(answer) == {"not_handed_over": 100}


def test_not_handed_over_before_the_day_of_the_paper():
    rows = {"hazards": [hazard()], "releases": [release()]}
    assert ask(PLOT, on="2022-02-28", **rows)["verdict"] == "not_handed_over"
    assert ask(PLOT, on="2022-03-01", **rows)["verdict"] == "released"


def test_a_rejected_or_failed_release_is_none():
    for more in ({"decision": "rejected"}, {"quality": "failed"}):
        answer = ask(PLOT, hazards=[hazard()], releases=[release(**more)])
        assert answer["verdict"] == "confirmed_hazard"
        assert answer["idle_release_ids"] == ("R-0",)


DEEP = {"required_depth_m": 0.5}


def test_too_shallow():
    rows = {"hazards": [hazard()], "releases": [release()]}
    answer = ask(PLOT, plot=DEEP, **rows)
    assert answer["verdict"] == "too_shallow"
    assert answer["why"] == "released to 0.2 m by R-0; this use needs 0.5 m"
    assert (answer["cleared_depth_m"], answer["required_depth_m"]) == (0.2, 0.5)
    assert answer["flags"] == ()
    assert ask(PLOT, plot={"required_depth_m": 0.2}, **rows)["verdict"] == "released"
    assert ask(PLOT, **rows)["verdict"] == "released"


@pytest.mark.parametrize(("product", "activity"), [("cancelled", "NTS"), ("reduced", "TS")])
def test_cancelled_and_reduced_land_has_no_depth_which_is_a_flag_only(product, activity):
    rows = {"hazards": [hazard()], "releases": [release(product=product, activity_type=activity, depth_m=None)]}
    answer = ask(PLOT, plot=DEEP, **rows)
    assert (answer["verdict"], answer["flags"]) == ("released", ("depth_unknown",))
    assert metres(answer) == {product: 100}
    assert np.isnan(answer["cleared_depth_m"])
    assert ask(PLOT, **rows)["flags"] == ()


def test_half_reduced_half_cleared_too_shallow_is_both():
    reduced = release(box(0, 0, 45, 100), product="reduced", activity_type="TS", depth_m=None)
    answer = ask(PLOT, plot=DEEP, hazards=[hazard()], releases=[reduced, release(box(45, 0, 55, 100))])
    assert (answer["verdict"], answer["flags"]) == ("too_shallow", ("depth_unknown",))


def test_cleared_without_a_stated_depth_is_not_deep_enough():
    policy = Policy(depth_for=())
    rows = {"hazards": [hazard()], "releases": [release(depth_m=None)], "policy": policy}
    answer = ask(PLOT, plot=DEEP, **rows)
    assert (answer["verdict"], answer["flags"]) == ("too_shallow", ("depth_unknown",))
    assert "not stated" in answer["why"]
    assert ask(PLOT, **rows)["verdict"] == "released"


def test_a_second_deeper_clearance_counts():
    deeper = release(depth_m=0.5, date_completed="2022-02-01")
    answer = ask(PLOT, plot=DEEP, hazards=[hazard()], releases=[release(), deeper])
    assert (answer["verdict"], answer["cleared_depth_m"]) == ("released", 0.5)
    west = release(box(0, 0, 45, 100), depth_m=0.5)
    half = ask(PLOT, plot=DEEP, hazards=[hazard()], releases=[release(), west])
    assert (half["verdict"], half["cleared_depth_m"]) == ("too_shallow", 0.2)


def test_partly_released():
    answer = ask(BESIDE, hazards=[hazard()], releases=[release()])
    assert answer["verdict"] == "partly_released"
    assert answer["why"].startswith("50.0 % released by R-0, the rest has no record")
    assert metres(answer) == {"cleared": 100, "no_record": 100}
    surveyed = ask(BESIDE, hazards=[hazard()], releases=[release()], surveys=[{"geometry": box(95, 0, 50, 100)}])
    assert surveyed["verdict"] == "partly_released"
    outside = ask(BESIDE, hazards=[hazard()], releases=[release()], coverage=[{"geometry": FIELD}])
    assert (outside["verdict"], metres(outside)) == ("partly_released", {"cleared": 100, "outside_coverage": 100})
    shallow = ask(BESIDE, plot=DEEP, hazards=[hazard()], releases=[release()])
    assert shallow["verdict"] == "partly_released", "too shallow is said of land that is released whole"


def test_released_whole():
    west, east = release(box(0, 0, 45, 100)), release(box(45, 0, 55, 100), product="reduced", activity_type="TS")
    answer = ask(PLOT, hazards=[hazard()], releases=[west, east])
    assert answer["verdict"] == "released"
    assert answer["why"].startswith("released by R-0, on 2022-01-01, document HO-1; 1 more")
    assert metres(answer) == {"reduced": 50, "cleared": 50}
    assert ids(answer) == {"hazard_ids": ("H-0",), "release_ids": ("R-0", "R-1")}
    assert pd.isna(answer["nearest_hazard_id"])
    assert np.isnan(answer["nearest_hazard_m"])


def test_a_release_of_another_hazard_frees_nothing():
    answer = ask(PLOT, hazards=[hazard(), hazard()], releases=[release()])
    assert (answer["verdict"], answer["why"]) == ("confirmed_hazard", "overlaps a confirmed hazardous area: H-1")
    assert answer["release_ids"] + answer["idle_release_ids"] == ("R-0",)


@pytest.mark.parametrize(("gap", "verdict"), [(99.9, "near_hazard"), (100.0, "near_hazard"), (100.1, "no_record")])
def test_near_up_to_the_proximity_distance(gap, verdict):
    answer = ask(box(100 + gap, 40, 10), plot=EXACT, hazards=[hazard(**EXACT)])
    assert answer["verdict"] == verdict
    assert answer["nearest_hazard_m"] == pytest.approx(gap, abs=1e-3)
    assert answer["flags"] == (("near_hazard",) if verdict == "near_hazard" else ())
    assert answer["hazard_ids"] == ()
    assert answer["nearest_hazard_id"] == "H-0"
    if verdict == "near_hazard":
        assert answer["why"] == f"no overlap recorded; open hazard H-0 {gap:.0f} m away to the W"


def test_the_flag_near_joins_what_comes_before_it():
    rows = {"hazards": [hazard(), hazard(box(150, 0, 50))], "releases": [release()]}
    answer = ask(PLOT, **rows)
    assert (answer["verdict"], answer["flags"]) == ("released", ("near_hazard",))
    assert answer["nearest_hazard_id"] == "H-1"
    assert answer["nearest_hazard_m"] == pytest.approx(100, abs=1e-3)


def test_surveyed_wholly_and_partly():
    whole = ask(PLOT, surveys=[{"geometry": FIELD}])
    assert whole["verdict"] == "surveyed_no_evidence"
    assert whole["why"] == "surveyed on 2022-01-01 (S-0); no evidence found at that time"
    assert ids(whole) == {"survey_ids": ("S-0",)}
    partly = ask(BESIDE, surveys=[{"geometry": FIELD}])
    assert (partly["verdict"], metres(partly)) == ("no_record", {"surveyed": 100, "no_record": 100})
    assert ask(PLOT, surveys=[{"geometry": FIELD}], on="2021-12-31")["verdict"] == "no_record"


def test_no_record_is_no_evidence():
    answer = ask(PLOT)
    assert answer["verdict"] == "no_record"
    assert "not evidence" in answer["why"]
    assert metres(answer) == {"no_record": 100}


def test_any_part_outside_coverage_is_outside():
    half = ask(BESIDE, coverage=[{"geometry": FIELD}])
    assert (half["verdict"], metres(half)) == ("outside_coverage", {"no_record": 100, "outside_coverage": 100})
    assert ask(PLOT, coverage=[])["verdict"] == "outside_coverage"
    surveyed = ask(BESIDE, coverage=[{"geometry": FIELD}], surveys=[{"geometry": FIELD}])
    assert surveyed["verdict"] == "outside_coverage"


def test_open_ground_outside_coverage_is_a_hazard_still():
    assert ask(PLOT, coverage=[], hazards=[hazard()])["verdict"] == "confirmed_hazard"


# Age.

GOOD = {
    "released": {"hazards": [hazard()], "releases": [release()]},
    "near_hazard": {"hazards": [hazard(box(130, 0, 50), **EXACT)]},
    "surveyed_no_evidence": {"surveys": [{"geometry": FIELD}]},
    "no_record": {},
}


@pytest.mark.parametrize("verdict", GOOD)
def test_old_coverage_brings_no_good_news(verdict):
    rows = GOOD[verdict] | {"coverage": [{"geometry": box(-500, -500, 1000), "as_of": "2023-12-31"}]}
    fresh = ask(PLOT, on="2024-12-30", **rows)  # 365 days, 2024 being a leap year
    assert (fresh["verdict"], str(fresh["data_as_of"])[:10]) == (verdict, "2023-12-31")
    assert "stale_data" not in fresh["flags"]
    old = ask(PLOT, on="2024-12-31", **rows)
    assert old["verdict"] == "cannot_tell"
    assert "stale_data" in old["flags"]
    assert "2023-12-31, 366 days before" in old["why"]


def test_old_coverage_of_a_part_is_enough():
    old = {"geometry": box(45, 0, 500), "as_of": "2020-01-01"}
    answer = ask(PLOT, coverage=[{"geometry": box(0, 0, 45, 100)}, old])
    assert (answer["verdict"], str(answer["data_as_of"])[:10]) == ("cannot_tell", "2020-01-01")
    both = ask(PLOT, coverage=[{"geometry": FIELD}, old])
    assert both["verdict"] == "no_record", "where two speak the newer one counts"


def test_old_data_hide_no_hazard():
    stale = {"coverage": [{"geometry": FIELD, "as_of": "2020-01-01"}], "hazards": [hazard()]}
    for rows, verdict in (
        (stale, "confirmed_hazard"),
        (stale | {"hazards": [hazard(classification="suspected")]}, "suspected_hazard"),
        (stale | {"releases": [release()], "finds": [FIND_ON_FIELD]}, "release_in_question"),
        (stale | {"releases": [release(handover_no=None)]}, "not_handed_over"),
    ):
        answer = ask(PLOT, **rows)
        assert (answer["verdict"], answer["flags"]) == (verdict, ("stale_data",))


@pytest.mark.parametrize("verdict", GOOD)
def test_today_makes_data_old(verdict):
    rows = GOOD[verdict]
    assert ask(PLOT, today=date(2025, 12, 31), **rows)["verdict"] == verdict
    old = ask(PLOT, today=date(2026, 1, 1), **rows)
    assert old["verdict"] == "cannot_tell"
    assert "2024-12-31, 366 days before" in old["why"]
    assert ask(PLOT, today=date(2026, 1, 1), hazards=[hazard()])["verdict"] == "confirmed_hazard"


# The other flags.


def test_unplaced_hazards_of_a_district_by_code_name_and_alias():
    west = {"district_id": "AZ-W", "name": "Qərb", "aliases": ("Zapad",), "geometry": box(0, 0, 45, 100)}
    east = {"district_id": "AZ-E", "name": "Şərq", "aliases": (), "geometry": box(45, 0, 500, 100)}
    for spelling in ("AZ-W", "az w", "QƏRB", "zapad"):
        rows = {"districts": [west, east], "hazards": [lost(district=spelling)]}
        over = ask(PLOT, **rows)
        assert (over["unplaced_hazards"], over["flags"]) == (1, ("unplaced_hazards",)), spelling
        beside = ask(box(60, 40, 10), **rows)
        assert (beside["unplaced_hazards"], beside["flags"]) == (0, ())
    two = ask(PLOT, districts=[west, east], hazards=[lost(district="AZ-W"), lost(district="AZ-E", hazard_id="M")])
    assert two["unplaced_hazards"] == 2, "the plot lies in both districts"


@pytest.mark.parametrize("district", [None, "nowhere"])
def test_unplaced_hazards_of_no_known_district_may_lie_anywhere(district):
    districts = [{"district_id": "D", "geometry": FIELD}]
    answer = ask(box(900, 900, 10), districts=districts, hazards=[lost(district=district)])
    assert (answer["unplaced_hazards"], answer["flags"]) == (1, ("unplaced_hazards",))
    early = ask(PLOT, hazards=[lost(district=district)], on="2020-12-31")
    assert early["unplaced_hazards"] == 0, "nobody knew of it yet"


def test_fictitious_data_are_marked_on_every_row():
    answers = hm.check_plots(hm.example(), on=DAY)
    assert all(f[-1] == "fictitious_data" for f in answers["flags"])
    assert "fictitious_data" not in ask(PLOT)["flags"]


def test_flags_stand_in_the_order_of_the_words():
    answers = hm.check_plots(demo_programme(), on=demo_programme().as_of, today=date(2031, 1, 1))
    order = list(words.FLAGS)
    for flags in answers["flags"]:
        assert list(flags) == sorted(flags, key=order.index)


# Margins.


@pytest.mark.parametrize(
    ("hazard_m", "plot_m", "release_m", "reach"),
    [(3.0, 4.0, None, 5.0), (12.0, 5.0, None, 13.0), (3.0, 8.0, 6.0, 10.0), (6.0, 8.0, 3.0, 10.0), (0.0, 7.0, 0.0, 7)],
)
@pytest.mark.parametrize("classification", ["confirmed", "suspected"])
def test_within_the_error_of_the_boundaries(hazard_m, plot_m, release_m, reach, classification):
    rows = {"hazards": [hazard(accuracy_m=hazard_m, classification=classification)]}
    if release_m is not None:  # the east of it is released: its new edge is as good as the worse of the two
        rows["releases"] = [release(box(70, 0, 30, 100), accuracy_m=release_m)]
        rows["hazards"][0]["geometry"] = FIELD
    edge = 100 if release_m is None else 0  # the west edge carries the worst error as well
    policy = Policy(proximity_m=0.0)
    for gap, inside in ((reach - 0.01, True), (reach + 0.01, False)):
        x = edge + gap if edge else -gap - 10
        answer = ask(box(x, 40, 10), plot={"accuracy_m": plot_m}, policy=policy, **rows)
        if inside:
            assert answer["verdict"] == f"{classification}_hazard"
            assert answer["flags"] == ("boundary_uncertain",)
            assert "within the error of the boundaries: H-0" in answer["why"]
            assert answer["hazard_ids"] == ("H-0",)
        else:
            assert (answer["verdict"], answer["flags"], answer["hazard_ids"]) == ("no_record", (), ())
        assert answer["nearest_hazard_m"] == pytest.approx(gap, abs=2e-3)


def test_released_land_beside_what_is_left_of_the_hazard():
    rows = {"hazards": [hazard(accuracy_m=3.0)], "releases": [release(box(0, 0, 50, 100), accuracy_m=4.0)]}
    at = {gap: ask(box(40 - gap, 40, 10), plot={"accuracy_m": 3.0}, **rows)["verdict"] for gap in (4.99, 5.01)}
    assert at == {4.99: "confirmed_hazard", 5.01: "released"}


@pytest.mark.parametrize(
    ("more", "assumed"), [({}, 50.0), ({"location_kind": "estimated"}, 50.0), ({"location_kind": "surveyed"}, 10.0)]
)
def test_unknown_accuracies_take_the_defaults_of_the_policy(more, assumed):
    reach = np.hypot(assumed, 1.0)
    inside, outside = (ask(box(100 + reach + d, 40, 10), hazards=[hazard(**more)]) for d in (-0.01, 0.01))
    assert (inside["verdict"], inside["flags"]) == ("confirmed_hazard", ("near_hazard", "boundary_uncertain"))
    assert (outside["verdict"], outside["flags"]) == ("near_hazard", ("near_hazard",))


def test_unknown_accuracy_of_a_release_is_two_metres():
    rows = {"hazards": [hazard(**EXACT)], "releases": [release(box(0, 0, 50, 100))]}
    reach = np.hypot(2.0, 1.0)
    at = [ask(box(40 - reach - d, 40, 10), **rows)["verdict"] for d in (-0.01, 0.01)]
    assert at == ["confirmed_hazard", "released"]


def test_unknown_accuracy_of_a_find_is_that_of_the_policy():
    policy = Policy(finds_m=30.0, find_radius_m=40.0, proximity_m=0.0)
    find = {"geometry": shapely.Point(0, 0), "accuracy_m": None, "date": "2023-01-01"}
    far = ask(box(200, 0, 10), policy=policy, finds=[find])["nearest_hazard_m"]
    answers = [ask(box(200 - far + np.hypot(30, 1) + d, 0, 10), policy=policy, finds=[find]) for d in (-0.1, 0.1)]
    assert [a["verdict"] for a in answers] == ["suspected_hazard", "no_record"]
    assert answers[0]["find_ids"] == ("F-0",)


def test_over_a_suspected_hazard_and_within_the_error_of_a_confirmed_one():
    rows = {"hazards": [hazard(classification="suspected", **EXACT), hazard(box(54, 0, 40), accuracy_m=4.0)]}
    answer = ask(PLOT, plot={"accuracy_m": 3.0}, **rows)
    assert answer["verdict"] == "confirmed_hazard"
    assert answer["flags"] == ("boundary_uncertain",)
    assert answer["hazard_ids"] == ("H-0", "H-1")
    assert "H-1" in answer["why"]
    further = ask(PLOT, plot={"accuracy_m": 2.9}, hazards=[rows["hazards"][0], hazard(box(55, 0, 40), accuracy_m=4.0)])
    assert (further["verdict"], further["hazard_ids"]) == ("suspected_hazard", ("H-0",))


def test_a_hazard_within_the_error_comes_before_what_lies_on_the_plot():
    near = hazard(box(52, 0, 40), accuracy_m=4.0, classification="suspected")
    for rows in (
        {"releases": [release(handover_no=None)]},
        {"releases": [release()], "finds": [FIND_ON_FIELD]},
        {"releases": [release()]},
    ):
        answer = ask(PLOT, hazards=[hazard(), near], **rows)
        assert answer["verdict"] == "suspected_hazard"
        assert "boundary_uncertain" in answer["flags"]
        assert "H-1" in answer["hazard_ids"]


# Distances and directions.

ROUND = {
    "N": (40, 150, 60),
    "NE": (150, 150, np.hypot(60, 60)),
    "E": (150, 40, 60),
    "SE": (150, -70, np.hypot(60, 60)),
    "S": (40, -70, 60),
    "SW": (-70, -70, np.hypot(60, 60)),
    "W": (-70, 40, 60),
    "NW": (-70, 150, np.hypot(60, 60)),
}


@pytest.mark.parametrize("way", words.DIRECTIONS)
def test_distance_and_direction_from_the_plot_to_the_hazard(way):
    # The plot is the square 40–90; the hazards are squares of 50 m round it, 60 m away in each direction.
    x, y, far = ROUND[way]
    size = {150: 50, 40: 50, -70: 50}[x]
    answer = ask(box(40, 40, 50), plot=EXACT, hazards=[hazard(box(x, y, size), **EXACT)])
    assert answer["nearest_direction"] == way
    assert answer["nearest_hazard_m"] == pytest.approx(far, abs=0.01)


def test_the_nearest_of_several_and_of_equals_the_worst_then_the_first():
    hazards = [hazard(box(150, 40, 9), classification="suspected", **EXACT), hazard(box(-70, 40, 10), **EXACT)]
    answer = ask(PLOT, plot=EXACT, hazards=hazards)  # 100 m to both sides
    assert (answer["nearest_hazard_id"], answer["nearest_direction"]) == ("H-1", "W")
    nearer = ask(PLOT, plot=EXACT, hazards=[hazard(box(149, 40, 9), classification="suspected", **EXACT), hazards[1]])
    assert (nearer["nearest_hazard_id"], nearer["nearest_direction"]) == ("H-0", "E")


def test_released_ground_is_no_hazard_to_be_near_to():
    rows = {"hazards": [hazard(), hazard(box(400, 0, 50))], "releases": [release()]}
    answer = ask(box(110, 40, 10), **rows)
    assert answer["nearest_hazard_id"] == "H-1"
    assert answer["nearest_hazard_m"] == pytest.approx(280, abs=0.01)


def test_a_plot_in_a_hole_of_a_hazard():
    ring = box(0, 0, 100).difference(box(30, 30, 40))
    answer = ask(box(45, 45, 10), plot=EXACT, hazards=[hazard(ring, **EXACT)])
    assert (answer["verdict"], answer["hazard_ids"]) == ("near_hazard", ())
    assert answer["nearest_hazard_m"] == pytest.approx(15, abs=1e-3)


def test_a_hazard_in_a_hole_of_a_plot():
    plot = box(0, 0, 100).difference(box(30, 30, 40))
    answer = ask(plot, plot=EXACT, hazards=[hazard(box(45, 45, 10), **EXACT)])
    assert answer["verdict"] == "near_hazard"
    assert answer["nearest_hazard_m"] == pytest.approx(15, abs=1e-3)
    assert answer["area_m2"] == pytest.approx(8400, abs=0.01)


# Slivers.


@pytest.mark.parametrize(("width", "there"), [(0.0005, False), (0.002, True), (0.01, True)])
def test_a_sliver_under_a_millimetre_is_noise_and_two_are_not(width, there):
    policy = Policy(proximity_m=0.0)
    shape = box(100 - width, 40, 10 + width, 10)
    released = {"hazards": [hazard(**EXACT)], "releases": [release()], "coverage": [{"geometry": box(-9, -9, 300)}]}
    answer = ask(shape, policy=policy, plot=EXACT, **released)
    assert (answer["verdict"] == "partly_released") is there
    assert (answer["release_ids"] == ("R-0",)) is there
    surveyed = ask(shape, policy=policy, surveys=[{"geometry": box(100, 0, 50, 100)}])
    assert (surveyed["verdict"] == "no_record") is there
    assert (surveyed["verdict"] == "surveyed_no_evidence") is not there
    # Even a sliver lies within the error: what is open stays a hazard.
    opened = ask(shape, plot=EXACT, hazards=[hazard(**EXACT)])
    assert opened["verdict"] == "confirmed_hazard"
    assert ("boundary_uncertain" in opened["flags"]) is not there


def test_a_gap_of_two_millimetres_between_releases_is_found():
    west, east = release(box(0, 0, 45, 100)), release(box(45.002, 0, 54.998, 100))
    answer = ask(PLOT, hazards=[hazard()], releases=[west, east])
    assert answer["verdict"] == "confirmed_hazard"
    assert answer["confirmed_open_m2"] == pytest.approx(0.02, abs=0.001)


# Giants.


def star(vertices, x, y, radius):
    """A star-shaped outline with as many vertices, jagged by a tenth."""
    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    far = radius * (0.95 + 0.05 * np.sin(37 * angle) * np.cos(angle * 4001))
    return shapely.Polygon(np.column_stack([x + far * np.cos(angle), y + far * np.sin(angle)]))


def test_a_hazard_of_200_000_vertices():
    giant = star(200_000, 0, 0, 1500)
    ground = land(hazards=[hazard(giant)])
    asked = plots(*(box(x, y, 70) for x in range(-1600, 1600, 400) for y in range(-1600, 1600, 400)))
    begun = perf_counter()
    index = hm.plot_index(ground, on=DAY)
    answers = index.check(asked)
    assert perf_counter() - begun < 60
    shapes, laid = (measure.to_plane(t.geometry, index.ground.records.plane) for t in (asked, ground.hazards))
    expected = shapely.area(shapely.intersection(shapes, laid))
    assert answers["confirmed_open_m2"].to_numpy() == pytest.approx(expected, abs=0.01)
    assert (answers["verdict"].eq("confirmed_hazard") >= (expected > 0.01)).all()


def test_a_plot_of_200_000_vertices():
    giant = star(200_000, 0, 0, 1500)
    hazards = [hazard(box(x, y, 90)) for x in range(-1600, 1600, 400) for y in range(-1600, 1600, 400)]
    ground = land(hazards=hazards)
    asked = plots(giant)
    begun = perf_counter()
    index = hm.plot_index(ground, on=DAY)
    answer = index.check(asked).iloc[0]
    assert perf_counter() - begun < 60
    shape = measure.to_plane(asked.geometry, index.ground.records.plane)[0]
    squares = measure.to_plane(ground.hazards.geometry, index.ground.records.plane)
    expected = shapely.area(shapely.intersection(shape, squares))
    assert answer["area_m2"] == pytest.approx(shape.area, rel=1e-9)
    assert answer["confirmed_open_m2"] == pytest.approx(expected.sum(), abs=0.05)
    assert answer["hazard_ids"] == tuple(sorted(f"H-{i}" for i in np.flatnonzero(expected > 0.01)))


# The table.


def test_columns_dtypes_and_sums():
    answers = hm.check_plots(
        land(hazards=[hazard()], releases=[release(box(0, 0, 50, 100))]), plots(PLOT, BESIDE), on=DAY
    )
    states = list(words.STATES)
    assert answers.columns.tolist() == [
        *("plot_id", "cadastre_no", "name", "use", "verdict", "why", "flags", "area_m2"),
        *(f"{s}_m2" for s in states),
        *(f"{s}_pct" for s in states),
        *("nearest_hazard_id", "nearest_hazard_m", "nearest_direction", "required_depth_m", "cleared_depth_m"),
        *IDS,
        *("unplaced_hazards", "on", "as_of", "data_as_of", "sources", "geometry"),
    ]
    assert answers.crs == "EPSG:4326"
    assert {str(answers[c].dtype) for c in ("on", "as_of", "data_as_of")} == {"datetime64[us]"}
    assert answers["unplaced_hazards"].dtype == "int64"
    assert answers[[f"{s}_m2" for s in states]].sum(axis=1).to_numpy() == pytest.approx(answers["area_m2"].to_numpy())
    assert answers[[f"{s}_pct" for s in states]].sum(axis=1).to_numpy() == pytest.approx(100)
    assert answers["area_m2"].to_numpy() == pytest.approx([100, 200], abs=1e-3)


def test_an_index_asks_the_same_again_and_again():
    ground = land(hazards=[hazard()], releases=[release(box(0, 0, 50, 100))])
    asked = plots(PLOT, BESIDE, box(0, 0, 30), required_depth_m=0.3)
    index = hm.plot_index(ground, on=DAY)
    whole = hm.check_plots(ground, asked, on=DAY)
    pd.testing.assert_frame_equal(index.check(asked), whole)
    pd.testing.assert_frame_equal(index.check(asked), whole)
    for i in range(3):
        one = index.ask(asked.geometry[i], required_depth_m=0.3)
        assert (one["verdict"], one["why"], one["hazard_ids"]) == tuple(whole.loc[i, ["verdict", "why", "hazard_ids"]])


def test_progress_is_told_up_to_all():
    told = []
    hm.check_plots(land(), plots(PLOT, PLOT), on=DAY, progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (2, 2)
