"""One plot explained to a reader: what lies on it, why its verdict is what it is, and what is missing for a release.

Knows the answers and the rule's own words for each piece of ground; decides nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap import words
from hazardmap.checks.index import prepare
from hazardmap.checks.pieces import cut_up, lay_out
from hazardmap.checks.plots import answers_for, by_id, duplicates_where_chosen
from hazardmap.checks.telling import metres, percent
from hazardmap.checks.verdicts import STATE
from hazardmap.errors import SchemaError
from hazardmap.release.telling import columns

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from hazardmap.checks.index import Ground
    from hazardmap.programme import Programme

    Array = NDArray[Any]


@dataclass(frozen=True)
class Explanation:
    """The answer about one plot, for a reader; ``print`` it.

    Parameters
    ----------
    plot_id, verdict, why
        As in `check_plots`.
    ground
        What lies on the plot, worst first: state, area, share, records and the reason, a line each.
    beside
        What is said beside the verdict: flags, the nearest hazard, hazards without a position.
    missing
        What would have to be true for the verdict to be ``released``, a line each; empty when it is.
    answer
        The row of `check_plots`.
    """

    plot_id: str
    verdict: str
    why: str
    ground: tuple[str, ...]
    beside: tuple[str, ...]
    missing: tuple[str, ...]
    answer: pd.Series

    def __str__(self) -> str:
        row = self.answer
        verdict = words.VERDICTS[self.verdict]
        said_already = self.why.startswith(verdict)  # the sentence begins with the verdict's own words
        head = [
            f"Plot {self.plot_id}: {self.why if said_already else verdict}",
            *([] if said_already else [f"  {self.why}"]),
        ]
        spoken = row["as_of"].date() if row["as_of"] == row["as_of"] else "an unknown day"
        parts = [
            head,
            _section("What lies on it", self.ground),
            _section("Beside that", self.beside),
            _section('For the verdict "released" it would need', self.missing),
            [
                f"On {row['on'].date()}; the data speak up to {spoken}. Source: {row['sources'] or 'not stated'}.",
                words.DISCLAIMER,
                words.ABSENCE,
                *([words.FICTITIOUS] if "fictitious_data" in row["flags"] else []),
            ],
        ]
        return "\n\n".join("\n".join(p) for p in parts if p)


def _section(title: str, lines: tuple[str, ...]) -> list[str]:
    return [f"{title}:", *(f"  - {line}" for line in lines)] if lines else []


def explain(programme: Programme, plot_id: str, *, on: str | date, today: date | None = None) -> Explanation:
    """Explain the verdict about one plot of a programme.

    Parameters
    ----------
    programme, on, today
        As in `check_plots`.
    plot_id
        Id or cadastre number of one of the programme's plots.

    Raises
    ------
    SchemaError
        When no plot has the id (like ones are named), or when several have it.

    Examples
    --------
    >>> import hazardmap as hm
    >>> told = hm.explain(hm.example(), "P-B", on="2024-12-31")
    >>> told.verdict, told.ground[1]
    ('suspected_hazard', '5,000 m² (50.0 %) not handed over: work reported finished, R-002: no handover paper with
    number and date [hazard H-002; release R-002]')
    >>> told.missing[0]
    'H-002: release of the 5,000 m² of it that are open (cancelled, reduced or cleared, with all papers)'
    """
    plots = by_id(programme, [plot_id])
    if len(plots) > 1:
        raise SchemaError(
            f"{plot_id} stands for {len(plots)} plots: {', '.join(plots['plot_id'].fillna('(no id)'))}",
            "one plot to explain",
            "give the plot_id of one of them, or correct the ids",
        )
    return explain_each(prepare(programme, on=on), plots, today=today)[0]


def explain_each(ground: Ground, plots: gpd.GeoDataFrame, *, today: date | None = None) -> list[Explanation]:
    """Explain the verdicts about some plots of the programme, chosen by id."""
    twice = duplicates_where_chosen(ground.programme, plots["plot_id"].tolist())
    answers = answers_for(ground, plots, today=today, duplicates=twice)
    laid = lay_out(plots.geometry.to_numpy(), ground.records.plane)
    pieces = cut_up(ground, laid)
    told = []
    for i in range(len(plots)):
        mine = (pieces.plot == i) & pieces.thick
        row = answers.iloc[i]
        rows = _rows(ground, pieces.ground[mine], pieces.area_m2[mine])
        told.append(
            Explanation(
                plot_id=str(row["plot_id"]),
                verdict=row["verdict"],
                why=row["why"],
                ground=tuple(_described(r, row["area_m2"]) for r in rows),
                beside=tuple(_beside(ground, row)),
                missing=tuple(_missing(ground, row, rows)),
                answer=row,
            )
        )
    return told


def _rows(ground: Ground, sets: Array, area: Array) -> list[dict[str, Any]]:
    """Give the pieces of one plot as the rule tells them, worst first, pieces that are told alike together."""
    ruling = ground.meanings.ruling(sets)
    frame = columns(ground.records, ruling, np.full(len(sets), ground.day), reasons=True)
    frame["state"] = np.array(words.STATES, dtype=object)[ground.meanings.state[sets]]
    frame["m2"], frame["rank"] = area, ground.meanings.state[sets]
    alike = ["rank", "state", "why", "hazard_ids", "release_ids", "survey_ids", "find_ids"]
    frame.loc[frame["rank"] >= STATE["no_record"], "why"] = ""
    grouped = frame.groupby(alike, sort=True, dropna=False)["m2"].sum().reset_index()
    return [{str(k): v for k, v in row.items()} for row in grouped.to_dict("records")]


def area(m2: float) -> str:
    """Write an area of a plot.

    Examples
    --------
    >>> area(0.25), area(5_000.0), area(123_456.0)
    ('0.25 m²', '5,000 m²', '12.35 ha')
    """
    if m2 < 10:
        return f"{m2:.2f} m²"
    return f"{m2:,.0f} m²" if m2 < 100_000 else f"{m2 / 10_000:,.2f} ha"


def _described(row: dict[str, Any], whole: float) -> str:
    records = [
        f"{kind}{'s' if len(row[column]) > 1 else ''} {', '.join(row[column])}"
        for kind, column in (
            ("hazard", "hazard_ids"),
            ("release", "release_ids"),
            ("survey", "survey_ids"),
            ("evidence", "find_ids"),
        )
        if row[column]
    ]
    state = row["state"].replace("_", " ")
    said = f"{area(row['m2'])} ({percent(100 * row['m2'] / whole)}) {state}"
    said += f": {row['why']}" if row["why"] else ""
    return said + (f" [{'; '.join(records)}]" if records else "")


def _beside(ground: Ground, row: pd.Series) -> list[str]:
    said = []
    if row["nearest_hazard_m"] > 0:
        said.append(
            f"nearest open hazard: {row['nearest_hazard_id']}, {metres(row['nearest_hazard_m'])}"
            f" to the {row['nearest_direction']}"
        )
    for flag in row["flags"]:
        if flag == "unplaced_hazards":
            said.append(_unplaced(ground, int(row["unplaced_hazards"])))
        elif flag not in {"near_hazard", "fictitious_data"}:
            said.append(words.FLAGS[flag])
    return said


def _unplaced(ground: Ground, count: int) -> str:
    anywhere = ground.lost_anywhere
    where = [f"{count - anywhere} in its district"] * (count > anywhere) + [f"{anywhere} anywhere"] * (anywhere > 0)
    return f"hazards without a position that may lie here: {count} ({', '.join(where)})"


def _needs(ground: Ground, piece: dict[str, Any]) -> list[str]:
    """Tell what one piece of ground lacks, beside the release of its hazards."""
    if piece["state"] in words.OPEN_STATES:
        return [f"{f}: evidence outside every hazard, to be answered (day and by what)" for f in piece["find_ids"]]
    if piece["state"] == "in_question":
        return [f"{f}: an answer to this evidence (day and by what survey or task)" for f in piece["find_ids"]]
    if piece["state"] == "not_handed_over":
        papers = ground.papers
        return [f"{r}: what it lacks now ({papers.lacking[papers.row[r]]})" for r in piece["release_ids"]]
    return []


def _missing(ground: Ground, row: pd.Series, rows: list[dict[str, Any]]) -> list[str]:
    """Tell what would have to be true for the verdict to be ``released``."""
    if row["verdict"] == "released":
        return []
    if not row["area_m2"] > 0:
        return ["a plot that can be measured: a valid polygon in longitude and latitude"]
    needs: dict[str, float] = {}
    for piece in rows:
        if piece["state"] in words.OPEN_STATES:
            for hazard in piece["hazard_ids"]:
                needs[hazard] = needs.get(hazard, 0.0) + piece["m2"]
    asked = [need for piece in rows for need in _needs(ground, piece)]
    open_there = [
        f"{hazard}: release of the {area(m2)} of it that are open (cancelled, reduced or cleared, with all papers)"
        for hazard, m2 in needs.items()
    ]
    blank = sum(p["m2"] for p in rows if p["state"] in {"surveyed", "no_record", "outside_coverage"})
    if blank:
        asked.append(f"a release of the {area(blank)} on which no release is recorded")
    if "boundary_uncertain" in row["flags"]:
        beside = [h for h in row["hazard_ids"] if h not in needs]
        asked.append(
            f"{', '.join(beside)}: release of this hazard, or boundaries measured well enough to tell it from the plot"
        )
    if row["verdict"] == "too_shallow":
        asked.append(f"clearance to {row['required_depth_m']:g} m, as this use needs")
    if row["verdict"] == "cannot_tell":
        asked.append(f"an end to the doubt: {row['why']}")
    return list(dict.fromkeys([*open_there, *asked]))
