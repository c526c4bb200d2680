"""How long 100,000 rows take to come in, by way of the file: text tables, Excel, GeoPackage, Shapefile.

Each import runs in a process of its own, after its file is written; the time is that of `import_table` alone.

    python tests/benchmarks/importing.py [--rows 100000] [--only csv,mgrs,gpkg]
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

WAYS = {
    "csv": ("numbers.csv", {"x": "lon", "y": "lat", "datum": "WGS 84"}),
    "utm": ("metres.csv", {"x": "e", "y": "n", "crs": "EPSG:32638"}),
    "mgrs": ("mgrs.csv", {"coordinates": "mgrs", "datum": "WGS 84"}),
    "dms": ("dms.csv", {"coordinates": "dms", "datum": "SK-42"}),
    "corners": ("corners.csv", {"x": "lon", "y": "lat", "datum": "WGS 84", "vertices_of": "hazard_id", "vertex": "no"}),
    "xlsx": ("table.xlsx", {"x": "lon", "y": "lat", "datum": "WGS 84"}),
    "gpkg": ("polygons.gpkg", None),
    "shp": ("polygons.shp", None),
}


def frame_of(rows):
    rng = np.random.default_rng(5)
    lon, lat = 46 + rng.random(rows), 39 + rng.random(rows)
    frame = gpd.GeoDataFrame(
        {
            "hazard_id": [f"MF-{i:06}" for i in range(rows)],
            "class": "SHA",
            "date": [f"2024-01-{i % 28 + 1:02}" for i in range(rows)],
            "name": [f"Place {i}" for i in range(rows)],
        },
        geometry=shapely.box(lon, lat, lon + 0.001, lat + 0.001),
        crs=4326,
    )
    return frame, lon, lat


def dms(value):
    seconds = np.round(value * 3600, 1)
    return [f"{int(s // 3600):02}°{int(s % 3600 // 60):02}'{s % 60:04.1f}\"" for s in seconds]


def write(folder, way, rows):
    frame, lon, lat = frame_of(rows)
    path = folder / WAYS[way][0]
    if way in {"gpkg", "shp"}:
        frame.to_file(path, index=False)
        return path
    cells = frame.drop(columns="geometry").assign(lon=lon.round(7), lat=lat.round(7))
    if way == "utm":
        there = gpd.GeoSeries(shapely.points(lon, lat), crs=4326).to_crs(32638)
        cells = cells.assign(e=there.x.round(2), n=there.y.round(2))
    elif way == "mgrs":
        import mgrs

        name = mgrs.MGRS().toMGRS
        cells["mgrs"] = [name(b, a) for a, b in zip(lon, lat, strict=True)]
    elif way == "dms":
        cells["dms"] = [f"{b}N {a}E" for a, b in zip(dms(lon), dms(lat), strict=True)]
    elif way == "corners":
        few = cells.iloc[: rows // 4].loc[lambda f: f.index.repeat(4)].reset_index(drop=True)
        corner = np.arange(len(few)) % 4
        few["no"] = corner + 1
        few["lon"] = (few["lon"] + 0.001 * np.isin(corner, (1, 2))).round(7)
        few["lat"] = (few["lat"] + 0.001 * (corner >= 2)).round(7)
        cells = few
    if way == "xlsx":
        cells.to_excel(path, index=False, engine="xlsxwriter")
    else:
        cells.to_csv(path, index=False)
    return path


def measured(path, way):
    import hazardmap as hm

    start = time.perf_counter()
    imported = hm.import_table(path, "hazards", position=WAYS[way][1])
    print(f"{way:8} {time.perf_counter() - start:6.1f} s  {imported.counts}")


def main():
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--only", default=",".join(WAYS))
    options.add_argument("--measure", nargs=2, metavar=("WAY", "FILE"), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measure:
        measured(Path(given.measure[1]), given.measure[0])
        return
    for way in given.only.split(","):
        with tempfile.TemporaryDirectory() as folder:
            path = write(Path(folder), way, given.rows)
            subprocess.run([sys.executable, __file__, "--measure", way, str(path)], check=True)


if __name__ == "__main__":
    main()
