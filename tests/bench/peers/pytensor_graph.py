"""PyTensor: one function of value and gradients; it trusts its arguments and keeps no copies."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

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
    mean=lambda x: x.sum(axis=-1, keepdims=True) / x.type.shape[-1],
    join=pt.concatenate,
    width=lambda x: x.type.shape[-1],
)


def prepare(problem: Problem) -> Calls:
    """Return a call of the first form, with fixed shapes."""

    def symbol(array: Array) -> Any:
        return pt.tensor(dtype=array.dtype.name, shape=array.shape)

    given = {name: symbol(array) for name, array in problem.arrays.items()}
    cotangent = symbol(problem.cotangents[0])
    form = next(iter(FORMS[problem.row.layer].values()))
    value = form(FUNCTIONS, *given.values())
    wrt = [given[name] for name in problem.wrt]
    gradients = pytensor.grad((value * cotangent).sum(), wrt)
    outputs = [pytensor.Out(each, borrow=True) for each in (value, *gradients)]
    inputs = [pytensor.In(each, borrow=True) for each in (cotangent, *given.values())]
    function = pytensor.function(inputs, outputs, on_unused_input="ignore")
    function.trust_input = True
    run: Callable[[], Any] = partial(function, *problem.cotangents, *problem.arrays.values())
    return {"PyTensor": run}


def results(call: Callable[[], Any]) -> tuple[Array, ...]:
    """Return what a call computes."""
    return tuple(call())
