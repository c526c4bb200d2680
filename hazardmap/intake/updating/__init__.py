"""A newer edition of a file: matched by id, history kept, nothing overwritten unseen and nothing deleted.

Each row of the file is added, changed, unchanged, refused or quarantined; what the file no longer holds is listed as
missing and stays as it is. Knows the order of the steps; each has its own file.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hazardmap import tables
from hazardmap.intake.adding import days, entries, grown, refuse_same_file
from hazardmap.intake.updating import comparing
from hazardmap.intake.updating.editions import sort_editions
from hazardmap.intake.updating.fate import Fate, standing
from hazardmap.intake.updating.life import held_days, missing_from_file
from hazardmap.intake.updating.updated import Updated
from hazardmap.intake.updating.versions import sort_versions

if TYPE_CHECKING:
    from hazardmap.intake.imported import Imported
    from hazardmap.programme import Programme

__all__ = ["Updated", "update"]

#: Tables whose rows say something good of ground: a quarantined one says nothing.
_GOOD_NEWS = ("releases", "surveys", "coverage")


def update(
    programme: Programme,
    imported: Imported,
    *,
    allow_older: bool = False,
    allow_same_day: bool = False,
    missing_from: str | None = None,
    partial: bool = False,
) -> Updated:
    """Bring a newer edition of a file into a programme.

    Records are matched by id. A hazard that differs becomes a new version with its own day; the versions held stay. In
    the other tables the newer report takes the place of the one held, which the history keeps in full. A report older
    than the one held, or of the same day and different, changes nothing unless it is allowed. A newer report that is
    quarantined frees nothing, and what it replaces frees nothing either; a quarantined hazard or find stands beside
    what is held. What a file does not say, or a constant says for it, is no news: a rejection, a failed result, a
    nonconformity, an activity, a coarser accuracy, a depth that a plot needs and a confirmed class stay. No record is
    deleted.

    Parameters
    ----------
    programme
        What is held; not changed.
    imported
        The file, from `import_table` with this programme.
    allow_older, allow_same_day
        Take reports that are older than, or of the same day as, those held. The day of a hazard's report is its date of
        information; of coverage its own as-of date; of all other rows the as-of date of their file. A report of the
        same day still may not make a hazard better, unless it is an approved revised_down.
    missing_from
        The earlier file, or origin, of which this is a newer edition: all its records are expected. Without it those
        are that were last reported by a file of the same origin that shares records with this one.
    partial
        The file holds only some of the records: none is expected.

    Returns
    -------
    Updated
        `programme`, `counts`, `report`, `missing`, `notes`; printed, it tells what happened.

    Raises
    ------
    SchemaError
        When the same file is in the programme already (unless it is told what may be taken again), or no file is named
        `missing_from`.

    Examples
    --------
    >>> import hazardmap as hm
    >>> held = hm.example()
    >>> later = held.plots.assign(use=["orchard"] + ["field"] * 5)
    >>> done = update(held, hm.import_table(later, "plots", programme=held, as_of="2025-03-01"), allow_same_day=True)
    >>> done.counts
    {'rows': 6, 'added': 0, 'changed': 1, 'unchanged': 5, 'refused': 0, 'quarantined': 0, 'missing': 0}
    >>> done.programme.plots["use"].tolist()[:2], held.plots["use"].tolist()[:2]
    (['orchard', 'field'], ['field', 'field'])
    >>> done.report["change"].iloc[0]
    'use: field → orchard'
    """
    name = imported.table
    if not (allow_older or allow_same_day):
        refuse_same_file(
            programme, imported, "after a faulty newer edition, --allow-older or --allow-same-day takes it once more"
        )
    held = tables.canonical(programme.table(name), name).reset_index(drop=True)
    rows = tables.canonical(imported.rows, name).reset_index(drop=True)
    history = tables.canonical(programme.history, "history")
    allowed = {"allow_older": allow_older, "allow_same_day": allow_same_day}
    if name == "hazards":
        fate = sort_versions(held, rows, imported.assumed, programme.policy, **allowed)
    else:
        speaks = (held_days(history, held, name), _days_of(imported, rows))
        fate = sort_editions(held, rows, name, speaks, imported.assumed, programme.policy, **allowed)
    missing, notes = missing_from_file(history, held, imported, named=missing_from, partial=partial)
    report = _report(imported, held, fate, missing)
    told = [
        *imported.notes,
        *_of_row_numbers(imported),
        *_of_capitals(held, rows, name),
        *fate.notes,
        *_told(held, fate, name),
        *notes,
        *_unmapped(held, rows, fate, name),
    ]
    now = grown(programme, imported, standing(held, fate), report)
    if programme.as_of is not None and (fate.outcome == "refused").all():  # nothing is known of a later day
        now = dataclasses.replace(now, as_of=programme.as_of)
    return Updated(
        programme=now,
        table=name,
        report=report,
        missing=missing,
        notes=tuple(told),
        source=imported.source,
    )


def _days_of(imported: Imported, rows: Any) -> Any:
    """Give the day of which each row speaks, at the earliest: that of the file, else the latest that the row names."""
    own = days(imported).astype("datetime64[D]")
    named = [
        c.name for c in tables.table(imported.table).columns if c.kind == "date" and not c.name.startswith("valid")
    ]
    latest = rows[named].max(axis=1).to_numpy().astype("datetime64[D]") if named else own
    return np.where(np.isnat(own), latest, own)


def _report(imported: Imported, held: Any, fate: Fate, missing: Any) -> Any:
    """Give the rows that the history gains: one for each row of the file, then one for each record missing in it."""
    report = entries(imported)
    report["outcome"] = pd.Series(fate.outcome, index=report.index, dtype="str")
    whys = zip(report["why"].fillna(""), fate.why, strict=True)
    report["why"] = pd.Series([_joined(w) for w in whys], index=report.index, dtype="str")
    report["change"] = pd.Series([c or None for c in fate.change], index=report.index, dtype="str")
    report["kept"] = pd.Series(_kept(held, fate), index=report.index, dtype="str")
    if missing.empty:
        return report
    first = report.iloc[0]
    gone = pd.DataFrame(
        {
            "table": imported.table,
            "record_id": missing["record_id"].to_numpy(),
            "outcome": "missing",
            "what": "not in this file; the record stays as it is",
            "why": "nothing is ever deleted",
            "change": ("last reported by " + missing["source"].fillna("an unknown file")).to_numpy(),
            **{c: first[c] for c in ("source", "source_sha256", "recorded_at", "origin")},
            "day": None if imported.as_of is None else pd.Timestamp(imported.as_of),
        }
    )
    return pd.concat([report, tables.canonical(gone, "history")], ignore_index=True)


def _joined(texts: tuple[str, ...]) -> str | None:
    return "; ".join(t for t in texts if t) or None


def _kept(held: Any, fate: Fate) -> list[str | None]:
    """Write in full what the table no longer shows: the rows that others replaced, the rows refused."""
    kept: list[str | None] = [None] * len(fate.rows)
    refused = np.flatnonzero(fate.outcome == "refused")
    for row, cells in zip(refused.tolist(), comparing.in_full(fate.rows.iloc[refused]), strict=True):
        kept[row] = comparing.as_text([cells])
    at = [p for former in fate.replaces.values() for p in former]
    cells_of = dict(zip(at, comparing.in_full(held.iloc[at]), strict=True))
    for row, former in fate.replaces.items():
        kept[row] = comparing.as_text([cells_of[p] for p in former])
    return kept


def _of_row_numbers(imported: Imported) -> list[str]:
    """Warn of ids that name the place of a row in its file: they match records only while no row comes or goes."""
    made = f"{tables.table(imported.table).id_column} is made as "
    if not any(n.startswith(made) and "{row" in n for n in imported.notes):
        return []
    return ["the ids are MADE OF ROW NUMBERS: where a row was added or taken out, every later one is matched wrongly"]


def _of_capitals(held: Any, rows: Any, name: str) -> list[str]:
    """Warn of ids that are held already but for capitals or blanks inside: they are taken as other records."""
    schema = tables.table(name)
    if not schema.key or held.empty:
        return []
    here, there = (np.unique(comparing.ids_of(f[schema.id_column])) for f in (held, rows))
    known = {_plain_id(i): i for i in here.tolist()}
    new = [i for i in np.setdiff1d(there, here).tolist() if _plain_id(i) in known]
    if not new:
        return []
    pair = f"{new[0]!r} and {known[_plain_id(new[0])]!r}"
    told = f"{len(new):,} ids differ from ids held ONLY IN CAPITALS OR BLANKS ({pair}): they are taken as other records"
    return [f"{told}, and what is held of those stays as it is; look at them"]


def _plain_id(text: str) -> str:
    return "".join(text.split()).casefold()


def _told(held: Any, fate: Fate, name: str) -> list[str]:
    """Say what doubt has done."""
    notes = []
    sound = held["quarantined"].isna().to_numpy()
    lost = [r for r, f in fate.replaces.items() if fate.outcome[r] == "quarantined" and sound[f].any()]
    if lost and name in _GOOD_NEWS:
        ids = ", ".join(repr(i) for i in fate.rows[tables.table(name).id_column].iloc[lost[:3]])
        notes.append(
            f"{len(lost):,} {name} held prove nothing any more, as their newer report is quarantined ({ids});"
            " correct the file and update again"
        )
    if name == "districts" and (smaller := _smaller(held, fate)):
        notes.append(
            f"{len(smaller):,} districts are SMALLER than held ({', '.join(map(repr, smaller[:3]))}): hazards without a"
            " position are told no more on the ground that they leave; an id of its own keeps the boundary held"
        )
    if fate.beside:
        notes.append(
            f"{len(fate.beside):,} finds are placed or dated differently, and not answered: both reports count"
        )
    return notes


def _smaller(held: Any, fate: Fate) -> list[str]:
    """Give the ids of districts of which the newer report leaves out ground."""
    pairs = [(r, p) for r, former in fate.replaces.items() if fate.outcome[r] == "changed" for p in former[:1]]
    rows, at = ([p[i] for p in pairs] for i in (0, 1))
    inside = comparing.covers(fate.rows.geometry.to_numpy()[rows], held.geometry.to_numpy()[at])
    return [str(i) for i in fate.rows[tables.table("districts").id_column].iloc[rows][~inside]]


def _unmapped(held: Any, rows: Any, fate: Fate, name: str) -> list[str]:
    """Say when unchanged rows differ in what the file holds beside the columns of the table."""
    schema = tables.table(name)
    if not schema.key:
        return []
    same = np.flatnonzero(fate.outcome == "unchanged")
    keys = [schema.id_column, "as_entered"]
    known = set(zip(comparing.ids_of(held[schema.id_column]), held[keys[1]].fillna(""), strict=True))
    mine = rows.iloc[same]
    pairs = zip(comparing.ids_of(mine[schema.id_column]), mine[keys[1]].fillna(""), strict=True)
    other = sum(p not in known for p in pairs)
    return (
        [f"{other:,} unchanged rows are written differently in the file, or differ in columns that are not mapped"]
        if other
        else []
    )
