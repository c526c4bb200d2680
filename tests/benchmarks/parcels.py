"""Plots that tile the invented country: neighbours share their corners, the blocks nearest the belts come first.

Every corner is a hash of its place, so any block can be made without the others: ten million plots are written row group by
row group. A plot has 4 to 8 corners and about 4 ha; 3 % are L-shaped, and what is missing there is a second part of another plot. More
than 1,966,080 plots do not fit the country at that size: then all are smaller. `share` keeps few plots to the first part of the belts.
"""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj
import scipy.spatial
import shapely
from pyarrow import parquet

#: West, south, east, north, degrees.
EXTENT = (45.0, 38.6, 48.6, 40.9)
BLOCKS_ACROSS, BLOCKS_UP, CELLS = 48, 40, 32
ROW_GROUP = 65_536
_COSINE = np.cos(np.radians((EXTENT[1] + EXTENT[3]) / 2))
USES = np.array(["agriculture", "pasture", "housing", "road", "school", "forest"], dtype=object)
DEPTH_M = np.array([0.2, np.nan, 0.5, 0.5, 0.5, np.nan])


def belts(seed, share=1.0):
    """Draw five belts across the country, a point about each kilometre, one after the other (degrees): the first `share`."""
    rng = np.random.default_rng([seed, 1])
    west, south, east, north = EXTENT
    along = np.linspace(-1, 1, 250)
    lines = []
    for heading in np.pi * (np.arange(5) + rng.uniform(0, 0.6, 5)) / 5:
        wiggle = sum(rng.normal(0, 0.09) * np.sin(k * np.pi * along + rng.uniform(0, 6)) for k in (1, 2, 3, 5))
        line = np.column_stack([along, wiggle + rng.uniform(-0.4, 0.4)])
        turned = line @ np.array([[np.cos(heading), np.sin(heading)], [-np.sin(heading), np.cos(heading)]])
        lines.append(0.5 + 0.45 * turned[(np.abs(turned) < 0.93).all(axis=1)])
    points = np.concatenate(lines) * [east - west, north - south] + [west, south]
    return points[: max(2, round(len(points) * share))]


def cells_a_side(count):
    """Say how many plots a side a block has, so that `count` of them fit the country."""
    return max(CELLS, int(np.ceil(np.sqrt(count / (BLOCKS_ACROSS * BLOCKS_UP)))))


def blocks(seed, share):
    """Give the blocks of the country, column and row, the nearest to a belt first."""
    west, south, east, north = EXTENT
    column, row = np.meshgrid(np.arange(BLOCKS_ACROSS), np.arange(BLOCKS_UP))
    column, row = column.ravel(), row.ravel()
    middle = np.column_stack(
        [west + (column + 0.5) * (east - west) / BLOCKS_ACROSS, south + (row + 0.5) * (north - south) / BLOCKS_UP]
    )
    away = scipy.spatial.cKDTree(belts(seed, share) * [_COSINE, 1]).query(middle * [_COSINE, 1])[0]
    order = np.argsort(away, kind="stable")
    return column[order], row[order]


