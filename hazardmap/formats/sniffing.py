"""Tell what a file is from its first bytes, whatever its name says.

GDAL opens whatever a file turns out to be (a text that names other files or addresses, too), so only the formats
listed here pass, and a name that says otherwise than the content is refused. Knows nothing of tables.
"""

from __future__ import annotations

import re
import struct
from types import MappingProxyType
from typing import TYPE_CHECKING

from hazardmap.errors import FileError
from hazardmap.formats import archives
from hazardmap.formats.parts import check_shapefile, cut
from hazardmap.formats.paths import local_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike
    from pathlib import Path

    AnyPath = str | PathLike[str]

#: Format → the endings that a file of it may bear; the first is the usual one.
SUFFIXES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "gpkg": (".gpkg",),
        "geojson": (".geojson", ".json"),
        "topojson": (".topojson", ".json"),
        "esrijson": (".esrijson", ".json"),
        "geojsonseq": (".geojsonl", ".geojsons", ".ndjson", ".jsonl"),
        "shapefile": (".shp",),
        "flatgeobuf": (".fgb",),
        "parquet": (".parquet", ".geoparquet"),
        "csv": (".csv", ".tsv", ".txt"),
        "kml": (".kml",),
        "kmz": (".kmz",),
        "gpx": (".gpx",),
        "gml": (".gml",),
        "filegdb": (".gdb",),
        "dxf": (".dxf",),
        "mapinfo": (".tab",),
        "mif": (".mif",),
        "zip": (".zip",),
        "xlsx": (".xlsx", ".xlsm"),
    }
)
#: Format → its name in a sentence.
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "gpkg": "a GeoPackage",
        "geojson": "GeoJSON",
        "topojson": "TopoJSON",
        "esrijson": "Esri JSON",
        "geojsonseq": "GeoJSON, a feature a line",
        "shapefile": "a Shapefile",
        "flatgeobuf": "a FlatGeobuf",
        "parquet": "Parquet",
        "csv": "a text table (CSV)",
        "kml": "KML",
        "kmz": "KMZ",
        "gpx": "GPX",
        "gml": "GML",
        "filegdb": "a File Geodatabase",
        "dxf": "DXF",
        "mapinfo": "a MapInfo table",
        "mif": "MapInfo MIF",
        "zip": "a zip archive",
        "xlsx": "an Excel workbook",
    }
)
_ONE_OF = (
    "a GeoPackage, GeoJSON, TopoJSON, Esri JSON, Shapefile, KML, KMZ, GPX, GML, File Geodatabase, DXF, MapInfo,"
    " FlatGeobuf, GeoParquet, CSV or Excel file, or a zip of one"
)
_HEAD = 65_536
_TAIL = 256
_GEOJSON_TYPE = re.compile(
    r'"type"\s*:\s*"(FeatureCollection|Feature|GeometryCollection|(Multi)?(Point|LineString|Polygon))"', re.IGNORECASE
)
#: What may stand before the type at the end of a file, where writers that sort their keys put it.
_TOPOLOGY_LAST = re.compile(rb'"type"\s*:\s*"Topology"\s*\}\s*\Z')
_JSON_MARKS = re.compile(r'"((?:[^"\\]|\\.)*)"|[{}\[\]]', re.DOTALL)
_ESRI = re.compile(r'"(esriGeometry|wkid"|rings"\s*:|curveRings"\s*:)')
_GPKG_IDS = (b"GPKG", b"GP10", b"GP11")
#: The first element of an XML text, behind its declaration, comments and instructions.
_ROOT = re.compile(r"(?>\s+|<\?.*?\?>|<!--.*?-->)*+<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)", re.DOTALL)
_PROLOG = re.compile(r"(?>\s+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_XML_ROOTS = {"kml": "kml", "gpx": "gpx", "featurecollection": "gml"}
_XML_OTHERS = {
    "html": ("a web page", "open it in a browser: it may ask for a password, or say what went wrong"),
    "exceptionreport": ("the error message of a map server", "ask the server again; the message stands in the file"),
    "serviceexceptionreport": ("the error message of a map server", "ask again; the message stands in the file"),
    "osm": ("OpenStreetMap XML", "export it as GeoJSON"),
}
#: How texts begin that are no XML and no JSON.
_LOOKS = {
    "dxf": re.compile(r"(?:\s*999[ \t]*\r?\n[^\n]*\n)*\s*0[ \t]*\r?\n[ \t]*SECTION[ \t]*\r?\n"),
    "mapinfo": re.compile(r"(?i)!table\s"),
    "mif": re.compile(r"(?is)version\s+\d+\s.*?\n\s*columns\s+\d+"),
}
#: First bytes of what people have instead, and what to say of it.
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x05\x06", "an empty zip archive", "ask for the file again"),
    (b"PK\x07\x08", "a part of a zip archive of several parts", "unpack it with all its parts"),
    (b"AutoCAD Binary DXF", "a binary DXF", "save it as DXF in ASCII"),
    (b"AC10", "a DWG drawing", "save it as DXF"),
    (b"\x1f\x8b", "a gzip archive", "unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it"),
    (b"Rar!", "a RAR archive", "unpack it"),
    (b"%PDF", "a PDF", "ask for the data behind it"),
    (b"\xff\xfe", "text in UTF-16", "save it as UTF-8"),
    (b"\xfe\xff", "text in UTF-16", "save it as UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Access file", "save the table as .xlsx, or as CSV UTF-8"),
    (b"\x00\x01\x00\x00Standard", "an Access database (personal geodatabase)", "export it as GeoPackage"),
    (b"II*\x00", "a TIFF picture", "digitise it first"),
    (b"\x89PNG", "a picture", "digitise it first"),
    (b"\xff\xd8\xff", "a picture", "digitise it first"),
)


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
    One of the keys of SUFFIXES.

    Raises
    ------
    FileError
        For anything else: nothing there, a folder that is no File Geodatabase, an address, an empty or cut file,
        another format, a name that says otherwise than the content, an archive that is not to be trusted.

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
    if file.is_dir() and file.suffix.casefold() == ".gdb" and (file / "a00000001.gdbtable").is_file():
        return "filegdb"
    if not file.is_file():
        raise FileError(
            f"{file.name!r} is {'a folder' if file.is_dir() else 'no file'}",
            "a file, or the folder of a File Geodatabase (.gdb)",
            "name the file itself",
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
        check_shapefile(file, head, size)
    return kind


def _binary(file: Path, head: bytes, tail: bytes, size: int) -> str | None:
    if head.startswith(b"SQLite format 3\x00"):
        return _database(file, head, size)
    plain = {
        "shapefile": head[:4] == b"\x00\x00\x27\x0a" and head[28:32] == b"\xe8\x03\x00\x00",
        "flatgeobuf": head.startswith(b"fgb\x03fgb"),
        "csv": head[:2] in {b"\xff\xfe", b"\xfe\xff"} and file.suffix.casefold() in SUFFIXES["csv"],
    }
    if kind := next((k for k, it_is in plain.items() if it_is), None):
        return kind
    if head.startswith(b"PAR1"):
        if not tail.endswith(b"PAR1"):
            raise cut(file, size)
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return _zipped(file)
    for magic, what, do in _FOREIGN:
        if head.startswith(magic):
            raise FileError(f"{file.name!r} is {what}", _ONE_OF, do)
    return None


def _database(file: Path, head: bytes, size: int) -> str:
    if head[68:72] not in _GPKG_IDS:
        raise FileError(
            f"{file.name!r} is an SQLite database but no GeoPackage", _ONE_OF, "export its layers as GeoPackage"
        )
    page = struct.unpack(">H", head[16:18])[0]
    pages = struct.unpack(">I", head[28:32])[0]
    if size < (65_536 if page == 1 else page) * pages and head[24:28] == head[92:96]:
        raise cut(file, size)
    return "gpkg"


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
        return _xml(file, text)
    if text.startswith(("{", "[", "\x1e")):
        return _json(file, text, tail)
    drawn = next((kind for kind, looks in _LOOKS.items() if looks.match(text)), None)
    if drawn is not None:
        return drawn
    if file.suffix.casefold() in SUFFIXES["csv"]:
        return "csv"
    raise FileError(f"{file.name!r} is plain text", _ONE_OF, "if it is a table, let its name end in .csv")


def _zipped(file: Path) -> str:
    names = [e.filename.casefold() for e in archives.entries(file)]
    if "[content_types].xml" in names:
        if "xl/workbook.xml" in names:
            return "xlsx"
        raise FileError(f"{file.name!r} is an Office document", _ONE_OF, "save the table in it as .xlsx or CSV")
    if "content.xml" in names and "mimetype" in names:
        raise FileError(f"{file.name!r} is an OpenDocument file", _ONE_OF, "save the table in it as .xlsx or CSV")
    if "doc.kml" in names or (file.suffix.casefold() == ".kmz" and any(n.endswith(".kml") for n in names)):
        return "kmz"
    return "zip"


def _xml(file: Path, text: str) -> str:
    if text.startswith("<!DOCTYPE", prolog := _PROLOG.match(text).end()):  # type: ignore[union-attr]
        if re.match(r"(?i)<!DOCTYPE\s+html", text[prolog:]):
            what, do = _XML_OTHERS["html"]
            raise FileError(f"{file.name!r} is {what}", _ONE_OF, do)
        raise FileError(
            f"{file.name!r} declares a document type (<!DOCTYPE), by which XML can name other files",
            "XML without one",
            "export it again; no map data need it",
        )
    found = _ROOT.match(text)
    root = found[1].casefold() if found else ""
    kind = _XML_ROOTS.get(root) or ("gml" if "www.opengis.net/gml" in text and root not in _XML_OTHERS else None)
    if kind is None:
        what, do = _XML_OTHERS.get(root, ("XML of another kind", "export it in one of these, e.g. with QGIS"))
        raise FileError(f"{file.name!r} is {what}", _ONE_OF, do)
    return kind


def _json(file: Path, text: str, tail: bytes) -> str:
    if text.startswith("\x1e"):
        return "geojsonseq"
    kind = _type_at_top(text)
    if kind == "Topology" or (kind is None and _TOPOLOGY_LAST.search(tail)):
        return "topojson"
    if kind is None and _ESRI.search(text) and '"features"' in text:
        return "esrijson"
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
    if not said or kind in said or {said[0], kind} in ({"geojson", "geojsonseq"}, {"zip", "kmz"}):
        return
    raise FileError(
        f"{file.name!r} is {NAMES[kind]}, but its name says {NAMES[said[0]]}",
        "a name that says what the file is",
        f"rename it to {file.stem + SUFFIXES[kind][0]!r} if that is what you expect, or fetch it again",
    )
