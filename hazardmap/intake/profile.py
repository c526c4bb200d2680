"""Profiles: how the columns and words of somebody's files become ours, written in TOML.

A profile has a section ``[meta]`` and one for each table it knows, with ``columns`` (ours = theirs, one name or
several; the first that the file has is taken; aliases: all), ``position`` (where a table without shapes says that its
rows lie: see position.py), ``values`` (what the file lacks), ``templates`` (texts
made of columns and the row number, ``"{sheet}-{row:5}"``), ``words`` (extra spellings of a word column),
``date_format`` and ``notes``. Knows tables and words; knows nothing of files of data.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from hazardmap import tables
from hazardmap.errors import FileError, SchemaError
from hazardmap.intake import position
from hazardmap.intake.position import Position
from hazardmap.words import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Columns that import itself writes; no profile and no --set may.
OWN = frozenset({"as_entered", "repaired", "quarantined", "recorded_at"})
_META = frozenset({"name", "description", "source", "country", "extent_deg", "as_of", "crs"})
_SECTION = frozenset({"columns", "position", "values", "templates", "words", "date_format", "notes"})
_FOLDER = "profiles"


@dataclass(frozen=True)
class Section:
    """What a profile says of one table."""

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    date_format: str = ""
    notes: tuple[str, ...] = ()
    position: Position = field(default_factory=Position)


@dataclass(frozen=True)
class Profile:
    """How somebody's files become ours.

    Parameters
    ----------
    name, description, source, country
        In words; `source` is written into the rows.
    extent_deg
        West, south, east, north: where its data can lie.
    as_of
        The day up to which its data speak.
    crs
        The CRS of its files.
    sections
        Table → what to do.
    """

    name: str
    description: str = ""
    source: str = ""
    country: str = ""
    extent_deg: tuple[float, float, float, float] | None = None
    as_of: date | None = None
    crs: str = ""
    sections: Mapping[str, Section] = field(default_factory=dict)


def shipped() -> tuple[str, ...]:
    """Name the profiles that come with hazardmap.

    Examples
    --------
    >>> shipped()
    ('azerbaijan_wof', 'bosnia', 'colombia_events', 'generic', 'imsma_core', 'imsma_ng', 'natural_earth')
    """
    folder = resources.files("hazardmap.intake") / _FOLDER
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def load(name: str | Path) -> Profile:
    """Load a profile: the name of one that is shipped, or the path of your own TOML file.

    Raises
    ------
    FileError
        When there is no such profile.
    SchemaError
        When it says what a profile cannot say; all faults at once.

    Examples
    --------
    >>> load("bosnia").sections["hazards"].templates["hazard_id"]
    '{fileId}-{row:5}'
    """
    if isinstance(name, str) and name in shipped():
        return parse((resources.files("hazardmap.intake") / _FOLDER / f"{name}.toml").read_text("utf-8"), name)
    path = Path(name)
    if not path.is_file():
        raise FileError(
            f"there is no profile {str(name)!r}",
            f"one of {', '.join(shipped())}, or the path of a TOML file",
            "correct --profile",
        )
    try:
        return parse(path.read_text("utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"profile {path.name} cannot be read ({error})", "a TOML file in UTF-8", "correct it") from None


def parse(text: str, name: str) -> Profile:
    r"""Read a profile from TOML text.

    Raises
    ------
    SchemaError
        Listing every fault.

    Examples
    --------
    >>> parse('[hazards]\nvaluess = {status = "open"}', "mine.toml")
    Traceback (most recent call last):
    hazardmap.errors.SchemaError: profile mine.toml: unknown name hazards.valuess – needed: ...
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SchemaError(f"profile {name}: {error}", "TOML", "correct that line") from None
    faults: list[str] = []
    meta = _meta(given.pop("meta", {}), faults)
    sections = {}
    for title, content in given.items():
        if title not in tables.TABLES or title == "history" or not isinstance(content, dict):
            faults.append(f"unknown table {title}")
            continue
        sections[title] = _section(content, tables.table(title), faults)
    if faults:
        raise SchemaError(
            f"profile {name}: " + "; ".join(faults),
            f"[meta] with {', '.join(sorted(_META))}; for each table {', '.join(sorted(_SECTION))}",
            "correct these lines",
        )
    return Profile(**{"name": name, **meta}, sections=MappingProxyType(sections))


