"""The one door through which answers about plots come onto the map: the right columns, words, day and programme.

Checks and signs the table of `check_plots`; decides no verdict and measures nothing. Knows the words and the columns of
that table; knows nothing of ground or of the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hazardmap import measure, words
from hazardmap.errors import CrsError, SchemaError
from hazardmap.maps.packing import LATITUDE_LIMIT_DEG

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from numpy.typing import NDArray

_NUMBERS = (
    "area_m2",
    *(f"{state}_m2" for state in words.STATES),
    *(f"{state}_pct" for state in words.STATES),
    "nearest_hazard_m",
    "required_depth_m",
    "cleared_depth_m",
    "unplaced_hazards",
)
_SETS = ("flags", "hazard_ids", "release_ids", "idle_release_ids", "survey_ids", "find_ids")
_DAYS = ("on", "as_of", "data_as_of")
_TEXTS = (
    "plot_id",
    "cadastre_no",
    "name",
    "use",
    "verdict",
    "why",
    "nearest_hazard_id",
    "nearest_direction",
    "sources",
)
_COLUMNS = (*_TEXTS, *_NUMBERS, *_SETS, *_DAYS)
_SHOWN = 5
_DO = "make them anew: answers = hm.check_plots(programme, on=…), then hm.draw(programme, on=…, answers=answers)"


def accepted(answers: Any, *, on: pd.Timestamp, as_of: date | None) -> gpd.GeoDataFrame:
    """Take a table of answers that belongs to this map, or refuse it.

    Parameters
    ----------
    answers
        What `check_plots` gives.
    on
        The day that the map shows.
    as_of
        The as-of date of the programme that the map shows.

    Returns
    -------
    GeoDataFrame
        The same rows and the columns of the answers, with ``symbol``, the verdict. A shape that cannot be drawn
        (missing, empty, no area, a coordinate that is no number or no place on the map) is taken out; one that crosses
        itself stays: where it lies is known. The table given is not changed.

    Raises
    ------
    SchemaError
        Naming every column that is missing or holds something else, every unknown word, another day than the map's.
    CrsError
        When the table is not in EPSG:4326.

    Examples
    --------
    >>> accepted(pd.DataFrame({"plot_id": ["P-1"]}), on=pd.Timestamp("2024-12-31"), as_of=None)
    Traceback (most recent call last):
    hazardmap.errors.SchemaError: answers without geometry – needed: ...
    """
    if not isinstance(answers, gpd.GeoDataFrame) or answers.active_geometry_name is None:
        raise SchemaError("answers without geometry", "the GeoDataFrame that check_plots gives", _DO)
    if faults := list(_faults(answers)):
        raise SchemaError("answers: " + "; ".join(faults), "the columns that check_plots gives", _DO)
    if answers.crs is None or answers.crs != measure.STORED_CRS:
        found = "no CRS" if answers.crs is None else answers.crs.to_string()
        raise CrsError(f"answers in {found}", measure.STORED_CRS, "draw them as check_plots gave them")
    for column, day, called in (("on", on, "the day of the map"), ("as_of", as_of, "the programme's as-of date")):
        _refuse_other_days(answers[column], day, called)
    usable = _drawable(answers.geometry.to_numpy())
    shapes = np.where(usable, answers.geometry.to_numpy(), None)
    kept = pd.DataFrame(answers[list(_COLUMNS)]).assign(symbol=answers["verdict"])
    return gpd.GeoDataFrame(kept, geometry=shapes, crs=measure.STORED_CRS)


def fictitious(answers: Any) -> bool:
    """Tell whether any answer speaks of example data.

    Examples
    --------
    >>> fictitious(pd.DataFrame({"flags": [(), ("fictitious_data",)]})), fictitious(None)
    (True, False)
    """
    return answers is not None and bool(answers["flags"].map(lambda flags: "fictitious_data" in flags).any())


def _faults(answers: gpd.GeoDataFrame) -> Iterator[str]:
    if missing := [name for name in _COLUMNS if name not in answers]:
        yield f"missing columns {', '.join(missing)}"
    for names, expected, holds in (
        (_NUMBERS, "numbers", pd.api.types.is_numeric_dtype),
        (_DAYS, "dates", pd.api.types.is_datetime64_any_dtype),
        (_SETS, "tuples", lambda values: all(isinstance(value, tuple) for value in values)),
    ):
        if wrong := [name for name in names if name in answers and not holds(answers[name])]:
            yield f"columns that are not {expected}: {', '.join(wrong)}"
    if "verdict" in answers:
        yield from _unknown(answers["verdict"], "verdicts", words.VERDICTS)
    if "flags" in answers:
        yield from _unknown(pd.Series(answers["flags"].explode()).dropna(), "flags", words.FLAGS)
    if "nearest_direction" in answers:
        yield from _unknown(answers["nearest_direction"].dropna(), "directions", words.DIRECTIONS)


def _unknown(values: pd.Series, called: str, known: Any) -> Iterator[str]:
    if strange := [value for value in pd.unique(values.astype("object")) if value not in known]:
        yield f"unknown {called} {', '.join(repr(value) for value in strange[:_SHOWN])}"


def _refuse_other_days(values: pd.Series, day: Any, called: str) -> None:
    expected = pd.Timestamp(day).normalize() if day is not None else pd.NaT
    other = values.isna() if expected is not pd.NaT else values.notna()
    other |= values.dt.normalize() != expected if expected is not pd.NaT else False
    if other.any():
        days = sorted({"no day" if pd.isna(v) else f"{v:%Y-%m-%d}" for v in values[other]})
        found = ", ".join(days[:_SHOWN]) + (" …" if len(days) > _SHOWN else "")
        needed = f"{called}, {'not stated' if day is None else f'{expected:%Y-%m-%d}'}"
        raise SchemaError(f"answers: {int(other.sum()):,} rows whose `{values.name}` is {found}", needed, _DO)


def _drawable(shapes: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which shapes the map can show: areas, finite, on the part of the earth that Web Mercator reaches."""
    polygons = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    west, south, east, north = shapely.bounds(shapes).T
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    finite = np.bincount(owner[~np.isfinite(xy).all(axis=1)], minlength=len(shapes)) == 0
    with np.errstate(invalid="ignore"):
        on_map = (west >= -180) & (east <= 180) & (south >= -LATITUDE_LIMIT_DEG) & (north <= LATITUDE_LIMIT_DEG)
    return np.asarray(polygons & finite & on_map)
