"""Imports go down one stair; some libraries have one door; modules stay small."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "derive"

#: What stands on what. A module imports from its own folder and from lower floors only.
FLOORS = (
    {"errors", "render"},
    {"index"},
    # The shipped layers are data: found by name, they use what a user's own file uses.
    {"layer", "layers"},
    {"gradient"},
    {"explain", "notes", "program"},
    {"emit"},
    {"verify"},
    {"cli"},
    {"__main__"},
)
#: Who may import what; the paths are below ``derive/``. A folder stands for all in it.
DOORS = {
    "jinja2": {"render.py"},
    "lark": {"notes"},
    "yaml": {"notes"},
    "babel": {"explain"},
    "subprocess": {"verify/load.py", "cli/_tex.py"},
    "click": {"cli"},
    "rich": {"cli"},
    "mpmath": {"index", "layer", "verify"},
    # SymPy ends where the program begins: from there on, only what enters it knows of SymPy.
    "sympy": {
        *("index", "layer", "layers", "gradient", "explain", "notes", "cli/_describe.py"),
        *("program/freeze.py", "program/lower.py", "program/suite.py"),
        *("program/stabilise.py", "program/rules.py", "program/shift.py"),
        *("program/scalar_rules.py", "program/softmax.py", "program/softmax_rules.py"),
        "program/average_rules.py",
        *("program/norm_rules.py", "program/term_rules.py", "program/hyperbolic_rules.py"),
        *("program/root_rules.py", "program/tail_rules.py", "program/exponents.py"),
        *("program/logistic_rules.py", "program/series_rules.py", "program/horner.py"),
        *("program/variance_rules.py", "program/beside_rules.py", "program/examples.py"),
        *("verify/stability.py", "cli/_stability.py"),
    },
}
LONGEST = 400
#: Functions that run text as a program.
RUNNERS = {"eval", "exec", "parse_expr", "parse_latex", "lambdify", "__import__"}
#: A user's own layer file is their own program, and run as one.
RUNS = {"layer/find.py"}

MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@cache
def tree(module):
    return ast.parse((PACKAGE / module).read_text(encoding="utf-8"))


def part(module):
    """Return the folder of the package that a module is in, or its own name."""
    return module.split("/")[0].removesuffix(".py")


def floor(name):
    (found,) = (number for number, names in enumerate(FLOORS) if name in names)
    return found


def imports(module):
    """Return the modules that a module imports, those for type checking too, with the line."""
    found = []
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: a relative import"
            if node.module == "derive":
                found += [(f"derive.{alias.name}", node.lineno) for alias in node.names]
            else:
                found.append((node.module, node.lineno))
    return found


def inner(name):
    """Return the part of the package that an import is from; the package itself has none."""
    head, _, rest = name.partition(".")
    within = rest.split(".")[0]
    known = {name for names in FLOORS for name in names}
    return within if head == "derive" and within in known else ""


def test_every_part_of_the_package_has_a_floor():
    known = {name for names in FLOORS for name in names}
    assert {part(module) for module in MODULES} - {"__init__"} == known


@pytest.mark.parametrize("module", [name for name in MODULES if name != "__init__.py"])
def test_imports_go_down(module):
    own = part(module)
    for name, line in imports(module):
        other = inner(name)
        if other and other != own and (own, other) != ("layer", "layers"):
            assert floor(other) < floor(own), f"{module}:{line} imports {name}"


@pytest.mark.parametrize("library", DOORS)
def test_a_library_has_one_door(library):
    users = {
        module for module in MODULES if library in {n.split(".")[0] for n, _ in imports(module)}
    }
    doors = DOORS[library]
    outside = {
        module
        for module in users
        if not any(module == d or module.startswith(f"{d}/") for d in doors)
    }
    assert outside == set()
    # A door that nobody uses is shut.
    assert {d for d in doors if any(m == d or m.startswith(f"{d}/") for m in users)} >= doors - {
        "layers"
    }


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short_enough_to_read(module):
    lines = (PACKAGE / module).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= LONGEST


def calls(path):
    source = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(source):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else ""
            yield function.id if isinstance(function, ast.Name) else name, node.lineno


@pytest.mark.parametrize("module", [name for name in MODULES if name not in RUNS])
def test_no_text_is_run_as_a_program(module):
    assert [(n, line) for n, line in calls(PACKAGE / module) if n in RUNNERS] == []


def test_a_note_is_never_given_to_sympy_as_text():
    for path in (PACKAGE / "notes").rglob("*.py"):
        assert [line for name, line in calls(path) if name in ("sympify", "S")] == []


def test_sympy_is_never_given_what_may_be_text():
    """Without ``strict`` sympify would parse text, and run it."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("sympify"):
                given = {word.arg: ast.unparse(word.value) for word in node.keywords}
                assert given == {"strict": "True"}, f"{path}:{node.lineno}"
            elif isinstance(node, ast.Call):
                # Handed to a function, as in map(sympify, parts), it would not be strict either.
                handed = [ast.unparse(argument).endswith("sympify") for argument in node.args]
                assert not any(handed), f"{path}:{node.lineno}"


def test_nothing_is_left_for_later():
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    for folder in ("derive", "templates", "generated"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".jinja", ".c", ".h", ".lark"):
                assert not marks.search(path.read_text(encoding="utf-8")), path
