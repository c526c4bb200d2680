"""Sets of shapes, each kept once and numbered: what many calls of the sweep have found, put together.

A set is found by its two 64-bit keys and compared member by member, so that no chance can take one for another. Knows
numbers of shapes; knows nothing of what they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap.trapezoids.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


@compiled
def _mixed(shape):
    a = (np.uint64(shape) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    a = (a ^ (a >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    a = (a ^ (a >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return a ^ (a >> np.uint64(31))


@compiled
def _merged(table, keys, start, members, held, new_start, new_members, below, numbers):
    """Give new sets numbers, keeping those that are not held yet; members from `below` on are left out.

    Gives how many sets are held now. There must be room.
    """
    mask = len(table) - 1
    for i in range(len(new_start) - 1):
        key = np.uint64(0)
        size = 0
        for m in range(new_start[i], new_start[i + 1]):
            if new_members[m] < below:
                key ^= _mixed(new_members[m])
                size += 1
        at = np.int64(key & np.uint64(mask))
        found = -1
        while table[at] >= 0:
            k = table[at]
            if keys[k] == key and start[k + 1] - start[k] == size:
                same = True
                for m in range(size):  # members are sorted, those below the limit stand first
                    if members[start[k] + m] != new_members[new_start[i] + m]:
                        same = False
                        break
                if same:
                    found = k
                    break
            at = (at + 1) & mask
        if found < 0:
            found = held
            table[at], keys[held] = held, key
            for m in range(size):
                members[start[held] + m] = new_members[new_start[i] + m]
            start[held + 1] = start[held] + size
            held += 1
        numbers[i] = found
    return held


@compiled
def _placed(table, keys, held):
    mask = len(table) - 1
    for k in range(held):
        at = np.int64(keys[k] & np.uint64(mask))
        while table[at] >= 0:
            at = (at + 1) & mask
        table[at] = k


class Sets:
    """Sets of shapes, numbered in the order in which they were first met.

    Examples
    --------
    >>> import numpy as np
    >>> sets = Sets()
    >>> sets.numbers(np.array([0, 2, 2, 4]), np.array([3, 7, 3, 7])).tolist(), len(sets)
    ([0, 1, 0], 2)
    >>> sets.members(np.array([1, 0]))[1].tolist()
    [3, 7]
    """

    def __init__(self) -> None:
        self._held = 0
        self._table = np.full(1024, -1, dtype=np.int64)
        self._keys = np.empty(512, dtype=np.uint64)
        self._start = np.zeros(513, dtype=np.int64)
        self._members = np.empty(4096, dtype=np.int64)

    def __len__(self) -> int:
        return self._held

    def numbers(self, start: Array, members: Array, *, below: int = 2**62) -> Array:
        """Give the number of each set, entering those that are new.

        Parameters
        ----------
        start, members
            Where the shapes of each set begin, and the end; the shapes, sorted within each set.
        below
            Only shapes with lower numbers count.
        """
        count = len(start) - 1
        self._make_room(count, int(start[-1] - start[0]))
        numbers = np.empty(count, dtype=np.int64)
        self._held = _merged(
            self._table,
            self._keys,
            self._start,
            self._members,
            self._held,
            np.ascontiguousarray(start, dtype=np.int64),
            np.ascontiguousarray(members, dtype=np.int64),
            below,
            numbers,
        )
        return numbers

    def members(self, sets: Array) -> tuple[Array, Array]:
        """Give the shapes of some sets: where those of each begin, and the shapes."""
        count = self._start[sets + 1] - self._start[sets]
        start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        place = np.repeat(self._start[sets] - start[:-1], count) + np.arange(start[-1])
        return start, self._members[place]

    def _make_room(self, sets: int, members: int) -> None:
        needed = self._held + sets
        if needed > len(self._keys):
            self._keys = _longer(self._keys, needed)
            self._start = _longer(self._start, len(self._keys) + 1)
        if self._start[self._held] + members > len(self._members):
            self._members = _longer(self._members, int(self._start[self._held]) + members)
        if 2 * needed > len(self._table):
            self._table = np.full(1 << int(np.ceil(np.log2(4 * needed))), -1, dtype=np.int64)
            _placed(self._table, self._keys, self._held)


def _longer(values: Array, needed: int) -> Array:
    longer = np.empty(max(needed, len(values) + len(values) // 2), dtype=values.dtype)
    longer[: len(values)] = values
    return longer
