"""The many signs for one thing, made one: digits of any script, kinds of minus, marks of degrees, blanks.

Changes how a text is spelt, never what it says: a sign that is not known stays, and is a fault later. Knows nothing of
coordinates beyond their marks.
"""

from __future__ import annotations

import re
import unicodedata

from hazardmap.errors import SchemaError

#: No position is longer; whatever is longer is a report, or an attack.
LONGEST = 200

_DASHES = "‐‑‒–—―−﹣－⁃˗"
_DEGREES = "º˚⁰∘◦ͦ*"
_MINUTES = "′’‘‛´`ʹʼ＇‵ˈ"
_SECONDS = "″”“„‟ʺ˝＂‶"
_UNSEEN = "\ufeff\u200b\u200c\u200d\u2060\u200e\u200f\u00ad"
_SIGNS: dict[int, str | None] = (
    dict.fromkeys(map(ord, _DASHES), "-")
    | dict.fromkeys(map(ord, _DEGREES), "°")
    | dict.fromkeys(map(ord, _MINUTES), "'")
    | dict.fromkeys(map(ord, _SECONDS), '"')
    | dict.fromkeys(map(ord, _UNSEEN), None)
    | {
        ord(c): " "
        for c in "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
    }
    | {ord(c): ";" for c in "\n\r\v\f\u2028\u2029；"}
    | {ord("，"): ",", ord("．"): ".", ord("："): ":", ord("٫"): ".", ord("∶"): ":", ord("＋"): "+"}
)
_ASCII_SIGNS = {ord("\t"): " ", ord("*"): "°", ord("`"): "'"} | {ord(c): ";" for c in "\n\r\v\f"}
_LETTERED = re.compile(
    r"(?<=\d) ?d(?:eg(?:rees?)?)?\.? ?(\d+(?:[.,]\d+)?) ?m(?:in(?:utes?)?)?(?![a-z])\.?"
    r"(?: ?(\d+(?:[.,]\d+)?) ?s(?:ec(?:onds?)?)?(?![a-z])\.?)?"
)
_DEGREE_WORD = re.compile(r"(?<=\d) ?(?:(?i:deg(?:rees?)?|град|гр)|d)(?![^\W\d_])\.?")
_MINUTE_WORD = re.compile(r"(?<=\d) ?(?:min(?:utes?)?|мин)(?![^\W\d_])\.?", re.IGNORECASE)
_SECOND_WORD = re.compile(r"(?<=\d) ?(?:sec(?:onds?)?|сек)(?![^\W\d_])\.?", re.IGNORECASE)
_WORDED = re.compile(r"\d ?[domsгмс]", re.IGNORECASE)
_DOTTED = re.compile(r"(?<![\d.,])(\d{1,3})\.(\d{2})\.(\d{2}(?:[.,]\d+)?)(?![\d.])")
_SMALL_O = re.compile(r"(?<=\d)o(?= ?\d)")


def folded(text: str) -> str:
    r"""Give a text with one sign for each thing.

    Raises
    ------
    SchemaError
        When it is empty, or longer than any position.

    Examples
    --------
    >>> folded("３９º 59′ 51,5″ N")
    '39° 59\' 51,5" N'
    >>> folded("−٣٩")
    '-39'
    """
    if len(text) > LONGEST:
        raise SchemaError(
            f"a text of {len(text):,} characters, {text[:30]!r} …", f"a position of at most {LONGEST}", "cut it down"
        )
    plain = text if text.isascii() else "".join(map(_one, unicodedata.normalize("NFC", text).translate(_SIGNS)))
    plain = plain.translate(_ASCII_SIGNS)
    plain = re.sub(r" +", " ", plain.replace("''", '"')).strip(" ;")
    if not plain:
        raise SchemaError("an empty text", "a position", 'e.g. "N39°59\'51.5\\" E46°55\'02\\""')
    return plain


def marked(plain: str) -> str:
    r"""Give a folded text with marks for the words of degrees, minutes and seconds.

    For angles only: 43SEC is a square of MGRS, and 52DEG another.

    Examples
    --------
    >>> marked("39d59m51.5s"), marked("39.59.51,5")
    ('39°59\'51.5"', '39:59:51,5')
    """
    plain = _DOTTED.sub(r"\1:\2:\3", plain)
    if not _WORDED.search(plain):
        return plain
    plain = _LETTERED.sub(_with_marks, plain)
    plain = _SMALL_O.sub("°", plain)
    for word, mark in ((_DEGREE_WORD, "°"), (_MINUTE_WORD, "'"), (_SECOND_WORD, '"')):
        plain = word.sub(mark, plain)
    return plain


def _one(sign: str) -> str:
    if sign.isascii():
        return sign
    if unicodedata.category(sign) == "Nd":
        return str(unicodedata.decimal(sign))
    if "\uff01" <= sign <= "\uff5e":  # full-width Latin
        return chr(ord(sign) - 0xFEE0)
    return sign


def _with_marks(found: re.Match[str]) -> str:
    minutes, seconds = found.groups()
    return f"°{minutes}'" + (f'{seconds}"' if seconds else "")
