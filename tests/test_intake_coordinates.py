"""Typed positions: what each writing means, reasoned out by pencil, and what is refused."""

import math

import numpy as np
import pandas as pd
import pytest
from test_maps_hostile import PAYLOADS

from hazardmap import CrsError, HazardmapError, SchemaError
from hazardmap.cli import main
from hazardmap.intake.coordinates import parse, parse_columns, to_mgrs, written

#: 39 + 59/60 + 51.5/3600 and 46 + 55/60 + 2/3600 degrees.
LATITUDE, LONGITUDE = 39.997638889, 46.917222222
WGS = {"datum": "WGS 84"}


@pytest.mark.parametrize(
    "text",
    [
        "N39°59'51.5\" E46°55'02\"",
        "39°59'51.5\"N 46°55'02\"E",
        "39° 59′ 51.5″ N, 46° 55′ 02″ E",
        "39º59’51.5” N; 46º55’02” E",
        "39°59'51.5''N/46°55'2''E",
        "E46°55'02\" N39°59'51.5\"",
        "39 59 51.5 N 46 55 02 E",
        "N 39 59 51.5 E 46 55 02",
        "n39:59:51.5 e46:55:02",
        "39-59-51.5N 46-55-02E",
        "39d59m51.5sN 46d55m02sE",
        "39 deg 59 min 51.5 sec N, 46 deg 55 min 2 sec E",
        "39*59'51.5\" N 46*55'02\" E",
        "39°59'51,5\" N 46°55'02\" E",
        "39°59'51,5\" с.ш. 46°55'02\" в.д.",
        "С39°59'51,5\" В46°55'02\"",
        "39°59'51,5\" север, 46°55'02\" восток",
        "39°59'51.5\" Şm 46°55'02\" Şq",
        "39°59'51.5\" Şimal 46°55'02\" Şərq",
        "K 39°59'51.5\" D 46°55'02\"",
        "39°59'51.5\" S 46°55'02\" I",
        "39°59'51.5\" nord 46°55'02\" est",
        "39°59'51.5\" N 46°55'02\" Е",  # Cyrillic Е
        "пн.ш. 39°59'51.5\" сх.д. 46°55'02\"",
        "３９°５９′５１．５″Ｎ　４６°５５′０２″Ｅ",
        "٣٩°٥٩'٥١٫٥\" N ٤٦°٥٥'٠٢\" E",
        "\u200e39°\u00a059'\u202f51.5\"\u2009N\u00a046°55'02\"E\ufeff",
        "lat: 39°59'51.5\", lon: 46°55'02\"",
        "Longitude = 46°55'02\"  Latitude = 39°59'51.5\"",
        "(39°59'51.5\" N, 46°55'02\" E)",
        "39°59'51.5\" N\n46°55'02\" E",
        "N39°59'51.5\"E46°55'02\"",
        "N39d59m51.5sE46d55m02s",
        "39.59.51,5 N 46.55.02 E",
        "39.59.51.5N, 46.55.02E",
        "39°59'51.5\" şimal enliyi 46°55'02\" şərq uzunluğu",
    ],
)
def test_one_place_in_thirty_writings(text):
    place = parse(text, **WGS)
    assert place.latitude == pytest.approx(LATITUDE, abs=1e-9)
    assert place.longitude == pytest.approx(LONGITUDE, abs=1e-9)
    # a tenth of a second of latitude is 3.08 m, a second of longitude at 40° 23.72 m: half of 23.92 m
    assert place.accuracy_m == pytest.approx(11.96, abs=0.01)
    assert (place.entered, place.form) == (text, "degrees, minutes, seconds")
    assert (place.datum, place.operation, place.operation_accuracy_m) == ("WGS 84", "none", 0.0)


