"""What the store refuses, and how it says so: found, needed, do."""

from __future__ import annotations

import dataclasses
import sqlite3

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import hazardmap as hm
from hazardmap.formats import sniff
from hazardmap.programme import Programme
from hazardmap.store import read, write

VRT = '<OGRVRTDataSource><OGRVRTLayer name="hazards"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
SQUARE = shapely.box(46, 39, 46.5, 39.5)


@pytest.fixture
def saved(tmp_path):
    write(hm.example(), tmp_path / "programme.gpkg")
    return tmp_path / "programme.gpkg"


def three_beats(error: hm.HazardmapError) -> None:
    assert error.found
    assert error.needed
    assert error.do
    assert "Traceback" not in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("https://example.org/p.gpkg", "is not a path on this machine"),
        ("/vsicurl/https://example.org/p.gpkg", "is not a path on this machine"),
        ("//vsizip/p.gpkg", "is not a path on this machine"),
        ("GPKG:p.gpkg", "is not a path on this machine"),
        ("WFS:example", "is not a path on this machine"),
        ("", "an empty path"),
        ('{"type": "FeatureCollection", "features": []}', "does not exist"),
        ("nowhere/p.gpkg", "does not exist"),
    ],
)
def test_only_local_paths_are_opened(path, text):
    with pytest.raises(hm.FileError, match=text) as caught:
        read(path)
    three_beats(caught.value)


def test_a_near_name_is_suggested(saved):
    with pytest.raises(hm.FileError, match=r"did you mean 'programme\.gpkg'\?"):
        read(saved.with_name("program.gpkg"))


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("p.gpkg", b"", r"'p\.gpkg' is empty"),
        ("p.gpkg", VRT.encode(), "instructions for GDAL to open other files"),
        (
            "p.geojson",
            b'{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline"}',
            "instructions for GDAL",
        ),
        ("p.gpkg", b'{"type": "FeatureCollection", "features": []}', "is GeoJSON, but its name says a GeoPackage"),
        ("p.gpkg", b"PK\x03\x04....", "is a zip archive"),
        ("p.gpkg", b"SQLite format 3\x00" + b"\x10\x00" + b"\x00" * 200, "an SQLite database but no GeoPackage"),
        ("p.csv", b"\x00\x01\x02binary", "of no format known here"),
        ("p.kml", b"<?xml version='1.0'?><kml></kml>", r"is one layer \(kml\)"),
        ("p.txt", b"\xff\xfeh\x00", r"is one layer \(csv\)"),
        ("notes", b"dear all", "is plain text"),
        ("p.json", b'{"a": 1}', "is JSON but no GeoJSON"),
        ("p.json", b'{"type": "Topology", "objects": {}}', r"is one layer \(topojson\)"),
        ("p.parquet", b"PAR1 and then cut", "is cut short"),
        (
            "p.shp",
            b"\x00\x00\x27\x0a" + b"\x00" * 24 + b"\xe8\x03\x00\x00" + b"\x00" * 80,
            r"comes without its \.shx file",
        ),
    ],
)
def test_what_a_file_is_not(name, content, text, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(hm.FileError, match=text) as caught:
        read(tmp_path / name)
    three_beats(caught.value)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95, 0.999])
def test_a_cut_geopackage(share, saved):
    whole = saved.read_bytes()
    saved.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(hm.FileError, match=r"cut short|damaged"):
        read(saved)


def test_bytes_of_a_damaged_geopackage_that_are_no_text(saved):
    whole = saved.read_bytes()
    assert b"CREATE TABLE" in whole
    saved.write_bytes(
        whole.replace(b"CREATE TABLE", b"CREATE \xf7\xf7\xf7\xf7\xf7")
    )  # SQLite quotes them as it complains
    for reading in (read, lambda path: hm.import_table(path, "hazards")):
        with pytest.raises(hm.FileError, match=r"damaged") as caught:
            reading(saved)
        three_beats(caught.value)


