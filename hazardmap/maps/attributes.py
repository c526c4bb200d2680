"""Which columns a reader sees for each layer, under which names, and how each is written.

Labels for people, one place, one language; the codes stay the tables'. Knows the columns of the tables and of the
release functions; knows nothing of drawing.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from hazardmap import tables, words

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
        How it is written: ``text``, ``word``, ``words``, ``ids``, ``date``, ``m``, ``m2``, ``count`` or ``warning``;
        ``share`` (a part of the area, m² and percent), ``nearest`` (id, distance, direction) and ``flags`` take
        several columns or lines.
    """

    column: str
    label: str
    kind: str = "text"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that it is written from."""
        if self.kind == "share":
            return f"{self.column}_m2", f"{self.column}_pct"
        if self.kind == "nearest":
            return "nearest_hazard_id", "nearest_hazard_m", "nearest_direction"
        return (self.column,)


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

#: The states of the ground as parts of a plot.
_STATES = {
    "confirmed_open": "Confirmed hazardous area",
    "suspected_open": "Suspected hazardous area",
    "in_question": "Release in question",
    "not_handed_over": "Finished, not handed over",
    "cancelled": "Cancelled",
    "reduced": "Reduced",
    "cleared": "Cleared",
    "surveyed": "Surveyed, no evidence then",
    "no_record": "No record: not known",
    "outside_coverage": "Outside the data: not known",
}

LAYERS: Mapping[str, LayerText] = MappingProxyType(
    {
        "ground": LayerText(
            title="State of the ground",
            noun="Ground",
            attributes=(
                _a("why", "Why"),
                _a("from", "So since", "date"),
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
        "zones": LayerText(
            title="Ground, generalised",
            noun="Generalised ground",
            heading="name",
            name="name",
            attributes=(
                _a("zone", "Told by", "word"),
                _a("cell_m", "Side of the cell", "m"),
                *(_a(f"{state}_m2", label, "m2") for state, label in list(_STATES.items())[:7]),
                _a("unplaced_hazards", "Hazards without a position", "count"),
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
        "verdicts": LayerText(
            title="Plots by verdict",
            noun="Plot",
            heading="plot_id",
            name="plot_id",
            attributes=(
                _a("verdict", "Verdict", "word"),
                _a("why", "Why"),
                _a("flags", "Note", "flags"),
                _a("cadastre_no", "Cadastre number"),
                _a("name", "Name"),
                _a("use", "Planned use"),
                _a("nearest_hazard", "Nearest open hazard", "nearest"),
                _a("required_depth_m", "Depth that the use needs", "m"),
                _a("cleared_depth_m", "Depth cleared to", "m"),
                _a("area_m2", "Area of the plot", "m2"),
                *(_a(state, label, "share") for state, label in _STATES.items()),
                _a("hazard_ids", "Hazards", "ids"),
                _a("release_ids", "Releases", "ids"),
                _a("idle_release_ids", "Releases that free nothing here", "ids"),
                _a("survey_ids", "Surveys", "ids"),
                _a("find_ids", "Finds", "ids"),
                _a("unplaced_hazards", "Hazards without a position that may lie here", "count"),
                _a("on", "Answer for", "date"),
                _a("as_of", "Records up to", "date"),
                _a("data_as_of", "Coverage here up to", "date"),
                _a("sources", "Source"),
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


_COMPASS = {"N": "north", "E": "east", "S": "south", "W": "west"}
_DIRECTIONS = {code: "-".join(_COMPASS[letter] for letter in code) for code in words.DIRECTIONS}


def spelt(layer: str) -> dict[str, str]:
    """Give the readable form of each code that the words of a layer can hold.

    Examples
    --------
    >>> spelt("hazards")["worked_on"], spelt("hazards")["AP"]
    ('worked on', 'anti-personnel mines')
    >>> spelt("verdicts")["SE"], spelt("verdicts")["stale_data"]
    ('south-east', 'the data are older than the policy allows')
    """
    if layer == "verdicts":
        return {**words.VERDICTS, **words.FLAGS, **_DIRECTIONS}
    if layer == "zones":
        return {"district": "district", "cell": "cell of the grid"}
    schema = tables.TABLES.get(layer)
    codes = {code for c in (schema.columns if schema else ()) if c.words for code in c.words.codes}
    codes |= {"counting", "pending", "void"} if layer == "releases" else set()
    return {code: _SPELT.get(code, code.replace("_", " ")) for code in sorted(codes)}
