"""What a set of records that lie together means on a day: asked of the rule once for each set, and remembered.

A set is what the sweep finds to cover a piece of ground: versions of hazards, releases, surveys, discs of evidence,
coverage, districts with unplaced hazards. Knows the rule and its columns; measures nothing.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap import words
from hazardmap.release.days import ALWAYS
from hazardmap.release.records import Cover
from hazardmap.release.rule import NOTHING, RANK, decide, expand
from hazardmap.release.telling import effects, telling_finds

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hazardmap.release.records import Records
    from hazardmap.release.rule import Ruling

    Array = NDArray[Any]

#: The kinds of shapes, in the order in which they are numbered; the first three decide what remains and is released,
#: about the first four the rule is asked.
KINDS = ("version", "release", "find", "survey", "coverage", "district")
DECIDING, RULED = 3, 4
#: The kinds of ids told beside an answer.
TOLD = ("hazard", "release", "idle", "survey", "find")
OUTSIDE = words.STATES.index("outside_coverage")


@dataclass(frozen=True)
class Numbering:
    """Which table and row each shape of the index comes from: `begins` where each kind begins, and the end."""

    begins: Array
    row: Array

    def kind(self, shape: Array) -> Array:
        """Give the kind of each shape, as its place in `KINDS`."""
        return np.asarray(np.searchsorted(self.begins, shape, "right") - 1)


class Meanings:
    """The sets of shapes met so far, and what each means on the day.

    Parameters
    ----------
    records, day
        The records, and the day.
    numbering
        Of the shapes.
    coverage_day
        For each row of the coverage table the day up to which it speaks.

    Attributes
    ----------
    of, state, covered_until
        Of each set: the number of what the rule is asked about (the set without coverage and districts), the rank of
        its state, the day up to which the coverage there speaks (`ALWAYS` where there is none).
    districts
        The districts with unplaced hazards that each set has.
    release, depth_m
        Of each thing ruled on: the release that decides it, depth.
    told
        For each kind of id the numbers that each thing ruled on has.
    opened
        The hazards that are open there, flagged when confirmed; a disc of evidence is ``hazards + find``.
    frees
        Pairs (hazard, release) of which the release cuts the hazard somewhere.
    """

    def __init__(self, records: Records, day: int, numbering: Numbering, coverage_day: Array) -> None:
        from hazardmap.trapezoids.sets import Sets  # noqa: PLC0415  the compiler is loaded when it is needed

        self._records, self._day = records, day
        self.numbering, self._coverage_day = numbering, coverage_day
        self._sets, self._ruled = Sets(), Sets()
        self._lock = threading.RLock()  # several may ask one index; what is read of it only ever grows
        nothing = np.zeros(0, dtype=np.int64)
        self.of = self.state = self.covered_until = self.ruled_state = self.release = nothing
        self.depth_m = np.zeros(0)
        self.told = dict.fromkeys(TOLD, Listed.empty())
        self.districts = self.opened = Listed.empty()
        self.frees = (nothing, nothing)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.RLock())

    def __len__(self) -> int:
        return len(self.ruled_state)

    def ruled(self, start: Array, members: Array) -> Array:
        """Give the number of what the rule is asked about in each set, asking it about what is new.

        Parameters
        ----------
        start, members
            Where the shapes of each set begin, and the end; the shapes, sorted within each set. Those of the kinds that
            the rule does not know are left out.
        """
        with self._lock:
            numbers = self._ruled.numbers(start, members, below=int(self.numbering.begins[RULED]))
            fresh = np.arange(len(self), len(self._ruled))
            if len(fresh):
                begins, shapes = self._ruled.members(fresh)
                self._ask(len(fresh), np.repeat(np.arange(len(fresh)), np.diff(begins)), shapes)
        return numbers

    def numbers(self, start: Array, members: Array) -> Array:
        """Give the number of each set (parameters as `ruled`)."""
        with self._lock:
            numbers = self._sets.numbers(start, members)
            fresh = np.arange(len(self.state), len(self._sets))
            if len(fresh):
                begins, shapes = self._sets.members(fresh)
                of = self.ruled(begins, shapes)
                pairs, _ = self._cover(np.repeat(np.arange(len(fresh)), np.diff(begins)), shapes)
                until = np.full(len(fresh), ALWAYS)
                np.maximum.at(until, pairs["coverage"][0], self._coverage_day[pairs["coverage"][1]])
                inside = np.zeros(len(fresh), dtype=bool)
                inside[pairs["coverage"][0]] = True
                state = self.ruled_state[of]
                self.of = np.concatenate([self.of, of])
                self.state = np.concatenate([self.state, np.where((state == NOTHING) & ~inside, OUTSIDE, state)])
                self.covered_until = np.concatenate([self.covered_until, until])
                self.districts = self.districts.with_more(len(fresh), *pairs["district"])
        return numbers

    def numbers_of(self, lists: list[tuple[Array, Array]], uses: list[Array], *, ruled: bool = False) -> Array:
        """Give the numbers of sets that several calls have found, each of which counted them for itself.

        Parameters
        ----------
        lists
            For each call where its sets begin, and their shapes.
        uses
            For each call where it met which of its sets.
        ruled
            Whether the numbers of `ruled` are wanted.

        Returns
        -------
        The uses of all calls one after the other, as numbers.
        """
        members = np.concatenate([m for _, m in lists])
        shift = np.cumsum([0, *(len(m) for _, m in lists)])
        start = np.concatenate([*(s[:-1] + d for (s, _), d in zip(lists, shift, strict=False)), shift[-1:]])
        first = np.cumsum([0, *(len(s) - 1 for s, _ in lists)])
        numbers = (self.ruled if ruled else self.numbers)(start, members)
        used = np.concatenate([u + f for u, f in zip(uses, first, strict=False)])
        return numbers[used] if len(numbers) else used

    def _ask(self, count: int, owner: Array, shape: Array) -> None:
        """Ask the rule what new sets mean; `owner` is the place of each shape's set among the new ones."""
        _, cover = self._cover(owner, shape)
        day = np.full(count, self._day)
        ruling = decide(self._records, cover, np.arange(count), day)
        effective, _, _ = effects(self._records, ruling)
        finds = telling_finds(self._records, ruling, effective, day)
        releases = ruling.releases
        told = {
            "hazard": (ruling.hazards["ask"], ruling.hazards["hazard"]),
            "release": (releases["ask"][effective], releases["release"][effective]),
            "idle": (releases["ask"][~effective], releases["release"][~effective]),
            "survey": (ruling.surveys["ask"], ruling.surveys["survey"]),
            "find": (finds["ask"], finds["find"]),
        }
        for name, (ask, number) in told.items():
            self.told[name] = self.told[name].with_more(count, _numbers(ask), _numbers(number))
        self.opened = self.opened.with_more(count, *self._open(ruling))
        self._note_freed(ruling)
        self.ruled_state = np.concatenate([self.ruled_state, ruling.state])
        self.release = np.concatenate([self.release, ruling.release])
        self.depth_m = np.concatenate([self.depth_m, ruling.depth_m])

    def _cover(self, owner: Array, shape: Array) -> tuple[dict[str, tuple[Array, Array]], Cover]:
        """Sort the shapes of places by kind: the rows of each table, and the same as the rule takes them."""
        kind, row = self.numbering.kind(shape), self.numbering.row[shape]
        pairs = {name: (owner[kind == k], row[kind == k]) for k, name in enumerate(KINDS)}
        return pairs, Cover(pairs["version"], pairs["release"], pairs["survey"], pairs["find"])

    def ruling(self, sets: Array) -> Ruling:
        """Give all that the rule says of some sets, asking it once more."""
        begins, shapes = self._sets.members(sets)
        _, cover = self._cover(np.repeat(np.arange(len(sets)), np.diff(begins)), shapes)
        return decide(self._records, cover, np.arange(len(sets)), np.full(len(sets), self._day))

    def _note_freed(self, ruling: Ruling) -> None:
        """Remember which releases cut which hazards."""
        freed = ruling.frees[ruling.frees["hazard"].to_numpy() >= 0]
        many = max(len(self._records.programme.releases), 1)
        codes = np.unique(_numbers(freed["hazard"]) * many + _numbers(freed["release"]))
        known = self.frees[0] * many + self.frees[1]
        codes = np.union1d(known, codes)
        self.frees = codes // many, codes % many

    def _open(self, ruling: Ruling) -> tuple[Array, Array, Array]:
        """List the open hazards and standing discs of each new set."""
        on = ruling.hazards[ruling.hazards["state"].to_numpy() <= RANK["suspected_open"]]
        hazards, discs = len(self._records.hazard_ids), ruling.discs
        return (
            np.concatenate([_numbers(on["ask"]), _numbers(discs["ask"])]),
            np.concatenate([_numbers(on["hazard"]), hazards + _numbers(discs["find"])]),
            np.concatenate([on["state"].to_numpy() == RANK["confirmed_open"], np.zeros(len(discs), dtype=bool)]),
        )


def _numbers(values: pd.Series | Array) -> Array:
    return np.asarray(values, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Listed:
    """What each set has: `number` from ``start[set]`` to ``start[set + 1]``, with `flag` beside it."""

    start: Array
    number: Array
    flag: Array

    @classmethod
    def empty(cls) -> Listed:
        """List nothing, for no sets."""
        return cls(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool))

    def with_more(self, count: int, owner: Array, number: Array, flag: Array | None = None) -> Listed:
        """Give the same with so many new sets behind; `owner` is the place of each number's set among the new ones."""
        order = np.lexsort((number, owner))
        counts = np.bincount(owner, minlength=count)
        flag = np.zeros(len(number), dtype=bool) if flag is None else flag
        return Listed(
            np.concatenate([self.start, self.start[-1] + np.cumsum(counts)]),
            np.concatenate([self.number, number[order]]),
            np.concatenate([self.flag, flag[order]]),
        )

    def of(self, sets: Array) -> tuple[Array, Array]:
        """Give for each number that some sets have its place among the sets asked, and its place in the list."""
        low = self.start[sets]
        return expand(low, self.start[sets + 1] - low)

    @property
    def owner(self) -> Array:
        """The set of each number."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))