@pytest.mark.parametrize(
    ("text", "latitude", "longitude", "accuracy_m"),
    [
        # one ten-thousandth of a degree at 40°: 11.10 m by 8.54 m
        ("39.9976 N 46.9167 E", 39.9976, 46.9167, 7.00),
        ("N39,9976 E46,9167", 39.9976, 46.9167, 7.00),
        # a thousandth of a minute: 1.85 m by 1.42 m
        ("39°59.858'N 46°55.033'E", 39 + 59.858 / 60, 46 + 55.033 / 60, 1.167),
        # whole degrees at the equator: 111.3 km by 110.6 km
        ("0 N 0 E", 0, 0, 78_450),
        ("12.50 S 70.25 W", -12.5, -70.25, 774.3),
        ("12.50 Ю 70.25 З", -12.5, -70.25, 774.3),
        ("12.50 Cn 70.25 Qb", -12.5, -70.25, 774.3),
        ("4.60 N 74.08 Oeste", 4.6, -74.08, 784.0),
        ("0°30' S 0°15' W", -0.5, -0.25, 1308.0),
        ("lat -0°30' lon −0°15'", -0.5, -0.25, 1308.0),
    ],
)
def test_digits_and_their_accuracy(text, latitude, longitude, accuracy_m):
    place = parse(text, **WGS)
    assert (place.latitude, place.longitude) == (
        pytest.approx(latitude, abs=1e-12),
        pytest.approx(longitude, abs=1e-12),
    )
    assert place.accuracy_m == pytest.approx(accuracy_m, rel=2e-3)


@pytest.mark.parametrize("minus", "-−–—‐‑‒﹣－")
def test_every_minus_is_a_minus(minus):
    place = parse(f"{minus}12.50 {minus}70.25", order="lat lon", **WGS)
    assert (place.latitude, place.longitude) == (-12.5, -70.25)


def test_order_settles_bare_pairs_and_nothing_else_does():
    with pytest.raises(
        CrsError, match=r"39\.500000° N 46\.250000° E .*46\.250000° N 39\.500000° E .*930 km apart.*order='lat lon'"
    ) as told:
        parse("39.5 46.25", extent=(44.7, 38.3, 50.7, 41.9), **WGS)
    assert "inside the extent" in told.value.found
    assert "outside the extent" in told.value.found
    assert parse("39.5 46.25", order="lat lon", **WGS).latitude == 39.5
    assert parse("39.5 46.25", order="lon lat", **WGS).latitude == 46.25
    assert parse("39.5 146.25", **WGS).latitude == 39.5, "146.25 can be no latitude"
    with pytest.raises(CrsError, match=r"latitude 146\.25"):
        parse("39.5 146.25", order="lon lat", **WGS)
    assert parse("E39.5 N46.25", order="lat lon", **WGS).latitude == 46.25, (
        "letters say more than an order for bare values"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("39°61' N 46° E", "61 minutes"),
        ("39°59'60\" N 46° E", "60 seconds"),
        ("91 N 46 E", "latitude 91"),
        ("39 N 181 E", "longitude 181"),
        ("39 N 40 S", "two latitudes"),
        ("39 E 40 W", "two longitudes"),
        ("-39 S 46 E", "a sign and a letter"),
        ("-39 N 46 E", "a sign and a letter"),
        ("+39 S 46 E", "a sign and a letter"),
        ("N39 S 46 E", "the letters N, S"),
        ("39 N 46", "two readings"),
        ("39.99 - 46.92", "two readings"),
        ("39.99-46.92", "two readings"),
        ("12.5 S 40.2", "language 'bs'"),
        ("4.6 N 74.08 O", "language 'de'"),
        ("39,59 46,55,10", "decimals before the last number"),
        ("39,9976,46,9167", "a comma between values and in them .*39.9976 and 46.9167"),
        ("12,145", "may be two values, or one with a decimal comma"),
        ("12.345", "a single value"),
        ("394530 465500", "39°45'30\" or 39.4530°, 34 km apart"),
        ("394530N 0465500E", "39°45'30\" or 39.4530°, 34 km apart"),
        ("3959.858N 04655.033E", "39°59.858'"),
        ("39.5 30 46.5 20", "decimals before the last number"),
        ("39.5 46.2 120", "decimals before the last number"),
        ("39 30 46", "1 and 2 numbers|2 and 1 numbers"),
        ("39°59'51s 46°55'00\"", "seconds or south"),
        ("4.7E+01 3.9E+01", "powers of ten"),
        ("1e999999999 1e999999999", "powers of ten"),
        ("nan nan", "the word 'nan'"),
        ("39²30 N 46 E", "'²'"),
        ("39½ N 46 E", "'½'"),
        ("39.5 \u202e N 46 E", "the sign"),
        ("39.5 N 46.2 Q", "the word 'Q'"),
        ("", "an empty text"),
        (" \u200b ", "an empty text"),
        ("9" * 201, "201 characters"),
        ("1 " * 100, "numbers and signs|of a number"),
        ("9" * 90 + " N 46 E", "digits"),
        ("38N", "a single value"),
    ],
)
def test_refused(text, found):
    with pytest.raises(HazardmapError, match=found):
        parse(text, **WGS)


