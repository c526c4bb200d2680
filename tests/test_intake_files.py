"""Which files import opens, what it refuses, and that every format gives the same rows."""

import json
import sqlite3
import struct

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from hazardmap import CrsError, FileError, SchemaError
from hazardmap.intake import import_table, reading

SQUARE = shapely.box(46.0, 39.0, 46.001, 39.001)
ROWS = {
    "hazard_id": ["007", "Ağdam-Ə", "9007199254740993"],
    "classification": ["SHA", "təsdiqlənmiş", "CHA"],
    "doi": ["2023-05-01", "2023-05-02", "2023-05-03"],
    "name": ["Füzuli", "Кельбаджар", "<img src=x onerror=alert(1)>"],
}
BOW_TIE = shapely.Polygon([(46, 39), (46.001, 39.001), (46.001, 39), (46, 39.001)])
FRAME = gpd.GeoDataFrame(ROWS, geometry=[SQUARE, BOW_TIE, shapely.box(46.01, 39, 46.011, 39.001)], crs="EPSG:4326")


def write(folder, kind):
    path = folder / f"hazards.{kind}"
    if kind == "parquet":
        FRAME.to_parquet(path)
    elif kind == "csv":
        table = pd.DataFrame(FRAME.drop(columns="geometry")).assign(wkt=FRAME.geometry.to_wkt(rounding_precision=-1))
        table.to_csv(path, index=False)
    elif kind == "geojsonl":
        features = json.loads(FRAME.to_json())["features"]
        path.write_text("\n".join(json.dumps(f, ensure_ascii=False) for f in features), "utf-8")
    else:
        frame = FRAME.rename(columns={"classification": "class"}) if kind == "shp" else FRAME
        pyogrio.write_dataframe(frame, path, **({"COORDINATE_PRECISION": 15} if kind == "geojson" else {}))
    return path


@pytest.mark.parametrize("kind", ["gpkg", "geojson", "geojsonl", "shp", "fgb", "parquet", "csv"])
def test_every_format_gives_the_same_rows(tmp_path, kind):
    path = write(tmp_path, kind)
    whole = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    imported = import_table(path, "hazards", crs="EPSG:4326")
    rows = imported.rows.sort_values("hazard_id")  # FlatGeobuf stores rows in the order of its index
    assert rows["hazard_id"].tolist() == ["007", "9007199254740993", "Ağdam-Ə"]
    assert rows["classification"].tolist() == ["suspected", "confirmed", "confirmed"]
    assert rows["name"].tolist() == ["Füzuli", "<img src=x onerror=alert(1)>", "Кельбаджар"]
    assert rows["date_of_information"].dt.day.tolist() == [1, 3, 2]
    assert imported.counts == {"rows": 3, "accepted": 2, "repaired": 1, "quarantined": 0}
    kept = imported.accepted.set_index("hazard_id").geometry
    assert kept["007"].normalize().equals_exact(SQUARE.normalize(), 1e-9)
    assert imported.report["source_sha256"].str.fullmatch("[0-9a-f]{64}").all()
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == whole


def test_a_geodataframe_is_read_like_a_file_and_not_changed():
    before = FRAME.copy(deep=True)
    imported = import_table(FRAME.set_index(pd.Index([5, 5, 7])), "hazards")
    assert imported.counts["rows"] == 3
    assert imported.rows.index.tolist() == [1, 2, 3]
    pd.testing.assert_frame_equal(FRAME, before)


