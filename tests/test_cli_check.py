"""The command check: what it asks, what it prints, what it writes, how it ends."""

import subprocess
import sys
from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import hazardmap as hm
from hazardmap import words
from hazardmap.cli import checking, main
from hazardmap.sheets import streaming

ON = ["--on", "2024-12-31"]
CRS = "EPSG:32638"


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    """The six squares as a programme file: A released … F near a hazard."""
    path = tmp_path_factory.mktemp("held") / "squares.gpkg"
    hm.write(hm.example(), path)
    return str(path)


@pytest.fixture(scope="module")
def expected():
    return hm.check_plots(hm.example(), on="2024-12-31").set_index("plot_id")["verdict"]


def centre(plot):
    plots = hm.example().plots.set_index("plot_id")
    point = plots.geometry[plot].centroid
    return point.x, point.y


def plots_file(path, **columns):
    frame = hm.example().plots[["geometry"]].assign(**columns)
    (frame.to_parquet if path.suffix == ".parquet" else frame.to_file)(path)
    return str(path)


def test_a_table_of_all_plots(held, capsys, expected):
    assert main(["check", held, *ON]) == 0
    told = capsys.readouterr()
    assert told.err == "", "in a pipe nothing is said of progress"
    assert told.out.startswith(words.FICTITIOUS)
    rows = {line.split()[0]: line for line in told.out.splitlines() if line.startswith("P-")}
    assert set(rows) == set(expected.index)
    for plot, verdict in expected.items():
        assert verdict.replace("_", " ") in rows[plot]
    assert " 50.0 " not in rows["P-A"]
    assert "H-005" in rows["P-F"]
    assert " m W " in rows["P-F"]
    assert "State of the ground on 2024-12-31. Data as of 2024-12-31." in " ".join(told.out.split())
    assert words.DISCLAIMER in told.out
    assert "days old" not in told.out


def test_the_limit_of_rows_shown_is_told(held, capsys):
    assert main(["check", held, *ON, "--limit", "2"]) == 0
    told = capsys.readouterr().out
    assert sum(line.startswith("P-") for line in told.splitlines()) == 2
    assert "… and 4 more; write them with -o answers.xlsx" in told


