"""What can go wrong, and how it is said.

Knows the shape of a message: what was found, what is needed, what to type. Knows nothing of tables, files or ground.
"""

from __future__ import annotations


class HazardmapError(Exception):
    """A fault in the data or in its use, told in three beats.

    Parameters
    ----------
    found
        What was met, with count, ids and values.
    needed
        The rule that it breaks.
    do
        What the reader can type or change now.

    Examples
    --------
    >>> print(CrsError("hazards.shp has no CRS", "every layer states its CRS", "add --crs EPSG:32638"))
    hazards.shp has no CRS – needed: every layer states its CRS – do: add --crs EPSG:32638
    """

    def __init__(self, found: str, needed: str, do: str) -> None:
        super().__init__(f"{found} – needed: {needed} – do: {do}")
        self.found = found
        self.needed = needed
        self.do = do


class SchemaError(HazardmapError):
    """A table, column, word, date or id is not what the rule asks."""


class CrsError(HazardmapError):
    """A position cannot be trusted: no CRS, the wrong one, or a place outside the country."""


class GeometryError(HazardmapError):
    """A shape cannot be used as it stands."""


class FileError(HazardmapError):
    """A file cannot be opened, is not what its name says, or cannot be written whole."""
