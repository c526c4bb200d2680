"""The plane cut once by every recorded boundary: cells, and which shapes cover each cell.

Within a cell nothing changes, so the rule of the ground is asked once for each. No polygon is ever subtracted from
another: boundaries are noded together on the 1 mm grid and read as faces, so no ground is lost (trust.md, finding 3)
and neighbours share their edges exactly. Knows shapes; knows no dates, hazards or releases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hazardmap.errors import GeometryError
from hazardmap.measure import GRID_M, NOISE_WIDTH_M, width_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: A face's test point lies at least this far inside it, where the face is wide enough at all.
_CLEARANCE_M = 0.005


@dataclass(frozen=True)
class Arrangement:
    """Disjoint cells and the pairs (cell, shape) that say what covers them, sorted by cell."""

    cells: Array
    cell: Array
    shape: Array


def arrange(shapes: Array) -> Arrangement:
    """Cut the plane by the boundaries of all shapes.

    Parameters
    ----------
    shapes
        Valid plane polygons in metres; None is passed over.

    Returns
    -------
    Arrangement
        One cell for each combination of shapes met within a cluster (its parts may lie apart). Cells narrower than
        `measure.NOISE_WIDTH_M` are given to the neighbour with which they share the longest edge, unless a shape
        would lose all its ground by it.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> cut = arrange(np.array([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)]))
    >>> sorted(zip(cut.cell.tolist(), cut.shape.tolist())), [c.area for c in cut.cells]
    ([(0, 0), (1, 0), (1, 1), (2, 1)], [1.0, 1.0, 1.0])
    """
    present = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    polygons = shapes[present]
    cluster = _clusters(polygons)
    size = np.bincount(cluster, minlength=1)
    alone = size[cluster] == 1 if len(cluster) else np.zeros(0, dtype=bool)
    faces, face_cluster = _faces(polygons[~alone], cluster[~alone], present[~alone])
    covered, by = _covers(faces, polygons[~alone])
    cells, cell, shape = _merge(faces, face_cluster, covered, by)
    count = len(cells)
    cell = np.concatenate([cell, count + np.arange(alone.sum())])
    shape = np.concatenate([present[~alone][shape], present[alone]])
    cells = np.concatenate([cells, polygons[alone]])
    return _ordered(cells, cell, shape)


def _ordered(cells: Array, cell: Array, shape: Array) -> Arrangement:
    """Order cells by the shapes that cover them, so that the order of the answer is the order of the records."""
    order = np.lexsort((shape, cell))
    cell, shape = cell[order], shape[order]
    signature = [tuple(part) for part in np.split(shape, np.flatnonzero(np.diff(cell)) + 1)] if len(cell) else []
    rank = np.empty(len(cells), dtype=np.int64)
    rank[sorted(range(len(cells)), key=lambda i: signature[i])] = np.arange(len(cells))
    arranged = np.empty(len(cells), dtype=object)
    arranged[rank] = cells
    order = np.lexsort((shape, rank[cell])) if len(cell) else np.zeros(0, dtype=np.int64)
    return Arrangement(
        arranged, rank[cell][order] if len(cell) else cell.astype(np.int64), shape[order].astype(np.int64)
    )


def _clusters(polygons: Array) -> Array:
    """Find the groups of shapes that touch each other, directly or through others."""
    count = len(polygons)
    if not count:
        return np.zeros(0, dtype=np.int64)
    a, b = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _faces(polygons: Array, cluster: Array, position: Array) -> tuple[Array, Array]:
    """Node all boundaries of each cluster on the grid and read the faces between them."""
    faces: list[Array] = []
    owners: list[Array] = []
    order = np.argsort(cluster, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(cluster[order])) + 1) if len(order) else []:
        try:
            lines = shapely.union_all(shapely.boundary(polygons[members]), grid_size=GRID_M)
            found = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
        except shapely.errors.GEOSException as error:
            raise GeometryError(
                f"{len(members)} overlapping shapes cannot be cut by each other ({error}); records at positions"
                f" {', '.join(map(str, position[members][:5]))}",
                "polygons that can be noded on a 1 mm grid",
                "run hazardmap validate and correct these records",
            ) from None
        faces.append(found)
        owners.append(np.full(len(found), cluster[members[0]]))
    if not faces:
        return np.zeros(0, dtype=object), np.zeros(0, dtype=np.int64)
    return np.concatenate(faces), np.concatenate(owners)


def inner_points(faces: Array) -> Array:
    """Give a point well inside each polygon: never in a neck of it when it is wider elsewhere."""
    points = np.asarray(shapely.point_on_surface(faces), dtype=object)
    tight = shapely.distance(points, shapely.boundary(faces)) < _CLEARANCE_M
    if tight.any():
        points[tight] = shapely.get_point(shapely.maximum_inscribed_circle(faces[tight], tolerance=GRID_M / 10), 0)
    return points


def _covers(faces: Array, polygons: Array) -> tuple[Array, Array]:
    if not len(faces):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    by, covered = shapely.STRtree(inner_points(faces)).query(polygons, predicate="intersects")
    order = np.lexsort((by, covered))
    return covered[order], by[order]


def _merge(faces: Array, cluster: Array, covered: Array, by: Array) -> tuple[Array, Array, Array]:
    """Join the faces of a cluster that the same shapes cover; give slivers to a neighbour first."""
    if not len(covered):
        return np.zeros(0, dtype=object), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.r_[True, covered[1:] != covered[:-1]])
    signature = dict(zip(covered[starts].tolist(), map(tuple, np.split(by, starts[1:])), strict=True))
    groups: dict[tuple[int, tuple[int, ...]], list[int]] = {}
    for face, shapes in signature.items():
        groups.setdefault((int(cluster[face]), shapes), []).append(face)
    cells = {key: _joined(faces[members]) for key, members in groups.items()}
    cells = _without_slivers(cells)
    merged = np.empty(len(cells), dtype=object)
    merged[:] = list(cells.values())
    counts = [len(shapes) for _, shapes in cells]
    return (
        merged,
        np.repeat(np.arange(len(cells)), counts),
        np.array([s for _, shapes in cells for s in shapes], dtype=np.int64),
    )


def _joined(parts: Array) -> Any:
    return parts[0] if len(parts) == 1 else shapely.coverage_union_all(parts)


def _without_slivers(cells: dict[tuple[int, tuple[int, ...]], Any]) -> dict[tuple[int, tuple[int, ...]], Any]:
    keys = list(cells)
    parts, owner = shapely.get_parts(np.array(list(cells.values()), dtype=object), return_index=True)
    thin = width_m(parts) < NOISE_WIDTH_M
    if not thin.any():
        return cells
    broad = {shape for i in owner[~thin] for shape in keys[i][1]}
    tree = shapely.STRtree(parts[~thin])
    neighbours = np.flatnonzero(~thin)
    for sliver in np.flatnonzero(thin):
        if not broad.issuperset(keys[owner[sliver]][1]):
            continue  # a shape that is nothing but a sliver keeps its ground
        near = neighbours[tree.query(parts[sliver], predicate="intersects")]
        near = near[[keys[owner[n]][0] == keys[owner[sliver]][0] for n in near]] if len(near) else near
        if len(near):
            shared = shapely.length(
                shapely.intersection(shapely.boundary(parts[near]), shapely.boundary(parts[sliver]))
            )
            owner[sliver] = owner[near[int(np.argmax(shared))]]
    order = np.argsort(owner, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(owner[order]) != 0])
    members = np.split(parts[order], starts[1:])
    return {keys[i]: _joined(group) for i, group in zip(owner[order][starts], members, strict=True)}
