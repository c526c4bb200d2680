"""The door through which the findings of an inspection become files: the ending of the name says which.

Checks what would be lost and that the file is whole before it takes its place. Knows the kinds of files; the others of
this room know how each is made.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from hazardmap.errors import FileError
from hazardmap.sheets import findings_book, findings_layers, findings_text
from hazardmap.sheets.replacing import head_of_part, refuse_other
from hazardmap.store import gpkg_schema, saving

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    import geopandas as gpd

    from hazardmap.programme import Programme

#: Ending → what the file is.
FINDINGS_ENDINGS: Mapping[str, str] = MappingProxyType(
    {".xlsx": "xlsx", ".gpkg": "gpkg", ".csv": "csv", ".geojson": "geojson"}
)
_HEADING = 4_000
_SHEETS = [b"Summary", b"Findings"]
_WORK = "a name that ends in .xlsx, .gpkg, .csv or .geojson"


def findings_format(to: str | PathLike[str]) -> str:
    """Say what a file of that name would be, before anything is inspected.

    Raises
    ------
    FileError
        For any other ending.

    Examples
    --------
    >>> findings_format("faults.gpkg")
    'gpkg'
    """
    suffix = Path(to).suffix.casefold()
    if suffix not in FINDINGS_ENDINGS:
        raise FileError(
            f"{Path(to).name!r} is no file that findings are written to",
            _WORK,
            f"write {Path(to).with_suffix('.xlsx').name!r} for an office, .gpkg for QGIS",
        )
    return FINDINGS_ENDINGS[suffix]


def write_findings(findings: gpd.GeoDataFrame, to: str | PathLike[str], *, programme: Programme) -> None:
    """Write what `inspect` found: ``.xlsx`` for an office, ``.gpkg`` for QGIS, ``.csv``, ``.geojson``.

    Every file tells the as-of date, the sources and the disclaimer, and says so when the data are fictitious. Text
    from data is text in all of them, never a formula, link or markup. The save is whole or not at all; older findings
    of that name are replaced, anything else is left alone.

    - ``.xlsx``: sheets Summary (each check, how often it found something, what to do) and Findings
    - ``.gpkg``: layers ``fault_points`` and ``fault_lines``, styled by severity, ``faults_without_place``, table
      ``about``
    - ``.csv``: UTF-8, a row a finding, with longitude, latitude and the disclaimer
    - ``.geojson``: a feature a finding; those without a place have no geometry

    Parameters
    ----------
    findings
        From `inspect`.
    to
        The file to write.
    programme
        What was inspected.

    Raises
    ------
    FileError
        When the ending is another, something that is no findings is there, there are more rows than a sheet holds, or
        the disk refuses. What was there is as it was.
    """
    kind = findings_format(to)
    target = Path(to)
    saving.check_place(target)
    refuse_other(
        target, kind, _holds_findings, older="older findings", other="holds no findings", example="findings.xlsx"
    )
    if kind == "xlsx":
        findings_book.write_book(findings, target, programme)
        return
    make, check = {
        "gpkg": (findings_layers.write_gpkg, findings_layers.check_gpkg),
        "geojson": (findings_layers.write_geojson, findings_layers.check_geojson),
        "csv": (findings_text.write_csv, findings_text.check_csv),
    }[kind]
    with saving.told(target, sqlite3.Error, UnicodeError, ValueError):
        saving.replace_file(
            target,
            lambda new: make(new, findings, programme),
            lambda new: check(new, findings),
            keep=False,
        )


def _holds_findings(target: Path, kind: str) -> bool:
    if kind == "xlsx":
        return re.findall(b'<sheet name="([^"]*)"', head_of_part(target, "xl/workbook.xml", _HEADING)) == _SHEETS
    with contextlib.suppress(sqlite3.DatabaseError):
        if kind == "csv":
            with target.open("rb") as file:
                return file.readline(_HEADING).startswith(findings_text.HEADING.encode("utf-8-sig"))
        if kind == "geojson":
            with target.open("rb") as file:
                head = file.read(_HEADING)
            return head.startswith(findings_layers.GEOJSON_HEAD.encode())
        own = {*findings_layers.LAYERS, findings_layers.ABOUT, gpkg_schema.STYLES_TABLE}
        with contextlib.closing(sqlite3.connect(f"{target.resolve().as_uri()}?mode=ro", uri=True)) as db:
            names = {n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
            return {n for n in names if not n.startswith(gpkg_schema.SYSTEM_PREFIXES)} == own
    return False
