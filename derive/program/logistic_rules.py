"""Rules for the logistic loss, as it is written by those who know that exponentials overflow.

The maximum and the absolute value in ``max(x, 0) + log(1 + exp(-|x|))`` have a kink at 0, which
their sum has not; beside ``- t x`` the greatest terms cancel where a label is met.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import log1p, maximum, minimum, relu, sigmoid, softplus
from derive.index.terms import Entry, Index, Size
from derive.program.examples import X
from derive.program.rules import Around, Rule, Rules, over

if TYPE_CHECKING:
    from derive.layer.model import Layer

__all__ = ["ALWAYS", "BEFORE", "smooth"]


def _positive_part(value: sp.Expr) -> sp.Expr | None:
    """Return x of ``max(x, 0)``, however it is written."""
    if isinstance(value, relu):
        argument: sp.Expr = value.args[0]
        return argument
    bounded, sign = (value, 1) if isinstance(value, maximum) else (-value, -1)
    if isinstance(bounded, maximum if sign == 1 else minimum) and 0 in bounded.args:
        return sign * sp.Add(*bounded.args)
    return None


def _small_part(value: sp.Expr) -> sp.Expr | None:
    """Return x of ``log(1 + exp(-|x|))``, however it is written."""
    exponent = value.args[0] if isinstance(value, softplus) else sp.S.Zero
    if isinstance(value, (sp.log, log1p)):
        small = value.args[0] - (1 if isinstance(value, sp.log) else 0)
        exponent = small.args[0] if isinstance(small, sp.exp) else exponent
    return (-exponent).args[0] if isinstance(-exponent, sp.Abs) else None


def _by_parts(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``c max(x, 0) + c softplus(-|x|)``."""
    if not isinstance(expression, sp.Add):
        return None
    for term, other in permutations(expression.args, 2):
        for factor in sp.Mul.make_args(term):
            scale, x = over(term, factor), _small_part(factor)
            if x is None:
                continue
            part = _positive_part(over(other, scale))
            if part is not None and part in (x, -x):
                return expression - term - other + scale * softplus(part)
            halves = scale * sp.Abs(x) / 2, scale * x / 2
            if all(half in expression.args for half in halves):
                return expression - term - sp.Add(*halves) + scale * softplus(x)
    return None


def _loss(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``c softplus(x) - c t x``, t a label."""
    if not isinstance(expression, sp.Add):
        return None
    for term, other in permutations(expression.args, 2):
        for factor in sp.Mul.make_args(term):
            scale = over(term, factor)
            if not isinstance(factor, softplus):
                continue
            (x,) = factor.args
            t = -over(other, scale * x)
            if isinstance(t, Entry) and t.tensor in around.labels:
                both = (1 - t) * softplus(x) + t * softplus(-x)
                return expression - term - other + scale * both
    return None


def _part(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``(a + b) σ(x) - a``."""
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        factors = sp.Mul.make_args(term)
        for share, total in permutations(factors, 2):
            if not (isinstance(share, sigmoid) and isinstance(total, sp.Add)):
                continue
            scale = over(over(term, share), total)
            for part in total.args:
                if -scale * part in expression.args:
                    both = (total - part) * share - part * sigmoid(-share.args[0])
                    return expression - term + scale * part + scale * both
    return None


def _labelled() -> sp.Expr:
    t = Entry("t", (Size("K"),), Index("k"))
    return softplus(t) - Entry("n", ()) * t


def smooth(layer: Layer) -> Layer:
    """Return a layer without kinks of parts whose sum has none: its derivatives are the true ones.

    Parameters
    ----------
    layer : Layer
        As it was written.
    """
    rules = Rules((_PARTS,), Around.of(layer))
    return replace(layer, nodes=tuple(replace(n, body=rules(n.body)) for n in layer.nodes))


_PARTS = Rule(
    "softplus by parts",
    "max(x, 0) + log(1 + exp(-|x|))",
    "softplus(x)",
    "x = 0: the derivatives of the parts are those of kinks, and σ(0) is 1/2",
    "the definition of softplus",
    _by_parts,
    lambda: relu(X) + softplus(-sp.Abs(X)),
)
#: Before differentiation.
BEFORE = (
    _PARTS,
    Rule(
        "logistic loss",
        "softplus(x) - t x, t a label",
        "(1 - t) softplus(x) + t softplus(-x)",
        "t = 1, large x: the difference cancels",
        "softplus(x) - x = softplus(-x)",
        _loss,
        _labelled,
    ),
)
#: On definitions and on gradients.
ALWAYS = (
    Rule(
        "share less a part",
        "(a + b) σ(x) - a",
        "b σ(x) - a σ(-x)",
        "σ(x) near 1: a is taken from what rounding has left of it",
        "the symmetry of the logistic function",
        _part,
        lambda: (2 + 1 / (1 + X**2)) * sigmoid(X) - 2,
    ),
)
