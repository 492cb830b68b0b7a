"""What is written by hand in C: the quantizer, the perceptron for one sample, its products alone.

The products alone are no candidate that could be compared: they have no results of their own.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench.limits import limits
from tests.bench.peers import Calls

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from tests.bench.cases import Array, Problem

__all__ = ["PRODUCTS", "prepare", "results"]

#: The candidate without results.
PRODUCTS = "products alone"


def prepare(problem: Problem) -> Calls:
    """Return what there is for the layer."""
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


def _perceptron(module: ModuleType, problem: Problem) -> Calls:
    x, W, w, V, v, y = given = tuple(problem.arrays.values())
    if len(x) == 1 and problem.threads == 1:
        room = tuple(np.empty_like(a) for a in (problem.cotangents[0], x, W, w, V, v))
        return {"C by hand": _into(module.one, given, room, np.empty_like(w))}
    if len(x) == 1 or not hasattr(module, "products"):
        return {}
    s, t = x @ W.T, np.empty_like(y)
    rest = (s, t, *(np.empty_like(array) for array in (s, x, W, V)))
    return {PRODUCTS: partial(module.products, x, W, V, *rest)}


def _into(
    function: Any, given: tuple[Array, ...], room: tuple[Array, ...], *work: Array
) -> Callable[[], Any]:
    """Return the call, which remembers where its results are."""
    call = partial(function, *given, *room, *work)
    vars(call)["room"] = room
    return call


def results(call: Callable[[], Any]) -> tuple[Array, ...]:
    """Return the results that a call leaves in its arrays."""
    call()
    found: tuple[Array, ...] = vars(call)["room"]
    return found
