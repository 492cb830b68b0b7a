"""Scalar functions that SymPy lacks, each with its derivative.

One convention for kinks, stated once and used everywhere: a function that is not
differentiable at a point has there the derivative

* ``relu'(0) = step(0) = 0``, ``|x|'(0) = sign(0) = 0``;
* ``maximum(a, b)`` and ``minimum(a, b)`` at ``a = b``: all of it belongs to ``a``;
* a maximum over an index: all of it belongs to the first position that attains it.

The derivative of a step (of a sign, of a comparison) is 0.
"""

from __future__ import annotations

import sympy as sp
from sympy.core.function import ArgumentIndexError

__all__ = [
    "KINKED",
    "RealFunction",
    "Select",
    "erfc",
    "expm1",
    "grouped",
    "log1p",
    "logaddexp",
    "maximum",
    "minimum",
    "relu",
    "scalar_derivative",
    "sigmoid",
    "softplus",
    "step",
]


class RealFunction(sp.Function):  # type: ignore[misc]
    """A real function of real arguments."""

    is_real = True
    is_extended_real = True


class sigmoid(RealFunction):
    """The logistic function ``1 / (1 + exp(-x))``; its derivative is ``σ(1 - σ)``."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return ``σ(x)(1 - σ(x))``."""
        return self * (1 - self)


class softplus(RealFunction):
    """``log(1 + exp(x))``; its derivative is the sigmoid."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return ``σ(x)``."""
        return sigmoid(self.args[0])


class logaddexp(RealFunction):
    """``log(exp(a) + exp(b))``; its derivatives are the shares of the two."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return ``σ(a - b)``, or ``σ(b - a)``."""
        first, second = self.args
        if argindex not in (1, 2):
            raise ArgumentIndexError(self, argindex)
        return sigmoid(first - second if argindex == 1 else second - first)


class log1p(RealFunction):
    """``log(1 + x)``, with all digits also near 0."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return ``1 / (1 + x)``."""
        return 1 / (1 + self.args[0])


class expm1(RealFunction):
    """``exp(x) - 1``, with all digits also near 0."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return ``exp(x)``."""
        return sp.exp(self.args[0])


class erfc(RealFunction):
    """``1 - erf(x)``, with all digits also where it is small; SymPy's writes ``2 - erfc(-x)``."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return ``-2 exp(-x²) / √π``."""
        return -2 * sp.exp(-(self.args[0] ** 2)) / sp.sqrt(sp.pi)


class grouped(RealFunction):
    """Parentheses: ``x`` itself, computed before what it is added to or multiplied with."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return 1."""
        return sp.S.One


class step(RealFunction):
    """1 where ``x > 0``, else 0."""

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        """Evaluate at numbers."""
        return sp.Integer(bool(x > 0)) if x.is_Number else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return 0, by the convention for kinks."""
        return sp.S.Zero


class relu(RealFunction):
    """``max(x, 0)``."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return ``step(x)``."""
        return step(self.args[0])


class maximum(RealFunction):
    """The greater of two numbers."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return 1 for the argument that is attained (the first at a tie), else 0."""
        first, second = self.args
        loses = step(second - first)
        if argindex not in (1, 2):
            raise ArgumentIndexError(self, argindex)
        return 1 - loses if argindex == 1 else loses


class minimum(RealFunction):
    """The smaller of two numbers."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return 1 for the argument that is attained (the first at a tie), else 0."""
        first, second = self.args
        loses = step(first - second)
        if argindex not in (1, 2):
            raise ArgumentIndexError(self, argindex)
        return 1 - loses if argindex == 1 else loses


class Select(sp.Expr):  # type: ignore[misc]
    """``first`` where a condition holds, else ``second``; only the one that is chosen is looked at.

    The branch that is not chosen may therefore read entries out of their range.
    """

    is_commutative = True
    is_real = True
    is_extended_real = True

    def __new__(
        cls, condition: sp.Basic, first: sp.Expr | float, second: sp.Expr | float
    ) -> sp.Expr:
        """Build the selection; a decided condition chooses at once."""
        condition, first, second = (
            sp.sympify(part, strict=True) for part in (condition, first, second)
        )
        if condition == sp.true or first == second:
            return first
        if condition == sp.false:
            return second
        return sp.Expr.__new__(cls, condition, first, second)

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        condition, first, second = self.args
        return Select(condition, first.diff(symbol), second.diff(symbol))

    def _sympystr(self, printer: sp.printing.StrPrinter) -> str:
        condition, first, second = (printer.doprint(argument) for argument in self.args)
        return f"({first} if {condition} else {second})"


#: Functions with a point at which they have no derivative; a layer that uses one says so.
KINKED: tuple[type[sp.Basic], ...] = (relu, step, maximum, minimum, sp.Abs, sp.sign, Select)


def scalar_derivative(expression: sp.Expr, symbol: sp.Symbol) -> sp.Expr:
    """Differentiate by a real symbol, with the convention for kinks.

    >>> x = sp.Symbol("x", real=True)
    >>> scalar_derivative(sp.tanh(x), x), scalar_derivative(sp.sign(x), x)
    (1 - tanh(x)**2, 0)
    """
    derivative = expression.diff(symbol)
    if derivative.has(sp.DiracDelta):
        derivative = derivative.replace(sp.DiracDelta, lambda *_: sp.S.Zero)
    return derivative
