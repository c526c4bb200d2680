"""Each check on squares that a pencil can check: what it finds, and its near miss that it does not."""

import dataclasses
import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely
from land import AS_OF, PLANE, box, demo_programme, plane_shapes, programme, table

import hazardmap as hm
from hazardmap import Policy, SchemaError, Thresholds, measure, tables
from hazardmap.inspection import CHECKS, COLUMNS
from hazardmap.inspection.twins import written_alike

EXTENT = Policy(extent_deg=(46.0, 39.0, 48.0, 41.0))
SQUARE = [(0, 0), (100, 0), (100, 100), (0, 100)]


def found(check, made, **more):
    return hm.inspect(made, only=[check], **more)


def told(check, made, **more):
    """The ids and texts of the findings of one check."""
    table_ = found(check, made, **more)
    assert table_["check"].eq(check).all()
    return table_[["record_id", "found"]].values.tolist()


def hazard(*rows, **more):
    return programme(EXTENT, hazards=[r if isinstance(r, dict) else {"geometry": r} for r in rows], **more)


# Tables


def test_a_clean_programme_gives_no_finding():
    clean = programme(
        EXTENT,
        hazards=[
            {"geometry": box(0, 0, 100), "stated_area_m2": 10_000.0, "district": "D-0", "recorded_at": "2021-01-02"},
            {"geometry": box(100, 0, 100), "district": "d", "status": "closed", "closed_on": "2022-03-01"},
            {"geometry": shapely.Point(500, 50), "date_of_information": "2022-01-01"},
        ],
        releases=[{"geometry": box(100, 0, 100), "hazard_ids": ("H-1",)}],
        finds=[{"geometry": shapely.Point(2000, 50), "date": "2023-01-01", "answered_on": "2023-01-01"}],
        districts=[{"geometry": box(-5000, -5000, 20_000), "aliases": ("Da",)}],
        coverage=[{"geometry": box(-5000, -5000, 20_000)}],
    )
    assert hm.inspect(clean).values.tolist() == []
    empty = hm.inspect(hm.Programme(policy=EXTENT))
    assert empty.columns.tolist() == [*COLUMNS, "geometry"]
    assert empty.crs == 4326


def test_faults_of_the_tables_are_findings_too():
    made = hazard(box(0, 0, 100), box(200, 0, 100))
    made.hazards.loc[0, "classification"] = "perhaps"
    faults = tables.validate(made)
    (row,) = found("schema", made).itertuples()
    assert (row.record_id, row.found, row.severity) == ("H-0", "classification is perhaps", "error")
    assert row.expected == faults["expected"].iloc[0] == "one of suspected, confirmed"
    assert shapely.intersects(row.geometry, made.hazards.geometry[0])


def test_rows_quarantined_and_repaired_are_told():
    made = hazard(box(0, 0, 100), box(200, 0, 100), box(400, 0, 100))
    made.hazards.loc[0, "quarantined"] = "date: missing"
    made.hazards.loc[1, "repaired"] = "Self-intersection"
    assert told("quarantined", made) == [["H-0", "date: missing"]]
    assert told("repaired", made) == [["H-1", "Self-intersection"]]


def test_the_same_id_twice_also_with_spaces():
    made = hazard({"hazard_id": "A", "geometry": box(0, 0, 9)}, {"hazard_id": "A ", "geometry": box(20, 0, 9)})
    assert [t[0] for t in told("duplicate_id", made)] == ["A", "A "]
    versions = hazard(
        {"hazard_id": "A", "geometry": box(0, 0, 9)},
        {"hazard_id": "A", "geometry": box(0, 0, 9), "date_of_information": "2022-01-01"},
    )
    assert told("duplicate_id", versions) == []


@pytest.mark.parametrize("other", ["h-001", "H-001 ", "H -001", "Н-001", "H\u200b-001", "Ｈ-001"])
def test_ids_that_are_one_to_the_eye(other):
    made = hazard(
        {"hazard_id": "H-001", "geometry": box(0, 0, 9)},
        {"hazard_id": other, "geometry": box(20, 0, 9), "date_of_information": "2022-01-01"},
        {"hazard_id": "H-002", "geometry": box(40, 0, 9)},
    )
    (row,) = found("similar_id", made).itertuples()
    assert {row.record_id, row.other_id} == {"H-001", other}


