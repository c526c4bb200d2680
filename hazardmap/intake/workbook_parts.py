"""What an Excel workbook holds, read from its XML alone: a second pair of eyes beside the library that reads its cells.

Sizes are looked at before anything is unpacked, an XML that declares entities is refused, and rows with something in
them are counted here without openpyxl. Knows the parts of a workbook; knows nothing of tables.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from hazardmap.errors import FileError
from hazardmap.formats import archives

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_LARGEST = 1 << 30
_RATIO = 250
_RATIO_FROM = 10 << 20
_PARTS = 10_000
_CHUNK = 1 << 20
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_AGAIN = "ask for it again, or save it as .xlsx or CSV UTF-8 with a spreadsheet programme"
_WHOLE = "a whole .xlsx workbook"


@dataclass
class Part:
    """One sheet of a workbook: what its XML says.

    Parameters
    ----------
    name, path
        Its name, and its place in the zip.
    hidden
        True when the sheet is hidden.
    filled
        Numbers of the rows with something in them.
    hidden_rows
        Numbers of those that are hidden.
    merged
        Ranges of cells merged into one: first row, first column, last row, last column.
    uncached
        (Row, column) → formula, where a formula stands without the value that it gave.
    """

    name: str
    path: str
    hidden: bool = False
    filled: list[int] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    uncached: dict[tuple[int, int], str] = field(default_factory=dict)


def parts(path: Path) -> list[Part]:
    """Read what the XML of a workbook says of each of its sheets.

    Raises
    ------
    FileError
        When it is no whole workbook, unpacks to more than a workbook can, declares entities, or numbers its rows so
        that none can tell what stands where.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(archive, path.name)
            for name in archive.namelist():
                if name.casefold().endswith((".xml", ".rels")):
                    _check_head(archive, name, path.name)
            found = _sheets(archive, path.name)
            blank = _blank_texts(archive, path.name)
            for part in found:
                _Rows(part, blank, path.name).walk(archive)
    except archives.BROKEN as error:  # ValueError: also a number in its XML that is none; nothing is taken for whole
        raise FileError(f"{path.name} is no whole workbook ({str(error)[:80]})", _WHOLE, _AGAIN) from None
    if not found:
        raise FileError(f"{path.name} has no sheet of cells", "a workbook with a sheet", _AGAIN)
    return found


def _check_sizes(archive: zipfile.ZipFile, name: str) -> None:
    entries = archive.infolist()
    total = sum(e.file_size for e in entries)
    packed = sum(e.compress_size for e in entries)
    if total > _LARGEST or len(entries) > _PARTS or (total > _RATIO_FROM and total > _RATIO * max(packed, 1)):
        raise FileError(
            f"{name} unpacks to {len(entries):,} parts of {total:,} bytes together, from {packed:,}",
            f"at most {_PARTS:,} parts, {_LARGEST:,} bytes, and {_RATIO} times its size",
            "do not open it if you do not know where it comes from; else save its table as CSV UTF-8",
        )
    if len({e.filename for e in entries}) != len(entries):
        raise FileError(f"{name} holds two parts of one name", "each part once", _AGAIN)
    if any(e.flag_bits & 1 for e in entries):
        raise FileError(f"{name} is encrypted", "a workbook without password", "save it without one")


def _check_head(archive: zipfile.ZipFile, part: str, name: str) -> None:
    """Refuse a part that declares a document type: no workbook needs one, and entities hide behind it."""
    parser = expat.ParserCreate()

    def declared(*_: object) -> None:
        raise FileError(f"{name}: its part {part} declares entities", "plain XML", "do not use this file")

    parser.StartDoctypeDeclHandler = declared
    with archive.open(part) as stream:
        head = stream.read(4_096)
    try:
        parser.Parse(head, False)
    except expat.ExpatError:
        return  # told where the part is read


