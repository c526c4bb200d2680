"""The findings as files and on the screen: whole, with their imprint, and nothing in them that runs."""

import csv
import dataclasses
import json
import sqlite3
from xml.etree import ElementTree as ET

import geopandas as gpd
import openpyxl
import pytest
import shapely
from land import box, programme
from test_maps_hostile import ALL, PAYLOADS, _seen

import hazardmap as hm
from hazardmap import FileError, Policy, words
from hazardmap.cli import main
from hazardmap.inspection import CHECKS
from hazardmap.sheets import findings_format, findings_table, write_findings

ENDINGS = ("xlsx", "gpkg", "csv", "geojson")
FORMULA = '=HYPERLINK("http://x.example","look")'


def hostile():
    """A programme with findings whose ids, texts, name and sources are payloads."""
    ids = [f"{FORMULA} {_seen(ALL)}", _seen(ALL), "@SUM(1)"]
    spike = shapely.Polygon([(0, 0), (100, 0), (100, 50), (140, 50.05), (100, 50.1), (100, 100), (0, 100)])
    made = programme(
        Policy(extent_deg=(46, 39, 48, 41)),
        hazards=[
            {"hazard_id": ids[0], "geometry": spike, "stated_area_m2": 1.0},
            {"hazard_id": ids[1], "geometry": spike, "district": f"{FORMULA} {ALL}"},
            {"hazard_id": ids[2], "quarantined": f"{FORMULA} {ALL}"},
        ],
        districts=[{"geometry": box(-900, -900, 9000), "name": ALL, "aliases": (FORMULA,)}],
    )
    return dataclasses.replace(made, name=f"{FORMULA} {ALL}", sources=f"{FORMULA} {ALL}", fictitious=True)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    made = hostile()
    rows = hm.inspect(made)
    assert {"spike", "duplicate_geometry", "stated_area", "unknown_district", "quarantined"} <= set(rows["check"])
    where = tmp_path_factory.mktemp("findings")
    for ending in ENDINGS:
        write_findings(rows, where / f"f.{ending}", programme=made)
    return where, made, rows


