"""Plot checks of plots that cannot be asked as they are: refused with what to do, or answered badly; never skipped."""

import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from asking import DAY, FIELD, PLOT, hazard, land, plots, release
from geopandas.testing import assert_geodataframe_equal
from land import PLANE, box

import hazardmap as hm
from hazardmap import CrsError, HazardmapError, SchemaError, measure, words

BOW_TIE = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
STATES = [f"{s}_{unit}" for s in words.STATES for unit in ("m2", "pct")]


def released():
    return land(hazards=[hazard()], releases=[release()])


def own(*rows, **more):
    """A programme with the field released and plots of its own."""
    return land(hazards=[hazard()], releases=[release()], plots=list(rows), **more)


def three_beats(error):
    text = str(error.value)
    assert text.count(" – ") >= 2 or text.count("\n") >= 2 or len(text.split("; ")) >= 2, text
    return text


# CRS.


def test_plots_without_crs_are_refused():
    asked = plots(PLOT)
    asked = gpd.GeoDataFrame(asked.drop(columns="geometry"), geometry=asked.geometry.to_numpy())
    with pytest.raises(CrsError, match="1 plots without a CRS") as error:
        hm.check_plots(released(), asked, on=DAY)
    assert "set_crs" in str(error.value)


def test_plots_in_another_crs_are_converted():
    asked = gpd.GeoDataFrame({"plot_id": ["P-0"]}, geometry=[PLOT], crs=PLANE)
    answer = hm.check_plots(released(), asked, on=DAY)
    assert answer["verdict"].tolist() == ["released"]
    assert answer.crs == "EPSG:4326"
    assert answer["area_m2"].to_numpy() == pytest.approx(100, abs=1e-3)
    utm = plots(PLOT).to_crs("EPSG:32638")
    assert hm.check_plots(released(), utm, on=DAY)["verdict"].tolist() == ["released"]


def test_a_table_without_an_active_geometry_is_refused():
    asked = gpd.GeoDataFrame({"plot_id": ["P-0"]})
    with pytest.raises(SchemaError, match="without geometry"):
        hm.check_plots(released(), asked, on=DAY)


# Geometry that cannot be used.


def nan_ring():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return shapely.Polygon([(0, 0), (10, 0), (np.nan, 10), (0, 10)])


