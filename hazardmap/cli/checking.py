"""The command that asks about plots and lines: check.

Spells the public verbs; knows no geometry.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

import hazardmap as hm
from hazardmap import measure, sheets, words
from hazardmap.checks.explaining import explain_each
from hazardmap.checks.index import prepare
from hazardmap.checks.lines import stretches_as_plots
from hazardmap.checks.plots import by_id
from hazardmap.cli.showing import Steps, as_of, day, plain, usable, values_of
from hazardmap.errors import CrsError, SchemaError
from hazardmap.intake import profile as profiles

if TYPE_CHECKING:
    import argparse

    from hazardmap.programme import Programme

_CHECKING = "checking (the first time on a machine: half a minute longer)"
#: Lines of a report on an import that are not true of a check: nothing is kept, and ids were not asked for.
_OF_IMPORTS = ("  quarantined rows stay", "  plot_id: every row has its own", "Every row: table history")
_ANSWERED = "Quarantined plots are answered like the others, but nothing good is said of them."
_NUMBERED = {"plot_id": "row {row}"}


def add_commands(commands: Any) -> None:
    """Describe the command of this file."""
    check = commands.add_parser(
        "check",
        help="tell which plots or stretches of road were released",
        description="Tell for each plot whether it was released, and what lies on it. Without a choice: all plots of"
        " the programme. With one --plot and no -o the answer is explained.",
        epilog=f"{words.DISCLAIMER} {words.ABSENCE}",
    )
    check.add_argument("programme", type=Path, metavar="PROGRAMME")
    which = check.add_mutually_exclusive_group()
    which.add_argument("--plots", metavar="FILE", help="plots of a file (ids are its row numbers where it has none)")
    which.add_argument(
        "--plot",
        action="append",
        metavar="ID",
        help="a plot of the programme, by id or cadastre number; may be repeated",
    )
    which.add_argument(
        "--at", action="append", metavar='"LON LAT"', help="the ground round a place, in degrees; may be repeated"
    )
    which.add_argument("--lines", metavar="FILE", help="roads, canals, power lines of a file, stretch by stretch")
    check.add_argument("--width", type=float, metavar="M", help="width of the corridor along --lines, metres")
    check.add_argument(
        "--step", type=float, default=5.0, metavar="M", help="pieces in which lines are asked, metres (default: 5)"
    )
    check.add_argument(
        "--radius", type=float, default=10.0, metavar="M", help="how far round --at is asked, metres (default: 10)"
    )
    check.add_argument("--profile", default="generic", help=f"how columns of FILE map: {', '.join(profiles.shipped())}")
    check.add_argument(
        "--set",
        dest="values",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="what FILE lacks; may be repeated",
    )
    check.add_argument("--crs", help="CRS of a FILE that states none, e.g. EPSG:32638")
    check.add_argument("--layer", help="layer of a FILE with several")
    check.add_argument("--encoding", help="encoding of the text of FILE, e.g. cp1251")
    check.add_argument(
        "--on",
        type=day,
        metavar="DATE",
        help="the day asked about (default: the as-of date; data that are too old by today then bring no good news)",
    )
    check.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="write the answers: .xlsx .csv .gpkg .parquet, or .html: a map",
    )
    check.add_argument("--limit", type=int, default=40, metavar="N", help="rows shown here (default: 40)")
    check.add_argument("--strict", action="store_true", help="exit 1 when programme or plots have faulty rows")
    check.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    _refuse_unfit(options)
    if _streams(options):
        return _check_file(options)
    with Steps(4) as step:
        step("reading the programme")
        programme, faults = usable(hm.read(options.programme))
        on, today = _days(options, programme)
        step("reading the plots")
        plots, told = _plots(options, programme)
        step(_CHECKING)
        if options.lines is not None:
            answers = hm.check_lines(programme, plots, on=on, today=today, width_m=options.width, step_m=options.step)
            shown = stretches_as_plots(answers, width_m=options.width)
        else:
            shown = hm.check_plots(programme, plots, on=on, today=today, progress=step.portion)
        step("saving")
        if options.output is not None:
            _save(shown, options.output, programme, on)
    for line in told:
        print(plain(line))
    if options.plot is not None and len(options.plot) == 1 and options.output is None:
        ground = prepare(programme, on=on)
        for explanation in explain_each(ground, by_id(programme, options.plot), today=today):
            print("\n".join(plain(line) for line in str(explanation).splitlines()))
    else:
        print(sheets.verdict_table(shown, limit=options.limit))
    _tell_age(programme, today)
    if options.output is not None:
        print(f"\nSaved {options.output}.")
    return 1 if options.strict and (faults or told) else 0


def _tell_age(programme: Programme, today: date | None) -> None:
    """Tell that old data bring no good news, and how to ask about their own day."""
    if today is None or programme.as_of is None:
        return
    age = (today - programme.as_of).days
    if age > programme.policy.stale_after_days:
        print(
            f"\nThe data are {age:,} days old; by the policy, after {programme.policy.stale_after_days} days they bring"
            f" no good news.\nTo ask about the day itself: --on {programme.as_of}"
        )


def _refuse_unfit(options: argparse.Namespace) -> None:
    """Refuse what cannot be asked together, before anything is read."""
    if (options.lines is None) != (options.width is None):
        raise SchemaError(
            "--lines without --width" if options.width is None else "--width without --lines",
            "lines and the width of the corridor along them",
            "e.g. --lines roads.gpkg --width 12",
        )
    for name in ("width", "step", "radius"):
        value = getattr(options, name)
        if value is not None and not 0 < value < float("inf"):
            raise SchemaError(f"--{name} {value:g}", "a length above 0 in metres", f"e.g. --{name} 12")
    if options.output is not None and options.output.suffix.lower() not in {".html", ".htm"}:
        sheets.answers_format(options.output)


def _days(options: argparse.Namespace, programme: Programme) -> tuple[date, date | None]:
    """Give the day asked about, and today where nobody named a day: old data then bring no good news."""
    if options.on is not None:
        return options.on, None
    return as_of(programme), date.today()  # noqa: DTZ011  the day of whoever reads the answer


def _plots(options: argparse.Namespace, programme: Programme) -> tuple[Any, list[str]]:
    """Give what is asked about, and what has to be told about its rows."""
    if options.plot is not None:
        return options.plot, []
    if options.at is not None:
        return _places(options, programme), []
    if options.lines is not None:
        return _lines(options), []
    if options.plots is None:
        if not len(programme.plots):
            raise SchemaError(
                "the programme has no plots",
                "plots to ask about",
                'add --plots FILE, --at "LON LAT" or --lines FILE --width M, or import plots into it',
            )
        return None, []
    imported = hm.import_table(
        options.plots,
        "plots",
        profile=options.profile,
        values=_NUMBERED | values_of(options.values),
        crs=options.crs,
        layer=options.layer,
        encoding=options.encoding,
        programme=programme,
    )
    counts = imported.counts
    bad = counts["repaired"] + counts["quarantined"]
    told = [line for line in str(imported).splitlines() if not line.startswith(_OF_IMPORTS)][:-1] if bad else []
    return imported.rows, [*told, _ANSWERED, ""] if told else []


def _lines(options: argparse.Namespace) -> gpd.GeoDataFrame:
    """Read the lines of a file through the door of the table ``context``, which takes lines as they are."""
    imported = hm.import_table(
        options.lines,
        "context",
        values={"kind": "line"} | values_of(options.values),
        crs=options.crs,
        layer=options.layer,
        encoding=options.encoding,
    )
    rows = imported.rows
    return rows.assign(line_id=rows["name"].where(rows["name"].notna(), "row " + rows.index.astype("str")))


def _places(options: argparse.Namespace, programme: Programme) -> gpd.GeoDataFrame:
    """Make a disc round each place, and take the programme's plots that hold it."""
    points = [_place(text, programme) for text in options.at]
    series = gpd.GeoSeries(points, crs=measure.STORED_CRS)
    discs = gpd.GeoDataFrame(
        {"plot_id": [f"{options.radius:g} m round {p.x:.6f} {p.y:.6f}" for p in points]},
        geometry=measure.discs(series, options.radius).to_numpy(),
        crs=measure.STORED_CRS,
    )
    plots = programme.plots
    hold = plots[shapely.intersects(plots.geometry.to_numpy(), shapely.union_all(series.to_numpy()))]
    return pd.concat([discs, hold], ignore_index=True) if len(hold) else discs


