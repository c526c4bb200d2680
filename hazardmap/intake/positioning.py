"""From cells to shapes: where the rows of a table lie, by the columns that its profile or the user states.

Numbers stay in the CRS that is stated, and go the way of every other file; texts in any writing are read by
coordinates, each with the accuracy of its writing. Knows sheets and statements; knows nothing of tables or formats.
"""

from __future__ import annotations

import dataclasses
import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from hazardmap.errors import CrsError, FileError, SchemaError
from hazardmap.intake import own_datum, shapes, vertices
from hazardmap.intake.cells import NotReadError, text_of
from hazardmap.intake.headings import safe
from hazardmap.intake.sheet import Flaw, Unsure
from hazardmap.words import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hazardmap.intake.position import Position
    from hazardmap.intake.sheet import Sheet

    Array = NDArray[Any]

_WKT = ("wkt", "geometry", "geom", "the geom", "geometry wkt", "wkt geometry", "wkt geom", "shape")
_X = (
    "x",
    "lon",
    "long",
    "lng",
    "longitude",
    "easting",
    "east",
    "longitud",
    "долгота",
    "uzunluq",
    "boylam",
    "xcoord",
    "point x",
)
_Y = ("y", "lat", "latitude", "northing", "north", "latitud", "широта", "enlik", "enlem", "ycoord", "point y")
_TEXT = (
    "mgrs",
    "coordinates",
    "coordinate",
    "coords",
    "utm",
    "position",
    "location",
    "grid reference",
    "coordenadas",
    "координаты",
    "koordinat",
)
#: Columns of a traverse that differ from leg to leg.
_OF_LEGS = frozenset(
    fold(c)
    for c in (
        *("point", "to", "kind", "from", "order", "longitude", "latitude", "coordinates", "bearing", "distance"),
        *("bearing_unit", "distance_unit", "north", "bearing_accuracy_deg", "distance_accuracy_m"),
        *("distance_accuracy_percent", "remarks", "datum", "accuracy_m"),
    )
)
_BLANKS = "\u0020\u00a0\u2009\u202f'’"
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_EITHER = re.compile(r"[+-]?\d{1,3}[.,]\d{3}")
#: Of a degree: nearer to an axis than any change of datum moves a place.
_ZERO = 0.005
#: Zeros at the end of both numbers that no program drops by accident.
_LOST = 3
_M_PER_DEG = 111_320.0
_FINE = 1e-6
_SHOWN = 60
_NOTES = 8


def positioned(sheet: Sheet, position: Position, *, own: bool, crs: Any = None) -> Sheet:
    """Give a sheet whose rows lie where their cells say.

    Parameters
    ----------
    sheet
        As read; returned as it is when its format has shapes of its own, or no row can be placed by cells.
    position
        What the profile and the user state.
    own
        True when the user, not the profile, states the way: then it must be followed.
    crs
        CRS of numbers as stated with --crs or in the profile; None or "" when nothing states it.

    Returns
    -------
    Sheet
        With shapes, flaws and, for turning points in rows, one row for each polygon.

    Raises
    ------
    FileError, SchemaError
        When nothing says where the rows lie, or the columns stated are not there.
    CrsError
        When not one position of the file can be read.
    """
    if not sheet.tabular:
        if own:
            raise SchemaError(
                f"{sheet.name} has shapes of its own, and columns of positions are stated as well",
                "one place for each row",
                "leave --x, --y, --coordinates, --wkt, --vertices-of and --traverse out",
            )
        return sheet
    if not position.stated or (not own and _columns(sheet, position, told=False) is None):
        return _by_wkt(sheet, _wkt_column(sheet), position.datum)
    if position.traverse:
        return _by_traverse(sheet, position)
    found = _columns(sheet, position)
    assert found is not None  # noqa: S101 - it raises otherwise
    if position.wkt:
        return _by_wkt(sheet, found["wkt"], position.datum)
    placed = own_datum.held_against(_placed(sheet, position, found, crs), _stated_crs(position, crs))
    return placed if "vertices_of" not in found else _gathered(placed, found)


def _stated_crs(position: Position, crs: Any) -> pyproj.CRS | None:
    if crs is not None and crs != "":
        return _known(crs)
    return _geographic(position.datum) if position.datum else None


