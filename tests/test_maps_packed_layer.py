"""Any table on any folium map: the same renderer, text that nothing executes, nothing left out."""

import re

import folium
import geopandas as gpd
import numpy as np
import pytest
import shapely

import hazardmap as hm
from hazardmap.errors import GeometryError, SchemaError
from hazardmap.maps import PackedLayer, Symbol, page

EVIL = "<img src=x onerror='window.pwned=1'>{{ 7*7 }}{% print 1 %}${1}`</script><script>window.pwned=1</script>"
SIGNS = {"bad": Symbol(label="Bad", fill="#c54127", opacity=1), "good": Symbol(label="Good", fill="#416284", opacity=1)}


def lots():
    squares = [shapely.box(47 + i / 100, 40, 47.008 + i / 100, 40.008) for i in range(3)]
    shapes = [*squares, shapely.LineString([(47, 40.01), (47.03, 40.01)]), shapely.Point(47.04, 40.004)]
    uses = ["bad", "good", "good", "bad", "bad"]
    return gpd.GeoDataFrame({"use": uses, "note": [EVIL, "b", None, "line", "point"]}, geometry=shapes, crs=4326)


def at_home(path):
    """Give folium's page its Leaflet and jQuery from our assets: it would ask a CDN."""
    text = path.read_text(encoding="utf-8")
    for sign, name in (("leaflet.js", "leaflet.js"), ("jquery", "jquery.min.js")):
        pattern = rf'<script src="https://[^"]*{sign}[^"]*"></script>'
        text = re.sub(pattern, lambda _, n=name: f"<script>{page.script(n)}</script>", text, count=1)
    text = re.sub(r'<(?:script|link)[^>]*(?:src|href)="https://[^>]*>(?:</script>)?', "", text)
    path.write_text(text.replace("</head>", f"<style>{page.style('leaflet.css')}</style></head>"), encoding="utf-8")
    return path


def _chart(layer):
    chart = folium.Map(location=(40.005, 47.02), zoom_start=14, tiles=None)
    layer.add_to(chart)
    folium.LayerControl(collapsed=False).add_to(chart)
    return chart


def test_text_of_the_table_is_nowhere_in_the_page(tmp_path):
    _chart(PackedLayer(lots(), name="Lots", by="use", signs=SIGNS)).save(tmp_path / "m.html")
    text = (tmp_path / "m.html").read_text(encoding="utf-8")
    assert "onerror" not in re.sub(r"<script data-file.*?</script>", "", text, flags=re.DOTALL)
    assert "pwned" not in text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"name": "{{ 7*7 }}"}, "needed: a name without"),
        ({"name": "<b>"}, "needed: a name without"),
        ({"by": "class"}, "no column class"),
        ({"columns": ["use", "nothing"]}, "no column nothing"),
        ({"signs": {"bad": SIGNS["bad"]}}, "use: no sign for 'good'"),
    ],
)
def test_what_is_refused(changes, text):
    with pytest.raises(SchemaError) as refused:
        PackedLayer(lots(), **{"name": "Lots", "by": "use", "signs": SIGNS, **changes})
    assert text in str(refused.value)


def test_a_row_without_a_shape_is_refused_by_its_name():
    frame = lots()
    frame.loc[1, "geometry"] = None
    with pytest.raises(GeometryError, match="1 features with no geometry: 1"):
        PackedLayer(frame, name="Lots", by="use", signs=SIGNS)


@pytest.mark.browser
def test_on_an_ordinary_map(chromium, tmp_path):
    layer = PackedLayer(lots(), name="Lots", by="use", signs=SIGNS, label="use")
    _chart(layer).save(tmp_path / "m.html")
    chromium.open(at_home(tmp_path / "m.html"), wait=False)
    chromium.until(f"return window.{layer.get_name()} && {layer.get_name()}.ready", 15)
    chromium.settle()
    assert chromium.js(f"return [{layer.get_name()}.drawn, {layer.get_name()}.failed, hazardmap.failed]") == [
        5,
        None,
        None,
    ]
    chromium.js(f"hazardmap.map = {layer.get_name()}._map")
    chromium.until(
        "return [...document.querySelectorAll('.leaflet-tile')].every((t) => getComputedStyle(t).opacity === '1')"
    )
    for place, colour in (((47.004, 40.002), (197, 65, 39)), ((47.014, 40.002), (65, 98, 132)), ((47.02, 40.01), None)):
        seen = np.median(np.array(chromium.pixels(*place, around=2)), axis=0)
        if colour:
            assert np.abs(seen - colour).max() <= 3, place
    assert "Lots" in chromium.js("return document.querySelector('.leaflet-control-layers').innerText")
    assert "5 of 5 features drawn." in chromium.js("return document.body.innerText")
    x, y = (round(v) for v in chromium.screen(47.004, 40.002))
    for kind in ("mousePressed", "mouseReleased"):
        event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
        chromium.driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)
    told = chromium.until("const p = document.querySelector('.leaflet-popup-content'); return p && p.innerText")
    assert EVIL in told
    assert chromium.js("return [window.pwned, document.querySelectorAll('.leaflet-popup-content img').length]") == [
        None,
        0,
    ]
    assert chromium.console() == []


