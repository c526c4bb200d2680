"""The records that answers rest on, a row each: what each says, and why it counts or not on the day.

Looks the ids up in the tables of the release package and in the programme; decides nothing. An id that no table knows
is listed too, and said to be unknown. Knows records; knows no file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hazardmap.release import state_on
from hazardmap.release.days import day_number
from hazardmap.release.records import answered_until
from hazardmap.sheets.cells import members
from hazardmap.sheets.telling import SETS

if TYPE_CHECKING:
    from datetime import date

    from hazardmap.programme import Programme

#: The columns of the table, in order.
COLUMNS = (
    "record",
    "record_id",
    "says",
    "standing",
    "why",
    "date",
    "plots",
    "idle_plots",
    "near_plots",
    "decision",
    "decision_date",
    "quality",
    "quality_date",
    "handover_no",
    "handover_date",
    "depth_m",
    "area_m2",
    "open_m2",
    "accuracy_m",
    "hazard_ids",
    "name",
    "organisation",
    "district",
    "source",
)
_DAYS = ("date", "decision_date", "quality_date", "handover_date")
_NUMBERS = ("depth_m", "area_m2", "open_m2", "accuracy_m")
_KINDS = {
    "hazard_ids": "hazard",
    "release_ids": "release",
    "idle_release_ids": "release",
    "survey_ids": "survey",
    "find_ids": "find",
}
_HOWS = ("plots", "idle_plots", "near_plots")
_ORDER = ("hazard", "release", "survey", "find")
_PLOTS_SHOWN = 25


def records_used(answers: pd.DataFrame, programme: Programme, *, on: str | date) -> pd.DataFrame:
    """List every record that an answer names, with the plots that it was named for.

    Returns
    -------
    One row a record (two where two rows of a table bear the same id), hazards first, with

    - ``record``: hazard, release, survey or find; ``record_id``; ``says``: its class, product or kind in words
    - ``standing``: what it counts for on the day; ``why``: the reason in a sentence
    - ``date``: of information, completion, survey or find; dates and numbers of its papers; metres and square metres
    - ``plots``: plots that it lies on; ``idle_plots``: plots on which it lies and frees nothing; ``near_plots``: plots
      whose nearest open hazard it is

    Examples
    --------
    >>> import pandas as pd
    >>> import hazardmap as hm
    >>> sets = {c: [()] for c in SETS} | {"release_ids": [("R-002",)]}
    >>> answers = pd.DataFrame({"plot_id": ["P-B"], "nearest_hazard_id": [None], **sets})
    >>> used = records_used(answers, hm.example(), on="2024-12-31")
    >>> used[["record", "record_id", "says", "standing"]].values.tolist()
    [['release', 'R-002', 'reduced', 'pending']]
    """
    used = _used(answers, set(programme.finds["find_id"]) - set(programme.hazards["hazard_id"]))
    if used.empty:
        return _typed(pd.DataFrame(columns=list(COLUMNS)))
    known = _known(programme, on)
    rows = used.merge(known, on=["record", "record_id"], how="left")
    lost = rows["says"].isna()
    rows["says"] = rows["says"].mask(lost, "not in this programme")
    rows["standing"] = rows["standing"].mask(lost, "unknown")
    rows["why"] = rows["why"].mask(lost, "the answers name it; the tables of this programme do not hold it on this day")
    rank = rows["record"].map({k: i for i, k in enumerate(_ORDER)})
    rows = rows.assign(rank=rank).sort_values(["rank", "record_id"], kind="stable", ignore_index=True)
    return _typed(rows[list(COLUMNS)])


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    kinds = {c: "datetime64[us]" if c in _DAYS else "float64" if c in _NUMBERS else "str" for c in COLUMNS}
    return rows.astype({**kinds, **dict.fromkeys(("hazard_ids", *_HOWS), "object")})


def _used(answers: pd.DataFrame, finds: set[str]) -> pd.DataFrame:
    """Give each record named, with the plots that it was named for and how; evidence may be the nearest hazard."""
    plot = answers["plot_id"].astype("object").where(answers["plot_id"].notna(), "(no id)")
    named = [
        pd.DataFrame({"plot": plot, "record": _KINDS[c], "record_id": answers[c].map(members), "how": _how(c)}).explode(
            "record_id"
        )
        for c in SETS
    ]
    closest = answers["nearest_hazard_id"].astype("object")
    near = {"plot": plot, "record": closest.isin(finds).map({True: "find", False: "hazard"}), "record_id": closest}
    pairs = pd.concat([*named, pd.DataFrame({**near, "how": "near_plots"})], ignore_index=True)
    pairs = pairs[pairs["record_id"].notna()].drop_duplicates()
    if pairs.empty:
        return pd.DataFrame(columns=["record", "record_id", *_HOWS])
    lists = pairs.groupby(["how", "record", "record_id"], sort=True)["plot"].agg(_shown)
    hows = {h: lists.loc[h] if h in lists.index.levels[0] else pd.Series(dtype="object") for h in _HOWS}
    table = pd.DataFrame(hows, index=pd.MultiIndex.from_frame(pairs[["record", "record_id"]].drop_duplicates()))
    return table.map(lambda v: v if isinstance(v, tuple) else ()).reset_index()


def _how(column: str) -> str:
    return "idle_plots" if column.startswith("idle") else "plots"


def _shown(plots: pd.Series) -> tuple[str, ...]:
    first = tuple(map(str, plots.head(_PLOTS_SHOWN)))
    more = len(plots) - len(first)
    return (*first, f"and {more:,} more") if more else first


def _known(programme: Programme, on: str | date) -> pd.DataFrame:
    state = state_on(programme, on=on)
    tables = [
        _hazards(state.hazards),
        _releases(state.releases),
        _surveys(programme.surveys),
        _finds(programme.finds, day_number(programme, on)),
    ]
    filled = [t.dropna(axis="columns", how="all") for t in tables if len(t)]
    known = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=["record", "record_id"])
    return known.reindex(columns=[c for c in COLUMNS if c not in _HOWS])


def _hazards(hazards: pd.DataFrame) -> pd.DataFrame:
    opened, nowhere = hazards["open_m2"].gt(0), hazards["unplaced"].astype(bool)
    freed = hazards["open_m2"].map("{:,.0f} m² of it no release has freed".format)
    note = freed.where(opened, "none of its placed ground is open")
    note += pd.Series("; some of it has no position and may lie anywhere", index=note.index).where(nowhere, "")
    faulty = "; the record has faults and is read at its worst (" + hazards["quarantined"].fillna("") + ")"
    return pd.DataFrame(
        {
            **_plain(hazards, "hazard", "hazard_id", "date_of_information", "name", "organisation"),
            "says": hazards["classification"].fillna("confirmed") + " hazardous area",
            "standing": np.select([opened, nowhere], ["open", "no position"], "no open ground"),
            "why": note + faulty.where(hazards["quarantined"].notna(), ""),
            "open_m2": hazards["open_m2"],
        }
    )


def _releases(releases: pd.DataFrame) -> pd.DataFrame:
    doubted = releases["in_question"].astype(bool)
    standing = releases["standing"].mask(doubted & releases["standing"].eq("counting"), "in question")
    doubt = pd.Series("; later evidence contradicts it", index=releases.index).where(doubted, "")
    note = standing.map(
        {
            "counting": "counts: all papers that the policy asks for are there",
            "in question": "later evidence contradicts it, and nobody has answered that",
        }
    )
    note = note.mask(standing.eq("void"), "frees nothing: " + releases["why"])
    note = note.mask(standing.eq("pending"), "reported, not released: " + releases["why"] + doubt)
    papers = ("decision", "quality", "handover_no", "depth_m", "decision_date", "quality_date", "handover_date")
    return pd.DataFrame(
        {
            **_plain(releases, "release", "release_id", "date_completed", "", "organisation"),
            "says": releases["product"],
            "standing": standing,
            "why": note,
            "hazard_ids": releases["hazard_ids"],
            **{c: releases[c] for c in papers},
        }
    )


def _surveys(surveys: pd.DataFrame) -> pd.DataFrame:
    trusted = surveys["quarantined"].isna()
    return pd.DataFrame(
        {
            **_plain(surveys, "survey", "survey_id", "date", "", "organisation"),
            "says": "no evidence found at that time",
            "standing": trusted.map({True: "walked", False: "not trusted"}),
            "why": trusted.map({True: "a survey frees no ground", False: "the record has faults and proves nothing"}),
        }
    )


def _finds(finds: Any, day: int) -> pd.DataFrame:
    answered = pd.Series(answered_until(finds) <= day, index=finds.index)
    notes = [
        f"dealt with by {by} on {when:%Y-%m-%d}"
        if done
        else "nobody has dealt with it: it counts against the ground round it"
        for done, by, when in zip(answered, finds["answered_by"], finds["answered_on"], strict=True)
    ]
    return pd.DataFrame(
        {
            **_plain(finds, "find", "find_id", "date", "", ""),
            "says": finds["kind"].fillna("kind not stated"),
            "standing": answered.map({True: "answered", False: "not answered"}),
            "why": notes,
        }
    )


def _plain(frame: pd.DataFrame, record: str, key: str, day: str, name: str, organisation: str) -> dict[str, Any]:
    """Give the columns that all tables share."""
    shared = {"record": record, "record_id": frame[key].astype("object"), "date": frame[day]}
    shared["name"] = frame[name] if name else None
    shared["organisation"] = frame[organisation] if organisation else None
    same = ("area_m2", "accuracy_m", "district", "source")
    return {**shared, **{c: frame[c] for c in same if c in frame}}
