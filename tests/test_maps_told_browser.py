"""What the map says of itself in a real browser: what is switched off, the day of a link, cards when the day moves, failures."""

import json

import folium
import pytest
from land import box, programme

import hazardmap as hm
from hazardmap import Policy
from hazardmap.maps import languages

pytestmark = pytest.mark.browser
OWN, THEN = "2024-12-31", "2022-06-10"
ENGLISH = languages.strings()["en"]


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    path = tmp_path_factory.mktemp("told") / "public.html"
    lying = programme(
        Policy(public_cell_m=2000),
        hazards=[{"geometry": box(0, 0, 1)}],
        releases=[{"geometry": box(9000, 0, 300), "hazard_ids": ()}],
        coverage=[{"geometry": box(-4000, -4000, 16_000)}],
    )
    hm.draw(lying, on=OWN, audience="public").save(path)
    return path


@pytest.fixture(scope="module")
def through_time(tmp_path_factory):
    path = tmp_path_factory.mktemp("told") / "time.html"
    hm.draw(hm.example(), on=OWN, through_time=True).save(path)
    return path


def _open(chromium, path, hash_=""):
    chromium.driver.get("about:blank")
    chromium.console(), chromium.requests()
    chromium.driver.get(path.resolve().as_uri() + hash_)
    chromium.until("return Boolean(window.hazardmap && (hazardmap.ready || hazardmap.failed))", 30)
    chromium.settle()


def _text(chromium, selector):
    return chromium.js("const e = document.querySelector(arguments[0]); return e ? e.innerText : ''", selector)


def _sheet(chromium):
    return chromium.js(
        "hazardmap.print.lay(); const t = document.querySelector('.hm-sheet-head').textContent; hazardmap.print.take(); return t"
    )


def _show(chromium, day):
    chromium.js("hazardmap.time.show(hazardmap.dayOf(arguments[0]))", day)
    chromium.settle()


def _at_rest(chromium):
    """What is slow to follow the day has followed; the link too."""
    chromium.driver.execute_async_script("setTimeout(arguments[0], 700)")


def _go(chromium, id_):
    chromium.js("hazardmap.go(hazardmap.records.find(hazardmap.data, 'hazards', arguments[0]))", id_)
    chromium.settle()


# What is switched off --------------------------------------------------------------------------------------------------


def test_a_public_map_without_its_zones_says_so(chromium, public):
    _open(chromium, public, "#10/40/47?off=zones")
    assert "Switched off: Ground, generalised." in _text(chromium, ".hm-heading")
    assert "Switched off: Ground, generalised." in _sheet(chromium)
    chromium.js("hazardmap.data.show('zones', true)")
    assert "Switched off" not in _text(chromium, ".hm-heading")
    chromium.js("document.querySelector('input[data-layer=zones]').click()")
    assert "Switched off: Ground, generalised." in _text(chromium, ".hm-heading")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_map_whose_hazard_layer_is_taken_away_says_so(chromium, tmp_path, language):
    chart = hm.draw(hm.example(), on=OWN, language=language)
    folium.LayerControl(collapsed=False).add_to(chart)
    chart.save(tmp_path / "m.html")
    _open(chromium, tmp_path / "m.html")
    said = languages.strings()[language]["filter.all_off"]
    assert said not in _text(chromium, ".hm-heading")
    chromium.js("document.querySelector('.leaflet-control-layers-overlays input').click()")
    assert not chromium.js("return hazardmap.map.hasLayer(hazardmap.data)")
    assert said in _text(chromium, ".hm-heading")
    assert said in _sheet(chromium)
    chromium.js("document.querySelector('.leaflet-control-layers-overlays input').click()")
    assert said not in _text(chromium, ".hm-heading")
    assert said not in _sheet(chromium)
    assert chromium.console() == []


def test_totals_of_a_public_map(chromium, public):
    _open(chromium, public)
    chromium.js("document.querySelector('.hm-tool-totals').click()")
    told = _text(chromium, ".hm-drawer-totals")
    assert "Nothing is shown here" not in told
    assert ENGLISH["zones.totals"] in told
    assert "≤ 1.00 ha" in told
    assert ENGLISH["sign.zones.confirmed_open"] in told
    assert "is not known to be free of explosive ordnance" in told
    chromium.js("document.querySelector('.hm-drawer-totals input[value=view]').click()")
    assert ENGLISH["zones.totals"] not in _text(chromium, ".hm-drawer-totals"), "those are of all zones"
    assert ENGLISH["sign.zones.confirmed_open"] in _text(chromium, ".hm-drawer-totals")
    chromium.js("hazardmap.data.show('zones', false)")
    assert "Switched off and not counted: Ground, generalised." in _text(chromium, ".hm-drawer-totals")


