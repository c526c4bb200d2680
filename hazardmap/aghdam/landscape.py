"""The ground of the fictitious programme: its lines, its villages, and the shapes that minefields take.

Lines and places are drawn by hand, only roughly where such lines run; names of villages are invented.
Shapes are made in one metric plane, every vertex on a whole centimetre. Knows planes and shapes; knows
nothing of hazards, releases or days.
"""

from __future__ import annotations

import itertools
import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from hazardmap import measure
from hazardmap.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.resources.abc import Traversable

    from numpy.typing import NDArray

    Array = NDArray[Any]

#: The plane in which everything is built, metres.
PLANE = measure.local_plane((46.6, 39.3, 47.7, 40.4))
#: Vertices lie on this grid.
CENTIMETRE = 0.01

# All longitude, latitude.
_FORMER_LINE = [
    (46.962, 40.212),
    (46.992, 40.165),
    (47.034, 40.105),
    (47.052, 40.045),
    (47.040, 39.985),
    (47.058, 39.925),
    (47.104, 39.866),
    (47.168, 39.800),
    (47.232, 39.732),
    (47.292, 39.668),
    (47.330, 39.598),
    (47.318, 39.528),
    (47.300, 39.470),
    (47.292, 39.418),
]
_LINES = {
    "road": {
        "Bərdə – Ağdam road": [
            (47.12, 40.28),
            (47.085, 40.19),
            (47.02, 40.10),
            (46.965, 40.04),
            (46.93, 39.99),
            (46.87, 39.935),
            (46.81, 39.885),
        ],
        "Ağcabədi – Ağdam road": [(47.42, 40.05), (47.26, 40.03), (47.11, 40.006), (47.00, 39.985), (46.93, 39.99)],
        "Ağdam – Füzuli road": [
            (46.93, 39.99),
            (46.965, 39.93),
            (47.02, 39.86),
            (47.06, 39.77),
            (47.10, 39.69),
            (47.145, 39.60),
        ],
        "Füzuli – Horadiz road": [
            (47.145, 39.60),
            (47.185, 39.55),
            (47.225, 39.49),
            (47.285, 39.455),
            (47.36, 39.47),
            (47.48, 39.53),
        ],
        "Füzuli – Beyləqan road": [(47.145, 39.60), (47.215, 39.625), (47.31, 39.63), (47.43, 39.665), (47.56, 39.74)],
        "Ağdam – Ağdərə road": [(46.93, 39.99), (46.90, 40.05), (46.875, 40.12), (46.84, 40.19)],
    },
    "railway": {
        "Bərdə – Ağdam railway": [(47.09, 40.30), (47.055, 40.20), (46.995, 40.12), (46.945, 40.05), (46.925, 39.995)],
        "Horadiz railway": [(47.52, 39.545), (47.38, 39.475), (47.315, 39.44), (47.27, 39.405)],
    },
    "canal": {
        "Main canal": [
            (46.97, 40.26),
            (47.015, 40.18),
            (47.07, 40.11),
            (47.085, 40.04),
            (47.085, 39.96),
            (47.125, 39.88),
            (47.215, 39.79),
            (47.30, 39.72),
            (47.365, 39.64),
            (47.43, 39.58),
            (47.52, 39.55),
        ],
    },
    "river": {
        "Northern river": [
            (46.76, 39.86),
            (46.83, 39.92),
            (46.90, 39.965),
            (46.97, 40.03),
            (47.07, 40.08),
            (47.19, 40.15),
            (47.30, 40.21),
        ],
        "Southern river": [
            (46.98, 39.60),
            (47.08, 39.575),
            (47.16, 39.57),
            (47.24, 39.545),
            (47.33, 39.50),
            (47.42, 39.485),
        ],
    },
}
_TOWNS = {"Ağdam": (46.930, 39.992), "Füzuli": (47.143, 39.601)}
_VILLAGES = {
    "Çinarbağ": (46.978, 40.145),
    "Yuxarı Söyüdbulaq": (46.905, 40.105),
    "Nərgizyurd": (46.998, 40.062),
    "Qoşatutlu": (46.985, 39.982),
    "Aranbulaq": (46.996, 39.920),
    "Gülövtəpə": (46.872, 39.990),
    "Yeni Sərvlik": (46.945, 39.945),
    "Dəvəgözü": (47.036, 39.892),
    "Şanagüllü": (47.245, 39.652),
    "Ağzəmi": (47.268, 39.588),
    "Tutbağı": (47.205, 39.586),
    "Zoğalyurd": (47.262, 39.530),
    "Üçtəpəkənd": (47.178, 39.520),
    "Narlıbulaq": (47.238, 39.462),
}


