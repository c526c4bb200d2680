"""The way from a stated datum to WGS 84 and back: the operation of best stated accuracy at each place.

Never a ballpark operation, never one without stated accuracy, never one whose area of use misses the place. Knows CRSs
and PROJ; knows nothing of texts. (`measure.to_stored` does the same for shapes, with one operation for
all of them.)
"""

from __future__ import annotations

import functools
import math
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
from pyproj.transformer import TransformerGroup

from hazardmap.errors import CrsError
from hazardmap.intake.coordinates.datums import WGS_84, code_of, crs_of, name_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_GEOD = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True)
class Operation:
    """A transformation to WGS 84: its name, its stated accuracy in metres, where it may be used in words and boxes."""

    name: str
    accuracy_m: float
    area: str
    boxes: tuple[tuple[float, float, float, float], ...]
    transformer: pyproj.Transformer | None

    def holds(self, longitude: Array, latitude: Array) -> Array:
        """Tell which places lie in the area of use."""
        inside = np.zeros(len(longitude), dtype=bool)
        for west, south, east, north in self.boxes:
            inside |= (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
        return inside


@functools.lru_cache(maxsize=64)
def operations(datum: str) -> tuple[Operation, ...]:
    """Give the operations from a datum to WGS 84 whose accuracy is stated, best first; in PROJ's order where equal.

    Examples
    --------
    >>> [(o.name, o.accuracy_m) for o in operations("EPSG:4284")][:3]
    [('Pulkovo 1942 to WGS 84 (10)', 2.0), ('Pulkovo 1942 to WGS 84 (15)', 2.0), ('Pulkovo 1942 to WGS 84 (20)', 3.0)]
    """
    if datum == WGS_84:
        return (Operation("none", 0.0, "World", ((-180.0, -90.0, 180.0, 90.0),), None),)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a grid that is not installed: what is left has its own stated accuracy
        group = TransformerGroup(crs_of(datum), WGS_84, always_xy=True, allow_ballpark=False)
    usable = [
        Operation(_plain(t.description or ""), float(t.accuracy), str(t.area_of_use.name), _boxes(t), t)
        for t in group.transformers
        if t.accuracy >= 0 and _boxes(t)
    ]
    return tuple(sorted(usable, key=lambda o: o.accuracy_m))


def _plain(description: str) -> str:
    return re.sub(r"(?:^| \+ )axis order change \(2D\)(?: \+ (?=axis))?", "", description).removeprefix(" + ") or "none"


def _boxes(transformer: pyproj.Transformer) -> tuple[tuple[float, float, float, float], ...]:
    use: Any = transformer.area_of_use  # None where PROJ does not say; pyproj's types do not know that
    if use is None:
        return ()
    if use.west <= use.east:
        return ((use.west, use.south, use.east, use.north),)
    return ((use.west, use.south, 180.0, use.north), (-180.0, use.south, use.east, use.north))


@functools.lru_cache(maxsize=256)
def _unit_and_origin(datum: str) -> tuple[float, float]:
    crs = crs_of(datum)
    meridian = crs.prime_meridian
    unit = math.degrees(crs.axis_info[0].unit_conversion_factor)
    return round(unit, 12), math.degrees(
        meridian.longitude * float(meridian.unit_conversion_factor)
    ) if meridian else 0.0


def from_greenwich(datum: str, longitude: Array, latitude: Array) -> tuple[Array, Array]:
    """Give degrees from Greenwich of what a datum counts in its own unit and from its own meridian.

    Areas of use are in such degrees; France counts grads from Paris, old Austria degrees from Ferro.

    Examples
    --------
    >>> import numpy as np
    >>> longitude, latitude = from_greenwich("EPSG:4807", np.array([0.0]), np.array([54.0]))
    >>> longitude.round(4).tolist(), latitude.round(4).tolist()
    ([2.3372], [48.6])
    """
    unit, origin = _unit_and_origin(datum)
    if unit == 1 and not origin:
        return longitude, latitude
    return longitude * unit + origin, latitude * unit


def chosen(datum: str, longitude: Array, latitude: Array) -> Array:
    """Give for each place (degrees from Greenwich) the number of its operation in `operations`; −1 for none."""
    choice = np.full(len(longitude), -1)
    for number, operation in enumerate(operations(datum)):
        choice[(choice < 0) & operation.holds(longitude, latitude)] = number
    return choice


def to_wgs84(datum: str, longitude: Array, latitude: Array) -> tuple[Array, Array, Array]:
    """Carry degrees of a datum to WGS 84.

    Returns
    -------
    Longitude, latitude (NaN where there is no usable operation), and the numbers of the operations (−1 for none).

    Examples
    --------
    >>> import numpy as np
    >>> longitude, latitude, number = to_wgs84("EPSG:4284", np.array([46.93, 2.0]), np.array([39.99, 48.0]))
    >>> longitude.round(4).tolist(), number.tolist(), operations("EPSG:4284")[number[0]].name
    ([46.9288, nan], [4, -1], 'Pulkovo 1942 to WGS 84 (16)')
    """
    choice = chosen(datum, *from_greenwich(datum, longitude, latitude))
    return _moved(datum, longitude, latitude, choice, "FORWARD")


def from_wgs84(datum: str, longitude: Array, latitude: Array) -> tuple[Array, Array, Array]:
    """Carry degrees of WGS 84 to a datum; as `to_wgs84`, by the same operations."""
    return _moved(datum, longitude, latitude, chosen(datum, longitude, latitude), "INVERSE")


def _moved(datum: str, longitude: Array, latitude: Array, choice: Array, direction: Any) -> tuple[Array, Array, Array]:
    x, y = np.full(len(choice), np.nan), np.full(len(choice), np.nan)
    for number, operation in enumerate(operations(datum)):
        here = choice == number
        if here.any():
            if operation.transformer is None:
                x[here], y[here] = longitude[here], latitude[here]
            else:
                x[here], y[here] = operation.transformer.transform(longitude[here], latitude[here], direction=direction)
    bad = ~(np.isfinite(x) & np.isfinite(y))
    x[bad] = y[bad] = np.nan
    return x, y, np.where(bad, -1, choice)


def contradiction_m(datum: str, before: tuple[Array, Array], after: tuple[Array, Array], number: Array) -> Array:
    """Give how far another operation places positions from where they were placed, m; 0 where both can be right.

    Two operations may differ by the root of the squares of what they state; by more, one of them is not that good here.
    (PROJ knows areas of use as boxes, and the box of one country reaches into the next.)

    Examples
    --------
    >>> import numpy as np
    >>> mozambique = np.array([34.0]), np.array([-19.0])
    >>> *after, number = to_wgs84("EPSG:4127", *mozambique)
    >>> contradiction_m("EPSG:4127", mozambique, tuple(after), number).round(1).tolist()  # they state 3 m and 17 m
    [18.4]
    """
    known, place = operations(datum), from_greenwich(datum, *before)
    apart = np.zeros(len(number))
    stated_m = np.array([*(o.accuracy_m for o in known), np.nan])[number]
    for other, operation in enumerate(known):
        here = np.flatnonzero((number >= 0) & (number != other) & operation.holds(*place))
        if len(here) and operation.transformer is not None:
            x, y = operation.transformer.transform(before[0][here], before[1][here])
            gap = _GEOD.inv(after[0][here], after[1][here], np.nan_to_num(x), np.nan_to_num(y))[2]
            contradicts = np.isfinite(x) & (gap > np.hypot(stated_m[here], operation.accuracy_m))
            apart[here] = np.maximum(apart[here], np.where(contradicts, gap, 0.0))
    return apart


@functools.lru_cache(maxsize=512)
def _flat(projection: str) -> tuple[Any, bool]:
    """Give what turns degrees into x, y; a Proj of our own making, or PROJ's way between a CRS and its degrees."""
    if projection.startswith("+proj="):
        return pyproj.Proj(projection), True
    crs = crs_of(projection)
    return pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True), False


