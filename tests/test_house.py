"""The house: imports point down only, and only maps/ knows folium."""

import ast
from pathlib import Path

import pytest

import hazardmap

PACKAGE = Path(hazardmap.__file__).parent
#: Each room and its floor; a file may import from lower floors, and from its own room.
FLOORS = {
    "__main__": 9,
    "cli": 8,
    "exporting": 7.5,
    "maps": 7,
    "sheets": 7,
    "checks": 6,
    "inspection": 6,
    "release": 5,
    "intake": 4,
    "store": 4,
    "aghdam": 4,
    "squares": 4,
    "programme": 3,
    "tables": 2,
    "schema": 1.5,
    "trapezoids": 2,
    "measure": 1,
    "formats": 1,
    "readings": 1,
    "words": 1,
    "errors": 0,
}
FILES = sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


def room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def statements(node):
    """Walk the code that runs; imports for type checkers are no imports."""
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING"):
            yield child
            yield from statements(child)


def imported_rooms(path):
    for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{a.name}" if node.module == "hazardmap" else node.module for a in node.names]
        else:
            continue
        for name in names:
            first, _, rest = name.partition(".")
            if first == "hazardmap":
                yield (rest.split(".")[0] or "hazardmap"), node.lineno


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path):
    mine = room(path)
    for other, line in imported_rooms(path):
        if mine in {"cli", "__main__"} and other not in FLOORS:
            continue  # the faces spell the public verbs
        assert other == mine or FLOORS[other] < FLOORS[mine], f"{path.name}:{line} imports {other}"


def test_every_room_has_a_floor():
    assert {room(p) for p in FILES} == set(FLOORS)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_maps_knows_folium(path):
    text = path.read_text(encoding="utf-8")
    assert room(path) == "maps" or ("import folium" not in text and "from folium" not in text)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_file_says_what_it_is_and_stays_small(path):
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "no docstring"
    assert text.count("\n") <= 600, "does it still fit one sentence?"
    names = {n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)}
    assert path.stem not in names, "a function is named like its module"
    assert path.stem not in {"utils", "helpers", "common", "core", "base", "manager"}
