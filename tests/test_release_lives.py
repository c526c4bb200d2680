"""Every day at once: the rows that hold on a day are the tables of that day, in all their columns."""

from datetime import date, timedelta

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from land import box, programme
from lands import DATES, LAND, lands, made

import hazardmap as hm
from hazardmap import words
from hazardmap.release import holding, state_on, state_through_time

GROUND = [
    "state",
    "product",
    "depth_m",
    "hazard_ids",
    "release_ids",
    "void_release_ids",
    "survey_ids",
    "find_ids",
    "why",
]


def _told(frame, columns):
    """The rows of a table as texts, sorted: order of rows and numbers of the index do not matter."""
    shown = frame[columns].astype("object").where(frame[columns].notna(), "–").map(str)
    return sorted(map(tuple, shown.to_numpy().tolist()))


def _same_ground(one, other):
    """The area on which two tables of ground disagree, in m², by state."""
    differs = {}
    for state in set(one["state"]) | set(other["state"]):
        a, b = (
            gpd.GeoSeries([f[f["state"] == state].geometry.union_all()], crs=4326).to_crs(6933) for f in (one, other)
        )
        differs[state] = a.symmetric_difference(b).area.iloc[0]
    return differs


def _agree(records, day, life=None):
    life, today = life or state_through_time(records), state_on(records, on=day)
    known = "no_record"
    ground = holding(life.ground, on=day)
    assert _told(ground[ground["state"] != known], GROUND) == _told(
        today.ground[today.ground["state"] != known], GROUND
    )
    differs = _same_ground(ground, today.ground)
    assert differs.pop(known, 0.0) < 20, "1 cm along the edges of the coverage, which are divided at other places"
    assert max(differs.values(), default=0.0) < 0.01
    facts = ["hazard_id", "date_of_information", "event", "classification", "status", "workflow", "unplaced"]
    for frame in (hazards := holding(life.hazards, on=day).copy(), then := today.hazards.copy()):
        for area in ("area_m2", "open_m2"):
            frame[area] = frame[area].fillna(-1).round(1)
    assert _told(hazards, [*facts, "area_m2", "open_m2"]) == _told(then, [*facts, "area_m2", "open_m2"])
    assert _told(holding(life.releases, on=day), ["release_id", "standing", "in_question", "why"]) == _told(
        today.releases, ["release_id", "standing", "in_question", "why"]
    )
    lost = ["hazard_id", "classification", "status"]
    assert _told(holding(life.unplaced, on=day), lost) == _told(today.unplaced, lost)


@pytest.mark.parametrize("day", ["1990-01-01", "2021-03-01", "2022-05-20", "2022-06-01", "2023-07-01", "2024-12-31"])
def test_the_squares_on_some_days(day):
    _agree(hm.example(), day)


@LAND
@given(lands())
def test_random_lands_on_the_days_of_change_and_beside_them(rows):
    records = made(rows)
    life = state_through_time(records)
    for text in ("2020-01-01", *DATES[::4], "2024-12-31"):
        day = date.fromisoformat(text)
        for beside in (day - timedelta(1), day):
            _agree(records, beside.isoformat(), life)


def test_ground_without_a_record_until_a_hazard_is_known():
    records = programme(
        coverage=[{"geometry": box(0, 0, 100)}],
        hazards=[{"geometry": box(50, 0, 100), "date_of_information": "2022-01-01"}],  # half of it inside the coverage
    )
    life = state_through_time(records).ground
    nothing = life[life["state"] == "no_record"]
    before, after = (holding(nothing, on=day)["area_m2"].sum() for day in ("2021-12-31", "2022-01-01"))
    assert (round(before), round(after)) == (10_000, 5_000)
    assert set(nothing["why"]) == {"no record here"}


def test_evidence_without_a_place_is_unplaced_from_its_day():
    records = programme(finds=[{"geometry": None, "date": "2022-01-01", "quarantined": "no place"}])
    lost = state_through_time(records).unplaced
    assert [len(holding(lost, on=d)) for d in ("2021-12-31", "2022-01-01", "2024-12-31")] == [0, 1, 1]


def test_what_lies_after_the_as_of_date_is_not_told():
    late = {"geometry": box(0, 0, 10), "date_of_information": "2023-01-01", "quarantined": "a day to come"}
    life = state_through_time(programme(hazards=[late], as_of=date(2022, 1, 1)))
    assert life.hazards.empty
    assert life.ground.empty


def test_nothing_at_all():
    life = state_through_time(hm.Programme())
    assert [len(f) for f in (life.ground, life.hazards, life.releases, life.unplaced)] == [0, 0, 0, 0]
    assert words.STATES[8] == "no_record"
    assert shapely.is_empty(life.ground.geometry).sum() == 0
