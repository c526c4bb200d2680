"""The small example programme: squares of 100 m on whole metres, so that a pencil can check every figure.

Fictitious. Used by the doctests and as the first thing to play with. Knows the tables and a local plane, nothing above.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from hazardmap import measure, tables
from hazardmap.programme import Policy, Programme

#: Longitude and latitude of the corner of the first square.
ORIGIN_DEG = (47.0, 40.0)
_SOURCE = "hazardmap.example(): fictitious"


def example() -> Programme:
    """Make the small programme of 100 m squares (10,000 m² each) on which the documentation runs.

    Six squares in a row, 100 m apart, on 2024-12-31: A cleared with all papers; B half reduced, its handover paper
    missing; C confirmed and open; D cancelled, then an accident on it; E confirmed, worked on, half cleared; F only
    surveyed. One more hazard, H-006, is known by name alone.

    Returns
    -------
    Programme
        Marked fictitious, as of 2024-12-31.

    Examples
    --------
    >>> import hazardmap as hm
    >>> hm.example()
    <Programme Six squares, as of 2024-12-31 FICTITIOUS: hazards 6, releases 4, surveys 1, finds 1, plots 6, districts
    1, coverage 1>
    """
    return Programme(
        name="Six squares",
        as_of=date(2024, 12, 31),
        sources=_SOURCE,
        fictitious=True,
        policy=Policy(country="Example", extent_deg=(46.9, 39.9, 47.1, 40.1)),
        hazards=_frame(
            "hazards",
            [
                "hazard_id",
                "date_of_information",
                "event",
                "classification",
                "status",
                "contamination",
                "workflow",
                "name",
            ],
            [
                ("H-001", "2021-03-01", "established", "confirmed", "closed", ("AP",), "approved", "Square A"),
                ("H-002", "2021-03-01", "established", "suspected", "worked_on", ("AP", "AV"), "approved", "Square B"),
                ("H-003", "2021-06-01", "established", "confirmed", "open", ("AV",), "approved", "Square C"),
                ("H-004", "2021-06-01", "established", "suspected", "closed", ("unknown",), "approved", "Square D"),
                ("H-005", "2022-01-15", "established", "confirmed", "worked_on", ("AP",), "approved", "Square E"),
                (
                    "H-006",
                    "2023-02-01",
                    "established",
                    "suspected",
                    "open",
                    ("unknown",),
                    "draft",
                    "Somewhere in Example",
                ),
            ],
            [_square(0), _square(200), _square(400), _square(600), _square(800), None],
            district=["EX"] * 6,
            accuracy_m=[5.0] * 6,
            location_kind=["surveyed"] * 6,
            quarantined=[None] * 5 + ["geometry: missing (needed: a geometry)"],
        ),
        releases=_frame(
            "releases",
            [
                "release_id",
                "hazard_ids",
                "activity_id",
                "activity_type",
                "product",
                "depth_m",
                "date_completed",
                "decision",
                "decision_date",
                "quality",
                "quality_date",
                "handover_no",
                "handover_date",
            ],
            [
                (
                    "R-001",
                    ("H-001",),
                    "T-1",
                    "clearance",
                    "cleared",
                    0.2,
                    "2022-05-20",
                    "approved",
                    "2022-06-01",
                    "passed",
                    "2022-05-25",
                    "HO-17",
                    "2022-06-10",
                ),
                (
                    "R-002",
                    ("H-002",),
                    "T-2",
                    "TS",
                    "reduced",
                    None,
                    "2023-04-01",
                    "approved",
                    "2023-05-01",
                    "passed",
                    "2023-04-20",
                    None,
                    None,
                ),
                (
                    "R-003",
                    ("H-004",),
                    "T-3",
                    "NTS",
                    "cancelled",
                    None,
                    "2023-07-01",
                    "approved",
                    "2023-08-01",
                    "passed",
                    "2023-07-15",
                    "HO-21",
                    "2023-08-10",
                ),
                (
                    "R-004",
                    ("H-005",),
                    "T-4",
                    "clearance",
                    "cleared",
                    0.5,
                    "2024-09-01",
                    "approved",
                    "2024-10-01",
                    "passed",
                    "2024-09-15",
                    "HO-30",
                    "2024-10-15",
                ),
            ],
            [_square(0), _square(200, width=50), _square(600), _square(800, width=50)],
            accuracy_m=[1.0] * 4,
        ),
        surveys=_frame("surveys", ["survey_id", "date"], [("S-001", "2023-05-01")], [_square(1000)]),
        finds=_frame(
            "finds",
            ["find_id", "date", "kind", "accuracy_m"],
            [("F-001", "2024-03-03", "accident", 5.0)],
            [_point(650, 50)],
        ),
        plots=_frame(
            "plots",
            ["plot_id", "cadastre_no", "use", "required_depth_m"],
            [(f"P-{letter}", f"EX/{i}", "field", 0.2) for i, letter in enumerate("ABCDEF", start=1)],
            [_square(x) for x in range(0, 1200, 200)],
        ),
        districts=_frame(
            "districts", ["district_id", "name"], [("EX", "Example")], [_square(-500, y=-500, width=2100, height=1100)]
        ),
        coverage=_frame(
            "coverage",
            ["coverage_id", "as_of"],
            [("C-1", "2024-12-31")],
            [_square(-500, y=-500, width=2100, height=1100)],
        ),
    )


def _square(x: float, y: float = 0, *, width: float = 100, height: float = 100) -> Any:
    return shapely.box(x, y, x + width, y + height)


def _point(x: float, y: float) -> Any:
    return shapely.Point(x, y)


def _frame(
    name: str, columns: list[str], rows: list[tuple[Any, ...]], shapes: list[Any], **more: list[Any]
) -> gpd.GeoDataFrame:
    plane = measure.local_plane((*ORIGIN_DEG, *ORIGIN_DEG))
    data = {c: [r[i] for r in rows] for i, c in enumerate(columns)} | more
    geometry = measure.from_plane(np.array(shapes, dtype=object), plane)
    frame = gpd.GeoDataFrame({**data, "source": [_SOURCE] * len(rows)}, geometry=geometry, crs=measure.STORED_CRS)
    return tables.canonical(frame, name)
