"""The inspection of a whole programme: every check that is wanted, and one table of what they found.

Gathers; each check stands in a file of its own. Changes nothing.
"""

from __future__ import annotations

import dataclasses
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap import tables
from hazardmap.inspection import chronology, closing, districts, figures, neighbours, outlines, places, twins
from hazardmap.inspection.catalogue import CHECKS, Thresholds, chosen
from hazardmap.inspection.findings import Found, as_table
from hazardmap.inspection.subject import Layer, Subject, lay_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from hazardmap.programme import Programme

    Array = NDArray[Any]
    Way = Callable[[Subject, Thresholds], Iterator[Found]]

#: Each check and who makes it; the others (schema, duplicate_id, quarantined, repaired) are read off the tables.
_WAYS: Mapping[str, Way] = MappingProxyType(
    {
        "outside_country": places.outside_country,
        "swapped_axes": places.swapped_axes,
        "invalid_polygon": outlines.invalid_polygons,
        "few_vertices": outlines.few_vertices,
        "overlapping_parts": outlines.overlapping_parts,
        "long_leg": outlines.long_legs,
        "spike": outlines.spikes,
        "sliver": outlines.slivers,
        "stated_area": figures.stated_areas,
        "release_outside": figures.releases_outside,
        "date_order": chronology.date_order,
        "after_as_of": chronology.after_as_of,
        "duplicate_geometry": twins.same_outlines,
        "duplicate_point": twins.same_points,
        "similar_id": twins.similar_ids,
        "narrow_overlap": neighbours.narrow_overlaps,
        "narrow_gap": neighbours.narrow_gaps,
        "district_name": districts.district_names,
        "unknown_district": districts.unknown_districts,
        "other_district": districts.other_districts,
        "closed_with_ground": closing.closed_with_ground,
    }
)
_ONE_ROW, _INSIDE = "one row for each", "inside the country"


def inspect(
    programme: Programme,
    *,
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
    thresholds: Thresholds | None = None,
    progress: Callable[[str], None] | None = None,
) -> gpd.GeoDataFrame:
    """Look a programme over and list what is wrong or doubtful in it, each with the place where it is.

    The checks are those of `inspection.CHECKS`: GICHD's own (invalid polygons, too few vertices, duplicates, legs over
    5 km, overlapping parts) and ours. Faults of the tables, which `validate` lists alone, are among them. What ground
    is left on the as-of date is told by the rule. Nothing in the programme is changed, and an empty list says only
    that these checks found nothing.

    Parameters
    ----------
    programme
        The tables; rows with faults are treated as quarantined.
    only, skip
        Keys of checks. Neither: all.
    thresholds
        From where on something is a finding.
    progress
        Is told the name of each check as it begins.

    Returns
    -------
    GeoDataFrame in EPSG:4326, the worst first: ``check``; ``severity`` (``error, warning, note``); ``table``;
    ``row`` (index label); ``record_id``; ``other_id``: the other record, where two are concerned; ``found``;
    ``expected``; ``size`` in ``unit`` (m, m², %, days); ``geometry``: the point or line where it is, missing for
    records without a place.

    Raises
    ------
    SchemaError
        For an unknown check, and for tables that have not the columns and types that tables have.

    Examples
    --------
    >>> import hazardmap as hm
    >>> found = hm.inspect(hm.example())
    >>> found[["check", "record_id", "found"]].values.tolist()
    [['closed_with_ground', 'H-004', '10,000 m² left, all of it'], ['quarantined', 'H-006', 'geometry: missing (needed:
    a geometry)']]
    >>> hm.inspect(hm.example(), only=["spike"]).empty
    True
    """
    skip = frozenset(skip)
    wanted = chosen(only, skip)
    limits = thresholds or Thresholds()
    given = _canonical(programme)
    whole = lay_out(given)
    faults = tables.faults_of_all(given, {n: layer.valid for n, layer in whole.layers.items()})
    found = [*_of_tables(faults, whole, wanted)]
    subject = whole if faults.empty else _without_faults(given, faults, whole)
    for key in wanted:
        if (way := _WAYS.get(key)) is None:
            continue
        if progress is not None:
            progress(CHECKS[key].looks_for)
        found += way(subject, limits)
    return as_table(f for f in found if f.check in wanted or f.check not in skip)


def _canonical(programme: Programme) -> Programme:
    frames = {
        n: tables.canonical(programme.table(n), n)
        for n in tables.TABLES
        if n != "history" and (len(programme.table(n)) or n in {"hazards", "releases"})
    }
    return dataclasses.replace(programme, **frames)


def _without_faults(given: Programme, faults: pd.DataFrame, whole: Subject) -> Subject:
    """Mark the rows with faults as quarantined, as every answer does; their shapes are looked at all the same."""
    changed: dict[str, Any] = {}
    for name in faults["table"].unique():
        changed[name] = tables.quarantine(given.table(name), faults, name)
    marked = dataclasses.replace(given, **changed)
    subject = lay_out(marked)
    for name in changed:
        if name in subject.layers and name in whole.layers:
            subject.layers[name] = _seen(subject.layers[name], whole.layers[name])
    return subject


def _seen(marked: Layer, given: Layer) -> Layer:
    """Keep the shapes that quarantine takes away (outside the country, say), for those who look at places."""
    vars(marked)["shapes"] = given.shapes
    return marked


def _of_tables(faults: pd.DataFrame, whole: Subject, wanted: tuple[str, ...]) -> Iterator[Found]:
    """Tell what the tables themselves say: their faults, and the rows that are quarantined already."""
    own = ~(
        faults["expected"].eq(tables.VALID) | faults["expected"].str.startswith(_INSIDE)  # each has a check of its own
    )
    twice = faults["expected"].str.startswith(_ONE_ROW)
    for check, some in (("schema", faults[own & ~twice]), ("duplicate_id", faults[twice])):
        if check not in wanted:
            continue
        for name, mine in some.groupby("table", sort=False):
            layer = whole.layers[str(name)]
            yield Found(
                check=check,
                layer=layer,
                at=layer.frame.index.get_indexer(mine["row"]),
                found=(mine["column"] + " is " + mine["found"]).tolist(),
                expected=mine["expected"].tolist(),
                severity="error",
            )
    for check, expected in (("quarantined", "a row that can be trusted"), ("repaired", "a valid outline")):
        if check not in wanted:
            continue
        for layer in whole.layers.values():
            said = layer.frame[check]
            if check == "repaired":
                said = said.where(layer.frame["quarantined"].isna())
            at = np.flatnonzero(said.notna())
            severe = check == "quarantined" and layer.name in {"hazards", "releases"}
            yield Found(
                check=check,
                layer=layer,
                at=at,
                found=said.iloc[at].tolist(),
                expected=expected,
                severity="warning" if severe else "note",
            )
