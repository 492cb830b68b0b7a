"""The quantizer as a specialist writes it in NumPy: blocks of 1 MiB, everything in place.

Once with 1 - tanh² as it stands, which has no digits left where tanh is near 1, and once with all.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench.peers import Calls, spelled
from tests.bench.peers.generated_numpy import results

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.cases import Array, Problem

__all__ = ["prepare", "quantizer", "results"]

_BLOCK = 1 << 20


def quantizer(
    slope: Callable[[Array, Array], Array],
    Z: Array,
    dX: Array,
    dZ: Array,
    X: Array,
    a: Array,
    b: Array,
    c: Array,
) -> tuple[Array, ...]:
    """Return the quantizer's value and gradients; those of the samples go into ``Z`` and ``dX``.

    ``slope`` makes the derivative of tanh, of its argument and itself; both may be overwritten.
    """
    x, g, z, dx = (array.reshape(-1) for array in (X, dZ, Z, dX))
    da, s, dc = (np.zeros_like(a) for _ in range(3))
    rows = max(1, min(len(x), _BLOCK // (4 * x.itemsize * len(a))))
    u, w, t = (np.empty((len(a), rows), x.dtype) for _ in range(3))
    ac = a * c
    # NumPy is fastest along what is long: the values of the samples.
    bs, cs = b[:, None], c[:, None]
    for low in range(0, len(x), rows):
        xs, gs = x[low : low + rows], g[low : low + rows]
        n = len(xs)
        un, wn, tn = u[:, :n], w[:, :n], t[:, :n]
        np.subtract(xs, bs, out=un)
        np.multiply(un, cs, out=wn)
        np.tanh(wn, out=tn)
        np.matmul(a, tn, out=z[low : low + rows])
        da += tn @ gs
        qn = slope(wn, tn)
        np.multiply(gs, ac @ qn, out=dx[low : low + rows])
        s += qn @ gs
        np.multiply(qn, un, out=qn)
        dc += qn @ gs
    return Z, dX, da, -ac * s, a * dc


def as_written(w: Array, t: Array) -> Array:
    """Return 1 - t²."""
    np.multiply(t, t, out=t)
    return np.subtract(1.0, t, out=t)


def accurate(w: Array, t: Array) -> Array:
    """Return 4 e / (1 + e)², e = exp(-2 |w|)."""
    np.abs(w, out=w)
    np.multiply(w, -2.0, out=w)
    np.exp(w, out=w)
    np.add(w, 1.0, out=t)
    np.multiply(t, t, out=t)
    np.divide(w, t, out=t)
    return np.multiply(t, 4.0, out=t)


_SLOPES = {"NumPy by hand": as_written, "NumPy by hand, accurate": accurate}


def prepare(problem: Problem) -> Calls:
    """Return the calls; on several threads a share of the samples for each."""
    if problem.row.layer != "quantizer":
        return {}
    return {name: _call(problem, partial(quantizer, slope)) for name, slope in _SLOPES.items()}


def _call(problem: Problem, compute: Callable[..., tuple[Array, ...]]) -> Callable[[], Any]:
    (dZ,), (X, *parameters) = problem.cotangents, problem.arrays.values()
    Z, dX = np.empty_like(X), np.empty_like(X)
    if problem.threads == 1 or X.nbytes * len(parameters[0]) < _BLOCK:
        return spelled(compute, Z, dX, dZ, X, *parameters)
    pool = ThreadPoolExecutor(problem.threads)
    arrays_of_samples = [np.array_split(array, problem.threads) for array in (Z, dX, dZ, X)]
    shares = list(zip(*arrays_of_samples, strict=True))

    def run() -> tuple[Any, ...]:
        done = [pool.submit(compute, *share, *parameters) for share in shares]
        sums = zip(*(each.result()[2:] for each in done), strict=True)
        return (Z, dX, *map(sum, sums))

    return run
