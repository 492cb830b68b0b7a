"""The layers as they are written for a framework that differentiates by itself.

``xp`` has the functions that frameworks name differently (:class:`Functions`). A layer may have
several forms; which of them is the best depends on the framework and the sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FORMS", "Functions"]


@dataclass(frozen=True, slots=True)
class Functions:
    """What frameworks name differently; all act on the last axis where they need one."""

    tanh: Callable[[Any], Any]
    exp: Callable[[Any], Any]
    sqrt: Callable[[Any], Any]
    sigmoid: Callable[[Any], Any]
    softmax: Callable[[Any], Any]
    log_softmax: Callable[[Any], Any]
    swap: Callable[[Any], Any]
    mean: Callable[[Any], Any]
    join: Callable[[list[Any]], Any]
    #: The number of entries of the last axis.
    width: Callable[[Any], Any]


def _quantizer(xp: Functions, X: Any, a: Any, b: Any, c: Any) -> Any:
    return (a * xp.tanh(c * (X[..., None] - b))).sum(-1)


def _quantizer_unrolled(xp: Functions, X: Any, a: Any, b: Any, c: Any) -> Any:
    terms = [a[j] * xp.tanh(c[j] * (X - b[j])) for j in range(a.shape[0])]
    return reduce(lambda left, right: left + right, terms)


def _softmax_mlp(xp: Functions, x: Any, W: Any, w: Any, V: Any, v: Any, y: Any) -> Any:
    z = xp.sigmoid(x @ W.T + w)
    return -(y * xp.log_softmax(z @ V.T + v)).sum(-1)


def _layer_norm(xp: Functions, x: Any, gamma: Any, beta: Any) -> Any:
    c = x - xp.mean(x)
    return gamma * (c / xp.sqrt(xp.mean(c * c) + 1e-5)) + beta


def _softmax_cross_entropy(xp: Functions, t: Any, y: Any) -> Any:
    return -(y * xp.log_softmax(t)).sum(-1)


def _attention(xp: Functions, Q: Any, K: Any, V: Any) -> Any:
    return xp.softmax(Q @ xp.swap(K) / xp.width(Q) ** 0.5) @ V


def _rbf(xp: Functions, x: Any, c: Any, w: Any, beta: Any) -> Any:
    return xp.exp(-beta * ((x[:, None, :] - c) ** 2).sum(-1)) @ w


def _rbf_products(xp: Functions, x: Any, c: Any, w: Any, beta: Any) -> Any:
    """Distances from a product of matrices: faster, and wrong where points are close together."""
    squares = (x * x).sum(-1)[:, None] - 2 * (x @ c.T) + (c * c).sum(-1)
    return xp.exp(-beta * squares) @ w


def _gru_cell(xp: Functions, x: Any, h: Any, *weights: Any) -> Any:
    Wz, Wr, Wn, Uz, Ur, Un, bz, br, bn = weights
    z = xp.sigmoid(x @ Wz.T + h @ Uz.T + bz)
    r = xp.sigmoid(x @ Wr.T + h @ Ur.T + br)
    n = xp.tanh(x @ Wn.T + r * (h @ Un.T) + bn)
    return (1 - z) * n + z * h


def _gru_cell_joined(xp: Functions, x: Any, h: Any, *weights: Any) -> Any:
    """Three products of x in one, and three of h."""
    Wz, Wr, Wn, Uz, Ur, Un, bz, br, bn = weights
    H = Wz.shape[0]
    from_x = x @ xp.join([Wz, Wr, Wn]).T + xp.join([bz, br, bn])
    from_h = h @ xp.join([Uz, Ur, Un]).T
    gates = xp.sigmoid(from_x[..., : 2 * H] + from_h[..., : 2 * H])
    z, r = gates[..., :H], gates[..., H:]
    n = xp.tanh(from_x[..., 2 * H :] + r * from_h[..., 2 * H :])
    return (1 - z) * n + z * h


#: The forms of each layer: what the layer is given, in its order, to its output.
FORMS: dict[str, dict[str, Callable[..., Any]]] = {
    "quantizer": {"broadcast": _quantizer, "unrolled": _quantizer_unrolled},
    "softmax_mlp": {"": _softmax_mlp},
    "layer_norm": {"": _layer_norm},
    "softmax_cross_entropy": {"": _softmax_cross_entropy},
    "attention": {"": _attention},
    "rbf": {"differences": _rbf, "products": _rbf_products},
    "gru_cell": {"": _gru_cell, "joined": _gru_cell_joined},
}
