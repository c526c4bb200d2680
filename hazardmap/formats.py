"""What a file is, by its content.

The one place that decides whether a path may be opened and as what, before any reader sees it: GDAL opens whatever a
file turns out to be (a text that names other files or addresses, too), so the first bytes are read here and only the
formats listed pass. Knows nothing of tables, columns or coordinates.
"""

from __future__ import annotations

import difflib
import re
import struct
from os import PathLike, fspath
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from hazardmap.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Mapping

    AnyPath = str | PathLike[str]

#: Format → the endings that a file of it may bear; the first is the usual one.
SUFFIXES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "gpkg": (".gpkg",),
        "geojson": (".geojson", ".json"),
        "topojson": (".topojson", ".json"),
        "geojsonseq": (".geojsonl", ".geojsons", ".ndjson", ".jsonl"),
        "shapefile": (".shp",),
        "flatgeobuf": (".fgb",),
        "parquet": (".parquet", ".geoparquet"),
        "csv": (".csv", ".tsv", ".txt"),
        "xlsx": (".xlsx", ".xlsm"),
    }
)
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "gpkg": "a GeoPackage",
        "geojson": "GeoJSON",
        "topojson": "TopoJSON",
        "geojsonseq": "GeoJSON, a feature a line",
        "shapefile": "a Shapefile",
        "flatgeobuf": "a FlatGeobuf",
        "parquet": "Parquet",
        "csv": "a text table (CSV)",
        "xlsx": "an Excel workbook",
    }
)
_ONE_OF = "a GeoPackage, GeoJSON, TopoJSON, Shapefile, FlatGeobuf, GeoParquet or CSV file"
_HEAD = 65_536
_TAIL = 256
_SHOWN = 80
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+:")
_GEOJSON_TYPE = re.compile(
    r'"type"\s*:\s*"(FeatureCollection|Feature|GeometryCollection|(Multi)?(Point|LineString|Polygon))"', re.IGNORECASE
)
#: What may stand before the type at the end of a file, where writers that sort their keys put it.
_TOPOLOGY_LAST = re.compile(rb'"type"\s*:\s*"Topology"\s*\}\s*\Z')
_JSON_MARKS = re.compile(r'"((?:[^"\\]|\\.)*)"|[{}\[\]]', re.DOTALL)
_GPKG_IDS = (b"GPKG", b"GP10", b"GP11")
#: First bytes of what people have instead, and what to say of it.
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a zip archive (zip, KMZ or Excel)", "unpack it, or save the sheet as CSV"),
    (b"\x1f\x8b", "a gzip archive", "unpack it"),
    (b"%PDF", "a PDF", "ask for the data behind it"),
    (b"\xff\xfe", "text in UTF-16", "save it as UTF-8"),
    (b"\xfe\xff", "text in UTF-16", "save it as UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Access file", "save the table as CSV UTF-8"),
    (b"II*\x00", "a TIFF picture", "digitise it first"),
    (b"\x89PNG", "a picture", "digitise it first"),
    (b"\xff\xd8\xff", "a picture", "digitise it first"),
)


def local_path(path: AnyPath) -> Path:
    """Give the path of something that exists on this machine, or refuse.

    Addresses (``http://``), GDAL's own file systems (``/vsi…``) and driver prefixes (``WFS:``) are never opened.

    Raises
    ------
    FileError
        When it is no local path, or nothing is there; names that look alike are suggested.

    Examples
    --------
    >>> local_path("https://example.org/hazards.gpkg")
    Traceback (most recent call last):
    ...
    hazardmap.errors.FileError: 'https://example.org/hazards.gpkg' is not a path on this machine – needed: ...
    """
    text = fspath(path)
    if not text.strip():
        raise FileError("an empty path", "the path of a file on this machine", "name the file")
    if "\x00" in text or _SCHEME.match(text) or re.match(r"[/\\]+vsi", text.casefold()):
        raise FileError(
            f"{_short(text)!r} is not a path on this machine",
            "a local file; nothing is fetched from elsewhere",
            "download it first, then name the file",
        )
    found = Path(text)
    try:
        there = found.exists()
    except OSError:
        there = False  # a name too long to be one: a document given in place of its path
    if not there:
        raise FileError(f"{_short(text)!r} does not exist", "a file that is there", _advice(found))
    return found


