"""The letters of MGRS (UTMREF): a square of the military grid from its reference, and the reference from a place.

Written here on top of PROJ rather than taken from the library ``mgrs`` (GEOTRANS): that one takes texts one by one,
gives a point without the size of its square, and reads a cut reference without a word. It is the oracle of the tests.
The rules are those of NGA.SIG.0012 (2014): UTM from 80° S to 84° N with the zones of Norway and Svalbard, UPS round the
poles. Knows letters and projections; knows nothing of datums' shifts.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj

from hazardmap.errors import CrsError, SchemaError
from hazardmap.intake.coordinates.datums import ellipsoid, name_of
from hazardmap.intake.coordinates.position import Reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

BANDS = "CDEFGHJKLMNPQRSTUVWX"
_COLUMNS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_SHAPE = re.compile(r"(\d{1,2}) ?([C-HJ-NP-X])(?: ?([A-HJ-NP-Z]) ?([A-HJ-NP-V])((?: ?\d)*))?", re.IGNORECASE)
_POLAR = re.compile(r"([ABYZ]) ?([A-HJ-NP-Z]) ?([A-HJ-NP-Z])((?: ?\d)*)", re.IGNORECASE)
_LABEL = re.compile(r"^(?:MGRS|UTMREF|USNG)[ :]*", re.IGNORECASE)
#: Columns of the polar squares, west and east of the meridian of Greenwich, and where each part of them begins.
_POLAR_COLUMNS = "JKLPQRSTUXYZABCFGHJKLPQR"
_POLAR_ROWS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_FIRST_POLAR_COLUMN = 800_000
_OTHER_LETTERS = ("clarke 1866", "clarke 1880", "bessel 1841", "bessel namibia")
_MOST_DIGITS = 16
_SAMPLE = np.linspace(0, 100_000, 21)
_SPARE = 0.04  # degrees of latitude from the middle of four points, 5 km apart, to each


@functools.lru_cache(maxsize=1024)
def utm(zone: int, *, south: bool, datum: str) -> str:
    """Give the projection of a UTM zone on the ellipsoid of a datum."""
    return f"+proj=utm +zone={zone}{' +south' if south else ''} {_body(datum)}"


@functools.lru_cache(maxsize=64)
def ups(*, south: bool, datum: str) -> str:
    """Give the polar projection of UPS on the ellipsoid of a datum."""
    return f"+proj=stere +lat_0={-90 if south else 90} +k=0.994 +x_0=2000000 +y_0=2000000 {_body(datum)}"


def _body(datum: str) -> str:
    axis, flattening, meridian, _ = ellipsoid(datum)
    if meridian:
        raise CrsError(f"{name_of(datum)} does not count from Greenwich", "a datum that does", "state crs='EPSG:…'")
    return f"+a={axis!r} +rf={flattening!r} +units=m"


def band_of(latitude: Array) -> Array:
    """Give the numbers of the bands (`BANDS`) in which latitudes lie."""
    return np.asarray(np.clip(np.floor((np.asarray(latitude) + 80) / 8).astype(int), 0, 19))


def band_range(letter: str) -> tuple[float, float]:
    """Give the latitudes of a band.

    Examples
    --------
    >>> band_range("S"), band_range("X")
    ((32, 40), (72, 84))
    """
    low = -80 + 8 * BANDS.index(letter)
    return low, 84 if letter == "X" else low + 8


def zone_range(zone: int, letter: str) -> tuple[float, float] | None:
    """Give the longitudes of a zone in a band; None where the zone does not exist there.

    Examples
    --------
    >>> zone_range(38, "S"), zone_range(32, "V"), zone_range(32, "X")
    ((42, 48), (3, 12), None)
    """
    special: dict[str, tuple[float, float] | None] = {
        "31V": (0, 3), "32V": (3, 12), "31X": (0, 9), "32X": None, "33X": (9, 21), "34X": None, "35X": (21, 33),
        "36X": None, "37X": (33, 42),
    }  # fmt: skip
    return special.get(f"{zone}{letter}", (6 * zone - 186, 6 * zone - 180))


def zones_of(longitude: Array, latitude: Array) -> Array:
    """Give the UTM zone of each place, with the exceptions of Norway and Svalbard.

    Examples
    --------
    >>> import numpy as np
    >>> zones_of(np.array([46.9, 4.0, 10.0, 180.0]), np.array([40.0, 60.0, 78.0, 0.0])).tolist()
    [38, 32, 33, 1]
    """
    longitude = (np.asarray(longitude, dtype="float64") + 180) % 360 - 180
    zone = np.floor((longitude + 180) / 6).astype(int) + 1
    zone = np.where((latitude >= 56) & (latitude < 64) & (longitude >= 3) & (longitude < 12), 32, zone)
    svalbard = (latitude >= 72) & (latitude <= 84) & (longitude >= 0) & (longitude < 42)
    return np.where(svalbard, 31 + 2 * np.digitize(longitude, [9, 21, 33]), zone)


@functools.lru_cache(maxsize=256)
def _proj(projection: str) -> pyproj.Proj:
    return pyproj.Proj(projection)


@functools.lru_cache(maxsize=65536)
def _corner(zone: int, band: str, column: str, row: str) -> tuple[int, int, bool] | None:
    """Give easting and northing of a square's corner, and whether it reaches over the border of its zone or band.

    None where the zone and band hold no such square.
    A square belongs to a band when a point of it lies there, or as near as the points that are tried lie together.
    """
    span, letters = zone_range(zone, band), _COLUMNS[(zone - 1) % 3 * 8 :][:8]
    if span is None or column not in letters:
        return None
    easting = (letters.index(column) + 1) * 100_000
    first = (_ROWS.index(row) - (0 if zone % 2 else 5)) % 20 * 100_000
    low, high = band_range(band)
    x, y = (a.ravel() for a in np.meshgrid(_SAMPLE, _SAMPLE))
    proj = _proj(f"+proj=utm +zone={zone}{' +south' if band < 'N' else ''} +ellps=WGS84")
    for northing in range(first, 10_000_000, 2_000_000):
        longitude, latitude = proj(easting + x, northing + y, inverse=True)
        off = (longitude - (span[0] + span[1]) / 2 + 180) % 360 - 180
        wide = (span[1] - span[0]) / 2 + _SPARE / np.maximum(np.cos(np.radians(latitude)), 0.05)
        if ((np.abs(off) <= wide) & (latitude >= low - _SPARE) & (latitude <= high + _SPARE)).any():
            narrow = span[1] - span[0] - wide
            whole = (np.abs(off) <= narrow) & (latitude >= low + _SPARE) & (latitude <= high - _SPARE)
            return easting, northing, not whole.all()
    return None


@functools.lru_cache(maxsize=4096)
def _polar_corner(area: str, column: str, row: str) -> tuple[int, int, bool] | None:
    """Give easting and northing of a polar square's corner; None where the area holds no such square."""
    half = _POLAR_COLUMNS[:12] if area in "AY" else _POLAR_COLUMNS[12:]
    if area in "YZ":  # the north is smaller: its squares run from 1,300 to 2,700 km
        half = half[5:] if area == "Y" else half[:7]
    rows = _POLAR_ROWS if area in "AB" else _POLAR_ROWS[:14]
    if column not in half or row not in rows:
        return None
    west = {"A": 800_000, "Y": 1_300_000}.get(area, 2_000_000)
    south = 800_000 if area in "AB" else 1_300_000
    return west + half.index(column) * 100_000, south + rows.index(row) * 100_000, False


