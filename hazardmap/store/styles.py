"""The symbology as QGIS reads it (QML) and as other programs read it (SLD).

Turns the rules of `symbology` into XML; knows no data, so nothing that a record holds can get into a style.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from hazardmap.store.symbology import LOOKS

if TYPE_CHECKING:
    from hazardmap.store.symbology import Condition, Look, Part, Rule

_KIND = {"fill": "fill", "outline": "fill", "hatch": "fill", "marker": "marker", "line": "line"}
_DASHES = {"dash": "8 5", "dot": "2 4", "dash dot": "8 4 2 4"}
_ANGLES = {"slash": (45.0,), "backslash": (135.0,), "cross": (45.0, 135.0)}
_MARKS = {"slash": "shape://slash", "backslash": "shape://backslash", "cross": "shape://times", "dots": "shape://dot"}
_SLD_MARKERS = {"diamond": "square"}
_PIXELS_PER_MM = 96 / 25.4


def qml(layer: str, look: Look | None = None, *, fictitious: bool = False) -> str:
    """Give the style of a layer for QGIS: a rule-based renderer, and labels where the layer has them.

    The look is the one of the table of that name when none is given. Example data say on the map that they are: every
    layer is then labelled so.

    Examples
    --------
    >>> 'type="RuleRenderer"' in qml("hazards")
    True
    """
    look = look or LOOKS[layer]
    label = look.label
    if fictitious:
        label = f"concat('FICTITIOUS ', {label})" if label else "'FICTITIOUS'"
    root = Element("qgis", version="3.28.0", styleCategories="Symbology|Labeling", labelsEnabled="1" if label else "0")
    renderer = SubElement(
        root,
        "renderer-v2",
        type="RuleRenderer",
        forceraster="0",
        symbollevels="0",
        enableorderby=str(int(bool(look.order))),
        referencescale="-1",
    )
    rules = SubElement(renderer, "rules", key=f"{layer}-rules")
    symbols = SubElement(renderer, "symbols")
    number = 0
    for g, (group, members) in enumerate(look.groups):
        parent = SubElement(rules, "rule", key=f"{layer}-{g}", label=group) if len(look.groups) > 1 else rules
        for r, rule in enumerate(members):
            attributes = {"key": f"{layer}-{g}-{r}", "symbol": str(number), "label": rule.label}
            if filter_ := _expression(rule):
                attributes["filter"] = filter_
            SubElement(parent, "rule", attributes)
            _symbol(symbols, str(number), rule.parts)
            number += 1
    if look.order:
        clause = SubElement(SubElement(renderer, "orderby"), "orderByClause", asc="0", nullsFirst="0")
        clause.text = look.order
    if label:
        _labels(root, label, always=fictitious)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(root, encoding="unicode")


def _expression(rule: Rule) -> str:
    if rule.otherwise:
        return "ELSE"
    parts = [_condition(rule.where)] if rule.where else []
    if rule.unless:
        # A comparison with nothing is neither true nor false in QGIS; what is not known to hold does not hold.
        parts.append(f"NOT coalesce({_condition(rule.unless)}, false)")
    return " AND ".join(parts)


def _condition(condition: Condition) -> str:
    tests = []
    for column, allowed in condition:
        if allowed is None:
            tests.append(
                f'"{column}" IS NOT NULL AND "{column}" <> \'\''
                if column == "handover_no"
                else f'"{column}" IS NOT NULL'
            )
        else:
            tests.append(f'"{column}" IN ({", ".join(f"{chr(39)}{w}{chr(39)}" for w in allowed)})')
    return f"({' AND '.join(tests)})"


def _symbol(parent: Element, name: str, parts: tuple[Part, ...], kind: str | None = None) -> None:
    symbol = SubElement(
        parent, "symbol", type=kind or _KIND[parts[0].kind], name=name, alpha="1", clip_to_extent="1", force_rhr="0"
    )
    layers = [
        (part, angle)
        for part in parts
        for angle in (_ANGLES.get(part.shape, (0.0,)) if part.kind == "hatch" else (0.0,))
    ]
    for i, (part, angle) in enumerate(layers):
        _symbol_layer(symbol, part, angle, f"@{name}@{i}")


def _symbol_layer(symbol: Element, part: Part, angle: float, inner: str) -> None:
    colour, none = _rgba(part.colour, part.opacity), _rgba(part.colour, 0)
    width = f"{part.width_mm:g}"
    if part.kind == "fill":
        _layer(symbol, "SimpleFill", color=colour, style="solid", outline_style="no", outline_color=none)
    elif part.kind == "outline":
        _layer(
            symbol,
            "SimpleFill",
            color=none,
            style="no",
            joinstyle="round",
            outline_color=colour,
            outline_style=part.style,
            outline_width=width,
            outline_width_unit="MM",
        )
    elif part.kind == "line":
        _layer(
            symbol,
            "SimpleLine",
            line_color=colour,
            line_style=part.style,
            line_width=width,
            line_width_unit="MM",
            capstyle="round",
            joinstyle="round",
        )
    elif part.kind == "marker":
        _layer(
            symbol,
            "SimpleMarker",
            name=part.shape,
            color=colour,
            size=width,
            size_unit="MM",
            outline_color=_rgba("#FFFFFF", 1),
            outline_style="solid",
            outline_width="0.4",
            outline_width_unit="MM",
        )
    elif part.shape == "dots":
        pattern = _layer(
            symbol,
            "PointPatternFill",
            distance_x="3",
            distance_x_unit="MM",
            distance_y="3",
            distance_y_unit="MM",
            displacement_x="1.5",
            displacement_x_unit="MM",
            displacement_y="0",
            displacement_y_unit="MM",
        )
        dot = SubElement(pattern, "symbol", type="marker", name=inner, alpha="1", clip_to_extent="1", force_rhr="0")
        _layer(dot, "SimpleMarker", name="circle", color=colour, size="0.8", size_unit="MM", outline_style="no")
    else:
        pattern = _layer(
            symbol,
            "LinePatternFill",
            angle=f"{angle:g}",
            distance="2.5",
            distance_unit="MM",
            color=colour,
            line_width=width,
            line_width_unit="MM",
        )
        line = SubElement(pattern, "symbol", type="line", name=inner, alpha="1", clip_to_extent="1", force_rhr="0")
        _layer(line, "SimpleLine", line_color=colour, line_style="solid", line_width=width, line_width_unit="MM")


def _layer(parent: Element, kind: str, **settings: str) -> Element:
    layer = SubElement(parent, "layer", {"class": kind, "enabled": "1", "pass": "0", "locked": "0"})
    options = SubElement(layer, "Option", type="Map")
    for name, value in settings.items():
        SubElement(options, "Option", type="QString", name=name, value=value)
    for name, value in settings.items():  # QGIS before 3.20 reads these instead
        SubElement(layer, "prop", k=name, v=value)
    return layer


def _labels(root: Element, expression: str, *, always: bool) -> None:
    labeling = SubElement(root, "labeling", type="simple")
    settings = SubElement(labeling, "settings", calloutType="simple")
    text = SubElement(
        settings,
        "text-style",
        fieldName=expression,
        isExpression="1",
        fontFamily="Open Sans",
        fontSize="8",
        fontSizeUnit="Point",
        namedStyle="Regular",
        textColor="0,0,0,255",
        textOpacity="1",
        multilineHeight="1",
        allowHtml="0",
        fontWeight="50",
        fontItalic="0",
        blendMode="0",
    )
    SubElement(
        text,
        "text-buffer",
        bufferDraw="1",
        bufferSize="0.8",
        bufferSizeUnits="MM",
        bufferColor="255,255,255,255",
        bufferOpacity="1",
        bufferNoFill="1",
    )
    SubElement(
        settings,
        "placement",
        placement="1",
        centroidWhole="0",
        centroidInside="1",
        dist="0",
        distUnits="MM",
        priority="5",
    )
    SubElement(
        settings,
        "rendering",
        displayAll="0",
        obstacle="1",
        minFeatureSize="0",
        scaleVisibility=str(int(not always)),
        scaleMax="50000",  # QGIS calls the largest denominator so
        scaleMin="1",
        labelPerPart="0",
    )


def _rgba(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"


def sld(layer: str, look: Look | None = None) -> str:
    """Give the style of a layer as SLD 1.0.0, for programs other than QGIS.

    Examples
    --------
    >>> sld("finds").count("<Rule>")
    3
    """
    look = look or LOOKS[layer]
    root = Element(
        "StyledLayerDescriptor",
        {
            "version": "1.0.0",
            "xmlns": "http://www.opengis.net/sld",
            "xmlns:ogc": "http://www.opengis.net/ogc",
        },
    )
    named = SubElement(root, "NamedLayer")
    SubElement(named, "Name").text = layer
    style = SubElement(named, "UserStyle")
    SubElement(style, "Name").text = "hazardmap"
    for group, members in look.groups:
        feature_type = SubElement(style, "FeatureTypeStyle")
        SubElement(feature_type, "Name").text = group
        for rule in members:
            _sld_rule(feature_type, rule)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _sld_rule(parent: Element, rule: Rule) -> None:
    element = SubElement(parent, "Rule")
    SubElement(element, "Title").text = rule.label
    if rule.otherwise:
        SubElement(element, "ElseFilter")
    elif rule.where or rule.unless:
        filter_ = SubElement(element, "ogc:Filter")
        both = SubElement(filter_, "ogc:And") if rule.where and rule.unless else filter_
        if rule.where:
            _sld_condition(both, rule.where)
        if rule.unless:
            _sld_condition(SubElement(both, "ogc:Not"), rule.unless)
    for part in rule.parts:
        _sld_symbol(element, part)


def _sld_condition(parent: Element, condition: Condition) -> None:
    every = SubElement(parent, "ogc:And") if len(condition) > 1 else parent
    for column, allowed in condition:
        if allowed is None:
            null = SubElement(SubElement(every, "ogc:Not"), "ogc:PropertyIsNull")
            SubElement(null, "ogc:PropertyName").text = column
            continue
        some = SubElement(every, "ogc:Or") if len(allowed) > 1 else every
        for word in allowed:
            equal = SubElement(some, "ogc:PropertyIsEqualTo")
            SubElement(equal, "ogc:PropertyName").text = column
            SubElement(equal, "ogc:Literal").text = word


def _sld_symbol(rule: Element, part: Part) -> None:
    pixels = f"{part.width_mm * _PIXELS_PER_MM:.1f}"
    if part.kind == "fill":
        _css(
            SubElement(SubElement(rule, "PolygonSymbolizer"), "Fill"),
            {"fill": part.colour, "fill-opacity": f"{part.opacity:g}"},
        )
    elif part.kind == "hatch":
        fill = SubElement(SubElement(rule, "PolygonSymbolizer"), "Fill")
        graphic = SubElement(SubElement(fill, "GraphicFill"), "Graphic")
        _mark(graphic, _MARKS[part.shape], part.colour, stroke=True)
        SubElement(graphic, "Size").text = "8"
    elif part.kind == "marker":
        graphic = SubElement(SubElement(rule, "PointSymbolizer"), "Graphic")
        _mark(graphic, _SLD_MARKERS.get(part.shape, part.shape), part.colour, stroke=False)
        SubElement(graphic, "Size").text = pixels
        if part.shape == "diamond":
            SubElement(graphic, "Rotation").text = "45"
    else:
        stroke = {"stroke": part.colour, "stroke-width": pixels}
        if part.style in _DASHES:
            stroke["stroke-dasharray"] = _DASHES[part.style]
        _css(SubElement(SubElement(rule, "LineSymbolizer"), "Stroke"), stroke)


def _mark(graphic: Element, name: str, colour: str, *, stroke: bool) -> None:
    mark = SubElement(graphic, "Mark")
    SubElement(mark, "WellKnownName").text = name
    _css(SubElement(mark, "Stroke" if stroke else "Fill"), {"stroke" if stroke else "fill": colour})


def _css(parent: Element, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        SubElement(parent, "CssParameter", name=name).text = value
