"""From a file to a canonical table: read, map, place, mend, judge; every row comes out, with what happened to it.

Accepted + repaired + quarantined = rows in the file, always. Knows the order of the steps; each has its own file.
"""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hazardmap import measure, tables, words
from hazardmap.errors import SchemaError
from hazardmap.intake import accuracy, closing, columns, decoding, mending, placing, positioning, reading
from hazardmap.intake import position as at
from hazardmap.intake.imported import Imported
from hazardmap.intake.layers import LAYERED
from hazardmap.intake.profile import Profile, Section, load
from hazardmap.programme import Policy, Programme

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from hazardmap.intake.columns import Fault
    from hazardmap.intake.position import Position
    from hazardmap.intake.sheet import Sheet

_A_DAY = pd.Timedelta(days=1)  # the east is in tomorrow already


def import_table(
    source: str | Path | gpd.GeoDataFrame,
    table: str,
    *,
    profile: str | Path = "generic",
    values: Mapping[str, Any] | None = None,
    crs: Any = None,
    layer: str | None = None,
    encoding: str | None = None,
    day_first: bool | None = None,
    position: Mapping[str, Any] | Position | None = None,
    header_row: int | None = None,
    policy: Policy | None = None,
    programme: Programme | None = None,
    as_of: date | str | None = None,
    recorded_at: datetime | str | None = None,
) -> Imported:
    """Bring the rows of a file into the form of a table; no row is dropped, no shape silently changed.

    Formats are told by content: GeoPackage, GeoJSON (also a feature a line), TopoJSON, Esri JSON, Shapefile, KML, KMZ,
    GPX, GML, File Geodatabase, DXF, MapInfo, FlatGeobuf, GeoParquet; CSV and Excel with WKT, coordinates in columns or
    turning points in rows; also in a zip. An invalid hazard, plot or district is read at its widest, an invalid
    release, survey or coverage at its narrowest. A quarantined hazard stays: with its polygon as an open draft, without
    one as unplaced.

    Parameters
    ----------
    source
        Path of a file on this machine, or a GeoDataFrame.
    table
        The table that it becomes: hazards, releases, surveys, finds, plots, districts, coverage, context.
    profile
        Name of a shipped profile or path of a TOML file: how columns and words are mapped.
    values
        Column → value for what the file lacks (absent column or empty cell); the file's own value wins. An id or
        text may be made of columns and the row number: ``{"hazard_id": "MF-{row:5}", "cadastre_no": "{MAP}-{LOT}"}``.
    crs
        CRS of the file, where it declares none.
    layer
        Layer to read, where the file has several (in TopoJSON: its object, in KML: its folder); ``*``: all together.
    encoding
        Encoding of its text, where the format does not say it.
    day_first
        True: 03/04/2024 is 3 April; False: 4 March; None: such a date is a fault.
    position
        Where the rows of a table without shapes lie, as in a profile: ``{"x": "lon", "y": "lat", "datum": "WGS 84"}``,
        ``{"coordinates": "mgrs", "datum": "WGS 84"}``; with ``"vertices_of": "hazard_id"`` each row is a turning
        point. Wins over the profile; see `intake.position.Position`.
    header_row
        The line or row of a CSV or Excel table that names its columns, where titles stand above it.
    policy
        National settings; those of `programme`, or the default, when not given.
    programme
        What is there already: ids that releases and successors name must be in it or in the file.
    as_of
        The day up to which the file speaks; else the profile's. Later dates are faults.
    recorded_at
        When it is entered, UTC; written into every row. Nothing here asks for today.

    Returns
    -------
    Imported
        `rows`, `accepted`, `repaired`, `quarantined`, `report`, `counts`, `notes`; printed, it tells what happened.

    Raises
    ------
    FileError, CrsError, SchemaError
        When the file cannot be used as a whole.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> found = gpd.GeoDataFrame(
    ...     {"id": ["007", "008"], "class": ["SHA", "perhaps"]},
    ...     geometry=[shapely.box(46, 39, 46.001, 39.001), None], crs="EPSG:4326")
    >>> imported = import_table(found, "hazards", values={"date_of_information": "2024-03-18"})
    >>> imported.counts
    {'rows': 2, 'accepted': 1, 'repaired': 0, 'quarantined': 1}
    >>> imported.quarantined["quarantined"].tolist()
    ["classification: 'perhaps' (needed: one of suspected, confirmed); geometry: missing (needed: a geometry)"]
    """
    schema = tables.table(table)
    if schema.geometry is None:
        raise SchemaError(f"table {table!r} is written by import itself", "a table of records", "e.g. --as hazards")
    plan = load(profile)
    rules = policy or (programme.policy if programme is not None else Policy())
    extent = rules.extent_deg or plan.extent_deg
    rules = dataclasses.replace(rules, extent_deg=extent)
    stated, own = at.combined(plan.sections.get(table, Section()).position, position, crs=crs)
    sheet = reading.read(source, wanted=table, layer=layer, encoding=encoding, header_row=header_row)
    sheet = positioning.positioned(sheet, stated, own=own, crs=crs or stated.crs or ("" if stated.datum else plan.crs))
    sheet = closing.lines_that_close(sheet, table)
    done = columns.mapped(sheet, schema, plan, values=values or {}, day_first=day_first)
    count = len(done.frame)
    if sheet.placed_by and sheet.crs is not None:  # stated for these columns, and settled with them
        crs, plan, stated = None, dataclasses.replace(plan, crs=""), dataclasses.replace(stated, crs="")
    there, crs_note = placing.declared_crs(sheet, crs=crs or stated.crs or None, expected=plan.crs)
    shapes = np.array(sheet.shapes, dtype=object)
    for i, flaw in sheet.flaws.items():
        shapes[i] = flaw.draft
    placed = placing.place(shapes, there, extent=extent, name=sheet.name, declared=there is sheet.crs)
    gaps = {i: placing.gap_m(f.gaps, there) for i, f in sheet.flaws.items() if f.gaps}
    accuracy.joined(done, sheet, placed, shapes, there, rules, table)
    sure = done.frame["accuracy_m"].to_numpy() if "accuracy_m" in done.frame else np.full(count, np.nan)
    mended = mending.mend(placed.geometry, sheet.flaws, gaps, table, rules, sure)
    frame = gpd.GeoDataFrame(done.frame, geometry=gpd.GeoSeries(mended.shapes, crs=measure.STORED_CRS))
    frame["recorded_at"] = pd.Series([recorded_at] * count, dtype="object")
    frame["repaired"] = pd.Series([mended.changed.get(i) for i in range(count)], dtype="str")
    frame.index = pd.RangeIndex(1, count + 1, name="row")
    frame = tables.canonical(frame, table)
    day = _as_of(as_of, plan, programme, frame, recorded_at)
    faults = _judged(frame, table, [*done.faults, *placed.faults, *mended.faults], rules, day, programme)
    kept = _quarantined(frame, faults, schema, sheet, mended)
    return Imported(
        table=table,
        rows=kept,
        source=sheet.name,
        origin=plan.source,
        as_of=_day(as_of) or plan.as_of,
        report=_report(kept, placed, sheet, schema, faults),
        notes=_notes(sheet, crs_note, done, placed, kept, plan.sections.get(table, Section()).notes, extent),
        assumed=done.assumed,
    )


