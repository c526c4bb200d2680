"""Draw a traverse as walked, to hold beside the sketch in the paper record: a picture as SVG or PNG.

What is drawn comes from `read_traverses`; nothing is worked out here but where ink goes. Text from data is never
markup. Knows matplotlib, which it loads when it is asked to draw.
"""

from __future__ import annotations

import contextlib
import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely

from hazardmap import words
from hazardmap.errors import FileError, HazardmapError, SchemaError
from hazardmap.intake.traverse.margin import figures, legs_as_entered, printed
from hazardmap.intake.traverse.vocabulary import BESIDE, BOUNDARY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from numpy.typing import NDArray

    from hazardmap.intake.traverse.reading import Traverses

    Array = NDArray[Any]

_GEOD = pyproj.Geod(ellps="WGS84")
_INK, _SOFT, _WAY, _WRONG, _PAPER, _GROUND = "#1d2733", "#68727d", "#2c6e9b", "#b3261e", "#ffffff", "#f3eee1"
#: Mark, size, colour inside and of the rim; the approach is blue, the boundary black.
_MARKS: dict[str, tuple[str, float, str, str]] = {
    "reference_point": ("s", 9, _WAY, _WAY),
    "benchmark": ("^", 9, _WAY, _WAY),
    "start_point": ("o", 9, _INK, _INK),
    "turning_point": ("o", 7, _PAPER, _INK),
    "intermediate_point": ("o", 4, _PAPER, _INK),
    "end_point": ("D", 7, _INK, _INK),
    "evidence_point": ("X", 9, _WRONG, _PAPER),
    "usage_point": ("P", 8, _SOFT, _PAPER),
}
_UNKNOWN = ("o", 5, _SOFT, _SOFT)
_LEGS_SHOWN = 24
_SETTINGS = {
    "text.usetex": False,
    "text.parse_math": False,
    "axes.formatter.use_mathtext": False,
    "font.family": "DejaVu Sans",
    "svg.fonttype": "path",
    "svg.hashsalt": "hazardmap",
    "path.sketch": None,
}
_FORMATS = ("svg", "png")


def draw_traverse(read: Traverses, traverse_id: str, *, as_of: date, source: str, fictitious: bool = False) -> Any:
    """Draw one traverse.

    Points with names and kinds, legs with bearing and distance as entered, the closing error, true and magnetic north,
    a scale, and beside it the figures. The dotted line round the ground is how far it may lie elsewhere.

    Parameters
    ----------
    read
        From `read_traverses`.
    traverse_id
        Which.
    as_of, source
        The day up to which the record speaks, and where it comes from; both are shown.
    fictitious
        Mark the picture as an example.

    Returns
    -------
    A matplotlib Figure; `save_drawing` writes it.

    Raises
    ------
    SchemaError
        When there is no such traverse, or none of its points has a place.
    HazardmapError
        When matplotlib is not installed.
    """
    matplotlib = _matplotlib()
    polygon, points = _one(read, traverse_id)
    flat = _Plane(points)
    with _settings(matplotlib):
        figure = matplotlib.figure.Figure(figsize=(11.7, 8.3), facecolor=_PAPER)
        axes = figure.add_axes((0.025, 0.075, 0.60, 0.835), facecolor=_PAPER)
        _frame(axes, flat, polygon)
        _ground(axes, flat, polygon)
        _legs(axes, flat, points)
        _closing(axes, flat, points, polygon)
        _marks(axes, flat, points)
        _arrows(axes, polygon)
        _scale(axes)
        _reach(axes, polygon)
        _title(figure, polygon, as_of=as_of, source=source, fictitious=fictitious)
        _table(figure, polygon, points)
    return figure