def test_decimal_and_language_settle_what_they_can():
    assert parse("39,9976,46,9167", decimal=",", order="lat lon", **WGS).longitude == 46.9167
    assert parse("39,5 46,25", order="lat lon", **WGS).latitude == 39.5
    assert parse("4.6 N 74.08 O", language="es", **WGS).longitude == -74.08
    assert parse("50.1 N 8.6 O", language="de", **WGS).longitude == 8.6
    with pytest.raises(SchemaError, match="one of az, bs"):
        parse("4.6 N 74.08 O", language="Spanish", **WGS)


def test_a_datum_is_stated_never_guessed():
    with pytest.raises(CrsError, match="without a datum"):
        parse("39.9976 N 46.9167 E")
    assert parse("39.9976 N 46.9167 E (WGS-84)").datum == "WGS 84"
    assert parse("СК-42 39.9976 N 46.9167 E").datum == "Pulkovo 1942"
    assert parse("43.9976 N 17.9167 E", crs="EPSG:4230").datum == "ED50"
    with pytest.raises(CrsError, match="states WGS 84, the caller Pulkovo 1942"):
        parse("39.9976 N 46.9167 E WGS 84", datum="SK-42")
    with pytest.raises(CrsError, match="1942\\(58\\)"):
        parse("39.9976 N 46.9167 E", datum="S-42")
    with pytest.raises(CrsError, match="not known here"):
        parse("39.9976 N 46.9167 E", datum="Mars 2000")
    with pytest.raises(CrsError, match="one datum"):
        parse("39.9976 N 46.9167 E", datum="WGS 84", crs="EPSG:28408")
    with pytest.raises(CrsError, match="not known to PROJ"):
        parse("39.9976 N 46.9167 E", crs="EPSG:999999")
    with pytest.raises(CrsError, match="no transformation of known accuracy"):
        parse("39.9976 N 46.9167 E", datum="EPSG:4179")  # Pulkovo 1942(58) is Poland's and Albania's


def test_utm():
    # 500,000 m east in zone 38 is its middle, 45° E; the equator is northing 0
    place = parse("38N 500000 0", **WGS)
    assert (place.longitude, place.latitude) == (pytest.approx(45, abs=1e-12), pytest.approx(0, abs=1e-12))
    assert place.accuracy_m == pytest.approx(math.sqrt(2) / 2)
    assert place.form == "UTM zone 38 north"
    same = [
        "38N 660000 4430000",
        "38T 660000 4430000",
        "38 T 0660000 4430000",
        "38T 0660000 UTM 4430000",
        "660000 4430000 38N",
        "660000mE 4430000mN zone 38N",
        "UTM zone 38 north E 660000 N 4430000",
        "38N 4430000 660000",
        "38N 660 000 4 430 000",
        "38N 660.000 4.430.000",
        "38N, 660,000, 4,430,000",
        "38N X=660000 Y=4430000",
        "UTM38N 660000 4430000",
        "38N/660000/4430000",
        "38N 660000.0,4430000.0",
        "38N 660 000,0 4 430 000,0",
    ]
    places = [parse(text, **WGS) for text in same]
    assert len({(round(p.longitude, 10), round(p.latitude, 10)) for p in places}) == 1
    assert parse("660000 4430000", zone="38N", **WGS).latitude == places[0].latitude
    assert parse("38N 660000.25 4430000.75", **WGS).accuracy_m == pytest.approx(0.01 * math.sqrt(2) / 2)


def test_s_behind_a_zone_is_a_band_or_the_south():
    with pytest.raises(
        CrsError, match=r"40\.005045° N .*50\.260449° S .*km apart.*hemisphere='north' or hemisphere='south'"
    ):
        parse("38S 660000 4430000", **WGS)
    assert parse("38S 660000 4230000", hemisphere="north", **WGS).latitude == pytest.approx(38.2, abs=0.02)
    assert parse("38S 660000 4230000", hemisphere="south", **WGS).latitude == pytest.approx(-52.06, abs=0.02)
    assert parse("36S 660000 7600000", **WGS).latitude < -21, "band S ends at 40° N, which is northing 4,430,000"
    with pytest.raises(CrsError, match="hemisphere 'north'"):
        parse("660000 4430000", zone=38, **WGS)


