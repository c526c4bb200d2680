"""What a typed position can mean: datum first, then MGRS, metres or degrees, then one meaning or a fault.

Knows which writing a text is in and what the caller states of it; leaves signs to `angles`, grids to `metres` and
`military_grid`, and the way to WGS 84 to `carrying`.
"""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from typing import Any

import pyproj

from hazardmap.errors import CrsError, HazardmapError, SchemaError
from hazardmap.intake.coordinates import angles, metres, military_grid
from hazardmap.intake.coordinates.carrying import datum_of_crs, from_greenwich, to_degrees
from hazardmap.intake.coordinates.datums import crs_of, datum_of, name_of, stated_in
from hazardmap.intake.coordinates.folding import LONGEST, folded, marked
from hazardmap.intake.coordinates.hemispheres import LANGUAGES
from hazardmap.intake.coordinates.position import Reading

#: What was typed: one text, or an x and a y from columns of their own.
Entered = str | tuple[str, str]
Extent = tuple[float, float, float, float]

_GEOD = pyproj.Geod(ellps="WGS84")
_PLAIN = re.compile(r"([-+]?)(\d{1,3})(?:\.(\d{1,20}))?")
_METRES = re.compile(r"[-+]?(?:\d{4,}|\d{1,3}(?:[., ]\d{3}){2,}(?!\d))")
#: 4.43E+06; but N39E46 has a letter for the north, so that E is one for the east.
_POWER = re.compile(r"\d[eE][+-]\d|^[^NnSs]*\d[eE]\d+(?![\d.,])")
_SAME_DEG = 1e-11
_HINTS = {
    "order": "order={!r}",
    "decimal": "decimal={!r}",
    "language": "language=… ({})",
    "hemisphere": "hemisphere={!r}",
    "minus": "write N, S, E, W instead of the dash",
}


@dataclass(frozen=True)
class Stated:
    """What the caller states of the positions: nothing of it is guessed.

    Parameters
    ----------
    datum
        Geographic CRS, or None.
    crs
        Projected CRS of plain numbers, or None.
    order, decimal, language, zone, hemisphere, digits, extent
        As in `parse`.
    """

    datum: str | None = None
    crs: pyproj.CRS | None = None
    order: str | None = None
    decimal: str | None = None
    language: str | None = None
    zone: str | None = None
    hemisphere: str | None = None
    digits: int | None = None
    extent: Extent | None = None


def stated(
    *,
    datum: Any = None,
    crs: Any = None,
    order: str | None = None,
    decimal: str | None = None,
    language: str | None = None,
    zone: str | int | None = None,
    hemisphere: str | None = None,
    digits: int | None = None,
    extent: Extent | None = None,
) -> Stated:
    """Check what the caller states, once for all positions.

    Raises
    ------
    HazardmapError
        When a value is unknown, or datum and CRS contradict each other.
    """
    for name, value, allowed in (
        ("order", order, {"lat lon", "lon lat"}),
        ("decimal", decimal, {".", ","}),
        ("hemisphere", hemisphere, {"north", "south"}),
        ("language", language, set(LANGUAGES)),
    ):
        if value is not None and value not in allowed:
            raise SchemaError(f"{name} {value!r}", f"one of {', '.join(sorted(allowed))}", f"correct {name}")
    if digits is not None and (digits % 2 or not 0 <= digits <= 16):
        raise SchemaError(f"digits {digits!r}", "an even number from 0 to 16", "e.g. digits=10 for squares of 1 m")
    code = None if datum is None else datum_of(datum)
    projected = None
    if crs is not None:
        known = crs_of(crs)
        own = datum_of_crs(known)
        if code is not None and code != own:
            raise CrsError(f"datum {name_of(code)}, but CRS {known.name}", "one datum", "leave one of them out")
        code = own
        projected = known if known.is_projected else None
    written_zone = None if zone is None else str(zone)
    return Stated(code, projected, order, decimal, language, written_zone, hemisphere, digits, extent)


