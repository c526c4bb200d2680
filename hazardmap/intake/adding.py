"""Put imported rows into a programme: everything or nothing, and nothing is overwritten."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hazardmap import tables
from hazardmap.errors import SchemaError

if TYPE_CHECKING:
    from hazardmap.intake.imported import Imported
    from hazardmap.programme import Programme

_SHOWN = 3
#: Tables whose day is a day up to which something is known of ground.
_OF_GROUND = frozenset({"hazards", "releases", "surveys", "finds", "coverage"})
#: Table → the column that says of which day a report speaks; the rows of the others speak of the day of their file.
DAY_OF = {"hazards": "date_of_information", "coverage": "as_of"}


def add(programme: Programme, imported: Imported) -> Programme:
    """Give a programme that holds the imported rows as well.

    The as-of date becomes the later of the two, where the file speaks of ground: newer plots or borders do not make
    old hazards newer. The history grows by one row for each row of the file. The
    programme given is not changed.

    Raises
    ------
    SchemaError
        When the file is in the programme already, or records of the same id (hazards: of the same id and day) are.
        Reports never overwrite each other here: `update` takes a newer edition of a file.

    Examples
    --------
    >>> import geopandas as gpd, hazardmap as hm, shapely
    >>> from hazardmap.intake import import_table
    >>> walked = gpd.GeoDataFrame({"id": ["S-9"]}, geometry=[shapely.box(46.95, 39.95, 46.96, 39.96)], crs="EPSG:4326")
    >>> programme = hm.example()
    >>> grown = add(programme, import_table(walked, "surveys", values={"date": "2024-05-01"}, programme=programme))
    >>> len(programme.surveys), len(grown.surveys), len(grown.history)
    (1, 2, 1)
    """
    name = imported.table
    held = programme.table(name)
    refuse_same_file(programme, imported)
    _refuse_same_keys(held, imported)
    return grown(programme, imported, appended(held, imported.rows), entries(imported))


def grown(programme: Programme, imported: Imported, table: Any, report: Any) -> Programme:
    """Give the programme with a new table, more history, and what the file says of days and sources."""
    days = [programme.as_of, imported.as_of if imported.table in _OF_GROUND else None]
    source = imported.origin or imported.source
    sources = (
        programme.sources if source in programme.sources else "; ".join(s for s in (programme.sources, source) if s)
    )
    changes: dict[str, Any] = {
        imported.table: table,
        "history": appended(programme.history, report),
        "as_of": max((d for d in days if d is not None), default=None),
        "sources": sources,
    }
    return dataclasses.replace(programme, **changes)


def appended(held: Any, fresh: Any) -> Any:
    """Put one table under another."""
    if held.empty:
        return fresh.reset_index(drop=True)
    return pd.concat([held, fresh], ignore_index=True)


def entries(imported: Imported) -> Any:
    """Give the rows of the history that an import makes: what happened to each, of which day, and from where."""
    report = imported.report.copy()
    report["origin"] = pd.Series([imported.origin or None] * len(report), index=report.index, dtype="str")
    report["day"] = days(imported)
    return tables.canonical(report, "history")


def days(imported: Imported) -> Any:
    """Give the day of which each row speaks: its own, or that of the file; missing where neither is stated."""
    if imported.table in DAY_OF:
        return imported.rows[DAY_OF[imported.table]].to_numpy()
    day = np.datetime64("NaT") if imported.as_of is None else np.datetime64(imported.as_of)
    return np.full(len(imported.rows), day, dtype="datetime64[us]")


def refuse_same_file(
    programme: Programme,
    imported: Imported,
    do: str = "start a new programme if you want to import it differently",
) -> None:
    """Refuse a file of which rows are in the programme already.

    Raises
    ------
    SchemaError
        When its fingerprint is in the history.
    """
    prints = set(imported.report["source_sha256"])
    history = programme.history
    again = history["table"].eq(imported.table) & history["source_sha256"].isin(prints)
    if again.any():
        raise SchemaError(
            f"{imported.source} is in the programme already: {int(again.sum()):,} rows of {imported.table}"
            " with the same fingerprint; nothing was changed",
            "each file once",
            do,
        )


def _refuse_same_keys(held: Any, imported: Imported) -> None:
    key = list(tables.table(imported.table).key)
    if not key or held.empty:
        return
    here, there = _keys(held, key), _keys(imported.rows, key)
    twice = imported.rows[there.isin(set(here)).to_numpy()]
    if len(twice):
        examples = ", ".join(repr(v) for v in twice[key[0]].head(_SHOWN))
        day = " and the same date" if len(key) > 1 else ""
        raise SchemaError(
            f"{len(twice):,} of {len(imported.rows):,} rows have ids{day} that are in the programme already"
            f" ({examples}); nothing was changed",
            f"one row for each {' and '.join(key)}",
            "add --update if this is a newer edition of a file that is in the programme; else leave these rows out,"
            " or give corrections a date of their own",
        )


def _keys(frame: Any, key: list[str]) -> Any:
    parts = [frame[c].astype("str").fillna("").str.strip() for c in key]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + "\0" + part
    return joined
