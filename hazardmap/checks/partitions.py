"""The same answers over spatial partitions, on as many machines as Dask has.

Each partition gets the records' attributes, the ground near it and the edges of open ground that may be nearest to
it; the answers are those of one machine, whatever the partitioning. Knows Dask and the prepared ground.
"""

from __future__ import annotations

import dataclasses
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hazardmap.checks.index import Ground, prepare
from hazardmap.checks.meanings import Meanings, Numbering
from hazardmap.checks.plots import answers_for, choose, doubts, duplicates_where_chosen
from hazardmap.errors import HazardmapError, SchemaError
from hazardmap.programme import Programme
from hazardmap.release.days import ALWAYS, day_numbers

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray

    Array = NDArray[Any]


def check_partitions(
    programme: Programme,
    plots: Any = None,
    *,
    on: str | date,
    partitions: int | Array = 8,
    today: date | None = None,
) -> Any:
    """Answer as `check_plots` does, each spatial partition of the plots a task of Dask.

    Runs where Dask runs: on the cluster of an active ``distributed.Client``, else on Dask's own scheduler.

    Parameters
    ----------
    programme, plots, on, today
        As in `check_plots`.
    partitions
        How many, along a Hilbert curve; or for each plot the label of its partition.

    Returns
    -------
    The table of `check_plots`, in the same order.

    Raises
    ------
    HazardmapError
        When Dask is not installed.
    SchemaError, CrsError
        As in `check_plots`.

    Examples
    --------
    >>> import hazardmap as hm
    >>> from hazardmap.checks.partitions import check_partitions
    >>> told = check_partitions(hm.example(), on="2024-12-31", partitions=3)
    >>> told["verdict"].equals(hm.check_plots(hm.example(), on="2024-12-31")["verdict"])
    True
    """
    try:
        import dask  # noqa: PLC0415  an extra
    except ImportError:
        raise HazardmapError(
            "Dask is not installed", "Dask for answers by partitions", "pip install 'hazardmap[dask]'"
        ) from None
    chosen = choose(programme, plots)
    label = _labels(chosen, partitions)
    ground = prepare(programme, on=on)
    doubt = doubts(chosen, duplicates_where_chosen(programme, plots))
    shared = dask.delayed(_without_shapes(ground), pure=False)
    tasks, places = [], []
    # A missing label is a label too: no plot is left out.
    code = pd.factorize(label, use_na_sentinel=False)[0]
    for members in (np.flatnonzero(code == part) for part in range(code.max(initial=-1) + 1)):
        part = chosen.iloc[members]
        near = _near(ground, _bounds(part, ground), _reach(ground, part))
        tasks.append(dask.delayed(_answer, pure=False)(shared, near, part, doubt[members], today))
        places.append(members)
    if not tasks:
        return answers_for(ground, chosen, today=today)
    answers = pd.concat(dask.compute(*tasks))
    return answers.iloc[np.argsort(np.concatenate(places), kind="stable")]


