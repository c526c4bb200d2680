"""From the columns of a file to the columns of a table: by name, by template, by constant; faults stay with their rows.

The file wins over --set, --set over the profile. Knows profiles and tables; knows nothing of formats or of geometry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hazardmap import tables
from hazardmap.errors import SchemaError
from hazardmap.intake.cells import NotReadError, Reader, as_json, text_of
from hazardmap.intake.profile import OWN, Profile, Section
from hazardmap.words import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hazardmap.intake.sheet import Sheet

#: A fault of one cell: position, column, found, expected.
Fault = tuple[int, str, str, str]
#: Under this name as_entered tells how a position was read.
READ_AS = "(position)"
_PLACE = re.compile(r"\{([^{}:]+)(?::(\d{1,2}))?\}")


@dataclass
class Mapped:
    """The table's columns, filled as far as the file, --set and the profile go; a list of faults; what must be told.

    `assumed`: column → of each row, whether a constant filled it and not the file.
    """

    frame: pd.DataFrame
    faults: list[Fault]
    notes: list[str]
    assumed: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)


def mapped(
    sheet: Sheet, schema: tables.Table, profile: Profile, *, values: Mapping[str, Any], day_first: bool | None
) -> Mapped:
    """Fill the columns of a table from a sheet.

    Raises
    ------
    SchemaError
        When two columns of the file could be one of ours, a value of --set cannot be read, or a column that must
        be filled comes from nowhere.
    """
    section = profile.sections.get(schema.name, Section())
    readers = {
        c.name: Reader(c, section.words.get(c.name, {}), section.date_format, day_first)
        for c in schema.columns
        if c.name not in OWN
    }
    sources = _sources(sheet, readers, section)
    given = _given({c: str(v) for c, v in values.items()}, readers, schema)
    done = Mapped(pd.DataFrame(index=pd.RangeIndex(len(sheet.cells))), [], [])
    templates = {
        **section.templates,
        **{c: str(v) for c, v in values.items() if c in readers and _is_template(readers[c], str(v))},
    }
    _require(sheet, schema, {*sources, *given, *section.constants, *templates})
    for name, reader in readers.items():
        _fill(done, sheet, reader, sources.get(name, ()), given.get(name), section)
    for name, template in templates.items():
        _fill_template(done, sheet, readers[name], template)
    if "source" not in sources and not done.frame["source"].notna().any():
        told = f"{profile.source}; {sheet.name}" if profile.source else sheet.name
        done.frame["source"] = told
    names = [str(c) for c in sheet.cells]
    columns = [sheet.cells[c] for c in sheet.cells]
    if sheet.read_as is not None:  # beside what was entered: how its position was read
        names, columns = [*names, READ_AS], [*columns, list(sheet.read_as)]
    rows = zip(*columns, strict=True) if columns else [()] * len(sheet.cells)
    done.frame["as_entered"] = [as_json(dict(zip(names, r, strict=True))) for r in rows]
    back = {theirs: ours for ours, all_theirs in sources.items() for theirs in all_theirs}
    for i, wrong in sheet.faults.items():
        done.faults += [(i, back.get(f.column, _safe(f.column)), f.found, f.expected) for f in wrong]
    used = {*back, *sheet.placed_by, *(m.group(1) for t in templates.values() for m in _PLACE.finditer(t))}
    unused = [str(c) for c in sheet.cells if c not in used]
    if unused:
        done.notes.append(f"columns kept only in as_entered: {', '.join(map(_safe, unused))}")
    return done


def _sources(sheet: Sheet, readers: Mapping[str, Reader], section: Section) -> dict[str, tuple[str, ...]]:
    """Find the columns of the file for each column of ours."""
    theirs: dict[str, list[str]] = {}
    for column in sheet.cells:
        theirs.setdefault(fold(str(column)), []).append(str(column))
    found: dict[str, tuple[str, ...]] = {}
    faults: list[str] = []
    for ours, reader in readers.items():
        names = section.columns.get(ours, (ours,))
        hits = [(n, theirs[fold(n)]) for n in dict.fromkeys(names) if fold(n) in theirs]
        hits += [] if hits else _short(ours, sheet, readers, _mapped_to_another(section, ours), faults)
        many = [columns for _, columns in hits if len(columns) > 1]
        faults += [f"{' and '.join(map(_safe, c))} can both be {ours}" for c in many]
        if hits:
            chosen = hits if reader.column.kind == "ids" and len(hits) > 1 and ours == "aliases" else hits[:1]
            found[ours] = tuple(c for _, columns in chosen for c in columns)
    if faults:
        raise SchemaError(
            f"{sheet.name}: columns {'; '.join(faults)}",
            "one column for each of ours",
            "rename one, or map it in a profile",
        )
    return found


def _mapped_to_another(section: Section, ours: str) -> frozenset[str]:
    """Give the names, folded, that a profile keeps for other columns than this one."""
    return frozenset(fold(n) for column, names in section.columns.items() if column != ours for n in names)


def _short(
    ours: str, sheet: Sheet, readers: Mapping[str, Reader], taken: frozenset[str], faults: list[str]
) -> list[tuple[str, list[str]]]:
    """Match a name that a Shapefile has cut to 10 letters, when it can be only one of ours."""
    if not sheet.short_names or len(ours) <= 10:
        return []
    hits = [str(c) for c in sheet.cells if str(c).casefold() == ours[:10] and fold(str(c)) not in taken]
    if not hits:
        return []
    rivals = [r for r in readers if r[:10] == ours[:10]]
    if len(rivals) > 1:
        faults.append(f"{_safe(hits[0])}, cut to 10 letters, can be {' or '.join(rivals)}")
    return [(ours, hits)]


def _given(values: Mapping[str, str], readers: Mapping[str, Reader], schema: tables.Table) -> dict[str, Any]:
    read: dict[str, Any] = {}
    faults = []
    for name, written in values.items():
        if name not in readers:
            faults.append((f"{name} = {written!r}", f"a column of {schema.name}: {', '.join(readers)}"))
        elif not _is_template(readers[name], written):
            try:
                read[name] = readers[name](written)
            except NotReadError as error:
                faults.append((f"{name} = {error.found}", f"{name} is {error.expected}"))
    if faults:
        raise SchemaError(
            "values given: " + "; ".join(f for f, _ in faults),
            "; ".join(n for _, n in faults),
            "correct --set column=value",
        )
    return {c: v for c, v in read.items() if v is not None}


def _is_template(reader: Reader, written: str) -> bool:
    return reader.column.kind in {"id", "text"} and _PLACE.search(written) is not None


def _require(sheet: Sheet, schema: tables.Table, known: set[str]) -> None:
    lacking = [c for c in schema.columns if c.required and c.name not in known]
    if not lacking:
        return
    examples = " ".join(f"--set {c.name}={_example(c)}" for c in lacking)
    columns = ", ".join(map(_safe, map(str, sheet.cells))) or "none"
    raise SchemaError(
        f"{sheet.name} has no column for {', '.join(c.name for c in lacking)}; its columns: {columns}",
        f"every column that {schema.name} must have",
        f"{examples}, or map its own columns in a profile",
    )


def _example(column: tables.Column) -> str:
    if column.words:
        return column.words.codes[0]
    if column.kind == "id":
        return "'A-{row:5}'"
    return "2024-12-31" if column.kind == "date" else "…"


def _fill(done: Mapped, sheet: Sheet, reader: Reader, sources: tuple[str, ...], given: Any, section: Section) -> None:
    name = reader.column.name
    values, wrong = _read(sheet, reader, sources)
    missing = np.array([v is None for v in values], dtype=bool)
    for i in wrong:
        missing[i] = False  # a cell that cannot be read is not a cell that is empty
    done.faults += [(i, name, found, expected) for i, (found, expected) in wrong.items()]
    constant, whose = given, "--set"
    if constant is None and name in section.constants:
        constant, whose = reader(section.constants[name]), "the profile"
    if sources:
        if sources != (name,):
            done.notes.append(f"{name} is read from {' and '.join(map(_safe, sources))}")
        if given is not None:
            differ = sum(v is not None and v != given for v in values)
            if differ:
                done.notes.append(f"{name}: {differ:,} rows say something else than --set; the file's value is kept")
    if constant is not None and missing.any():
        done.assumed[name] = missing
        values = [constant if empty else v for v, empty in zip(values, missing, strict=True)]
        shown = "; ".join(constant) if isinstance(constant, tuple) else constant
        done.notes.append(f"{name} = {shown} by {whose}, {int(missing.sum()):,} rows")
    done.frame[name] = _typed(values, reader.column.kind)


def _typed(values: list[Any], kind: str) -> Any:
    if kind in {"words", "ids"}:
        return pd.Series([v or () for v in values], dtype="object")
    if kind in {"date", "time"}:
        return pd.Series(np.array(values, dtype="datetime64[D]").astype("datetime64[us]"))
    return _as_dtype(pd.Series(values, dtype="object"), kind)


def _as_dtype(series: Any, kind: str) -> Any:
    return series.astype(tables.DTYPES[kind])


def _read(sheet: Sheet, reader: Reader, sources: tuple[str, ...]) -> tuple[list[Any], dict[int, tuple[str, str]]]:
    """Read cells; each different value once."""
    wrong: dict[int, tuple[str, str]] = {}
    merged: list[Any] = [None] * len(sheet.cells)
    for source in sources:
        seen: dict[Any, Any] = {}
        for i, value in enumerate(sheet.cells[source]):
            if value is None:
                continue
            key: Any = (type(value), value) if isinstance(value, str | int | float | bool) else None
            if key is None or key not in seen:
                try:
                    result: Any = reader(value)
                except NotReadError as error:
                    result = error
                if key is not None:
                    seen[key] = result
            else:
                result = seen[key]
            if isinstance(result, NotReadError):
                wrong[i] = (result.found, result.expected)
            elif isinstance(result, tuple) and merged[i] is not None:
                merged[i] = tuple(sorted({*merged[i], *result}))
            elif result is not None:
                merged[i] = result
    return merged, wrong


def _fill_template(done: Mapped, sheet: Sheet, reader: Reader, template: str) -> None:
    name = reader.column.name
    places = [(m.group(1), int(m.group(2) or 0)) for m in _PLACE.finditer(template)]
    parts: list[list[str | None]] = []
    for place, width in places:
        if place == "row":
            parts.append([str(i).zfill(width) for i in range(1, len(sheet.cells) + 1)])
        elif place in sheet.cells:
            parts.append([_template_text(v, width) for v in sheet.cells[place]])
        elif place in done.frame:
            parts.append([None if pd.isna(v) else str(v).zfill(width) for v in done.frame[place]])
        else:
            raise SchemaError(
                f"{sheet.name} has no column {place!r}, of which {name} is to be made ({template})",
                f"one of its columns: {', '.join(map(_safe, map(str, sheet.cells)))}; or {{row}}",
                "use the right profile, or correct the template or --set",
            )
    form = _PLACE.sub("\0", template).split("\0")
    made: list[Any] = []
    for row in zip(*parts, strict=True) if parts else ([()] * len(sheet.cells)):
        text = form[0] + "".join(f"{part}{after}" for part, after in zip(row, form[1:], strict=True))
        made.append(None if any(part is None for part in row) else text)
    filled = done.frame[name].notna().to_numpy()
    whole_column = [old if has else new for old, new, has in zip(done.frame[name], made, filled, strict=True)]
    if reader.column.kind in {"id", "text"}:
        done.frame[name] = _as_dtype(pd.Series(whole_column, dtype="object"), reader.column.kind)
    else:  # "{YEAR}-12-31": what is made is read as if the file had it, and can be a fault like it
        done.frame[name] = _typed(_made(done, reader, whole_column, filled), reader.column.kind)
    told = f"{name} is made as {template}"
    if filled.all():
        told = f"{name}: every row has its own in the file, {template} is not used; a profile can map another column"
    elif filled.any():
        told += f" where the file has none, {int((~filled).sum()):,} rows"
    done.notes.append(told)


def _made(done: Mapped, reader: Reader, values: list[Any], filled: Any) -> list[Any]:
    """Read what a template made of each row; a cell that was read already stays."""
    read: list[Any] = []
    for i, (value, has) in enumerate(zip(values, filled, strict=True)):
        if has or value is None:
            read.append(value)
            continue
        try:
            read.append(reader(value))
        except NotReadError as error:
            read.append(None)
            done.faults.append((i, reader.column.name, error.found, error.expected))
    return read


def _template_text(value: Any, width: int) -> str | None:
    try:
        written = text_of(value)
    except NotReadError:
        return None
    return written.zfill(width) if written is not None else None


def _safe(text: str) -> str:
    """Show a name that a file chose: one line, nothing invisible, not too long."""
    shown = "".join(c if c.isprintable() else "?" for c in text)
    return shown if len(shown) <= 40 else shown[:39] + "…"
