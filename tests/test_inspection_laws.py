"""Laws of the inspection: where the land lies, where a ring starts and in which order rows stand changes nothing."""

import dataclasses
import os

import fields
import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from land import AS_OF, DEFAULTS, PLANE

import hazardmap as hm
from hazardmap import Policy, Programme, Thresholds, measure, tables

EXAMPLES = int(os.environ.get("HAZARDMAP_EXAMPLES", "0")) or 3
#: Coarse, so that random land has findings of every kind; no square lies on a threshold.
COARSE = Thresholds(sliver_m=8, sliver_length_m=20, spike_deg=25, leg_m=190, area_warning=0.01, area_error=0.02)
#: Told only once the land is where it is; no law of shapes.
_OF_TABLES = ["outside_country", "quarantined"]


def messy(seed):
    """Random land with twins, spikes, strips, crossings and parts that overlap, in plane metres."""
    rng = np.random.default_rng(seed)
    shapes = [fields.ragged(rng) for _ in range(8)]
    shapes += [shapes[0], shapely.reverse(shapes[1])]
    shapes += [shapely.affinity.translate(shapely.box(0, 0, 200, 100), 4000 + 204 * i, 0) for i in range(3)]
    shapes += [shapely.Polygon([(5000, 0), (5300, 300), (5300, 0), (5000, 300)])]
    shapes += [shapely.MultiPolygon([shapely.box(5500, 0, 5600, 100), shapely.box(5550, 50, 5650, 150)])]
    stated = rng.choice([1.0, 1.015, 1.5], len(shapes)) * shapely.area(shapes)
    hazards = [
        {"hazard_id": f"H-{i}", "geometry": s, "stated_area_m2": a, "status": str(rng.choice(["open", "closed"]))}
        for i, (s, a) in enumerate(zip(shapes, stated, strict=True))
    ]
    releases = [
        {
            "release_id": f"R-{i}",
            "hazard_ids": (f"H-{i}",),
            "geometry": shapely.affinity.translate(shapes[i], float(rng.choice([0, 40, 900])), 0),
            "handover_date": str(rng.choice(["2022-03-01", "2021-03-01"])),
        }
        for i in range(8)
    ]
    return hazards, releases


def made(rows, moved=(0.0, 0.0), change=lambda shape: shape):
    held = {}
    for name, given_rows in zip(("hazards", "releases"), rows, strict=True):
        filled = [DEFAULTS[name] | r for r in given_rows]
        shapes = [change(shapely.affinity.translate(r.pop("geometry"), *moved)) for r in filled]
        frame = gpd.GeoDataFrame(
            {c: [r.get(c) for r in filled] for c in sorted({c for r in filled for c in r})},
            geometry=measure.from_plane(np.array(shapes, dtype=object), PLANE),
            crs=measure.STORED_CRS,
        )
        held[name] = tables.canonical(frame, name)
    return Programme(name="law", as_of=AS_OF, policy=Policy(extent_deg=(40, 35, 55, 45)), **held)


def seen(programme, **more):
    """What was found, without where: a set of checks and ids with sizes to a few figures."""
    rows = hm.inspect(programme, thresholds=COARSE, skip=_OF_TABLES, **more)
    return sorted(zip(rows["check"], rows["record_id"], rows["other_id"].fillna("").astype(str), strict=True))


def turned(shape, by):
    """Start every ring elsewhere, and walk it the other way."""

    def ring(line):
        xy = shapely.get_coordinates(line)[:-1]
        return np.roll(xy, by, axis=0)[::-1]

    parts = [shapely.Polygon(ring(p.exterior), [ring(h) for h in p.interiors]) for p in shapely.get_parts(shape)]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts[::-1])


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(0, 10**6), st.integers(-30, 30), st.integers(-30, 30))
def test_whole_kilometres_change_nothing(seed, east, north):
    rows = messy(seed)
    assert seen(made(rows)) == seen(made(rows, (east * 1000, north * 1000)))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 30))
def test_where_a_ring_starts_and_which_way_it_goes_changes_nothing(seed, by):
    rows = messy(seed)
    assert seen(made(rows)) == seen(made(rows, change=lambda shape: turned(shape, by)))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(seed, random):
    rows = messy(seed)
    mixed = tuple(random.sample(r, len(r)) for r in rows)
    one, other = (hm.inspect(made(r), thresholds=COARSE).drop(columns="row") for r in (rows, mixed))
    columns = ["check", "severity", "table", "record_id", "other_id", "found", "expected", "unit"]
    assert one[columns].fillna("").values.tolist() == other[columns].fillna("").values.tolist()
    assert np.allclose(one["size"], other["size"], equal_nan=True)


def test_the_messy_land_has_findings_of_many_kinds():
    kinds = {check for seed in range(3) for check, *_ in seen(made(messy(seed)))}
    assert kinds >= {
        "closed_with_ground",
        "date_order",
        "duplicate_geometry",
        "invalid_polygon",
        "long_leg",
        "narrow_gap",
        "overlapping_parts",
        "release_outside",
        "spike",
        "stated_area",
    }


@settings(max_examples=max(EXAMPLES // 4, 1), deadline=None)
@given(st.integers(0, 10**6))
def test_checks_do_not_look_at_each_other(seed):
    programme = made(messy(seed))
    whole = seen(programme)
    alone = [f for check in {c for c, *_ in whole} for f in seen(programme, only=[check])]
    assert sorted(alone) == whole


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(0, 10**6))
def test_what_is_left_of_closed_hazards_is_what_the_account_says(seed):
    programme = made(messy(seed))
    programme = dataclasses.replace(programme, hazards=programme.hazards[programme.hazards.geometry.is_valid])
    programme = dataclasses.replace(
        programme,
        releases=programme.releases[
            programme.releases["hazard_ids"].map(lambda i: i[0]).isin(programme.hazards["hazard_id"])
        ],
    )
    rows = hm.inspect(programme, only=["closed_with_ground"]).set_index("record_id")["size"]
    account = hm.hazard_account(programme, on=AS_OF)["remaining_m2"]
    closed = programme.hazards.loc[programme.hazards["status"].eq("closed"), "hazard_id"]
    left = account[account.index.isin(closed) & (account > 1)]
    assert set(left[left > 200].index) <= set(rows.index) <= set(left.index)
    for hazard, m2 in rows.items():
        assert m2 == pytest.approx(account[hazard], abs=0.5)


def test_rows_are_index_labels():
    programme = made(messy(1))
    named = dataclasses.replace(
        programme, hazards=programme.hazards.set_axis(pd.Index([f"row {i}" for i in range(len(programme.hazards))]))
    )
    rows = hm.inspect(named, only=["duplicate_geometry"])
    assert len(rows) >= 2
    for row in rows.itertuples():
        assert named.hazards.loc[row.row, "hazard_id"] == row.record_id
