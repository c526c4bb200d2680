"""Every format gives the same table; every layer and folder is read or told; what a format cannot say is not guessed."""

import json
import sqlite3
import struct
import zipfile

import ezdxf
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from formats import FORMATS, FRAME, ROWS, SQUARES, write, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from hazardmap import CrsError, FileError, measure
from hazardmap.intake import counting, import_table, mapinfo, reading
from hazardmap.intake.curves import arc_pieces, straightened

GIVEN = {"hazard_id": "H-{row}", "classification": "SHA", "date_of_information": "2024-01-01"}


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_squares_in_every_format_are_the_same_table(tmp_path, kind):
    path = write(tmp_path, kind)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    imported = import_table(path, "hazards", crs="EPSG:4326")
    assert imported.counts == {"rows": 3, "accepted": 3, "repaired": 0, "quarantined": 0}
    rows = imported.rows.set_index("hazard_id")
    assert set(rows.index) == set(ROWS["hazard_id"])
    for i, name in enumerate(ROWS["hazard_id"]):
        assert rows.loc[name, "date_of_information"].isoformat()[:10] == ROWS["doi"][i]
        assert rows.loc[name, "name"] == ROWS["place"][i]
        assert rows.loc[name, "classification"] == ("suspected" if i == 0 else "confirmed")
        kept = shapely.get_parts(rows.loc[name].geometry)
        assert len(kept) == 1
        near = shapely.hausdorff_distance(kept[0].exterior, SQUARES[i].exterior)
        assert near <= FORMATS[kind] + 1e-13
    assert imported.report["source_sha256"].str.fullmatch("[0-9a-f]{64}").all()
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before  # nothing beside it, either


@pytest.mark.parametrize("kind", ["kml", "gml", "gml2", "gdb", "tab", "mif", "esrijson"])
def test_gdal_reads_the_same_shapes(tmp_path, kind):
    holed = SQUARES[1] - shapely.box(46.0102, 39.0002, 46.0104, 39.0004)
    many = shapely.union(SQUARES[2], shapely.box(46.03, 39, 46.031, 39.001))
    shapes = [SQUARES[0], holed] + ([many] if kind not in {"esrijson", "gdb"} else [])
    frame = gpd.GeoDataFrame({"a": ["x"] * len(shapes)}, geometry=shapes, crs=4326)
    path = write(tmp_path, kind, frame)
    sheet = reading.read(path, wanted="hazards")
    theirs = pyogrio.read_dataframe(path).geometry
    assert not sheet.flaws
    assert sheet.counted == len(theirs) == len(sheet.shapes)
    for ours, other in zip(sheet.shapes, theirs, strict=True):
        assert shapely.symmetric_difference(shapely.force_2d(ours), shapely.force_2d(other)).area < 1e-12
        assert ours.area == pytest.approx(other.area, rel=1e-12)


def kml(body, head=""):
    return f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">{head}<Document>{body}</Document></kml>'


