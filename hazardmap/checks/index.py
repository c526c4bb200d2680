"""A programme made ready for questions about plots on one day: all its ground as arrays, and the edges of what is open.

Reads the records once; after that a question costs what lies near the plot. Knows the records, the rule's meanings and
the compiled sweep; gives no verdict.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, islice
from os import cpu_count
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hazardmap import measure, tables, words
from hazardmap.checks.meanings import DECIDING, KINDS, RULED, Listed, Meanings, Numbering
from hazardmap.checks.telling import Papers
from hazardmap.release.days import ALWAYS, day_number, day_numbers
from hazardmap.release.listing import latest_versions, without_place
from hazardmap.release.records import narrow_ground, on_earth, read_records
from hazardmap.release.rule import standing_discs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray

    from hazardmap.programme import Programme
    from hazardmap.release.records import Records
    from hazardmap.trapezoids.distances import Edges
    from hazardmap.trapezoids.rings import Rings

    Array = NDArray[Any]

#: Windows whose edges one call looks at, shapes that meet one of them, room that a call has at first.
_BATCH, _MEETING, _ROOM = 64, 64, 32_768
#: Calls whose sets are put to the rule together: it is asked many at once at no more cost than one.
_ASKED = 16


@dataclass(frozen=True, eq=False)
class Ground:
    """Everything that questions about plots need of a programme on one day.

    Parameters
    ----------
    programme, records, day
        What was asked about.
    shapes, kind
        The ground of all records in the plane, and the kind of each (its place in `meanings.KINDS`).
    meanings
        What sets of them mean.
    open_edges
        The edges of open ground, labelled with the hazard (or ``hazards + find``), confirmed ones first.
    ids
        The id behind each label: ``ids[label % (len(ids) + 1)]``.
    lost_in_district, lost_anywhere
        Hazards without a position: for each district row how many, and how many may lie anywhere.
    """

    programme: Programme
    records: Records
    day: int
    shapes: Rings
    kind: Array
    meanings: Meanings
    open_edges: Edges
    ids: Array
    lost_in_district: Array
    lost_anywhere: int

    @cached_property
    def names(self) -> dict[str, Array]:
        """The ids of the records of each kind that is told."""
        tables = self.records.programme
        names = {
            "hazard": np.array(self.records.hazard_ids, dtype=object),
            "release": tables.releases["release_id"].fillna("").to_numpy(dtype=object),
            "survey": tables.surveys["survey_id"].fillna("").to_numpy(dtype=object),
            "find": tables.finds["find_id"].fillna("").to_numpy(dtype=object),
        }
        return names | {"idle": names["release"]}

    @cached_property
    def papers(self) -> Papers:
        """What sentences say of releases."""
        return Papers(self.records, self.day)

    @cached_property
    def boxes(self) -> tuple[Array, shapely.STRtree]:
        """The shapes that decide what was released, and GEOS' tree over their boxes, for the second method."""
        matter = np.flatnonzero((self.kind < DECIDING) & (np.diff(self.shapes.shape) > 0))
        return matter, shapely.STRtree(shapely.box(*self.shapes.box[matter].T))


def prepare(programme: Programme, *, on: str | date, every_set: bool = False) -> Ground:
    """Read a programme for questions about one day.

    Parameters
    ----------
    programme, on
        As in `check_plots`.
    every_set
        Ask the rule about every set of records that lie together anywhere, not only where hazards do: questions about
        single plots then seldom have to wait for it.

    Raises
    ------
    SchemaError
        When the tables have faults or the day lies after the as-of date.
    """
    from hazardmap.trapezoids.rings import rings_of  # noqa: PLC0415  the compiler is loaded when it is needed

    day = day_number(programme, on)
    records = read_records(programme)
    programme = replace(programme, districts=on_earth(tables.canonical(programme.districts, "districts")))
    lost_in_district, anywhere = _lost(records, programme.districts, day)
    shapes, numbering = _all_shapes(records, programme, lost_in_district, day)
    coverage_day = day_numbers(records.programme.coverage["as_of"], ALWAYS)
    meanings = Meanings(records, day, numbering, coverage_day)
    laid = rings_of(shapes)
    kind = numbering.kind(np.arange(len(shapes)))
    edges = _open_edges(records, laid, kind, meanings, day, every_set=every_set)
    ids = [*records.hazard_ids, *records.programme.finds["find_id"].fillna("")]
    return Ground(
        programme, records, day, laid, kind, meanings, edges, np.array(ids, dtype=object), lost_in_district, anywhere
    )


