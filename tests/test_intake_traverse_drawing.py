"""The drawing of a traverse: what it shows, that it is the same each time, and that text of data is only text."""

import re
from datetime import date
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from test_maps_hostile import PAYLOADS
from walked import STATED, square, table

from hazardmap import words
from hazardmap.errors import FileError, HazardmapError, SchemaError
from hazardmap.intake.traverse import read_traverses, sketch
from hazardmap.intake.traverse.margin import printed

pytest.importorskip("matplotlib", reason="pip install hazardmap[charts]")


def walked(frame, **stated):
    return read_traverses(frame, stated={**STATED, **stated})


def drawn(frame=None, **stated):
    read = walked(square() if frame is None else frame, **stated)
    return sketch.draw_traverse(read, read.polygons["traverse_id"].iloc[0], as_of=date(1993, 8, 14), source="record 12")


def texts(figure):
    import matplotlib.text

    return [t.get_text() for t in figure.findobj(matplotlib.text.Text) if t.get_text()]


def test_it_shows_what_the_record_says():
    figure = drawn(square(date="1993-08-14"), north="magnetic")
    shown = texts(figure)
    for must in ("Traverse M-1", "L", "S", "T1", "T2", "T3", "reference point", "start point", "N", "magnetic 4.7° E"):
        assert must in shown, must
    assert "0° mag · 100 m" in shown
    told = " ".join(shown)
    assert "As of 1993-08-14 · Source: record 12" in told
    assert words.DISCLAIMER in told
    assert words.ABSENCE in told
    assert words.FICTITIOUS not in told
    assert "4.65° E ± 0.5° (IGRF-14, 1993-08-14)" in told.replace("\n", " ")


def test_invented_data_are_marked():
    read = walked(square())
    figure = sketch.draw_traverse(read, "M-1", as_of=date(2025, 1, 1), source="x", fictitious=True)
    assert words.FICTITIOUS in texts(figure)


def test_the_closing_error_is_drawn():
    frame = square(1000)
    frame.loc[5, "distance"] = "985"
    assert any(t.startswith("closing error 15.") for t in texts(drawn(frame)))
    read = read_traverses(frame, stated=STATED, bowditch=True)
    figure = sketch.draw_traverse(read, "M-1", as_of=date(2025, 1, 1), source="x")
    assert not any(t.startswith("closing error 1") for t in texts(figure))


def test_the_scale_bar_is_true():
    """A bar of so many metres is as long as so many metres of the square."""
    figure = drawn()
    axes = figure.axes[0]
    bars = [p for p in axes.patches if type(p).__name__ == "Rectangle"]
    length = sum(b.get_width() for b in bars)
    label = next(t for t in texts(figure) if re.fullmatch(r"[\d.]+ m", t) and f"{length:g} m" == t)
    assert label
    xy = np.array([line.get_xydata() for line in axes.lines if len(line.get_xydata()) == 2])
    assert np.hypot(*(xy[1, 1] - xy[1, 0])) == pytest.approx(100, abs=0.01), "the plane is in metres"


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_same_traverse_gives_the_same_bytes(tmp_path, kind):
    files = [tmp_path / f"{name}.{kind}" for name in "ab"]
    for file in files:
        sketch.save_drawing(drawn(), file)
    assert files[0].read_bytes() == files[1].read_bytes()
    if kind == "svg":
        ET.parse(files[0])


@pytest.mark.parametrize(
    "payload",
    [" ¦ ".join(PAYLOADS), *PAYLOADS[-5:-2], "$\\frac{1}{0}$", "$", "$$a_b^{", "\\N", "中文 \x00\x1b[31m"],
    ids=lambda p: repr(p[:20]),
)
def test_text_of_data_is_only_text(tmp_path, payload):
    name = payload.strip() or "x"
    frame = table(
        [(f"{name}{i}", k, i * 120, 100) for i, k in enumerate(["start", "turning", "turning"])], name=name
    ).assign(date=payload)
    read = walked(frame)
    identity = read.polygons["traverse_id"].iloc[0]
    figure = sketch.draw_traverse(read, identity, as_of=date(2025, 1, 1), source=payload)
    for kind in ("svg", "png"):
        sketch.save_drawing(figure, tmp_path / f"x.{kind}")
    root = ET.parse(tmp_path / "x.svg").getroot()
    names = {e.tag.rpartition("}")[2] for e in root.iter()}
    assert not names & {"script", "foreignObject", "a", "image", "text"}, "texts are outlines of letters"
    assert not any(k.lower().startswith("on") for e in root.iter() for k in e.attrib)
    assert any(printed(name, 48) in t for t in texts(figure))


def test_a_machine_with_its_own_settings_draws_the_same(tmp_path):
    import matplotlib as mpl

    sketch.save_drawing(drawn(), tmp_path / "a.svg")
    with mpl.rc_context({"text.usetex": True, "font.size": 30, "svg.fonttype": "none", "axes.facecolor": "red"}):
        sketch.save_drawing(drawn(), tmp_path / "b.svg")
        assert mpl.rcParams["font.size"] == 30, "settings are given back"
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


@pytest.mark.parametrize(
    "frame",
    [
        square().iloc[:1],
        square().iloc[:2],
        square().iloc[:3],
        square(side="0.5", out=(90, "0.3")),
        square(side=40_000),
        table([(f"P{i}", "start" if i == 0 else "turning", i * 9, 30) for i in range(40)]),
        square().assign(kind=[None, "evidence", "usage", "benchmark", "end", "x"]),
    ],
    ids=["landmark", "start", "line", "tiny", "huge", "many", "odd kinds"],
)
def test_odd_traverses_are_drawn_too(tmp_path, frame):
    sketch.save_drawing(drawn(frame), tmp_path / "x.png")


def test_what_cannot_be_drawn_is_refused(tmp_path):
    read = walked(square())
    with pytest.raises(SchemaError, match="no traverse M-9"):
        sketch.draw_traverse(read, "M-9", as_of=date(2025, 1, 1), source="x")
    frame = square()
    frame.loc[0, "longitude"] = "far"
    with pytest.raises(SchemaError, match="no point of traverse M-1 has a place"):
        drawn(frame)
    with pytest.raises(FileError, match=r"ends in \.svg or \.png"):
        sketch.save_drawing(drawn(), tmp_path / "x.pdf")
    with pytest.raises(FileError, match="cannot be written"):
        sketch.save_drawing(drawn(), tmp_path / "nowhere" / "x.svg")


def test_without_matplotlib_the_pip_line_is_given(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(HazardmapError, match=r'pip install "hazardmap\[charts\]"'):
        drawn()
