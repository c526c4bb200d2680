"""What lies before the reader on a day: the frames that a map draws, taken from the release functions and the tables.

Chooses rows by their own dates and gives each row its sign; measures nothing. Knows the tables, the release
functions and the codes of `symbols`; knows nothing of folium.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hazardmap import release, words
from hazardmap.maps import verdicts
from hazardmap.maps.background import gather_background
from hazardmap.maps.symbols import CONTEXT_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    import geopandas as gpd

    from hazardmap.maps.background import BaseMap
    from hazardmap.programme import Programme


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """The frames of one map, and what is said about them.

    Parameters
    ----------
    name, sources, fictitious
        As in the programme.
    on
        The day that is shown.
    as_of
        The last day on which the records know anything.
    frames
        Layer → GeoDataFrame in EPSG:4326 with a column ``symbol`` and, for a second sign on top of the first, ``flag``.
    unplaced
        Hazards that have no position, one row each.
    base_maps
        Tiles that lie under everything.
    lives
        For a map through time: the frames of all days, each row with ``from`` and ``to``; `frames` are those of the
        day. Else empty.
    unplaced_life
        For a map through time: `unplaced` of all days.
    audience
        Whom the map is for: one of `words.AUDIENCES`.
    generalised
        For readers without boundaries: side of the cells, whether there are districts, and sums of the zones.
    """

    name: str
    on: date
    as_of: date | None
    sources: str
    fictitious: bool
    frames: Mapping[str, gpd.GeoDataFrame]
    unplaced: pd.DataFrame = field(default_factory=pd.DataFrame)
    base_maps: tuple[BaseMap, ...] = ()
    lives: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    unplaced_life: pd.DataFrame = field(default_factory=pd.DataFrame)
    audience: str = "internal"
    generalised: Mapping[str, Any] = field(default_factory=dict)


def gather(
    programme: Programme,
    *,
    on: Any,
    answers: gpd.GeoDataFrame | None = None,
    background: Iterable[Any] = (),
) -> Scene:
    """Gather what a map of a programme on a day shows.

    Parameters
    ----------
    programme
        The tables.
    on
        The day. Finds and surveys after it are left out, undated ones are kept: they count as evidence.
    answers
        Answers about plots on that day; they take the place of the plots of the programme.
    background
        What is laid under all of it, beside the context of the programme: see `gather_background`.

    Returns
    -------
    Scene
        Inputs are not changed; no geometry is touched.

    Raises
    ------
    SchemaError
        When `answers` is no table of answers for this day and this programme.

    Examples
    --------
    >>> import hazardmap as hm
    >>> sorted(gather(hm.example(), on="2024-12-31").frames["hazards"]["symbol"].unique())
    ['closed', 'open', 'worked_on']
    """
    state = release.state_on(programme, on=on)
    ground, hazards = state.ground, state.hazards
    day = pd.Timestamp(on)
    below = gather_background(background)
    frames = {
        "ground": ground.assign(symbol=ground_symbol(ground)),
        "hazards": hazards.assign(symbol=hazard_symbol(hazards), flag=hazard_flag(hazards)),
        "releases": _signed(state.releases, release_symbol),
        "finds": _signed(_until(programme.finds, "date", day), lambda f: _find_symbol(f, day)),
        "surveys": _until(programme.surveys, "date", day).assign(symbol="survey"),
        **_plots(programme, answers, day),
        "districts": _valid(programme.districts, day).assign(symbol="district"),
        "coverage": programme.coverage.assign(symbol="coverage"),
        "context": _signed(joined(programme.context, below.features), context_symbol),
    }
    return Scene(
        name=programme.name,
        on=day.date(),
        as_of=programme.as_of,
        sources=programme.sources,
        fictitious=programme.fictitious or verdicts.fictitious(answers),
        frames=frames,
        unplaced=state.unplaced,
        base_maps=below.base_maps,
    )


def joined(context: Any, more: Any) -> Any:
    """Lay the features of a background beside the context of a programme."""
    return pd.concat([context, more[context.columns]], ignore_index=True) if len(more) else context


def _plots(programme: Programme, answers: Any, day: pd.Timestamp) -> dict[str, Any]:
    if answers is None:
        return {"plots": programme.plots.assign(symbol="plot")}
    return {"verdicts": verdicts.accepted(answers, on=day, as_of=programme.as_of)}


def _signed(frame: Any, sign: Any) -> Any:
    return frame.assign(symbol=sign(frame))


def _until(frame: Any, column: str, day: pd.Timestamp) -> Any:
    return frame[~(frame[column] > day)]


def _valid(districts: Any, day: pd.Timestamp) -> Any:
    return districts[~(districts["valid_from"] > day) & ~(districts["valid_to"] < day)]


def ground_symbol(ground: Any) -> Any:
    """Give the sign of each row of ground: its state; ground not handed over by its product."""
    waiting = ground["state"].eq("not_handed_over")
    product = ground["product"].where(ground["product"].isin(words.PRODUCT.codes), words.PRODUCT.codes[0])
    return ground["state"].where(~waiting, "not_handed_over_" + product.astype("str"))


def hazard_symbol(hazards: Any) -> Any:
    """Give the sign of each hazard: its status."""
    return hazards["status"].where(hazards["status"].isin(words.STATUS.codes), "unknown")


def hazard_flag(hazards: Any) -> Any:
    """Give the second sign: draft or not trusted, repaired, or none."""
    draft = hazards["quarantined"].notna() | hazards["workflow"].eq("draft").fillna(value=False)
    flag = pd.Series(np.select([draft, hazards["repaired"].notna()], ["draft", "changed"], ""), index=hazards.index)
    return flag.where(flag.ne(""), None).astype("str")


def release_symbol(releases: Any) -> Any:
    """Give the sign of each release: its standing, and the product of one that counts."""
    standing = releases["standing"]
    kinds = [standing.eq("void"), releases["in_question"].astype("bool"), standing.eq("counting")]
    product = releases["product"].where(releases["product"].isin(words.PRODUCT.codes), "pending").astype("object")
    return pd.Series(np.select(kinds, ["void", "in_question", product], "pending"), index=releases.index, dtype="str")


def find_kind(finds: Any) -> Any:
    """Give the sign of each find that nobody has answered: its kind."""
    return finds["kind"].where(finds["kind"].isin(words.FIND_KIND.codes), "unknown")


def answered(finds: Any) -> Any:
    """Give the day of the answer, as the rule of the ground counts it: without a day and an answer there is none."""
    sound = finds["answered_by"].fillna("").str.strip().ne("") & finds["quarantined"].isna()
    sound &= ~(finds["answered_on"] < finds["date"])
    return finds["answered_on"].where(sound)


def _find_symbol(finds: Any, day: pd.Timestamp) -> Any:
    return find_kind(finds).mask(answered(finds) <= day, "answered")


def context_symbol(context: Any) -> Any:
    """Give the sign of each thing of the context: its kind."""
    return context["kind"].fillna("").map(lambda kind: CONTEXT_KINDS.get(words.fold(kind), "other"))
