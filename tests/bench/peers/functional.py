"""Layers of torch and JAX with the functions of a generated module, to be judged like one."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from derive.program.suite import Suite
    from tests.bench.cases import Array

__all__ = ["Framework", "jax", "module", "torch"]


@dataclass(frozen=True, slots=True)
class Framework:
    """Its name, its forms of a layer, ``vjp`` and ``jvp``, and how it takes an array."""

    name: str
    forms: Callable[[str], dict[str, Callable[..., Any]]]
    vjp: Callable[..., Any]
    jvp: Callable[..., Any]
    given: Callable[[Array], Any]


def torch() -> Framework:
    """Return torch; its own layers, where it has them."""
    from torch import from_numpy, func

    from tests.bench.peers._torch import READY, forms

    def own(layer: str) -> dict[str, Callable[..., Any]]:
        return {"": READY[layer]} if layer in READY else forms(layer)

    return Framework("torch", own, func.vjp, func.jvp, from_numpy)


def jax() -> Framework:
    """Return JAX."""
    from jax import jvp, vjp
    from jax.numpy import asarray

    from tests.bench.peers.jax_jit import forms

    return Framework("jax", forms, vjp, jvp, asarray)


def module(suite: Suite, framework: Framework) -> SimpleNamespace:
    """Return ``forward``, ``backward`` and ``jvp`` of a layer, as a generated module has them.

    The layer has one output.
    """
    form = next(iter(framework.forms(suite.layer.name).values()))
    names = [tensor.name for tensor in suite.layer.tensors]
    moving = [t.name for t in suite.layer.tensors if t.role.differentiated]
    (cotangent,) = suite.cotangents

    def split(arrays: tuple[Array, ...]) -> tuple[Callable[..., Any], list[Any]]:
        every = {name: framework.given(array) for name, array in zip(names, arrays, strict=True)}

        def value(*some: Any) -> Any:
            return form(*{**every, **dict(zip(moving, some, strict=True))}.values())

        return value, [every[name] for name in moving]

    def forward(*arrays: Array) -> Array:
        value, some = split(arrays)
        return np.asarray(value(*some))

    def backward(*arrays: Array, **keywords: Array) -> tuple[Array, ...]:
        seed, given = (keywords[cotangent], arrays) if keywords else (arrays[0], arrays[1:])
        value, some = split(given)
        _, pull = framework.vjp(value, *some)
        return tuple(np.asarray(each) for each in pull(framework.given(seed)))

    def jvp(*arrays: Array, **tangents: Array) -> Array:
        value, some = split(arrays)
        seeds = [framework.given(tangents[name]) for name in suite.seeds]
        return np.asarray(framework.jvp(value, tuple(some), tuple(seeds))[1])

    functions = {"forward": forward, "backward": backward, "jvp": jvp}
    return SimpleNamespace(**functions, __file__=framework.name)
