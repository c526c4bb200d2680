"""How the layers of a day look in a desktop GIS: the signs of the map, as rules, hatches and dashes that QGIS knows.

Data only, made of the signs of `maps.symbols`. Colour, hatch, edge and letters say the same, because colours alone fail
colour-blind readers.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from hazardmap.store.symbology import Look, Part, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hazardmap.exporting.product import Layer
    from hazardmap.maps.symbols import Symbol

_HATCHES: Mapping[str, str] = MappingProxyType(
    {
        "falling_dense": "backslash",
        "falling": "backslash",
        "zigzag": "cross",
        "dots": "dots",
        "rising": "slash",
        "cross": "cross",
        "net": "dots",
        "net_wide": "dots",
    }
)
_MARKERS: Mapping[str, str] = MappingProxyType({"triangle": "triangle", "diamond": "diamond", "square": "square"})
_PIXEL_MM = 0.26
_MARK_MM = 4.0
_TOLD: Mapping[str, str] = MappingProxyType(
    {
        "ground": "fill and hatch are the state of the ground on the day",
        "hazards": "outline is status on the day",
        "finds": "mark is the kind of evidence",
    }
)


def look_of(layer: Layer) -> Look:
    """Give the look of a layer: a rule for each of its signs, worst first and drawn last.

    Examples
    --------
    >>> import hazardmap as hm
    >>> from hazardmap.exporting.product import gathered
    >>> ground = gathered(hm.example(), on="2024-12-31").layers[0]
    >>> [part.kind for part in look_of(ground).groups[0][1][0].parts]
    ['fill', 'hatch', 'outline']
    """
    areas = not any(sign.mark for sign in layer.signs.values())
    rules = tuple(
        Rule(sign.label, _area(sign, filled=layer.what == "ground") if areas else _mark(sign), (("sign", (code,)),))
        for code, sign in layer.signs.items()
    )
    ranks = ", ".join(f"'{code}'" for code in layer.signs)
    return Look(
        ((layer.title, rules),),
        '"label"',
        _TOLD.get(layer.what, "outlines as recorded"),
        f'array_find(array({ranks}), "sign")',
    )


def _area(sign: Symbol, *, filled: bool) -> tuple[Part, ...]:
    line = sign.outline or sign.hatch_colour or sign.fill or "#707070"
    edge = Part(
        "outline", line, width_mm=max(round(sign.width * _PIXEL_MM, 2), 0.2), style="dash" if sign.dash else "solid"
    )
    if not filled:
        return (edge,)
    parts = [Part("fill", sign.fill, sign.opacity)] if sign.fill else []
    parts += [Part("hatch", sign.hatch_colour, width_mm=0.25, shape=_HATCHES[sign.hatch])] if sign.hatch else []
    return (*parts, edge)


def _mark(sign: Symbol) -> tuple[Part, ...]:
    return (Part("marker", sign.fill, width_mm=_MARK_MM, shape=_MARKERS.get(sign.mark, "circle")),)
