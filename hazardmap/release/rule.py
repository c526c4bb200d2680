"""The rule of the ground: the state of a cell on a day.

Asked for any list of (cell, day): which hazards lie there, from when their ground counts, which releases free it and
of what standing, what puts them in question; the worst over all hazards is the state. Design, "The rule of the
ground", points 1–6. Knows records and days; draws and measures nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hazardmap import words
from hazardmap.release.days import ALWAYS, NEVER, day_numbers
from hazardmap.release.records import EVENT_CODE, answered_until, texts
from hazardmap.release.standing import COUNTING, VOID, judge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.release.records import Records

    Array = NDArray[Any]

#: Rank of a state = its place in `words.STATES`; `NOTHING` where no record speaks.
RANK = {state: i for i, state in enumerate(words.STATES)}
NOTHING = RANK["no_record"]
#: What the best release gives a hazard's ground, best last.
_OPEN, _NOT_HANDED_OVER, _IN_QUESTION, _RELEASED = range(4)


@dataclass(frozen=True)
class Ruling:
    """What the rule says of a list of (cell, day); `ask` numbers the list.

    Parameters
    ----------
    state
        For each ask the rank of its state.
    release
        For each ask the release that decides it, or -1.
    hazards
        `ask, hazard, confirmed, level, state, release`: each hazard on the ground there and what became of it.
    ever
        `ask, hazard, ever, ended, alive`: each hazard some version of which lies there: whether a version of that day
        or before did, whether a successor ended it, whether it still counts.
    releases
        `ask, release, standing, questioned, named`: each release there that is complete; ``named``: it names some
        hazard.
    surveys, discs
        `ask, survey` and `ask, find`: surveys, and suspected discs of evidence outside every hazard.
    """

    state: Array
    release: Array
    hazards: pd.DataFrame
    ever: pd.DataFrame
    releases: pd.DataFrame
    surveys: pd.DataFrame
    discs: pd.DataFrame


def decide(records: Records, cell: Array, day: Array) -> Ruling:
    """Say what holds in each cell on each day (arrays of the same length)."""
    ask = np.arange(len(cell))
    ever = _hazards(records, cell, day)
    hazards = ever[ever["alive"]].reset_index(drop=True)
    releases = _releases(records, cell, day)
    hazards = _freed(records, hazards, releases, day)
    discs = _discs(records, cell, day)
    surveys = _lookup(records.cell_survey, cell, "survey")
    survey_days = day_numbers(records.programme.surveys["date"], NEVER)
    surveys = surveys[survey_days[surveys["survey"]] <= day[surveys["ask"]]]

    state = np.full(len(cell), NOTHING)
    release = np.full(len(cell), -1)
    state[surveys["ask"]] = RANK["surveyed"]
    bare = releases[(releases["standing"] != VOID) & ~np.isin(releases["ask"], hazards["ask"])]
    best = _best(records, bare.assign(hazard=-1))
    state[best["ask"]], release[best["ask"]] = best["state"], best["release"]
    worst = hazards.sort_values(["ask", "state"], kind="stable").drop_duplicates("ask")
    state[worst["ask"]], release[worst["ask"]] = worst["state"], worst["release"]
    under_disc = np.isin(ask, discs["ask"]) & (state > RANK["suspected_open"])
    state[under_disc], release[under_disc] = RANK["suspected_open"], -1
    return Ruling(state, release, hazards, ever, releases, surveys, discs)


def decide_all(records: Records, day: int) -> Ruling:
    """Say what holds in every cell on one day."""
    cells = np.arange(len(records.cells))
    return decide(records, cells, np.full(len(cells), day))


def _lookup(pairs: tuple[Array, Array], cell: Array, name: str) -> pd.DataFrame:
    """List for each ask what covers its cell."""
    low, high = np.searchsorted(pairs[0], cell, "left"), np.searchsorted(pairs[0], cell, "right")
    ask, place = expand(low, high - low)
    return pd.DataFrame({"ask": ask, name: pairs[1][place]})


def expand(start: Array, count: Array) -> tuple[Array, Array]:
    """Spell out runs: for each i the numbers start[i] … start[i] + count[i] - 1, and i beside them."""
    owner = np.repeat(np.arange(len(start)), count)
    before = np.cumsum(count) - count
    return owner, np.arange(len(owner)) - np.repeat(before, count) + np.repeat(start, count)


def _hazards(records: Records, cell: Array, day: Array) -> pd.DataFrame:
    """Read the versions of each hazard in order: is this its ground, since when, of what class (rule, point 1)."""
    versions = records.versions
    touching = _lookup(records.cell_version, cell, "version")
    touching["hazard"] = versions.hazard[touching["version"]]
    there = touching[["ask", "hazard"]].drop_duplicates(ignore_index=True)
    width = max(len(versions.hazard), 1)
    covered = np.sort(touching["ask"].to_numpy() * width + touching["version"].to_numpy())
    ask, hazard = there["ask"].to_numpy(), there["hazard"].to_numpy()
    today = day[ask]

    ground = np.zeros(len(there), dtype=bool)
    approved_ground = ground.copy()
    sticky = ground.copy()
    confirmed = ground.copy()
    feared = ground.copy()
    ever = ground.copy()
    closed = ground.copy()
    bears = np.full(len(there), ALWAYS)
    successors = np.full(len(there), -1)
    for k in range(int(versions.count.max(initial=0))):
        v = np.minimum(versions.start[hazard] + k, width - 1)
        known = (k < versions.count[hazard]) & (versions.day[v] <= today)
        covers = known & _among(covered, ask * width + v)
        event, bad, approved = versions.event[v], versions.quarantined[v], versions.approved[v]
        placed = known & records.version_placed[v]
        sound = known & ~bad
        fresh = covers & (~ground | (event == EVENT_CODE["established"]) | (event == EVENT_CODE["reopened"]))
        fresh |= known & ~placed & (event == EVENT_CODE["reopened"])
        shrinks = sound & approved & placed & (event == EVENT_CODE["revised_down"])
        bears = np.where(fresh, np.maximum(bears, versions.bears[v]), bears)
        sticky |= covers & bad
        ever |= covers
        ground = np.where(shrinks, covers | sticky, ground | covers)
        approved_ground = np.where(shrinks, covers, approved_ground | (covers & approved))
        confirmed = np.where(sound & approved, versions.confirmed[v], confirmed | (sound & versions.confirmed[v]))
        feared |= known & bad & versions.confirmed[v]
        closed = np.where(known, versions.closed[v] & (approved | closed), closed)  # only an approved version closes
        successors = np.where(sound & approved, v, successors)
    # What was reported again after the last approved version is not what that version handed to its successors.
    given = (successors >= 0) & (bears <= versions.bears[successors])
    ended = _ended(records, there, ground & ~sticky & given, approved_ground & ground, successors)
    return there.assign(
        bears=bears,
        confirmed=confirmed | feared,
        closed=closed,
        ever=ever,
        ended=ended,
        alive=ground & ~ended,
    )


def _among(keys: Array, wanted: Array) -> Array:
    if not len(keys):
        return np.zeros(len(wanted), dtype=bool)
    return np.asarray(keys[np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)] == wanted)


def _ended(records: Records, there: pd.DataFrame, ground: Array, approved: Array, latest: Array) -> Array:
    """Say where the approved ground of a successor covers a hazard and so ends it (never a quarantined version)."""
    linked = np.array([len(s) for s in records.versions.successors], dtype=np.int64)
    ended = np.zeros(len(there), dtype=bool)
    heirs = np.flatnonzero(ground & (linked[latest] > 0)) if len(linked) else np.zeros(0, dtype=np.int64)
    if len(heirs):
        ask, count, hazards = there["ask"].to_numpy(), linked[latest[heirs]], len(records.hazard_ids)
        standing_ground = np.sort((ask * hazards + there["hazard"].to_numpy())[approved])
        heir = np.concatenate([records.versions.successors[v] for v in latest[heirs]])
        ended[np.repeat(heirs, count)[_among(standing_ground, np.repeat(ask[heirs], count) * hazards + heir)]] = True
    return ended


def _releases(records: Records, cell: Array, day: Array) -> pd.DataFrame:
    """List the releases complete on the day that cover the cell, and their standing (rule, points 2 and 4)."""
    there = _lookup(records.cell_release, cell, "release")
    there = there[records.release_days["completed"][there["release"]] <= day[there["ask"]]].reset_index(drop=True)
    return _with_standing(records, there, day)


def _with_standing(records: Records, there: pd.DataFrame, day: Array) -> pd.DataFrame:
    release = there["release"].to_numpy(dtype=np.int64)
    today = day[there["ask"].to_numpy(dtype=np.int64)]
    return there.assign(
        standing=judge(records, release, today)[0],
        questioned=questioned(records, release, today),
        named=records.release_named[release],
    )


def questioned(records: Records, release: Array, day: Array) -> Array:
    """Say for each (release, day) whether an unanswered find puts the release's activity in question."""
    found = records.questions
    low = np.searchsorted(found["release"], release, "left")
    high = np.searchsorted(found["release"], release, "right")
    owner, place = expand(low, high - low)
    holds = (found["start"].to_numpy()[place] <= day[owner]) & (day[owner] < found["end"].to_numpy()[place])
    return np.bincount(owner, holds, minlength=len(release)) > 0


