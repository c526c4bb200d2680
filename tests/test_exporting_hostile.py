"""Text of the data is hostile in every kind of file: it is text there, whole, and nothing that any program would run."""

import csv
import re
import sqlite3
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import ezdxf
import geopandas as gpd
import pandas as pd
import pytest
from land import box, programme
from test_maps_hostile import ALL, PAYLOADS, _poisoned

import hazardmap as hm
from hazardmap import tables
from hazardmap.exporting import LAYERS, gpx
from hazardmap.exporting.product import gathered
from hazardmap.sheets.cells import clean

ON = "2024-12-31"
KML, GPX = "{http://www.opengis.net/kml/2.2}", "{http://www.topografix.com/GPX/1/1}"
MORE = (
    "=1+1",
    "@SUM(A1)",
    "+CMD|' /C calc'!A0",
    "north;=1+1",
    "]]>",
    "$[name]$[geDirections]",
    "%%c%%p%%u",
    "%<\\AcVar Date>%",
    "\\U+0041\\P{\\fArial;x}^J",
    "a\x00b\x01c\x1bd\x7fe\x85",
    "no character \ufffe",
    "two\nlines\r\nand\ttabs",
    "0\nLINE\n8\n0",
    "<![CDATA[<script>1</script>]]>",
    "&lol1;<!ENTITY x SYSTEM 'file:///etc/passwd'>",
    "'; DROP TABLE ground; --",
)
ALL_OF = " ¦ ".join((*PAYLOADS, *MORE))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    place = tmp_path_factory.mktemp("hostile")
    bad = hostile(ALL_OF)
    bad = replace(bad, name=f"half a character \ud800 {ALL_OF}")
    for kind in ("gpkg", "kml", "kmz", "gpx", "dxf", "csv", "geojson"):
        hm.export(bad, place / f"e.{kind}", on=ON, what=LAYERS)
    hm.export(bad, place / "v.csv", on=ON, what=LAYERS, form="numbers")
    return place


def hostile(text):
    """The example with the text in every text column; what no file of a programme could hold is put in afterwards."""
    found = _poisoned(ALL)
    changed = {}
    for name in tables.TABLES:
        frame = found.table(name).drop(columns=[ALL], errors="ignore")
        for column in tables.table(name).columns:
            if column.kind == "text" and column.name != "quarantined" and len(frame):
                frame[column.name] = pd.Series([text] * len(frame), index=frame.index, dtype="str")
        changed[name] = frame
    return replace(found, name=text, sources=text, **changed)


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = set(), ""

    def handle_starttag(self, tag, attrs):
        self.tags.add((tag, *(k for k, _ in attrs)))

    def handle_data(self, data):
        self.text += data


def roots(made):
    with zipfile.ZipFile(made / "e.kmz") as archive:
        return ET.parse(made / "e.kml").getroot(), ET.fromstring(archive.read("doc.kml"))


def test_kml_holds_the_text_and_no_markup_of_it(made):
    for root in roots(made):
        values = {v.text for v in root.iter(f"{KML}value")}
        assert clean(ALL_OF) in values
        for description in root.iter(f"{KML}description"):
            shown = Tags()
            shown.feed(description.text)
            assert shown.tags <= {("table",), ("tr",), ("td",), ("td", "style"), ("b",), ("br",), ("p",)}
            assert "$[" not in description.text, "Google Earth would fill something in"
        assert {t.text for t in root.iter(f"{KML}text")} == {"$[description]"}
        styles = {d for e in root.iter(f"{KML}description") for d in re.findall(r'style="([^"]*)"', e.text)}
        assert all(re.fullmatch(r"background:#[0-9a-f]{6};border:3px solid #[0-9a-f]{6}", s) for s in styles)
        names = {n.text for n in root.iter(f"{KML}name")}
        assert any(n.startswith("H-003 " + PAYLOADS[0]) for n in names)
    data = (made / "e.kml").read_bytes()
    assert b"<!ENTITY" not in data
    assert b"<![CDATA[" not in data
    assert not re.search(rb"[\x00-\x08\x0b-\x1f]", data)


