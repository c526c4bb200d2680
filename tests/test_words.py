"""What the tool says and never says."""

import re
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

import hazardmap
from hazardmap import words

ROOT = Path(__file__).resolve().parents[1]
VOCABULARIES = [v for v in vars(words).values() if isinstance(v, words.Vocabulary)]
NEVER = re.compile(
    r"mine-free|mines-free|all clear\b|\bis safe\b|\bsafe to (enter|use)|no mines\b|0 % risk|certified", re.IGNORECASE
)


def texts():
    suffixes = {".py", ".js", ".css", ".html", ".md", ".toml", ".ipynb"}
    folders = [Path(hazardmap.__file__).parent, ROOT / "notebooks", ROOT / "data"]
    found = [p for f in folders for p in f.rglob("*") if p.suffix in suffixes and ".min." not in p.name]
    return [*found, ROOT / "README.md", ROOT / "CHANGELOG.md"]


def test_words_never_said_about_land():
    for path in texts():
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not NEVER.search(line), f"{path}: {line.strip()[:100]}"


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda v: v.name)
def test_every_code_and_spelling_is_found(vocabulary):
    for code, others in vocabulary.spellings.items():
        for text in (code, *others):
            assert vocabulary.code(f"  {text.upper()} ") == code or text.upper() != text
            assert vocabulary.code(text) == code
            assert vocabulary.code(text.lower()) == code
    assert vocabulary.source


@given(st.text(max_size=30))
def test_folding_is_stable(text):
    assert words.fold(words.fold(text)) == words.fold(text)


def test_unknown_words_are_not_guessed():
    for text in ("", "  ", "likely", "clea", "confirmed?no", "unconfirmed", "not suspected"):
        assert words.CLASSIFICATION.code(text) is None
    assert words.PRODUCT.code("uncleared") is None
    assert words.CLASSIFICATION.code("AP") is None, "an area in Colombia, a mine elsewhere"
    assert words.WORKFLOW.code("verified") is None, "a step before approval"
    assert words.CONTAMINATION.code("ERW") is None, "unexploded and abandoned ordnance in one"


def test_states_are_ordered_and_divided():
    assert words.REMAINING_STATES + words.RELEASED_STATES == words.KNOWN_STATES
    assert words.STATES[:2] == words.OPEN_STATES
    assert len(set(words.STATES)) == 10
