"""The README: its examples run, and its commands print what it shows."""

import re
from pathlib import Path

import pytest

from derive.layer.find import load
from tests.cli.checking import written

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(
    r"^```(\w*)\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)
#: A minute of work, and the figures of one machine.
ELSEWHERE = ("derive verify", "python -m")
SHOWN = [
    (command, shown)
    for _, text in BLOCKS
    for command, shown in re.findall(r"^\$ (.*)\n((?:[^$].*\n|\n)*)", text, re.MULTILINE)
    if not command.startswith(ELSEWHERE)
]
#: The last digits of an error are those of one machine.
ERROR = re.compile(r"\d\.\de-\d\d")


def python(word):
    (block,) = (text for kind, text in BLOCKS if kind == "python" and word in text)
    return block


@pytest.mark.parametrize(("command", "shown"), SHOWN)
def test_a_command_prints_what_the_readme_shows(derive, monkeypatch, command, shown):
    monkeypatch.chdir(ROOT)
    program, *arguments = command.split()
    assert program == "derive"
    _, out, _ = derive(*arguments)
    printed = ERROR.sub("#", out)
    # A line of … stands for lines that are left out.
    for part in filter(None, ERROR.sub("#", shown).split("…\n")):
        _, found, printed = printed.partition(part)
        assert found == part, f"{command}: not in what is left of the output:\n{part}"
    assert shown.endswith("…\n") or not printed.strip()


def test_the_first_layer_is_the_shipped_one_without_its_words(tmp_path):
    block = "from derive import Definition, sum_over, tanh\n" + python('Definition("quantizer"')
    shown, shipped = load(written(tmp_path, block, "shown.py")), load("quantizer")
    assert (shown.name, shown.doc, shown.outputs) == (shipped.name, shipped.doc, shipped.outputs)
    assert [node.body for node in shown.nodes] == [node.body for node in shipped.nodes]
    for one, two in zip(shown.tensors, shipped.tensors, strict=True):
        assert (one.name, one.shape, one.role) == (two.name, two.shape, two.role)


def test_the_generated_functions_are_called_as_shown(monkeypatch):
    monkeypatch.chdir(ROOT)
    names = {}
    exec(python("quantizer.forward"), names)
    assert names["Z"].shape == names["dX"].shape == names["X"].shape
    assert names["da"].shape == names["db"].shape == names["dc"].shape == names["a"].shape


def test_the_layer_of_ones_own_is_shown_and_verified(derive, tmp_path):
    path = written(tmp_path, python("my_layer.py"), "my_layer.py")
    assert load(path).name == "rbf"
    for command in (("show", path), ("verify", path, "--target", "numpy")):
        status, out, err = derive(*command)
        assert (status, err) == (0, "") and "rbf" in out
