"""What was made before is made again whenever anything that it depends on has changed."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import derive.layers
import derive.render
from derive.cli import _remembered, main
from derive.cli._remembered import remembered
from derive.layer.find import shipped

ROOT = Path(__file__).parents[2]
NUMBERS = itertools.count()
LAYER = """\
from derive import Definition, sum_over, tanh
layer = Definition("small", "A small layer.")
N, M = layer.sizes("N M")
x, W = layer.input("x", N), layer.param("W", M, N)
i, j = layer.indices("i j")
y = layer.output("y", M)
y[i] = tanh(sum_over(j, W[i, j] * x[j]))
"""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("DERIVE_CACHE", str(folder))
    return folder


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.py"
    path.write_text(LAYER, encoding="utf-8")
    return path


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Let the program take other folders for its own."""
    package, templates = tmp_path / "package", tmp_path / "templates"
    for folder in (package / "layers", templates / "c"):
        folder.mkdir(parents=True)
    (package / "rule.py").write_text("a rule")
    (package / "layers" / "small.py").write_text(LAYER)
    (templates / "c" / "kernel.c.jinja").write_text("text")
    monkeypatch.setattr(_remembered, "PACKAGE", package)
    monkeypatch.setattr(derive.layers, "__path__", [str(package / "layers")])
    monkeypatch.setattr(derive.render, "folder", lambda: templates)
    return tmp_path


class Maker:
    """Counts how often something is made."""

    def __init__(self):
        self.times = 0

    def __call__(self):
        self.times += 1
        return {"a/b.c": "text ∂ \udc80\n", "made": self.times}


def made(change, *layers, more=()):
    """Return how often an answer is made, if it is asked for, something changes, and again."""
    make = Maker()
    question = ("generate", next(NUMBERS))
    first = remembered(question, layers, make)
    assert remembered(question, layers, make) == first
    assert make.times == 1
    change()
    remembered((*question, *more), layers, make)
    return make.times


def test_what_did_not_change_is_made_once(cache, house, small):
    assert made(lambda: None, str(small)) == 1
    assert made(lambda: small.touch(), str(small)) == 1


@pytest.mark.parametrize(
    "path", ["package/rule.py", "package/layers/small.py", "templates/c/kernel.c.jinja", "small.py"]
)
def test_a_changed_file_counts(cache, house, small, path):
    file = house / path
    assert made(lambda: file.write_text(f"{file.read_text()}\n"), str(small)) == 2


@pytest.mark.parametrize(
    "path", ["package/new.py", "package/layers/new.py", "templates/c/new.c.jinja"]
)
def test_a_new_file_counts_and_so_does_one_that_is_gone(cache, house, small, path):
    assert made(lambda: (house / path).write_text(LAYER), str(small)) == 2
    assert made(lambda: (house / path).unlink(), str(small)) == 2


def test_a_moved_text_counts(cache, house, small):
    """The names of files are told from what is in them."""
    rule = house / "package" / "rule.py"
    assert made(lambda: rule.rename(rule.with_name("rules.py")), str(small)) == 2


def test_another_question_has_another_answer(cache, house, small):
    assert made(lambda: None, str(small), more=(False,)) == 2


def test_another_version_of_a_package_counts(cache, house, small, tmp_path, monkeypatch):
    found = tmp_path / "site" / "sympy-9.9.dist-info"

    def install():
        found.mkdir(parents=True)
        monkeypatch.syspath_prepend(found.parent)

    assert made(install, str(small)) == 2


def test_where_a_package_has_no_version_nothing_is_remembered(cache, house, small, monkeypatch):
    monkeypatch.setattr(_remembered, "_PACKAGES", ("sympy", "no such package"))
    make = Maker()
    for times in (1, 2):
        remembered(("generate",), [str(small)], make)
        assert make.times == times


@pytest.mark.parametrize("old, new", [('"made": 1', '"made": 3'), ("{", ""), ('"answer"', '"no"')])
def test_a_damaged_answer_is_none(cache, house, small, old, new):
    def damage():
        (file,) = (cache / "remembered").iterdir()
        file.write_text(file.read_text().replace(old, new))

    assert made(damage, str(small)) == 2


def test_a_file_that_changes_while_the_answer_is_made_is_not_what_it_was_made_from(
    cache, house, small
):
    make = Maker()

    def making():
        small.write_text(f"{LAYER}# another\n")
        return make()

    for times in (1, 2):
        small.write_text(LAYER)
        remembered(("generate",), [str(small)], making)
        assert make.times == times


@pytest.mark.parametrize("folder", ["", "small.py/below"])
def test_without_a_folder_everything_is_made_anew(house, small, tmp_path, monkeypatch, folder):
    monkeypatch.setenv("DERIVE_CACHE", str(tmp_path / folder) if folder else "")
    make = Maker()
    for times in (1, 2):
        remembered(("generate",), [str(small)], make)
        assert make.times == times


