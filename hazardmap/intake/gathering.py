"""Gather records one by one, as a reader that parses a text itself meets them, into the parts of a sheet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from hazardmap.intake import shapes
from hazardmap.intake.sheet import CellFault, Flaw
from hazardmap.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


@dataclass
class Gathered:
    """Rows as they come: cells that the file's makers named, cells that the format names, and a shape.

    Examples
    --------
    >>> there = Gathered()
    >>> there.add([("id", "007"), ("id", "8")], {"name": "A"}, {"type": "Point", "coordinates": [1.0, 2.0]})
    >>> there.cells("kml")
        id name
    0  007    A
    >>> there.faults[0][0].found
    "'id' twice"
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    own: list[dict[str, Any]] = field(default_factory=list)
    found: list[Any] = field(default_factory=list)
    flaws: dict[int, Flaw] = field(default_factory=dict)
    faults: dict[int, list[CellFault]] = field(default_factory=dict)

    def add(self, given: Iterable[tuple[str, Any]], own: dict[str, Any], geometry: Any) -> None:
        """Add a record: its cells, those of the format, and its shape as a GeoJSON object or None."""
        at = len(self.rows)
        cells: dict[str, Any] = {}
        for name, value in given:
            if name in cells and cells[name] != value:
                self.faults.setdefault(at, []).append(CellFault(name, f"{name!r} twice", "each name once"))
            else:
                cells.setdefault(name, value)
        shape, flaw = shapes.from_geojson(geometry)
        if flaw:
            self.flaws[at] = flaw
        self.rows.append(cells)
        self.own.append(own)
        self.found.append(shape)

    def cells(self, prefix: str) -> pd.DataFrame:
        """Give the cells as columns; a name of the format that the file's makers use as well gets a prefix."""
        names: dict[str, None] = {}
        for row in self.rows:
            names.update(dict.fromkeys(row))
        taken = {fold(n) for n in names}
        own: dict[str, None] = {}
        for row in self.own:
            own.update(dict.fromkeys(row))
        index = pd.RangeIndex(len(self.rows))
        columns = {n: pd.Series([r.get(n) for r in self.rows], index=index, dtype="object") for n in names}
        for name in own:
            title = f"{prefix}_{name}" if fold(name) in taken else name
            columns[title] = pd.Series([r.get(name) for r in self.own], index=index, dtype="object")
        return pd.DataFrame(columns, index=index)

    def shapes(self) -> NDArray[Any]:
        """Give the shapes, None where there is none or it is flawed."""
        return shapes.array(self.found)
