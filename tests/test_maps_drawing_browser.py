"""What is drawn is what the core computed: read back from Chromium's canvases and arrays, at random places of random programmes."""

import base64

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from fields import SIDE, random_programme
from land import PLANE, plane_shapes

import hazardmap as hm
from hazardmap import measure, tables
from hazardmap.maps import HazardMap
from hazardmap.maps.scene import Scene, gather
from hazardmap.maps.symbols import SYMBOLS
from hazardmap.maps.tallies import tally

pytestmark = pytest.mark.browser
ON = "2024-12-31"
TILE = 512
RED = np.array([255, 0, 0])

#: Paint the tiles that some places lie on, and give the colour at each: red, green, blue, alpha.
COLOURS = """
    const [places, zoom] = arguments, data = hazardmap.data, seen = new Map();
    return places.map(([lat, lng]) => {
      const at = hazardmap.map.project([lat, lng], zoom), x = Math.floor(at.x / 512), y = Math.floor(at.y / 512);
      const key = x + ':' + y;
      if (!seen.has(key)) {
        const canvas = document.createElement('canvas');
        data.paintTile(canvas, { x, y, z: zoom });
        seen.set(key, canvas.getContext('2d'));
      }
      return [...seen.get(key).getImageData(Math.floor(at.x) % 512, Math.floor(at.y) % 512, 1, 1).data];
    });"""
ONLY_FILLS = """
    for (const layer of hazardmap.data.layers) {
      layer.shown = layer.layer === 'ground';
      layer.symbols = layer.symbols.map((sign) => ({ ...sign, hatch: '', outline: '', letters: '' }));
    }
    hazardmap.data.words.clear();"""
#: All positions of a layer as longitude and latitude, by the value of a column: parts of features.
SHAPES = """
    const [name, column] = arguments, out = [];
    for (const block of hazardmap.data.layers.find((l) => l.layer === name).blocks) {
      for (let f = 0; f < block.count; f++) {
        const parts = [];
        for (let p = block.featureStart[f]; p < block.featureStart[f + 1]; p++) {
          const part = [];
          for (let i = block.partStart[p]; i < block.partStart[p + 1]; i++) {
            const { lat, lng } = hazardmap.map.unproject([block.x[i], block.y[i]], hazardmap.ZOOM);
            part.push([lng, lat]);
          }
          parts.push(part);
        }
        out.push([block.value(column, f), block.shape, parts]);
      }
    }
    return out;"""


def _class_of(colour):
    """Name the sign whose fill this is; an empty text where nothing is filled."""
    if colour[3] == 0:
        return ""
    for code, sign in SYMBOLS["ground"].items():
        if not sign.fill:
            continue
        fill = [int(sign.fill[i : i + 2], 16) for i in (1, 3, 5)]
        if abs(colour[3] - 255 * sign.opacity) <= 2 and np.abs(np.array(colour[:3]) - fill).max() <= 3:
            return code.removesuffix("_cancelled").removesuffix("_reduced").removesuffix("_cleared")
    return f"a colour of no state: {colour}"


def _saved(programme, path):
    HazardMap(gather(programme, on=ON)).save(path)
    return path


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_fill_at_random_places_is_the_state_that_the_core_computed(chromium, tmp_path, seed):
    programme = random_programme(seed)
    chromium.open(_saved(programme, tmp_path / "m.html"))
    chromium.js(ONLY_FILLS)
    zoom, near_m = 16, 8  # a pixel is 1.8 m there: 8 m are more than 4 pixels
    ground = hm.ground(programme, on=ON)
    shapes = plane_shapes(ground)
    edges = shapely.union_all(shapely.boundary(shapes))
    rng = np.random.default_rng(seed)
    xy = rng.uniform(-300, SIDE + 300, (2_000, 2))
    xy = xy[shapely.distance(edges, shapely.points(xy)) > near_m][:200]
    assert len(xy) == 200
    states = ground["state"].to_numpy()
    inside = [states[shapely.contains_xy(shapes, *place)] for place in xy]
    expected = [found[0] if len(found) and found[0] != "no_record" else "" for found in inside]
    assert len(set(expected)) >= 6, "a programme in which much happens"
    lonlat = shapely.get_coordinates(measure.from_plane(shapely.points(xy), PLANE))
    seen = [_class_of(c) for c in chromium.js(COLOURS, lonlat[:, ::-1].tolist(), zoom)]
    wrong = [(place.tolist(), want, got) for place, want, got in zip(xy, expected, seen, strict=True) if want != got]
    assert wrong == []
    assert chromium.requests() == []


