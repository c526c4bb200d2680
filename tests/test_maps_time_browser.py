"""The slider in a real browser, network off: on each day the picture, the figures and the cards of that day."""

import io
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely
from PIL import Image

import hazardmap as hm
from hazardmap import words
from hazardmap.maps.scene import gather
from hazardmap.maps.symbols import SYMBOLS
from hazardmap.maps.tallies import tally

pytestmark = pytest.mark.browser
LAND = (245, 242, 235)  # world.js
DEGREE_M = 85_394.0, 111_035.0
DAYS = ["2021-06-01", "2022-05-25", "2023-06-01", "2024-03-03", "2024-12-31"]


def _place(x, y=50.0):
    return 47.0 + x / DEGREE_M[0], 40.0 + y / DEGREE_M[1]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("time") / "squares.html"
    hm.draw(hm.example(), on="2024-12-31", through_time=True).save(path)
    return path


@pytest.fixture
def opened(chromium, saved):
    chromium.open(saved)
    chromium.js("document.querySelector('.hm-watermark').remove()")
    return chromium


def _show(browser, day):
    browser.js("hazardmap.time.show(hazardmap.dayOf(arguments[0]))", day)
    browser.settle()


def _mixed(code):
    sign = SYMBOLS["ground"][code]
    if not sign.fill:
        return LAND
    colour = [int(sign.fill[i : i + 2], 16) for i in (1, 3, 5)]
    return [sign.opacity * c + (1 - sign.opacity) * b for c, b in zip(colour, LAND, strict=True)]


def _key(browser, key):
    for kind in ("keyDown", "keyUp"):
        browser.driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": kind, "key": key, "code": key})


def test_it_opens_without_errors_or_requests(opened):
    assert opened.console() == []
    assert opened.requests() == []
    assert opened.js("return [hazardmap.failed, hazardmap.drawn === hazardmap.expected]") == [None, True]
    seen = opened.js("return document.querySelector('.folium-map').innerText")
    assert "Ground as known on 31 December 2024" in seen
    assert words.DISCLAIMER in seen
    foot, bar = (
        opened.js("return document.querySelector(arguments[0]).getBoundingClientRect().toJSON()", selector)
        for selector in (".hm-foot", ".hm-time")
    )
    assert bar["bottom"] <= foot["top"]


@pytest.mark.parametrize("day", DAYS)
def test_the_picture_of_a_day_is_the_ground_of_that_day(opened, day):
    """Colours at random places well inside the ground of each state, outlines, hatches and letters off."""
    opened.js("""for (const name of ['hazards', 'releases', 'finds', 'plots', 'surveys', 'districts', 'coverage', 'context'])
        hazardmap.data.show(name, false);
        for (const sign of hazardmap.data.layers.find((l) => l.layer === 'ground').symbols) {
          sign.hatch = ''; sign.outline = ''; sign.letters = '';
        }
        for (const panel of document.querySelectorAll('.hm-paper, .leaflet-control-container')) panel.style.display = 'none';
        hazardmap.map.getPane('hazardmap-world').style.display = 'none'; // its net of coordinates
        hazardmap.map.getContainer().style.background = 'rgb(245, 242, 235)';
        """)
    opened.view(*_place(500), 17)
    _show(opened, day)
    picture = Image.open(io.BytesIO(opened.driver.get_screenshot_as_png())).convert("RGB")
    ground = gather(hm.example(), on=day).frames["ground"]
    rng = np.random.default_rng(int(day[5:7]))
    corner, other = opened.screen(*_place(0, 0)), opened.screen(*_place(100, 100))
    assert abs(other[0] - corner[0]) > 100, "a square is a hundred pixels wide: its middle is far from its edges"
    checked = set()
    for x, y in zip(rng.uniform(-40, 1140, 200), rng.uniform(-40, 140, 200), strict=True):
        place = shapely.Point(*_place(x, y))
        if shapely.distance(shapely.boundary(ground.geometry.to_numpy()), place).min() < 4 / DEGREE_M[0]:
            continue
        over = ground[shapely.intersects(ground.geometry.to_numpy(), place)]["symbol"].tolist()
        assert len(over) == 1, "disjoint, and all of it inside the coverage"
        right, down = (round(v) for v in opened.screen(place.x, place.y))
        seen = np.array(picture.getpixel((right, down)), dtype=float)
        assert np.abs(seen - _mixed(over[0])).max() <= 3, (x, y, over[0], seen)
        checked.add(over[0])
    there = set(ground["symbol"])
    assert checked == there, "every state of the day was looked at"


