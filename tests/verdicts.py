"""Tables of answers made by hand, as check_plots gives them: each verdict once on the squares of the example."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import hazardmap as hm
from hazardmap import words

ON = "2024-12-31"
SIDE_DEG = 100 / 111_000
TEXTS = ("plot_id", "cadastre_no", "name", "use", "verdict", "why", "nearest_hazard_id", "nearest_direction", "sources")
SETS = ("flags", "hazard_ids", "release_ids", "idle_release_ids", "survey_ids", "find_ids")
NUMBERS = ("area_m2", "nearest_hazard_m", "required_depth_m", "cleared_depth_m")


def square(number):
    west = 47.0 + 2 * number * SIDE_DEG
    return shapely.box(west, 40.0, west + SIDE_DEG, 40.0 + SIDE_DEG)


def answers(rows, *, on=ON, sources="hazardmap.example(): fictitious"):
    """Make the table; a row is what it says of itself, with ``states`` as parts of the plot that sum to 1."""
    columns = {}
    for name in ("plot_id", "cadastre_no", "name", "use", "verdict", "why", "flags", "area_m2"):
        columns[name] = [row.get(name, () if name == "flags" else None) for row in rows]
    area = np.array([row.get("area_m2", np.nan) for row in rows], dtype="float64")
    parts = {s: np.array([row.get("states", {}).get(s, 0.0) for row in rows], dtype="float64") for s in words.STATES}
    for suffix, whole in (("m2", area), ("pct", np.where(np.isnan(area), np.nan, 100.0))):
        columns |= {f"{s}_{suffix}": part * whole for s, part in parts.items()}
    for name in ("nearest_hazard_id", "nearest_hazard_m", "nearest_direction", "required_depth_m", "cleared_depth_m"):
        columns[name] = [row.get(name) for row in rows]
    for name in SETS[1:]:
        columns[name] = [row.get(name, ()) for row in rows]
    columns["unplaced_hazards"] = [row.get("unplaced_hazards", 1) for row in rows]
    for name in ("on", "as_of", "data_as_of"):
        columns[name] = [row.get(name, on) for row in rows]
    columns["sources"] = [row.get("sources", sources) for row in rows]
    kinds = dict.fromkeys(TEXTS, "str") | dict.fromkeys(NUMBERS, "float64") | dict.fromkeys(SETS, "object")
    kinds |= dict.fromkeys(("on", "as_of", "data_as_of"), "datetime64[us]") | {"unplaced_hazards": "int64"}
    frame = pd.DataFrame(columns)
    for name in ("on", "as_of", "data_as_of"):
        frame[name] = pd.to_datetime(frame[name])
    shapes = [row.get("geometry", square(i)) for i, row in enumerate(rows)]
    return gpd.GeoDataFrame(frame.astype(kinds), geometry=gpd.GeoSeries(shapes, crs=4326), crs=4326)


MARKS = ("unplaced_hazards", "fictitious_data")
#: Every verdict once; areas are those of squares of 100 m.
ROWS = (
    {
        "plot_id": "P-A", "cadastre_no": "EX/1", "name": "Ağdərə, south", "use": "field", "verdict": "released",
        "why": "cleared by R-001 to 0.2 m on 2022-05-20, handed over with HO-17", "flags": MARKS, "area_m2": 10_000.0,
        "states": {"cleared": 1.0}, "nearest_hazard_id": "H-002", "nearest_hazard_m": 100.2, "nearest_direction": "E",
        "required_depth_m": 0.2, "cleared_depth_m": 0.2, "hazard_ids": ("H-001",), "release_ids": ("R-001",),
    },
    {
        "plot_id": "P-B", "cadastre_no": "EX/2", "name": "Ağdərə, school", "use": "school", "verdict": "suspected_hazard",
        "why": "5,000 m² of suspected hazardous area H-002 is open on it", "flags": MARKS, "area_m2": 10_000.0,
        "states": {"suspected_open": 0.5, "not_handed_over": 0.5}, "nearest_hazard_id": "H-002", "nearest_hazard_m": 0.0,
        "required_depth_m": 0.2, "hazard_ids": ("H-002",), "idle_release_ids": ("R-002",),
    },
    {
        "plot_id": "P-C", "cadastre_no": "EX/3", "use": "field", "verdict": "confirmed_hazard",
        "why": "the whole plot is open ground of confirmed hazardous area H-003", "flags": ("boundary_uncertain", *MARKS),
        "area_m2": 10_000.0, "states": {"confirmed_open": 1.0}, "nearest_hazard_id": "H-003", "nearest_hazard_m": 0.0,
        "required_depth_m": 0.2, "hazard_ids": ("H-003",),
    },
    {
        "plot_id": "P-D", "cadastre_no": "EX/4", "use": "field", "verdict": "release_in_question",
        "why": "R-003 is contradicted by later evidence: F-001", "flags": ("near_hazard", *MARKS), "area_m2": 10_000.0,
        "states": {"in_question": 1.0}, "nearest_hazard_id": "H-003", "nearest_hazard_m": 57.9, "nearest_direction": "W",
        "required_depth_m": 0.2, "hazard_ids": ("H-004",), "release_ids": ("R-003",), "find_ids": ("F-001",),
    },
    {
        "plot_id": "P-E", "cadastre_no": "EX/5", "use": "road", "verdict": "not_handed_over",
        "why": "R-002: no handover paper with number and date", "flags": MARKS, "area_m2": 5_000.0,
        "states": {"not_handed_over": 1.0}, "nearest_hazard_id": "H-002", "nearest_hazard_m": 0.4, "nearest_direction": "E",
        "hazard_ids": ("H-002",), "idle_release_ids": ("R-002",),
    },
    {
        "plot_id": "P-F", "cadastre_no": "EX/6", "name": "Füzuli road", "use": "foundations", "verdict": "too_shallow",
        "why": "cleared to 0.2 m; foundations need 0.5 m", "flags": MARKS, "area_m2": 10_000.0, "states": {"cleared": 1.0},
        "nearest_hazard_id": "H-005", "nearest_hazard_m": 250.0, "nearest_direction": "NE", "required_depth_m": 0.5,
        "cleared_depth_m": 0.2, "hazard_ids": ("H-001",), "release_ids": ("R-001",),
    },
    {
        "plot_id": "P-G", "cadastre_no": "EX/7", "use": "field", "verdict": "partly_released",
        "why": "99.98 % released; the rest has no record", "flags": ("depth_unknown", *MARKS), "area_m2": 10_000.0,
        "states": {"cleared": 0.8998, "cancelled": 0.1, "no_record": 0.0002}, "nearest_hazard_id": "H-005",
        "nearest_hazard_m": 1_250.7, "nearest_direction": "SW", "required_depth_m": 0.2, "cleared_depth_m": 0.5,
        "hazard_ids": ("H-001",), "release_ids": ("R-001", "R-004"),
    },
    {
        "plot_id": "P-H", "cadastre_no": "EX/8", "use": "pasture", "verdict": "near_hazard",
        "why": "confirmed hazardous area H-005 is 12 m from its edge", "flags": ("near_hazard", *MARKS), "area_m2": 20_000.0,
        "states": {"no_record": 1.0}, "nearest_hazard_id": "H-005", "nearest_hazard_m": 12.9, "nearest_direction": "N",
    },
    {
        "plot_id": "P-I", "cadastre_no": "EX/9", "use": "pasture", "verdict": "surveyed_no_evidence",
        "why": "surveyed (S-001) on 2023-05-01: no evidence found at that time", "flags": MARKS, "area_m2": 10_000.0,
        "states": {"surveyed": 1.0}, "nearest_hazard_id": "H-005", "nearest_hazard_m": 150.0, "nearest_direction": "W",
        "survey_ids": ("S-001",),
    },
    {
        "plot_id": "P-J", "cadastre_no": "EX/10", "use": "pasture", "verdict": "no_record", "why": "no record touches it",
        "flags": MARKS, "area_m2": 1_234_567.8, "states": {"no_record": 1.0}, "nearest_hazard_id": "H-005",
        "nearest_hazard_m": 12_345.0, "nearest_direction": "S",
    },
    {
        "plot_id": "P-K", "cadastre_no": "EX/11", "use": "pasture", "verdict": "outside_coverage",
        "why": "a part of it lies where the data claim to know nothing", "flags": MARKS, "area_m2": 10_000.0,
        "states": {"no_record": 0.25, "outside_coverage": 0.75}, "data_as_of": None,
    },
    {
        "plot_id": "P-L", "cadastre_no": "EX/12", "use": "field", "verdict": "cannot_tell",
        "why": "the outline of the plot crosses itself at 47.0201, 40.0002", "flags": MARKS, "area_m2": np.nan,
        "geometry": shapely.Polygon([(47.02, 40), (47.021, 40.001), (47.021, 40), (47.02, 40.001)]), "data_as_of": None,
    },
)  # fmt: skip


def every_verdict():
    assert [r["verdict"] for r in ROWS].sort() == list(words.VERDICTS).sort()
    return answers(list(ROWS))


def none():
    return answers([]).iloc[:0]


def real(frame):
    """The same answers as if the data were real."""
    return frame.assign(flags=frame["flags"].map(lambda v: tuple(f for f in v if f != "fictitious_data")))


def programme():
    return hm.example()