def _day(said: date | str | None) -> date | None:
    if said is None or isinstance(said, date):
        return said
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise SchemaError(f"as_of = {said!r}", "a date like 2024-12-31", "correct --as-of") from None


def _as_of(
    said: date | str | None, plan: Profile, programme: Programme | None, frame: Any, recorded_at: Any
) -> date | None:
    """Give the latest day of which a row may speak."""
    own = _day(said) or plan.as_of
    held = programme.as_of if programme is not None else None
    if own is not None and recorded_at is not None and pd.Timestamp(own) > pd.Timestamp(recorded_at) + _A_DAY:
        raise SchemaError(
            f"as-of date {own}, and today is {str(recorded_at)[:10]}", "a day that has come", "correct it"
        )
    if own is None and held is not None:
        for name in tables.SPEAKS_OF & set(frame.columns):
            late = frame.index[(frame[name] > pd.Timestamp(held)).to_numpy()]
            if len(late):
                raise SchemaError(
                    f"{len(late):,} rows are dated after the programme's as-of date {held} (e.g. row {late[0]})",
                    "the day up to which this file speaks",
                    "add --as-of, e.g. --as-of 2024-12-31",
                )
    if own is None and held is None and recorded_at is not None:
        return date.fromisoformat(str(pd.Timestamp(recorded_at))[:10])  # no row can speak of a day after it was entered
    return max((d for d in (own, held) if d is not None), default=None)