def rayons(names: Sequence[str]) -> gpd.GeoDataFrame:
    """Read districts of Azerbaijan by the names that the Natural Earth file gives them.

    The file is generalised, names one rayon "Lankaran" that is Lachin, and holds some names and codes twice: a name
    must be there exactly once.

    Returns
    -------
    Columns `name`, `fips` and geometry, EPSG:4326, in the order of `names`.

    Raises
    ------
    FileError
        When the file is not in the installation, or a name is not in it exactly once.

    Examples
    --------
    >>> rayons(["Füzuli", "Ağdam"])["fips"].tolist()
    ['AJ18', 'AJ03']
    """
    file = data_file("azerbaijan", "rayons_natural_earth.geojson")
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    found = gpd.GeoDataFrame.from_features(features, crs=measure.STORED_CRS)[["name", "fips", "geometry"]]
    times = {name: int((found["name"] == name).sum()) for name in names}
    if wrong := [f"{name!r} {count} times" for name, count in times.items() if count != 1]:
        raise FileError(f"{', '.join(wrong)} in {file.name}", "each name once", "correct the name")
    return found.set_index("name").loc[list(names)].reset_index()


def data_file(*parts: str) -> Traversable:
    """Find a file of the data folder: inside the installed package, or at the root of a source checkout.

    Raises
    ------
    FileError
        When it is in neither.

    Examples
    --------
    >>> data_file("README.md").is_file()
    True
    """
    package = resources.files("hazardmap")
    for folder in (package / "data", Path(__file__).parents[2] / "data"):
        if (file := folder.joinpath(*parts)).is_file():
            return file
    raise FileError(f"no {'/'.join(parts)} in the data of hazardmap", "a whole installation", "install hazardmap again")


def in_plane(points_deg: Sequence[tuple[float, float]]) -> Array:
    """Carry positions in degrees to the plane; rows of x, y in metres."""
    points = gpd.GeoSeries([shapely.MultiPoint(list(points_deg))], crs=measure.STORED_CRS)
    return np.asarray(shapely.get_coordinates(measure.to_plane(points, PLANE)))


def former_line() -> Array:
    """Draw the former line of contact, from north to south: x, y in metres, a point every 50 m.

    Examples
    --------
    >>> line = former_line()
    >>> bool(line[0, 1] > line[-1, 1]), 90_000 < shapely.LineString(line).length < 110_000
    (True, True)
    """
    return smooth(in_plane(_FORMER_LINE))


def lines(rng: np.random.Generator) -> list[tuple[str, str, Array]]:
    """Draw roads, railways, canals and rivers: kind, name, and x, y in metres; rivers wind."""
    named = [(kind, name, points) for kind, given in _LINES.items() for name, points in given.items()]
    controls = np.split(
        in_plane([p for *_, points in named for p in points]), np.cumsum([len(points) for *_, points in named])
    )
    drawn = []
    for (kind, name, _), control in zip(named, controls, strict=False):
        line = smooth(control)
        if kind == "river":
            line = shifted(line, wander(rng, len(line), sizes_m=(190, 110, 50), lengths_m=(4300, 1570, 640)))
        drawn.append((kind, name, line))
    return drawn


def places() -> tuple[dict[str, Array], dict[str, Array]]:
    """Give towns and villages: name to x, y in metres. The names of villages are invented.

    Examples
    --------
    >>> [len(named) for named in places()]
    [2, 14]
    """
    spots = in_plane([*_TOWNS.values(), *_VILLAGES.values()])
    towns, villages = spots[: len(_TOWNS)], spots[len(_TOWNS) :]
    return dict(zip(_TOWNS, towns, strict=True)), dict(zip(_VILLAGES, villages, strict=True))


