"""The map on paper: right size, text that can be selected, a sharp picture that lies where the grid says, a scale that holds."""

import base64
import io
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from land import demo_programme
from pyproj import Geod, Transformer

import hazardmap as hm
from hazardmap import words
from hazardmap.maps import languages

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        shutil.which("pdftotext") is None, reason="no poppler on this machine: apt install poppler-utils"
    ),
]
ON = "2024-12-31"
MM = 72 / 25.4  # points of a PDF
DEGREE_M = 85_394.0, 111_035.0  # of longitude and latitude at 40° N (Bowring)


def place(x, y=50.0):
    return 47.0 + x / DEGREE_M[0], 40.0 + y / DEGREE_M[1]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("print") / "squares.html"
    hm.draw(hm.example(), on=ON).save(path)
    return path


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    path = tmp_path_factory.mktemp("print") / "demo.html"
    programme = demo_programme()
    hm.draw(programme, on=programme.as_of).save(path)
    return path


def _choose(chromium, paper="A4", way="across", scale=0):
    chromium.js(
        """const [paper, way, scale] = document.querySelectorAll('.hm-panel-print select');
        [[paper, arguments[0]], [way, arguments[1]], [scale, String(arguments[2])]].forEach(([select, value]) => {
          select.value = value;
          select.dispatchEvent(new Event('change'));
        });""",
        paper,
        way,
        scale,
    )


def _printed(chromium, path):
    """What the browser's own print command makes; nothing of ours is called."""
    answer = chromium.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": False})
    path.write_bytes(base64.b64decode(answer["data"]))
    return path


def _told(program, *arguments):
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=True).stdout


def _text(path):
    return re.sub(r"\s+", " ", _told("pdftotext", path, "-"))


def _picture(path, dpi=144, page=1):
    image = pytest.importorskip("PIL.Image")
    subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-f", str(page), "-l", str(page), "-png", path, path.with_suffix("")], check=True
    )
    found = min(path.parent.glob(path.stem + "-*.png"))
    return np.asarray(image.open(io.BytesIO(found.read_bytes())).convert("RGB")).astype(int)


def _frame(chromium):
    """The part of the world on the sheet, and where the picture lies on the page, in CSS pixels."""
    return chromium.js(
        """const f = hazardmap.print.lay();
        const page = document.querySelector('.hm-sheet-page').getBoundingClientRect();
        const view = document.querySelector('.hm-sheet-view').getBoundingClientRect();
        const bar = document.querySelector('.hm-scale-bar');
        const out = { denominator: f.denominator, width: f.width, height: f.height, left: view.left - page.left, top: view.top - page.top,
          metres: Number(bar.dataset.metres), mm: Number(bar.dataset.mm), centre: [f.centre.lng, f.centre.lat],
          corners: [f.place(0, 0), f.place(f.width, f.height)].map((p) => [p.lng, p.lat]),
          squares: [0, 200, 400, 600, 800, 1000].map((x) => [f.at(40, 47 + x / 85394), f.at(40 + 100 / 111035, 47 + (x + 100) / 85394)]) };
        hazardmap.print.take();
        return out;"""
    )