def reading(entered: Entered, said: Stated) -> Reading:
    """Give the one thing that a typed position means.

    Raises
    ------
    HazardmapError
        When it means nothing, or two things.

    Examples
    --------
    >>> reading("39.5 46.25", stated(datum="WGS 84", order="lat lon")).form
    'decimal degrees'
    """
    try:
        found = _plain_pair(entered, said) or readings(entered, said)
    except HazardmapError as error:
        raise _as_entered(error, entered) from None
    if len(found) == 1:
        return found[0]
    possible = [(r, p) for r in found if math.isfinite((p := _roughly(r))[0]) and abs(p[1]) <= 90]
    found, places = [r for r, _ in possible] or found[:1], [p for _, p in possible] or [(0.0, 0.0)]
    first = places[0]
    if all(abs(p[0] - first[0]) <= _SAME_DEG and abs(p[1] - first[1]) <= _SAME_DEG for p in places):
        return max(found, key=lambda r: r.step_x + r.step_y)
    raise _ambiguous(entered, found, places, said.extent)


def _as_entered(error: HazardmapError, entered: Entered) -> HazardmapError:
    """Quote the text as it was typed, not as it was folded."""
    texts = (entered,) if isinstance(entered, str) else entered
    if any(len(t) > LONGEST for t in texts):
        return error
    found = error.found
    for plain in (
        (" | ".join(map(folded, texts)), " | ".join(marked(folded(t)) for t in texts))
        if all(map(str.strip, texts))
        else ()
    ):
        found = found.replace(repr(plain), repr(" | ".join(texts)))
    return type(error)(found, error.needed, error.do)


def _plain_pair(entered: Entered, said: Stated) -> list[Reading]:
    """Read the commonest columns, plain decimal degrees, without going through all that they might mean."""
    if isinstance(entered, str) or said.datum is None or said.crs or said.zone or said.decimal == ",":
        return []
    found = [_PLAIN.fullmatch(e) for e in entered]
    if found[0] is None or found[1] is None:
        return []
    x, y = (float(e) for e in entered)
    if abs(x) > 180 or abs(y) > 90:
        return []
    steps = [10.0 ** -len(m[3] or "") for m in found if m]
    _refuse_grads(said.datum)
    return [Reading("decimal degrees", said.datum, "", x, y, steps[0], steps[1])]


def readings(entered: Entered, said: Stated) -> list[Reading]:
    """Give all that a typed position can mean.

    Raises
    ------
    HazardmapError
        When it can mean nothing.
    """
    if not isinstance(entered, str):
        return _crossing(folded(entered[0]), folded(entered[1]), said)
    plain = folded(entered)
    if _POWER.search(plain):
        raise _powers(plain)
    text, names = stated_in(plain)
    datum, crs = _in_text(names, said, entered) if names else (_datum_needed(said.datum, entered), said.crs)
    if crs is None and military_grid.looks_like(text, whole=said.digits == 0):
        return [military_grid.square(text, datum, said.digits)]
    large = "°" not in text and "'" not in text and metres.two_large(text)
    if crs is not None or metres.looks_like(text) or (large and (said.zone is not None or not angles.packed(text))):
        try:
            return metres.pair(
                text, datum, crs=crs, zone=said.zone, hemisphere=said.hemisphere, order=said.order, decimal=said.decimal
            )
        except HazardmapError as error:
            if "without a zone" in error.found and (told := angles.packed(text)):
                raise CrsError(
                    f"{error.found}, or degrees{told}", "one reading", f"{error.do}; degrees with their marks"
                ) from None
            raise
    _refuse_grads(datum)
    return angles.pair(marked(text), datum, order=said.order, decimal=said.decimal, language=said.language)


def _powers(text: str) -> SchemaError:
    return SchemaError(
        f"{text!r}: a number in powers of ten", "all digits; a spreadsheet cut them", "export the column as text again"
    )


def _crossing(x: str, y: str, said: Stated) -> list[Reading]:
    if any(_POWER.search(text) for text in (x, y)):
        raise _powers(f"{x} | {y}")
    datum = _datum_needed(said.datum, f"{x} | {y}")
    if said.crs is not None or said.zone is not None or (_METRES.match(x) and _METRES.match(y)):
        return metres.crossing(
            x, y, datum, crs=said.crs, zone=said.zone, hemisphere=said.hemisphere, decimal=said.decimal
        )
    _refuse_grads(datum)
    return angles.crossing(marked(x), marked(y), datum, decimal=said.decimal, language=said.language)


