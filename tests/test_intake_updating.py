"""Updating: a newer edition of a file, matched by id; what was held is never lost, and no doubt makes an answer better."""

import dataclasses
import json
import sqlite3

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from land import DEFAULTS, box, square_metres, state_at, table
from test_maps_hostile import PAYLOADS

import hazardmap as hm
from hazardmap import tables
from hazardmap.errors import SchemaError
from hazardmap.intake import add, import_table, update

SQUARE = box(0, 0, 100)  # 10,000 m²
HALF = box(0, 0, 50, 100)
POLICY = hm.Policy(find_radius_m=15.0, finds_m=1.0)


def file(name, rows, **more):
    """A file of rows as they come: plane rectangles in degrees, sets as texts, only columns that the rows name."""
    made = table(name, [dict(r) for r in rows])
    given_ = {c for r in rows for c in r} | {c.name for c in tables.table(name).columns if c.required}
    given_ |= set(more.pop("columns", ()))
    frame = made[[c for c in made.columns if c in given_ and c != "geometry"]].copy()
    for column in frame:
        if frame[column].map(lambda v: isinstance(v, tuple)).any():
            frame[column] = ["; ".join(v) for v in frame[column]]
    return gpd.GeoDataFrame(frame.assign(**more), geometry=made.geometry)


def came(programme, name, frame, as_of="2024-12-31", **more):
    return import_table(frame, name, programme=programme, as_of=as_of, recorded_at=f"{as_of}T12:00:00", **more)


def held(as_of="2024-06-30", **files):
    """A programme that files were imported into."""
    programme = hm.Programme(name="held", policy=POLICY)
    for name, rows in files.items():
        if rows:
            programme = add(programme, came(programme, name, file(name, rows), as_of))
    return programme


def updated(programme, name, rows, as_of="2024-12-31", **options):
    return update(programme, came(programme, name, file(name, rows, edition=as_of), as_of), **options)


def hazard(hazard_id="H-1", day="2021-01-01", geometry=SQUARE, **more):
    return {"hazard_id": hazard_id, "date_of_information": day, "geometry": geometry, "workflow": "draft", **more}


RELEASE = DEFAULTS["releases"] | {"release_id": "R-1", "hazard_ids": ("H-1",), "geometry": SQUARE}


def total(done):
    counts = done.counts
    return sum(counts[n] for n in ("added", "changed", "unchanged", "refused", "quarantined"))


# Hazards


@pytest.mark.parametrize(
    ("before", "after", "event"),
    [
        ({}, {"name": "Hill"}, "edited"),
        ({}, {"geometry": HALF}, "edited"),
        ({}, {"geometry": box(0, 0, 200, 100)}, "extended"),
        ({"classification": "suspected"}, {"classification": "confirmed"}, "reclassified"),
        ({"status": "closed"}, {"status": "open"}, "reopened"),
        ({"status": "open"}, {"status": "closed"}, "edited"),
    ],
)
def test_an_event_that_the_file_does_not_state_is_derived_and_frees_nothing(before, after, event):
    programme = held(hazards=[hazard(**before)])
    frame = file("hazards", [hazard(day="2023-01-01", **{**before, **after})]).drop(columns="event")
    done = update(programme, came(programme, "hazards", frame))
    assert done.counts["changed"] == 1
    assert done.programme.hazards["event"].tolist() == ["established", event]
    assert f"the file states no event: {event} is what it reports" in done.report["why"].iloc[0]
    assert hm.validate(done.programme).empty


def test_a_silent_status_reopens_nothing():
    programme = held(hazards=[hazard(status="closed")])
    frame = file("hazards", [hazard(day="2023-01-01", name="Hill")]).drop(columns=["event", "status"])
    done = update(programme, came(programme, "hazards", frame))
    assert done.programme.hazards["event"].tolist() == ["established", "edited"]


def test_an_event_that_the_file_states_is_taken_as_it_is():
    programme = held(hazards=[hazard()], releases=[RELEASE])
    assert square_metres(hm.ground(programme, on="2024-06-30")) == {"cleared": 10_000}
    done = updated(programme, "hazards", [hazard(day="2023-01-01", event="established")])
    assert done.programme.hazards["event"].tolist() == ["established", "established"]
    assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"confirmed_open": 10_000}, "reported again"


