"""A save that is killed, refused by the disk or by a right leaves the old programme or the new one, never neither."""

from __future__ import annotations

import dataclasses
import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import hazardmap as hm
from hazardmap.errors import FileError
from hazardmap.store import content_hash, read, saving, write

if TYPE_CHECKING:
    from hazardmap.programme import Programme

KINDS = ("programme.gpkg", "folder")

#: A process that saves the new programme once for each step whose number it is given, each time in a child that stops dead
#: at that step. Steps are counted before and after every call that changes the disk, so that every moment between two of them
#: is met. Step 0: not stopped; says how many steps there are.
NURSERY = """
import dataclasses, itertools, os, shutil, sys
from pathlib import Path
import hazardmap as hm
from hazardmap.store import write, gpkg_writing, folder

name, kind, *stops = sys.argv[1:]
programme = dataclasses.replace(hm.example(), name="new")

def counted(owner, name, steps, stop):
    real = getattr(owner, name)
    def step(*args, **kwargs):
        if next(steps) == stop:
            os._exit(9)
        result = real(*args, **kwargs)
        if next(steps) == stop:
            os._exit(9)
        return result
    setattr(owner, name, step)

def child(stop):
    steps = itertools.count(1)
    for owner, method in (
        (os, "fsync"), (os, "link"), (os, "unlink"), (os, "mkdir"), (os, "rmdir"), (shutil, "copymode"), (shutil, "rmtree"),
        (Path, "write_text"), (Path, "replace"), (Path, "rename"), (gpkg_writing, "_write_layer"),
        (gpkg_writing, "_write_meta"), (gpkg_writing, "_write_styles"), (folder, "_write_layer"),
    ):
        counted(owner, method, steps, stop)
    write(programme, Path(str(stop), name), format=kind)
    print(next(steps) - 1, flush=True)

for stop in map(int, stops):
    born = os.fork()
    if not born:
        try:
            child(stop)
        finally:
            os._exit(1 if sys.exc_info()[0] else 0)
    code = os.waitstatus_to_exitcode(os.waitpid(born, 0)[1])
    assert code == (9 if stop else 0), (stop, code)
"""


@pytest.fixture(scope="module")
def old() -> Programme:
    return hm.example()


@pytest.fixture(scope="module")
def hashes(old) -> dict[str, str]:
    return {content_hash(old): "old", content_hash(dataclasses.replace(old, name="new")): "new"}


def nursery(place: Path, name: str, kind: str, stops: list[int]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", NURSERY, name, kind, *map(str, stops)],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(("name", "kind"), [("programme.gpkg", "gpkg"), ("folder", "geojson")])
def test_stopped_at_any_step_the_old_or_the_new_is_there(name, kind, old, hashes, tmp_path):
    """Every sixteenth step, and each of the last nine, where the places change hands."""
    first = tmp_path / "0" / name
    first.parent.mkdir()
    write(old, first, format=kind)
    write(old, first, format=kind)  # so that there is a generation before, too
    shutil.copytree(tmp_path / "0", tmp_path / "origin")
    last = int(nursery(tmp_path, name, kind, [0]))
    stops = sorted({*range(1, last, 16), *range(last - 8, last + 1)})
    for stop in stops:
        shutil.copytree(tmp_path / "origin", tmp_path / str(stop))
    nursery(tmp_path, name, kind, stops)
    seen = []
    for stop in stops:
        target = tmp_path / str(stop) / name
        seen.append(hashes[content_hash(read(target))])
        write(dataclasses.replace(old, name="third"), target, format=kind)  # and the next save goes through
        assert read(target).name == "third"
        assert {p.name for p in target.parent.iterdir()} == {name, f"{name}.bak"}, stop  # what the dead left is gone
    assert sorted(seen, reverse=True) == seen  # the old one up to some step, the new one from then on
    assert {"old", "new"} == set(seen)


def test_killed_at_random_moments_while_saving_in_a_loop(old, hashes, tmp_path):
    target = tmp_path / "programme.gpkg"
    write(old, target)
    loop = (
        "import dataclasses, itertools, sys, hazardmap as hm\n"
        "from hazardmap.store import write\n"
        "one = hm.example(); two = dataclasses.replace(one, name='new')\n"
        "for i in itertools.count():\n"
        "    write(one if i % 2 else two, sys.argv[1]); print(i, flush=True)\n"
    )
    chance = random.Random(7)
    for _ in range(2):
        saver = subprocess.Popen([sys.executable, "-c", loop, str(target)], stdout=subprocess.PIPE)
        assert saver.stdout is not None
        saver.stdout.readline()  # the first save is through: it is in the loop now
        for _ in range(2):
            time.sleep(chance.uniform(0, 0.15))
            assert content_hash(read(target)) in hashes  # a reader beside a saver sees one whole generation
        os.kill(saver.pid, signal.SIGKILL)
        saver.wait()
        saver.stdout.close()
        assert content_hash(read(target)) in hashes
    write(old, target)
    assert {p.name for p in tmp_path.iterdir()} == {"programme.gpkg", "programme.gpkg.bak"}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    ("owner", "step"),
    [(os, "fsync"), (Path, "replace"), (Path, "rename"), (Path, "mkdir"), (os, "open"), (os, "close")],
)
@pytest.mark.parametrize("number", [errno.ENOSPC])
def test_a_disk_that_refuses_leaves_the_old(name, owner, step, number, old, hashes, tmp_path, monkeypatch):
    target = tmp_path / name
    write(old, target, format="csv")
    real = getattr(owner, step)

    def refuse(*_args, **_kwargs):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(owner, step, refuse)
    try:
        write(dataclasses.replace(old, name="new"), target, format="csv")
        refused = None
    except hm.FileError as error:
        refused = str(error)
    finally:
        monkeypatch.setattr(owner, step, real)
    assert refused is None or "could not be saved" in refused
    assert hashes[content_hash(read(target))] == ("old" if refused else "new")
    write(old, target, format="csv")
    if owner is Path:  # a system that opens nothing cannot remove a folder either
        assert {p.name for p in tmp_path.iterdir()} <= {name, f"{name}.bak"}


