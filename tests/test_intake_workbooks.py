"""Excel workbooks: shown zeros, dates, formulas, errors, merged and hidden cells, several sheets, damage and attacks."""

import json
import re
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
import shapely
import xlsxwriter

from hazardmap import CrsError, FileError, HazardmapError, Policy, formats
from hazardmap.intake import import_table, workbook, workbook_parts

GIVEN = {"classification": "SHA", "date_of_information": "2024-01-01"}
EXTENT = Policy(extent_deg=(44.0, 38.0, 51.0, 42.0))
DEGREES = {"x": "lon", "y": "lat", "datum": "WGS 84"}
PAYLOADS = ["{{7*7}}", "{% for x in ().__class__ %}", "<script>alert(1)</script>", "=1+1", "`${alert(1)}`", "\u202eabc"]


def book(folder, rows, name="a.xlsx", change=None):
    """Write rows as a sheet named Hazards."""
    path = folder / name
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "Hazards"
    for row in rows:
        sheet.append(row)
    if change:
        change(made, sheet)
    made.save(path)
    return path


def edited(path, part, *pairs):
    """Change the XML of a part by hand."""
    with zipfile.ZipFile(path) as old:
        parts = {n: old.read(n) for n in old.namelist()}
    for pattern, new in pairs:
        parts[part], count = re.subn(pattern, new, parts[part])
        assert count, pattern
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as fresh:
        for name, data in parts.items():
            fresh.writestr(name, data)
    return path


def bring(path, table="hazards", values=GIVEN, position=DEGREES, **more):
    return import_table(path, table, values=values, policy=EXTENT, position=position, **more)


def why(imported):
    return imported.rows["quarantined"].fillna("").tolist()


HEAD = ["id", "lon", "lat", "name"]
PLACE = [46.90012, 39.90012]


def test_cells_are_read_as_they_are_shown(tmp_path):
    def formats_of(_, sheet):
        for row, form in enumerate(["00000", '"MF-"000', "General", "@", "0000", "000\\-000", "#,##0"], 2):
            sheet.cell(row, 1).number_format = form

    ids = [7, 7, 7, "007", 12345, 123, 1234]
    imported = bring(book(tmp_path, [HEAD, *([i, *PLACE, "x"] for i in ids)], change=formats_of))
    assert imported.rows["hazard_id"].tolist()[:5] == ["00007", "MF-007", "7", "007", "12345"]
    assert imported.rows["hazard_id"].tolist()[6] == "1234"
    assert "123, shown in the format" in why(imported)[5]
    assert [w for w in why(imported) if w] == [why(imported)[5]]


@pytest.mark.parametrize("number", [9007199254740993, 1e15, 123456789012345678])
def test_an_id_of_more_digits_than_excel_keeps_is_a_fault(tmp_path, number):
    imported = bring(book(tmp_path, [HEAD, [number, *PLACE, "x"], [999_999_999_999_999, *PLACE, "x"]]))
    assert "more than 15 digits" in why(imported)[0]
    assert imported.rows["hazard_id"].iloc[1] == "999999999999999"


def test_dates_are_dates_and_day_numbers_are_asked_about(tmp_path):
    days = [
        datetime(2024, 4, 3),  # noqa: DTZ001 – a workbook knows no time zones
        date(2024, 4, 3),
        "2024-04-03",
        45385,
        "45385",
        "03.04.2024",
    ]
    rows = [[i, *PLACE, d] for i, d in enumerate(days)]
    imported = import_table(
        book(tmp_path, [["id", "lon", "lat", "doi"], *rows]),
        "hazards",
        values={"classification": "SHA"},
        position=DEGREES,
        policy=EXTENT,
    )
    assert [str(d)[:10] for d in imported.rows["date_of_information"][:3]] == ["2024-04-03"] * 3
    assert all("Excel's number for 2024-04-03?" in w for w in why(imported)[3:5])
    assert "3 April or 4 March" in why(imported)[5]
    assert imported.rows["date_of_information"][3:].isna().all()


def test_an_id_that_has_become_a_date_is_a_fault(tmp_path):
    turned = datetime(2024, 2, 1)  # noqa: DTZ001 – a workbook knows no time zones
    imported = bring(book(tmp_path, [HEAD, [turned, *PLACE, "x"], ["1-2", *PLACE, "x"]]))
    assert "2024-02-01 (a date)" in why(imported)[0]
    assert imported.rows["hazard_id"].iloc[1] == "1-2"


