"""Questions about plots for tests: shapes in plane metres asked of a land of rectangles, with coverage all round."""

from land import box, programme, table

import hazardmap as hm

FIELD = box(0, 0, 100)
PLOT = box(40, 40, 10)
DAY = "2024-12-31"
EVERYWHERE = box(-3000, -3000, 7000)
#: Recorded without any error, so that distances are those of the numbers.
EXACT = {"accuracy_m": 0.0}


def plots(*shapes, **columns):
    """Plots P-0, P-1, …; a column is a value for all."""
    return table("plots", [{"geometry": s} | columns for s in shapes])


def land(policy=None, **rows):
    """A programme whose coverage is everywhere, unless it is given."""
    return programme(policy=policy, **({"coverage": [{"geometry": EVERYWHERE}]} | rows))


def ask(shape, *, on=DAY, today=None, policy=None, plot=None, **rows):
    """The answer about one plot."""
    return hm.check_plots(land(policy, **rows), plots(shape, **(plot or {})), on=on, today=today).iloc[0]


def hazard(geometry=FIELD, **more):
    return {"geometry": geometry} | more


def release(geometry=FIELD, hazard_ids=("H-0",), **more):
    return {"geometry": geometry, "hazard_ids": hazard_ids} | more


def lost(**more):
    """A hazard whose place nobody knows."""
    return {"hazard_id": "L", "geometry": None, "quarantined": "geometry: missing (needed: a geometry)"} | more
