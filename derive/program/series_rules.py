"""A rule for quotients and differences that vanish faster than their parts: ``(exp(x) - 1) / x``.

Near 0 the parts cancel, in the function or in its derivatives, and the quotient is no number at 0
itself. There its Taylor polynomial is taken, before differentiation: that of the derivative is the
derivative of the polynomial.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select, grouped
from derive.index.laurent import laurent
from derive.index.terms import Entry, Reduction
from derive.program.examples import X
from derive.program.rules import Rule, over

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from derive.program.rules import Around

__all__ = ["BEFORE"]

#: The variable of a series, and one that is a length.
_Z, _R = sp.Dummy("z", real=True), sp.Dummy("r", positive=True)
#: To how many powers a series is computed, and how many terms of it a program may have.
_POWERS, _TERMS = 64, 24
#: Up to where a polynomial may be taken: the first that is near enough.
_RADII = tuple(sp.Rational(n, 8) for n in (16, 12, 8, 6, 4, 3, 2))
#: What is left out, relatively, of the function and of its first two derivatives.
_ROUNDING = 1e-17
_DERIVATIVES = 2


@dataclass(frozen=True, slots=True)
class _Polynomial:
    """``z^order (c_0 + c_1 z + …)``, as near as a double shows where ``|z| < radius``."""

    order: int
    coefficients: tuple[sp.Rational, ...]
    radius: sp.Rational

    def at(self, value: sp.Expr) -> sp.Expr:
        """Return its value."""
        terms = enumerate(self.coefficients, self.order)
        named = {power: coefficient for power, coefficient in terms if coefficient}
        step = sp.igcd(*(power for power in named if power)) or 1
        whole = value**step
        # SymPy would multiply numbers into a sum.
        whole = grouped(whole) if whole.is_Add else whole
        return sp.Add(*(number * whole ** (power // step) for power, number in named.items()))


def _polynomial(function: sp.Expr) -> _Polynomial | None:
    """Return what stands for a function of a symbol near 0; None where it has a pole there."""
    series = laurent(function, function.free_symbols.pop(), _POWERS)
    if series is None or series.order < 0 or not any(series.coefficients):
        return None
    for radius in _RADII:
        for count in _counts(series.coefficients):
            if all(
                _rest(series.order, series.coefficients, count, radius, d) < _ROUNDING
                for d in range(_DERIVATIVES + 1)
            ):
                return _Polynomial(series.order, series.coefficients[:count], radius)
    return None


def _counts(coefficients: tuple[sp.Rational, ...]) -> Iterator[int]:
    """Yield how many coefficients to keep, with at most so many that are not 0."""
    for count, terms in enumerate(accumulate(int(c != 0) for c in coefficients), 1):
        if terms <= _TERMS and coefficients[count - 1] != 0:
            yield count


def _rest(
    order: int, coefficients: tuple[sp.Rational, ...], count: int, radius: sp.Rational, d: int
) -> float:
    """Bound what is left out of the d-th derivative, relative to its first term."""
    sizes = [
        abs(float(c)) * float(sp.ff(power, d)) * float(radius) ** power
        for power, c in enumerate(coefficients, order)
    ]
    first = next((size for size in sizes if size), 1.0)
    return sum(sizes[count:]) / first


def _removable(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite a product or a sum whose parts in one variable cancel where that is 0."""
    if isinstance(expression, sp.Mul):
        return _quotient(expression)
    if isinstance(expression, sp.Add) and expression.has(sp.Function):
        return _sum(expression)
    return None


def _quotient(expression: sp.Mul) -> sp.Expr | None:
    """Rewrite ``f(u) / u`` and ``u / f(u)``; ``f(a b) / a`` as ``b f(a b) / (a b)``, near 0."""
    for below in expression.args:
        base, power = below.as_base_exp()
        if not (power.is_Rational and power < 0):
            continue
        factors = sp.Mul.make_args(over(expression, below))
        for variable in _variables(base, power, factors):
            alone = {factor: variable.alone(factor) for factor in factors}
            others = sp.Mul(*(factor for factor, new in alone.items() if new is None))
            if variable.value != base and base in sp.Mul.make_args(variable.value):
                beside, alone[below] = over(variable.value, base) ** -power, variable.symbol**power
            else:
                beside, alone[below] = sp.S.One, variable.alone(below)
            inner = sp.Mul(*(new for new in alone.values() if new is not None))
            if alone[below] is None or not inner.has(sp.Function) or not _vanishes(inner):
                continue
            chosen = variable.near(inner, beside)
            if chosen is not None:
                return others * chosen
    return None


