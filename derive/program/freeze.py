"""SymPy ends here: a scalar expression without reductions becomes an expression of the program.

The rewrite lines: integer powers become products, negative powers a division, negative terms a
subtraction, ``x^(1/2)`` a square root, ``logaddexp(a, b)`` the greater of the two and what
``log1p(exp(-|b - a|))`` adds to it. Kronecker's delta becomes a selection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import reduce, singledispatch

import sympy as sp
from sympy.core.relational import Relational

from derive.index.functions import (
    Select,
    erfc,
    expm1,
    grouped,
    log1p,
    logaddexp,
    maximum,
    minimum,
    relu,
    sigmoid,
    softplus,
    step,
)
from derive.index.terms import Delta, Entry, Index, Reduction, Size
from derive.program.horner import horner
from derive.program.ir import ONE, ZERO, Axis, Call, Expr, Extent, Load, Number

__all__ = ["freeze", "freeze_size", "kept_inside", "subscript"]


#: SymPy's functions by the program's names for them.
_NAMES: dict[type[sp.Basic], str] = {
    sp.exp: "exp",
    sp.log: "log",
    log1p: "log1p",
    expm1: "expm1",
    sp.tanh: "tanh",
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.sech: "sech",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.tan: "tan",
    sp.atan: "atan",
    sp.asin: "asin",
    sp.acos: "acos",
    sp.asinh: "asinh",
    sp.acosh: "acosh",
    sp.atanh: "atanh",
    sp.erf: "erf",
    erfc: "erfc",
    sp.Abs: "abs",
    sp.sign: "sign",
    sigmoid: "sigmoid",
    softplus: "softplus",
    relu: "relu",
    step: "step",
    maximum: "maximum",
    minimum: "minimum",
}

_RELATIONS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}


def freeze(expression: sp.Basic, axes: Mapping[Index, Axis], guarded: bool = False) -> Expr:
    """Return the expression of the program.

    Parameters
    ----------
    expression : sympy expression
        Without reductions: those have been lowered to statements.
    axes : mapping of Index to Axis
        What each free index became.
    guarded : bool
        Whether the value is only looked at in a branch of a selection.

    Raises
    ------
    TypeError
        If the expression holds something that has no meaning in a program.
    """
    return _rule(expression, axes, guarded)


def freeze_size(size: sp.Expr) -> Expr:
    """Return a size, or an expression in sizes, as an integer of the program."""
    return _rule(sp.sympify(size, strict=True), {}, False)


@singledispatch
def _rule(expression: sp.Basic, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    """Return the expression of the program; ``guarded`` in a branch of a selection."""
    name = _NAMES.get(type(expression))
    if name is None:
        raise TypeError(f"no code is made for the function {type(expression).__name__}")
    return Call(name, tuple(_rule(argument, axes, guarded) for argument in expression.args))


@_rule.register
def _(expression: sp.Rational, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    return Number(Fraction(int(expression.p), int(expression.q)))


@_rule.register(sp.Float)
@_rule.register(sp.NumberSymbol)
@_rule.register(type(sp.S.NegativeInfinity))
def _(expression: sp.Expr, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    return Number(float(expression))


@_rule.register
def _(expression: Size, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    return Extent(expression.name)


@_rule.register
def _(expression: Index, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    return axes[expression]


@_rule.register
def _(expression: Entry, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    at = tuple(subscript(index, axes, guarded) for index in expression.indices)
    if guarded:
        at = kept_inside(at, expression.shape)
    plain = all(isinstance(index, Axis) for index in at)
    return Load(expression.tensor, at, guarded and not plain)


def kept_inside(at: Sequence[Expr], shape: Sequence[sp.Expr]) -> tuple[Expr, ...]:
    """Return guarded subscripts with those for computed ones that run over another range.

    A loop variable alone is taken to run over its axis, and to need no looking after.
    """
    return tuple(
        Call("add", (index, ZERO))
        if isinstance(index, Axis) and index.extent != freeze_size(size)
        else index
        for index, size in zip(at, shape, strict=True)
    )


def subscript(expression: sp.Expr, axes: Mapping[Index, Axis], guarded: bool = False) -> Expr:
    """Freeze an index expression: integers only."""
    return _rule(sp.expand(expression), axes, guarded)


@_rule.register
def _(expression: grouped, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    return _rule(expression.args[0], axes, guarded)


@_rule.register
def _(expression: logaddexp, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    first, second = expression.args
    smaller = log1p(sp.exp(-sp.Abs(grouped(second - first))))
    return _rule(maximum(first, second) + smaller, axes, guarded)


@_rule.register
def _(expression: Delta, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    left, right = (subscript(argument, axes, guarded) for argument in expression.args)
    return Call("select", (Call("eq", (left, right)), ONE, ZERO))


@_rule.register
def _(expression: Select, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    condition, first, second = expression.args
    return Call(
        "select",
        (_rule(condition, axes, guarded), _rule(first, axes, True), _rule(second, axes, True)),
    )


@_rule.register
def _(expression: Relational, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    sides = tuple(_rule(side, axes, guarded) for side in (expression.lhs, expression.rhs))
    return Call(_RELATIONS[expression.rel_op], sides)


@_rule.register(sp.And)
@_rule.register(sp.Or)
def _(expression: sp.Basic, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    name = "and" if isinstance(expression, sp.And) else "or"
    parts = sorted(expression.args, key=sp.default_sort_key)
    return reduce(lambda a, b: Call(name, (a, b)), (_rule(p, axes, guarded) for p in parts))


@_rule.register
def _(expression: sp.Not, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    return Call("not", (_rule(expression.args[0], axes, guarded),))


@_rule.register
def _(expression: sp.Add, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    nested = expression if expression.is_integer else horner(expression)
    if nested != expression:
        return _rule(nested, axes, guarded)
    plus: list[sp.Expr] = []
    minus: list[sp.Expr] = []
    for term in expression.args:
        coefficient, _ = term.as_coeff_Mul()
        (minus if coefficient.is_negative else plus).append(term)
    if expression.is_integer and all(isinstance(s, Size) for s in expression.free_symbols):
        # Of sizes, N + 1 - K, as it is on paper.
        plus.sort(key=lambda term: term.is_number)
    shares = len(plus) == 1 and _only_number(minus) and not expression.is_integer
    if not plus or shares:
        # x - 1 is written -(1 - x), so that it shares what 1 - x computes; i - 1 stays.
        return Call("neg", (_rule(-expression, axes, guarded),))
    common, inner = _content(expression)
    if common != 1:
        return _rule(sp.Mul(common, inner, evaluate=False), axes, guarded)
    total = _chain("add", [_rule(term, axes, guarded) for term in plus])
    for term in minus:
        total = Call("sub", (total, _rule(-term, axes, guarded)))
    return total


def _content(factor: sp.Expr) -> tuple[sp.Rational, sp.Expr]:
    """Return the number before all terms of a sum, and the sum without it; 1 of what is no sum.

    SymPy multiplies numbers into sums.
    """
    if not isinstance(factor, sp.Add) or factor.is_integer:
        return sp.S.One, factor
    numbers = {abs(term.as_coeff_Mul()[0]) for term in factor.args}
    (number,) = numbers if len(numbers) == 1 else (sp.S.One,)
    return (number, factor / number) if number.is_Rational else (sp.S.One, factor)


def _only_number(terms: list[sp.Expr]) -> bool:
    return len(terms) == 1 and terms[0] == -1


@_rule.register
def _(expression: sp.Mul, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    coefficient, rest = expression.as_coeff_Mul()
    if coefficient == -1:
        return Call("neg", (_rule(rest, axes, guarded),))
    if coefficient.is_Rational and coefficient.is_negative:
        return Call("neg", (_rule(-expression, axes, guarded),))
    above, below = [], []
    for whole in sp.Mul.make_args(rest):
        number, factor = _content(whole)
        coefficient *= number
        if isinstance(factor, sp.Pow) and factor.exp.is_Rational and factor.exp.is_negative:
            below.append(_rule(1 / factor, axes, guarded))
        else:
            above.append(_rule(factor, axes, guarded))
    if coefficient.is_Rational:
        if coefficient.p != 1:
            above.insert(0, Number(Fraction(int(coefficient.p))))
        if coefficient.q != 1:
            below.insert(0, Number(Fraction(int(coefficient.q))))
    else:
        above.insert(0, _rule(coefficient, axes, guarded))
    top = _chain("mul", above) if above else ONE
    return Call("div", (top, _chain("mul", below))) if below else top


@_rule.register
def _(expression: sp.Pow, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    base, power = expression.base, expression.exp
    if power.is_Rational and power.is_negative:
        return Call("div", (ONE, _rule(base**-power, axes, guarded)))
    if power == sp.S.Half:
        return Call("sqrt", (_rule(base, axes, guarded),))
    if power == 2 and isinstance(base, sp.sech):
        return Call("sech2", (_rule(base.args[0], axes, guarded),))
    if power.is_Integer and power <= 8:
        inner = _rule(base, axes, guarded)
        return _power(inner, int(power))
    if power.is_Rational and power.q == 2 and power <= 4:
        inner = _rule(base, axes, guarded)
        whole = _power(inner, int(power.p) // 2)
        return Call("mul", (whole, Call("sqrt", (inner,))))
    return Call("pow", (_rule(base, axes, guarded), _rule(power, axes, guarded)))


def _power(base: Expr, power: int) -> Expr:
    """Return a power by repeated squaring."""
    if power == 1:
        return base
    half = _power(base, power // 2)
    square = Call("mul", (half, half))
    return Call("mul", (square, base)) if power % 2 else square


def _chain(name: str, parts: list[Expr]) -> Expr:
    return reduce(lambda a, b: Call(name, (a, b)), parts)


@_rule.register
def _(expression: Reduction, axes: Mapping[Index, Axis], guarded: bool) -> Expr:
    raise TypeError(f"{expression} must be lowered to a statement first (derive.program.lower)")
