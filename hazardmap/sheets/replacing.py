"""Nothing but an older file of the same kind is ever replaced: a programme of that name would be lost.

Knows paths and archives; what an older file looks like, its writer says.
"""

from __future__ import annotations

import lzma
import zipfile
import zlib
from typing import TYPE_CHECKING

from hazardmap.errors import FileError
from hazardmap.store import gpkg_reading

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: How zipfile says that it cannot read a part. Whatever it is, it is not known to be ours, so it is left alone.
_UNREADABLE = (
    zipfile.BadZipFile,  # no archive, or a checksum is wrong
    KeyError,  # no part of that name
    RuntimeError,  # encrypted; NotImplementedError is one: a version or a compression that zipfile does not know
    ValueError,  # places that lead nowhere; UnicodeDecodeError is one: a name that is no text
    EOFError,  # cut off
    zlib.error,  # garbled
    lzma.LZMAError,
)


def head_of_part(archive: Path, part: str, size: int) -> bytes:
    """Give the first bytes of a part of a zip archive; none when it has no such part, or it cannot be read.

    Raises
    ------
    OSError
        When the file itself cannot be read.
    """
    try:
        with zipfile.ZipFile(archive) as parts, parts.open(part) as stream:
            return stream.read(size)
    except _UNREADABLE:
        return b""


def refuse_other(
    target: Path, kind: str, holds: Callable[[Path, str], bool], *, older: str, other: str, example: str
) -> None:
    """Make sure that a name is free or stands for an older file of ours.

    Parameters
    ----------
    target, kind
        The file to write, and its format.
    holds
        Says of a file that is there, and of its format, whether it is an older one of ours.
    older
        What may be replaced, for messages: "older answers".
    other
        What another file is said to be: "holds no answers about plots".
    example
        A name in a folder that was given in place of a file.

    Raises
    ------
    FileError
        When it is a folder, cannot be read, or something else is there.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     refuse_other(pathlib.Path(folder, "a.csv"), "csv", lambda *_: False, older="", other="", example="")
    """
    if target.is_dir():
        raise FileError(f"{target} is a folder", "the name of a file", f"give a name in it, e.g. {target / example}")
    if kind == "gpkg":
        gpkg_reading.check_at_rest(target, for_writing=True)
    try:
        if not target.exists() or not target.stat().st_size or holds(target, kind):
            return
    except OSError as error:
        raise FileError(
            f"{target.name!r} is there and cannot be read ({error.strerror})",
            f"a name that is free, or {older}",
            "save under another name",
        ) from None
    raise FileError(
        f"{target.name!r} is there already and {other}; nothing was changed",
        f"a name that is free, or {older}",
        "save under another name, or move that file away",
    )
