"""The verdicts on a terminal: worst first, nothing cut or hidden, nothing but what can be printed."""

from __future__ import annotations

import re

import pandas as pd
import pytest
import verdicts

import hazardmap as hm
from hazardmap import words
from hazardmap.sheets import verdict_table
from hazardmap.sheets.telling import WORST_FIRST, short

PLAIN = {"verdict": "no_record", "area_m2": 10_000.0, "states": {"no_record": 1.0}}


def ids(text):
    return re.findall(r"^(P-\S+)", text, re.MULTILINE)


def test_the_whole_table():
    told = verdict_table(verdicts.every_verdict())
    assert ids(told) == [f"P-{c}" for c in "CBDELFGAHIJK"]
    lines = told.split("\n")
    assert lines[0] == words.FICTITIOUS
    (line,) = [n for n in lines if n.startswith("P-D")]
    assert line.split() == [
        "P-D",
        "release",
        "in",
        "question",
        "1.00",
        "ha",
        "0",
        "100",
        "0",
        "H-003",
        "57",
        "m",
        "W",
        "near",
        "hazard",
    ]
    for verdict in words.VERDICTS:
        (line,) = [n for n in lines if n.startswith(f"{short(verdict)} ") and " plot " in n]
        assert "1 plot" in line
    assert "1 of 12 plots could not be measured." in lines
    assert "For every plot: hazards without a position may lie here; example data, not real land." in lines
    assert "State of the ground on 2024-12-31. Data as of 2024-12-31. Source: hazardmap.example(): fictitious" in lines
    assert " ".join(lines[-2:]) == f"{words.DISCLAIMER} {words.ABSENCE}"


def test_every_verdict_is_told_in_full():
    told = " ".join(verdict_table(verdicts.every_verdict()).split())
    for verdict, text in words.VERDICTS.items():
        if text != short(verdict):
            assert text in told
    assert "The whole plot is released ground" in told
    assert "The plot or its record cannot be used, the data are too old" in told


def test_nothing_looks_better_than_it_is():
    """99.98 % released is no 100; 0.02 % without record is no 0; a hazard 57.9 m away is 57 m away."""
    told = verdict_table(verdicts.every_verdict())
    (line,) = [n for n in told.split("\n") if n.startswith("P-G")]
    assert line.split()[5:8] == ["99.9", "0", "0.1"]
    assert "H-002 under 1 m E" in told
    assert "H-005 12.3 km S" in told  # 12,345 m
    (line,) = [n for n in told.split("\n") if n.startswith("P-L")]
    assert line.split()[3:] == ["?", "?", "?", "?"]


def test_hazard_slivers_are_rounded_up():
    row = {
        **PLAIN,
        "plot_id": "P-1",
        "verdict": "confirmed_hazard",
        "states": {"confirmed_open": 0.0001, "cleared": 0.9999},
    }
    (line,) = [n for n in verdict_table(verdicts.answers([row])).split("\n") if n.startswith("P-1")]
    assert line.split()[5:8] == ["99.9", "0.1", "0"]


def test_measured_halves_are_halves():
    row = {**PLAIN, "plot_id": "P-1", "verdict": "confirmed_hazard", "area_m2": 9_999.9999}
    row["states"] = {"confirmed_open": 0.5 + 1e-10, "cleared": 0.5 - 1e-10}
    (line,) = [n for n in verdict_table(verdicts.answers([row])).split("\n") if n.startswith("P-1")]
    assert line.split()[3:8] == ["1.00", "ha", "50.0", "50.0", "0"]


def test_the_worst_are_listed_and_all_are_counted():
    rows = [{**PLAIN, "plot_id": f"P-{i}"} for i in range(50)]
    rows += [{**PLAIN, "plot_id": f"P-cannot{i}", "verdict": "cannot_tell"} for i in range(50)]
    rows += [
        {
            **PLAIN,
            "plot_id": "P-small",
            "verdict": "confirmed_hazard",
            "states": {"confirmed_open": 0.1, "no_record": 0.9},
        },
        {**PLAIN, "plot_id": "P-large", "verdict": "confirmed_hazard", "states": {"confirmed_open": 1.0}},
    ]
    told = verdict_table(verdicts.answers(rows), limit=4)
    # hazards are not pushed out by what is not known
    assert ids(told) == ["P-large", "P-small", "P-cannot0", "P-cannot1"]
    assert "… and 98 more; write them with -o answers.xlsx" in told
    counts = {n[:16].strip(): re.findall(r"([\d,]+) plots? +(\S+ \S+)", n) for n in told.split("\n")}
    assert counts["confirmed hazard"] == [("2", "2.00 ha")]
    assert counts["no record"] == [("50", "50.00 ha")]
    assert "… and" not in verdict_table(verdicts.answers(rows), limit=102)
    assert "… and 102 more" in verdict_table(verdicts.answers(rows), limit=0)