def test_ids_that_differ_are_not_alike():
    assert len({written_alike(i) for i in ("H-1", "H-01", "H-I", "HI", "H1", "H.1")}) == 6


# Outlines


def test_a_bow_tie_is_told_where_it_crosses():
    made = hazard(shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]), box(200, 0, 100))
    (row,) = found("invalid_polygon", made).itertuples()
    assert (row.record_id, row.found) == ("H-0", "Self-intersection")
    (place,) = measure.to_plane(found("invalid_polygon", made).geometry, PLANE)
    assert place.distance(shapely.Point(50, 50)) < 0.01


def test_a_ring_of_two_vertices():
    made = hazard(shapely.Polygon([(0, 0), (50, 50), (0, 0), (50, 50), (0, 0)]), shapely.Polygon(SQUARE[:3]))
    assert told("few_vertices", made) == [["H-0", "2 different vertices"]]
    part = hazard(shapely.MultiPolygon([box(200, 0, 9), shapely.Polygon([(0, 0), (50, 50), (0, 0)])]))
    assert told("few_vertices", part) == [["H-0", "2 different vertices in a part"]]


def test_overlapping_parts_by_what_is_there_twice():
    parts = [shapely.MultiPolygon([box(0, 0, 100), box(100 - lap, 0, 100)]) for lap in (10, 0, -50)]
    made = hazard(parts[0], *[shapely.affinity.translate(p, 0, 500 * i) for i, p in enumerate(parts[1:], start=1)])
    (row,) = found("overlapping_parts", made).itertuples()
    assert row.record_id == "H-0"
    assert row.size == pytest.approx(10 * 100, abs=0.2)
    (place,) = measure.to_plane(found("overlapping_parts", made).geometry, PLANE)
    assert box(90, 0, 10, 100).contains(place)
    nested = hazard(shapely.MultiPolygon([box(0, 0, 100), box(20, 20, 10)]))
    assert found("overlapping_parts", nested)["size"].round().tolist() == [100]


def test_legs_over_5_km():
    made = hazard(box(0, 0, 5001, 10), box(0, 100, 4999, 10))
    rows = found("long_leg", made)
    assert rows["record_id"].tolist() == ["H-0", "H-0"]  # there and back
    # The plane is true at its origin: 5 km from there a metre is longer by less than 1 in 10,000.
    assert rows["size"].tolist() == pytest.approx([5001, 5001], abs=0.5)
    ends = shapely.get_coordinates(measure.to_plane(rows.geometry, PLANE)[0])[[0, -1]]
    assert sorted(ends[:, 0].round().tolist()) == [0, 5001]
    assert len(found("long_leg", made, thresholds=Thresholds(leg_m=4000))) == 4


def test_vertices_on_the_line_do_not_hide_a_long_leg():
    outline = shapely.segmentize(box(0, 0, 6000, 10), 300)
    assert len(found("long_leg", hazard(outline))) == 2
    bent = shapely.Polygon([(0, 0), (3000, 30), (6000, 0), (6000, 10), (3000, 40), (0, 10)])
    assert told("long_leg", hazard(bent)) == []  # it turns by 1.1° in the middle


def test_an_import_that_divides_long_edges_does_not_hide_a_long_leg(tmp_path):
    west, south = 640_000, 4_430_000  # UTM zone 38N
    square = [(west, south), (west + 6000, south), (west + 6000, south + 1000), (west, south + 1000)]
    file = tmp_path / "h.geojson"
    row = {"hazard_id": "A", "date_of_information": "2024-01-01", "event": "established"}
    row |= {"classification": "confirmed", "status": "open"}
    feature = {"type": "Feature", "properties": row}
    feature["geometry"] = {"type": "Polygon", "coordinates": [[*square, square[0]]]}
    name = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32638"}}
    file.write_text(json.dumps({"type": "FeatureCollection", "crs": name, "features": [feature]}))
    made = hm.add(hm.Programme(), hm.import_table(file, "hazards"))
    assert shapely.get_num_coordinates(made.hazards.geometry[0]) > 5
    # on the ellipsoid a metre of the grid is longer by 0.04 % at its middle meridian, less towards the sides
    assert found("long_leg", made)["size"].tolist() == pytest.approx([6000, 6000], abs=3)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_spike_is_told_with_its_tip(reverse):
    corners = [(0, 0), (100, 0), (100, 50), (140, 50.05), (100, 50.1), (100, 100), (0, 100)]
    made = hazard(shapely.Polygon(corners[::-1] if reverse else corners))
    (row,) = found("spike", made).itertuples()
    # the angle: 2 · arctan(0.05 / 40) = 0.143°; the legs: 40.00003 m
    assert row.found == "a corner of 0.14°, 40.00 m long"
    line = shapely.get_coordinates(measure.to_plane(found("spike", made).geometry, PLANE)[0])
    assert line[0].tolist() == pytest.approx([140, 50.05], abs=0.01)


