"""Shapes of which a file does not say what they mean: a hazard keeps all that they can mean, a release nothing."""

import json

import pytest
import shapely
from test_intake_formats import RING, gml, kml, mark, member, ring_of, text_file

from hazardmap import import_table
from hazardmap.intake import reading, shapes

GIVEN = {"date_of_information": "2024-03-18", "classification": "confirmed"}
DONE = {"product": "cleared", "date_completed": "2024-01-01"}
HERE = shapely.box(46, 39, 46.001, 39.001)
THERE = shapely.box(46.01, 39, 46.011, 39.001)
FAR = "46.01,39 46.011,39 46.011,39.001 46.01,39.001 46.01,39"
HOLE = "46.0002,39.0002 46.0002,39.0004 46.0004,39.0004 46.0002,39.0002"


POINT = "<Point><coordinates>46,39</coordinates></Point>"


def both(path):
    """The hazard and the release that a file of one record becomes."""
    hazard = import_table(path, "hazards", values={**GIVEN, "hazard_id": "A"})
    release = import_table(path, "releases", values={**DONE, "release_id": "A"})
    assert hazard.counts["rows"] == release.counts["rows"] == 1
    return hazard.rows.iloc[0], release.rows.iloc[0]


def held(path, ground, said):
    hazard, release = both(path)
    assert said in hazard["quarantined"]
    assert said in release["quarantined"]
    assert release["geometry"] is None
    if ground is None:
        assert hazard["geometry"] is None
    else:
        assert shapely.symmetric_difference(hazard["geometry"], ground).area < 1e-13
    return hazard


def rings(*outer, inner=()):
    text = "".join(
        f"<{tag}><LinearRing><coordinates>{r}</coordinates></LinearRing></{tag}>"
        for tag, listed in (("outerBoundaryIs", outer), ("innerBoundaryIs", inner))
        for r in listed
    )
    return f"<Polygon>{text}</Polygon>"


@pytest.mark.parametrize(
    ("body", "ground", "said"),
    [
        (rings(RING, FAR), HERE | THERE, "a polygon with 2 outer boundaries"),
        (rings(RING, FAR, inner=[HOLE]), HERE | THERE, "a polygon with 2 outer boundaries"),
        (rings(RING, RING), HERE, "a polygon with 2 outer boundaries"),
        (rings(RING, "46,39 x,39"), None, "a polygon with 2 outer boundaries"),
        (rings(inner=[HOLE]), None, "a polygon with 0 outer boundaries"),
        (
            rings(RING).replace(
                "</LinearRing>", f"</LinearRing><LinearRing><coordinates>{FAR}</coordinates></LinearRing>"
            ),
            HERE | THERE,
            "a polygon with 2 outer boundaries",
        ),
        (rings(RING).replace("</coordinates>", f"</coordinates><coordinates>{FAR}</coordinates>"), None, "2 lists of"),
        (f"<MultiGeometry>{rings(RING)}{rings(FAR, FAR)}</MultiGeometry>", HERE | THERE, "2 outer boundaries"),
        (
            f"<MultiGeometry>{rings(RING)}{rings(FAR, FAR)}{POINT}</MultiGeometry>",
            "more than both",
            "2 outer boundaries",
        ),
    ],
)
def test_several_outer_boundaries_in_kml_are_all_kept_by_a_hazard(tmp_path, body, ground, said):
    path = text_file(tmp_path, "a.kml", kml(f"<Placemark>{body}</Placemark>"))
    if ground == "more than both":  # the point has the width of its accuracy
        assert both(path)[0]["geometry"].buffer(1e-12).covers(HERE | THERE)
        return
    held(path, ground, said)
    assert json.loads(reading.read(path, wanted="hazards").flaws[0].entered)["coordinates"]


def test_a_kml_polygon_with_one_boundary_is_as_it_was(tmp_path):
    path = text_file(tmp_path, "a.kml", kml(mark(RING) + f"<Placemark>{rings(RING, inner=[HOLE])}</Placemark>"))
    sheet = reading.read(path, wanted="hazards")
    assert not sheet.flaws
    assert [len(s.interiors) for s in sheet.shapes] == [0, 1]


BOX = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]]}
APART = {"type": "Polygon", "coordinates": [[[9, 0], [13, 0], [13, 4], [9, 4], [9, 0]]]}
BAD_HOLE = {"type": "Polygon", "coordinates": [*BOX["coordinates"], [[1, 1], [2, 2]]]}
BAD = {"type": "Polygon", "coordinates": [[[0, 0], ["x", 0], [4, 4], [0, 0]]]}