def test_formulas_are_never_run(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("Hazards")
        sheet.write_row(0, 0, HEAD)
        for row, (formula, value) in enumerate([("=40+7", 48), ("=1/0", "#DIV/0!"), ('=IF(1,"","")', "")], 1):
            sheet.write_row(row, 0, [f"H-{row}", *PLACE])
            sheet.write_formula(row, 3, formula, None, value)
        sheet.write_row(4, 0, ["H-4", 46.91, 39.91])
        sheet.write_string(4, 3, "=cmd|' /C calc'!A0")
    imported = bring(path)
    assert imported.rows["name"].iloc[0] == "48"  # what the workbook holds, not what the formula gives
    assert "the error #DIV/0!" in why(imported)[1]
    assert imported.rows["name"].iloc[3] == "=cmd|' /C calc'!A0"
    uncached = bring(book(tmp_path, [HEAD, ["H-1", 46.9, 39.9, "=40+7"], ["H-2", 46.91, 39.91, "x"]]))
    assert "the formula =40+7 without a value" in why(uncached)[0]
    assert json.loads(uncached.rows["as_entered"].iloc[0])["name"] == "=40+7"
    placed = bring(
        book(tmp_path, [HEAD, ["H-1", "=46+0.9", 39.9, "y"], *([f"H{k}", 46.9, 39.9, "x"] for k in range(3))])
    )
    assert "geometry: the formula =46+0.9 without a value" in why(placed)[0]


def test_an_error_is_a_fault_where_it_is_used_and_only_there(tmp_path):
    rows = [[*HEAD, "cost"], ["H-1", *PLACE, "x", "#REF!"], ["H-2", *PLACE, "#N/A", 5], ["#REF!", *PLACE, "x", 5]]
    imported = bring(book(tmp_path, rows))
    assert [bool(w) for w in why(imported)] == [False, True, True]
    assert json.loads(imported.rows["as_entered"].iloc[0])["cost"] == "#REF!"


def test_hidden_and_merged_and_blank_rows(tmp_path):
    def change(_, sheet):
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["D"].hidden = True
        sheet.merge_cells("D2:D4")

    rows = [HEAD, ["H-1", *PLACE, "Hill"], ["H-2", *PLACE, None], ["H-3", *PLACE, None], [], ["H-4", *PLACE, "x"]]
    imported = bring(book(tmp_path, rows, change=change))
    assert imported.rows["hazard_id"].tolist() == ["H-1", "H-2", "H-3", "H-4"]
    assert imported.rows["name"].tolist() == ["Hill", "Hill", "Hill", "x"]
    assert any("1 rows hidden in the workbook were read as well: 3" in n for n in imported.notes)
    assert any("merged cells D2:D4" in n for n in imported.notes)


def test_sheets_are_layers_and_hidden_ones_are_told(tmp_path):
    def change(made, _):
        other = made.create_sheet("old")
        other.append(HEAD)
        other.append(["O-1", *PLACE, "x"])
        other.sheet_state = "veryHidden"
        made.create_sheet("empty")
        made.create_chartsheet("drawing").add_chart(openpyxl.chart.BarChart())

    path = book(tmp_path, [HEAD, ["H-1", *PLACE, "x"]], change=change)
    with pytest.raises(FileError, match=r"2 layers with rows: Hazards \(1 rows\), old \(1 rows\)"):
        bring(path)
    shown = bring(path, layer="Hazards")
    assert "hidden sheets in the workbook: old" in shown.notes
    hidden = bring(path, layer="old")
    assert hidden.rows["hazard_id"].tolist() == ["O-1"]
    assert "sheet 'old' is hidden in the workbook, and was read" in hidden.notes
    assert hidden.report["source"].iloc[0] == "a.xlsx, layer old"


def test_the_size_that_a_sheet_states_cuts_no_row_off(tmp_path):
    path = book(tmp_path, [HEAD, *([f"H-{k}", *PLACE, "x"] for k in range(5))])
    edited(path, "xl/worksheets/sheet1.xml", (rb'<dimension ref="[^"]*"', b'<dimension ref="A1:A2"'))
    assert bring(path).counts["rows"] == 5


def test_two_counts_that_differ_stop_the_import(tmp_path, monkeypatch):
    path = book(tmp_path, [HEAD, ["H-1", *PLACE, "x"], ["H-2", *PLACE, "x"]])
    whole = workbook._rows
    monkeypatch.setattr(workbook, "_rows", lambda *given: whole(*given)[:-1])
    with pytest.raises(FileError, match=r"1 rows were read, a second count finds 2"):
        bring(path)


def test_a_title_above_the_names(tmp_path):
    path = book(tmp_path, [["Minefields 2024"], [], HEAD, ["H-1", *PLACE, "x"]])
    with pytest.raises(FileError, match=r"begins with a title \('Minefields 2024'\); row 3 .* --header-row 3"):
        bring(path)
    imported = bring(path, header_row=3)
    assert imported.rows["hazard_id"].tolist() == ["H-1"]
    with pytest.raises(FileError, match=r"nothing on row 2"):
        bring(path, header_row=2)


def test_corners_with_the_id_in_a_merged_cell(tmp_path):
    corners = [(46.9, 39.9), (46.901, 39.9), (46.901, 39.901), (46.9, 39.901)]
    rows = [["id", "no", "lon", "lat"], *([None if n else "A", n, x, y] for n, (x, y) in enumerate(corners))]
    way = {**DEGREES, "vertices_of": "id", "vertex": "no"}
    imported = bring(book(tmp_path, rows, change=lambda _, s: s.merge_cells("A2:A5")), position=way)
    assert imported.rows.geometry.iloc[0].normalize() == shapely.Polygon(corners).normalize()
    assert imported.rows["hazard_id"].tolist() == ["A"]
    loose = bring(book(tmp_path, rows, "b.xlsx"), position=way)  # not merged: nobody says whose they are
    assert loose.counts == {"rows": 4, "accepted": 0, "repaired": 0, "quarantined": 4}


def test_hostile_text_stays_text(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as made:
        sheet = made.add_worksheet("Hazards")
        sheet.write_row(0, 0, HEAD)
        for row, text in enumerate(PAYLOADS, 1):
            sheet.write_row(row, 0, [f"H-{row}", *PLACE, text])
    imported = bring(path)
    assert imported.rows["name"].tolist() == PAYLOADS
    assert "\u202e" not in str(imported)


# What is no workbook, or more than one


def test_entities_are_refused_before_they_are_read(tmp_path):
    path = book(tmp_path, [HEAD, ["H-1", *PLACE, "x"]])
    lol = b'<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet'
    edited(path, "xl/worksheets/sheet1.xml", (rb"<worksheet", lol))
    with pytest.raises(FileError, match=r"declares entities"):
        bring(path)


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b" " * (30 << 20))
    monkeypatch.setattr(workbook_parts, "_check_head", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(FileError, match=r"unpacks to 1 parts of 31,457,280 bytes"):
        workbook_parts.parts(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((rb'<row r="2"', b'<row r="9999999"'), "row 9,999,999"),
        ((rb'<row r="2"', b'<row r="1"'), "row 1 of sheet 'Hazards' follows row 1"),
        ((rb'<c r="A2"', b'<c r="ZZZ2"'), "'ZZZ2'"),
        ((rb'<c r="A2"', b'<c r="A7"'), "cell A7 stands in row 2"),
        ((rb"</row>", b"</rwo>"), "no whole XML"),
        ((rb"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="1"/></mergeCells>'), "a cell named '1'"),
    ],
)
def test_a_sheet_whose_places_cannot_be_is_refused(tmp_path, change, said):
    path = book(tmp_path, [HEAD, ["H-1", *PLACE, "x"], ["H-2", *PLACE, "x"]])
    edited(path, "xl/worksheets/sheet1.xml", change)
    with pytest.raises(FileError) as caught:
        bring(path)
    assert said in str(caught.value)


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_workbook_is_an_error_or_a_counted_table(tmp_path, seed):
    """Change a byte of the zip, or of a part inside it: never a traceback, never a lost row."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("Hazards")
        for row, cells in enumerate([HEAD, *([f"H-{k}", 46.9 + k / 1000, 39.9, f"x{k}"] for k in range(6))]):
            sheet.write_row(row, 0, cells)
    if seed % 2:
        data = bytearray(path.read_bytes())
        at = (seed * 2_654_435_761) % len(data)
        data[at] ^= 1 << seed % 8
        path.write_bytes(data)
    else:
        part = ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"][seed // 2 % 4]
        with zipfile.ZipFile(path) as old:
            parts = {n: bytearray(old.read(n)) for n in old.namelist()}
        at = (seed * 2_654_435_761) % len(parts[part])
        parts[part][at : at + 1] = bytes([(seed * 7) % 256]) * (seed % 3)
        with zipfile.ZipFile(path, "w") as fresh:
            for name, content in parts.items():
                fresh.writestr(name, bytes(content))
    try:
        imported = bring(path)
    except HazardmapError as error:
        assert " – needed: " in str(error)  # noqa: PT017
    else:
        assert imported.counts["rows"] == len(workbook_parts.parts(path)[0].filled) - 1
        assert sum(list(imported.counts.values())[1:]) == imported.counts["rows"]


def test_what_is_no_workbook(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(FileError):
        bring(tmp_path / "a.xlsx")
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600)
    with pytest.raises(FileError, match=r"old Excel"):
        bring(tmp_path / "a.xls")
    path = book(tmp_path, [HEAD], "b.xlsx")
    assert formats.sniff(path) == "xlsx"
    with pytest.raises(FileError, match=r"no layer with rows|has no rows"):
        bring(path)
    with pytest.raises((FileError, CrsError), match=r"leave --encoding out"):
        bring(path, encoding="cp1251")
