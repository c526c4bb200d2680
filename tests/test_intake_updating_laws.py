"""Laws of updating: the same content changes nothing, doubt makes no ground better, no row and no history is lost."""

import json

import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from land import PLANE, box, plane_shapes, square_metres
from lands import EXAMPLES, LAND, dates, find_row, hazard_rows, lands, release_row
from test_intake_updating import POLICY, came, file, held, total, updated

import hazardmap as hm
from hazardmap import measure, tables, words
from hazardmap.intake import update
from hazardmap.intake.updating import comparing

RANK = {state: i for i, state in enumerate(words.STATES)}
#: Each example imports several files: fewer of them, and as many more as are asked for.
LAW = settings(LAND, max_examples=max(EXAMPLES // 5, 1))


def of_columns(frame):
    """A table as comparable rows, whatever their order."""
    return sorted(json.dumps(r, sort_keys=True, default=str) for r in comparing.in_full(frame))


def points():
    return [(x + 3.3, y + 2.7) for x in range(-10, 110, 10) for y in range(-10, 110, 10)]


def ranks(programme, day):
    """The rank of the state at each point, worst 0; beyond all where nothing is recorded."""
    ground = hm.ground(programme, on=day)
    shapes = plane_shapes(ground)
    found = np.full(len(points()), len(RANK))
    order = [RANK[s] for s in ground["state"]]
    for i, (x, y) in enumerate(points()):
        inside = np.flatnonzero(shapely.contains_xy(shapes, x, y))
        if len(inside):
            found[i] = min(order[k] for k in inside)
    return found


def under_hazards(programme, day):
    """Say which points lie on ground of some hazard: elsewhere a release that goes leaves no record."""
    ground = hm.ground(programme, on=day)
    shapes = plane_shapes(ground[ground["hazard_ids"].map(len) > 0])
    return np.array([bool(shapely.contains_xy(shapes, x, y).any()) for x, y in points()])


@LAW
@given(rows=lands(), day=dates, seed=st.randoms())
def test_an_update_with_the_same_content_changes_no_ground(rows, day, seed):
    programme = now = held("2024-12-31", **rows)
    before = hm.ground(programme, on=day)
    for name, its in rows.items():
        if not its:
            continue
        frame = file(name, its)
        shuffled = frame.iloc[seed.sample(range(len(frame)), len(frame))]
        shuffled = shuffled.set_geometry(shuffled.geometry.reverse()).assign(note="another file")
        if name != "finds":
            shuffled = shuffled.set_geometry([shapely.MultiPolygon([g]) for g in shuffled.geometry], crs=4326)
        done = update(now, came(now, name, shuffled, "2025-01-01"))
        assert done.counts["unchanged"] == len(its)
        assert done.missing.empty
        assert of_columns(done.programme.table(name)) == of_columns(programme.table(name))
        now = done.programme
    assert hm.ground(now, on=day).drop(columns="geometry").equals(before.drop(columns="geometry"))


@LAW
@given(rows=lands(), newer=hazard_rows(), day=st.sampled_from(("2023-01-01", "2024-12-31")), same=st.booleans())
def test_an_unapproved_update_of_hazards_makes_no_ground_better(rows, newer, day, same):
    programme = held("2024-12-31", hazards=rows["hazards"], releases=rows["releases"], surveys=rows["surveys"])
    draft = [r | {"workflow": "draft", "superseded_by": ()} for r in newer]
    before = ranks(programme, day)
    done = updated(programme, "hazards", draft, "2025-01-01", allow_same_day=same)
    assert total(done) == len(newer)
    assert (ranks(done.programme, day) <= before).all()
    kept = {r["hazard_id"] for r in rows["hazards"]}
    assert kept <= set(done.programme.hazards["hazard_id"])


@LAW
@given(rows=lands(), newer=hazard_rows(), day=st.sampled_from(("2023-01-01", "2024-12-31")))
def test_an_update_without_events_makes_ground_no_better_than_what_is_held(rows, newer, day):
    programme = held("2024-12-31", hazards=rows["hazards"], releases=rows["releases"])
    frame = file("hazards", [r | {"workflow": "draft"} for r in newer]).drop(columns=["event", "superseded_by"])
    done = update(programme, came(programme, "hazards", frame, "2025-01-01"), allow_same_day=True)
    assert (ranks(done.programme, day) <= ranks(programme, day)).all()


@LAW
@given(rows=lands(), data=st.data(), day=st.sampled_from(("2023-01-01", "2024-12-31")))
def test_ground_gets_better_only_under_a_sound_release_of_the_newer_file(rows, data, day):
    programme = held("2024-12-31", hazards=rows["hazards"], releases=rows["releases"])
    ids = sorted({h["hazard_id"] for h in rows["hazards"]})
    newer = [data.draw(release_row(ids, i)) | {"activity_id": None} for i in range(3)]
    before = ranks(programme, day)
    done = updated(programme, "releases", newer, "2025-01-01")
    assert total(done) == 3
    better = ranks(done.programme, day) > before
    sound = [r for r in newer if r["decision"] != "rejected" and r["quality"] != "failed"]
    for (x, y), risen, hazardous in zip(points(), better, under_hazards(programme, day), strict=True):
        if risen and hazardous:
            assert any(r["geometry"].contains(shapely.Point(x, y)) for r in sound), (x, y)


@LAW
@given(rows=lands(), day=dates)
def test_quarantined_releases_and_surveys_make_no_ground_better(rows, day):
    programme = held("2024-12-31", **rows)
    before, hard = ranks(programme, day), under_hazards(programme, day)
    for name, column in (("releases", "product"), ("surveys", "date")):
        if rows[name]:
            frame = file(name, rows[name]).assign(**{column: "perhaps"})
            done = update(programme, came(programme, name, frame, "2025-01-01"))
            assert done.counts["quarantined"] == len(rows[name])
            programme = done.programme
    assert (ranks(programme, day)[hard] <= before[hard]).all()


@LAW
@given(rows=lands(), data=st.data(), day=dates)
def test_finds_that_are_not_answered_make_no_ground_better(rows, data, day):
    programme = held("2024-12-31", **rows)
    newer = [data.draw(find_row(i)) | {"answered_on": None, "answered_by": None} for i in range(3)]
    before = ranks(programme, day)
    done = updated(programme, "finds", newer, "2025-01-01")
    assert total(done) == 3
    assert (ranks(done.programme, day) <= before).all()


@LAW
@given(rows=lands(), newer=lands(), day=dates, name=st.sampled_from(("hazards", "hazards", "releases", "finds")))
def test_the_order_of_two_disjoint_updates_does_not_matter(rows, newer, day, name):
    programme = held("2024-07-31", **rows)
    silent = {"hazards": {"superseded_by": ()}, "releases": {"hazard_ids": ()}, "finds": {}}[name]
    first = f"{name[0].upper()}-0"
    its = [r | silent for r in newer[name]]
    split = [[r for r in its if (r[f"{name[:-1]}_id"] == first) == wanted] for wanted in (True, False)]
    results = []
    for order in (split, split[::-1]):
        now = programme
        for part in filter(None, order):
            options = {"partial": True, "allow_same_day": True}
            now = update(now, came(now, name, file(name, part), "2024-12-31"), **options).programme
        results.append(now)
    assert of_columns(results[0].table(name)) == of_columns(results[1].table(name))
    a, b = (square_metres(hm.ground(p, on=day)) for p in results)
    assert a == b


texts = st.sampled_from(["A-1", "A-2", " A-1", "", None, "A-1\u200b"])


@st.composite
def messy(draw):
    """Rows of plots or hazards as offices send them: ids missing, doubled or blank, days and shapes missing."""
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        x = draw(st.integers(0, 3)) * 100
        rows.append(
            {
                "id": draw(texts),
                "date": draw(st.sampled_from(["2021-01-01", "2022-01-01", "2023-01-01", None, "03/04/2021"])),
                "class": draw(st.sampled_from(["SHA", "CHA", "perhaps", None])),
                "name": draw(st.sampled_from([None, "a", "b"])),
                "geometry": draw(st.sampled_from([None, box(x, 0, 100), box(x, 0, 200, 50), shapely.Point(x, 5)])),
            }
        )
    shapes = measure.from_plane(np.array([r.pop("geometry") for r in rows], dtype=object), PLANE)
    return gpd.GeoDataFrame(pd.DataFrame(rows, dtype="object"), geometry=shapes.to_numpy(), crs=4326)


@LAW
@given(files=st.lists(messy(), min_size=2, max_size=4), name=st.sampled_from(["hazards", "plots"]), options=st.data())
def test_no_row_and_no_history_is_ever_lost(files, name, options):
    programme = hm.Programme(policy=POLICY)
    for i, frame in enumerate(files):
        given_ = {"values": {"date_of_information": "2020-01-01", "classification": "SHA"}} if name == "hazards" else {}
        imported = came(programme, name, frame.assign(edition=i), f"202{4 + i % 2}-01-01", **given_)
        flags = {n: options.draw(st.booleans()) for n in ("allow_older", "allow_same_day", "partial")}
        counts_before = {n: len(programme.table(n)) for n in ("history", name)}
        copies = {n: programme.table(n).copy() for n in ("history", name)}
        rows = imported.rows.copy()
        done = update(programme, imported, **flags)
        assert total(done) == len(frame) == done.counts["rows"]
        for n, copy in copies.items():
            assert programme.table(n).equals(copy), "the programme given is not changed"
        assert imported.rows.equals(rows)
        history = done.programme.history
        assert len(history) == counts_before["history"] + len(frame) + len(done.missing)
        if counts_before["history"]:
            pd.testing.assert_frame_equal(history.head(counts_before["history"]), copies["history"])
        ids = tables.table(name).id_column
        now = [*done.programme.table(name)[ids], *(r[ids] for k in history["kept"].dropna() for r in json.loads(k))]
        assert set(copies[name][ids]) <= set(now)
        stand = of_columns(done.programme.table(name))
        gone = [r for r in of_columns(copies[name]) if r not in stand]
        kept = [json.dumps(r, sort_keys=True) for k in done.report["kept"].dropna() for r in json.loads(k)]
        assert all(r in kept for r in gone), "a row that left the table is in the history in full"
        key = ids if name == "plots" else [ids, "date_of_information"]
        sound = done.programme.table(name)
        sound = sound[sound["quarantined"].isna()]
        assert not sound.duplicated(key).any()
        programme = done.programme
    hm.ground(programme, on="2024-01-01")
