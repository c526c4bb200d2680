"""What the page is told: titles, dates, signs, figures and the packed tables.

Turns a scene into plain values and bytes. Knows the scene, the signs and the packing; knows nothing of HTML or folium.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hazardmap import words
from hazardmap.maps import packing
from hazardmap.maps.attributes import LAYERS, spelt
from hazardmap.maps.symbols import SYMBOLS, as_data
from hazardmap.maps.tallies import tally

if TYPE_CHECKING:
    import geopandas as gpd

    from hazardmap.maps.scene import Scene

#: What lies at one place is told in this order: the worst first. A bad verdict about the whole plot is told before all.
DANGER = ("ground", "finds", "hazards", "releases", "verdicts", "plots", "surveys", "coverage", "districts", "context")
#: Columns that the painter itself needs, beside those of the card.
_DRAWN = ("symbol", "flag", "state", "product", "depth_m")
_SHAPES = {"polygon": (3, 6), "line": (1, 2, 5), "point": (0, 4)}
_UNPLACED_LISTED = 200


@dataclass(frozen=True, kw_only=True)
class MapData:
    """Everything a page needs beside folium's own rendering.

    Parameters
    ----------
    title
        Title of the page.
    manifest
        Values for the scripts.
    blocks
        Name → packed table, made when it is asked for.
    notices
        Class and text of what stands there even where no script runs.
    bounds_deg
        South, west, north, east of what is shown first.
    tile_host
        Origin of the background tiles; empty when there are none.
    fictitious
        True for example data.
    """

    title: str
    manifest: Mapping[str, Any]
    blocks: Mapping[str, bytes]
    notices: tuple[tuple[str, str], ...]
    bounds_deg: tuple[float, float, float, float]
    tile_host: str
    fictitious: bool


def of(scene: Scene, *, title: str = "", tiles: str = "", attribution: str = "", tile_host: str = "") -> MapData:
    """Pack a scene.

    Raises
    ------
    GeometryError
        For coordinates that cannot be drawn.
    """
    bases = {f"base/{i}": base for i, base in enumerate(scene.base_maps)}
    packed = Tables(dict(_packed(scene)), {name: base.content for name, base in bases.items()})
    sizes = packed.sizes()
    bounds = _bounds(scene)
    called = title or scene.name or "Hazard map"
    facts = {
        "title": called,
        "on": scene.on.isoformat(),
        "as_of": scene.as_of.isoformat() if scene.as_of else None,
        "sources": scene.sources,
        "fictitious": words.FICTITIOUS if scene.fictitious else None,
        "disclaimer": words.DISCLAIMER,
        "absence": words.ABSENCE,
        "bounds": bounds,
        "tiles": {"url": tiles, "attribution": attribution, "host": tile_host} if tiles else None,
        "unplaced": _unplaced(scene),
        "tally": json.loads(tally(scene).to_json(orient="records")),
        "expected": sum(count for name, (count, _) in sizes.items() if "/none/" not in name),
        "base_maps": [
            {"block": name, **{k: v for k, v in asdict(base).items() if k != "content"}} for name, base in bases.items()
        ],
        "blocks": [
            {"name": name, "layer": name.split("/")[0], "count": count, "points": points}
            for name, (count, points) in sizes.items()
        ],
        "danger": DANGER,
        "bad_verdicts": [verdict for verdict in words.VERDICTS if verdict not in words.GOOD_NEWS],
        "layers": [
            {
                "layer": layer,
                **asdict(LAYERS[layer]),
                "symbols": as_data(layer),
                "spelt": spelt(layer),
                "rows": len(scene.frames.get(layer, ())),
            }
            for layer in SYMBOLS
        ],
    }
    said = [
        (kind, text)
        for kind, text in (
            ("hm-fictitious-text", facts["fictitious"]),
            ("hm-name", called),
            ("hm-said", f"{words.DISCLAIMER} {words.ABSENCE}"),
            ("hm-said", facts["unplaced"]["text"]),
        )
        if text
    ]
    return MapData(
        title=called,
        manifest=facts,
        blocks=packed,
        notices=tuple(said),
        bounds_deg=bounds,
        tile_host=tile_host,
        fictitious=scene.fictitious,
    )


class Tables(Mapping[str, bytes]):
    """Name → block of all that a page carries: tables, packed when they are asked for, then files as they are."""

    def __init__(self, tables: Mapping[str, packing.Blocks], files: Mapping[str, bytes]) -> None:
        self._tables, self._files = dict(tables), dict(files)

    def __iter__(self) -> Iterator[str]:
        yield from (f"{name}/{i}" for name, blocks in self._tables.items() for i in range(len(blocks)))
        yield from self._files

    def __len__(self) -> int:
        return sum(len(blocks) for blocks in self._tables.values()) + len(self._files)

    def __getitem__(self, name: str) -> bytes:
        if name in self._files:
            return self._files[name]
        table, _, at = name.rpartition("/")
        return self._tables[table][int(at)]

    def sizes(self) -> dict[str, tuple[int, int]]:
        """Tell how many features and points each block holds, without packing it."""
        return {
            f"{name}/{i}": size
            for name, blocks in self._tables.items()
            for i, size in enumerate(zip(blocks.counts, blocks.points, strict=True))
        }


def _packed(scene: Scene) -> Iterator[tuple[str, packing.Blocks]]:
    for layer, frame in scene.frames.items():
        kind = shapely.get_type_id(frame.geometry.to_numpy())
        placed = (kind >= 0) & ~shapely.is_empty(frame.geometry.to_numpy())
        odd = placed & ~np.isin(kind, [k for kinds in _SHAPES.values() for k in kinds])
        for shape, kinds in _SHAPES.items():
            # A shape that no layer can draw is handed on with the polygons, where the encoder refuses it by name.
            rows = placed & (np.isin(kind, kinds) | (odd & (shape == "polygon")))
            if rows.any():
                yield f"{layer}/{shape}", _blocks(layer, frame if rows.all() else frame[rows], shape)
        if layer == "verdicts" and not placed.all():
            yield f"{layer}/none", _blocks(layer, frame[~placed], "none")


def _blocks(layer: str, frame: gpd.GeoDataFrame, shape: str) -> packing.Blocks:
    text = LAYERS[layer]
    wanted = dict.fromkeys((*_DRAWN, text.heading, text.name, *(c for a in text.attributes for c in a.columns)))
    columns = {name: packing.column(frame[name]) for name in wanted if name and name in frame}
    if shape == "none":
        return packing.rows(columns, len(frame))
    names = frame[text.heading].astype("object") if text.heading in frame else None
    return packing.blocks(frame.geometry, shape, columns, names=names)


def _bounds(scene: Scene) -> tuple[float, float, float, float]:
    """Give the extent of what is known; failing that of anything; failing that of the world."""
    ground = scene.frames["ground"]
    recorded = ("hazards", "releases", "finds", "verdicts", "plots")
    frames_of = [scene.frames[name] for name in recorded if name in scene.frames]
    known = [ground[ground["state"] != "no_record"], *frames_of]
    for frames in (known, list(scene.frames.values())):
        boxes = np.array([f.total_bounds for f in frames])
        boxes = boxes[np.isfinite(boxes).all(axis=1)]
        if len(boxes):
            low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
            return float(low[1]), float(low[0]), float(high[1]), float(high[0])
    return -55.0, -170.0, 75.0, 170.0


def _hazards(count: int) -> str:
    return "1 hazard has" if count == 1 else f"{count:,} hazards have"


def _unplaced(scene: Scene) -> dict[str, Any]:
    """Say plainly what cannot be drawn: hazards without any position, and rows of other tables without geometry."""
    count = len(scene.unplaced)
    lines = []
    hazards = scene.frames["hazards"]
    drawn = hazards.loc[hazards.geometry.notna(), "hazard_id"]
    partly = int(scene.unplaced["hazard_id"].isin(drawn).sum()) if count else 0
    if nowhere := count - partly:
        lines.append(f"{_hazards(nowhere)} no position and cannot be drawn.")
    if partly:
        lines.append(f"{_hazards(partly)} more ground, without a position, which cannot be drawn.")
    for layer in ("releases", "finds", "surveys", "plots", "context"):
        missing = int(shapely.is_missing(scene.frames[layer].geometry.to_numpy()).sum()) if layer in scene.frames else 0
        if missing:
            called = "roads, waters and places" if layer == "context" else layer
            lines.append(f"{missing:,} of {len(scene.frames[layer]):,} {called} have no position and are not drawn.")
    undrawn = _undrawn(scene)
    if len(undrawn):
        plots = "1 plot" if len(undrawn) == 1 else f"{len(undrawn):,} plots"
        lines.append(f"{plots} cannot be drawn; the search finds {'it' if len(undrawn) == 1 else 'them'}.")
    ids = scene.unplaced["hazard_id"] if count else pd.Series([], dtype="object")
    return {
        "text": " ".join(lines),
        "hazards": count,
        "ids": _listed(ids),
        "plots": len(undrawn),
        "plot_ids": _listed(undrawn),
    }


def _undrawn(scene: Scene) -> pd.Series:
    """Give the ids of the plots that have an answer and no shape that can be drawn."""
    if "verdicts" not in scene.frames:
        return pd.Series([], dtype="object")
    answers = scene.frames["verdicts"]
    return answers.loc[shapely.is_missing(answers.geometry.to_numpy()), "plot_id"]


def _listed(ids: pd.Series) -> list[str]:
    return [str(i) for i in ids.astype("object").where(ids.notna(), "(no id)").head(_UNPLACED_LISTED)]
