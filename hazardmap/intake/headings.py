"""Which row of a table names its columns, and the frame that its cells become; the same for text and for Excel.

Titles above the names are told, never taken for names. Knows rows of cells; knows nothing of formats or positions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hazardmap.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN = 40
#: The column of cells that stand behind the last one that has a name.
MORE = "(more cells)"


def row_at(numbers: Sequence[int], header_row: int | None, name: str, unit: str) -> int:
    """Give the position, among rows that are not blank, of the one that names the columns.

    Parameters
    ----------
    numbers
        Where those rows stand in the file, from 1.
    header_row
        As stated with --header-row; None: the first.
    name, unit
        The file, and "line" or "row", for messages.

    Raises
    ------
    FileError
        When no row that is not blank stands there.

    Examples
    --------
    >>> row_at([1, 3, 4], 3, "a.csv", "line"), row_at([2, 3], None, "a.csv", "line")
    (1, 0)
    """
    if header_row is None:
        return 0
    if header_row in numbers:
        return list(numbers).index(header_row)
    raise FileError(
        f"{name} has nothing on {unit} {header_row:,}" + (f"; its last {unit} is {numbers[-1]:,}" if numbers else ""),
        f"the number of the {unit} that names the columns, from 1",
        f"correct --header-row, e.g. --header-row {numbers[0] if numbers else 1}",
    )


def refuse_title(rows: Sequence[tuple[int, Sequence[Any]]], name: str, unit: str) -> None:
    """Refuse a table whose first row fills one cell while those below fill several: a title names no columns.

    Parameters
    ----------
    rows
        The first rows that are not blank: where each stands, and its cells.
    name, unit
        The file, and "line" or "row", for messages.

    Raises
    ------
    FileError
        With the row that probably names the columns, to be stated.

    Examples
    --------
    >>> refuse_title([(1, ["Minefields 2024", None]), (2, ["id", "lon"]), (3, ["7", "46.9"])], "a.csv", "line")
    Traceback (most recent call last):
    hazardmap.errors.FileError: a.csv begins with a title ('Minefields 2024'); line 2 has 2 cells: id, lon – needed: ...
    """
    filled = [[str(c) for c in cells if c not in {None, ""}] for _, cells in rows]
    widest = max(map(len, filled), default=0)
    if widest < 2 or len(filled[0]) > widest // 2 or (len(filled[0]) > 1 and widest < 4):
        return
    at = next(i for i, cells in enumerate(filled) if len(cells) > widest // 2 and len(cells) > 1)
    names = ", ".join(map(safe, filled[at][:6])) + (", …" if len(filled[at]) > 6 else "")
    raise FileError(
        f"{name} begins with a title ({safe(' '.join(filled[0]))!r});"
        f" {unit} {rows[at][0]} has {len(filled[at])} cells: {names}",
        f"the {unit} that names the columns",
        f"--header-row {rows[at][0]}, if that is the one",
    )


def frame(
    names: Sequence[str], columns: Sequence[list[Any]], file: str, unit: str, *, more: list[Any] | None = None
) -> pd.DataFrame:
    """Make the cells of a sheet; columns without name and content are left out.

    Raises
    ------
    FileError
        When a column has a name that another has, or content and no name.

    Examples
    --------
    >>> frame(["id", ""], [["007"], [None]], "a.csv", "line").columns.tolist()
    ['id']
    """
    kept = [i for i, n in enumerate(names) if n or any(v not in {None, ""} for v in columns[i])]
    titles = [names[i] for i in kept]
    twice = sorted({t for t in titles if titles.count(t) > 1} - {""})
    if twice or "" in titles:
        told = ", ".join(repr(safe(t)) for t in twice)
        nameless = [f"a column with nothing (the {i + 1}.)" for i in kept if not names[i]]
        raise FileError(
            f"{file} names {', '.join([*([told] if told else []), *nameless[:3]])}",
            "a name for each column, once",
            f"correct the {unit} that names them, or state it: --header-row",
        )
    cells = {names[i]: pd.Series(columns[i], dtype="object") for i in kept}
    if more is not None:
        cells[MORE] = pd.Series(more, dtype="object")
    count = len(columns[0]) if columns else 0
    return pd.DataFrame(cells, index=pd.RangeIndex(count))


def placeless(count: int) -> dict[str, Any]:
    """Give the parts of a sheet whose format has no shapes of its own."""
    return {"shapes": np.full(count, None, dtype=object), "flaws": {}, "crs": None, "tabular": True}


def above(rows: Sequence[tuple[int, Sequence[Any]]], unit: str) -> tuple[str, ...]:
    """Tell what stands above the names of the columns, as notes.

    Examples
    --------
    >>> above([(1, ["Minefields 2024", ""])], "line")
    ('line 1, above the names of the columns, is not a record: Minefields 2024',)
    """
    told = []
    for number, cells in rows[:5]:
        text = " | ".join(str(c) for c in cells if c not in {None, ""})
        told.append(f"{unit} {number:,}, above the names of the columns, is not a record: {safe(text, 120)}")
    if len(rows) > 5:
        told.append(f"{len(rows) - 5:,} more {unit}s above the names of the columns are not records")
    return tuple(told)


def safe(text: str, width: int = _SHOWN) -> str:
    """Show text from data: one line, nothing invisible, not too long."""
    shown = "".join(c if c.isprintable() else "?" for c in text)
    return shown if len(shown) <= width else shown[: width - 1] + "…"
