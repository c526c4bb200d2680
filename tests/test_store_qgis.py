"""A GeoPackage of ours as GDAL and QGIS see it: layers, types, index, styles."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import warnings
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyogrio
import pytest
import shapely

import hazardmap as hm
from hazardmap import tables, words
from hazardmap.store import read, write
from hazardmap.store.styles import qml, sld
from hazardmap.store.symbology import LOOKS

SPATIAL = [n for n, t in tables.TABLES.items() if t.geometry is not None]


@pytest.fixture
def saved(tmp_path):
    write(hm.example(), tmp_path / "programme.gpkg")
    return tmp_path / "programme.gpkg"


def test_every_table_is_a_layer_even_an_empty_one(saved):
    layers = dict(pyogrio.list_layers(saved).tolist())
    assert list(layers) == [*tables.TABLES, "meta", "layer_styles"]
    assert layers["hazards"] == "MultiPolygon"
    assert layers["finds"] == "Point"
    assert layers["context"] == "Unknown"  # lines, areas and places; empty here, to draw into
    assert layers["history"] is None
    for name in SPATIAL:
        info = pyogrio.read_info(saved, layer=name)
        assert info["crs"] == "EPSG:4326"
        types = dict(zip(info["fields"].tolist(), info["ogr_types"], strict=True))
        for column in tables.TABLES[name].columns:
            expected = {"date": "OFTDate", "time": "OFTDateTime", "number": "OFTReal", "count": "OFTInteger64"}
            assert types[column.name] == expected.get(column.kind, "OFTString")


def test_gdal_reads_it_without_a_warning_and_finds_by_place(saved):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(gpd.read_file(saved, layer="hazards")) == 6
        west = gpd.read_file(saved, layer="hazards", bbox=(47.0, 40.0, 47.0005, 40.0005))
    assert west["hazard_id"].tolist() == ["H-001"]  # by the spatial index
    assert gpd.read_file(saved, layer="hazards")["geometry"].isna().tolist() == [False] * 5 + [True]


def test_a_layer_that_gdal_edits_is_read_again(saved):
    """What QGIS does when somebody draws a polygon: the index is kept by its triggers."""
    drawn = gpd.GeoDataFrame(
        {"hazard_id": ["H-100"], "date_of_information": ["2024-05-01"], "event": ["established"], "status": ["open"]},
        geometry=[shapely.MultiPolygon([shapely.box(47.05, 40.05, 47.06, 40.06)])],
        crs=4326,
    ).astype({"date_of_information": "datetime64[ms]"})
    drawn.to_file(saved, layer="hazards", mode="a")
    assert read(saved).hazards["hazard_id"].tolist()[-1] == "H-100"
    assert read(saved).hazards.geometry.iloc[-1].geom_type == "Polygon"
    assert len(gpd.read_file(saved, layer="hazards", bbox=(47.05, 40.05, 47.06, 40.06))) == 1


def test_the_file_is_sound(saved):
    with sqlite3.connect(saved) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
        meta = dict(db.execute("SELECT key, value FROM meta"))
    db.close()
    assert meta["disclaimer"].startswith(words.DISCLAIMER)
    assert (meta["schema_version"], meta["as_of"], meta["fictitious"]) == ("1", "2024-12-31", "true")


def test_every_layer_has_its_default_style(saved):
    with sqlite3.connect(saved) as db:
        rows = db.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML, styleSLD FROM layer_styles"
            " WHERE f_table_catalog = '' AND f_table_schema = ''"
        ).fetchall()
        geometry = dict(db.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
    db.close()
    assert {(name, column) for name, column, *_ in rows} == set(geometry.items())
    assert all(default == 1 for _, _, default, _, _ in rows)
    for _, _, _, style, other in rows:
        assert ET.fromstring(style).tag == "qgis"
        assert ET.fromstring(other).tag.endswith("StyledLayerDescriptor")


def test_foreign_styles_are_dropped(saved):
    with sqlite3.connect(saved) as db:
        db.execute(
            "INSERT INTO layer_styles (f_table_name, f_geometry_column, styleName, styleQML, useAsDefault)"
            " VALUES ('hazards', 'geom', 'evil', '<qgis><action code=\"import os\"/></qgis>', 1)"
        )
    db.close()
    write(read(saved), saved)
    with sqlite3.connect(saved) as db:
        assert db.execute("SELECT DISTINCT styleName FROM layer_styles").fetchall() == [("hazardmap",)]
    db.close()


@pytest.mark.parametrize("layer", SPATIAL)
def test_each_rule_draws_a_symbol_that_is_there(layer):
    root = ET.fromstring(qml(layer))
    renderer = root.find("renderer-v2")
    assert renderer.get("type") == "RuleRenderer"
    used = [r.get("symbol") for r in renderer.iter("rule") if r.get("symbol") is not None]
    symbols = renderer.find("symbols").findall("symbol")
    assert used == [s.get("name") for s in symbols]  # each once, in order
    keys = [r.get("key") for r in renderer.iter("rule")]
    assert len(keys) == len(set(keys))
    allowed = {"SimpleFill", "SimpleLine", "SimpleMarker", "LinePatternFill", "PointPatternFill"}
    for symbol in symbols:
        layers = symbol.findall("layer")
        assert layers
        assert {e.get("class") for e in symbol.iter("layer")} <= allowed
        for i, part in enumerate(layers):
            for inner in part.findall("symbol"):  # the line or dot of a hatch
                assert inner.get("name") == f"@{symbol.get('name')}@{i}"
    assert "<" not in json.dumps([r.get("filter") for r in renderer.iter("rule")]).replace("<>", "")


def test_rules_name_columns_and_words_that_exist():
    for name, look in LOOKS.items():
        for _, rules in look.groups:
            for rule in rules:
                for column, allowed in (*rule.where, *rule.unless):
                    known = tables.TABLES[name].column(column)
                    assert known is not None
                    assert allowed is None or set(allowed) <= set(known.words.codes)


def test_the_symbology_of_the_standard():
    """TN 07.11/01: CHA red and SHA amber at 50 %; open red and solid, worked on amber and dashed, closed thin."""
    root = ET.fromstring(qml("hazards"))
    symbols = {s.get("name"): s for s in root.find("renderer-v2/symbols")}
    rules = {r.get("label"): r for r in root.iter("rule") if r.get("symbol")}

    def settings(label: str) -> dict[str, str]:
        layer = symbols[rules[label].get("symbol")].find("layer")
        return {o.get("name"): o.get("value") for o in layer.find("Option")}

    fills = [r for r in root.iter("rule") if r.get("label") == "confirmed hazardous area"]
    assert fills[0].get("filter") == "(\"classification\" IN ('confirmed'))"
    confirmed = {o.get("name"): o.get("value") for o in symbols[fills[0].get("symbol")].find("layer/Option")}
    assert confirmed["color"] == "255,0,0,128"
    assert settings("worked on")["outline_style"] == "dash"
    assert settings("worked on")["outline_color"] == "244,167,24,255"
    assert settings("open, or not stated")["outline_color"] == "255,0,0,255"
    closed = settings("closed in the record (proves nothing by itself)")
    assert float(closed["outline_width"]) < float(settings("open, or not stated")["outline_width"])
    unknown = [r for r in root.iter("rule") if r.get("filter") == "ELSE"]
    assert {r.get("label") for r in unknown} == {"class unknown: taken for confirmed", "open, or not stated"}


def test_only_land_with_every_paper_is_green():
    root = ET.fromstring(qml("releases"))
    symbols = {s.get("name"): ET.tostring(s, encoding="unicode") for s in root.find("renderer-v2/symbols")}
    green = "166,206,57"
    for rule in root.iter("rule"):
        if rule.get("symbol") and green in symbols[rule.get("symbol")]:
            for needed in ("'approved'", "'passed'", '"handover_no" IS NOT NULL', '"handover_date" IS NOT NULL'):
                assert needed in rule.get("filter")
    assert sum(green in s for s in symbols.values()) == 3


@pytest.mark.parametrize("layer", SPATIAL)
def test_nothing_promises_safety(layer):
    text = (qml(layer) + sld(layer)).lower()
    assert not [w for w in ("safe", "mine-free", "all clear", "no mines", "certified") if w in text]


def test_example_data_are_labelled_fictitious_at_every_scale_and_described_so(tmp_path):
    write(hm.example(), tmp_path / "p.gpkg")
    with contextlib.closing(sqlite3.connect(tmp_path / "p.gpkg")) as db:
        looks = dict(db.execute("SELECT f_table_name, styleQML FROM layer_styles"))
        descriptions = {d for (d,) in db.execute("SELECT description FROM gpkg_contents")}
    for layer, text in looks.items():
        root = ET.fromstring(text)
        assert root.get("labelsEnabled") == "1", layer
        assert "FICTITIOUS" in root.find(".//text-style").get("fieldName")
        assert root.find(".//rendering").get("scaleVisibility") == "0"
    (said,) = descriptions
    assert said.startswith("FICTITIOUS EXAMPLE DATA")
    assert "As of 2024-12-31" in said
    assert "Information, not permission to enter." in said


def test_labels_of_real_data_appear_up_to_1_to_50_000_and_do_not_say_fictitious():
    root = ET.fromstring(qml("hazards"))
    rendering = root.find(".//rendering")
    assert (rendering.get("scaleVisibility"), rendering.get("scaleMax"), rendering.get("scaleMin")) == (
        "1",
        "50000",
        "1",
    )
    assert "FICTITIOUS" not in qml("hazards")
