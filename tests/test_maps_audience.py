"""What is left out of a map is absent from the file: every block is decoded, every text searched."""

import base64
import json
import re
import zlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from land import box, programme

import hazardmap as hm
from hazardmap import Policy, SchemaError, tables, words
from hazardmap.maps import packing
from hazardmap.maps.audience import _COLUMNS, _LAYERS
from hazardmap.maps.scene import gather

ON = "2024-12-31"
NEAR_DEG = 2e-5  # 2 m
#: What anybody may see: names of districts, roads and villages.
COMMON = {("districts", c) for c in ("district_id", "name", "aliases", "parent")} | {
    ("context", c) for c in ("kind", "name")
}
RECORDS = ("hazards", "releases", "surveys", "finds", "plots")


def _secret(table, column):
    return f"Zq{table}{column.replace('_', '')}Xj"


def marked():
    """The example with a text of its own in every text column of every table."""
    records, changed = hm.example(), {}
    for name, schema in tables.TABLES.items():
        if name == "history":
            continue
        frame = records.table(name).copy()
        for column in schema.columns:
            ids = column.kind == "id" and column.name != "activity_id"
            if ids and len(frame):
                frame[column.name] = _secret(name, column.name) + frame[column.name]
            elif (column.kind == "text" and column.name != "quarantined") or column.name == "activity_id":
                frame[column.name] = pd.Series(
                    [_secret(name, column.name)] * len(frame), index=frame.index, dtype="str"
                )
            elif column.name == "aliases":
                frame[column.name] = pd.Series([(_secret(name, column.name),)] * len(frame), index=frame.index)
        changed[name] = frame
    releases, mark = changed["releases"], _secret("hazards", "hazard_id")
    releases["hazard_ids"] = releases["hazard_ids"].map(lambda ids: tuple(mark + i for i in ids))
    lost = changed["hazards"]["hazard_id"].str.endswith("H-006")
    changed["hazards"]["quarantined"] = changed["hazards"]["quarantined"].mask(lost, _secret("hazards", "quarantined"))
    return replace(records, **changed)


def secrets():
    return {
        (name, c.name): _secret(name, c.name)
        for name, schema in tables.TABLES.items()
        if name not in {"history", "context"}
        for c in schema.columns
        if (c.kind in {"id", "text"} or c.name == "aliases") and (name, c.name) != ("hazards", "quarantined")
    } | {("hazards", "quarantined"): _secret("hazards", "quarantined")}


def opened(chart):
    """Everything that a page holds: its text, the text of each block, the shapes of each table."""
    page = chart.get_root().render()
    blocks = {
        name: base64.b64decode(text)
        for name, text in re.findall(r'<script type="application/octet-stream" data-name="([^"]+)">([^<]*)<', page)
    }
    assert "world" in blocks
    inside = {name: zlib.decompress(block) for name, block in blocks.items() if name != "world"}
    frames = {name: packing.unpack(block) for name, block in blocks.items() if "/" in name}
    text = page + "".join(body.decode("utf-8", errors="replace") for body in inside.values())
    return text, frames


def corners(records, *names):
    shapes = np.concatenate([records.table(n).geometry.to_numpy() for n in names])
    return np.unique(shapely.get_coordinates(shapes).round(7), axis=0)


def told(text, frames):
    """All places of the packed shapes, and all numbers in the page that could be degrees."""
    places = np.concatenate(
        [shapely.get_coordinates(f.geometry.to_numpy()) for f in frames.values()] or [np.zeros((0, 2))]
    )
    numbers = np.array([float(v) for v in re.findall(r"(?<![\w.#-])\d{2}\.\d{4,}(?![\w.])", text)])
    return places, numbers


def meets(places, secret):
    tree = shapely.STRtree(shapely.points(places))
    hit, _ = tree.query(shapely.points(secret), predicate="dwithin", distance=NEAR_DEG)
    return len(set(hit.tolist()))


@pytest.fixture(scope="module")
def records():
    return marked()


def _drawn(records, audience, **policy):
    ruled = replace(records, policy=replace(records.policy, **policy))
    return opened(hm.draw(ruled, on=ON, audience=audience))


def test_the_internal_map_holds_it_all(records):
    text, frames = opened(hm.draw(records, on=ON))
    # answered_by and handover_to are shown where they are; priority, name, district … all are on some card
    missing = {key for key, secret in secrets().items() if secret not in text}
    assert missing <= {
        ("coverage", "coverage_id"),
        *((n, c) for n in RECORDS for c in ("as_entered",)),
        ("districts", "as_entered"),
        ("coverage", "as_entered"),
        *((n, "district") for n in ("surveys",)),
        *((n, "repaired") for n in ("districts", "coverage")),
        *((n, "quarantined") for n in tables.TABLES),
    }
    secret = corners(records, *RECORDS)
    assert meets(told(text, frames)[0], secret) == len(secret)


