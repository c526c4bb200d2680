"""A day as GPX 1.1 for hand-held receivers: boundaries as tracks, turning points as numbered waypoints.

GPX has no areas, so which side of a track is hazardous stands in its description. Names are short and in capital Latin
letters; the whole name is in `cmt` and `desc`. Ground without a record has no boundary of its own and is left out.
Makes no save atomic: that is `writing`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

import numpy as np
import shapely

from hazardmap import measure
from hazardmap.errors import FileError
from hazardmap.exporting.markup import element, in_xml
from hazardmap.exporting.numbers import DEGREE_DIGITS, points_of, rounded, texts
from hazardmap.exporting.turning import NAME_HOLDS, short_names, turning_points

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from hazardmap.exporting.product import Layer, Product

    Array = NDArray[Any]

NAMESPACE = "http://www.topografix.com/GPX/1/1"
OURS = "https://hazardmap.invalid/export/1"
RECEIVER = (
    "A hand-held receiver is itself several metres off, more under trees and between walls. Keep the accuracy of the"
    " record and that of the receiver away from every boundary. Work by the marking on the ground."
)
INSIDE = "Closed track: the ground named lies inside it, unless it is a hole, which is said."
#: Letters before the number of a piece of ground.
_GROUND = {
    "confirmed_open": "CHA",
    "suspected_open": "SHA",
    "in_question": "Q",
    "not_handed_over": "NHO",
    "cancelled": "X",
    "reduced": "R",
    "cleared": "CL",
    "surveyed": "SV",
}
_FLAG, _DANGER = "Flag, Red", "Danger Area"
_ROOM = 9
#: Receivers hold about so many waypoints.
MANY = 2000


@dataclass(frozen=True)
class Track:
    """The boundary of one feature: its rings, and what is told of it."""

    name: str
    label: str
    told: str
    rings: tuple[Array, ...]
    inner: tuple[bool, ...]
    digits: int
    numbered: bool


def write_gpx(path: Path, product: Product) -> None:
    """Write a GPX document into a file that does not exist yet."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(document(product))


def document(product: Product) -> Iterator[str]:
    """Give the document piece by piece, in the order that GPX 1.1 asks: metadata, waypoints, tracks."""
    told = product.imprint
    made, used = tracks(product), set[str]()
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<gpx version="1.1" creator="{in_xml(told.texts()["written_by"])}" xmlns="{NAMESPACE}" xmlns:hm="{OURS}">\n'
    )
    yield f"<metadata>{element('name', told.title)}"
    yield element("desc", "\n".join((*told.lines, RECEIVER, INSIDE)))
    yield element("keywords", "fictitious" if told.fictitious else "internal")
    yield _bounds(product)
    lost = "".join(f"<hm:without_place>{in_xml(str(v))}</hm:without_place>" for v in product.nowhere["id"])
    yield (f"<extensions>{lost}</extensions>" if lost else "") + "</metadata>\n"
    for track in made:
        if track.numbered:
            yield from _numbered(track, used)
    yield from waymarks(product, used)
    for track in made:
        yield _track(track)
    yield "</gpx>\n"


def _bounds(product: Product) -> str:
    boxes = [layer.frame.total_bounds for layer in product.layers if len(layer)]
    if not boxes:
        return ""
    west, south, east, north = np.vstack(boxes).T
    return (
        f'<bounds minlat="{south.min():.8f}" minlon="{west.min():.8f}" maxlat="{north.max():.8f}"'
        f' maxlon="{east.max():.8f}"/>'
    )


def drawn(layer: Layer) -> Array:
    """Say which features of a layer have a boundary or a place of their own."""
    if layer.what == "ground":
        return np.asarray(layer.frame["state"].ne("no_record").to_numpy())
    return np.ones(len(layer), dtype=bool)


def tracks(product: Product) -> list[Track]:
    """Give the boundary of every feature that has one; turning points are numbered on hazards, else on the ground."""
    numbered = "hazards" if any(layer.what == "hazards" and len(layer) for layer in product.layers) else "ground"
    used: set[str] = set()
    found = []
    # Ids of records keep their own letters, so they come first.
    for layer in sorted(product.layers, key=lambda layer: layer.what == "ground"):
        found += _tracks(layer, used, numbered=layer.what == numbered)
    return found


