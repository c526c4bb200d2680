"""Proposals for profiles: each with its reason, nothing applied, and no text of data that can bend the TOML."""

import tomllib

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hazardmap import HazardmapError, SchemaError
from hazardmap.cli import main
from hazardmap.intake import import_table, profile
from hazardmap.intake.guessing import propose
from hazardmap.intake.guessing.asking import resembling
from hazardmap.intake.guessing.matching import BETTER
from hazardmap.intake.guessing.profile_text import quoted
from hazardmap.words import CLASSIFICATION
from tests.test_maps_hostile import PAYLOADS

HERE = shapely.Point(46.9, 39.9)
NASTY = (
    *PAYLOADS,
    "a\nstatus = ['x']",
    "a\r\n[releases]",
    'x"""y',
    "'''",
    "x\\",
    "#",
    "[hazards]",
    "a = 1",
    "\x00\x1f\x7f",
    "\u2028=1",
    "",
)


def frame(**columns):
    rows = len(next(iter(columns.values())))
    return gpd.GeoDataFrame(columns, geometry=[HERE] * rows, crs=4326)


def read_by(proposed):
    return {m.ours: m.theirs for m in proposed.matches if m.used}


def loaded(proposed):
    """The profile as import would read it."""
    return profile.parse(proposed.toml, "proposed.toml").sections[proposed.table]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("Номер минного поля", "Дата обследования", "Классификация", "Статус"), ("СОР", "Открыт")),
        (("Номер мінного поля", "Дата обстеження", "Класифікація", "Стан"), ("підозрілий", "відкрито")),
        (("Sahə nömrəsi", "Yoxlama tarixi", "Təsnifat", "Vəziyyəti"), ("ŞÜBHƏLİ", "açıq")),
        (("Numéro de zone", "Date d'enquête", "Type de zone", "Statut"), ("ZSD", "ouvert")),
        (("Código área", "Fecha del informe", "Clasificación", "Estado"), ("sospechosa", "abierta")),
        (("Broj minskog polja", "Datum izviđanja", "Klasifikacija", "Stanje"), ("sumnjivo područje", "otvoren")),
        (("رقم المنطقة", "تاريخ المسح", "التصنيف", "الحالة"), ("مشتبه", "open")),
    ],
)
def test_columns_are_known_by_their_names_in_several_languages(names, words):
    one, day, kind, state = names
    found = frame(**{one: ["007", "008"], day: ["2021-04-03"] * 2, kind: [words[0]] * 2, state: [words[1]] * 2})
    proposed = propose(found, "hazards")
    assert read_by(proposed) == {"hazard_id": one, "date_of_information": day, "classification": kind, "status": state}
    assert all(m.why.startswith("named so in ") and m.confidence == 0.9 for m in proposed.matches)


def test_what_is_written_loads_and_imports_what_it_says(tmp_path):
    found = frame(**{"Номер МП": ["007"], "Дата обследования": ["2021-04-03"], "Классификация": ["СОР"]})
    own = tmp_path / "own.toml"
    own.write_text(propose(found, "hazards").toml, "utf-8")
    row = import_table(found, "hazards", profile=own).accepted.iloc[0]
    assert (row["hazard_id"], row["classification"], str(row["date_of_information"].date())) == (
        "007",
        "suspected",
        "2021-04-03",
    )
    assert (row["event"], row["status"]) == ("established", "open")  # the worst that silence can mean


def test_what_is_not_answered_is_refused_in_words(tmp_path):
    found = frame(hazard_id=["1"], classification=["SHA"])
    proposed = propose(found, "hazards")
    assert "# date_of_information = 2024-12-31" in proposed.toml
    own = tmp_path / "own.toml"
    own.write_text(proposed.toml, "utf-8")
    with pytest.raises(SchemaError, match="has no column for date_of_information"):
        import_table(found, "hazards", profile=own)
    own.write_text(proposed.toml.replace("# date_of_information", "date_of_information"), "utf-8")
    assert import_table(found, "hazards", profile=own).counts["accepted"] == 1


