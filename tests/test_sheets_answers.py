"""Answers as files: what is read back is what was answered, and each file says whose data, of which day, and no more."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sqlite3
import warnings
import zipfile
from dataclasses import replace
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
import verdicts
from verdicts import ON, SETS

import hazardmap as hm
from hazardmap import words
from hazardmap.sheets import answers_format, write_answers
from hazardmap.sheets.answers_book import COLUMNS, shown
from hazardmap.sheets.meanings import MEANINGS, STATE_WORDS
from hazardmap.sheets.records import records_used
from hazardmap.sheets.telling import ANSWERS, WORST_FIRST
from hazardmap.sheets.verdict_look import GREEN, VERDICT_LOOK
from hazardmap.store.styles import qml, sld

ENDINGS = ("xlsx", "csv", "gpkg", "parquet")
HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://x.example")',
    "@SUM(A1)",
    "+1",
    "-1",
    "north;=1+1;south",
    'a","=1+1',
    "two\nlines",
    "nul\x00 bell\x07",
    "<r></r></si><si><t>released</t></si><si><r></r>",
    "Ağdərə Агдам أغدام",
    "</table><script>alert(1)</script>",
)


@pytest.fixture(scope="module")
def answers():
    return verdicts.every_verdict()


def save(frame, path, programme=None, on=ON):
    write_answers(frame, path, programme=programme or hm.example(), on=on)
    return path


def poisoned():
    """A plot for each hostile text, which stands in every text and every set, and in the programme's own texts."""
    rows = [
        {**verdicts.ROWS[i % 11], **dict.fromkeys(("cadastre_no", "name", "use", "why"), t)}
        for i, t in enumerate(HOSTILE)
    ]
    rows = [{**r, "plot_id": t, "nearest_hazard_id": t, "sources": t} for r, t in zip(rows, HOSTILE, strict=True)]
    rows = [
        {**r, **dict.fromkeys(("hazard_ids", "release_ids", "find_ids"), (t, t))}
        for r, t in zip(rows, HOSTILE, strict=True)
    ]
    return verdicts.answers(rows)


