"""Numba: loops by hand, with ``fastmath``; products of matrices by ``np.dot``.

A share of the samples for each thread, with sums of its own. Every constant has the precision of
the arrays, or Numba would compute in double.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from numba import njit, set_num_threads

from tests.bench.peers import Calls, _numba_dense, _numba_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.cases import Array, Problem

__all__ = ["prepare", "results"]

LOOPS = {**_numba_rows.LOOPS, **_numba_dense.LOOPS}


@cache
def _compiled(layer: str, parallel: bool) -> Callable[..., Any]:
    compiled: Callable[..., Any] = njit(fastmath=True, parallel=parallel)(LOOPS[layer])
    return compiled


def prepare(problem: Problem) -> Calls:
    """Return the one call."""
    set_num_threads(problem.threads)
    # Where the products take the threads there is nothing to share.
    parallel = problem.threads > 1 and problem.row.layer in _numba_rows.LOOPS
    function = _compiled(problem.row.layer, parallel)
    given = (*problem.cotangents, *problem.arrays.values())
    return {"Numba": partial(function, problem.threads, *given)}


def results(call: Callable[[], Any]) -> tuple[Array, ...]:
    """Return what a call computes."""
    return tuple(call())
