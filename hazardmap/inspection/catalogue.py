"""The checks as data: what each looks for, where the rule comes from, what to do about it, and every threshold.

Knows words and numbers; looks at no record.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from hazardmap.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Worst first. An error makes an answer wrong or worse; a warning wants a look; a note is to be known.
SEVERITIES = ("error", "warning", "note")
_GEOCHECK = "GICHD geocheck (domain notes §7)"
_OURS = "hazardmap (design notes)"


@dataclass(frozen=True)
class Check:
    """One check.

    Parameters
    ----------
    key
        Its name, for ``only`` and ``skip``.
    looks_for
        What is wrong, in a sentence.
    do
        What to do about it.
    source
        Whose rule it is.
    unit
        Unit of the column ``size``; empty: it has no size.
    thresholds
        The thresholds of `Thresholds` that it uses.
    """

    key: str
    looks_for: str
    do: str
    source: str
    unit: str = ""
    thresholds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """From where on something is a finding.

    Parameters
    ----------
    leg_m
        Longest leg between two turning points, metres.
    spike_deg
        A corner sharper than this is a spike, where it is also narrower than ``sliver_m`` at its foot; degrees.
    sliver_m
        Ground narrower than this is a sliver, metres; width = 2 × area / perimeter.
    sliver_length_m
        A strip between neighbours counts from this length on, metres: where corners meet at an angle, a wedge between
        them is no fault.
    area_warning, area_error
        How far stated and measured area may be apart, as a share of the stated area.
    outside_m2, outside_share
        A release may lie outside its hazards by the larger of the two: m², and a share of its own area.
    left_m2, left_share
        A closed hazard may have the larger of the two left: m², and a share of its ground (domain notes §4).
    elsewhere_share
        A record lies in another district when less than this share of it lies in the one stated.

    Examples
    --------
    >>> Thresholds(leg_m=2000).leg_m
    2000.0
    """

    leg_m: float = 5000.0
    spike_deg: float = 1.0
    sliver_m: float = 1.0
    sliver_length_m: float = 20.0
    area_warning: float = 0.05
    area_error: float = 0.10
    outside_m2: float = 1.0
    outside_share: float = 0.001
    left_m2: float = 1.0
    left_share: float = 0.001
    elsewhere_share: float = 0.5

    def __post_init__(self) -> None:
        faults = []
        for setting in fields(self):
            value: Any = getattr(self, setting.name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
                faults.append(f"{setting.name} = {value!r}")
            else:
                object.__setattr__(self, setting.name, float(value))
        if faults:
            raise SchemaError(
                f"thresholds: {'; '.join(faults)}", "a number, 0 or more", "correct them, e.g. sliver_m=0.5"
            )

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Thresholds:
        """Read thresholds as they are typed: name and number.

        Raises
        ------
        SchemaError
            For an unknown name or what is no number, all at once.
        """
        names = [f.name for f in fields(cls)]
        values, faults = {}, []
        for name, text in given.items():
            try:
                values[name] = float(text)
            except ValueError:
                faults.append(f"{name} = {text!r}")
            if name not in names:
                faults.append(f"no threshold is named {name!r}")
        if faults:
            raise SchemaError(
                "; ".join(faults), f"a number for one of {', '.join(names)}", "e.g. --threshold sliver_m=0.5"
            )
        return cls(**values)


def _listed(*checks: Check) -> Mapping[str, Check]:
    return MappingProxyType({c.key: c for c in checks})


#: Every check by its key, in the order in which findings are told.
CHECKS: Mapping[str, Check] = _listed(
    Check(
        "schema",
        "a cell, word, date, id or shape is not what its table asks",
        "correct the cell in the source and import it again; until then the row counts as quarantined",
        "the tables (domain notes §2)",
    ),
    Check(
        "duplicate_id",
        "two rows have the same id, also when spaces around it are left out",
        "keep the row that is right, or give the other an id of its own",
        _GEOCHECK,
    ),
    Check(
        "closed_with_ground",
        "a hazard is closed, and by its releases ground of it is still left",
        "find the releases or papers that are missing, or reopen the hazard; the ground counts as not released",
        "the rule of the ground (design notes, 5)",
        "m²",
        ("left_m2", "left_share"),
    ),
    Check(
        "outside_country",
        "a place lies outside the country",
        "ask in which CRS and order of axes the file was written; never move it by eye",
        "policy.extent_deg",
    ),
    Check(
        "swapped_axes",
        "a place outside the country would lie inside it with its axes swapped, or with the other sign",
        "look at the paper record; correct longitude and latitude in the source and import it again",
        "trust notes, B.1",
    ),
    Check(
        "invalid_polygon",
        "a polygon crosses or touches itself",
        "open the point in QGIS and redraw the outline from the record",
        _GEOCHECK,
    ),
    Check(
        "few_vertices",
        "a ring has fewer than 3 different vertices: it encloses nothing",
        "find the turning points that are missing in the record",
        _GEOCHECK,
    ),
    Check(
        "overlapping_parts",
        "parts of one record overlap",
        "find out whether the ground counts once or a part is misplaced",
        _GEOCHECK,
        "m²",
    ),
    Check(
        "release_outside",
        "a release lies outside the hazards that it names",
        "check hazard_ids and the outline; ground outside frees no hazard",
        "land release: IMAS 07.11; design notes, the rule, 3",
        "m²",
        ("outside_m2", "outside_share"),
    ),
    Check(
        "stated_area",
        "the area that the record states is not the area of its polygon",
        "a wrong unit, datum or turning point is likely: compare with the paper record",
        "hazardmap (5 % and 10 %)",
        "%",
        ("area_warning", "area_error"),
    ),
    Check(
        "date_order",
        "dates stand in an order that cannot be",
        "look the dates up in the papers; day and month may be swapped",
        "domain notes §2, §3",
        "days",
    ),
    Check(
        "after_as_of",
        "a date lies after the day up to which the programme speaks",
        "correct the date, or the as-of date of the programme",
        "domain notes §2",
        "days",
    ),
    Check(
        "duplicate_geometry",
        "two records have the same outline, whatever its first vertex and its direction",
        "ask whether one area was entered twice; merge them, or correct the outline of one",
        _GEOCHECK,
    ),
    Check(
        "duplicate_point",
        "two records lie on the same point",
        "ask whether one event was entered twice, or the point is only the middle of a place",
        _GEOCHECK,
    ),
    Check(
        "similar_id",
        "two ids differ only in case, spaces, or letters that look the same",
        "ask whether they are the same record; then write it in one way",
        _GEOCHECK,
    ),
    Check(
        "long_leg",
        "two turning points lie too far apart",
        "a mistyped coordinate is likely: compare with the record",
        _GEOCHECK,
        "m",
        ("leg_m",),
    ),
    Check(
        "spike",
        "a corner of an outline has nearly no angle",
        "remove the vertex at its tip in QGIS, after a look at the record",
        _OURS,
        "m",
        ("spike_deg", "sliver_m"),
    ),
    Check(
        "sliver",
        "a part or a hole of an outline is too narrow to be ground",
        "delete it in QGIS, after a look at the record",
        _OURS,
        "m",
        ("sliver_m",),
    ),
    Check(
        "narrow_overlap",
        "two neighbours overlap by a narrow strip",
        "let them share one edge; the strip is counted for both",
        _OURS,
        "m",
        ("sliver_m", "sliver_length_m"),
    ),
    Check(
        "narrow_gap",
        "a narrow strip lies between two neighbours, without a record",
        "let them share one edge; nothing is known of the strip",
        _OURS,
        "m",
        ("sliver_m", "sliver_length_m"),
    ),
    Check(
        "district_name",
        "a district has a name that stands for another one too",
        "find out which is meant; give the code of the district in the records",
        "domain notes §2: join by code or position, never by spelling alone",
        "km",
    ),
    Check(
        "unknown_district",
        "a record names a district that is in no table",
        "write the code or a name of the table of districts, or add it there",
        "domain notes §2",
    ),
    Check(
        "other_district",
        "a record lies in another district than it states",
        "compare with the record: either the place or the district is wrong",
        "domain notes §2",
        "%",
        ("elsewhere_share",),
    ),
    Check(
        "quarantined",
        "a row was not trusted when it came in; a quarantined hazard counts as open",
        "read the reason, correct the source and import the row again",
        "design notes, the rule, 8",
    ),
    Check(
        "repaired",
        "an outline was invalid when it came in, and its ground was changed to the worse side",
        "compare it with the paper record; the outline as entered is in the history",
        _GEOCHECK,
    ),
    Check(
        "not_checked",
        "a check could not be made",
        "give what is missing, then run hazardmap validate again",
        _OURS,
    ),
)


def chosen(only: Iterable[str] = (), skip: Iterable[str] = ()) -> tuple[str, ...]:
    """Choose checks by their keys.

    Raises
    ------
    SchemaError
        For a key that no check has.

    Examples
    --------
    >>> chosen(only=["spike", "sliver"], skip=["sliver"])
    ('spike',)
    """
    wanted, left_out = set(only), set(skip)
    if unknown := sorted((wanted | left_out) - set(CHECKS)):
        raise SchemaError(
            f"no check is named {', '.join(map(repr, unknown))}", f"one of {', '.join(CHECKS)}", "correct the name"
        )
    return tuple(k for k in CHECKS if (not wanted or k in wanted) and k not in left_out)
