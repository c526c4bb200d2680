"""Read GML: the features of a collection; links and schemas that lie elsewhere are told, never fetched.

A feature whose shape cannot be drawn is a row with a flaw. The CRS is the one that the shapes name; one file, one CRS.
Knows collections and features; knows nothing of tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hazardmap.errors import CrsError
from hazardmap.intake import counting, layers, xml_text
from hazardmap.intake.curves import told
from hazardmap.intake.gathering import Gathered
from hazardmap.intake.gml_shapes import SHAPES, Drawn, crs_of
from hazardmap.intake.sheet import Flaw, Sheet
from hazardmap.intake.xml_text import attribute, local, text_in

if TYPE_CHECKING:
    from pathlib import Path

    import pyproj

    from hazardmap.intake.xml_text import Element

_MEMBERS = frozenset({"featureMember", "featureMembers", "member"})


def read(path: Path, *, sha256: str, layer: str | None, wanted: str, encoding: str | None = None) -> Sheet:
    """Read the features of one kind from a GML file; when it has several kinds, the one named.

    Raises
    ------
    FileError
        For text that is no XML, is cut short, declares a document type, or has several kinds and none is named.
    CrsError
        When its shapes name several CRSs, or one that PROJ does not know.
    """
    text = xml_text.decoded(path.read_bytes(), path.name, encoding)
    counts = counting.xml_members(text, _MEMBERS)
    name, others = layers.chosen(path.name, counts, layer, wanted)
    drawn, there = Drawn(), Gathered()
    links = 0

    def take(member: Element, above: list[Element]) -> None:
        nonlocal links
        if above and drawn.srs is None:
            drawn.srs, drawn.dimension = _inherited(above[0])
        links += attribute(member, "href") is not None
        for feature in _features(member):
            if local(feature) == name:
                _add(there, feature, drawn)

    xml_text.walk(text, path.name, _MEMBERS, take)
    crs, crs_note = _crs(drawn, path.name)
    notes = [*layers.unread(others), *crs_note]
    if links:
        notes.append(f"{links:,} features are links to elsewhere (xlink), not followed")
    notes += told(drawn.arcs)
    return Sheet(
        name=path.name,
        sha256=sha256,
        kind="GML",
        layer=name,
        cells=there.cells("gml"),
        shapes=there.shapes(),
        flaws=there.flaws,
        faults=there.faults,
        crs=crs,
        counted=counts[name],
        notes=tuple(notes),
    )


def layer_counts(path: Path, encoding: str | None) -> dict[str, int]:
    """Give the kinds of features, with their rows."""
    return counting.xml_members(xml_text.decoded(path.read_bytes(), path.name, encoding), _MEMBERS)


def _features(member: Element) -> list[Element]:
    """Give the features in a member; a collection in it is opened."""
    found: list[Element] = []
    for part in member:
        if local(part) == "FeatureCollection":
            found += [f for m in part if local(m) in _MEMBERS for f in _features(m)]
        else:
            found.append(part)
    return found


def _inherited(root: Element) -> tuple[str | None, int]:
    """Give the srsName and the dimension that the box of the whole collection states."""
    for bounds in root:
        if local(bounds) == "boundedBy":
            for box in bounds:
                size = box.get("srsDimension")
                return box.get("srsName"), int(size) if size in {"2", "3"} else 0
    return None, 0


def _add(there: Gathered, feature: Element, drawn: Drawn) -> None:
    given: list[tuple[str, Any]] = []
    shapes: list[tuple[str, Any]] = []
    own: dict[str, Any] = {}
    if (identity := attribute(feature, "id") or attribute(feature, "fid")) is not None:
        own["gml_id"] = identity
    for part in feature:
        name = local(part)
        if name == "boundedBy":
            continue
        drawing = [e for e in part if local(e) in SHAPES]
        if drawing:
            shapes += [(name, drawn.shape(e)) for e in drawing]
        elif len(part):
            given += [(f"{name}.{local(e)}" if e is not part else name, text_in(e)) for e in part.iter() if not len(e)]
        elif (link := attribute(part, "href")) is not None:
            given.append((name, link))
        else:
            given.append((name, text_in(part)))
    drawings = [shape for _, shape in shapes]
    one = drawings[0] if len(drawings) == 1 else {"type": "GeometryCollection", "geometries": drawings}
    at = len(there.rows)
    there.add(given, own, one if drawings else None)
    if len(shapes) > 1:  # which is meant the file does not say: the most that it can mean is all of them
        most, flaw = there.found[at], there.flaws.get(at)
        there.found[at] = None
        there.flaws[at] = Flaw(
            f"{len(shapes)} shapes ({', '.join(n for n, _ in shapes[:5])})",
            "one shape a row",
            flaw.entered if flaw else most.wkt,
            draft=flaw.draft if flaw else most,
        )


def _crs(drawn: Drawn, file: str) -> tuple[pyproj.CRS | None, list[str]]:
    if not drawn.names:
        return None, []
    found = {name: crs_of(name, file) for name in sorted(drawn.names)}
    if len({crs.to_wkt() for crs, _ in found.values()}) > 1:
        raise CrsError(
            f"{file} names several CRSs: {', '.join(found)}"[:300], "one CRS for one file", "export it in one CRS"
        )
    notes = [
        f"its srsName {name[:60]} is the short form: numbers are read x (longitude, easting) first"
        for name, (_, north_first) in found.items()
        if not north_first and "urn:" not in name and "/def/" not in name
    ]
    if any(north_first for _, north_first in found.values()):
        notes.append("its srsName says latitude (northing) first: read so")
    return next(iter(found.values()))[0], notes
