"""The one door through which tables pass: brought to their columns and types, checked, and their bad rows marked.

`canonical` brings a frame to its table's form or refuses, `validate` lists every fault of a programme at once,
`quarantine` marks the rows that cannot be trusted and keeps them. Knows the schema; knows nothing of files or of
ground.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable
from itertools import chain, repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj
import shapely

from hazardmap import words
from hazardmap.errors import CrsError, SchemaError
from hazardmap.measure import STORED_CRS
from hazardmap.schema import DTYPES, TABLES, Column, Table, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hazardmap.programme import Policy, Programme

__all__ = [
    "DTYPES",
    "FAULT_COLUMNS",
    "SPEAKS_OF",
    "TABLES",
    "VALID",
    "Column",
    "Table",
    "broken_links",
    "canonical",
    "empty",
    "faults",
    "faults_of_all",
    "joined",
    "on_earth",
    "quarantine",
    "table",
    "validate",
]

FAULT_COLUMNS = ("table", "row", "record_id", "column", "found", "expected")
_SHOWN = 60
#: Characters that nobody sees, and that make two ids of one.
_UNSEEN = "[\\x00-\\x1f\\x7f\\xad\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2064\\ufeff]"
#: The columns that say of which day a row speaks: none later than the programme's as-of date.
SPEAKS_OF = frozenset({"date_of_information", "date_completed", "date", "as_of"})
#: What is expected of a shape that crosses itself; such a polygon is read at its widest or narrowest, not dropped.
VALID = "a valid polygon"


def empty(name: str) -> Any:
    """Make an empty table with all its columns.

    Examples
    --------
    >>> empty("surveys").columns.tolist()[:3]
    ['survey_id', 'date', 'organisation']
    """
    return _empty(name).copy()


@functools.cache  # every programme has several, and to type thirty columns of nothing takes as long as to read a row
def _empty(name: str) -> Any:
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
    if not len(frame) and frame.columns.isin(_empty(name).columns).all():
        return empty(name)
    values: dict[str, pd.Series] = {}
    faults = []
    for column in schema.columns:
        if column.name not in frame:
            values[column.name] = _missing(column.kind, frame.index)
            continue
        given = frame[column.name]
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


def _missing(kind: str, index: pd.Index) -> pd.Series:
    """Make a column in which nothing is stated."""
    if kind in {"words", "ids"}:
        return pd.Series([()] * len(index), index=index, dtype="object")
    if DTYPES[kind] == "str":  # made at once: to look at each of millions of missing texts takes seconds
        return pd.Series(pd.array(pa.nulls(len(index), pa.large_string()), dtype="str"), index=index)
    return pd.Series(pd.NA if kind == "count" else None, index=index, dtype=DTYPES[kind])


def _typed(given: pd.Series, kind: str) -> pd.Series:
    if given.dtype == DTYPES[kind] and kind in {"id", "text", "word", "time", "number", "count"}:
        return given
    if kind in {"words", "ids"}:
        return pd.Series(_sets(given), index=given.index, dtype="object")
    if kind in {"id", "text", "word"}:
        if pd.api.types.infer_dtype(given, skipna=True) not in {"string", "empty"}:
            strange = given.notna() & ~given.map(lambda v: isinstance(v, str)).astype(bool)
            if strange.any():
                raise TypeError(repr(given[strange].iloc[0]))
        return given.astype("str")
    if kind in {"date", "time"}:
        if not pd.api.types.is_datetime64_any_dtype(given):
            entered = given.dropna().astype("str")
            strange = ~entered.str.match(r"\d{4}-\d{2}-\d{2}")
            if strange.any():  # pandas reads 2022 and 20220102 as a day of 2022, and numbers as well
                raise ValueError(repr(entered[strange].iloc[0]))
            given = pd.to_datetime(given, format="ISO8601", utc=kind == "time")
        if getattr(given.dtype, "tz", None) is not None:
            # A date is the day that was written, wherever that was; a time is kept in UTC.
            given = (given if kind == "date" else given.dt.tz_convert("UTC")).dt.tz_localize(None)
        given = given.astype(DTYPES[kind])
        return given.dt.normalize() if kind == "date" else given
    return pd.to_numeric(given.astype("object").where(given.notna(), None)).astype(DTYPES[kind])


def _sets(values: Iterable[Any]) -> list[tuple[str, ...]]:
    """Bring each value to a sorted tuple of texts; nearly all are sets already, and are looked at all together."""
    given = list(values)
    kinds = {*map(type, given)}
    if not kinds <= {tuple, list, np.ndarray}:
        return [_set(v) for v in given]
    plain = given
    if np.ndarray in kinds:  # as Parquet gives them
        alike = kinds == {np.ndarray}
        plain = [*map(np.ndarray.tolist, given)] if alike else [v if isinstance(v, tuple) else [*v] for v in given]
    if not {*map(type, plain)} <= {tuple, list} or not {*map(type, chain.from_iterable(plain))} <= {str}:
        return [_set(v) for v in given]
    listed = [*map(tuple, plain)]
    few: dict[tuple[str, ...], tuple[str, ...]] = {}
    several = np.flatnonzero(np.fromiter(map(len, listed), dtype=np.int64, count=len(listed)) > 1)
    for i in several.tolist():
        known = few.get(listed[i])
        if known is None:
            known = few[listed[i]] = tuple(sorted(set(listed[i])))
        listed[i] = known
    return listed


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
    frames = {n: canonical(programme.table(n), n) for n in TABLES if n != "history" and len(programme.table(n))}
    return faults_of_all(dataclasses.replace(programme, **frames))


def faults_of_all(programme: Programme, valid: Mapping[str, np.ndarray[Any, Any]] | None = None) -> pd.DataFrame:
    """List every fault of a programme of which all tables are canonical.

    Parameters
    ----------
    programme
        The programme.
    valid
        For tables by name which shapes are valid, where that was looked at already: it takes long.
    """
    found = [
        faults(frame, name, policy=programme.policy, as_of=programme.as_of, valid=(valid or {}).get(name))
        for name in TABLES
        if name != "history" and len(frame := programme.table(name))
    ]
    found.append(broken_links(programme))
    return pd.concat(found, ignore_index=True)


def faults(
    frame: Any, name: str, *, policy: Policy, as_of: Any = None, valid: np.ndarray[Any, Any] | None = None
) -> pd.DataFrame:
    """List the faults of one canonical table (see `validate`); quarantined rows are passed over.

    `valid` says which shapes are valid, where that was looked at already.
    """
    schema = table(name)
    if not frame.index.is_unique:  # a fault could not say which row it means
        found = faults(frame.reset_index(drop=True), name, policy=policy, as_of=as_of, valid=valid)
        if len(found):
            raise SchemaError(
                f"{name}: {len(found)} faults, and index labels that stand for several rows",
                "one index label for each row",
                "number the rows anew: frame.reset_index(drop=True)",
            )
        return found
    where = np.flatnonzero(frame["quarantined"].isna())
    fresh = frame if len(where) == len(frame) else frame.iloc[where]
    blocks: list[_Block] = []
    for column in schema.columns:
        blocks += _column_faults(fresh[column.name], column)
    if as_of is not None:
        for column_name in SPEAKS_OF & {c.name for c in schema.columns}:
            late = np.flatnonzero(fresh[column_name] > pd.Timestamp(as_of))
            days = np.datetime_as_string(fresh[column_name].to_numpy()[late], unit="D").tolist()
            blocks.append((late, column_name, days, f"no later than the as-of date {as_of}"))
    blocks += _key_faults(fresh, schema)
    if schema.geometry is not None:
        placed = schema.geometry_required and not (name == "releases" and policy.closed_without_polygon == "whole")
        needs_place = _brings_ground(fresh) if name == "hazards" else np.full(len(fresh), placed)
        sound = shapely.is_valid(fresh.geometry.to_numpy()) if valid is None else valid[where]
        blocks += _geometry_faults(
            fresh, schema.geometry, required=needs_place, extent_deg=policy.extent_deg, valid=sound
        )
    ids = frame[schema.id_column] if schema.key else pd.Series(frame.index.astype("str"), index=frame.index)
    named = ids.fillna("").to_numpy(dtype=object)
    rows: list[tuple[Any, ...]] = []
    for at, column_name, found, expected in blocks:
        here = where[at]
        rows += zip(
            repeat(name),
            frame.index[here],
            named[here].tolist(),
            repeat(column_name),
            repeat(_short(found)) if isinstance(found, str) else map(_short, found),
            repeat(expected),
        )
    return pd.DataFrame(rows, columns=list(FAULT_COLUMNS)).astype({"record_id": "str", "found": "str"})


#: Faults of one kind: positions in the table, column, what was found (of each, or of all the same), what is expected.
_Block = tuple[Any, str, Any, str]


def _column_faults(values: pd.Series, column: Column) -> list[_Block]:
    known = column.words.codes if column.words else ()
    if column.kind in {"words", "ids"}:
        if not column.words or set(known).issuperset(chain.from_iterable(values)):
            return []
        strange = {i: bad for i, v in enumerate(values) if (bad := [w for w in v if w not in known])}
        told = [", ".join(bad) for bad in strange.values()]
        return [(np.array(list(strange)), column.name, told, f"words of {', '.join(known)}")]
    found: list[_Block] = []
    missing = values.isna()
    if not column.required and missing.all():
        return []
    if column.kind in {"id", "text"}:
        missing |= values.fillna("x").str.strip().eq("")
    if column.required:
        found.append((np.flatnonzero(missing), column.name, "missing", column.meaning))
    if column.kind == "id":
        loose = ~missing & (values.ne(values.str.strip()) | _has_unseen(values))
        expected = "an id without spaces around it or invisible characters"
        found.append((at := np.flatnonzero(loose), column.name, map(ascii, values.iloc[at]), expected))
    if known:
        at = np.flatnonzero(~missing & ~values.isin(known))
        found.append((at, column.name, values.iloc[at], f"one of {', '.join(known)}"))
    if column.kind in {"number", "count"}:
        number = values.astype("float64").to_numpy()
        at = np.flatnonzero(((number <= 0) if column.above_zero else (number < 0)) | np.isinf(number))
        expected = f"a number {'above 0' if column.above_zero else '0 or more'} {column.unit}".strip()
        found.append((at, column.name, values.iloc[at], expected))
    return found


def _has_unseen(values: pd.Series) -> Any:
    """Say which texts hold characters that nobody sees; nearly always one look at all of them together is enough."""
    if not re.search(_UNSEEN, "".join(values.dropna().to_numpy(dtype=object))):
        return False
    return values.str.contains(_UNSEEN, regex=True, na=False)


def _key_faults(frame: Any, schema: Table) -> list[_Block]:
    if not schema.key:
        return []
    key = pd.DataFrame({c: frame[c].str.strip() if c == schema.id_column else frame[c] for c in schema.key})
    twice = np.flatnonzero(key.notna().all(axis=1) & key.duplicated(keep=False))
    ids = frame[schema.id_column].iloc[twice]
    return [(twice, schema.id_column, ids, f"one row for each {' and '.join(schema.key)}")]


def _brings_ground(hazards: Any) -> np.ndarray[Any, Any]:
    """Say which versions must have a place: those that bring ground, and all of a hazard that has none elsewhere."""
    placed = ~(hazards.geometry.isna() | hazards.geometry.is_empty)
    if placed.all():  # nearly always: each has a place somewhere
        return np.asarray(~hazards["event"].isin(words.EVENTS_WITHOUT_GROUND))
    known = hazards["hazard_id"].isin(hazards.loc[placed, "hazard_id"])
    return np.asarray(~known | ~hazards["event"].isin(words.EVENTS_WITHOUT_GROUND))


def _geometry_faults(
    frame: Any,
    kinds: tuple[int, ...],
    *,
    required: Any,
    extent_deg: tuple[float, float, float, float] | None,
    valid: np.ndarray[Any, Any],
) -> list[_Block]:
    shapes = frame.geometry.to_numpy()
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    bounds = shapely.bounds(shapes)
    finite = np.ones(len(shapes), dtype=bool)
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        xy, owner = shapely.get_coordinates(shapes, return_index=True)
        finite = np.bincount(owner, ~np.isfinite(xy).all(axis=1), minlength=len(shapes)) == 0
    kind = np.isin(shapely.get_type_id(shapes), kinds)
    earth = on_earth(bounds)
    rules = [
        (missing & required, "missing", "a geometry"),
        (~missing & ~finite, "a coordinate that is no number", "finite coordinates"),
        (~missing & finite & ~kind, None, " or ".join(_KINDS[k] for k in kinds)),
        (~missing & finite & ~earth, None, "longitude within ±180, latitude within ±85, less than 180° wide"),
        (~missing & finite & earth & kind & ~valid, None, VALID),
    ]
    if extent_deg is not None:
        west, south, east, north = extent_deg
        inside = (bounds[:, 0] >= west) & (bounds[:, 1] >= south) & (bounds[:, 2] <= east) & (bounds[:, 3] <= north)
        rules.append(
            (~missing & finite & earth & ~inside, None, f"inside the country: {west}, {south} to {east}, {north}")
        )
    return [
        (at := np.flatnonzero(wrong), "geometry", text or _described(shapes[at], expected), expected)
        for wrong, text, expected in rules
    ]


def on_earth(bounds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Say for each row of west, south, east, north whether a shape there can be measured.

    Not within 5° of a pole, where no plane serves, and not across the antimeridian, where a shape would wrap the globe.
    """
    inside = (np.abs(bounds[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 85).all(axis=1)
    return np.asarray(inside & (bounds[:, 2] - bounds[:, 0] < 180))


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


def _described(shapes: Any, expected: str) -> list[str]:
    if expected == VALID:
        return [str(reason) for reason in shapely.is_valid_reason(shapes)]
    if "within" in expected or "inside" in expected:
        return ["from {:.6g}, {:.6g} to {:.6g}, {:.6g}".format(*box) for box in shapely.bounds(shapes).tolist()]
    return [str(shape.geom_type) for shape in shapes]


def broken_links(programme: Programme) -> pd.DataFrame:
    """List the ids in releases and hazards that name no hazard of the programme, in the columns of `validate`."""
    known = set(programme.hazards["hazard_id"].dropna())
    rows = []
    for name, column in (("releases", "hazard_ids"), ("hazards", "superseded_by")):
        frame = programme.table(name)
        if column not in frame:
            continue
        trusted = frame["quarantined"].isna() if "quarantined" in frame else slice(None)
        sets = _sets(frame[column][trusted])
        if known.issuperset(chain.from_iterable(sets)):
            continue
        fresh = frame[trusted]
        named = fresh.get(table(name).id_column, pd.Series("", index=fresh.index))
        rows += [
            (name, i, rid, column, _short(", ".join(unknown)), "ids of hazards in the programme")
            for i, rid, ids in zip(fresh.index, named, sets, strict=True)
            if (unknown := [h for h in ids if h not in known])
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
    reason = joined(mine["column"] + ": " + mine["found"] + " (needed: " + mine["expected"] + ")", mine["row"])
    marked.loc[reason.index, "quarantined"] = reason
    schema = table(name)
    for column, rows in mine.groupby("column")["row"]:
        labels = rows.unique()
        if column == "geometry":
            unusable = mine[(mine["column"] == "geometry") & (mine["expected"] != VALID)]["row"].unique()
            marked.loc[unusable, marked.geometry.name] = None  # an invalid polygon still says where: release reads it
        elif (kind := _kind(schema, column)) in {"words", "ids"}:
            known = frozenset(_known_words(schema, column))
            cells = marked[column].to_numpy(dtype=object, copy=True)
            for i in marked.index.get_indexer(labels):
                cells[i] = tuple(w for w in cells[i] if w in known)
            marked[column] = pd.Series(cells, index=marked.index, dtype="object")
        elif column != schema.id_column and column in marked:
            marked.loc[labels, column] = pd.NaT if kind in {"date", "time"} else (pd.NA if kind == "count" else np.nan)
    if schema.key:
        unnamed = marked[schema.id_column].fillna("").str.strip().eq("")
        marked.loc[unnamed, schema.id_column] = [f"(no id, row {label})" for label in marked.index[unnamed]]
    return marked


def joined(texts: pd.Series, rows: pd.Series) -> pd.Series:
    """Join the texts about each row, in their order.

    Examples
    --------
    >>> joined(pd.Series(["no id", "no day", "no place"]), pd.Series([7, 3, 7])).to_dict()
    {7: 'no id; no place', 3: 'no day'}
    """
    row_of, labels = pd.factorize(rows, use_na_sentinel=False)
    gathered: list[list[str]] = [[] for _ in labels]
    for row, text in zip(row_of, texts.to_numpy(dtype=object), strict=True):
        gathered[row].append(text)
    return pd.Series(["; ".join(said) for said in gathered], index=labels, dtype="str")


def _kind(schema: Table, column: str) -> str:
    found = schema.column(column)
    return found.kind if found else "text"


def _known_words(schema: Table, column: str) -> tuple[str, ...]:
    found = schema.column(column)
    return found.words.codes if found and found.words else ()
