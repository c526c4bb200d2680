"""A map through time: what lies on it on each day is what the map of that day shows; figures that follow."""

import json
import zlib

import numpy as np
import pandas as pd
import pytest
import shapely
from land import box, programme

import hazardmap as hm
from hazardmap import SchemaError
from hazardmap.maps import HazardMap, manifest, packing
from hazardmap.maps.days import facts, gather_through_time, series
from hazardmap.maps.scene import gather
from hazardmap.maps.tallies import tally

DAYS = ["2021-03-01", "2022-05-19", "2022-05-20", "2022-06-10", "2023-04-01", "2024-03-03", "2024-12-31"]


def number(day):
    return int(np.datetime64(day, "D").astype(int))


@pytest.fixture(scope="module")
def squares():
    return gather_through_time(hm.example(), on="2024-12-31")


def _shown(frame):
    """What is drawn of a frame: signs and shapes, in any order."""
    flags = frame["flag"] if "flag" in frame else pd.Series([None] * len(frame), index=frame.index)
    shapes = shapely.to_wkb(shapely.normalize(frame.geometry.to_numpy()), hex=True)
    return sorted(zip(frame["symbol"], flags.astype("object").where(flags.notna(), ""), map(str, shapes), strict=True))


@pytest.mark.parametrize("day", DAYS)
def test_the_frames_of_a_day_are_those_of_its_map(squares, day):
    lying, today = {n: hm.holding(f, on=day) for n, f in squares.lives.items()}, gather(hm.example(), on=day)
    for layer, frame in today.frames.items():
        known, there = (f[f["symbol"] != "no_record"] for f in (frame, lying[layer]))
        assert _shown(there) == _shown(known), layer
    nothing = [f["ground"].loc[f["ground"]["symbol"] == "no_record", "area_m2"].sum() for f in (lying, today.frames)]
    assert nothing[0] == pytest.approx(nothing[1], abs=1), "1 m² of 231 ha: edges of the coverage are divided elsewhere"


@pytest.mark.parametrize("day", DAYS)
def test_the_figures_of_a_day_are_those_of_its_legend(squares, day):
    told = {(r["layer"], r["symbol"], r["flag"]): r for r in series(squares)["figures"]}
    today = tally(gather(hm.example(), on=day))
    at = {key: np.searchsorted(row["day"], number(day), "right") - 1 for key, row in told.items()}
    there = {key for key, i in at.items() if i >= 0 and told[key]["count"][i]}
    assert there == set(zip(today["layer"], today["symbol"], today["flag"], strict=True))
    for row in today.itertuples():
        key = (row.layer, row.symbol, row.flag)
        if row.symbol != "no_record":  # one row on the map of a day, several through time
            for name in ("count", "placed", "unplaced"):
                assert told[key][name][at[key]] == getattr(row, name), (key, name)
        if told[key]["measured"]:
            assert told[key]["area_cm2"][at[key]] / 1e4 == pytest.approx(row.area_m2, abs=1)


def test_what_goes_away_leaves_nothing_behind():
    rows = [
        {"geometry": box(i * 0.37, 0, 0.1, 33.3), "date_of_information": "2021-01-01", "hazard_id": f"H-{i}"}
        for i in range(40)
    ]
    gone = [dict(r, date_of_information="2022-01-01", event="revised_down", geometry=box(900, 900, 1)) for r in rows]
    life = series(gather_through_time(programme(hazards=rows + gone), on="2024-12-31"))
    figures = {r["symbol"]: r for r in life["figures"] if r["layer"] == "ground"}
    assert figures["confirmed_open"]["area_cm2"][-1] == pytest.approx(10_000, abs=2), "1 m², to the cm²"


def test_the_chart_adds_up_the_states(squares):
    lines = series(squares)["chart"]["lines"]

    def at(line, day):
        days, m2 = lines[line]["day"], lines[line]["m2"]
        i = np.searchsorted(days, number(day), "right") - 1
        return round(m2[i]) if i >= 0 else 0

    # A cleared, B half waiting, half suspected, C confirmed, D in question, E half cleared, half confirmed.
    assert [at(line, "2024-12-31") for line in ("open", "waiting", "released")] == [20_000, 15_000, 15_000]
    assert [at(line, "2021-02-28") for line in ("open", "waiting", "released")] == [0, 0, 0]
    for line, states in (("open", hm.words.OPEN_STATES), ("released", hm.words.RELEASED_STATES)):
        for day in DAYS:
            ground = hm.ground(hm.example(), on=day)
            assert at(line, day) == pytest.approx(ground.loc[ground["state"].isin(states), "area_m2"].sum(), abs=1)


def test_only_finds_make_bars_of_years():
    finds = [
        {"date": d, "kind": k, "geometry": shapely.Point(i * 500, 0)}
        for i, (d, k) in enumerate(
            [("1990-05-01", "accident"), ("1990-12-31", "device"), ("1992-01-01", "device"), (None, "device")]
        )
    ]
    answered = dict(finds[1], answered_on="1991-01-01", answered_by="T-1")
    chart = series(gather_through_time(programme(finds=[finds[0], answered, *finds[2:]]), on="2024-12-31"))["chart"]
    assert chart == {"kind": "finds", "year": [1990, 1991, 1992], "kinds": {"device": [1, 0, 1], "accident": [1, 0, 0]}}


