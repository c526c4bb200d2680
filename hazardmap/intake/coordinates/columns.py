"""Whole columns of typed positions: the same reading as for one, the ways to WGS 84 taken for all rows at once.

A row never raises: its fault stays with it. Knows rows; knows nothing of files or tables.
"""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hazardmap.errors import CrsError, HazardmapError, SchemaError
from hazardmap.intake.coordinates import carrying
from hazardmap.intake.coordinates.datums import name_of
from hazardmap.intake.coordinates.meanings import Entered, Extent, Stated, reading, stated
from hazardmap.intake.coordinates.numerals import spelt
from hazardmap.intake.coordinates.position import Position, Positions, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]

_APART = "accuracy widened: another transformation contradicts it, they lie up to"


def parse(
    text: str,
    *,
    datum: Any = None,
    crs: Any = None,
    order: str | None = None,
    decimal: str | None = None,
    language: str | None = None,
    zone: str | int | None = None,
    hemisphere: str | None = None,
    digits: int | None = None,
    extent: Extent | None = None,
) -> Position:
    r"""Read one typed position.

    Decimal degrees, degrees with minutes and seconds, UTM, MGRS (UTMREF), Gauss-Krüger of 6° zones, and any CRS that is
    stated. Nothing is guessed: without a datum, or when a text can mean two places, it is a fault that says what would
    settle it.

    Parameters
    ----------
    text
        As it was typed; it may state its datum (``"N39.99 E46.92 WGS 84"``) or CRS (``"EPSG:28408 …"``).
    datum
        ``"WGS 84"``, ``"SK-42"`` (Pulkovo 1942), ``"ED50"`` …, or a geographic EPSG code.
    crs
        CRS of plain numbers (anything that PROJ knows), e.g. ``"EPSG:28408"``; a geographic one is a datum.
    order
        ``"lat lon"`` or ``"lon lat"``: of values that no letter names. For metres, ``"lat lon"`` is northing first.
    decimal
        ``"."`` or ``","``, where a number could be thousands or decimals.
    language
        Of the letters, where they mean different sides (O is west in Spanish, east in German): en, fr, es, pt, it, de,
        ru, uk, az, tr, bs, sr.
    zone
        UTM zone (``"38N"``, ``"38T"``, 38) or Gauss-Krüger zone (8) where the text is silent.
    hemisphere
        ``"north"`` or ``"south"``: what S behind a zone means, or where the zone has no letter.
    digits
        Digits expected behind the letters of MGRS: 10 for a metre; a cut reference is then a fault. 0 admits the bare
        square of 100 km.
    extent
        West, south, east, north, degrees: only told beside two readings, never used to choose.

    Returns
    -------
    Position

    Raises
    ------
    SchemaError
        When the text is no position.
    CrsError
        When its place cannot be trusted: no datum, two readings, values out of range, no transformation of known
        accuracy.

    Examples
    --------
    >>> place = parse("39°59'51.5\" с.ш. 46°55'02\" в.д.", datum="WGS 84")
    >>> round(place.longitude, 6), round(place.latitude, 6), round(place.accuracy_m, 1), place.form
    (46.917222, 39.997639, 12.0, 'degrees, minutes, seconds')

    One second of longitude is 23.7 m here, a tenth of a second of latitude 3.1 m: half the diagonal is 12.0 m.

    >>> old = parse("8567000 4428000", datum="SK-42", order="lon lat")
    >>> old.operation, old.operation_accuracy_m, round(old.accuracy_m, 2)
    ('Pulkovo 1942 to WGS 84 (16)', 4.5, 4.56)
    >>> parse("38SPK4960", datum="WGS 84").accuracy_m
    707.1067811865476
    >>> parse("39.5 46.25", datum="WGS 84")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    hazardmap.errors.CrsError: '39.5 46.25' has two readings: 39.500000° N 46.250000° E (order 'lat lon') and ...
    """
    if not isinstance(text, str):
        raise SchemaError(f"{type(text).__name__} {text!r:.60}", "a text", "give the position as it was typed")
    said = stated(
        datum=datum,
        crs=crs,
        order=order,
        decimal=decimal,
        language=language,
        zone=zone,
        hemisphere=hemisphere,
        digits=digits,
        extent=extent,
    )
    one = reading(text, said)
    there = _carried([one])
    if there.faults:
        raise there.faults[0]
    operation = carrying.operations(one.datum)[there.number[0]]
    apart = (f"{_APART} {there.apart_m[0]:.1f} m apart",) if there.apart_m[0] else ()
    return Position(
        float(there.longitude[0]),
        float(there.latitude[0]),
        float(there.accuracy_m[0]),
        text,
        one.form,
        name_of(one.datum),
        operation.name,
        operation.accuracy_m,
        operation.area,
        (*one.notes, *apart),
    )