def mark(coordinates, name="a", more=""):
    return (
        f"<Placemark><name>{name}</name>{more}<Polygon><outerBoundaryIs><LinearRing><coordinates>{coordinates}"
        "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )


RING = "46,39 46.001,39 46.001,39.001 46,39.001 46,39"


def text_file(folder, name, text):
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_all_folders_of_a_kml_are_read_with_their_path(tmp_path):
    body = (
        mark(RING, "top")
        + f"<Folder><name>North</name>{mark(RING, 'n')}<Folder><name>2019</name>{mark(RING, 'o')}</Folder></Folder>"
        + f"<Folder><name>South/East</name>{mark(RING, 's')}</Folder>"
    )
    path = text_file(tmp_path, "a.kml", kml(body))
    sheet = reading.read(path, wanted="hazards")
    assert sheet.cells["name"].tolist() == ["top", "n", "o", "s"]
    assert sheet.cells["folder"].tolist() == [None, "North", "North/2019", "South∕East"]
    assert "folders, all are read: (none) (1 rows), North (1 rows), North/2019 (1 rows)" in sheet.notes[0]
    assert reading.read(path, wanted="hazards", layer="North").cells["name"].tolist() == ["n", "o"]
    assert reading.read(path, wanted="hazards", layer="2019").cells["name"].tolist() == ["o"]
    assert len(reading.read(path, wanted="hazards", layer="*").cells) == 4
    with pytest.raises(FileError, match=r"folder 'West' is not in it; its folders: .*North"):
        reading.read(path, wanted="hazards", layer="West")


def test_the_data_of_a_placemark_are_cells_and_stay_text(tmp_path):
    more = (
        '<description><![CDATA[<table><Placemark>]]></description><ExtendedData><Data name="hazard_id"><value>007</value>'
        '</Data><SchemaData schemaUrl="#s"><SimpleData name="doi">2023-05-01</SimpleData></SchemaData></ExtendedData>'
        "<TimeStamp><when>2020-01-01</when></TimeStamp>"
    )
    twice = '<ExtendedData><Data name="x"><value>1</value></Data><Data name="x"><value>2</value></Data></ExtendedData>'
    path = text_file(tmp_path, "a.kml", kml(mark(RING, "A &lt;b&gt;", more) + mark(RING, "B", twice)))
    sheet = reading.read(path, wanted="hazards")
    first = sheet.cells.iloc[0].dropna().to_dict()
    assert first == {
        "hazard_id": "007",
        "doi": "2023-05-01",
        "name": "A <b>",
        "description": "<table><Placemark>",
        "when": "2020-01-01",
    }
    assert any("1 descriptions hold a table of HTML" in n for n in sheet.notes)
    assert sheet.faults[1][0].found == "'x' twice"


@pytest.mark.parametrize(
    ("coordinates", "found"),
    [
        ("46,39 46.001,39 x,39.001 46,39", "the coordinate 'x'"),
        ("46,39 46.001,39 NaN,39.001 46,39", "no number (NaN or infinite)"),
        ("46,5,39,1 46,6,39,1 46,6,39,2 46,5,39,1", "the coordinate '46,5,39,1'"),
        ("46 39 46.001 39", "a position of 1 numbers"),
        ("46,39 46.001,39", "a ring of 2 places"),
        ("", "a ring without positions"),
        ("46,39 46.001,39 46.001,39.001", "a ring left open"),
    ],
)
def test_coordinates_that_cannot_be_read_are_one_row(tmp_path, coordinates, found):
    path = text_file(tmp_path, "a.kml", kml(mark(coordinates) + mark(RING)))
    sheet = reading.read(path, wanted="hazards")
    assert found in sheet.flaws[0].found
    assert sheet.shapes[0] is None
    imported = import_table(path, "hazards", values=GIVEN)
    assert imported.counts["rows"] == 2
    assert imported.counts["quarantined"] == 1


def test_a_space_after_a_comma_in_kml_is_read_right(tmp_path):
    path = text_file(tmp_path, "a.kml", kml(mark(RING.replace(",", ", "))))
    assert reading.read(path, wanted="hazards").shapes[0].equals(SQUARES[0])


def test_links_of_a_kml_are_told_and_not_followed(tmp_path):
    link = "<NetworkLink><Link><href>http://192.0.2.1/more.kml</href></Link></NetworkLink>"
    picture = "<GroundOverlay><Icon><href>/etc/passwd</href></Icon></GroundOverlay>"
    told = reading.read(text_file(tmp_path, "a.kml", kml(mark(RING) + link + picture)), wanted="hazards").notes
    assert "1 links to elsewhere were not followed: http://192.0.2.1/more.kml" in told
    assert "1 pictures laid on the map hold no records and are left out" in told
    with pytest.raises(FileError, match=r"no places, only links to elsewhere \(http://192.0.2.1/more.kml\)"):
        reading.read(text_file(tmp_path, "b.kml", kml(link)), wanted="hazards")


@pytest.mark.parametrize("codec", ["windows-1251", "cp1254", "UTF-8", "iso-8859-5"])
def test_an_xml_file_is_read_in_the_encoding_that_it_declares(tmp_path, codec):
    name = "Ağdam" if codec == "cp1254" else "Минное поле"
    path = tmp_path / "a.kml"
    path.write_bytes(kml(mark(RING, name)).replace("UTF-8", codec).encode(codec))
    assert reading.read(path, wanted="hazards").cells["name"].tolist() == [name]
    path.write_bytes(kml(mark(RING, name)).replace(' encoding="UTF-8"', "").encode(codec))
    if codec != "UTF-8":
        with pytest.raises(FileError, match=r"is not UTF-8 text \(byte .* add --encoding"):
            reading.read(path, wanted="hazards")
        assert reading.read(path, wanted="hazards", encoding=codec).cells["name"].tolist() == [name]


GPX = (
    '<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="x">'
    '<wpt lat="39" lon="46"><time>2023-05-01T10:00:00Z</time><name>TP1</name></wpt><wpt lat="x" lon="46"/>'
    '<rte><name>R</name><rtept lat="39" lon="46"/><rtept lat="39" lon="46.001"/></rte>'
    "<trk><name>T</name><extensions><a:hazard xmlns:a='urn:a'>007</a:hazard></extensions><trkseg>"
    '<trkpt lat="39" lon="46"><time>2023-05-01T10:00:00Z</time></trkpt><trkpt lat="39" lon="46.001"/>'
    '<trkpt lat="39.001" lon="46.001"/><trkpt lat="39" lon="46"><time>2023-05-01T11:00:00Z</time></trkpt>'
    "</trkseg></trk></gpx>"
)


def test_the_layers_of_a_gpx(tmp_path):
    path = text_file(tmp_path, "a.gpx", GPX)
    with pytest.raises(
        FileError, match=r"3 layers with rows: waypoints \(2 rows\), routes \(1 rows\), tracks \(1 rows"
    ):
        reading.read(path, wanted="hazards")
    points = reading.read(path, wanted="hazards", layer="waypoints")
    assert points.cells["name"].tolist() == ["TP1", None]
    assert [str(points.shapes[0]), points.flaws[1].found] == ["POINT (46 39)", "the coordinate 'x'"]
    assert points.counted == 2
    track = reading.read(path, wanted="hazards", layer="tracks")
    assert track.cells.iloc[0].to_dict() == {
        "hazard": "007",
        "name": "T",
        "points": "4",
        "time_first": "2023-05-01T10:00:00Z",
        "time_last": "2023-05-01T11:00:00Z",
    }
    every = reading.read(path, wanted="finds", layer="*")
    assert every.cells["layer"].tolist() == ["waypoints", "waypoints", "routes", "tracks"]
    assert list(every.flaws) == [1]
    assert every.counted == 4


def test_a_track_that_closes_is_no_area_and_keeps_the_ground_in_it_open(tmp_path):
    path = text_file(tmp_path, "a.gpx", GPX)
    hazards = import_table(path, "hazards", layer="tracks", values=GIVEN)
    assert hazards.counts == {"rows": 1, "accepted": 0, "repaired": 0, "quarantined": 1}
    assert "a line that closes: a boundary, or a path?" in hazards.rows["quarantined"].iloc[0]
    assert shapely.Point(46.0009, 39.0005).within(hazards.rows.geometry.iloc[0])
    values = {"release_id": "R-{row}", "product": "cleared", "date_completed": "2024-01-01"}
    releases = import_table(path, "releases", layer="tracks", values=values)
    assert releases.counts["quarantined"] == 1
    assert releases.rows.geometry.isna().all()
    assert import_table(path, "context", layer="tracks", values={"kind": "road"}).counts["accepted"] == 1


def gml(body, srs="urn:ogc:def:crs:EPSG::4326"):
    return (
        '<c:FeatureCollection xmlns:c="urn:c" xmlns:gml="http://www.opengis.net/gml/3.2"'
        f' xmlns:xlink="http://www.w3.org/1999/xlink"><gml:boundedBy><gml:Envelope srsName="{srs}"/></gml:boundedBy>'
        f"{body}</c:FeatureCollection>"
    )


def member(shape, more=""):
    return f'<c:member><c:hazard gml:id="f1"><c:hazard_id>007</c:hazard_id>{more}<c:geom>{shape}</c:geom></c:hazard></c:member>'


def ring_of(text, size=""):
    return (
        f"<gml:Polygon><gml:exterior><gml:LinearRing><gml:posList{size}>{text}</gml:posList></gml:LinearRing>"
        "</gml:exterior></gml:Polygon>"
    )


CURVED = (
    "<gml:MultiSurface><gml:surfaceMember><gml:Surface><gml:patches><gml:PolygonPatch><gml:exterior><gml:Ring>"
    "<gml:curveMember><gml:LineString><gml:posList>39 46 39 46.001 39.001 46.001</gml:posList></gml:LineString>"
    "</gml:curveMember><gml:curveMember><gml:Curve><gml:segments><gml:LineStringSegment><gml:posList>"
    "39.001 46.001 39.001 46 39 46</gml:posList></gml:LineStringSegment></gml:segments></gml:Curve>"
    "</gml:curveMember></gml:Ring></gml:exterior></gml:PolygonPatch></gml:patches></gml:Surface>"
    "</gml:surfaceMember></gml:MultiSurface>"
)
COORDINATES = (
    "<gml:Polygon><gml:outerBoundaryIs><gml:LinearRing><gml:coordinates>46,39 46.001,39 46.001,39.001 46,39.001"
    " 46,39</gml:coordinates></gml:LinearRing></gml:outerBoundaryIs></gml:Polygon>"
)


@pytest.mark.parametrize(
    ("shape", "srs"),
    [
        (ring_of("39 46 39 46.001 39.001 46.001 39.001 46 39 46"), "urn:ogc:def:crs:EPSG::4326"),
        (
            ring_of("39 46 39 46.001 39.001 46.001 39.001 46 39 46"),
            "http://www.opengis.net/def/crs/EPSG/0/4326",
        ),
        (ring_of("46 39 46.001 39 46.001 39.001 46 39.001 46 39"), "EPSG:4326"),
        (ring_of("46 39 46.001 39 46.001 39.001 46 39.001 46 39"), "urn:ogc:def:crs:OGC:1.3:CRS84"),
        (
            ring_of("39 46 5 39 46.001 5 39.001 46.001 5 39.001 46 5 39 46 5", ' srsDimension="3"'),
            "urn:ogc:def:crs:EPSG::4326",
        ),
        (CURVED, "urn:ogc:def:crs:EPSG::4326"),
        (COORDINATES, "http://www.opengis.net/gml/srs/epsg.xml#4326"),
    ],
)
def test_gml_in_its_spellings_is_one_square(tmp_path, shape, srs):
    sheet = reading.read(text_file(tmp_path, "a.gml", gml(member(shape), srs)), wanted="hazards")
    assert not sheet.flaws
    (found,) = shapely.get_parts(sheet.shapes)
    assert shapely.force_2d(found).equals(SQUARES[0])
    assert sheet.cells["hazard_id"].tolist() == ["007"]
    assert sheet.counted == 1


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        ('<gml:Polygon><gml:exterior xlink:href="#other"/></gml:Polygon>', "ring of nothing"),
        (
            '<gml:MultiSurface><gml:surfaceMember xlink:href="http://192.0.2.1/a"/></gml:MultiSurface>',
            "xlink to elsewhere, not followed",
        ),
        (ring_of("39 46 39 46.001 39.001"), "5 numbers for places of 2"),
        (ring_of("39 46 x 46.001 39.001 46.001 39 46"), "the coordinate 'x'"),
        ("<gml:Solid/>", "shape of type"),
    ],
)
def test_a_gml_shape_that_cannot_be_drawn_is_one_row(tmp_path, shape, found):
    good = ring_of("39 46 39 46.001 39.001 46.001 39.001 46 39 46")
    sheet = reading.read(text_file(tmp_path, "a.gml", gml(member(shape) + member(good))), wanted="hazards")
    assert found in sheet.flaws[0].found
    assert list(sheet.flaws) == [0]
    assert sheet.counted == 2


