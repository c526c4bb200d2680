"""Colours that hold for colour-blind readers and in grey print; hatch and letters say the same in every theme."""

from itertools import combinations

import numpy as np
import pytest
from answering import ON, answers_for, place
from seeing import EYES, apart, distance, lightness, painted, rgb

import hazardmap as hm
from hazardmap.maps.symbols import SYMBOLS, THEMES, worn

LAND = (245, 242, 235)  # world.js
#: One sign for each state of the ground that is painted.
STATES = (
    "confirmed_open",
    "suspected_open",
    "in_question",
    "not_handed_over_cleared",
    "cancelled",
    "reduced",
    "cleared",
    "surveyed",
)


def states(theme):
    signs = worn("ground", theme)
    return {code: painted(signs[code].fill, signs[code].opacity, LAND) for code in STATES}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
        ((90.8027, -2.0831, 1.441), (91.1528, -1.6435, 0.0447), 1.4441),
    ],
)
def test_the_measure_of_distance_is_that_of_the_paper(first, second, expected):
    """Pairs of table 1 of Sharma, Wu and Dalal (2005)."""
    assert apart(first, second) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("eye", EYES)
def test_states_are_told_apart_by_every_eye(eye):
    seen = states("colour_blind")
    near = {(a, b): distance(seen[a], seen[b], eye) for a, b in combinations(STATES, 2)}
    assert min(near.values()) >= 17.5, min(near, key=near.get)


def test_states_are_told_apart_in_grey_print():
    steps = np.diff(sorted(lightness(colour) for colour in states("colour_blind").values()))
    assert steps.min() >= 8.7


def test_the_colours_of_the_note_would_not_do():
    """Why there is a second theme: red and amber are near to each other for deuteranopes, and in grey."""
    seen = states("imas")
    assert distance(seen["confirmed_open"], seen["suspected_open"], "deuteranopia") < 17.5
    assert np.diff(sorted(lightness(colour) for colour in seen.values())).min() < 8.7


@pytest.mark.parametrize("eye", EYES)
def test_the_status_of_a_hazard_is_told_apart(eye):
    signs = worn("hazards", "colour_blind")
    for a, b in combinations(("open", "worked_on", "closed"), 2):
        assert distance(rgb(signs[a].outline), rgb(signs[b].outline), eye) >= 17.5
    steps = np.diff(sorted(lightness(rgb(signs[code].outline)) for code in ("open", "worked_on", "closed")))
    assert steps.min() >= 8.7


@pytest.mark.parametrize("theme", THEMES)
def test_hatch_letters_and_dashes_are_on_in_every_theme(theme):
    for layer, signs in SYMBOLS.items():
        dressed = worn(layer, theme)
        assert list(dressed) == list(signs)
        for code, sign in signs.items():
            for field in ("label", "hatch", "width", "dash", "mark", "letters", "over_plots"):
                assert getattr(dressed[code], field) == getattr(sign, field), (layer, code, field)
            for field in ("fill", "outline", "band", "hatch_colour"):
                assert bool(getattr(dressed[code], field)) == bool(getattr(sign, field)), (layer, code, field)
    for code in STATES:
        assert worn("ground", theme)[code].hatch
    hatches = [worn("ground", theme)[code].hatch for code in ("confirmed_open", "suspected_open", "cleared", "reduced")]
    assert len(set(hatches)) == 4


@pytest.mark.parametrize("theme", THEMES)
def test_a_hatch_is_seen_on_its_fill(theme):
    for code in STATES:
        sign = worn("ground", theme)[code]
        fill = painted(sign.fill, sign.opacity, LAND)
        line = painted(sign.hatch_colour, 0.75, fill)  # paint.js
        assert abs(lightness(line) - lightness(fill)) >= 8.7, code


def test_only_released_ground_looks_green():
    for theme in THEMES:
        for layer, codes in (("ground", {"cleared"}), ("verdicts", {"released"})):
            for code, sign in worn(layer, theme).items():
                for colour in (sign.fill, sign.band):
                    if colour and code not in codes:
                        red, green, blue = rgb(colour)
                        assert not (green > red + 20 and green > blue + 5), (theme, layer, code)


def _share(pixels, colour, tolerance=9):
    return np.mean(np.abs(np.array(pixels, dtype=float) - colour).max(axis=1) <= tolerance)


@pytest.mark.browser
def test_the_map_wears_what_python_says_and_what_the_reader_chooses(chromium, tmp_path):
    hm.draw(hm.example(), on=ON, theme="colour_blind").save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    chromium.js("document.querySelector('.hm-watermark').remove(); hazardmap.labels.near = () => []")
    chromium.view(*place(450, 35), 19)
    for theme, other in (("colour_blind", "imas"), ("imas", "colour_blind"), ("colour_blind", "imas")):
        if theme != chromium.js("return hazardmap.theme"):
            chromium.js(
                "const s = document.querySelectorAll('.hm-panel-choices select')[1]; s.value = arguments[0];"
                " s.dispatchEvent(new Event('change'))",
                theme,
            )
            chromium.settle()
        pixels = chromium.pixels(*place(450, 35), around=14)
        assert _share(pixels, states(theme)["confirmed_open"]) > 0.25
        assert _share(pixels, states(other)["confirmed_open"]) == 0
        swatch = chromium.js(
            "const li = [...document.querySelectorAll('.hm-signs li')].find((e) => e.innerText.startsWith('Confirmed'));"
            " const c = li.querySelector('canvas'); return [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
        )
        solid = [swatch[i : i + 3] for i in range(0, len(swatch), 4) if swatch[i + 3] > 100]
        fill = rgb(worn("ground", theme)["confirmed_open"].fill)
        assert _share(solid, fill, 12) > 0.25
        assert chromium.js("return document.querySelectorAll('.hm-panel-choices select')[1].value") == theme
    assert chromium.console() == []


@pytest.mark.browser
def test_a_change_of_colours_keeps_the_language_and_what_is_hidden(chromium, tmp_path):
    answers = answers_for(hm.example().plots, ["released"] * 6)
    hm.draw(hm.example(), on=ON, answers=answers, language="ru").save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    chromium.js("document.querySelector('input[data-verdict=released]').click(); hazardmap.wear('colour_blind')")
    assert not chromium.js("return document.querySelector('input[data-verdict=released]').checked")
    assert "6 участков скрыто" in chromium.js("return document.querySelector('.hm-heading').innerText")
    assert "Подтверждённый опасный район" in chromium.js("return document.querySelector('.hm-legend').innerText")