def _all_shapes(records: Records, programme: Programme, lost_in_district: Array, day: int) -> tuple[Array, Numbering]:
    """Put the ground of all records that speak on the day into one list."""
    shapes, coverage = records.shapes, records.programme.coverage
    districts = programme.districts
    wanted = [
        (shapes.versions, records.versions.day <= day),
        (shapes.releases, records.release_days["completed"] <= day),
        (shapes.discs, standing_discs(records, day)),
        (shapes.surveys, records.survey_day <= day),
        (narrow_ground(coverage, records.plane), coverage["quarantined"].isna().to_numpy()),
        (_district_shapes(districts, records.plane, lost_in_district), lost_in_district > 0),
    ]
    rows = [np.flatnonzero(~shapely.is_missing(ground) & ~shapely.is_empty(ground) & keep) for ground, keep in wanted]
    begins = np.cumsum([0, *(len(r) for r in rows)])
    every = np.concatenate([ground[r] for (ground, _), r in zip(wanted, rows, strict=True)])
    return every, Numbering(begins, np.concatenate(rows).astype(np.int64))


def _district_shapes(districts: gpd.GeoDataFrame, plane: Any, lost: Array) -> Array:
    """Give the districts that have unplaced hazards, at their widest: whoever touches one is told."""
    from hazardmap import readings  # noqa: PLC0415

    shapes = readings.polygons_of(readings.only(districts.geometry.to_numpy(), lost > 0))
    for i in np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)):
        shapes[i] = readings.widest(shapes[i])
    import geopandas as gpd  # noqa: PLC0415

    return measure.to_plane(gpd.GeoSeries(shapes, crs=measure.STORED_CRS), plane)


def _lost(records: Records, districts: gpd.GeoDataFrame, day: int) -> tuple[Array, int]:
    """Count the hazards without a position: in each district that they name, and those that may lie anywhere.

    A district is known by its code, its name or one of its other names; one that no row has may be any. A hazard
    whose district has several rows (boundaries change) is counted in each of them.
    """
    lost = without_place(records, latest_versions(records, day), day)
    count = np.zeros(len(districts), dtype=np.int64)
    rows: dict[str, list[int]] = {}
    placed = ~(districts.geometry.isna() | districts.geometry.is_empty).to_numpy()
    placed &= districts["quarantined"].isna().to_numpy()  # of a row that is not trusted nothing is known
    for i, (code, name, others) in enumerate(
        zip(districts["district_id"], districts["name"], districts["aliases"], strict=True)
    ):
        for text in {words.fold(t) for t in (code, name, *others) if isinstance(t, str)}:
            rows.setdefault(text, []).append(i)
    anywhere = 0
    for text in lost["district"]:
        found = rows.get(words.fold(text), []) if isinstance(text, str) else []
        if not found or not placed[found].all():
            anywhere += 1
        else:
            count[found] += 1
    return count, anywhere


def _open_edges(records: Records, laid: Rings, kind: Array, meanings: Meanings, day: int, *, every_set: bool) -> Edges:
    """Find the edges of open ground: where the open hazards on the two sides of an edge are not the same."""
    from hazardmap.trapezoids import beside, gathering  # noqa: PLC0415
    from hazardmap.trapezoids.distances import edges_of  # noqa: PLC0415

    hazardous = np.isin(kind, (KINDS.index("version"), KINDS.index("find")))
    if every_set:  # edges of releases and of surveys that touch no hazard, too
        hazardous[:] = True
    shapes = laid if every_set else _first(laid, int(np.searchsorted(kind, RULED)))
    windows = _windows(shapes)

    def look(first: int) -> list[tuple[Array, ...]]:
        found: list[tuple[Array, ...]] = []
        room = _ROOM
        until = min(first + _BATCH, len(windows))
        while first < until:
            w, rows = gathering.scratch(room), 1024 * (until - first) + room // 4
            xy, sets = np.empty((rows, 4)), np.empty((rows, 2), dtype=np.int64)
            begun = first
            first, pieces, known = beside.sides(
                shapes, windows, first, until, hazardous, measure.NOISE_WIDTH_M, w, xy, sets
            )
            room *= 4 if first == begun else 1
            # The arrays are as large as they might have had to be; what is kept must not hold on to them.
            start, members = _of_hazards(w.start[: known + 1], w.members[: w.start[known]], hazardous)
            found.append((xy[:pieces].copy(), sets[:pieces].copy(), start, members))
        return found

    kept = []
    for group in batched(chain.from_iterable(in_threads(look, range(0, len(windows), _BATCH))), _ASKED):
        xy = np.concatenate([g[0] for g in group])
        sets = meanings.numbers_of([g[2:] for g in group], [g[1] for g in group], ruled=True)
        some = _has_open(meanings)[sets].any(axis=1) if len(sets) else np.zeros(0, dtype=bool)
        kept.append((xy[some], sets[some]))
    xy = np.concatenate([k for k, _ in kept]) if kept else np.empty((0, 4))
    sides = np.concatenate([s for _, s in kept]) if kept else np.empty((0, 2), dtype=np.int64)
    return edges_of(*_labelled(records, meanings, xy, sides, day))


def _of_hazards(start: Array, members: Array, hazardous: Array) -> tuple[Array, Array]:
    """Empty the sets in which no hazard is: nothing can be open there, and the rule need not be asked."""
    count = np.diff(start)
    owner = np.repeat(np.arange(len(count)), count)
    some = np.bincount(owner, hazardous[members], minlength=len(count)) > 0
    return np.concatenate([[0], np.cumsum(np.where(some, count, 0))]), members[some[owner]]