def test_a_smaller_polygon_frees_nothing_without_an_approved_revised_down():
    programme = held(hazards=[hazard(workflow="approved")])
    for more in ({"event": "edited"}, {"event": "revised_down"}, {"event": "edited", "workflow": "approved"}):
        done = updated(programme, "hazards", [hazard(day="2023-01-01", geometry=HALF, **more)])
        assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"confirmed_open": 10_000}, more
        assert "1 newer reports claim less than is held ('H-1'): ground that it leaves out stays" in str(done)
    approved = hazard(day="2023-01-01", geometry=HALF, event="revised_down", workflow="approved")
    done = updated(programme, "hazards", [approved])
    assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"confirmed_open": 5_000}
    assert "claim less" not in str(done)


def test_a_softer_class_counts_only_when_it_is_approved():
    programme = held(hazards=[hazard()])
    softer = hazard(day="2023-01-01", classification="suspected", event="reclassified")
    done = updated(programme, "hazards", [softer])
    assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"confirmed_open": 10_000}
    assert "not approved: what was confirmed stays so" in str(done)
    done = updated(programme, "hazards", [softer | {"workflow": "approved"}])
    assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"suspected_open": 10_000}


def test_an_edition_with_another_constant_day_reports_nothing_new():
    programme = held()
    frame = file("hazards", [hazard("H-1"), hazard("H-2", name="Hill")]).drop(columns=["date_of_information", "event"])
    first = add(programme, came(programme, "hazards", frame, values={"date_of_information": "2021-01-01"}))
    later = frame.assign(name=[None, "Mountain"])
    done = update(first, came(first, "hazards", later, "2025-01-01", values={"date_of_information": "2025-01-01"}))
    assert done.counts == {
        "rows": 2,
        "added": 0,
        "changed": 1,
        "unchanged": 1,
        "refused": 0,
        "quarantined": 0,
        "missing": 0,
    }
    assert done.programme.hazards["hazard_id"].tolist() == ["H-1", "H-2", "H-2"]
    assert done.report["change"].iloc[1] == "name: Hill → Mountain; date_of_information: 2021-01-01 → 2025-01-01"


def test_ids_made_of_row_numbers_are_told():
    frame = file("hazards", [hazard()]).drop(columns="hazard_id")
    programme = hm.Programme(policy=POLICY)
    done = update(programme, came(programme, "hazards", frame, values={"hazard_id": "A-{row}"}))
    assert "the ids are MADE OF ROW NUMBERS" in str(done)
    assert "MADE OF ROW" not in str(updated(programme, "hazards", [hazard("{row}")]))


def test_several_versions_of_one_hazard_in_one_file_follow_each_other():
    programme = held(hazards=[hazard()])
    rows = [hazard(day="2023-01-01", name="b"), hazard(), hazard(day="2022-01-01", name="a")]
    frame = file("hazards", rows, columns=["name"]).drop(columns="event")
    done = update(programme, came(programme, "hazards", frame))
    assert done.report["outcome"].tolist() == ["changed", "unchanged", "changed"]
    assert done.report["change"].iloc[[0, 2]].tolist() == [
        "name: a → b; date_of_information: 2022-01-01 → 2023-01-01",
        "name: (empty) → a; date_of_information: 2021-01-01 → 2022-01-01",
    ]
    assert len(done.programme.hazards) == 3


def test_a_report_without_a_shape_needs_none_when_the_place_is_known():
    programme = held(hazards=[hazard()])
    done = updated(programme, "hazards", [hazard(day="2023-01-01", geometry=None, event="edited", status="suspended")])
    assert done.counts["changed"] == 1
    assert (
        done.report["change"]
        .iloc[0]
        .endswith("geometry: 10,000 m² → none; date_of_information: 2021-01-01 → 2023-01-01")
    )
    assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"confirmed_open": 10_000}
    assert hm.unplaced(done.programme, on="2024-12-31").empty
    assert hm.validate(done.programme).empty
    unknown = updated(programme, "hazards", [hazard("H-2", geometry=None, event="edited")])
    assert unknown.counts["quarantined"] == 1
    brings = updated(programme, "hazards", [hazard(day="2023-01-01", geometry=None, event="extended")])
    assert brings.counts["quarantined"] == 1


