"""Several layers of one file as one sheet, when all are asked for; nothing is mixed that does not belong together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hazardmap.errors import CrsError
from hazardmap.intake.placing import same
from hazardmap.words import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyproj

    from hazardmap.intake.sheet import Sheet


def joined(sheets: Sequence[Sheet], names: Sequence[str], *, name: str, kind: str) -> Sheet:
    """Put the rows of several sheets one after the other; a column ``layer`` says where each is from.

    Raises
    ------
    CrsError
        When they are not all in one CRS.

    Examples
    --------
    >>> from hazardmap.intake.sheet import Sheet
    >>> one, two = (
    ...     Sheet(n, "", "GPX", n, pd.DataFrame({n: ["x"]}), np.array([None]), {}, {}, None, 1) for n in ("a", "b"))
    >>> joined([one, two], ["a", "b"], name="a.gpx", kind="GPX").cells
         a layer     b
    0    x     a  None
    1  None     b     x
    """
    crs: pyproj.CRS | None = sheets[0].crs
    for sheet, layer in zip(sheets, names, strict=True):
        if sheet.crs is not crs and (sheet.crs is None or crs is None or not same(sheet.crs, crs)):
            told = [str(s.crs.name) if s.crs is not None else "no CRS" for s in (sheets[0], sheet)]
            raise CrsError(
                f"{name}: layer {names[0]} has {told[0]}, layer {layer} has {told[1]}",
                "one CRS for layers that are read together",
                "read them one by one: --layer NAME",
            )
    starts = np.cumsum([0, *(len(s.cells) for s in sheets)])
    taken = {fold(str(c)) for s in sheets for c in s.cells}
    title = "layer" if "layer" not in taken else "layer_of_file"
    parts = []
    for sheet, layer in zip(sheets, names, strict=True):
        cells = sheet.cells.copy()
        cells[title] = pd.Series([layer] * len(cells), dtype="object")
        parts.append(cells)
    columns = list(dict.fromkeys(c for p in parts for c in p))
    cells = pd.DataFrame(
        {
            c: pd.Series([v for p in parts for v in (p[c] if c in p else [None] * len(p))], dtype="object")
            for c in columns
        },
        index=pd.RangeIndex(int(starts[-1])),
    )
    steps = [s.step for s in sheets if s.step is not None]
    defaults = [s.crs_default for s in sheets]
    return replace(
        sheets[0],
        name=name,
        kind=kind,
        layer=", ".join(names),
        cells=cells,
        shapes=np.concatenate([s.shapes for s in sheets]),
        flaws={i + int(at): f for s, at in zip(sheets, starts, strict=False) for i, f in s.flaws.items()},
        faults={i + int(at): f for s, at in zip(sheets, starts, strict=False) for i, f in s.faults.items()},
        counted=sum(s.counted for s in sheets),
        crs_default=defaults[0] if all(d == defaults[0] for d in defaults) else None,
        short_names=any(s.short_names for s in sheets),
        step=(max(x for x, _ in steps), max(y for _, y in steps)) if steps else None,
        notes=tuple(dict.fromkeys(n for s in sheets for n in s.notes if not n.startswith("layers not read"))),
    )
