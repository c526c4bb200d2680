"""The door through which the ground of a day becomes a file: the ending of the name says which.

Makes sure that nothing but an older export is replaced, and that what was written reads back whole before it takes its
place. Knows the kinds of files; the others of this room know how each is made.
"""

from __future__ import annotations

import sqlite3
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from xml.parsers import expat

import pyarrow as pa

from hazardmap.errors import CrsError, FileError
from hazardmap.exporting import dxf, forms, geojson, geopackage, gpx, kml, reference, text_table
from hazardmap.exporting.imprint import MARK
from hazardmap.exporting.product import LAYERS, NOWHERE, USUAL, gathered
from hazardmap.measure import STORED_CRS
from hazardmap.sheets.replacing import head_of_part, refuse_other
from hazardmap.store import saving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date
    from os import PathLike

    from hazardmap.exporting.product import Product
    from hazardmap.exporting.reference import Carried
    from hazardmap.programme import Programme

    Ways = tuple[Callable[[Path], None], Callable[[Path], None]]

#: Ending → what the file is.
ENDINGS: Mapping[str, str] = MappingProxyType(
    {
        ".gpkg": "gpkg",
        ".kmz": "kmz",
        ".kml": "kml",
        ".gpx": "gpx",
        ".dxf": "dxf",
        ".csv": "csv",
        ".geojson": "geojson",
        ".json": "geojson",
    }
)
_WORK = "a name that ends in .gpkg, .kmz, .kml, .gpx, .dxf, .csv or .geojson"
_INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        ".shp": "write .gpkg: a Shapefile cuts names and texts",
        ".html": "draw a map: hazardmap draw",
        ".xlsx": "write .csv, which every spreadsheet opens",
        ".dwg": "write .dxf, which every drawing program opens",
    }
)
#: Kinds that can be in another CRS than WGS 84.
_PLACED = ("csv", "dxf")
_HEAD = 65_536
#: Kind → by what an older export is known. Records of an import can hold the mark itself, as the name of their source.
_OWN: Mapping[str, bytes] = MappingProxyType(
    {
        "kml": f"&lt;p&gt;{MARK} ".encode(),
        "gpx": f'<gpx version="1.1" creator="{MARK} '.encode(),
        "dxf": f"999\n{MARK} ".encode(),
        "geojson": f'"written_by": "{MARK} '.encode(),
    }
)


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What was written.

    Parameters
    ----------
    path, kind
        The file, and what it is.
    counts
        Layer → number of features; ``without_place``: of those that have no shape.
    unplaced
        Ids of the hazards that have no position, or ground without one; they may lie anywhere.
    told
        What has to be said of it: coordinates, what this kind of file leaves out.
    """

    path: Path
    kind: str
    counts: Mapping[str, int]
    unplaced: tuple[str, ...]
    told: tuple[str, ...]


def export_format(to: str | PathLike[str]) -> str:
    """Say what a file of that name would be.

    Raises
    ------
    FileError
        For any other ending, with what to use instead.

    Examples
    --------
    >>> export_format("ground.KMZ")
    'kmz'
    """
    suffix = Path(to).suffix.casefold()
    if suffix not in ENDINGS:
        instead = _INSTEAD.get(suffix, f"write {Path(to).with_suffix('.gpkg').name!r}")
        raise FileError(f"{Path(to).name!r} is no file that ground is exported to", _WORK, instead)
    return ENDINGS[suffix]


def export(
    programme: Programme,
    to: str | PathLike[str],
    *,
    on: str | date,
    what: Iterable[str] = USUAL,
    crs: str | None = None,
    form: str | None = None,
) -> Exported:
    """Write the ground of a day for other programs: GIS, Google Earth, hand-held receivers, drawings, spreadsheets.

    Every file tells the day, the as-of date, the sources, the disclaimer and how many hazards have no position, and
    says so when the data are fictitious. Text from data is text in all of them, never markup or a formula. The file is
    read back before it takes its place; an older export of that name is replaced, anything else is left alone. Exports
    are internal: they hold exact boundaries.

    - ``.gpkg``: a layer for each kind, in its colours when QGIS opens it
    - ``.kmz``, ``.kml``: for Google Earth; boundaries also as lines, for phone apps that draw no areas
    - ``.gpx``: for receivers: boundaries as tracks, turning points of hazards as numbered waypoints
    - ``.dxf``: a drawing in a stated plane; needs ``pip install "hazardmap[dxf]"``
    - ``.csv``: a row a feature with WKT, or with `form` a row a turning point
    - ``.geojson``: one collection

    Parameters
    ----------
    programme
        The tables.
    to
        The file to write.
    on
        The day.
    what
        Any of ``ground, hazards, releases, surveys, finds, plots, districts, coverage``.
    crs
        For ``.csv`` and ``.dxf``: the CRS of the coordinates, e.g. ``"EPSG:28408"``. The operation is the one of best
        stated accuracy for the place, never a ballpark one, and is told in the file. Without it: WGS 84, and for a
        drawing UTM in the zone of the middle of the data.
    form
        For ``.csv``: how positions are written: ``numbers, dd, dm, dms, utm, mgrs``.

    Returns
    -------
    What was written, and what has to be said of it.

    Raises
    ------
    FileError
        When the ending is another, something that is no export is there, or the disk refuses. What was there is as it
        was.
    SchemaError
        When the tables have faults, the day lies after the as-of date, or a layer is not known.
    CrsError
        When the CRS or form is none, does not fit the place, or the kind of file has a CRS of its own.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import hazardmap as hm
    >>> with tempfile.TemporaryDirectory() as place:
    ...     made = hm.export(hm.example(), pathlib.Path(place, "ground.kmz"), on="2024-12-31")
    >>> made.counts, made.unplaced
    ({'ground': 9, 'hazard_outlines': 5, 'evidence': 1, 'without_place': 1}, ('H-006',))
    """
    kind, target = export_format(to), Path(to)
    _refuse_unfit(kind, crs, form, target)
    saving.check_place(target)
    refuse_other(
        target, kind, _holds_export, older="an older export", other="is no export of hazardmap", example="ground.gpkg"
    )
    product = gathered(programme, on=on, what=what)
    placed = None
    if kind in _PLACED:
        plane = reference.drawing_plane(product, crs) if kind == "dxf" else crs or STORED_CRS
        placed = reference.carried(product, plane)
    make, check = _ways(kind, product, placed, form)
    # A document of over 2 GB is a RuntimeError of zipfile, broken JSON a ValueError.
    unreadable = (sqlite3.Error, zipfile.BadZipFile, expat.ExpatError, pa.ArrowException, ValueError, RuntimeError)
    with saving.told(target, *unreadable):
        saving.replace_file(target, make, check, keep=False)
    return Exported(
        path=target,
        kind=kind,
        counts=product.counts,
        unplaced=product.imprint.unplaced,
        told=_told(kind, product, placed, target, form),
    )


def _refuse_unfit(kind: str, crs: str | None, form: str | None, target: Path) -> None:
    if kind == "dxf":
        dxf.needed()
    if form is not None and kind != "csv":
        raise CrsError(
            f"--form {form} for {target.name!r}",
            "a text table for positions as text",
            f"-o {target.with_suffix('.csv').name}, or leave --form out",
        )
    forms.suited(form, crs)
    if crs is None:
        return
    known = reference.known_crs(crs)
    if kind not in _PLACED and known != reference.known_crs(STORED_CRS):
        raise CrsError(
            f"--crs {crs} for {target.name!r}",
            f"WGS 84, as every program expects in .{kind}",
            "leave --crs out, or write .csv or .dxf",
        )
    if form in {"dm", "dms", "dd"} and not known.is_geographic:
        raise CrsError(
            f"--form {form} in {crs}, which is in metres",
            "a CRS in degrees",
            "--crs EPSG:4284 for degrees of Pulkovo 1942, or --form numbers",
        )


def _ways(kind: str, product: Product, placed: Carried | None, form: str | None) -> Ways:
    """Give how a file is written and how it is read back."""
    if placed is not None:
        if kind == "dxf":
            return (
                lambda new: dxf.write_dxf(new, product, placed),
                lambda new: dxf.check_dxf(new, product, placed),
            )
        return (
            lambda new: text_table.write_csv(new, product, placed, form),
            lambda new: text_table.check_csv(new, product, form),
        )
    ways: Mapping[str, tuple[Callable[[Path, Product], None], Callable[[Path, Product], None]]] = {
        "gpkg": (geopackage.write_gpkg, geopackage.check_gpkg),
        "kml": (kml.write_kml, kml.check_kml),
        "kmz": (kml.write_kmz, kml.check_kmz),
        "gpx": (gpx.write_gpx, gpx.check_gpx),
        "geojson": (geojson.write_geojson, geojson.check_geojson),
    }
    make, check = ways[kind]
    return lambda new: make(new, product), lambda new: check(new, product)


def _told(kind: str, product: Product, placed: Carried | None, target: Path, form: str | None) -> tuple[str, ...]:
    said = []
    if placed is not None:
        said.append(placed.told)
    if kind == "csv" and placed is not None and form is None and (long := text_table.too_long(placed)):
        said.append(
            f"{long:,} shapes are longer than a cell of a spreadsheet holds: one that saves this table again cuts them."
            " --form numbers writes a row for each turning point."
        )
    if kind == "dxf" and placed is not None and (scale := reference.scale_told(product, placed.crs)):
        said.append(scale)
    if kind in {"kml", "kmz"} and (many := sum(map(len, product.layers))) > kml.MANY:
        said.append(f"{many:,} features: Google Earth and phones may become slow. Export fewer with --what.")
    if kind == "gpx":
        said.append(gpx.RECEIVER)
        blank = sum(int((~gpx.drawn(layer)).sum()) for layer in product.layers)
        if blank:
            said.append("Ground without a record has no boundary of its own and is not in a GPX file.")
        if (points := gpx.waypoints_of(target)) > gpx.MANY:
            said.append(f"{points:,} waypoints: many receivers hold {gpx.MANY:,}. Export fewer with --what.")
    lost = len(product.nowhere) - len(product.imprint.unplaced)
    if lost > 0:
        said.append(f"{lost:,} more records have no shape of their own: layer {NOWHERE}.")
    return tuple(said)


def _holds_export(target: Path, kind: str) -> bool:
    """Say whether a file is an older export: by what stands where no text of records does."""
    if kind == "gpkg":
        return geopackage.holds_export(target)
    if kind == "kmz":
        return _OWN["kml"] in head_of_part(target, kml.DOCUMENT, _HEAD)
    with target.open("rb") as file:
        if kind == "csv":  # a first row can be longer than any head
            return {*text_table.OWN_COLUMNS} <= {
                *file.readline(_HEAD).decode("utf-8-sig", "replace").strip().split(",")
            }
        return _OWN[kind] in file.read(_HEAD)


def layers_asked(text: str) -> tuple[str, ...]:
    """Read a list of layers as it is typed.

    Examples
    --------
    >>> layers_asked("ground, hazards"), len(layers_asked("all"))
    (('ground', 'hazards'), 8)
    """
    if text.strip() == "all":
        return tuple(LAYERS)
    return tuple(filter(None, (part.strip() for part in text.split(","))))
