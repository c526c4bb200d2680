"""The xlsx writer: what is put in comes out, as what it is, and nothing in it runs."""

from __future__ import annotations

import re
import zipfile
from datetime import date

import numpy as np
import openpyxl
import pandas as pd
import pytest

import hazardmap as hm
from hazardmap.sheets import Block, Column, Line, Page, Sheet, workbook, write_workbook
from hazardmap.sheets.cells import clean, cut, defused, starts_formula

HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://x.example","P-1")',
    "=cmd|'/C calc'!A0",
    "@SUM(A1:A9)",
    "+1+1",
    "-1+1",
    "{=1+1}",
    "http://x.example/",
    "mailto:a@x.example",
    "internal:Verdicts!A1",
    "1234",
    "007",
    "TRUE",
    "#REF!",
    "Ağdərə Ə",
    "Агдам",
    "أغدام",
    "a\nb",
    "a\x00b\x1b[2Jc\x7f",
    "half \ud800 a character \ufffe",
    "_x0041_",
    "<r><t>bold</t></r>",
    "<r></r></is></c><c r='A2'><f>1+1</f></c><c t='inlineStr'><is><r></r>",
    "<r></r></si><si><t>shifted</t></si><si><r></r>",
    " spaces ",
    "&L&D ]]> <!-- -->",
    "x" * 40_000,
    "\U0001f4a3" * 20_000,
)


def book_of(frame, to, *, columns=None, above=(), **kwargs):
    columns = columns or [Column(name=c, heading=c) for c in frame.columns]
    sheet = Sheet(name="Table", frame=frame, columns=columns, above=above, **kwargs)
    write_workbook([sheet], to, title="A & B", footer="Foot", mark="FICTITIOUS")
    return openpyxl.load_workbook(to)


@pytest.fixture(params=[10**9, 0], ids=["texts shared", "row by row"])
def _both_ways(request, monkeypatch):
    """Small tables share their texts, large ones are written row by row: both must hold."""
    monkeypatch.setattr(workbook, "_MANY_CELLS", request.param)


def expected(text):
    """What a reader gets back: clean, cut, and where the writer would have taken it for markup, one blank more."""
    text = cut(clean(text))
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


@pytest.mark.usefixtures("_both_ways")
def test_hostile_text_stays_text_in_every_cell(tmp_path):
    frame = pd.DataFrame(
        {"text": pd.Series(HOSTILE, dtype="object"), "beside": [f"cell {i}" for i in range(len(HOSTILE))]}
    )
    sheet = book_of(frame, tmp_path / "a.xlsx", above=[Line(HOSTILE[0], "title"), Line(HOSTILE[21])])["Table"]
    rows = list(sheet.iter_rows(min_row=4))
    assert len(rows) == len(HOSTILE)
    for text, (cell, beside), number in zip(HOSTILE, rows, range(len(HOSTILE)), strict=True):
        assert (cell.data_type, beside.data_type) == ("s", "s") or cell.data_type == "inlineStr"
        # so Excel writes a plain _x0041_; openpyxl undoes it in shared texts alone
        assert cell.value.replace("_x005F_", "_") == expected(text)
        assert beside.value == f"cell {number}"  # no text pushes another one out of its cell
        assert cell.hyperlink is None
        assert cell.quotePrefix == starts_formula(expected(text))  # still text after somebody edits it
    assert sheet["A1"].value == "=1+1"
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        whole = b"".join(parts.read(n) for n in parts.namelist())
    assert b"<f>" not in whole
    assert b"<hyperlink" not in whole


