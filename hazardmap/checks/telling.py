"""Why a plot has its verdict, in one sentence.

Knows the answers and the records; measures and decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap import words
from hazardmap.checks.verdicts import FLAG, VERDICT
from hazardmap.release.standing import judge, told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from hazardmap.checks.confirming import Opinion
    from hazardmap.release.records import Records

    Array = NDArray[Any]

_LISTED = 3
_OUTSIDE = "no data for this place, or for some part of it"


@dataclass(frozen=True, eq=False)
class Reasons:
    """What the sentences are made of, beside the table of answers.

    Parameters
    ----------
    verdict, flags
        As `decide_verdicts` gives them.
    hazard_ids, release_ids
        For each plot the hazards (or evidence), and the releases, that decide the verdict.
    flaw, doubt
        Why the geometry, why the record cannot be used; empty where they can.
    opinion, disagree
        What the second method saw, and whom it contradicts.
    released_pct
        The share of each plot that is released.
    today
        The day on which the answer is read.
    """

    verdict: Array
    flags: Array
    hazard_ids: Array
    release_ids: Array
    flaw: Array
    doubt: Array
    opinion: Opinion
    disagree: Array
    released_pct: Array
    today: date | None


def sentences(papers: Papers, found: Mapping[str, Array], known: Reasons) -> Array:
    """Tell for each plot in one sentence why it has its verdict; `found` are the columns of the answer."""
    why = np.full(len(known.verdict), words.VERDICTS["no_record"], dtype=object)
    why[known.verdict == VERDICT["outside_coverage"]] = _OUTSIDE
    tellers = {
        "confirmed_hazard": _overlap,
        "suspected_hazard": _overlap,
        "release_in_question": _in_question,
        "not_handed_over": _not_handed_over,
        "too_shallow": _too_shallow,
        "partly_released": _partly,
        "released": _released,
        "near_hazard": _near,
        "surveyed_no_evidence": _surveyed,
        "cannot_tell": _cannot_tell,
    }
    for word, tell in tellers.items():
        for i in np.flatnonzero(known.verdict == VERDICT[word]).tolist():
            why[i] = tell(found, i, known, papers)
    return why


class Papers:
    """What the table of releases says of each release, looked up by id when a sentence needs it."""

    def __init__(self, records: Records, day: int) -> None:
        self.records, self.day = records, day

    @cached_property
    def row(self) -> dict[str, int]:
        """Row of each release by id."""
        return {name: i for i, name in enumerate(self._quoted[0].tolist())}

    @cached_property
    def surveyed(self) -> dict[str, str]:
        """Day of each survey by id."""
        table = self.records.programme.surveys
        return dict(zip(table["survey_id"].fillna(""), table["date"].dt.strftime("%Y-%m-%d").fillna(""), strict=True))

    @cached_property
    def lacking(self) -> list[str]:
        """What each release lacks, in words."""
        every = np.arange(len(self.records.programme.releases))
        lacks = judge(self.records, every, np.full(len(every), self.day))[1]
        codes, place = np.unique(lacks, return_inverse=True)
        spelt = [told(code) or "papers missing" for code in codes.tolist()]
        return [spelt[i] for i in place.tolist()]

    @cached_property
    def _quoted(self) -> tuple[Array, Array, Array]:
        """Id, day and number of the paper of each release."""
        table = self.records.programme.releases
        return (
            table["release_id"].fillna("").to_numpy(dtype=object),
            table["date_completed"].to_numpy(dtype="datetime64[D]"),
            table["handover_no"].fillna("").str.strip().to_numpy(dtype=object),
        )

    def lacks(self, release_ids: Sequence[str]) -> str:
        """Tell what some releases lack."""
        return "; ".join(f"{r}: {self.lacking[self.row[r]]}" for r in release_ids)

    def document(self, release_id: str) -> str:
        """Quote a release: id, day, number of its paper."""
        name, day, number = (column[self.row[release_id]] for column in self._quoted)
        said = [name, *([] if np.isnat(day) else [f"on {day}"]), *([f"document {number}"] if number else [])]
        return ", ".join(said)


def listed(ids: Sequence[str]) -> str:
    """List a few ids, and how many more there are.

    Examples
    --------
    >>> listed(("a", "b", "c", "d"))
    'a, b, c and 1 more'
    """
    shown = ", ".join(ids[:_LISTED])
    return shown if len(ids) <= _LISTED else f"{shown} and {len(ids) - _LISTED} more"


def metres(value: float) -> str:
    """Write a distance as people say it.

    Examples
    --------
    >>> metres(3.14), metres(57.4), metres(4_321.0), metres(83_210.0)
    ('3.1 m', '57 m', '4.3 km', '83 km')
    """
    if value < 10:
        return f"{value:.1f} m"
    if value < 1_000:
        return f"{value:.0f} m"
    return f"{value / 1_000:.1f} km" if value < 10_000 else f"{value / 1_000:.0f} km"


def percent(value: float) -> str:
    """Write a share so that almost all never reads as all, and almost none never as none.

    Examples
    --------
    >>> percent(62.04), percent(99.996), percent(0.004), percent(100.0)
    ('62.0 %', 'over 99.9 %', 'under 0.1 %', '100 %')
    """
    if value in {0.0, 100.0}:
        return f"{value:.0f} %"
    if value > 99.9:
        return "over 99.9 %"
    return "under 0.1 %" if value < 0.1 else f"{value:.1f} %"


def _overlap(found: Mapping[str, Array], i: int, known: Reasons, _: Papers) -> str:
    kind, names, away = (
        found["verdict"][i].removesuffix("_hazard"),
        listed(known.hazard_ids[i]),
        found["nearest_hazard_m"][i],
    )
    if known.flags[i, FLAG["boundary_uncertain"]]:
        how = f", {metres(away)} away," if away > 0 else ""
        return f"a {kind} hazardous area{how} lies within the error of the boundaries: {names}"
    return f"overlaps a {kind} hazardous area: {names}"


def _in_question(found: Mapping[str, Array], i: int, known: Reasons, _: Papers) -> str:
    evidence = listed(found["find_ids"][i])
    return f"later evidence contradicts the release {listed(known.release_ids[i])}: {evidence}"


def _not_handed_over(_: Mapping[str, Array], i: int, known: Reasons, papers: Papers) -> str:
    ids = known.release_ids[i]
    more = f" (and {len(ids) - _LISTED} more)" if len(ids) > _LISTED else ""
    return f"work reported finished, papers missing: {papers.lacks(ids[:_LISTED])}{more}"


def _too_shallow(found: Mapping[str, Array], i: int, known: Reasons, _: Papers) -> str:
    by, depth, needed = listed(known.release_ids[i]), found["cleared_depth_m"][i], found["required_depth_m"][i]
    if not depth < needed:
        return f"cleared by {by}, some of it to a depth that is not stated; this use needs {needed:g} m"
    return f"released to {depth:g} m by {by}; this use needs {needed:g} m"


def _partly(_: Mapping[str, Array], i: int, known: Reasons, __: Papers) -> str:
    share = percent(float(known.released_pct[i]))
    return f"{share} released by {listed(known.release_ids[i])}, the rest has no record of release"


def _released(found: Mapping[str, Array], i: int, known: Reasons, papers: Papers) -> str:
    ids, depth = known.release_ids[i], found["cleared_depth_m"][i]
    to = f", to {depth:g} m" if depth > 0 else ""
    more = f"; {len(ids) - 1} more" if len(ids) > 1 else ""
    return f"released by {papers.document(ids[0])}{more}{to}" if ids else "released"


def _near(found: Mapping[str, Array], i: int, _: Reasons, __: Papers) -> str:
    name, away, way = (found[f"nearest_{c}"][i] for c in ("hazard_id", "hazard_m", "direction"))
    return f"no overlap recorded; open hazard {name} {metres(away)} away{f' to the {way}' if way else ''}"


def _surveyed(found: Mapping[str, Array], i: int, _: Reasons, papers: Papers) -> str:
    ids = found["survey_ids"][i]
    when = min((papers.surveyed[s] for s in ids), default="")
    return f"surveyed{f' on {when}' if when else ''} ({listed(ids)}); no evidence found at that time"


def _cannot_tell(found: Mapping[str, Array], i: int, known: Reasons, papers: Papers) -> str:
    if known.flaw[i]:
        return f"the plot cannot be used: {known.flaw[i]}"
    if known.disagree[i]:
        seen = known.opinion
        if not seen.points[i]:
            return (
                "it cannot be looked at a second time: no point of the plot is clear of all boundaries, it is too thin"
            )
        return (
            f"two methods disagree: by areas {percent(float(known.released_pct[i]))} of the plot is released; of"
            f" {seen.points[i]} points on it {seen.remaining[i]} lie on ground that remains, {seen.released[i]} on"
            " released ground"
        )
    if known.doubt[i]:
        return f"the record of the plot cannot be trusted: {known.doubt[i]}"
    if known.flags[i, FLAG["stale_data"]]:
        return _too_old(found["as_of"][i].astype(object), found["data_as_of"][i].astype(object), known.today, papers)
    return "the plot is narrower than the noise of the records (1 mm)"


def _too_old(as_of: datetime | None, here: datetime | None, today: date | None, papers: Papers) -> str:
    allowed = f"more than {papers.records.policy.stale_after_days} days"
    if today is not None and as_of is None:
        return "the programme does not say up to which day it speaks"
    if today is not None and as_of is not None and here is not None:
        as_of = min(as_of, here)
    spoken = as_of if today is not None else here
    if spoken is None:
        return f"the data are older than the policy allows ({allowed})"
    age = ((today or date.fromordinal(719163 + papers.day)) - spoken.date()).days
    return f"the data speak up to {spoken.date()}, {age} days before; data of {allowed} bring no good news (policy)"
