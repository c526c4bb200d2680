"""What leaves the map in a real browser: the link to a view and the files; and what comes in by a link or a record stays text."""

import csv
import io
import json
from dataclasses import replace
from urllib.parse import quote

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from answering import ON, place, six_plots
from test_maps_hostile import ALL, PAYLOADS, _poisoned

import hazardmap as hm
from hazardmap import measure, words
from hazardmap.maps import HazardMap
from hazardmap.maps.scene import gather

pytestmark = pytest.mark.browser
FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "north;=1+1",
    " =1",
    "＝1",
    'say "so", then',
    "line\nbreak",
    "=cmd|' /C calc'!A0",
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saving") / "Ağdam map.html"
    hm.draw(hm.example(), on=ON, answers=six_plots()).save(path)
    return path


def _hash(chromium):
    chromium.js("return new Promise((done) => setTimeout(done, 450))")
    return chromium.js("return location.hash")


def _open_at(chromium, path, hash_):
    chromium.open(path, wait=False)
    chromium.driver.get("about:blank")
    chromium.driver.get(path.resolve().as_uri() + hash_)
    chromium.until("return Boolean(window.hazardmap && (hazardmap.ready || hazardmap.failed))", 30)
    chromium.settle()


def _saved(chromium, form, scope="map"):
    """Save by the button; returns the text of the file and what the page says about it."""
    chromium.js(
        "hazardmap.saved = null; if (document.querySelector('.hm-drawer-saving').hidden) document.querySelector('.hm-tool-saving').click();"
        "document.querySelector('input[name=hm-scope][value=' + arguments[1] + ']').click();"
        "document.querySelectorAll('.hm-drawer-saving .hm-actions button')[arguments[0] === 'geojson' ? 0 : 1].click();",
        form,
        scope,
    )
    octets = chromium.driver.execute_async_script(
        "const done = arguments[0]; hazardmap.saved.blob.arrayBuffer().then((b) => done([...new Uint8Array(b)]));"
    )
    return bytes(octets).decode("utf-8"), chromium.js("return hazardmap.saved.name")


# Link --------------------------------------------------------------------------------------------------------------------


def test_a_link_brings_back_the_view_layers_filter_and_record(chromium, saved):
    chromium.open(saved)
    chromium.view(*place(450), 17)
    chromium.js(
        "document.querySelector('input[data-layer=releases]').click();"
        "hazardmap.filters.set('status', ['closed', 'worked_on'], false);"
        "hazardmap.data.showSigns('verdicts', ['released'], false);"
        "hazardmap.go(hazardmap.records.find(hazardmap.data, 'hazards', 'H-003'))"
    )
    chromium.view(*place(500), 16)
    told = _hash(chromium)
    longitude, latitude = place(500)
    assert told.startswith(f"#16/{latitude:.5f}/{longitude:.5f}?")
    for part in ("off=releases", "hide.status=closed,worked_on", "hide.verdict=released", "select=hazards,H-003"):
        assert part in told
    _open_at(chromium, saved, told)
    assert chromium.js("return hazardmap.map.getZoom()") == 16
    centre = chromium.js("return hazardmap.map.getCenter()")
    assert (centre["lat"], centre["lng"]) == pytest.approx((latitude, longitude), abs=1e-5)
    assert chromium.js("return hazardmap.data.layers.filter((l) => !l.shown).map((l) => l.layer)") == ["releases"]
    assert not chromium.js("return document.querySelector('input[data-layer=releases]').checked")
    assert sorted(chromium.js("return [...hazardmap.filters.hidden.get('status')]")) == ["closed", "worked_on"]
    assert not chromium.js("return document.querySelector('input[data-verdict=released]').checked")
    assert chromium.js("return document.querySelector('.hm-card .hm-title').textContent") == "H-003"
    assert "Filtered: 2 of 6 shown" in chromium.js("return document.querySelector('.hm-heading').innerText")
    assert _hash(chromium) == told
    assert chromium.console() == []
    chromium.js("location.hash = '#15/40.00000/47.00000'")
    chromium.until("return hazardmap.map.getZoom() === 15")
    assert chromium.js("return hazardmap.filters.active.length") == 0


def test_the_link_that_is_copied_names_no_folder(chromium, saved):
    chromium.open(saved)
    chromium.js(
        "document.querySelector('.hm-tool-saving').click(); document.querySelectorAll('.hm-drawer-saving .hm-actions button')[2].click()"
    )
    copied = chromium.until("return hazardmap.copied")
    assert copied.startswith("Ağdam map.html#")
    assert "/tmp" not in copied


