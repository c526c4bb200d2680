"""What a hostile reading of plot checks found, each held so that it cannot come back."""

import sys
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pytest
import shapely
from land import PLANE, box, programme, table

import hazardmap as hm
from hazardmap import measure
from hazardmap.checks.index import prepare
from hazardmap.checks.partitions import check_partitions

ON = "2024-12-31"


def test_an_edge_is_cut_where_a_level_edge_crosses_it():
    """In the plane itself, where level edges are exactly level: what is open of a slanting edge is all found."""
    from hazardmap.trapezoids import beside, gathering
    from hazardmap.trapezoids.rings import rings_of

    hazard = shapely.Polygon([(-40, 0), (40, 0), (60, 200), (-60, 200)])
    for height in (20, 90, 110, 170):
        release = box(-80, height, 160, 300)
        laid = rings_of(np.array([hazard, release]))
        xy, sides = np.empty((500, 4)), np.empty((500, 2), dtype=np.int64)
        w = gathering.scratch(512)
        _, rows, sets = beside.sides(
            laid, np.array([[-500.0, -500, 500, 700]]), 0, 1, np.array([True, True]), 0.001, w, xy, sides
        )
        members = [w.members[w.start[k] : w.start[k + 1]].tolist() for k in range(sets)]
        is_open = np.array([m == [0] for m in members])
        edge = is_open[sides[:rows, 0]] != is_open[sides[:rows, 1]]
        lines = shapely.linestrings(xy[:rows][edge].reshape(-1, 2, 2))
        expected = hazard.difference(release).boundary
        assert shapely.union_all(lines).length == pytest.approx(expected.length, abs=0.01), height
        assert shapely.hausdorff_distance(shapely.union_all(lines), expected) < 0.01, height


def many_hazards(count=60, releases=90):
    rng = np.random.default_rng(5)
    at = rng.integers(0, 300, (count, 2))
    ids = [f"H-{i}" for i in range(count)]
    freed = rng.integers(0, count, releases)
    return programme(
        hazards=[{"hazard_id": h, "geometry": box(*xy, 60)} for h, xy in zip(ids, at.tolist(), strict=True)],
        releases=[
            {"hazard_ids": (ids[h],), "geometry": box(*(at[h] + rng.integers(-20, 30, 2)).tolist(), 50)} for h in freed
        ],
    )


def test_many_may_ask_one_index_at_once():
    land = many_hazards()
    shapes = table(
        "plots", [{"geometry": box(x, y, 25)} for x in range(0, 360, 30) for y in range(0, 360, 30)]
    ).geometry
    alone = hm.PlotIndex(prepare(land, on=ON))
    expected = [alone.ask(s)["verdict"] for s in shapes]
    shared = hm.PlotIndex(prepare(land, on=ON))
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(lambda s: shared.ask(s)["verdict"], [*shapes, *shapes]))
    finally:
        sys.setswitchinterval(before)
    assert told == expected * 2
    assert [shared.ask(s)["verdict"] for s in shapes] == expected


def test_a_hundred_versions_of_one_outline_are_answered_like_one():
    outline = box(0, 0, 400)
    days = [f"{2000 + i // 12}-{1 + i % 12:02}-01" for i in range(120)]
    versions = [
        {"hazard_id": "H", "date_of_information": d, "event": "edited" if i else "established", "geometry": outline}
        for i, d in enumerate(days)
    ]
    plot = table("plots", [{"geometry": box(-10, -10, 420)}])
    one = hm.check_plots(programme(hazards=versions[:1]), plot, on=ON).iloc[0]
    many = hm.check_plots(programme(hazards=versions), plot, on=ON).iloc[0]
    assert many["verdict"] == one["verdict"] == "confirmed_hazard"
    assert many["confirmed_open_m2"] == pytest.approx(160_000, abs=0.01)


def test_plots_without_a_label_of_their_partition_are_answered():
    land = programme(hazards=[{"geometry": box(0, 0, 10)}])
    plots = table("plots", [{"geometry": box(x, 0, 5)} for x in (0, 20, 400)])
    whole = hm.check_plots(land, plots, on=ON)
    for labels in (np.array([0, np.nan, 1]), np.array(["a", None, None], dtype=object)):
        assert check_partitions(land, plots, on=ON, partitions=labels)["verdict"].tolist() == whole["verdict"].tolist()
    assert len(check_partitions(land, plots, on=ON, partitions=np.int64(2))) == 3


