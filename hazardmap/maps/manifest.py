"""What the page is told: titles, dates, signs, figures and the packed tables.

Turns a scene into plain values and bytes. Knows the scene, the signs and the packing; knows nothing of HTML or folium.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hazardmap import words
from hazardmap.maps import days, languages, packing
from hazardmap.maps.attributes import LAYERS, spelt
from hazardmap.maps.symbols import SYMBOLS, THEMES, as_data
from hazardmap.maps.tallies import tally

if TYPE_CHECKING:
    import geopandas as gpd

    from hazardmap.maps.scene import Scene

#: What lies at one place is told in this order: the worst first. A bad verdict about the whole plot is told before all.
DANGER = (
    *("ground", "zones", "finds", "hazards", "releases", "verdicts", "plots", "surveys", "coverage", "districts"),
    "context",
)
#: Columns that the painter itself needs, beside those of the card.
_DRAWN = ("symbol", "flag", "state", "product", "depth_m", "from", "to")
_SHAPES = {"polygon": (3, 6), "line": (1, 2, 5), "point": (0, 4)}
_UNPLACED_LISTED = 200
#: Layers whose rows without a shape are in the page too: the search finds them, totals count them.
_SEARCHED = ("verdicts", "hazards", "releases", "finds", "plots")


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
        Class, language and text of what stands there even where no script runs.
    bounds_deg
        South, west, north, east of what is shown first.
    tile_host
        Origin of the background tiles; empty when there are none.
    fictitious
        True for example data.
    language
        The language that the map speaks first.
    """

    title: str
    manifest: Mapping[str, Any]
    blocks: Mapping[str, bytes]
    notices: tuple[tuple[str, str, str], ...]
    bounds_deg: tuple[float, float, float, float]
    tile_host: str
    fictitious: bool
    language: str