def _in_text(names: tuple[str, ...], said: Stated, entered: str) -> tuple[str, pyproj.CRS | None]:
    """Join the datum that a text states with that of the caller."""
    datum, crs = said.datum, said.crs
    for name in names:
        known, code = _of_name(name)
        if datum is not None and code != datum:
            raise CrsError(
                f"{_short(entered)} states {name}, the caller {name_of(datum)}", "one datum", "leave the wrong one out"
            )
        if known.is_projected:
            if crs is not None and crs != known:
                raise CrsError(f"{_short(entered)} states {name}, the caller {crs.name}", "one CRS", "leave one out")
            crs = known
        datum = code
    return _datum_needed(datum, entered), crs


@functools.lru_cache(maxsize=256)
def _of_name(name: str) -> tuple[pyproj.CRS, str]:
    known = crs_of(name.replace(" ", "")) if name.upper().startswith("EPSG") else crs_of(datum_of(name))
    return known, datum_of_crs(known)


def _datum_needed(datum: str | None, entered: str) -> str:
    if datum is None:
        raise CrsError(
            f"{_short(entered)} without a datum",
            "the datum of the position; none is guessed",
            'state it, e.g. datum="WGS 84" or datum="SK-42" (a receiver shows it in its settings, a map in its margin)',
        )
    return datum


@functools.lru_cache(maxsize=256)
def _refuse_grads(datum: str) -> None:
    axis = crs_of(datum).axis_info[0]
    if axis.unit_name != "degree":
        raise CrsError(
            f"{name_of(datum)} counts in {axis.unit_name}", "degrees", "state the projected CRS by crs='EPSG:…'"
        )


def _short(entered: str) -> str:
    return repr(entered[:LONGEST])


def _roughly(one: Reading) -> tuple[float, float]:
    longitude, latitude = from_greenwich(one.datum, *to_degrees(one.projection, one.x, one.y))  # type: ignore[arg-type]
    return float(longitude), float(latitude)


def _ambiguous(
    entered: Entered, found: list[Reading], places: list[tuple[float, float]], extent: Extent | None
) -> HazardmapError:
    """Tell two readings, how far apart they lie, and what would settle it."""
    text = _short(entered if isinstance(entered, str) else " | ".join(entered))
    distinct = [0]
    for i in range(1, len(found)):
        if all(max(abs(places[i][k] - places[j][k]) for k in (0, 1)) > _SAME_DEG for j in distinct):
            distinct.append(i)
    made = [dict(f.choices) for f in found]
    differing = [k for k in _HINTS if len({m.get(k, "") for m in made}) > 1]
    told = [f"{_told(places[i])}{_how(made[i], differing)}{_inside(places[i], extent)}" for i in distinct[:2]]
    a, b = (places[i] for i in distinct[:2]) if len(distinct) > 1 else (places[0], places[-1])
    apart = float(_GEOD.inv(*a, *b)[2])
    more = f" (and {len(distinct) - 2} more)" if len(distinct) > 2 else ""
    do = "; ".join(
        _HINTS[k] if k == "minus" else " or ".join(sorted({_HINTS[k].format(m[k]) for m in made if m.get(k)}))
        for k in differing
    )
    return CrsError(
        f"{text} has two readings: {' and '.join(told)}, {_distance(apart)} apart{more}",
        "one reading",
        f"state {do}" if do and do != _HINTS["minus"] else (do or "write N, S, E, W at the values"),
    )


def _told(place: tuple[float, float]) -> str:
    return f"{abs(place[1]):.6f}° {'S' if place[1] < 0 else 'N'} {abs(place[0]):.6f}° {'W' if place[0] < 0 else 'E'}"


def _how(choices: dict[str, str], differing: list[str]) -> str:
    said = [f"{k} {choices[k]!r}" for k in differing if choices.get(k)]
    return f" ({', '.join(said)})" if said else ""


def _inside(place: tuple[float, float], extent: Extent | None) -> str:
    if extent is None:
        return ""
    west, south, east, north = extent
    return ", inside the extent" if west <= place[0] <= east and south <= place[1] <= north else ", outside the extent"


def _distance(metres_apart: float) -> str:
    if metres_apart >= 10_000:
        return f"{metres_apart / 1000:,.0f} km"
    return f"{metres_apart / 1000:,.1f} km" if metres_apart >= 1000 else f"{metres_apart:,.3g} m"