UNUSABLE = {
    "missing": (None, "it has no geometry"),
    "empty": (shapely.Polygon(), "its geometry is empty"),
    "empty in parts": (shapely.MultiPolygon(), "its geometry is empty"),
    "point": (shapely.Point(5, 5), "it is a Point, not a polygon"),
    "line": (shapely.LineString([(0, 0), (5, 5)]), "it is a LineString, not a polygon"),
    "bow-tie": (BOW_TIE, "its polygon is invalid: Self-intersection at "),
    "no number": (nan_ring(), "its coordinates are no longitude and latitude"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_plot_that_cannot_be_used_is_told_so(case):
    shape, reason = UNUSABLE[case]
    asked = plots(PLOT, shape, PLOT)
    answers = hm.check_plots(released(), asked, on=DAY)
    assert answers["verdict"].tolist() == ["released", "cannot_tell", "released"]
    bad = answers.iloc[1]
    assert bad["why"].startswith(f"the plot cannot be used: {reason}")
    assert bad[["area_m2", *STATES, "nearest_hazard_m"]].isna().all()
    assert pd.isna(bad["nearest_hazard_id"])
    assert bad["flags"] == ()
    assert (bad["hazard_ids"], bad["release_ids"]) == ((), ())
    assert bad["plot_id"] == "P-1"


def test_coordinates_beyond_the_earth():
    asked = gpd.GeoDataFrame({"plot_id": ["P"]}, geometry=[shapely.box(470, 40, 471, 41)], crs=4326)
    answer = hm.check_plots(released(), asked, on=DAY).iloc[0]
    assert answer["verdict"] == "cannot_tell"
    assert "no longitude and latitude" in answer["why"]


def test_a_bow_tie_over_a_hazard_is_not_told_as_a_plot_beside_it():
    answer = hm.check_plots(land(hazards=[hazard()]), plots(BOW_TIE), on=DAY).iloc[0]
    assert answer["verdict"] == "cannot_tell"


def test_a_plot_narrower_than_the_noise():
    answer = hm.check_plots(released(), plots(box(40, 40, 0.0004, 10)), on=DAY).iloc[0]
    assert answer["verdict"] == "cannot_tell"
    assert answer["why"].endswith("it is too thin")
    dust = hm.check_plots(land(), plots(box(40, 40, 0.0004)), on=DAY).iloc[0]
    assert (dust["verdict"], "narrower than the noise" in dust["why"]) == ("cannot_tell", True)


def test_every_plot_has_its_row_whatever_it_is():
    shapes = [shape for shape, _ in UNUSABLE.values()]
    asked = plots(*shapes, PLOT, box(5000, 5000, 10)).set_axis([7, 7, "a", *range(len(shapes) - 1)])
    answers = hm.check_plots(released(), asked, on=DAY)
    assert answers.index.equals(asked.index)
    assert answers["plot_id"].tolist() == asked["plot_id"].tolist()
    assert answers["verdict"].tolist() == ["cannot_tell"] * len(shapes) + ["released", "outside_coverage"]
    assert answers["why"].notna().all()


def test_no_plots_have_no_rows():
    for none in ([], plots(PLOT).iloc[:0]):
        answers = hm.check_plots(released(), none, on=DAY)
        assert len(answers) == 0
        assert answers.columns.tolist() == hm.check_plots(released(), plots(PLOT), on=DAY).columns.tolist()
    assert len(hm.check_plots(released(), on=DAY)) == 0


# Records that cannot be trusted: good verdicts become cannot_tell, hazards stay.


def table_of(shape, **columns):
    """Two plots on the same land, the second of which is in doubt."""
    asked = pd.concat([plots(shape, plot_id="sound"), plots(shape, **columns)])
    return asked.reset_index(drop=True)


DOUBTS = {
    "repaired": ({"repaired": "self-intersection: 3.1 m² less"}, "its polygon was repaired at import: self-inter"),
    "quarantined": ({"quarantined": "accuracy_m: -1"}, "accuracy_m: -1"),
    "quarantined and repaired": ({"quarantined": "accuracy_m: -1", "repaired": "a spike"}, "accuracy_m: -1"),
    "no id": ({"plot_id": None}, "it has no id"),
    "blank id": ({"plot_id": "  "}, "it has no id"),
    "negative accuracy": ({"accuracy_m": -1.0}, "its accuracy is no number from 0 up"),
    "endless accuracy": ({"accuracy_m": np.inf}, "its accuracy is no number from 0 up"),
    "depth 0": ({"required_depth_m": 0.0}, "the depth that its use needs is no number above 0"),
    "negative depth": ({"required_depth_m": -0.3}, "the depth that its use needs is no number above 0"),
}


@pytest.mark.parametrize("case", DOUBTS)
def test_nothing_good_is_said_of_a_plot_in_doubt(case):
    columns, reason = DOUBTS[case]
    sound, doubtful = hm.check_plots(released(), table_of(PLOT, **columns), on=DAY).to_dict("records")
    assert sound["verdict"] == "released"
    assert doubtful["verdict"] == "cannot_tell"
    assert doubtful["why"].startswith(f"the record of the plot cannot be trusted: {reason}")
    assert doubtful["cleared_m2"] == pytest.approx(100, abs=1e-3), "what lies there is told all the same"
    for nothing in (land(), land(coverage=[]), land(surveys=[{"geometry": FIELD}])):
        assert hm.check_plots(nothing, table_of(PLOT, **columns), on=DAY)["verdict"].iloc[1] == "cannot_tell"


@pytest.mark.parametrize("case", [c for c in DOUBTS if c != "endless accuracy"])
@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ({"hazards": [hazard()]}, "confirmed_hazard"),
        ({"hazards": [hazard(classification="suspected")]}, "suspected_hazard"),
        ({"hazards": [hazard()], "releases": [release(handover_no=None)]}, "not_handed_over"),
    ],
)
def test_doubt_hides_no_hazard(case, rows, verdict):
    answers = hm.check_plots(land(**rows), table_of(PLOT, **DOUBTS[case][0]), on=DAY)
    assert answers["verdict"].tolist() == [verdict, verdict]


