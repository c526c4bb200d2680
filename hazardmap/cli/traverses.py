"""The command that walks the traverses of minefield records: traverse.

Spells the public verbs; knows no geometry.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hazardmap import words
from hazardmap.cli.showing import day, plain, values_of
from hazardmap.errors import FileError, SchemaError
from hazardmap.intake.traverse import Traverses, read_traverses
from hazardmap.intake.traverse.files import table_of
from hazardmap.intake.traverse.margin import figures
from hazardmap.intake.traverse.sketch import draw_traverse, save_drawing
from hazardmap.sheets.cells import defused
from hazardmap.store.saving import check_place, replace_file, told

if TYPE_CHECKING:
    import argparse
    from datetime import date

_SHOWN = 20
_POINTS = {".geojson": "GeoJSON", ".gpkg": "GPKG"}


def add_commands(commands: Any) -> None:
    """Describe the command of this file."""
    walk = commands.add_parser(
        "traverse",
        help="walk bearings and distances from a landmark to a polygon",
        description="Read traverses, a row for each point: landmark, benchmark, start point, turning points, each with"
        " the bearing and distance that lead to it. Units, north, datum and dates are stated, never guessed.",
        epilog=f"{words.DISCLAIMER} {words.ABSENCE}",
    )
    walk.add_argument("file", type=Path, metavar="FILE", help="CSV, or an Excel workbook")
    walk.add_argument(
        "-o", "--output", type=Path, metavar="OUT", help="points.gpkg (points and polygons), .geojson or .csv (points)"
    )
    walk.add_argument("--drawing", type=Path, metavar="PICTURE", help="draw one traverse as .svg or .png")
    walk.add_argument("--traverse", metavar="ID", help="which traverse to draw, of several")
    walk.add_argument(
        "--as-of", type=day, metavar="DATE", help="the day up to which the record speaks, for the drawing"
    )
    walk.add_argument("--fictitious", action="store_true", help="mark the drawing as an example")
    walk.add_argument("--bowditch", action="store_true", help="spread closing errors over the points")
    walk.add_argument(
        "--closing-limit", type=float, default=50, metavar="N", help="largest closing error, 1 in N (default: 50)"
    )
    walk.add_argument(
        "--start-accuracy",
        type=float,
        default=50.0,
        metavar="M",
        help="of a landmark that states none, metres (default: 50)",
    )
    walk.add_argument(
        "--set",
        dest="values",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="what the table lacks, e.g. north=magnetic; may be repeated",
    )
    walk.add_argument("--encoding", help="encoding of a CSV, e.g. cp1251")
    walk.add_argument("--sheet", help="sheet of a workbook with several")
    order = walk.add_mutually_exclusive_group()
    order.add_argument("--day-first", dest="day_first", action="store_true", default=None, help="03/04/1993 is 3 April")
    order.add_argument("--month-first", dest="day_first", action="store_false", help="03/04/1993 is 4 March")
    walk.add_argument("--strict", action="store_true", help="exit 1 when any traverse is quarantined")
    walk.set_defaults(run=_walk)


def _walk(options: argparse.Namespace) -> int:
    if options.closing_limit <= 1:
        raise SchemaError(f"--closing-limit {options.closing_limit:g}", "a number above 1", "e.g. 50, for 1 in 50")
    _check_output(options.output)
    read = read_traverses(
        table_of(options.file, encoding=options.encoding, sheet=options.sheet),
        stated=values_of(options.values),
        bowditch=options.bowditch,
        closing_limit=1 / options.closing_limit,
        start_accuracy_m=options.start_accuracy,
        day_first=options.day_first,
    )
    _tell(read)
    if options.drawing:
        _draw(read, options)
    if options.output:
        _save(read, options.output)
        print(f"Saved in {options.output}")
    print(f"{words.DISCLAIMER} {words.ABSENCE}")
    return 1 if options.strict and read.polygons["quarantined"].notna().any() else 0


def _tell(read: Traverses) -> None:
    held = int(read.polygons["quarantined"].notna().sum())
    traverses = "1 traverse" if len(read.polygons) == 1 else f"{len(read.polygons):,} traverses"
    print(f"{len(read.points):,} rows, {traverses}, {held:,} quarantined")
    for _, polygon in read.polygons.head(_SHOWN).iterrows():
        what = "points of a row" if polygon["form"] == "row" else "boundary points"
        print(f"\n{plain(str(polygon['traverse_id']))}: {polygon['points']} {what}")
        for label, lines, _ in figures(polygon, wide=90):
            for i, line in enumerate(lines):
                print(f"  {label if i == 0 else '':<14}{plain(line)}")
    if len(read.polygons) > _SHOWN:
        print(f"\n… and {len(read.polygons) - _SHOWN:,} more traverses: -o writes all")
    lost = read.faults[read.faults["traverse_id"].isna()]
    for fault in lost.head(_SHOWN).itertuples():
        print(plain(f"  row {fault.row}: {fault.column} is {fault.found}; expected {fault.expected}"))
    print()


def _draw(read: Traverses, options: argparse.Namespace) -> None:
    names = list(read.polygons["traverse_id"])
    if options.traverse is None and len(names) != 1:
        shown = ", ".join(map(plain, names[:5]))
        raise SchemaError(f"{len(names):,} traverses ({shown})", "one to draw", "add --traverse ID")
    name = options.traverse or names[0]
    as_of: date | None = options.as_of
    if as_of is None:
        known = read.polygons.loc[read.polygons["traverse_id"] == name, "date"]
        as_of = known.iloc[0] if len(known) and known.iloc[0] is not None else None
    if as_of is None:
        raise SchemaError(
            "the traverse states no date", "the day up to which the record speaks", "add --as-of 1993-08-14"
        )
    figure = draw_traverse(read, name, as_of=as_of, source=options.file.name, fictitious=options.fictitious)
    save_drawing(figure, options.drawing)
    print(f"Drawn in {options.drawing}")


def _check_output(path: Path | None) -> None:
    if path is None:
        return
    if path.suffix.lower() not in {*_POINTS, ".csv"}:
        raise FileError(
            f"an output named {path.name}", "a name that ends in .gpkg, .geojson or .csv", "e.g. points.gpkg"
        )
    check_place(path)


def _save(read: Traverses, path: Path) -> None:
    kind = path.suffix.lower()

    def make(new: Path) -> None:
        if kind == ".csv":
            table = read.points.assign(longitude=read.points.geometry.x, latitude=read.points.geometry.y)
            table = table.drop(columns="geometry").map(lambda v: defused(v) if isinstance(v, str) else v)
            table.to_csv(new, encoding="utf-8-sig", index_label="row")
            return
        with tempfile.TemporaryDirectory() as folder:  # GDAL wants its own endings
            named = Path(folder, f"points{kind}")
            read.points.to_file(named, driver=_POINTS[kind], layer="points")
            if kind == ".gpkg":
                dates = read.polygons["date"].map(str, na_action="ignore")
                read.polygons.assign(date=dates).to_file(named, driver="GPKG", layer="traverses")
            new.write_bytes(named.read_bytes())

    with told(path, OSError, ValueError):
        replace_file(path, make, lambda _: None, keep=False)
