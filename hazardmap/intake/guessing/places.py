"""Where the rows of a table without shapes may lie: which columns say it, by name and by what they hold.

The datum is never proposed: no column says it. Knows values and names of columns; reads no coordinate.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hazardmap.intake.guessing.fitting import percent
from hazardmap.intake.guessing.proposal import shown
from hazardmap.words import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hazardmap.intake.guessing.contents import Content

_X = (
    *("x", "lon", "long", "lng", "longitude", "easting", "east", "xcoord", "point x", "coord x", "x coord"),
    *("долгота", "довгота", "uzunluq", "boylam", "longitud", "geografska dužina", "خط الطول"),
)
_Y = (
    *("y", "lat", "latitude", "northing", "north", "ycoord", "point y", "coord y", "y coord"),
    *("широта", "enlik", "enlem", "latitud", "geografska širina", "خط العرض"),
)
_TEXT = (
    *(
        "mgrs",
        "utm",
        "coordinates",
        "coordinate",
        "coords",
        "position",
        "grid reference",
        "grid ref",
        "user entered mgrs",
    ),
    *(
        "координаты",
        "координати",
        "koordinat",
        "koordinatlar",
        "coordonnées",
        "coordenadas",
        "koordinate",
        "الإحداثيات",
    ),
)
_VERTEX = (
    *("vertex", "vertex no", "point no", "pointno", "tp", "turning point", "tp no", "corner", "seq"),
    *("точка", "номер точки", "вершина", "nöqtə", "point", "sommet", "vértice", "tačka", "النقطة"),
)
_BEARING = ("bearing", "azimuth", "азимут", "azimut", "rumbo", "السمت")
_DISTANCE = ("distance", "length", "расстояние", "відстань", "məsafə", "distancia", "udaljenost", "المسافة")
_WKT = re.compile(
    r"\s*(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|POLYGON|LINESTRING|GEOMETRYCOLLECTION)\s*(?:Z|M|ZM)?\s*(?:\(|EMPTY)",
    re.IGNORECASE,
)
_MGRS = re.compile(r"\s*\d{1,2}\s*[C-HJ-NP-X]\s*[A-HJ-NP-Z]{2}\s*(?:\d\s*){2,10}", re.IGNORECASE)
_DEGREES = re.compile(r"(?=.*\d)(?=.*[°ºNSEWСЮВЗ]).*\d+[^\d]+\d+.*", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """What may say where the rows lie: key of ``position`` → column; why; what is open; a decimal mark to confirm."""

    keys: dict[str, str] = field(default_factory=dict)
    why: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    decimal: str = ""


def place(seen: Sequence[Content]) -> Place:
    """Propose the position of a table, by WKT, legs, one text or two columns, in this order.

    Examples
    --------
    >>> from hazardmap.intake.guessing.contents import Content
    >>> place([Content("lon", ["46.9", "46.8"]), Content("lat", ["39.9", "39.8"])]).keys
    {'x': 'lon', 'y': 'lat'}
    """
    wkt = [c for c in seen if c.filled and _share(c, _WKT) > 0.5]
    if wkt:
        told = f"{percent(_share(wkt[0], _WKT))} of its values are WKT"
        return Place({"wkt": wkt[0].name}, (told,), _others("wkt", wkt))
    bearing, distance = _named(seen, _BEARING), _named(seen, _DISTANCE)
    if bearing and distance:
        told = f"columns {shown(bearing[0].name, 40)} and {shown(distance[0].name, 40)}: rows are legs"
        return Place(
            {"traverse": ""}, (told,), ("rows are legs: name their columns as the help of hazardmap traverse says",)
        )
    found = _points(seen)
    return _with_vertices(found, seen) if found.keys else found


def _points(seen: Sequence[Content]) -> Place:
    for text in seen:
        share = _share(text, _MGRS)
        if text.filled and share > 0.5:
            return Place({"coordinates": text.name}, (f"{percent(share)} of its values look like MGRS",))
    x, y = _named(seen, _X), _named(seen, _Y)
    if len(x) == len(y) == 1:
        return _pair(x[0], y[0])
    if x and y:
        told = f"several columns may be x and y: {', '.join(shown(c.name, 40) for c in (*x, *y))}"
        return Place({}, (), (told,))
    texts = [c for c in _named(seen, _TEXT) if c.filled and _share(c, _DEGREES) > 0.5]
    if texts:
        return Place({"coordinates": texts[0].name}, ("by its name, and its values look like positions",))
    return Place({}, (), ("no column was found that says where the rows lie",))


def _pair(x: Content, y: Content) -> Place:
    told = [f"{shown(x.name, 40)} and {shown(y.name, 40)}, by their names"]
    doubts = []
    if x.numbers and y.numbers:
        wide, high = max(map(abs, x.numbers)), max(map(abs, y.numbers))
        told.append(f"{min(x.numbers):g} to {max(x.numbers):g} and {min(y.numbers):g} to {max(y.numbers):g}")
        if high > 90 >= wide and high <= 180:
            doubts.append(f"{shown(y.name, 40)} has values over 90, which no latitude has: are the two exchanged?")
        elif wide > 360 or high > 90:
            doubts.append(
                "the positions are no degrees: state the crs of these numbers, e.g. EPSG:32638, in place of a datum"
            )
    commas = [c for c in (x, y) if c.share(c.with_comma) > 0.5]
    if commas:
        doubts.append(f"numbers with commas, as in {shown(next(iter(commas[0].texts)), 20)}: say what the comma is")
    return Place({"x": x.name, "y": y.name}, tuple(told), tuple(doubts), "," if commas else "")


def _with_vertices(found: Place, seen: Sequence[Content]) -> Place:
    """Look whether rows are turning points: a number of the point, and an id that several rows share."""
    free = [c for c in seen if c.name not in found.keys.values()]
    vertex = _named(free, _VERTEX)
    owners = [c for c in free if c.filled == c.rows >= 3 * max(c.different, 1) and c not in vertex]
    if len(vertex) != 1 or not owners:
        return found
    best = max(owners, key=lambda c: c.different)
    alike = [c for c in owners if c.different == best.different]
    keys = {**found.keys, "vertices_of": best.name, "vertex": vertex[0].name}
    told = f"{shown(vertex[0].name, 40)} numbers turning points: {best.different:,} values of {shown(best.name, 40)}"
    told += f" stand in {best.rows:,} rows"
    if len(alike) > 1:
        doubt = f"several columns may be the id of the polygon: {', '.join(shown(c.name, 40) for c in alike)}"
        return dataclasses.replace(found, open=(*found.open, doubt))
    return dataclasses.replace(found, keys=keys, why=(*found.why, told))


def _named(seen: Sequence[Content], known: tuple[str, ...]) -> list[Content]:
    folded = {fold(n) for n in known}
    return [c for c in seen if fold(c.name) in folded]


def _share(seen: Content, form: re.Pattern[str]) -> float:
    return seen.share(sum(rows for text, rows in seen.texts.items() if form.match(text[:200])))


def _others(key: str, found: list[Content]) -> tuple[str, ...]:
    return (f"several columns may be {key}: {', '.join(shown(c.name, 40) for c in found)}",) if len(found) > 1 else ()
