"""Put imported rows into a programme: everything or nothing, and nothing is overwritten."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pandas as pd

from hazardmap import tables
from hazardmap.errors import SchemaError

if TYPE_CHECKING:
    from hazardmap.intake.imported import Imported
    from hazardmap.programme import Programme

_SHOWN = 3


def add(programme: Programme, imported: Imported) -> Programme:
    """Give a programme that holds the imported rows as well.

    The as-of date becomes the later of the two; the history grows by one row for each row of the file. The
    programme given is not changed.

    Raises
    ------
    SchemaError
        When the file is in the programme already, or records of the same id (hazards: of the same id and day) are.
        Reports never overwrite each other: a correction is a new version with a date of its own.

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
    _refuse_same_file(programme, imported)
    _refuse_same_keys(held, imported)
    days = [d for d in (programme.as_of, imported.as_of) if d is not None]
    source = imported.origin or imported.source
    sources = (
        programme.sources if source in programme.sources else "; ".join(s for s in (programme.sources, source) if s)
    )
    changes: dict[str, Any] = {
        name: _appended(held, imported.rows),
        "history": _appended(programme.history, imported.report),
        "as_of": max(days, default=None),
        "sources": sources,
    }
    return dataclasses.replace(programme, **changes)


def _appended(held: Any, fresh: Any) -> Any:
    if held.empty:
        return fresh.reset_index(drop=True)
    return pd.concat([held, fresh], ignore_index=True)


def _refuse_same_file(programme: Programme, imported: Imported) -> None:
    prints = set(imported.report["source_sha256"])
    history = programme.history
    again = history["table"].eq(imported.table) & history["source_sha256"].isin(prints)
    if again.any():
        raise SchemaError(
            f"{imported.source} is in the programme already: {int(again.sum()):,} rows of {imported.table}"
            " with the same fingerprint; nothing was changed",
            "each file once",
            "start a new programme if you want to import it differently",
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
            "leave these rows out, or give corrections a date of their own",
        )


def _keys(frame: Any, key: list[str]) -> Any:
    parts = [frame[c].astype("str").fillna("").str.strip() for c in key]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + "\0" + part
    return joined
