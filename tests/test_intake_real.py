"""Import on the national files that lie beside the project; skipped where they are not."""

from pathlib import Path

import pyogrio
import pytest
import shapely

from hazardmap import CrsError, Programme, measure, validate
from hazardmap.intake import add, import_table, reading

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


CAMBRIDGE = DATA / "cambridge" / "parcels_fy2013.topojson"
cambridge = pytest.mark.skipif(not CAMBRIDGE.is_file(), reason="no ../shared/data/cambridge on this machine")


@cambridge
def test_a_real_cadastre_states_no_crs_and_says_what_its_numbers_look_like():
    with pytest.raises(CrsError) as caught:
        import_table(CAMBRIDGE, "plots")
    looks = "declares no CRS (coordinates from -71.160145 to -71.065437, 42.35298 to 42.403761 look like degrees)"
    assert looks in caught.value.found
    with pytest.raises(CrsError, match=r"13,159 of 13,159 placed rows cannot lie where EPSG:2249 .* look like degrees"):
        import_table(CAMBRIDGE, "plots", crs="EPSG:2249")


@cambridge
def test_a_real_cadastre_comes_in_whole():
    imported = import_table(CAMBRIDGE, "plots", crs="EPSG:4326", values={"cadastre_no": "{ML}"})
    # 13,159 parcels, 24 invalid; of one a part is smaller than the grid to which the file is rounded
    assert imported.counts == {"rows": 13_159, "accepted": 13_159 - 24 - 1, "repaired": 24, "quarantined": 1}
    assert "a part: a ring of 1 place" in imported.quarantined["quarantined"].iloc[0]
    assert imported.rows["plot_id"].is_unique
    assert imported.rows["cadastre_no"].iloc[0] == "106-54"
    assert imported.rows["cadastre_no"].isna().sum() == 6
    # a step of the grid is 0.78 m by 0.56 m: half of its diagonal is less than the 1 m assumed for plots
    assert "its coordinates are rounded to a grid: a vertex can lie 0.48 m from where it was" in imported.notes
    assert imported.rows["accuracy_m"].isna().all()
    programme = add(Programme(), imported)
    assert validate(programme).empty


@cambridge
def test_gdal_reads_the_same_shapes_of_a_real_cadastre():
    sheet = reading.read(CAMBRIDGE, wanted="plots")
    theirs = pyogrio.read_dataframe(CAMBRIDGE)
    assert sheet.cells["GlobalID"].tolist() == theirs["GlobalID"].tolist()
    whole = [i for i in range(len(theirs)) if i not in sheet.flaws]
    ours = shapely.normalize(sheet.shapes[whole])
    assert shapely.equals_exact(ours, shapely.normalize(theirs.geometry.to_numpy()[whole]), 1e-9).all()


@cambridge
def test_parcel_numbers_that_stand_twice_are_quarantined_with_their_reason(tmp_path):
    profile = tmp_path / "map_lot.toml"
    profile.write_text('[plots.columns]\nplot_id = "ML"\n')
    imported = import_table(CAMBRIDGE, "plots", crs="EPSG:4326", profile=profile)
    reasons = imported.quarantined["quarantined"]
    # 13 numbers stand on 89 parcels (--- on 59), 6 have none, and one shape is broken
    assert reasons.str.contains("one row for each plot_id", regex=False).sum() == 89
    assert reasons.str.contains("plot_id: missing", regex=False).sum() == 6
    assert imported.counts["quarantined"] == 89 + 6 + 1
    assert sum(imported.counts[k] for k in ("accepted", "repaired", "quarantined")) == 13_159
