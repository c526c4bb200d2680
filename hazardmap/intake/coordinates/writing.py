"""The way back: places in WGS 84 as text, in any form that `parse` reads, in the datum asked for.

What is written is read back to the same place within half of its last digit: letters are N, S, E, W, decimals have a
point, the side of a UTM zone is a word (a letter S would be a band or a side). Knows forms; knows nothing of tables
or files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap.errors import CrsError, SchemaError
from hazardmap.intake.coordinates import carrying, military_grid
from hazardmap.intake.coordinates.datums import WGS_84, code_of, crs_of, datum_of, name_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Form → what it is, and the decimals of its last number unless others are asked for (each well below a metre).
FORMS = {
    "dd": ("decimal degrees", 7),
    "dm": ("degrees and minutes", 5),
    "dms": ("degrees, minutes, seconds", 3),
    "utm": ("UTM", 1),
    "mgrs": ("MGRS, squares of 1 m", 0),
    "xy": ("easting and northing in a CRS", 1),
}


def written(
    longitude: Array,
    latitude: Array,
    *,
    form: str,
    crs: Any = None,
    datum: Any = None,
    decimals: int | None = None,
    digits: int = 10,
) -> Array:
    r"""Write places of WGS 84 as text.

    Parameters
    ----------
    longitude, latitude
        Degrees, WGS 84; one for each row, NaN where there is none.
    form
        ``"dd"``, ``"dm"``, ``"dms"``, ``"utm"``, ``"mgrs"``, or ``"xy"``: easting and northing in `crs`.
    crs
        Projected CRS of ``"xy"``; of the other forms a geographic CRS, the same as `datum`.
    datum
        Datum in which degrees and UTM are written; WGS 84 unless stated.
    decimals
        Of the last number; default: those in `FORMS`.
    digits
        Of MGRS: 10 for squares of 1 m, 8 for 10 m ….

    Returns
    -------
    Array of text, ``""`` where a coordinate is NaN.

    Raises
    ------
    SchemaError
        When the form is unknown, or lacks its CRS.
    CrsError
        When a place cannot be written so: no transformation of known accuracy there, UTM near a pole, outside the CRS.

    Examples
    --------
    >>> import numpy as np
    >>> where = np.array([46.917222, np.nan]), np.array([39.997639, 40.0])
    >>> written(*where, form="dms", decimals=1).tolist()
    ['39°59\'51.5" N 46°55\'02.0" E', '']
    >>> written(*where, form="utm", decimals=0)[0], written(*where, form="mgrs", digits=8)[0]
    ('UTM zone 38 north E 663665 N 4429256', '38SPK63662925')
    >>> written(*where, form="xy", crs="EPSG:28408", decimals=0)[0]
    'EPSG:28408 E 8663835 N 4431118'
    """
    if form not in FORMS:
        raise SchemaError(f"form {form!r}", f"one of {', '.join(FORMS)}", 'e.g. form="dms"')
    places = FORMS[form][1] if decimals is None else decimals
    if not 0 <= places <= 12:
        raise SchemaError(f"decimals={decimals}", "a number from 0 to 12", "e.g. decimals=3")
    x, y = np.asarray(longitude, dtype="float64"), np.asarray(latitude, dtype="float64")
    if x.shape != y.shape or x.ndim != 1:
        raise SchemaError(
            f"longitudes of shape {x.shape}, latitudes of {y.shape}", "as many of each", "give two columns"
        )
    there = np.flatnonzero(~(np.isnan(x) | np.isnan(y)))
    out = np.full(len(x), "", dtype=object)
    _refuse(x[there], y[there], ~((np.abs(x[there]) <= 180) & (np.abs(y[there]) <= 90)), "no places on earth")
    code, projection = _target(form, crs, datum)
    lon, lat, number = carrying.from_wgs84(code, x[there], y[there])
    lost = np.flatnonzero(number < 0)
    if len(lost):
        fault = carrying.no_operation(code, float(x[there][lost[0]]), float(y[there][lost[0]]))
        raise CrsError(f"{fault.found} ({len(lost):,} places)", fault.needed, "write them in another datum")
    if form == "mgrs":
        out[there] = military_grid.references(lon, lat, digits)
    elif form == "utm":
        out[there] = _utm(lon, lat, code, places)
    elif form == "xy":
        out[there] = _projected(lon, lat, projection, places)
    else:
        out[there] = [
            f"{_angle(b, form, places)} {'S' if b < 0 else 'N'} {_angle(a, form, places)} {'W' if a < 0 else 'E'}"
            for a, b in zip(lon.tolist(), lat.tolist(), strict=True)
        ]
    return out


def written_in(longitude: Array, latitude: Array, *, crs: Any, decimals: int | None = None) -> Array:
    """Write places in any CRS: easting and northing where it is projected, decimal degrees where it is not.

    Examples
    --------
    >>> import numpy as np
    >>> written_in(np.array([46.9]), np.array([39.9]), crs="EPSG:4284", decimals=5).tolist()
    ['39.90009° N 46.90119° E']
    """
    form = "xy" if crs_of(crs).is_projected else "dd"
    return written(longitude, latitude, form=form, crs=crs, decimals=decimals)


def to_mgrs(longitude: Array, latitude: Array, *, digits: int = 10) -> Array:
    """Write MGRS references of places of WGS 84; the same as ``written(…, form="mgrs")``.

    Examples
    --------
    >>> import numpy as np
    >>> to_mgrs(np.array([46.9166]), np.array([39.9976]), digits=6).tolist()
    ['38SPK636292']
    """
    return written(longitude, latitude, form="mgrs", digits=digits)


def _target(form: str, crs: Any, datum: Any) -> tuple[str, str]:
    """Give the datum to write in, and the projection of ``xy``."""
    code = None if datum is None else datum_of(datum)
    known = None if crs is None else crs_of(crs)
    if known is not None:
        own = carrying.datum_of_crs(known)
        if code is not None and code != own:
            raise CrsError(f"datum {name_of(code)}, but CRS {known.name}", "one datum", "leave one of them out")
        code = own
    if (form == "xy") != (known is not None and known.is_projected):
        said = "no projected CRS" if form == "xy" else f"CRS {known.name if known else ''}"
        raise SchemaError(
            f"form {form!r} with {said}", "a projected CRS for xy, and for xy only", 'e.g. form="xy", crs="EPSG:28408"'
        )
    code = code or WGS_84
    if form != "xy" and (axis := crs_of(code).axis_info[0]).unit_name != "degree":
        raise SchemaError(f"{name_of(code)} counts in {axis.unit_name}", "degrees", "choose another datum, or form xy")
    if form == "mgrs" and code != WGS_84:
        raise SchemaError(f"MGRS in {name_of(code)}", "WGS 84, on which MGRS is read today", "leave the datum out")
    return code, code_of(known) if known is not None and form == "xy" else ""


def _refuse(longitude: Array, latitude: Array, wrong: Array, why: str) -> None:
    if wrong.any():
        i = int(np.flatnonzero(wrong)[0])
        raise CrsError(
            f"{int(wrong.sum()):,} {why}, the first at {latitude[i]:.6g}, {longitude[i]:.6g}",
            "places that can be written so",
            "choose another form, e.g. dd",
        )


def _angle(value: float, form: str, places: int) -> str:
    """Write an angle without sign; whole units of the last digit are counted, so that no 60 is ever written."""
    if form == "dd":
        return f"{abs(value):.{places}f}°"
    per_degree = (60 if form == "dm" else 3600) * 10**places
    units = round(abs(value) * per_degree)
    degrees, rest = divmod(units, per_degree)
    minutes, rest = divmod(rest, per_degree // 60)
    if form == "dm":
        return f"{degrees}°{minutes:02}{_decimals(rest, places)}'"
    seconds, rest = divmod(rest, 10**places)
    return f"{degrees}°{minutes:02}'{seconds:02}{_decimals(rest, places)}\""


def _decimals(rest: int, places: int) -> str:
    return f".{rest:0{places}}" if places else ""


def _utm(longitude: Array, latitude: Array, datum: str, places: int) -> list[str]:
    _refuse(longitude, latitude, (latitude < -80) | (latitude > 84), "places beyond 80° S or 84° N, where UTM ends")
    zones = military_grid.zones_of(longitude, latitude)
    out = np.full(len(longitude), "", dtype=object)
    for zone in np.unique(zones):
        for south in (False, True):
            here = np.flatnonzero((zones == zone) & ((latitude < 0) == south))
            if len(here):
                x, y = carrying.from_degrees(
                    military_grid.utm(int(zone), south=south, datum=datum), longitude[here], latitude[here]
                )
                side = "south" if south else "north"
                out[here] = [
                    f"UTM zone {zone} {side} E {e:.{places}f} N {max(n, 0.0):.{places}f}"
                    for e, n in zip(x.tolist(), y.tolist(), strict=True)
                ]
    return out.tolist()


def _projected(longitude: Array, latitude: Array, projection: str, places: int) -> list[str]:
    x, y = carrying.from_degrees(projection, longitude, latitude)
    _refuse(longitude, latitude, ~(np.isfinite(x) & np.isfinite(y)), f"places that {projection[:40]} cannot hold")
    code = f"{projection} " if projection.startswith("EPSG:") else ""
    return [f"{code}E {e:.{places}f} N {n:.{places}f}" for e, n in zip(x.tolist(), y.tolist(), strict=True)]
