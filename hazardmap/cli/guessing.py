"""``hazardmap import FILE --as TABLE --guess``: propose a profile, write it where asked, and import nothing.

Spells the verb; decides nothing.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hazardmap.cli.showing import plain
from hazardmap.errors import FileError
from hazardmap.intake.guessing import propose

if TYPE_CHECKING:
    import argparse


def add_guess_options(command: Any) -> None:
    """Describe the options."""
    command.add_argument(
        "--guess", action="store_true", help="propose a profile for the file, with reasons; nothing is imported"
    )
    command.add_argument(
        "-o", dest="output", type=Path, metavar="TOML", help="with --guess: where the profile is written, to be edited"
    )


def run_guess(options: argparse.Namespace) -> int:
    """Propose; write the profile, never over another file."""
    out: Path | None = options.output
    if out is not None and out.exists():
        raise _there(out)
    proposed = propose(
        options.file,
        options.table,
        crs=options.crs,
        layer=options.layer,
        encoding=options.encoding,
        header_row=getattr(options, "header_row", None),
    )
    print(proposed)
    if out is None:
        print(
            "\nNothing is written and nothing imported."
            " To get this as a profile to edit, type it again with -o profile.toml"
        )
        return 0
    try:
        with out.open("x", encoding="utf-8", newline="\n") as file:
            file.write(proposed.toml)
    except FileExistsError:
        raise _there(out) from None
    except OSError as error:
        raise FileError(
            f"{out} cannot be written ({error.strerror})", "a path that can be written", "correct -o"
        ) from None
    more = [("--layer", options.layer), ("--encoding", options.encoding), ("--crs", options.crs)]
    more.append(("--header-row", getattr(options, "header_row", None)))
    stated = [part for name, value in more if value is not None for part in (name, str(value))]
    command = [
        "hazardmap",
        "import",
        str(options.file),
        "--as",
        options.table,
        "--into",
        "PROGRAMME",
        "--profile",
        str(out),
    ]
    print(f"\nNothing is imported. The proposal is in {plain(str(out))}: read it, answer what is open, then type")
    print(f"  {plain(shlex.join([*command, *stated]))}")
    return 0


def _there(path: Path) -> FileError:
    return FileError(
        f"{plain(str(path))} is there already; nothing was written",
        "a new file: yours may hold edits",
        "give -o another name",
    )
