"""The shell's --update and history: what they print, what they save, how they end."""

import dataclasses
import json
import sqlite3

import pytest
from test_cli import HAZARD, SQUARE, geojson

import hazardmap as hm
from hazardmap import tables, words
from hazardmap.cli import main


def moved(x):
    return [[lon + x, lat] for lon, lat in SQUARE]


@pytest.fixture
def into(tmp_path):
    """A programme of three hazards, as of 2024-01-31."""
    features = [(HAZARD | {"hazard_id": f"00{i}"}, moved(i / 100)) for i in (7, 8, 9)]
    source = geojson(tmp_path / "january.geojson", *features)
    path = tmp_path / "p.gpkg"
    assert main(["import", str(source), "--as", "hazards", "--into", str(path), "--as-of", "2024-01-31"]) == 0
    return path


def run(source, path, *options, table="hazards"):
    return main(["import", str(source), "--as", table, "--into", str(path), "--as-of", "2024-06-30", *options])


def test_an_update_tells_what_it_did_and_ends_with_1_when_it_refused(into, tmp_path, capsys):
    june = HAZARD | {"date_of_information": "2024-06-01", "event": "edited"}
    wide = [[47.07, 40.0], [47.072, 40.0], [47.072, 40.001], [47.07, 40.001], [47.07, 40.0]]
    source = geojson(tmp_path / "june.geojson", (june, wide), (HAZARD | {"hazard_id": "008"}, SQUARE))
    capsys.readouterr()
    before = into.read_bytes()
    assert run(source, into) == 1, "without --update"
    assert "add --update if this is a newer edition" in capsys.readouterr().err
    assert into.read_bytes() == before
    assert run(source, into, "--update") == 1, "one report was refused"
    told = capsys.readouterr().out
    assert "june.geojson → hazards, updated: 2 rows\n  added               0\n  changed             1\n" in told
    assert "1 × of the same day as the report held, and different: --allow-same-day takes it – e.g. 008" in told
    assert "last reported by january.geojson: 009" in told
    assert "Ground on 2024-01-31 → on 2024-06-30:\n  suspected open" in told
    held = hm.read(into)
    assert held.hazards["hazard_id"].tolist() == ["007", "008", "009", "007"]
    assert str(held.as_of) == "2024-06-30"
    assert held.history["outcome"].tolist() == [*["accepted"] * 3, "changed", "refused", "missing"]
    assert run(source, into, "--update") == 1
    assert "is in the programme already" in capsys.readouterr().err
    assert run(source, into, "--update", "--allow-same-day") == 1, "it would leave ground out"
    assert "with less ground, less doubt or less approval" in capsys.readouterr().out


def test_an_update_that_refuses_nothing_ends_with_0_and_strict_minds_what_is_missing(into, tmp_path, capsys):
    more = (HAZARD | {"hazard_id": "010"}, moved(0.2))
    for name, options, status in (
        ("a.geojson", ["--strict"], 1),
        ("b.geojson", ["--strict", "--partial"], 0),
        ("c.geojson", [], 0),
    ):
        source = geojson(tmp_path / name, (HAZARD | {"hazard_id": "008", "note": name}, moved(0.08)), more)
        assert run(source, into, "--update", *options) == status, name
    told = capsys.readouterr().out
    assert "the file holds only some of the records: none is listed as missing" in told
    assert len(hm.read(into).hazards) == 4


def test_options_of_an_update_need_one(into, tmp_path, capsys):
    source = geojson(tmp_path / "more.geojson", (HAZARD | {"hazard_id": "010"}, SQUARE))
    assert run(source, into, "--allow-older", "--missing-from", "january.geojson") == 1
    assert "--allow-older, --missing-from without --update – needed: an update" in capsys.readouterr().err


def test_releases_that_get_better_and_worse_are_told(into, tmp_path, capsys):
    paper = {
        "hazard_ids": "007",
        "activity_type": "clearance",
        "product": "cleared",
        "depth_m": 0.2,
        "date_completed": "2024-01-20",
        "quality": "passed",
        "quality_date": "2024-01-25",
    }
    handed = {
        "decision": "approved",
        "decision_date": "2024-02-01",
        "handover_no": "HO-1",
        "handover_date": "2024-03-01",
    }
    first = [paper | {"release_id": f"R-{i}"} for i in (1, 2)]
    shape = moved(0.07)
    source = geojson(tmp_path / "reported.geojson", *((r, shape) for r in first))
    assert main(["import", str(source), "--as", "releases", "--into", str(into), "--as-of", "2024-01-31"]) == 0
    later = [first[0] | handed, first[1] | {"decision": "rejected"}]
    source = geojson(tmp_path / "approved.geojson", *((r, shape) for r in later))
    capsys.readouterr()
    assert run(source, into, "--update", table="releases") == 0
    told = capsys.readouterr().out
    assert "Releases that count for more than before: 1, e.g. R-1 (pending → counting)" in told
    assert "Releases that count for less than before: 1, e.g. R-2 (pending → void)" in told
    assert "not handed over" in told
    assert "2 × decision – e.g. R-1 ((empty) → approved), R-2 ((empty) → rejected)" in told


