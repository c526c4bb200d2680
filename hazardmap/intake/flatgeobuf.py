"""Read a FlatGeobuf by GDAL, and count its features by their lengths.

Never through Arrow: GDAL 3.12 aborts the whole process there when a feature has no geometry.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pandas as pd
import pyogrio
import pyproj

from hazardmap.errors import CrsError, FileError
from hazardmap.intake import gdal, shapes
from hazardmap.intake.sheet import Sheet

if TYPE_CHECKING:
    from pathlib import Path

_AGAIN = "ask for the file again"
_COUNT, _NODE = 8, 9  # places of features_count and index_node_size in the header's table
_CRS, _CODE, _WKT = 10, 1, 4
_BOX = 40  # bytes of a node of its index


def read(path: Path, *, sha256: str) -> Sheet:
    """Read a FlatGeobuf file.

    Raises
    ------
    FileError
        When it is cut short or GDAL cannot read it.
    """
    counted = _walked(path)  # first: GDAL reads what is left of a cut file without a word
    said: list[str] = []
    with gdal.told(path.name, said):
        gdal.check_driver(path, "FlatGeobuf", path.name)
        meta, _, blobs, values = pyogrio.raw.read(path.resolve(), return_fids=True)
    found, flaws = shapes.from_wkb(blobs)
    cells = pd.DataFrame(
        {n: pd.Series(list(v), dtype="object") for n, v in zip(meta["fields"], values, strict=True)},
        index=pd.RangeIndex(len(blobs)),
    )
    return Sheet(
        name=path.name,
        sha256=sha256,
        kind="FlatGeobuf",
        layer=path.stem,
        cells=cells,
        shapes=found,
        flaws=flaws,
        faults={},
        crs=_crs(_stated_crs(path.read_bytes()) or meta["crs"], path.name),
        counted=counted,
        notes=tuple(said),
    )


def _crs(said: str | None, name: str) -> pyproj.CRS | None:
    try:
        return pyproj.CRS.from_user_input(said) if said else None
    except pyproj.exceptions.CRSError:
        raise CrsError(f"{name} declares a CRS that PROJ does not know", "a known CRS", _AGAIN) from None


def _walked(path: Path) -> int:
    data = path.read_bytes()
    try:
        (size,) = struct.unpack_from("<I", data, 8)
        stated, node = _header(data, 12)
        position = 12 + size + (_index_size(stated, node) if stated and node > 1 else 0)
        count = 0
        while node != 1 and position < len(data):  # an index of nodes of one would never end
            position += 4 + struct.unpack_from("<I", data, position)[0]
            count += 1
    except struct.error:
        position, stated, count = -1, 0, 0
    if position != len(data) or (stated and stated != count):
        raise FileError(
            f"{path.name} is cut short or damaged ({count:,} of {stated:,} features)", "a whole FlatGeobuf", _AGAIN
        )
    return count


def _stated_crs(data: bytes) -> str | None:
    """Give the WKT of a CRS that has no number; one with a number is GDAL's to read.

    For one without, GDAL looks for a number that fits, and finds that of UTM in metres for UTM in feet.
    """
    try:
        header = _Table(data, 12)
        place = header.at(_CRS)
        crs = _Table(data, place) if place else None
        return None if crs is None or crs.number("<i", _CODE) else crs.text(_WKT)
    except (struct.error, IndexError, UnicodeDecodeError):
        return None  # damaged: then what GDAL makes of it counts, or is refused


def _header(data: bytes, start: int) -> tuple[int, int]:
    """Give features_count and index_node_size from the flatbuffer that begins at `start`."""
    table = _Table(data, start)
    node = table.number("<H", _NODE)
    return table.number("<Q", _COUNT) or 0, 16 if node is None else node


class _Table:
    """One table of a flatbuffer: an offset to it stands at `start`."""

    def __init__(self, data: bytes, start: int) -> None:
        self.data = data
        self.table = start + int(struct.unpack_from("<I", data, start)[0])
        self.offsets = self.table - int(struct.unpack_from("<i", data, self.table)[0])
        (self.length,) = struct.unpack_from("<H", data, self.offsets)

    def at(self, field: int) -> int:
        """Give where a field stands; 0 where the table has none."""
        place = 4 + 2 * field
        offset = int(struct.unpack_from("<H", self.data, self.offsets + place)[0]) if place < self.length else 0
        return self.table + offset if offset else 0

    def number(self, form: str, field: int) -> int | None:
        place = self.at(field)
        return int(struct.unpack_from(form, self.data, place)[0]) if place else None

    def text(self, field: int) -> str | None:
        place = self.at(field)
        if not place:
            return None
        start = place + int(struct.unpack_from("<I", self.data, place)[0])
        (size,) = struct.unpack_from("<I", self.data, start)
        return self.data[start + 4 : start + 4 + size].decode() or None


def _index_size(count: int, node: int) -> int:
    level = -(-count // node)
    total = count + level  # one feature has a root above it, too
    while level > 1:
        level = -(-level // node)
        total += level
    return total * _BOX
