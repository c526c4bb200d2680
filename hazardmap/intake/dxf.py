"""Read the drawing space of a DXF by GDAL; a scan of its own marks counts the entities and knows each by its handle.

Only lines with the closed flag are areas. Writing is none: rows with a flaw where areas are wanted. What lies on
layout sheets is no ground; attached drawings are told, never opened. A DXF states no CRS. Knows the format.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyogrio
import shapely

from hazardmap.errors import FileError
from hazardmap.intake import gdal, shapes
from hazardmap.intake.curves import ARC_SHARE, STEP_DEG
from hazardmap.intake.sheet import Flaw, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_DRIVER = "DXF"
_AGAIN = "ask for the file again, as DXF in ASCII"
#: Entities that GDAL draws; one may become several rows where it stands for a group of others.
_DRAWN = frozenset(
    "POINT LINE LWPOLYLINE POLYLINE CIRCLE ELLIPSE ARC SPLINE HELIX HATCH SOLID TRACE 3DFACE TEXT MTEXT INSERT"  # noqa: SIM905
    " DIMENSION LEADER MLEADER MULTILEADER ATTRIB ATTDEF MLINE".split()
)
_GROUPS = frozenset(["INSERT", "DIMENSION", "LEADER", "MLEADER", "MULTILEADER", "ATTRIB", "ATTDEF", "MLINE"])
_CURVES = frozenset(["CIRCLE", "ELLIPSE", "ARC", "SPLINE", "HELIX"])
#: What is written on a drawing, not drawn of the ground.
_WRITING = frozenset(["TEXT", "MTEXT", "ATTRIB", "ATTDEF", "DIMENSION", "LEADER", "MLEADER", "MULTILEADER"])
_UNITS = {"1": "inches", "2": "feet", "3": "miles", "4": "millimetres", "5": "centimetres", "7": "kilometres"}
_LISTED = 12
_HEAD = 65_536
_UTF8_SINCE = 1021
_SAID = re.compile(r"(?i)\$(ACADVER|DWGCODEPAGE)\s+[13]\s+([^\s]+)")


@dataclass
class _Scan:
    """What the marks of a drawing say: its entities (kind, handle, layer, on a sheet), attachments, unit, curves."""

    entities: list[tuple[str, str, str, bool]] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)
    unit: str = ""
    curved: int = 0


def read(path: Path, *, sha256: str, layer: str | None, encoding: str | None, areas: bool) -> Sheet:
    """Read the entities of a drawing: all of them, or those on one of its layers.

    Parameters
    ----------
    path, sha256, encoding
        As everywhere.
    layer
        The layer of the drawing; None or "*": all, the layer in a column.
    areas
        True when areas are wanted: texts and dimensions are flaws then.

    Raises
    ------
    FileError
        When it is cut short, binary, or has no such layer.
    """
    data = path.read_bytes()
    codec = encoding or _stated_encoding(data)
    scan = _scanned(_decoded(data, path.name, codec), path.name)
    found = _drawn(path, codec)
    cells, blobs, extra = _matched(scan, found, path.name)
    drawn, flaws = shapes.from_wkb(blobs)
    lost = [i for i in range(len(blobs)) if blobs[i] is None]
    flaws |= {i: Flaw(f"{cells['entity'][i]} that GDAL cannot draw", "an entity with a place", "") for i in lost}
    if areas:
        label = cells["text"].notna() & (shapely.get_type_id(drawn) == 0)
        for i in map(int, np.flatnonzero(cells["entity"].isin(_WRITING) | label)):
            if i not in flaws:
                flaws[i] = Flaw("writing on the drawing", "an area", drawn[i].wkt, draft=drawn[i])
                drawn[i] = None
    on_sheets = sum(sheet for *_, sheet in scan.entities)
    sheet = Sheet(
        name=path.name,
        sha256=sha256,
        kind="DXF",
        layer=layer or "",
        cells=cells,
        shapes=drawn,
        flaws=flaws,
        faults={},
        crs=None,
        counted=sum(kind in _DRAWN and not sheet for kind, _, _, sheet in scan.entities) + extra,
        notes=(*_notes(scan, cells, layer, on_sheets), *found.notes),
    )
    return sheet if layer in {None, "*"} else _of_layer(sheet, str(layer))


def _of_layer(sheet: Sheet, layer: str) -> Sheet:
    inside = [int(i) for i in np.flatnonzero(sheet.cells["layer"] == layer)]
    if not inside:
        raise FileError(
            f"{sheet.name}: layer {layer!r} is not in it; its layers: {_listed(sheet.cells['layer'])}",
            "the name of a layer of the drawing",
            "correct --layer, or leave it out to read all",
        )
    return sheet.rows(inside)


def _listed(names: Sequence[Any]) -> str:
    counts = pd.Series(list(names), dtype="object").fillna("(none)").value_counts(sort=False)
    shown = ", ".join(f"{n} ({c:,} rows)" for n, c in list(counts.items())[:_LISTED])
    return shown + (f" and {len(counts) - _LISTED:,} more" if len(counts) > _LISTED else "")


def _notes(scan: _Scan, cells: pd.DataFrame, layer: str | None, on_sheets: int) -> Iterator[str]:
    which = "all are read" if layer in {None, "*"} else f"read: {layer}"
    yield f"layers of the drawing, {which}: {_listed(cells['layer'])}"
    if on_sheets:
        yield f"{on_sheets:,} entities lie on layout sheets (paper space), not on the ground: left out"
    others = [kind for kind, _, _, sheet in scan.entities if kind not in _DRAWN and not sheet]
    if others:
        yield f"entities that hold no place are left out: {_listed(others).replace(' rows', '')}"
    if scan.attached:
        yield f"{len(scan.attached):,} attached drawings were not opened: {', '.join(scan.attached[:5])}"[:300]
    if scan.curved:
        yield (
            f"{scan.curved:,} entities have curves, drawn as straight pieces of {STEP_DEG:g}°: off by no more than"
            f" {ARC_SHARE:.2g} of the radius (4 mm for 100 m)"
        )
    if scan.unit:
        yield f"the drawing says that its unit is {scan.unit}: see that the CRS has the same"


def _stated_encoding(data: bytes) -> str:
    """Give the encoding that a drawing states: UTF-8 since AutoCAD 2007, before that its code page."""
    said = dict(_SAID.findall(data[:_HEAD].decode("latin1")))
    if said.get("ACADVER", "AC1009")[2:].isdecimal() and int(said.get("ACADVER", "AC1009")[2:]) >= _UTF8_SINCE:
        return "UTF-8"
    page = re.fullmatch(r"(?i)(?:ansi_|dos|cp)?(\d{3,4})", said.get("DWGCODEPAGE", ""))
    return f"CP{page[1]}" if page else "ascii"


def _decoded(data: bytes, name: str, codec: str) -> str:
    try:
        return data.decode(codec)
    except LookupError:
        raise FileError(f"{name}: no encoding is named {codec!r}", "an encoding", "e.g. --encoding cp1251") from None
    except UnicodeDecodeError as error:
        raise FileError(
            f"{name} is not {codec} text (byte {error.start:,}), as it says",
            "the encoding of its texts",
            "state it, e.g. --encoding cp1251 (Cyrillic), cp1254 (Azerbaijani), cp1250 (Bosnian), UTF-8",
        ) from None


def _drawn(path: Path, encoding: str) -> gdal.Read:
    options = {"CLOSED_LINE_AS_POLYGON": "YES", "INLINE_BLOCKS": "YES", "MERGE_BLOCK_GEOMETRIES": "YES"}
    options["ENCODING"] = "UTF-8" if encoding == "ascii" else encoding  # GDAL would take newer files for Latin
    before = pyogrio.get_gdal_config_option("OGR_ARC_STEPSIZE")
    pyogrio.set_gdal_config_options({"OGR_ARC_STEPSIZE": str(STEP_DEG)})
    try:
        return gdal.read(path, _DRIVER, name=path.name, **options)
    finally:
        pyogrio.set_gdal_config_options({"OGR_ARC_STEPSIZE": before})


def _matched(scan: _Scan, found: gdal.Read, name: str) -> tuple[pd.DataFrame, list[bytes | None], int]:
    """Put each row of GDAL beside its entity; add the entities of which it gave none; count those it gave twice."""
    ground = [e for e in scan.entities if e[0] in _DRAWN and not e[3]]
    on_sheets = {handle.casefold() for _, handle, _, sheet in scan.entities if sheet and handle}
    given = {c: found.cells[c].tolist() for c in ("Layer", "Text", "EntityHandle", "SubClasses", "PaperSpace")}
    handles = [str(h).casefold() if isinstance(h, str) else "" for h in given["EntityHandle"]]
    keep = [i for i, handle in enumerate(handles) if handle not in on_sheets and given["PaperSpace"][i] not in {1, "1"}]
    kinds = {handle.casefold(): kind for kind, handle, _, _ in ground if handle}
    rows = [
        {
            "layer": given["Layer"][i],
            "entity": kinds.get(handles[i]) or _kind_of(given["SubClasses"][i]),
            "text": given["Text"][i] if (kinds.get(handles[i], "") != "HATCH") else None,
            "handle": given["EntityHandle"][i],
        }
        for i in keep
    ]
    blobs = [found.blobs[i] for i in keep]
    seen: dict[str, int] = {}
    for i in keep:
        seen[handles[i]] = seen.get(handles[i], 0) + 1
    extra = sum(count - 1 for handle, count in seen.items() if kinds.get(handle) in _GROUPS)
    if all(handle for _, handle, _, _ in ground):
        for kind, handle, layer, _ in ground:
            if handle.casefold() not in seen:
                rows.append({"layer": layer, "entity": kind, "text": None, "handle": handle})
                blobs.append(None)
    elif any(kind in _GROUPS for kind, *_ in ground):
        raise FileError(
            f"{name} has blocks, and entities without handles: what belongs together cannot be counted",
            "a DXF with handles",
            "save it as DXF 2000 or later, or resolve its blocks (explode) first",
        )
    columns = ["layer", "entity", "text", "handle"]
    cells = pd.DataFrame({c: pd.Series([r[c] for r in rows], dtype="object") for c in columns})
    return cells.where(cells.notna(), None), blobs, extra


def _kind_of(classes: Any) -> str:
    found = re.findall(r"AcDb(\w+)", str(classes or ""))
    return found[-1].upper() if found else "entity"


def _scanned(text: str, name: str) -> _Scan:
    """Walk over the marks of a drawing: pairs of lines, a number that says what the next line means."""
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) % 2 or not lines or lines[-1].strip().upper() != "EOF" or lines[-2].strip() != "0":
        raise FileError(f"{name} does not end as a DXF ends (EOF): it is cut short", "a whole file", _AGAIN)
    codes, values = [c.strip() for c in lines[0::2]], [v.strip() for v in lines[1::2]]
    scan = _Scan()
    section, started = "", False
    starts = [i for i, c in enumerate(codes) if c == "0"]
    for at, end in zip(starts, [*starts[1:], len(codes)], strict=True):
        kind = values[at].upper()
        if kind == "SECTION":
            section = values[at + 1].upper() if at + 1 < end and codes[at + 1] == "2" else ""
            started = started or section == "ENTITIES"
            if section == "HEADER":
                _header(scan, codes, values, at, end)
        elif kind == "ENDSEC":
            section = ""
        elif section == "BLOCKS" and kind == "BLOCK":
            _block(scan, codes, values, at, end)
        elif section == "ENTITIES":
            _entity(scan, kind, codes, values, at, end)
    if not started:
        raise FileError(f"{name} has no section of entities", "a drawing", _AGAIN)
    return scan


def _header(scan: _Scan, codes: list[str], values: list[str], at: int, end: int) -> None:
    for i in range(at, end - 1):
        if codes[i] == "9" and values[i].upper() == "$INSUNITS":
            scan.unit = _UNITS.get(values[i + 1], "")


def _block(scan: _Scan, codes: list[str], values: list[str], at: int, end: int) -> None:
    said = dict(zip(reversed(codes[at:end]), reversed(values[at:end]), strict=True))
    flags = said.get("70", "0")
    if flags.isdecimal() and int(flags) & 4:
        scan.attached.append("".join(c if c.isprintable() else "?" for c in said.get("1") or said.get("2", ""))[:80])


def _entity(scan: _Scan, kind: str, codes: list[str], values: list[str], at: int, end: int) -> None:
    if kind in {"SEQEND", "VERTEX"}:  # parts of the entity before
        scan.curved += any(codes[i] == "42" and values[i].strip("0.+-") for i in range(at, end))
        return
    handle, layer, on_sheet = "", "", False
    for i in range(at, end):
        code = codes[i]
        if code == "5" and not handle:
            handle = values[i]
        elif code == "8" and not layer:
            layer = values[i]
        elif code == "67" and values[i] == "1":
            on_sheet = True
        elif code == "42" and kind == "LWPOLYLINE" and values[i].strip("0.+-"):
            scan.curved += 1
            break
    scan.curved += kind in _CURVES
    scan.entities.append((kind, handle, layer, on_sheet))
