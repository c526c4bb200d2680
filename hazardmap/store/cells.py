"""Cells as they stand in a file, and back: the one form that all formats share.

A stored table is columns of plain values: text, whole numbers, numbers, flags; dates and times as ISO text, sets as
JSON text, None where nothing is known. Writers take these columns, readers give them back, and two stored tables
can be compared cell by cell. Reading is strict: what is not of its column's kind is a fault, never a guess. Knows
no format.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hazardmap import tables
from hazardmap.errors import FileError, SchemaError
from hazardmap.measure import STORED_CRS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Cells = list[Any]

#: Kinds of columns that no table knows (own columns have the kinds of `tables.DTYPES`).
EXTRA_KINDS = ("text", "count", "number", "flag", "time")
_EXPECTED = {
    "id": "text",
    "text": "text",
    "word": "text",
    "date": "a date like 2024-12-31",
    "time": "a time like 2024-12-31T23:59:00Z",
    "number": "a number",
    "count": "a whole number",
    "flag": "true or false",
    "words": 'a set of texts like ["AP", "AV"] or AP;AV',
    "ids": 'a set of texts like ["H-1", "H-2"] or H-1;H-2',
}
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)([T ]00:00(:00(\.0{1,9})?)?Z?)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?")
_WHOLE = re.compile(r"[+-]?\d{1,30}")
_INT64 = 2**63
_FLAGS = {"true": True, "false": False}
_SHOWN = 40


@dataclass(frozen=True)
class Stored:
    """A table as it stands in a file.

    Parameters
    ----------
    name
        The table.
    kinds
        Column → kind; the table's own columns first.
    cells
        Column → plain values, one a row.
    shapes
        Geometries in EPSG:4326 (None for `history`).
    """

    name: str
    kinds: Mapping[str, str]
    cells: Mapping[str, Cells]
    shapes: Array | None

    def __len__(self) -> int:
        return len(next(iter(self.cells.values()), [])) if self.shapes is None else len(self.shapes)

    @property
    def extra(self) -> dict[str, str]:
        """The columns that the table does not know, with their kinds."""
        own = {c.name for c in tables.table(self.name).columns}
        return {c: k for c, k in self.kinds.items() if c not in own}


def stored(frame: Any, name: str) -> Stored:
    """Bring a table to the form in which it is stored.

    Columns that the table does not know are kept when they hold text, whole numbers, numbers, flags or times without
    zone; anything else would come back changed and is refused.

    Raises
    ------
    SchemaError
        When a column does not hold what its kind asks, or an unknown column holds something that no file keeps.
    """
    frame = _named(frame, name)
    whole = tables.canonical(frame, name)
    schema = tables.table(name)
    shapes = None if schema.geometry is None else single(whole.geometry.to_numpy())
    kinds = {c.name: c.kind for c in schema.columns}
    faults = []
    for column in whole.columns:
        if column not in kinds and (shapes is None or column != whole.geometry.name):
            kind = _extra_kind(whole[column])
            if kind is None:
                faults.append(f"{name}.{column} ({whole[column].dtype})")
            else:
                kinds[column] = kind
    if faults:
        raise SchemaError(
            f"columns that no file would keep as they are: {', '.join(faults)}",
            "text, whole numbers, numbers, true/false or times without zone in columns of your own",
            "convert or drop these columns",
        )
    cells = {c: to_cells(whole[c], kind) for c, kind in kinds.items()}
    for column, values in cells.items():
        _check_text(values, name, column)
    return Stored(name, kinds, cells, shapes)


def _named(frame: Any, name: str) -> Any:
    """Refuse column names that some reader would take for each other."""
    names = [c for c in frame.columns if isinstance(c, str)]
    if len(names) < len(frame.columns):
        odd = [c for c in frame.columns if not isinstance(c, str)]
        raise SchemaError(f"{name}: columns named {odd!r}", "names that are text", "rename them")
    active = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    folded: dict[str, str] = {}
    for column in names:
        if column == "geometry" and column != active:
            raise SchemaError(f"{name}: a second column 'geometry'", "one geometry a table", "rename or drop it")
        if not column.strip() or "\x00" in column:
            raise SchemaError(f"{name}: a column named {column!r}", "a name", "rename or drop it")
        if (other := folded.setdefault(column.casefold(), column)) is not column:
            raise SchemaError(
                f"{name}: columns {other!r} and {column!r}", "names that differ in more than case", "rename one of them"
            )
    return frame


def _extra_kind(values: pd.Series) -> str | None:
    dtype = values.dtype
    if pd.api.types.is_bool_dtype(dtype):
        return "flag"
    if pd.api.types.is_integer_dtype(dtype):
        return None if pd.api.types.is_unsigned_integer_dtype(dtype) and (values >= _INT64).any() else "count"
    if pd.api.types.is_float_dtype(dtype):
        return "number"
    if isinstance(dtype, np.dtype) and dtype.kind == "M":
        return "time" if values.isna().all() or values.astype("datetime64[us]").equals(values) else None
    filled = values.dropna()
    return "text" if all(isinstance(v, str) for v in filled.tolist()) else None


def to_cells(values: pd.Series, kind: str) -> Cells:
    """Turn a column of a kind into plain values.

    Examples
    --------
    >>> import pandas as pd
    >>> to_cells(pd.Series([("H-1", "H-2"), ()]), "ids")
    ['["H-1", "H-2"]', None]
    """
    if kind in {"id", "text", "word"}:
        return [v if isinstance(v, str) else None for v in values.tolist()]
    if kind in {"words", "ids"}:
        return [json.dumps(v, ensure_ascii=False) if v else None for v in values.tolist()]
    if kind == "date":
        days: Any = np.datetime_as_string(values.to_numpy().astype("datetime64[D]")) if len(values) else []
        return [None if d == "NaT" else str(d) for d in days]
    if kind == "time":
        times: Any = np.datetime_as_string(values.to_numpy().astype("datetime64[us]")) if len(values) else []
        # GeoPackage knows milliseconds; finer times are kept as they are, which all readers met accept.
        return [None if t == "NaT" else f"{t.removesuffix('000')}Z" for t in map(str, times)]
    missing = values.isna().to_numpy()
    plain = values.to_numpy(dtype=object)
    of = {"number": float, "count": int, "flag": bool}[kind]
    return [None if m else of(v) for v, m in zip(plain, missing, strict=True)]


def _check_text(values: Cells, name: str, column: str) -> None:
    try:
        "".join(v for v in values if isinstance(v, str)).encode()
    except UnicodeEncodeError:
        row = next(i for i, v in enumerate(values) if isinstance(v, str) and not _encodes(v))
        raise FileError(
            f"{name}.{column}, row {row + 1}: half a character (a lone surrogate)",
            "text that UTF-8 can write",
            "correct this cell",
        ) from None


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def single(shapes: Array) -> Array:
    """Give a multi-geometry of one part as that part: both are the same ground, and files mix them up.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> str(single(np.array([shapely.MultiPoint([(1, 2)])], dtype=object))[0])
    'POINT (1 2)'
    """
    out = np.array(shapes, dtype=object)
    kinds, parts = shapely.get_type_id(out), shapely.get_num_geometries(out)
    alone = np.isin(kinds, (4, 5, 6)) & (parts == 1)
    out[alone] = shapely.get_geometry(out[alone], 0)
    for kind, nothing in ((4, shapely.Point()), (5, shapely.LineString()), (6, shapely.Polygon())):
        out[(kinds == kind) & (parts == 0)] = nothing
    return out


def plain_bytes(shapes: Array) -> list[bytes | None]:
    """Give geometries as WKB in which ring start, ring direction and order of parts make no difference."""
    with np.errstate(invalid="ignore"):
        normal = shapely.normalize(_without_minus_zero(single(shapes)))
    return [None if b is None else bytes(b) for b in shapely.to_wkb(normal, byte_order=1)]


def _without_minus_zero(shapes: Array) -> Array:
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    odd = np.unique(owner[((xy == 0) & np.signbit(xy)).any(axis=1)])
    odd = odd[~shapely.has_m(shapes[odd])]
    if len(odd):
        shapes[odd] = shapely.transform(shapes[odd], lambda values: values + 0.0, include_z=True)
        flat = odd[~shapely.has_z(shapes[odd]) | shapely.is_empty(shapes[odd])]
        shapes[flat] = shapely.force_2d(shapes[flat])
    return shapes


def restored(given: Stored, where: str) -> tuple[Any, list[str]]:
    """Bring a stored table back to the columns and types of its table.

    Cells must be of their column's kind already; only sets may also be texts with ``;`` between, as people type them.

    Parameters
    ----------
    given
        The table as a file gave it.
    where
        The file, for messages.

    Returns
    -------
    The table on a new index from 0, and the faults found: cells that are not of their column's kind. With faults the
    table is not to be used.
    """
    columns: dict[str, pd.Series] = {}
    faults = []
    for column, values in given.cells.items():
        kind = given.kinds[column]
        parsed, wrong = _from_cells(values, kind)
        if wrong:
            shown = ", ".join(f"row {i + 1}: {_short(values[i])}" for i in wrong[:3])
            more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
            faults.append(f"{where}: {column} is not {_EXPECTED[kind]} ({shown}{more})")
        else:
            columns[column] = parsed
    if faults:
        return None, faults
    data = pd.DataFrame(columns, index=pd.RangeIndex(len(given)))
    if given.shapes is None:
        return tables.canonical(data, given.name), []
    frame = gpd.GeoDataFrame(data, geometry=single(given.shapes), crs=STORED_CRS)
    return tables.canonical(frame, given.name), []


def _from_cells(values: Cells, kind: str) -> tuple[pd.Series, list[int]]:
    """Give the column, and the rows whose cell is of another kind."""
    if kind in {"id", "text", "word"}:
        wrong = [i for i, v in enumerate(values) if v is not None and type(v) is not str]
        return pd.Series([] if wrong else values, dtype="str"), wrong
    if kind in {"words", "ids"}:
        sets = [_set(v) for v in values]
        return pd.Series(sets, dtype="object"), [i for i, v in enumerate(sets) if v is None]
    if kind in {"date", "time"}:
        return _moments(values, kind)
    if kind == "flag":
        wrong = [i for i, v in enumerate(values) if v is not None and v not in (0, 1)]
        return pd.Series([None if wrong or v is None else bool(v) for v in values], dtype="boolean"), wrong
    if kind == "count":
        wrong = [i for i, v in enumerate(values) if v is not None and not _whole(v)]
        return pd.Series([None if wrong or v is None else int(v) for v in values], dtype="Int64"), wrong
    wrong = [i for i, v in enumerate(values) if v is not None and (type(v) not in {int, float})]
    return pd.Series([None if wrong else v for v in values], dtype="float64"), wrong


def _whole(value: Any) -> bool:
    if type(value) is float:
        return value.is_integer() and abs(value) < 2**53
    return type(value) is int and -_INT64 <= value < _INT64


def _moments(values: Cells, kind: str) -> tuple[pd.Series, list[int]]:
    pattern = _DATE if kind == "date" else _TIME
    texts = [v.isoformat() if hasattr(v, "isoformat") else v for v in values]
    wrong = [i for i, v in enumerate(texts) if v is not None and not (type(v) is str and pattern.fullmatch(v))]
    if wrong:
        return pd.Series(dtype="datetime64[us]"), wrong
    read = pd.to_datetime(pd.Series(texts, dtype="object"), format="ISO8601", utc=True, errors="coerce")
    wrong = [int(i) for i in np.flatnonzero(read.isna().to_numpy()) if values[i] is not None]
    return read.dt.tz_localize(None).astype("datetime64[us]"), wrong


def _set(value: Any) -> tuple[str, ...] | None:
    """Read a set: JSON, or texts with ``;`` between; None when it is neither."""
    if value is None:
        return ()
    if type(value) is not str:
        return None
    if not value.lstrip().startswith("["):
        return tuple(sorted({part.strip() for part in value.split(";")} - {""}))
    try:
        items = json.loads(value)
    except ValueError:
        return None
    if not isinstance(items, list) or not all(isinstance(v, str) for v in items):
        return None
    return tuple(sorted(set(items)))


def from_text(values: Cells, kind: str) -> Cells:
    """Read the numbers and flags of a file that holds only text; what is none stays text, to be found as a fault.

    Examples
    --------
    >>> from_text(["1", "2.5", "two", None], "number")
    [1.0, 2.5, 'two', None]
    """
    if kind == "count":
        return [int(v) if v is not None and _WHOLE.fullmatch(v) else v for v in values]
    if kind == "flag":
        return [_FLAGS.get(v.casefold(), v) if v is not None else None for v in values]
    if kind == "number":
        return [_number(v) for v in values]
    return values


def _number(value: str | None) -> Any:
    try:
        return None if value is None else float(value)
    except ValueError:
        return value


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
