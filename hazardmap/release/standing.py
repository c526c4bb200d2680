"""What standing a release has on a day, and what it lacks (rule, point 2).

Void: rejected, failed, an open major or critical nonconformity, or product and activity disagree. Pending: not void,
but a paper that the policy asks for is missing, undated, or dated later than the day. Else counting. Knows releases
and days; no ground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.release.records import Records

    Array = NDArray[Any]

VOID, PENDING, COUNTING = range(3)
STANDINGS = ("void", "pending", "counting")
#: Each reason and how it is told; the first five make a release void, the others pending.
REASONS = (
    "quarantined",
    "decision rejected",
    "quality failed",
    "major or critical nonconformity open",
    "product and activity disagree",
    "kind of activity not stated",
    "not approved",
    "no passed quality result",
    "no depth",
    "no handover paper with number and date",
)
_VOIDING = 5


def judge(records: Records, release: Array, day: Array) -> tuple[Array, Array]:
    """Give the standing of each (release, day), and what is wrong or missing as bits over `REASONS`.

    The releases must be complete on their day. A paper counts from its own date; undated, it never counts. A
    rejection or a failure without a date has always held.
    """
    papers, policy = records.papers, records.policy
    since = {name: values[release] <= day for name, values in records.release_days.items()}
    product = papers.product[release]

    def asked(products: tuple[str, ...]) -> Array:
        return np.isin(product, [words.STATES.index(p) for p in products])

    reasons = [
        papers.quarantined[release],
        papers.rejected[release] & (since["decision"] | ~papers.decision_dated[release]),
        papers.failed[release] & (since["quality"] | ~papers.quality_dated[release]),
        papers.nonconforming[release] & ~since["nonconformity_closed"],
        papers.disagrees[release],
        ~papers.activity_stated[release],
        asked(policy.approval_for) & ~(papers.approved[release] & since["decision"]),
        asked(policy.quality_for) & ~(papers.passed[release] & since["quality"]),
        asked(policy.depth_for) & ~(papers.depth_m[release] > 0),
        asked(policy.handover_for) & ~(papers.numbered[release] & since["handover"]),
    ]
    lacks = np.zeros(len(release), dtype=np.int64)
    for bit, reason in enumerate(reasons):
        lacks |= reason.astype(np.int64) << bit
    void = lacks & ((1 << _VOIDING) - 1)
    return np.select([void > 0, lacks > 0], [VOID, PENDING], COUNTING), lacks


def told(lacks: int) -> str:
    """Tell in words what is wrong with or missing from a release.

    Examples
    --------
    >>> told(0b1010000000)
    'no passed quality result, no handover paper with number and date'
    """
    return ", ".join(reason for bit, reason in enumerate(REASONS) if lacks >> bit & 1)
