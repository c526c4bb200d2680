"""What becomes of single rows: words, numbers, dates, ids, shapes, positions; and what is said of them."""

import json
import math
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import hazardmap as hm
from hazardmap import CrsError, FileError, Policy, SchemaError, measure, tables
from hazardmap.intake import Imported, add, import_table, profile

DAY = {"date_of_information": "2024-01-01"}
HAZARD = {"classification": "SHA", **DAY}
RELEASE = {"product": "cleared", "date_completed": "2024-01-01"}
STEP = 0.001  # degrees: 111.03 m to the north, 86.6 m to the east at 39° N


def square(x=46.0, y=39.0, size=STEP):
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def write(folder, rows, name="a.geojson", **head):
    """Write features from (geometry, properties) pairs."""
    features = [
        {"type": "Feature", "geometry": g, "properties": {"id": f"A-{i}", **p}} for i, (g, p) in enumerate(rows)
    ]
    path = folder / name
    path.write_text(
        json.dumps({"type": "FeatureCollection", **head, "features": features}, ensure_ascii=False), "utf-8"
    )
    return path


def one(folder, geometry, table="hazards", values=None, **more):
    """Import one row beside two good ones, so that the file as a whole stays usable."""
    rows = [(polygon(square(46.1)), {}), (polygon(square(46.2)), {}), (geometry, {})]
    values = values or {"hazards": HAZARD, "releases": RELEASE}[table]
    imported = import_table(write(folder, rows), table, values=values, **more)
    assert imported.counts["accepted"] >= 2
    return imported.rows.loc[3], imported.report.loc[2], imported


def area(shape):
    return float(measure.area_m2(gpd.GeoSeries([shape], crs=4326)).iloc[0])


BOW_TIE = [[46.0, 39.0], [46.001, 39.001], [46.001, 39.0], [46.0, 39.001], [46.0, 39.0]]
HALF = area(shapely.box(46, 39, 46.001, 39.001)) / 2


def test_a_bow_tie_is_whole_for_a_hazard_and_doubted_for_a_release(tmp_path):
    hazard, told, _ = one(tmp_path, polygon(BOW_TIE))
    release, told_release, _ = one(tmp_path, polygon(BOW_TIE), "releases")
    assert told["outcome"] == told_release["outcome"] == "repaired"
    assert area(hazard.geometry) == pytest.approx(HALF, rel=1e-4)  # both triangles: half of the square
    assert area(release.geometry) <= HALF * 0.5001
    assert told["area_before_m2"] == pytest.approx(0, abs=HALF / 100)
    assert told["area_after_m2"] == pytest.approx(HALF, rel=1e-4)
    assert "widest" in hazard["repaired"]
    assert "narrowest" in release["repaired"]
    assert shapely.from_wkt(told["geometry_as_entered"]).equals_exact(shapely.Polygon(BOW_TIE), 1e-12)


@pytest.mark.parametrize(
    ("ring", "said"),
    [
        ([[46, 39], [None, 39], [46.1, 39.1], [46, 39]], "the coordinate 'null'"),
        ([[46, 39], ["46.1", 39], [46.1, 39.1], [46, 39]], "the coordinate '46.1'"),
        ([[46, 39], [math.nan, 39], [46.1, 39.1], [46, 39]], "a coordinate that is no number"),
        ([[46, 39], [math.inf, 39], [46.1, 39.1], [46, 39]], "a coordinate that is no number"),
        ([[46, 39], [True, 39], [46.1, 39.1], [46, 39]], "the coordinate 'true'"),
        ([[46, 39], [10**400, 39], [46.1, 39.1], [46, 39]], "a coordinate beyond all numbers"),
        ([[46], [46.1, 39], [46.1, 39.1], [46]], "a position of 1 numbers"),
        ([[[46, 39]], [[46.1, 39]]], "nested too deep"),
        ([46, 39], "in place of positions"),
        ([], "a ring without positions"),
        ("ring", "in place of positions"),
    ],
)
@pytest.mark.parametrize("table", ["hazards", "releases"])
def test_a_broken_ring_is_a_row_without_a_place(tmp_path, table, ring, said):
    row, told, imported = one(tmp_path, polygon(ring), table)
    assert told["outcome"] == "quarantined"
    assert said in row["quarantined"]
    assert row.geometry is None
    assert told["geometry_as_entered"].startswith('{"type": "Polygon"')
    assert imported.counts == {"rows": 3, "accepted": 2, "repaired": 0, "quarantined": 1}


