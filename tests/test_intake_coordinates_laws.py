"""Laws of typed positions: what is written is read back within its digits; any text gives a position or a fault, soon."""

import math
import os
import time

import numpy as np
import pyproj
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hazardmap import HazardmapError
from hazardmap.intake.coordinates import parse, parse_columns, written
from hazardmap.intake.coordinates.hemispheres import LANGUAGES

#: Small by default so that the whole run stays short; CONTRIBUTING says how to ask for more.
EXAMPLES = int(os.environ.get("HAZARDMAP_EXAMPLES", "60"))
MANY = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
GEOD = pyproj.Geod(ellps="WGS84")
LONGEST_S = 5.0  # on a busy machine; most take less than a millisecond

latitudes = (
    st.floats(-90, 90) | st.floats(38, 42) | st.sampled_from([0.0, -0.0, 90.0, -90.0, 40.0, 59.9999999, 84.0, -80.0])
)
longitudes = (
    st.floats(-180, 180) | st.floats(44, 51) | st.sampled_from([0.0, -0.0, 180.0, -180.0, 45.0, 48.0, 59.9999999])
)


def apart(longitude, latitude, place):
    return GEOD.inv(longitude, latitude, place.longitude, place.latitude)[2]


def within(longitude, latitude, place):
    """Half the diagonal is the radius on a plane; a cell of a degree is no plane, hence a hundredth more."""
    assert apart(longitude, latitude, place) <= place.accuracy_m * 1.01 + 1e-4
    assert abs(place.latitude) <= 90
    assert abs(place.longitude) <= 180


@st.composite
def writings(draw):
    """A writing of degrees, made by other code than the library's, with the place that it means."""
    longitude, latitude = draw(longitudes), draw(latitudes)
    parts, places = draw(st.integers(1, 3)), draw(st.integers(0, 6))
    marks = draw(
        st.sampled_from(
            [("°", "'", '"'), ("º ", "′ ", "″"), ("° ", "’ ", "”"), ("d", "m", "s"), (" ", " ", ""), (":", ":", "")]
        )
    )
    if marks[0] == "d" and parts < 3:
        marks = ("°", "'", '"')
    names = draw(
        st.sampled_from(
            [
                "N S E W",
                "n s e w",
                "С Ю В З",
                "с.ш. ю.ш. в.д. з.д.",
                "Şm Cn Şq Qb",
                "K G D B",
                "north south east west",
                "norte sur este oeste",
                "Nord Süd Ost West",
                "пн пд сх зх",
                "N S E O",
            ]
        )
    ).split()
    language = "fr" if names[3] == "O" else None
    comma = draw(st.booleans())
    before = draw(st.booleans())
    between = draw(st.sampled_from([" ", "; ", ", ", " / ", "\u00a0", "\n"]))

    def angle(value):
        units = round(abs(value) * 60 ** (parts - 1) * 10**places)
        whole, fraction = divmod(units, 10**places)
        numbers = []
        for _ in range(parts - 1):
            whole, rest = divmod(whole, 60)
            numbers.insert(0, rest)
        numbers.insert(0, whole)
        text = ""
        for i, number in enumerate(numbers):
            text += str(number) if i == 0 else f"{number:02}"
            if i == parts - 1 and places:
                text += ("," if comma else ".") + f"{fraction:0{places}}"
            mark = marks[i] if i < parts - 1 or marks[0] not in {":", " "} else ""
            text += mark
        return text.strip()

    halves = []
    for value, (plus, minus) in ((latitude, names[:2]), (longitude, names[2:])):
        name = minus if value < 0 else plus
        halves.append(f"{name} {angle(value)}" if before else f"{angle(value)} {name}")
    if draw(st.booleans()):
        halves.reverse()
    return between.join(halves), language, longitude, latitude


@MANY
@given(writings())
def test_degrees_are_read_within_their_digits(made):
    text, language, longitude, latitude = made
    within(longitude, latitude, parse(text, datum="WGS 84", language=language))


@MANY
@given(longitudes, latitudes, st.sampled_from(["dd", "dm", "dms", "utm", "mgrs"]), st.integers(0, 8))
def test_what_is_written_is_read_back(longitude, latitude, form, decimals):
    if form == "utm" and not -80 <= latitude <= 84:
        return
    text = written(np.array([longitude]), np.array([latitude]), form=form, decimals=decimals, digits=decimals // 2 * 2)[
        0
    ]
    digits = 0 if form == "mgrs" and decimals < 2 else None
    within(longitude, latitude, parse(text, datum="WGS 84", digits=digits))