def _sum(expression: sp.Add) -> sp.Expr | None:
    """Rewrite a function of one variable whose terms are larger than itself near 0."""
    entries = expression.atoms(Entry)
    if len(entries) != 1:
        return None
    variable = _Variable(*entries)
    inner = variable.alone(expression)
    if inner is None or all(_order(term) >= _order(inner) for term in inner.args):
        return None
    return variable.near(inner)


@dataclass(frozen=True, slots=True)
class _Variable:
    """What takes the place of a symbol; of a length, formulas have the square."""

    value: sp.Expr
    square: sp.Expr | None = None

    @property
    def symbol(self) -> sp.Symbol:
        """What stands for it."""
        return _Z if self.square is None else _R

    def alone(self, expression: sp.Expr) -> sp.Expr | None:
        """Return an expression as one in the symbol; None where it has other variables."""
        places = {self.value: _Z, -self.value: -_Z}
        if self.square is not None:
            places = {self.square: _R**2}
        replaced = expression.xreplace(places)
        if replaced.has(Entry, Reduction) or replaced.free_symbols != {self.symbol}:
            return None
        return replaced.replace(_is_known, lambda choice: choice.args[-1])

    def near(self, function: sp.Expr, beside: sp.Expr = sp.S.One) -> sp.Expr | None:
        """Return the choice between a function times a factor and its polynomial, if it has one.

        The factor is within the choice: the derivative of the function by it is not spread over
        two terms, which may cancel.
        """
        polynomial = _polynomial(function)
        if polynomial is None:
            return None
        condition, near, far = (
            _choice(polynomial, function).xreplace({self.symbol: self.value}).args
        )
        return Select(condition, beside * near, beside * far)


def _choice(polynomial: _Polynomial, function: sp.Expr) -> sp.Expr:
    (symbol,) = function.free_symbols
    return Select(sp.Lt(sp.Abs(symbol), polynomial.radius), polynomial.at(symbol), function)


def _is_known(choice: sp.Expr) -> bool:
    """Tell whether this module has made a choice: then the function is what is chosen."""
    if not isinstance(choice, Select) or len(choice.args[-1].free_symbols) != 1:
        return False
    polynomial = _polynomial(choice.args[-1])
    return polynomial is not None and choice == _choice(polynomial, choice.args[-1])


def _variables(
    base: sp.Expr, power: sp.Rational, factors: Sequence[sp.Expr]
) -> Iterator[_Variable]:
    """Yield what may be the variable of a quotient."""
    if power.q == 2:
        yield _Variable(sp.sqrt(base), base)
        return
    yield from map(_Variable, sorted(base.atoms(Entry), key=str))
    if isinstance(base, sp.Add):
        yield _Variable(base)
    functions = set[sp.Expr]().union(*(factor.atoms(sp.Function) for factor in factors))
    for function in sorted(functions, key=str):
        if base in sp.Mul.make_args(function.args[0]):
            yield _Variable(function.args[0])


def _vanishes(function: sp.Expr) -> bool:
    """Tell whether what a function of a symbol is divided by is 0 at 0."""
    factors = (factor.as_base_exp() for factor in sp.Mul.make_args(function))
    return any(power.is_Rational and power < 0 < _order(base) for base, power in factors)


def _order(function: sp.Expr) -> int:
    """Return the least power in a series, 0 where none is known."""
    few = laurent(function, function.free_symbols.pop(), 5) if function.free_symbols else None
    return 0 if few is None else few.order


#: Before differentiation, after the others.
BEFORE = (
    Rule(
        "near a removable zero",
        "f(x) / x, x / f(x), f(0) = 0; sums of which the first powers of x cancel",
        "a polynomial in x where |x| is small",
        "x → 0: terms cancel in the function or its derivatives; x = 0: 0/0",
        "Taylor's theorem",
        _removable,
        lambda: X - sp.tanh(X),
        within=_ROUNDING,
    ),
)
