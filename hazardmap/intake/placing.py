"""Where the rows of a file lie: which CRS counts, the way to EPSG:4326, and whether that can be true.

Positions are never corrected. When half of a file lies where it cannot, the file is refused with the CRS that
would fit and the proof of it; single rows are faults. Knows CRSs and a country's extent; knows nothing of tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from hazardmap import measure
from hazardmap.errors import CrsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.intake.columns import Fault
    from hazardmap.intake.sheet import Gap, Sheet

    Array = NDArray[Any]
    Extent = tuple[float, float, float, float]

_STORED = pyproj.CRS(measure.STORED_CRS)
_SAMPLE = 2_000
_GEOD = pyproj.Geod(ellps="WGS84")
_MEND = (
    "let it declare the right one: ogr2ogr -a_srs EPSG:… mended.gpkg FILE, or set the layer's CRS in QGIS and export it"
)


@dataclass
class Placed:
    """Geometries in EPSG:4326 (None where there is none or its place is impossible), faults, and what must be told.

    `accuracy_m` is how far the operation that brought them there can be wrong.
    """

    geometry: gpd.GeoSeries
    faults: list[Fault]
    notes: list[str]
    elsewhere: dict[int, Any]
    accuracy_m: float = 0.0


def declared_crs(sheet: Sheet, *, crs: Any, expected: str) -> tuple[pyproj.CRS, str]:
    """Decide which CRS counts, and say why.

    The file's own declaration counts; one given beside it must agree. A format's default (GeoJSON: WGS 84) counts
    when neither is there. The profile's is taken when the file is silent.

    Raises
    ------
    CrsError
        When nothing says it, or two say different things.
    """
    given = _known(crs, "--crs") if crs is not None else None
    profile = _known(expected, "the profile") if expected else None
    said = None if sheet.crs is None or _says_nothing(sheet.crs) else sheet.crs
    for one, whose in ((said, sheet.name), (given, "--crs"), (profile, "the profile")):
        _refuse_placeless(one, whose)
    for other, whose in ((given, "--crs"), (profile, "the profile")):
        if said is not None and other is not None and not same(said, other):
            raise CrsError(
                f"{sheet.name} declares {_name(said)}, {whose} says {_name(other)}",
                "one CRS for one file",
                f"leave {whose} out if the file is right; if it is wrong, {_MEND}",
            )
    if said is not None:
        whose = f"as stated for {', '.join(sheet.placed_by)}" if sheet.placed_by else "as the file declares"
        return said, f"CRS {_name(said)}, {whose}"
    if given is not None:
        return given, f"CRS {_name(given)}, as stated with --crs"
    if profile is not None:
        return profile, f"CRS {_name(profile)}, as the profile states"
    if sheet.crs_default is not None:
        return sheet.crs_default, f"CRS {_name(sheet.crs_default)}: the file is silent and its format prescribes it"
    raise CrsError(
        f"{sheet.name} declares no CRS{_looks(sheet.shapes)}",
        "the CRS of its coordinates; none is guessed",
        "type: --crs EPSG:… (ask who made the file; WGS 84 degrees are EPSG:4326, UTM 38N is EPSG:32638)",
    )


def _looks(shapes: Array) -> str:
    """Say what coordinates without a CRS look like: a help for the eye, and never taken for an answer."""
    west, south, east, north = shapely.total_bounds(shapes)
    if not np.isfinite([west, south, east, north]).all():
        return ""
    widest, highest = max(abs(west), abs(east)), max(abs(south), abs(north))
    looks = "are no degrees: metres or feet of a map projection"
    if widest <= 180 and highest <= 90:
        looks = "look like degrees"
    elif widest <= 90 and highest <= 180:
        looks = "look like degrees, latitude first: export the file again with longitude first"
    return f" (coordinates from {west:.8g} to {east:.8g}, {south:.8g} to {north:.8g} {looks})"


def _says_nothing(crs: pyproj.CRS) -> bool:
    """Tell whether this is how GDAL writes that no CRS is known (srs_id 99999 of a GeoPackage)."""
    return bool(crs.is_engineering) and str(crs.name).casefold().startswith(("undefined", "unknown"))


def _refuse_placeless(crs: pyproj.CRS | None, whose: str) -> None:
    if crs is not None and (crs.is_geocentric or not (crs.is_geographic or crs.is_projected)):
        raise CrsError(
            f"{whose} says {_name(crs)[:60]} ({crs.type_name}), which gives no longitude and latitude",
            "degrees or a map projection",
            "e.g. --crs EPSG:32638 (UTM 38N)" if whose == "--crs" else f"ask who made the file; then {_MEND}",
        )
    if crs is None:
        return
    try:
        pyproj.Transformer.from_crs(crs, _STORED, always_xy=True)
    except pyproj.exceptions.ProjError as error:  # a projection that PROJ has not, or with impossible numbers
        raise CrsError(
            f"{whose} says {_name(crs)[:60]}, with which PROJ cannot reckon ({str(error)[:120]})",
            "degrees, or a map projection that PROJ knows",
            f"ask who made the file; then {_MEND}",
        ) from None


def same(one: pyproj.CRS, other: pyproj.CRS) -> bool:
    """Tell whether two CRSs give the same numbers for the same place, axes being read x, y.

    Examples
    --------
    >>> same(pyproj.CRS("OGC:CRS84"), pyproj.CRS("EPSG:4326")), same(pyproj.CRS(32638), pyproj.CRS(32639))
    (True, False)
    """
    return bool(one.equals(other, ignore_axis_order=True)) or (
        one.to_epsg() is not None and one.to_epsg() == other.to_epsg()
    )


def _known(said: Any, whose: str) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(said)
    except pyproj.exceptions.CRSError:
        raise CrsError(
            f"{whose} says {str(said)[:60]!r}, which PROJ does not know", "a known CRS", "e.g. EPSG:32638"
        ) from None


def _name(crs: pyproj.CRS) -> str:
    authority = crs.to_authority()
    return f"{':'.join(authority)} ({crs.name})" if authority else str(crs.name)


def place(shapes: Array, crs: pyproj.CRS, *, extent: Extent | None, name: str, declared: bool = False) -> Placed:
    """Carry shapes to EPSG:4326 and find those that cannot lie where they say.

    `declared`: the file itself states the CRS, so that another one can only be stated in the file.

    Raises
    ------
    CrsError
        When half of the shapes or more are impossible or outside the extent; it names the CRS that would fit.
    """
    notes = []
    heights = int(shapely.has_z(shapes).sum() + (shapely.has_m(shapes) & ~shapely.has_z(shapes)).sum())
    if heights:
        notes.append(f"{heights:,} rows had heights or measures (Z, M): left out, ground is two-dimensional here")
    flat = shapely.force_2d(shapes)
    there = ~(shapely.is_missing(flat) | shapely.is_empty(flat))
    box = _box_deg(flat, crs)
    with np.errstate(invalid="ignore"):
        earth: Array = np.asarray(
            (np.abs(box[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(box[:, [1, 3]]) <= 90).all(axis=1)
        )
        inside = earth & (_within(box, extent) if extent else np.full(len(flat), fill_value=True))
        if crs.is_projected:  # degrees that are labelled metres: 17, 45 would lie within a stone's throw of the origin
            low = shapely.bounds(flat)
            inside &= ~((np.abs(low[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(low[:, [1, 3]]) <= 90).all(axis=1))
    wrong = there & ~inside
    if wrong.any() and 2 * wrong.sum() >= there.sum():
        raise _misplaced(flat, there, wrong, crs, extent, name, declared=declared)
    faults = [
        (int(i), "geometry", *_reason(flat[i], box[i], crs, extent, earth=bool(earth[i])))
        for i in np.flatnonzero(wrong)
    ]
    good = np.array(flat, dtype=object)
    good[wrong] = None
    stored_crs = _STORED if same(crs, _STORED) else crs
    moved, operation, accuracy_m = measure.to_stored(gpd.GeoSeries(good, crs=stored_crs))
    if operation != "none":
        exact = (
            "exact"
            if accuracy_m == 0
            else f"accurate to {accuracy_m:g} m"
            if accuracy_m is not None
            else "of unknown accuracy"
        )
        notes.append(f"brought to EPSG:4326 by {operation} ({exact})")
        added = int(shapely.get_num_coordinates(moved.to_numpy()).sum() - shapely.get_num_coordinates(good).sum())
        if added:
            notes.append(f"{added:,} vertices added on long edges, so that none moves by more than 1 cm")
    elsewhere = {int(i): flat[i] for i in np.flatnonzero(wrong)}
    return Placed(moved, faults, notes, elsewhere, accuracy_m or 0.0)


def _box_deg(shapes: Array, crs: pyproj.CRS) -> Array:
    """Give the box of each shape in longitude and latitude, near enough to tell where it is; inf where impossible."""
    bounds = shapely.bounds(shapes)
    if same(crs, _STORED):
        return np.asarray(bounds)
    forward = pyproj.Transformer.from_crs(crs, _STORED, always_xy=True)
    longitude, latitude = (np.empty((len(shapes), 4)) for _ in range(2))
    for k, (x, y) in enumerate(((0, 1), (0, 3), (2, 1), (2, 3))):
        longitude[:, k], latitude[:, k] = forward.transform(bounds[:, x], bounds[:, y], errcheck=False)
    return np.column_stack([longitude.min(axis=1), latitude.min(axis=1), longitude.max(axis=1), latitude.max(axis=1)])


def _within(box: Array, extent: Extent) -> Array:
    west, south, east, north = extent
    return np.asarray((box[:, 0] >= west) & (box[:, 1] >= south) & (box[:, 2] <= east) & (box[:, 3] <= north))


def _reason(shape: Any, box: Array, crs: pyproj.CRS, extent: Extent | None, *, earth: bool) -> tuple[str, str]:
    low = shapely.bounds(shape)
    if not earth or not extent:
        return f"from {low[0]:.6g}, {low[1]:.6g} to {low[2]:.6g}, {low[3]:.6g}", f"coordinates possible in {_name(crs)}"
    inside = ", ".join(f"{v:g}" for v in extent)
    return "from {:.6g}, {:.6g} to {:.6g}, {:.6g}".format(*box), f"inside the country ({inside})"


def _misplaced(
    shapes: Array,
    there: Array,
    wrong: Array,
    crs: pyproj.CRS,
    extent: Extent | None,
    name: str,
    *,
    declared: bool,
) -> CrsError:
    low = shapely.total_bounds(shapes[wrong])
    found = (
        f"{name}: {int(wrong.sum()):,} of {int(there.sum()):,} placed rows cannot lie where {_name(crs)} puts them;"
        f" their numbers run from {low[0]:.6g}, {low[1]:.6g} to {low[2]:.6g}, {low[3]:.6g}"
    )
    needed = (
        f"positions inside {', '.join(f'{v:g}' for v in extent)}"
        if extent
        else "longitude within ±180, latitude within ±90"
    )
    world = (-180.0, -90.0, 180.0, 90.0)
    state = f"; then {_MEND}" if declared else "; then state it: --crs EPSG:…"
    if crs.is_projected and extent is None and np.isfinite(low).all() and _within(low[None, :], world).all():
        return CrsError(
            found, "metres", f"they look like degrees, EPSG:4326 if they are WGS 84; ask who made the file{state}"
        )
    fits = _fits(shapes[there], crs, extent) if extent else []
    if fits:
        said = "; or ".join(f"{label} ({share:.0%} of the rows then lie inside)" for label, share in fits)
        stated = state if any(label.startswith("EPSG") for label, _ in fits) else ""  # axes: no CRS mends them
        return CrsError(found, needed, f"ask who made the file; what would fit: {said}{stated}")
    other = "correct the extent of the country" if extent else "give the country's extent, to be told which CRS fits"
    return CrsError(found, needed, f"ask who made the file which CRS its numbers are in{state}; or {other}")


def _fits(shapes: Array, crs: pyproj.CRS, extent: Extent) -> list[tuple[str, float]]:
    """Try the readings that are met in practice, and give the best two with the share of rows that they put inside."""
    some = shapes[:: max(1, len(shapes) // _SAMPLE)]
    box = shapely.bounds(some)
    zones = range(int((extent[0] + 180) // 6) + 1, int((extent[2] + 180) // 6) + 2)
    half = 326 if extent[1] + extent[3] > 0 else 327
    candidates = {"EPSG:4326": "WGS 84 degrees", "EPSG:3857": "Web Mercator"}
    candidates |= {f"EPSG:{half}{z:02}": f"UTM zone {z}" for z in zones}
    candidates |= {f"EPSG:284{z - 30:02}": f"Pulkovo 1942 / Gauss-Kruger zone {z - 30}" for z in zones if 32 <= z <= 62}
    if 12 < extent[0] < 24:
        candidates |= {"EPSG:31275": "MGI / Balkans zone 5", "EPSG:31276": "MGI / Balkans zone 6"}
    tried = [
        (f"{code} ({label})", float(_within(_box_deg(_boxes(box), pyproj.CRS(code)), extent).mean()))
        for code, label in candidates.items()
        if not same(pyproj.CRS(code), crs)
    ]
    swapped = _box_deg(_boxes(box[:, [1, 0, 3, 2]]), crs)
    tried.append(
        (
            f"x and y swapped in {_name(crs)}: export the file again with longitude first",
            float(_within(swapped, extent).mean()),
        )
    )
    return sorted((t for t in tried if t[1] >= 0.5), key=lambda t: -t[1])[:2]


def _boxes(bounds: Array) -> Array:
    return np.asarray(shapely.box(*bounds.T))


def rounding_m(shapes: Array, step: tuple[float, float], crs: pyproj.CRS) -> float:
    """Give the farthest that a vertex can lie from where it was, when it was rounded to a grid: half of a diagonal.

    Parameters
    ----------
    shapes
        In the CRS of the file.
    step
        The grid, in the CRS of the file.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> there = np.array([shapely.box(46, 39, 47, 40)], dtype=object)
    >>> round(rounding_m(there, (0.0001, 0.0001), pyproj.CRS("EPSG:4326")), 1)  # 8.65 m by 11.1 m
    7.0
    """
    west, south, east, north = shapely.total_bounds(shapes) if len(shapes) else (np.nan,) * 4
    if not np.isfinite([west, south, east, north]).all():
        return 0.0
    corners = [(x, y) for x in (west, (west + east) / 2, east) for y in (south, (south + north) / 2, north)]
    found = [gap_m(((x, y, x + step[0] / 2, y + step[1] / 2),), crs) for x, y in corners]
    return max((v for v in found if np.isfinite(v)), default=0.0)


def gap_m(gaps: tuple[Gap, ...], crs: pyproj.CRS) -> float:
    """Give the longest gap of open rings in metres; inf where it cannot be measured."""
    forward = pyproj.Transformer.from_crs(crs, _STORED, always_xy=True)
    ends = np.array(gaps, dtype="float64")
    a, b = (forward.transform(ends[:, i], ends[:, i + 1], errcheck=False) for i in (0, 2))
    if not np.isfinite([*a, *b]).all():
        return float("inf")
    return float(np.max(_GEOD.inv(*a, *b)[2]))
