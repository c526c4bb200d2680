"""Read a text table: cells apart by comma, semicolon, tab or bar, a line that names the columns above them.

Every cell stays text: ids keep their leading zeros. A row with a cell too many or too few is a row with a fault. Where
the rows lie is none of its business: see positioning.py.
"""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from hazardmap.errors import FileError
from hazardmap.intake import counting, decoding, headings
from hazardmap.intake.sheet import CellFault, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE = 60
_BOM = b"\xef\xbb\xbf"


def read(path: Path, *, sha256: str, encoding: str | None = None, header_row: int | None = None) -> Sheet:
    r"""Read a text table, all of its columns as cells.

    Parameters
    ----------
    path, sha256
        The file and its fingerprint.
    encoding
        As stated; None: UTF-8, or UTF-16 with a byte order mark.
    header_row
        The line of the file that names the columns, from 1; None: the first that is not blank.

    Raises
    ------
    FileError
        When it is not text in the encoding, no whole CSV, its first line is a title, or it names a column twice.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "a.csv")
    ...     _ = file.write_text("id;lon;lat\n007;46,9;39,9\n", encoding="utf-8")
    ...     sheet = read(file, sha256="")
    >>> sheet.cells.to_dict("list"), sheet.counted
    ({'id': ['007'], 'lon': ['46,9'], 'lat': ['39,9']}, 1)
    """
    data = path.read_bytes()
    text = decoding.decoded(data, path.name, encoding)
    limit = csv.field_size_limit(sys.maxsize)  # a polygon can be longer than the module's default of 131,072
    try:
        separator = _separator(text)
        records = list(_records(text, separator))
    except csv.Error as error:
        raise FileError(
            f"{path.name} is no whole CSV ({error})", "quotes closed, one record a line", "export it again"
        ) from None
    finally:
        csv.field_size_limit(limit)
    at = headings.row_at([n for n, _ in records], header_row, path.name, "line")
    if header_row is None:
        headings.refuse_title([(n, [c.strip() for c in r]) for n, r in records[:_SAMPLE]], path.name, "line")
    names = [c.strip() for c in records[at][1]] if records else []
    rows = [r for _, r in records[at + 1 :]]
    size = len(names)
    faults = {
        i: [CellFault("row", f"{len(r)} cells", f"{size} cells, as the header has")]
        for i, r in enumerate(rows)
        if len(r) != size
    }
    columns: list[list[str | None]] = [[r[i] if i < len(r) else None for r in rows] for i in range(size)]
    more = [" | ".join(r[size:]) or None for r in rows] if any(len(r) > size for r in rows) else None
    flat = data[:2] in {b"\xff\xfe", b"\xfe\xff"} or encoding is not None
    counted = counting.csv_records(text.encode("utf-8", "surrogatepass") if flat else data.removeprefix(_BOM))
    return Sheet(
        name=path.name,
        sha256=sha256,
        kind="CSV",
        layer=path.stem,
        cells=headings.frame(names, columns, path.name, "line", more=more),
        **headings.placeless(len(rows)),
        faults=faults,
        counted=counted - at,
        notes=headings.above([(n, r) for n, r in records[:at]], "line"),
        lines=tuple(n for n, _ in records[at + 1 :]),
    )


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Give each record that is not blank with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    for record in reader:
        if record:
            yield line, record
        line = reader.line_num + 1


def _separator(text: str) -> str:
    """Choose the mark that cuts most of the first records into the same number of cells, more than one."""
    scores = []
    for separator in _SEPARATORS:
        try:
            sizes = Counter(len(r) for _, r in islice(_records(text, separator), _SAMPLE))
        except csv.Error:
            continue  # told by the one that is chosen
        del sizes[0], sizes[1]
        size, agreeing = max(sizes.items(), key=lambda s: (s[1], s[0]), default=(0, 0))
        scores.append((agreeing, size, separator))
    best = max(scores, key=lambda s: s[:2], default=(0, 0, ","))
    return best[2] if best[0] else ","
