"""Laws of exports: every kind of file holds the same ground; written, imported and asked again it is the same."""

import os
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from land import box, programme

import hazardmap as hm
from hazardmap import measure
from hazardmap.exporting import dxf, geojson, geopackage, kml, reference, text_table
from hazardmap.exporting.product import gathered

ON = "2024-12-31"
WRITERS = {
    "gpkg": (geopackage.write_gpkg, geopackage.check_gpkg),
    "kml": (kml.write_kml, kml.check_kml),
    "kmz": (kml.write_kmz, kml.check_kmz),
    "geojson": (geojson.write_geojson, geojson.check_geojson),
}
KML = "{http://www.opengis.net/kml/2.2}"
boxes = st.builds(box, *[st.integers(0, 900)] * 2, *[st.integers(1, 600)] * 2)
hazards = st.fixed_dictionaries(
    {"geometry": boxes, "classification": st.sampled_from(["confirmed", "suspected"])},
)
releases = st.fixed_dictionaries(
    {"geometry": boxes, "hazard_ids": st.just(("H-0", "H-1")), "handover_no": st.sampled_from(["HO-1", None])}
)
few = settings(
    max_examples=int(os.environ.get("HAZARDMAP_EXAMPLES", "4")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def written(product, path, crs="EPSG:4326", form=None):
    kind = path.suffix[1:]
    placed = reference.carried(product, crs)
    if kind == "csv":
        text_table.write_csv(path, product, placed, form)
        text_table.check_csv(path, product, form)
    elif kind == "dxf":
        dxf.write_dxf(path, product, placed)
        dxf.check_dxf(path, product, placed)
    else:
        make, check = WRITERS[kind]
        make(path, product)
        check(path, product)


def by_state(states, shapes, crs="EPSG:4326"):
    stored, _, _ = measure.to_stored(gpd.GeoSeries(list(shapes), crs=crs))
    return measure.area_m2(stored).groupby(np.asarray(states)).sum()


def of_kml(path):
    if path.suffix == ".kmz":
        with zipfile.ZipFile(path) as archive:
            root = ET.fromstring(archive.read("doc.kml"))
    else:
        root = ET.parse(path).getroot()
    states, shapes = [], []
    for mark in root.iter(f"{KML}Placemark"):
        state = [d.find(f"{KML}value").text for d in mark.iter(f"{KML}Data") if d.get("name") == "state"]
        if not state:
            continue
        polygons = []
        for polygon in mark.iter(f"{KML}Polygon"):
            rings = [
                [[float(v) for v in c.split(",")] for c in r.text.split()] for r in polygon.iter(f"{KML}coordinates")
            ]
            polygons.append(shapely.Polygon(rings[0], rings[1:]))
        states += state
        shapes.append(shapely.multipolygons(polygons))
    return by_state(states, shapes), len(states)


def of_layer(path):
    frame = gpd.read_file(path, layer="ground") if path.suffix == ".gpkg" else gpd.read_file(path)
    return by_state(frame["state"], frame.geometry), len(frame)


def of_csv(path):
    table = pd.read_csv(path, encoding="utf-8-sig")
    return by_state(table["state"], shapely.from_wkt(table["wkt"]), table["crs"].iloc[0].split()[0]), len(table)


def of_vertices(path):
    table = pd.read_csv(path, encoding="utf-8-sig")
    shapes, states = [], []
    for _, rows in table.groupby("id", sort=False):
        parts = []
        for _, part in rows.groupby("part"):
            rings = [r[["easting", "northing"]].to_numpy() for _, r in part.groupby("ring")]
            parts.append(shapely.Polygon(rings[0], rings[1:]))
        shapes.append(shapely.multipolygons(parts))
        states.append(rows["sign"].iloc[0].replace("not_handed_over_cleared", "not_handed_over"))
    return by_state(states, shapes, "EPSG:32638"), len(states)


def of_dxf(path):
    frame = pyogrio.read_dataframe(path)
    fills = frame[frame.geom_type.isin(["Polygon", "MultiPolygon"])]
    states = fills["Layer"].str.removeprefix("HM_GROUND_").str.lower().str.replace("over_cleared", "over")
    return by_state(states, fills.geometry, "EPSG:32638"), len(fills)


READERS = [
    ("g.gpkg", {}, of_layer),
    ("g.geojson", {}, of_layer),
    ("g.kml", {}, of_kml),
    ("g.kmz", {}, of_kml),
    ("g.csv", {"crs": "EPSG:28408"}, of_csv),
    ("v.csv", {"crs": "EPSG:32638", "form": "numbers"}, of_vertices),
    ("g.dxf", {"crs": "EPSG:32638"}, of_dxf),
]


@few
@given(st.lists(hazards, min_size=2, max_size=5), st.lists(releases, max_size=3))
def test_every_kind_of_file_holds_the_same_ground(hazards, releases):
    found = programme(hazards=hazards, releases=releases)
    ground = hm.ground(found, on=ON)
    expected = ground.groupby("state")["area_m2"].sum()
    edges = measure.length_m(ground.geometry.boundary).groupby(ground["state"]).sum()
    product = gathered(found, on=ON, what="ground")
    with tempfile.TemporaryDirectory() as place:
        for name, more, read in READERS:
            written(product, Path(place, name), **more)
            areas, count = read(Path(place, name))
            assert count == len(ground), name
            assert set(areas.index) == set(expected.index), name
            # 1 mm of rounding along every edge; the plane of a drawing has long edges straight another way: 1 cm
            assert ((areas - expected).abs() <= 0.011 * edges).all(), (name, areas, expected)


@few
@given(st.lists(hazards, min_size=1, max_size=4))
def test_hazards_exported_and_imported_give_the_same_ground(hazards):
    found = programme(hazards=hazards)
    product = gathered(found, on=ON, what=("ground", "hazards"))
    ground = product.layers[0].frame.groupby("state")["area_m2"].sum()
    product = replace(product, layers=product.layers[1:])
    with tempfile.TemporaryDirectory() as place:
        for name, more in (("h.gpkg", {}), ("h.geojson", {}), ("h.csv", {"crs": "EPSG:28408"})):
            written(product, Path(place, name), **more)
            back = hm.import_table(
                Path(place, name), "hazards", **({"layer": "hazard_outlines"} if name == "h.gpkg" else {}), **more
            )
            assert len(back.accepted) == len(found.hazards), (name, back)
            again = hm.Programme(name="again", as_of=found.as_of, hazards=back.rows.reset_index(drop=True))
            assert not len(hm.validate(again))
            areas = hm.ground(again, on=ON).groupby("state")["area_m2"].sum()
            assert areas.to_dict() == pytest.approx(ground.to_dict(), abs=0.5), name


def test_long_edges_stay_where_they_are():
    """An edge of 40 km moves by less than 1 cm when it is written in another CRS."""
    far = programme(hazards=[{"geometry": box(-20_000, -20_000, 40_000)}])
    ground = hm.ground(far, on=ON)["area_m2"].sum()
    with tempfile.TemporaryDirectory() as place:
        for crs in ("EPSG:28408", "EPSG:32638", "EPSG:4284"):
            hm.export(far, Path(place, "f.csv"), on=ON, what="ground", crs=crs)
            areas, _ = of_csv(Path(place, "f.csv"))
            assert areas.sum() == pytest.approx(ground, abs=0.01 * 160_000)
            assert areas.sum() == pytest.approx(ground, rel=1e-7)