@pytest.mark.parametrize(
    ("paper", "way", "width", "height"),
    [("A4", "across", 297, 210), ("A4", "upright", 210, 297), ("A3", "across", 420, 297), ("A3", "upright", 297, 420)],
)
def test_the_sheet(chromium, demo, tmp_path, paper, way, width, height):
    chromium.open(demo)
    _choose(chromium, paper, way)
    path = _printed(chromium, tmp_path / "sheet.pdf")
    about = _told("pdfinfo", path)
    size = [float(v) for v in re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", about).groups()]
    assert size == pytest.approx([width * MM, height * MM], abs=1)
    assert "Pages:           1" in about
    text = _text(path)
    for said in (
        *(words.FICTITIOUS, words.DISCLAIMER, words.ABSENCE, "Ağdam and Füzuli (example)", "30 June 2025"),
        *(
            "Source: Fictitious example",
            "3 hazards have no position and cannot be drawn.",
            "UTM grid, zone 38N, WGS 84",
        ),
        *("Confirmed hazardous area", "Cleared", "Accident", "Natural Earth", "1 : "),
    ):
        assert said in text, said
    rows = [line.split() for line in _told("pdfimages", "-list", path).splitlines()[2:]]
    large = [(int(row[12]), int(row[13])) for row in rows if int(row[3]) * int(row[4]) > 1e6]
    assert large
    assert min(min(pair) for pair in large) >= 290
    assert chromium.console() == []
    assert chromium.js("return document.querySelector('.hm-sheet') === null"), "the sheet is taken away again"
    assert chromium.js("return hazardmap.failed") is None


def test_the_picture_lies_where_the_frame_says(chromium, saved, tmp_path):
    """Square C is red and alone: its edges on the printed picture, against where they were computed to lie."""
    chromium.open(saved)
    chromium.js(
        "for (const name of ['hazards', 'plots', 'releases', 'districts', 'finds']) hazardmap.data.show(name, false);"
    )
    chromium.js("hazardmap.labels.near = () => []")
    chromium.view(*place(450), 16)
    _choose(chromium, scale=10_000)
    frame = _frame(chromium)
    assert frame["denominator"] == 10_000
    picture = _picture(_printed(chromium, tmp_path / "sheet.pdf"), dpi=288)
    (x1, y2), (x2, y1) = frame["squares"][2]
    row = picture[round((frame["top"] + (y1 + y2) / 2) * 3)]
    column = picture[:, round((frame["left"] + (x1 + x2) / 2) * 3)]
    for line, offset, low, high in ((row, frame["left"], x1, x2), (column, frame["top"], y1, y2)):
        start, end = round((offset + low) * 3), round((offset + high) * 3)
        near = line[start - 60 : end + 60]
        red = np.flatnonzero((near[:, 0] - near[:, 1] > 40) & (near[:, 0] > 130)) + start - 60
        assert abs(red.min() - start) <= 3, "a third of a millimetre"
        assert abs(red.max() - end) <= 3
    metres = Geod(ellps="WGS84").inv(*place(400, 0), *place(500, 0))[2]
    assert (x2 - x1) / 96 * 0.0254 * 10_000 == pytest.approx(metres, rel=0.002)


@pytest.mark.parametrize("scale", [0, 1000, 25_000, 1_000_000])
def test_the_scale_bar_is_as_long_as_it_says(chromium, saved, tmp_path, scale):
    chromium.open(saved)
    chromium.view(*place(450), 15)
    _choose(chromium, "A4", "across", scale)
    frame = _frame(chromium)
    if scale:
        assert frame["denominator"] == scale
    assert frame["mm"] == pytest.approx(frame["metres"] / frame["denominator"] * 1000)
    assert 15 <= frame["mm"] <= 90
    # On the ground: a line as long as the bar, through the middle of the sheet, along the parallel.
    (west, north), (east, south) = frame["corners"]
    middle = (north + south) / 2
    across = Geod(ellps="WGS84").line_length(np.linspace(west, east, 50), np.full(50, frame["centre"][1]))
    assert across / (frame["width"] / 96 * 25.4) * frame["mm"] == pytest.approx(frame["metres"], rel=0.01)
    assert middle == pytest.approx(frame["centre"][1], abs=(north - south) / 20)
    # On the paper: the bar as it was printed.
    path = _printed(chromium, tmp_path / "sheet.pdf")
    picture = _picture(path, dpi=288)
    x = chromium.js(
        """hazardmap.print.lay();
        const page = document.querySelector('.hm-sheet-page').getBoundingClientRect();
        const boxes = [...document.querySelectorAll('.hm-scale-bar rect')].map((r) => r.getBoundingClientRect());
        const out = [Math.min(...boxes.map((b) => b.left)) - page.left, Math.max(...boxes.map((b) => b.right)) - page.left,
          (boxes[0].top + boxes[0].bottom) / 2 - page.top, boxes[0].top - page.top];
        hazardmap.print.take();
        return out;"""
    )
    line = picture[round(x[3] * 3) + 1, round(x[0] * 3) - 40 : round(x[1] * 3) + 40].sum(axis=1)
    dark = np.flatnonzero(line < 380)
    assert (dark.max() - dark.min()) / 288 * 25.4 == pytest.approx(frame["mm"], rel=0.01)
    spelt = re.search(r"1 : ([\d,]+)", _text(path))[1].replace(",", "")
    assert int(spelt) == frame["denominator"]


def test_the_grid_is_that_of_proj(chromium, saved):
    """A line of the grid crosses the edge of the sheet where PROJ says that its easting lies."""
    chromium.open(saved)
    chromium.view(*place(450), 14)
    _choose(chromium, "A4", "across", 50_000)
    frame = _frame(chromium)
    numbers = chromium.js(
        """hazardmap.print.lay();
        const view = document.querySelector('.hm-sheet-view').getBoundingClientRect();
        const out = [...document.querySelectorAll('.hm-grid text')].filter((t) => !t.closest('.hm-north')).map((t) => {
          const b = t.getBoundingClientRect();
          return [Number(t.textContent), (b.left + b.right) / 2 - view.left, (b.top + b.bottom) / 2 - view.top]; });
        hazardmap.print.take();
        return out;"""
    )
    to_utm = Transformer.from_crs(4326, 32638, always_xy=True)
    (west, north), (east, south) = frame["corners"]
    top = [n for n in numbers if n[2] < 0]
    sides = [n for n in numbers if n[1] < 0]
    assert len(top) >= 4
    assert len(sides) >= 3
    for kilometres, x, _ in top:
        easting, _ = to_utm.transform(west + (east - west) * x / frame["width"], north)
        assert easting == pytest.approx(kilometres * 1000, abs=25), "half a millimetre on paper"
    for kilometres, _, y in sides:
        latitude = north + (south - north) * y / frame["height"]  # Mercator is straight enough over 9 km
        _, northing = to_utm.transform(west, latitude)
        assert northing == pytest.approx(kilometres * 1000, abs=25)


def test_the_legend_has_what_is_on_the_sheet(chromium, saved, tmp_path):
    chromium.open(saved)
    chromium.view(*place(450), 18)
    _choose(chromium, scale=1000)  # 21 cm of paper are 210 m: squares B, C and D
    text = _text(_printed(chromium, tmp_path / "sheet.pdf"))
    assert "Confirmed hazardous area" in text
    assert "Surveyed, no evidence" not in text
    chromium.js("document.querySelector('input[data-layer=ground]').click()")
    text = _text(_printed(chromium, tmp_path / "without.pdf"))
    assert "Confirmed hazardous area" not in text


def test_a_legend_too_long_for_the_sheet_has_a_sheet_of_its_own(chromium, demo, tmp_path):
    chromium.open(demo)
    chromium.js(
        "for (const l of hazardmap.data.layers) for (const s of l.symbols) s.label += ' and what is said about it at length'.repeat(12)"
    )
    _choose(chromium, "A4", "across")
    path = _printed(chromium, tmp_path / "sheet.pdf")
    assert int(re.search(r"Pages:\s+(\d+)", _told("pdfinfo", path))[1]) >= 2
    first, second = (_told("pdftotext", "-f", n, "-l", n, path, "-") for n in (1, 2))
    assert "The legend is on the next sheet." in first
    assert "Confirmed hazardous area" in re.sub(r"\s+", " ", second)


@pytest.mark.parametrize("language", ["ru", "ar"])
def test_in_another_language_the_english_sentences_stay(chromium, saved, tmp_path, language):
    chromium.open(saved)
    chromium.js("hazardmap.speak(arguments[0])", language)
    path = _printed(chromium, tmp_path / "sheet.pdf")
    text = _text(path)
    assert words.DISCLAIMER in text
    assert words.FICTITIOUS in text
    if language == "ru":  # Arabic comes out of a PDF letter by letter in other forms
        for key in ("words.disclaimer", "language.note", "sign.ground.confirmed_open", "words.fictitious"):
            assert languages.strings()["ru"][key] in text, key
    assert "Pages:           1" in _told("pdfinfo", path)


def test_marks_and_shapes_of_the_maker_are_printed(chromium, tmp_path):
    import folium

    drawn = hm.draw(hm.example(), on=ON)
    longitude, latitude = place(450, 300)
    folium.Marker((latitude, longitude)).add_to(drawn)
    folium.Polygon(
        [(latitude, longitude), (latitude + 0.002, longitude), (latitude, longitude + 0.003)],
        color="#00ff00",
        fill=True,
        fill_opacity=1,
    ).add_to(drawn)
    folium.Circle((latitude - 0.006, longitude), radius=100, color="#ff00ff").add_to(drawn)
    drawn.save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    chromium.view(*place(450), 16)
    sheet = chromium.js(
        """const f = hazardmap.print.lay();
        const out = [document.querySelectorAll('.hm-sheet-view img').length, document.querySelectorAll('.hm-sheet-added path').length,
          document.querySelectorAll('.hm-sheet-added circle')[0].getAttribute('r') * f.denominator * 0.0254 / 96,
          document.querySelector('.hm-sheet-scale').innerText];
        hazardmap.print.take();
        return out;"""
    )
    assert sheet[:2] == [1, 1]
    assert sheet[2] == pytest.approx(100)
    assert "cannot be printed" not in sheet[3]
    picture = _picture(_printed(chromium, tmp_path / "sheet.pdf"))
    assert ((picture[..., 1] > 230) & (picture[..., 0] < 60) & (picture[..., 2] < 60)).sum() > 200


def test_what_is_switched_off_is_said_on_the_sheet(chromium, tmp_path):
    from answering import answers_for

    answers = answers_for(hm.example().plots, ["released"] * 6)
    hm.draw(hm.example(), on=ON, answers=answers).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    chromium.js("document.querySelector('input[data-verdict=released]').click()")
    assert "6 plots are switched off." in _text(_printed(chromium, tmp_path / "sheet.pdf"))


def test_the_button_prints(chromium, saved):
    chromium.open(saved)
    chromium.js(
        "window.asked = 0; window.print = () => { window.asked += 1; }; document.querySelector('.hm-tool-print').click()"
    )
    chromium.js("document.querySelector('.hm-do').click()")
    assert chromium.js("return window.asked") == 1


def test_a_map_that_is_not_whole_prints_its_warning_and_no_sheet(chromium, saved, tmp_path):
    text = saved.read_text(encoding="utf-8").replace('data-name="hazards/polygon/0"', 'data-name="gone"', 1)
    (tmp_path / "broken.html").write_text(text, encoding="utf-8")
    chromium.open(tmp_path / "broken.html")
    assert "The map is not complete" in _text(_printed(chromium, tmp_path / "sheet.pdf"))
    assert chromium.js("return document.querySelector('.hm-sheet') === null")


def test_a_page_too_wide_for_utm_says_so(chromium, saved):
    chromium.open(saved)
    chromium.view(47, 40, 4)
    told = chromium.js(
        "hazardmap.print.lay(); const t = document.querySelector('.hm-sheet-scale').innerText; hazardmap.print.take(); return t"
    )
    assert "no UTM grid" in told


def test_hostile_text_is_inert_on_paper(chromium, tmp_path):
    from test_maps_hostile import ALL, _poisoned

    hm.draw(_poisoned(ALL), on=ON).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    title = chromium.js(
        "hazardmap.print.lay(); const t = document.querySelector('.hm-sheet h1').textContent; hazardmap.print.take(); return t"
    )
    assert title == ALL
    _printed(chromium, tmp_path / "sheet.pdf")
    assert chromium.js("return window.pwned === undefined")
    assert chromium.console() == []
    assert chromium.requests() == []
    assert Path(tmp_path / "sheet.pdf").stat().st_size > 10_000


def test_ground_greyed_by_a_filter_is_told_in_the_legend_of_the_sheet(chromium, saved):
    chromium.open(saved)
    legend = """hazardmap.print.lay();
        const text = document.querySelector('.hm-sheet-groups').innerText;
        hazardmap.print.take();
        return text;"""
    assert "hidden by the filter" not in chromium.js(legend)
    chromium.js("hazardmap.filters.set('state', ['confirmed_open'], false)")
    assert "hidden by the filter" in chromium.js(legend)
    assert "Confirmed hazardous area" not in chromium.js(legend)
    chromium.js("hazardmap.filters.set('state', hazardmap.filters.fields()[0].values.map(([v]) => v), false)")
    assert "hidden by the filter" in chromium.js(legend), "all of the ground is grey"
    chromium.js("hazardmap.data.show('ground', false)")
    assert "hidden by the filter" not in chromium.js(legend), "no ground is painted"
    assert chromium.console() == []
