"""The door of tables: what is looked at for all rows together says the same as a look at each of them."""

import time
from datetime import date

import geopandas as gpd
import land
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hazardmap import Policy, Programme, SchemaError, tables

COUNTRY = Policy(extent_deg=(46.0, 39.0, 48.0, 41.0))
SQUARE = shapely.box(47, 40, 47.001, 40.001)
BOW_TIE = shapely.Polygon([(47, 40), (47.001, 40.001), (47.001, 40), (47, 40.001)])

#: What a set of words or ids can be before it is one, and what it is then.
SETS = [
    ((), ()),
    (("AP",), ("AP",)),
    (("AV", "AP"), ("AP", "AV")),
    (("AP", "AP"), ("AP",)),
    (["AP"], ("AP",)),
    (["b", "a", "b"], ("a", "b")),
    ({"b", "a"}, ("a", "b")),
    (np.array(["b", "a"]), ("a", "b")),
    ((2, 1), ("1", "2")),
    ((1, "1"), ("1",)),
    (None, ()),
    (np.nan, ()),
    (pd.NA, ()),
]


def sets_of(values):
    frame = gpd.GeoDataFrame({"hazard_ids": pd.Series(values, dtype="object")}, geometry=[None] * len(values), crs=4326)
    return tables.canonical(frame, "releases")["hazard_ids"].tolist()


@given(st.lists(st.sampled_from(range(len(SETS))), min_size=1, max_size=6))
def test_sets_are_sorted_tuples_whatever_stands_beside_them(chosen):
    assert sets_of([SETS[i][0] for i in chosen]) == [SETS[i][1] for i in chosen]


def test_a_text_or_a_number_in_place_of_a_set_is_refused():

    with pytest.raises(
        SchemaError, match=r"releases\.hazard_ids is not a set of ids \('H-1': a set is a list of texts"
    ):
        sets_of([("H-1",), "H-1"])
    with pytest.raises(SchemaError, match=r"releases\.hazard_ids is not a set of ids \(7\)"):
        sets_of([("H-1",), 7])


@pytest.mark.parametrize("strange", [1, 1.5, b"x", ("a",), True])
def test_one_cell_that_is_no_text_is_found_among_texts(strange):
    frame = gpd.GeoDataFrame(
        {"plot_id": pd.Series(["a", None, strange], dtype="object")}, geometry=[SQUARE] * 3, crs=4326
    )
    with pytest.raises(SchemaError, match=r"plots\.plot_id is not text"):
        tables.canonical(frame, "plots")


FINDS = st.fixed_dictionaries(
    {
        "date": st.sampled_from([None, "2023-01-01", "2031-01-01"]),
        "kind": st.sampled_from(["accident", "device", "mine", None]),
        "ap_found": st.sampled_from([None, 0, 3, -1]),
        "accuracy_m": st.sampled_from([None, 0.0, 5.0, -2.0, np.inf]),
        "quarantined": st.sampled_from([None, None, "bad"]),
        "geometry": st.sampled_from(
            [shapely.Point(47, 40), shapely.Point(1, 1), shapely.Point(np.nan, 1), shapely.Point(), SQUARE, None]
        ),
    }
)
LABELS = [list(range(6)), [30, 4, 17, 9, 0, 2], list("qwerty"), [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]]


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(FINDS, min_size=1, max_size=6), labels=st.sampled_from(LABELS))
def test_faults_of_a_table_are_the_faults_of_its_rows(rows, labels):
    ids = ["F-1", " F-2", "F\u200b3", "", "Ə", "F-6"][: len(rows)]
    data = pd.DataFrame(rows).drop(columns="geometry").assign(find_id=ids)
    frame = gpd.GeoDataFrame(data, geometry=[r["geometry"] for r in rows], crs=4326)
    frame = tables.canonical(frame.set_axis(labels[: len(rows)]), "finds")
    at_once = tables.faults(frame, "finds", policy=COUNTRY, as_of=date(2024, 12, 31))
    each = [tables.faults(frame.iloc[[i]], "finds", policy=COUNTRY, as_of=date(2024, 12, 31)) for i in range(len(rows))]
    one_by_one = pd.concat([f for f in each if len(f)] or each[:1], ignore_index=True)
    order = ["row", "column", "expected"]
    pd.testing.assert_frame_equal(
        at_once.sort_values(order, ignore_index=True),
        one_by_one.sort_values(order, ignore_index=True),
        check_dtype=False,
    )


