"""Read KML: the placemarks of all folders, each with the path of its folder; links to elsewhere are told, not followed.

Every text stays text. A placemark whose coordinates cannot be read is a row with a flaw. Pictures laid on the map hold
no records. The format prescribes WGS 84, longitude first. Knows KML; knows nothing of tables.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyproj

from hazardmap.errors import FileError
from hazardmap.intake import counting, xml_text
from hazardmap.intake.gathering import Gathered
from hazardmap.intake.shapes import Outers
from hazardmap.intake.sheet import Sheet
from hazardmap.intake.xml_text import attribute, child, children, local, text_in

if TYPE_CHECKING:
    from pathlib import Path

    from hazardmap.intake.xml_text import Element

_RECORDS = frozenset({"Placemark"})
_HOLDERS = {"Folder", "Document"}
_SHAPES = {"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Model", "Track", "MultiTrack"}
#: Elements of a placemark that become cells, with the name of their column.
_CELLS = {
    "name": "name",
    "description": "description",
    "address": "address",
    "Snippet": "snippet",
    "snippet": "snippet",
}
_LINKS = ("NetworkLink", "GroundOverlay", "ScreenOverlay", "PhotoOverlay")
_COMMA = re.compile(r"\s*,\s*")
#: Folders listed in a message.
_LISTED = 12


class OnlyLinksError(FileError):
    """A file of links to other files, without a place of its own."""


def read(path: Path, *, sha256: str, layer: str | None = None, encoding: str | None = None) -> Sheet:
    """Read the placemarks of a KML file: all of them, or those of one folder and the folders in it.

    Raises
    ------
    FileError
        For text that is no XML, is cut short, declares a document type, or has no such folder.
    """
    text = xml_text.decoded(path.read_bytes(), path.name, encoding)
    counts = counting.xml_elements(text, "Placemark", *_LINKS)
    there, folders = Gathered(), list[str]()

    def take(element: Element, above: list[Element]) -> None:
        folder = _folder(above)
        folders.append(folder)
        there.add(*_record(element, folder))

    root = xml_text.walk(text, path.name, _RECORDS, take)
    if local(root) != "kml":
        raise FileError(f"{path.name} begins with the element {local(root)[:40]!r}", "KML", "export it again as KML")
    links = [t for e in root.iter() if local(e) == "NetworkLink" for t in [_target(e)]]
    if not there.rows and counts["NetworkLink"]:
        raise OnlyLinksError(
            f"{path.name} holds no places, only links to elsewhere ({', '.join(links[:3])}); none was followed",
            "the places themselves",
            "fetch what it links to, and name that file",
        )
    sheet = Sheet(
        name=path.name,
        sha256=sha256,
        kind="KML",
        layer=layer or "",
        cells=there.cells("kml"),
        shapes=there.shapes(),
        flaws=there.flaws,
        faults=there.faults,
        crs=pyproj.CRS("EPSG:4326"),
        counted=counts["Placemark"],
        notes=(*_told(folders, there, layer), *_elsewhere(links, counts)),
    )
    return sheet if layer in {None, "*"} else _of_folder(sheet, folders, str(layer))


def _of_folder(sheet: Sheet, folders: list[str], layer: str) -> Sheet:
    inside = [
        i
        for i, f in enumerate(folders)
        if f == layer or f.startswith(layer + "/") or f.endswith("/" + layer) or f"/{layer}/" in f
    ]
    if not inside:
        raise FileError(
            f"{sheet.name}: folder {layer!r} is not in it; its folders: {_listed(folders) or 'none'}",
            "the name of a folder",
            "correct --layer, or leave it out to read all",
        )
    return sheet.rows(inside)


def _told(folders: list[str], there: Gathered, layer: str | None) -> list[str]:
    notes = []
    if any(folders):
        which = "all are read" if layer in {None, "*"} else f"read: {layer}"
        notes.append(f"folders, {which}: {_listed(folders)}")
    tables = sum("<table" in (row.get("description") or "").casefold() for row in there.own)
    if tables:
        notes.append(f"{tables:,} descriptions hold a table of HTML: kept as text, its cells are not read")
    return notes


def _listed(folders: list[str]) -> str:
    counts: dict[str, int] = {}
    for folder in folders:
        counts[folder] = counts.get(folder, 0) + 1
    shown = [f"{n or '(none)'} ({c:,} rows)" for n, c in list(counts.items())[:_LISTED]]
    return ", ".join(shown) + (f" and {len(counts) - _LISTED:,} more" if len(counts) > _LISTED else "")


def _elsewhere(links: list[str], counts: dict[str, int]) -> list[str]:
    notes = []
    if counts["NetworkLink"]:
        notes.append(f"{counts['NetworkLink']:,} links to elsewhere were not followed: {', '.join(links[:5])}")
    pictures = sum(counts[name] for name in _LINKS if name != "NetworkLink")
    if pictures:
        notes.append(f"{pictures:,} pictures laid on the map hold no records and are left out")
    return notes


def _target(link: Element) -> str:
    href = next((text_in(e) for e in link.iter() if local(e) == "href"), None) or "no address"
    return href if len(href) <= 80 else href[:79] + "…"


def _folder(above: list[Element]) -> str:
    """Give the path of a placemark's folder; the document that holds all is the file, not a folder."""
    holders = [e for e in above if local(e) in _HOLDERS]
    if holders and local(holders[0]) == "Document":
        holders = holders[1:]
    names = [(text_in(child(e, "name")) or "(no name)").replace("/", "∕") for e in holders]
    return "/".join(names)


