"""What the sets of shapes that lie on each plot have together, each thing once and in order.

A plot lies on many sets that differ by one shape; listing what each has and telling it apart afterwards costs ten times
what is told. Knows numbers; knows no shapes and no plots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap.trapezoids.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_TOO_SMALL = -1


@compiled
def _unite(owner, of, start, number, rank, seen, owners, begins, ranks):
    """List the ranks of what each owner's sets have; give how many owners have any, or _TOO_SMALL."""
    found, n, i = 0, 0, 0
    while i < len(owner):
        first, mine = n, owner[i]
        while i < len(owner) and owner[i] == mine:
            for k in range(start[of[i]], start[of[i] + 1]):
                r = rank[number[k]]
                if seen[r] != mine + 1:
                    if n == len(ranks):
                        return _TOO_SMALL
                    seen[r] = mine + 1
                    ranks[n] = r
                    n += 1
            i += 1
        if n > first:
            ranks[first:n].sort()
            owners[found], begins[found] = mine, first
            found += 1
    begins[found] = n
    return found


def united(owner: Array, of: Array, start: Array, number: Array, rank: Array) -> tuple[Array, Array, Array]:
    """List for each owner what its sets have together, each rank once, in their order.

    Parameters
    ----------
    owner, of
        Pairs (owner, set), sorted by owner.
    start, number
        What each set has: the numbers from ``start[set]`` to ``start[set + 1]``.
    rank
        The rank of each number; several may have the same.

    Returns
    -------
    The owners that have anything; where the ranks of each begin, and the end; the ranks.

    Examples
    --------
    >>> import numpy as np
    >>> owner, of = np.array([3, 3, 7]), np.array([0, 1, 2])
    >>> start, number = np.array([0, 2, 4, 4]), np.array([5, 1, 1, 2])
    >>> [found.tolist() for found in united(owner, of, start, number, np.arange(6)[::-1])]
    [[3], [0, 3], [0, 3, 4]]
    """
    ranks = int(rank.max(initial=-1)) + 1
    room = 4 * len(owner) + 1024
    while True:
        owners, begins = np.empty(len(owner), dtype=np.int64), np.empty(len(owner) + 1, dtype=np.int64)
        told = np.empty(room, dtype=np.int64)
        seen = np.zeros(ranks, dtype=np.int64)  # the last owner that met a rank, counted from 1
        found = _unite(owner, of, start, number, rank, seen, owners, begins, told)
        if found != _TOO_SMALL:
            return owners[:found], begins[: found + 1], told[: begins[found]]
        room *= 4