def test_few_answers_are_kept_and_other_files_left_alone(cache, house, small, monkeypatch):
    monkeypatch.setattr(_remembered, "_MOST", 3)
    cache.mkdir()
    (cache / "mine.json").write_text("{}")
    for number in range(6):
        remembered(("generate", number), [str(small)], Maker())
    assert len(list((cache / "remembered").iterdir())) == 3
    assert (cache / "mine.json").exists()


@pytest.mark.parametrize(
    "line",
    [
        "import helper",
        "from helper import size",
        "from . import helper",
        "import numpy as np",
        "import os",
        "import math, time",
        "import derive",
        "from derive import layer",
        "from derive import *",
        "from derive.layer.find import load",
        "doc = open('doc.txt').read()",
        "open = open",
        "def f(read=open): return read('doc.txt')",
        "names = {'N', 'M'}",
        "names = set(('N', 'M'))",
        "number = hash('N')",
        "here = __file__",
        "value = eval('1')",
        "value = getattr(layer, 'name')",
        "value = ().__class__.__base__.__subclasses__()",
        "value = layer._sizes",
        "import math as open",
        "value = layer_of_another_file",
        "y[i] =",
    ],
)
def test_a_file_that_may_depend_on_more_than_its_text_is_run_every_time(cache, house, small, line):
    small.write_text(f"{LAYER}{line}\n")
    make = Maker()
    for times in (1, 2):
        remembered(("generate",), [str(small)], make)
        assert make.times == times


def test_a_file_that_says_all_that_it_depends_on_is_known(cache, house, small):
    small.write_text(
        "from __future__ import annotations\nimport math\nfrom derive import Definition as D, exp\n"
        "def scaled(x, factor=2.0):\n    return [factor * math.pi * abs(e) for e in x]\n"
        f"{LAYER}print_ = sum(map(float, scaled((1, 2))))\n"
    )
    assert made(lambda: None, str(small)) == 1


def test_the_shipped_layers_and_our_notes_are_known(cache):
    notes = sorted(str(path) for path in (ROOT / "tests" / "notes").glob("*.md"))
    for name in (*shipped(), *notes):
        assert _remembered._key(("generate",), [name]) is not None
    assert _remembered._key(("generate",), []) is not None


def run(*arguments):
    """Run the program in a process of its own; also tell which modules that brought."""
    code = (
        "import sys; from derive.cli.main import entry; status = entry(sys.argv[1:]); "
        "print(*sorted({n.split('.')[0] for n in sys.modules})); sys.exit(status)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    *lines, modules = result.stdout.splitlines()
    return result.returncode, lines, set(modules.split())


def contents(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_where_nothing_changed_nothing_is_derived(cache, small, tmp_path):
    out = tmp_path / "out"
    status, lines, modules = run("generate", small, "--out", out)
    assert (status, modules >= {"sympy", "jinja2"}) == (0, True)
    first = contents(out)
    for more in ((), ("--check",)):
        status, lines, modules = run("generate", small, "--out", out, *more)
        assert (status, lines) == (0, ["everything is up to date"])
        assert modules.isdisjoint({"sympy", "mpmath", "numpy", "jinja2", "lark", "yaml", "rich"})
    edited, gone = out / "c" / "small.c", out / "numpy" / "small.py"
    edited.write_text(edited.read_text().replace("0", "1", 1))
    gone.unlink()
    status, lines, _ = run("generate", small, "--out", out, "--check")
    assert (status, lines[:2]) == (1, [f"{gone} is missing", f"{edited} is stale"])
    assert run("generate", small, "--out", out)[:2] == (0, [f"{gone} written", f"{edited} written"])
    assert contents(out) == first


def test_a_changed_layer_is_derived_anew(cache, small, tmp_path):
    outs = [tmp_path / name for name in ("remembered", "anew")]
    assert main.entry(["generate", str(small), "--out", str(outs[0])]) == 0
    small.write_text(LAYER.replace("tanh(", "1 - tanh("))
    assert main.entry(["generate", str(small), "--out", str(outs[0])]) == 0
    shutil.rmtree(cache)
    assert main.entry(["generate", str(small), "--out", str(outs[1])]) == 0
    texts = [[data for data in contents(out).values()] for out in outs]
    assert texts[0] == texts[1]


def test_what_a_list_says_is_remembered_too(cache, capsys):
    shown = []
    for _ in range(2):
        assert main.entry(["list", "--format", "json"]) == 0
        shown.append(json.loads(capsys.readouterr().out))
    assert shown[0] == shown[1]
    assert [each["name"] for each in shown[0]] == sorted(shipped())