def test_undated_records_are_there_always_and_counted():
    records = programme(
        hazards=[{"geometry": box(0, 0, 100), "date_of_information": None, "quarantined": "no date"}],
        finds=[
            {"geometry": shapely.Point(900, 0), "date": None},
            {"geometry": shapely.Point(1900, 0), "date": "2022-01-01"},
        ],
    )
    lying = gather_through_time(records, on="2024-12-31")
    assert facts(lying)["undated"] == 2
    assert len(hm.holding(lying.lives["hazards"], on="1800-01-01")) == 1
    assert len(hm.holding(lying.lives["finds"], on="1800-01-01")) == 1


def test_an_answer_counts_only_as_the_rule_counts_it():
    find = {"geometry": shapely.Point(0, 0), "date": "2022-01-01", "answered_on": "2023-01-01"}
    for by, sign in ((None, "accident"), ("T-1", "answered")):
        records = programme(finds=[dict(find, answered_by=by)])
        assert gather(records, on="2024-01-01").frames["finds"]["symbol"].tolist() == [sign]
        assert gather_through_time(records, on="2024-01-01").frames["finds"]["symbol"].tolist() == [sign]


def test_a_district_is_there_on_its_last_day():
    records = programme(districts=[{"geometry": box(0, 0, 900), "valid_from": "2020-01-01", "valid_to": "2022-12-31"}])
    lives = gather_through_time(records, on="2024-01-01").lives["districts"]
    assert [len(hm.holding(lives, on=d)) for d in ("2019-12-31", "2020-01-01", "2022-12-31", "2023-01-01")] == [
        0,
        1,
        1,
        0,
    ]


def test_the_slider_reaches_from_the_first_event_to_the_as_of_date(squares):
    told = facts(squares)
    assert (told["first"], told["last"], told["on"]) == tuple(map(number, ("2021-03-01", "2024-12-31", "2024-12-31")))
    assert series(squares)["events"][0] == told["first"]


def test_the_page_carries_days_and_figures(squares):
    data = manifest.of(squares)
    blocks = [packing.unpack(block) for name, block in data.blocks.items() if name.startswith("ground/")]
    rows = pd.concat(blocks)
    assert len(rows) == len(squares.lives["ground"])
    on = pd.Timestamp("2022-06-01")
    there = rows[~(rows["from"] > on) & ~(rows["to"] <= on)]
    assert sorted(there["symbol"]) == sorted(hm.holding(squares.lives["ground"], on=on)["symbol"])
    assert json.loads(zlib.decompress(data.blocks["time"]))["events"] == series(squares)["events"]
    assert data.manifest["expected"] == sum(
        block["count"] for block in data.manifest["blocks"] if "/none/" not in block["name"]
    )


def test_a_map_of_one_day_carries_none_of_it():
    data = manifest.of(gather(hm.example(), on="2024-12-31"))
    assert data.manifest["time"] is None
    assert "time" not in data.blocks


def test_answers_hold_on_one_day_only():
    programme_ = hm.example()
    answers = hm.check_plots(programme_, on="2024-12-31")
    with pytest.raises(SchemaError, match="answers hold on one day only"):
        hm.draw(programme_, on="2024-12-31", answers=answers, through_time=True)


def test_a_day_after_the_as_of_date_is_refused():
    with pytest.raises(SchemaError, match="as-of date"):
        hm.draw(hm.example(), on="2025-01-01", through_time=True)


def test_nothing_at_all_has_a_slider_of_one_day():
    lying = gather_through_time(hm.Programme(), on="2024-12-31")
    told = facts(lying)
    assert told["first"] == told["on"] == told["last"]
    assert isinstance(HazardMap(lying).get_root().render(), str)


@pytest.mark.parametrize("ids", [True, False])
def test_who_does_not_see_kinds_counts_evidence(ids):
    finds = [
        {"geometry": box(0, 0, 1).centroid, "date": "2022-05-01", "kind": "accident"},
        {"geometry": box(9, 0, 1).centroid, "date": "2022-06-01", "kind": "device"},
        {"geometry": box(19, 0, 1).centroid, "date": "2024-06-01", "kind": "device"},
    ]
    shows = tuple(s for s in hm.Policy().partner_shows if ids or s != "ids")
    lying = programme(hm.Policy(partner_shows=shows), finds=finds)
    for language in ("en", "az"):
        scene = hm.draw(lying, on="2024-12-31", through_time=True, audience="partner", language=language).scene
    assert series(scene)["chart"] == {"kind": "finds", "year": [2022, 2023, 2024], "kinds": {"evidence": [2, 0, 1]}}


def test_a_find_that_was_answered_counts_once():
    finds = [
        {
            "geometry": box(0, 0, 1).centroid,
            "date": "2022-05-01",
            "kind": "accident",
            "answered_by": "R",
            "answered_on": d,
        }
        for d in ("2023-01-01", "2022-05-01", None)
    ]
    for i, row in enumerate(finds):
        row["find_id"] = f"F-{i}"
    chart = series(gather_through_time(programme(finds=finds), on="2024-12-31"))["chart"]
    assert sum(sum(counts) for counts in chart["kinds"].values()) == 3


@pytest.mark.browser
def test_a_chart_of_evidence_is_drawn(chromium, tmp_path):
    lying = programme(finds=[{"geometry": box(0, 0, 1).centroid, "date": "2024-05-01"}])
    hm.draw(lying, on="2024-12-31", through_time=True, audience="partner").save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    assert chromium.js("return hazardmap.failed") is None
    assert "Evidence this year, kind not told here" in chromium.js("return document.body.innerText")
    assert chromium.console() == []
