"""The findings as layers: a GeoPackage of fault points and lines that QGIS opens styled, and GeoJSON.

Every finding is a row of one layer, those without a place of a layer without shapes. Makes no save atomic: that is
`findings`'s.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hazardmap.errors import FileError
from hazardmap.inspection import CHECKS, COLUMNS
from hazardmap.sheets.cells import clean
from hazardmap.sheets.findings_telling import about
from hazardmap.store.cells import Stored, to_cells
from hazardmap.store.gpkg_writing import write_geopackage
from hazardmap.store.symbology import AMBER, GREY, RED, Look, Part, Rule

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from hazardmap.programme import Programme

    Array = NDArray[Any]

LAYERS = ("fault_points", "fault_lines", "faults_without_place")
ABOUT, NAME = "about", "hazardmap findings"
#: How our GeoJSON begins, by which older findings are known.
GEOJSON_HEAD = f'{{"type": "FeatureCollection", "name": "{NAME}"'
_PLACED = LAYERS[:2]
_ORDER = "array_find(array('error', 'warning', 'note'), \"severity\")"
_COLOURS = {"error": RED, "warning": AMBER, "note": GREY}
_SHAPES = {"error": "star", "warning": "triangle", "note": "circle"}
_TOLD = "marker and colour are the severity of the finding"


def _look(parts: dict[str, tuple[Part, ...]]) -> Look:
    rules = tuple(Rule(s, p, (("severity", (s,)),)) for s, p in parts.items())
    return Look((("Findings", rules),), "\"check\" || ' ' || coalesce(\"record_id\", '')", _TOLD, _ORDER)


_LOOKS = {
    LAYERS[0]: _look({s: (Part("marker", c, width_mm=4.0, shape=_SHAPES[s]),) for s, c in _COLOURS.items()}),
    LAYERS[1]: _look(
        {
            s: (Part("line", "#FFFFFF", width_mm=1.6), Part("line", c, width_mm=1.0, style=style))
            for (s, c), style in zip(_COLOURS.items(), ("solid", "dash", "dot"), strict=True)
        }
    ),
}


def write_gpkg(path: Path, findings: gpd.GeoDataFrame, programme: Programme) -> None:
    """Write the layers with their styles, and the table ``about``, into a file that does not exist yet."""
    shapes = findings.geometry.to_numpy()
    kinds = dict.fromkeys((*COLUMNS, "do"), "text") | {"size": "number"}
    told = pd.DataFrame(findings.drop(columns=findings.geometry.name))
    told["row"] = told["row"].map(str, na_action="ignore").astype("str")
    told["do"] = told["check"].map({k: c.do for k, c in CHECKS.items()}).astype("str")
    for column in kinds:
        if kinds[column] == "text":
            told[column] = told[column].map(clean, na_action="ignore").astype("str")
    layers = []
    for name, at in zip(LAYERS, _by_layer(shapes), strict=True):
        cells = {c: to_cells(told[c].iloc[at], k) for c, k in kinds.items()}
        layers.append(Stored(name, kinds, cells, _plain_lines(shapes[at]) if name in _PLACED else None))
    texts = {k: clean(v) for k, v in about(programme).items()}
    write_geopackage(path, layers, texts, looks=_LOOKS, described_in=ABOUT)


def _by_layer(shapes: Array) -> tuple[Array, Array, Array]:
    kind = shapely.get_type_id(shapes)
    placed = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return np.flatnonzero(placed & (kind == 0)), np.flatnonzero(placed & (kind > 0)), np.flatnonzero(~placed)


def _plain_lines(shapes: Array) -> Array:
    """Turn rings into lines, which is what files know."""
    rings = shapely.get_type_id(shapes) == 2
    out = shapes.copy()
    xy, owner = shapely.get_coordinates(shapes[rings], return_index=True)
    out[rings] = shapely.linestrings(xy, indices=owner)
    return np.asarray(out, dtype=object)


def check_gpkg(path: Path, findings: pd.DataFrame) -> None:
    """Read back what was written.

    Raises
    ------
    FileError
        When it does not hold every finding.
    """
    with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
        sound = db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        found = [db.execute(f"SELECT count(*) FROM {n}").fetchone()[0] for n in LAYERS] if sound else []  # noqa: S608 (ours)
    _compare(sum(found), findings)


def write_geojson(path: Path, findings: gpd.GeoDataFrame, programme: Programme) -> None:
    """Write a feature a finding, with the description as members of the collection."""
    shapes = _plain_lines(findings.geometry.to_numpy())
    columns = [c for c in COLUMNS if c != "row"]
    cells = {c: to_cells(findings[c], "number" if c == "size" else "text") for c in columns}
    cells["row"] = [None if v is None else str(v) for v in findings["row"]]
    geometries = shapely.to_geojson(shapes)
    head = {"type": "FeatureCollection", "name": NAME, **{k: clean(v) for k, v in about(programme).items()}}
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{json.dumps(head, ensure_ascii=False)[:-1]}, "features": [')
        for i, (geometry, *values) in enumerate(zip(geometries, *cells.values(), strict=True)):
            told = {c: clean(v) if isinstance(v, str) else v for c, v in zip(cells, values, strict=True)}
            file.write(",\n" if i else "\n")
            properties = json.dumps(told, ensure_ascii=False, allow_nan=False)
            file.write(f'{{"type": "Feature", "geometry": {geometry or "null"}, "properties": {properties}}}')
        file.write("\n]}\n")


def check_geojson(path: Path, findings: pd.DataFrame) -> None:
    """Read back what was written.

    Raises
    ------
    FileError
        When it does not hold every finding.
    """
    with path.open(encoding="utf-8") as file:
        _compare(len(json.load(file)["features"]), findings)


def _compare(count: int, findings: pd.DataFrame) -> None:
    if count != len(findings):
        raise FileError(
            "what was written does not read back",
            "every finding",
            "save again, or elsewhere; what was there is as it was",
        )
