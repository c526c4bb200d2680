"""The command: what it prints, what it writes, how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import hazardmap as hm
from hazardmap.cli import main, parser

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
SQUARE = [[47.0, 40.0], [47.001, 40.0], [47.001, 40.001], [47.0, 40.001], [47.0, 40.0]]


def geojson(path, *features):
    path.write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {"type": "Feature", "properties": p, "geometry": g and {"type": "Polygon", "coordinates": [g]}}
                    for p, g in features
                ],
            }
        ),
        encoding="utf-8",
    )
    return path


HAZARD = {
    "hazard_id": "007",
    "date_of_information": "2024-01-01",
    "event": "established",
    "classification": "suspected",
    "status": "open",
}


def test_import_draw_validate(tmp_path, capsys):
    source = geojson(tmp_path / "h.geojson", (HAZARD, SQUARE), (HAZARD | {"hazard_id": "008"}, None))
    into = tmp_path / "p.gpkg"
    assert main(["import", str(source), "--as", "hazards", "--into", str(into)]) == 0
    told = capsys.readouterr().out
    assert "2 rows" in told
    assert "1 × geometry: missing" in told
    held = hm.read(into)
    assert held.hazards["hazard_id"].tolist() == ["007", "008"]
    assert str(held.as_of) == "2024-01-01"
    assert held.history["recorded_at"].notna().all()
    assert main(["draw", str(into), "-o", str(tmp_path / "m.html")]) == 0
    told = capsys.readouterr().out
    assert "suspected open" in told
    assert "1 hazard without a position cannot be drawn" in told
    assert "Information, not permission to enter." in told
    assert (tmp_path / "m.html").stat().st_size > 100_000
    assert main(["validate", str(into), "--strict"]) == 0
    assert "0 faults; 1 rows are quarantined already" in capsys.readouterr().out


def test_strict_import_ends_with_1_and_saves(tmp_path, capsys):
    source = geojson(tmp_path / "h.geojson", (HAZARD | {"classification": "perhaps"}, SQUARE))
    into = tmp_path / "p.gpkg"
    assert main(["import", str(source), "--as", "hazards", "--into", str(into), "--strict"]) == 1
    assert "'perhaps' (needed: one of suspected, confirmed)" in capsys.readouterr().out
    assert into.exists()


def test_the_same_file_twice_changes_nothing(tmp_path, capsys):
    source = geojson(tmp_path / "h.geojson", (HAZARD, SQUARE))
    into = tmp_path / "p.gpkg"
    assert main(["import", str(source), "--as", "hazards", "--into", str(into)]) == 0
    before = into.read_bytes()
    assert main(["import", str(source), "--as", "hazards", "--into", str(into)]) == 1
    assert "in the programme already" in capsys.readouterr().err
    assert into.read_bytes() == before


def test_a_date_that_has_not_come_yet_is_a_fault_and_sets_no_as_of_date(tmp_path, capsys):
    source = geojson(
        tmp_path / "h.geojson",
        (HAZARD, SQUARE),
        (HAZARD | {"hazard_id": "008", "date_of_information": "2099-01-01"}, SQUARE),
    )
    assert main(["import", str(source), "--as", "hazards", "--into", str(tmp_path / "p.gpkg")]) == 0
    assert "needed: no later than the as-of date" in capsys.readouterr().out
    held = hm.read(tmp_path / "p.gpkg")
    assert str(held.as_of) == "2024-01-01"
    assert hm.ground(held, on="1999-01-01")["hazard_ids"].tolist() == [("008",)], "undated: known since always"


def test_the_extent_of_the_country_shows_swapped_axes(tmp_path, capsys):
    swapped = geojson(tmp_path / "s.geojson", (HAZARD, [[y, x] for x, y in SQUARE]))
    right = geojson(tmp_path / "r.geojson", (HAZARD, SQUARE))
    more = geojson(tmp_path / "m.geojson", (HAZARD | {"hazard_id": "008"}, SQUARE))
    into = tmp_path / "p.gpkg"
    azerbaijan, colombia = ["44.7", "38.3", "50.7", "42"], ["-82", "-4.3", "-66.8", "13.5"]

    def run(source, *extent):
        return main(
            ["import", str(source), "--as", "hazards", "--into", str(into), *(["--extent", *extent] if extent else [])]
        )

    assert run(swapped, *azerbaijan) == 1
    assert "x and y swapped in EPSG:4326" in capsys.readouterr().err
    assert run(right, *colombia) == 1, "a minus sign begins no option"
    assert "needed: positions inside -82, -4.3, -66.8, 13.5" in capsys.readouterr().err
    assert run(right, "50.7", "38.3", "44.7", "42") == 1
    assert "--extent 50.7 38.3 44.7 42 – needed: west, south, east, north" in capsys.readouterr().err
    assert not into.exists()
    assert run(right) == 0
    assert "swapped axes and a wrong CRS can go unseen; state it with --extent" in capsys.readouterr().out
    assert run(more, *azerbaijan) == 0
    assert "can go unseen" not in capsys.readouterr().out
    assert hm.read(into).policy.extent_deg == (44.7, 38.3, 50.7, 42.0)
    assert run(swapped, *colombia) == 1
    assert "the policy says 44.7 38.3 50.7 42; nothing was changed" in capsys.readouterr().err


def test_a_programme_keeps_its_policy(tmp_path, capsys):
    into, policy = tmp_path / "p.gpkg", tmp_path / "policy.toml"
    policy.write_text('handover_for = ["cleared"]', encoding="utf-8")
    arguments = ["--as", "hazards", "--into", str(into), "--policy", str(policy)]
    assert main(["import", str(geojson(tmp_path / "a.geojson", (HAZARD, SQUARE))), *arguments]) == 0
    more = geojson(tmp_path / "b.geojson", (HAZARD | {"hazard_id": "008"}, SQUARE))
    policy.write_text("handover_for = []", encoding="utf-8")
    before = into.read_bytes()
    capsys.readouterr()
    assert main(["import", str(more), *arguments]) == 1
    assert "has a policy of its own" in capsys.readouterr().err
    assert into.read_bytes() == before
    policy.write_text('handover_for = ["cleared"]', encoding="utf-8")
    assert main(["import", str(more), *arguments]) == 0
    assert hm.read(into).policy.handover_for == ("cleared",)


def test_a_file_name_cannot_move_the_cursor(tmp_path, capsys):
    source = geojson(tmp_path / "a\x1b[2J.geojson", (HAZARD, SQUARE))
    assert main(["import", str(source), "--as", "hazards", "--into", str(tmp_path / "p\x1b.gpkg")]) == 0
    told = capsys.readouterr().out
    assert "\x1b" not in told.replace(str(tmp_path / "p\x1b.gpkg"), "")
    assert "a?[2J.geojson → hazards: 1 rows" in told


@pytest.mark.parametrize("name", ["p.gpkg", "folder"])
def test_what_another_writer_saved_meanwhile_is_not_lost(name, tmp_path, capsys, monkeypatch):
    into = tmp_path / name
    arguments = ["--as", "hazards", "--into", str(into)]
    assert main(["import", str(geojson(tmp_path / "a.geojson", (HAZARD, SQUARE))), *arguments]) == 0
    mine = geojson(tmp_path / "b.geojson", (HAZARD | {"hazard_id": "008"}, SQUARE))
    other = geojson(tmp_path / "c.geojson", (HAZARD | {"hazard_id": "009"}, SQUARE))
    import_table = hm.import_table

    def meanwhile(*given, **more):
        monkeypatch.setattr(hm, "import_table", import_table)
        hm.write(hm.add(hm.read(into), import_table(other, "hazards")), into)  # as QGIS would, which asks nobody
        return import_table(*given, **more)

    monkeypatch.setattr(hm, "import_table", meanwhile)
    assert main(["import", str(mine), *arguments]) == 1
    assert "was changed while this import ran" in capsys.readouterr().err
    assert hm.read(into).hazards["hazard_id"].tolist() == ["007", "009"]
    assert main(["import", str(mine), *arguments]) == 0
    assert len(hm.read(into).hazards) == 3


def test_imports_at_the_same_moment_lose_nothing(tmp_path):
    """Several processes import into one file: whoever is refused says so, and what was accepted is there."""
    sources = [
        geojson(tmp_path / f"{i}.geojson", *((HAZARD | {"hazard_id": f"{i}-{k}"}, SQUARE) for k in range(50)))
        for i in range(4)
    ]
    command = [sys.executable, "-m", "hazardmap", "import", "--as", "hazards", "--into", str(tmp_path / "p.gpkg")]
    running = [subprocess.Popen([*command, str(s)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for s in sources]
    done = [(p.communicate(timeout=120), p.returncode) for p in running]
    accepted = [i for i, (_, status) in enumerate(done) if status == 0]
    assert accepted
    assert all(b"one writer at a time" in out[1] for out, status in done if status)
    there = set(hm.read(tmp_path / "p.gpkg").hazards["hazard_id"].str.split("-").str[0])
    assert there == {str(i) for i in accepted}


def test_set_fills_what_the_file_lacks(tmp_path, capsys):
    source = geojson(tmp_path / "h.geojson", ({"hazard_id": "1"}, SQUARE))
    into = tmp_path / "p.gpkg"
    values = ["date_of_information=2024-01-01", "event=established", "classification=SHA", "status=open", "source=a=b"]
    assert (
        main(
            ["import", str(source), "--as", "hazards", "--into", str(into), *(x for v in values for x in ("--set", v))]
        )
        == 0
    )
    held = hm.read(into).hazards.iloc[0]
    assert (held["classification"], held["source"]) == ("suspected", "a=b")
    capsys.readouterr()


def test_releases_that_name_no_hazard_are_reported(tmp_path, capsys):
    into = tmp_path / "p.gpkg"
    hazards = geojson(tmp_path / "h.geojson", (HAZARD, SQUARE))
    releases = geojson(
        tmp_path / "r.geojson", ({"release_id": "R", "product": "cleared", "date_completed": "2024-02-01"}, SQUARE)
    )
    assert main(["import", str(hazards), "--as", "hazards", "--into", str(into)]) == 0
    arguments = ["import", str(releases), "--as", "releases", "--into", str(into)]
    assert main(arguments) == 1
    assert "dated after the programme's as-of date 2024-01-01" in capsys.readouterr().err
    assert main([*arguments, "--as-of", "2024-03-01"]) == 0
    told = capsys.readouterr().out
    assert "9,48" in told  # m²: 0.001° by 0.001° at 40° N is 85.39 m by 111.04 m
    assert "of open hazard lies under releases that name no hazard, and stays open" in told


def test_draw_counts_faulty_rows_as_quarantined(tmp_path, capsys):
    example = hm.example()
    example.hazards.loc[2, "classification"] = "perhaps"
    hm.write(example, tmp_path / "p.gpkg")
    assert main(["draw", str(tmp_path / "p.gpkg"), "-o", str(tmp_path / "m.html")]) == 0
    told = capsys.readouterr().out
    assert "1 faulty rows count as quarantined" in told
    assert "hazards H-003: classification is perhaps; expected one of suspected, confirmed" in told
    assert main(["draw", str(tmp_path / "p.gpkg"), "-o", str(tmp_path / "m.html"), "--strict"]) == 1
    assert main(["validate", str(tmp_path / "p.gpkg")]) == 0
    assert main(["validate", str(tmp_path / "p.gpkg"), "--strict"]) == 1
    assert "hazards H-003: classification is perhaps" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["draw", "nowhere.gpkg", "-o", "m.html"], "nowhere.gpkg"),
        (["draw", "{example}", "-o", "m.pdf"], "-o m.pdf – needed: a file name that ends in .html – do: -o m.html"),
        (["draw", "{example}", "-o", "{tmp}/none/m.html"], "none"),
        (
            ["draw", "{example}", "-o", "m.html", "--on", "2030-01-01"],
            "the day 2030-01-01 lies after the as-of date 2024-12-31",
        ),
        (["import", "none.shp", "--as", "hazards", "--into", "x.gpkg"], "none.shp"),
        (["import", "{empty}", "--as", "hazards", "--into", "x.gpkg"], "is empty"),
        (
            ["import", "{example}", "--as", "hazards", "--into", "{tmp}/x.gpkg", "--set", "status"],
            "--set 'status' – needed: column=value",
        ),
        (["import", "{example}", "--as", "hazards", "--into", "{tmp}/x.gpkg", "--profile", "nope"], "nope"),
        (
            ["import", "{example}", "--as", "hazards", "--into", "{tmp}/x.gpkg", "--policy", "{tmp}/none.toml"],
            "cannot be read",
        ),
    ],
)
def test_what_cannot_be_used_ends_with_1_and_one_line(arguments, found, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hm.write(hm.example(), tmp_path / "e.gpkg")
    (tmp_path / "empty.geojson").touch()
    filled = [a.format(example="e.gpkg", tmp=tmp_path, empty="empty.geojson") for a in arguments]
    assert main(filled) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("hazardmap: ")
    assert told.err.count("\n") == 1
    assert found in told.err
    assert "needed:" in told.err
    assert not (tmp_path / "x.gpkg").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["draw", "x.gpkg"],
        ["draw", "x.gpkg", "-o", "m.html", "--on", "03/04/2024"],
        ["import", "x", "--as", "nothing", "--into", "y"],
    ],
)
def test_wrong_use_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_demo(tmp_path, capsys):
    assert main(["demo", str(tmp_path / "d")]) == 0
    told = capsys.readouterr().out
    assert told.startswith("FICTITIOUS EXAMPLE DATA")
    assert {p.name for p in (tmp_path / "d").iterdir()} == {"programme.gpkg", "map.html", "answers.xlsx"}
    assert "409 plots were checked for that day; 15 have the verdict released." in told
    assert "hm-verdicts" in (tmp_path / "d" / "map.html").read_text(encoding="utf-8")
    assert hm.read(tmp_path / "d" / "programme.gpkg").fictitious
    assert main(["demo", str(tmp_path / "d" / "map.html")]) == 1


def test_text_from_data_cannot_move_the_cursor(tmp_path, capsys):
    example = hm.example()
    example.hazards.loc[2, "classification"] = "\x1b[2J\x07perhaps"
    hm.write(example, tmp_path / "p.gpkg")
    main(["validate", str(tmp_path / "p.gpkg")])
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "?[2J?perhaps" in told


def test_every_command_is_in_the_readme():
    readme = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
    (commands,) = [a for a in parser()._actions if a.choices and isinstance(a.choices, dict)]
    for name, command in commands.choices.items():
        assert f"hazardmap {name}" in readme, name
        assert command.format_help()


def test_module_runs_as_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "hazardmap", "--version"], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.strip() == f"hazardmap {hm.__version__}"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real data of ../shared/data are not here")
def test_bosnia_from_file_to_ground(tmp_path, capsys):
    into = str(tmp_path / "bih.gpkg")
    for name, table, rows in (("suspect", "hazards", 11_068), ("cleared", "releases", 8_329)):
        source = SHARED / "bih" / f"{name}_areas_simplyfied.geojson"
        assert main(["import", str(source), "--as", table, "--profile", "bosnia", "--into", into]) == 0
        assert f"{rows:,} rows" in capsys.readouterr().out
    land = hm.read(into)
    report = land.history[land.history["table"] == "hazards"]
    assert report["outcome"].value_counts().to_dict() == {"accepted": 7_504, "quarantined": 3_097, "repaired": 467}
    state = hm.state_on(land, on=land.as_of)
    area = state.ground.groupby("state")["area_m2"].sum() / 1e6
    assert len(state.unplaced) == 3_097
    assert state.hazards["area_m2"].sum() / 1e6 == pytest.approx(812, abs=1)
    assert area["suspected_open"] == pytest.approx(807, abs=1)
    assert area["not_handed_over"] == pytest.approx(37.5, abs=0.5)
    assert not set(area.index) & {"cleared", "reduced", "cancelled"}
    under = state.ground[state.ground["unlinked_release_ids"].map(len) > 0]
    assert under["area_m2"].sum() / 1e6 == pytest.approx(1.14, abs=0.02)


def test_draw_for_others_and_through_time(tmp_path, capsys):
    source, out = tmp_path / "p.gpkg", tmp_path / "m.html"
    hm.write(hm.example(), source)
    assert main(["draw", str(source), "-o", str(out), "--audience", "public"]) == 0
    assert "Generalised for the public" in out.read_text(encoding="utf-8")
    assert main(["draw", str(source), "-o", str(out), "--through-time", "--audience", "partner"]) == 0
    assert 'data-name="time"' in out.read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["draw", str(source), "-o", str(out), "--through-time", "--audience", "public"]) == 1
    assert "a map through time for the audience 'public'" in capsys.readouterr().err
