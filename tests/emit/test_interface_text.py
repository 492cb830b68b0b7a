"""What a generated module says of itself in names, types, docstrings: for NumPy and for C."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import io
import subprocess
import sys
import tokenize
import typing

import numpy as np
import pytest

from tests.emit.made import MADE, TARGETS, layer_of, parameters, quantizer_arguments
from tests.emit.modules import imported


def keywords(function):
    every = inspect.signature(function).parameters.values()
    return [p.name for p in every if p.kind is p.KEYWORD_ONLY]


def test_arguments_are_the_names_of_the_definition_in_its_order(module):
    q = module("quantizer")
    assert parameters(q.forward) == ["X", "a", "b", "c", "save", "out"]
    assert parameters(q.backward) == ["dZ", "X", "a", "b", "c", "saved", "out"]
    assert parameters(q.forward_backward) == ["dZ", "X", "a", "b", "c", "out"]
    assert parameters(q.jvp) == ["X", "a", "b", "c", "dX", "da", "db", "dc", "out"]
    assert parameters(q.vjp_many) == ["dZ", "X", "a", "b", "c", "out"]
    assert keywords(q.backward) == ["saved", "out"]
    assert q.Gradients._fields == ("dX", "da", "db", "dc")
    assert q.Pass._fields == ("Z", "dX", "da", "db", "dc")


def test_the_cotangent_of_a_scalar_is_a_keyword(module):
    mlp = module("softmax_mlp")
    assert parameters(mlp.backward)[:6] == ["x", "W", "w", "V", "v", "y"]
    assert keywords(mlp.backward) == ["dR", "saved", "out"]
    assert keywords(mlp.sgd_step) == ["gamma", "out"]
    assert mlp.Step._fields == ("W", "w", "V", "v")
    assert parameters(module("two").backward)[:3] == ["dp", "x", "W"]
    assert keywords(module("two").backward) == ["dtotal", "saved", "out"]


@pytest.mark.parametrize("name", MADE)
def test_type_hints_resolve_and_docstrings_have_shapes_and_formulas(module, name):
    made, layer = module(name), layer_of(name)
    for kind in ("forward", "backward", "forward_backward", "jvp", "vjp_many"):
        function = getattr(made, kind)
        assert typing.get_type_hints(function)["return"]
        for parameter in parameters(function):
            assert f"\n    {parameter} : " in function.__doc__
    for node in layer.nodes:
        if node.name in layer.outputs:
            assert f"{node.name}{'[' if node.indices else ' ='}" in made.forward.__doc__
    assert " of shape " in made.backward.__doc__


def test_the_formula_of_each_gradient_stands_in_the_docstring(module):
    text = " ".join(module("quantizer").backward.__doc__.split())
    assert "db : array of shape (M,) db[i] = a[i]*c[i]*sum_" in text
    assert "dX : array of shape (*batch, N) dX[i] = dZ[i]*sum_" in text
    assert "X : array of shape (*batch, N), float32 or float64 values to quantize" in text


def test_the_cotangent_of_a_scalar_among_several_outputs_is_not_called_that_of_the_loss(module):
    text = " ".join(module("two").backward.__doc__.split())
    what = "dtotal : float or array of shape (*batch,), default 1 cotangent of total, for all"
    assert what in text and "of the loss" not in text
    alone = " ".join(module("softmax_mlp").backward.__doc__.split())
    assert "dR : float or array of shape (*batch,), default 1 cotangent of the loss, for" in alone


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", MADE)
def test_the_text_is_tidy(source, target, name):
    text = source(target, name).read_text(encoding="utf-8")
    ast.parse(text)
    lines = text.splitlines()
    assert text.endswith("\n") and not text.endswith("\n\n")
    assert not [line for line in lines if line != line.rstrip()]
    assert "\n\n\n\n" not in text and "\t" not in text
    # An array operation, or a message within quotes, stays on its line.
    assert not [line for line in lines if len(line) > 120 and "np." not in line and '"' not in line]
    names = {t.string for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type == 1}
    assert not names & {"einsum", "eval", "exec", "sympy", "derive", "jinja2"}


BLOCKED = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("sympy", "jinja2", "derive", "mpmath", "lark", "scipy"):
            raise ImportError(f"{name} is not to be imported")
sys.meta_path.insert(0, Blocker())
sys.path += sys.argv[2:]
import importlib.util
spec = importlib.util.spec_from_file_location("made", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
import numpy as np
x = np.linspace(-1, 1, 6).reshape(2, 3)
print(module.forward(x, *(np.array([0.5, -1.0]),) * 3).shape)
"""


@pytest.mark.parametrize("target", TARGETS)
def test_a_module_needs_numpy_alone(source, target):
    where = importlib.util.find_spec("numpy").origin.rsplit("numpy", 1)[0]
    command = [sys.executable, "-S", "-I", "-W", "error", "-c", BLOCKED]
    result = subprocess.run(
        [*command, str(source(target, "quantizer")), where],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.strip() == "(2, 3)", result.stderr
    assert result.stderr == ""


def test_a_module_that_is_copied_alone_works(source, tmp_path):
    copy = tmp_path / "somewhere" / "q.py"
    copy.parent.mkdir()
    copy.write_bytes(source("numpy", "quantizer").read_bytes())
    arguments = quantizer_arguments(2)
    np.testing.assert_array_equal(
        imported(copy).forward(*arguments),
        imported(source("numpy", "quantizer")).forward(*arguments),
    )
