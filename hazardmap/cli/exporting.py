"""The command that writes the ground of a day for other programs: export.

Spells the public verb; knows no geometry.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import hazardmap as hm
from hazardmap import words
from hazardmap.cli.showing import Steps, as_of, day, plain, usable
from hazardmap.exporting import LAYERS, USUAL, export_format, layers_asked
from hazardmap.exporting.forms import FORMS

if TYPE_CHECKING:
    import argparse

_SHOWN = 12


def add_commands(commands: Any) -> None:
    """Describe the command of this file."""
    export = commands.add_parser(
        "export",
        help="write the ground of a day for QGIS, Google Earth, receivers, drawings, spreadsheets",
        description="Write the ground of a day with its hazards and evidence as .gpkg (QGIS), .kmz or .kml (Google"
        " Earth), .gpx (hand-held receivers), .dxf (drawings), .csv or .geojson. Exports hold exact boundaries: they"
        " are internal.",
        epilog=f"{words.DISCLAIMER} {words.ABSENCE}",
    )
    export.add_argument("programme", type=Path, metavar="PROGRAMME")
    export.add_argument("-o", "--output", required=True, type=Path, metavar="FILE")
    export.add_argument("--on", type=day, metavar="DATE", help="the day (default: the as-of date of the programme)")
    export.add_argument(
        "--what",
        type=layers_asked,
        default=USUAL,
        metavar="LAYERS",
        help=f"all, or some of {','.join(LAYERS)} (default: {','.join(USUAL)})",
    )
    export.add_argument("--crs", metavar="EPSG:…", help="CRS of the coordinates, for .csv and .dxf (default: WGS 84)")
    export.add_argument(
        "--form", choices=tuple(FORMS), help="for .csv: a row for each turning point, its position written so"
    )
    export.add_argument("--strict", action="store_true", help="exit 1 when the programme has faulty rows")
    export.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> int:
    export_format(options.output)
    with Steps(3) as step:
        step("reading the programme")
        programme, faults = usable(hm.read(options.programme))
        on = options.on or as_of(programme)
        step("asking the state of the ground, and writing")
        made = hm.export(programme, options.output, on=on, what=options.what, crs=options.crs, form=options.form)
    if programme.fictitious:
        print(words.FICTITIOUS)
    print(f"{plain(programme.name) or 'Programme without a name'} on {on} (data as of {programme.as_of}):")
    for name, count in made.counts.items():
        if count:
            print(f"  {name.replace('_', ' '):<18}{count:>10,}")
    if count := len(made.unplaced):
        some = ", ".join(made.unplaced[:_SHOWN]) + (f" and {count - _SHOWN:,} more" if count > _SHOWN else "")
        print(f"  Without a position, so not drawn; may lie anywhere: {plain(some)}")
    for line in made.told:
        print(f"  {plain(line)}")
    print(f"  {words.ABSENCE}\n  {words.DISCLAIMER} Source: {plain(programme.sources) or 'not stated'}")
    size = options.output.stat().st_size / 1e6
    print(f"\nSaved {options.output} ({size:.2f} MB). Internal: it holds exact boundaries.")
    return 1 if options.strict and faults else 0
