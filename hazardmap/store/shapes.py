"""Shapes as files give them: read strictly, and brought to EPSG:4326 from the CRS that the file declares.

What cannot be read is a fault, never a missing shape. Knows no format and no table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from hazardmap.errors import CrsError, SchemaError
from hazardmap.measure import STORED_CRS, to_stored

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


def in_stored_crs(shapes: Array, crs: Any, where: str) -> Array:
    """Carry shapes to EPSG:4326 from the CRS that their file declares.

    Raises
    ------
    CrsError
        When it declares none, or there is no sure way from it.
    """
    known = None if crs is None else pyproj.CRS(crs)
    if known is None or known.is_geocentric or not (known.is_geographic or known.is_projected):
        # None, or a plane that nobody says where it lies (GDAL: LOCAL_CS), or no longitude and latitude
        raise CrsError(
            f"{where} has no CRS",
            "a layer that says its CRS",
            "set it in QGIS (Layer, Set CRS), or bring the file in with import_table and crs='EPSG:…'",
        )
    if known.equals(pyproj.CRS(STORED_CRS), ignore_axis_order=True):
        return shapes  # shapes are longitude, latitude in every file read here
    west, south, east, north = np.abs(shapely.total_bounds(shapes))
    if known.is_projected and max(west, east) <= 180 and max(south, north) <= 90:
        raise CrsError(
            f"{where} says {known.name}, and its numbers look like degrees",
            "metres in a map projection",
            "set the layer's true CRS in QGIS, e.g. EPSG:4326 if they are WGS 84 degrees, and export it",
        )
    moved, _, _ = to_stored(gpd.GeoSeries(shapes, crs=crs))
    return np.asarray(moved.to_numpy(), dtype=object)


def shapes_of_wkb(wkb: list[bytes | None], where: str) -> Array:
    """Read WKB; a shape that cannot be read is a fault, never a missing one."""
    values = np.array(wkb, dtype=object) if wkb else np.empty(0, dtype=object)
    with np.errstate(invalid="ignore"):
        shapes = np.asarray(shapely.from_wkb(values, on_invalid="ignore"), dtype=object)
    wrong = [i for i, (b, s) in enumerate(zip(wkb, shapes, strict=True)) if b is not None and s is None]
    if wrong:
        raise unreadable(wrong, where)
    return shapes


def unreadable(rows: list[int], where: str) -> SchemaError:
    """Make the error for shapes that cannot be read."""
    shown = ", ".join(str(r + 1) for r in rows[:10]) + (" …" if len(rows) > 10 else "")
    return SchemaError(
        f"{where}: {len(rows)} geometries cannot be read (row {shown})",
        "closed rings of numbers",
        "bring this file in with import_table (hazardmap import), which sorts out such rows",
    )