@pytest.mark.parametrize(
    ("days", "written"),
    [
        (["03.04.2021", "05.06.2021"], None),  # nothing tells day from month
        (["03.04.2021", "25.06.2021"], None),  # one row is not enough
        (["03.04.2021", "25.06.2021", "26.06.2021", "27.06.2021"], "%d.%m.%Y"),
        (["03/04/2021", "06/25/2021", "06/26/2021", "06/27/2021"], "%m/%d/%Y"),
        (["03.04.2021", "25.06.2021", "26.06.2021", "27.06.2021", "06.28.2021"], None),  # both orders are there
    ],
)
def test_the_order_of_day_and_month_is_read_only_where_the_dates_tell_it(days, written):
    proposed = propose(frame(hazard_id=[str(i) for i in range(len(days))], date_of_information=days), "hazards")
    assert loaded(proposed).date_format == (written or "")
    assert any("day first or month first?" in q for q in proposed.open) is (written is None)
    assert ("# date_format = " in proposed.toml) is (written is None)


def test_unknown_words_are_asked_with_what_they_resemble_and_never_read():
    words = ["SHA", "1 - CHA (old)", "not confirmed", "mined"] * 2
    proposed = propose(frame(hazard_id=list("abcdefgh"), classification=words), "hazards")
    assert loaded(proposed).words == {}
    assert '# "1 - CHA (old)" = "confirmed"' in proposed.toml
    assert '# "not confirmed" = ""' in proposed.toml
    assert '# "mined" = ""' in proposed.toml
    assert any(q.startswith("classification: 3 words not known") for q in proposed.open)


@pytest.mark.parametrize("word", ["not confirmed", "не подтвержденный", "sans confirmé", "unconfirmed?", "no CHA"])
def test_a_denial_resembles_nothing(word):
    assert "confirmed" not in resembling(word, CLASSIFICATION) or "un" in word


def test_a_general_name_is_read_only_when_its_values_fit():
    fits = propose(frame(id=["1", "2"], type=["SHA", "CHA"]), "hazards")
    assert read_by(fits)["classification"] == "type"
    strange = propose(frame(id=["1", "2"], type=["road", "river"]), "hazards")
    assert "classification" not in read_by(strange)
    assert any(q.startswith("classification: is it type?") for q in strange.open)


def test_two_columns_that_may_be_the_same_are_both_shown_and_none_is_read():
    found = frame(hazard_id=["1"], report_date=["2021-04-03"], survey_date=["2021-05-03"])
    proposed = propose(found, "hazards")
    match = next(m for m in proposed.matches if m.ours == "date_of_information")
    assert not match.used
    assert {match.theirs, match.rivals[0][0]} == {"report_date", "survey_date"}
    assert "date_of_information: report_date or survey_date?" in proposed.open
    assert "date_of_information" not in loaded(proposed).columns


def test_the_better_candidate_wins_and_the_other_stays_beside_it():
    found = frame(hazard_id=["1"], date_of_information=["2021-04-03"], survey_date=["2021-05-03"])
    match = next(m for m in propose(found, "hazards").matches if m.ours == "date_of_information")
    assert (match.theirs, match.used, [r for r, _ in match.rivals]) == ("date_of_information", True, ["survey_date"])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("decision", "done"),
        ("quality", "good"),
        ("handover_dat", "2021-01-01"),
        ("depth", "0.2"),
    ],
)
def test_what_can_make_an_answer_better_is_not_read_in_doubt(column, value):
    proposed = propose(
        frame(release_id=["1"], product=["cleared"], date_completed=["2021-01-01"], **{column: [value]}), "releases"
    )
    doubtful = next(m for m in proposed.matches if m.theirs == column)
    assert doubtful.ours in BETTER
    assert doubtful.confidence < 0.85 or doubtful.used  # depth, named so and in metres, is read
    assert doubtful.used is (column == "depth")


@pytest.mark.parametrize(
    ("name", "values", "read"),
    [("depth", ["20", "50"], False), ("depth_cm", ["1", "2"], False), ("depth_m", ["0.2", "0.5"], True)],
)
def test_centimetres_are_no_metres(name, values, read):
    proposed = propose(frame(release_id=["1", "2"], **{name: values}), "releases")
    assert ("depth_m" in read_by(proposed)) is read


