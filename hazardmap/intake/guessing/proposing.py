"""From a file to a proposal: read it, look at each column, match, ask, write. Nothing is imported, nothing applied.

Knows the order of the steps; each has its own file.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from hazardmap import measure, tables
from hazardmap.errors import SchemaError
from hazardmap.intake import reading
from hazardmap.intake.guessing import asking, matching, places
from hazardmap.intake.guessing.contents import Content
from hazardmap.intake.guessing.naming import cut_alike
from hazardmap.intake.guessing.profile_text import Line, composed, quoted, written
from hazardmap.intake.guessing.proposal import Proposal, counted, shown
from hazardmap.words import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hazardmap.intake.sheet import Sheet

_MEASURED = 400


def propose(
    source: str | Path | gpd.GeoDataFrame,
    table: str,
    *,
    crs: Any = None,
    layer: str | None = None,
    encoding: str | None = None,
    header_row: int | None = None,
) -> Proposal:
    """Propose a profile for a file: which of its columns may be which of ours, with reasons; apply nothing.

    A column is proposed by its name (in eight languages, cut to ten letters, nearly spelled so) and by its values (ids,
    dates, words, numbers, areas against measured ones). What is doubtful is written as a comment: the order of day and
    month, words that are not known, a CRS or datum, every value that the file lacks. Columns that can make an answer
    better are read only where name and values both say it.

    Parameters
    ----------
    source
        Path of a file on this machine, or a GeoDataFrame.
    table
        The table that it is to become.
    crs
        CRS of a file that declares none; used to measure areas only.
    layer, encoding, header_row
        As for `import_table`.

    Returns
    -------
    Proposal
        `toml` is the profile; printed, it tells what was found and what is open.

    Raises
    ------
    FileError, SchemaError
        When the file cannot be read, or there is no such table.

    Examples
    --------
    >>> found = gpd.GeoDataFrame(
    ...     {"Номер": ["007", "008"], "Тип": ["СОР", "подтвержденный"]},
    ...     geometry=[shapely.Point(46.9, 39.9)] * 2, crs=4326)
    >>> proposed = propose(found, "hazards")
    >>> [(m.ours, m.theirs, m.used) for m in proposed.matches]
    [('hazard_id', 'Номер', True), ('classification', 'Тип', True)]
    >>> proposed.open[0][:44]
    'date_of_information: no column is read for i'
    """
    schema = tables.table(table)
    if schema.geometry is None:
        raise SchemaError(f"table {table!r} is written by import itself", "a table of records", "e.g. --as hazards")
    sheet = reading.read(source, wanted=table, layer=layer, encoding=encoding, header_row=header_row)
    alike = Counter(fold(str(c)) for c in sheet.cells)
    every = [str(c) for c in sheet.cells]
    usable = [c for c in every if fold(c) and alike[fold(c)] == 1 and written(c)]
    seen = {c: Content(c, sheet.cells[c].tolist()) for c in usable}
    where = places.place(list(seen.values())) if sheet.tabular else places.Place()
    taken = set(where.keys.values()) - {where.keys.get("vertices_of")}
    areas = _area_ratios(sheet, seen, crs) if table == "hazards" else None
    found = matching.matched(schema, [c for n, c in seen.items() if n not in taken], cut=sheet.short_names, areas=areas)
    read = {m.ours: found.of[m.ours] for m in found.matches if m.used}
    section, of_days = asking.day_lines({o: c for o, c in found.of.items() if _kind(schema, o) == "date"})
    words: dict[str, list[Line]] = {}
    of_words: list[str] = []
    for column in schema.columns:
        if column.words is not None and column.name in found.of:
            lines, told = asking.word_lines(column, found.of[column.name])
            words |= {column.name: lines} if lines else {}
            of_words += told if column.name in read else []
    values, templates, lacking = asking.lacking_lines(schema, read, found.of)
    meta, of_meta = _meta(sheet, crs, where)
    unnamed = [c for c in every if c not in seen]
    of_names = (
        [f"{_listed(unnamed)}: two columns with the same name, or a name that no profile can hold; rename them"]
        if unnamed
        else []
    )
    of_cut = [_second(c) for c in every if sheet.short_names and cut_alike(c)]
    position, of_places = _position(where) if sheet.tabular else ([], [])
    questions = (*of_meta, *of_places, *found.questions, *of_days, *of_words, *lacking, *of_names, *of_cut)
    left = [c for c in every if c not in taken and c not in {m.theirs for m in found.matches}]
    return Proposal(
        source=sheet.name,
        kind=sheet.kind,
        table=table,
        rows=len(sheet.cells),
        columns=len(every),
        matches=tuple(found.matches),
        open=questions,
        position=tuple(where.keys.items()),
        toml=composed(
            table,
            _head(sheet, table),
            meta,
            section=section,
            matches=found.matches,
            position=position,
            values=values,
            templates=templates,
            words=words,
            tail=[f"columns that are not proposed for anything; their values stay in as_entered: {_listed(left)}"]
            if left
            else [],
        ),
    )


def _kind(schema: tables.Table, ours: str) -> str:
    column = schema.column(ours)
    return column.kind if column is not None else ""


def _listed(names: Sequence[str]) -> str:
    few = ", ".join(shown(n, 40) for n in names[:30])
    return f"{few} and {len(names) - 30:,} more" if len(names) > 30 else few


def _head(sheet: Sheet, table: str) -> list[str]:
    first = f"Proposed by hazardmap for table {table}, from {shown(sheet.name, 80)}"
    return [
        f"{first} ({sheet.kind}, {counted(len(sheet.cells), 'row')}).",
        "A proposal, not a finding: read every line before you use it. A wrong one can move a hazard, or hide it.",
        "The number behind a reason, 0 to 1, says how far name and values agree. It is no probability.",
        "A key behind a # is open: take the # away and fill it in, or leave it. Nothing behind a # is read.",
    ]


def _meta(sheet: Sheet, crs: Any, where: places.Place) -> tuple[list[Line], list[str]]:
    name = Path(sheet.name).stem
    name = name if written(name) and name.strip() else "proposed"
    lines = [
        Line("name", quoted(name)),
        Line("description", '"proposed by hazardmap import --guess: read it before use"'),
        Line(
            "source", '""', "FILL IN: where the records come from, in words; it is written into every row", asked=True
        ),
        Line("as_of", "2024-12-31", "FILL IN: the day up to which the file speaks", asked=True),
        Line(
            "extent_deg",
            "[0.0, 0.0, 1.0, 1.0]",
            "FILL IN: west, south, east, north of the country: rows outside are faults",
            asked=True,
        ),
    ]
    known = sheet.crs is not None or sheet.crs_default is not None or crs is not None
    if known or (sheet.tabular and "wkt" not in where.keys):
        return lines, []
    box = shapely.total_bounds(sheet.shapes)
    told = "the file declares none"
    if np.isfinite(box).all():
        told += f"; its coordinates go from {box[0]:.8g} to {box[2]:.8g} and {box[1]:.8g} to {box[3]:.8g}"
    lines.append(Line("crs", '"EPSG:"', f"FILL IN the CRS: {told}. Ask who made it", asked=True))
    return lines, [f"crs: {told}. Ask who made it; none is guessed"]


def _position(where: places.Place) -> tuple[list[Line], list[str]]:
    if not where.keys:
        return [], [f"position: {told}" for told in where.open]
    why = "; ".join(where.why)
    lines = []
    for key, column in where.keys.items():
        lines.append(Line(key, "true" if key == "traverse" else f"[{quoted(column)}]", why))
        why = ""
    questions = [f"position: {told}" for told in where.open]
    if where.decimal:
        told = "numbers are written with commas: is the comma the decimal mark?"
        lines.append(Line("decimal", quoted(where.decimal), told, asked=True))
    if "coordinates" in where.keys:
        lines.append(
            Line(
                "order", '"lat lon"', "only where the texts do not tell: which of two numbers comes first?", asked=True
            )
        )
    if "wkt" not in where.keys:
        lines.append(
            Line(
                "datum",
                '"WGS 84"',
                "FILL IN: the datum of these positions. Ask who measured them; none is guessed",
                asked=True,
            )
        )
        questions.append(
            "position: the datum is not stated; fill in datum (or crs, for metres), or import refuses the file"
        )
    return lines, questions


def _second(name: str) -> str:
    told = "it may be a second column whose long name was cut to the same letters"
    return f"{shown(name, 40)}: {told}; which is which the file does not say"


def _area_ratios(sheet: Sheet, seen: dict[str, Content], crs: Any) -> dict[str, float]:
    """Give, of each column of numbers, the median of its values by the measured areas; nothing where none can be."""
    there = sheet.crs or sheet.crs_default
    numeric = [n for n, c in seen.items() if c.filled and c.share(c.numeric) > 0.5]
    kinds = shapely.get_type_id(sheet.shapes)
    rows = np.flatnonzero(np.isin(kinds, (3, 6)) & shapely.is_valid(sheet.shapes))
    if not numeric or not len(rows):
        return {}
    rows = rows[:: max(1, len(rows) // _MEASURED)]
    try:
        known = there if there is not None else pyproj.CRS.from_user_input(crs) if crs is not None else None
        if known is None:
            return {}
        areas = measure.area_m2(gpd.GeoSeries(sheet.shapes[rows], crs=known).to_crs(measure.STORED_CRS)).to_numpy()
    except (pyproj.exceptions.ProjError, ValueError):
        return {}  # a place for asking, not for refusing: import says what is wrong
    ratios = {}
    for name in numeric:
        values = np.array([_number(sheet.cells[name].iloc[i]) for i in rows])
        fine = np.isfinite(values) & np.isfinite(areas) & (areas > 0) & (values > 0)
        if fine.sum() >= 3:
            ratios[name] = float(np.median(values[fine] / areas[fine]))
    return ratios


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
