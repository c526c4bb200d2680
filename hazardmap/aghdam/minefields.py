"""The hazards of the fictitious programme as sites: which ground, found when, and released in which steps.

Belts run along the former line of contact in three rows, rings lie round strongpoints, patches round
villages, strips beside roads; suspected ground is what survey teams sketch between them. Ground near roads
and villages is worked on first. Knows shapes and days; knows nothing of tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hazardmap.aghdam import landscape
from hazardmap.aghdam.landscape import band, blob, cut, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]

# Rows of belts: how far west of the former line, how long and how wide, how long the gaps are, metres.
_ROWS = (
    (-420, (500, 1900), (90, 190), (120, 620)),
    (-1850, (500, 1600), (80, 160), (350, 1700)),
    (-4300, (500, 1400), (80, 150), (1800, 4500)),
)
_SPARSE_M = (-17_600, 1_300)  # northings between the two rayons of the story
_STEP_M = 50.0


@dataclass(frozen=True, kw_only=True)
class Site:
    """One hazardous area with its story.

    Parameters
    ----------
    kind
        belt, ring, roadside, patch, strike or sketch.
    steps
        The products by which it is released, in order, each with its ground; together they are the whole site.
    found, start
        Day on which it was recorded and day on which work begins, counted from the end of the war.
    confirmed
        Whether it was confirmed from the first day.
    ground
        All its ground.
    """

    kind: str
    steps: tuple[tuple[str, Any], ...]
    found: int
    start: int
    confirmed: bool
    ground: Any


def sites(
    rng: np.random.Generator, former_line: Array, roads: Mapping[str, Array], villages: Mapping[str, Array]
) -> list[Site]:
    """Lay out all sites, in the order in which they were recorded.

    Examples
    --------
    >>> line = landscape.former_line()
    >>> found = sites(np.random.default_rng(1), line, {"road": line[::-1]}, {"village": line[200] - [3000, 0]})
    >>> {s.kind for s in found} >= {"belt", "ring", "sketch", "strike"}, all(s.ground.is_valid for s in found)
    (True, True)
    """
    reached = np.vstack([*roads.values(), *villages.values()])
    homes = np.vstack(list(villages.values()))
    laid = [
        *_belts(rng, former_line),
        *_rings(rng, former_line),
        *_roadsides(rng, former_line, roads),
        *_patches(rng, homes),
        *_strikes(rng, homes),
    ]
    laid += list(_sketches(rng, former_line, homes, [joined([g for _, g in steps]) for _, steps in laid]))
    made = [_scheduled(rng, kind, steps, reached) for kind, steps in laid]
    return sorted(made, key=lambda s: (s.found, -s.ground.centroid.y))


_Laid = tuple[str, list[tuple[str, Any]]]


def _belts(rng: np.random.Generator, line: Array) -> Iterator[_Laid]:
    for offset, lengths, widths, gaps in _ROWS:
        row = landscape.shifted(
            line, offset + landscape.wander(rng, len(line), sizes_m=(230, 80), lengths_m=(6100, 1700))
        )
        at, end = rng.uniform(200, 900), (len(row) - 1) * _STEP_M
        while at + lengths[0] < end:
            length = min(rng.uniform(*lengths), end - at)
            sparse = _SPARSE_M[0] < row[int(at / _STEP_M), 1] < _SPARSE_M[1]
            if not sparse or rng.uniform() < 0.22:
                yield "belt", _belt_steps(rng, band(rng, row, at, length, rng.uniform(*widths)))
            at += length + rng.uniform(*gaps) * (2.5 if sparse else 1)


def _belt_steps(rng: np.random.Generator, sections: list[tuple[Any, Any]]) -> list[tuple[str, Any]]:
    """Plan a belt: technical survey reduces the margins, then the strip is cleared; long belts in two stretches."""
    middle = int(rng.integers(2, len(sections) - 1)) if len(sections) > 5 and rng.uniform() < 0.5 else len(sections)
    if rng.uniform() < 0.5:
        sections.reverse()
    steps = []
    for stretch in (sections[:middle], sections[middle:]):
        if stretch:
            steps.append(("reduced", joined([margins for _, margins in stretch])))
            steps.append(("cleared", joined([strip for strip, _ in stretch])))
    return steps


def _rings(rng: np.random.Generator, line: Array) -> Iterator[_Laid]:
    for at in np.linspace(0.04, 0.97, 9):
        centre = line[int(at * (len(line) - 1))] + [rng.uniform(-1500, -900), rng.uniform(-400, 400)]
        radius, begin = rng.uniform(190, 330), rng.uniform(-1.2, 0.4)
        turn = begin + np.arange(0, 2 * np.pi, _STEP_M / radius)
        circle = centre + np.column_stack([np.cos(turn), np.sin(turn)]) * radius
        circle += rng.normal(0, 6, circle.shape)
        length = rng.uniform(0.45, 0.8) * 2 * np.pi * radius
        sections = band(rng, circle, 0, length, rng.uniform(45, 70))
        yield "ring", [("reduced", joined([m for _, m in sections])), ("cleared", joined([s for s, _ in sections]))]


def _roadsides(rng: np.random.Generator, line: Array, roads: Mapping[str, Array]) -> Iterator[_Laid]:
    front = shapely.LineString(line)
    west = shapely.Polygon([*line, line[-1] - [60_000, 0], line[0] - [60_000, 0]])
    shapely.prepare(west)
    for road in roads.values():
        points = shapely.points(road)
        near = np.flatnonzero(shapely.contains(west, points) & (shapely.distance(front, points) < 9000))
        near = near[near < len(road) - 30]
        if not len(near):
            continue
        for at in np.sort(rng.choice(near, 3, replace=False)):
            side = rng.choice([-1, 1]) * rng.uniform(38, 60)
            verge = landscape.shifted(road, side)
            sections = band(rng, verge, at * _STEP_M, rng.uniform(350, 1100), rng.uniform(28, 48))
            yield "roadside", [("cleared", joined([g for section in sections for g in section]))]


def _patches(rng: np.random.Generator, homes: Array) -> Iterator[_Laid]:
    for home in homes:
        for _ in range(3):
            turn, away = rng.uniform(0, 2 * np.pi), rng.uniform(380, 1250)
            centre = home + away * np.array([np.cos(turn), np.sin(turn)])
            area = rng.uniform(45, 210) ** 2
            yield (
                "patch",
                [("cleared", blob(rng, centre, area, stretch=rng.uniform(1, 2.6), angle=rng.uniform(0, np.pi)))],
            )


def _strikes(rng: np.random.Generator, homes: Array) -> Iterator[_Laid]:
    for home in homes[::2]:
        turn = rng.uniform(0, 2 * np.pi)
        centre = home + rng.uniform(600, 1900) * np.array([np.cos(turn), np.sin(turn)])
        shape = blob(rng, centre, rng.uniform(50_000, 160_000), stretch=2.3, angle=rng.uniform(0, np.pi), rough=0.45)
        core, rim = cut(rng, shape, [0.6, 0.4])
        yield "strike", [("cleared", core), ("reduced", rim)]


def _sketches(rng: np.random.Generator, line: Array, homes: Array, taken: Sequence[Any]) -> Iterator[_Laid]:
    tree = shapely.STRtree(list(taken))
    placed: list[Any] = []
    for _ in range(4000):
        centre = line[int(rng.integers(0, len(line)))] - [500 + min(rng.exponential(3300), 9500), 0]
        area, crowd = rng.uniform(35_000, 400_000), rng.uniform()
        shape = blob(rng, centre, area, stretch=rng.uniform(1.1, 2.8), angle=rng.uniform(0, np.pi))
        hits = len(tree.query(shape, predicate="intersects"))
        clear_of_others = all(shape.distance(p) > 120 for p in placed)
        sparse = _SPARSE_M[0] < centre[1] < _SPARSE_M[1]
        # Most sketches keep off known belts and villages; about one in eight lies over a belt.
        if not clear_of_others or (sparse and crowd > 0.15) or hits > (1 if crowd < 0.12 else 0):
            continue
        if np.hypot(*(homes - centre).T).min() < 450:
            continue
        placed.append(shape)
        yield "sketch", _sketch_steps(rng, shape)
        if len(placed) == 66:
            return


def _sketch_steps(rng: np.random.Generator, shape: Any) -> list[tuple[str, Any]]:
    if rng.uniform() < 0.35:
        return [("cancelled", shape)]
    pieces = cut(rng, shape, [0.3, 0.25, 0.2, 0.25])
    order = [2, 1, 3, 0] if rng.uniform() < 0.5 else [0, 1, 3, 2]
    words = ("cancelled", "cancelled", "reduced", "cleared")
    planned = [(word, [pieces[i]]) for word, i in zip(words, order, strict=True) if i < len(pieces)]
    steps: dict[str, list[Any]] = {}
    for word, part in planned:
        steps.setdefault(word, []).extend(part)
    return [(word, joined(parts)) for word, parts in steps.items()]


def _scheduled(rng: np.random.Generator, kind: str, steps: list[tuple[str, Any]], reached: Array) -> Site:
    """Give a site its days: the farther from roads and villages, the later the work."""
    ground = joined([g for _, g in steps])
    centre = np.array([ground.centroid.x, ground.centroid.y])
    far_km = float(np.hypot(*(reached - centre).T).min()) / 1000
    first_wave = rng.uniform() < (0.75 if kind in {"belt", "ring", "sketch"} else 0.5)
    found = int(rng.integers(35, 330) if first_wave else rng.integers(330, 1350))
    planned = 260 + 590 * far_km + rng.normal(0, 260)
    if kind in {"patch", "roadside", "strike"}:
        planned = 250 + 1100 * far_km + rng.exponential(600)
    start = max(int(planned), found + int(rng.integers(40, 160)))
    confirmed = kind in {"ring", "roadside", "patch"} or (kind in {"belt", "strike"} and bool(rng.uniform() < 0.55))
    return Site(kind=kind, steps=tuple(steps), found=found, start=start, confirmed=confirmed, ground=ground)
