"""What every product about plots tells beside the verdicts, and in which words.

The table of answers is checked here before it is written anywhere: a verdict or flag that is in no list is refused, and
so are answers for another day than the one asked. Knows words and the columns of the answers; knows no file.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hazardmap import words
from hazardmap.errors import SchemaError
from hazardmap.release.days import day_number
from hazardmap.sheets.cells import members

if TYPE_CHECKING:
    from datetime import date

    from hazardmap.programme import Programme

PLOT = ("plot_id", "cadastre_no", "name", "use")
SETS = ("hazard_ids", "release_ids", "idle_release_ids", "survey_ids", "find_ids")
DAYS = ("on", "as_of", "data_as_of")
#: The columns of the answers, in their order; the geometry follows.
ANSWERS: tuple[str, ...] = (
    *PLOT,
    "verdict",
    "why",
    "flags",
    "area_m2",
    *(f"{s}_m2" for s in words.STATES),
    *(f"{s}_pct" for s in words.STATES),
    "nearest_hazard_id",
    "nearest_hazard_m",
    "nearest_direction",
    "required_depth_m",
    "cleared_depth_m",
    *SETS,
    "unplaced_hazards",
    *DAYS,
    "sources",
)
#: The order in which plots are listed: what is known to be dangerous, what cannot be told, then the rest as it stands.
WORST_FIRST: tuple[str, ...] = (*tuple(words.VERDICTS)[1:5], "cannot_tell", *tuple(words.VERDICTS)[5:])
#: Ground of which the records say neither hazard nor release.
UNKNOWN_STATES = words.STATES[len(words.KNOWN_STATES) :]
_SHOWN = 5
#: Differences below this many percent are noise of measuring (a hundred-millionth of the plot).
_NOISE_PCT = 1e-6


@dataclass(frozen=True, kw_only=True)
class Imprint:
    """What every product tells: whose data, of which day, asked for which day, and whether they are invented."""

    programme: str
    on: date
    as_of: str
    data_as_of: str
    sources: str
    fictitious: bool

    @property
    def mark(self) -> str:
        """The warning that the data are invented; empty when they are real."""
        return words.FICTITIOUS if self.fictitious else ""

    @property
    def days(self) -> str:
        """The day asked and the days up to which the data speak, in a sentence."""
        return told_days(str(self.on), self.as_of, self.data_as_of)

    @property
    def disclaimer(self) -> str:
        """The sentences said on every product."""
        return " ".join(filter(None, (f"{self.mark}." if self.mark else "", words.DISCLAIMER, words.ABSENCE)))

    def texts(self) -> dict[str, str]:
        """Give all of it as names and texts, for the description of a file."""
        return {
            "programme": self.programme,
            "on": str(self.on),
            "as_of": self.as_of,
            "data_as_of": self.data_as_of,
            "sources": self.sources,
            "fictitious": str(self.fictitious).lower(),
            "disclaimer": self.disclaimer,
            "hazardmap": written_by(),
        }


def written_by() -> str:
    """Give the version of this library."""
    try:
        return version("hazardmap")
    except PackageNotFoundError:
        return "unknown"


def told_days(on: str, as_of: str, data_as_of: str) -> str:
    """Tell the day asked, and up to which day the data speak: all of them, and where the plots lie when that differs.

    Examples
    --------
    >>> told_days("2024-12-31", "2024-12-31", "2023-05-01")
    'State of the ground on 2024-12-31. Data as of 2024-12-31; where the plots lie, as of 2023-05-01.'
    """
    there = "" if data_as_of in {as_of, "unknown"} else f"; where the plots lie, as of {data_as_of}"
    return f"State of the ground on {on}. Data as of {as_of}{there}."


def span(days: pd.Series) -> str:
    """Give the first and the last of some days; ``unknown`` when there is none.

    Examples
    --------
    >>> import pandas as pd
    >>> span(pd.Series(pd.to_datetime(["2024-12-31", "2023-05-01", None]))), span(pd.Series([None]))
    ('2023-05-01 to 2024-12-31', 'unknown')
    """
    known = sorted({str(d)[:10] for d in days.dropna().unique()})
    return " to ".join(dict.fromkeys((known[0], known[-1]))) if known else "unknown"


def imprint(answers: pd.DataFrame, programme: Programme, on: str | date) -> Imprint:
    """Check answers against the programme and the day, and give what every product tells.

    Raises
    ------
    SchemaError
        When columns are missing, a verdict or flag is in no list, or the answers are for another day.
    """
    check(answers)
    day: date = np.datetime64(day_number(programme, on), "D").item()
    asked = answers["on"]
    other = asked[asked.isna() | (asked != pd.Timestamp(day))]
    if len(other):
        raise SchemaError(
            f"{len(other):,} of {len(answers):,} answers are for another day than {day}: {str(other.iloc[0])[:10]}",
            "answers for the day that is written above them",
            f'ask again: hm.check_plots(programme, on="{day}")',
        )
    return Imprint(
        programme=programme.name or "Programme without a name",
        on=day,
        as_of=str(programme.as_of or "unknown"),
        data_as_of=span(answers["data_as_of"]),
        sources=sources(answers, programme.sources) or "not stated",
        fictitious=programme.fictitious or is_fictitious(answers),
    )


def check(answers: Any) -> None:
    """Refuse what is no table of answers.

    Raises
    ------
    SchemaError
        Naming the columns that are missing, or the words that are in no list.
    """
    missing = [c for c in ANSWERS if c not in getattr(answers, "columns", ())]
    if missing:
        raise SchemaError(
            f"the answers have no column {', '.join(missing[:_SHOWN])}"
            f"{f' and {len(missing) - _SHOWN} more' if len(missing) > _SHOWN else ''}",
            "the table that check_plots gives",
            "write it as it came: answers = hm.check_plots(programme, on=…)",
        )
    verdicts = set(answers["verdict"].dropna().unique()) - set(words.VERDICTS)
    verdicts |= {"nothing"} if answers["verdict"].isna().any() else set()
    flags = {f for flags in answers["flags"].map(members).unique() for f in flags} - set(words.FLAGS)
    found = [f"verdict {v!r}" for v in sorted(verdicts)] + [f"flag {f!r}" for f in sorted(flags)]
    if found:
        raise SchemaError(
            f"the answers hold {', '.join(found[:_SHOWN])}",
            f"verdicts of {', '.join(words.VERDICTS)}; flags of {', '.join(words.FLAGS)}",
            "write the table as check_plots gave it",
        )


def is_fictitious(answers: pd.DataFrame) -> bool:
    """Say whether any answer is marked as made of example data."""
    return any("fictitious_data" in members(f) for f in answers["flags"])


def sources(answers: pd.DataFrame, first: str = "") -> str:
    """Give all sources named, each once."""
    named = [first, *answers["sources"].dropna().unique().tolist()]
    return "; ".join(dict.fromkeys(s for s in named if s))


def short(code: str) -> str:
    """Write a code as words: the short name of a verdict or flag.

    Examples
    --------
    >>> short("partly_released")
    'partly released'
    """
    return code.replace("_", " ")


def verdict_words(answers: pd.DataFrame) -> pd.Series:
    """Give the verdicts in words."""
    return answers["verdict"].map(dict(words.VERDICTS)).astype("str")


def flag_words(answers: pd.DataFrame, *, leave_out: frozenset[str] = frozenset()) -> pd.Series:
    """Give the flags in words, one after the other."""
    return (
        answers["flags"]
        .map(lambda flags: "; ".join(words.FLAGS[f] for f in members(flags) if f not in leave_out))
        .astype("str")
    )


def share_pct(answers: pd.DataFrame, states: tuple[str, ...]) -> pd.Series:
    """Add up the percentages of some states; what differs from 0 or 100 by noise alone is 0 or 100.

    Examples
    --------
    >>> import pandas as pd
    >>> part = pd.DataFrame({"cancelled_pct": [60.0, None], "cleared_pct": [39.999999999, None]})
    >>> share_pct(part, ("cancelled", "cleared")).tolist()
    [100.0, nan]
    """
    share = answers[[f"{s}_pct" for s in states]].sum(axis=1, min_count=1)
    return share.mask((share - 100).abs() < _NOISE_PCT, 100.0).mask(share.abs() < _NOISE_PCT, 0.0)


def tally(answers: pd.DataFrame) -> pd.DataFrame:
    """Count the plots and square metres of each verdict met, worst first; plots that have no area are counted too.

    Examples
    --------
    >>> import pandas as pd
    >>> tally(pd.DataFrame({"verdict": ["released", "cannot_tell"], "area_m2": [5.0, None]})).to_dict("index")
    {'cannot_tell': {'plots': 1, 'area_m2': 0.0, 'unmeasured': 1},
     'released': {'plots': 1, 'area_m2': 5.0, 'unmeasured': 0}}
    """
    area = answers["area_m2"].astype("float64")
    grouped = pd.DataFrame(
        {"plots": 1, "area_m2": area.fillna(0.0), "unmeasured": area.isna().astype("int64")}, index=answers.index
    ).groupby(answers["verdict"].to_numpy())
    return grouped.sum().reindex([v for v in WORST_FIRST if v in grouped.groups])


def nearest(answers: pd.DataFrame) -> pd.Series:
    """Tell the nearest open hazard with distance and direction; the distance is rounded towards the hazard.

    Examples
    --------
    >>> import pandas as pd
    >>> near = {"nearest_hazard_id": ["H-3", "H-4", None], "nearest_hazard_m": [57.9, 0.0, None]}
    >>> nearest(pd.DataFrame({**near, "nearest_direction": ["NE", None, None]})).tolist()
    ['H-3 57 m NE', 'H-4 on it', '']
    """
    return pd.Series(
        [
            _near(*row)
            for row in zip(
                answers["nearest_hazard_id"], answers["nearest_hazard_m"], answers["nearest_direction"], strict=True
            )
        ],
        index=answers.index,
        dtype="str",
    )


def _near(name: Any, metres: Any, direction: Any) -> str:
    if not isinstance(name, str):
        return ""
    if pd.isna(metres):
        return name
    if metres <= 0:
        return f"{name} on it"
    far = f"{int(metres):,} m" if metres < 10_000 else f"{int(metres / 100) / 10:,.1f} km"
    far = "under 1 m" if metres < 1 else far
    return f"{name} {far} {direction if isinstance(direction, str) else ''}".rstrip()
