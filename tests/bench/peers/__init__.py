"""Who takes part: one module each, all with the same interface.

``prepare`` returns calls by the name of the candidate, and ``results`` what such a call computes:
outputs, then gradients, as NumPy arrays. A name ``JAX: unrolled`` is one form of the candidate
``JAX``; of several forms the fastest stands for it. What a peer has not been written for, it leaves
out. A peer runs in a process of its own, with the number of threads set before anything is
imported.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from tests.bench.cases import Array, Problem

__all__ = [
    "FRAMEWORKS",
    "OURS",
    "PEERS",
    "Calls",
    "Peer",
    "candidate",
    "missing",
    "peer",
    "spelled",
]

Calls = dict[str, Callable[[], Any]]

#: Generated code and what it is measured by, which need nothing that derive does not.
OURS = ("generated_c", "generated_numpy", "limit", "by_hand", "call")
#: The frameworks: the name of their candidate, and the package that they need.
FRAMEWORKS = {
    "torch_compile": ("torch.compile", "torch"),
    "torch_eager": ("torch eager", "torch"),
    "jax_jit": ("JAX", "jax"),
    "numba_loops": ("Numba", "numba"),
    "pytensor_graph": ("PyTensor", "pytensor"),
}
PEERS = (*OURS, *FRAMEWORKS)


class Peer(Protocol):
    """What takes part."""

    def prepare(self, problem: Problem) -> Calls:
        """Return calls that compute outputs and gradients of a problem, by candidate."""

    def results(self, call: Callable[[], Any]) -> tuple[Array, ...]:
        """Return what a call computes: outputs, then gradients."""


def peer(name: str) -> Peer:
    """Return a peer's module, imported."""
    return cast("Peer", importlib.import_module(f"tests.bench.peers.{name}"))


def missing(name: str) -> str:
    """Return the package that a framework needs and that is not installed, or nothing."""
    wanted = FRAMEWORKS[name][1] if name in FRAMEWORKS else "numpy"
    return "" if importlib.util.find_spec(wanted) else wanted


def spelled(function: Callable[..., Any], *given: Any, **named: Any) -> Callable[[], Any]:
    """Return a call with its arguments written out one by one, as it is in a program.

    A partial with keywords makes a dictionary in every call, which takes longer than all else in
    the call of a small kernel.

    >>> spelled(divmod, 7, 2)()
    (3, 1)
    """
    names = [f"argument{place}" for place in range(len(given))]
    words = ", ".join((*names, *(f"{name}={name}" for name in named)))
    scope = {"function": function, **dict(zip(names, given, strict=True)), **named}
    call: Callable[[], Any] = eval(f"lambda: function({words})", scope)
    return call


def candidate(name: str) -> str:
    """Return what a form is a form of."""
    return name.partition(": ")[0]
