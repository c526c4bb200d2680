"""Laws of import: whatever a file holds, every row comes out; a repair only ever makes an answer worse."""

import csv
import io
import json
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hazardmap import CrsError, measure, readings, tables
from hazardmap.intake import counting, import_table, mending
from hazardmap.programme import Policy

GIVEN = {
    "hazards": {"classification": "SHA", "date_of_information": "2024-01-01"},
    "releases": {"product": "cleared", "date_completed": "2024-01-01"},
    "surveys": {"date": "2024-01-01"},
    "plots": {},
    "finds": {"kind": "accident"},
}
FEW = settings(max_examples=40, deadline=None)

numbers = st.floats(46.0, 46.01).map(lambda v: round(v, 4))
odd = st.sampled_from([None, "46.1", math.nan, math.inf, True, 10**400, [], {}, 1e300])
positions = st.lists(numbers, min_size=2, max_size=4) | st.lists(numbers | odd, max_size=4)
rings = st.lists(positions, max_size=6).map(lambda r: [*r, r[0]] if r else r) | st.lists(positions, max_size=6) | odd
shapes = st.one_of(
    st.none(),
    st.builds(lambda c: {"type": "Polygon", "coordinates": c}, st.lists(rings, max_size=2) | odd),
    st.builds(lambda c: {"type": "MultiPolygon", "coordinates": c}, st.lists(st.lists(rings, max_size=2), max_size=3)),
    st.builds(lambda c: {"type": "Point", "coordinates": c}, positions),
    st.builds(lambda c: {"type": "LineString", "coordinates": c}, st.lists(positions, max_size=4)),
    st.builds(lambda c: {"type": "MultiPoint", "coordinates": c}, st.lists(positions, max_size=3)),
    st.sampled_from(
        [{}, [], "POINT (46 39)", {"type": "Polygon"}, {"type": "GeometryCollection", "geometries": [None]}]
    ),
)
words = (
    st.none()
    | st.sampled_from(["SHA", "perhaps", "", "  ", 7, True, ["SHA"], {"a": 1}, "\ud800", "x" * 300])
    | st.text(max_size=5)
)
properties = st.dictionaries(
    st.sampled_from(["id", "classification", "status", "accuracy_m", "date", "contamination", "nonsense"]),
    words,
    max_size=5,
)
features = (
    st.builds(lambda g, p: {"type": "Feature", "geometry": g, "properties": p}, shapes, properties | st.none()) | odd
)


@FEW
@given(rows=st.lists(features, min_size=1, max_size=8), table=st.sampled_from(sorted(GIVEN)))
def test_every_row_comes_out_whatever_it_holds(tmp_path_factory, rows, table):
    good = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [46.0, 39.0]}}
    rows = rows + [good] * (len(rows) + 1)  # a file of which most rows lie nowhere is refused as a whole
    path = tmp_path_factory.mktemp("messy") / "messy.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), "utf-8")
    bytes_before = path.read_bytes()
    key = tables.table(table).id_column
    imported = import_table(path, table, values={key: "N-{row}", **GIVEN[table]})
    counts = imported.counts
    assert counts["rows"] == len(rows) == len(imported.rows) == len(imported.report)
    assert counts["accepted"] + counts["repaired"] + counts["quarantined"] == len(rows)
    assert len(imported.accepted) + len(imported.repaired) + len(imported.quarantined) == len(rows)
    assert imported.rows["quarantined"].notna().sum() == counts["quarantined"]
    assert imported.report["row"].tolist() == [str(i) for i in range(1, len(rows) + 1)]
    assert imported.rows["as_entered"].notna().all()
    assert imported.rows[key].notna().all()
    assert path.read_bytes() == bytes_before
    assert str(imported)
    trusted = imported.rows[imported.rows["quarantined"].isna()]
    assert tables.faults(trusted, table, policy=Policy()).empty
    pd.testing.assert_frame_equal(tables.canonical(imported.rows, table), imported.rows)
    imported.report["geometry_as_entered"].dropna().str.encode("utf-8")


