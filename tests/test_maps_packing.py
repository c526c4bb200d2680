"""The packed format: what is written comes back, what cannot be drawn is refused."""

import json
import zlib

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hazardmap import measure
from hazardmap.errors import GeometryError
from hazardmap.maps import packing

_LONGITUDE = st.floats(-179, 179)
_LATITUDE = st.floats(-80, 80)
_HALF_DIAGONAL_M = 2 * np.pi * 6_378_137 / packing.WORLD_PX / 2 * np.sqrt(2)


def _series(*shapes):
    return gpd.GeoSeries(list(shapes), crs=measure.STORED_CRS)


def _with_nan(polygon):
    with np.errstate(invalid="ignore"):
        return shapely.transform(polygon, lambda xy: np.where(np.arange(len(xy))[:, None] == 1, np.nan, xy))


def _back(series, shape, **columns):
    frames = [
        packing.unpack(b) for b in packing.blocks(series, shape, {n: packing.column(c) for n, c in columns.items()})
    ]
    return pd.concat(frames, ignore_index=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_LONGITUDE, _LATITUDE), min_size=1, max_size=20))
def test_no_point_moves_by_more_than_half_a_cell(places):
    series = _series(*(shapely.Point(p) for p in places))
    back = _back(series, "point", row=pd.Series(range(len(places)), dtype="float64"))
    back = back.set_index(back["row"].astype(int)).sort_index()
    xy = shapely.get_coordinates(back.geometry.to_numpy())
    metres = (
        np.radians(np.abs(xy - np.array(places)))
        * 6_378_137
        * np.column_stack([np.cos(np.radians([p[1] for p in places])), np.ones(len(places))])
    )
    assert np.hypot(*metres.T).max() <= _HALF_DIAGONAL_M * 1.01 < 0.2


def test_places_that_no_number_can_divide_are_ordered_all_the_same():
    series = _series(shapely.Point(0, 0), shapely.Point(0, 1.9e-305))
    assert len(_back(series, "point")) == 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(_LONGITUDE, _LATITUDE, st.floats(0.0005, 0.9)), min_size=1, max_size=12))
def test_polygons_with_holes_and_parts_come_back(corners):
    shapes = []
    for west, south, side in corners:
        shell = shapely.box(west, south, west + side, south + side)
        hole = shapely.box(west + side / 4, south + side / 4, west + side / 2, south + side / 2)
        island = shapely.box(west - side, south, west - side / 2, south + side / 2)
        shapes.append(shapely.union(shapely.difference(shell, hole), island))
    series = _series(*shapes)
    back = _back(series, "polygon", row=pd.Series(range(len(shapes)), dtype="float64"))
    back = back.set_index(back["row"].astype(int)).sort_index()
    for was, now in zip(series, back.geometry, strict=True):
        assert now.is_valid
        assert len(now.geoms) == 2
        assert sum(len(p.interiors) for p in now.geoms) == 1
        assert (
            shapely.hausdorff_distance(was, now) < 4e-6
        )  # degrees; 0.2 m is 1.8e-6 of latitude, more of longitude up north


def test_lines_keep_their_parts():
    lines = shapely.MultiLineString([[(46, 39), (46.5, 39.5)], [(47, 40), (47.1, 40), (47.2, 40.1)]])
    back = _back(_series(lines, shapely.LineString([(10, 10), (10.001, 10)])), "line", name=pd.Series(["a", "b"]))
    found = back.set_index("name").geometry["a"]
    assert shapely.equals_exact(found, lines, tolerance=2e-6)


def test_columns_come_back():
    days = pd.Series(pd.to_datetime(["1965-03-01", None, "2024-12-31"])).astype("datetime64[us]")
    back = _back(
        _series(*(shapely.Point(i, i) for i in range(3))),
        "point",
        text=pd.Series(["Ağdərə", None, "</script>"], dtype="str"),
        day=days,
        number=pd.Series([0.1, np.nan, 1e12]),
        count=pd.Series([1, None, 3], dtype="Int64"),
        words=pd.Series([("AP", "AV"), (), ("AP",)]),
        yes=pd.Series([True, False, True]),
        nothing=pd.Series([None, None, None], dtype="str"),
    ).sort_values("number", na_position="first")
    assert back["text"].isna().tolist() == [True, False, False]
    assert back["text"].tolist()[1:] == ["Ağdərə", "</script>"]
    assert back["day"].isna().tolist() == [True, False, False]
    assert back["day"].dt.strftime("%Y-%m-%d").tolist()[1:] == ["1965-03-01", "2024-12-31"]
    assert back["number"].tolist()[1:] == [0.1, 1e12]
    assert back["count"].tolist()[1:] == [1.0, 3.0]
    assert back["words"].tolist()[1:] == [("AP", "AV"), ("AP",)]
    assert back["yes"].tolist()[1:] == ["yes", "yes"]
    assert back["nothing"].isna().all()


