"""Metres and degrees, against pyproj's Geod and a pencil."""

import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from land import PLANE, box

from hazardmap import CrsError, measure

GEOD = pyproj.Geod(ellps="WGS84")


def series(*shapes, crs=4326):
    return gpd.GeoSeries(list(shapes), crs=crs)


@settings(max_examples=50, deadline=None)
@given(st.floats(-179, 170), st.floats(-80, 79), st.floats(0.001, 2), st.floats(0.001, 1))
def test_area_is_that_of_geod_with_edges_split_finely(west, south, width, height):
    shape = shapely.Polygon([(west, south), (west + width, south), (west + width / 3, south + height)])
    expected = abs(GEOD.geometry_area_perimeter(shapely.segmentize(shape, max(width, height) / 400))[0])
    assert measure.area_m2(series(shape)).iloc[0] == pytest.approx(expected, rel=2e-5)


def test_area_of_small_fields_is_that_of_geod():
    field = measure.from_plane(np.array([box(3, 4, 100)], dtype=object), PLANE)
    geod = abs(GEOD.geometry_area_perimeter(field.iloc[0])[0])
    assert measure.area_m2(field).iloc[0] == pytest.approx(geod, abs=0.001)
    assert measure.area_m2(field).iloc[0] == pytest.approx(10_000, abs=0.001)


def test_area_of_holes_parts_and_what_has_none():
    hole = shapely.Polygon(box(0, 0, 100).exterior, [box(20, 20, 60).exterior])
    far = box(500, 0, 10)
    shapes = np.array(
        [
            hole,
            shapely.MultiPolygon([hole, far]),
            shapely.GeometryCollection([shapely.MultiPolygon([hole]), far, shapely.Point(1, 1)]),
            shapely.Point(0, 0),
            None,
            shapely.Polygon(),
        ],
        dtype=object,
    )
    areas = measure.area_m2(measure.from_plane(shapes, PLANE))
    assert areas.round(2).tolist() == [6_400, 6_500, 6_500, 0, 0, 0]
    reversed_ring = shapely.Polygon(list(hole.exterior.coords)[::-1], [list(hole.interiors[0].coords)])
    assert measure.area_m2(measure.from_plane(np.array([reversed_ring]), PLANE)).round(2).tolist() == [6_400]


def test_area_refuses_other_crs():
    with pytest.raises(CrsError, match="geometry in EPSG:32638 – needed: EPSG:4326"):
        measure.area_m2(series(box(0, 0, 1), crs=32638))
    with pytest.raises(CrsError, match="geometry in no CRS"):
        measure.area_m2(gpd.GeoSeries([box(0, 0, 1)]))


@settings(max_examples=30, deadline=None)
@given(st.floats(-170, 170), st.floats(-75, 75), st.floats(0.1, 10), st.floats(0.1, 5))
def test_the_plane_keeps_areas_and_comes_back(west, south, width, height):
    plane = measure.local_plane((west, south, west + width, south + height))
    spot = series(shapely.box(west + width / 2, south + height / 2, west + width / 2 + 0.01, south + height / 2 + 0.01))
    there = measure.to_plane(spot, plane)
    assert shapely.area(there)[0] == pytest.approx(measure.area_m2(spot).iloc[0], rel=1e-6)
    back = measure.from_plane(there, plane)
    assert shapely.hausdorff_distance(back.iloc[0], spot.iloc[0]) < 1e-9


def test_no_edge_moves_by_more_than_a_centimetre():
    long = series(shapely.LineString([(46, 40), (46.5, 40.02)]))
    plane = measure.local_plane(long.total_bounds)
    (moved,) = measure.to_plane(long, plane)
    fine = measure.to_plane(series(shapely.segmentize(long.iloc[0], 0.0001)), plane)[0]
    assert shapely.hausdorff_distance(moved, fine) < measure.EDGE_TOLERANCE_M
    straight = shapely.LineString([moved.coords[0], moved.coords[-1]])
    assert shapely.hausdorff_distance(straight, fine) > 10  # so the splitting is what does it


@settings(max_examples=30, deadline=None)
@given(st.floats(-179, 179), st.floats(-80, 80), st.floats(0.5, 5_000))
def test_discs_hold_the_whole_circle(longitude, latitude, radius):
    disc = measure.discs(series(shapely.Point(longitude, latitude)), radius).iloc[0]
    rim = np.array(disc.exterior.coords)
    middle = (rim[1:] + rim[:-1]) / 2
    if np.abs(np.diff(rim[:, 0])).max() > 180:
        return  # crosses the antimeridian
    _, _, distance = GEOD.inv(
        np.full(len(middle), longitude), np.full(len(middle), latitude), middle[:, 0], middle[:, 1]
    )
    assert distance.min() > radius * (1 - 1e-5)
    assert distance.max() < radius * 1.01


def test_operations_are_real_ones_chosen_for_the_place():
    pulkovo = series(shapely.Point(46.75, 39.9), crs="EPSG:4284")
    moved, operation, accuracy_m = measure.to_stored(pulkovo)
    _, _, distance = GEOD.inv(46.75, 39.9, moved.iloc[0].x, moved.iloc[0].y)
    assert 98 < distance < 112
    assert accuracy_m is not None
    assert accuracy_m <= 5
    assert "Pulkovo 1942 to WGS 84" in operation
    with pytest.raises(CrsError, match="no transformation of known accuracy from EPSG:4179"):
        measure.to_stored(series(shapely.Point(46.75, 39.9), crs="EPSG:4179"))
    with pytest.raises(CrsError, match="1 geometries without a CRS"):
        measure.to_stored(gpd.GeoSeries([shapely.Point(0, 0)]))


def test_impossible_coordinates_are_told():
    with pytest.raises(CrsError, match="are impossible in EPSG:32638"):
        measure.to_stored(series(shapely.Point(1e9, 1e9), crs="EPSG:32638"))


def test_width():
    shapes = np.array([box(0, 0, 100, 0.002), shapely.LineString([(0, 0), (1, 1)]), None], dtype=object)
    assert measure.width_m(shapes).round(5).tolist() == [0.002, 0, 0]


def test_a_crossed_polygon_with_long_edges_loses_nothing_on_its_way():
    """GEOS divides an invalid polygon only after `buffer(0)`, which takes half of a bow-tie away."""
    corners = [(660000, 4430000), (664000, 4434000), (664000, 4430000), (660000, 4434000)]
    bow_tie = gpd.GeoSeries([shapely.Polygon(corners)], crs="EPSG:32638")
    moved = measure.to_stored(bow_tie)[0]
    assert not moved.is_valid.iloc[0], "it is as it was, for the readings to judge"
    wide = shapely.make_valid(moved.to_crs("EPSG:32638").iloc[0]).area
    assert wide == pytest.approx(8_000_000, rel=1e-4)  # two triangles of 4,000 m by 2,000 m
