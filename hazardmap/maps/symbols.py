"""How each thing on the map looks: fill, hatch, outline, mark, letters, and its place in the order of danger.

Two independent channels: the fill says what state the ground has, the outline what the record says (TN 07.11/01, Land
Release Symbology, 2016). Red, amber and green alone fail colour-blind readers, so hatch and letters are always on.
Signs marked "ours" are not in that note. Knows words and colours; knows nothing of geometry or of HTML.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from hazardmap import words

if TYPE_CHECKING:
    from collections.abc import Mapping

_STANDARD = "TN 07.11/01"
_OURS = "ours"


@dataclass(frozen=True, kw_only=True)
class Symbol:
    """One sign of the map.

    Parameters
    ----------
    label
        What it means, in words fit for a legend.
    fill, opacity
        Colour of the area and how much it covers, 0 to 1; an empty colour leaves it open.
    hatch, hatch_colour
        Name of a pattern of ``symbols.js`` and its colour.
    outline, width, dash
        Colour, width and dashes of the edge, in CSS pixels; an empty colour draws none.
    mark
        Colour and shape of a point: ``circle``, ``diamond``, ``triangle``, ``square``, ``dot``.
    letters
        Written on the ground where there is room; ``{depth}`` is filled with the depth of the release.
    band
        Colour of a plot's verdict: a band along the inside of its edge, which leaves the ground open to view; the whole
        of a plot too small for a band; and the badge that bears its letters.
    over_plots
        Painted above what is painted of a plot, its thin edge and its badge excepted: no plot hides ground that is not
        released.
    source
        Where the sign comes from.
    """

    label: str
    fill: str = ""
    opacity: float = 0.5
    hatch: str = ""
    hatch_colour: str = ""
    outline: str = ""
    width: float = 1.5
    dash: tuple[float, ...] = ()
    mark: str = ""
    letters: str = ""
    band: str = ""
    over_plots: bool = False
    source: str = _OURS


_RED, _AMBER, _CLOSED = "#ff0000", "#f4a718", "#a6ce39"
_GREEN, _BLUE, _PALE = "#0ea67b", "#416284", "#c0d5f0"
_VIOLET, _GREY, _INK = "#7a2e9d", "#6f6f6f", "#22303c"

#: Hatches of the three products; grey while the land is not handed over.
_PRODUCTS = {"cancelled": ("dots", "X"), "reduced": ("rising", "R"), "cleared": ("cross", "CL{depth}")}


def _ground() -> dict[str, Symbol]:
    found = {
        "confirmed_open": Symbol(
            label="Confirmed hazardous area",
            fill=_RED,
            hatch="falling_dense",
            hatch_colour="#8f0000",
            over_plots=True,
            source=_STANDARD,
        ),
        "suspected_open": Symbol(
            label="Suspected hazardous area",
            fill=_AMBER,
            hatch="falling",
            hatch_colour="#8a5200",
            over_plots=True,
            source=_STANDARD,
        ),
        "in_question": Symbol(
            label="Release in question: later evidence",
            fill=_VIOLET,
            opacity=0.34,
            hatch="zigzag",
            hatch_colour="#4d1368",
            outline=_VIOLET,
            width=1.5,
            dash=(2, 3),
            letters="?",
            over_plots=True,
        ),
    }
    for product, (hatch, letters) in _PRODUCTS.items():
        found[f"not_handed_over_{product}"] = Symbol(
            label=f"Reported {product}, not handed over",
            fill="#bdbdbd",
            opacity=0.4,
            hatch=hatch,
            hatch_colour=_GREY,
            outline="#5d5d5d",
            width=1.4,
            dash=(6, 4),
            letters=letters,
            over_plots=True,
        )
    found |= {
        "cancelled": Symbol(
            label="Cancelled by non-technical survey",
            fill=_PALE,
            opacity=0.7,
            hatch="dots",
            hatch_colour="#2f5d95",
            letters="X",
        ),
        "reduced": Symbol(
            label="Reduced by technical survey",
            fill=_BLUE,
            opacity=0.42,
            hatch="rising",
            hatch_colour="#24425f",
            letters="R",
        ),
        "cleared": Symbol(
            label="Cleared",
            fill=_GREEN,
            opacity=0.42,
            hatch="cross",
            hatch_colour="#06694c",
            letters="CL{depth}",
        ),
        "surveyed": Symbol(
            label="Surveyed, no evidence found then",
            fill="#d4d4d4",
            opacity=0.35,
            hatch="net",
            hatch_colour="#8c8c8c",
        ),
        "no_record": Symbol(label="No record: not known", hatch="net_wide", hatch_colour="#c9c9c9"),
    }
    return found


_HAZARDS = {
    "open": Symbol(label="Open", outline=_RED, width=3.0, source=_STANDARD),
    "worked_on": Symbol(label="Worked on", outline=_AMBER, width=3.0, dash=(7, 4), source=_STANDARD),
    "suspended": Symbol(label="Work suspended", outline=_RED, width=3.0, dash=(9, 3, 2, 3)),
    "unknown": Symbol(label="Status not known, taken as open", outline=_RED, width=3.0, dash=(2, 3)),
    "closed": Symbol(label="Closed", outline=_CLOSED, width=2.0, source=_STANDARD),
    "changed": Symbol(label="Repaired: changed ground", outline="#0b0b0b", width=1.6, dash=(1, 4)),
    "draft": Symbol(label="Draft or not trusted, counts as open", outline="#0b0b0b", width=1.6, dash=(4, 4)),
}

_RELEASES = {
    "void": Symbol(label="Void: frees nothing", outline="#8a8a8a", width=1.0, dash=(1, 4)),
    "in_question": Symbol(label="In question", outline=_VIOLET, width=1.4, dash=(2, 3)),
    "pending": Symbol(label="Not handed over", outline="#5d5d5d", width=1.4, dash=(6, 4)),
    "cancelled": Symbol(label="Cancelled", outline="#2f5d95", width=1.1),
    "reduced": Symbol(label="Reduced", outline="#24425f", width=1.1),
    "cleared": Symbol(label="Cleared", outline="#06694c", width=1.1),
}

_FINDS = {
    "accident": Symbol(label="Accident", fill="#c40000", outline="#ffffff", mark="triangle"),
    "incident": Symbol(label="Incident", fill="#c40000", outline="#ffffff", mark="diamond"),
    "device": Symbol(label="Device found", fill=_INK, outline="#ffffff", mark="diamond"),
    "unknown": Symbol(label="Kind not known", fill="#c40000", outline="#ffffff", mark="circle"),
    "evidence": Symbol(label="Evidence, kind not told here", fill="#c40000", outline="#ffffff", mark="circle"),
    "answered": Symbol(label="Answered since", fill="#ffffff", outline=_INK, mark="diamond"),
}

#: Zones of a generalised map, by the worst in them. They lie under everything but the background, and never
#: say that nothing is there.
_ZONES = {
    "confirmed_open": Symbol(
        label="Some ground here is confirmed hazardous",
        fill=_RED,
        opacity=0.34,
        hatch="falling_dense",
        hatch_colour="#8f0000",
        outline="#8f0000",
        width=1.0,
    ),
    "suspected_open": Symbol(
        label="Some ground here is suspected hazardous",
        fill=_AMBER,
        opacity=0.34,
        hatch="falling",
        hatch_colour="#8a5200",
        outline="#8a5200",
        width=1.0,
    ),
    "not_released": Symbol(
        label="Some ground here is not released",
        fill=_VIOLET,
        opacity=0.24,
        hatch="zigzag",
        hatch_colour="#4d1368",
        outline="#4d1368",
        width=1.0,
    ),
    "released": Symbol(
        label="Some ground here was released; the rest is not known",
        fill=_PALE,
        opacity=0.5,
        hatch="dots",
        hatch_colour="#2f5d95",
        outline="#2f5d95",
        width=1.0,
    ),
    "no_record": Symbol(
        label="No record: not known", hatch="net_wide", hatch_colour="#c9c9c9", outline="#b9bfc4", width=0.8
    ),
}

_CONTEXT = {
    "water": Symbol(label="Canal, river", fill="#8fb7d3", opacity=0.7, outline="#6d9fc2", width=2.0, mark="dot"),
    "road": Symbol(label="Road", fill="#efe7d6", outline="#a08c6b", width=2.0, mark="dot"),
    "railway": Symbol(label="Railway", outline="#6a6a6a", width=1.6, dash=(8, 3), mark="dot"),
    "school": Symbol(label="School", fill="#2a4a73", opacity=0.16, outline="#ffffff", mark="square"),
    "place": Symbol(label="Village, town", fill=_INK, opacity=0.13, outline="#ffffff", width=1.0, mark="circle"),
    "other": Symbol(label="Other", fill="#e2dfd8", outline="#88837a", width=1.2, mark="dot"),
}

_PLOT_EDGE = "#14304f"


def _verdict(code: str, letters: str, band: str, hatch: str, hatch_colour: str, **more: Any) -> Symbol:
    said = words.VERDICTS[code].partition(";")[0]
    return Symbol(
        label=said[0].upper() + said[1:],
        letters=letters,
        band=band,
        hatch=hatch,
        hatch_colour=hatch_colour,
        **{"outline": _PLOT_EDGE, "width": 1.2, **more},
    )


#: The verdicts, worst first: what is known to be bad, then what nobody knows, a release last. Colour, hatch and letters
#: all say the same. Only ground released with its papers may look green; where nobody knows, fill and edge are grey.
_VERDICTS = {
    code: _verdict(code, *sign, **more)
    for code, sign, more in (
        ("confirmed_hazard", ("CHA", "#c54127", "falling_dense", "#5f0f00"), {}),
        ("suspected_hazard", ("SHA", "#ea9024", "falling", "#7a3d00"), {}),
        ("release_in_question", ("REL?", _VIOLET, "zigzag", "#f1dcfa"), {}),
        ("not_handed_over", ("PAPERS", "#553a1e", "rising", "#f3e3cf"), {}),
        ("cannot_tell", ("?", "#565d64", "net", "#cdd2d6"), {"fill": "#7d848b", "outline": "#4d555c"}),
        ("too_shallow", ("DEPTH", _BLUE, "level", "#d3e0ee"), {}),
        ("near_hazard", ("NEAR", "#eddc5a", "specks", "#5c4d00"), {}),
        ("partly_released", ("PART", "#86b3e0", "upright", "#173f66"), {}),
        ("outside_coverage", ("NO DATA", "#a7adb3", "plus", "#4d555c"), {"fill": "#a3a8ad", "outline": "#6a7177"}),
        ("no_record", ("NO REC", "#c6cbcf", "net_wide", "#8d9399"), {"fill": "#cfd2d5", "outline": "#858c92"}),
        ("surveyed_no_evidence", ("SURV", "#d8c3a5", "dots", "#5e4d2c"), {"outline": "#6f6557"}),
        ("released", ("REL", _GREEN, "cross", "#06694c"), {"fill": _GREEN, "opacity": 0.42}),
    )
}

#: Layer → code → sign. Layers are drawn in this order, the codes of each from the last to the first: worst on top.
SYMBOLS: Mapping[str, Mapping[str, Symbol]] = MappingProxyType(
    {
        "context": MappingProxyType(_CONTEXT),
        "zones": MappingProxyType(_ZONES),
        "ground": MappingProxyType(_ground()),
        "coverage": MappingProxyType(
            {"coverage": Symbol(label="Limit of the data", outline="#5b6b78", width=1.3, dash=(10, 4, 2, 4))}
        ),
        "districts": MappingProxyType(
            {"district": Symbol(label="District", outline="#75668a", width=1.2, dash=(12, 3, 3, 3))}
        ),
        "surveys": MappingProxyType({"survey": Symbol(label="Survey", outline="#7d7d7d", width=1.0, dash=(3, 3))}),
        "verdicts": MappingProxyType(_VERDICTS),
        "releases": MappingProxyType(_RELEASES),
        "hazards": MappingProxyType(_HAZARDS),
        "plots": MappingProxyType({"plot": Symbol(label="Plot", outline="#163a6b", width=1.1)}),
        "finds": MappingProxyType(_FINDS),
    }
)

_COVER = 0.85


def _over(fill: str, hatch_colour: str, **more: Any) -> dict[str, Any]:
    return {"fill": fill, "opacity": _COVER, "hatch_colour": hatch_colour, **more}


_CLEARED = _over("#32ad76", "#0a5233")
_WAITING = _over("#707c89", "#252b31", outline="#252b31")
_UNKNOWN_OPEN, _WORKED_ON, _DONE = "#7a1000", "#e0b000", "#3fa07a"

#: Colours that hold for readers with protanopia, deuteranopia or tritanopia and in grey print. The eight states, as
#: painted over the land, are at least 17.5 apart (CIEDE2000) for each of those eyes, and 8.7 in lightness: a test holds
#: it. Red, ochre, green and the blues keep their meaning for everybody else.
_COLOUR_BLIND: Mapping[str, Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "ground": {
            "confirmed_open": _over("#c9250d", "#4f0b00"),
            "suspected_open": _over("#d3b408", "#5c4a00"),
            "in_question": _over("#37008a", "#cdb8ff", outline="#37008a"),
            **{f"not_handed_over_{product}": _WAITING for product in _PRODUCTS},
            "cancelled": _over("#bad3ff", "#2f5d95"),
            "reduced": _over("#3b4559", "#c3cede"),
            "cleared": _CLEARED,
            "surveyed": _over("#f4efe6", "#6d6d6d"),
        },
        "hazards": {
            "open": {"outline": _UNKNOWN_OPEN},
            "worked_on": {"outline": _WORKED_ON},
            "suspended": {"outline": _UNKNOWN_OPEN},
            "unknown": {"outline": _UNKNOWN_OPEN},
            "closed": {"outline": _DONE},
        },
        "releases": {"in_question": {"outline": "#37008a"}, "cleared": {"outline": "#0a5233"}},
        "verdicts": {
            "confirmed_hazard": {"band": "#c9250d"},
            "suspected_hazard": {"band": "#d3b408", "hatch_colour": "#5c4a00"},
            "release_in_question": {"band": "#37008a"},
            "released": {"band": "#32ad76", **_CLEARED},
        },
        "finds": {kind: {"fill": "#a80f00"} for kind in ("accident", "incident", "unknown", "evidence")},
        "zones": {
            "confirmed_open": {"fill": "#c9250d", "hatch_colour": "#4f0b00"},
            "suspected_open": {"fill": "#d3b408", "hatch_colour": "#5c4a00"},
            "not_released": {"fill": "#37008a", "hatch_colour": "#37008a", "outline": "#37008a"},
        },
    }
)

#: Theme → layer → code → what is another there than in `SYMBOLS`. Only colours and how much they cover change: hatch,
#: dashes, mark and letters say the same in every theme.
THEMES: Mapping[str, Mapping[str, Mapping[str, Mapping[str, Any]]]] = MappingProxyType(
    {"imas": MappingProxyType({}), "colour_blind": _COLOUR_BLIND}
)

_KINDS = {
    "road": "road track street highway path motorway trunk primary secondary tertiary residential unclassified footway",
    "water": "river canal stream lake water ditch drain reservoir riverbank waterway",
    "railway": "railway rail",
    "school": "school",
    "place": "village town city settlement place hamlet",
}
#: Which kind of context each folded word stands for; any other word is drawn as "other".
CONTEXT_KINDS: Mapping[str, str] = MappingProxyType({w: kind for kind, all_ in _KINDS.items() for w in all_.split()})


def worn(layer: str, theme: str) -> dict[str, Symbol]:
    """Give the signs of a layer in the colours of a theme.

    Examples
    --------
    >>> worn("ground", "imas") == SYMBOLS["ground"]
    True
    >>> worn("ground", "colour_blind")["confirmed_open"].hatch == SYMBOLS["ground"]["confirmed_open"].hatch
    True
    """
    changes = THEMES[theme].get(layer, {})
    return {code: replace(symbol, **changes.get(code, {})) for code, symbol in SYMBOLS[layer].items()}


def as_data(layer: str) -> list[dict[str, Any]]:
    """List the signs of a layer, worst first, as the page takes them.

    Examples
    --------
    >>> as_data("ground")[0]["label"], as_data("ground")[0]["fill"], as_data("ground")[0]["opacity"]
    ('Confirmed hazardous area', '#ff0000', 0.5)
    """
    return [{"code": code, **asdict(symbol)} for code, symbol in SYMBOLS[layer].items()]
