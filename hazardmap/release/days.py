"""Days as whole numbers, and the day that is asked about.

Knows the calendar only.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from hazardmap.errors import SchemaError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hazardmap.programme import Programme

    Array = NDArray[Any]

#: Day numbers outside every calendar: known since always, never to come.
ALWAYS, NEVER = -(10**7), 10**7


def day_numbers(column: pd.Series, missing: int) -> Array:
    """Turn dates into day numbers since 1970; missing ones into the number given.

    Examples
    --------
    >>> import pandas as pd
    >>> day_numbers(pd.Series(pd.to_datetime(["1970-01-11", None])), NEVER).tolist()
    [10, 10000000]
    """
    numbers = column.to_numpy().astype("datetime64[D]").astype(np.int64)
    return np.where(column.isna().to_numpy(), missing, numbers)


def day_number(programme: Programme, on: str | date) -> int:
    """Turn a day into a number, refusing what is no day and what lies after the programme's as-of date.

    Raises
    ------
    SchemaError
        When `on` is no ISO date, or later than the as-of date: the tables know nothing of it.
    """
    try:
        day = date.fromisoformat(on.isoformat()[:10] if isinstance(on, date) else on)  # a datetime is its day
    except (ValueError, TypeError):
        raise SchemaError(f"on = {on!r}", "a day", "write it like 2024-12-31") from None
    if programme.as_of is not None and day > programme.as_of:
        raise SchemaError(
            f"the day {day} lies after the as-of date {programme.as_of}",
            "a day about which the tables know something",
            f"ask for {programme.as_of} or earlier, or import newer data",
        )
    return int(np.datetime64(day, "D").astype(np.int64))