def _place(text: str, programme: Programme) -> shapely.Point:
    numbers = re.findall(r"[^\s,;]+", text)
    try:
        longitude, latitude = (float(n) for n in numbers)
    except ValueError:
        raise SchemaError(f"--at {text!r}", "longitude and latitude in degrees", 'e.g. --at "46.95 39.99"') from None
    if not (abs(longitude) <= 180 and abs(latitude) <= 85):
        raise CrsError(f"--at {text!r}", "longitude within ±180, latitude within ±85", "longitude comes first")
    if (extent := programme.policy.extent_deg) is not None:
        west, south, east, north = extent
        if not (west <= longitude <= east and south <= latitude <= north):
            swapped = west <= latitude <= east and south <= longitude <= north
            raise CrsError(
                f"--at {text!r} lies outside the country ({west:g}, {south:g} to {east:g}, {north:g})",
                "a place in the country, longitude first",
                f'did you mean --at "{latitude:g} {longitude:g}"?' if swapped else "correct the place",
            )
    return shapely.Point(longitude, latitude)


def _streams(options: argparse.Namespace) -> bool:
    """Say whether plots go from GeoParquet to GeoParquet: however many, never all in memory.

    What only an import can do, such as to fill what the file lacks, is never left out for that.
    """
    if options.plots is None or options.output is None:
        return False
    if len(vars(options)["values"]) or options.profile != "generic":
        return False
    return sheets.can_stream(options.plots, options.output)


def _check_file(options: argparse.Namespace) -> int:
    with Steps(3) as step:
        step("reading the programme")
        programme, faults = usable(hm.read(options.programme))
        on, today = _days(options, programme)
        step(_CHECKING)
        counts = sheets.check_file(
            programme, options.plots, options.output, on=on, today=today, crs=options.crs, progress=step.portion
        )
    print(sheets.counts_table(counts, programme, on))
    _tell_age(programme, today)
    print(f"\nSaved {options.output}.")
    return 1 if options.strict and (faults or counts["unmeasured"].sum()) else 0


def _save(answers: Any, output: Path, programme: Programme, on: date) -> None:
    if output.suffix.lower() in {".html", ".htm"}:
        hm.draw(programme, on=on, answers=answers).save(output)
    else:
        sheets.write_answers(answers, output, programme=programme, on=on)
