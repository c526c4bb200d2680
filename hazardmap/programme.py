"""Programme and Policy: the tables of a national programme, and the settings that are the nation's to choose.

Containers without logic. Knows which tables there are; knows nothing of their rules, of files or of ground.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import tomli_w

from hazardmap import tables, words
from hazardmap.errors import SchemaError

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    import pandas as pd

_PRODUCTS = ("cancelled", "reduced", "cleared")
_FINEST_CELL_M = 500.0
_FINEST_ROUND_M2 = 1000.0


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The settings that a national authority decides.

    Parameters
    ----------
    country
        Whose policy it is.
    extent_deg
        West, south, east, north of the country, degrees; positions outside it are faults. None: not checked.
    proximity_m
        Distance within which an open hazard is near a plot.
    stale_after_days
        Age of the data after which good news is not told.
    find_radius_m
        Radius of the suspected disc round evidence outside every hazard.
    unlinked_releases
        ``"none"``: a release that names no hazard frees no hazard's ground; ``"ground"``: it frees whatever it covers.
    closed_without_polygon
        ``"open"``: a closed hazard without release polygon stays open; ``"whole"``: a release without polygon that
        names it, with product, date, approval and paper, frees the whole of it.
    approval_for, quality_for, depth_for, handover_for
        The products that need an approved decision, a passed quality result, a depth, a handover paper with number
        and date.
    hazards_surveyed_m, hazards_estimated_m, releases_m, plots_m, finds_m
        Positional accuracy assumed where a record states none, metres.
    evidence_direct, evidence_indirect
        Which items of evidence confirm a hazard and which only make it suspected.
    public_areas
        How products for the public tell ground: ``"districts"``: by totals of districts, by cells of a grid where no
        district is known; ``"cells"``: by cells only.
    public_cell_m
        Side of such a cell, metres, 500 or more: a finer grid would draw the boundaries.
    public_round_m2
        Areas of zones are rounded to this, m², 1,000 or more: up where ground is not released, down where it is. An
        exact area would name the hazard.
    public_shows, partner_shows
        What products for the public, and for partners, may carry beside that: words of `words.DETAILS`. Who may see
        ``boundaries`` sees ``finds``: ground round evidence is a disc whose middle is the find. ``answers`` gives the
        public the outlines of the plots with their verdicts, with ``ids`` also their ids, and nothing else of them.

    Examples
    --------
    >>> Policy().find_radius_m
    100.0
    >>> Policy.from_toml("proximity_m = 250").proximity_m
    250.0
    """

    country: str = ""
    extent_deg: tuple[float, float, float, float] | None = None
    proximity_m: float = 100.0
    stale_after_days: int = 365
    find_radius_m: float = 100.0
    unlinked_releases: str = "none"
    closed_without_polygon: str = "open"
    approval_for: tuple[str, ...] = _PRODUCTS
    quality_for: tuple[str, ...] = _PRODUCTS
    depth_for: tuple[str, ...] = ("cleared",)
    handover_for: tuple[str, ...] = _PRODUCTS
    hazards_surveyed_m: float = 10.0
    hazards_estimated_m: float = 50.0
    releases_m: float = 2.0
    plots_m: float = 1.0
    finds_m: float = 50.0
    public_areas: str = "districts"
    public_cell_m: float = 5000.0
    public_round_m2: float = 10_000.0
    public_shows: tuple[str, ...] = ()
    partner_shows: tuple[str, ...] = (
        "boundaries",
        "finds",
        "plots",
        "answers",
        "ids",
        "organisations",
        "contamination",
    )
    evidence_direct: tuple[str, ...] = (
        "detonation",
        "accident_known_place",
        "record_high_reliability",
        "sign_or_fence",
        "visual",
    )
    evidence_indirect: tuple[str, ...] = (
        "old_survey",
        "former_combat_zone",
        "accident_unknown_place",
        "record_low_reliability",
        "land_not_used",
        "verbal_report",
    )

    def __post_init__(self) -> None:
        faults = [*self._number_faults(), *self._word_faults()]
        if faults:
            raise SchemaError(
                "policy: " + "; ".join(found for found, _ in faults),
                "; ".join(needed for _, needed in faults),
                "correct these lines of the policy file",
            )

    def _number_faults(self) -> list[tuple[str, str]]:
        faults = []
        for setting in fields(self):
            value = getattr(self, setting.name)
            if setting.type in {"float", "int"}:
                if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
                    faults.append((f"{setting.name} = {value!r}", f"{setting.name} is a number, 0 or more"))
                elif setting.type == "float":
                    object.__setattr__(self, setting.name, float(value))
        for name, least, why in (
            ("public_cell_m", _FINEST_CELL_M, "exact boundaries are for public_shows to allow"),
            ("public_round_m2", _FINEST_ROUND_M2, "an exact area would name the hazard"),
        ):
            given: Any = getattr(self, name)
            if isinstance(given, float) and 0 <= given < least:
                faults.append((f"{name} = {given!r}", f"{name} is {least:g} or more; {why}"))
        if self.extent_deg is not None:
            box: Any = self.extent_deg
            numbers = isinstance(box, list | tuple) and len(box) == 4 and all(isinstance(v, int | float) for v in box)
            if not numbers or not (-180 <= box[0] < box[2] <= 180 and -90 <= box[1] < box[3] <= 90):
                faults.append((f"extent_deg = {box!r}", "extent_deg is west, south, east, north in degrees"))
            else:
                object.__setattr__(self, "extent_deg", tuple(box))
        return faults

    def _word_faults(self) -> list[tuple[str, str]]:
        faults = []
        country: Any = self.country
        if not isinstance(country, str):
            faults.append((f"country = {country!r}", "country is a text"))
        for name, allowed in (
            ("unlinked_releases", ("none", "ground")),
            ("closed_without_polygon", ("open", "whole")),
            ("public_areas", ("districts", "cells")),
        ):
            if getattr(self, name) not in allowed:
                faults.append((f"{name} = {getattr(self, name)!r}", f"{name} is one of {', '.join(allowed)}"))
        for name in (
            "approval_for",
            "quality_for",
            "depth_for",
            "handover_for",
            "evidence_direct",
            "evidence_indirect",
            "public_shows",
            "partner_shows",
        ):
            value: Any = getattr(self, name)
            if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
                faults.append((f"{name} = {value!r}", f'{name} is a list of texts, e.g. ["…", "…"]'))
                continue
            object.__setattr__(self, name, tuple(value))
            if name.endswith("_for") and (unknown := [v for v in value if v not in _PRODUCTS]):
                faults.append((f"{name} holds {unknown!r}", f"{name} holds only {', '.join(_PRODUCTS)}"))
            if name.endswith("_shows"):
                faults += _faults_of_details(name, value)
        return faults

    @classmethod
    def from_toml(cls, text: str) -> Policy:
        """Read a policy from TOML text; what it does not name keeps its default, an unknown name is an error.

        Raises
        ------
        SchemaError
            For text that is no TOML, unknown settings and impossible values, all at once.
        """
        try:
            given = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SchemaError(f"policy: {error}", "TOML: name = value, a line each", "correct that line") from None
        names = {f.name for f in fields(cls)}
        if unknown := sorted(set(given) - names):
            raise SchemaError(
                f"policy: unknown settings {', '.join(unknown)}",
                f"one of {', '.join(sorted(names))}",
                "correct the name",
            )
        settings: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
        return cls(**settings)

    def to_toml(self) -> str:
        """Write the policy as TOML, every setting on a line.

        Examples
        --------
        >>> Policy.from_toml(Policy(proximity_m=50).to_toml()) == Policy(proximity_m=50)
        True
        """
        return tomli_w.dumps({f.name: v for f in fields(self) if (v := getattr(self, f.name)) is not None})