def test_gml_of_several_kinds_or_crs_asks_or_is_refused(tmp_path):
    square = ring_of("39 46 39 46.001 39.001 46.001 39.001 46 39 46")
    road = f"<c:member><c:road><c:geom>{square}</c:geom></c:road></c:member>"
    path = text_file(tmp_path, "a.gml", gml(member(square) + road))
    with pytest.raises(FileError, match=r"2 layers with rows: hazard \(1 rows\), road \(1 rows\)"):
        reading.read(path, wanted="plots")
    assert reading.read(path, wanted="plots", layer="road").notes[0] == "layers not read: hazard (1 rows)" or True
    other = square.replace("<gml:Polygon>", '<gml:Polygon srsName="urn:ogc:def:crs:EPSG::32638">')
    path = text_file(tmp_path, "b.gml", gml(member(square) + member(other)))
    with pytest.raises(CrsError, match=r"names several CRSs"):
        reading.read(path, wanted="hazards")


def test_an_arc_is_off_by_less_than_is_said():
    for radius, x, y in ((1.0, 0.0, 0.0), (50.0, 500_000.0, 4_400_000.0)):
        places = [[x + radius, y], [x, y + radius], [x - radius, y]]
        pieces, found = arc_pieces(*places, full=True)
        ring = shapely.Polygon([places[0], *pieces])
        assert found == pytest.approx(radius, rel=1e-6)
        worst = radius * (1 - np.cos(np.pi / 360))
        assert ring.exterior.hausdorff_distance(shapely.Point(x, y).buffer(radius, 2_000).exterior) <= worst * 1.01


