"""Text of the data is hostile: no payload is run by Python or by the browser, and each is shown as it was written."""

import re
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest

import hazardmap as hm
from hazardmap import tables
from hazardmap.maps import HazardMap, draw
from hazardmap.maps.attributes import LAYERS
from hazardmap.maps.scene import gather

ON = "2024-12-31"
PAYLOADS = (
    "{{ 7*191 }}",
    "{% print 7*191 %}",
    "100 {% off",
    "a{# gone #}b",
    "{{ this.__init__.__globals__['__builtins__']['open']('pwned.txt','w') }}",
    "<img src=x onerror=\"window.pwned='img'\">",
    "</script><script>window.pwned='script'</script>",
    "</title><script>window.pwned='title'</script>",
    "<!--<script>",
    "${window.pwned='template'}",
    "`;window.pwned='tick';`",
    "'\";window.pwned='quote';//",
    "C:\\u0zz\\x1",
    "<svg onload=window.pwned='svg'>",
    "javascript:window.pwned='url'",
    "]]>&lt;b&gt;&amp;",
    "Ağdərə \u2028\u2029 \u202e فض",
    "@policy@",
)
ALL = " ¦ ".join(PAYLOADS)


def _seen(text):
    """The text as an id may hold it: invisible characters in ids are faults (the quarantined hazard keeps them)."""
    return "".join(c for c in text if c not in "\u2028\u2029\u202e")


def _poisoned(text):
    """The example with the text in every text column of every table, in new columns named so, and in the programme."""
    programme = hm.example()
    changed = {}
    for name, schema in tables.TABLES.items():
        if name == "history":
            continue
        frame = programme.table(name).copy()
        if name == "context":
            frame = tables.canonical(
                gpd.GeoDataFrame(
                    {"kind": [text], "name": [text]}, geometry=gpd.points_from_xy([47.002], [40.003]), crs=4326
                ),
                name,
            )
        for column in schema.columns:
            if column.kind == "text" and column.name != "quarantined":
                frame[column.name] = pd.Series([text] * len(frame), index=frame.index, dtype="str")
            elif column.name == "aliases":
                frame[column.name] = pd.Series([(text,)] * len(frame), index=frame.index)
        frame[text] = text
        changed[name] = frame
    hazards = changed["hazards"]
    third = hazards["hazard_id"].eq("H-003")
    changed["hazards"] = hazards.assign(
        hazard_id=hazards["hazard_id"].mask(third, "H-003 " + text),
        quarantined=hazards["quarantined"].mask(third, text),
    )
    for name, key in (
        ("plots", "plot_id"),
        ("districts", "district_id"),
        ("finds", "find_id"),
        ("releases", "release_id"),
    ):
        changed[name][key] = changed[name][key] + " " + _seen(text)
    return replace(programme, name=text, sources=text, **changed)


@pytest.fixture(scope="module")
def lying():
    return gather(hm.example(), on=ON)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile") / "map.html"
    draw(_poisoned(ALL), on=ON).save(path)
    return path


def test_python_runs_nothing(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw(_poisoned(ALL), on=ON, title=ALL).get_root().render()
    assert not list(tmp_path.iterdir())
    assert "1337" not in page.read_text(encoding="utf-8").split("<body>")[1].split("<script")[0]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_each_payload_alone_is_rendered(lying, payload):
    found = lying.frames["hazards"].assign(name=payload, source=payload)
    alone = replace(lying, name=payload, sources=payload, frames={**lying.frames, "hazards": found})
    assert HazardMap(alone).get_root().render().endswith("</html>\n")


@pytest.mark.browser
def test_nothing_runs_and_all_is_shown_verbatim(chromium, page):
    chromium.open(page)
    chromium.view(47.0053, 40.0003, 18)
    chromium.click(47.0053, 40.0003)
    told = chromium.js(
        "return [...document.querySelectorAll('.hm-card dd, .hm-card .hm-title')].map((e) => e.textContent)"
    )
    assert "H-003 " + ALL in told
    assert "P-C " + _seen(ALL) in told
    assert told.count(ALL) >= 10
    assert chromium.js("return document.querySelector('.hm-heading h1').textContent") == ALL
    assert chromium.js("return document.querySelector('.hm-source').textContent") == "Source: " + ALL
    assert chromium.js("return document.title") == re.sub(r"[ \t\n\f\r]+", " ", ALL)
    x, y = chromium.screen(47.0053, 40.0003)
    chromium.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, "y": y})
    chromium.js("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    chromium.settle()
    assert chromium.js("return window.pwned === undefined")
    assert chromium.console() == []
    assert chromium.requests() == []
    assert (
        chromium.js("return document.querySelectorAll(':is(.hm-paper, .hm-foot) :is(img, script, svg, b, a)').length")
        == 0
    )


@pytest.mark.browser
def test_every_layer_tells_its_text_verbatim(chromium, page):
    chromium.open(page)
    chromium.js("hazardmap.ask(L.latLng(40.003, 47.002))")
    for layer in sorted(set(LAYERS) - {"ground", "verdicts", "zones"}):  # verdicts: tests/test_maps_verdicts_browser.py
        told = chromium.js(
            """const layer = hazardmap.data.layers.find((l) => l.layer === arguments[0]);
            const hits = layer.blocks.map((block) => ({ layer, block, feature: 0, sign: block.signAt('symbol', 0) }));
            const card = new hazardmap.Card(document.body, hazardmap.manifest, () => {});
            card.open(hits, L.latLng(0, 0));
            const text = [...card.element.querySelectorAll('dd, .hm-title')].map((e) => e.textContent);
            card.element.remove();
            return text;""",
            layer,
        )
        assert any(ALL in text for text in told), layer
    assert chromium.js("return window.pwned === undefined")
    assert chromium.console() == []
