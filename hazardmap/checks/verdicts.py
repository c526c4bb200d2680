"""The verdict about a plot: which of twelve holds first, and what is said beside it (domain notes §5).

Pure rules over figures that others have measured. Error and doubt can only worsen a verdict. Knows the words and the
policy; knows no geometry and no table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.programme import Policy

    Array = NDArray[Any]

STATE = {state: i for i, state in enumerate(words.STATES)}
VERDICT = {verdict: i for i, verdict in enumerate(words.VERDICTS)}
FLAG = {flag: i for i, flag in enumerate(words.FLAGS)}
#: A hazard at exactly the proximity distance is near, however the last digit was rounded.
_ROUNDING_M = 1e-3
_RELEASED = [STATE[s] for s in words.RELEASED_STATES]


@dataclass(frozen=True, eq=False)
class Facts:
    """What was found about each plot.

    Parameters
    ----------
    usable
        Whether its geometry can be measured.
    doubtful
        Whether its record cannot be trusted: then nothing good is said of it.
    there
        For each plot and state whether ground of that state lies on it that is more than noise.
    distance_m
        To the nearest open hazard; infinite where there is none.
    within
        For each plot and class (confirmed, suspected) whether an open hazard of it lies within the error of the
        boundaries.
    required_depth_m, cleared_depth_m
        The depth that the use needs, the least depth to which all of its cleared ground was cleared; NaN unknown.
    without_depth, cleared_without_depth
        Whether some of its released ground has no depth, and some of its cleared ground.
    old
        Whether the data there are older than the policy allows.
    unplaced
        How many hazards without a position may lie there.
    fictitious
        Whether the data are an example.
    """

    usable: Array
    doubtful: Array
    there: Array
    distance_m: Array
    within: Array
    required_depth_m: Array
    cleared_depth_m: Array
    without_depth: Array
    cleared_without_depth: Array
    old: Array
    unplaced: Array
    fictitious: bool


def decide_verdicts(facts: Facts, policy: Policy) -> tuple[Array, Array]:
    """Give for each plot its verdict (place in `words.VERDICTS`) and, for each of `words.FLAGS`, whether it is said.

    Examples
    --------
    >>> import numpy as np
    >>> from hazardmap import Policy
    >>> no, yes = np.array([False]), np.array([True])
    >>> there = np.zeros((1, 10), dtype=bool)
    >>> there[0, STATE["cleared"]] = True
    >>> facts = Facts(yes, no, there, np.array([60.0]), np.array([[False, False]]), np.array([0.2]), np.array([0.2]),
    ...               no, no, no, np.array([0]), False)
    >>> verdict, flags = decide_verdicts(facts, Policy())
    >>> tuple(words.VERDICTS)[verdict[0]], [f for f, said in zip(words.FLAGS, flags[0]) if said]
    ('released', ['near_hazard'])
    """
    there = facts.there
    released = there[:, _RELEASED].any(axis=1)
    unknown = there[:, [STATE["surveyed"], STATE["no_record"], STATE["outside_coverage"]]].any(axis=1)
    needs = ~np.isnan(facts.required_depth_m)
    # Clearance to a depth that nobody stated is no clearance to the depth that is needed.
    shallow = needs & ((facts.cleared_depth_m < facts.required_depth_m) | facts.cleared_without_depth)
    near = facts.distance_m <= policy.proximity_m + _ROUNDING_M
    confirmed, suspected = there[:, STATE["confirmed_open"]], there[:, STATE["suspected_open"]]
    rules = {
        "confirmed_hazard": confirmed | facts.within[:, 0],
        "suspected_hazard": suspected | facts.within[:, 1],
        "release_in_question": there[:, STATE["in_question"]],
        "not_handed_over": there[:, STATE["not_handed_over"]],
        "too_shallow": released & ~unknown & shallow,
        "partly_released": released & unknown,
        "released": released & ~unknown,
        "near_hazard": near,
        "surveyed_no_evidence": there[:, STATE["surveyed"]]
        & ~there[:, [STATE["no_record"], STATE["outside_coverage"]]].any(axis=1),
        "outside_coverage": there[:, STATE["outside_coverage"]],
        "no_record": there[:, STATE["no_record"]],
    }
    names = list(rules)
    first = np.select([*rules.values()], [VERDICT[n] for n in names], VERDICT["cannot_tell"])
    good = np.isin(first, [VERDICT[v] for v in words.GOOD_NEWS])
    better_than_hazard = first >= VERDICT["too_shallow"]
    verdict = np.where(
        ~facts.usable | (good & facts.old) | (better_than_hazard & facts.doubtful), VERDICT["cannot_tell"], first
    )
    edge = (facts.within[:, 0] & ~confirmed) | (facts.within[:, 1] & ~confirmed & ~suspected)
    flags = np.zeros((len(first), len(words.FLAGS)), dtype=bool)
    flags[:, FLAG["near_hazard"]] = near & ~confirmed & ~suspected
    flags[:, FLAG["boundary_uncertain"]] = edge & np.isin(verdict, [1, 2])
    flags[:, FLAG["depth_unknown"]] = needs & facts.without_depth
    flags[:, FLAG["stale_data"]] = facts.old
    flags[:, FLAG["unplaced_hazards"]] = facts.unplaced > 0
    flags[~facts.usable] = False
    flags[:, FLAG["fictitious_data"]] = facts.fictitious
    return verdict, flags