def _record(mark: Element, folder: str) -> tuple[list[tuple[str, Any]], dict[str, Any], Any]:
    given: list[tuple[str, Any]] = []
    own: dict[str, Any] = {}
    drawn: list[Any] = []
    for element in mark:
        name = local(element)
        if name in _SHAPES:
            drawn.append(_shape(element))
        elif name == "ExtendedData":
            given += _data(element)
        elif name in _CELLS:
            own[_CELLS[name]] = text_in(element)
        elif name in {"TimeStamp", "TimeSpan"}:
            own |= {local(t): text_in(t) for t in element}
    if folder:
        own["folder"] = folder
    if (identity := attribute(mark, "id")) is not None:
        own["kml_id"] = identity
    geometry = drawn[0] if len(drawn) == 1 else {"type": "GeometryCollection", "geometries": drawn} if drawn else None
    return given, own, geometry


def _data(extended: Element) -> list[tuple[str, Any]]:
    cells: list[tuple[str, Any]] = []
    for element in extended:
        if local(element) == "Data":
            cells.append((attribute(element, "name") or "(no name)", text_in(child(element, "value"))))
        elif local(element) == "SchemaData":
            cells += [
                (attribute(e, "name") or "(no name)", text_in(e))
                for e in children(element, "SimpleData", "SimpleArrayData")
            ]
        else:
            cells.append((local(element), text_in(element)))
    return cells


def _shape(element: Element) -> Any:
    """Give a shape as a GeoJSON object; what is none keeps its name, and is a flaw."""
    kind = local(element)
    if kind in {"MultiGeometry", "MultiTrack"}:
        return _many([_shape(e) for e in element if local(e) in _SHAPES])
    if kind == "Polygon":
        return _polygon(element)
    if kind == "Point":
        places = _places(element)
        return {"type": "Point", "coordinates": places[0] if len(places) == 1 else places}
    if kind in {"LineString", "LinearRing"}:
        return {"type": "LineString", "coordinates": _places(element)}
    if kind == "Track":
        places = [xml_text.numbers(text_in(e)) for e in children(element, "coord")]
        return {"type": "LineString", "coordinates": places}
    return {"type": kind}


def _polygon(element: Element) -> Any:
    outer = [ring for b in children(element, "outerBoundaryIs") for ring in _rings(b) or [[]]]
    inner = [ring for b in children(element, "innerBoundaryIs") for ring in _rings(b)]
    # Which of several outer boundaries is meant the file does not say: none is left out of what is doubtful.
    return {"type": "Polygon", "coordinates": [outer[0], *inner] if len(outer) == 1 else Outers(outer, inner)}


def _many(members: list[Any]) -> Any:
    kinds = {m.get("type") for m in members}
    if len(kinds) == 1 and (kind := kinds.pop()) in {"Point", "LineString", "Polygon"}:
        return {"type": f"Multi{kind}", "coordinates": [m["coordinates"] for m in members]}
    return {"type": "GeometryCollection", "geometries": members}


def _rings(boundary: Element) -> list[list[Any]]:
    return [_places(ring) for ring in children(boundary, "LinearRing")]


def _places(element: Element) -> list[Any]:
    """Give the positions of a text like 46.1,39.2,0 46.2,39.2,0; a position of too many numbers stays text."""
    texts = [c.text or "" for c in children(element, "coordinates")]
    if len(texts) > 1:  # one line or two, and in which order? Text stays text, and is a flaw of the shape
        return [[f"{len(texts)} lists of coordinates"] * 2]
    text = _COMMA.sub(",", texts[0]) if texts else ""
    places: list[Any] = []
    for token in text.split():
        numbers = xml_text.numbers(token.replace(",", " ")) if ",," not in token else [token]
        places.append(numbers if len(numbers) <= 3 else [token, token])
    return places
