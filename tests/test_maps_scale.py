"""Large maps: packed block by block while the page is written, decoded by workers, shown while they are read."""

import resource
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import hazardmap as hm
from hazardmap import measure, tables
from hazardmap.errors import GeometryError
from hazardmap.maps import HazardMap, packing, page
from hazardmap.maps.scene import Scene, gather
from hazardmap.maps.symbols import SYMBOLS

ON = "2024-12-31"


def many(count, corners=12, **columns):
    """Stars in a country, half of them confirmed."""
    rng = np.random.default_rng(5)
    centre = np.column_stack([rng.uniform(46, 48, count), rng.uniform(39, 41, count)])
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = rng.uniform(0.0005, 0.002, (count, 1))
    rings = centre[:, None, :] + reach[:, :, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    states = np.where(np.arange(count) % 2 == 0, "confirmed_open", "cleared")
    facts = {"state": states, "symbol": states, "why": [f"G-{i}" for i in range(count)], "area_m2": 1.0, "depth_m": 0.2}
    return gpd.GeoDataFrame({**facts, **columns}, geometry=shapely.polygons(rings), crs=measure.STORED_CRS)


def scene_of(ground):
    frames = {
        n: tables.empty(n).assign(symbol="") for n in SYMBOLS if n not in {"ground", "hazards", "verdicts", "zones"}
    }
    day = pd.Timestamp(ON).date()
    return Scene(
        name="Many", on=day, as_of=day, sources="made up", fictitious=True, unplaced=pd.DataFrame({"hazard_id": []}),
        frames={**frames, "ground": ground, "hazards": ground.iloc[:0].assign(hazard_id="", symbol="open")},
    )  # fmt: skip


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A page of 5 blocks, large enough for workers."""
    path = tmp_path_factory.mktemp("large") / "m.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "FEATURES_PER_BLOCK", 4_000)
        HazardMap(scene_of(many(20_000))).save(path)
    return path


def test_blocks_are_bounded_by_points_as_well(monkeypatch):
    monkeypatch.setattr(packing, "POINTS_PER_BLOCK", 100)
    squares = gpd.GeoSeries([shapely.box(i, 0, i + 0.5, 1) for i in range(50)], crs=4326)  # 5 points each
    blocks = packing.blocks(squares, "polygon", {})
    assert blocks.counts == [20, 20, 10]
    assert blocks.points == [100, 100, 50]
    assert [len(packing.unpack(block)) for block in blocks] == [20, 20, 10]
    circle = gpd.GeoSeries([shapely.Point(0, 0).buffer(1, quad_segs=64), shapely.box(2, 2, 3, 3)], crs=4326)
    assert packing.blocks(circle, "polygon", {}).counts == [1, 1]  # one that is larger than a block is one block


def test_a_block_is_packed_when_it_is_asked_for_and_not_before(monkeypatch):
    packed = []
    inner = packing._block
    monkeypatch.setattr(packing, "_block", lambda *a: packed.append(1) or inner(*a))
    chart = HazardMap(gather(hm.example(), on=ON))
    assert packed == []
    names = list(chart.data.blocks)
    assert chart.data.blocks[names[0]]
    assert len(packed) == 1


def test_no_more_than_two_blocks_wait_at_a_time():
    asked = []

    class Watched(dict):
        def __getitem__(self, name):
            asked.append(name)
            return b"x"

    pieces = page._ahead(Watched({str(i): b"" for i in range(9)}))
    for read, (name, block) in enumerate(pieces, start=1):
        assert (name, block) == (str(read - 1), b"x")
        assert len(asked) <= read + page._PACKERS - 1
    assert asked == [str(i) for i in range(9)]


def test_what_cannot_be_drawn_is_refused_before_the_page_is_begun():
    ground = many(3)
    ground.loc[1, "geometry"] = shapely.Point(47, 40)
    ground.loc[2, "geometry"] = shapely.box(46, 89, 47, 89.5)
    with pytest.raises(GeometryError, match="1 features with a place beyond the map"):
        HazardMap(scene_of(ground))


@pytest.mark.parametrize("turn", [False, True])
def test_rings_are_turned_one_way_whichever_way_they_came(turn):
    shell = shapely.box(46, 39, 46.01, 39.01)
    hole = [(46.002, 39.002), (46.002, 39.004), (46.004, 39.004), (46.004, 39.002)]
    shape = shapely.Polygon(shell.exterior.coords, [hole])
    shape = shapely.Polygon(shape.exterior.coords[::-1], [hole[::-1]]) if turn else shape
    other = shapely.Polygon([(47, 40), (47, 40.1), (47.1, 40.1)])  # clockwise
    back = [packing.unpack(b) for b in packing.blocks(gpd.GeoSeries([shape, other], crs=4326), "polygon", {})]
    areas = sorted(shapely.area(back[0].geometry.to_numpy()))
    assert areas == pytest.approx(sorted([shape.area, other.area]), rel=1e-3)


def test_an_empty_part_of_a_shape_takes_nothing_away():
    shape = shapely.MultiPolygon([shapely.box(46, 39, 47, 40), shapely.Polygon()])
    back = packing.unpack(packing.blocks(gpd.GeoSeries([shape], crs=4326), "polygon", {})[0])
    assert shapely.area(back.geometry.to_numpy()) == pytest.approx([1], rel=1e-5)


def test_saving_takes_less_memory_than_half_the_table(tmp_path):
    """The bound is 1.5 × the table at a million; here the libraries weigh more, so only what saving adds is held."""
    script = (
        "import resource, sys; sys.path.insert(0, sys.argv[1]); import test_maps_scale as t\n"
        "from hazardmap.maps import HazardMap, page\n"
        "HazardMap(t.scene_of(t.many(10))).save(sys.argv[2]); scene = t.scene_of(t.many(200_000, 36))\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "before = peak(); HazardMap(scene).save(sys.argv[2]); print(peak() - before)"
    )
    command = [sys.executable, "-c", script, str(Path(__file__).parent), str(tmp_path / "m.html")]
    added = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])
    # 200,000 × 37 positions are 118 MB; a page in one piece would be 28 MB of base64 beside 21 MB of blocks, each twice.
    assert added < 260, f"{added:.0f} MB"
    assert resource.RLIMIT_AS  # the module is there: this is no Windows


@pytest.mark.browser
def test_workers_decode_what_is_large(chromium, large):
    chromium.open(large)
    assert chromium.js("return [hazardmap.drawn, hazardmap.expected, hazardmap.failed]") == [20_000, 20_000, None]
    assert chromium.js("return hazardmap.workers") >= 1
    assert chromium.console() == []
    assert chromium.requests() == []
    assert (
        chromium.js("return [...document.querySelectorAll('script[data-name^=ground]')].map((e) => e.textContent)")
        == [""] * 5
    )
    places = "return hazardmap.data.layers.find((l) => l.layer === 'ground').blocks.map((b) => b.place)"
    assert chromium.js(places) == [0, 1, 2, 3, 4]


REFUSALS = {
    "none": "delete window.Worker",
    "thrown": "window.Worker = function () { throw new DOMException('no', 'SecurityError'); }",
    "error": "window.Worker = function () { setTimeout(() => this.onerror({ preventDefault() {} })); this.terminate = () => {}; }",
    "lost": (
        "const Real = Worker; window.Worker = class extends Real { postMessage() { setTimeout(() => this.onerror("
        "{ preventDefault() {} })); } }"
    ),
}


@pytest.mark.browser
@pytest.mark.parametrize("how", REFUSALS)
def test_where_workers_are_refused_the_page_decodes_by_itself(chromium, large, how):
    added = chromium.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": REFUSALS[how]})
    try:
        chromium.open(large)
        assert chromium.js("return [hazardmap.ready, hazardmap.drawn, hazardmap.failed]") == [True, 20_000, None]
        if how != "lost":
            assert chromium.js("return hazardmap.workers") == 0
    finally:
        chromium.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


@pytest.mark.browser
def test_a_worker_may_come_from_a_blob_only(chromium, large):
    chromium.open(large)
    ran = chromium.driver.execute_async_script("""
        const done = arguments[0], worker = new Worker('data:text/javascript,postMessage(1)');
        worker.onmessage = () => done('it ran'); worker.onerror = () => done('refused');""")
    assert ran == "refused"
    assert any("worker-src" in line for line in chromium.console())


@pytest.mark.browser
def test_a_block_damaged_on_its_way_to_a_worker_is_told(chromium, large, tmp_path):
    text = large.read_text(encoding="utf-8")
    at = text.index('data-name="ground/polygon/2">') + 500
    path = tmp_path / "damaged.html"
    path.write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :], encoding="utf-8")
    chromium.open(path)
    assert chromium.js("return [hazardmap.ready, Boolean(hazardmap.failed)]") == [False, True]
    assert "The map is not complete" in chromium.js("return document.getElementById('hazardmap-notice').innerText")
    assert chromium.js("return document.querySelector('.hm-drawn').classList.contains('hm-bad')")


@pytest.mark.browser
def test_the_map_says_what_is_missing_while_it_is_read(chromium, large):
    watch = """
        window.told = [];
        document.addEventListener('DOMContentLoaded', () => {
          const look = () => {
            const notice = document.getElementById('hazardmap-notice'), line = notice.querySelector('.hm-wait');
            const drawn = document.querySelector('.hm-drawn');
            if (drawn) told.push([drawn.textContent, notice.style.display !== 'none' ? line.textContent : '', hazardmap.ready]);
          };
          new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
        });"""
    added = chromium.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": watch})
    try:
        chromium.open(large)
        told = chromium.js("return told")
    finally:
        chromium.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    between = [row for row in told if "of 20,000" in row[0] and not row[0].startswith("20,000")]
    assert between, told
    assert all(row[0].startswith("Reading the data … ") for row in between)
    assert all("The map is not complete yet" in row[1] and not row[2] for row in between)
    assert told[-1][0] == "20,000 of 20,000 features drawn."
    assert told[-1][1] == ""


@pytest.mark.browser
def test_many_features_in_a_notebook_are_decoded_by_workers_too(chromium, tmp_path):
    path = tmp_path / "notebook.html"
    shown = HazardMap(scene_of(many(12_000)))._repr_html_()
    path.write_text("<!doctype html><meta charset=utf-8>" + shown, encoding="utf-8")
    chromium.open(path, wait=False)
    inner = "const w = document.querySelector('iframe')?.contentWindow.hazardmap; return w && w.ready && [w.drawn, w.workers]"
    drawn, workers = chromium.until(inner, 30)
    assert drawn == 12_000
    assert workers >= 1
    assert chromium.console() == []
    assert chromium.requests() == []


@pytest.mark.browser
def test_without_scripts_the_page_says_so(chromium, large):
    chromium.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        chromium.open(large, wait=False)
        tree = chromium.driver.execute_cdp_cmd("DOM.getDocument", {"depth": 1})["root"]["nodeId"]
        found = chromium.driver.execute_cdp_cmd("DOM.querySelector", {"nodeId": tree, "selector": "noscript p"})[
            "nodeId"
        ]
        text = chromium.driver.execute_cdp_cmd("DOM.getOuterHTML", {"nodeId": found})["outerHTML"]
        box = chromium.driver.execute_cdp_cmd("DOM.getBoxModel", {"nodeId": found})["model"]
    finally:
        chromium.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert "This map needs JavaScript" in text
    assert "says nothing about the land" in text
    assert box["height"] > 10, "it is seen"


@pytest.mark.browser
def test_a_browser_that_is_too_old_is_told_so(chromium, large):
    script = {"source": "delete window.Path2D"}
    added = chromium.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", script)
    try:
        chromium.open(large)
        seen = chromium.js("return document.getElementById('hazardmap-notice').innerText")
    finally:
        chromium.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    assert "The map is not complete" in seen
    assert "Open the file in a current Firefox, Chrome, Edge or Safari" in seen