@MANY
@given(
    st.floats(44.5, 47.9),
    st.floats(39, 41.5),
    st.sampled_from(["EPSG:28408", "EPSG:32638", "EPSG:2591", "EPSG:4284"]),
    st.integers(0, 6),
)
def test_any_crs_is_read_back(longitude, latitude, crs, decimals):
    form = "dd" if crs == "EPSG:4284" else "xy"
    text = written(np.array([longitude]), np.array([latitude]), form=form, crs=crs, decimals=decimals)[0]
    place = parse(text, crs=crs)
    within(longitude, latitude, place)
    assert place.accuracy_m >= place.operation_accuracy_m


@MANY
@given(st.lists(st.tuples(longitudes, latitudes), min_size=1, max_size=5), st.sampled_from(["dd", "dms", "mgrs"]))
def test_a_column_is_read_like_its_rows(places, form):
    texts = written(*np.array(places).T, form=form).tolist()
    read = parse_columns([*texts, "39.5 46.5", None], datum="WGS 84")
    for i, text in enumerate(texts):
        place = parse(text, datum="WGS 84")
        assert (read.longitude[i], read.latitude[i], read.accuracy_m[i]) == (
            place.longitude,
            place.latitude,
            place.accuracy_m,
        )
    assert list(read.faults) == [len(texts)]


@MANY
@given(st.floats(44.5, 48), st.floats(38.5, 41.5), st.integers(0, 7))
def test_numbers_in_two_columns(longitude, latitude, places):
    x, y = f"{longitude:.{places}f}", f"{latitude:.{places}f}"
    for read in (
        parse_columns(x=[x], y=[y], datum="WGS 84"),
        parse_columns(x=[x.replace(".", ",")], y=[y.replace(".", ",")], datum="WGS 84"),
        parse_columns(x=[f"{x} E"], y=[f"N {y}"], datum="WGS 84"),
    ):
        assert (read.longitude[0], read.latitude[0]) == (float(x), float(y))


@st.composite
def grid_writings(draw):
    """A writing of UTM that means one place, with zone, easting and northing."""
    zone, east, north = (
        draw(st.integers(1, 60)),
        draw(st.integers(200_000, 799_999)),
        draw(st.integers(1_000_000, 9_000_000)),
    )
    places = draw(st.sampled_from([0, 0, 1, 2]))
    group, point = draw(st.sampled_from([("", "."), ("", ","), (" ", "."), (".", ","), (",", ".")]))
    parted = draw(st.sampled_from([" ", "  ", "; ", ", ", " / "]))

    def metres(value):
        whole = f"{value:,}".replace(",", group)
        return whole + (f"{point}{'5'.ljust(places, '0')}" if places else "")

    x, y = metres(east), metres(north)
    named = draw(
        st.sampled_from(
            [
                "{0}{2}{1}",
                "E {0}{2}N {1}",
                "N {1}{2}E {0}",
                "{0}E{2}{1}N",
                "{0} mE{2}{1} mN",
                "Easting {0}{2}Northing {1}",
                "X={0}{2}Y={1}",
                "{1}{2}{0}",
            ]
        )
    )
    pair = named.format(x, y, parted)
    side = draw(st.sampled_from(["north", "North", "NORTH"]))
    text = draw(
        st.sampled_from(
            [
                f"{zone} {side} {pair}",
                f"UTM zone {zone} {side} {pair}",
                f"zone {zone} {side}, {pair}",
                f"{pair} zone {zone} {side}",
            ]
        )
    )
    half = 0.5 if places else 0.0
    return text, zone, east + half, north + half, "lat lon" if named == "{1}{2}{0}" else "lon lat"


@MANY
@given(grid_writings())
def test_metres_are_read_as_written(made):
    text, zone, east, north, order = made
    place = parse(text, datum="WGS 84", hemisphere="north", order=order)
    longitude, latitude = pyproj.Proj(proj="utm", zone=zone, ellps="WGS84")(east, north, inverse=True)
    assert apart(longitude, latitude, place) < 0.001


