"""How a local derivative is worked out, one rule after another.

Each round applies one rule to the derivatives that are still to be worked out: what is linear
first (sums, and constant factors), then products, quotients, powers and functions. The rules are
those of :func:`derive.index.local.one_level`; here it is only decided how far each round goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.index.delta import close
from derive.index.functions import Select
from derive.index.local import derivative, one_level
from derive.index.partial import Partial, worked
from derive.index.terms import Entry, IndexMax, IndexProduct, IndexSum
from derive.layer.model import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["rounds"]

#: From what is most linear to what is least; a round that does several is named after the last.
_LINEAR = (Rule.ENTRY, Rule.CONSTANT, Rule.SUM)


def rounds(
    expressions: Sequence[sp.Expr],
) -> Iterator[tuple[Rule, tuple[sp.Expr, ...], tuple[str, ...]]]:
    """Work out the derivatives in some expressions, all of them side by side.

    Yields
    ------
    rule : Rule
        What was done.
    expressions : tuple of sympy expressions
        What has become of each; in the last ones nothing is left to work out.
    detail : tuple of str
        The functions, for a rule about functions.
    """
    current = tuple(expressions)
    while True:
        pending = [p for expression in current for p in _pending(expression)]
        if not pending:
            return
        rules = [_rule(p) for p in pending]
        chosen = {r for r, _ in rules if r in _LINEAR} or {rules[0][0]}
        detail = dict.fromkeys(name for r, name in rules if r in chosen and name)

        def work(p: Partial, chosen: set[Rule] = chosen) -> sp.Expr:
            return _worked(p) if _rule(p)[0] in chosen else p

        current = tuple(worked(expression, work) for expression in current)
        named = max(chosen, key=_LINEAR.index) if len(chosen) > 1 else next(iter(chosen))
        yield named, current, tuple(detail)


def _pending(expression: sp.Expr) -> list[Partial]:
    """Return what is to be worked out, from left to right."""
    found: list[Partial] = []

    def note(p: Partial) -> Partial:
        found.append(p)
        return p

    worked(expression, note)
    return found


def _depends(body: sp.Basic, entry: Entry) -> bool:
    return isinstance(body, sp.Expr) and bool(derivative(body, entry.tensor, entry.indices))


def _moving(body: sp.Expr, entry: Entry) -> list[sp.Expr]:
    """Return the arguments that depend on the tensor."""
    return [argument for argument in body.args if _depends(argument, entry)]


def _is_below(factor: sp.Expr) -> bool:
    """Tell whether a factor belongs into a denominator."""
    return bool(factor.is_Pow and factor.exp.is_number and factor.exp.is_negative)


def _is_linear(body: sp.Expr, entry: Entry) -> bool:
    """Tell whether the sum rule, or a constant factor, is all that is needed at the outside."""
    if isinstance(body, sp.Mul):
        moving = _moving(body, entry)
        return len(moving) == 1 and not _is_below(moving[0])
    return isinstance(body, (sp.Add, IndexSum))


def _is_simple(body: sp.Expr, entry: Entry) -> bool:
    """Tell whether nobody writes a line for it: an entry with a factor, or with a summand."""
    if isinstance(body, (sp.Add, sp.Mul)):
        moving = _moving(body, entry)
        return len(moving) == 1 and (
            isinstance(moving[0], Entry) or moving[0] in (-e for e in moving[0].atoms(Entry))
        )
    return isinstance(body, Entry)


def _rule(p: Partial) -> tuple[Rule, str]:
    """Return the rule that comes next, and the name of the function that it is about."""
    body, entry = p.body, p.entry
    if not _depends(body, entry):
        return Rule.CONSTANT, ""
    if isinstance(body, Entry):
        return Rule.ENTRY, ""
    if _is_linear(body, entry):
        return _linear_rule(body, entry), ""
    if isinstance(body, sp.Mul):
        below = any(_is_below(factor) for factor in _moving(body, entry))
        return (Rule.QUOTIENT if below else Rule.PRODUCT), ""
    if isinstance(body, IndexProduct):
        return Rule.PRODUCT, ""
    if isinstance(body, IndexMax):
        return Rule.MAXIMUM, ""
    if isinstance(body, Select):
        return Rule.CASES, ""
    if isinstance(body, sp.Pow):
        return (Rule.QUOTIENT if body.exp == -1 else Rule.POWER), ""
    return Rule.FUNCTION, type(body).__name__


def _linear_rule(body: sp.Expr, entry: Entry) -> Rule:
    if isinstance(body, (sp.Add, IndexSum)):
        return Rule.SUM
    (factor,) = _moving(body, entry)
    return Rule.SUM if isinstance(factor, (sp.Add, IndexSum)) else Rule.CONSTANT


def _worked(p: Partial) -> sp.Expr:
    """Apply the rule that comes next."""
    body, entry = p.body, p.entry
    linear = _is_linear(body, entry)
    below = [factor for factor in (body, *body.args) if _is_below(factor)]

    def left(part: sp.Expr) -> sp.Expr | None:
        through = _is_linear(part, entry) if linear else part in below
        if through or _is_simple(part, entry) or not _depends(part, entry):
            return None
        return Partial(part, entry)

    return close(one_level(body, entry.tensor, entry.indices, left))
