"""The second method bites: whatever the sweep or the pieces lose, no land is told as released because of it."""

import dataclasses

import numpy as np
import pytest
from asking import DAY, hazard, land, plots, release
from land import box, demo_programme

import hazardmap as hm
from hazardmap import words
from hazardmap.checks import answering
from hazardmap.trapezoids import sweep

#: A field released in its west; the plot lies over both parts, and is half open.
OPEN_EAST = {"hazards": [hazard()], "releases": [release(box(0, 0, 50, 100))]}
ACROSS = box(10, 10, 80)
WITHIN = box(10, 10, 30)


def ask(*shapes, rows=OPEN_EAST, **columns):
    return hm.check_plots(land(**rows), plots(*shapes, **columns), on=DAY)


def losing(monkeypatch, *states):
    """Let the pieces of some states be lost on their way from the sweep."""
    whole = answering.cut_up

    def cut_up(ground, laid):
        pieces = whole(ground, laid)
        lost = np.isin(ground.meanings.state[pieces.ground], [words.STATES.index(s) for s in states])
        return dataclasses.replace(
            pieces, **{f.name: getattr(pieces, f.name)[~lost] for f in dataclasses.fields(pieces)}
        )

    monkeypatch.setattr(answering, "cut_up", cut_up)


def test_what_is_sound_is_confirmed():
    assert ask(ACROSS, WITHIN)["verdict"].tolist() == ["confirmed_hazard", "confirmed_hazard"]
    exact = {"hazards": [hazard(accuracy_m=1.0)], "releases": [release(box(0, 0, 50, 100))]}
    assert ask(WITHIN, rows=exact)["verdict"].tolist() == ["released"]


# Where the search for edges still sees the open part it is a hazard by that alone: the second method is asked about
# plots that neither the pieces nor the edges say anything against.
@pytest.fixture
def blind(monkeypatch):
    """Let the search find no open hazard anywhere."""
    whole = answering.search

    def search(ground, laid, accuracy_m, overlaps):
        near = whole(ground, laid, accuracy_m, overlaps)
        return dataclasses.replace(
            near,
            distance_m=np.full_like(near.distance_m, np.inf),
            azimuth_deg=np.full_like(near.azimuth_deg, np.nan),
            label=np.full_like(near.label, -1),
            within=np.full_like(near.within, -1),
        )

    monkeypatch.setattr(answering, "search", search)


@pytest.mark.usefixtures("blind")
def test_a_lost_open_part_is_found_by_the_points(monkeypatch):
    losing(monkeypatch, "confirmed_open")
    answer = ask(ACROSS).iloc[0]
    assert answer["verdict"] == "cannot_tell"
    assert answer["why"].startswith("two methods disagree: by areas 100 % of the plot is released; of ")
    numbers = [int(w) for w in answer["why"].replace(",", "").split() if w.isdigit()]
    points, remaining, freed = numbers[1:]
    assert points == remaining + freed
    assert 0.35 < remaining / points < 0.65, "half of the plot is open"


@pytest.mark.usefixtures("blind")
@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ({"hazards": [hazard(classification="suspected")], "releases": OPEN_EAST["releases"]}, "suspected_open"),
        (
            {
                "hazards": [hazard()],
                "releases": [release(box(0, 0, 50, 100)), release(box(50, 0, 50, 100), handover_no=None)],
            },
            "not_handed_over",
        ),
        ({"hazards": [hazard(box(0, 0, 50, 100))], "releases": [release(box(0, 0, 50, 100))]}, "no_record"),
    ],
)
def test_any_lost_state_is_found(monkeypatch, rows, state):
    losing(monkeypatch, state)
    answer = ask(ACROSS, rows=rows).iloc[0]
    assert (answer["verdict"], answer["why"][:20]) == ("cannot_tell", "two methods disagree")


