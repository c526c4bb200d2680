"""The public question: which plots, on which day; and the table of answers.

Chooses the plots and refuses what cannot be asked; knows no geometry beyond that.
"""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hazardmap import measure, tables
from hazardmap.checks.answering import findings, table
from hazardmap.checks.index import prepare
from hazardmap.errors import CrsError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from numpy.typing import NDArray

    from hazardmap.checks.index import Ground
    from hazardmap.programme import Programme

    Array = NDArray[Any]

_CHUNK = 65_536
_SUGGESTED = 5


def check_plots(
    programme: Programme,
    plots: gpd.GeoDataFrame | Iterable[str] | None = None,
    *,
    on: str | date,
    today: date | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Any:
    """Tell for each plot whether it was released, and what lies on it.

    The verdict is the first of twelve that holds (`words.VERDICTS`, worst first): ground left open of a hazard, an
    unanswered find, a release in question or not handed over come before anything good, and a plot is ``released`` only
    when all of it is released ground. Areas are shares of `ground` on that day, measured without building any overlay.
    A hazard within the error of the boundaries, √(hazard² + plot²), counts as one that overlaps. Whatever says that
    land was released is confirmed by a second method, or the verdict is ``cannot_tell``.

    Parameters
    ----------
    programme
        The tables, without faults or with faulty rows quarantined.
    plots
        The plots: a GeoDataFrame with a declared CRS and perhaps the columns of the table ``plots`` (without
        ``plot_id`` the index labels are the ids); or ids or cadastre numbers of the programme's plots; or None for all
        of the programme's plots.
    on
        The day asked about, ISO text or date; not later than the programme's as-of date.
    today
        The day on which the answer is read. Data that are older by then than the policy's ``stale_after_days`` bring no
        good news. None: only the day asked about counts.
    progress
        Called with the number of plots answered and of all plots.

    Returns
    -------
    GeoDataFrame in EPSG:4326, one row for each plot, on the same index, with columns

    - ``plot_id, cadastre_no, name, use``
    - ``verdict``; ``why``: one sentence; ``flags``: of `words.FLAGS`
    - ``area_m2``, and for each state of `words.STATES` ``…_m2`` (they add up to it) and ``…_pct``
    - ``nearest_hazard_id``, ``nearest_hazard_m`` (0 where it overlaps), ``nearest_direction``: the nearest open hazard
    - ``required_depth_m``, ``cleared_depth_m``: the least depth to which its cleared ground was cleared
    - ``hazard_ids``, ``release_ids``, ``idle_release_ids`` (lie there and free nothing), ``survey_ids``, ``find_ids``
    - ``unplaced_hazards``: hazards without a position that may lie there
    - ``on``, ``as_of``, ``data_as_of``: the day asked about, the day up to which the programme and the coverage speak
    - ``sources``, ``geometry``

    A plot whose geometry cannot be used is answered ``cannot_tell`` with the reason, and has no areas.

    Raises
    ------
    SchemaError
        When the tables have faults, the day lies after the as-of date, or an id is not known.
    CrsError
        When the plots have no CRS.

    Examples
    --------
    >>> import hazardmap as hm
    >>> answers = hm.check_plots(hm.example(), on="2024-12-31")
    >>> answers[["plot_id", "verdict"]].values.tolist()
    [['P-A', 'released'], ['P-B', 'suspected_hazard'], ['P-C', 'confirmed_hazard'], ['P-D', 'release_in_question'],
     ['P-E', 'confirmed_hazard'], ['P-F', 'near_hazard']]
    >>> answers["why"][0]
    'released by R-001, on 2022-05-20, document HO-17, to 0.2 m'
    >>> answers.loc[1, ["suspected_open_pct", "not_handed_over_pct"]].astype(float).round(1).tolist()
    [50.0, 50.0]
    >>> hm.check_plots(hm.example(), [], on="2024-12-31").empty
    True
    """
    chosen = choose(programme, plots)
    ground = prepare(programme, on=on)
    twice = duplicates_where_chosen(programme, plots)
    return answers_for(ground, chosen, today=today, progress=progress, duplicates=twice)


def answers_for(
    ground: Ground,
    plots: gpd.GeoDataFrame,
    *,
    today: date | None = None,
    progress: Callable[[int, int], None] | None = None,
    duplicates: set[str] | None = None,
    doubt: Array | None = None,
) -> Any:
    """Answer for canonical plots, a part at a time; `duplicates` as in `doubts`, `doubt` what that gives, if known."""
    doubt = doubts(plots, duplicates) if doubt is None else doubt
    shapes = plots.geometry.to_numpy()
    accuracy, depth = (plots[c].to_numpy(dtype="float64") for c in ("accuracy_m", "required_depth_m"))

    def parts() -> Iterator[dict[str, Array]]:
        for first in range(0, max(len(plots), 1), _CHUNK):
            part = slice(first, first + _CHUNK)
            yield findings(
                ground,
                shapes[part],
                accuracy_m=accuracy[part],
                required_depth_m=depth[part],
                today=today,
                doubt=doubt[part],
            )
            if progress is not None:
                progress(min(first + _CHUNK, len(plots)), len(plots))

    return table(ground, plots, parts())


def choose(programme: Programme, plots: Any) -> gpd.GeoDataFrame:
    """Choose the plots that are asked about, as a canonical table."""
    if plots is None:
        return tables.canonical(programme.plots, "plots")
    if isinstance(plots, gpd.GeoDataFrame):
        return as_plots(plots)
    if isinstance(plots, str):
        raise SchemaError(f"plots = {plots!r}", "a list of ids, or a GeoDataFrame", f"write [{plots!r}]")
    return by_id(programme, list(plots))


def duplicates_where_chosen(programme: Programme, plots: Any) -> set[str] | None:
    """Give the ids of several plots in the table that ids are looked up in; None where the plots are a table."""
    if plots is None or isinstance(plots, gpd.GeoDataFrame):
        return None
    ids = programme.plots["plot_id"].dropna().str.strip()
    return set(ids[ids.duplicated()])


def as_plots(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Bring a table of plots to its canonical form: EPSG:4326, ids as text (of the index where there are none)."""
    if frame.active_geometry_name is None:
        raise SchemaError("a table of plots without geometry", "an active geometry column", "frame.set_geometry(…)")
    if frame.crs is None:
        raise CrsError(f"{len(frame):,} plots without a CRS", "a declared CRS", "state it: plots.set_crs('EPSG:32638')")
    geometry = frame.geometry
    if geometry.crs != measure.STORED_CRS:
        geometry = measure.to_stored(geometry)[0]
    known = {c.name for c in tables.table("plots").columns}
    data = pd.DataFrame(frame.drop(columns=frame.geometry.name))[[c for c in frame.columns if c in known]]
    if "plot_id" not in data:
        data = data.assign(plot_id=frame.index.astype("str"))
    for column in ("plot_id", "cadastre_no"):  # numbers are ids too
        if column in data and data[column].dtype != "str":
            data[column] = data[column].map(_id_text, na_action="ignore").astype("str")
    return tables.canonical(gpd.GeoDataFrame(data, geometry=geometry, crs=measure.STORED_CRS), "plots")


def _id_text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def by_id(programme: Programme, wanted: list[str]) -> gpd.GeoDataFrame:
    """Choose plots of a programme by id or cadastre number, in the order asked.

    Raises
    ------
    SchemaError
        Naming every id that is not known, and those that look like it.
    """
    table = tables.canonical(programme.plots, "plots")
    rows: dict[str, list[int]] = {}
    for column in ("cadastre_no", "plot_id"):
        for i, text in enumerate(table[column]):
            if isinstance(text, str) and i not in rows.setdefault(text.strip(), []):
                rows[text.strip()].append(i)
    unknown = [str(w) for w in wanted if str(w).strip() not in rows]
    if unknown:
        alike = {w: difflib.get_close_matches(w, rows, n=_SUGGESTED, cutoff=0.5) for w in unknown[:_SUGGESTED]}
        hints = "; ".join(f"like {w}: {', '.join(a)}" for w, a in alike.items() if a)
        some = ", ".join(unknown[:_SUGGESTED]) + (" …" if len(unknown) > _SUGGESTED else "")
        raise SchemaError(
            f"no plot {some} among the {len(table):,} plots of the programme",
            "ids or cadastre numbers of its plots",
            f"correct the id ({hints})" if hints else "correct the id, or give the plots as a file",
        )
    return table.iloc[[i for w in wanted for i in rows[str(w).strip()]]]


def doubts(plots: gpd.GeoDataFrame, duplicates: set[str] | None = None) -> Array:
    """Say for each plot why its record cannot be trusted; empty where it can.

    Quarantined rows, missing ids, and ids that stand for several rows: who looks one up would read either. Repaired
    polygons, too: of the readings of an outline that crosses itself one was kept, and the land may be another.

    Parameters
    ----------
    plots
        Canonical plots.
    duplicates
        The ids that stand for several plots, where that is known: one may stand for a plot that is not among these, and
        one plot may have been asked for twice.
    """
    ids = plots["plot_id"].fillna("").str.strip()
    twice = _several(ids) if duplicates is None else ids.isin(duplicates)
    doubt = np.full(len(plots), "", dtype=object)
    changed = plots["repaired"].notna().to_numpy()
    doubt[changed] = "its polygon was repaired at import: " + plots["repaired"].to_numpy(dtype=object)[changed]
    doubt[(twice & ids.ne("")).to_numpy()] = "its id stands for several plots"
    doubt[ids.eq("").to_numpy()] = "it has no id"
    depth, error = (plots[c].to_numpy(dtype="float64") for c in ("required_depth_m", "accuracy_m"))
    figures = doubts_of_figures(depth, error)
    doubt[figures != ""] = figures[figures != ""]
    bad = plots["quarantined"].notna().to_numpy()
    doubt[bad] = plots["quarantined"].to_numpy(dtype=object)[bad]
    return doubt


def _several(ids: pd.Series) -> pd.Series:
    """Say which ids stand for several rows. Ids mostly come sorted: then a look at neighbours is enough."""
    texts = ids.array
    if len(ids) > 1 and bool((texts[1:] > texts[:-1]).all()):
        return pd.Series(data=False, index=ids.index)
    return ids.duplicated(keep=False)


def doubts_of_figures(required_depth_m: Array, accuracy_m: Array) -> Array:
    """Say for each plot which of its figures cannot be; empty where they can."""
    doubt = np.full(len(accuracy_m), "", dtype=object)
    doubt[(required_depth_m <= 0) | np.isinf(required_depth_m)] = "the depth that its use needs is no number above 0"
    doubt[(accuracy_m < 0) | np.isinf(accuracy_m)] = "its accuracy is no number from 0 up"
    return doubt


@dataclasses.dataclass(frozen=True, eq=False)
class PlotIndex:
    """A programme prepared for one day, to be asked again and again (`plot_index`).

    Parameters
    ----------
    ground
        The prepared programme.
    today
        As in `check_plots`.
    """

    ground: Ground
    today: date | None = None

    def check(self, plots: Any = None) -> Any:
        """Answer as `check_plots` does."""
        programme = self.ground.programme
        chosen = choose(programme, plots)
        twice = duplicates_where_chosen(programme, plots)
        return answers_for(self.ground, chosen, today=self.today, duplicates=twice)

    def ask(
        self, plot: Any, *, accuracy_m: float | None = None, required_depth_m: float | None = None
    ) -> dict[str, Any]:
        """Answer about one polygon in EPSG:4326, without making a table: a few milliseconds.

        Parameters
        ----------
        plot
            A shapely polygon, longitude and latitude in WGS 84.
        accuracy_m, required_depth_m
            As in the table of plots.

        Returns
        -------
        The columns of `check_plots`, from ``verdict`` to ``data_as_of``.

        Examples
        --------
        >>> import hazardmap as hm
        >>> index = hm.plot_index(hm.example(), on="2024-12-31")
        >>> index.ask(hm.example().plots.geometry[2])["why"]
        'overlaps a confirmed hazardous area: H-003'
        """
        shape = np.array([plot], dtype=object)
        given = [np.array([np.nan if v is None else float(v)]) for v in (accuracy_m, required_depth_m)]
        doubt = doubts_of_figures(given[1], given[0])
        found = findings(
            self.ground, shape, accuracy_m=given[0], required_depth_m=given[1], today=self.today, doubt=doubt
        )
        return {name: values[0] for name, values in found.items()}


def plot_index(programme: Programme, *, on: str | date, today: date | None = None) -> PlotIndex:
    """Prepare a programme for many questions about one day.

    Raises
    ------
    SchemaError
        As `check_plots`.

    Examples
    --------
    >>> import hazardmap as hm
    >>> hm.plot_index(hm.example(), on="2024-12-31").check(["P-A"])["verdict"].tolist()
    ['released']
    """
    return PlotIndex(prepare(programme, on=on, every_set=True), today)
