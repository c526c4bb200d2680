"""The records of the fictitious programme: versions of hazards and their releases, day by day, with and without papers.

Turns sites into rows of the tables: work goes on step by step, papers follow, some are missing or against.
Knows the words of the tables; knows no rule of the ground.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hazardmap.aghdam.minefields import Site

    Array = NDArray[Any]
    Row = dict[str, Any]

#: The end of the war; days are counted from it.
DAY_0 = np.datetime64("2020-11-10")
#: The as-of date of the programme.
AS_OF = np.datetime64("2025-06-30")
LAST_DAY = int((AS_OF - DAY_0).astype(int))
#: How every record of it names its source.
SOURCE = "Fictitious example"

_ACTIVITY = {"cancelled": "NTS", "reduced": "TS", "cleared": "clearance"}
_METHODS = {"cancelled": ("visual",), "reduced": ("animal", "mechanical"), "cleared": ("instrument", "manual")}
_DEPTHS_M = (0.2, 0.2, 0.2, 0.3, 0.5)
_INDIRECT = ("former_combat_zone", "land_not_used", "old_survey", "record_low_reliability", "verbal_report")
_DIRECT = ("detonation", "sign_or_fence", "visual")
_CONTAMINATION = {
    "belt": (("AP",), ("AP",), ("AP", "AV"), ("AV",)),
    "ring": (("AP", "booby_trap"), ("AP",)),
    "roadside": (("AV",), ("AP", "AV")),
    "patch": (("AP", "UXO"), ("UXO",), ("AP", "booby_trap"), ("AXO", "UXO")),
    "strike": (("cluster",), ("UXO", "cluster")),
    "sketch": (("unknown",), ("AP",), ("AP", "UXO"), ("AV", "unknown")),
}
_DEVICES_PER_HA = {
    "AP": ("ap_found", 9),
    "AV": ("av_found", 2),
    "UXO": ("uxo_found", 3),
    "cluster": ("cluster_found", 4),
    "AXO": ("axo_found", 1),
}
# What is amiss with some releases of unfinished areas: a product that it fits (or any), and the cells.
_NO_PAPER: Row = {"handover_no": None, "handover_date": None, "handover_to": None}
_AMISS: tuple[tuple[str, Row], ...] = (
    ("cleared", {"quality": "failed", "decision": "rejected", **_NO_PAPER}),
    ("", {"nonconformity": "minor"}),
    ("", _NO_PAPER),
    ("reduced", {"decision": "rejected", **_NO_PAPER}),
    ("", _NO_PAPER),
    ("cleared", {"quality": "failed", "decision": "reported", "decision_date": None, **_NO_PAPER}),
    ("", _NO_PAPER),
    ("cleared", {"nonconformity": "major"}),
    ("", {"decision": "reported", "decision_date": None, **_NO_PAPER}),
    ("cleared", {"depth_m": None}),
    ("", _NO_PAPER),
    ("", {"quality": "conditional"}),
    ("", {"decision": "reported", "decision_date": None, "quality": "pending", "quality_date": None, **_NO_PAPER}),
    ("", _NO_PAPER),
)


@dataclass
class Entry:
    """One hazard in the making: its site, the cells that all its versions share, its versions and its releases.

    Days are whole numbers from `DAY_0`; shapes lie in the plane.
    """

    hazard_id: str
    site: Site
    shared: Row
    versions: list[Row] = field(default_factory=list)
    releases: list[Row] = field(default_factory=list)
    taken: bool = False

    @property
    def finished(self) -> bool:
        """Whether every step of the site has a release."""
        return len(self.releases) == len(self.site.steps)


def entries(rng: np.random.Generator, sites: Sequence[Site]) -> list[Entry]:
    """Give each site its number, its releases up to the as-of date, their papers and its versions."""
    made = [
        Entry(hazard_id=f"HA-{i:04d}", site=site, shared=_shared(rng, site)) for i, site in enumerate(sites, start=1)
    ]
    for entry in made:
        entry.releases = _releases(rng, entry)
    _find_amiss(made)
    for entry in made:
        entry.versions = _versions(rng, entry)
    return made


def _shared(rng: np.random.Generator, site: Site) -> Row:
    surveyed = site.confirmed or site.kind == "belt"
    evidence = tuple(rng.choice(_INDIRECT, int(rng.integers(1, 3)), replace=False))
    stated = float(round(site.ground.area * rng.uniform(0.93, 1.05), -2))
    choices = _CONTAMINATION[site.kind]
    return {
        "contamination": choices[int(rng.integers(len(choices)))],
        "evidence": (*evidence, str(rng.choice(_DIRECT))) if site.confirmed else evidence,
        "record_reliability": "low"
        if site.kind == "belt"
        else str(rng.choice(["high", "low", "unknown"], p=[0.3, 0.3, 0.4])),
        "accuracy_m": float(rng.integers(2, 9) if surveyed else rng.integers(4, 10) * 5),
        "location_kind": "surveyed" if surveyed else "estimated",
        "stated_area_m2": stated if rng.uniform() < 0.8 else None,
        "organisation": f"Operator {rng.choice(list('ABCD'))}",
        "priority": "high" if site.start < 700 else "medium" if site.start < 1400 else "low",
        "workflow": "approved",
        "source": f"{SOURCE}: {'survey report' if site.confirmed or site.kind != 'belt' else 'old minefield record'}",
    }


def _releases(rng: np.random.Generator, entry: Entry) -> list[Row]:
    rows: list[Row] = []
    day = entry.site.start
    operator = f"Operator {rng.choice(list('ABCD'))}"
    for product, shape in entry.site.steps:
        area_ha = shape.area / 10_000
        begin = day
        day += int(rng.uniform(25, 60) + {"cancelled": 0, "reduced": 9, "cleared": 34}[product] * area_ha)
        if day > LAST_DAY:
            break
        activity = "BAC" if product == "cleared" and entry.site.kind == "strike" else _ACTIVITY[product]
        prefix = {"clearance": "CL"}.get(activity, activity)
        rows.append(
            {
                "hazard_ids": (entry.hazard_id,),
                "activity_id": f"{prefix}-{entry.hazard_id[3:]}",
                "activity_type": activity,
                "product": product,
                "method": _METHODS[product],
                "organisation": operator,
                "begin": begin,
                "depth_m": float(rng.choice(_DEPTHS_M)) if product == "cleared" else None,
                "accuracy_m": float(rng.choice([0.5, 1.0, 2.0])),
                "source": f"{SOURCE}: completion report",
                "geometry": shape,
                **papers(rng, day),
                **_devices(rng, entry, product, area_ha),
            }
        )
        day += int(rng.uniform(15, 150))
    return rows


def papers(rng: np.random.Generator, completed: int) -> Row:
    """Date the papers of a release; those that would come after the as-of date are not there yet."""
    quality = completed + int(rng.integers(3, 21))
    decision = quality + int(rng.integers(5, 35))
    handover = decision + int(rng.integers(10, 75))
    given: Row = {
        "date_completed": completed,
        "quality": "passed",
        "quality_date": quality,
        "decision": "approved",
        "decision_date": decision,
        "handover_date": handover,
        "handover_to": "Executive power of the district (example)",
        "handover_no": f"HO-{rng.integers(1000, 10000)}",
        "nonconformity": "none",
    }
    if quality > LAST_DAY:
        given |= {"quality": "pending", "quality_date": None}
    if decision > LAST_DAY:
        given |= {"decision": "reported", "decision_date": None}
    if handover > LAST_DAY:
        given |= _NO_PAPER
    return given


def _devices(rng: np.random.Generator, entry: Entry, product: str, area_ha: float) -> Row:
    if product == "cancelled":
        return {}
    share = 1.0 if product == "cleared" else 0.04
    counted = [_DEVICES_PER_HA[c] for c in entry.shared["contamination"] if c in _DEVICES_PER_HA]
    return {column: int(rng.poisson(per_ha * area_ha * share)) for column, per_ha in counted}


def _find_amiss(made: Sequence[Entry]) -> None:
    """Put faults on releases of unfinished areas, spread evenly over the years."""
    open_ended = [r for e in made if not e.finished for r in e.releases if r["handover_date"] is not None]
    open_ended.sort(key=lambda r: (r["date_completed"], r["hazard_ids"]))
    places = np.linspace(0, len(open_ended) - 1, len(_AMISS)).astype(int)
    left = list(range(len(open_ended)))
    for place, (product, cells) in zip(places, _AMISS, strict=True):
        fitting = [i for i in left if not product or open_ended[i]["product"] == product]
        if fitting:
            nearest = min(fitting, key=lambda i: (abs(i - place), i))
            left.remove(nearest)
            open_ended[nearest].update(cells)


def _versions(rng: np.random.Generator, entry: Entry) -> list[Row]:
    site = entry.site
    word = "confirmed" if site.confirmed else "suspected"
    rows = [version(entry, site.found, "established", classification=word, status="open")]
    dug = [r for r in entry.releases if r["product"] != "cancelled"]
    if dug:
        event = "edited" if site.confirmed else "reclassified"
        evidence = tuple(dict.fromkeys((*entry.shared["evidence"], str(rng.choice(_DIRECT)))))
        more: Row = {
            "classification": "confirmed",
            "status": "worked_on",
            "evidence": evidence,
            "location_kind": "surveyed",
            "accuracy_m": min(entry.shared["accuracy_m"], 5.0),
        }
        rows.append(version(entry, dug[0]["begin"], event, **more))
        word = "confirmed"
        if not entry.finished and rng.uniform() < 0.15:
            rows.append(
                version(
                    entry, min(dug[-1]["date_completed"] + 30, LAST_DAY), "edited", **more | {"status": "suspended"}
                )
            )
    if entry.finished and all(r["handover_date"] is not None for r in entry.releases):
        on = max(r["handover_date"] for r in entry.releases)
        products = {r["product"] for r in entry.releases}
        reason = products.pop() if len(products) == 1 else "mixed"
        rows.append(
            version(entry, on, "closed", classification=word, status="closed", closed_on=on, close_reason=reason)
        )
    return rows


def version(entry: Entry, day: int, event: str, **cells: Any) -> Row:
    """Make one version of a hazard, with the ground of its site unless `geometry` is given."""
    return {
        "hazard_id": entry.hazard_id,
        "geometry": entry.site.ground,
        **entry.shared,
        "date_of_information": day,
        "event": event,
        **cells,
    }


def numbered(releases: Sequence[Row]) -> list[Row]:
    """Give releases numbers by the year and order of their completion; undated ones come last."""

    def day(row: Row) -> int:
        return LAST_DAY + 1 if row["date_completed"] is None else int(row["date_completed"])

    ordered = sorted(releases, key=lambda r: (day(r), r["activity_id"]))
    years = ["0000" if row["date_completed"] is None else str(DAY_0 + day(row))[:4] for row in ordered]
    return [
        row | {"release_id": f"LR-{year}-{i:03d}"}
        for i, (year, row) in enumerate(zip(years, ordered, strict=True), start=1)
    ]
