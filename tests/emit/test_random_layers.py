"""Generated code of layers that nobody thought of, judged as a user's is."""

from __future__ import annotations

import pytest

from derive.program.suite import suite
from derive.verify.load import build
from derive.verify.runner import verify
from tests.calculus.random_layers import random_layer
from tests.emit.made import TARGETS
from tests.emit.modules import imported, written


@pytest.mark.parametrize("seed", range(16))
def test_every_function_of_a_random_layer_is_right(seed, tmp_path):
    """Formulas, differences and a complex step are the judges; every fourth layer is compiled."""
    layer = random_layer(seed)
    modules = {}
    for target in TARGETS if seed % 4 == 0 else TARGETS[:1]:
        made = written(layer, tmp_path, target)
        if target == "c":
            build(made / f"{layer.name}.c", made / "_build", blas=False)
        modules[target] = imported(made / f"{layer.name}.py")
    report = verify(suite(layer), modules, draws=2)
    assert [str(finding) for finding in report.wrong] == []


def test_random_layers_are_the_same_for_the_same_seed():
    one, other = (random_layer(5) for _ in range(2))
    assert [(n.name, n.body) for n in one.nodes] == [(n.name, n.body) for n in other.nodes]
    assert one.nodes != random_layer(6).nodes