def _metres(lonlat):
    return shapely.get_coordinates(measure.to_plane(gpd.GeoSeries(shapely.points(lonlat), crs=4326), PLANE))


def _corners(frame, column, name):
    return _metres(shapely.get_coordinates(frame.geometry[frame[column] == name].to_numpy()))


@pytest.mark.parametrize("seed", [4, 5])
def test_decoded_geometry_is_the_input_within_20_cm(chromium, tmp_path, seed):
    programme = random_programme(seed)
    scene = gather(programme, on=ON)
    HazardMap(scene).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    compared = 0
    for layer, column in (
        ("hazards", "hazard_id"),
        ("releases", "release_id"),
        ("finds", "find_id"),
        ("context", "name"),
    ):
        was = dict(zip(scene.frames[layer][column], plane_shapes(scene.frames[layer]), strict=True))
        found = chromium.js(SHAPES, layer, column)
        assert {name for name, _, _ in found} == {name for name, shape in was.items() if shape is not None}
        for name, shape, parts in found:
            metres = [_metres(part) for part in parts]
            if shape == "polygon":
                rings = [shapely.Polygon(m) for m in metres]
                now = rings[0]
                for ring in rings[1:]:
                    now = now.symmetric_difference(ring)  # a hole takes away, a part adds
                assert sum(len(m) for m in metres) == shapely.get_num_coordinates(was[name]) - len(metres)
            else:
                # A line is straight in degrees: what is compared are its corners.
                was[name], now = (
                    shapely.MultiPoint(v) for v in (_corners(scene.frames[layer], column, name), metres[0])
                )
                assert len(was[name].geoms) == len(now.geoms)
            assert shapely.hausdorff_distance(was[name], now) < 0.2, name
            compared += 1
    assert compared > 60


def test_legend_core_and_map_count_the_same(chromium, tmp_path):
    programme = random_programme(6)
    scene = gather(programme, on=ON)
    HazardMap(scene).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    placed = sum(int((~shapely.is_missing(f.geometry.to_numpy())).sum()) for f in scene.frames.values())
    assert chromium.js("return [hazardmap.drawn, hazardmap.expected]") == [placed, placed]
    found = chromium.js("""
        const out = {};
        for (const layer of hazardmap.data.layers) for (const block of layer.blocks) for (let f = 0; f < block.count; f++) {
          const key = layer.layer + ' ' + layer.symbols[block.signAt('symbol', f)].code;
          out[key] = (out[key] || 0) + 1;
        }
        return out;""")
    counted = tally(scene)
    counted = counted[~counted["flag"] & (counted["placed"] > 0)]
    assert found == {f"{row.layer} {row.symbol}": row.placed for row in counted.itertuples()}
    rows = chromium.js(
        "return [...document.querySelectorAll('.hm-signs li')].map((e) => e.innerText.replace(/\\s+/g, ' '))"
    )
    for row in counted[counted["layer"].isin(["hazards", "releases", "finds"])].itertuples():
        assert f"{SYMBOLS[row.layer][row.symbol].label} {row.placed}" in rows


def _scene(ground, **others):
    """A scene of given ground: squares that a pencil can check, without a programme behind them."""
    frames = {
        n: tables.empty(n).assign(symbol="") for n in SYMBOLS if n not in {"ground", "hazards", "verdicts", "zones"}
    }
    hazards = others.pop("hazards", ground.iloc[:0].assign(hazard_id="", symbol="open"))
    day = pd.Timestamp(ON).date()
    return Scene(
        name="Squares", on=day, as_of=day, sources="made up", fictitious=False,
        frames={**frames, "ground": ground, "hazards": hazards, **others}, unplaced=pd.DataFrame({"hazard_id": []}),
    )  # fmt: skip


