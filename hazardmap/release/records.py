"""The tables of a programme as arrays that the rule can be asked about: days and ids as numbers, shapes in a plane.

Reads every table in the way that can only make an answer worse: a quarantined hazard is an open draft, a quarantined
release frees nothing, invalid polygons have their widest or narrowest reading. Knows the tables; knows nothing of the
state of ground.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hazardmap import measure, readings, tables, words
from hazardmap.errors import SchemaError
from hazardmap.programme import Programme
from hazardmap.release.days import ALWAYS, NEVER, day_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyproj
    from numpy.typing import NDArray

    from hazardmap.programme import Policy

    Array = NDArray[Any]

EVENT_CODE = {code: i for i, code in enumerate(words.EVENT.codes)}
#: No pairs at all.
NO_PAIRS: tuple[Array, Array] = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True)
class Versions:
    """Versions of hazards, sorted by hazard and day; `start` and `count` give each hazard's slice."""

    row: Array
    hazard: Array
    day: Array
    bears: Array
    event: Array
    approved: Array
    confirmed: Array
    closed: Array
    quarantined: Array
    start: Array
    count: Array
    successors: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Shapes:
    """The ground of the records in the plane, None where there is none: of the versions in their order, of the rows."""

    versions: Array
    releases: Array
    surveys: Array
    discs: Array


@dataclass(frozen=True)
class Papers:
    """What the table of releases says of each release, as facts that hold whatever the day.

    `product` is its place in `words.STATES`, ``-1`` for none; `depth_m` is 0 where none is stated.
    """

    product: Array
    depth_m: Array
    quarantined: Array
    rejected: Array
    decision_dated: Array
    failed: Array
    quality_dated: Array
    nonconforming: Array
    disagrees: Array
    activity_stated: Array
    approved: Array
    passed: Array
    numbered: Array


@dataclass(frozen=True)
class Cover:
    """What covers each of a list of places: pairs (place, record), sorted by place.

    A place is whatever the asker numbers: a cell of the arrangement, a piece of a plot, the point of a find.
    """

    version: tuple[Array, Array]
    release: tuple[Array, Array]
    survey: tuple[Array, Array]
    find: tuple[Array, Array]


@dataclass(frozen=True)
class Records:
    """A programme made ready for the rule; `find_version` are the pairs (find, version that covers its point)."""

    programme: Programme
    policy: Policy
    plane: pyproj.CRS
    hazard_ids: tuple[str, ...]
    versions: Versions
    release_days: dict[str, Array]
    papers: Papers
    survey_day: Array
    version_placed: Array
    release_rank: Array
    release_named: Array
    named: Array
    whole: tuple[Array, Array]
    questions: pd.DataFrame
    shapes: Shapes
    find_version: tuple[Array, Array]

    def without_shapes(self) -> Records:
        """Let go of the ground, for whoever has laid it out elsewhere: nothing here takes more room."""
        nothing = np.zeros(0, dtype=object)
        return dataclasses.replace(self, shapes=Shapes(nothing, nothing, nothing, nothing))


