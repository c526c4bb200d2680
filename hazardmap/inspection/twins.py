"""Records that are there twice: the same id in another writing, the same outline, the same point.

Knows ids and shapes; whether two records mean one piece of ground, a person decides.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hazardmap import tables
from hazardmap.inspection.findings import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hazardmap.inspection.catalogue import Thresholds
    from hazardmap.inspection.subject import Layer, Subject

    Array = NDArray[Any]

#: Coordinates are compared to so many decimals of a degree: a millimetre.
_DECIMALS = 8
_OUTLINES = ("hazards", "releases", "surveys", "plots", "districts")
#: Cyrillic letters that look like Latin ones; typed by mistake on keyboards with both.
_LOOKS = str.maketrans("АВЕКМНОРСТУХІЈЅаеорсухіјѕ", "ABEKMHOPCTYXIJSaeopcyxijs")
_UNSEEN = re.compile("[\\x00-\\x1f\\x7f\\xad\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2064\\ufeff]")


def written_alike(text: str) -> str:
    """Bring an id to the form in which writings are compared: case, spaces and look-alike letters make no difference.

    Examples
    --------
    >>> written_alike(" h-001 ") == written_alike("Н-001")  # the second begins with a Cyrillic letter
    True
    >>> written_alike("H-001") == written_alike("H-01")
    False
    """
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).translate(_LOOKS)
    return "".join(seen.casefold().split())


def similar_ids(subject: Subject, _limits: Thresholds) -> Iterator[Found]:
    """Find ids of one table that are different texts and the same to the eye."""
    for layer in subject.layers.values():
        if not tables.table(layer.name).key:
            continue
        ids = pd.Series(layer.ids)
        once = ids[ids.str.strip().ne("")].drop_duplicates()
        alike = once.map(written_alike)
        several = alike[alike.duplicated(keep=False)]
        known = pd.DataFrame({"id": once[several.index], "alike": several}).sort_values(["alike", "id"])
        first = known.groupby("alike")["id"].transform("first")
        later = known[known["id"].ne(first)]
        yield Found(
            check="similar_id",
            layer=layer,
            at=later.index.to_numpy(),
            found=[f"{_told(i)}, beside {_told(o)}" for i, o in zip(later["id"], first[later.index], strict=True)],
            expected="one writing of an id",
            other=first[later.index].tolist(),
        )


def _told(text: str) -> str:
    return repr(text) if text.isascii() else f"{text!r} ({ascii(text)[1:-1]})"


def same_outlines(subject: Subject, _limits: Thresholds) -> Iterator[Found]:
    """Find records with the same outline, whatever its first vertex and its direction.

    Versions of one hazard, and a hazard and the one that took its place, may have the same.
    """
    for layer in subject.some(*_OUTLINES):
        rounded = shapely.transform(layer.shapes[layer.areas], lambda xy: np.round(xy, _DECIMALS) + 0.0)
        # A polygon and a multipolygon of it alone are one outline: files differ in which of the two they hold.
        alone = shapely.get_num_geometries(rounded) == 1
        rounded[alone] = shapely.get_geometry(rounded[alone], 0)
        plain = shapely.normalize(_without_repeated(rounded))
        at, other = _twins(layer, layer.areas, shapely.to_wkb(plain))
        yield Found(
            check="duplicate_geometry",
            layer=layer,
            at=at,
            found=[f"the same outline as {i}" for i in layer.ids[other]],
            expected="one outline for one record",
            other=layer.ids[other].tolist(),
        )


def _without_repeated(shapes: Array) -> Array:
    """Take out vertices that repeat the one before; a shape of which a ring is all one place stays as it is."""
    try:
        return np.asarray(shapely.remove_repeated_points(shapes), dtype=object)
    except shapely.errors.GEOSException:  # GEOS refuses a ring of which too little would be left
        if len(shapes) == 1:
            return shapes
        half = len(shapes) // 2
        return np.concatenate([_without_repeated(shapes[:half]), _without_repeated(shapes[half:])])


def same_points(subject: Subject, _limits: Thresholds) -> Iterator[Found]:
    """Find records that lie on the same point."""
    for layer in subject.some("hazards", "finds"):
        xy = np.round(shapely.get_coordinates(layer.shapes[layer.points]), _DECIMALS) + 0.0
        at, other = _twins(layer, layer.points, np.array([row.tobytes() for row in xy], dtype=object))
        yield Found(
            check="duplicate_point",
            layer=layer,
            at=at,
            found=[f"the same point as {i}" for i in layer.ids[other]],
            expected="a place of its own, or one record",
            other=layer.ids[other].tolist(),
        )


def _twins(layer: Layer, rows: Array, shape: Array) -> tuple[Array, Array]:
    """Give the rows with the shape of another record, and of each the first by id that has it."""
    known = pd.DataFrame({"at": rows, "shape": shape, "id": layer.ids[rows]})
    if layer.name == "hazards":  # versions of one hazard
        known = known.drop_duplicates(["shape", "id"])
    known = known[known.duplicated("shape", keep=False)].sort_values(["shape", "id"], kind="stable")
    first = known.groupby("shape")["at"].transform("first").to_numpy(dtype=np.int64)
    at = known["at"].to_numpy(dtype=np.int64)
    later = at != first
    at, first = at[later], first[later]
    if layer.name == "hazards" and len(at):
        heirs = layer.frame["superseded_by"].to_numpy()
        ids = layer.ids
        apart = [ids[i] not in heirs[j] and ids[j] not in heirs[i] for i, j in zip(at, first, strict=True)]
        at, first = at[apart], first[apart]
    return at, first
