"""How a table says where its rows lie: the ``position`` of a profile's section, or what the shell and Python state.

One way of four: two columns, one column of text, one of WKT, or the legs of a traverse; points, or the turning points
of polygons, a row each. Datum, order and decimal mark are stated, never guessed. Knows the statement and its faults;
knows nothing of files or of coordinates.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hazardmap.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping

_WAYS = ("x", "y", "coordinates", "wkt", "traverse")
_NAMES = ("x", "y", "zone", "coordinates", "wkt", "vertices_of", "vertex")
_TEXTS = ("datum", "crs", "order", "decimal")
_ORDERS = ("lat lon", "lon lat")
_ONE_WAY = "x and y, or coordinates, or wkt, or traverse: one of these"


@dataclass(frozen=True)
class Position:
    """Where the rows of a table lie, as stated.

    Parameters
    ----------
    x, y
        Columns of longitude or easting, and of latitude or northing; the first name that the file has is taken.
    zone
        Column of the UTM zone of x and y, e.g. 38N.
    coordinates
        Column with a whole position in one text, in any writing (MGRS, degrees and minutes, UTM with its zone).
    wkt
        Column of WKT.
    vertices_of
        Column of the id that the turning points of one polygon share.
    vertex
        Column of the number of the turning point; without it their order in the file counts.
    datum
        Datum of texts and of degrees, e.g. WGS 84.
    crs
        CRS of numbers, e.g. EPSG:32638.
    order
        "lat lon" or "lon lat", for texts that do not tell.
    decimal
        "." or ",", where both could be meant.
    traverse
        True: rows are legs of bearings and distances.
    """

    x: tuple[str, ...] = ()
    y: tuple[str, ...] = ()
    zone: tuple[str, ...] = ()
    coordinates: tuple[str, ...] = ()
    wkt: tuple[str, ...] = ()
    vertices_of: tuple[str, ...] = ()
    vertex: tuple[str, ...] = ()
    datum: str = ""
    crs: str = ""
    order: str = ""
    decimal: str = ""
    traverse: bool = False

    @property
    def stated(self) -> bool:
        """Whether it says where the rows lie at all."""
        return bool(self.x or self.y or self.coordinates or self.wkt or self.traverse)


def parse(given: Any, where: str, faults: list[str]) -> Position:
    """Read a statement; what is wrong with it is added to the faults, all at once.

    Parameters
    ----------
    given
        Name → value, as in a profile: column names are texts or lists of texts.
    where
        For messages, e.g. "hazards.position".
    faults
        Grows by what is wrong.

    Examples
    --------
    >>> faults = []
    >>> parse({"x": ["lon"], "y": "lat", "datum": "WGS 84"}, "hazards.position", faults).y, faults
    (('lat',), [])
    >>> _ = parse({"x": ["lon"], "coordinates": [7], "order": "yx"}, "position", faults)
    >>> len(faults), faults[0]
    (4, 'position.coordinates is no name or list of names')
    """
    if not isinstance(given, dict):
        faults.append(f"{where} is no section")
        return Position()
    faults += [f"unknown name {where}.{k}" for k in given if k not in (*_NAMES, *_TEXTS, "traverse")]
    done: dict[str, Any] = {}
    sound: Any
    for key, value in given.items():
        if key in _NAMES:
            listed = [value] if isinstance(value, str) else value
            sound = isinstance(listed, list | tuple) and listed and all(isinstance(n, str) and n for n in listed)
            done |= {key: tuple(listed)} if sound else _wrong(f"{where}.{key} is no name or list of names", faults)
        elif key in _TEXTS:
            sound = isinstance(value, str) and value
            done |= {key: value} if sound else _wrong(f"{where}.{key} is no text", faults)
        elif key == "traverse":
            sound = isinstance(value, bool)
            done |= {key: value} if sound else _wrong(f"{where}.traverse is neither true nor false", faults)
    if "order" in done and done["order"] not in _ORDERS:
        faults.append(f"{where}.order is {done['order']!r}, none of {', '.join(_ORDERS)}")
    if "decimal" in done and done["decimal"] not in {".", ","}:
        faults.append(f'{where}.decimal is {done["decimal"]!r}, neither "." nor ","')
    faults += [f"{where}: {told}" for told in _contradictions(set(given))]
    return Position(**done)


def _wrong(told: str, faults: list[str]) -> dict[str, Any]:
    faults.append(told)
    return {}


def _contradictions(keys: set[str]) -> list[str]:
    ways = [w for w in (("x", "y"), ("coordinates",), ("wkt",), ("traverse",)) if keys & set(w)]
    told = []
    if len(ways) > 1:
        told.append(f"{' and '.join('/'.join(w) for w in ways)} at once; it takes {_ONE_WAY}")
    if len(keys & {"x", "y"}) == 1:
        told.append(f"{next(iter(keys & {'x', 'y'}))} alone; x and y go together")
    if "zone" in keys and "x" not in keys:
        told.append("zone without x and y")
    if "vertices_of" in keys and not keys & {"x", "y", "coordinates", "traverse"}:
        told.append("vertices_of without x and y, coordinates or traverse: where each turning point lies")
    if "vertex" in keys and "vertices_of" not in keys:
        told.append("vertex without vertices_of: the id that the turning points share")
    if {"crs", "datum"} <= keys:
        told.append("crs and datum at once; a crs has its datum")
    return told


def combined(
    profile: Position, given: Mapping[str, Any] | Position | None, *, crs: Any = None
) -> tuple[Position, bool]:
    """Let what is stated beside a profile win over it; a way stated replaces the profile's way.

    Parameters
    ----------
    profile, given
        What the profile states; what the user does, beside it.
    crs
        As stated with --crs: it takes the place of the profile's datum.

    Returns
    -------
    The statement, and whether its way was stated beside the profile.

    Raises
    ------
    SchemaError
        Listing every fault of what is given.

    Examples
    --------
    >>> here, own = combined(Position(x=("lon",), y=("lat",), datum="WGS 84"), {"coordinates": "mgrs"})
    >>> here.x, here.coordinates, here.datum, own
    ((), ('mgrs',), 'WGS 84', True)
    """
    if crs is not None:
        profile = dataclasses.replace(profile, crs="", datum="")
    if given is None:
        return profile, False
    if isinstance(given, Position):
        filled = {f.name: v for f in dataclasses.fields(given) if (v := getattr(given, f.name))}
    else:
        filled = {k: v for k, v in given.items() if v not in (None, (), [], False)}
    faults: list[str] = []
    own = bool(filled.keys() & set(_WAYS))
    kept = {f.name: v for f in dataclasses.fields(profile) if (v := getattr(profile, f.name))}
    if own:
        kept = {k: v for k, v in kept.items() if k in _TEXTS}
    for one, other in (("crs", "datum"), ("datum", "crs")):
        if one in filled and other not in filled:
            kept.pop(other, None)
    done = parse({**kept, **filled}, "position", faults)
    if crs is not None and (done.datum or done.crs):
        faults.append(f"--crs {crs} and {'datum' if done.datum else 'another crs'} {done.datum or done.crs} at once")
    if faults:
        raise SchemaError(
            "; ".join(faults),
            f"{_ONE_WAY}; with vertices_of and vertex, datum or crs, order, decimal where they are needed",
            "e.g. --x lon --y lat --datum 'WGS 84', or --coordinates mgrs --datum 'WGS 84'",
        )
    return done, own