def test_sharp_but_wide_is_no_spike():
    wedge = shapely.Polygon([(0, 0), (1000, 0), (0, 20)])  # 1.1° at its tip
    assert told("spike", hazard(wedge)) == []
    long_wedge = shapely.Polygon([(0, 0), (400, 0), (0, 3)])  # 0.4°, and 3 m wide at its foot
    assert told("spike", hazard(long_wedge)) == []
    assert len(told("spike", hazard(long_wedge), thresholds=Thresholds(sliver_m=5))) == 1


def test_a_spike_with_a_blunt_tip_and_one_at_the_start_of_the_ring():
    blunt = [(140, 50.05), (140, 50.051), (100, 50.1), (100, 100), (0, 100), (0, 0), (100, 0), (100, 50)]
    assert [f for _, f in told("spike", hazard(shapely.Polygon(blunt)))] == ["a corner of 0.14°, 40.00 m long"]


def test_slivers_by_twice_the_area_over_the_perimeter():
    strip = box(0, 0, 100, 0.5)  # 2 · 50 / 201 = 0.498
    made = hazard(strip, box(0, 100, 100, 1.1), shapely.MultiPolygon([box(0, 200, 100), box(0, 400, 100, 0.5)]))
    assert told("sliver", made) == [["H-0", "an outline 0.498 m wide"], ["H-2", "a part 0.498 m wide"]]
    hole = shapely.Polygon(SQUARE, [box(10, 10, 50, 0.2).exterior.coords])  # 2 · 10 / 100.4 = 0.199
    assert told("sliver", hazard(hole)) == [["H-0", "a hole 0.199 m wide"]]
    assert told("sliver", hazard(hole), thresholds=Thresholds(sliver_m=0.1)) == []


def test_a_square_with_two_corners_swapped_is_no_sliver():
    bow_tie = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])  # its halves cancel out: no area at all
    thin = shapely.Polygon([(0, 200), (100, 200.4), (100, 200), (0, 200.4)])  # halves of 0.4 m: truly narrow
    made = hazard(bow_tie, thin, shapely.MultiPolygon([bow_tie, box(300, 0, 100)]))
    assert [i for i, _ in told("sliver", made)] == ["H-1"]


# Twins


def test_the_same_outline_rotated_and_reversed():
    ring = [*SQUARE[2:], *SQUARE[:2]][::-1]
    made = hazard(box(0, 0, 100), shapely.Polygon(ring), box(0, 0, 100.01))
    assert told("duplicate_geometry", made) == [["H-1", "the same outline as H-0"]]
    assert found("duplicate_geometry", made)["other_id"].tolist() == ["H-0"]


def test_a_polygon_and_a_multipolygon_of_it_alone_are_the_same_outline():
    made = hazard(box(0, 0, 100), shapely.MultiPolygon([box(0, 0, 100)]))
    assert told("duplicate_geometry", made) == [["H-1", "the same outline as H-0"]]


@pytest.mark.parametrize("size", [0.0, 0.0001])  # one place, typed four times; smaller than what is compared
def test_a_ring_that_is_all_one_place_stops_nothing(size):
    dot = shapely.Polygon([(10, 10), (10, 10 + size), (10 + size, 10 + size), (10, 10)])
    holed = shapely.Polygon(SQUARE, [dot.exterior.coords])
    made = hazard(dot, holed, box(500, 0, 100), box(500, 0, 100), shapely.MultiPolygon([box(900, 0, 9), dot]))
    assert told("duplicate_geometry", made) == [["H-3", "the same outline as H-2"]]
    everything = hm.inspect(made)
    assert "H-0" in set(everything["record_id"]), "told by other checks"


