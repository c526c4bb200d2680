"""Read a Shapefile: geometry by GDAL from a checked .shp, attributes from the .dbf byte by byte.

A part that is missing or cut is an error; text is decoded strictly in a stated encoding, never guessed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyogrio
import pyproj

from hazardmap import formats
from hazardmap.errors import CrsError, FileError
from hazardmap.intake import decoding, gdal, shapes
from hazardmap.intake.sheet import Flaw, Sheet

if TYPE_CHECKING:
    from pathlib import Path

_COPY = "copy all its parts again (.shp, .shx, .dbf, .prj, .cpg)"


@dataclass(frozen=True)
class _Field:
    name: str
    kind: str
    start: int
    size: int


def read(path: Path, *, sha256: str, encoding: str | None) -> Sheet:
    """Read a Shapefile.

    Raises
    ------
    FileError
        When a part is missing, cut short, or does not fit the others; when text is beyond ASCII and no encoding is
        stated.
    """
    records = _check_parts(path)
    dbf = _beside(path, ".dbf")
    data = dbf.read_bytes()
    fields, rows, deleted = _dbf(data, dbf.name, records)
    codec = encoding or _stated_encoding(path)
    beyond = next((b for b in (*(f.name.encode("latin1") for f in fields), *rows) if max(b, default=0) >= 0x80), b"")
    if codec is None and beyond:
        shown = decoding.readings(_around(beyond))
        raise FileError(
            f"{dbf.name} holds letters beyond ASCII and no .cpg says in which encoding; one row would read {shown}",
            "a stated encoding",
            "add --encoding, e.g. --encoding cp1251 (Cyrillic), cp1254 (Azerbaijani), cp1250 (Bosnian), UTF-8",
        )
    cells = _cells(fields, rows, codec or "ascii", dbf.name)
    if codec and decoding.known(codec) not in {"utf-8", "ascii"}:
        decoding.refuse_wrong((v for c in cells for v in cells[c] if isinstance(v, str)), dbf.name, codec)
    crs, kinds = _crs(path), _walked(path)
    said: list[str] = []
    with gdal.told(path.name, said):
        gdal.check_driver(path, "ESRI Shapefile", path.name)
        _, fids, blobs, _ = pyogrio.raw.read(path.resolve(), columns=[], return_fids=True)
    given: list[bytes | None] = [None] * records
    for fid, blob in zip(fids, blobs, strict=True):
        given[int(fid)] = blob
    if len(kinds) != records:
        raise FileError(
            f"{path.name} holds {len(kinds):,} shapes, its .shx names {records:,}", "files of one layer", _COPY
        )
    keep = [i for i in range(records) if i not in deleted]
    found, flaws = shapes.from_wkb([given[i] for i in keep])
    for at, i in enumerate(keep):
        if given[i] is None and kinds[i]:  # 0 is how the format says that there is none
            flaws[at] = Flaw(f"a shape of kind {kinds[i]} that GDAL could not read", "a whole shape", "")
    notes = (f"{len(deleted):,} rows are marked as deleted in the .dbf and were left out",) if deleted else ()
    return Sheet(
        name=path.name,
        sha256=sha256,
        kind="Shapefile",
        layer=path.stem,
        cells=cells.iloc[keep].reset_index(drop=True),
        shapes=found,
        flaws=flaws,
        faults={},
        crs=crs,
        counted=len(kinds) - len(deleted),
        short_names=True,
        notes=(*notes, *said),
    )


def _around(row: bytes) -> bytes:
    at = next(i for i, b in enumerate(row) if b >= 0x80)
    return row[max(0, at - 12) : at + 60].strip()


def _beside(path: Path, suffix: str) -> Path:
    found = formats.companion(path, suffix)
    if found is None:
        raise FileError(f"{path.name} comes without its {suffix}", f"{path.stem}{suffix} beside it", _COPY)
    return found


def _check_parts(path: Path) -> int:
    """Give the number of records, after checking that .shp and .shx are whole."""
    shx = _beside(path, ".shx")
    for part in (path, shx):
        with part.open("rb") as file:
            head = file.read(100)
        stated = struct.unpack(">i", head[24:28])[0] * 2 if len(head) == 100 else 0
        size = part.stat().st_size
        if head[:4] != b"\x00\x00\x27\x0a" or stated != size:
            raise FileError(
                f"{part.name} is {size:,} bytes long and says {stated:,}: it is cut or damaged", "whole files", _COPY
            )
    return (shx.stat().st_size - 100) // 8


def _walked(path: Path) -> list[int]:
    """Give the kinds of the shapes in the .shp itself, from one record to the next."""
    data = path.read_bytes()
    position = 100
    kinds: list[int] = []
    while position + 8 <= len(data):
        kinds.append(int.from_bytes(data[position + 8 : position + 12], "little"))
        position += 8 + 2 * int.from_bytes(data[position + 4 : position + 8], "big")
    if position != len(data):
        raise FileError(f"{path.name} ends inside record {len(kinds):,}", "whole files", _COPY)
    return kinds


def _dbf(data: bytes, name: str, records: int) -> tuple[list[_Field], list[bytes], set[int]]:
    if len(data) < 33:
        raise FileError(f"{name} is cut short", "whole files", _COPY)
    count, header, size = struct.unpack("<IHH", data[4:12])
    if count != records:
        raise FileError(f"{name} has {count:,} rows, the .shp {records:,} shapes", "one row for each shape", _COPY)
    if len(data) < header + count * size:
        raise FileError(
            f"{name} is {len(data):,} bytes long and needs {header + count * size:,}: it is cut", "whole files", _COPY
        )
    fields, position, start = [], 32, 1
    while position + 32 <= header and data[position] != 0x0D:
        raw, kind, width = data[position : position + 11], chr(data[position + 11]), data[position + 16]
        if kind == "C":  # some writers use the decimals as the high byte of the width
            width += data[position + 17] << 8
        fields.append(_Field(raw.split(b"\x00", 1)[0].decode("latin1"), kind, start, width))
        position, start = position + 32, start + width
    rows = [data[header + i * size : header + (i + 1) * size] for i in range(count)]
    return fields, rows, {i for i, row in enumerate(rows) if row[:1] == b"*"}


def _stated_encoding(path: Path) -> str | None:
    said = _side_text(path, ".cpg")
    return {"ANSI 1252": "cp1252"}.get(said.upper(), f"cp{said}" if said.isdigit() else said) or None


def _side_text(path: Path, suffix: str) -> str:
    found = formats.companion(path, suffix)
    return found.read_text(encoding="utf-8", errors="replace").strip() if found else ""


def _cells(fields: list[_Field], rows: list[bytes], codec: str, name: str) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {}
    for field in fields:
        raw = [row[field.start : field.start + field.size] for row in rows]
        try:
            title = field.name.encode("latin1").decode(codec)
            columns[title] = pd.Series([_value(v, field.kind, codec) for v in raw], dtype="object")
        except UnicodeDecodeError:
            raise FileError(
                f"{name}: column {field.name!r} is not in the encoding {codec}",
                "the encoding of its text",
                "state the right one, e.g. --encoding cp1251",
            ) from None
        except (LookupError, ValueError):  # a name with a NUL in it
            raise FileError(f"no encoding is named {codec[:40]!r}", "an encoding", "e.g. --encoding cp1251") from None
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows)))


def _value(raw: bytes, kind: str, codec: str) -> Any:
    text = raw.split(b"\x00", 1)[0].decode(codec).strip()
    if not text or (kind in {"N", "F"} and set(text) == {"*"}) or (kind == "D" and set(text) <= {"0", " "}):
        return None
    if kind == "L":
        return {"T": True, "Y": True, "F": False, "N": False}.get(text.upper())
    if kind == "D" and len(text) == 8 and text.isdigit():
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return np.format_float_positional(float(text), trim="-") if kind in {"N", "F"} and "e" in text.lower() else text


def _crs(path: Path) -> pyproj.CRS | None:
    text = _side_text(path, ".prj")
    if not text:
        return None
    try:
        return pyproj.CRS.from_wkt(text)
    except (pyproj.exceptions.CRSError, ValueError):  # a text with a NUL in it
        name = f"{path.stem}.prj"
        raise CrsError(
            f"{name} does not hold a CRS that PROJ knows",
            "a .prj with WKT",
            f"remove {name} and state the CRS: --crs EPSG:…",
        ) from None
