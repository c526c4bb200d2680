"""Where a file says its coordinates lie, and the library reads something else: refused, never moved without a word."""

import json

import geopandas as gpd
import pyproj
import pytest
import shapely
from test_intake_formats import text_file

from hazardmap import import_table
from hazardmap.errors import CrsError, FileError
from hazardmap.intake import reading

BASE = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
FEET = (
    f'PROJCS["WGS_1984_UTM_Zone_38N_ftUS",{BASE},PROJECTION["Transverse_Mercator"],'
    'PARAMETER["False_Easting",1640416.666666667],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",45.0],'
    'PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Foot_US",0.3048006096012192]]'
)
GIVEN = {"date_of_information": "2024-03-18", "classification": "confirmed"}


def mif(folder, coordsys, numbers=("500 4300", "501 4300", "501 4301", "500 4300")):
    ring = "\n".join(numbers)
    head = f'Version 300\nCharset "WindowsLatin1"\nDelimiter ","\n{coordsys}\nColumns 1\n  id Char(10)\nData\n'
    (folder / "a.mid").write_text('"007"\n', "ascii")
    return text_file(folder, "a.mif", f"{head}\nRegion 1\n  {len(numbers)}\n{ring}\n")


def in_feet(folder, name):
    """A square of 100 m, 100 m east of the meridian of zone 38N, at 4,300 km north: in survey feet."""
    foot = 1200 / 3937
    square = shapely.box(*(v / foot for v in (500_100, 4_300_000, 500_200, 4_300_100)))
    frame = gpd.GeoDataFrame({"hazard_id": ["A"]}, geometry=[square], crs=pyproj.CRS(FEET))
    driver = {"fgb": "FlatGeobuf", "tab": "MapInfo File", "mif": "MapInfo File", "gdb": "OpenFileGDB"}
    frame.to_file(folder / name, driver=driver[name[-3:]], engine="pyogrio")
    return folder / name


@pytest.mark.parametrize("kind", ["fgb", "gdb"])
def test_utm_in_feet_is_not_utm_in_metres(tmp_path, kind):
    metres = gpd.GeoSeries([shapely.box(500_100, 4_300_000, 500_200, 4_300_100)], crs=32638).to_crs(4326)
    found = import_table(in_feet(tmp_path, f"a.{kind}"), "hazards", values=GIVEN).rows.geometry.iloc[0]
    assert shapely.symmetric_difference(found, metres.iloc[0]).area < 1e-4 * found.area


@pytest.mark.parametrize("kind", ["tab", "mif"])
def test_mapinfo_in_a_unit_that_gdal_loses_is_refused(tmp_path, kind):
    with pytest.raises(CrsError, match=r"is in the unit 'survey ft', which would be read in metre"):
        reading.read(in_feet(tmp_path, f"a.{kind}"), wanted="hazards")


@pytest.mark.parametrize(
    ("coordsys", "said"),
    [
        ('CoordSys Earth Projection 8, 104, "km", 45, 0, 0.9996, 500, 0', "is in the unit 'km'"),
        ('CoordSys Earth Projection 8, 104, "league", 45, 0, 0.9996, 500, 0', "is in the unit 'league'"),
        ("CoordSys Earth Projection 1, 777", "has the datum number 777, which is not known"),
        ('COORDSYS earth projection 8 , 777 , "m", 45, 0, 0.9996, 500000, 0', "has the datum number 777"),
        ('CoordSys Earth Projection 1, 104 Affine Units "m", 1, 0, 1000, 0, 1, 2000', "turns and moves its axes"),
        ("CoordSys Earth Projection 1001, 104", "turns and moves its axes"),
        ("CoordSys Earth", "cannot be read"),
    ],
)
def test_a_mif_whose_coordinate_system_is_read_otherwise_is_refused(tmp_path, coordsys, said):
    with pytest.raises(CrsError, match="its coordinate system") as refused:
        reading.read(mif(tmp_path, coordsys), wanted="hazards")
    assert said in str(refused.value)
    assert "a coordinate system that is read as it is meant" in str(refused.value)