def test_versions_and_successors_may_have_the_same_outline():
    made = hazard(
        {"hazard_id": "A", "geometry": box(0, 0, 100), "superseded_by": ("B",)},
        {"hazard_id": "A", "geometry": box(0, 0, 100), "date_of_information": "2022-01-01", "event": "edited"},
        {"hazard_id": "B", "geometry": box(0, 0, 100), "date_of_information": "2023-01-01"},
    )
    assert told("duplicate_geometry", made) == []


def test_points_twice():
    points = [shapely.Point(0, 0), shapely.Point(0, 0), shapely.Point(0, 0.01)]
    made = programme(EXTENT, finds=[{"geometry": p} for p in points])
    assert told("duplicate_point", made) == [["F-1", "the same point as F-0"]]


# Neighbours


@pytest.mark.parametrize("name", ["hazards", "releases"])
def test_strips_between_neighbours(name):
    def made(step):
        return programme(EXTENT, **{name: [{"geometry": box(0, 0, 100)}, {"geometry": box(100 + step, 0, 100)}]})

    def both(step):
        return [found(c, made(step))["size"].tolist() for c in ("narrow_overlap", "narrow_gap")]

    assert both(0) == [[], []]
    assert both(-0.5) == [[pytest.approx(2 * 50 / 201, abs=0.001)], []]
    assert both(-1.1) == [[], []]
    assert both(1.1) == [[], []]
    for gap in (0.1, 0.5, 0.9):
        overlap, (width,) = both(gap)
        assert overlap == []
        assert width == pytest.approx(2 * 100 * gap / (200 + 2 * gap), abs=0.001)


def test_a_strip_between_two_that_a_third_has_is_no_gap():
    row = [box(0, 0, 100), box(100.5, 0, 100)]
    assert len(told("narrow_gap", hazard(*row))) == 1
    assert told("narrow_gap", hazard(*row, box(100, 0, 0.5, 100))) == []


def test_neighbours_that_go_on_along_one_line_have_no_gap_there():
    assert told("narrow_gap", hazard(box(0, 0, 100), box(99.5, 0, 100))) == []
    assert told("narrow_gap", hazard(box(0, 0, 100), box(0, 0, 100, 0.5))) == []


def test_of_a_hazard_only_the_latest_version_is_a_neighbour():
    made = hazard(
        {"hazard_id": "A", "geometry": box(0, 0, 100)},
        {"hazard_id": "A", "geometry": box(0, 0, 90), "date_of_information": "2022-01-01", "event": "revised_down"},
        {"hazard_id": "B", "geometry": box(99.5, 0, 100)},
    )
    assert told("narrow_overlap", made) == []


# Places


def test_outside_the_country_and_how_it_would_lie_inside():
    made = programme(
        EXTENT,
        hazards=[
            {"geometry": box(0, 0, 100)},
            {"geometry": box(0, 0, 100)},
            {"geometry": box(0, 0, 100)},
            {"geometry": box(300_000, 0, 100)},
        ],
    )
    shapes = made.hazards.geometry.copy()
    shapes[1] = shapely.transform(shapes[1], lambda xy: xy[:, ::-1])
    shapes[2] = shapely.transform(shapes[2], lambda xy: xy * [-1, 1])
    made = dataclasses.replace(made, hazards=made.hazards.set_geometry(shapes))
    assert [i for i, _ in told("outside_country", made)] == ["H-1", "H-2", "H-3"]
    assert dict(told("swapped_axes", made)) == {
        "H-1": "it would lie inside the country with its axes swapped (latitude stands first)",
        "H-2": "it would lie inside the country with the other sign of its longitude",
    }
    for row in found("outside_country", made).itertuples():
        assert shapely.distance(row.geometry, shapes[row.row]) == 0


def test_a_place_that_quarantine_took_away_is_read_from_the_history(tmp_path):
    rows = "".join(f"C-{i},2024-01-0{i},accident,POINT ({s}75.{i} 4.5)\n" for i, s in ((1, "-"), (2, "-"), (3, "")))
    (tmp_path / "f.csv").write_text("find_id,date,kind,wkt\n" + rows)
    held = hm.Programme(policy=Policy(country="Colombia", extent_deg=(-82, -4.3, -66.8, 13.5)))
    imported = hm.import_table(tmp_path / "f.csv", "finds", crs="EPSG:4326", programme=held)
    made = hm.add(held, imported)
    assert made.finds.geometry.isna().sum() == 1
    assert told("swapped_axes", made) == [
        ["C-3", "it would lie inside the country with the other sign of its longitude"]
    ]
    assert found("swapped_axes", made).geometry[0].wkt == "POINT (75.3 4.5)"


