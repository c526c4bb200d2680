"""The figures of the legend: counts of rows and sums of areas that the rule of the ground computed.

Counts and adds, nothing else: no area is measured here. Knows the frames of a scene; knows nothing of the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from hazardmap.maps.symbols import SYMBOLS

if TYPE_CHECKING:
    from hazardmap.maps.scene import Scene


def tally(scene: Scene) -> pd.DataFrame:
    """Count the records of each sign of a scene and add up their areas.

    Parameters
    ----------
    scene
        What is drawn.

    Returns
    -------
    One row a layer and sign that occurs, in the order of the legend: `layer`, `symbol`, `count` (rows), `placed` (rows
    with a geometry, the ones that can be drawn), `unplaced` (rows of which some ground has no position; a hazard ended
    by a successor has no geometry and is not unplaced), `area_m2` (sum of the core's column, NaN where the layer
    has none), `flag` (true for the rows of second signs, draft and changed ground, which count hazards once more).

    Examples
    --------
    >>> import hazardmap as hm
    >>> from hazardmap.maps.scene import gather
    >>> counts = tally(gather(hm.example(), on="2024-12-31")).set_index(["layer", "symbol"])["count"]
    >>> int(counts["finds", "accident"]), int(counts["plots", "plot"])
    (1, 6)
    """
    rows = [
        {"layer": layer, "flag": column == "flag", **found}
        for layer, frame in scene.frames.items()
        for column in ("symbol", "flag")
        if column in frame
        for found in _by_sign(frame, column)
    ]
    table = pd.DataFrame(rows, columns=["layer", "flag", "symbol", "count", "placed", "unplaced", "area_m2"])
    order = {(layer, code): (i, j) for i, (layer, signs) in enumerate(SYMBOLS.items()) for j, code in enumerate(signs)}
    rank = [order[key] for key in zip(table["layer"], table["symbol"], strict=True)]
    return table.iloc[sorted(range(len(table)), key=rank.__getitem__)].reset_index(drop=True)


def _by_sign(frame: Any, column: str) -> list[dict[str, Any]]:
    geometry = frame.geometry.to_numpy()
    placed = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    area = frame["area_m2"].to_numpy(dtype="float64") if "area_m2" in frame else float("nan")
    unplaced = frame["unplaced"].to_numpy(dtype=bool) if "unplaced" in frame else ~placed
    rows = pd.DataFrame({"symbol": frame[column].to_numpy(), "placed": placed, "unplaced": unplaced, "area_m2": area})
    return [
        {
            "symbol": symbol,
            "count": len(group),
            "placed": int(group["placed"].sum()),
            "unplaced": int(group["unplaced"].sum()),
            "area_m2": group["area_m2"].sum(min_count=1),
        }
        for symbol, group in rows.groupby("symbol", sort=True)
    ]
