"""Cadastres: by which names plots and their numbers are known, and how an id or a text is made of several columns."""

import geopandas as gpd
import pytest
import shapely

from hazardmap import SchemaError
from hazardmap.intake import import_table, profile


def plots(columns, **more):
    rows = max(map(len, columns.values()), default=2)
    squares = [shapely.box(46 + i / 100, 39, 46.001 + i / 100, 39.001) for i in range(rows)]
    return import_table(gpd.GeoDataFrame(columns, geometry=squares, crs=4326), "plots", **more)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("plot_id", False),
        ("Parcel ID", False),
        ("ParcelID", False),
        ("PARCELID", False),
        ("GIS_ID", False),
        ("id", False),
        ("cadastre_no", True),
        ("Cadastral Number", True),
        ("cadnum", True),
        ("MAP_PAR_ID", True),
        ("parcel-no", True),
        ("KADASTR_NO", True),
        ("Kadastr nömrəsi", True),
        ("кадастровый номер", True),
        ("Кадастровый №", True),
        ("Кадастровий номер", True),
        ("broj_parcele", True),
    ],
)
def test_a_plot_is_known_by_its_id_or_by_its_number(name, number):
    rows = plots({name: ["007-1", "007-2"]}).rows
    assert rows["plot_id"].tolist() == ["007-1", "007-2"]
    assert rows["cadastre_no"].notna().tolist() == [number] * 2


def test_an_id_goes_before_a_number_and_the_number_is_kept():
    imported = plots({"cadnum": ["12:1", "12:1"], "id": [1, 2]})
    assert imported.rows["plot_id"].tolist() == ["1", "2"]
    assert imported.rows["cadastre_no"].tolist() == ["12:1", "12:1"]
    assert imported.counts["accepted"] == 2


def test_a_number_that_stands_on_two_plots_is_doubted_on_both():
    imported = plots({"cadnum": ["12:1", "12:2", "12:1"]})
    assert imported.counts == {"rows": 3, "accepted": 1, "repaired": 0, "quarantined": 2}
    assert imported.rows["quarantined"].dropna().tolist() == ["plot_id: 12:1 (needed: one row for each plot_id)"] * 2


@pytest.mark.parametrize("name", ["lot", "parcel", "cadastre", "kadastr", "objectid", "gid", "ML"])
def test_a_name_that_stands_for_two_things_is_not_taken(name):
    with pytest.raises(SchemaError, match=rf"no column for plot_id; its columns: {name} .* --set plot_id='A-"):
        plots({name: ["1", "2"]})


def test_both_lists_of_numbers_are_the_same():
    columns = profile.load("generic").sections["plots"].columns
    ids, numbers = columns["plot_id"], columns["cadastre_no"]
    assert ids[-len(numbers) :] == numbers


def test_an_id_and_a_text_can_be_made_of_columns():
    imported = plots(
        {"MAP": ["12", None], "LOT": [7, 8], "ward": ["x", "y"]},
        values={"plot_id": "{row:3}", "cadastre_no": "{MAP}-{LOT:3}", "name": "ward {ward}"},
    )
    assert imported.rows["plot_id"].tolist() == ["001", "002"]
    assert imported.rows["cadastre_no"].iloc[0] == "12-007"
    assert imported.rows["cadastre_no"].isna().tolist() == [False, True]  # half of a number is none
    assert imported.rows["name"].tolist() == ["ward x", "ward y"]
    assert "cadastre_no is made as {MAP}-{LOT:3}" in imported.notes
    assert not any("kept only in as_entered" in n for n in imported.notes)


def test_what_the_file_says_goes_before_what_is_made_and_is_told():
    notes = plots({"id": ["a", "b"], "LOT": ["1", "2"]}, values={"plot_id": "{LOT}"}).notes
    assert "plot_id: every row has its own in the file, {LOT} is not used; a profile can map another column" in notes
    imported = plots({"id": ["a", None], "LOT": ["1", "2"]}, values={"plot_id": "{LOT}"})
    assert imported.rows["plot_id"].tolist() == ["a", "2"]
    assert "plot_id is made as {LOT} where the file has none, 1 rows" in imported.notes


def test_a_column_that_is_not_there_cannot_be_part_of_a_text():
    with pytest.raises(SchemaError, match=r"no column 'ml', of which cadastre_no .* its columns: id; or \{row\}"):
        plots({"id": ["a", "b"]}, values={"cadastre_no": "{ml}"})


@pytest.mark.parametrize("value", ["{LOT}", "{row}"])
def test_a_number_is_never_made_of_text(value):
    with pytest.raises(SchemaError, match=r"accuracy_m is a number like 12\.5"):
        plots({"id": ["a"], "LOT": ["1"]}, values={"accuracy_m": value})
