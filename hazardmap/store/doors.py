"""The two doors: `read` and `write` a programme.

Knows programmes, and which of the store's files reads and writes which part of them.
"""

from __future__ import annotations

import sqlite3
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hazardmap import formats, tables, words
from hazardmap.errors import FileError, HazardmapError, SchemaError
from hazardmap.programme import Policy, Programme
from hazardmap.store import folder, saving
from hazardmap.store.cells import restored, stored
from hazardmap.store.content import difference
from hazardmap.store.gpkg_reading import check_at_rest, foreign_layers, read_geopackage
from hazardmap.store.gpkg_writing import write_geopackage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import PathLike

    from hazardmap.store.cells import Stored

_SCHEMA_VERSION = 1
_TRIES = 5


def read(path: str | PathLike[str]) -> Programme:
    """Read a programme from a GeoPackage, or from a folder of files named after the tables.

    Nothing is guessed: a layer says its CRS (another one than EPSG:4326 is converted, no edge moving more than 1
    cm), cells are of their column's kind. Rows whose content is at fault are read as they are, `validate` lists
    them. Layers that are no table of a programme are left alone. A file without `meta` (drawn by hand) has no name
    and no as-of date.

    Parameters
    ----------
    path
        A ``.gpkg`` file or a folder with ``hazards.…``, ``releases.…`` in GeoPackage, GeoJSON, Shapefile, FlatGeobuf,
        GeoParquet or CSV (geometry as WKT), ``meta.toml`` and ``policy.toml``.

    Returns
    -------
    The programme; each table has a new index from 0, in the order of the file. Multi-geometries of one part come as
    that part.

    Raises
    ------
    FileError
        When it is not there, not what its name says, damaged, or holds no programme.
    CrsError
        When a layer has no CRS, or none with a sure way to EPSG:4326.
    SchemaError
        Listing every column of every table with cells of another kind, and every fault of the description.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import hazardmap as hm
    >>> with tempfile.TemporaryDirectory() as place:
    ...     file = pathlib.Path(place, "programme.gpkg")
    ...     write(hm.example(), file)
    ...     read(file).hazards["hazard_id"].tolist()[:3]
    ['H-001', 'H-002', 'H-003']
    """
    place = Path(path) if (kept := _stopped(path)) is None else kept
    place = formats.local_path(place if kept else path)
    if place.is_dir():
        return _read_folder(place)
    kind = formats.sniff(place)
    if kind != "gpkg":
        raise FileError(
            f"{place.name!r} is one layer ({kind})",
            "a programme: a .gpkg file, or a folder of files named after the tables",
            "bring it in with import_table (hazardmap import), or name its folder",
        )
    try:
        layers, meta = read_geopackage(place)
    except OSError as error:
        raise _unread(place, error) from None
    return _programme(layers, _described(meta or {}, place.name), (meta or {}).get("policy"), place.name)


def _stopped(path: str | PathLike[str]) -> Path | None:
    """Give the folder to read when a save of it was stopped between two renames."""
    try:
        target = Path(path)
        kept = saving.standing(target)
    except (OSError, ValueError, TypeError):
        return None  # no path at all; the sniffing says so
    return kept if kept != target.resolve() else None


def _read_folder(place: Path) -> Programme:
    """Read a folder; again when another save took its place meanwhile, so that no two generations are mixed."""
    for _ in range(_TRIES):
        before = _identity(place)
        try:
            layers, meta, policy = folder.read_folder(place)
        except (OSError, HazardmapError) as error:
            if _identity(place) != before:
                continue
            raise _unread(place, error) if isinstance(error, OSError) else error from None
        if _identity(place) == before:
            return _programme(layers, meta, policy, place.name)
    raise FileError(
        f"{place.name!r} is being saved again and again", "a folder at rest", "read it when the saves are over"
    )


def _identity(place: Path) -> tuple[int, int] | None:
    try:
        found = saving.standing(place).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _unread(place: Path, error: OSError) -> FileError:
    return FileError(
        f"{place.name!r} cannot be read ({error.strerror or type(error).__name__})",
        "files that may be read",
        "check that it is there and may be read",
    )