def _freed(records: Records, hazards: pd.DataFrame, releases: pd.DataFrame, day: Array) -> pd.DataFrame:
    """Say for each hazard of each ask what its releases make of it (rule, points 3 and 5)."""
    count = max(len(records.hazard_ids), 1)
    joined = hazards.merge(releases[releases["standing"] != VOID], on="ask")
    frees = _among(records.named, joined["release"].to_numpy() * count + joined["hazard"].to_numpy())
    if records.policy.unlinked_releases == "ground":
        frees |= ~joined["named"].to_numpy(dtype=bool)
    whole = _whole_releases(records, hazards, day)
    joined = pd.concat([joined[frees], whole], ignore_index=True) if len(whole) else joined[frees]
    completed = records.release_days["completed"][joined["release"].to_numpy(dtype=np.int64)]
    best = _best(records, joined[joined["bears"].to_numpy() <= completed])
    hazards = hazards.merge(best[["ask", "hazard", "level", "state", "release"]], on=["ask", "hazard"], how="left")
    opened = np.where(hazards["confirmed"], RANK["confirmed_open"], RANK["suspected_open"])
    hazards["level"] = hazards["level"].fillna(_OPEN).astype(np.int64)
    hazards["state"] = hazards["state"].fillna(pd.Series(opened, index=hazards.index)).astype(np.int64)
    hazards["release"] = hazards["release"].fillna(-1).astype(np.int64)
    return hazards


