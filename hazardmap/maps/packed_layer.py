"""Any table of shapes on any folium map, through the renderer of hazard maps: packed, on canvas, never thinned out.

For maps that are no hazard maps: a cadastre, a census, a road network. Text of the table stands in blocks that no
template and no browser executes. Knows folium and the packing; knows nothing of hazards.
"""

from __future__ import annotations

import base64
import html
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
import pandas as pd
import shapely
from branca.element import Element
from folium.template import Template

from hazardmap.errors import SchemaError
from hazardmap.maps import languages, packing, page
from hazardmap.maps.hazard_map import OfflinePage
from hazardmap.maps.manifest import Tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from hazardmap.maps.symbols import Symbol

_SHAPES = {"polygon": (3, 6), "line": (1, 2, 5), "point": (0, 4)}
_LINES_AND_POINTS = (0, 1, 2, 4, 5)
#: What the renderer needs on a page that is not a hazard map's; `page.SCRIPTS` says in which order.
_NEEDED = {
    "say.js", "decode.js", "reading.js", "geometry.js", "patterns.js", "marks.js", "narrow.js", "paint.js", "labels.js",
    "tiles.js", "card.js", "holding.js", "wording.js", "records.js", "filters.js",
}  # fmt: skip


#: Before the name of each column of the table: whatever it is called, it is none that the renderer reads for itself.
_OF_TABLE = "of table: "


class PackedLayer(folium.map.Layer):  # type: ignore[misc]  # folium has no types
    """Polygons, lines and points of a table as one layer of a `folium.Map`, a million of them if need be.

    The layer computes nothing and leaves nothing out: what is too small to be seen is marked. A click tells the
    columns. On a map of `hazardmap.draw` it needs no network; on an ordinary `folium.Map` it needs what folium needs.

    Parameters
    ----------
    frame
        The table, EPSG:4326, no geometry missing. It is not changed.
    name
        What the layer control calls it.
    by
        Column that chooses the sign; one sign for all when not given.
    signs
        Value of that column → `hazardmap.maps.symbols.Symbol`, the most important first: it is painted on top. Without
        `by` the only value is the empty text.
    columns
        What a click tells; all columns but the geometry when not given.
    label
        Column that is written on the map where there is room.
    control, show
        As in folium.

    Raises
    ------
    SchemaError
        For an unknown column, a value without a sign, or a name that a browser or a template would execute.
    GeometryError
        For shapes that cannot be drawn; `explode` collections of several kinds first.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from hazardmap.maps.symbols import Symbol
    >>> lots = gpd.GeoDataFrame({"use": ["farm"]}, geometry=[shapely.box(47, 40, 47.01, 40.01)], crs=4326)
    >>> chart = folium.Map(location=(40, 47))
    >>> layer = PackedLayer(lots, name="Lots", signs={"": Symbol(label="Lot", fill="#416284")}).add_to(chart)
    >>> len(layer.blocks)
    1
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = hazardmap.packedLayer({{ this._parent.get_name() }}, {{ this.get_name()|tojson }});
        {% if this.show %}{{ this.get_name() }}.addTo({{ this._parent.get_name() }});{% endif %}
        {% endmacro %}
    """)

    def __init__(
        self,
        frame: gpd.GeoDataFrame,
        *,
        name: str,
        signs: Mapping[str, Symbol],
        by: str = "",
        columns: Sequence[str] | None = None,
        label: str = "",
        control: bool = True,
        show: bool = True,
    ) -> None:
        if set("{}<>&`") & set(name):
            raise SchemaError(f"a layer called {name!r}", "a name without { } < > & `", "choose a plain name")
        told = [str(c) for c in (frame.columns.drop(frame.geometry.name) if columns is None else columns)]
        if missing := [c for c in (*told, *filter(None, (by, label))) if c not in frame]:
            raise SchemaError(
                f"no column {', '.join(missing)}", f"columns of the table: {', '.join(frame)}", "correct it"
            )
        sign = frame[by].astype("object") if by else pd.Series("", index=frame.index, dtype="object")
        if unknown := [value for value in sign.unique() if value not in signs]:
            raise SchemaError(
                f"{by or 'signs'}: no sign for {', '.join(map(repr, unknown[:5]))}", "one for each value", "add it"
            )
        super().__init__(name=name, overlay=True, control=control, show=show)
        self._name = "PackedLayer"
        keys = {value: f"s{i}" for i, value in enumerate(signs)}
        packed = {f"{_OF_TABLE}{c}": frame[c] for c in dict.fromkeys((*told, *filter(None, (label,))))}
        packed["symbol"] = sign.map(keys)
        kinds = shapely.get_type_id(frame.geometry.to_numpy())
        tables = {}
        for shape, types in _SHAPES.items():
            # What is no shape at all goes with the polygons, where the encoder refuses it by its row.
            mine = np.flatnonzero(np.isin(kinds, types) if shape != "polygon" else ~np.isin(kinds, _LINES_AND_POINTS))
            if len(mine):
                part = {c: packing.column(values.iloc[mine]) for c, values in packed.items()}
                tables[f"{self.get_name()}/{shape}"] = packing.blocks(frame.geometry.iloc[mine], shape, part)
        self.blocks = Tables(tables, {})
        entries = [{"name": n, "count": c, "points": p} for n, (c, p) in self.blocks.sizes().items()]
        self.manifest = {
            "expected": len(frame),
            "blocks": [{**entry, "layer": "packed"} for entry in entries],
            "danger": ["packed"],
            "bad_verdicts": [],
            "layers": [
                {
                    "layer": "packed",
                    "title": name,
                    "name": f"{_OF_TABLE}{label}" if label else "",
                    "columns": [{"label": c, "column": f"{_OF_TABLE}{c}"} for c in told],
                    "symbols": [{"code": keys[value], **asdict(symbol)} for value, symbol in signs.items()],
                }
            ],
        }
        west, south, east, north = (float(v) for v in frame.total_bounds)
        self._bounds = [[south, west], [north, east]]

    def _get_self_bounds(self) -> list[list[float]]:
        return self._bounds

    def render(self, **kwargs: Any) -> None:
        """Put the scripts and the data into the page as they are, past all templates; then render the layer."""
        figure = self.get_root()
        scripts = ["packed_layer.js"]
        if not isinstance(figure, OfflinePage):  # that one brings its own
            scripts = ["start.js", *page.LIBRARIES[1:], *(name for name in page.SCRIPTS if name in _NEEDED), *scripts]
            words = page.as_json({"en": languages.strings()["en"]})  # it says three sentences
            strings = f'<script type="application/json" id="hazardmap-strings">{words}</script>'
            figure.header.add_child(_Literal(strings), name="hm-strings")
        for name in scripts:
            text = f'<script data-file="{name}">\n{page.script(name)}</script>'
            figure.header.add_child(_Literal(text), name=f"hm-{name}")
        data = f'<script type="application/json" id="{self.get_name()}-manifest">{page.as_json(self.manifest)}</script>'
        data += "".join(
            f'<script type="application/octet-stream" data-name="{html.escape(name)}">'
            f"{base64.b64encode(block).decode('ascii')}</script>"
            for name, block in self.blocks.items()
        )
        figure.html.add_child(_Literal(data), name=f"{self.get_name()}-data")
        super().render(**kwargs)


class _Literal(Element):  # type: ignore[misc]
    """Text that is put into the page as it is: what folium is given as text it compiles as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Literal"
        self.text = text

    def render(self, **_: Any) -> str:
        return self.text