def _ground(states, shapes):
    columns = {"state": states, "symbol": states, "why": "", "area_m2": 1.0, "depth_m": 0.2}
    return gpd.GeoDataFrame(columns, geometry=measure.from_plane(np.array(shapes, dtype=object), PLANE), crs=4326)


def _tile(chromium, longitude, latitude, zoom):
    """Paint the tile of a place, in tiles of the map's own size: rows × columns × (red, green, blue, alpha)."""
    flat = chromium.js(
        """const [lat, lng, z] = arguments, { x, y } = hazardmap.map.project([lat, lng], z).divideBy(512).floor();
        const canvas = document.createElement('canvas');
        hazardmap.data.paintTile(canvas, { x, y, z });
        let text = ''; for (const v of canvas.getContext('2d').getImageData(0, 0, 512, 512).data) text += String.fromCharCode(v);
        return btoa(text);""",
        latitude, longitude, zoom,
    )  # fmt: skip
    return np.frombuffer(base64.b64decode(flat), "uint8").reshape(TILE, TILE, 4)


def _is_red(tile):
    return (np.abs(tile[:, :, :3].astype(int) - RED).max(axis=2) < 12) & (tile[:, :, 3] > 100)


def test_a_hazard_of_one_square_metre_is_seen_at_every_zoom(chromium, tmp_path):
    """It lies in a square kilometre of cleared ground: whatever is small or large on the screen, the worst is on top."""
    shapes = [
        shapely.box(0, 0, 1000, 1000).difference(shapely.box(500, 500, 501, 501)),
        shapely.box(500, 500, 501, 501),
    ]
    HazardMap(_scene(_ground(["cleared", "confirmed_open"], shapes))).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    place = shapely.get_coordinates(measure.from_plane(np.array([shapely.Point(500.5, 500.5)]), PLANE))[0]
    for zoom in range(2, 21):
        red = _is_red(_tile(chromium, *place, zoom))
        rows, columns = red.any(axis=1).sum(), red.any(axis=0).sum()
        assert min(rows, columns) >= 2, f"zoom {zoom}: {rows} × {columns} pixels"


