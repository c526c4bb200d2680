"""The command that reads one typed position and tells it in every form.

Spells the public verbs; knows no geometry.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap import words
from hazardmap.cli.showing import plain
from hazardmap.errors import HazardmapError
from hazardmap.intake import coordinates
from hazardmap.intake.coordinates.hemispheres import LANGUAGES

if TYPE_CHECKING:
    import argparse

_WIDTH, _INDENT = 100, 28
_FORMS = ("dd", "dm", "dms", "utm", "mgrs")


def add_commands(commands: Any) -> None:
    """Describe the command of this file."""
    position = commands.add_parser(
        "position",
        help="read one typed position and write it in other forms",
        description="Read a position in any common writing (degrees, minutes, seconds; UTM; MGRS; Gauss-Krüger; any"
        " EPSG code) and tell where it lies, how accurate its digits are, and by which transformation it was carried to"
        " WGS 84. The datum is stated, never guessed; a text that can mean two places is refused.",
        epilog=words.DISCLAIMER,
    )
    position.add_argument("text", metavar="TEXT", help="the position as typed, in quotes")
    position.add_argument("--datum", help='e.g. "WGS 84", "SK-42", ED50, or a geographic EPSG code')
    position.add_argument("--crs", help="CRS of plain metres, e.g. EPSG:28408")
    position.add_argument("--order", choices=("lat lon", "lon lat"), help="of values that no letter names")
    position.add_argument("--decimal", choices=(".", ","), help="the sign that parts decimals")
    position.add_argument("--language", choices=tuple(LANGUAGES), help="of letters such as O, S, B")
    position.add_argument("--zone", help="of UTM (38N) or Gauss-Krüger (8), where the text is silent")
    position.add_argument("--hemisphere", choices=("north", "south"), help="where the zone does not say it")
    position.add_argument("--digits", type=int, metavar="N", help="digits expected in MGRS, e.g. 10")
    position.add_argument(
        "--as", dest="form", metavar="FORM", help=f"write only this, for scripts: {', '.join(_FORMS)}, or EPSG:…"
    )
    position.set_defaults(run=_position)


def _position(options: argparse.Namespace) -> int:
    place = coordinates.parse(
        options.text,
        datum=options.datum,
        crs=options.crs,
        order=options.order,
        decimal=options.decimal,
        language=options.language,
        zone=options.zone,
        hemisphere=options.hemisphere,
        digits=options.digits,
    )
    if options.form is not None:
        print(_written(place, options.form))
        return 0
    used = (
        place.operation
        if place.operation == "none"
        else f"{place.operation}, accurate to {place.operation_accuracy_m:g} m"
    )
    lines = [
        ("entered", plain(place.entered)),
        ("read as", place.form),
        ("datum", place.datum),
        ("transformation", used),
        *([("", f"stated for {place.operation_area}")] if place.operation != "none" else []),
        (
            "accuracy",
            f"{_rounded(place.accuracy_m)} m, by its digits{' and the transformation' * (place.operation != 'none')}",
        ),
        *(("note", note) for note in place.notes),
        ("", ""),
        ("in WGS 84", ""),
    ]
    for form in _FORMS:
        try:
            lines.append((coordinates.FORMS[form][0], _written(place, form)))
        except HazardmapError as error:
            lines.append((coordinates.FORMS[form][0], f"– ({error.found})"))
    for name, value in lines:
        wrapped = textwrap.wrap(value, _WIDTH - _INDENT) or [""]
        print("\n".join(f"{'' if i else name:<{_INDENT}}{line}".rstrip() for i, line in enumerate(wrapped)))
    return 0


def _written(place: coordinates.Position, form: str) -> str:
    longitude, latitude = np.array([place.longitude]), np.array([place.latitude])
    if form in coordinates.FORMS and form != "xy":
        return str(coordinates.written(longitude, latitude, form=form)[0])
    return str(coordinates.written_in(longitude, latitude, crs=form)[0])


def _rounded(metres: float) -> str:
    return f"{metres:,.0f}" if metres >= 100 else f"{metres:.3g}"