@pytest.mark.parametrize(
    ("text", "options", "found"),
    [
        ("38R 660000 4430000", WGS, "lies in no band R"),
        ("61N 660000 4430000", WGS, "zone 61"),
        ("38N 60000 4430000", WGS, "easting 60,000"),
        ("38N 660000 44300000", WGS, "northing 44,300,000"),
        ("660000 4430000", WGS, "without a zone"),
        ("18N 500000 600000", WGS, "order 'lon lat'.*order 'lat lon'.*141 km apart"),
        ("38N 660000 4430000", WGS | {"zone": "39N"}, "states zone 38N, the caller zone 39N"),
        ("38T 660000 4430000", WGS | {"hemisphere": "south"}, "letter T, but hemisphere south"),
        ("38N 660000 4430000", {"datum": "SK-42"}, "on Pulkovo 1942"),
        ("39.9 46.9", {"crs": "EPSG:32638"}, "in WGS 84 / UTM zone 38N"),
        ("12.345 23.456", {"crs": "EPSG:3857"}, "two readings|in WGS 84"),
        ("460.123 4430123.5", {"crs": "EPSG:32638"}, "easting"),
    ],
)
def test_metres_refused(text, options, found):
    with pytest.raises(HazardmapError, match=found):
        parse(text, **options)


def test_thousands_or_decimals_is_a_fault_where_both_can_be():
    # in a CRS without limits of its own: 12.345 m or 12,345 m from the origin
    with pytest.raises(CrsError, match=r"two readings: .*km apart.*decimal=',' or decimal='\.'"):
        parse("912.345 512.345", crs="EPSG:3857", order="lon lat")
    near = parse("912.345 512.345", crs="EPSG:3857", order="lon lat", decimal=".")
    assert near.longitude == pytest.approx(912.345 / 6378137 * 180 / math.pi, abs=1e-12)
    far = parse("912.345 512.345", crs="EPSG:3857", order="lon lat", decimal=",")
    assert far.longitude == pytest.approx(912345 / 6378137 * 180 / math.pi, abs=1e-12)
    assert parse("38N 660.000 4.430.000", **WGS).form == "UTM zone 38 north", "660 m east is outside any zone"


def test_gauss_kruger():
    sk = {"datum": "SK-42"}
    with pytest.raises(CrsError, match=r"two readings.*order"):
        parse("4428000 8567000", **sk)  # zone 8 by the second number, or zone 4 by the first
    places = [
        parse("4428000 8567000", order="lat lon", **sk),
        parse("8567000 4428000", order="lon lat", **sk),
        parse("4428000 8567000", zone=8, **sk),
        parse("4428000 567000", zone="8", order="lat lon", **sk),
        parse("E 8567000 N 4428000", **sk),
        parse("zone 8 E 567000 N 4428000 СК-42"),
        parse("8567000 4428000", crs="EPSG:28408", order="lon lat"),
        parse("EPSG:28408 4428000 8567000"),
        parse("567000 4428000", crs="EPSG:28468"),
    ]
    assert len({(round(p.longitude, 9), round(p.latitude, 9)) for p in places}) == 1
    assert all(p.operation == "Pulkovo 1942 to WGS 84 (16)" for p in places)
    assert all(p.accuracy_m == pytest.approx(math.hypot(4.5, math.sqrt(0.5))) for p in places)
    with pytest.raises(CrsError, match="without zone prefix"):
        parse("567000 4428000", order="lon lat", **sk)
    with pytest.raises(CrsError, match="easting of zone 8, stated zone 9"):
        parse("8567000 4428000", zone=9, order="lon lat", **sk)
    assert "6° zones" in places[0].notes[0]


def test_three_degree_zones_and_cs63_are_stated_by_their_code():
    # the middle of 3° zone CM 48E is 48° E, false easting 500,000; of CS63 C0 21.95° E, 250,000
    assert parse("500000 4428000", crs="EPSG:2591").longitude == pytest.approx(48, abs=0.002)
    assert parse("250000 6200000", crs="EPSG:3350").longitude == pytest.approx(21.95, abs=0.003)