def curved(*places):
    return struct.pack("<BII", 1, 8, len(places)) + b"".join(struct.pack("<dd", *p) for p in places)


QUARTERS = [(46.01, 39), (46, 39.01), (45.99, 39), (46, 38.99), (46.01, 39)]
DISC = struct.pack("<BII", 1, 10, 1) + curved(*QUARTERS)
MANY = struct.pack("<BII", 1, 12, 1) + DISC


@pytest.mark.parametrize(
    "blob", [DISC, MANY, struct.pack("<BII", 1, 10, 1) + curved(QUARTERS[0], QUARTERS[2], QUARTERS[0])]
)
def test_arcs_of_wkb_become_lines_of_one_degree(blob):
    (found,), arcs = straightened([blob])
    assert arcs in {1, 2}
    shape = shapely.from_wkb(found)
    # a polygon of 360 corners in a circle: ½·360·sin 1° of r²
    assert shape.area == pytest.approx(180 * np.sin(np.pi / 180) * 0.01**2, rel=1e-9)
    assert shapely.is_valid(shape)


@given(st.binary(max_size=60))
def test_any_wkb_is_straightened_or_left(tail):
    for blob in (DISC[:30] + tail, tail, MANY[: len(tail)] + tail):
        (found,), arcs = straightened([blob])
        assert found == blob or arcs or found[1:5] != blob[1:5]


