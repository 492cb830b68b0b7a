"""The rule for variances: differences are squared, not the squares subtracted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.index.terms import Index, IndexSum, Size, substitute
from derive.program.examples import power_sum
from derive.program.rules import HIGHAM, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.program.rules import Around

__all__ = ["BEFORE"]

#: What something is the mean of, and over which axes, each with its size.
_Mean = tuple[sp.Expr, tuple[tuple[Index, sp.Expr], ...]]


def _variance(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        powers = [factor.as_base_exp() for factor in sp.Mul.make_args(-term)]
        if not all(power.is_Integer and power % 2 == 0 for _, power in powers):
            continue
        root = sp.Mul(*(base ** (power // 2) for base, power in powers))
        for body, axes in _means(around.meaning(root)):
            for other in expression.args:
                if any(_same(mean, (body**2, axes)) for mean in _means(other)):
                    spread = (body - root) ** 2
                    for index, size in reversed(axes):
                        spread = IndexSum(spread, index, size) / size
                    return expression - term - other + spread
    return None


def _means(expression: sp.Expr) -> Iterator[_Mean]:
    """Yield what an expression is the mean of, and over which axes: over one, or over several."""
    scale, axes = sp.S.One, list[tuple[Index, sp.Expr]]()
    while True:
        factors = sp.Mul.make_args(expression)
        total = next((factor for factor in factors if isinstance(factor, IndexSum)), None)
        if total is None:
            return
        body, index = total.open()
        scale *= expression / total * total.size
        axes.append((index, total.size))
        expression = body
        if scale == 1:
            yield body, tuple(axes)


def _same(one: _Mean, two: _Mean) -> bool:
    """Tell whether two means are the same but for the names of their indices."""
    if [size for _, size in one[1]] != [size for _, size in two[1]]:
        return False
    names = {a: b for (a, _), (b, _) in zip(one[1], two[1], strict=True)}
    return bool(substitute(one[0], names) == two[0])


#: Before differentiation.
BEFORE = (
    Rule(
        "variance",
        "mean(t²) - mean(t)²",
        "mean((t - mean(t))²)",
        "a mean that is large beside the spread: the difference cancels",
        f"{HIGHAM}, section 1.9",
        _variance,
        lambda: power_sum(2) / Size("K") - (power_sum(1) / Size("K")) ** 2,
    ),
)
