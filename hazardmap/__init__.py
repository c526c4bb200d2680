"""Hazard areas, land release and the maps that show them.

The verbs of this module and of the ``hazardmap`` command are twins; see the README. Information, not permission to
enter.
"""

from importlib.metadata import version

from hazardmap.aghdam import demo
from hazardmap.checks import Explanation, PlotIndex, check_lines, check_plots, explain, plot_index
from hazardmap.errors import CrsError, FileError, GeometryError, HazardmapError, SchemaError
from hazardmap.exporting import Exported, export
from hazardmap.inspection import Thresholds, inspect
from hazardmap.intake import add, import_table, update
from hazardmap.maps import draw
from hazardmap.programme import Policy, Programme
from hazardmap.release import (
    generalised,
    ground,
    hazard_account,
    hazards_on,
    holding,
    release_account,
    released,
    releases_on,
    remaining,
    state_on,
    state_through_time,
    timeline,
    unplaced,
)
from hazardmap.sheets import check_file, write_answers, write_findings
from hazardmap.squares import example
from hazardmap.store import read, write
from hazardmap.tables import validate

__version__ = version("hazardmap")

__all__ = [
    "CrsError",
    "Explanation",
    "Exported",
    "FileError",
    "GeometryError",
    "HazardmapError",
    "PlotIndex",
    "Policy",
    "Programme",
    "SchemaError",
    "Thresholds",
    "add",
    "check_file",
    "check_lines",
    "check_plots",
    "demo",
    "draw",
    "example",
    "explain",
    "export",
    "generalised",
    "ground",
    "hazard_account",
    "hazards_on",
    "holding",
    "import_table",
    "inspect",
    "plot_index",
    "read",
    "release_account",
    "released",
    "releases_on",
    "remaining",
    "state_on",
    "state_through_time",
    "timeline",
    "unplaced",
    "update",
    "validate",
    "write",
    "write_answers",
    "write_findings",
]
