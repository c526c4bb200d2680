"""Rows of mines: the belt is as wide as stated or wider, and as many mines as stated must fit."""

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from walked import STATED, table

from hazardmap import measure
from hazardmap.intake.traverse import read_traverses

ROW = [("S", "start", 90, 10), ("E", "end", 0, 100)]
BEND = [("S", "start", 90, 10), ("T", "turning", 0, 100), ("E", "end", 90, 100)]


def belt(legs=ROW, **more):
    read = read_traverses(table(legs), stated={**STATED, "form": "row", **{k: str(v) for k, v in more.items()}})
    return read, read.polygons.iloc[0]


def test_a_belt_round_its_middle_line():
    """100 m by 20 m and two half discs of 10 m: 2,000 + 314 m², and a little more."""
    read, row = belt(width_m=20, line="centre")
    assert read.faults.empty
    assert row["perimeter_m"] == pytest.approx(100, abs=0.01)
    assert 2314 <= row["area_m2"] < 2314 * 1.03


@pytest.mark.parametrize("legs", [ROW, BEND])
@pytest.mark.parametrize("line", ["centre", "left edge", "right edge", None])
def test_no_belt_is_narrower_than_stated(legs, line):
    width = 20.0
    read, row = belt(legs, width_m=width, **({"line": line} if line else {}))
    assert read.faults.empty
    plane = measure.local_plane(row["geometry"].bounds)
    inside = measure.to_plane(gpd.GeoSeries([row["geometry"]], crs=4326), plane)[0]
    way = measure.to_plane(read.points.geometry[1:], plane)
    for a, b in itertools.pairwise(way):
        along = np.array([b.x - a.x, b.y - a.y]) / a.distance(b)
        right = np.array([along[1], -along[0]])
        for share in np.linspace(0, 1, 21):
            on = np.array([a.x, a.y]) * (1 - share) + np.array([b.x, b.y]) * share
            for side in np.linspace(-1, 1, 9):
                must = {"centre": abs(side) <= 0.5, "left edge": side >= 0, "right edge": side <= 0, None: True}[line]
                if must:
                    assert inside.distance(shapely.Point(on + right * side * width)) < 1e-3


def test_which_line_was_walked_is_not_guessed():
    _, row = belt(width_m=20)
    assert "which line of the belt was walked is not stated: 20 m are taken to both sides" in row["notes"]
    assert row["area_m2"] > 40 * 100


def test_an_edge_has_its_belt_on_one_side():
    """The walked line runs north; a belt to the right of its left edge lies east of it."""
    read, row = belt(width_m=20, line="left edge")
    west, _, east, _ = row["geometry"].bounds
    x = read.points.geometry[1].x
    assert west == pytest.approx(x, abs=1e-7)
    assert (east - x) * 111_320 * np.cos(np.radians(40)) == pytest.approx(20.2, abs=0.2)
    assert row["area_m2"] == pytest.approx(2020, rel=0.01)


def test_the_width_of_rows():
    _, row = belt(rows=4, row_spacing_m=8, line="centre")
    assert "width 24 m of 4 rows 8 m apart" in row["notes"]
    _, wide = belt(rows=4, row_spacing_m=8, width_m=10, line="centre")
    assert "the stated width of 10 m is too small for them" in wide["notes"]
    assert wide["area_m2"] == pytest.approx(row["area_m2"])


def test_a_belt_without_width_is_a_fault_and_keeps_its_line():
    read, row = belt(rows=1)
    assert list(read.faults["column"]) == ["width_m"]
    assert row["geometry"].geom_type == "LineString"
    assert "width_m: none" in row["quarantined"]


def test_mines_that_fit_are_told():
    """100 m, one each 4 m: 26 in a row, 78 in three."""
    read, row = belt(rows=3, row_spacing_m=8, spacing_m=4, mines=80, line="centre")
    assert read.faults.empty
    assert "80 mines stated, about 78 fit" in row["notes"]


@pytest.mark.parametrize("mines", [40, 120])
def test_mines_that_do_not_fit_are_a_fault(mines):
    read, row = belt(rows=3, row_spacing_m=8, spacing_m=4, mines=mines, line="centre")
    assert list(read.faults["column"]) == ["mines"]
    assert f"{mines} mines (needed: about 78 mines: 3 rows of 100 m, one each 4 m)" in row["quarantined"]


def test_a_row_between_two_measured_ends():
    frame = pd.DataFrame(
        [
            ("R-1", "A", "start", None, None, "46.90000000", "40.00000000"),
            ("R-1", "B", "end", None, None, "46.90117060", "40.00000000"),
        ],
        columns=["traverse_id", "point", "kind", "bearing", "distance", "longitude", "latitude"],
    )
    stated = {"form": "row", "width_m": "10", "line": "centre", "datum": "WGS 84", "accuracy_m": "3"}
    read = read_traverses(frame, stated=stated)
    row = read.polygons.iloc[0]
    assert read.faults.empty
    assert row["perimeter_m"] == pytest.approx(100, abs=0.1)
    assert row["accuracy_m"] == pytest.approx(3, abs=0.01)


def test_counts_are_whole_numbers():
    read, _ = belt(rows="2.5", row_spacing_m=8, line="centre")
    assert "rows" in set(read.faults["column"])


RING = [*BEND[:2], ("T2", "turning", 90, 100), ("E", "end", 180, 100), ("S", "start", 270, 100)]


def test_a_row_that_comes_back_has_its_last_side():
    """Four sides of 100 m, 10 m to each side: 120² − 80² m² with square corners; without the last side 6,300."""
    read, row = belt(RING, width_m=20, line="centre")
    assert read.faults.empty
    assert row["perimeter_m"] == pytest.approx(400, abs=0.05)
    assert row["area_m2"] > 7_900  # 120² − 80² m², less what rounding takes from four corners
    last = shapely.LineString(read.points.geometry.iloc[[4, 5]].tolist())
    assert row["geometry"].covers(last)


def test_both_ends_of_a_row_that_misses_its_beginning_are_covered():
    read, row = belt([*RING[:-1], ("S", "start", 270, 101)], width_m=20, line="centre")
    assert read.faults.empty
    assert row["closing_m"] == pytest.approx(1, abs=0.01)
    assert row["geometry"].covers(read.points.geometry.iloc[[1, 5]].union_all())


@pytest.mark.parametrize("widths", [["8", "30"], ["30", "8"]])
def test_of_two_widths_the_draft_has_the_larger(widths):
    frame = table(ROW).assign(width_m=[None, *widths], line="centre")
    row = read_traverses(frame, stated={**STATED, "form": "row"}).polygons.iloc[0]
    assert "width_m: " in row["quarantined"]
    assert row["area_m2"] > 30 * 100


def test_of_two_lines_the_draft_takes_both_sides():
    frame = table(ROW).assign(width_m="20", line=["left edge", "left edge", "right edge"])
    row = read_traverses(frame, stated={**STATED, "form": "row"}).polygons.iloc[0]
    assert "line: " in row["quarantined"]
    assert row["area_m2"] > 40 * 100


@pytest.mark.parametrize("forms", [["area", "row"], ["row", "area"]])
def test_of_two_forms_the_draft_has_both(forms):
    """A square of 100 m and 20 m round it: 10,000 m² and more than 4 × 100 × 20 m²."""
    frame = table(RING).assign(width_m="40", line="centre", form=[None, *forms, None, None, None])
    row = read_traverses(frame, stated=STATED).polygons.iloc[0]
    assert "form: " in row["quarantined"]
    assert row["area_m2"] > 18_000
