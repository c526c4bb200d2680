"""The files of strings: the same keys in every language, the same values in them, the forms of each language's numbers."""

import re
from pathlib import Path

import pytest

import hazardmap as hm
from hazardmap import words
from hazardmap.errors import FileError
from hazardmap.maps import languages, page
from hazardmap.maps.attributes import LAYERS, spelt
from hazardmap.maps.symbols import SYMBOLS

ENGLISH = languages.strings()["en"]
OTHERS = sorted(set(languages.strings()) - {"en"})
#: Forms of cardinal numbers by CLDR; test_maps_language_browser.py holds them against Intl.PluralRules.
FORMS = {
    "en": {"one", "other"},
    "az": {"one", "other"},
    "ru": {"one", "few", "many", "other"},
    "uk": {"one", "few", "many", "other"},
    "fr": {"one", "many", "other"},
    "es": {"one", "many", "other"},
    "ar": {"zero", "one", "two", "few", "many", "other"},
}
#: What is never said about land. "Dangerous" may hold the same letters.
NEVER = {
    "en": r"\bsafe|mine-free|all clear\b|certified",
    "az": r"təhlükəsiz|minasız",
    "ru": r"(?<!не)(?<!о)безопасн|без мин\b",
    "uk": r"(?<!не)безпечн|без мін\b",
    "fr": r"\bsûr(e|s|es)?\b|sécurisé|sans mines|sans danger",
    "es": r"\bsegur[oa]s?\b|sin minas|sin peligro",
    "ar": r"آمن|أمان|خالية من الألغام",
}
SCRIPTS = [Path(page.__file__).parent / "assets" / name for name in ("start.js", *page.SCRIPTS)]


def texts(entry):
    return list(entry.values()) if isinstance(entry, dict) else [entry]


def values(text):
    return set(re.findall(r"\{(\w+)\}", text))


def test_the_seven_languages():
    assert list(languages.strings()) == ["en", "ar", "az", "es", "fr", "ru", "uk"]
    assert set(FORMS) == set(languages.strings()) == set(NEVER)


@pytest.mark.parametrize("language", OTHERS)
def test_the_same_keys(language):
    assert set(languages.strings()[language]) == set(ENGLISH)


@pytest.mark.parametrize("language", OTHERS)
def test_the_same_values_in_each_text(language):
    for key, entry in languages.strings()[language].items():
        needed = set().union(*(values(text) for text in texts(ENGLISH[key])))
        assert isinstance(entry, dict) == isinstance(ENGLISH[key], dict), key
        whole = entry["other"] if isinstance(entry, dict) else entry
        assert values(whole) == needed, key
        for text in texts(entry):  # "one plot" may do without its number, never without anything else
            assert needed - {"count"} <= values(text) <= needed, key


@pytest.mark.parametrize("language", languages.strings())
def test_every_form_of_a_number(language):
    for key, entry in languages.strings()[language].items():
        if isinstance(entry, dict):
            assert set(entry) == FORMS[language], key


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language):
    own = languages.strings()[language]
    same = {
        key for key in own if own[key] == ENGLISH[key] and re.search(r"[A-Za-z]{4}", str(own[key]).format_map(_Empty()))
    }
    # Words that are spelt alike, such as "Accident" in French, and names.
    assert len(same) <= {"fr": 40, "es": 20}.get(language, 6), sorted(same)


class _Empty(dict):
    def __missing__(self, key):
        return ""


@pytest.mark.parametrize("language", languages.strings())
def test_words_never_said_about_land(language):
    for key, entry in languages.strings()[language].items():
        for text in texts(entry):
            assert not re.search(NEVER[language], text, re.IGNORECASE), (key, text)


def test_the_forbidden_words_are_found_where_they_are_a_claim():
    for language, text in {
        "en": "this land is safe",
        "az": "bu ərazi təhlükəsizdir",
        "ru": "земля безопасна",
        "uk": "земля безпечна",
        "fr": "ce terrain est sûr",
        "es": "terreno seguro",
        "ar": "هذه الأرض آمنة",
    }.items():
        assert re.search(NEVER[language], text, re.IGNORECASE), language


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_says_that_nobody_reviewed_it(language):
    assert languages.strings()[language]["language.note"]
    assert not ENGLISH["language.note"]


