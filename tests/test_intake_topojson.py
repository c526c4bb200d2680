"""TopoJSON: arcs become shapes, and what is wrong with an arc is wrong with the rows that use it and with no other."""

import contextlib
import json
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hazardmap import CrsError, FileError, HazardmapError, Policy, formats, measure
from hazardmap.intake import counting, import_table, reading

HAZARD = {"classification": "SHA", "date_of_information": "2024-01-01"}
RELEASE = {"product": "cleared", "date_completed": "2024-01-01"}
# Two squares, 46.000–46.001 and 46.001–46.002, that share the edge on 46.001: arc 0, from south to north.
#
#   +---1---+---2---+  39.001
#   |       0       |
#   +-------+-------+  39
ARCS = [
    [[46.001, 39], [46.001, 39.001]],
    [[46.001, 39.001], [46, 39.001], [46, 39], [46.001, 39]],
    [[46.001, 39], [46.002, 39], [46.002, 39.001], [46.001, 39.001]],
]
WEST, EAST = {"type": "Polygon", "arcs": [[0, 1]]}, {"type": "Polygon", "arcs": [[2, -1]]}
WEST_RING = "(46.001 39, 46.001 39.001, 46 39.001, 46 39, 46.001 39)"
SQUARES = [shapely.box(46, 39, 46.001, 39.001), shapely.box(46.001, 39, 46.002, 39.001)]
# The same on a grid of half a thousandth of a degree, each position as a step from the one before.
GRID = {"scale": [0.0005, 0.0005], "translate": [46, 39]}
STEPS = [[[2, 0], [0, 2]], [[2, 2], [-2, 0], [0, -2], [2, 0]], [[2, 0], [2, 0], [0, 2], [-2, 0]]]


def collection(*geometries):
    return {"type": "GeometryCollection", "geometries": list(geometries)}


def row(geometry, i=0, **properties):
    return {**geometry, "id": f"A-{i}", "properties": properties}


def write(folder, objects, arcs=ARCS, name="a.topojson", **more):
    objects = {"plots": objects} if "type" in objects else objects
    path = folder / name
    path.write_text(json.dumps({"type": "Topology", "objects": objects, "arcs": arcs, **more}), "utf-8")
    return path


def shapes(path, **more):
    sheet = reading.read(path, wanted="plots", **more)
    return sheet.shapes.tolist(), sheet.flaws


def third(folder, geometry, table="hazards", arcs=ARCS, values=None, **more):
    """Import a row beside the two squares, so that the file as a whole stays usable."""
    values = values or {"hazards": HAZARD, "releases": RELEASE, "plots": {}}[table]
    rows = [row(WEST, 0), row(EAST, 1), geometry if "id" in (geometry or {}) else row(geometry, 2)]
    imported = import_table(write(folder, collection(*rows), arcs, **more), table, values=values, crs=4326)
    assert imported.counts["accepted"] >= 2
    return imported.rows.loc[3], imported


@pytest.mark.parametrize(("arcs", "more"), [(ARCS, {}), (STEPS, {"transform": GRID})])
def test_neighbours_are_built_of_the_arcs_that_they_share(tmp_path, arcs, more):
    (west, east), flaws = shapes(write(tmp_path, collection(WEST, EAST), arcs, **more))
    assert not flaws
    assert west.normalize().equals_exact(SQUARES[0].normalize(), 1e-12)
    assert east.normalize().equals_exact(SQUARES[1].normalize(), 1e-12)
    assert {(46.001, 39.0), (46.001, 39.001)} <= set(west.exterior.coords) & set(east.exterior.coords)
    imported = import_table(write(tmp_path, collection(row(WEST, 0), row(EAST, 1)), arcs, **more), "plots", crs=4326)
    assert imported.counts == {"rows": 2, "accepted": 2, "repaired": 0, "quarantined": 0}
    assert imported.rows["plot_id"].tolist() == ["A-0", "A-1"]


