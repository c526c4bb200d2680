"""A newer report of a hazard is a new version with a day of its own; no version held goes for it.

What kind of event it is the file says. Where only a constant says it, it is derived, never to the better side: known
ground stays, what is new is added. Only a report of the same day, where it is allowed, takes the place of another, and
only when it makes no answer better or is an approved revised_down. Knows the table of hazards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hazardmap import measure, readings, tables
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
_SILENT_CLASS = "the file states no class: what was confirmed stays so"
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
    silent = np.zeros(len(rows), dtype=bool)
    guessed = {c: assumed.get(c, silent) for c in ("event", "status", "classification", _DAY)}
    fate = Fate.of(rows.copy())
    _keep_class(fate, known, guessed["classification"])
    code, day, sound = known.code[known.fresh], known.day[known.fresh], known.sound[known.fresh]
    latest, exact = _latest(known), _exact(known)
    drafts_only = sound & (latest < 0) & np.isin(code, known.code[known.held])
    fate.outcome[drafts_only] = "changed"
    for row in np.flatnonzero(drafts_only):
        fate.change[row] = _ONLY_DRAFTS
    last_day = np.where(latest >= 0, known.day[latest], _NO_DAY)
    newer = sound & (latest >= 0) & (day > last_day)
    _newer(fate, known, np.flatnonzero(newer), latest, guessed, policy)
    same = sound & (exact >= 0)
    _same_day(fate, known, np.flatnonzero(same), exact, guessed, policy, allow=allow_same_day)
    older = sound & (latest >= 0) & (exact < 0) & (day < last_day)
    _older(fate, known, np.flatnonzero(older), latest, guessed, allow=allow_older)
    _quarantined(fate, known, latest, allow_older=allow_older, allow_same_day=allow_same_day)
    _resolve(fate, known, policy)
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


def _keep_class(fate: Fate, known: _Known, guessed: Array) -> None:
    """Let no constant soften what was confirmed: a file that is silent of the class reports none."""
    classes = known.base["classification"].fillna("confirmed").to_numpy(dtype=object, copy=True)
    constant = np.r_[np.zeros(known.count, dtype=bool), guessed]
    decided = (classes != "suspected") | (known.base["workflow"].eq("approved").to_numpy() & known.sound & ~constant)
    order = np.lexsort((known.day, known.code))
    before = pd.Series(np.where(decided, classes, None), dtype="object").iloc[order].groupby(known.code[order]).ffill()
    stays = constant & known.sound & (classes == "suspected") & before.sort_index().eq("confirmed").to_numpy()
    if not stays.any():
        return
    classes[stays] = "confirmed"
    known.base = known.base.assign(classification=pd.Series(classes, index=known.base.index, dtype="str"))
    rows = np.flatnonzero(stays[known.fresh])
    kept = fate.rows["classification"].to_numpy(dtype=object, copy=True)
    kept[rows] = "confirmed"
    fate.rows["classification"] = pd.Series(kept, index=fate.rows.index, dtype="str")
    for row in rows.tolist():
        fate.why[row] = _SILENT_CLASS
    ids = ", ".join(repr(i) for i in fate.rows[_ID].iloc[rows[:3]])
    fate.notes.append(f"{len(rows):,} reports state no class ({ids}): a constant softens nothing, they stay confirmed")


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


def _newer(fate: Fate, known: _Known, rows: Array, latest: Array, guessed: Mapping[str, Array], policy: Policy) -> None:
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
    _derive(fate, known, rows[derive], before[derive], {c: d[derive] for c, d in found.items()}, guessed, policy)
    _warn(fate, known, rows[chosen], before[chosen], policy)


def _derive(
    fate: Fate,
    known: _Known,
    rows: Array,
    before: Array,
    found: Mapping[str, Array],
    guessed: Mapping[str, Array],
    policy: Policy,
) -> None:
    """Say what event a report is that does not say it: nothing that frees ground, and nothing that hides any."""
    if not len(rows):
        return
    former, fresh = known.base.iloc[before], known.base.iloc[known.count + rows]
    wider = found["geometry"] | found["accuracy_m"] | found["stated_area_m2"] | found["location_kind"]
    wider[wider] = ~_cover(former[wider], fresh[wider], policy)
    again = former["status"].eq("closed").to_numpy() & fresh["status"].ne("closed").to_numpy()
    again &= ~guessed["status"][rows]
    again |= fresh["event"].eq("reopened").to_numpy()
    event = np.select([again, wider, found["classification"]], ["reopened", "extended", "reclassified"], "edited")
    events = fate.rows["event"].to_numpy(dtype=object, copy=True)
    events[rows] = event
    fate.rows["event"] = pd.Series(events, index=fate.rows.index, dtype="str")
    for row, word in zip(rows.tolist(), event, strict=True):
        said = f"the file states no event: {word} is what it reports"
        fate.why[row] = "; ".join(t for t in (fate.why[row], said) if t)


def _warn(fate: Fate, known: _Known, rows: Array, before: Array, policy: Policy) -> None:
    """Tell of reports that claim less than is held and cannot free it: only an approved report of that kind does."""
    former, fresh = (known.base.iloc[at].reset_index(drop=True) for at in (before, known.count + rows))
    approved = fresh["workflow"].eq("approved").to_numpy()
    placed = ~(fresh.geometry.isna() | fresh.geometry.is_empty).to_numpy()
    down = approved & fate.rows["event"].iloc[rows].eq("revised_down").to_numpy()
    less = placed & ~down
    less[less] = ~_cover(fresh[less], former[less], policy)
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


def _cover(wide: Any, narrow: Any, policy: Policy) -> Array:
    """Say which rows have no ground that others have not: a point means a disc, and a small polygon does not cover it.

    The rows of both are compared one by one; nothing lies inside anything.
    """
    pairs = pd.concat([wide, narrow], ignore_index=True)
    shapes = _ground(pairs, policy)
    return comparing.covers(shapes[: len(wide)], shapes[len(wide) :])


def _ground(rows: Any, policy: Policy) -> Array:
    """Give the ground that rows mean, at its widest, as the rule reads it: what has no area of its own is a disc."""
    shapes = np.array(rows.geometry.to_numpy(), dtype=object)
    shapes[shapely.is_empty(shapes)] = None
    torn = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    for i, wide in zip(torn, readings.all_widest(shapes[torn]), strict=True):
        shapes[i] = shapely.make_valid(shapes[i]) if wide is None else wide
    radius = np.sqrt(rows["stated_area_m2"].fillna(0).to_numpy() / np.pi) + _accuracy(rows, policy)
    points = np.flatnonzero(shapely.get_type_id(shapes) == 0)
    shapes[points] = measure.discs(gpd.GeoSeries(shapes[points], crs=measure.STORED_CRS), radius[points]).to_numpy()
    parts, owner = shapely.get_parts(shapes, return_index=True)
    flat = shapely.area(parts) <= 0
    for i in np.unique(owner[flat]).tolist():  # only drafts can be lines, or have parts that enclose nothing
        mine, thin = parts[owner == i], flat[owner == i]
        plane = measure.local_plane(shapely.bounds(shapes[i]))
        lines = measure.to_plane(gpd.GeoSeries(mine[thin], crs=measure.STORED_CRS), plane)
        belts = measure.from_plane(measure.grown(lines, radius[i], plane), plane).to_numpy()
        shapes[i] = shapely.union_all([*mine[~thin], *belts])
    return shapes


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
        more = ~_cover(former, fresh, policy)
        more |= (former["classification"].eq("suspected") & fresh["classification"].ne("suspected")).to_numpy()
        fate.alarm(rows[more], _ID)
        return
    events = fate.rows["event"].to_numpy(dtype=object, copy=True)
    silent = guessed["event"][rows]
    events[rows[silent]] = former["event"].to_numpy(dtype=object)[silent]  # a silent file does not change it
    fate.rows["event"] = pd.Series(events, index=fate.rows.index, dtype="str")
    fine = _no_better(former, fresh, events[rows], policy, first=~_follows(known)[rows])
    fate.refuse(rows[~fine], BETTER)
    for row in rows[fine].tolist():
        fate.replaces[row] = [int(exact[row])]


def _follows(known: _Known) -> Array:
    """Say for each row of the file whether an earlier version of its hazard is held."""
    first = np.full(int(known.code.max(initial=-1)) + 1, -_NO_DAY)
    np.minimum.at(first, known.code[known.held], known.day[known.held])
    return np.asarray(first[known.code[known.fresh]] < known.day[known.fresh])


def _no_better(former: Any, fresh: Any, event: Array, policy: Policy, *, first: Array) -> Array:
    """Say which reports, put in the place of others, could make no answer better, or are approved to do so."""
    approved = fresh["workflow"].eq("approved").to_numpy()
    was, now = former["event"].to_numpy(dtype=object), event
    fine = _cover(fresh, former, policy)
    fine &= approved | former["workflow"].ne("approved").to_numpy()  # an older approval would hold again
    fine &= approved | ~(former["classification"].ne("suspected") & fresh["classification"].eq("suspected")).to_numpy()
    fine &= approved | ~(former["status"].ne("closed") & fresh["status"].eq("closed")).to_numpy()
    again = ~np.isin(was, _REPORTED_AGAIN) | np.isin(now, _REPORTED_AGAIN)
    fine &= again
    heirs = zip(former["superseded_by"], fresh["superseded_by"], strict=True)
    fine &= approved | np.fromiter((set(b) <= set(a) for a, b in heirs), dtype=bool, count=len(fine))
    fine &= _accuracy(fresh, policy) >= _accuracy(former, policy)
    fine &= fresh["stated_area_m2"].fillna(0).to_numpy() >= former["stated_area_m2"].fillna(0).to_numpy()
    # Without a shape a revised_down shrinks nothing; and what was reported again stays so on the ground that is left.
    placed = ~(fresh.geometry.isna() | fresh.geometry.is_empty).to_numpy()
    return np.asarray(fine | (approved & (now == "revised_down") & placed & (again | first)))


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


def _resolve(fate: Fate, known: _Known, policy: Policy) -> None:
    """Let an approved report take the place of quarantined ones of its day, or of none, when it covers their ground.

    Only a report with a shape can say where the ground of a draft without one lies. A draft that reports a hazard
    again gives way only to a report that does so too, or is a revised_down.
    """
    base, code, day = known.base, known.code, known.day
    event = fate.rows["event"].to_numpy(dtype=object)
    placed = ~(base.geometry.isna() | base.geometry.is_empty).to_numpy()
    able = known.sound[known.fresh] & fate.rows["workflow"].eq("approved").to_numpy() & placed[known.fresh]
    able &= np.isin(fate.outcome, ("added", "changed"))
    rows, drafts = np.flatnonzero(able), np.flatnonzero(~known.sound[known.held])
    pairs = pd.DataFrame({"row": rows, "code": code[known.count + rows]}).merge(
        pd.DataFrame({"draft": drafts, "code": code[drafts]}), on="code"
    )
    row, draft = pairs["row"].to_numpy(), pairs["draft"].to_numpy()
    down = event[row] == "revised_down"
    may = (day[draft] == day[known.count + row]) | (day[draft] == _NO_DAY)
    may &= down | np.isin(event[row], _REPORTED_AGAIN) | base["event"].iloc[draft].ne("reopened").to_numpy()
    row, draft, down = row[may], draft[may], down[may]
    chosen = down.copy()
    chosen[~down] = _cover(base.iloc[known.count + row[~down]], base.iloc[draft[~down]], policy)
    gone: set[int] = set()
    for mine, former in zip(row[chosen].tolist(), draft[chosen].tolist(), strict=True):
        if former not in gone:
            gone.add(former)
            fate.replaces.setdefault(mine, []).append(former)
    if gone:
        fate.notes.append(f"{len(gone):,} quarantined reports gave way to approved ones that cover their ground")