def test_1e400_is_a_fault_of_its_row(tmp_path):
    path = write(
        tmp_path,
        [(polygon(square()), {}), (polygon(square(46.2)), {}), (polygon([[12345.5, 39], [46, 39], [46, 40]]), {})],
    )
    path.write_text(path.read_text().replace("12345.5", "1e400"))
    assert "no number" in import_table(path, "hazards", values=HAZARD).rows.loc[3, "quarantined"]


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (None, "geometry: missing"),
        (polygon(), "geometry: missing"),
        ({"type": "MultiPolygon", "coordinates": []}, "geometry: missing"),
        ({"type": "Curve", "coordinates": []}, "a shape of type 'Curve'"),
        ({"type": "Polygon"}, "coordinates 'null'"),
        ("POINT (46 39)", "in place of a shape"),
        ({"type": "GeometryCollection"}, "a collection without a list"),
    ],
)
def test_rows_without_a_shape_stay(tmp_path, geometry, said):
    row, told, _ = one(tmp_path, geometry)
    assert told["outcome"] == "quarantined"
    assert said in row["quarantined"]
    assert row.geometry is None


def open_ring(gap_deg):
    return [[46.0, 39.0], [46.001, 39.0], [46.001, 39.001], [46.0, 39.001], [46.0, 39.0 + gap_deg]]


def test_an_open_ring_is_closed_within_the_accuracy_only(tmp_path):
    near, far = 0.00005, 0.0005  # 5.6 m and 55.5 m to the north
    hazard, told, _ = one(tmp_path, polygon(open_ring(near)))
    assert told["outcome"] == "repaired"
    assert "open ring closed over 5.55 m" in hazard["repaired"]
    hazard, told, _ = one(tmp_path, polygon(open_ring(far)))
    assert told["outcome"] == "quarantined"
    assert "a ring left open by 55.5 m" in hazard["quarantined"]
    assert area(hazard.geometry) == pytest.approx(2 * HALF, rel=1e-6)  # the draft: closed, all four corners
    release, told, _ = one(tmp_path, polygon(open_ring(near)), "releases")  # beyond the 2 m of releases
    assert (told["outcome"], release.geometry) == ("quarantined", None)
    release, told, _ = one(tmp_path, polygon(open_ring(near / 5)), "releases")
    assert told["outcome"] == "repaired"


def test_rings_of_too_few_places_keep_the_position_of_a_hazard(tmp_path):
    thrice = [[46.0, 39.0]] * 4
    hazard, told, _ = one(tmp_path, polygon(thrice))
    assert (told["outcome"], hazard["repaired"]) == ("repaired", "no area: kept as a point, drawn as a disc")
    assert hazard.geometry.equals(shapely.Point(46, 39))
    assert one(tmp_path, polygon(thrice), "releases")[0].geometry is None
    point, told, _ = one(tmp_path, polygon([[46.0, 39.0]]))
    assert (told["outcome"], point.geometry.geom_type) == ("quarantined", "Point")
    two, told, _ = one(tmp_path, polygon([[46.0, 39.0], [46.001, 39.0]]))
    assert "a ring of 2 places" in two["quarantined"]
    assert two.geometry.covers(shapely.LineString([(46.0, 39.0), (46.001, 39.0)]))
    flat, told, _ = one(tmp_path, polygon([[46.0, 39.0], [46.001, 39.0], [46.002, 39.0], [46.0, 39.0]]))
    assert told["outcome"] == "repaired"
    assert area(flat.geometry) > 173 * 100  # 173 m long, 50 m to each side
    assert one(tmp_path, polygon([[46.0, 39.0], [46.001, 39.0]]), "releases")[0].geometry is None


