"""What lies under the hazards: own layers through the same encoder, and base maps of one PMTiles file, all inside the page."""

import gzip
import struct

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from tiles import number_of, picture, pmtiles, vector_tile

import hazardmap as hm
from hazardmap.cli import main
from hazardmap.errors import CrsError, FileError, SchemaError
from hazardmap.maps.background import gather_background
from hazardmap.maps.scene import gather

ON = "2024-12-31"
WATER, LAND = (201, 219, 230), (245, 242, 235)  # basemap.js
EVIL = "<img src=x onerror='window.pwned=1'>{{ 7*7 }}${1}`</script><script>window.pwned=1</script>"


def roads(**columns):
    lines = [
        shapely.LineString([(46.99, 40.003), (47.03, 40.003)]),
        shapely.LineString([(46.99, 40.004), (47.03, 40.004)]),
    ]
    return gpd.GeoDataFrame({"name": ["M1", None], **columns}, geometry=lines, crs=4326)


def tile_of(longitude, latitude, zoom):
    x = (longitude + 180) / 360 * 2**zoom
    y = (1 - np.arcsinh(np.tan(np.radians(latitude))) / np.pi) / 2 * 2**zoom
    return zoom, int(x), int(y)


def test_own_layers_join_the_context(tmp_path):
    path = tmp_path / "Rivers.geojson"
    roads().to_file(path, driver="GeoJSON")
    kinds = roads(fclass=["motorway", "place of no name"])
    scene = gather(hm.example(), on=ON, background=[kinds, path])
    before = gather(hm.example(), on=ON).frames["context"]
    added = scene.frames["context"].iloc[len(before) :]
    assert added["symbol"].tolist() == ["road", "other", "water", "water"]
    assert added["name"].fillna("").tolist() == ["M1", "", "M1", ""]


def test_a_table_in_another_crs_is_brought_over():
    features = gather_background([roads().to_crs(32638)]).features
    found, meant = (shapely.get_coordinates(f.geometry.iloc[0]) for f in (features, roads()))
    assert np.abs(found[[0, -1]] - meant).max() < 1e-7  # between them the edge is straight in its own CRS


def test_a_row_without_a_position_is_counted():
    frame = roads()
    frame.loc[1, "geometry"] = None
    data = hm.draw(hm.example(), on=ON, background=[frame]).data
    assert "roads, waters and places have no position and are not drawn" in data.manifest["unplaced"]["text"]


def test_inputs_are_not_changed():
    frame = roads()
    before = frame.copy()
    gather(hm.example(), on=ON, background=[frame])
    pd.testing.assert_frame_equal(frame, before)


def test_a_table_without_crs_is_refused():
    with pytest.raises(CrsError, match="declares no CRS"):
        gather_background([roads().set_crs(None, allow_override=True)])


def test_one_thing_is_no_list():
    with pytest.raises(SchemaError, match=r"write background=\['roads.gpkg'\]"):
        gather_background("roads.gpkg")


def _file(tmp_path, content, name="base.pmtiles"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_what_is_said_of_a_base_map(tmp_path):
    tiles = {(5, 1, 1): b"", (7, 9, 9): b""}
    path = _file(tmp_path, pmtiles(tiles, attribution="<a href='https://e.example'>© People</a>  of <b>OSM</b>"))
    found = gather_background([path]).base_maps
    assert [(b.name, b.kind, b.min_zoom, b.max_zoom, b.attribution) for b in found] == [
        ("base.pmtiles", "mvt", 5, 7, "© People of OSM")
    ]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda b: b[:100], "is cut short"),
        (lambda b: b[:-3], "is cut short"),
        (lambda b: b[:7] + b"\x02" + b[8:], "PMTiles of version 2 – needed: a whole PMTiles file of version 3"),
        (lambda b: b[:98] + b"\x04" + b[99:], "tiles compressed with zstd – needed: gzip"),
        (lambda b: b[:97] + b"\x03" + b[98:], "directories compressed with brotli – needed: gzip"),
        (lambda b: b[:99] + b"\x05" + b[100:], "tiles of kind 5 – needed: vector tiles"),
    ],
)
def test_a_base_map_that_cannot_be_read_is_refused(tmp_path, change, text):
    path = _file(tmp_path, change(pmtiles({(5, 1, 1): vector_tile({"water": []})})))
    with pytest.raises(FileError) as refused:
        gather_background([path])
    assert text in str(refused.value)


