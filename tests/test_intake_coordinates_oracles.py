"""Typed positions beside peers: GEOTRANS (mgrs), PROJ's own CRSs and operations, and a Helmert transformation by hand."""

import math
import time
import warnings

import numpy as np
import pyproj
import pytest
from pyproj.aoi import AreaOfInterest
from pyproj.transformer import TransformerGroup

from hazardmap.intake.coordinates import parse, parse_columns, to_mgrs, written

GEOD = pyproj.Geod(ellps="WGS84")
CODES = {"SK-42": 4284, "ED50": 4230, "Bogota 1975": 4218, "Indian 1960": 4131, "NAD27": 4267}
ZONES = ("32V", "31V", "31X", "33X", "35X", "37X")


def world(count, seed=5):
    """Places all over the world, many of them at the borders of bands and zones, where letters change."""
    rng = np.random.default_rng(seed)
    longitude, latitude = rng.uniform(-180, 180, count), np.degrees(np.arcsin(rng.uniform(-1, 1, count)))
    third = count // 3
    latitude[:third] = rng.choice(np.arange(-80, 85, 4.0), third) + rng.normal(0, 1e-3, third)
    longitude[third // 2 : 2 * third] = rng.choice(np.arange(-180, 181, 3.0), 2 * third - third // 2) + rng.normal(
        0, 1e-3, 2 * third - third // 2
    )
    return (longitude + 180) % 360 - 180, np.clip(latitude, -90, 90)


def apart(longitude, latitude, other_longitude, other_latitude):
    return GEOD.inv(longitude, latitude, other_longitude, other_latitude)[2]


