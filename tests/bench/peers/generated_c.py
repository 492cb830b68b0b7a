"""The generated C module, with arrays for the results and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.peers import Calls, spelled
from tests.bench.peers.generated_numpy import results, with_room

if TYPE_CHECKING:
    from tests.bench.cases import Problem

__all__ = ["prepare", "results"]


def prepare(problem: Problem) -> Calls:
    """Return both calls."""
    function = problem.module("c").forward_backward
    return {
        "C": with_room(problem, "c"),
        "C, allocating": spelled(function, *problem.positional(function)),
    }
