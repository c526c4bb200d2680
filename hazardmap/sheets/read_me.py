"""The page of a workbook that says how to read it: whose data, what each verdict means, which policy was used.

Words and settings only; counts come from the answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hazardmap import words
from hazardmap.sheets import meanings, telling
from hazardmap.sheets.workbook import Block, Line, Page

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hazardmap.programme import Policy
    from hazardmap.sheets.telling import Imprint
    from hazardmap.sheets.workbook import Column


def how_to_read(answers: pd.DataFrame, policy: Policy, told: Imprint, columns: Sequence[Column]) -> Page:
    """Give the page: this file, the verdicts with counts, the flags, the policy, the columns, the numbers."""
    mark = [Line(told.mark, "mark")] if told.mark else []
    about = [
        ("Programme", told.programme),
        ("Day asked", f"{told.on}: the state of the ground is told for this day"),
        ("Data as of", f"{told.as_of}: later events are not in the data"),
        ("Data there as of", f"{told.data_as_of}: the day up to which the data speak where the plots lie"),
        ("Source", told.sources),
        ("Plots", f"{len(answers):,}"),
        ("Written by", f"hazardmap {telling.written_by()}"),
    ]
    tally = telling.tally(answers).reindex(telling.WORST_FIRST, fill_value=0)
    verdicts = [
        (words.VERDICTS[v], meanings.MEANINGS[v], v, int(row["plots"]), _measured(row)) for v, row in tally.iterrows()
    ]
    total = ("All plots", _unmeasured(int(tally["unmeasured"].sum())), "", len(answers), round(tally["area_m2"].sum()))
    flags = [(telling.short(f), f"{text[0].upper()}{text[1:]}.", f) for f, text in words.FLAGS.items()]
    held = [(c.heading, f"{c.meaning[:1].upper()}{c.meaning[1:]}.", c.name) for c in columns]
    return Page(
        name="Read me",
        widths=(30, 84, 23, 8, 13),
        above=[
            Line("How to read this file", "title"),
            *mark,
            Line(words.DISCLAIMER, "strong"),
            Line(words.ABSENCE, "strong"),
            Line("A verdict tells what the records say about a plot on one day. It is no survey of the land."),
        ],
        blocks=[
            Block(title="This file", rows=about),
            Block(
                title="Verdicts, worst first",
                heading=("Verdict", "What it means", "Code", "Plots", "Area, m²"),
                rows=[*verdicts, total],
            ),
            Block(title="To be kept in mind (flags)", heading=("Flag", "What it means", "Code"), rows=flags),
            Block(title="National policy used", heading=("Setting", "Value", "Code"), rows=_policy_rows(policy)),
            Block(
                title="Columns of the sheet Verdicts",
                heading=("Heading", "What it holds; an empty cell: not known", "Name in other files"),
                rows=held,
            ),
            Block(
                title="Numbers",
                rows=[
                    ("Areas", "On the WGS 84 ellipsoid, in square metres (10,000 m² = 1 ha)."),
                    ("Shares", "Of the area of the plot. >0% and <100%: not quite nothing, not quite all."),
                    ("Distances", "From the edge of the plot to the edge of the hazard, as recorded, in metres."),
                    ("Days", "Year-month-day."),
                ],
            ),
        ],
    )


def _measured(row: pd.Series) -> int | None:
    """Give the area of the plots that have one; nothing where none has."""
    return round(row["area_m2"]) if row["plots"] > row["unmeasured"] or not row["plots"] else None


def _unmeasured(count: int) -> str:
    return f"{count:,} of them could not be measured and have no area." if count else ""


def _policy_rows(policy: Policy) -> list[tuple[Any, ...]]:
    def listed(products: tuple[str, ...]) -> str:
        return ", ".join(products) or "none"

    unlinked = {
        "none": "frees no hazard's ground",
        "ground": "frees whatever ground it covers",
    }[policy.unlinked_releases]
    closed = {
        "open": "stays open: its ground is not freed by the word closed",
        "whole": "is freed whole by a release without polygon that names it, with product, date, approval and paper",
    }[policy.closed_without_polygon]
    return [
        ("Country", policy.country or "not stated", "country"),
        ("An open hazard is near within", f"{policy.proximity_m:g} m", "proximity_m"),
        ("Data are too old for good news after", f"{policy.stale_after_days:,} days", "stale_after_days"),
        ("A find outside every hazard makes suspected", f"a disc of {policy.find_radius_m:g} m", "find_radius_m"),
        ("A release that names no hazard", unlinked, "unlinked_releases"),
        ("A closed hazard without release polygon", closed, "closed_without_polygon"),
        ("Approval is needed for land", listed(policy.approval_for), "approval_for"),
        ("A passed quality result for land", listed(policy.quality_for), "quality_for"),
        ("A depth for land", listed(policy.depth_for), "depth_for"),
        ("A handover paper for land", listed(policy.handover_for), "handover_for"),
        (
            "Errors of position where none is stated",
            _errors(policy),
            "hazards_surveyed_m …",
        ),
    ]


def _errors(policy: Policy) -> str:
    return (
        f"surveyed hazards {policy.hazards_surveyed_m:g} m, estimated hazards {policy.hazards_estimated_m:g} m,"
        f" releases {policy.releases_m:g} m, plots {policy.plots_m:g} m, finds {policy.finds_m:g} m"
    )
