"""The findings as text: on a screen by check with the worst of each, and as a table that a spreadsheet opens.

Nothing from data reaches the screen but printable characters, and no spreadsheet a formula. Knows the columns of the
findings; makes no save atomic: that is `findings`'s.
"""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING

from hazardmap import words
from hazardmap.errors import FileError
from hazardmap.inspection import CHECKS, COLUMNS
from hazardmap.sheets.cells import clean, defused, one_line
from hazardmap.sheets.findings_telling import LIMITS, about, counts, tally, with_position

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from hazardmap.programme import Programme

#: The first columns of the text table, by which older findings are known.
HEADING = "check,severity,table,row,record_id"
_WIDEST, _NARROWEST = 100, 80
_SHOWN = 3
#: Faults of the tables: all of them are shown, because a row that has one counts as quarantined.
_ALL = frozenset({"schema", "duplicate_id"})


def findings_table(
    findings: pd.DataFrame, programme: Programme, *, limit: int | None = None, width: int | None = None
) -> str:
    """Tell the findings by check: how many, the worst of them by id, and what to do.

    Parameters
    ----------
    findings
        From `inspect`.
    programme
        What was inspected.
    limit
        How many are shown of each check. None: 3, and all faults of the tables.
    width
        Columns of the terminal, 80 or more. None: those of the terminal, 100 at most.

    Examples
    --------
    >>> import hazardmap as hm
    >>> print(findings_table(hm.inspect(hm.example(), only=["closed_with_ground"]), hm.example(), width=100))
    FICTITIOUS EXAMPLE DATA – not real hazards, not real land
    1 finding: 1 error
    <BLANKLINE>
    error    closed_with_ground: a hazard is closed, and by its releases ground of it is still left
               hazards H-004: 10,000 m² left, all of it
             do: find the releases or papers that are missing, or reopen the hazard; the ground counts as
               not released
    <BLANKLINE>
    A check that finds nothing proves nothing: the records may still be wrong. Data as of 2024-12-31.
    Source: hazardmap.example(): fictitious
    Information, not permission to enter. The absence of a polygon means nothing: ground without a
    record is not known to be free of explosive ordnance.
    """
    room = min(shutil.get_terminal_size((_WIDEST, 24)).columns, _WIDEST) if width is None else width
    room = max(room, _NARROWEST)
    told = about(programme)
    lines = [words.FICTITIOUS] if programme.fictitious else []
    lines += [counts(findings), ""]
    for row in tally(findings).itertuples(index=False):
        check = CHECKS[row.check]
        count = f"{row.findings:,} × " if row.findings > 1 else ""
        lines += _wrapped(f"{row.severity:<9}{count}{row.check}: {check.looks_for}", room, " " * 11)
        shown = (row.findings if row.check in _ALL else _SHOWN) if limit is None else max(limit, 0)
        mine = findings[findings["check"].eq(row.check)].head(shown)
        lines += [line for text in _each(mine) for line in _wrapped(f"{' ' * 11}{text}", room, " " * 13)]
        if shown and row.findings > shown:
            lines.append(f"{' ' * 11}… and {row.findings - shown:,} more: -o findings.xlsx, or .gpkg for QGIS")
        lines += [*_wrapped(f"{' ' * 9}do: {check.do}", room, " " * 11), ""]
    lines += _wrapped(f"{LIMITS} Data as of {told['as_of']}.", room)
    lines += _wrapped(f"Source: {one_line(told['sources'])}", room)
    lines += _wrapped(f"{words.DISCLAIMER} {words.ABSENCE}", room)
    return "\n".join(lines)


def _each(findings: pd.DataFrame) -> list[str]:
    """Tell each finding in a line."""
    return [
        one_line(f"{f.table} {f.record_id or f'row {f.row}'}: {f.found}" if f.table else str(f.found))
        + (one_line(f"; expected {f.expected}") if f.check in {*_ALL, "date_order", "stated_area"} else "")
        for f in findings.itertuples(index=False)
    ]


def _wrapped(text: str, room: int, indent: str = "") -> list[str]:
    return textwrap.wrap(text, room, subsequent_indent=indent) or [""]


def write_csv(path: Path, findings: gpd.GeoDataFrame, programme: Programme) -> None:
    """Write a row a finding; a text that a spreadsheet could take for a formula bears an apostrophe before it."""
    frame = with_position(findings)
    frame = frame[[*COLUMNS, "longitude", "latitude"]]
    frame["row"] = frame["row"].map(str, na_action="ignore")
    for column in COLUMNS:
        if column != "size":
            frame[column] = frame[column].map(lambda v: defused(clean(v)), na_action="ignore")
    told = about(programme)
    frame["as_of"], frame["sources"] = told["as_of"], defused(clean(told["sources"]))
    frame["disclaimer"] = told["disclaimer"]
    path.write_bytes(frame.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig"))


def check_csv(path: Path, _findings: pd.DataFrame) -> None:
    """Read back what was written.

    Raises
    ------
    FileError
        When it is something else.
    """
    data = path.read_bytes()
    if not data.startswith(HEADING.encode("utf-8-sig")) or not data.endswith(b"\r\n"):
        raise FileError(
            "what was written does not read back", "the disk to keep it", "save elsewhere; what was there is as it was"
        )
