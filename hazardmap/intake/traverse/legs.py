"""Read the cells of a table of traverses: what each row states, in metres and degrees, and what cannot be read.

A traverse says its unit, north, date and the like once or in each row; a row that is silent where its traverse says two
things is a fault. Nothing is guessed. Knows cells and words; knows nothing of the ground.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap import tables
from hazardmap.errors import SchemaError
from hazardmap.intake.cells import NotReadError, Reader, text_of
from hazardmap.intake.traverse import measures, vocabulary
from hazardmap.intake.traverse.vocabulary import COLUMNS, NEEDED, OF_THE_LEGS, OF_THE_WHOLE
from hazardmap.words import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Texts = list[str | None]

#: A fault: position of the row, column, found, expected.
Fault = tuple[int, str, str, str]

#: What a distance in paces does not tell, where nothing is stated: ours, for uneven ground.
PACE_PERCENT = 10.0
#: The same of distances in other units, whose instrument the record does not name: ours.
DISTANCE_PERCENT = 1.0
#: Nobody reads a hand compass finer than this: ours.
COMPASS_DEG = 0.5

_WORDS = {
    "kind": vocabulary.POINT_KIND,
    "bearing_unit": vocabulary.BEARING_UNIT,
    "north": vocabulary.NORTH,
    "distance_unit": vocabulary.DISTANCE_UNIT,
    "form": vocabulary.FORM,
    "line": vocabulary.LINE,
}
_AMOUNTS = (
    "accuracy_m",
    "bearing_accuracy_deg",
    "distance_accuracy_m",
    "distance_accuracy_percent",
    "width_m",
    "spacing_m",
    "mines",
    "rows",
    "row_spacing_m",
)
_COUNTS = ("mines", "rows")
_DAY = next(c for c in tables.table("hazards").columns if c.name == "date_of_information")
_NONE = "none"


@dataclass
class Legs:
    """What the rows of a table state, by position in the table.

    Arrays of numbers hold NaN, and lists of texts None, where a row states nothing or what cannot be read (then there
    is a fault).
    """

    texts: dict[str, Texts]
    traverse: Array
    names: list[str]
    order: Array
    has_leg: Array
    faults: list[Fault]
    codes: dict[str, Texts] = field(default_factory=dict)
    amounts: dict[str, Array] = field(default_factory=dict)
    days: list[Any] = field(default_factory=list)
    bearing_deg: Array = field(default_factory=lambda: np.zeros(0))
    bearing_half_deg: Array = field(default_factory=lambda: np.zeros(0))
    distance_m: Array = field(default_factory=lambda: np.zeros(0))
    distance_half_m: Array = field(default_factory=lambda: np.zeros(0))
    percent: Array = field(default_factory=lambda: np.zeros(0))
    paced: Array = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.traverse)

    def groups(self) -> list[Array]:
        """Give the rows of each traverse, in its order."""
        rows = np.lexsort((self.order, self.traverse))
        rows = rows[self.traverse[rows] >= 0]
        return np.split(rows, np.flatnonzero(np.diff(self.traverse[rows])) + 1) if len(rows) else []


def legs_of(frame: pd.DataFrame, stated: Mapping[str, str], *, day_first: bool | None) -> Legs:
    """Read the cells of a table of traverses.

    Raises
    ------
    SchemaError
        When a needed column is missing or named twice, or `stated` has a name that is none of ours.
    """
    texts, faults = _texts(frame, stated)
    keys = texts["traverse_id"]
    names = list(dict.fromkeys(k for k in keys if k is not None))
    number = {n: i for i, n in enumerate(names)}
    traverse = np.array([-1 if k is None else number[k] for k in keys], dtype=int)
    faults += [
        (int(i), "traverse_id", _NONE, "the id of its traverse in each row") for i in np.flatnonzero(traverse < 0)
    ]
    faults += [(i, "point", _NONE, "the name of the point") for i, t in enumerate(texts["point"]) if t is None]
    has_leg = np.array(
        [b is not None or d is not None for b, d in zip(texts["bearing"], texts["distance"], strict=True)], dtype=bool
    )
    legs = Legs(texts, traverse, names, np.arange(len(traverse), dtype="float64"), has_leg, faults)
    legs.order = _order(legs)
    for column in OF_THE_LEGS:
        _spread(legs, column, legs.has_leg, whole=False)
    for column in OF_THE_WHOLE:
        _spread(legs, column, np.ones(len(legs), dtype=bool), whole=True)
    _spread(legs, "datum", _placed(texts), whole=False)
    for column, words in _WORDS.items():
        legs.codes[column] = _read_codes(legs, column, words)
    _known_decimal(legs)
    for column in _AMOUNTS:
        legs.amounts[column] = _read_numbers(legs, column, measures.amount)
    for column in _COUNTS:
        _whole(legs, column)
    legs.amounts["pace_m"] = _read_numbers(legs, "pace_m", measures.pace_length)
    legs.days = _days(legs, day_first=day_first)
    _read_measures(legs)
    return legs


def stated_position(texts: Mapping[str, Texts], row: int) -> bool:
    """Tell whether a row states where its point lies."""
    return any(texts[c][row] is not None for c in ("longitude", "latitude", "coordinates"))


def _placed(texts: Mapping[str, Texts]) -> Array:
    return np.array([stated_position(texts, i) for i in range(len(texts["point"]))], dtype=bool)


def _texts(frame: pd.DataFrame, stated: Mapping[str, str]) -> tuple[dict[str, Texts], list[Fault]]:
    sources = _sources(frame, stated)
    texts: dict[str, Texts] = {}
    faults: list[Fault] = []
    for column in COLUMNS:
        given = stated.get(column)
        if column not in sources:
            texts[column] = [given] * len(frame)
            continue
        read: Texts = []
        for i, cell in enumerate(frame.iloc[:, sources[column]].tolist()):
            try:
                value = text_of(cell)
            except NotReadError as error:
                faults.append((i, column, error.found, error.expected))
                value = None
            read.append(given if value is None else value)
        texts[column] = read
    return texts, faults


def _sources(frame: pd.DataFrame, stated: Mapping[str, str]) -> dict[str, int]:
    """Find the column of the table for each of ours."""
    ours = {fold(spelling): name for name, others in COLUMNS.items() for spelling in (name, *others)}
    found: dict[str, list[int]] = {}
    for i, theirs in enumerate(frame.columns):
        if name := ours.get(fold(str(theirs))):
            found.setdefault(name, []).append(i)
    faults = [
        f"{' and '.join(repr(str(frame.columns[i]))[:42] for i in at)} can both be {name}"
        for name, at in found.items()
        if len(at) > 1
    ]
    lacking = [n for n in NEEDED if n not in found and n not in stated]
    if lacking:
        faults.append(f"no column {', '.join(lacking)}")
    strange = [n for n in stated if n not in COLUMNS]
    if strange:
        faults.append(f"a value is stated for {', '.join(map(repr, strange))}")
    if faults:
        raise SchemaError(
            f"the table of traverses: {'; '.join(faults)}",
            f"a row for each point, with one column each: {', '.join(NEEDED)}; further: "
            + ", ".join(n for n in COLUMNS if n not in NEEDED),
            "name the columns so",
        )
    return {name: at[0] for name, at in found.items()}


def _order(legs: Legs) -> Array:
    """Give the order of rows within their traverses: as stated, or as they stand."""
    stated = _read_numbers(legs, "order", measures.amount)
    order = np.arange(len(legs), dtype="float64")
    for mine in legs.groups():
        _order_one(legs, mine, stated, order)
    return order


def _order_one(legs: Legs, mine: Array, stated: Array, order: Array) -> None:
    given = stated[mine]
    if np.isnan(given).all():
        return
    values, counts = np.unique(given[~np.isnan(given)], return_counts=True)
    twice = values[counts > 1]
    for i in mine[np.isnan(given)]:
        legs.faults.append((int(i), "order", _NONE, "a number in each row of the traverse, or in none"))
    for i in mine[np.isin(given, twice)]:
        legs.faults.append((int(i), "order", str(legs.texts["order"][i]), "each number once in a traverse"))
    order[mine] = np.where(np.isnan(given), np.inf, given)


def _spread(legs: Legs, column: str, needs: Array, *, whole: bool) -> None:
    """Give silent rows what their traverse says, where it says one thing."""
    cells = legs.texts[column]
    folded = {cell: fold(cell) or cell for cell in set(cells) if cell is not None}
    if not folded:
        return
    said: dict[int, dict[str, str]] = {}
    for t, cell in zip(legs.traverse.tolist(), cells, strict=True):
        if cell is not None:
            said.setdefault(t, {}).setdefault(folded[cell], cell)
    spread: Texts = list(cells)
    told: set[int] = set()
    for i, t in enumerate(legs.traverse.tolist()):
        words = said.get(t, {})
        if len(words) == 1 and t >= 0:
            spread[i] = cells[i] if cells[i] is not None else next(iter(words.values()))
        elif len(words) > 1 and whole and t not in told:
            told.add(t)
            legs.faults.append((i, column, " and ".join(map(repr, words.values())), "one value for the whole traverse"))
        elif len(words) > 1 and not whole and cells[i] is None and needs[i]:
            found = f"none here; the traverse says {' and '.join(map(repr, words.values()))}"
            legs.faults.append((i, column, found, "a value in each row, or one for the whole traverse"))
    legs.texts[column] = spread


def _read_codes(legs: Legs, column: str, words: Any) -> Texts:
    known: dict[str, str | None] = {}
    codes: Texts = []
    for i, cell in enumerate(legs.texts[column]):
        if cell is None:
            codes.append(None)
            if column == "kind":
                legs.faults.append((i, column, _NONE, f"one of {', '.join(words.codes)}"))
            continue
        if cell not in known:
            known[cell] = words.code(cell)
        codes.append(known[cell])
        if known[cell] is None:
            legs.faults.append((i, column, _shown(cell), f"one of {', '.join(words.codes)}"))
    return codes


def _known_decimal(legs: Legs) -> None:
    for i, cell in enumerate(legs.texts["decimal"]):
        if cell not in {None, ".", ","}:
            legs.faults.append((i, "decimal", _shown(str(cell)), 'the mark before decimals, "." or ","'))
            legs.texts["decimal"][i] = None


def _decimals(legs: Legs) -> list[str]:
    return [d or "." for d in legs.texts["decimal"]]


def _read_numbers(legs: Legs, column: str, read: Callable[[str, str], float]) -> Array:
    known: dict[tuple[str, str], float | NotReadError] = {}
    numbers = np.full(len(legs), np.nan)
    for i, (cell, decimal) in enumerate(zip(legs.texts[column], _decimals(legs), strict=True)):
        if cell is None:
            continue
        if (cell, decimal) not in known:
            try:
                known[cell, decimal] = read(cell, decimal)
            except NotReadError as error:
                known[cell, decimal] = error
        value = known[cell, decimal]
        if isinstance(value, NotReadError):
            legs.faults.append((i, column, value.found, value.expected))
        else:
            numbers[i] = value
    return numbers


def _whole(legs: Legs, column: str) -> None:
    values = legs.amounts[column]
    for i in np.flatnonzero(np.isfinite(values) & (values != np.floor(values))):
        legs.faults.append((int(i), column, f"{values[i]:g}", "a whole number"))
        values[i] = np.nan


def _days(legs: Legs, *, day_first: bool | None) -> list[Any]:
    reader = Reader(_DAY, day_first=day_first)
    known: dict[str, Any] = {}
    days: list[Any] = []
    for i, cell in enumerate(legs.texts["date"]):
        if cell is not None and cell not in known:
            try:
                known[cell] = reader(cell)
            except NotReadError as error:
                known[cell] = error
        day = known.get(cell) if cell is not None else None
        if isinstance(day, NotReadError):
            legs.faults.append((i, "date", day.found, day.expected))
            day = None
        days.append(day)
    return days


def _read_measures(legs: Legs) -> None:
    """Read bearings and distances, and what they do not tell."""
    count = len(legs)
    legs.bearing_deg, legs.bearing_half_deg = np.full(count, np.nan), np.full(count, np.nan)
    legs.distance_m, legs.distance_half_m = np.full(count, np.nan), np.full(count, np.nan)
    bad = {(i, c) for i, c, _, _ in legs.faults}
    decimals = _decimals(legs)
    paces = legs.amounts["pace_m"]
    known: dict[tuple[Any, ...], tuple[float, float] | NotReadError] = {}
    for i in map(int, np.flatnonzero(legs.has_leg)):
        unit, length = legs.codes["bearing_unit"][i], legs.codes["distance_unit"][i]
        pace = None if np.isnan(paces[i]) else float(paces[i])
        for column, key, held, half in (
            ("bearing", ("b", legs.texts["bearing"][i], unit, decimals[i]), legs.bearing_deg, legs.bearing_half_deg),
            (
                "distance",
                ("d", legs.texts["distance"][i], length, pace, decimals[i]),
                legs.distance_m,
                legs.distance_half_m,
            ),
        ):
            if (i, f"{column}_unit") in bad or (i, column) in bad or (column == "distance" and (i, "pace_m") in bad):
                continue  # told already
            if key not in known:
                known[key] = _measure(key)
            value = known[key]
            if isinstance(value, NotReadError):
                legs.faults.append((i, column, value.found, value.expected))
            else:
                held[i], half[i] = value
    _uncertain(legs)


def _measure(key: tuple[Any, ...]) -> tuple[float, float] | NotReadError:
    which, written, *rest = key
    if written is None:
        return NotReadError(_NONE, "a bearing and a distance, or neither")
    try:
        return measures.bearing(written, *rest) if which == "b" else measures.distance(written, *rest)
    except NotReadError as error:
        return error


def _uncertain(legs: Legs) -> None:
    """Put what is stated in the place of what is taken for granted."""
    stated = legs.amounts["bearing_accuracy_deg"]
    compass = np.array([n == "magnetic" for n in legs.codes["north"]], dtype=bool)
    own = np.where(compass, np.fmax(legs.bearing_half_deg, COMPASS_DEG), legs.bearing_half_deg)
    legs.bearing_half_deg = np.where(np.isnan(stated), own, stated)
    stated = legs.amounts["distance_accuracy_m"]
    legs.distance_half_m = np.where(np.isnan(stated), legs.distance_half_m, stated)
    stated = legs.amounts["distance_accuracy_percent"]
    paced = np.array([u == "pace" for u in legs.codes["distance_unit"]], dtype=bool)
    paced |= np.array([d is not None and _in_paces(d) for d in legs.texts["distance"]], dtype=bool)
    legs.paced = paced
    usual = np.where(paced, PACE_PERCENT, DISTANCE_PERCENT)
    legs.percent = np.where(np.isnan(stated), usual, stated)


def _in_paces(written: str) -> bool:
    return vocabulary.DISTANCE_UNIT.code(written.lstrip("0123456789., ")) == "pace"


def _shown(text: str) -> str:
    return repr(text) if len(text) <= 40 else repr(text[:39] + "…")