def parse_columns(
    texts: Iterable[Any] | None = None,
    *,
    x: Iterable[Any] | None = None,
    y: Iterable[Any] | None = None,
    datum: Any = None,
    crs: Any = None,
    order: str | None = None,
    decimal: str | None = None,
    language: str | None = None,
    zone: str | int | None = None,
    hemisphere: str | None = None,
    digits: int | None = None,
    extent: Extent | None = None,
    precision: str | None = None,
) -> Positions:
    """Read a column of typed positions, or a column of longitudes (eastings) and one of latitudes (northings).

    As `parse`; a row that cannot be read is a fault of its own. Cells of x and y may be texts or numbers.

    Parameters
    ----------
    texts
        One text for each row.
    x, y
        Instead of texts: longitude or easting, latitude or northing.
    datum, crs, order, decimal, language, zone, hemisphere, digits, extent
        As in `parse`, for all rows.
    precision
        How many digits count as written. ``"cell"``: those of the cell; ``"column"``: the most that a cell of the
        column has, for files that have dropped the zeros at the end. Default: numbers by column (they
        cannot keep such zeros), texts by cell.

    Returns
    -------
    Positions

    Raises
    ------
    HazardmapError
        When what is stated for all rows is wrong (never because of a row).

    Examples
    --------
    >>> read = parse_columns(["38SPK4960123456", "", "38SPK496"], datum="WGS 84")
    >>> read.longitude.round(4).tolist(), read.missing.tolist()
    ([46.7512, nan, nan], [False, True, False])
    >>> read.faults[2]
    ("MGRS '38SPK496' with 3 digits", 'as many digits for the easting as for the northing')
    >>> parse_columns(x=[46.9, "46°54' E"], y=[39.5, "39,5"], datum="WGS 84").latitude.tolist()
    [39.5, 39.5]
    """
    said = stated(
        datum=datum,
        crs=crs,
        order=order,
        decimal=decimal,
        language=language,
        zone=zone,
        hemisphere=hemisphere,
        digits=digits,
        extent=extent,
    )
    if precision not in {None, "cell", "column"}:
        raise SchemaError(f"precision {precision!r}", "cell or column", "correct precision")
    cells = _cells(texts, x, y)
    read, faults = _read(cells, said)
    rows = np.array(sorted(read), dtype=int)
    found = _same_precision([read[i] for i in rows.tolist()], [cells[i] for i in rows.tolist()], precision)
    there = _carried(found)
    faults |= {int(rows[i]): (error.found, error.needed) for i, error in there.faults.items()}
    placed = np.array([i not in there.faults for i in range(len(rows))], dtype=bool)
    out = {name: np.full(len(cells), np.nan) for name in ("longitude", "latitude", "accuracy_m")}
    form, operation = (np.full(len(cells), "", dtype=object) for _ in range(2))
    for name, values in out.items():
        values[rows[placed]] = getattr(there, name)[placed]
    for i in np.flatnonzero(placed).tolist():
        form[rows[i]] = found[i].form
        operation[rows[i]] = carrying.operations(found[i].datum)[there.number[i]].name
    missing = np.array([not any(_shown(c)) for c in cells], dtype=bool)
    entered = np.array([" | ".join(_shown(c)) if any(_shown(c)) else "" for c in cells], dtype=object)
    kept = [(found[i], int(there.number[i])) for i in np.flatnonzero(placed).tolist()]
    return Positions(
        **out,
        entered=entered,
        form=form,
        operation=operation,
        missing=missing,
        faults=dict(sorted(faults.items())),
        notes=_notes(kept, there.apart_m[placed], int(missing.sum())),
    )


