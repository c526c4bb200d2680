"""A newer report of a hazard is a new version with a day of its own; no version held goes for it.

What kind of event it is the file says. Where only a constant says it, it is derived, never to the better side: known
ground stays, what is new is added. Only a report of the same day, where it is allowed, takes the place of another, and
only when it makes no answer better or is an approved revised_down. Knows the table of hazards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hazardmap import tables
from hazardmap.intake.updating import comparing
from hazardmap.intake.updating.fate import BETTER, OLDER, SAME_DAY, Fate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hazardmap.programme import Policy

    Array = NDArray[Any]

_ID, _DAY = "hazard_id", "date_of_information"
_REPORTED_AGAIN = ("established", "reopened")
_NO_DAY = -(10**7)
_ONLY_DRAFTS = "until now only quarantined reports of it were held"


@dataclass
class _Known:
    """Hazards held and in the file as numbers: `base` are the rows held and below them those of the file."""

    base: Any
    count: int
    code: Array
    day: Array
    sound: Array

    @property
    def held(self) -> slice:
        return slice(0, self.count)

    @property
    def fresh(self) -> slice:
        return slice(self.count, None)

    def keys(self) -> Array:
        return np.asarray(self.code * (4 * -_NO_DAY) + self.day - _NO_DAY)


def sort_versions(
    held: Any, rows: Any, assumed: Mapping[str, Array], policy: Policy, *, allow_older: bool, allow_same_day: bool
) -> Fate:
    """Say what becomes of each hazard row of a file.

    Parameters
    ----------
    held, rows
        Canonical tables on a range index; rows of the file, quarantined ones included.
    assumed
        Column → of each row whether a constant filled it.
    policy
        For accuracies that nobody states.
    allow_older, allow_same_day
        What is told to be taken.
    """
    known = _known(held, rows)
    guessed = {c: assumed.get(c, np.zeros(len(rows), dtype=bool)) for c in ("event", "status", _DAY)}
    fate = Fate.of(rows.copy())
    code, day, sound = known.code[known.fresh], known.day[known.fresh], known.sound[known.fresh]
    latest, exact = _latest(known), _exact(known)
    drafts_only = sound & (latest < 0) & np.isin(code, known.code[known.held])
    fate.outcome[drafts_only] = "changed"
    for row in np.flatnonzero(drafts_only):
        fate.change[row] = _ONLY_DRAFTS
    last_day = np.where(latest >= 0, known.day[latest], _NO_DAY)
    newer = sound & (latest >= 0) & (day > last_day)
    _newer(fate, known, np.flatnonzero(newer), latest, guessed)
    same = sound & (exact >= 0)
    _same_day(fate, known, np.flatnonzero(same), exact, guessed, policy, allow=allow_same_day)
    older = sound & (latest >= 0) & (exact < 0) & (day < last_day)
    _older(fate, known, np.flatnonzero(older), latest, guessed, allow=allow_older)
    _quarantined(fate, known, latest, allow_older=allow_older, allow_same_day=allow_same_day)
    _resolve(fate, known)
    return fate


def _known(held: Any, rows: Any) -> _Known:
    columns = [c.name for c in tables.table("hazards").columns]
    frames = [f[[*columns, f.geometry.name]] for f in (held, rows) if len(f)]
    base = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0].reset_index(drop=True)
    code, texts = pd.factorize(comparing.ids_of(base[_ID]))
    nameless = np.flatnonzero(np.asarray(texts) == "")
    alone = np.isin(code, nameless)
    code[alone] = len(texts) + np.arange(alone.sum())
    day = base[_DAY].to_numpy().astype("datetime64[D]").astype(np.int64)
    day = np.where(base[_DAY].isna(), _NO_DAY, day)
    return _Known(base, len(held), code, day, base["quarantined"].isna().to_numpy())


def _latest(known: _Known) -> Array:
    """Give for each row of the file the latest sound version held of its hazard, -1 for none."""
    which = np.flatnonzero(known.sound[known.held])
    which = which[np.argsort(known.day[which], kind="stable")]
    last = np.full(int(known.code.max(initial=-1)) + 1, -1)
    last[known.code[which]] = which
    return np.asarray(last[known.code[known.fresh]])


def _exact(known: _Known, *, sound: bool = True) -> Array:
    """Give for each row of the file the version held of the same hazard and day, -1 for none."""
    keys = known.keys()
    which = np.flatnonzero(known.sound[known.held] == sound)
    which = which[np.argsort(keys[which], kind="stable")]
    if not len(which):
        return np.full(len(keys) - known.count, -1)
    at = np.minimum(np.searchsorted(keys[which], keys[known.fresh]), len(which) - 1)
    return np.where(keys[which][at] == keys[known.fresh], which[at], -1)


def _compared(known: _Known, rows: Array, with_: Array, guessed: Mapping[str, Array], *, day: bool) -> dict[str, Array]:
    """Say in what rows of the file differ from others; an event that a constant gave is no difference."""
    fresh = known.base.iloc[known.count + rows]
    found = comparing.differences(known.base.iloc[with_], fresh, "hazards", without=() if day else (_DAY,))
    found["event"] = found["event"] & ~guessed["event"][rows]
    return found


def _tell(fate: Fate, known: _Known, rows: Array, with_: Array, found: dict[str, Array]) -> None:
    texts = comparing.told(known.base.iloc[with_], known.base.iloc[known.count + rows], found, "hazards")
    for row, text in zip(rows.tolist(), texts, strict=True):
        fate.change[row] = text


def _newer(fate: Fate, known: _Known, rows: Array, latest: Array, guessed: Mapping[str, Array]) -> None:
    if not len(rows):
        return
    code, day = known.code[known.count + rows], known.day[known.count + rows]
    order = np.lexsort((day, code))
    before = latest[rows].copy()  # or the version before it in the same file
    follows = np.flatnonzero(code[order][1:] == code[order][:-1]) + 1
    before[order[follows]] = known.count + rows[order[follows - 1]]
    found = _compared(known, rows, before, guessed, day=False)
    differs = comparing.any_of(found, len(rows))
    # A day or an event that the file itself states is a report, even when nothing else is new.
    stated = ~guessed["event"][rows] | ~guessed[_DAY][rows]
    taken = differs | stated
    fate.outcome[rows] = np.where(taken, "changed", "unchanged")
    found[_DAY] = np.ones(len(rows), dtype=bool)
    chosen = np.flatnonzero(taken)
    _tell(fate, known, rows[chosen], before[chosen], {c: d[chosen] for c, d in found.items()})
    derive = np.flatnonzero(taken & guessed["event"][rows])
    _derive(fate, known, rows[derive], before[derive], {c: d[derive] for c, d in found.items()}, guessed)
    _warn(fate, known, rows[chosen], before[chosen])


def _derive(
    fate: Fate, known: _Known, rows: Array, before: Array, found: Mapping[str, Array], guessed: Mapping[str, Array]
) -> None:
    """Say what event a report is that does not say it: nothing that frees ground, and nothing that hides any."""
    if not len(rows):
        return
    former, fresh = known.base.iloc[before], known.base.iloc[known.count + rows]
    wider = found["geometry"].copy()
    wider[wider] = ~_covers(former.geometry.to_numpy()[wider], fresh.geometry.to_numpy()[wider])
    again = former["status"].eq("closed").to_numpy() & fresh["status"].ne("closed").to_numpy()
    again &= ~guessed["status"][rows]
    again |= fresh["event"].eq("reopened").to_numpy()
    event = np.select([again, wider, found["classification"]], ["reopened", "extended", "reclassified"], "edited")
    events = fate.rows["event"].to_numpy(dtype=object, copy=True)
    events[rows] = event
    fate.rows["event"] = pd.Series(events, index=fate.rows.index, dtype="str")
    for row, word in zip(rows.tolist(), event, strict=True):
        fate.why[row] = f"the file states no event: {word} is what it reports"


def _warn(fate: Fate, known: _Known, rows: Array, before: Array) -> None:
    """Tell of reports that claim less than is held and cannot free it: only an approved report of that kind does."""
    former, fresh = (known.base.iloc[at].reset_index(drop=True) for at in (before, known.count + rows))
    approved = fresh["workflow"].eq("approved").to_numpy()
    placed = ~(fresh.geometry.isna() | fresh.geometry.is_empty).to_numpy()
    down = approved & fate.rows["event"].iloc[rows].eq("revised_down").to_numpy()
    less = placed & ~down
    less[less] = ~_covers(fresh.geometry.to_numpy()[less], former.geometry.to_numpy()[less])
    softer = former["classification"].ne("suspected") & fresh["classification"].eq("suspected")
    softer = softer.to_numpy() & ~approved
    for wrong, text in (
        (less, "ground that it leaves out stays until an approved revised_down"),
        (softer, "not approved: what was confirmed stays so"),
    ):
        for row in rows[wrong].tolist():
            fate.why[row] = "; ".join(t for t in (fate.why[row], text) if t)
        if wrong.any():
            ids = ", ".join(repr(i) for i in fate.rows[_ID].iloc[rows[wrong][:3]])
            fate.notes.append(f"{int(wrong.sum()):,} newer reports claim less than is held ({ids}): {text}")


def _covers(wide: Array, narrow: Array) -> Array:
    """Say which shapes lie inside others, within 1 mm; nothing lies inside anything."""
    nothing = shapely.is_missing(narrow) | shapely.is_empty(narrow)
    inside = shapely.covers(shapely.buffer(shapely.make_valid(wide), comparing.SAME_DEG), narrow)
    return np.asarray(nothing | inside)


def _same_day(
    fate: Fate, known: _Known, rows: Array, exact: Array, guessed: Mapping[str, Array], policy: Policy, *, allow: bool
) -> None:
    if not len(rows):
        return
    found = _compared(known, rows, exact[rows], guessed, day=True)
    differs = comparing.any_of(found, len(rows))
    fate.outcome[rows] = np.where(differs, "changed", "unchanged")
    rows, found = rows[differs], {c: d[differs] for c, d in found.items()}
    _tell(fate, known, rows, exact[rows], found)
    former, fresh = (known.base.iloc[at].reset_index(drop=True) for at in (exact[rows], known.count + rows))
    if not allow:
        fate.refuse(rows, SAME_DAY)
        more = ~_covers(former.geometry.to_numpy(), fresh.geometry.to_numpy())
        more |= (former["classification"].eq("suspected") & fresh["classification"].ne("suspected")).to_numpy()
        fate.alarm(rows[more], _ID)
        return
    events = fate.rows["event"].to_numpy(dtype=object, copy=True)
    silent = guessed["event"][rows]
    events[rows[silent]] = former["event"].to_numpy(dtype=object)[silent]  # a silent file does not change it
    fate.rows["event"] = pd.Series(events, index=fate.rows.index, dtype="str")
    fine = _no_better(former, fresh, events[rows], policy)
    fate.refuse(rows[~fine], BETTER)
    for row in rows[fine].tolist():
        fate.replaces[row] = [int(exact[row])]


def _no_better(former: Any, fresh: Any, event: Array, policy: Policy) -> Array:
    """Say which reports, put in the place of others, could make no answer better, or are approved to do so."""
    approved = fresh["workflow"].eq("approved").to_numpy()
    was, now = former["event"].to_numpy(dtype=object), event
    fine = _covers(fresh.geometry.to_numpy(), former.geometry.to_numpy())
    fine &= approved | former["workflow"].ne("approved").to_numpy()  # an older approval would hold again
    fine &= approved | ~(former["classification"].ne("suspected") & fresh["classification"].eq("suspected")).to_numpy()
    fine &= approved | ~(former["status"].ne("closed") & fresh["status"].eq("closed")).to_numpy()
    fine &= ~np.isin(was, _REPORTED_AGAIN) | np.isin(now, _REPORTED_AGAIN)
    heirs = zip(former["superseded_by"], fresh["superseded_by"], strict=True)
    fine &= approved | np.fromiter((set(b) <= set(a) for a, b in heirs), dtype=bool, count=len(fine))
    fine &= _accuracy(fresh, policy) >= _accuracy(former, policy)
    fine &= fresh["stated_area_m2"].fillna(0).to_numpy() >= former["stated_area_m2"].fillna(0).to_numpy()
    return np.asarray(fine | (approved & (now == "revised_down")))


def _accuracy(rows: Any, policy: Policy) -> Array:
    assumed = np.where(rows["location_kind"].eq("surveyed"), policy.hazards_surveyed_m, policy.hazards_estimated_m)
    return np.where(rows["accuracy_m"].isna(), assumed, rows["accuracy_m"].to_numpy())


def _older(fate: Fate, known: _Known, rows: Array, latest: Array, guessed: Mapping[str, Array], *, allow: bool) -> None:
    if not len(rows):
        return
    found = _compared(known, rows, latest[rows], guessed, day=False)
    differs = comparing.any_of(found, len(rows)) | allow
    fate.outcome[rows] = np.where(differs, "changed", "unchanged")
    found[_DAY] = np.ones(len(rows), dtype=bool)
    rows, found = rows[differs], {c: d[differs] for c, d in found.items()}
    _tell(fate, known, rows, latest[rows], found)
    if not allow:
        fate.refuse(rows, OLDER)
    elif len(rows):
        ids = ", ".join(repr(i) for i in fate.rows[_ID].iloc[rows[:3]])
        fate.notes.append(
            f"{len(rows):,} older reports taken ({ids}): releases since their days can count for their ground"
        )


def _quarantined(fate: Fate, known: _Known, latest: Array, *, allow_older: bool, allow_same_day: bool) -> None:
    """Keep a quarantined report as a draft beside what is held; over a newer report it is refused as any other."""
    day, bad = known.day[known.fresh], ~known.sound[known.fresh]
    twin = _exact(known, sound=False)
    rows = np.flatnonzero(bad & (twin >= 0))
    if len(rows):
        found = comparing.differences(known.base.iloc[twin[rows]], known.base.iloc[known.count + rows], "hazards")
        fate.outcome[rows[~comparing.any_of(found, len(rows))]] = "unchanged"
    over = bad & (latest >= 0) & (day != _NO_DAY) & (fate.outcome == "quarantined")
    last = np.where(latest >= 0, known.day[latest], _NO_DAY)
    if not allow_older:
        fate.refuse(over & (day < last), OLDER)
    if not allow_same_day:
        fate.refuse(over & (day == last), SAME_DAY)


def _resolve(fate: Fate, known: _Known) -> None:
    """Let an approved report take the place of quarantined ones of its day, or of none, when it covers their ground."""
    drafts = np.flatnonzero(~known.sound[known.held])
    approved = known.sound[known.fresh] & fate.rows["workflow"].eq("approved").to_numpy()
    able = np.flatnonzero(approved & np.isin(fate.outcome, ("added", "changed")))
    able = able[np.isin(known.code[known.count + able], known.code[drafts])]
    shapes = known.base.geometry.to_numpy()
    gone: set[int] = set()
    for row in able.tolist():
        me = known.count + row
        mine = drafts[(known.code[drafts] == known.code[me]) & np.isin(known.day[drafts], (known.day[me], _NO_DAY))]
        mine = mine[[int(d) not in gone for d in mine]] if len(mine) else mine
        down = fate.rows["event"].iloc[row] == "revised_down"
        covered = _covers(np.full(len(mine), shapes[me], dtype=object), shapes[mine]) if len(mine) else mine
        chosen = [int(d) for d, c in zip(mine, covered, strict=True) if c or down]
        if chosen:
            gone.update(chosen)
            fate.replaces.setdefault(row, []).extend(chosen)
    if gone:
        fate.notes.append(f"{len(gone):,} quarantined reports gave way to approved ones that cover their ground")
