"""Answers about plots come onto the map: what is refused, what cannot be drawn, how each verdict looks."""

import re
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import shapely
from answering import EXAMPLE, ON, answers_for, bare, place, six_plots, twelve_plots, with_shapes

import hazardmap as hm
from hazardmap import words
from hazardmap.errors import CrsError, SchemaError
from hazardmap.maps import manifest, page
from hazardmap.maps.attributes import LAYERS
from hazardmap.maps.scene import gather
from hazardmap.maps.symbols import SYMBOLS
from hazardmap.maps.tallies import tally

SIGNS = SYMBOLS["verdicts"]

# What is taken


def test_the_answers_take_the_place_of_the_plots():
    frames = gather(hm.example(), on=ON, answers=six_plots()).frames
    assert "plots" not in frames
    assert frames["verdicts"]["symbol"].tolist() == list(EXAMPLE)
    assert "verdicts" not in gather(hm.example(), on=ON).frames


def test_a_column_of_somebody_else_is_no_sign_of_the_map():
    frames = gather(hm.example(), on=ON, answers=six_plots(flag="draft", symbol="plot")).frames
    assert "flag" not in frames["verdicts"]
    assert frames["verdicts"]["symbol"].tolist() == list(EXAMPLE)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            {"on": pd.Timestamp("2024-06-30")},
            "answers: 6 rows whose `on` is 2024-06-30 – needed: the day of the map, 2024-12-31",
        ),
        (
            {"on": pd.to_datetime([ON] * 4 + ["2023-01-01", None])},
            "answers: 2 rows whose `on` is 2023-01-01, no day – needed: the day of the map, 2024-12-31",
        ),
        (
            {"as_of": pd.Timestamp("2025-03-01")},
            "answers: 6 rows whose `as_of` is 2025-03-01 – needed: the programme's as-of date, 2024-12-31",
        ),
        ({"on": "2024-12-31"}, "columns that are not dates: on"),
        ({"area_m2": "large"}, "columns that are not numbers: area_m2"),
        ({"flags": ""}, "columns that are not tuples: flags"),
        ({"verdict": ["released"] * 5 + ["fine"]}, "unknown verdicts 'fine'"),
        ({"verdict": pd.Series([None] * 6, dtype="str")}, "unknown verdicts nan"),
        ({"flags": [("near_hazard", "lucky")] + [()] * 5}, "unknown flags 'lucky'"),
        ({"nearest_direction": "NNE"}, "unknown directions 'NNE'"),
    ],
)
def test_answers_that_do_not_belong_here_are_refused(change, found):
    with pytest.raises(SchemaError) as refused:
        hm.draw(hm.example(), on=ON, answers=six_plots().assign(**change))
    assert found in str(refused.value)
    assert "do: make them anew: answers = hm.check_plots(programme, on=" in str(refused.value)


@pytest.mark.parametrize("column", [c for c in six_plots().columns if c != "geometry"])
def test_every_column_of_the_answers_is_asked_for(column):
    with pytest.raises(SchemaError, match=f"missing columns {column} –"):
        hm.draw(hm.example(), on=ON, answers=six_plots().drop(columns=column))


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(SchemaError) as refused:
        hm.draw(hm.example(), on=ON, answers=six_plots(verdict="fine", area_m2="x").drop(columns=["why", "name"]))
    for found in ("missing columns name, why", "not numbers: area_m2", "unknown verdicts 'fine'"):
        assert found in str(refused.value)


def test_a_table_without_geometry_or_in_metres_is_refused():
    with pytest.raises(SchemaError, match="answers without geometry"):
        hm.draw(hm.example(), on=ON, answers=pd.DataFrame(six_plots()))
    with pytest.raises(CrsError, match="answers in EPSG:32638 – needed: EPSG:4326"):
        hm.draw(hm.example(), on=ON, answers=six_plots().to_crs(32638))
    with pytest.raises(CrsError, match="answers in no CRS"):
        hm.draw(hm.example(), on=ON, answers=six_plots().set_crs(None, allow_override=True))


def test_no_answers_are_an_answer():
    data = manifest.of(gather(hm.example(), on=ON, answers=six_plots().iloc[:0]))
    assert not [b for b in data.manifest["blocks"] if b["layer"] in {"verdicts", "plots"}]


def test_the_page_asks_nobody_and_allows_no_other_script():
    text = hm.draw(hm.example(), on=ON, answers=six_plots()).get_root().render()
    assert page.remote_addresses(text) == []
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "connect-src" not in policy
    assert "unsafe" not in policy.split(";")[1]


def test_the_table_is_not_changed():
    answers = with_shapes(six_plots(), {0: None})
    before = answers.copy()
    manifest.of(gather(hm.example(), on=ON, answers=answers))
    assert before.equals(answers)


def test_answers_about_example_data_mark_the_map():
    answers = answers_for(hm.example().plots, EXAMPLE, flags=[("fictitious_data",)] * 6)
    real = replace(hm.example(), fictitious=False)
    assert gather(real, on=ON, answers=answers).fictitious
    assert not gather(real, on=ON, answers=six_plots()).fictitious


# What cannot be drawn


def _with_nan(polygon):
    with np.errstate(invalid="ignore"):
        return shapely.transform(polygon, lambda xy: np.where(np.arange(len(xy))[:, None] == 1, np.nan, xy))


