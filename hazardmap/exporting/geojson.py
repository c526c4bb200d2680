"""A day as GeoJSON (RFC 7946): one collection, each feature saying its layer; what has no place has no geometry.

WGS 84, because GeoJSON knows nothing else. Makes no save atomic: that is `writing`'s.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import shapely

from hazardmap.errors import FileError
from hazardmap.exporting.numbers import DEGREE_DIGITS, rounded
from hazardmap.exporting.product import NOWHERE, NOWHERE_COLUMNS
from hazardmap.sheets.cells import clean
from hazardmap.store.cells import to_cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd

    from hazardmap.exporting.product import Layer, Product


def write_geojson(path: Path, product: Product) -> None:
    """Write a collection into a file that does not exist yet; a feature a line."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(document(product))


def document(product: Product) -> Iterator[str]:
    """Give the collection piece by piece, what it says of itself first."""
    told = product.imprint
    about = {"name": told.title, "description": "\n".join(told.lines), "metadata": told.texts()}
    cleaned = json.dumps(_clean(about), ensure_ascii=False)
    yield f'{{"type": "FeatureCollection", {cleaned[1:-1]}, "features": [\n'
    first = True
    for feature in _features(product):
        yield ("" if first else ",\n") + feature
        first = False
    yield "\n]}\n"


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _clean(v) for k, v in value.items()}
    return clean(value) if isinstance(value, str) else value


def _features(product: Product) -> Iterator[str]:
    for layer in product.layers:
        yield from _of_layer(layer)
    kinds = {c: "date" if c == "date_of_information" else "text" for c in NOWHERE_COLUMNS}
    for row in _rows(product.nowhere, kinds):
        yield _feature(NOWHERE, row, "null")


def _of_layer(layer: Layer) -> Iterator[str]:
    frame = layer.frame
    kinds = {"id": "text", "label": "text", "sign": "text", "sign_in_words": "text"} | dict(layer.kinds)
    shapes, _ = rounded(frame.geometry.to_numpy(), DEGREE_DIGITS)
    for row, geometry in zip(_rows(frame, kinds), shapely.to_geojson(shapes), strict=True):
        yield _feature(layer.name, row, geometry)


def _rows(frame: pd.DataFrame, kinds: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    cells = {c: _values(frame[c], k) for c, k in kinds.items()}
    for row in zip(*cells.values(), strict=True):
        yield dict(zip(cells, row, strict=True))


def _values(values: pd.Series, kind: str) -> list[Any]:
    """Give plain values; sets as lists."""
    if kind in {"ids", "words"}:
        return [[clean(str(t)) for t in v] if v else [] for v in values.tolist()]
    return [clean(v) if isinstance(v, str) else v for v in to_cells(values, kind)]


def _feature(layer: str, row: dict[str, Any], geometry: str) -> str:
    properties = json.dumps({"layer": layer, **row}, ensure_ascii=False, allow_nan=False)
    return f'{{"type": "Feature", "properties": {properties}, "geometry": {geometry}}}'


def check_geojson(path: Path, product: Product) -> None:
    """Read a collection back: every feature of every layer, and every place.

    Raises
    ------
    FileError
        When something is missing.
    """
    found: dict[str, list[int]] = {}
    with path.open(encoding="utf-8") as stream:
        features = json.load(stream)["features"]
    for feature in features:
        counts = found.setdefault(feature["properties"]["layer"], [0, 0])
        counts[0] += 1
        counts[1] += _places(feature["geometry"])
    expected = {
        layer.name: [len(layer), int(shapely.get_num_coordinates(layer.frame.geometry.to_numpy()).sum())]
        for layer in product.layers
        if len(layer)
    }
    if len(product.nowhere):
        expected[NOWHERE] = [len(product.nowhere), 0]
    if found != expected:
        raise FileError(
            f"what was written does not read back: {found}",
            f"{expected} features and places",
            "save again, or elsewhere; what was there is as it was",
        )


def _places(geometry: Any) -> int:
    if geometry is None:
        return 0
    if geometry["type"] == "GeometryCollection":
        return sum(map(_places, geometry["geometries"]))
    pairs = geometry["coordinates"]
    return 1 if geometry["type"] == "Point" else sum(map(_pairs, pairs))


def _pairs(coordinates: Any) -> int:
    return 1 if not isinstance(coordinates[0], list) else sum(map(_pairs, coordinates))