def _noise(i, j, salt, seed):
    """Give a number from -1 to 1 for a place of the grid: a hash, the same whoever asks."""
    value = i.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + j.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
    value += np.uint64((salt * 0x165667B19E3779F9 + seed * 0x27D4EB2F165667C5) % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        value = (value ^ (value >> np.uint64(shift))) * np.uint64(factor)
    return (value ^ (value >> np.uint64(31))).astype(np.float64) / 2.0**63 - 1


def _shapes(i, j, cells, seed):
    """Draw the plots at columns i and rows j of the grid."""
    west, south, east, north = EXTENT
    size = np.array([(east - west) / (BLOCKS_ACROSS * cells), (north - south) / (BLOCKS_UP * cells)])

    def corner(di, dj):
        moved = [_noise(i + di, j + dj, salt, seed) for salt in (1, 2)]
        return np.column_stack([i + di + 0.15 * moved[0], j + dj + 0.15 * moved[1]])

    def bend(a, b, di, dj, salt):
        """Give the point halfway along an edge and whether the edge bends there."""
        shift = _noise(i + di, j + dj, salt, seed)
        out = np.zeros((len(i), 2))
        out[:, 1 if salt == 3 else 0] = 0.06 * np.where(shift > 0, shift, 0)
        return (a + b) / 2 + out, shift > 0

    sw, se, ne, nw = corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)
    (s, on_s), (e, on_e), (n, on_n), (w, on_w) = (
        bend(sw, se, 0, 0, 3),
        bend(se, ne, 1, 0, 4),
        bend(nw, ne, 0, 1, 3),
        bend(sw, nw, 0, 0, 4),
    )
    inner = (sw + se + ne + nw) / 4
    # The corner that an L lacks is given to the plot two to the east, in the same block.
    bent = (_noise(i, j, 5, seed) > 0.94) & (i % cells < cells - 2) & (np.arange(len(i)) + 2 < len(i))
    ring = np.stack([sw, s, se, e, np.where(bent[:, None], inner, ne), n, nw, w], axis=1) * size + [west, south]
    kept = np.column_stack(
        [np.ones_like(on_s), on_s, np.ones_like(on_s), on_e, np.ones_like(on_s), on_n, np.ones_like(on_s), on_w]
    )
    kept[:, [3, 5]] |= bent[:, None]
    shapes = shapely.polygons(shapely.linearrings(ring[kept], indices=np.repeat(np.arange(len(i)), kept.sum(axis=1))))
    given = shapely.polygons(np.stack([e, ne, n, inner], axis=1)[bent] * size + [west, south])
    takers = np.flatnonzero(bent) + 2
    shapes[takers] = shapely.multipolygons(
        np.column_stack([shapes[takers], given]).ravel(), indices=np.repeat(np.arange(len(takers)), 2)
    )
    return shapes


def groups(count, *, seed=7, share=1.0):
    """Make the plots in groups of whole blocks, each a GeoDataFrame."""
    cells = cells_a_side(count)
    column, row = blocks(seed, share)
    at_once = max(1, ROW_GROUP // cells**2)
    down, across = np.divmod(np.arange(cells**2), cells)
    for first in range(0, len(column), at_once):
        start = first * cells**2
        if start >= count:
            return
        mine = slice(first, first + at_once)
        i = (column[mine, None] * cells + across).ravel()[: count - start]
        j = (row[mine, None] * cells + down).ravel()[: count - start]
        use = (np.abs(_noise(i, j, 6, seed)) * len(USES)).astype(int)
        number = np.arange(start + 1, start + len(i) + 1)
        district = (j * 7 // (BLOCKS_UP * cells)) * 10 + i * 10 // (BLOCKS_ACROSS * cells)
        yield gpd.GeoDataFrame(
            {
                "plot_id": np.char.mod("P-%08d", number).astype(object),
                "cadastre_no": np.char.mod("%d", number * 7).astype(object),
                "use": USES[use],
                "required_depth_m": DEPTH_M[use],
                "district": np.char.mod("D-%06d", district + 1).astype(object),
            },
            geometry=_shapes(i, j, cells, seed),
            crs=4326,
        )


def plots(count, *, seed=7, share=1.0):
    """Make all plots at once."""
    return pd.concat(groups(count, seed=seed, share=share), ignore_index=True)


def write(path, count, *, seed=7, share=1.0):
    """Write plots to GeoParquet, one row group at a time."""
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {
                "encoding": "WKB",
                "geometry_types": ["MultiPolygon", "Polygon"],
                "crs": pyproj.CRS(4326).to_json_dict(),
                "bbox": list(EXTENT),
            }
        },
    }
    writer = None
    for frame in groups(count, seed=seed, share=share):
        table = pa.table(
            {
                **{c: pa.array(frame[c], from_pandas=True) for c in frame.columns.drop("geometry")},
                "geometry": pa.array(shapely.to_wkb(frame.geometry.to_numpy()), type=pa.binary()),
            },
            metadata={"geo": json.dumps(geo)},
        )
        writer = writer or parquet.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=len(table))
    writer.close()
