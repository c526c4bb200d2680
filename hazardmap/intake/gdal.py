"""The narrow door to GDAL: a file whose content was judged before, opened by the driver that belongs to it.

GDAL tries every driver that it has, and pyogrio cannot forbid one: which driver took the file is checked before a row
is read. What GDAL says meanwhile is kept as notes. Knows no format.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyogrio
import pyproj

from hazardmap.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_AGAIN = "ask for the file again"
_TOLD = 5
#: What every shape is asked for here, and is told with its row.
_SAID_BY_SHAPES = "Non closed ring detected"


@dataclass
class Read:
    """What GDAL gave: number of each row in the file, WKB, attributes, CRS; and what it said meanwhile."""

    fids: list[int]
    blobs: list[bytes | None]
    cells: pd.DataFrame
    crs: pyproj.CRS | None
    notes: list[str] = field(default_factory=list)


@contextmanager
def told(file: str, into: list[str]) -> Iterator[None]:
    """Keep the warnings of GDAL as notes; turn its errors into a FileError."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            yield
        except UnicodeDecodeError as error:
            raise FileError(
                f"{file} holds text that is not in the encoding {error.encoding}",
                "the encoding of its text",
                "state it, e.g. --encoding cp1251",
            ) from None
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
            raise FileError(f"{file} cannot be read ({_line(error)})", "a whole file", _AGAIN) from None
        except (RuntimeError, ValueError, LookupError, OverflowError, NameError, pyproj.exceptions.ProjError) as error:
            # GDAL's messages come in all classes; a file damaged in an odd place ends here.
            raise FileError(f"{file} is damaged ({_line(error)})", "a whole file", _AGAIN) from None
    said = [s for s in dict.fromkeys(_line(w.message) for w in heard) if not s.startswith(_SAID_BY_SHAPES)]
    into += [f"GDAL says: {s}" for s in said[:_TOLD]]
    if len(said) > _TOLD:
        into.append(f"GDAL says {len(said) - _TOLD:,} more things of this kind")


def read(
    path: Path, driver: str, *, name: str, layer: str | None = None, encoding: str | None = None, **options: str
) -> Read:
    """Read all rows of a layer.

    Parameters
    ----------
    path, driver
        The file, and the only driver that may open it.
    name
        For messages.
    layer, encoding, options
        The layer; encoding of its text where GDAL does not know it; the driver's open options.

    Raises
    ------
    FileError
        When another driver takes it, or it cannot be read.
    """
    notes: list[str] = []
    with told(name, notes):
        check_driver(path, driver, name)
        meta, fids, blobs, values = pyogrio.raw.read(
            path.resolve(), layer=layer, encoding=encoding, return_fids=True, datetime_as_string=True, **options
        )
    count = len(fids)
    cells = pd.DataFrame(
        {n: _plain(v, kind) for n, v, kind in zip(meta["fields"], values, meta["ogr_types"], strict=True)},
        index=pd.RangeIndex(count),
    )
    given: list[bytes | None] = [None] * count if blobs is None else [None if b is None else bytes(b) for b in blobs]
    return Read([int(i) for i in fids], given, cells, _crs(meta["crs"]), notes)


def check_driver(path: Path, driver: str, name: str) -> None:
    """Refuse a file that another driver of GDAL takes for its own.

    Raises
    ------
    FileError
        When it does.
    """
    taken = pyogrio.read_info(path.resolve(), layer=0)["driver"]
    if taken != driver:
        raise FileError(
            f"{name} would be read as {taken}, not as {driver}", "a file of one format only", "export it again"
        )


def _plain(values: Any, kind: str) -> pd.Series:
    """Give values as Python's own, missing as None; whole numbers that GDAL gave as floats are whole again."""
    listed = values.tolist()
    if kind.startswith("OFTInteger") and values.dtype.kind == "f":
        listed = [None if v != v else int(v) for v in listed]  # noqa: PLR0124 - NaN is not itself
    elif values.dtype.kind == "f":
        listed = [None if v != v else v for v in listed]  # noqa: PLR0124
    elif kind in {"OFTDate", "OFTDateTime"}:
        listed = [None if v is None or v == "" else str(v).removesuffix("T00:00:00") for v in listed]
    return pd.Series([v.tolist() if isinstance(v, np.ndarray) else v for v in listed], dtype="object")


def _crs(said: str | None) -> pyproj.CRS | None:
    if not said:
        return None
    try:
        crs = pyproj.CRS.from_user_input(said)
    except pyproj.exceptions.CRSError:
        return None
    return None if crs.is_engineering else crs


def _line(error: Any) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 160 else text[:159] + "…"
