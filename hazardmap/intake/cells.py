"""Read the cells of one column: texts, ids, numbers, dates, words and sets, or the reason why not.

Nothing is guessed: a decimal comma, a date that can be read two ways, an Excel day number, an unknown word are
faults. Knows kinds of columns; knows nothing of rows or files.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap.intake.sheet import Unsure
from hazardmap.words import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hazardmap.tables import Column

_EXACT = 2**53
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\d{1,2}:.*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ]\d{1,2}:.*)?")
_EXCEL = (30_000, 60_000)
_EXCEL_FIRST_DAY = date(1899, 12, 30)
_WORD_MARKS = re.compile(r"[;,/|+\n]")
_ID_MARKS = re.compile(r"[;,|\n]")
_DATE = "a date like 2024-12-31"
_ORDER = "a date like 2024-12-31, or the order stated: --day-first or --month-first, or date_format in the profile"


class NotReadError(Exception):
    """A cell that cannot be read: what was found, what is expected."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found)
        self.found, self.expected = found, expected


@dataclass(frozen=True)
class Reader:
    """How the cells of one column are read.

    Parameters
    ----------
    column
        The column of ours that they fill.
    spellings
        Extra spellings of the profile: folded text → code.
    date_format
        Format of dates that are not ISO, or "".
    day_first
        Order of day and month where the cell does not tell; None: not known.
    """

    column: Column
    spellings: Mapping[str, str] = field(default_factory=dict)
    date_format: str = ""
    day_first: bool | None = None

    def __call__(self, value: Any) -> Any:
        """Read one cell; None when there is nothing in it.

        Raises
        ------
        NotReadError
            When it cannot be read.

        Examples
        --------
        >>> from hazardmap import tables
        >>> hazards = tables.table("hazards")
        >>> Reader(hazards.column("contamination"))("AP / anti-tank")
        ('AP', 'AV')
        >>> Reader(hazards.column("date_of_information"))("03/04/2024")
        Traceback (most recent call last):
        hazardmap.intake.cells.NotReadError: '03/04/2024' (3 April or 4 March)
        """
        if isinstance(value, Unsure):
            raise NotReadError(value.found, value.expected)
        if self.column.kind in {"id", "ids"} and isinstance(value, date):
            raise NotReadError(
                f"{value} (a date)", "an id stored as text; it may have been made a date by a spreadsheet"
            )
        if self.column.kind in {"words", "ids"}:
            return self._set(value)
        if isinstance(value, list | tuple | dict | np.ndarray):
            raise NotReadError(_shown(_json(value)), f"one value for {self.column.name}")
        if self.column.kind == "date" and isinstance(value, date):
            return value.date() if isinstance(value, datetime) else value
        written = text_of(value)
        if written is None:
            return None
        return _KINDS[self.column.kind](self, written)

    def word(self, written: str) -> str:
        """Give the code of a word."""
        known = self.column.words
        if known is None:
            return written
        code = self.spellings.get(fold(written)) or known.code(written)
        if code is None:
            raise NotReadError(_shown(written), f"one of {', '.join(known.codes)}")
        return code

    def _set(self, value: Any) -> tuple[str, ...] | None:
        items = _items(value)
        if items is None:
            written = text_of(value)
            if written is None:
                return None
            if self.column.words is not None and (fold(written) in self.spellings or self.column.words.code(written)):
                return (self.word(written),)
            marks = _WORD_MARKS if self.column.kind == "words" else _ID_MARKS
            items = marks.split(written)
        read = {t for i in items if (t := text_of(i)) is not None}
        if self.column.kind == "words":
            read = {self.word(t) for t in read}
        return tuple(sorted(read)) or None

    def day(self, written: str) -> date:
        """Read a date."""
        if self.date_format:
            try:
                return datetime.strptime(written, self.date_format).date()  # noqa: DTZ007 - a day, not an instant
            except ValueError:
                pass
        if match := _YEAR_FIRST.fullmatch(written) or _COMPACT.fullmatch(written):
            parts = [p for p in match.groups() if p not in {"-", "/", "."}]
            return _day(written, *map(int, parts))
        if match := _YEAR_LAST.fullmatch(written):
            return self._year_last(written, int(match[1]), int(match[3]), int(match[4]))
        if _NUMBER.fullmatch(written) and _EXCEL[0] <= float(written) <= _EXCEL[1]:
            day = _EXCEL_FIRST_DAY + timedelta(days=int(float(written)))
            raise NotReadError(f"{_shown(written)} (Excel's number for {day}?)", _DATE)
        raise NotReadError(_shown(written), _DATE)

    def _year_last(self, written: str, first: int, second: int, year: int) -> date:
        day_first = self.day_first
        if day_first is None and first != second:
            if first <= 12 and second <= 12:
                a, b = date(year or 1, second, first), date(year or 1, first, second)
                raise NotReadError(f"{_shown(written)} ({a.day} {a:%B} or {b.day} {b:%B})", _ORDER)
            day_first = second <= 12
        day, month = (first, second) if day_first else (second, first)
        return _day(written, year, month, day)


