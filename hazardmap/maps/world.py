"""The outlines of the countries as the page takes them: arcs packed like all lines, and which arcs bound which country.

Natural Earth 1:50m comes as TopoJSON; read as it is, it would take a browser longer than a thousand hazards. Knows that
one file and the packing.
"""

from __future__ import annotations

import functools
import gzip
import json
import zlib
from importlib.resources import files
from itertools import chain
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from hazardmap import measure
from hazardmap.maps import packing


@functools.cache
def blocks() -> dict[str, bytes]:
    """Give the blocks of the base map: ``countries`` (name and rings, as numbers of arcs) and ``world`` (the arcs).

    Examples
    --------
    >>> sorted(blocks())
    ['countries', 'world']
    >>> len(json.loads(zlib.decompress(blocks()["countries"])))
    241
    """
    stored = (files("hazardmap.maps") / "assets" / "countries-50m.json.gz").read_bytes()
    topology = json.loads(gzip.decompress(stored))
    countries = [
        {
            "name": c["properties"]["name"],
            "rings": list(chain(*c["arcs"])) if c["type"] == "MultiPolygon" else c["arcs"],
        }
        for c in topology["objects"]["countries"]["geometries"]
    ]
    told = json.dumps(countries, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return {"countries": zlib.compress(told), "world": packing.in_order(_arcs(topology), "line")}


def _rings(country: dict[str, Any]) -> list[list[int]]:
    return list(chain(*country["arcs"])) if country["type"] == "MultiPolygon" else country["arcs"]


def _arcs(topology: dict[str, Any]) -> gpd.GeoSeries:
    """Give the arcs in degrees, in their order; they are written as steps on a grid."""
    counts = [len(arc) for arc in topology["arcs"]]
    steps = np.array([step for arc in topology["arcs"] for step in arc], dtype="int64")
    first = np.r_[0, np.cumsum(counts)[:-1]]
    sums = np.cumsum(steps, axis=0)
    before = np.repeat(sums[first] - steps[first], counts, axis=0)
    scale, translate = (np.array(topology["transform"][k]) for k in ("scale", "translate"))
    xy = (sums - before) * scale + translate
    xy[:, 0] = np.clip(xy[:, 0], -180, 180)
    xy[:, 1] = np.clip(xy[:, 1], -packing.LATITUDE_LIMIT_DEG, packing.LATITUDE_LIMIT_DEG)  # Antarctica goes on
    lines = shapely.linestrings(xy, indices=np.repeat(np.arange(len(counts)), counts))
    return gpd.GeoSeries(lines, crs=measure.STORED_CRS)
