"""Which columns a reader sees for each layer, under which names, and how each is written.

Labels for people, one place, one language; the codes stay the tables'. Knows the columns of the tables and of the
release functions; knows nothing of drawing.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from hazardmap import tables

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Attribute:
    """A column shown on the card of a record.

    Parameters
    ----------
    column
        Its name in the table.
    label
        What the reader sees before the value.
    kind
        How it is written: ``text``, ``word``, ``words``, ``ids``, ``date``, ``m``, ``m2``, ``count`` or ``warning``.
    """

    column: str
    label: str
    kind: str = "text"


@dataclass(frozen=True, kw_only=True)
class LayerText:
    """What a layer is called, what names its records, and what is told of them.

    Parameters
    ----------
    title
        Name of the layer in the legend.
    noun
        What one record is called on a card.
    heading
        Column that names a record.
    name
        Column written on the map where there is room; empty for none.
    attributes
        The columns of the card, in order.
    """

    title: str
    noun: str
    heading: str = ""
    name: str = ""
    attributes: tuple[Attribute, ...] = ()


def _a(column: str, label: str, kind: str = "text") -> Attribute:
    return Attribute(column, label, kind)


_TRUST = (_a("repaired", "Repaired: changed ground", "warning"), _a("quarantined", "Not trusted", "warning"))
_DEVICES = tuple(
    _a(f"{kind}_found", f"{label} found", "count")
    for kind, label in (
        ("ap", "AP mines"),
        ("av", "AV mines"),
        ("uxo", "UXO"),
        ("axo", "AXO"),
        ("cluster", "Submunitions"),
        ("ied", "IEDs"),
    )
)

LAYERS: Mapping[str, LayerText] = MappingProxyType(
    {
        "ground": LayerText(
            title="State of the ground",
            noun="Ground",
            attributes=(
                _a("why", "Why"),
                _a("depth_m", "Depth", "m"),
                _a("area_m2", "Area in this state", "m2"),
                _a("hazard_ids", "Hazards", "ids"),
                _a("release_ids", "Releases", "ids"),
                _a("unlinked_release_ids", "Releases that name no hazard and free nothing here", "ids"),
                _a("void_release_ids", "Void releases", "ids"),
                _a("find_ids", "Finds", "ids"),
                _a("survey_ids", "Surveys", "ids"),
            ),
        ),
        "hazards": LayerText(
            title="Hazards as recorded",
            noun="Hazard",
            heading="hazard_id",
            name="hazard_id",
            attributes=(
                *_TRUST,
                _a("name", "Name"),
                _a("classification", "Classification", "word"),
                _a("status", "Status", "word"),
                _a("date_of_information", "Date of information", "date"),
                _a("event", "Reported as", "word"),
                _a("contamination", "Contamination", "words"),
                _a("evidence", "Evidence", "words"),
                _a("area_m2", "Area", "m2"),
                _a("open_m2", "Still open", "m2"),
                _a("accuracy_m", "Positional accuracy", "m"),
                _a("location_kind", "Place known by", "word"),
                _a("district", "District"),
                _a("priority", "Priority"),
                _a("organisation", "Reported by"),
                _a("workflow", "Approval", "word"),
                _a("source", "Source"),
            ),
        ),
        "releases": LayerText(
            title="Releases as recorded",
            noun="Release",
            heading="release_id",
            attributes=(
                *_TRUST,
                _a("why", "Missing or wrong", "warning"),
                _a("product", "Product", "word"),
                _a("standing", "Standing", "word"),
                _a("hazard_ids", "Hazards", "ids"),
                _a("activity_type", "Activity", "word"),
                _a("activity_id", "Task"),
                _a("method", "Methods", "words"),
                _a("depth_m", "Depth", "m"),
                _a("date_completed", "Completed", "date"),
                _a("decision", "Decision", "word"),
                _a("decision_date", "Decided on", "date"),
                _a("quality", "Quality control", "word"),
                _a("nonconformity", "Nonconformity", "word"),
                _a("handover_no", "Handover paper"),
                _a("handover_date", "Handed over", "date"),
                _a("handover_to", "Handed over to"),
                _a("area_m2", "Area", "m2"),
                *_DEVICES,
                _a("organisation", "Operator"),
                _a("district", "District"),
                _a("source", "Source"),
            ),
        ),
        "finds": LayerText(
            title="Finds and accidents",
            noun="Find",
            heading="find_id",
            attributes=(
                *_TRUST,
                _a("kind", "Kind", "word"),
                _a("date", "Date", "date"),
                _a("accuracy_m", "Positional accuracy", "m"),
                *_DEVICES,
                _a("answered_on", "Answered on", "date"),
                _a("answered_by", "Answered by"),
                _a("district", "District"),
                _a("source", "Source"),
            ),
        ),
        "plots": LayerText(
            title="Plots",
            noun="Plot",
            heading="plot_id",
            name="plot_id",
            attributes=(
                *_TRUST,
                _a("name", "Name"),
                _a("cadastre_no", "Cadastre number"),
                _a("use", "Planned use"),
                _a("required_depth_m", "Depth that the use asks for", "m"),
                _a("district", "District"),
                _a("source", "Source"),
            ),
        ),
        "surveys": LayerText(
            title="Surveys",
            noun="Survey",
            heading="survey_id",
            attributes=(*_TRUST, _a("date", "Surveyed on", "date"), _a("organisation", "By"), _a("source", "Source")),
        ),
        "districts": LayerText(
            title="Districts",
            noun="District",
            heading="name",
            name="name",
            attributes=(
                _a("district_id", "Code"),
                _a("aliases", "Also called", "ids"),
                _a("parent", "Part of"),
                _a("source", "Source"),
            ),
        ),
        "coverage": LayerText(
            title="Limit of the data",
            noun="Coverage",
            heading="coverage_id",
            attributes=(_a("as_of", "Known up to", "date"), _a("source", "Source")),
        ),
        "context": LayerText(
            title="Roads, water, places",
            noun="Context",
            heading="name",
            name="name",
            attributes=(_a("kind", "Kind"), _a("source", "Source")),
        ),
    }
)

_SPELT = {
    "AP": "anti-personnel mines",
    "AV": "anti-vehicle mines",
    "cluster": "cluster munitions",
    "UXO": "UXO",
    "AXO": "AXO",
    "IED": "IED",
    "NTS": "non-technical survey",
    "TS": "technical survey",
    "BAC": "battle area clearance",
    "EOD": "explosive ordnance disposal",
    "pending": "pending",
    "void": "void: frees nothing",
    "revised_down": "revised downwards",
    "centroid": "a centre point only",
    "accident_known_place": "accident at a known place",
    "accident_unknown_place": "accident, place unknown",
    "record_high_reliability": "reliable record",
    "record_low_reliability": "record of low reliability",
    "sign_or_fence": "signs or fencing",
    "visual": "seen",
    "land_not_used": "land not used",
}


def spelt(layer: str) -> dict[str, str]:
    """Give the readable form of each code that the words of a layer can hold.

    Examples
    --------
    >>> spelt("hazards")["worked_on"], spelt("hazards")["AP"]
    ('worked on', 'anti-personnel mines')
    """
    schema = tables.TABLES.get(layer)
    codes = {code for c in (schema.columns if schema else ()) if c.words for code in c.words.codes}
    codes |= {"counting", "pending", "void"} if layer == "releases" else set()
    return {code: _SPELT.get(code, code.replace("_", " ")) for code in sorted(codes)}