def test_every_kind_of_fault_is_told_in_its_words():
    frame = gpd.GeoDataFrame(
        {
            "plot_id": ["A", "A ", "\u200bB", None, "C", "D", "E"],
            "required_depth_m": [0.5, 0.0, None, None, None, None, np.inf],
            "quarantined": [None, None, None, None, None, "known", None],
        },
        geometry=[SQUARE, BOW_TIE, shapely.Point(47, 40), SQUARE, shapely.box(1, 1, 2, 2), None, None],
        index=list("tuvwxyz"),
        crs=4326,
    )
    found = tables.faults(tables.canonical(frame, "plots"), "plots", policy=COUNTRY)
    assert found["table"].eq("plots").all()
    assert found[["row", "record_id", "column", "found", "expected"]].to_numpy().tolist() == [
        ["w", "", "plot_id", "missing", "parcel of land"],
        ["u", "A ", "plot_id", "'A '", "an id without spaces around it or invisible characters"],
        ["v", "\u200bB", "plot_id", r"'\u200bB'", "an id without spaces around it or invisible characters"],
        ["u", "A ", "required_depth_m", "0.0", "a number above 0 m"],
        ["z", "E", "required_depth_m", "inf", "a number above 0 m"],
        ["t", "A", "plot_id", "A", "one row for each plot_id"],
        ["u", "A ", "plot_id", "A ", "one row for each plot_id"],
        ["z", "E", "geometry", "missing", "a geometry"],
        ["v", "\u200bB", "geometry", "Point", "Polygon or MultiPolygon"],
        ["u", "A ", "geometry", "Self-intersection[47.0005 40.0005]", "a valid polygon"],
        ["x", "C", "geometry", "from 1, 1 to 2, 2", "inside the country: 46.0, 39.0 to 48.0, 41.0"],
    ]
    marked = tables.quarantine(tables.canonical(frame, "plots"), found, "plots")
    assert marked.loc["t", "quarantined"] == "plot_id: A (needed: one row for each plot_id)"
    assert marked.loc["u", "quarantined"].count("; ") == 3  # four faults, each told
    assert marked["quarantined"].notna().all()
    assert marked["required_depth_m"].notna().tolist() == [True] + [False] * 6
    assert marked.geometry.notna().tolist() == [True, True, False, True, False, False, False]


def test_unknown_words_of_a_set_are_told_and_taken_out():
    known = land.table("hazards", [{"geometry": land.box(0, 0, 10), "contamination": ("AP",)} for _ in range(3)])
    known = known.set_axis([5, 3, 8])
    known.at[3, "contamination"] = ("AP", "zz", "aa")
    found = tables.faults(known, "hazards", policy=Policy())
    assert found[["row", "column", "found"]].to_numpy().tolist() == [[3, "contamination", "zz, aa"]]
    marked = tables.quarantine(known, found, "hazards")
    assert marked["contamination"].tolist() == [("AP",), ("AP",), ("AP",)]
    assert marked["quarantined"].notna().tolist() == [False, True, False]
    assert known.at[3, "contamination"] == ("AP", "zz", "aa")  # what was given is not changed


@pytest.mark.parametrize("as_entered", [tuple, list])
def test_links_that_name_no_hazard(as_entered):
    square = {"geometry": land.box(0, 0, 10)}
    programme = land.programme(hazards=[square], releases=[{**square, "hazard_ids": ("H-0",)} for _ in range(3)])
    assert tables.broken_links(programme).empty
    releases = programme.releases.assign(hazard_ids=[as_entered(v) for v in (("H-0",), ("X", "H-0", "A"), ())])
    found = tables.broken_links(Programme(hazards=programme.hazards, releases=releases))
    assert found[["row", "record_id", "found"]].to_numpy().tolist() == [[1, "R-1", "A, X"]]
    nameless = releases.drop(columns="release_id")
    found = tables.validate(Programme(hazards=programme.hazards, releases=nameless))
    assert found["found"].tolist() == ["missing"] * 3 + ["A, X"]  # a table without its id column is no traceback


def test_a_hazard_without_place_needs_one_and_a_closing_version_does_not():
    def hazards(*places):
        rows = [
            {"hazard_id": "H", "event": event, "date_of_information": f"2021-0{i + 1}-01", "geometry": place}
            for i, (event, place) in enumerate(zip(("established", "closed"), places, strict=True))
        ]
        return tables.faults(land.table("hazards", rows), "hazards", policy=Policy())

    box = land.box(0, 0, 10)
    assert hazards(box, box).empty
    assert hazards(box, None).empty
    assert hazards(None, None)["found"].tolist() == ["missing"] * 2
    assert hazards(None, box)["row"].tolist() == [0]


def test_a_quarter_of_a_million_rows_are_checked_in_seconds():
    """Measured: 0.8 s of one processor; the bound is for slow machines, and for loops over rows that come back."""
    count = 250_000
    few = land.programme(
        hazards=[{"geometry": land.box(0, 0, 10), "contamination": ("AP", "AV")}],
        releases=[{"geometry": land.box(0, 0, 10), "hazard_ids": ("H-0",)}],
    )
    releases = few.releases.iloc[np.zeros(count, dtype=int)].reset_index(drop=True)
    releases["release_id"] = pd.Series(np.arange(count)).astype("str")
    start = time.process_time()
    assert tables.validate(Programme(hazards=few.hazards, releases=releases)).empty
    assert time.process_time() - start < 10
