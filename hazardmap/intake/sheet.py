"""What a file holds, row by row, as it stands: the form in which every reader hands over.

Knows nothing of tables, profiles or formats.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyproj
    from numpy.typing import NDArray

#: A straight line by which an open ring was closed: x, y of its end and of its start, in the CRS of the file.
Gap = tuple[float, float, float, float]


@dataclass(frozen=True)
class Flaw:
    """What is wrong with one shape that could not be built as the file has it.

    Parameters
    ----------
    found, expected
        The two halves of the reason.
    entered
        The shape as the file has it (GeoJSON, WKT, or WKB in hexadecimal).
    gaps
        Where rings were left open, when that is all that is wrong.
    draft
        The most that the shape can mean, open rings closed and broken holes left out; None when its extent is not sure.
    """

    found: str
    expected: str
    entered: str
    gaps: tuple[Gap, ...] = ()
    draft: Any = None


@dataclass(frozen=True)
class CellFault:
    """A cell, or a whole row, that the file itself makes doubtful (a key twice, a cell too many)."""

    column: str
    found: str
    expected: str


class Unsure(str):
    """A cell whose value cannot be told: the text that is kept as entered, and why it is not read as that.

    A fault where a column of ours is read from it, harmless where not (a sum that failed in a column nobody asks for).

    Examples
    --------
    >>> cell = Unsure("#REF!", "the error #REF!", "a value")
    >>> cell, cell.expected
    ('#REF!', 'a value')
    """

    __slots__ = ("expected", "found")
    found: str
    expected: str

    def __new__(cls, entered: str, found: str, expected: str) -> Self:
        """Keep the text with its reason."""
        made = super().__new__(cls, entered)
        made.found, made.expected = found, expected
        return made


@dataclass(frozen=True)
class Sheet:
    """The rows of one layer.

    Parameters
    ----------
    name
        The file, for messages.
    sha256
        Fingerprint of its bytes.
    kind
        Its format, in words.
    layer
        Name of the layer, or "".
    cells
        Attributes as read, one row for each row of the file, index 0 … n − 1; values are Python's own.
    shapes
        shapely geometries in the CRS of the file; None where there is none or it is flawed.
    flaws
        Position → what is wrong with the shape.
    faults
        Position → what is wrong with the row's cells.
    crs
        The CRS that the file declares, or None.
    crs_default
        The CRS that the format prescribes when the file is silent, or None.
    counted
        Rows found by a second reading that shares nothing with the first.
    short_names
        True when the format cuts column names to 10 letters.
    step
        The grid to which the format has rounded x and y, in the CRS of the file; None: not rounded by the format.
    notes
        What the reader must tell.
    tabular
        True when the format has no shapes of its own: where its rows lie stands in their cells.
    lines
        Where each row stands in its file: the number that an editor or a spreadsheet shows.
    placed_by
        The columns that say where its rows lie.
    accuracy_m
        How far the writing of each row's position lets it lie from where it is; NaN where nothing is known.
    read_as
        How each row's position was read, in words; or None.
    """

    name: str
    sha256: str
    kind: str
    layer: str
    cells: pd.DataFrame
    shapes: NDArray[Any]
    flaws: dict[int, Flaw]
    faults: dict[int, list[CellFault]]
    crs: pyproj.CRS | None
    counted: int
    crs_default: pyproj.CRS | None = None
    short_names: bool = False
    step: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()
    tabular: bool = False
    lines: tuple[int, ...] = ()
    placed_by: tuple[str, ...] = ()
    accuracy_m: NDArray[Any] | None = None
    read_as: tuple[str | None, ...] | None = None

    def rows(self, which: Sequence[int]) -> Sheet:
        """Give some of the rows, by their positions in order; the second count is lowered by those left out."""
        new = {old: i for i, old in enumerate(which)}
        return replace(
            self,
            cells=self.cells.iloc[list(which)].reset_index(drop=True),
            shapes=self.shapes[list(which)],
            flaws={new[i]: flaw for i, flaw in self.flaws.items() if i in new},
            faults={new[i]: wrong for i, wrong in self.faults.items() if i in new},
            counted=self.counted - (len(self.cells) - len(which)),
            lines=tuple(self.lines[i] for i in which) if self.lines else (),
            accuracy_m=None if self.accuracy_m is None else self.accuracy_m[list(which)],
            read_as=None if self.read_as is None else tuple(self.read_as[i] for i in which),
        )
