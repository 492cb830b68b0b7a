"""Point at a part of an expression, so that its formula shows it marked."""

from __future__ import annotations

from collections import Counter

import sympy as sp

__all__ = ["Focus", "focused", "unfocused"]


class Focus(sp.Expr):  # type: ignore[misc]
    """A part of an expression to look at; its value is that of what is in it."""

    is_commutative = True
    is_real = True
    is_extended_real = True

    @property
    def inside(self) -> sp.Expr:
        """What is looked at."""
        return self.args[0]


def focused(expression: sp.Expr, part: sp.Expr) -> sp.Expr:
    """Return the expression with every occurrence of a part in focus; as it is if there is none.

    The part is a subexpression, or some factors of a product, or some terms of a sum. The whole
    expression is no part: marking all of it would say nothing.

    >>> a, b, c = sp.symbols("a b c")
    >>> focused(1 + a * b * c, a * c)
    b*Focus(a*c) + 1
    """
    if part == expression or (not part.args and part.is_Number):
        return expression
    return _walked(expression, part)


def unfocused(expression: sp.Expr) -> sp.Expr:
    """Return the expression without any focus.

    >>> a, b = sp.symbols("a b")
    >>> unfocused(b * Focus(a))
    a*b
    """
    if not expression.has(Focus):
        return expression
    if isinstance(expression, Focus):
        return unfocused(expression.inside)
    return expression.func(*map(unfocused, expression.args))


def _walked(expression: sp.Basic, part: sp.Expr) -> sp.Basic:
    if expression == part:
        return Focus(part)
    # A product within a product is no subtree of it, and neither is a sum within a sum.
    if type(expression) is type(part) and isinstance(part, (sp.Mul, sp.Add)):
        rest = Counter(expression.args)
        rest.subtract(Counter(part.args))
        if all(count >= 0 for count in rest.values()):
            return expression.func(*rest.elements(), Focus(part))
    if not expression.has(part) and not isinstance(part, (sp.Mul, sp.Add)):
        return expression
    arguments = [_walked(argument, part) for argument in expression.args]
    if all(new is old for new, old in zip(arguments, expression.args, strict=True)):
        return expression
    return expression.func(*arguments)