def save_drawing(figure: Any, path: Path) -> None:
    """Write a drawing as SVG or PNG, by the ending of the name; the same drawing gives the same bytes.

    Raises
    ------
    FileError
        When the name ends in something else, or the file cannot be written.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in _FORMATS:
        raise FileError(f"a drawing named {path.name}", "a name that ends in .svg or .png", "e.g. sketch.svg")
    metadata = {"Date": None, "Creator": "hazardmap"} if kind == "svg" else {"Software": "hazardmap"}
    try:
        with _settings(_matplotlib()):
            figure.savefig(path, format=kind, dpi=160, metadata=metadata)
    except OSError as error:
        raise FileError(
            f"{path} cannot be written: {error.strerror}", "a folder to write in", "choose another"
        ) from None


def _matplotlib() -> Any:
    try:
        import matplotlib as found  # noqa: ICN001, PLC0415 - half a second, and only for pictures
        import matplotlib.figure  # noqa: PLC0415
    except ImportError:
        raise HazardmapError(
            "matplotlib is not installed", "matplotlib, to draw", 'pip install "hazardmap[charts]"'
        ) from None
    return found


@contextlib.contextmanager
def _settings(matplotlib: Any) -> Iterator[None]:
    """Draw by our settings, whatever the machine's are."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def _one(read: Traverses, traverse_id: str) -> tuple[Any, Any]:
    mine = read.polygons[read.polygons["traverse_id"] == traverse_id]
    if mine.empty:
        there = ", ".join(map(printed, read.polygons["traverse_id"].head(5)))
        raise SchemaError(
            f"no traverse {printed(traverse_id)}", "one of the table", f"choose one, e.g. {there or 'none'}"
        )
    points = read.points[(read.points["traverse_id"] == traverse_id).to_numpy()]
    if points.geometry.isna().all():
        raise SchemaError(
            f"no point of traverse {printed(traverse_id)} has a place", "a known point", "mend its faults first"
        )
    return mine.iloc[0], points


class _Plane:
    """Metres east and north of the first known point, by geodesics from it."""

    def __init__(self, points: Any) -> None:
        there = points.geometry[points.geometry.notna()]
        self.origin = float(there.iloc[0].x), float(there.iloc[0].y)
        self.xy = self.at(
            np.array([np.nan if g is None else g.x for g in points.geometry]),
            np.array([np.nan if g is None else g.y for g in points.geometry]),
        )
        self.by_name: dict[Any, int] = {}
        for i, name in enumerate(points["point"]):
            self.by_name.setdefault(name, i)

    def at(self, longitude: Array, latitude: Array) -> Array:
        there = np.isfinite(longitude) & np.isfinite(latitude)
        xy = np.full((len(longitude), 2), np.nan)
        count = int(there.sum())
        azimuth, _, length = _GEOD.inv(
            np.full(count, self.origin[0]), np.full(count, self.origin[1]), longitude[there], latitude[there]
        )
        xy[there] = (
            np.column_stack([np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))]) * np.asarray(length)[:, None]
        )
        return xy

    def shape(self, geometry: Any) -> Any:
        return None if geometry is None else shapely.transform(geometry, lambda xy: self.at(xy[:, 0], xy[:, 1]))


def _frame(axes: Any, flat: _Plane, polygon: Any) -> None:
    """Set the axes so that all points, and the ground with its accuracy, lie inside with room for names."""
    known = flat.xy[np.isfinite(flat.xy).all(axis=1)]
    halo = _halo(flat, polygon)
    if halo is not None:
        known = np.vstack([known, np.reshape(shapely.bounds(halo), (2, 2))])
    low, high = known.min(axis=0), known.max(axis=0)
    box = axes.get_window_extent()
    shape = box.width / box.height
    size = np.maximum(high - low, 20.0)
    tall = max(size[1] * 1.25, size[0] * 1.38 / shape)
    middle = (low + high) / 2
    axes.set_xlim(middle[0] - tall * shape / 2, middle[0] + tall * shape / 2)
    axes.set_ylim(middle[1] - tall / 2, middle[1] + tall / 2)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_color("#c4c9cf")


def _halo(flat: _Plane, polygon: Any) -> Any:
    shape = flat.shape(polygon.geometry)
    if shape is None or not np.isfinite(polygon["accuracy_m"]):
        return None
    return shapely.make_valid(shape).buffer(polygon["accuracy_m"], quad_segs=24)