@pytest.mark.parametrize(
    "hash_",
    [
        "#99/40/47",
        "#12/400/47",
        "#12/NaN/47",
        "#12/40",
        "#<img src=x onerror=window.pwned=1>",
        "#12/40/47?hide.status=<img src=x onerror=window.pwned=1>&select=hazards,<svg onload=window.pwned=1>&off=__proto__",
        "#12/40/47?hide.__proto__=x&hide.constructor=y&__proto__=z&select=__proto__,constructor&off=constructor",
        "#12/40/47?hide.status=%E0%A4%A&select=%&off=%",
        "#?" + "&".join(f"a{i}=b" for i in range(3000)),
        "#12/40/47?hide.status=" + "x," * 20_000,
        "#javascript:window.pwned=1",
        "#" + quote("</script><script>window.pwned=1</script>"),
    ],
    ids=range(12),
)
def test_a_hostile_link_does_nothing_and_hides_nothing(chromium, saved, hash_):
    _open_at(chromium, saved, hash_)
    assert chromium.js("return [hazardmap.ready, hazardmap.failed, hazardmap.errors.length]") == [True, None, 0]
    assert chromium.js("return window.pwned === undefined && ({}).x === undefined")
    assert chromium.js("return hazardmap.filters.active.length") == 0
    assert chromium.js("return hazardmap.data.layers.every((l) => l.shown)")
    assert "img" not in chromium.js("return document.querySelector('.hm-heading').innerHTML")
    assert chromium.console() == []


def test_in_a_frame_without_an_address_all_else_works(chromium, tmp_path):
    path = tmp_path / "notebook.html"
    path.write_text(
        "<!doctype html><meta charset=utf-8>" + HazardMap(gather(hm.example(), on=ON))._repr_html_(), encoding="utf-8"
    )
    chromium.open(path, wait=False)
    frame = "document.querySelector('iframe').contentWindow"
    chromium.until(f"return {frame}.hazardmap && {frame}.hazardmap.ready")
    chromium.js(f"{frame}.hazardmap.map.setZoom(15)")
    chromium.js("return new Promise((done) => setTimeout(done, 500))")
    assert chromium.js(f"return {frame}.hazardmap.errors") == []


# Files -------------------------------------------------------------------------------------------------------------------


def test_geojson_holds_what_is_shown_with_its_imprint(chromium, saved, tmp_path):
    chromium.open(saved)
    text, name = _saved(chromium, "geojson")
    assert name == "six-squares_2024-12-31.geojson"
    whole = json.loads(text)
    told = whole["hazardmap"]
    assert told["disclaimer"] == words.DISCLAIMER
    assert told["fictitious"] == words.FICTITIOUS
    assert (told["state_on"], told["records_up_to"], told["title"]) == ("2024-12-31", "2024-12-31", "Six squares")
    assert told["source"].startswith("hazardmap.example()")
    assert "crs" not in whole
    shown = chromium.js("return hazardmap.drawn") + 1  # and the hazard without a position
    assert len(whole["features"]) == told["features"] == shown
    for feature in whole["features"]:
        assert feature["properties"]["disclaimer"] == words.DISCLAIMER
        assert feature["properties"]["fictitious"] == words.FICTITIOUS
        assert feature["properties"]["state_on"] == "2024-12-31"
    (tmp_path / "m.geojson").write_text(text, encoding="utf-8")
    read = gpd.read_file(tmp_path / "m.geojson")
    assert len(read) == shown
    assert read.crs == 4326
    hazards = read[read["layer"] == "hazards"].set_index("hazard_id").sort_index()
    assert hazards.geometry.isna().tolist() == [False] * 5 + [True]
    recorded = gather(hm.example(), on=ON).frames["hazards"].set_index("hazard_id").sort_index()
    for key in recorded.index[:5]:
        apart = (
            measure.local(hazards.geometry[[key]])[0]
            if hasattr(measure, "local")
            else hazards.geometry[[key]].to_crs(32638)
        )
        there = recorded.geometry[[key]].to_crs(32638)
        assert apart.iloc[0].hausdorff_distance(there.iloc[0]) < 0.2
        ring = shapely.get_exterior_ring(shapely.get_parts(hazards.geometry[key])[0])
        assert shapely.is_ccw(ring), "RFC 7946: outer rings against the clock"
    assert hazards["classification"].tolist() == recorded["classification"].tolist()


