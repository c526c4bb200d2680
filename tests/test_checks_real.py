"""Plot checks on national files that lie beside the project, with GEOS beside them; skipped where they are not."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

import hazardmap as hm
from hazardmap import CrsError, Programme, measure, tables, words
from hazardmap.intake import add, import_table

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
bosnia = pytest.mark.skipif(not (DATA / "bih").is_dir(), reason="no ../shared/data/bih on this machine")
cambridge = pytest.mark.skipif(not (DATA / "cambridge").is_dir(), reason="no ../shared/data/cambridge on this machine")
HAZARDOUS = ("confirmed_hazard", "suspected_hazard")


def missed(answers, plots, hazards):
    """Plots that share more than 0.01 m² with an open area by GEOS alone, and those among them told otherwise.

    Pair by pair in degrees, so that nothing of ours takes part; areas by the scale of the latitude.
    """
    shapes, areas = plots.geometry.to_numpy(), shapely.make_valid(hazards.geometry.dropna().to_numpy())
    plot, area = shapely.STRtree(areas).query(shapes, predicate="intersects")
    latitude = np.radians(shapely.get_y(shapely.centroid(shapes[plot])))
    m2 = shapely.area(shapely.intersection(shapes[plot], areas[area])) * 111_000**2 * np.cos(latitude)
    touched = np.unique(plot[m2 > 0.01])
    return touched, touched[~answers["verdict"].isin(HAZARDOUS).to_numpy()[touched]]


@pytest.fixture(scope="module")
def bosnian():
    suspected = import_table(DATA / "bih" / "suspect_areas_simplyfied.geojson", "hazards", profile="bosnia")
    cleared = import_table(DATA / "bih" / "cleared_areas_simplyfied.geojson", "releases", profile="bosnia")
    return add(add(Programme(), suspected), cleared)


def grid(bounds, step):
    """Squares that touch each other, degrees, about twice as wide as high in metres at this latitude."""
    west, south, east, north = bounds
    x, y = (a.ravel() for a in np.meshgrid(np.arange(west, east, step * 1.4), np.arange(south, north, step)))
    shapes = shapely.box(x, y, x + step * 1.4, y + step)
    return gpd.GeoDataFrame({"plot_id": [f"G-{i}" for i in range(len(x))]}, geometry=shapes, crs=measure.STORED_CRS)


@bosnia
@pytest.mark.parametrize(
    ("bounds", "step", "least"),
    [(None, 0.02, 1000), ((18.2, 44.5, 18.8, 45.0), 0.004, 1000)],
    ids=["2 km over all", "450 m where most areas are"],
)
def test_no_plot_on_a_suspect_area_of_bosnia_is_told_otherwise(bosnian, bounds, step, least):
    bounds = bosnian.hazards.total_bounds if bounds is None else bounds
    plots = grid(bounds, step)
    answers = hm.check_plots(bosnian, plots, on=bosnian.as_of)
    # Of the file itself, not of what was imported from it.
    asked = gpd.read_file(DATA / "bih" / "suspect_areas_simplyfied.geojson").to_crs(4326)
    touched, wrong = missed(answers, plots, asked)
    assert len(touched) > least
    assert plots["plot_id"].iloc[wrong].tolist() == []
    # None of its clearances has papers: nothing is told as released.
    assert not answers["verdict"].isin(words.RELEASE_VERDICTS).any()
    assert answers[[f"{s}_m2" for s in words.STATES]].sum(axis=1).to_numpy() == pytest.approx(
        measure.area_m2(plots.geometry).to_numpy(), rel=1e-6
    )


@cambridge
def test_parcels_of_cambridge_against_hazards_made_there():
    parcels = import_table(DATA / "cambridge" / "parcels_fy2013.topojson", "plots", crs="EPSG:4326").rows
    sound = parcels.geometry.notna() & parcels.geometry.is_valid
    rng = np.random.default_rng(13)
    middle = parcels.geometry[sound].representative_point().iloc[rng.choice(sound.sum(), 60, replace=False)]
    discs = shapely.buffer(middle.to_numpy(), 0.0004, quad_segs=3)
    hazards = gpd.GeoDataFrame(
        {
            "hazard_id": [f"H-{i}" for i in range(60)],
            "date_of_information": "2024-01-01",
            "event": "established",
            "classification": ["suspected", "confirmed"] * 30,
            "status": "open",
            "workflow": "approved",
        },
        geometry=discs,
        crs=measure.STORED_CRS,
    )
    programme = Programme(as_of=date(2024, 12, 31), hazards=tables.canonical(hazards, "hazards"))
    answers = hm.check_plots(programme, parcels, on="2024-12-31")
    assert answers.index.equals(parcels.index)
    usable = answers["area_m2"].notna().to_numpy()
    touched, wrong = missed(answers[usable], parcels[usable], hazards)
    assert len(touched) > 200
    assert answers["plot_id"][usable].iloc[wrong].tolist() == []
    assert set(answers["verdict"][~usable]) <= {"cannot_tell"}
    confirmed = missed(answers[usable], parcels[usable], hazards.iloc[1::2])[0]
    assert answers["verdict"][usable].iloc[confirmed].eq("confirmed_hazard").all()


@cambridge
def test_parcels_of_cambridge_without_a_crs_are_refused():
    parcels = gpd.GeoDataFrame(geometry=gpd.read_file(DATA / "cambridge" / "parcels_fy2013.topojson").geometry)
    parcels = gpd.GeoDataFrame(geometry=parcels.geometry.to_numpy())
    with pytest.raises(CrsError, match="plots without a CRS"):
        hm.check_plots(hm.example(), parcels, on="2024-12-31")
    with pytest.raises(CrsError):
        import_table(DATA / "cambridge" / "parcels_fy2013.topojson", "plots")