def test_stated_areas_are_compared_with_measured_ones():
    # 0.001° by 0.001° at 40° N is 111.0 m by 85.4 m: 9,479 m², 0.9479 ha
    squares = gpd.GeoDataFrame(
        {"hazard_id": list("abc"), "area": [9479, 9479, 9479], "size": [0.948] * 3},
        geometry=[shapely.box(x, 40, x + 0.001, 40.001) for x in (46, 46.1, 46.2)],
        crs=4326,
    )
    proposed = propose(squares, "hazards")
    match = next(m for m in proposed.matches if m.ours == "stated_area_m2")
    assert (match.theirs, match.used) == ("area", True)
    assert "1.00 of the measured area" in match.why
    hectares = propose(squares.drop(columns="area"), "hazards")
    assert "stated_area_m2" not in read_by(hectares)
    assert any("size looks like hectares" in q for q in hectares.open)
    nameless = propose(squares.set_crs(None, allow_override=True).drop(columns="size"), "hazards")
    assert "stated_area_m2" not in read_by(nameless)
    assert any(q.startswith("crs: the file declares none; its coordinates go from 46 to 46.201") for q in nameless.open)


def test_names_that_a_shapefile_has_cut(tmp_path):
    found = frame(
        hazard_id=["1"] * 2, date_of_in=["2021-04-03", "2021-04-04"], classifica=["SHA"] * 2, hazard_sta=["open"] * 2
    )
    found.to_file(tmp_path / "cut.shp")
    proposed = propose(tmp_path / "cut.shp", "hazards")
    read = read_by(proposed)
    assert (read["date_of_information"], read["classification"]) == ("date_of_in", "classifica")
    assert read["status"] == "hazard_sta"
    assert "cut to 10 letters" in next(m.why for m in proposed.matches if m.ours == "status")


def test_two_names_cut_to_the_same_letters_are_a_question(tmp_path):
    # hazard_status_current and hazard_status_before, as a Shapefile holds them
    found = frame(hazard_id=["1"], hazard_sta=["open"], hazard_s_1=["closed"])
    found.to_file(tmp_path / "cut.shp")
    proposed = propose(tmp_path / "cut.shp", "hazards")
    assert "status" not in read_by(proposed)
    assert any(q.startswith("hazard_s_1: it may be a second column") for q in proposed.open)
    assert "or what 'hazard_s_1' is" in proposed.toml


def test_one_cut_name_for_two_of_ours_is_decided_by_the_profile(tmp_path):
    found = frame(release_id=["1"], product=["cleared"], date_completed=["2021-01-01"], nonconform=["minor"])
    found["geometry"] = [shapely.box(46, 40, 46.001, 40.001)]
    found = found.rename(columns={"date_completed": "date_compl"})
    found.to_file(tmp_path / "cut.shp")
    with pytest.raises(SchemaError, match="can be nonconformity or nonconformity_closed_on"):
        import_table(tmp_path / "cut.shp", "releases")
    own = tmp_path / "own.toml"
    own.write_text(propose(tmp_path / "cut.shp", "releases").toml, "utf-8")
    assert import_table(tmp_path / "cut.shp", "releases", profile=own).rows["nonconformity"].tolist() == ["minor"]


def text(tmp_path, lines):
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_positions_in_two_columns_are_proposed_and_their_datum_is_asked(tmp_path):
    path = text(
        tmp_path, ["hazard_id,date,class,lon,lat", "1,2021-04-03,SHA,46.91,39.91", "2,2021-04-03,CHA,46.92,39.92"]
    )
    proposed = propose(path, "hazards")
    position = loaded(proposed).position
    assert (position.x, position.y, position.datum, position.crs) == (("lon",), ("lat",), "", "")
    assert "  position x              lon                     where the rows lie" in str(proposed)
    own = tmp_path / "own.toml"
    own.write_text(proposed.toml, "utf-8")
    with pytest.raises(HazardmapError, match="CRS"):
        import_table(path, "hazards", profile=own)
    own.write_text(proposed.toml.replace("# datum", "datum"), "utf-8")
    rows = import_table(path, "hazards", profile=own).accepted
    assert [(p.x, p.y) for p in rows.geometry] == [(46.91, 39.91), (46.92, 39.92)]


