"""A matrix that stands on the wrong side, or not transposed, and lost constants of a chain rule.

What comes back through ``z = Wh`` is multiplied from the left by the transpose of W; written from
the right, and not transposed, it does not conform.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derive.notes import tree
from derive.notes.braces import balanced
from derive.notes.edited import applied
from derive.notes.meaning import constant, mean
from derive.notes.values import Misfit, paired
from derive.notes.verdicts import Edit, Repair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import sympy as sp

    from derive.notes.differentials import Differentials
    from derive.notes.tree import Node

__all__ = ["fronted", "scaled", "transposing"]

#: The greatest numerator and denominator of a constant that is put in by itself.
_SIMPLE = 12
#: Ratios that differ relatively by less than this are the same but for rounding.
_SAME = 1e-9


def fronted(side: Node, text: str) -> Iterator[tuple[Edit, ...]]:
    """Yield edits that move a factor, transposed, before those that stand before it."""
    for product in tree.walk(side):
        if not isinstance(product, tree.Product):
            continue
        for n, factor in enumerate(product.factors[1:], 1):
            if not isinstance(factor, (tree.Name, tree.Scripted)) or factor.end == factor.start:
                continue
            whole = text[factor.start : factor.end]
            opening = Edit(product.start, product.start, rf"({whole})^\top \left(", "order")
            later = product.factors[n + 1 :]
            for sign in ("", r" \odot"):
                closing = Edit(factor.start, factor.end, rf"\right){sign} ", "order")
                if sign and not later:
                    continue
                yield opening, closing
                for place, other in enumerate(later):
                    end = later[place + 1].start if place + 1 < len(later) else other.end
                    if not sign:
                        yield opening, closing, Edit(other.start, end, "", "drop")


def scaled(
    side: Node,
    truth: Node,
    letters: dict[str, sp.Expr],
    differentials: Differentials,
    defined: Iterable[tuple[str, Node]],
) -> Iterator[tuple[Edit, ...]]:
    """Yield edits that put in the constant by which a side is wrong."""
    scope = differentials.numeric(0, letters)
    try:
        both = paired(scope.algebra, mean(truth, scope), mean(side, scope))
        if both is None:
            return
        right, left = np.broadcast_arrays(*(np.asarray(value.data, float) for value in both))
        with np.errstate(all="ignore"):
            ratios = right / left
    except (Misfit, LookupError, ArithmeticError, ValueError, TypeError):
        return
    if not np.isfinite(ratios).all():
        return
    ratio = float(np.median(ratios))
    if not np.allclose(ratios, ratio, rtol=_SAME):
        return
    numbers = dict(_numbers(defined, differentials))
    for count in (1, 2, 3):
        for texts in itertools.combinations(numbers, count):
            if np.isclose(np.prod([numbers[text] for text in texts]), ratio, rtol=_SAME):
                yield _before(side, texts)
    simple = Fraction(ratio).limit_denominator(_SIMPLE)
    if np.isclose(float(simple), ratio, rtol=_SAME) and abs(simple.numerator) <= _SIMPLE:
        above, below = simple.numerator, simple.denominator
        yield _before(side, (str(above) if below == 1 else rf"\frac{{{above}}}{{{below}}}",))


def _before(side: Node, texts: Sequence[str]) -> tuple[Edit, ...]:
    factors = "".join(rf"{text} \cdot " for text in texts)
    if isinstance(side, tree.Add):
        return (
            Edit(side.start, side.start, rf"{factors}\left(", "insert"),
            Edit(side.end, side.end, r"\right)", "insert"),
        )
    return (Edit(side.start, side.start, factors, "insert"),)


def _numbers(
    defined: Iterable[tuple[str, Node]], differentials: Differentials
) -> Iterator[tuple[str, float]]:
    """Yield the numbers in the definitions, as they are written."""
    scope = differentials.symbolic()
    for latex, line in defined:
        for part in tree.walk(line):
            if isinstance(part, (tree.Number, tree.Fraction)):
                value = constant(part, scope)
                if value is not None and value.is_number and value not in (0, 1):
                    yield latex[part.start : part.end], float(value)


def transposing(node: Node, text: str) -> Repair:
    """Return the edit that transposes a side: what is transposed already is so no more."""
    own = _transposed(node)
    if own is not None:
        edit = Edit(*own, "", "transpose")
    else:
        single = isinstance(node, (tree.Name, tree.Group)) or (
            isinstance(node, tree.Scripted) and not node.sup
        )
        mark = r"{}^\top" if single else r"\left({}\right)^\top"
        edit = Edit(*balanced(text, node.start, node.end), mark, "transpose")
    return Repair((edit,), applied(text, (edit,)), False)


def _transposed(node: Node) -> tuple[int, int] | None:
    """Return where the transpose is of which a side is a multiple, if it is one."""
    if isinstance(node, tree.Scripted):
        only = len(node.sup) == 1 and tree.transposes(node.sup[0]) and not node.sub
        return node.sup_range if only else None
    if isinstance(node, tree.Add) and len(node.terms) == 1:
        return _transposed(node.terms[0].body)
    if isinstance(node, tree.Product):
        numbers = (tree.Number, tree.Fraction)
        rest = [factor for factor in node.factors if not isinstance(factor, numbers)]
        return _transposed(rest[0]) if len(rest) == 1 else None
    return None