def _with_metadata(packed):
    """An archive whose metadata are these bytes."""
    whole = pmtiles({(5, 1, 1): b""})
    return whole[:24] + struct.pack("<2Q", len(whole), len(packed)) + whole[40:] + packed


@pytest.mark.parametrize(
    ("metadata", "text"),
    [
        (b"no gzip at all", "metadata that are no sound gzip stream"),
        (gzip.compress(b"{}" * 99, mtime=0)[:-12], "metadata cut short"),
        (gzip.compress(b"{}" * 99, mtime=0)[:-8] + b"\0" * 8, "metadata that are no sound gzip stream"),
        (gzip.compress(b"{}", mtime=0)[:10] + b"\xff" * 30, "metadata that are no sound gzip stream"),
        (gzip.compress(b" " * 20 * 2**20, mtime=0), "metadata larger than that"),
    ],
    ids=["no gzip", "cut short", "a wrong end", "a wrong middle", "too large"],
)
def test_metadata_that_cannot_be_read_are_refused(tmp_path, metadata, text):
    with pytest.raises(FileError) as refused:
        gather_background([_file(tmp_path, _with_metadata(metadata))])
    assert text in str(refused.value)
    assert "needed: metadata as one whole gzip stream of at most 16 MB" in str(refused.value)
    assert "fetch or extract the file again" in str(refused.value)


def test_metadata_nested_without_end_say_nothing(tmp_path):
    path = _file(tmp_path, _with_metadata(gzip.compress(b"[" * 200_000)))
    assert gather_background([path]).base_maps[0].attribution == ""


def test_the_reader_comes_only_with_a_base_map(tmp_path):
    path = _file(tmp_path, pmtiles({(5, 1, 1): b""}))
    hm.draw(hm.example(), on=ON).save(tmp_path / "without.html")
    hm.draw(hm.example(), on=ON, background=[path]).save(tmp_path / "with.html")
    assert "pmtiles.js" not in (tmp_path / "without.html").read_text(encoding="utf-8")
    assert "pmtiles.js" in (tmp_path / "with.html").read_text(encoding="utf-8")


def test_the_command_takes_several(tmp_path):
    hm.write(hm.example(), tmp_path / "programme.gpkg")
    roads().to_file(tmp_path / "roads.geojson", driver="GeoJSON")
    base = _file(tmp_path, pmtiles({(5, 1, 1): b""}))
    arguments = ["draw", str(tmp_path / "programme.gpkg"), "-o", str(tmp_path / "m.html")]
    arguments += ["--background", str(tmp_path / "roads.geojson"), "--background", str(base)]
    assert main(arguments) == 0
    assert "base/0" in (tmp_path / "m.html").read_text(encoding="utf-8")


@pytest.mark.browser
def test_own_layers_lie_under_the_hazards_and_are_asked_by_a_click(chromium, tmp_path):
    corners = [(46.999, 39.9995), (47.02, 40.0015)]
    lake = gpd.GeoDataFrame(
        {"name": [EVIL], "kind": ["lake"]}, geometry=[shapely.box(*corners[0], *corners[1])], crs=4326
    )
    hm.draw(hm.example(), on=ON, background=[roads(kind=["road", EVIL]), lake]).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    assert chromium.js("return [hazardmap.failed, hazardmap.drawn === hazardmap.expected, window.pwned]") == [
        None,
        True,
        None,
    ]
    chromium.js("document.querySelector('.hm-watermark').remove()")
    chromium.view(
        47 + 450 / 85_394, 40 + 35 / 111_035, 19
    )  # the confirmed square of the example, 100 m from its west edge
    red, green, blue = np.array(chromium.pixels(47 + 450 / 85_394, 40 + 35 / 111_035, around=10)).mean(axis=0)
    assert red > green + 60
    assert red > blue + 60
    chromium.view(47.005, 40.002, 16)
    card = chromium.click(47.0015, 40.003)
    assert "M1" in card
    assert chromium.console() == []
    assert chromium.requests() == []