@pytest.mark.parametrize("day", DAYS)
def test_words_and_figures_follow_the_day(opened, day):
    _show(opened, day)
    seen = opened.js("return document.querySelector('.hm-legend').innerText").replace("\n", " ")
    told = tally(gather(hm.example(), on=day)).query("layer == 'ground' and symbol == 'confirmed_open'")["area_m2"]
    square_metres = round(told.sum())
    text = f"{square_metres / 1e4:.2f} ha" if square_metres >= 10_000 else f"{square_metres:,} m²"
    assert f"Confirmed hazardous area {text}" in " ".join(seen.split())
    day_words = opened.js("return document.querySelector('.hm-day strong').textContent")
    assert day_words == f"{date.fromisoformat(day):%-d %B %Y}"
    assert opened.js("return hazardmap.time.slider.getAttribute('aria-valuetext')") == day_words


def test_a_card_tells_what_was_true_on_the_day_and_follows(opened):
    titles = "return [...document.querySelectorAll('.hm-entry .hm-title')].map((e) => e.textContent)"
    _show(opened, "2022-05-25")
    opened.view(*_place(50), 18)
    assert "State on 25 May 2022." in opened.click(*_place(50, 35))
    assert opened.js(titles)[0] == SYMBOLS["ground"]["not_handed_over_cleared"].label
    opened.js("hazardmap.time.slider.focus()")
    _show(opened, "2022-06-10")
    opened.until("return document.querySelector('.hm-card').innerText.includes('State on 10 June 2022.')")
    assert opened.js(titles)[0] == SYMBOLS["ground"]["cleared"].label
    assert "cleared by R-001" in opened.js("return document.querySelector('.hm-card').innerText")
    assert opened.js("return document.activeElement === hazardmap.time.slider")
    _show(opened, "2021-03-01")
    opened.until("return document.querySelector('.hm-card').innerText.includes('State on 1 March 2021.')")
    assert opened.js(titles)[0] == SYMBOLS["ground"]["confirmed_open"].label


def test_what_has_no_place_is_told_from_its_day_on(opened):
    said = "const e = document.querySelector('.hm-heading .hm-missing'); return e.hidden ? '' : e.textContent"
    assert opened.js(said) == "1 hazard has no position and cannot be drawn."
    assert "H-006" in opened.js("return document.querySelector('.hm-unplaced').textContent")
    _show(opened, "2021-03-01")
    assert opened.js(said) == ""
    assert opened.js("return document.querySelector('.hm-unplaced')") is None


def test_the_keyboard_moves_the_slider(opened):
    opened.js("hazardmap.time.slider.focus()")
    now = "return hazardmap.isoOf(hazardmap.dayShown)"
    for key, day in (
        ("Home", "2021-03-01"),
        ("ArrowRight", "2021-03-02"),
        ("PageUp", "2022-03-02"),
        ("ArrowLeft", "2022-03-01"),
        ("PageDown", "2021-03-01"),
        ("PageDown", "2021-03-01"),
        ("End", "2024-12-31"),
        ("ArrowUp", "2024-12-31"),
    ):
        _key(opened, key)
        assert opened.js(now) == day, key
    opened.js("document.querySelector('.hm-time-back').click()")
    before = opened.js(now)
    assert before < "2024-12-31"
    assert opened.js("return hazardmap.time.series.events.includes(hazardmap.dayShown)")
    opened.js("document.querySelector('.hm-time-next').click()")
    assert opened.js(now) == "2024-12-31", "no event after the last one: the end"


