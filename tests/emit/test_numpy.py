"""Generated NumPy modules, against the interpreter."""

from __future__ import annotations

import inspect
import tracemalloc
from functools import cache

import numpy as np
import pytest

from derive import Definition, max_over, select, sigmoid, sum_over, tanh
from derive.layer.sample import extents
from derive.verify.call import Caller
from tests.calculus.layers import LAYERS
from tests.emit.modules import call, case, expected, imported, programs, written


@pytest.fixture(scope="session")
def module(tmp_path_factory):
    """Return the module of a layer, written once."""
    folder = tmp_path_factory.mktemp("generated")
    return cache(lambda name: imported(written(LAYERS[name](), folder, "numpy") / f"{name}.py"))


def assert_agrees(module, at):
    """Compare every function of a module with the interpreter."""
    for kind in at.layers:
        want, got = expected(at, kind), call(module, at, kind)
        for result, value in got.items():
            reference = want[result]
            assert value.shape == reference.shape, (kind, result)
            assert value.dtype == np.float64
            scale = np.max(np.abs(reference), initial=1.0)
            np.testing.assert_allclose(
                value, reference, rtol=1e-10, atol=1e-11 * scale, err_msg=f"{kind} {result}"
            )


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_every_function_agrees_with_the_interpreter(module, name):
    layer = LAYERS[name]()
    for seed, ones in ((1, False), (2, True)):
        assert_agrees(module(name), case(layer, seed, ones))


@pytest.mark.parametrize("block", [1, 150, 400])
@pytest.mark.parametrize("name", sorted(LAYERS))
def test_blocks_of_any_size_give_the_same(module, name, block, monkeypatch):
    """One row a block; then several, and fewer in the last."""
    monkeypatch.setattr(module(name), "_BLOCK", block)
    assert_agrees(module(name), case(LAYERS[name](), 4))


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_chunks_of_any_size_give_the_same(module, name, monkeypatch):
    """One sample a chunk; then all but one, and that one alone."""
    at = case(LAYERS[name](), 4)
    (batch,) = (number for size, number in at.sizes.items() if size.name == at.suite.batch)
    for samples in {1, batch - 1} - {0}:
        # Where nothing is made for all samples, there is none.
        for measure in ("_chunk", "_share"):
            monkeypatch.setattr(module(name), measure, lambda *_, n=samples: n, raising=False)
        assert_agrees(module(name), at)
    assert batch > 1


#: Layers that compute elementary functions, and no products of matrices.
SHARED = ("quantizer", "layer_norm", "softmax_cross_entropy", "kinks")


@pytest.mark.parametrize("name", SHARED)
def test_no_bit_depends_on_the_number_of_threads(module, name, monkeypatch):
    made, at = module(name), case(LAYERS[name](), 4)
    monkeypatch.setattr(made, "_share", lambda *_: 1)
    found = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        found.append({kind: call(made, at, kind) for kind in at.layers})
    for kind, first in found[0].items():
        for result, value in first.items():
            for other in found[1:]:
                np.testing.assert_array_equal(
                    other[kind][result], value, err_msg=f"{kind} {result}"
                )


def test_threads_share_what_is_elementary_alone(module):
    assert all("_threads" in vars(module(name)) for name in SHARED)
    assert "_threads" not in vars(module("softmax_mlp"))


def test_threads_are_as_many_as_the_environment_says(module, monkeypatch):
    threads = vars(module("quantizer"))["_threads"]
    for told, number in (("3", 3), ("4,2", 4), (" 2 ", 2)):
        monkeypatch.setenv("OMP_NUM_THREADS", told)
        assert threads() == number
    monkeypatch.delenv("OMP_NUM_THREADS")
    one_each = threads()
    assert one_each >= 1
    for told in ("", "0", "-1", "many"):
        monkeypatch.setenv("OMP_NUM_THREADS", told)
        assert threads() == one_each


@pytest.mark.parametrize("threads", ["1", "2"])
def test_threads_raise_what_the_caller_wants_raised(module, threads, monkeypatch):
    made = module("quantizer")
    monkeypatch.setattr(made, "_share", lambda *_: 1)
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    X, one = np.full((3, 2), 1e300), np.ones(4)
    with np.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow"):
        made.forward(X, one, one, 1e300 * one)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(made.forward(X, one, one, 1e300 * one), np.full((3, 2), 4.0))


def columns_by_columns(kind):
    """Return a layer whose outputs lie in memory in another order than what they are made of."""
    d = Definition("columns_by_columns")
    N, M = d.sizes("N M")
    x, w = d.input("x", N, M), d.param("w", N, M) if kind == "sums" else d.param("w", M)
    n, i, j = d.indices("n i j")
    y = d.output("y", M, M)
    if kind == "sums":
        y[i, j] = tanh(sum_over(n, w[n, j]) * sum_over(n, x[n, i]))
    else:
        y[i, j] = tanh(w[j] * sigmoid(sum_over(n, x[n, i])))
    return d.build()


@pytest.mark.parametrize("block", [1, 400, None])
@pytest.mark.parametrize("kind", ["sums", "weights"])
def test_what_is_still_read_with_its_axes_swapped_is_not_overwritten(kind, block, tmp_path):
    layer = columns_by_columns(kind)
    made = imported(written(layer, tmp_path, "numpy") / "columns_by_columns.py")
    if block is not None:
        made._BLOCK = block
    assert_agrees(made, case(layer, 4))


