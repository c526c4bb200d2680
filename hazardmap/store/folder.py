"""A programme as a folder of files named after the tables, with `meta.toml` and `policy.toml` beside them.

Knows which reader and writer serves which file; knows nothing of the rows.
"""

from __future__ import annotations

import tomllib
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import tomli_w

from hazardmap import formats, tables
from hazardmap.errors import FileError, SchemaError
from hazardmap.store import binary_layers, text_layers
from hazardmap.store.cells import EXTRA_KINDS, Stored
from hazardmap.store.gpkg_reading import read_geopackage
from hazardmap.store.gpkg_writing import write_geopackage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: Format → the ending of its files.
ENDINGS: Mapping[str, str] = MappingProxyType(
    {"gpkg": ".gpkg", "geojson": ".geojson", "shp": ".shp", "fgb": ".fgb", "parquet": ".parquet", "csv": ".csv"}
)
META, POLICY = "meta.toml", "policy.toml"
_COMPANIONS = (
    ".shx",
    ".dbf",
    ".prj",
    ".cpg",
    ".qix",
    ".sbn",
    ".sbx",
    ".qml",
    ".qmd",
    ".sld",
    ".xml",
    ".gpkg-shm",
    ".gpkg-wal",
)
_DROPPINGS = (".ds_store", "thumbs.db", "desktop.ini")
_TEXTS = ("name", "sources", "crs")


def write_folder(folder: Path, layers: Sequence[Stored], meta: Mapping[str, Any], policy: str, kind: str) -> None:
    """Write tables into an empty folder, each in a file; tables without rows are left out.

    Raises
    ------
    FileError
        When a table holds something that the format cannot.
    """
    extra: dict[str, dict[str, str]] = {}
    short: dict[str, dict[str, str]] = {}
    for layer in layers:
        if not len(layer) and not layer.extra:
            continue
        if layer.extra:
            extra[layer.name] = layer.extra
        names = _write_layer(folder, layer, kind if layer.shapes is not None or kind == "parquet" else "csv")
        if names:
            short[layer.name] = names
    described = {**meta, "crs": "EPSG:4326", "extra": extra, "short_names": short}
    (folder / META).write_text(
        tomli_w.dumps({k: v for k, v in described.items() if v not in (None, {})}), encoding="utf-8", newline="\n"
    )
    (folder / POLICY).write_text(policy, encoding="utf-8", newline="\n")


def _write_layer(folder: Path, layer: Stored, kind: str) -> dict[str, str]:
    path = folder / f"{layer.name}{ENDINGS[kind]}"
    text_layers.check_columns(layer)
    if kind == "shp":
        return binary_layers.write_shapefile(path, layer)
    if kind == "gpkg":
        write_geopackage(path, [layer], {})
    else:
        writers = {
            "csv": text_layers.write_csv,
            "geojson": text_layers.write_geojson,
            "fgb": binary_layers.write_flatgeobuf,
            "parquet": binary_layers.write_parquet,
        }
        writers[kind](path, layer)
    return {}


def read_folder(folder: Path) -> tuple[list[Stored], dict[str, Any], str | None]:
    """Read the tables of a folder, its description and its policy.

    Returns
    -------
    The tables; the entries of `meta.toml` (empty when there is none); the text of `policy.toml`, None when there is
    none.

    Raises
    ------
    FileError
        When two files are one table, a file of a table's name is in no format known, or the folder holds no programme.
    """
    files = table_files(folder)
    has_meta = (folder / META).is_file()
    if not files and not has_meta:
        inside = sorted(p.name for p in folder.glob("*.gpkg"))
        raise FileError(
            f"the folder {folder.name!r} holds no table",
            f"files named {', '.join(tables.TABLES)}",
            f"did you mean {str(folder / inside[0])!r}?"
            if inside
            else "name the folder of the programme, or its .gpkg file",
        )
    meta = _meta(folder / META) if has_meta else {}
    policy = _text(folder / POLICY) if (folder / POLICY).is_file() else None
    return [_read_layer(path, name, meta) for name, path in files.items()], meta, policy


