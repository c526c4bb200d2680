"""Narrow ground is seen in its own colour at every zoom, whatever way it lies and whatever line a record draws along it."""

import base64

import numpy as np
import pytest
import shapely
from land import PLANE, box, programme

import hazardmap as hm
from hazardmap import measure

pytestmark = pytest.mark.browser
ON = "2024-12-31"
SIDE = 16
MIDDLE = slice(4, 12)
ZOOMS = range(3, 18)  # nearer, a line that is straight on the plane is seen to be bent on the map

#: What the map paints in the 16 × 16 pixels round each of some places, without its words: red, green, blue, alpha.
PICTURES = """
    const { data, map } = hazardmap, canvas = document.createElement('canvas');
    canvas.width = canvas.height = 512;
    const ctx = canvas.getContext('2d', { willReadFrequently: true });
    hazardmap.labels.near = () => [];
    let text = '';
    for (const [lat, lng, zoom] of arguments[0]) {
      const at = map.project([lat, lng], zoom);
      ctx.clearRect(0, 0, 512, 512);
      data.paint(ctx, { zoom, ratio: 1, size: 512, left: at.x - 256, top: at.y - 256, scale: 2 ** (zoom - hazardmap.ZOOM) });
      text += String.fromCharCode(...ctx.getImageData(248, 248, 16, 16).data);
    }
    return btoa(text);"""

along = shapely.LineString([(0, 0), (8500, 0)])
diagonal = shapely.LineString([(0, 0), (6010, 6010)])
corner = shapely.LineString([(0, 4000), (0, 0), (4500, 0)])
LINES = {"along": along, "diagonal": diagonal, "corner": corner}


def _strip(line, width=10):
    return line.buffer(width / 2, cap_style="flat", join_style="mitre")


def _pictures(chromium, points, zooms):
    lonlat = shapely.get_coordinates(measure.from_plane(shapely.points(np.array(points, dtype=float)), PLANE))
    flat = chromium.js(PICTURES, [[latitude, longitude, int(zoom)] for zoom in zooms for longitude, latitude in lonlat])
    pictures = np.frombuffer(base64.b64decode(flat), "uint8").astype(int)
    return pictures.reshape(len(zooms), len(points), SIDE, SIDE, 4)


def _picture(chromium, point, zoom):
    return _pictures(chromium, [point], [zoom])[0, 0]


def _red(picture):
    red, green, blue, alpha = np.moveaxis(picture, 2, 0)
    return (red > 200) & (green < 90) & (blue < 90) & (alpha > 100)


def _lime(picture):
    red, green, blue, alpha = np.moveaxis(picture, 2, 0)
    return (green > red + 15) & (green > blue + 50) & (alpha > 100)


def _opened(chromium, tmp_path, *hide, **rows):
    hm.draw(programme(**rows), on=ON).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    for layer in hide:
        chromium.js("hazardmap.data.show(arguments[0], false)", layer)


def _assert_red_line(chromium, line, zooms=ZOOMS):
    """Round five places of the line: red, at least 2 pixels across each way, and no lime in the middle of it."""
    shares = (0.1, 0.3, 0.5, 0.7, 0.9)
    points = [shapely.get_coordinates(line.interpolate(share, normalized=True))[0] for share in shares]
    for zoom, row in zip(zooms, _pictures(chromium, points, zooms), strict=True):
        for share, picture in zip(shares, row, strict=True):
            red = _red(picture[MIDDLE, MIDDLE])
            assert min(red.any(axis=0).sum(), red.any(axis=1).sum()) >= 2, (zoom, share)
            assert not _lime(picture[6:10, 6:10]).any(), (zoom, share)


@pytest.mark.parametrize(
    ("way", "status"), [*((way, "closed") for way in LINES), ("diagonal", "open"), ("diagonal", "worked_on")]
)
def test_a_strip_that_is_open_is_red_whatever_its_record_says(chromium, tmp_path, way, status):
    """Ten metres wide, kilometres long, recorded closed and never released: confirmed hazardous ground."""
    _opened(chromium, tmp_path, hazards=[{"geometry": _strip(LINES[way]), "status": status}])
    _assert_red_line(chromium, LINES[way])


@pytest.mark.parametrize("width", [0.5, 2, 40])
def test_a_strip_of_any_width(chromium, tmp_path, width):
    _opened(chromium, tmp_path, hazards=[{"geometry": _strip(diagonal, width), "status": "closed"}])
    _assert_red_line(chromium, diagonal)


@pytest.mark.parametrize("way", LINES)
def test_a_strip_without_the_layer_of_hazards(chromium, tmp_path, way):
    _opened(chromium, tmp_path, "hazards", hazards=[{"geometry": _strip(LINES[way])}])
    _assert_red_line(chromium, LINES[way])


def test_the_narrow_part_of_a_hazard_of_several_parts(chromium, tmp_path):
    parts = shapely.MultiPolygon([box(-3000, 1000, 1500), _strip(diagonal)])
    _opened(chromium, tmp_path, hazards=[{"geometry": parts, "status": "closed"}])
    _assert_red_line(chromium, diagonal)


def test_a_ring_of_open_ground_round_what_was_released(chromium, tmp_path):
    """Only the middle of a closed hazard was released: ten metres all round it were not, under the line of the record."""
    whole = box(0, 0, 2000)
    _opened(
        chromium, tmp_path,
        hazards=[{"geometry": whole, "status": "closed"}],
        releases=[{"geometry": whole.buffer(-10, join_style="mitre"), "hazard_ids": ("H-0",)}],
    )  # fmt: skip
    _assert_red_line(chromium, whole.buffer(-5, join_style="mitre").exterior, zooms=range(9, 18))


