"""Laws of tables without shapes: whatever stands in their cells, every row comes out, and what is trusted lies where it says."""

import csv
import io
import os
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
import shapely
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from hazardmap import FileError, HazardmapError, Policy
from hazardmap.intake import import_table, reading

EXAMPLES = int(os.environ.get("HAZARDMAP_EXAMPLES", "40"))
SOME = settings(max_examples=EXAMPLES, deadline=None)
EXTENT = Policy(extent_deg=(44.0, 38.0, 51.0, 42.0))
GIVEN = {"classification": "SHA", "date_of_information": "2024-01-01"}
COLOMBIA = Path(__file__).resolve().parents[2] / "shared" / "data" / "colombia" / "colombia_events_1990_2019.gpkg"

good = st.floats(46, 47).map(lambda v: f"{v:.6f}")
strange = st.sampled_from(
    [
        "",
        " ",
        "46,9",
        "46°54'E",
        "38SPK49",
        "0",
        "nan",
        "1e400",
        "-",
        "=1+1",
        "{{7*7}}",
        "<b>",
        "١٢",
        "46.9.1",
        "\u202e",
    ]
)
numbers = st.one_of(good, good, good, strange, st.text(max_size=4))
ids = st.sampled_from(["A", "B", " A", "", "007", "C"])
labels = st.one_of(st.integers(0, 6).map(str), st.sampled_from(["SP", "TP1", "TP2", "BM", "", "1.0", "99999999"]))
records = st.lists(st.tuples(ids, labels, numbers, numbers, st.sampled_from(["", "x", "y"])), min_size=1, max_size=12)
ways = st.sampled_from(
    [
        {"x": "lon", "y": "lat", "datum": "WGS 84"},
        {"x": "lon", "y": "lat", "crs": "EPSG:32638"},
        {"x": "lon", "y": "lat", "datum": "SK-42", "decimal": ","},
        {"coordinates": "lon", "datum": "WGS 84", "order": "lat lon"},
        {"x": "lon", "y": "lat", "datum": "WGS 84", "vertices_of": "id"},
        {"x": "lon", "y": "lat", "datum": "WGS 84", "vertices_of": "id", "vertex": "no"},
        {"wkt": "lon", "datum": "WGS 84"},
    ]
)


def written(rows, folder, kind):
    path = folder / f"a.{kind}"
    if kind == "csv":
        text = io.StringIO(newline="")
        csv.writer(text).writerows([("id", "no", "lon", "lat", "name"), *rows])
        path.write_bytes(text.getvalue().encode("utf-8", "replace"))
        return path
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Hazards")
        for at, row in enumerate([("id", "no", "lon", "lat", "name"), *rows]):
            sheet.write_row(at, 0, row)
    return path


@SOME
@given(rows=records, way=ways, kind=st.sampled_from(["csv", "xlsx"]))
def test_every_row_of_the_file_is_in_a_record_or_the_file_is_refused(tmp_path_factory, rows, way, kind):
    path = written(rows, tmp_path_factory.mktemp("laws"), kind)
    try:
        sheet = reading.read(path, wanted="hazards")
        imported = import_table(path, "hazards", values=GIVEN, policy=EXTENT, position=way)
    except HazardmapError as error:
        assert " – needed: " in str(error)  # noqa: PT017
        assert " – do: " in str(error)  # noqa: PT017
        return
    counts = imported.counts
    assert counts["accepted"] + counts["repaired"] + counts["quarantined"] == counts["rows"]
    if "vertices_of" not in way:
        assert counts["rows"] == len(sheet.cells)
    else:  # ids that differ by blanks around them are one; a row without an id is a record of its own
        ids_there = sheet.cells["id"].map(lambda v: "" if v is None else str(v).strip())
        assert counts["rows"] == ids_there[ids_there != ""].nunique() + int((ids_there == "").sum())
        assert any(n.startswith(f"{len(sheet.cells):,} rows made {counts['rows']:,} records") for n in imported.notes)
    trusted = imported.rows[imported.rows["quarantined"].isna()].geometry.to_numpy()
    assert not shapely.is_missing(trusted).any()
    assert shapely.within(trusted, shapely.box(*EXTENT.extent_deg)).all()
    assert all(str(i) for i in imported.notes)


