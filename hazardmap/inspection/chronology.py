"""Dates that cannot stand in their order, and dates of days that the programme cannot know.

Knows which day comes before which in land release; what a late paper does to ground, the rule says.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hazardmap import tables
from hazardmap.inspection.findings import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hazardmap.inspection.catalogue import Thresholds
    from hazardmap.inspection.subject import Layer, Subject

    Array = NDArray[Any]

#: Of each table (earlier, later): the day of the first comes before that of the second, or is the same.
ORDER = {
    "hazards": (("date_of_information", "recorded_at"),),
    "releases": (
        ("date_completed", "decision_date"),
        ("date_completed", "quality_date"),
        ("date_completed", "handover_date"),
        ("decision_date", "handover_date"),
        ("date_completed", "nonconformity_closed_on"),
        ("date_completed", "recorded_at"),
    ),
    "surveys": (("date", "recorded_at"),),
    "finds": (("date", "answered_on"), ("date", "recorded_at")),
    "districts": (("valid_from", "valid_to"),),
}
#: Only the day of entry: it may be that of another clock, so it makes no error.
_ENTRY = "recorded_at"
_DAY = np.timedelta64(1, "D")
#: Days that lie ahead when they are written down.
_AHEAD = frozenset({"valid_to", _ENTRY})


def date_order(subject: Subject, _limits: Thresholds) -> Iterator[Found]:
    """Find dates in an order that cannot be; size is by how many days."""
    for layer in subject.some(*ORDER):
        for earlier, later in ORDER[layer.name]:
            before, after = _days(layer, earlier), _days(layer, later)
            yield _wrong(layer, later, after, [earlier] * len(after), before, entry=later == _ENTRY)
    for layer in subject.some("hazards"):
        first = (
            pd.Series(_days(layer, "date_of_information"))
            .groupby(layer.ids)
            .transform("min")
            .to_numpy()
            .astype("datetime64[D]")
        )
        closed = _days(layer, "closed_on")
        yield _wrong(layer, "closed_on", closed, ["established"] * len(closed), first)
    if {"hazards", "releases"} <= set(subject.layers):
        yield from _released_before_known(subject.layers["hazards"], subject.layers["releases"])


def _days(layer: Layer, column: str) -> Array:
    return np.asarray(layer.frame[column].to_numpy().astype("datetime64[D]"))


def _wrong(layer: Layer, column: str, day: Array, what: list[str], before: Array, *, entry: bool = False) -> Found:
    at = np.flatnonzero(day < before)  # a missing day is before nothing
    return Found(
        check="date_order",
        layer=layer,
        at=at,
        found=[f"{column} {d}" for d in day[at]],
        expected=[f"on or after {what[i]} {d}" for i, d in zip(at.tolist(), before[at], strict=True)],
        size=(before[at] - day[at]) / _DAY,
        severity="warning" if entry else "error",
    )


def _released_before_known(hazards: Layer, releases: Layer) -> Iterator[Found]:
    """Find releases completed before any of the hazards they name was known: they free none of its ground."""
    day = _days(hazards, "date_of_information")
    known = pd.DataFrame({"id": hazards.ids, "day": day}).dropna()
    first = known.groupby("id")["day"].min().to_dict()
    undated = set(hazards.ids[np.isnat(day)])
    sets = releases.frame["hazard_ids"].to_numpy()
    count = np.fromiter(map(len, sets), dtype=np.int64, count=len(sets))
    named = [*chain.from_iterable(sets)]
    rows = np.repeat(np.arange(len(sets)), count)
    since = np.array([np.datetime64("NaT") if h in undated else first.get(h, np.datetime64("NaT")) for h in named])
    since = since.astype("datetime64[D]")
    done = _days(releases, "date_completed")[rows]
    early = np.flatnonzero(done < since)
    yield Found(
        check="date_order",
        layer=releases,
        at=rows[early],
        found=[f"date_completed {d}" for d in done[early]],
        expected=[f"on or after {since[i]}, when {named[i]} was first reported" for i in early.tolist()],
        size=(since[early] - done[early]) / _DAY,
        severity="error",
        other=[named[i] for i in early.tolist()],
    )


def after_as_of(subject: Subject, _limits: Thresholds) -> Iterator[Found]:
    """Find dates after the day up to which the programme speaks; those that a table speaks of are faults already."""
    as_of = subject.programme.as_of
    if as_of is None:
        return
    last = np.datetime64(as_of, "D")
    for layer in subject.layers.values():
        for column in tables.table(layer.name).columns:
            if column.kind != "date" or column.name in _AHEAD or column.name in tables.SPEAKS_OF:
                continue
            day = _days(layer, column.name)
            at = np.flatnonzero(day > last)
            yield Found(
                check="after_as_of",
                layer=layer,
                at=at,
                found=[f"{column.name} {d}" for d in day[at]],
                expected=f"no later than the as-of date {as_of}",
                size=(day[at] - last) / _DAY,
            )
