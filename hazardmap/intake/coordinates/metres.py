"""Metres on a grid: UTM with its zone, Gauss-Krüger with its prefix, or any projected CRS that is stated.

A grid is stated, never guessed from the size of its numbers; only what no grid of that kind can hold (an easting of
4,430 km in UTM) rules a meaning out. S behind a zone may be band S or the south: both are gone through. Knows
grids; knows nothing of datums' shifts.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
from typing import NamedTuple

import pyproj

from hazardmap.errors import CrsError, HazardmapError, SchemaError
from hazardmap.intake.coordinates.carrying import datum_of_crs, to_degrees
from hazardmap.intake.coordinates.datums import GAUSS_KRUGER, code_of, ellipsoid, name_of
from hazardmap.intake.coordinates.military_grid import BANDS, band_range, utm
from hazardmap.intake.coordinates.numerals import WRITTEN, Number, numbers
from hazardmap.intake.coordinates.position import Reading

_UTM = re.compile(r"\bUTM(?![^\W\d_])", re.IGNORECASE)
_GAUSS = re.compile(r"\b(?:GAUSS[- ]?KR(?:U|Ü|UE)GER|GK|ГАУСС?А?[- ]?КРЮГЕРА?)\b", re.IGNORECASE)
_SIDES = r"NORTH|SOUTH|NORTE|NORD|SUR|SUD|[C-HJ-NP-X]"
_ZONED = re.compile(rf"\b(?:ZONE|ZONA|ЗОНА|HUSO|FUSEAU|ZON)[ :№#]*(\d{{1,2}})(?: ?({_SIDES}))?\b", re.IGNORECASE)
_ZONE_FIRST = re.compile(rf"^(\d{{1,2}})(?: ?({_SIDES}))?(?=[ /]|[,;:] )", re.IGNORECASE)
_ZONE_LAST = re.compile(rf"(?<=[ ,;])(\d{{1,2}})(?: ?({_SIDES}))?$", re.IGNORECASE)
_UNIT = re.compile(r"(?<=\d) ?(?:m|м|metres|meters)\.?(?= ?[EN]?(?:[ ,;]|$))", re.IGNORECASE)
_NAMES = r"EASTING|NORTHING|ESTE|NORTE|EAST|NORTH|E|N|X|Y|Х|У"
_GROUPED = r"[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d+)?"
_VALUE = re.compile(rf"(?:({_NAMES})[ :=]*)?([-+]?)({WRITTEN}|{_GROUPED})(?: ?({_NAMES})(?![^\W\d_]))?", re.IGNORECASE)
_NAMED = re.compile(rf"(?<![^\W\d_])(?:m? ?(?:{_NAMES})|m)(?![^\W\d_])[=:]?", re.IGNORECASE)
_SPACED = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?(?: ?[,;/] ?| )\d{1,3}(?: \d{3})+(?:[.,]\d+)?")
_PARTED = re.compile(r"(\d+\.\d+),(\d+\.\d+)")
#: How far a place can lie from a zone's middle: beyond, the grid of another zone is meant.
_HALF_GRID_M = 400_000.0
_MOST_M = 1e8


class Value(NamedTuple):
    """A number with its sign and the name that it bears ("E", "N", "X", "Y" or "")."""

    name: str
    sign: str
    written: str


class Grid(NamedTuple):
    """What is stated of the grid: "utm", "gauss" or "crs", zone number (0: none), letter or side."""

    kind: str
    zone: int
    letter: str


def looks_like(text: str) -> bool:
    """Tell whether a folded text is written in metres: two large numbers, or the name of a grid.

    Examples
    --------
    >>> looks_like("38N 660000 4430000"), looks_like("39 59 51.5 46 55 0"), looks_like("394530N 0465500E")
    (True, False, False)
    """
    if "°" in text or "'" in text:
        return False
    if _UTM.search(text) or _GAUSS.search(text) or _ZONED.search(text):
        return True
    zone = _ZONE_FIRST.search(text) or _ZONE_LAST.search(text)
    if zone is None and re.search(r"\d ?[NSEW](?![^\W\d_])", text, re.IGNORECASE):
        return False
    rest = text if zone is None else text[: zone.start()] + text[zone.end() :]
    if zone is not None and zone[2]:
        rest = re.sub(r" +", " ", _NAMED.sub(" ", rest)).strip(" ,;:/")
        if _SPACED.fullmatch(rest):
            return True
    found = re.findall(WRITTEN, _PARTED.sub(r"\1 \2", rest))
    large = sum(map(_is_large, found))
    return large >= 2 or (zone is not None and large == 1 and len(found) >= 2)


def two_large(text: str) -> bool:
    """Tell whether a text holds two numbers that no angle is written with, whatever letters stand at them."""
    return sum(map(_is_large, re.findall(WRITTEN, text))) >= 2


def _is_large(number: str) -> bool:
    """Tell whether a number is beyond any angle, whatever its points and commas mean."""
    values = [n.value for n in numbers(number, None)]
    return bool(values) and min(values) > 180


def pair(
    text: str,
    datum: str,
    *,
    crs: pyproj.CRS | None,
    zone: str | None,
    hemisphere: str | None,
    order: str | None,
    decimal: str | None,
) -> list[Reading]:
    """Give every meaning of a text that holds easting and northing.

    Parameters
    ----------
    text
        Folded, without datum.
    datum
        Its geographic CRS.
    crs
        The projected CRS of the numbers, where one is stated.
    zone, hemisphere
        Zone with or without its letter, "north" or "south", where the text is silent.
    order
        ``"lat lon"``: northing first, ``"lon lat"``: easting first; for numbers that bear no name.
    decimal
        The sign that parts decimals.

    Raises
    ------
    HazardmapError
        When no meaning holds.

    Examples
    --------
    >>> known = dict(crs=None, zone=None, hemisphere=None, order=None, decimal=None)
    >>> [(r.form, r.x, r.y) for r in pair("38N 660000 4430000", "EPSG:4326", **known)]
    [('UTM zone 38 north', 660000.0, 4430000.0)]
    >>> [r.form for r in pair("38S 660000 4430000", "EPSG:4326", **known)]
    ['UTM zone 38 north', 'UTM zone 38 south']
    """
    found: list[Reading] = []
    reasons: list[HazardmapError] = []
    for grid, rest in _grids(text, datum, crs, zone):
        for values in _values(rest):
            try:
                found += _read(values, datum, crs, grid, hemisphere, order, decimal, text)
            except HazardmapError as error:
                reasons.append(error)
    if found:
        return list(dict.fromkeys(found))
    if reasons:
        raise next((r for r in reasons if isinstance(r, CrsError)), reasons[0])
    raise SchemaError(f"{text!r}: no easting and northing", "two numbers in metres", 'e.g. "38N 660000 4430000"')


def crossing(
    x: str, y: str, datum: str, *, crs: pyproj.CRS | None, zone: str | None, hemisphere: str | None, decimal: str | None
) -> list[Reading]:
    """Give every meaning of an easting and a northing that stand in columns of their own.

    Examples
    --------
    >>> known = dict(crs=None, zone="8", hemisphere=None, decimal=None)
    >>> [(r.form, r.x) for r in crossing("8567000", "4428000", "EPSG:4284", **known)]
    [('Gauss-Krüger 6° zone 8', 8567000.0)]
    """
    text, values = f"{x} | {y}", []
    for cell, names in ((x, "EXХ"), (y, "NYУ")):
        found = _VALUE.fullmatch(_UNIT.sub("", cell))
        if found is None:
            raise SchemaError(f"{cell!r}", "a number of metres", "correct the text")
        name = (found[1] or found[4] or "")[:1].upper()
        if name and name not in names:
            raise SchemaError(
                f"{cell!r}: {name} in the column of {names[0]}", "x to the east, y to the north", "swap the columns"
            )
        values.append(Value("", found[2], found[3].replace(" ", "")))
    grid = _stated(None, "", datum, crs, zone, text)
    return _read((values[0], values[1]), datum, crs, grid, hemisphere, "lon lat", decimal, text)


def _grids(text: str, datum: str, crs: pyproj.CRS | None, zone: str | None) -> list[tuple[Grid, str]]:
    """Give what the text can state of its grid, each with the rest of the text."""
    bare = _UNIT.sub(" ", text)
    named = "utm" if _UTM.search(bare) else "gauss" if _GAUSS.search(bare) else ""
    bare = re.sub(r" +", " ", _GAUSS.sub(" ", _UTM.sub(" ", bare))).strip(" ,;:")
    if crs is not None:
        return [(_stated(None, named, datum, crs, zone, text), bare)]
    found = _ZONED.search(bare) or _ZONE_FIRST.search(bare) or _ZONE_LAST.search(bare)
    ways: list[tuple[tuple[int, str] | None, str]] = []
    if found:
        ways.append(((int(found[1]), found[2] or ""), bare[: found.start()] + bare[found.end() :]))
        if found[2] and bare[found.end(1)] == " " and found[2].upper() in {"E", "N"}:  # it may name the next number
            ways.append(((int(found[1]), ""), bare[: found.start()] + bare[found.start(2) :]))
    if not found or (_ZONED.search(bare) is None and len(re.findall(r"\d+", bare)) == 2):
        ways.append((None, bare))
    grids: list[tuple[Grid, str]] = []
    faults: list[HazardmapError] = []
    for said, rest in ways:
        try:
            grids.append((_stated(said, named, datum, crs, zone, text), rest.strip(" ,;:/")))
        except HazardmapError as error:
            faults.append(error)
    if not grids:
        raise faults[0]
    return grids


def _stated(
    found: tuple[int, str] | None, named: str, datum: str, crs: pyproj.CRS | None, zone: str | None, text: str
) -> Grid:
    """Join what text and caller state of the grid."""
    if crs is not None:
        return Grid("crs", 0, "")
    given = re.fullmatch(rf"(\d{{1,2}}) ?({_SIDES})?", str(zone).strip(), re.IGNORECASE) if zone is not None else None
    if zone is not None and given is None:
        raise SchemaError(
            f"zone {str(zone)[:20]!r}", "a number from 1 to 60, with its letter or without", 'e.g. zone="38N"'
        )
    number, letter = found or ((int(given[1]), given[2] or "") if given else (0, ""))
    if (
        found
        and given
        and (found[0] != int(given[1]) or (found[1] and given[2] and found[1].upper() != given[2].upper()))
    ):
        raise CrsError(
            f"{text!r} states zone {found[0]}{found[1]}, the caller zone {zone}", "one zone", "leave one out"
        )
    letter = (letter or (given[2] if given else "") or "").upper()
    if not 0 <= number <= 60:
        raise CrsError(f"{text!r}: zone {number}", "a zone from 1 to 60", "correct it")
    soviet = datum in GAUSS_KRUGER
    if not named and soviet and letter:
        raise CrsError(
            f"{text!r}: zone {number}{letter} on {name_of(datum)}",
            "UTM or Gauss-Krüger",
            "write UTM or GK, or state crs='EPSG:…'",
        )
    return Grid(named or ("gauss" if soviet else "utm"), number, letter)


def _values(text: str) -> list[tuple[Value, Value]]:
    """Give the ways in which a text parts into two numbers with their names."""
    words = [w for w in re.split(r"(?:,(?= )|[ ;/|])+", text) if w]
    found = [v for v in (_two(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, min(len(words), 12))) if v]
    if not found and text.count(",") == 1:
        found = [v for v in [_two(*(half.strip() for half in text.split(",")))] if v]
    return found


def _two(first: str, second: str) -> tuple[Value, Value] | None:
    one, other = _VALUE.fullmatch(first), _VALUE.fullmatch(second)
    if one is None or other is None or (one[1] and one[4]) or (other[1] and other[4]):
        return None
    a, b = (Value(_named(m[1] or m[4]), m[2], m[3].replace(" ", "")) for m in (one, other))
    if bool(a.name) != bool(b.name) or (a.name and {a.name, b.name} not in ({"E", "N"}, {"X", "Y"})):
        return None
    return a, b


def _named(name: str | None) -> str:
    first = (name or "")[:1].upper()
    return {"Х": "X", "У": "Y"}.get(first, first)


def _read(
    values: tuple[Value, Value],
    datum: str,
    crs: pyproj.CRS | None,
    grid: Grid,
    hemisphere: str | None,
    order: str | None,
    decimal: str | None,
    text: str,
) -> list[Reading]:
    found: list[Reading] = []
    last: HazardmapError | None = None
    meant = [_signed(v, decimal) for v in values]
    if not all(meant):
        wrong = next(v.written for v, m in zip(values, meant, strict=True) if not m)
        raise SchemaError(f"{text!r}: {wrong!r} is no number", "digits with one decimal sign", "correct the text")
    for asked in _orders(values, grid, crs, order):
        for one, other in itertools.product(*meant):
            if one.decimal and other.decimal and one.decimal != other.decimal:
                continue  # no writer changes his decimal sign within a line
            east, north = (one, other) if asked == "lon lat" else (other, one)
            marks = one.decimal or other.decimal
            choices = (("order", "" if values[0].name in {"E", "N"} else asked), ("decimal", marks))
            try:
                found += _gridded(east, north, datum, crs, grid, hemisphere, choices, text)
            except HazardmapError as error:
                last = last or error  # easting first is the commoner order
    if not found and last is not None:
        raise last
    return found


def _signed(value: Value, decimal: str | None) -> list[Number]:
    sign = -1 if value.sign == "-" else 1
    return [n._replace(value=n.value * sign) for n in numbers(value.written, decimal)]


def _orders(values: tuple[Value, Value], grid: Grid, crs: pyproj.CRS | None, order: str | None) -> tuple[str, ...]:
    """Give the orders in which two numbers can stand; X is east, except on grids of the Soviet kind."""
    name = values[0].name
    if name in {"E", "N"}:
        return ("lon lat",) if name == "E" else ("lat lon",)
    if name and grid.kind == "utm":
        return ("lon lat",) if name == "X" else ("lat lon",)
    if name and crs is not None and crs.axis_info and crs.axis_info[0].direction.lower() == "east":
        return ("lon lat",) if name == "X" else ("lat lon",)
    return (order,) if order else ("lon lat", "lat lon")


def _gridded(
    east: Number,
    north: Number,
    datum: str,
    crs: pyproj.CRS | None,
    grid: Grid,
    hemisphere: str | None,
    choices: tuple[tuple[str, str], ...],
    text: str,
) -> list[Reading]:
    if grid.kind == "crs" and crs is not None:
        return [_in_crs(east, north, crs, choices, text)]
    if not 0 <= north.value <= 10_000_000:
        raise CrsError(f"{text!r}: northing {north.value:,.10g}", "a northing from 0 to 10,000,000 m", "correct it")
    if grid.kind == "gauss":
        return [_gauss(east, north, datum, grid.zone, choices, text)]
    if not 100_000 <= east.value < 900_000:
        raise CrsError(f"{text!r}: easting {east.value:,.10g}", "an easting from 100,000 to 900,000 m", "correct it")
    if not grid.zone:
        raise CrsError(
            f"{text!r}: metres without a zone", "the zone of the grid", 'state it, e.g. zone="38N" or crs="EPSG:32638"'
        )
    found = []
    for south, band in _hemispheres(grid.letter, hemisphere, text):
        projection = utm(grid.zone, south=south, datum=datum)
        side = "south" if south else "north"
        notes = _in_band(projection, east.value, north.value, grid.zone, band)
        if notes is not None:
            how = (*choices, ("hemisphere", side))
            form = f"UTM zone {grid.zone} {side}"
            found.append(Reading(form, datum, projection, east.value, north.value, east.step, north.step, how, notes))
    if not found:
        lies = f"lies in no band {grid.letter}" if len(grid.letter) == 1 else "lies beyond 80° S or 84° N"
        raise CrsError(
            f"{text!r}: northing {north.value:,.10g} {lies}", "a northing that the zone holds", "correct one of them"
        )
    return found


def _hemispheres(letter: str, hemisphere: str | None, text: str) -> list[tuple[bool, str]]:
    """Give what a letter behind the zone can mean: south or not, and the band."""
    if len(letter) > 1:
        ways = [(letter.startswith("S"), "")]
    elif letter == "S":
        ways = [(False, "S"), (True, "")]
    else:
        ways = [(False, ""), (True, "")] if not letter else [(False, "")] if letter == "N" else [(letter < "N", letter)]
    if hemisphere is not None:
        if hemisphere not in {"north", "south"}:
            raise SchemaError(f"hemisphere {hemisphere!r}", "north or south", 'e.g. hemisphere="north"')
        ways = [w for w in ways if w[0] == (hemisphere == "south")]
        if not ways:
            raise CrsError(f"{text!r}: letter {letter}, but hemisphere {hemisphere}", "one of them", "correct it")
    return ways


def _in_band(projection: str, east: float, north: float, zone: int, band: str) -> tuple[str, ...] | None:
    """Give what is to be told of a place in a zone and band; None where it cannot lie there."""
    roughly = (north - (10_000_000 if "+south" in projection else 0)) / 111_100
    near = abs(east - 500_000) < 300_000 * max(math.cos(math.radians(roughly)), 0.0)
    if near and abs(roughly) < 79 and (not band or band_range(band)[0] + 0.6 < roughly < band_range(band)[1] - 0.6):
        return ()  # well inside, so PROJ need not be asked
    longitude, latitude = (float(v) for v in to_degrees(projection, east, north))  # type: ignore[arg-type]
    if not (math.isfinite(latitude) and -80.5 <= latitude <= 84.5):
        return None
    notes = []
    if band:
        low, high = band_range(band)
        beyond = max(low - latitude, latitude - high)
        if beyond > 2:
            return None
        if beyond > 1e-4:
            really = BANDS[min(19, max(0, int((latitude + 80) // 8)))]
            notes.append(f"written with band {band}, the place lies in band {really}")
    off = abs((longitude - (6 * zone - 183) + 180) % 360 - 180)
    if off > 3.5 and not (zone in {31, 32, 33, 35, 37} and latitude > 56):
        notes.append(f"the place lies {off - 3:.1f}° outside zone {zone}")
    return tuple(notes)


def _gauss(
    east: Number, north: Number, datum: str, zone: int, choices: tuple[tuple[str, str], ...], text: str
) -> Reading:
    prefix, metres = divmod(east.value, 1_000_000)
    if not 100_000 <= metres < 900_000 or not 0 <= prefix <= 60:
        raise CrsError(
            f"{text!r}: easting {east.value:,.10g}",
            "zone prefix and 100,000 to 900,000 m, e.g. 8,567,000 in zone 8",
            "correct it",
        )
    if prefix and zone and int(prefix) != zone:
        raise CrsError(
            f"{text!r}: easting of zone {int(prefix)}, stated zone {zone}", "one zone", "correct one of them"
        )
    if not prefix and not zone:
        raise CrsError(
            f"{text!r}: easting {east.value:,.10g} without zone prefix",
            "the zone, as prefix or stated",
            'state it, e.g. zone="8"',
        )
    number = int(prefix) or zone
    axis, flattening, meridian, _ = ellipsoid(datum)
    shift = (number if prefix else 0) * 1_000_000 + 500_000
    middle = (6 * number - 3 + 180) % 360 - 180 - meridian
    projection = (
        f"+proj=tmerc +lat_0=0 +lon_0={middle:.12g} +k=1 +x_0={shift} +y_0=0 +a={axis!r} +rf={flattening!r} +units=m"
    )
    notes = (
        ("prefix read as that of 6° zones; 3° zones and CS63 are stated by crs='EPSG:…'",)
        if prefix and not zone
        else ()
    )
    return Reading(
        f"Gauss-Krüger 6° zone {number}",
        datum,
        projection,
        east.value,
        north.value,
        east.step,
        north.step,
        choices,
        notes,
    )


@functools.lru_cache(maxsize=256)
def _false_easting(code: str) -> float | None:
    """Give the false easting of a transverse Mercator grid in metres; None for other projections."""
    operation = pyproj.CRS.from_user_input(code).coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        return None
    return next(
        (float(p.value) * p.unit_conversion_factor for p in operation.params if p.name == "False easting"), None
    )


@functools.lru_cache(maxsize=256)
def _known(crs: pyproj.CRS) -> tuple[str, str]:
    code = code_of(crs)
    return code, datum_of_crs(crs)


def _in_crs(east: Number, north: Number, crs: pyproj.CRS, choices: tuple[tuple[str, str], ...], text: str) -> Reading:
    code, datum = _known(crs)
    middle = _false_easting(code)
    unit = float(crs.axis_info[0].unit_conversion_factor)
    if max(abs(east.value), abs(north.value)) > _MOST_M or (abs(east.value) <= 180 and abs(north.value) <= 180):
        raise CrsError(
            f"{text!r}: {east.value:.10g}, {north.value:.10g} in {crs.name}",
            "metres of a map projection",
            "where they are degrees, state datum='WGS 84' or what it is",
        )
    if middle is not None and abs(east.value * unit - middle) > _HALF_GRID_M:
        raise CrsError(
            f"{text!r}: easting {east.value:,.10g} in {crs.name}",
            f"an easting from {(middle - _HALF_GRID_M) / unit:,.0f} to {(middle + _HALF_GRID_M) / unit:,.0f}",
            "correct the numbers or the CRS",
        )
    return Reading(
        f"{code.split(chr(10))[0][:40]}", datum, code, east.value, north.value, east.step, north.step, choices
    )
