"""The saved page: self-contained, guarded, written whole or not at all."""

import base64
import hashlib
import io
import re
from dataclasses import replace

import folium
import pytest
from folium.plugins import Fullscreen

import hazardmap as hm
from hazardmap import words
from hazardmap.errors import FileError
from hazardmap.maps import HazardMap, draw, page
from hazardmap.maps.scene import gather

ON = "2024-12-31"


@pytest.fixture(scope="module")
def lying():
    return gather(hm.example(), on=ON)


@pytest.fixture
def squares(lying):
    return HazardMap(lying)


def _saved(chart, tmp_path):
    path = tmp_path / "map.html"
    assert chart.save(path) is None
    return path.read_text(encoding="utf-8")


def test_a_map_is_a_folium_map():
    assert isinstance(draw(hm.example(), on=ON), folium.Map)


def test_the_page_is_self_contained(squares, tmp_path):
    text = _saved(squares, tmp_path)
    assert page.remote_addresses(text) == []
    for pattern in (
        r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""",
        r"url\(\s*[\"']?(?:https?:)?//",
        r"@import",
        r"sourceMappingURL",
    ):
        assert not re.search(pattern, text), pattern


def test_the_head_says_what_it_must(squares, tmp_path):
    text = _saved(squares, tmp_path)
    assert text.startswith('<!DOCTYPE html>\n<html lang="en"')
    assert '<meta charset="utf-8">' in text[:300]
    assert "<title>Six squares</title>" in text
    viewport = re.search(r'<meta name="viewport" content="([^"]*)"', text)
    assert viewport is not None
    assert "user-scalable" not in viewport[1]
    assert "maximum-scale" not in viewport[1]
    assert text.count('name="viewport"') == 1


def test_the_sentences_stand_there_without_any_script(squares, tmp_path):
    body = _saved(squares, tmp_path).split("<body>")[1]
    still = re.sub(r"<script.*?</script>", "", body, flags=re.DOTALL)
    for sentence in (
        words.DISCLAIMER,
        words.ABSENCE,
        words.FICTITIOUS,
        "1 hazard has no position and cannot be drawn.",
    ):
        assert sentence in still
    assert "<noscript>" in still


def test_the_policy_allows_exactly_the_scripts_of_the_page(squares, tmp_path):
    text = _saved(squares, tmp_path)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data: blob:"
    assert rules["worker-src"] == "blob:"
    assert "connect-src" not in rules
    assert "unsafe" not in rules["script-src"]
    scripts = re.findall(r"<script(?: data-file=\"[^\"]*\")?>(.*?)</script>", text, flags=re.DOTALL)
    prints = {"'sha256-" + base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() + "'" for s in scripts}
    assert set(rules["script-src"].split()) == prints
    assert text.index("Content-Security-Policy") < text.index("<script")


def test_a_plugin_from_elsewhere_is_refused_by_its_address(squares, tmp_path):
    Fullscreen().add_to(squares)
    path = tmp_path / "map.html"
    path.write_text("the old map")
    with pytest.raises(FileError) as refused:
        squares.save(path)
    assert "leaflet.fullscreen" in str(refused.value) or "Control.FullScreen" in str(refused.value)
    assert "needed: a page that works with the network off" in str(refused.value)
    assert path.read_text() == "the old map"
    assert [p.name for p in tmp_path.iterdir()] == ["map.html"]


def test_tiles_of_folium_are_refused(squares, tmp_path):
    folium.TileLayer("OpenStreetMap").add_to(squares)
    with pytest.raises(FileError, match=r"https://tile\.openstreetmap\.org"):
        squares.save(tmp_path / "map.html")


def test_tiles_on_request_open_one_host_and_say_so(lying, tmp_path):
    chart = HazardMap(lying, tiles="https://tile.example.org/{z}/{x}/{y}.png", attribution="© <b>Someone</b>")
    text = _saved(chart, tmp_path)
    assert "img-src data: blob: https://tile.example.org;" in text
    assert "© \\u003cb\\u003eSomeone" in text


@pytest.mark.parametrize(
    "tiles", ["OpenStreetMap", "ftp://a.example/{z}", "https://a.example", 'https://a.example/";b']
)
def test_tiles_must_be_a_web_address(lying, tiles):
    with pytest.raises(FileError, match="needed: the web address of tiles"):
        HazardMap(lying, tiles=tiles)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<img src="https://a.example/x.png">', ["https://a.example/x.png"]),
        ("<link href=//a.example/x.css>", ["//a.example/x.css"]),
        ("a { background: url( 'http://a.example/x.png' ) }", ["http://a.example/x.png"]),
        ('import("https://a.example/x.js")', ["https://a.example/x.js"]),
        ('import x from "https://a.example/x.js"', ["https://a.example/x.js"]),
        ('fetch("https://a.example/x")', ["https://a.example/x"]),
        ('{iconUrl: "https://a.example/x.png"}', ["https://a.example/x.png"]),
        (r"<a href=\"https://a.example/\">", ["https://a.example/"]),
        ("we saw it on https://a.example/page, // in a comment", []),
        ('{"note": "https://a.example/"}', []),
        ('<img src="data:image/png;base64,//AAA"> url(data:image/png;base64,//AAA)', []),
    ],
)
def test_remote_addresses(text, found):
    assert page.remote_addresses(text) == found


def test_a_map_in_another_figure_is_refused(squares):
    figure = folium.Figure()
    figure.add_child(squares)
    with pytest.raises(FileError, match="a hazard map put into another figure"):
        figure.render()


def test_jupyter_gets_the_finished_page(squares):
    shown = squares._repr_html_()
    assert "<iframe srcdoc=" in shown
    assert "Content-Security-Policy" in shown
    assert "hazardmap-manifest" in shown


def test_a_file_open_for_writing_is_taken_as_well(squares):
    stream = io.BytesIO()
    squares.save(stream, close_file=False)
    assert stream.getvalue().startswith(b"<!DOCTYPE html>")


def test_saving_twice_gives_the_same_data(squares, tmp_path):
    pages = [_saved(squares, tmp_path) for _ in range(2)]
    first, second = (list(re.findall(r"<script type=.*?</script>", text, flags=re.DOTALL)) for text in pages)
    assert first == second
    assert len(first) == len(squares.data.blocks) + 4  # the manifest, the strings, the countries and their arcs


@pytest.mark.parametrize(
    ("where", "text"),
    [("missing/map.html", "does not exist"), (".", "is a folder")],
)
def test_places_that_cannot_be_written(squares, tmp_path, where, text):
    with pytest.raises(FileError, match=text):
        squares.save(tmp_path / where)


def test_a_failed_write_leaves_the_old_file(squares, tmp_path, monkeypatch):
    path = tmp_path / "map.html"
    path.write_text("the old map")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hazardmap.store.saving.os.fsync", full)
    with pytest.raises(FileError, match=r"could not be saved \(No space left on device\)"):
        squares.save(path)
    assert path.read_text() == "the old map"
    assert [p.name for p in tmp_path.iterdir()] == ["map.html"]


def test_only_example_data_is_marked_fictitious(lying, tmp_path):
    text = _saved(HazardMap(replace(lying, fictitious=False)), tmp_path)
    told = re.sub(r'<script type="application/json" id="hazardmap-strings">.*?</script>', "", text, flags=re.DOTALL)
    assert words.FICTITIOUS not in told
    assert '"fictitious":null' in told


def test_libraries_come_only_when_asked_for(squares, tmp_path):
    assert "jQuery" not in _saved(squares, tmp_path)
    folium.Marker((40, 47), popup="here").add_to(squares)
    assert "jQuery" in _saved(squares, tmp_path)


def test_never_a_forbidden_word_about_land(squares, tmp_path):
    text = _saved(squares, tmp_path)
    own = "".join(page.asset(name) for name in ("start.js", *page.SCRIPTS)) + text.split("<body>")[1]
    for said in ("mine-free", "all clear", "certified", "is safe", "safe area", "safe to"):
        assert said not in own.lower()
