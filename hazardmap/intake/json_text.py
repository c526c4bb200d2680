"""JSON as the files of others have it: walked member by member, no key lost, every break told in words.

What GeoJSON and TopoJSON share: text in a stated encoding, keys that stand twice, lists too long to be held as
objects, rows of properties with faults of their own. Knows nothing of shapes or of tables.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyproj

from hazardmap.errors import CrsError, FileError
from hazardmap.intake.sheet import CellFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

#: Stands in the members of an object for a list whose elements were handed over.
HANDED_OVER: Any = object()
CUT = "ask for the file again: it may have been cut in copying"
_SPACE = " \t\r\n\x1e"


class Twice(dict[str, Any]):
    """An object in which a key stands twice; the first value is kept, and the keys are remembered."""

    keys_twice: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [k for k, _ in pairs]
    marked = Twice(reversed(pairs))
    marked.keys_twice = tuple(sorted({k for k in names if names.count(k) > 1}))
    return marked


DECODER = json.JSONDecoder(object_pairs_hook=_object)


def decoded(data: bytes, name: str, encoding: str | None) -> str:
    """Give the text of a file.

    Raises
    ------
    FileError
        When there is no such encoding, or the file is not in it.
    """
    try:
        return data.decode(encoding or "utf-8-sig")
    except LookupError:
        raise FileError(f"no encoding is named {encoding!r}", "an encoding", "e.g. --encoding cp1251") from None
    except UnicodeDecodeError as error:
        raise FileError(
            f"{name} is not {encoding or 'UTF-8'} text (byte {error.start:,})",
            "text whose encoding is known",
            "add --encoding, e.g. --encoding cp1251",
        ) from None


@contextmanager
def breaks_told(name: str, wanted: str) -> Iterator[None]:
    """Turn every way in which a JSON text can be broken into a FileError."""
    try:
        yield
    except json.JSONDecodeError as error:
        where = f"line {error.lineno:,}, column {error.colno:,}"
        raise FileError(f"{name} is no whole JSON text: {error.msg} in {where}", wanted, CUT) from None
    except ValueError as error:  # a number of thousands of digits
        raise FileError(f"{name} holds a number that cannot be read ({error})", wanted, CUT) from None
    except RecursionError:
        raise FileError(f"{name} is nested too deep", wanted, CUT) from None


def members(
    text: str, position: int, name: str, takers: Mapping[str, Callable[[Any], None]]
) -> tuple[dict[str, Any], int]:
    """Walk over the members of the object that opens at a position.

    Lists with a taker are handed over element by element, so that a large file is never held as objects; the other
    members are given, with HANDED_OVER in place of such a list, and the position behind the object.
    """
    head: dict[str, Any] = {}
    position = skip(text, position + 1)
    while text[position : position + 1] != "}":
        key, position = DECODER.raw_decode(text, position)
        position = _expect(text, position, ":")
        if not isinstance(key, str):
            raise json.JSONDecodeError("Expecting a name", text, position)
        if key in head:
            raise FileError(f"{name} states {short(key)} twice", "each member once", "correct the file")
        if key in takers and text[position : position + 1] == "[":
            position, head[key] = _elements(text, position, takers[key]), HANDED_OVER
        else:
            head[key], position = DECODER.raw_decode(text, position)
        position = skip(text, position)
        if text[position : position + 1] != "}":
            position = _expect(text, position, ",")
    return head, position + 1


def _elements(text: str, position: int, take: Callable[[Any], None]) -> int:
    position = skip(text, position + 1)
    if text[position : position + 1] == "]":
        return position + 1
    while True:
        value, position = DECODER.raw_decode(text, position)
        take(value)
        position = skip(text, position)
        if text[position : position + 1] == "]":
            return position + 1
        position = _expect(text, position, ",")


def _expect(text: str, position: int, mark: str) -> int:
    position = skip(text, position)
    if text[position : position + 1] != mark:
        raise json.JSONDecodeError(f"Expecting {mark!r}", text, position)
    return skip(text, position + 1)


def skip(text: str, position: int) -> int:
    """Give the position of the next character that is no space."""
    while position < len(text) and text[position] in _SPACE:
        position += 1
    return position


def short(value: Any) -> str:
    """Show a value that a file chose, as JSON, not too long."""
    text = json.dumps(value, ensure_ascii=False, default=str).encode(errors="backslashreplace").decode()
    return text if len(text) <= 60 else text[:59] + "…"


def properties(feature: dict[str, Any], faults: list[CellFault]) -> dict[str, Any]:
    """Give the properties of a feature, its id among them; what is doubtful in them is added to the faults."""
    given = feature.get("properties")
    if given is None:
        given = {}
    if not isinstance(given, dict):
        faults.append(CellFault("properties", short(given), "an object of names and values"))
        given = {}
    faults += doubled(given, "properties")
    if feature.get("id") is not None and "id" not in given:
        given = {"id": feature["id"], **given}
    return given


def doubled(value: Any, where: str) -> list[CellFault]:
    """Name the keys that stand twice in an object: as faults of their cells, or of the part of the row they are in."""
    if not isinstance(value, Twice):
        return []
    return [
        CellFault(k if where == "properties" else where, f"the key {k!r} twice", "each key once")
        for k in value.keys_twice
    ]


def table(rows: list[dict[str, Any]], file: str) -> pd.DataFrame:
    """Give rows of properties as columns, None where a row has no such property.

    Raises
    ------
    FileError
        When a name is no Unicode text.
    """
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
    refuse_half_characters(names, file)
    index = pd.RangeIndex(len(rows))
    columns = {n: pd.Series([r.get(n) for r in rows], index=index, dtype="object") for n in names}
    return pd.DataFrame(columns, index=index)


def refuse_half_characters(names: Iterable[str], file: str) -> None:
    """Refuse names with lone surrogates: JSON can spell them; no file and no table can hold them.

    Raises
    ------
    FileError
        When there is one.
    """
    for name in names:
        try:
            name.encode()
        except UnicodeEncodeError:
            raise FileError(
                f"{file}: the name {ascii(name)[:60]} holds half a character", "Unicode text", CUT
            ) from None


def named_crs(member: Any, name: str) -> pyproj.CRS | None:
    """Read the foreign member crs; None when it says that the CRS is unknown.

    Raises
    ------
    CrsError
        When it cannot be understood: a file that says something of its CRS is not overruled.
    """
    if member is None:
        return None
    inner = member.get("properties") if isinstance(member, dict) else None
    said = inner.get("name") if isinstance(inner, dict) else None
    if not isinstance(said, str):
        raise CrsError(f"{name}: its member crs is {short(member)}", "a CRS by name", "correct it, e.g. EPSG:32638")
    try:
        return pyproj.CRS.from_user_input(said)
    except pyproj.exceptions.CRSError:
        raise CrsError(
            f"{name}: its member crs names {said[:60]!r}, which PROJ does not know",
            "a known CRS",
            "correct it in the file, e.g. EPSG:32638",
        ) from None
