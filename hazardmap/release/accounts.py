"""What became of each hazard and of each release, in square metres that add up.

Measures the rule's verdicts; decides nothing itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hazardmap import measure, readings, words
from hazardmap.release.cells import areas_m2, cut
from hazardmap.release.days import day_number
from hazardmap.release.records import hazard_ground, read_records
from hazardmap.release.rule import RANK, decide_all
from hazardmap.release.standing import COUNTING, STANDINGS, judge

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from hazardmap.programme import Programme
    from hazardmap.release.cells import Cells
    from hazardmap.release.records import Records
    from hazardmap.release.rule import Ruling

    Array = NDArray[Any]

_OPEN_COLUMNS = {
    "open_m2": words.OPEN_STATES,
    "in_question_m2": ("in_question",),
    "not_handed_over_m2": ("not_handed_over",),
    "cancelled_m2": ("cancelled",),
    "reduced_m2": ("reduced",),
    "cleared_m2": ("cleared",),
}


def hazard_account(programme: Programme, *, on: str | date) -> pd.DataFrame:
    """Account for the ground of each hazard known on a day.

    The rule: established + extended = revised down + superseded + cancelled + reduced + cleared + remaining (domain
    notes §4). What was established is measured on the polygon as recorded, all else on the cells that the rule
    decided, so that the last column shows what the cutting lost or gained; it stays within max(1 m², 0.1 %). With
    overlapping hazards the sum over hazards is more than the ground: both are true under their names.

    Returns
    -------
    One row for each placed hazard, indexed by ``hazard_id``: ``established_m2, extended_m2, revised_down_m2,
    superseded_m2, cancelled_m2, reduced_m2, cleared_m2, in_question_m2, not_handed_over_m2, open_m2, remaining_m2``
    (the sum of the last three), ``unbalanced_m2``.

    Examples
    --------
    >>> import hazardmap as hm
    >>> account = hm.hazard_account(hm.example(), on="2024-12-31")
    >>> account.loc["H-005", ["established_m2", "cleared_m2", "open_m2", "remaining_m2"]].round().tolist()
    [10000.0, 5000.0, 5000.0, 5000.0]
    >>> hm.hazard_account(hm.Programme(), on="2024-12-31").empty
    True
    """
    day = day_number(programme, on)
    records = read_records(programme)
    cells = cut(records)
    ruling = decide_all(records, cells, day)
    area = areas_m2(records, cells)
    hazards = np.arange(len(records.hazard_ids))

    def summed(frame: pd.DataFrame) -> pd.Series:
        return pd.Series(area[frame["ask"]]).groupby(frame["hazard"].to_numpy()).sum().reindex(hazards, fill_value=0.0)

    ever = ruling.ever[ruling.ever["ever"]]
    established = _established(records, day)
    first = _covered_by_first(records, cells, ever)
    account = pd.DataFrame({"established_m2": established, "extended_m2": summed(ever[~first])})
    account["revised_down_m2"] = summed(ever[~ever["alive"] & ~ever["ended"]])
    account["superseded_m2"] = summed(ever[ever["ended"]])
    for column, states in _OPEN_COLUMNS.items():
        account[column] = summed(ruling.hazards[ruling.hazards["state"].isin([RANK[s] for s in states])])
    account["remaining_m2"] = account[["open_m2", "in_question_m2", "not_handed_over_m2"]].sum(axis=1)
    spent = ["revised_down_m2", "superseded_m2", "cancelled_m2", "reduced_m2", "cleared_m2", "remaining_m2"]
    account["unbalanced_m2"] = account["established_m2"] + account["extended_m2"] - account[spent].sum(axis=1)
    account.index = pd.Index(records.hazard_ids, name="hazard_id", dtype="str")
    order = ["established_m2", "extended_m2", *spent[:5], "in_question_m2", "not_handed_over_m2", "open_m2"]
    placed = np.isin(hazards, ever["hazard"]) | (established > 0)
    return account.loc[placed, [*order, "remaining_m2", "unbalanced_m2"]]


def _established(records: Records, day: int) -> Array:
    """Measure the first version of each hazard on the shape that it recorded."""
    versions = records.versions
    shapes = hazard_ground(records.programme.hazards, records.policy, records.plane)[versions.row[versions.start]]
    shapes = readings.only(shapes, versions.day[versions.start] <= day)
    return np.asarray(measure.area_m2(measure.from_plane(shapes, records.plane)))


def _covered_by_first(records: Records, cells: Cells, ever: pd.DataFrame) -> Array:
    cell, version = cells.cover.version
    count = max(len(records.hazard_ids), 1)
    first = version == records.versions.start[records.versions.hazard[version]]
    keys = cell[first] * count + records.versions.hazard[version[first]]
    return np.isin(ever["ask"].to_numpy() * count + ever["hazard"].to_numpy(), keys)


def release_account(programme: Programme, *, on: str | date) -> pd.DataFrame:
    """Account for the ground of each release complete on a day.

    Within one hazard the earliest unquestioned release has the ground; later ones report it as already released.

    Returns
    -------
    One row for each release with a polygon, indexed by ``release_id``: ``standing``; ``area_m2`` as recorded;
    ``has_m2``: ground of which it decides the state; ``already_released_m2``: ground that it would free but that an
    earlier release has; ``no_effect_m2``: the rest (hazards it does not name or that are newer, or the release is
    void).

    Examples
    --------
    >>> import hazardmap as hm
    >>> hm.release_account(hm.example(), on="2024-12-31").round()[["standing", "area_m2", "has_m2"]].values.tolist()
    [['counting', 10000.0, 10000.0], ['pending', 5000.0, 5000.0], ['counting', 10000.0, 10000.0], ['counting', 5000.0,
    5000.0]]
    """
    day = day_number(programme, on)
    records = read_records(programme)
    cells = cut(records)
    ruling = decide_all(records, cells, day)
    area = areas_m2(records, cells)
    there = ruling.releases[["ask", "release", "standing", "questioned"]].copy()
    there["m2"] = area[there["ask"]]
    there["has"] = _decides(ruling, there)
    counting = (there["standing"] == COUNTING) & ~there["questioned"].astype(bool)
    there["already"] = counting & ~there["has"] & _effective(records, ruling, there)
    code = np.sort(there["release"].unique())
    account = pd.DataFrame(
        {
            "standing": np.array(STANDINGS, dtype=object)[judge(records, code, np.full(len(code), day))[0]],
            "area_m2": there.groupby("release")["m2"].sum().to_numpy(),
            "has_m2": there["m2"].where(there["has"], 0.0).groupby(there["release"]).sum().to_numpy(),
            "already_released_m2": there["m2"].where(there["already"], 0.0).groupby(there["release"]).sum().to_numpy(),
        },
        index=pd.Index(programme.releases["release_id"].to_numpy(dtype=object)[code], name="release_id", dtype="str"),
    ).astype({"standing": "str"})
    account["no_effect_m2"] = account["area_m2"] - account["has_m2"] - account["already_released_m2"]
    return account


def _decides(ruling: Ruling, there: pd.DataFrame) -> Array:
    """Say whether the release has the ground for some hazard there, or, where there is none, for the ground itself."""
    deciding = pd.concat(
        [
            ruling.hazards[["ask", "release"]],
            pd.DataFrame({"ask": np.arange(len(ruling.release)), "release": ruling.release}),
        ]
    )
    known = pd.MultiIndex.from_frame(deciding[deciding["release"] >= 0].drop_duplicates())
    return np.asarray(pd.MultiIndex.from_frame(there[["ask", "release"]]).isin(known))


def _effective(records: Records, ruling: Ruling, there: pd.DataFrame) -> Array:
    count = max(len(records.hazard_ids), 1)
    pairs = (
        there[["ask", "release"]]
        .assign(place=np.arange(len(there)))
        .merge(ruling.hazards[["ask", "hazard", "bears"]], on="ask")
    )
    frees = np.isin(pairs["release"] * count + pairs["hazard"], records.named)
    if records.policy.unlinked_releases == "ground":
        frees |= ~records.release_named[pairs["release"]]
    frees &= pairs["bears"].to_numpy() <= records.release_days["completed"][pairs["release"]]
    effect = ~np.isin(there["ask"], ruling.hazards["ask"])
    effect[pairs["place"][frees]] = True
    return effect
