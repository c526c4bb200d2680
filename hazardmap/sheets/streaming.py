"""Answers for a file of plots of any length: GeoParquet in, GeoParquet out, never all of it in memory.

Reads, asks and writes a part at a time; the save is whole or not at all. Knows the two files; decides nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from hazardmap import formats, tables, words
from hazardmap.checks.index import prepare
from hazardmap.checks.plots import answers_for, as_plots
from hazardmap.errors import CrsError, FileError, SchemaError
from hazardmap.intake import profile as profiles
from hazardmap.sheets import answers_layers, telling
from hazardmap.sheets.answers import answers_format, refuse_other_answers
from hazardmap.store import saving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from os import PathLike

    from hazardmap.programme import Programme

_ROWS = 65_536
_NUMBERS = ("number", "count")


def can_stream(source: str | PathLike[str], to: str | PathLike[str]) -> bool:
    """Say whether plots can go from one file to the other a part at a time: both GeoParquet, the plots as in the table.

    Columns that only an import could read (another name for a depth, a depth as text) would be lost on this way.
    """
    if Path(to).suffix.casefold() not in {".parquet", ".geoparquet"} or formats.sniff(source) != "parquet":
        return False
    with pq.ParquetFile(formats.local_path(source)) as file:
        schema = file.schema_arrow
        return "plot_id" in schema.names and b"geo" in (schema.metadata or {}) and _as_in_the_table(schema)


def _as_in_the_table(schema: pa.Schema) -> bool:
    """Say whether an import would find no more in the columns than is read here."""
    columns = tables.table("plots").columns
    section = profiles.load("generic").sections["plots"]
    here = {c.name for c in columns} & set(schema.names)
    others = {words.fold(n) for n in schema.names if n not in here}
    spelt = {words.fold(n) for c in columns if c.name not in here for n in (c.name, *section.columns.get(c.name, ()))}
    numbers = [schema.field(c.name).type for c in columns if c.kind in _NUMBERS and c.name in here]
    return not (others & spelt) and all(pa.types.is_floating(t) or pa.types.is_integer(t) for t in numbers)


def check_file(
    programme: Programme,
    source: str | PathLike[str],
    to: str | PathLike[str],
    *,
    on: str | date,
    today: date | None = None,
    crs: Any = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Answer for all plots of a GeoParquet file as `check_plots` does, and write the answers as GeoParquet.

    Memory does not grow with the number of plots. An id that stands for several rows is found wherever they are.

    Parameters
    ----------
    programme, on, today, progress
        As in `check_plots`.
    source
        GeoParquet with the columns of the table ``plots``, ``plot_id`` at least, shapes as WKB.
    to
        The file to write; what was there is replaced when all is done.
    crs
        CRS of a file that declares none.

    Returns
    -------
    DataFrame indexed by verdict, worst first: ``plots``, ``area_m2``, ``unmeasured`` (plots without an area).

    Raises
    ------
    FileError
        When a file cannot be used, or `to` is no name for GeoParquet.
    SchemaError, CrsError
        As in `check_plots`.
    """
    target, path = Path(to), formats.local_path(source)
    if answers_format(to) != "parquet":
        raise FileError(
            f"{target.name!r} is no GeoParquet", "a name that ends in .parquet", f"write {target.stem}.parquet"
        )
    saving.check_place(target)
    refuse_other_answers(target, "parquet")
    ground = prepare(programme, on=on)
    tallies: list[pd.DataFrame] = []
    with saving.told(target, pa.ArrowException), pq.ParquetFile(path) as file:
        column, declared = _geometry(file, path.name, crs)
        twice = _twice(file)
        rows = file.metadata.num_rows

        def make(new: Path) -> None:
            writer: pq.ParquetWriter | None = None
            done = 0
            for plots in _parts(file, column, declared):
                answers = answers_for(ground, plots, today=today, duplicates=twice)
                told = telling.imprint(answers, programme, on).texts()
                table = answers_layers.arrow(answers, {**told, "policy": programme.policy.to_toml()})
                if writer is None:
                    writer = pq.ParquetWriter(new, table.schema, compression="zstd")
                writer.write_table(table.cast(writer.schema))
                tallies.append(telling.tally(answers))
                done += len(answers)
                if progress is not None:
                    progress(done, rows)
            if writer is None:
                raise FileError(f"{path.name} has no rows", "at least one plot", "ask for the file again")
            writer.close()

        def check(new: Path) -> None:
            found = pq.read_metadata(new).num_rows
            if found != rows:
                raise FileError(
                    f"{found:,} answers for {rows:,} plots", "an answer for each plot", "run it again; report it"
                )

        saving.replace_file(target, make, check, keep=False)
    return pd.concat(tallies).groupby(level=0).sum().reindex([v for v in telling.WORST_FIRST if _met(tallies, v)])


