"""What every exported file says of itself: whose data, of which day, how far to trust it, and that it permits nothing.

Knows words; knows no file and no geometry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hazardmap import words
from hazardmap.sheets.telling import written_by

if TYPE_CHECKING:
    from datetime import date

#: By this mark an older export is known, which a new one may replace.
MARK = "hazardmap export"
INTERNAL = "Internal: exact boundaries, ids of records and places of evidence. Not for the public."
ROUNDED = "Positions are written to 1 mm; that says nothing of how well they were measured: see accuracy_m."
_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class Imprint:
    """Whose data, of which day, asked for which day, whether they are invented, and what has no position.

    Examples
    --------
    >>> from datetime import date
    >>> told = Imprint(programme="P", on=date(2024, 12, 31), as_of="2024-12-31", sources="S", fictitious=False,
    ...                unplaced=("H-6",))
    >>> told.days
    'State of the ground on 2024-12-31. Data as of 2024-12-31. Source: S.'
    >>> told.lost
    '1 hazard without a position, or with ground that has none, is not drawn and may lie anywhere: H-6.'
    """

    programme: str
    on: date
    as_of: str
    sources: str
    fictitious: bool
    unplaced: tuple[str, ...]

    @property
    def mark(self) -> str:
        """The warning that the data are invented; empty when they are real."""
        return words.FICTITIOUS if self.fictitious else ""

    @property
    def title(self) -> str:
        """The name of the file's content."""
        return f"{'FICTITIOUS · ' if self.fictitious else ''}{self.programme} · {self.on}"

    @property
    def days(self) -> str:
        """The day asked, the day up to which the data speak, and where they come from."""
        return f"State of the ground on {self.on}. Data as of {self.as_of}. Source: {self.sources}."

    @property
    def lost(self) -> str:
        """How many hazards have no position, with the first ids; empty when all have one."""
        return self.lost_of(_SHOWN)

    def lost_of(self, shown: int) -> str:
        """Say how many hazards have no position, and name so many of them."""
        count = len(self.unplaced)
        if not count:
            return ""
        named = ", ".join(self.unplaced[:shown]) + (f" and {count - shown:,} more" if count > shown else "")
        are = (
            "hazard without a position, or with ground that has none, is"
            if count == 1
            else ("hazards without a position, or with ground that has none, are")
        )
        return f"{count:,} {are} not drawn and may lie anywhere: {named}."

    @property
    def disclaimer(self) -> str:
        """The sentences said on every product."""
        return " ".join(filter(None, (f"{self.mark}." if self.mark else "", words.DISCLAIMER, words.ABSENCE)))

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it, a sentence or two a line."""
        said = (
            self.mark,
            self.days,
            f"{words.DISCLAIMER} {words.ABSENCE}",
            self.lost,
            INTERNAL,
            ROUNDED,
            f"{MARK} {written_by()}",
        )
        return tuple(filter(None, said))

    def texts(self) -> dict[str, str]:
        """Give all of it as names and texts, for the description of a file."""
        return {
            "programme": self.programme,
            "on": str(self.on),
            "as_of": self.as_of,
            "sources": self.sources,
            "fictitious": str(self.fictitious).lower(),
            "disclaimer": self.disclaimer,
            "audience": INTERNAL,
            "unplaced_hazards": str(len(self.unplaced)),
            "written_by": f"{MARK} {written_by()}",
        }
