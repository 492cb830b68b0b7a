"""Generated NumPy modules, against the interpreter."""

from __future__ import annotations

import numpy as np
import pytest

from tests.calculus.layers import LAYERS
from tests.emit.modules import call, case, expected, imported, written

KINDS = ("forward", "backward", "forward_backward", "jvp", "vjp_many")


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_every_function_agrees_with_the_interpreter(name, tmp_path):
    layer = LAYERS[name]()
    module = imported(written(layer, tmp_path, "numpy") / f"{layer.name}.py")
    for seed, ones in ((1, False), (2, True)):
        at = case(layer, seed, ones)
        for kind in KINDS:
            want, got = expected(at, kind), call(module, at, kind)
            for result, value in got.items():
                reference = want[result]
                assert value.shape == reference.shape, (kind, result)
                assert value.dtype == np.float64
                scale = np.max(np.abs(reference), initial=1.0)
                np.testing.assert_allclose(
                    value, reference, rtol=1e-10, atol=1e-11 * scale, err_msg=f"{kind} {result}"
                )
