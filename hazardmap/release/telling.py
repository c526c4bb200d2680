"""The rule's verdicts as columns: state, product, the ids of all that lies there, and the reason in words.

Knows the rule's output and the records; measures and draws nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hazardmap import words
from hazardmap.release.rule import among, matched
from hazardmap.release.standing import VOID, judge, told

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.release.records import Records
    from hazardmap.release.rule import Ruling

    Array = NDArray[Any]

SETS = ("hazard_ids", "release_ids", "unlinked_release_ids", "void_release_ids", "survey_ids", "find_ids")


def columns(records: Records, ruling: Ruling, day: Array, *, reasons: bool) -> pd.DataFrame:
    """Tell for each ask the state, the product, and the ids of all that lies there."""
    programme, asks = records.programme, len(ruling.state)
    release_id = programme.releases["release_id"].fillna("").to_numpy(dtype=object)
    releases = ruling.releases
    effective, loose, void = effects(records, ruling)
    product = np.full(asks, None, dtype=object)
    decided = ruling.release >= 0
    product[decided] = programme.releases["product"].to_numpy(dtype=object)[ruling.release[decided]]
    finds = telling_finds(records, ruling, effective, day)
    rows = pd.DataFrame(
        {
            "state": np.array(words.STATES, dtype=object)[ruling.state],
            "product": product,
            "depth_m": ruling.depth_m,
            "hazard_ids": gathered(
                ruling.hazards["ask"], np.array(records.hazard_ids, dtype=object), ruling.hazards["hazard"], asks
            ),
            "release_ids": gathered(releases["ask"][effective], release_id, releases["release"][effective], asks),
            "unlinked_release_ids": gathered(releases["ask"][loose], release_id, releases["release"][loose], asks),
            "void_release_ids": gathered(releases["ask"][void], release_id, releases["release"][void], asks),
            "survey_ids": gathered(
                ruling.surveys["ask"],
                programme.surveys["survey_id"].fillna("").to_numpy(dtype=object),
                ruling.surveys["survey"],
                asks,
            ),
            "find_ids": gathered(
                finds["ask"], programme.finds["find_id"].fillna("").to_numpy(dtype=object), finds["find"], asks
            ),
        }
    ).astype({"state": "str", "product": "str"})
    if reasons:
        rows["why"] = _reasons(records, ruling, rows, day)
    return rows


def effects(records: Records, ruling: Ruling) -> tuple[Array, Array, Array]:
    """Say for each release of the ruling: has it effect there, does it name no hazard and so has none, is it void."""
    releases = ruling.releases
    void = releases["standing"].to_numpy() == VOID
    on_hazard = np.zeros(len(ruling.state), dtype=bool)
    on_hazard[ruling.hazards["ask"].to_numpy(dtype=np.int64)] = True
    on_hazard = on_hazard[releases["ask"].to_numpy(dtype=np.int64)]
    linked = _has_effect(records, ruling)
    loose = ~void & on_hazard & ~linked & ~releases["named"].to_numpy(dtype=bool)
    return ~void & (linked | ~on_hazard), loose, void


def telling_finds(records: Records, ruling: Ruling, effective: Array, day: Array) -> pd.DataFrame:
    """List `ask, find`: the evidence that makes ground suspected or puts its releases in question."""
    asked = _questioning(records, ruling.releases[effective], day)
    return pd.concat([ruling.discs[["ask", "find"]], asked], ignore_index=True)


def _has_effect(records: Records, ruling: Ruling) -> Array:
    """Say for each release of the ruling whether it names a hazard that lies there, or frees any by policy."""
    count = max(len(records.hazard_ids), 1)
    release, place = (ruling.releases[name].to_numpy(dtype=np.int64) for name in ("release", "ask"))
    on, there = matched(place, ruling.hazards["ask"].to_numpy(dtype=np.int64))
    hazard = ruling.hazards["hazard"].to_numpy(dtype=np.int64)[there]
    effect = np.zeros(len(release), dtype=bool)
    effect[on[among(records.named, release[on] * count + hazard)]] = True
    if records.policy.unlinked_releases == "ground":
        effect |= ~ruling.releases["named"].to_numpy(dtype=bool)
    return effect


def _questioning(records: Records, releases: pd.DataFrame, day: Array) -> pd.DataFrame:
    asked = releases[releases["questioned"].to_numpy(dtype=bool)][["ask", "release"]].merge(
        records.questions, on="release"
    )
    today = day[asked["ask"].to_numpy(dtype=np.int64)]
    return asked[(asked["start"] <= today) & (today < asked["end"])][["ask", "find"]]


def gathered(ask: Any, names: Array, code: Any, count: int) -> Array:
    """Gather the names of each ask into a sorted tuple.

    Examples
    --------
    >>> gathered([0, 2, 2], np.array(["b", "a"], dtype=object), [0, 0, 1], 3).tolist()
    [('b',), (), ('a', 'b')]
    """
    told = np.full(count, None, dtype=object)
    told[:] = [()] * count
    asks, codes = np.asarray(ask, dtype=np.int64), np.asarray(code, dtype=np.int64)
    if not len(asks):
        return told
    rows, place = np.unique(codes, return_inverse=True)
    spelt, rank = np.unique(names[rows].astype(str), return_inverse=True)
    pairs = np.unique(asks * len(spelt) + rank[place])
    owner = pairs // len(spelt)
    starts = np.flatnonzero(np.r_[True, np.diff(owner) != 0])
    texts = spelt.astype(object)[pairs % len(spelt)].tolist()
    for where, low, high in zip(owner[starts], starts, [*starts[1:], len(owner)], strict=True):
        told[where] = tuple(texts[low:high])
    return told


def _reasons(records: Records, ruling: Ruling, rows: pd.DataFrame, day: Array) -> Array:
    """Tell why each ask has its state, in words."""
    ids = records.programme.releases["release_id"].fillna("").to_numpy(dtype=object)
    told_by = _lacks(records, ruling, ids, day)
    return np.array(
        [
            _reason(state, row, ids[r] if r >= 0 else "", told_by.get(ask, {}))
            for ask, (state, row, r) in enumerate(
                zip(rows["state"], rows.itertuples(index=False), ruling.release, strict=True)
            )
        ],
        dtype=object,
    )


def _lacks(records: Records, ruling: Ruling, ids: Array, day: Array) -> dict[int, dict[str, str]]:
    """Tell for each ask what the releases there lack on its day."""
    ask, release = (ruling.releases[name].to_numpy(dtype=np.int64) for name in ("ask", "release"))
    lacks = judge(records, release, day[ask])[1]
    wanting = np.flatnonzero(lacks)
    found: dict[int, dict[str, str]] = {}
    for who, which, bits in zip(ask[wanting].tolist(), release[wanting], lacks[wanting].tolist(), strict=True):
        found.setdefault(who, {})[ids[which]] = told(bits)
    return found


def _reason(state: str, row: Any, release_id: str, told_by: dict[str, str]) -> str:
    if state in words.RELEASED_STATES:
        depth = f" to {row.depth_m:g} m" if row.depth_m > 0 else ""
        return f"{state} by {release_id}{depth}"
    if state == "surveyed":
        return f"surveyed ({', '.join(row.survey_ids)}): no evidence found at that time"
    if state == "in_question":
        return f"{release_id} is contradicted by later evidence: {', '.join(row.find_ids)}"
    if state == "not_handed_over":
        return f"work reported finished, {release_id}: {told_by.get(release_id) or 'papers missing'}"
    notes = [f"evidence outside every hazard: {', '.join(row.find_ids)}"] if row.find_ids and not row.hazard_ids else []
    notes += [f"{r} does not free it: older than the hazard here, or of another hazard" for r in row.release_ids]
    notes += [f"{r} does not free it: it names no hazard" for r in row.unlinked_release_ids]
    notes += [f"{r} is void: {told_by.get(r, '')}" for r in row.void_release_ids]
    return "; ".join(notes) or "no release on it"