@pytest.mark.usefixtures("_both_ways")
def test_each_value_is_what_it_is(tmp_path):
    frame = pd.DataFrame(
        {
            "day": pd.to_datetime(["2024-02-29", None, "1900-03-01", "1899-12-31"]),
            "moment": pd.to_datetime(["2024-02-29 13:30", None, "2024-01-01 00:00", None]),
            "number": [1.25, np.nan, -0.0, np.inf],
            "count": pd.array([3, None, 2**53, -1], dtype="Int64"),
            "flag": pd.array([True, None, False, True], dtype="boolean"),
            "set": [("H-1", "=1+1"), (), ("Ə",), ("a", "b")],
            "mixed": [date(2024, 1, 2), 5, None, "text"],
        }
    )
    sheet = book_of(frame, tmp_path / "a.xlsx")["Table"]
    columns = {c[0].value: [v.value for v in c[1:]] for c in sheet.iter_cols()}
    assert columns["day"] == [
        pd.Timestamp("2024-02-29"),
        None,
        pd.Timestamp("1900-03-01"),
        "1899-12-31",  # Excel has no such day
    ]
    assert columns["moment"] == [pd.Timestamp("2024-02-29 13:30"), None, pd.Timestamp("2024-01-01"), None]
    assert columns["number"] == [1.25, None, 0, "inf"]
    assert columns["count"] == [3, None, "9007199254740992", -1]  # Excel keeps 15 figures of a number
    assert columns["flag"] == [True, None, False, True]
    assert columns["set"] == ["H-1, =1+1", None, "Ə", "a, b"]
    assert columns["mixed"] == ["2024-01-02", 5, None, "text"]
    assert {c.data_type for row in sheet.iter_rows() for c in row} <= {"s", "n", "d", "b", "inlineStr"}
    assert sheet["A2"].number_format == "yyyy-mm-dd"
    assert sheet["B2"].number_format == "yyyy-mm-dd hh:mm"


def test_the_sheet_can_be_read_filtered_and_printed(tmp_path):
    frame = pd.DataFrame({"plot": ["P-1", "P-2"], "area_m2": [10_000.0, 1.0], "code": ["a", "b"]})
    columns = [
        Column(name="plot", heading="Plot", width=12, fills={"P-1": "#ff0000"}),
        Column(name="area_m2", heading="Area, m²", number_format="#,##0"),
        Column(name="code", heading="Code"),
    ]
    sheet = book_of(frame, tmp_path / "a.xlsx", columns=columns, above=[Line("Title", "title")], printed=2)["Table"]
    assert [c.value for c in sheet[2]] == ["Plot", "Area, m²", "Code"]
    assert sheet.freeze_panes == "B3"
    assert sheet.auto_filter.ref == "A2:C4"
    assert sheet.print_title_rows == "$2:$2"
    assert sheet.print_area == "'Table'!$A$1:$B$4"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)  # one page wide, any number long
    assert sheet["B3"].number_format == "#,##0"
    assert sheet["A3"].fill.start_color.rgb == "FFFF0000"
    assert sheet["A4"].fill.fill_type is None
    assert sheet["A3"].alignment.wrap_text
    assert sheet.column_dimensions["A"].width == pytest.approx(12.7, abs=0.1)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        text = parts.read("xl/worksheets/sheet1.xml").decode()
    header, footer = (re.search(f"<{n}>(.*?)</{n}>", text)[1] for n in ("oddHeader", "oddFooter"))
    assert header == '&amp;L&amp;8 A &amp;&amp; B&amp;R&amp;"Arial,Bold"&amp;9&amp;KC00000 FICTITIOUS'
    assert footer == "&amp;L&amp;8 Foot&amp;R&amp;8 &amp;P / &amp;N"


def test_a_title_of_commands_is_printed_as_text_and_fits(tmp_path):
    """In the head of a page & starts a command; Excel refuses heads of more than 255 characters."""
    frame = pd.DataFrame({"a": [1]})
    sheet = Sheet(name="T", frame=frame, columns=[Column(name="a", heading="a")])
    write_workbook([sheet], tmp_path / "a.xlsx", title="&D&" * 200, footer="24 &\n" * 200, mark="M" * 500)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        text = parts.read("xl/worksheets/sheet1.xml").decode()
    for name in ("oddHeader", "oddFooter"):
        plain = re.search(f"<{name}>(.*?)</{name}>", text)[1].replace("&amp;", "&")
        assert len(plain) <= 255
        left = re.match(r"&L&8 (.*)&R", plain)[1]
        assert re.sub("&&", "", left).count("&") == 0