def _whole_releases(records: Records, hazards: pd.DataFrame, day: Array) -> pd.DataFrame:
    """List the releases without polygon that stand for a whole closed hazard, where the policy lets them."""
    closed = hazards[hazards["closed"].to_numpy(dtype=bool)] if len(records.whole[0]) else hazards.iloc[:0]
    hazard = closed["hazard"].to_numpy(dtype=np.int64)
    low, high = np.searchsorted(records.whole[0], hazard, "left"), np.searchsorted(records.whole[0], hazard, "right")
    owner, place = expand(low, high - low)
    found = closed.iloc[owner].reset_index(drop=True).assign(release=records.whole[1][place])
    today = day[found["ask"].to_numpy(dtype=np.int64)]
    found = found[records.release_days["completed"][found["release"].to_numpy(dtype=np.int64)] <= today]
    found = _with_standing(records, found.reset_index(drop=True), day)
    release, today = found["release"].to_numpy(dtype=np.int64), day[found["ask"].to_numpy(dtype=np.int64)]
    papers = records.release_days["handover"][release] <= today
    papers &= (texts(records.programme.releases["handover_no"]) != "")[release]
    papers &= records.programme.releases["decision"].eq("approved").to_numpy()[release]
    papers &= records.release_days["decision"][release] <= today
    return found[(found["standing"] == COUNTING).to_numpy() & papers]


def _best(records: Records, effective: pd.DataFrame) -> pd.DataFrame:
    """Choose for each (ask, hazard) the release that has the ground: the best standing, then the earliest."""
    level = np.select(
        [effective["questioned"].to_numpy(dtype=bool), effective["standing"].to_numpy() == COUNTING],
        [_IN_QUESTION, _RELEASED],
        _NOT_HANDED_OVER,
    )
    release = effective["release"].to_numpy(dtype=np.int64)
    rank = records.release_rank[release] if len(release) else release
    product = records.programme.releases["product"].map(RANK).fillna(RANK["cancelled"]).to_numpy()
    state = np.select(
        [level == _RELEASED, level == _IN_QUESTION],
        [product[release] if len(release) else release, RANK["in_question"]],
        RANK["not_handed_over"],
    )
    chosen = effective.assign(level=level, state=state, rank=rank)
    chosen = chosen.sort_values(["ask", "hazard", "level", "rank"], ascending=[True, True, False, True])
    return chosen.drop_duplicates(["ask", "hazard"])


def _discs(records: Records, cell: Array, day: Array) -> pd.DataFrame:
    """List the suspected discs: evidence known on the day, not answered, and outside every hazard of that day."""
    finds = records.programme.finds
    there = _lookup(records.cell_find, cell, "find")
    if there.empty:
        return there
    known = day_numbers(finds["date"], ALWAYS)
    until = answered_until(finds)
    find, today = there["find"].to_numpy(), day[there["ask"].to_numpy()]
    there = there[(known[find] <= today) & (today < until[find])].reset_index(drop=True)
    asked = pd.DataFrame({"find": there["find"], "day": day[there["ask"].to_numpy()]})
    once = asked.drop_duplicates(ignore_index=True)
    around = _hazards(records, len(records.cells) + once["find"].to_numpy(), once["day"].to_numpy())
    inside = around.loc[around["alive"], "ask"].unique()
    outside = asked.merge(once.drop(index=inside), on=["find", "day"], how="left", indicator=True)["_merge"].eq("both")
    return there[outside.to_numpy()].reset_index(drop=True)
