"""torch without a compiler: the forward pass is recorded, ``autograd.grad`` runs it backwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from tests.bench.peers import Calls
from tests.bench.peers._torch import forms, results, start, tensors

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.cases import Problem

__all__ = ["prepare", "results"]


def prepare(problem: Problem) -> Calls:
    """Return a call for each form."""
    start(problem)
    (cotangent,), given = tensors(problem)
    named = dict(zip(problem.arrays, given, strict=True))
    wrt = [named[name].requires_grad_() for name in problem.wrt]

    def call(form: Callable[..., Any]) -> Callable[[], Any]:
        def run() -> tuple[Any, ...]:
            value = form(*given)
            return (value, *torch.autograd.grad(value, wrt, cotangent))

        return run

    return {f"torch eager: {name}": call(form) for name, form in forms(problem.row.layer).items()}
