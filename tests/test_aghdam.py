"""The demo programme: whole, valid, the same every time, and telling its story."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

import hazardmap as hm
from hazardmap import measure, readings, tables, words
from hazardmap.aghdam import country, demo, landscape
from hazardmap.errors import FileError

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
PLACED = [name for name in tables.TABLES if name != "history"]


@pytest.fixture(scope="module")
def programme():
    return demo()


@pytest.fixture(scope="module")
def on_the_plane(programme):
    move = pyproj.Transformer.from_crs("EPSG:4326", landscape.PLANE, always_xy=True).transform
    return {
        n: shapely.transform(programme.table(n).geometry.to_numpy(), lambda xy: np.column_stack(move(*xy.T)))
        for n in PLACED
    }


def test_it_has_no_faults_and_every_table_is_filled(programme):
    assert tables.validate(programme).empty
    assert [n for n in tables.TABLES if not len(programme.table(n))] == []
    assert programme.fictitious
    assert str(programme.as_of) == "2025-06-30"
    assert programme.policy.country == "Azerbaijan (example)"
    assert "Fictitious" in programme.sources
    assert "Natural Earth (public domain)" in programme.sources
    for name in ("hazards", "releases", "surveys", "finds", "plots", "coverage", "context"):
        assert programme.table(name)["source"].str.startswith("Fictitious example").all(), name


def test_every_column_that_a_register_fills_is_filled_somewhere(programme):
    for name, but in {
        "hazards": set(),
        "releases": {"nonconformity_closed_on", "repaired", "axo_found", "ied_found"},
        "finds": {"axo_found", "ied_found", "repaired", "quarantined", "as_entered"},
    }.items():
        frame = programme.table(name)
        empty = {c.name for c in tables.table(name).columns if not frame[c.name].map(_filled).any()}
        assert empty <= but, name


def _filled(value):
    return len(value) > 0 if isinstance(value, tuple) else pd.notna(value)


def test_its_size_is_that_of_two_districts(programme):
    assert 220 <= programme.hazards["hazard_id"].nunique() <= 270
    assert 150 <= len(programme.releases) <= 210
    assert 300 <= len(programme.plots) <= 410
    placed = programme.hazards[programme.hazards.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    area_ha = measure.area_m2(placed.geometry) / 10_000
    assert area_ha.between(0.15, 41).all()
    assert area_ha.median() > 3


def test_two_calls_give_the_same(programme):
    again = demo()
    for name in tables.TABLES:
        pd.testing.assert_frame_equal(pd.DataFrame(programme.table(name)), pd.DataFrame(again.table(name)))


def test_the_order_of_hashes_makes_no_difference(programme):
    code = "from hazardmap.aghdam import demo; from hashlib import sha256; p = demo(); "
    code += "print(sha256((p.hazards.to_csv() + p.releases.to_csv() + p.plots.to_csv()).encode()).hexdigest())"
    printed = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    here = programme.hazards.to_csv() + programme.releases.to_csv() + programme.plots.to_csv()
    assert set(printed) == {hashlib.sha256(here.encode()).hexdigest()}


@pytest.mark.parametrize("seed", [1, 8, 42])
def test_another_seed_tells_another_story_without_faults(programme, seed):
    other = demo(seed)
    assert tables.validate(other).empty
    assert len(other.releases) != len(programme.releases) or not other.releases.geom_equals(programme.releases).all()


def test_geometry_is_valid_and_lies_on_whole_centimetres(programme, on_the_plane):
    for name in PLACED:
        shapes = programme.table(name).geometry.dropna()
        assert shapes.is_valid.all(), name
        assert not shapes.is_empty.any(), name
    for name in ("hazards", "releases", "plots", "surveys"):
        xy = shapely.get_coordinates([s for s in on_the_plane[name] if s is not None])
        assert np.abs(xy - xy.round(2)).max() < 1e-4, name


def test_releases_overlap_the_hazards_that_they_name(programme, on_the_plane):
    frame = programme.hazards
    ground = {h: [] for h in frame["hazard_id"]}
    for hazard_id, shape in zip(frame["hazard_id"], on_the_plane["hazards"], strict=True):
        if shape is not None:
            ground[hazard_id].append(shape)
    assert (programme.releases["hazard_ids"].map(len) == 0).sum() == 1  # one names none
    assert (programme.releases["hazard_ids"].map(len) > 1).any()  # a road corridor names several
    for named, shape in zip(programme.releases["hazard_ids"], on_the_plane["releases"], strict=True):
        for hazard_id in named:
            assert max(shape.intersection(g).area for g in ground[hazard_id]) > 1


def test_finished_hazards_are_released_edge_to_edge(programme, on_the_plane):
    closed = programme.hazards["event"].eq("closed").to_numpy()
    shared, whole = 0, 0
    for i in np.flatnonzero(closed):
        hazard_id = programme.hazards["hazard_id"].iloc[i]
        mine = [
            s
            for s, ids in zip(on_the_plane["releases"], programme.releases["hazard_ids"], strict=True)
            if ids == (hazard_id,)
        ]
        if not mine:  # the one that was closed on paper only
            continue
        whole += 1
        left = on_the_plane["hazards"][i].difference(shapely.union_all(mine, grid_size=0.001), grid_size=0.001)
        assert left.area < 0.01
        corners = {tuple(c) for c in shapely.get_coordinates(on_the_plane["hazards"][i].boundary).round(2)}
        shared += corners <= {tuple(c) for c in shapely.get_coordinates(mine).round(2)}
    assert whole == shared > 50


def test_dates_are_in_order(programme):
    r = programme.releases
    for earlier, later in (
        ("date_completed", "quality_date"),
        ("quality_date", "decision_date"),
        ("decision_date", "handover_date"),
    ):
        both = r[earlier].notna() & r[later].notna()
        assert (r.loc[both, earlier] < r.loc[both, later]).all()
    last = pd.Timestamp(programme.as_of)
    for name in PLACED:
        for column in tables.table(name).columns:
            if column.kind == "date":
                days = programme.table(name)[column.name].dropna()
                assert days.between(pd.Timestamp("2020-11-10"), last).all(), (name, column.name)
    first = programme.hazards.groupby("hazard_id")["date_of_information"].min()
    for done, named in zip(r["date_completed"], r["hazard_ids"], strict=True):
        assert all(first[h] < done for h in named) or pd.isna(done)
    answered = programme.finds.dropna(subset="answered_on")
    assert (answered["answered_on"] >= answered["date"]).all()


def test_districts_are_given_by_position(programme):
    assert set(programme.districts["district_id"]) >= {"AJ03", "AJ18", "AJ65"}
    outlines = programme.districts.set_index("district_id").geometry
    for name in ("hazards", "releases", "finds", "plots"):
        frame = programme.table(name)
        frame = frame[frame.geometry.notna()]
        assert frame["district"].notna().all(), name
        # A shape wholly inside one district has no other; the others touch the one they are given.
        for code, outline in outlines.items():
            inside = frame.geometry.within(outline)
            assert (frame.loc[inside, "district"] == code).all(), (name, code)
            given = frame[frame["district"] == code].geometry
            assert given.intersects(outline).all(), (name, code)
    assert set(programme.hazards["district"].dropna()) >= {"AJ03", "AJ18"}


def test_the_outline_that_is_called_lankaran_is_not_taken(programme):
    assert "Lankaran" not in set(programme.districts["name"])
    assert programme.districts["district_id"].is_unique
    with pytest.raises(FileError, match=r"'Lankaran' 3 times.*each name once"):
        landscape.rayons(["Ağdam", "Lankaran"])


def test_bad_records_are_kept_with_their_reason(programme):
    bad = programme.hazards[programme.hazards["quarantined"].notna()]
    reasons = bad["quarantined"].str.split(":").str[0].value_counts().to_dict()
    assert reasons == {"geometry": 3, "classification": 1, "date_of_information": 1}
    assert bad["as_entered"].str.contains("hazard_id").all()
    undated = programme.releases[programme.releases["quarantined"].notna()]
    assert undated["quarantined"].str.startswith("date_completed: missing").tolist() == [True]


def test_the_repaired_outline_is_the_union_of_its_readings(programme):
    row = programme.hazards[programme.hazards["repaired"].notna()].iloc[0]
    told = programme.history[programme.history["outcome"] == "repaired"].iloc[0]
    assert told["record_id"] == row["hazard_id"]
    entered = shapely.from_wkt(told["geometry_as_entered"])
    assert not entered.is_valid
    union = gpd.GeoSeries([readings.widest(entered)], crs="EPSG:4326")
    assert told["area_after_m2"] == pytest.approx(measure.area_m2(union).iloc[0], rel=1e-3)


def test_history_accounts_for_every_record(programme):
    counted = programme.history.groupby("table").size()
    for name in ("hazards", "releases", "surveys", "finds", "plots", "coverage"):
        assert counted[name] == len(programme.table(name))
    assert programme.history["outcome"].value_counts().to_dict() == {
        "accepted": len(programme.history) - 7,
        "quarantined": 6,
        "repaired": 1,
    }


def test_every_case_of_a_register_occurs(programme):
    h, r = programme.hazards, programme.releases
    assert set(h["event"]) == set(words.EVENT.codes)
    assert {"open", "worked_on", "suspended", "closed"} == set(h["status"])
    assert h["workflow"].eq("draft").any()
    assert h["superseded_by"].map(len).gt(0).sum() == 3  # two merged into one, one split in two
    assert set(r["product"]) == set(words.PRODUCT.codes)
    agreed = [words.PRODUCT_OF_ACTIVITY[a] == p for a, p in zip(r["activity_type"], r["product"], strict=True)]
    assert all(agreed)
    assert r["decision"].eq("rejected").any()
    assert r["quality"].eq("failed").any()
    assert (r["nonconformity"].eq("major") & r["nonconformity_closed_on"].isna()).any()
    assert (r["handover_no"].isna() & r["decision"].eq("approved")).any()
    assert (r["depth_m"].isna() & r["product"].eq("cleared")).any()


def test_the_story_holds(programme):
    state = hm.ground(programme, on="2025-06-30")
    area_ha = state.groupby("state")["area_m2"].sum() / 10_000
    assert set(words.KNOWN_STATES) | {"surveyed", "no_record"} <= set(area_ha.index)
    doubted = state[state["state"] == "in_question"]
    assert {i for ids in doubted["find_ids"] for i in ids} <= set(
        programme.finds.loc[programme.finds["kind"] == "accident", "find_id"]
    )
    assert doubted["release_ids"].map(len).gt(0).all()
    standing = hm.releases_on(programme, on="2025-06-30")["standing"].value_counts()
    assert standing["counting"] > 100
    assert standing["pending"] >= 10
    assert standing["void"] >= 4


def test_land_is_given_back_year_by_year(programme):
    freed = [hm.released(programme, on=f"{year}-06-30")["area_m2"].sum() / 10_000 for year in range(2021, 2026)]
    assert freed == sorted(freed)
    assert freed[0] < 50 < freed[2] < freed[4]
    left = [hm.remaining(programme, on=f"{year}-06-30")["area_m2"].sum() for year in range(2021, 2026)]
    assert left[4] < left[2]


def test_an_answer_about_plots_has_something_to_say(programme):
    state = hm.ground(programme, on="2025-06-30")
    met = gpd.sjoin(programme.plots[["plot_id", "geometry"]], state[["state", "geometry"]], predicate="intersects")
    asked = met.groupby("state")["plot_id"].nunique()
    for word in (
        "confirmed_open",
        "suspected_open",
        "in_question",
        "not_handed_over",
        "cancelled",
        "reduced",
        "cleared",
        "surveyed",
        "no_record",
    ):
        assert asked.get(word, 0) > 0, word


def test_land_that_was_given_back_is_parcelled_out(programme, on_the_plane):
    new = programme.plots["name"].str.startswith("Given-back").to_numpy()
    assert new.sum() == 16
    assert programme.plots["plot_id"].is_unique
    assert np.flatnonzero(new)[0] == len(programme.plots) - 16, "ids go on after those of the other plots"
    answers = hm.check_plots(programme, on="2025-06-30")
    told = answers.loc[new, "verdict"]
    assert set(told) <= {"released", "too_shallow"}
    assert (told == "released").sum() >= 8
    assert "released" not in set(answers.loc[~new, "verdict"]), "fields round villages lie half on other ground"
    mine = on_the_plane["plots"][new]
    assert shapely.union_all(mine).area == pytest.approx(shapely.area(mine).sum(), abs=0.01), "no two overlap"


def test_names_of_villages_are_invented(programme):
    villages = programme.context[programme.context["kind"].isin(["village", "school"])]
    assert villages["name"].str.contains("(fictitious)", regex=False).all()
    file = SHARED / "azerbaijan" / "wof_admin_az.gpkg"
    if not file.exists():
        pytest.skip("no ../shared/data/azerbaijan/wof_admin_az.gpkg to compare names with")
    real = gpd.read_file(file, layer="locality", ignore_geometry=True)
    spelled = {words.fold(v) for c in real.columns for v in real[c].dropna().astype(str)}
    assert [n for n in landscape.places()[1] if words.fold(n) in spelled] == []


def test_data_are_found_in_a_checkout_and_in_a_wheel(monkeypatch, tmp_path):
    assert landscape.data_file("azerbaijan", "rayons_natural_earth.geojson").is_file()
    with pytest.raises(FileError, match=r"no nowhere\.txt in the data of hazardmap.*install hazardmap again"):
        landscape.data_file("nowhere.txt")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "README.md").write_text("installed", encoding="utf-8")
    monkeypatch.setattr(landscape.resources, "files", lambda _: tmp_path)
    assert landscape.data_file("README.md").read_text(encoding="utf-8") == "installed"


def test_a_shape_on_a_border_goes_where_most_of_it_lies():
    known = gpd.GeoDataFrame(
        {"district_id": ["W", "E"]},
        geometry=[shapely.box(46.9, 39.8, 47.0, 39.9), shapely.box(47.0, 39.8, 47.1, 39.9)],
        crs="EPSG:4326",
    )
    ((x, y),) = landscape.in_plane([(47.0, 39.85)])
    shapes = [
        shapely.box(x - 100, y, x + 300, y + 50),
        shapely.box(x - 300, y, x + 100, y + 50),
        shapely.Point(x - 20, y),
        None,
        shapely.Point(x, y + 50_000),
    ]
    found = country.district_of(np.array(shapes, dtype=object), known)
    assert found.tolist() == ["E", "W", "W", None, None]