def test_every_finding_is_in_every_file(written):
    where, _, rows = written
    count = len(rows)
    book = openpyxl.load_workbook(where / "f.xlsx")
    assert book.sheetnames == ["Summary", "Findings"]
    assert sum(1 for r in book["Findings"].iter_rows(values_only=True) if r[0] in {"error", "warning", "note"}) == count
    with sqlite3.connect(where / "f.gpkg") as db:
        layers = ("fault_points", "fault_lines", "faults_without_place")
        counts = [db.execute(f"SELECT count(*) FROM {n}").fetchone()[0] for n in layers]
    assert sum(counts) == count
    assert all(counts)
    with (where / "f.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len([*csv.DictReader(file)]) == count
    features = json.loads((where / "f.geojson").read_text(encoding="utf-8"))["features"]
    assert len(features) == count
    assert sum(f["geometry"] is None for f in features) == counts[2]


def test_text_of_the_data_is_text(written):
    where, _, _ = written
    for sheet in openpyxl.load_workbook(where / "f.xlsx").worksheets:
        cells = [c for row in sheet.iter_rows() for c in row]
        assert not [c for c in cells if c.data_type == "f"]
        assert not [c for c in cells if c.hyperlink]
    with (where / "f.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            for name, text in row.items():
                assert name in {"longitude", "latitude", "size"} or not text.startswith(("=", "+", "-", "@")), text
    told = (where / "f.geojson").read_text(encoding="utf-8")
    assert all(p in json.loads(told)["sources"] for p in PAYLOADS)


def test_the_imprint_is_on_every_file(written):
    where, made, _ = written
    texts = [str(c.value) for s in openpyxl.load_workbook(where / "f.xlsx") for row in s.iter_rows() for c in row]
    with sqlite3.connect(where / "f.gpkg") as db:
        about = dict(db.execute("SELECT key, value FROM about").fetchall())
        descriptions = [d for (d,) in db.execute("SELECT description FROM gpkg_contents")]
    assert all(words.FICTITIOUS in d and words.DISCLAIMER in d and "2024-12-31" in d for d in descriptions)
    every = {
        "xlsx": " ".join(texts),
        "gpkg": " ".join(about.values()),
        "csv": (where / "f.csv").read_text(encoding="utf-8-sig"),
        "geojson": (where / "f.geojson").read_text(encoding="utf-8"),
        "screen": findings_table(hm.inspect(made), made).replace("\n", " "),
    }
    for kind, text in every.items():
        for said in (words.FICTITIOUS, words.DISCLAIMER, words.ABSENCE, "2024-12-31", "proves nothing"):
            assert said in text, (kind, said)


def test_the_layers_open_with_their_styles_and_kinds(written):
    where, _, rows = written
    points = gpd.read_file(where / "f.gpkg", layer="fault_points")
    lines = gpd.read_file(where / "f.gpkg", layer="fault_lines")
    assert set(points.geom_type) == {"Point"}
    assert set(lines.geom_type) == {"LineString"}
    assert points.crs == lines.crs == 4326
    spikes = rows[rows["check"] == "spike"]
    assert lines.loc[lines["check"] == "spike"].geometry.to_wkt().tolist() == spikes.geometry.to_wkt().tolist()
    assert points["do"].eq(points["check"].map({k: c.do for k, c in CHECKS.items()})).all()
    with sqlite3.connect(where / "f.gpkg") as db:
        kinds = dict(db.execute("SELECT table_name, geometry_type_name FROM gpkg_geometry_columns"))
        styles = db.execute("SELECT f_table_name, styleQML, styleSLD FROM layer_styles").fetchall()
    assert kinds == {"fault_points": "POINT", "fault_lines": "LINESTRING"}
    assert {n for n, *_ in styles} == {"fault_points", "fault_lines"}
    for _, qml, sld in styles:
        labels = {r.get("label") for r in ET.fromstring(qml.partition("\n")[2]).iter("rule")}
        assert {"error", "warning", "note"} <= labels
        assert "FICTITIOUS" in qml
        ET.fromstring(sld.encode())


def test_a_clean_programme_writes_files_that_say_so(tmp_path):
    made = programme(Policy(extent_deg=(46, 39, 48, 41)), hazards=[{"geometry": box(0, 0, 100)}])
    rows = hm.inspect(made)
    assert rows.empty
    for ending in ENDINGS:
        write_findings(rows, tmp_path / f"f.{ending}", programme=made)
    sheet = openpyxl.load_workbook(tmp_path / "f.xlsx")["Findings"]
    assert "These checks found nothing." in [c.value for row in sheet.iter_rows() for c in row]
    assert "0 findings" in findings_table(rows, made)


@pytest.mark.parametrize("ending", ENDINGS)
def test_only_older_findings_are_replaced(ending, tmp_path):
    made = programme(hazards=[{"geometry": box(0, 0, 100)}])
    rows = hm.inspect(made)
    target = tmp_path / f"f.{ending}"
    write_findings(rows, target, programme=made)
    write_findings(rows, target, programme=made)
    if ending == "gpkg":
        hm.write(made, tmp_path / "p.gpkg")
        (tmp_path / "p.gpkg").replace(target)
    else:
        target.write_bytes(b"a letter")
    before = target.read_bytes()
    with pytest.raises(FileError, match=r"is there already and holds no findings; nothing was changed – needed:"):
        write_findings(rows, target, programme=made)
    assert target.read_bytes() == before


def test_a_workbook_of_somebody_else_with_a_sheet_named_findings_is_left_alone(tmp_path):
    made = programme(hazards=[{"geometry": box(0, 0, 100)}])
    target = tmp_path / "f.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Findings"
    book.save(target)
    whole = target.read_bytes()
    garbled = bytearray(whole)
    start = whole.index(b"xl/workbook.xml") + len(b"xl/workbook.xml")
    garbled[start : start + 40] = b"\xff" * 40
    for data in (whole, bytes(garbled), whole[: len(whole) // 2]):
        target.write_bytes(data)
        with pytest.raises(FileError, match="holds no findings; nothing was changed"):
            write_findings(hm.inspect(made), target, programme=made)
        assert target.read_bytes() == data


def test_other_endings_are_refused_before_anything_is_read(tmp_path, capsys):
    with pytest.raises(FileError, match=r"'f.pdf' is no file that findings are written to .* write 'f.xlsx'"):
        findings_format("f.pdf")
    assert main(["validate", "nowhere.gpkg", "-o", "f.shp"]) == 1
    assert "f.shp" in capsys.readouterr().err


# The command


@pytest.fixture
def file(tmp_path):
    made = hostile()
    hm.write(made, tmp_path / "p.gpkg")
    return tmp_path / "p.gpkg"


def test_the_command_tells_and_writes(file, tmp_path, capsys):
    outputs = [part for e in ENDINGS for part in ("-o", str(tmp_path / f"f.{e}"))]
    before = file.read_bytes()
    assert main(["validate", str(file), *outputs]) == 0
    told = capsys.readouterr().out
    assert told.startswith(words.FICTITIOUS)
    assert "× spike: a corner of an outline has nearly no angle" in told
    assert "do: remove the vertex at its tip in QGIS" in told
    assert "0 faults; 1 rows are quarantined already." in told
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert all((tmp_path / f"f.{e}").stat().st_size for e in ENDINGS)
    assert file.read_bytes() == before


def test_the_command_chooses_checks_and_thresholds(file, capsys):
    assert main(["validate", str(file), "--only", "spike", "--strict"]) == 0
    assert "stated_area" not in capsys.readouterr().out
    assert main(["validate", str(file), "--only", "spike", "--threshold", "spike_deg=0.1"]) == 0
    assert "0 findings" in capsys.readouterr().out
    assert main(["validate", str(file), "--strict"]) == 1  # the stated area is an error
    assert main(["validate", str(file), "--strict", "--skip", "stated_area"]) == 0
    capsys.readouterr()
    assert main(["validate", str(file), "--only", "spikes"]) == 1
    assert "no check is named 'spikes'" in capsys.readouterr().err
    for wrong in ("spike_deg", "spike=3", "spike_deg=x"):
        assert main(["validate", str(file), "--threshold", wrong]) == 1
        assert "--threshold" in capsys.readouterr().err


def test_all_faults_of_tables_are_shown_and_three_of_the_rest(tmp_path, capsys):
    squares = [{"geometry": box(200 * i, 0, 100), "stated_area_m2": 1.0} for i in range(8)]
    made = programme(Policy(extent_deg=(46, 39, 48, 41)), hazards=squares)
    made.hazards.loc[:4, "classification"] = "perhaps"
    hm.write(made, tmp_path / "p.gpkg")
    assert main(["validate", str(tmp_path / "p.gpkg")]) == 0
    told = capsys.readouterr().out
    assert told.count("classification is perhaps") == 5
    assert told.count("more; expected stated") + told.count("more; expected\n") == 3
    assert "… and 5 more: -o findings.xlsx, or .gpkg for QGIS" in told
    assert main(["validate", str(tmp_path / "p.gpkg"), "--limit", "1"]) == 0
    assert capsys.readouterr().out.count("classification is perhaps") == 1


def test_a_width_of_80_is_kept():
    made = hostile()
    for line in findings_table(hm.inspect(made), made, width=80).splitlines():
        assert len(line) <= 80
