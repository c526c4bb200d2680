"""Read one bearing, distance or amount as it is written, and how finely it is written.

Half of the last digit is what a written number does not tell. Knows numbers and units; knows nothing of rows.
"""

from __future__ import annotations

import math
import re

from hazardmap.intake.cells import NotReadError
from hazardmap.intake.traverse.vocabulary import BEARING_UNIT, CIRCLE, DISTANCE_UNIT, METRES
from hazardmap.words import Vocabulary, fold

_NUMBER = re.compile(r"\d+(?:\.(\d*))?|\.(\d+)")
_DMS = re.compile(
    r"(\d{1,3})\s*[°ºd]\s*(?:(\d{1,2}(?:\.\d+)?)\s*['′’m]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:\"|″|”|''|′′|’’|s)\s*)?)?",
    re.IGNORECASE,
)
_SOVIET = re.compile(r"(\d{1,2})-(\d{2})")
_WITH_UNIT = re.compile(r"([\d.,]+(?:-\d+)?)\s*([^\d.,\s-].*)?")
_SIGN = ("°", "º")
_PACES_M = (0.3, 2.5)
_NAMES = {"deg": "degrees", "mil_6400": "mils", "mil_6000": "mils", "gon": "gons"}


def bearing(written: str, unit: str | None, decimal: str = ".") -> tuple[float, float]:
    r"""Read a bearing.

    Parameters
    ----------
    written
        As entered: a number of the unit; for degrees also degrees, minutes and seconds, for Soviet mils also 15-00.
    unit
        Code of `BEARING_UNIT`, or None where only the bearing itself can say it: 45° or 100 gon.
    decimal
        The mark before the decimals, "." or ",".

    Returns
    -------
    Degrees clockwise, and half of the last digit in degrees.

    Raises
    ------
    NotReadError
        When it is no bearing of this unit.

    Examples
    --------
    >>> bearing("90", "deg"), bearing("1600", "mil_6400"), bearing("15-00", "mil_6000"), bearing("100.0", "gon")
    ((90.0, 0.5), (90.0, 0.028125), (90.0, 0.03), (90.0, 0.045))
    >>> [round(v, 4) for v in bearing("45° 30' 36\"", "deg")]
    [45.51, 0.0001]
    """
    text = _pointed(written, decimal)
    match = _DMS.fullmatch(text)
    number, unit = (text, _agreed(written, "deg", unit)) if match else _unit_of(text, written, unit, BEARING_UNIT)
    circle = CIRCLE[unit]
    expected = f"a bearing from 0 to {circle:g} {_NAMES[unit]}"
    if match:
        degrees, half = _sexagesimal(written, match)
    elif unit == "mil_6000" and (parts := _SOVIET.fullmatch(number)):
        degrees, half = (int(parts[1]) * 100 + int(parts[2])) * 360 / circle, 0.5 * 360 / circle
    else:
        value, step = _number(number, written, expected)
        degrees, half = value * 360 / circle, step / 2 * 360 / circle
    if degrees > 360:
        raise NotReadError(_short(written), f"{expected}; is its unit right?")
    return degrees, half


def distance(written: str, unit: str | None, pace_m: float | None = None, decimal: str = ".") -> tuple[float, float]:
    """Read a distance.

    Returns
    -------
    Metres, and half of the last digit in metres.

    Raises
    ------
    NotReadError
        When it is no distance above 0, or is in paces whose length is not stated.

    Examples
    --------
    >>> distance("120", "pace", 0.75), distance("1.25 km", None)
    ((90.0, 0.375), (1250.0, 5.0))
    """
    number, unit = _unit_of(_pointed(written, decimal), written, unit, DISTANCE_UNIT)
    if unit == "pace":
        if pace_m is None:
            raise NotReadError(f"{_short(written)} in paces", "the length of a pace in metres: pace_m, e.g. 0.75")
        metres = pace_m
    else:
        metres = METRES[unit]
    value, step = _number(number, written, "a distance above 0")
    if value == 0:
        raise NotReadError(_short(written), "a distance above 0")
    return value * metres, step / 2 * metres