def test_a_line_in_hazards_is_an_open_draft_as_wide_as_its_accuracy(tmp_path):
    line = {"type": "LineString", "coordinates": [[46.0, 39.0], [46.0, 39.01]]}
    row, told, _ = one(tmp_path, line)
    assert told["outcome"] == "quarantined"
    assert "a line or several points need their width" in row["quarantined"]
    assert area(row.geometry) > 1_110 * 100 + math.pi * 2_500
    assert one(tmp_path, line, "releases")[0].geometry is None
    again, told, _ = one(tmp_path, {"type": "LineString", "coordinates": [[46.0, 39.0], [46.0, 39.0]]})
    assert told["outcome"] == "quarantined"
    assert area(again.geometry) > math.pi * 2_500  # a disc of 50 m at least


def test_a_collection_keeps_its_polygons_and_a_hazard_its_lines_too(tmp_path):
    line = {"type": "LineString", "coordinates": [[46.0, 39.0], [46.0, 39.01]]}
    mixed = {"type": "GeometryCollection", "geometries": [line, polygon(square(46.01))]}
    hazard, told, _ = one(tmp_path, mixed)
    release, told_release, _ = one(tmp_path, mixed, "releases")
    assert told["outcome"] == told_release["outcome"] == "repaired"
    assert area(release.geometry) == pytest.approx(2 * HALF, rel=1e-6)
    assert area(hazard.geometry) > 2 * HALF + 1_110 * 100
    assert "only its polygons" in release["repaired"]


def test_a_part_that_has_collapsed_does_not_lose_the_others(tmp_path):
    """GEOS throws when it repairs a multipolygon of which one part is a point."""
    both = {"type": "MultiPolygon", "coordinates": [[[[46.05, 39.0]] * 4], [BOW_TIE]]}
    hazard, told, _ = one(tmp_path, both)
    assert told["outcome"] == "repaired"
    assert area(hazard.geometry) > HALF * 0.9999 + math.pi * 2_500  # and a disc of 50 m at least where the point is
    assert hazard.geometry.covers(shapely.Point(46.05, 39.0))
    release, told, _ = one(tmp_path, both, "releases")
    assert told["outcome"] == "repaired"
    assert area(release.geometry) <= HALF * 0.5001


def test_a_broken_hole_leaves_the_whole_hazard(tmp_path):
    row, told, _ = one(tmp_path, polygon(square(), [[46.0002, 39.0002], [46.0004, 39.0004]]))
    assert told["outcome"] == "quarantined"
    assert area(row.geometry) == pytest.approx(2 * HALF, rel=1e-9)


def test_heights_are_left_out_and_told(tmp_path):
    row, _, imported = one(tmp_path, polygon([[*p, 100.0] for p in square()]))
    assert not row.geometry.has_z
    assert any("1 rows had heights" in n for n in imported.notes)


def test_duplicates_are_kept_and_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("wkt,kind\nPOINT (46 39),well\nPOINT (46 39),well\n")
    imported = import_table(path, "context", crs=4326)
    assert imported.counts["accepted"] == 2
    assert any("1 rows repeat another row exactly" in n for n in imported.notes)


# Positions


def far_off(folder, crs, x, y, **more):
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b"], **{k: [v] * 2 for k, v in HAZARD.items()}}, geometry=gpd.points_from_xy(x, y), crs=crs
    )
    return import_table(frame, "hazards", **more)


AGHDAM = Policy(country="Azerbaijan", extent_deg=(44.7, 38.3, 50.7, 42.0))
PLACE = gpd.GeoSeries(gpd.points_from_xy([46.9, 46.95], [40.0, 40.05]), crs=4326)


@pytest.mark.parametrize(
    ("true", "label", "said"),
    [
        (32638, 4326, "EPSG:32638"),
        (3857, 4326, "EPSG:3857"),
        (28408, 4326, "EPSG:28408"),
        (4326, 32638, "EPSG:4326"),
        (32638, 32639, "EPSG:32638"),
        (32639, 32638, "EPSG:32639"),
    ],
)
def test_a_wrong_crs_is_refused_with_the_one_that_fits(tmp_path, true, label, said):
    there = PLACE.to_crs(true)
    with pytest.raises(CrsError, match=r"2 of 2 placed rows cannot lie") as caught:
        far_off(tmp_path, label, there.x, there.y, policy=AGHDAM)
    assert said in caught.value.do
    assert "100%" in caught.value.do
    assert "ogr2ogr -a_srs EPSG:… mended.gpkg FILE" in caught.value.do, "--crs beside a declaration is refused"
    with pytest.raises(CrsError) if label == 4326 or true == 4326 else pytest.raises(AssertionError):
        far_off(tmp_path, label, there.x, there.y)  # without an extent only the impossible is seen
        raise AssertionError


