"""The command `hazardmap traverse`."""

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from walked import square, table

from hazardmap.cli import main

SAID = ["--set", "north=true", "--set", "bearing_unit=deg", "--set", "distance_unit=m", "--set", "datum=WGS 84"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "legs.csv"
    square(accuracy_m="8").to_csv(path, index=False)
    return path


def test_it_tells_each_traverse(file, capsys):
    assert main(["traverse", str(file), *SAID]) == 0
    said = capsys.readouterr().out
    assert "6 rows, 1 traverse, 0 quarantined" in said
    assert "M-1: 4 boundary points" in said
    assert "10,000 m²" in said
    assert "closes on S" in said
    assert "Information, not permission to enter." in said


@pytest.mark.parametrize("kind", ["gpkg", "geojson", "csv"])
def test_it_saves_points(file, tmp_path, kind):
    out = tmp_path / f"points.{kind}"
    out.write_text("old", encoding="utf-8")
    assert main(["traverse", str(file), *SAID, "-o", str(out)]) == 0
    if kind == "csv":
        assert pd.read_csv(out)["point"].tolist() == ["L", "S", "T1", "T2", "T3", "S"]
        return
    read = gpd.read_file(out, layer="points")
    assert len(read) == 6
    if kind == "gpkg":
        assert set(pyogrio.list_layers(out)[:, 0]) == {"points", "traverses"}
        assert gpd.read_file(out, layer="traverses").to_crs(32638).area.iloc[0] == pytest.approx(10_000, rel=0.001)


def test_a_quarantined_traverse_is_saved_too(tmp_path, capsys):
    path, out = tmp_path / "legs.csv", tmp_path / "points.gpkg"
    pd.concat([square(), square(name="M-2").iloc[:3], square(name="M-3").iloc[1:]]).to_csv(path, index=False)
    assert main(["traverse", str(path), *SAID, "-o", str(out), "--strict"]) == 1
    said = capsys.readouterr().out
    assert "3 traverses, 2 quarantined" in said
    saved = gpd.read_file(out, layer="traverses").set_index("traverse_id")
    assert list(saved.index) == ["M-1", "M-2", "M-3"]
    assert saved["quarantined"].isna().tolist() == [True, False, False]
    assert len(gpd.read_file(out, layer="points")) == 14


def test_formulas_stay_text_in_csv(tmp_path):
    path, out = tmp_path / "legs.csv", tmp_path / "points.csv"
    table([("=1+1", "start", 90, 50)], name="@x").to_csv(path, index=False)
    main(["traverse", str(path), *SAID, "-o", str(out)])
    assert "'=1+1" in out.read_text(encoding="utf-8-sig")
    assert ",=1+1" not in out.read_text(encoding="utf-8-sig")


def test_it_draws(file, tmp_path, capsys):
    pytest.importorskip("matplotlib", reason="pip install hazardmap[charts]")
    picture = tmp_path / "sketch.svg"
    assert main(["traverse", str(file), *SAID, "--drawing", str(picture)]) == 1
    assert "the traverse states no date" in capsys.readouterr().err
    assert main(["traverse", str(file), *SAID, "--drawing", str(picture), "--as-of", "1993-08-14", "--fictitious"]) == 0
    assert picture.read_text(encoding="utf-8").startswith("<?xml")


def test_several_traverses_need_a_name_to_draw(tmp_path, capsys):
    path = tmp_path / "legs.csv"
    pd.concat([square(), square(name="M-2")]).to_csv(path, index=False)
    options = ["traverse", str(path), *SAID, "--as-of", "1993-08-14", "--drawing", str(tmp_path / "x.png")]
    assert main(options) == 1
    assert "2 traverses (M-1, M-2) – needed: one to draw – do: add --traverse ID" in capsys.readouterr().err
    pytest.importorskip("matplotlib", reason="pip install hazardmap[charts]")
    assert main([*options, "--traverse", "M-2"]) == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("traverse_id,point\nM-1\n", "1 row is not whole, e.g. row 2: 1 cells – needed: 2 cells"),
        ("a,b\n1,2\n", "no column traverse_id, point, kind, bearing, distance"),
        ('a,b\n"1,2\n', "is no whole CSV"),
    ],
)
def test_files_that_are_no_table_are_refused(tmp_path, capsys, text, told):
    path = tmp_path / "legs.csv"
    path.write_text(text, encoding="utf-8")
    assert main(["traverse", str(path)]) == 1
    assert told in capsys.readouterr().err


def test_encodings_are_stated(tmp_path, capsys):
    path = tmp_path / "legs.csv"
    square(name="Минное поле").to_csv(path, index=False, encoding="cp1251", sep=";")
    assert main(["traverse", str(path), *SAID]) == 1
    assert "add --encoding" in capsys.readouterr().err
    assert main(["traverse", str(path), *SAID, "--encoding", "cp1251"]) == 0
    assert "Минное поле: 4 boundary points" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["-o", "x.shp"], "ends in .gpkg, .geojson or .csv"),
        (["--closing-limit", "0"], "a number above 1"),
        (["--set", "north"], "column=value"),
    ],
)
def test_wrong_use_is_told(file, capsys, options, told):
    assert main(["traverse", str(file), *SAID, *options]) == 1
    assert told in capsys.readouterr().err


def test_bowditch_on_request(tmp_path, capsys):
    path = tmp_path / "legs.csv"
    frame = square(1000)
    frame.loc[5, "distance"] = "950"
    frame.to_csv(path, index=False)
    assert main(["traverse", str(path), *SAID, "--bowditch"]) == 0
    assert "spread by Bowditch, points moved by up to" in capsys.readouterr().out


def test_a_workbook_is_read_as_its_table_is(file, tmp_path, capsys):
    legs = pd.read_csv(file, dtype=str)
    legs.to_excel(tmp_path / "legs.xlsx", index=False)
    said = []
    for path in (file, tmp_path / "legs.xlsx"):
        assert main(["traverse", str(path), *SAID]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