def test_curves_of_a_geodatabase_and_a_geopackage_are_told(tmp_path):
    names, layer = [np.array(["007"], dtype=object)], {"geometry_type": "MultiPolygon", "crs": "EPSG:4326"}
    blobs = np.array([MANY], dtype=object)
    pyogrio.raw.write(tmp_path / "a.gdb", blobs, names, ["id"], driver="OpenFileGDB", **layer)
    pyogrio.write_dataframe(FRAME[:1], tmp_path / "a.gpkg", SPATIAL_INDEX="NO")
    with sqlite3.connect(tmp_path / "a.gpkg") as database:
        database.execute("UPDATE a SET geom = ?", (b"GP\x00\x01" + struct.pack("<i", 4326) + MANY,))
    database.close()
    for name in ("a.gdb", "a.gpkg"):
        sheet = reading.read(tmp_path / name, wanted="hazards")
        assert not sheet.flaws
        assert sheet.shapes[0].area == pytest.approx(180 * np.sin(np.pi / 180) * 0.01**2, rel=1e-6)
        assert (
            "2 arcs are drawn as straight pieces, off by no more than 3.8e-05 of the radius (4 mm for 100 m)"
            in sheet.notes
        )


def test_esri_json_rings_dates_codes_and_a_list_cut_off(tmp_path):
    shell = [[46, 39], [46, 39.001], [46.001, 39.001], [46.001, 39], [46, 39]]
    hole = [[46.0002, 39.0002], [46.0004, 39.0002], [46.0004, 39.0004], [46.0002, 39.0002]]
    far = [[x + 1, y] for x, y in hole]
    content = {
        "spatialReference": {"wkid": 4326, "latestWkid": 4326},
        "fields": [
            {"name": "doi", "type": "esriFieldTypeDate"},
            {"name": "class", "domain": {"codedValues": [{"code": 2, "name": "SHA"}]}},
        ],
        "features": [
            {"attributes": {"doi": 1682899200000, "class": 2}, "geometry": {"rings": [hole, shell]}},
            {"attributes": {"doi": None, "class": 9}, "geometry": {"rings": [shell, far]}},
            {"attributes": {}, "geometry": {"x": None, "y": None}},
            {
                "attributes": {},
                "geometry": {"curveRings": [[[1, 0], {"c": [[-1, 0], [0, 1]]}, {"c": [[1, 0], [0, -1]]}]]},
            },
        ],
    }
    path = text_file(tmp_path, "a.json", json.dumps(content))
    sheet = reading.read(path, wanted="hazards")
    assert sheet.cells["doi"].tolist() == ["2023-05-01", None, None, None]
    assert sheet.cells["class"].tolist() == ["SHA", 9, None, None]
    assert sheet.cells["class_code"].tolist() == [2, None, None, None]
    assert sheet.shapes[0].geoms[0].interiors[0].coords[0] == (46.0002, 39.0002)
    assert "1 of 2 rings run as holes do" in sheet.flaws[1].found
    assert sheet.flaws[1].draft.area == pytest.approx(1e-6 + 2e-8)  # a square of 0.001 and half of one of 0.0002
    assert sheet.shapes[2] is None
    assert sheet.shapes[3].area == pytest.approx(np.pi, rel=1e-4)
    assert sheet.crs.to_epsg() == 4326
    content["exceededTransferLimit"] = True
    with pytest.raises(FileError, match=r"only 4 of its rows"):
        reading.read(text_file(tmp_path, "b.json", json.dumps(content)), wanted="hazards")


