"""Open a file of traverses: CSV, or a sheet of a workbook. Every cell stays text.

Knows files; what the cells say is the business of `read_traverses`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hazardmap.errors import FileError
from hazardmap.intake import reading

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


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
    found = reading.read(path, wanted="traverses", layer=sheet, encoding=encoding)
    if not found.tabular:
        raise FileError(
            f"{found.name} is {found.kind}", "a table, CSV or Excel, a row for each point", "name that file"
        )
    if found.faults:
        row, wrong = min(found.faults.items())
        where = found.lines[row] if found.lines else row + 1
        rows = "1 row is" if len(found.faults) == 1 else f"{len(found.faults):,} rows are"
        raise FileError(
            f"{found.name}: {rows} not whole, e.g. row {where}: {wrong[0].found}",
            wrong[0].expected,
            "correct these rows; a comma in a text needs quotes round it",
        )
    cells = found.cells
    blank = cells.map(lambda v: isinstance(v, str) and not v.strip())
    return cells.where(~blank, None)