def test_english_says_what_python_says():
    """The names that come with the data stand in the strings under their codes, so that they can be translated."""
    for layer, signs in SYMBOLS.items():
        for code, sign in signs.items():
            assert ENGLISH[f"sign.{layer}.{code}"] == sign.label
    for layer, text in LAYERS.items():
        assert ENGLISH[f"layer.{layer}.title"] == text.title
        assert ENGLISH[f"layer.{layer}.noun"] == text.noun
        for a in text.attributes:
            assert ENGLISH.get(f"column.{layer}.{a.column}", ENGLISH.get(f"column.{a.column}")) == a.label
        for code, said in spelt(layer).items():
            assert ENGLISH.get(f"code.{layer}.{code}", ENGLISH.get(f"code.{code}")) == said
    assert ENGLISH["words.disclaimer"] == words.DISCLAIMER
    assert ENGLISH["words.absence"] == words.ABSENCE
    assert ENGLISH["words.fictitious"] == words.FICTITIOUS


def test_every_key_that_a_script_names_has_words():
    found = {
        key
        for path in SCRIPTS
        for key in re.findall(r"'([a-z_]+\.[a-zA-Z_.]+)'", path.read_text(encoding="utf-8"))
        if key.split(".")[0] in {k.split(".")[0] for k in ENGLISH} and not key.endswith((".js", ".", "_"))
    }
    assert len(found) > 40
    assert not found - set(ENGLISH)


def test_no_script_says_english_words_of_its_own():
    """A sentence in quotes in a script would not be translated. `start.js` must speak before the strings can be read."""
    sentence = re.compile(r"""(['"`])([A-Z][a-z]+(?: [a-z]+){1,}[^'"`]*)\1""")
    for path in SCRIPTS:
        if path.name in {"start.js", "pmtiles.js"}:
            continue
        code = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        thrown = re.sub(r"new Error\([^\n]*|fail\([^\n]*", "", code)
        assert not sentence.findall(thrown), path.name


def test_no_reason_of_a_failure_is_english_alone():
    """`fail` takes English words; scripts that have the strings give the key of theirs instead."""
    for path in SCRIPTS:
        if path.name != "start.js":
            assert not re.findall(r"hazardmap\.fail\(['\"`]", path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize(
    ("asked", "named"),
    [({"language": "de"}, "language='de'"), ({"theme": "dark"}, "theme='dark'"), ({"language": ""}, "")],
)
def test_a_language_or_theme_that_is_not_there_is_refused(asked, named):
    with pytest.raises(FileError, match="needed: ") as refused:
        hm.draw(hm.example(), on="2024-12-31", **asked)
    assert named in str(refused.value)
    assert "az (Azərbaycanca)" in str(refused.value) or "imas, colour_blind" in str(refused.value)


@pytest.mark.parametrize(("language", "way"), [("en", "ltr"), ("az", "ltr"), ("ar", "rtl")])
def test_the_page_says_its_language_before_any_script(language, way, tmp_path):
    hm.draw(hm.example(), on="2024-12-31", language=language).save(tmp_path / "m.html")
    text = (tmp_path / "m.html").read_text(encoding="utf-8")
    assert f'<html lang="{language}" dir="{way}"' in text[:200]
    still = re.sub(r"<script.*?</script>", "", text.split("<body>")[1], flags=re.DOTALL)
    for key in ("words.disclaimer", "words.absence", "words.fictitious", "page.no_scripts", "page.wait"):
        assert languages.strings()[language][key] in still
        assert ENGLISH[key] in still, "the English wording holds"


def test_a_programme_without_a_name_gets_a_title_in_its_language():
    programme = hm.Programme(as_of=hm.example().as_of)
    assert hm.draw(programme, on="2024-12-31", language="uk").data.title == "Карта небезпечних територій"