def test_without_an_extent_it_says_that_it_did_not_look():
    made = programme(hazards=[{"geometry": box(0, 0, 100)}])
    (row,) = hm.inspect(made).itertuples()
    assert (row.check, row.severity, row.geometry) == ("not_checked", "note", None)
    assert row.found.startswith("outside_country: the policy states no extent")


# Areas


@pytest.mark.parametrize(
    ("stated", "severity"),
    [
        (10_000, None),
        (9_600, None),  # 10,000 is 4.2 % more
        (9_400, "warning"),  # 6.4 % more
        (10_600, "warning"),  # 5.7 % less
        (9_000, "error"),  # 11.1 % more
        (11_200, "error"),  # 10.7 % less
        (1, "error"),  # in hectares
        (0, "error"),
        (None, None),
    ],
)
def test_stated_and_measured_area(stated, severity):
    rows = found("stated_area", hazard({"geometry": box(0, 0, 100), "stated_area_m2": stated}))
    assert rows["severity"].tolist() == ([] if severity is None else [severity])
    if stated == 9_400:
        assert rows["size"].tolist() == pytest.approx([100 * 600 / 9400], abs=0.01)
        assert rows["found"].tolist() == ["measured 10,000 m², 6.4 % more"]


def test_what_all_versions_of_a_hazard_share_is_told_once():
    rows = [
        {"hazard_id": "A", "geometry": box(0, 0, 100), "stated_area_m2": 5000.0, "date_of_information": d}
        for d in ("2021-01-01", "2022-01-01")
    ]
    made = hazard(*rows)
    assert found("stated_area", made)["row"].tolist() == [1]
    wider = hazard(*rows, rows[0] | {"geometry": box(0, 0, 200), "date_of_information": "2023-01-01"})
    assert sorted(found("stated_area", wider)["row"]) == [1, 2]


def test_a_stated_area_of_a_point_is_not_compared():
    assert told("stated_area", hazard({"geometry": shapely.Point(0, 0), "stated_area_m2": 5000.0})) == []


@pytest.mark.parametrize(
    ("over", "outside", "severity"), [(0, None, None), (0.01, None, None), (10, 1000, "warning"), (70, 7000, "error")]
)
def test_a_release_outside_its_hazard(over, outside, severity):
    made = hazard(box(0, 0, 100), releases=[{"geometry": box(over, 0, 100), "hazard_ids": ("H-0",)}])
    rows = found("release_outside", made)
    assert rows["size"].tolist() == ([] if outside is None else [pytest.approx(outside, abs=0.5)])
    assert rows["severity"].tolist() == ([] if severity is None else [severity])
    if outside:
        assert rows["other_id"].tolist() == ["H-0"]
        (place,) = measure.to_plane(rows.geometry, PLANE)
        assert box(100, 0, over, 100).contains(place)


def test_a_release_may_lie_on_several_hazards_and_on_all_versions():
    made = hazard(
        {"hazard_id": "A", "geometry": box(0, 0, 50, 100)},
        {"hazard_id": "A", "geometry": box(0, 0, 60, 100), "date_of_information": "2021-06-01", "event": "extended"},
        {"hazard_id": "B", "geometry": box(60, 0, 40, 100)},
        releases=[
            {"geometry": box(0, 0, 100), "hazard_ids": ("A", "B")},
            {"geometry": box(0, 0, 60, 100), "hazard_ids": ("A",)},
            {"geometry": box(500, 0, 60, 100)},
        ],
    )
    assert told("release_outside", made) == []


def test_a_release_of_a_hazard_without_a_place_cannot_be_compared():
    made = hazard({"geometry": shapely.Point(5000, 0)}, releases=[{"geometry": box(0, 0, 100), "hazard_ids": ("H-0",)}])
    assert told("release_outside", made) == []


