"""The nation that the benchmark measures on: the same for the same seed, whole, and as messy as it says."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from benchmarks import agreement, nation, parcels

from hazardmap import measure, tables

COUNT = 3 * parcels.CELLS**2 - 100


@pytest.fixture(scope="module")
def plots():
    return parcels.plots(COUNT)


@pytest.fixture(scope="module", params=[False, True], ids=["messy", "simple"])
def programme(request):
    return nation.programme(400, 1200, simple=request.param)


def test_plots_tile_their_blocks(plots):
    west, south, east, north = parcels.EXTENT
    assert plots.geometry.is_valid.all()
    assert plots["plot_id"].is_unique
    areas = measure.area_m2(plots.geometry)
    together = gpd.GeoSeries([plots.union_all()], crs=4326)
    assert measure.area_m2(together)[0] == pytest.approx(areas.sum(), abs=0.01)
    block = shapely.box(0, 0, (east - west) / parcels.BLOCKS_ACROSS, (north - south) / parcels.BLOCKS_UP)
    block = measure.area_m2(gpd.GeoSeries([shapely.affinity.translate(block, west, (south + north) / 2)], crs=4326))[0]
    assert areas.mean() == pytest.approx(block / parcels.CELLS**2, rel=0.03)  # 200 m × 200 m
    corners = shapely.get_num_coordinates(plots.geometry.to_numpy()) - 1
    assert set(corners[plots.geom_type == "Polygon"]) <= set(range(4, 9))
    assert 0.01 < (plots.geom_type == "MultiPolygon").mean() < 0.05


def test_plots_are_the_same_however_many_are_made(plots):
    fewer = parcels.plots(COUNT - 500)
    last = COUNT - 502  # of these two the corner of an L goes to a plot that is not made
    assert plots.iloc[:last].geom_equals(fewer.iloc[:last]).all()


def test_plots_are_written_by_row_group(plots, tmp_path, monkeypatch):
    monkeypatch.setattr(parcels, "ROW_GROUP", parcels.CELLS**2)
    parcels.write(tmp_path / "plots.parquet", COUNT)
    back = gpd.read_parquet(tmp_path / "plots.parquet")
    assert back.crs == 4326
    assert back["plot_id"].tolist() == plots["plot_id"].tolist()
    assert back.geom_equals(plots).all()


def test_more_plots_than_fit_are_smaller():
    assert parcels.cells_a_side(1_930_000) == parcels.CELLS
    assert parcels.cells_a_side(10_000_000) ** 2 * parcels.BLOCKS_ACROSS * parcels.BLOCKS_UP >= 10_000_000


def test_the_nation_has_no_fault_but_crossed_hazards(programme):
    found = tables.validate(programme)
    assert set(found["expected"]) == {tables.VALID}
    assert set(found["table"]) == {"hazards"}
    assert 0.01 < len(found) / len(programme.hazards) < 0.05
    assert len(programme.releases) == 1200
    assert programme.hazards["hazard_id"].nunique() == 400
    assert shapely.get_num_coordinates(programme.hazards.geometry.to_numpy()).max() > 20_000


def test_the_simple_nation_means_the_same_to_a_simple_rule(programme, tmp_path):
    simple = not len(programme.finds)
    assert programme.hazards["hazard_id"].is_unique == simple
    otherwise = agreement.read_otherwise(programme, nation.PLANE)
    otherwise.pop("a hazard that surrounds ground twice")
    assert all(len(shapes) == 0 for shapes in otherwise.values()) == simple
    nation.write(programme, tmp_path)
    back = nation.read(tmp_path)
    assert back.releases["hazard_ids"].tolist() == programme.releases["hazard_ids"].tolist()
    assert back.hazards.geometry.geom_equals(programme.hazards.geometry).all()


def test_releases_keep_the_corners_of_their_hazards():
    land = nation.programme(200, 600, simple=True)
    corners = {name: shapely.get_coordinates(land.table(name).geometry.to_numpy()) for name in ("hazards", "releases")}
    known = set(map(tuple, corners["hazards"]))
    assert np.mean([tuple(xy) in known for xy in corners["releases"]]) > 0.5


def test_distances_shortened_by_a_spike_are_found():
    # A hazard 1 km to the east of the plot has a spike without width that ends 100 m from it; a sliver lies at 300 m.
    plot = shapely.box(0, 0, 100, 100)
    spiked = shapely.Polygon([(1100, 0), (1200, 0), (1200, 100), (1100, 100), (1100, 50), (200, 50), (1100, 50 - 1e-9)])
    sliver = shapely.Polygon([(-300, 0), (-200, 0), (-200, 1e-9)])
    found = agreement.told_nearer(
        np.array([1000.0]), np.array([100.0]), np.array([plot]), np.array([spiked, sliver], dtype=object)
    )
    assert found == {"nearer": 1, "farther": 0, "share": 1.0, "most_m": 900.0, "sifted": 1, "smoothed": 0}
    assert (
        agreement.told_nearer(np.array([50.0]), np.array([90.0]), np.array([plot]), np.array([spiked]))["farther"] == 1
    )