@pytest.mark.parametrize("arcs", [ARCS, STEPS])
@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        ({"type": "LineString", "arcs": [0]}, "LINESTRING (46.001 39, 46.001 39.001)"),
        ({"type": "LineString", "arcs": [-1]}, "LINESTRING (46.001 39.001, 46.001 39)"),
        ({"type": "LineString", "arcs": []}, "LINESTRING EMPTY"),
        (
            {"type": "LineString", "arcs": [0, 1]},
            "LINESTRING (46.001 39, 46.001 39.001, 46 39.001, 46 39, 46.001 39)",
        ),
        (
            {"type": "MultiLineString", "arcs": [[0], [-1]]},
            "MULTILINESTRING ((46.001 39, 46.001 39.001), (46.001 39.001, 46.001 39))",
        ),
        (
            {"type": "MultiPolygon", "arcs": [[[0, 1]], [[2, -1]]]},
            f"MULTIPOLYGON (({WEST_RING}), ((46.001 39, 46.002 39, 46.002 39.001, 46.001 39.001, 46.001 39)))",
        ),
        (
            {"type": "Polygon", "arcs": [[1, 0], [0, 1]]},
            f"POLYGON ((46.001 39.001, 46 39.001, 46 39, 46.001 39, 46.001 39.001), {WEST_RING})",
        ),
        ({"type": "Polygon", "arcs": []}, "POLYGON EMPTY"),
        ({"type": "Point", "coordinates": [4, 2]}, "POINT (46.002 39.001)"),
        ({"type": "Point", "coordinates": []}, "POINT EMPTY"),
        ({"type": "MultiPoint", "coordinates": [[4, 2], [4, 2]]}, "MULTIPOINT (46.002 39.001, 46.002 39.001)"),
        (
            {
                "type": "GeometryCollection",
                "geometries": [{"type": "Point", "coordinates": [0, 0]}, {"type": "LineString", "arcs": [0]}],
            },
            "GEOMETRYCOLLECTION (POINT (46 39), LINESTRING (46.001 39, 46.001 39.001))",
        ),
        ({"type": None}, None),
    ],
)
def test_every_type(tmp_path, geometry, expected, arcs):
    more = {"transform": GRID} if arcs is STEPS else {}
    if not more:  # positions of points are no steps: on the grid or in degrees
        geometry = json.loads(
            json.dumps(geometry).replace("[4, 2]", "[46.002, 39.001]").replace("[0, 0]", "[46.0, 39.0]")
        )
    (shape, _), flaws = shapes(write(tmp_path, collection(geometry, WEST), arcs, **more))
    assert not flaws
    if expected is None:
        assert shape is None
    else:
        assert shape.geom_type == shapely.from_wkt(expected).geom_type
        np.testing.assert_allclose(
            shapely.get_coordinates(shape), shapely.get_coordinates(shapely.from_wkt(expected)), atol=1e-9
        )


def test_heights_are_left_out_and_told(tmp_path):
    arcs = [[[*p, 100.0] for p in arc] for arc in ARCS]
    _, imported = third(tmp_path, WEST, "plots", arcs)
    assert not imported.rows.geometry.has_z.any()
    assert any("3 rows had heights" in n for n in imported.notes)


def test_ids_and_properties_keep_all_their_digits(tmp_path):
    rows = [
        {**WEST, "id": 9007199254740993, "properties": {"name": "Ağdam", "cadastre_no": "007"}},
        {**EAST, "properties": {"id": 2**63 + 1}},
        {"type": None, "id": "A-2", "properties": None},
    ]
    imported = import_table(write(tmp_path, collection(*rows)), "plots", crs=4326)
    assert imported.rows["plot_id"].tolist() == ["9007199254740993", "9223372036854775809", "A-2"]
    assert imported.rows["cadastre_no"].iloc[0] == "007"
    assert json.loads(imported.rows["as_entered"].iloc[0]) == {
        "id": 9007199254740993,
        "name": "Ağdam",
        "cadastre_no": "007",
    }
    assert imported.counts == {"rows": 3, "accepted": 2, "repaired": 0, "quarantined": 1}
    assert imported.rows["quarantined"].iloc[2] == "geometry: missing (needed: a geometry)"


# Layers