def _ground(axes: Any, flat: _Plane, polygon: Any) -> None:
    shape, halo = flat.shape(polygon.geometry), _halo(flat, polygon)
    for ground, style in (
        (halo, {"facecolor": "none", "edgecolor": _SOFT, "linewidth": 0.9, "linestyle": (0, (1, 2.5))}),
        (shape, {"facecolor": _GROUND, "edgecolor": _INK, "linewidth": 0.8}),
        (shape, {"facecolor": "none", "edgecolor": "#d9cfb4", "linewidth": 0.0, "hatch": "///"}),
    ):
        for part in shapely.get_parts(ground) if ground is not None else []:
            if part.geom_type == "Polygon":
                axes.add_patch(_patch(part, **style))


def _patch(part: Any, **style: Any) -> Any:
    from matplotlib.patches import PathPatch  # noqa: PLC0415
    from matplotlib.path import Path as Way  # noqa: PLC0415

    rings = [shapely.get_coordinates(r) for r in shapely.get_rings(part)]
    codes = [np.r_[Way.MOVETO, np.full(len(r) - 2, Way.LINETO), Way.CLOSEPOLY] for r in rings]
    return PathPatch(Way(np.concatenate(rings), np.concatenate(codes).astype(np.uint8)), zorder=1, **style)


def _legs(axes: Any, flat: _Plane, points: Any) -> None:
    """Draw each leg to where it came out, its bearing and distance as entered beside it."""
    centre = _centre(flat, points)
    metre = axes.transData.transform([(0, 0), (1, 0)])[1, 0] - axes.transData.transform([(0, 0), (1, 0)])[0, 0]
    for i, row in enumerate(points.itertuples()):
        start = flat.by_name.get(row.from_point) if isinstance(row.from_point, str) else None
        if start is None or not np.isfinite([*flat.xy[i], *flat.xy[start]]).all():
            continue
        a, b = flat.xy[start], flat.xy[i]
        bounds = row.kind in BOUNDARY and points["kind"].iloc[start] in BOUNDARY
        style = (
            {"color": _INK, "linewidth": 1.6} if bounds else {"color": _WAY, "linewidth": 1.3, "linestyle": (0, (5, 3))}
        )
        if row.kind in BESIDE:
            style = {"color": _SOFT, "linewidth": 0.9, "linestyle": (0, (2, 2))}
        axes.plot([a[0], b[0]], [a[1], b[1]], zorder=3, solid_capstyle="round", **style)
        text = f"{legs_as_entered(row)[0]} · {legs_as_entered(row)[1]}"
        if np.hypot(*(b - a)) * metre > 5.2 * len(text):
            _beside(axes, a, b, text, centre, str(style["color"]))


def _centre(flat: _Plane, points: Any) -> Array:
    bounds = points["kind"].isin(BOUNDARY).to_numpy() & np.isfinite(flat.xy).all(axis=1)
    return np.asarray(flat.xy[bounds].mean(axis=0) if bounds.any() else np.zeros(2))


def _beside(axes: Any, a: Array, b: Array, text: str, centre: Array, colour: str) -> None:
    """Write along a leg, on its outer side, never upside down."""
    way = b - a
    angle = math.degrees(math.atan2(way[1], way[0]))
    upright = (angle + 90) % 180 - 90
    normal = np.array([-math.sin(math.radians(upright)), math.cos(math.radians(upright))])
    outward = 1 if normal @ ((a + b) / 2 - centre) >= 0 else -1
    axes.annotate(
        text,
        (a + b) / 2,
        xytext=normal * outward * 8.5,
        textcoords="offset points",
        rotation=upright,
        rotation_mode="anchor",
        ha="center",
        va="center",
        fontsize=7.4,
        color=colour,
        zorder=6,
        bbox={"facecolor": _PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 0.8},
    )


def _closing(axes: Any, flat: _Plane, points: Any, polygon: Any) -> None:
    back = np.flatnonzero(points["closing"].to_numpy())
    if not len(back) or polygon["adjusted"] or not polygon["closing_m"] > 0.01:
        return
    target = flat.by_name[points["point"].iloc[back[-1]]]
    a, b = flat.xy[back[-1]], flat.xy[target]
    if np.isfinite([*a, *b]).all():
        axes.plot([a[0], b[0]], [a[1], b[1]], color=_WRONG, linewidth=2.2, zorder=5)
        axes.plot(*a, marker="x", color=_WRONG, markersize=8, markeredgewidth=2, zorder=7)
        away = b - _centre(flat, points)
        away = away / max(float(np.hypot(*away)), 1e-9)
        axes.annotate(
            f"closing error {polygon['closing_m']:.1f} m ({polygon['closing_permille']:.1f} ‰)",
            (a + b) / 2,
            xytext=-away * 42,
            textcoords="offset points",
            ha="left" if away[0] < -0.3 else "right" if away[0] > 0.3 else "center",
            va="center",
            fontsize=8,
            color=_WRONG,
            fontweight="bold",
            zorder=8,
            arrowprops={"arrowstyle": "-", "color": _WRONG, "linewidth": 0.7, "shrinkA": 2, "shrinkB": 3},
            bbox={"facecolor": _PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 0.8},
        )


