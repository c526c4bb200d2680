"""The verdicts as plain text for a terminal or a pipe: worst first, and what each product tells.

Nothing from data reaches the screen but printable characters; a line is never wider than asked. Knows the table of
answers; opens nothing.
"""

from __future__ import annotations

import shutil
import textwrap
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hazardmap import words
from hazardmap.sheets import telling
from hazardmap.sheets.cells import members, one_line
from hazardmap.sheets.meanings import MEANINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from hazardmap.programme import Programme

_WIDEST, _NARROWEST = 100, 80
_GAP = "  "
#: Column → the width to which it may shrink, in the order in which they do.
_LEAST = {"flags": 10, "nearest hazard": 8, "plot": 8, "verdict": 9, "area": 8}
_PLOT_WIDTH, _NEAREST_WIDTH = 20, 24
_SHARES = ("% released", "% hazard", "% not known")
_RIGHT = ("area", *_SHARES)


def verdict_table(answers: pd.DataFrame, *, limit: int = 40, width: int | None = None) -> str:
    """Tell the verdicts in a plain table: the worst plots first, then counts and areas of all of them.

    Parameters
    ----------
    answers
        The table that check_plots gives.
    limit
        How many plots are listed; the counts below are of all.
    width
        Columns of the terminal, 80 or more. None: those of the terminal, 100 at most.

    Returns
    -------
    Lines of text. ``% hazard`` is ground that is open, in question or not handed over; ``% not known`` is surveyed
    only, without record or outside the data. Both are rounded up and ``% released`` down, so that no plot looks better
    than it is.

    Raises
    ------
    SchemaError
        When the table is not one of answers.

    Examples
    --------
    >>> import pandas as pd
    >>> from hazardmap.sheets.telling import ANSWERS
    >>> print(verdict_table(pd.DataFrame(columns=ANSWERS)))
    No plots were asked.
    <BLANKLINE>
    Information, not permission to enter. The absence of a polygon means nothing: ground without a
    record is not known to be free of explosive ordnance.
    """
    telling.check(answers)
    room = shutil.get_terminal_size((_WIDEST, 24)).columns if width is None else width
    room = max(min(room, _WIDEST) if width is None else room, _NARROWEST)
    mark = [words.FICTITIOUS] if telling.is_fictitious(answers) else []
    if not len(answers):
        return "\n".join([*mark, "No plots were asked.", "", *_wrapped(_disclaimer(), room)])
    flags = answers["flags"].map(members)
    shared = frozenset(words.FLAGS).intersection(*flags.unique())
    rows = _worst_first(answers).head(max(limit, 0))
    lines = _aligned(_listed(rows, shared), room) if len(rows) else []
    if (more := len(answers) - len(rows)) > 0:
        lines.append(f"… and {more:,} more; write them with -o answers.xlsx")
    lines += ["", *_counts(answers, room)]
    if told := [words.FLAGS[f] for f in words.FLAGS if f in shared]:
        lines += _wrapped(f"For every plot: {'; '.join(told)}.", room)
    lines += ["", *(line for text in _footing(answers) for line in _wrapped(text, room))]
    return "\n".join([*mark, *lines])


def counts_table(tally: pd.DataFrame, programme: Programme, on: str | date, *, width: int | None = None) -> str:
    """Tell how many plots have which verdict, for answers that were written a part at a time.

    Parameters
    ----------
    tally
        From `check_file`.
    programme, on
        What was asked, and for which day.
    width
        As in `verdict_table`.
    """
    room = max(min(shutil.get_terminal_size((_WIDEST, 24)).columns, _WIDEST) if width is None else width, _NARROWEST)
    days = telling.told_days(str(on), str(programme.as_of or "unknown"), "unknown")
    said = [f"{days} Source: {one_line(programme.sources) or 'not stated'}", _disclaimer()]
    mark = [words.FICTITIOUS] if programme.fictitious else []
    return "\n".join([*mark, *_tallied(tally, room), "", *(line for text in said for line in _wrapped(text, room))])


def _worst_first(answers: pd.DataFrame) -> pd.DataFrame:
    rank = answers["verdict"].map({v: i for i, v in enumerate(telling.WORST_FIRST)}).to_numpy()
    left = answers[[f"{s}_m2" for s in words.REMAINING_STATES]].sum(axis=1).to_numpy()
    return answers.iloc[np.lexsort((-left, rank))]


def _listed(rows: pd.DataFrame, shared: frozenset[str]) -> dict[str, list[str]]:
    return {
        "plot": [one_line(v) if isinstance(v, str) else "(no id)" for v in rows["plot_id"]],
        "verdict": [telling.short(v) for v in rows["verdict"]],
        "area": [area(v) for v in rows["area_m2"]],
        "% released": [_down(v) for v in telling.share_pct(rows, words.RELEASED_STATES)],
        "% hazard": [_up(v) for v in telling.share_pct(rows, words.REMAINING_STATES)],
        "% not known": [_up(v) for v in telling.share_pct(rows, telling.UNKNOWN_STATES)],
        "nearest hazard": [one_line(v) for v in telling.nearest(rows)],
        "flags": [", ".join(telling.short(f) for f in members(v) if f not in shared) for v in rows["flags"]],
    }


