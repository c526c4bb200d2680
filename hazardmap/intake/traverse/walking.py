"""Walk the legs: from the known points over the WGS 84 ellipsoid to every other, with what is not known of each.

The uncertainty of a point P, reached over legs of length L from a known point (a circle that holds the errors, m):

    u² = a² + Σ (m² + (L · b)²) + (d · M)² + (p · R)² + (q · S)²

    a  accuracy of the known point          m, b  half of the last digit of each distance and bearing, or as stated
    d  uncertainty of the declination, which turns the figure; M: the way over magnetic legs, as the crow flies
    p  that of a pace, which stretches the whole figure; R: the way over paced legs; q, S: the same of other distances

Of d, p and q the largest on the way counts. Each term grows with its uncertainty: more doubt never gives a smaller u.

Knows bearings and the ellipsoid; knows nothing of polygons.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj

from hazardmap.intake import declination
from hazardmap.intake.traverse.vocabulary import BESIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.intake.traverse.legs import Legs
    from hazardmap.intake.traverse.places import Places

    Array = NDArray[Any]

_GEOD = pyproj.Geod(ellps="WGS84")
_FIRST = "a bearing and a distance; the first point: longitude, latitude and datum, or coordinates"


@dataclass
class Walk:
    """The points of all traverses, by row: where they lie, how they were reached, how well they are known.

    `parent` and `closes` are rows, −1 for none: the row walked from, and the earlier row of the point to which a
    closing leg comes back. Numbers are NaN where they cannot be had.
    """

    parent: Array
    closes: Array
    root: Array
    longitude: Array
    latitude: Array
    azimuth: Array
    declination: Array
    declination_uncertainty: Array
    model: Array
    convergence: Array
    accuracy_m: Array


def walk(legs: Legs, places: Places) -> Walk:
    """Walk all traverses of a table; faults go to the legs."""
    parent, closes = _ways(legs, places)
    root, depth = _depths(legs, parent)
    done = _begun(places, parent, closes, root)
    _norths(legs, places, done, depth > 0)
    sums = {k: np.zeros((len(legs), 2)) for k in ("magnetic", "paced", "other")}
    most = {k: np.zeros(len(legs)) for k in sums}
    own = np.zeros(len(legs))
    start = np.where(parent < 0, places.accuracy_m, np.nan)
    for level in range(1, int(depth.max(initial=0)) + 1):
        rows = np.flatnonzero(depth == level)
        before = parent[rows]
        _converge(legs, done, rows, before)
        turn = np.where(np.isnan(done.declination[rows]), 0.0, done.declination[rows])
        turn = turn + np.where(np.isnan(done.convergence[rows]), 0.0, done.convergence[rows])
        azimuth = (legs.bearing_deg[rows] + turn) % 360
        azimuth[~_known_north(legs, done, rows)] = np.nan
        length = legs.distance_m[rows]
        usable = np.isfinite(done.longitude[before]) & np.isfinite(azimuth) & np.isfinite(length)
        done.azimuth[rows] = azimuth
        r, b = rows[usable], before[usable]
        done.longitude[r], done.latitude[r], _ = _GEOD.fwd(
            done.longitude[b], done.latitude[b], azimuth[usable], length[usable]
        )
        start[r] = start[b]
        own[r] = own[b] + legs.distance_half_m[r] ** 2 + (length[usable] * np.radians(legs.bearing_half_deg[r])) ** 2
        angle = np.radians(azimuth[usable])
        vector = np.column_stack([np.sin(angle), np.cos(angle)]) * length[usable][:, None]
        for kind, mine, amount in (
            ("magnetic", np.isfinite(done.declination[r]), np.radians(np.nan_to_num(done.declination_uncertainty[r]))),
            ("paced", legs.paced[r], legs.percent[r] / 100),
            ("other", ~legs.paced[r], legs.percent[r] / 100),
        ):
            sums[kind][r] = sums[kind][b] + np.where(mine[:, None], vector, 0.0)
            most[kind][r] = np.maximum(most[kind][b], np.where(mine, amount, 0.0))
    common = sum((most[k] * np.hypot(*sums[k].T)) ** 2 for k in sums)
    done.accuracy_m = np.sqrt(start**2 + own + common)
    return done


def _begun(places: Places, parent: Array, closes: Array, root: Array) -> Walk:
    known = parent < 0
    count = len(parent)
    nothing = [np.full(count, np.nan) for _ in range(4)]
    return Walk(
        parent=parent,
        closes=closes,
        root=root,
        longitude=np.where(known, places.longitude, np.nan),
        latitude=np.where(known, places.latitude, np.nan),
        azimuth=nothing[0],
        declination=nothing[1],
        declination_uncertainty=nothing[2],
        model=np.full(count, "", dtype=object),
        convergence=nothing[3],
        accuracy_m=np.full(count, np.nan),
    )


def _ways(legs: Legs, places: Places) -> tuple[Array, Array]:
    """Find the row that each row is walked from, and the closing leg of each traverse."""
    parent = np.full(len(legs), -1)
    closes = np.full(len(legs), -1)
    for rows in legs.groups():
        seen: dict[str, int] = {}
        before = -1
        walked = [r for r in rows if legs.has_leg[r] and legs.codes["kind"][r] not in BESIDE]
        for r in map(int, rows):
            name, start = legs.texts["point"][r], legs.texts["from"][r]
            if legs.has_leg[r]:
                parent[r] = before if start is None else seen.get(start, -1)
                if parent[r] < 0:
                    _no_way(legs, r, start)
            elif np.isnan(places.longitude[r]) and not _told(legs, r):
                legs.faults.append((r, "bearing", "none", _FIRST))
            if name is not None and name in seen:
                if walked and r == walked[-1]:
                    closes[r] = seen[name]
                else:
                    legs.faults.append(
                        (r, "point", f"{name!r:.60} again", "a name once; again only on the closing leg")
                    )
            elif name is not None:
                seen[name] = r
            if legs.codes["kind"][r] not in BESIDE:
                before = r
    return parent, closes


def _no_way(legs: Legs, r: int, start: str | None) -> None:
    if start is not None:
        legs.faults.append((r, "from", f"{start!r:.60}", "a point named in a row before"))
    else:
        legs.faults.append((r, "point", "a leg from nowhere: no row before it", f"a known point first: {_FIRST}"))


def _told(legs: Legs, r: int) -> bool:
    return any(i == r and c in {"longitude", "latitude", "coordinates", "datum"} for i, c, _, _ in legs.faults)


def _depths(legs: Legs, parent: Array) -> tuple[Array, Array]:
    """Give the known point that each row hangs on, and over how many legs; a row on no way has depth 0."""
    root = np.arange(len(parent))
    depth = np.zeros(len(parent), dtype=int)
    for rows in legs.groups():
        for r in rows:  # a row is walked from one before it
            if parent[r] >= 0:
                root[r], depth[r] = root[parent[r]], depth[parent[r]] + 1
    return root, depth


def _norths(legs: Legs, places: Places, done: Walk, walked: Array) -> None:
    """Find the declination of magnetic legs, and tell what a leg lacks to have a north."""
    north = legs.codes["north"]
    bad = {(i, c) for i, c, _, _ in legs.faults}
    magnetic = np.array([n == "magnetic" for n in north], dtype=bool) & legs.has_leg
    first, last = declination.spans()
    for i in map(int, np.flatnonzero(legs.has_leg)):
        if north[i] is None and (i, "north") not in bad:
            legs.faults.append((i, "north", "none", "the north of its bearing: true, magnetic or grid"))
        elif north[i] == "magnetic" and legs.days[i] is None and (i, "date") not in bad:
            legs.faults.append((i, "date", "none", "the day of the record, by which the magnetic north is known"))
        elif north[i] == "magnetic" and legs.days[i] is not None and not first <= legs.days[i] <= last:
            legs.faults.append((i, "date", str(legs.days[i]), f"a day that a magnetic model covers, {first} to {last}"))
        elif north[i] == "grid" and legs.texts["crs"][i] is None and (i, "crs") not in bad:
            legs.faults.append((i, "crs", "none", "the CRS of the grid, e.g. EPSG:32638 or EPSG:28408"))
    rows = np.flatnonzero(magnetic & walked & np.isfinite(places.longitude[done.root]))
    asked: dict[tuple[int, Any], int] = {}
    which = [asked.setdefault((int(done.root[i]), legs.days[i]), len(asked)) for i in rows]
    at = np.array([root for root, _ in asked], dtype=int)
    degrees, models, _, unsure = declination.declinations(
        places.longitude[at], places.latitude[at], [day for _, day in asked]
    )
    done.declination[rows], done.model[rows] = degrees[which], models[which]
    done.declination_uncertainty[rows] = unsure[which]


def _known_north(legs: Legs, done: Walk, rows: Array) -> Array:
    north = np.array([legs.codes["north"][r] or "" for r in rows], dtype=object)
    return np.asarray(
        (north == "true")
        | ((north == "magnetic") & np.isfinite(done.declination[rows]))
        | ((north == "grid") & np.isfinite(done.convergence[rows]))
    )


def _converge(legs: Legs, done: Walk, rows: Array, before: Array) -> None:
    """Find the angle from true to grid north where each grid leg begins."""
    by_grid: dict[str, list[int]] = {}
    for k, r in enumerate(map(int, rows)):
        if legs.codes["north"][r] == "grid" and legs.texts["crs"][r] and np.isfinite(done.longitude[before[k]]):
            by_grid.setdefault(str(legs.texts["crs"][r]), []).append(k)
    for written, ks in by_grid.items():
        grid = _grid(written)
        mine, start = rows[ks], before[ks]
        if isinstance(grid, str):
            legs.faults += [(int(i), "crs", f"{written!r:.60}", grid) for i in mine]
            continue
        proj, (west, south, east, north) = grid
        longitude, latitude = done.longitude[start], done.latitude[start]
        there = (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
        angle = np.asarray(proj.get_factors(longitude, latitude, errcheck=False).meridian_convergence)
        angle = np.where(there & np.isfinite(angle), angle, np.nan)
        done.convergence[mine] = angle
        legs.faults += [
            (int(i), "crs", f"{written} at {x:.4f}, {y:.4f}", "a grid that is in use where the traverse lies")
            for i, x, y, a in zip(mine, longitude, latitude, angle, strict=True)
            if np.isnan(a)
        ]


@functools.lru_cache(maxsize=64)
def _grid(written: str) -> tuple[pyproj.Proj, tuple[float, float, float, float]] | str:
    """Give the projection of a grid and where it is in use, widened by a degree; or what is needed instead."""
    needed = "the CRS of the grid, projected, e.g. EPSG:32638 or EPSG:28408"
    if not written.upper().startswith("EPSG:"):
        return needed
    try:
        crs = pyproj.CRS(written)
    except pyproj.exceptions.CRSError:
        return needed
    use = crs.area_of_use
    if not crs.is_projected or use is None:
        return needed
    if use.west > use.east:
        return pyproj.Proj(crs), (-180.0, use.south - 1, 180.0, use.north + 1)
    return pyproj.Proj(crs), (use.west - 1, use.south - 1, use.east + 1, use.north + 1)
