"""A synthetic national programme of any size, the same for the same seed: hazards along old front lines, work on them, plots.

The country is invented (307 × 256 km, where Azerbaijan lies). Hazards come in clusters along five belts, overlap, have holes, cross
themselves or are entered twice, as real records do; releases are cut along their hazards' own edges. `simple` leaves out what a
plain overlay does not know (versions, finds, missing papers, releases that name one of two hazards), so that both must agree.
Plots are in `parcels`.
"""

import datetime as dt
import itertools
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parent))

import parcels
from parcels import EXTENT

import hazardmap as hm
from hazardmap import measure, readings, tables

AS_OF = dt.date(2024, 12, 31)
ON = AS_OF.isoformat()
PLANE = measure.local_plane(EXTENT)
#: The same as text, for those who take no other.
PLANE_TEXT = PLANE.srs
TABLES = ("hazards", "releases", "surveys", "finds", "districts", "coverage")
#: Hazards of one cluster, and how far they lie from its middle along and across the belt, metres.
CLUSTER, ALONG_M, ACROSS_M, BELT_M = 25, 900, 350, 1_100


def nation(plots, hazards, releases, *, seed=7, simple=False):
    """Make a programme and its plots."""
    return programme(hazards, releases, seed=seed, simple=simple), parcels.plots(plots, seed=seed, share=share(hazards))


def share(hazards):
    """Say on how much of the belts so many hazards lie: few keep together, so that few plots meet them."""
    return min(1.0, hazards / 10_000)


