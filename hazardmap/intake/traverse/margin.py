"""What stands in the margin of a drawing: figures of the traverse and its legs, as text that no renderer can misread.

Knows rows of `read_traverses`; knows nothing of pictures.
"""

from __future__ import annotations

import functools
import math
import textwrap
from typing import Any

_UNITS = {"deg": "°", "mil_6400": " mil/6400", "mil_6000": " mil/6000", "gon": " gon", "pace": " paces"}
_NORTHS = {"magnetic": " mag", "grid": " grid", "true": " true"}
_WIDE = 44


def printed(text: object, limit: int = 200) -> str:
    r"""Make text from data fit for print: one line, nothing invisible, characters the font lacks as U+…, not too long.

    Examples
    --------
    >>> printed("Ağdərə\u202e\n$x^2$"), printed("x" * 30, 10)
    ('Ağdərə??$x^2$', 'xxxxxxxxx…')
    """
    known = _characters()
    shown = "".join(
        "?" if not c.isprintable() else c if known is None or ord(c) in known else f"U+{ord(c):04X}" for c in str(text)
    )
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


@functools.lru_cache(maxsize=1)
def _characters() -> frozenset[int] | None:
    """Give the characters of the font that is drawn with; None where there is no matplotlib to draw."""
    try:
        from matplotlib import font_manager, ft2font  # noqa: PLC0415
    except ImportError:
        return None
    return frozenset(ft2font.FT2Font(font_manager.findfont("DejaVu Sans")).get_charmap())


def legs_as_entered(row: Any) -> tuple[str, str]:
    """Give the bearing and the distance of a leg as they were entered, each with its unit.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> legs_as_entered(
    ...     SimpleNamespace(
    ...         bearing="800", bearing_unit="mil_6400", north="magnetic", distance="120", distance_unit="pace"
    ...     )
    ... )
    ('800 mil/6400 mag', '120 paces')
    """
    return (
        _with_unit(row.bearing, row.bearing_unit) + _NORTHS.get(row.north, ""),
        _with_unit(row.distance, row.distance_unit),
    )


def _with_unit(written: Any, unit: Any) -> str:
    if not isinstance(written, str):
        return "?"
    shown = printed(written, 18)
    plain = shown.replace(".", "").replace(",", "").replace("-", "").isdigit()
    return shown + (_UNITS.get(unit, f" {unit}") if plain and isinstance(unit, str) else "")


def figures(polygon: Any, wide: int = _WIDE) -> list[tuple[str, list[str], bool]]:
    """List the figures of a traverse: a label, lines of text so wide, and whether it is a warning."""
    told = [
        ("ground", f"{polygon['area_m2']:,.0f} m²" if polygon["area_m2"] else "none", False),
        ("length" if polygon["form"] == "row" else "perimeter", _metres(polygon["perimeter_m"]), False),
        (
            "accuracy",
            f"± {polygon['accuracy_m']:,.0f} m" if math.isfinite(polygon["accuracy_m"]) else "not known",
            False,
        ),
        ("closing error", _closing(polygon), False),
        ("north", _north(polygon), False),
    ]
    if polygon["notes"]:
        told.append(("notes", printed(polygon["notes"], 480), False))
    if isinstance(polygon["quarantined"], str):
        told.append(("quarantined", printed(polygon["quarantined"], 480), True))
    return [(label, textwrap.wrap(text, wide)[:12], wrong) for label, text, wrong in told]


def _metres(value: float) -> str:
    return f"{value:,.0f} m" if math.isfinite(value) else "not known"


def _closing(polygon: Any) -> str:
    if not math.isfinite(polygon["closing_m"]):
        return "not known"
    told = f"{polygon['closing_m']:.2f} m, {polygon['closing_permille']:.1f} ‰"
    return f"{told}; spread by Bowditch" if polygon["adjusted"] else f"{told}; not adjusted"


def _north(polygon: Any) -> str:
    told = printed(polygon["north"]) if isinstance(polygon["north"], str) else "not stated"
    if math.isfinite(polygon["declination_deg"]):
        side = "E" if polygon["declination_deg"] >= 0 else "W"
        told += f"; {abs(polygon['declination_deg']):.2f}° {side} ± {polygon['declination_uncertainty_deg']:.1f}°"
        told += f" ({polygon['declination_model']}{', ' + str(polygon['date']) if polygon['date'] else ''})"
    return told