def area(m2: float) -> str:
    """Write an area in the unit that suits it.

    Examples
    --------
    >>> area(950.4), area(15_000), area(806_942_910), area(float("nan"))
    ('950 m²', '1.50 ha', '806.94 km²', '?')
    >>> area(9_999.99)
    '1.00 ha'
    """
    if pd.isna(m2):
        return "?"
    if round(m2) < 10_000:
        return f"{m2:,.0f} m²"
    return f"{m2 / 1e4:,.2f} ha" if m2 < 1e6 else f"{m2 / 1e6:,.2f} km²"


def _down(percent: float) -> str:
    return _share(percent, np.floor)


def _up(percent: float) -> str:
    return _share(percent, np.ceil)


def _share(percent: float, rounded: Callable[[float], float]) -> str:
    """Write a percentage, rounded one way; half a plot that measures 49.9999999 % is 50 %."""
    if pd.isna(percent):
        return "?"
    tenths = rounded(round(percent * 10, 5))
    return f"{tenths / 10:.0f}" if tenths in {0, 1000} else f"{tenths / 10:.1f}"


def _aligned(columns: dict[str, list[str]], room: int) -> list[str]:
    """Lay columns side by side within the room; what is too long goes on in the lines below, nothing is cut."""
    columns = {c: v for c, v in columns.items() if c != "flags" or any(v)}
    widths = {
        c: max(_width(t) for t in (*(c.split() if c in _SHARES else [c]), *values)) for c, values in columns.items()
    }
    widths["plot"] = min(widths["plot"], _PLOT_WIDTH)
    widths["nearest hazard"] = min(widths["nearest hazard"], _NEAREST_WIDTH)
    if (over := sum(widths.values()) + len(_GAP) * (len(widths) - 1) - room) > 0:
        for column, least in _LEAST.items():
            taken = max(min(over, widths.get(column, 0) - least), 0)
            widths[column] = widths.get(column, 0) - taken
            over -= taken
        widths = {c: w for c, w in widths.items() if c in columns}
    names = [_pieces(c, widths[c]) for c in columns]
    deep = max(len(n) for n in names)
    heading = _row([[*[""] * (deep - len(n)), *n] for n in names], columns, widths)
    rule = _GAP.join("─" * widths[c] for c in columns)
    rows = [
        line
        for cells in zip(*columns.values(), strict=True)
        for line in _row([_pieces(t, widths[c]) for c, t in zip(columns, cells, strict=True)], columns, widths)
    ]
    return [*heading, rule, *rows]


def _row(cells: Sequence[Sequence[str]], columns: dict[str, list[str]], widths: dict[str, int]) -> list[str]:
    return [
        _GAP.join(
            _padded(pieces[line] if line < len(pieces) else "", widths[c], right=c in _RIGHT)
            for c, pieces in zip(columns, cells, strict=True)
        ).rstrip()
        for line in range(max(len(c) for c in cells))
    ]


def _pieces(text: str, width: int) -> list[str]:
    """Break a text into pieces that fit, between words where that can be."""
    pieces = [""]
    for word in text.split(" "):
        if pieces[-1] and _width(pieces[-1]) + 1 + _width(word) <= width:
            pieces[-1] += f" {word}"
            continue
        if pieces[-1]:
            pieces.append("")
        for character in word:
            if pieces[-1] and _width(pieces[-1] + character) > width:
                pieces.append("")
            pieces[-1] += character
    return pieces


def _width(text: str) -> int:
    """Count the places that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int, *, right: bool) -> str:
    space = " " * max(width - _width(text), 0)
    return space + text if right else text + space


def _counts(answers: pd.DataFrame, room: int) -> list[str]:
    """Count plots and areas by verdict; each short name is told in full."""
    return _tallied(telling.tally(answers), room)


def _tallied(tally: pd.DataFrame, room: int) -> list[str]:
    name = max(_width(telling.short(v)) for v in tally.index)
    lines = []
    for verdict, row in tally.iterrows():
        plots = f"{int(row['plots']):,} plot{'' if row['plots'] == 1 else 's'}"
        measured = area(row["area_m2"]) if row["unmeasured"] < row["plots"] else "no area"
        start = f"{telling.short(str(verdict)):<{name}}{_GAP}{plots:>13}{_GAP}{measured:>11}{_GAP}"
        told = _pieces(_full(str(verdict)), max(room - len(start), 20))
        lines += [start + told[0], *(" " * len(start) + piece for piece in told[1:])]
    if unmeasured := int(tally["unmeasured"].sum()):
        lines += _wrapped(f"{unmeasured:,} of {int(tally['plots'].sum()):,} plots could not be measured.", room)
    return lines


def _full(verdict: str) -> str:
    """Give the words of a verdict; where they are no more than its name, the first sentence of its meaning."""
    told = words.VERDICTS[verdict]
    return MEANINGS[verdict].split(". ")[0].removesuffix(".") if told == telling.short(verdict) else told


def _footing(answers: pd.DataFrame) -> list[str]:
    days = telling.told_days(*(telling.span(answers[c]) for c in telling.DAYS))
    source = one_line(telling.sources(answers)) or "not stated"
    return [f"{days} Source: {source}", _disclaimer()]


def _disclaimer() -> str:
    return f"{words.DISCLAIMER} {words.ABSENCE}"


def _wrapped(text: str, room: int) -> list[str]:
    return textwrap.wrap(text, room) or [""]