@pytest.mark.parametrize("count", [30, 3600])  # a few are drawn, many are written as pixels
def test_never_a_feature_dropped(chromium, tmp_path, count):
    """Squares of 1 m, 8 pixels apart at zoom 12: each is there, 3 pixels wide, none touches another."""
    side = int(np.sqrt(count)) + 1
    step = 8 / 512 / 2**12 * 512 / 256 * 360 / 2  # 8 pixels in degrees of longitude
    west = -180 + 360 / 2**11 * 1291 + 4 * step  # inside one tile of 512
    spots = np.array([(i % side, i // side) for i in range(count)])
    x = west + spots[:, 0] * step
    y = 40.05 - spots[:, 1] * step * np.cos(np.radians(40))
    squares = shapely.box(x, y, x + 1e-5, y + 1e-5)
    states = ["confirmed_open"] * count
    frame = gpd.GeoDataFrame(
        {"state": states, "symbol": states, "why": "", "area_m2": 1.0, "depth_m": 0.2}, geometry=squares, crs=4326
    )
    HazardMap(_scene(frame)).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    zoom = 12
    at = chromium.js(
        "return arguments[0].map(([lat, lng]) => { const p = hazardmap.map.project([lat, lng], arguments[1]);"
        " return [p.x, p.y]; })",
        np.column_stack([y + 5e-6, x + 5e-6]).tolist(), zoom,
    )  # fmt: skip
    tiles = {tuple((np.array(p) // TILE).astype(int)) for p in at}
    seen = 0
    for tx, ty in tiles:
        lat, lng = chromium.js(
            "const p = hazardmap.map.unproject([arguments[0] * 512 + 256, arguments[1] * 512 + 256], 12); return [p.lat, p.lng]",
            int(tx), int(ty),
        )  # fmt: skip
        red = _is_red(_tile(chromium, lng, lat, zoom))
        for px, py in at:
            column, row = int(px - tx * TILE), int(py - ty * TILE)
            if 2 <= column < TILE - 2 and 2 <= row < TILE - 2:
                assert red[row - 1 : row + 2, column - 1 : column + 2].sum() >= 4, (px, py)
                seen += 1
    assert seen > 0.9 * count  # the others lie on the edge of a tile


def test_nothing_is_simplified_by_more_than_six_tenths_of_a_pixel(chromium, tmp_path):
    rng = np.random.default_rng(8)
    angle = np.linspace(0, 2 * np.pi, 6_000, endpoint=False)
    reach = 1_000 + 60 * np.sin(40 * angle) + rng.uniform(-2, 2, len(angle))
    shape = shapely.Polygon(np.column_stack([reach * np.cos(angle), reach * np.sin(angle)]))
    frame = _ground(["confirmed_open"], [shape])
    HazardMap(_scene(frame)).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    chromium.js(ONLY_FILLS)
    lonlat = shapely.get_coordinates(frame.geometry.to_numpy())
    for zoom in (12, 14, 18):
        edge = lonlat[1500]
        tile = _tile(chromium, *edge, zoom)
        world = TILE / 2 * 2**zoom
        x = (lonlat[:, 0] + 180) / 360 * world
        y = (1 - np.arcsinh(np.tan(np.radians(lonlat[:, 1]))) / np.pi) / 2 * world
        left, top = (np.floor(v[1500] / TILE) * TILE for v in (x, y))
        exact = shapely.Polygon(np.column_stack([x - left, y - top]))
        columns, rows = np.meshgrid(np.arange(TILE) + 0.5, np.arange(TILE) + 0.5)
        far = 0.6 + np.sqrt(0.5)  # half the diagonal of a pixel: beyond it a pixel lies wholly on one side
        inner, outer = exact.buffer(-far), exact.buffer(far)
        shapely.prepare([inner, outer])
        must = shapely.contains_xy(inner, columns, rows)
        may = shapely.contains_xy(outer, columns, rows)
        alpha = tile[:, :, 3]
        assert must.any()
        assert (~may).any()
        assert alpha[must].min() >= 126, zoom  # half covering: 0.5 × 255
        assert alpha[~may].max() == 0, zoom


def test_holes_are_open_islands_filled_lines_and_points_there(chromium, tmp_path):
    ring = shapely.box(0, 0, 900, 900).difference(shapely.box(200, 200, 700, 700))
    with_island = ring.union(shapely.box(400, 400, 500, 500))
    roads = tables.canonical(
        gpd.GeoDataFrame(
            {"kind": ["road", "place"], "name": [None, None]},
            geometry=measure.from_plane(
                np.array([shapely.MultiLineString([[(0, 300), (900, 300)], [(0, -50), (900, -50)]]), shapely.Point(600, 600)]),
                PLANE,
            ),
            crs=4326,
        ),
        "context",
    )  # fmt: skip
    scene = _scene(_ground(["suspected_open"], [with_island]), context=roads.assign(symbol=["road", "place"]))
    HazardMap(scene).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    spots = {
        (100, 450): True,
        (300, 450): False,
        (450, 450): True,
        (300, 300): True,
        (800, -50): True,
        (600, 600): True,
        (600, 650): False,
    }
    lonlat = shapely.get_coordinates(measure.from_plane(shapely.points(np.array(list(spots), dtype=float)), PLANE))
    for zoom in (15, 17):
        alpha = [c[3] for c in chromium.js(COLOURS, lonlat[:, ::-1].tolist(), zoom)]
        assert [a > 0 for a in alpha] == list(spots.values()), zoom


def test_a_thousand_finds_at_one_place_of_many_are_all_marked(chromium, tmp_path):
    """Many small points of one sign are written as pixels as well."""
    rng = np.random.default_rng(3)
    x, y = 47 + rng.uniform(0, 2, 4_000), 40 + rng.uniform(0, 2, 4_000)
    finds = gpd.GeoDataFrame(
        {"find_id": [f"F-{i}" for i in range(4_000)], "kind": "accident", "accuracy_m": 1.0},
        geometry=shapely.points(np.column_stack([x, y])), crs=4326,
    )  # fmt: skip
    finds = tables.canonical(finds, "finds").assign(symbol="accident")
    HazardMap(_scene(_ground(["cleared"], [shapely.box(0, 0, 10, 10)]), finds=finds)).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    colours = chromium.js(COLOURS, np.column_stack([y, x]).tolist(), 8)
    assert min(c[3] for c in colours) > 200