def test_a_click_on_the_chart_goes_to_its_day(opened):
    box = opened.js("return document.querySelector('.hm-time-chart').getBoundingClientRect().toJSON()")
    for kind in ("mousePressed", "mouseReleased"):
        opened.driver.execute_cdp_cmd(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": box["left"] + 8, "y": box["top"] + 20, "button": "left", "clickCount": 1},
        )
    opened.settle()
    assert opened.js("return hazardmap.dayShown === hazardmap.time.first")
    assert opened.js("return document.querySelector('.hm-card').hidden"), "the map below was not asked"


def test_play_runs_to_the_end_and_stops(opened):
    opened.js("hazardmap.time.show(hazardmap.time.last - 30); document.querySelector('.hm-time-play').click()")
    assert opened.js("return document.querySelector('.hm-time-play').getAttribute('aria-label')") == "Stop playing"
    opened.until("return hazardmap.dayShown === hazardmap.time.last && !hazardmap.time.timer")
    assert opened.js("return document.querySelector('.hm-time-play').getAttribute('aria-label')") == "Play"


def test_play_is_off_where_less_motion_is_asked_for(chromium, saved):
    features = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    chromium.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        chromium.open(saved)
        assert chromium.js("return document.querySelector('.hm-time-play').disabled")
        assert "asks for less motion" in chromium.js("return document.querySelector('.hm-time').innerText")
    finally:
        chromium.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_on_a_phone_the_bar_is_as_wide_as_the_screen_and_covers_no_sentence(chromium, saved):
    chromium.size(390, 844, 2)
    chromium.open(saved)
    assert chromium.js("return document.documentElement.scrollWidth") <= 390
    bar, foot, legend = (
        chromium.js("return document.querySelector(arguments[0]).getBoundingClientRect().toJSON()", selector)
        for selector in (".hm-time", ".hm-foot", ".hm-legend")
    )
    assert bar["width"] == 390
    assert bar["bottom"] <= foot["top"]
    assert legend["bottom"] <= bar["top"]
    assert chromium.console() == []


def test_a_step_is_quick_at_five_thousand_shapes(chromium, tmp_path):
    """Grows with what is painted, not with what is stored: the index stands, rows are tested as they are painted."""
    from benchmarks.slider import drawn

    drawn(5_000).save(tmp_path / "many.html")
    chromium.open(tmp_path / "many.html")
    step = chromium.js("""const { time } = hazardmap, times = [];
        for (let i = 1; i < 9; i++) {
          const start = performance.now();
          time.show(time.first + Math.round(i / 9 * (time.last - time.first)));
          times.push(performance.now() - start);
        }
        return times.sort((a, b) => a - b)[4];""")
    assert step < 500  # milliseconds; about 20 measured
    assert chromium.console() == []


@pytest.mark.parametrize("more", [{"through_time": True}, {"audience": "public"}], ids=["time", "public"])
def test_hostile_text_stays_text(chromium, tmp_path, more):
    from test_maps_hostile import ALL, _poisoned

    records = _poisoned(ALL)
    records = replace(records, policy=replace(records.policy, public_cell_m=500.0))  # the district is a zone then
    hm.draw(records, on="2024-12-31", **more).save(tmp_path / "hostile.html")
    chromium.open(tmp_path / "hostile.html")
    chromium.view(47.0053, 40.0003, 17)
    if "through_time" in more:
        for day in ("2021-03-01", "2023-06-01", "2024-12-31"):
            _show(chromium, day)
            chromium.until("return Boolean(hazardmap.ready)")
    seen = chromium.click(47.0053, 40.0003)
    assert "{{ 7*191 }}" in seen
    assert chromium.js("return window.pwned === undefined")
    assert chromium.console() == []
    assert chromium.requests() == []
