"""What a written number can mean: decimals, thousands, or either.

``12.345`` is twelve and a bit, or twelve thousand; nothing in it says which, so both are given and whoever knows the
range of the value decides. Knows digits; knows nothing of places.
"""

from __future__ import annotations

import functools
import math
import re
from decimal import Decimal
from typing import NamedTuple

#: A number with points or commas, as the scanners cut it out of a text.
WRITTEN = r"\d+(?:[.,]\d+)*"
_PLAIN = re.compile(r"(\d+)(?:([.,])(\d+))?")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*(?:([.,])(\d+))?")
_MOST_DIGITS = 40


class Number(NamedTuple):
    """A value, the step of its last digit, and the sign that parts its decimals (``""`` when either would do)."""

    value: float
    step: float
    decimal: str


@functools.lru_cache(maxsize=65536)
def numbers(text: str, decimal: str | None) -> tuple[Number, ...]:
    """Give what a number without sign can mean: none, one or two values.

    Parameters
    ----------
    text
        Digits with points and commas.
    decimal
        The sign that parts decimals, where it is known.

    Examples
    --------
    >>> [n.value for n in numbers("12.345", None)], [n.value for n in numbers("12.345", ".")]
    ([12.345, 12345.0], [12.345])
    >>> [n.value for n in numbers("4.430.000,5", None)], numbers("4.43,0.5", None)
    ([4430000.5], ())
    """
    if len(text) > _MOST_DIGITS:
        return ()
    found: list[Number] = []
    plain = _PLAIN.fullmatch(text)
    if plain and (plain[2] is None or decimal in {None, plain[2]}):
        found.append(_number(plain[1], plain[3] or "", plain[2] or ""))
    if plain and (plain[2] is None or len(plain[1]) > 3 or len(plain[3]) != 3):
        return tuple(n for n in found if math.isfinite(n.value))  # no thousands are written so
    grouped = _THOUSANDS.fullmatch(text)
    if grouped and grouped[1] != grouped[2]:
        mark = grouped[2] or ("," if grouped[1] == "." else ".")
        if decimal in {None, mark}:
            whole = text[: grouped.start(2)] if grouped[2] else text
            found.append(_number(whole.replace(grouped[1], ""), grouped[3] or "", mark))
    return tuple(n for n in found if math.isfinite(n.value))


def _number(whole: str, fraction: str, decimal: str) -> Number:
    return Number(float(f"{whole}.{fraction or 0}"), 10.0 ** -len(fraction), decimal)


def spelt(value: float) -> str:
    """Write a number of a numeric cell without powers of ten, with every digit that it has.

    Examples
    --------
    >>> spelt(46.9), spelt(1e-05), spelt(4430000.0)
    ('46.9', '0.00001', '4430000')
    """
    text = repr(float(value))
    return (format(Decimal(text), "f") if "e" in text else text).removesuffix(".0")
