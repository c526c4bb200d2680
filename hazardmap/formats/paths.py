"""Paths of this machine, and nothing else: no address, no file system of GDAL's own, no driver prefix."""

from __future__ import annotations

import difflib
import re
from os import PathLike, fspath
from pathlib import Path

from hazardmap.errors import FileError

_SHOWN = 80
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+:")


def local_path(path: str | PathLike[str]) -> Path:
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


def _short(text: str) -> str:
    """Leave out the middle of what is too long: how a path ends tells which file is meant."""
    tail = 2 * _SHOWN // 3
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - tail - 1]}…{text[-tail:]}"
