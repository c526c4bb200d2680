"""A day as KML 2.2 and KMZ: for Google Earth, and for phone apps that draw lines alone.

Fill is the state of the ground, outline the status of the hazard (TN 07.11/01). KML has no hatches, so each ground
bears its letters. Boundaries stand in the file twice, as areas and as lines, because some apps ignore areas. One day,
no slider: Google Earth hides what lies outside its slider, and a hazard must not vanish by a slip of a finger; days are
told in the balloons. Makes no save atomic: that is `writing`'s.
"""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

import numpy as np
import shapely

from hazardmap import measure
from hazardmap.errors import FileError
from hazardmap.exporting.icons import picture, picture_of
from hazardmap.exporting.markup import element, in_html, in_xml, table
from hazardmap.exporting.numbers import DEGREE_DIGITS, lines_of, points_of, rings_of, rounded, texts
from hazardmap.exporting.product import NOWHERE, NOWHERE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from hazardmap.exporting.product import Layer, Product
    from hazardmap.maps.symbols import Symbol

DOCUMENT = "doc.kml"
LINES = "boundaries_as_lines"
LETTERS = "letters"
#: Programs on phones and desks are told to have trouble with more features.
MANY = 20_000
#: More letters than this are in the file, but not shown until somebody ticks them: they would cover the screen.
_LETTERS_SHOWN = 2000
_OPEN = "#000000"
_WIDTH = 1.5
_FEW = 1 << 20


def write_kml(path: Path, product: Product) -> None:
    """Write a KML document into a file that does not exist yet."""
    with path.open("wb") as file:
        _write(file, product, icons=False)


def write_kmz(path: Path, product: Product) -> None:
    """Write a KMZ: a zip archive with the document in it; the same content gives the same bytes."""
    marks = {s.mark for layer in product.layers for s in layer.signs.values() if s.mark}
    with zipfile.ZipFile(path, "w") as archive:
        # Not as ZIP64, which Google's own reader of KMZ (libkml) does not know; a document of 2 GB is refused so.
        with archive.open(_entry(DOCUMENT), "w") as file:
            _write(file, product, icons=True)
        for mark in sorted(marks):
            archive.writestr(_entry(picture_of(mark)), picture(mark))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _write(file: Any, product: Product, *, icons: bool) -> None:
    with io.TextIOWrapper(io.BufferedWriter(_Kept(file), _FEW), encoding="utf-8", newline="\n") as stream:
        stream.writelines(document(product, icons=icons))


class _Kept(io.RawIOBase):
    """Pass bytes on, and leave closing to the owner of the file."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.file.write(data)
        return len(data)


def document(product: Product, *, icons: bool = False) -> Iterator[str]:
    """Give the document piece by piece; `icons`: its pictures lie beside it in an archive."""
    told = product.imprint
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'
    yield element("name", told.title) + "<open>1</open>"
    about = "".join(f"<p>{in_html(line)}</p>" for line in told.lines)
    yield f'<Snippet maxLines="2">{in_xml(told.disclaimer)}</Snippet>'
    yield element("description", about + _legend(product)) + "\n"
    yield from _styles(product, icons=icons)
    for layer in product.layers:
        yield from _layer(layer, product)
    for layer in product.layers:
        yield from _boundaries(layer)
    yield from _letters(product)
    yield from _nowhere(product)
    yield "</Document>\n</kml>\n"


def _legend(product: Product) -> str:
    rows = []
    for layer in product.layers:
        met = set(layer.frame["sign"])
        rows += [
            f'<tr><td style="background:{s.fill or "#ffffff"};border:3px solid {s.outline or s.fill or "#c9c9c9"}">'
            f"&nbsp;&nbsp;&nbsp;</td><td>{in_html(layer.title)}: {in_html(s.label)}</td></tr>"
            for code, s in layer.signs.items()
            if code in met
        ]
    return f"<table>{''.join(rows)}</table>"


def colour(css: str, opacity: float = 1.0) -> str:
    """Give a colour as KML has it: alpha, blue, green, red.

    Examples
    --------
    >>> colour("#f4a718", 0.5)
    '8018a7f4'
    """
    red, green, blue = css[1:3], css[3:5], css[5:7]
    return f"{round(opacity * 255):02x}{blue}{green}{red}".lower()


def _styles(product: Product, *, icons: bool) -> Iterator[str]:
    # The balloon shows the description alone: a name is not made plain by Google Earth when it fills in a template.
    balloon = "<BalloonStyle><text>$[description]</text></BalloonStyle>"
    for layer in product.layers:
        for code, sign in layer.signs.items():
            drawn = f"{_icon(sign, icons)}{_line(sign)}{_fill(layer, sign)}"
            yield f'<Style id="s-{layer.name}-{code}">{drawn}{balloon}</Style>\n'
    yield (
        f'<Style id="s-{LETTERS}"><IconStyle><scale>0</scale></IconStyle>'
        f"<LabelStyle><scale>0.8</scale></LabelStyle>{balloon}</Style>\n"
        f'<Style id="s-{NOWHERE}">{balloon}</Style>\n'
    )


def _icon(sign: Symbol, icons: bool) -> str:  # noqa: FBT001
    """Give the mark of a point: a picture inside the KMZ, else the program's own pin; nothing is fetched."""
    if not sign.mark:
        return ""
    picture = f"<Icon><href>{picture_of(sign.mark)}</href></Icon>" if icons else ""
    return (
        f"<IconStyle><color>{colour(sign.fill or _OPEN)}</color><scale>1</scale>{picture}"
        "</IconStyle><LabelStyle><scale>0.8</scale></LabelStyle>"
    )


