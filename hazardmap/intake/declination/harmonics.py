"""The magnetic field at a place, from the coefficients of a model: one sum of spherical harmonics.

Knows the WGS 84 ellipsoid and the sum (World Magnetic Model 2025, technical report, section 1.2). Knows no dates,
models or files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: The sphere that the coefficients refer to, km.
_RADIUS_KM = 6371.2
_GEOD = pyproj.Geod(ellps="WGS84")


def horizontal_field(longitude: Array, latitude: Array, height_m: Array, g: Array, h: Array) -> tuple[Array, Array]:
    """Give the north and east parts of the field.

    Parameters
    ----------
    longitude, latitude, height_m
        Places, degrees and metres above the ellipsoid; arrays of n. Not on a pole: no direction is north there.
    g, h
        Gauss coefficients at each place's day, nT; arrays of n × (degree + 1) × (degree + 1), Schmidt semi-normalised.

    Returns
    -------
    North and east, nT, along the horizon of the ellipsoid.

    Examples
    --------
    A magnet along the Earth's axis points true north everywhere, 30,000 nT strong at the equator of the sphere.

    >>> import numpy as np
    >>> g = np.zeros((1, 2, 2))
    >>> g[0, 1, 0] = -30_000
    >>> place = [np.array([v]) for v in (46.9, 0.0, -6937.0)]
    >>> north, east = horizontal_field(*place, g, np.zeros((1, 2, 2)))
    >>> north.round().tolist(), abs(east).round().tolist()
    ([30000.0], [0.0])
    """
    radius, polar, turn = _sphere(latitude, height_m)
    degree = g.shape[1] - 1
    legendre, slope = _legendre(polar, degree)
    order = np.arange(degree + 1)
    angle = np.radians(longitude)[:, None] * order
    cosine, sine = np.cos(angle)[:, None, :], np.sin(angle)[:, None, :]
    along = g * cosine + h * sine
    across = order * (g * sine - h * cosine)
    power = ((_RADIUS_KM / radius)[:, None] ** (order + 2))[:, :, None]
    up = np.sum(power * (order[:, None] + 1) * along * legendre, axis=(1, 2))
    south = -np.sum(power * along * slope, axis=(1, 2))
    east = np.sum(power * across * legendre, axis=(1, 2)) / np.sin(polar)
    # The sphere's horizon is tilted against the ellipsoid's by a fifth of a degree.
    return -south * np.cos(turn) + up * np.sin(turn), east


def _sphere(latitude: Array, height_m: Array) -> tuple[Array, Array, Array]:
    """Give distance from the centre (km), polar angle and the turn from the geodetic to the geocentric horizon."""
    phi = np.radians(latitude)
    curve = _GEOD.a / np.sqrt(1 - _GEOD.es * np.sin(phi) ** 2)
    across = (curve + height_m) * np.cos(phi)
    up = (curve * (1 - _GEOD.es) + height_m) * np.sin(phi)
    geocentric = np.arctan2(up, across)
    return np.hypot(across, up) / 1000, np.pi / 2 - geocentric, geocentric - phi


def _legendre(polar: Array, degree: int) -> tuple[Array, Array]:
    """Give Schmidt's semi-normalised Legendre functions and their slopes: n × (degree + 1) × (degree + 1)."""
    cosine, sine = np.cos(polar), np.sin(polar)
    value = np.zeros((len(polar), degree + 1, degree + 1))
    slope = np.zeros_like(value)
    value[:, 0, 0] = 1
    for n in range(1, degree + 1):
        step = np.sqrt((2 * n - 1) / (2 * n)) if n > 1 else 1.0
        value[:, n, n] = step * sine * value[:, n - 1, n - 1]
        slope[:, n, n] = step * (sine * slope[:, n - 1, n - 1] + cosine * value[:, n - 1, n - 1])
        for m in range(n):
            scale = np.sqrt(n * n - m * m)
            before = np.sqrt((n - 1) ** 2 - m * m) if n > 1 and m < n - 1 else 0.0
            older = value[:, n - 2, m] if before else 0.0
            older_slope = slope[:, n - 2, m] if before else 0.0
            value[:, n, m] = ((2 * n - 1) * cosine * value[:, n - 1, m] - before * older) / scale
            turned = cosine * slope[:, n - 1, m] - sine * value[:, n - 1, m]
            slope[:, n, m] = ((2 * n - 1) * turned - before * older_slope) / scale
    return value, slope
