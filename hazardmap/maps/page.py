"""One self-contained HTML page: assets inlined, data behind the rendered part, a policy that lets nothing out.

What folium renders is taken as it is; data never passes through a template. Text from data goes into blocks that no
browser executes and reaches the reader as text only. Knows HTML and the assets; knows nothing of hazards or of folium's
classes.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import json
import re
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING, Any

from hazardmap.errors import FileError
from hazardmap.maps import languages, world

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

#: Blocks that are packed at the same time.
_PACKERS = 2
#: Scripts of every page, in this order. ``start.js`` is plain old JavaScript: it must run where nothing else does.
LIBRARIES = ("leaflet.js", "flatbush.js", "fflate.js")
SCRIPTS = (
    "say.js",
    "wording.js",
    "decode.js",
    "reading.js",
    "geometry.js",
    "patterns.js",
    "grids.js",
    "geodesic.js",
    "coordinates.js",
    "records.js",
    "filters.js",
    "marks.js",
    "holding.js",
    "narrow.js",
    "paint.js",
    "plots.js",
    "labels.js",
    "tiles.js",
    "world.js",
    "card.js",
    "spot.js",
    "verdicts.js",
    "zones.js",
    "legend.js",
    "names.js",
    "search.js",
    "timechart.js",
    "time.js",
    "toolbar.js",
    "panel.js",
    "position.js",
    "measure.js",
    "filterbox.js",
    "totals.js",
    "listing.js",
    "saving.js",
    "link.js",
    "tools.js",
    "themes.js",
    "choices.js",
    "sheet.js",
    "print.js",
    "frame.js",
    "map.js",
)
#: Only in pages that carry a base map.
BASE_MAP_SCRIPTS = ("pmtiles.js", "basemap.js")
STYLES = ("leaflet.css", "hazardmap.css", "panels.css", "time.css", "audience.css", "print.css", "tools.css")
_PICTURES = ("layers.png", "layers-2x.png", "marker-icon.png", "marker-icon-2x.png", "marker-shadow.png")
#: Written in minified Leaflet; a link to its home page has no place in a page without remote addresses.
_LEAFLET_LINK = re.compile(r"""prefix:'<a href="https://leafletjs\.com".*?Leaflet</a>"\}""", re.DOTALL)
_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<text>.*?)</script\s*>", re.DOTALL | re.IGNORECASE)

#: Names in the form of an address, which nothing ever loads.
_NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink", "http://www.w3.org/1999/xhtml")
_ADDRESS = r"(?P<address>(?:(?:https?|wss?|ftp):)?//[^\s\"'`<>)\\]+)"
_LOADING = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:src|href|srcset|poster|action|formaction|background|data|manifest|ping)\s*=\s*\\?[\"'`]?\s*{_ADDRESS}",
        rf"url\(\s*\\?[\"'`]?\s*{_ADDRESS}",
        rf"@import\s+[\"'`]?\s*{_ADDRESS}",
        rf"\bimport\b[^\"'`;\n]*[\"'`]\s*{_ADDRESS}",
        rf"\bcontent\s*=\s*[\"'`]?\s*\d+\s*;\s*url\s*=\s*{_ADDRESS}",
        rf"[\w$]\(\s*[\"'`]\s*{_ADDRESS}",  # L.tileLayer("https://…"), fetch("//…")
        rf"\b\w*url\b[\"'`]?\s*:\s*[\"'`]\s*{_ADDRESS}",  # {{iconUrl: "https://…"}}
    )
)


@functools.cache
def asset(name: str) -> str:
    """Read an asset as text; pictures come as ``data:`` addresses."""
    path = files("hazardmap.maps") / "assets" / name
    if name.endswith(".png"):
        return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
    return path.read_text(encoding="utf-8").replace("\r\n", "\n")


@functools.cache
def script(name: str) -> str:
    """Read a script fit to be inlined: no source map, no link home, nothing that ends the script element."""
    text = re.sub(r"^//# sourceMappingURL=.*$", "", asset(name), flags=re.MULTILINE)
    if name == "leaflet.js":
        text = _LEAFLET_LINK.sub("prefix:'Leaflet'}", text, count=1)
    return text.replace("</script", r"<\/script").replace("<!--", r"<\!--")