def test_swapped_axes_are_proposed_never_done(tmp_path):
    with pytest.raises(CrsError, match=r"x and y swapped"):
        far_off(tmp_path, 4326, PLACE.y, PLACE.x, policy=AGHDAM)


def test_one_row_outside_is_one_row(tmp_path):
    frame = gpd.GeoDataFrame(
        {"id": list("abc"), **{k: [v] * 3 for k, v in HAZARD.items()}},
        geometry=gpd.points_from_xy([46.9, 46.95, 17.0], [40.0, 40.05, 45.0]),
        crs=4326,
    )
    for given in (frame, frame.to_crs(32638)):
        imported = import_table(given, "hazards", policy=AGHDAM)
        assert imported.counts == {"rows": 3, "accepted": 2, "repaired": 0, "quarantined": 1}
        assert "needed: inside the country (44.7, 38.3, 50.7, 42)" in imported.rows.loc[3, "quarantined"]
        assert imported.rows.geometry[3] is None
        assert imported.report.loc[2, "geometry_as_entered"].startswith("POINT (")


def test_crs_said_by_nobody_or_by_two(tmp_path):
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.points_from_xy([46.9], [40.0]))
    with pytest.raises(CrsError, match=r"declares no CRS"):
        import_table(frame, "hazards", values=HAZARD)
    with pytest.raises(CrsError, match=r"declares EPSG:4326 .* --crs says EPSG:32638"):
        import_table(frame.set_crs(4326), "hazards", values=HAZARD, crs="EPSG:32638")
    with pytest.raises(CrsError, match=r"PROJ does not know"):
        import_table(frame, "hazards", values=HAZARD, crs="EPSG:none")
    assert import_table(frame.set_crs("OGC:CRS84"), "hazards", values=HAZARD, crs="EPSG:4326").counts["accepted"] == 1


def test_a_crs_that_gives_no_place_on_earth_is_refused():
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.points_from_xy([46.9], [40.0]))
    for crs in ("EPSG:5773", "EPSG:4978", 'LOCAL_CS["site grid",UNIT["metre",1]]'):  # heights, geocentric, a local grid
        with pytest.raises(CrsError, match=r"--crs says .* gives no longitude and latitude"):
            import_table(frame, "hazards", values=HAZARD, crs=crs)
    with pytest.raises(CrsError, match=r"says site grid .* ogr2ogr"):
        import_table(frame.set_crs('LOCAL_CS["site grid",UNIT["metre",1]]'), "hazards", values=HAZARD)


def test_a_geojson_in_utm_needs_only_its_crs(tmp_path):
    there = PLACE.to_crs(32638)
    rows = [({"type": "Point", "coordinates": [x, y]}, {}) for x, y in zip(there.x, there.y, strict=True)]
    with pytest.raises(CrsError, match=r"EPSG:32638 \(UTM zone 38\) .* then state it: --crs"):
        import_table(write(tmp_path, rows), "hazards", values=HAZARD, policy=AGHDAM)
    imported = import_table(write(tmp_path, rows), "hazards", values=HAZARD, policy=AGHDAM, crs="EPSG:32638")
    assert imported.rows.geometry.x.round(6).tolist() == [46.9, 46.95]
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32638"}}
    honoured = import_table(write(tmp_path, rows, crs=member), "hazards", values=HAZARD, policy=AGHDAM)
    assert honoured.rows.geometry.y.round(6).tolist() == [40.0, 40.05]
    assert any("member crs says EPSG:32638: honoured" in n for n in honoured.notes)