@pytest.mark.parametrize(
    ("parts", "area"), [([BAD_HOLE, APART], 32), ([APART, BAD_HOLE], 32), ([BAD_HOLE], 16), ([BAD, APART], None)]
)
@pytest.mark.parametrize("kind", ["GeometryCollection", "MultiPolygon"])
def test_the_draft_of_one_part_is_not_that_of_the_whole(parts, area, kind):
    geometry = {"type": kind, "geometries": parts}
    if kind == "MultiPolygon":
        geometry = {"type": kind, "coordinates": [p["coordinates"] for p in parts]}
    shape, flaw = shapes.from_geojson(geometry)
    assert shape is None
    assert (None if flaw.draft is None else flaw.draft.area) == area


GOOD = "39 46 39 46.001 39.001 46.001 39.001 46 39 46"
OTHER = "39 46.01 39 46.011 39.001 46.011 39.001 46.01 39 46.01"


def gml_ring(text):
    return f"<gml:LinearRing><gml:posList>{text}</gml:posList></gml:LinearRing>"


def exterior(text):
    return f"<gml:Polygon><gml:exterior>{text}</gml:exterior></gml:Polygon>"


@pytest.mark.parametrize(
    ("shape", "ground", "said"),
    [
        (
            exterior(gml_ring(GOOD)).replace("</gml:Polygon>", exterior(gml_ring(OTHER)).removeprefix("<gml:Polygon>")),
            HERE | THERE,
            "2 outer boundaries",
        ),
        (
            exterior(gml_ring(GOOD) + gml_ring(OTHER)),
            HERE | THERE,
            "2 outer boundaries",
        ),
        (
            f"<gml:MultiSurface><gml:surfaceMember>{ring_of(GOOD)}</gml:surfaceMember>{ring_of(OTHER)}</gml:MultiSurface>",
            None,
            "MultiSurface with Polygon outside",
        ),
        (
            exterior(gml_ring(f"{GOOD}</gml:posList><gml:posList>{OTHER}")),
            None,
            "LinearRing with several lists",
        ),
        (
            f"{ring_of(GOOD)}</c:geom><c:second>{ring_of(OTHER)}</c:second><c:geom>",
            HERE | THERE,
            "2 shapes (geom, second)",
        ),
        (
            "<gml:MultiPoint><gml:pointMember><gml:Curve/></gml:pointMember></gml:MultiPoint>",
            None,
            "MultiPoint of Curve",
        ),
    ],
)
def test_what_a_gml_shape_says_twice_is_all_kept_by_a_hazard(tmp_path, shape, ground, said):
    held(text_file(tmp_path, "a.gml", gml(member(shape))), ground, said)


def test_a_second_crs_deep_inside_a_gml_shape_is_seen(tmp_path):
    inner = ring_of("46 39 46.001 39 46.001 39.001 46 39").replace("<gml:Polygon>", '<gml:Polygon srsName="EPSG:4284">')
    outer = f'<gml:MultiSurface srsName="EPSG:4326"><gml:surfaceMember>{inner}</gml:surfaceMember></gml:MultiSurface>'
    path = text_file(tmp_path, "a.gml", gml(member(outer), "EPSG:4326"))
    with pytest.raises(Exception, match="names several CRSs: EPSG:4284, EPSG:4326"):
        reading.read(path, wanted="hazards")


def test_places_of_a_gml_have_as_many_numbers_as_its_crs_has_axes(tmp_path):
    text = ring_of("39 46 5 39 46.001 5 39.001 46.001 5 39 46 5")  # 12 numbers: 4 places of 3, and not 6 of 2
    sheet = reading.read(
        text_file(tmp_path, "a.gml", gml(member(text), "urn:ogc:def:crs:EPSG::4979")), wanted="hazards"
    )
    assert sheet.shapes[0].bounds == (46, 39, 46.001, 39.001)
    text = ring_of("39 46 39 46.001 39.001 46.001 39 46", ' srsDimension="2"')  # what is stated counts
    sheet = reading.read(
        text_file(tmp_path, "b.gml", gml(member(text), "urn:ogc:def:crs:EPSG::4979")), wanted="hazards"
    )
    assert sheet.shapes[0].bounds == (46, 39, 46.001, 39.001)


ESRI_RINGS = [[[46, 39], [46, 39.001], [46.001, 39.001], [46.001, 39], [46, 39]]]


@pytest.mark.parametrize("more", [{"x": 46, "y": 39}, {"paths": [[[1, 2], [3, 4]]]}, {"curveRings": ESRI_RINGS}])
def test_an_esri_shape_of_two_kinds_is_neither(tmp_path, more):
    geometry = {"rings": ESRI_RINGS, **more}
    features = [{"attributes": {}, "geometry": geometry}]
    text = json.dumps({"spatialReference": {"wkid": 4326}, "features": features})
    held(text_file(tmp_path, "a.json", text), None, "at once")