def looks_like(text: str, *, whole: bool = False) -> bool:
    """Tell whether a folded text is written as a reference of MGRS, right or wrong.

    Three letters alone are a square at a pole only where whole squares are meant.

    Examples
    --------
    >>> looks_like("38S PK 49601 23456"), looks_like("38SPK4960"), looks_like("38S 660000 4430000")
    (True, True, False)
    """
    bare = _LABEL.sub("", text)
    found, polar = _SHAPE.fullmatch(bare), _POLAR.fullmatch(bare)
    if bare != text:
        return found is not None or polar is not None
    return (found is not None and found[3] is not None) or (polar is not None and (whole or bool(polar[4])))


def square(text: str, datum: str, digits: int | None) -> Reading:
    """Read a reference of MGRS: the centre of its square, and the square's size.

    Parameters
    ----------
    text
        Folded; for which `looks_like` is true.
    datum
        Its geographic CRS.
    digits
        How many digits are expected behind the letters (10 for a metre); None: whatever is there.

    Raises
    ------
    SchemaError
        When digits are odd, of unlike halves or not as many as expected, or when there are none and none are expected.
    CrsError
        When no such square exists, or the datum's maps use other letters.

    Examples
    --------
    >>> reading = square("38SPK4960123456", "EPSG:4326", None)
    >>> reading.x, reading.y, reading.step_x
    (649601.5, 4423456.5, 1.0)
    """
    bare = _LABEL.sub("", text).upper()
    found, polar = _SHAPE.fullmatch(bare), _POLAR.fullmatch(bare)
    digit_text = (found[5] if found else polar[4] if polar else "") or ""
    size = _size(text, digit_text, digits, whole=found is not None and not found[3])
    if str(ellipsoid(datum)[3]).lower().startswith(_OTHER_LETTERS):
        raise CrsError(
            f"MGRS {text!r} on {name_of(datum)}",
            "a datum whose maps use the letters of WGS 84; those on Clarke's and Bessel's ellipsoids use others",
            "look up the grid's note on the map and write the position as UTM",
        )
    if found:
        zone, band, column, row = int(found[1]), found[2], found[3], found[4]
        corner = _corner(zone, band, column, row) if 1 <= zone <= 60 else None
        projection = utm(max(1, min(zone, 60)), south=band < "N", datum=datum)
    else:
        area, column, row = (polar[1], polar[2], polar[3]) if polar else ("", "", "")
        corner, projection = _polar_corner(area, column, row), ups(south=area in {"A", "B"}, datum=datum)
    if corner is None:
        raise CrsError(
            f"MGRS {text!r}: there is no such square", "letters of a square that exists", "look at them again"
        )
    figures = digit_text.replace(" ", "")
    half = len(figures) // 2
    east, north = (int(f or 0) * size for f in (figures[:half], figures[half:]))
    x, y = corner[0] + east + size / 2, corner[1] + north + size / 2
    notes = _beyond(projection, x, y, int(found[1]), found[2]) if found and corner[2] else ()
    return Reading(f"MGRS, {len(figures)} digits", datum, projection, x, y, size, size, (), notes)


