"""Degrees, in any common writing: decimal, with minutes, with seconds; letters before or after; point or comma.

Everything that the signs of a text can mean is gone through, and what is impossible (minutes of 60, a latitude of 91°, two
latitudes) falls away. One meaning left is an answer; several are an ambiguity for the reader to settle. Knows angles;
knows nothing of datums.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from hazardmap.errors import CrsError, HazardmapError, SchemaError
from hazardmap.intake.coordinates.hemispheres import Side, key, known, sides
from hazardmap.intake.coordinates.position import Reading

_TOKEN = r"""(?P<number>\d+(?:{mark}\d+)?)|(?P<degree>°)|(?P<minute>')|(?P<second>")|(?P<colon>:)|(?P<plus>\+)|(?P<dash>-)
|(?P<word>[^\W\d_]+(?:\.\ ?[^\W\d_]+)*\.?)|(?P<part>[,;/|&])|(?P<blank>[ ()\[\]=_]+)"""
_SCANNERS = {mark: re.compile(_TOKEN.format(mark=re.escape(mark)), re.VERBOSE) for mark in ".,"}
_SMALL_S = re.compile(r"'\s?\d+(?:[.,]\d+)?\s?s\b")
_POWER = re.compile(r"\d[eE][+-]?\d")
_TWO_WHOLE = re.compile(r"[-+]?\d+,\d+")
_FORMS = {1: "decimal degrees", 2: "degrees and minutes", 3: "degrees, minutes, seconds"}
_MOST_TOKENS = 40


class Token(NamedTuple):
    """A sign of the text: its kind, its letters, and whether a blank or the end stands before and behind it."""

    kind: str
    text: str
    loose_before: bool
    loose_after: bool


@dataclass(frozen=True, slots=True)
class Angle:
    """A value without its axis: degrees, the step of its last digit, sign, the words at it, parts and marks."""

    value: float
    step: float
    sign: str
    words: tuple[str, ...]
    parts: int
    marked: bool
    text: str


class _Impossible(Exception):  # noqa: N818  no fault of the data yet: another meaning may hold
    """This meaning falls away, for a reason worth telling."""

    def __init__(self, found: str, needed: str) -> None:
        super().__init__(found)
        self.found, self.needed = found, needed


def pair(
    text: str, datum: str, *, order: str | None, decimal: str | None, language: str | None
) -> list[Reading]:
    """Give every meaning of a text that holds latitude and longitude.

    Parameters
    ----------
    text
        Folded, without datum.
    datum
        Its geographic CRS.
    order
        ``"lat lon"`` or ``"lon lat"``, for values that no letter names.
    decimal, language
        As in `hemispheres` and `numerals`.

    Raises
    ------
    HazardmapError
        When no meaning holds; it tells the reason that came closest.

    Examples
    --------
    >>> [(r.x, r.y) for r in pair("39.5 46.25", "EPSG:4326", order=None, decimal=None, language=None)]
    [(46.25, 39.5), (39.5, 46.25)]
    >>> pair("39°61' N 46° E", "EPSG:4326", order=None, decimal=None, language=None)
    Traceback (most recent call last):
    hazardmap.errors.SchemaError: "39°61' N 46° E": 61 minutes – needed: minutes and seconds below 60 – do: correct the text
    """
    _refuse_unclear(text)
    found: list[Reading] = []
    reasons: list[_Impossible] = []
    marks = (decimal,) if decimal else (".", ",") if "," in text else (".",)
    for mark in marks:
        try:
            tokens = scanned(text, mark)
        except _Impossible as no:
            reasons.append(no)
            continue
        for left, right in _halves(tokens):
            try:
                one, other = _angle(left), _angle(right)
                found += _read(one, other, datum, (order, None), language, mark)
            except _Impossible as no:
                reasons.append(no)
    if not found:
        raise _fault(text, reasons)
    if decimal is None and _comma_twice(text):
        told = f"read with decimal commas it is {found[0].y:.10g} and {found[0].x:.10g} or the other way round"
        raise SchemaError(f"{text!r}: a comma between values and in them ({told})", "one meaning for a sign", 'state decimal=","')
    if decimal is None and _TWO_WHOLE.fullmatch(text):
        raise SchemaError(
            f"{text!r} may be two values, or one with a decimal comma",
            "latitude and longitude",
            'write both, or state decimal="."',
        )
    return found


def crossing(
    x: str, y: str, datum: str, *, decimal: str | None, language: str | None
) -> list[Reading]:
    """Give every meaning of a longitude and a latitude that stand in columns of their own.

    Raises
    ------
    HazardmapError
        When no meaning holds, or a letter contradicts the column.

    Examples
    --------
    >>> [(r.x, r.y) for r in crossing("46°15' E", "39,5", "EPSG:4326", decimal=None, language=None)]
    [(46.25, 39.5)]
    """
    found: list[Reading] = []
    reasons: list[_Impossible] = []
    for text in (x, y):
        _refuse_unclear(text)
    for mark_x in (decimal,) if decimal else ("." if "," not in x else ","):
        for mark_y in (decimal,) if decimal else ("." if "," not in y else ","):
            try:
                one, other = (_angle(scanned(t, m)) for t, m in ((x, mark_x), (y, mark_y)))
                found += _read(one, other, datum, ("lon lat", "column"), language, "")
            except _Impossible as no:
                reasons.append(no)
    if not found:
        raise _fault(f"{x} | {y}", reasons)
    return found


def _refuse_unclear(text: str) -> None:
    if _POWER.search(text):
        raise SchemaError(
            f"{text!r}: a number in powers of ten", "all digits; a spreadsheet cut them", "export the column as text again"
        )
    if _SMALL_S.search(text):
        raise SchemaError(f"{text!r}: s may mean seconds or south", "one meaning", 'write " for seconds, S for south')


def scanned(text: str, mark: str) -> list[Token]:
    """Cut a text into its signs, numbers being read with this decimal mark."""
    tokens: list[Token] = []
    at, scanner = 0, _SCANNERS[mark]
    while at < len(text):
        found = scanner.match(text, at)
        if found is None:
            raise _Impossible(f"the sign {text[at]!r}", "degrees, UTM or MGRS")
        kind, end = str(found.lastgroup), found.end()
        if kind != "blank":
            loose = at == 0 or text[at - 1] == " ", end == len(text) or text[end] == " "
            tokens.append(Token(kind, found.group(), *loose))
            if kind == "word" and not known(key(found.group())):
                raise _Impossible(f"the word {found.group()!r}", "letters that name a side, e.g. N, E, с.ш., Şq")
        at = end
    if len(tokens) > _MOST_TOKENS:
        raise _Impossible(f"{len(tokens)} numbers and signs", "one latitude and one longitude")
    while tokens and tokens[-1].kind == "part":
        tokens.pop()
    return tokens


def _halves(tokens: list[Token]) -> list[tuple[list[Token], list[Token]]]:
    """Give the ways in which tokens part into two values."""
    parts = [i for i, t in enumerate(tokens) if t.kind == "part"]
    if len(parts) > 1:
        raise_at = "several commas or semicolons"
        return [([Token("bad", raise_at, loose_before=True, loose_after=True)], [])]
    if parts:
        return [(tokens[: parts[0]], tokens[parts[0] + 1 :])]
    ways = []
    signed = bool(tokens) and tokens[0].kind in {"plus", "dash"}
    for i in range(1, len(tokens)):
        ways.append((tokens[:i], tokens[i:]))
        tight = not (tokens[i].loose_before or tokens[i].loose_after)
        if tokens[i].kind == "dash" and not (signed and tight):
            ways.append((tokens[:i], tokens[i + 1 :]))
    return ways


def _angle(tokens: list[Token]) -> Angle:
    """Read one value; words stand at its ends."""
    if tokens and tokens[0].kind == "bad":
        raise _Impossible(tokens[0].text, "one latitude and one longitude")
    inner, words = list(tokens), []
    while inner and inner[0].kind == "word":
        words.append(key(inner.pop(0).text))
        if inner and inner[0].kind == "colon":
            inner.pop(0)
    while inner and inner[-1].kind == "word":
        words.append(key(inner.pop().text))
    sign = ""
    if inner and inner[0].kind in {"plus", "dash"}:
        sign = "+" if inner.pop(0).kind == "plus" else "-"
    parts: list[str] = []
    marked = False
    style = {t.kind for t in inner if t.kind in {"colon", "dash"}}
    expect_number = True
    for token in inner:
        if token.kind == "number" and (expect_number or not style):
            parts.append(token.text)
            expect_number = False
        elif token.kind in {"degree", "minute", "second"} and not expect_number:
            if ("degree", "minute", "second").index(token.kind) != len(parts) - 1:
                raise _Impossible(f"the mark {token.text} behind number {len(parts)}", "degrees, minutes, seconds in turn")
            marked = expect_number = True
        elif token.kind in style and not expect_number and len(style) == 1 and not (token.loose_before and token.loose_after):
            expect_number = True
        else:
            raise _Impossible(f"{_joined(tokens)!r}", "degrees, then minutes, then seconds")
        if token.kind in {"degree", "minute", "second"} and style:
            raise _Impossible(f"{_joined(tokens)!r}", "one way to part degrees, minutes and seconds")
    if style and expect_number:
        raise _Impossible(f"{_joined(tokens)!r}", "a number behind each colon or dash")
    if not 1 <= len(parts) <= 3:
        raise _Impossible(f"{len(parts)} numbers in {_joined(tokens)!r}", "one to three numbers for each value")
    value, step = _value(parts, _joined(tokens))
    return Angle(value, step, sign, tuple(words), len(parts), marked, _joined(tokens))


def _joined(tokens: list[Token]) -> str:
    return " ".join(t.text for t in tokens)


def _value(parts: list[str], said: str) -> tuple[float, float]:
    if any(not p.isdecimal() for p in parts[:-1]):
        raise _Impossible(f"decimals before the last number of {said!r}", "decimals in the last number only")
    if any(len(p) > 25 for p in parts):
        raise _Impossible(f"a number of {max(map(len, parts))} digits", "a number of degrees")
    decimals = len(parts[-1].replace(",", ".").partition(".")[2])
    total, unit = 0.0, 1.0
    for place, part in enumerate(parts):
        number = float(part.replace(",", "."))
        if place and number >= 60:
            raise _Impossible(f"{part} {'minutes' if place == 1 else 'seconds'}", "minutes and seconds below 60")
        total += number / unit
        unit *= 60
    return total, 60.0 ** (1 - len(parts)) * 10.0**-decimals


def _read(
    one: Angle, other: Angle, datum: str, order: tuple[str | None, str | None], language: str | None, mark: str
) -> list[Reading]:
    """Give the readings of two values: which is the latitude, and on which side."""
    if one.parts != other.parts and not (one.marked or one.words) and not (other.marked or other.words):
        raise _Impossible(f"{one.parts} and {other.parts} numbers", "as many numbers for one value as for the other")
    meanings = sides(one.words, other.words, language)
    if not meanings:
        said = ", ".join((*one.words, *other.words))
        raise _Impossible(f"the letters {said}", "letters of one language for both values")
    found: list[Reading] = []
    last: _Impossible | None = None
    for first, second, spoken in meanings:
        for axes, ordered in _axes(first, second, order):
            try:
                found.append(_placed(one, other, (first, second), axes, datum, (ordered, spoken, mark)))
            except _Impossible as no:
                last = no
    if not found and last is not None:
        raise last
    return found


def _axes(
    first: Side, second: Side, order: tuple[str | None, str | None]
) -> list[tuple[tuple[str, str], str]]:
    """Give the axes that two values can have, with the order that was taken where nothing says it."""
    asked, column = order
    if first[0] and first[0] == second[0]:
        raise _Impossible(
            "two latitudes" if first[0] == "lat" else "two longitudes", "one latitude and one longitude"
        )
    if first[0] or second[0]:
        said = (first[0] or ("lon" if second[0] == "lat" else "lat"), second[0] or ("lon" if first[0] == "lat" else "lat"))
        if column and said != ("lon", "lat"):
            raise _Impossible("a latitude in the column of longitudes", "longitude in x, latitude in y")
        return [(said, "")]
    orders = (asked,) if asked else ("lat lon", "lon lat")
    return [((a, b), o) for o in orders for a, b in [o.split()]]


def _placed(
    one: Angle, other: Angle, letters: tuple[Side, Side], axes: tuple[str, str], datum: str, how: tuple[str, str, str]
) -> Reading:
    values: dict[str, tuple[float, float]] = {}
    for angle, side, axis in zip((one, other), letters, axes, strict=True):
        limit, name = (90.0, "latitude") if axis == "lat" else (180.0, "longitude")
        if side[1] and (angle.sign == "-" or (angle.sign == "+" and side[1] < 0)):
            raise _Impossible(f"{angle.text!r}: a sign and a letter", "one or the other")
        if angle.value > limit:
            raise _Impossible(f"{name} {angle.value:.10g}{_packed(angle, limit)}", f"{name} within ±{limit:g}°")
        values[axis] = (angle.value * (side[1] or 1) * (-1 if angle.sign == "-" else 1), angle.step)
    forms = sorted({one.parts, other.parts})
    dash = "sign" if "-" in {one.sign, other.sign} else ""
    choices = (("order", how[0]), ("decimal", how[2]), ("language", how[1]), ("minus", dash))
    return Reading(
        _FORMS[forms[-1]], datum, "", values["lon"][0], values["lat"][0], values["lon"][1], values["lat"][1], choices
    )


def packed(text: str) -> str:
    """Tell what two numbers without marks may mean as angles; ``""`` for nothing.

    Examples
    --------
    >>> print(packed("394530 465500"))
     (packed digits: 39°45'30" or 39.4530°, 34 km apart along a meridian)
    """
    found = re.findall(r"(?<![\d.,])\d{4,7}(?:\.\d+)?(?![\d.,])", text)
    told = [_packed(Angle(0.0, 0.0, "", (), 1, marked=False, text=n), 180.0) for n in found]
    return told[0] if len(told) == 2 and all(told) else ""


def _packed(angle: Angle, limit: float) -> str:
    """Tell what digits without a point, or degrees and minutes in one number, may mean."""
    digits = "".join(c for c in angle.text if c.isdecimal() or c in ".,")
    whole, _, rest = digits.replace(",", ".").partition(".")
    if angle.parts != 1 or not 4 <= len(whole) <= 7:
        return ""
    tail = f".{rest}" if rest else ""
    told = []
    if len(whole) >= 5 and int(whole[-4:-2]) < 60 and int(whole[-2:]) < 60 and int(whole[:-4]) <= limit:
        told.append((f"{int(whole[:-4])}°{whole[-4:-2]}'{whole[-2:]}{tail}\"", int(whole[:-4]) + int(whole[-4:-2]) / 60 + float(whole[-2:] + (tail or ".0")) / 3600))
    if len(whole) <= 5 and int(whole[-2:]) < 60 and int(whole[:-2]) <= limit:
        told.append((f"{int(whole[:-2])}°{whole[-2:]}{tail}'", int(whole[:-2]) + float(whole[-2:] + (tail or ".0")) / 60))
    if not rest and len(whole) >= 5:
        lead = 3 if int(whole[:3]) <= limit and (whole[0] == "0" or len(whole) == 7) else 2
        told.append((f"{whole[:lead]}.{whole[lead:]}°", float(f"{whole[:lead]}.{whole[lead:]}")))
    if not told:
        return ""
    apart = f", {abs(told[0][1] - told[1][1]) * 111.2:,.3g} km apart along a meridian" if len(told) > 1 else ""
    return f" (packed digits: {' or '.join(t for t, _ in told)}{apart})"


def _fault(text: str, reasons: list[_Impossible]) -> HazardmapError:
    """Give the reason that tells most: a value out of its range before a sign that is not understood."""
    ranks = ("minutes and seconds below", "latitude within", "longitude within", "one or the other", "one latitude", "letters")
    rank = {r: next((n for n, start in enumerate(ranks) if r.needed.startswith(start)), len(ranks)) for r in reasons}
    if not reasons:
        return SchemaError(f"{text!r}: a single value", "latitude and longitude", "write both")
    best = min(reasons, key=lambda r: rank[r])
    kind = CrsError if " within ±" in best.needed else SchemaError
    return kind(f"{text!r}: {best.found}", best.needed, "correct the text")


def _comma_twice(text: str) -> bool:
    """Tell whether commas both part the values and their decimals, with no blank to tell them apart."""
    return re.fullmatch(r"[-+]?\d+,\d+,[-+]?\d+,\d+", text) is not None