def _vectors():
    water = [(3, [[(0, 0), (4096, 0), (4096, 2048), (0, 2048)]], {"kind": "lake"})]
    way = [(2, [[(0, 3072), (4096, 3072)]], {"kind": "motorway"})]
    towns = [(1, [[(2048, 1024)]], {"name": "Yerevansk " + EVIL[:20]})]
    return vector_tile({"water": water, "roads": way, "places": towns})


@pytest.mark.browser
@pytest.mark.parametrize(("packing", "leaf"), [(2, False), (1, False), (2, True)])
def test_vector_tiles_are_painted_offline(chromium, tmp_path, packing, leaf):
    key = tile_of(47.005, 40.0, 12)
    # A tile on either side, so that one is found among others; this one is water in its northern half.
    tiles = {key: _vectors(), (12, key[1] - 1, key[2]): vector_tile({}), (12, key[1] + 1, key[2]): vector_tile({})}
    path = _file(tmp_path, pmtiles(tiles, packing=packing, leaf=leaf, attribution="© <i>People</i>"))
    hm.draw(hm.example(), on=ON, background=[path]).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    chromium.js("document.querySelector('.hm-watermark').remove(); hazardmap.map.removeLayer(hazardmap.data)")

    def at(u, v):
        side = 2**12
        x, y = (key[1] + u) / side, (key[2] + v) / side
        return x * 360 - 180, float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y)))))

    for zoom in (13, 15):  # the tile as it is, and four times as large
        for place, colour in (((0.4, 0.42), WATER), ((0.4, 0.6), LAND), ((0.4, 0.75), (255, 255, 255))):
            chromium.view(*at(*place), zoom)
            chromium.settle()
            seen = np.array(chromium.pixels(*at(*place), around=1))
            assert np.abs(np.median(seen, axis=0) - colour).max() <= 4, (zoom, place)
    assert "© People" in chromium.js("return document.querySelector('.leaflet-control-attribution').textContent")
    assert chromium.js("return document.querySelectorAll('.leaflet-control-attribution i').length") == 0
    assert chromium.console() == []
    assert chromium.requests() == []


@pytest.mark.browser
def test_pictures_are_painted_offline(chromium, tmp_path):
    key = tile_of(47.005, 40.0, 14)
    tiles = {(14, key[1] + i, key[2] + j): picture((120, 90, 200)) for i in range(-3, 4) for j in range(-3, 4)}
    path = _file(tmp_path, pmtiles(tiles, kind=2))
    hm.draw(hm.example(), on=ON, background=[path]).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    chromium.js("document.querySelector('.hm-watermark').remove(); hazardmap.map.removeLayer(hazardmap.data)")
    for zoom in (14, 16):
        chromium.view(47.005, 40.001, zoom)
        chromium.settle()
        seen = np.array(chromium.pixels(47.005, 40.001, around=2))
        assert np.abs(np.median(seen, axis=0) - (120, 90, 200)).max() <= 2, zoom
    assert chromium.console() == []
    assert chromium.requests() == []


@pytest.mark.browser
def test_tiles_are_numbered_along_the_curve(chromium, tmp_path):
    path = _file(tmp_path, pmtiles({(5, 1, 1): b""}))
    hm.draw(hm.example(), on=ON, background=[path]).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    keys = [
        (0, 0, 0),
        (1, 0, 0),
        (1, 0, 1),
        (1, 1, 1),
        (1, 1, 0),
        (2, 3, 1),
        (3, 5, 2),
        (6, 40, 23),
        (6, 63, 63),
        (12, 3423, 1763),
    ]
    found = chromium.js("return arguments[0].map((k) => hazardmap.pmtiles.numberOf(...k))", keys)
    assert found == [number_of(*key) for key in keys]
    assert (found[:5], found[-1]) == ([0, 1, 2, 3, 4], 19078479)  # the examples of the specification