def test_gpx_holds_the_text_and_short_plain_names(made):
    root = ET.parse(made / "e.gpx").getroot()
    names = [n.text for tag in ("wpt", "trk") for n in root.iterfind(f"{GPX}{tag}/{GPX}name")]
    assert all(re.fullmatch(r"[A-Z0-9-]{1,14}", n) for n in names)
    assert any(ALL in c.text for c in root.iter(f"{GPX}cmt"))
    assert clean(ALL_OF) in root.find(f"{GPX}metadata/{GPX}desc").text


def test_a_drawing_holds_no_codes_of_it(made):
    drawing = ezdxf.readfile(made / "e.dxf")
    audit = drawing.audit()
    assert not audit.errors
    assert not audit.fixes
    assert not drawing.modelspace().query("LINE"), "a text became a line"
    texts = [t.dxf.text for t in drawing.modelspace().query("TEXT")]
    assert any(t.startswith("H-003 {{ 7*191 }}") for t in texts)
    for text in texts:
        assert "%%" not in text
        assert "%<" not in text
        assert "\\" not in text
    (note,) = drawing.modelspace().query("MTEXT")
    assert set(re.findall(r"\\.", note.text)) == {"\\P"}
    assert "{" not in note.text
    for line in (made / "e.dxf").read_text(encoding="utf-8").split("999\n")[1:9]:
        assert line.count("\n") == 1 or line.partition("\n")[2].startswith("  0\nSECTION")


@pytest.mark.parametrize("name", ["e.csv", "v.csv"])
def test_tables_hold_no_formula(made, name):
    with (made / name).open(encoding="utf-8-sig", newline="") as stream:
        csv.field_size_limit(1 << 24)
        rows = list(csv.reader(stream))
    assert len({len(row) for row in rows}) == 1
    for cell in {c for row in rows for c in row}:
        assert not re.match(r"\s*[=@\t\r]", cell), cell[:60]
        assert not re.match(r"\s*[+-](?![0-9.]+$)", cell), cell[:60]
        assert not re.search(r"[;\t\n]\s*[=+@]", cell), cell[:60]
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", cell)
    if name == "e.csv":
        assert any(cell.startswith("{{ 7*191 }}") and "'; DROP TABLE" in cell for row in rows for cell in row)


def test_layers_and_collections_hold_it_whole(made):
    frame = gpd.read_file(made / "e.gpkg", layer="hazard_outlines")
    assert frame["name"].eq(clean(ALL_OF)).all()
    plots = gpd.read_file(made / "e.geojson").query("layer == 'plot_outlines'")
    assert plots["cadastre_no"].eq(clean(ALL_OF)).all()
    with sqlite3.connect(made / "e.gpkg") as db:
        styles = [t for row in db.execute("SELECT styleQML, styleSLD FROM layer_styles") for t in row]
    for style in styles:
        ET.fromstring(style.partition("\n")[2])
        assert "191" not in style, "no text from data in a style"


@pytest.fixture(scope="module")
def product():
    return gathered(programme(hazards=[{"geometry": box(0, 0, 100)}, {"geometry": box(200, 0, 100)}]), on=ON)


@pytest.mark.parametrize("payload", [*PAYLOADS, *MORE])
def test_each_alone_in_a_receivers_names(payload, product):
    """Ids are what names are made of; an id of nothing a receiver shows gets a name all the same."""
    ground, hazards, finds = product.layers
    poisoned = replace(product, layers=(ground, replace(hazards, frame=hazards.frame.assign(id=payload)), finds))
    root = ET.fromstring("".join(gpx.document(poisoned)))
    names = [n.text for n in root.iterfind(f"{GPX}wpt/{GPX}name")]
    assert len(set(names)) == 8
    assert all(re.fullmatch(r"[A-Z0-9-]{1,14}", n) for n in names)