# Dates


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({}, None),
        ({"decision_date": "2022-01-01"}, None),
        ({"decision_date": "2021-12-31"}, "decision_date 2021-12-31"),
        ({"quality_date": "2021-12-31"}, "quality_date 2021-12-31"),
        ({"handover_date": "2022-01-31"}, "handover_date 2022-01-31"),  # the decision is of 1 February
        ({"nonconformity_closed_on": "2021-12-01"}, "nonconformity_closed_on 2021-12-01"),
        ({"recorded_at": "2021-12-31T23:00:00Z"}, "recorded_at 2021-12-31"),
        ({"recorded_at": "2022-01-01T01:00:00Z"}, None),
        ({"date_completed": "2020-12-31"}, "date_completed 2020-12-31"),  # the hazard is known from 1 January 2021
        ({"decision_date": None, "handover_date": None}, None),
    ],
)
def test_dates_of_a_release(changed, text):
    row = {"geometry": box(0, 0, 100), "hazard_ids": ("H-0",)} | changed
    assert [f for _, f in told("date_order", hazard(box(0, 0, 100), releases=[row]))] == (
        [] if text is None else [text]
    )


def test_dates_of_hazards_finds_and_districts():
    made = hazard(
        {"geometry": box(0, 0, 100), "closed_on": "2020-06-01"},
        {"geometry": box(200, 0, 100), "closed_on": "2021-01-01"},
        finds=[
            {"geometry": shapely.Point(0, 0), "date": "2022-01-02", "answered_on": "2022-01-01"},
            {"geometry": shapely.Point(9, 0), "date": "2022-01-02", "answered_on": "2022-01-02"},
        ],
        districts=[{"geometry": box(-900, -900, 9000), "valid_from": "2020-01-01", "valid_to": "2019-12-31"}],
    )
    assert sorted(told("date_order", made)) == [
        ["D-0", "valid_to 2019-12-31"],
        ["F-0", "answered_on 2022-01-01"],
        ["H-0", "closed_on 2020-06-01"],
    ]
    # 2020 is a leap year: from 1 June to 1 January are 214 days
    assert found("date_order", made).set_index("record_id").loc["H-0", "size"] == 214


def test_dates_after_the_day_up_to_which_the_programme_speaks():
    row = {"geometry": box(0, 0, 100), "hazard_ids": ("H-0",), "handover_date": "2025-01-02"}
    made = hazard(box(0, 0, 100), releases=[row, {**row, "handover_date": "2024-12-31"}])
    (late,) = found("after_as_of", made).itertuples()
    assert (late.record_id, late.found, late.size) == ("R-0", "handover_date 2025-01-02", 2)
    assert told("after_as_of", dataclasses.replace(made, as_of=None)) == []


# Closed hazards


def closed(**release):
    row = {"geometry": box(0, 0, 100), "hazard_ids": ("H-0",)} | release
    rows = [{"geometry": box(0, 0, 100), "status": "closed"}, {"geometry": box(50, 0, 100)}]
    return programme(EXTENT, hazards=rows, releases=[row])


@pytest.mark.parametrize(
    ("release", "left"),
    [
        ({}, None),
        ({"geometry": box(0, 0, 100, 99.995)}, None),  # half a square metre
        ({"geometry": box(0, 0, 60, 100)}, 4000),
        ({"handover_no": None}, 10_000),
        ({"decision": "rejected"}, 10_000),
        ({"hazard_ids": ("H-1",)}, 10_000),
    ],
)
def test_a_closed_hazard_with_ground_left(release, left):
    rows = found("closed_with_ground", closed(**release))
    assert rows["record_id"].tolist() == ([] if left is None else ["H-0"])
    if left:
        assert rows["size"].tolist() == pytest.approx([left], abs=0.5)
        # by the rule: what the account says of the same hazard
        account = hm.hazard_account(closed(**release), on=AS_OF)
        assert account.loc["H-0", "remaining_m2"] == pytest.approx(left, abs=0.5)
        ground = hm.remaining(closed(**release), on=AS_OF)
        assert shapely.intersects(rows.geometry[0], ground.union_all())


