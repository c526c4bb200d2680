"""Read a table of traverses into polygons, points and faults; no row is lost.

Joins what the other files of this room do, one traverse after another. Knows frames; knows no files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from hazardmap import measure
from hazardmap import readings as readings_of
from hazardmap.errors import SchemaError
from hazardmap.intake.traverse.belts import Belt
from hazardmap.intake.traverse.closing import Closing, closing_of, spread
from hazardmap.intake.traverse.legs import Legs, legs_of
from hazardmap.intake.traverse.outlines import area_inside, belt_along, sides
from hazardmap.intake.traverse.places import Places, places_of
from hazardmap.intake.traverse.vocabulary import BOUNDARY
from hazardmap.intake.traverse.walking import Walk, walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]

_GEOD = pyproj.Geod(ellps="WGS84")
#: A closing error above this part of the loop is a blunder, not an error of measuring: the traverse is quarantined.
CLOSING_LIMIT = 1 / 50
#: Accuracy of a landmark whose row states none: that of an estimated hazard (`Policy.hazards_estimated_m`).
START_ACCURACY_M = 50.0
#: Meridians draw together by a millimetre in 100 m: this is closed.
_CLOSED_M = 0.01
FAULT_COLUMNS = ("row", "traverse_id", "column", "found", "expected")
#: Columns by which legs follow one another: where they are at fault, points may lie anywhere.
_OF_ORDER = frozenset({"order", "from"})
_OF_BELTS = ("width_m", "line", "spacing_m", "mines", "rows", "row_spacing_m")


@dataclass(frozen=True)
class Traverses:
    """What a table of traverses says.

    Parameters
    ----------
    polygons
        One row for each traverse, in order of first appearance, EPSG:4326.
    points
        One row for each row of the table, on its index, EPSG:4326.
    faults
        What cannot be read or does not hold: row (label), traverse_id, column, found, expected.
    """

    polygons: gpd.GeoDataFrame
    points: gpd.GeoDataFrame
    faults: pd.DataFrame

    def __repr__(self) -> str:
        """Tell how many there are."""
        held = int(self.polygons["quarantined"].notna().sum())
        return (
            f"<Traverses: {len(self.points):,} rows, {len(self.polygons):,} traverses, {held:,} quarantined,"
            f" {len(self.faults):,} faults>"
        )


def read_traverses(
    frame: pd.DataFrame,
    *,
    stated: Mapping[str, str] | None = None,
    bowditch: bool = False,
    closing_limit: float = CLOSING_LIMIT,
    start_accuracy_m: float = START_ACCURACY_M,
    day_first: bool | None = None,
) -> Traverses:
    """Read traverses: landmark, benchmark, start point and turning points by bearing and distance.

    A row is a point and the leg that leads to it. The first row of a traverse states a position; the name of an earlier
    point again, on the last leg, is the closing leg. What the table does not state and cannot be done without (units,
    north, date of a compass, CRS of a grid, datum, length of a pace) is a fault, and the traverse is quarantined.

    Parameters
    ----------
    frame
        Columns traverse_id, point, kind, bearing, distance, and those of `vocabulary.COLUMNS`; text or numbers.
    stated
        Values for whole columns where cells are empty, e.g. {"north": "magnetic"}.
    bowditch
        Spread closing errors that are within the limit over the points. Without it they are told, and the ground of
        both readings is kept.
    closing_limit
        A closing error above this part of the loop is a fault.
    start_accuracy_m
        Accuracy of a position that states none, m.
    day_first
        Order of day and month in dates like 03/04/1993; None: such a date is a fault.

    Returns
    -------
    Traverses
        ``polygons``: traverse_id, form, points, perimeter_m, closing_m, closing_permille, adjusted, largest_move_m,
        area_m2, accuracy_m, north, date, declination_deg, declination_model, declination_uncertainty_deg, notes,
        quarantined, geometry (a draft where quarantined, None where it cannot be drawn). ``points``: traverse_id,
        point, kind, from_point, bearing, distance (as entered), their units, north, azimuth_deg (true), distance_m,
        declination_deg, convergence_deg, accuracy_m, moved_m, closing, geometry. ``faults``.

    Raises
    ------
    SchemaError
        When a needed column is missing or named twice, or a limit is no number above 0.

    Examples
    --------
    A square of 100 m, 50 m east of a landmark.

    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     [
    ...         ("M-1", "well", "landmark", None, None, "46.90000", "40.00000"),
    ...         ("M-1", "S", "start", "90", "50", None, None),
    ...         ("M-1", "T1", "turning", "0", "100", None, None),
    ...         ("M-1", "T2", "turning", "90", "100", None, None),
    ...         ("M-1", "T3", "turning", "180", "100", None, None),
    ...         ("M-1", "S", "start", "270", "100", None, None),
    ...     ],
    ...     columns=["traverse_id", "point", "kind", "bearing", "distance", "longitude", "latitude"],
    ... )
    >>> said = {"north": "true", "bearing_unit": "deg", "distance_unit": "m", "datum": "WGS 84"}
    >>> read = read_traverses(table, stated=said)
    >>> read
    <Traverses: 6 rows, 1 traverses, 0 quarantined, 0 faults>
    >>> read.polygons[["area_m2", "closing_m"]].round(0).to_dict("records")
    [{'area_m2': 10000.0, 'closing_m': 0.0}]
    """
    if not (0 < closing_limit < 1 and 0 <= start_accuracy_m < float("inf")):
        raise SchemaError(
            f"closing_limit {closing_limit}, start_accuracy_m {start_accuracy_m}",
            "a limit between 0 and 1, an accuracy of 0 m or more",
            "e.g. closing_limit=1/50, start_accuracy_m=50",
        )
    legs = legs_of(frame, stated or {}, day_first=day_first)
    places = places_of(legs, start_accuracy_m)
    walked = walk(legs, places)
    groups = legs.groups()
    closings = [closing_of(legs, walked, rows) for rows in groups]
    spreadable = [c for c in closings if c is not None and bowditch and c.whole and c.within(closing_limit)]
    done, moved = spread(legs, walked, spreadable) if spreadable else (walked, np.zeros(len(legs)))
    adjusted = frozenset(c.row for c in spreadable)
    told = _Told(legs, places, walked, done, moved, closing_limit, adjusted, asked=bowditch)
    rows = [told.row(name, mine, closing) for name, mine, closing in zip(legs.names, groups, closings, strict=True)]
    faults = _faults(legs, frame.index)
    return Traverses(_polygons(rows, legs), _points(frame.index, legs, done, moved), faults)


@dataclass
class _Told:
    """What is told of each traverse."""

    legs: Legs
    places: Places
    walked: Walk
    done: Walk
    moved: Array
    closing_limit: float
    adjusted: frozenset[int]
    asked: bool

    def row(self, name: str, rows: Array, closing: Closing | None) -> dict[str, Any]:
        """Give one row of the polygons; what does not hold goes to the faults."""
        legs, done = self.legs, self.done
        notes = [self.places.notes[r] for r in map(int, rows) if r in self.places.notes]
        form = self._form(rows)
        boundary = np.array([legs.codes["kind"][r] in BOUNDARY for r in rows], dtype=bool) & (done.closes[rows] < 0)
        vertices = rows[boundary & np.isfinite(done.longitude[rows])]
        self._order_of_points(rows, vertices)
        self._close(closing, notes, rows, form)
        self._second_positions(rows, notes)
        shape, perimeter = self._shape(form, rows, vertices, closing, notes)
        known = done.accuracy_m[vertices]
        error = closing.error_m if closing is not None else 0.0
        accuracy = float(np.hypot(known.max(), error)) if len(known) and np.isfinite(known).all() else np.nan
        compass = rows[np.isfinite(done.declination[rows])]
        norths = sorted({str(legs.codes["north"][r]) for r in rows if legs.codes["north"][r] and legs.has_leg[r]})
        days = {legs.days[r] for r in rows if legs.days[r] is not None}
        return {
            "traverse_id": name,
            "form": form,
            "points": len(vertices),
            "perimeter_m": perimeter,
            "closing_m": closing.error_m if closing else np.nan,
            "closing_permille": closing.permille if closing else np.nan,
            "adjusted": closing is not None and closing.row in self.adjusted,
            "largest_move_m": float(self.moved[rows].max()) if len(rows) else 0.0,
            "accuracy_m": accuracy,
            "north": " and ".join(norths) or None,
            "date": days.pop() if len(days) == 1 else None,
            "declination_deg": float(done.declination[compass[0]]) if len(compass) else np.nan,
            "declination_model": str(done.model[compass[0]]) if len(compass) else None,
            "declination_uncertainty_deg": float(done.declination_uncertainty[compass].max())
            if len(compass)
            else np.nan,
            "notes": "; ".join(notes),
            "geometry": shape,
        }

    def _form(self, rows: Array) -> str:
        codes = [c for r in rows if (c := self.legs.codes["form"][r])]
        if codes:
            return "area" if "area" in codes else str(codes[0])
        said = [c for c in _OF_BELTS if self.legs.texts[c][rows[0]] is not None]
        if said:
            self.legs.faults.append((int(rows[0]), "form", f"none, but {', '.join(said)}", "area or row"))
        return "area"

    def _order_of_points(self, rows: Array, vertices: Array) -> None:
        kinds = [self.legs.codes["kind"][r] for r in vertices]
        starts = [r for r, k in zip(vertices, kinds, strict=True) if k == "start_point"]
        if len(starts) > 1:
            self.legs.faults.append((int(starts[1]), "kind", "a second start point", "one start point in a traverse"))
        elif starts and starts[0] != vertices[0]:
            self.legs.faults.append((int(starts[0]), "kind", "a start point after others", "the start point first"))
        if "end_point" in kinds[:-1]:
            end = vertices[kinds.index("end_point")]
            self.legs.faults.append((int(end), "kind", "an end point before others", "the end point last"))
        del rows

    def _close(self, closing: Closing | None, notes: list[str], rows: Array, form: str) -> None:
        if closing is None:
            if form == "area" and not (self.walked.closes[rows] >= 0).any():
                notes.append("no closing leg: its error is not known, the last side is drawn straight")
            return
        name = self.legs.texts["point"][closing.row]
        gap = f"the closing leg misses {name} by {closing.error_m:.2f} m ({closing.permille:.1f} ‰ of the loop)"
        if not closing.within(self.closing_limit):
            limit = f"at most {1000 * self.closing_limit:g} ‰ of {closing.length_m:,.0f} m"
            self.legs.faults.append((closing.row, "distance", gap, f"a closing error of {limit}: look for a wrong leg"))
        if closing.error_m <= _CLOSED_M:
            notes.append(f"closes on {name}")
        elif closing.row in self.adjusted:
            largest = self.moved[list(closing.loop)].max()
            notes.append(f"{gap}; spread by Bowditch, points moved by up to {largest:.2f} m")
        elif self.asked and not closing.whole:
            notes.append(f"{gap}; not spread: the way to {name} is not a loop")
        elif self.asked:
            notes.append(f"{gap}; not spread: it is too large for an error of measuring")
        else:
            notes.append(f"{gap}; not adjusted")

    def _second_positions(self, rows: Array, notes: list[str]) -> None:
        """Hold points that were both walked to and measured against each other."""
        places, done = self.places, self.walked
        for r in rows[
            (done.parent[rows] >= 0) & np.isfinite(places.longitude[rows]) & np.isfinite(done.longitude[rows])
        ]:
            _, _, apart = _GEOD.inv(places.longitude[r], places.latitude[r], done.longitude[r], done.latitude[r])
            within = float(np.hypot(places.accuracy_m[r], done.accuracy_m[r]))
            told = f"{self.legs.texts['point'][r]} as walked lies {apart:,.1f} m from its stated position"
            if apart > within:
                self.legs.faults.append((int(r), "longitude", told, f"within their accuracies, {within:,.1f} m"))
            else:
                notes.append(told)

    def _shape(
        self, form: str, rows: Array, vertices: Array, closing: Closing | None, notes: list[str]
    ) -> tuple[Any, float]:
        """Draw the ground; give it with the length of its boundary (of a row: of the row), m."""
        lost = self._lost(rows)
        x, y = self.done.longitude[vertices], self.done.latitude[vertices]
        least = 3 if form == "area" else 2
        if len(vertices) < least:
            known = int(sum(self.legs.codes["kind"][r] in BOUNDARY for r in rows))
            if known < least:
                found = f"{len(vertices)} boundary point{'s' if len(vertices) != 1 else ''}"
                needed = (
                    "at least 3 start, turning and end points; or form = row" if least == 3 else "at least 2 points"
                )
                self.legs.faults.append((int(rows[0]), "kind", found, needed))
            return None if lost else _draft(x, y), np.nan
        if lost:
            return None, np.nan
        if np.ptp(x) > 180:
            self.legs.faults.append((int(rows[0]), "longitude", "points on both sides of 180°", "one side of it"))
            return None, np.nan
        if form == "row":
            return self._belt(rows, *self._way_of_row(vertices, closing), notes)
        if closing is not None and (at := np.flatnonzero(vertices == closing.target)).size and at[0] > 0:
            return self._loop(closing, vertices, int(at[0]))
        back = None
        if closing is not None and closing.target == vertices[0] and closing.error_m > _CLOSED_M:
            back = float(self.done.longitude[closing.row]), float(self.done.latitude[closing.row])
            back = None if closing.row in self.adjusted else back
        shape = area_inside(x, y, back)
        if not shape.is_valid:
            where = shapely.is_valid_reason(shape).replace("[", "at ").rstrip("]")
            self.legs.faults.append((int(rows[0]), "geometry", where, "sides that do not cross: look for a wrong leg"))
        if "row" in {self.legs.codes["form"][r] for r in rows}:  # two forms, which is a fault: the draft holds both
            belt = self._belt(rows, *self._way_of_row(vertices, closing), notes)[0]
            inside = readings_of.widest(shape)
            shape = shapely.union_all([s for s in (inside, belt) if s is not None and s.geom_type != "LineString"])
        _, _, lengths = _GEOD.inv(x, y, np.roll(x, -1), np.roll(y, -1))
        return shape, float(np.sum(lengths))

    def _lost(self, rows: Array) -> bool:
        """Tell whether a point of the boundary is nowhere, or may be anywhere.

        Then there is no draft. Neither the other points nor their hull hold the ground: drawn from them it would be
        smaller than it is, or elsewhere. A hazard without a draft is unplaced, and keeps its whole district in doubt.
        """
        legs, done = self.legs, self.done
        kinds = [legs.codes["kind"][r] for r in rows]
        corner = np.array([k is None or k in BOUNDARY for k in kinds], dtype=bool) & (done.closes[rows] < 0)
        nowhere = not np.isfinite(done.longitude[rows[corner]]).all() or None in kinds
        doubtful = {i for i, column, _, _ in legs.faults if column in _OF_ORDER}
        return nowhere or not doubtful.isdisjoint(map(int, rows))

    def _loop(self, closing: Closing, vertices: Array, first: int) -> tuple[Any, float]:
        """Draw a boundary whose last leg comes back to another of its points than the first: which is meant is open."""
        name, start = (self.legs.texts["point"][r] for r in (closing.target, vertices[0]))
        told = f"the closing leg comes back to {name}, and the boundary begins at {start}"
        self.legs.faults.append((closing.row, "point", told, f"a closing leg to {start}, or to a point outside"))
        readings = []
        for rows in (vertices, np.append(vertices[first:], closing.row)):
            reading = area_inside(self.done.longitude[rows], self.done.latitude[rows])
            readings.append(readings_of.widest(reading))
        return shapely.union_all([r for r in readings if r is not None]), np.nan

    def _way_of_row(self, vertices: Array, closing: Closing | None) -> tuple[Array, Array]:
        """Give the places along a row of mines, with a leg that comes back to one of them: mines may lie there."""
        x, y = self.done.longitude, self.done.latitude
        way = vertices
        if closing is not None and closing.target in vertices:
            way = np.append(vertices, [closing.row] if closing.error_m <= _CLOSED_M else [closing.row, closing.target])
        return x[way], y[way]

    def _belt(self, rows: Array, x: Array, y: Array, notes: list[str]) -> tuple[Any, float]:
        amounts = {c: self.legs.amounts[c][rows] for c in ("width_m", "rows", "row_spacing_m", "spacing_m", "mines")}
        # Where rows say two widths, which is a fault, the draft has the larger.
        stated: dict[str, Any] = {c: None if np.isnan(v).all() else float(np.nanmax(v)) for c, v in amounts.items()}
        for c in ("rows", "mines"):
            stated[c] = None if stated[c] is None else int(stated[c])
        belt = Belt(**stated)
        _, _, lengths = _GEOD.inv(x[:-1], y[:-1], x[1:], y[1:])
        length = float(np.sum(lengths))
        width, told = belt.width()
        if told:
            notes.append(told)
        if wrong := belt.disagreement(length):
            self.legs.faults.append((int(rows[0]), "mines", *wrong))
        elif (fit := belt.mines_that_fit(length)) is not None and belt.mines is not None:
            notes.append(f"{belt.mines:,} mines stated, about {fit:,} fit")
        if width is None:
            needed = "the width of the belt in metres, or rows and row_spacing_m of at least 2 rows"
            self.legs.faults.append((int(rows[0]), "width_m", "none", needed))
            return shapely.LineString(sides(x, y, closed=False)), length
        lines = {self.legs.codes["line"][r] for r in rows}
        line = lines.pop() if len(lines) == 1 else None
        if line is None:
            notes.append(f"which line of the belt was walked is not stated: {width:g} m are taken to both sides")
        return belt_along(x, y, width, line), length


def _draft(x: Array, y: Array) -> Any:
    if len(x) == 0:
        return None
    return shapely.Point(x[0], y[0]) if len(x) == 1 else shapely.LineString(sides(x, y, closed=False))


def _faults(legs: Legs, index: pd.Index) -> pd.DataFrame:
    found = sorted(set(legs.faults), key=lambda f: f[0])
    told = [(index[i], legs.texts["traverse_id"][i], c, f, e) for i, c, f, e in found]
    return pd.DataFrame(told, columns=list(FAULT_COLUMNS))


def _polygons(rows: list[dict[str, Any]], legs: Legs) -> gpd.GeoDataFrame:
    reasons: dict[int, list[str]] = {}
    for i, column, found, expected in sorted(set(legs.faults), key=lambda f: f[0]):
        reasons.setdefault(int(legs.traverse[i]), []).append(f"{column}: {found} (needed: {expected})")
    columns = (
        *(
            "traverse_id",
            "form",
            "points",
            "perimeter_m",
            "closing_m",
            "closing_permille",
            "adjusted",
            "largest_move_m",
        ),
        *(
            "accuracy_m",
            "north",
            "date",
            "declination_deg",
            "declination_model",
            "declination_uncertainty_deg",
            "notes",
        ),
    )
    frame = pd.DataFrame({c: [r[c] for r in rows] for c in columns})
    shapes = gpd.GeoSeries([r["geometry"] for r in rows], index=frame.index, crs=measure.STORED_CRS)
    frame.insert(8, "area_m2", measure.area_m2(shapes))
    frame["quarantined"] = pd.Series(
        ["; ".join(reasons[t]) if t in reasons else None for t in range(len(rows))], index=frame.index, dtype="object"
    )
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=measure.STORED_CRS)


def _points(index: pd.Index, legs: Legs, done: Walk, moved: Array) -> gpd.GeoDataFrame:
    there = np.isfinite(done.longitude) & np.isfinite(done.latitude)
    shapes = np.full(len(legs), None, dtype=object)
    shapes[there] = shapely.points(done.longitude[there], done.latitude[there])
    start = [legs.texts["point"][p] if p >= 0 else None for p in done.parent]
    frame = pd.DataFrame(
        {
            "traverse_id": legs.texts["traverse_id"],
            "point": legs.texts["point"],
            "kind": legs.codes["kind"],
            "from_point": start,
            "bearing": legs.texts["bearing"],
            "bearing_unit": legs.codes["bearing_unit"],
            "north": legs.codes["north"],
            "distance": legs.texts["distance"],
            "distance_unit": legs.codes["distance_unit"],
            "azimuth_deg": done.azimuth,
            "distance_m": legs.distance_m,
            "declination_deg": done.declination,
            "convergence_deg": done.convergence,
            "accuracy_m": done.accuracy_m,
            "moved_m": moved,
            "closing": done.closes >= 0,
        },
        index=index,
    )
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=measure.STORED_CRS)
