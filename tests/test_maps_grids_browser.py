"""UTM, MGRS, geodesics and typed coordinates in a real browser, beside PROJ and beside published examples."""

import numpy as np
import pytest
from pyproj import Geod, Transformer

import hazardmap as hm

pytestmark = pytest.mark.browser
GEOD = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def page(_chromium, tmp_path_factory):
    path = tmp_path_factory.mktemp("grids") / "map.html"
    hm.draw(hm.example(), on="2024-12-31").save(path)
    _chromium.open(path)
    return _chromium


def _places():
    """1,000 places on the whole grid: 300 of them in the wide zones of Norway and Svalbard and at the edges of zones."""
    rng = np.random.default_rng(11)
    latitude, longitude = rng.uniform(-80, 84, 1000), rng.uniform(-180, 180, 1000)
    latitude[:100], longitude[:100] = rng.uniform(56, 64, 100), rng.uniform(0, 14, 100)
    latitude[100:200], longitude[100:200] = rng.uniform(72, 84, 100), rng.uniform(-2, 44, 100)
    longitude[200:300] = rng.integers(-30, 30, 100) * 6 + rng.choice([0, 1e-9, -1e-9], 100)
    return np.column_stack([latitude, longitude])


def _zone(latitude, longitude):
    """The zone by the definition of the grid."""
    if 56 <= latitude < 64 and 3 <= longitude < 12:
        return 32
    if latitude >= 72 and 0 <= longitude < 42:
        return 31 if longitude < 9 else 33 if longitude < 21 else 35 if longitude < 33 else 37
    return int(np.floor((longitude + 180) / 6)) % 60 + 1


def test_utm_is_that_of_proj_to_a_millimetre(page):
    places = _places()
    found = page.js(
        "return arguments[0].map(([lat, lon]) => { const u = hazardmap.grids.toUtm(lat, lon);"
        " const b = hazardmap.grids.fromUtm(u.zone, u.south, u.easting, u.northing);"
        " return [u.zone, u.south, u.easting, u.northing, b.latitude, b.longitude]; })",
        places.tolist(),
    )
    for (latitude, longitude), (zone, south, easting, northing, back_lat, back_lon) in zip(places, found, strict=True):
        assert zone == _zone(latitude, longitude), (latitude, longitude)
        assert south == (latitude < 0)
        there = Transformer.from_crs(4326, (32700 if south else 32600) + zone, always_xy=True)
        assert there.transform(longitude, latitude) == pytest.approx((easting, northing), abs=0.001)
        assert back_lat == pytest.approx(latitude, abs=1e-10)
        assert (back_lon - longitude + 180) % 360 - 180 == pytest.approx(0, abs=1e-8)


def test_beyond_the_grid_there_is_no_reference(page):
    assert page.js(
        "return [[84.1, 0], [-80.1, 0], [84, 0], [-80, 0]].map(([a, b]) => hazardmap.grids.toUtm(a, b) !== null)"
    ) == [False, False, True, True]
    assert page.js("return hazardmap.grids.toMgrs(84.5, 20)") is None


# GeographicLib's manual of GeoConvert: 38SMB4488 is 33.33424 N 44.40363 E, 38n 444500 3688500, in its middle; 33d20 N 44d24 E
# lies in it. The Washington Monument's marker stone is 18S UJ 23483 06479 (USNG), 38.8895° N 77.0353° W.
@pytest.mark.parametrize(
    ("text", "latitude", "longitude", "side"),
    [("38SMB4488", 33.33424, 44.40363, 1000), ("18S UJ 23483 06479", 38.88947, -77.03524, 1)],
)
def test_mgrs_of_published_examples(page, text, latitude, longitude, side):
    found = page.js("return hazardmap.readCoordinates(arguments[0]).readings", text)
    assert len(found) == 1
    assert (found[0]["latitude"], found[0]["longitude"]) == pytest.approx((latitude, longitude), abs=6e-6)
    assert found[0]["square"]["side"] == side
    assert page.js("return hazardmap.grids.toMgrs(33 + 20 / 60, 44.4, 2)") == "38S MB 44 88"


