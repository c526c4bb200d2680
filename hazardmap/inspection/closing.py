"""Closed hazards of which ground is left, by the rule of the ground.

Asks the rule about the closed hazards alone, with all that can bear on them: the releases that name them, the rows of
the same activities, their successors and all finds. Decides nothing itself.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hazardmap import measure, words
from hazardmap.inspection.findings import Found
from hazardmap.release.cells import areas_m2, cut
from hazardmap.release.days import ALWAYS, day_number, day_numbers
from hazardmap.release.records import read_records
from hazardmap.release.rule import RANK, decide_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hazardmap.inspection.catalogue import Thresholds
    from hazardmap.inspection.subject import Subject
    from hazardmap.programme import Programme

    Array = NDArray[Any]


def closed_with_ground(subject: Subject, limits: Thresholds) -> Iterator[Found]:
    """Find hazards whose latest version is closed and of which ground is left on the as-of date; size is how much."""
    programme = subject.programme
    if "hazards" not in subject.layers or not programme.hazards["status"].eq("closed").any():
        return
    if programme.as_of is None:
        yield Found(
            check="not_checked",
            layer=None,
            at=np.zeros(1, dtype=np.int64),
            found="closed_with_ground: the programme does not say up to which day it speaks",
            expected="an as-of date",
            severity="note",
        )
        return
    layer = subject.layers["hazards"]
    latest = _latest(programme)
    closed = latest[programme.hazards["status"].to_numpy(dtype=object)[latest] == "closed"]
    if not len(closed):
        return
    row_of = dict(zip(layer.ids[closed], closed.tolist(), strict=True))
    part = _bearing_on(programme, set(row_of))
    records = read_records(part)
    cells = cut(records)
    ruling = decide_all(records, cells, day_number(part, programme.as_of))
    area = areas_m2(records, cells)
    on = ruling.hazards[["ask", "hazard", "state"]]
    on = on.assign(id=np.array(records.hazard_ids, dtype=object)[on["hazard"]], m2=area[on["ask"]])
    on = on[on["id"].isin(row_of)]
    whole = on.groupby("id")["m2"].sum()
    left = on[on["state"].isin([RANK[s] for s in words.REMAINING_STATES])].sort_values(["id", "m2"])
    m2 = left.groupby("id")["m2"].sum()
    most = left.groupby("id")["ask"].last()
    m2 = m2[m2 > np.maximum(limits.left_m2, limits.left_share * whole[m2.index])]
    points = shapely.point_on_surface(cells.ground[most[m2.index].to_numpy(dtype=np.int64)])
    yield Found(
        check="closed_with_ground",
        layer=layer,
        at=np.array([row_of[i] for i in m2.index], dtype=np.int64),
        found=[f"{_area(v)} left{_all(v, whole[i])}" for i, v in m2.items()],
        expected="nothing left of a closed hazard",
        size=m2.to_numpy(),
        severity="error",
        places=measure.from_plane(points, records.plane).to_numpy(),
    )


def _area(m2: float) -> str:
    return f"{m2:,.0f} m²" if m2 >= 10 else f"{m2:,.1f} m²"


def _all(left: float, whole: float) -> str:
    return ", all of it" if left > 0.9995 * whole else f", {left / whole * 100:.1f} % of it"


def _latest(programme: Programme) -> Array:
    """Give the row of the latest version of each hazard that is known on the as-of date."""
    hazards = programme.hazards
    day = day_numbers(hazards["date_of_information"], ALWAYS)
    known = np.flatnonzero((day <= day_number(programme, programme.as_of or "")) & hazards["quarantined"].isna())
    order = known[np.argsort(day[known], kind="stable")]
    last = pd.Series(order).groupby(hazards["hazard_id"].to_numpy()[order]).last()
    return np.asarray(last.to_numpy(dtype=np.int64))


def _bearing_on(programme: Programme, ids: set[str]) -> Programme:
    """Keep of a programme what decides the ground of some hazards: the rule looks at each hazard by itself."""
    hazards = programme.hazards
    heirs = hazards.loc[hazards["hazard_id"].isin(ids), "superseded_by"]
    kept = ids.union(*heirs) if len(heirs) else ids
    while more := {h for s in hazards.loc[hazards["hazard_id"].isin(kept), "superseded_by"] for h in s} - kept:
        kept |= more
    releases = programme.releases
    names = np.array([not ids.isdisjoint(s) for s in releases["hazard_ids"]], dtype=bool)
    if programme.policy.unlinked_releases == "ground":
        names |= np.array([not s for s in releases["hazard_ids"]], dtype=bool)
    same = releases["activity_id"].notna() & releases["activity_id"].isin(releases["activity_id"][names].dropna())
    some = releases[names | same.to_numpy()]
    some = some.assign(hazard_ids=[tuple(h for h in s if h in kept) for s in some["hazard_ids"]])
    idle = ("surveys", "plots", "districts", "coverage", "context")
    nothing: dict[str, Any] = {n: programme.table(n).iloc[:0] for n in idle}
    return dataclasses.replace(programme, hazards=hazards[hazards["hazard_id"].isin(kept)], releases=some, **nothing)
