"""From bytes to text, in an encoding that is stated or proven, never guessed; and text that was once read wrongly.

UTF-8 proves itself, a byte order mark states UTF-16; all else must be said with --encoding, and the message shows how
one line reads in the likely ones, for the eye. Knows encodings; knows nothing of tables or formats.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from hazardmap.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

#: The encodings that are met in mine action, and whose letters they hold.
LIKELY = {
    "cp1251": "Cyrillic",
    "cp1254": "Turkish",
    "cp1250": "Bosnian, Croatian, Serbian in Latin letters",
    "cp1252": "Western",
    "cp866": "Cyrillic, DOS",
}
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WIDTH = 30
#: Runs of letters that no language writes: what Cyrillic bytes look like when they are taken for Western ones.
_WESTERN = re.compile("[À-ÖØ-öø-ÿ¨¸]{4,}")
#: What UTF-8 looks like when each byte is taken for a letter: a leading byte, and then one that only continues.
_DOUBLED = re.compile(
    "(?:[ÃÄÅÐÑ][\u0080-¿ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™ЂЃ‚ѓђ]|[РСГДЕЖ][^\\w\\s.,;:!?()]|[РС][ЂЃѓЉЊЌЋЏђљњќћџЎўЈҐЁЄЇІіґёєјЅѕї])+"
)


def decoded(data: bytes, name: str, encoding: str | None) -> str:
    r"""Decode the text of a file.

    Parameters
    ----------
    data, name
        Its bytes; its name, for messages.
    encoding
        As stated, or None: UTF-8, or UTF-16 with a byte order mark.

    Raises
    ------
    FileError
        When no such encoding is known, the bytes are none of it, or the text reads as if it were another one.

    Examples
    --------
    >>> decoded(b"\xef\xbb\xbfid,name", "a.csv", None), decoded("Füzuli".encode("cp1254"), "a.csv", "cp1254")
    ('id,name', 'Füzuli')
    >>> decoded("id\nМинное поле".encode("cp1251"), "a.csv", None)
    Traceback (most recent call last):
    ...
    hazardmap.errors.FileError: a.csv is not UTF-8 text (byte 3); its line 2 would read 'Минное поле' in cp1251, ...
    """
    marked = next((codec for mark, codec in _MARKS if data.startswith(mark)), None)
    codec = marked or "utf-8" if encoding is None else encoding
    if encoding is not None and marked == "utf-8-sig" and known(encoding) == "utf-8":
        codec = marked
    known(codec)
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        raise FileError(
            f"{name} is not {encoding or codec.upper()} text (byte {error.start:,}){_readings(data, error.start)}",
            "text whose encoding is stated; the line that reads right tells which it is",
            "add --encoding, e.g. --encoding cp1251 (Cyrillic) or cp1254 (Turkish)",
        ) from None
    except UnicodeError:
        raise FileError(f"{name} is not {codec} text", "the encoding of its text", "correct --encoding") from None
    if encoding is not None and known(encoding) not in {"utf-8", "utf-16"}:
        refuse_wrong(text.splitlines(), name, encoding)
    return text.removeprefix("\ufeff")


def known(encoding: str) -> str:
    """Give the name by which Python knows an encoding of text.

    Raises
    ------
    FileError
        When there is none.

    Examples
    --------
    >>> known("windows-1251"), known("UTF8")
    ('cp1251', 'utf-8')
    """
    try:
        b"".decode(encoding)
        return codecs.lookup(encoding).name
    except (LookupError, UnicodeError, ValueError):
        raise FileError(f"no encoding is named {encoding!r}", "an encoding", "e.g. --encoding cp1251") from None


def _readings(data: bytes, at: int) -> str:
    start = max(data.rfind(b"\n", 0, at), data.rfind(b"\r", 0, at)) + 1
    line = re.split(rb"[\r\n\x00]", data[max(start, at - 12) : at + 2 * _WIDTH].lstrip(b"\r\n"), maxsplit=1)[0]
    shown, number = readings(line), data.count(b"\n", 0, at) + 1
    return f"; its line {number:,} would read {shown}" if shown else ""


def readings(line: bytes) -> str:
    """Show how bytes read in the likely encodings, for the eye; "" when in none.

    Examples
    --------
    >>> readings("Минное".encode("cp1251")).partition(", ")[0]
    "'Минное' in cp1251"
    """
    told: dict[str, list[str]] = {}
    for codec in LIKELY:
        try:
            shown = line.decode(codec)
        except UnicodeDecodeError:
            continue
        shown = "".join(c if c.isprintable() else "?" for c in shown)[:_WIDTH]
        told.setdefault(shown, []).append(codec)
    return ", ".join(f"{t!r} in {' or '.join(c)}" for t, c in told.items())


def mended(text: str) -> tuple[str, str] | None:
    """Tell how a text probably read before it was taken for another encoding; None when nothing speaks for that.

    Returns
    -------
    The text as it should read, and the encoding in which it should have been read.

    Examples
    --------
    >>> mended("Ìèííîå ïîëå"), mended("РњРёРЅРЅРѕРµ"), mended("AÄŸdam")
    (('Минное поле', 'cp1251'), ('Минное', 'UTF-8'), ('Ağdam', 'UTF-8'))
    >>> mended("Füzuli"), mended("Créée à Čačak"), mended("Минное поле"), mended("Ağdam")
    (None, None, None, None)
    """
    if text.isascii():
        return None
    if _DOUBLED.search(text):
        for codec in ("cp1252", "cp1254", "cp1251", "latin-1"):
            try:
                meant = text.encode(codec).decode("utf-8")
            except UnicodeError:
                continue
            if len(meant) < len(text) and meant.isprintable():
                return meant, "UTF-8"
    if _WESTERN.search(text):
        try:
            meant = text.encode("cp1252").decode("cp1251")
        except UnicodeError:
            return None
        if all("А" <= c <= "я" or c in "Ёё" for c in meant if ord(c) > 127 and c.isalpha()):
            return meant, "cp1251"
    return None


def doubts(cells: pd.DataFrame) -> tuple[str, ...]:
    """Tell, as notes, of cells that look as if their text was once read in a wrong encoding; they are kept as they are.

    Examples
    --------
    >>> import pandas as pd
    >>> doubts(pd.DataFrame({"name": ["Ìèííîå ïîëå", "Füzuli", None]}))
    ("1 text looks read in a wrong encoding before it came here, e.g. 'Ìèííîå ïîëå' for 'Минное поле'; ...)
    """
    texts = sorted({v for c in cells for v in cells[c] if type(v) is str and not v.isascii()})
    found = [(t, m[0]) for t in texts if (m := mended(t)) is not None]
    if not found:
        return ()
    shown, meant = (t[:_WIDTH] for t in found[0])
    count = "1 text looks" if len(found) == 1 else f"{len(found):,} different texts look"
    told = f"{count} read in a wrong encoding before it came here, e.g. {shown!r} for {meant!r}"
    return (f"{told}; kept as it is: ask for the file again",)


def refuse_wrong(texts: Iterable[str], name: str, encoding: str) -> None:
    """Refuse texts that read, in the encoding stated, as those of another one look.

    Raises
    ------
    FileError
        With one of them, and how it would read.
    """
    for text in texts:
        if (found := mended(text)) is not None:
            where = _WESTERN.search(text) or _DOUBLED.search(text)
            start = where.start() if where else 0
            shown, meant = text[start : start + _WIDTH], (mended(text[start : start + _WIDTH]) or found)[0][:_WIDTH]
            raise FileError(
                f"{name} read as {encoding} holds {shown!r}, which is {meant!r} in {found[1]}",
                "the encoding in which its text was written",
                f"--encoding {found[1].lower()}",
            )