def _columns(sheet: Sheet, position: Position, *, told: bool = True) -> dict[str, str] | None:
    """Find the columns that a statement names."""
    theirs: dict[str, list[str]] = {}
    for column in map(str, sheet.cells):
        theirs.setdefault(fold(column), []).append(column)
    found: dict[str, str] = {}
    faults = []
    for part in ("x", "y", "zone", "coordinates", "wkt", "vertices_of", "vertex"):
        names = getattr(position, part)
        exact = [n for n in names if n in sheet.cells]
        hits = [exact[:1]] if exact else [theirs[fold(n)] for n in names if fold(n) in theirs]
        if hits and len(hits[0]) == 1:
            found[part] = hits[0][0]
        elif hits:
            faults.append(f"{' and '.join(map(safe, hits[0]))} can both be its {part}")
        elif names:
            faults.append(f"no column {' or '.join(map(repr, names))} ({part})")
    if not faults:
        return found
    if not told:
        return None
    raise SchemaError(
        f"{sheet.name} has {'; '.join(faults)}; its columns: {_names(sheet)}",
        "the columns of its positions",
        "correct --x, --y, --coordinates, --wkt, --vertices-of or --vertex, or the position in the profile",
    )


def _names(sheet: Sheet) -> str:
    return ", ".join(safe(str(c)) for c in sheet.cells) or "none"


def _wkt_column(sheet: Sheet) -> str:
    hits = [str(c) for c in sheet.cells if fold(str(c)) in _WKT]
    if len(hits) == 1:
        return hits[0]
    x, y, text = ([str(c) for c in sheet.cells if fold(str(c)) in names] for names in (_X, _Y, _TEXT))
    if x and y:
        both = f"--x {_quoted(x[0])} --y {_quoted(y[0])}"
        do = f"{both} and their datum or CRS (--datum, --crs), if these are its positions"
    elif text:
        do = f"--coordinates {_quoted(text[0])} and its datum (--datum), if these are its positions"
    else:
        do = "--x and --y, --coordinates or --wkt with the names of columns; or export the layer as GeoPackage"
    raise FileError(
        f"{sheet.name} has {'no column' if not hits else 'several columns'} of WKT,"
        f" and nothing says where its rows lie; its columns: {_names(sheet)}",
        "the columns of its positions, stated",
        do,
    )


def _quoted(name: str) -> str:
    shown = safe(name)
    return shown if re.fullmatch(r"\w+", shown) else repr(shown)


def _by_wkt(sheet: Sheet, column: str, datum: str) -> Sheet:
    unsure = {}
    texts: list[str | None] = []
    for i, value in enumerate(sheet.cells[column]):
        if isinstance(value, Unsure):
            unsure[i] = Flaw(value.found, value.expected, str(value))
        text = None if value is None or isinstance(value, Unsure) else str(value)
        texts.append(text if text and text.strip() else None)
    found, flaws = shapes.from_wkt(texts)
    cells = sheet.cells.drop(columns=column)
    placed = dataclasses.replace(sheet, cells=cells, shapes=found, flaws={**flaws, **unsure})
    placed = own_datum.held_against(placed, _geographic(datum) if datum else None)
    return dataclasses.replace(placed, crs=_geographic(datum), placed_by=(column,)) if datum else placed


def _by_traverse(sheet: Sheet, position: Position) -> Sheet:
    from hazardmap.intake.traverse import read_traverses  # noqa: PLC0415 - a heavy room, needed by few

    found = _columns(sheet, dataclasses.replace(position, wkt=()))
    assert found is not None  # noqa: S101 - it raises otherwise
    named = [str(c) for c in sheet.cells if fold(str(c)) == "traverse id"]
    owner = found.get("vertices_of") or (named[0] if named else None)
    if owner is None:
        raise SchemaError(
            f"{sheet.name} has no column traverse_id; its columns: {_names(sheet)}",
            "the id that the legs of one traverse share",
            "--vertices-of with the name of its column",
        )
    frame = sheet.cells.drop(columns=[c for c in named if c != owner]).rename(columns={owner: "traverse_id"})
    stated = {"datum": position.datum, "crs": position.crs}
    return _walked(sheet, read_traverses(frame, stated={k: v for k, v in stated.items() if v}), owner)


