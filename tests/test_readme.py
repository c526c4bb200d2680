"""What the README shows is what happens."""

import doctest
import re
import shlex
import shutil
from pathlib import Path

import pytest

from hazardmap.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_python_of_the_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    test = doctest.DocTestParser().get_doctest(README, {}, "README.md", "README.md", 0)
    outcome = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE, verbose=False).run(test)
    assert outcome.attempted == 12
    assert outcome.failed == 0
    assert (tmp_path / "map.html").exists()
    assert (tmp_path / "answers.xlsx").exists()


def shell_lines():
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for part in block.split("$ ")[1:]:
            command, _, output = part.partition("\n")
            yield command, output


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "data", where / "data")
    return where


def test_shell_of_the_readme(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    assert main(["demo"]) == 0
    capsys.readouterr()
    lines = list(shell_lines())
    assert len(lines) == 9
    for command, shown in lines:
        program, *arguments = shlex.split(command)
        assert program == "hazardmap"
        assert main(arguments) == 0
        assert capsys.readouterr().out.rstrip() == shown.rstrip(), command


def test_the_readme_links_to_what_is_there():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
