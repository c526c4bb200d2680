"""Random programmes with a seed: ragged hazards with holes and parts, releases over them with and without papers, finds, surveys."""

import numpy as np
import shapely
from land import programme

SIDE = 3_000  # metres of the board
DAYS = [f"202{year}-0{month}-01" for year in (1, 2, 3) for month in (2, 5, 8)]


def star(rng, centre, radius, corners=24):
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    reach = radius * rng.uniform(0.45, 1, corners)
    shape = shapely.Polygon(np.column_stack([centre[0] + reach * np.cos(angle), centre[1] + reach * np.sin(angle)]))
    return shape if shape.is_valid else shape.convex_hull


def ragged(rng, radius=(60, 350)):
    """Draw a polygon, one with a hole, or two parts."""
    centre, reach = rng.uniform(0, SIDE, 2), rng.uniform(*radius)
    shape = star(rng, centre, reach)
    kind = rng.integers(3)
    if kind == 1:
        return shape.difference(star(rng, centre, 0.35 * reach))
    if kind == 2:
        return shape.union(star(rng, centre + rng.uniform(1.2, 2, 2) * reach, reach * 0.6))
    return shape


def random_programme(seed, hazards=25, releases=35):
    rng = np.random.default_rng(seed)
    ids = [f"H-{i}" for i in range(hazards)]
    shapes = [ragged(rng) for _ in ids]
    hazard_rows = [
        {
            "hazard_id": hazard_id,
            "geometry": shape,
            "date_of_information": "2021-01-01",
            "classification": str(rng.choice(["confirmed", "suspected"])),
            "status": str(rng.choice(["open", "worked_on", "suspended", "closed"])),
        }
        for hazard_id, shape in zip(ids, shapes, strict=True)
    ]
    release_rows = []
    for i in range(releases):
        activity, product = [("NTS", "cancelled"), ("TS", "reduced"), ("clearance", "cleared")][rng.integers(3)]
        over = int(rng.integers(hazards))
        row = {
            "release_id": f"R-{i}",
            "hazard_ids": (ids[over],),
            "activity_id": f"T-{i}",
            "activity_type": activity,
            "product": product,
            "date_completed": str(rng.choice(DAYS)),
            "geometry": star(rng, rng.permutation(shapely.get_coordinates(shapes[over]))[0], rng.uniform(80, 300)),
        }
        if rng.random() < 0.3:
            row |= {"handover_no": None, "handover_date": None}
        if rng.random() < 0.1:
            row |= {"quality": "failed"}
        release_rows.append(row)
    finds = [
        {"find_id": f"F-{i}", "geometry": shapely.Point(rng.uniform(0, SIDE, 2)), "date": "2023-01-01"}
        for i in range(6)
    ]
    surveys = [{"survey_id": f"S-{i}", "geometry": ragged(rng)} for i in range(4)]
    roads = [{"geometry": shapely.LineString(rng.uniform(0, SIDE, (12, 2))), "name": f"road {i}"} for i in range(5)]
    everywhere = [{"geometry": shapely.box(-500, -500, SIDE + 500, SIDE + 500)}]
    return programme(
        hazards=hazard_rows,
        releases=release_rows,
        finds=finds,
        surveys=surveys,
        context=roads,
        coverage=everywhere,
    )