def test_an_object_is_a_layer(tmp_path):
    objects = {
        "roads": collection({"type": "LineString", "arcs": [0]}),
        "parcels": collection(WEST, EAST),
        "no": collection(),
    }
    path = write(tmp_path, objects)
    with pytest.raises(FileError, match=r"2 layers with rows: roads \(1 rows\), parcels \(2 rows\).*add --layer roads"):
        reading.read(path, wanted="plots")
    assert len(shapes(path, layer="parcels")[0]) == 2
    with pytest.raises(FileError, match=r"layer 'plot' is not in it; its layers: roads .*correct --layer"):
        reading.read(path, wanted="plots", layer="plot")
    named = import_table(path, "plots", layer="parcels", values={"plot_id": "P-{row}"}, crs=4326)
    assert named.report["source"].iloc[0] == "a.topojson, layer parcels"
    assert "read as TopoJSON, layer parcels" in named.notes


def test_the_layer_named_like_the_table_is_read_and_the_others_are_told(tmp_path):
    path = write(tmp_path, {"plots": collection(row(WEST)), "roads": collection(WEST, EAST, EAST)})
    imported = import_table(path, "plots", crs=4326)
    assert imported.counts["rows"] == 1
    assert "layers not read: roads (3 rows)" in imported.notes


def test_an_object_that_is_one_shape_is_one_row(tmp_path):
    imported = import_table(write(tmp_path, row(WEST, name="Ağdam")), "plots", crs=4326)
    assert imported.rows["name"].tolist() == ["Ağdam"]
    assert imported.rows["plot_id"].tolist() == ["A-0"]


def test_what_a_collection_says_of_itself_is_told(tmp_path):
    whole = {**collection(row(WEST)), "properties": {"made": "2013"}}
    imported = import_table(write(tmp_path, whole), "plots", crs=4326)
    assert any(
        'of itself belongs to no row and is left out: {"properties": {"made": "2013"}}' in n for n in imported.notes
    )


# Broken arcs and rings


@pytest.mark.parametrize(
    ("positions", "said"),
    [
        ([[46, 39], [None, 39], [46, 39.001]], "arc 3: the coordinate 'null'"),
        ([[46, 39], ["46.1", 39]], "arc 3: the coordinate '46.1'"),
        ([[46, 39], [math.nan, 39]], "arc 3: a coordinate that is no number"),
        ([[46, 39], [math.inf, 39]], "arc 3: a coordinate that is no number"),
        ([[46, 39], [True, 39]], "arc 3: the coordinate 'true'"),
        ([[46, 39], [10**400, 39]], "arc 3: a coordinate beyond all numbers"),
        ([[46], [46.1, 39]], "arc 3: a position of 1 numbers"),
        ([46, 39], "arc 3: '[46, 39]' in place of positions"),
        ([], "arc 3 without positions"),
        (None, "arc 3: 'null' in place of positions"),
        ("arc", "arc 3: 'arc' in place of positions"),
    ],
)
@pytest.mark.parametrize(("arcs", "more"), [(ARCS, {}), (STEPS, {"transform": GRID})])
def test_a_broken_arc_is_a_flaw_of_the_rows_that_use_it(tmp_path, positions, said, arcs, more):
    arcs = [*arcs, positions]
    path = write(
        tmp_path,
        collection({"type": "Polygon", "arcs": [[3]]}, {"type": "Polygon", "arcs": [[~3]]}, WEST),
        arcs,
        **more,
    )
    found, flaws = shapes(path)
    assert [f.found.removesuffix(" (NaN or infinite)") for f in flaws.values()] == [said, said]
    assert flaws[0].entered == '{"type": "Polygon", "arcs": [[3]]}'
    assert flaws[0].draft is None
    assert (found[0], found[1]) == (None, None)
    assert found[2] is not None