@pytest.mark.parametrize(
    ("lines", "keys", "asked"),
    [
        (["hazard_id,x,y", "1,46.9,139.9", "2,46.8,139.8"], {"x": ("x",), "y": ("y",)}, "are the two exchanged?"),
        (["hazard_id,x,y", "1,667123,4423456", "2,667124,4423457"], {"x": ("x",), "y": ("y",)}, "are no degrees"),
        (
            ["hazard_id;x;y", "1;46,9123;39,9123", "2;46,8123;39,8123"],
            {"x": ("x",), "y": ("y",)},
            "say what the comma is",
        ),
        (
            ["hazard_id,where", "1,38SPK4960062345", "2,38SPK4960162345"],
            {"coordinates": ("where",)},
            "the datum is not stated",
        ),
        (["hazard_id,shape", "1,POINT (46 39)", "2,POINT (46 39)"], {"wkt": ("shape",)}, ""),
        (["hazard_id,place", "1,hill", "2,river"], {}, "no column was found that says where"),
        (["hazard_id,lon,long,lat", "1,46,46,39"], {}, "several columns may be x and y"),
    ],
)
def test_positions_are_told_by_name_and_content(tmp_path, lines, keys, asked):
    proposed = propose(text(tmp_path, lines), "hazards")
    position = loaded(proposed).position
    assert {k: getattr(position, k) for k in ("x", "y", "coordinates", "wkt") if getattr(position, k)} == keys
    assert (position.datum, position.crs, position.decimal, position.order) == ("", "", "", "")
    assert any(asked in q for q in proposed.open) or not asked


def test_rows_that_are_turning_points_are_proposed_as_such(tmp_path):
    corners = [(1, 46.0, 39.0), (2, 46.01, 39.0), (3, 46.01, 39.01), (4, 46.0, 39.01)]
    lines = [f"{mf},2021-04-03,SHA,{no},{x + shift},{y}" for mf, shift in (("A", 0), ("B", 1)) for no, x, y in corners]
    path = text(tmp_path, ["minefield_no,date,class,point_no,lon,lat", *lines])
    proposed = propose(path, "hazards")
    position = loaded(proposed).position
    assert (position.vertices_of, position.vertex) == (("minefield_no",), ("point_no",))
    own = tmp_path / "own.toml"
    own.write_text(proposed.toml.replace("# datum", "datum"), "utf-8")
    rows = import_table(path, "hazards", profile=own).rows
    assert rows["hazard_id"].tolist() == ["A", "B"]
    assert [g.geom_type for g in rows.geometry] == ["Polygon", "Polygon"]


def test_values_alone_are_a_weak_reason():
    found = frame(k1=["SHA", "CHA"], k2=["2021-04-03", "2021-04-04"], k3=["a", "b"])
    proposed = propose(found, "hazards")
    assert read_by(proposed) == {"classification": "k1"}
    assert all(m.confidence < 0.7 and m.why.startswith("by its values alone") for m in proposed.matches)


def test_a_year_is_no_day_and_for_a_find_its_last_day_is_offered(tmp_path):
    found = frame(find_id=["1"], kind=["accident"], año=["2012"])
    proposed = propose(found, "finds")
    assert "date" not in read_by(proposed)
    assert '# date = "{año}-12-31"' in proposed.toml
    own = tmp_path / "own.toml"
    own.write_text(proposed.toml.replace('# date = "{', 'date = "{'), "utf-8")
    assert str(import_table(found, "finds", profile=own).rows["date"].iloc[0].date()) == "2012-12-31"
    found["año"] = ["soon"]
    broken = import_table(found, "finds", profile=own)
    assert "date: 'soon-12-31' (needed: a date like 2024-12-31)" in broken.quarantined["quarantined"].iloc[0]