def test_a_report_of_the_same_day_is_refused_unless_told():
    programme = held(hazards=[hazard(), hazard("H-2", geometry=box(200, 0, 100))])
    rows = [hazard(geometry=box(0, 0, 200, 100)), hazard("H-2", geometry=box(200, 0, 100), name="Hill")]
    done = updated(programme, "hazards", rows)
    assert done.counts["refused"] == 2
    assert done.programme.hazards.equals(programme.hazards)
    said = str(done)
    assert "2 × of the same day as the report held, and different: --allow-same-day takes it – e.g. H-1, H-2" in said
    assert "1 refused reports are WORSE than what is held ('H-1')" in said
    kept = json.loads(done.report["kept"].iloc[1])
    assert (kept[0]["hazard_id"], kept[0]["name"]) == ("H-2", "Hill"), "what was refused is not lost"

    again = updated(done.programme, "hazards", rows, allow_same_day=True)
    assert again.counts["changed"] == 2
    assert again.programme.hazards["name"].fillna("").tolist() == ["", "Hill"], "in the place of the rows held"
    assert square_metres(hm.ground(again.programme, on="2024-12-31")) == {"confirmed_open": 30_000}
    former = json.loads(again.report["kept"].iloc[0])[0]
    assert shapely.equals_exact(shapely.from_wkt(former["geometry"]), programme.hazards.geometry.iloc[0], 0)


@pytest.mark.parametrize(
    "better",
    [
        {"geometry": HALF},
        {"geometry": box(10, 0, 100)},
        {"geometry": None, "event": "edited"},
        {"classification": "suspected"},
        {"status": "closed"},
        {"event": "edited"},
        {"accuracy_m": 1.0},
        {"stated_area_m2": 5.0},
    ],
)
def test_a_report_of_the_same_day_makes_no_hazard_better_even_when_it_is_allowed(better):
    former = hazard(event="reopened", accuracy_m=20.0, stated_area_m2=10_000.0)
    programme = held(hazards=[hazard(day="2020-01-01"), former])
    done = updated(programme, "hazards", [hazard(day="2020-01-01"), former | better], allow_same_day=True)
    assert done.report["outcome"].tolist() == ["unchanged", "refused"]
    assert done.programme.hazards.equals(programme.hazards)


def test_an_approved_revised_down_of_the_same_day_takes_the_place():
    programme = held(hazards=[hazard()])
    down = hazard(geometry=HALF, event="revised_down", workflow="approved")
    done = updated(programme, "hazards", [down], allow_same_day=True)
    assert done.counts["changed"] == 1
    assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"confirmed_open": 5_000}


def test_an_older_report_is_refused_unless_told_and_one_that_says_nothing_else_is_no_news():
    programme = held(hazards=[hazard(), hazard("H-2", geometry=box(200, 0, 100))])
    rows = [hazard(day="2020-01-01", name="old"), hazard("H-2", "2020-01-01", geometry=box(200, 0, 100))]
    done = updated(programme, "hazards", rows)
    assert done.report["outcome"].tolist() == ["refused", "unchanged"]
    assert "a report older than the one held: --allow-older takes it – e.g. H-1" in str(done)
    assert updated(programme, "hazards", rows, allow_same_day=True).counts["refused"] == 1
    taken = updated(done.programme, "hazards", rows, allow_older=True)
    assert taken.counts["changed"] == 2
    days = taken.programme.hazards["date_of_information"].dt.year.tolist()
    assert days == [2021, 2021, 2020, 2020]
    assert hm.hazards_on(taken.programme, on="2024-12-31")["name"].fillna("").tolist() == ["", ""], "the newer holds"


def test_a_quarantined_hazard_is_a_draft_beside_what_is_held_until_an_approved_report_covers_it():
    programme = held(hazards=[hazard()])
    frame = file("hazards", [hazard(day="2023-01-01", geometry=box(0, 0, 200, 100))]).assign(classification="perhaps")
    done = update(programme, came(programme, "hazards", frame))
    assert done.counts["quarantined"] == 1
    assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"confirmed_open": 20_000}
    again = update(done.programme, came(done.programme, "hazards", frame.assign(note="x")))
    assert again.counts["unchanged"] == 1, "the same fault is not held twice"
    whole = hazard(day="2023-01-01", geometry=box(0, 0, 200, 100), classification="suspected", event="reclassified")
    draft = updated(done.programme, "hazards", [whole])
    assert draft.programme.hazards["quarantined"].notna().sum() == 1
    assert square_metres(hm.ground(draft.programme, on="2024-12-31")) == {"confirmed_open": 20_000}
    sound = updated(done.programme, "hazards", [whole | {"workflow": "approved"}])
    assert sound.programme.hazards["quarantined"].notna().sum() == 0
    assert square_metres(hm.ground(sound.programme, on="2024-12-31")) == {"suspected_open": 20_000}
    assert "1 quarantined reports gave way to approved ones" in str(sound)
    assert json.loads(sound.report["kept"].iloc[0])[0]["quarantined"].startswith("classification: 'perhaps'")
    smaller = updated(done.programme, "hazards", [whole | {"workflow": "approved", "geometry": HALF}])
    assert smaller.programme.hazards["quarantined"].notna().sum() == 1, "it does not cover the draft"


