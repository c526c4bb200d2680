"""Declination: the official test values of each model, two libraries as oracles, and days that no model covers."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hazardmap.errors import CrsError, SchemaError
from hazardmap.intake.declination import declination, declinations, models, spans

# NOAA's official test values: decimal year, height km, latitude, longitude, declination (degrees).
# WMM2010testvalues.pdf, WMM2015v2testvalues.pdf, WMM2020testvalues.pdf (ngdc.noaa.gov/geomag/WMM/data), as copied in the tests of
# pygeomag (github.com/boxpet/pygeomag, test/test_values); WMM2025_FINAL_TEST_VALUES.txt as in NOAA's own repository
# (github.com/CIRES-Geomagnetism/wmm).
OFFICIAL = {
    "WMM2010": """
2010 0 80 0 -6.13
2010 0 0 120 0.97
2010 0 -80 240 70.21
2010 100 80 0 -6.57
2010 100 0 120 0.94
2010 100 -80 240 69.62
2012.5 0 80 0 -5.21
2012.5 0 0 120 0.88
2012.5 0 -80 240 70.04
2012.5 100 80 0 -5.63
2012.5 100 0 120 0.86
2012.5 100 -80 240 69.45""",
    "WMM2015v2": """
2015 0 80 0 -3.90
2015 0 0 120 0.55
2015 0 -80 240 69.81
2015 100 80 0 -4.32
2015 100 0 120 0.54
2015 100 -80 240 69.22
2017.5 0 80 0 -2.59
2017.5 0 0 120 0.37
2017.5 0 -80 240 69.59
2017.5 100 80 0 -3.01
2017.5 100 0 120 0.36
2017.5 100 -80 240 69.01""",
    "WMM2020": """
2020 0 80 0 -1.28
2020 0 0 120 0.16
2020 0 -80 240 69.36
2020 100 80 0 -1.70
2020 100 0 120 0.16
2020 100 -80 240 68.78
2022.5 0 80 0 0.01
2022.5 0 0 120 -0.06
2022.5 0 -80 240 69.13
2022.5 100 80 0 -0.41
2022.5 100 0 120 -0.05
2022.5 100 -80 240 68.55""",
    "WMM2025": """
