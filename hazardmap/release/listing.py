"""Hazards and releases as recorded on a day, each with what became of it, and the hazards that have no place.

Knows the rule's output; decides nothing itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hazardmap import measure, words
from hazardmap.release.cells import areas_m2, cut
from hazardmap.release.days import ALWAYS, day_number, day_numbers
from hazardmap.release.records import answered_until, narrow_ground, read_records
from hazardmap.release.rule import RANK, decide_all, questioned
from hazardmap.release.standing import STANDINGS, judge, told

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from hazardmap.programme import Programme
    from hazardmap.release.cells import Cells
    from hazardmap.release.records import Records
    from hazardmap.release.rule import Ruling

    Array = NDArray[Any]


def hazards_on(programme: Programme, *, on: str | date) -> gpd.GeoDataFrame:
    """Give the hazards known on a day, as recorded: one row each, whatever became of their ground.

    Returns
    -------
    The columns of the latest version, with ``classification`` as it counts that day, ``area_m2`` of the recorded
    ground,
    ``open_m2`` still open, ``unplaced`` (some of its ground has no position), and the recorded ground as geometry
    (missing where the hazard is unplaced, or ended by a successor).

    Examples
    --------
    >>> import hazardmap as hm
    >>> hm.hazards_on(hm.example(), on="2022-12-31")[["hazard_id", "area_m2", "open_m2"]].round().values.tolist()[:2]
    [['H-001', 10000.0, 0.0], ['H-002', 10000.0, 10000.0]]
    """
    day = day_number(programme, on)
    records = read_records(programme)
    cells = cut(records)
    return known_hazards(records, cells, decide_all(records, cells, day), day)


def releases_on(programme: Programme, *, on: str | date) -> gpd.GeoDataFrame:
    """Give the releases complete on a day with ``standing`` (counting, pending, void), ``in_question`` and ``why``.

    Quarantined releases are listed as void whatever their date.

    Examples
    --------
    >>> import hazardmap as hm
    >>> listed = hm.releases_on(hm.example(), on="2024-12-31")
    >>> listed[["release_id", "standing", "in_question", "why"]].values.tolist()[1:3]
    [['R-002', 'pending', False, 'no handover paper with number and date'], ['R-003', 'counting', True, '']]
    """
    return complete_releases(read_records(programme), day_number(programme, on))


def unplaced(programme: Programme, *, on: str | date) -> pd.DataFrame:
    """List the hazards known on a day that have no position, or ground without one: it may lie anywhere.

    Evidence that has no position and is not answered is listed too, by its own id, as a suspected hazard.

    Examples
    --------
    >>> import hazardmap as hm
    >>> hm.unplaced(hm.example(), on="2024-12-31")[["hazard_id", "district"]].values.tolist()
    [['H-006', 'EX']]
    """
    day = day_number(programme, on)
    records = read_records(programme)
    cells = cut(records)
    return without_place(records, known_hazards(records, cells, decide_all(records, cells, day), day), day)


def latest_versions(records: Records, day: int) -> gpd.GeoDataFrame:
    """Give the latest version of each hazard known on a day, with ``unplaced``, indexed by the number of the hazard."""
    hazards, versions = records.programme.hazards, records.versions
    known = versions.day <= day
    latest = pd.Series(np.flatnonzero(known)).groupby(versions.hazard[known]).last()
    rows = hazards.iloc[versions.row[latest.to_numpy(dtype=np.int64)]].set_axis(latest.index.astype(np.int64))
    # A version that is not trusted, or does not say what it reports, may bring ground.
    brings = ~hazards["event"].isin(words.EVENTS_WITHOUT_GROUND).to_numpy()[versions.row] | versions.quarantined
    nowhere = pd.Series(known & brings & ~records.version_placed).groupby(versions.hazard).any()
    placed = pd.Series(known & records.version_placed).groupby(versions.hazard).any()
    rows["unplaced"] = (nowhere | ~placed).reindex(rows.index).to_numpy(dtype=bool)
    return rows


def known_hazards(records: Records, cells: Cells, ruling: Ruling, day: int) -> gpd.GeoDataFrame:
    """List the hazards of the day with what the rule made of their ground."""
    rows = latest_versions(records, day)
    code = rows.index.to_numpy(dtype=np.int64)
    rows = rows.reset_index(drop=True)
    on = ruling.hazards
    of_hazard = on.groupby("hazard")["ask"].agg(list).reindex(code)
    ground_of = np.array(
        [shapely.coverage_union_all(cells.ground[c]) if isinstance(c, list) else None for c in of_hazard], dtype=object
    )
    shapes = measure.from_plane(ground_of, records.plane)
    confirmed = on.groupby("hazard")["confirmed"].any().reindex(code)
    rows["classification"] = np.where(
        confirmed.isna(),
        rows["classification"],
        np.where(confirmed.eq(True), "confirmed", "suspected"),
    )
    cell_area = areas_m2(records, cells)
    opened = on[on["state"] <= RANK["suspected_open"]]
    open_m2 = (
        pd.Series(cell_area[opened["ask"]]).groupby(opened["hazard"].to_numpy()).sum().reindex(code, fill_value=0.0)
    )
    frame = gpd.GeoDataFrame(
        rows.drop(columns=[rows.geometry.name, "unplaced"]), geometry=shapes, crs=measure.STORED_CRS
    )
    frame["area_m2"], frame["open_m2"] = measure.area_m2(shapes), open_m2.to_numpy()
    frame["unplaced"] = rows["unplaced"]
    return frame


def without_place(records: Records, hazards: gpd.GeoDataFrame, day: int) -> pd.DataFrame:
    """Choose the hazards that have no position, or ground without one; evidence without a position is one of them."""
    columns = ["hazard_id", "district", "classification", "status", "date_of_information", "quarantined"]
    finds = records.programme.finds
    lost = (finds.geometry.isna() | finds.geometry.is_empty).to_numpy()
    known = (day_numbers(finds["date"], ALWAYS) <= day) & (day < answered_until(finds))
    evidence = finds[lost & known].rename(columns={"find_id": "hazard_id", "date": "date_of_information"})
    evidence = evidence.assign(classification="suspected", status="open")
    rows = pd.concat([hazards.loc[hazards["unplaced"], columns], evidence[columns]], ignore_index=True)
    return pd.DataFrame(rows)


def complete_releases(records: Records, day: int) -> gpd.GeoDataFrame:
    """List the releases complete on the day, and quarantined ones, with their standing."""
    releases = records.programme.releases
    bad = releases["quarantined"].notna().to_numpy()
    there = np.flatnonzero((records.release_days["completed"] <= day) | bad)
    today = np.full(len(there), day)
    stands, lacks = judge(records, there, today)
    frame = releases.iloc[there].reset_index(drop=True)
    shapes = measure.from_plane(narrow_ground(frame, records.plane), records.plane)
    frame = gpd.GeoDataFrame(frame.drop(columns=frame.geometry.name), geometry=shapes, crs=measure.STORED_CRS)
    frame["standing"] = np.array(STANDINGS, dtype=object)[stands]
    frame["in_question"] = questioned(records, there, today)
    frame["why"] = [told(v) for v in lacks.tolist()]
    frame["area_m2"] = measure.area_m2(shapes)
    return frame.astype({"standing": "str", "why": "str"})