def _walked(sheet: Sheet, done: Any, owner: str) -> Sheet:
    """Make one row of the legs of each traverse; what is wrong with a leg is wrong with its polygon."""
    lines = sheet.lines or tuple(range(1, len(sheet.cells) + 1))
    names = [None if pd.isna(n) else n for n in done.points["traverse_id"]]
    rows_of: dict[Any, list[int]] = {}
    for i, name in enumerate(names):
        rows_of.setdefault(i if name is None else name, []).append(i)
    wrong: dict[Any, list[Flaw]] = {}
    for row, name, column, found, expected in done.faults.itertuples(index=False):
        told = f"row {lines[int(row)]:,} of the file, {column}: {found}"
        wrong.setdefault(int(row) if pd.isna(name) else name, []).append(Flaw(told, expected, ""))
    polygons = {one.traverse_id: one for one in done.polygons.itertuples(index=False)}
    groups = list(rows_of.values())
    made, flaws, read_as = np.full(len(groups), None, dtype=object), {}, []
    accuracy = np.full(len(groups), np.nan)
    for at, (name, rows) in enumerate(rows_of.items()):
        one = polygons.get(name)
        mine = wrong.get(name, [])
        beside = vertices.nameless_beside(rows, names)
        if one is not None and beside is not None:  # a leg that may be missing here would bend the polygon
            mine = [
                *mine,
                Flaw(f"a row beside it has no id (row {lines[beside]:,} of the file)", "the id in each row", ""),
            ]
        shape = None if one is None or beside is not None else one.geometry
        if mine or one is None:
            found = "; ".join(f.found for f in mine) or "a leg without the id of its traverse"
            needed = "; ".join(dict.fromkeys(f.expected for f in mine)) or "the id in each row"
            flaws[at] = Flaw(found, needed, "" if shape is None else shape.wkt, draft=shape)
        else:
            made[at] = shape
        if one is None:
            read_as.append(_told(rows, lines, None))
            continue
        accuracy[at] = one.accuracy_m
        model = f"; declination {one.declination_deg:.2f}° by {one.declination_model}" if one.declination_model else ""
        said = f"; {one.notes}" if one.notes else ""
        read_as.append(f"{_told(rows, lines, None)}; traverse of {one.points} points, north {one.north}{model}{said}")
    cells = vertices.merged(sheet.cells, groups, owner, {str(c) for c in sheet.cells if fold(str(c)) in _OF_LEGS})
    told = f"{len(sheet.cells):,} rows made {len(groups):,} records: legs of traverses, by {safe(owner)}"
    return dataclasses.replace(
        sheet,
        cells=cells,
        shapes=made,
        flaws=flaws,
        crs=pyproj.CRS("EPSG:4326"),
        notes=(*sheet.notes, told),
        lines=tuple(lines[rows[0]] for rows in groups),
        placed_by=tuple(str(c) for c in sheet.cells if fold(str(c)) in _OF_LEGS),
        accuracy_m=accuracy,
        read_as=tuple(read_as),
        faults=vertices.of_rows(sheet.faults, groups, lines),
    )


def _placed(sheet: Sheet, position: Position, found: dict[str, str], crs: Any) -> Sheet:
    """Read where each row lies; points."""
    parts = [sheet.cells[found[k]].tolist() for k in ("x", "y", "coordinates") if k in found]
    unsure: dict[int, Flaw] = {}
    texts = [[_text(v, i, unsure) for i, v in enumerate(part)] for part in parts]
    empty = np.array([all(v is None for v in row) for row in zip(*texts, strict=True)], dtype=bool)
    if len(texts) == 2:
        for i in np.flatnonzero(~empty):
            if (texts[0][i] is None) != (texts[1][i] is None) and int(i) not in unsure:
                lacking = found["x" if texts[0][i] is None else "y"]
                there = str(texts[1][i] if texts[0][i] is None else texts[0][i])
                flaw = Flaw(f"{safe(lacking)} empty beside {there[:_SHOWN]!r}", "both coordinates, or none", there)
                unsure[int(i)] = flaw
    plane = None if crs is None or crs == "" else _known(crs)
    if "zone" in found and plane is not None and not position.datum:
        raise CrsError(
            f"a zone in each row ({safe(found['zone'])}) beside the CRS {plane.name}, which has a zone of its own",
            "one of them",
            "state the datum in place of the CRS, e.g. --datum 'WGS 84'; or leave the column of zones out",
        )
    sheet = dataclasses.replace(sheet, placed_by=tuple(found.values()))
    if "x" in found and "zone" not in found:
        numbers = _numbers(parts, texts, unsure, position, plane)
        if numbers is not None:
            return _as_numbers(sheet, position, numbers, unsure, empty, plane)
    return _as_texts(sheet, position, found, parts, unsure, plane)