def test_one_plot_is_explained(held, capsys):
    assert main(["check", held, *ON, "--plot", "P-B"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Plot P-B: overlaps a suspected hazardous area: H-002\n")
    assert "5,000 m² (50.0 %) suspected open" in told
    assert 'For the verdict "released" it would need:' in told
    assert "R-002: what it lacks now (no handover paper with number and date)" in told
    assert words.DISCLAIMER in told
    assert words.FICTITIOUS in told


def test_the_cadastre_number_names_a_plot_too(held, capsys):
    assert main(["check", held, *ON, "--plot", "EX/1"]) == 0
    assert capsys.readouterr().out.startswith("Plot P-A: released by R-001, on 2022-05-20, document HO-17, to 0.2 m\n")


def test_an_unknown_plot_suggests_ids(held, capsys):
    assert main(["check", held, *ON, "--plot", "P-X"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "no plot P-X among the 6 plots" in told.err
    assert "like P-X: P-" in told.err
    assert "Traceback" not in told.err


def test_several_plots_are_a_table(held, capsys):
    assert main(["check", held, *ON, "--plot", "P-C", "--plot", "P-A"]) == 0
    told = capsys.readouterr().out
    assert [line.split()[0] for line in told.splitlines() if line.startswith("P-")] == ["P-C", "P-A"], "worst first"


def test_a_place(held, capsys):
    x, y = centre("P-C")
    assert main(["check", held, *ON, "--at", f"{x:.6f} {y:.6f}"]) == 0
    told = capsys.readouterr().out
    assert "314 m²" in told, "π · 10² on the ground"
    assert [line for line in told.splitlines() if line.startswith("P-C")], "the plot that holds the place is told too"
    assert "10 m round" in told
    assert main(["check", held, *ON, "--at", f"{x:.6f},{y:.6f}", "--radius", "5"]) == 0
    told = capsys.readouterr().out
    assert "5 m round" in told
    assert " 79 m²" in told or " 78 m²" in told


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("fourty 47", "longitude and latitude in degrees"),
        ("47.0", "longitude and latitude in degrees"),
        ("47 40 1", "longitude and latitude in degrees"),
        ("nan 40", "longitude within ±180"),
        ("inf 40", "longitude within ±180"),
        ("470 40", "longitude within ±180"),
    ],
)
def test_a_place_that_is_none(held, capsys, place, said):
    assert main(["check", held, *ON, "--at", place]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_a_place_outside_the_country(tmp_path, capsys):
    squares = hm.example()
    policy = hm.Policy(extent_deg=(44.7, 38.3, 50.7, 42.0))
    path = tmp_path / "p.gpkg"
    hm.write(hm.Programme(**{**{f: getattr(squares, f) for f in squares.__dataclass_fields__}, "policy": policy}), path)
    assert main(["check", str(path), *ON, "--at", "40.0005 47.0005"]) == 1
    assert 'did you mean --at "47.0005 40.0005"?' in capsys.readouterr().err
    assert main(["check", str(path), *ON, "--at", "-74 4"]) == 1
    told = capsys.readouterr().err
    assert "lies outside the country" in told
    assert "did you mean" not in told


def test_a_file_of_plots_without_ids_is_numbered(held, tmp_path, capsys, expected):
    assert main(["check", held, *ON, "--plots", plots_file(tmp_path / "mine.geojson")]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("row ")]
    assert len(rows) == 6
    told = {line[:5]: line for line in rows}
    for number, verdict in enumerate(expected, start=1):
        assert verdict.replace("_", " ") in told[f"row {number}"]


def test_a_file_without_crs_needs_one(held, tmp_path, capsys, expected):
    frame = hm.example().plots[["plot_id", "geometry"]].to_crs(CRS)
    path = tmp_path / "bare.csv"
    pd.DataFrame({"plot_id": frame["plot_id"], "wkt": frame.geometry.to_wkt()}).to_csv(path, index=False)
    assert main(["check", held, *ON, "--plots", str(path)]) == 1
    told = capsys.readouterr().err
    assert "CRS" in told
    assert "Traceback" not in told
    assert main(["check", held, *ON, "--plots", str(path), "--crs", CRS]) == 0
    told = capsys.readouterr().out
    rows = {line.split()[0]: line for line in told.splitlines() if line.startswith("P-")}
    assert "released" in rows["P-A"]
    assert "confirmed hazard" in rows["P-C"]


def test_rows_that_cannot_be_used_are_answered_and_told(held, tmp_path, capsys):
    frame = hm.example().plots[["plot_id", "geometry"]]
    shapes = [*frame.geometry[:5], None]
    path = tmp_path / "holes.gpkg"
    gpd.GeoDataFrame(frame[["plot_id"]], geometry=shapes, crs=4326).to_file(path)
    assert main(["check", held, *ON, "--plots", str(path)]) == 0
    told = capsys.readouterr().out
    assert "Quarantined plots are answered like the others, but nothing good is said of them." in told
    assert "stay in the programme" not in told
    assert [line for line in told.splitlines() if line.startswith("P-F") and "cannot tell" in line]
    assert main(["check", held, *ON, "--plots", str(path), "--strict"]) == 1


@pytest.fixture
def road(tmp_path):
    x, y = centre("P-A")
    line = shapely.LineString([(x - 0.0012, y), (x + 0.0012, y)])
    path = tmp_path / "road.geojson"
    gpd.GeoDataFrame({"name": ["Road 1"]}, geometry=[line], crs=4326).to_file(path)
    return str(path)


def test_lines(held, road, capsys, tmp_path):
    out = tmp_path / "road.csv"
    assert main(["check", held, *ON, "--lines", road, "--width", "12", "-o", str(out)]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert "Road 1" in told.out
    assert "released" in told.out
    stretches = hm.check_lines(hm.example(), gpd.read_file(road), on="2024-12-31", width_m=12)
    assert len(pd.read_csv(out, comment="#")) >= len(stretches) > 2


def test_lines_need_a_width_and_a_width_lines(held, road, capsys):
    assert main(["check", held, *ON, "--lines", road]) == 1
    assert "--lines without --width" in capsys.readouterr().err
    assert main(["check", held, *ON, "--width", "12"]) == 1
    assert "--width without --lines" in capsys.readouterr().err
    assert main(["check", held, *ON, "--lines", road, "--width", "-3"]) == 1
    assert "--width -3 – needed: a length above 0 in metres" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["xlsx", "csv", "gpkg", "parquet", "html"])
def test_answers_are_written(held, tmp_path, capsys, expected, ending):
    out = tmp_path / f"answers.{ending}"
    assert main(["check", held, *ON, "-o", str(out)]) == 0
    told = capsys.readouterr()
    assert told.out.rstrip().endswith(f"Saved {out}.")
    assert told.err == ""
    if ending == "xlsx":
        sheet = pytest.importorskip("openpyxl").load_workbook(out)
        cells = {str(c.value) for row in sheet["Verdicts"].iter_rows() for c in row}
        assert set(expected.index) <= cells
    elif ending == "html":
        assert "hm-verdicts" in out.read_text(encoding="utf-8")
    elif ending == "gpkg":
        assert gpd.read_file(out, layer="verdicts").set_index("plot_id")["verdict"].to_dict() == expected.to_dict()
    elif ending == "parquet":
        assert gpd.read_parquet(out).set_index("plot_id")["verdict"].to_dict() == expected.to_dict()
    else:
        assert all(p in out.read_text(encoding="utf-8-sig") for p in expected.index)


def test_an_ending_that_nobody_writes_is_refused_before_anything_is_read(tmp_path, capsys):
    assert main(["check", str(tmp_path / "nowhere.gpkg"), "-o", str(tmp_path / "answers.docx")]) == 1
    told = capsys.readouterr().err
    assert "answers.docx" in told
    assert "nowhere" not in told


def test_parquet_to_parquet_goes_part_by_part(held, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(streaming, "_ROWS", 2)
    monkeypatch.setattr(hm, "check_plots", None)  # not this way
    ids = ["a", "b", "c", "d", "a", "f"]  # the two a are in different parts
    source = plots_file(tmp_path / "plots.parquet", plot_id=ids)
    out = tmp_path / "answers.parquet"
    assert main(["check", held, *ON, "--plots", source, "-o", str(out)]) == 0
    monkeypatch.undo()
    told = capsys.readouterr()
    assert told.err == ""
    assert words.FICTITIOUS in told.out
    assert words.DISCLAIMER in told.out
    assert told.out.rstrip().endswith(f"Saved {out}.")
    streamed = gpd.read_parquet(out)
    whole = hm.check_plots(hm.example(), gpd.read_parquet(source), on="2024-12-31")
    for column in ("plot_id", "verdict", "why", "area_m2", "cleared_m2", "nearest_hazard_id", "nearest_hazard_m"):
        pd.testing.assert_series_equal(streamed[column], whole[column], check_dtype=False, check_index=False)
    assert [tuple(f) for f in streamed["flags"]] == whole["flags"].tolist()
    assert streamed["verdict"].tolist()[0] == "cannot_tell", "released, were it not for the other plot of that id"
    assert streamed["verdict"].tolist()[4] == "confirmed_hazard", "a record in doubt hides no hazard"


@pytest.mark.parametrize(
    ("columns", "more"),
    [({}, ["--set", "required_depth_m=0.5"]), ({"Required_Depth_M": 0.5}, []), ({"required_depth_m": "0.5"}, [])],
)
def test_a_depth_that_only_an_import_can_read_is_not_lost_on_the_way(held, tmp_path, capsys, columns, more):
    source = plots_file(tmp_path / "plots.parquet", plot_id=list("abcdef"), **columns)
    out = tmp_path / "answers.parquet"
    assert main(["check", held, *ON, "--plots", source, "-o", str(out), *more]) == 0
    answers = gpd.read_parquet(out)
    assert answers["verdict"].tolist()[0] == "too_shallow", "cleared to 0.2 m, 0.5 m is needed"
    assert answers["required_depth_m"].tolist() == [0.5] * 6


def test_two_crs_for_one_file_are_refused(held, tmp_path, capsys):
    source = plots_file(tmp_path / "plots.parquet", plot_id=list("abcdef"))
    for out in ("a.parquet", "a.csv"):
        assert main(["check", held, *ON, "--plots", source, "--crs", CRS, "-o", str(tmp_path / out)]) == 1
        assert "one CRS for one file" in capsys.readouterr().err
    assert main(["check", held, *ON, "--plots", source, "--crs", "EPSG:4326", "-o", str(tmp_path / "a.parquet")]) == 0


def test_streamed_plots_outside_the_country_bring_no_good_news(tmp_path, capsys):
    squares = hm.example()
    given = {f: getattr(squares, f) for f in squares.__dataclass_fields__}
    path, out = tmp_path / "p.gpkg", tmp_path / "answers.parquet"
    hm.write(hm.Programme(**{**given, "policy": hm.Policy(extent_deg=(44.7, 38.3, 50.7, 42.0))}), path)
    swapped = squares.plots[["plot_id", "geometry"]]
    swapped = swapped.set_geometry(shapely.transform(swapped.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=4326)
    swapped.to_parquet(tmp_path / "swapped.parquet")
    assert main(["check", str(path), *ON, "--plots", str(tmp_path / "swapped.parquet"), "-o", str(out)]) == 0
    answers = gpd.read_parquet(out)
    assert set(answers["verdict"]) == {"cannot_tell"}
    assert "outside the country" in answers["why"][0]


def test_without_a_day_old_data_bring_no_good_news(held, capsys, monkeypatch):
    class Later(date):
        @classmethod
        def today(cls):
            return cls(2026, 6, 30)

    monkeypatch.setattr(checking, "date", Later)
    assert main(["check", held]) == 0
    told = capsys.readouterr().out
    rows = {line.split()[0]: line for line in told.splitlines() if line.startswith("P-")}
    assert "cannot tell" in rows["P-A"]
    assert "confirmed hazard" in rows["P-C"], "bad news does not age"
    assert "The data are 546 days old" in told, "365 days of 2025 and 181 of 2026"
    assert "--on 2024-12-31" in told


def test_without_a_day_young_data_are_answered_as_they_are(held, capsys, monkeypatch):
    class Soon(date):
        @classmethod
        def today(cls):
            return cls(2025, 1, 15)

    monkeypatch.setattr(checking, "date", Soon)
    assert main(["check", held, "--plot", "P-A"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Plot P-A: released by R-001")
    assert "days old" not in told


def test_a_day_after_the_data_is_refused(held, capsys):
    assert main(["check", held, "--on", "2025-01-01"]) == 1
    told = capsys.readouterr().err
    assert "2025-01-01" in told
    assert "Traceback" not in told


def test_wrong_use_ends_with_2(held, capsys):
    for wrong in (["--on", "31.12.2024"], ["--plot", "P-A", "--at", "47 40"], ["--nothing"]):
        with pytest.raises(SystemExit) as ended:
            main(["check", held, *wrong])
        assert ended.value.code == 2
    assert "is no day; write it like 2024-12-31" in capsys.readouterr().err


def test_a_programme_without_plots_says_what_can_be_asked(tmp_path, capsys):
    squares = hm.example()
    path = tmp_path / "bare.gpkg"
    given = {f: getattr(squares, f) for f in squares.__dataclass_fields__}
    hm.write(hm.Programme(**{**given, "plots": squares.plots.iloc[:0]}), path)
    assert main(["check", str(path), *ON]) == 1
    told = capsys.readouterr().err
    assert "the programme has no plots" in told
    assert "--plots FILE" in told


def test_a_file_that_is_not_there(held, tmp_path, capsys):
    for out in ("a.csv", "a.parquet"):
        there = ["--plots", str(tmp_path / "nowhere.parquet"), "-o", str(tmp_path / out)]
        assert main(["check", held, *ON, *there]) == 1
        told = capsys.readouterr().err
        assert "nowhere." in told
        assert "Traceback" not in told
        assert not (tmp_path / out).exists()


def test_hostile_ids_cannot_move_the_cursor(held, tmp_path, capsys):
    ids = ["a\x1b[2J", "b\nreleased", "c\u202e", "d", "e", "f"]
    source = plots_file(tmp_path / "h.parquet", plot_id=ids)
    assert main(["check", held, *ON, "--plots", source]) == 0
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert not [line for line in told.splitlines() if line.startswith("released") and "plot" not in line]


@pytest.mark.parametrize("code", ["import hazardmap", "from hazardmap.cli import parser; parser().format_help()"])
def test_the_compiler_is_not_loaded_before_it_is_needed(code):
    asked = f"{code}\nimport sys\nprint([m for m in sys.modules if m.split('.')[0] in {{'numba', 'llvmlite'}}])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
