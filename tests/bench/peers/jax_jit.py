"""JAX: ``jit`` of the value with its ``vjp``, on arrays that are on the device already."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from tests.bench.peers import Calls
from tests.bench.peers.formulas import FORMS, Functions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.cases import Array, Problem

__all__ = ["forms", "prepare", "results"]

jax.config.update("jax_enable_x64", True)

FUNCTIONS = Functions(
    tanh=jnp.tanh,
    exp=jnp.exp,
    sqrt=jnp.sqrt,
    sigmoid=jax.nn.sigmoid,
    softmax=jax.nn.softmax,
    log_softmax=jax.nn.log_softmax,
    swap=lambda x: jnp.swapaxes(x, -1, -2),
    mean=lambda x: x.mean(-1, keepdims=True),
    join=jnp.concatenate,
    width=lambda x: x.shape[-1],
)


def forms(layer: str) -> dict[str, Callable[..., Any]]:
    """Return the forms of a layer, by name: functions of its arrays."""
    return {name: partial(form, FUNCTIONS) for name, form in FORMS[layer].items()}


def prepare(problem: Problem) -> Calls:
    """Return a call for each form."""
    given = [jnp.asarray(array) for array in problem.arrays.values()]
    cotangent = jnp.asarray(problem.cotangents[0])
    places = [list(problem.arrays).index(name) for name in problem.wrt]

    def call(form: Callable[..., Any]) -> Callable[[], Any]:
        @jax.jit
        def both(cotangent: Any, *given: Any) -> tuple[Any, ...]:
            def value(*moving: Any) -> Any:
                every = list(given)
                for place, array in zip(places, moving, strict=True):
                    every[place] = array
                return form(*every)

            result, pull = jax.vjp(value, *(given[place] for place in places))
            return (result, *pull(cotangent))

        return lambda: jax.block_until_ready(both(cotangent, *given))

    return {f"JAX: {name}": call(form) for name, form in forms(problem.row.layer).items()}


def results(call: Callable[[], Any]) -> tuple[Array, ...]:
    """Return what a call computes, as NumPy arrays."""
    return tuple(np.asarray(array) for array in call())