@pytest.mark.parametrize("nasty", NASTY)
def test_no_name_and_no_value_of_a_file_bends_the_profile(nasty):
    found = frame(
        **{nasty or "blank": ["1", "2"], "type": ["SHA", nasty], "date": ["2021-04-03", nasty], "status": [nasty] * 2}
    )
    proposed = propose(found, "hazards")
    given_ = tomllib.loads(proposed.toml)
    assert set(given_) == {"meta", "hazards"}
    assert set(given_["meta"]) == {"name", "description"}
    assert set(given_["hazards"]) <= {"columns", "values", "templates", "words"}
    assert given_["hazards"]["values"] == {"event": "established", "status": "open"}
    assert all(words == {} for words in given_["hazards"].get("words", {}).values())
    assert {n for names in given_["hazards"]["columns"].values() for n in names} <= set(found.columns)
    profile.parse(proposed.toml, "proposed.toml")
    printed = str(proposed)
    assert all(c.isprintable() or c == "\n" for c in printed)


@pytest.mark.parametrize("nasty", [n for n in NASTY if n])
def test_any_text_is_a_toml_string_on_one_line(nasty):
    assert "\n" not in quoted(nasty)
    assert "\r" not in quoted(nasty)
    assert tomllib.loads(f"a = {quoted(nasty)}") == {"a": nasty}


def test_names_that_no_profile_can_hold_are_told(tmp_path):
    path = tmp_path / "a.geojson"
    cells = '"Status": "open", "status": "closed", "***": "y", "?": "z", "hazard_id": "1"'
    point = '{"type": "Point", "coordinates": [46.9, 39.9]}'
    feature = f'{{"type": "Feature", "properties": {{{cells}}}, "geometry": {point}}}'
    path.write_text(f'{{"type": "FeatureCollection", "features": [{feature}]}}')
    proposed = propose(path, "hazards")
    assert read_by(proposed)["hazard_id"] == "hazard_id"
    assert "status" not in read_by(proposed)
    assert any(q.startswith("Status, status, ***, ?: ") and q.endswith("rename them") for q in proposed.open)


_NAMES = st.one_of(
    st.sampled_from(
        ["id", "Номер", "date", "Дата", "type", "status", "area", "lon", "lat", "decision", "product", "depth"]
    ),
    st.text(max_size=12),
    st.sampled_from([n for n in NASTY if n]),
)
_CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.sampled_from(NASTY),
    st.sampled_from(["SHA", "open", "cleared", "03.04.2021", "2021", "45385", "1,5", "38SPK4960", "POINT (1 2)"]),
    st.lists(st.integers(), max_size=2),
)


