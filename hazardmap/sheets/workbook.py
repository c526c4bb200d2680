"""The one writer of xlsx files: tables with a frozen heading, pages of text, nothing in them that runs.

Cells hold real numbers, real days and text; text is never a formula, a link or markup, whatever it looks like. The
file is whole or not there. Knows tables and how paper is laid out; knows nothing of plots or hazards.
"""

from __future__ import annotations

import math
import textwrap
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from hazardmap.errors import FileError, SchemaError
from hazardmap.sheets.cells import as_cells, clean, cut, starts_formula
from hazardmap.store import saving

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    import pandas as pd

ROWS, COLUMNS = 1_048_576, 16_384
_MANY_CELLS = 300_000
_SAMPLE = 500
_NARROW, _WIDE = 7.0, 24.0
_LINE_PT, _TALLEST_PT = 12.0, 400.0
#: Characters of our type that fit into one unit of width, which is counted in a larger type.
_PER_UNIT = 1.25
_FORMATS = {"count": "#,##0", "number": "#,##0.00", "date": "yyyy-mm-dd", "time": "yyyy-mm-dd hh:mm"}
_INK, _RULE, _HEAD, _RED = "#1f2a33", "#c9d0d6", "#22303c", "#c00000"
_STYLES: Mapping[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "mark": {"bold": True, "font_size": 11, "font_color": _RED},
    "strong": {"bold": True},
    "plain": {},
}


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a sheet.

    Parameters
    ----------
    name
        Its name in the table.
    heading
        What stands above it, with the unit.
    meaning
        What it holds, for a page that explains the columns.
    number_format
        How Excel shows its numbers; empty: by their kind.
    width
        In characters; 0: by what it holds.
    fills
        Text of a cell → colour behind it, e.g. ``"#f8d0d0"``.
    """

    name: str
    heading: str
    meaning: str = ""
    number_format: str = ""
    width: float = 0.0
    fills: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """A line of text; its style is ``title, mark`` (red, for warnings), ``strong`` or ``plain``."""

    text: str
    style: str = "plain"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table on a sheet of its own.

    Parameters
    ----------
    name
        On the tab.
    frame
        The table; only the columns named below are written.
    columns
        In the order of the sheet.
    above
        Lines of text over the heading; they stay on the screen with it.
    frozen
        How many columns stay on the screen.
    printed
        How many columns go on paper, from the left; 0: all.
    empty
        What is said when the table has no rows.
    """

    name: str
    frame: pd.DataFrame
    columns: Sequence[Column]
    above: Sequence[Line] = ()
    frozen: int = 1
    printed: int = 0
    empty: str = "No rows."


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part of a page: a title, perhaps a heading, and rows of text or numbers."""

    title: str
    rows: Sequence[Sequence[Any]]
    heading: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """A sheet of explanations: lines, then blocks, in columns of the widths given."""

    name: str
    blocks: Sequence[Block]
    widths: Sequence[float]
    above: Sequence[Line] = ()


def write_workbook(
    sheets: Sequence[Sheet | Page], to: str | PathLike[str], *, title: str, footer: str, mark: str = ""
) -> None:
    """Write tables and pages as one xlsx file, whole or not at all.

    Headings are frozen, repeated on paper and can be filtered by; missing values are empty cells; sets are joined with
    commas. Control characters are replaced by �, texts longer than a cell are cut and say so.

    Parameters
    ----------
    sheets
        In order.
    to
        The file; an older one is replaced.
    title
        Title of the file, and head of each printed page.
    footer
        Foot of each printed page, beside the page number.
    mark
        A warning that heads each printed page, e.g. that the data are fictitious.

    Raises
    ------
    FileError
        When a table has more rows than a sheet can hold, or the file cannot be saved; what was there is as it was.
    SchemaError
        When a column named is not in its table.

    Examples
    --------
    >>> import tempfile, pathlib, pandas as pd
    >>> areas = pd.DataFrame({"state": ["open"], "area_m2": [10_000.0]})
    >>> table = Sheet(name="Areas", frame=areas, columns=[
    ...     Column(name="state", heading="State"), Column(name="area_m2", heading="Area, m²")])
    >>> with tempfile.TemporaryDirectory() as place:
    ...     write_workbook([table], pathlib.Path(place, "areas.xlsx"), title="Areas", footer="Example")
    ...     pathlib.Path(place, "areas.xlsx").stat().st_size > 0
    True
    """
    target = Path(to)
    _check_size(sheets, target)
    saving.check_place(target)
    if target.is_dir():
        raise FileError(f"{target} is a folder", "the name of a file", f"give a name in it, e.g. {target / 'a.xlsx'}")

    def make(new: Path) -> None:
        many = sum(len(s.frame) * len(s.columns) for s in sheets if isinstance(s, Sheet)) > _MANY_CELLS
        # Large tables go to the disk row by row; small ones share their texts, which more readers understand.
        book = _Book(new, rows_to_disk=many)
        book.describe(title, footer, mark)
        for sheet in sheets:
            book.add(sheet)
        book.close()

    with saving.told(target, XlsxWriterException, zipfile.BadZipFile, expat.ExpatError):
        saving.replace_file(target, make, _check_whole, keep=False)


def _check_size(sheets: Sequence[Sheet | Page], target: Path) -> None:
    for sheet in sheets:
        if not isinstance(sheet, Sheet):
            continue
        if missing := [c.name for c in sheet.columns if c.name not in sheet.frame.columns]:
            raise SchemaError(
                f"sheet {sheet.name!r}: the table has no {', '.join(missing)}",
                "a table with the columns named",
                f"name some of {', '.join(map(str, sheet.frame.columns))}",
            )
        room = ROWS - len(sheet.above) - 1
        if len(sheet.frame) > room:
            raise FileError(
                f"{target.name!r}: {len(sheet.frame):,} rows for the sheet {sheet.name!r}",
                f"{room:,} rows or less, which is all that a sheet holds",
                f"save them as {target.with_suffix('.csv').name!r} or {target.with_suffix('.parquet').name!r}",
            )


def _check_whole(new: Path) -> None:
    """Read back what was written: every part is there as packed, and every part is sound XML."""
    with zipfile.ZipFile(new) as parts:
        for name in parts.namelist():
            with parts.open(name) as part:
                expat.ParserCreate().ParseFile(part)


class _Book:
    """A workbook on its way to the disk."""

    def __init__(self, path: Path, *, rows_to_disk: bool) -> None:
        self.book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": rows_to_disk,
                "use_zip64": rows_to_disk,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.header = self.footer = ""

    def describe(self, title: str, footer: str, mark: str) -> None:
        title, footer, mark = (" ".join(clean(t).split()) for t in (title, footer, mark))
        self.book.set_properties({"title": cut(title), "comments": cut(f"{mark}. {footer}" if mark else footer)})
        # The blank after each command keeps a text that starts with a figure from being read as part of it.
        self.header = f"&L&8 {_literal(title, 60)}" + (
            f'&R&"Arial,Bold"&9&KC00000 {_literal(mark, 90)}' if mark else ""
        )
        self.footer = f"&L&8 {_literal(footer, 200)}&R&8 &P / &N"

    def add(self, sheet: Sheet | Page) -> None:
        page = self.book.add_worksheet(sheet.name)
        page.set_header(self.header)
        page.set_footer(self.footer)
        page.set_paper(9)  # A4
        page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        page.hide_gridlines(2)
        page.ignore_errors({"number_stored_as_text": f"A1:XFD{ROWS}"})  # ids like 007 are text, and meant so
        page.fit_to_pages(1, 0)
        if isinstance(sheet, Sheet):
            self._table(page, sheet)
        else:
            self._page(page, sheet)

    def close(self) -> None:
        self.book.close()

    def format(self, **settings: Any) -> Any:
        """Give one format for the same settings."""
        key = tuple(sorted(settings.items()))
        if key not in self.formats:
            plain = {"font_name": "Arial", "font_size": 9, "font_color": _INK, "valign": "top"}
            self.formats[key] = self.book.add_format({**plain, **settings})
        return self.formats[key]

    def _table(self, page: Any, sheet: Sheet) -> None:
        columns = [as_cells(sheet.frame[c.name]) for c in sheet.columns]
        widths = [_width(c, cells, kind) for c, (cells, kind) in zip(sheet.columns, columns, strict=True)]
        for at, width in enumerate(widths):
            page.set_column(at, at, width, self.format())
        printed = sheet.printed or len(sheet.columns)
        page.set_landscape()
        row = self._above(page, sheet.above, widths[:printed])
        self._heading(page, row, [c.heading for c in sheet.columns], widths)
        page.freeze_panes(row + 1, sheet.frozen)
        page.repeat_rows(row)
        last = row + max(len(sheet.frame), 1)
        page.print_area(0, 0, last, printed - 1)
        page.autofilter(row, 0, last, len(sheet.columns) - 1)
        if not len(sheet.frame):
            _put(page, row + 1, 0, sheet.empty, self.format(italic=True), self.format(italic=True))
        styles = [self._styles(c, kind) for c, (_, kind) in zip(sheet.columns, columns, strict=True)]
        texts = [(at, widths[at] * _PER_UNIT - 1) for at, (_, kind) in enumerate(columns) if kind == "text"]
        for at, cells in enumerate(zip(*(cells for cells, _ in columns), strict=True), start=row + 1):
            # Not every program makes room for wrapped text by itself.
            deep = max((_about_lines(cells[column], room) for column, room in texts), default=1)
            page.set_row(at, min(_LINE_PT * deep + 2, _TALLEST_PT))
            for column, value in enumerate(cells):
                style, quoted, tinted = styles[column]
                _put(page, at, column, value, tinted.get(value, style) if tinted else style, quoted)

    def _styles(self, column: Column, kind: str) -> tuple[Any, Any, dict[Any, Any]]:
        """Give the format of a column, the one for text that looks like a formula, and those of its coloured cells."""
        line = {"bottom": 1, "bottom_color": _RULE}
        text = {**line, "text_wrap": True, "align": "left", "indent": 1}
        if kind == "text":
            settings: dict[str, Any] = text
        else:
            shown = column.number_format or _FORMATS.get(kind, "General")
            side = {"align": "left", "indent": 1} if kind in {"date", "time", "flag"} else {"align": "right"}
            settings = {**line, **side, "num_format": shown}
        tinted = {text_: self.format(**text, bold=True, bg_color=colour) for text_, colour in column.fills.items()}
        return self.format(**settings), self.format(**text, quote_prefix=True), tinted

    def _above(self, page: Any, lines: Sequence[Line], widths: Sequence[float]) -> int:
        """Write lines over the whole width, each in one merged cell; give the next row."""
        for row, line in enumerate(lines):
            style = self.format(**_STYLES[line.style], text_wrap=True)
            size = _STYLES[line.style].get("font_size", 9) / 9
            tall = _LINE_PT * size * _lines(line.text, sum(widths) * _PER_UNIT / size) + 2 * (size > 1)
            page.set_row(row, min(tall, _TALLEST_PT))
            if len(widths) > 1:
                page.merge_range(row, 0, row, len(widths) - 1, "", style)
            _put(page, row, 0, cut(clean(line.text)), style, style)
        return len(lines)

    def _heading(self, page: Any, row: int, headings: Sequence[str], widths: Sequence[float]) -> None:
        style = self.format(
            bold=True,
            font_color="#ffffff",
            bg_color=_HEAD,
            text_wrap=True,
            valign="vcenter",
            align="left",
            indent=1,
            border=1,
            border_color=_RULE,
        )
        # The arrow of the filter covers the end of a heading.
        deep = max(_lines(h, w * _PER_UNIT - 2) for h, w in zip(headings, widths, strict=False))
        page.set_row(row, _LINE_PT * deep + 6)
        for column, heading in enumerate(headings):
            _put(page, row, column, cut(clean(heading)), style, style)

    def _page(self, page: Any, sheet: Page) -> None:
        for at, width in enumerate(sheet.widths):
            page.set_column(at, at, width, self.format())
        row = self._above(page, sheet.above, sheet.widths)
        title = self.format(bold=True, font_size=11, bottom=2, bottom_color=_HEAD)
        text, quoted = self.format(text_wrap=True), self.format(text_wrap=True, quote_prefix=True)
        for block in sheet.blocks:
            row += 1
            page.set_row(row, 18)
            for column in range(len(sheet.widths)):
                _put(page, row, column, block.title if not column else None, title, title)
            row += 1
            if block.heading:
                rest = [""] * (len(sheet.widths) - len(block.heading))
                self._heading(page, row, [*block.heading, *rest], sheet.widths)
                row += 1
            for values in block.rows:
                deep = max(_about_lines(v, w * _PER_UNIT) for v, w in zip(values, sheet.widths, strict=False))
                page.set_row(row, min(_LINE_PT * deep + 2, _TALLEST_PT))
                number = self.format(num_format="#,##0", align="right")
                for column, value in enumerate(values):
                    shown = cut(clean(value)) if isinstance(value, str) else value
                    style = number if isinstance(value, int | float) else text
                    _put(page, row, column, shown, style, quoted)
                row += 1
        page.print_area(0, 0, max(row - 1, 0), len(sheet.widths) - 1)


def _put(page: Any, row: int, column: int, value: Any, style: Any, quoted: Any) -> None:
    """Write one cell as what it is; the kind is never read off a text."""
    if value is None or value == "":
        page.write_blank(row, column, None, style)
    elif isinstance(value, str):
        # xlsxwriter takes a text between these two tags for markup of its own and writes it into the file as it is.
        text = f"{value} " if value.startswith("<r>") and value.endswith("</r>") else value
        page.write_string(row, column, text, quoted if starts_formula(text) else style)
    elif isinstance(value, bool):
        page.write_boolean(row, column, value, style)
    else:
        page.write_number(row, column, value, style)


def _width(column: Column, cells: Sequence[Any], kind: str) -> float:
    """Choose a width in characters: the longest word of the heading fits, and the cells, but for long texts."""
    if column.width:
        return column.width
    words = max((len(w) for w in column.heading.split()), default=0) / _PER_UNIT + 3
    if kind == "text":
        longest = max((len(p) for v in cells[:_SAMPLE] if v is not None for p in str(v).split("\n")), default=0)
        return min(max(words, longest / _PER_UNIT + 2, _NARROW), _WIDE)
    if kind in {"date", "time"}:
        return max(words, 11.0 if kind == "date" else 16.0)
    largest = max((abs(v) for v in cells[:_SAMPLE] if isinstance(v, int | float)), default=0)
    digits = int(math.log10(largest)) if largest >= 1 else 0
    return max(words, (digits + digits // 3 + 5) / _PER_UNIT + 1, _NARROW)


def _lines(text: str, width: float) -> int:
    """Count the lines that a text takes in a cell."""
    room = max(int(width), 4)
    return sum(max(len(textwrap.wrap(part, room)), 1) for part in text.split("\n"))


def _about_lines(value: Any, room: float) -> int:
    """Estimate the lines that a cell takes; breaking between words wastes a part of each."""
    if not isinstance(value, str) or (len(value) <= room and "\n" not in value):
        return 1
    return sum(math.ceil(max(len(part), 1) * (1.0 if len(part) <= room else 1.12) / room) for part in value.split("\n"))


def _literal(text: str, room: int) -> str:
    """Make a text plain for the head of a page, where & starts a command, and short enough to fit there."""
    literal = text.replace("&", "&&")
    while len(literal) > room:
        text = text[: -2 if text.endswith("…") else -1] + "…"
        literal = text.replace("&", "&&")
    return literal
