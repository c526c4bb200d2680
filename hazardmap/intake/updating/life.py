"""What the history says of the records held: of which day they speak, which file reported them last.

So it tells which records a newer edition of that file should hold, and lists those that it does not. Knows the history;
changes no record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hazardmap import tables
from hazardmap.errors import SchemaError
from hazardmap.intake.adding import DAY_OF
from hazardmap.intake.updating import comparing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.intake.imported import Imported

    Array = NDArray[Any]

MISSING = ("record_id", "source", "day", "recorded_at")
#: Outcomes after which a record stands as the report said.
_STANDS = ("accepted", "repaired", "quarantined", "added", "changed", "unchanged")
#: What an import calls a record that has no id.
_NAMELESS = "(no id,"
_SHOWN = 6


def held_days(history: Any, held: Any, name: str) -> Array:
    """Give for each row held the day of which it can speak at the latest; NaT where nothing is known.

    Where no report of it stated a day, no day after the one on which it was entered.
    """
    if name in DAY_OF:
        return np.asarray(held[DAY_OF[name]].to_numpy().astype("datetime64[D]"))
    mine = history[history["table"].eq(name) & history["outcome"].isin(_STANDS) & history["record_id"].notna()]
    spoken = mine["day"].fillna(mine["recorded_at"]).dt.normalize()
    known = np.full(len(held), "NaT", dtype="datetime64[D]")
    if len(mine) and tables.table(name).key:
        latest = spoken.groupby(comparing.ids_of(mine["record_id"])).max()
        known = latest.reindex(comparing.ids_of(held[tables.table(name).id_column])).to_numpy().astype("datetime64[D]")
    entered = held["recorded_at"].to_numpy().astype("datetime64[D]")
    return np.asarray(np.where(np.isnat(known), entered, known))


def missing_from_file(
    history: Any, held: Any, imported: Imported, *, named: str | None, partial: bool
) -> tuple[Any, list[str]]:
    """List the records that a newer edition of their file should hold and does not.

    Parameters
    ----------
    history, held
        Canonical tables.
    imported
        The newer edition.
    named
        The earlier file or origin, when it is told.
    partial
        Nothing is expected.

    Returns
    -------
    A table `record_id, source, day, recorded_at`: the record, and by which file and of which day it was last reported;
    and notes.

    Raises
    ------
    SchemaError
        When no record comes from `named`.
    """
    schema = tables.table(imported.table)
    nothing = pd.DataFrame({c: pd.Series(dtype="str") for c in MISSING})
    if not schema.key:
        return nothing, []
    if partial:
        return nothing, ["the file holds only some of the records: none is listed as missing"]
    mine = history[history["table"].eq(imported.table) & history["record_id"].notna()]
    mine = mine.assign(key=comparing.ids_of(mine["record_id"]))
    there = set(comparing.ids_of(held[schema.id_column]))
    here = set(comparing.ids_of(imported.rows[schema.id_column]))
    last = mine.drop_duplicates("key", keep="last")
    if named is not None:
        chosen = mine["source"].eq(named) | mine["origin"].eq(named)
        if not chosen.any():
            known = sorted({*mine["source"].dropna(), *mine["origin"].dropna()})
            raise SchemaError(
                f"no record of {imported.table} comes from {named!r}",
                f"one of {', '.join(known[:_SHOWN]) or 'no file at all'}",
                "correct --missing-from",
            )
        expected = set(mine["key"][chosen])
    else:
        edition = last["source"].fillna("") + "\0" + last["source_sha256"].fillna("")
        alike = last["origin"].isna() | last["origin"].fillna("").eq(imported.origin)
        expected = set(last["key"][edition.isin(set(edition[last["key"].isin(here)])) & alike])
    gone = last[last["key"].isin((expected & there) - here)]
    nameless = gone["key"].str.startswith(_NAMELESS)
    reported = mine[mine["outcome"].ne("missing")].drop_duplicates("key", keep="last").set_index("key")
    listed = gone[~nameless]
    found = reported.reindex(listed["key"])
    table = pd.DataFrame(
        {
            "record_id": listed["record_id"].to_numpy(),
            **{c: found[c].to_numpy() for c in ("source", "day", "recorded_at")},
        }
    )
    return table, _doubts(there, mine, int(nameless.sum()), imported.table)


def _doubts(there: set[str], mine: Any, nameless: int, name: str) -> list[str]:
    notes = []
    if unknown := len(there - set(mine["key"])):
        notes.append(f"of {unknown:,} {name} held no history says from which file they come: none of them is expected")
    if nameless:
        notes.append(f"{nameless:,} quarantined rows held have no id: they cannot be found again, and stay")
    return notes
