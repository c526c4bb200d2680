"""Read what is in a zip or a KMZ: each layer with its companions, unpacked under names of our own, read like any file.

The directory of the archive was judged before (formats.archives). What is no layer is told. Knows which files belong
together; knows nothing of what is in them.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from hazardmap import formats
from hazardmap.errors import FileError
from hazardmap.formats import archives
from hazardmap.intake.joining import joined
from hazardmap.intake.kml import OnlyLinksError

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable

    from hazardmap.intake.sheet import Sheet

#: Endings of files that are layers in an archive; a .txt is a letter more often than a table.
_LAYERS = frozenset(
    ending
    for kind, endings in formats.SUFFIXES.items()
    if kind not in {"zip", "kmz", "filegdb"}
    for ending in endings
    if ending != ".txt"
)
_COMPANIONS = {
    ".shp": (".shx", ".dbf", ".prj", ".cpg"),
    ".tab": (".dat", ".map", ".id", ".ind"),
    ".mif": (".mid",),
}
_ONE_OF = "a zip with a layer: .shp and its companions, .gpkg, .geojson, .kml, .gpx, .gdb, .csv and the like"
_PLAIN = re.compile(r"[A-Za-z0-9_.\-]+")
_LISTED = 12


@dataclass(frozen=True)
class _Member:
    """A layer in an archive: its name there, and the entries that make it up."""

    name: str
    entries: tuple[zipfile.ZipInfo, ...]

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem


def read(
    path: Path, *, sha256: str, layer: str | None, wanted: str, reader: Callable[[Path, str | None], Sheet]
) -> Sheet:
    """Read the one layer of an archive, or the one named; all of them for ``*`` or when they are KML.

    Parameters
    ----------
    path, sha256, layer, wanted
        As everywhere.
    reader
        Reads a file, or the layer of a file, once it is unpacked.

    Raises
    ------
    FileError
        When the archive is not to be trusted, holds no layer, or several and none is named.
    """
    members, others = _members(path)
    if not members:
        held = f"; it holds {_listed(others)}" if others else ""
        raise FileError(f"{path.name!r} holds no layer{held}", _ONE_OF, "ask for the file again, or unpack it")
    chosen, inner, left = _chosen(path.name, members, layer, wanted)
    sheets: list[Sheet] = []
    shown: list[str] = []
    notes: list[str] = []
    with tempfile.TemporaryDirectory(prefix="hazardmap-") as folder:
        for i, member in enumerate(chosen):
            try:
                sheets.append(_read_one(path, member, Path(folder, str(i)), inner, reader))
            except OnlyLinksError:
                if len(chosen) == 1:
                    raise
                notes.append(f"{_short(member.name)} holds only links, none was followed")
            else:
                shown.append(member.name)
    if not sheets:
        raise FileError(f"{path.name!r} holds only links to elsewhere", _ONE_OF, "fetch what they link to")
    kind = f"{sheets[0].kind} in a zip" if not path.name.casefold().endswith(".kmz") else "KMZ"
    name = f"{path.name}/{_short(shown[0])}" if len(shown) == 1 else path.name
    sheet = sheets[0] if len(sheets) == 1 else joined(sheets, shown, name=name, kind=kind)
    notes = [*sheet.notes, *notes]
    if left:
        notes.append(f"layers not read: {_listed([m.name for m in left])}")
    if others:
        notes.append(f"files in it that are no layers: {_listed(others)}")
    return replace(sheet, name=name, kind=kind, sha256=sha256, notes=tuple(notes))


def _members(path: Path) -> tuple[list[_Member], list[str]]:
    entries = archives.entries(path)
    by_name = {e.filename.casefold(): e for e in entries}
    databases: dict[str, list[zipfile.ZipInfo]] = {}
    members: list[_Member] = []
    used: set[str] = set()
    for entry in entries:
        parts = PurePosixPath(entry.filename).parts
        at = next((i for i, p in enumerate(parts[:-1]) if p.casefold().endswith(".gdb")), None)
        if at is not None:
            databases.setdefault("/".join(parts[: at + 1]), []).append(entry)
            used.add(entry.filename)
    for name, held in databases.items():
        odd = [e.filename for e in held if "/" in e.filename[len(name) + 1 :]]
        odd += [e.filename for e in held if not _PLAIN.fullmatch(PurePosixPath(e.filename).name)]
        if odd:
            raise FileError(
                f"{path.name!r}: {_short(odd[0])!r} does not belong into a File Geodatabase",
                _ONE_OF,
                "unpack it yourself",
            )
        members.append(_Member(name, tuple(held)))
    for entry in entries:
        file = PurePosixPath(entry.filename)
        if entry.filename in used or file.suffix.casefold() not in _LAYERS:
            continue
        beside = [
            by_name[key]
            for suffix in _COMPANIONS.get(file.suffix.casefold(), ())
            if (key := str(file.with_suffix(suffix)).casefold()) in by_name
        ]
        members.append(_Member(entry.filename, (entry, *beside)))
        used |= {entry.filename, *(e.filename for e in beside)}
    return members, [e.filename for e in entries if e.filename not in used]


def _chosen(
    file: str, members: list[_Member], layer: str | None, wanted: str
) -> tuple[list[_Member], str | None, list[_Member]]:
    """Choose the members to read; give them, the layer to read in them, and those left unread."""
    if layer not in {None, "*"}:
        named = [m for m in members if str(layer).casefold() in {m.name.casefold(), m.stem.casefold()}]
        if len(named) == 1:
            return named, None, []
        if len(members) == 1:
            return members, layer, []
        why = "is in it twice" if named else "is not in it"
        raise FileError(
            f"{file}: layer {layer!r} {why}; its layers: {_listed([m.name for m in members])}",
            "the name of a layer, with its folder where two have one name",
            "correct --layer",
        )
    if len(members) == 1 or layer == "*" or all(m.name.casefold().endswith(".kml") for m in members):
        return members, layer, []
    named = [m for m in members if m.stem.casefold() == wanted]
    if len(named) == 1:
        return named, None, [m for m in members if m is not named[0]]
    raise FileError(
        f"{file} has {len(members)} layers: {_listed([m.name for m in members])}",
        "one of them, or all of them",
        f"add --layer {members[0].stem!r}, or --layer '*' to read all together",
    )


def _read_one(
    path: Path, member: _Member, folder: Path, inner: str | None, reader: Callable[[Path, str | None], Sheet]
) -> Sheet:
    folder.mkdir()
    stem = re.sub(r"[^\w\-]+", "_", member.stem)[:60] or "layer"
    if PurePosixPath(member.name).suffix.casefold() == ".gdb":
        target = folder / f"{stem}.gdb"
        target.mkdir()
        archives.unpack(path, member.entries, target, [PurePosixPath(e.filename).name for e in member.entries])
        return reader(target, inner)
    names = [stem + PurePosixPath(e.filename).suffix.casefold() for e in member.entries]
    main = archives.unpack(path, member.entries, folder, names)[0]
    many = {"gpkg", "gpx", "gml", "topojson", "xlsx"}
    return reader(main, inner if inner != "*" or formats.sniff(main) in many else None)


def _listed(names: list[str]) -> str:
    shown = ", ".join(_short(n) for n in names[:_LISTED])
    return shown + (f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else "")


def _short(name: str) -> str:
    return name if len(name) <= 60 else "…" + name[-59:]
