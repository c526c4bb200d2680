"""Tables with one row for each id: a newer report takes the place of the one held, which the history keeps.

Doubt goes to the worse side: a newer report that is quarantined takes the place as well, so that neither proves
anything good. A find is not moved away: what it said before stays beside the newer report until the find is answered.
Knows rows and days; knows nothing of the history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hazardmap import tables
from hazardmap.intake.updating import comparing, silence
from hazardmap.intake.updating.fate import OLDER, SAME_DAY, UNKNOWN_DAY, Fate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hazardmap.programme import Policy

    Array = NDArray[Any]

_FORMER_FIND = "a newer report places or dates this find differently; it stays here as well until the find is answered"


def sort_editions(
    held: Any,
    rows: Any,
    name: str,
    days: tuple[Array, Array],
    assumed: Mapping[str, Array],
    policy: Policy,
    *,
    allow_older: bool,
    allow_same_day: bool,
) -> Fate:
    """Say what becomes of each row of a file.

    Parameters
    ----------
    held, rows
        Canonical tables on a range index; rows of the file, quarantined ones included.
    name
        The table, not hazards.
    days
        Of each row held the day of which it can speak at the latest; of each row of the file that at the earliest.
    assumed
        Column → of each row of the file whether a constant filled it.
    policy
        For accuracies that nobody states.
    allow_older, allow_same_day
        What is told to be taken.
    """
    fate = Fate.of(rows.copy())
    schema = tables.table(name)
    if not schema.key:
        return _by_content(fate, held, rows, name)
    here, there = comparing.ids_of(held[schema.id_column]), comparing.ids_of(rows[schema.id_column])
    code, texts = pd.factorize(np.r_[here, there])
    count = len(held)
    sound = held["quarantined"].isna().to_numpy()
    bad = rows["quarantined"].notna().to_numpy()
    main = _last(code[:count], np.flatnonzero(~sound), np.flatnonzero(sound), len(texts))[code[count:]]
    matched = (main >= 0) & (there != "")
    drafts = _nth(code[:count], np.flatnonzero(~sound), code[count:], np.flatnonzero(bad))
    before = np.where(drafts >= 0, drafts, main)
    at = np.flatnonzero(matched)
    silent_of = _keep_in_silence(fate, held, np.flatnonzero(matched & ~bad), main, name, assumed, policy)
    former, fresh = held.iloc[before[at]], fate.rows.iloc[at]
    found = comparing.differences(former, fresh, name)
    differs = comparing.any_of(found, len(at))
    if name != "finds":  # rows of one id go together: where one is taken, a quarantined copy of it must not be lost
        differs |= bad[at] & np.isin(code[count:][at], code[count:][at][differs])
    fate.outcome[at] = np.where(differs, np.where(bad[at], "quarantined", "changed"), "unchanged")
    texts_of = comparing.told(former[differs], fresh[differs], {c: d[differs] for c, d in found.items()}, name)
    for row, text in zip(at[differs].tolist(), texts_of, strict=True):
        fate.change[row] = text
    was, now = days[0][before[at[differs]]], days[1][at[differs]]
    _judge_days(fate, at[differs], was, now, allow_older=allow_older, allow_same_day=allow_same_day)
    _tell_of_silence(fate, silent_of, schema.id_column)
    refused = np.flatnonzero(fate.outcome == "refused")
    for column in {c for columns in silent_of.values() for c in columns}:  # the history keeps it as the file said it
        cells = fate.rows[column].copy()
        cells.iloc[refused] = rows[column].iloc[refused].to_numpy()
        fate.rows[column] = cells
    if name == "releases":
        fate.alarm(np.flatnonzero((fate.outcome == "refused") & _bad_news(rows)), schema.id_column)
    going = matched & np.isin(fate.outcome, ("changed", "quarantined"))
    if name == "finds":
        _places_of_finds(fate, held, code, main, np.flatnonzero(going & ~bad), policy)
    else:
        _places(fate, code, count, np.flatnonzero(going))
    return fate


def _keep_in_silence(
    fate: Fate, held: Any, at: Array, main: Array, name: str, assumed: Mapping[str, Array], policy: Policy
) -> dict[int, list[str]]:
    """Let rows keep what is held where their file is silent and silence would be good news; say of which columns."""
    former, fresh = held.iloc[main[at]], fate.rows.iloc[at]
    kept = silence.kept_in_silence(former, fresh, name, {c: a[at] for c, a in assumed.items()}, policy)
    said: dict[int, list[str]] = {}
    if not any(k.any() for k in kept.values()):
        return said
    spoken = silence.spoken(fresh, former, kept)
    for column, keeps in kept.items():
        if keeps.any():
            cells = fate.rows[column].copy()
            cells.iloc[at] = spoken[column].to_numpy()
            fate.rows[column] = cells
        for row in at[keeps].tolist():
            said.setdefault(row, []).append(column)
    return said


def _tell_of_silence(fate: Fate, silent_of: Mapping[int, list[str]], ids: str) -> None:
    told = [r for r in silent_of if fate.outcome[r] in ("changed", "unchanged")]
    for row in told:
        fate.why[row] = f"the file is silent of {', '.join(silent_of[row])}: what was held stays"
    if told:
        columns = ", ".join(dict.fromkeys(c for r in told for c in silent_of[r]))
        examples = ", ".join(repr(i) for i in fate.rows[ids].iloc[told[:3]])
        fate.notes.append(
            f"{len(told):,} rows keep what was held, as the file does not say it and silence is no good news"
            f" ({columns}; e.g. {examples}): a report that states it changes it"
        )


def _last(code: Array, first: Array, then: Array, size: int) -> Array:
    """Give for each id the last of some rows held; those named last win."""
    last = np.full(size, -1)
    last[code[first]] = first
    last[code[then]] = then
    return last


def _nth(here: Array, held: Array, there: Array, rows: Array) -> Array:
    """Give for each quarantined row of the file the one held of its id, the first, second …; -1 where there is none."""
    found = np.full(len(there), -1)
    order = held[np.argsort(here[held], kind="stable")]
    low, high = (np.searchsorted(here[order], there[rows], side) for side in ("left", "right"))
    nth = low + pd.Series(there[rows]).groupby(there[rows]).cumcount().to_numpy()
    has = high > low
    found[rows[has]] = order[np.minimum(nth, high - 1)[has]]
    return found


def _bad_news(releases: Any) -> Array:
    """Say which releases report that they count for nothing."""
    news = releases["decision"].eq("rejected") | releases["quality"].eq("failed")
    news |= releases["nonconformity"].isin(("major", "critical")) | releases["quarantined"].notna()
    return np.asarray(news)


def _judge_days(fate: Fate, rows: Array, was: Array, now: Array, *, allow_older: bool, allow_same_day: bool) -> None:
    if not allow_older:
        fate.refuse(rows[now < was], OLDER)
    if not allow_same_day:
        fate.refuse(rows[now == was], SAME_DAY)
        fate.refuse(rows[np.isnat(was) | np.isnat(now)], UNKNOWN_DAY)


def _places(fate: Fate, code: Array, count: int, rows: Array) -> None:
    """Let the first row of each id in the file take the place of all rows held of that id."""
    order = np.argsort(code[:count], kind="stable")
    rows = rows[np.unique(code[count + rows], return_index=True)[1]]
    low, high = (np.searchsorted(code[order], code[count + rows], side) for side in ("left", "right"))
    for row, a, b in zip(rows.tolist(), low.tolist(), high.tolist(), strict=True):
        fate.replaces[row] = order[a:b].tolist()


def _places_of_finds(fate: Fate, held: Any, code: Array, main: Array, rows: Array, policy: Policy) -> None:
    """Let an answered find take the place of all that was said of it; another one only where it lets nothing go."""
    former, fresh = held.iloc[main[rows]], fate.rows.iloc[rows]
    answer = fresh["answered_by"].fillna("").str.strip().ne("").to_numpy()
    answered = answer & fresh["answered_on"].notna().to_numpy()
    # An answer from before the day on which the find is held to have been made answers another one.
    said = held["date"].where(held["quarantined"].isna() | held["quarantined"].eq(_FORMER_FIND))
    last = said.groupby(code[: len(held)]).max().reindex(code[len(held) + rows]).to_numpy()
    early = answered & (fresh["answered_on"].to_numpy() < last)
    answered &= ~early
    found = comparing.differences(former, fresh, "finds")
    reach = [f["accuracy_m"].fillna(policy.finds_m).to_numpy(dtype="float64") for f in (former, fresh)]
    moved = found["geometry"] | found["date"] | (reach[1] < reach[0]) | early
    drafts = np.isin(code[len(held) + rows], code[len(held) :][(fate.outcome == "quarantined").nonzero()[0]])
    _places(fate, code, len(held), rows[answered & ~drafts])
    for row in rows[drafts | (~answered & ~moved)].tolist():
        fate.replaces[row] = [int(main[row])]
    for row in rows[~answered & ~drafts & moved].tolist():
        fate.beside[int(main[row])] = fate.why[row] = _FORMER_FIND


def _by_content(fate: Fate, held: Any, rows: Any, name: str) -> Fate:
    """Match rows that have no id by all that they say."""
    here, there = (_contents(f, name) for f in (held, rows))
    fate.outcome[there.isin(set(here)).to_numpy()] = "unchanged"
    fate.notes.append(f"{name} has no ids: rows are matched by what they say, and none can be listed as missing")
    return fate


def _contents(frame: Any, name: str) -> Any:
    columns = [c.name for c in tables.table(name).columns if c.name not in comparing.PROVENANCE]
    cells = frame[columns].fillna("").assign(shape=comparing.shape_keys(frame.geometry.to_numpy()))
    cells = cells.assign(bad=frame["quarantined"].isna())
    text = cells.astype("str").agg("\0".join, axis=1) if len(cells) else pd.Series(dtype="str")
    return text + "\0" + text.groupby(text).cumcount().astype("str") if len(text) else text
