"""What an import gives: the rows, what happened to each, and a text for someone tired in a field office."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import geopandas as gpd
    import pandas as pd

_SHOWN = 6
_LONG = 2_000
#: What stands in "(needed: …)", or a number: reasons that differ in a number of what was found are one kind.
_NEEDED_OR_NUMBER = re.compile(r"(\(needed: .*?\)(?=; |$))|(?:from )?-?\d[\d.,e+-]*")
_MEANS = {
    "hazards": "quarantined hazards stay in the programme: as open drafts where they have a shape, else as unplaced",
    "releases": "quarantined releases stay in the programme and free no ground",
}
_KEPT = "quarantined rows stay in the programme, marked, and prove nothing good"


@dataclass(frozen=True, eq=False)
class Imported:
    """The rows of one file as a table, and what happened to each.

    Parameters
    ----------
    table
        The table that they belong to.
    rows
        All of them, quarantined ones included; index: row of the file, from 1.
    report
        One row for each row of the file, with the columns of table history.
    notes
        What was decided on the way: CRS, columns, constants, layers not read.
    source, origin
        The file; where it comes from, in words, if the profile says so.
    as_of
        The day up to which it speaks, or None.
    assumed
        Column → of each row, whether a constant of the profile or of ``values`` filled it and not the file.
    """

    table: str
    rows: gpd.GeoDataFrame = field(repr=False)
    report: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...]
    source: str
    origin: str = ""
    as_of: date | None = None
    assumed: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def accepted(self) -> gpd.GeoDataFrame:
        """The rows taken as they are."""
        return self.rows[self._outcome("accepted")]

    @property
    def repaired(self) -> gpd.GeoDataFrame:
        """The rows whose geometry was changed; `repaired` says how."""
        return self.rows[self._outcome("repaired")]

    @property
    def quarantined(self) -> gpd.GeoDataFrame:
        """The rows that cannot be trusted; `quarantined` says why."""
        return self.rows[self._outcome("quarantined")]

    def _outcome(self, name: str) -> pd.Series:
        return self.report["outcome"].eq(name).set_axis(self.rows.index)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows; accepted + repaired + quarantined = rows."""
        found = self.report["outcome"].value_counts()
        return {"rows": len(self.rows)} | {n: int(found.get(n, 0)) for n in ("accepted", "repaired", "quarantined")}

    def __str__(self) -> str:
        counts = self.counts
        lines = [f"{_line(self.source, _LONG)} → {self.table}: {counts['rows']:,} rows"]
        lines += [f"  {name:<12}{counts[name]:>9,}" for name in ("accepted", "repaired", "quarantined")]
        if counts["repaired"]:
            lines += ["", "Repaired (kept as changed ground, the original beside it):", *self._areas()]
            lines += self._top("repaired")
        if counts["quarantined"]:
            lines += ["", "Quarantined, because:", *self._top("quarantined"), f"  {_MEANS.get(self.table, _KEPT)}"]
        lines += ["", "Notes:", *(f"  {_line(n, _LONG)}" for n in self.notes)]
        lines += ["", "Every row: table history (row, outcome, what, why, areas, geometry as entered)"]
        return "\n".join(lines)

    def _areas(self) -> list[str]:
        done = self.report[self.report["outcome"].eq("repaired")]
        before, after = done["area_before_m2"].sum(), done["area_after_m2"].sum()
        return [f"  area {before:,.0f} m² as entered, {after:,.0f} m² as kept"]

    def _top(self, outcome: str) -> list[str]:
        mine = self.report[self.report["outcome"].eq(outcome)]
        if outcome == "repaired":
            kind = mine["what"].str.replace(r"[\[:(].*|\d.*", "", regex=True).str.strip()
        else:
            kind = mine["what"].str.replace(_NEEDED_OR_NUMBER, lambda m: m.group(1) or "…", regex=True)
        ids = mine["record_id"].fillna("row " + mine["row"])
        sizes = kind.value_counts(sort=False).sort_values(ascending=False, kind="stable")
        lines = []
        for reason, size in sizes.head(_SHOWN).items():
            here = kind.eq(str(reason))
            examples = ", ".join(map(_line, ids[here].head(3)))
            alike = mine["what"][here].unique()
            told = alike[0] if len(alike) == 1 and outcome == "quarantined" else str(reason)
            lines.append(f"  {size:>7,} × {_line(told, 150)} – e.g. {examples}")
        if len(sizes) > _SHOWN:
            lines.append(
                f"  {int(sizes.iloc[_SHOWN:].sum()):>7,} × {len(sizes) - _SHOWN:,} other reasons: see table history"
            )
        return lines


def _line(text: str, width: int = 40) -> str:
    """Show text from data: one line, nothing invisible, not too long."""
    shown = "".join(c if c.isprintable() else "?" for c in text)
    return shown if len(shown) <= width else shown[: width - 1] + "…"