def _line(sign: Symbol) -> str:
    css = sign.outline or sign.hatch_colour or sign.fill or _OPEN
    return (
        f"<LineStyle><color>{colour(css)}</color><width>{sign.width if sign.outline else _WIDTH:g}</width></LineStyle>"
    )


def _fill(layer: Layer, sign: Symbol) -> str:
    if layer.what != "ground":
        return "<PolyStyle><fill>0</fill><outline>1</outline></PolyStyle>"
    if not sign.fill:  # ground without a record: its edge in grey, and nothing that hides what lies below
        return f"<PolyStyle><color>{colour('#c9c9c9', 0.15)}</color><fill>1</fill><outline>1</outline></PolyStyle>"
    return f"<PolyStyle><color>{colour(sign.fill, sign.opacity)}</color><fill>1</fill><outline>1</outline></PolyStyle>"


def _layer(layer: Layer, product: Product) -> Iterator[str]:
    """Give a folder of a layer, with a folder for each sign, worst first."""
    yield f'<Folder id="{layer.name}">{element("name", layer.title)}<open>1</open>\n'
    frame = layer.frame
    order = {code: i for i, code in enumerate(layer.signs)}
    rows = np.argsort(frame["sign"].map(order).to_numpy(dtype=np.int64), kind="stable")
    shapes, digits = _shapes(layer)
    columns = {c: texts(frame[c], k) for c, k in layer.kinds.items()}
    sign, label, said = (texts(frame[c], "text") for c in ("sign", "label", "sign_in_words"))
    names = texts(frame["id"], "text")
    foot = in_xml(_foot(product))
    folder = None
    for i in rows.tolist():
        if sign[i] != folder:
            yield ("</Folder>\n" if folder else "") + f"<Folder>{element('name', _titled(layer, sign[i]))}\n"
            folder = sign[i]
        told = [(c, v[i]) for c, v in columns.items() if v[i]]
        head = f"<b>{in_html(label[i])}</b><br>{in_html(said[i])}"
        data = "".join(f'<Data name="{c}">{element("value", v)}</Data>' for c, v in told)
        yield (
            f'<Placemark>{element("name", label[i])}<Snippet maxLines="0"></Snippet><description>'
            f"{in_xml(head + table(told))}{foot}</description><styleUrl>#s-{layer.name}-{sign[i]}</styleUrl>"
            f'<ExtendedData><Data name="id">{element("value", names[i])}</Data>'
            f'<Data name="sign_in_words">{element("value", said[i])}</Data>{data}</ExtendedData>'
            f"{geometry(shapes[i], int(digits[i]))}</Placemark>\n"
        )
    yield ("</Folder>\n" if folder else "") + "</Folder>\n"


