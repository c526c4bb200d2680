"""How well the values of a column fit one of ours: words, days, numbers, ids; and what that leaves open.

Knows values and columns of ours; knows nothing of the names in the file.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hazardmap.intake.guessing.proposal import counted, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hazardmap.intake.guessing.contents import Content
    from hazardmap.schema import Column, Table

_METRES_DEEP = 3.0
_METRES_OFF = 10_000.0
#: Stated area by measured area: which unit it can be.
_UNITS = {"hectares": 1e-4, "km²": 1e-6, "acres": 1 / 4046.86, "dunams": 1e-3}


@dataclass(frozen=True)
class Fit:
    """How values fit, from 0 to 1; why; and a question that they leave, or ""."""

    factor: float
    why: str
    question: str = ""


def fit(column: Column, table: Table, seen: Content, areas: Mapping[str, float] | None) -> Fit:
    """Judge the values of one column of a file as one of ours.

    Parameters
    ----------
    column, table
        Ours.
    seen
        Theirs.
    areas
        Median of this column divided by the measured area, by name of column; None: nothing was measured.
    """
    if not seen.filled:
        return Fit(0.5, "empty in every row")
    if column.words is not None:
        return _words(column, seen)
    if column.name == table.id_column:
        return _ids(table, seen)
    if column.kind == "date":
        return _dates(seen)
    if column.kind in {"number", "count"}:
        return _numbers(column, seen, areas)
    return Fit(1.0, counted(seen.different, "different value"))


def percent(share: float) -> str:
    """Write a share so that all is only said of all, and none of none.

    Examples
    --------
    >>> percent(1.0), percent(0.9996), percent(0.98), percent(0.0003), percent(0.0)
    ('all', 'over 99 %', '98 %', 'under 1 %', 'none')
    """
    if share >= 1 or share <= 0:
        return "all" if share >= 1 else "none"
    if not 0.01 <= share <= 0.99:
        return "over 99 %" if share > 0.5 else "under 1 %"
    return f"{share:.0%}".replace("%", " %")


def _words(column: Column, seen: Content) -> Fit:
    assert column.words is not None  # noqa: S101 - asked by the caller
    known, strange = seen.words(column.words, several=column.kind == "words")
    share = seen.share(known)
    told = f"{percent(share)} of its values are words of {column.name}"
    if not strange:
        return Fit(1.0, told)
    if len(strange) > 30 and share < 0.5:
        return Fit(0.4, f"{told}; {len(strange):,} others, too many for a list of words")
    return Fit(0.75 + 0.25 * share, told)


def _ids(table: Table, seen: Content) -> Fit:
    gaps = seen.rows - seen.filled
    empty = f", {gaps:,} empty" if gaps else ", none empty"
    if seen.different == seen.filled:
        return Fit(1.0 if not gaps else 0.9, f"{counted(seen.different, 'value')}, all different{empty}")
    told = f"{counted(seen.different, 'different value')} in {counted(seen.filled, 'row')}{empty}"
    if len(table.key) > 1:  # a row is a version: its id may stand in several
        return Fit(0.95 if seen.different > 0.2 * seen.filled else 0.6, told)
    return Fit(0.85 if seen.different > 0.9 * seen.filled else 0.5, told, "rows with the same id are faults")


def _dates(seen: Content) -> Fit:
    days = seen.days
    share = seen.share(days.certain)
    if share >= 0.5:
        return Fit(0.7 + 0.3 * share, f"{percent(share)} of its values are dates")
    if days.years and seen.share(days.years) > 0.5:
        return Fit(0.5, "its values are years only", "a year is no day")
    if days.serial and seen.share(days.serial) > 0.5:
        return Fit(0.5, "its values are numbers: Excel's days, or milliseconds since 1970?", "a number is no day")
    return Fit(0.3, f"{percent(share)} of its values are dates")


def _numbers(column: Column, seen: Content, areas: Mapping[str, float] | None) -> Fit:
    share = seen.share(seen.numeric)
    if seen.share(seen.with_comma) > 0.2:
        return Fit(0.6, "its numbers have commas", "decimal comma or thousands? export it with a decimal point")
    told = f"{percent(share)} of its values are numbers"
    if share < 0.5:
        return Fit(0.3, told)
    told += f", {min(seen.numbers):g} to {max(seen.numbers):g}"
    if column.name == "stated_area_m2":
        return _area(seen, told, areas)
    doubt = _out_of_range(column, seen)
    if doubt:
        return Fit(0.4, told, doubt)
    return Fit(0.7 + 0.3 * share, told)


def _out_of_range(column: Column, seen: Content) -> str:
    """Say why numbers cannot be those of a column in its unit, or ""."""
    name = shown(seen.name, 40)
    deep = column.name in {"depth_m", "required_depth_m"}
    if deep and (statistics.median(seen.numbers) > _METRES_DEEP or "cm" in seen.name.casefold()):
        return f"{name} looks like centimetres; {column.name} is in metres"
    if column.name == "accuracy_m" and not 0 <= min(seen.numbers) <= max(seen.numbers) <= _METRES_OFF:
        return f"{name} holds no distances in metres"
    if column.kind == "count" and not all(n.is_integer() and n >= 0 for n in seen.numbers):
        return f"{name} holds no counts"
    return ""


def _area(seen: Content, told: str, areas: Mapping[str, float] | None) -> Fit:
    ratio = (areas or {}).get(seen.name)
    if ratio is None:
        plain = any(unit in seen.name.casefold().replace("²", "2") for unit in ("m2", "sqm", "м2", "кв"))
        if plain:
            return Fit(1.0, told)
        return Fit(0.6, f"{told}; nothing to measure it by", f"is {shown(seen.name, 40)} in m²?")
    if 0.8 <= ratio <= 1.25:
        return Fit(1.0, f"{told}; half of them are {ratio:.2f} of the measured area or more, half less")
    for unit, size in _UNITS.items():
        if 0.8 * size <= ratio <= 1.25 * size:
            doubt = f"{shown(seen.name, 40)} looks like {unit} by the measured areas; ours is m², nothing converts it"
            return Fit(0.4, told, doubt)
    return Fit(0.6, f"{told}; the median is {ratio:.3g} of the measured area")