def test_ground_of_a_point_is_its_disc_and_no_small_polygon_takes_its_place():
    point = hazard(geometry=shapely.Point(50, 50), stated_area_m2=10_000.0)
    programme = held(hazards=[point])
    disc = square_metres(hm.ground(programme, on="2024-06-30"))
    small = updated(programme, "hazards", [point | {"geometry": box(49, 49, 2)}], allow_same_day=True)
    assert small.counts["refused"] == 1
    assert square_metres(hm.ground(small.programme, on="2024-06-30")) == disc
    again = updated(programme, "hazards", [point | {"name": "Hill"}], allow_same_day=True)
    assert again.counts["changed"] == 1, "the same disc is no less"
    wide = updated(programme, "hazards", [point | {"geometry": box(-100, -100, 300)}], allow_same_day=True)
    assert wide.counts["changed"] == 1, "a polygon that holds the disc is no less"


def test_a_draft_that_is_a_point_gives_way_only_to_a_polygon_that_holds_its_disc():
    far = hazard(day="2023-01-01", geometry=shapely.Point(300, 300), stated_area_m2=10_000.0)
    programme = held(hazards=[hazard()])
    frame = file("hazards", [far]).assign(classification="perhaps")
    programme = update(programme, came(programme, "hazards", frame, "2024-10-01")).programme
    for width, drafts in ((2, 1), (400, 0)):
        shape = box(300 - width / 2, 300 - width / 2, width)
        done = updated(programme, "hazards", [far | {"geometry": shape, "workflow": "approved"}])
        assert done.programme.hazards["quarantined"].notna().sum() == drafts, width


@pytest.mark.parametrize("day", ["2021-01-01", "2023-01-01"])
def test_a_constant_softens_no_class(day):
    programme = held(hazards=[hazard(workflow="approved")])
    frame = file("hazards", [hazard(day=day, workflow="approved", name="Hill")])
    silent = came(programme, "hazards", frame.drop(columns="classification"), values={"classification": "suspected"})
    done = update(programme, silent, allow_same_day=True)
    assert done.counts["changed"] == 1
    assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"confirmed_open": 10_000}
    assert "the file states no class: what was confirmed stays so" in done.report["why"].iloc[0]
    assert "1 reports state no class ('H-1')" in str(done)
    assert "classification" not in done.report["change"].iloc[0]


def test_a_constant_class_counts_where_an_approved_report_softened_it_before():
    softer = hazard(day="2022-01-01", classification="suspected", event="reclassified", workflow="approved")
    programme = held(hazards=[hazard(workflow="approved"), softer])
    frame = file("hazards", [hazard(day="2023-01-01")]).drop(columns="classification")
    done = update(programme, came(programme, "hazards", frame, values={"classification": "suspected"}))
    assert done.programme.hazards["classification"].tolist() == ["confirmed", "suspected", "suspected"]


@pytest.mark.parametrize("day", ["2023-01-01", None])
def test_a_draft_that_reopens_gives_way_only_to_a_report_that_does_so_too(day):
    programme = held(hazards=[hazard(workflow="approved")], releases=[RELEASE])
    assert square_metres(hm.ground(programme, on="2024-06-30")) == {"cleared": 10_000}
    draft = hazard(day="2023-01-01", event="reopened", geometry=None)
    frame = file("hazards", [draft]).assign(classification="perhaps", date_of_information=day)
    programme = update(programme, came(programme, "hazards", frame, "2024-10-01")).programme
    assert square_metres(hm.ground(programme, on="2024-10-01")) == {"confirmed_open": 10_000}
    silent = file("hazards", [hazard(day="2023-01-01", workflow="approved")]).drop(columns="event")
    done = update(programme, came(programme, "hazards", silent))
    assert done.programme.hazards["quarantined"].notna().sum() == 1
    assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"confirmed_open": 10_000}
    again = hazard(day="2023-01-01", event="reopened", workflow="approved")
    done = updated(programme, "hazards", [again])
    assert done.programme.hazards["quarantined"].notna().sum() == 0
    assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"confirmed_open": 10_000}


