"""How plots are drawn by their verdict in a desktop GIS: colour, hatch, edge and label.

Data only. Green is for released land alone; what is not known is grey and hatched, never blank. Each verdict has a
hatch or an edge of its own, because colours alone fail colour-blind readers. The signs are ours: TN 07.11/01 has none
for plots; red and amber are its own.
"""

from __future__ import annotations

from hazardmap import words
from hazardmap.sheets.telling import WORST_FIRST
from hazardmap.store.symbology import AMBER, GREY, HALF, RED, Look, Part, Rule

GREEN, BLUE, PALE, VIOLET, LIGHT = "#0EA67B", "#416284", "#C0D5F0", "#7A2E9D", "#BDBDBD"


def _area(
    colour: str, opacity: float, hatch: str, line: str, *, width_mm: float = 0.5, style: str = "solid"
) -> tuple[Part, ...]:
    hatching = [Part("hatch", line, width_mm=0.25, shape=hatch)] if hatch else []
    return (Part("fill", colour, opacity), *hatching, Part("outline", line, width_mm=width_mm, style=style))


_PARTS: dict[str, tuple[Part, ...]] = {
    "cannot_tell": _area(GREY, HALF, "cross", "#3C3C3C", width_mm=0.8, style="dot"),
    "confirmed_hazard": _area(RED, HALF, "backslash", RED, width_mm=0.8),
    "suspected_hazard": _area(AMBER, HALF, "slash", "#B26A00", width_mm=0.8),
    "release_in_question": _area(VIOLET, 0.35, "cross", VIOLET, style="dot"),
    "not_handed_over": _area(LIGHT, HALF, "slash", "#5D5D5D", style="dash"),
    "too_shallow": _area(BLUE, 0.45, "cross", "#24425F"),
    "partly_released": _area(PALE, 0.7, "dots", "#2F5D95"),
    "released": _area(GREEN, 0.45, "", "#06694C"),
    "near_hazard": _area(AMBER, 0.12, "dots", AMBER, style="dash"),
    "surveyed_no_evidence": _area("#D4D4D4", 0.4, "dots", GREY, style="dot"),
    "no_record": _area("#D4D4D4", 0.3, "backslash", "#8C8C8C", width_mm=0.3),
    "outside_coverage": _area(LIGHT, HALF, "backslash", GREY, style="dash dot"),
}
_RANKS = ", ".join(f"'{verdict}'" for verdict in WORST_FIRST)

VERDICT_LOOK = Look(
    (
        (
            "Verdicts",
            tuple(Rule(words.VERDICTS[v], _PARTS[v], (("verdict", (v,)),)) for v in WORST_FIRST),
        ),
    ),
    '"plot_id"',
    "fill and hatch are the verdict on the day asked",
    f'array_find(array({_RANKS}), "verdict")',
)