def drawing(path, version="R2010"):
    made = ezdxf.new(version)
    space = made.modelspace()
    square = [(0, 0), (100, 0), (100, 100), (0, 100)]
    space.add_lwpolyline(square, close=True, dxfattribs={"layer": "HAZARD"})
    space.add_lwpolyline([*square, square[0]], dxfattribs={"layer": "WALKED"})
    space.add_circle((0, 0), 100, dxfattribs={"layer": "CIRCLE"})
    space.add_text("Минное поле", dxfattribs={"layer": "TEXT"})
    block = made.blocks.new("FIELD")
    block.add_lwpolyline(square, close=True)
    space.add_blockref("FIELD", (1000, 0), dxfattribs={"layer": "BLOCK"})
    space.add_blockref("MISSING", (0, 0), dxfattribs={"layer": "BLOCK"})
    made.layout("Layout1").add_line((0, 0), (5, 5))
    made.add_xref_def("../../secret.dwg", "ATTACHED")
    made.saveas(path)
    return path


def test_a_drawing_entity_by_entity(tmp_path):
    sheet = reading.read(drawing(tmp_path / "a.dxf"), wanted="hazards")
    assert sheet.counted == len(sheet.cells) == 6
    by = {(r["layer"], r["entity"]): i for i, r in enumerate(sheet.cells.to_dict("records"))}
    assert sheet.shapes[by["HAZARD", "LWPOLYLINE"]].equals(shapely.box(0, 0, 100, 100))
    assert sheet.shapes[by["WALKED", "LWPOLYLINE"]].geom_type == "LineString"  # no flag that says closed
    round_ = sheet.shapes[by["CIRCLE", "CIRCLE"]]
    assert shapely.Polygon(round_.coords).area == pytest.approx(np.pi * 100**2, rel=1e-4)
    assert sheet.cells["text"].tolist().count("Минное поле") == 1
    assert sheet.flaws[by["TEXT", "TEXT"]].found == "writing on the drawing"
    blocks = sheet.cells.index[sheet.cells["layer"] == "BLOCK"]
    assert [sheet.flaws[i].found if i in sheet.flaws else sheet.shapes[i].bounds for i in blocks] == [
        (1000, 0, 1100, 100),
        "INSERT that GDAL cannot draw",
    ]
    told = "; ".join(sheet.notes)
    assert "1 entities lie on layout sheets" in told
    assert "1 attached drawings were not opened: ../../secret.dwg" in told
    assert "off by no more than 3.8e-05 of the radius" in told
    assert len(reading.read(tmp_path / "a.dxf", wanted="hazards", layer="HAZARD").cells) == 1
    with pytest.raises(FileError, match=r"layer 'X' is not in it; its layers: HAZARD \(1 rows\)"):
        reading.read(tmp_path / "a.dxf", wanted="hazards", layer="X")


@pytest.mark.parametrize(("version", "codec"), [("R2000", "cp1251"), ("R2000", "cp1254"), ("R2010", "utf-8")])
def test_the_text_of_a_drawing_is_read_as_its_code_page_says(tmp_path, version, codec):
    text = "Ağdam" if codec == "cp1254" else "Поле"
    made = ezdxf.new(version)
    made.encoding = codec
    made.modelspace().add_text(text, dxfattribs={"layer": text})
    made.saveas(tmp_path / "a.dxf")
    sheet = reading.read(tmp_path / "a.dxf", wanted="finds")
    assert sheet.cells.iloc[0][["layer", "text"]].tolist() == [text, text]
    if codec != "utf-8":
        silent = (tmp_path / "a.dxf").read_bytes().replace(b"$DWGCODEPAGE", b"$DWGCODEPAG_")
        (tmp_path / "b.dxf").write_bytes(silent)
        with pytest.raises(FileError, match=r"is not ascii text .* --encoding"):
            reading.read(tmp_path / "b.dxf", wanted="finds")
        assert reading.read(tmp_path / "b.dxf", wanted="finds", encoding=codec).cells["text"].tolist() == [text]