def _advice(missing: Path) -> str:
    try:
        names = [p.name for p in missing.parent.iterdir()]
    except OSError:
        return f"check the folder {_short(str(missing.parent))!r}"
    alike = difflib.get_close_matches(missing.name, names, n=3, cutoff=0.6)
    return f"did you mean {', '.join(repr(n) for n in alike)}?" if alike else "check the spelling of the path"


def sniff(path: AnyPath) -> str:
    """Say what a file is by its content.

    The name must not say otherwise: a file that lies about what it is, is refused. Shapefiles are checked with their
    companions, because readers lose attributes or shapes silently when one is missing or cut short.

    Parameters
    ----------
    path
        A file on this machine.

    Returns
    -------
    One of ``gpkg, geojson, topojson, geojsonseq, shapefile, flatgeobuf, parquet, csv``.

    Raises
    ------
    FileError
        For anything else: nothing there, a folder, an address, an empty or cut file, another format, a name that says
        otherwise than the content.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "plots.geojson")
    ...     _ = file.write_text('{"type": "FeatureCollection", "features": []}')
    ...     sniff(file)
    'geojson'
    """
    file = local_path(path)
    if not file.is_file():
        raise FileError(
            f"{file.name!r} is {'a folder' if file.is_dir() else 'no file'}", "a file", "name the file itself"
        )
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
            size = stream.seek(0, 2)
            stream.seek(max(0, size - _TAIL))
            tail = stream.read(_TAIL)
    except OSError as error:
        raise FileError(
            f"{file.name!r} cannot be opened ({error.strerror})", "a file that may be read", "check its permissions"
        ) from None
    if not head.strip(b"\x00 \t\r\n"):
        raise FileError(f"{file.name!r} is empty ({size:,} bytes)", _ONE_OF, "fetch or export the file again")
    kind = _binary(file, head, tail, size) or _text(file, head, tail)
    _check_name(file, kind)
    if kind == "shapefile":
        _check_shapefile(file, head, size)
    return kind


def _binary(file: Path, head: bytes, tail: bytes, size: int) -> str | None:
    if head.startswith(b"SQLite format 3\x00"):
        if head[68:72] not in _GPKG_IDS:
            raise FileError(
                f"{file.name!r} is an SQLite database but no GeoPackage", _ONE_OF, "export its layers as GeoPackage"
            )
        page = struct.unpack(">H", head[16:18])[0]
        pages = struct.unpack(">I", head[28:32])[0]
        if size < (65_536 if page == 1 else page) * pages and head[24:28] == head[92:96]:
            raise _cut(file, size)
        return "gpkg"
    if head[:4] == b"\x00\x00\x27\x0a" and head[28:32] == b"\xe8\x03\x00\x00":
        return "shapefile"
    if head.startswith(b"fgb\x03fgb"):
        return "flatgeobuf"
    if head.startswith(b"PAR1"):
        if not tail.endswith(b"PAR1"):
            raise _cut(file, size)
        return "parquet"
    if head.startswith(b"PK\x03\x04") and file.suffix.casefold() in SUFFIXES["xlsx"]:
        return "xlsx"
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"} and file.suffix.casefold() in SUFFIXES["csv"]:
        return "csv"
    for magic, what, do in _FOREIGN:
        if head.startswith(magic):
            raise FileError(f"{file.name!r} is {what}", _ONE_OF, do)
    return None


def _text(file: Path, head: bytes, tail: bytes) -> str:
    if b"\x00" in head:
        raise FileError(f"{file.name!r} is of no format known here", _ONE_OF, "export it again in one of these")
    # Encodings are the reader's business; for the question asked here only the ASCII part matters.
    text = head.removeprefix(b"\xef\xbb\xbf").decode("ascii", errors="replace").lstrip()
    if "<OGRVRTDataSource" in text or "gdal_streamed_alg" in text:
        raise FileError(
            f"{file.name!r} holds instructions for GDAL to open other files", _ONE_OF, "export the data themselves"
        )
    if text.startswith("<"):
        names = {"<kml": "KML", "<gpx": "GPX", "<gml": "GML", "<html": "a web page", "<osm": "OpenStreetMap XML"}
        what = next((n for mark, n in names.items() if mark in text.casefold()), "XML")
        raise FileError(f"{file.name!r} is {what}", _ONE_OF, "export it in one of these, e.g. with QGIS")
    if text.startswith("\x1e"):
        return "geojsonseq"
    if text.startswith(("{", "[")):
        return _json(file, text, tail)
    if file.suffix.casefold() in SUFFIXES["csv"]:
        return "csv"
    raise FileError(f"{file.name!r} is plain text", _ONE_OF, "if it is a table, let its name end in .csv")