def test_long_edges_keep_their_place_when_the_crs_changes():
    long_one = gpd.GeoDataFrame(
        {"id": ["a"]}, geometry=[shapely.box(600_000, 4_400_000, 620_000, 4_401_000)], crs=32638
    )
    imported = import_table(long_one, "hazards", values=HAZARD)
    back = imported.rows.geometry.to_crs(32638).iloc[0]
    assert shapely.hausdorff_distance(back, long_one.geometry.iloc[0].segmentize(100), densify=0.1) < 0.02
    assert any("vertices added on long edges" in n for n in imported.notes)
    assert any("brought to EPSG:4326 by" in n and "exact" in n for n in imported.notes)


# Cells


def cells(table="hazards", values=None, **columns):
    count = len(next(iter(columns.values())))
    given = {"hazards": {"hazard_id": "H-{row:3}", **HAZARD}, "releases": {"release_id": "R-{row}", **RELEASE}}[table]
    frame = gpd.GeoDataFrame(
        {k: pd.Series(v, dtype="object") for k, v in columns.items()},
        geometry=[shapely.box(46 + i / 10, 39, 46.01 + i / 10, 39.01) for i in range(count)],
        crs=4326,
    )
    return import_table(
        frame, table, values=values if values is not None else {k: v for k, v in given.items() if k not in columns}
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("03/04/2024", "'03/04/2024' (3 April or 4 March)"),
        ("03.04.2024", "(3 April or 4 March)"),
        ("45385", "Excel's number for 2024-04-03?"),
        (45385, "Excel's number for 2024-04-03?"),
        ("2024", "needed: a date like 2024-12-31"),
        ("31.02.2024", "a day that exists"),
        ("01-02-24", "needed: a date like"),
        ("2024-13-01", "a day that exists"),
        ("soon", "needed: a date like"),
        ("0024-01-01", "a year from 1900 to 2100"),
    ],
)
def test_dates_that_cannot_be_told(written, said):
    imported = cells(date_of_information=[written, "2024-01-01"])
    assert imported.counts["quarantined"] == 1
    assert said in imported.rows.loc[1, "quarantined"]
    assert pd.isna(imported.rows.loc[1, "date_of_information"])
    assert json.loads(imported.rows.loc[1, "as_entered"])["date_of_information"] == written
    assert imported.rows.geometry[1] is not None  # an undated hazard is always known


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-04-03", 3),
        ("2024-04-03T23:30:00Z", 3),
        ("2024/04/03", 3),
        ("20240403", 3),
        ("25.04.2024", 25),
        ("04/25/2024", 25),
        (pd.Timestamp("2024-04-03 10:00"), 3),
        (date(2024, 4, 3), 3),
        ("04.04.2024", 4),
    ],
)
def test_dates_that_can_be_told(written, day):
    found = cells(date_of_information=[written]).rows["date_of_information"].iloc[0]
    assert (found.year, found.month, found.day) == (2024, 4, day)


def test_the_order_of_day_and_month_can_be_stated():
    frame = gpd.GeoDataFrame({"id": ["a"], "date": ["03/04/2024"]}, geometry=[shapely.Point(46, 39)], crs=4326)
    days = [
        import_table(frame, "hazards", values={"classification": "SHA"}, day_first=f)
        .rows["date_of_information"]
        .dt.day.iloc[0]
        for f in (True, False)
    ]
    assert days == [3, 4]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0,2", "decimal comma, or thousands?"),
        ("1,250", "decimal comma, or thousands?"),
        ("20 cm", "a number like 12.5 m"),
        ("-1", "above 0"),
        ("0", "above 0"),
        (math.inf, "a number like"),
        ("1e999", "a number like"),
        ([1, 2], "one value for depth_m"),
    ],
)
def test_numbers_that_cannot_be_told(written, said):
    imported = cells("releases", depth_m=[written, "0.2"])
    assert said in imported.rows.loc[1, "quarantined"]
    assert imported.rows["depth_m"].tolist()[1] == 0.2


def test_words_and_sets():
    imported = cells(contamination=["AP; anti-tank", "ПТМ", None, '["AP", "UXO"]', ["AP"], "AP/AT+UXO"])
    assert imported.rows["contamination"].tolist() == [
        ("AP", "AV"),
        (),
        (),
        ("AP", "UXO"),
        ("AP",),
        ("AP", "AV", "UXO"),
    ]
    assert imported.counts["quarantined"] == 1
    assert "contamination: 'ПТМ' (needed: one of AP, AV" in imported.rows.loc[2, "quarantined"]


