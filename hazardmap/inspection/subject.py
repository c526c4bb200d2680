"""A programme laid out for inspection: ids and shapes as arrays, in degrees and in a plane, each made once.

Shapes are looked at as they stand. Where ground is measured, a polygon that crosses itself has its widest reading, and
nothing of that is kept. Knows the tables; judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from hazardmap import measure, readings, tables

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

    from hazardmap.programme import Programme

    Array = NDArray[Any]

_AREAS = (3, 6)


@dataclass(frozen=True, eq=False)
class Layer:
    """One table; of shapes only those that are finite and on earth, None for the others."""

    name: str
    frame: gpd.GeoDataFrame
    plane: pyproj.CRS

    @cached_property
    def ids(self) -> Array:
        """The id of each row, empty where it has none."""
        column = tables.table(self.name).id_column
        given = self.frame[column] if column in self.frame else self.frame.index.astype("str").to_series()
        return np.asarray(given.fillna("").to_numpy(dtype=object))

    @cached_property
    def shapes(self) -> Array:
        """The shapes in degrees."""
        return usable(self.frame.geometry.to_numpy())

    @cached_property
    def valid(self) -> Array:
        """Which shapes are valid; missing ones are."""
        return np.asarray(shapely.is_valid(self.shapes) | shapely.is_missing(self.shapes))

    @cached_property
    def areas(self) -> Array:
        """Positions of the rows that are polygons."""
        return np.flatnonzero(np.isin(shapely.get_type_id(self.shapes), _AREAS))

    @cached_property
    def points(self) -> Array:
        """Positions of the rows that are points."""
        return np.flatnonzero(shapely.get_type_id(self.shapes) == 0)

    @cached_property
    def in_plane(self) -> Array:
        """The shapes in the plane, as they stand."""
        return measure.to_plane(gpd.GeoSeries(self.shapes, crs=measure.STORED_CRS), self.plane)

    @cached_property
    def ground(self) -> Array:
        """The ground of polygons in the plane, at its widest reading; None for all else."""
        ground = np.full(len(self.frame), None, dtype=object)
        ground[self.areas] = self.in_plane[self.areas]
        torn = self.areas[~shapely.is_valid(ground[self.areas])]
        if len(torn):
            ground[torn] = readings.all_widest(ground[torn])
        return ground

    @cached_property
    def area_m2(self) -> Array:
        """The area of polygons on the ellipsoid, at the widest reading of those that cross themselves."""
        shapes = self.shapes.copy()
        torn = self.areas[~self.valid[self.areas]]
        if len(torn):
            shapes[torn] = readings.all_widest(shapes[torn])
        return np.asarray(measure.area_m2(gpd.GeoSeries(shapes, crs=measure.STORED_CRS)))


@dataclass(frozen=True)
class Subject:
    """The programme that is inspected, its tables as layers, and what checks have made for each other."""

    programme: Programme
    layers: dict[str, Layer]
    plane: pyproj.CRS
    made: dict[str, Any] = field(default_factory=dict)

    def some(self, *names: str) -> list[Layer]:
        """Give the tables named that have rows."""
        return [self.layers[n] for n in names if n in self.layers]


def lay_out(programme: Programme) -> Subject:
    """Lay out the tables of a programme that has a canonical form."""
    frames = {
        n: frame
        for n, schema in tables.TABLES.items()
        if schema.geometry is not None and len(frame := programme.table(n))
    }
    plane = measure.local_plane(_where(frames, programme.policy.extent_deg))
    return Subject(programme, {n: Layer(n, f, plane) for n, f in frames.items()}, plane)


def _where(frames: dict[str, gpd.GeoDataFrame], extent: tuple[float, float, float, float] | None) -> Array:
    """Give the box in which the records lie; a record outside the country does not pull the plane away from it."""
    if not frames:
        return np.zeros(4)
    shapes = np.concatenate([f.geometry.to_numpy() for f in frames.values()])
    boxes = shapely.bounds(usable(shapes))
    boxes = boxes[~np.isnan(boxes).any(axis=1)]
    if extent is not None:
        west, south, east, north = extent
        inside = (boxes[:, 0] >= west) & (boxes[:, 1] >= south) & (boxes[:, 2] <= east) & (boxes[:, 3] <= north)
        boxes = boxes[inside] if inside.any() else boxes
    return np.r_[boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)] if len(boxes) else np.zeros(4)


def usable(shapes: Array) -> Array:
    """Keep what is there, finite and on earth."""
    whole = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    if not np.isfinite(xy).all():
        whole &= np.bincount(owner, ~np.isfinite(xy).all(axis=1), minlength=len(shapes)) == 0
    return readings.only(shapes, whole & tables.on_earth(shapely.bounds(shapes)))
