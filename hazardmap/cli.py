"""The ``hazardmap`` command: a thin spelling of the public verbs.

Reads arguments, calls one verb, tells what happened in words. Exit status: 0 done (faulty rows are listed;
``--strict`` makes them 1), 1 the file or programme cannot be used, 2 wrong use. Knows no geometry.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hazardmap as hm
from hazardmap import tables, words
from hazardmap.errors import FileError, HazardmapError, SchemaError
from hazardmap.intake import profile as profiles
from hazardmap.store import one_writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hazardmap.maps.scene import Scene

_SHOWN = 12


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
        print(f"hazardmap: {_plain(str(error))}", file=sys.stderr)
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
    _demo_parser(commands)
    _import_parser(commands)
    _validate_parser(commands)
    _draw_parser(commands)
    return top


def _demo_parser(commands: Any) -> None:
    demo = commands.add_parser("demo", help="write the fictitious example programme and its map")
    demo.add_argument(
        "folder",
        nargs="?",
        default="hazardmap-demo",
        type=Path,
        metavar="DIR",
        help="where to write (default: %(default)s)",
    )
    demo.set_defaults(run=_demo)


def _import_parser(commands: Any) -> None:
    more = commands.add_parser(
        "import",
        help="bring a file into a programme",
        description="Bring the rows of a file into a programme: accepted, repaired or quarantined, none dropped.",
    )
    more.add_argument(
        "file", metavar="FILE", help="GeoPackage, GeoJSON, Shapefile, FlatGeobuf, GeoParquet, CSV with WKT"
    )
    more.add_argument(
        "--as",
        dest="table",
        required=True,
        choices=[t for t in tables.TABLES if t != "history"],
        help="the table that the rows belong to",
    )
    more.add_argument(
        "--into", required=True, type=Path, metavar="PROGRAMME", help="programme file; made when not there"
    )
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
    more.add_argument("--layer", help="layer of a file with several")
    more.add_argument("--encoding", help="encoding of the text, e.g. cp1251")
    order = more.add_mutually_exclusive_group()
    order.add_argument("--day-first", dest="day_first", action="store_true", default=None, help="03/04/2024 is 3 April")
    order.add_argument("--month-first", dest="day_first", action="store_false", help="03/04/2024 is 4 March")
    more.add_argument("--as-of", type=_day, metavar="DATE", help="the day up to which the file speaks")
    more.add_argument("--policy", type=Path, metavar="TOML", help="national settings of a new programme")
    more.add_argument(
        "--extent",
        type=float,
        nargs=4,
        metavar=("WEST", "SOUTH", "EAST", "NORTH"),
        help="where the country lies, in degrees: rows outside are faults; kept in the programme's policy",
    )
    more.add_argument("--strict", action="store_true", help="exit 1 when any row was repaired or quarantined")
    more.set_defaults(run=_import)


def _validate_parser(commands: Any) -> None:
    check = commands.add_parser("validate", help="list every fault of a programme")
    check.add_argument("programme", type=Path, metavar="PROGRAMME")
    check.add_argument("--strict", action="store_true", help="exit 1 when there are faults")
    check.set_defaults(run=_validate)


def _draw_parser(commands: Any) -> None:
    draw = commands.add_parser("draw", help="draw a programme as one offline HTML map")
    draw.add_argument("programme", type=Path, metavar="PROGRAMME")
    draw.add_argument("-o", "--output", required=True, type=Path, metavar="HTML")
    draw.add_argument(
        "--on", type=_day, metavar="DATE", help="the day shown (default: the as-of date of the programme)"
    )
    draw.add_argument("--title", default="", help="title of the page (default: the programme's name)")
    draw.add_argument(
        "--tiles",
        default="",
        metavar="URL",
        help="background tiles from this address; the page then needs the internet to show them",
    )
    draw.add_argument("--attribution", default="", help="what the owner of the tiles wants to be said")
    draw.add_argument("--strict", action="store_true", help="exit 1 when the programme has faulty rows")
    draw.set_defaults(run=_draw)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it like 2024-12-31") from None


def _demo(options: argparse.Namespace) -> int:
    folder: Path = options.folder
    if folder.exists() and not folder.is_dir():
        raise FileError(f"{folder} is a file", "a folder, or a name that is free", "hazardmap demo another-name")
    with _Steps(3) as step:
        step("making the example")
        programme = hm.demo()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(
                f"{folder} cannot be made: {error.strerror}", "a folder you may write in", "hazardmap demo another-name"
            ) from None
        step("writing the programme")
        hm.write(programme, folder / "programme.gpkg")
        step("drawing the map")
        drawn = hm.draw(programme, on=_as_of(programme))
        drawn.save(folder / "map.html")
    print(words.FICTITIOUS)
    _summary(drawn.scene)
    print(f"\nOpen {folder / 'map.html'} in a browser (no internet needed), {folder / 'programme.gpkg'} in QGIS.")
    return 0


def _import(options: argparse.Namespace) -> int:
    values = _values(options.values)
    plan = profiles.load(options.profile)
    into: Path = options.into
    with _Steps(4) as step:
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
                programme=held,
                as_of=options.as_of,
                recorded_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
            )
            programme = _dated(hm.add(held, imported))
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
    print(imported)
    if told:
        print(f"\n{told}")
    print(f"\nSaved in {into}: {_plain(repr(programme))}")
    counts = imported.counts
    return 1 if options.strict and counts["accepted"] < counts["rows"] else 0


def _stamp(path: Path) -> list[tuple[str, int, int]]:
    """Tell one generation of a programme file or folder from another."""
    files = [path, *(sorted(path.iterdir()) if path.is_dir() else [])]
    return [(f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in files if f.exists()]


def _values(given: list[str]) -> dict[str, str]:
    values = {}
    for text in given:
        column, equals, value = text.partition("=")
        if not equals or not column.strip():
            raise SchemaError(f"--set {text!r}", "column=value", "e.g. --set classification=suspected")
        values[column.strip()] = value
    return values


def _held_programme(options: argparse.Namespace) -> hm.Programme:
    programme = hm.read(options.into)
    if options.policy is not None and hm.Policy.from_toml(_text(options.policy)) != programme.policy:
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
            f"--extent {_numbers(options.extent)}",
            "west, south, east, north in degrees, west below east, south below north",
            "e.g. --extent 44.7 38.3 50.7 42",
        ) from None
    held = programme.policy.extent_deg
    if held is not None and policy.extent_deg != held:
        raise SchemaError(
            f"--extent {_numbers(options.extent)}, and the policy says {_numbers(held)}; nothing was changed",
            "one extent for one country",
            "leave --extent out, or start a new programme with it",
        )
    return dataclasses.replace(programme, policy=policy)


def _numbers(values: Sequence[float]) -> str:
    return " ".join(f"{v:g}" for v in values)


def _new_programme(options: argparse.Namespace, plan: Any) -> hm.Programme:
    if options.policy is not None:
        policy = hm.Policy.from_toml(_text(options.policy))
    else:
        policy = hm.Policy(country=plan.country, extent_deg=plan.extent_deg)
    return hm.Programme(name=policy.country or options.into.stem, policy=policy)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise FileError(
            f"{path} cannot be read: {reason}", "a policy file in TOML", "correct the path after --policy"
        ) from None


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
    ground = hm.ground(_usable(programme, told=False)[0], on=programme.as_of)
    under = ground[ground["state"].isin(words.OPEN_STATES) & ground["unlinked_release_ids"].map(len).gt(0)]
    if under.empty:
        return ""
    return (
        f"{_area(under['area_m2'].sum())} of open hazard lies under releases that name no hazard, and stays open."
        ' Name the hazards in hazard_ids, or let the policy say unlinked_releases = "ground".'
    )


def _validate(options: argparse.Namespace) -> int:
    programme = hm.read(options.programme)
    faults = hm.validate(programme)
    held = sum(int(programme.table(n)["quarantined"].notna().sum()) for n in tables.TABLES if n != "history")
    _print_faults(faults)
    count = f"{len(faults):,} fault{'' if len(faults) == 1 else 's'}"
    print(f"{count}; {held:,} rows are quarantined already. {_plain(repr(programme))}")
    return 1 if options.strict and len(faults) else 0


def _draw(options: argparse.Namespace) -> int:
    if options.output.suffix.lower() not in {".html", ".htm"}:
        raise FileError(
            f"-o {options.output}", "a file name that ends in .html", f"-o {options.output.with_suffix('.html')}"
        )
    with _Steps(3) as step:
        step("reading the programme")
        programme, faults = _usable(hm.read(options.programme))
        on = options.on or _as_of(programme)
        step("asking the state of the ground and drawing")
        drawn = hm.draw(programme, on=on, title=options.title, tiles=options.tiles, attribution=options.attribution)
        step("saving")
        drawn.save(options.output)
    size = options.output.stat().st_size / 1e6
    _summary(drawn.scene)
    offline = "its background comes from the internet" if options.tiles else "without internet"
    print(f"\nSaved {options.output} ({size:.1f} MB). It opens in any browser, {offline}.")
    return 1 if options.strict and faults else 0


def _usable(programme: hm.Programme, *, told: bool = True) -> tuple[hm.Programme, int]:
    """Quarantine the faulty rows of a programme that was edited by hand, and say so."""
    faults = hm.validate(programme)
    faults = faults[faults["expected"] != tables.VALID]
    if faults.empty:
        return programme, 0
    if told:
        rows = faults[["table", "row"]].drop_duplicates()
        print(f"{len(rows):,} faulty rows count as quarantined: hazards as open, releases as none.")
        _print_faults(faults.head(_SHOWN))
        if len(faults) > _SHOWN:
            print(f"  … and {len(faults) - _SHOWN:,} more: hazardmap validate lists all")
    changes: dict[str, Any] = {
        name: tables.quarantine(tables.canonical(programme.table(name), name), faults, name)
        for name in faults["table"].unique()
    }
    return dataclasses.replace(programme, **changes), len(faults)


def _print_faults(faults: Any) -> None:
    for fault in faults.itertuples(index=False):
        name = fault.record_id or f"row {fault.row}"
        print(_plain(f"  {fault.table} {name}: {fault.column} is {fault.found}; expected {fault.expected}"))


def _as_of(programme: hm.Programme) -> date:
    if programme.as_of is None:
        raise SchemaError(
            "the programme does not say up to which day it speaks", "an as-of date", "add --on 2024-12-31"
        )
    return programme.as_of


def _summary(scene: Scene) -> None:
    print(f"{_plain(scene.name)} on {scene.on} (data as of {scene.as_of}):")
    areas = scene.frames["ground"].groupby("state")["area_m2"].sum()
    for name in words.STATES:
        if name in areas:
            print(f"  {name.replace('_', ' '):<18}{_area(areas[name]):>14}")
    if count := len(scene.unplaced):
        print(f"  {count:,} hazard{'s' if count > 1 else ''} without a position cannot be drawn and may lie anywhere.")
    print(f"  {words.ABSENCE}\n  {words.DISCLAIMER} Source: {_plain(scene.sources) or 'not stated'}")


def _area(m2: float) -> str:
    """Write an area in the unit that suits it.

    Examples
    --------
    >>> _area(950.4), _area(15_000), _area(806_942_910)
    ('950 m²', '1.50 ha', '806.94 km²')
    """
    if m2 < 10_000:
        return f"{m2:,.0f} m²"
    return f"{m2 / 1e4:,.2f} ha" if m2 < 1e6 else f"{m2 / 1e6:,.2f} km²"


def _plain(text: str) -> str:
    """Make text from data fit for a terminal: one line, no control characters."""
    return "".join(c if c.isprintable() else "?" for c in text)


class _Steps:
    """Tell on a terminal what is being done; in a pipe, nothing."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.done = 0
        self.shown = sys.stderr.isatty()

    def __enter__(self) -> Callable[[str], None]:
        return self._say

    def __exit__(self, *_: object) -> None:
        if self.shown:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)

    def _say(self, what: str) -> None:
        bar = "█" * self.done + "░" * (self.count - self.done)
        self.done += 1
        if self.shown:
            print(f"\r\x1b[2K{bar} {what} …", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
