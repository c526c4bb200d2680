"""The words of a traverse: kinds of points, norths, units, forms, and what its columns are called.

Closed lists, as in `hazardmap.words`: a word that is in none is a fault. "Mil" alone stands for two units and is in
none. Knows no numbers and no ground.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from hazardmap.words import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

POINT_KIND = Vocabulary(
    "kind of point",
    "GICHD wiki, Point Types",
    {
        "reference_point": ("landmark", "reference", "ref point", "RP", "LM", "ориентир", "oriyentir"),
        "benchmark": ("bench mark", "BM", "репер", "reper"),
        "start_point": ("start", "starting point", "SP", "начальная точка", "başlanğıc nöqtəsi"),
        "turning_point": ("turning", "turn", "TP", "поворотная точка", "точка поворота", "dönüş nöqtəsi"),
        "intermediate_point": ("intermediate", "IP", "промежуточная точка", "aralıq nöqtə"),
        "end_point": ("end", "EP", "конечная точка", "son nöqtə"),
        "evidence_point": ("evidence",),
        "usage_point": ("usage",),
    },
)
#: The points that stand on the boundary of an area, or along a row of mines.
BOUNDARY = ("start_point", "turning_point", "intermediate_point", "end_point")
#: Points beside the way: nothing is walked on from them unless a row says so.
BESIDE = ("evidence_point", "usage_point")

NORTH = Vocabulary(
    "north",
    "domain notes §7",
    {
        "true": ("true north", "geographic", "TN", "истинный", "географический", "həqiqi"),
        "magnetic": ("magnetic north", "mag", "compass", "MN", "магнитный", "maqnit"),
        "grid": ("grid north", "GN", "дирекционный", "дирекционный угол"),
    },
)

BEARING_UNIT = Vocabulary(
    "unit of bearings",
    "degrees; NATO mils; Soviet mils; gons",
    {
        "deg": ("degree", "degrees", "dms", "градус", "градусы", "dərəcə"),
        "mil_6400": ("mil 6400", "mils 6400", "6400", "6400 mil", "6400 mils", "NATO mil", "NATO mils"),
        "mil_6000": ("mil 6000", "mils 6000", "6000", "6000 mil", "6000 mils", "Soviet mil", "деления угломера"),
        "gon": ("gons", "grad", "gradian", "grads", "гон"),
    },
)
#: How many of a unit make a full circle.
CIRCLE: Mapping[str, float] = MappingProxyType({"deg": 360.0, "mil_6400": 6400.0, "mil_6000": 6000.0, "gon": 400.0})

DISTANCE_UNIT = Vocabulary(
    "unit of distances",
    "metres; paces with their length; feet and yards are the international ones",
    {
        "m": ("metre", "metres", "meter", "meters", "м", "метр", "метры"),
        "km": ("kilometre", "kilometres", "kilometer", "kilometers", "км"),
        "pace": ("paces", "step", "steps", "шаг", "шаги", "шагов", "addım"),
        "ft": ("foot", "feet"),
        "yd": ("yard", "yards"),
    },
)
#: Metres in a unit; a pace has the length that its traverse states.
METRES: Mapping[str, float] = MappingProxyType({"m": 1.0, "km": 1000.0, "ft": 0.3048, "yd": 0.9144})

FORM = Vocabulary(
    "form",
    "an area inside its turning points, or a row of mines along them",
    {"area": ("polygon", "perimeter"), "row": ("mine row", "belt", "line", "ряд", "полоса")},
)

LINE = Vocabulary(
    "which line of a belt was walked",
    "rows and belts; left and right as one walks from the start point",
    {
        "centre": ("center", "middle", "axis"),
        "left_edge": ("left", "left side"),
        "right_edge": ("right", "right side"),
    },
)

#: Our columns, and other names that tables give them.
COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "traverse_id": ("traverse", "hazard id", "minefield", "record"),
        "point": ("to", "point name", "to point"),
        "kind": ("kind of point", "point kind", "point type"),
        "from": ("from point",),
        "order": ("no", "leg", "sequence"),
        "longitude": ("lon",),
        "latitude": ("lat",),
        "coordinates": ("position",),
        "datum": (),
        "accuracy_m": (),
        "bearing": ("azimuth",),
        "bearing_unit": (),
        "north": (),
        "date": ("date of record", "record date"),
        "crs": ("grid",),
        "distance": (),
        "distance_unit": (),
        "pace_m": ("pace",),
        "bearing_accuracy_deg": (),
        "distance_accuracy_m": (),
        "distance_accuracy_percent": (),
        "decimal": (),
        "form": (),
        "width_m": ("width",),
        "line": (),
        "spacing_m": ("spacing",),
        "mines": (),
        "rows": (),
        "row_spacing_m": ("row spacing",),
    }
)
#: Columns without which there is no traverse.
NEEDED = ("traverse_id", "point", "kind", "bearing", "distance")
#: Said once, they hold for all legs of a traverse.
OF_THE_LEGS = (
    "bearing_unit",
    "north",
    "date",
    "crs",
    "distance_unit",
    "pace_m",
    "bearing_accuracy_deg",
    "distance_accuracy_m",
    "distance_accuracy_percent",
    "decimal",
)
#: Said once or more, but never two things.
OF_THE_WHOLE = ("form", "width_m", "line", "spacing_m", "mines", "rows", "row_spacing_m")
