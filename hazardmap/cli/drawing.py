"""Commands that draw: demo, draw.

Spells the public verbs; knows no geometry.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import hazardmap as hm
from hazardmap import words
from hazardmap.cli.showing import Steps, as_of, day, summary, usable
from hazardmap.errors import FileError

if TYPE_CHECKING:
    import argparse


def add_commands(commands: Any) -> None:
    """Describe the commands of this file."""
    _demo_parser(commands)
    _draw_parser(commands)


def _demo_parser(commands: Any) -> None:
    demo = commands.add_parser(
        "demo", help="write the fictitious example programme, its map, and the answers about its plots"
    )
    demo.add_argument(
        "folder",
        nargs="?",
        default="hazardmap-demo",
        type=Path,
        metavar="DIR",
        help="where to write (default: %(default)s)",
    )
    demo.set_defaults(run=_demo)


def _draw_parser(commands: Any) -> None:
    draw = commands.add_parser("draw", help="draw a programme as one offline HTML map")
    draw.add_argument("programme", type=Path, metavar="PROGRAMME")
    draw.add_argument("-o", "--output", required=True, type=Path, metavar="HTML")
    draw.add_argument("--on", type=day, metavar="DATE", help="the day shown (default: the as-of date of the programme)")
    draw.add_argument(
        "--through-time", action="store_true", help="add a slider over the days of the programme, with a chart"
    )
    draw.add_argument(
        "--audience",
        choices=words.AUDIENCES,
        default="internal",
        help="leave out what partners or the public may not have, as the policy says (default: %(default)s)",
    )
    draw.add_argument("--title", default="", help="title of the page (default: the programme's name)")
    draw.add_argument(
        "--tiles",
        default="",
        metavar="URL",
        help="background tiles from this address; the page then needs the internet to show them",
    )
    draw.add_argument("--attribution", default="", help="what the owner of the tiles wants to be said")
    draw.add_argument(
        "--language", default="en", metavar="CODE", help="language the map speaks first: en, az, ru, uk, fr, es, ar"
    )
    draw.add_argument(
        "--theme", default="imas", metavar="NAME", help="colours the map wears first: imas, or colour_blind"
    )
    draw.add_argument(
        "--background",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="roads, rivers, places or a PMTiles base map to lie under the hazards; may be given several times",
    )
    draw.add_argument("--strict", action="store_true", help="exit 1 when the programme has faulty rows")
    draw.set_defaults(run=_draw)


def _demo(options: argparse.Namespace) -> int:
    folder: Path = options.folder
    if folder.exists() and not folder.is_dir():
        raise FileError(f"{folder} is a file", "a folder, or a name that is free", "hazardmap demo another-name")
    with Steps(4) as step:
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
        step("checking the plots (the first time on a machine: half a minute longer)")
        on = as_of(programme)
        answers = hm.check_plots(programme, on=on)
        hm.write_answers(answers, folder / "answers.xlsx", programme=programme, on=on)
        step("drawing the map")
        drawn = hm.draw(programme, on=on, answers=answers)
        drawn.save(folder / "map.html")
    print(words.FICTITIOUS)
    summary(drawn.scene)
    released = int((answers["verdict"] == "released").sum())
    print(f"\n{len(answers):,} plots were checked for that day; {released:,} have the verdict released.")
    print(f"Open {folder / 'map.html'} in a browser (no internet needed), {folder / 'programme.gpkg'} in QGIS,")
    print(f"and {folder / 'answers.xlsx'} in a spreadsheet: the answer about each plot.")
    return 0


def _draw(options: argparse.Namespace) -> int:
    if options.output.suffix.lower() not in {".html", ".htm"}:
        raise FileError(
            f"-o {options.output}", "a file name that ends in .html", f"-o {options.output.with_suffix('.html')}"
        )
    with Steps(3) as step:
        step("reading the programme")
        programme, faults = usable(hm.read(options.programme))
        on = options.on or as_of(programme)
        step("asking the state of the ground and drawing")
        drawn = hm.draw(
            programme,
            on=on,
            through_time=options.through_time,
            audience=options.audience,
            title=options.title,
            tiles=options.tiles,
            attribution=options.attribution,
            language=options.language,
            theme=options.theme,
            background=options.background,
        )
        step("saving")
        drawn.save(options.output)
    size = options.output.stat().st_size / 1e6
    summary(drawn.scene)
    offline = "its background comes from the internet" if options.tiles else "without internet"
    print(f"\nSaved {options.output} ({size:.1f} MB). It opens in any browser, {offline}.")
    return 1 if options.strict and faults else 0
