"""How long the path to a first map takes: the state of ground and the offline page, beside folium on the same polygons.

Run: python tests/benchmarks/first_map.py [polygons] [runs]

Both sides draw the same filled polygons. Ours also works out the state of ground (every release against every hazard) and writes
attributes, outlines and the libraries into the page; folium's page has the fills and one tooltip column and needs the internet.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import shapely

import hazardmap as hm
from hazardmap import measure, tables

CENTRE = (47.0, 40.0, 47.0, 40.0)


def programme(count, seed=7):
    """Clustered star-shaped hazards of 36 vertices; every third has a release over one half."""
    rng = np.random.default_rng(seed)
    clusters = rng.normal(0, 60_000, (max(count // 50, 1), 2))
    centre = clusters[rng.integers(len(clusters), size=count)] + rng.normal(0, 2_000, (count, 2))
    angle = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    radius = rng.uniform(30, 150, (count, 1)) * rng.uniform(0.6, 1.0, (count, 36))
    rings = centre[:, None, :] + np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    shapes = shapely.polygons(np.round(rings, 2))
    freed = np.arange(0, count, 3)
    plane = measure.local_plane(CENTRE)
    ids = np.array([f"H-{i:06d}" for i in range(count)], dtype=object)
    boxes = shapely.box(*(centre[freed] - [[200, 200]]).T, *(centre[freed] + [[0, 200]]).T)
    halves = shapely.intersection(shapes[freed], boxes)
    halves = np.where(shapely.get_type_id(halves) == 3, halves, shapes[freed])
    hazards = gpd.GeoDataFrame(
        {
            "hazard_id": ids,
            "date_of_information": "2021-01-01",
            "event": "established",
            "status": "open",
            "classification": np.where(rng.random(count) < 0.3, "confirmed", "suspected"),
            "workflow": "approved",
        },
        geometry=measure.from_plane(shapes, plane),
        crs=4326,
    )
    releases = gpd.GeoDataFrame(
        {
            "release_id": [f"R-{i:06d}" for i in freed],
            "hazard_ids": [(i,) for i in ids[freed]],
            "activity_type": "clearance",
            "product": "cleared",
            "depth_m": 0.2,
            "date_completed": "2022-01-01",
            "decision": "approved",
            "decision_date": "2022-02-01",
            "quality": "passed",
            "quality_date": "2022-02-01",
            "handover_no": "1",
            "handover_date": "2022-03-01",
        },
        geometry=measure.from_plane(halves, plane),
        crs=4326,
    )
    return hm.Programme(
        name="Benchmark",
        fictitious=True,
        sources="generated",
        hazards=tables.canonical(hazards, "hazards"),
        releases=tables.canonical(releases, "releases"),
    )


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main():
    count, runs = (int(v) for v in [*sys.argv[1:], "20000", "3"][:2]) if len(sys.argv) > 1 else (20_000, 3)
    land = programme(count)
    times = {"ground": [], "draw and save": [], "folium.GeoJson": []}
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ours.html", Path(folder) / "theirs.html"

        def folium_page(ground):
            page = folium.Map(location=[40, 47], zoom_start=8, prefer_canvas=True)
            folium.GeoJson(ground[["state", "geometry"]], tooltip=folium.GeoJsonTooltip(["state"])).add_to(page)
            page.save(theirs)

        for _ in range(runs):
            seconds, ground = timed(lambda: hm.ground(land, on="2024-01-01"))
            times["ground"].append(seconds)
            times["draw and save"].append(timed(lambda: hm.draw(land, on="2024-01-01").save(ours))[0])
            times["folium.GeoJson"].append(timed(lambda g=ground: folium_page(g))[0])
        print(
            f"{count:,} hazards, {len(land.releases):,} releases, {len(ground):,} polygons of ground; medians of {runs} runs"
        )
        for name, values in times.items():
            print(f"  {name:<16}{statistics.median(values):8.2f} s")
        sizes = ours.stat().st_size / 1e6, theirs.stat().st_size / 1e6
        print(
            f"  page            {sizes[0]:8.2f} MB against {sizes[1]:.2f} MB: {sizes[1] / sizes[0]:.1f} times smaller"
        )


if __name__ == "__main__":
    main()
