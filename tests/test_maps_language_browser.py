"""The map in other languages: chosen in Python or on the map, mirrored for Arabic, records as they are."""

import re

import pytest
from answering import answers_for, place
from test_maps_hostile import ALL, _poisoned
from test_maps_language import ENGLISH, FORMS, OTHERS

import hazardmap as hm
from hazardmap import words
from hazardmap.maps import languages

pytestmark = pytest.mark.browser
ON = "2024-12-31"
VERDICTS = ["released", "suspected_hazard", "confirmed_hazard", "release_in_question", "partly_released", "no_record"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("languages") / "az.html"
    hm.draw(hm.example(), on=ON, answers=answers_for(hm.example().plots, VERDICTS), language="az").save(path)
    return path


@pytest.fixture
def opened(chromium, saved):
    chromium.open(saved)
    return chromium


def _seen(chromium):
    return chromium.js("return document.querySelector('.folium-map').innerText")


def _said(chromium):
    """Texts of the interface that are on the page: neither a record's nor marked as English."""
    return chromium.js(
        """const out = [];
        const walk = document.createTreeWalker(document.querySelector('.folium-map'), NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) {
          const parent = walk.currentNode.parentElement;
          if (!parent.closest('[lang=en], [dir=auto], option, .leaflet-map-pane')) out.push(walk.currentNode.data.trim());
        }
        for (const e of document.querySelectorAll('.folium-map [aria-label], .folium-map [title], .folium-map [placeholder]')) {
          if (!e.closest('[dir=auto]')) for (const name of ['aria-label', 'title', 'placeholder']) if (e.getAttribute(name)) out.push(e.getAttribute(name));
        }
        return out.filter(Boolean);"""
    )


def test_it_opens_in_the_language_that_python_was_told(opened):
    az = languages.strings()["az"]
    assert opened.console() == []
    assert opened.js("return [hazardmap.language, document.documentElement.lang, hazardmap.failed]") == [
        "az",
        "az",
        None,
    ]
    seen = _seen(opened)
    for key in ("legend.name", "layer.verdicts.title", "sign.verdicts.released", "words.disclaimer", "language.note"):
        assert az[key] in seen, key
    assert words.DISCLAIMER in seen
    assert words.ABSENCE in seen
    assert words.FICTITIOUS in seen
    assert "31 dekabr 2024" in seen


@pytest.mark.parametrize("language", OTHERS)
def test_a_change_on_the_map_changes_every_word(opened, language):
    own = languages.strings()[language]
    opened.view(*place(50), 17)
    opened.click(*place(50))
    opened.js(
        "const s = document.querySelector('.hm-panel-choices select'); s.value = arguments[0]; s.dispatchEvent(new Event('change'))",
        language,
    )
    opened.settle()
    assert opened.js("return document.documentElement.lang") == language
    said = _said(opened)
    assert own["legend.name"] in said
    assert own["card.name"] in said
    assert own["verdicts.kind"] in " ".join(said)
    english = {
        text
        for key, text in ENGLISH.items()
        if isinstance(text, str) and own[key] != text and re.search("[a-z]{3}", text)
    } - {text for text in own.values() if isinstance(text, str)}
    assert not english & set(said)
    assert opened.console() == []
    opened.js("hazardmap.speak('en')")
    assert not {own["legend.name"], own["card.name"]} & set(_said(opened))
    assert "Legend and layers" in _said(opened)


@pytest.mark.parametrize("language", ["ru", "ar"])
def test_sentences_of_the_core_stay_english_and_say_so(opened, language):
    opened.js("hazardmap.speak(arguments[0])", language)
    opened.view(*place(450), 17)
    opened.click(*place(450))
    why = opened.js("return [...document.querySelectorAll('.hm-why')].map((e) => [e.lang, e.dir, e.textContent])")
    assert why
    for lang, way, text in why:
        assert (lang, way) == ("en", "ltr")
        assert not re.search("[\u0400-\u04ff\u0600-\u06ff]", text)


def test_what_cannot_be_drawn_is_told_in_the_language_of_the_page(opened):
    told = "return ['.hm-heading .hm-missing', '.hm-unplaced p'].map((at) => document.querySelector(at).textContent)"
    opened.js("hazardmap.speak('en')")
    english = opened.js(told)
    assert english[0] == english[1]
    assert english[0].endswith("no position and cannot be drawn.")
    opened.js("hazardmap.speak('ru')")
    russian = opened.js(told)
    assert russian[0] == russian[1]
    assert not re.search("[a-z]", russian[0])
    opened.js("hazardmap.speak('en')")
    assert opened.js(told) == english


def test_numbers_days_and_plurals_are_those_of_the_language(opened):
    said = "return [hazardmap.number(1234567.5, 1), hazardmap.day('2025-06-30'), hazardmap.say('search.records', { count: arguments[0] })]"
    expected = {
        "az": ["1.234.567,5", "30 iyun 2025", "5 qeyd"],
        "ru": ["1\u00a0234\u00a0567,5", "30 июня 2025", "5 записей"],
        "uk": ["1\u00a0234\u00a0567,5", "30 червня 2025", "5 записів"],
        "fr": ["1\u202f234\u202f567,5", "30 juin 2025", "5 enregistrements"],
        "es": ["1.234.567,5", "30 de junio de 2025", "5 registros"],
        "ar": ["1,234,567.5", "30 يونيو 2025", "5 سجلات"],
        "en": ["1,234,567.5", "30 June 2025", "5 records"],
    }
    for language, (number, day, records) in expected.items():
        opened.js("hazardmap.speak(arguments[0])", language)
        told = opened.js(said, 5)
        assert told[0] == number
        assert told[1].startswith(day)
        assert told[2] == records
        assert (
            set(opened.js("return new Intl.PluralRules(hazardmap.language).resolvedOptions().pluralCategories"))
            == FORMS[language]
        )
    opened.js("hazardmap.speak('ru')")
    assert opened.js("return [1, 2, 11, 21].map((count) => hazardmap.say('search.records', { count }))") == [
        *("1 запись", "2 записи", "11 записей", "21 запись"),
    ]


def test_arabic_mirrors_the_panels_and_not_the_map(opened):
    where = """const b = (s) => { const r = document.querySelector(s).getBoundingClientRect(); return (r.left + r.right) / 2; };
        return [b('.hm-left'), b('.hm-legend'), b('.hm-toolbar'), b('.leaflet-control-scale')]"""
    before = opened.js(where)
    west, east = opened.screen(*place(0))[0], opened.screen(*place(1000))[0]
    opened.js("hazardmap.speak('ar')")
    opened.settle()
    after = opened.js(where)
    assert opened.js("return getComputedStyle(document.body).direction") == "rtl"
    assert [round(x + y) for x, y in zip(before, after, strict=True)] == pytest.approx([1400] * 4, abs=12)
    assert [opened.screen(*place(0))[0], opened.screen(*place(1000))[0]] == [west, east]
    assert west < east
    title = opened.js("const r = document.querySelector('.hm-heading h1'); return getComputedStyle(r).textAlign")
    assert title == "right"
    opened.js("hazardmap.speak('en')")
    assert opened.js(where) == before


def test_the_choice_is_made_by_keyboard(opened):
    opened.js("document.querySelector('.hm-tool-choices').focus()")
    _key(opened, "Enter")
    assert opened.js("return document.activeElement.tagName") == "SELECT"
    assert opened.js("return document.querySelector('.hm-tool-choices').getAttribute('aria-expanded')") == "true"
    _key(opened, "Escape")
    assert opened.js("return document.querySelector('.hm-panel-choices').hidden")
    assert opened.js("return document.activeElement.classList.contains('hm-tool-choices')")


def _key(chromium, key):
    about = {"key": key, "code": key, "windowsVirtualKeyCode": {"Enter": 13, "Escape": 27}[key]}
    text = {"text": "\r"} if key == "Enter" else {}
    chromium.driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyDown", **about, **text})
    chromium.driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyUp", **about})


@pytest.mark.parametrize("language", ["az", "ar"])
def test_hostile_text_stays_as_it_is_in_every_language(chromium, tmp_path, language):
    hm.draw(_poisoned(ALL), on=ON, language=language).save(tmp_path / "m.html")
    chromium.open(tmp_path / "m.html")
    chromium.view(47.0053, 40.0003, 18)
    chromium.click(47.0053, 40.0003)
    told = chromium.js(
        "return [...document.querySelectorAll('.hm-card dd, .hm-card .hm-title')].map((e) => [e.dir, e.textContent])"
    )
    assert ["auto", "H-003 " + ALL] in told
    assert chromium.js("return document.querySelector('.hm-heading h1').textContent") == ALL
    chromium.js("hazardmap.speak('en'); hazardmap.wear('colour_blind')")
    assert chromium.js("return window.pwned === undefined")
    assert chromium.console() == []
    assert chromium.requests() == []


def test_a_failure_is_told_in_the_language_and_in_english(chromium, saved, tmp_path):
    text = saved.read_text(encoding="utf-8").replace('data-name="hazards/polygon/0"', 'data-name="gone"', 1)
    (tmp_path / "broken.html").write_text(text, encoding="utf-8")
    chromium.open(tmp_path / "broken.html")
    told = chromium.js("return document.getElementById('hazardmap-notice').innerText")
    assert "Xəritə tam deyil: faylda məlumatın bir hissəsi yoxdur (hazards/polygon/0)." in told
    assert "The map is not complete: a part of the data is missing" in told