def _judged(
    frame: Any, name: str, known: list[Fault], rules: Policy, day: date | None, programme: Programme | None
) -> pd.DataFrame:
    """Collect all faults of all rows: what intake found, then what the table's own rules find in other cells."""
    own = pd.DataFrame(
        [(name, i + 1, "", column, found, expected) for i, column, found, expected in known],
        columns=list(tables.FAULT_COLUMNS),
    )
    ruled = tables.faults(frame, name, policy=rules, as_of=day)
    if programme is not None:
        if name == "hazards":
            ruled = ruled[~_placed_there(ruled, frame, programme)]
        ruled = pd.concat([ruled, _links(frame, name, programme)], ignore_index=True)
    told = set(zip(own["row"], own["column"], strict=True))
    fresh = np.array([(r, c) not in told for r, c in zip(ruled["row"], ruled["column"], strict=True)], dtype=bool)
    every = pd.concat([own, ruled[fresh]], ignore_index=True) if len(own) else ruled[fresh]
    return every.sort_values("row", kind="stable", ignore_index=True)


def _placed_there(found: pd.DataFrame, frame: Any, programme: Programme) -> Any:
    """Say which faults are of reports that need no shape, as the programme knows the place of the hazard."""
    held = programme.hazards
    placed = held["hazard_id"][held.geometry.notna() & ~held.geometry.is_empty & held["quarantined"].isna()]
    rows = frame.loc[found["row"]]
    needless = rows["event"].isin(words.EVENTS_WITHOUT_GROUND) & rows["hazard_id"].isin(set(placed))
    return needless.to_numpy() & found["expected"].eq("a geometry").to_numpy()


def _links(frame: Any, name: str, programme: Programme) -> pd.DataFrame:
    if name not in {"hazards", "releases"}:
        return tables.broken_links(Programme())
    hazards = (
        programme.hazards if name == "releases" else pd.concat([programme.hazards[["hazard_id"]], frame[["hazard_id"]]])
    )
    if name == "releases":
        return tables.broken_links(Programme(hazards=hazards, releases=frame))
    found = tables.broken_links(Programme(hazards=frame))
    known = set(hazards["hazard_id"].dropna())
    still = [any(h not in known for h in ids) for ids in frame["superseded_by"].loc[found["row"]]]
    return found[np.array(still, dtype=bool)]


def _quarantined(frame: Any, faults: pd.DataFrame, schema: tables.Table, sheet: Sheet, mended: mending.Mended) -> Any:
    named = frame.copy()
    if schema.key:
        nameless = named[schema.id_column].isna()
        named.loc[nameless, schema.id_column] = [f"(no id, {sheet.name} row {i})" for i in named.index[nameless]]
    kept = tables.quarantine(named, faults, schema.name)
    shapes = np.array(kept.geometry.to_numpy(), dtype=object)
    outside = set(faults["row"][faults["expected"].str.startswith("inside the country")])
    for i, draft in mended.drafts.items():
        if i + 1 not in outside:
            shapes[i] = draft
    return kept.set_geometry(gpd.GeoSeries(shapes, index=kept.index, crs=measure.STORED_CRS))