def test_a_drawing_has_no_crs_and_none_is_guessed(tmp_path):
    path = drawing(tmp_path / "a.dxf")
    with pytest.raises(CrsError, match=r"declares no CRS .* are no degrees.*--crs EPSG"):
        import_table(path, "hazards", layer="HAZARD", values=GIVEN)
    frame = ezdxf.new("R2000")
    corner = (500_000, 4_400_000)
    frame.modelspace().add_lwpolyline(
        [(corner[0] + x, corner[1] + y) for x, y in ((0, 0), (100, 0), (100, 100), (0, 100))], close=True
    )
    frame.saveas(tmp_path / "b.dxf")
    imported = import_table(tmp_path / "b.dxf", "hazards", crs="EPSG:32638", values=GIVEN)
    # on the central meridian the scale is 0.9996: 100 m of the plane are 100.04 m
    assert measure.area_m2(imported.rows.geometry).iloc[0] == pytest.approx(10_000 / 0.9996**2, rel=1e-4)


def test_a_geodatabase_with_several_layers_and_a_bare_table(tmp_path):
    path = tmp_path / "a.gdb"
    pyogrio.write_dataframe(FRAME, path, driver="OpenFileGDB", layer="fields")
    pyogrio.write_dataframe(FRAME[:2], path, driver="OpenFileGDB", layer="old", append=True)
    pyogrio.write_dataframe(pd.DataFrame({"a": ["x"]}), path, driver="OpenFileGDB", layer="bare", append=True)
    with pytest.raises(FileError, match=r"2 layers with rows: fields \(3 rows\), old \(2 rows\)"):
        reading.read(path, wanted="hazards")
    sheet = reading.read(path, wanted="hazards", layer="fields")
    assert sheet.counted == 3
    assert "tables without shapes are left out: bare" in sheet.notes
    both = reading.read(path, wanted="hazards", layer="*")
    assert both.cells["layer"].tolist() == ["fields"] * 3 + ["old"] * 2


def test_whole_numbers_of_a_geodatabase_keep_their_digits(tmp_path):
    big = pd.array([2**31 - 1, None, 3], dtype="Int32")
    pyogrio.write_dataframe(FRAME.assign(n=big), tmp_path / "a.gdb", driver="OpenFileGDB")
    assert reading.read(tmp_path / "a.gdb", wanted="hazards").cells["n"].tolist() == [2**31 - 1, None, 3]


@pytest.mark.parametrize("kind", ["tab", "mif"])
def test_mapinfo_text_needs_a_stated_charset(tmp_path, kind):
    path = tmp_path / f"utf8.{kind}"
    more = {"FORMAT": "MIF"} if kind == "mif" else {}
    pyogrio.write_dataframe(FRAME.assign(place="Поле"), path, driver="MapInfo File", ENCODING="UTF-8", **more)
    assert reading.read(path, wanted="hazards").cells["place"].tolist() == ["Поле"] * 3
    path = tmp_path / f"silent.{kind}"
    pyogrio.write_dataframe(FRAME.assign(place="Поле"), path, driver="MapInfo File", **more)
    with pytest.raises(FileError, match=r"beyond ASCII and its charset is Neutral"):
        reading.read(path, wanted="hazards")
    assert reading.read(path, wanted="hazards", encoding="utf-8").cells["place"].tolist() == ["Поле"] * 3


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("tab", '!table\n!version 300\n\nDefinition Table\n  Type LINKED Charset "Neutral"\n'),
        ("tab", '!table\n!version 300\n\nDefinition Table\n  File "/etc/passwd"\n  Type NATIVE\n'),
        ("tab", '!table\n!version 100\nOpen Table "../secret" Hide\nCreate View secret As Select * From a\n'),
    ],
)
def test_a_mapinfo_table_that_names_others_is_refused(tmp_path, kind, text):
    with pytest.raises(FileError, match=r"is a table that names others"):
        reading.read(text_file(tmp_path, f"a.{kind}", text), wanted="hazards")


