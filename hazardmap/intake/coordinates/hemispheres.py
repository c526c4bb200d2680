"""The words that say on which side of the equator or of Greenwich a value lies, by language.

One letter can mean opposite things: O is west in French, Spanish, Portuguese and Italian, east in German; S is south in
English, north (sjever) in Bosnian; B is west in Turkish and, as В, east in Russian. So the letters of both values are
read in one language, and where several languages make sense of them and disagree, all their readings are given. Knows
words only; knows nothing of numbers.
"""

from __future__ import annotations

import functools

from hazardmap.errors import SchemaError

#: Axis ("lat" or "lon") and sign of a word; the sign is 0 where the word only names the axis.
Side = tuple[str, int]

_NORTH, _SOUTH, _EAST, _WEST = ("lat", 1), ("lat", -1), ("lon", 1), ("lon", -1)


def _language(north: str, south: str, east: str, west: str) -> dict[str, Side]:
    sides = ((north, _NORTH), (south, _SOUTH), (east, _EAST), (west, _WEST))
    return {word: side for words, side in sides for word in words.split()}


LANGUAGES: dict[str, dict[str, Side]] = {
    # The last letter for east is Е of a Cyrillic keyboard: it looks like E, and means nothing else beside N or S.
    "en": _language("N NORTH", "S SOUTH", "E EAST Е", "W WEST"),
    "fr": _language("N NORD", "S SUD", "E EST", "O W OUEST"),
    "es": _language("N NORTE", "S SUR", "E ESTE", "O W OESTE"),
    "pt": _language("N NORTE", "S SUL", "E L LESTE ESTE", "O W OESTE"),
    "it": _language("N NORD", "S SUD", "E EST", "O W OVEST"),
    "de": _language("N NORD", "S SÜD SUED", "O E OST", "W WEST"),
    "ru": _language("С C СШ СЕВЕР", "Ю ЮШ ЮГ", "В B ВД ВОСТОК", "З ЗД ЗАПАД"),
    "uk": _language("ПН ПНШ ПІВНІЧ", "ПД ПДШ ПІВДЕНЬ", "СХ СХД СХІД", "ЗХ ЗХД ЗАХІД"),
    "az": _language("ŞM ŞIMAL SM", "CN CƏNUB", "ŞQ ŞƏRQ SQ", "QB QƏRB"),
    "tr": _language("K KUZEY", "G GÜNEY", "D DOĞU", "B BATI"),
    "bs": _language("S SJEVER SEVER", "J JUG", "I ISTOK", "Z ZAPAD"),
    "sr": _language("С СЕВЕР", "Ј ЈУГ", "И ИСТОК", "З ЗАПАД"),
}
_LATITUDE = "LAT LATITUDE LATITUD LATITUDINE ШИРОТА ENLEM ENLIK ENLIYI BREITE ŠIRINA"
_LONGITUDE = "LON LONG LNG LONGITUDE LONGITUD LONGITUDINE ДОЛГОТА BOYLAM UZUNLUQ UZUNLUĞU LÄNGE DUŽINA"
_LABELS: dict[str, Side] = dict.fromkeys(_LATITUDE.split(), ("lat", 0)) | dict.fromkeys(_LONGITUDE.split(), ("lon", 0))


def key(word: str) -> str:
    """Give a word as it stands in the lists.

    Examples
    --------
    >>> key("с.ш."), key("şimal")
    ('СШ', 'ŞIMAL')
    """
    return word.replace(".", "").upper().replace("İ", "I")


@functools.lru_cache(maxsize=4096)
def sides(first: tuple[str, ...], second: tuple[str, ...], language: str | None) -> tuple[tuple[Side, Side, str], ...]:
    """Give what the words at two values can mean, each meaning with the languages in which it holds.

    Parameters
    ----------
    first, second
        The words at each value, by `key`; may be empty.
    language
        Read in this language only.

    Returns
    -------
    tuple
        Side of the first, side of the second (axis ``""`` where no word says it), languages; empty when no single
        language has all of the words.

    Examples
    --------
    >>> sides(("N",), ("E",), None)
    ((('lat', 1), ('lon', 1), 'en, fr, es, pt, it, de'),)
    >>> [(second, language) for _, second, language in sides(("N",), ("O",), None)]
    [(('lon', -1), 'fr, es, pt, it'), (('lon', 1), 'de')]
    >>> sides(("S",), ("I",), None)
    ((('lat', 1), ('lon', 1), 'bs'),)
    """
    if language is not None and language not in LANGUAGES:
        raise SchemaError(f"language {language!r}", f"one of {', '.join(LANGUAGES)}", 'e.g. language="es"')
    found: dict[tuple[Side, Side], list[str]] = {}
    for name, meanings in LANGUAGES.items():
        if language in {None, name}:
            one, other = _joined(first, meanings), _joined(second, meanings)
            if one is not None and other is not None:
                found.setdefault((one, other), []).append(name)
    return tuple((one, other, ", ".join(names)) for (one, other), names in found.items())


def _joined(words: tuple[str, ...], meanings: dict[str, Side]) -> Side | None:
    """Give the side that all words at one value agree on; None where they do not."""
    axis, sign = "", 0
    for word in words:
        side = _LABELS.get(word) or meanings.get(word)
        if side is None or (axis and axis != side[0]) or (sign and side[1] and sign != side[1]):
            return None
        axis, sign = side[0], sign or side[1]
    return axis, sign


@functools.cache
def known(word: str) -> bool:
    """Tell whether a word names a side or an axis in any language."""
    return word in _LABELS or any(word in meanings for meanings in LANGUAGES.values())
