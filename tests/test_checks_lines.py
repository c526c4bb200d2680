"""Lines asked stretch by stretch: chainage without gaps, hazards met half a width early, lines that cannot be used."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from asking import DAY, EXACT, hazard, land, plots, release
from land import PLANE, box

import hazardmap as hm
from hazardmap import CrsError, Policy, SchemaError
from hazardmap.checks.lines import stretches_as_plots

#: From west to east through the middle of the field, 100 m before it and 100 m behind it.
ROAD = shapely.LineString([(-100, 50), (200, 50)])
ALONE = Policy(proximity_m=0.0)
ROWS = {"hazards": [hazard(**EXACT)], "policy": ALONE}


def roads(*shapes, **columns):
    values = np.empty(len(shapes), dtype=object)
    values[:] = shapes
    return gpd.GeoDataFrame({"accuracy_m": [0.0] * len(shapes)} | columns, geometry=values, crs=PLANE)


def told(*shapes, width_m=10.0, step_m=5.0, rows=ROWS, **columns):
    return hm.check_lines(land(**rows), roads(*shapes, **columns), on=DAY, width_m=width_m, step_m=step_m)


def spans(stretches):
    return stretches[["from_m", "to_m"]].round(2).to_numpy().tolist()


def test_the_hazard_begins_half_a_width_early_in_whole_steps():
    stretches = told(ROAD)
    assert stretches["verdict"].tolist() == ["no_record", "confirmed_hazard", "no_record"]
    # the field is 100–200 m along the road; 5 m to each side more, in whole steps, whose ends touch at 95 and 205
    first, last = stretches["from_m"].iloc[1], stretches["to_m"].iloc[1]
    assert 89.99 <= first <= 95.01
    assert 204.99 <= last <= 210.01
    wide = told(ROAD, width_m=32.0)
    assert 100 - 16 - 5 <= wide["from_m"].iloc[1] <= 100 - 16 + 0.01


@pytest.mark.parametrize("step_m", [1.0, 5.0, 7.0, 33.0, 1000.0])
def test_stretches_join_without_gaps_to_the_very_end(step_m):
    stretches = told(ROAD, step_m=step_m)
    assert stretches["from_m"].iloc[0] == 0
    assert stretches["to_m"].iloc[-1] == pytest.approx(300, abs=1e-3)
    assert stretches["from_m"].to_numpy()[1:].tolist() == stretches["to_m"].to_numpy()[:-1].tolist()
    assert stretches["length_m"].to_numpy() == pytest.approx((stretches["to_m"] - stretches["from_m"]).to_numpy())
    lines = stretches.geometry.to_crs(PLANE)
    assert shapely.length(lines.to_numpy()) == pytest.approx(stretches["length_m"].to_numpy(), abs=1e-3)
    hazardous = stretches[stretches["verdict"].eq("confirmed_hazard")]
    assert hazardous["from_m"].min() <= 95.01, "a hazard takes whole pieces"
    assert hazardous["to_m"].max() >= 204.99


def test_neighbouring_stretches_differ_and_a_released_field_is_released():
    rows = ROWS | {"releases": [release(**EXACT)]}
    stretches = told(ROAD, rows=rows)
    assert stretches["verdict"].tolist() == ["no_record", "partly_released", "released", "partly_released", "no_record"]
    assert stretches["from_m"].iloc[2] >= 105 - 0.01, "round the ends of a piece, too"


def test_a_line_in_parts_has_one_chainage():
    parts = shapely.MultiLineString([[(-100, 50), (-50, 50)], [(20, 50), (60, 50)], [(300, 50), (300, 90)]])
    stretches = told(parts)
    assert spans(stretches) == [[0, 50], [50, 90], [90, 130]]
    assert stretches["verdict"].tolist() == ["no_record", "confirmed_hazard", "no_record"]
    assert stretches["line"].tolist() == [0, 0, 0]


def test_a_bend_does_not_cut_the_corner():
    bend = shapely.LineString([(-50, -50), (150, -50), (150, 150)])
    assert set(told(bend, width_m=98.0)["verdict"]) == {"no_record"}
    assert "confirmed_hazard" in set(told(bend, width_m=101.0)["verdict"])


def test_ids_names_and_index_labels_are_carried():
    lines = roads(ROAD, ROAD, line_id=["M2", "M3"], name=["west", None]).set_axis(["a", "b"])
    stretches = hm.check_lines(land(**ROWS), lines, on=DAY, width_m=10)
    assert stretches["line"].tolist() == ["a"] * 3 + ["b"] * 3
    assert stretches["line_id"].tolist() == ["M2"] * 3 + ["M3"] * 3
    assert stretches["name"].isna().tolist() == [False] * 3 + [True] * 3
    assert stretches.crs == "EPSG:4326"


def test_accuracy_of_the_line_widens_the_margin():
    beside = shapely.LineString([(0, 108), (100, 108)])  # the corridor ends 3 m from the field
    assert told(beside)["verdict"].tolist() == ["no_record"]
    inside = told(beside, accuracy_m=[3.1])
    assert inside["verdict"].iloc[0] == "confirmed_hazard"
    assert inside["flags"].iloc[0] == ("boundary_uncertain",)


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (None, "it has no geometry"),
        (shapely.LineString(), "its geometry is empty"),
        (box(0, 0, 10), "it is a Polygon, not a line"),
        (shapely.Point(0, 0), "it is a Point, not a line"),
        (shapely.LineString([(5, 5), (5, 5)]), "it has no length"),
    ],
)
def test_a_line_that_cannot_be_used_has_one_row(shape, reason):
    stretches = told(ROAD, shape, ROAD)
    assert stretches["line"].tolist() == [0, 0, 0, 1, 2, 2, 2]
    bad = stretches.iloc[3]
    assert (bad["verdict"], bad["why"]) == ("cannot_tell", f"the line cannot be used: {reason}")
    assert bad[["from_m", "to_m", "length_m", "area_m2"]].isna().all()


def test_no_lines_have_no_stretches():
    assert told().empty
    assert told().columns.tolist() == told(ROAD).columns.tolist()


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["width_m", "step_m"])
def test_widths_and_steps_are_lengths(name, value):
    with pytest.raises(SchemaError, match=f"{name} = .*above 0"):
        told(ROAD, **{name: value})


def test_lines_without_crs_are_refused():
    lines = gpd.GeoDataFrame(geometry=[ROAD])
    with pytest.raises(CrsError, match="1 lines without a CRS"):
        hm.check_lines(land(**ROWS), lines, on=DAY, width_m=10)


def test_stretches_as_plots_have_the_columns_of_answers():
    stretches = told(ROAD, None, line_id=["M2", None])
    answers = stretches_as_plots(stretches, width_m=10.0)
    asked = hm.check_plots(land(), plots(box(0, 0, 1)), on=DAY)
    assert answers.columns.tolist() == asked.columns.tolist()
    assert answers.dtypes.astype(str).tolist() == asked.dtypes.astype(str).tolist()
    assert answers["plot_id"].iloc[0].startswith("M2 0–")
    assert answers["plot_id"].iloc[-1] == "line 1"
    assert answers["plot_id"].is_unique
    shapes = answers.geometry.to_crs(PLANE)
    assert shapes.iloc[:3].area.to_numpy() == pytest.approx(
        (stretches["length_m"].iloc[:3] * 10 + np.pi * 25).to_numpy(), rel=0.01
    )
    assert answers["area_m2"].iloc[:3].to_numpy() == pytest.approx(shapes.iloc[:3].area.to_numpy(), rel=1e-3)
