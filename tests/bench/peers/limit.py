"""What nobody is expected to beat: kernels written by hand in C, and what any code has to do.

By hand: the quantizer, and the perceptron for one sample. What any code has to do: a perceptron's
matrix products; elsewhere, to write each result, after reading as much as it has entries. These
two are no candidates that could be compared: they have no results of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench.limits import limits
from tests.bench.peers import Calls, spelled

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from tests.bench.cases import Array, Problem

__all__ = ["MOVES", "PRODUCTS", "prepare", "results"]

#: The candidates without results.
PRODUCTS = "products alone"
MOVES = "moves alone"


def prepare(problem: Problem) -> Calls:
    """Return what there is for the layer."""
    if problem.row.layer not in ("quantizer", "softmax_mlp"):
        return {MOVES: _moves(problem)}
    module = limits(problem.folder)
    given = tuple(problem.arrays.values())
    if module is None:
        return {}
    if problem.row.layer == "quantizer" and hasattr(module, "quantizer"):
        room = tuple(np.empty_like(array) for array in (given[0], *given))
        return {"C by hand": _into(module.quantizer, (*problem.cotangents, *given), room)}
    if problem.row.layer == "softmax_mlp":
        return _perceptron(module, problem)
    return {}


def _moves(problem: Problem) -> Callable[[], Any]:
    """Return a call that copies into arrays of the results' sizes, whatever has their sizes."""
    pairs = [(np.ones_like(result), np.empty_like(result)) for result in problem.reference]

    def moved() -> None:
        for source, target in pairs:
            np.copyto(target, source)

    return moved


def _perceptron(module: ModuleType, problem: Problem) -> Calls:
    x, W, w, V, v, y = given = tuple(problem.arrays.values())
    if len(x) == 1 and problem.threads == 1:
        room = tuple(np.empty_like(a) for a in (problem.cotangents[0], x, W, w, V, v))
        return {"C by hand": _into(module.one, given, room, np.empty_like(w))}
    if len(x) == 1 or not hasattr(module, "products"):
        return {}
    s, t = x @ W.T, np.empty_like(y)
    rest = (s, t, *(np.empty_like(array) for array in (s, x, W, V)))
    return {PRODUCTS: spelled(module.products, x, W, V, *rest)}


def _into(
    function: Any, given: tuple[Array, ...], room: tuple[Array, ...], *work: Array
) -> Callable[[], Any]:
    """Return the call, which remembers where its results are."""
    call = spelled(function, *given, *room, *work)
    vars(call)["room"] = room
    return call


def results(call: Callable[[], Any]) -> tuple[Array, ...]:
    """Return the results that a call leaves in its arrays."""
    call()
    found: tuple[Array, ...] = vars(call)["room"]
    return found
