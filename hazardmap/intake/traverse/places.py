"""Where the known points of traverses lie: longitude and latitude in a stated datum, or a coordinate as it is written.

No datum is guessed. Knows positions; knows no legs between them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from hazardmap import measure
from hazardmap.errors import HazardmapError
from hazardmap.intake import coordinates
from hazardmap.intake.cells import NotReadError
from hazardmap.intake.traverse import measures
from hazardmap.intake.traverse.legs import stated_position
from hazardmap.words import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.intake.traverse.legs import Legs

    Array = NDArray[Any]

_M_PER_DEG = 111_320.0
_DATUMS = {
    "wgs 84": measure.STORED_CRS,
    "wgs84": measure.STORED_CRS,
    "pulkovo 1942": "EPSG:4284",
    "pulkovo 42": "EPSG:4284",
    "sk 42": "EPSG:4284",
    "ск 42": "EPSG:4284",
}
_EPSG = re.compile(r"epsg:\d{4,6}", re.IGNORECASE)
_DATUM = "a datum: WGS 84, Pulkovo 1942, or EPSG:… of geographic coordinates"


@dataclass
class Places:
    """Positions on WGS 84 by row, NaN where a row states none; their accuracy, m; what must be told, by row."""

    longitude: Array
    latitude: Array
    accuracy_m: Array
    notes: dict[int, str]


def places_of(legs: Legs, start_accuracy_m: float) -> Places:
    """Read the positions that rows state; faults go to the legs.

    Parameters
    ----------
    legs
        As read from the table.
    start_accuracy_m
        The accuracy of a position whose row states none, m.

    Returns
    -------
    Places
        The accuracy holds what the row states (or `start_accuracy_m`), half of the last digit as written, and the
        stated accuracy of the change of datum.
    """
    count = len(legs)
    found = Places(np.full(count, np.nan), np.full(count, np.nan), np.full(count, np.nan), {})
    by_datum: dict[str, list[int]] = {}
    for i in range(count):
        if not stated_position(legs.texts, i):
            continue
        stated = legs.amounts["accuracy_m"][i]
        if legs.texts["coordinates"][i] is not None:
            _written(legs, found, i, start_accuracy_m)
        elif (degrees := _degrees(legs, i)) is not None and (crs := _datum(legs, i)) is not None:
            found.longitude[i], found.latitude[i], half_m = degrees
            own = start_accuracy_m if np.isnan(stated) else float(stated)
            found.accuracy_m[i] = math.hypot(own, half_m)
            by_datum.setdefault(crs, []).append(i)
        if np.isnan(stated) and np.isfinite(found.longitude[i]):
            told = f"the position of {legs.texts['point'][i]} has no stated accuracy, {start_accuracy_m:g} m are taken"
            found.notes[i] = "; ".join(t for t in (told, found.notes.get(i)) if t)
    for crs, rows in by_datum.items():
        if crs != measure.STORED_CRS:
            _move(legs, found, np.array(rows), crs)
    return found


def _degrees(legs: Legs, i: int) -> tuple[float, float, float] | None:
    decimal = legs.texts["decimal"][i] or "."
    read = {}
    for column, limit in (("longitude", 180.0), ("latitude", 90.0)):
        written = legs.texts[column][i]
        if written is None:
            legs.faults.append((i, column, "none", "longitude and latitude, both"))
            continue
        try:
            read[column] = measures.degrees_of(written, limit, decimal)
        except NotReadError as error:
            legs.faults.append((i, column, error.found, error.expected))
    if len(read) < 2:
        return None
    (longitude, half_x), (latitude, half_y) = read["longitude"], read["latitude"]
    return longitude, latitude, _M_PER_DEG * math.hypot(half_x * math.cos(math.radians(latitude)), half_y)


def _datum(legs: Legs, i: int) -> str | None:
    written = legs.texts["datum"][i]
    if written is None:
        if not any(row == i and column == "datum" for row, column, _, _ in legs.faults):
            legs.faults.append((i, "datum", "none", _DATUM))
        return None
    known = _DATUMS.get(fold(written)) or (written.upper() if _EPSG.fullmatch(written) else None)
    try:
        crs = pyproj.CRS(known) if known else None
    except pyproj.exceptions.CRSError:
        crs = None
    if crs is None or not crs.is_geographic:
        legs.faults.append((i, "datum", repr(written[:40]), _DATUM))
        return None
    return known


def _move(legs: Legs, found: Places, rows: Array, crs: str) -> None:
    points = gpd.GeoSeries(shapely.points(found.longitude[rows], found.latitude[rows]), crs=crs)
    try:
        moved, operation, accuracy = measure.to_stored(points)
    except HazardmapError as error:
        legs.faults += [(int(i), "datum", error.found, error.needed) for i in rows]
        found.longitude[rows] = found.latitude[rows] = found.accuracy_m[rows] = np.nan
        return
    if accuracy is None:
        legs.faults += [(int(i), "datum", f"{crs}: {operation}", "a change of datum of known accuracy") for i in rows]
        found.longitude[rows] = found.latitude[rows] = found.accuracy_m[rows] = np.nan
        return
    found.longitude[rows], found.latitude[rows] = moved.x.to_numpy(), moved.y.to_numpy()
    found.accuracy_m[rows] = np.hypot(found.accuracy_m[rows], accuracy)
    for i in map(int, rows):
        told = f"the position of {legs.texts['point'][i]} is carried to WGS 84 by {operation} (±{accuracy:g} m)"
        found.notes[i] = "; ".join(t for t in (found.notes.get(i), told) if t)


def _written(legs: Legs, found: Places, i: int, start_accuracy_m: float) -> None:
    """Read a coordinate in any writing; what cannot be read is a fault with the reader's own words."""
    written = str(legs.texts["coordinates"][i])
    try:
        position = coordinates.parse(written, datum=legs.texts["datum"][i], decimal=legs.texts["decimal"][i])
    except HazardmapError as error:
        legs.faults.append((i, "coordinates", error.found, error.needed))
        return
    stated = legs.amounts["accuracy_m"][i]
    own = start_accuracy_m if np.isnan(stated) else float(stated)
    found.longitude[i], found.latitude[i] = float(position.longitude), float(position.latitude)
    found.accuracy_m[i] = math.hypot(own, float(position.accuracy_m or 0.0))
    if position.operation != "none":
        found.notes[i] = f"the position of {legs.texts['point'][i]} is carried to WGS 84 by {position.operation}"
