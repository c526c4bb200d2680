"""Small white pictures of the marks of points, which the reading program tints: nothing has to be fetched for them.

Knows shapes and PNG; knows no data.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_SIDE = 32
_FINE = 4


def picture_of(mark: str) -> str:
    """Give the place of a mark's picture in an archive.

    Examples
    --------
    >>> picture_of("diamond")
    'files/diamond.png'
    """
    return f"files/{mark}.png"


def picture(mark: str) -> bytes:
    r"""Draw a mark: white, with a dark edge, as PNG.

    Examples
    --------
    >>> picture("circle")[:8]
    b'\x89PNG\r\n\x1a\n'
    """
    fine = np.linspace(-1, 1, _SIDE * _FINE)
    x, y = np.meshgrid(fine, -fine)
    whole, inner = (_cover(_inside(mark, x, y, size)) for size in (0.95, 0.72))
    shade = np.rint(255 * np.divide(inner, whole, out=np.zeros_like(inner), where=whole > 0))
    pixels = np.dstack([shade, shade, shade, np.rint(255 * whole)]).astype(np.uint8)
    rows = b"".join(b"\x00" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND")


def _inside(mark: str, x: Array, y: Array, size: float) -> Array:
    if mark == "triangle":
        return np.asarray((y > -size * 0.8) & (y < size - 2 * np.abs(x)))
    if mark == "diamond":
        return np.asarray(np.abs(x) + np.abs(y) < size)
    if mark == "square":
        return np.asarray(np.maximum(np.abs(x), np.abs(y)) < size * 0.8)
    return np.asarray(np.hypot(x, y) < size * 0.9)


def _cover(inside: Array) -> Array:
    """Give for each pixel how much of it lies inside."""
    return np.asarray(inside.reshape(_SIDE, _FINE, _SIDE, _FINE).mean(axis=(1, 3)))


def _chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