@pytest.mark.parametrize("bad", [{"quarantined": "elsewhere", "geometry": box(5e6, 0, 100)}, {"geometry": None}])
def test_a_district_that_is_not_trusted_places_no_hazard(bad):
    land = programme(
        hazards=[
            {"hazard_id": "H-1", "district": "north", "geometry": None, "quarantined": "no position"},
            {"hazard_id": "H-2", "district": "south", "geometry": None, "quarantined": "no position"},
        ],
        districts=[{"district_id": "north", "geometry": box(0, 0, 100)}, {"district_id": "south"} | bad],
    )
    answer = hm.check_plots(land, table("plots", [{"geometry": box(10, 10, 10)}]), on=ON).iloc[0]
    assert answer["unplaced_hazards"] == 2


@pytest.mark.parametrize("depth", [0.0, -1.0, float("inf")])
def test_one_question_doubts_the_figures_that_a_table_doubts(depth):
    land = programme(
        hazards=[{"hazard_id": "H", "geometry": box(0, 0, 100)}],
        releases=[{"hazard_ids": ("H",), "geometry": box(0, 0, 100), "depth_m": 0.1}],
    )
    plot = table("plots", [{"geometry": box(10, 10, 10)}]).geometry.iloc[0]
    index = hm.plot_index(land, on=ON)
    assert index.ask(plot)["verdict"] == "released"
    assert index.ask(plot, required_depth_m=0.2)["verdict"] == "too_shallow"
    assert index.ask(plot, required_depth_m=depth)["verdict"] in {"cannot_tell", "too_shallow"}
    assert index.ask(plot, required_depth_m=-1.0)["verdict"] == "cannot_tell"


def test_a_part_of_a_line_that_has_no_length_stops_nothing():
    shape = shapely.MultiLineString([[(-20, 10), (70, 10)], [(80, 10), (80, 10)]])
    lines = gpd.GeoDataFrame(geometry=measure.from_plane(np.array([shape], dtype=object), PLANE), crs=4326)
    told = hm.check_lines(programme(hazards=[{"geometry": box(0, 0, 50)}]), lines, on=ON, width_m=4)
    assert told["to_m"].iloc[-1] == pytest.approx(90, abs=0.1)
    empty = hm.check_lines(programme(), lines.iloc[:0], on=ON, width_m=4)
    assert {"line", "from_m", "to_m", "length_m", "verdict"} <= set(empty.columns)


def test_a_successor_known_less_well_widens_the_margin():
    def asked(accuracy_m):
        land = programme(
            hazards=[
                {"hazard_id": "H-1", "geometry": box(0, 0, 100), "accuracy_m": 1.0},
                {
                    "hazard_id": "H-1",
                    "date_of_information": "2021-06-01",
                    "event": "split",
                    "geometry": None,
                    "superseded_by": ("H-2",),
                    "accuracy_m": 1.0,
                },
                {
                    "hazard_id": "H-2",
                    "date_of_information": "2021-06-01",
                    "geometry": box(50, 0, 50, 100),
                    "accuracy_m": accuracy_m,
                },
            ],
            releases=[{"hazard_ids": ("H-2",), "geometry": box(50, 0, 50, 100), "accuracy_m": 1.0}],
        )
        return hm.check_plots(land, table("plots", [{"geometry": box(65, 10, 20)}]), on=ON)["verdict"].iloc[0]

    assert asked(1.0) == "released"
    assert asked(50.0) == "confirmed_hazard", "the rest of H-1 is 15 m away, its edge known to 50 m"


def test_distances_across_the_world_are_those_of_the_ellipsoid():
    land = programme(hazards=[{"geometry": box(0, 0, 10)}])
    far = gpd.GeoDataFrame(geometry=[shapely.box(-133, -40, -132.99, -39.99)], crs=4326)
    answer = hm.check_plots(land, far, on=ON).iloc[0]
    assert answer["nearest_hazard_m"] < 20_004_000  # half the circumference


def test_plots_outside_the_country_bring_no_good_news():
    land = hm.example()
    plots = land.plots.set_geometry(shapely.transform(land.plots.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=4326)
    answers = hm.check_plots(land, plots, on=ON)
    assert set(answers["verdict"]) == {"cannot_tell"}
    assert answers["why"].str.contains("outside the country").all()
    assert hm.plot_index(land, on=ON).ask(plots.geometry.iloc[0])["verdict"] == "cannot_tell"
