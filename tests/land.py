"""Builders for tests: programmes of rectangles on whole metres of a local plane."""

import functools
from datetime import date

import geopandas as gpd
import numpy as np
import shapely

import hazardmap as hm
from hazardmap import Policy, Programme, measure, tables

ORIGIN = (47.0, 40.0)
PLANE = measure.local_plane((*ORIGIN, *ORIGIN))
AS_OF = date(2024, 12, 31)

DEFAULTS = {
    "hazards": {
        "date_of_information": "2021-01-01",
        "event": "established",
        "classification": "confirmed",
        "status": "open",
        "workflow": "approved",
    },
    "releases": {
        "hazard_ids": (),
        "activity_type": "clearance",
        "product": "cleared",
        "depth_m": 0.2,
        "date_completed": "2022-01-01",
        "decision": "approved",
        "decision_date": "2022-02-01",
        "quality": "passed",
        "quality_date": "2022-02-01",
        "handover_no": "HO-1",
        "handover_date": "2022-03-01",
    },
    "surveys": {"date": "2022-01-01"},
    "finds": {"kind": "accident", "accuracy_m": 1.0},
    "plots": {},
    "districts": {"name": "D"},
    "coverage": {"as_of": "2024-12-31"},
    "context": {"kind": "road"},
}


@functools.cache
def demo_programme():
    """The demo programme, made once for all tests that only read it."""
    return hm.demo()


def box(x, y, width, height=None):
    """Rectangle by its lower left corner and size, metres."""
    return shapely.box(x, y, x + width, y + (width if height is None else height))


def table(name, rows):
    """Make a canonical table; each row is a dict with `geometry` in plane metres; ids are numbered when not given."""
    schema = tables.table(name)
    filled = []
    for i, row in enumerate(rows):
        given = dict(DEFAULTS.get(name, {}))
        if schema.key:
            given[schema.id_column] = f"{name[0].upper()}-{i}"
        filled.append(given | row)
    shapes = np.array([r.pop("geometry", None) for r in filled], dtype=object)
    columns = {c for r in filled for c in r}
    data = {c: [r.get(c) for r in filled] for c in sorted(columns)}
    if not filled:
        return tables.empty(name)
    return tables.canonical(
        gpd.GeoDataFrame(data, geometry=measure.from_plane(shapes, PLANE), crs=measure.STORED_CRS), name
    )


def programme(policy=None, as_of=AS_OF, **rows):
    """Make a programme from lists of dicts, a list for each table."""
    return Programme(name="pencil", as_of=as_of, policy=policy or Policy(), **{n: table(n, r) for n, r in rows.items()})


def plane_shapes(frame):
    """Give the shapes of a frame in plane metres."""
    return measure.to_plane(frame.geometry, PLANE)


def state_at(ground, x, y):
    """Give the state of the ground at a point in plane metres: None where no row covers it; fails on overlap."""
    inside = shapely.contains_xy(plane_shapes(ground), x, y)
    found = ground["state"][inside].tolist()
    assert len(found) < 2, f"rows overlap at {x}, {y}: {found}"
    return found[0] if found else None


def square_metres(frame, by="state"):
    """Give whole square metres by state."""
    return frame.groupby(by)["area_m2"].sum().round().astype(int).to_dict()