def smooth(points: Array, step_m: float = 50.0) -> Array:
    """Draw a smooth line through points (Catmull-Rom), a point every `step_m`.

    Examples
    --------
    >>> smooth(np.array([[0.0, 0], [100, 0], [200, 0]])).tolist()
    [[0.0, 0.0], [50.0, 0.0], [100.0, 0.0], [150.0, 0.0], [200.0, 0.0]]
    """
    ends = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    a, b, c, d = ends[:-3, None], ends[1:-2, None], ends[2:-1, None], ends[3:, None]
    t = np.linspace(0, 1, 100, endpoint=False)[None, :, None]
    curve = (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3) / 2
    dense = np.vstack([curve.reshape(-1, 2), points[-1]])
    along = np.r_[0, np.cumsum(np.hypot(*np.diff(dense, axis=0).T))]
    at = np.linspace(0, along[-1], max(round(along[-1] / step_m), 1) + 1)
    return np.column_stack([np.interp(at, along, dense[:, i]) for i in (0, 1)])


def wander(
    rng: np.random.Generator, count: int, *, sizes_m: Sequence[float], lengths_m: Sequence[float], step_m: float = 50.0
) -> Array:
    """Make a slow sideways wander: the sum of waves of the given sizes and lengths, at points `step_m` apart."""
    along = np.arange(count) * step_m
    phases = rng.uniform(0, 2 * np.pi, len(sizes_m))
    waves = [s * np.sin(2 * np.pi * along / long + p) for s, long, p in zip(sizes_m, lengths_m, phases, strict=True)]
    return np.asarray(np.sum(waves, axis=0))


def shifted(line: Array, offset_m: Array | float) -> Array:
    """Move the points of a line to its left (negative: to its right).

    Examples
    --------
    >>> shifted(np.array([[0.0, 0], [50, 0], [100, 0]]), 10).tolist()
    [[0.0, 10.0], [50.0, 10.0], [100.0, 10.0]]
    """
    along = np.gradient(line, axis=0)
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]
    moved: Array = line + normal * np.broadcast_to(np.asarray(offset_m, dtype="float64"), len(line))[:, None]
    return moved


def band(
    rng: np.random.Generator, line: Array, start_m: float, length_m: float, width_m: float
) -> list[tuple[Any, Any]]:
    """Lay a mined band along a line: a list of sections, each a mined strip and its two margins.

    Sections run from turning point to turning point, 90–170 m; neighbours share their vertices exactly.

    Returns
    -------
    For each section: the strip (Polygon), the margins on both sides of it (MultiPolygon).

    Examples
    --------
    >>> straight = np.column_stack([np.arange(0, 1001, 50.0), np.zeros(21)])
    >>> sections = band(np.random.default_rng(1), straight, 100, 400, 80)
    >>> [margins.geom_type for strip, margins in sections][:1], all(m.is_valid for _, m in sections)
    (['MultiPolygon'], True)
    """
    count = max(round(length_m / 130), 2)
    station = start_m + np.linspace(0, length_m, count + 1)
    station[1:-1] += rng.uniform(-30, 30, count - 1)
    middle = np.column_stack([np.interp(station, np.arange(len(line)) * 50.0, line[:, i]) for i in (0, 1)])
    inner = width_m * 0.19 * (1 + rng.uniform(-0.15, 0.15, (2, count + 1)))
    outer = width_m * 0.5 * (1 + rng.uniform(-0.22, 0.22, (2, count + 1)))
    while True:
        rails = [shifted(middle, o).round(2) for o in (outer[0], inner[0], -inner[1], -outer[1])]
        sections = [_section(rails, i) for i in range(count)]
        whole = shapely.Polygon([*rails[0], *rails[3][::-1]])
        if whole.is_valid and all(part.is_valid for section in sections for part in section):
            return sections
        inner, outer = inner * 0.8, outer * 0.8  # the line bends too sharply for so wide a band


def _section(rails: list[Array], i: int) -> tuple[Any, Any]:
    quads = [shapely.Polygon([a[i], a[i + 1], b[i + 1], b[i]]) for a, b in itertools.pairwise(rails)]
    return quads[1], shapely.MultiPolygon([quads[0], quads[2]])