def test_holes_and_parts_come_back_as_they_were(chromium, tmp_path):
    scene = gather(hm.example(), on=ON)
    box = lambda west, south, east, north: shapely.box(*place(west, south), *place(east, north))  # noqa: E731
    holed = shapely.difference(box(0, 0, 100, 100), box(40, 40, 60, 60))
    both = shapely.MultiPolygon([holed, box(200, 0, 300, 100)])
    hazards = scene.frames["hazards"].iloc[:2].assign(geometry=[holed, both])
    HazardMap(replace(scene, frames={**scene.frames, "hazards": hazards})).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    features = json.loads(_saved(chromium, "geojson")[0])["features"]
    shapes = {
        f["properties"]["hazard_id"]: shapely.from_geojson(json.dumps(f["geometry"]))
        for f in features
        if f["properties"]["layer"] == "hazards"
    }
    metres = gpd.GeoSeries([shapes["H-001"], shapes["H-002"]], crs=4326).to_crs(32638).area
    assert [g.geom_type for g in shapes.values()].count("MultiPolygon") == 1
    assert metres.tolist() == pytest.approx([9_600, 19_600], rel=0.005)
    inner = shapes["H-001"].interiors
    assert len(inner) == 1
    assert not shapely.is_ccw(inner[0])


def test_files_follow_filter_legend_and_view(chromium, saved):
    chromium.open(saved)
    chromium.js(
        "hazardmap.filters.set('classification', ['suspected'], false); hazardmap.data.show('verdicts', false);"
        "hazardmap.data.show('ground', false)"
    )
    whole = json.loads(_saved(chromium, "geojson")[0])
    ids = [f["properties"].get("hazard_id") for f in whole["features"] if f["properties"]["layer"] == "hazards"]
    assert sorted(ids) == ["H-001", "H-003", "H-005"]
    assert not any(f["properties"]["layer"] in {"verdicts", "ground"} for f in whole["features"])
    assert whole["hazardmap"]["hidden_by_filter"] == "classification: suspected"
    assert "verdicts" in whole["hazardmap"]["layers_switched_off"]
    chromium.view(*place(450), 20)
    part = json.loads(_saved(chromium, "geojson", "view")[0])
    ids = [f["properties"].get("hazard_id") for f in part["features"] if f["properties"]["layer"] == "hazards"]
    assert ids == ["H-003"]
    assert part["hazardmap"]["part"] == "features whose box meets the view"
    rows = list(csv.DictReader(io.StringIO(_saved(chromium, "csv", "view")[0].removeprefix("\ufeff"))))
    assert [row["hazard_id"] for row in rows if row["layer"] == "hazards"] == ["H-003"]
    assert rows[0]["map_hidden_by_filter"] == "classification: suspected"