@pytest.mark.parametrize(
    ("coordsys", "epsg"),
    [
        ("CoordSys Earth Projection 1, 104", 4326),
        ("CoordSys Earth Projection 1, 104 Bounds (-180, -90) (180, 90)", 4326),
        ("CoordSys Earth Projection 1, 1001", 4284),
        ('CoordSys Earth Projection 8, 104, "m", 45, 0, 0.9996, 500000, 0', 32638),
        ('CoordSys NonEarth Units "m" Bounds (0,0) (100,100)', None),
    ],
)
def test_a_mif_that_is_read_as_it_is_meant_is_read(tmp_path, coordsys, epsg):
    crs = reading.read(mif(tmp_path, coordsys), wanted="hazards").crs
    assert (None if crs is None else crs.to_epsg()) == epsg


def test_a_native_table_with_turned_axes_is_refused(tmp_path):
    frame = gpd.GeoDataFrame({"id": ["A"]}, geometry=[shapely.box(46, 39, 46.001, 39.001)], crs=4326)
    frame.to_file(tmp_path / "a.tab", driver="MapInfo File", engine="pyogrio")
    assert reading.read(tmp_path / "a.tab", wanted="hazards").crs.to_epsg() == 4326
    head = bytearray((tmp_path / "a.map").read_bytes())
    head[0x200] = 1
    (tmp_path / "a.map").write_bytes(head)
    with pytest.raises(CrsError, match="turns and moves its axes"):
        reading.read(tmp_path / "a.tab", wanted="hazards")


RINGS = [[[46, 39], [46, 39.001], [46.001, 39.001], [46.001, 39], [46, 39]]]


def esri(folder, head, *own):
    geometries = [{"rings": RINGS, **({"spatialReference": o} if o else {})} for o in own]
    features = [{"attributes": {"id": str(i)}, "geometry": g} for i, g in enumerate(geometries)]
    return text_file(folder, "a.json", json.dumps({**head, "features": features}))


WGS, PULKOVO = {"wkid": 4326}, {"wkid": 4284}


@pytest.mark.parametrize(
    ("head", "own"),
    [
        ({"spatialReference": {"wkid": 4284, "latestWkid": 4326}}, [None]),
        ({"spatialReference": WGS}, [None, PULKOVO]),
        ({}, [WGS, PULKOVO]),
    ],
)
def test_esri_json_of_two_crs_is_refused(tmp_path, head, own):
    with pytest.raises(CrsError, match="names several CRSs"):
        reading.read(esri(tmp_path, head, *own), wanted="hazards")


def test_esri_json_says_its_crs_as_a_whole_or_for_every_shape(tmp_path):
    assert reading.read(esri(tmp_path, {}, WGS, WGS), wanted="hazards").crs.to_epsg() == 4326
    assert reading.read(esri(tmp_path, {}, WGS, None), wanted="hazards").crs is None
    old = {"spatialReference": {"wkid": 102113, "latestWkid": 3785}}
    assert reading.read(esri(tmp_path, old, None), wanted="hazards").crs.to_epsg() == 3857
    pair = {"spatialReference": {"wkid": 102718, "latestWkid": 2263}}  # two numbers of one CRS
    assert reading.read(esri(tmp_path, pair, None), wanted="hazards").crs.to_epsg() == 2263


def test_esri_json_in_steps_of_a_grid_is_refused(tmp_path):
    steps = {"spatialReference": WGS, "transform": {"scale": [0.1, 0.1], "translate": [46, 39]}}
    with pytest.raises(FileError, match="steps of a grid"):
        reading.read(esri(tmp_path, steps, None), wanted="hazards")


@pytest.mark.parametrize(
    "crs",
    [
        f'PROJCS["x",{BASE},PROJECTION["Foo"],PARAMETER["False_Easting",500000.0],UNIT["Meter",1.0]]',
        FEET.replace("0.9996", "0"),
        FEET.replace("0.3048006096012192", "0"),
    ],
)
def test_a_projection_that_nobody_can_reckon_with_is_told(tmp_path, crs):
    frame = gpd.GeoDataFrame({"id": ["A"]}, geometry=[shapely.box(500_000, 4_300_000, 500_100, 4_300_100)], crs=32638)
    frame.to_file(tmp_path / "a.shp", engine="pyogrio")
    (tmp_path / "a.prj").write_text(crs, "ascii")
    with pytest.raises(CrsError, match="with which PROJ cannot reckon"):
        import_table(tmp_path / "a.shp", "hazards", values=GIVEN)
