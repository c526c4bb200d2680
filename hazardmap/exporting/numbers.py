"""Coordinates and values as the text of a file: rounded where that breaks nothing, and never further than stated.

Knows shapes and values; knows no file.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hazardmap.sheets.cells import clean
from hazardmap.store.cells import to_cells

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Decimals of degrees: 1.1 mm; of metres: 1 mm.
DEGREE_DIGITS, METRE_DIGITS = 8, 3
#: Decimals where rounding would break a shape; below what any number of this size can tell.
_ALL_DIGITS = 14


def rounded(shapes: Array, digits: int) -> tuple[Array, Array]:
    """Round coordinates; a shape that rounding would make invalid keeps all its digits.

    Neighbours share their corners, so what meets goes on meeting.

    Returns
    -------
    The shapes, and for each the number of decimals that tell it exactly.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> strip = shapely.box(1, 0, 1.000000002, 1)  # 0.2 mm wide: it would be gone
    >>> shapes, digits = rounded(np.array([shapely.Point(0.123456789, 1), strip]), 8)
    >>> shapes[0].x, digits.tolist(), bool(shapes[1].area > 0)
    (0.12345679, [8, 14], True)
    """
    scale = 10.0**digits
    values = np.asarray(shapes, dtype=object)
    # A whole number divided by a power of ten is the nearest number to its decimals, so they are written as meant.
    short = np.asarray(shapely.transform(values, lambda xy: np.rint(xy * scale) / scale), dtype=object)
    areas = np.isin(shapely.get_type_id(values), (3, 6))
    broken = areas & shapely.is_valid(values) & ~shapely.is_valid(short)
    short[broken] = values[broken]
    return short, np.where(broken, _ALL_DIGITS, digits)


def texts(values: pd.Series, kind: str) -> list[str]:
    """Give the values of a column as people read them; empty where nothing is known. Control characters are taken out.

    Examples
    --------
    >>> import pandas as pd
    >>> texts(pd.Series([("H-1", "H-2"), ()]), "ids"), texts(pd.Series([15_000.04, None]), "number")
    (['H-1, H-2', ''], ['15000', ''])
    """
    if kind in {"ids", "words"}:
        return [clean(", ".join(map(str, v))) if v else "" for v in values.tolist()]
    if kind == "number":
        return ["" if v is None or math.isnan(v) else plain_number(v) for v in values.astype("float64").tolist()]
    if kind == "flag":
        return ["yes" if v else "no" for v in values.tolist()]
    return ["" if v is None else clean(str(v)) for v in to_cells(values, kind)]


def plain_number(value: float) -> str:
    """Write a number to a tenth, without noise.

    Examples
    --------
    >>> plain_number(0.2), plain_number(10000.0004), plain_number(0.02)
    ('0.2', '10000', '0.02')
    """
    return f"{round(value, 1):.15g}" if abs(value) >= 1 else f"{value:.3g}"


def rings_of(shape: Any) -> list[list[Any]]:
    """Give the rings of each polygon of a shape, the outer one first; coordinates as arrays.

    Examples
    --------
    >>> import shapely
    >>> [[len(r) for r in polygon] for polygon in rings_of(shapely.box(0, 0, 1, 1))]
    [[5]]
    """
    return [
        [np.asarray(ring.coords) for ring in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(shape)
        if part.geom_type == "Polygon" and not part.is_empty
    ]


def lines_of(shape: Any) -> list[Any]:
    """Give the lines of a shape, and the rings of its polygons, as arrays of coordinates."""
    found: list[Any] = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            found += [np.asarray(r.coords) for r in (part.exterior, *part.interiors) if not r.is_empty]
        elif part.geom_type in {"LineString", "LinearRing"}:
            found.append(np.asarray(part.coords))
        elif hasattr(part, "geoms"):
            found += lines_of(part)
    return found


def points_of(shape: Any) -> list[tuple[float, float]]:
    """Give the points of a shape that is made of points."""
    return [(p.x, p.y) for p in shapely.get_parts(shape) if p.geom_type == "Point" and not p.is_empty]