def test_many_features_make_several_blocks(monkeypatch):
    monkeypatch.setattr(packing, "FEATURES_PER_BLOCK", 4)
    series = _series(*(shapely.Point(i / 10, i / 10) for i in range(10)))
    blocks = packing.blocks(series, "point", {"n": packing.column(pd.Series(np.arange(10.0)))})
    counts = [len(packing.unpack(b)) for b in blocks]
    assert counts == [4, 4, 2]
    assert sorted(n for b in blocks for n in packing.unpack(b)["n"]) == list(range(10))


@pytest.mark.parametrize(
    ("shape", "kind", "text"),
    [
        (shapely.Point(float("nan"), 40), "point", "a coordinate that is no number: H-1 – needed: finite coordinates"),
        (shapely.Point(float("inf"), 40), "point", "a coordinate that is no number: H-1"),
        (_with_nan(shapely.box(46, 39, 47, 40)), "polygon", "a coordinate that is no number: H-1"),
        (shapely.Point(46, 89), "point", "a place beyond the map: H-1 – needed: longitude within"),
        (shapely.Point(4_300_000, 5_000_000), "point", "a place beyond the map: H-1"),
        (shapely.Polygon(), "polygon", "no geometry: H-1"),
        (None, "polygon", "no geometry: H-1"),
        (shapely.LineString([(46, 39), (47, 40)]), "polygon", "another kind of shape: H-1 – needed: a polygon"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(shape, kind, text):
    with pytest.raises(GeometryError) as refused:
        packing.blocks(_series(shape), kind, {}, names=pd.Series(["H-1"]))
    assert f"1 features with {text}" in str(refused.value)


def test_only_stored_coordinates_are_taken():
    with pytest.raises(GeometryError, match="not in EPSG:4326"):
        packing.blocks(gpd.GeoSeries([shapely.Point(0, 0)], crs=32638), "point", {})


def test_inputs_are_not_changed():
    series = _series(shapely.Point(47, 40), shapely.Point(46, 39))
    names = pd.Series(["b", None], dtype="str")
    before = series.copy(), names.copy()
    packing.blocks(series, "point", {"n": packing.column(names)})
    assert series.equals(before[0])
    assert names.equals(before[1])


def test_rows_without_a_shape_come_back(monkeypatch):
    monkeypatch.setattr(packing, "FEATURES_PER_BLOCK", 2)
    columns = {"name": packing.column(pd.Series(["a", None, "c"])), "n": packing.column(pd.Series([1.0, 2.0, np.nan]))}
    frames = [packing.unpack(b) for b in packing.rows(columns, 3)]
    assert [len(f) for f in frames] == [2, 1]
    back = pd.concat([pd.DataFrame(f) for f in frames], ignore_index=True)
    assert back["name"].tolist() == ["a", None, "c"]
    assert back["n"].tolist()[:2] == [1.0, 2.0]
    assert all(f.geometry.isna().all() for f in frames)
    assert list(packing.rows({}, 0)) == []


def test_a_block_carries_only_the_words_it_uses(monkeypatch):
    monkeypatch.setattr(packing, "FEATURES_PER_BLOCK", 2)
    ids = pd.Series([f"id-{i}" if i != 3 else None for i in range(6)])
    packed = packing.blocks(_series(*(shapely.Point(i, i) for i in range(6))), "point", {"id": packing.column(ids)})
    heads = [zlib.decompress(block) for block in packed]
    used = [json.loads(h[4 : 4 + int.from_bytes(h[:4], "little")])["columns"]["id"]["words"] for h in heads]
    assert sorted(word for words in used for word in words) == sorted(ids.dropna())
    found = [v for block in packed for v in packing.unpack(block)["id"]]
    assert sorted(v for v in found if v) == sorted(ids.dropna())
    assert found.count(None) == 1