VRT = '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>secret.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
GDALG = '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read secret.geojson"}'
GEOJSON = json.dumps({"type": "FeatureCollection", "features": []})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.geojson", VRT, "instructions for GDAL"),
        ("a.shp", VRT, "instructions for GDAL"),
        ("a.gpkg", VRT, "instructions for GDAL"),
        ("a.csv", VRT, "instructions for GDAL"),
        ("a.geojson", GDALG, "instructions for GDAL"),
        ("a.shp", GEOJSON, "is GeoJSON, but its name says a Shapefile"),
        ("a.gpkg", GEOJSON, "is GeoJSON, but its name says a GeoPackage"),
        ("a.geojson", '{"type": "Topology"}', "TopoJSON"),
        ("a.geojson", "<kml></kml>", "KML"),
        ("a.zip", "PK\x03\x04", "zip archive"),
        ("a.geojson", "", "is empty (0 bytes)"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused_before_gdal_sees_it(
    tmp_path, monkeypatch, name, content, said
):
    def refuse(*given, **more):
        raise AssertionError("GDAL was asked")

    monkeypatch.setattr(pyogrio.raw, "read", refuse)
    secret = tmp_path / "secret.geojson"
    secret.write_text(GEOJSON)
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with pytest.raises(FileError, match=r"needed: ") as caught:
        import_table(path, "hazards")
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("https://example.org/a.geojson", "not a path on this machine"),
        ("/vsicurl/http://example.org/a.geojson", "not a path on this machine"),
        ("WFS:http://example.org", "not a path on this machine"),
        ("PG:host=example.org", "not a path on this machine"),
        (GEOJSON, "does not exist"),
        ("nowhere.gpkg", "does not exist"),
    ],
)
def test_only_paths_on_this_machine(source, said):
    with pytest.raises(FileError) as caught:
        import_table(source, "hazards")
    assert said in str(caught.value)


def test_a_wrong_path_gets_near_names(tmp_path):
    (tmp_path / "minefields.gpkg").write_bytes(b"x")
    with pytest.raises(FileError, match=r"did you mean 'minefields.gpkg'"):
        import_table(tmp_path / "minefield.gpkg", "hazards")
    with pytest.raises(FileError, match=r"is a folder"):
        import_table(tmp_path, "hazards")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"type": "FeatureCollection", "features": [{"type": "Feature"', "no whole JSON text"),
        ('{"type": "FeatureCollection", "features": []}', "has no rows"),
        ('{"type": "FeatureCollection", "features": {}}', "without a list of features"),
        ('{"type": "FeatureCollection", "features": [], "features": []}', 'states "features" twice'),
        ('{"type": "Polygon", "coordinates": []}', 'JSON of type "Polygon"'),
        ('{"type": "FeatureCollection", "crs": null, "features": [{"type": "Feature"}]}', "declares no CRS"),
        (
            '{"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "EPSG:0"}}, "features": [null]}',
            "PROJ does not know",
        ),
        (
            r'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"\ud800": 1}}]}',
            r"the name '\ud800' holds half a character",
        ),
    ],
)
def test_geojson_that_cannot_be_used_as_a_whole(tmp_path, text, said):
    path = tmp_path / "a.geojson"
    path.write_text(text)
    with pytest.raises((FileError, CrsError)) as caught:
        import_table(
            path,
            "hazards",
            values={"hazard_id": "H-{row}", "classification": "SHA", "date_of_information": "2024-01-01"},
        )
    assert said in str(caught.value)
    assert "– needed: " in str(caught.value)
    assert "– do: " in str(caught.value)


def test_two_counts_that_differ_stop_the_import(tmp_path, monkeypatch):
    monkeypatch.setattr(reading.geojson.counting, "json_elements", lambda text: 4)
    with pytest.raises(FileError, match=r"3 rows were read, a second count finds 4"):
        import_table(write(tmp_path, "geojson"), "hazards")


def test_a_geopackage_with_several_layers_asks_which(tmp_path):
    path = tmp_path / "all.gpkg"
    pyogrio.write_dataframe(FRAME, path, layer="old")
    pyogrio.write_dataframe(FRAME[:2], path, layer="new")
    with pytest.raises(FileError, match=r"2 layers with rows: old \(3 rows\), new \(2 rows\).*add --layer"):
        import_table(path, "hazards")
    assert import_table(path, "hazards", layer="new").counts["rows"] == 2
    with pytest.raises(FileError, match=r"layer 'none' is not in it"):
        import_table(path, "hazards", layer="none")
    pyogrio.write_dataframe(FRAME[:1], path, layer="hazards")
    named = import_table(path, "hazards")
    assert named.counts["rows"] == 1
    assert any("layers not read: old (3 rows), new (2 rows)" in n for n in named.notes)