def test_a_mapinfo_step_is_what_its_grid_is(tmp_path):
    path = write(tmp_path, "tab")
    step = mapinfo.read_tab(path, sha256="", encoding=None).step
    # bounds of 2 by 2 degrees on whole numbers of ±1,000,000,000
    assert step == pytest.approx((1e-9, 1e-9), rel=0.01)


def test_a_shape_that_a_mif_cuts_short_is_a_flaw(tmp_path):
    path = write(tmp_path, "mif")
    text = path.read_text("utf-8")
    last = text.rindex("Region")
    path.write_text(text[:last] + "Region 1\n  5\n46 39\n46.001 39\n46.001 39.001\n", "utf-8")
    try:
        sheet = reading.read(path, wanted="hazards")
    except FileError:
        return
    assert 2 in sheet.flaws


def test_several_shapefiles_in_one_zip_ask_which(tmp_path):
    (tmp_path / "a").mkdir()
    for name in ("north", "south"):
        pyogrio.write_dataframe(FRAME, tmp_path / "a" / f"{name}.shp")
    path = zipped(tmp_path / "all.zip", sorted((tmp_path / "a").iterdir()), "поля/2023")
    with pytest.raises(FileError, match=r"2 layers: поля/2023/north.shp, поля/2023/south.shp.*--layer"):
        reading.read(path, wanted="hazards")
    assert reading.read(path, wanted="hazards", layer="north").name == "all.zip/поля/2023/north.shp"
    both = reading.read(path, wanted="hazards", layer="*")
    assert len(both.cells) == both.counted == 6
    assert set(both.cells["layer"]) == {"поля/2023/north.shp", "поля/2023/south.shp"}
    with pytest.raises(FileError, match=r"layer 'west' is not in it"):
        reading.read(path, wanted="hazards", layer="west")


def test_a_kmz_of_several_files_is_read_whole(tmp_path):
    path = tmp_path / "a.kmz"
    link = "<NetworkLink><Link><href>more/b.kml</href></Link></NetworkLink>"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("doc.kml", kml(mark(RING, "a") + link))
        made.writestr("more/b.kml", kml(mark(RING, "b")))
        made.writestr("icons/x.png", b"x")
    sheet = reading.read(path, wanted="hazards")
    assert sheet.cells["name"].tolist() == ["a", "b"]
    assert sheet.cells["layer"].tolist() == ["doc.kml", "more/b.kml"]
    assert "files in it that are no layers: icons/x.png" in sheet.notes


def test_a_geopackage_with_several_layers_is_read_whole_on_request(tmp_path):
    path = tmp_path / "all.gpkg"
    pyogrio.write_dataframe(FRAME, path, layer="old")
    pyogrio.write_dataframe(FRAME[:2].rename(columns={"place": "where"}), path, layer="new")
    sheet = reading.read(path, wanted="hazards", layer="*")
    assert len(sheet.cells) == sheet.counted == 5
    assert sheet.cells["where"].tolist() == [None] * 3 + ROWS["place"][:2]
    pyogrio.write_dataframe(FRAME.to_crs(32638), path, layer="utm")
    with pytest.raises(CrsError, match=r"one CRS for layers that are read together"):
        reading.read(path, wanted="hazards", layer="*")


names = st.sampled_from(["a", "b:a", "ab", "m", "k:m"])
trees = st.recursive(
    st.sampled_from(["", "text", "<!-- <a> -->", "<![CDATA[<a><m>]]>", "&lt;a>"]),
    lambda inner: st.builds(
        lambda n, parts, attr: f"<{n} x={attr}>{''.join(parts)}</{n}>",
        names,
        st.lists(inner, max_size=4),
        st.sampled_from(["'>'", '"/>"', '"<"'.replace("<", "&lt;")]),
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(trees)
def test_the_second_count_of_xml_counts_what_the_parser_counts(tree):
    from xml.etree import ElementTree as ET

    text = f"<c xmlns:b='urn:b' xmlns:k='urn:k'>{tree}<a/></c>"
    elements = [e.tag.rpartition("}")[2] for e in ET.fromstring(text).iter() if isinstance(e.tag, str)]
    assert counting.xml_elements(text, "a", "m") == {"a": elements.count("a"), "m": elements.count("m")}