# Cards when the day moves ----------------------------------------------------------------------------------------------


def test_the_card_of_a_square_stays_that_of_the_square(chromium, through_time):
    _open(chromium, through_time)
    chromium.js(
        "const i = document.querySelector('.hm-typed'); i.focus(); i.value = hazardmap.grids.toMgrs(40.0004, 47.0053, 3);"
        " i.dispatchEvent(new Event('input', { bubbles: true }))"
    )
    chromium.until("return document.querySelector('.hm-option') !== null", 5)
    chromium.js("document.querySelector('.hm-option').click()")
    chromium.settle()
    assert "square of 100 m" in _text(chromium, ".hm-card h2")
    outline = "return document.querySelectorAll('.leaflet-overlay-pane path').length"
    before = chromium.js("return [hazardmap.map.getZoom(), hazardmap.map.getCenter().lat]"), chromium.js(outline)
    chromium.js("hazardmap.time.slider.focus()")
    _show(chromium, THEN)
    chromium.until("return document.querySelector('.hm-card').innerText.includes('State on 10 June 2022.')", 5)
    assert "square of 100 m" in _text(chromium, ".hm-card h2")
    after = chromium.js("return [hazardmap.map.getZoom(), hazardmap.map.getCenter().lat]"), chromium.js(outline)
    assert after == before, "the map stays, and the square is drawn once"
    assert chromium.js("return document.activeElement === hazardmap.time.slider")


@pytest.mark.parametrize("covered", [False, True], ids=["open", "behind a panel"])
def test_the_card_of_a_record_closes_with_its_outline_when_the_day_moves(chromium, through_time, covered):
    _open(chromium, through_time)
    _go(chromium, "H-003")
    _at_rest(chromium)
    outline = "return document.querySelectorAll('.leaflet-overlay-pane path').length"
    assert chromium.js(outline) == 1
    assert "select=hazards,H-003" in chromium.js("return location.hash")
    if covered:
        chromium.js("document.querySelector('.hm-tool-totals').click()")
    chromium.js("hazardmap.time.slider.focus()")
    _show(chromium, THEN)
    _at_rest(chromium)
    assert chromium.js("return document.querySelector('.hm-card').hidden")
    assert chromium.js(outline) == 0
    assert "select=" not in chromium.js("return location.hash")
    assert chromium.js("return document.activeElement === hazardmap.time.slider"), "the slider keeps the keys"


# The day of a link -----------------------------------------------------------------------------------------------------


def test_a_link_holds_the_day(chromium, through_time):
    _open(chromium, through_time)
    _show(chromium, THEN)
    _at_rest(chromium)
    hash_ = chromium.js("return location.hash")
    assert "day=2022-06-10" in hash_
    assert "day=2022-06-10" in chromium.js("return hazardmap.linked.address()")
    _open(chromium, through_time, hash_)
    assert "10 June 2022" in _text(chromium, ".hm-heading .hm-day")
    assert chromium.js("return [hazardmap.dayShown, hazardmap.isoOf(hazardmap.time.slider.valueAsNumber)]") == [
        chromium.js("return hazardmap.dayOf('2022-06-10')"),
        THEN,
    ]
    _open(chromium, through_time, hash_ + "&select=hazards,H-003")
    _at_rest(chromium)
    assert "State on 10 June 2022." in _text(chromium, ".hm-card"), "the day comes before the record"


@pytest.mark.parametrize(
    "day",
    [
        "2022-02-31",
        "2022-6-1",
        "+012022-06-01",
        "20220610",
        "1e9",
        "",
        "NaN",
        "%3Cimg%20src=x%20onerror=alert(1)%3E",
        "%E0%A4%A",
        "2022-06-10%0A",
        "2022-13-01",
        "__proto__",
    ],
)
def test_a_day_that_is_none_changes_nothing(chromium, through_time, day):
    _open(chromium, through_time, f"#15/40/47?day={day}")
    assert "31 December 2024" in _text(chromium, ".hm-heading .hm-day")
    assert chromium.js("return hazardmap.failed") is None
    assert chromium.console() == []


