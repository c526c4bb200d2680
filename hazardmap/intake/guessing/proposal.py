"""A proposal: what may be which, why, and what is open; as a text for the terminal.

Knows what was proposed; proposes nothing itself, and opens nothing.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field

_WIDE = 24
_LINE = 118


@dataclass(frozen=True)
class Match:
    """One column of ours, and the column of the file that may be it.

    Parameters
    ----------
    ours, theirs
        The two names.
    confidence
        From 0 to 1: how far name and values agree. No probability.
    why
        The reason, in words.
    used
        Whether the written profile reads it; else it stands there as a comment, to be decided.
    rivals
        Other columns of the file that may be the same: name and reason.
    """

    ours: str
    theirs: str
    confidence: float
    why: str
    used: bool
    rivals: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Proposal:
    """A profile that is proposed for a file; nothing is applied by it.

    Parameters
    ----------
    source, kind, table
        The file, its format, the table that it is proposed for.
    rows, columns
        How many it has.
    matches
        What may be which, in the order of our table.
    open
        What a person must decide or fill in.
    toml
        The profile as text, with reasons as comments: to be read, edited and saved.
    position
        Key of ``position`` → column, for a table without shapes; with the reason in `toml`.
    """

    source: str
    kind: str
    table: str
    rows: int
    columns: int
    matches: tuple[Match, ...]
    open: tuple[str, ...]
    toml: str = field(repr=False)
    position: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        size = f"{counted(self.rows, 'row')}, {counted(self.columns, 'column')}"
        lines = [f"{shown(self.source, 60)} → {self.table}: {size} ({self.kind})", ""]
        if self.matches or self.position:
            lines += [f"  {'our column':<{_WIDE}}{'theirs':<{_WIDE}}why"]
        for match in self.matches:
            lines += _row(match.ours, match.theirs, f"{match.why} ({match.confidence:.2f})", used=match.used)
            for rival, why in match.rivals:
                lines += _row("", f"or {shown(rival, _WIDE - 5)}", why, used=True)
        for key, column in self.position:
            lines += _row(
                f"position {key}",
                column,
                "where the rows lie" if key in {"wkt", "traverse"} else "where the rows lie; its datum is asked",
                used=True,
            )
        if not all(m.used for m in self.matches):
            lines += ["", "  ? not read unless you say so in the profile"]
        if self.open:
            lines += ["", "Open:"]
            for question in self.open:
                lines += textwrap.wrap(question, _LINE, initial_indent="  - ", subsequent_indent="    ")
        return "\n".join(lines)


def shown(text: str, width: int) -> str:
    r"""Show text from data: one line, nothing invisible, not too long.

    Examples
    --------
    >>> shown("a\nb" + "c" * 50, 8)
    'a?bcccc…'
    """
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= width else clean[: width - 1] + "…"


def counted(number: int, thing: str) -> str:
    """Write how many there are of a thing.

    Examples
    --------
    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def _row(ours: str, theirs: str, why: str, *, used: bool) -> list[str]:
    told = textwrap.wrap(why, max(40, _LINE - 2 * _WIDE - 2)) or [""]
    mark = "  " if used else "? "
    first = f"{mark}{ours:<{_WIDE}}{shown(theirs, _WIDE - 2):<{_WIDE}}{told[0]}".rstrip()
    return [first, *(" " * (2 * _WIDE + 2) + more for more in told[1:])]
