"""The interactive map: a folium.Map that anybody can extend, saved as one file that needs no network.

Ties the scene, the packed data and the page together. Only here do folium and branca appear. Knows no rule of the
ground.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
from branca.element import Figure
from folium.template import Template

from hazardmap.errors import FileError, SchemaError
from hazardmap.maps import audience as audiences
from hazardmap.maps import languages, manifest, page
from hazardmap.maps.days import gather_through_time
from hazardmap.maps.scene import gather
from hazardmap.maps.symbols import THEMES
from hazardmap.store.saving import replace_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import geopandas as gpd

    from hazardmap.maps.scene import Scene
    from hazardmap.programme import Programme


def draw(
    programme: Programme,
    *,
    on: Any,
    answers: gpd.GeoDataFrame | None = None,
    through_time: bool = False,
    audience: str = "internal",
    title: str = "",
    tiles: str = "",
    attribution: str = "",
    language: str = "en",
    theme: str = "imas",
    background: Iterable[Any] = (),
) -> HazardMap:
    """Draw a programme as it stands on a day.

    Fills are the states of the ground by the rule of the ground, outlines the hazards and releases as recorded.
    Nothing is computed here: each number on the map is a column of `release`, counted or added up. Hazards that have
    no position cannot be drawn; the map says how many there are.

    With `answers` each plot wears its verdict: colour, hatch, dashes and letters, a filter by verdict, a search by plot
    and cadastre number, and a card. Ground that is not released lies above every plot, and only a plot whose verdict is
    `released` is filled green. Plots that have no shape are counted and found by the search.

    The page carries the planner's tools: search of records and typed coordinates, measuring, filters, totals, a list, a
    link to the view and files of what is shown. A filter hides nothing without saying so in the heading.

    Parameters
    ----------
    programme
        The tables.
    on
        The day shown; not later than the programme's as-of date.
    answers
        Answers of `check_plots` on the same day; they take the place of the programme's plots. Not given: plots are
        drawn as plain outlines.
    through_time
        Adds a slider over the days of the programme, with a chart of open and released ground (of finds a year, where
        there are no hazards). On each day the map shows what `ground` gives for it, and the records by their own
        dates; figures, cards and the words of the title follow. The map begins with `on`. Records without a date are
        there on every day, and the map says so.
    audience
        ``internal``: everything. ``partner`` and ``public``: what the programme's policy allows
        (`Policy.partner_shows`, `Policy.public_shows`); everything else is absent from the file. By default partners
        see boundaries, finds (not of which kind), plots, ids, organisations and kinds of ordnance, but no free text,
        papers or casualty detail. The public sees ground by districts and cells (`generalised`), how many hazards have
        no position, and nothing exact. Answers about plots need ``answers`` among what the policy allows; of them the
        public has the outline of the plot and its verdict (with ``ids`` its id). A generalised map shows one
        day only: day by day a zone would give away its single hazards.
    title
        Title of the page; the programme's name when not given.
    tiles
        Address of background tiles, such as ``https://tile.example.org/{z}/{x}/{y}.png``. The map then asks this
        host for pictures when it is opened, and says so. Not given: the map asks nobody for anything.
    attribution
        What the owner of the tiles wants to be said beside the map.
    language
        The language that the map speaks first: ``en``, ``az``, ``ru``, ``uk``, ``fr``, ``es`` or ``ar``. The reader can
        choose another on the map. Text of the records stays as it is, sentences of the rule of the ground stay English.
    theme
        The colours that the map wears first: ``imas`` (those of TN 07.11/01) or ``colour_blind``, which hold for
        readers with any colour blindness and in grey print. Hatches and letters are on in both.
    background
        What lies under everything, so that one sees where one is: GeoDataFrames and files of roads, rivers, places
        (``name`` is written on the map, ``kind`` chooses the sign), and PMTiles extracts as base maps that are put
        into the page. Nothing of it is asked from elsewhere.

    Returns
    -------
    HazardMap
        A `folium.Map`: add markers, layers and controls of folium as usual, then ``.save("map.html")``.

    Raises
    ------
    SchemaError
        When the tables have faults (`validate` lists them), the day lies after the as-of date, or the answers are no
        answers of `check_plots`, of another day or of another state of the programme; for answers on a map through
        time, since they hold on one day; for an unknown audience, and for what the policy does not let it see.
    CrsError
        When the answers are not in EPSG:4326.
    GeometryError
        For coordinates that cannot be drawn.
    FileError
        When `tiles` is no web address, there is no such language or theme, or a background cannot be read.

    Examples
    --------
    >>> import hazardmap as hm
    >>> squares = draw(hm.example(), on="2024-12-31")
    >>> isinstance(squares, folium.Map)
    True
    >>> page.remote_addresses(squares.get_root().render())
    []
    """
    languages.known(language), _known_theme(theme)  # refused before the long part
    if through_time and answers is not None:
        raise SchemaError(
            "answers about plots on a map through time",
            "answers hold on one day only",
            "leave answers= or through_time= out, and draw two maps",
        )
    audiences.refuse(programme, audience=audience, answers=answers is not None, through_time=through_time)
    lying = (
        gather_through_time(programme, on=on, background=background)
        if through_time
        else gather(programme, on=on, answers=answers, background=background)
    )
    return HazardMap(
        audiences.restricted(lying, programme, audience),
        title=title,
        tiles=tiles,
        attribution=attribution,
        language=language,
        theme=theme,
    )


class HazardMap(folium.Map):  # type: ignore[misc]  # folium and branca have no types
    """A folium map of a scene that works with the network off.

    Parameters
    ----------
    scene
        What is drawn: `hazardmap.maps.scene.gather`; kept as ``.scene``.
    title, tiles, attribution, language, theme
        As in `draw`.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012  folium declares it so; ours are inlined by `page`
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    # folium's own template forbids zooming by hand on a phone and sets styles that ours replace.
    _template = Template("""
        {% macro header(this, kwargs) %}
        <style>#{{ this.get_name() }} { position: {{ this.position }}; width: {{ this.width[0] }}{{ this.width[1] }};
          height: {{ this.height[0] }}{{ this.height[1] }}; left: {{ this.left[0] }}{{ this.left[1] }};
          top: {{ this.top[0] }}{{ this.top[1] }}; }</style>
        {% endmacro %}
        {% macro html(this, kwargs) %}<div class="folium-map" id={{ this.get_name()|tojson }}></div>{% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
          center: {{ this.location|tojson }}, crs: L.CRS.{{ this.crs }}, ...{{ this.options|tojavascript }}
        });
        hazardmap.prepare({{ this.get_name() }});
        {% if this.objects_to_stay_in_front %}
        {{ this.get_name() }}.on("overlayadd", function () {
          {%- for o in this.objects_to_stay_in_front %}{{ o.get_name() }}.bringToFront();{% endfor %} });
        {% endif %}
        {% endmacro %}
    """)

    def __init__(
        self,
        scene: Scene,
        *,
        title: str = "",
        tiles: str = "",
        attribution: str = "",
        language: str = "en",
        theme: str = "imas",
    ) -> None:
        origin = page.origin(tiles) if tiles else ""
        self.scene = scene
        self.data = manifest.of(
            scene,
            title=title,
            tiles=tiles,
            attribution=attribution,
            tile_host=origin,
            language=languages.known(language),
            theme=_known_theme(theme),
        )
        south, west, north, east = self.data.bounds_deg
        super().__init__(
            location=((south + north) / 2, (west + east) / 2),
            zoom_start=9,
            min_zoom=2,
            max_zoom=20,
            tiles=None,
            zoom_control=False,
            fade_animation=False,  # ground half faded in would look like another state of the ground
        )
        self.default_js, self.default_css = [], []  # links that a user adds stay with this map
        self.add_child(HazardLayer(self.data), name="hazardmap")
        OfflinePage(self.data).add_child(self)

    def render(self, **kwargs: Any) -> None:
        """Render into the page that was made with this map."""
        if not isinstance(self.get_root(), OfflinePage):
            raise FileError(
                "a hazard map put into another figure",
                "its own page, which carries its libraries and data",
                "save the map itself: map.save('map.html')",
            )
        super().render(**kwargs)

    def save(self, outfile: Any, close_file: bool = True, **kwargs: Any) -> None:  # noqa: FBT001, FBT002  folium's own
        """Write the map as one HTML file; the old file or the new one is there at any moment.

        Parameters
        ----------
        outfile
            Path, or a file open for writing bytes.
        close_file
            Whether such a file is closed afterwards.
        **kwargs
            Passed to folium's rendering.

        Raises
        ------
        FileError
            When the page would load anything from elsewhere, or the file cannot be written.
        """
        pieces = self.get_root().pieces(**kwargs)
        if isinstance(outfile, str | bytes | Path):
            replace_bytes(Path(outfile.decode() if isinstance(outfile, bytes) else outfile), pieces)
            return
        for piece in pieces:
            outfile.write(piece)
        if close_file:
            outfile.close()


