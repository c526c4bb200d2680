"""What a map shows on a day, and the figures of its legend: squares that a pencil can check."""

from dataclasses import replace

import pandas as pd
import pytest

import hazardmap as hm
from hazardmap import words
from hazardmap.maps import manifest, symbols
from hazardmap.maps.attributes import LAYERS
from hazardmap.maps.scene import gather
from hazardmap.maps.tallies import tally

ON = "2024-12-31"
HECTARE = 10_000


@pytest.fixture(scope="module")
def squares():
    return gather(hm.example(), on=ON)


def test_areas_of_the_six_squares(squares):
    # A cleared; B half not handed over, half suspected; C confirmed; D in question; E half cleared, half confirmed; F surveyed.
    areas = tally(squares).query("layer == 'ground'").set_index("symbol")["area_m2"].drop("no_record")
    expected = {
        "confirmed_open": 1.5,
        "suspected_open": 0.5,
        "in_question": 1.0,
        "not_handed_over_reduced": 0.5,
        "cleared": 1.5,
        "surveyed": 1.0,
    }
    assert (areas / HECTARE).round(4).to_dict() == expected


def test_counts_add_up_to_the_rows(squares):
    counted = tally(squares)
    for layer, frame in squares.frames.items():
        mine = counted[(counted["layer"] == layer) & ~counted["flag"]]
        assert mine["count"].sum() == len(frame), layer
        assert mine["placed"].sum() == frame.geometry.notna().sum(), layer


def test_the_worst_sign_comes_first(squares):
    order = tally(squares).query("layer == 'ground'")["symbol"].tolist()
    assert order[0] == "confirmed_open"
    assert order[-1] == "no_record"


def test_every_state_and_status_has_a_sign():
    ground = {code.removesuffix(f"_{p}") for p in words.PRODUCT.codes for code in symbols.SYMBOLS["ground"]}
    assert set(words.STATES) - {"outside_coverage"} <= ground | set(symbols.SYMBOLS["ground"])
    assert set(words.STATUS.codes) <= set(symbols.SYMBOLS["hazards"])
    assert set(words.PRODUCT.codes) <= set(symbols.SYMBOLS["releases"])
    assert set(words.FIND_KIND.codes) <= set(symbols.SYMBOLS["finds"])
    assert set(LAYERS) == set(symbols.SYMBOLS) == set(manifest.DANGER)


def test_no_green_fill_without_a_released_state():
    for code, sign in symbols.SYMBOLS["ground"].items():
        if sign.fill:
            red, green, blue = (int(sign.fill[i : i + 2], 16) for i in (1, 3, 5))
            assert code == "cleared" or green <= max(red, blue), code
        assert sign.hatch, f"{code} has no hatch: colours alone fail some readers"


def test_later_finds_are_left_out_and_undated_ones_kept():
    programme = hm.example()
    finds = programme.finds
    assert gather(programme, on="2024-03-02").frames["finds"].empty  # the accident was on 3 March
    assert len(gather(programme, on="2024-03-03").frames["finds"]) == 1
    undated = finds.assign(date=pd.Series(pd.NaT, index=finds.index).astype("datetime64[us]"))
    assert len(gather(replace(programme, finds=undated), on="2024-03-02").frames["finds"]) == 1


def test_an_answered_find_looks_so_only_from_that_day():
    programme = hm.example()
    answered = programme.finds.assign(answered_on=pd.Timestamp("2024-06-01"), answered_by="T-9")
    programme = replace(programme, finds=answered)
    assert gather(programme, on="2024-05-31").frames["finds"]["symbol"].tolist() == ["accident"]
    assert gather(programme, on="2024-06-01").frames["finds"]["symbol"].tolist() == ["answered"]


def test_repaired_and_untrusted_hazards_are_flagged():
    programme = hm.example()
    hazards = programme.hazards.copy()
    hazards.loc[hazards["hazard_id"] == "H-003", "repaired"] = "crossing removed, +12 m²"
    hazards.loc[hazards["hazard_id"] == "H-005", "quarantined"] = "status: 'maybe'"
    shown = gather(replace(programme, hazards=hazards), on=ON).frames["hazards"].set_index("hazard_id")["flag"]
    assert shown["H-003"] == "changed"
    assert shown["H-005"] == "draft"
    assert shown["H-006"] == "draft"
    assert shown.drop(["H-003", "H-005", "H-006"]).isna().all()


def test_the_unplaced_are_counted_in_words(squares):
    data = manifest.of(squares)
    assert data.manifest["unplaced"]["text"] == "1 hazard has no position and cannot be drawn."
    assert data.manifest["unplaced"]["ids"] == ["H-006"]
    many = replace(squares, unplaced=pd.DataFrame({"hazard_id": [f"U-{i}" for i in range(3097)]}))
    said = manifest.of(many).manifest["unplaced"]
    assert said["text"] == "3,097 hazards have no position and cannot be drawn."
    assert len(said["ids"]) < 3097


def test_a_hazard_ended_by_a_successor_is_not_called_unplaced(squares):
    hazards = squares.frames["hazards"].copy()
    ended = hazards["hazard_id"].eq("H-001")
    hazards.loc[ended, "geometry"] = None  # as hazards_on gives it: no ground of its own any more, `unplaced` false
    figures = tally(replace(squares, frames={**squares.frames, "hazards": hazards})).set_index(["layer", "symbol"])
    assert figures.loc[("hazards", "closed"), ["count", "placed", "unplaced"]].tolist() == [2, 1, 0]
    assert figures.loc[("hazards", "open"), ["count", "placed", "unplaced"]].tolist() == [2, 1, 1]


def test_a_hazard_placed_in_part_is_told_as_such(squares):
    partly = replace(squares, unplaced=pd.DataFrame({"hazard_id": ["H-006", "H-003"]}))
    assert manifest.of(partly).manifest["unplaced"]["text"] == (
        "1 hazard has no position and cannot be drawn. 1 hazard has more ground, without a position, which cannot be drawn."
    )


def test_python_counts_what_can_be_drawn(squares):
    placed = sum(int(frame.geometry.notna().sum()) for frame in squares.frames.values())
    data = manifest.of(squares)
    assert data.manifest["expected"] == placed
    drawn = [block for block in data.manifest["blocks"] if "/none/" not in block["name"]]
    assert sum(block["count"] for block in drawn) == placed
    unplaced = [(block["name"], block["count"]) for block in data.manifest["blocks"] if block not in drawn]
    assert unplaced == [("hazards/none/0", 1)], "H-006 is in the page for the search"


def test_an_empty_programme_is_a_map_of_the_world():
    data = manifest.of(gather(hm.Programme(name="Nothing yet", as_of=pd.Timestamp(ON).date()), on=ON))
    assert data.manifest["expected"] == 0
    assert data.bounds_deg == (-55.0, -170.0, 75.0, 170.0)


def test_inputs_are_not_changed():
    programme = hm.example()
    before = {name: programme.table(name).copy() for name in LAYERS if name not in {"ground", "verdicts", "zones"}}
    manifest.of(gather(programme, on=ON))
    for name, frame in before.items():
        assert programme.table(name).equals(frame), name


def test_finds_that_are_told_of_first_are_painted_last():
    """The codes of a layer are painted from the last to the first: an answer never lies above evidence that has none."""
    assert list(symbols.SYMBOLS["finds"])[-1] == "answered"


def test_the_background_is_painted_before_all_else():
    assert next(iter(symbols.SYMBOLS)) == "context"
