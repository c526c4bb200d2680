"""Read a CSV file that has a column of WKT.

Every cell stays text: ids keep their leading zeros. A row with a cell too many or too few is a row with a fault.
"""

from __future__ import annotations

import csv
import io
import sys
from typing import TYPE_CHECKING

import pandas as pd

from hazardmap.errors import FileError
from hazardmap.intake import counting, shapes
from hazardmap.intake.sheet import CellFault, Sheet
from hazardmap.words import fold

if TYPE_CHECKING:
    from pathlib import Path

_WKT = ("wkt", "geometry", "geom", "the geom", "geometry wkt", "wkt geometry", "wkt geom", "shape")


def read(path: Path, *, sha256: str, encoding: str | None = None) -> Sheet:
    """Read a CSV file; its first line names the columns, one of them WKT.

    Raises
    ------
    FileError
        When it is not text in the encoding, has no WKT column, or names a column twice.
    """
    data = path.read_bytes()
    try:
        text = data.decode(encoding or "utf-8-sig")
    except LookupError:
        raise FileError(f"no encoding is named {encoding!r}", "an encoding", "e.g. --encoding cp1251") from None
    except UnicodeDecodeError as error:
        raise FileError(
            f"{path.name} is not {encoding or 'UTF-8'} text (byte {error.start:,})",
            "text whose encoding is known",
            "add --encoding, e.g. --encoding cp1251",
        ) from None
    separator, header = _header(text, path.name)
    rows = [r for r in _rows(text, separator, path.name) if r][1:]
    size = len(header)
    faults = {
        i: [CellFault("row", f"{len(r)} cells", f"{size} cells, as the header has")]
        for i, r in enumerate(rows)
        if len(r) != size
    }
    at = next(i for i, n in enumerate(header) if fold(n) in _WKT)
    found, flaws = shapes.from_wkt([r[at] if at < len(r) and r[at].strip() else None for r in rows])
    cells = pd.DataFrame(
        {
            n: pd.Series([r[i] if i < len(r) else None for r in rows], dtype="object")
            for i, n in enumerate(header)
            if i != at
        },
        index=pd.RangeIndex(len(rows)),
    )
    return Sheet(
        name=path.name,
        sha256=sha256,
        kind="CSV",
        layer=path.stem,
        cells=cells,
        shapes=found,
        flaws=flaws,
        faults=faults,
        crs=None,
        counted=counting.csv_records(data.removeprefix(b"\xef\xbb\xbf")),
    )


def _header(text: str, name: str) -> tuple[str, list[str]]:
    first = text.lstrip("\r\n").split("\n", 1)[0].rstrip("\r")
    for separator in (",", ";", "\t", "|"):
        header = [c.strip() for c in next(csv.reader([first], delimiter=separator), [])]
        if sum(fold(c) in _WKT for c in header) == 1:
            twice = sorted({c for c in header if header.count(c) > 1})
            if twice or "" in header:
                raise FileError(
                    f"{name} names {', '.join(map(repr, twice)) or 'a column with nothing'}",
                    "a name for each column, once",
                    "correct its first line",
                )
            return separator, header
    raise FileError(
        f"{name} has no column of WKT; its first line is {first[:80]!r}",
        "one column named wkt, geometry or geom",
        "rename that column, or export the layer as GeoPackage or GeoJSON",
    )


def _rows(text: str, separator: str, name: str) -> list[list[str]]:
    limit = csv.field_size_limit(sys.maxsize)  # a polygon can be longer than the module's default of 131,072
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise FileError(
            f"{name} is no whole CSV ({error})", "quotes closed, one record a line", "export it again"
        ) from None
    finally:
        csv.field_size_limit(limit)
