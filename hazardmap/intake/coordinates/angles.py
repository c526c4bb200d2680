"""Degrees, in any common writing: decimal, with minutes, with seconds; letters before or after; point or comma.

Everything that the signs of a text can mean is gone through, and what is impossible (minutes of 60, a latitude of 91°,
two latitudes) falls away. One meaning left is an answer; several are an ambiguity for the reader to settle. Knows
angles; knows nothing of datums.
"""

from __future__ import annotations

import functools
import itertools
import re
from typing import NamedTuple

from hazardmap.errors import CrsError, HazardmapError, SchemaError
from hazardmap.intake.coordinates.hemispheres import Side, key, known, sides
from hazardmap.intake.coordinates.position import Reading

_SIGN = r"""(?P<number>\d+(?:{mark}\d+)?)
|(?P<degree>°)|(?P<minute>')|(?P<second>")|(?P<colon>:)|(?P<plus>\+)|(?P<dash>-)
|(?P<word>[^\W\d_]+(?:\.\ ?[^\W\d_]+)*\.?)|(?P<part>[,;/|&])|(?P<blank>[ ()\[\]=_]+)"""
_SCANNERS = {mark: re.compile(_SIGN.format(mark=re.escape(mark)), re.VERBOSE) for mark in ".,"}
_SMALL_S = re.compile(r"'\s?\d+(?:[.,]\d+)?\s?s\b")
_TWO_WHOLE = re.compile(r"[-+]?\d+,\d+")
_FORMS = {1: "decimal degrees", 2: "degrees and minutes", 3: "degrees, minutes, seconds"}
_RUN = re.compile(r"\d+")
_MARKS = ("degree", "minute", "second")
_MOST_TOKENS = 40
_MOST_DIGITS = 25


class Token(NamedTuple):
    """A sign of the text: its kind, its letters, and whether a blank or the end stands before and behind it."""

    kind: str
    text: str
    loose_before: bool
    loose_after: bool


class Angle(NamedTuple):
    """A value without its axis: its sign, the words at it, marks, and its numbers in turn.

    A number is the places of its digits among all runs of digits of the text: whole, fraction (−1: none).
    """

    sign: str
    words: tuple[str, ...]
    marked: bool
    parts: tuple[tuple[int, int], ...]


class _Impossible(Exception):  # noqa: N818  no fault of the data yet: another meaning may hold
    """Say that one meaning falls away, for a reason worth telling."""

    def __init__(self, found: str, needed: str) -> None:
        super().__init__(found)
        self.found, self.needed = found, needed