def test_full_disk_inside_sqlite_is_told_in_one_line(old, tmp_path, monkeypatch):
    import sqlite3

    from hazardmap.store import doors

    target = tmp_path / "programme.gpkg"
    write(old, target)

    def full(new, _layers, _meta):
        new.write_bytes(b"half")
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(doors, "write_geopackage", full)
    with pytest.raises(
        hm.FileError, match=r"could not be saved \(database or disk is full\); what was there is as it was"
    ):
        write(dataclasses.replace(old, name="new"), target)
    assert read(target).name == old.name
    assert [p.name for p in tmp_path.iterdir()] == ["programme.gpkg"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write(old, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    with pytest.raises(hm.FileError, match="Permission denied"):
        write(old, closed / "programme.gpkg")


def test_what_does_not_come_back_is_not_saved(old, tmp_path, monkeypatch):
    """A writer that spoils one cell: the comparison sees it, names it, and the old file stays."""
    from hazardmap.store import doors

    target = tmp_path / "programme.gpkg"
    write(old, target)
    real = doors.write_geopackage

    def spoil(new, layers, meta):
        hazards = layers[0]
        cells = {**hazards.cells, "classification": ["suspected"] * len(hazards)}
        real(new, [dataclasses.replace(hazards, cells=cells), *layers[1:]], meta)

    monkeypatch.setattr(doors, "write_geopackage", spoil)
    with pytest.raises(
        hm.FileError, match=r"hazards, row 1 \(H-001\): classification 'confirmed' would come back as 'suspected'"
    ):
        write(dataclasses.replace(old, name="new"), target)
    assert read(target).name == old.name


@pytest.mark.parametrize("name", KINDS)
def test_the_generation_before_is_kept(name, old, tmp_path):
    target = tmp_path / name
    for generation in ("first", "second", "third"):
        write(dataclasses.replace(old, name=generation), target, format="csv")
    assert read(target).name == "third"
    kept = target.with_name(f"{name}.bak")
    if kept.is_file():  # a copy under a name that says what it is, to be read
        kept = kept.rename(tmp_path / "kept.gpkg")
    assert read(kept).name == "second"


def test_a_save_follows_a_link(old, tmp_path):
    real = tmp_path / "real.gpkg"
    write(old, real)
    link = tmp_path / "link.gpkg"
    link.symlink_to(real)
    write(dataclasses.replace(old, name="new"), link)
    assert link.is_symlink()
    assert read(real).name == "new"


def test_a_running_save_keeps_its_files_and_a_dead_one_does_not(tmp_path):
    target = tmp_path / "programme.gpkg"
    own = saving._temporary(target)
    own.touch()
    dead = own.with_name(own.name.replace(f"-{os.getpid()}-", "-999999999-"))
    dead.touch()
    elsewhere = own.with_name(own.name.replace(saving._machine(), "00000000"))
    elsewhere.touch()
    saving._sweep(target)
    assert own.exists()
    assert elsewhere.exists()  # another machine's: left alone for a day
    assert not dead.exists()


def test_a_deleted_folder_is_not_read_from_its_backup(old, tmp_path):
    target = tmp_path / "folder"
    write(old, target, format="csv")
    write(old, target, format="csv")
    shutil.rmtree(target)
    with pytest.raises(hm.FileError, match="does not exist"):
        read(target)


def test_one_writer_at_a_time(tmp_path):
    path = tmp_path / "p.gpkg"
    with saving.one_writer(path):
        with pytest.raises(FileError, match=r"another hazardmap is writing 'p\.gpkg' now"), saving.one_writer(path):
            pass
        with saving.one_writer(tmp_path / "other.gpkg"):
            pass
    with saving.one_writer(path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_of_a_dead_process_holds_nobody(tmp_path):
    code = (
        "import os, sys, pathlib; from hazardmap.store import one_writer\n"
        "with one_writer(pathlib.Path(sys.argv[1])): os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "p.gpkg")], check=False, timeout=60)
    assert done.returncode == 9
    with saving.one_writer(tmp_path / "p.gpkg"):
        pass
