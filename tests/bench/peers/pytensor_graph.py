"""PyTensor: one function of value and gradients; it trusts its arguments and keeps no copies."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.tensor.special import log_softmax, softmax

from tests.bench.peers import Calls
from tests.bench.peers.formulas import FORMS, Functions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.cases import Array, Problem

__all__ = ["prepare", "results"]

FUNCTIONS = Functions(
    tanh=pt.tanh,
    exp=pt.exp,
    sqrt=pt.sqrt,
    sigmoid=pt.sigmoid,
    softmax=partial(softmax, axis=-1),
    log_softmax=partial(log_softmax, axis=-1),
    swap=lambda x: pt.swapaxes(x, -1, -2),
    # Its own mean of single precision is in double.
    mean=lambda x: x.sum(axis=-1, keepdims=True) / x.shape[-1].astype(x.dtype),
    join=pt.concatenate,
    width=lambda x: x.shape[-1].astype(x.dtype),
)


@cache
def _compiled(layer: str, dtype: str, ranks: tuple[int, ...], wrt: tuple[int, ...]) -> Any:
    """Return the function of a layer for any sizes: its cotangent, and what it is given."""
    cotangent, *given = (pt.tensor(dtype=dtype, shape=(None,) * rank) for rank in ranks)
    form = next(iter(FORMS[layer].values()))
    with pytensor.config.change_flags(floatX=dtype):  # of the formula's constants
        value = form(FUNCTIONS, *given)
        gradients = pytensor.grad((value * cotangent).sum(), [given[place] for place in wrt])
    outputs = [pytensor.Out(each, borrow=True) for each in (value, *gradients)]
    inputs = [pytensor.In(each, borrow=True) for each in (cotangent, *given)]
    function = pytensor.function(inputs, outputs, on_unused_input="ignore")
    function.trust_input = True
    return function


def prepare(problem: Problem) -> Calls:
    """Return a call of the first form."""
    given = (*problem.cotangents, *problem.arrays.values())
    wrt = tuple(list(problem.arrays).index(name) for name in problem.wrt)
    ranks = tuple(array.ndim for array in given)
    function = _compiled(problem.row.layer, np.dtype(problem.dtype).name, ranks, wrt)
    return {"PyTensor": partial(function, *given)}


def results(call: Callable[[], Any]) -> tuple[Array, ...]:
    """Return what a call computes."""
    return tuple(call())