def test_an_unknown_word_makes_an_open_draft():
    imported = cells(classification=["probably", "Şübhəli", "ЗАГРЯЗНЕНО", "sha"])
    assert imported.counts == {"rows": 4, "accepted": 2, "repaired": 0, "quarantined": 2}
    assert imported.rows["classification"].isna().tolist() == [True, False, True, False]
    assert imported.rows.geometry.notna().all()


def test_ids_are_exact_text_and_trimmed_before_they_are_compared():
    imported = cells(hazard_id=["007", 2**63 + 1, " 8", "8 ", 9007199254740993.0, 7.0, None])
    assert imported.rows["hazard_id"].tolist()[:4] == ["007", "9223372036854775809", "8", "8"]
    assert imported.rows["hazard_id"].tolist()[5] == "7"
    reasons = imported.rows["quarantined"]
    assert reasons.notna().tolist() == [False, False, True, True, True, False, True]
    assert "one row for each hazard_id" in reasons[3]
    assert "lost digits" in reasons[5]
    assert imported.rows["hazard_id"].is_unique is False
    assert imported.rows.loc[7, "hazard_id"] == "(no id, GeoDataFrame row 7)"


def test_a_key_twice_is_a_fault_of_its_row(tmp_path):
    path = write(tmp_path, [(polygon(square(46 + i / 10)), {"classification": "CHA"}) for i in range(3)])
    text = path.read_text().replace(
        '"id": "A-1", "classification": "CHA"', '"id": "A-1", "classification": "CHA", "classification": "cleared"'
    )
    path.write_text(text)
    imported = import_table(path, "hazards", values=DAY)
    assert imported.counts["quarantined"] == 1
    assert "the key 'classification' twice" in imported.rows.loc[2, "quarantined"]
    path.write_text(
        text.replace('"geometry"', '"geometry": null, "geometry"', 1).replace(
            '"id": "A-2"', '"zz": 1, "zz": 2, "id": "A-2"'
        )
    )
    imported = import_table(path, "hazards", values=DAY)
    assert imported.counts["quarantined"] == 3
    assert list(imported.rows.columns) == [*[c.name for c in tables.table("hazards").columns], "geometry"]


def test_two_columns_for_one_of_ours_are_refused():
    with pytest.raises(SchemaError, match=r"Status and status can both be status .* rename one"):
        cells(Status=["open"], status=["open"])


def test_what_no_column_says_must_be_given():
    frame = gpd.GeoDataFrame({"sheet": ["a"]}, geometry=[shapely.Point(46, 39)], crs=4326)
    with pytest.raises(SchemaError) as caught:
        import_table(frame, "hazards")
    assert "no column for hazard_id, date_of_information, classification; its columns: sheet" in caught.value.found
    assert (
        "--set hazard_id='A-{row:5}' --set date_of_information=2024-12-31 --set classification=suspected"
        in caught.value.do
    )


def test_values_given_fill_and_never_overrule():
    imported = cells(classification=["CHA", None], values={"classification": "SHA", "hazard_id": "{row}", **DAY})
    assert imported.rows["classification"].tolist() == ["confirmed", "suspected"]
    assert any(
        "classification: 1 rows say something else than --set; the file's value is kept" in n for n in imported.notes
    )
    assert any("classification = suspected by --set, 1 rows" in n for n in imported.notes)


def test_values_given_are_checked_all_at_once():
    with pytest.raises(SchemaError) as caught:
        cells(name=["x"], values={"classification": "maybe", "quarantined": "no", "date_of_information": "01/02/2024"})
    for said in ("classification = 'maybe'", "quarantined = 'no'", "1 February or 2 January"):
        assert said in caught.value.found