def test_csv_opens_in_a_spreadsheet_and_runs_nothing(chromium, tmp_path):
    programme = hm.example()
    hazards = programme.hazards.assign(
        name=pd.Series(FORMULAS[: len(programme.hazards)], dtype="str"),
        source=pd.Series(FORMULAS[-len(programme.hazards) :], dtype="str"),
    )
    hm.draw(replace(programme, hazards=hazards, name="=1+1"), on=ON).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    text, name = _saved(chromium, "csv")
    assert name == "1-1_2024-12-31.csv"
    assert text.startswith("\ufefflayer,sign,longitude,latitude,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert len(rows) == chromium.js("return hazardmap.drawn") + 1
    from hazardmap.sheets.cells import clean, defused

    recorded = gather(replace(programme, hazards=hazards), on=ON).frames["hazards"].set_index("hazard_id")
    for row in rows:
        assert row["map_disclaimer"] == words.DISCLAIMER
        assert row["map_fictitious"] == words.FICTITIOUS
        assert row["map_state_on"] == row["map_records_up_to"] == "2024-12-31"
        assert row["map_title"] == "'=1+1"
        assert row["map_source"].startswith("hazardmap.example()")
        for cell in row.values():
            assert not cell.startswith(("=", "+", "@", "\t", "＝")), cell
        if row["layer"] == "hazards":
            expected = recorded.loc[row["hazard_id"]]
            assert row["name"] == defused(clean(expected["name"]))
            assert row["source"] == defused(clean(expected["source"]))
    assert all("\n" not in line for line in text.split("\r\n")[:1])


def test_text_is_defused_as_the_answers_of_python_are(chromium, saved):
    from hazardmap.sheets.cells import clean, defused

    chromium.open(saved)
    texts = [*PAYLOADS, *FORMULAS, "a\x00b", "x\u2028=1", "a;  =1", "\r\n=1", "tab\t=1", "-", "P-1", "ab😀"]
    found = chromium.js("return arguments[0].map(hazardmap.defused)", texts)
    assert found == [defused(clean(text)) for text in texts]


# Hostile text ------------------------------------------------------------------------------------------------------------


def test_hostile_text_is_inert_in_every_tool(chromium, tmp_path):
    path = tmp_path / "map.html"
    programme = _poisoned(ALL)
    organisations = pd.Series([p for p in PAYLOADS if "\u2028" not in p][: len(programme.hazards)], dtype="str")
    hm.draw(replace(programme, hazards=programme.hazards.assign(organisation=organisations.to_numpy())), on=ON).save(
        path
    )
    chromium.open(path)
    chromium.view(*place(450), 16)
    for tool in ("filter", "list", "totals", "measure", "saving"):
        chromium.js(f"document.querySelector('.hm-tool-{tool}').click()")
        chromium.settle()
    values = chromium.js(
        "document.querySelector('.hm-tool-filter').click();"
        "return [...document.querySelectorAll('.hm-drawer-filter .hm-label')].map((e) => e.textContent)"
    )
    for payload in organisations[:3]:
        assert payload in values
    chromium.js("document.querySelector('.hm-tool-list').click()")
    listed = chromium.js("return [...document.querySelectorAll('.hm-list .hm-id')].map((e) => e.textContent)")
    assert "H-003 " + ALL in listed
    for text in (*PAYLOADS, ALL):
        chromium.js("const { search } = hazardmap; search.input.value = arguments[0]; search.search();", text)
    chromium.js("hazardmap.filters.set('organisation', [arguments[0]], false)", organisations.iloc[0])
    hidden = _hash(chromium)
    whole = json.loads(_saved(chromium, "geojson")[0])
    assert ALL in {f["properties"].get("name") for f in whole["features"]}
    assert whole["hazardmap"]["title"] == ALL
    _saved(chromium, "csv")
    _open_at(chromium, path, hidden)
    assert chromium.js("return hazardmap.filters.hidden.get('organisation').has(arguments[0])", organisations.iloc[0])
    assert chromium.js("return window.pwned === undefined")
    assert (
        chromium.js(
            "return document.querySelectorAll(':is(.hm-paper, .hm-foot) :is(img, script, a, iframe, b)').length"
        )
        == 0
    )
    assert chromium.console() == []
    assert chromium.requests() == []


# Time --------------------------------------------------------------------------------------------------------------------


def test_the_tools_follow_the_day_of_a_map_through_time(chromium, tmp_path):
    """Totals, list, filter and files tell what holds on the day shown, as the core computes it for that day."""
    programme = hm.example()
    hm.draw(programme, on=ON, through_time=True).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    for day in (ON, "2022-06-01", "2023-06-30"):
        scene = gather(programme, on=day)
        chromium.js("hazardmap.time.show(hazardmap.dayOf(arguments[0]))", day)
        chromium.js("return new Promise((done) => setTimeout(done, 300))")
        chromium.js("hazardmap.filters.set('status', ['open'], true)")
        placed = scene.frames["hazards"][scene.frames["hazards"].geometry.notna()]
        found = chromium.js(
            "return Object.fromEntries(hazardmap.totals(hazardmap.data, null).find(({ name }) => name === 'classification').rows"
            ".map((row) => [row.key, [row.count, ...row.areas]]))"
        )
        expected = placed.groupby("classification")[["area_m2", "open_m2"]].sum()
        assert {k: v for k, v in found.items() if v[0]} == {
            key: pytest.approx([int((placed["classification"] == key).sum()), *row]) for key, row in expected.iterrows()
        }, day
        told = json.loads(_saved(chromium, "geojson")[0])
        ids = [
            f["properties"]["hazard_id"]
            for f in told["features"]
            if f["properties"]["layer"] == "hazards" and f["geometry"]
        ]
        assert sorted(ids) == sorted(placed["hazard_id"]), day
        assert told["hazardmap"]["state_on"] == day
        counts = chromium.js(
            "return Object.fromEntries(hazardmap.filters.fields().find(({ name }) => name === 'product').values)"
        )
        products = scene.frames["releases"]["product"].value_counts().to_dict()
        assert {key: count for key, count in counts.items() if count} == products, day