def test_steps_that_add_up_beyond_all_numbers(tmp_path):
    arcs = [*STEPS, [[1e308, 0], [1e308, 0], [0, 1]]]
    _, flaws = shapes(write(tmp_path, collection({"type": "Polygon", "arcs": [[3]]}), arcs, transform=GRID))
    assert flaws[0].found == "an arc that runs beyond all numbers"


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        ({"type": "Polygon", "arcs": [[0, 3]]}, "arc 3, and the file has 3 arcs"),
        ({"type": "Polygon", "arcs": [[0, -4]]}, "arc -4, and the file has 3 arcs"),
        ({"type": "Polygon", "arcs": [[0, 1.0]]}, "arc 1.0, and the file has 3 arcs"),
        ({"type": "Polygon", "arcs": [[False, True]]}, "arc false, and the file has 3 arcs"),
        ({"type": "Polygon", "arcs": [["0", 1]]}, 'arc "0", and the file has 3 arcs'),
        ({"type": "Polygon", "arcs": [[None]]}, "arc null, and the file has 3 arcs"),
        ({"type": "Polygon", "arcs": [0, 1]}, "arcs '0'"),
        ({"type": "Polygon", "arcs": [[]]}, "a ring without positions"),
        ({"type": "Polygon", "arcs": None}, "arcs 'null'"),
        ({"type": "Polygon"}, "arcs 'null'"),
        ({"type": "Polygon", "arcs": [[[0, 1]]]}, "arc [0, 1], and the file has 3 arcs"),
        ({"type": "MultiPolygon", "arcs": [[0, 1]]}, "a part: arcs '0'"),
        ({"type": "MultiPolygon", "arcs": [[[0, 1]], []]}, "a part without positions"),
        ({"type": "MultiPolygon", "arcs": [[[0, 1]], [[7]]]}, "a part: arc 7, and the file has 3 arcs"),
        ({"type": "LineString", "arcs": [0, 0]}, "arcs that do not meet"),
        ({"type": "Polygon", "arcs": [[0]]}, "a ring of 2 places"),
        ({"type": "Point"}, "coordinates 'null'"),
        ({"type": "Point", "coordinates": ["x", 1]}, "the coordinate 'x'"),
        ({"type": "MultiPoint", "coordinates": [[1, 2], [1]]}, "a position of 1 numbers"),
        ({"type": "Feature", "arcs": [[0, 1]]}, "a shape of type 'Feature'"),
        ({"type": None, "arcs": [[0, 1]]}, "a shape of type 'null'"),
        ({"arcs": [[0, 1]]}, "a shape of type 'null'"),
        ({"type": ["Polygon"], "arcs": [[0, 1]]}, "a shape of type '[\"Polygon\"]'"),
        ({"type": "GeometryCollection"}, "a collection without a list of shapes"),
        ({"type": "GeometryCollection", "geometries": [{"type": "Polygon", "arcs": [[9]]}]}, "arc 9, and the file"),
        ({"type": "GeometryCollection", "geometries": [None]}, "'null' in place of a shape"),
    ],
)
@pytest.mark.parametrize(("arcs", "more"), [(ARCS, {}), (STEPS, {"transform": GRID})])
def test_a_shape_that_its_arcs_do_not_make_is_one_quarantined_row(tmp_path, geometry, said, arcs, more):
    kept, imported = third(tmp_path, geometry, "plots", arcs, **more)
    assert imported.counts == {"rows": 3, "accepted": 2, "repaired": 0, "quarantined": 1}
    assert said in kept["quarantined"]
    assert "(needed: " in kept["quarantined"]
    assert kept.geometry is None
    assert imported.report["geometry_as_entered"].notna().tolist() == [False, False, True]


def test_what_is_no_object_is_a_row(tmp_path):
    path = write(tmp_path, collection(row(WEST), None, "arc", [1]))
    imported = import_table(path, "plots", crs=4326)
    assert imported.counts == {"rows": 4, "accepted": 1, "repaired": 0, "quarantined": 3}
    assert "feature: null (needed: a geometry object)" in imported.rows.loc[2, "quarantined"]


def test_collections_in_collections_without_end(tmp_path):
    deep = {"type": "Point", "coordinates": [46, 39]}
    for _ in range(200):
        deep = collection(deep)
    kept, _ = third(tmp_path, deep, "plots")
    assert "too deep" in kept["quarantined"]


@pytest.mark.parametrize("depth", [9, 300, 450, 2_000])
def test_nesting_of_any_depth_is_no_traceback(tmp_path, depth):
    deep = '{"type": "GeometryCollection", "geometries": [' * depth + json.dumps(WEST) + "]}" * depth
    path = write(tmp_path, collection(row(WEST)))
    path.write_text(path.read_text().replace('"geometries": [', f'"geometries": [{deep}, '))
    if depth == 2_000:
        with pytest.raises(FileError, match="nested too deep"):
            import_table(path, "plots", crs=4326)
    else:
        imported = import_table(path, "plots", crs=4326)
        assert imported.counts == {"rows": 2, "accepted": 1, "repaired": 0, "quarantined": 1}