def _json(file: Path, text: str, tail: bytes) -> str:
    kind = _type_at_top(text)
    if kind == "Topology" or (kind is None and _TOPOLOGY_LAST.search(tail)):
        return "topojson"
    if '"esriGeometry' in text:
        raise FileError(f"{file.name!r} is Esri JSON", _ONE_OF, "export it as GeoJSON (f=geojson)")
    if not _GEOJSON_TYPE.search(text):
        raise FileError(f"{file.name!r} is JSON but no GeoJSON", _ONE_OF, "export it as a GeoJSON FeatureCollection")
    first, _, rest = text.partition("\n")
    one_a_line = first.rstrip().endswith("}") and first.count("{") == first.count("}") and rest.lstrip().startswith("{")
    return "geojsonseq" if one_a_line else "geojson"


def _type_at_top(text: str) -> str | None:
    """Give the type of the object that opens a JSON text, if its beginning tells; shapes inside have types too."""
    depth, key = 0, None
    for mark in _JSON_MARKS.finditer(text):
        if (name := mark[1]) is None:
            depth += 1 if mark[0] in "{[" else -1
            key = None
        elif depth == 1 and key == "type" and text[: mark.start()].rstrip().endswith(":"):
            return name
        else:
            key = name if depth == 1 else None
    return None


def _check_name(file: Path, kind: str) -> None:
    suffix = file.suffix.casefold()
    said = [k for k, endings in SUFFIXES.items() if suffix in endings]
    if not said or kind in said or {said[0], kind} == {"geojson", "geojsonseq"}:
        return
    raise FileError(
        f"{file.name!r} is {_NAMES[kind]}, but its name says {_NAMES[said[0]]}",
        "a name that says what the file is",
        f"rename it to {file.stem + SUFFIXES[kind][0]!r} if that is what you expect, or fetch it again",
    )


def companion(shapefile: Path, suffix: str) -> Path | None:
    """Give the file that belongs to a Shapefile, whatever the case of its ending; None when there is none.

    Examples
    --------
    >>> companion(Path("nowhere/hazards.shp"), ".dbf") is None
    True
    """
    for ending in (suffix, suffix.upper()):
        if (found := shapefile.with_suffix(ending)).is_file():
            return found
    return None


def _check_shapefile(file: Path, head: bytes, size: int) -> None:
    index, attributes = companion(file, ".shx"), companion(file, ".dbf")
    for found, suffix in ((index, ".shx"), (attributes, ".dbf")):
        if found is None:
            raise FileError(
                f"{file.name!r} comes without its {suffix} file",
                "the .shp, .shx and .dbf files together (and .prj, .cpg)",
                f"copy {file.stem + suffix!r} beside it",
            )
    assert index is not None  # noqa: S101  (said above; for the type checker)
    assert attributes is not None  # noqa: S101  (said above; for the type checker)
    if size < 2 * struct.unpack(">i", head[24:28])[0]:
        raise _cut(file, size)
    shapes = (index.stat().st_size - 100) // 8
    with attributes.open("rb") as stream:
        start = stream.read(32)
    if len(start) < 32:
        raise _cut(attributes, len(start))
    rows, header, width = struct.unpack("<IHH", start[4:12])
    if attributes.stat().st_size < header + rows * width:
        raise _cut(attributes, attributes.stat().st_size)
    if rows != shapes:
        raise FileError(
            f"{file.name!r} has {shapes:,} shapes but {attributes.name!r} has {rows:,} rows",
            "files of one and the same layer",
            "copy all files of the layer again",
        )


def _cut(file: Path, size: int) -> FileError:
    return FileError(
        f"{file.name!r} is cut short ({size:,} bytes)",
        "the whole file",
        "fetch or copy it again; a save may have been interrupted",
    )


def _short(text: str) -> str:
    """Leave out the middle of what is too long: how a path ends tells which file is meant."""
    tail = 2 * _SHOWN // 3
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - tail - 1]}…{text[-tail:]}"