class HazardLayer(folium.map.Layer):  # type: ignore[misc]
    """The packed layer of the hazards and all that lies with them; its data stand in the page, not in the template."""

    _template = Template("""
        {% macro script(this, kwargs) %}var {{ this.get_name() }} = hazardmap.layer();{% endmacro %}
    """)

    def __init__(self, data: manifest.MapData) -> None:
        super().__init__(name="Hazards, releases and plots", overlay=True, control=True, show=True)
        self._name = "HazardLayer"
        self._bounds_deg = data.bounds_deg

    def _get_self_bounds(self) -> list[list[float | None]]:
        south, west, north, east = self._bounds_deg
        return [[south, west], [north, east]]


class OfflinePage(Figure):  # type: ignore[misc]
    """The page round a hazard map: whatever renders the figure gets the finished, self-contained HTML."""

    def __init__(self, data: manifest.MapData) -> None:
        super().__init__(title=None)
        self.data = data
        self.header._children.clear()  # noqa: SLF001  the charset is ours to say, branca has no other way to take its own out

    def render(self, **kwargs: Any) -> str:
        """Render the whole page as one text."""
        return b"".join(self.pieces(**kwargs)).decode("utf-8")

    def pieces(self, **kwargs: Any) -> Iterator[bytes]:
        """Render the children, then put the page together; text of the data comes in after all templates have run."""
        for child in list(self._children.values()):
            child.render(**kwargs)
        header, body, code = (part.render(**kwargs) for part in (self.header, self.html, self.script))
        page.refuse_remote(f"{header}\n{body}\n{code}")
        return page.assemble(
            title=self.data.title,
            header=header,
            body=body,
            code=code,
            notices=self.data.notices,
            manifest=self.data.manifest,
            blocks=self.data.blocks,
            extra_scripts=[*_libraries(code), *(page.BASE_MAP_SCRIPTS if self.data.manifest["base_maps"] else ())],
            image_hosts=[self.data.tile_host] if self.data.tile_host else [],
            fictitious=self.data.fictitious,
            language=self.data.language,
        )


def _known_theme(theme: str) -> str:
    if theme not in THEMES:
        raise FileError(
            f"theme={theme!r}", f"the colours of a map: {', '.join(THEMES)}", "write it like theme='colour_blind'"
        )
    return theme


def _libraries(code: str) -> list[str]:
    """Name the bundled libraries that folium's own layers ask for: popups need jQuery, coloured icons a pin."""
    return [name for sign, name in (("$(", "jquery.min.js"), ("L.AwesomeMarkers", "pins.js")) if sign in code]