@functools.cache
def style(name: str) -> str:
    """Read a style sheet with its pictures inside."""
    text = asset(name)
    for picture in _PICTURES:
        text = text.replace(f"url(images/{picture})", f"url({asset(picture)})")
    return text


def _marker_icon() -> str:
    """Give Leaflet the pictures of its own marker, which it would look for in files beside the page."""
    pictures = {"iconUrl": "marker-icon.png", "iconRetinaUrl": "marker-icon-2x.png", "shadowUrl": "marker-shadow.png"}
    inside = as_json({option: asset(name) for option, name in pictures.items()})
    return f"L.Icon.Default.imagePath = ''; L.Icon.Default.mergeOptions({inside});"


def as_json(value: Any) -> str:
    r"""Write JSON that cannot end the element it stands in.

    Examples
    --------
    >>> as_json({"name": "</script><b>"})
    '{"name":"\\u003c/script\\u003e\\u003cb\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def remote_addresses(text: str) -> list[str]:
    """List the remote addresses that a page would load, in order of appearance.

    Plain text that merely mentions an address is not listed; an ``href`` is, even that of a link.

    Examples
    --------
    >>> remote_addresses('<script src="https://cdn.example/x.js"></script> see https://example.org')
    ['https://cdn.example/x.js']
    >>> remote_addresses('L.tileLayer("//tiles.example/{z}/{x}/{y}.png"); @import "http://a.example/b.css"')
    ['//tiles.example/{z}/{x}/{y}.png', 'http://a.example/b.css']
    """
    found = sorted((m.start("address"), m["address"]) for pattern in _LOADING for m in pattern.finditer(text))
    return list(dict.fromkeys(address for _, address in found if address not in _NAMESPACES))


def refuse_remote(text: str, *, allowed: Iterable[str] = ()) -> None:
    """Raise when a page would load anything from elsewhere, other than the addresses allowed.

    Raises
    ------
    FileError
        Naming every such address.
    """
    permitted = set(allowed)
    if strange := [address for address in remote_addresses(text) if address not in permitted]:
        raise FileError(
            f"the page would load {', '.join(strange)}",
            "a page that works with the network off",
            "take out the layer or plugin that asks for it; for background tiles use draw(..., tiles='https://…')",
        )


def assemble(
    *,
    title: str,
    header: str,
    body: str,
    code: str,
    notices: Sequence[tuple[str, str, str]],
    manifest: Mapping[str, Any],
    blocks: Mapping[str, bytes],
    extra_scripts: Sequence[str] = (),
    image_hosts: Sequence[str] = (),
    fictitious: bool = False,
    language: str = languages.ENGLISH,
) -> Iterator[bytes]:
    """Put the page together, a piece at a time: only two blocks of data are in memory at any moment.

    Parameters
    ----------
    title
        Title of the page, plain text.
    header, body, code
        What folium rendered: HTML of the head, HTML of the body, JavaScript.
    notices
        Class, language and plain text of what stands on the page even where no script runs; an empty language is that
        of a record: unknown.
    manifest
        What the scripts need to know, as JSON values.
    blocks
        Name → packed data, read one after the other.
    extra_scripts
        Names of further libraries that the rendered part needs.
    image_hosts
        Origins that background pictures may come from; empty: none.
    fictitious
        Marks the page as a whole.
    language
        The language that the page speaks first.

    Yields
    ------
    The HTML in UTF-8.
    """
    head = "".join(f"<style>\n{style(name)}</style>\n" for name in STYLES)
    head += f"<script>\n{script('start.js')}</script>\n"
    head += "".join(
        f'<script data-file="{name}">\n{script(name)}</script>\n' for name in (*LIBRARIES, *extra_scripts, *SCRIPTS)
    )
    head += f"<script>\n{_marker_icon()}\n</script>\n"
    data = f'<script type="application/json" id="hazardmap-manifest">{as_json(manifest)}</script>\n'
    data += f'<script type="application/json" id="hazardmap-strings">{as_json(languages.strings())}</script>\n'
    said = "".join(
        f'<p class="{html.escape(kind)}"{_lang(code) if code else " dir=auto"}>{html.escape(text)}</p>\n'
        for kind, code, text in notices
    )
    waiting, helpless = ("".join(_said(key, language)) for key in ("page.wait", "page.no_scripts"))
    page = _plain_lines(
        f"<html{_lang(language)}{' class=hm-fictitious' if fictitious else ''}>\n"
        '<head>\n<meta charset="utf-8">\n@policy@'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{html.escape(title)}</title>\n{head}{header}\n</head>\n<body>\n"
        f'<div id="hazardmap-notice" role="status">\n{said}'
        f'<div class="hm-wait">{waiting}</div>\n'
        f'<noscript><div class="hm-failed">{helpless}</div></noscript>\n</div>\n'
        f"{body}\n{data}<script>\n{code}\n</script>\n"
    )
    # The policy names the scripts by their fingerprints, so it is known only when everything else stands.
    yield f"<!DOCTYPE html>\n{page.replace('@policy@', _policy(page, image_hosts), 1)}".encode()
    # The data come last: the map is there while they are still being read.
    for name, block in chain(world.blocks().items(), _ahead(blocks)):
        yield f'<script type="application/octet-stream" data-name="{html.escape(name)}">'.encode()
        yield base64.b64encode(block)
        yield b"</script>\n"
    yield b"</body>\n</html>\n"


def _plain_lines(text: str) -> str:
    """Give the ends of lines as a browser reads them, or the fingerprints would not fit."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _ahead(blocks: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Read blocks in order while the next is being packed: compressing leaves the interpreter free."""
    waiting: deque[tuple[str, Future[bytes]]] = deque()
    with ThreadPoolExecutor(max_workers=_PACKERS) as pool:
        for name in blocks:
            waiting.append((name, pool.submit(blocks.__getitem__, name)))
            if len(waiting) >= _PACKERS:
                yield _done(waiting)
        while waiting:
            yield _done(waiting)