def pace_length(written: str, decimal: str = ".") -> float:
    """Read the length of a pace.

    Examples
    --------
    >>> pace_length("0,75", ",")
    0.75
    >>> pace_length("75")
    Traceback (most recent call last):
    hazardmap.intake.cells.NotReadError: '75'
    """
    length = amount(written, decimal)
    if not _PACES_M[0] <= length <= _PACES_M[1]:
        raise NotReadError(repr(written), f"the length of a pace in metres, {_PACES_M[0]:g} to {_PACES_M[1]:g}")
    return length


def amount(written: str, decimal: str = ".") -> float:
    """Read a number that is 0 or more.

    Examples
    --------
    >>> amount("12.5")
    12.5
    """
    return _number(_pointed(written, decimal), written, "a number of 0 or more")[0]


def degrees_of(written: str, limit: float, decimal: str = ".") -> tuple[float, float]:
    """Read a longitude or latitude in decimal degrees, and half of its last digit in degrees.

    Examples
    --------
    >>> degrees_of("-46.90", 180)
    (-46.9, 0.005)
    """
    text = _pointed(written, decimal)
    value, step = _number(text.lstrip("+-"), written, f"decimal degrees within ±{limit:g}")
    if value > limit:
        raise NotReadError(repr(written), f"decimal degrees within ±{limit:g}")
    return -value if text.startswith("-") else value, step / 2


def _sexagesimal(written: str, match: re.Match[str]) -> tuple[float, float]:
    minutes, seconds = float(match[2] or 0), float(match[3] or 0)
    if minutes >= 60 or seconds >= 60 or (match[3] and "." in match[2]):
        raise NotReadError(repr(written), "minutes and seconds below 60, decimals only in the last of them")
    if match[3]:
        step = _last_digit(match[3]) / 3600
    elif match[2]:
        step = _last_digit(match[2]) / 60
    else:
        step = 1.0
    return int(match[1]) + minutes / 60 + seconds / 3600, step / 2


def _number(text: str, written: str, expected: str) -> tuple[float, float]:
    if "," in text:
        raise NotReadError(
            f"{written!r} (decimal comma, or thousands?)", f'{expected}, like 12.5; or state decimal = ","'
        )
    if len(text) > 30 or not (text.isascii() and _NUMBER.fullmatch(text)) or not math.isfinite(float(text)):
        raise NotReadError(_short(written), expected)
    return float(text), _last_digit(text)


def _short(written: str) -> str:
    return repr(written) if len(written) <= 40 else repr(written[:39] + "…")


def _last_digit(text: str) -> float:
    return float(10.0 ** -len(text.partition(".")[2]))


def _pointed(written: str, decimal: str) -> str:
    """Put a decimal point where the table writes a comma; a point in such a table stays a fault."""
    text = " ".join(written.split())
    if decimal == ",":
        text = text.translate({ord(","): ".", ord("."): ","})
    return text


def _unit_of(text: str, written: str, unit: str | None, words: Vocabulary) -> tuple[str, str]:
    """Take the unit off a number, where it carries one, and hold it against the stated one."""
    match = _WITH_UNIT.fullmatch(text)
    if match is None:
        return text, _agreed(written, None, unit, words)
    own = ("deg" if match[2] in _SIGN and words is BEARING_UNIT else words.code(match[2])) if match[2] else None
    if match[2] and own is None and not (fold(match[2]) in {"mil", "mils"} and (unit or "").startswith("mil")):
        raise NotReadError(_short(written), f"a number, with no unit or one of {', '.join(words.codes)}")
    return match[1], _agreed(written, own, unit, words)


def _agreed(written: str, own: str | None, unit: str | None, words: Vocabulary = BEARING_UNIT) -> str:
    if own and unit and own != unit:
        raise NotReadError(f"{_short(written)}, and its unit is said to be {unit}", "one unit")
    if not (own or unit):
        raise NotReadError(f"{_short(written)} without a unit", f"the {words.name}: {', '.join(words.codes)}")
    return own or unit or ""
