"""The schema as data: each table with its columns, their kinds, units, words and meaning, its key and its geometry.

Knows the words; checks nothing and opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from hazardmap import words
from hazardmap.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Kind of column → pandas type. A set of words or ids is a tuple of texts, sorted; an empty set is ().
DTYPES: Mapping[str, str] = MappingProxyType(
    {
        "id": "str",
        "text": "str",
        "word": "str",
        "date": "datetime64[us]",
        "time": "datetime64[us]",
        "number": "float64",
        "count": "Int64",
        "words": "object",
        "ids": "object",
    }
)
_POLYGON, _POINT, _ANY = (3, 6), (0, 3, 6), (0, 1, 2, 3, 4, 5, 6)


@dataclass(frozen=True)
class Column:
    """One column: its kind (a key of `DTYPES`), whether it must be filled, its words, its unit and its meaning."""

    name: str
    kind: str
    meaning: str
    required: bool = False
    words: words.Vocabulary | None = None
    unit: str = ""
    above_zero: bool = False


@dataclass(frozen=True)
class Table:
    """One table: its columns, its key and the geometry it takes (shapely type ids; None: no geometry)."""

    name: str
    key: tuple[str, ...]
    geometry: tuple[int, ...] | None
    geometry_required: bool
    columns: tuple[Column, ...]

    @property
    def id_column(self) -> str:
        """The column that names a record."""
        return self.key[0] if self.key else "record_id"

    def column(self, name: str) -> Column | None:
        """Give a column by name, None when the table has no such column."""
        return next((c for c in self.columns if c.name == name), None)


def _c(name: str, kind: str, meaning: str, **more: Any) -> Column:
    return Column(name, kind, meaning, **more)


_PROVENANCE = (
    _c("source", "text", "document or file that the record comes from"),
    _c("recorded_at", "time", "when it was entered here, UTC"),
    _c("as_entered", "text", "the row as the file had it, JSON"),
    _c("repaired", "text", "what was changed in its geometry, and by how much"),
    _c("quarantined", "text", "why the row cannot be trusted; a quarantined hazard counts as an open draft"),
)
_DEVICES = tuple(
    _c(f"{kind}_found", "count", f"{kind.upper()} items found") for kind in ("ap", "av", "uxo", "axo", "cluster", "ied")
)


def _table(
    name: str, key: tuple[str, ...], geometry: tuple[int, ...] | None, *columns: Column, placed: bool = True
) -> Table:
    return Table(name, key, geometry, placed, (*columns, *_PROVENANCE))


#: The schema: domain notes §2.
TABLES: Mapping[str, Table] = MappingProxyType(
    {
        t.name: t
        for t in (
            _table(
                "hazards",
                ("hazard_id", "date_of_information"),
                _POINT,
                _c("hazard_id", "id", "the hazard; its rows are its versions", required=True),
                _c("date_of_information", "date", "the day on which this was so", required=True),
                _c("event", "word", "what this version reports", required=True, words=words.EVENT),
                _c("name", "text", "name of the place"),
                _c(
                    "classification",
                    "word",
                    "suspected on indirect, confirmed on direct evidence",
                    required=True,
                    words=words.CLASSIFICATION,
                ),
                _c("status", "word", "state of the work", required=True, words=words.STATUS),
                _c("closed_on", "date", "day of closing"),
                _c("close_reason", "word", "why it was closed", words=words.CLOSE_REASON),
                _c("superseded_by", "ids", "hazards that took its place"),
                _c("contamination", "words", "kinds of explosive ordnance", words=words.CONTAMINATION),
                _c("evidence", "words", "items of evidence", words=words.EVIDENCE),
                _c("record_reliability", "word", "reliability of the record", words=words.RELIABILITY),
                _c("accuracy_m", "number", "positional accuracy", unit="m"),
                _c("location_kind", "word", "how the place is known", words=words.LOCATION_KIND),
                _c("stated_area_m2", "number", "area that the record states", unit="m²"),
                _c("district", "text", "administrative area, code or name"),
                _c("priority", "text", "priority given by the authority"),
                _c("organisation", "text", "who reported it"),
                _c("workflow", "word", "only an approved version can shrink or soften", words=words.WORKFLOW),
            ),
            _table(
                "releases",
                ("release_id",),
                _POLYGON,
                _c("release_id", "id", "one row for each product polygon", required=True),
                _c("hazard_ids", "ids", "hazards that it releases; may be empty"),
                _c("activity_id", "id", "survey or task that it belongs to"),
                _c("activity_type", "word", "kind of activity", words=words.ACTIVITY),
                _c("product", "word", "cancelled by NTS, reduced by TS, cleared", required=True, words=words.PRODUCT),
                _c("method", "words", "methods used", words=words.METHOD),
                _c("depth_m", "number", "depth to which it was cleared", unit="m", above_zero=True),
                _c("organisation", "text", "operator"),
                _c("date_completed", "date", "day on which the work ended", required=True),
                _c("decision", "word", "decision of the authority", words=words.DECISION),
                _c("decision_date", "date", "day of the decision"),
                _c("quality", "word", "result of quality control", words=words.QUALITY),
                _c("quality_date", "date", "day of that result"),
                _c("nonconformity", "word", "worst nonconformity found", words=words.NONCONFORMITY),
                _c("nonconformity_closed_on", "date", "day on which it was closed"),
                _c("handover_no", "text", "number of the handover paper"),
                _c("handover_date", "date", "day of handover"),
                _c("handover_to", "text", "who received the land"),
                _c("accuracy_m", "number", "positional accuracy", unit="m"),
                *_DEVICES,
                _c("district", "text", "administrative area, code or name"),
            ),
            _table(
                "surveys",
                ("survey_id",),
                _POLYGON,
                _c("survey_id", "id", "ground walked by NTS with no evidence found", required=True),
                _c("date", "date", "day of the survey", required=True),
                _c("organisation", "text", "who surveyed"),
            ),
            _table(
                "finds",
                ("find_id",),
                (0,),
                _c("find_id", "id", "point of evidence", required=True),
                _c("date", "date", "day of the find; undated counts as after every release"),
                _c("kind", "word", "device, accident or incident", required=True, words=words.FIND_KIND),
                *_DEVICES,
                _c("accuracy_m", "number", "positional accuracy", unit="m"),
                _c("answered_on", "date", "day on which it was dealt with"),
                _c("answered_by", "text", "survey or task that dealt with it"),
                _c("district", "text", "administrative area, code or name"),
            ),
            _table(
                "plots",
                ("plot_id",),
                _POLYGON,
                _c("plot_id", "id", "parcel of land", required=True),
                _c("cadastre_no", "text", "number in the cadastre"),
                _c("name", "text", "name of the place"),
                _c("use", "text", "use that is planned"),
                _c("required_depth_m", "number", "depth that the use asks for", unit="m", above_zero=True),
                _c("accuracy_m", "number", "positional accuracy", unit="m"),
                _c("district", "text", "administrative area, code or name"),
            ),
            _table(
                "districts",
                ("district_id",),
                _POLYGON,
                _c("district_id", "id", "code of the administrative area", required=True),
                _c("name", "text", "name", required=True),
                _c("aliases", "ids", "other names and spellings"),
                _c("valid_from", "date", "first day of this boundary"),
                _c("valid_to", "date", "last day of this boundary"),
                _c("parent", "text", "area that it belongs to"),
            ),
            _table(
                "coverage",
                ("coverage_id",),
                _POLYGON,
                _c("coverage_id", "id", "ground about which the data claim to know anything", required=True),
                _c("as_of", "date", "day up to which they claim it", required=True),
            ),
            _table(
                "context",
                (),
                _ANY,
                _c("kind", "text", "road, river, canal, village, school …", required=True),
                _c("name", "text", "name"),
            ),
            Table(
                "history",
                (),
                None,
                False,
                (
                    _c("table", "text", "table of the record"),
                    _c("row", "text", "row in the file, from 1"),
                    _c("record_id", "text", "id of the record"),
                    _c(
                        "outcome",
                        "text",
                        "accepted, repaired, quarantined; of an update: added, changed, unchanged, refused, missing",
                    ),
                    _c("what", "text", "what happened"),
                    _c("why", "text", "the rule behind it"),
                    _c("area_before_m2", "number", "area as entered", unit="m²"),
                    _c("area_after_m2", "number", "area as kept", unit="m²"),
                    _c("geometry_as_entered", "text", "WKT, in the CRS stored; for repaired and quarantined rows"),
                    _c("source", "text", "file"),
                    _c("source_sha256", "text", "its fingerprint"),
                    _c("recorded_at", "time", "when, UTC"),
                    _c("origin", "text", "where the file comes from, in words"),
                    _c("day", "date", "the day of which the row speaks"),
                    _c("change", "text", "what an update found changed: column: what was → what is"),
                    _c("kept", "text", "JSON: rows in full that the table no longer shows, or that were refused; WKT"),
                ),
            ),
        )
    }
)


def table(name: str) -> Table:
    """Give the schema of a table.

    Raises
    ------
    SchemaError
        When there is no table of that name.

    Examples
    --------
    >>> [c.name for c in table("hazards").columns if c.required]
    ['hazard_id', 'date_of_information', 'event', 'classification', 'status']
    """
    if name not in TABLES:
        raise SchemaError(f"no table is named {name!r}", f"one of {', '.join(TABLES)}", "correct the name of the table")
    return TABLES[name]