@pytest.mark.browser
def test_on_a_hazard_map_without_network(chromium, tmp_path):
    chart = hm.draw(hm.example(), on="2024-12-31")
    layer = PackedLayer(lots(), name="Lots", by="use", signs=SIGNS).add_to(chart)
    chart.save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    chromium.until(f"return {layer.get_name()}.ready")
    assert chromium.js("return [hazardmap.failed, hazardmap.drawn === hazardmap.expected]") == [None, True]
    assert chromium.console() == []
    assert chromium.requests() == []


def _clicked(chromium, longitude, latitude):
    x, y = (round(v) for v in chromium.screen(longitude, latitude))
    for kind in ("mousePressed", "mouseReleased"):
        event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
        chromium.driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)
    return chromium.until("const p = document.querySelector('.leaflet-popup-content'); return p && p.innerText")


@pytest.mark.browser
def test_columns_may_be_called_as_ours_are(chromium, tmp_path):
    names = ["symbol", "flag", "from", "to", "verdict", "open_m2", "__proto__"]
    frame = lots().assign(**{name: f"{name} of mine" for name in names})
    layer = PackedLayer(frame, name="Lots", by="use", signs=SIGNS, label="symbol")
    _chart(layer).save(tmp_path / "m.html")
    chromium.open(at_home(tmp_path / "m.html"), wait=False)
    chromium.until(f"return window.{layer.get_name()} && {layer.get_name()}.ready", 15)
    chromium.settle()
    assert chromium.js(f"return [{layer.get_name()}.drawn, {layer.get_name()}.failed]") == [5, None]
    chromium.js(f"hazardmap.map = {layer.get_name()}._map")
    told = _clicked(chromium, 47.004, 40.002)
    for name in names:
        assert f"{name} of mine" in told
    assert chromium.console() == []


@pytest.mark.browser
def test_what_is_not_listed_is_counted(chromium, tmp_path):
    many = gpd.GeoDataFrame({"use": ["bad"] * 61}, geometry=[shapely.box(47, 40, 47.01, 40.01)] * 61, crs=4326)
    layer = PackedLayer(many, name="Lots", by="use", signs=SIGNS)
    _chart(layer).save(tmp_path / "m.html")
    chromium.open(at_home(tmp_path / "m.html"), wait=False)
    chromium.until(f"return window.{layer.get_name()} && {layer.get_name()}.ready", 15)
    chromium.settle()
    chromium.js(f"hazardmap.map = {layer.get_name()}._map")
    told = _clicked(chromium, 47.004, 40.002)
    assert told.count("use") == 50
    assert "11 more lie here and are not listed." in told
    assert chromium.console() == []


@pytest.mark.browser
def test_its_own_from_and_to_are_no_days_of_a_map_through_time(chromium, tmp_path):
    days = gpd.pd.Timestamp("1999-01-01")
    for values in (("A", "B"), (days, days)):
        chart = hm.draw(hm.example(), on="2024-12-31", through_time=True)
        frame = lots().assign(**dict(zip(("from", "to"), values, strict=True)))
        layer = PackedLayer(frame, name="Lots", by="use", signs=SIGNS).add_to(chart)
        chart.save(tmp_path / "m.html")
        chromium.open(tmp_path / "m.html")
        chromium.until(f"return {layer.get_name()}.ready")
        found = f"return {layer.get_name()}.at(L.latLng(40.004, 47.004), 16).length"
        assert chromium.js(found) == 1
        assert chromium.js("return hazardmap.failed") is None
        assert chromium.console() == []