def to_degrees(projection: str, x: Array, y: Array) -> tuple[Array, Array]:
    """Undo a projection; same datum, so exact. inf where x, y are impossible in it."""
    if not projection:
        return x, y
    way, own = _flat(projection)
    longitude, latitude = way(x, y, inverse=True) if own else way.transform(x, y, direction="INVERSE")
    return np.asarray(longitude, dtype="float64"), np.asarray(latitude, dtype="float64")


def from_degrees(projection: str, longitude: Array, latitude: Array) -> tuple[Array, Array]:
    """Project degrees of the projection's datum; inf where impossible."""
    if not projection:
        return longitude, latitude
    way, own = _flat(projection)
    x, y = way(longitude, latitude) if own else way.transform(longitude, latitude)
    return np.asarray(x, dtype="float64"), np.asarray(y, dtype="float64")


@functools.lru_cache(maxsize=512)
def unit_m(projection: str) -> float:
    """Give the metres of ground in one unit of a projection.

    Metres of a grid are metres of ground here, though they differ by up to 1 in 1,000; those of UPS by 6.
    """
    if projection.startswith("+proj="):
        return 1 / 0.994 if projection.startswith("+proj=stere") else 1.0
    return float(crs_of(projection).axis_info[0].unit_conversion_factor)


def half_diagonal_m(latitude: Array, step_x: Array, step_y: Array) -> Array:
    """Give half the diagonal in metres of a cell of so many degrees of longitude by so many of latitude.

    Examples
    --------
    >>> import numpy as np
    >>> half_diagonal_m(np.array([40.0]), np.array([1e-4]), np.array([1e-4])).round(2).tolist()  # 8.54 m by 11.10 m
    [7.0]
    """
    sine, cosine = np.sin(np.radians(latitude)), np.cos(np.radians(latitude))
    across = _GEOD.a / np.sqrt(1 - _GEOD.es * sine**2)
    along = across * (1 - _GEOD.es) / (1 - _GEOD.es * sine**2)
    return np.asarray(np.hypot(np.radians(step_x) * across * cosine, np.radians(step_y) * along) / 2)


@functools.lru_cache(maxsize=256)
def datum_of_crs(crs: pyproj.CRS) -> str:
    """Give the datum of a CRS, as its geographic CRS.

    Examples
    --------
    >>> datum_of_crs(pyproj.CRS(28408)), datum_of_crs(pyproj.CRS("OGC:CRS84"))
    ('EPSG:4284', 'EPSG:4326')
    """
    degrees = crs if crs.is_geographic else crs.geodetic_crs
    if degrees is None or degrees.equals(crs_of(WGS_84), ignore_axis_order=True):
        return WGS_84
    return code_of(degrees.to_2d())


def no_operation(datum: str, longitude: float, latitude: float) -> CrsError:
    """Say that no operation of known accuracy serves a place."""
    areas = sorted({o.area for o in operations(datum)})
    known = f"those known are for: {'; '.join(a[:60] for a in areas[:3])}" if areas else "none is known at all"
    return CrsError(
        f"no transformation of known accuracy from {name_of(datum)} to WGS 84 at {latitude:.5f}, {longitude:.5f}",
        f"a place where {name_of(datum)} is in use ({known})",
        "correct the numbers or the datum",
    )
