"""The cases that every real register holds, for the fictitious one.

Areas extended, revised, merged, split and reopened; drafts, points, repaired and unusable records; releases
that follow no single hazard. Knows the words of the tables; knows no rule of the ground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
import shapely.affinity

from hazardmap.aghdam.landscape import joined
from hazardmap.aghdam.records import SOURCE, papers, version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from hazardmap.aghdam.records import Entry

    Array = NDArray[Any]
    Row = dict[str, Any]


def special_cases(rng: np.random.Generator, made: list[Entry]) -> list[Row]:
    """Turn some untouched areas into the cases that registers hold; return rows of further hazards.

    Changes the entries; every case takes an area of its own.
    """
    more: list[Row] = []
    next_id = len(made)

    def number() -> str:
        nonlocal next_id
        next_id += 1
        return f"HA-{next_id:04d}"

    def open_one(kind: str, fits: Callable[[Entry], bool]) -> Entry:
        fitting = [e for e in made if e.site.kind == kind and not e.releases and not e.taken and fits(e)]
        chosen = fitting[int(rng.integers(len(fitting)))]
        chosen.taken = True
        return chosen

    def long(e: Entry) -> bool:
        return len(e.site.steps) > 2 and 150 < e.site.found < 1100

    for _ in range(4):
        _extend(rng, open_one("belt", long), workflow="approved")
    _extend(rng, open_one("belt", long), workflow="draft")
    for workflow in ("approved", "approved", "draft"):
        _revise_down(rng, open_one("sketch", long), workflow=workflow)
    more += _merge(open_one("belt", long), (number(), number()))
    more += _split(open_one("sketch", long), (number(), number()))
    closed_on_paper = open_one("sketch", long)
    on = closed_on_paper.site.found + 300
    closed_on_paper.versions.append(
        version(
            closed_on_paper,
            on,
            "closed",
            classification="suspected",
            status="closed",
            closed_on=on,
            close_reason="cancelled",
        )
    )
    for e in [e for e in made if e.site.found > 1150 and not e.releases and not e.taken][:6]:
        e.taken = True
        for row in e.versions:
            row["workflow"] = "draft" if row["workflow"] == "approved" and len(e.versions) == 1 else row["workflow"]
    reopened = next(
        e
        for e in made
        if e.site.kind == "patch"
        and e.versions[-1]["event"] == "closed"
        and 100 < e.versions[-1]["date_of_information"] < 1250
    )
    reopened.taken = True
    reopened.versions.append(version(reopened, 1310, "reopened", classification="confirmed", status="open"))
    return more


def _extend(rng: np.random.Generator, entry: Entry, *, workflow: str) -> None:
    first = joined([shape for _, shape in entry.site.steps[:2]])
    entry.versions[0] |= {"geometry": first, "stated_area_m2": None}
    state = {c: entry.versions[0][c] for c in ("classification", "status")}
    on = entry.site.found + int(rng.integers(150, 420))
    entry.versions.append(version(entry, on, "extended", workflow=workflow, **state))


def _revise_down(rng: np.random.Generator, entry: Entry, *, workflow: str) -> None:
    rest = joined([shape for _, shape in entry.site.steps[1:]])
    state = {c: entry.versions[0][c] for c in ("classification", "status")}
    on = entry.site.found + int(rng.integers(150, 420))
    entry.versions.append(
        version(entry, on, "revised_down", workflow=workflow, geometry=rest, stated_area_m2=None, **state)
    )


def _merge(entry: Entry, ids: tuple[str, str]) -> list[Row]:
    """Make the area the successor of two: its two stretches were hazards of their own before."""
    halves = (entry.site.steps[:2], entry.site.steps[2:])
    state = {c: entry.versions[0][c] for c in ("classification", "status")}
    rows = []
    for hazard_id, half in zip(ids, halves, strict=True):
        own: Row = {"hazard_id": hazard_id, "geometry": joined([shape for _, shape in half]), "stated_area_m2": None}
        rows.append(version(entry, entry.site.found - 120, "established", **state | own))
        end: Row = {
            "status": "closed",
            "closed_on": entry.site.found,
            "close_reason": "merged",
            "superseded_by": (entry.hazard_id,),
        }
        rows.append(version(entry, entry.site.found, "merged", **state | own | end))
    return rows


def _split(entry: Entry, ids: tuple[str, str]) -> list[Row]:
    """Split the area in two hazards of their own."""
    on = entry.site.found + 200
    halves = (entry.site.steps[:1], entry.site.steps[1:])
    state = {c: entry.versions[0][c] for c in ("classification", "status")}
    end: Row = {"status": "closed", "closed_on": on, "superseded_by": ids}
    entry.versions.append(version(entry, on, "split", **state | end))
    own = [
        {"hazard_id": i, "geometry": joined([g for _, g in half]), "stated_area_m2": None}
        for i, half in zip(ids, halves, strict=True)
    ]
    return [version(entry, on, "established", **state | cells) for cells in own]


def doubtful_rows(first: int, corner: Array) -> tuple[list[Row], dict[str, Any]]:
    """Make hazards known by a point, a repaired one, and records that cannot be used.

    Returns
    -------
    Rows, and for each repaired row its outline as entered, by its id.
    """
    plain: Row = {
        "event": "established",
        "classification": "suspected",
        "status": "open",
        "workflow": "approved",
        "contamination": ("unknown",),
        "evidence": ("verbal_report",),
        "organisation": "Operator B",
        "source": f"{SOURCE}: letter from a village",
    }
    ids = iter(f"HA-{i:04d}" for i in range(first, first + 20))
    rows: list[Row] = [
        {
            **plain,
            "hazard_id": next(ids),
            "date_of_information": day,
            "location_kind": "centroid",
            "stated_area_m2": area,
            "accuracy_m": 30.0,
            "geometry": shapely.Point((corner + shift).round(2)),
        }
        for day, area, shift in (
            (410, 24_000.0, (900, 5200)),
            (700, 9_000.0, (2600, -2500)),
            (980, 40_000.0, (-2200, 1500)),
        )
    ]
    walked = (corner + np.array([(3300, 3300), (3720, 3560), (3690, 3300), (3340, 3590)])).round(2)
    entered = shapely.Polygon(walked)
    kept = shapely.set_precision(shapely.make_valid(entered), 0.01)
    rows.append(
        {
            **plain,
            "hazard_id": next(ids),
            "date_of_information": 520,
            "geometry": kept,
            "location_kind": "surveyed",
            "accuracy_m": 5.0,
            "repaired": "the outline crossed itself; both parts are kept",
        }
    )
    box = shapely.box(0, 0, 310, 170)
    placed = [
        shapely.affinity.translate(shapely.affinity.rotate(box, 20), *(corner + s))
        for s in ((-900, -900), (1500, 1500))
    ]
    unusable: tuple[Mapping[str, Any], ...] = (
        {"date_of_information": 600, "geometry": shapely.set_precision(placed[0], 0.01), "classification": "possible"},
        {"date_of_information": None, "geometry": shapely.set_precision(placed[1], 0.01)},
        {"date_of_information": 640, "geometry": None, "district": "AJ03", "name": "East of the old vineyard"},
        {"date_of_information": 655, "geometry": None, "district": "AJ18", "name": "Behind the pumping station"},
        {"date_of_information": 1205, "geometry": None, "name": "By the burnt mill"},
    )
    rows += [{**plain, "hazard_id": next(ids), **cells} for cells in unusable]
    return rows, {r["hazard_id"]: entered for r in rows if "repaired" in r}


def further_releases(made: Sequence[Entry], roads: Mapping[str, Array], former_line: Array) -> list[Row]:
    """Make releases that follow no single hazard: two road corridors, one that names none, one without its day."""
    rows: list[Row] = []
    behind = shapely.LineString(former_line).buffer(-2600, single_sided=True)  # west of it
    plain: Row = {
        "activity_type": "clearance",
        "product": "cleared",
        "method": ("instrument", "manual"),
        "depth_m": 0.5,
        "accuracy_m": 1.0,
        "source": f"{SOURCE}: completion report",
        "begin": 400,
    }
    given = papers(np.random.default_rng(0), 520)
    for i, name in enumerate(("Ağcabədi – Ağdam road", "Füzuli – Beyləqan road")):
        road = shapely.intersection(shapely.LineString(roads[name]), behind)
        corridor = shapely.set_precision(road.buffer(30, cap_style="flat", join_style="mitre"), 0.01)
        named = tuple(e.hazard_id for e in made if e.site.found < 520 and e.site.ground.intersection(corridor).area > 1)
        rows.append(
            {
                **plain,
                **given,
                "hazard_ids": named,
                "activity_id": f"CL-ROAD-{i + 1}",
                "organisation": "Operator A",
                "handover_no": f"HO-00{i + 1}",
                "uxo_found": 3,
                "geometry": corridor,
            }
        )
    unnamed = next(
        e
        for e in made
        if e.site.kind == "sketch" and not e.releases and not e.taken and len(e.site.steps) > 2 and e.site.found < 900
    )
    rows.append(
        {
            **plain,
            **papers(np.random.default_rng(1), 1100),
            "hazard_ids": (),
            "activity_id": "CL-LETTER",
            "organisation": "Operator E",
            "geometry": unnamed.site.steps[0][1],
        }
    )
    undated = next(e for e in made if e.site.kind == "belt" and not e.releases and not e.taken)
    rows.append(
        {
            **plain,
            **given,
            "date_completed": None,
            "hazard_ids": (undated.hazard_id,),
            "activity_id": "CL-UNDATED",
            "organisation": "Operator D",
            "geometry": undated.site.steps[0][1],
        }
    )
    return rows