def _marks(axes: Any, flat: _Plane, points: Any) -> None:
    """Draw the points, named on the side away from the middle, with their kind where it is no turning point."""
    centre = _centre(flat, points)
    for i, (name, kind, closing) in enumerate(zip(points["point"], points["kind"], points["closing"], strict=True)):
        if closing or not np.isfinite(flat.xy[i]).all():
            continue
        mark, size, inside, rim = _MARKS.get(kind, _UNKNOWN)
        axes.plot(
            *flat.xy[i],
            marker=mark,
            markersize=size,
            markeredgecolor=rim,
            markerfacecolor=inside,
            markeredgewidth=1.4,
            zorder=7,
        )
        away = flat.xy[i] - centre
        away = away / max(float(np.hypot(*away)), 1e-9)
        if kind not in BOUNDARY:
            onward = flat.xy[np.flatnonzero(points["from_point"].to_numpy() == name)]
            away = np.array([0.0, -1.0 if len(onward) and onward[0][1] > flat.xy[i][1] else 1.0])
        shown = printed(name, 28) if isinstance(name, str) else "?"
        kinds = "" if kind in {"turning_point", "intermediate_point"} or not isinstance(kind, str) else kind
        ha = "left" if away[0] > 0.3 else "right" if away[0] < -0.3 else "center"
        above = away[1] > 0
        style = {"textcoords": "offset points", "ha": ha, "va": "bottom" if above else "top", "zorder": 8}
        at = away * 10
        lift = np.array([0.0, 9.5])
        first, second = (at + lift, at) if above and kinds else (at, at - lift * 1.15)
        axes.annotate(
            shown,
            flat.xy[i],
            xytext=first,
            fontsize=9,
            fontweight="bold",
            color=inside if rim == _PAPER else rim,
            **style,
        )
        if kinds:
            axes.annotate(kinds.replace("_", " "), flat.xy[i], xytext=second, fontsize=7, color=_SOFT, **style)


def _arrows(axes: Any, polygon: Any) -> None:
    """Draw true north and, where a compass was read, magnetic north beside it."""
    box = axes.inset_axes((0.865, 0.80, 0.12, 0.19))
    box.set_axis_off()
    box.set_xlim(-1, 1)
    box.set_ylim(-0.35, 1.5)
    box.set_aspect("equal")
    box.annotate("", (0, 1.1), (0, 0), arrowprops={"arrowstyle": "-|>", "color": _INK, "linewidth": 1.6})
    box.text(0, 1.17, "N", ha="center", va="bottom", fontsize=11, fontweight="bold", color=_INK)
    degrees = polygon["declination_deg"]
    if np.isfinite(degrees):
        turn = math.radians(degrees)
        tip = (1.0 * math.sin(turn), 1.0 * math.cos(turn))
        box.annotate("", tip, (0, 0), arrowprops={"arrowstyle": "-|>", "color": _WAY, "linewidth": 1.1})
        side = "E" if degrees >= 0 else "W"
        box.text(0, -0.08, f"magnetic {abs(degrees):.1f}° {side}", ha="center", va="top", fontsize=7.4, color=_WAY)


