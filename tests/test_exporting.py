"""Exports of the pencil squares, read back by other programs: areas, structure, what each kind of file must say."""

import sqlite3
import sys
import zipfile
from dataclasses import replace
from xml.etree import ElementTree as ET

import ezdxf
import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from land import box, programme

import hazardmap as hm
from hazardmap import words
from hazardmap.cli import main
from hazardmap.errors import CrsError, FileError, SchemaError
from hazardmap.exporting import LAYERS, dxf, geojson, geopackage, gpx, kml, reference, text_table
from hazardmap.exporting.product import gathered
from hazardmap.maps.symbols import SYMBOLS
from hazardmap.sheets.replacing import head_of_part

ON = "2024-12-31"
KINDS = ("gpkg", "kmz", "kml", "gpx", "dxf", "csv", "geojson")
KML, GPX = "{http://www.opengis.net/kml/2.2}", "{http://www.topografix.com/GPX/1/1}"
#: The six squares by pencil: 100 m a side; B and E are worked on by halves, D is in question, H-006 has no place.
GROUND_M2 = {
    "confirmed_open": 15_000,
    "suspected_open": 5_000,
    "in_question": 10_000,
    "not_handed_over": 5_000,
    "cleared": 15_000,
    "surveyed": 10_000,
    "no_record": 2_250_000,
}
#: In which order OGC KML 2.2 (07-147r2) has what a feature may hold.
FEATURE_ORDER = [
    "name",
    "visibility",
    "open",
    "author",
    "link",
    "address",
    "phoneNumber",
    "Snippet",
    "description",
    "LookAt",
    "TimeStamp",
    "TimeSpan",
    "styleUrl",
    "Style",
    "Region",
    "ExtendedData",
    "Point",
    "LineString",
    "Polygon",
    "MultiGeometry",
    "Folder",
    "Placemark",
]
STYLE_ORDER = ["IconStyle", "LabelStyle", "LineStyle", "PolyStyle", "BalloonStyle"]
GPX_ORDER = {
    "gpx": ["metadata", "wpt", "rte", "trk", "extensions"],
    "metadata": ["name", "desc", "author", "copyright", "link", "time", "keywords", "bounds", "extensions"],
    "wpt": ["ele", "time", "magvar", "geoidheight", "name", "cmt", "desc", "src", "link", "sym", "type", "fix"],
    "trk": ["name", "cmt", "desc", "src", "link", "number", "type", "extensions", "trkseg"],
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The example in every kind of file."""
    place = tmp_path_factory.mktemp("export")
    for kind in KINDS:
        hm.export(hm.example(), place / f"e.{kind}", on=ON)
    return place


def areas(shapes, crs="EPSG:4326"):
    return hm.measure.area_m2(hm.measure.to_stored(gpd.GeoSeries(shapes, crs=crs))[0])


def in_order(element, order):
    """Say whether the children of an element come in an order."""
    tags = [child.tag.rpartition("}")[2] for child in element]
    assert set(tags) <= set(order), tags
    places = [order.index(t) for t in tags]
    return places == sorted(places)


def kml_areas(root):
    """Give each polygon placemark of the ground as shapely polygons, by the state in its data."""
    found = {}
    for mark in root.iter(f"{KML}Placemark"):
        told = {d.get("name"): d.find(f"{KML}value").text for d in mark.iter(f"{KML}Data")}
        if "state" not in told:
            continue
        for polygon in mark.iter(f"{KML}Polygon"):
            rings = [
                [tuple(map(float, c.split(","))) for c in r.text.split()] for r in polygon.iter(f"{KML}coordinates")
            ]
            assert all(r[0] == r[-1] and len(r) >= 4 for r in rings)
            found.setdefault(told["state"], []).append(shapely.Polygon(rings[0], rings[1:]))
    return found


def test_a_geopackage_has_the_ground_in_its_colours(made):
    path = made / "e.gpkg"
    layers = dict(pyogrio.list_layers(path).tolist())
    assert list(layers) == ["ground", "hazard_outlines", "evidence", "without_place", "about", "layer_styles"]
    assert (layers["ground"], layers["evidence"]) == ("MultiPolygon", "Point")
    ground = gpd.read_file(path, layer="ground")
    assert ground.crs == "EPSG:4326"
    found = areas(ground.geometry).groupby(ground["state"], sort=False).sum()
    assert found.round(1).to_dict() == GROUND_M2
    assert pyogrio.read_dataframe(path, layer="without_place")["id"].tolist() == ["H-006"]
    about = pyogrio.read_dataframe(path, layer="about").set_index("key")["value"]
    assert words.DISCLAIMER in about["disclaimer"]
    assert (about["on"], about["as_of"], about["fictitious"]) == (ON, ON, "true")
    with sqlite3.connect(path) as db:
        styles = dict(db.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault").fetchall())
    assert set(styles) == {"ground", "hazard_outlines", "evidence"}
    rule = ET.fromstring(styles["ground"].partition("\n")[2]).find(".//rule")
    assert rule.get("filter") == "(\"sign\" IN ('confirmed_open'))"
    assert "255,0,0,128" in styles["ground"]  # half-open red, TN 07.11/01
    assert "FICTITIOUS" in styles["ground"]


def test_an_export_is_never_read_as_a_programme(made, tmp_path):
    hm.export(hm.example(), tmp_path / "all.gpkg", on=ON, what=LAYERS)
    for path in (made / "e.gpkg", tmp_path / "all.gpkg"):
        with pytest.raises(FileError, match="layers named hazards"):
            hm.read(path)


def test_kml_is_built_as_the_standard_asks(made):
    root = ET.parse(made / "e.kml").getroot()
    assert root.tag == f"{KML}kml"
    (document,) = root
    styles = [e for e in document if e.tag == f"{KML}Style"]
    rest = [e for e in document if e.tag != f"{KML}Style"]
    assert list(document).index(styles[-1]) < min(i for i, e in enumerate(document) if e.tag == f"{KML}Folder")
    assert [e.tag.rpartition("}")[2] for e in rest[:4]] == ["name", "open", "Snippet", "description"]
    for feature in (e for e in root.iter() if e.tag in {f"{KML}Folder", f"{KML}Placemark"}):
        assert in_order(feature, FEATURE_ORDER)
    assert all(in_order(s, STYLE_ORDER) for s in styles)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert {u.text for u in root.iter(f"{KML}styleUrl")} <= {f"#{s.get('id')}" for s in styles}
    assert not list(root.iter(f"{KML}href")), "nothing is fetched"
    assert not list(root.iter(f"{KML}TimeSpan")), "a slider would hide hazards"
    told = document.find(f"{KML}description").text
    for said in (ON, "hazardmap.example()", words.DISCLAIMER, words.ABSENCE, words.FICTITIOUS, "H-006", "Internal"):
        assert said in told


def test_kml_has_the_ground_in_the_colours_of_the_standard(made):
    root = ET.parse(made / "e.kml").getroot()
    found = kml_areas(root)
    assert {s: round(areas(p).sum()) for s, p in found.items()} == GROUND_M2
    fills = {s.get("id"): s.find(f"{KML}PolyStyle/{KML}color") for s in root.iter(f"{KML}Style")}
    fills = {name: element.text for name, element in fills.items() if element is not None}
    assert fills["s-ground-confirmed_open"] == "800000ff"  # alpha, blue, green, red
    assert fills["s-ground-suspected_open"] == "8018a7f4"
    lines = {
        s.get("id"): s.find(f"{KML}LineStyle/{KML}color").text
        for s in root.iter(f"{KML}Style")
        if s.find(f"{KML}LineStyle") is not None
    }
    assert lines["s-hazard_outlines-open"] == "ff0000ff"
    assert lines["s-hazard_outlines-worked_on"] == "ff18a7f4"
    green = {name for name, c in fills.items() if int(c[4:6], 16) > 1.2 * max(int(c[2:4], 16), int(c[6:8], 16))}
    assert green == {"s-ground-cleared"}, "green only for what was cleared with its papers"
    clear = [m for m in root.iter(f"{KML}Placemark") if m.find(f"{KML}styleUrl").text == "#s-ground-cleared"]
    states = {d.find(f"{KML}value").text for m in clear for d in m.iter(f"{KML}Data") if d.get("name") == "state"}
    assert states == {"cleared"}


def test_kml_says_boundaries_as_lines_too_and_letters_for_the_colour_blind(made):
    root = ET.parse(made / "e.kml").getroot()
    folders = {f.get("id"): f for f in root.iter(f"{KML}Folder") if f.get("id")}
    assert len(list(folders["boundaries_as_lines-ground"].iter(f"{KML}Placemark"))) == 9
    assert len(list(folders["boundaries_as_lines-hazard_outlines"].iter(f"{KML}LineString"))) == 5
    letters = [n.text for n in folders["letters"].iter(f"{KML}name")][1:]
    assert "FICTITIOUS CL 0.2 m · H-001" in letters
    assert "FICTITIOUS not handed over (R) · H-002" in letters
    assert len(letters) == 8  # all but the ground without a record
    assert [n.text for n in folders["without_place"].iter(f"{KML}name")] == ["Without a place: 1; not drawn", "H-006"]
    assert not list(folders["without_place"].iter(f"{KML}coordinates"))


def test_kmz_is_the_same_with_its_pictures(made, tmp_path):
    with zipfile.ZipFile(made / "e.kmz") as archive:
        names = archive.namelist()
        assert names == ["doc.kml", "files/circle.png", "files/diamond.png", "files/triangle.png"]
        root = ET.fromstring(archive.read("doc.kml"))
    assert {h.text for h in root.iter(f"{KML}href")} == set(names[1:])
    assert {s: round(areas(p).sum()) for s, p in kml_areas(root).items()} == GROUND_M2
    assert (
        sum(len(pyogrio.read_dataframe(made / "e.kmz", layer=n)) for n, _ in pyogrio.list_layers(made / "e.kmz")) == 38
    )
    hm.export(hm.example(), tmp_path / "again.kmz", on=ON)
    assert (tmp_path / "again.kmz").read_bytes() == (made / "e.kmz").read_bytes()


HOLED = programme(
    hazards=[{"geometry": box(0, 0, 300)}],
    releases=[{"hazard_ids": ("H-0",), "geometry": box(100, 100, 100)}],
)


def test_holes_stay_holes(tmp_path):
    """A square of 300 m from whose middle 100 m were cleared: 8 ha open round a hole of 1 ha."""
    for kind in KINDS:
        hm.export(HOLED, tmp_path / f"h.{kind}", on=ON, what="ground")
    expected = {"confirmed_open": 80_000, "cleared": 10_000}
    found = kml_areas(ET.parse(tmp_path / "h.kml").getroot())
    assert {s: round(areas(p).sum()) for s, p in found.items()} == expected
    for kind in ("gpkg", "geojson"):
        frame = gpd.read_file(tmp_path / f"h.{kind}", **({"layer": "ground"} if kind == "gpkg" else {}))
        assert areas(frame.geometry).groupby(frame["state"]).sum().round().to_dict() == expected
    tracks = gpd.read_file(tmp_path / "h.gpx", layer="tracks")
    assert tracks["name"].tolist() == ["CHA1", "CL2"]
    assert shapely.get_num_geometries(tracks.geometry.to_numpy()).tolist() == [2, 1]
    assert tracks["desc"].str.contains("Holes: segments 2").tolist() == [True, False]
    drawn = pyogrio.read_dataframe(tmp_path / "h.dxf")
    fills = drawn[drawn.geom_type.isin(["Polygon", "MultiPolygon"])]
    assert areas(fills.geometry, "EPSG:32638").round(-1).tolist() == [80_000, 10_000]


def test_gpx_is_built_as_the_standard_asks(made):
    root = ET.parse(made / "e.gpx").getroot()
    assert root.get("version") == "1.1"
    for name, order in GPX_ORDER.items():
        for element in [root] if name == "gpx" else root.iter(f"{GPX}{name}"):
            assert in_order(element, order)
    told = root.find(f"{GPX}metadata/{GPX}desc").text
    for said in (ON, "hazardmap.example()", words.DISCLAIMER, words.ABSENCE, words.FICTITIOUS, "H-006", "metres off"):
        assert said in told
    lost = root.find(f"{GPX}metadata/{GPX}extensions")
    assert [e.text for e in lost] == ["H-006"]


def test_gpx_numbers_the_turning_points_for_small_screens(made):
    """Squares have four corners; the middles of edges, where a release ends, are no turning points."""
    points = gpd.read_file(made / "e.gpx", layer="waypoints")
    names = points["name"].tolist()
    assert names == [f"H-00{h}-{n}" for h in range(1, 6) for n in range(1, 5)] + ["F-001"]
    assert points["sym"].tolist() == ["Flag, Red"] * 20 + ["Danger Area"]
    assert points["desc"].str.contains("Accuracy 5 m, as recorded").all()
    tracks = gpd.read_file(made / "e.gpx", layer="tracks")
    assert tracks["name"].tolist() == [
        *(f"H-00{h}" for h in range(1, 6)), "CHA1", "CHA2", "SHA3", "Q4", "NHO5", "CL6", "CL7", "SV8",
    ]  # fmt: skip
    rings = [shapely.Polygon(shapely.get_parts(g)[0]) for g in tracks.geometry]
    assert areas(rings).round(-1).tolist() == [10_000] * 6 + [5_000, 5_000, 10_000, 5_000, 10_000, 5_000, 10_000]


def test_names_on_receivers_are_short_and_their_own():
    """Thirty long ids that differ at the end alone, and some in letters that no receiver shows."""
    ids = [f"AZ-ŞUŞA-2024-{n:05}" for n in range(30)] + ["Минное поле 7", "Минное поле 7б", "雷区", "雷"]
    found = programme(hazards=[{"hazard_id": n, "geometry": box(200 * i, 0, 100)} for i, n in enumerate(ids)])
    product = gathered(found, on=ON)
    root = ET.fromstring("".join(gpx.document(product)))
    names = [n.text for n in root.iterfind(f"{GPX}wpt/{GPX}name")]
    assert len(names) == len(set(names)) == 4 * len(ids)
    assert all(len(n) <= 14 and n.isascii() and n == n.upper() for n in names)
    whole = {c.text.partition(":")[0] for c in root.iterfind(f"{GPX}wpt/{GPX}cmt")}
    assert whole == set(ids), "the whole id stands beside the short one"


def test_a_drawing_is_sound_and_says_its_plane(made):
    drawing = ezdxf.readfile(made / "e.dxf")
    audit = drawing.audit()
    assert not audit.errors
    assert not audit.fixes
    assert drawing.header["$INSUNITS"] == 6  # metres
    head = (made / "e.dxf").read_text(encoding="utf-8")[:4000]
    for said in (ON, words.DISCLAIMER, "FICTITIOUS", "EPSG:32638 WGS 84 / UTM zone 38N", "H-006", "Internal"):
        assert said in head
    (note,) = drawing.modelspace().query("MTEXT")
    assert "EPSG:32638" in note.text
    layers = {layer.dxf.name for layer in drawing.layers}
    assert {"HM_GROUND_CONFIRMED_OPEN", "HM_GROUND_NOT_HANDED_OVER_REDUCED", "HM_HAZARD_OUTLINES_WORKED_ON"} <= layers
    fills = drawing.modelspace().query("HATCH")
    assert {h.dxf.layer for h in fills if h.rgb == (255, 0, 0)} == {"HM_GROUND_CONFIRMED_OPEN"}
    shapes = pyogrio.read_dataframe(made / "e.dxf")
    polygons = shapes[shapes.geom_type.isin(["Polygon", "MultiPolygon"])]
    found = areas(polygons.geometry, "EPSG:32638").groupby(polygons["Layer"]).sum().round(-1)
    assert found["HM_GROUND_CONFIRMED_OPEN"] == 15_000
    assert found["HM_GROUND_CLEARED"] == 15_000


def test_tables_have_the_ground_as_wkt_and_say_everything_in_each_row(made):
    table = pd.read_csv(made / "e.csv", dtype="str", encoding="utf-8-sig")
    assert table["layer"].value_counts().to_dict() == {
        "ground": 9,
        "hazard_outlines": 5,
        "evidence": 1,
        "without_place": 1,
    }
    ground = table[table["layer"].eq("ground")]
    found = areas(shapely.from_wkt(ground["wkt"])).groupby(ground["state"].to_numpy()).sum().round().to_dict()
    assert found == GROUND_M2
    assert table["crs"].eq("EPSG:4326 WGS 84").all()
    assert table["disclaimer"].str.contains(words.DISCLAIMER, regex=False).all()
    assert table["disclaimer"].str.contains(words.FICTITIOUS, regex=False).all()
    assert table["on"].eq(ON).all()
    assert table["as_of"].eq(ON).all()
    assert table["sources"].eq("hazardmap.example(): fictitious").all()
    assert table.loc[table["layer"].eq("without_place"), ["id", "wkt"]].fillna("").values.tolist() == [["H-006", ""]]


def test_turning_points_in_rows_on_the_old_datum(tmp_path):
    """Each corner in Pulkovo 1942, Gauss-Krüger zone 8; the operation and its accuracy stand in each row."""
    made = hm.export(hm.example(), tmp_path / "v.csv", on=ON, crs="EPSG:28408", form="numbers", what="hazards")
    assert "accurate to 4.5 m" in made.told[0]
    table = pd.read_csv(tmp_path / "v.csv", encoding="utf-8-sig", keep_default_na=False)
    assert set(table["crs_accuracy_m"]) == {4.5}
    corners = table[table["point_kind"].eq("turning point")]
    assert corners.groupby("id").size().to_dict() == dict.fromkeys(["H-001", "H-002", "H-003", "H-004", "H-005"], 4)
    third = table[table["id"].eq("H-003")]
    assert third["vertex"].astype(int).tolist() == [1, 2, 3, 4]
    # 47° east is 1° from the middle of zone 8 (45°): about 171 km, plus 8 500 000; and 4 430 km from the equator
    assert third["easting"].astype(float).between(8_671_000, 8_672_000).all()
    there = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +inv +proj=tmerc +lat_0=0 +lon_0=45 +k=1 +x_0=8500000 +y_0=0 +ellps=krass"
        " +step +proj=push +v_3 +step +proj=cart +ellps=krass"
        " +step +proj=helmert +x=23.57 +y=-140.95 +z=-79.8 +rx=0 +ry=-0.35 +rz=-0.79 +s=-0.22"
        " +convention=coordinate_frame +step +inv +proj=cart +ellps=WGS84 +step +proj=pop +v_3"
        " +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    ).transform(third["easting"].astype(float).to_numpy(), third["northing"].astype(float).to_numpy())
    own = hm.hazards_on(hm.example(), on=ON).geometry[2]
    earth = pyproj.Geod(ellps="WGS84")
    nearest = [min(earth.inv(x, y, *c)[2] for c in own.exterior.coords) for x, y in zip(*there, strict=True)]
    # Another published operation (GOST R 51794-2008) than the one taken: they agree within the accuracy stated.
    assert max(nearest) < 4.5


@pytest.mark.parametrize("form", ["dd", "dm", "dms", "utm", "mgrs"])
def test_positions_as_people_type_them_read_back(form, tmp_path):
    """Each form read by the door for typed positions: no corner further off than the table says."""
    coordinates = pytest.importorskip("hazardmap.intake.coordinates", reason="typed positions are not there yet")
    hm.export(hm.example(), tmp_path / "p.csv", on=ON, form=form, what="hazards")
    table = pd.read_csv(tmp_path / "p.csv", encoding="utf-8-sig", keep_default_na=False)
    third = table[table["id"].eq("H-003")]
    corners = list(hm.hazards_on(hm.example(), on=ON).geometry[2].exterior.coords)
    earth = pyproj.Geod(ellps="WGS84")
    allowed = float(third["form_rounds_m"].iloc[0])
    for text in third["position"]:
        there = coordinates.parse(text, datum="WGS 84", **({} if form in {"utm", "mgrs"} else {"order": "lat lon"}))
        off = min(earth.inv(there.longitude, there.latitude, *corner)[2] for corner in corners)
        assert off <= allowed, (text, off)


def test_geojson_runs_as_the_standard_asks(made):
    frame = gpd.read_file(made / "e.geojson")
    assert frame["layer"].value_counts().to_dict() == {
        "ground": 9,
        "hazard_outlines": 5,
        "evidence": 1,
        "without_place": 1,
    }
    assert frame.geometry.isna().sum() == 1
    polygons = frame.geometry[frame.geom_type.eq("Polygon")]
    assert polygons.exterior.map(lambda r: r.is_ccw).all()
    text = (made / "e.geojson").read_text(encoding="utf-8")
    for said in (ON, "hazardmap.example()", words.DISCLAIMER, words.FICTITIOUS, "H-006"):
        assert said in text.split('"features"')[0]


WRITERS = {
    "gpkg": (geopackage.write_gpkg, geopackage.check_gpkg),
    "kml": (kml.write_kml, kml.check_kml),
    "kmz": (kml.write_kmz, kml.check_kmz),
    "gpx": (gpx.write_gpx, gpx.check_gpx),
    "geojson": (geojson.write_geojson, geojson.check_geojson),
}


def ways(kind, product, form=None):
    if kind == "dxf":
        placed = reference.carried(product, "EPSG:32638")
        return lambda p: dxf.write_dxf(p, product, placed), lambda p: dxf.check_dxf(p, product, placed)
    if kind == "csv":
        placed = reference.carried(product, "EPSG:4326")
        return (
            lambda p: text_table.write_csv(p, product, placed, form),
            lambda p: text_table.check_csv(p, product, form),
        )
    make, check = WRITERS[kind]
    return lambda p: make(p, product), lambda p: check(p, product)


@pytest.mark.parametrize(("kind", "form"), [*((k, None) for k in KINDS), ("csv", "numbers")])
def test_a_file_that_lacks_one_hazard_is_not_saved(kind, form, tmp_path):
    whole = gathered(hm.example(), on=ON)
    ground, hazards, finds = whole.layers
    fewer = replace(whole, layers=(ground, replace(hazards, frame=hazards.frame.iloc[:-1]), finds))
    path = tmp_path / "f"
    ways(kind, fewer, form)[0](path)
    ways(kind, fewer, form)[1](path)
    with pytest.raises(FileError, match="does not read back"):
        ways(kind, whole, form)[1](path)


@pytest.mark.parametrize("kind", KINDS)
def test_only_an_older_export_is_replaced(kind, made, tmp_path):
    path = tmp_path / f"e.{kind}"
    path.write_bytes((made / path.name).read_bytes())
    hm.export(hm.example(), path, on="2023-12-31")
    assert path.read_bytes() != (made / path.name).read_bytes()
    hm.write(hm.example(), tmp_path / "p.gpkg")
    other = (tmp_path / "p.gpkg").read_bytes() if kind == "gpkg" else b"somebody's work"
    path.write_bytes(other)
    with pytest.raises(FileError, match="is no export of hazardmap; nothing was changed"):
        hm.export(hm.example(), path, on=ON)
    assert path.read_bytes() == other


def test_a_survey_that_is_not_trusted_says_so_where_no_column_is_shown(tmp_path):
    rows = [{"geometry": box(0, 0, 50), "quarantined": "no team"}, {"geometry": box(90, 0, 50)}]
    land = programme(surveys=rows, coverage=[{"geometry": box(0, 0, 500), "quarantined": "a guess"}])
    surveys, coverage = gathered(land, on=ON, what=("surveys", "coverage")).layers
    doubted = "; quarantined: counts for nothing"
    assert surveys.frame["sign_in_words"].str.endswith(doubted).tolist() == [True, False]
    assert coverage.frame["sign_in_words"].str.endswith(doubted).tolist() == [True]
    hm.export(land, tmp_path / "e.gpx", on=ON, what=("surveys", "coverage"))
    assert (tmp_path / "e.gpx").read_text(encoding="utf-8").count(f"{doubted}. ") == 2


def test_a_table_with_a_long_first_shape_is_known_again(tmp_path):
    round_ = shapely.Point(0, 0).buffer(500, quad_segs=2000)  # over 200 kB of WKT in the first row
    land = programme(hazards=[{"geometry": round_}])
    for form in (None, "numbers", None):
        hm.export(land, tmp_path / "e.csv", on=ON, form=form)


@pytest.mark.parametrize("kind", ["geojson", "csv", "kml", "gpx", "dxf"])
def test_a_file_that_only_speaks_of_an_export_is_left_alone(kind, tmp_path):
    """The source of an imported record can be the name of an export: the file of the records is none itself."""
    path = tmp_path / f"e.{kind}"
    texts = {
        "csv": "hazard_id,source,wkt\nH-1,hazardmap export 0.1.0,POINT (1 1)\n",
        "kml": "<kml><Placemark><description>hazardmap export 0.1.0</description></Placemark></kml>",
        "gpx": '<gpx version="1.1" creator="me"><metadata><desc>hazardmap export 0.1.0</desc></metadata></gpx>',
        "dxf": "999\nfrom hazardmap export 0.1.0\n0\nEOF\n",
    }
    if kind == "geojson":
        land = programme(hazards=[{"geometry": box(0, 0, 100), "source": "hazardmap export 0.1.0"}]).hazards
        land[["hazard_id", "source", "geometry"]].to_file(path, driver="GeoJSON")
    else:
        path.write_text(texts[kind], encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(FileError, match="is no export of hazardmap; nothing was changed"):
        hm.export(hm.example(), path, on=ON)
    assert path.read_bytes() == before


def test_a_damaged_archive_is_no_export_and_no_traceback(made, tmp_path):
    whole, path = (made / "e.kmz").read_bytes(), tmp_path / "e.kmz"
    start = whole.index(b"doc.kml") + len(b"doc.kml")
    damaged = [whole[:n] for n in (3, start, len(whole) // 2, len(whole) - 5)]
    central = whole.rindex(b"PK\x01\x02", 0, whole.rindex(b"doc.kml"))
    for place, byte in [(6, 99), (8, 1), (10, 77), (10, 14), (24, 255), (20, 1)]:  # version, encrypted, method, sizes
        changed = bytearray(whole)
        changed[central + place] = byte
        damaged.append(bytes(changed))
    garbled = bytearray(whole)
    garbled[start : start + 40] = b"\xff" * 40
    for data in (*damaged, bytes(garbled)):
        path.write_bytes(data)
        assert head_of_part(path, "no such part", 9) == b""
        try:
            hm.export(hm.example(), path, on=ON)  # what is still whole in its first bytes may be replaced
        except FileError:
            assert path.read_bytes() == data


def test_what_was_there_stays_when_saving_fails(made, tmp_path, monkeypatch):
    path = tmp_path / "e.kml"
    path.write_bytes((made / "e.kml").read_bytes())
    real = kml.write_kml
    monkeypatch.setattr(kml, "write_kml", lambda new, p: (real(new, p), new.write_bytes(new.read_bytes()[:9000])))
    with pytest.raises(FileError, match="what was there is as it was"):
        hm.export(hm.example(), path, on=ON)
    assert path.read_bytes() == (made / "e.kml").read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == ["e.kml"]


@pytest.mark.parametrize(
    ("name", "more", "error", "text"),
    [
        ("e.shp", {}, FileError, "a Shapefile cuts names"),
        ("e", {}, FileError, "write 'e.gpkg'"),
        ("e.kml", {"crs": "EPSG:28408"}, CrsError, "WGS 84, as every program expects in .kml"),
        ("e.csv", {"crs": "EPSG:99999"}, CrsError, "names no CRS of maps"),
        ("e.csv", {"crs": "EPSG:4978"}, CrsError, "names no CRS of maps"),
        ("e.csv", {"crs": "EPSG:2053"}, CrsError, "EPSG:2053 point west and south"),  # southern Africa, Lo29
        ("e.dxf", {"crs": "EPSG:2053"}, CrsError, "counts to the east and to the north"),
        ("e.csv", {"crs": "EPSG:2065"}, CrsError, "EPSG:2065 point south and west"),
        ("e.csv", {"crs": "EPSG:31370"}, CrsError, "no transformation of known accuracy"),
        ("e.csv", {"form": "dms", "crs": "EPSG:32638"}, CrsError, "which is in metres"),
        ("e.csv", {"form": "mgrs", "crs": "EPSG:28408"}, CrsError, "as receivers show it"),
        ("e.csv", {"form": "rot13"}, CrsError, "no form of positions"),
        ("e.kml", {"form": "dms"}, CrsError, "a text table for positions as text"),
        ("e.dxf", {"crs": "EPSG:4326"}, CrsError, "is not in metres"),
        ("e.dxf", {"crs": "EPSG:3857"}, CrsError, "wrong by up to 31 %"),
        ("e.dxf", {"crs": "EPSG:2263"}, CrsError, "is not in metres"),  # feet
        ("e.kml", {"what": ("ground", "mines")}, SchemaError, "'mines' is asked for"),
        ("e.kml", {"what": ()}, SchemaError, "nothing is asked for"),
        ("e.kml", {"on": "2025-01-01"}, SchemaError, "2024-12-31"),
        ("nowhere/e.kml", {}, FileError, "does not exist"),
    ],
)
def test_what_cannot_be_done_is_said(name, more, error, text, tmp_path):
    with pytest.raises(error, match=text):
        hm.export(hm.example(), tmp_path / name, **{"on": ON, **more})
    assert not list(tmp_path.iterdir())


def test_without_ezdxf_the_line_to_type_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ezdxf", None)
    with pytest.raises(FileError, match=r'pip install "hazardmap\[dxf\]"'):
        hm.export(hm.example(), tmp_path / "e.dxf", on=ON)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_at_all_can_be_exported(kind, tmp_path):
    nothing = replace(hm.Programme(), as_of=hm.example().as_of)
    made = hm.export(nothing, tmp_path / f"n.{kind}", on=ON)
    assert set(made.counts.values()) == {0}


@pytest.mark.parametrize("kind", KINDS)
def test_all_hazards_without_a_place(kind, tmp_path):
    """As in Bosnia's null geometries: no shapes at all, and every id is told."""
    lost = programme(
        hazards=[{"hazard_id": f"LOST-{n}", "geometry": None, "quarantined": "no place"} for n in range(40)]
    )
    made = hm.export(lost, tmp_path / f"n.{kind}", on=ON)
    assert len(made.unplaced) == made.counts["without_place"] == 40
    data = (tmp_path / f"n.{kind}").read_bytes()
    if kind == "kmz":
        with zipfile.ZipFile(tmp_path / "n.kmz") as archive:
            data = archive.read("doc.kml")
    assert all(f"LOST-{n}".encode() in data for n in range(40))


def test_what_has_no_shape_is_told_with_the_reason():
    """A hazard ended by its successor, evidence without a place, a plot without a shape."""
    found = programme(
        hazards=[
            {"hazard_id": "OLD", "geometry": box(0, 0, 100), "superseded_by": ("NEW",)},
            {"hazard_id": "NEW", "geometry": box(0, 0, 100)},
        ],
        finds=[
            {"find_id": "F-B", "geometry": None, "quarantined": "geometry: missing"},
        ],
        plots=[{"plot_id": "P-1", "geometry": None, "quarantined": "geometry: missing"}],
    )
    product = gathered(found, on=ON, what=("hazards", "finds", "plots"))
    told = product.nowhere.set_index("id")["reason"].to_dict()
    assert told == {
        "F-B": "no position, or some of it has none: it may lie anywhere",
        "OLD": "its ground is told by the hazard that took its place",
        "P-1": "no shape that can be drawn",
    }


def test_narrow_ground_is_not_rounded_away(tmp_path):
    """A strip 2 mm wide, 100 m long: 0.2 m² that rounding to a millimetre could lose."""
    strip = programme(hazards=[{"geometry": shapely.box(10.0004, 0, 10.0024, 100)}])
    for kind in ("kml", "geojson", "csv"):
        hm.export(strip, tmp_path / f"s.{kind}", on=ON, what="ground")
    expected = hm.ground(strip, on=ON)["area_m2"].sum()
    assert expected > 0.15
    assert areas(kml_areas(ET.parse(tmp_path / "s.kml").getroot())["confirmed_open"]).sum() == pytest.approx(
        expected, rel=0.6
    )
    assert areas(gpd.read_file(tmp_path / "s.geojson").geometry).sum() > 0.08
    assert gpd.read_file(tmp_path / "s.geojson").geometry.is_valid.all()


def test_shapes_that_a_spreadsheet_would_cut_are_told(tmp_path):
    """A disc of 2,000 corners: about 45 characters each, more than the 32,767 of a cell."""
    disc = programme(hazards=[{"geometry": shapely.Point(500, 500).buffer(400, quad_segs=500)}])
    made = hm.export(disc, tmp_path / "d.csv", on=ON, what="ground")
    assert made.told[1].startswith("1 shapes are longer than a cell of a spreadsheet holds")
    assert len(hm.export(disc, tmp_path / "d.csv", on=ON, what="ground", form="numbers").told) == 1


def test_the_look_is_the_maps_own():
    ground = gathered(hm.example(), on=ON).layers[0]
    assert ground.signs is SYMBOLS["ground"]


def test_the_command_tells_what_it_wrote(tmp_path, capsys):
    hm.write(hm.example(), tmp_path / "p.gpkg")
    assert main(["export", str(tmp_path / "p.gpkg"), "-o", str(tmp_path / "g.gpx"), "--on", "2023-06-30"]) == 0
    told = capsys.readouterr().out
    assert words.FICTITIOUS in told
    assert "Six squares on 2023-06-30 (data as of 2024-12-31)" in told
    assert "Without a position, so not drawn; may lie anywhere: H-006" in told
    assert "Ground without a record has no boundary of its own" in told
    assert "Internal: it holds exact boundaries." in told
    assert words.DISCLAIMER in told
    assert (
        main(
            ["export", str(tmp_path / "p.gpkg"), "-o", str(tmp_path / "a.csv"), "--what", "all", "--crs", "EPSG:28408"]
        )
        == 0
    )
    assert "plot outlines" in capsys.readouterr().out
    before = (tmp_path / "p.gpkg").read_bytes()
    assert main(["export", str(tmp_path / "p.gpkg"), "-o", str(tmp_path / "p.gpkg")]) == 1
    assert "is no export of hazardmap; nothing was changed" in capsys.readouterr().err
    assert (tmp_path / "p.gpkg").read_bytes() == before