def test_a_reference_names_the_square_that_the_place_is_in(page):
    """There and back for every precision: the place lies in its square, and the square has the same reference."""
    wrong = page.js(
        """const { toMgrs, fromMgrs, toUtm, fromUtm } = hazardmap.grids;
        return arguments[0].flatMap(([lat, lon]) => [0, 1, 2, 3, 4, 5].filter((digits) => {
          const text = toMgrs(lat, lon, digits), s = fromMgrs(text), u = toUtm(lat, lon);
          const inside = u.easting >= s.easting && u.easting < s.easting + s.side && u.northing >= s.northing && u.northing < s.northing + s.side;
          return !(inside && s.zone === u.zone && s.side === 10 ** (5 - digits));
        }).map((digits) => [lat, lon, digits]));""",
        _places().tolist(),
    )
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("38SMB448", "mgrs_digits"),
        ("38SMB44884", "mgrs_digits"),
        ("38SMB444444888888", "mgrs_digits"),
        ("38TMB4488", "mgrs_letters"),  # this square lies in band S
        ("38SAB4488", "mgrs_letters"),  # column A is of zones 37 and 40
        ("38SPK4960", "mgrs_letters"),  # cut short, its square would lie in band T
        ("32XMB4488", "mgrs_letters"),  # there is no zone 32 in band X
        ("670734 4429529", "no_zone"),
        ("61N 500000 4000000", "zone"),
        ("38T 500000 500000", "utm_range"),
        ("38N 50000 4000000", "utm_range"),
    ],
)
def test_what_is_no_reference_says_why(page, text, hint):
    found = page.js("return hazardmap.readCoordinates(arguments[0])", text)
    assert (found["readings"], found["hint"]) == ([], hint)


def _pairs():
    rng = np.random.default_rng(5)
    pairs = rng.uniform(-1, 1, (600, 4)) * [85, 180, 85, 180]
    pairs[:200, 2:] = pairs[:200, :2] + rng.uniform(-1, 1, (200, 2)) * 0.02  # legs as a planner draws them
    pairs[200:250, 2] = -pairs[200:250, 0] + rng.uniform(-0.3, 0.3, 50)  # nearly opposite: Vincenty does not settle
    pairs[200:250, 3] = pairs[200:250, 1] + 180 + rng.uniform(-0.3, 0.3, 50)
    pairs[250:260] = [0, 10, 0, 110.5]
    return pairs


def test_distances_and_azimuths_are_geodesic(page):
    pairs = _pairs()
    found = np.array(
        page.js(
            "return arguments[0].map((p) => { const r = hazardmap.geodesic.inverse(...p); return [r.distance, r.azimuth]; })",
            pairs.tolist(),
        )
    )
    azimuth, _, distance = GEOD.inv(pairs[:, 1], pairs[:, 0], pairs[:, 3], pairs[:, 2])
    assert np.abs(found[:, 0] - distance).max() < 1e-6
    assert np.abs((found[:, 1] - azimuth + 180) % 360 - 180).max() < 1e-5


def test_areas_are_geodesic(page):
    rng = np.random.default_rng(6)
    rings = []
    for size in 10 ** rng.uniform(-3, 0.5, 300):  # 100 m to 350 km
        centre, corners = rng.uniform(-1, 1, 2) * [70, 180], rng.integers(3, 30)
        angle, radius = np.sort(rng.uniform(0, 2 * np.pi, corners)), size * rng.uniform(0.3, 1, corners)
        wide = radius * np.cos(angle) / np.cos(np.radians(centre[0]))
        rings.append(np.column_stack([centre[0] + radius * np.sin(angle), centre[1] + wide]))
    found = page.js("return arguments[0].map(hazardmap.geodesic.areaOf)", [ring.tolist() for ring in rings])
    for ring, area in zip(rings, found, strict=True):
        expected, _ = GEOD.polygon_area_perimeter(ring[:, 1], ring[:, 0])
        assert area == pytest.approx(expected, rel=1e-6), ring
    hectare = [[40, 47], [40, 47.0011711], [40.0009005, 47.0011711], [40.0009005, 47]]  # 100 m by 100 m, from DEGREE_M
    assert page.js("return hazardmap.geodesic.areaOf(arguments[0])", hectare) == pytest.approx(10_000, rel=0.001)


def test_the_shortest_line_lies_where_it_should(page):
    line = page.js("return hazardmap.geodesic.line(40, 170, 60, -120, 8)")
    assert line[0] == [40, 170]
    assert line[-1] == [60, 240], "it runs on over the 180th meridian"
    between = GEOD.npts(170, 40, -120, 60, 7)
    for (latitude, longitude), (lon, lat) in zip(line[1:-1], between, strict=True):
        assert latitude == pytest.approx(lat, abs=0.02), "equal steps on the sphere are nearly equal on the ellipsoid"
        assert (longitude - lon + 180) % 360 - 180 == pytest.approx(0, abs=0.02)


