"""What a call of generated C costs, from Python and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.cases import CALL
from tests.bench.peers import Calls, spelled
from tests.bench.peers.generated_numpy import results

if TYPE_CHECKING:
    from tests.bench.cases import Problem

__all__ = ["prepare", "results"]


def prepare(problem: Problem) -> Calls:
    """Return the call with arrays for the results, and without."""
    if problem.row.layer != CALL.layer:
        return {}
    function = problem.module("c").forward
    given = problem.positional(function)
    return {
        "call, out=": spelled(function, *given, out=function(*given)),
        "call, allocating": spelled(function, *given),
    }
