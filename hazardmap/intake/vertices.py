"""Turning points in rows: the rows that share an id are the corners of one polygon, in the order of their numbers.

A polygon with a corner missing, twice or of doubtful order is no polygon but a fault. Knows rows of cells and where
they lie; knows nothing of files, tables or CRSs.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hazardmap.intake.cells import NotReadError, text_of
from hazardmap.intake.shapes import array
from hazardmap.intake.sheet import CellFault, Flaw, Unsure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]

_LABEL = re.compile(r"([^\W\d_]*)[\s.№#_-]*(\d{1,6})")
_START = frozenset({"sp", "start", "start point"})
_SHOWN = 3
_ORDER = "each number once, none missing"


@dataclass(frozen=True)
class Polygons:
    """One row for each id, in the order in which the ids appear.

    Parameters
    ----------
    cells
        What the rows of an id agree on; the columns of its corners as lists; Unsure where the rows contradict.
    shapes
        Polygons; None where there is none.
    flaws, faults
        Position → what is wrong with its shape, with its cells.
    rows
        For each polygon the positions of its rows.
    closed
        How many rings did not end where they began, and are closed by a straight line.
    """

    cells: pd.DataFrame
    shapes: Array
    flaws: dict[int, Flaw]
    faults: dict[int, list[CellFault]]
    rows: list[list[int]]
    closed: int


def gathered(
    cells: pd.DataFrame,
    xy: Array,
    broken: Mapping[int, Flaw],
    faults: Mapping[int, list[CellFault]],
    *,
    owner: str,
    number: str | None,
    corners: Sequence[str],
    lines: Sequence[int],
) -> Polygons:
    """Gather rows to polygons.

    Parameters
    ----------
    cells
        One row for each corner.
    xy
        Where each lies, shape (n, 2); NaN where the file does not say.
    broken, faults
        Position → what is wrong with the coordinates, with the cells of a row.
    owner
        Column of the id that the rows of one polygon share.
    number
        Column of the number of the corner, or None: order of the file.
    corners
        Columns that differ from corner to corner: kept as lists.
    lines
        Where each row stands in the file, for messages.

    Examples
    --------
    >>> cells = pd.DataFrame({"id": ["A"] * 4, "n": ["1", "2", "4", "3"], "name": ["Hill", None, None, None]})
    >>> xy = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> done = gathered(cells, xy, {}, {}, owner="id", number="n", corners=["n"], lines=[2, 3, 4, 5])
    >>> str(done.shapes[0]), done.cells["name"].tolist(), done.closed
    ('POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))', ['Hill'], 1)
    """
    ids = [_plain(v) for v in cells[owner]]
    groups = _groups(ids)
    count = len(groups)
    shapes = np.full(count, None, dtype=object)
    done = Polygons(merged(cells, groups, owner, set(corners)), shapes, {}, of_rows(faults, groups, lines), groups, 0)
    labels = None if number is None else [_plain(v) for v in cells[number]]
    closed = 0
    for at, rows in enumerate(groups):
        if not np.isfinite(xy[rows]).any() and not any(r in broken for r in rows):
            continue  # no corner says where it lies: no geometry
        flaw, shape, was_open = _ring(rows, ids, labels, xy, broken, lines)
        if flaw is not None:
            done.flaws[at] = flaw
        shapes[at] = shape
        closed += was_open
    return Polygons(done.cells, shapes, done.flaws, done.faults, groups, closed)


def _plain(value: Any) -> str | None:
    try:
        return text_of(value)
    except NotReadError:
        return None


def _groups(ids: Sequence[str | None]) -> list[list[int]]:
    """Give the rows of each id; a row without id belongs to nothing."""
    groups: dict[Any, list[int]] = {}
    for row, name in enumerate(ids):
        groups.setdefault(row if name is None else name, []).append(row)
    return list(groups.values())


def of_rows(
    faults: Mapping[int, list[CellFault]], groups: Sequence[list[int]], lines: Sequence[int]
) -> dict[int, list[CellFault]]:
    """Give each group the faults of its rows, told with the rows' places in the file."""
    told: dict[int, list[CellFault]] = {}
    for at, rows in enumerate(groups if faults else ()):
        for row in rows:
            for fault in faults.get(row, ()):
                found = f"row {lines[row]:,} of the file: {fault.found}"
                told.setdefault(at, []).append(CellFault(fault.column, found, fault.expected))
    return told


def nameless_beside(rows: Sequence[int], ids: Sequence[str | None]) -> int | None:
    """Give the first row without an id that stands directly before or behind one of a group's rows; None for none.

    Examples
    --------
    >>> nameless_beside([0, 1], ["A", "A", None]), nameless_beside([0, 1], ["A", "A", "B", None])
    (2, None)
    """
    return next((r for row in rows for r in (row - 1, row + 1) if 0 <= r < len(ids) and ids[r] is None), None)


def merged(cells: pd.DataFrame, groups: Sequence[list[int]], owner: str, corners: set[str]) -> pd.DataFrame:
    """Make one row of the rows of each group.

    Parameters
    ----------
    cells, groups
        The rows; for each group the positions of its own.
    owner
        The column that holds the groups together.
    corners
        Columns that differ from row to row: kept as lists.

    Returns
    -------
    What the rows of a group agree on, those left empty aside; Unsure where they contradict.
    """
    done: dict[str, pd.Series] = {}
    for column in cells:
        values = cells[column].tolist()
        if column in corners and column != owner:
            made = [[values[r] for r in rows] for rows in groups]
        elif column == owner:
            made = [values[rows[0]] for rows in groups]
        else:
            made = [_one([values[r] for r in rows]) for rows in groups]
        done[str(column)] = pd.Series(array(made), dtype="object")
    return pd.DataFrame(done, index=pd.RangeIndex(len(groups)))


