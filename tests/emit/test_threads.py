"""Threads: no result of generated C depends on how many there are, bit for bit."""

from __future__ import annotations

import ctypes
import ctypes.util
import inspect

import numpy as np
import pytest

from derive import Definition, exp, sum_over, tanh
from derive.layers import quantizer, softmax_mlp
from derive.verify.load import blas_flags, build
from tests.emit.modules import imported, written

LIBRARY = ctypes.util.find_library("gomp")


def losses():
    """Return a layer whose output is a sum over everything, and another over some."""
    d = Definition("losses")
    N, M = d.sizes("N M")
    x, a = d.input("x", N), d.param("a", M)
    i, j = d.indices("i j")
    y = d.output("y", N)
    y[i] = sum_over(j, tanh(a[j] * x[i]) * exp(-a[j] * x[i]))
    return d


@pytest.fixture(scope="module", params=["quantizer", "losses"])
def module(request, tmp_path_factory):
    layer = (quantizer.layer if request.param == "quantizer" else losses()).build()
    made = written(layer, tmp_path_factory.mktemp(request.param), "c")
    flags = build(made / f"{layer.name}.c", made / "_build", blas=False).flags
    if "-fopenmp" not in flags or LIBRARY is None:
        pytest.skip("the compiler has no OpenMP")
    return imported(made / f"{layer.name}.py")


def arguments(module, dtype):
    generator = np.random.default_rng(7)
    x = generator.normal(size=(61, 67)).astype(dtype)
    parameters = generator.normal(size=(3, 33)).astype(dtype)
    return (x, *parameters) if hasattr(module.Gradients, "dc") else (x, parameters[0])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_results_are_the_same_bits_for_any_number_of_threads(module, dtype):
    threads = ctypes.CDLL(LIBRARY)
    most = threads.omp_get_max_threads()
    given, found = arguments(module, dtype), []
    names = {"dX", "dx"} & inspect.signature(module.jvp).parameters.keys()
    seeds = dict.fromkeys(names, given[0][..., ::-1].copy())
    try:
        for count in (1, 2, 3, 1):
            threads.omp_set_num_threads(count)
            results = [*module.forward_backward(given[0][..., ::-1], *given)]
            results += [*module.backward(given[0], *given), module.forward(*given)]
            results.append(module.jvp(*given, **seeds))
            found.append([result.tobytes() for result in results])
    finally:
        threads.omp_set_num_threads(most)
    assert all(each == found[0] for each in found)


def test_there_is_enough_to_do_for_more_than_one_share(module):
    given = arguments(module, np.float64)
    assert given[0].size * given[1].size > 65536


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_blocks_are_the_same_bits_for_any_number_of_threads(dtype, tmp_path):
    made = written(softmax_mlp.layer.build(), tmp_path, "c")
    flags = build(made / "softmax_mlp.c", made / "_build", blas=False).flags
    if "-fopenmp" not in flags or LIBRARY is None:
        pytest.skip("the compiler has no OpenMP")
    module, threads = imported(made / "softmax_mlp.py"), ctypes.CDLL(LIBRARY)
    ctypes.c_size_t.in_dll(module._LIBRARY, "softmax_mlp_block").value = 700000
    generator = np.random.default_rng(5)
    # Three blocks, each with loops for several shares.
    B, D, H, K = 1201, 31, 257, 9
    shapes = ((B, D), (H, D), (H,), (K, H), (K,))
    given = [generator.normal(size=shape).astype(dtype) for shape in shapes]
    given.append(np.eye(K, dtype=dtype)[generator.integers(0, K, B)])
    most, found = threads.omp_get_max_threads(), []
    try:
        for count in (1, 2, 3, 7):
            threads.omp_set_num_threads(count)
            found.append([each.tobytes() for each in module.forward_backward(*given)])
    finally:
        threads.omp_set_num_threads(most)
    assert all(each == found[0] for each in found)


@pytest.mark.skipif(not blas_flags(), reason="needs the scipy-openblas32 wheel")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("N", "M"), [(333, 401), (61, 1003)])
def test_products_by_cblas_are_the_same_bits_for_any_number_of_threads(dtype, N, M, tmp_path):
    d = Definition("products")
    sizes = d.sizes("N M")
    x, W = d.input("x", sizes[1]), d.param("W", *sizes)
    d.output("y", W @ x)
    made = written(d.build(), tmp_path, "c")
    flags = build(made / "products.c", made / "_build").flags
    if "-fopenmp" not in flags or LIBRARY is None:
        pytest.skip("the compiler has no OpenMP")
    module, threads = imported(made / "products.py"), ctypes.CDLL(LIBRARY)
    generator = np.random.default_rng(5)
    shapes = ((517, N), (517, M), (N, M))
    dy, x, W = (generator.normal(size=shape).astype(dtype) for shape in shapes)
    most, found = threads.omp_get_max_threads(), []
    try:
        for count in (1, 2, 3, 7):
            threads.omp_set_num_threads(count)
            results = (module.forward(x, W), *module.backward(dy, x, W))
            found.append([result.tobytes() for result in results])
    finally:
        threads.omp_set_num_threads(most)
    assert all(each == found[0] for each in found)
