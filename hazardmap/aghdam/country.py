"""The country-side of the fictitious programme: districts, coverage, roads, villages, parcels, and ground walked.

Knows shapes in the plane and the districts' file; knows no hazard except as ground to keep off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
import shapely.affinity

from hazardmap import measure
from hazardmap.aghdam import landscape
from hazardmap.aghdam.landscape import CENTIMETRE, PLANE, blob, cut, fields
from hazardmap.aghdam.records import SOURCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Row = dict[str, Any]

#: Districts by the name that Natural Earth gives them, with other spellings met in files.
DISTRICTS: dict[str, tuple[str, ...]] = {
    "Ağdam": ("Aghdam", "Agdam", "Агдам"),
    "Füzuli": ("Fuzuli", "Fizuli", "Физули"),
    "Xocavənd": ("Khojavend", "Xocavend", "Ходжавенд"),
    "Tərtər": ("Tartar", "Terter", "Тертер"),
    "Bərdə": ("Barda", "Berde", "Барда"),
    "Beyləqan": ("Beylagan", "Beyleqan", "Бейлаган"),
    "Cəbrayıl": ("Jabrayil", "Cebrayil", "Джебраил"),
    "Ağcabədi": ("Aghjabadi", "Agcabedi", "Агджабеди"),
}
# What is grown or built, how deep that digs, how often it is met.
_USES = (("crops", 0.3, 0.55), ("pasture", 0.2, 0.2), ("orchard", 0.5, 0.15), ("vineyard", 0.5, 0.1))
# How many released hazards are parcelled out, and what for.
_GIVEN_BACK = 4
_GIVEN_BACK_USES = (("pasture", 0.2), ("crops", 0.3), ("pasture", 0.2), ("orchard", 0.5))


def districts() -> gpd.GeoDataFrame:
    """Give the districts, in degrees: `district_id` is the FIPS code, for no spelling of a name can be trusted."""
    outlines = landscape.rayons(list(DISTRICTS))
    return gpd.GeoDataFrame(
        {
            "district_id": outlines["fips"],
            "name": outlines["name"],
            "parent": "Azerbaijan",
            "aliases": [DISTRICTS[n] for n in outlines["name"]],
            "source": "Natural Earth 1:10m, public domain, generalised",
        },
        geometry=outlines.geometry,
    )


def district_of(shapes: Array, known: gpd.GeoDataFrame) -> Array:
    """Give the code of the district in which most of each shape lies (points: in which they lie); None outside all.

    Parameters
    ----------
    shapes
        Plane geometries; missing ones get None.
    known
        Districts in degrees.
    """
    outlines = measure.to_plane(known.geometry, PLANE)
    codes = known["district_id"].to_numpy(dtype=object)
    flat = np.array([None if s is None else (s if s.area else s.buffer(1.0)) for s in shapes], dtype=object)
    share = np.column_stack([np.nan_to_num(shapely.area(shapely.intersection(flat, outline))) for outline in outlines])
    found: Array = codes[share.argmax(axis=1)]
    found[share.max(axis=1) == 0] = None
    return found


def names(ids: Sequence[str], shapes: Array, places: Mapping[str, Array]) -> dict[str, str | None]:
    """Name each record after the town or village nearest to its first shape; without a shape it has no name."""
    known, spots = list(places), np.array(list(places.values()))
    named: dict[str, str | None] = {}
    count = dict.fromkeys(known, 0)
    for record, shape in zip(ids, shapes, strict=True):
        if record in named:
            continue
        named[record] = None
        if shape is not None:
            place = known[int(np.hypot(*(spots - [shape.centroid.x, shape.centroid.y]).T).argmin())]
            count[place] += 1
            named[record] = f"{place} {count[place]}"
    return named


def coverage(known: gpd.GeoDataFrame, former_line: Array) -> list[Row]:
    """Cover what lay behind the former line in Ağdam and Füzuli, and the line itself to 700 m beyond it."""
    far = 120_000
    west: Any = shapely.Polygon(
        [
            *former_line,
            former_line[-1] - [0, far],
            former_line[-1] - [far, far],
            former_line[0] - [far, -far],
            former_line[0] + [0, far],
        ]
    )
    west = west.union(shapely.LineString(former_line).buffer(700))
    outlines = measure.to_plane(known.geometry, PLANE)[:2]
    return [
        {
            "coverage_id": f"C-{code}",
            "as_of": "2025-06-30",
            "source": SOURCE,
            "geometry": shapely.intersection(outline, west, grid_size=CENTIMETRE),
        }
        for code, outline in zip(known["district_id"].iloc[:2], outlines, strict=True)
    ]


def villages(rng: np.random.Generator, named: Mapping[str, Array]) -> dict[str, Any]:
    """Draw the built-up ground of each village."""
    return {
        name: blob(
            rng,
            spot,
            rng.uniform(180_000, 420_000),
            stretch=rng.uniform(1.1, 1.9),
            angle=rng.uniform(0, np.pi),
            rough=0.6,
        )
        for name, spot in named.items()
    }


def plots(
    rng: np.random.Generator, built: Mapping[str, Any], spots: Mapping[str, Array], hazards: Any, asked: Sequence[Any]
) -> list[Row]:
    """Lay out parcels: fields on two sides of each village, houses and a school inside it, and fields farther off.

    Parameters
    ----------
    rng
        Where chance comes from.
    built, spots
        The built-up ground and the middle of each village.
    hazards
        Known hazards: fields lie where these are, for there the questions are asked.
    asked
        Points round which further fields lie.
    """
    rows: list[Row] = []
    for name, ground in built.items():
        turns = rng.uniform(0, np.pi) + np.arange(8) * np.pi / 4
        sizes = [(rng.uniform(90, 140), rng.uniform(260, 400)) for _ in (0, 1)]
        blocks = [_beside(fields(rng, spots[name], t, columns=6, rows=2, size_m=sizes[0]), ground) for t in turns]
        best = int(np.argmax([shapely.intersection(shapely.MultiPolygon(b).convex_hull, hazards).area for b in blocks]))
        opposite = _beside(fields(rng, spots[name], turns[best] + np.pi, columns=4, rows=2, size_m=sizes[1]), ground)
        rows += _farmed(rng, name, [*blocks[best], *opposite])
        homes = fields(rng, spots[name] - [30, 60], turns[best], columns=3, rows=2, size_m=(26, 44))[:5]
        school = fields(rng, spots[name] + [60, 60], turns[best], columns=1, rows=1, size_m=(85, 70))
        rows += [{"use": "house", "required_depth_m": 0.5, "name": name, "geometry": g} for g in homes]
        rows += [{"use": "school", "required_depth_m": 1.0, "name": name, "geometry": g} for g in school]
    taken = shapely.union_all([row["geometry"] for row in rows] + list(built.values()))
    for i, spot in enumerate(asked, start=1):
        laid = fields(
            rng, np.array([spot.x - 330, spot.y - 310]), rng.uniform(-0.2, 0.2), columns=6, rows=2, size_m=(110, 310)
        )
        laid = [f for f in laid if not f.intersects(taken)]
        taken = shapely.union_all([taken, *laid])
        rows += _farmed(rng, f"Canal fields {i}", laid)
    return _numbered(rng, rows, after=0)


def given_back(rng: np.random.Generator, released: Sequence[Any], laid: Sequence[Row]) -> list[Row]:
    """Parcel out ground that was given back: pastures and fields that lie wholly within it, off the plots laid before.

    Parameters
    ----------
    rng
        Where chance comes from; no number of it is used up.
    released
        Ground of hazards that were released whole, with all papers.
    laid
        The plots that are there already; ids go on after theirs.
    """
    own = rng.spawn(1)[0]
    taken = shapely.union_all([row["geometry"] for row in laid])
    roomy = sorted(released, key=lambda g: -g.area)
    within = [shapely.set_precision(max(shapely.get_parts(g.buffer(-3)), key=lambda p: p.area), 1.0) for g in roomy]
    chosen = [g for g in within if g.geom_type == "Polygon" and not g.intersects(taken)][:_GIVEN_BACK]
    rows: list[Row] = []
    for i, ground in enumerate(chosen, start=1):
        for field, (use, depth) in zip(cut(own, ground, (0.3, 0.25, 0.25, 0.2)), _GIVEN_BACK_USES, strict=False):
            shape = max(shapely.get_parts(field), key=lambda p: p.area)
            rows.append({"use": use, "required_depth_m": depth, "name": f"Given-back fields {i}", "geometry": shape})
    return _numbered(own, rows, after=len(laid))


def _numbered(rng: np.random.Generator, rows: list[Row], *, after: int) -> list[Row]:
    for i, row in enumerate(rows, start=after + 1):
        row |= {
            "plot_id": f"P-{i:04d}",
            "cadastre_no": f"{900 + i // 40}-{i % 40 + 1:03d}-{rng.integers(100, 999)}",
            "accuracy_m": 0.5 if row["use"] in {"house", "school"} else 1.0,
            "source": f"{SOURCE}: cadastre",
        }
    return rows


def _farmed(rng: np.random.Generator, name: str, laid: Sequence[Any]) -> list[Row]:
    pick = rng.choice(len(_USES), len(laid), p=[share for *_, share in _USES])
    kept = rng.uniform(size=len(laid)) > 0.1
    return [
        {"use": _USES[use][0], "required_depth_m": _USES[use][1], "name": name, "geometry": f}
        for f, use, keep in zip(laid, pick, kept, strict=True)
        if keep
    ]


def _beside(laid: Sequence[Any], ground: Any) -> list[Any]:
    """Shift fields in their own direction until they are off the village, with a lane between."""
    whole, middle = shapely.MultiPolygon(list(laid)).convex_hull, ground.centroid
    out = np.array([whole.centroid.x - middle.x, whole.centroid.y - middle.y])
    out /= np.hypot(*out)
    step = 0.0
    while shapely.affinity.translate(whole, *(out * step)).distance(ground) < 12:
        step += 40.0
    away = (out * step).round(2)
    return [shapely.set_precision(shapely.affinity.translate(f, *away), CENTIMETRE) for f in laid]


def context(
    rng: np.random.Generator,
    drawn: Sequence[tuple[str, str, Array]],
    former_line: Array,
    *,
    built: Mapping[str, Any],
    towns: Mapping[str, Array],
    parcels: Sequence[Row],
) -> list[Row]:
    """Draw what helps to find one's way: roads, railways, canal, rivers, the former line, towns, villages, schools."""
    rows: list[Row] = [
        {"kind": kind, "name": name, "geometry": shapely.LineString(xy[::3].round(1))} for kind, name, xy in drawn
    ]
    trench = landscape.shifted(
        former_line, landscape.wander(rng, len(former_line), sizes_m=(90, 55, 30), lengths_m=(2900, 1130, 470))
    )
    rows.append(
        {
            "kind": "former line of contact",
            "name": "Former line of contact",
            "geometry": shapely.LineString(trench[::2].round(1)),
        }
    )
    rows += [
        {"kind": "town", "name": n, "geometry": blob(rng, xy, 4_200_000, stretch=1.3, angle=0.9, rough=0.7)}
        for n, xy in towns.items()
    ]
    rows += [{"kind": "village", "name": f"{n} (fictitious)", "geometry": ground} for n, ground in built.items()]
    rows += [
        {"kind": "school", "name": f"School of {p['name']} (fictitious)", "geometry": p["geometry"].centroid}
        for p in parcels
        if p["use"] == "school"
    ]
    return [{**row, "source": f"{SOURCE}: drawn by hand"} for row in rows]


def surveys(rng: np.random.Generator, spots: Sequence[Array], hazards: Any) -> list[Row]:
    """Walk ground round villages and along roads where no evidence was found, 40 m and more off every hazard."""
    keep_off = shapely.buffer(hazards, 40)
    rows = []
    for spot in spots:
        centre = spot + rng.normal(0, 1300, 2)
        walked = blob(
            rng,
            centre,
            rng.uniform(500_000, 2_200_000),
            stretch=rng.uniform(1.1, 2.2),
            angle=rng.uniform(0, np.pi),
            rough=0.8,
        )
        left = shapely.get_parts(shapely.difference(walked, keep_off, grid_size=CENTIMETRE))
        largest = left[int(np.argmax(shapely.area(left)))]
        rows.append(
            {
                "date": int(rng.integers(170, 1650)),
                "organisation": f"Operator {rng.choice(list('ABCD'))}",
                "source": f"{SOURCE}: survey report",
                "geometry": largest,
            }
        )
    rows.sort(key=lambda r: r["date"])
    return [{"survey_id": f"NTS-S{i:03d}", **row} for i, row in enumerate(rows, start=1)]