def read_records(programme: Programme) -> Records:
    """Make a programme ready for the rule.

    Raises
    ------
    SchemaError
        When a table has faults, all of them counted and the first ones shown.
    """
    frames = {
        n: tables.canonical(programme.table(n), n) for n in ("hazards", "releases", "surveys", "finds", "coverage")
    }
    programme = Programme(name=programme.name, as_of=programme.as_of, policy=programme.policy, **frames)
    valid = {n: shapely.is_valid(frame.geometry.to_numpy()) for n, frame in frames.items()}  # looked at once
    _refuse_faults(programme, valid)
    # Only quarantined rows can still have positions that cannot be.
    frames = {n: on_earth(frame) if frame["quarantined"].notna().any() else frame for n, frame in frames.items()}
    programme = dataclasses.replace(programme, **frames)
    hazards, releases, surveys, finds, _ = frames.values()
    bounds = np.array(
        [b for f in (hazards, releases, surveys, finds) if len(f) and np.isfinite(b := f.total_bounds).all()]
    )
    plane = measure.local_plane((*bounds[:, :2].min(0), *bounds[:, 2:].max(0)) if len(bounds) else (0, 0, 0, 0))
    versions, hazard_ids = _versions(hazards)
    hazard_shapes = hazard_ground(hazards, programme.policy, plane, valid["hazards"])[versions.row]
    release_shapes = narrow_ground(releases, plane, valid["releases"])
    wide_releases = _wide_ground(releases, release_shapes, plane, valid["releases"])
    released = releases["quarantined"].isna().to_numpy()
    named = _named(releases, hazard_ids)
    return Records(
        programme=programme,
        policy=programme.policy,
        plane=plane,
        hazard_ids=hazard_ids,
        versions=versions,
        release_days={
            "completed": np.where(released, day_numbers(releases["date_completed"], NEVER), NEVER),
            "decision": day_numbers(releases["decision_date"], NEVER),
            "quality": day_numbers(releases["quality_date"], NEVER),
            "nonconformity_closed": day_numbers(releases["nonconformity_closed_on"], NEVER),
            "handover": day_numbers(releases["handover_date"], NEVER),
        },
        papers=_papers(releases),
        survey_day=day_numbers(surveys["date"], NEVER),
        version_placed=~shapely.is_missing(hazard_shapes),
        release_rank=_release_rank(releases),
        release_named=_lengths(releases["hazard_ids"]) > 0,
        named=named,
        whole=_whole(releases, named, len(hazard_ids), programme.policy),
        questions=_questions(releases, wide_releases, finds, named, versions, hazard_shapes, programme.policy, plane),
        shapes=Shapes(
            versions=hazard_shapes,
            releases=readings.only(release_shapes, released),
            surveys=readings.only(narrow_ground(surveys, plane, valid["surveys"]), surveys["quarantined"].isna()),
            discs=_find_discs(finds, programme.policy, plane),
        ),
        find_version=_find_versions(hazard_shapes, finds, plane),
    )


def _refuse_faults(programme: Programme, valid: dict[str, Array]) -> None:
    found = tables.faults_of_all(programme, valid)
    found = found[found["expected"] != tables.VALID]  # an invalid polygon has a reading
    if len(found):
        first = "; ".join(
            f"{f.table} {f.record_id or f.row}: {f.column} is {f.found}, expected {f.expected}"
            for f in found.head(3).itertuples()
        )
        raise SchemaError(
            f"{len(found)} faults in the tables, the first: {first}",
            "tables without faults, or faulty rows quarantined",
            "list them with hazardmap validate, or quarantine them with tables.quarantine",
        )