def test_places_are_not_overwritten_with_numbers(tmp_path):
    d = Definition("highest_so_far")
    N = d.sizes("N")
    x, y = d.input("x", N), d.output("y", N)
    n, m = d.indices("n m")
    y[n] = max_over(m, select(m + 1 <= n + 1, x[m], x[n]))
    layer = d.build()
    made = imported(written(layer, tmp_path, "numpy") / "highest_so_far.py")
    assert_agrees(made, case(layer, 4))


#: Layers with sums and without products of matrices, and sizes at which whole arrays are large.
LARGE = {
    "quantizer": {"B": 512, "N": 64, "M": 16},
    "layer_norm": {"B": 2048, "N": 256},
    "softmax_cross_entropy": {"B": 2048, "K": 256},
    "rbf": {"B": 1, "N": 2048, "M": 64, "D": 4},
}


def most_memory(module, name, sizes):
    """Return what a call needs beyond its results, in bytes."""
    generator = np.random.default_rng(5)
    layers = dict(programs(LAYERS[name]()).layers)
    arrays = {}
    for tensor in layers["forward_backward"].tensors:
        shape = [sizes[str(size)] for size in tensor.shape]
        arrays[tensor.name] = generator.uniform(0.5, 1.5, size=shape)
    function = module.forward_backward
    names = inspect.signature(function).parameters
    given = {each: array for each, array in arrays.items() if each in names}
    out = tuple(function(**given))
    tracemalloc.start()
    try:
        function(**given, out=out)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return most


@pytest.mark.parametrize("name", LARGE)
def test_what_is_made_on_the_way_is_never_large(module, name):
    """No more than a block, though one whole array of the widest kind takes four times that."""
    sizes, block = LARGE[name], module(name)._BLOCK
    assert max(np.prod(list(sizes.values())), 1) * 8 >= 4 * block
    assert most_memory(module(name), name, sizes) < 1.25 * block


#: Layers with products of matrices, and sizes with many samples.
MANY = {
    "softmax_mlp": {"B": 4096, "D": 8, "H": 64, "K": 4},
    "gru_cell": {"B": 4096, "D": 8, "H": 32},
    "attention": {"B": 256, "T": 16, "S": 16, "E": 8, "F": 8},
}


@pytest.mark.parametrize("name", MANY)
def test_memory_does_not_grow_with_the_samples(module, name, monkeypatch):
    monkeypatch.setattr(module(name), "_CHUNK", 1 << 15)
    monkeypatch.setattr(module(name), "_BLOCK", 1 << 15)
    sizes = MANY[name]
    once = most_memory(module(name), name, sizes)
    again = most_memory(module(name), name, {**sizes, "B": 4 * sizes["B"]})
    assert again < 1.05 * once
    assert once < 3 * 8 * (1 << 15)


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_without_samples_or_cotangents_nothing_is_added_up(module, name):
    at = case(LAYERS[name](), 3)
    outputs = at.suite.layer.outputs
    for none in (at.suite.batch, at.suite.many):
        (size,) = [size for size in at.sizes if size.name == none]
        sizes = {**at.sizes, size: 0}
        for kind, layer in at.layers.items():
            given = {**at.arrays, **(at.many if kind == "vjp_many" else {})}
            shapes = {tensor.name: extents(tensor, sizes) for tensor in layer.tensors}
            arrays = {
                name: given[name][tuple(map(slice, shapes[name]))]
                for name in shapes
                if name in given
            }
            got = Caller(module(name), at.suite)(kind, arrays, sizes, np.float64)
            for result, value in got.items():
                node = layer.node(result).tensor
                assert value.shape == extents(node, sizes)
                if none == at.suite.many or kind in ("forward", "jvp", "sgd_step"):
                    continue
                batched = all(size in at.layers["forward"].tensor(o).shape for o in outputs)
                if size in node.shape or result in outputs or not batched:
                    continue
                np.testing.assert_array_equal(value, np.zeros(value.shape), err_msg=result)


@pytest.mark.parametrize(
    ("window", "width", "apart"),
    [
        (lambda g, k, G, K: K * g + k, lambda K: K, True),
        (lambda g, k, G, K: g + G * k, lambda K: K, True),
        (lambda g, k, G, K: 3 * g + k, lambda K: 3, True),
        (lambda g, k, G, K: 3 * g + k, lambda K: 2, True),
        (lambda g, k, G, K: 2 * g + k, lambda K: 3, False),
        (lambda g, k, G, K: K * g + k, lambda K: K + 1, False),
        (lambda g, k, G, K: g + k, lambda K: K, False),
    ],
)
def test_entries_are_added_one_by_one_only_where_they_may_meet(window, width, apart, tmp_path):
    d = Definition("grouped")
    G, K, H = d.sizes("G K H")
    x, g, k, h = d.input("x", 3 * G * K + 2, H), *d.indices("g k h")
    y = d.output("y", G, width(K), H)
    y[g, k, h] = x[window(g, k, G, K), h] ** 2
    path = written(d.build(), tmp_path, "numpy") / "grouped.py"
    text = path.read_text(encoding="utf-8").split("def _backward")[1].split("\ndef ")[0]
    assert ("np.add.at(" not in text) == apart
