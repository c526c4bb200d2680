"""Import on the national files that lie beside the project; skipped where they are not."""

from pathlib import Path

import pytest

from hazardmap import Programme, measure, validate
from hazardmap.intake import add, import_table

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
bosnia = pytest.mark.skipif(not (DATA / "bih").is_dir(), reason="no ../shared/data/bih on this machine")
RAYONS = Path(__file__).resolve().parents[1] / "data" / "azerbaijan" / "rayons_natural_earth.geojson"


@bosnia
def test_the_bosnian_sheets_come_in_whole():
    suspected = import_table(DATA / "bih" / "suspect_areas_simplyfied.geojson", "hazards", profile="bosnia")
    # README of the data: 11,068 features, 3,094 without geometry, 3 empty, 467 invalid; 812 km² summed
    assert suspected.counts == {"rows": 11_068, "accepted": 11_068 - 3_097 - 467, "repaired": 467, "quarantined": 3_097}
    assert round(measure.area_m2(suspected.rows.geometry).sum() / 1e6) == 812
    assert suspected.rows["hazard_id"].iloc[0] == "2585-III-00001"
    assert suspected.rows["hazard_id"].is_unique
    assert suspected.rows["classification"].eq("suspected").all()
    assert suspected.rows.geometry.isna().sum() == 3_097
    cleared = import_table(DATA / "bih" / "cleared_areas_simplyfied.geojson", "releases", profile="bosnia")
    # 8,329 features, 108 without geometry, 5 empty, 709 invalid, of one of which nothing is sure
    assert cleared.counts == {"rows": 8_329, "accepted": 8_329 - 113 - 709, "repaired": 708, "quarantined": 114}
    # 40.2 km² with the usual repair; the part that is sure is less, by less than the repaired rows hold
    assert 39.9e6 < measure.area_m2(cleared.rows.geometry).sum() < 40.2e6
    assert cleared.rows[["decision", "quality", "depth_m", "handover_no"]].isna().all(axis=None)
    programme = add(add(Programme(), suspected), cleared)
    assert programme.as_of.isoformat() == "2024-03-18"
    assert validate(programme).empty
    assert len(programme.history) == 11_068 + 8_329


@bosnia
@pytest.mark.parametrize(
    ("file", "table", "rows"),
    [("incidents", "finds", 1_442), ("lifted_minefields", "finds", 925), ("municipalities", "districts", 142)],
)
def test_the_other_bosnian_files(file, table, rows):
    imported = import_table(DATA / "bih" / f"{file}.geojson", table, profile="bosnia")
    assert imported.counts == {"rows": rows, "accepted": rows, "repaired": 0, "quarantined": 0}


@bosnia
def test_the_wrong_file_for_a_table_is_all_faults():
    swapped = import_table(DATA / "bih" / "cleared_areas_simplyfied.geojson", "hazards", profile="bosnia")
    assert swapped.counts["quarantined"] == 8_329  # "Cleared Areas" is no class of hazard


@pytest.mark.parametrize("profile", ["natural_earth", "generic"])
def test_the_rayons_of_azerbaijan(profile):
    imported = import_table(RAYONS, "districts", profile=profile)
    # the codes AJ55 (three times), AJ64 and AJ67 (twice) stand on several areas
    assert imported.counts == {"rows": 78, "accepted": 71, "repaired": 0, "quarantined": 7}
    assert set(imported.quarantined["district_id"]) == {"AJ55", "AJ64", "AJ67"}
    assert "Ağdam" in set(imported.accepted["name"])