def text_of(value: Any) -> str | None:
    """Give a cell as text without spaces around it; None for nothing.

    Examples
    --------
    >>> text_of(" 007 "), text_of(7.0), text_of(9007199254740993), text_of("  "), text_of(float("nan"))
    ('007', '7', '9007199254740993', None, None)
    """
    if value is None or (isinstance(value, float) and math.isnan(value)) or value is _not_a_time(value):
        return None
    if isinstance(value, Unsure):
        raise NotReadError(value.found, value.expected)
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < _EXACT else repr(number)
    if isinstance(value, list | tuple | dict | np.ndarray):
        return _json(value)
    written = str(value).strip()
    try:
        written.encode()
    except UnicodeEncodeError:
        raise NotReadError(_shown(ascii(written)), "Unicode text") from None
    return written or None


def _not_a_time(value: Any) -> Any:
    return value if type(value).__name__ in {"NaTType", "NAType"} else ...


def as_json(row: Mapping[str, Any]) -> str:
    """Write a row of a file as JSON, values as they stand.

    Examples
    --------
    >>> as_json({"id": "007", "n": None, "name": "Ağdam"})
    '{"id": "007", "n": null, "name": "Ağdam"}'
    """
    return _json(row)


def _json(value: Any) -> str:
    written = json.dumps(value, ensure_ascii=False, default=_plain)
    try:
        written.encode()
    except UnicodeEncodeError:
        return json.dumps(value, default=_plain)
    return written


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return value.hex() if isinstance(value, bytes) else str(value)


def _items(value: Any) -> list[Any] | None:
    """Give the items of a cell that is a list already, or JSON of one."""
    if isinstance(value, np.ndarray):
        return list(value.tolist())
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            listed = json.loads(value)
        except ValueError:
            return None
        return listed if isinstance(listed, list) else None
    return None


def _id(reader: Reader, written: str) -> str:
    del reader
    if re.fullmatch(r"\d+(\.\d+)?[eE]\+?\d+|\d{16,}\.0", written):
        raise NotReadError(_shown(written), "an id stored as text; as a number it has lost digits")
    return written


def _text(reader: Reader, written: str) -> str:
    del reader
    return written


def _number(reader: Reader, written: str) -> float:
    unit = f" {reader.column.unit}" if reader.column.unit else ""
    if re.fullmatch(r"[+-]?\d{1,3}(,\d+)+(\.\d+)?|[+-]?\d+,\d+", written):
        raise NotReadError(f"{_shown(written)} (decimal comma, or thousands?)", f"a number like 12.5{unit}")
    if not _NUMBER.fullmatch(written) or not math.isfinite(float(written)):
        raise NotReadError(_shown(written), f"a number like 12.5{unit}")
    return float(written)


def _count(reader: Reader, written: str) -> int:
    number = _number(reader, written)
    if not number.is_integer() or abs(number) >= _EXACT:
        raise NotReadError(_shown(written), "a whole number")
    return int(number)


def _day(written: str, year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise NotReadError(_shown(written), "a day that exists, " + _DATE) from None
    if not 1900 <= year <= 2100:
        raise NotReadError(_shown(written), "a year from 1900 to 2100")
    return found


def _shown(text: str) -> str:
    return repr(text) if len(text) <= 40 else repr(text[:39] + "…")


_KINDS: Mapping[str, Callable[[Reader, str], Any]] = {
    "id": _id,
    "text": _text,
    "word": Reader.word,
    "number": _number,
    "count": _count,
    "date": Reader.day,
}