def blob(
    rng: np.random.Generator,
    centre: Array,
    area_m2: float,
    *,
    stretch: float = 1.5,
    angle: float = 0.0,
    rough: float = 1.0,
) -> Any:
    """Draw an irregular outline with bays, as survey teams sketch it.

    Examples
    --------
    >>> shape = blob(np.random.default_rng(1), np.array([0, 0]), 50_000)
    >>> round(shape.area, -2), shape.is_valid
    (50000.0, True)
    """
    count = int(rng.integers(13, 27))
    turn = (np.arange(count) + rng.uniform(-0.3, 0.3, count)) * 2 * np.pi / count
    size = np.array([0.22, 0.20, 0.13, 0.10, 0.06]) * rng.uniform(0.4, 1.25, 5) * rough
    phase = rng.uniform(0, 2 * np.pi, 5)
    radius = (
        1 + (size * np.cos(np.outer(turn, np.arange(2, 7)) + phase)).sum(axis=1) + rng.normal(0, 0.05 * rough, count)
    )
    radius = np.maximum(radius, 0.3)
    x, y = radius * np.cos(turn) * np.sqrt(stretch), radius * np.sin(turn) / np.sqrt(stretch)
    y += rng.uniform(-0.25, 0.25) * rough * x**2
    xy = np.column_stack([x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)])
    xy *= np.sqrt(area_m2 / shapely.Polygon(xy).area)
    return shapely.set_precision(shapely.Polygon(xy + np.asarray(centre)), CENTIMETRE)


def cut(rng: np.random.Generator, shape: Any, shares: Sequence[float]) -> list[Any]:
    """Cut a shape across its longer side, along crooked lines, into pieces of about these shares of its length.

    The pieces share the vertices of their cuts exactly, and their union is the shape.

    Examples
    --------
    >>> pieces = cut(np.random.default_rng(1), shapely.box(0, 0, 400, 100), [0.5, 0.25, 0.25])
    >>> len(pieces), round(sum(p.area for p in pieces))
    (3, 40000)
    """
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
    sides = np.diff(corners[:3], axis=0)
    longer = int(np.argmax(np.hypot(*sides.T)))
    origin, along, across = corners[1], sides[longer] * (1 if longer else -1), sides[1 - longer] * (-1 if longer else 1)
    gap = min(shares) / 3
    cuts = []
    for at in np.cumsum(shares)[:-1]:
        steps = np.linspace(-0.2, 1.2, 7)
        crooked = at + rng.uniform(-gap, gap) / 2 + rng.uniform(-gap, gap, 7) / 2
        cuts.append(origin + crooked[:, None] * along + steps[:, None] * across)
    edges = shapely.union_all([shape.boundary, *map(shapely.LineString, cuts)], grid_size=CENTIMETRE)
    cells = [c for c in shapely.get_parts(shapely.polygonize([edges])) if shape.contains(c.representative_point())]
    past = [shapely.Polygon([*line, origin + 9 * along + 9 * across, origin + 9 * along - 9 * across]) for line in cuts]
    piece = [sum(p.contains(c.representative_point()) for p in past) for c in cells]
    grouped = [[c for c, p in zip(cells, piece, strict=True) if p == i] for i in range(len(shares))]
    return [joined(group) for group in grouped if group]


def joined(shapes: Sequence[Any]) -> Any:
    """Join shapes into one, keeping their vertices on the grid."""
    return shapely.union_all(list(shapes), grid_size=CENTIMETRE)


def fields(
    rng: np.random.Generator, corner: Array, angle: float, *, columns: int, rows: int, size_m: tuple[float, float]
) -> list[Any]:
    """Lay out fields in columns and rows that share their corners, with a track after every second row.

    Examples
    --------
    >>> laid = fields(np.random.default_rng(1), np.array([0, 0]), 0.3, columns=3, rows=2, size_m=(80, 200))
    >>> len(laid), all(f.is_valid for f in laid)
    (6, True)
    """
    width, height = size_m
    x = np.r_[0, np.cumsum(width * rng.uniform(0.65, 1.5, columns))]
    y = np.r_[0, np.cumsum(height * rng.uniform(0.75, 1.3, rows))]
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    grid[1:-1, 1:-1] += rng.normal(0, 0.05, grid[1:-1, 1:-1].shape) * np.array([width, height])
    made = []
    for row in range(rows):
        track = np.array([0, 7.0 * (row // 2)])
        for column in range(columns):
            corners = grid[[row, row, row + 1, row + 1], [column, column + 1, column + 1, column]] + track
            made.append(shapely.Polygon((corners @ turn + np.asarray(corner)).round(2)))
    return made
