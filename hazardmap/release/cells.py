"""The cells of a programme: its records cut by each other's boundaries once, and what covers each cell.

Knows the records and the arrangement; decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap import measure
from hazardmap.release.arrangement import arrange
from hazardmap.release.records import Cover

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.release.records import Records

    Array = NDArray[Any]


@dataclass(frozen=True)
class Cells:
    """Disjoint ground in the plane, each cell covered by the same records all over."""

    ground: Array
    cover: Cover

    def __len__(self) -> int:
        return len(self.ground)


def cut(records: Records) -> Cells:
    """Cut the ground of all records into cells."""
    shapes = records.shapes
    tables = (shapes.versions, shapes.releases, shapes.surveys, shapes.discs)
    arranged = arrange(np.concatenate(tables))
    pairs = []
    for low, high in pairwise(np.cumsum([0, *(len(t) for t in tables)])):
        mine = (arranged.shape >= low) & (arranged.shape < high)
        pairs.append((arranged.cell[mine], arranged.shape[mine] - low))
    return Cells(arranged.cells, Cover(*pairs))


def areas_m2(records: Records, cells: Cells) -> Array:
    """Measure the cells on the ellipsoid."""
    return np.asarray(measure.area_m2(measure.from_plane(cells.ground, records.plane)))