def test_an_approved_revised_down_without_a_shape_takes_no_ground_away():
    down = hazard(day="2023-01-01", event="revised_down", workflow="approved", geometry=None)
    wider = hazard(day="2023-01-01", event="extended", geometry=box(0, 0, 200, 100))
    programme = held(hazards=[hazard(), wider])
    done = updated(programme, "hazards", [down], allow_same_day=True)
    assert done.counts["refused"] == 1
    assert square_metres(hm.ground(done.programme, on="2024-06-30")) == {"confirmed_open": 20_000}
    draft = file("hazards", [wider]).assign(classification="perhaps")
    programme = held(hazards=[hazard()])
    programme = update(programme, came(programme, "hazards", draft, "2024-10-01")).programme
    done = updated(programme, "hazards", [down])
    assert done.counts["changed"] == 1
    assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"confirmed_open": 20_000}


def test_an_approved_revised_down_of_the_same_day_does_not_take_back_that_the_hazard_was_reported_again():
    reopened = hazard(day="2023-01-01", event="reopened")
    programme = held(hazards=[hazard(), reopened], releases=[RELEASE])
    assert square_metres(hm.ground(programme, on="2024-06-30")) == {"confirmed_open": 10_000}
    down = reopened | {"event": "revised_down", "workflow": "approved", "geometry": HALF}
    done = updated(programme, "hazards", [down], allow_same_day=True)
    assert done.counts["refused"] == 1
    done = updated(programme, "hazards", [down | {"date_of_information": "2023-01-02"}])
    assert square_metres(hm.ground(done.programme, on="2024-12-31"))["confirmed_open"] == 5_000


def test_repaired_rows_are_taken_and_counted():
    bow = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    done = updated(held(hazards=[hazard()]), "hazards", [hazard(day="2023-01-01", event="edited", geometry=bow)])
    assert (done.counts["changed"], done.repaired) == (1, 1)
    assert "  of the rows taken 1 were repaired" in str(done)
    assert done.report["what"].iloc[0].startswith("Self-intersection")


# Releases and other tables with one row for each id


def test_a_release_gets_its_papers_and_what_it_was_is_kept():
    before = RELEASE | {"decision": "reported", "decision_date": None, "handover_no": None, "handover_date": None}
    programme = held(hazards=[hazard()], releases=[before])
    assert square_metres(hm.ground(programme, on="2024-06-30")) == {"not_handed_over": 10_000}
    done = updated(programme, "releases", [RELEASE])
    assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"cleared": 10_000}
    entry = done.report.iloc[0]
    assert entry["change"] == (
        "decision: reported → approved; decision_date: (empty) → 2022-02-01; handover_no: (empty) → HO-1;"
        " handover_date: (empty) → 2022-03-01"
    )
    former = json.loads(entry["kept"])[0]
    assert (former["decision"], former["date_completed"], former["hazard_ids"]) == ("reported", "2022-01-01", ["H-1"])
    assert "handover_no" not in former
    assert json.loads(former["as_entered"])["decision"] == "reported"
    assert shapely.from_wkt(former["geometry"]).equals(programme.releases.geometry.iloc[0])
    assert (str(entry["day"].date()), entry["source"], str(entry["recorded_at"])) == (
        "2024-12-31",
        "GeoDataFrame",
        "2024-12-31 12:00:00",
    )
    assert len(done.programme.releases) == 1
    assert hm.validate(done.programme).empty


def test_a_rejected_release_frees_nothing_any_more():
    programme = held(hazards=[hazard()], releases=[RELEASE])
    done = updated(programme, "releases", [RELEASE | {"decision": "rejected"}])
    assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"confirmed_open": 10_000}
    refused = updated(programme, "releases", [RELEASE | {"decision": "rejected"}], as_of="2024-06-30")
    assert refused.counts["refused"] == 1
    assert "1 refused reports are WORSE than what is held ('R-1')" in str(refused)


