"""From an expression of the calculus to a formula on paper.

Factors get the order of :mod:`derive.explain.scope`. Terms that are added come before those that
are subtracted, and a big sum comes last.
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import TYPE_CHECKING

import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanFunction

from derive.explain.focus import Focus, unfocused
from derive.explain.names import Notation, short
from derive.explain.products import factors_of, parted, times
from derive.explain.scope import Key, Scope, Spelled, degree, key, numbers_lead, on_paper, spelling
from derive.explain.tree import (
    Big,
    Call,
    Cases,
    Compare,
    Derivative,
    Equation,
    Formula,
    Guard,
    Join,
    Kronecker,
    Letter,
    Marked,
    Number,
    Over,
    Partial,
    Plus,
    Power,
    Times,
    plain,
)
from derive.index.decimals import exactly
from derive.index.functions import Select, maximum, minimum, step
from derive.index.partial import Partial as IndexPartial
from derive.index.terms import (
    Delta,
    Entry,
    Index,
    IndexArgmax,
    IndexMax,
    IndexProduct,
    IndexSum,
    Reduction,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from derive.gradient.jacobian import Jacobian
    from derive.layer.model import Node

__all__ = ["FUNCTION_NAMES", "compose", "compose_jacobian", "compose_node"]

#: Greater denominators are of decimals that somebody, or a series, has written.
_MANY = 10**6
_KINDS = {IndexSum: "sum", IndexProduct: "product", IndexMax: "max", IndexArgmax: "argmax"}
#: Functions that have another name on paper than in SymPy.
FUNCTION_NAMES: dict[type[sp.Basic], str] = {
    sp.Abs: "abs",
    maximum: "max",
    minimum: "min",
    sp.sign: "sign",
}


def compose(
    expression: sp.Expr, notation: Notation | None = None, indices: Iterable[Index] = ()
) -> Formula:
    """Return the formula of an expression.

    Parameters
    ----------
    expression : sympy expression
        A scalar in index notation.
    notation : Notation, optional
        How to call things; plain names if not given.
    indices : iterable of Index
        The free indices in their order; sorted by name if not given.
    """
    return _formula(*on_paper(expression, notation, indices))


def compose_node(node: Node, notation: Notation | None = None) -> Equation:
    """Return the equation of a definition or a derived gradient."""
    body, scope = on_paper(node.body, notation, node.indices)
    return Equation(_formula(node.entry, scope), _formula(body, scope))


def compose_jacobian(jacobian: Jacobian, notation: Notation | None = None) -> Equation:
    """Return the equation of an entry of a Jacobian: ``∂Z_i/∂X_j = …``."""
    body, scope = on_paper(jacobian.body, notation, (*jacobian.rows, *jacobian.columns))
    of, wrt = (
        Letter(name, tuple(_formula(index, scope) for index in indices))
        for name, indices in ((jacobian.of, jacobian.rows), (jacobian.wrt, jacobian.columns))
    )
    return Equation(Partial(of, wrt), _formula(body, scope))


@singledispatch
def _formula(expression: sp.Basic, scope: Scope) -> Formula:
    if isinstance(expression, sp.Function):
        name = FUNCTION_NAMES.get(type(expression), type(expression).__name__)
        return Call(name, tuple(_formula(argument, scope) for argument in expression.args))
    raise TypeError(f"no formula for a {type(expression).__name__}")


@_formula.register
def _(expression: sp.Number, scope: Scope) -> Formula:
    if expression.is_extended_negative:
        return Plus(((True, _formula(-expression, scope)),))
    exact = exactly(expression)
    if exact.is_Integer:
        return Number(str(exact))
    zeros = len(str(exact.q)) - 1
    if exact.p == 1 and zeros > 2 and exact.q == 10**zeros:
        return Number(f"1e-{zeros}")
    if _is_long(exact):
        return Number(_decimal(exact))
    if expression.is_Float and "e" not in str(float(exact)):
        return Number(str(float(exact)))
    return Over(Number(str(exact.p)), Number(str(exact.q)))


def _is_long(number: sp.Rational) -> bool:
    """Tell whether a fraction has been a decimal of many places, and is no power of ten."""
    below = int(number.q)
    return number.p > 1 and below > _MANY and pow(10, below.bit_length(), below) == 0


def _decimal(number: sp.Rational) -> str:
    """Return a fraction with a power of ten, as short as a float shows it."""
    mantissa, _, power = f"{float(number)!r}".partition("e")
    return f"{mantissa}e{int(power)}" if power else mantissa


@_formula.register(sp.NumberSymbol | type(sp.oo))
def _(expression: sp.Expr, scope: Scope) -> Formula:
    return Number(str(expression))


@_formula.register
def _(expression: sp.Symbol, scope: Scope) -> Formula:
    return Letter(scope.named(expression))


@_formula.register
def _(expression: Entry, scope: Scope) -> Formula:
    indices = tuple(_formula(index, scope) for index in expression.indices)
    notation = scope.notation
    if expression.tensor == notation.unit:
        return Number("1")
    if expression.tensor in notation.cotangents:
        of = Letter(notation.loss, indices[: notation.lead])
        return Partial(of, Letter(notation.cotangents[expression.tensor], indices[notation.lead :]))
    if expression.tensor in notation.direct:
        return replace(
            short(expression.tensor, notation.direct[expression.tensor]), indices=indices
        )
    return Letter(expression.tensor, indices)


@_formula.register
def _(expression: IndexPartial, scope: Scope) -> Formula:
    body, wrt = _formula(expression.body, scope), _formula(expression.entry, scope)
    if not isinstance(wrt, Letter):
        raise TypeError(f"no derivative with respect to {expression.entry}")
    return Partial(body, wrt) if isinstance(body, Letter) else Derivative(body, wrt)


@_formula.register
def _(expression: Focus, scope: Scope) -> Formula:
    negative, inside = parted(_formula(expression.inside, scope))
    return Plus(((True, Marked(inside)),)) if negative else Marked(inside)


@_formula.register
def _(expression: Delta, scope: Scope) -> Formula:
    left, right = expression.args
    return Kronecker(_formula(left, scope), _formula(right, scope))


@_formula.register
def _(expression: Reduction, scope: Scope) -> Formula:
    body, index = expression.open()
    under = scope.inside(index)
    but = None
    if isinstance(expression, IndexProduct) and isinstance(body, Select):
        condition, inner, other = body.args
        if isinstance(condition, sp.Ne) and index in condition.args and other == 1:
            (skipped,) = (side for side in condition.args if side != index)
            body, but = inner, _formula(skipped, scope)
    kind = _KINDS[type(expression)]
    size = _formula(expression.size, scope)
    return Big(kind, under.named(index), size, _formula(body, under), but)


@_formula.register
def _(expression: step, scope: Scope) -> Formula:
    terms = sp.Add.make_args(expression.args[0])
    right = sp.Add(*(-term for term in terms if term.could_extract_minus_sign()))
    left = expression.args[0] + right
    if left == 0:
        return Guard(Compare((_formula(right, scope), Number("0")), ("<",)))
    return Guard(Compare((_formula(left, scope), _formula(right, scope)), (">",)))


@_formula.register(sp.Pow)
@_formula.register(sp.Mul)
def _(expression: sp.Expr, scope: Scope) -> Formula:
    return _product(expression, scope)


def _power(base: sp.Expr, exponent: sp.Expr, scope: Scope) -> Formula:
    if exponent == 1:
        return _formula(base, scope)
    if isinstance(base, Focus):
        return Marked(_power(base.inside, exponent, scope))
    if exponent == sp.S.Half:
        return Call("sqrt", (_formula(base, scope),))
    return Power(_formula(base, scope), _formula(exponent, scope))


def _product(expression: sp.Expr, scope: Scope) -> Formula:
    """Part a product into sign, numerator and denominator, and put each in order."""
    negative = False
    number = pointed = sp.S.One
    upper: list[tuple[Key, Formula]] = []
    lower: list[tuple[Key, Formula]] = []
    for factor in _unguarded(expression):
        if isinstance(factor, sp.Basic) and factor.is_Number:
            negative ^= bool(factor.is_negative)
            value = abs(factor)
            if value.is_Rational:
                number *= value
            elif value not in (1, 1.0):
                upper.append((key(value, scope), _formula(value, scope)))
            continue
        if isinstance(factor, Entry) and factor.tensor == scope.notation.unit:
            continue
        if isinstance(factor, (Relational, BooleanFunction)):
            upper.append(((1, (), 0, Spelled(factor, scope)), Guard(_condition(factor, scope))))
            continue
        if isinstance(factor, Focus):
            less, part = parted(_formula(factor, scope))
            negative ^= less
            # A number in focus stands first, what is in focus beside it where it belongs.
            first, *rest = factors_of(plain(part)) if isinstance(part, Marked) else (part,)
            if rest and isinstance(first, Number) and first.digits.isdigit():
                pointed *= int(first.digits)
                beside = factor.inside.as_coeff_Mul()[1]
                upper.append((key(beside, scope), Marked(times(rest))))
            else:
                upper.append((key(factor.inside, scope), part))
            continue
        base, exponent = factor.as_base_exp() if factor.is_Pow else (factor, sp.S.One)
        if isinstance(base, sp.Add) and exponent.is_Integer and _all_negative(base):
            negative ^= bool(exponent % 2)
            base = -base
        if isinstance(base, sp.Add) and exponent == 1:
            content, primitive = base.primitive()
            if content.is_Integer and content != 1:
                base = primitive
                number *= content
        if exponent.is_Rational and exponent.is_negative:
            lower.append((key(base, scope), _power(base, -exponent, scope)))
        else:
            upper.append((key(base, scope), _power(base, exponent, scope)))
    # 2 / 2 is not left to the reader, wherever the two numbers have come from.
    if number == 1 != pointed:
        upper.append((key(number, scope), Marked(Number(str(pointed)))))
    else:
        number *= pointed
    if _is_long(number):
        upper.append((key(number, scope), Number(_decimal(number))))
    else:
        upper += [(key(number, scope), Number(str(number.p)))] if number.p != 1 else []
        lower += [(key(number, scope), Number(str(number.q)))] if number.q != 1 else []
    result = _fraction(_sorted(upper), _sorted(lower))
    return Plus(((True, result),)) if negative else result


def _unguarded(expression: sp.Expr) -> list[sp.Basic]:
    """Return the factors of a product; a selection with 0 gives its condition and its factors."""
    result: list[sp.Basic] = []
    for factor in sp.Mul.make_args(expression):
        if isinstance(factor, Select) and factor.args[2] == 0:
            result += [factor.args[0], *_unguarded(factor.args[1])]
        else:
            result.append(factor)
    return result


def _sorted(parts: list[tuple[Key, Formula]]) -> list[Formula]:
    result = [part for _, part in sorted(parts, key=lambda pair: pair[0])]
    match result:
        case [Marked(Number() as number), Marked(inside), *rest]:
            return [Marked(Times((number, *factors_of(inside)))), *rest]
    return result


def _fraction(upper: list[Formula], lower: list[Formula]) -> Formula:
    if not lower:
        return times(upper)
    kinds = (Big, Partial, Derivative)
    big, partial, last = ([f for f in upper if isinstance(f, kind)] for kind in kinds)
    rest = [factor for factor in upper if not isinstance(factor, kinds)]
    if not (rest or partial or last) and len(big) == 1 and not all(map(_is_simple, lower)):
        return Over(big[0], times(lower))
    # Derivatives and big sums stand beside the fraction, not on it: (1/N) Σ_l x_l, 2 ∂L/∂v x/N.
    above = [factor for factor in rest if not (partial and isinstance(factor, Number))]
    first = [factor for factor in rest if factor not in above]
    middle = Over(times(above or rest), times(lower))
    return times(([*first, *partial, middle] if above else [middle, *partial]) + [*big, *last])


def _is_simple(formula: Formula) -> bool:
    if isinstance(formula, Call) and formula.function == "sqrt":
        return _is_simple(formula.arguments[0])
    return isinstance(formula, (Number, Letter))


def _all_negative(total: sp.Add) -> bool:
    return all(term.could_extract_minus_sign() for term in total.args)


@_formula.register
def _(expression: sp.Add, scope: Scope) -> Formula:
    number_first = numbers_lead(unfocused(expression))
    terms = []
    for given in _terms(expression):
        negative, formula = parted(_formula(given, scope))
        term = unfocused(given)
        last = not number_first if term.is_Number else number_first
        keys = sorted(key(factor, scope) for factor in sp.Mul.make_args(term))
        place = (negative, _is_big(formula), last, -degree(term), keys)
        terms.append((place, (negative, formula)))
    return Plus(tuple(part for _, part in sorted(terms, key=lambda pair: pair[0])))


def _terms(expression: sp.Add) -> list[sp.Expr]:
    """Return the terms of a sum; those in focus together, one by one: each has its own place."""
    result: list[sp.Expr] = []
    for term in expression.args:
        if isinstance(term, Focus) and isinstance(term.inside, sp.Add):
            result += [Focus(part) for part in term.inside.args]
        else:
            result.append(term)
    return result


def _is_big(formula: Formula) -> bool:
    return isinstance(plain(factors_of(plain(formula))[-1]), Big)


@_formula.register
def _(expression: Select, scope: Scope) -> Formula:
    condition, first, second = expression.args
    if second == 0:
        return _product(expression, scope)
    return Cases(_condition(condition, scope), _formula(first, scope), _formula(second, scope))


def _condition(condition: sp.Basic, scope: Scope) -> Formula:
    if isinstance(condition, sp.And):
        return _conjunction(condition, scope)
    if isinstance(condition, sp.Or):
        parts = sorted(condition.args, key=lambda part: spelling(part, scope))
        return Join("or", tuple(_condition(part, scope) for part in parts))
    if isinstance(condition, sp.Not):
        return Join("not", (_condition(condition.args[0], scope),))
    if isinstance(condition, Relational):
        left, right = (_formula(side, scope) for side in condition.args)
        return Compare((left, right), (condition.rel_op,))
    raise TypeError(f"no formula for the condition {condition}")


def _conjunction(condition: sp.And, scope: Scope) -> Formula:
    """Write ``e ≥ 0 and e < n`` as ``0 ≤ e < n``; join what is left by "and"."""
    parts = sorted(condition.args, key=lambda part: spelling(part, scope))
    lower = {part.args[0]: part for part in parts if isinstance(part, sp.Ge) and part.args[1] == 0}
    written: list[Formula] = []
    done: set[sp.Basic] = set()
    for part in parts:
        if isinstance(part, sp.Lt) and part.args[0] in lower:
            middle, top = (_formula(side, scope) for side in part.args)
            written.append(Compare((Number("0"), middle, top), ("<=", "<")))
            done |= {part, lower[part.args[0]]}
    written += [_condition(part, scope) for part in parts if part not in done]
    return written[0] if len(written) == 1 else Join("and", tuple(written))