def pair(text: str, datum: str, *, order: str | None, decimal: str | None, language: str | None) -> list[Reading]:
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
    hazardmap.errors.SchemaError: "39°61' N 46° E": 61 minutes – needed: minutes and seconds below 60 – do: ...
    """
    shape, digits = _RUN.sub("0", text), _RUN.findall(text)
    _refuse_unclear(shape, text)
    found: list[Reading] = []
    reasons: list[_Impossible] = []
    for mark in (decimal,) if decimal else (".", ",") if "," in text else (".",):
        for one, other in _ways(shape, mark)[0]:
            try:
                found += _read(one, other, digits, datum, (order, None), language, mark)
            except _Impossible as no:
                reasons.append(no)
    if not found:
        for mark in (decimal,) if decimal else (".", ",") if "," in text else (".",):
            reasons += _ways.__wrapped__(text, mark)[1]  # the same again, for words that quote its own digits
        raise _fault(text, reasons)
    if decimal is None and _comma_twice(text):
        told = f"read with decimal commas it is {found[0].y:.10g} and {found[0].x:.10g} or the other way round"
        raise SchemaError(
            f"{text!r}: a comma between values and in them ({told})", "one meaning for a sign", 'state decimal=","'
        )
    if decimal is None and _TWO_WHOLE.fullmatch(text):
        raise SchemaError(
            f"{text!r} may be two values, or one with a decimal comma",
            "latitude and longitude",
            'write both, or state decimal="."',
        )
    return found


def crossing(x: str, y: str, datum: str, *, decimal: str | None, language: str | None) -> list[Reading]:
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
        _refuse_unclear(text, text)
    try:
        one, other = (_angle(scanned(t, decimal or ("," if "," in t else "."))) for t in (x, y))
        runs = _RUN.findall(x)
        other = other._replace(parts=tuple((w + len(runs), f + len(runs) if f >= 0 else f) for w, f in other.parts))
        found += _read(one, other, [*runs, *_RUN.findall(y)], datum, ("lon lat", "column"), language, "")
    except _Impossible as no:
        reasons.append(no)
    if not found:
        raise _fault(f"{x} | {y}", reasons)
    return found


def _refuse_unclear(shape: str, text: str) -> None:
    if _SMALL_S.search(shape):
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


@functools.lru_cache(maxsize=4096)
def _ways(shape: str, mark: str) -> tuple[tuple[tuple[Angle, Angle], ...], list[_Impossible]]:
    """Give the ways in which a text falls into two values, and why others do not; the digits themselves do not matter.

    A column has a hundred thousand texts and a handful of shapes.
    """
    ways: list[tuple[Angle, Angle]] = []
    reasons: list[_Impossible] = []
    try:
        tokens = scanned(shape, mark)
    except _Impossible as no:
        return (), [no]
    first = list(itertools.accumulate((len(_RUN.findall(t.text)) for t in tokens), initial=0))
    for left, right, start in _halves(tokens):
        try:
            one, other = _angle(left), _angle(right)
        except _Impossible as no:
            reasons.append(no)
        else:
            shift = first[start]
            parts = tuple((w + shift, f + shift if f >= 0 else f) for w, f in other.parts)
            ways.append((one, other._replace(parts=parts)))
    return tuple(ways), reasons


def _halves(tokens: list[Token]) -> list[tuple[list[Token], list[Token], int]]:
    """Give the ways in which tokens part into two values, with the place where the second begins."""
    parts = [i for i, t in enumerate(tokens) if t.kind == "part"]
    if parts:
        return [(tokens[: parts[0]], tokens[parts[0] + 1 :], parts[0])]
    ways = []
    signed = bool(tokens) and tokens[0].kind in {"plus", "dash"}
    for i in range(1, len(tokens)):
        ways.append((tokens[:i], tokens[i:], i))
        before, behind = tokens[i].loose_before, tokens[i].loose_after
        is_sign = not behind and (before or signed)  # "12.5 -70.2" and "-12.5-70.2": nobody parts values so
        if tokens[i].kind == "dash" and not is_sign:
            ways.append((tokens[:i], tokens[i + 1 :], i))
    return ways


def _angle(tokens: list[Token]) -> Angle:
    """Read one value; words stand at its ends."""
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
    parts = _numbers(inner, _joined(tokens))
    if not 1 <= len(parts) <= 3:
        raise _Impossible(f"{len(parts)} numbers in {_joined(tokens)!r}", "one to three numbers for each value")
    if any(not p.isdecimal() for p in parts[:-1]):
        raise _Impossible(f"decimals before the last number of {_joined(tokens)!r}", "decimals in the last number only")
    fraction = -1 if parts[-1].isdecimal() else len(parts)
    places = tuple((i, fraction if i == len(parts) - 1 else -1) for i in range(len(parts)))
    return Angle(sign, tuple(words), any(t.kind in _MARKS for t in inner), places)


def _numbers(tokens: list[Token], said: str) -> list[str]:
    """Give the numbers of one value: with marks behind them, or parted by blanks, by colons or by dashes."""
    parts: list[str] = []
    style = {t.kind for t in tokens if t.kind in {"colon", "dash"}}
    if style and (len(style) > 1 or any(t.kind in _MARKS for t in tokens) or tokens[-1].kind in style):
        raise _Impossible(f"{said!r}", "one way to part degrees, minutes and seconds")
    complete = True  # what stands so far needs no number behind it
    for token in tokens:
        if token.kind == "number" and (complete or not style):
            parts.append(token.text)
            complete = False
        elif token.kind in _MARKS and not complete:
            if _MARKS.index(token.kind) != len(parts) - 1:
                raise _Impossible(
                    f"the mark {token.text} behind number {len(parts)}", "degrees, minutes, seconds in turn"
                )
            complete = True
        elif token.kind in style and not complete and not (token.loose_before and token.loose_after):
            complete = True
        else:
            raise _Impossible(f"{said!r}", "degrees, then minutes, then seconds")
    return parts


def _joined(tokens: list[Token]) -> str:
    return " ".join(t.text for t in tokens)


def _value(angle: Angle, digits: list[str]) -> tuple[float, float]:
    """Give degrees without sign, and the step of the last digit in degrees."""
    total, unit, fraction = 0.0, 1.0, ""
    for place, (whole, decimals) in enumerate(angle.parts):
        fraction = digits[decimals] if decimals >= 0 else ""
        if len(digits[whole]) + len(fraction) > _MOST_DIGITS:
            raise _Impossible(f"a number of {len(digits[whole]) + len(fraction)} digits", "degrees, minutes, seconds")
        number = float(f"{digits[whole]}.{fraction}")
        if place and number >= 60:
            said = f"{digits[whole]}{'.' if fraction else ''}{fraction} {'minutes' if place == 1 else 'seconds'}"
            raise _Impossible(said, "minutes and seconds below 60")
        total += number / unit
        unit *= 60
    return total, 60.0 / unit * 10.0 ** -len(fraction)


def _read(
    one: Angle,
    other: Angle,
    digits: list[str],
    datum: str,
    order: tuple[str | None, str | None],
    language: str | None,
    mark: str,
) -> list[Reading]:
    """Give the readings of two values: which is the latitude, and on which side."""
    counts = len(one.parts), len(other.parts)
    if counts[0] != counts[1] and not (one.marked or one.words or other.marked or other.words):
        raise _Impossible(f"{counts[0]} and {counts[1]} numbers", "as many numbers for one value as for the other")
    meanings = sides(one.words, other.words, language)
    if not meanings:
        said = ", ".join((*one.words, *other.words))
        raise _Impossible(f"the letters {said}", "letters of one language for both values")
    found: list[Reading] = []
    last: _Impossible | None = None
    values = _value(one, digits), _value(other, digits)
    for first, second, spoken in meanings:
        for axes, ordered in _axes(first, second, order):
            try:
                found.append(
                    _placed((one, other), values, (first, second), axes, digits, datum, (ordered, spoken, mark))
                )
            except _Impossible as no:
                last = no
    if not found and last is not None:
        raise last
    return found


def _axes(first: Side, second: Side, order: tuple[str | None, str | None]) -> list[tuple[tuple[str, str], str]]:
    """Give the axes that two values can have, with the order that was taken where nothing says it."""
    asked, column = order
    if first[0] and first[0] == second[0]:
        raise _Impossible("two latitudes" if first[0] == "lat" else "two longitudes", "one latitude and one longitude")
    if first[0] or second[0]:
        said = (
            first[0] or ("lon" if second[0] == "lat" else "lat"),
            second[0] or ("lon" if first[0] == "lat" else "lat"),
        )
        if column and said != ("lon", "lat"):
            raise _Impossible("a latitude in the column of longitudes", "longitude in x, latitude in y")
        return [(said, "")]
    orders = (asked,) if asked else ("lat lon", "lon lat")
    return [((a, b), o) for o in orders for a, b in [o.split()]]


def _placed(
    pair_of: tuple[Angle, Angle],
    values: tuple[tuple[float, float], tuple[float, float]],
    letters: tuple[Side, Side],
    axes: tuple[str, str],
    digits: list[str],
    datum: str,
    how: tuple[str, str, str],
) -> Reading:
    signed = []
    for angle, (value, _), side, axis in zip(pair_of, values, letters, axes, strict=True):
        limit, name = (90.0, "latitude") if axis == "lat" else (180.0, "longitude")
        if side[1] and (angle.sign == "-" or (angle.sign == "+" and side[1] < 0)):
            raise _Impossible(f"{angle.sign}{value:.10g} {angle.words[-1]}: a sign and a letter", "one or the other")
        if value > limit:
            raise _Impossible(f"{name} {value:.10g}{_packed(angle, digits, limit)}", f"{name} within ±{limit:g}°")
        signed.append(value * (side[1] or 1) * (-1 if angle.sign == "-" else 1))
    east = axes.index("lon")
    dash = "sign" if "-" in {pair_of[0].sign, pair_of[1].sign} else ""
    choices = (("order", how[0]), ("decimal", how[2]), ("language", how[1]), ("minus", dash))
    form = _FORMS[max(len(a.parts) for a in pair_of)]
    return Reading(form, datum, "", signed[east], signed[1 - east], values[east][1], values[1 - east][1], choices)


def packed(text: str) -> str:
    """Tell what two numbers without marks may mean as angles; ``""`` for nothing.

    Examples
    --------
    >>> print(packed("394530 465500"))
     (packed digits: 39°45'30" or 39.4530°, 34 km apart along a meridian)
    """
    found = re.findall(r"(?<![\d.,])\d{4,7}(?:\.\d+)?(?![\d.,])", text)
    told = [_told(n.partition(".")[0], n.partition(".")[2], 180.0) for n in found]
    return told[0] if len(told) == 2 and all(told) else ""


def _packed(angle: Angle, digits: list[str], limit: float) -> str:
    if len(angle.parts) != 1:
        return ""
    whole, fraction = angle.parts[0]
    return _told(digits[whole], digits[fraction] if fraction >= 0 else "", limit)


def _told(whole: str, rest: str, limit: float) -> str:
    """Tell what digits without a point, or degrees and minutes in one number, may mean."""
    if not 4 <= len(whole) <= 7:
        return ""
    tail = f".{rest}" if rest else ""
    told: list[tuple[str, float]] = []
    degrees, minutes, seconds = int(whole[:-4] or 0), int(whole[-4:-2]), int(whole[-2:])
    if len(whole) >= 5 and minutes < 60 and seconds < 60 and degrees <= limit:
        told.append((f"{degrees}°{minutes:02}'{seconds:02}{tail}\"", degrees + minutes / 60 + seconds / 3600))
    if len(whole) <= 5 and seconds < 60 and int(whole[:-2]) <= limit:
        told.append((f"{int(whole[:-2])}°{seconds:02}{tail}'", int(whole[:-2]) + seconds / 60))
    if told and not rest and len(whole) >= 5:
        lead = 3 if int(whole[:3]) <= limit and (whole[0] == "0" or len(whole) == 7) else 2
        told.append((f"{whole[:lead]}.{whole[lead:]}°", float(f"{whole[:lead]}.{whole[lead:]}")))
    if not told:
        return ""
    apart = f", {abs(told[0][1] - told[1][1]) * 111.2:,.3g} km apart along a meridian" if len(told) > 1 else ""
    return f" (packed digits: {' or '.join(t for t, _ in told)}{apart})"


def _fault(text: str, reasons: list[_Impossible]) -> HazardmapError:
    """Give the reason that tells most: a value out of its range before a sign that is not understood."""
    ranks = (
        "minutes and seconds below",
        "latitude within",
        "longitude within",
        "one or the other",
        "one latitude",
        "degrees, minutes, seconds",
        "decimals in",
        "letters that name",
        "longitude in x",
    )
    rank = {r: next((n for n, start in enumerate(ranks) if r.needed.startswith(start)), len(ranks)) for r in reasons}
    if not reasons or len(re.findall(r"\d+(?:[.,]\d+)?", text)) == 1:
        return SchemaError(f"{text!r}: a single value", "latitude and longitude", "write both")
    best = min(reasons, key=lambda r: rank[r])
    kind = CrsError if " within ±" in best.needed else SchemaError
    return kind(f"{text!r}: {best.found}", best.needed, "correct the text")


def _comma_twice(text: str) -> bool:
    """Tell whether commas both part the values and their decimals, with no blank to tell them apart."""
    return re.fullmatch(r"[-+]?\d+,\d+,[-+]?\d+,\d+", text) is not None
