"""What a newer report does not say is no news: bad news and what it asks for stay until a report speaks of them.

A cell that a constant filled is silent as well: the file says nothing. Knows which cells of which table speak for the
worse; knows nothing of days and places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hazardmap import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hazardmap.programme import Policy

    Array = NDArray[Any]

#: Column of releases → words that make a release void.
BAD_NEWS = {"decision": ("rejected",), "quality": ("failed",), "nonconformity": ("major", "critical")}
#: The day that goes with such a word.
_DAY_OF = {"decision": "decision_date", "quality": "quality_date", "nonconformity": "nonconformity_closed_on"}


def kept_in_silence(
    former: Any, fresh: Any, name: str, assumed: Mapping[str, Array], policy: Policy
) -> dict[str, Array]:
    """Say which cells of newer rows keep what is held, as the file is silent of them.

    Parameters
    ----------
    former, fresh
        Canonical rows held and rows of the file, pair by pair.
    name
        The table, not hazards.
    assumed
        Column → of each row of the file whether a constant filled it.
    policy
        For accuracies that nobody states.

    Returns
    -------
    Column → of each pair whether it keeps the cell held.

    Examples
    --------
    >>> import hazardmap as hm
    >>> plots = hm.example().plots.head(1)
    >>> kept = kept_in_silence(plots, plots.assign(required_depth_m=None), "plots", {}, hm.Policy())
    >>> {c: k.tolist() for c, k in kept.items() if k.any()}
    {'required_depth_m': [True]}
    """
    kept: dict[str, Array] = {}
    if name == "releases":
        for column in BAD_NEWS:
            kept |= _judgement(former, fresh, column, assumed)
        kept["activity_id"] = _silent(fresh, "activity_id", assumed) & former["activity_id"].notna().to_numpy()
        given = former["activity_type"].map(dict(words.PRODUCT_OF_ACTIVITY))
        disagrees = former["activity_type"].notna() & given.ne(former["product"])
        kept["activity_type"] = _silent(fresh, "activity_type", assumed) & disagrees.to_numpy()
        deeper = _numbers(fresh, "depth_m") > _numbers(former, "depth_m")
        kept["depth_m"] = _constant(fresh, "depth_m", assumed) & deeper
    defaults = {"releases": policy.releases_m, "plots": policy.plots_m}
    if name in defaults:
        stated = np.where(fresh["accuracy_m"].isna(), defaults[name], _numbers(fresh, "accuracy_m"))
        kept["accuracy_m"] = _silent(fresh, "accuracy_m", assumed) & (_numbers(former, "accuracy_m") > stated)
    if name == "plots":
        was, now = (_numbers(f, "required_depth_m") for f in (former, fresh))
        less = ~np.isnan(was) & (np.isnan(now) | (was > now))
        kept["required_depth_m"] = _silent(fresh, "required_depth_m", assumed) & less
    return kept


def _constant(fresh: Any, column: str, assumed: Mapping[str, Array]) -> Array:
    return np.asarray(assumed.get(column, np.zeros(len(fresh), dtype=bool)))


def _silent(fresh: Any, column: str, assumed: Mapping[str, Array]) -> Array:
    return np.asarray(fresh[column].isna().to_numpy() | _constant(fresh, column, assumed))


def _numbers(frame: Any, column: str) -> Array:
    return np.asarray(frame[column].to_numpy(dtype="float64", na_value=np.nan))


def _judgement(former: Any, fresh: Any, column: str, assumed: Mapping[str, Array]) -> dict[str, Array]:
    """Keep bad news of which the file is silent, and any word held that only a constant would replace by good news."""
    bad_was, bad_now = (f[column].isin(BAD_NEWS[column]).to_numpy() for f in (former, fresh))
    constant = _constant(fresh, column, assumed) & former[column].notna().to_numpy()
    keeps = ~bad_now & ((_silent(fresh, column, assumed) & bad_was) | constant)
    day = _DAY_OF[column]
    # A nonconformity is closed by its day; a decision or result has the day that came with it.
    closed = ~_silent(fresh, day, assumed) if column == "nonconformity" else np.zeros(len(fresh), dtype=bool)
    return {column: keeps, day: keeps & ~closed}


def spoken(fresh: Any, former: Any, kept: Mapping[str, Array]) -> Any:
    """Give newer rows with the cells that they keep of those held."""
    columns = {
        c: fresh[c].where(pd.Series(~k, index=fresh.index), former[c].set_axis(fresh.index))
        for c, k in kept.items()
        if k.any()
    }
    return fresh.assign(**{c: v.astype(fresh[c].dtype) for c, v in columns.items()})
