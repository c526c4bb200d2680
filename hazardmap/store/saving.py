"""Save whole or not at all: a new file or folder is made beside the old one, checked, and takes its place in one step.

The generation before it is kept as ``NAME.bak``. Whatever moment the machine stops at, the old one or the new one
is there. Knows paths; knows nothing of what is in them.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import os
import platform
import shutil
import time
import zlib
from typing import TYPE_CHECKING, Any

from hazardmap.errors import FileError

try:
    fcntl: Any = importlib.import_module("fcntl")
except ImportError:  # Windows
    fcntl = None

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_OLD_S = 24 * 3600
_COUNT = itertools.count()


@contextlib.contextmanager
def one_writer(path: Path) -> Iterator[None]:
    """Keep other writers away from a programme from its reading to its saving, so that no change is lost between.

    A lock beside the programme, which ends with the process whatever happens to it. (Where the system has no such
    locks, on Windows, nothing is held.)

    Raises
    ------
    FileError
        When another process is writing there, or the folder cannot be written to.
    """
    check_place(path)
    if fcntl is None:
        yield
        return
    lock = path.resolve().with_name(f".{path.resolve().name}.lock")
    with told(path):
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = lock.exists() and lock.stat().st_ino == os.fstat(handle).st_ino  # not one that was just removed
        except BlockingIOError:
            mine = False
        if not mine:
            raise FileError(
                f"another hazardmap is writing {path.name!r} now; nothing was changed",
                "one writer at a time",
                "run this again when the other has ended",
            )
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)
    finally:
        os.close(handle)


def backup_of(path: Path) -> Path:
    """Give the place of the generation before.

    Examples
    --------
    >>> from pathlib import Path
    >>> backup_of(Path("programme.gpkg")).name
    'programme.gpkg.bak'
    """
    return path.with_name(f"{path.name}.bak")


@contextlib.contextmanager
def told(target: Path, *others: type[Exception]) -> Iterator[None]:
    """Tell in three beats why a file could not be saved.

    Raises
    ------
    FileError
        In the place of an OSError, or of an exception of the other kinds named.
    """
    kinds: tuple[type[Exception], ...] = (OSError, *others)
    try:
        yield
    except kinds as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise FileError(
            f"{target.name!r} could not be saved ({why[:120]}); what was there is as it was",
            "room and the right to write there",
            "make room, check permissions, or save elsewhere",
        ) from None


def replace_bytes(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Write bytes, or pieces of them as they come, to a file whole or not at all; no older generation is kept.

    Raises
    ------
    FileError
        When the folder is missing or not writable, or the disk is full.
    """
    check_place(path)
    if path.is_dir():
        raise FileError(f"{path} is a folder", "the name of a file", f"give a name in it, e.g. {path / 'map.html'}")
    with told(path):
        replace_file(path, lambda new: _write(new, data), lambda _: None, keep=False)


def _write(path: Path, data: bytes | Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines([data] if isinstance(data, bytes) else data)


def replace_file(path: Path, make: Callable[[Path], None], check: Callable[[Path], None], *, keep: bool = True) -> None:
    """Put a new file in the place of an old one.

    Parameters
    ----------
    path
        The place; a link is followed.
    make
        Writes the new file at the path it is given.
    check
        Reads it back and raises when it is not what it should be.
    keep
        Whether the generation before is kept.
    """
    target = path.resolve()
    _sweep(target)
    new = _temporary(target)
    try:
        make(new)
        _sync(new)
        check(new)
        if target.exists():
            shutil.copymode(target, new)
            if keep:
                _keep_backup(target)
        new.replace(target)
        _sync(target.parent)
    finally:
        _remove(new)
        _remove(new.with_name(f"{new.name}-journal"))


def _keep_backup(target: Path) -> None:
    """Keep the old file under its second name, without a moment in which it has not its first."""
    kept = _temporary(target)
    try:
        try:
            os.link(target, kept)
        except OSError:  # file systems without links
            shutil.copy2(target, kept)
            _sync(kept)
        kept.replace(backup_of(target))
    finally:
        _remove(kept)


def replace_folder(path: Path, make: Callable[[Path], None], check: Callable[[Path], None]) -> None:
    """Put a new folder in the place of an old one.

    No system renames two folders at once, so there is a moment between two renames in which the old one has only
    its second name; `standing` finds it there, and the next save puts it back first.
    """
    target = path.resolve()
    if not target.exists() and (kept := standing(target)) != target:
        kept.rename(target)  # a save was stopped in that moment
    _sweep(target)
    new, older = _temporary(target), _temporary(target)
    try:
        new.mkdir()
        make(new)
        for file in sorted(new.iterdir()):
            _sync(file)
        _sync(new)
        check(new)
        if target.exists():
            if backup_of(target).exists():
                backup_of(target).rename(older)
            target.rename(backup_of(target))
        try:
            new.rename(target)
        except OSError:
            if not target.exists() and backup_of(target).exists():
                backup_of(target).rename(target)
            raise
        _sync(target.parent)
    finally:
        _remove(new)
        _remove(older)


def standing(path: Path) -> Path:
    """Say where a folder is to be read: in its place, or under its second name.

    The second when a save was stopped between two renames: that moment leaves a trace, the new folder waiting
    beside it.
    """
    target = path.resolve()
    if (
        target.exists()
        or not backup_of(target).is_dir()
        or not any(target.parent.glob(f".{_escaped(target.name)}.*.new"))
    ):
        return target
    return backup_of(target)


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _temporary(target: Path) -> Path:
    return target.with_name(f".{target.name}.{_machine()}-{os.getpid()}-{next(_COUNT)}.new")


def _machine() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"


def _sweep(target: Path) -> None:
    """Remove what saves that were killed left beside the target; those of a save still running stay."""
    for left in target.parent.glob(f".{_escaped(target.name)}.*.new*"):
        gone = False
        machine, _, rest = left.name.removeprefix(f".{target.name}.").partition("-")
        process = rest.split("-")[0]
        if machine == _machine() and os.name == "posix" and process.isdecimal():
            gone = int(process) != os.getpid() and not _runs(int(process))
        else:
            with contextlib.suppress(OSError):
                gone = time.time() - left.stat().st_mtime > _OLD_S
        if gone:
            _remove(left)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Make sure that what was written is on the disk."""
    if path.is_dir() and os.name != "posix":
        return  # folders cannot be synced there
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_place(path: Path) -> None:
    """Refuse a place that cannot take a file.

    Raises
    ------
    FileError
        When the folder it is to lie in does not exist.
    """
    parent = path.resolve().parent
    if not parent.is_dir():
        raise FileError(f"the folder {str(parent)!r} does not exist", "a folder to save in", "make it first")
