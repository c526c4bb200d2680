r"""Text from data on its way into XML, and into the HTML that some programs show from it.

Everything that could be a tag, an entity, a template or a formula of the reading program is made plain text. Knows text
alone.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from hazardmap.sheets.cells import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

_QUOTES = {'"': "&quot;", "'": "&apos;"}


def in_xml(text: str) -> str:
    r"""Make a text fit for XML, as content or in quotes.

    Examples
    --------
    >>> in_xml("a]]>&<b c='\x00'>")
    'a]]&gt;&amp;&lt;b c=&apos;�&apos;&gt;'
    """
    return escape(clean(text), _QUOTES)


def in_html(text: str) -> str:
    """Make a text fit for HTML in which Google Earth fills in names: ``$[name]`` stays as it is written.

    Examples
    --------
    >>> in_html("<b>$[id]</b>")
    '&lt;b&gt;&#36;[id]&lt;/b&gt;'
    """
    return html.escape(clean(text)).replace("$", "&#36;").replace("\n", "<br>")


def table(rows: Iterable[tuple[str, str]]) -> str:
    """Make an HTML table of names and values; what is empty is left out."""
    cells = "".join(f"<tr><td>{in_html(k)}</td><td>{in_html(v)}</td></tr>" for k, v in rows if v)
    return f"<table>{cells}</table>" if cells else ""


def element(name: str, text: str) -> str:
    """Make an element that holds a text.

    Examples
    --------
    >>> element("name", "A & B")
    '<name>A &amp; B</name>'
    """
    return f"<{name}>{in_xml(text)}</{name}>"
