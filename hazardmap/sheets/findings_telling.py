"""What every product about findings tells beside them: counts, the day, the sources, and that it permits nothing.

Knows the columns of the findings and words; knows no file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import shapely

from hazardmap import words
from hazardmap.inspection import CHECKS, SEVERITIES
from hazardmap.sheets.telling import written_by

if TYPE_CHECKING:
    import geopandas as gpd

    from hazardmap.programme import Programme

#: Said on every product about findings.
LIMITS = "A check that finds nothing proves nothing: the records may still be wrong."


def about(programme: Programme) -> dict[str, str]:
    """Give names and texts for the description of a file."""
    mark = f"{words.FICTITIOUS}. " if programme.fictitious else ""
    return {
        "programme": programme.name,
        "as_of": str(programme.as_of or "unknown"),
        "sources": programme.sources or "not stated",
        "fictitious": str(programme.fictitious).lower(),
        "disclaimer": f"{mark}{LIMITS} {words.DISCLAIMER} {words.ABSENCE}",
        "hazardmap": written_by(),
    }


def tally(findings: pd.DataFrame) -> pd.DataFrame:
    """Count findings and records by check, the worst first.

    Examples
    --------
    >>> import hazardmap as hm
    >>> tally(hm.inspect(hm.example())).to_dict("records")
    [{'check': 'closed_with_ground', 'severity': 'error', 'findings': 1, 'records': 1}, {'check': 'quarantined',
    'severity': 'warning', 'findings': 1, 'records': 1}]
    """
    known = pd.DataFrame(
        {
            "check": findings["check"].to_numpy(dtype=object),
            "rank": findings["severity"].map({s: i for i, s in enumerate(SEVERITIES)}).to_numpy(dtype="int64"),
            "findings": 1,
            "record": (findings["table"] + "\n" + findings["row"].astype("str")).to_numpy(dtype=object),
        }
    )
    by = known.groupby("check").agg(rank=("rank", "min"), findings=("findings", "sum"), records=("record", "nunique"))
    by["order"] = [list(CHECKS).index(c) for c in by.index]
    by = by.sort_values(["rank", "order"]).reset_index()
    by["severity"] = [SEVERITIES[r] for r in by["rank"]]
    return by[["check", "severity", "findings", "records"]]


def counts(findings: pd.DataFrame) -> str:
    """Count the findings in a sentence.

    Examples
    --------
    >>> import hazardmap as hm
    >>> counts(hm.inspect(hm.example()))
    '2 findings: 1 error, 1 warning'
    """
    if not len(findings):
        return "0 findings"
    known = findings["severity"].value_counts()
    told = ", ".join(_several(int(known[s]), s) for s in SEVERITIES if s in known)
    return f"{_several(len(findings), 'finding')}: {told}"


def _several(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def with_position(findings: gpd.GeoDataFrame) -> pd.DataFrame:
    """Put longitude and latitude of a point beside each finding; of a line those of its first vertex."""
    shapes = findings.geometry.to_numpy()
    frame = pd.DataFrame(findings.drop(columns=findings.geometry.name))
    lines = shapely.get_type_id(shapes) > 0
    points = shapes.copy()
    points[lines] = shapely.get_point(shapely.get_geometry(shapes[lines], 0), 0)
    frame["longitude"], frame["latitude"] = shapely.get_x(points).round(7), shapely.get_y(points).round(7)
    return frame