def test_a_damaged_geopackage_names_the_backup(saved):
    write(hm.example(), saved)
    whole = bytearray(saved.read_bytes())
    whole[8192:-4096] = b"\xa5" * (len(whole) - 8192 - 4096)
    saved.write_bytes(whole)
    with pytest.raises(
        hm.FileError, match=r"'programme\.gpkg' is damaged .* take the previous one, 'programme\.gpkg\.bak'"
    ):
        read(saved)


@pytest.mark.parametrize("kind", ["shp", "fgb", "parquet", "geojson", "csv", "gpkg"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_cut_file_in_a_folder(kind, share, tmp_path):
    write(hm.example(), tmp_path / "p", format=kind)
    for suffix in {"shp": ("shp", "dbf")}.get(kind, (kind,)):
        file = tmp_path / "p" / f"hazards.{suffix}"
        whole = file.read_bytes()
        file.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(hm.HazardmapError) as caught:
            read(tmp_path / "p")
        three_beats(caught.value)
        file.write_bytes(whole)


def test_a_shapefile_without_companions(tmp_path):
    write(hm.example(), tmp_path / "p", format="shp")
    for suffix, text in (
        (".dbf", r"without its \.dbf"),
        (".shx", r"without its \.shx"),
        (".cpg", "the encoding"),
        (".prj", "no CRS"),
    ):
        file = tmp_path / "p" / f"hazards{suffix}"
        held = file.read_bytes()
        file.unlink()
        with pytest.raises(hm.HazardmapError, match=text):
            read(tmp_path / "p")
        file.write_bytes(held)


def test_two_files_for_one_table(tmp_path):
    write(hm.example(), tmp_path / "p", format="geojson")
    (tmp_path / "p" / "hazards.csv").write_text("hazard_id,geometry\n", encoding="utf-8")
    with pytest.raises(hm.FileError, match=r"'hazards\.csv' and 'hazards\.geojson' are both the table hazards"):
        read(tmp_path / "p")


def test_a_table_in_an_unknown_format_is_not_passed_over(tmp_path):
    write(hm.example(), tmp_path / "p", format="geojson")
    (tmp_path / "p" / "plots.geojson").rename(tmp_path / "p" / "plots.kml")
    with pytest.raises(hm.FileError, match=r"'plots\.kml' is in no format .*hazardmap import … --as plots"):
        read(tmp_path / "p")


def test_a_folder_that_holds_no_programme(saved):
    with pytest.raises(hm.FileError, match=r"holds no table .* did you mean '.*programme\.gpkg'\?"):
        read(saved.parent)


def test_one_layer_is_no_programme(tmp_path):
    write(hm.example(), tmp_path / "p", format="fgb")
    with pytest.raises(hm.FileError, match=r"'hazards\.fgb' is one layer"):
        read(tmp_path / "p" / "hazards.fgb")


def test_csv_must_say_its_crs(tmp_path):
    write(hm.example(), tmp_path / "p", format="csv")
    (tmp_path / "p" / "meta.toml").unlink()
    with pytest.raises(hm.CrsError, match=r'cannot say its CRS .* crs = "EPSG:4326" into meta\.toml'):
        read(tmp_path / "p")


@pytest.mark.parametrize(
    ("crs", "said"),
    [
        ("EPSG:32638", "its numbers look like degrees"),
        ("EPSG:4978", "has no CRS"),
        ("EPSG:5773", "has no CRS"),
    ],
)
def test_a_crs_that_cannot_be_true_is_refused(crs, said, tmp_path):
    frame = gpd.GeoDataFrame({"survey_id": ["S"], "date": pd.to_datetime(["2023-01-01"])}, geometry=[SQUARE], crs=crs)
    frame.to_parquet(tmp_path / "surveys.parquet")
    with pytest.raises(hm.CrsError, match=said) as caught:
        read(tmp_path)
    three_beats(caught.value)


@pytest.mark.parametrize("kind", ["gpkg", "parquet", "fgb"])
def test_no_crs_is_refused(kind, tmp_path):
    folder = tmp_path / "p"
    folder.mkdir()
    frame = gpd.GeoDataFrame({"survey_id": ["S"], "date": pd.to_datetime(["2023-01-01"])}, geometry=[SQUARE], crs=None)
    with pytest.warns(UserWarning, match="crs") if kind != "parquet" else pytest.MonkeyPatch.context():
        frame.to_parquet(folder / "surveys.parquet") if kind == "parquet" else frame.to_file(folder / f"surveys.{kind}")
    with pytest.raises(hm.CrsError, match="has no CRS"):
        read(folder)


def test_cells_of_another_kind_are_all_listed(saved):
    with sqlite3.connect(saved) as db:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            db.create_function(name, 1, lambda blob: 0)
        db.execute("UPDATE hazards SET closed_on = 'soon' WHERE hazard_id = 'H-002'")
        db.execute("UPDATE hazards SET accuracy_m = 'five' WHERE hazard_id = 'H-003'")
        db.execute("UPDATE releases SET decision_date = '31/12/2024'")
        db.execute("UPDATE finds SET ap_found = 1.5")
        db.execute("UPDATE hazards SET contamination = '[1, 2]' WHERE hazard_id = 'H-001'")
    db.close()
    with pytest.raises(hm.SchemaError) as caught:
        read(saved)
    three_beats(caught.value)
    for part in (
        "hazards: closed_on is not a date like 2024-12-31 (row 2: 'soon')",
        "accuracy_m is not a number (row 3: 'five')",
        "decision_date is not a date",
        "row 3: '31/12/2024' and 1 more",
        "ap_found is not a whole number (row 1: 1.5)",
        "contamination is not a set of texts",
    ):
        assert part in str(caught.value)


def test_faults_of_content_are_read_as_they_are(tmp_path):
    frame = hm.example().hazards
    frame.loc[0, "classification"] = "perhaps"
    frame.loc[1, "geometry"] = shapely.Polygon([(47, 40), (47.01, 40.01), (47.01, 40), (47, 40.01)])
    write(dataclasses.replace(hm.example(), hazards=frame), tmp_path / "p.gpkg")
    faults = hm.validate(read(tmp_path / "p.gpkg"))
    assert faults["found"].str.contains("perhaps").any()
    assert faults["found"].str.contains("Self-intersection").any()


def test_a_later_programme_is_not_read_by_half(saved):
    with sqlite3.connect(saved) as db:
        db.execute("UPDATE meta SET value = '2' WHERE key = 'schema_version'")
    db.close()
    with pytest.raises(hm.FileError, match="written by a later hazardmap"):
        read(saved)


def test_meta_that_cannot_be_read(saved):
    with sqlite3.connect(saved) as db:
        db.execute("UPDATE meta SET value = '31.12.2024' WHERE key = 'as_of'")
        db.execute("UPDATE meta SET value = 'perhaps' WHERE key = 'fictitious'")
    db.close()
    with pytest.raises(
        hm.SchemaError, match=r"as_of '31\.12\.2024' is not a day .*; fictitious 'perhaps' is not true or false"
    ):
        read(saved)


def test_a_geopackage_drawn_by_hand_has_no_as_of(tmp_path):
    frame = gpd.GeoDataFrame({"hazard_id": ["H"], "classification": ["suspected"]}, geometry=[SQUARE], crs=4326)
    frame.to_file(tmp_path / "p.gpkg", layer="hazards")
    programme = read(tmp_path / "p.gpkg")
    assert programme.as_of is None
    assert programme.hazards["hazard_id"].tolist() == ["H"]


def test_a_geopackage_of_other_layers(tmp_path):
    gpd.GeoDataFrame({"a": [1]}, geometry=[SQUARE], crs=4326).to_file(tmp_path / "p.gpkg", layer="minefields")
    with pytest.raises(hm.FileError, match=r"holds minefields .* import_table"):
        read(tmp_path / "p.gpkg")


def test_a_save_never_loses_other_peoples_layers(saved):
    gpd.GeoDataFrame({"a": [1]}, geometry=[SQUARE], crs=4326).to_file(saved, layer="houses")
    assert read(saved).name == "Six squares"
    with pytest.raises(hm.FileError, match=r"also holds layers that are no part of a programme: houses"):
        write(hm.example(), saved)
    assert sniff(saved) == "gpkg"


def test_a_save_never_loses_layers_inside_a_folder(tmp_path):
    write(hm.example(), tmp_path / "p", format="gpkg")
    write(hm.example(), tmp_path / "p", format="gpkg")
    gpd.GeoDataFrame({"a": [1]}, geometry=[SQUARE], crs=4326).to_file(tmp_path / "p" / "plots.gpkg", layer="houses")
    with pytest.raises(hm.FileError, match=r"'plots\.gpkg' also holds layers that are no part of a programme: houses"):
        write(hm.example(), tmp_path / "p", format="csv")


def test_a_log_without_its_file_would_spoil_a_new_one(tmp_path):
    (tmp_path / "p.gpkg-wal").write_bytes(b"x" * 100)
    with pytest.raises(hm.FileError, match=r"'p\.gpkg-wal' lies beside it"):
        write(hm.example(), tmp_path / "p.gpkg")


def test_csv_as_spreadsheets_save_it(tmp_path):
    write(hm.example(), tmp_path / "p", format="csv")
    (tmp_path / "p" / "surveys.csv").write_bytes(
        "\ufeffsurvey_id,date,organisation,geometry\r\n007,2023-05-01,Ağdam,POINT (47 40)\r\n008,2023-05-02,,\r\n".encode()
    )
    surveys = read(tmp_path / "p").surveys
    assert surveys["survey_id"].tolist() == ["007", "008"]
    assert surveys["organisation"].isna().tolist() == [False, True]
    (tmp_path / "p" / "surveys.csv").write_text("survey_id;date;geometry\n", encoding="utf-8")
    with pytest.raises(hm.FileError, match="is separated by ;"):
        read(tmp_path / "p")
    (tmp_path / "p" / "surveys.csv").write_bytes("survey_id,date\nА,2023-01-01\n".encode("cp1251"))
    with pytest.raises(hm.FileError, match=r"UTF-8, commas"):
        read(tmp_path / "p")


def test_names_of_layers_in_another_case_are_the_same_tables(tmp_path):
    gpd.GeoDataFrame({"hazard_id": ["H"]}, geometry=[SQUARE], crs=4326).to_file(tmp_path / "p.gpkg", layer="Hazards")
    assert len(read(tmp_path / "p.gpkg").hazards) == 1


def test_a_save_never_loses_other_files(tmp_path):
    write(hm.example(), tmp_path / "p", format="csv")
    (tmp_path / "p" / "letter.docx").write_text("x")
    with pytest.raises(hm.FileError, match=r"also holds files that are no part of a programme: letter\.docx"):
        write(hm.example(), tmp_path / "p", format="csv")


def test_a_view_is_no_table(saved):
    with sqlite3.connect(saved) as db:
        db.execute("ALTER TABLE surveys RENAME TO old_surveys")
        db.execute("CREATE VIEW surveys AS SELECT * FROM old_surveys")
    db.close()
    with pytest.raises(hm.SchemaError, match="layer surveys is a view"):
        read(saved)


def test_a_file_that_another_program_has_open(saved):
    other = sqlite3.connect(saved)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("UPDATE meta SET value = 'edited' WHERE key = 'name'")
    other.commit()
    assert read(saved).name == "edited"  # reading sees what is saved there
    with pytest.raises(hm.FileError, match="is open in another program"):
        write(hm.example(), saved)
    other.close()
    write(hm.example(), saved)


@pytest.mark.parametrize(
    ("path", "format_", "text"),
    [
        ("hazards.geojson", "geojson", "is the name of one layer"),
        ("p", "xlsx", "format 'xlsx'"),
        ("missing/p.gpkg", "gpkg", "does not exist .* make it first"),
        ("a_folder.gpkg", "gpkg", "is a folder"),
        ("a_file", "csv", "is a file"),
    ],
)
def test_places_that_are_no_place(path, format_, text, tmp_path):
    (tmp_path / "a_folder.gpkg").mkdir()
    (tmp_path / "a_file").write_text("x")
    with pytest.raises(hm.FileError, match=text):
        write(hm.example(), tmp_path / path, format=format_)


@pytest.mark.parametrize(
    ("frame", "kind", "text"),
    [
        ({"name": ["Ə" * 200]}, "shp", r"hazards, row 1: name is 400 bytes long .* save as \.gpkg"),
        ({"geometry": [shapely.Point(1, 1)]}, "ok", ""),
        ({"geometry": [shapely.Polygon()]}, "shp", "geometry POLYGON EMPTY would come back as None"),
        ({"name": [""]}, "shp", "name '' would come back as None"),
        ({"accuracy_m": [1 / 3]}, "shp", "accuracy_m 0.3333333333333333 would come back as 0.333333333333333"),
        ({"accuracy_m": [np.inf]}, "geojson", "row 1: an infinite number"),
    ],
)
def test_what_cannot_survive_is_refused_with_its_row(frame, kind, text, tmp_path):
    base = hm.example().hazards.iloc[:1].assign(**{k: v for k, v in frame.items() if k != "geometry"})
    if "geometry" in frame:
        base = base.set_geometry(gpd.GeoSeries(frame["geometry"], crs=4326, index=base.index))
    if kind == "ok":
        write(Programme(hazards=base), tmp_path / "p", format="shp")
        return
    with pytest.raises(hm.FileError, match=text):
        write(Programme(hazards=base), tmp_path / "p", format=kind)
    assert list(tmp_path.iterdir()) == []


def test_shapes_of_two_kinds_do_not_go_into_one_shapefile(tmp_path):
    frame = hm.example().hazards.iloc[:2].copy()
    frame.loc[1, "geometry"] = shapely.Point(47, 40)
    with pytest.raises(hm.FileError, match=r"hazards holds Point \(row 2\), Polygon \(row 1\)"):
        write(Programme(hazards=frame), tmp_path / "p", format="shp")


@pytest.mark.parametrize(
    ("column", "values", "text"),
    [
        ("photo", [b"x"], r"hazards\.photo \(object\)"),
        ("when", pd.to_datetime(["2024-01-01"], utc=True), r"hazards\.when \(datetime64"),
        ("NAME", ["x"], "'name' and 'NAME'"),
        (7, ["x"], r"columns named \[7\]"),
        ("  ", ["x"], "a column named '  '"),
    ],
)
def test_columns_that_no_file_keeps(column, values, text, tmp_path):
    frame = hm.example().hazards.iloc[:1].copy()
    frame[column] = values
    with pytest.raises(hm.SchemaError, match=text):
        write(Programme(hazards=frame), tmp_path / "p.gpkg")
    assert list(tmp_path.iterdir()) == []


def test_geojson_that_says_a_thing_twice(tmp_path):
    write(hm.example(), tmp_path / "p", format="geojson")
    file = tmp_path / "p" / "hazards.geojson"
    file.write_text(
        file.read_text(encoding="utf-8").replace('"status": ', '"status": "closed", "status": ', 1), encoding="utf-8"
    )
    with pytest.raises(hm.FileError, match="'status' is given twice"):
        read(tmp_path / "p")


@pytest.mark.parametrize(
    "coordinates", ["null", '[[["46", "39"], [47, 39], [47, 40], ["46", "39"]]]', "[[[46, 39], [47, 39], [47, 40]]]"]
)
def test_shapes_that_cannot_be_read_are_never_missing_shapes(coordinates, tmp_path):
    write(hm.example(), tmp_path / "p", format="geojson")
    (tmp_path / "p" / "surveys.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"survey_id": "S", "date": "2023-01-01"},'
        f' "geometry": {{"type": "Polygon", "coordinates": {coordinates}}}}}]}}'
    )
    with pytest.raises(hm.SchemaError, match=r"surveys\.geojson: 1 geometries cannot be read \(row 1\)"):
        read(tmp_path / "p")