def test_mgrs():
    place = parse("38SPK4960123456", **WGS)
    for text in (
        "38S PK 49601 23456",
        "38s pk 4960123456",
        "MGRS 38SPK4960123456",
        "38SPK 49601 23456",
        "UTMREF: 38SPK4960123456",
    ):
        assert parse(text, **WGS).latitude == place.latitude
    assert place.accuracy_m == pytest.approx(math.sqrt(0.5))
    # the square's centre lies half a square from its corner: 38SPK49601234 is 10 m wide
    wide = parse("38SPK49602345", **WGS)
    assert wide.accuracy_m == pytest.approx(10 * math.sqrt(0.5))
    assert (wide.latitude - parse("38SPK4960023450", **WGS).latitude) * 111_000 == pytest.approx(4.5, abs=0.1)
    assert parse("38SPK", digits=0, **WGS).accuracy_m == pytest.approx(100_000 * math.sqrt(0.5))


@pytest.mark.parametrize(
    ("text", "digits", "found"),
    [
        ("38SPK4960", 10, "with 4 digits, a square of 1 km – needed: 10 digits, a square of 1 m"),
        ("38SPK496", None, "with 3 digits"),
        ("38SPK 49 6012", None, "with 2 and 4 digits"),
        ("38SPK", None, "no more than a square of 100 km"),
        ("38SMJ", None, "no more than a square of 100 km"),
        ("MGRS 38S", None, "no more than a square of 6° by 8°"),
        ("38SAK1234512345", None, "no such square"),
        ("38SPL1234512345", None, "no such square"),
        ("32XNG1234512345", None, "no such square"),
        ("61SPK1234512345", None, "no such square"),
        ("38SPI1234512345", None, "the word|no such"),
        ("38IPK1234512345", None, "the word|no such|the letters"),
        ("YAA1234512345", None, "no such square"),
        ("38SPK4960123456", 7, "even number"),
    ],
)
def test_mgrs_refused(text, digits, found):
    with pytest.raises(HazardmapError, match=found):
        parse(text, digits=digits, **WGS)


def test_mgrs_of_other_letters_is_refused():
    with pytest.raises(CrsError, match="use others"):
        parse("38SPK4960123456", datum="NAD27")  # Clarke's ellipsoid
    assert parse("34TCQ1234512345", datum="ED50").operation.startswith("ED50 to WGS 84")


def test_a_note_tells_of_letters_that_reach_over_a_border():
    assert parse("38SPK4960", **WGS).notes == ("written with 38S, the place lies in 38T",)


def test_columns_of_text():
    texts = [
        "38SPK4960123456",
        None,
        "39°59'51.5\" N 46°55'02\" E",
        "  ",
        "39.9 46.9",
        float("nan"),
        True,
        46.9,
        "38SPK4960123456",
    ]
    read = parse_columns(pd.Series(texts, index=range(9, 0, -1), dtype=object), **WGS)
    assert read.missing.tolist() == [False, True, False, True, False, True, False, False, False]
    assert sorted(read.faults) == [4, 6, 7]
    assert "two readings" in read.faults[4][0]
    assert read.faults[6] == ("bool 'True'", "a position as text")
    assert np.isnan(read.longitude[[1, 3, 4, 5, 6, 7]]).all()
    assert read.longitude[0] == read.longitude[8]
    assert read.latitude[2] == pytest.approx(LATITUDE, abs=1e-9)
    assert read.notes == (
        "2 × read as MGRS, 10 digits",
        "1 × read as degrees, minutes, seconds",
        "3 × stated in WGS 84: no transformation",
        "3 × empty",
    )
    assert read.entered.tolist()[:2] == ["38SPK4960123456", ""]


def test_columns_x_and_y():
    read = parse_columns(
        x=["46.9", "46°54' E", "46,25", "", "N 46", "200", "46.9", math.inf],
        y=["39.5", "39°30' N", "39,5", "39.5", "39", "39", "91", 1.0],
        **WGS,
    )
    assert read.longitude[:3].tolist() == [46.9, 46.9, 46.25]
    assert read.latitude[:3].tolist() == [39.5, 39.5, 39.5]
    assert sorted(read.faults) == [3, 4, 5, 6, 7]
    assert "y alone" in read.faults[3][0]
    assert "longitude in x" in read.faults[4][1]
    assert "longitude 200" in read.faults[5][0]
    assert "latitude 91" in read.faults[6][0]
    metres = parse_columns(x=[8567000, "8 567 000"], y=["4428000", 4428000.0], datum="SK-42")
    assert metres.longitude[0] == pytest.approx(metres.longitude[1], abs=1e-12)
    assert metres.notes[1].startswith(
        "2 × brought to WGS 84 by Pulkovo 1942 to WGS 84 (16) (accurate to 4.5 m; stated for Armenia;"
    )
    with pytest.raises(SchemaError, match="2 x and 1 y"):
        parse_columns(x=[1, 2], y=[1], **WGS)
    with pytest.raises(SchemaError, match="neither one column nor two"):
        parse_columns(x=[1], **WGS)


