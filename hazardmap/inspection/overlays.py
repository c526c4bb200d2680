"""Overlays of many pairs of shapes at once, on all cores.

For finding, not for verdicts: on no grid, so that GEOS may lose a little ground in a rare pair (locationtech/jts#1000).
What a finding states is measured again on the grid where it matters. Knows shapes in a plane.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hazardmap import measure, readings

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]

_AT_ONCE = 2_000
_MOST_CORES = 8


def common(one: Array, other: Array) -> Array:
    """Give the ground that both of each pair have; None for nothing.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> common(np.array([shapely.box(0, 0, 2, 2)]), np.array([shapely.box(1, 0, 3, 2)]))[0].area
    2.0
    """
    return _abreast(shapely.intersection, one, other)


def without(one: Array, other: Array) -> Array:
    """Give the ground that the first of each pair has and the second has not; None for nothing."""
    return _abreast(shapely.difference, one, other)


def grown(shapes: Array, distance_m: float) -> Array:
    """Give shapes grown by a distance, or shrunk by a negative one; corners are mitred, none is rounded off.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> grown(np.array([shapely.box(0, 0, 2, 2)]), 1)[0].area
    16.0
    """
    return _in_pieces(lambda piece: shapely.buffer(piece, distance_m, join_style="mitre", mitre_limit=2.0), shapes)


def _abreast(operation: Callable[..., Any], one: Array, other: Array) -> Array:
    return _in_pieces(lambda a, b: _overlaid(operation, a, b), one, other)


def _in_pieces(operation: Callable[..., Any], *arrays: Array) -> Array:
    """Work in pieces on all cores: GEOS needs none of Python's lock. Prepared shapes are no work for several."""
    starts = range(0, len(arrays[0]), _AT_ONCE)
    if len(starts) <= 1:
        return np.asarray(operation(*arrays), dtype=object)
    with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_CORES)) as workers:
        pieces = workers.map(lambda start: operation(*(a[start : start + _AT_ONCE] for a in arrays)), starts)
        return np.concatenate([*pieces])


def _overlaid(operation: Callable[..., Any], one: Array, other: Array) -> Array:
    """Overlay pair by pair; once more on the grid where GEOS throws."""
    try:
        made = operation(one, other)
    except shapely.errors.GEOSException:
        made = operation(one, other, grid_size=measure.GRID_M)
    return readings.polygons_of(made)
