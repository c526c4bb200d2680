"""Geometry and columns as compact bytes for the page, and back.

A block holds up to 50,000 features: positions as Web-Mercator whole numbers at zoom 20 (15 cm on the equator, finer
towards the poles), differences from point to point, zig-zag, byte planes, zlib; columns as numbers or as codes of a
dictionary. ``decode.js`` reads the same format. Knows shapes and columns; knows nothing of hazards, colours or HTML.
"""

from __future__ import annotations

import json
import math
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hazardmap import measure
from hazardmap.errors import GeometryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Side of the world in whole numbers: 256 px × 2^20.
WORLD_PX = 256 * 2**20
#: Web Mercator ends here.
LATITUDE_LIMIT_DEG = math.degrees(math.atan(math.sinh(math.pi)))
FEATURES_PER_BLOCK = 50_000
_SHAPE = {"polygon": (3, 6), "line": (1, 2, 5), "point": (0, 4)}
_FIRST_LEVEL = 6
_SHOWN = 5


@dataclass(frozen=True)
class Column:
    """One column ready to pack: ``number``, ``day`` or ``code`` (then `words` is the dictionary, code 0 = missing)."""

    kind: str
    cells: Array
    words: list[Any] | None = None


def column(values: pd.Series) -> Column:
    """Turn a column of a table into numbers, days or codes of a dictionary.

    Examples
    --------
    >>> import pandas as pd
    >>> column(pd.Series(["b", None, "a", "b"])).cells.tolist()
    [1, 0, 2, 1]
    >>> column(pd.Series([("AP", "AV"), ()])).words
    [['AP', 'AV']]
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        days = values.to_numpy().astype("datetime64[D]")
        numbers = np.where(np.isnat(days), 0, days.astype("int64"))
        return Column("day", np.where(np.isnat(days), 0, _zigzag(numbers) + 1).astype("uint64"))
    if pd.api.types.is_bool_dtype(values):
        values = values.map({True: "yes", False: None})
    elif pd.api.types.is_numeric_dtype(values):
        return Column("number", values.astype("float64").to_numpy(dtype="float64", na_value=np.nan))
    known = values.where(values.notna() & values.map(_filled), None).astype("object")
    codes, words = pd.factorize(known, use_na_sentinel=True)
    return Column("code", (codes + 1).astype("uint64"), [list(w) if isinstance(w, tuple) else str(w) for w in words])


def _filled(value: Any) -> bool:
    return not (isinstance(value, tuple) and not value)


def blocks(
    geometry: gpd.GeoSeries, shape: str, columns: Mapping[str, Column], *, names: pd.Series | None = None
) -> list[bytes]:
    """Pack features, 50,000 a block, neighbours beside each other.

    Parameters
    ----------
    geometry
        Geometries in EPSG:4326, none missing or empty.
    shape
        ``polygon``, ``line`` or ``point``: what they must be.
    columns
        The columns, in the order of the geometries.
    names
        What to call a feature in a message; its index label when not given.

    Returns
    -------
    Compressed blocks.

    Raises
    ------
    GeometryError
        For a coordinate that is no number, a place that Web Mercator does not reach, or a wrong kind of shape.
    """
    called = geometry.index.astype("str").to_series() if names is None else names
    _refuse(geometry, shape, called.reset_index(drop=True))
    several = len(geometry) > 1  # the curve needs an extent
    order = np.argsort(geometry.hilbert_distance().to_numpy(), kind="stable") if several else np.arange(len(geometry))
    values = geometry.to_numpy()
    return [
        _block(values[rows], shape, {n: _taken(c, rows) for n, c in columns.items()})
        for rows in (order[i : i + FEATURES_PER_BLOCK] for i in range(0, len(order), FEATURES_PER_BLOCK))
    ]


def rows(columns: Mapping[str, Column], count: int) -> list[bytes]:
    """Pack rows that have no geometry: they can be searched and read in the page, not drawn.

    Parameters
    ----------
    columns
        The columns, in one order.
    count
        How many rows they have.

    Returns
    -------
    Compressed blocks of 50,000 rows.
    """
    nothing = np.array([], dtype="int64")
    packed = []
    for start in range(0, count, FEATURES_PER_BLOCK):
        some = np.arange(start, min(start + FEATURES_PER_BLOCK, count))
        arrays = {"parts_of": np.zeros(len(some), dtype="int64"), "points_of": nothing}
        arrays |= dict.fromkeys(("x_step", "x_start", "y_step", "y_start"), nothing)
        packed.append(_described(arrays, "none", {n: _taken(c, some) for n, c in columns.items()}, len(some)))
    return packed


def _taken(column: Column, rows: Array) -> Column:
    """Take some rows of a column; a dictionary keeps only the words that they use."""
    cells = column.cells[rows]
    if column.words is None:
        return Column(column.kind, cells)
    used, codes = np.unique(np.r_[np.uint64(0), cells], return_inverse=True)
    return Column(column.kind, codes[1:].astype("uint64"), [column.words[int(code) - 1] for code in used[1:]])


def _refuse(geometry: gpd.GeoSeries, shape: str, called: pd.Series) -> None:
    if geometry.crs is None or geometry.crs != measure.STORED_CRS:
        raise GeometryError("geometry that is not in EPSG:4326", "stored coordinates", "convert it with to_crs(4326)")
    values = geometry.to_numpy()
    xy, owner = shapely.get_coordinates(values, return_index=True)
    with np.errstate(invalid="ignore"):
        outside = ~((np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= LATITUDE_LIMIT_DEG))
    for wrong, found, needed in (
        (np.unique(owner[~np.isfinite(xy).all(axis=1)]), "a coordinate that is no number", "finite coordinates"),
        (np.unique(owner[outside]), "a place beyond the map", "longitude within ±180°, latitude within ±85.05°"),
        (np.flatnonzero(shapely.is_missing(values) | shapely.is_empty(values)), "no geometry", f"a {shape}"),
        (np.flatnonzero(~np.isin(shapely.get_type_id(values), _SHAPE[shape])), "another kind of shape", f"a {shape}"),
    ):
        if len(wrong):
            listed = ", ".join(called.iloc[wrong[:_SHOWN]].astype("str")) + (" …" if len(wrong) > _SHOWN else "")
            do = "correct or quarantine these rows"
            raise GeometryError(f"{len(wrong)} features with {found}: {listed}", needed, do)


def _block(values: Array, shape: str, columns: Mapping[str, Column]) -> bytes:
    parts_of, points_of, x, y = _ragged(values, shape)
    first = np.zeros(len(x), dtype=bool)
    first[np.r_[0, np.cumsum(points_of)[:-1]].astype("int64")] = True
    arrays: dict[str, Array] = {"parts_of": parts_of, "points_of": points_of}
    for axis, numbers in (("x", x), ("y", y)):
        steps = np.diff(numbers, prepend=0)
        arrays[f"{axis}_step"] = _zigzag(steps[~first])
        arrays[f"{axis}_start"] = _zigzag(np.diff(numbers[first], prepend=0))
    return _described(arrays, shape, columns, len(values))


def _described(arrays: dict[str, Array], shape: str, columns: Mapping[str, Column], count: int) -> bytes:
    described = {}
    for name, packed in columns.items():
        arrays[f"column:{name}"] = packed.cells
        described[name] = {"kind": packed.kind, **({} if packed.words is None else {"words": packed.words})}
    return _container(arrays, {"shape": shape, "count": count, "columns": described})


def _ragged(values: Array, shape: str) -> tuple[Array, Array, Array, Array]:
    """Give parts per feature, points per part, and positions; rings open, outer ones one way round, holes the other."""
    parts, feature = shapely.get_parts(values, return_index=True)
    if shape == "polygon":
        parts, polygon = shapely.get_rings(shapely.orient_polygons(shapely.force_2d(parts)), return_index=True)
        feature = feature[polygon]
    xy, part = shapely.get_coordinates(parts, return_index=True)
    if shape == "polygon":
        last = np.r_[part[1:] != part[:-1], True]
        xy, part = xy[~last], part[~last]
    x, y = to_world(xy)
    return np.bincount(feature, minlength=len(values)), np.bincount(part, minlength=len(parts)), x, y


def to_world(xy: Array) -> tuple[Array, Array]:
    """Turn longitude and latitude into Web-Mercator whole numbers at zoom 20.

    Examples
    --------
    >>> import numpy as np
    >>> [int(v[0]) for v in to_world(np.array([[0.0, 0.0]]))] == [WORLD_PX // 2, WORLD_PX // 2]
    True
    """
    x = (xy[:, 0] + 180) / 360 * WORLD_PX
    y = (1 - np.arcsinh(np.tan(np.radians(xy[:, 1]))) / math.pi) / 2 * WORLD_PX
    return np.rint(x).astype("int64"), np.rint(y).astype("int64")


def from_world(x: Array, y: Array) -> Array:
    """Turn Web-Mercator whole numbers at zoom 20 into longitude and latitude."""
    latitude = np.degrees(np.arctan(np.sinh(math.pi * (1 - 2 * y / WORLD_PX))))
    return np.column_stack([x / WORLD_PX * 360 - 180, latitude])


def _zigzag(numbers: Array) -> Array:
    signed = numbers.astype("int64")
    return ((signed << 1) ^ (signed >> 63)).astype("uint64")


def _unzigzag(numbers: Array) -> Array:
    plain = numbers.astype("int64")
    return (plain >> 1) ^ -(plain & 1)


def _container(arrays: Mapping[str, Array], header: Mapping[str, Any]) -> bytes:
    directory, body = [], []
    for name, values in arrays.items():
        is_float = values.dtype.kind == "f"
        octets = np.ascontiguousarray(values, dtype="<f8" if is_float else "<u8").view("uint8").reshape(-1, 8)
        planes = 8 if is_float else max(1, (int(values.max(initial=0)).bit_length() + 7) // 8)
        directory.append({"name": name, "count": len(values), "planes": planes, "float": is_float})
        body.append(octets[:, :planes].T.tobytes())
    head = json.dumps({**header, "arrays": directory}, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return zlib.compress(b"".join([len(head).to_bytes(4, "little"), head, *body]), _FIRST_LEVEL)


def unpack(block: bytes) -> gpd.GeoDataFrame:
    """Read a block back: the inverse of `blocks`, as the browser does it, to check what was written.

    Returns
    -------
    GeoDataFrame in EPSG:4326 with the packed columns; days are dates, codes are words again.
    """
    data = zlib.decompress(block)
    size = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + size])
    at, arrays = 4 + size, {}
    for entry in header["arrays"]:
        count, planes = entry["count"], entry["planes"]
        octets = np.zeros((count, 8), dtype="uint8")
        octets[:, :planes] = np.frombuffer(data, "uint8", count * planes, at).reshape(planes, count).T
        arrays[entry["name"]] = octets.view("<f8" if entry["float"] else "<u8")[:, 0]
        at += count * planes
    columns = {name: _column_back(arrays[f"column:{name}"], about) for name, about in header["columns"].items()}
    return gpd.GeoDataFrame(columns, geometry=_shapes_back(arrays, header["shape"]), crs=measure.STORED_CRS)


def _column_back(values: Array, about: Mapping[str, Any]) -> Any:
    if about["kind"] == "number":
        return values
    if about["kind"] == "day":
        days = np.where(values == 0, np.datetime64("NaT"), _unzigzag(values - np.uint64(1)).astype("datetime64[D]"))
        return pd.Series(days.astype("datetime64[us]"))
    words = [tuple(w) if isinstance(w, list) else w for w in about["words"]]
    return pd.Series([words[code - 1] if code else None for code in values.astype("int64")], dtype="object")


def _shapes_back(arrays: Mapping[str, Array], shape: str) -> Array:
    if shape == "none":
        return np.full(len(arrays["parts_of"]), None, dtype=object)
    points_of, parts_of = arrays["points_of"].astype("int64"), arrays["parts_of"].astype("int64")
    first = np.zeros(points_of.sum(), dtype=bool)
    first[np.r_[0, np.cumsum(points_of)[:-1]]] = True
    axes = []
    for axis in "xy":
        steps = np.zeros(len(first), dtype="int64")
        steps[~first] = _unzigzag(arrays[f"{axis}_step"])
        starts = np.cumsum(_unzigzag(arrays[f"{axis}_start"]))
        run = np.cumsum(steps)
        axes.append(run - np.repeat(run[first] - starts, points_of))
    xy = from_world(*axes)
    part = np.repeat(np.arange(len(points_of)), points_of)
    feature = np.repeat(np.arange(len(parts_of)), parts_of)
    if shape == "point":
        return np.asarray(shapely.multipoints(np.asarray(shapely.points(xy)), indices=feature))
    if shape == "line":
        return np.asarray(shapely.multilinestrings(np.asarray(shapely.linestrings(xy, indices=part)), indices=feature))
    rings = np.asarray(shapely.linearrings(xy, indices=part))
    return np.asarray([_polygon_back(rings[feature == i]) for i in range(len(parts_of))])


def _polygon_back(rings: Array) -> Any:
    polygons: list[list[Any]] = []
    for ring in rings:
        if shapely.is_ccw(ring) or not polygons:
            polygons.append([ring])
        else:
            polygons[-1].append(ring)
    return shapely.MultiPolygon([shapely.Polygon(shell, holes) for shell, *holes in polygons])
