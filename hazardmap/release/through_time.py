"""The state of ground through all days: each cell asked on the days on which its state can change.

Knows the rule and the dates in the records; draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hazardmap import measure, words
from hazardmap.release.cells import cut
from hazardmap.release.days import ALWAYS, NEVER, day_number, day_numbers
from hazardmap.release.records import answered_until, read_records
from hazardmap.release.rule import NOTHING, decide, expand
from hazardmap.release.telling import columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.programme import Programme
    from hazardmap.release.cells import Cells
    from hazardmap.release.records import Cover, Records
    from hazardmap.release.rule import Ruling

    Array = NDArray[Any]


def timeline(programme: Programme) -> gpd.GeoDataFrame:
    """Give the state of ground through all days up to the as-of date.

    The rows of `ground`, each with ``from`` and ``to``.

    A row holds on every day with ``from`` ≤ day < ``to``; a missing ``from`` means since always, a missing ``to``
    means still. Ground without a record has no rows, and the column ``why`` is left to `ground`.

    Examples
    --------
    >>> import hazardmap as hm
    >>> life = hm.timeline(hm.example())
    >>> life = life[life["hazard_ids"] == ("H-001",)]
    >>> list(zip(life["from"].astype("str"), life["to"].dt.date.map(str), life["state"]))
    [('2021-03-01', '2022-05-20', 'confirmed_open'), ('2022-05-20', '2022-06-10', 'not_handed_over'),
     ('2022-06-10', 'NaT', 'cleared')]
    """
    records = read_records(programme)
    cells = cut(records)
    asked = ask_through_time(records, cells)
    rows, cell = spans(records, asked, reasons=False)
    known = (rows["state"] != words.STATES[NOTHING]).to_numpy()
    return measured(records, cells, rows[known], cell[known])


@dataclass(frozen=True)
class Asked:
    """What the rule says of each cell on each day on which its state can change, in the order of cells and days.

    `until` is the next such day of the cell, or never.
    """

    cell: Array
    day: Array
    until: Array
    ruling: Ruling


def ask_through_time(records: Records, cells: Cells, *, from_the_start: bool = False) -> Asked:
    """Ask for each cell on the days of change up to the as-of date; from the start: also before anything was known."""
    cell, day = _days_of_change(records, cells.cover)
    if from_the_start:
        pairs = np.unique(np.r_[np.c_[cell, day], np.c_[np.arange(len(cells)), np.full(len(cells), ALWAYS)]], axis=0)
        cell, day = pairs[:, 0], pairs[:, 1]
    programme = records.programme
    if programme.as_of is not None:
        keep = day <= day_number(programme, programme.as_of)
        cell, day = cell[keep], day[keep]
    return Asked(cell, day, next_days(cell, day), decide(records, cells.cover, cell, day))


def next_days(owner: Array, day: Array) -> Array:
    """Give for each (owner, day), sorted, the next day of the same owner, or never.

    Examples
    --------
    >>> import numpy as np
    >>> next_days(np.array([0, 0, 1]), np.array([5, 9, 7])).tolist() == [9, NEVER, NEVER]
    True
    """
    until = np.r_[day[1:], NEVER][: len(day)]
    until[np.r_[owner[1:] != owner[:-1], True][: len(owner)]] = NEVER
    return np.asarray(until)


def spans(records: Records, asked: Asked, *, reasons: bool) -> tuple[pd.DataFrame, Array]:
    """Join the days on which the same holds in a cell: the columns of `telling` with ``from`` and ``to``; the cells."""
    rows = columns(records, asked.ruling, asked.day, reasons=reasons)
    first = np.flatnonzero(~same_as_before(rows, asked.cell))
    cell, day = asked.cell[first], asked.day[first]
    return with_days(rows.iloc[first], day, next_days(cell, day)), cell


def measured(records: Records, cells: Cells, rows: pd.DataFrame, cell: Array) -> gpd.GeoDataFrame:
    """Give the rows the ground of their cells, and its area."""
    shapes = measure.from_plane(cells.ground, records.plane)
    frame = gpd.GeoDataFrame(rows, geometry=shapes.to_numpy()[cell], crs=measure.STORED_CRS)
    frame.insert(len(frame.columns) - 3, "area_m2", measure.area_m2(shapes).to_numpy()[cell])
    return frame.reset_index(drop=True)


def with_days(rows: Any, day: Array, until: Array) -> Any:
    """Write from which day until which each row holds; missing: since always, still."""
    return rows.assign(**{"from": _dates(day), "to": _dates(until)})


def _dates(numbers: Array) -> Array:
    known = (numbers > ALWAYS) & (numbers < NEVER)
    return np.where(known, np.where(known, numbers, 0).astype("datetime64[D]"), np.datetime64("NaT")).astype(
        "datetime64[us]"
    )


def same_as_before(rows: pd.DataFrame, cell: Array) -> Array:
    """Say of each row whether it says the same as the row before, of the same owner."""
    if not len(rows):
        return np.zeros(0, dtype=bool)
    key = pd.factorize(pd.MultiIndex.from_frame(rows.fillna({"depth_m": -1.0}).fillna("")))[0]
    return np.asarray(np.r_[False, (key[1:] == key[:-1]) & (cell[1:] == cell[:-1])])


def _days_of_change(records: Records, cover: Cover) -> tuple[Array, Array]:
    """List for each cell the days on which its state can change."""
    programme = records.programme
    found = pd.DataFrame({"find": np.arange(len(programme.finds))})
    found["start"], found["end"] = day_numbers(programme.finds["date"], ALWAYS), answered_until(programme.finds)
    pairs = [_hazard_days(records, *cover.version)]
    cell, release = cover.release
    pairs += [(cell, dates[release]) for dates in records.release_days.values()]
    at = pd.DataFrame({"cell": cell, "release": release}).merge(records.questions, on="release")
    pairs += [(at["cell"], at["start"]), (at["cell"], at["end"])]
    cell, survey = cover.survey
    pairs.append((cell, day_numbers(programme.surveys["date"], NEVER)[survey]))
    cell, find = cover.find
    pairs += [(cell, found["start"].to_numpy()[find]), (cell, found["end"].to_numpy()[find])]
    near = pd.DataFrame({"find": records.find_version[0], "version": records.find_version[1]})
    near = near.merge(pd.DataFrame({"cell": cell, "find": find}), on="find")
    pairs.append(_hazard_days(records, near["cell"].to_numpy(), near["version"].to_numpy()))
    if len(records.whole[0]):
        pairs += _whole_days(records, cover)
    every = pd.DataFrame(
        {
            "cell": np.concatenate([np.asarray(c) for c, _ in pairs]),
            "day": np.concatenate([np.asarray(d) for _, d in pairs]),
        }
    )
    every = every[every["day"] < NEVER].drop_duplicates().sort_values(["cell", "day"])
    return every["cell"].to_numpy(dtype=np.int64), every["day"].to_numpy(dtype=np.int64)


def _hazard_days(records: Records, cell: Array, version: Array) -> tuple[Array, Array]:
    """List the days of all versions of the hazards that some version brings to each cell."""
    there = pd.DataFrame({"cell": cell, "hazard": records.versions.hazard[version]}).drop_duplicates()
    hazard = there["hazard"].to_numpy(dtype=np.int64)
    owner, place = expand(records.versions.start[hazard], records.versions.count[hazard])
    return there["cell"].to_numpy(dtype=np.int64)[owner], records.versions.day[place]


def _whole_days(records: Records, cover: Cover) -> list[tuple[Array, Array]]:
    cell, version = cover.version
    there = pd.DataFrame({"cell": cell, "hazard": records.versions.hazard[version]}).drop_duplicates()
    there = there.merge(pd.DataFrame({"hazard": records.whole[0], "release": records.whole[1]}), on="hazard")
    release = there["release"].to_numpy(dtype=np.int64)
    asked = there.merge(records.questions, on="release")
    return [
        *((there["cell"].to_numpy(), dates[release]) for dates in records.release_days.values()),
        (asked["cell"].to_numpy(), asked["start"].to_numpy()),
        (asked["cell"].to_numpy(), asked["end"].to_numpy()),
    ]