def _text(value: Any, row: int, unsure: dict[int, Flaw]) -> str | None:
    try:
        return text_of(value)
    except NotReadError as error:
        unsure[row] = Flaw(error.found, error.expected, str(value))
        return None


def _known(crs: Any) -> pyproj.CRS | None:
    try:
        return pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        raise CrsError(f"{str(crs)[:_SHOWN]!r}, which PROJ does not know", "a known CRS", "e.g. EPSG:32638") from None


def _numbers(
    parts: list[list[Any]],
    texts: list[list[str | None]],
    unsure: dict[int, Flaw],
    position: Position,
    plane: pyproj.CRS | None,
) -> tuple[Array, Array, list[int], Array] | None:
    """Read two columns as plain numbers: x, y and their most decimals; None when they hold other writings as well."""
    metres = plane is not None and plane.is_projected
    read: list[Array] = []
    decimals: list[int] = []
    digits = np.zeros((2, len(texts[0])), dtype=np.int64)
    strange: dict[int, Flaw] = {}
    for k, (given, written) in enumerate(zip(parts, texts, strict=True)):
        values = np.full(len(written), np.nan)
        most = 0
        for i, (value, text) in enumerate(zip(given, written, strict=True)):
            if text is None or i in unsure:
                continue
            number = value if isinstance(value, int | float) else _number(text, position.decimal, metres=metres)
            if isinstance(number, Flaw):
                strange.setdefault(i, number)
                continue
            values[i] = number
            _, mark, after = text.replace(",", ".").rpartition(".")
            digits[k, i] = len(after) if mark else 0
            most = max(most, int(digits[k, i]))
        read.append(values)
        decimals.append(most)
    if strange and not metres:
        return None
    unsure.update(strange)
    for i, flaw in _zeros(read[0], read[1]).items():
        unsure.setdefault(i, flaw)
    return read[0], read[1], decimals, np.max(digits, axis=0)


def _zeros(x: Array, y: Array) -> dict[int, Flaw]:
    """Find zeros that are no places: both at once, or one in a column whose numbers lie far from zero."""
    zero = np.abs(np.array([x, y])) < _ZERO
    known = np.isfinite(x) & np.isfinite(y)
    far = np.array([np.median(np.abs(v[known])) > 1 if known.any() else False for v in (x, y)])
    found = {}
    for i in map(int, np.flatnonzero(known & (zero.all(axis=0) | (zero & far[:, None]).any(axis=0)))):
        both = zero[:, i].all()
        told = "0, 0" if both else f"a lone 0 ({x[i]:.8g}, {y[i]:.8g})"
        found[i] = Flaw(told, "coordinates; a zero is what an empty cell becomes", f"{x[i]:.15g} {y[i]:.15g}")
    return found


def _number(text: str, decimal: str, *, metres: bool) -> float | Flaw:
    """Read a number as written, or say why it cannot be one."""
    plain = text
    if metres or decimal:
        mark = decimal or "."
        groups = _BLANKS + ("." if mark == "," else "," if decimal else "")
        match = re.fullmatch(rf"[+-]?\d{{1,3}}([{re.escape(groups)}])\d{{3}}(\1\d{{3}})*({re.escape(mark)}\d*)?", plain)
        if match:
            plain = plain.replace(match[1], "")
        if mark == ",":
            plain = plain.replace(".", "?").replace(",", ".")
    if metres and not decimal and _EITHER.fullmatch(text):
        point, whole = text.replace(",", "."), re.sub("[.,]", "", text)
        return Flaw(f"{text!r} ({point} or {whole}?)", "the decimal mark stated: --decimal . or --decimal ,", text)
    if _PLAIN.fullmatch(plain):
        return float(plain)
    if not decimal and re.fullmatch(r"[+-]?\d+,\d+", text):
        return Flaw(f"{text[:_SHOWN]!r} (decimal comma, or thousands?)", "the decimal mark stated: --decimal ,", text)
    return Flaw(f"{text[:_SHOWN]!r}", "a number like 667123.4", text)