@SOME
@given(st.permutations(range(6)), st.integers(0, 1), st.booleans())
def test_numbered_corners_are_one_polygon_in_any_order(tmp_path_factory, order, start, closed):
    ring = [(46.9, 39.9), (46.902, 39.9), (46.902, 39.901), (46.903, 39.902), (46.901, 39.903), (46.9, 39.902)]
    rows = [("A", str(i + start), f"{ring[i][0]:.5f}", f"{ring[i][1]:.5f}", "") for i in order]
    if closed:
        rows.append(("A", str(6 + start), f"{ring[0][0]:.5f}", f"{ring[0][1]:.5f}", ""))
    path = written(rows, tmp_path_factory.mktemp("order"), "csv")
    way = {"x": "lon", "y": "lat", "datum": "WGS 84", "vertices_of": "id", "vertex": "no"}
    imported = import_table(path, "hazards", values=GIVEN, policy=EXTENT, position=way)
    assert imported.counts == {"rows": 1, "accepted": 1, "repaired": 0, "quarantined": 0}
    assert imported.rows.geometry.iloc[0].normalize() == shapely.Polygon(ring).normalize()


@SOME
@given(st.text(alphabet='id,lon;\t|"\n\r 4639.x', max_size=120), st.none() | st.integers(-1, 4))
def test_any_text_is_a_counted_table_or_an_error(tmp_path_factory, text, header_row):
    path = tmp_path_factory.mktemp("text") / "a.csv"
    path.write_bytes(text.encode())
    try:
        sheet = reading.read(path, wanted="hazards", header_row=header_row)
    except FileError as error:
        assert " – needed: " in str(error)  # noqa: PT017
    else:
        assert len(sheet.cells) == sheet.counted == len(sheet.lines)
        assert list(sheet.lines) == sorted(set(sheet.lines))


@SOME
@given(st.text(max_size=30), st.sampled_from(["utf-8", "utf-16", "cp1251", "cp1254", "cp866"]))
def test_what_an_encoding_can_write_it_reads_back(tmp_path_factory, text, encoding):
    name = "".join(c for c in text if c.isprintable() and c not in '",;|').strip()
    name = name.encode(encoding, "ignore").decode(encoding, "ignore")
    path = tmp_path_factory.mktemp("codec") / "a.csv"
    path.write_bytes(f"id,name\n1,x{name}\n".encode(encoding))
    try:
        sheet = reading.read(path, wanted="hazards", encoding=None if encoding.startswith("utf") else encoding)
    except FileError as error:
        assert "which is" in str(error)  # noqa: PT017 - it looks read in a wrong encoding, and both readings are told
    else:
        assert sheet.cells["name"].tolist() == [f"x{name}"]


@pytest.mark.skipif(not COLOMBIA.is_file(), reason="the real data of ../shared/data are not here")
def test_colombia_as_a_table_is_what_it_is_as_a_geopackage(tmp_path):
    frame = pyogrio.read_dataframe(COLOMBIA)
    cells = pd.DataFrame(frame.drop(columns="geometry")).astype("str")
    cells["lon"], cells["lat"] = frame.geometry.x.map(repr), frame.geometry.y.map(repr)
    path = tmp_path / "eventos.csv"
    cells.to_csv(path, index=False, encoding="cp1252")
    with pytest.raises(FileError, match=r"not UTF-8 text .*'.*AÑO.*' in .*cp1252"):
        import_table(path, "finds", profile="colombia_events")
    way = {"x": "lon", "y": "lat", "datum": "WGS 84"}
    table = import_table(path, "finds", profile="colombia_events", encoding="cp1252", position=way)
    source = import_table(COLOMBIA, "finds", profile="colombia_events")
    assert table.counts == source.counts == {"rows": 36_527, "accepted": 36_526, "repaired": 0, "quarantined": 1}
    for column in ("find_id", "kind", "date", "district"):
        pd.testing.assert_series_equal(table.rows[column], source.rows[column])
    there = source.rows.geometry.notna()
    assert shapely.equals_exact(
        table.rows.geometry[there].to_numpy(), source.rows.geometry[there].to_numpy(), 1e-12
    ).all()
