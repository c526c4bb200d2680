"""Options of ``hazardmap import`` for tables without shapes: which columns say where their rows lie, and how.

Spells the statement of hazardmap.intake.position; knows no coordinates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

_KEYS = ("x", "y", "zone", "coordinates", "wkt", "vertices_of", "vertex", "datum", "order", "decimal", "traverse")


def add_position_options(command: Any) -> None:
    """Describe the options.

    Examples
    --------
    >>> import argparse
    >>> command = argparse.ArgumentParser()
    >>> add_position_options(command)
    >>> position_of(command.parse_args(["--x", "lon", "--y", "lat", "--datum", "WGS 84"]))
    {'x': 'lon', 'y': 'lat', 'datum': 'WGS 84'}
    """
    where = command.add_argument_group(
        "tables without shapes (CSV, Excel)", "which columns say where the rows lie; a profile can say it as well"
    )
    where.add_argument("--x", metavar="COLUMN", help="longitude or easting")
    where.add_argument("--y", metavar="COLUMN", help="latitude or northing")
    where.add_argument("--zone", metavar="COLUMN", help="UTM zone of --x and --y, where it differs from row to row")
    where.add_argument(
        "--coordinates", metavar="COLUMN", help="a whole position in one text: MGRS, degrees and minutes, …"
    )
    where.add_argument("--wkt", metavar="COLUMN", help="shapes as WKT")
    where.add_argument(
        "--vertices-of", metavar="COLUMN", help="a row is a turning point of the polygon with the id in this column"
    )
    where.add_argument("--vertex", metavar="COLUMN", help="number of the turning point (else: their order in the file)")
    where.add_argument("--traverse", action="store_true", help="rows are legs: bearings and distances")
    where.add_argument("--datum", help="datum of degrees and texts, e.g. 'WGS 84', 'Pulkovo 1942'")
    where.add_argument("--order", choices=["lat lon", "lon lat"], help="which of two numbers in one text comes first")
    where.add_argument("--decimal", choices=[".", ","], help="the decimal mark")
    where.add_argument("--header-row", type=int, metavar="N", help="the line or row that names the columns")


def position_of(options: argparse.Namespace) -> dict[str, Any] | None:
    """Give what was stated, as `import_table` takes it; None when nothing was."""
    stated = {k: v for k in _KEYS if (v := getattr(options, k, None))}
    return stated or None
