"""Write a proposal as a profile in TOML: what is read, and as comments the reasons and what is open.

Text of data goes into strings and comments only, escaped: no name and no value can end a line, a string or a comment.
Knows TOML; decides nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hazardmap.intake.guessing.proposal import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hazardmap.intake.guessing.proposal import Match

_WIDE = 130
_NAMED = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


@dataclass(frozen=True)
class Line:
    """One line to write: key, value as TOML, reason; asked: written as a comment, for a person to decide."""

    key: str
    value: str
    why: str = ""
    asked: bool = False


def quoted(text: str) -> str:
    r"""Write any text as a TOML string on one line.

    Raises
    ------
    UnicodeEncodeError
        When the text is no Unicode (half of a pair of surrogates): TOML cannot hold it.

    Examples
    --------
    >>> print(quoted('a"\nb\\\u2028'))
    "a\"\nb\\\u2028"
    """
    text.encode()
    return '"' + "".join(_NAMED.get(c) or (c if c.isprintable() else _point(c)) for c in text) + '"'


def _point(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04X}" if number < 0x10000 else f"\\U{number:08X}"


def written(text: str) -> bool:
    r"""Tell whether TOML can hold a text.

    Examples
    --------
    >>> written("Ağdam"), written("\ud800")
    (True, False)
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def composed(
    table: str,
    head: Sequence[str],
    meta: Sequence[Line],
    *,
    section: Sequence[Line],
    matches: Sequence[Match],
    position: Sequence[Line],
    values: Sequence[Line],
    templates: Sequence[Line],
    words: Mapping[str, Sequence[Line]],
    tail: Sequence[str],
) -> str:
    """Put the parts together.

    Parameters
    ----------
    table
        The table that the profile is for.
    head, tail
        Comments above and below.
    meta, section, position, values, templates
        Lines of these parts; a part without lines is left out.
    matches
        The columns, read or asked.
    words
        Column → lines of its words.
    """
    columns = [
        Line(
            m.ours, f"[{quoted(m.theirs)}]", "; ".join([f"{m.why} ({m.confidence:.2f})", *_rivals(m)]), asked=not m.used
        )
        for m in matches
    ]
    parts: list[tuple[str, Sequence[Line]]] = [
        ("meta", meta),
        (table, section),
        (f"{table}.columns", columns),
        (f"{table}.position", position),
        (f"{table}.values", values),
        (f"{table}.templates", templates),
        *((f"{table}.words.{column}", lines) for column, lines in words.items()),
    ]
    out = [*_comments(head), ""]
    for title, lines in parts:
        if lines or title == table:
            out += [f"[{title}]", *(text for line in lines for text in _lines(line)), ""]
    return "\n".join([*out, *_comments(tail)]).rstrip() + "\n"


def _rivals(match: Match) -> list[str]:
    return [f"or {shown(theirs, 40)}: {why}" for theirs, why in match.rivals]


def _lines(line: Line) -> list[str]:
    mark = "# " if line.asked else ""
    why = _comments([line.why] if line.why else [])
    return [*why, f"{mark}{line.key} = {line.value}"]


def _comments(texts: Sequence[str]) -> list[str]:
    """Write comments; each text is one, folded where it is long."""
    out: list[str] = []
    for text in texts:
        clean = shown(text, 2_000)
        pieces = re.findall(rf".{{1,{_WIDE}}}(?:\s|$)|\S{{1,{_WIDE}}}", clean) or [""]
        out += [f"# {piece.strip()}".rstrip() for piece in pieces]
    return out