def _done(waiting: deque[tuple[str, Future[bytes]]]) -> tuple[str, bytes]:
    name, block = waiting.popleft()
    return name, block.result()


def _lang(language: str) -> str:
    return f' lang="{html.escape(language)}" dir="{languages.direction(language)}"'


def _said(key: str, language: str) -> list[str]:
    return [f"<p{_lang(code)}>{html.escape(text)}</p>" for code, text in languages.said(key, language)]


def _policy(page: str, image_hosts: Sequence[str]) -> str:
    """Allow exactly the scripts of the page: an ``onerror`` or a script that data brings along never runs."""
    prints = sorted(
        {
            "'sha256-" + base64.b64encode(hashlib.sha256(m["text"].encode("utf-8")).digest()).decode("ascii") + "'"
            for m in _SCRIPT.finditer(page)
            if "type=" not in m["attributes"]
        }
    )
    rules = (
        "default-src 'none'",
        f"script-src {' '.join(prints)}",
        "worker-src blob:",
        "style-src 'unsafe-inline'",
        f"img-src {' '.join(['data:', 'blob:', *image_hosts])}",
        "font-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}">\n'


def origin(address: str) -> str:
    """Give the origin of an address of tiles, the one thing that the policy then allows.

    Raises
    ------
    FileError
        When it is no ``https`` or ``http`` address of a plain host.

    Examples
    --------
    >>> origin("https://tile.example.org/{z}/{x}/{y}.png")
    'https://tile.example.org'
    """
    found = re.fullmatch(r"(https?://[A-Za-z0-9.-]+(?::\d+)?)/[^\s\"'<>`;]*", address)
    if found is None:
        raise FileError(
            f"tiles={address!r}",
            "the web address of tiles on one host, with {z}, {x} and {y}",
            "write it like https://tile.example.org/{z}/{x}/{y}.png",
        )
    return found[1]
