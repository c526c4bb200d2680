"""Which layer of a file is read, when it has several: the one named, or the one named like the table; never a guess.

Knows names and counts of layers; knows nothing of formats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hazardmap.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Formats that hold several layers, as sheets name them: their layer is told wherever the file is.
LAYERED = frozenset({"GeoPackage", "TopoJSON", "KML", "KMZ", "GPX", "GML", "File Geodatabase", "DXF", "Excel"})


def chosen(
    file: str, counts: Mapping[str, int], layer: str | None, wanted: str, *, why: str = "is not in it"
) -> tuple[str, dict[str, int]]:
    """Choose a layer; give its name and those left unread, with their rows.

    Parameters
    ----------
    file
        For messages.
    counts
        Layer → its rows.
    layer, wanted
        The one named by the user, or None; the table that is read.
    why
        Why the named one cannot be read, when it is not among the counts.

    Raises
    ------
    FileError
        When there is no such layer, none has rows, or several have and none is named.

    Examples
    --------
    >>> chosen("land.gpkg", {"plots": 3, "roads": 2, "old": 0}, None, "plots")
    ('plots', {'roads': 2})
    """
    listed = ", ".join(f"{n} ({c:,} rows)" for n, c in counts.items()) or "none"
    if layer is not None:
        if layer in counts:
            return layer, {}
        raise FileError(
            f"{file}: layer {layer!r} {why}; its layers: {listed}", "the name of a layer", "correct --layer"
        )
    filled = {n: c for n, c in counts.items() if c}
    if not filled:
        raise FileError(
            f"{file} has no layer with rows; its layers: {listed}", "a layer with rows", "ask for the file again"
        )
    if len(filled) > 1:
        if wanted in filled:
            return wanted, {n: c for n, c in filled.items() if n != wanted}
        raise FileError(
            f"{file} has {len(filled)} layers with rows: {listed}",
            "one of them, or all of them",
            f"add --layer {next(iter(filled))}, or --layer '*' to read all together",
        )
    return next(iter(filled)), {}


def unread(others: Mapping[str, int]) -> tuple[str, ...]:
    """Tell which layers were not read, as notes of a sheet.

    Examples
    --------
    >>> unread({"roads": 2}), unread({})
    (('layers not read: roads (2 rows)',), ())
    """
    left = ", ".join(f"{n} ({c:,} rows)" for n, c in others.items())
    return (f"layers not read: {left}",) if left else ()