@pytest.mark.usefixtures("blind")
def test_what_is_too_shallow_or_partly_released_is_looked_at_too(monkeypatch):
    partly = {
        "hazards": [hazard(box(0, 0, 70, 100))],
        "releases": [release(box(0, 0, 40, 100))],
    }  # released 0–40, open 40–70, no record beyond
    assert ask(ACROSS, rows=partly)["verdict"].tolist() == ["confirmed_hazard"]
    losing(monkeypatch, "confirmed_open")
    told = ask(ACROSS, rows=partly).iloc[0]
    assert (told["verdict"], "two methods disagree" in told["why"]) == ("cannot_tell", True)
    shallow = ask(ACROSS, required_depth_m=0.5).iloc[0]
    assert (shallow["verdict"], "two methods disagree" in shallow["why"]) == ("cannot_tell", True)


@pytest.mark.usefixtures("blind")
def test_a_wrong_share_is_found(monkeypatch):
    rows = {"hazards": [hazard(box(0, 0, 20, 100))], "releases": [release(box(0, 0, 20, 100))]}
    assert ask(ACROSS, rows=rows)["verdict"].tolist() == ["partly_released"]  # an eighth of it
    whole = answering.cut_up

    def swapped(ground, laid):
        pieces = whole(ground, laid)
        return dataclasses.replace(pieces, area_m2=pieces.area_m2[::-1].copy())

    monkeypatch.setattr(answering, "cut_up", swapped)
    told = ask(ACROSS, rows=rows).iloc[0]
    assert told["verdict"] == "cannot_tell"
    assert told["why"].startswith("two methods disagree: by areas 87.5 % of the plot is released")


def blind_sweep(hidden):
    """The sweep under a tree in which one shape is not found."""
    whole = sweep.areas

    def areas(laid, first, last, shapes, *more):
        order = shapes.order[shapes.order != hidden]
        floor = np.array([0, 1], dtype=np.int64)
        tree = np.array([[-1e9, -1e9, 1e9, 1e9]])
        assert len(order) <= 16
        return whole(laid, first, last, shapes._replace(order=order, floor=floor, tree=tree), *more)

    return areas


@pytest.mark.usefixtures("blind")
def test_a_hazard_that_the_sweep_does_not_see_is_seen_by_the_second_method(monkeypatch):
    rows = {"hazards": [hazard(), hazard(box(60, 0, 40, 100))], "releases": [release()]}
    assert ask(ACROSS, rows=rows)["verdict"].tolist() == ["confirmed_hazard"]
    monkeypatch.setattr(sweep, "areas", blind_sweep(1))  # the second hazard
    told = ask(ACROSS, rows=rows).iloc[0]
    assert told["verdict"] == "cannot_tell"
    assert told["why"].startswith("two methods disagree")


def test_the_search_alone_sees_what_the_pieces_lose(monkeypatch):
    losing(monkeypatch, "confirmed_open")
    told = ask(ACROSS).iloc[0]
    assert told["verdict"] == "confirmed_hazard", "the edge of the open part runs through the plot"


def test_a_disagreement_never_hides_a_hazard(monkeypatch):
    losing(monkeypatch, "cleared")
    assert ask(ACROSS)["verdict"].tolist() == ["confirmed_hazard"]


def test_all_that_the_demo_tells_as_released_is_confirmed():
    demo = demo_programme()
    answers = hm.check_plots(demo, on=demo.as_of)
    assert answers["verdict"].isin(words.RELEASE_VERDICTS).sum() > 10
    assert not answers["why"].str.contains("two methods").any()


def test_random_plots_on_sound_ground_are_never_doubted():
    rng = np.random.default_rng(5)
    rows = {
        "hazards": [hazard(box(x, y, 60)) for x in range(0, 240, 60) for y in range(0, 240, 60)],
        "releases": [
            release(box(x, y, 60), (f"H-{i}",))
            for i, (x, y) in enumerate((x, y) for x in range(0, 240, 60) for y in range(0, 240, 60))
        ],
    }
    shapes = [box(x, y, w, h) for x, y, w, h in rng.uniform((0, 0, 0.1, 0.1), (250, 250, 60, 60), (300, 4))]
    answers = ask(*shapes, rows=rows)
    assert set(answers["verdict"]) <= {"released", "partly_released", "no_record"}