BAKU = [(40.5, 49.75)]
BOTH = [(40.5, 49.75), (49.75, 40.5)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("40.5, 49.75", BOTH),
        ("40.5 49.75", BOTH),
        ("40,5 49,75", BOTH),
        ("40,5,49,75", BOTH),
        ("40,5; 49,75", BOTH),
        ("(40.5, 49.75)", BOTH),
        ("geo:40.5,49.75", BOTH),
        ("40.5° 49.75°", BOTH),
        ("40 30 49 45", BOTH),
        ("40 30 00 49 45 00", BOTH),
        ("40:30 49:45", BOTH),
        ("40,49", [(40, 49), (49, 40)]),
        ("100.5 40.5", [(40.5, 100.5)]),  # 100.5 can be no latitude
        ("N40.5 E49.75", BAKU),
        ("40.5N 49.75E", BAKU),
        ("49.75 E, 40.5 N", BAKU),
        ("40°30'N 49°45'E", BAKU),
        ("40° 30′ 00″ N, 49° 45′ 00″ E", BAKU),
        ("40º30’00”N 49º45’00”E", BAKU),
        ("40d30m0sN 49d45m0sE", BAKU),
        ("N 40 30.0 E 49 45.0", BAKU),
        ("lat 40.5 lon 49.75", BAKU),
        ("Longitude: 49.75, Latitude: 40.5", BAKU),
        ("40,5 С 49,75 В", BAKU),
        ("С40°30' В49°45'", BAKU),
        ("40°30′ с. ш. 49°45′ в. д.", BAKU),
        ("40,5° пн. ш., 49,75° сх. д.", BAKU),
        ("40.5 شمال 49.75 شرق", BAKU),
        ("٤٠٫٥ N ٤٩٫٧٥ E", BAKU),
        ("33.5 ю 70.5 з", [(-33.5, -70.5)]),
        ("-33.5 -70.5", [(-33.5, -70.5), (-70.5, -33.5)]),
        ("40.5 N 49.75", [(40.5, 49.75), (49.75, 40.5)]),  # the N may belong to either
        ("40.5N 49.75", BAKU),
        ("40.5 N49.75", [(49.75, 40.5)]),
        ("40.5 N 2.5 O", [(40.5, -2.5), (40.5, 2.5)]),  # ouest, or Ost
        ("39N 394081.347 4484005.164", [(40.5, 49.75)]),
        ("EPSG:32639 394081.347 4484005.164", [(40.5, 49.75)]),
        ("394081.347 4484005.164 39T", [(40.5, 49.75)]),
        ("39N 4484005.164 394081.347", [(40.5, 49.75)]),
        ("UTM zone 39 N, E 394081,347, N 4484005,164", [(40.5, 49.75)]),
        ("39 394081.347 4484005.164", [(40.5, 49.75), (-49.787, 49.529)]),  # no half of the earth said
    ],
)
def test_coordinates_as_people_type_them(page, text, expected):
    found = page.js("return hazardmap.readCoordinates(arguments[0]).readings", text)
    places = [(reading["latitude"], reading["longitude"]) for reading in found]
    assert len(places) == len(expected), places
    for place, (latitude, longitude) in zip(places, expected, strict=True):
        assert place == pytest.approx((latitude, longitude), abs=2e-3 if latitude < -45 else 1e-6)


def test_the_letter_s_of_utm_is_read_both_ways_with_their_distance(page):
    found = page.js("return hazardmap.readCoordinates('38S 500000 3700000')")
    assert [(round(r["latitude"], 3), r["how"]) for r in found["readings"]] == [
        (33.439, "band_s"),
        (-56.844, "south_s"),
    ]
    _, _, apart = GEOD.inv(*[found["readings"][i][k] for i in (0, 1) for k in ("longitude", "latitude")])
    assert found["apart_m"] == pytest.approx(apart, abs=0.01)


@pytest.mark.parametrize(
    "text",
    [
        *("", "H-001", "P-054321", "77/1", "12 3", "40 49", "099999", "40 61 47 10", "91 N 47 E", "-40.5 S 49.75 E"),
        *("40.5 N 49.75 N", "95.1 99.2", "40.5", "1.5.2 3", "40.5 49.75 12.5", "40 30.5 10 49 45 10", "<img src=x>"),
        *("{{7*7}}", "N E", "38S", "x" * 5000, "1 " * 50, "40,5 49,75,12", "V-07 1.5"),
    ],
)
def test_what_is_no_place_is_read_as_none(page, text):
    assert page.js("return hazardmap.readCoordinates(arguments[0]).readings", text) == []
