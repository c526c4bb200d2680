"""Roads, canals and power lines asked like plots: stretch by stretch, by the ground under a corridor round the line.

Cuts lines into pieces and puts pieces of one verdict together again; the answers come from the question about plots.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import ops

from hazardmap import measure, tables
from hazardmap.checks.answering import findings, table
from hazardmap.checks.index import prepare
from hazardmap.errors import CrsError, SchemaError

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from hazardmap.checks.index import Ground
    from hazardmap.programme import Programme

    Array = NDArray[Any]

#: Pieces answered at once.
_CHUNK = 65_536


def check_lines(
    programme: Programme,
    lines: gpd.GeoDataFrame,
    *,
    on: str | date,
    width_m: float,
    step_m: float = 5.0,
    today: date | None = None,
) -> Any:
    """Tell along lines which stretches were released, and what lies on the others.

    The line is cut into pieces of at most `step_m`; the ground within half the width of a piece, round its ends too, is
    asked like a plot, and neighbouring pieces of one verdict make a stretch. So a hazard always takes whole pieces, and
    is met half a width before the line itself reaches it.

    Parameters
    ----------
    programme, on, today
        As in `check_plots`.
    lines
        LineStrings and MultiLineStrings with a declared CRS; a column ``accuracy_m`` is used where there is one (the
        policy's accuracy of plots where not), ``line_id`` and ``name`` are carried along.
    width_m
        Width of the corridor, metres.
    step_m
        Length of the pieces, metres.

    Returns
    -------
    GeoDataFrame in EPSG:4326, one row for each stretch in the order of the lines, with columns

    - ``line``: index label of the line; ``line_id``, ``name``
    - ``from_m``, ``to_m``: along the line on the ground, over all its parts; ``length_m``
    - the columns of `check_plots` from ``verdict`` on; areas are those of the corridor of the stretch, which reaches
      half a width beyond its ends
    - ``geometry``: the stretch, a LineString; of a line that cannot be used, the line

    Raises
    ------
    CrsError
        When the lines have no CRS.
    SchemaError
        When width or step are no lengths above 0, or a table has faults.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import hazardmap as hm
    >>> road = gpd.GeoDataFrame(geometry=[shapely.LineString([(46.9995, 40.0004), (47.0050, 40.0004)])], crs=4326)
    >>> told = hm.check_lines(hm.example(), road, on="2024-12-31", width_m=10)
    >>> told[["from_m", "to_m", "verdict"]].round().values.tolist()[:3]
    [[0.0, 35.0, 'no_record'], [35.0, 50.0, 'partly_released'], [50.0, 135.0, 'released']]
    """
    for name, value in (("width_m", width_m), ("step_m", step_m)):
        if not 0 < value < float("inf"):
            raise SchemaError(f"{name} = {value!r}", "a length above 0 in metres", f"e.g. {name}=12")
    if lines.crs is None:
        raise CrsError(f"{len(lines):,} lines without a CRS", "a declared CRS", "state it: lines.set_crs('EPSG:32638')")
    ground = prepare(programme, on=on)
    stored = measure.to_stored(lines.geometry)[0]
    accuracy = pd.to_numeric(lines.get("accuracy_m", pd.Series(np.nan, index=lines.index))).to_numpy(dtype="float64")
    parts = [
        _stretches(ground, shape, line, width_m=width_m, step_m=step_m, accuracy_m=error, today=today)
        for line, shape, error in zip(lines.index, stored, accuracy, strict=True)
    ]
    if not parts:
        parts = [_told(ground, np.zeros(0, dtype=object), np.zeros(0, dtype=object), np.nan, today)]
        for place, (column, none) in enumerate({"line": [], "from_m": 0.0, "to_m": 0.0, "length_m": 0.0}.items()):
            parts[0].insert(place, column, none)
    told = pd.concat(parts, ignore_index=True)
    for place, column in enumerate(("line_id", "name"), start=1):
        given = lines[column] if column in lines else pd.Series(np.nan, index=lines.index, dtype="object")
        told.insert(place, column, told["line"].map(given.to_dict()).astype("str"))
    return told


def stretches_as_plots(stretches: gpd.GeoDataFrame, *, width_m: float) -> gpd.GeoDataFrame:
    """Give stretches the form of answers about plots: the corridor as the plot, its place on the line as its id.

    Parameters
    ----------
    stretches
        From `check_lines`.
    width_m
        As there.

    Returns
    -------
    GeoDataFrame with the columns of `check_plots`.
    """
    names = stretches["line_id"].where(stretches["line_id"].notna(), "line " + stretches["line"].astype("str"))
    sound = stretches["from_m"].notna()
    spans = [f" {a:,.0f}–{b:,.0f} m" if a == a else "" for a, b in stretches[["from_m", "to_m"]].to_numpy()]  # noqa: PLR0124  NaN
    lines = stretches.geometry.where(sound)
    plane = measure.local_plane(lines.total_bounds)
    corridors = measure.from_plane(measure.grown(measure.to_plane(lines, plane), width_m / 2, plane), plane)
    answers = stretches.drop(columns=["line", "line_id", "name", "from_m", "to_m", "length_m"])
    answers.insert(0, "plot_id", (names.astype("str") + spans).astype("str"))
    for place, column in enumerate(("cadastre_no", "name", "use"), start=1):
        given = stretches["name"] if column == "name" else np.nan
        answers.insert(place, column, pd.Series(given, index=answers.index, dtype="str"))
    return answers.set_geometry(corridors.to_numpy(), crs=measure.STORED_CRS)


def _stretches(
    ground: Ground, shape: Any, line: Any, *, width_m: float, step_m: float, accuracy_m: float, today: date | None
) -> gpd.GeoDataFrame:
    """Answer for one line."""
    flaw = _flaw(shape)
    if flaw:
        told = _told(ground, np.array([None], dtype=object), np.array([shape], dtype=object), accuracy_m, today)
        told["why"] = pd.Series([f"the line cannot be used: {flaw}"], index=told.index, dtype="str")
        for place, column in enumerate(("from_m", "to_m", "length_m")):
            told.insert(place, column, np.nan)
    else:
        pieces, start, end = _pieces(shape, ground, step_m)
        verdict = np.concatenate(
            [
                findings(
                    ground,
                    _corridor(pieces[i : i + _CHUNK], ground, width_m),
                    accuracy_m=np.full(len(pieces[i : i + _CHUNK]), accuracy_m),
                    required_depth_m=np.full(len(pieces[i : i + _CHUNK]), np.nan),
                    today=today,
                )["verdict"]
                for i in range(0, len(pieces), _CHUNK)
            ]
        )
        first = np.flatnonzero(np.r_[True, verdict[1:] != verdict[:-1]])
        groups = np.split(pieces, first[1:])
        stretches = np.array([_put_together(g) for g in groups], dtype=object)
        shapes = measure.from_plane(stretches, ground.records.plane).to_numpy()
        told = _told(ground, _corridor(stretches, ground, width_m), shapes, accuracy_m, today)
        until = np.r_[start[first[1:]], end[-1]]
        for place, (column, values) in enumerate(
            {"from_m": start[first], "to_m": until, "length_m": until - start[first]}.items()
        ):
            told.insert(place, column, values)
    told.insert(0, "line", [line] * len(told))
    return told


def _flaw(shape: Any) -> str:
    if shape is None:
        return "it has no geometry"
    if shape.is_empty:
        return "its geometry is empty"
    if shape.geom_type not in {"LineString", "MultiLineString"}:
        return f"it is a {shape.geom_type}, not a line"
    if not np.isfinite(shapely.get_coordinates(shape)).all() or not tables.on_earth(np.array([shape.bounds]))[0]:
        return "its coordinates are no longitude and latitude"
    return "" if shape.length > 0 else "it has no length"


def _pieces(shape: Any, ground: Ground, step_m: float) -> tuple[Array, Array, Array]:
    """Cut a line into pieces in the plane; give them, and where each begins and ends along it on the ground."""
    plane = ground.records.plane
    sound = [part for part in shapely.get_parts(shape) if part.length > 0]
    parts = measure.to_plane(gpd.GeoSeries(sound, crs=measure.STORED_CRS), plane)
    true = measure.length_m(gpd.GeoSeries(sound, crs=measure.STORED_CRS)).to_numpy()
    pieces: list[Any] = []
    start, end, before = [], [], 0.0
    for part, length in zip(parts, true, strict=True):
        count = max(int(np.ceil(length / step_m - 1e-9)), 1)
        bounds = np.linspace(0.0, part.length, count + 1)
        pieces += [ops.substring(part, low, high) for low, high in pairwise(bounds)]
        along = before + np.linspace(0.0, length, count + 1)
        start.append(along[:-1])
        end.append(along[1:])
        before += length
    held = np.empty(len(pieces), dtype=object)
    held[:] = pieces
    return held, np.concatenate(start), np.concatenate(end)


def _put_together(pieces: Array) -> Any:
    """Join pieces that follow each other; a line in parts stays in parts."""
    merged = ops.linemerge(list(pieces)) if len(pieces) > 1 else pieces[0]
    return merged if merged.geom_type == "LineString" else shapely.multilinestrings(shapely.get_parts(merged))


def _corridor(pieces: Array, ground: Ground, width_m: float) -> Array:
    """Give the ground within half the width of lines in the plane, in EPSG:4326; never less than that."""
    return np.asarray(
        measure.from_plane(measure.grown(pieces, width_m / 2, ground.records.plane), ground.records.plane)
    )


def _told(ground: Ground, corridors: Array, shapes: Array, accuracy_m: float, today: date | None) -> gpd.GeoDataFrame:
    nan = np.full(len(corridors), np.nan)
    found = findings(ground, corridors, accuracy_m=np.full(len(nan), accuracy_m), required_depth_m=nan, today=today)
    plots = gpd.GeoDataFrame(dict.fromkeys(("plot_id", "cadastre_no", "name", "use"), nan), geometry=shapes, crs=4326)
    return table(ground, plots, [found]).drop(columns=["plot_id", "cadastre_no", "name", "use"])
