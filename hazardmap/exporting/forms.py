"""Positions written as people type them: numbers, degrees and minutes, UTM, MGRS.

Knows the names of the forms and what each rounds to; `intake.coordinates`, which reads them, also writes them.
"""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd

from hazardmap.errors import CrsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hazardmap.exporting.reference import Carried

    Array = NDArray[Any]

#: Form → what it is, and how far its last digit can move a point, metres.
FORMS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "numbers": ("x and y as numbers", 0.001),
        "dd": ("decimal degrees", 0.001),
        "dm": ("degrees and minutes", 0.02),
        "dms": ("degrees, minutes, seconds", 0.03),
        "utm": ("UTM zone, easting, northing", 0.01),
        "mgrs": ("MGRS, squares of 1 m, named by their south-west corner", 1.5),
    }
)
_DECIMALS: Mapping[str, int | None] = MappingProxyType({"dd": 8, "dm": 5, "dms": 3, "utm": 2, "mgrs": None})


def written(x: Array, y: Array, form: str, carried: Carried) -> pd.DataFrame:
    """Write positions in the form asked for: columns of numbers, or one of text, ``position``.

    They are in the CRS asked for already; only their spelling is left to do.
    """
    if form == "numbers":
        return pd.DataFrame(dict(zip(carried.axes, (x, y), strict=True)))
    coordinates = importlib.import_module("hazardmap.intake.coordinates")  # its tables are needed only here
    return pd.DataFrame({"position": coordinates.written(x, y, form=form, decimals=_DECIMALS[form])})


def suited(form: str | None, crs: str | None) -> None:
    """Refuse a form that cannot say positions of the CRS asked for.

    Raises
    ------
    CrsError
        When the form is not known, or has a datum of its own.

    Examples
    --------
    >>> suited("mgrs", "EPSG:28408")
    Traceback (most recent call last):
    ...
    hazardmap.errors.CrsError: mgrs in EPSG:28408 – needed: ...
    """
    if form is not None and form not in FORMS:
        raise CrsError(f"no form of positions is named {form!r}", f"one of {', '.join(FORMS)}", "e.g. --form dms")
    if form in {"utm", "mgrs"} and crs is not None:
        raise CrsError(
            f"{form} in {crs}",
            f"{form} as receivers show it: on WGS 84",
            f"leave --crs out, or --form numbers --crs {crs}",
        )
