"""The generated NumPy module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.bench.peers import Calls, spelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.cases import Array, Problem

__all__ = ["prepare", "results"]


def prepare(problem: Problem) -> Calls:
    """Return a call with arrays for the results."""
    return {"NumPy": with_room(problem, "numpy")}


def with_room(problem: Problem, target: str) -> Callable[[], Any]:
    """Return a call of a generated module's ``forward_backward`` with ``out=``."""
    function = problem.module(target).forward_backward
    given = problem.positional(function)
    return spelled(function, *given, out=function(*given))


def results(call: Callable[[], Any]) -> tuple[Array, ...]:
    """Return what a call computes."""
    return tuple(call())
