"""The command that brings records in: import.

Spells the public verbs; knows no geometry.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hazardmap as hm
from hazardmap import tables, words
from hazardmap.cli import updates
from hazardmap.cli.columns import add_position_options, position_of
from hazardmap.cli.guessing import add_guess_options, run_guess
from hazardmap.cli.showing import Steps, area, day, numbers, plain, text_of, usable, values_of
from hazardmap.errors import FileError, SchemaError
from hazardmap.intake import profile as profiles
from hazardmap.store import one_writer

if TYPE_CHECKING:
    import argparse


def add_commands(commands: Any) -> None:
    """Describe the command of this file."""
    _import_parser(commands)


def _import_parser(commands: Any) -> None:
    more = commands.add_parser(
        "import",
        help="bring a file into a programme",
        description="Bring the rows of a file into a programme: accepted, repaired or quarantined, none dropped.",
    )
    more.add_argument(
        "file",
        metavar="FILE",
        help="GeoPackage, Shapefile, GeoJSON, TopoJSON, Esri JSON, KML, KMZ, GPX, GML, File Geodatabase, DXF, MapInfo, "
        "FlatGeobuf, GeoParquet, CSV, Excel; also in a zip",
    )
    more.add_argument(
        "--as",
        dest="table",
        required=True,
        choices=[t for t in tables.TABLES if t != "history"],
        help="the table that the rows belong to",
    )
    more.add_argument("--into", type=Path, metavar="PROGRAMME", help="programme file; made when not there")
    more.add_argument(
        "--profile",
        default="generic",
        help=f"how columns and words map: {', '.join(profiles.shipped())}, or a TOML file (default: %(default)s)",
    )
    more.add_argument(
        "--set",
        dest="values",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="value for what the file lacks; may be repeated",
    )
    more.add_argument("--crs", help="CRS of a file that states none, e.g. EPSG:32638")
    more.add_argument("--layer", help="layer of a file with several; '*' reads all together")
    more.add_argument("--encoding", help="encoding of the text, e.g. cp1251")
    order = more.add_mutually_exclusive_group()
    order.add_argument("--day-first", dest="day_first", action="store_true", default=None, help="03/04/2024 is 3 April")
    order.add_argument("--month-first", dest="day_first", action="store_false", help="03/04/2024 is 4 March")
    more.add_argument("--as-of", type=day, metavar="DATE", help="the day up to which the file speaks")
    more.add_argument("--policy", type=Path, metavar="TOML", help="national settings of a new programme")
    more.add_argument(
        "--extent",
        type=float,
        nargs=4,
        metavar=("WEST", "SOUTH", "EAST", "NORTH"),
        help="where the country lies, in degrees: rows outside are faults; kept in the programme's policy",
    )
    add_position_options(more)
    add_guess_options(more)
    more.add_argument("--strict", action="store_true", help="exit 1 when any row was repaired or quarantined")
    updates.add_arguments(more)
    more.set_defaults(run=_import, wrong_use=more.error)


def _import(options: argparse.Namespace) -> int:
    if options.guess:
        return run_guess(options)
    if options.output is not None:
        options.wrong_use("-o goes with --guess")
    if options.into is None:
        options.wrong_use("the following arguments are required: --into")
    values = values_of(options.values)
    plan = profiles.load(options.profile)
    into: Path = options.into
    with Steps(4) as step:
        with one_writer(into):
            step("opening the programme")
            stamp = _stamp(into)
            held = _with_extent(_held_programme(options) if into.exists() else _new_programme(options, plan), options)
            step("reading the file")
            imported = hm.import_table(
                options.file,
                options.table,
                profile=options.profile,
                values=values,
                crs=options.crs,
                layer=options.layer,
                encoding=options.encoding,
                day_first=options.day_first,
                position=position_of(options),
                header_row=options.header_row,
                programme=held,
                as_of=options.as_of,
                recorded_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
            )
            grown, done = updates.brought_in(held, imported, options)
            programme = _dated(grown)
            step("saving")
            if _stamp(into) != stamp:  # QGIS, say: what it saved would be lost without a word
                raise FileError(
                    f"{into} was changed while this import ran; nothing was changed by it",
                    "one writer at a time",
                    "run this import again when the other has ended",
                )
            hm.write(programme, into)
        step("looking at the ground")
        told = _unlinked(programme) if options.table in {"hazards", "releases"} else ""
        effects = updates.effects(held, programme, options.table) if options.update else ""
    print(done)
    for text in filter(None, (effects, told)):
        print(f"\n{text}")
    print(f"\nSaved in {into}: {plain(repr(programme))}")
    return updates.status(done, strict=options.strict)


def _stamp(path: Path) -> list[tuple[str, int, int]]:
    """Tell one generation of a programme file or folder from another."""
    files = [path, *(sorted(path.iterdir()) if path.is_dir() else [])]
    return [(f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in files if f.exists()]


def _held_programme(options: argparse.Namespace) -> hm.Programme:
    programme = hm.read(options.into)
    if options.policy is not None and hm.Policy.from_toml(text_of(options.policy)) != programme.policy:
        raise SchemaError(
            f"{options.into} has a policy of its own, and {options.policy} is another; nothing was changed",
            "one policy for one programme",
            "leave --policy out, or start a new programme with it",
        )
    return programme


def _with_extent(programme: hm.Programme, options: argparse.Namespace) -> hm.Programme:
    """State the extent of the country where the policy states none; never another one."""
    if options.extent is None:
        return programme
    try:
        policy = dataclasses.replace(programme.policy, extent_deg=tuple(options.extent))
    except SchemaError:
        raise SchemaError(
            f"--extent {numbers(options.extent)}",
            "west, south, east, north in degrees, west below east, south below north",
            "e.g. --extent 44.7 38.3 50.7 42",
        ) from None
    held = programme.policy.extent_deg
    if held is not None and policy.extent_deg != held:
        raise SchemaError(
            f"--extent {numbers(options.extent)}, and the policy says {numbers(held)}; nothing was changed",
            "one extent for one country",
            "leave --extent out, or start a new programme with it",
        )
    return dataclasses.replace(programme, policy=policy)


def _new_programme(options: argparse.Namespace, plan: Any) -> hm.Programme:
    if options.policy is not None:
        policy = hm.Policy.from_toml(text_of(options.policy))
    else:
        policy = hm.Policy(country=plan.country, extent_deg=plan.extent_deg)
    return hm.Programme(name=policy.country or options.into.stem, policy=policy)


def _dated(programme: hm.Programme) -> hm.Programme:
    """Give a programme without as-of date the latest day that its records speak of: it knows nothing of later ones."""
    if programme.as_of is not None:
        return programme
    spoken = [
        programme.table(name)[column].max()
        for name, column in (
            ("hazards", "date_of_information"),
            ("releases", "date_completed"),
            ("surveys", "date"),
            ("finds", "date"),
            ("coverage", "as_of"),
        )
        if programme.table(name)[column].notna().any()
    ]
    return dataclasses.replace(programme, as_of=max(spoken).date()) if spoken else programme


def _unlinked(programme: hm.Programme) -> str:
    """Tell how much open ground lies under releases that name no hazard."""
    if programme.as_of is None or programme.hazards.empty or programme.releases.empty:
        return ""
    ground = hm.ground(usable(programme, told=False)[0], on=programme.as_of)
    under = ground[ground["state"].isin(words.OPEN_STATES) & ground["unlinked_release_ids"].map(len).gt(0)]
    if under.empty:
        return ""
    return (
        f"{area(under['area_m2'].sum())} of open hazard lies under releases that name no hazard, and stays open."
        ' Name the hazards in hazard_ids, or let the policy say unlinked_releases = "ground".'
    )