def test_one_plot():
    told = verdict_table(verdicts.answers([{**PLAIN, "plot_id": "P-1"}]))
    assert "1 plot " in told
    assert "1 plots" not in told
    assert words.FICTITIOUS not in told


def test_no_plots():
    told = verdict_table(verdicts.none())
    assert told.startswith("No plots were asked.")
    assert words.DISCLAIMER in told


@pytest.mark.parametrize("width", [80, 90, 100, 160])
def test_no_line_is_wider_than_asked_and_no_verdict_is_cut(width):
    rows = [dict(r) for r in verdicts.ROWS]
    rows[0] |= {"plot_id": "P-" + "long" * 12, "flags": tuple(words.FLAGS), "nearest_hazard_id": "H-" + "9" * 40}
    rows[1] |= {"plot_id": "地" * 30}  # each takes two places
    told = verdict_table(verdicts.answers(rows), width=width)
    wide = [n for n in told.split("\n") if sum(2 if c == "地" else 1 for c in n) > width]
    assert wide == []
    for verdict in words.VERDICTS:
        assert all(w in told for w in short(verdict).split())
    squeezed = re.sub(r"\s", "", told)
    assert squeezed.count("地") == 30
    assert "…" not in squeezed


def test_the_width_is_100_in_a_pipe_and_that_of_a_narrow_terminal(monkeypatch):
    frame = verdicts.every_verdict()
    monkeypatch.delenv("COLUMNS", raising=False)
    assert verdict_table(frame) == verdict_table(frame, width=100)
    monkeypatch.setenv("COLUMNS", "85")
    assert verdict_table(frame) == verdict_table(frame, width=85)
    monkeypatch.setenv("COLUMNS", "300")
    assert verdict_table(frame) == verdict_table(frame, width=100)
    monkeypatch.setenv("COLUMNS", "5")
    assert verdict_table(frame) == verdict_table(frame, width=80)


def test_hostile_text_cannot_drive_the_terminal():
    evil = "P-1\x1b[2J\x1b]0;x\x07\r\n\tP-2\u202e\u2028\x9b31m"
    row = {**PLAIN, "plot_id": evil, "nearest_hazard_id": evil, "nearest_hazard_m": 5.0, "sources": evil}
    told = verdict_table(verdicts.answers([row]))
    assert all(c.isprintable() for c in told.replace("\n", ""))
    assert "\x1b" not in told
    assert "P-1?[2J?]0;x?" in re.sub(r"\s", "", told)


def test_days_that_differ_are_told():
    rows = [
        {**PLAIN, "plot_id": "P-1", "data_as_of": "2022-01-01"},
        {**PLAIN, "plot_id": "P-2", "data_as_of": "2023-05-06"},
    ]
    told = verdict_table(verdicts.answers(rows))
    assert "Data as of 2024-12-31; where the plots lie, as of 2022-01-01 to 2023-05-06." in " ".join(told.split())
    assert "Source: not stated" in verdict_table(verdicts.answers(rows, sources=""))


def test_a_plot_without_id_is_listed():
    assert "(no id)" in verdict_table(verdicts.answers([{**PLAIN, "plot_id": None}]))


def test_what_is_no_table_of_answers_is_refused():
    with pytest.raises(hm.SchemaError, match="the answers have no column plot_id"):
        verdict_table(pd.DataFrame({"a": [1]}))
    with pytest.raises(hm.SchemaError, match="verdict 'clear'"):
        verdict_table(verdicts.every_verdict().assign(verdict="clear"))


def test_nothing_is_promised():
    told = verdict_table(verdicts.every_verdict()).lower()
    assert not re.search(r"\bsafe\b|mine-free|all clear|no mines|certified", told)


def test_hazards_come_before_what_cannot_be_told():
    assert WORST_FIRST[:5] == (
        "confirmed_hazard",
        "suspected_hazard",
        "release_in_question",
        "not_handed_over",
        "cannot_tell",
    )
    assert [v for v in WORST_FIRST if v != "cannot_tell"] == [v for v in words.VERDICTS if v != "cannot_tell"]
