"""A second count of the rows of a text file, from its bytes alone.

Shares nothing with the readers: quotes and brackets are counted with numpy, no JSON or CSV parser runs. When the
two counts differ, the import fails: a row lost while reading could be a hazard lost. Knows nothing of what the
rows mean.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[Any]

_CHUNK = 1 << 23
_FEATURES = re.compile(rb'"features"\s*:\s*$')
_OBJECTS = re.compile(rb'"objects"\s*:\s*$')
_GEOMETRIES = re.compile(rb'"geometries"\s*:\s*$')
_MARKS = np.isin(np.arange(256), np.frombuffer(b'"[]{},', dtype=np.uint8))
_STEPS = np.zeros(256, dtype=np.int64)
_STEPS[[ord("["), ord("{")]], _STEPS[[ord("]"), ord("}")]] = 1, -1
_ESCAPED = re.compile(rb"\\.", re.DOTALL)


def json_elements(text: bytes) -> int:
    r"""Count the elements of the list "features" at the top of a JSON text; without such a list, its values.

    Examples
    --------
    >>> json_elements(b'{"features": [{"a": "]},{"}, null, {}]}'), json_elements(b'{"features": []}')
    (3, 0)
    >>> json_elements(b'{"a": 1}\n{"a": 2}')
    2
    """
    blank = _ESCAPED.sub(b"__", text)  # the same length, and no quote left that does not open or close
    commas, values, start, end = 0, 0, -1, len(blank)
    for where, marks, level in _structure(blank):
        values += int(((level == 1) & (marks == ord("{"))).sum())
        if start < 0:
            start = _behind(blank, where[(level == 2) & (marks == ord("["))], _FEATURES)
        if start >= 0 and end == len(blank):
            closing = where[(marks == ord("]")) & (level == 1) & (where > start)]
            end = int(closing[0]) if len(closing) else end
            commas += int(((marks == ord(",")) & (level == 2) & (where > start) & (where < end)).sum())
    if start < 0:
        return values
    return commas + 1 if blank[start + 1 : end].strip() else 0


def topology_rows(text: bytes) -> list[int]:
    r"""Count the rows of each object of a TopoJSON text, in their order: the elements of its "geometries", or itself.

    Examples
    --------
    >>> topology_rows(b'{"objects": {"a": {"geometries": [{"x": [1, 2]}, null]}, "b": {}, "c": {"geometries": [ ]}}}')
    [2, 1, 0]
    >>> topology_rows(b'{"arcs": []}')
    []
    """
    blank = _ESCAPED.sub(b"__", text)
    start, end = -1, -1
    kept = []
    for where, marks, level in _structure(blank):
        if start < 0:
            start = _behind(blank, where[(level == 2) & (marks == ord("{"))], _OBJECTS)
        if start < 0:
            continue
        closing = where[(marks == ord("}")) & (level == 1) & (where > start)]
        end = int(closing[0]) if len(closing) else len(blank)
        near = (where > start) & (where < end) & (level <= 4)
        kept.append((where[near], marks[near], level[near]))
        if len(closing):
            break
    if start < 0:
        return []
    where, marks, level = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    commas = where[(marks == ord(",")) & (level == 4)]
    lists = where[(marks == ord("[")) & (level == 4)]
    closed = where[(marks == ord("]")) & (level == 3)]
    rows = []
    ends = np.r_[where[(marks == ord("}")) & (level == 2)], end]
    for opened in where[(marks == ord("{")) & (level == 3)]:
        inside = lists[(lists > opened) & (lists < ends[np.searchsorted(ends, opened)])]
        first = _behind(blank, inside, _GEOMETRIES)
        if first < 0:
            rows.append(1)
            continue
        last = int(closed[closed > first][0]) if (closed > first).any() else end
        between = int(np.searchsorted(commas, last) - np.searchsorted(commas, first))
        rows.append(between + 1 if blank[first + 1 : last].strip() else 0)
    return rows


def _structure(blank: bytes) -> Iterator[tuple[Array, Array, Array]]:
    """Give, piece by piece, where brackets and commas stand outside quotes, and how deep they leave the text."""
    depth, inside = 0, False
    for offset in range(0, len(blank), _CHUNK):
        piece = np.frombuffer(blank, dtype=np.uint8, count=min(_CHUNK, len(blank) - offset), offset=offset)
        where = np.flatnonzero(_MARKS[piece])  # one byte in ten: the rest is digits
        marks = piece[where]
        free, inside = _outside_quotes(marks, inside=inside)
        where, marks = where[free] + offset, marks[free]
        level = np.cumsum(_STEPS[marks]) + depth
        depth = int(level[-1]) if len(level) else depth
        yield where, marks, level


def _behind(blank: bytes, opened: Array, name: re.Pattern[bytes]) -> int:
    """Give the first of some brackets that stands behind a name; -1 when none does."""
    return next((int(i) for i in opened if name.search(blank[max(0, i - 60) : i])), -1)


def csv_records(text: bytes, *, header: bool = True) -> int:
    r"""Count the records of a CSV text, its header left out: line ends outside quotes, blank lines passed over.

    Examples
    --------
    >>> csv_records(b'id,wkt\r\n1,"POINT (0\n 0)"\r\n\r\n2,x')
    2
    """
    inside, blank, records = False, True, 0
    for offset in range(0, len(text), _CHUNK):
        piece = np.frombuffer(text, dtype=np.uint8, count=min(_CHUNK, len(text) - offset), offset=offset)
        free, inside = _outside_quotes(piece, inside=inside)
        breaks = np.flatnonzero(free & _one_of(piece, b"\r\n"))
        filled = np.r_[0, np.cumsum(~_one_of(piece, b"\r\n") | ~free)]
        edges = np.r_[0, breaks, len(piece)]
        has_text = np.diff(filled[edges]) > 0
        has_text[0] |= not blank
        records += int(has_text[:-1].sum())
        blank = not has_text[-1]
    return max(records + (not blank) - header, 0)


def _one_of(piece: Array, wanted: bytes) -> Array:
    return np.isin(piece, np.frombuffer(wanted, dtype=np.uint8))


def _outside_quotes(piece: Array, *, inside: bool) -> tuple[Array, bool]:
    odd = np.logical_xor.accumulate(piece == ord('"')) ^ inside
    return ~odd, bool(odd[-1]) if len(odd) else inside


_NO_TAGS = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
_TAG = re.compile(r"<(/?)(?:[^\s/>:]+:)?([^\s/>:]+)(?:[^>\"'/]|\"[^\"]*\"|'[^']*'|/(?!>))*+(/?)>")


def xml_elements(text: str, *names: str) -> dict[str, int]:
    """Count the elements of some names in an XML text by their opening marks; comments and CDATA hold none.

    Examples
    --------
    >>> xml_elements("<a><!-- <b/> --><k:b x='>'/><b><![CDATA[<b>]]></b><bb/></a>", "b")
    {'b': 2}
    """
    opening = re.compile(rf"<(?:[^\s/>:]+:)?({'|'.join(map(re.escape, names))})(?=[\s/>])")
    found = dict.fromkeys(names, 0)
    for match in opening.finditer(_NO_TAGS.sub("", text)):
        found[match[1]] += 1
    return found


def xml_members(text: str, parents: frozenset[str]) -> dict[str, int]:
    """Count by name the elements that stand directly in one of some parents, tag by tag; a collection is no member.

    Examples
    --------
    >>> xml_members("<c><m><a/></m><m><b><m/></b></m><n/></c>", frozenset({"m"}))
    {'a': 1, 'b': 1}
    """
    stack: list[str] = []
    found: dict[str, int] = {}
    for closing, name, empty in _TAG.findall(_NO_TAGS.sub("", text)):
        if closing:
            if stack:
                stack.pop()
            continue
        if len(stack) > 1 and stack[-1] in parents and name != "FeatureCollection" and not _in_member(stack, parents):
            found[name] = found.get(name, 0) + 1
        if not empty:
            stack.append(name)
    return found


def _in_member(stack: list[str], parents: frozenset[str]) -> bool:
    """Tell whether a member stands around the innermost parent: whatever is in it is part of that member."""
    return any(above in parents and here != "FeatureCollection" for above, here in pairwise(stack[:-1]))