def test_history_lists_files_and_the_life_of_a_record(into, tmp_path, capsys):
    june = HAZARD | {"date_of_information": "2024-06-01", "event": "edited", "name": "Hill"}
    assert run(geojson(tmp_path / "june.geojson", (june, moved(0.07))), into, "--update") == 0
    capsys.readouterr()
    assert main(["history", str(into)]) == 0
    told = capsys.readouterr().out
    assert "hazards: accepted 3\n    from january.geojson (sha256 " in told
    assert "hazards: changed 1, missing 2\n    from june.geojson" in told
    assert "speaks up to 2024-06-30" in told
    assert told.rstrip().endswith(words.DISCLAIMER)
    assert main(["history", str(into), " 007 "]) == 0
    told = capsys.readouterr().out
    assert "hazards 007: 2 rows in the table now" in told
    assert "changed, of 2024-06-01, from june.geojson (sha256 " in told
    assert (
        "      event: established → edited; name: (empty) → Hill; date_of_information: 2024-01-01 → 2024-06-01" in told
    )
    assert main(["history", str(into), "008", "--as", "hazards"]) == 0
    assert "missing, of 2024-06-30" in capsys.readouterr().out
    assert main(["history", str(into), "007", "--as", "plots"]) == 0
    assert "no history says where they come from" in capsys.readouterr().out
    assert main(["history", str(into), "0077"]) == 1
    assert "no record is named '0077' – needed: the id of a record, e.g. '007'" in capsys.readouterr().err


def test_history_shows_in_full_what_was_replaced(tmp_path, capsys):
    into = tmp_path / "folder"
    for name, use in (("a.geojson", "field"), ("b.geojson", "orchard")):
        source = geojson(tmp_path / name, ({"plot_id": "P-1", "use": use}, SQUARE))
        day = "2024-01-31" if use == "field" else "2024-06-30"
        update = [] if use == "field" else ["--update", "--allow-older"]
        given = ["import", str(source), "--as", "plots", "--into", str(into), "--as-of", day, *update]
        assert main(given) == 0
    capsys.readouterr()
    assert main(["history", str(into), "P-1"]) == 0
    assert "the report before it is kept in full: add --full" in capsys.readouterr().out
    assert main(["history", str(into), "P-1", "--full"]) == 0
    told = capsys.readouterr().out
    assert "        use: field\n" in told
    assert "        geometry: POLYGON ((47 40, " in told


def test_history_is_not_moved_by_hostile_text(tmp_path, capsys):
    programme = hm.Programme(name="a\x1b[2Jb", fictitious=True)
    entry = {"table": "plots", "record_id": "P\x1b[2J", "outcome": "changed\n", "source": "\x1b]0;x", "kept": "[1, {"}
    odd = [entry, entry | {"record_id": None, "kept": json.dumps([1, {"x\n": "\x1b"}])}, entry | {"kept": "[[3]]"}]
    history = tables.canonical(
        tables.empty("history").reindex(range(3)).assign(**{k: [r[k] for r in odd] for k in entry}), "history"
    )
    path = tmp_path / "p.gpkg"
    hm.write(dataclasses.replace(programme, history=history), path)
    for more in ([], ["P\x1b[2J"], ["P\x1b[2J", "--full"]):
        assert main(["history", str(path), *more]) == 0
        told = capsys.readouterr().out
        assert words.FICTITIOUS in told
        assert "\x1b" not in told
        assert "day unknown" in told


def test_history_of_an_old_programme_opens(into, capsys):
    with sqlite3.connect(into) as db:
        for column in ("origin", "day", "change", "kept"):
            db.execute(f"ALTER TABLE history DROP COLUMN {column}")
    db.close()
    assert main(["history", str(into), "007"]) == 0
    assert "accepted, from january.geojson" in capsys.readouterr().out


def test_history_of_nothing(tmp_path, capsys):
    hm.write(hm.example(), tmp_path / "p.gpkg")
    assert main(["history", str(tmp_path / "p.gpkg")]) == 0
    assert "Nothing is recorded of how this programme was made." in capsys.readouterr().out
    assert main(["history", str(tmp_path / "p.gpkg"), "H-001"]) == 0
    assert "hazards H-001: 1 row in the table now; no history says" in capsys.readouterr().out
