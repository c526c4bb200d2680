"""Everything known about every day: ground, hazards, releases and what has no place, each row with its days.

`state_on` for all days at once: the rows that hold on a day are the rows that `state_on` gives for it. Knows the rule's
output; decides nothing itself, draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hazardmap import measure, words
from hazardmap.release.cells import areas_m2, cut
from hazardmap.release.days import ALWAYS, NEVER, day_number, day_numbers
from hazardmap.release.records import answered_until, narrow_ground, read_records
from hazardmap.release.rule import NOTHING, RANK, expand, questioned
from hazardmap.release.standing import STANDINGS, judge, told
from hazardmap.release.through_time import ask_through_time, measured, next_days, same_as_before, spans, with_days
from hazardmap.release.views import claimed_ground

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from hazardmap.programme import Programme
    from hazardmap.release.cells import Cells
    from hazardmap.release.records import Records
    from hazardmap.release.through_time import Asked

    Array = NDArray[Any]

_UNPLACED = ["hazard_id", "district", "classification", "status", "date_of_information", "quarantined"]


@dataclass(frozen=True)
class StateThroughTime:
    """The tables of `StateOn`, each row with ``from`` and ``to``."""

    ground: gpd.GeoDataFrame
    hazards: gpd.GeoDataFrame
    releases: gpd.GeoDataFrame
    unplaced: pd.DataFrame


def state_through_time(programme: Programme) -> StateThroughTime:
    """Give what `state_on` gives, for all days up to the as-of date at once.

    A row holds on every day with ``from`` ≤ day < ``to``; a missing ``from`` means since always, a missing ``to``
    means still: see `holding`. Ground without a record inside the coverage is ``no_record``, in several rows.

    Examples
    --------
    >>> import hazardmap as hm
    >>> life = hm.state_through_time(hm.example()).releases
    >>> life = life[life["release_id"] == "R-001"]
    >>> list(zip(life["from"].dt.strftime("%m-%d"), life["standing"]))  # then quality, decision and paper came
    [('05-20', 'pending'), ('05-25', 'pending'), ('06-01', 'pending'), ('06-10', 'counting')]
    """
    records = read_records(programme)
    cells = cut(records)
    asked = ask_through_time(records, cells, from_the_start=True)
    hazards = _hazards(records, cells, asked)
    return StateThroughTime(
        _ground(records, cells, asked), hazards, _releases(records), _without_place(records, hazards)
    )


def holding(frame: Any, *, on: str | date) -> Any:
    """Choose the rows of a table with ``from`` and ``to`` that hold on a day.

    Examples
    --------
    >>> import hazardmap as hm
    >>> hm.holding(hm.timeline(hm.example()), on="2022-06-09")["state"].unique().tolist()
    ['not_handed_over', 'suspected_open', 'confirmed_open']
    """
    day = pd.Timestamp(on)
    return frame[~(frame["from"] > day) & ~(frame["to"] <= day)]


def _up_to(records: Records, day: Array) -> Array:
    """Say which days the tables know something of."""
    as_of = records.programme.as_of
    known = day < NEVER
    return known if as_of is None else known & (day <= day_number(records.programme, as_of))


def _ground(records: Records, cells: Cells, asked: Asked) -> gpd.GeoDataFrame:
    """Give the spans of all cells; where no record speaks, the part of the cell that the coverage claims."""
    rows, cell = spans(records, asked, reasons=True)
    frame = measured(records, cells, rows, cell)
    blank = (frame["state"] == words.STATES[NOTHING]).to_numpy()
    claimed = claimed_ground(records)
    if claimed is None:
        return frame[~blank].reset_index(drop=True)
    shapely.prepare(claimed)
    inside = np.full(len(cells), None, dtype=object)
    of_cell = np.unique(cell[blank])
    whole = shapely.covers(claimed, cells.ground[of_cell])
    inside[of_cell[whole]] = cells.ground[of_cell[whole]]
    inside[of_cell[~whole]] = _polygons(
        shapely.intersection(cells.ground[of_cell[~whole]], claimed, grid_size=measure.GRID_M)
    )
    rest = shapely.union_all(cells.ground, grid_size=measure.GRID_M) if len(cells) else None
    never = claimed if rest is None else shapely.difference(claimed, rest, grid_size=measure.GRID_M)
    empty = frame.iloc[:0].reindex([0])
    for name in ("hazard_ids", "release_ids", "unlinked_release_ids", "void_release_ids", "survey_ids", "find_ids"):
        empty[name] = [()]
    bare = pd.concat([frame[blank], empty], ignore_index=True) if blank.any() else empty
    bare["state"], bare["why"] = words.STATES[NOTHING], "no record here"
    shapes = measure.from_plane(np.r_[inside[cell[blank]], _polygons(np.array([never], dtype=object))], records.plane)
    bare = bare.set_geometry(shapes.set_axis(bare.index), crs=measure.STORED_CRS)
    bare["area_m2"] = measure.area_m2(bare.geometry)
    bare = bare[~(bare.geometry.isna() | bare.geometry.is_empty)]
    return pd.concat([frame[~blank], bare], ignore_index=True) if (~blank).any() else bare.reset_index(drop=True)


def _polygons(shapes: Array) -> Array:
    """Keep of each shape its parts that are more than noise; None where nothing is left."""
    kept = np.full(len(shapes), None, dtype=object)
    for i, shape in enumerate(shapes):
        parts = shapely.get_parts(shape)
        parts = parts[measure.width_m(parts) >= measure.NOISE_WIDTH_M] if len(parts) else parts
        kept[i] = shapely.multipolygons(parts) if len(parts) else None
    return kept


def _hazards(records: Records, cells: Cells, asked: Asked) -> gpd.GeoDataFrame:
    """Give for each hazard the spans in which its version, its ground and what of it is open stay the same."""
    versions, on = records.versions, asked.ruling.hazards
    ask, hazard = on["ask"].to_numpy(dtype=np.int64), on["hazard"].to_numpy(dtype=np.int64)
    day, until = asked.day[ask], asked.until[ask]
    every = np.r_[np.c_[versions.hazard, versions.day], np.c_[hazard, day], np.c_[hazard, until]]
    events = np.unique(every[_up_to(records, every[:, 1])], axis=0)
    key = events[:, 0] * (4 * NEVER) + events[:, 1]
    low = np.searchsorted(key, hazard * (4 * NEVER) + day)
    high = np.searchsorted(key, hazard * (4 * NEVER) + until)
    owner, event = expand(low, high - low)
    row = np.searchsorted(versions.hazard * (4 * NEVER) + versions.day, key, "right") - 1
    cell = asked.cell[ask][owner]
    opened = on["state"].to_numpy()[owner] <= RANK["suspected_open"]
    area = areas_m2(records, cells)
    confirmed = np.zeros(len(events), dtype=bool)
    confirmed[event[on["confirmed"].to_numpy(dtype=bool)[owner]]] = True
    shape, shapes = _grounds(cells, event, cell, len(events))
    facts = pd.DataFrame(
        {
            "row": row,
            "shape": shape,
            "confirmed": confirmed,
            "open_m2": np.bincount(event[opened], area[cell[opened]], minlength=len(events)).round(6),
            "unplaced": _unplaced_since(records)[row] if len(row) else np.zeros(0, dtype=bool),
        }
    )
    first = np.flatnonzero(~same_as_before(facts, events[:, 0]))
    facts, owner, day = facts.iloc[first], events[first, 0], events[first, 1]
    table = records.programme.hazards
    rows = table.drop(columns=table.geometry.name).iloc[versions.row[facts["row"].to_numpy()]].reset_index(drop=True)
    placed = facts["shape"].to_numpy() >= 0
    stored = measure.from_plane(np.r_[shapes, np.array([None], dtype=object)], records.plane)
    frame = gpd.GeoDataFrame(
        with_days(pd.DataFrame(rows), day, next_days(owner, day)),
        geometry=stored.to_numpy()[facts["shape"].to_numpy()],
        crs=measure.STORED_CRS,
    )
    held = np.where(facts["confirmed"], "confirmed", "suspected")
    frame["classification"] = frame["classification"].where(~placed, pd.Series(held, dtype="str"))
    frame["area_m2"] = measure.area_m2(stored).to_numpy()[facts["shape"].to_numpy()]
    frame["open_m2"], frame["unplaced"] = facts["open_m2"].to_numpy(), facts["unplaced"].to_numpy()
    return frame


def _grounds(cells: Cells, event: Array, cell: Array, count: int) -> tuple[Array, Array]:
    """Join the cells of each event into one shape; events with the same cells share it, -1 for those without any."""
    order = np.lexsort((cell, event))
    event, cell = event[order], cell[order]
    which = np.full(count, -1, dtype=np.int64)
    shapes: dict[bytes, tuple[int, Array]] = {}
    starts = np.flatnonzero(np.r_[True, event[1:] != event[:-1]]) if len(event) else np.zeros(0, dtype=np.int64)
    for members, owner in zip(np.split(cell, starts[1:]) if len(starts) else [], event[starts], strict=True):
        which[owner] = shapes.setdefault(members.tobytes(), (len(shapes), members))[0]
    joined: Array = np.empty(len(shapes), dtype=object)
    joined[:] = [shapely.coverage_union_all(cells.ground[members]) for _, members in shapes.values()]
    return which, joined


def _unplaced_since(records: Records) -> Array:
    """Say for each version whether the hazard has, by then, ground without a position (as `latest_versions`)."""
    versions, events = records.versions, records.programme.hazards["event"]
    brings = ~events.isin(words.EVENTS_WITHOUT_GROUND).to_numpy()[versions.row] | versions.quarantined
    lost = pd.Series(brings & ~records.version_placed).groupby(versions.hazard).cummax()
    placed = pd.Series(records.version_placed).groupby(versions.hazard).cummax()
    return np.asarray(lost.astype(bool) | ~placed.astype(bool))


def _releases(records: Records) -> gpd.GeoDataFrame:
    """Give for each release the spans in which its standing, what it lacks and what questions it stay the same."""
    releases, asks = records.programme.releases, records.questions
    bad = releases["quarantined"].notna().to_numpy()
    number = np.arange(len(releases))
    start = np.where(bad, ALWAYS, records.release_days["completed"])
    pairs = [np.c_[number, start], *(np.c_[number, days] for days in records.release_days.values())]
    pairs += [np.c_[asks["release"], asks["start"]], np.c_[asks["release"], asks["end"]]]
    every = np.unique(np.concatenate(pairs).astype(np.int64), axis=0)
    every = every[_up_to(records, every[:, 1]) & (every[:, 1] >= start[every[:, 0]])]
    release, day = every[:, 0], every[:, 1]
    stands, lacks = judge(records, release, day)
    facts = pd.DataFrame({"stands": stands, "lacks": lacks, "asked": questioned(records, release, day)})
    first = np.flatnonzero(~same_as_before(facts, release))
    facts, release, day = facts.iloc[first], release[first], day[first]
    shapes = measure.from_plane(narrow_ground(releases, records.plane), records.plane)
    rows = releases.drop(columns=releases.geometry.name).iloc[release].reset_index(drop=True)
    frame = gpd.GeoDataFrame(
        with_days(pd.DataFrame(rows), day, next_days(release, day)),
        geometry=shapes.to_numpy()[release],
        crs=measure.STORED_CRS,
    )
    frame["standing"] = np.array(STANDINGS, dtype=object)[facts["stands"]]
    frame["in_question"] = facts["asked"].to_numpy()
    frame["why"] = [told(v) for v in facts["lacks"].tolist()]
    frame["area_m2"] = measure.area_m2(shapes).to_numpy()[release]
    return frame.astype({"standing": "str", "why": "str"})


def _without_place(records: Records, hazards: gpd.GeoDataFrame) -> pd.DataFrame:
    """Choose the hazards that have no position, or ground without one; evidence without a position is one of them.

    ``partly``: some ground of the hazard has a position.
    """
    finds = records.programme.finds
    since, until = day_numbers(finds["date"], ALWAYS), answered_until(finds)
    lost = (finds.geometry.isna() | finds.geometry.is_empty).to_numpy()
    lost = lost & (since < until) & _up_to(records, since)
    evidence = finds[lost].rename(columns={"find_id": "hazard_id", "date": "date_of_information"})
    evidence = evidence.assign(classification="suspected", status="open", partly=False)
    evidence = with_days(evidence, since[lost], until[lost])
    columns = [*_UNPLACED, "partly", "from", "to"]
    rows = hazards[hazards["unplaced"]]
    rows = rows.assign(partly=rows.geometry.notna())
    return pd.DataFrame(pd.concat([rows[columns], evidence[columns]], ignore_index=True))
