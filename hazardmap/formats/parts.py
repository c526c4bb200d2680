"""The files that make up one Shapefile: all there, none cut short, all of one layer."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from hazardmap.errors import FileError

if TYPE_CHECKING:
    from pathlib import Path


def companion(shapefile: Path, suffix: str) -> Path | None:
    """Give the file that belongs to a Shapefile, whatever the case of its ending; None when there is none.

    Examples
    --------
    >>> from pathlib import Path
    >>> companion(Path("nowhere/hazards.shp"), ".dbf") is None
    True
    """
    for ending in (suffix, suffix.upper()):
        if (found := shapefile.with_suffix(ending)).is_file():
            return found
    return None


def check_shapefile(file: Path, head: bytes, size: int) -> None:
    """Refuse a Shapefile of which a part is missing, cut short or another layer's.

    Raises
    ------
    FileError
        When it is.
    """
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
        raise cut(file, size)
    shapes = (index.stat().st_size - 100) // 8
    with attributes.open("rb") as stream:
        start = stream.read(32)
    if len(start) < 32:
        raise cut(attributes, len(start))
    rows, header, width = struct.unpack("<IHH", start[4:12])
    if attributes.stat().st_size < header + rows * width:
        raise cut(attributes, attributes.stat().st_size)
    if rows != shapes:
        raise FileError(
            f"{file.name!r} has {shapes:,} shapes but {attributes.name!r} has {rows:,} rows",
            "files of one and the same layer",
            "copy all files of the layer again",
        )


def cut(file: Path, size: int) -> FileError:
    """Say that a file is cut short."""
    return FileError(
        f"{file.name!r} is cut short ({size:,} bytes)",
        "the whole file",
        "fetch or copy it again; a save may have been interrupted",
    )