def test_only_the_latest_version_says_that_a_hazard_is_closed():
    rows = [
        {"hazard_id": "A", "geometry": box(0, 0, 100), "status": "closed"},
        {
            "hazard_id": "A",
            "geometry": box(0, 0, 100),
            "date_of_information": "2022-01-01",
            "event": "reopened",
            "status": "open",
        },
    ]
    assert told("closed_with_ground", hazard(*rows)) == []
    assert told("closed_with_ground", hazard(*rows[::-1])) == []
    assert told("closed_with_ground", hazard(rows[0])) == [["A", "10,000 m² left, all of it"]]


def test_a_find_and_a_failed_row_of_the_same_task_bear_on_it():
    other = {"geometry": box(500, 0, 100), "hazard_ids": ("H-2",), "activity_id": "T"}
    rows = [
        {"geometry": box(0, 0, 100), "status": "closed"},
        {"geometry": box(200, 0, 9)},
        {"geometry": box(500, 0, 100)},
    ]
    mine = {"geometry": box(0, 0, 100), "hazard_ids": ("H-0",), "activity_id": "T"}
    accident = {"geometry": shapely.Point(550, 50), "date": "2023-01-01"}
    made = programme(EXTENT, hazards=rows, releases=[mine, other], finds=[accident])
    assert told("closed_with_ground", made) == [["H-0", "10,000 m² left, all of it"]]
    answered = accident | {"answered_on": "2023-02-01", "answered_by": "S-1"}
    made = programme(EXTENT, hazards=rows, releases=[mine, other], finds=[answered])
    assert told("closed_with_ground", made) == []


def test_without_an_as_of_date_it_says_that_it_did_not_look():
    made = dataclasses.replace(closed(), as_of=None)
    (row,) = found("closed_with_ground", made).itertuples()
    assert (row.check, row.severity) == ("not_checked", "note")
    assert row.found == "closed_with_ground: the programme does not say up to which day it speaks"
    assert hm.inspect(made, only=["closed_with_ground"], skip=["not_checked"]).empty


# Districts


def districts(*rows):
    return [{"geometry": box(i * 10_000, 0, 10_000), **r} for i, r in enumerate(rows)]


def test_a_name_that_stands_for_two_districts():
    made = programme(
        EXTENT,
        districts=districts(
            {"name": "Lənkəran"},
            {"name": "LANKARAN", "aliases": ("Laçın",)},
            {"name": "Lachin", "aliases": ("Lacin",)},
            {"name": "Ağdam", "aliases": ("Agdam",)},
        ),
    )
    rows = found("district_name", made).set_index("record_id")
    assert rows.loc["D-1", "found"] == "an alias 'Laçın' is also an alias of D-2, 10 km away"
    assert rows.loc["D-1", "severity"] == "note"
    assert len(rows) == 1  # ə is a letter of its own: Lənkəran and Lankaran are told apart
    twice = programme(EXTENT, districts=districts({"name": "Novi Grad"}, {"name": "X"}, {"name": "novi-grad"}))
    assert told("district_name", twice) == [["D-0", "the name 'Novi Grad' is also the name of D-2, 20 km away"]]
    alias = programme(EXTENT, districts=districts({"name": "A"}, {"name": "B", "aliases": ("A", "C")}))
    assert told("district_name", alias) == [["D-0", "the name 'A' is also an alias of D-1, 10 km away"]]


def test_boundaries_that_follow_each_other_share_a_name():
    rows = districts({"name": "A", "valid_to": "2020-01-01"}, {"name": "A", "valid_from": "2020-01-01"})
    assert told("district_name", programme(EXTENT, districts=rows)) == []


def test_a_district_that_nobody_knows():
    known = districts({"name": "Ağdam", "aliases": ("Aghdam",)})
    names = ["D-0", "AĞDAM", "aghdam", "Agdam ", None, "", "Fuzuli"]
    made = hazard(
        *[{"geometry": box(100 + 200 * i, 0, 9), "district": n} for i, n in enumerate(names)], districts=known
    )
    assert told("unknown_district", made) == [["H-6", "district 'Fuzuli'"]]
    assert told("unknown_district", dataclasses.replace(made, districts=tables.empty("districts"))) == []


@pytest.mark.parametrize(
    ("x", "share"), [(5000, None), (9950 - 40, None), (9950, None), (9960, 40), (9990, 10), (15_000, 0), (40_000, 0)]
)
def test_a_record_in_another_district(x, share):
    made = hazard({"geometry": box(x, 100, 100), "district": "D-0"}, districts=districts({"name": "A"}, {"name": "B"}))
    rows = found("other_district", made)
    assert rows["size"].tolist() == ([] if share is None else [pytest.approx(share, abs=0.1)])
    if share is not None:
        assert rows["other_id"].fillna("none").tolist() == ["none" if x == 40_000 else "D-1"]