def test_a_geopackage_row_that_its_index_hides_is_read(tmp_path):
    path = write(tmp_path, "gpkg")
    with sqlite3.connect(path) as database:
        database.execute('DELETE FROM "rtree_hazards_geom" WHERE id = 1')
    database.close()
    assert import_table(path, "hazards").counts["rows"] == 3


def test_a_view_in_a_geopackage_is_not_read(tmp_path):
    path = write(tmp_path, "gpkg")
    with sqlite3.connect(path) as database:
        database.execute("CREATE VIEW shown AS SELECT * FROM hazards")
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('shown', 'features', 'shown', 4326)"
        )
        database.execute("INSERT INTO gpkg_geometry_columns VALUES ('shown', 'geom', 'POLYGON', 4326, 0, 0)")
    database.close()
    with pytest.raises(FileError, match=r"'shown' is a view"):
        import_table(path, "hazards", layer="shown")


def test_a_bad_geometry_in_a_geopackage_is_one_row(tmp_path):
    path = tmp_path / "plain.gpkg"
    pyogrio.write_dataframe(FRAME, path, layer="hazards", SPATIAL_INDEX="NO")
    with sqlite3.connect(path) as database:
        (blob,) = database.execute("SELECT geom FROM hazards WHERE fid = 1").fetchone()
        database.execute("UPDATE hazards SET geom = ? WHERE fid = 1", (blob[:60],))
        database.execute("UPDATE hazards SET geom = 'text' WHERE fid = 3")
    database.close()
    imported = import_table(path, "hazards")
    assert imported.counts == {"rows": 3, "accepted": 0, "repaired": 1, "quarantined": 2}
    assert "WKB that is cut short" in imported.rows.loc[1, "quarantined"]
    assert "no GeoPackage geometry" in imported.rows.loc[3, "quarantined"]


@pytest.mark.parametrize(
    ("part", "keep", "said"),
    [
        (".dbf", None, "comes without its .dbf"),
        (".shx", None, "comes without its .shx"),
        (".dbf", -40, "cut short"),
        (".shp", -40, "cut short"),
        (".shx", -8, "3 rows"),
    ],
)
def test_a_shapefile_with_a_missing_or_cut_part_is_refused(tmp_path, part, keep, said):
    path = write(tmp_path, "shp")
    damaged = path.with_suffix(part)
    if keep is None:
        damaged.unlink()
    else:
        damaged.write_bytes(damaged.read_bytes()[:keep])
    with pytest.raises(FileError) as caught:
        import_table(path, "hazards")
    assert said in str(caught.value)


def test_a_shapefile_without_prj_needs_a_crs(tmp_path):
    path = write(tmp_path, "shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(CrsError, match=r"declares no CRS .* type: --crs EPSG"):
        import_table(path, "hazards")


def test_letters_beyond_ascii_need_a_stated_encoding(tmp_path):
    path = tmp_path / "old.shp"
    frame = FRAME[:1].rename(columns={"classification": "class"}).assign(name="Минное поле")
    pyogrio.write_dataframe(frame, path, encoding="CP1251")
    path.with_suffix(".cpg").unlink()
    with pytest.raises(FileError, match=r"beyond ASCII .* add --encoding"):
        import_table(path, "hazards")
    with pytest.raises(FileError, match=r"not in the encoding utf-8"):
        import_table(path, "hazards", encoding="utf-8")
    assert import_table(path, "hazards", encoding="cp1251").rows["name"].tolist() == ["Минное поле"]


def test_names_that_a_shapefile_cuts_are_known_when_they_can_be_one_only(tmp_path):
    path = tmp_path / "cut.shp"
    frame = FRAME.rename(columns={"classification": "classifica", "doi": "date_of_in"})
    pyogrio.write_dataframe(frame, path)
    assert import_table(path, "hazards").counts["accepted"] == 2
    pyogrio.write_dataframe(frame.rename(columns={"name": "nonconform"}), tmp_path / "two.shp")
    with pytest.raises(
        SchemaError, match=r"nonconform, cut to 10 letters, can be nonconformity or nonconformity_closed_on"
    ):
        import_table(
            tmp_path / "two.shp",
            "releases",
            values={"release_id": "R-{row}", "product": "cleared", "date_completed": "2024-01-01"},
        )


def test_rows_deleted_in_a_dbf_are_left_out_and_told(tmp_path):
    path = write(tmp_path, "shp")
    dbf = path.with_suffix(".dbf")
    data = bytearray(dbf.read_bytes())
    header, size = struct.unpack("<HH", data[8:12])
    data[header + size] = ord("*")
    dbf.write_bytes(bytes(data))
    imported = import_table(path, "hazards")
    assert imported.rows["hazard_id"].tolist() == ["007", "9007199254740993"]
    assert any("1 rows are marked as deleted" in n for n in imported.notes)


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 256, 257])
def test_a_flatgeobuf_of_any_size_is_whole(tmp_path, count):
    path = tmp_path / "h.fgb"
    squares = [shapely.box(46 + i / 1_000, 39, 46.0005 + i / 1_000, 39.001) for i in range(count)]
    pyogrio.write_dataframe(gpd.GeoDataFrame({"id": range(count)}, geometry=squares, crs="EPSG:4326"), path)
    assert reading.read(path, wanted="hazards", layer=None, encoding=None).counted == count


