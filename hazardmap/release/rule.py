"""The rule of the ground: the state of a place on a day.

Asked for any list of (place, day): which hazards lie there, from when their ground counts, which releases free it and
of what standing, what puts them in question; the worst over all hazards is the state. Design, "The rule of the
ground", points 1–6. Knows records and days; draws and measures nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hazardmap import words
from hazardmap.release.days import ALWAYS, day_numbers
from hazardmap.release.records import EVENT_CODE, NO_PAIRS, Cover, answered_until
from hazardmap.release.standing import COUNTING, VOID, judge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.release.cells import Cells
    from hazardmap.release.records import Records

    Array = NDArray[Any]

#: Rank of a state = its place in `words.STATES`; `NOTHING` where no record speaks.
RANK = {state: i for i, state in enumerate(words.STATES)}
NOTHING = RANK["no_record"]
#: What the best release gives a hazard's ground, best last.
_OPEN, _NOT_HANDED_OVER, _IN_QUESTION, _RELEASED = range(4)


@dataclass(frozen=True)
class Ruling:
    """What the rule says of a list of (place, day); `ask` numbers the list.

    Parameters
    ----------
    state
        For each ask the rank of its state.
    release
        For each ask the release that decides it, or -1.
    depth_m
        For released ground the depth to which all of it was cleared: the deepest clearance of each hazard, the
        shallowest of them; for other ground that of the release that decides it. NaN where none is known.
    hazards
        `ask, hazard, confirmed, level, state, release`: each hazard on the ground there and what became of it.
    ever
        `ask, hazard, ever, ended, alive`: each hazard some version of which lies there: whether a version of that day
        or before did, whether a successor ended it, whether it still counts.
    releases
        `ask, release, standing, questioned, named`: each release there that is complete; ``named``: it names some
        hazard.
    frees
        `ask, hazard, release, level`: each release that frees a hazard's ground there (hazard -1: ground without one),
        and how far.
    surveys, discs
        `ask, survey` and `ask, find`: surveys, and suspected discs of evidence outside every hazard.
    """

    state: Array
    release: Array
    depth_m: Array
    hazards: pd.DataFrame
    ever: pd.DataFrame
    releases: pd.DataFrame
    frees: pd.DataFrame
    surveys: pd.DataFrame
    discs: pd.DataFrame


def decide(records: Records, cover: Cover, place: Array, day: Array) -> Ruling:
    """Say what holds in each place of a cover on each day (arrays of the same length)."""
    ask = np.arange(len(place))
    ever = _hazards(records, cover.version, place, day)
    hazards = ever[ever["alive"]].reset_index(drop=True)
    releases = _releases(records, cover, place, day)
    effective = _effective(records, hazards, releases, day)
    hazards = _freed(hazards, _best(effective))
    discs = _discs(records, cover, place, day)
    surveys = _lookup(cover.survey, place, "survey")
    surveys = surveys[records.survey_day[surveys["survey"]] <= day[surveys["ask"]]]

    state = np.full(len(place), NOTHING)
    release = np.full(len(place), -1)
    state[surveys["ask"]] = RANK["surveyed"]
    bare = releases[(releases["standing"] != VOID) & ~np.isin(releases["ask"], hazards["ask"])]
    bare = _with_level(records, bare.assign(hazard=-1))
    best = _best(bare)
    state[best["ask"]], release[best["ask"]] = best["state"], best["release"]
    worst = hazards.sort_values(["ask", "state"], kind="stable").drop_duplicates("ask")
    state[worst["ask"]], release[worst["ask"]] = worst["state"], worst["release"]
    under_disc = np.isin(ask, discs["ask"]) & (state > RANK["suspected_open"])
    state[under_disc], release[under_disc] = RANK["suspected_open"], -1
    frees = pd.concat([effective, bare], ignore_index=True)[["ask", "hazard", "release", "level"]]
    depth = _depths(records, state, release, frees)
    return Ruling(state, release, depth, hazards, ever, releases, frees, surveys, discs)


def decide_all(records: Records, cells: Cells, day: int) -> Ruling:
    """Say what holds in every cell on one day."""
    return decide(records, cells.cover, np.arange(len(cells)), np.full(len(cells), day))


def _lookup(pairs: tuple[Array, Array], place: Array, name: str) -> pd.DataFrame:
    """List for each ask what covers its place."""
    low, high = np.searchsorted(pairs[0], place, "left"), np.searchsorted(pairs[0], place, "right")
    ask, position = expand(low, high - low)
    return pd.DataFrame({"ask": ask, name: pairs[1][position]})


def expand(start: Array, count: Array) -> tuple[Array, Array]:
    """Spell out runs: for each i the numbers start[i] … start[i] + count[i] - 1, and i beside them."""
    owner = np.repeat(np.arange(len(start)), count)
    before = np.cumsum(count) - count
    return owner, np.arange(len(owner)) - np.repeat(before, count) + np.repeat(start, count)


def _hazards(records: Records, covered_by: tuple[Array, Array], place: Array, day: Array) -> pd.DataFrame:
    """Read the versions of each hazard in order: is this its ground, since when, of what class (rule, point 1)."""
    versions = records.versions
    touching = _lookup(covered_by, place, "version")
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
        covers = known & among(covered, ask * width + v)
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


def matched(left: Array, right: Array) -> tuple[Array, Array]:
    """Match equal numbers, the right ones sorted: each match as its place on the left and its place on the right.

    Examples
    --------
    >>> [places.tolist() for places in matched(np.array([5, 3, 4]), np.array([3, 5, 5]))]
    [[0, 0, 1], [1, 2, 0]]
    """
    low = np.searchsorted(right, left, "left")
    return expand(low, np.searchsorted(right, left, "right") - low)


def among(keys: Array, wanted: Array) -> Array:
    """Say of each number whether it is one of the keys, which are sorted."""
    if not len(keys):
        return np.zeros(len(wanted), dtype=bool)
    return np.asarray(keys[np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)] == wanted)


def _ended(records: Records, there: pd.DataFrame, ground: Array, approved: Array, latest: Array) -> Array:
    """Say where the approved ground of a successor covers a hazard and so ends it (never a quarantined version)."""
    linked = np.fromiter(map(len, records.versions.successors), dtype=np.int64, count=len(records.versions.successors))
    ended = np.zeros(len(there), dtype=bool)
    heirs = np.flatnonzero(ground & (linked[latest] > 0)) if len(linked) else np.zeros(0, dtype=np.int64)
    if len(heirs):
        ask, count, hazards = there["ask"].to_numpy(), linked[latest[heirs]], len(records.hazard_ids)
        standing_ground = np.sort((ask * hazards + there["hazard"].to_numpy())[approved])
        heir = np.concatenate([records.versions.successors[v] for v in latest[heirs]])
        ended[np.repeat(heirs, count)[among(standing_ground, np.repeat(ask[heirs], count) * hazards + heir)]] = True
    return ended


def _releases(records: Records, cover: Cover, place: Array, day: Array) -> pd.DataFrame:
    """List the releases complete on the day that cover the place, and their standing (rule, points 2 and 4)."""
    there = _lookup(cover.release, place, "release")
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


def _effective(records: Records, hazards: pd.DataFrame, releases: pd.DataFrame, day: Array) -> pd.DataFrame:
    """List the releases that free the ground of each hazard of each ask (rule, point 3), with their level."""
    count = max(len(records.hazard_ids), 1)
    sound = releases[releases["standing"].to_numpy() != VOID]
    left, right = matched(hazards["ask"].to_numpy(dtype=np.int64), sound["ask"].to_numpy(dtype=np.int64))
    release, hazard = (
        frame[name].to_numpy(dtype=np.int64)[rows]
        for frame, name, rows in ((sound, "release", right), (hazards, "hazard", left))
    )
    frees = among(records.named, release * count + hazard)
    if records.policy.unlinked_releases == "ground":
        frees |= ~sound["named"].to_numpy(dtype=bool)[right]
    sides = (hazards.take(left[frees]), sound.drop(columns="ask").take(right[frees]))
    joined = pd.concat([side.reset_index(drop=True) for side in sides], axis=1)
    whole = _whole_releases(records, hazards, day)
    joined = pd.concat([joined, whole], ignore_index=True) if len(whole) else joined
    completed = records.release_days["completed"][joined["release"].to_numpy(dtype=np.int64)]
    return _with_level(records, joined[joined["bears"].to_numpy() <= completed])


def _freed(hazards: pd.DataFrame, best: pd.DataFrame) -> pd.DataFrame:
    """Say for each hazard of each ask what its releases make of it (rule, point 5)."""
    width = int(hazards["hazard"].max()) + 1 if len(hazards) else 1
    have, wanted = (
        frame["ask"].to_numpy(dtype=np.int64) * width + frame["hazard"].to_numpy(dtype=np.int64)
        for frame in (best, hazards)
    )
    place = np.searchsorted(have, wanted)
    freed = among(have, wanted)
    opened = np.where(hazards["confirmed"], RANK["confirmed_open"], RANK["suspected_open"])

    def told(name: str, otherwise: Any) -> Array:
        value = np.broadcast_to(np.asarray(otherwise, dtype=np.int64), freed.shape).copy()
        value[freed] = best[name].to_numpy(dtype=np.int64)[place[freed]]
        return value

    return hazards.assign(level=told("level", _OPEN), state=told("state", opened), release=told("release", -1))


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
    papers &= records.papers.numbered[release] & records.papers.approved[release]
    papers &= records.release_days["decision"][release] <= today
    return found[(found["standing"] == COUNTING).to_numpy() & papers]


def _with_level(records: Records, effective: pd.DataFrame) -> pd.DataFrame:
    """Say how far each release frees its ground, and the state that this gives."""
    level = np.select(
        [effective["questioned"].to_numpy(dtype=bool), effective["standing"].to_numpy() == COUNTING],
        [_IN_QUESTION, _RELEASED],
        _NOT_HANDED_OVER,
    )
    release = effective["release"].to_numpy(dtype=np.int64)
    rank = records.release_rank[release] if len(release) else release
    product = np.where(records.papers.product < 0, RANK["cancelled"], records.papers.product)
    state = np.select(
        [level == _RELEASED, level == _IN_QUESTION],
        [product[release] if len(release) else release, RANK["in_question"]],
        RANK["not_handed_over"],
    )
    return effective.assign(level=level, state=state, rank=rank)


def _best(effective: pd.DataFrame) -> pd.DataFrame:
    """Choose for each (ask, hazard) the release that has the ground: the best standing, then the earliest."""
    order = np.lexsort(
        (effective["rank"], -effective["level"].to_numpy(), effective["hazard"], effective["ask"].to_numpy())
    )
    return effective.iloc[order].drop_duplicates(["ask", "hazard"])


def _depths(records: Records, state: Array, release: Array, frees: pd.DataFrame) -> Array:
    """Give the depth of each ask (see `Ruling`): a later, deeper clearance counts, a find there does not."""
    stated = np.where(records.papers.depth_m > 0, records.papers.depth_m, np.nan)
    depth = np.full(len(state), np.nan)
    depth[release >= 0] = stated[release[release >= 0]]
    sound = frees[frees["level"].to_numpy() == _RELEASED]
    code = sound["release"].to_numpy(dtype=np.int64)
    cleared = records.papers.product[code] == RANK["cleared"]
    reached = np.where(cleared, records.papers.depth_m[code], 0.0)
    deepest = sound.assign(depth=reached).groupby(["ask", "hazard"])["depth"].max()
    shallowest = deepest.groupby(level="ask").min()
    ask = shallowest.index.to_numpy(dtype=np.int64)
    value = np.where(shallowest.to_numpy() > 0, shallowest.to_numpy(), np.nan)
    released = np.isin(state[ask], [RANK[s] for s in words.RELEASED_STATES])
    depth[ask[released]] = value[released]
    return depth


def standing_discs(records: Records, day: int) -> Array:
    """Say which finds stand as suspected discs on a day."""
    every = np.arange(len(records.programme.finds))
    at_itself = Cover(NO_PAIRS, NO_PAIRS, NO_PAIRS, (every, every))
    found = _discs(records, at_itself, every, np.full(len(every), day))["find"]
    return np.isin(every, found)


def _discs(records: Records, cover: Cover, place: Array, day: Array) -> pd.DataFrame:
    """List the suspected discs: evidence known on the day, not answered, and outside every hazard of that day."""
    finds = records.programme.finds
    there = _lookup(cover.find, place, "find")
    if there.empty:
        return there
    known = day_numbers(finds["date"], ALWAYS)
    until = answered_until(finds)
    find, today = there["find"].to_numpy(), day[there["ask"].to_numpy()]
    there = there[(known[find] <= today) & (today < until[find])].reset_index(drop=True)
    asked = pd.DataFrame({"find": there["find"], "day": day[there["ask"].to_numpy()]})
    once = asked.drop_duplicates(ignore_index=True)
    around = _hazards(records, records.find_version, once["find"].to_numpy(), once["day"].to_numpy())
    inside = around.loc[around["alive"], "ask"].unique()
    outside = asked.merge(once.drop(index=inside), on=["find", "day"], how="left", indicator=True)["_merge"].eq("both")
    return there[outside.to_numpy()].reset_index(drop=True)