def test_a_newer_release_that_is_quarantined_frees_nothing_and_neither_does_the_older_one():
    programme = held(hazards=[hazard()], releases=[RELEASE])
    faulty = file("releases", [RELEASE]).assign(depth_m="deep")
    done = update(programme, came(programme, "releases", faulty))
    assert done.counts["quarantined"] == 1
    assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"confirmed_open": 10_000}
    assert "1 releases held prove nothing any more, as their newer report is quarantined ('R-1')" in str(done)
    assert json.loads(done.report["kept"].iloc[0])[0]["depth_m"] == 0.2
    mended = updated(done.programme, "releases", [RELEASE], as_of="2024-12-31")
    assert mended.counts["refused"] == 1, "of the same day"
    mended = updated(done.programme, "releases", [RELEASE], as_of="2025-01-01")
    assert mended.programme.releases["quarantined"].isna().all()
    assert square_metres(hm.ground(mended.programme, on="2024-12-31")) == {"cleared": 10_000}


def test_ids_are_matched_after_trimming_so_that_a_blank_cannot_keep_a_release_alive():
    programme = held(hazards=[hazard()], releases=[RELEASE])
    done = update(programme, came(programme, "releases", file("releases", [RELEASE]).assign(release_id=" R-1\u200b")))
    assert done.counts["quarantined"] == 1
    assert square_metres(hm.ground(done.programme, on="2024-12-31")) == {"confirmed_open": 10_000}
    assert done.missing.empty


def test_the_day_of_a_report_is_the_day_of_its_file():
    programme = held("2024-06-30", plots=[{"plot_id": "P-1", "geometry": SQUARE, "use": "field"}])
    newer = [{"plot_id": "P-1", "geometry": SQUARE, "use": "orchard"}]
    assert updated(programme, "plots", newer, "2024-07-01").counts["changed"] == 1
    assert updated(programme, "plots", newer, "2024-06-30").counts["refused"] == 1
    older = updated(programme, "plots", newer, "2024-06-29")
    assert older.report["why"].tolist() == ["a report older than the one held: --allow-older takes it"]
    assert updated(programme, "plots", newer, "2024-06-29", allow_older=True).counts["changed"] == 1
    silent = import_table(file("plots", newer), "plots", programme=programme)
    unsure = update(programme, silent)
    assert unsure.report["why"].iloc[0].startswith("different from the report held, and not known to be newer: --as-of")
    assert update(programme, silent, allow_same_day=True).counts["changed"] == 1
    same = [{"plot_id": "P-1", "geometry": SQUARE, "use": "field"}]
    confirmed = updated(programme, "plots", same, "2024-09-01").programme
    assert updated(confirmed, "plots", newer, "2024-08-01").counts["refused"] == 1, "it was reported again since"


def test_a_record_of_unknown_day_speaks_of_no_day_after_the_one_on_which_it_was_entered():
    programme = hm.Programme(policy=POLICY)
    first = import_table(
        file("plots", [{"plot_id": "P-1", "geometry": SQUARE}]), "plots", recorded_at="2024-03-05T09:00:00"
    )
    programme = add(programme, dataclasses.replace(first, as_of=None))
    newer = [{"plot_id": "P-1", "geometry": SQUARE, "use": "field"}]
    assert updated(programme, "plots", newer, "2024-03-05").counts["refused"] == 1
    assert updated(programme, "plots", newer, "2024-03-06").counts["changed"] == 1


def test_a_find_is_not_moved_away_until_it_is_answered():
    find = {
        "find_id": "F-1",
        "geometry": shapely.Point(50, 50),
        "date": "2023-01-01",
        "kind": "accident",
        "accuracy_m": 5.0,
    }
    programme = held(hazards=[hazard()], releases=[RELEASE], finds=[find])
    assert square_metres(hm.ground(programme, on="2024-06-30")) == {"in_question": 10_000}
    moved = find | {"geometry": shapely.Point(500, 50)}
    done = updated(programme, "finds", [moved])
    assert done.counts["changed"] == 1
    assert done.programme.finds["quarantined"].notna().tolist() == [True, False]
    ground = hm.ground(done.programme, on="2024-12-31")
    assert (state_at(ground, 50, 50), state_at(ground, 500, 50)) == ("in_question", "suspected_open")
    assert hm.validate(done.programme).empty
    again = updated(done.programme, "finds", [moved], "2025-01-01")
    assert again.counts["unchanged"] == 1
    answered = moved | {"answered_on": "2024-05-01", "answered_by": "T-9"}
    last = updated(again.programme, "finds", [answered], "2025-01-02")
    assert len(last.programme.finds) == 1
    assert len(json.loads(last.report["kept"].iloc[0])) == 2
    assert square_metres(hm.ground(last.programme, on="2024-12-31")) == {"cleared": 10_000}


