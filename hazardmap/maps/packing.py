"""Geometry and columns as compact bytes for the page, and back.

A block holds up to 50,000 features or a million points: positions as Web-Mercator whole numbers at zoom 20 (15 cm on
the equator, finer towards the poles), differences from point to point, zig-zag, byte planes, zlib; columns as numbers
or as codes of a dictionary. ``decode.js`` reads the same format. Knows shapes and columns; knows nothing of hazards,
colours or HTML.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, overload

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
#: A block is what one worker of the page decodes at a time.
FEATURES_PER_BLOCK = 50_000
POINTS_PER_BLOCK = 1_000_000
_SHAPE = {"polygon": (3, 6), "line": (1, 2, 5), "point": (0, 4)}
#: Level 6 takes 2.7 times as long for 1.2 % less.
_LEVEL = 4
_SHOWN = 5
#: Shapes nearer to each other than this stand in one place on the curve that orders them.
_LEAST_DEG = 1e-9


@dataclass(frozen=True)
class Encoded:
    """Cells as numbers: ``number``, ``day`` or ``code`` (then `words` is the dictionary, code 0 = missing)."""

    kind: str
    cells: Array
    words: list[Any] | None = None


@dataclass(frozen=True)
class Column:
    """One column of a table, encoded a block at a time: what waits to be packed takes no second room.

    Parameters
    ----------
    values
        The cells, in the order of the features.
    """

    values: pd.Series

    def encoded(self, rows: Array | None = None) -> Encoded:
        """Encode some rows, all when none are named; a dictionary holds only the words that these rows use."""
        values = self.values if rows is None else self.values.iloc[rows]
        if pd.api.types.is_datetime64_any_dtype(values):
            days = values.to_numpy().astype("datetime64[D]")
            numbers = np.where(np.isnat(days), 0, days.astype("int64"))
            return Encoded("day", np.where(np.isnat(days), 0, _zigzag(numbers) + 1).astype("uint64"))
        if pd.api.types.is_bool_dtype(values):
            values = values.map({True: "yes", False: None})
        elif pd.api.types.is_numeric_dtype(values):
            return Encoded("number", values.astype("float64").to_numpy(dtype="float64", na_value=np.nan))
        known = values.astype("object")
        if known.map(type).eq(tuple).any():
            known = known.where(known.map(_filled), None)
        codes, words = pd.factorize(known, use_na_sentinel=True)
        return Encoded(
            "code", (codes + 1).astype("uint64"), [list(w) if isinstance(w, tuple) else str(w) for w in words]
        )


def column(values: pd.Series) -> Column:
    """Take a column of a table as it is packed: numbers, days, or codes of a dictionary.

    Examples
    --------
    >>> import pandas as pd
    >>> column(pd.Series(["b", None, "a", "b"])).encoded().cells.tolist()
    [1, 0, 2, 1]
    >>> column(pd.Series([("AP", "AV"), ()])).encoded().words
    [['AP', 'AV']]
    """
    return Column(values)


def _filled(value: Any) -> bool:
    return not (isinstance(value, tuple) and not value)


class Blocks(Sequence[bytes]):
    """Compressed blocks, each packed when it is asked for and then forgotten.

    Parameters
    ----------
    values
        Geometries; none for rows without a shape.
    shape
        ``polygon``, ``line``, ``point`` or ``none``.
    columns
        The columns, in the order of the geometries.
    order
        The rows in the order in which they are packed.
    """

    def __init__(self, values: Array | None, shape: str, columns: Mapping[str, Column], order: Array) -> None:
        self._values, self._shape, self._columns, self._order = values, shape, dict(columns), order
        points = np.zeros(len(order), dtype="int64") if values is None else shapely.get_num_coordinates(values)[order]
        self._cuts = _cuts(points)
        #: How many points each block holds.
        self.points = [int(points[a:b].sum()) for a, b in pairwise(self._cuts)]

    @property
    def counts(self) -> list[int]:
        """How many features each block holds."""
        return [int(n) for n in np.diff(self._cuts)]

    def __len__(self) -> int:
        return len(self._cuts) - 1

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[bytes]: ...
    def __getitem__(self, at: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        rows = self._order[self._cuts[at] : self._cuts[at + 1]]
        columns = {name: column.encoded(rows) for name, column in self._columns.items()}
        if self._values is None:
            return _rows(columns, len(rows))
        return _block(self._values[rows], self._shape, columns)


def _cuts(points: Array) -> list[int]:
    """Divide features in order into blocks: as many as fit, at least one."""
    ends, cuts = np.cumsum(points), [0]
    while cuts[-1] < len(points):
        before = ends[cuts[-1] - 1] if cuts[-1] else 0
        fits = int(np.searchsorted(ends, before + POINTS_PER_BLOCK, side="right"))
        cuts.append(min(max(fits, cuts[-1] + 1), cuts[-1] + FEATURES_PER_BLOCK, len(points)))
    return cuts


def blocks(
    geometry: gpd.GeoSeries, shape: str, columns: Mapping[str, Column], *, names: pd.Series | None = None
) -> Blocks:
    """Take features to be packed, 50,000 a block, neighbours beside each other.

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
    The blocks, packed one by one as they are read.

    Raises
    ------
    GeometryError
        For a coordinate that is no number, a place that Web Mercator does not reach, or a wrong kind of shape.
    """
    called = geometry.index.to_series() if names is None else names
    _refuse(geometry, shape, called.reset_index(drop=True))
    return Blocks(geometry.to_numpy(), shape, columns, _along_a_curve(geometry))


def _along_a_curve(geometry: gpd.GeoSeries) -> Array:
    """Order shapes so that neighbours stand together; the curve needs an extent that can be divided."""
    if len(geometry) < 2:
        return np.arange(len(geometry))
    west, south, east, north = geometry.total_bounds
    extent = (west, south, max(east, west + _LEAST_DEG), max(north, south + _LEAST_DEG))
    return np.argsort(geometry.hilbert_distance(total_bounds=extent).to_numpy(), kind="stable")


def rows(columns: Mapping[str, Column], count: int) -> Blocks:
    """Take rows that have no geometry: they can be searched and read in the page, not drawn.

    Parameters
    ----------
    columns
        The columns, in one order.
    count
        How many rows they have.

    Returns
    -------
    The blocks of 50,000 rows.
    """
    return Blocks(None, "none", columns, np.arange(count))


def in_order(geometry: gpd.GeoSeries, shape: str) -> bytes:
    """Pack a few features as one block in the order in which they come: others refer to them by number."""
    return _block(geometry.to_numpy(), shape, {})


def _rows(columns: Mapping[str, Encoded], count: int) -> bytes:
    nothing = np.array([], dtype="int64")
    arrays = {"parts_of": np.zeros(count, dtype="int64"), "points_of": nothing}
    arrays |= dict.fromkeys(("x_step", "x_start", "y_step", "y_start"), nothing)
    return _described(arrays, "none", columns, count)


def _refuse(geometry: gpd.GeoSeries, shape: str, called: pd.Series) -> None:
    if geometry.crs is None or geometry.crs != measure.STORED_CRS:
        raise GeometryError("geometry that is not in EPSG:4326", "stored coordinates", "convert it with to_crs(4326)")
    values = geometry.to_numpy()
    size = FEATURES_PER_BLOCK  # a piece at a time: the coordinates of a nation would stand in memory twice
    pieces = [_wrong(values[i : i + size], shape, i) for i in range(0, len(values), size)]
    for wrong, found, needed in zip(
        [np.concatenate(rows) for rows in zip(*pieces, strict=True)],
        ("a coordinate that is no number", "a place beyond the map", "no geometry", "another kind of shape"),
        ("finite coordinates", "longitude within ±180°, latitude within ±85.05°", f"a {shape}", f"a {shape}"),
        strict=False,  # without any geometry there is nothing to refuse
    ):
        if len(wrong):
            listed = ", ".join(called.iloc[wrong[:_SHOWN]].astype("str")) + (" …" if len(wrong) > _SHOWN else "")
            do = "correct or quarantine these rows"
            raise GeometryError(f"{len(wrong)} features with {found}: {listed}", needed, do)


def _wrong(values: Array, shape: str, first: int) -> list[Array]:
    """Give the rows that cannot be drawn, by what is wrong with them."""
    xy, owner = shapely.get_coordinates(values, return_index=True)
    with np.errstate(invalid="ignore"):
        inside = (np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= LATITUDE_LIMIT_DEG)
    unknown = np.array([], dtype="int64") if inside.all() else np.unique(owner[~np.isfinite(xy).all(axis=1)])
    outside = np.array([], dtype="int64") if inside.all() else np.unique(owner[~inside])
    missing = np.flatnonzero(shapely.is_missing(values) | shapely.is_empty(values))
    other = np.flatnonzero(~np.isin(shapely.get_type_id(values), _SHAPE[shape]))
    return [rows + first for rows in (unknown, outside, missing, other)]


def _block(values: Array, shape: str, columns: Mapping[str, Encoded]) -> bytes:
    parts_of, points_of, x, y = _ragged(values, shape)
    starts = np.r_[0, np.cumsum(points_of)[:-1]].astype("int64")
    later = np.ones(len(x), dtype=bool)
    later[starts] = False
    arrays: dict[str, Array] = {"parts_of": parts_of, "points_of": points_of}
    for axis, numbers in (("x", x), ("y", y)):
        arrays[f"{axis}_step"] = _zigzag(np.diff(numbers, prepend=np.int32(0))[later])
        arrays[f"{axis}_start"] = _zigzag(np.diff(numbers[starts], prepend=np.int32(0)))
    return _described(arrays, shape, columns, len(values))


def _described(arrays: dict[str, Array], shape: str, columns: Mapping[str, Encoded], count: int) -> bytes:
    described = {}
    for name, packed in columns.items():
        arrays[f"column:{name}"] = packed.cells
        described[name] = {"kind": packed.kind, **({} if packed.words is None else {"words": packed.words})}
    return _container(arrays, {"shape": shape, "count": count, "columns": described})


def _ragged(values: Array, shape: str) -> tuple[Array, Array, Array, Array]:
    """Give parts per feature, points per part, and positions; rings open, outer ones one way round, holes the other."""
    single = shape == "polygon" and not shapely.get_num_interior_rings(values).any()  # 0 for a multipolygon too
    single = single and bool((shapely.get_type_id(values) == 3).all())
    parts, feature = (values, np.arange(len(values))) if single else shapely.get_parts(values, return_index=True)
    if (hollow := shapely.is_empty(parts)).any():  # an empty part of a shape that is not empty
        parts, feature = parts[~hollow], feature[~hollow]
    outer = np.ones(len(parts), dtype=bool)
    if shape == "polygon" and not single:
        parts, polygon = shapely.get_rings(parts, return_index=True)
        feature = feature[polygon]
        outer = np.r_[True, polygon[1:] != polygon[:-1]]
    xy, part = shapely.get_coordinates(parts, return_index=True)
    points_of = np.bincount(part, minlength=len(parts))
    del part
    if shape == "polygon":
        last = np.cumsum(points_of) - 1
        xy, points_of = _turned(np.delete(xy, last, axis=0), points_of - 1, outer), points_of - 1
    x, y = to_world(xy)
    return np.bincount(feature, minlength=len(values)), points_of, x, y


def _turned(xy: Array, points_of: Array, outer: Array) -> Array:
    """Turn outer rings anticlockwise and holes clockwise; a ring without area stays as it is."""
    first = np.r_[0, np.cumsum(points_of)[:-1]].astype("int64")
    x, y = (
        xy.T - np.repeat(xy[first], points_of, axis=0).T
    )  # from the ring's own corner, where numbers are exact enough
    after = np.arange(1, len(x) + 1)
    after[np.cumsum(points_of) - 1] = first
    twice = np.add.reduceat(x * y[after] - x[after] * y, first)
    wrong = (twice < 0) if outer.all() else np.where(outer, twice < 0, twice > 0)
    if not wrong.any():
        return xy
    within = np.arange(len(x)) - np.repeat(first, points_of)
    mirrored = np.repeat(first + points_of - 1, points_of) - within
    return np.where(np.repeat(wrong, points_of)[:, None], xy[mirrored], xy)


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
    return np.rint(x).astype("int32"), np.rint(y).astype("int32")


def from_world(x: Array, y: Array) -> Array:
    """Turn Web-Mercator whole numbers at zoom 20 into longitude and latitude."""
    latitude = np.degrees(np.arctan(np.sinh(math.pi * (1 - 2 * y / WORLD_PX))))
    return np.column_stack([x / WORLD_PX * 360 - 180, latitude])


def _zigzag(numbers: Array) -> Array:
    if numbers.dtype == np.int32:
        return ((numbers << 1) ^ (numbers >> 31)).view("uint32")
    signed = numbers.astype("int64")
    return ((signed << 1) ^ (signed >> 63)).astype("uint64")


def _unzigzag(numbers: Array) -> Array:
    plain = numbers.astype("int64")
    return (plain >> 1) ^ -(plain & 1)


def _container(arrays: Mapping[str, Array], header: Mapping[str, Any]) -> bytes:
    directory, body = [], []
    for name, values in arrays.items():
        is_float = values.dtype.kind == "f"
        width = 4 if values.dtype == np.uint32 else 8
        octets = (
            np.ascontiguousarray(values, dtype="<f8" if is_float else f"<u{width}").view("uint8").reshape(-1, width)
        )
        planes = 8 if is_float else max(1, (int(values.max(initial=0)).bit_length() + 7) // 8)
        directory.append({"name": name, "count": len(values), "planes": planes, "float": is_float})
        body.append(octets[:, :planes].T.tobytes())
    head = json.dumps({**header, "arrays": directory}, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return zlib.compress(b"".join([len(head).to_bytes(4, "little"), head, *body]), _LEVEL)


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