def test_a_geopackage_that_gdal_made_without_a_crs_needs_one(tmp_path):
    path = tmp_path / "h.gpkg"
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        pyogrio.write_dataframe(FRAME.set_crs(None, allow_override=True), path)
    with pytest.raises(CrsError, match=r"h\.gpkg declares no CRS"):
        import_table(path, "hazards")
    assert import_table(path, "hazards", crs="EPSG:4326").counts["rows"] == 3


def test_a_flatgeobuf_with_a_row_without_geometry_does_not_end_the_process(tmp_path):
    path = tmp_path / "null.fgb"
    pyogrio.write_dataframe(FRAME.assign(geometry=[SQUARE, None, SQUARE]).set_crs(4326), path, SPATIAL_INDEX="NO")
    assert import_table(path, "hazards").counts == {"rows": 3, "accepted": 2, "repaired": 0, "quarantined": 1}


@pytest.mark.parametrize("kind", ["fgb", "parquet", "gpkg"])
def test_a_cut_file_is_refused(tmp_path, kind):
    path = write(tmp_path, kind)
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(FileError, match=r"cut short|damaged"):
        import_table(path, "hazards")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hazard_id,name\n1,x\n", "no column of WKT"),
        ('id,wkt\n1,"POINT (0 0)\n', "no whole CSV"),
        ("id,id,wkt\n1,2,POINT (0 0)\n", "names 'id'"),
        ("id,wkt\n", "has no rows"),
    ],
)
def test_csv_that_cannot_be_used(tmp_path, text, said):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(FileError) as caught:
        import_table(path, "hazards", crs="EPSG:4326")
    assert said in str(caught.value)


def test_csv_of_another_separator_and_with_ragged_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        'id;classification;doi;wkt\n007;SHA;2023-05-01;POINT (46 39)\n008;SHA;2023-05-01\n\n009;SHA;2023-05-01;"POINT\n(46 39)"\n'
    )
    imported = import_table(path, "hazards", crs=4326)
    assert imported.rows["hazard_id"].tolist() == ["007", "008", "009"]
    assert imported.counts["accepted"] == 2
    assert "row: 3 cells (needed: 4 cells" in imported.rows.loc[2, "quarantined"]
    with pytest.raises(CrsError, match=r"declares no CRS"):
        import_table(path, "hazards")


def test_text_in_another_encoding(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("id,name,wkt\n1,Минное,POINT (46 39)\n".encode("cp1251"))
    with pytest.raises(FileError, match=r"not UTF-8 text .* add --encoding"):
        import_table(path, "context", crs=4326, values={"kind": "road"})
    assert import_table(path, "context", crs=4326, values={"kind": "road"}, encoding="cp1251").rows[
        "name"
    ].tolist() == ["Минное"]
    with pytest.raises(FileError, match=r"no encoding is named"):
        import_table(path, "context", crs=4326, values={"kind": "road"}, encoding="nonsense")