def _met(tallies: list[pd.DataFrame], verdict: str) -> bool:
    return any(verdict in t.index for t in tallies)


def _geometry(file: pq.ParquetFile, name: str, crs: Any) -> tuple[str, Any]:
    """Give the column of the shapes and their CRS."""
    try:
        geo = json.loads((file.schema_arrow.metadata or {})[b"geo"])
        column = geo["primary_column"]
        said = geo["columns"][column]
    except (KeyError, ValueError, TypeError):
        raise FileError(
            f"{name} is Parquet without GeoParquet's geo metadata", "GeoParquet", "write it again"
        ) from None
    if said.get("encoding") != "WKB":
        raise FileError(f"{name}: geometry as {said.get('encoding')}", "geometry as WKB", "write it with geopandas")
    declared = said.get("crs", "OGC:CRS84")
    if declared is None and crs is None:
        raise CrsError(f"{name} declares no CRS", "a declared CRS", "state it, e.g. --crs EPSG:32638")
    try:
        stated = None if crs is None else pyproj.CRS.from_user_input(crs)
        known = pyproj.CRS.from_user_input(crs if declared is None else declared)
    except pyproj.exceptions.CRSError:
        raise CrsError(f"{name}: a CRS that PROJ does not know", "a known CRS", "e.g. --crs EPSG:32638") from None
    if stated is not None and not stated.equals(known, ignore_axis_order=True):
        raise CrsError(
            f"{name} declares {known.name}, and {stated.name} is stated",
            "one CRS for one file",
            "leave --crs out if the file is right; if not, let the file declare the right one",
        )
    return column, known


def _twice(file: pq.ParquetFile) -> set[str]:
    """Find the ids that stand for several rows: by their hashes first, so that only suspects are held as text."""
    if "plot_id" not in file.schema_arrow.names:
        raise SchemaError("the plots have no column plot_id", "an id for each plot", "import them with a profile")
    hashes = [
        pd.util.hash_array(_texts(batch.column(0)).to_numpy(dtype=object))
        for batch in file.iter_batches(_ROWS, columns=["plot_id"])
    ]
    every = np.sort(np.concatenate(hashes)) if hashes else np.zeros(0, dtype=np.uint64)
    suspect = np.unique(every[1:][every[1:] == every[:-1]])
    if not len(suspect):
        return set()
    seen: Counter[str] = Counter()
    for batch, known in zip(file.iter_batches(_ROWS, columns=["plot_id"]), hashes, strict=True):
        seen.update(_texts(batch.column(0))[np.isin(known, suspect)])
    return {name for name, count in seen.items() if count > 1}


def _texts(values: pa.Array) -> pd.Series:
    return values.cast(pa.string()).to_pandas().fillna("").astype("str").str.strip()


def _parts(file: pq.ParquetFile, column: str, crs: Any) -> Iterator[gpd.GeoDataFrame]:
    """Read the plots a part at a time, as canonical tables; a shape that cannot be read marks its row."""
    known = [c.name for c in tables.table("plots").columns if c.name in file.schema_arrow.names]
    first = 0
    for batch in file.iter_batches(_ROWS, columns=[*known, column]):
        blobs = batch.column(batch.schema.get_field_index(column)).to_numpy(zero_copy_only=False)
        shapes = shapely.from_wkb(blobs, on_invalid="ignore")
        rows = pa.Table.from_batches([batch]).select(known).to_pandas(ignore_metadata=True)
        rows.index = pd.RangeIndex(first, first + len(rows))
        first += len(rows)
        frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=crs)
        broken = shapely.is_missing(shapes) & np.array([b is not None for b in blobs])
        plots = as_plots(frame)
        if broken.any():
            plots["quarantined"] = plots["quarantined"].mask(broken, "its geometry cannot be read")
        yield plots