def test_half_characters_stay_with_their_row(tmp_path):
    path = write(tmp_path, collection(row(WEST), row({"type": "Poly\ud800gon", "arcs": [["\ud800"]]}, 1)))
    imported = import_table(path, "plots", crs=4326)
    assert r"a shape of type 'Poly\ud800gon'" in imported.rows.loc[2, "quarantined"].replace(2 * "\\", "\\")
    with pytest.raises(FileError, match="holds half a character"):
        import_table(write(tmp_path, {"plots\ud800": collection(row(WEST))}), "plots", crs=4326)


def test_a_file_in_which_no_shape_has_a_place(tmp_path):
    imported = import_table(
        write(tmp_path, row({"type": "Polygon", "arcs": [[7]]}), STEPS, transform=GRID), "plots", crs=4326
    )
    assert imported.counts["quarantined"] == 1


def test_a_hazard_keeps_its_shell_when_a_hole_is_broken(tmp_path):
    hazard, _ = third(tmp_path, {"type": "Polygon", "arcs": [[0, 1], [5]]})
    assert "a hole: arc 5, and the file has 3 arcs" in hazard["quarantined"]
    assert hazard.geometry.equals(SQUARES[0])  # the most that it can mean
    release, _ = third(tmp_path, {"type": "Polygon", "arcs": [[0, 1], [5]]}, "releases")
    assert release.geometry is None


@pytest.mark.parametrize(("gap_deg", "limit"), [(0.00005, "hazards"), (0.0005, "none"), (0.000005, "plots")])
def test_arcs_that_do_not_meet_are_a_ring_left_open(tmp_path, gap_deg, limit):
    # 5.55 m, 55.5 m and 0.555 m to the north: closed within the accuracy of the table (10 m hazards, 1 m plots)
    arcs = [*ARCS, [[46.001, 39.001 + gap_deg], [46, 39.001], [46, 39], [46.001, 39]]]
    for table in ("hazards", "plots"):
        kept, imported = third(tmp_path, {"type": "Polygon", "arcs": [[0, 3]]}, table, arcs)
        closed = limit == "plots" or (limit == "hazards" and table == "hazards")
        outcome = imported.report["outcome"].iloc[2]
        assert outcome == ("repaired" if closed else "quarantined")
        assert ("open ring closed over" in str(kept["repaired"])) is closed
        assert closed or "a ring left open by" in kept["quarantined"]
        draft = shapely.Polygon([*ARCS[0], *arcs[3]])
        assert (kept.geometry is None) is (table == "plots" and not closed)
        assert kept.geometry is None or kept.geometry.equals(draft)


def test_a_ring_that_does_not_come_back_is_left_open(tmp_path):
    hazard, imported = third(tmp_path, {"type": "Polygon", "arcs": [[1]]})  # from north to south, 111 m apart
    assert "a ring left open by 111.0 m" in hazard["quarantined"]
    entered = json.loads(imported.report["geometry_as_entered"].iloc[2])
    assert entered == {"type": "Polygon", "coordinates": [[[float(v) for v in p] for p in ARCS[1]]]}


def test_a_part_smaller_than_the_grid_is_told(tmp_path):
    arcs = [*STEPS, [[3, 1]], [[3, 1], [0, 0]]]
    for collapsed in (3, 4):
        kept, _ = third(
            tmp_path, {"type": "MultiPolygon", "arcs": [[[0, 1]], [[collapsed]]]}, "plots", arcs, transform=GRID
        )
        assert kept["quarantined"].startswith("geometry: a part: a ring of 1 place (needed:")


def test_keys_twice_are_faults_of_their_row(tmp_path):
    path = write(tmp_path, collection(*(row(g, i, use="field") for i, g in enumerate((WEST, EAST, WEST)))))
    text = path.read_text()
    path.write_text(
        text.replace('"arcs": [[2, -1]]', '"arcs": [[2, -1]], "arcs": [[0, 1]]').replace(
            '"id": "A-2", "properties": {"use": "field"}', '"id": "A-2", "properties": {"use": "field", "use": "house"}'
        )
    )
    imported = import_table(path, "plots", crs=4326)
    assert imported.rows["quarantined"].isna().tolist() == [True, False, False]
    assert "geometry: the key 'arcs' twice (needed: each key once)" in imported.rows.loc[2, "quarantined"]
    assert "use: the key 'use' twice" in imported.rows.loc[3, "quarantined"]


