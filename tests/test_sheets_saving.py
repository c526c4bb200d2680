"""A file of answers that is killed or refused while it is written leaves the older one, whole."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
import verdicts

import hazardmap as hm
from hazardmap.sheets import answers_csv, answers_layers, workbook, write_answers

ENDINGS = ("xlsx", "csv", "gpkg", "parquet")
#: Saves one answer over twelve in children that stop dead at the step whose number they are given; 0: not stopped, says how many.
NURSERY = """
import itertools, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import verdicts
import hazardmap as hm
from hazardmap.sheets import write_answers

answers, programme = verdicts.every_verdict().iloc[:1], hm.example()

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
    for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "open"), (Path, "unlink")):
        counted(owner, name, steps, stop)
    write_answers(answers, Path(str(stop), sys.argv[2]), programme=programme, on=verdicts.ON)
    print(next(steps) - 1, flush=True)

for stop in map(int, sys.argv[3:]):
    born = os.fork()
    if not born:
        try:
            child(stop)
        finally:
            os._exit(1 if sys.exc_info()[0] else 0)
    code = os.waitstatus_to_exitcode(os.waitpid(born, 0)[1])
    assert code == (9 if stop else 0), (stop, code)
"""


def save(frame, path):
    write_answers(frame, path, programme=hm.example(), on=verdicts.ON)


def nursery(place, name, stops):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", NURSERY, str(Path(__file__).parent), name, *map(str, stops)],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("ending", ENDINGS)
def test_stopped_at_any_step_the_old_or_the_new_is_there(ending, tmp_path):
    """Every sixth step, and each of the last five."""
    answers, name = verdicts.every_verdict(), f"a.{ending}"
    (tmp_path / "0").mkdir()
    save(answers, tmp_path / "0" / name)
    old = (tmp_path / "0" / name).read_bytes()
    last = int(nursery(tmp_path, name, [0]))
    stops = sorted({*range(1, last, 6), *range(last - 4, last + 1)})
    for stop in stops:
        (tmp_path / str(stop)).mkdir()
        (tmp_path / str(stop) / name).write_bytes(old)
    nursery(tmp_path, name, stops)
    seen = []
    for stop in stops:
        path = tmp_path / str(stop) / name
        seen.append(path.read_bytes() == old)
        if not seen[-1]:
            assert len(path.read_bytes()) > 1000
        save(answers, path)  # the next save goes through, and what the dead left is gone
        assert {p.name for p in path.parent.iterdir()} == {name}, stop
    assert seen == sorted(seen, reverse=True)  # the old one up to some step, the new one from then on
    assert set(seen) == {True, False}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(("owner", "step"), [(os, "fsync"), (Path, "replace")])
def test_a_disk_that_refuses_leaves_the_old(ending, owner, step, tmp_path, monkeypatch):
    path = tmp_path / f"a.{ending}"
    save(verdicts.every_verdict(), path)
    old = path.read_bytes()

    def refuse(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(owner, step, refuse)
    with pytest.raises(
        hm.FileError, match=r"could not be saved \(No space left on device\); what was there is as it was"
    ):
        save(verdicts.every_verdict().iloc[:1], path)
    assert path.read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def half(real, of):
    """Let a writer write only some of what it is given."""

    def write(path, answers, *rest):
        return real(path, of(answers), *rest)

    return write


@pytest.mark.parametrize(("ending", "writer"), [("gpkg", "write_gpkg"), ("parquet", "write_parquet")])
def test_a_layer_that_does_not_read_back_is_not_saved(ending, writer, tmp_path, monkeypatch):
    path = tmp_path / f"a.{ending}"
    answers = verdicts.every_verdict()
    save(answers, path)
    old = path.read_bytes()
    for spoil in (lambda a: a.iloc[:5], lambda a: a.assign(verdict="released")):
        with monkeypatch.context() as spoilt:
            spoilt.setattr(answers_layers, writer, half(getattr(answers_layers, writer), spoil))
            with pytest.raises(hm.FileError, match="what was written does not read back"):
                save(answers, path)
        assert path.read_bytes() == old


def test_a_text_table_that_does_not_read_back_is_not_saved(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    answers = verdicts.every_verdict()
    save(answers, path)
    old = path.read_bytes()
    real = answers_csv.write_csv

    def lose(new, *rest):
        checksum = real(new, *rest)
        new.write_bytes(new.read_bytes()[:-10])
        return checksum

    monkeypatch.setattr(answers_csv, "write_csv", lose)
    with pytest.raises(hm.FileError, match="what was written does not read back"):
        save(answers, path)
    assert path.read_bytes() == old


def test_a_workbook_that_is_not_whole_is_not_saved(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    answers = verdicts.every_verdict()
    save(answers, path)
    old = path.read_bytes()
    real = workbook._Book.close

    def spoil(of, how):
        def close(book):
            real(book)
            how(Path(book.book.filename))

        return close

    def cut_short(file):
        file.write_bytes(file.read_bytes()[:-100])

    def broken_xml(file):
        with zipfile.ZipFile(file, "a") as parts:
            parts.writestr("xl/worksheets/sheet9.xml", "<a>\x00</a>")

    for how in (cut_short, broken_xml):
        with monkeypatch.context() as spoilt:
            spoilt.setattr(workbook._Book, "close", spoil(real, how))
            with pytest.raises(hm.FileError, match="could not be saved"):
                save(answers, path)
        assert path.read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]


def test_an_error_of_the_writing_library_is_told_in_one_line(tmp_path, monkeypatch):
    def full(*_args, **_kwargs):
        raise pa.ArrowInvalid("no room")

    monkeypatch.setattr(answers_layers.pq, "write_table", full)
    with pytest.raises(hm.FileError, match=r"could not be saved \(no room\)"):
        save(verdicts.every_verdict(), tmp_path / "a.parquet")
    assert not list(tmp_path.iterdir())
