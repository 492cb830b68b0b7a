"""The interpreter: an expression and arrays in, an array out. It is the oracle of all else.

Every subexpression becomes an array with one axis for each of its free indices; axes meet by
broadcasting. It runs in float64, float32, longdouble, complex128 (for complex-step differentiation)
and, on arrays of objects, in mpmath at any precision. It is written for clearness and never for
speed, and shares no code with the programs that derive emits.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache, reduce, singledispatch
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from derive.index.decimals import written
from derive.index.elementary import FUNCTIONS
from derive.index.functions import Select
from derive.index.inverses import inverted
from derive.index.limits import within_limit
from derive.index.terms import (
    Delta,
    Entry,
    Index,
    IndexArgmax,
    IndexMax,
    IndexProduct,
    IndexSum,
    Reduction,
    Size,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from derive.index.arrays import Array

__all__ = ["RELATIONS", "evaluate"]


@dataclass(frozen=True, slots=True)
class _Value:
    """An array whose axes are named by indices."""

    array: Array
    axes: tuple[Index, ...]


@dataclass(frozen=True, slots=True)
class _Scope:
    arrays: Mapping[str, Array]
    sizes: Mapping[sp.Symbol, int]
    extent: Mapping[Index, int]
    exact: bool  # whether the numbers are mpmath's
    real: np.dtype[Any] | None  # what all numbers are rounded to, if not to double precision
    guarded: bool = False
    # Whether what a selection reads where it takes the branch must be in range, and where it does.
    strict: bool = False
    guards: tuple[_Value, ...] = ()
    memo: dict[sp.Basic, _Value] = field(default_factory=dict)

    def with_index(self, index: Index, extent: int) -> _Scope:
        inside = {**self.extent, index: extent}
        return replace(self, extent=inside, memo={})

    def under_guard(self, condition: _Value) -> _Scope:
        guards = (*self.guards, condition) if self.strict else ()
        return replace(self, guarded=True, guards=guards, memo={})


def evaluate(
    expression: sp.Expr,
    indices: tuple[Index, ...],
    arrays: Mapping[str, Array],
    sizes: Mapping[sp.Symbol, int],
    extents: tuple[int, ...],
    *,
    strict: bool = False,
) -> Array:
    """Return the array of an expression's values over its free indices.

    Parameters
    ----------
    expression : sympy expression
        What to evaluate.
    indices : tuple of Index
        The axes of the result, in order; must include every free index.
    arrays : mapping of str to array
        The tensors; all real ones of one dtype (float, complex or object with mpmath numbers).
    sizes : mapping of Size to int
        The sizes.
    extents : tuple of int
        How many values each index of the result takes.
    strict : bool
        Whether a branch of a selection may not read out of range where it is the one taken.

    Raises
    ------
    IndexError
        If an entry is read out of its range, other than in the branch of a selection.
    KeyError
        If a tensor or a size is missing.

    Examples
    --------
    >>> N, i = Size("N"), Index("i")
    >>> evaluate(Entry("x", (N,), i) ** 2, (i,), {"x": np.array([1.0, 3.0])}, {N: 2}, (2,))
    array([1., 9.])
    """
    within_limit(extents)
    exact = any(array.dtype == object for array in arrays.values())
    real = _other_precision(arrays)
    scope = _Scope(
        arrays, sizes, dict(zip(indices, extents, strict=True)), exact, real, strict=strict
    )
    values = _align(_value(expression, scope), indices)
    return np.array(np.broadcast_to(values, extents), real)


def _other_precision(arrays: Mapping[str, Array]) -> np.dtype[Any] | None:
    """Return the precision that all real arrays have, if it is one and not the double."""
    kinds = {array.dtype for array in arrays.values() if array.dtype.kind not in "iu"}
    (kind, *others) = kinds or {np.dtype(np.float64)}
    return None if others or kind.kind != "f" or kind == np.float64 else kind


def _value(expression: sp.Basic, scope: _Scope) -> _Value:
    if expression not in scope.memo:
        scope.memo[expression] = _rule(expression, scope)
    return scope.memo[expression]


def _align(value: _Value, axes: tuple[Index, ...]) -> Array:
    """Return the array with its axes in the given order, of length 1 where it has none."""
    order = [value.axes.index(axis) for axis in axes if axis in value.axes]
    shape = [value.array.shape[value.axes.index(a)] if a in value.axes else 1 for a in axes]
    aligned: Array = value.array.transpose(order).reshape(shape)
    return aligned


def _apply(function: Callable[..., Any], *operands: _Value) -> _Value:
    """Apply an elementwise function to operands broadcast against one another."""
    axes = tuple(dict.fromkeys(axis for operand in operands for axis in operand.axes))
    aligned = [_align(operand, axes) for operand in operands]
    within_limit(*(array.shape for array in aligned))
    with np.errstate(all="ignore"):
        return _Value(np.asarray(function(*aligned)), axes)


def _number(value: Any, scope: _Scope) -> _Value:
    if scope.exact:
        value = np.array(mpmath.mpf(value) if not isinstance(value, mpmath.mpf) else value, object)
    return _Value(np.asarray(value, scope.real), ())


def _size(expression: sp.Expr, scope: _Scope) -> int:
    return int(expression.xreplace(dict(scope.sizes)))


@singledispatch
def _rule(expression: sp.Basic, scope: _Scope) -> _Value:
    function = FUNCTIONS.get(type(expression))
    if function is None:
        raise TypeError(f"cannot evaluate a {type(expression).__name__}")
    ordinary, exact = function
    operands = [_value(argument, scope) for argument in expression.args]
    if scope.exact:
        return _apply(lambda *arrays: np.frompyfunc(exact, len(arrays), 1)(*arrays), *operands)
    return _apply(ordinary, *operands)


@_rule.register
def _(expression: sp.Rational, scope: _Scope) -> _Value:
    if scope.exact:
        return _number(mpmath.mpf(int(expression.p)) / int(expression.q), scope)
    return _number(float(expression), scope)


@_rule.register
def _(expression: sp.Float, scope: _Scope) -> _Value:
    if not scope.exact:
        return _number(float(expression), scope)
    number = written(expression)
    return _number(mpmath.mpf(number.numerator) / number.denominator, scope)


@_rule.register
def _(expression: sp.NumberSymbol, scope: _Scope) -> _Value:
    return _number(
        mpmath.mpmathify(expression.evalf(mpmath.mp.dps + 5)) if scope.exact else float(expression),
        scope,
    )


@_rule.register(type(sp.S.NegativeInfinity))
def _(expression: sp.Expr, scope: _Scope) -> _Value:
    return _number(mpmath.mpf("-inf") if scope.exact else float("-inf"), scope)


@_rule.register
def _(expression: Size, scope: _Scope) -> _Value:
    return _number(int(scope.sizes[expression]), scope)


@_rule.register
def _(expression: Index, scope: _Scope) -> _Value:
    values: Array = np.arange(scope.extent[expression])
    return _Value(values, (expression,))


@_rule.register
def _(expression: Entry, scope: _Scope) -> _Value:
    array = _array(expression.tensor, scope)
    positions = [_position(index, scope) for index in expression.indices]
    axes = tuple(dict.fromkeys(axis for position in positions for axis in position.axes))
    aligned = []
    for position, extent in zip(positions, array.shape, strict=True):
        place = _align(position, axes).astype(int)
        outside = (place < 0) | (place >= extent)
        if outside.any():
            if scope.strict or not scope.guarded:
                found = _apply(_where, _Value(place, axes), _Value(outside, axes), *scope.guards)
                if found.array.size:
                    raise IndexError(f"{expression} is read at {found.array[0]} of {extent}")
            place = np.clip(place, 0, max(extent - 1, 0))
        aligned.append(place)
    within_limit(*(place.shape for place in aligned))
    return _Value(np.asarray(array[tuple(aligned)] if aligned else array), axes)


def _array(name: str, scope: _Scope) -> Array:
    """Return the values of a tensor; where it has the inverses of another, they may follow."""
    whole = inverted(name)
    if whole is None or name in scope.arrays:
        return scope.arrays[name]
    matrices = scope.arrays[whole]
    if matrices.dtype != object:
        return np.asarray(np.linalg.inv(matrices))
    result = np.empty_like(matrices)
    for place in np.ndindex(matrices.shape[:-2]):
        result[place] = (mpmath.matrix(matrices[place].tolist()) ** -1).tolist()
    return result


def _position(expression: sp.Expr, scope: _Scope) -> _Value:
    """Evaluate an index expression in ordinary integers, whatever the numbers of the scope."""
    if isinstance(expression, (Entry, Index, IndexArgmax)):
        return _value(expression, scope)
    if isinstance(expression, (sp.Integer, Size)):
        return _Value(np.asarray(_size(expression, scope)), ())
    if isinstance(expression, (sp.Add, sp.Mul, sp.floor)):
        operands = [_position(argument, scope) for argument in expression.args]
        return _apply(_POSITIONS[type(expression)], *operands)
    if isinstance(expression, sp.Rational):
        return _Value(np.asarray(float(expression)), ())
    if expression.is_Pow and expression.is_integer:
        return _apply(np.power, *(_position(part, scope) for part in expression.args))
    raise TypeError(f"{expression} is not an index expression")


@_rule.register
def _(expression: Delta, scope: _Scope) -> _Value:
    equal = _apply(np.equal, *(_position(argument, scope) for argument in expression.args))
    return _apply(lambda hit: np.where(hit, *_one_zero(scope)), equal)


def _one_zero(scope: _Scope) -> tuple[Any, Any]:
    if scope.exact:
        return np.array(mpmath.mpf(1), object), np.array(mpmath.mpf(0), object)
    return 1.0, 0.0


@_rule.register
def _(expression: Select, scope: _Scope) -> _Value:
    condition, first, second = expression.args
    chosen = _condition(condition, replace(scope, guarded=True, memo={}))
    other = _apply(np.logical_not, chosen)
    return _apply(
        np.where,
        chosen,
        _value(first, scope.under_guard(chosen)),
        _value(second, scope.under_guard(other)),
    )


def _where(places: Array, *conditions: Array) -> Array:
    """Return the places at which all conditions hold."""
    places, holds = np.broadcast_arrays(places, reduce(np.logical_and, conditions))
    return np.asarray(places[holds])


def _condition(expression: sp.Basic, scope: _Scope) -> _Value:
    if isinstance(expression, (sp.And, sp.Or)):
        join = np.logical_and if isinstance(expression, sp.And) else np.logical_or
        parts = [_condition(argument, scope) for argument in expression.args]
        return _apply(lambda *xs: reduce(join, xs), *parts)
    if isinstance(expression, sp.Not):
        return _apply(np.logical_not, _condition(expression.args[0], scope))
    if isinstance(expression, Relational):
        left, right = (_operand(argument, scope) for argument in expression.args)
        return _apply(RELATIONS[expression.rel_op], left, right)
    if expression in (sp.true, sp.false):
        return _Value(np.asarray(expression == sp.true), ())
    raise TypeError(f"{expression} is not a condition")


def _operand(expression: sp.Expr, scope: _Scope) -> _Value:
    try:
        return _position(expression, scope)
    except TypeError:
        return _value(expression, scope)


@_rule.register
def _(expression: Reduction, scope: _Scope) -> _Value:
    body, index = _opened(expression)
    extent = _size(expression.size, scope)
    value = _value(body, scope.with_index(index, extent))
    others = tuple(axis for axis in value.axes if axis != index)
    array = _align(value, (*others, index))
    array = np.broadcast_to(array, (*array.shape[:-1], extent))
    return _Value(np.asarray(_reduce(expression, array, scope)), others)


@lru_cache(maxsize=4096)
def _opened(expression: Reduction) -> tuple[sp.Expr, Index]:
    """Open a binder, always with the same index: one that stands nowhere but in this body."""
    return expression.open()


def _reduce(expression: Reduction, array: Array, scope: _Scope) -> Any:
    one, zero = _one_zero(scope)
    if array.dtype.kind in "iub":  # a sum of index values is a number like any other
        array = array.astype(object if scope.exact else float)
    if isinstance(expression, (IndexSum, IndexProduct)):
        total, first = (np.add, zero) if isinstance(expression, IndexSum) else (np.multiply, one)
        with np.errstate(all="ignore"):
            return total.reduce(array, axis=-1, initial=first)
    if array.dtype.kind == "c":
        array = array.real
    if isinstance(expression, IndexMax):
        return array.max(axis=-1)
    if isinstance(expression, IndexArgmax):
        return array.argmax(axis=-1)
    raise TypeError(f"cannot evaluate a {type(expression).__name__}")


@_rule.register
def _(expression: sp.Add, scope: _Scope) -> _Value:
    return _apply(lambda *xs: reduce(np.add, xs), *(_value(a, scope) for a in expression.args))


@_rule.register
def _(expression: sp.Mul, scope: _Scope) -> _Value:
    return _apply(lambda *xs: reduce(np.multiply, xs), *(_value(a, scope) for a in expression.args))


@_rule.register
def _(expression: sp.Pow, scope: _Scope) -> _Value:
    base = _value(expression.base, scope)
    exponent = expression.exp
    if exponent.is_Integer:
        power = abs(int(exponent))
        result = _apply(lambda x: reduce(np.multiply, [x] * power), base)
        return result if exponent > 0 else _apply(_inverse(scope), result)
    if exponent in (sp.S.Half, -sp.S.Half):
        root = mpmath.sqrt if scope.exact else np.sqrt
        result = _apply(np.frompyfunc(root, 1, 1) if scope.exact else root, base)
        return result if exponent == sp.S.Half else _apply(_inverse(scope), result)
    return _apply(lambda x, y: x**y, base, _value(exponent, scope))


def _inverse(scope: _Scope) -> Callable[..., Any]:
    """Return ``1 / x`` for arrays; of 0 it is infinite in mpmath too, as a selection needs."""
    if not scope.exact:
        return lambda x: 1 / x
    inverse: Callable[..., Any] = np.frompyfunc(lambda x: mpmath.inf if x == 0 else 1 / x, 1, 1)
    return inverse


#: What an index expression is made of.
_POSITIONS: dict[type[sp.Basic], Callable[..., Any]] = {
    sp.Add: lambda *xs: reduce(np.add, xs),
    sp.Mul: lambda *xs: reduce(np.multiply, xs),
    sp.floor: np.floor,
}

RELATIONS: dict[str, Callable[..., Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