@pytest.mark.parametrize(("day", "end"), [("0001-01-01", "first"), ("9999-12-31", "last")])
def test_a_day_beyond_the_map_is_its_nearest(chromium, through_time, day, end):
    _open(chromium, through_time, f"#15/40/47?day={day}")
    assert chromium.js("return hazardmap.time.day === hazardmap.time[arguments[0]]", end)


def test_a_map_of_one_day_takes_no_day_from_a_link(chromium, tmp_path):
    hm.draw(hm.example(), on=OWN).save(tmp_path / "m.html")
    _open(chromium, tmp_path / "m.html", "#15/40/47?day=2021-06-01")
    assert "31 December 2024" in _text(chromium, ".hm-heading .hm-day")
    assert "day=" not in chromium.js("return hazardmap.linked.address()")


# Failures, and the chosen records --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "ar", "uk"])
def test_reasons_are_told_in_the_language_and_in_english(chromium, tmp_path, language):
    hm.draw(hm.example(), on=OWN, language=language).save(tmp_path / "m.html")
    text = (tmp_path / "m.html").read_text(encoding="utf-8")
    own = languages.strings()[language]
    _open(chromium, tmp_path / "m.html")
    said = "return document.getElementById('hazardmap-notice').innerText"
    chromium.js(
        "hazardmap.data.paint = () => { throw new Error('x < y'); }; hazardmap.data.repaint()",
    )
    assert own["start.failed"].format(what=own["fail.painted"].format(what="x < y")) in chromium.js(said)
    assert "The map is not complete: a part of it could not be painted (x < y)." in chromium.js(said)
    chromium.js("hazardmap.sheet.frameOf = () => { throw new Error('x'); }; dispatchEvent(new Event('beforeprint'))")
    assert own["fail.print"].format(what="x") in chromium.js(said)
    assert "could not be laid out for print (x)" in chromium.js(said)
    (tmp_path / "gone.html").write_text(
        text.replace('data-name="hazards/polygon/0"', 'data-name="gone"', 1), encoding="utf-8"
    )
    _open(chromium, tmp_path / "gone.html")
    assert own["fail.part_missing"].format(name="hazards/polygon/0") in chromium.js(said)
    (tmp_path / "short.html").write_text(text.replace('"expected":', '"expected":1,"was":', 1), encoding="utf-8")
    _open(chromium, tmp_path / "short.html")
    drawn = chromium.js("return hazardmap.drawn")
    assert drawn > 1
    assert own["fail.features"].format(drawn=drawn, expected=1) in chromium.js(said)
    assert f"only {drawn} of 1 features are drawn" in chromium.js(said)


def test_the_chosen_record_is_saved_alone(chromium, through_time):
    _open(chromium, through_time)
    open_saving = "document.querySelector('.hm-tool-saving').click()"
    choice = ".hm-drawer-saving input[value=chosen]"
    chromium.js(open_saving)
    assert chromium.js("return document.querySelector(arguments[0]) === null", choice)
    _go(chromium, "H-003")
    chromium.js(open_saving)
    chromium.js("document.querySelector(arguments[0]).click()", choice)
    buttons = "const b = [...document.querySelectorAll('.hm-drawer-saving .hm-actions button')];"
    told = []
    for at in (0, 1):
        chromium.js(buttons + "b[arguments[0]].click()", at)
        told.append(
            chromium.driver.execute_async_script("hazardmap.saved.blob.text().then(arguments[arguments.length - 1])")
        )
    made = json.loads(told[0])
    assert [f["properties"]["hazard_id"] for f in made["features"]] == ["H-003"]
    assert made["hazardmap"]["part"] == "records that were chosen"
    assert made["hazardmap"]["disclaimer"] == hm.words.DISCLAIMER
    lines = told[1].strip().split("\r\n")
    assert len(lines) == 2
    assert "H-003" in lines[1]
    _show(chromium, THEN)
    _at_rest(chromium)
    assert chromium.js("return document.querySelector(arguments[0]) === null", choice), (
        "it may not be there on that day"
    )
