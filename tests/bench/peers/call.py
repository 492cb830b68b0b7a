"""What a call of generated C costs, from Python and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.cases import CALL
from tests.bench.peers import Calls
from tests.bench.peers.generated_numpy import results

if TYPE_CHECKING:
    from tests.bench.cases import Problem

__all__ = ["prepare", "results"]


def prepare(problem: Problem) -> Calls:
    """Return the call with arrays for the results, and without."""
    if problem.row.layer != CALL.layer:
        return {}
    function = problem.module("c").forward
    p, q, r, s = problem.positional(function)
    out = tuple(function(p, q, r, s))
    # As it would be written: a partial with keywords makes a dictionary in every call.
    return {
        "call, out=": lambda: function(p, q, r, s, out=out),
        "call, allocating": lambda: function(p, q, r, s),
    }