def of(
    scene: Scene,
    *,
    title: str = "",
    tiles: str = "",
    attribution: str = "",
    tile_host: str = "",
    language: str = languages.ENGLISH,
    theme: str = "imas",
) -> MapData:
    """Pack a scene.

    Raises
    ------
    GeometryError
        For coordinates that cannot be drawn.
    """
    bases = {f"base/{i}": base for i, base in enumerate(scene.base_maps)}
    packed = Tables(dict(_packed(scene)), {name: base.content for name, base in bases.items()} | _time(scene))
    sizes = packed.sizes()
    bounds = _bounds(scene)
    called = title or scene.name or str(languages.strings()[language]["page.untitled"])
    limits = _limits(scene, language)
    facts: dict[str, Any] = {
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
        "tally": _tally(scene),
        "audience": scene.audience,
        "generalised": dict(scene.generalised) or None,
        "time": days.facts(scene) if scene.lives else None,
        "expected": sum(count for name, (count, _) in sizes.items() if "/none/" not in name),
        "base_maps": [
            {"block": name, **{k: v for k, v in asdict(base).items() if k != "content"}} for name, base in bases.items()
        ],
        "blocks": [
            {"name": name, "layer": name.split("/")[0], "count": count, "points": points}
            for name, (count, points) in sizes.items()
        ],
        "danger": DANGER,
        "theme": theme,
        "themes": {name: {layer: dict(codes) for layer, codes in changes.items()} for name, changes in THEMES.items()},
        "bad_verdicts": [verdict for verdict in words.VERDICTS if verdict not in words.GOOD_NEWS],
        "layers": [
            {
                "layer": layer,
                **asdict(LAYERS[layer]),
                "symbols": as_data(layer),
                "spelt": spelt(layer),
                "rows": len((scene.lives or scene.frames).get(layer, ())),
            }
            for layer in SYMBOLS
        ],
    }
    said = [
        ("hm-said" if key != "words.fictitious" else "hm-fictitious-text", code, text)
        for key in (*["words.fictitious"] * scene.fictitious, "words.disclaimer", "words.absence")
        for code, text in languages.said(key, language)
    ]
    said = [("hm-name", "", called), *(("hm-said", code, text) for code, text in limits), *said]
    if facts["unplaced"]["text"]:
        said.append(("hm-said", languages.ENGLISH, facts["unplaced"]["text"]))
    return MapData(
        title=f"{called} – {limits[0][1]}" if limits else called,
        manifest=facts,
        blocks=packed,
        notices=tuple(said),
        bounds_deg=bounds,
        tile_host=tile_host,
        fictitious=scene.fictitious,
        language=language,
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


def _limits(scene: Scene, language: str) -> list[tuple[str, str]]:
    """Say for whom a map was made, and what was taken away for that: language and text; nothing on an internal one."""
    if scene.audience == "internal":
        return []
    how = "" if not scene.generalised else ".districts" if scene.generalised["districts"] else ".cells"
    size = f"{scene.generalised['cell_m'] / 1000:g} km" if scene.generalised else ""
    said = languages.said(f"audience.{scene.audience}{how}", language)
    return [(code, text.replace("{size}", size)) for code, text in said]


def _time(scene: Scene) -> dict[str, bytes]:
    """Pack what the slider needs; nothing on a map of one day."""
    if not scene.lives:
        return {}
    text = json.dumps(days.series(scene), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return {"time": zlib.compress(text.encode("utf-8"), 9)}


def _tally(scene: Scene) -> list[dict[str, Any]]:
    """Give the figures of the legend; through time also the signs that occur on other days only."""
    rows: list[dict[str, Any]] = json.loads(tally(scene).to_json(orient="records"))
    there = {(row["layer"], row["symbol"], row["flag"]) for row in rows}
    none = {"count": 0, "placed": 0, "unplaced": 0, "area_m2": 0.0}
    missing = [key for key in days.signs(scene) if key not in there]
    rows += [{"layer": layer, "symbol": code, "flag": flag, **none} for layer, code, flag in missing]
    order = {(layer, code): (i, j) for i, (layer, signs) in enumerate(SYMBOLS.items()) for j, code in enumerate(signs)}
    return sorted(rows, key=lambda row: order[row["layer"], row["symbol"]])


def _packed(scene: Scene) -> Iterator[tuple[str, packing.Blocks]]:
    for layer, frame in (scene.lives or scene.frames).items():
        kind = shapely.get_type_id(frame.geometry.to_numpy())
        placed = (kind >= 0) & ~shapely.is_empty(frame.geometry.to_numpy())
        odd = placed & ~np.isin(kind, [k for kinds in _SHAPES.values() for k in kinds])
        for shape, kinds in _SHAPES.items():
            # A shape that no layer can draw is handed on with the polygons, where the encoder refuses it by name.
            rows = placed & (np.isin(kind, kinds) | (odd & (shape == "polygon")))
            if rows.any():
                yield f"{layer}/{shape}", _blocks(layer, frame if rows.all() else frame[rows], shape)
        if layer in _SEARCHED and not placed.all():
            yield f"{layer}/none", _blocks(layer, frame[~placed], "none")


def _blocks(layer: str, frame: gpd.GeoDataFrame, shape: str) -> packing.Blocks:
    text = LAYERS[layer]
    extra = ("unplaced",) if shape == "none" else ()
    wanted = dict.fromkeys((*_DRAWN, *extra, text.heading, text.name, *(c for a in text.attributes for c in a.columns)))
    columns = {name: packing.column(frame[name]) for name in wanted if name and name in frame}
    if shape == "none":
        return packing.rows(columns, len(frame))
    names = frame[text.heading].astype("object") if text.heading in frame else None
    return packing.blocks(frame.geometry, shape, columns, names=names)


def _bounds(scene: Scene) -> tuple[float, float, float, float]:
    """Give the extent of what is known; failing that of anything; failing that of the world."""
    every = scene.lives or scene.frames
    recorded = ("hazards", "releases", "finds", "verdicts", "plots")
    frames_of = [every[name] for name in recorded if name in every]
    of_ground = [every[name] for name in ("ground", "zones") if name in every]
    known = [*(frame[frame["state"] != "no_record"] for frame in of_ground), *frames_of]
    for frames in (known, list(every.values())):
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
    undrawn_of = {}
    partly = _partly(scene)
    if nowhere := count - partly:
        lines.append(f"{_hazards(nowhere)} no position and cannot be drawn.")
    if partly:
        lines.append(f"{_hazards(partly)} more ground, without a position, which cannot be drawn.")
    for layer in ("releases", "finds", "surveys", "plots", "context"):
        missing = int(shapely.is_missing(scene.frames[layer].geometry.to_numpy()).sum()) if layer in scene.frames else 0
        if missing:
            undrawn_of[layer] = missing
            called = "roads, waters and places" if layer == "context" else layer
            lines.append(f"{missing:,} of {len(scene.frames[layer]):,} {called} have no position and are not drawn.")
    undrawn = _undrawn(scene)
    if len(undrawn):
        plots = "1 plot" if len(undrawn) == 1 else f"{len(undrawn):,} plots"
        lines.append(f"{plots} cannot be drawn; the search finds {'it' if len(undrawn) == 1 else 'them'}.")
    ids = scene.unplaced["hazard_id"] if count and "hazard_id" in scene.unplaced else pd.Series([], dtype="object")
    return {
        "text": " ".join(lines),
        "nowhere": nowhere,
        "partly": partly,
        "undrawn": undrawn_of,
        "hazards": count,
        "ids": _listed(ids),
        "plots": len(undrawn),
        "plot_ids": _listed(undrawn),
    }


def _partly(scene: Scene) -> int:
    """Count the hazards of which some ground has a position and some has none."""
    if "partly" in scene.unplaced or scene.unplaced.empty:
        return int(scene.unplaced["partly"].sum()) if len(scene.unplaced) else 0
    hazards = scene.frames["hazards"]
    drawn = hazards.loc[hazards.geometry.notna(), "hazard_id"]
    return int(scene.unplaced["hazard_id"].isin(drawn).sum())


def _undrawn(scene: Scene) -> pd.Series:
    """Give the ids of the plots that have an answer and no shape that can be drawn."""
    if "verdicts" not in scene.frames:
        return pd.Series([], dtype="object")
    answers = scene.frames["verdicts"]
    undrawn = answers[shapely.is_missing(answers.geometry.to_numpy())]
    return undrawn["plot_id"] if "plot_id" in undrawn else pd.Series(None, index=undrawn.index, dtype="object")


def _listed(ids: pd.Series) -> list[str]:
    return [str(i) for i in ids.astype("object").where(ids.notna(), "(no id)").head(_UNPLACED_LISTED)]