def _parse(archive: zipfile.ZipFile, part: str, name: str, handlers: Mapping[str, Callable[..., None]]) -> None:
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    for handler, function in handlers.items():
        setattr(parser, handler, function)
    try:
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise FileError(f"{name}: its part {part} is no whole XML ({error})", _WHOLE, _AGAIN) from None
    except KeyError:
        raise FileError(f"{name} has no part {part}", _WHOLE, _AGAIN) from None


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _sheets(archive: zipfile.ZipFile, name: str) -> list[Part]:
    listed: list[tuple[str, str, bool]] = []
    targets: dict[str, str] = {}

    def sheet(tag: str, given: dict[str, str]) -> None:
        if _local(tag) == "sheet":
            own = {_local(k): v for k, v in given.items()}
            listed.append((own.get("name", ""), own.get("id", ""), own.get("state", "visible") != "visible"))

    def relation(tag: str, given: dict[str, str]) -> None:
        if _local(tag) == "Relationship" and given.get("Type", "").endswith("/worksheet"):
            target = given.get("Target", "")
            targets[given.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"

    _parse(archive, "xl/workbook.xml", name, {"StartElementHandler": sheet})
    _parse(archive, "xl/_rels/workbook.xml.rels", name, {"StartElementHandler": relation})
    return [Part(title, targets[at], hidden) for title, at, hidden in listed if at in targets]


def _blank_texts(archive: zipfile.ZipFile, name: str) -> set[int]:
    """Find which of the shared texts have nothing in them."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return set()
    blank: set[int] = set()
    state = {"at": -1, "text": 0, "seen": 0}

    def start(tag: str, _: dict[str, str]) -> None:
        local = _local(tag)
        if local == "si":
            state["at"] += 1
            state["seen"] = 0
        state["text"] += local == "t"
        state["text"] -= 1_000 * (local == "rPh")

    def end(tag: str) -> None:
        local = _local(tag)
        state["text"] -= local == "t"
        state["text"] += 1_000 * (local == "rPh")
        if local == "si" and not state["seen"]:
            blank.add(state["at"])

    def text(data: str) -> None:
        if state["text"] > 0 and data.strip():
            state["seen"] = 1

    handlers: dict[str, Callable[..., None]] = {
        "StartElementHandler": start,
        "EndElementHandler": end,
        "CharacterDataHandler": text,
    }
    _parse(archive, "xl/sharedStrings.xml", name, handlers)
    return blank


class _Rows:
    """Walk through the rows of one sheet."""

    def __init__(self, part: Part, blank: set[int], name: str) -> None:
        self.part, self.blank, self.name = part, blank, name
        self.row, self.column, self.hidden, self.has = 0, 0, False, False
        self.kind, self.into, self.texts = "", "", {"v": "", "f": "", "t": ""}
        self.formula = False

    def walk(self, archive: zipfile.ZipFile) -> None:
        """Fill the part."""
        handlers: dict[str, Callable[..., None]] = {
            "StartElementHandler": self.start,
            "EndElementHandler": self.end,
            "CharacterDataHandler": self.text,
        }
        _parse(archive, self.part.path, self.name, handlers)

    def start(self, tag: str, given: dict[str, str]) -> None:
        """Begin an element."""
        local = _local(tag)
        if local == "c":
            self.column = self._cell(given["r"])[1] if "r" in given else self.column + 1
            self.kind, self.formula = given.get("t", "n"), False
            self.texts = {"v": "", "f": "", "t": ""}
        elif local in self.texts:
            self.into = local
            self.formula |= local == "f"
        elif local == "row":
            number = given.get("r", "")
            self._next(int(number) if number.isascii() and number.isdigit() else None if not number else -1)
            self.hidden, self.has, self.column = given.get("hidden", "0") in {"1", "true"}, False, 0
        elif local == "mergeCell":
            first, _, last = given.get("ref", "").partition(":")
            (a, b), (c, d) = self._at(first), self._at(last or first)
            self.part.merged.append((a, b, c, d))

    def _next(self, number: int | None) -> None:
        following = self.row + 1 if number is None else number
        if not self.row < following <= _LAST_ROW:
            raise FileError(
                f"{self.name}: row {following:,} of sheet {self.part.name!r} follows row {self.row:,}",
                f"rows in their order, up to {_LAST_ROW:,}",
                _AGAIN,
            )
        self.row = following

    def _at(self, reference: str) -> tuple[int, int]:
        match = _CELL.fullmatch(reference)
        column = 0
        for letter in match[1] if match else "":
            column = 26 * column + ord(letter) - 64
        row = int(match[2]) if match else 0
        if not (1 <= column <= _LAST_COLUMN and 1 <= row <= _LAST_ROW):
            raise FileError(
                f"{self.name}: a cell named {reference[:20]!r} in sheet {self.part.name!r}",
                "cells A1 … XFD1048576",
                _AGAIN,
            )
        return row, column

    def _cell(self, reference: str) -> tuple[int, int]:
        row, column = self._at(reference)
        if row != self.row or column <= self.column:
            raise FileError(
                f"{self.name}: cell {reference} stands in row {self.row:,} of sheet {self.part.name!r},"
                f" after column {self.column}",
                "each cell once, in its place",
                _AGAIN,
            )
        return row, column

    def text(self, data: str) -> None:
        """Take text inside a value, a formula or a text."""
        if self.into:
            self.texts[self.into] += data

    def end(self, tag: str) -> None:
        """End an element."""
        local = _local(tag)
        if local == "c":
            value = self.texts["t"] if self.kind == "inlineStr" else self.texts["v"]
            filled = bool(value.strip())
            if self.kind == "s" and filled and value.strip().isdigit():
                filled = int(value) not in self.blank
            if self.formula and not self.texts["v"] and self.kind != "str":  # a text of no letters is a value, too
                self.part.uncached[self.row, self.column] = self.texts["f"]
                filled = True
            self.has |= filled
        elif local in self.texts:
            self.into = ""
        elif local == "row" and self.has:
            self.part.filled.append(self.row)
            if self.hidden:
                self.part.hidden_rows.append(self.row)
