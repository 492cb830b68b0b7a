"""What both forms of torch share: tensors, functions, and torch's own layers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

from tests.bench.peers.formulas import FORMS, Functions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.cases import Array, Problem

__all__ = ["READY", "forms", "results", "start", "tensors"]

FUNCTIONS = Functions(
    tanh=torch.tanh,
    exp=torch.exp,
    sqrt=torch.sqrt,
    sigmoid=torch.sigmoid,
    softmax=partial(torch.softmax, dim=-1),
    log_softmax=partial(torch.log_softmax, dim=-1),
    swap=lambda x: x.transpose(-1, -2),
    mean=lambda x: x.mean(-1, keepdim=True),
    join=torch.cat,
    width=lambda x: x.shape[-1],
)


def _layer_norm(x: Any, gamma: Any, beta: Any) -> Any:
    return functional.layer_norm(x, x.shape[-1:], gamma, beta, 1e-5)


def _attention(Q: Any, K: Any, V: Any) -> Any:
    # Its fast path wants an axis for heads.
    return functional.scaled_dot_product_attention(*(x.unsqueeze(-3) for x in (Q, K, V))).squeeze(
        -3
    )


#: What torch has ready.
READY: dict[str, Callable[..., Any]] = {"layer_norm": _layer_norm, "attention": _attention}


def forms(layer: str) -> dict[str, Callable[..., Any]]:
    """Return the forms of a layer, by name: functions of its tensors."""
    written = {name: partial(form, FUNCTIONS) for name, form in FORMS[layer].items()}
    return {**written, **({"torch's own": READY[layer]} if layer in READY else {})}


def start(problem: Problem) -> None:
    """Set the number of threads."""
    torch.set_num_threads(problem.threads)


def tensors(problem: Problem) -> tuple[list[Any], list[Any]]:
    """Return the cotangents and what the layer is given, as tensors."""
    given = [torch.from_numpy(array) for array in problem.arrays.values()]
    return [torch.from_numpy(g) for g in problem.cotangents], given


def results(call: Callable[[], Any]) -> tuple[Array, ...]:
    """Return what a call computes, as NumPy arrays."""
    return tuple(tensor.detach().numpy() for tensor in call())
