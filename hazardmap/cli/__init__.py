"""The ``hazardmap`` command: a thin spelling of the public verbs.

Reads arguments, calls one verb, tells what happened in words. Exit status: 0 done (faulty rows are listed;
``--strict`` makes them 1), 1 the file or programme cannot be used, 2 wrong use. Knows no geometry.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import hazardmap as hm
from hazardmap import words
from hazardmap.cli import checking, drawing, exporting, history, positions, records, traverses, validating
from hazardmap.cli.showing import plain
from hazardmap.errors import HazardmapError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; give the exit status.

    Examples
    --------
    >>> main(["draw", "nowhere.gpkg", "-o", "map.html"])
    1
    """
    options = parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except HazardmapError as error:
        print(f"hazardmap: {plain(str(error))}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone, e.g. `hazardmap validate … | head`
        return 1


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    top = argparse.ArgumentParser(
        prog="hazardmap",
        description="Hazard areas, land release and the maps that show them.",
        epilog=f"{words.DISCLAIMER} {words.ABSENCE}",
    )
    top.add_argument("--version", action="version", version=f"hazardmap {hm.__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for room in (records, validating, history, positions, traverses, drawing, checking, exporting):
        room.add_commands(commands)
    return top