def _size(text: str, figures: str, digits: int | None, *, whole: bool) -> float:
    """Give the side of the square in metres, from digits that are written as they should be."""
    groups, count = figures.split(), len(figures.replace(" ", ""))
    if count % 2 or (len(groups) == 2 and len(groups[0]) != len(groups[1])) or count > _MOST_DIGITS:
        told = " and ".join(str(len(g)) for g in groups) or "0"
        raise SchemaError(
            f"MGRS {text!r} with {told} digits",
            "as many digits for the easting as for the northing",
            "write all of them",
        )
    if digits is not None and (count != digits or whole):
        raise SchemaError(
            f"MGRS {text!r} with {count} digits, a square of {_side(count, whole=whole)}",
            f"{digits} digits, a square of {_side(digits)}",
            "look whether digits were cut off",
        )
    if whole or (count == 0 and digits is None):
        raise SchemaError(
            f"MGRS {text!r} names no more than a square of {_side(0, whole=whole)}",
            "digits behind the letters, e.g. 38SPK4960123456",
            "ask for them" if whole else "or, where the whole square is meant, state digits=0",
        )
    return float(10.0 ** (5 - count // 2))


def _side(digits: int, *, whole: bool = False) -> str:
    if whole:
        return "6° by 8°"
    metres = 10.0 ** (5 - digits // 2)
    return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"


def _beyond(projection: str, x: float, y: float, zone: int, band: str) -> tuple[str, ...]:
    """Give a note where the square's letters reach over the border and the place lies beyond it."""
    longitude, latitude = _proj(projection)(x, y, inverse=True)
    span, (low, high) = zone_range(zone, band), band_range(band)
    if span is None or not -80 <= latitude < 84:
        return ()
    if low <= latitude < high and span[0] <= longitude < span[1]:
        return ()
    really = BANDS[int(band_of(np.array([latitude]))[0])]
    there = int(zones_of(np.array([longitude]), np.array([latitude]))[0])
    return (f"written with {zone}{band}, the place lies in {there}{really}",)


def references(longitude: Array, latitude: Array, digits: int = 10) -> Array:
    """Write MGRS references of places in WGS 84: the square in which each lies (cut off, not rounded).

    Parameters
    ----------
    longitude, latitude
        Degrees, WGS 84.
    digits
        Digits behind the letters: 10 for a metre, 8 for 10 m, down to 0 for a square of 100 km.

    Returns
    -------
    Array of text, ``""`` where a coordinate is missing.

    Examples
    --------
    >>> import numpy as np
    >>> references(np.array([46.7599, 10.0, 0.0]), np.array([39.9479, 78.0, 90.0]), 8).tolist()
    ['38SPK50342345', '33XUG84086332', 'ZAH00000000']
    """
    if digits % 2 or not 0 <= digits <= 10:
        raise SchemaError(f"digits={digits}", "an even number from 0 to 10", "e.g. digits=10 for squares of 1 m")
    longitude = (np.asarray(longitude, dtype="float64") + 180) % 360 - 180
    latitude = np.asarray(latitude, dtype="float64")
    there = np.isfinite(longitude) & np.isfinite(latitude) & (np.abs(latitude) <= 90)
    out = np.full(len(longitude), "", dtype=object)
    polar = there & ((latitude < -80) | (latitude >= 84))
    band = band_of(np.nan_to_num(latitude))
    zone = np.where(there & ~polar, zones_of(np.nan_to_num(longitude), np.nan_to_num(latitude)), 0)
    for number in np.unique(zone[zone > 0]):
        for south in (False, True):
            here = (zone == number) & ((band < 10) == south)
            if here.any():
                x, y = _proj(f"+proj=utm +zone={number}{' +south' if south else ''} +ellps=WGS84")(
                    longitude[here], latitude[here]
                )
                out[here] = _lettered(int(number), band[here], x, y, digits)
    for south in (False, True):
        here = polar & ((latitude < 0) == south)
        if here.any():
            proj = _proj(f"+proj=stere +lat_0={-90 if south else 90} +k=0.994 +x_0=2000000 +y_0=2000000 +ellps=WGS84")
            out[here] = _polar_lettered(*proj(longitude[here], latitude[here]), digits, south=south)
    return out


def _lettered(zone: int, band: Array, x: Array, y: Array, digits: int) -> list[str]:
    x, y = np.floor(np.round(x, 4)).astype(int), np.floor(np.round(y, 4)).astype(int)
    y = np.clip(y, 0, 9_999_999)  # within a tenth of a millimetre of the equator
    columns = _COLUMNS[(zone - 1) % 3 * 8 :][:8]
    offset = 0 if zone % 2 else 5
    return [
        f"{zone:02}{BANDS[b]}{columns[e // 100_000 - 1]}{_ROWS[(n // 100_000 + offset) % 20]}{_figures(e, n, digits)}"
        for b, e, n in zip(band.tolist(), x.tolist(), y.tolist(), strict=True)
    ]


def _polar_lettered(x: Array, y: Array, digits: int, *, south: bool) -> list[str]:
    x, y = np.floor(np.round(x, 4)).astype(int), np.floor(np.round(y, 4)).astype(int)
    first = 800_000 if south else 1_300_000
    return [
        ("AB" if south else "YZ")[e >= 2_000_000]
        + _POLAR_COLUMNS[(e - _FIRST_POLAR_COLUMN) // 100_000]
        + _POLAR_ROWS[(n - first) // 100_000]
        + _figures(e, n, digits)
        for e, n in zip(x.tolist(), y.tolist(), strict=True)
    ]


def _figures(east: int, north: int, digits: int) -> str:
    half = digits // 2
    return f"{east % 100_000:05}"[:half] + f"{north % 100_000:05}"[:half]