def test_a_point_in_another_district_and_one_whose_name_stands_for_two():
    known = districts({"name": "A"}, {"name": "B"}, {"name": "b"})
    finds = [
        {"geometry": shapely.Point(x, 9), "district": d} for x, d in ((5, "A"), (5, "B"), (15_000, "B"), (25_000, "B"))
    ]
    assert told("other_district", programme(EXTENT, finds=finds, districts=known)) == [
        ["F-1", "lies in D-0 (A), 0 % in the one stated"]
    ]


# The whole


def test_checks_are_chosen_by_key():
    made = hazard(box(0, 0, 100), box(0, 0, 100), {"geometry": box(0, 0, 100, 0.1)})
    assert set(hm.inspect(made)["check"]) >= {"duplicate_geometry", "sliver"}
    assert set(hm.inspect(made, only=["sliver"])["check"]) == {"sliver"}
    assert "sliver" not in set(hm.inspect(made, skip=["sliver"])["check"])
    with pytest.raises(SchemaError, match=r"no check is named 'slivers' – needed: one of schema, .*sliver.* – do:"):
        hm.inspect(made, only=["slivers"])


def test_thresholds_are_numbers_with_known_names():
    assert Thresholds.of({"leg_m": "2000"}).leg_m == 2000
    with pytest.raises(SchemaError, match=r"sliver_m = 'x'; no threshold is named 'leg'"):
        Thresholds.of({"sliver_m": "x", "leg": "2"})
    with pytest.raises(SchemaError, match=r"leg_m = -1.0 – needed: a number, 0 or more"):
        Thresholds(leg_m=-1.0)


def test_every_check_says_what_whose_and_what_to_do():
    for key, check in CHECKS.items():
        assert key == check.key
        assert check.looks_for[0].islower()
        assert check.do
        assert check.source
        assert {*check.thresholds} <= {f.name for f in dataclasses.fields(Thresholds)}


def test_shapes_that_cannot_be_looked_at_stop_nothing():
    nowhere = shapely.transform(shapely.Polygon(SQUARE), lambda xy: np.where(xy == 100, np.nan, xy))
    shapes = [nowhere, shapely.Polygon(), None]
    frame = table("hazards", [{"geometry": box(0, 0, 100)}] * 4).copy()
    frame["hazard_id"] = ["A", "B", "C", "D"]
    frame = frame.set_geometry(frame.geometry.where([True, False, False, False], pd.Series([None, *shapes])), crs=4326)
    far = hm.Programme(hazards=frame, policy=EXTENT, as_of=date(2024, 12, 31))
    rows = hm.inspect(far)
    assert set(rows["check"]) == {"schema"}
    assert sorted(rows["record_id"]) == ["B", "C", "D"]
    assert rows.geometry.isna().all()


def test_nothing_in_the_programme_is_changed():
    made = demo_programme()
    before = {n: made.table(n).copy(deep=True) for n in tables.TABLES}
    shapes = {n: shapely.to_wkb(f.geometry.to_numpy()) for n, f in before.items() if n != "history"}
    hm.inspect(made)
    for name, frame in before.items():
        assert made.table(name).equals(frame), name
    for name, wkb in shapes.items():
        assert (pd.Series(shapely.to_wkb(made.table(name).geometry.to_numpy())).eq(pd.Series(wkb)) | pd.isna(wkb)).all()


def test_every_finding_lies_on_its_record():
    made = demo_programme()
    rows = hm.inspect(made, thresholds=Thresholds(sliver_m=5, leg_m=500, spike_deg=20, area_warning=0))
    assert {"narrow_gap", "long_leg", "stated_area"} <= set(rows["check"])
    for row in rows[rows.geometry.notna()].itertuples():
        shape = made.table(row.table).geometry[row.row]
        if shape is not None:
            near, record = (
                plane_shapes(made.hazards.iloc[:1].set_geometry([g], crs=4326))[0] for g in (row.geometry, shape)
            )
            assert near.distance(record) < 0.01, row