def programme(hazards, releases, *, seed=7, simple=False):
    """Make the programme of `hazards` hazards (5 % have a second version) and `releases` releases."""
    rng = np.random.default_rng([seed, hazards, releases])
    belts = in_plane(parcels.belts(seed, share(hazards)))
    shapes, centre = hazard_shapes(hazards, belts, rng)
    frame = hazard_table(shapes, centre, rng, simple=simple)
    frames = {
        "hazards": frame,
        "releases": release_table(shapes, releases, frame, rng, simple=simple),
        "surveys": survey_table(max(hazards // 200, 10), belts, rng),
        "finds": find_table(min(max(hazards // 50, 20), 500), centre, rng).iloc[: 0 if simple else None],
        "districts": district_table(rng),
        "coverage": coverage_table(rng),
    }
    return _programme({name: tables.canonical(f, name) for name, f in frames.items()})


def _programme(frames):
    return hm.Programme(
        name="Benchmark",
        as_of=AS_OF,
        sources="generated",
        fictitious=True,
        policy=hm.Policy(extent_deg=EXTENT),
        **frames,
    )


def write(programme, folder):
    """Write the tables of a programme as GeoParquet, without their empty columns."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        if len(programme.table(name)):
            programme.table(name).dropna(axis=1, how="all").to_parquet(folder / f"{name}.parquet", index=False)


def read(folder):
    """Read the programme that `write` wrote."""
    paths = {name: folder / f"{name}.parquet" for name in TABLES}
    return _programme({n: tables.canonical(gpd.read_parquet(path), n) for n, path in paths.items() if path.exists()})


def in_plane(lonlat):
    return shapely.get_coordinates(measure.to_plane(gpd.GeoSeries(shapely.points(lonlat), crs=4326), PLANE))


def in_degrees(shapes):
    return measure.from_plane(shapes, PLANE)


def ids(prefix, count):
    return np.char.mod(prefix + "-%06d", np.arange(1, count + 1)).astype(object)


def days(first, last, count, rng):
    start = np.datetime64(first, "us")
    span = (np.datetime64(last, "us") - start).astype("timedelta64[D]").astype(int)
    return start + rng.integers(0, span, count).astype("timedelta64[D]")


def along_belts(count, belts, across_m, rng):
    """Scatter points along the belts; also give the direction of the belt at each."""
    step = np.diff(belts, axis=0)
    on_belt = np.flatnonzero(np.hypot(*step.T) < 5_000)  # not from the end of one belt to the start of the next
    at = rng.choice(on_belt, count)
    angle = np.arctan2(step[at, 1], step[at, 0])
    offset, slide = rng.normal(0, across_m, count), rng.uniform(0, 1, count)
    return belts[at] + step[at] * slide[:, None] + offset[:, None] * np.column_stack(
        [-np.sin(angle), np.cos(angle)]
    ), angle


def stars(centre, angle, area_m2, vertices, rng):
    """Draw star-shaped rings of given areas: vertex by vertex, with the owner of each."""
    owner = np.repeat(np.arange(len(centre)), vertices)
    first = np.cumsum(vertices) - vertices
    place = np.arange(len(owner)) - first[owner]
    turn = 2 * np.pi * place / vertices[owner]
    phase = rng.uniform(0, 2 * np.pi, (3, len(centre)))[:, owner]
    radius = (
        1
        + 0.22 * np.sin(2 * turn + phase[0])
        + 0.13 * np.sin(3 * turn + phase[1])
        + 0.06 * np.sin(11 * turn + phase[2])
    )
    radius += rng.uniform(-0.12, 0.12, len(owner)) * 36 / vertices[owner]
    following = np.where(place + 1 < vertices[owner], np.arange(len(owner)) + 1, first[owner])
    unit = np.bincount(owner, radius * radius[following] * np.sin(2 * np.pi / vertices[owner]) / 2)
    radius *= np.sqrt(area_m2 / unit)[owner]
    stretch = np.exp(rng.normal(0.2, 0.3, len(centre)))[owner]
    x, y = radius * np.cos(turn) * np.sqrt(stretch), radius * np.sin(turn) / np.sqrt(stretch)
    cos, sin = np.cos(angle)[owner], np.sin(angle)[owner]
    return centre[owner] + np.column_stack([x * cos - y * sin, x * sin + y * cos]), owner


def hazard_shapes(count, belts, rng):
    """Draw the hazards in the plane."""
    middle, heading = along_belts(max(count // CLUSTER, 4), belts, BELT_M, rng)
    cluster = rng.integers(0, len(middle), count)
    angle = heading[cluster]
    along, across = rng.normal(0, ALONG_M, count), rng.normal(0, ACROSS_M, count)
    cos, sin = np.cos(angle), np.sin(angle)
    centre = middle[cluster] + np.column_stack([along * cos - across * sin, along * sin + across * cos])
    area = np.clip(rng.lognormal(np.log(30_000), 0.75, count), 2_000, 600_000)
    vertices = rng.choice([24, 36, 36, 48], count)
    giants = min(3 + count // 10_000, count)
    area[:giants] = rng.uniform(2e6, 8e6, giants)
    area[0], vertices[:giants], vertices[0] = 2e7, 1_500, 20_480
    xy, owner = stars(centre, angle + rng.normal(0, 0.4, count), area, vertices, rng)

    bow_tie = (rng.random(count) < 0.03) & (np.arange(count) >= giants)
    holed = ~bow_tie & (rng.random(count) < 0.06)
    crossed(xy, vertices, np.flatnonzero(bow_tie))
    rings = shapely.linearrings(xy, indices=owner)
    inner = holed[owner]
    holes = shapely.linearrings(
        (centre[owner] + 0.3 * (xy - centre[owner]))[inner], indices=(np.cumsum(holed) - 1)[owner[inner]]
    )
    shapes = shapely.polygons(rings)
    shapes[holed] = shapely.polygons(rings[holed], holes[:, None])
    twice = np.flatnonzero(rng.random(count) < 0.01)
    twice = twice[twice >= giants]
    shapes[twice] = shapes[twice - 1]  # the same ground entered under another id
    centre[twice] = centre[twice - 1]
    return shapes, centre


def crossed(xy, vertices, which):
    """Put the corners of some rings in a wrong order, in place: a quarter of the ring, or half of it, runs backwards."""
    first = np.cumsum(vertices) - vertices
    for i in which:
        ring = slice(first[i], first[i] + vertices[i])
        half = vertices[i] // 2
        run = slice(half, half + half // (1 + i % 2))
        order = np.arange(vertices[i])
        order[run] = order[run][::-1]
        xy[ring] = xy[ring][order]


def hazard_table(shapes, centre, rng, *, simple):
    count = len(shapes)
    frame = gpd.GeoDataFrame(
        {
            "hazard_id": ids("H", count),
            "date_of_information": days("2019-01-01", "2021-12-31", count, rng),
            "event": "established",
            "classification": np.where(rng.random(count) < 0.35, "confirmed", "suspected"),
            "status": rng.choice(["open", "worked_on", "closed"], count, p=[0.6, 0.3, 0.1]),
            "contamination": pd.Series([("AP",), ("AP", "AV"), ("UXO",)])[rng.integers(0, 3, count)].to_numpy(),
            "evidence": pd.Series([("sign_or_fence",), ("verbal_report",), ()])[rng.integers(0, 3, count)].to_numpy(),
            "accuracy_m": np.where(rng.random(count) < 0.5, rng.choice([5.0, 10.0, 20.0], count), np.nan),
            "location_kind": np.where(rng.random(count) < 0.6, "surveyed", "estimated"),
            "organisation": rng.choice(["Operator A", "Operator B", "Operator C"], count),
            "workflow": np.where(simple | (rng.random(count) < 0.97), "approved", "draft"),
        },
        geometry=in_degrees(shapes),
        crs=4326,
    )
    again = np.flatnonzero(rng.random(count) < 0.05) if not simple else np.zeros(0, dtype=np.int64)
    later = frame.iloc[again].copy()
    grows = rng.random(len(again)) < 0.5
    later["date_of_information"] = days("2022-01-01", "2022-12-31", len(again), rng)
    later["event"], later["workflow"] = np.where(grows, "extended", "revised_down"), "approved"
    middle = np.repeat(centre[again], shapely.get_num_coordinates(shapes[again]), axis=0)
    factor = np.repeat(np.where(grows, 1.2, 0.85), shapely.get_num_coordinates(shapes[again]))[:, None]
    moved = shapely.transform(shapes[again], lambda xy: middle + factor * (xy - middle))
    later.geometry = in_degrees(moved).to_numpy()
    return pd.concat([frame, later], ignore_index=True)


def strips(shapes, count, rng):
    """Cut each hazard across, from edge to edge, into `count` strips; some leave the last part of it, some overlap."""
    owner = np.repeat(np.arange(len(shapes)), count)
    place = np.arange(len(owner)) - (np.cumsum(count) - count)[owner]
    angle = rng.uniform(0, np.pi, len(shapes))
    along = np.column_stack([np.cos(angle), np.sin(angle)])
    xy, ring = shapely.get_coordinates(shapes, return_index=True)
    start = np.flatnonzero(np.r_[True, ring[1:] != ring[:-1]])
    reach = (xy * along[ring]).sum(axis=1)
    low, high = np.minimum.reduceat(reach, start), np.maximum.reduceat(reach, start)
    done = np.where(rng.random(len(shapes)) < 0.45, 1.0, rng.uniform(0.3, 0.9, len(shapes)))
    width = ((high - low) * done / count)[owner]
    begin = np.where(place == 0, low[owner] - 10, low[owner] + place * width)
    end = low[owner] + (place + 1) * width
    end += np.where((place + 1 == count[owner]) & (done[owner] == 1), 10, 0)
    end += np.where(rng.random(len(owner)) < 0.15, 0.25, 0.0) * width
    across = np.column_stack([-along[:, 1], along[:, 0]])[owner] * 1e5
    middle = xy[start][owner] - along[owner] * reach[start][owner][:, None]
    corner = [
        middle + along[owner] * e[:, None] + side * across for e, side in ((begin, -1), (end, -1), (end, 1), (begin, 1))
    ]
    pieces = readings.polygons_of(shapely.intersection(shapes[owner], shapely.polygons(np.stack(corner, axis=1))))
    # A point every 100 m, as surveyors set them: a long edge straight in the plane would not be straight in degrees.
    return shapely.segmentize(np.where(shapely.is_missing(pieces), shapes[owner], pieces), 100.0), owner


def release_table(shapes, count, hazards, rng, *, simple):
    """Release parts of 78 % of the hazards; 3 % of the rows repeat the ground of another."""
    worked = np.flatnonzero(rng.random(len(shapes)) < 0.78)[:count]
    ground = shapes[worked]
    ground[~shapely.is_valid(ground)] = shapely.make_valid(ground[~shapely.is_valid(ground)])
    repeats = min(round(count * 0.03), count - len(worked))
    size = np.sqrt(np.clip(shapely.area(ground) / 30_000, 0.5, 15))
    pieces, owner = strips(ground, 1 + rng.multinomial(count - repeats - len(worked), size / size.sum()), rng)
    again = rng.choice(len(pieces), repeats, replace=False)
    pieces, owner = np.r_[pieces, pieces[again]], worked[np.r_[owner, owner[again]]]

    kind = rng.choice(3, count, p=[0.25, 0.2, 0.55])
    product = np.array(["cancelled", "reduced", "cleared"], dtype=object)[kind]
    completed = days("2022-01-01", "2024-06-30", count, rng)
    lacking = rng.random(count) + (1.0 if simple else 0.0)
    decided, handed = lacking >= 0.04, lacking >= 0.09
    quality = np.select(
        [lacking < 0.04, lacking < 0.09, lacking < 0.12, lacking < 0.14],
        ["passed", "passed", "failed", "pending"],
        "passed",
    )
    depth = np.where(
        (kind == 2) & ~((lacking >= 0.14) & (lacking < 0.15)), rng.choice([0.13, 0.2, 0.3, 0.5], count), np.nan
    )
    activity = np.char.add(np.char.mod("A-%06d-", owner), kind.astype(str)).astype(object)
    activity[count - repeats :] += "-again"
    geometry = in_degrees(pieces)
    later = completed + np.timedelta64(30, "D")
    return gpd.GeoDataFrame(
        {
            "release_id": ids("R", count),
            "hazard_ids": named(geometry, owner, hazards, simple=simple),
            "activity_id": activity,
            "activity_type": np.array(["NTS", "TS", "clearance"], dtype=object)[kind],
            "product": product,
            "depth_m": depth,
            "date_completed": completed,
            "decision": np.where(decided, "approved", "reported"),
            "decision_date": np.where(decided, later, np.datetime64("NaT", "us")),
            "quality": quality,
            "quality_date": later,
            "handover_no": pd.Series(ids("HO", count)).where(handed, None),
            "handover_date": np.where(handed, later + np.timedelta64(30, "D"), np.datetime64("NaT", "us")),
            "organisation": rng.choice(["Operator A", "Operator B", "Operator C"], count),
        },
        geometry=geometry,
        crs=4326,
    )


def named(geometry, owner, hazards, *, simple):
    """Name the hazard that each release was cut from; in the simple nation, every hazard that it may lie on."""
    hazard_ids = hazards["hazard_id"].to_numpy()
    if not simple:
        return [(h,) for h in hazard_ids[owner]]
    release, hazard = shapely.STRtree(hazards.geometry.to_numpy()).query(geometry.to_numpy())
    order = np.argsort(release, kind="stable")
    groups = np.split(hazard_ids[hazard[order]], np.cumsum(np.bincount(release, minlength=len(geometry)))[:-1])
    return [tuple(sorted(group)) for group in groups]


def find_table(count, centre, rng):
    near = centre[rng.integers(0, len(centre), count)] + rng.normal(0, 150, (count, 2))
    date = days("2021-01-01", "2024-06-30", count, rng)
    answered = rng.random(count) < 0.6
    return gpd.GeoDataFrame(
        {
            "find_id": ids("F", count),
            "date": date,
            "kind": rng.choice(["device", "accident", "incident"], count, p=[0.8, 0.15, 0.05]),
            "accuracy_m": rng.choice([5.0, 20.0, 50.0], count),
            "answered_on": np.where(answered, date + np.timedelta64(90, "D"), np.datetime64("NaT", "us")),
            "answered_by": pd.Series(ids("T", count)).where(answered, None),
        },
        geometry=in_degrees(shapely.points(near)),
        crs=4326,
    )


def survey_table(count, belts, rng):
    centre, angle = along_belts(count, belts, 4_000, rng)
    xy, owner = stars(centre, angle, rng.uniform(3e5, 4e6, count), np.full(count, 20), rng)
    shapes = in_degrees(shapely.polygons(shapely.linearrings(xy, indices=owner)))
    when = days("2021-01-01", "2024-06-30", count, rng)
    return gpd.GeoDataFrame({"survey_id": ids("S", count), "date": when}, geometry=shapes, crs=4326)


def district_table(rng, across=10, up=7):
    """Cut the country into 70 districts that share their corners."""
    west, south, east, north = EXTENT
    wide, high = (east - west) / across, (north - south) / up
    x, y = np.meshgrid(np.linspace(west, east, across + 1), np.linspace(south, north, up + 1))
    inside = (slice(1, -1), slice(1, -1))
    x[inside] += rng.uniform(-0.25, 0.25, x[inside].shape) * wide
    y[inside] += rng.uniform(-0.25, 0.25, y[inside].shape) * high
    corner = np.stack([x, y], axis=-1)
    cells = itertools.product(range(up), range(across))
    shapes = [
        shapely.Polygon([corner[j, i], corner[j, i + 1], corner[j + 1, i + 1], corner[j + 1, i]]) for j, i in cells
    ]
    return gpd.GeoDataFrame(
        {"district_id": ids("D", len(shapes)), "name": [f"District {i}" for i in range(1, len(shapes) + 1)]},
        geometry=shapes,
        crs=4326,
    )


def coverage_table(rng):
    """Cover all but the rim of the country: one polygon of 360 vertices."""
    west, south, east, north = EXTENT
    along = np.arange(360) / 90 % 1
    side = np.arange(360) // 90
    x, y = (
        np.choose(side, [along, 1 + 0 * along, 1 - along, 0 * along]),
        np.choose(side, [0 * along, along, 1 + 0 * along, 1 - along]),
    )
    rim = 0.5 + (np.column_stack([x, y]) - 0.5) * rng.uniform(0.94, 0.99, (360, 1))
    shape = shapely.Polygon(rim * [east - west, north - south] + [west, south])
    return gpd.GeoDataFrame({"coverage_id": ["C-1"], "as_of": [np.datetime64(ON, "us")]}, geometry=[shape], crs=4326)
