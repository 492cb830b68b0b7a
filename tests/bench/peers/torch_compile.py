"""torch.compile of forward and backward pass in one function, for fixed sizes.

Compiling the forward pass alone and calling ``autograd.grad`` is slower in every case that was
measured. Of several forms only those are tried that were the fastest at some size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from tests.bench.peers import Calls
from tests.bench.peers._torch import forms, results, start, tensors

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.cases import Problem

__all__ = ["prepare", "results"]

#: The best form, where one is; compiling another takes seconds.
_BEST = {
    "quantizer": "unrolled",
    "layer_norm": "torch's own",
    "attention": "torch's own",
    "gru_cell": "",
}


def prepare(problem: Problem) -> Calls:
    """Return a call for each form."""
    start(problem)
    torch._dynamo.reset()
    (cotangent,), given = tensors(problem)
    places = [list(problem.arrays).index(name) for name in problem.wrt]

    def call(form: Callable[..., Any]) -> Callable[[], Any]:
        def both(cotangent: Any, *given: Any) -> tuple[Any, ...]:
            def value(*moving: Any) -> Any:
                every = list(given)
                for place, tensor in zip(places, moving, strict=True):
                    every[place] = tensor
                return form(*every)

            result, pull = torch.func.vjp(value, *(given[place] for place in places))
            return (result, *pull(cotangent))

        compiled = torch.compile(both, dynamic=False, fullgraph=True)

        def run() -> Any:
            with torch.inference_mode():
                return compiled(cotangent, *given)

        return run

    known = forms(problem.row.layer)
    best = _BEST.get(problem.row.layer)
    chosen = known if best is None else {best: known[best]}
    return {f"torch.compile: {name}": call(form) for name, form in chosen.items()}
