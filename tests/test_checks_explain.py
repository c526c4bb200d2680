"""One plot explained: what lies on it worst first, which paper is missing, what a release would need."""

from datetime import date

import pytest
import shapely
from asking import DAY, EXACT, FIELD, PLOT, hazard, land, lost, release
from land import box, demo_programme

import hazardmap as hm
from hazardmap import SchemaError, words


def explain(shape=PLOT, *, today=None, on=DAY, plot=None, **rows):
    given = {"plot_id": "P", "geometry": shape} | (plot or {})
    return hm.explain(land(**({"plots": [given]} | rows)), "P", on=on, today=today)


STRIPES = {
    "hazards": [hazard(), hazard(box(100, 0, 20, 100), classification="suspected")],
    "releases": [
        release(box(20, 0, 20, 100), handover_no=None),
        release(box(40, 0, 20, 100), product="cancelled", activity_type="NTS", depth_m=None),
        release(box(60, 0, 40, 100)),
    ],
    "surveys": [{"geometry": box(120, 0, 20, 100)}],
    "coverage": [{"geometry": box(0, 0, 160, 100)}],
}


def test_what_lies_on_the_plot_worst_first():
    told = explain(box(0, 0, 200, 10), **STRIPES)
    assert told.verdict == "confirmed_hazard"
    assert told.why == "overlaps a confirmed hazardous area: H-0"
    found = [line.split(":")[0].split(" [")[0] for line in told.ground]
    assert found == [
        "200 m² (10.0 %) confirmed open",
        "200 m² (10.0 %) suspected open",
        "200 m² (10.0 %) not handed over",
        "200 m² (10.0 %) cancelled",
        "400 m² (20.0 %) cleared",
        "200 m² (10.0 %) surveyed",
        "200 m² (10.0 %) no record",
        "400 m² (20.0 %) outside coverage",
    ]
    assert "hazard H-0" in told.ground[0]
    assert "hazard H-1" in told.ground[1]
    assert "no handover paper with number and date" in told.ground[2]
    assert "release R-0" in told.ground[2]
    assert "survey S-0" in told.ground[5]


def test_what_would_be_needed_is_told_piece_by_piece():
    told = explain(box(0, 0, 200, 10), **STRIPES)
    assert told.missing == (
        "H-0: release of the 200 m² of it that are open (cancelled, reduced or cleared, with all papers)",
        "H-1: release of the 200 m² of it that are open (cancelled, reduced or cleared, with all papers)",
        "R-0: what it lacks now (no handover paper with number and date)",
        "a release of the 800 m² on which no release is recorded",
    )


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"handover_no": None}, "handover paper"),
        ({"decision": None, "decision_date": None}, "approv"),
        ({"quality": "pending"}, "quality"),
        ({"depth_m": None}, "depth"),
    ],
)
def test_the_paper_that_is_missing_is_named(more, word):
    told = explain(hazards=[hazard()], releases=[release(**more)])
    assert told.verdict == "not_handed_over"
    assert len(told.missing) == 1
    assert told.missing[0].startswith("R-0: what it lacks now")
    assert word in told.missing[0]


def test_a_released_plot_needs_nothing():
    told = explain(hazards=[hazard()], releases=[release()])
    assert (told.verdict, told.missing, told.beside) == ("released", (), ())
    assert "would need" not in str(told)


def test_evidence_is_to_be_answered():
    find = {"geometry": shapely.Point(45, 45), "date": "2023-01-01"}
    told = explain(hazards=[hazard()], releases=[release()], finds=[find])
    assert told.missing == ("F-0: an answer to this evidence (day and by what survey or task)",)
    alone = explain(finds=[find])
    assert alone.verdict == "suspected_hazard"
    assert "F-0: evidence outside every hazard, to be answered (day and by what)" in alone.missing


def test_depth_boundaries_and_doubt_say_what_would_end_them():
    shallow = explain(hazards=[hazard()], releases=[release()], plot={"required_depth_m": 0.5})
    assert shallow.missing == ("clearance to 0.5 m, as this use needs",)
    edge = explain(box(103, 40, 10), hazards=[hazard(accuracy_m=3.0)])
    assert edge.beside[0] == "nearest open hazard: H-0, 3.0 m to the W"
    assert words.FLAGS["boundary_uncertain"] in edge.beside
    assert edge.missing[-1].startswith("H-0: release of this hazard, or boundaries measured well enough")
    doubt = explain(hazards=[hazard()], releases=[release()], plot={"repaired": "a spike"})
    assert doubt.verdict == "cannot_tell"
    assert doubt.missing == (
        "an end to the doubt: the record of the plot cannot be trusted: its polygon was repaired at import: a spike",
    )
    old = explain(hazards=[hazard()], releases=[release()], today=date(2027, 1, 1))
    assert old.verdict == "cannot_tell"
    assert old.missing[0].startswith("an end to the doubt: the data speak up to 2024-12-31")


def test_a_plot_that_cannot_be_measured():
    told = explain(None)
    assert (told.verdict, told.ground) == ("cannot_tell", ())
    assert told.missing == ("a plot that can be measured: a valid polygon in longitude and latitude",)


def test_what_is_said_beside():
    districts = [{"district_id": "D", "geometry": FIELD}]
    lost_ones = [lost(district="D"), lost(district="nowhere", hazard_id="M")]
    told = explain(districts=districts, hazards=[*lost_ones, hazard(box(190, 40, 10), hazard_id="H", **EXACT)])
    assert told.beside == (
        "nearest open hazard: H, 140 m to the E",
        "hazards without a position that may lie here: 2 (1 in its district, 1 anywhere)",
    )


def test_a_printed_explanation_says_what_every_product_says():
    text = str(explain(hazards=[hazard()]))
    assert text.startswith("Plot P: overlaps a confirmed hazardous area: H-0\n")
    assert "On 2024-12-31; the data speak up to 2024-12-31." in text
    assert words.DISCLAIMER in text
    assert words.ABSENCE in text
    assert words.FICTITIOUS not in text
    assert words.FICTITIOUS in str(hm.explain(hm.example(), "P-A", on=DAY))


def test_plots_are_found_by_cadastre_number_and_unknown_ones_named():
    ground = land(plots=[{"plot_id": "P-100", "cadastre_no": "12/7", "geometry": PLOT}])
    assert hm.explain(ground, "12/7", on=DAY).plot_id == "P-100"
    with pytest.raises(SchemaError, match="like P-10O: P-100"):
        hm.explain(ground, "P-10O", on=DAY)


def test_an_id_of_several_plots_is_not_explained_as_one_of_them():
    same = [{"plot_id": "A", "cadastre_no": "12/7", "geometry": PLOT}] * 2
    with pytest.raises(SchemaError, match="A stands for 2 plots"):
        hm.explain(land(plots=same), "A", on=DAY)
    numbered = [same[0], same[0] | {"plot_id": "B"}]
    with pytest.raises(SchemaError, match="12/7 stands for 2 plots: A, B"):
        hm.explain(land(plots=numbered), "12/7", on=DAY)
    assert hm.explain(land(plots=numbered), "B", on=DAY).plot_id == "B"


def test_verdict_and_ground_are_those_of_the_table():
    demo = demo_programme()
    some = demo.plots["plot_id"].iloc[:12].tolist()
    answers = hm.check_plots(demo, some, on=demo.as_of)
    for plot_id, answer in zip(some[:4], answers.to_dict("records"), strict=False):
        told = hm.explain(demo, plot_id, on=demo.as_of)
        assert (told.verdict, told.why) == (answer["verdict"], answer["why"])
        assert bool(told.missing) is (told.verdict != "released")