def test_an_empty_table_says_so(tmp_path):
    frame = pd.DataFrame({"a": pd.Series(dtype="float64")})
    sheet = book_of(frame, tmp_path / "a.xlsx", empty="Nothing was asked.")["Table"]
    assert [c.value for c in sheet["A"]] == ["a", "Nothing was asked."]
    assert sheet.auto_filter.ref == "A1:A2"


def test_too_many_rows_are_refused_and_told_what_to_do(tmp_path):
    frame = pd.DataFrame({"a": np.zeros(1_048_576, dtype="int8")})
    sheet = Sheet(name="Verdicts", frame=frame, columns=[Column(name="a", heading="a")])
    with pytest.raises(
        hm.FileError,
        match=r"1,048,576 rows for the sheet 'Verdicts' – needed: 1,048,575 rows or less.*'a\.csv' or 'a\.parquet'",
    ):
        write_workbook([sheet], tmp_path / "a.xlsx", title="", footer="")
    with pytest.raises(hm.FileError, match="1,048,574 rows or less"):
        write_workbook(
            [Sheet(name="V", frame=frame.iloc[1:], columns=sheet.columns, above=[Line("one line")])],
            tmp_path / "a.xlsx",
            title="",
            footer="",
        )
    assert not list(tmp_path.iterdir())


def test_a_column_that_is_not_there_is_refused(tmp_path):
    sheet = Sheet(name="T", frame=pd.DataFrame({"a": [1]}), columns=[Column(name="b", heading="b")])
    with pytest.raises(hm.SchemaError, match="sheet 'T': the table has no b"):
        write_workbook([sheet], tmp_path / "a.xlsx", title="", footer="")


def test_a_place_that_takes_no_file(tmp_path):
    sheet = Sheet(name="T", frame=pd.DataFrame({"a": [1]}), columns=[Column(name="a", heading="a")])
    with pytest.raises(hm.FileError, match="does not exist"):
        write_workbook([sheet], tmp_path / "nowhere" / "a.xlsx", title="", footer="")
    with pytest.raises(hm.FileError, match="is a folder"):
        write_workbook([sheet], tmp_path, title="", footer="")


def test_a_page_of_text(tmp_path):
    block = Block(title="=Block", heading=("Word", "Meaning"), rows=[("=1+1", "a formula", 3), ("b", None, 2.0)])
    page = Page(name="Read me", blocks=[block], widths=(10, 20, 8), above=[Line("Title", "title")])
    write_workbook([page], tmp_path / "a.xlsx", title="t", footer="f")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Read me"]
    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=3)]
    assert rows == [["=Block", None, None], ["Word", "Meaning", None], ["=1+1", "a formula", 3], ["b", None, 2]]
    assert {c.data_type for row in sheet.iter_rows() for c in row} == {"s", "n"}


def test_rows_are_as_high_as_their_text(tmp_path):
    frame = pd.DataFrame({"a": ["short", "word " * 40, "line\n" * 3 + "line", "w" * 32_000]})
    columns = [Column(name="a", heading="a", width=20)]
    sheet = book_of(frame, tmp_path / "a.xlsx", columns=columns)["Table"]
    heights = [sheet.row_dimensions[r].height for r in (2, 3, 4, 5)]
    assert heights[0] == pytest.approx(14, abs=0.4)  # a line of 12 points
    assert heights[1] >= 9 * 12  # 200 characters, 25 of which fit into a line of this width
    assert heights[2] == pytest.approx(4 * 12 + 2, abs=0.4)
    assert heights[3] == pytest.approx(400, abs=0.4)  # Excel ends at 409


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("＝1+1", "'＝1+1"),
        ("a;=1+1", "a;'=1+1"),
        ("a\n=1+1", "a\n'=1+1"),
        ("a = b", "a = b"),
        ("P-1", "P-1"),
        ("", ""),
    ],
)
def test_text_tables_defuse_formulas(text, safe):
    assert defused(text) == safe


def test_a_cut_is_told_and_counts_as_excel_counts():
    bombs = cut("\U0001f4a3" * 20_000)  # each is two characters to Excel
    assert len(bombs.encode("utf-16-le")) // 2 <= 32_767
    assert bombs.endswith("[cut: 20,000 characters, more than one cell can hold]")
    assert cut("x" * 32_767) == "x" * 32_767
