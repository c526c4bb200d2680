"""What each verdict means and what each state is called, for people who see them for the first time.

Words only; the rules themselves are those of the release and checks packages.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What each verdict means, for people who see it for the first time.
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "cannot_tell": "The plot or its record cannot be used, the data are too old for the answer that they would"
        " give, or two methods disagree. Send the plot again with a whole outline and an id of its own, or ask for"
        " newer data. Treat it as not known.",
        "confirmed_hazard": "Ground of a confirmed hazardous area that no release has freed lies on the plot, or within"
        " the error of its boundary. The status written in the record changes nothing.",
        "suspected_hazard": "The same of a suspected hazardous area, or a find or accident on or near the plot that"
        " nobody has dealt with.",
        "release_in_question": "The ground was released, and a later find, accident or report contradicts that. It"
        " counts as released again only when that evidence is answered.",
        "not_handed_over": "Work is reported finished, but a paper that the policy asks for is missing, undated or"
        " later than the day asked: approval, quality result, depth or handover.",
        "too_shallow": "The whole plot is released, but not to the depth that the planned use needs.",
        "partly_released": "Some of the plot is released. Of the rest nothing is known but perhaps a survey.",
        "released": "The whole plot is released ground: cancelled, reduced or cleared, with the papers that the policy"
        " asks for. What remains after all reasonable effort, and who answers for it, stands in the handover paper.",
        "near_hazard": "No record overlaps the plot, but an open hazard lies within the proximity distance.",
        "surveyed_no_evidence": "The whole plot was walked by survey and no evidence was found at that time. It is not"
        " released land.",
        "no_record": "Nothing is recorded on the plot. This is not evidence that the land is free of explosive"
        " ordnance.",
        "outside_coverage": "Some of the plot lies where the data claim to know nothing.",
    }
)
#: The states of ground as headings.
STATE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "confirmed_open": "Confirmed hazard, open",
        "suspected_open": "Suspected hazard, open",
        "in_question": "Release in question",
        "not_handed_over": "Not handed over",
        "cancelled": "Cancelled",
        "reduced": "Reduced",
        "cleared": "Cleared",
        "surveyed": "Surveyed only",
        "no_record": "No record",
        "outside_coverage": "Outside the data",
    }
)