@pytest.mark.parametrize(
    ("better", "stays"),
    [({"accuracy_m": 1.0}, 2), ({"date": "2021-06-01"}, 2), ({"accuracy_m": 9.0}, 1), ({"kind": "incident"}, 1)],
)
def test_a_find_that_lets_something_go_stays_as_it_was_as_well(better, stays):
    find = {"find_id": "F-1", "geometry": shapely.Point(50, 50), "kind": "accident", "accuracy_m": 5.0, "date": None}
    done = updated(held(finds=[find]), "finds", [find | better])
    assert len(done.programme.finds) == stays


def test_context_is_matched_by_what_it_says():
    road, river = (
        {"kind": k, "geometry": shapely.LineString([(0, 0), (x, 10)])} for k, x in (("road", 9), ("river", 5))
    )
    programme = held(context=[road, road, river])
    done = updated(programme, "context", [road, river, river])
    assert done.report["outcome"].tolist() == ["unchanged", "unchanged", "added"]
    assert len(done.programme.context) == 4
    assert "context has no ids" in str(done)


# What vanished, and the same file twice


def test_what_vanished_is_listed_and_stays_as_it_is():
    rows = [hazard(f"H-{i}", geometry=box(200 * i, 0, 100)) for i in range(3)]
    programme = held(hazards=rows)
    done = updated(programme, "hazards", rows[:1])
    assert done.missing["record_id"].tolist() == ["H-1", "H-2"]
    assert str(done.missing["day"].iloc[0].date()) == "2021-01-01"
    assert done.programme.hazards.equals(programme.hazards)
    assert done.report["outcome"].tolist() == ["unchanged", "missing", "missing"]
    assert "  last reported by GeoDataFrame: H-1, H-2" in str(done)
    still = updated(done.programme, "hazards", [*rows[:1], hazard("H-9", geometry=box(900, 0, 100))], "2025-01-01")
    assert still.missing["record_id"].tolist() == ["H-1", "H-2"], "missing until it is reported again"
    back = updated(still.programme, "hazards", rows, "2025-02-01")
    assert back.missing["record_id"].tolist() == ["H-9"]
    assert updated(programme, "hazards", rows[:1], partial=True).missing.empty


def test_records_of_another_office_are_not_expected():
    programme = held(hazards=[hazard("A-1"), hazard("A-2")])
    other = came(programme, "hazards", file("hazards", [hazard("B-1"), hazard("B-2")]))
    programme = add(programme, dataclasses.replace(other, report=other.report.assign(source="other.gpkg")))
    done = updated(programme, "hazards", [hazard("A-1")])
    assert done.missing["record_id"].tolist() == ["A-2"]
    told = updated(programme, "hazards", [hazard("A-1")], missing_from="other.gpkg")
    assert told.missing["record_id"].tolist() == ["B-1", "B-2"]
    with pytest.raises(SchemaError, match=r"no record of hazards comes from 'x' .* one of GeoDataFrame, other.gpkg"):
        updated(programme, "hazards", [hazard("A-1")], missing_from="x")


def test_records_without_history_and_without_id_are_told():
    programme = dataclasses.replace(hm.example(), policy=POLICY)
    frame = file("plots", [{"plot_id": "P-X", "geometry": SQUARE}])
    done = update(programme, came(programme, "plots", frame, "2025-01-01"))
    assert "of 6 plots held no history says from which file they come" in str(done)
    programme = held(plots=[{"plot_id": "P-1", "geometry": SQUARE}, {"plot_id": "", "geometry": SQUARE}])
    done = updated(programme, "plots", [{"plot_id": "P-1", "geometry": SQUARE, "use": "field"}])
    assert done.missing.empty
    assert "1 quarantined rows held have no id: they cannot be found again, and stay" in str(done)
    assert len(done.programme.plots) == 2