def test_a_negative_accuracy_never_narrows_a_margin():
    rows = {"hazards": [hazard(accuracy_m=3.0)]}
    beside = box(100.0 + 2.9, 40, 10)
    answer = hm.check_plots(land(**rows), plots(beside, accuracy_m=-4.0), on=DAY).iloc[0]
    assert answer["verdict"] == "confirmed_hazard"


def test_ids_that_stand_for_several_plots():
    asked = plots(PLOT, PLOT, box(60, 60, 10), plot_id=None)
    asked["plot_id"] = ["A", "A ", "B"]
    answers = hm.check_plots(released(), asked, on=DAY)
    assert answers["verdict"].tolist() == ["cannot_tell", "cannot_tell", "released"]
    assert answers["why"].iloc[0].endswith("its id stands for several plots")


def test_a_programme_with_faulty_plots_answers_them_once_they_are_quarantined():
    ground = own({"geometry": PLOT}, {"geometry": PLOT, "quarantined": "plot_id: twice"}, {"geometry": None})
    answers = hm.check_plots(ground, on=DAY)
    assert answers["verdict"].tolist() == ["released", "cannot_tell", "cannot_tell"]


# Days.


def test_days_are_days_and_no_later_than_the_data():
    ground = released()
    for on, found in (
        ("2025-01-01", "after the as-of date 2024-12-31"),
        ("1 May", "on = '1 May'"),
        (None, "on = None"),
    ):
        with pytest.raises(SchemaError, match=found):
            hm.check_plots(ground, plots(PLOT), on=on)


def test_before_any_data_nothing_is_recorded():
    answer = hm.check_plots(released(), plots(PLOT), on="2020-12-31").iloc[0]
    assert answer["verdict"] == "no_record"
    assert answer["hazard_ids"] == answer["release_ids"] == ()


def test_faulty_tables_are_refused():
    ground = land(hazards=[hazard(classification="maybe")])
    with pytest.raises(HazardmapError, match="maybe"):
        hm.check_plots(ground, plots(PLOT), on=DAY)


# Ids.

KNOWN = [
    {"plot_id": "P-100", "cadastre_no": "12/7", "geometry": PLOT},
    {"plot_id": "P-200", "cadastre_no": "12/8", "geometry": box(60, 60, 10)},
    {"plot_id": "P-300", "geometry": box(200, 60, 10)},
]


def test_plots_by_id_and_by_cadastre_number_in_the_order_asked():
    answers = hm.check_plots(own(*KNOWN), ["P-300", "12/7", " P-200 "], on=DAY)
    assert answers["plot_id"].tolist() == ["P-300", "P-100", "P-200"]
    assert answers.index.tolist() == [2, 0, 1]
    again = hm.check_plots(own(*KNOWN), ("12/7",), on=DAY)
    assert again["cadastre_no"].tolist() == ["12/7"]


def test_a_cadastre_number_of_several_plots_gives_all_of_them():
    both = [KNOWN[0], KNOWN[1] | {"cadastre_no": "12/7"}]
    assert hm.check_plots(own(*both), ["12/7"], on=DAY)["plot_id"].tolist() == ["P-100", "P-200"]


def test_an_id_asked_twice_is_one_plot():
    answers = hm.check_plots(own(*KNOWN), ["P-100", "P-100"], on=DAY)
    assert answers["plot_id"].tolist() == ["P-100", "P-100"]
    assert answers["verdict"].tolist() == ["released", "released"], "asking twice makes no doubt of the record"


def test_an_id_of_several_plots_is_in_doubt_however_it_is_asked():
    twice = [KNOWN[0] | {"quarantined": "plot_id: twice"}, KNOWN[1] | {"plot_id": "P-100", "quarantined": "twice"}]
    answers = hm.check_plots(own(*twice), ["P-100"], on=DAY)
    assert answers["verdict"].tolist() == ["cannot_tell", "cannot_tell"]
    alone = hm.check_plots(own(*twice), ["12/8"], on=DAY)
    assert alone["verdict"].tolist() == ["cannot_tell"]