def _titled(layer: Layer, sign: str) -> str:
    label = layer.signs[sign].label
    return label if layer.what == "ground" else f"{layer.title.partition(' (')[0]}: {label}"


def _foot(product: Product) -> str:
    told = product.imprint
    lines = (told.mark, f"{told.on}, data as of {told.as_of}, source: {told.sources}", told.disclaimer)
    return "".join(f"<br>{in_html(line)}" for line in lines if line)


def _shapes(layer: Layer) -> tuple[Any, Any]:
    """Give the shapes with edges short enough for any program that bends them otherwise, and rounded."""
    values = layer.frame.geometry.to_numpy()
    if not len(values):
        return values, np.zeros(0, dtype=np.int64)
    step = measure.edge_step_deg(float(np.abs(shapely.total_bounds(values)[[1, 3]]).max()))
    return rounded(measure.divided(values, step), DEGREE_DIGITS)


def _boundaries(layer: Layer) -> Iterator[str]:
    """Give the edges of areas once more, as lines."""
    shapes, digits = _shapes(layer)
    areas = np.flatnonzero(np.isin(shapely.get_type_id(shapes), (3, 6)))
    if not len(areas):
        return
    title = f"{layer.title}: boundaries as lines, for apps that draw no areas"
    yield f'<Folder id="{LINES}-{layer.name}">{element("name", title)}\n'
    sign, label = (texts(layer.frame[c], "text") for c in ("sign", "label"))
    said = texts(layer.frame["sign_in_words"], "text")
    for i in areas.tolist():
        lines = [_line_string(line, int(digits[i])) for line in lines_of(shapes[i])]
        yield (
            f'<Placemark>{element("name", label[i])}<Snippet maxLines="0"></Snippet>'
            f"{element('description', f'<b>{in_html(label[i])}</b><br>{in_html(said[i])}')}"
            f"<styleUrl>#s-{layer.name}-{sign[i]}</styleUrl>{_several(lines)}</Placemark>\n"
        )
    yield "</Folder>\n"


def _letters(product: Product) -> Iterator[str]:
    """Give the letters of each ground at a place inside it: colours alone fail colour-blind readers."""
    grounds = [layer for layer in product.layers if layer.what == "ground"]
    if not grounds or not len(grounds[0]):
        return
    frame = grounds[0].frame[grounds[0].frame["state"].ne("no_record")]
    shown = int(len(frame) <= _LETTERS_SHOWN)
    places = shapely.point_on_surface(frame.geometry.to_numpy())
    yield f'<Folder id="{LETTERS}">{element("name", "Letters of the ground")}<visibility>{shown}</visibility>\n'
    mark = "FICTITIOUS " if product.imprint.fictitious else ""
    for label, place in zip(texts(frame["label"], "text"), places, strict=True):
        yield (
            f"<Placemark>{element('name', mark + label)}<visibility>{shown}</visibility>"
            '<Snippet maxLines="0"></Snippet>'
            f"{element('description', in_html(mark + label))}<styleUrl>#s-{LETTERS}</styleUrl>"
            f"{geometry(place, DEGREE_DIGITS)}</Placemark>\n"
        )
    yield "</Folder>\n"


def _nowhere(product: Product) -> Iterator[str]:
    """List what has no place: rows in the list, nothing on the ground."""
    if product.nowhere.empty:
        return
    title = f"Without a place: {len(product.nowhere):,}; not drawn"
    told = element("description", in_html(product.imprint.lost))
    yield f'<Folder id="{NOWHERE}">{element("name", title)}{told}\n'
    columns = {c: texts(product.nowhere[c], _kind(c)) for c in NOWHERE_COLUMNS}
    for row in zip(*columns.values(), strict=True):
        rows = [(c, v) for c, v in zip(columns, row, strict=True) if v]
        data = "".join(f'<Data name="{c}">{element("value", v)}</Data>' for c, v in rows)
        yield (
            f'<Placemark>{element("name", row[0])}<Snippet maxLines="0"></Snippet>{element("description", table(rows))}'
            f"<styleUrl>#s-{NOWHERE}</styleUrl><ExtendedData>{data}</ExtendedData></Placemark>\n"
        )
    yield "</Folder>\n"


