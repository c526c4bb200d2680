"""Which datum a position is stated in: by the names that field offices write, or by any EPSG code.

A datum is stated, never guessed, and a name that several datums bear is a fault that tells them. Knows names; knows
nothing of the way to WGS 84.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import pyproj

from hazardmap.errors import CrsError

WGS_84 = "EPSG:4326"
PULKOVO_1942 = "EPSG:4284"
#: Datums whose maps have Gauss-Krüger grids.
GAUSS_KRUGER = frozenset({PULKOVO_1942, "EPSG:4200", "EPSG:4179", "EPSG:4178"})

_NAMES: dict[str, tuple[str, ...]] = {
    WGS_84: ("WGS 84", "WGS 1984", "World Geodetic System 1984", "МГС-84"),
    PULKOVO_1942: ("Pulkovo 1942", "Pulkovo 42", "SK-42", "CK-42", "СК-42", "Пулково 1942", "Пулково-42"),
    "EPSG:4200": ("Pulkovo 1995", "SK-95", "СК-95"),
    "EPSG:4179": ("Pulkovo 1942(58)",),
    "EPSG:4178": ("Pulkovo 1942(83)",),
    "EPSG:4740": ("PZ-90", "ПЗ-90"),
    "EPSG:4230": ("ED50", "European Datum 1950", "European 1950"),
    "EPSG:4258": ("ETRS89",),
    "EPSG:4267": ("NAD27",),
    "EPSG:4269": ("NAD83",),
    "EPSG:3906": ("MGI 1901", "Hermannskogel 1901"),
    "EPSG:4131": ("Indian 1960",),
    "EPSG:4240": ("Indian 1975",),
    "EPSG:4209": ("Arc 1950",),
    "EPSG:4210": ("Arc 1960",),
    "EPSG:4201": ("Adindan",),
    "EPSG:4218": ("Bogota 1975",),
    "EPSG:4686": ("MAGNA-SIRGAS",),
    "EPSG:4674": ("SIRGAS 2000",),
    "EPSG:4248": ("PSAD56",),
    "EPSG:4127": ("Tete",),
    "EPSG:4244": ("Kandawala",),
    "EPSG:4255": ("Herat North",),
    "EPSG:4270": ("Nahrwan 1967",),
    "EPSG:4743": ("Karbala 1979",),
    "EPSG:4204": ("Ain el Abd 1970",),
}
_SEVERAL = {
    "S42": "S-42 is Pulkovo 1942 (EPSG:4284), 1942(58) (EPSG:4179) or 1942(83) (EPSG:4178)",
    "MGI": "MGI is MGI 1901 of Yugoslavia (EPSG:3906) or MGI of Austria (EPSG:4312)",
    "PULKOVO": "Pulkovo is Pulkovo 1942 (EPSG:4284) or Pulkovo 1995 (EPSG:4200)",
}


def _key(name: str) -> str:
    return re.sub(r"[\s\-_]", "", name).upper()


_BY_NAME = {_key(name): code for code, names in _NAMES.items() for name in names}
_IN_TEXT = re.compile(
    r"(?<!\w)(?:"
    + "|".join(
        re.sub(r"\\?[ \-]", lambda _: r"[ \-]?", re.escape(name)) + r"(?![\w(])"
        for name in sorted((n for names in _NAMES.values() for n in names), key=len, reverse=True)
    )
    + r"|EPSG ?: ?\d{4,6}(?!\d))",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<!\w)EPSG ?: ?\d{4,6}(?!\d)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
#: A text that has none of these words names no datum; most have none, and the long search is saved.
_FIRST_WORDS = frozenset(_WORD.findall(n.upper())[0] for names in _NAMES.values() for n in names) | {"EPSG"}


@functools.lru_cache(maxsize=256)
def _named(name: str) -> str:
    key = _key(name)
    if key in _BY_NAME:
        return _BY_NAME[key]
    if key in _SEVERAL:
        raise CrsError(f"datum {name[:60]!r}: {_SEVERAL[key]}", "one datum", "state it by its EPSG code")
    if re.fullmatch(r"EPSG:\d{4,6}", key):
        crs = _crs(key)
        if crs.is_geographic:
            return key
        raise CrsError(f"datum {name[:60]!r} is {crs.name}, no datum", "a datum", f"state it as crs={key!r}")
    raise CrsError(
        f"datum {name[:60]!r} is not known here", "a datum by name or EPSG code", "e.g. WGS 84, SK-42, ED50, EPSG:4284"
    )


def datum_of(name: Any) -> str:
    """Give the geographic CRS of a datum by one of its names.

    Raises
    ------
    CrsError
        When the name is not known, or means several datums.

    Examples
    --------
    >>> datum_of("СК-42"), datum_of("wgs84"), datum_of("EPSG:4230")
    ('EPSG:4284', 'EPSG:4326', 'EPSG:4230')
    """
    return _named(str(name).strip())


@functools.lru_cache(maxsize=256)
def _crs(name: str) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(name)
    except (pyproj.exceptions.CRSError, UnicodeError):
        raise CrsError(f"CRS {name[:60]!r} is not known to PROJ", "a known CRS", "e.g. EPSG:28408") from None


def crs_of(said: Any) -> pyproj.CRS:
    """Give a CRS in degrees or on a map projection, by anything that PROJ knows.

    Raises
    ------
    CrsError
        When PROJ does not know it, or its coordinates are no two numbers on the ground.
    """
    crs = said if isinstance(said, pyproj.CRS) else _crs(f"EPSG:{said}" if str(said).isdecimal() else str(said).strip())
    if crs.is_geocentric or crs.is_compound or not (crs.is_geographic or crs.is_projected):
        raise CrsError(f"CRS {crs.name!r} ({crs.type_name})", "degrees or a map projection", "e.g. EPSG:28408")
    return crs


def code_of(crs: pyproj.CRS) -> str:
    """Give the shortest text from which PROJ makes the same CRS.

    Examples
    --------
    >>> code_of(pyproj.CRS(28408))
    'EPSG:28408'
    """
    authority = crs.to_authority(min_confidence=100)
    return ":".join(authority) if authority else str(crs.to_wkt())


def stated_in(text: str) -> tuple[str, tuple[str, ...]]:
    """Take the names of datums and CRSs out of a folded text.

    Examples
    --------
    >>> stated_in("N39.99 E46.92 (WGS-84)")
    ('N39.99 E46.92', ('WGS-84',))
    """
    words = _FIRST_WORDS.intersection(_WORD.findall(text.upper()))
    if not words:
        return text, ()
    names = _CODE if words == {"EPSG"} else _IN_TEXT
    found = tuple(m.group() for m in names.finditer(text))
    if not found:
        return text, ()
    rest = re.sub(r"\( *\)|\[ *\]", " ", names.sub(" ", text))
    return re.sub(r" +", " ", rest).strip(" ,;:"), found


@functools.lru_cache(maxsize=256)
def name_of(datum: str) -> str:
    """Give the name of a datum.

    Examples
    --------
    >>> name_of("EPSG:4284")
    'Pulkovo 1942'
    """
    return str(_crs(datum).name)


@functools.lru_cache(maxsize=256)
def ellipsoid(datum: str) -> tuple[float, float, float, str]:
    """Give semi-major axis (m), inverse flattening, longitude of the prime meridian (°) and name of the ellipsoid."""
    crs = _crs(datum)
    body, meridian = crs.ellipsoid, crs.prime_meridian
    if body is None or meridian is None:
        raise CrsError(f"{crs.name} states no ellipsoid", "a datum with one", "state the CRS by crs='EPSG:…'")
    return body.semi_major_metre, body.inverse_flattening, float(meridian.longitude), str(body.name)