PIECES = [
    *"0123456789", "39", "46.9", "59", "4430000", "8567000", "660000", ".", ",", " ", "-", "−", "+", "°", "'", '"', "''", ":", ";", "/", "N", "S", "E", "W", "O", "С", "В", "Şm", "с.ш.", "d", "m", "s",
    "38S", "38SPK", "UTM", "zone", "MGRS", "SK-42", "WGS 84", "EPSG:28408", "EPSG:4326", "EPSG:", "lat", "lon", "=", "e", "E+99", "1e309", "nan", "inf", "ZAH", "X=", "Y", "GK",
    "\u00a0", "\u200b", "\u202e", "²", "½", "٣", "９", "\x00", "\ud800", "{{7*7}}", "%", "(", ")", "\n", "\t", "9" * 50,
]  # fmt: skip
texts = (
    st.text(max_size=40)
    | st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
    | st.lists(st.sampled_from(PIECES), max_size=10).map(" ".join)
)
options = st.fixed_dictionaries(
    {},
    optional={
        "datum": st.sampled_from(["WGS 84", "SK-42", "ED50", "EPSG:4284", "EPSG:4807", "", "nonsense"]),
        "crs": st.sampled_from([None, "EPSG:28408", "EPSG:32638", "EPSG:3857", "EPSG:2249", 4326, "EPSG:4978", "\x00"]),
        "order": st.sampled_from([None, "lat lon", "lon lat", "up down"]),
        "decimal": st.sampled_from([None, ".", ",", ";"]),
        "language": st.sampled_from([None, *LANGUAGES, "xx"]),
        "zone": st.sampled_from([None, 8, 38, "38N", "38S", "61", "x"]),
        "hemisphere": st.sampled_from([None, "north", "south", "east"]),
        "digits": st.sampled_from([None, 0, 10, 3, -2]),
    },
)


def answered(text, said):
    begun, beats = time.perf_counter(), "..."
    try:
        place = parse(text, **said)
    except HazardmapError as error:
        place, beats = None, (error.found, error.needed, error.do)
    assert time.perf_counter() - begun < LONGEST_S
    assert all(beats)
    if place is not None:
        numbers = (place.longitude, place.latitude, place.accuracy_m, place.operation_accuracy_m)
        assert all(map(math.isfinite, numbers))
        assert abs(place.longitude) <= 180
        assert abs(place.latitude) <= 90
        assert place.accuracy_m > 0
        assert place.entered == text
        assert place.form
        assert place.datum
        assert place.operation
    return place


@MANY
@given(texts, options)
@example("1" * 100_000, {"datum": "WGS 84"})
@example("1 " * 99, {"datum": "WGS 84"})
@example("-" * 200, {"datum": "WGS 84"})
@example("1-" * 100, {"datum": "WGS 84"})
@example("1 000 " * 33, {"datum": "WGS 84", "zone": "38N"})
@example("1,000." * 33, {"datum": "WGS 84", "zone": "38N"})
@example("N" * 200, {"datum": "WGS 84"})
@example("1d1m" * 50, {"datum": "WGS 84"})
@example("a." * 100, {"datum": "WGS 84"})
@example("90 N 180 E", {"datum": "WGS 84"})
@example("1e999 1e999", {"datum": "WGS 84"})
def test_any_text_is_a_position_or_a_fault(text, said):
    answered(text, said)


@MANY
@given(st.lists(texts | st.none() | st.floats() | st.booleans() | st.integers() | st.just([]), max_size=4), options)
def test_a_row_never_raises(rows, said):
    try:
        read = parse_columns(rows, **said)
    except HazardmapError:
        try:  # what is stated for all rows is wrong, which does not depend on them
            parse_columns([], **said)
        except HazardmapError:
            return
        raise
    placed = np.isfinite(read.longitude)
    assert (placed == np.isfinite(read.latitude)).all()
    assert (placed == np.isfinite(read.accuracy_m)).all()
    for i in range(len(rows)):
        assert placed[i] + read.missing[i] + (i in read.faults) == 1, (
            "a place, an empty cell or a fault: nothing is lost"
        )


@MANY
@given(st.lists(st.tuples(texts | st.floats(), texts | st.floats() | st.none()), max_size=3), options)
def test_a_row_of_two_columns_never_raises(rows, said):
    try:
        read = parse_columns(x=[r[0] for r in rows], y=[r[1] for r in rows], **said)
    except HazardmapError:
        with pytest.raises(HazardmapError):
            parse_columns(x=[], y=[], **said)
        return
    for i in range(len(rows)):
        assert np.isfinite(read.longitude[i]) + read.missing[i] + (i in read.faults) == 1


@MANY
@given(texts, st.sampled_from(["lat lon", "lon lat"]))
def test_an_order_never_moves_what_needs_none(text, order):
    """Stating more can settle a text, never send it elsewhere."""
    plain = answered(text, {"datum": "WGS 84"})
    if plain is not None:
        try:
            ordered = parse(text, datum="WGS 84", order=order)
        except HazardmapError:
            return  # it contradicts the digits, and says so
        assert (ordered.longitude, ordered.latitude) == (plain.longitude, plain.latitude)