def test_a_square_metre_under_the_line_of_a_closed_hazard(chromium, tmp_path):
    whole, left = box(0, 0, 2000), box(1000, 0, 1)
    _opened(
        chromium, tmp_path,
        hazards=[{"geometry": whole, "status": "closed"}],
        releases=[{"geometry": whole.difference(left), "hazard_ids": ("H-0",)}],
    )  # fmt: skip
    for zoom in range(9, 21):
        red = _red(_picture(chromium, (1000.5, 0.5), zoom)[MIDDLE, MIDDLE])
        assert min(red.any(axis=0).sum(), red.any(axis=1).sum()) >= 2, zoom


def test_without_the_ground_the_line_of_a_narrow_hazard_stays(chromium, tmp_path):
    _opened(chromium, tmp_path, "ground", hazards=[{"geometry": _strip(diagonal), "status": "closed"}])
    for zoom in range(9, 17):
        assert _lime(_picture(chromium, (3005, 3005), zoom)[MIDDLE, MIDDLE]).any(), zoom


def test_a_wide_closed_hazard_keeps_its_line(chromium, tmp_path):
    _opened(chromium, tmp_path, hazards=[{"geometry": box(0, 0, 1000), "status": "closed"}])
    assert _lime(_picture(chromium, (500, 0), 15)).any()
    assert _red(_picture(chromium, (500, 500), 15)).any()


tail = shapely.LineString([(1000, 500), (8000, 500)])
spur = shapely.union(box(0, 0, 1000), _strip(tail))


@pytest.mark.parametrize("whole", [spur, shapely.Polygon([(0, 0), (9000, 490), (9000, 510), (0, 1000)])])
def test_the_narrow_tail_of_a_wide_hazard(chromium, tmp_path, whole):
    """One ring, a square kilometre and a tail ten metres wide; or a wedge that ends in twenty metres."""
    _opened(chromium, tmp_path, hazards=[{"geometry": whole, "status": "closed"}])
    narrow = shapely.LineString([(8200, 500), (8990, 500)]) if whole is not spur else tail
    _assert_red_line(chromium, narrow, zooms=range(9, 14 if whole is not spur else 18))
    assert _lime(_picture(chromium, (0, 300), 14)).any(), "the wide end keeps the line of its record"


def test_the_narrow_rim_beside_what_was_released(chromium, tmp_path):
    """The released part lies ten metres from one side, and far from the others."""
    _opened(
        chromium, tmp_path,
        hazards=[{"geometry": box(0, 0, 2000), "status": "closed"}],
        releases=[{"geometry": box(10, 500, 900), "hazard_ids": ("H-0",)}],
    )  # fmt: skip
    _assert_red_line(chromium, shapely.LineString([(5, 600), (5, 1300)]), zooms=range(11, 18))
    assert _lime(_picture(chromium, (2000, 1000), 14)).any()


def test_corners_and_wide_ground_have_no_narrow_places(chromium, tmp_path):
    """Neither the corners of a square, of a triangle, of a circle, nor a square seen near by, where its edges are cut off."""
    shapes = [
        box(0, 0, 1000),
        shapely.Polygon([(3000, 0), (4000, 0), (3500, 866)]),
        shapely.Point(6500, 500).buffer(500),
    ]
    _opened(chromium, tmp_path, hazards=[{"geometry": g, "status": "closed"} for g in shapes])
    found = chromium.js(
        """const { data, map } = hazardmap, ground = data.layers.find((l) => l.layer === 'ground');
        const counts = [];
        for (const zoom of [12, 14, 16, 18]) {
            const at = map.project(arguments[0], zoom);
            const view = { zoom, ratio: 1, size: 512, left: at.x - 256, top: at.y - 256, scale: 2 ** (zoom - hazardmap.ZOOM) };
            for (const block of ground.blocks) {
                const all = [...Array(block.count).keys()];
                counts.push(block.count, hazardmap.narrowPath(block, all, view, 6) === null);
            }
        }
        return counts;""",
        [40.0, 47.0],
    )
    assert found[1::2] == [True] * (len(found) // 2)
    assert found[0] == 3


def test_a_lake_or_another_polygon_of_the_background_lies_below_the_zones(chromium, tmp_path):
    """A zone that says 'some ground here is confirmed hazardous', wholly in a lake and in a polygon of another kind."""
    for kind in ("lake", "province"):
        hm.draw(
            programme(hazards=[{"geometry": box(0, 0, 100)}], context=[{"geometry": box(-9000, -9000, 18_000), "kind": kind}]),
            on=ON, audience="public",
        ).save(tmp_path / "m.html")  # fmt: skip
        chromium.open(tmp_path / "m.html")
        chromium.js("for (const layer of hazardmap.data.layers) for (const sign of layer.symbols) sign.hatch = '';")
        red, green, blue, _ = _picture(chromium, (50, 50), 14)[8, 8]
        # A third of pure red on a lake of (143, 183, 211) or paper of (226, 223, 216): 0.34 of the way to red.
        assert red > max(green, blue) + 25, kind
        chromium.js("hazardmap.data.show('context', false)")
        bare = _picture(chromium, (50, 50), 14)[8, 8]
        assert bare[0] > 240, "the zone itself"
        assert bare[1] < 15, "the zone itself"
