"""Read one sheet of an Excel workbook: values as they stand, formulas never run, nothing hidden left out.

A number that is shown with leading zeros keeps them, a date is a date, and a cell whose value nobody can tell (an
error, a formula that was never calculated, a number of more digits than Excel keeps) is a fault where it is used. Where
the rows lie is none of its business: see positioning.py.
"""

from __future__ import annotations

import re
import warnings
from datetime import date, datetime, time
from functools import cache
from typing import TYPE_CHECKING, Any

import openpyxl

from hazardmap.errors import FileError
from hazardmap.intake import headings, layers, workbook_parts
from hazardmap.intake.sheet import Sheet, Unsure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hazardmap.intake.workbook_parts import Part

_SAMPLE = 60
_EXACT = 10**15
_SHOWN = 5
_QUOTED = re.compile(r'"([^"]*)"|\\(.)')
_ZEROS = re.compile(r'((?:"[^"]*"|\\.)*)(0+)')


def read(path: Path, *, sha256: str, layer: str | None, wanted: str, header_row: int | None = None) -> Sheet:
    """Read one sheet of a workbook, all of its columns as cells.

    Parameters
    ----------
    path, sha256
        The file and its fingerprint.
    layer, wanted
        The sheet named by the user, or None; the table that is read: a sheet of this name is taken among several.
    header_row
        The row that names the columns, as the spreadsheet numbers it; None: the first with something in it.

    Raises
    ------
    FileError
        When it is no whole workbook, has several sheets and none is named, begins with a title, or names
        a column twice.
    """
    found = workbook_parts.parts(path)
    counts = {p.name: max(len(p.filled) - 1, 0) for p in found}
    name, others = layers.chosen(path.name, counts, layer, wanted)
    part = next(p for p in found if p.name == name)
    rows = _rows(path, part)
    numbers = [n for n, _ in rows]
    at = headings.row_at(numbers, header_row, path.name, "row")
    if header_row is None:
        headings.refuse_title(rows[:_SAMPLE], path.name, "row")
    width = max((len(cells) for _, cells in rows), default=0)
    titles = _titles(rows[at][1] if rows else [], width)
    records = rows[at + 1 :]
    columns = [[cells[i] if i < len(cells) else None for _, cells in records] for i in range(width)]
    return Sheet(
        name=path.name,
        sha256=sha256,
        kind="Excel",
        layer=name,
        cells=headings.frame(titles, columns, path.name, "row"),
        **headings.placeless(len(records)),
        faults={},
        counted=sum(n > numbers[at] for n in part.filled) if rows else 0,
        notes=(*_notes(part, found), *layers.unread(others), *headings.above(rows[:at], "row")),
        lines=tuple(n for n, _ in records),
    )


def _titles(cells: Sequence[Any], width: int) -> list[str]:
    titles = ["" if c is None else str(c).strip() for c in cells]
    return titles + [""] * (width - len(titles))


def _rows(path: Path, part: Part) -> list[tuple[int, list[Any]]]:
    """Read the rows with something in them, by openpyxl."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl cannot write back is not wanted here
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                sheet = book[part.name]
                sheet.reset_dimensions()  # the size that the file states may be wrong, and would cut rows off
                given = [(n, [_value(c) for c in row]) for n, row in enumerate(sheet.iter_rows(), 1) if row]
            finally:
                book.close()
    except Exception as error:  # noqa: BLE001 - a damaged workbook fails in openpyxl in any way whatever
        raise FileError(
            f"{path.name} cannot be read as a workbook ({type(error).__name__}: {str(error)[:80]})",
            "a whole .xlsx workbook",
            "save it again with a spreadsheet programme, as .xlsx or CSV UTF-8",
        ) from None
    by_number = dict(given)
    for (row, column), formula in part.uncached.items():
        cells = by_number.setdefault(row, [])
        cells += [None] * (column - len(cells))
        cells[column - 1] = Unsure(
            f"={formula}", f"the formula ={formula[:40]} without a value", "a value: calculate the workbook and save it"
        )
    rows = [(n, by_number[n]) for n in sorted(by_number) if any(_holds(c) for c in by_number[n])]
    kept = dict(rows)
    for first, column, last, _ in part.merged:
        value = kept[first][column - 1] if first in kept and column <= len(kept[first]) else None
        for row in (n for n in range(first + 1, last + 1) if n in kept):
            kept[row] += [None] * (column - len(kept[row]))
            kept[row][column - 1] = value
    return rows


def _holds(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or isinstance(cell, Unsure) or bool(cell.strip()))


def _value(cell: Any) -> Any:
    """Give what a cell says, as Python's own."""
    value = cell.value
    if isinstance(value, str) and cell.data_type == "e":
        return Unsure(value, f"the error {value}", "a value: mend it in the workbook")
    if isinstance(value, datetime):
        return value.date() if value.time() == time.min else value
    if value is None or isinstance(value, bool | str | date | time):
        return value
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format or "General"))
    return str(value)


def _number(value: float, form: str) -> Any:
    """Give a number, or the text that it is shown as when its format adds zeros or letters in front.

    Examples
    --------
    >>> _number(7, "00000"), _number(7, '"MF-"000'), _number(7, "General"), _number(7.5, "0.00")
    ('00007', 'MF-007', 7, 7.5)
    """
    if abs(value) >= _EXACT:
        return Unsure(
            f"{value:.0f}" if isinstance(value, int) else repr(value),
            f"a number of more than 15 digits ({value!r}), of which Excel has lost the last",
            "the digits stored as text",
        )
    if form == "General":
        return value
    prefix, zeros, plain = _form(form)
    if (zeros < 2 and not prefix) or value < 0:
        return value
    if plain and float(value).is_integer():
        return f"{prefix}{int(value):0{zeros}d}"
    if len(str(int(value))) >= zeros and not prefix:
        return value
    return Unsure(repr(value), f"{value!r}, shown in the format {form[:30]!r}", "an id or number stored as it is shown")


@cache
def _form(form: str) -> tuple[str, int, bool]:
    """Give what a number format puts in front, how many digits it always shows, and if that is all it does."""
    first = re.sub(r"\[[^\]]*\]", "", form.partition(";")[0]).strip()
    if match := _ZEROS.fullmatch(first):
        return "".join(a or b for a, b in _QUOTED.findall(match[1])), len(match[2]), True
    bare = _QUOTED.sub("", first)
    return "", bare.partition(".")[0].partition("E")[0].count("0"), False


def _notes(part: Part, found: Sequence[Part]) -> tuple[str, ...]:
    notes = []
    if part.hidden:
        notes.append(f"sheet {part.name!r} is hidden in the workbook, and was read")
    if hidden := [p.name for p in found if p.hidden and p is not part]:
        notes.append(f"hidden sheets in the workbook: {', '.join(headings.safe(n) for n in hidden)}")
    if part.hidden_rows:
        some = ", ".join(f"{n:,}" for n in part.hidden_rows[:_SHOWN]) + (
            ", …" if len(part.hidden_rows) > _SHOWN else ""
        )
        notes.append(f"{len(part.hidden_rows):,} rows hidden in the workbook were read as well: {some}")
    if part.merged:
        names = [f"{_letters(b)}{a}:{_letters(d)}{c}" for a, b, c, d in part.merged[:_SHOWN]]
        names += ["…"] * (len(part.merged) > _SHOWN)
        notes.append(
            f"merged cells {', '.join(names)}: their value is read for each of their rows, in the first column"
        )
    if part.uncached:
        notes.append(f"{len(part.uncached):,} formulas have no value: they are faults where their column is used")
    return tuple(notes)


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