def _first(laid: Rings, count: int) -> Rings:
    """Take the first so many shapes, under a tree of their own."""
    from hazardmap.trapezoids.rings import from_arrays  # noqa: PLC0415

    rings = laid.shape[count]
    vertices = laid.ring[rings]
    return from_arrays(laid.x[:vertices], laid.y[:vertices], laid.ring[: rings + 1], laid.shape[: count + 1])


def _windows(shapes: Rings) -> Array:
    """Divide the plane into windows that few shapes meet."""
    from hazardmap.trapezoids import beside, gathering  # noqa: PLC0415

    box = shapes.box[np.isfinite(shapes.box).all(axis=1)]
    if not len(box):
        return np.empty((0, 4))
    whole = (*box[:, :2].min(axis=0) - 1.0, *box[:, 2:].max(axis=0) + 1.0)
    room = 4 * len(box) + 1024
    while True:
        w = gathering.scratch(max(len(box), 1024))
        windows = np.empty((room, 4))
        found = beside.quarters(shapes, *whole, _MEETING, w, windows)
        if found != gathering.TOO_SMALL:
            return windows[:found]
        room *= 4


def _has_open(meanings: Meanings) -> Array:
    return np.diff(meanings.opened.start) > 0


def _labelled(records: Records, meanings: Meanings, xy: Array, sides: Array, day: int) -> tuple[Array, Array, Array]:
    """Label each edge with the open hazard on each of its sides, and with the error of its boundary by class."""
    of_set, hazard, confirmed = meanings.opened.owner, meanings.opened.number, meanings.opened.flag
    error = _errors(records, meanings, day)[hazard]
    # What is open in a set: the error of each class, the label of the worst (confirmed first, then the lowest number).
    by_class = np.full((len(meanings), 2), -1.0)
    np.maximum.at(by_class, (of_set, np.where(confirmed, 0, 1)), error)
    many = len(records.hazard_ids) + len(records.programme.finds) + 1
    label = np.full(len(meanings), 2 * many)
    np.minimum.at(label, of_set, np.where(confirmed, 0, many) + hazard)
    profile = _profiles(meanings.opened)
    differ = profile[sides[:, 0]] != profile[sides[:, 1]] if len(sides) else np.zeros(0, dtype=bool)
    rows, labels, errors = [], [], []
    for side in (0, 1):
        here = sides[:, side]
        mine = differ & (label[here] < 2 * many)
        rows.append(xy[mine])
        labels.append(label[here[mine]])
        errors.append(by_class[here[mine]])
    return np.concatenate(rows), np.concatenate(labels), np.concatenate(errors)


def _profiles(opened: Listed) -> Array:
    """Give equal numbers to sets in which the same is open; 0 where nothing is."""
    from hazardmap.trapezoids.sets import Sets  # noqa: PLC0415

    sets = Sets()
    nothing = np.zeros(2, dtype=np.int64)
    sets.numbers(nothing, nothing[:0])
    return sets.numbers(opened.start, 2 * opened.number + opened.flag)


def _errors(records: Records, meanings: Meanings, day: int) -> Array:
    """Give for each hazard, then each find, the accuracy of the boundary of its open ground, metres.

    The worst of the accuracies of its versions known on the day, of the releases that cut it, and of its successors.
    """
    policy, programme = records.policy, records.programme
    hazards = programme.hazards.iloc[records.versions.row]
    assumed = np.where(hazards["location_kind"].eq("surveyed"), policy.hazards_surveyed_m, policy.hazards_estimated_m)
    version = np.where(hazards["accuracy_m"].isna(), assumed, hazards["accuracy_m"])
    known = records.versions.day <= day
    worst = np.zeros(len(records.hazard_ids))
    np.maximum.at(worst, records.versions.hazard[known], version[known])
    hazard, release = meanings.frees
    cut = programme.releases["accuracy_m"].fillna(policy.releases_m).to_numpy(dtype="float64")
    np.maximum.at(worst, hazard, cut[release])
    # What a successor took over ends where the successor's ground begins.
    links = [
        (h, heir)
        for h, heirs in zip(records.versions.hazard, records.versions.successors, strict=True)
        for heir in heirs
    ]
    if links:
        ended, heirs = np.array(links).T
        np.maximum.at(worst, ended, worst.copy()[heirs])
    finds = programme.finds["accuracy_m"].fillna(policy.finds_m).to_numpy(dtype="float64")
    return np.concatenate([worst, finds])


def batched(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    """Take items so many at a time."""
    while some := list(islice(items, size)):
        yield some


def in_threads(work: Callable[[Any], Any], parts: Sequence[Any]) -> Iterator[Any]:
    """Do compiled work on parts in all cores, giving the results in order and never far ahead of who takes them."""
    threads = cpu_count() or 1
    if len(parts) == 1:  # a single question needs no thread
        yield work(parts[0])
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: list[Any] = []
        for part in parts:
            waiting.append(pool.submit(work, part))
            if len(waiting) > threads:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()