def test_the_same_file_twice_is_told_and_changes_nothing():
    programme = held(hazards=[hazard()])
    later = came(programme, "hazards", file("hazards", [hazard(day="2023-01-01", event="edited")]))
    once = update(programme, later).programme
    with pytest.raises(
        SchemaError, match=r"is in the programme already: 1 rows .* nothing was changed .* --allow-older"
    ):
        update(once, later)
    assert update(once, later, allow_same_day=True).counts["unchanged"] == 1, "told, it is taken again"


def test_columns_of_ones_own_stay_with_the_record():
    programme = held(plots=[{"plot_id": "P-1", "geometry": SQUARE}, {"plot_id": "P-2", "geometry": HALF}])
    programme = dataclasses.replace(programme, plots=programme.plots.assign(owner_seen=[7, 8]))
    rows = [{"plot_id": "P-2", "geometry": HALF, "use": "field"}, {"plot_id": "P-3", "geometry": HALF}]
    done = updated(programme, "plots", rows)
    assert done.programme.plots["plot_id"].tolist() == ["P-1", "P-2", "P-3"]
    assert done.programme.plots["owner_seen"].fillna(-1).tolist() == [7, 8, -1]
    assert done.missing["record_id"].tolist() == ["P-1"]


# Files


@pytest.mark.parametrize("name", ["p.gpkg", "folder"])
def test_the_history_comes_back_from_a_file(tmp_path, name):
    done = updated(held(hazards=[hazard()], releases=[RELEASE]), "releases", [RELEASE | {"decision": "rejected"}])
    hm.write(done.programme, tmp_path / name)
    back = hm.read(tmp_path / name)
    pd.testing.assert_frame_equal(back.history, tables.canonical(done.programme.history, "history"))


@pytest.mark.parametrize("kind", ["gpkg", "csv"])
def test_programmes_from_before_the_history_knew_changes_open_and_can_be_updated(tmp_path, kind):
    programme = held(hazards=[hazard()], plots=[{"plot_id": "P-1", "geometry": SQUARE}])
    path = tmp_path / ("p.gpkg" if kind == "gpkg" else "p")
    hm.write(programme, path, **({} if kind == "gpkg" else {"format": "csv"}))
    new = ["origin", "day", "change", "kept"]
    if kind == "gpkg":
        with sqlite3.connect(path) as db:
            for column in new:
                db.execute(f"ALTER TABLE history DROP COLUMN {column}")
        db.close()
    else:
        old = pd.read_csv(path / "history.csv", dtype="str", keep_default_na=False).drop(columns=new)
        old.to_csv(path / "history.csv", index=False)
    back = hm.read(path)
    assert back.history[new].isna().all().all()
    newer = [{"plot_id": "P-1", "geometry": SQUARE, "use": "field"}]
    assert updated(back, "plots", newer, "2024-06-30").counts["refused"] == 1, "entered on that day"
    done = updated(back, "plots", newer, "2024-07-01")
    assert done.counts["changed"] == 1
    assert hm.validate(done.programme).empty


def test_hostile_text_stays_text():
    rows = [hazard(f"H-{i}", name=text) for i, text in enumerate(PAYLOADS)]
    programme = held(hazards=rows)
    newer = [r | {"name": r["name"] + "; → status: \x1b[2J", "date_of_information": "2023-01-01"} for r in rows]
    done = updated(programme, "hazards", newer)
    assert done.counts["changed"] == len(PAYLOADS)
    assert all(line.isprintable() for line in str(done).splitlines())
    assert "× status" not in str(done), "no value passes for a change of another column"
    assert done.programme.hazards["name"].tolist()[len(rows) :] == [r["name"] for r in newer]


def test_newer_plots_do_not_make_old_hazards_newer():
    held = hm.example()
    frame = gpd.GeoDataFrame({"id": ["P-NEW"]}, geometry=[shapely.box(46.95, 39.95, 46.951, 39.951)], crs="EPSG:4326")
    plots = import_table(frame, "plots", programme=held, as_of="2030-01-01")
    assert add(held, plots).as_of == held.as_of
    surveys = import_table(frame, "surveys", values={"date": "2029-01-01"}, programme=held, as_of="2030-01-01")
    assert str(add(held, surveys).as_of) == "2030-01-01"
