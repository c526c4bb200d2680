"""A day as a DXF drawing in a stated plane of metres: ground as fills by state, outlines as closed lines, and labels.

A layer for each sign, in its colour. The CRS, the days and the disclaimer stand in the drawing as a note, in its
properties and as comments, because DXF itself knows no CRS. Needs ezdxf. Makes no save atomic: that is `writing`'s.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hazardmap.errors import FileError
from hazardmap.exporting.numbers import lines_of, points_of, rings_of, rounded, texts
from hazardmap.exporting.product import NOWHERE
from hazardmap.exporting.reference import extent, scale_told
from hazardmap.sheets.cells import clean

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from hazardmap.exporting.product import Layer, Product
    from hazardmap.exporting.reference import Carried
    from hazardmap.maps.symbols import Symbol

    Array = NDArray[Any]

APPLICATION = "HAZARDMAP"
NOTE, FONT = "HM_NOTE", "HM_TEXT"
#: Bytes that one text of extended data holds.
_DATA_HOLDS = 240
_LABEL_HOLDS = 120
_SMALLEST_M, _LARGEST_M = 1.0, 25.0


def needed() -> Any:
    """Give ezdxf, or say how to get it.

    Raises
    ------
    FileError
        When it is not installed.
    """
    try:
        import ezdxf  # noqa: PLC0415 (an extra)
    except ImportError:
        raise FileError(
            "DXF needs ezdxf, which is not installed", "the extra dxf", 'pip install "hazardmap[dxf]"'
        ) from None
    return ezdxf


def layer_of(layer: Layer, sign: str) -> str:
    """Give the name of the drawing's layer for a sign."""
    return f"HM_{layer.name}_{sign}".upper()


def write_dxf(path: Path, product: Product, carried: Carried) -> None:
    """Write a drawing into a file that does not exist yet."""
    ezdxf = needed()
    drawing = ezdxf.new("R2010", setup=["linetypes"])
    drawing.units = ezdxf.units.M
    drawing.appids.add(APPLICATION)
    drawing.styles.add(FONT, font="arial.ttf")  # the usual one has neither Cyrillic nor Ə
    space = drawing.modelspace()
    for layer, values in zip(product.layers, carried.shapes, strict=True):
        _make_layers(drawing, layer)
        _draw(space, layer, rounded(values, carried.digits)[0])
    lines = told(product, carried)
    for i, line in enumerate(lines):
        drawing.header.custom_vars.append(f"hazardmap {i + 1}", plain(line)[:_DATA_HOLDS])
    _note(drawing, space, lines, carried)
    with path.open("w", encoding="utf-8", errors="dxfreplace", newline="\n") as stream:
        for line in (*lines, *_lost(product)):
            stream.write(f"999\n{plain(line)}\n")
        drawing.write(stream)


def told(product: Product, carried: Carried) -> list[str]:
    """Give what the drawing says of itself."""
    scale = scale_told(product, carried.crs)
    return [*product.imprint.lines, " ".join(filter(None, (carried.told, scale, "x is east, y is north, metres.")))]


def _lost(product: Product) -> list[str]:
    return [f"{NOWHERE}: {row.id}: {row.reason}" for row in product.nowhere.itertuples(index=False)]


def plain(text: str) -> str:
    r"""Take from a text what a drawing program would take for a code: ``%%``, backslashes, fields, ends of lines.

    Examples
    --------
    >>> plain("a%%c b" + chr(92) + "U+0041 %<field>%" + chr(10) + "c^J")
    'a% %c b/U+0041 % <field>% c^ J'
    """
    line = " ".join(clean(text).split()).replace("\\", "/").replace("^", "^ ")
    while "%%" in line or "%<" in line:
        line = line.replace("%%", "% %").replace("%<", "% <")
    return line


def _make_layers(drawing: Any, layer: Layer) -> None:
    for sign in layer.frame["sign"].unique():
        symbol = layer.signs[sign]
        made = drawing.layers.add(layer_of(layer, sign), linetype="DASHED" if symbol.dash else "CONTINUOUS")
        made.rgb = _rgb(_line_colour(symbol))
        made.description = plain(f"{layer.title}: {symbol.label}")


def _line_colour(symbol: Symbol) -> str:
    return symbol.outline or symbol.hatch_colour or symbol.fill or "#000000"


def _rgb(css: str) -> tuple[int, int, int]:
    return int(css[1:3], 16), int(css[3:5], 16), int(css[5:7], 16)