def _as_numbers(
    sheet: Sheet,
    position: Position,
    numbers: tuple[Array, Array, list[int], Array],
    unsure: dict[int, Flaw],
    empty: Array,
    plane: pyproj.CRS | None,
) -> Sheet:
    x, y, decimals, digits = numbers
    x[list(unsure)] = y[list(unsure)] = np.nan
    there = np.isfinite(x) & np.isfinite(y)
    made = np.full(len(x), None, dtype=object)
    made[there] = shapely.points(x[there], y[there])
    _refuse_all(sheet, there, unsure, empty)
    declared = plane
    if position.datum and plane is None:
        declared = _geographic(position.datum)
        if 2 * ((np.abs(x[there]) > 360) | (np.abs(y[there]) > 90)).sum() > there.sum():
            raise CrsError(
                f"the positions of {sheet.name} are no degrees (e.g. {x[there][0]:g}, {y[there][0]:g})",
                "the CRS of these numbers",
                "--crs EPSG:… in place of --datum, e.g. --crs EPSG:32638 for UTM 38N on WGS 84",
            )
    step = (10.0 ** -decimals[0], 10.0 ** -decimals[1])
    coarse = max(step) > (_FINE if declared is None or declared.is_geographic else 0.1)
    read_as = None if declared is None else (f"numbers in {declared.name}",) * len(x)
    accuracy = None
    if declared is None or declared.is_geographic:
        # One zero at the end is lost easily, three in both numbers are not: such a row is as coarse as it is written.
        coarser = there & (digits <= max(decimals) - _LOST)
        accuracy = np.where(coarser, 10.0 ** -digits.astype(float) * _M_PER_DEG / math.sqrt(2), np.nan)
        accuracy = accuracy if coarser.any() else None
    return dataclasses.replace(
        sheet,
        shapes=made,
        flaws=unsure,
        crs=declared,
        step=step if coarse else None,
        read_as=read_as,
        accuracy_m=accuracy,
    )


def _refuse_all(sheet: Sheet, there: Array, unsure: dict[int, Flaw], empty: Array) -> None:
    if there.any() or not unsure or 2 * len(unsure) < (~empty).sum():
        return
    row, flaw = next(iter(sorted(unsure.items())))
    raise CrsError(
        f"none of the {int((~empty).sum()):,} positions of {sheet.name} can be read,"
        f" e.g. row {sheet.lines[row] if sheet.lines else row + 1:,} of the file: {flaw.found}",
        flaw.expected,
        "state how they are written: --datum, --decimal, --order, --crs",
    )


def _geographic(datum: str) -> pyproj.CRS:
    """Give the degrees of a datum."""
    from hazardmap.intake.coordinates.datums import crs_of, datum_of  # noqa: PLC0415 - needed by few

    return crs_of(datum_of(datum))