@given(
    st.dictionaries(_NAMES, st.lists(_CELLS, min_size=3, max_size=3), max_size=6),
    st.sampled_from(["hazards", "releases", "finds", "plots", "districts", "surveys", "coverage", "context"]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_law_whatever_the_table_the_proposal_loads_and_changes_nothing(columns, table):
    found = gpd.GeoDataFrame(
        {k: pd.Series(v, dtype="object") for k, v in columns.items() if k != "geometry"}, geometry=[HERE] * 3, crs=4326
    )
    before = outcome(found, table)
    proposed = propose(found, table)
    assert outcome(found, table) == before  # nothing is learnt, nothing kept
    read = profile.parse(proposed.toml, "proposed.toml")
    assert set(read.sections) == {table}
    section = read.sections[table]
    assert section.words == {}
    assert section.templates == {}
    assert {n for names in section.columns.values() for n in names} <= set(map(str, found.columns))
    assert {m.ours for m in proposed.matches if m.used} == set(section.columns)
    assert all(0 < m.confidence <= 1 and m.why for m in proposed.matches)


def outcome(found, table):
    try:
        return import_table(found, table).rows.astype("str").to_json()
    except HazardmapError as error:
        return str(error)


@given(st.dictionaries(_NAMES, st.lists(_CELLS, min_size=3, max_size=3), min_size=1, max_size=5))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_law_import_by_a_proposal_gives_every_row_or_refuses_in_words(tmp_path, columns):
    found = gpd.GeoDataFrame(
        {k: pd.Series(v, dtype="object") for k, v in columns.items() if k != "geometry"}, geometry=[HERE] * 3, crs=4326
    )
    own = tmp_path / "own.toml"
    own.write_text(propose(found, "finds").toml, "utf-8")
    try:
        assert import_table(found, "finds", profile=own).counts["rows"] == 3
    except HazardmapError as error:
        told = error.do
        assert told


_LINE = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    st.lists(
        st.lists(
            st.one_of(_LINE, st.sampled_from([*NASTY, "lon", "lat", "mgrs", "46.9", "39,9", "id"])),
            min_size=2,
            max_size=4,
        ),
        min_size=2,
        max_size=5,
    )
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_law_any_text_table_is_proposed_for_or_refused_in_words(tmp_path, lines):
    path = tmp_path / "any.csv"
    path.write_text("\n".join(",".join(line) for line in lines), "utf-8")
    try:
        proposed = propose(path, "hazards")
    except HazardmapError as error:
        assert "Traceback" not in str(error)  # noqa: PT017 - a refusal is as good as a proposal
        return
    assert set(profile.parse(proposed.toml, "proposed.toml").sections) == {"hazards"}


def test_the_shell_writes_a_proposal_once_and_says_what_to_type(tmp_path, capsys):
    path = text(tmp_path, ["hazard_id,date,class,wkt", "1,2021-04-03,SHA,POINT (46 39)"])
    out = tmp_path / "my profile.toml"
    assert main(["import", str(path), "--as", "hazards", "--guess", "-o", str(out)]) == 0
    said = capsys.readouterr().out
    assert "classification          class " in said
    assert f"--into PROGRAMME --profile '{out}'" in said
    assert profile.load(out).sections["hazards"].columns["classification"] == ("class",)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["my profile.toml", "table.csv"]
    assert main(["import", str(path), "--as", "hazards", "--guess", "-o", str(out)]) == 1
    assert "is there already; nothing was written" in capsys.readouterr().err
    assert main(["import", str(path), "--as", "hazards", "--guess"]) == 0
    assert "type it again with -o profile.toml" in capsys.readouterr().out


def test_import_without_a_programme_is_wrong_use(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["import", str(tmp_path / "a.csv"), "--as", "hazards"])
    assert ended.value.code == 2
    assert "--into" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["import", str(tmp_path / "a.csv"), "--as", "hazards", "--into", "p.gpkg", "-o", "x.toml"])
    assert "-o goes with --guess" in capsys.readouterr().err


@pytest.mark.parametrize("name", profile.shipped())
def test_every_shipped_profile_loads_and_names_no_better_word_than_its_source(name):
    for section in profile.load(name).sections.values():
        assert not set(section.constants) & {"decision", "quality", "handover_no", "handover_date", "closed_on"}
        assert not {"decision", "quality"} & set(section.words)


def test_imsma_ng_turning_points_become_open_hazards(tmp_path):
    corners = [(1, 46.0, 39.0), (2, 46.01, 39.0), (3, 46.01, 39.01)]
    lines = [f"HA-1,{{g1}},{n},{x},{y},Open,SHA,2021-04-03,1000" for n, x, y in corners]
    path = text(
        tmp_path,
        [
            "hazard_localid,geospatialinfo_guid,pointno,longitude,latitude,status_enum,classification,survey_date,areasize",
            *lines,
        ],
    )
    row = import_table(path, "hazards", profile="imsma_ng").accepted.iloc[0]
    assert (row["hazard_id"], row["status"], row["classification"], row["stated_area_m2"]) == (
        "HA-1",
        "open",
        "suspected",
        1000,
    )
    assert row["workflow"] is None or pd.isna(row["workflow"])  # a file does not prove that its reports were approved


def test_imsma_core_releases_stay_not_handed_over():
    found = frame(lr_id=["1"], ha_id=["HA-1"], lr_product=["Cleared"], completion_date=["2021-04-03"], approved=["yes"])
    found["geometry"] = [shapely.box(46, 39, 46.001, 39.001)]
    row = import_table(found, "releases", profile="imsma_core").accepted.iloc[0]
    assert (row["release_id"], row["hazard_ids"], row["product"]) == ("1", ("HA-1",), "cleared")
    assert row[["decision", "quality", "depth_m", "handover_no"]].isna().all()