def test_the_public_map_holds_nothing_exact(records):
    text, frames = _drawn(records, "public")
    for key, secret in secrets().items():
        assert (secret in text) == (key in COMMON), key
    secret = corners(records, *RECORDS)
    places, numbers = told(text, frames)
    assert len(places) > 10
    assert meets(places, secret) == 0
    assert not (np.abs(numbers[:, None] - secret.ravel()).min(axis=1) < NEAR_DEG / 4).any(), "a coordinate in the page"
    assert {name.split("/")[0] for name in frames} == {"zones", "districts", "coverage"}
    assert "H-00" not in text
    assert "R-00" not in text


def test_the_partner_map_holds_boundaries_and_no_free_text(records):
    text, frames = _drawn(records, "partner")
    ids = {
        ("hazards", "hazard_id"),
        ("releases", "release_id"),
        ("finds", "find_id"),
        ("plots", "plot_id"),
        ("surveys", "survey_id"),
        ("coverage", "coverage_id"),
    }
    may = (
        COMMON | ids | {(n, "organisation") for n in ("hazards", "releases", "surveys")} | {("releases", "handover_to")}
    )
    for key, secret in secrets().items():
        assert secret not in text or key in may, key
    for key in ids - {("coverage", "coverage_id")}:
        assert secrets()[key] in text, key
    secret = corners(records, *RECORDS)
    assert meets(told(text, frames)[0], secret) == len(secret)
    finds = pd.concat([f for name, f in frames.items() if name.startswith("finds/")])
    assert finds["symbol"].tolist() == ["evidence"]
    assert not {"kind", "ap_found", "answered_by"} & set(finds.columns)
    assert json.loads(re.search(r'id="hazardmap-manifest">(.*?)</script>', text)[1])["audience"] == "partner"


def test_through_time_a_partner_gets_no_more(records):
    text, frames = opened(hm.draw(records, on=ON, audience="partner", through_time=True))
    for key in (("hazards", "name"), ("releases", "handover_no"), ("finds", "source"), ("plots", "cadastre_no")):
        assert secrets()[key] not in text, key
    assert any(name.startswith("ground/") for name in frames)


def test_without_ids_the_lost_hazards_are_counted_and_not_named(records):
    shows = tuple(s for s in Policy().partner_shows if s != "ids")
    ruled = replace(records, policy=replace(records.policy, partner_shows=shows))
    for through_time in (False, True):
        text, _ = opened(hm.draw(ruled, on=ON, audience="partner", through_time=through_time))
        assert "1 hazard has no position and cannot be drawn." in text
        assert _secret("hazards", "hazard_id") not in text


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_what_the_policy_allows_is_there(records, audience):
    every = {f"{audience}_shows": tuple(words.DETAILS)}
    text, frames = _drawn(records, audience, **every)
    assert secrets()[("hazards", "name")] in text
    assert secrets()[("releases", "handover_no")] in text
    assert "zones" not in {name.split("/")[0] for name in frames}
    one, _ = _drawn(records, audience, **{f"{audience}_shows": ("boundaries", "finds")})
    assert secrets()[("hazards", "name")] not in one


def test_a_column_that_nobody_listed_never_passes(records):
    grown = replace(records, hazards=records.hazards.assign(remark_of_a_person="ZqpersonXj"))
    for audience in ("partner", "public"):
        text, _ = opened(hm.draw(grown, on=ON, audience=audience))
        assert "ZqpersonXj" not in text


def test_the_lists_know_every_layer_and_only_known_details():
    assert set(_LAYERS) == set(_COLUMNS)
    assert {d for columns in _COLUMNS.values() for d in columns.values() if d} | {
        d for d in _LAYERS.values() if d
    } <= set(words.DETAILS)
    from hazardmap.maps.attributes import LAYERS

    for layer, columns in _COLUMNS.items():
        shown = {c for a in LAYERS[layer].attributes for c in a.columns} | {LAYERS[layer].heading} - {""}
        assert shown - set(columns) - {"from", "source", "", "state"} == set(), f"{layer}: never shown to anybody else"


