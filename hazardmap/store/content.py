"""What a programme says, apart from how it is written down: its fingerprint, and the differences between two tables.

Knows stored tables; knows no format and no file.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from hazardmap import tables
from hazardmap.store.cells import plain_bytes, stored

if TYPE_CHECKING:
    from hazardmap.programme import Programme
    from hazardmap.store.cells import Stored

_SHOWN = 60


def content_hash(programme: Programme) -> str:
    """Give the fingerprint of what a programme says.

    Equal for two programmes with the same records, whatever their row order, index, column order, the start or
    direction of a ring, the order of parts, or a multipolygon of one part written as a polygon. Any other
    difference in a cell, a coordinate, the policy or the description of the programme changes it.

    Parameters
    ----------
    programme
        Any programme whose columns hold what their kinds ask.

    Returns
    -------
    64 hexadecimal digits (SHA-256).

    Raises
    ------
    SchemaError
        When a column does not hold what its kind asks.

    Examples
    --------
    >>> import dataclasses
    >>> import hazardmap as hm
    >>> one = hm.example()
    >>> other = dataclasses.replace(one, hazards=one.hazards.iloc[::-1])
    >>> content_hash(one) == content_hash(other)
    True
    >>> content_hash(one) == content_hash(dataclasses.replace(one, hazards=one.hazards.iloc[1:]))
    False
    """
    whole = hashlib.sha256()
    told = (
        programme.name,
        str(programme.as_of),
        programme.sources,
        bool(programme.fictitious),
        programme.policy.to_toml(),
    )
    whole.update(_bytes(told))
    for name in tables.TABLES:
        table = stored(programme.table(name), name)
        kinds = {
            c: k for c, k in table.kinds.items() if c not in table.extra or any(v is not None for v in table.cells[c])
        }
        whole.update(_bytes((name, len(table), sorted(kinds.items()))))
        columns: list[Any] = [_steady(table.cells[c]) for c in sorted(kinds)]
        if table.shapes is not None:
            columns.append(plain_bytes(table.shapes))
        rows = [hashlib.sha256(_bytes(row)).digest() for row in zip(*columns, strict=True)]
        whole.update(b"".join(sorted(rows)))
    return whole.hexdigest()


def _steady(cells: list[Any]) -> list[Any]:
    return [v + 0.0 if type(v) is float else v for v in cells]  # -0.0 is 0.0


def _bytes(value: Any) -> bytes:
    return repr(value).encode("utf-8", "surrogatepass")


def difference(wrote: Stored, read: Stored) -> str | None:
    """Say how a table that was read back differs from what was written, row by row; None when it does not.

    The first differing cell is named, with its column, row and id.
    """
    if len(wrote) != len(read):
        return f"{wrote.name}: {len(wrote):,} rows were written, {len(read):,} came back"
    if missing := [c for c in wrote.cells if c not in read.cells]:
        return f"{wrote.name}: columns {', '.join(map(repr, missing))} did not come back"
    ids = wrote.cells.get(tables.table(wrote.name).id_column, [])
    for column, cells in wrote.cells.items():
        back = read.cells[column]
        if cells == back:
            continue
        row = next(i for i, (a, b) in enumerate(zip(cells, back, strict=True)) if a != b)
        return f"{_place(wrote, ids, row)}: {column} {_short(cells[row])} would come back as {_short(back[row])}"
    if wrote.shapes is None or read.shapes is None:
        return None
    before, after = plain_bytes(wrote.shapes), plain_bytes(read.shapes)
    if before == after:
        return None
    row = next(i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b)
    return (
        f"{_place(wrote, ids, row)}: geometry {_short(wrote.shapes[row])} would come back as {_short(read.shapes[row])}"
    )


def _place(table: Stored, ids: list[Any], row: int) -> str:
    return f"{table.name}, row {row + 1}" + (f" ({ids[row]})" if ids and ids[row] is not None else "")


def _short(value: Any) -> str:
    text = repr(value) if value is None or isinstance(value, str | int | float | bool) else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