def _meta(given: Any, faults: list[str]) -> dict[str, Any]:
    if not isinstance(given, dict):
        faults.append("meta is no section")
        return {}
    faults += [f"unknown name meta.{k}" for k in given if k not in _META]
    meta = {k: v for k, v in given.items() if k in _META}
    for key in meta.keys() - {"extent_deg", "as_of"}:
        if not isinstance(meta[key], str):
            faults.append(f"meta.{key} is no text")
    if "as_of" in meta and (not isinstance(meta["as_of"], date) or isinstance(meta["as_of"], datetime)):
        faults.append("meta.as_of is no date (2024-03-18, without quotes)")
    if "extent_deg" in meta:
        box = meta["extent_deg"]
        numbers = isinstance(box, list) and len(box) == 4 and all(type(v) in (int, float) for v in box)
        if not numbers or not (-180 <= box[0] < box[2] <= 180 and -90 <= box[1] < box[3] <= 90):
            faults.append("meta.extent_deg is not west, south, east, north in degrees")
        else:
            meta["extent_deg"] = tuple(float(v) for v in box)
    return meta


def _section(given: dict[str, Any], schema: tables.Table, faults: list[str]) -> Section:
    where = schema.name
    faults += [f"unknown name {where}.{k}" for k in given if k not in _SECTION]
    parts: dict[str, dict[str, Any]] = {}
    for part in ("columns", "values", "templates", "words"):
        parts[part] = given.get(part, {})
        if not isinstance(parts[part], dict):
            faults.append(f"{where}.{part} is no section")
            parts[part] = {}
        for column in parts[part]:
            if schema.column(column) is None or column in OWN:
                faults.append(f"{where}.{part}: {where} has no column {column} to fill")
    for column, text in parts["templates"].items():
        if not isinstance(text, str):
            faults.append(f"{where}.templates.{column} is no text")
    notes = given.get("notes", [])
    date_format = given.get("date_format", "")
    if not isinstance(notes, list) or not all(isinstance(n, str) for n in notes):
        faults.append(f"{where}.notes is no list of texts")
    if not isinstance(date_format, str) or (date_format and date_format != "iso" and "%" not in date_format):
        faults.append(f"{where}.date_format is no format like %d.%m.%Y")
    return Section(
        columns=_names(parts["columns"], where, faults),
        constants={c: _constant(v) for c, v in parts["values"].items()},
        templates={c: str(t) for c, t in parts["templates"].items()},
        words={c: m for c, w in parts["words"].items() if (m := _words(c, w, schema, faults))},
        date_format="" if date_format == "iso" else str(date_format),
        notes=tuple(str(n) for n in notes),
        position=position.parse(given.get("position", {}), f"{where}.position", faults),
    )


def _names(given: dict[str, Any], where: str, faults: list[str]) -> dict[str, tuple[str, ...]]:
    columns = {}
    for column, names in given.items():
        listed = [names] if isinstance(names, str) else names
        if not isinstance(listed, list) or not listed or not all(isinstance(n, str) for n in listed):
            faults.append(f"{where}.columns.{column} is no name or list of names")
            continue
        columns[column] = tuple(listed)
    return columns


def _constant(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(map(str, value))
    return value.isoformat() if isinstance(value, date) else str(value)


def _words(column: str, given: Any, schema: tables.Table, faults: list[str]) -> dict[str, str]:
    """Give folded spelling → code, of one word column."""
    known = schema.column(column)
    if known is None or known.words is None or not isinstance(given, dict):
        faults.append(f"{schema.name}.words.{column}: no words are allowed there")
        return {}
    if strange := sorted({str(code) for code in given.values() if code not in known.words.codes}):
        faults.append(f"{schema.name}.words.{column}: {', '.join(strange)} is none of {', '.join(known.words.codes)}")
    return {fold(spelling): str(code) for spelling, code in given.items()}
