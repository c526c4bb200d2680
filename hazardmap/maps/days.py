"""A scene through time: the frames of all days, what the legend counts on each, and the chart below the slider.

Chooses, counts and adds up what `state_through_time` gives; measures nothing and decides nothing. Knows the frames of a
scene; knows nothing of the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hazardmap import release, words
from hazardmap.maps import scene
from hazardmap.maps.background import gather_background
from hazardmap.maps.symbols import SYMBOLS
from hazardmap.release.days import ALWAYS, NEVER, day_number, day_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from hazardmap.programme import Programme

    Array = NDArray[Any]

#: Layers whose records ought to bear a date; one that bears none is there on every day.
_DATED = ("hazards", "releases", "finds", "surveys")
#: Lines of the chart and the signs of the ground that each adds up.
_LINES = {
    "open": words.OPEN_STATES,
    "waiting": ("in_question", *(f"not_handed_over_{product}" for product in words.PRODUCT.codes)),
    "released": words.RELEASED_STATES,
}
_LISTED = 200
_CM2 = 10_000  # areas are added as whole cm², so that what goes away leaves nothing behind


def gather_through_time(programme: Programme, *, on: Any, background: Iterable[Any] = ()) -> scene.Scene:
    """Gather what a map of a programme shows on every day, beginning with one.

    Parameters
    ----------
    programme
        The tables.
    on
        The day shown first.
    background
        What is laid under all of it on every day: see `scene.gather_background`.

    Returns
    -------
    Scene
        As `scene.gather` for the day, and with `lives`: what holds on a day among them is what `gather` gives for it.

    Raises
    ------
    SchemaError
        When the tables have faults, or the day lies after the as-of date.

    Examples
    --------
    >>> import hazardmap as hm
    >>> squares = gather_through_time(hm.example(), on="2022-06-01")
    >>> len(squares.frames["releases"]), len(squares.lives["releases"])
    (1, 16)
    """
    day_number(programme, on)
    day = pd.Timestamp(on).normalize()
    life = release.state_through_time(programme)
    below = gather_background(background)
    context = scene.joined(programme.context, below.features)
    lives = {
        "ground": life.ground.assign(symbol=scene.ground_symbol(life.ground)),
        "hazards": life.hazards.assign(symbol=scene.hazard_symbol(life.hazards), flag=scene.hazard_flag(life.hazards)),
        "releases": life.releases.assign(symbol=scene.release_symbol(life.releases)),
        "finds": _finds(programme.finds),
        "surveys": _between(programme.surveys, programme.surveys["date"]).assign(symbol="survey"),
        "plots": _between(programme.plots).assign(symbol="plot"),
        "districts": _districts(programme.districts),
        "coverage": _between(programme.coverage).assign(symbol="coverage"),
        "context": _between(context).assign(symbol=scene.context_symbol(context)),
    }
    return scene.Scene(
        name=programme.name,
        on=day.date(),
        as_of=programme.as_of,
        sources=programme.sources,
        fictitious=programme.fictitious,
        frames={layer: release.holding(frame, on=day) for layer, frame in lives.items()},
        unplaced=release.holding(life.unplaced, on=day),
        lives=lives,
        unplaced_life=life.unplaced,
        base_maps=below.base_maps,
    )


def _between(frame: Any, since: Any = None, until: Any = None) -> Any:
    """Say from which day until which each row is there; nothing said: always."""
    never = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    return frame.assign(**{"from": never if since is None else since, "to": never if until is None else until})


def _finds(finds: Any) -> Any:
    """Show each find from its day by its kind, and from the day of its answer as answered."""
    answer, since = scene.answered(finds), finds["date"]
    later = answer.mask(since > answer, since)
    before = _between(finds, since, later).assign(symbol=scene.find_kind(finds))[~(later <= since)]
    after = _between(finds, later).assign(symbol="answered")[later.notna()]
    return gpd.GeoDataFrame(pd.concat([before, after], ignore_index=True), crs=finds.crs)


def _districts(districts: Any) -> Any:
    """Show a district up to the last day of its boundary, that day too."""
    until = districts["valid_to"] + pd.Timedelta(days=1)
    return _between(districts, districts["valid_from"], until).assign(symbol="district")


def facts(lying: scene.Scene) -> dict[str, Any]:
    """Give what the page must know of time at once: the day, the first and last one, how many records bear no date."""
    events = _events(lying)
    today = int(np.datetime64(lying.on, "D").astype(np.int64))
    last = max([*events[-1:], today])
    if lying.as_of is not None:
        last = int(np.datetime64(lying.as_of, "D").astype(np.int64))
    return {"on": today, "first": min([*events[:1], today]), "last": max(last, today), "undated": _undated(lying)}


def series(lying: scene.Scene) -> dict[str, Any]:
    """Give what the slider needs: days of events, figures of the legend, what has no place, the chart."""
    figures = list(_figures(lying.lives))
    return {
        "events": _events(lying),
        "figures": figures,
        "unplaced": _unplaced(lying.unplaced_life),
        "chart": _chart(lying, figures),
    }


def signs(lying: scene.Scene) -> list[tuple[str, str, bool]]:
    """List the signs that occur on any day: layer, code, whether it is a second sign."""
    return [
        (layer, code, column == "flag")
        for layer, frame in lying.lives.items()
        for column in ("symbol", "flag")
        if column in frame
        for code in SYMBOLS[layer]
        if frame[column].eq(code).any()
    ]


def _spans(frame: Any) -> tuple[Array, Array]:
    return day_numbers(frame["from"], ALWAYS), day_numbers(frame["to"], NEVER)


def _events(lying: scene.Scene) -> list[int]:
    """List the days on which anything that is drawn changes, in order."""
    found = [np.r_[_spans(frame)] for frame in lying.lives.values()]
    days = np.unique(np.concatenate(found))
    days = days[(days > ALWAYS) & (days < NEVER)]
    if lying.as_of is not None:
        days = days[days <= np.datetime64(lying.as_of, "D").astype(np.int64)]
    return [int(day) for day in days]


def _undated(lying: scene.Scene) -> int:
    named = {layer: frame for layer, frame in lying.lives.items() if layer in _DATED}
    return sum(
        int(rows[_key(layer)].nunique(dropna=False)) if _key(layer) in rows else len(rows)
        for layer, frame in named.items()
        for rows in (frame[frame["from"].isna()],)
    )


def _key(layer: str) -> str:
    """Name the column that names the records of a dated layer."""
    return layer.removesuffix("s") + "_id"


def _steps(frame: Any, values: Mapping[str, Array]) -> dict[str, list[int]]:
    """Add up values over the rows that hold, from each day on which a sum changes."""
    since, until = _spans(frame)
    day = np.r_[since, until]
    changes = pd.DataFrame({name: np.r_[v, -v] for name, v in values.items()}).groupby(day).sum()
    changes = changes[changes.index < NEVER]
    sums = changes[(changes != 0).any(axis=1)].cumsum()
    return {"day": sums.index.to_list(), **{name: sums[name].to_list() for name in values}}


def _figures(lives: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Count the rows of each sign and add up their areas, day by day: `tallies.tally`, for all days."""
    for layer, frame in lives.items():
        geometry = frame.geometry.to_numpy()
        placed = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
        lost = frame["unplaced"].to_numpy(dtype=bool) if "unplaced" in frame else ~placed
        measured = "area_m2" in frame
        area = frame["area_m2"].fillna(0.0).to_numpy() if measured else np.zeros(len(frame))
        values = {"count": np.ones(len(frame)), "placed": placed, "unplaced": lost, "area_cm2": np.rint(area * _CM2)}
        for column in ("symbol", "flag"):
            if column not in frame:
                continue
            for code, rows in frame.groupby(column, sort=True).indices.items():
                some = {name: np.asarray(v)[rows].astype(np.int64) for name, v in values.items()}
                yield {
                    "layer": layer,
                    "symbol": code,
                    "flag": column == "flag",
                    "measured": measured,
                    **_steps(frame.iloc[rows], some),
                }


