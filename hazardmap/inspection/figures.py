"""Areas that do not agree: what a record states against its polygon, and a release against the hazards that it names.

Knows hazards and releases as recorded; the state of ground is the rule's to say.
"""

from __future__ import annotations

from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hazardmap import measure
from hazardmap.inspection.findings import Found
from hazardmap.inspection.overlays import grown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hazardmap.inspection.catalogue import Thresholds
    from hazardmap.inspection.subject import Layer, Subject

    Array = NDArray[Any]

_HALF = 0.5


def stated_areas(subject: Subject, limits: Thresholds) -> Iterator[Found]:
    """Find polygons whose area is not the stated one; size is the difference in percent of what is stated."""
    for layer in subject.some("hazards"):
        at = layer.areas
        stated = layer.frame["stated_area_m2"].to_numpy(dtype="float64")[at]
        measured = layer.area_m2[at]
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = np.where(stated > 0, np.abs(measured - stated) / stated, np.where(stated == 0, np.inf, np.nan))
        far = np.flatnonzero((apart > limits.area_warning) & (np.abs(measured - stated) > 1.0))
        sign = np.where(measured[far] > stated[far], "more", "less")
        yield Found(
            check="stated_area",
            layer=layer,
            at=at[far],
            found=[
                f"measured {m:,.0f} m², {_percent(a)} {s}"
                for m, a, s in zip(measured[far], apart[far], sign, strict=True)
            ],
            expected=[f"stated {v:,.0f} m², within {limits.area_warning * 100:g} %" for v in stated[far]],
            size=np.where(np.isfinite(apart[far]), apart[far] * 100, np.nan),
            severity=np.where(apart[far] > limits.area_error, "error", "warning").tolist(),
        )


def _percent(share: float) -> str:
    return f"{share * 100:,.1f} %" if np.isfinite(share) else "nothing stated, so all of it"


def releases_outside(subject: Subject, limits: Thresholds) -> Iterator[Found]:
    """Find releases that lie outside every version of the hazards that they name; size is the ground outside.

    More than half outside is an error: hazard or outline is the wrong one. Releases that name no hazard, or one
    without a place, cannot be compared.
    """
    if not {"hazards", "releases"} <= set(subject.layers):
        return
    hazards, releases = subject.layers["hazards"], subject.layers["releases"]
    release, hazard, ids = _named(hazards, releases)
    own = _ground_of(hazards, ids)
    placed = ~shapely.is_missing(own)
    unplaced = np.unique(release[~placed[hazard]])
    keep = ~np.isin(release, unplaced) & ~shapely.is_missing(releases.ground[release])
    release, hazard = release[keep], hazard[keep]
    rows, count = np.unique(release, return_counts=True)
    named, reach = (np.full(len(rows), None, dtype=object) for _ in range(2))
    alone = count[np.searchsorted(rows, release)] == 1
    single = np.searchsorted(rows, release[alone])
    named[single], reach[single] = own[hazard[alone]], _reach(own, hazard[alone])
    several = pd.Series(hazard[~alone]).groupby(release[~alone]).agg(list)
    for row, members in several.items():
        named[np.searchsorted(rows, row)] = shapely.union_all(own[members], grid_size=measure.GRID_M)
    joint = np.flatnonzero(count > 1)
    reach[joint] = _reach(named, joint)
    ground = releases.ground[rows]
    area = shapely.area(ground)
    least = np.maximum(limits.outside_m2, limits.outside_share * area)
    # Nearly all lie inside, up to noise: only what a first look leaves in doubt is cut on the grid.
    doubtful = np.flatnonzero(~shapely.covers(reach, ground))
    beyond = shapely.difference(ground[doubtful], named[doubtful], grid_size=measure.GRID_M)
    outside = shapely.area(beyond)
    wrong = outside > least[doubtful]
    rows, area, beyond, outside = rows[doubtful][wrong], area[doubtful][wrong], beyond[wrong], outside[wrong]
    sets = releases.frame["hazard_ids"].to_numpy()[rows]
    share = np.minimum(outside / area, 1.0)
    yield Found(
        check="release_outside",
        layer=releases,
        at=rows,
        found=[f"{o:,.1f} m² outside, {_share(s)} of it" for o, s in zip(outside, share, strict=True)],
        expected=[f"inside {', '.join(s)}" for s in sets],
        size=outside,
        severity=np.where(share > _HALF, "error", "warning").tolist(),
        other=[", ".join(s) for s in sets],
        places=measure.from_plane(shapely.point_on_surface(beyond), subject.plane).to_numpy(),
    )


def _reach(ground: Array, chosen: Array) -> Array:
    """Give the ground chosen with the noise round it, made once for each and ready to be asked often."""
    used, at = np.unique(chosen, return_inverse=True)
    reach = grown(ground[used], measure.NOISE_WIDTH_M)
    shapely.prepare(reach)
    return np.asarray(reach[at], dtype=object)


def _share(share: float) -> str:
    return "all" if share > 0.9995 else f"{share * 100:.1f} %"


def _named(hazards: Layer, releases: Layer) -> tuple[Array, Array, Array]:
    """Give the pairs (row of a release, hazard that it names) and the ids by which hazards are numbered."""
    ids = np.unique(hazards.ids.astype("str"))
    number = {h: i for i, h in enumerate(ids.tolist())}
    sets = releases.frame["hazard_ids"]
    count = np.fromiter(map(len, sets), dtype=np.int64, count=len(sets))
    hazard = np.fromiter(map(number.get, chain.from_iterable(sets), repeat(-1)), dtype=np.int64, count=int(count.sum()))
    known = hazard >= 0
    return np.repeat(np.arange(len(sets)), count)[known], hazard[known], ids


def _ground_of(hazards: Layer, ids: Array) -> Array:
    """Give the ground of each hazard: all its versions together; None where one has no polygon."""
    number = np.searchsorted(ids, hazards.ids.astype("str"))
    ground = np.full(len(ids), None, dtype=object)
    there = np.flatnonzero(~shapely.is_missing(hazards.ground))
    count = np.bincount(number[there], minlength=len(ids))
    alone = there[count[number[there]] == 1]
    ground[number[alone]] = hazards.ground[alone]
    several = pd.Series(there[count[number[there]] > 1]).groupby(number[there][count[number[there]] > 1]).agg(list)
    for hazard, rows in several.items():
        ground[hazard] = shapely.union_all(hazards.ground[rows], grid_size=measure.GRID_M)
    points = np.unique(number[hazards.points])
    ground[points] = None  # a point stands for ground of unknown outline
    return ground