def _tracks(layer: Layer, used: set[str], *, numbered: bool) -> list[Track]:
    frame = layer.frame[drawn(layer)]
    values = frame.geometry.to_numpy()
    lined = ~np.isin(shapely.get_type_id(values), (0, 4))
    frame, values = frame[lined], values[lined]
    if frame.empty:
        return []
    step = measure.edge_step_deg(float(np.abs(shapely.total_bounds(values)[[1, 3]]).max()))
    shapes, digits = rounded(measure.divided(values, step), DEGREE_DIGITS)
    if layer.what == "ground":
        number = (np.arange(len(frame)) + 1).astype(str)
        names = short_names(frame["state"].map(_GROUND) + number, room=_ROOM, taken=used)
    else:
        names = short_names(texts(frame["id"], "id"), room=_ROOM, taken=used)
    label, said = texts(frame["label"], "text"), texts(frame["sign_in_words"], "text")
    note = _notes(layer, frame)
    parts, part_of = shapely.get_parts(shapes, return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    inner = np.r_[False, ring_of[1:] == ring_of[:-1]] if len(rings) else np.zeros(0, dtype=bool)
    owner = part_of[ring_of]
    found: list[list[tuple[Any, bool]]] = [[] for _ in range(len(frame))]
    for ring, hole, mine in zip(rings, inner.tolist(), owner.tolist(), strict=True):
        found[mine].append((ring, hole))
    return [
        Track(
            name=names[i],
            label=label[i],
            told=f"{layer.title}: {said[i]}. {note[i]}",
            rings=tuple(np.asarray(r.coords) for r, _ in found[i]),
            inner=tuple(h for _, h in found[i]),
            digits=int(digits[i]),
            numbered=numbered,
        )
        for i in range(len(frame))
    ]


def _notes(layer: Layer, frame: Any) -> list[str]:
    """Tell the accuracy of each record, which a receiver's own comes on top of."""
    if "accuracy_m" not in layer.kinds:
        return [""] * len(frame)
    return [
        f"Accuracy {m:g} m, {how}."
        for m, how in zip(frame["accuracy_m"].tolist(), frame["accuracy_is"].tolist(), strict=True)
    ]


def _numbered(track: Track, used: set[str]) -> Iterator[str]:
    """Give the turning points of a boundary, numbered through all its rings; their names join those used."""
    places = _turns(track)
    number = 0
    for ring, turns, hole in zip(track.rings, places, track.inner, strict=True):
        for x, y in ring[turns].tolist():
            number += 1
            which = f"{track.label}: turning point {number}{' (of a hole)' if hole else ''}"
            used.add(name := f"{track.name}-{number}")
            yield _waypoint(x, y, track.digits, name, which, track.told, _FLAG, "turning point")


def _turns(track: Track) -> list[Array]:
    return turning_points(np.array([shapely.LinearRing(r) for r in track.rings], dtype=object))


def waymarks(product: Product, used: set[str]) -> list[str]:
    """Give a waypoint for each place of a layer of points, under names that are not used yet."""
    found = []
    for layer in product.layers:
        shapes = layer.frame.geometry.to_numpy()
        rows = np.flatnonzero(np.isin(shapely.get_type_id(shapes), (0, 4)))
        if not len(rows):
            continue
        frame = layer.frame.iloc[rows]
        names = short_names(texts(frame["id"], "id"), room=NAME_HOLDS, taken=used)
        said, notes = texts(frame["sign_in_words"], "text"), _notes(layer, frame)
        for name, label, words, note, shape in zip(
            names, texts(frame["label"], "text"), said, notes, shapes[rows], strict=True
        ):
            told = f"{layer.title}: {words}. {note}"
            found += [
                _waypoint(x, y, DEGREE_DIGITS, name, f"{label}: {words}", told, _DANGER, layer.name)
                for x, y in points_of(shape)
            ]
    return found


def _waypoint(
    longitude: float, latitude: float, digits: int, name: str, comment: str, told: str, sign: str, kind: str
) -> str:
    return (
        f'<wpt lat="{latitude:.{digits}f}" lon="{longitude:.{digits}f}">{element("name", name)}'
        f"{element('cmt', comment)}{element('desc', told)}{element('sym', sign)}{element('type', kind)}</wpt>\n"
    )


def _track(track: Track) -> str:
    segments = "".join(
        "<trkseg>"
        + "".join([f'<trkpt lat="{y:.{track.digits}f}" lon="{x:.{track.digits}f}"/>' for x, y in ring.tolist()])
        + "</trkseg>"
        for ring in track.rings
    )
    holes = [i + 1 for i, hole in enumerate(track.inner) if hole]
    told = f"{track.told} Holes: segments {', '.join(map(str, holes))}." if holes else track.told
    return f"<trk>{element('name', track.name)}{element('cmt', track.label)}{element('desc', told)}{segments}</trk>\n"


def check_gpx(path: Path, product: Product) -> None:
    """Read a document back: every boundary with every vertex, and every waypoint.

    Raises
    ------
    FileError
        When something is missing.
    """
    made = tracks(product)
    expected = {
        "trk": len(made),
        "trkpt": sum(len(r) for t in made for r in t.rings),
        "wpt": len(waymarks(product, set())) + sum(len(v) for t in made if t.numbered for v in _turns(t)),
    }
    found = dict.fromkeys(expected, 0)

    def count(name: str, _: dict[str, str]) -> None:
        if name in found:
            found[name] += 1

    parser = expat.ParserCreate()
    parser.StartElementHandler = count
    with path.open("rb") as file:
        parser.ParseFile(file)
    if found != expected:
        raise FileError(
            f"what was written does not read back: {found}",
            f"{expected} tracks and points",
            "save again, or elsewhere; what was there is as it was",
        )


def waypoints_of(path: Path) -> int:
    """Count the waypoints of a file: receivers hold only so many."""
    with path.open("rb") as file:
        return sum(line.startswith(b"<wpt ") for line in file)