UNDRAWN = {
    0: None,
    1: shapely.Polygon(),
    2: shapely.Point(47, 40),
    3: shapely.box(4_300_000, 5_000_000, 4_300_100, 5_000_100),
    4: shapely.box(47, 86, 47.1, 86.1),
    5: _with_nan(shapely.box(47, 40, 47.1, 40.1)),
    6: shapely.LineString([(47, 40), (47.1, 40)]),
}
BOW_TIE = shapely.Polygon([place(0), place(100, 150), place(100), place(0, 150)])


def test_plots_without_a_usable_shape_are_counted_and_kept_for_the_search():
    answers, _ = twelve_plots()
    answers = with_shapes(answers.assign(verdict="cannot_tell"), {**UNDRAWN, 7: BOW_TIE})
    data = manifest.of(gather(bare(), on=ON, answers=answers))
    counts = {block["name"]: block["count"] for block in data.manifest["blocks"] if block["layer"] == "verdicts"}
    assert counts == {"verdicts/polygon/0": 5, "verdicts/none/0": 7}  # one that crosses itself lies where it lies
    assert data.manifest["unplaced"]["text"] == "7 plots cannot be drawn; the search finds them."
    assert data.manifest["unplaced"]["plot_ids"] == [f"V-{i:02d}" for i in UNDRAWN]
    drawn = {block["name"]: block["count"] for block in data.manifest["blocks"] if "/none/" not in block["name"]}
    assert data.manifest["expected"] == sum(drawn.values())
    west, east = data.bounds_deg[1], data.bounds_deg[3]
    assert 46.9 < west < east < 47.1, "a plot in metres does not move the map"


def test_one_plot_without_a_shape_in_words():
    data = manifest.of(gather(bare(), on=ON, answers=with_shapes(six_plots(), {2: None})))
    assert data.manifest["unplaced"]["text"] == "1 plot cannot be drawn; the search finds it."
    assert ("hm-said", "en", "1 plot cannot be drawn; the search finds it.") in data.notices


# How a verdict looks


def test_every_verdict_has_a_sign_of_its_own():
    assert set(SIGNS) == set(words.VERDICTS)
    for channel in ("letters", "hatch", "band", "label"):
        assert len({getattr(sign, channel) for sign in SIGNS.values()}) == 12, channel
    for code, sign in SIGNS.items():
        assert words.VERDICTS[code].casefold().startswith(sign.label.casefold())


def test_what_is_good_lies_below_what_is_bad():
    order = list(SIGNS)
    assert order[:2] == ["confirmed_hazard", "suspected_hazard"]
    assert order[-1] == "released"
    bad = [order.index(verdict) for verdict in words.VERDICTS if verdict not in words.GOOD_NEWS]
    assert max(bad) == len(bad) - 1
    above = {code for code, sign in SYMBOLS["ground"].items() if sign.over_plots}
    assert {re.sub("_(cancelled|reduced|cleared)$", "", code) for code in above} == set(words.REMAINING_STATES)
    assert not above & set(words.RELEASED_STATES)


def test_only_a_released_plot_is_green_and_nobody_knows_is_grey():
    for code, sign in SIGNS.items():
        for colour in filter(None, (sign.fill, sign.band)):
            red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
            assert (green > max(red, blue)) == (code == "released"), code
            if code in {"cannot_tell", "outside_coverage", "no_record"}:
                assert max(red, green, blue) - min(red, green, blue) < 16, code
        assert bool(sign.fill) == (code in {"released", "cannot_tell", "outside_coverage", "no_record"}), code


# Machado, Oliveira and Fernandes 2009: linear RGB as seen without one kind of cone.
EYES = {
    "usual": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
    ),
}


def _lab(colour, eye):
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.clip(eye @ np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4), 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
    root = np.cbrt(np.maximum(xyz / [0.9505, 1, 1.089], 0.008856))
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


@pytest.mark.parametrize("eye", EYES)
def test_colours_are_told_apart_by_every_eye(eye):
    """10 is seen side by side, 15 across the map: none may be taken for released."""
    seen = {code: _lab(sign.band, EYES[eye]) for code, sign in SIGNS.items()}
    for one, other in combinations(SIGNS, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > (15 if "released" in {one, other} else 10), (one, other)


def test_the_legend_has_the_counts_and_areas_of_the_table():
    answers, _ = twelve_plots()
    rows = tally(gather(bare(), on=ON, answers=with_shapes(answers, {0: None}))).query("layer == 'verdicts'")
    assert rows["symbol"].tolist() == list(SIGNS)
    assert rows["count"].tolist() == [1] * 12
    figures = rows.set_index("symbol")
    assert figures.loc["cannot_tell", "placed"] == 0
    assert np.isnan(figures.loc["cannot_tell", "area_m2"])
    assert figures.loc["released", "area_m2"] == pytest.approx(10_000, rel=1e-3)


def test_the_card_speaks_of_all_states_and_all_words():
    shares = [a.column for a in LAYERS["verdicts"].attributes if a.kind == "share"]
    assert shares == list(words.STATES)
    told = {column for a in LAYERS["verdicts"].attributes for column in a.columns} | {"plot_id"}
    assert told == set(six_plots().columns) - {"geometry"}