def _scale(axes: Any) -> None:
    """Draw a scale bar of a round length, about a quarter of the width."""
    low, high = axes.get_xlim()
    bottom, top = axes.get_ylim()
    length = _round_length((high - low) / 4)
    x, y, thick = low + (high - low) * 0.03, bottom + (top - bottom) * 0.035, (top - bottom) * 0.008
    for k in range(4):
        axes.add_patch(_bar(x + k * length / 4, y, length / 4, thick, _INK if k % 2 == 0 else _PAPER))
    for k, text in ((0, "0"), (2, f"{length / 2:g}"), (4, f"{length:g} m")):
        axes.text(
            x + k * length / 4, y + thick * 1.8, text, ha="center", va="bottom", fontsize=7.4, color=_INK, zorder=9
        )


def _reach(axes: Any, polygon: Any) -> None:
    if np.isfinite(polygon["accuracy_m"]):
        axes.text(
            0.985,
            0.02,
            f"dotted: as far as the ground may lie elsewhere, ± {polygon['accuracy_m']:,.0f} m",
            transform=axes.transAxes,
            ha="right",
            va="bottom",
            fontsize=7.4,
            color=_SOFT,
            zorder=9,
        )


def _bar(x: float, y: float, width: float, height: float, colour: str) -> Any:
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    return Rectangle((x, y), width, height, facecolor=colour, edgecolor=_INK, linewidth=0.7, zorder=9)


def _round_length(length: float) -> float:
    """Give the largest of 1, 2 and 5 times a power of ten that is not above a length."""
    power = 10 ** math.floor(math.log10(length))
    return float(power * max(k for k in (1, 2, 5) if k * power <= length * (1 + 1e-9)))


def _title(figure: Any, polygon: Any, *, as_of: date, source: str, fictitious: bool) -> None:
    name = printed(polygon["traverse_id"], 48)
    figure.text(0.025, 0.955, f"Traverse {name}", fontsize=15, fontweight="bold", color=_INK, va="center")
    if fictitious:
        figure.text(0.025, 0.925, words.FICTITIOUS, fontsize=9, fontweight="bold", color=_WRONG, va="center")
    figure.text(
        0.025, 0.045, f"As of {as_of.isoformat()} · Source: {printed(source, 90)}", fontsize=8, color=_INK, va="center"
    )
    figure.text(0.025, 0.020, f"{words.DISCLAIMER} {words.ABSENCE}", fontsize=7.2, color=_INK, va="center")


def _table(figure: Any, polygon: Any, points: Any) -> None:
    """Write the figures and the legs as entered, beside the picture."""
    left, y = 0.645, 0.955
    for label, text, wrong in figures(polygon):
        for k, line in enumerate(text):
            if k == 0:
                figure.text(left, y, label, fontsize=8, color=_SOFT, va="center")
            figure.text(left + 0.105, y, line, fontsize=8, color=_WRONG if wrong else _INK, va="center")
            y -= 0.0215
        y -= 0.003
    y -= 0.016
    columns = ((0.0, "leg"), (0.118, "bearing"), (0.196, "true"), (0.236, "distance"), (0.302, "metres"))
    for dx, title in columns:
        figure.text(left + dx, y, title, fontsize=7.4, color=_SOFT, va="center")
    y -= 0.010
    figure.add_artist(_rule(left, y))
    y -= 0.014
    legs = [row for row in points.itertuples() if isinstance(row.bearing, str) or isinstance(row.distance, str)]
    room = min(_LEGS_SHOWN, int((y - 0.09) / 0.0235))
    for row in legs[:room]:
        bearing, distance = legs_as_entered(row)
        ends = [printed(n, 10) if isinstance(n, str) else "?" for n in (row.from_point, row.point)]
        true = f"{row.azimuth_deg:.1f}°" if np.isfinite(row.azimuth_deg) else "–"
        metres = f"{row.distance_m:,.1f}" if np.isfinite(row.distance_m) else "–"
        cells = (" → ".join(ends), bearing, true, distance, metres)
        for (dx, _), cell in zip(columns, cells, strict=True):
            figure.text(left + dx, y, cell, fontsize=7.2, color=_INK, va="center")
        y -= 0.0235
    if len(legs) > room:
        figure.text(
            left, y, f"… and {len(legs) - room:,} more legs in the table", fontsize=7.4, color=_SOFT, va="center"
        )


def _rule(left: float, y: float) -> Any:
    from matplotlib.lines import Line2D  # noqa: PLC0415

    return Line2D([left, 0.985], [y, y], color="#c4c9cf", linewidth=0.8)
