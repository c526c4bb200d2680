"""All national files beside the project, each with the profile that fits; skipped where they are not.

Bosnia and Cambridge are tried in test_intake_real.py as well; here is what the rest says, and what is proposed for each.
"""

from pathlib import Path

import pytest

from hazardmap import CrsError, Programme, measure, validate
from hazardmap.intake import add, import_table, profile
from hazardmap.intake.guessing import propose

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
needed = pytest.mark.skipif(not DATA.is_dir(), reason="the real data of ../shared/data are not here")
COLOMBIA = DATA / "colombia" / "colombia_events_1990_2019.gpkg"
BOSNIA = DATA / "bih"
PLACES = DATA / "azerbaijan" / "wof_admin_az.gpkg"
PARCELS = DATA / "cambridge" / "parcels_fy2013.topojson"
RAYONS = DATA / "azerbaijan" / "rayons_natural_earth.geojson"

pytestmark = needed


def test_colombia_the_longitude_without_its_sign_is_caught():
    events = import_table(COLOMBIA, "finds", profile="colombia_events")
    assert events.counts == {"rows": 36_527, "accepted": 36_526, "repaired": 0, "quarantined": 1}
    lost = events.quarantined.iloc[0]
    assert "from 74.2342, 4.19778" in lost["quarantined"]
    assert "needed: inside the country" in lost["quarantined"]
    assert (lost["find_id"], lost["district"], lost.geometry) == ("CO-2004-05779", "Bogotá DC", None)


def test_colombia_a_year_is_read_as_its_last_day_and_every_word_as_evidence():
    events = import_table(COLOMBIA, "finds", profile="colombia_events")
    rows = events.rows
    assert rows["date"].dt.strftime("%m-%d").eq("12-31").all()
    assert (rows["date"].dt.year.min(), rows["date"].dt.year.max()) == (1990, 2019)
    # accidents 6,667 with mines and 242 with other ordnance; 1,908 suspicions; all the rest are devices
    assert rows["kind"].value_counts().to_dict() == {
        "accident": 6_909,
        "incident": 1_908,
        "device": 36_527 - 6_909 - 1_908,
    }
    assert rows["answered_on"].isna().all()
    assert rows["find_id"].is_unique
    # 4,927 rows repeat another in every cell; 90 more differ in Rural and Urbana only, which makes the 5,017 of its README
    assert "4,927 rows repeat another row exactly, shape and cells: kept" in events.notes
    cells = rows["as_entered"].str.replace(r'"TIPO_AREA": "[^"]*"', "", regex=True)
    assert cells.duplicated().sum() == 5_017
    assert validate(add(Programme(), events)).empty


def test_azerbaijan_rayons_of_whos_on_first():
    rayons = import_table(PLACES, "districts", profile="azerbaijan_wof", layer="region")
    assert rayons.counts == {"rows": 79, "accepted": 78, "repaired": 0, "quarantined": 1}
    assert "geometry: Point (needed: Polygon or MultiPolygon)" in rayons.quarantined["quarantined"].iloc[0]
    assert rayons.rows["name"].eq("Lankaran").sum() == 3  # one of them lies around the town of Lachin
    assert "Ağdam" in {alias for aliases in rayons.rows["aliases"] for alias in aliases} | set(rayons.rows["name"])
    places = import_table(PLACES, "context", profile="azerbaijan_wof", layer="locality")
    assert places.counts["accepted"] == 5_031


def test_bosnia_hazards_without_a_shape_stay_as_unplaced():
    areas = import_table(BOSNIA / "suspect_areas_simplyfied.geojson", "hazards", profile="bosnia")
    reasons = areas.quarantined["quarantined"]
    # 3,094 without geometry and 3 empty ones
    assert reasons.eq("geometry: missing (needed: a geometry)").sum() == 3_094 + 3
    assert areas.counts["quarantined"] == 3_097
    assert areas.rows.geometry.isna().sum() == 3_097


def test_cambridge_is_refused_without_a_crs_and_with_feet_and_read_in_degrees():
    with pytest.raises(CrsError, match=r"declares no CRS .* look like degrees"):
        import_table(PARCELS, "plots")
    with pytest.raises(CrsError, match="cannot lie where EPSG:2249"):
        import_table(PARCELS, "plots", crs="EPSG:2249")
    parcels = import_table(PARCELS, "plots", crs="EPSG:4326")
    assert parcels.counts["accepted"] == 13_134
    # the land of the city is 16.5 km², parcels without streets are less
    assert 10e6 < measure.area_m2(parcels.accepted.geometry).sum() < 16.5e6


@pytest.mark.parametrize(
    ("path", "table", "layer", "read"),
    [
        (COLOMBIA, "finds", None, {"kind": "tipo_nombre", "district": "MUNICIPIO"}),
        (BOSNIA / "suspect_areas_simplyfied.geojson", "hazards", None, {"classification": "typeArea"}),
        (BOSNIA / "cleared_areas_simplyfied.geojson", "releases", None, {"product": "typeArea"}),
        (BOSNIA / "incidents.geojson", "finds", None, {"kind": "typeArea"}),
        (BOSNIA / "lifted_minefields.geojson", "finds", None, {"kind": "typeArea"}),
        (BOSNIA / "municipalities.geojson", "districts", None, {"district_id": "shapeID", "name": "shapeName"}),
        (PLACES, "districts", "region", {}),
        (RAYONS, "districts", None, {"district_id": "fips", "name": "name", "parent": "admin"}),
        (PARCELS, "plots", None, {"plot_id": "id"}),
    ],
    ids=lambda value: value.stem if isinstance(value, Path) else None,
)
def test_what_is_proposed_for_each(path, table, layer, read):
    proposed = propose(path, table, layer=layer)
    assert {m.ours: m.theirs for m in proposed.matches if m.used} == read
    assert profile.parse(proposed.toml, "proposed.toml").sections[table].words == {}
