"""Ground told by zones: the totals of districts, and of the cells of a fixed grid where no district is known.

For readers who must not have exact boundaries. Rounds to the worse side only: what is not released up, what is released
down; a zone that holds any ground that is not released is told as such, however little it is. Knows the state of the
ground, the districts and the policy; draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from hazardmap import measure, readings, words
from hazardmap.release.records import narrow_ground
from hazardmap.release.telltale import GAP_M, known_outlines
from hazardmap.release.views import state_on

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from hazardmap.programme import Programme
    from hazardmap.release.telltale import Outlines

    Array = NDArray[Any]

#: The plane of the grid: equal areas all over the earth, so that a cell is the same for every programme and every day.
_PLANE = pyproj.CRS("EPSG:6933")
#: What a zone is told to be, worst first.
ZONE_STATES = ("confirmed_open", "suspected_open", "not_released", "released", "no_record")
_WORST = {
    "confirmed_open": 0,
    "suspected_open": 1,
    "in_question": 2,
    "not_handed_over": 2,
    **dict.fromkeys(words.RELEASED_STATES, 3),
}


@dataclass(frozen=True)
class _Pieces:
    """Ground by zone: the zone, the state, the area (0 where it only touches), and the shapes of the zones."""

    zone: Array
    state: Array
    area: Array
    shapes: Array


def generalised(programme: Programme, *, on: str | date) -> gpd.GeoDataFrame:
    """Give the ground of a day by zones, without any boundary of a record.

    Districts of at least the area of a cell are zones of their own where the policy says ``public_areas =
    "districts"``; all other ground is told by the cells of an equal-area grid, ``public_cell_m`` wide.

    Parameters
    ----------
    programme
        The tables.
    on
        The day.

    Returns
    -------
    GeoDataFrame in EPSG:4326, worst first, one row a zone in which anything is recorded, or which the data cover:
    ``zone`` (district or cell), ``name`` (of the district), ``cell_m`` (side of the cell, NaN for a district),
    ``state`` (one of `ZONE_STATES`, the worst in it), for each known state ``…_m2`` rounded to ``public_round_m2``
    (not released: up, so that nothing vanishes; released: down), ``unplaced_hazards`` (hazards without a position in
    the district).
    Districts that overlap each tell the open ground they share; released ground is told once. A cell is always a whole
    square and may lie over districts; its areas are those of the ground in it that lies in no district. Where districts
    leave less than half of a square, what is left could be found by taking them away: such a square tells all that is
    not released in the whole of it, so do the districts that it meets, and what is released in between is not told. The
    same holds for squares with ground that few districts share (`telltale`).

    Raises
    ------
    SchemaError
        When the tables have faults or the day lies after the as-of date.

    Examples
    --------
    >>> import hazardmap as hm
    >>> zones = hm.generalised(hm.example(), on="2024-12-31")
    >>> zones[["zone", "state", "confirmed_open_m2", "suspected_open_m2"]].values.tolist()  # 1.5 ha, 0.5 ha, 0
    [['cell', 'confirmed_open', 20000.0, 10000.0], ['cell', 'released', 0.0, 0.0]]
    """
    today = state_on(programme, on=on)
    policy, day = programme.policy, pd.Timestamp(on)
    ground = today.ground[today.ground["state"].isin(words.KNOWN_STATES)]
    districts = _districts(programme, day)
    outlines = known_outlines(measure.to_plane(districts.geometry, _PLANE), policy.public_cell_m)
    shapes = measure.to_plane(ground.geometry, _PLANE)
    state = ground["state"].to_numpy(dtype=object)
    held, rest = _in_districts(shapes, state, outlines)
    covered = narrow_ground(programme.coverage[programme.coverage["quarantined"].isna()], _PLANE)
    cells = _in_cells(rest, state, covered, outlines.whole, policy.public_cell_m)
    if len(districts):
        held, cells = _mixed(shapes, state, held, cells, outlines, policy.public_cell_m)
    lost = _unplaced(today.unplaced, districts)
    rows = [
        _told(held, len(districts), lost, policy.public_round_m2).assign(
            zone="district", name=districts["name"].to_numpy(), cell_m=np.nan
        ),
        _told(cells, len(cells.shapes), None, policy.public_round_m2).assign(
            zone="cell", name=None, cell_m=policy.public_cell_m
        ),
    ]
    table = pd.concat([r for r in rows if len(r)] or rows[:1], ignore_index=True)
    stored = np.r_[
        districts.geometry.to_numpy(), measure.from_plane(cells.shapes, _PLANE).to_numpy() if len(cells.shapes) else []
    ]
    frame = gpd.GeoDataFrame(table, geometry=stored.astype(object), crs=measure.STORED_CRS)
    rank = frame["state"].map(ZONE_STATES.index).to_numpy(dtype=np.int64)
    return frame.iloc[np.argsort(rank, kind="stable")].reset_index(drop=True)


def _districts(programme: Programme, day: pd.Timestamp) -> gpd.GeoDataFrame:
    """Choose the districts that are zones of their own: sound, valid on the day, no smaller than a cell."""
    districts, policy = programme.districts, programme.policy
    if policy.public_areas != "districts":
        return districts.iloc[:0]
    late, gone = districts["valid_from"] > day, districts["valid_to"] < day
    placed = ~(districts.geometry.isna() | districts.geometry.is_empty)
    sound = districts[~late & ~gone & placed & districts["quarantined"].isna()]
    shapes = np.array([readings.widest(g) for g in readings.polygons_of(sound.geometry.to_numpy())], dtype=object)
    sound = sound.set_geometry(gpd.GeoSeries(shapes, index=sound.index, crs=measure.STORED_CRS))
    roomy = measure.area_m2(sound.geometry) >= policy.public_cell_m**2
    return sound[roomy].sort_values("district_id").reset_index(drop=True)


def _in_districts(shapes: Array, state: Array, outlines: Outlines) -> tuple[_Pieces, Array]:
    """Share ground out to districts; what lies in none is handed back, gaps between outlines excepted."""
    rest = shapes.copy()
    if not len(outlines.each) or not len(shapes):
        return _Pieces(np.zeros(0, np.int64), np.zeros(0, object), np.zeros(0), outlines.each), rest
    row, zone = shapely.STRtree(outlines.each).query(shapes, predicate="dwithin", distance=GAP_M)
    order = np.lexsort((zone, row))
    row, zone = row[order], zone[order]
    area = shapely.area(shapely.intersection(shapes[row], outlines.each[zone], grid_size=measure.GRID_M))
    touched = np.unique(row)
    left = shapely.difference(shapes[touched], outlines.whole, grid_size=measure.GRID_M)
    parts, owner = shapely.get_parts(left, return_index=True)
    parts, owner = parts[there := ~shapely.is_empty(parts)], owner[there]
    shapely.prepare(outlines.near)
    far = ~shapely.covers(outlines.near, parts)  # however narrow it is: a strip that leads away is told where it goes
    kept: Array = np.full(len(touched), None, dtype=object)
    for i in np.unique(owner[far]):
        kept[i] = shapely.multipolygons(parts[far & (owner == i)])
    rest[touched] = kept
    # Ground that lies in a gap, or only touches, is still told by the districts beside it.
    nowhere = shapely.is_missing(rest)[row] & (np.bincount(row, area, minlength=len(shapes))[row] == 0)
    keep = (area > 0) | nowhere
    row, zone, area = row[keep], zone[keep], area[keep]
    freed = np.isin(state[row], words.RELEASED_STATES)
    again = np.r_[False, row[1:] == row[:-1]] & freed
    if again.any():  # districts may overlap, and no released ground is told twice
        area = area.copy()
        for i in np.unique(row[again]):
            area[row == i] = _told_once(shapes[i], outlines.each[zone[row == i]])
    return _Pieces(zone, state[row], area, outlines.each), rest


def _told_once(shape: Any, outlines: Array) -> Array:
    areas = []
    for outline in outlines:
        areas.append(shapely.area(shapely.intersection(shape, outline, grid_size=measure.GRID_M)))
        shape = shapely.difference(shape, outline, grid_size=measure.GRID_M)
    return np.array(areas)


def _in_cells(rest: Array, state: Array, covered: Array, whole: Any, side: float) -> _Pieces:
    """Share the rest out to the cells that it meets; cells that only the coverage meets hold nothing."""
    there = ~(shapely.is_missing(rest) | shapely.is_empty(rest))
    parts, row = shapely.get_parts(rest[there], return_index=True)
    row = np.flatnonzero(there)[row]
    part, column, line = _cells_of(parts, side)
    area = shapely.area(shapely.intersection(parts[part], _boxes(column, line, side), grid_size=measure.GRID_M))
    lone = np.bincount(part, area, minlength=len(parts))[part] == 0  # thinner than the grid: told all the same
    keep = (area > 0) | lone
    part, area = part[keep], area[keep]
    claimed = shapely.get_parts(shapely.difference(shapely.union_all(covered, grid_size=measure.GRID_M), whole))
    _, blank_column, blank_line = _cells_of(claimed[measure.width_m(claimed) >= GAP_M], side)
    every = np.c_[np.r_[column[keep], blank_column], np.r_[line[keep], blank_line]].reshape(-1, 2)
    cells, zone = np.unique(every, axis=0, return_inverse=True)
    # Always the whole square: what districts leave of it can be as narrow as the hazard, and would draw it.
    boxes = _boxes(cells[:, 0], cells[:, 1], side)
    return _Pieces(zone.reshape(-1)[: len(part)], state[row[part]], area, boxes)


def _mixed(
    shapes: Array, state: Array, held: _Pieces, cells: _Pieces, outlines: Outlines, side: float
) -> tuple[_Pieces, _Pieces]:
    """Let squares in which districts give a place away, and the districts that they meet, tell the same danger."""
    open_row = np.flatnonzero(np.isin(state, words.REMAINING_STATES))
    part, column, line = _cells_of(shapes[open_row], side)
    met, square = np.unique(np.c_[column, line].reshape(-1, 2), axis=0, return_inverse=True)
    boxes = _boxes(met[:, 0], met[:, 1], side)
    tight = outlines.tight(boxes, side)
    here = tight[square.reshape(-1)]
    row, box = open_row[part[here]], square.reshape(-1)[here]
    cut = shapely.intersection(shapes[row], boxes[box], grid_size=measure.GRID_M)
    inside = readings.polygons_of(cut)  # where only an edge is met there is a line as well
    # Of the other squares those stay of which enough lies outside; what is released in a narrow rest is not told.
    keep = ~outlines.tight(cells.shapes, side)
    number = np.cumsum(keep) - 1
    mine = keep[cells.zone]
    drawn, place = np.unique(box, return_inverse=True)
    both = _Pieces(
        np.r_[number[cells.zone[mine]], keep.sum() + place],
        np.r_[cells.state[mine], state[row]],
        np.r_[cells.area[mine], np.nan_to_num(shapely.area(inside))],
        np.r_[cells.shapes[keep], boxes[drawn]],
    )
    found, zone = shapely.STRtree(held.shapes).query(boxes[box], predicate="intersects")
    beyond = shapely.difference(inside[found], held.shapes[zone], grid_size=measure.GRID_M)  # the rest it tells already
    worse = _Pieces(
        np.r_[held.zone, zone],
        np.r_[held.state, state[row[found]]],
        np.r_[held.area, np.nan_to_num(shapely.area(beyond))],
        held.shapes,
    )
    return worse, both


def _cells_of(parts: Array, side: float) -> tuple[Array, Array, Array]:
    """List the cells that each part meets: the number of the part, column and line of the cell."""
    if not len(parts):
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, nothing
    found = []
    for number, (part, bounds) in enumerate(zip(parts, shapely.bounds(parts), strict=True)):
        west, south, east, north = np.floor(bounds / side).astype(np.int64)
        column, line = (v.ravel() for v in np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1)))
        if len(column) > 1:
            shapely.prepare(part)
            meets = shapely.intersects(part, _boxes(column, line, side))
            column, line = column[meets], line[meets]
        found.append(np.c_[np.full(len(column), number), column, line])
    listed = np.concatenate(found)
    return listed[:, 0], listed[:, 1], listed[:, 2]


def _boxes(column: Array, line: Array, side: float) -> Array:
    return np.asarray(shapely.box(column * side, line * side, (column + 1) * side, (line + 1) * side), dtype=object)


def _told(pieces: _Pieces, count: int, lost: pd.DataFrame | None, unit: float) -> pd.DataFrame:
    """Add up and round the areas of each zone, and say what the worst in it is."""
    worst = np.full(count, len(ZONE_STATES) - 1)
    np.minimum.at(worst, pieces.zone, np.array([_WORST[s] for s in pieces.state], dtype=np.int64))
    table = {}
    step = max(unit, 1.0)
    for state in words.KNOWN_STATES:
        mine = pieces.state == state
        area = np.bincount(pieces.zone[mine], pieces.area[mine], minlength=count)
        if state in words.RELEASED_STATES:
            table[f"{state}_m2"] = np.floor(area / step) * step
        else:
            some = np.bincount(pieces.zone[mine], minlength=count) > 0
            table[f"{state}_m2"] = np.where(some, np.maximum(np.ceil(area / step), 1) * step, 0.0)
    found = pd.DataFrame(table)
    found["unplaced_hazards"] = 0 if lost is None else lost["count"].to_numpy()
    if lost is not None:
        worst = np.minimum(worst, lost["worst"].to_numpy())
    found.insert(0, "state", np.array(ZONE_STATES, dtype=object)[worst])
    return found


def _unplaced(unplaced: pd.DataFrame, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count the hazards without a position by the district that they name, and say how bad the worst of them is."""
    found = pd.DataFrame({"count": 0, "worst": len(ZONE_STATES) - 1}, index=range(len(districts)))
    of_name: dict[str, list[int]] = {}
    for i, row in enumerate(districts.itertuples()):
        for text in {words.fold(t) for t in (row.district_id, row.name, *row.aliases) if isinstance(t, str)}:
            of_name.setdefault(text, []).append(i)
    for text, confirmed in zip(unplaced["district"], unplaced["classification"].ne("suspected"), strict=True):
        for i in of_name.get(words.fold(text), []) if isinstance(text, str) else []:
            found.loc[i, "count"] += 1
            found.loc[i, "worst"] = min(int(found.loc[i, "worst"]), 0 if confirmed else 1)
    return found