def _report(kept: Any, placed: placing.Placed, sheet: Sheet, schema: tables.Table, faults: pd.DataFrame) -> Any:
    """Tell what happened to each row of the file: the columns of table history."""
    bad, changed = kept["quarantined"].notna(), kept["repaired"].notna()
    before = np.array(placed.geometry.to_numpy(), dtype=object)
    after = np.array(kept.geometry.to_numpy(), dtype=object)
    area, same = _areas(before), shapely.equals_identical(before, after)
    rules = pd.DataFrame({"row": faults["row"], "rule": faults["column"] + ": " + faults["expected"]}).drop_duplicates()
    needed = tables.joined(rules["rule"], rules["row"])
    why = pd.Series(None, index=kept.index, dtype="object")
    why[changed] = "a repair may only make an answer worse"
    why.loc[needed.index] = needed
    entered = pd.Series(None, index=kept.index, dtype="object")
    shown = (bad | changed).to_numpy() & ~shapely.is_missing(before)
    entered[shown] = shapely.to_wkt(before[shown], rounding_precision=-1)
    for i, shape in placed.elsewhere.items():
        entered.iloc[i] = shape.wkt  # in the CRS of the file: it has no place in ours
    for i, flaw in sheet.flaws.items():
        entered.iloc[i] = flaw.entered
    ids = kept[schema.id_column] if schema.key else pd.Series(None, index=kept.index, dtype="object")
    report = pd.DataFrame(
        {
            "table": schema.name,
            "row": kept.index.astype("str"),
            "record_id": ids.to_numpy(),
            "outcome": np.select([bad, changed], ["quarantined", "repaired"], "accepted"),
            "what": kept["quarantined"].fillna(kept["repaired"]).to_numpy(),
            "why": why.to_numpy(),
            "area_before_m2": area,
            "area_after_m2": np.where(same, area, _areas(_without(after, same))),
            "geometry_as_entered": entered.to_numpy(),
            "source": sheet.name + (f", layer {sheet.layer}" if sheet.layer and sheet.kind in LAYERED else ""),
            "source_sha256": sheet.sha256,
            "recorded_at": kept["recorded_at"].to_numpy(),
        }
    )
    return tables.canonical(report, "history")


def _without(shapes: Any, left_out: Any) -> Any:
    rest = shapes.copy()
    rest[left_out] = None
    return rest


def _areas(shapes: Any) -> Any:
    areas = measure.area_m2(gpd.GeoSeries(shapes, crs=measure.STORED_CRS)).to_numpy()
    return np.where(shapely.is_missing(shapes), np.nan, areas)


def _notes(
    sheet: Sheet,
    crs_note: str,
    done: columns.Mapped,
    placed: placing.Placed,
    kept: Any,
    said: tuple[str, ...],
    extent: Any,
) -> tuple[str, ...]:
    notes = [
        f"read as {sheet.kind}" + (f", layer {sheet.layer}" if sheet.layer and sheet.kind in LAYERED else ""),
        *sheet.notes,
        crs_note,
    ]
    notes += placed.notes
    if extent is None:
        notes.append(
            "the policy states no extent of the country: swapped axes and a wrong CRS can go unseen;"
            " state it with --extent WEST SOUTH EAST NORTH, or extent_deg in the policy"
        )
    notes += [*done.notes, *said, *decoding.doubts(sheet.cells)]
    shapes = kept.geometry.to_numpy()
    blob = pd.Series(shapely.to_wkb(shapes), index=kept.index)
    twice = (blob.notna() & pd.DataFrame({"shape": blob, "cells": kept["as_entered"]}).duplicated()).sum()
    if twice:
        notes.append(f"{int(twice):,} rows repeat another row exactly, shape and cells: kept")
    return tuple(notes)
