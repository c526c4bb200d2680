"""Tables of answers made by hand, in the form that check_plots gives them: what a map of verdicts is tried with."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import hazardmap as hm
from hazardmap import measure, tables, words

ON = "2024-12-31"

_STATE = {
    "cannot_tell": None,
    "confirmed_hazard": "confirmed_open",
    "suspected_hazard": "suspected_open",
    "release_in_question": "in_question",
    "not_handed_over": "not_handed_over",
    "too_shallow": "cleared",
    "partly_released": "cleared",
    "released": "cleared",
    "near_hazard": "no_record",
    "surveyed_no_evidence": "surveyed",
    "no_record": "no_record",
    "outside_coverage": "outside_coverage",
}


def answers_for(plots, verdicts, *, on="2024-12-31", **columns):
    """Answers for plots: a verdict each, and whatever else is given; a column not given is plausible and dull.

    Half of a partly released plot has no record; every other plot is of one state as a whole, `cannot_tell` of none.
    """
    n = len(plots)
    verdicts = pd.Series(list(verdicts), index=plots.index, dtype="str")
    area = measure.area_m2(plots.geometry).mask(verdicts.eq("cannot_tell")).astype("float64")
    shares = pd.DataFrame(0.0, index=plots.index, columns=list(words.STATES))
    for verdict, state in _STATE.items():
        mine = verdicts.eq(verdict)
        if state is None:
            shares.loc[mine] = np.nan
        else:
            shares.loc[mine, state] = 1.0
        if verdict == "partly_released":
            shares.loc[mine, ["cleared", "no_record"]] = 0.5
    text = {
        "plot_id": plots["plot_id"],
        "cadastre_no": plots["cadastre_no"],
        "name": plots["name"],
        "use": plots["use"],
        "verdict": verdicts,
        "why": pd.Series([f"{words.VERDICTS[v]}." for v in verdicts], index=plots.index, dtype="str"),
        "flags": [()] * n,
        "area_m2": area,
        **{f"{state}_m2": shares[state] * area for state in words.STATES},
        **{f"{state}_pct": shares[state] * 100 for state in words.STATES},
        "nearest_hazard_id": pd.Series([None] * n, index=plots.index, dtype="str"),
        "nearest_hazard_m": np.nan,
        "nearest_direction": pd.Series([None] * n, index=plots.index, dtype="str"),
        "required_depth_m": plots["required_depth_m"],
        "cleared_depth_m": np.nan,
        **{name: [()] * n for name in ("hazard_ids", "release_ids", "idle_release_ids", "survey_ids", "find_ids")},
        "unplaced_hazards": np.zeros(n, dtype="int64"),
        **dict.fromkeys(
            ("on", "as_of", "data_as_of"), pd.Series([pd.Timestamp(on)] * n, index=plots.index).dt.as_unit("us")
        ),
        "sources": "made by hand",
        **columns,
    }
    return gpd.GeoDataFrame(text, index=plots.index, geometry=plots.geometry.to_numpy(), crs=measure.STORED_CRS)


DEGREE_M = 85_394.0, 111_035.0  # of longitude and latitude at 40° N (Bowring); 1 m is enough here
# On the squares of hm.example(): A cleared, B half suspected, C confirmed, D in question, E half confirmed, F surveyed.
EXAMPLE = (
    "released",
    "suspected_hazard",
    "confirmed_hazard",
    "release_in_question",
    "confirmed_hazard",
    "surveyed_no_evidence",
)


def place(x, y=50.0):
    return 47.0 + x / DEGREE_M[0], 40.0 + y / DEGREE_M[1]


def square(x, y, side=100.0):
    return shapely.box(*place(x, y), *place(x + side, y + side))


def twelve_plots():
    """A plot of 100 m for each verdict, three rows of four, on covered ground without any record."""
    verdicts = list(words.VERDICTS)
    places = [(-400 + 200 * (i % 4), 150 + 150 * (i // 4)) for i in range(12)]
    plots = tables.canonical(
        gpd.GeoDataFrame(
            {
                "plot_id": [f"V-{i:02d}" for i in range(12)],
                "cadastre_no": [f"77/{i:02d}" for i in range(12)],
                "use": ["field"] * 12,
                "required_depth_m": [0.2] * 12,
            },
            geometry=[square(*p) for p in places],
            crs=measure.STORED_CRS,
        ),
        "plots",
    )
    return answers_for(plots, verdicts), dict(zip(verdicts, [(x + 50, y + 50) for x, y in places], strict=True))


def six_plots(**columns):
    return answers_for(hm.example().plots, EXAMPLE, **columns)


def bare():
    """A programme that covers its ground and has no record there."""
    return hm.Programme(name="Bare", as_of=pd.Timestamp(ON).date(), coverage=hm.example().coverage)


def with_shapes(answers, shapes):
    values = answers.geometry.to_numpy().copy()
    for row, shape in shapes.items():
        values[row] = shape
    return answers.set_geometry(gpd.GeoSeries(values, index=answers.index, crs=measure.STORED_CRS))
