"""Tables of traverses for tests: squares on whole metres from a landmark."""

import pandas as pd

STATED = {"north": "true", "bearing_unit": "deg", "distance_unit": "m", "datum": "WGS 84"}
COLUMNS = ("traverse_id", "point", "kind", "bearing", "distance", "longitude", "latitude")


def table(legs, *, lon="46.9000000", lat="40.0000000", name="M-1", **more):
    """A landmark at a place, then (point, kind, bearing, distance) for each leg; more columns hold for all rows."""
    rows = [(name, "L", "landmark", None, None, lon, lat)]
    rows += [(name, point, kind, str(bearing), str(distance), None, None) for point, kind, bearing, distance in legs]
    return pd.DataFrame(rows, columns=list(COLUMNS)).assign(**more)


def square(side=100, *, closed=True, bearings=(0, 90, 180, 270), out=(90, 50), **more):
    """A square of a side, its start point reached from the landmark by the first leg."""
    legs = [("S", "start", *out)]
    legs += [(f"T{i + 1}", "turning", bearings[i], side) for i in range(3)]
    legs += [("S", "start", bearings[3], side)] if closed else []
    return table(legs, **more)
