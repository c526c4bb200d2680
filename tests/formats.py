"""The same few rows in every format that import reads: for tests of readers."""

import json
import zipfile

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

SQUARES = [shapely.box(46 + i / 100, 39, 46.001 + i / 100, 39.001) for i in range(3)]
ROWS = {
    "hazard_id": ["007", "Ağdam-Ə", "9007199254740993"],
    "class": ["SHA", "təsdiqlənmiş", "CHA"],
    "doi": ["2023-05-01", "2023-05-02", "2023-05-03"],
    "place": ["Füzuli", "Кельбаджар", "<img src=x onerror=alert(1)>"],
}
FRAME = gpd.GeoDataFrame(ROWS, geometry=SQUARES, crs="EPSG:4326")
#: Format → how far a vertex may lie from where it was put, in degrees: what the format itself keeps.
FORMATS = {
    "gpkg": 0,
    "geojson": 0,
    "geojsonl": 0,
    "shp": 0,
    "fgb": 0,
    "parquet": 0,
    "csv": 0,
    "kml": 0,
    "kmz": 0,
    "gml": 0,
    "gml2": 0,
    "esrijson": 0,
    "gdb": 1e-9,
    "tab": 1e-6,
    "mif": 0,
    "shp.zip": 0,
    "gdb.zip": 1e-9,
    "geojson.zip": 0,
    "gpkg.zip": 0,
    "csv.zip": 0,
}


def zipped(archive, files, folder="data"):
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for file in files:
            made.write(file, f"{folder}/{file.name}" if folder else file.name)
    return archive


def esri(frame):
    """Rings of shells clockwise, as Esri asks."""
    features = []
    for row, shape in zip(frame.drop(columns="geometry").to_dict("records"), frame.geometry, strict=True):
        shell = shapely.orient_polygons(shape, exterior_cw=True)
        rings = [list(map(list, r.coords)) for r in (shell.exterior, *shell.interiors)]
        features.append({"attributes": row, "geometry": {"rings": rings}})
    reference = {"wkid": 4326}
    return {"geometryType": "esriGeometryPolygon", "spatialReference": reference, "features": features}


def write(folder, kind, frame=FRAME):
    """Write the frame in a format; give the path."""
    stem = folder / "hazards"
    if kind.endswith(".zip"):
        inner = kind.removesuffix(".zip")
        made = write(folder, inner, frame)
        if inner == "gdb":
            return zipped(folder / "hazards.gdb.zip", sorted(made.iterdir()), "deep/hazards.gdb")
        files = sorted(folder.glob("hazards.*")) if inner == "shp" else [made]
        return zipped(folder / "all.zip", files)
    path = stem.with_suffix(f".{kind}")
    if kind == "parquet":
        frame.to_parquet(path)
    elif kind == "csv":
        table = pd.DataFrame(frame.drop(columns="geometry")).assign(wkt=frame.geometry.to_wkt(rounding_precision=-1))
        table.to_csv(path, index=False)
    elif kind == "geojsonl":
        features = json.loads(frame.to_json())["features"]
        path.write_text("\n".join(json.dumps(f, ensure_ascii=False) for f in features), "utf-8")
    elif kind == "esrijson":
        path.write_text(json.dumps(esri(frame), ensure_ascii=False), "utf-8")
    else:
        drivers = {"kml": "LIBKML", "kmz": "LIBKML", "gml": "GML", "gml2": "GML", "gdb": "OpenFileGDB"}
        drivers |= {"tab": "MapInfo File", "mif": "MapInfo File"}
        options = {
            "geojson": {"COORDINATE_PRECISION": 15},
            "gml2": {"FORMAT": "GML2"},
            "gml": {"FORMAT": "GML3.2"},
            "tab": {"ENCODING": "UTF-8", "BOUNDS": "45,38,47,40"},
            "mif": {"FORMAT": "MIF", "ENCODING": "UTF-8"},
        }
        path = stem.with_suffix(".gml") if kind == "gml2" else path
        pyogrio.write_dataframe(frame, path, driver=drivers.get(kind), **options.get(kind, {}))
    return path
