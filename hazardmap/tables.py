"""The tables as data: columns, types, units, allowed words, what is required; and the one door that checks them.

`TABLES` is the whole schema. `canonical` brings a frame to its columns and types or refuses, `validate` lists every
fault of a programme at once, `quarantine` marks the rows that cannot be trusted and keeps them. Knows nothing of
files or of ground.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from hazardmap import words
from hazardmap.errors import CrsError, SchemaError
from hazardmap.measure import STORED_CRS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hazardmap.programme import Policy, Programme

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
FAULT_COLUMNS = ("table", "row", "record_id", "column", "found", "expected")
_POLYGON, _POINT, _ANY = (3, 6), (0, 3, 6), (0, 1, 2, 3, 4, 5, 6)
_SHOWN = 60
#: What is expected of a shape that crosses itself; such a polygon is read at its widest or narrowest, not dropped.
VALID = "a valid polygon"


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
                    _c("outcome", "text", "accepted, repaired or quarantined"),
                    _c("what", "text", "what happened"),
                    _c("why", "text", "the rule behind it"),
                    _c("area_before_m2", "number", "area as entered", unit="m²"),
                    _c("area_after_m2", "number", "area as kept", unit="m²"),
                    _c("geometry_as_entered", "text", "WKT, in the CRS stored; for repaired and quarantined rows"),
                    _c("source", "text", "file"),
                    _c("source_sha256", "text", "its fingerprint"),
                    _c("recorded_at", "time", "when, UTC"),
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


def empty(name: str) -> Any:
    """Make an empty table with all its columns.

    Examples
    --------
    >>> empty("surveys").columns.tolist()[:3]
    ['survey_id', 'date', 'organisation']
    """
    schema = table(name)
    columns = {c.name: pd.Series([], dtype=DTYPES[c.kind]) for c in schema.columns}
    if schema.geometry is None:
        return pd.DataFrame(columns)
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=STORED_CRS), crs=STORED_CRS)


def canonical(frame: Any, name: str) -> Any:
    """Bring a frame to the columns and types of its table.

    Missing optional columns come empty; columns that the table does not know are kept behind its own. Dates may be
    texts in ISO form (2024-12-31) and nothing else. Words are not translated here: that is the business of import.

    Parameters
    ----------
    frame
        GeoDataFrame in EPSG:4326 (DataFrame for ``history``).
    name
        The table.

    Returns
    -------
    A new frame on the same index.

    Raises
    ------
    SchemaError
        Listing every column that does not hold what it should.
    CrsError
        When the CRS is missing or not EPSG:4326.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> walked = gpd.GeoDataFrame(
    ...     {"survey_id": ["007"], "date": ["2023-05-01"]}, geometry=[shapely.box(46, 39, 47, 40)], crs="EPSG:4326")
    >>> canonical(walked, "surveys")["date"].dt.year.tolist()
    [2023]
    """
    schema = table(name)
    if not len(frame) and frame.columns.isin(empty(name).columns).all():
        return empty(name)
    values: dict[str, pd.Series] = {}
    faults = []
    for column in schema.columns:
        given = frame[column.name] if column.name in frame else pd.Series([None] * len(frame), index=frame.index)
        try:
            values[column.name] = _typed(given, column.kind)
        except (ValueError, TypeError) as error:
            faults.append(f"{name}.{column.name} is not {_EXPECTED[column.kind]} ({str(error)[:_SHOWN]})")
    if faults:
        raise SchemaError("; ".join(faults), "the types of tables.TABLES", "convert these columns, or use import_table")
    geometry = None if schema.geometry is None else frame.geometry.name
    extra = {c: frame[c] for c in frame.columns if c not in values and c != geometry}
    if geometry is None:
        return pd.DataFrame({**values, **extra}, index=frame.index)
    if frame.crs is None or frame.crs != pyproj.CRS(STORED_CRS):
        raise CrsError(
            f"table {name} in {'no CRS' if frame.crs is None else frame.crs.to_string()}",
            STORED_CRS,
            "declare its CRS and convert it: frame.to_crs(4326), or use import_table",
        )
    return gpd.GeoDataFrame({**values, **extra}, index=frame.index, geometry=frame.geometry.to_numpy(), crs=STORED_CRS)


_EXPECTED: Mapping[str, str] = MappingProxyType(
    {
        "id": "text",
        "text": "text",
        "word": "text",
        "date": "a date like 2024-12-31",
        "time": "a time",
        "number": "a number",
        "count": "a whole number",
        "words": "a set of words",
        "ids": "a set of ids",
    }
)


def _typed(given: pd.Series, kind: str) -> pd.Series:
    if given.dtype == DTYPES[kind] and kind in {"id", "text", "word", "time", "number", "count"}:
        return given
    if kind in {"words", "ids"}:
        return pd.Series([_set(v) for v in given], index=given.index, dtype="object")
    if kind in {"id", "text", "word"}:
        strange = given.notna() & ~given.map(lambda v: isinstance(v, str)).astype(bool)
        if strange.any():
            raise TypeError(repr(given[strange].iloc[0]))
        return given.astype("str")
    if kind in {"date", "time"}:
        if not pd.api.types.is_datetime64_any_dtype(given):
            given = pd.to_datetime(given, format="ISO8601", utc=kind == "time")
        if getattr(given.dtype, "tz", None) is not None:
            given = given.dt.tz_convert("UTC").dt.tz_localize(None)
        given = given.astype(DTYPES[kind])
        return given.dt.normalize() if kind == "date" else given
    return pd.to_numeric(given.astype("object").where(given.notna(), None)).astype(DTYPES[kind])


def _set(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        raise TypeError(f"{value!r}: a set is a list of texts")
    if not isinstance(value, Iterable):
        if value is None or pd.isna(value):
            return ()
        raise TypeError(repr(value))
    return tuple(sorted({str(v) for v in value}))


def validate(programme: Programme) -> pd.DataFrame:
    """List every fault of every table, all at once.

    Rows that are quarantined already are known to be bad and are not listed again. Checked: types, required cells,
    words, signs, keys (also after trimming), geometry (kind, validity, finite, inside the policy's extent), dates
    later than the programme's as-of date on hazards and coverage, and ids that name no record.

    Returns
    -------
    One row a fault: `table`, `row` (index label), `record_id`, `column`, `found`, `expected`. Empty: no fault.

    Examples
    --------
    >>> import hazardmap as hm
    >>> len(validate(hm.example()))
    0
    """
    found = [
        faults(canonical(programme.table(name), name), name, policy=programme.policy, as_of=programme.as_of)
        for name in TABLES
        if name != "history" and len(programme.table(name))
    ]
    found.append(broken_links(programme))
    return pd.concat(found, ignore_index=True)


def faults(frame: Any, name: str, *, policy: Policy, as_of: Any = None) -> pd.DataFrame:
    """List the faults of one canonical table (see `validate`); quarantined rows are passed over."""
    schema = table(name)
    fresh = frame[frame["quarantined"].isna()]
    collected: list[tuple[Any, str, Any, str]] = []
    for column in schema.columns:
        collected += _column_faults(fresh, column)
    if as_of is not None:
        for column_name in {"date_of_information", "as_of"} & {c.name for c in schema.columns}:
            late = fresh.index[(fresh[column_name] > pd.Timestamp(as_of)).to_numpy()]
            collected += [
                (i, column_name, str(fresh.at[i, column_name].date()), f"no later than the as-of date {as_of}")
                for i in late
            ]
    collected += _key_faults(fresh, schema)
    if schema.geometry is not None:
        placed = schema.geometry_required and not (name == "releases" and policy.closed_without_polygon == "whole")
        needs_place = _brings_ground(fresh) if name == "hazards" else np.full(len(fresh), placed)
        collected += _geometry_faults(fresh, schema.geometry, required=needs_place, extent_deg=policy.extent_deg)
    ids = frame[schema.id_column] if schema.key else pd.Series(frame.index.astype("str"), index=frame.index)
    rows = [
        (name, row, ids.at[row] if pd.notna(ids.at[row]) else "", column, _short(found), expected)
        for row, column, found, expected in collected
    ]
    return pd.DataFrame(rows, columns=list(FAULT_COLUMNS)).astype({"record_id": "str", "found": "str"})


def _column_faults(frame: Any, column: Column) -> list[tuple[Any, str, Any, str]]:
    values = frame[column.name]
    known = column.words.codes if column.words else ()
    if column.kind in {"words", "ids"}:
        if not column.words:
            return []
        return [
            (i, column.name, ", ".join(bad), f"words of {', '.join(known)}")
            for i, v in zip(frame.index, values, strict=True)
            if (bad := [w for w in v if w not in known])
        ]
    found: list[tuple[Any, str, Any, str]] = []
    missing = values.isna()
    if column.kind in {"id", "text"}:
        missing |= values.fillna("x").str.strip().eq("")
    if column.required:
        found += [(i, column.name, "missing", column.meaning) for i in frame.index[missing]]
    if column.kind == "id":
        loose = ~missing & values.ne(values.str.strip())
        found += [(i, column.name, values.at[i], "an id without spaces around it") for i in frame.index[loose]]
    if known:
        strange = ~missing & ~values.isin(known)
        found += [(i, column.name, values.at[i], f"one of {', '.join(known)}") for i in frame.index[strange]]
    if column.kind in {"number", "count"}:
        number = values.astype("float64")
        low = (number <= 0) if column.above_zero else (number < 0)
        wrong = (low | np.isinf(number)).to_numpy()
        expected = f"a number {'above 0' if column.above_zero else '0 or more'} {column.unit}".strip()
        found += [(i, column.name, values.at[i], expected) for i in frame.index[wrong]]
    return found


def _key_faults(frame: Any, schema: Table) -> list[tuple[Any, str, Any, str]]:
    if not schema.key:
        return []
    key = pd.DataFrame({c: frame[c].str.strip() if c == schema.id_column else frame[c] for c in schema.key})
    twice = key.notna().all(axis=1) & key.duplicated(keep=False)
    return [
        (i, schema.id_column, frame.at[i, schema.id_column], f"one row for each {' and '.join(schema.key)}")
        for i in frame.index[twice]
    ]


def _brings_ground(hazards: Any) -> np.ndarray[Any, Any]:
    """Say which versions must have a place: those that bring ground, and all of a hazard that has none elsewhere."""
    placed = ~(hazards.geometry.isna() | hazards.geometry.is_empty)
    known = hazards["hazard_id"].isin(hazards.loc[placed, "hazard_id"])
    return np.asarray(~known | ~hazards["event"].isin(words.EVENTS_WITHOUT_GROUND))


def _geometry_faults(
    frame: Any, kinds: tuple[int, ...], *, required: Any, extent_deg: tuple[float, float, float, float] | None
) -> list[tuple[Any, str, Any, str]]:
    shapes = frame.geometry.to_numpy()
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    bounds = shapely.bounds(shapes)
    finite = np.zeros(len(shapes), dtype=bool)
    if len(shapes):
        xy, owner = shapely.get_coordinates(shapes, return_index=True)
        finite = np.bincount(owner, ~np.isfinite(xy).all(axis=1), minlength=len(shapes)) == 0
    kind = np.isin(shapely.get_type_id(shapes), kinds)
    earth = (np.abs(bounds[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 90).all(axis=1)
    rules = [
        (missing & required, "missing", "a geometry"),
        (~missing & ~finite, "a coordinate that is no number", "finite coordinates"),
        (~missing & finite & ~kind, None, " or ".join(_KINDS[k] for k in kinds)),
        (~missing & finite & ~earth, None, "longitude within ±180, latitude within ±90"),
        (~missing & finite & earth & kind & ~shapely.is_valid(shapes), None, VALID),
    ]
    if extent_deg is not None:
        west, south, east, north = extent_deg
        inside = (bounds[:, 0] >= west) & (bounds[:, 1] >= south) & (bounds[:, 2] <= east) & (bounds[:, 3] <= north)
        rules.append(
            (~missing & finite & earth & ~inside, None, f"inside the country: {west}, {south} to {east}, {north}")
        )
    return [
        (frame.index[i], "geometry", text or _describe(shapes[i], expected), expected)
        for wrong, text, expected in rules
        for i in np.flatnonzero(wrong)
    ]


_KINDS: Mapping[int, str] = MappingProxyType(
    {
        0: "Point",
        1: "LineString",
        2: "LinearRing",
        3: "Polygon",
        4: "MultiPoint",
        5: "MultiLineString",
        6: "MultiPolygon",
    }
)


def _describe(shape: Any, expected: str) -> str:
    if expected == VALID:
        return str(shapely.is_valid_reason(shape))
    if "within" in expected or "inside" in expected:
        return "from {:.6g}, {:.6g} to {:.6g}, {:.6g}".format(*shapely.bounds(shape))
    return str(shape.geom_type)


def broken_links(programme: Programme) -> pd.DataFrame:
    """List the ids in releases and hazards that name no hazard of the programme, in the columns of `validate`."""
    known = set(programme.hazards["hazard_id"].dropna())
    rows = []
    for name, column in (("releases", "hazard_ids"), ("hazards", "superseded_by")):
        frame = programme.table(name)
        if column not in frame:
            continue
        fresh = frame[frame["quarantined"].isna()] if "quarantined" in frame else frame
        rows += [
            (name, i, rid, column, _short(", ".join(unknown)), "ids of hazards in the programme")
            for i, rid, ids in zip(fresh.index, fresh[table(name).id_column], fresh[column], strict=True)
            if (unknown := [h for h in _set(ids) if h not in known])
        ]
    return pd.DataFrame(rows, columns=list(FAULT_COLUMNS)).astype({"record_id": "str", "found": "str"})


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def quarantine(frame: Any, found: pd.DataFrame, name: str) -> Any:
    """Mark the rows of a canonical table that have faults; nothing is dropped.

    The faulty cells are emptied (their values stay in ``as_entered``, and the reason in ``quarantined`` says what was
    found). What a quarantined row then means is the rule of the ground's to say: a hazard stays an open draft, a
    release frees nothing.

    Parameters
    ----------
    frame
        Canonical table.
    found
        Its faults, from `faults`.
    name
        The table.

    Returns
    -------
    A new frame on the same index.
    """
    marked = frame.copy()
    mine = found[found["table"] == name]
    if mine.empty:
        return marked
    reason = (
        (mine["column"] + ": " + mine["found"] + " (needed: " + mine["expected"] + ")")
        .groupby(mine["row"])
        .agg("; ".join)
    )
    marked.loc[reason.index, "quarantined"] = reason
    schema = table(name)
    for column, rows in mine.groupby("column")["row"]:
        labels = rows.unique()
        if column == "geometry":
            unusable = mine[(mine["column"] == "geometry") & (mine["expected"] != VALID)]["row"].unique()
            marked.loc[unusable, marked.geometry.name] = None  # an invalid polygon still says where: release reads it
        elif (kind := _kind(schema, column)) in {"words", "ids"}:
            for label in labels:
                given = marked.at[label, column]
                marked.at[label, column] = tuple(w for w in given if w in _known_words(schema, column))
        elif column != schema.id_column and column in marked:
            marked.loc[labels, column] = pd.NaT if kind in {"date", "time"} else (pd.NA if kind == "count" else np.nan)
    if schema.key:
        unnamed = marked[schema.id_column].fillna("").str.strip().eq("")
        marked.loc[unnamed, schema.id_column] = [f"(no id, row {label})" for label in marked.index[unnamed]]
    return marked


def _kind(schema: Table, column: str) -> str:
    found = schema.column(column)
    return found.kind if found else "text"


def _known_words(schema: Table, column: str) -> tuple[str, ...]:
    found = schema.column(column)
    return found.words.codes if found and found.words else ()
