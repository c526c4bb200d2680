"""Open a file of traverses: CSV, or a sheet of a workbook. Every cell stays text.

Knows files; what the cells say is the business of `read_traverses`.
"""

from __future__ import annotations

import csv
import importlib
import io
from typing import TYPE_CHECKING, Any

import pandas as pd

from hazardmap import formats
from hazardmap.errors import FileError

if TYPE_CHECKING:
    from pathlib import Path

_SEPARATORS = (",", ";", "\t", "|")
_WORKBOOKS = (".xlsx", ".xlsm")


def table_of(path: Path, *, encoding: str | None = None, sheet: str | None = None) -> pd.DataFrame:
    r"""Read the table of a file.

    Parameters
    ----------
    path
        A CSV file, its first line naming the columns, or an Excel workbook.
    encoding
        Of CSV; None: UTF-8.
    sheet
        Of a workbook with several.

    Raises
    ------
    FileError
        When it cannot be opened, is no text in the encoding, or its rows have not as many cells as its first line.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "legs.csv")
    ...     _ = file.write_text("point;bearing\nT1;007\nT2;\n", encoding="utf-8")
    ...     table_of(file).to_dict("list")
    {'point': ['T1', 'T2'], 'bearing': ['007', None]}
    """
    path = formats.local_path(path)
    if path.suffix.lower() in _WORKBOOKS:
        return _workbook(path, sheet)
    try:
        text = path.read_bytes().decode(encoding or "utf-8-sig")
    except LookupError:
        raise FileError(f"no encoding is named {encoding!r}", "an encoding", "e.g. --encoding cp1251") from None
    except UnicodeDecodeError as error:
        raise FileError(
            f"{path.name} is not {encoding or 'UTF-8'} text (byte {error.start:,})",
            "text whose encoding is known",
            "add --encoding, e.g. --encoding cp1251",
        ) from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}", "a file that can be read", "check it") from None
    return _rows(text, path.name)


def _rows(text: str, name: str) -> pd.DataFrame:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        rows = [r for r in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True) if any(r)]
    except csv.Error as error:
        raise FileError(
            f"{name} is no whole CSV ({error})", "quotes closed, one record a line", "export it again"
        ) from None
    if not rows:
        raise FileError(
            f"{name} is empty", "a line that names the columns, and a row for each point", "export it again"
        )
    header, *body = rows
    wrong = [i for i, r in enumerate(body, start=2) if len(r) != len(header)]
    if wrong:
        raise FileError(
            f"{name}: {len(wrong):,} rows have not {len(header)} cells, e.g. row {wrong[0]}",
            "as many cells in each row as the first line has",
            "correct these rows; a comma in a text needs quotes round it",
        )
    cells = [[c if c.strip() else None for c in r] for r in body]
    return pd.DataFrame(cells, columns=[c.strip() for c in header], dtype="object")


def _workbook(path: Path, sheet: str | None) -> pd.DataFrame:
    try:
        read: Any = importlib.import_module("hazardmap.intake.workbook").read
    except ImportError:
        raise FileError(f"{path.name} is a workbook", "a CSV file", "save the sheet as CSV (UTF-8)") from None
    cells: pd.DataFrame = read(path, sha256="", layer=sheet, wanted="traverses").cells
    return cells