def _draw(space: Any, layer: Layer, shapes: Array) -> None:
    if not len(shapes):
        return
    sign = layer.frame["sign"].tolist()
    names, said = texts(layer.frame["id"], "id"), texts(layer.frame["sign_in_words"], "text")
    labels = [plain(t)[:_LABEL_HOLDS] for t in texts(layer.frame["label"], "text")]
    with np.errstate(invalid="ignore"):
        places = shapely.point_on_surface(shapes)
    heights = np.clip(np.sqrt(shapely.area(shapes)) / 20, _SMALLEST_M, _LARGEST_M)
    for i, shape in enumerate(shapes):
        on = {"layer": layer_of(layer, sign[i])}
        data = [(1000, _cut(plain(t))) for t in (names[i], said[i])]
        for entity in _entities(space, layer, layer.signs[sign[i]], shape, on):
            entity.set_xdata(APPLICATION, data)
        if labels[i] and not shapely.is_empty(places[i]):
            text = space.add_text(labels[i], height=float(heights[i]), dxfattribs=on | {"style": FONT})
            text.set_placement((places[i].x, places[i].y))


def _cut(text: str) -> str:
    return text.encode()[:_DATA_HOLDS].decode(errors="ignore")


def _entities(space: Any, layer: Layer, symbol: Symbol, shape: Any, on: dict[str, str]) -> list[Any]:
    if layer.what == "ground":
        return [_fill(space, symbol, shape, on)]
    lines = [
        space.add_lwpolyline(line[:-1] if (line[0] == line[-1]).all() else line, close=True, dxfattribs=on)
        for line in lines_of(shape)
    ]
    return lines + [space.add_point(place, dxfattribs=on) for place in points_of(shape)]


def _fill(space: Any, symbol: Symbol, shape: Any, on: dict[str, str]) -> Any:
    """Fill ground with its colour, half open; ground without a record hardly at all."""
    hatch = space.add_hatch(dxfattribs=on)
    hatch.rgb = _rgb(symbol.fill or "#c9c9c9")
    hatch.transparency = 1 - (symbol.opacity if symbol.fill else 0.15)
    for rings in rings_of(shape):
        for number, ring in enumerate(rings):
            hatch.paths.add_polyline_path(ring[:-1], is_closed=True, flags=1 if number == 0 else 0)
    return hatch


def _note(drawing: Any, space: Any, lines: list[str], carried: Carried) -> None:
    """Put what the drawing says of itself below it."""
    west, south, east, north = extent(carried.shapes)
    height = max(math.hypot(east - west, north - south) / 150, 1.0)
    made = drawing.layers.add(NOTE)
    made.rgb = (0, 0, 0)
    text = "\\P".join(plain(line).replace("{", "(").replace("}", ")") for line in lines)
    space.add_mtext(
        text,
        dxfattribs={
            "layer": NOTE,
            "style": FONT,
            "char_height": height,
            "insert": (west, south - 2 * height),
            "width": max(east - west, 60 * height),
        },
    )


def expected_entities(product: Product, carried: Carried) -> Counter[str]:
    """Count the entities that a drawing has: fills, closed lines, points."""
    count: Counter[str] = Counter()
    for layer, shapes in zip(product.layers, carried.shapes, strict=True):
        if layer.what == "ground":
            count["HATCH"] += len(shapes)
            continue
        count["LWPOLYLINE"] += sum(len(lines_of(shape)) for shape in shapes)
        count["POINT"] += sum(len(points_of(shape)) for shape in shapes)
    return +count


def check_dxf(path: Path, product: Product, carried: Carried) -> None:
    """Read a drawing back as what it is, pairs of codes and values, and count its entities.

    Raises
    ------
    FileError
        When something is missing.
    """
    wanted = ("HATCH", "LWPOLYLINE", "POINT")
    found: Counter[str] = Counter()
    inside, whole = False, False
    with path.open(encoding="utf-8", errors="surrogateescape") as stream:
        for code, value in zip(stream, stream, strict=False):
            if code.strip() == "2" and value.strip() == "ENTITIES":
                inside = True
            elif code.strip() == "0":
                name = value.strip()
                whole = name == "EOF"
                if inside and name in wanted:
                    found[name] += 1
                elif name == "ENDSEC":
                    inside = False
    expected = expected_entities(product, carried)
    if found != expected or not whole:
        raise FileError(
            f"what was written does not read back: {dict(found)}",
            f"{dict(expected)}",
            "save again, or elsewhere; what was there is as it was",
        )