def on_earth(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Take away positions that cannot be; only quarantined rows still have them, and they are unplaced then."""
    shapes = frame.geometry.to_numpy()
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    whole = np.bincount(owner, ~np.isfinite(xy).all(axis=1), minlength=len(shapes)) == 0
    kept = readings.only(shapes, whole & tables.on_earth(shapely.bounds(shapes)))
    return frame.set_geometry(gpd.GeoSeries(kept, index=frame.index, crs=frame.crs))


def _versions(hazards: gpd.GeoDataFrame) -> tuple[Versions, tuple[str, ...]]:
    ids = hazards["hazard_id"].fillna("").to_numpy(dtype=object)
    hazard_ids = tuple(sorted(set(ids)))
    code = {h: i for i, h in enumerate(hazard_ids)}
    hazard = np.fromiter(map(code.__getitem__, ids), dtype=np.int64, count=len(ids))
    bad = hazards["quarantined"].notna().to_numpy()
    day = day_numbers(hazards["date_of_information"], ALWAYS)
    event = Few.of(hazards["event"]).each(lambda e: EVENT_CODE.get(e, 0)).astype(np.int64)
    # What a quarantined version reports is not trusted: with a shape it brings ground, without one it may reopen all
    # of it.
    shapeless = (hazards.geometry.isna() | hazards.geometry.is_empty).to_numpy()
    reopens = shapeless & hazards["event"].fillna("reopened").eq("reopened").to_numpy()
    feared = np.where(reopens, EVENT_CODE["reopened"], EVENT_CODE["established"])
    order = np.lexsort((np.where(bad, 0, event), day, hazard))
    bad, day, hazard = bad[order], day[order], hazard[order]
    confirmed = hazards["classification"].ne("suspected").to_numpy()[order]
    count = np.bincount(hazard, minlength=len(hazard_ids))
    links: list[tuple[int, ...]] = [()] * len(hazards)
    heirs = hazards["superseded_by"].to_numpy()[order]
    for i in np.flatnonzero(~bad & (_lengths(heirs) > 0)).tolist():
        links[i] = tuple(code[s] for s in heirs[i] if s in code)
    return Versions(
        row=order,
        hazard=hazard,
        day=day,
        bears=np.where(day == ALWAYS, NEVER, day),
        event=np.where(bad, feared[order], event[order]),
        approved=hazards["workflow"].eq("approved").to_numpy()[order] & ~bad,
        confirmed=confirmed,
        closed=hazards["status"].eq("closed").to_numpy()[order] & ~bad,
        quarantined=bad,
        start=np.cumsum(count) - count,
        count=count,
        successors=_successors(hazard, links, len(hazard_ids)),
    ), hazard_ids


def _successors(hazard: Array, links: list[tuple[int, ...]], count: int) -> tuple[tuple[int, ...], ...]:
    """Drop the links that lead back to where they came from: hazards that replace each other replace nothing."""
    a = [int(h) for h, successors in zip(hazard, links, strict=True) for _ in successors]
    b = [s for successors in links for s in successors]
    if not a:
        return tuple(links)
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(count, count))
    circle = connected_components(graph, connection="strong")[1]
    return tuple(
        tuple(s for s in successors if circle[s] != circle[h]) for h, successors in zip(hazard, links, strict=True)
    )


def hazard_ground(hazards: gpd.GeoDataFrame, policy: Policy, plane: pyproj.CRS, valid: Array | None = None) -> Array:
    """Give the ground that each hazard row means: polygons at their widest, points, lines and slivers grown to discs.

    The radius is √(stated area / π) + accuracy; accuracy unknown: the policy's. `valid` says which shapes are, where
    that is known.
    """
    shapes = hazards.geometry.to_numpy().copy()
    torn = _torn(shapes, valid)
    for i, wide in zip(torn, readings.all_widest(shapes[torn]), strict=True):
        # Of one polygon that encloses something nothing is flat; parts of several are looked at one by one.
        parts = [] if shapes[i].geom_type == "Polygon" and wide is not None else shapely.get_parts(shapes[i])
        flat = [shapely.make_valid(p) for p in parts if shapely.get_type_id(p) == 3 and readings.widest(p) is None]
        whole = wide if wide is not None else shapely.make_valid(shapes[i])
        shapes[i] = shapely.GeometryCollection([*shapely.get_parts(wide), *flat]) if flat else whole
    shapes[shapely.is_empty(shapes)] = None
    ground = measure.to_plane(gpd.GeoSeries(shapes, crs=measure.STORED_CRS), plane)
    assumed = np.where(hazards["location_kind"].eq("surveyed"), policy.hazards_surveyed_m, policy.hazards_estimated_m)
    accuracy = hazards["accuracy_m"].to_numpy()
    radius = np.sqrt(hazards["stated_area_m2"].fillna(0).to_numpy() / np.pi) + np.where(
        np.isnan(accuracy), assumed, accuracy
    )
    parts, owner = shapely.get_parts(ground, return_index=True)
    thin = measure.width_m(parts) < measure.NOISE_WIDTH_M
    for i in np.unique(owner[thin]):
        mine = parts[owner == i]
        lines = measure.grown(mine[thin[owner == i]], radius[i], plane)
        ground[i] = shapely.union_all([*mine[~thin[owner == i]], *lines], grid_size=measure.GRID_M)
    return ground


def _torn(shapes: Array, valid: Array | None = None) -> Array:
    """Find the invalid shapes; where it is known which were valid before parts were left out, only among the others."""
    among = np.arange(len(shapes)) if valid is None else np.flatnonzero(~valid)
    return np.asarray(among[~shapely.is_valid(shapes[among]) & ~shapely.is_missing(shapes[among])])


def narrow_ground(frame: gpd.GeoDataFrame, plane: pyproj.CRS, valid: Array | None = None) -> Array:
    """Give the ground of rows that bring good news: polygons at their narrowest, nothing where they are not sure.

    `valid` says which shapes are, where that is known.
    """
    shapes = readings.polygons_of(frame.geometry.to_numpy())
    torn = _torn(shapes, valid)
    shapes[torn] = readings.all_narrowest(shapes[torn])
    return measure.to_plane(gpd.GeoSeries(shapes, crs=measure.STORED_CRS), plane)


def _wide_ground(releases: gpd.GeoDataFrame, narrow: Array, plane: pyproj.CRS, valid: Array) -> Array:
    """Give the ground on which evidence contradicts a release: what any reading of its polygon holds."""
    invalid = np.flatnonzero(~valid)
    shapes = readings.polygons_of(releases.geometry.to_numpy()[invalid])
    torn = _torn(shapes)
    ground = narrow.copy()
    wide = gpd.GeoSeries(readings.all_widest(shapes[torn]), crs=measure.STORED_CRS)
    torn = invalid[torn]
    ground[torn] = measure.to_plane(wide, plane)
    return ground


def answered_until(finds: gpd.GeoDataFrame) -> Array:
    """Give for each find the day from which it is answered.

    Never without both a day and an answer, and never by what was done before it was found.
    """
    answered = (texts(finds["answered_by"]) != "") & finds["quarantined"].isna().to_numpy()
    answered &= ~(finds["answered_on"] < finds["date"]).to_numpy()
    return np.where(answered, day_numbers(finds["answered_on"], NEVER), NEVER)


def texts(column: pd.Series) -> Array:
    """Give texts without the blanks around them; a missing one is empty."""
    return np.asarray(column.fillna("").str.strip().to_numpy(dtype=object))


def _accuracy(frame: gpd.GeoDataFrame, assumed: float) -> Array:
    return np.asarray(frame["accuracy_m"].fillna(assumed), dtype="float64")


def _find_discs(finds: gpd.GeoDataFrame, policy: Policy, plane: pyproj.CRS) -> Array:
    points = measure.to_plane(finds.geometry, plane)
    return measure.grown(points, np.maximum(_accuracy(finds, policy.finds_m), policy.find_radius_m), plane)


def _find_versions(hazard_shapes: Array, finds: gpd.GeoDataFrame, plane: pyproj.CRS) -> tuple[Array, Array]:
    """Give the pairs (find, version that covers its point), sorted."""
    points = measure.to_plane(finds.geometry, plane)
    if not len(points) or not len(hazard_shapes):
        return NO_PAIRS
    version, find = shapely.STRtree(points).query(hazard_shapes, predicate="intersects")
    order = np.lexsort((version, find))
    return find[order], version[order]


def _named(releases: gpd.GeoDataFrame, hazard_ids: tuple[str, ...]) -> Array:
    """Give the pairs (release, hazard) that releases name, coded as release × hazards + hazard, sorted."""
    code = {h: i for i, h in enumerate(hazard_ids)}
    count = _lengths(releases["hazard_ids"])
    named = chain.from_iterable(releases["hazard_ids"])
    hazard = np.fromiter(map(code.get, named, repeat(-1)), dtype=np.int64, count=int(count.sum()))
    release = np.repeat(np.arange(len(count)), count)
    return np.sort((release * max(len(hazard_ids), 1) + hazard)[hazard >= 0])


def _lengths(sets: pd.Series | Array) -> Array:
    return np.fromiter(map(len, sets), dtype=np.int64, count=len(sets))


@dataclass(frozen=True)
class Few:
    """A column of a few texts, each of them looked at once: of each row which one it is."""

    texts: Array
    code: Array

    @classmethod
    def of(cls, column: pd.Series) -> Few:
        """Tell the texts of a column apart; missing ones come last, as empty."""
        code, different = pd.factorize(column)
        return cls(texts(pd.Series([*different, None], dtype="str")), code)

    def each(self, tell: Callable[[str], Any]) -> Array:
        """Tell something of the text of each row."""
        told = [tell(text) for text in self.texts]
        return np.array(told, dtype=object if isinstance(told[0], str) else None)[self.code]


def _papers(releases: gpd.GeoDataFrame) -> Papers:
    columns = ("product", "activity_type", "decision", "quality", "nonconformity")
    word = {n: Few.of(releases[n]) for n in columns}
    given = word["activity_type"].each(lambda a: words.PRODUCT_OF_ACTIVITY.get(a, ""))
    place = {product: words.STATES.index(product) for product in words.PRODUCT.codes}
    depth = releases["depth_m"].to_numpy(dtype="float64")
    return Papers(
        product=word["product"].each(lambda p: place.get(p, -1)).astype(np.int64),
        depth_m=np.where(depth > 0, depth, 0.0),
        quarantined=releases["quarantined"].notna().to_numpy(),
        rejected=word["decision"].each(lambda d: d == "rejected"),
        decision_dated=releases["decision_date"].notna().to_numpy(),
        failed=word["quality"].each(lambda q: q == "failed"),
        quality_dated=releases["quality_date"].notna().to_numpy(),
        nonconforming=word["nonconformity"].each(lambda n: n in {"major", "critical"}),
        disagrees=(activity := word["activity_type"].each(bool)) & (given != word["product"].each(str)),
        activity_stated=activity,
        approved=word["decision"].each(lambda d: d == "approved"),
        passed=word["quality"].each(lambda q: q == "passed"),
        numbered=texts(releases["handover_no"]) != "",
    )


def _release_rank(releases: gpd.GeoDataFrame) -> Array:
    """Rank releases by the order in which they take ground: day, then the weaker product, then id."""
    product = releases["product"].map({p: i for i, p in enumerate(words.RELEASED_STATES)}).fillna(0).to_numpy()
    ids = pd.factorize(releases["release_id"].fillna(""), sort=True)[0]
    order = np.lexsort((ids, product, day_numbers(releases["date_completed"], NEVER)))
    rank = np.empty(len(releases), dtype=np.int64)
    rank[order] = np.arange(len(releases))
    return rank


def _whole(releases: gpd.GeoDataFrame, named: Array, hazards: int, policy: Policy) -> tuple[Array, Array]:
    """Give the pairs (hazard, release) in which a release without polygon stands for the whole hazard, by policy."""
    if policy.closed_without_polygon != "whole" or not len(named):
        return NO_PAIRS
    release, hazard = named // hazards, named % hazards
    without = releases.geometry.isna().to_numpy() | releases.geometry.is_empty.to_numpy()
    good = (without & releases["quarantined"].isna().to_numpy())[release]
    order = np.lexsort((release[good], hazard[good]))
    return hazard[good][order], release[good][order]


def _questions(
    releases: gpd.GeoDataFrame,
    shapes: Array,
    finds: gpd.GeoDataFrame,
    named: Array,
    versions: Versions,
    hazard_shapes: Array,
    policy: Policy,
    plane: pyproj.CRS,
) -> pd.DataFrame:
    """List which releases are in question from which day until which, and by which find.

    A find or accident dated after a release (undated: after), within its own accuracy of it, puts all rows of that
    release's activity in question until it is answered.
    """
    columns = ["release", "find", "start", "end"]
    if not len(releases) or not len(finds):
        return pd.DataFrame({c: np.zeros(0, dtype=np.int64) for c in columns})
    reach = measure.grown(measure.to_plane(finds.geometry, plane), _accuracy(finds, policy.finds_m), plane)
    pairs = [shapely.STRtree(shapes).query(reach, predicate="intersects")]
    hazards = max(len(versions.count), 1)
    if len(versions.hazard):
        without = shapely.is_missing(shapes)
        find, version = shapely.STRtree(hazard_shapes).query(reach, predicate="intersects")
        touched = pd.DataFrame({"find": find, "hazard": versions.hazard[version]}).drop_duplicates()
        links = pd.DataFrame({"release": named // hazards, "hazard": named % hazards})
        links = links[without[links["release"]]].merge(touched, on="hazard")
        pairs.append(np.array([links["find"], links["release"]], dtype=np.int64))
    find, release = np.concatenate(pairs, axis=1)
    completed = day_numbers(releases["date_completed"], NEVER)
    found = day_numbers(finds["date"], ALWAYS)
    until = answered_until(finds)
    after = (found[find] > completed[release]) | (found[find] == ALWAYS)
    hit = pd.DataFrame({"hit": release, "find": find})[after].drop_duplicates()
    group = pd.factorize(releases["activity_id"])[0]
    alone = np.flatnonzero(group < 0)  # without an activity each row is one of its own
    group[alone] = len(releases) + alone
    hit["group"] = group[hit["hit"]]
    all_rows = pd.DataFrame({"release": np.arange(len(releases)), "group": group})
    hit = hit.merge(all_rows, on="group")
    hit["start"] = np.maximum(found[hit["find"]], completed[hit["hit"]])
    hit["end"] = until[hit["find"]]
    return hit[columns].drop_duplicates().sort_values(columns, ignore_index=True)