def test_a_key_twice_inside_a_collection_is_a_fault_too(tmp_path):
    inner = collection({"type": "Polygon", "arcs": [[0, 1]]})
    path = write(tmp_path, collection(row(WEST, 0), row(inner, 1)))
    text = path.read_text()
    path.write_text(
        text.replace('[{"type": "Polygon", "arcs": [[0, 1]]}]', '[{"type": "Polygon", "arcs": [], "arcs": [[0, 1]]}]')
    )
    assert "the key 'arcs' twice" in import_table(path, "plots", crs=4326).rows.loc[2, "quarantined"]


# The file as a whole


GOOD = json.dumps({"type": "Topology", "objects": {"plots": collection(row(WEST))}, "arcs": ARCS})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD[:-20], "no whole JSON text"),
        (GOOD + "{}", "goes on after its topology"),
        (GOOD.replace('"arcs": [[[46', '"arc": [[[46'), "without a list of arcs"),
        (GOOD.replace(json.dumps(ARCS), "null"), "without a list of arcs"),
        (GOOD.replace(json.dumps(ARCS), "{}"), "without a list of arcs"),
        (GOOD[:-1] + ', "arcs": []}', 'states "arcs" twice'),
        (GOOD.replace('{"plots": ', '{"plots": {}, "plots": '), 'states "plots" twice'),
        (GOOD.replace('"geometries"', '"geometries": [], "geometries"'), 'states "geometries" twice'),
        (GOOD.replace('"geometries": [', '"geometrie": ['), 'object "plots" has no list of geometries'),
        ('{"type": "Topology", "objects": {}, "arcs": []}', "no layer with rows; its layers: none"),
        ('{"type": "Topology", "objects": {"a": null}, "arcs": []}', 'its objects are {"a": null}'),
        ('{"type": "Topology", "arcs": []}', "its objects are null"),
        (
            '{"type": "Topology", "objects": {"a": {"type": "GeometryCollection", "geometries": []}}, "arcs": []}',
            "a (0 rows)",
        ),
        (GOOD[:-1] + ', "transform": {"scale": [1, 0], "translate": [0, 0]}}', "its transform is"),
        (GOOD[:-1] + ', "transform": {"scale": [1, NaN], "translate": [0, 0]}}', "its transform is"),
        (GOOD[:-1] + ', "transform": {"scale": [1, "1"], "translate": [0, 0]}}', "its transform is"),
        (GOOD[:-1] + ', "transform": {"scale": [1, 1]}}', "its transform is"),
        (GOOD[:-1] + ', "transform": {"scale": [1, 1], "scale": [2, 2], "translate": [0, 0]}}', "its transform is"),
        (GOOD[:-1] + f', "transform": {{"scale": [1, 1{"0" * 400}], "translate": [0, 0]}}}}', "its transform is"),
        (GOOD[:-1] + ', "transform": 1}', "its transform is"),
        (GOOD[:-1] + ', "crs": {"type": "name", "properties": {"name": "EPSG:0"}}}', "PROJ does not know"),
        (GOOD[:-1] + ', "crs": 4326}', "its member crs is 4326"),
        (GOOD[:-1] + f', "deep": {"[" * 100_000}', "nested too deep"),
    ],
)
def test_topojson_that_cannot_be_used_as_a_whole(tmp_path, text, said):
    path = tmp_path / "a.topojson"
    path.write_text(text)
    with pytest.raises((FileError, CrsError)) as caught:
        import_table(path, "plots", crs=4326)
    assert said in str(caught.value)
    assert "– needed: " in str(caught.value)
    assert "– do: " in str(caught.value)


@pytest.mark.parametrize("more", [{}, {"crs": None}])
def test_the_crs_must_be_stated_and_the_numbers_are_shown(tmp_path, more):
    path = write(tmp_path, collection(row(WEST)), **more)
    with pytest.raises(CrsError) as caught:
        import_table(path, "plots")
    assert "declares no CRS (coordinates from 46 to 46.001, 39 to 39.001 look like degrees)" in caught.value.found
    assert "none is guessed" in caught.value.needed
    assert "--crs EPSG:…" in caught.value.do
    assert import_table(path, "plots", crs="EPSG:4326").counts["accepted"] == 1


