"""What becomes of each row of a newer file, and what it does to the rows held.

Knows the outcomes and in which order a table stands after them; decides none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: What can become of a row of the file; each row has one of them.
OUTCOMES = ("added", "changed", "unchanged", "refused", "quarantined")
#: The outcomes of rows that stand in the table afterwards.
TAKEN = ("added", "changed", "quarantined")
OLDER, SAME_DAY, UNKNOWN_DAY, BETTER = "older", "same day", "unknown day", "better"
#: Why a row is refused: what it is, and what would take it.
REFUSED = {
    OLDER: ("a report older than the one held", "--allow-older takes it"),
    SAME_DAY: ("of the same day as the report held, and different", "--allow-same-day takes it"),
    UNKNOWN_DAY: (
        "different from the report held, and not known to be newer",
        "--as-of says up to which day the file speaks, or --allow-same-day takes it",
    ),
    BETTER: (
        "of the same day as the report held, with less ground, less doubt or less approval",
        "it needs a date of its own, or event revised_down with workflow approved",
    ),
}


@dataclass
class Fate:
    """What becomes of the rows of a file; all lists are as long as the file.

    Parameters
    ----------
    rows
        The rows as they go into the table.
    outcome, change, why
        What becomes of each; what differs from the report held; the rule behind it.
    replaces
        Row of the file → rows held whose place it takes.
    beside
        Row held → why it is marked as quarantined and stays, beside the newer report.
    notes
        What must be told.
    """

    rows: Any
    outcome: Array
    change: list[str]
    why: list[str]
    replaces: dict[int, list[int]] = field(default_factory=dict)
    beside: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, rows: Any) -> Fate:
        """Begin: every row is new, or quarantined."""
        outcome = np.where(rows["quarantined"].notna(), "quarantined", "added").astype(object)
        return cls(rows, outcome, [""] * len(rows), [""] * len(rows))

    @property
    def taken(self) -> Array:
        """Which rows go into the table."""
        return np.isin(self.outcome, TAKEN)

    def refuse(self, rows: Array, reason: str) -> None:
        """Refuse rows, for a reason of `REFUSED`."""
        self.outcome[rows] = "refused"
        what, remedy = REFUSED[reason]
        for row in np.flatnonzero(rows) if rows.dtype == bool else rows:
            self.why[row] = f"{what}: {remedy}"

    def alarm(self, rows: Array, ids: str) -> None:
        """Tell of refused reports that are worse than what is held."""
        if len(rows):
            examples = ", ".join(repr(i) for i in self.rows[ids].iloc[rows[:3]])
            self.notes.append(
                f"{len(rows):,} refused reports are WORSE than what is held ({examples}): look at them before anyone"
                " relies on these records"
            )


def standing(held: Any, fate: Fate) -> Any:
    """Give the table after an update: rows held stay in their order, a row that takes a place stands in it."""
    gone = np.zeros(len(held), dtype=bool)
    taken = np.flatnonzero(fate.taken)
    place = np.arange(len(fate.rows), dtype="float64") + len(held)
    for row, former in fate.replaces.items():
        gone[former] = True
        place[row] = min(former)
    kept = held[~gone].copy()
    if fate.beside:
        marks = kept["quarantined"].to_numpy(dtype=object, copy=True)
        at = np.flatnonzero(~gone)
        for position, reason in fate.beside.items():
            marks[np.searchsorted(at, position)] = reason
        kept["quarantined"] = pd.Series(marks, index=kept.index, dtype="str")
    fresh = fate.rows.iloc[taken].copy()
    for column in held.columns.difference(fate.rows.columns):  # a column of one's own is no part of the report
        if fate.replaces:
            values = [held[column].iloc[fate.replaces[r][0]] if r in fate.replaces else None for r in taken.tolist()]
            fresh[column] = pd.Series(values, index=fresh.index).convert_dtypes()
    if kept.empty or fresh.empty:
        joined = (fresh if kept.empty else kept).reset_index(drop=True)
        order = np.argsort(place[taken] if kept.empty else np.arange(len(kept)), kind="stable")
    else:
        joined = pd.concat([kept, fresh], ignore_index=True)
        order = np.argsort(np.r_[np.flatnonzero(~gone), place[taken]], kind="stable")
    return joined.iloc[order].reset_index(drop=True)
