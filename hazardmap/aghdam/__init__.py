"""The demo programme: a fictitious five years of mine action in and around Ağdam and Füzuli, every table filled.

Belts along a former line of contact are recorded, surveyed, reduced and cleared year by year; some papers
are missing, some decisions are against. Made from one seed. Knows the tables; knows no rule of the ground.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hazardmap import measure, tables
from hazardmap.aghdam import cases, country, evidence, landscape, minefields, records
from hazardmap.aghdam.landscape import joined
from hazardmap.programme import Policy, Programme

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Row = dict[str, Any]

_EXTENT_DEG = (44.7, 38.3, 50.7, 42.0)


def demo(seed: int = 20) -> Programme:
    """Make the demo programme: some 250 hazards and their releases around Ağdam and Füzuli, 2020 to 2025, all invented.

    Real are only the outlines and names of districts and the names of two towns. Nothing in it tells anything about
    real ground.

    Parameters
    ----------
    seed
        Another number tells another story.

    Returns
    -------
    Programme
        Marked fictitious, as of 2025-06-30; `tables.validate` finds no fault in it.

    Examples
    --------
    >>> programme = demo()
    >>> programme.name, programme.fictitious, len(tables.validate(programme))
    ('Ağdam and Füzuli (example)', True, 0)
    """
    rng = np.random.default_rng(seed)
    line, drawn = landscape.former_line(), landscape.lines(rng)
    towns, spots = landscape.places()
    roads = {name: xy for kind, name, xy in drawn if kind == "road"}
    districts = country.districts()
    covered = country.coverage(districts, line)

    made = records.entries(rng, minefields.sites(rng, line, roads, spots))
    successors = cases.special_cases(rng, made)
    doubtful, entered = cases.doubtful_rows(len(made) + len(successors) + 1, spots["Şanagüllü"])
    releases = [r for e in made for r in e.releases] + cases.further_releases(made, roads, line)
    known = joined([*(e.site.ground for e in made), *(r["geometry"] for r in releases)])
    finds = evidence.finds(rng, made, released=releases, known=known, coverage=joined([c["geometry"] for c in covered]))
    hazards = [v for e in made for v in e.versions] + successors + doubtful

    built = country.villages(rng, spots)
    parcels = country.plots(rng, built, spots, known, evidence.asked_about(finds, releases, made))
    parcels += country.given_back(rng, _released_whole(made, finds), parcels)
    walked = country.surveys(rng, [*spots.values(), *spots.values()], known)

    rows = {
        "hazards": sorted(hazards, key=lambda r: (r["hazard_id"], r["date_of_information"] or 0)),
        "releases": records.numbered(releases),
        "surveys": walked,
        "finds": finds,
        "plots": parcels,
        "coverage": covered,
        "context": country.context(rng, drawn, line, built=built, towns=towns, parcels=parcels),
    }
    policy = Policy(country="Azerbaijan (example)", extent_deg=_EXTENT_DEG)
    made_tables = {name: _table(name, given, districts, spots | towns, policy) for name, given in rows.items()}
    return Programme(
        name="Ağdam and Füzuli (example)",
        as_of=date.fromisoformat(str(records.AS_OF)),
        sources="Fictitious example; district outlines: Natural Earth (public domain)",
        fictitious=True,
        policy=policy,
        districts=tables.canonical(districts, "districts"),
        history=_history(made_tables, entered),
        **made_tables,
    )


def _released_whole(made: Sequence[records.Entry], finds: Sequence[Row]) -> list[Any]:
    """Give the ground of hazards that were released whole, with all papers, and near which no find is unanswered."""
    doubted = shapely.union_all([shapely.buffer(f["geometry"], 100) for f in finds if f.get("answered_on") is None])
    return [
        e.site.ground
        for e in made
        if e.versions[-1]["event"] == "closed" and e.releases and not e.site.ground.intersects(doubted)
    ]


def _table(name: str, rows: Sequence[Row], districts: Any, places: Mapping[str, Any], policy: Policy) -> Any:
    """Make a canonical table of rows in the plane: days become dates, places get their district and name."""
    schema = tables.table(name)
    shapes = np.array([r["geometry"] for r in rows], dtype=object)
    data = {c.name: [_cell(r.get(c.name), c.kind) for r in rows] for c in schema.columns}
    if schema.column("district"):
        found = country.district_of(shapes, districts)
        data["district"] = [given or code for given, code in zip(data["district"], found, strict=True)]
    if name == "hazards":
        names = country.names(data["hazard_id"], shapes, places)
        data["name"] = [given or names[i] for given, i in zip(data["name"], data["hazard_id"], strict=True)]
    day = next((c.name for c in schema.columns if c.kind == "date"), None)
    if day and name != "coverage":
        data["recorded_at"] = [
            None if d is None else f"{min(str(np.datetime64(d) + 4), str(records.AS_OF))}T09:00:00Z" for d in data[day]
        ]
    geometry = measure.from_plane(shapes, landscape.PLANE)
    frame = tables.canonical(gpd.GeoDataFrame(data, geometry=geometry, crs=measure.STORED_CRS), name)
    faults = tables.faults(frame, name, policy=policy)
    for label in faults["row"].unique():
        cells = {c: values[label] for c, values in data.items() if values[label] is not None and c != "recorded_at"}
        frame.loc[label, "as_entered"] = json.dumps(
            cells | {"geometry": rows[label]["geometry"] is not None}, ensure_ascii=False
        )
    return tables.quarantine(frame, faults, name)


def _cell(value: Any, kind: str) -> Any:
    return str(records.DAY_0 + value) if kind == "date" and isinstance(value, int) else value


def _history(made: Mapping[str, Any], entered: Mapping[str, Any]) -> pd.DataFrame:
    """Tell of each record how it came in; a repaired one with its outline as entered."""
    told = []
    for name, frame in made.items():
        if not tables.table(name).key:
            continue
        repaired, bad = frame["repaired"].notna(), frame["quarantined"].notna()
        ids = frame[tables.table(name).id_column]
        outline = measure.from_plane(np.array([entered.get(i) for i in ids], dtype=object), landscape.PLANE)
        outline = outline.where(repaired.to_numpy(), frame.geometry.where(bad).to_numpy())
        area = measure.area_m2(frame.geometry)
        told.append(
            pd.DataFrame(
                {
                    "table": name,
                    "row": [str(i) for i in range(1, len(frame) + 1)],
                    "record_id": ids,
                    "outcome": np.select([bad, repaired], ["quarantined", "repaired"], "accepted"),
                    "what": frame["repaired"].where(repaired, frame["quarantined"]),
                    "why": repaired.map({True: "a hazard takes the union of its readings"}),
                    "area_before_m2": measure.area_m2(outline).where(repaired.to_numpy(), area.to_numpy()).to_numpy(),
                    "area_after_m2": area,
                    "geometry_as_entered": shapely.to_wkt(outline.to_numpy(), rounding_precision=9),
                    "source": records.SOURCE,
                    "recorded_at": frame["recorded_at"],
                }
            )
        )
    history: pd.DataFrame = tables.canonical(pd.concat(told, ignore_index=True), "history")
    return history