@pytest.mark.parametrize(
    ("scale", "translate", "said"),
    [
        (
            [1, 1],
            [660000, 4430000],
            "(coordinates from 660000 to 660002, 4430000 to 4430002 are no degrees: metres or feet",
        ),
        ([0.001, 0.001], [39, 146], "look like degrees, latitude first: export the file again with longitude first"),
    ],
)
def test_numbers_that_are_no_degrees_are_called_so(tmp_path, scale, translate, said):
    path = write(tmp_path, collection(row(WEST)), STEPS, transform={"scale": scale, "translate": translate})
    with pytest.raises(CrsError) as caught:
        import_table(path, "plots")
    assert said in str(caught.value)


def test_a_file_without_any_shape_shows_no_numbers(tmp_path):
    with pytest.raises(CrsError, match=r"a\.topojson declares no CRS – needed"):
        import_table(write(tmp_path, collection(row({"type": None}))), "plots")


def test_a_crs_that_the_file_states_is_honoured(tmp_path):
    utm = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32638"}}
    metres = {"scale": [50, 50], "translate": [660000, 4430000]}
    path = write(tmp_path, collection(row(WEST)), STEPS, transform=metres, crs=utm)
    imported = import_table(path, "plots")
    # 100 m squares in UTM, whose scale 1.5 zones from the middle is near 1
    assert measure.area_m2(imported.rows.geometry).iloc[0] == pytest.approx(10_000, rel=1e-3)
    assert "its foreign member crs says EPSG:32638: honoured" in imported.notes
    with pytest.raises(CrsError, match=r"declares EPSG:32638 .* --crs says EPSG:4326"):
        import_table(path, "plots", crs=4326)


def test_an_encoding_can_be_stated(tmp_path):
    path = write(tmp_path, collection(row(WEST, name="x")))
    path.write_bytes(path.read_text().replace('"x"', '"Минное"').encode("cp1251"))
    with pytest.raises(FileError, match=r"not UTF-8 text .* add --encoding"):
        import_table(path, "plots", crs=4326)
    assert import_table(path, "plots", crs=4326, encoding="cp1251").rows["name"].tolist() == ["Минное"]


# Rounding to a grid


def rounded(folder, size_deg, table="plots", values=None, accuracy=None):
    """Import two squares of 2 × 2 steps of a grid."""
    transform = {"scale": [size_deg, size_deg], "translate": [46, 39]}
    more = {} if accuracy is None else {"accuracy_m": accuracy}
    path = write(folder, collection(row(WEST, 0, **more), row(EAST, 1)), STEPS, transform=transform)
    return import_table(path, table, crs=4326, values=values)


def test_rows_are_no_more_accurate_than_the_grid(tmp_path):
    # at 39° N a step of 0.0005° is 43.3 m by 55.5 m: half of its diagonal is 35.2 m, more than the 1 m of plots
    imported = rounded(tmp_path, 0.0005)
    assert imported.rows["accuracy_m"].between(35.1, 35.3).all()
    told = (
        "its coordinates are rounded to a grid: a vertex can lie 35 m from where it was; accuracy_m of 2 rows is raised"
    )
    assert any(told in n for n in imported.notes)
    stated = rounded(tmp_path, 0.0005, accuracy=0.1).rows["accuracy_m"]
    assert stated.between(35.1, 35.3).all()
    assert rounded(tmp_path, 0.0005, accuracy=80).rows["accuracy_m"].iloc[0] == 80


def test_a_fine_grid_changes_no_accuracy(tmp_path):
    imported = rounded(tmp_path, 0.00001)  # 0.87 m by 1.11 m: 0.7 m, less than the 1 m of plots
    assert imported.rows["accuracy_m"].isna().all()
    assert any(n.endswith("a vertex can lie 0.7 m from where it was") for n in imported.notes)
    assert rounded(tmp_path, 0.00001, accuracy=0.5).rows["accuracy_m"].iloc[0] == pytest.approx(0.75, abs=0.06)


