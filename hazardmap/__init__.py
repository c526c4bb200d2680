"""Hazard areas, land release and the maps that show them.

The verbs of this module and of the ``hazardmap`` command are twins; see the README. Information, not permission to enter.
"""

from hazardmap.errors import CrsError, FileError, GeometryError, HazardmapError, SchemaError
from hazardmap.programme import Policy, Programme
from hazardmap.squares import example
from hazardmap.tables import validate

__all__ = [
    "CrsError",
    "FileError",
    "GeometryError",
    "HazardmapError",
    "Policy",
    "Programme",
    "SchemaError",
    "example",
    "validate",
]
