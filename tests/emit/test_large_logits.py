"""Exponents that are products: the greatest is 0 after the shift, however large they are.

A compiler that contracts ``s x - m`` to one operation does not round ``s x``, as ``m`` has been:
of products about 1e9 that makes a difference of more than 88, and an exponential of infinity.
"""

import numpy as np
import pytest

from derive.verify.load import build
from tests.calculus.layers import LAYERS
from tests.emit.modules import imported, written

X = np.float32([4.5765248e8, -1.0242969e9, 1.4882499e9, 1.8584232e9])
S = np.float32([1.1872549, 0.96381366, 1.2746824, 1.4953742])


@pytest.mark.parametrize("target", ["numpy", "c"])
@pytest.mark.parametrize("name", ["softmax_of_products", "log_sum_of_products"])
@pytest.mark.filterwarnings("error")
def test_large_products_have_a_softmax(name, target, tmp_path):
    layer = LAYERS[name]()
    folder = written(layer, tmp_path, target)
    if target == "c":
        build(folder / f"{layer.name}.c", folder / "_build")
    module = imported(folder / f"{layer.name}.py")
    largest = np.float32([0, 0, 0, 1])
    if name == "softmax_of_products":
        assert np.array_equal(module.forward(X, S), largest)
        got = module.backward(dp=np.float32([1, 2, 3, 4]), x=X, s=S)
        assert not np.any(got.dx)
        assert not np.any(got.ds)
    else:
        assert np.isclose(module.forward(X, S), X[3] * S[3])
        got = module.backward(x=X, s=S)
        assert np.allclose(got.dx, largest * S)
        assert np.allclose(got.ds, largest * X)
