"""How each layer looks in a desktop GIS: rules, colours, hatches (domain notes §6; TN 07.11/01, 2016).

Data only: which rows a rule takes and what is drawn for them. Fill is classification, outline is status; products
bear a hatch and letters, because colours alone fail colour-blind readers. These rules look at records one by one:
they do not know the rule of the ground, so a product counts as documented here only when every paper is in the
record.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Column → the words it may hold; None: any value, but some.
Condition = tuple[tuple[str, tuple[str, ...] | None], ...]

RED, AMBER, GREEN, GREY, BLACK = "#FF0000", "#F4A718", "#A6CE39", "#707070", "#000000"
HALF = 0.5


@dataclass(frozen=True)
class Part:
    """One thing drawn for a shape: a fill, an outline, a hatch, a marker or a line; sizes in mm."""

    kind: str
    colour: str
    opacity: float = 1.0
    width_mm: float = 0.4
    style: str = "solid"
    shape: str = ""


@dataclass(frozen=True)
class Rule:
    """What is drawn for the rows that meet a condition, and (`unless`) do not meet another.

    Parameters
    ----------
    label
        For the legend.
    parts
        Drawn bottom first.
    where, unless
        All columns must hold one of the words named. Without either the rule takes every row.
    otherwise
        True: takes the rows that no other rule of its group takes.
    """

    label: str
    parts: tuple[Part, ...]
    where: Condition = ()
    unless: Condition = ()
    otherwise: bool = False


@dataclass(frozen=True)
class Look:
    """The look of a layer.

    Parameters
    ----------
    groups
        Name and rules; each group draws on its own.
    label
        Label expression for QGIS.
    told
        What fill and outline stand for.
    order
        Expression for QGIS by which shapes are drawn, the highest first; empty: as they stand in the file.
    """

    groups: tuple[tuple[str, tuple[Rule, ...]], ...]
    label: str = ""
    told: str = "fill is classification, outline is status"
    order: str = ""


def _outline(colour: str, width_mm: float = 0.4, style: str = "solid") -> Part:
    return Part("outline", colour, width_mm=width_mm, style=style)


def _marker(shape: str, colour: str, size_mm: float = 3.0) -> Part:
    return Part("marker", colour, width_mm=size_mm, shape=shape)


def _hatch(shape: str, colour: str) -> Part:
    return Part("hatch", colour, width_mm=0.25, shape=shape)


_CONFIRMED: Condition = (("classification", ("confirmed",)),)
_SUSPECTED: Condition = (("classification", ("suspected",)),)
_TRUSTED_PAPERS: Condition = (
    ("decision", ("approved",)),
    ("quality", ("passed",)),
    ("handover_no", None),
    ("handover_date", None),
)
_HATCH_OF = {"cancelled": "dots", "reduced": "slash", "cleared": "cross"}


def _product(product: str) -> tuple[Rule, ...]:
    is_product: Condition = (("product", (product,)),)
    return (
        Rule(
            f"{product}, papers complete",
            (_hatch(_HATCH_OF[product], GREEN), _outline(GREEN)),
            (*is_product, *_TRUSTED_PAPERS),
            (("quarantined", None),),
        ),
        Rule(
            f"{product}, papers missing",
            (_hatch(_HATCH_OF[product], GREY), _outline(GREY, 0.4, "dash")),
            is_product,
            _TRUSTED_PAPERS,
        ),
        Rule(
            f"{product}, record not trusted: frees nothing",
            (_outline(GREY, 0.4, "dot"),),
            (*is_product, ("quarantined", None)),
        ),
    )


def _classes(label: str, parts: Mapping[str, tuple[Part, ...]]) -> tuple[str, tuple[Rule, ...]]:
    return label, (
        Rule("confirmed hazardous area", parts["confirmed"], _CONFIRMED),
        Rule("suspected hazardous area", parts["suspected"], _SUSPECTED),
        Rule("class unknown: taken for confirmed", parts["confirmed"], otherwise=True),
    )


LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "hazards": Look(
            (
                _classes(
                    "Classification (fill)",
                    {
                        "confirmed": (Part("fill", RED, HALF), _hatch("backslash", RED)),
                        "suspected": (Part("fill", AMBER, HALF), _hatch("slash", AMBER)),
                    },
                ),
                (
                    "Status (outline)",
                    (
                        Rule("worked on", (_outline(AMBER, 0.6, "dash"),), (("status", ("worked_on",)),)),
                        Rule("suspended", (_outline(RED, 0.6, "dash"),), (("status", ("suspended",)),)),
                        Rule(
                            "closed in the record (proves nothing by itself)",
                            (_outline(GREEN, 0.3),),
                            (("status", ("closed",)),),
                        ),
                        Rule("open, or not stated", (_outline(RED, 0.6),), otherwise=True),
                    ),
                ),
                _classes(
                    "Known as a point only",
                    {
                        "confirmed": (_marker("diamond", RED, 4.0),),
                        "suspected": (_marker("diamond", AMBER, 4.0),),
                    },
                ),
            ),
            '"hazard_id"',
        ),
        "releases": Look(
            (
                ("Cancelled (X)", _product("cancelled")),
                ("Reduced (R)", _product("reduced")),
                ("Cleared (CL)", _product("cleared")),
                (
                    "Other",
                    (
                        Rule(
                            "product unknown: frees nothing",
                            (_outline(GREY, 0.4, "dot"),),
                            unless=(("product", ("cancelled", "reduced", "cleared")),),
                        ),
                    ),
                ),
            ),
            "CASE WHEN \"product\" = 'cancelled' THEN 'X' WHEN \"product\" = 'reduced' THEN 'R'"
            " WHEN \"product\" = 'cleared' THEN 'CL' || coalesce(' ' || to_string(\"depth_m\") || ' m', '') END",
        ),
        "surveys": Look(
            (
                (
                    "Surveys",
                    (
                        Rule(
                            "surveyed, no evidence found at that time",
                            (_hatch("dots", GREY), _outline(GREY, 0.3, "dot")),
                        ),
                    ),
                ),
            )
        ),
        "finds": Look(
            (
                (
                    "Finds",
                    (
                        Rule("accident", (_marker("star", RED, 4.5),), (("kind", ("accident",)),)),
                        Rule("incident", (_marker("triangle", RED, 3.5),), (("kind", ("incident",)),)),
                        Rule("device, or not stated", (_marker("circle", BLACK),), otherwise=True),
                    ),
                ),
            )
        ),
        "plots": Look((("Plots", (Rule("plot of land", (_outline(BLACK, 0.5),)),)),), '"plot_id"'),
        "districts": Look((("Districts", (Rule("district", (_outline(GREY, 0.8, "dash dot"),)),)),), '"name"'),
        "coverage": Look(
            (("Coverage", (Rule("the data claim to know this ground", (_outline("#1F4E9E", 0.8, "dash"),)),)),)
        ),
        "context": Look(
            (
                (
                    "Context",
                    (
                        Rule("line", (Part("line", GREY, width_mm=0.5),)),
                        Rule("area", (Part("fill", GREY, 0.15), _outline(GREY, 0.2))),
                        Rule("place", (_marker("square", GREY, 2.0),)),
                    ),
                ),
            ),
            '"name"',
        ),
    }
)