def _described(meta: Mapping[str, str], where: str) -> dict[str, Any]:
    """Read the texts of `meta`."""
    faults = []
    as_of, fictitious = meta.get("as_of") or None, meta.get("fictitious", "false")
    try:
        day = None if as_of is None else date.fromisoformat(as_of)
    except ValueError:
        day = None
        faults.append(f"as_of {as_of!r} is not a day like 2024-12-31")
    if fictitious not in {"true", "false"}:
        faults.append(f"fictitious {fictitious!r} is not true or false")
    number = meta.get("schema_version", "1")
    if not number.isdecimal():
        faults.append(f"schema_version {number!r} is no number")
    if faults:
        raise SchemaError(
            f"{where}, meta: {'; '.join(faults)}", "what hm.write puts there", "correct these rows of the table meta"
        )
    return {
        "name": meta.get("name", ""),
        "as_of": day,
        "sources": meta.get("sources", ""),
        "fictitious": fictitious == "true",
        "schema_version": int(number),
    }


def _programme(layers: Iterable[Stored], meta: Mapping[str, Any], policy: str | None, where: str) -> Programme:
    if isinstance(number := meta.get("schema_version", 1), int) and number > _SCHEMA_VERSION:
        raise FileError(
            f"{where!r} was written by a later hazardmap", "a version that knows it", "pip install -U hazardmap"
        )
    frames, faults = {}, []
    for layer in layers:
        frame, found = restored(layer, layer.name)
        frames[layer.name] = frame
        faults += found
    if faults:
        raise SchemaError(
            f"{where!r}: {'; '.join(faults)}",
            "cells of their column's kind",
            "correct these cells, or use import_table",
        )
    return Programme(
        name=meta.get("name", ""),
        as_of=meta.get("as_of"),
        sources=meta.get("sources", ""),
        fictitious=meta.get("fictitious", False),
        policy=Policy() if policy is None else Policy.from_toml(policy),
        **frames,
    )


def write(programme: Programme, path: str | PathLike[str], *, format: str = "gpkg") -> None:  # noqa: A002 (the field's word)
    """Write a programme: to a GeoPackage that QGIS opens coloured, or to a folder of files.

    The save is whole or not at all. The new file is made beside the old one, forced to the disk, read back and
    compared cell by cell, and then takes its place; the generation before stays as ``NAME.bak``. What would not
    come back as it was is refused.

    Parameters
    ----------
    programme
        Any programme; its rows may have faults.
    path
        A name that ends in ``.gpkg`` for one file (empty tables become empty layers, to draw into); any other name
        for a folder (tables without rows are left out).
    format
        What a folder's files are: ``gpkg, geojson, shp, fgb, parquet, csv``.

    Raises
    ------
    FileError
        When a value cannot survive in the format, there are other layers or files in the place that would be lost,
        another program has the file open, or the disk refuses. The old programme is then as it was.
    SchemaError
        When a column does not hold what its kind asks.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import hazardmap as hm
    >>> with tempfile.TemporaryDirectory() as place:
    ...     write(hm.example(), pathlib.Path(place, "squares"), format="geojson")
    ...     sorted(p.name for p in pathlib.Path(place, "squares").iterdir())[:3]
    ['coverage.geojson', 'districts.geojson', 'finds.geojson']
    """
    target = _target(path, format)
    if programme.as_of is not None and type(programme.as_of) is not date:
        raise SchemaError(
            f"as_of is {programme.as_of!r}", "a datetime.date", "give the day alone: as_of=date(2024, 12, 31)"
        )
    layers = [stored(programme.table(name), name) for name in tables.TABLES]

    def check(new: Path) -> None:
        _compare(programme, layers, _read_back(new))

    with saving.told(target, sqlite3.Error, pa.ArrowException, UnicodeError):
        if target.suffix.casefold() == ".gpkg":
            saving.replace_file(target, lambda new: write_geopackage(new, layers, _meta_texts(programme)), check)
        else:
            policy = programme.policy.to_toml()
            saving.replace_folder(
                target, lambda new: folder.write_folder(new, layers, _meta_toml(programme), policy, format), check
            )