def everything(path):
    """All text that a file holds."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as parts:
            return "".join(parts.read(n).decode() for n in parts.namelist())
    if path.suffix == ".csv":
        return path.read_text(encoding="utf-8-sig")
    if path.suffix == ".gpkg":
        with contextlib.closing(sqlite3.connect(path)) as db:
            return "\n".join(db.iterdump())
    return " ".join(v.decode() for v in pq.read_metadata(path).metadata.values())


# --- every kind of file


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_file_tells_its_days_sources_and_that_it_permits_nothing(ending, answers, tmp_path):
    told = everything(save(answers, tmp_path / f"a.{ending}"))
    for needed in (words.DISCLAIMER, words.ABSENCE, words.FICTITIOUS, ON, "hazardmap.example(): fictitious"):
        assert needed in told.replace("&amp;", "&"), needed


@pytest.mark.parametrize("ending", ENDINGS)
def test_example_data_are_marked_by_the_programme_or_by_any_answer(ending, answers, tmp_path):
    honest = replace(hm.example(), fictitious=False)
    unmarked = verdicts.real(answers)
    by_programme = save(unmarked, tmp_path / f"a.{ending}")
    by_answers = save(answers, tmp_path / f"b.{ending}", honest)
    neither = save(unmarked, tmp_path / f"c.{ending}", honest)
    assert words.FICTITIOUS in everything(by_programme)
    assert words.FICTITIOUS in everything(by_answers)
    assert words.FICTITIOUS not in everything(neither)


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_plots_and_plots_of_which_nothing_can_be_told(ending, answers, tmp_path):
    lost = answers[answers["verdict"] == "cannot_tell"]
    lost = pd.concat([lost, lost.set_geometry(gpd.GeoSeries([None], index=lost.index, crs=4326))])
    for number, frame in enumerate((verdicts.none(), lost)):
        path = save(frame, tmp_path / f"{number}.{ending}")
        if ending == "xlsx":
            rows = list(openpyxl.load_workbook(path)["Verdicts"].iter_rows(min_row=7, values_only=True))
            assert [r[0] for r in rows] == (["P-L", "P-L"] if number else ["No plots were asked."])
        elif ending == "csv":
            assert len(read_csv(path)) == 2 * number
        elif ending == "gpkg":
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                read = gpd.read_file(path, layer="verdicts")
            assert read["verdict"].tolist() == ["cannot_tell"] * 2 * number
            assert read.geometry.isna().all()
        else:
            assert len(gpd.read_parquet(path)) == 2 * number


@pytest.mark.parametrize("ending", ENDINGS)
def test_older_answers_are_replaced_and_nothing_else_is(ending, answers, tmp_path):
    path = save(answers, tmp_path / f"a.{ending}")
    save(answers.iloc[:3], path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    foreign = tmp_path / f"programme.{ending}"
    if ending == "gpkg":
        hm.write(hm.example(), foreign)
    elif ending == "parquet":
        hm.example().plots.drop(columns=["geometry"]).to_parquet(foreign)
    elif ending == "csv":
        foreign.write_text("plot_id,use\nP-1,field\n")
    else:
        openpyxl.Workbook().save(foreign)
    before = foreign.read_bytes()
    with pytest.raises(hm.FileError, match="is there already and holds no answers about plots; nothing was changed"):
        save(answers, foreign)
    assert foreign.read_bytes() == before


@pytest.mark.parametrize("ending", ENDINGS)
def test_inputs_stay_as_they_were(ending, tmp_path):
    frame = verdicts.every_verdict()
    programme = hm.example()
    save(frame, tmp_path / f"a.{ending}", programme)
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(verdicts.every_verdict()))
    pd.testing.assert_frame_equal(pd.DataFrame(programme.hazards), pd.DataFrame(hm.example().hazards))


# --- what is refused


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("a.pdf", "letters about plots as PDF come later"),
        ("a.html", r"hm\.draw\(programme, on=…, answers=answers\)"),
        ("a.shp", r"write \.gpkg"),
        ("a.docx", r"write 'a\.xlsx'"),
        ("answers", r"write 'answers\.xlsx'"),
    ],
)
def test_other_endings_are_refused_with_what_to_use(name, instead, answers, tmp_path):
    with pytest.raises(
        hm.FileError, match=rf"needed: a name that ends in \.xlsx, \.csv, \.gpkg or \.parquet – do: .*{instead}"
    ):
        save(answers, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_endings_in_any_case():
    assert [answers_format(n) for n in ("A.XLSX", "a.Csv", "a.gpkg", "a.geoparquet")] == [
        "xlsx",
        "csv",
        "gpkg",
        "parquet",
    ]


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_no_table_of_answers_is_refused(ending, answers, tmp_path):
    path = tmp_path / f"a.{ending}"
    cases = [
        (answers.drop(columns=["verdict", "why"]), "the answers have no column verdict, why"),
        (answers.assign(verdict="safe_to_use"), "the answers hold verdict 'safe_to_use'"),
        (answers.assign(verdict=None), "verdict 'nothing'"),
        (answers.assign(flags=[("odd",)] * len(answers)), "flag 'odd'"),
        (
            answers.assign(on=pd.Timestamp("2023-01-01")),
            "12 of 12 answers are for another day than 2024-12-31: 2023-01-01",
        ),
        (answers.assign(on=pd.NaT), "are for another day"),
    ]
    for frame, found in cases:
        with pytest.raises(hm.SchemaError, match=found):
            save(frame, path)
    with pytest.raises(hm.SchemaError, match="lies after the as-of date"):
        save(answers.assign(on=pd.Timestamp("2030-01-01")), path, on="2030-01-01")
    with pytest.raises(hm.FileError, match="does not exist"):
        save(answers, tmp_path / "nowhere" / path.name)
    (tmp_path / "folder").with_suffix(f".{ending}").mkdir()
    with pytest.raises(hm.FileError, match="is a folder"):
        save(answers, tmp_path / f"folder.{ending}")
    assert [p.name for p in tmp_path.iterdir()] == [f"folder.{ending}"]


@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
def test_shapes_in_another_crs_are_refused(ending, answers, tmp_path):
    with pytest.raises(hm.CrsError, match=r"the shapes of the answers are in EPSG:32638 – needed: EPSG:4326"):
        save(answers.to_crs(32638), tmp_path / f"a.{ending}")
    with pytest.raises(hm.CrsError, match="in no CRS"):
        save(pd.DataFrame(answers), tmp_path / f"a.{ending}")
    save(pd.DataFrame(answers.drop(columns="geometry")), tmp_path / "a.csv")  # a table of text needs none


# --- xlsx


def opened(path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return openpyxl.load_workbook(path)


def table(sheet, start):
    return [[c.value for c in row] for row in sheet.iter_rows(min_row=start)]


def test_the_workbook_holds_the_table(answers, tmp_path):
    book = opened(save(answers, tmp_path / "a.xlsx"))
    assert book.sheetnames == ["Verdicts", "Records", "Read me"]
    heading, *rows = table(book["Verdicts"], 6)
    assert heading == [c.heading for c in COLUMNS]
    assert len(rows) == len(answers) == 12
    frame = shown(answers)
    for column, cells in zip(COLUMNS, zip(*rows, strict=True), strict=True):
        for cell, value in zip(cells, frame[column.name], strict=True):
            if isinstance(value, tuple):
                assert cell == (", ".join(value) or None)
            elif pd.isna(value) or value == "":
                assert cell is None
            elif isinstance(value, pd.Timestamp):
                assert cell == value.to_pydatetime()
            elif isinstance(value, str):
                assert cell == value
            else:
                assert cell == pytest.approx(value, rel=1e-12)
    assert {c.data_type for sheet in book for row in sheet.iter_rows() for c in row} <= {"s", "n", "d"}


def test_shares_are_percentages_and_none_is_shown_better_than_it_is(answers, tmp_path):
    sheet = opened(save(answers, tmp_path / "a.xlsx"))["Verdicts"]
    column = {c.value: c.column for c in sheet[6]}
    row = {c.value: c.row for c in sheet["A"]}
    partly = sheet.cell(row["P-G"], column["Released, %"])
    rest = sheet.cell(row["P-G"], column["Not known, %"])
    assert (partly.value, rest.value) == (pytest.approx(0.9998), pytest.approx(0.0002))
    assert partly.number_format == '[>=1]0.0%;[>=0.9995]"<100%";0.0%'  # shown as <100%, not as 100.0%
    assert rest.number_format == '[<=0]0.0%;[<0.0005]">0.0%";0.0%'  # shown as >0.0%, not as 0.0%
    assert sheet.cell(row["P-B"], column["Hazard, %"]).value == 1  # half suspected, half not handed over
    assert sheet.cell(row["P-L"], column["Released, %"]).value is None
    assert sheet.cell(row["P-D"], column["Nearest open hazard"]).value == "H-003 57 m W"
    assert sheet.cell(row["P-D"], column["Distance to it, m"]).value == 57.9


def test_the_head_of_each_table_tells_what_it_is(answers, tmp_path):
    book = opened(save(answers, tmp_path / "a.xlsx"))
    for name in ("Verdicts", "Records"):
        lines = [book[name].cell(r, 1).value for r in range(1, 6)]
        assert lines[0].endswith("– Six squares")
        assert lines[1] == words.FICTITIOUS
        assert lines[2].startswith("State of the ground on 2024-12-31. Data as of 2024-12-31.")
        assert lines[3] == "Source: hazardmap.example(): fictitious"
        assert lines[4] == f"{words.DISCLAIMER} {words.ABSENCE}"
        assert book[name].freeze_panes in {"B7", "C7"}  # the disclaimer stays on the screen with the heading
        assert book[name].page_setup.orientation == "landscape"
        assert book[name].print_title_rows == "$6:$6"
    assert "12 plots: 1 confirmed hazard, 1 suspected hazard, 1 release in question" in book["Verdicts"]["A3"].value
    assert words.FICTITIOUS in book["Verdicts"].oddHeader.right.text
    assert words.DISCLAIMER in book["Verdicts"].oddFooter.left.text


def test_only_released_land_is_green(answers, tmp_path):
    sheet = opened(save(answers, tmp_path / "a.xlsx"))["Verdicts"]
    told = {c.value: c.fill.start_color.rgb for c in sheet["E"][6:]}
    assert set(told) == set(words.VERDICTS.values())
    green = [
        v for v, c in told.items() if int(c[4:6], 16) > int(c[2:4], 16) + 8 and int(c[4:6], 16) > int(c[6:8], 16) + 8
    ]
    assert green == ["released"]
    assert all(c != "00000000" for c in told.values())


def test_the_records_behind_the_answers(answers, tmp_path):
    book = opened(save(answers, tmp_path / "a.xlsx"))
    heading, *rows = table(book["Records"], 6)
    rows = {r[1]: dict(zip(heading, r, strict=True)) for r in rows}
    assert list(rows) == [
        "H-001",
        "H-002",
        "H-003",
        "H-004",
        "H-005",
        "R-001",
        "R-002",
        "R-003",
        "R-004",
        "S-001",
        "F-001",
    ]
    assert rows["H-002"]["What it counts for"] == "open"
    assert rows["H-002"]["Why"] == "5,000 m² of it no release has freed"
    assert rows["H-001"]["What it counts for"] == "no open ground"
    assert rows["R-001"]["Why"] == "counts: all papers that the policy asks for are there"
    assert rows["R-001"]["Handed over on"] == pd.Timestamp("2022-06-10")
    assert rows["R-001"]["Plots it lies on"] == "P-A, P-F, P-G"
    assert rows["R-002"]["Why"] == "reported, not released: no handover paper with number and date"
    assert rows["R-002"]["Plots on which it frees nothing"] == "P-B, P-E"
    assert rows["R-002"]["Plots it lies on"] is None
    assert rows["R-003"]["What it counts for"] == "in question"
    assert rows["R-003"]["Why"] == "later evidence contradicts it, and nobody has answered that"
    assert rows["H-005"]["Plots it is nearest to"] == "P-F, P-G, P-H, P-I, P-J"
    assert rows["F-001"]["Why"].startswith("nobody has dealt with it")
    assert rows["S-001"]["What it says"] == "no evidence found at that time"


def test_the_read_me_explains_every_verdict_flag_column_and_setting(answers, tmp_path):
    sheet = opened(save(answers, tmp_path / "a.xlsx"))["Read me"]
    rows = table(sheet, 1)
    cells = [v for row in rows for v in row]
    for verdict, told in words.VERDICTS.items():
        (row,) = [r for r in rows if r[2] == verdict and r[0] == told]
        assert row[1] == MEANINGS[verdict]
        assert row[3] == 1
    for flag in words.FLAGS:
        assert flag in cells
    for column in COLUMNS:
        assert column.heading in cells
        assert column.name in cells
    for setting in ("proximity_m", "stale_after_days", "unlinked_releases", "closed_without_polygon", "handover_for"):
        assert setting in cells
    assert "100 m" in cells
    assert {words.DISCLAIMER, words.ABSENCE, words.FICTITIOUS} <= set(cells)
    (total,) = [r for r in rows if r[0] == "All plots"]
    area = 9 * 10_000 - 10_000 + 5_000 + 20_000 + 1_234_567.8  # eight squares, a half, two, and the pasture
    assert total[3:] == [12, round(area)]
    assert total[1] == "1 of them could not be measured and have no area."
    (unmeasured,) = [r for r in rows if r[2] == "cannot_tell"]
    assert unmeasured[4] is None  # no area is not an area of 0


def test_words_for_every_verdict_and_state():
    assert set(MEANINGS) == set(words.VERDICTS) == set(WORST_FIRST)
    assert set(STATE_WORDS) == set(words.STATES)
    assert len(WORST_FIRST) == len(words.VERDICTS)


def test_hostile_text_in_the_workbook(tmp_path):
    programme = replace(hm.example(), name="=1+1 &D", sources="<r></r></si><si><r></r>")
    path = save(poisoned(), tmp_path / "a.xlsx", programme)
    book = opened(path)
    assert {c.data_type for sheet in book for row in sheet.iter_rows() for c in row} <= {"s", "n", "d"}
    rows = table(book["Verdicts"], 7)
    verdict = [c.heading for c in COLUMNS].index("Verdict, code")
    assert [r[verdict] for r in rows] == [verdicts.ROWS[i % 11]["verdict"] for i in range(len(HOSTILE))]
    got = [r[0].rstrip(" ") for r in rows]
    assert got == [t.replace("\x00", "\ufffd").replace("\x07", "\ufffd") for t in HOSTILE]
    assert "<f>" not in everything(path)
    names = [r[1] for r in table(book["Records"], 7)]
    assert "=1+1" in names  # unknown records are listed, and said to be unknown
    assert {r[2] for r in table(book["Records"], 7)} >= {"not in this programme"}


def test_too_many_plots_for_a_sheet(answers, tmp_path, monkeypatch):
    from hazardmap.sheets import workbook

    monkeypatch.setattr(workbook, "ROWS", 12)
    with pytest.raises(
        hm.FileError, match=r"12 rows for the sheet 'Verdicts' – needed: 6 rows or less.*'a\.csv' or 'a\.parquet'"
    ):
        save(answers, tmp_path / "a.xlsx")


# --- records


def test_records_that_the_programme_does_not_know_are_told(answers):
    stray = answers.iloc[:1].assign(hazard_ids=[("H-404",)], release_ids=[("R-001",)], nearest_hazard_id="F-001")
    used = records_used(stray, hm.example(), on=ON).set_index("record_id")
    assert used.loc["H-404", ["record", "says", "standing"]].tolist() == ["hazard", "not in this programme", "unknown"]
    assert used.loc["F-001", "record"] == "find"  # evidence outside every hazard may be the nearest
    assert used.loc["F-001", "near_plots"] == ("P-A",)


def test_a_record_of_many_plots_names_the_first_and_counts_the_rest(answers):
    many = pd.concat([answers.iloc[[0]]] * 30, ignore_index=True)
    many["plot_id"] = [f"P-{i:03}" for i in range(30)]
    used = records_used(many, hm.example(), on=ON).set_index("record_id")
    assert used.loc["R-001", "plots"] == (*(f"P-{i:03}" for i in range(25)), "and 5 more")


def test_void_pending_and_doubted_releases_say_why(answers):
    programme = hm.example()
    releases = programme.releases.assign(
        decision=["rejected", "approved", "approved", "approved"],
        handover_no=[None, None, None, "HO-30"],
    )
    used = records_used(answers, replace(programme, releases=releases), on=ON).set_index("record_id")
    assert used.loc["R-001", ["standing", "why"]].tolist() == ["void", "frees nothing: decision rejected"] or (
        used.loc["R-001", "why"].startswith("frees nothing: decision rejected")
    )
    assert used.loc["R-003", "standing"] == "pending"
    assert used.loc["R-003", "why"] == (
        "reported, not released: no handover paper with number and date; later evidence contradicts it"
    )


# --- csv


def read_csv(path):
    text = path.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))


def test_the_text_table_reads_back(answers, tmp_path):
    rows = read_csv(save(answers, tmp_path / "a.csv"))
    assert len(rows) == 12
    extra = {"verdict_in_words", "flags_in_words", "disclaimer"}
    assert set(rows[0]) == {*ANSWERS, *extra}
    assert [c for c in rows[0] if c not in extra] == list(ANSWERS)
    for row, given in zip(rows, answers.to_dict("records"), strict=True):
        for column in ANSWERS:
            value = given[column]
            if column in SETS:
                assert row[column] == "; ".join(value)
            elif pd.isna(value):
                assert row[column] == ""
            elif isinstance(value, pd.Timestamp):
                assert row[column] == f"{value:%Y-%m-%d}"
            elif isinstance(value, str):
                assert row[column] == value
            else:
                assert float(row[column]) == value
        assert row["verdict_in_words"] == words.VERDICTS[row["verdict"]]
        assert row["disclaimer"] == f"{words.FICTITIOUS}. {words.DISCLAIMER} {words.ABSENCE}"


def test_no_cell_of_the_text_table_starts_a_formula(tmp_path):
    path = save(poisoned(), tmp_path / "a.csv")
    rows = read_csv(path)
    assert len(rows) == len(HOSTILE)
    assert rows[0]["plot_id"] == "'=1+1"
    assert rows[5]["name"] == "north;'=1+1;south"
    assert rows[8]["name"] == "nul\ufffd bell\ufffd"
    numbers = {c for c in ANSWERS if c.endswith(("_m2", "_pct", "_m"))} | {"unplaced_hazards"}
    for separator in (",", ";", "\t"):  # as Excel opens it here and in countries with the decimal comma
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), delimiter=separator):
            for cell in row:
                assert not cell.lstrip().startswith(("=", "+", "-", "@")), (separator, cell)
    assert all(float(r[c] or 0) >= 0 for r in rows for c in numbers)


def test_a_long_text_table_has_one_heading(answers, tmp_path, monkeypatch):
    from hazardmap.sheets import answers_csv

    monkeypatch.setattr(answers_csv, "_AT_ONCE", 5)
    assert [r["plot_id"] for r in read_csv(save(answers, tmp_path / "a.csv"))] == answers["plot_id"].tolist()


# --- GeoPackage


def test_the_layer_reads_back(answers, tmp_path):
    path = save(answers, tmp_path / "a.gpkg")
    assert dict(pyogrio.list_layers(path).tolist()) == {"verdicts": "MultiPolygon", "about": None, "layer_styles": None}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = gpd.read_file(path, layer="verdicts")
    assert read.crs == "EPSG:4326"
    assert [c for c in read.columns if c != "verdict_in_words"] == [*ANSWERS, "geometry"]
    for column in ANSWERS:
        given = answers[column]
        if column in SETS:
            assert [tuple(json.loads(v)) if isinstance(v, str) else () for v in read[column]] == given.tolist()
        elif column in {"on", "as_of", "data_as_of"}:
            assert read[column].astype("datetime64[us]").equals(given)
        elif given.dtype == "float64":
            np.testing.assert_array_equal(read[column], given)
        else:
            assert (
                read[column].astype("object").where(read[column].notna(), None).tolist()
                == given.astype("object").where(given.notna(), None).tolist()
            )
    # the last plot's outline crosses itself and has no area: a row without a shape, not a missing row
    assert read.geometry.isna().tolist() == [False] * 11 + [True]
    assert shapely.equals_exact(read.geometry[0].geoms[0].normalize(), answers.geometry[0].normalize(), 0)
    west = gpd.read_file(path, layer="verdicts", bbox=(47.0, 40.0, 47.0005, 40.0005))
    assert west["plot_id"].tolist() == ["P-A"]


def test_the_file_is_sound_and_described(answers, tmp_path):
    path = save(answers, tmp_path / "a.gpkg")
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        about = dict(db.execute("SELECT key, value FROM about"))
        (told,) = {d for (d,) in db.execute("SELECT description FROM gpkg_contents")}
        (style,) = db.execute(
            "SELECT styleQML, f_geometry_column, useAsDefault FROM layer_styles WHERE f_table_name = 'verdicts'"
        ).fetchall()
        geometry = db.execute("SELECT column_name FROM gpkg_geometry_columns").fetchone()
    assert (about["on"], about["as_of"], about["fictitious"]) == (ON, ON, "true")
    assert hm.Policy.from_toml(about["policy"]) == hm.example().policy
    assert told.startswith(f"{words.FICTITIOUS}. State of the ground on 2024-12-31. As of 2024-12-31. Source: ")
    assert words.DISCLAIMER in told
    assert (style[1], style[2]) == (geometry[0], 1)
    root = ET.fromstring(style[0])
    assert root.get("labelsEnabled") == "1"
    assert "FICTITIOUS" in root.find(".//text-style").get("fieldName")


def test_answers_are_no_programme(answers, tmp_path):
    """Read as one it would have no hazards, and say that nothing is there."""
    with pytest.raises(hm.FileError, match="holds about, layer_styles, verdicts – needed: layers named hazards"):
        hm.read(save(answers, tmp_path / "a.gpkg"))


def test_each_verdict_has_a_sign_of_its_own_and_only_released_land_is_green():
    root = ET.fromstring(qml("verdicts", VERDICT_LOOK))
    renderer = root.find("renderer-v2")
    rules = [r for r in renderer.iter("rule") if r.get("symbol") is not None]
    assert [r.get("label") for r in rules] == [words.VERDICTS[v] for v in WORST_FIRST]
    assert [r.get("filter") for r in rules] == [f"(\"verdict\" IN ('{v}'))" for v in WORST_FIRST]
    symbols = {s.get("name"): s for s in renderer.find("symbols")}
    looks = {}
    for rule in rules:
        text = ET.tostring(symbols[rule.get("symbol")], encoding="unicode")
        looks[rule.get("label")] = text
    green = ",".join(str(int(GREEN[i : i + 2], 16)) for i in (1, 3, 5))
    assert [label for label, text in looks.items() if green in text] == ["released"]
    parts = [VERDICT_LOOK.groups[0][1][i].parts for i in range(12)]
    # without colours: hatch, edge and width still tell most verdicts apart; colour the rest
    assert len({tuple((p.kind, p.shape, p.style, p.width_mm, p.colour, p.opacity) for p in of) for of in parts}) == 12
    assert all(any(p.kind == "hatch" for p in of) for v, of in zip(WORST_FIRST, parts, strict=True) if v != "released")
    grey = {"cannot_tell", "surveyed_no_evidence", "no_record", "outside_coverage", "not_handed_over"}
    for verdict, of in zip(WORST_FIRST, parts, strict=True):
        fill = of[0].colour
        level = [int(fill[i : i + 2], 16) for i in (1, 3, 5)]
        assert (max(level) - min(level) < 12) == (verdict in grey), verdict
    assert ET.fromstring(sld("verdicts", VERDICT_LOOK)).tag.endswith("StyledLayerDescriptor")


def test_the_worst_is_drawn_last():
    """QGIS draws the rows with the highest value first: the worst plot lies on top where plots overlap."""
    renderer = ET.fromstring(qml("verdicts", VERDICT_LOOK)).find("renderer-v2")
    assert renderer.get("enableorderby") == "1"
    clause = renderer.find("orderby/orderByClause")
    assert clause.get("asc") == "0"
    assert clause.text.startswith("array_find(array('confirmed_hazard', 'suspected_hazard', ")
    assert ET.fromstring(qml("plots")).find("renderer-v2/orderby") is None


def test_hostile_text_in_the_layer(tmp_path):
    path = save(poisoned(), tmp_path / "a.gpkg", replace(hm.example(), name=HOSTILE[0], sources=HOSTILE[8]))
    read = gpd.read_file(path, layer="verdicts")
    clean = [t.replace("\x00", "\ufffd").replace("\x07", "\ufffd") for t in HOSTILE]
    assert read["plot_id"].tolist() == clean
    assert [json.loads(v)[0] for v in read["hazard_ids"]] == clean


def test_shapes_that_nobody_can_draw_are_rows_without_one(answers, tmp_path):
    odd = answers.iloc[:4].copy()
    with np.errstate(invalid="ignore"):
        nowhere = shapely.from_wkt("POLYGON ((47 40, NaN 40, 47 41, 47 40))")
    odd["geometry"] = gpd.GeoSeries(
        [None, shapely.Polygon(), nowhere, odd.geometry.iloc[3]],
        index=odd.index,
        crs=4326,
    )
    read = gpd.read_file(save(odd, tmp_path / "a.gpkg"), layer="verdicts")
    assert read["plot_id"].tolist() == odd["plot_id"].tolist()
    assert read.geometry.isna().tolist() == [True, True, True, False]


# --- GeoParquet


@pytest.mark.parametrize("index", ["counted", "named", "double"])
def test_the_platform_table_reads_back_equal(index, answers, tmp_path):
    given = answers.copy()
    if index == "named":
        given.index = pd.Index(given["plot_id"], name="plot_id")
    elif index == "double":
        given.index = pd.MultiIndex.from_arrays([range(12), given["plot_id"]], names=["row", "plot"])
    read = gpd.read_parquet(save(given, tmp_path / "a.parquet"))
    for column in SETS:
        read[column] = [tuple(v) for v in read[column]]
    pd.testing.assert_frame_equal(pd.DataFrame(read), pd.DataFrame(given))
    assert read.crs == given.crs


@pytest.mark.parametrize("rows", [0, 12])
def test_sets_are_lists_of_text_even_where_all_are_empty(rows, answers, tmp_path):
    bare = answers.iloc[:rows].assign(**{c: [()] * rows for c in SETS})
    schema = pq.read_schema(save(bare, tmp_path / "a.parquet"))
    assert {str(schema.field(c).type.value_type) for c in SETS} == {"string"}
    about = {k.decode(): v.decode() for k, v in schema.metadata.items()}
    assert (about["on"], about["as_of"], about["programme"]) == (ON, ON, "Six squares")
    assert about["sources"] == "hazardmap.example(): fictitious"
    assert about["disclaimer"] == f"{words.FICTITIOUS}. {words.DISCLAIMER} {words.ABSENCE}"
    assert json.loads(about["geo"])["primary_column"] == "geometry"


def test_answers_written_and_read_can_be_written_again(answers, tmp_path):
    """Lists come back from Parquet where tuples went in."""
    read = gpd.read_parquet(save(answers, tmp_path / "a.parquet"))
    for ending in ENDINGS:
        save(read, tmp_path / f"b.{ending}")
    assert read_csv(tmp_path / "b.csv")[3]["find_ids"] == "F-001"


def test_long_names_and_sources_leave_room_for_the_table(answers, tmp_path):
    programme = replace(hm.example(), name="Agdam\n" * 100, sources="record 17; " * 100)
    book = opened(save(answers, tmp_path / "a.xlsx", programme))
    sheet = book["Verdicts"]
    assert sheet["A1"].value.endswith(" … (in full on the sheet Read me)")
    assert len(sheet["A4"].value) < 350
    assert sum(sheet.row_dimensions[r].height for r in range(1, 6)) < 120  # points; the heading is frozen below them
    cells = [c.value for row in book["Read me"].iter_rows() for c in row]
    assert "record 17; " * 100 + "; hazardmap.example(): fictitious" in cells


def test_somebody_elses_table_with_a_verdict_is_no_older_answer(tmp_path):
    answers = hm.check_plots(hm.example(), on="2024-12-31")
    more = {"programme": hm.example(), "on": "2024-12-31"}
    theirs = pd.DataFrame({"case": ["1"], "verdict": ["guilty"], "judge": ["x"]})
    theirs.to_csv(tmp_path / "a.csv", index=False)
    theirs.to_parquet(tmp_path / "a.parquet")
    theirs.to_excel(tmp_path / "a.xlsx", index=False, sheet_name="Verdicts")
    for name in ("a.csv", "a.parquet", "a.xlsx"):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(hm.FileError, match="holds no answers about plots"):
            hm.write_answers(answers, tmp_path / name, **more)
        assert (tmp_path / name).read_bytes() == before
        hm.write_answers(answers, tmp_path / f"own {name}", **more)
        hm.write_answers(answers, tmp_path / f"own {name}", **more)
