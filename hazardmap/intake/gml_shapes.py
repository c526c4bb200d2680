"""GML geometry elements as GeoJSON objects: versions 2, 3.1 and 3.2, axes in the order of their CRS, arcs as lines.

What GML can say and we cannot draw keeps its name, and is a flaw of its row. Knows shapes; knows nothing of features.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyproj

from hazardmap.errors import CrsError
from hazardmap.intake import shapes, xml_text
from hazardmap.intake.curves import arc_pieces
from hazardmap.intake.xml_text import attribute, child, children, local

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hazardmap.intake.xml_text import Element

#: Elements that are shapes.
SHAPES = frozenset(
    {
        "Point", "LineString", "LinearRing", "Polygon", "Curve", "Surface", "Box", "Envelope", "MultiPoint",
        "MultiLineString", "MultiCurve", "MultiPolygon", "MultiSurface", "MultiGeometry", "CompositeCurve",
        "CompositeSurface", "OrientableCurve", "OrientableSurface", "PolyhedralSurface", "TriangulatedSurface", "Tin",
        "Solid", "MultiSolid", "CompositeSolid", "Ring", "Circle", "Arc",
    }
)  # fmt: skip
_URN = re.compile(
    r"urn:(?:x-)?ogc:def:crs:(?P<a>\w+):[\w.]*:(?P<b>\w+)|https?://www\.opengis\.net/def/crs/(?P<c>\w+)/[\w.]+/(?P<d>\w+)"
)
_FRAGMENT = re.compile(r"https?://www\.opengis\.net/gml/srs/epsg\.xml#(\d+)")
#: A CRS by name, e.g. EPSG:4326: never a file, an address or a formula of PROJ.
_NAME = re.compile(r"[A-Za-z]\w*:\w+")


@dataclass
class Drawn:
    """What the shapes of one file have in common: the CRS names met, dimensions inherited, arcs drawn as lines.

    A dimension of 0 says that none is stated.
    """

    srs: str | None = None
    dimension: int = 0
    names: set[str] = field(default_factory=set)
    arcs: int = 0

    def shape(self, element: Element) -> Any:
        """Give the shape that an element says as a GeoJSON object; what cannot be drawn keeps its name."""
        return _Context(self, self.srs, self.dimension).shape(element)


@lru_cache(maxsize=64)
def crs_of(said: str, file: str) -> tuple[pyproj.CRS, bool]:
    """Give the CRS of a srsName, and whether its numbers stand latitude or northing first.

    Names in the long form (``urn:…``, ``http://www.opengis.net/def/…``) follow the axes of the authority; short ones
    (``EPSG:4326``) are x first.

    Raises
    ------
    CrsError
        When PROJ does not know it.

    Examples
    --------
    >>> crs_of("urn:ogc:def:crs:EPSG::4326", "a.gml")[1], crs_of("EPSG:4326", "a.gml")[1]
    (True, False)
    """
    long = _URN.fullmatch(said.strip())
    short = _FRAGMENT.fullmatch(said.strip())
    name = said.strip()
    if long:
        name = f"{long['a'] or long['c']}:{long['b'] or long['d']}"
        name = "OGC:CRS84" if name.upper().endswith(":CRS84") else name
    elif short:
        name = f"EPSG:{short[1]}"
    try:
        crs = pyproj.CRS.from_user_input(name) if _NAME.fullmatch(name) else None
    except pyproj.exceptions.CRSError:
        crs = None
    if crs is None:
        raise CrsError(
            f"{file} names the CRS {said[:60]!r}, which PROJ does not know", "a known CRS", "export it in another CRS"
        )
    first = crs.axis_info[0].direction.casefold() if crs.axis_info else "east"
    return crs, bool(long) and first in {"north", "south"}


class _Unreadable(Exception):  # noqa: N818 - a signal, not an error
    """A part that cannot be drawn; its name is the reason."""


@dataclass(frozen=True)
class _Context:
    """What an element inherits from those that it stands in."""

    drawn: Drawn
    srs: str | None
    dimension: int

    def _in(self, element: Element) -> _Context:
        own, size = element.get("srsName"), element.get("srsDimension")
        if own:  # also of an element deep inside another: a second CRS in one file is never overlooked
            self.drawn.names.add(own)
        srs = own or self.srs
        dimension = int(size) if size in {"2", "3", "4"} else self.dimension
        return self if (srs, dimension) == (self.srs, self.dimension) else _Context(self.drawn, srs, dimension)

    def shape(self, element: Element) -> Any:
        here = self._in(element)
        if here.srs:
            here.drawn.names.add(here.srs)
        kind = local(element)
        try:
            return here.draw(element, kind)
        except _Unreadable as why:
            return {"type": str(why)}

    def draw(self, element: Element, kind: str) -> Any:
        if kind == "Point":
            return {"type": "Point", "coordinates": self.point(element)}
        if kind in {"LineString", "LinearRing", "Curve", "CompositeCurve", "OrientableCurve", "Ring"}:
            return {"type": "LineString", "coordinates": self.line(element)}
        if kind == "Polygon":
            return {"type": "Polygon", "coordinates": self.polygon(element)}
        if kind in {"Surface", "PolyhedralSurface", "CompositeSurface", "MultiSurface", "MultiPolygon"}:
            parts = self.polygons(element)
            one = kind == "Surface" and len(parts) == 1
            return {"type": "Polygon" if one else "MultiPolygon", "coordinates": parts[0] if one else parts}
        return self._several(element, kind)

    def _several(self, element: Element, kind: str) -> Any:
        if kind == "MultiPoint":
            points = [self._in(p).point(p) for p in _inside(element)]
            return {"type": "MultiPoint", "coordinates": points}
        if kind in {"MultiLineString", "MultiCurve"}:
            return {"type": "MultiLineString", "coordinates": [self._in(e).line(e) for e in _inside(element)]}
        if kind == "MultiGeometry":
            return {"type": "GeometryCollection", "geometries": [self.shape(e) for e in _inside(element)]}
        raise _Unreadable(kind)

    def point(self, element: Element) -> list[Any]:
        if local(element) != "Point":
            raise _Unreadable(f"MultiPoint of {local(element)}")
        places = self.places(element)
        return places[0] if len(places) == 1 else places

    def polygons(self, element: Element) -> list[Any]:
        found: list[Any] = []
        for part in _inside(element):
            name, here = local(part), self._in(part)
            if name in {"Polygon", "PolygonPatch", "Rectangle", "Triangle"}:
                found.append(here.polygon(part))
            elif name in {"Surface", "CompositeSurface", "PolyhedralSurface", "MultiSurface"}:
                found += here.polygons(part)
            else:
                raise _Unreadable(f"{local(element)} of {name}")
        return found

    def polygon(self, element: Element) -> list[Any]:
        outer = [ring for e in children(element, "exterior", "outerBoundaryIs") for ring in self.rings(e)]
        inner = [ring for e in children(element, "interior", "innerBoundaryIs") for ring in self.rings(e)]
        return [outer[0], *inner] if len(outer) == 1 else shapes.Outers(outer, inner)

    def rings(self, boundary: Element) -> list[Any]:
        rings = list(children(boundary, "LinearRing", "Ring"))
        if not rings or len(rings) < len(boundary):
            raise _Unreadable(f"ring of {', '.join(local(e) for e in boundary) or 'nothing'}")
        return [self._in(ring).line(ring) for ring in rings]

    def line(self, element: Element) -> Any:
        """Give the positions of a line, its segments joined; where two do not meet is a gap of the shape."""
        kind = local(element)
        if kind in {"LineString", "LinearRing", "LineStringSegment"} or kind in _ARCS:
            places = self.places(element)
            return self._arc(kind, places) if kind in _ARCS else places
        if kind == "OrientableCurve":
            places = [p for e in _inside(element) for p in self._in(e).line(e)]
            return places[::-1] if element.get("orientation") == "-" else places
        if kind not in {"Curve", "CompositeCurve", "Ring"}:
            raise _Unreadable(kind)
        parts = [self._in(part).line(part) for part in _inside(element)]
        if all(a and b and a[-1] == b[0] for a, b in pairwise(parts)):
            return [p for i, part in enumerate(parts) for p in part[i > 0 :]]
        return _chained(parts)

    def _arc(self, kind: str, places: list[Any]) -> list[Any]:
        numbers = all(isinstance(v, float) and math.isfinite(v) for p in places for v in p)
        if len(places) < 3 or len(places) % 2 == 0 or not numbers or (kind != "ArcString" and len(places) != 3):
            raise _Unreadable(f"{kind} of {len(places)} places")
        made: list[Any] = [places[0][:2]]
        for i in range(0, len(places) - 2, 2):
            made += arc_pieces(*(p[:2] for p in places[i : i + 3]), full=kind == "Circle")[0]
            self.drawn.arcs += 1
        return made

    def places(self, element: Element) -> list[Any]:
        """Give the positions that stand in an element, x first."""
        swap = self._north_first()
        lists = sum(local(e) in {"posList", "coordinates"} for e in element)
        if lists > 1 or (lists and child(element, "pos", "coord") is not None):
            raise _Unreadable(f"{local(element)} with several lists of positions")
        if (listed := child(element, "posList")) is not None:
            size = self._in(listed).dimension or self._axes()
            numbers = xml_text.numbers(listed.text)
            if len(numbers) % size:
                return [[f"{len(numbers)} numbers for places of {size}"] * 2]
            places = [numbers[i : i + size] for i in range(0, len(numbers), size)]
        elif (coordinates := child(element, "coordinates")) is not None:
            return _coordinates(coordinates, swap=swap)
        else:
            places = []
            for part in element:
                name = local(part)
                if name == "pos":
                    places.append(xml_text.numbers(part.text))
                elif name == "coord":
                    places.append([v for axis in part for v in xml_text.numbers(axis.text)])
                elif name in {"pointProperty", "pointRep"}:
                    places += [xml_text.numbers(e.text) for e in part.iter() if local(e) == "pos"]
                elif attribute(part, "href") is not None:
                    raise _Unreadable("xlink to elsewhere, not followed")
        return [[p[1], p[0], *p[2:]] for p in places] if swap and all(len(p) > 1 for p in places) else places

    def _north_first(self) -> bool:
        return bool(self.srs) and crs_of(str(self.srs), "the file")[1]

    def _axes(self) -> int:
        """Give how many numbers a place has where no srsDimension says it: as many as its CRS has axes."""
        return 3 if self.srs and len(crs_of(self.srs, "the file")[0].axis_info) == 3 else 2


_ARCS = {"Arc", "ArcString", "Circle"}
_HOLDS = re.compile(r"(?i).*(members?|segments|patches|baseCurve|baseSurface)$")


def _inside(element: Element) -> Iterable[Element]:
    """Give what stands in the members of an element; a link in place of a member is refused."""
    for part in element:
        if local(part) in SHAPES:
            raise _Unreadable(f"{local(element)} with {local(part)} outside of its members")
        if not _HOLDS.fullmatch(local(part)):
            continue
        if attribute(part, "href") is not None and not len(part):
            raise _Unreadable("xlink to elsewhere, not followed")
        yield from part


def _chained(parts: list[Any]) -> Any:
    """Give the segments of a line that do not all meet; whether that can be mended is judged with the shape."""
    made = shapes.Chain()
    for part in parts:
        try:
            made.append(shapes.positions(list(part)))
        except shapes.BrokenError as broken:
            made.fault = made.fault or broken
            made.append(part)
    return made


def _coordinates(element: Element, *, swap: bool) -> list[Any]:
    """Read a text like 46.1,39.2 46.2,39.2, with the marks that it declares."""
    decimal, between, after = (element.get(n) or d for n, d in (("decimal", "."), ("cs", ","), ("ts", " ")))
    text = element.text or ""
    if between.strip():
        text = re.sub(rf"\s*{re.escape(between)}\s*", between, text)
    tuples = text.split() if not after.strip() else [t for t in text.split(after) if t.strip()]
    places = []
    for token in tuples:
        parts = token.split(between) if between.strip() else token.split()
        place = xml_text.numbers(" ".join(p.strip().replace(decimal, ".") or "-" for p in parts))
        place = place if len(place) <= 3 else [token, token]
        places.append([place[1], place[0], *place[2:]] if swap and len(place) > 1 else place)
    return places