def read_by(oracle, text):
    """GEOTRANS warns of latitudes beyond the letter's band."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return oracle.toLatLon(text)


def same_square(distance_m):
    """Releases of GEOTRANS give the middle of a square of 1 m, or its corner."""
    return np.minimum(distance_m, np.abs(distance_m - math.sqrt(0.5))) < 0.01


def test_mgrs_both_ways_over_the_world():
    oracle = pytest.importorskip("mgrs").MGRS()
    longitude, latitude = world(6_000)
    ours = to_mgrs(longitude, latitude)
    back = parse_columns(ours, datum="WGS 84", digits=10)
    assert back.faults == {}
    # the centre of a square of 1 m lies within 0.71 m of all of it; a metre of the polar grid is up to 1.006 m of ground
    assert apart(longitude, latitude, back.longitude, back.latitude).max() < 0.7115
    theirs = np.array([read_by(oracle, text) for text in ours])
    assert same_square(apart(theirs[:, 1], theirs[:, 0], back.longitude, back.latitude)).all()
    read = parse_columns(
        [oracle.toMGRS(b, a) for a, b in zip(longitude.tolist(), latitude.tolist(), strict=True)], datum="WGS 84"
    )
    assert read.faults == {}
    assert apart(longitude, latitude, read.longitude, read.latitude).max() < 1.0


@pytest.mark.parametrize("digits", [2, 4, 6, 8])
def test_coarse_mgrs_holds_the_place(digits):
    oracle = pytest.importorskip("mgrs").MGRS()
    longitude, latitude = world(300, seed=digits)
    ours = to_mgrs(longitude, latitude, digits=digits)
    read = parse_columns(ours, datum="WGS 84", digits=digits)
    # a grid's metre near the pole or a zone's edge differs from the ellipsoid's by up to 0.6 %
    assert (apart(longitude, latitude, read.longitude, read.latitude) <= read.accuracy_m * 1.007).all()
    theirs = [
        oracle.toMGRS(b, a, MGRSPrecision=digits // 2)
        for a, b in zip(longitude.tolist(), latitude.tolist(), strict=True)
    ]
    same = np.array([a == b.zfill(len(a)) for a, b in zip(ours.tolist(), theirs, strict=True)])
    assert same.mean() > 0.99, "they differ where a place lies on the border of two squares"


def test_zones_of_norway_and_svalbard():
    oracle = pytest.importorskip("mgrs").MGRS()
    rng = np.random.default_rng(8)
    longitude, latitude = rng.uniform(0, 42, 2_000), rng.uniform(56, 84, 2_000)
    ours = to_mgrs(longitude, latitude)
    assert {t[:3] for t in ours} >= set(ZONES)
    assert not {t[:3] for t in ours} & {"32X", "34X", "36X"}
    theirs = [oracle.toMGRS(b, a)[:5] for a, b in zip(longitude.tolist(), latitude.tolist(), strict=True)]
    assert np.mean([a[:5] == b for a, b in zip(ours.tolist(), theirs, strict=True)]) > 0.999
    assert parse("32VNM1234512345", datum="WGS 84").longitude == pytest.approx(9.2, abs=0.1)
    assert written(np.array([4.0]), np.array([60.0]), form="utm")[0].startswith("UTM zone 32 north")


@pytest.mark.parametrize("place", [(0, 90), (0, -90), (179.9, 84.1), (-179.9, -80.1), (-1e-9, 89), (90, -85)])
def test_poles(place):
    oracle = pytest.importorskip("mgrs").MGRS()
    text = to_mgrs(np.array([float(place[0])]), np.array([float(place[1])]))[0]
    assert text[0] in "ABYZ"
    assert apart(*map(float, place), *_xy(parse(text[:3], datum="WGS 84", digits=0))) < 72_000
    back = parse(text, datum="WGS 84")
    assert apart(*map(float, place), back.longitude, back.latitude) <= back.accuracy_m
    latitude, longitude = read_by(oracle, text)
    assert same_square(apart(longitude, latitude, back.longitude, back.latitude))


def test_every_square_that_geotrans_knows_is_known_here():
    """All letters of one zone and band: what GEOTRANS reads inside the band is read here, at the same place."""
    mgrs = pytest.importorskip("mgrs")
    oracle = mgrs.MGRS()
    columns, rows = "ABCDEFGHJKLMNPQRSTUVWXYZ", "ABCDEFGHJKLMNPQRSTUV"
    for zone, low, high, west, east in (("38S", 32, 40, 42, 48), ("32V", 56, 64, 3, 12), ("01C", -80, -72, -180, -174)):
        for letters in (c + r for c in columns for r in rows):
            text = f"{zone}{letters}5000050000"
            try:
                latitude, longitude = read_by(oracle, text)
            except mgrs.core.MGRSError:
                latitude = longitude = math.nan
            read = parse_columns([text], datum="WGS 84")
            if low <= latitude < high and west <= longitude < east:
                assert read.faults == {}, text
                assert apart(longitude, latitude, read.longitude[0], read.latitude[0]) < 1
            elif not math.isfinite(latitude):
                told = 0 in read.faults or "the place lies in" in read.notes[-1]  # a square just beyond the border
                assert told, text


def test_pulkovo_near_aghdam_by_hand():
    """Geocentric translation and rotation with EPSG's parameters of Pulkovo 1942 to WGS 84 (16), written out."""
    place = parse("39°59'30.0\" N 46°55'48.0\" E", datum="SK-42")
    assert (place.operation, place.operation_accuracy_m) == ("Pulkovo 1942 to WGS 84 (16)", 4.5)
    krassowsky, wgs = (6378245.0, 1 / 298.3), (6378137.0, 1 / 298.257223563)
    phi, lam = math.radians(39 + 59.5 / 60), math.radians(46.93)
    e2 = krassowsky[1] * (2 - krassowsky[1])
    n = krassowsky[0] / math.sqrt(1 - e2 * math.sin(phi) ** 2)
    x, y, z = n * math.cos(phi) * math.cos(lam), n * math.cos(phi) * math.sin(lam), n * (1 - e2) * math.sin(phi)
    rx, ry, rz = (math.radians(s / 3600) for s in (0.0, -0.35, -0.736))  # coordinate frame
    x, y, z = x + rz * y - ry * z + 25, y - rz * x + rx * z - 141, z + ry * x - rx * y - 78.5
    e2 = wgs[1] * (2 - wgs[1])
    p, latitude = math.hypot(x, y), math.atan2(z, math.hypot(x, y))
    for _ in range(10):
        n = wgs[0] / math.sqrt(1 - e2 * math.sin(latitude) ** 2)
        latitude = math.atan2(z + e2 * n * math.sin(latitude), p)
    assert apart(math.degrees(math.atan2(y, x)), math.degrees(latitude), place.longitude, place.latitude) < 0.01
    assert 95 < apart(46.93, 39 + 59.5 / 60, place.longitude, place.latitude) < 115, (
        "a datum read wrongly is about 103 m off"
    )