def table_files(folder: Path) -> dict[str, Path]:
    """Give the file of each table.

    Raises
    ------
    FileError
        When two files are one table, or a file of a table's name is in no format known.
    """
    found: dict[str, Path] = {}
    entries = sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    for path in entries:
        name = path.name.split(".")[0].casefold()
        if name not in tables.TABLES or _is_companion(path):
            continue
        if path.suffix.casefold() not in ENDINGS.values():
            raise FileError(
                f"{path.name!r} is in no format of a programme's folder",
                f"one of {', '.join(ENDINGS.values())}",
                f"bring it in with import_table (hazardmap import … --as {name}), or give it another name",
            )
        if name in found:
            raise FileError(
                f"{found[name].name!r} and {path.name!r} are both the table {name}",
                "one file a table",
                "take one of them away",
            )
        found[name] = path
    lonely = [
        p.name
        for p in entries
        if p.suffix.casefold() == ".dbf" and formats.companion(p, ".shp") is None and p.stem.casefold() in tables.TABLES
    ]
    if lonely:
        raise FileError(
            f"{lonely[0]!r} lies there without its .shp", "all files of a Shapefile", "copy the others beside it"
        )
    return {name: found[name] for name in tables.TABLES if name in found}


def _is_companion(path: Path) -> bool:
    return path.name.casefold().endswith(_COMPANIONS)


def foreign_files(folder: Path) -> list[str]:
    """List what a folder holds besides a programme; a save over it would lose them."""
    own = {META, POLICY}
    return sorted(
        p.name
        for p in folder.iterdir()
        if p.name not in own
        and p.name.casefold() not in _DROPPINGS
        and not (
            p.is_file()
            and p.name.split(".")[0] in tables.TABLES
            and (p.suffix.casefold() in ENDINGS.values() or _is_companion(p))
        )
    )


def _read_layer(path: Path, name: str, meta: Mapping[str, Any]) -> Stored:
    kind = formats.sniff(path)
    extra = meta.get("extra", {}).get(name, {})
    if kind == "gpkg":
        (layer,), _ = read_geopackage(path, only=name)
        return layer
    if kind == "csv":
        return text_layers.read_csv(path, name, extra, meta.get("crs"))
    if kind == "parquet":
        return binary_layers.read_parquet(path, name, extra)
    if tables.table(name).geometry is None:
        raise FileError(
            f"{path.name!r} is no table without geometry", f"{name}.csv or {name}.parquet", "save it as CSV"
        )
    if kind in {"geojson", "geojsonseq"}:
        return text_layers.read_geojson(path, name, extra)
    return binary_layers.read_gdal(path, name, extra, meta.get("short_names", {}).get(name, {}))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(f"{path.name!r} is not in UTF-8", "UTF-8 text", "save it again as UTF-8") from None


def _meta(path: Path) -> dict[str, Any]:
    try:
        meta = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise FileError(f"{path.name!r}: {error}", "TOML: name = value, a line each", "correct that line") from None
    faults = [f"{k} = {meta[k]!r}" for k in _TEXTS if k in meta and not isinstance(meta[k], str)]
    faults += [f"as_of = {meta['as_of']!r}"] if "as_of" in meta and type(meta["as_of"]) is not date else []
    faults += [f"fictitious = {meta['fictitious']!r}"] if not isinstance(meta.get("fictitious", False), bool) else []
    for part, allowed in (("extra", EXTRA_KINDS), ("short_names", None)):
        for name, columns in (meta.get(part, {}) if isinstance(meta.get(part, {}), dict) else {part: None}).items():
            values = columns.values() if isinstance(columns, dict) else [columns]
            faults += [
                f"{part}.{name}: {v!r}" for v in values if not isinstance(v, str) or (allowed and v not in allowed)
            ]
    if faults:
        raise SchemaError(
            f"{path.name}: {', '.join(faults)}",
            f"texts for {', '.join(_TEXTS)}; a day like 2024-12-31 for as_of; true or false for fictitious;"
            f" kinds {', '.join(EXTRA_KINDS)} in extra",
            "correct these lines",
        )
    return meta
