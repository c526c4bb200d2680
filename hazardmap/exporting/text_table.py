"""A day as a text table that spreadsheets open: a row a feature with WKT, or a row a turning point.

UTF-8 with its mark; a text that a spreadsheet could take for a formula bears an apostrophe. Each row tells its days,
its CRS and the disclaimer, because lines of a text table go their own ways. Makes no save atomic: that is
`writing`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import shapely

from hazardmap import words
from hazardmap.errors import FileError
from hazardmap.exporting.forms import FORMS, written
from hazardmap.exporting.numbers import rounded
from hazardmap.exporting.product import NOWHERE, NOWHERE_COLUMNS
from hazardmap.exporting.turning import turning_points
from hazardmap.sheets.cells import CELL_HOLDS, clean, defused
from hazardmap.store.cells import to_cells

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from hazardmap.exporting.product import Layer, Product
    from hazardmap.exporting.reference import Carried

    Array = NDArray[Any]

#: In a table of turning points told in the first row of each feature alone.
_ONCE = ("crs_operation", "sources", "audience", "written_by")
#: By these columns an older table is known.
OWN_COLUMNS = ("layer", "id", "sign_in_words", "crs_operation", "disclaimer", "written_by")
_SAID = ("id", "label", "sign", "sign_in_words")
_WKT_DIGITS = 30
_AT_ONCE = 20_000
#: So few places are under `CELL_HOLDS` however they are written.
_SURE = 500
_LARGEST_BLOCK = 2**31 - 1
_TURNING, _BETWEEN, _POINT = "turning point", "intermediate point", "point"


def write_csv(path: Path, product: Product, carried: Carried, form: str | None) -> None:
    """Write a table into a file that does not exist yet: with WKT, or with `form` a row a vertex."""
    frames = _features(product, carried) if form is None else _vertices(product, carried, form)
    said = [*_told(product, carried), "form", "form_rounds_m"]
    columns = list(dict.fromkeys(c for frame in frames for c in frame.columns if c not in said))
    columns += [c for c in said if c in frames[-1].columns]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        for number, frame in enumerate(frames):
            whole = frame.reindex(columns=columns)
            for start in range(0, max(len(whole), 1), _AT_ONCE):
                part = whole.iloc[start : start + _AT_ONCE]
                part.to_csv(stream, index=False, header=number == start == 0, lineterminator="\r\n")


def _told(product: Product, carried: Carried) -> dict[str, str | float]:
    """Give what each row says beside its own."""
    told = product.imprint
    return {
        "crs": clean(carried.name),
        "crs_operation": clean(carried.way),
        "crs_accuracy_m": carried.accuracy_m,
        "on": str(told.on),
        "as_of": told.as_of,
        "sources": _plain(told.sources),
        "disclaimer": told.disclaimer,
        "audience": told.texts()["audience"],
        "written_by": told.texts()["written_by"],
    }


def _plain(text: str) -> str:
    return defused(clean(text))


def _columns(layer: Layer) -> pd.DataFrame:
    """Give the columns of a layer as cells of a text table."""
    kinds = dict.fromkeys(_SAID, "text") | dict(layer.kinds)
    cells = {}
    for column, kind in kinds.items():
        values = layer.frame[column]
        if kind in {"ids", "words"}:
            cells[column] = [_plain("; ".join(map(str, v))) if v else None for v in values.tolist()]
        else:
            cells[column] = [_plain(v) if isinstance(v, str) else v for v in to_cells(values, kind)]
    return pd.DataFrame({"layer": layer.name} | cells, index=layer.frame.index, dtype="object")


def _features(product: Product, carried: Carried) -> list[pd.DataFrame]:
    told = _told(product, carried)
    frames = []
    for layer, values in zip(product.layers, carried.shapes, strict=True):
        shapes, _ = rounded(values, carried.digits)
        wkt = shapely.to_wkt(shapes, rounding_precision=_WKT_DIGITS, trim=True) if len(shapes) else []
        frames.append(_columns(layer).assign(wkt=list(wkt), **told))
    return [*frames, _nowhere(product).assign(wkt=None, **told)]


def too_long(carried: Carried) -> int:
    """Count the shapes that no cell of a spreadsheet holds: one that saves the table again would cut them."""
    found = 0
    for values in carried.shapes:
        many = values[shapely.get_num_coordinates(values) > _SURE]
        wkt = shapely.to_wkt(rounded(many, carried.digits)[0], rounding_precision=_WKT_DIGITS) if len(many) else []
        found += sum(len(text) > CELL_HOLDS for text in wkt)
    return found


def _nowhere(product: Product) -> pd.DataFrame:
    """Give the rows without a shape, with the same columns where they have them."""
    kinds = {c: "date" if c == "date_of_information" else "text" for c in NOWHERE_COLUMNS}
    cells = {
        c: [_plain(v) if isinstance(v, str) else v for v in to_cells(product.nowhere[c], k)] for c, k in kinds.items()
    }
    frame = pd.DataFrame({"layer": NOWHERE} | cells, index=product.nowhere.index, dtype="object")
    return frame.rename(columns={"reason": "sign_in_words"})


def _vertices(product: Product, carried: Carried, form: str) -> list[pd.DataFrame]:
    told = _told(product, carried) | {"form": FORMS[form][0], "form_rounds_m": FORMS[form][1]}
    frames = []
    for layer, values in zip(product.layers, carried.shapes, strict=True):
        if not len(values):
            continue
        points = vertices(rounded(values, carried.digits)[0], degrees=carried.crs.is_geographic)
        said = _columns(layer)[["layer", *_SAID, *(c for c in ("accuracy_m", "accuracy_is") if c in layer.kinds)]]
        rows = said.iloc[points.pop("row").to_numpy()].reset_index(drop=True)
        x, y = points.pop("x").to_numpy(), points.pop("y").to_numpy()
        whole = pd.concat([rows, points, written(x, y, form, carried)], axis=1).assign(**told)
        again = ~points[["part", "ring", "vertex"]].eq([1, 0, 1]).all(axis=1)
        whole.loc[again, list(_ONCE)] = None
        whole.loc[again, "disclaimer"] = f"{product.imprint.mark} {words.DISCLAIMER}".strip()
        frames.append(whole)
    return [*frames, _nowhere(product).assign(**told)]


def vertices(shapes: Array, *, degrees: bool) -> pd.DataFrame:
    """List the vertices of shapes: ``row, part, ring, vertex, point_kind, x, y``.

    Parts and vertices are counted from 1, rings from 0 (the outer one); the vertex that closes a ring is not told
    again.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> vertices(np.array([shapely.box(0, 0, 9, 9), shapely.Point(1, 2)]), degrees=False)["vertex"].tolist()
    [1, 2, 3, 4, 1]
    """
    parts, part_of = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) > 3).any():
        parts, index = shapely.get_parts(parts, return_index=True)
        part_of = part_of[index]
    areas = shapely.get_type_id(parts) == 3
    at = np.arange(len(parts))
    found = [
        _of_rings(parts[areas], at[areas], part_of, degrees=degrees),
        _of_others(parts[~areas], at[~areas], part_of),
    ]
    whole = pd.concat(found, ignore_index=True)
    number_of = np.arange(len(parts)) - np.searchsorted(part_of, part_of) + 1
    whole["part"] = number_of[whole["part"].to_numpy(dtype=np.int64)]
    return whole.sort_values(["row", "part", "ring", "vertex"], kind="stable").reset_index(drop=True)


def _of_rings(polygons: Array, part: Array, row_of: Array, *, degrees: bool) -> pd.DataFrame:
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(rings):
        return _empty()
    kept = np.r_[ring[1:] == ring[:-1], False]  # all but the vertex that closes
    xy, ring = xy[kept], ring[kept]
    start = np.searchsorted(ring, np.arange(len(rings)))
    turns = np.zeros(len(xy), dtype=bool)
    for at, places in zip(start, turning_points(rings, degrees=degrees), strict=True):
        turns[at + places] = True
    first = np.searchsorted(polygon, polygon)
    return pd.DataFrame(
        {
            "row": row_of[part[polygon[ring]]],
            "part": part[polygon[ring]],
            "ring": (np.arange(len(rings)) - first)[ring],
            "vertex": np.arange(len(xy)) - start[ring] + 1,
            "point_kind": np.where(turns, _TURNING, _BETWEEN),
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )


def _of_others(shapes: Array, part: Array, row_of: Array) -> pd.DataFrame:
    xy, shape = shapely.get_coordinates(shapes, return_index=True)
    if not len(xy):
        return _empty()
    start = np.searchsorted(shape, shape)
    return pd.DataFrame(
        {
            "row": row_of[part[shape]],
            "part": part[shape],
            "ring": 0,
            "vertex": np.arange(len(xy)) - start + 1,
            "point_kind": _POINT,
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )


def _empty() -> pd.DataFrame:
    kinds = {"row": "int64", "part": "int64", "ring": "int64", "vertex": "int64"}
    return pd.DataFrame({c: [] for c in (*kinds, "point_kind", "x", "y")}).astype(kinds | {"x": "f8", "y": "f8"})


def check_csv(path: Path, product: Product, form: str | None) -> None:
    """Read a table back: as many features of every layer as there are.

    Raises
    ------
    FileError
        When something is missing.
    """
    whole = pa_csv.read_csv(
        path,
        read_options=pa_csv.ReadOptions(block_size=min(path.stat().st_size + 1, _LARGEST_BLOCK), use_threads=False),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            include_columns=["layer", "part", "ring", "vertex"] if form else ["layer"],
            column_types=dict.fromkeys(("layer", "part", "ring", "vertex"), pa.string()),
        ),
    ).to_pandas()
    if form:  # the first vertex of each feature, and what has none
        first = whole["part"].eq("1") & whole["ring"].eq("0") & whole["vertex"].eq("1")
        whole = whole[first | whole["vertex"].eq("")]
    found = whole["layer"].value_counts().to_dict()
    expected = {k: v for k, v in product.counts.items() if v}
    if found != expected:
        raise FileError(
            f"what was written does not read back: {found}",
            f"{expected} features",
            "save again, or elsewhere; what was there is as it was",
        )
