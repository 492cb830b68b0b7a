"""How a local derivative is worked out, one rule after another.

Each round applies one rule to the derivatives that are still to be worked out: what is linear
first (sums, and constant factors), then products, quotients, powers and functions. The rules are
those of :func:`derive.index.local.one_level`; here it is only decided how far each round goes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.delta import close
from derive.index.functions import Select, step
from derive.index.inverses import read
from derive.index.local import derivative, one_level
from derive.index.partial import Partial, worked
from derive.index.terms import Entry, IndexMax, IndexProduct, IndexSum
from derive.layer.model import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from derive.index.local import Term

__all__ = ["Round", "nested", "next_round"]

#: From what is most linear to what is least; a round that does several is named after the last.
_LINEAR = (Rule.ENTRY, Rule.CONSTANT, Rule.FLAT, Rule.SUM)


@dataclass(frozen=True, slots=True)
class Round:
    """One rule, applied to all derivatives that it is the next one for.

    Parameters
    ----------
    rule : Rule
        What was done.
    expressions : tuple of sympy expressions
        What has become of each expression.
    detail : tuple of str
        The functions, for a rule about functions.
    done : bool
        Whether nothing is left to work out.
    """

    rule: Rule
    expressions: tuple[sp.Expr, ...]
    detail: tuple[str, ...]
    done: bool


def next_round(expressions: Sequence[sp.Expr]) -> Round:
    """Apply one rule to the derivatives in some expressions, all of them side by side."""
    pending = [p for expression in expressions for p in _pending(expression)]
    rules = [_rule(p) for p in pending]
    chosen = {rule for rule, _ in rules if rule in _LINEAR} or {rules[0][0]}

    def work(p: Partial) -> sp.Expr:
        return _worked(p) if _rule(p)[0] in chosen else p

    after = tuple(worked(expression, work) for expression in expressions)
    named = max(chosen, key=_LINEAR.index) if len(chosen) > 1 else next(iter(chosen))
    detail = dict.fromkeys(name for rule, names in rules if rule is named for name in names)
    return Round(named, after, tuple(detail), not any(e.has(Partial) for e in after))


def _pending(expression: sp.Expr) -> list[Partial]:
    """Return what is to be worked out, from left to right."""
    found: list[Partial] = []

    def note(p: Partial) -> Partial:
        found.append(p)
        return p

    worked(expression, note)
    return found


def _is_flat(body: sp.Basic, entry: Entry) -> bool:
    """Tell whether the tensor is in there only where it makes jumps: sign(x), a condition."""
    return entry.tensor in read(body) and not _depends(body, entry)


def _flat(body: sp.Basic, entry: Entry) -> tuple[str, ...]:
    """Return the names of the outermost functions that are flat; of anything else that is."""
    if not _is_flat(body, entry):
        return ()
    if isinstance(body, (sp.sign, step)):
        return (type(body).__name__,)
    found = tuple(name for part in body.args for name in _flat(part, entry))
    return found or (type(body).__name__,)


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


def _is_passed(body: sp.Expr, entry: Entry) -> bool:
    """Tell whether nobody stops at a sum: Σ_k exp(x_k), 1 + exp(x_k)."""
    if isinstance(body, sp.Add):
        moving = _moving(body, entry)
        numbers = all(term.is_Number for term in body.args if term not in moving)
        return numbers and len(moving) == 1 and not isinstance(moving[0], IndexSum)
    return isinstance(body, IndexSum) and not (
        _is_linear(body.args[0], entry) or _is_simple(body.args[0], entry)
    )


def _rule(p: Partial) -> tuple[Rule, tuple[str, ...]]:
    """Return the rule that comes next, and the names of the functions that it is about."""
    body, entry = p.body, p.entry
    if _is_flat(body, entry):
        return Rule.FLAT, _flat(body, entry)
    if not _depends(body, entry):
        return Rule.CONSTANT, ()
    if isinstance(body, Entry):
        return Rule.ENTRY, ()
    if _is_linear(body, entry):
        flat = [name for f in _constant(body, entry) for name in _flat(f, entry)]
        return (Rule.FLAT, tuple(flat)) if flat else (_linear_rule(body, entry), ())
    if isinstance(body, sp.Mul):
        moving = _moving(body, entry)
        if len(moving) == 1:
            return _power_rule(moving[0], entry), ()
        return (Rule.QUOTIENT if any(map(_is_below, moving)) else Rule.PRODUCT), ()
    if isinstance(body, IndexProduct):
        return Rule.PRODUCT, ()
    if isinstance(body, IndexMax):
        return Rule.MAXIMUM, ()
    if isinstance(body, Select):
        return Rule.CASES, ()
    if isinstance(body, sp.Pow):
        return _power_rule(body, entry), ()
    return Rule.FUNCTION, (type(body).__name__,)


def _constant(body: sp.Expr, entry: Entry) -> list[sp.Expr]:
    """Return the factors of a product that have no derivative."""
    factors = body.args if isinstance(body, sp.Mul) else ()
    return [factor for factor in factors if not _depends(factor, entry)]


def _power_rule(power: sp.Pow, entry: Entry) -> Rule:
    if not _depends(power.base, entry):
        return Rule.EXPONENTIAL
    return Rule.QUOTIENT if power.exp == -1 else Rule.POWER


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
        if isinstance(body, sp.Add) and part in body.args and _is_flat(part, entry):
            # That a summand is flat is a reason of its own.
            return Partial(part, entry)
        through = part in below or _is_passed(part, entry)
        if (
            (_is_linear(part, entry) if linear else through)
            or _is_simple(part, entry)
            or not _depends(part, entry)
        ):
            return None
        return Partial(part, entry)

    return nested(one_level(body, entry.tensor, entry.indices, left))


def nested(terms: Iterable[Term]) -> sp.Expr:
    """Return the sum of the terms, with sums in the order in which they were met."""
    return close(replace(term, bound=term.bound[::-1]) for term in terms)
