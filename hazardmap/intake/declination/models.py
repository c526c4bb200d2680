"""Which magnetic model speaks for which day, and the declination that it gives with its uncertainty.

The World Magnetic Model since 2010, each edition for its five years, and the International Geomagnetic Reference Field
before, back to 1900. A day that none covers is a fault: nothing is extrapolated. Knows coefficient files and dates;
knows nothing of traverses.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hazardmap.errors import CrsError, SchemaError
from hazardmap.intake.declination.harmonics import horizontal_field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]

_NEAR_POLE_DEG = 89.9
_AT_ONCE = 2000


class Declination(NamedTuple):
    """How far magnetic north lies off true north.

    Parameters
    ----------
    degrees_east
        Degrees; east of true north is positive.
    model
        Name and edition of the model.
    epoch
        The day it was asked for, as a decimal year.
    uncertainty_deg
        What the model does not know (one standard deviation, local rocks included).
    """

    degrees_east: float
    model: str
    epoch: float
    uncertainty_deg: float


@dataclass(frozen=True)
class _Model:
    """An edition, its first year and the first it no longer covers, and its error: √(a² + (b / H)²) degrees."""

    name: str
    file: str
    first: int
    after: int
    angle_deg: float
    force: float


# The errors of 2015, 2020 and 2025 are those that NOAA states with each edition. WMM2010 states none in that form: it
# is given that of 2015 and a little more, which is ours. For IGRF NOAA's calculator says "typically accurate to 30
# minutes of arc"; before 1945, when ships and few observatories were all there was, twice that is ours.
_MODELS = (
    _Model("IGRF-14", "IGRF14.shc", 1900, 1945, 1.0, 5430.0),
    _Model("IGRF-14", "IGRF14.shc", 1945, 2010, 0.5, 5430.0),
    _Model("WMM2010", "WMM2010.COF", 2010, 2015, 0.3, 5430.0),
    _Model("WMM2015v2", "WMM2015v2.COF", 2015, 2020, 0.23, 5430.0),
    _Model("WMM2020", "WMM2020.COF", 2020, 2025, 0.26, 5625.0),
    _Model("WMM2025", "WMM2025.COF", 2025, 2030, 0.26, 5417.0),
)


def spans() -> tuple[date, date]:
    """Give the first and the last day that a model covers.

    Examples
    --------
    >>> [str(d) for d in spans()]
    ['1900-01-01', '2029-12-31']
    """
    return date(_MODELS[0].first, 1, 1), date(_MODELS[-1].after - 1, 12, 31)


def declination(longitude: float, latitude: float, on: date, height_m: float = 0.0) -> Declination:
    """Give the declination at a place on a day.

    Parameters
    ----------
    longitude, latitude
        Degrees, WGS 84.
    on
        The day of the record, never today's.
    height_m
        Above the ellipsoid; a kilometre changes less than 0.01° outside the polar regions.

    Returns
    -------
    Declination
        Degrees east of true north, the model, the decimal year, the uncertainty.

    Raises
    ------
    SchemaError
        When no model covers the day; the text names the span.
    CrsError
        When the place is impossible, or too near a pole for north to mean anything.

    Examples
    --------
    >>> found = declination(46.9, 40.0, date(2025, 1, 1))
    >>> round(found.degrees_east, 1), found.model, round(found.uncertainty_deg, 2)
    (6.4, 'WMM2025', 0.34)
    >>> declination(46.9, 40.0, date(1899, 12, 31))
    Traceback (most recent call last):
    hazardmap.errors.SchemaError: no magnetic model for 1899-12-31 – needed: a day from 1900-01-01 to ... – do: ...
    """
    first, last = spans()
    if not first <= on <= last:
        raise SchemaError(
            f"no magnetic model for {on.isoformat()}",
            f"a day from {first} to {last}",
            "correct the date of the record, or give its bearings from true north",
        )
    if not (-180 <= longitude <= 180 and abs(latitude) <= _NEAR_POLE_DEG):
        raise CrsError(
            f"longitude {longitude:g}, latitude {latitude:g}",
            f"longitude within ±180, latitude within ±{_NEAR_POLE_DEG:g}",
            "correct the position; at a pole no direction is north",
        )
    place = (np.array([longitude]), np.array([latitude]), [on], np.array([height_m]))
    degrees, models, years, uncertainty = declinations(*place)
    return Declination(float(degrees[0]), str(models[0]), float(years[0]), float(uncertainty[0]))


def declinations(
    longitude: Array, latitude: Array, on: Sequence[date | None], height_m: Array | float = 0.0
) -> tuple[Array, Array, Array, Array]:
    """Give declinations of many places and days at once; NaN and "" where `declination` would raise.

    Returns
    -------
    Degrees east, model names, decimal years, uncertainties in degrees.

    Examples
    --------
    >>> degrees, models, *_ = declinations(np.array([46.9, 46.9]), np.array([40.0, 40.0]), [date(1993, 7, 1), None])
    >>> degrees.round(1).tolist(), models.tolist()
    ([4.7, nan], ['IGRF-14', ''])
    """
    years = np.array([np.nan if d is None else _decimal_year(d) for d in on], dtype="float64")
    degrees, uncertainty = np.full(len(years), np.nan), np.full(len(years), np.nan)
    names = np.full(len(years), "", dtype=object)
    heights = np.broadcast_to(np.asarray(height_m, dtype="float64"), years.shape)
    there = (np.abs(longitude) <= 180) & (np.abs(latitude) <= _NEAR_POLE_DEG)
    for model in _MODELS:
        ours = np.flatnonzero(there & (years >= model.first) & (years < model.after))
        for start in range(0, len(ours), _AT_ONCE):
            mine = ours[start : start + _AT_ONCE]
            north, east = field_of(model.file, longitude[mine], latitude[mine], heights[mine], years[mine])
            degrees[mine] = np.degrees(np.arctan2(east, north))
            uncertainty[mine] = np.hypot(model.angle_deg, model.force / np.hypot(north, east))
            names[mine] = model.name
    return degrees, names, years, uncertainty


def field_of(file: str, longitude: Array, latitude: Array, height_m: Array, years: Array) -> tuple[Array, Array]:
    """Give the north and east parts of the field, nT, by the coefficients in a file, at decimal years."""
    epochs, g, h = _coefficients(file)
    before = np.clip(np.searchsorted(epochs, years, side="right") - 1, 0, len(epochs) - 2)
    share = ((years - epochs[before]) / (epochs[before + 1] - epochs[before]))[:, None, None]
    return horizontal_field(
        longitude,
        latitude,
        height_m,
        g[before] * (1 - share) + g[before + 1] * share,
        h[before] * (1 - share) + h[before + 1] * share,
    )


def _decimal_year(day: date) -> float:
    first = date(day.year, 1, 1)
    return day.year + (day - first).days / (date(day.year + 1, 1, 1) - first).days if day.year < 9999 else 9999.0


@functools.lru_cache(maxsize=8)
def _coefficients(file: str) -> tuple[Array, Array, Array]:
    """Read a file: epochs (years), g and h at each, nT, as epochs × (degree + 1) × (degree + 1)."""
    text = resources.files("hazardmap.intake.declination").joinpath("coefficients", file).read_text(encoding="ascii")
    return _igrf(text) if file.endswith(".shc") else _wmm(text)


def _wmm(text: str) -> tuple[Array, Array, Array]:
    head, *lines = text.splitlines()
    epoch = float(head.split()[0])
    rows = np.array([[float(v) for v in line.split()] for line in lines if len(line.split()) == 6])
    g, h = np.zeros((2, 13, 13)), np.zeros((2, 13, 13))
    n, m = rows[:, 0].astype(int), rows[:, 1].astype(int)
    for held, at in ((g, 2), (h, 3)):
        held[0, n, m] = rows[:, at]
        held[1, n, m] = rows[:, at] + 5 * rows[:, at + 2]  # nT a year, for the five years of an edition
    return np.array([epoch, epoch + 5]), g, h


def _igrf(text: str) -> tuple[Array, Array, Array]:
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    epochs = np.array([float(v) for v in lines[1]])
    degree = int(lines[0][1])
    g, h = np.zeros((len(epochs), degree + 1, degree + 1)), np.zeros((len(epochs), degree + 1, degree + 1))
    for n, m, *values in lines[2:]:
        held = h if int(m) < 0 else g
        held[:, int(n), abs(int(m))] = [float(v) for v in values]
    return epochs, g, h
