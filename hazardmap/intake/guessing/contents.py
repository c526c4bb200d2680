"""What the values of one column of a file look like: how many, how different, dates and their order, numbers, words.

Counts and tells; decides nothing. Knows values; knows nothing of names or tables.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from hazardmap.intake.cells import NotReadError, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hazardmap.words import Vocabulary

#: Different values that are looked at, spread over all of them.
LOOKED_AT = 3_000
_YEAR_FIRST = re.compile(r"(?:1[89]|20|21)\d\d([-/.])\d{1,2}\1\d{1,2}(?:[T ].*)?|(?:19|20)\d\d[01]\d[0-3]\d")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)((?:[T ]\d{1,2}:.*)?)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+")
_MARKS = re.compile(r"[;,/|+\n]")
#: Formats with a month in letters; read only where every part agrees.
_LETTERED = ("%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%B %d, %Y", "%b %d, %Y")


@dataclass(frozen=True)
class Days:
    """Dates of a column, in rows: how they are written, and what tells day from month.

    Parameters
    ----------
    plain
        Written year first, or stored as dates: read as they are.
    day_first, month_first
        Year last, and only day first (or month first) makes a day that exists.
    either
        Year last; both orders make a day.
    short, years, serial
        With a year of two digits; a year alone; numbers that may be Excel's days or milliseconds.
    lettered
        Format with letters → rows.
    shapes
        Separator and what stands behind the year → rows, of those with the year last.
    """

    plain: int = 0
    day_first: int = 0
    month_first: int = 0
    either: int = 0
    short: int = 0
    years: int = 0
    serial: int = 0
    lettered: Counter[str] = field(default_factory=Counter)
    shapes: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def certain(self) -> int:
        """Rows that are dates whatever the order."""
        return self.plain + self.day_first + self.month_first + self.either + self.short + sum(self.lettered.values())


class Content:
    """The values of one column.

    Examples
    --------
    >>> seen = Content("Datum", ["03.04.2024", "25.04.2024", None])
    >>> seen.filled, seen.different, seen.days.day_first, seen.days.either
    (2, 2, 1, 1)
    """

    def __init__(self, name: str, values: Iterable[Any]) -> None:
        self.name = name
        series = pd.Series(list(values), dtype="object")
        self.rows = len(series)
        try:
            counts = series.value_counts()
        except TypeError:  # lists and the like
            counts = series.dropna().map(repr).value_counts()
        step = max(1, -(-len(counts) // LOOKED_AT))
        self._texts: dict[str, int] = {}
        self._dates = 0
        looked = counts.iloc[::step]
        for value, size in zip(looked.index, looked.to_numpy(), strict=True):
            if isinstance(value, date):
                self._dates += int(size)
            try:
                text = text_of(value)
            except NotReadError:
                text = None
            if text is not None:
                self._texts[text] = self._texts.get(text, 0) + int(size)
        blank = sum(int(s) for v, s in counts.items() if isinstance(v, str) and not v.strip())
        self.filled = int(counts.sum()) - blank
        self.different = len(counts) - sum(isinstance(v, str) and not v.strip() for v in counts.index)
        self.seen = sum(self._texts.values())
        self.sampled = step > 1

    @property
    def texts(self) -> dict[str, int]:
        """The values looked at, as text, with their rows."""
        return self._texts

    def share(self, rows: int) -> float:
        """Give rows as a share of those looked at."""
        return rows / self.seen if self.seen else 0.0

    @cached_property
    def days(self) -> Days:
        """Look at the values as dates."""
        kinds: Counter[str] = Counter(plain=self._dates)
        lettered: Counter[str] = Counter()
        shapes: Counter[tuple[str, str]] = Counter()
        if self._dates:
            return Days(plain=self._dates)
        for text, rows in self._texts.items():
            if _YEAR_FIRST.fullmatch(text):
                kinds["plain"] += rows
            elif match := _YEAR_LAST.fullmatch(text):
                kind = _order(int(match[1]), int(match[3]), len(match[4]))
                kinds[kind] += rows
                if kind:
                    shapes[match[2], _behind(match[5])] += rows
            elif _YEAR.fullmatch(text):
                kinds["years"] += rows
            elif re.fullmatch(r"\d{5}|\d{13}", text):
                kinds["serial"] += rows
            elif known := _lettered(text):
                lettered[known] += rows
        kinds.pop("", None)
        return Days(**kinds, lettered=lettered, shapes=shapes)

    @cached_property
    def numbers(self) -> list[float]:
        """Give the values that are plain numbers, each different one once."""
        return [float(t) for t in self._texts if _NUMBER.fullmatch(t) and len(t) < 40]

    @cached_property
    def numeric(self) -> int:
        """Count rows that are plain numbers."""
        return sum(rows for t, rows in self._texts.items() if _NUMBER.fullmatch(t))

    @cached_property
    def with_comma(self) -> int:
        """Count rows that are numbers with a comma: decimal, or thousands."""
        return sum(rows for t, rows in self._texts.items() if _COMMA_NUMBER.fullmatch(t))

    def words(self, known: Vocabulary, *, several: bool) -> tuple[int, dict[str, int]]:
        """Count the rows whose words are all known, and give the words that are not.

        Parameters
        ----------
        known
            The vocabulary.
        several
            Whether a cell may hold several, as cells reads them.
        """
        rows_known, unknown = 0, Counter[str]()
        for text, rows in self._texts.items():
            parts = [text] if not several or known.code(text) else [p.strip() for p in _MARKS.split(text) if p.strip()]
            strange = [p for p in parts if known.code(p) is None]
            rows_known += 0 if strange or not parts else rows
            for part in strange:
                unknown[part] += rows
        return rows_known, dict(unknown)


def _order(first: int, second: int, year_digits: int) -> str:
    if not min(first, second) >= 1 or max(first, second) > 31 or min(first, second) > 12:
        return ""
    if year_digits == 2:
        return "short"
    if first > 12:
        return "day_first"
    if second > 12:
        return "month_first"
    return "plain" if first == second else "either"


def _behind(rest: str) -> str:
    if not rest:
        return ""
    return rest[0] + ("%H:%M:%S" if rest.count(":") == 2 else "%H:%M")


def _lettered(text: str) -> str:
    if not any(c.isalpha() for c in text) or len(text) > 40:
        return ""
    for form in _LETTERED:
        try:
            datetime.strptime(text, form)  # noqa: DTZ007 - a day, not an instant
        except ValueError:
            continue
        return form
    return ""
