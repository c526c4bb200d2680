"""How far a position can be wrong by the way it reached us, and that no row is taken for more accurate than that.

Three things add to the accuracy that a row states: the grid to which a format or a number of decimals has rounded it,
the writing of its coordinates (the square of a grid reference), and the operation that brought it to EPSG:4326. Knows
columns and settings; knows nothing of formats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap.intake import placing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hazardmap.intake.columns import Mapped
    from hazardmap.intake.placing import Placed
    from hazardmap.intake.sheet import Sheet
    from hazardmap.programme import Policy

    Array = NDArray[Any]

#: Table → the settings with the accuracy that is assumed where a row states none.
_ASSUMED = {
    "hazards": ("hazards_surveyed_m", "hazards_estimated_m"),
    "releases": ("releases_m",),
    "plots": ("plots_m",),
    "finds": ("finds_m",),
}


def joined(done: Mapped, sheet: Sheet, placed: Placed, shapes: Array, crs: Any, rules: Policy, name: str) -> None:
    """Let no row be taken for more accurate than its writing, its format and its transformation allow.

    Rounding of a whole file is the floor of what its rows state. The writing of a row's own coordinates and the
    transformation are errors of their own beside the one that it states: the root of the sum of the squares. A row
    that states nothing keeps what the policy assumes, unless that is finer.

    Parameters
    ----------
    done
        The table's columns; `accuracy_m` is raised, never lowered, and what was done is noted.
    sheet, placed, shapes, crs
        What was read, where it lies, and its shapes in the CRS of the file.
    rules, name
        The settings and the table.
    """
    if sheet.step is not None:
        half_m = placing.rounding_m(shapes[placed.geometry.notna().to_numpy()], sheet.step, crs)
        raised = _raise(done, np.full(len(done.frame), half_m), rules, name, rounded=True)
        told = f"its coordinates are rounded to a grid: a vertex can lie {half_m:.2g} m from where it was"
        done.notes.append(told + (f"; accuracy_m of {raised:,} rows is raised to no less" if raised else ""))
    own = np.zeros(len(done.frame)) if sheet.accuracy_m is None else np.nan_to_num(sheet.accuracy_m, nan=0.0)
    both = np.hypot(own, placed.accuracy_m)
    if both.any() and (raised := _raise(done, both, rules, name, rounded=False)):
        why = [
            *(["how their positions are written or walked"] if own.any() else []),
            *([f"the transformation ({placed.accuracy_m:g} m)"] if placed.accuracy_m else []),
        ]
        done.notes.append(f"accuracy_m of {raised:,} rows is raised for {' and '.join(why)}, up to {both.max():.3g} m")


def _raise(done: Mapped, error_m: Array, rules: Policy, name: str, *, rounded: bool) -> int:
    """Raise accuracy_m by an error; give the number of rows."""
    if name not in _ASSUMED or not len(done.frame):
        return 0
    stated = done.frame["accuracy_m"].to_numpy(dtype="float64", na_value=np.nan)
    assumed = [getattr(rules, setting) for setting in _ASSUMED[name]]
    silent = np.isnan(stated) & (error_m > min(assumed))
    least = np.where(np.isnan(stated), np.maximum(error_m, max(assumed)), error_m)
    if not rounded:
        least = np.where(np.isnan(stated), least, np.hypot(np.nan_to_num(stated), error_m))
    raised = silent | (least > stated)
    raised &= error_m > 0
    done.frame.loc[raised, "accuracy_m"] = np.ceil(np.round(10 * least[raised], 6)) / 10
    return int(raised.sum())