@pytest.mark.parametrize(
    ("datum", "longitude", "latitude"),
    [
        ("SK-42", 46.93, 39.99),
        ("SK-42", 49.9, 40.2),
        ("SK-42", 30.5, 50.4),
        ("ED50", 17.9, 43.9),
        ("Bogota 1975", -74.1, 4.6),
        ("Indian 1960", 106.7, 10.8),
        ("NAD27", -77.0, 38.9),
    ],
)
def test_the_operation_of_best_stated_accuracy(datum, longitude, latitude):
    place = parse(f"{latitude:.6f} {longitude:.6f}", datum=datum, order="lat lon")
    box = AreaOfInterest(longitude - 1e-6, latitude - 1e-6, longitude + 1e-6, latitude + 1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # grids that are not installed
        group = TransformerGroup(CODES[datum], 4326, always_xy=True, area_of_interest=box, allow_ballpark=False)
    usable = [t for t in group.transformers if t.accuracy >= 0 and _holds(t.area_of_use, longitude, latitude)]
    assert place.operation_accuracy_m == min(t.accuracy for t in usable)
    gaps = [
        apart(*t.transform(longitude, latitude), place.longitude, place.latitude)
        for t in usable
        if t.accuracy == place.operation_accuracy_m
    ]
    assert min(gaps) < 1e-6
    # every other operation agrees within what both state
    for other in usable:
        if other.accuracy < 50:
            assert (
                apart(*other.transform(longitude, latitude), place.longitude, place.latitude)
                <= other.accuracy + place.operation_accuracy_m
            )


def _xy(place):
    return place.longitude, place.latitude


def _holds(use, longitude, latitude):
    east = (
        use.west <= longitude <= use.east if use.west <= use.east else (longitude >= use.west or longitude <= use.east)
    )
    return east and use.south <= latitude <= use.north


@pytest.mark.parametrize(
    "code",
    [
        "EPSG:32638",
        "EPSG:32739",
        "EPSG:28408",
        "EPSG:2591",
        "EPSG:3350",
        "EPSG:23034",
        "EPSG:3116",
        "EPSG:3857",
        "EPSG:2056",
        "EPSG:27572",
        "EPSG:31281",
        "EPSG:2249",
    ],
)
def test_any_crs_as_proj_reads_it(code):
    crs = pyproj.CRS(code)
    use = crs.area_of_use
    rng = np.random.default_rng(int(code[5:]))
    west, east = max(use.west, -179), min(use.east, 179)
    longitude = rng.uniform(west + (east - west) * 0.3, west + (east - west) * 0.7, 50)
    latitude = rng.uniform(max(use.south, -79) * 0.7 + use.north * 0.3, max(use.south, -79) * 0.3 + use.north * 0.7, 50)
    texts = written(longitude, latitude, form="xy", crs=code, decimals=3)
    back = parse_columns(texts)
    assert back.faults == {}
    assert apart(longitude, latitude, back.longitude, back.latitude).max() < 0.002
    east_north = np.array([[float(v) for v in t.split()[2::2]] for t in texts])
    there = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True).transform
    if back.operation[0] == "none":
        assert np.abs(east_north - np.column_stack(there(longitude, latitude))).max() < 0.001
    half = {"EPSG:2249": 0.3048006}.get(code, 1.0) * 0.001 * math.sqrt(0.5)  # feet in Massachusetts
    assert (back.accuracy_m >= half * 0.999).all()


@pytest.mark.parametrize("zone", [1, 18, 31, 38, 60])
@pytest.mark.parametrize("side", ["north", "south"])
def test_utm_as_proj_reads_it(zone, side):
    rng = np.random.default_rng(zone)
    east, north = rng.uniform(200_000, 800_000, 40), rng.uniform(1_200_000, 9_000_000, 40)
    read = parse_columns(
        [f"{zone} {side} {e:.3f} {n:.3f}" for e, n in zip(east, north, strict=True)],
        datum="WGS 84",
        order="lon lat",
        decimal=".",
    )
    assert read.faults == {}
    code = f"EPSG:{326 if side == 'north' else 327}{zone:02}"
    theirs = pyproj.Transformer.from_crs(code, 4326, always_xy=True).transform(east, north)
    assert apart(*theirs, read.longitude, read.latitude).max() < 0.001


