"""The door through which answers about plots become files: the ending of the name says which.

Checks what is written, what would be lost by it, and that the file is whole before it takes its place. Knows the kinds
of files; the others of this room know how each is made.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj

from hazardmap.errors import CrsError, FileError
from hazardmap.measure import STORED_CRS
from hazardmap.sheets import answers_csv, answers_layers, telling
from hazardmap.sheets.answers_book import write_book
from hazardmap.sheets.replacing import head_of_part, refuse_other
from hazardmap.store import gpkg_schema, saving

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from os import PathLike

    import pandas as pd

    from hazardmap.programme import Programme

#: Ending → what the file is.
ENDINGS: Mapping[str, str] = MappingProxyType(
    {".xlsx": "xlsx", ".csv": "csv", ".gpkg": "gpkg", ".parquet": "parquet", ".geoparquet": "parquet"}
)
_HEADING = 100_000
_WORK = "a name that ends in .xlsx, .csv, .gpkg or .parquet"
_INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        ".pdf": "write .xlsx and print it; letters about plots as PDF come later",
        ".html": "draw a map of them: hazardmap draw --check, or hm.draw(programme, on=…, answers=answers).save(…)",
        ".htm": "draw a map of them: hazardmap draw --check, or hm.draw(programme, on=…, answers=answers).save(…)",
        ".xls": "write .xlsx, which every office program opens",
        ".geojson": "write .gpkg, which QGIS opens coloured",
        ".shp": "write .gpkg: a Shapefile cuts names and texts",
    }
)


def answers_format(to: str | PathLike[str]) -> str:
    """Say what a file of that name would be, before any plot is checked.

    Returns
    -------
    One of ``xlsx, csv, gpkg, parquet``.

    Raises
    ------
    FileError
        For any other ending, with what to use instead.

    Examples
    --------
    >>> answers_format("answers.xlsx")
    'xlsx'
    >>> answers_format("answers.pdf")
    Traceback (most recent call last):
    ...
    hazardmap.errors.FileError: 'answers.pdf' is no file that answers are written to – needed: a name that ends in ...
    """
    suffix = Path(to).suffix.casefold()
    if suffix not in ENDINGS:
        instead = _INSTEAD.get(suffix)
        raise FileError(
            f"{Path(to).name!r} is no file that answers are written to",
            _WORK,
            instead or f"write {Path(to).with_suffix('.xlsx').name!r}",
        )
    return ENDINGS[suffix]


def write_answers(answers: pd.DataFrame, to: str | PathLike[str], *, programme: Programme, on: str | date) -> None:
    """Write answers about plots: ``.xlsx`` for an office, ``.csv``, ``.gpkg`` for QGIS, ``.parquet`` for platforms.

    Every file tells the day asked, the as-of date, the sources and the disclaimer, and says so when the data are
    fictitious. Text from data is text in all of them, never a formula, link or markup. The save is whole or not at
    all; older answers of that name are replaced, anything else is left alone.

    - ``.xlsx``: sheets Verdicts, Records (each record that an answer rests on, and why it counts or not) and Read me
    - ``.csv``: UTF-8, a row a plot, with the disclaimer in each; without shapes
    - ``.gpkg``: layer ``verdicts`` in the colours of the verdicts, table ``about``; sets as JSON; plots whose shape
      cannot be used are rows without one
    - ``.parquet`` (also ``.geoparquet``): the table as it is, sets as lists, the description as metadata of the file

    Parameters
    ----------
    answers
        The table that check_plots gave.
    to
        The file to write.
    programme, on
        What was asked, and for which day.

    Raises
    ------
    FileError
        When the ending is another, something that is no answers is there, there are more rows than a sheet holds, or
        the disk refuses. What was there is as it was.
    SchemaError
        When the table is not one of answers, or is for another day.
    CrsError
        When a file with shapes is asked for and the shapes are not in EPSG:4326.
    """
    kind = answers_format(to)
    target = Path(to)
    told = telling.imprint(answers, programme, on)
    saving.check_place(target)
    refuse_other_answers(target, kind)
    if kind == "xlsx":
        write_book(answers, target, programme, told)
        return
    about = {**told.texts(), "policy": programme.policy.to_toml()}
    placed: Any = answers if kind == "csv" else _placed(answers, target)
    make, check = _ways(kind, placed, about, told)
    with saving.told(target, sqlite3.Error, pa.ArrowException, UnicodeError):
        saving.replace_file(target, make, check, keep=False)


def _ways(
    kind: str, answers: Any, about: Mapping[str, str], told: telling.Imprint
) -> tuple[Callable[[Path], None], Callable[[Path], None]]:
    """Give how a file is written and how it is read back."""
    if kind == "gpkg":
        return (
            lambda new: answers_layers.write_gpkg(new, answers, about),
            lambda new: answers_layers.check_gpkg(new, answers),
        )
    if kind == "parquet":
        return (
            lambda new: answers_layers.write_parquet(new, answers, about),
            lambda new: answers_layers.check_parquet(new, answers),
        )
    written: list[int] = []
    return (
        lambda new: written.append(answers_csv.write_csv(new, answers, told)),
        lambda new: answers_csv.check_csv(new, written[-1]),
    )


def _placed(answers: Any, target: Path) -> Any:
    if not isinstance(answers, gpd.GeoDataFrame) or answers.crs is None or answers.crs != pyproj.CRS(STORED_CRS):
        crs = getattr(answers, "crs", None)
        raise CrsError(
            f"the shapes of the answers are in {'no CRS' if crs is None else crs.to_string()}",
            STORED_CRS,
            f"write them as check_plots gave them, or as {target.with_suffix('.csv').name!r}, which has no shapes",
        )
    return answers


def refuse_other_answers(target: Path, kind: str) -> None:
    """Make sure that nothing but older answers is replaced."""
    refuse_other(
        target,
        kind,
        _holds_answers,
        older="older answers",
        other="holds no answers about plots",
        example="answers.xlsx",
    )


#: Columns that no table of somebody else's has together.
_OWN_COLUMNS = {b"verdict", b"verdict_in_words", b"flags_in_words", b"disclaimer"}


def _holds_answers(target: Path, kind: str) -> bool:
    with contextlib.suppress(pa.ArrowException, sqlite3.DatabaseError):
        if kind == "xlsx":
            sheets = re.findall(b'<sheet name="([^"]*)"', head_of_part(target, "xl/workbook.xml", _HEADING))
            return sheets[:1] + sheets[-1:] == [b"Verdicts", b"Read me"]
        if kind == "csv":
            with target.open("rb") as file:
                return set(file.readline(_HEADING).rstrip(b"\r\n").split(b",")) >= _OWN_COLUMNS
        if kind == "parquet":
            return {"verdict", "why", "flags"} <= set(pq.read_schema(target).names)
        own = {answers_layers.LAYER, answers_layers.ABOUT, gpkg_schema.STYLES_TABLE}
        with contextlib.closing(sqlite3.connect(f"{target.resolve().as_uri()}?mode=ro", uri=True)) as db:
            names = {n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
            return {n for n in names if not n.startswith(gpkg_schema.SYSTEM_PREFIXES)} == own
    return False