2025.0 28 89 -121 -99.77
2025.0 48 80 -96 -29.91
2025.0 54 82 87 54.89
2025.0 65 43 93 0.50
2025.0 51 -33 109 -5.49
2025.0 39 -59 -8 -15.75
2025.0 3 -50 -103 27.96
2025.0 94 -29 -110 15.74
2025.0 66 14 143 -0.19
2025.0 18 0 21 1.29
2025.5 6 -36 -137 20.28
2026.0 69 23 63 1.17
2026.5 12 -79 115 -137.58
2027.0 67 72 -115 13.73
2027.5 8 62 53 19.39
2028.0 21 6 -32 -14.34
2028.5 68 -58 156 41.57
2029.0 50 87 -154 -73.48
2029.5 51 -76 40 -56.34
2029.5 64 22 -132 10.23""",
}
ROWS = [(name, *map(float, line.split())) for name, text in OFFICIAL.items() for line in text.strip().splitlines()]


@pytest.mark.parametrize(("model", "year", "height_km", "latitude", "longitude", "expected"), ROWS)
def test_official_test_values(model, year, height_km, latitude, longitude, expected):
    longitude = (longitude + 180) % 360 - 180
    place = (np.array([v]) for v in (longitude, latitude, height_km * 1000, year))
    north, east = models.field_of(f"{model}.COF", *place)
    found = np.degrees(np.arctan2(east, north))[0]
    assert found == pytest.approx(expected, abs=0.006)  # the values are given to 0.01
    day = date(int(year), 1, 1) + timedelta(days=round((year % 1) * 365))
    by_day = declination(longitude, latitude, day, height_km * 1000)
    assert by_day.model == model
    assert by_day.degrees_east == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("on", "model"),
    [
        (date(1900, 1, 1), "IGRF-14"),
        (date(2009, 12, 31), "IGRF-14"),
        (date(2010, 1, 1), "WMM2010"),
        (date(2014, 12, 31), "WMM2010"),
        (date(2015, 1, 1), "WMM2015v2"),
        (date(2020, 1, 1), "WMM2020"),
        (date(2024, 12, 31), "WMM2020"),
        (date(2025, 1, 1), "WMM2025"),
        (date(2029, 12, 31), "WMM2025"),
    ],
)
def test_each_day_has_one_model(on, model):
    found = declination(46.9, 40.0, on)
    assert found.model == model
    assert int(found.epoch) == on.year
    assert 0.2 < found.uncertainty_deg < 1.2


@pytest.mark.parametrize("on", [date(1899, 12, 31), date(2030, 1, 1), date.min, date.max])
def test_a_day_without_a_model_is_a_fault_that_names_the_span(on):
    with pytest.raises(SchemaError, match="needed: a day from 1900-01-01 to 2029-12-31"):
        declination(46.9, 40.0, on)
    degrees, names, *_ = declinations(np.array([46.9]), np.array([40.0]), [on])
    assert np.isnan(degrees[0])
    assert not names[0]


@pytest.mark.parametrize(
    ("longitude", "latitude"), [(181, 40), (float("nan"), 40), (0, 90), (0, -90), (0, float("nan"))]
)
def test_an_impossible_place_is_a_fault(longitude, latitude):
    with pytest.raises(CrsError, match=r"latitude within ±89\.9"):
        declination(longitude, latitude, date(2025, 1, 1))


def test_aghdam_2025():
    """The field notes: +6.4° E, and what that does to 500 m."""
    found = declination(46.9, 40.0, date(2025, 6, 30))
    assert found.degrees_east == pytest.approx(6.4, abs=0.05)
    assert 2 * 500 * np.sin(np.radians(found.degrees_east / 2)) == pytest.approx(56, abs=0.5)


places = st.tuples(st.floats(-180, 180), st.floats(-75, 75), st.floats(0, 5000))


@given(places, st.dates(date(2010, 1, 1), date(2029, 12, 31)))
@settings(max_examples=40, deadline=None)
def test_wmm_agrees_with_pygeomag(place, on):
    pygeomag = pytest.importorskip("pygeomag", reason="pip install hazardmap[test]")
    longitude, latitude, height = place
    found = declination(longitude, latitude, on, height)
    edition = {"WMM2010": "2010", "WMM2015v2": "2015v2", "WMM2020": "2020", "WMM2025": "2025"}[found.model]
    peer = pygeomag.GeoMag(coefficients_file=f"wmm/WMM_{edition}.COF").calculate(
        glat=latitude, glon=longitude, alt=height / 1000, time=found.epoch, allow_date_outside_lifespan=True
    )
    apart = (found.degrees_east - peer.d + 180) % 360 - 180
    assert abs(apart) < 0.001 * max(1, 20_000 / peer.h)


@given(places, st.dates(date(1900, 1, 1), date(2009, 12, 31)))
@settings(max_examples=25, deadline=None)
def test_igrf_agrees_with_ppigrf(place, on):
    ppigrf = pytest.importorskip("ppigrf", reason="pip install hazardmap[test]")
    from datetime import datetime

    longitude, latitude, height = place
    found = declination(longitude, latitude, on, height)
    east, north, _ = ppigrf.igrf(longitude, latitude, height / 1000, datetime(on.year, on.month, on.day))  # noqa: DTZ001 - the peer knows no zones
    apart = (found.degrees_east - np.degrees(np.arctan2(east, north)).item() + 180) % 360 - 180
    assert abs(apart) < 0.01  # ppigrf counts days between epochs, we years


@given(st.lists(st.tuples(places, st.dates(date(1890, 1, 1), date(2040, 1, 1))), max_size=8))
@settings(max_examples=20, deadline=None)
def test_many_at_once_are_each_alone(rows):
    degrees, names, _, uncertainty = declinations(
        np.array([p[0] for p, _ in rows], dtype=float),
        np.array([p[1] for p, _ in rows], dtype=float),
        [d for _, d in rows],
    )
    first, last = spans()
    for i, ((longitude, latitude, _), on) in enumerate(rows):
        if first <= on <= last:
            alone = declination(longitude, latitude, on)
            assert (degrees[i], names[i], uncertainty[i]) == pytest.approx(
                (alone.degrees_east, alone.model, alone.uncertainty_deg)
            )
        else:
            assert np.isnan(degrees[i])


def test_the_models_join_without_a_jump():
    """Where one edition ends and the next begins the needle does not leap (the error of a five-year forecast is small)."""
    for year in (2010, 2015, 2020, 2025):
        before = declination(46.9, 40.0, date(year - 1, 12, 31)).degrees_east
        after = declination(46.9, 40.0, date(year, 1, 1)).degrees_east
        assert abs(after - before) < 0.2
