"""The second opinion: whatever says that land was released is looked at again, point by point, by other means.

Candidates come from GEOS, points from a spread over the plot, coverage from windings; only the rule is the same. Knows
the prepared ground; measures nothing by the sweep.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hazardmap import measure, words
from hazardmap.checks.index import in_threads
from hazardmap.release.rule import RANK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.checks.index import Ground
    from hazardmap.checks.pieces import Laid

    Array = NDArray[Any]

_BATCH = 1024
_RELEASED = np.array([RANK[s] for s in words.RELEASED_STATES])
#: How often chance alone may set the shares found by areas and by points too far apart (Hoeffding's bound).
_CHANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Opinion:
    """What points say of plots.

    Parameters
    ----------
    points
        How many points were looked at on each plot.
    remaining, released
        How many of them lie on ground that remains, and on released ground.
    even, even_released
        How many of the points are spread evenly over the plot, and how many of these lie on released ground.
    """

    points: Array
    remaining: Array
    released: Array
    even: Array
    even_released: Array

    def spread(self, which: Array, count: int) -> Opinion:
        """Give the same for a longer list of plots, of which these were asked about."""
        spread = [np.zeros(count, dtype=np.int64) for _ in fields(self)]
        for column, field_ in zip(spread, fields(self), strict=True):
            column[which] = getattr(self, field_.name)
        return Opinion(*spread)


def look_again(ground: Ground, plots: Laid, which: Array) -> Opinion:
    """Look at points of the plots numbered in `which`."""
    from hazardmap.trapezoids import winding  # noqa: PLC0415  the compiler is loaded when it is needed

    boxes = plots.rings.box[which]
    start, near = _candidates(ground, boxes)

    def work(first: int) -> tuple[Array, Array, Array, Array]:
        last = min(first + _BATCH, len(which))
        own, mine = start[first : last + 1] - start[first], near[start[first] : start[last]]
        even, points, flags = winding.points_on(
            plots.rings, which[first:last], ground.shapes, own, mine, measure.NOISE_WIDTH_M
        )
        return even, points, *_sets(points, flags, own, mine)

    found = list(in_threads(work, range(0, len(which), _BATCH)))
    if not found:
        return Opinion(*(np.zeros(0, dtype=np.int64) for _ in range(5)))
    even, points, size, members = (np.concatenate([f[i] for f in found]) for i in range(4))
    # Put to the rule together: to ask it is dear, of how many sets matters little.
    number = ground.meanings.ruled(_starts(size), members)  # before anything is read of the meanings
    state = ground.meanings.ruled_state[number]
    plot = np.repeat(np.arange(len(which)), points)
    place = np.arange(len(plot)) - (np.cumsum(points) - points)[plot]
    released = np.isin(state, _RELEASED)

    def counted(those: Array) -> Array:
        return np.bincount(plot, those, minlength=len(which)).astype(np.int64)

    remaining = counted(state < len(words.REMAINING_STATES))
    return Opinion(points, remaining, counted(released), even, counted(released & (place < even[plot])))


def _starts(sizes: Array) -> Array:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _candidates(ground: Ground, boxes: Array) -> tuple[Array, Array]:
    """List for each box the shapes that may matter there, by GEOS' tree over their boxes."""
    matter, tree = ground.boxes
    box, shape = tree.query(shapely.box(*boxes.T)) if len(boxes) else np.zeros((2, 0), dtype=np.int64)
    order = np.lexsort((matter[shape], box))
    return np.searchsorted(box[order], np.arange(len(boxes) + 1)), matter[shape[order]].astype(np.int64)


def _sets(points: Array, flags: Array, start: Array, near: Array) -> tuple[Array, Array]:
    """Put the flags of all points into sets of shapes: how many each point has, and the shapes, sorted by point."""
    owner = np.repeat(np.arange(len(points)), np.diff(start))
    point, candidate = np.nonzero(flags)
    real = point < points[owner[candidate]]
    point, candidate = point[real], candidate[real]
    first = np.cumsum(points) - points
    number = first[owner[candidate]] + point
    order = np.lexsort((candidate, number))
    return np.bincount(number, minlength=int(points.sum())), near[candidate[order]]


def contradicts(opinion: Opinion, whole: Array, share: Array) -> Array:
    """Say which plots the points contradict.

    Parameters
    ----------
    opinion
        What the points say.
    whole
        Whether all of the plot is said to be released.
    share
        The share of it that is said to be released, 0 to 1.

    Returns
    -------
    True where no point could be looked at, a point lies on ground that remains, a point of a plot said to be released
    whole lies on other ground, or the shares are too far apart.

    Examples
    --------
    >>> import numpy as np
    >>> points, released = np.array([32, 32, 32, 0]), np.array([32, 31, 10, 0])
    >>> seen = Opinion(points, np.array([0, 1, 0, 0]), released, points, released)
    >>> contradicts(seen, np.array([True, True, False, True]), np.array([1.0, 1.0, 0.3, 1.0])).tolist()
    [False, True, False, True]
    """
    none = opinion.points == 0
    even = np.maximum(opinion.even, 1)
    apart = np.abs(opinion.even_released / even - share) > np.sqrt(np.log(2 / _CHANCE) / (2 * even))
    other = whole & (opinion.released < opinion.points)
    return np.asarray(none | (opinion.remaining > 0) | other | apart)
