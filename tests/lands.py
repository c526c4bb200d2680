"""Random programmes of rectangles on a small board, for laws: what hypothesis draws, and the programme made of it."""

import os

import hypothesis.strategies as st
import shapely
from hypothesis import HealthCheck, settings
from land import box, programme

from hazardmap import Policy, words

#: Small by default so that the whole run stays short; CONTRIBUTING says how to ask for more.
EXAMPLES = int(os.environ.get("HAZARDMAP_EXAMPLES", "15"))
LAND = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
UNIT = 10
DATES = [f"202{y}-0{m}-01" for y in range(1, 5) for m in (1, 4, 7)]
dates = st.sampled_from(DATES)
some_date = st.none() | dates
coordinate = st.integers(0, 6)


@st.composite
def rectangles(draw):
    x, y = draw(coordinate), draw(coordinate)
    return box(x * UNIT, y * UNIT, draw(st.integers(1, 4)) * UNIT, draw(st.integers(1, 4)) * UNIT)


@st.composite
def hazard_rows(draw, ids=("H-0", "H-1", "H-2")):
    rows = []
    for hazard_id in draw(st.lists(st.sampled_from(ids), unique=True, min_size=1)):
        days = sorted(draw(st.lists(dates, unique=True, min_size=1, max_size=3)))
        for i, day in enumerate(days):
            event = "established" if i == 0 else draw(st.sampled_from(words.EVENT.codes))
            rows.append(
                {
                    "hazard_id": hazard_id,
                    "date_of_information": day,
                    "event": event,
                    "geometry": draw(rectangles()),
                    "classification": draw(st.sampled_from(("suspected", "confirmed"))),
                    "status": draw(st.sampled_from(words.STATUS.codes)),
                    "workflow": draw(st.sampled_from(("draft", "approved", "approved"))),
                    "superseded_by": (),
                }
            )
    known = sorted({r["hazard_id"] for r in rows})
    for row in rows:  # successors only lead upwards, so that nobody replaces each other
        later = [h for h in known if h > row["hazard_id"]]
        if later and row["event"] in ("merged", "split"):
            row["superseded_by"] = tuple(draw(st.lists(st.sampled_from(later), unique=True)))
    return rows


@st.composite
def release_row(draw, hazards, number=0):
    activity, product = draw(
        st.sampled_from(
            [
                ("NTS", "cancelled"),
                ("TS", "reduced"),
                ("clearance", "cleared"),
                ("clearance", "cleared"),
                ("NTS", "cleared"),
                (None, "cleared"),
            ]
        )
    )
    papers = draw(st.booleans())
    return {
        "release_id": f"R-{number}",
        "geometry": draw(rectangles()),
        "activity_type": activity,
        "product": product,
        "hazard_ids": tuple(sorted(draw(st.sets(st.sampled_from(hazards))))),
        "activity_id": draw(st.none() | st.sampled_from(("A", "B"))),
        "date_completed": draw(dates),
        "depth_m": 0.2 if papers else draw(st.none() | st.just(0.5)),
        "decision": "approved" if papers else draw(st.none() | st.sampled_from(words.DECISION.codes)),
        "decision_date": draw(dates) if papers else draw(some_date),
        "quality": "passed" if papers else draw(st.none() | st.sampled_from(words.QUALITY.codes)),
        "quality_date": draw(dates) if papers else draw(some_date),
        "nonconformity": None if papers else draw(st.none() | st.sampled_from(words.NONCONFORMITY.codes)),
        "nonconformity_closed_on": draw(some_date),
        "handover_no": "HO" if papers else draw(st.none() | st.just("HO")),
        "handover_date": draw(dates) if papers else draw(some_date),
    }


@st.composite
def find_row(draw, number=0):
    answered = draw(st.booleans())
    return {
        "find_id": f"F-{number}",
        "geometry": shapely.Point(draw(coordinate) * UNIT + 5, draw(coordinate) * UNIT + 5),
        "date": draw(some_date),
        "kind": "accident",
        "accuracy_m": float(draw(st.sampled_from((1, 4, 12)))),
        "answered_on": draw(dates) if answered else None,
        "answered_by": "T-1" if answered else None,
    }


@st.composite
def lands(draw):
    """Rows of hazards, releases, finds and surveys on a small board, as the pointwise reading takes them."""
    hazards = draw(hazard_rows())
    ids = sorted({h["hazard_id"] for h in hazards})
    return {
        "hazards": hazards,
        "releases": [draw(release_row(ids, i)) for i in range(draw(st.integers(0, 4)))],
        "finds": [draw(find_row(i)) for i in range(draw(st.integers(0, 2)))],
        "surveys": [
            {"survey_id": f"S-{i}", "date": draw(dates), "geometry": draw(rectangles())}
            for i in range(draw(st.integers(0, 1)))
        ],
    }


def made(rows, **policy):
    settings_ = Policy(find_radius_m=15.0, finds_m=1.0, **policy)
    copies = {name: [dict(r) for r in table_rows] for name, table_rows in rows.items()}
    return programme(policy=settings_, **copies)
