"""Finds of the fictitious programme: devices lifted during clearance, accidents, and what contradicts a release.

Knows shapes and days; keeps finds off releases that they would put in doubt, except the one that is meant
to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hazardmap.aghdam.records import LAST_DAY, SOURCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hazardmap.aghdam.records import Entry

    Array = NDArray[Any]
    Row = dict[str, Any]

_APART_M = 60.0
_DOUBT_DAY = 1442


def finds(
    rng: np.random.Generator, made: Sequence[Entry], *, released: Sequence[Row], known: Any, coverage: Any
) -> list[Row]:
    """Make the finds, ordered by day.

    Parameters
    ----------
    rng
        Where chance comes from.
    made, released
        The hazards, and all releases.
    known, coverage
        The ground of all hazards and releases; the ground that the data cover. Plane geometries.
    """
    released = [r for r in released if r["date_completed"] is not None]
    rows = [*_lifted(rng, released), *_in_the_open(rng, made), *_outside(rng, known, coverage), *_answered(rng, made)]
    rows = [row for row in rows if not _doubts(row, released)]
    rows.append(_contradiction(rng, made, released))
    rows += _before_reopening(rng, made)
    rows.sort(key=lambda r: (r["date"], r["geometry"].x))
    return [
        {"find_id": f"F-{i:04d}", "source": f"{SOURCE}: field report", **row} for i, row in enumerate(rows, start=1)
    ]


def _inside(rng: np.random.Generator, ground: Any) -> Any:
    """Choose a point inside, well off the edge where the ground is wide enough."""
    core = next((c for m in (8, 4, 1) if not (c := ground.buffer(-m)).is_empty), ground)
    west, south, east, north = core.bounds
    tried: Any = shapely.points(
        np.column_stack([rng.uniform(west, east, 400), rng.uniform(south, north, 400)]).round(2)
    )
    held = tried[shapely.contains(core, tried)]
    return held[0] if len(held) else core.representative_point()


def _item(rng: np.random.Generator, words: tuple[str, ...]) -> Row:
    counted = [w for w in ("AP", "AV", "UXO", "cluster") if w in words]
    word = str(rng.choice(counted)) if counted else "UXO"
    return {f"{word.lower()}_found": int(rng.integers(1, 4))}


def _lifted(rng: np.random.Generator, released: Sequence[Row]) -> list[Row]:
    rows = []
    for release in released:
        if release["product"] != "cleared" or rng.uniform() < 0.25:
            continue
        columns = [c for c in release if c.endswith("_found") and release[c]]
        for _ in range(int(rng.integers(1, 3)) if columns else 0):
            day = int(rng.integers(release["begin"] + 1, release["date_completed"]))
            rows.append(
                {
                    "kind": "device",
                    "date": day,
                    str(rng.choice(columns)): int(rng.integers(1, 3)),
                    "accuracy_m": 1.0,
                    "answered_on": day,
                    "answered_by": release["activity_id"],
                    "geometry": _inside(rng, release["geometry"]),
                }
            )
    return rows


def _in_the_open(rng: np.random.Generator, made: Sequence[Entry]) -> list[Row]:
    open_ones = [e for e in made if not e.releases and e.site.found < LAST_DAY - 200]
    chosen = [open_ones[i] for i in np.sort(rng.choice(len(open_ones), 14, replace=False))]
    kinds = ["accident"] * 4 + ["incident"] * 3 + ["device"] * 7
    return [
        {
            "kind": kind,
            "date": int(rng.integers(e.site.found + 20, LAST_DAY)),
            "accuracy_m": float(rng.choice([5, 10, 20])),
            **_item(rng, e.shared["contamination"]),
            "geometry": _inside(rng, e.site.ground),
        }
        for e, kind in zip(chosen, kinds, strict=True)
    ]


def _outside(rng: np.random.Generator, known: Any, coverage: Any) -> list[Row]:
    """Put one unanswered accident and one unanswered device where nothing is recorded."""
    west, south, east, north = coverage.bounds
    tried: Any = shapely.points(
        np.column_stack([rng.uniform(west, east, 2000), rng.uniform(south, north, 2000)]).round(2)
    )
    tried = tried[shapely.contains(coverage, tried)]
    away = shapely.distance(known, tried)
    tried = tried[(away > 350) & (away < 1200)]
    spots = [tried[0], tried[int(np.argmax(shapely.distance(tried, tried[0])))]]
    return [
        {"kind": "accident", "date": 1388, "av_found": 1, "accuracy_m": 15.0, "geometry": spots[0]},
        {"kind": "device", "date": 1571, "uxo_found": 2, "accuracy_m": 5.0, "geometry": spots[1]},
    ]


def _answered(rng: np.random.Generator, made: Sequence[Entry]) -> list[Row]:
    """Tell of accidents on unrecorded ground that were answered by recording a hazard there."""
    after = [e for e in made if e.site.kind == "patch" and e.site.confirmed and e.site.found > 60][:40:9]
    rows = []
    for entry in after:
        entry.shared["evidence"] = tuple(dict.fromkeys((*entry.shared["evidence"], "accident_known_place")))
        for row in entry.versions:
            row["evidence"] = entry.shared["evidence"]
        rows.append(
            {
                "kind": "accident",
                "date": entry.site.found - 18,
                "accuracy_m": 5.0,
                "answered_on": entry.site.found,
                "answered_by": f"NTS-{entry.hazard_id[3:]}",
                **_item(rng, entry.shared["contamination"]),
                "geometry": _inside(rng, entry.site.ground),
            }
        )
    return rows


def _doubts(row: Row, released: Sequence[Row]) -> bool:
    return any(
        row["date"] > r["date_completed"] and row["geometry"].distance(r["geometry"]) < row["accuracy_m"] + _APART_M
        for r in released
    )


def _contradiction(rng: np.random.Generator, made: Sequence[Entry], released: Sequence[Row]) -> Row:
    """Put an accident on ground that was cleared and handed over years before."""
    done = [r for e in made if e.site.kind == "belt" and e.finished for r in e.releases]
    done = [
        r for r in done if r["product"] == "cleared" and r["handover_date"] is not None and r["handover_date"] < 1200
    ]
    chosen = done[len(done) // 2]
    others = [r for r in released if r["activity_id"] != chosen["activity_id"]]
    spots = [_inside(rng, chosen["geometry"]) for _ in range(20)]
    spot = max(spots, key=lambda p: min(p.distance(r["geometry"]) for r in others))
    return {"kind": "accident", "date": _DOUBT_DAY, "ap_found": 1, "accuracy_m": 3.0, "geometry": spot}


def _before_reopening(rng: np.random.Generator, made: Sequence[Entry]) -> list[Row]:
    return [
        {
            "kind": "device",
            "date": v["date_of_information"] - 6,
            "uxo_found": 1,
            "accuracy_m": 2.0,
            "answered_on": v["date_of_information"],
            "answered_by": f"NTS-{e.hazard_id[3:]}",
            "geometry": _inside(rng, e.site.ground),
        }
        for e in made
        for v in e.versions
        if v["event"] == "reopened"
    ]


def asked_about(found: Sequence[Row], released: Sequence[Row], made: Sequence[Entry]) -> list[Any]:
    """Give points where planners will ask: on a doubted release, others of each kind, and suspected ground."""
    doubted = next(r for r in found if r.get("date") == _DOUBT_DAY)
    placed = sorted(
        (r for r in released if r["date_completed"] is not None), key=lambda r: (r["date_completed"], r["activity_id"])
    )
    cancelled = [r for r in placed if r["product"] == "cancelled" and r["handover_date"] is not None]
    unpapered = [
        r for r in placed if r["product"] == "reduced" and r["handover_date"] is None and r["decision"] != "rejected"
    ]
    cleared = [r for r in placed if r["product"] == "cleared" and r["handover_date"] is not None]
    chosen = [rows[len(rows) // 2]["geometry"].representative_point() for rows in (cancelled, unpapered, cleared)]
    waiting = [e for e in made if e.site.kind == "sketch" and not e.releases and not e.taken and not e.site.confirmed]
    chosen.append(waiting[len(waiting) // 2].site.ground.representative_point())
    return [doubted["geometry"], *chosen]