def _faults_of_details(name: str, value: Any) -> list[tuple[str, str]]:
    """Say what is wrong with a list of what a product may carry."""
    faults = []
    if unknown := [v for v in value if v not in words.DETAILS]:
        faults.append((f"{name} holds {unknown!r}", f"{name} holds only {', '.join(words.DETAILS)}"))
    if "boundaries" in value and "finds" not in value:
        needed = f"{name} holds finds as well: ground round evidence is a disc whose middle is the find"
        faults.append((f"{name} holds 'boundaries' without 'finds'", needed))
    return faults


@dataclass(frozen=True, kw_only=True, eq=False)
class Programme:
    """The tables of one programme, the day up to which they speak, and the policy they are read under.

    Every table is a GeoDataFrame in EPSG:4326 with the columns of `tables.TABLES`; a table not given is empty.
    Nothing is checked here: `tables.validate` lists what is wrong, and every answer refuses tables with faults.

    Parameters
    ----------
    name
        Shown as the title of products.
    as_of
        The last day on which the tables know anything.
    sources
        Where the records come from, in words fit for a map.
    fictitious
        True for example data; every product then says so.
    hazards, releases, surveys, finds, plots, districts, coverage, context
        The tables.
    history
        One row for each record imported, repaired or quarantined: what happened to it, and its geometry as entered.
    policy
        The national settings.
    """

    name: str = ""
    as_of: date | None = None
    sources: str = ""
    fictitious: bool = False
    hazards: gpd.GeoDataFrame = field(default_factory=lambda: tables.empty("hazards"))
    releases: gpd.GeoDataFrame = field(default_factory=lambda: tables.empty("releases"))
    surveys: gpd.GeoDataFrame = field(default_factory=lambda: tables.empty("surveys"))
    finds: gpd.GeoDataFrame = field(default_factory=lambda: tables.empty("finds"))
    plots: gpd.GeoDataFrame = field(default_factory=lambda: tables.empty("plots"))
    districts: gpd.GeoDataFrame = field(default_factory=lambda: tables.empty("districts"))
    coverage: gpd.GeoDataFrame = field(default_factory=lambda: tables.empty("coverage"))
    context: gpd.GeoDataFrame = field(default_factory=lambda: tables.empty("context"))
    history: pd.DataFrame = field(default_factory=lambda: tables.empty("history"))
    policy: Policy = field(default_factory=Policy)

    def table(self, name: str) -> Any:
        """Give a table by its name.

        Raises
        ------
        SchemaError
            When there is no table of that name.

        Examples
        --------
        >>> len(Programme().table("hazards"))
        0
        """
        tables.table(name)
        return getattr(self, name)

    def __repr__(self) -> str:
        held = ", ".join(f"{n} {len(getattr(self, n)):,}" for n in tables.TABLES if len(getattr(self, n)))
        mark = " FICTITIOUS" if self.fictitious else ""
        return f"<Programme {self.name or '(no name)'}, as of {self.as_of or 'unknown'}{mark}: {held or 'no records'}>"