def test_numbers_have_the_precision_of_their_column_and_texts_their_own():
    x, y = [46.91, 46.91234], [39.5, 39.51234]
    assert parse_columns(x=x, y=y, **WGS).accuracy_m[0] == pytest.approx(0.70, abs=0.01)
    assert parse_columns(x=x, y=y, precision="cell", **WGS).accuracy_m[0] == pytest.approx(5568, abs=2)
    texts = {"x": [str(v) for v in x], "y": [str(v) for v in y]}
    assert parse_columns(**texts, **WGS).accuracy_m[0] == pytest.approx(5568, abs=2)
    assert parse_columns(**texts, precision="column", **WGS).accuracy_m[0] == pytest.approx(0.70, abs=0.01)


def test_an_empty_column_is_no_fault():
    read = parse_columns([], **WGS)
    assert len(read.longitude) == 0
    assert read.faults == {}


def test_written():
    where = np.array([LONGITUDE, -LONGITUDE]), np.array([LATITUDE, -LATITUDE])
    assert written(*where, form="dms", decimals=1).tolist() == [
        "39°59'51.5\" N 46°55'02.0\" E",
        "39°59'51.5\" S 46°55'02.0\" W",
    ]
    assert written(*where, form="dm", decimals=3)[0] == "39°59.858' N 46°55.033' E"
    assert written(*where, form="dd", decimals=4)[0] == "39.9976° N 46.9172° E"
    # 59.9999" is never written as 60"
    assert (
        written(np.array([46.99999999]), np.array([39.99999999]), form="dms", decimals=2)[0]
        == "40°00'00.00\" N 47°00'00.00\" E"
    )
    assert (
        written(np.array([45.0]), np.array([-0.0000001]), form="utm", decimals=0)[0]
        == "UTM zone 38 south E 500000 N 10000000"
    )
    assert to_mgrs(np.array([45.0]), np.array([0.0])).tolist() == ["38NNF0000000000"]
    assert written(np.array([]), np.array([]), form="mgrs").tolist() == []
    with pytest.raises(CrsError, match="2 places beyond 80° S"):
        written(np.array([45.0, 1.0]), np.array([85.0, -81]), form="utm")
    with pytest.raises(CrsError, match="no places on earth"):
        written(np.array([45.0]), np.array([91.0]), form="dd")
    with pytest.raises(CrsError, match="no transformation of known accuracy"):
        written(np.array([2.0]), np.array([48.0]), form="dd", datum="SK-42")
    with pytest.raises(SchemaError, match="no projected CRS"):
        written(np.array([2.0]), np.array([48.0]), form="xy")
    with pytest.raises(SchemaError, match="one of dd, dm"):
        written(np.array([2.0]), np.array([48.0]), form="DD")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_is_a_fault_that_quotes_it(payload):
    with pytest.raises(HazardmapError) as told:
        parse(payload, **WGS)
    assert repr(payload)[1:-1][:20] in told.value.found or payload[:20] in told.value.found
    assert list(parse_columns([payload], **WGS).faults) == [0]


def test_command(capsys):
    assert main(["position", "N39°59'51.5\" E46°55'", "--datum", "WGS 84"]) == 0
    told = capsys.readouterr().out
    for line in (
        "transformation              none",
        "accuracy                    712 m, by its digits",
        "MGRS, squares of 1 m        38SPK6361729254",
        "degrees, minutes, seconds   39°59'51.500\" N 46°55'00.000\" E",
    ):
        assert line in told
    assert main(["position", "8567000 4428000", "--datum", "SK-42", "--order", "lon lat", "--as", "EPSG:28408"]) == 0
    assert capsys.readouterr().out == "EPSG:28408 E 8567000.0 N 4428000.0\n"
    assert main(["position", "-12.50 130.84", "--datum", "WGS 84", "--as", "dd"]) == 0
    assert capsys.readouterr().out == "12.5000000° S 130.8400000° E\n"
    assert main(["position", "39.5 46.25", "--datum", "WGS 84"]) == 1
    assert "two readings" in capsys.readouterr().err
    assert main(["position", "89 N 46 E \x1b[31m", "--datum", "WGS 84"]) == 1
    assert "\x1b" not in capsys.readouterr().err