def _cells(texts: Any, x: Any, y: Any) -> list[tuple[Any, ...]]:
    if (texts is None) == (x is None and y is None) or (x is None) != (y is None):
        raise SchemaError("neither one column nor two", "texts, or x and y", "give texts=… or x=… and y=…")
    if texts is not None:
        return [(t,) for t in texts]
    first, second = list(x), list(y)
    if len(first) != len(second):
        raise SchemaError(f"{len(first):,} x and {len(second):,} y", "as many of each", "give columns of one table")
    return list(zip(first, second, strict=True))


def _empty(cell: Any) -> bool:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return True
    if isinstance(cell, (float, np.floating)):
        return math.isnan(cell)
    return type(cell).__name__ in {"NAType", "NaTType"}


def _shown(cell: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple("" if _empty(c) else c if isinstance(c, str) else str(c) for c in cell)


def _number(cell: Any) -> bool:
    return isinstance(cell, (int, float, np.integer, np.floating)) and not isinstance(cell, (bool, np.bool_))


def _read(cells: Sequence[tuple[Any, ...]], said: Stated) -> tuple[dict[int, Reading], dict[int, tuple[str, str]]]:
    """Read each distinct cell once."""
    read: dict[int, Reading] = {}
    faults: dict[int, tuple[str, str]] = {}
    seen: dict[Entered, Reading | tuple[str, str]] = {}
    for i, cell in enumerate(cells):
        blank = [_empty(c) for c in cell]
        if all(blank):
            continue
        try:
            if any(blank):
                raise SchemaError(
                    f"{'x' if blank[1] else 'y'} alone: {_shown(cell)[blank[0]]!r:.80}", "x and y", "fill both"
                )
            entered = _entered(cell)
            if entered not in seen:
                try:
                    seen[entered] = reading(entered, said)
                except HazardmapError as error:
                    seen[entered] = (error.found, error.needed)
            known = seen[entered]
            if isinstance(known, Reading):
                read[i] = known
            else:
                faults[i] = known
        except HazardmapError as error:
            faults[i] = (error.found, error.needed)
    return read, faults


def _entered(cell: tuple[Any, ...]) -> Entered:
    texts = []
    for value in cell:
        if isinstance(value, str):
            texts.append(value)
        elif _number(value) and len(cell) == 2 and math.isfinite(value):
            texts.append(str(value) if isinstance(value, (int, np.integer)) else spelt(float(value)))
        else:
            raise SchemaError(f"{type(value).__name__} {str(value)[:60]!r}", "a position as text", "correct the cell")
    return texts[0] if len(texts) == 1 else (texts[0], texts[1])


def _same_precision(found: list[Reading], cells: list[tuple[Any, ...]], precision: str | None) -> list[Reading]:
    """Give plain numbers of one kind the precision of the finest among them, where zeros at the end may be lost."""
    if precision == "cell" or not found:
        return found
    finest: dict[tuple[str, str], tuple[float, float]] = {}
    chosen = [i for i, c in enumerate(cells) if precision == "column" or all(map(_number, c))]
    for i in chosen:
        one, kind = found[i], (found[i].form, found[i].projection)
        x, y = finest.get(kind, (math.inf, math.inf))
        finest[kind] = (min(x, one.step_x), min(y, one.step_y))
    out = list(found)
    for i in chosen:
        one = found[i]
        x, y = finest[one.form, one.projection]
        if not one.form.startswith("MGRS") and (one.step_x, one.step_y) != (x, y):
            out[i] = Reading(one.form, one.datum, one.projection, one.x, one.y, x, y, one.choices, one.notes)
    return out


class _Carried(NamedTuple):
    """Readings in WGS 84: degrees, m, number of the operation, by how much others contradict it (m), faults."""

    longitude: Array
    latitude: Array
    accuracy_m: Array
    number: Array
    apart_m: Array
    faults: dict[int, HazardmapError]


def _carried(found: Sequence[Reading]) -> _Carried:
    x, y, step_x, step_y = (
        np.array([getattr(r, n) for r in found], dtype="float64") for n in ("x", "y", "step_x", "step_y")
    )
    longitude, latitude, half = x.copy(), y.copy(), np.zeros(len(found))
    for projection, here in _groups([r.projection for r in found]):
        if projection:
            longitude[here], latitude[here] = carrying.to_degrees(projection, x[here], y[here])
            half[here] = np.hypot(step_x[here], step_y[here]) / 2 * carrying.unit_m(projection)
        else:
            half[here] = carrying.half_diagonal_m(y[here], step_x[here], step_y[here])
    accuracy, number, apart_m = half.copy(), np.full(len(found), -1), np.zeros(len(found))
    faults: dict[int, HazardmapError] = {}
    for datum, here in _groups([r.datum for r in found]):
        before = longitude[here], latitude[here]
        place = carrying.from_greenwich(datum, *before)
        good = np.isfinite(place[0]) & np.isfinite(place[1]) & (np.abs(place[1]) <= 90)
        for k in np.flatnonzero(~good).tolist():
            one = found[int(here[k])]
            faults[int(here[k])] = CrsError(
                f"{one.x:.10g}, {one.y:.10g} is impossible in {one.form}",
                "coordinates of that grid",
                "correct them or the CRS",
            )
        east = np.where(good, before[0], np.nan)
        before = np.where(np.abs(east) > 180, (east + 180) % 360 - 180, east), before[1]
        longitude[here], latitude[here], number[here] = carrying.to_wgs84(datum, *before)
        stated_m = np.array([*(o.accuracy_m for o in carrying.operations(datum)), np.nan])
        apart_m[here] = carrying.contradiction_m(datum, before, (longitude[here], latitude[here]), number[here])
        accuracy[here] = np.hypot(half[here], np.fmax(stated_m[number[here]], apart_m[here]))
        for k in np.flatnonzero(number[here] < 0).tolist():
            faults.setdefault(int(here[k]), carrying.no_operation(datum, float(place[0][k]), float(place[1][k])))
    return _Carried(longitude, latitude, accuracy, number, apart_m, faults)


def _groups(keys: list[str]) -> list[tuple[str, Array]]:
    rows: dict[str, list[int]] = {}
    for i, name in enumerate(keys):
        rows.setdefault(name, []).append(i)
    return [(name, np.array(here)) for name, here in rows.items()]


def _notes(kept: list[tuple[Reading, int]], apart_m: Array, missing: int) -> tuple[str, ...]:
    notes = [f"{count:,} × read as {form}" for form, count in Counter(r.form for r, _ in kept).most_common()]
    for (datum, number), count in Counter((r.datum, n) for r, n in kept).most_common():
        operation = carrying.operations(datum)[number]
        if operation.name == "none":
            notes.append(f"{count:,} × stated in {name_of(datum)}: no transformation")
        else:
            area = textwrap.shorten(operation.area, 80, placeholder=" …")
            notes.append(
                f"{count:,} × brought to WGS 84 by {operation.name}"
                f" (accurate to {operation.accuracy_m:g} m; stated for {area})"
            )
    if apart_m.any():
        notes.append(f"{np.count_nonzero(apart_m):,} × {_APART} {apart_m.max():.1f} m apart")
    notes += [f"{count:,} × {note}" for note, count in Counter(n for r, _ in kept for n in r.notes).most_common()]
    return (*notes, f"{missing:,} × empty") if missing else tuple(notes)
