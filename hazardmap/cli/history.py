"""The command that shows the life of a record, or of a programme: which files came, and what each of them changed.

Reads the table of history and prints it; judges nothing.
"""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

import hazardmap as hm
from hazardmap import tables, words
from hazardmap.cli.showing import plain
from hazardmap.errors import SchemaError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

_HASH = 12
_WIDE = 500
_UNKNOWN = "unknown"
_NO_TIME = f"{'day unknown':<16}"


def add_commands(commands: Any) -> None:
    """Describe the commands of this file."""
    life = commands.add_parser(
        "history",
        help="what was imported when, and the life of a record",
        description="List the files that a programme was made of, or all that files have reported of one record.",
    )
    life.add_argument("programme", type=Path, metavar="PROGRAMME")
    life.add_argument("record", nargs="?", metavar="ID", help="id of a record; without it the files are listed")
    life.add_argument(
        "--as", dest="table", choices=[t for t in tables.TABLES if t != "history"], help="only this table"
    )
    life.add_argument("--full", action="store_true", help="print rows that are no longer in the table, in full")
    life.set_defaults(run=_history)


def _history(options: argparse.Namespace) -> int:
    programme = hm.read(options.programme)
    history = tables.canonical(programme.history, "history")
    if options.table:
        history = history[history["table"].eq(options.table)]
    lines = (
        _files(history) if options.record is None else _life(programme, history, options.record.strip(), options.full)
    )
    if programme.fictitious:
        print(words.FICTITIOUS)
    for line in lines:
        print(plain(line))
    print(f"\n{plain(repr(programme))}\n{words.DISCLAIMER}")
    return 0


def _files(history: Any) -> Iterator[str]:
    """List the files in the order in which they came, with what became of their rows."""
    if history.empty:
        yield "Nothing is recorded of how this programme was made."
        return
    # Rows of one file came at one moment; where no file is known, all that have one source are told together.
    moment = history["recorded_at"].where(history["source_sha256"].notna())
    keys = history[["table", "source", "source_sha256"]].assign(moment=moment).astype("str").fillna("")
    for _, rows in history.groupby(pd.factorize(pd.MultiIndex.from_frame(keys))[0]):
        first = rows.iloc[0]
        counts = rows["outcome"].value_counts(sort=False)
        told = ", ".join(f"{name} {size:,}" for name, size in counts.items())
        days = rows["day"].dropna()
        spoken = f", speaks up to {days.max():%Y-%m-%d}" if len(days) else ""
        yield f"{_between(rows['recorded_at'].dropna())}  {first['table']}: {told}"
        yield f"    from {_source(first)}{spoken}"


def _between(times: Any) -> str:
    if times.empty:
        return _NO_TIME
    first, last = (f"{t:%Y-%m-%d %H:%M}" for t in (times.min(), times.max()))
    return first if first == last else f"{first} to {last}"


def _life(programme: hm.Programme, history: Any, record: str, full: bool) -> Iterator[str]:  # noqa: FBT001 (private)
    """Tell everything that files have reported of one record, the first report first."""
    ids = history["record_id"].fillna("").str.strip()
    mine = history[ids.eq(record)]
    held = {
        n: int(programme.table(n)[tables.table(n).id_column].fillna("").str.strip().eq(record).sum())
        for n in tables.TABLES
        if tables.table(n).key
    }
    if mine.empty and not any(held.values()):
        near = difflib.get_close_matches(record, sorted(set(ids) - {""}), n=3)
        raise SchemaError(
            f"no record is named {record!r}",
            "the id of a record" + (f", e.g. {', '.join(map(repr, near))}" if near else ""),
            "list the files with hazardmap history PROGRAMME",
        )
    for name, rows in mine.groupby("table", sort=False):
        yield f"{name} {record}: {_rows(held.get(str(name), 0))} in the table now"
        for entry in rows.to_dict("records"):
            day = "" if pd.isna(entry["day"]) else f", of {entry['day']:%Y-%m-%d}"
            row = "" if pd.isna(entry["row"]) else f", row {entry['row']}"
            yield f"  {_when(entry)}  {_text(entry['outcome']) or _UNKNOWN}{day}, from {_source(entry)}{row}"
            for column, title in (("what", ""), ("change", ""), ("why", "because: ")):
                if text := _text(entry[column]):
                    yield f"      {title}{text if len(text) <= _WIDE or full else text[:_WIDE] + '…'}"
            if kept := _text(entry["kept"]):
                yield from _kept(kept, refused=entry["outcome"] == "refused", full=full)
    for name, count in held.items():
        if count and not mine["table"].eq(name).any():
            yield f"{name} {record}: {_rows(count)} in the table now; no history says where they come from"


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _kept(text: str, *, refused: bool, full: bool) -> Iterator[str]:
    title = "refused report" if refused else "report before it"
    if not full:
        yield f"      the {title} is kept in full: add --full"
        return
    try:
        rows = json.loads(text)
    except ValueError:
        rows = [{"kept": text}]
    for row in rows if isinstance(rows, list) else [rows]:
        yield f"      {title}:"
        for column, value in row.items() if isinstance(row, dict) else [("kept", row)]:
            yield f"        {column}: {value}"


def _when(entry: Any) -> str:
    return _NO_TIME if pd.isna(entry["recorded_at"]) else f"{entry['recorded_at']:%Y-%m-%d %H:%M}"


def _source(entry: Any) -> str:
    sha = _text(entry["source_sha256"])
    return (_text(entry["source"]) or "an unknown file") + (f" (sha256 {sha[:_HASH]}…)" if sha else "")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
