"""The products of matrices in generated C, without CBLAS, against NumPy in double precision."""

from __future__ import annotations

import ctypes
import ctypes.util

import numpy as np
import pytest

from derive.errors import DeriveError
from derive.verify.load import find_compiler
from tests.elementary import compiled

try:
    find_compiler()
except DeriveError:
    pytest.skip("no C compiler", allow_module_level=True)

LIBRARY = ctypes.util.find_library("gomp")
TYPES = {"f64": ("double", np.float64), "f32": ("float", np.float32)}
WRAPPER = """void run_{bits}(
    const size_t *n, {real} scale, const {real} *left, const {real} *right, const int *how,
    {real} *target)
{{
    matrices_{bits}(n[0], n[1], n[2], n[3], scale, left, how[0], right, how[1], how[2], target);
}}
"""
#: Batch, rows, columns, summed: of nothing, of few, around whole vectors and parts, of long sums,
#: of a column and a row.
SIZES = [
    *((1, 1, 1, 1), (2, 3, 2, 2), (1, 1, 5, 40), (3, 4, 16, 8), (1, 5, 33, 17), (2, 8, 31, 64)),
    *((1, 9, 70, 65), (1, 64, 35, 16), (2, 67, 32, 130), (1, 130, 3, 20), (1, 2, 7, 9000)),
    *((0, 3, 4, 5), (1, 0, 4, 5), (2, 3, 0, 5), (2, 7, 9, 0), (1, 128, 64, 128), (5, 96, 40, 33)),
    *((2, 5, 50, 1), (1, 33, 7, 1), (1, 3, 6, 300)),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("matrices")
    body = "\n".join(WRAPPER.format(bits=bits, real=real) for bits, (real, _) in TYPES.items())
    return compiled.library(compiled.with_helpers(body), folder)


def product(library, bits, sizes, scale, how, seed=0):
    """Return what the helper computes, what NumPy does, and the sum of magnitudes."""
    batch, rows, columns, summed = sizes
    dtype = TYPES[bits][1]
    generator = np.random.default_rng(seed)
    left, right, start = (
        generator.normal(size=shape).astype(dtype)
        for shape in ((batch, rows, summed), (batch, summed, columns), (batch, rows, columns))
    )
    stored = [
        np.ascontiguousarray(array.swapaxes(1, 2) if turned else array)
        for array, turned in zip((left, right), how[:2], strict=True)
    ]
    # What lies around the target must stay as it is.
    room = np.full(start.size + 64, 7, dtype)
    room[32 : 32 + start.size] = start.ravel() if how[2] else np.nan
    real = {"f64": ctypes.c_double, "f32": ctypes.c_float}[bits]
    getattr(library, f"run_{bits}")(
        (ctypes.c_size_t * 4)(*sizes),
        real(scale),
        *(ctypes.c_void_p(array.ctypes.data) for array in stored),
        (ctypes.c_int * 3)(*how),
        ctypes.c_void_p(room.ctypes.data + 32 * room.itemsize),
    )
    assert np.all(room[:32] == 7)
    assert np.all(room[32 + start.size :] == 7)
    one, two = left.astype(np.float64), right.astype(np.float64)
    kept = start.astype(np.float64) * how[2]
    most = np.abs(kept) + abs(scale) * np.matmul(np.abs(one), np.abs(two))
    got = room[32 : 32 + start.size].reshape(start.shape)
    return got, kept + scale * np.matmul(one, two), most


@pytest.mark.parametrize("how", list(np.ndindex(2, 2, 2)), ids=str)
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("bits", TYPES)
def test_a_product_is_that_of_numpy(library, bits, sizes, how):
    for scale in (1.0, -2.5):
        got, wanted, most = product(library, bits, sizes, scale, how)
        bound = 2 * np.sqrt(sizes[3] + 4) * np.finfo(got.dtype).eps * most
        np.testing.assert_array_less(np.abs(got - wanted), bound + np.finfo(got.dtype).tiny)


@pytest.mark.parametrize("how", [(0, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, 1)], ids=str)
def test_threads_change_no_bit(library, how):
    if LIBRARY is None:
        pytest.skip("the compiler has no OpenMP")
    threads = ctypes.CDLL(LIBRARY)
    most, found = threads.omp_get_max_threads(), []
    try:
        for count in (1, 2, 5):
            threads.omp_set_num_threads(count)
            found.append(product(library, "f32", (3, 203, 130, 150), 1.0, how)[0])
    finally:
        threads.omp_set_num_threads(most)
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
