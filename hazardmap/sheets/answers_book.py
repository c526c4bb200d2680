"""The answers about plots as a workbook for an office: verdicts, the records they rest on, and how to read them.

Knows the columns of the answers and how they are put before people; computes no answer. What goes on paper comes first,
further columns are for the screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hazardmap import words
from hazardmap.sheets import telling
from hazardmap.sheets.meanings import STATE_WORDS
from hazardmap.sheets.read_me import how_to_read
from hazardmap.sheets.records import records_used
from hazardmap.sheets.telling import share_pct
from hazardmap.sheets.workbook import Column, Line, Sheet, write_workbook

if TYPE_CHECKING:
    from os import PathLike

    from hazardmap.programme import Programme
    from hazardmap.sheets.telling import Imprint

#: A share that is not quite nothing, or not quite all, is not shown as if it were.
_SHARE_FORMAT = '[<=0]0.0%;[<0.0005]">0.0%";0.0%'
_RELEASED_FORMAT = '[>=1]0.0%;[>=0.9995]"<100%";0.0%'
_AREA_FORMAT, _DEPTH = "#,##0.0", "0.00"
#: Colours behind the verdicts, for the screen; the words say the same. Green is for released land alone.
_TINTS = {
    "cannot_tell": "#d9d9d9",
    "confirmed_hazard": "#f4b6ae",
    "suspected_hazard": "#f9d9a6",
    "release_in_question": "#dcc3e6",
    "not_handed_over": "#e6ddd0",
    "too_shallow": "#c0d5f0",
    "partly_released": "#d9e6f5",
    "released": "#b9e4d6",
    "near_hazard": "#fdf0d3",
    "surveyed_no_evidence": "#ececec",
    "no_record": "#ececec",
    "outside_coverage": "#e0e0e0",
}


def _c(name: str, heading: str, meaning: str, number_format: str = "", width: float = 0.0) -> Column:
    return Column(name=name, heading=heading, meaning=meaning, number_format=number_format, width=width)


def _of_states(suffix: str, unit: str, what: str) -> tuple[Column, ...]:
    return tuple(
        _c(
            f"{s}_{suffix}",
            f"{STATE_WORDS[s]}, {unit}",
            f"{what} of the plot in the state: {STATE_WORDS[s].lower()}",
            _AREA_FORMAT if suffix == "m2" else _RELEASED_FORMAT if s in words.RELEASED_STATES else _SHARE_FORMAT,
            16,
        )
        for s in words.STATES
    )


_PRINTED = (
    _c("plot_id", "Plot", "id of the plot"),
    _c("cadastre_no", "Cadastre no.", "number in the cadastre"),
    _c("name", "Name", "name of the place"),
    _c("use", "Planned use", "use that is planned"),
    Column(
        name="verdict_in_words",
        heading="Verdict",
        meaning="the answer, in words; see above",
        width=23,
        fills={words.VERDICTS[v]: colour for v, colour in _TINTS.items()},
    ),
    _c("why", "Why", "the reason for the verdict", "", 29),
    _c("flags_in_words", "To be kept in mind", "what is to be said beside the verdict", "", 23),
    _c("area_m2", "Area, m²", "area of the plot on the ellipsoid", "#,##0", 9),
    _c("hazard_pct", "Hazard, %", "share that is open hazard, in question or not handed over", _SHARE_FORMAT, 8.5),
    _c("released_pct", "Released, %", "share that is cancelled, reduced or cleared", _RELEASED_FORMAT, 9.5),
    _c(
        "unknown_pct",
        "Not known, %",
        "share that is surveyed only, without record or outside the data",
        _SHARE_FORMAT,
        8.5,
    ),
    _c("nearest", "Nearest open hazard", "id, distance rounded towards the hazard, direction from the plot", "", 13),
    _c("required_depth_m", "Depth needed, m", "depth that the planned use asks for", _DEPTH, 8),
    _c("cleared_depth_m", "Cleared to, m", "least depth of the clearance on the plot", _DEPTH, 8),
)
_ON_SCREEN = (
    _c("verdict", "Verdict, code", "the verdict as programs know it"),
    _c("flags", "Flags, codes", "the flags as programs know them", "", 22),
    _c("nearest_hazard_id", "Nearest open hazard, id", "id of the nearest open hazard; empty: none is known"),
    _c("nearest_hazard_m", "Distance to it, m", "0: it overlaps the plot", _AREA_FORMAT, 11),
    _c("nearest_direction", "Direction to it", "one of eight; empty: it overlaps, or there is none", "", 10),
    *_of_states("m2", "m²", "area"),
    *_of_states("pct", "%", "share"),
    _c("hazard_ids", "Hazards", "ids of hazards on the plot", "", 20),
    _c("release_ids", "Releases", "ids of releases with effect on the plot", "", 20),
    _c("idle_release_ids", "Releases that free nothing here", "ids of releases there that free nothing", "", 20),
    _c("survey_ids", "Surveys", "ids of surveys on the plot", "", 20),
    _c("find_ids", "Finds", "ids of finds and accidents that count on the plot", "", 20),
    _c("unplaced_hazards", "Hazards without a place", "hazards without a position that may lie on the plot", "", 14),
    _c("on", "Day asked", "the day for which the state of the ground is told", "", 11),
    _c("as_of", "Data as of", "the last day on which the programme knows anything", "", 11),
    _c("data_as_of", "Data there as of", "the day up to which the data speak where the plot lies", "", 12),
    _c("sources", "Sources", "where the records come from", "", 30),
)
COLUMNS = (*_PRINTED, *_ON_SCREEN)
_RECORDS = (
    _c("record", "Record", "", "", 8),
    _c("record_id", "Id", ""),
    _c("says", "What it says", "", "", 15),
    _c("standing", "What it counts for", "", "", 12),
    _c("why", "Why", "", "", 32),
    _c("date", "Date", "", "", 11),
    _c("decision", "Decision", "", "", 11),
    _c("decision_date", "Decided on", "", "", 11),
    _c("quality", "Quality", "", "", 10),
    _c("quality_date", "Quality of", "", "", 11),
    _c("handover_no", "Handover paper", "", "", 13),
    _c("handover_date", "Handed over on", "", "", 11),
    _c("depth_m", "Depth, m", "", _DEPTH, 8),
    _c("area_m2", "Area, m²", "", "#,##0", 10),
    _c("plots", "Plots it lies on", "", "", 15),
    _c("idle_plots", "Plots on which it frees nothing", "", "", 15),
    _c("near_plots", "Plots it is nearest to", "", "", 15),
    _c("open_m2", "Still open, m²", "", "#,##0", 11),
    _c("accuracy_m", "Position good to, m", "", _AREA_FORMAT, 11),
    _c("hazard_ids", "Hazards it releases", "", "", 18),
    _c("name", "Name", ""),
    _c("organisation", "Organisation", "", "", 16),
    _c("district", "District", ""),
    _c("source", "Source", "", "", 28),
)
_RECORDS_PRINTED = 17
_RECORD_DATE = "of information (hazard), of completion (release), of the survey, of the find"


def write_book(answers: pd.DataFrame, to: str | PathLike[str], programme: Programme, told: Imprint) -> None:
    """Write the workbook: sheets Verdicts, Records and Read me.

    Raises
    ------
    FileError
        When there are more plots or records than a sheet can hold, or the file cannot be saved.
    """
    used = records_used(answers, programme, on=told.on)
    name = f"Plot verdicts – {told.programme}"
    write_workbook(
        [_verdicts(answers, told), _records(used, told), how_to_read(answers, programme.policy, told, COLUMNS)],
        to,
        title=name,
        footer=f"{told.days} {words.DISCLAIMER}",
        mark=told.mark,
    )


def _lines(title: str, told: Imprint, *more: str) -> list[Line]:
    """Give the lines that stand over each table."""
    mark = [Line(told.mark, "mark")] if told.mark else []
    return [
        Line(_head(title, 120), "title"),
        *mark,
        Line(f"{told.days} {' '.join(more)}".rstrip()),
        Line(f"Source: {_head(told.sources, 300)}"),
        Line(f"{words.DISCLAIMER} {words.ABSENCE}", "strong"),
    ]


def _head(text: str, room: int) -> str:
    """Bring a text to a line that leaves room for the table; the Read me has all of it."""
    line = " ".join(text.split())
    return line if len(line) <= room else f"{line[:room]} … (in full on the sheet Read me)"


def _verdicts(answers: pd.DataFrame, told: Imprint) -> Sheet:
    counts = ", ".join(f"{int(n):,} {telling.short(str(v))}" for v, n in telling.tally(answers)["plots"].items())
    count = f"{len(answers):,} plot{'' if len(answers) == 1 else 's'}{f': {counts}' if counts else ''}."
    return Sheet(
        name="Verdicts",
        frame=shown(answers),
        columns=COLUMNS,
        above=_lines(f"Plot verdicts – {told.programme}", told, count),
        printed=len(_PRINTED),
        empty="No plots were asked.",
    )


def shown(answers: pd.DataFrame) -> pd.DataFrame:
    """Give the answers as the sheet shows them: words beside the codes, shares as parts of one.

    Examples
    --------
    >>> import pandas as pd
    >>> shown(pd.DataFrame(columns=telling.ANSWERS))["verdict_in_words"].tolist()
    []
    """
    shares = {f"{s}_pct": answers[f"{s}_pct"].astype("float64") / 100 for s in words.STATES}
    return pd.DataFrame(
        {
            **{c: answers[c] for c in telling.ANSWERS},
            **shares,
            "verdict_in_words": telling.verdict_words(answers),
            "flags_in_words": telling.flag_words(answers, leave_out=frozenset({"fictitious_data"})),
            "hazard_pct": share_pct(answers, words.REMAINING_STATES) / 100,
            "released_pct": share_pct(answers, words.RELEASED_STATES) / 100,
            "unknown_pct": share_pct(answers, telling.UNKNOWN_STATES) / 100,
            "nearest": telling.nearest(answers),
        },
        index=answers.index,
    )


def _records(used: pd.DataFrame, told: Imprint) -> Sheet:
    return Sheet(
        name="Records",
        frame=used,
        columns=_RECORDS,
        above=_lines(f"Records behind the verdicts – {told.programme}", told, f"Date: {_RECORD_DATE}."),
        frozen=2,
        printed=_RECORDS_PRINTED,
        empty="No answer rests on a record.",
    )