def _one(values: list[Any]) -> Any:
    """Give the one value that the rows of a polygon have, those left empty aside; Unsure where they contradict."""
    first = values[0]
    if values.count(first) == len(values):
        return first
    told: dict[str, Any] = {}
    for value in values:
        if isinstance(value, Unsure):
            return value
        if (text := _plain(value)) is not None:
            told.setdefault(text, value)
    if len(told) <= 1:
        return next(iter(told.values()), None)
    shown = " and ".join(repr(t[:30]) for t in list(told)[:_SHOWN])
    return Unsure(" | ".join(told), f"{shown} in the rows of one polygon", "one value for all of its rows")


def _ring(
    rows: list[int],
    ids: Sequence[str | None],
    labels: Sequence[str | None] | None,
    xy: Array,
    broken: Mapping[int, Flaw],
    lines: Sequence[int],
) -> tuple[Flaw | None, Any, bool]:
    """Build the ring of one polygon: what is wrong with it, its shape, and whether it had to be closed."""
    entered = ", ".join(f"{x:.15g} {y:.15g}" for x, y in xy[rows])
    for row in rows:
        if row in broken:
            flaw = broken[row]
            return Flaw(f"row {lines[row]:,} of the file: {flaw.found}", flaw.expected, flaw.entered), None, False
    missing = [lines[r] for r in rows if not np.isfinite(xy[r]).all()]
    if missing:
        told = f"a turning point without coordinates (row {missing[0]:,} of the file)"
        return Flaw(told, "coordinates for each turning point, or for none", entered), None, False
    order, doubt, spread = _order(rows, ids, labels, xy, lines, entered)
    if doubt is not None:
        if spread and (hull := shapely.convex_hull(shapely.MultiPoint(xy[rows]))).geom_type == "Polygon":
            doubt = dataclasses.replace(doubt, draft=hull)  # whatever the order, the polygon lies in it
        return doubt, None, False
    ring = xy[order]
    if len(ring) > 1 and (ring[0] == ring[-1]).all():
        ring = ring[:-1]
        was_open = False
    else:
        was_open = True
    places = np.unique(ring, axis=0)
    if len(places) < 3:
        draft = shapely.Point(places[0]) if len(places) == 1 else shapely.LineString(places)
        told = f"{len(places)} turning point{'s' * (len(places) > 1)}"
        return Flaw(told, "a polygon of at least 3 different turning points", entered, draft=draft), None, False
    return None, shapely.Polygon(ring), was_open


def _order(
    rows: list[int],
    ids: Sequence[str | None],
    labels: Sequence[str | None] | None,
    xy: Array,
    lines: Sequence[int],
    entered: str,
) -> tuple[list[int], Flaw | None, bool]:
    """Put the corners of a polygon in their order, or say why nobody can; and whether only their order is in doubt."""
    if ids[rows[0]] is None:
        return rows, Flaw("a turning point without the id of its polygon", "the id in each row", entered), False
    beside = nameless_beside(rows, ids)
    if beside is not None:
        told = f"a row beside it has no id (row {lines[beside]:,} of the file): it may be one of its turning points"
        return rows, Flaw(told, "the id in each row", entered), False
    if labels is None:
        if rows[-1] - rows[0] >= len(rows):
            told = "its rows do not stand together and have no numbers"
            return rows, Flaw(told, "turning points with numbers (--vertex), or one after the other", entered), True
        return rows, None, False
    numbers, told = _numbers([labels[r] for r in rows])
    if told:
        return rows, Flaw(told, "turning points numbered like 1, 2, 3 or TP1, TP2, TP3", entered), True
    return _by_number(rows, numbers, xy, entered)


def _by_number(rows: list[int], numbers: list[int], xy: Array, entered: str) -> tuple[list[int], Flaw | None, bool]:
    """Put corners in the order of their numbers, none twice and none missing."""
    if len(rows) > 1 and numbers[0] == numbers[-1] and (xy[rows[0]] == xy[rows[-1]]).all():
        rows, numbers = rows[:-1], numbers[:-1]  # the first once more, to close the ring
    ordered = sorted(numbers)
    twice = next((a for a, b in pairwise(ordered) if a == b), None)
    before = min(ordered[0], 1) - 1
    gap = next((a + 1 for a, b in pairwise([before, *ordered]) if b > a + 1), None)
    if twice is not None:
        return rows, Flaw(f"turning point {twice} twice", _ORDER, entered), gap is None
    if gap is not None:
        # No draft: the missing corner may lie anywhere, so that neither the ring nor the hull of the others holds the
        # hazard. A draft would place it there alone; without one it is unplaced, and no plot of its district, or of
        # the programme when that is unknown, is told anything good. Nothing smaller is sure.
        return rows, Flaw(f"turning point {gap} missing of {before + 1} to {ordered[-1]}", _ORDER, entered), False
    return [r for _, r in sorted(zip(numbers, rows, strict=True))], None, False


def _numbers(labels: list[str | None]) -> tuple[list[int], str]:
    """Read the numbers of corners: whole numbers, after one word or none; SP, the start point, is before all."""
    numbers = []
    words = set()
    for label in labels:
        if label is None:
            return [], "a turning point without a number"
        if label.casefold() in _START:
            numbers.append(0)
        elif match := _LABEL.fullmatch(label):
            words.add(match[1].casefold())
            numbers.append(int(match[2]))
        else:
            return [], f"a turning point numbered {label[:20]!r}"
    return (
        ([], f"turning points numbered with {' and '.join(map(repr, sorted(words)))}")
        if len(words) > 1
        else (numbers, "")
    )
