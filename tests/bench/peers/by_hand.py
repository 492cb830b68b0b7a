"""The quantizer as a specialist writes it in NumPy: blocks of 1 MiB, everything in place."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench.peers import Calls
from tests.bench.peers.generated_numpy import results

if TYPE_CHECKING:
    from tests.bench.cases import Array, Problem

__all__ = ["prepare", "quantizer", "results"]

_BLOCK = 1 << 20


def quantizer(
    Z: Array, dX: Array, dZ: Array, X: Array, a: Array, b: Array, c: Array
) -> tuple[Array, ...]:
    """Return the quantizer's value and gradients; those of the samples go into ``Z`` and ``dX``."""
    x, g, z, dx = (array.reshape(-1) for array in (X, dZ, Z, dX))
    da, s, dc = (np.zeros_like(a) for _ in range(3))
    rows = max(1, min(len(x), _BLOCK // (x.itemsize * len(a))))
    u, t, q = (np.empty((rows, len(a)), x.dtype) for _ in range(3))
    ac = a * c
    for low in range(0, len(x), rows):
        xs, gs = x[low : low + rows], g[low : low + rows]
        n = len(xs)
        un, tn, qn = u[:n], t[:n], q[:n]
        np.subtract(xs[:, None], b, out=un)
        np.multiply(un, c, out=tn)
        np.tanh(tn, out=tn)
        np.matmul(tn, a, out=z[low : low + rows])
        np.multiply(tn, tn, out=qn)
        np.subtract(1.0, qn, out=qn)
        np.multiply(gs, qn @ ac, out=dx[low : low + rows])
        da += gs @ tn
        s += gs @ qn
        np.multiply(qn, un, out=qn)
        dc += gs @ qn
    return Z, dX, da, -ac * s, a * dc


def prepare(problem: Problem) -> Calls:
    """Return the call; on several threads a share of the samples for each."""
    if problem.row.layer != "quantizer":
        return {}
    (dZ,), (X, *parameters) = problem.cotangents, problem.arrays.values()
    Z, dX = np.empty_like(X), np.empty_like(X)
    if problem.threads == 1 or X.nbytes * len(parameters[0]) < _BLOCK:
        return {"NumPy by hand": partial(quantizer, Z, dX, dZ, X, *parameters)}
    pool = ThreadPoolExecutor(problem.threads)
    arrays_of_samples = [np.array_split(array, problem.threads) for array in (Z, dX, dZ, X)]
    shares = list(zip(*arrays_of_samples, strict=True))

    def run() -> tuple[Any, ...]:
        done = [pool.submit(quantizer, *share, *parameters) for share in shares]
        sums = zip(*(each.result()[2:] for each in done), strict=True)
        return (Z, dX, *map(sum, sums))

    return {"NumPy by hand": run}
