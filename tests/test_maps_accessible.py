"""The map for everybody: no serious fault that axe-core finds, all by keyboard, nothing cut off at twice the size."""

import time
from pathlib import Path

import pytest
from answering import answers_for, place
from land import demo_programme

import hazardmap as hm

pytestmark = pytest.mark.browser
AXE = Path(__file__).parent / "browser" / "axe.min.js"
VERDICTS = ["released", "suspected_hazard", "confirmed_hazard", "release_in_question", "partly_released", "no_record"]
DESKTOP, PHONE, SMALL_PHONE, ENLARGED = (1400, 900), (390, 844), (360, 640), (700, 450)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    programme = demo_programme()
    path = tmp_path_factory.mktemp("accessible") / "demo.html"
    plots = programme.plots
    answers = answers_for(plots, (VERDICTS * len(plots))[: len(plots)], on=str(programme.as_of))
    hm.draw(programme, on=programme.as_of, answers=answers).save(path)
    return path


@pytest.fixture(scope="module")
def timed(tmp_path_factory):
    programme = demo_programme()
    path = tmp_path_factory.mktemp("accessible") / "time.html"
    hm.draw(programme, on=programme.as_of, through_time=True).save(path)
    return path


@pytest.fixture
def page(request):
    """One of the two maps: of a day with verdicts, or through time."""
    return request.getfixturevalue(request.param)


def _faults(chromium, state):
    chromium.driver.execute_cdp_cmd(
        "Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8"), "returnByValue": False}
    )
    chromium.driver.set_script_timeout(60)
    found = chromium.driver.execute_async_script(
        "const done = arguments[0]; axe.run(document, { resultTypes: ['violations'] }).then((r) => done(r.violations.map("
        "(v) => [v.impact, v.id, v.nodes.slice(0, 3).map((n) => n.target.join(' '))])));"
    )
    return [(state, *fault) for fault in found if fault[0] in {"serious", "critical"}]


def _key(chromium, key, **more):
    code = {"Enter": 13, "Escape": 27, "Tab": 9, " ": 32, "ArrowDown": 40}[key]
    text = {"text": "\r"} if key == "Enter" else {"text": " "} if key == " " else {}
    about = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code, **more}
    chromium.driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyDown", **about, **text})
    chromium.driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyUp", **about})


@pytest.mark.parametrize(
    ("page", "language", "size"),
    [
        ("saved", "en", DESKTOP),
        ("saved", "ar", DESKTOP),
        ("saved", "en", PHONE),
        ("saved", "ar", PHONE),
        ("timed", "en", DESKTOP),
        ("timed", "ar", PHONE),
    ],
    indirect=["page"],
)
def test_axe_finds_no_serious_fault(chromium, page, language, size):
    chromium.size(*size)
    chromium.open(page)
    chromium.js("hazardmap.speak(arguments[0])", language)
    chromium.settle()
    faults = _faults(chromium, "as it opens")
    chromium.js("const b = document.querySelector('.hm-legend-button'); b.click();")
    faults += _faults(chromium, "legend the other way")
    chromium.view(46.985, 39.985, 14)
    chromium.js(
        "hazardmap.ask(L.latLng(39.985, 46.98)); document.querySelectorAll('details').forEach((d) => { d.open = true; })"
    )
    chromium.settle()
    faults += _faults(chromium, "card")
    for tool in chromium.js(
        "return [...document.querySelectorAll('.hm-tool')].map((b) => b.className.match(/hm-tool-(\\w+)/)[1])"
    ):
        chromium.js("document.querySelector('.hm-tool-' + arguments[0]).click()", tool)
        chromium.settle()
        faults += _faults(chromium, tool)
        chromium.js(
            "const b = document.querySelector('.hm-tool-' + arguments[0]); if (b.getAttribute('aria-expanded') === 'true' || b.getAttribute('aria-pressed') === 'true') b.click()",
            tool,
        )
    chromium.js(
        "const i = document.querySelector('.hm-typed'); i.focus(); i.value = 'p'; i.dispatchEvent(new Event('input'))"
    )
    chromium.settle()
    faults += _faults(chromium, "search")
    assert faults == []


def test_axe_finds_a_fault_that_is_there(chromium, saved):
    chromium.open(saved)
    chromium.js(
        "document.querySelector('.hm-tool').removeAttribute('aria-label'); document.querySelector('.hm-tool').removeAttribute('title')"
    )
    assert any(fault[2] == "button-name" for fault in _faults(chromium, "broken on purpose"))


