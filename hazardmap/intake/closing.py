"""Lines that close, where areas are wanted: a boundary that was walked, or a path? The file does not say.

Nothing is guessed: such a row is quarantined, and a hazard keeps the ground inside as its open draft.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from hazardmap.intake.sheet import Flaw

if TYPE_CHECKING:
    from hazardmap.intake.sheet import Sheet

#: Tables of which a row may be a line.
LINES_ALLOWED = frozenset({"context", "finds"})


def lines_that_close(sheet: Sheet, wanted: str) -> Sheet:
    """Mark the closed lines of a sheet as flaws, when its rows are to be areas.

    Examples
    --------
    >>> import pandas as pd
    >>> from hazardmap.intake.sheet import Sheet
    >>> walked = shapely.LineString([(0, 0), (1, 0), (1, 1), (0, 0)])
    >>> sheet = Sheet("a.gpx", "", "GPX", "tracks", pd.DataFrame(index=[0]), np.array([walked]), {}, {}, None, 1)
    >>> found = lines_that_close(sheet, "hazards")
    >>> found.flaws[0].found, str(found.flaws[0].draft), lines_that_close(sheet, "context") is sheet
    ('a line that closes: a boundary, or a path?', 'POLYGON ((0 0, 1 0, 1 1, 0 0))', True)
    """
    if wanted in LINES_ALLOWED:
        return sheet
    kind = shapely.get_type_id(sheet.shapes)
    single = np.array(sheet.shapes, dtype=object)
    one = (kind == 5) & (shapely.get_num_geometries(single) == 1)
    single[one] = shapely.get_geometry(single[one], 0)
    closed = np.isin(shapely.get_type_id(single), (1, 2)) & shapely.is_closed(single)
    closed &= (shapely.get_num_coordinates(single) > 3) & ~shapely.is_empty(single)
    if not closed.any():
        return sheet
    left = np.array(sheet.shapes, dtype=object)
    left[closed] = None
    flaws = dict(sheet.flaws)
    for i in map(int, np.flatnonzero(closed)):
        flaws[i] = Flaw(
            "a line that closes: a boundary, or a path?",
            "a polygon; if it is a boundary, make it one (QGIS: Vector, Geometry Tools, Lines to Polygons)",
            shapely.to_wkt(single[i], rounding_precision=-1),
            draft=shapely.Polygon(shapely.get_coordinates(single[i])),
        )
    return replace(sheet, shapes=left, flaws=flaws)