def test_rows_dated_after_the_file_speaks_are_faults():
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b"], "date": ["2024-01-01", "2030-01-01"]},
        geometry=gpd.points_from_xy([46, 46], [39, 40]),
        crs=4326,
    )
    imported = import_table(frame, "hazards", values={"classification": "SHA"}, as_of="2024-12-31")
    assert "no later than the as-of date 2024-12-31" in imported.rows.loc[2, "quarantined"]
    with pytest.raises(SchemaError, match=r"dated after the programme's as-of date 2024-12-31"):
        import_table(
            frame.set_geometry(gpd.points_from_xy([47, 47], [40, 40.01])),
            "hazards",
            values={"classification": "SHA"},
            programme=hm.example(),
        )
    with pytest.raises(SchemaError, match=r"a date like"):
        import_table(frame, "hazards", values={"classification": "SHA"}, as_of="end of 2024")


# Links and adding


def near_example(count, **columns):
    shapes = [shapely.box(47 + i / 1000, 40.01, 47.0005 + i / 1000, 40.0105) for i in range(count)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


def test_a_release_of_an_unknown_hazard_is_a_fault():
    programme = hm.example()
    given = near_example(3, id=["R-10", "R-11", "R-12"], hazard_ids=["H-001", "H-001; H-999", None])
    imported = import_table(given, "releases", values=RELEASE, programme=programme)
    assert imported.counts == {"rows": 3, "accepted": 2, "repaired": 0, "quarantined": 1}
    assert "hazard_ids: H-999" in imported.rows.loc[2, "quarantined"]
    grown = add(programme, imported)
    assert len(grown.releases) == 7
    assert grown.releases.index.is_unique
    assert len(programme.releases) == 4
    assert hm.validate(grown).empty


def test_a_successor_may_come_in_the_same_file():
    given = near_example(3, id=["N-1", "N-2", "N-3"], superseded_by=["N-2", None, "N-9"])
    imported = import_table(given, "hazards", values=HAZARD, programme=hm.example())
    assert imported.rows["quarantined"].notna().tolist() == [False, False, True]


def test_adding_overwrites_nothing():
    programme = hm.example()
    same = near_example(2, id=["H-001", "N-1"], date=["2021-03-01"] * 2)
    imported = import_table(same, "hazards", values={"classification": "SHA"}, programme=programme)
    with pytest.raises(SchemaError, match=r"1 of 2 rows have ids and the same date .*'H-001'.*nothing was changed"):
        add(programme, imported)
    later = import_table(
        same.assign(date="2024-06-01"),
        "hazards",
        values={"classification": "SHA"},
        programme=programme,
        as_of="2025-01-31",
    )
    grown = add(programme, later)
    assert (len(grown.hazards), grown.as_of, programme.as_of) == (8, date(2025, 1, 31), date(2024, 12, 31))
    assert grown.history["outcome"].tolist() == ["accepted", "accepted"]
    with pytest.raises(
        SchemaError,
        match=r"is in the programme already: 2 rows of hazards with the same fingerprint; nothing was changed",
    ):
        add(grown, later)


# Profiles


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[meta", "profile a.toml:"),
        (
            "[meta]\ncolour = 'red'\nextent_deg = [1, 2]\nas_of = 'May'",
            "unknown name meta.colour; meta.as_of is no date (2024-03-18, without quotes); meta.extent_deg is not west",
        ),
        ("[mines]\n", "unknown table mines"),
        ("[hazards]\nextra = 1", "unknown name hazards.extra"),
        ("[hazards.columns]\ncolour = 'x'\nname = 3", "no column colour to fill; hazards.columns.name is no name"),
        ("[hazards.values]\nquarantined = 'x'", "no column quarantined to fill"),
        ("[hazards.words.classification]\nx = 'mined'", "mined is none of suspected, confirmed"),
        ("[hazards.words.name]\nx = 'y'", "no words are allowed there"),
        ("[hazards]\ndate_format = 'dmy'", "no format like %d.%m.%Y"),
    ],
)
def test_a_profile_says_only_what_a_profile_can(text, said):
    with pytest.raises(SchemaError) as caught:
        profile.parse(text, "a.toml")
    assert said in str(caught.value)


