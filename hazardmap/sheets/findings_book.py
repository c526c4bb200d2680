"""The findings as a workbook: a page that sums them up and says what to do, and the table of all of them.

Knows the columns of the findings and how they are put before people; inspects nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hazardmap import words
from hazardmap.inspection import CHECKS
from hazardmap.sheets.findings_telling import LIMITS, about, counts, tally, with_position
from hazardmap.sheets.workbook import Block, Column, Line, Page, Sheet, write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from hazardmap.programme import Programme

_TINTS = {"error": "#f4b6ae", "warning": "#f9d9a6", "note": "#ececec"}
_SOURCE = 300


def _c(name: str, heading: str, width: float = 0.0, number_format: str = "") -> Column:
    return Column(name=name, heading=heading, width=width, number_format=number_format)


_COLUMNS = (
    Column(name="severity", heading="Severity", width=9, fills=_TINTS),
    _c("check", "Check", 18),
    _c("table", "Table", 9),
    _c("record_id", "Record", 18),
    _c("other_id", "Other record", 16),
    _c("found", "Found", 38),
    _c("expected", "Expected", 28),
    _c("size", "Size", 10, "#,##0.###"),
    _c("unit", "Unit", 6),
    _c("longitude", "Longitude", 11, "0.000000"),
    _c("latitude", "Latitude", 11, "0.000000"),
    _c("row", "Row", 8),
    _c("do", "What to do", 80),
)
_PRINTED = 11


def write_book(findings: gpd.GeoDataFrame, to: Path, programme: Programme) -> None:
    """Write the workbook: sheets Summary and Findings.

    Raises
    ------
    FileError
        When there are more findings than a sheet can hold, or the file cannot be saved.
    """
    frame = with_position(findings)
    frame["do"] = frame["check"].map({k: c.do for k, c in CHECKS.items()})
    frame["row"] = frame["row"].map(str, na_action="ignore").astype("str")
    told = about(programme)
    mark = words.FICTITIOUS if programme.fictitious else ""
    title = f"Inspection of the records – {programme.name or 'programme without a name'}"
    above = [
        Line(_head(title, 120), "title"),
        *([Line(mark, "mark")] if mark else []),
        Line(f"{counts(findings)}. Data as of {told['as_of']}."),
        Line(f"Source: {_head(told['sources'], _SOURCE)}"),
        Line(f"{LIMITS} {words.DISCLAIMER} {words.ABSENCE}", "strong"),
    ]
    table = Sheet(
        name="Findings",
        frame=frame,
        columns=_COLUMNS,
        above=above,
        frozen=0,
        printed=_PRINTED,
        empty="These checks found nothing.",
    )
    write_workbook(
        [_summary(findings, above, told), table],
        to,
        title=title,
        footer=f"Data as of {told['as_of']}. {words.DISCLAIMER} {words.ABSENCE}",
        mark=mark,
    )


def _head(text: str, room: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= room else f"{line[:room]} …"


def _summary(findings: gpd.GeoDataFrame, above: list[Line], told: dict[str, str]) -> Page:
    known = tally(findings)
    rows: list[tuple[Any, ...]] = [
        (r.check, CHECKS[r.check].looks_for, CHECKS[r.check].do, r.severity, int(r.findings), int(r.records))
        for r in known.itertuples(index=False)
    ]
    silent = [(k, c.looks_for, c.source) for k, c in CHECKS.items() if k not in set(known["check"])]
    return Page(
        name="Summary",
        widths=(20, 54, 60, 10, 10, 10),
        above=above,
        blocks=[
            Block(
                title="What was found, the worst first",
                heading=("Check", "What is wrong", "What to do", "Severity", "Findings", "Records"),
                rows=rows or [("", "These checks found nothing.")],
            ),
            Block(
                title="Checks that found nothing, or were not asked for",
                heading=("Check", "What it looks for", "Source of the rule"),
                rows=silent,
            ),
            Block(
                title="This file",
                rows=[
                    ("Programme", told["programme"]),
                    ("Data as of", told["as_of"]),
                    ("Source", told["sources"]),
                    ("Written by", f"hazardmap {told['hazardmap']}"),
                    ("error", "makes an answer wrong or worse"),
                    ("warning", "wants a look"),
                    ("note", "is to be known"),
                ],
            ),
        ],
    )
