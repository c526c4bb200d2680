"""The state of ground on a day, by the one rule that maps, accounts and plot answers all use.

`records` makes a programme ready; `arrangement` and `cells` cut the plane once; `standing` judges releases; `rule`
says the state of a place on a day; `telling` puts that into columns; `views`, `listing`, `through_time`,
`lives`, `zones` and `accounts` are the public tables.
"""

from hazardmap.release.accounts import hazard_account, release_account
from hazardmap.release.listing import hazards_on, releases_on, unplaced
from hazardmap.release.lives import StateThroughTime, holding, state_through_time
from hazardmap.release.through_time import timeline
from hazardmap.release.views import StateOn, ground, released, remaining, state_on
from hazardmap.release.zones import generalised

__all__ = [
    "StateOn",
    "StateThroughTime",
    "generalised",
    "ground",
    "hazard_account",
    "hazards_on",
    "holding",
    "release_account",
    "released",
    "releases_on",
    "remaining",
    "state_on",
    "state_through_time",
    "timeline",
    "unplaced",
]