def test_an_id_of_several_rows_is_in_doubt_when_one_of_them_is_asked_by_its_number():
    ground = own(KNOWN[0], KNOWN[1] | {"plot_id": "P-100"})  # nobody has quarantined them
    assert hm.check_plots(ground, ["12/8"], on=DAY)["verdict"].tolist() == ["cannot_tell"]


def test_an_unknown_id_names_those_that_are_like_it():
    with pytest.raises(SchemaError, match="no plot P-10O among the 3 plots") as error:
        hm.check_plots(own(*KNOWN), ["P-10O", "P-200"], on=DAY)
    assert "like P-10O: P-100" in str(error.value)
    with pytest.raises(SchemaError, match="as a file"):
        hm.check_plots(own(*KNOWN), ["zzz"], on=DAY)
    with pytest.raises(SchemaError, match="no plot 7"):
        hm.check_plots(own(*KNOWN), [7], on=DAY)


def test_one_text_is_not_a_list_of_letters():
    with pytest.raises(SchemaError, match=r"write \['P-100'\]"):
        hm.check_plots(own(*KNOWN), "P-100", on=DAY)


def test_without_ids_the_index_gives_them_and_numbers_are_ids():
    asked = plots(PLOT, PLOT).drop(columns="plot_id").set_axis([11, 12])
    assert hm.check_plots(released(), asked, on=DAY)["plot_id"].tolist() == ["11", "12"]
    asked = plots(PLOT, PLOT).assign(plot_id=[11.0, 12.0], cadastre_no=[5, 6])
    answers = hm.check_plots(released(), asked, on=DAY)
    assert answers["plot_id"].tolist() == ["11", "12"]
    assert answers["cadastre_no"].tolist() == ["5", "6"]
    assert answers["verdict"].tolist() == ["released", "released"]


def test_wrong_types_of_columns_are_refused():
    asked = plots(PLOT).assign(accuracy_m=["about two"])
    with pytest.raises(SchemaError, match=r"plots\.accuracy_m is not a number"):
        hm.check_plots(released(), asked, on=DAY)


def test_columns_that_the_table_does_not_know_are_no_trouble():
    asked = plots(PLOT).assign(verdict="released", why="=1+1", area_m2="x")
    answer = hm.check_plots(land(hazards=[hazard()]), asked, on=DAY).iloc[0]
    assert answer["verdict"] == "confirmed_hazard"
    assert answer["area_m2"] == pytest.approx(100, abs=1e-3)


def test_a_plot_of_many_metres_under_three_dimensions():
    flat = measure.from_plane(np.array([PLOT], dtype=object), PLANE)
    asked = gpd.GeoDataFrame({"plot_id": ["P"]}, geometry=shapely.force_3d(flat, 900.0), crs=4326)
    assert hm.check_plots(released(), asked, on=DAY)["verdict"].tolist() == ["released"]


def test_answers_share_nothing_with_the_plots_that_were_asked():
    asked = gpd.GeoDataFrame(
        {"plot_id": ["P", "Q"], "required_depth_m": [0.2, 0.3]},
        geometry=measure.from_plane(np.array([PLOT, PLOT], dtype=object), PLANE),
        crs=4326,
    )
    before = asked.copy()
    answers = hm.check_plots(released(), asked, on=DAY)
    answers.loc[0, "plot_id"], answers.loc[0, "required_depth_m"], answers.loc[0, "geometry"] = "X", 9.0, None
    assert answers["plot_id"].tolist() == ["X", "Q"]
    assert_geodataframe_equal(asked, before)


def test_a_part_without_corners_is_nothing():
    flat = measure.from_plane(np.array([PLOT], dtype=object), PLANE)[0]
    asked = gpd.GeoDataFrame(
        {"plot_id": ["P", "Q"]}, geometry=[flat, shapely.MultiPolygon([shapely.Polygon(), flat])], crs=4326
    )
    answers = hm.check_plots(released(), asked, on=DAY)
    assert answers["verdict"].tolist() == ["released", "released"]
    assert answers["area_m2"][0] == answers["area_m2"][1]
