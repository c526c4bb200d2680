"""The directory of a zip archive, judged before a byte of it is unpacked.

An archive can name files outside itself, one name twice, links, or a thousand times its own size; such an archive is
refused as a whole. What may be read is unpacked under names of our own making, never by what the archive asks for.
Knows zip; knows nothing of what the files in it are.
"""

from __future__ import annotations

import lzma
import re
import stat
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from hazardmap.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

#: More entries than this are refused.
MOST_ENTRIES = 10_000
#: More bytes than this, unpacked, are refused.
MOST_BYTES = 2 * 1024**3
#: An archive that grows by more than this when unpacked is refused, if it grows to more than SMALL_BYTES.
MOST_RATIO = 200
SMALL_BYTES = 20 * 1024**2
#: Longer names are refused.
LONGEST_NAME = 1_000

#: What Python's zipfile and its decompressors raise for a broken archive. Each is a fault of the data: whoever catches
#: them tells it as a FileError with the words of the error, and goes on with nothing.
BROKEN = (
    zipfile.BadZipFile,  # no directory, a wrong signature or checksum
    zlib.error,  # damaged data, deflated
    lzma.LZMAError,  # damaged data, packed by LZMA
    OSError,  # damaged data, packed by bzip2; a file that cannot be read
    EOFError,  # data that end too soon
    NotImplementedError,  # a way of packing or locking, or a version of zip, that Python does not know
    ValueError,  # a name not in the encoding it states (UnicodeDecodeError); a place outside of the file
)
_CHUNK = 1 << 20
_ARCHIVES = (".zip", ".kmz", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".zst")
#: What file managers leave in archives.
_DROPPINGS = re.compile(r"(?i)(^|/)(__MACOSX(/|$)|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._[^/]*$)")
_AGAIN = "ask for the file again"
_SELF = "if you trust where it is from, unpack it yourself and name the file in it"


def entries(path: Path) -> list[zipfile.ZipInfo]:
    """Give the files in an archive, folders and droppings of file managers left out.

    Raises
    ------
    FileError
        For an archive that is cut or locked, that names files outside itself, links or one name twice, that holds
        other archives, or that is larger than the limits of this module.
    """
    with opened(path) as archive:
        listed = archive.infolist()
    faults = _too_large(path, listed)
    names: dict[str, int] = {}
    for entry in listed:
        faults += [f"{_shown(entry.filename)} {why}" for why in _wrong(entry)]
        key = entry.filename.rstrip("/").casefold()
        names[key] = names.get(key, 0) + 1
    faults += [f"{_shown(n)} stands {c} times in it (or in another case of letters)" for n, c in names.items() if c > 1]
    if faults:
        more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
        raise FileError(f"{path.name!r}: {'; '.join(faults[:5])}{more}", "an archive of plain files, each once", _SELF)
    return [e for e in listed if not e.is_dir() and not _DROPPINGS.search(e.filename)]


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive; every way in which it can be broken becomes a FileError."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except BROKEN as error:
        raise FileError(
            f"{path.name!r} is a zip archive that cannot be unpacked ({str(error)[:80]})", "a whole zip", _AGAIN
        ) from None


def unpack(path: Path, members: Sequence[zipfile.ZipInfo], into: Path, names: Sequence[str]) -> list[Path]:
    """Unpack members of an archive into a folder, under names given by the caller.

    Raises
    ------
    FileError
        When a member is cut, or is not as long as the archive says.
    """
    made = []
    with opened(path) as archive:
        for member, name in zip(members, names, strict=True):
            target = into / name
            size = 0
            with archive.open(member) as packed, target.open("xb") as file:
                while chunk := packed.read(_CHUNK):
                    size += len(chunk)
                    file.write(chunk)
            if size != member.file_size:
                raise FileError(
                    f"{path.name!r}: {_shown(member.filename)} is {size:,} bytes long and says {member.file_size:,}",
                    "whole files",
                    _AGAIN,
                )
            made.append(target)
    return made


def _too_large(path: Path, listed: list[zipfile.ZipInfo]) -> list[str]:
    packed = max(path.stat().st_size, 1)
    size = sum(e.file_size for e in listed)
    faults = []
    if len(listed) > MOST_ENTRIES:
        faults.append(f"it holds {len(listed):,} files (limit: {MOST_ENTRIES:,}, archives.MOST_ENTRIES)")
    if size > MOST_BYTES:
        faults.append(f"it unpacks to {size:,} bytes (limit: {MOST_BYTES:,}, archives.MOST_BYTES)")
    if size > SMALL_BYTES and size / packed > MOST_RATIO:
        faults.append(
            f"it grows {size / packed:,.0f}-fold when unpacked, to {size:,} bytes"
            f" (limit: {MOST_RATIO}-fold, archives.MOST_RATIO)"
        )
    return faults


def _wrong(entry: zipfile.ZipInfo) -> Iterator[str]:
    name = entry.filename.rstrip("/")
    parts = PurePosixPath(name.replace("\\", "/")).parts
    original = getattr(entry, "orig_filename", name)
    if (
        not name
        or name.startswith(("/", "\\"))
        or ".." in parts
        or re.match(r"[A-Za-z]:", name)
        or any(not c.isprintable() for c in original)
        or len(name) > LONGEST_NAME
    ):
        yield "points out of the archive, or is no name"
    elif "\\" in original:
        yield "has a backslash in its name"
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        yield "is a link or a device, not a file"
    if entry.flag_bits & 0x1:
        yield "is locked with a password"
    if name.casefold().endswith(_ARCHIVES) and not entry.is_dir():
        yield "is an archive inside the archive"


def _shown(name: str) -> str:
    return repr(name if len(name) <= 60 else name[:59] + "…")