@pytest.mark.parametrize("page", ["saved", "timed"], indirect=True)
def test_every_control_is_reached_by_tab_and_seen(chromium, page):
    """Whatever can be pressed, ticked or typed in is met on the way, in an order, and shows that it has the focus."""
    chromium.open(page)
    chromium.js("document.querySelectorAll('details').forEach((d) => { d.open = true; }); document.body.focus()")
    wanted = set(
        chromium.js(
            """let i = 0;
            return [...document.querySelectorAll('.folium-map :is(button, input, select, summary, a[href], [tabindex="0"])')]
              .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled)
              .map((e) => { e.dataset.met = 'e' + i++; return e.dataset.met; });"""
        )
    )
    assert len(wanted) > 20
    met, unseen = [], []
    for _ in range(len(wanted) + 12):
        _key(chromium, "Tab")
        time.sleep(0.01)
        name, seen, inside = chromium.js(
            """const e = document.activeElement, style = getComputedStyle(e), box = e.closest('.hm-search') || e;
            const outline = [style, getComputedStyle(box)].some((s) => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2);
            const r = e.getBoundingClientRect();
            return [e.dataset.met || null, outline, r.right > 0 && r.bottom > 0 && r.left < innerWidth && r.top < innerHeight];"""
        )
        if name:
            met.append(name)
            if not (seen and inside):
                unseen.append(name)
    assert wanted <= set(met), chromium.js(
        "return arguments[0].map((n) => document.querySelector(`[data-met=${n}]`).outerHTML.slice(0, 120))",
        sorted(wanted - set(met)),
    )
    assert unseen == [], chromium.js(
        "return arguments[0].map((n) => document.querySelector(`[data-met=${n}]`).outerHTML.slice(0, 120))", unseen
    )


def test_the_map_is_worked_without_a_mouse(chromium, saved):
    chromium.open(saved)
    chromium.view(46.985, 39.985, 14)
    chromium.js("hazardmap.map.getContainer().focus()")
    before = chromium.js("return hazardmap.map.getCenter().lat")
    _key(chromium, "ArrowDown")
    chromium.until(f"return hazardmap.map.getCenter().lat < {before} - 1e-4")
    _key(chromium, "Enter")
    chromium.until("return !document.querySelector('.hm-card').hidden")
    assert chromium.js("return document.activeElement.classList.contains('hm-card')")
    _key(chromium, "Escape")
    assert chromium.until("return document.querySelector('.hm-card').hidden")
    assert chromium.js("return document.activeElement === hazardmap.map.getContainer()")
    for tool in ("choices", "print"):
        chromium.js("document.querySelector('.hm-tool-' + arguments[0]).focus()", tool)
        _key(chromium, "Enter")
        assert chromium.js("return document.activeElement.closest('.hm-panel') !== null")
        _key(chromium, "Escape")
        assert chromium.js("return document.activeElement.className").endswith("hm-tool-" + tool)


def test_what_changes_is_told_to_a_screen_reader(chromium, saved):
    chromium.open(saved)
    live = chromium.js(
        "return [...document.querySelectorAll('[role=status], [aria-live]')].map((e) => e.className || e.id)"
    )
    assert {"hm-drawn", "hm-hidden", "hm-count"} <= {name.split()[0] for name in live if name}
    named = chromium.js(
        "return [...document.querySelectorAll('.folium-map :is([role=dialog], [role=search], [role=toolbar], [role=main], aside)')]"
        ".concat([document.querySelector('.folium-map')]).map((e) => [e.className.slice(0, 20), e.getAttribute('aria-label') || e.querySelector('[aria-label]')?.getAttribute('aria-label')])"
    )
    assert all(label for _, label in named), named
    assert chromium.js("return document.querySelector('.folium-map').getAttribute('role')") == "main"


@pytest.mark.parametrize("page", ["saved", "timed"], indirect=True)
@pytest.mark.parametrize("size", [DESKTOP, PHONE, SMALL_PHONE], ids=["desktop", "phone", "small"])
def test_everything_that_is_touched_is_large_enough(chromium, page, size):
    chromium.size(*size)
    chromium.open(page)
    if size != DESKTOP:
        chromium.js("document.querySelector('.hm-legend-button').click()")
    chromium.js("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    small = chromium.js(
        """return [...document.querySelectorAll('.folium-map :is(button, input, select, summary, a[href])')]
          .filter((e) => e.checkVisibility({ visibilityProperty: true }))
          .map((e) => { const box = (e.closest('label') || e).getBoundingClientRect(); return [e.className || e.outerHTML.slice(0, 60), box.width, box.height]; })
          .filter(([, width, height]) => width < 24 || height < 24);"""
    )
    assert small == []


