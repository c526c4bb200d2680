"""Read a layer of a File Geodatabase by GDAL; the header of its table counts the rows a second time.

Files of the folder that are links are refused: they could lie anywhere. Tables without shapes are told.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyogrio

from hazardmap.errors import FileError
from hazardmap.intake import curves, gdal, layers, shapes
from hazardmap.intake.sheet import Flaw, Sheet

if TYPE_CHECKING:
    from pathlib import Path

_DRIVER = "OpenFileGDB"
_AGAIN = "copy the whole folder again, or ask for it"


def fingerprint(path: Path) -> str:
    """Give one SHA-256 for all files of the folder, in the order of their names."""
    digest = hashlib.sha256()
    for file in sorted(path.iterdir()):
        if file.is_file() and not file.name.endswith(".lock"):
            digest.update(file.name.encode("utf-8", "surrogateescape") + b"\0")
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def read(path: Path, *, sha256: str, layer: str | None, wanted: str) -> Sheet:
    """Read a layer; when the geodatabase has several with rows, the one named, or the one named like the table.

    Raises
    ------
    FileError
        When it is damaged, has no layer with rows, or has several and none is named.
    """
    counts, bare = _counts(path)
    name, others = layers.chosen(path.name, counts, layer, wanted)
    found = gdal.read(path, _DRIVER, name=path.name, layer=name)
    notes: list[str] = []
    with gdal.told(path.name, notes):  # whole numbers with gaps keep all their digits only this way
        meta, table = pyogrio.read_arrow(path.resolve(), layer=name, return_fids=True)
    cells, blobs = _whole(found, table, meta["geometry_name"] or "wkb_geometry")
    blobs, arcs = curves.straightened(blobs)
    drawn, flaws = shapes.from_wkb(blobs)
    for note in found.notes:
        if "geometry" in note.casefold():  # which row it was GDAL does not say: every one without shape is in doubt
            lost = [i for i, b in enumerate(blobs) if b is None]
            flaws |= {i: Flaw("a shape that GDAL could not read", "a whole shape", note) for i in lost}
    tables = [f"tables without shapes are left out: {', '.join(bare)}"] if bare else []
    return Sheet(
        name=path.name,
        sha256=sha256,
        kind="File Geodatabase",
        layer=name,
        cells=cells,
        shapes=drawn,
        flaws=flaws,
        faults={},
        crs=found.crs,
        counted=counts[name],
        notes=(*layers.unread(others), *tables, *curves.told(arcs), *found.notes, *notes),
    )


def layer_counts(path: Path) -> dict[str, int]:
    """Give the layers that have rows, with their rows."""
    return {n: c for n, c in _counts(path)[0].items() if c}


def _counts(path: Path) -> tuple[dict[str, int], list[str]]:
    links = [f.name for f in path.iterdir() if f.is_symlink() or not f.is_file()]
    if links:
        raise FileError(
            f"{path.name} holds links or folders: {', '.join(links[:5])}", "a folder of plain files", _AGAIN
        )
    notes: list[str] = []
    with gdal.told(path.name, notes):
        gdal.check_driver(path, _DRIVER, path.name)
        listed = pyogrio.list_layers(path.resolve())
        _, ids, _, values = pyogrio.raw.read(
            path.resolve(),
            layer="GDB_SystemCatalog",
            columns=["Name"],
            read_geometry=False,
            return_fids=True,
            LIST_ALL_TABLES="YES",
        )
    catalogue = {str(n): int(i) for n, i in zip(values[0], ids, strict=True)}
    counts = {str(n): _header_count(path, catalogue.get(str(n)), str(n)) for n, kind in listed if kind is not None}
    bare = [str(n) for n, kind in listed if kind is None]
    return counts, bare


def _header_count(path: Path, number: int | None, name: str) -> int:
    """Give the number of rows that the header of a table states."""
    file = path / f"a{number or 0:08x}.gdbtable"
    head = file.read_bytes()[:40] if file.is_file() else b""
    if len(head) < 40 or file.stat().st_size < struct.unpack_from("<Q", head, 24)[0]:
        raise FileError(f"{path.name}: the table of layer {name!r} is missing or cut short", "whole files", _AGAIN)
    (version,) = struct.unpack_from("<I", head, 0)
    return int(struct.unpack_from("<I", head, 4)[0] if version == 3 else struct.unpack_from("<Q", head, 16)[0])


def _whole(found: gdal.Read, table: Any, geometry: str) -> tuple[pd.DataFrame, list[bytes | None]]:
    """Put back what GDAL's plain reading changes: whole numbers beside empty cells become floats, arcs coarse lines."""
    known = {*found.cells, geometry}
    key = next((c for c in table.column_names if c not in known), None)
    if key is None or table.column(key).to_pylist() != found.fids or geometry not in table.column_names:
        return found.cells, found.blobs
    changed = found.cells.copy()
    for name in found.cells:
        if name in table.column_names and str(table.schema.field(name).type).startswith("int"):
            changed[name] = pd.Series(table.column(name).to_pylist(), dtype="object")
    return changed, table.column(geometry).to_pylist()