def test_a_hazard_is_never_given_less_than_was_assumed(tmp_path):
    imported = rounded(tmp_path, 0.0003, "hazards", HAZARD)  # 21 m: more than the 10 m of surveyed, less than the 50 m
    assert imported.rows["accuracy_m"].tolist() == [Policy().hazards_estimated_m] * 2
    districts = rounded(tmp_path, 0.0005, "districts", {"name": "D"})  # a table without accuracy_m: only told
    assert any("a vertex can lie 35 m from where it was" in n for n in districts.notes)


# What it is, and how many


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.topojson", GOOD, "topojson"),
        ("a.json", GOOD, "topojson"),
        ("a.json", json.dumps(json.loads(GOOD), sort_keys=True, indent=1), "topojson"),
        ("a.json", json.dumps({"arcs": [[[0.123, 0]] * 9_000], **json.loads(GOOD)}, sort_keys=True) + "\n", "topojson"),
        ("a.geojson", '{"type": "FeatureCollection", "features": [{"properties": {"type": "Topology"}}]}', "geojson"),
        ("a.geojson", '{"features": [{"type": "Feature", "name": "\\"Topology\\""}]}', "geojson"),
    ],
)
def test_it_is_known_by_its_content(tmp_path, name, text, kind):
    (tmp_path / name).write_text(text)
    assert formats.sniff(tmp_path / name) == kind


def test_a_name_that_says_otherwise_is_refused(tmp_path):
    (tmp_path / "a.geojson").write_text(GOOD)
    with pytest.raises(FileError, match=r"is TopoJSON, but its name says GeoJSON .* rename it to 'a\.topojson'"):
        import_table(tmp_path / "a.geojson", "plots", crs=4326)
    (tmp_path / "b.topojson").write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(FileError, match=r"is GeoJSON, but its name says TopoJSON"):
        import_table(tmp_path / "b.topojson", "plots", crs=4326)


@pytest.mark.parametrize("counts", [[2], [], [1, 1]])
def test_two_counts_that_differ_stop_the_import(tmp_path, monkeypatch, counts):
    monkeypatch.setattr(counting, "topology_rows", lambda text: counts)
    with pytest.raises(FileError, match=r"1 rows were read, a second count finds"):
        import_table(write(tmp_path, collection(row(WEST))), "plots", crs=4326)


texts = st.text(alphabet='ab"[]{},:\\ \n\r', max_size=8)
members = st.lists(
    st.none()
    | st.dictionaries(texts, texts | st.just([{"geometries": [1, 2]}]), max_size=2)
    | st.lists(texts, max_size=2),
    max_size=4,
)


@given(st.lists(members | st.none(), max_size=4))
def test_the_second_count_counts_what_json_counts(layers):
    objects = {
        f'"{i}{{': {"a": [[]], "type": "Polygon"} if rows is None else {"x": {"geometries": [0]}, **collection(*rows)}
        for i, rows in enumerate(layers)
    }
    whole = {"objectz": {"a": {"geometries": [1]}}, "objects": objects, "arcs": [[[1, 2], [3, 4]]] * 3}
    for indent in (None, 1):
        text = json.dumps(whole, indent=indent).encode()
        assert counting.topology_rows(text) == [1 if rows is None else len(rows) for rows in layers]


def test_counting_does_not_depend_on_where_the_pieces_end(monkeypatch):
    objects = {"a": collection(*({"p": "]},{" * i} for i in range(20))), "b": {}, "c": collection()}
    text = json.dumps({"objects": objects, "arcs": [[[0, 0]]]}).encode()
    for size in (1, 2, 3, 7, 50):
        monkeypatch.setattr(counting, "_CHUNK", size)
        assert counting.topology_rows(text) == [20, 1, 0]


@settings(max_examples=150, deadline=None)
@given(
    at=st.integers(0, len(GOOD) - 1),
    put=st.sampled_from([*'0-9e.,:"[]{}nN', "", "null", "NaN", "1e999", "[[", "{}"]),
)
def test_no_damage_is_a_traceback_or_a_lost_row(tmp_path_factory, at, put):
    path = tmp_path_factory.mktemp("damaged") / "a.topojson"
    path.write_text(GOOD[:at] + put + GOOD[at + 1 :])
    with contextlib.suppress(HazardmapError):
        counts = import_table(path, "plots", crs=4326, values={"plot_id": "P-{row}"}).counts
        assert counts["accepted"] + counts["repaired"] + counts["quarantined"] == counts["rows"] == 1