@pytest.mark.parametrize(
    ("page", "language"),
    [("saved", "en"), ("saved", "ar"), ("saved", "ru"), ("timed", "en"), ("timed", "ar"), ("timed", "ru")],
    indirect=["page"],
)
@pytest.mark.parametrize("size", [ENLARGED, PHONE, SMALL_PHONE], ids=["enlarged", "phone", "small"])
def test_nothing_is_cut_off_or_covered(chromium, page, language, size):
    """700 × 450 is 1400 × 900 at 200 %. Each panel lies inside the window when it is open and what is pressed can be pressed."""
    chromium.size(*size)
    chromium.open(page)
    chromium.js("hazardmap.speak(arguments[0])", language)
    chromium.settle()
    chromium.settle()
    width, height = size

    def inside(selector, *, scrolls=False):
        box = chromium.js(
            "const e = document.querySelector(arguments[0]), b = e.getBoundingClientRect();"
            " return [b.left, b.top, b.right, b.bottom, e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight]",
            selector,
        )
        assert box[0] >= -0.5, (selector, box)
        assert box[1] >= -0.5, (selector, box)
        assert box[2] <= width + 0.5, (selector, box)
        assert box[3] <= height + 0.5, (selector, box)
        assert box[4] <= 1, (selector, box)
        assert scrolls or box[5] <= 1, (selector, box)
        assert box[3] - box[1] > 20, (selector, box)

    def on_top(selector):
        return chromium.js(
            "const e = document.querySelector(arguments[0]), b = e.getBoundingClientRect();"
            " const f = document.elementFromPoint((b.left + b.right) / 2, (b.top + b.bottom) / 2); return f === e || e.contains(f)",
            selector,
        )

    assert chromium.js("return document.documentElement.scrollWidth") <= width
    for selector in (".hm-banner", ".hm-heading", ".hm-foot"):
        inside(selector)
    tools = chromium.js(
        "return [...document.querySelectorAll('.hm-tool')].map((b) => '.hm-tool-' + b.className.match(/hm-tool-(\\w+)/)[1])"
    )
    assert len(tools) >= 2
    controls = (".hm-legend-button", ".leaflet-control-zoom-in", ".leaflet-control-zoom-out", ".hm-typed", *tools)
    slider = (".hm-time-play", ".hm-time-slider") if chromium.js("return Boolean(hazardmap.manifest.time)") else ()
    for selector in (*controls, *slider):
        assert on_top(selector), selector
    foot = chromium.js("return document.querySelector('.hm-foot').getBoundingClientRect().top")
    assert (
        chromium.js("return document.querySelector('.leaflet-control-scale').getBoundingClientRect().bottom")
        <= foot + 0.5
    )
    chromium.js("document.querySelector('.hm-legend-button').click()")
    chromium.settle()
    inside(".hm-legend")
    inside(".hm-legend-body", scrolls=True)
    assert on_top(".hm-legend-button")
    chromium.js("document.querySelector('.hm-legend-button').click()")
    for tool in ("choices", "print"):
        chromium.js("document.querySelector('.hm-tool-' + arguments[0]).click()", tool)
        chromium.settle()
        inside(".hm-panel-" + tool, scrolls=True)
        assert on_top(f".hm-panel-{tool} select")
        chromium.js("document.querySelector('.hm-tool-' + arguments[0]).click()", tool)
    chromium.view(46.985, 39.985, 14)
    chromium.js("hazardmap.ask(L.latLng(39.985, 46.98))")
    chromium.settle()
    inside(".hm-card", scrolls=True)
    assert on_top(".hm-close")
    tall = chromium.js("const b = document.querySelector('.hm-card').getBoundingClientRect(); return b.bottom - b.top")
    assert tall >= 120, "room to read"


def test_less_motion_is_respected(chromium, saved):
    chromium.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    )
    try:
        chromium.open(saved)
        moving = chromium.js(
            "return [...document.querySelectorAll('.folium-map *')].filter((e) => { const s = getComputedStyle(e);"
            " return parseFloat(s.transitionDuration) > 0 || parseFloat(s.animationDuration) > 0; }).length"
        )
        assert moving == 0
    finally:
        chromium.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_forced_colours_leave_the_signs_alone(chromium, saved):
    chromium.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "forced-colors", "value": "active"}]}
    )
    try:
        chromium.open(saved)
        look = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
        assert chromium.js(look, ".hm-swatch", "forcedColorAdjust") == "none"
        assert chromium.js(look, ".hm-legend", "borderTopStyle") == "solid"
        assert chromium.js(look, ".hm-toolbar", "borderTopWidth") == "1px"
    finally:
        chromium.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_plot_is_read_by_name_when_it_is_chosen(chromium, saved):
    chromium.open(saved)
    assert chromium.js("return document.querySelector('.hm-card').getAttribute('role')") == "dialog"
    chromium.view(*place(50), 17)
    chromium.js("hazardmap.ask(hazardmap.map.getCenter())")
    assert chromium.js("return document.querySelector('.hm-card').getAttribute('aria-label')") == "What lies here"
