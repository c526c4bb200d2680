"""How far a traverse that comes back misses the point it came from, and Bowditch's way to spread that.

The closing error is told, never mended unasked. Knows walked points; knows nothing of polygons.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.intake.traverse.legs import Legs
    from hazardmap.intake.traverse.walking import Walk

    Array = NDArray[Any]

_GEOD = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True)
class Closing:
    """The closing of one traverse.

    Parameters
    ----------
    row, target
        The closing leg, and the earlier row of the point to which it comes back.
    error_m, length_m
        How far it misses it, and the length of the loop, m.
    loop
        Rows walked from the point until it comes back, in order.
    whole
        False where the loop does not pass the point itself, so that nothing can be spread.
    """

    row: int
    target: int
    error_m: float
    length_m: float
    loop: tuple[int, ...]
    whole: bool

    def within(self, limit: float) -> bool:
        """Tell whether the error is at most a part of the loop."""
        return self.error_m <= limit * self.length_m

    @property
    def permille(self) -> float:
        """The error in thousandths of the length of the loop."""
        return 1000 * self.error_m / self.length_m


def closing_of(legs: Legs, done: Walk, rows: Array) -> Closing | None:
    """Measure the closing error of a traverse; None without a closing leg, or where a leg is unknown.

    Parameters
    ----------
    legs, done
        As read and walked.
    rows
        The rows of the traverse, in its order.
    """
    back = rows[done.closes[rows] >= 0]
    if not len(back):
        return None
    row = int(back[-1])
    target = int(done.closes[row])
    loop = [row]
    while done.parent[loop[-1]] not in {-1, target}:
        loop.append(int(done.parent[loop[-1]]))
    whole = int(done.parent[loop[-1]]) == target
    if not whole:
        loop = [r for r in loop if done.parent[r] >= 0]
    length = float(legs.distance_m[loop].sum())
    ends = done.longitude[[row, target]], done.latitude[[row, target]]
    if not (np.isfinite(ends).all() and length > 0):
        return None
    _, _, error = _GEOD.inv(ends[0][0], ends[1][0], ends[0][1], ends[1][1])
    return Closing(row, target, float(error), length, tuple(reversed(loop)), whole)


def spread(legs: Legs, done: Walk, closings: list[Closing]) -> tuple[Walk, Array]:
    """Spread closing errors by Bowditch's rule: each point moves in proportion to the way walked to it.

    Points beside the loop move with the point they were walked from. A traverse that closes is not moved. The accuracy
    is not made smaller: what is spread is not known better.

    Returns
    -------
    The walk with moved points, and how far each row moved, m.
    """
    longitude, latitude = done.longitude.copy(), done.latitude.copy()
    moved = np.zeros(len(longitude))
    azimuth = np.zeros(len(longitude))
    roots = {int(done.root[c.row]) for c in closings}
    hanging = np.flatnonzero(np.isin(done.root, list(roots)))
    for closing in closings:
        row, target = closing.row, closing.target
        toward, _, _ = _GEOD.inv(longitude[row], latitude[row], longitude[target], latitude[target])
        way = np.cumsum(legs.distance_m[list(closing.loop)])
        moved[list(closing.loop)] = closing.error_m * way / way[-1]
        azimuth[list(closing.loop)] = toward
    on_loop = {r for c in closings for r in c.loop}
    for rows in legs.groups():
        for r in rows:
            if r not in on_loop and done.parent[r] >= 0:
                moved[r], azimuth[r] = moved[done.parent[r]], azimuth[done.parent[r]]
    there = hanging[(moved[hanging] > 0) & np.isfinite(longitude[hanging])]
    longitude[there], latitude[there], _ = _GEOD.fwd(longitude[there], latitude[there], azimuth[there], moved[there])
    for closing in closings:
        longitude[closing.row], latitude[closing.row] = longitude[closing.target], latitude[closing.target]
    return replace(done, longitude=longitude, latitude=latitude), moved
