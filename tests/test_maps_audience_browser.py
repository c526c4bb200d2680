"""A map for the public in a real browser: what it says, what a click tells, and what is seen of one square metre."""

from dataclasses import replace

import numpy as np
import pytest
from land import box, programme

import hazardmap as hm
from hazardmap import Policy, words

pytestmark = pytest.mark.browser
ON = "2024-12-31"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("audience") / "public.html"
    lying = programme(
        Policy(public_cell_m=2000),
        hazards=[{"geometry": box(0, 0, 1)}],
        releases=[{"geometry": box(9000, 0, 300), "hazard_ids": ()}],
        coverage=[{"geometry": box(-4000, -4000, 16_000)}],
    )
    hm.draw(lying, on=ON, audience="public").save(path)
    return path


@pytest.fixture
def opened(chromium, saved):
    chromium.open(saved)
    return chromium


def test_it_opens_and_says_what_it_is(opened):
    assert opened.console() == []
    assert opened.requests() == []
    assert opened.js("return hazardmap.failed") is None
    assert opened.js("return document.querySelector('.hm-audience').textContent") == (
        "Generalised for the public: cells of 2 km."
    )
    legend = opened.js("return document.querySelector('.hm-legend').innerText")
    assert "Some ground here is confirmed hazardous" in legend
    assert "≤ 1.00 ha" in legend
    assert "is not known to be free of explosive ordnance" in legend


def test_a_click_tells_what_a_cell_means(opened):
    opened.view(47.0, 40.0, 13)
    card = opened.click(47.0, 40.0)
    assert "Some ground in this cell of 2 km is a confirmed hazardous area that is not released." in card
    assert "≤ 1.00 ha" in card
    opened.view(47.0 + 9150 / 85_394, 40.0 + 150 / 111_035, 13)
    card = opened.click(47.0 + 9150 / 85_394, 40.0 + 150 / 111_035)
    assert "was released. Nothing is said of the rest; that is not evidence that it is free" in card
    assert "≥ 8.00 ha" in card or "≥ 9.00 ha" in card
    opened.view(47.0 + 5000 / 85_394, 40.0 + 5000 / 111_035, 13)
    card = opened.click(47.0 + 5000 / 85_394, 40.0 + 5000 / 111_035)
    assert "Nothing is recorded in this cell of 2 km; that is not evidence" in card


def test_one_square_metre_colours_its_cell(opened):
    opened.view(47.0, 40.0, 12)
    red = np.array(opened.pixels(47.0, 40.0, around=8), dtype=float).mean(axis=0)
    assert red[0] - red[1] > 40


def test_a_plot_tells_the_public_its_verdict_and_nothing_else(chromium, tmp_path):
    lying = replace(hm.example(), policy=Policy(public_shows=("answers",)))
    answers = hm.check_plots(lying, on=ON)
    hm.draw(lying, on=ON, audience="public", answers=answers).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    assert chromium.js("return hazardmap.failed") is None
    at = answers.geometry.iloc[0].representative_point()
    chromium.view(at.x, at.y, 16)
    card = chromium.click(at.x, at.y)
    plot = chromium.js("return document.querySelector('.hm-entry-verdicts').innerText")
    assert "no id" in plot.lower()
    assert "m²" not in plot
    assert "ha" not in plot.split()
    assert words.DISCLAIMER in card
    assert chromium.console() == []
