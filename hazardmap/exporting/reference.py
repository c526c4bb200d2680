"""The coordinates that are asked for: any CRS, by one operation of stated accuracy for everything in a file.

Knows geometry and CRSs; knows no file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from hazardmap import measure
from hazardmap.errors import CrsError
from hazardmap.exporting.numbers import DEGREE_DIGITS, METRE_DIGITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.exporting.product import Product

    Array = NDArray[Any]

#: Beyond this a plane is not fit for drawing in: lengths would be wrong by more than it.
_WORST_SCALE = 0.01
_TOLD_SCALE = 0.001


@dataclass(frozen=True, eq=False)
class Carried:
    """The shapes of a product in the CRS asked for.

    Parameters
    ----------
    crs
        The CRS.
    operation, accuracy_m
        How they came there from WGS 84, and how well that is known; 0.0 where both are the same datum.
    shapes
        For each layer an array of shapes, in the order of its rows.
    """

    crs: pyproj.CRS
    operation: str
    accuracy_m: float
    shapes: tuple[Array, ...]

    @property
    def name(self) -> str:
        """The CRS by code and name."""
        code = self.crs.to_authority()
        return f"{':'.join(code)} {self.crs.name}" if code else self.crs.name

    @property
    def digits(self) -> int:
        """How many decimals are written."""
        return METRE_DIGITS if self.crs.is_projected else DEGREE_DIGITS

    @property
    def axes(self) -> tuple[str, str]:
        """What x and y are called."""
        return ("easting", "northing") if self.crs.is_projected else ("longitude", "latitude")

    @property
    def way(self) -> str:
        """The operation, without the swaps of axes between its steps."""
        return " + ".join(step for step in self.operation.split(" + ") if not step.startswith("axis order change"))

    @property
    def told(self) -> str:
        """The CRS and how positions came into it, in a sentence."""
        if self.operation in {"", "none"} or not self.accuracy_m:
            return f"Coordinates: {self.name}."
        way = f"from WGS 84 by {self.way!r}, the other way round"
        return f"Coordinates: {self.name}, {way}, accurate to {self.accuracy_m:g} m."


def known_crs(text: str) -> pyproj.CRS:
    """Read a CRS as it is typed; only one of degrees or of a map projection will do, whose axes point east and north.

    Raises
    ------
    CrsError
        When it is none, or counts to other sides.

    Examples
    --------
    >>> known_crs("EPSG:28408").name
    'Pulkovo 1942 / Gauss-Kruger zone 8'
    """
    try:
        crs = pyproj.CRS(text)
    except pyproj.exceptions.CRSError:
        crs = None
    if crs is None or not (crs.is_geographic or crs.is_projected):
        raise CrsError(f"{text!r} names no CRS of maps", "a code like EPSG:32638", "e.g. --crs EPSG:28408")
    ways = [axis.direction.casefold() for axis in crs.axis_info[:2]]
    if sorted(ways) != ["east", "north"]:  # southern Africa, Krovak, the poles: x would not be east, a drawing mirrored
        raise CrsError(
            f"the axes of {text} point {' and '.join(ways)}",
            "a CRS that counts to the east and to the north",
            "ask for another, e.g. UTM: --crs EPSG:32638",
        )
    return crs


def carried(product: Product, crs: str | pyproj.CRS) -> Carried:
    """Carry all layers of a product to a CRS together, so that they fit on each other.

    Raises
    ------
    CrsError
        When the CRS is none, or no operation of known accuracy leads there.

    Examples
    --------
    >>> import hazardmap as hm
    >>> from hazardmap.exporting.product import gathered
    >>> carried(gathered(hm.example(), on="2024-12-31"), "EPSG:28408").told
    "Coordinates: EPSG:28408 Pulkovo 1942 / Gauss-Kruger zone 8, from WGS 84 by '... Pulkovo 1942 to WGS 84 (16)',
    the other way round, accurate to 4.5 m."
    """
    target = crs if isinstance(crs, pyproj.CRS) else known_crs(crs)
    shapes = [layer.frame.geometry.to_numpy() for layer in product.layers]
    together = np.concatenate([np.asarray(s, dtype=object) for s in shapes]) if shapes else np.empty(0, dtype=object)
    moved, operation, accuracy = measure.from_stored(gpd.GeoSeries(together, crs=measure.STORED_CRS), target)
    ends = np.cumsum([len(s) for s in shapes])[:-1]
    return Carried(target, operation, accuracy, tuple(np.split(moved.to_numpy(), ends)) if shapes else ())


def drawing_plane(product: Product, crs: str | None) -> pyproj.CRS:
    """Choose the plane of a drawing: the one asked for, else UTM on WGS 84 in the zone of the middle of the data.

    Raises
    ------
    CrsError
        When it is no plane of metres, or lengths in it would be wrong by over 1 % where the data lie.

    Examples
    --------
    >>> import hazardmap as hm
    >>> from hazardmap.exporting.product import gathered
    >>> product = gathered(hm.example(), on="2024-12-31")
    >>> drawing_plane(product, None).name
    'WGS 84 / UTM zone 38N'
    >>> drawing_plane(product, "EPSG:3857")
    Traceback (most recent call last):
    ...
    hazardmap.errors.CrsError: lengths in EPSG:3857 are wrong by up to 31 % where the data lie – needed: ...
    """
    boxes = [layer.frame.total_bounds for layer in product.layers if len(layer)]
    box = np.vstack(boxes) if boxes else np.zeros((1, 4))
    west, south, east, north = box[:, 0].min(), box[:, 1].min(), box[:, 2].max(), box[:, 3].max()
    usual = f"EPSG:{32600 if south + north >= 0 else 32700}".removesuffix("00") + f"{_zone(west, east):02d}"
    plane = known_crs(crs or usual)
    if not plane.is_projected or any(a.unit_conversion_factor != 1.0 for a in plane.axis_info):
        raise CrsError(
            f"{plane.to_string()} is not in metres", "a map projection in metres for a drawing", f"--crs {usual}"
        )
    worst = _scale_error(plane, (west, south, east, north))
    if worst > _WORST_SCALE:
        raise CrsError(
            f"lengths in {plane.to_string()} are wrong by up to {100 * worst:.2g} % where the data lie",
            "a plane that fits them to 1 %",
            "ask for another, or export less: --crs and --what",
        )
    return plane


def _zone(west: float, east: float) -> int:
    return min(int(((west + east) / 2 + 180) // 6) + 1, 60)


def _scale_error(plane: pyproj.CRS, bounds: tuple[float, float, float, float]) -> float:
    """Give by how much lengths differ at worst, at the corners and the middle of a box in degrees."""
    west, south, east, north = bounds
    x, y = np.meshgrid([west, (west + east) / 2, east], [south, (south + north) / 2, north])
    factors = pyproj.Proj(plane).get_factors(x.ravel(), y.ravel(), errcheck=False)
    scales = np.r_[factors.meridional_scale, factors.parallel_scale]
    scales = scales[np.isfinite(scales)]
    return float(np.abs(scales - 1).max()) if len(scales) else float("inf")


def scale_told(product: Product, plane: pyproj.CRS) -> str:
    """Say how far lengths in a plane are off, where that is more than 1 in 1,000."""
    boxes = [layer.frame.total_bounds for layer in product.layers if len(layer)]
    if not boxes:
        return ""
    box = np.vstack(boxes)
    worst = _scale_error(plane, (box[:, 0].min(), box[:, 1].min(), box[:, 2].max(), box[:, 3].max()))
    return f"Lengths in this plane are off by up to {100 * worst:.2g} %." if worst > _TOLD_SCALE else ""


def extent(shapes: tuple[Array, ...]) -> tuple[float, float, float, float]:
    """Give the box of all shapes; 0, 0, 0, 0 for none."""
    together = [shapely.total_bounds(s) for s in shapes if len(s)]
    if not together:
        return (0.0, 0.0, 0.0, 0.0)
    box = np.vstack(together)
    return (float(box[:, 0].min()), float(box[:, 1].min()), float(box[:, 2].max()), float(box[:, 3].max()))