def test_gauss_kruger_as_proj_reads_it():
    for zone in (2, 8, 9, 32):
        read = parse_columns(x=[f"{zone}600123.4"], y=["5500432.1"], datum="SK-42")
        crs = pyproj.CRS(f"EPSG:284{zone:02}")
        longitude, latitude = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True).transform(
            zone * 1e6 + 600123.4, 5500432.1
        )
        if 0 in read.faults:
            assert "no transformation of known accuracy" in read.faults[0][0]
        else:
            place = parse(f"{latitude:.9f} {longitude:.9f}", datum="SK-42", order="lat lon")
            assert apart(place.longitude, place.latitude, read.longitude[0], read.latitude[0]) < 0.001


def test_columns_are_read_in_seconds():
    """A hundred thousand distinct rows of each kind are read in a few seconds; here a tenth, loosely timed."""
    rng = np.random.default_rng(0)
    longitude, latitude = rng.uniform(45, 48.5, 10_000), rng.uniform(38.8, 41, 10_000)
    for form in ("dd", "dms", "mgrs"):
        texts = written(longitude, latitude, form=form)
        begun = time.perf_counter()
        read = parse_columns(texts, datum="WGS 84")
        assert time.perf_counter() - begun < 10
        assert read.faults == {}


def test_where_operations_contradict_each_other_the_accuracy_is_widened():
    """In Mozambique one operation states 3 m, another 17 m, and they lie 18.4 m apart: more than 17.3 m."""
    place = parse("19.000000 S 34.000000 E", datum="Tete")
    group = TransformerGroup(
        4127, 4326, always_xy=True, area_of_interest=AreaOfInterest(33.9, -19.1, 34.1, -18.9), allow_ballpark=False
    )
    usable = [t for t in group.transformers if _holds(t.area_of_use, 34, -19)]
    gap = max(apart(*t.transform(34.0, -19.0), place.longitude, place.latitude) for t in usable)
    assert gap > math.hypot(*(t.accuracy for t in usable))
    assert place.operation_accuracy_m == 3.0
    assert place.accuracy_m == pytest.approx(gap, abs=0.001)
    assert place.notes == (
        f"accuracy widened: another transformation contradicts it, they lie up to {gap:.1f} m apart",
    )
    column = parse_columns(["19.000000 S 34.000000 E"], datum="Tete")
    assert column.accuracy_m[0] == place.accuracy_m
    assert column.notes[-1] == f"1 × {place.notes[0]}"


def test_the_area_of_the_operation_is_told():
    """Zagatala lies in Azerbaijan and in the box of Russia: the reader sees whose operation was taken."""
    place = parse("41.63 N 46.64 E", datum="SK-42")
    assert (place.operation_accuracy_m, place.operation_area) == (3.0, "Russian Federation - onshore.")


@pytest.mark.parametrize(
    ("code", "east", "north", "longitude", "latitude"),
    [("EPSG:27572", 600_000, 2_200_000, 2.337, 46.8), ("EPSG:31281", 0, 5_280_000, 10.33, 47.65)],
)
def test_meridians_other_than_greenwich(code, east, north, longitude, latitude):
    """The middle of Lambert II is the meridian of Paris, 2°20'14" E, at 52 grads; Austria's west lies 28° from Ferro, 10°20' E."""
    place = parse(f"{east} {north}", crs=code, order="lon lat")
    assert (place.longitude, place.latitude) == (pytest.approx(longitude, abs=0.02), pytest.approx(latitude, abs=0.05))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        box = AreaOfInterest(longitude - 0.1, latitude - 0.1, longitude + 0.1, latitude + 0.1)
        group = TransformerGroup(code, 4326, always_xy=True, area_of_interest=box, allow_ballpark=False)
    usable = [t for t in group.transformers if t.accuracy >= 0 and _holds(t.area_of_use, longitude, latitude)]
    best = min(t.accuracy for t in usable)
    assert place.operation_accuracy_m == best
    assert (
        min(apart(*t.transform(east, north), place.longitude, place.latitude) for t in usable if t.accuracy == best)
        < 0.001
    )