def _target(path: str | PathLike[str], kind: str) -> Path:
    """Make sure that nothing is lost by a save at this path."""
    target = Path(path)
    if kind not in folder.ENDINGS:
        raise FileError(f"format {kind!r}", f"one of {', '.join(folder.ENDINGS)}", f"say format={'gpkg'!r}")
    saving.check_place(target)
    one_file = target.suffix.casefold() == ".gpkg"
    if not one_file and target.suffix.casefold() in {e for endings in formats.SUFFIXES.values() for e in endings}:
        raise FileError(
            f"{target.name!r} is the name of one layer",
            "a .gpkg file or a folder",
            f"name a folder and say format={target.suffix[1:]!r}"
            if target.suffix.casefold() in folder.ENDINGS.values()
            else f"name a folder, and a format of {', '.join(folder.ENDINGS)}",
        )
    if one_file:
        check_at_rest(target, for_writing=True)
    if not target.exists():
        return target
    if one_file == target.is_dir():
        raise FileError(
            f"{target.name!r} is {'a folder' if one_file else 'a file'}",
            "a .gpkg file or a folder of a programme",
            "choose another name",
        )
    files = [target] if one_file else sorted(target.glob("*.gpkg"))
    if not one_file:
        _refuse_loss(target, folder.foreign_files(target), "files")
    for file in files:
        check_at_rest(file, for_writing=True)
        if file.stat().st_size and formats.sniff(file) == "gpkg":
            _refuse_loss(file, foreign_layers(file), "layers")
    return target


def _refuse_loss(target: Path, others: list[str], what: str) -> None:
    if others:
        raise FileError(
            f"{target.name!r} also holds {what} that are no part of a programme: {', '.join(others[:8])}",
            "a place that is the programme's alone",
            f"move these {what} elsewhere, or save under another name",
        )


def _meta_toml(programme: Programme) -> dict[str, Any]:
    return {
        "name": programme.name,
        "as_of": programme.as_of,
        "sources": programme.sources,
        "fictitious": bool(programme.fictitious),
        "schema_version": _SCHEMA_VERSION,
        "hazardmap": _version(),
        "disclaimer": f"{words.DISCLAIMER} {words.ABSENCE}",
    }


def _meta_texts(programme: Programme) -> dict[str, str]:
    texts = {
        k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in _meta_toml(programme).items() if v is not None
    }
    return {**texts, "policy": programme.policy.to_toml()}


def _version() -> str:
    try:
        return version("hazardmap")
    except PackageNotFoundError:
        return "unknown"


def _read_back(new: Path) -> Programme:
    try:
        if new.is_dir():
            layers, meta, policy = folder.read_folder(new)
            return _programme(layers, meta, policy, new.name)
        found, texts = read_geopackage(new)
        return _programme(found, _described(texts or {}, new.name), (texts or {}).get("policy"), new.name)
    except HazardmapError as error:
        raise FileError(
            f"what was written does not read back: {error.found}",
            "a file that gives back what was put into it",
            "save as .gpkg, or correct these values; what was there is as it was",
        ) from None


def _compare(programme: Programme, layers: Iterable[Stored], read_back: Programme) -> None:
    found = [
        f"{f}: {getattr(programme, f)!r} would come back as {getattr(read_back, f)!r}"
        for f in ("name", "as_of", "sources", "fictitious", "policy")
        if getattr(programme, f) != getattr(read_back, f)
    ]
    found += [d for layer in layers if (d := difference(layer, stored(read_back.table(layer.name), layer.name)))]
    if found:
        raise FileError(
            "; ".join(found),
            "a format that gives back what is put into it",
            "save as .gpkg, or correct these values; what was there is as it was",
        )
