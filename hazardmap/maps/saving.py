"""Writing a file whole or not at all. Knows bytes and folders, nothing else."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hazardmap.errors import FileError


def replace_file(path: Path, data: bytes) -> None:
    """Write bytes to a file by way of a temporary file beside it, so that a kill leaves the old file or the new one.

    Raises
    ------
    FileError
        When the folder is missing, is not writable, or the disk is full.
    """
    if not path.parent.is_dir():
        raise FileError(f"no folder {path.parent}", "a folder that exists", f"make it first: mkdir -p '{path.parent}'")
    if path.is_dir():
        raise FileError(f"{path} is a folder", "the name of a file", f"give a name in it, e.g. {path / 'map.html'}")
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise FileError(
            f"{path} cannot be written ({error.strerror})",
            "a folder that may be written to, with room on the disk",
            "choose another folder, or ask for the right to write there",
        ) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