def _as_texts(
    sheet: Sheet,
    position: Position,
    found: dict[str, str],
    parts: list[list[Any]],
    unsure: dict[int, Flaw],
    plane: pyproj.CRS | None,
) -> Sheet:
    """Read positions in any writing, each with the accuracy of its writing; they come out in WGS 84."""
    given = [[None if i in unsure else v for i, v in enumerate(part)] for part in parts]
    count = len(sheet.cells)
    zones = (
        [None] * count
        if "zone" not in found
        else [_text(v, i, unsure) for i, v in enumerate(sheet.cells[found["zone"]])]
    )
    xy, accuracy = np.full((count, 2), np.nan), np.full(count, np.nan)
    read_as: list[str | None] = [None] * count
    flaws = dict(unsure)
    notes: list[str] = []
    rows_of: dict[str | None, list[int]] = {}
    for i, zone in enumerate(zones):
        rows_of.setdefault(zone, []).append(i)
    for zone, rows in rows_of.items():
        read = _parsed([[part[i] for i in rows] for part in given], position, plane, zone)
        here = np.array(rows)
        xy[here, 0], xy[here, 1], accuracy[here] = read.longitude, read.latitude, read.accuracy_m
        for k, i in enumerate(rows):
            if read.form[k]:
                way = f", {read.operation[k]}" if read.operation[k] != "none" else ""
                read_as[i] = f"{read.form[k]}, {position.datum or (plane.name if plane else 'as stated in it')}{way}"
        for k, (told, expected) in read.faults.items():
            flaws.setdefault(rows[k], Flaw(told, expected, str(read.entered[k])))
        notes += [
            f"positions: {n}" if zone is None else f"positions in zone {safe(zone)}: {n}" for n in read.notes[:_NOTES]
        ]
    for i, flaw in _zeros(xy[:, 0], xy[:, 1]).items():
        flaws.setdefault(i, flaw)
        xy[i] = np.nan
    there = np.isfinite(xy).all(axis=1)
    made = np.full(count, None, dtype=object)
    made[there] = shapely.points(xy[there])
    empty = np.array([all(_blank(v) for v in row) for row in zip(*parts, strict=True)], dtype=bool)
    _refuse_all(sheet, there, flaws, empty)
    return dataclasses.replace(
        sheet,
        shapes=made,
        flaws=flaws,
        crs=pyproj.CRS("EPSG:4326"),
        accuracy_m=accuracy,
        read_as=tuple(read_as),
        notes=(*sheet.notes, *notes),
    )


def _parsed(parts: list[list[Any]], position: Position, plane: pyproj.CRS | None, zone: str | None) -> Any:
    from hazardmap.intake.coordinates import parse_columns  # noqa: PLC0415 - needed by few

    how: dict[str, Any] = {"decimal": position.decimal or None, "datum": position.datum or None, "zone": zone}
    how["crs"] = plane if plane is not None and not position.datum else None
    if len(parts) == 1:
        return parse_columns(parts[0], order=position.order or None, **how)
    return parse_columns(x=parts[0], y=parts[1], **how)


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not isinstance(value, Unsure) and not value.strip())


def _gathered(sheet: Sheet, found: dict[str, str]) -> Sheet:
    """Make one row of the rows of each polygon."""
    xy = shapely.get_coordinates(
        np.where(shapely.is_missing(sheet.shapes), shapely.Point(np.nan, np.nan), sheet.shapes)
    )
    lines = sheet.lines or tuple(range(1, len(sheet.cells) + 1))
    done = vertices.gathered(
        sheet.cells,
        xy,
        sheet.flaws,
        sheet.faults,
        owner=found["vertices_of"],
        number=found.get("vertex"),
        corners=[found[k] for k in ("x", "y", "zone", "coordinates", "vertex") if k in found],
        lines=lines,
    )
    notes = [
        f"{len(sheet.cells):,} rows made {len(done.rows):,} records: turning points of one {safe(found['vertices_of'])}"
    ]
    if done.closed:
        notes.append(
            f"{done.closed:,} polygons do not end where they begin: closed from the last turning point to the first"
        )
    accuracy = sheet.accuracy_m
    return dataclasses.replace(
        sheet,
        cells=done.cells,
        shapes=done.shapes,
        flaws=done.flaws,
        faults=done.faults,
        notes=(*sheet.notes, *notes),
        lines=tuple(lines[rows[0]] for rows in done.rows),
        accuracy_m=None if accuracy is None else np.array([np.max(accuracy[rows]) for rows in done.rows]),
        read_as=tuple(_told(rows, lines, sheet.read_as) for rows in done.rows),
    )


def _told(rows: list[int], lines: Sequence[int], read_as: Sequence[str | None] | None) -> str:
    """Tell of which rows of the file a polygon is made, and how their positions were read."""
    first, last = lines[rows[0]], lines[rows[-1]]
    where = f"row {first}" if len(rows) == 1 else f"{len(rows)} rows from {first} to {last}"
    ways = sorted({r for i in rows if (r := read_as[i]) is not None}) if read_as is not None else []
    return f"{where} of the file" + (f"; {'; '.join(ways[:3])}" if ways else "")
