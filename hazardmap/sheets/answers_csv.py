"""The answers as a text table that Excel opens: UTF-8 with its mark, nothing in it that a spreadsheet would run.

Without shapes: a planner's table wants none, and GeoPackage and GeoParquet have them. Each row tells its days, its
sources and the disclaimer, because lines of a text table go their own ways. Makes no save atomic: that is `answers`'s.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import pandas as pd

from hazardmap.errors import FileError
from hazardmap.sheets import telling
from hazardmap.sheets.cells import clean, defused, members
from hazardmap.sheets.telling import ANSWERS, DAYS, SETS

if TYPE_CHECKING:
    from pathlib import Path

    from hazardmap.sheets.telling import Imprint

_AT_ONCE = 50_000


def write_csv(path: Path, answers: pd.DataFrame, told: Imprint) -> int:
    """Write the table; give a checksum of what went to the disk.

    Sets are joined with "; ". A text that a spreadsheet could take for a formula bears an apostrophe before it.
    """
    checksum = 0
    with path.open("wb") as file:
        for start in range(0, max(len(answers), 1), _AT_ONCE):
            text = as_text(answers.iloc[start : start + _AT_ONCE], told, heading=start == 0)
            data = text.encode("utf-8-sig" if start == 0 else "utf-8")
            checksum = zlib.crc32(data, checksum)
            file.write(data)
    return checksum


def check_csv(path: Path, checksum: int) -> None:
    """Read back what was written.

    Raises
    ------
    FileError
        When it is something else.
    """
    found = 0
    with path.open("rb") as file:
        while data := file.read(1 << 20):
            found = zlib.crc32(data, found)
    if found != checksum:
        raise FileError(
            "what was written does not read back", "the disk to keep it", "save elsewhere; what was there is as it was"
        )


def as_text(answers: pd.DataFrame, told: Imprint, *, heading: bool = True) -> str:
    r"""Give the rows as text.

    Examples
    --------
    >>> import hazardmap as hm
    >>> nobody = pd.DataFrame(columns=ANSWERS)
    >>> as_text(nobody, telling.imprint(nobody, hm.example(), "2024-12-31")).split(",")[:5]
    ['plot_id', 'cadastre_no', 'name', 'use', 'verdict']
    """
    columns: dict[str, pd.Series | str] = {}
    for column in ANSWERS:
        values = answers[column]
        if column in DAYS:
            columns[column] = values.astype("datetime64[us]").dt.strftime("%Y-%m-%d")
        elif column in {"flags", *SETS}:
            columns[column] = values.map(lambda v: _plain("; ".join(members(v))))
        elif column.endswith(("_m2", "_pct", "_m")) or column == "unplaced_hazards":
            columns[column] = values
        else:
            columns[column] = values.map(_plain, na_action="ignore")
        if column == "verdict":
            columns["verdict_in_words"] = telling.verdict_words(answers)
        if column == "flags":
            columns["flags_in_words"] = telling.flag_words(answers)
    columns["disclaimer"] = told.disclaimer
    frame = pd.DataFrame(columns, index=answers.index)
    return str(frame.to_csv(index=False, header=heading, lineterminator="\r\n"))


def _plain(text: str) -> str:
    return defused(clean(text))
