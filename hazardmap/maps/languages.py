"""The languages that a map speaks: one file of strings for each, all with the same keys.

Knows the files of strings; knows nothing of what is drawn or of HTML. Sentences that the rule of the ground or the
checks write about a place are not here: they stay English, whatever the language of the map.
"""

from __future__ import annotations

import functools
import json
from importlib.resources import files
from typing import Any

from hazardmap.errors import FileError

#: The language whose wording holds.
ENGLISH = "en"


@functools.cache
def strings() -> dict[str, dict[str, Any]]:
    """Read the words of the interface: language → key → text, or forms by number. English comes first.

    Examples
    --------
    >>> list(strings())
    ['en', 'ar', 'az', 'es', 'fr', 'ru', 'uk']
    """
    folder = files("hazardmap.maps") / "assets" / "strings"
    found = {path.name.removesuffix(".json"): json.loads(path.read_text(encoding="utf-8")) for path in folder.iterdir()}
    return {language: found[language] for language in sorted(found, key=lambda name: (name != ENGLISH, name))}


def known(language: str) -> str:
    """Take the code of a language that a map speaks, or refuse it.

    Raises
    ------
    FileError
        Naming the languages there are.

    Examples
    --------
    >>> known("az")
    'az'
    """
    if language not in strings():
        named = ", ".join(f"{code} ({text['language.name']})" for code, text in strings().items())
        raise FileError(
            f"language={language!r}", f"a language that the map speaks: {named}", "write it like language='az'"
        )
    return language


def said(key: str, language: str) -> list[tuple[str, str]]:
    """Give a text in a language, then in English where that is another: pairs of language and text.

    A translation that no native speaker has reviewed never stands alone where the words matter.

    Examples
    --------
    >>> said("words.disclaimer", "en")
    [('en', 'Information, not permission to enter.')]
    >>> [code for code, _ in said("words.disclaimer", "az")]
    ['az', 'en']
    """
    return [(code, strings()[code][key]) for code in dict.fromkeys((language, ENGLISH))]


def direction(language: str) -> str:
    """Tell whether a language is written from left to right or from right to left.

    Examples
    --------
    >>> direction("ar"), direction("ru")
    ('rtl', 'ltr')
    """
    return str(strings()[language]["language.direction"])
