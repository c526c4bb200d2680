"""The state of ground on a day: what every map, account and plot answer is made of.

Knows the rule's output and the coverage; draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hazardmap import measure, words
from hazardmap.release.cells import cut
from hazardmap.release.days import day_number
from hazardmap.release.listing import complete_releases, known_hazards, without_place
from hazardmap.release.records import narrow_ground, read_records
from hazardmap.release.rule import NOTHING, decide_all
from hazardmap.release.telling import SETS, columns

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from hazardmap.programme import Programme
    from hazardmap.release.cells import Cells
    from hazardmap.release.records import Records
    from hazardmap.release.rule import Ruling

    Array = NDArray[Any]


@dataclass(frozen=True)
class StateOn:
    """Everything known about one day: what `ground`, `hazards_on`, `releases_on` and `unplaced` give."""

    ground: gpd.GeoDataFrame
    hazards: gpd.GeoDataFrame
    releases: gpd.GeoDataFrame
    unplaced: pd.DataFrame


def state_on(programme: Programme, *, on: str | date) -> StateOn:
    """Give `ground`, `hazards_on`, `releases_on` and `unplaced` for one day, reading the programme once.

    Examples
    --------
    >>> import hazardmap as hm
    >>> today = state_on(hm.example(), on="2024-12-31")
    >>> len(today.ground), len(today.hazards), len(today.releases), len(today.unplaced)
    (9, 6, 4, 1)
    """
    day = day_number(programme, on)
    records = read_records(programme)
    cells = cut(records)
    ruling = decide_all(records, cells, day)
    hazards = known_hazards(records, cells, ruling, day)
    return StateOn(
        ground_of(records, cells, ruling, day),
        hazards,
        complete_releases(records, day),
        without_place(records, hazards, day),
    )


def ground(programme: Programme, *, on: str | date) -> gpd.GeoDataFrame:
    """Give the state of ground on a day: disjoint polygons, one state each (the rule of the ground).

    One row for each combination of records that lie together; ground without a record appears as ``no_record`` inside
    the coverage and not at all outside it.

    Parameters
    ----------
    programme
        The tables, without faults or with faulty rows quarantined.
    on
        The day, ISO text or date; not later than the programme's as-of date.

    Returns
    -------
    GeoDataFrame in EPSG:4326, ordered by state (worst first), with columns

    - ``state``: one of `words.STATES` (without ``outside_coverage``)
    - ``product``: of the release that has the ground; for ground not handed over or in question the product reported;
      ``depth_m``: to which it was cleared, by the deepest clearance that counts
    - ``hazard_ids``: hazards on it; ``release_ids``: releases with effect on it; ``unlinked_release_ids``: releases
      that lie there but name no hazard and so free nothing; ``void_release_ids``; ``survey_ids``; ``find_ids``:
      evidence that puts it in question or makes it suspected
    - ``why``: the reason in words; ``area_m2``: on the ellipsoid; ``geometry``

    Raises
    ------
    SchemaError
        When the tables have faults or the day lies after the as-of date.

    Examples
    --------
    >>> import hazardmap as hm
    >>> state = hm.ground(hm.example(), on="2024-12-31")
    >>> state.groupby("state", sort=False)["area_m2"].sum().round().astype(int).to_dict()
    {'confirmed_open': 15000, 'suspected_open': 5000, 'in_question': 10000, 'not_handed_over': 5000, 'cleared': 15000,
     'surveyed': 10000, 'no_record': 2250000}
    >>> hm.ground(hm.Programme(), on="2024-12-31").empty
    True
    """
    day = day_number(programme, on)
    records = read_records(programme)
    cells = cut(records)
    return ground_of(records, cells, decide_all(records, cells, day), day)


def remaining(programme: Programme, *, on: str | date) -> gpd.GeoDataFrame:
    """Give what is left: open ground, ground in question and ground not handed over (columns as `ground`).

    Examples
    --------
    >>> import hazardmap as hm
    >>> left = hm.remaining(hm.example(), on="2024-12-31")
    >>> left["state"].tolist()
    ['confirmed_open', 'confirmed_open', 'suspected_open', 'in_question', 'not_handed_over']
    """
    return _of_states(ground(programme, on=on), words.REMAINING_STATES)


def released(programme: Programme, *, on: str | date) -> gpd.GeoDataFrame:
    """Give what was given back: cancelled, reduced and cleared ground, each with its release (columns as `ground`).

    Examples
    --------
    >>> import hazardmap as hm
    >>> hm.released(hm.example(), on="2024-12-31")["release_ids"].tolist()
    [('R-001',), ('R-004',)]
    >>> hm.released(hm.example(), on="2022-06-09").empty  # the handover paper of R-001 came a day later
    True
    """
    return _of_states(ground(programme, on=on), words.RELEASED_STATES)


def _of_states(state: gpd.GeoDataFrame, states: tuple[str, ...]) -> gpd.GeoDataFrame:
    return state[state["state"].isin(states)].reset_index(drop=True)


def ground_of(records: Records, cells: Cells, ruling: Ruling, day: int) -> gpd.GeoDataFrame:
    """Put the ruling on all cells, and the ground without a record, into one table."""
    rows = columns(records, ruling, np.full(len(cells), day), reasons=True)
    known = ruling.state < NOTHING
    order = np.flatnonzero(known)[np.argsort(ruling.state[known], kind="stable")]
    shapes = measure.from_plane(cells.ground[order], records.plane)
    frame = gpd.GeoDataFrame(rows.iloc[order].reset_index(drop=True), geometry=shapes, crs=measure.STORED_CRS)
    nothing = _no_record(records, cells.ground[order])
    if nothing is not None:
        blank = frame.iloc[:0].reindex([0])
        blank["state"], blank["why"] = words.STATES[NOTHING], "no record here"
        for name in SETS:
            blank[name] = [()]
        blank = blank.set_geometry(
            measure.from_plane(np.array([nothing], dtype=object), records.plane), crs=measure.STORED_CRS
        )
        frame = blank if frame.empty else pd.concat([frame, blank], ignore_index=True)
    frame.insert(len(frame.columns) - 1, "area_m2", measure.area_m2(frame.geometry))
    return frame


def _no_record(records: Records, known: Array) -> Any:
    """Give the ground inside the coverage on which no record lies, in the plane; None where there is none."""
    claimed = claimed_ground(records)
    if claimed is None:
        return None
    if len(known):
        claimed = shapely.difference(
            claimed, shapely.union_all(known, grid_size=measure.GRID_M), grid_size=measure.GRID_M
        )
    parts = shapely.get_parts(claimed)
    parts = parts[measure.width_m(parts) >= measure.NOISE_WIDTH_M]
    return shapely.multipolygons(parts) if len(parts) else None


def claimed_ground(records: Records) -> Any:
    """Give the ground about which the data claim to know anything, in the plane; None without a sound coverage."""
    coverage = records.programme.coverage
    sound = coverage[coverage["quarantined"].isna()]
    if sound.empty:
        return None
    return shapely.union_all(narrow_ground(sound, records.plane), grid_size=measure.GRID_M)
