"""What lies under the hazards and tells where one is: own roads, rivers and places, and base maps of one file.

Tables come in by the door of imports, so that no CRS is guessed and no row vanishes; a base map is a PMTiles extract,
taken as it is. Knows the table of context and the first bytes of PMTiles; knows nothing of the page.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from hazardmap import formats, intake, words
from hazardmap.errors import FileError, SchemaError
from hazardmap.maps.symbols import CONTEXT_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

_MAGIC = b"PMTiles"
_HEADER = 127
_ENDS = struct.Struct("<8Q")
_TILES = {1: "mvt", 2: "png", 3: "jpeg", 4: "webp"}
_PACKED = {1: "", 2: "gzip"}
_OTHER = {0: "unknown", 3: "brotli", 4: "zstd"}
_TAG = re.compile(r"<[^>]*>")
_METADATA_MOST = 16 * 2**20  # bytes, unpacked; that of a planet's map has a few thousand
_GZIP = 31  # what zlib calls a gzip stream of any window


@dataclass(frozen=True)
class BaseMap:
    """A base map of tiles in one file.

    Parameters
    ----------
    name
        Of the file.
    content
        Its bytes.
    kind
        ``mvt``, ``png``, ``jpeg`` or ``webp``: what a tile is.
    min_zoom, max_zoom
        The zooms that it holds.
    attribution
        What its makers want to be said beside it, as plain text.
    """

    name: str
    content: bytes
    kind: str
    min_zoom: int
    max_zoom: int
    attribution: str


@dataclass(frozen=True)
class Background:
    """All that is laid under a map.

    Parameters
    ----------
    features
        Rows like those of the table context, EPSG:4326.
    base_maps
        In the order in which they are painted.
    """

    features: gpd.GeoDataFrame
    base_maps: tuple[BaseMap, ...]


def gather_background(sources: Iterable[Any]) -> Background:
    """Read what is laid under the hazards.

    Parameters
    ----------
    sources
        GeoDataFrames; files that `import_table` reads; PMTiles files. In a table ``name`` is written on the map and
        ``kind`` (or ``type``, ``class``, ``fclass``) chooses the sign: road, river, railway, school, village …; where
        it is missing the name of the file does (``roads.gpkg``), else the sign is that of "other".

    Returns
    -------
    Background
        Rows without a position stay among the features, to be counted.

    Raises
    ------
    FileError, CrsError, SchemaError
        When a source cannot be used as a whole.

    Examples
    --------
    >>> import shapely
    >>> roads = gpd.GeoDataFrame(
    ...     {"name": ["M1", None]}, geometry=[shapely.LineString([(47, 40), (47.1, 40)]), None], crs=4326)
    >>> gather_background([roads]).features[["kind", "name"]].values.tolist()
    [['other', 'M1'], ['other', nan]]
    >>> len(gather_background([]).features)
    0
    """
    if isinstance(sources, str | Path | gpd.GeoDataFrame):
        raise SchemaError(
            "background is one thing", "a list of tables or files", f"write background=[{_called(sources)}]"
        )
    frames, base_maps = [], []
    for source in sources:
        if not isinstance(source, gpd.GeoDataFrame) and _is_pmtiles(path := formats.local_path(source)):
            base_maps.append(_base_map(path))
        else:
            frames.append(_features(source))
    features = pd.concat(frames, ignore_index=True) if frames else gpd.GeoDataFrame(geometry=[], crs=4326)
    return Background(gpd.GeoDataFrame(features), tuple(base_maps))


def _called(source: Any) -> str:
    return "…" if isinstance(source, gpd.GeoDataFrame) else repr(str(source))


def _features(source: Any) -> gpd.GeoDataFrame:
    stem = "" if isinstance(source, gpd.GeoDataFrame) else words.fold(Path(source).stem)
    kind = next((k for k in (stem, stem.removesuffix("s")) if k in CONTEXT_KINDS), "other")
    return intake.import_table(source, "context", values={"kind": kind}).rows


def _is_pmtiles(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _base_map(path: Path) -> BaseMap:
    content = path.read_bytes()
    whole = f"a whole PMTiles file of version 3 ({path.name})"
    again = "fetch or extract the file again: pmtiles extract SOURCE FILE --bbox=…"
    if len(content) < _HEADER:
        raise FileError(f"{path.name} is cut short ({len(content)} bytes)", whole, again)
    if content[7] != 3:
        raise FileError(f"{path.name} is PMTiles of version {content[7]}", whole, "pmtiles convert OLD NEW")
    root, root_size, meta, meta_size, leaves, leaves_size, tiles, tiles_size = _ENDS.unpack_from(content, 8)
    if max(root + root_size, meta + meta_size, leaves + leaves_size, tiles + tiles_size) > len(content):
        raise FileError(f"{path.name} is cut short ({len(content):,} bytes)", whole, again)
    inner, outer, kind, low, high = content[97], content[98], content[99], content[100], content[101]
    for packing, what in ((inner, "directories"), (outer, "tiles")):
        if packing not in _PACKED:
            found = f"{path.name}: {what} compressed with {_OTHER.get(packing, packing)}"
            raise FileError(found, "gzip, which every browser can read", "convert it with gzip as compression")
    if kind not in _TILES:
        raise FileError(f"{path.name}: tiles of kind {kind}", "vector tiles (MVT), PNG, JPEG or WebP", "export it anew")
    said = content[meta : meta + meta_size]
    return BaseMap(path.name, content, _TILES[kind], low, high, _attribution(_unpacked(said, inner, path.name)))


def _unpacked(data: bytes, packing: int, name: str) -> bytes:
    """Unpack the metadata, by PMTiles' own number for gzip; a few bytes may claim to be more than a memory holds."""
    if not _PACKED[packing] or not data:
        return data
    needed = f"metadata as one whole gzip stream of at most {_METADATA_MOST // 2**20} MB"
    again = "fetch or extract the file again: pmtiles extract SOURCE FILE --bbox=…"
    stream = zlib.decompressobj(_GZIP)
    try:
        found = stream.decompress(data, _METADATA_MOST)
    except zlib.error:
        raise FileError(f"{name}: metadata that are no sound gzip stream", needed, again) from None
    if not stream.eof:
        wrong = "larger than that" if len(found) >= _METADATA_MOST else "cut short"
        raise FileError(f"{name}: metadata {wrong}", needed, again)
    return found


def _attribution(metadata: bytes) -> str:
    """Give what is to be said beside the map; it comes as HTML, of which the text is kept."""
    try:
        said = json.loads(metadata or b"{}").get("attribution", "")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return " ".join(_TAG.sub("", str(said)).split())[:200]