@FEW
@given(
    parts=st.lists(
        st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9), min_size=1, max_size=3
    ),
    table=st.sampled_from(["hazards", "releases", "surveys", "plots", "districts", "coverage"]),
)
def test_a_repair_never_errs_to_the_good_side(parts, table):
    shape = shapely.MultiPolygon([shapely.Polygon([(46 + x / 1000, 39 + y / 1000) for x, y in p]) for p in parts])
    done = mending.mend(gpd.GeoSeries([shape], crs=4326), {}, {}, table, Policy(), np.array([np.nan]))
    kept = done.shapes[0]
    meanings = [r for r in readings.all_readings(shape) if r is not None]
    area = measure.area_m2(gpd.GeoSeries([kept, *meanings], crs=4326))
    plane = shapely.Polygon if kept is None else kept
    if table in mending.NARROW:
        assert area[0] <= area[1:].min() + 0.01
        assert kept is not None or done.faults or not area[1:].min()
    else:
        assert area[0] >= area[1:].max() - 0.01
        for reading in meanings:
            left = reading if kept is None else shapely.difference(reading, plane)
            assert measure.area_m2(gpd.GeoSeries([left], crs=4326)).iloc[0] < 0.01
        if table == "hazards":  # and the place of every corner stays
            assert kept is not None
    if kept is not None:
        assert shapely.is_valid(kept)


cells = st.text(alphabet='ab"[]{},:\\ \n\r', max_size=8)


@given(st.lists(st.dictionaries(cells, cells, max_size=2) | st.lists(cells, max_size=2) | st.none(), max_size=5))
def test_the_second_count_of_json_counts_what_json_counts(values):
    for indent in (None, 1):
        text = json.dumps(
            {"x": [[], {}], "type": "FeatureCollection", "features": values, "after": [1, {"features": [1]}]},
            indent=indent,
        )
        assert counting.json_elements(text.encode()) == len(values)


@given(
    st.lists(
        st.tuples(st.text(alphabet='ab", \n\r;', max_size=6), st.text(alphabet='ab"\n', min_size=1, max_size=6)),
        max_size=5,
    )
)
def test_the_second_count_of_csv_counts_what_csv_counts(rows):
    written = io.StringIO(newline="")
    csv.writer(written).writerows([("id", "wkt"), *rows])
    text = written.getvalue()
    assert counting.csv_records(text.encode()) == len(rows) == len(list(csv.reader(io.StringIO(text, newline="")))) - 1


def test_counting_does_not_depend_on_where_the_pieces_end(monkeypatch):
    text = json.dumps({"name": 'a"[{', "features": [{"p": "]},{" * i} for i in range(20)], "z": {}}).encode()
    table = b"id,wkt\r\n" + b'1,"a\r\nb"\r\n' * 20
    for size in (1, 2, 3, 7, 50):
        monkeypatch.setattr(counting, "_CHUNK", size)
        assert counting.json_elements(text) == 20
        assert counting.csv_records(table) == 20


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(6)))
def test_the_order_of_rows_changes_nothing(order):
    frame = gpd.GeoDataFrame(
        {"id": list("abcdef"), "class": ["SHA", "CHA", "?", "SHA", None, "SHA"], "date": ["2024-01-01"] * 6},
        geometry=[shapely.box(46 + i / 10, 39, 46.01 + i / 10, 39.01) for i in range(5)] + [None],
        crs=4326,
    )
    straight = import_table(frame, "hazards").rows.set_index("hazard_id").sort_index()
    shuffled = import_table(frame.iloc[list(order)], "hazards").rows.set_index("hazard_id").sort_index()
    pd.testing.assert_frame_equal(straight, shuffled)


@FEW
@given(
    x=st.floats(-1e7, 1e7),
    y=st.floats(-1e7, 1e7),
    crs=st.sampled_from(["EPSG:4326", "EPSG:32638", "EPSG:28408", "EPSG:3857", "EPSG:2498"]),
)
def test_a_position_is_inside_or_said_to_be_wrong(x, y, crs):
    extent = (44.7, 38.3, 50.7, 42.0)
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(x, y)], crs=crs)
    try:
        imported = import_table(frame, "hazards", values=GIVEN["hazards"], policy=Policy(extent_deg=extent))
    except CrsError:
        with pytest.raises(CrsError, match=r"1 of 1 placed rows cannot lie .* – do: "):
            import_table(frame, "hazards", values=GIVEN["hazards"], policy=Policy(extent_deg=extent))
    else:
        assert shapely.box(*extent).covers(imported.rows.geometry.iloc[0])
