"""Values as a cell of a spreadsheet or of a text table can hold them, and nothing that runs.

Text from data is hostile: here it loses the characters that break a file or a screen, is cut where a cell ends (and
says so), and is told apart when a spreadsheet would take it for a formula. Knows values; knows no file.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

#: Characters that one cell of an xlsx file holds, counted as Excel counts them (UTF-16).
CELL_HOLDS = 32_767
#: Stands for a character that no file should hold.
UNREADABLE = "\ufffd"
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_HALF = re.compile("[\ud800-\udfff]")
#: What a spreadsheet may start a formula with, in the wide forms of East Asian keyboards too.
_STARTS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(f"[{_STARTS}\t\r\n]")
#: Where a reader that splits elsewhere than at the comma may see the start of a cell.
_FORMULA_INSIDE = re.compile(f"(^|[;\t\r\n])(?=\\s*[{_STARTS}])|^(?=[\t\r\n])")
_FIRST_DAY, _LAST_DAY = np.datetime64("1900-03-01"), np.datetime64("9999-12-31")
_DAY_0 = np.datetime64("1899-12-30")
_EXACT = 2**53


def clean(text: str) -> str:
    r"""Take from a text what no file should hold: control characters, halves of characters. Lines and tabs stay.

    Examples
    --------
    >>> clean("Ağdərə\x00\r\nnorth") == "Ağdərə\ufffd\nnorth"
    True
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNFIT.sub(UNREADABLE, text) if _UNFIT.search(text) else text


def whole_characters(text: str) -> str:
    r"""Replace only halves of characters, which no encoding can write.

    Examples
    --------
    >>> whole_characters("a\ud800b") == "a\ufffdb"
    True
    """
    return _HALF.sub(UNREADABLE, text)


def one_line(text: str) -> str:
    r"""Bring a text to one line without anything invisible, fit for a terminal.

    Examples
    --------
    >>> print(one_line("P-1\x1b[2J"))
    P-1?[2J
    """
    return "".join(c if c.isprintable() else "?" for c in text)


def cut(text: str) -> str:
    """Cut a text that is longer than a cell, and say so in it.

    Examples
    --------
    >>> cut("short")
    'short'
    >>> len(cut("x" * 40_000)), cut("x" * 40_000)[-59:]
    (32767, 'xxx … [cut: 40,000 characters, more than one cell can hold]')
    """
    if len(text) * 2 <= CELL_HOLDS or _utf16(text) <= CELL_HOLDS:
        return text
    mark = f" … [cut: {len(text):,} characters, more than one cell can hold]"
    room = CELL_HOLDS - len(mark)
    kept = text[:room]
    while (over := _utf16(kept) - room) > 0:
        kept = kept[: -((over + 1) // 2)]
    return kept + mark


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def starts_formula(text: str) -> bool:
    """Say whether a spreadsheet could take a text for a formula.

    Examples
    --------
    >>> starts_formula("=1+1"), starts_formula("@SUM(A1)"), starts_formula("P-1")
    (True, True, False)
    """
    return bool(_FORMULA.match(text))


def defused(text: str) -> str:
    """Put an apostrophe where a spreadsheet that opens a text file could see the start of a formula.

    At the start of the text; also after a semicolon, a tab or a new line in it, where a reader with other separators
    starts a cell.

    Examples
    --------
    >>> defused("=1+1"), defused("north;=1+1"), defused("a = b - c")
    ("'=1+1", "north;'=1+1", 'a = b - c')
    """
    return _FORMULA_INSIDE.sub(r"\1'", text)


def members(value: Any) -> tuple[str, ...]:
    """Give a set of a table as a tuple of texts, whatever a file made of it.

    Examples
    --------
    >>> members(["H-1", "H-2"]), members(None)
    (('H-1', 'H-2'), ())
    """
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, list | tuple | np.ndarray) else ()


def as_cells(values: pd.Series) -> tuple[list[Any], str]:
    """Turn a column into cells: text, numbers, days as Excel counts them; None where nothing is known.

    Days before March 1900 (where Excel's calendar is wrong), infinite numbers and whole numbers of more than 15 digits
    come as text, so that nothing is shown that is not in the table.

    Returns
    -------
    The cells, and what they are: ``text, count, number, date, time`` or ``flag``.

    Examples
    --------
    >>> import pandas as pd
    >>> as_cells(pd.Series(pd.to_datetime(["1900-03-01", None])))
    ([61.0, None], 'date')
    >>> as_cells(pd.Series([("H-1", "H-2"), ()]))
    (['H-1, H-2', None], 'text')
    """
    dtype = values.dtype
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return _days(values)
    missing = values.isna().to_numpy()
    plain = values.to_numpy(dtype=object)
    kind = "text"
    convert: Callable[[Any], Any] = _cell
    if pd.api.types.is_bool_dtype(dtype):
        kind, convert = "flag", bool
    elif pd.api.types.is_integer_dtype(dtype):
        kind, convert = "count", _number
    elif pd.api.types.is_numeric_dtype(dtype):
        kind, convert = "number", _number
    return [None if gone else convert(v) for v, gone in zip(plain, missing, strict=True)], kind


def _cell(value: Any) -> Any:
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | float | np.number):
        return _number(value)
    if isinstance(value, tuple | list | np.ndarray):
        value = ", ".join(members(value))
    elif isinstance(value, datetime):
        value = value.isoformat(" ", "minutes")
    return cut(clean(str(value))) or None


def _number(value: Any) -> Any:
    number = int(value) if isinstance(value, int | np.integer) else float(value)
    if number != number:  # noqa: PLR0124 (NaN)
        return None
    if isinstance(number, int):
        return number if abs(number) < _EXACT else str(number)
    return number if np.isfinite(number) else str(number)


def _days(values: pd.Series) -> tuple[list[Any], str]:
    moments = values.dt.tz_localize(None) if getattr(values.dtype, "tz", None) is not None else values
    moment = moments.to_numpy().astype("datetime64[us]")
    gone = np.isnat(moment)
    day = moment.astype("datetime64[D]")
    since = (moment - _DAY_0.astype("datetime64[us]")).astype("float64") / 86_400e6
    odd = ~gone & ((day < _FIRST_DAY) | (day > _LAST_DAY))
    timed = bool((moment[~gone] != day[~gone]).any())
    texts: Any = np.datetime_as_string(moment if timed else day, unit="s" if timed else "D")
    cells = [None if g else (str(t) if o else s) for g, o, s, t in zip(gone, odd, since.tolist(), texts, strict=True)]
    return cells, "time" if timed else "date"
