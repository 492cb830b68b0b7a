"""A rule for quotients and differences that vanish faster than their parts: ``(exp(x) - 1) / x``.

Near 0 the parts cancel, in the function or in its derivatives, and the quotient is no number at 0
itself. There its Taylor polynomial is taken, before differentiation: that of the derivative is the
derivative of the polynomial.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from math import gcd
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select, grouped
from derive.index.laurent import laurent
from derive.index.terms import Entry, Reduction
from derive.program.examples import X
from derive.program.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from derive.index.laurent import Laurent
    from derive.program.rules import Around

__all__ = ["BEFORE"]

#: The variable of a series, and one that is a length.
_Z, _R = sp.Dummy("z", real=True), sp.Dummy("r", positive=True)
#: To how many powers a series is computed, and how many terms of it a program may have.
_POWERS, _TERMS = 64, 32
#: How many terms of those that are left out are looked at, at least.
_SEEN = 4
#: Up to where a polynomial may be taken: the first that is near enough.
_RADII = tuple(sp.Rational(n, 16) for n in (32, 24, 16, 12, 8, 6, 4, 3, 2))
#: What is left out, relatively, of the function and of its first two derivatives.
_ROUNDING = 1e-17
_DERIVATIVES = 2
#: How many times greater than its value the terms of a polynomial and of its derivative may be.
_CANCELS = 6.0
#: Numbers with more digits are rounded once: float32 may hold neither what is above nor below.
_EXACT = 1 << 24


@dataclass(frozen=True, slots=True)
class _Polynomial:
    """``z^order (c_0 + c_1 z + …)``, as near as a double shows where ``|z| < radius``."""

    order: int
    coefficients: tuple[sp.Expr, ...]
    radius: sp.Rational

    def at(self, value: sp.Expr) -> sp.Expr:
        """Return its value."""
        terms = enumerate(self.coefficients, self.order)
        named = {power: _rounded(number) for power, number in terms if number}
        step = gcd(*named) or 1
        whole = value**step
        # SymPy would multiply numbers into a sum, and part a product.
        whole = whole if isinstance(value, Entry) else grouped(whole)
        return sp.Add(*(number * whole ** (power // step) for power, number in named.items()))


def _rounded(number: sp.Expr) -> sp.Expr:
    short = number.is_Rational and max(abs(number.p), number.q) < _EXACT
    return number if short else sp.Float(number.evalf(30), 20)


@cache
def _polynomial(function: sp.Expr) -> _Polynomial | None:
    """Return what stands for a function of a symbol near 0; None where it has a pole there."""
    (symbol,) = function.free_symbols
    series = laurent(function, symbol, _POWERS)
    if series is None or series.order < 0 or not any(series.coefficients):
        return None
    for radius in _RADII:
        sizes = [_sizes(series, float(radius), d) for d in range(_DERIVATIVES + 1)]
        counts = [_count(each) for each in sizes]
        count = max((n for n in counts if n is not None), default=0)
        few = sum(map(bool, series.coefficients[:count])) <= _TERMS
        if None not in counts and few and all(map(_keeps_digits, sizes[:_DERIVATIVES])):
            return _Polynomial(series.order, series.coefficients[:count], radius)
    return None


def _sizes(series: Laurent, radius: float, d: int) -> list[float]:
    """Return the terms of the d-th derivative at the radius."""
    return [
        float(c) * float(sp.ff(power, d)) * radius ** (power - d) if power >= d else 0.0
        for power, c in enumerate(series.coefficients, series.order)
    ]


def _count(sizes: list[float]) -> int | None:
    """Return how many terms are enough; None where all that are known are not.

    Some of those that are left out must be known: of a sparse series, zeros show nothing.
    """
    first = next((abs(size) for size in sizes if size), 1.0)
    left = [*accumulate(abs(size) for size in reversed(sizes))][::-1]
    known = [*accumulate(int(size != 0) for size in reversed(sizes))][::-1]
    enough = (
        count
        for count, (rest, terms) in enumerate(zip(left, known, strict=True))
        if rest < _ROUNDING * first and terms >= _SEEN
    )
    return next(enough, None)


def _keeps_digits(sizes: list[float]) -> bool:
    """Tell whether the terms of a polynomial are not much greater than their sum."""
    mirrored = [-size if power % 2 else size for power, size in enumerate(sizes)]
    least = min(abs(sum(sizes)), abs(sum(mirrored)))
    return sum(map(abs, sizes)) <= _CANCELS * least


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
        for variable in _variables(base, power, expression.args):
            known = {factor: variable.alone(factor) for factor in expression.args}
            beside = sp.S.One
            if known[below] is None:
                parts = sp.Mul.make_args(variable.value)
                if below not in (part**power for part in parts):
                    continue
                # The variable is a product; what of it is not below the line is above it.
                for part in parts:
                    if part**power in known:
                        known[part**power] = sp.S.One
                    else:
                        beside *= part**-power
                known[below] = variable.symbol**power
            inner = sp.Mul(*(new for new in known.values() if new is not None))
            number, inner = inner.as_independent(variable.symbol, as_Add=False)
            if inner.free_symbols and inner.has(sp.Function) and _vanishes(inner):
                chosen = variable.near(inner, number * beside)
                if chosen is not None:
                    return chosen * sp.Mul(*(old for old, new in known.items() if new is None))
    return None


def _sum(expression: sp.Add) -> sp.Expr | None:
    """Rewrite terms of one variable that are larger than their sum near 0."""
    for written in dict.fromkeys((expression, _multiplied_out(expression))):
        for variable, replaced in _terms_of(written):
            new = _among(sp.Add.make_args(replaced), variable)
            if new is not None:
                return new
    return None


def _multiplied_out(expression: sp.Add) -> sp.Expr:
    """Return a sum without brackets, each of its products with one exponential."""
    terms = []
    for term in sp.Add.make_args(sp.Add(*(sp.expand_mul(t, deep=False) for t in expression.args))):
        factors = sp.Mul.make_args(term)
        others = [factor for factor in factors if not isinstance(factor, sp.exp)]
        exponent = sp.Add(*(f.args[0] for f in factors if isinstance(f, sp.exp)))
        terms.append(sp.Mul(*others, sp.exp(exponent)))
    return sp.Add(*terms)


def _among(terms: Sequence[sp.Expr], variable: _Variable) -> sp.Expr | None:
    """Return the sum with a choice in the place of all terms that have no other variable."""
    known = {term: term if term.is_number else variable.alone(term) for term in terms}
    alone = [term for term in terms if known[term] is not None]
    if len(alone) < 2 or not any(term.has(sp.Function) for term in alone):
        return None
    inner = sp.Add(*(known[term] for term in alone))
    if not inner.free_symbols or all(_order(t) >= _order(inner) for t in sp.Add.make_args(inner)):
        return None
    near = variable.near(inner)
    rest = sp.Add(*(term for term in terms if known[term] is None))
    return None if near is None else near + rest.xreplace({variable.symbol: variable.value})


def _terms_of(expression: sp.Add) -> Iterator[tuple[_Variable, sp.Expr]]:
    """Yield what may be the variable of terms, with the expression in it.

    Of ``exp(a - b) - a + b - 1`` that is ``a - b``: there a is the variable and b.
    """
    for entry in sorted(expression.atoms(Entry), key=str):
        variable = _scaled(entry, expression.args)
        yield variable, expression.xreplace({entry: variable.meaning})
    for argument in _arguments(expression.args):
        for term in sp.Add.make_args(argument) if isinstance(argument, sp.Add) else ():
            scale, entry = term.as_coeff_Mul()
            if isinstance(entry, Entry):
                variable = _Variable(argument, argument, _Z)
                meaning = (_Z - argument + term) / scale
                replaced = expression.xreplace({entry: sp.expand(meaning)})
                if not replaced.has(entry):
                    yield variable, replaced
                    break


@dataclass(frozen=True, slots=True)
class _Variable:
    """What takes the place of a symbol, and what stands for it in formulas.

    Parameters
    ----------
    value : sympy.Expr
        Of the symbol.
    found, meaning : sympy.Expr
        What formulas have, and what that is in the symbol: of a length, they have the square.
    """

    value: sp.Expr
    found: sp.Expr
    meaning: sp.Expr

    @property
    def symbol(self) -> sp.Symbol:
        """What stands for it."""
        (symbol,) = self.meaning.free_symbols
        return symbol

    def alone(self, expression: sp.Expr) -> sp.Expr | None:
        """Return an expression as one in the symbol; None where it has other variables."""
        replaced = expression.xreplace({self.found: self.meaning, -self.found: -self.meaning})
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
        small = sp.Lt(sp.Abs(self.value), polynomial.radius)
        far = function.xreplace({self.symbol: self.value})
        return Select(small, beside * polynomial.at(self.value), beside * far)


def _is_known(choice: sp.Expr) -> bool:
    """Tell whether this module has made a choice: then the function is what is chosen."""
    if not isinstance(choice, Select) or len(choice.args[-1].free_symbols) != 1:
        return False
    condition, near, far = choice.args
    (symbol,) = far.free_symbols
    polynomial = _polynomial(far)
    if polynomial is None or condition != sp.Lt(sp.Abs(symbol), polynomial.radius):
        return False
    return bool(_plain(near) == _plain(polynomial.at(symbol)))


def _plain(expression: sp.Expr) -> sp.Expr:
    return expression.replace(grouped, lambda inside: inside)


def _variables(
    base: sp.Expr, power: sp.Rational, factors: Sequence[sp.Expr]
) -> Iterator[_Variable]:
    """Yield what may be the variable of a quotient."""
    if power.q == 2:
        yield _Variable(sp.sqrt(base), base, _R**2)
    for entry in sorted(base.atoms(Entry), key=str) if power.is_Integer else ():
        yield _scaled(entry, factors)
    if isinstance(base, sp.Add):
        yield _Variable(base, base, _Z)
    for argument in _arguments(factors):
        if base in (part.as_base_exp()[0] for part in sp.Mul.make_args(argument)):
            yield _Variable(argument, argument, _Z)


def _scaled(entry: Entry, parts: Sequence[sp.Expr]) -> _Variable:
    """Return the largest multiple of an entry that functions are of."""
    multiples = (argument.as_coeff_Mul() for argument in _arguments(parts))
    scale = max((abs(number) for number, of in multiples if of == entry), default=sp.S.One)
    return _Variable(scale * entry, entry, _Z / scale)


def _arguments(parts: Sequence[sp.Expr]) -> list[sp.Expr]:
    functions = set[sp.Expr]().union(*(part.atoms(sp.Function) for part in parts))
    return sorted({function.args[0] for function in functions}, key=str)


def _vanishes(function: sp.Expr) -> bool:
    """Tell whether what a function of a symbol is divided by is 0 at 0."""
    factors = (factor.as_base_exp() for factor in sp.Mul.make_args(function))
    return any(power.is_Rational and power < 0 < _order(base) for base, power in factors)


@cache
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