@pytest.mark.parametrize("area", ["districts", "cells"])
def test_a_public_map_is_never_better_than_the_internal_one(area):
    hazards = [
        {"geometry": box(0, 0, 1), "hazard_id": "H-0"},
        {"geometry": box(9000, 0, 0.4, 500), "hazard_id": "H-1", "classification": "suspected"},
        {"geometry": None, "hazard_id": "H-2", "quarantined": "no place"},
    ]
    districts = [{"geometry": box(-3000, -3000, 8000), "name": "D"}]
    lying = programme(Policy(public_areas=area), hazards=hazards, districts=districts)
    scene = hm.draw(lying, on=ON, audience="public").scene
    zones = scene.frames["zones"]
    for row in gather(lying, on=ON).frames["ground"].itertuples():
        over = zones[zones.intersects(row.geometry)]
        assert row.state in set(over["symbol"]), row.state
        assert over.loc[over["symbol"] == row.state, f"{row.state}_m2"].sum() >= 10_000
    assert len(scene.unplaced) == 1
    text, _ = opened(hm.draw(lying, on=ON, audience="public"))
    assert "1 hazard has no position and cannot be drawn." in text


def test_the_page_says_that_it_is_generalised_and_how(records):
    text, _ = _drawn(records, "public", public_cell_m=2500)
    assert "<title>Six squares – Generalised for the public: cells of 2.5 km.</title>" in text
    assert ">Generalised for the public: cells of 2.5 km.</p>" in text
    assert words.DISCLAIMER in text
    assert words.ABSENCE in text


def test_an_unknown_audience_is_refused():
    with pytest.raises(SchemaError, match="needed: one of internal, partner, public"):
        hm.draw(hm.example(), on=ON, audience="press")


def test_a_generalised_map_shows_one_day_only():
    with pytest.raises(SchemaError, match="a zone changes by one hazard or one release"):
        hm.draw(hm.example(), on=ON, audience="public", through_time=True)
    exact = replace(hm.example(), policy=Policy(public_shows=("boundaries", "finds")))
    assert hm.draw(exact, on=ON, audience="public", through_time=True).scene.lives


def test_answers_go_to_the_public_only_if_the_policy_says_so(records):
    answers = hm.check_plots(records, on=ON)
    with pytest.raises(SchemaError, match="public_shows holds answers"):
        hm.draw(records, on=ON, answers=answers, audience="public")
    ruled = replace(records, policy=replace(records.policy, public_shows=("answers",)))
    text, frames = opened(hm.draw(ruled, on=ON, answers=answers, audience="public"))
    plots = pd.concat([f for name, f in frames.items() if name.startswith("verdicts/")])
    assert sorted(plots["verdict"]) == sorted(answers["verdict"])
    assert not {"why", "nearest_hazard_m", "confirmed_open_m2", "cadastre_no", "hazard_ids"} & set(plots.columns)
    assert _secret("hazards", "hazard_id") not in text
    partner, _ = opened(hm.draw(records, on=ON, answers=answers, audience="partner"))
    assert _secret("plots", "cadastre_no") not in partner
    assert _secret("releases", "handover_no") not in partner


def test_internal_is_the_map_as_it_was():
    one, other = (hm.draw(hm.example(), on=ON, **more).scene for more in ({}, {"audience": "internal"}))
    for layer, frame in one.frames.items():
        assert frame.equals(other.frames[layer])


@pytest.mark.parametrize(("more", "ids"), [((), False), (("ids",), True), (("ids", "boundaries", "finds"), True)])
def test_the_public_has_verdicts_alone(records, more, ids):
    answers = hm.check_plots(records, on=ON)
    ruled = replace(records, policy=replace(records.policy, public_shows=("answers", *more)))
    text, frames = opened(hm.draw(ruled, on=ON, answers=answers, audience="public"))
    for name, frame in frames.items():
        if name.startswith("verdicts/"):
            assert set(frame.columns) == {"verdict", "symbol", "geometry"} | ({"plot_id"} if ids else set())
    tally = json.loads(re.search(r'id="hazardmap-manifest">(.*?)</script>', text)[1])["tally"]
    assert [row["area_m2"] for row in tally if row["layer"] == "verdicts" and row["area_m2"]] == []
    assert (_secret("plots", "plot_id") in text) == ids


def test_a_plot_without_a_shape_is_counted_and_not_named(records):
    plots = records.plots.copy()
    plots.loc[plots.index[0], "geometry"] = None
    lying = replace(records, plots=plots, policy=replace(records.policy, public_shows=("answers",)))
    text, _ = opened(hm.draw(lying, on=ON, answers=hm.check_plots(lying, on=ON), audience="public"))
    assert "1 plot cannot be drawn" in text
    assert _secret("plots", "plot_id") not in text