def _unplaced(life: pd.DataFrame) -> dict[str, Any]:
    if life.empty:
        return {"day": [], "nowhere": [], "partly": [], "ids": []}
    partly = life["partly"].to_numpy(dtype=bool)
    counts = _steps(life, {"nowhere": (~partly).astype(np.int64), "partly": partly.astype(np.int64)})
    since, until = _spans(life)
    if "hazard_id" not in life:
        return {**counts, "ids": []}
    names = life["hazard_id"].astype("object").where(life["hazard_id"].notna(), "(no id)")
    listed = zip(names.head(_LISTED), since.tolist(), until.tolist(), strict=False)
    return {**counts, "ids": [[str(name), a, b] for name, a, b in listed]}


def _chart(lying: scene.Scene, figures: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the lines of ground through time; where there are only finds, how many there were each year, by kind."""
    if lying.lives["hazards"].empty and lying.lives["releases"].empty and len(lying.lives["finds"]):
        return _finds_by_year(lying.lives["finds"])
    of_ground = [row for row in figures if row["layer"] == "ground"]
    lines = {}
    for line, codes in _LINES.items():
        steps = [
            pd.Series(row["area_cm2"], index=row["day"], dtype="float64") for row in of_ground if row["symbol"] in codes
        ]
        table = (
            pd.concat(steps, axis=1).sort_index().ffill().fillna(0.0).sum(axis=1)
            if steps
            else pd.Series(dtype="float64")
        )
        lines[line] = {"day": table.index.to_list(), "m2": (table / _CM2).to_list()}
    return {"kind": "ground", "lines": lines}


def _finds_by_year(finds: Any) -> dict[str, Any]:
    # A find is two rows when it was answered later than found; one answered at once has only the second.
    once = finds[finds["symbol"].ne("answered") | (finds["from"] <= finds["date"])]
    dated = once[once["date"].notna()]
    # Who does not see kinds does not see by the chart which find was an accident.
    kind = scene.find_kind(dated) if "kind" in dated else pd.Series("evidence", index=dated.index, dtype="object")
    year = dated["date"].dt.year
    years = list(range(int(year.min()), int(year.max()) + 1)) if len(year) else []
    table = pd.crosstab(year, kind).reindex(years, fill_value=0)
    kinds = [code for code in (*words.FIND_KIND.codes, "unknown", "evidence") if code in table]
    return {"kind": "finds", "year": years, "kinds": {code: table[code].to_list() for code in kinds}}
