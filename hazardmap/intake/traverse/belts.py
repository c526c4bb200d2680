"""What a record says of its rows of mines: how wide the belt is, and whether as many mines fit as it states.

Knows the numbers of a record; knows nothing of shapes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

#: A stated number of mines may differ from what fits by this part, and by one mine a row.
TOLERANCE = 0.1


@dataclass(frozen=True)
class Belt:
    """What is stated of a belt; None where the record is silent.

    Parameters
    ----------
    width_m
        Of the whole belt.
    rows, row_spacing_m
        How many rows, and how far apart.
    spacing_m
        From mine to mine in a row.
    mines
        In all rows.
    """

    width_m: float | None = None
    rows: int | None = None
    row_spacing_m: float | None = None
    spacing_m: float | None = None
    mines: int | None = None

    def width(self) -> tuple[float | None, str]:
        """Give the width to draw, the larger of the stated one and that of the rows, and what must be told.

        Examples
        --------
        >>> Belt(width_m=20, rows=3, row_spacing_m=8).width()
        (20, '')
        >>> Belt(rows=4, row_spacing_m=8).width()
        (24, 'width 24 m of 4 rows 8 m apart')
        >>> Belt(rows=1).width()
        (None, '')
        """
        across = (self.rows - 1) * self.row_spacing_m if self.rows and self.row_spacing_m else 0.0
        if across <= 0:
            return (self.width_m or None), ""
        if self.width_m and self.width_m >= across:
            return self.width_m, ""
        told = f"width {across:g} m of {self.rows} rows {self.row_spacing_m:g} m apart"
        return across, told + (
            f"; the stated width of {self.width_m:g} m is too small for them" if self.width_m else ""
        )

    def mines_that_fit(self, length_m: float) -> int | None:
        """Tell how many mines stand on rows of a length at the stated spacing, one at each end; None when not stated.

        Examples
        --------
        >>> Belt(spacing_m=4, rows=3).mines_that_fit(100.0)
        78
        """
        if not self.spacing_m:
            return None
        return (math.floor(length_m / self.spacing_m + 1e-9) + 1) * (self.rows or 1)

    def disagreement(self, length_m: float) -> tuple[str, str] | None:
        """Tell found and expected when the stated mines do not fit the length; None when they do, or nothing is stated.

        Examples
        --------
        >>> Belt(spacing_m=4, rows=3, mines=80).disagreement(100.0)
        >>> Belt(spacing_m=4, rows=3, mines=120).disagreement(100.0)[1]
        'about 78 mines: 3 rows of 100 m, one each 4 m'
        """
        fit = self.mines_that_fit(length_m)
        if fit is None or self.mines is None:
            return None
        rows = self.rows or 1
        if abs(self.mines - fit) <= max(rows, TOLERANCE * fit):
            return None
        many = f"{rows} rows" if rows > 1 else "1 row"
        return (
            f"{self.mines:,} mines",
            f"about {fit:,} mines: {many} of {length_m:,.0f} m, one each {self.spacing_m:g} m",
        )
