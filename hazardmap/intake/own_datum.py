"""Rows that state a datum or CRS of their own: where it is another than that of the whole table, the row is a fault.

Which of the two is right nobody here can know. Knows columns by name, and datums; knows nothing of files.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj

from hazardmap.errors import CrsError
from hazardmap.intake import placing
from hazardmap.intake.cells import NotReadError, text_of
from hazardmap.intake.coordinates.datums import crs_of, datum_of
from hazardmap.intake.sheet import Flaw
from hazardmap.words import fold

if TYPE_CHECKING:
    from hazardmap.intake.sheet import Sheet

_NAMES = frozenset(
    fold(n)
    for n in (
        *("datum", "geodetic datum", "map datum", "gps datum", "coordinate datum", "horizontal datum"),
        *("crs", "epsg", "epsg code", "srid", "srs", "coordinate system", "датум", "система координат"),
    )
)


def held_against(sheet: Sheet, stated: pyproj.CRS | None) -> Sheet:
    """Hold what rows say of their datum or CRS against what is stated for all; what is not understood is left.

    Parameters
    ----------
    sheet
        With the shapes of its rows.
    stated
        The CRS of the numbers, or the degrees of their datum; None: nothing is stated.

    Examples
    --------
    >>> import pandas as pd, shapely
    >>> cells = pd.DataFrame({"Datum": ["WGS84", "СК-42", None]})
    >>> from hazardmap.intake.sheet import Sheet
    >>> sheet = Sheet("a.csv", "", "CSV", "", cells, np.array([shapely.Point(46, 39)] * 3), {}, {}, None, 3)
    >>> {i: f.found for i, f in held_against(sheet, pyproj.CRS("EPSG:4326")).flaws.items()}
    {1: "Datum says 'СК-42', and WGS 84 is stated for all rows"}
    """
    columns = [str(c) for c in sheet.cells if fold(str(c)) in _NAMES]
    if stated is None or not columns:
        return sheet
    flaws, drawn = dict(sheet.flaws), np.array(sheet.shapes, dtype=object)
    known: dict[str, bool] = {}
    for column in columns:
        cells = sheet.cells[column]
        for i, cell in enumerate((cells if cells.ndim == 1 else cells.iloc[:, 0]).tolist()):
            text = _text(cell)
            if text is None or i in sheet.flaws:
                continue
            if text not in known:
                known[text] = _differs(text, stated)
            if known[text]:
                told = f"{column[:40]} says {text[:40]!r}, and {stated.name} is stated for all rows"
                entered = "" if drawn[i] is None else drawn[i].wkt
                flaws[i] = Flaw(told, "one datum for all, or a file for each", entered)
                drawn[i] = None
    return dataclasses.replace(sheet, flaws=flaws, shapes=drawn)


def _text(cell: Any) -> str | None:
    try:
        return text_of(cell)
    except NotReadError:
        return None


def _differs(text: str, stated: pyproj.CRS) -> bool:
    """Tell whether a text is surely another datum than the stated one, or another projection of metres."""
    crs = _understood(text)
    if crs is None:
        return False
    if crs.is_projected and stated.is_projected:
        return not placing.same(crs, stated)
    one, other = (c.geodetic_crs for c in (crs, stated))
    return one is not None and other is not None and not placing.same(one, other)


def _understood(text: str) -> pyproj.CRS | None:
    code = text.casefold().removeprefix("epsg").lstrip(": ").removesuffix(".0")
    try:
        return pyproj.CRS.from_epsg(int(code)) if code.isascii() and code.isdigit() else crs_of(datum_of(text))
    except (pyproj.exceptions.CRSError, CrsError):  # a number or a name of nothing that is known here
        return None
