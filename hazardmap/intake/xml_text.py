"""XML as the files of others have it: no document type, no entity but the five, record by record, never held whole.

What KML, GPX and GML share. A document type is refused before the parser runs, so that nothing can be named that lies
elsewhere and nothing can multiply. Knows elements and their texts; knows nothing of shapes or tables.
"""

from __future__ import annotations

import io
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from hazardmap.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Element = ET.Element

CUT = "ask for the file again: it may have been cut in copying"
#: Elements nested deeper than this are refused: no map data are.
DEEPEST = 200
_DECLARED = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_DECLARATION = re.compile(r"\s*<\?xml.*?\?>", re.DOTALL)
_PROLOG = re.compile(r"(?>\s+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)


def decoded(data: bytes, name: str, encoding: str | None) -> str:
    """Give the text of an XML file: in the encoding stated, else in the one that it declares, else in UTF-8.

    Raises
    ------
    FileError
        When there is no such encoding, the file is not in it, or the file declares a document type.
    """
    declared = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf")[:300])
    codec = encoding or (declared[1].decode("ascii") if declared else "utf-8")
    if codec.casefold() in {"utf-8", "utf8"}:
        codec = "utf-8-sig"
    try:
        text = data.decode(codec)
    except LookupError:
        raise FileError(f"{name}: no encoding is named {codec!r}", "an encoding", "e.g. --encoding cp1251") from None
    except UnicodeError as error:
        where = f" (byte {error.start:,})" if isinstance(error, UnicodeDecodeError) else ""
        raise FileError(
            f"{name} is not {codec.removesuffix('-sig').upper()} text{where}",
            "text whose encoding is known",
            "add --encoding, e.g. --encoding cp1251",
        ) from None
    text = _DECLARATION.sub("", text, count=1)
    found = _PROLOG.match(text)
    if text.startswith("<!", found.end() if found else 0):
        raise FileError(
            f"{name} declares a document type (<!DOCTYPE), by which XML can name other files and multiply itself",
            "XML without one",
            "export it again; no map data need it",
        )
    return text


def walk(text: str, name: str, records: frozenset[str], take: Callable[[Element, list[Element]], None]) -> Element:
    """Hand over each element of a kind, with the elements that it stands in, outermost first; give the root.

    A record inside a record belongs to the outer one. What was handed over is let go, so that a large file is never
    held as elements; the rest stays in the root.

    Raises
    ------
    FileError
        When the text is no well-formed XML, or nested too deep.
    """
    parser = ET.XMLParser(encoding="utf-8")  # noqa: S314 - no document type gets this far
    open_ones: list[Element] = []
    root: Element | None = None
    inside = 0
    data = io.BytesIO(text.encode("utf-8", "surrogatepass"))
    try:
        for event, element in ET.iterparse(data, ("start", "end"), parser):  # noqa: S314 - as above
            wanted = _name(element.tag) in records
            if event == "start":
                root = element if root is None else root
                open_ones.append(element)
                inside += wanted
                if len(open_ones) > DEEPEST:
                    raise FileError(f"{name} is nested more than {DEEPEST} deep", "map data", CUT)
                continue
            open_ones.pop()
            if wanted:
                inside -= 1
                if not inside:
                    take(element, open_ones)
                    if open_ones:
                        open_ones[-1].remove(element)
    except ET.ParseError as error:
        line, column = error.position
        why = str(error).split(":")[0]
        raise FileError(
            f"{name} is no whole XML text: {why} in line {line:,}, column {column + 1:,}", "well-formed XML", CUT
        ) from None
    if root is None:
        raise FileError(f"{name} has no element", "well-formed XML", CUT)
    return root


def local(element: Element) -> str:
    """Give the name of an element without its namespace.

    Examples
    --------
    >>> local(ET.Element("{http://www.opengis.net/kml/2.2}Placemark"))
    'Placemark'
    """
    return _name(element.tag)


@lru_cache(maxsize=4_096)
def _name(tag: Any) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def text_in(element: Element | None) -> str | None:
    """Give the text of an element and all in it, without spaces around it; None for nothing."""
    if element is None:
        return None
    text = (element.text or "").strip() if not len(element) else "".join(element.itertext()).strip()
    return text or None


def child(element: Element, *names: str) -> Element | None:
    """Give the first child of one of some names."""
    return next((c for c in element if local(c) in names), None)


def children(element: Element, *names: str) -> Iterator[Element]:
    """Give the children of some names."""
    return (c for c in element if local(c) in names)


def attribute(element: Element, name: str) -> str | None:
    """Give an attribute by its name without namespace."""
    return next((v for k, v in element.items() if k.rpartition("}")[2] == name), None)


def numbers(text: str | None) -> list[Any]:
    """Give the numbers of a text; what is none stays text, and is a flaw of the shape that it stands in.

    Examples
    --------
    >>> numbers("46 39.5 1e3 1_0 x")
    [46.0, 39.5, 1000.0, '1_0', 'x']
    """
    tokens = (text or "").split()
    try:
        if "_" not in (text or ""):  # Python reads 1_0 as 10, nobody else does
            return list(map(float, tokens))
    except ValueError:
        pass
    return [_number(t) for t in tokens]


def _number(token: str) -> Any:
    try:
        return token if "_" in token else float(token)
    except ValueError:
        return token
