"""Turning points of boundaries, numbered, and names for them that a hand-held receiver can show.

Knows rings and ids; knows no file.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hazardmap import measure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Letters that a name may have: older receivers show no more.
NAME_HOLDS = 14
_M_PER_DEG = 111_000.0
_ALONE = str.maketrans({"ə": "e", "Ə": "E", "ı": "i", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "o", "Ø": "O"})
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ",
        "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch . y . e yu ya i yi ye g".replace(
            ".", "-"
        ).split(),
        strict=True,
    )
)


def turning_points(rings: Array, *, degrees: bool = True) -> list[Array]:
    """Choose the vertices of rings at which the boundary turns: without the others no edge would move by over 1 cm.

    The others were put in when a long edge was divided, or where another record crosses it.

    Parameters
    ----------
    rings
        Closed rings, at least three corners each.
    degrees
        True for longitude and latitude, False for metres.

    Returns
    -------
    For each ring the places of its turning points among its vertices, from the first on, the closing one left out.

    Examples
    --------
    >>> import shapely
    >>> square = shapely.LinearRing([(47, 40), (47.0005, 40), (47.001, 40), (47.001, 40.001), (47, 40.001)])
    >>> [v.tolist() for v in turning_points(np.array([square]))]
    [[0, 2, 3, 4]]
    """
    if not len(rings):
        return []
    flat, tolerance = rings, measure.EDGE_TOLERANCE_M
    if degrees:
        south, north = shapely.total_bounds(rings)[[1, 3]]
        narrowing = np.cos(np.radians((south + north) / 2))
        flat = shapely.transform(rings, lambda xy: xy * [narrowing, 1.0])
        tolerance /= _M_PER_DEG
    kept = shapely.simplify(_open(flat), tolerance, preserve_topology=False)
    return [_places(whole, few) for whole, few in zip(flat, kept, strict=True)]


def _open(rings: Array) -> Array:
    """Give rings as lines that end where they begin: of rings the simplification could leave nothing."""
    xy, owner = shapely.get_coordinates(rings, return_index=True)
    return np.asarray(shapely.linestrings(xy, indices=owner))


def _places(whole: Any, few: Any) -> Array:
    """Find the vertices of a simplified line in the whole one; they come in the same order."""
    xy, left = shapely.get_coordinates(whole), shapely.get_coordinates(few)
    found, at = [], 0
    for place in left[:-1].tolist():
        while xy[at].tolist() != place:
            at += 1
        found.append(at)
        at += 1
    return np.array(found, dtype=np.int64)


def latin(text: str) -> str:
    """Write a text in capital Latin letters, digits and hyphens, as the screens of receivers have them.

    Examples
    --------
    >>> latin("Ağdərə-7/б"), latin("Ж-12"), latin("雷")
    ('AGDERE-7-B', 'ZH-12', '')
    """
    known = "".join(_CYRILLIC.get(c, c) for c in text.translate(_ALONE).lower())
    plain = unicodedata.normalize("NFKD", known).encode("ascii", "ignore").decode().upper()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())


def short_names(ids: Iterable[str], *, room: int, taken: set[str] | None = None) -> list[str]:
    """Give each id a short name of its own.

    Of a long id the end stays, where ids differ; what is still the same gets a number.

    Examples
    --------
    >>> short_names(["AZ-AGD-2024-00123", "AZ-AGD-2024-00124", "H-1", "H-1"], room=8)
    ['24-00123', '24-00124', 'H-1', 'H-1-2']
    """
    used = set() if taken is None else taken
    following: dict[str, int] = {}
    names = []
    for text in ids:
        stem = latin(text)[-room:].strip("-") or "X"
        name, number = stem, following.get(stem, 1)
        while name in used:
            number += 1
            end = f"-{number}"
            name = f"{stem[: max(room - len(end), 0)]}{end}"[-room:]
        following[stem] = number
        used.add(name)
        names.append(name)
    return names
