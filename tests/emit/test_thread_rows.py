"""Rows shared among threads: their results are the same bits for any number of threads."""

from __future__ import annotations

import ctypes
import ctypes.util
import inspect

import numpy as np
import pytest

from derive.layer.sample import extents
from derive.verify.load import build
from tests.calculus.layers import LAYERS
from tests.emit.modules import imported, written

LIBRARY = ctypes.util.find_library("gomp")

#: Samples and sizes with enough to do for several shares, and no whole number of vectors.
ROWS = {
    "rbf": ((), {"N": 701, "M": 19, "D": 5}),
    "layer_norm": ((601,), {"N": 257}),
    "softmax_cross_entropy": ((403,), {"K": 301}),
    "attention": ((499,), {"T": 61, "S": 67, "E": 9, "F": 11}),
}


def drawn(layer, batch, numbers, dtype):
    """Return arrays for everything that the layer reads, and the cotangents of its outputs."""
    generator = np.random.default_rng(3)
    sizes = {size: numbers[size.name] for size in layer.sizes}
    arrays = {}
    for tensor in layer.tensors:
        lead = batch if tensor.role.batched else ()
        values = generator.normal(size=(*lead, *extents(tensor, sizes)))
        arrays[tensor.name] = np.abs(values).astype(dtype)
    for name in layer.outputs:
        shape = (*batch, *extents(layer.tensor(name), sizes))
        arrays[f"d{name}"] = np.asarray(generator.normal(size=shape), dtype)
    return arrays


@pytest.fixture(scope="module", params=sorted(ROWS))
def made(request, tmp_path_factory):
    layer = LAYERS[request.param]()
    folder = written(layer, tmp_path_factory.mktemp(request.param), "c")
    flags = build(folder / f"{layer.name}.c", folder / "_build").flags
    if "-fopenmp" not in flags or LIBRARY is None:
        pytest.skip("the compiler has no OpenMP")
    return layer, folder


def positional(function, arrays):
    parameters = inspect.signature(function).parameters.values()
    return [arrays[p.name] for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_rows_give_the_same_bits_for_any_number_of_threads(made, dtype):
    layer, folder = made
    module, threads = imported(folder / f"{layer.name}.py"), ctypes.CDLL(LIBRARY)
    arrays = drawn(layer, *ROWS[layer.name], dtype)
    most, found = threads.omp_get_max_threads(), []
    try:
        for count in (1, 2, 3, 5):
            threads.omp_set_num_threads(count)
            results = [
                *module.forward_backward(*positional(module.forward_backward, arrays)),
                *module.backward(*positional(module.backward, arrays)),
                module.forward(*positional(module.forward, arrays)),
            ]
            assert all(np.isfinite(result).all() for result in results)
            found.append([np.asarray(result).tobytes() for result in results])
    finally:
        threads.omp_set_num_threads(most)
    assert all(each == found[0] for each in found)


def test_each_layer_has_a_loop_that_is_shared(made):
    layer, folder = made
    assert "const size_t shares = shares_of(" in (folder / f"{layer.name}.c").read_text()