def _kind(column: str) -> str:
    return "date" if column == "date_of_information" else "text"


def geometry(shape: Any, digits: int) -> str:
    """Give a shape as KML, laid on the ground.

    Examples
    --------
    >>> import shapely
    >>> geometry(shapely.Point(47, 40), 8)
    '<Point><coordinates>47.00000000,40.00000000</coordinates></Point>'
    """
    kind = shapely.get_type_id(shape)
    if kind in {3, 6}:
        return _several([_polygon(rings, digits) for rings in rings_of(shape)])
    if kind in {0, 4}:
        places = [f"{x:.{digits}f},{y:.{digits}f}" for x, y in points_of(shape)]
        return _several([f"<Point><coordinates>{p}</coordinates></Point>" for p in places])
    parts = [] if kind in {1, 2, 5} else [geometry(p, digits) for p in shapely.get_parts(shape)]
    return _several(parts or [_line_string(line, digits) for line in lines_of(shape)])


def _several(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"<MultiGeometry>{''.join(parts)}</MultiGeometry>"


def _polygon(rings: list[Any], digits: int) -> str:
    inner = "".join(f"<innerBoundaryIs>{_ring(r, digits)}</innerBoundaryIs>" for r in rings[1:])
    return (
        "<Polygon><tessellate>1</tessellate><altitudeMode>clampToGround</altitudeMode>"
        f"<outerBoundaryIs>{_ring(rings[0], digits)}</outerBoundaryIs>{inner}</Polygon>"
    )


def _ring(ring: Any, digits: int) -> str:
    return f"<LinearRing><coordinates>{_coordinates(ring, digits)}</coordinates></LinearRing>"


def _line_string(line: Any, digits: int) -> str:
    return (
        "<LineString><tessellate>1</tessellate><altitudeMode>clampToGround</altitudeMode>"
        f"<coordinates>{_coordinates(line, digits)}</coordinates></LineString>"
    )


def _coordinates(line: Any, digits: int) -> str:
    return " ".join([f"{x:.{digits}f},{y:.{digits}f}" for x, y in line.tolist()])


def check_kml(path: Path, product: Product) -> None:
    """Read a document back: every feature in its folder, and every turning point.

    Raises
    ------
    FileError
        When something is missing.
    """
    with path.open("rb") as file:
        _check(file, product)


def check_kmz(path: Path, product: Product) -> None:
    """Read an archive back as `check_kml` reads a document."""
    with zipfile.ZipFile(path) as archive, archive.open(DOCUMENT) as file:
        _check(file, product)


def _check(file: Any, product: Product) -> None:
    counted = _Counter()
    counted.read(file)
    expected = {layer.name: (len(layer), _places(layer)) for layer in product.layers if len(layer)}
    if len(product.nowhere):
        expected[NOWHERE] = (len(product.nowhere), 0)
    if {k: v for k, v in counted.found.items() if k in expected} != expected:
        raise FileError(
            f"what was written does not read back: {counted.found}",
            f"{expected} features and places",
            "save again, or elsewhere; what was there is as it was",
        )


def _places(layer: Layer) -> int:
    shapes, _ = _shapes(layer)
    return int(shapely.get_num_coordinates(shapes).sum())


class _Counter:
    """Count features and places by the folder that they stand in."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[int, int]] = {}
        self.folders: list[str] = []
        self.inside = False
        self.places = 0

    def read(self, file: Any) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = False
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.ParseFile(file)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Folder":
            self.folders.append(attributes.get("id", self.folders[-1] if self.folders else ""))
        elif name == "Placemark":
            self._add(1, 0)
        self.inside = name == "coordinates"

    def _end(self, name: str) -> None:
        if name == "Folder":
            self.folders.pop()
        elif name == "coordinates":
            self.inside = False

    def _text(self, text: str) -> None:
        if self.inside:
            self._add(0, text.count(","))

    def _add(self, features: int, places: int) -> None:
        now = self.found.get(self.folders[-1], (0, 0))
        self.found[self.folders[-1]] = now[0] + features, now[1] + places
