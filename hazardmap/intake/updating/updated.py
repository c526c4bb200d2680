"""What an update gives: the programme, what became of each row, and a text for someone tired in a field office."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hazardmap.intake.updating.fate import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

    from hazardmap.programme import Programme

_SHOWN = 8
_EXAMPLES = 3
_LONG = 2_000
_WIDE = 150


@dataclass(frozen=True, eq=False)
class Updated:
    """A programme after an update, and what the update did.

    Parameters
    ----------
    programme
        As it is now.
    table
        The table updated.
    report
        The rows that the history gained: one for each row of the file, then one for each missing record.
    missing
        Records that the file should hold and does not: `record_id`, and by which `source`, of which `day` and when
        (`recorded_at`) each was last reported. They stay as they are.
    notes
        What was decided on the way.
    source
        The file.
    """

    programme: Programme = field(repr=False)
    table: str
    report: pd.DataFrame = field(repr=False)
    missing: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...]
    source: str

    @property
    def counts(self) -> dict[str, int]:
        """How many rows; added + changed + unchanged + refused + quarantined = rows. `missing` are not rows."""
        found = self.report["outcome"].value_counts()
        rows = len(self.report) - len(self.missing)
        return {"rows": rows, **{n: int(found.get(n, 0)) for n in OUTCOMES}, "missing": len(self.missing)}

    @property
    def repaired(self) -> int:
        """How many of the rows taken had their geometry changed; column `repaired` of the table says how."""
        taken = self.report["outcome"].isin(("added", "changed"))
        return int((taken & self.report["what"].notna()).sum())

    def __str__(self) -> str:
        counts = self.counts
        lines = [f"{_line(self.source, _LONG)} → {self.table}, updated: {counts['rows']:,} rows"]
        lines += [f"  {name:<12}{counts[name]:>9,}" for name in OUTCOMES]
        lines.append(f"  {'missing':<12}{counts['missing']:>9,}  in the programme, not in this file")
        lines += [f"  of the rows taken {self.repaired:,} were repaired"] if self.repaired else []
        for title, told in (
            ("Changed, by column (a row may change in several):", self._by_column()),
            ("Refused, nothing is changed by them:", self._by_reason("refused", "why")),
            ("Quarantined, because:", self._by_reason("quarantined", "what")),
            ("Missing from this file; the records stay as they are:", self._missing()),
        ):
            lines += ["", title, *told] if told else []
        lines += ["", "Notes:", *(f"  {_line(n, _LONG)}" for n in self.notes)]
        lines += ["", "Every row, what was and what is: table history, or hazardmap history PROGRAMME ID"]
        return "\n".join(lines)

    def _by_column(self) -> list[str]:
        done = self.report[self.report["outcome"].eq("changed") & self.report["change"].notna()]
        ids = done["record_id"].fillna("?")
        parts = done["change"].str.split("; ").explode()
        split = parts.str.split(": ", n=1, expand=True) if len(parts) else None
        if split is None or split.shape[1] < 2:
            return []
        split = split[split[1].fillna("").str.contains(" → ", regex=False)]
        sizes = split[0].value_counts(sort=False).sort_values(ascending=False, kind="stable")
        lines = []
        for column, size in sizes.items():
            here = split[split[0].eq(column)].head(_EXAMPLES)
            examples = ", ".join(f"{_line(ids[i])} ({_line(t, 60)})" for i, t in zip(here.index, here[1], strict=True))
            lines.append(f"  {size:>7,} × {_line(str(column))} – e.g. {examples}")
        return _cut(lines, "columns")

    def _by_reason(self, outcome: str, column: str) -> list[str]:
        mine = self.report[self.report["outcome"].eq(outcome)]
        ids, reasons = mine["record_id"].fillna("row " + mine["row"].fillna("?")), mine[column].fillna("?")
        sizes = reasons.value_counts(sort=False).sort_values(ascending=False, kind="stable")
        lines = []
        for reason, size in sizes.items():
            examples = ", ".join(map(_line, ids[reasons.eq(reason)].head(_EXAMPLES)))
            lines.append(f"  {size:>7,} × {_line(str(reason), _WIDE)} – e.g. {examples}")
        return _cut(lines, "reasons")

    def _missing(self) -> list[str]:
        sources = self.missing["source"].fillna("an unknown file")
        lines = []
        for source, size in sources.value_counts(sort=False).items():
            ids = self.missing["record_id"][sources.eq(source)].head(_SHOWN)
            more = f" and {size - len(ids):,} more" if size > len(ids) else ""
            lines.append(f"  last reported by {_line(str(source))}: {', '.join(map(_line, ids))}{more}")
        return _cut(lines, "files")


def _cut(lines: list[str], what: str) -> list[str]:
    more = len(lines) - _SHOWN
    return lines if more <= 0 else [*lines[:_SHOWN], f"  … and {more:,} more {what}: see table history"]


def _line(text: str, width: int = 40) -> str:
    """Show text from data: one line, nothing invisible, not too long."""
    shown = "".join(c if c.isprintable() else "?" for c in text)
    return shown if len(shown) <= width else shown[: width - 1] + "…"
