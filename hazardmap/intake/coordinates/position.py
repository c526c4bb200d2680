"""What a typed position becomes: one reading of its digits, one place, or a column of places with their faults.

Knows shapes of answers only; knows nothing of writing, datums or files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that a text can mean, before any change of datum.

    Parameters
    ----------
    form
        The kind of writing, in words.
    datum
        The geographic CRS in which it is stated, e.g. ``EPSG:4284``.
    projection
        How x and y become degrees: ``""`` (they are), a PROJ string, or a CRS.
    x, y
        Longitude, latitude in degrees, or easting, northing in the unit of the projection.
    step_x, step_y
        The cell that the last written digit spans, in the same unit.
    choices
        What was decided to come to this reading, so that two readings can tell in what they differ.
    notes
        What the reader of the position must be told.
    """

    form: str
    datum: str
    projection: str
    x: float
    y: float
    step_x: float
    step_y: float
    choices: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Position:
    """A place in WGS 84, and how it was come by.

    Parameters
    ----------
    longitude, latitude
        Degrees, WGS 84.
    accuracy_m
        Half the diagonal of the cell that the written digits span, joined with `operation_accuracy_m` by the root of
        squares; m. What the writer measured may be worse: digits prove no more than themselves.
    entered
        The text as it was given.
    form
        The kind of writing that was read.
    datum
        The datum it was stated in.
    operation
        The transformation to WGS 84, ``none`` where the datum is WGS 84.
    operation_accuracy_m
        Its stated accuracy, m. Where another transformation contradicts it, `accuracy_m` has the distance instead.
    operation_area
        Where it is stated for. PROJ knows such areas as boxes, which reach over borders: see that it is the right land.
    notes
        What must be told beside it.
    """

    longitude: float
    latitude: float
    accuracy_m: float
    entered: str
    form: str
    datum: str
    operation: str
    operation_accuracy_m: float
    operation_area: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Positions:
    """A column of places in WGS 84; arrays have one value for each row, in the order given.

    Parameters
    ----------
    longitude, latitude, accuracy_m
        As in `Position`; NaN where the row is empty or at fault.
    entered
        The texts as given, ``""`` for an empty cell; of two columns x and y joined by ``" | "``.
    form, operation
        The kind of writing and the transformation of each row, ``""`` where there is no place.
    missing
        True where nothing is written.
    faults
        Row → (found, expected).
    notes
        What must be told, with counts.
    """

    longitude: Array
    latitude: Array
    accuracy_m: Array
    entered: Array
    form: Array
    operation: Array
    missing: Array
    faults: Mapping[int, tuple[str, str]]
    notes: tuple[str, ...]