@pytest.mark.browser
def test_a_damaged_tile_is_told(chromium, tmp_path):
    key = tile_of(47.005, 40.0, 12)
    tiles = {(12, key[1] + i, key[2] + j): b"\x1a\xff\xff\x7f" for i in (-1, 0, 1) for j in (-1, 0, 1)}
    path = _file(tmp_path, pmtiles(tiles, packing=1))
    hm.draw(hm.example(), on=ON, background=[path]).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    chromium.view(47.005, 40.0, 14)
    assert "could not be painted" in chromium.js("return String(hazardmap.failed)")


def _pictures(tmp_path, reach=3):
    span = range(-reach, reach + 1)
    tiles = {}
    for zoom in (13, 14):
        _, column, line = tile_of(47.005, 40.0, zoom)
        tiles |= {(zoom, column + i, line + j): picture((120, 90, 200)) for i in span for j in span}
    hm.draw(hm.example(), on=ON, background=[_file(tmp_path, pmtiles(tiles, kind=2))]).save(tmp_path / "m.html")
    return tmp_path / "m.html"


@pytest.mark.browser
def test_a_sheet_has_the_pictures_or_says_that_they_are_missing(chromium, tmp_path):
    chromium.open(_pictures(tmp_path, 8))
    said = "1 other layer of the page cannot be printed."
    seen = """
        const sheet = document.querySelector('.hm-sheet'), canvas = sheet.querySelector('.hm-sheet-view canvas');
        const [r, g, b] = canvas.getContext('2d').getImageData(8, 8, 1, 1).data;
        return [sheet.textContent.includes(arguments[0]), [r, g, b]];"""
    # The browser's own command: nothing is decoded in time.
    chromium.js("hazardmap.print.wanted.scale = 25000; window.dispatchEvent(new Event('beforeprint'))")
    missing, colour = chromium.js(seen, said)
    assert missing
    assert colour != [120, 90, 200]
    chromium.js("window.dispatchEvent(new Event('afterprint'))")
    # The button waits.
    chromium.js(
        """hazardmap.print.wanted.scale = 50000;
        window.print = () => { window.dispatchEvent(new Event('beforeprint')); window.printed = true; };
        document.querySelector('.hm-panel-print .hm-do').click();"""
    )
    chromium.until("return window.printed")
    missing, colour = chromium.js(seen, said)
    assert not missing
    assert np.abs(np.array(colour) - (120, 90, 200)).max() <= 2
    chromium.js("window.dispatchEvent(new Event('afterprint'))")
    assert chromium.console() == []


@pytest.mark.browser
def test_pictures_of_places_left_long_ago_are_forgotten(chromium, tmp_path):
    chromium.open(_pictures(tmp_path, 8))
    most = 0
    for i in range(-7, 8, 2):
        for j in range(-5, 6, 5):
            chromium.view(47.005 + i * 360 / 2**14, 40.0 + j * 0.016, 14)
            most = max(
                most,
                chromium.js("const b = hazardmap.bases[0]; return b.known.size - 8 * Object.keys(b._tiles).length"),
            )
    chromium.js("window.before = hazardmap.bases[0].known.size")
    assert chromium.js("return hazardmap.bases[0].pending.size") == 0
    size, tiles = chromium.js("const b = hazardmap.bases[0]; return [b.known.size, Object.keys(b._tiles).length]")
    assert size <= max(64, 8 * tiles)
    assert most <= 64
    assert chromium.console() == []


@pytest.mark.browser
def test_a_picture_that_comes_after_it_was_forgotten_is_not_put_back(chromium, tmp_path):
    chromium.open(_pictures(tmp_path, 8))
    sizes = chromium.driver.execute_async_script(
        """const [{ z, x, y }, done] = arguments, b = hazardmap.bases[0];
        const before = b.known.size;
        for (let i = -8; i <= 8; i++) for (let j = -8; j <= 8; j++) b.content(z, x + i, y + j);
        const most = Math.max(64, 8 * Object.keys(b._tiles).length);
        b.decoded().then(() => done([before, b.known.size, most]));""",
        dict(zip("zxy", tile_of(47.005, 40.0, 14), strict=True)),
    )
    assert sizes[1] <= sizes[2] < 17 * 17