def test_a_profile_of_ones_own(tmp_path):
    own = tmp_path / "mine.toml"
    own.write_text(
        '[hazards]\ndate_format = "%d.%m.%Y"\n[hazards.columns]\nhazard_id = "Nr"\nclassification = "Art"\ndate_of_information = "Datum"\n'
        '[hazards.values]\nevent = "established"\nstatus = "open"\n[hazards.words.classification]\n"Verdacht" = "suspected"\n',
        "utf-8",
    )
    frame = gpd.GeoDataFrame(
        {"Nr": ["1"], "Art": ["VERDACHT"], "Datum": ["03.04.2024"]}, geometry=[shapely.Point(46, 39)], crs=4326
    )
    row = import_table(frame, "hazards", profile=own).accepted.iloc[0]
    assert (row["hazard_id"], row["classification"], row["date_of_information"].month) == ("1", "suspected", 4)
    with pytest.raises(FileError, match=r"no profile 'imsma' .* one of azerbaijan_wof, bosnia, .* natural_earth"):
        import_table(frame, "hazards", profile="imsma")


def test_hostile_text_stays_text(tmp_path):
    payloads = [
        "<img src=x onerror=alert(1)>",
        "{{ 7*7 }}",
        "{% print 1 %}",
        "</script>",
        "${1}",
        "`",
        "=1+1",
        "C:\\u0zz",
        "{hazard_id.__class__}",
    ]
    rows = [(polygon(square(46 + i / 100)), {"name": p, "{row}\n": p}) for i, p in enumerate(payloads)]
    path = write(tmp_path, rows, name="{{7}} {row} <b>.geojson")
    imported = import_table(path, "hazards", values=HAZARD)
    assert imported.rows["name"].tolist() == payloads
    assert imported.counts["accepted"] == len(payloads)
    assert "{row}\n" not in str(imported)
    path.write_text(path.read_text("utf-8").replace("A-1", "\\ud800"), "utf-8")
    broken = import_table(path, "hazards", values=HAZARD)
    assert "Unicode text" in broken.rows.loc[2, "quarantined"]
    broken.rows["as_entered"].str.encode("utf-8")


def test_numbers_are_told_where_all_rows_have_the_same_and_in_what_is_needed():
    frame = gpd.GeoDataFrame(
        {"id": list("abc"), "date": ["03/04/2024", "2024-02-30", "2024-02-31"], "class": ["SHA"] * 3},
        geometry=[shapely.Polygon(square())] * 3,
        crs=4326,
    )
    said = str(import_table(frame, "hazards"))
    assert "1 × date_of_information: '03/04/2024' (3 April or 4 March) (needed: a date like 2024-12-31" in said
    assert "2 × date_of_information: '…' (needed: a day that exists, a date like 2024-12-31) – e.g. b, c" in said


def test_no_file_speaks_of_days_to_come():
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Polygon(square())], crs=4326)
    entered = pd.Timestamp("2024-06-01 22:00").to_pydatetime()  # UTC; in the east it is the second already
    for day in ("2024-06-01", "2024-06-02"):
        assert import_table(frame, "hazards", values=HAZARD, as_of=day, recorded_at=entered).counts["rows"] == 1
    with pytest.raises(SchemaError, match=r"as-of date 2042-06-01, and today is 2024-06-01"):
        import_table(frame, "hazards", values=HAZARD, as_of="2042-06-01", recorded_at=entered)


def test_the_text_for_a_tired_reader(tmp_path):
    rows = [
        (polygon(square()), {}),
        (polygon(BOW_TIE), {}),
        (None, {}),
        (None, {}),
        (polygon(square(46.3)), {"class": "?"}),
    ]
    imported = import_table(write(tmp_path, rows), "hazards", values={**DAY, "classification": "SHA"})
    assert isinstance(imported, Imported)
    said = str(imported)
    assert said.startswith(
        "a.geojson → hazards: 5 rows\n  accepted            1\n  repaired            1\n  quarantined         3\n"
    )
    assert "2 × geometry: missing (needed: a geometry) – e.g. A-2, A-3" in said
    assert "1 × classification: '?' (needed: one of suspected, confirmed) – e.g. A-4" in said
    assert "as unplaced" in said
    assert "table history" in said
    assert imported.report.columns.tolist() == [c.name for c in tables.table("history").columns]
    assert imported.report["row"].tolist() == list("12345")
    assert np.isnan(imported.report.loc[2, "area_before_m2"])