def _labels(plots: gpd.GeoDataFrame, partitions: Any) -> Array:
    if isinstance(partitions, bool) or not isinstance(partitions, numbers.Integral):
        given = np.asarray(partitions)
        if given.shape != (len(plots),):
            raise SchemaError(
                f"{given.size} labels of partitions for {len(plots)} plots",
                "a label for each plot, or a number of partitions",
                "e.g. partitions=8",
            )
        return given
    if partitions < 1:
        raise SchemaError(f"partitions = {partitions}", "one partition or more", "e.g. partitions=8")
    from hazardmap.trapezoids.rings import hilbert  # noqa: PLC0415  the compiler is loaded when it is needed

    bounds = shapely.bounds(plots.geometry.to_numpy())
    bounds[~np.isfinite(bounds).all(axis=1)] = 0.0
    place = np.empty(len(plots), dtype=np.int64)
    place[np.argsort(hilbert(bounds), kind="stable") if len(plots) else []] = np.arange(len(plots))
    return np.asarray(place * int(partitions) // max(len(plots), 1))


def _without_shapes(ground: Ground) -> Ground:
    """Leave the shapes out that each partition gets for itself."""
    nothing = np.zeros(0, dtype=object)
    records = ground.records.without_shapes()
    edges = type(ground.open_edges)(*(nothing for _ in ground.open_edges))
    rings = type(ground.shapes)(*(nothing for _ in ground.shapes))
    empty = Meanings(records, ground.day, ground.meanings.numbering, np.zeros(0, dtype=np.int64))
    # What is said beside the answers comes from the programme; its tables stand in the records already.
    said = ground.programme
    programme = Programme(
        name=said.name, as_of=said.as_of, sources=said.sources, fictitious=said.fictitious, policy=said.policy
    )
    return dataclasses.replace(
        ground, programme=programme, records=records, shapes=rings, open_edges=edges, meanings=empty
    )


def _bounds(plots: gpd.GeoDataFrame, ground: Ground) -> Array | None:
    """Give the box of plots in the plane, with a metre to spare; None where no plot can be measured."""
    from hazardmap.checks.pieces import lay_out  # noqa: PLC0415

    box = lay_out(plots.geometry.to_numpy(), ground.records.plane).rings.box
    box = box[np.isfinite(box).all(axis=1)]
    return np.concatenate([box[:, :2].min(axis=0) - 1, box[:, 2:].max(axis=0) + 1]) if len(box) else None


@dataclasses.dataclass(frozen=True, eq=False)
class _Part:
    """The ground near one partition."""

    rings: tuple[Array, ...]
    numbering: Numbering
    edges: tuple[Array, ...]


def _near(ground: Ground, bounds: Array | None, reach: float) -> _Part:
    """Take the shapes that meet a box, and the edges that may be nearest to, or in error of, something in it."""
    shapes, edges = ground.shapes, ground.open_edges
    box = shapes.box
    meets = np.zeros(len(box), dtype=bool)
    keep = np.zeros(len(edges.label), dtype=bool)
    if bounds is not None:
        west, south, east, north = bounds
        meets = (box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south)
        low, high = np.minimum(edges.xy[:, :2], edges.xy[:, 2:]), np.maximum(edges.xy[:, :2], edges.xy[:, 2:])
        gap = np.hypot(
            np.maximum(0, np.maximum(west - high[:, 0], low[:, 0] - east)),
            np.maximum(0, np.maximum(south - high[:, 1], low[:, 1] - north)),
        )
        if len(gap):
            # From anywhere in the box the nearest edge is at most this far from the box.
            across = float(np.hypot(east - west, north - south))
            longest = np.hypot(*(edges.xy[:, 2:] - edges.xy[:, :2]).T)
            keep = gap <= (gap + longest).min() + across + 1.1 * reach
    chosen = np.flatnonzero(meets)
    kind = ground.meanings.numbering.kind(chosen)
    begins = np.searchsorted(kind, np.arange(len(ground.meanings.numbering.begins)))
    rings = _rings(shapes, chosen)
    return _Part(
        rings,
        Numbering(begins, ground.meanings.numbering.row[chosen]),
        (edges.xy[keep], edges.label[keep], edges.error[keep]),
    )


def _reach(ground: Ground, plots: gpd.GeoDataFrame) -> float:
    """Give the farthest that the error of any boundary, with that of any of the plots, reaches."""
    errors = ground.open_edges.error
    worst = float(errors.max()) if len(errors) else 0.0
    return worst + float(plots["accuracy_m"].fillna(ground.records.policy.plots_m).max())


def _rings(shapes: Any, chosen: Array) -> tuple[Array, ...]:
    """Take the rings of some shapes: coordinates, where rings begin, where shapes begin."""
    counts = np.diff(shapes.shape)[chosen]
    rings = np.repeat(shapes.shape[chosen] - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
    sizes = np.diff(shapes.ring)[rings]
    vertices = np.repeat(shapes.ring[rings] - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())

    def starts(values: Array) -> Array:
        return np.concatenate([[0], np.cumsum(values)]).astype(np.int64)

    return shapes.x[vertices], shapes.y[vertices], starts(sizes), starts(counts)


def _answer(shared: Ground, part: _Part, plots: gpd.GeoDataFrame, doubt: Array, today: date | None) -> Any:
    from hazardmap.trapezoids.distances import edges_of  # noqa: PLC0415
    from hazardmap.trapezoids.rings import from_arrays  # noqa: PLC0415

    coverage_day = day_numbers(shared.records.programme.coverage["as_of"], ALWAYS)
    ground = dataclasses.replace(
        shared,
        shapes=from_arrays(*part.rings),
        kind=part.numbering.kind(np.arange(len(part.numbering.row))),
        meanings=Meanings(shared.records, shared.day, part.numbering, coverage_day),
        open_edges=edges_of(*part.edges),
    )
    return answers_for(ground, plots, today=today, doubt=doubt)
