"""Functions known by name: elementwise ones, and those of whole vectors and matrices."""

from __future__ import annotations

from dataclasses import replace
from functools import partial, reduce
from typing import TypeGuard

import numpy as np
import sympy as sp

from derive.index.functions import relu
from derive.index.scalars import LETTER, primed
from derive.notes.algebra import COLUMN, ROW, At
from derive.notes.functions import ELEMENTWISE
from derive.notes.indexing import raised
from derive.notes.meaning import (
    UNREAD,
    constant,
    divided,
    letter_of,
    mean,
    negated,
    register,
)
from derive.notes.reach import reach
from derive.notes.scope import Scope  # noqa: TC001 (dispatch reads it)
from derive.notes.tree import FunctionCall, Group, Mark, Node, Norm
from derive.notes.values import Misfit, Value, added, multiplied, two_axes

__all__ = ["extreme", "norm"]

_SPELLINGS = {
    "Softmax": "softmax", "LogSumExp": "logsumexp", "LSE": "logsumexp", "Diag": "diag",
    "trace": "tr", "Tr": "tr", "Trace": "tr", "Mean": "mean", "Var": "var", "Sum": "sum",
    "LogSoftmax": "logsoftmax", "Sigmoid": "sigmoid", "Softplus": "softplus", "Relu": "relu",
    "GELU": "gelu", "SiLU": "silu", "Swish": "swish", "Sign": "sign",
}  # fmt: skip


@register
def _(node: FunctionCall, scope: Scope) -> Value:
    name = _SPELLINGS.get(node.name, node.name)
    if node.argument is None:
        raise Misfit("argument", f"the function {node.name} without an argument", *node.head)
    if name in scope.macros or name in scope.functions or name in ELEMENTWISE:
        return _elementwise(node, name, scope)
    if name in ("max", "min") and not node.primes and _is_list(node.argument):
        return raised(extreme(name, node.argument, scope), node.sup, scope)
    if name == "clip" and not (node.primes or node.sub) and _is_list(node.argument):
        return raised(_clipped(node.argument, scope), node.sup, scope)
    special = _SPECIAL.get(name)
    if special is None:
        what = UNREAD.get(name, f"the function {node.name}")
        raise Misfit("unreadable", what, *node.head)
    if node.primes:
        raise Misfit("unreadable", f"a prime on {node.name}", *node.head)
    inner = mean(node.argument, scope)
    two_axes(inner)
    return raised(special(node, inner, scope), node.sup, scope)


def _is_list(node: Node) -> TypeGuard[Group]:
    """Tell whether brackets hold several things: ``(a, b)``."""
    return isinstance(node, Group) and len(node.items) > 1


def _elementwise(node: FunctionCall, name: str, scope: Scope) -> Value:
    function = scope.functions.get(name, ELEMENTWISE.get(name))
    if name == "log" and name not in scope.functions and len(node.sub) == 1:
        function = _logarithm(node.sub[0], scope)
    elif node.sub:
        function = None
    if function is None:
        raise Misfit("unreadable", f"an index on the function {node.name}", *node.head)
    primes, power = node.primes, None
    if len(node.sup) == 1:
        mark = node.sup[0]
        if isinstance(mark, Mark) and mark.text in (r"\prime", "'"):
            primes += 1
        else:
            power = constant(mark, scope)
            if power is None or power == -1:
                raise Misfit("unreadable", f"a superscript on {node.name}", mark.start, mark.end)
    several = node.argument
    if name not in scope.functions and several and _is_list(several) and "," in several.separators:
        raise Misfit("unreadable", f"{node.name} of several things", *node.head)
    argument, rest, reading = reach(node, scope)
    inner = mean(argument, scope)
    two_axes(inner)
    value = inner.mapped(scope.algebra.apply(primed(function, primes), LETTER, inner.data))
    if power is not None:
        value = value.mapped(scope.algebra.power(value.data, power))
    if rest is not None:
        value = multiplied(
            scope.algebra, value, mean(rest, scope), rows=scope.rows, only=scope.only
        )
    return value if not reading else replace(value, readings=(*value.readings, reading))


def _logarithm(base: Node, scope: Scope) -> sp.Expr | None:
    r"""Return ``\log_2``, the logarithm to a base that is a number; None of others."""
    number = constant(base, scope)
    if number is None or not number.is_Rational or number <= 0 or number == 1:
        return None
    return sp.log(LETTER) / sp.log(number)


def _axis(node: FunctionCall, value: Value, scope: Scope) -> tuple[str, sp.Expr]:
    """Return the axis along which a function works: a letter below it, or the last axis."""
    if node.sub:
        letter = letter_of(node.sub[0])
        if letter is not None and letter in scope.letters.sizes:
            return letter, scope.letters.sizes[letter]
        raise Misfit("unreadable", f"the index below {node.name}", *node.head)
    if value.columns is not None:
        return COLUMN, value.columns
    if value.rows is not None:
        return ROW, value.rows
    raise Misfit("shape", f"{node.name} of a number", *node.head)


def _exp(value: Value, scope: Scope) -> Value:
    return value.mapped(scope.algebra.apply(sp.exp(LETTER), LETTER, value.data))


def _along(kind: str, value: Value, axis: str, size: sp.Expr, scope: Scope) -> Value:
    """Return a reduction that keeps its place among rows and columns."""
    data = scope.algebra.reduce(kind, value.data, axis, size)
    rows = None if axis == ROW else value.rows
    columns = None if axis == COLUMN else value.columns
    return value.mapped(data, rows=rows, columns=columns)


def _softmax(node: FunctionCall, value: Value, scope: Scope) -> Value:
    axis, size = _axis(node, value, scope)
    above = _exp(value, scope)
    below = _along("sum", above, axis, size, scope)
    inverse = scope.algebra.power(below.data, sp.S.NegativeOne)
    return above.mapped(scope.algebra.multiply(above.data, inverse))


def _logsumexp(node: FunctionCall, value: Value, scope: Scope) -> Value:
    axis, size = _axis(node, value, scope)
    below = _along("sum", _exp(value, scope), axis, size, scope)
    return below.mapped(scope.algebra.apply(sp.log(LETTER), LETTER, below.data))


def _logsoftmax(node: FunctionCall, value: Value, scope: Scope) -> Value:
    top = _softmax(node, value, scope)
    return top.mapped(scope.algebra.apply(sp.log(LETTER), LETTER, top.data))


def _mean(node: FunctionCall, value: Value, scope: Scope) -> Value:
    axis, size = _axis(node, value, scope)
    return divided(
        scope, _along("sum", value, axis, size, scope), Value(scope.algebra.number(size))
    )


def _var(node: FunctionCall, value: Value, scope: Scope) -> Value:
    axis, size = _axis(node, value, scope)
    centre = _mean(node, value, scope)
    minus = scope.algebra.multiply(scope.algebra.number(sp.S.NegativeOne), centre.data)
    difference = value.mapped(scope.algebra.add(value.data, minus))
    squares = difference.mapped(scope.algebra.power(difference.data, sp.Integer(2)))
    return divided(
        scope, _along("sum", squares, axis, size, scope), Value(scope.algebra.number(size))
    )


def _diag(node: FunctionCall, value: Value, scope: Scope) -> Value:
    """Return the matrix with a vector on its diagonal, or the diagonal of a matrix."""
    algebra = scope.algebra
    if value.is_scalar:
        return value
    if value.is_vector:
        if value.rows is None:
            value = value.mapped(algebra.swap(value.data), rows=value.columns, columns=None)
        delta = algebra.delta(At(ROW), At(COLUMN), value.rows)
        return Value(algebra.multiply(value.data, delta), value.rows, value.rows)
    if value.rows != value.columns:
        raise Misfit("shape", "the diagonal of a matrix that is not square", *node.head)
    delta = algebra.delta(At(ROW), At(COLUMN), value.rows)
    data = algebra.reduce("sum", algebra.multiply(value.data, delta), COLUMN, value.rows)
    return Value(data, value.rows, thin=True)


def _trace(node: FunctionCall, value: Value, scope: Scope) -> Value:
    algebra = scope.algebra
    if value.is_scalar:
        return value
    if value.rows is None or value.rows != value.columns:
        raise Misfit("shape", "the trace of a matrix that is not square", *node.head)
    delta = algebra.delta(At(ROW), At(COLUMN), value.rows)
    data = algebra.reduce("sum", algebra.multiply(value.data, delta), COLUMN, value.rows)
    return Value(algebra.reduce("sum", data, ROW, value.rows))


def _sum(node: FunctionCall, value: Value, scope: Scope) -> Value:
    return _total(value, scope)


def _norm(node: FunctionCall, value: Value, scope: Scope) -> Value:
    return _root(_squares(value, scope), scope)


#: What clip takes: a value, the least one and the greatest.
_CLIPPED = 3
_SPECIAL = {
    "softmax": _softmax,
    "logsumexp": _logsumexp,
    "logsoftmax": _logsoftmax,
    "mean": _mean,
    "var": _var,
    "diag": _diag,
    "tr": _trace,
    "sum": _sum,
    "norm": _norm,
}


def _squares(value: Value, scope: Scope) -> Value:
    """Return the sum of the squares of all entries."""
    squares = value.mapped(scope.algebra.power(value.data, sp.Integer(2)))
    return _total(squares, scope)


def _root(value: Value, scope: Scope) -> Value:
    return value.mapped(scope.algebra.power(value.data, sp.S.Half))


@register
def _(node: Norm, scope: Scope) -> Value:
    return norm(node, (), (), scope)


def norm(node: Norm, sub: tuple[Node, ...], sup: tuple[Node, ...], scope: Scope) -> Value:
    """Return a norm or an absolute value, with what hangs on it.

    Raises
    ------
    Misfit
        For a norm other than 1, 2 or Frobenius.
    """
    value = mean(node.body, scope)
    if value.is_scalar:
        absolute = value.mapped(scope.algebra.apply(sp.Abs(LETTER), LETTER, value.data))
        return raised(absolute, sup, scope)
    if not node.double and value.rows is not None and value.columns is not None:
        # A determinant is written so, too.
        raise Misfit("unreadable", "single bars around a matrix", node.start, node.end)
    if not node.double:
        value = replace(value, readings=(*value.readings, "took bars around a vector as its norm"))
    kind = "2" if not sub else _kind(sub[0])
    if kind == "1":
        absolute = value.mapped(scope.algebra.apply(sp.Abs(LETTER), LETTER, value.data))
        return raised(_total(absolute, scope), sup, scope)
    if kind not in ("2", "F"):
        raise Misfit("unreadable", f"the norm {kind}", sub[0].start, sub[0].end)
    if sub and kind == "2" and value.rows is not None and value.columns is not None:
        reading = r"took \|\cdot\|_2 of a matrix as its Frobenius norm"
        value = replace(value, readings=(*value.readings, reading))
    squares = _squares(value, scope)
    if len(sup) == 1 and constant(sup[0], scope) == 2:
        return squares
    return raised(_root(squares, scope), sup, scope)


def _total(value: Value, scope: Scope) -> Value:
    """Return the sum of all entries."""
    data = value.data
    for axis, size in ((ROW, value.rows), (COLUMN, value.columns)):
        if size is not None:
            data = scope.algebra.reduce("sum", data, axis, size)
    return Value(data, readings=value.readings)


def _kind(node: Node) -> str:
    text = getattr(node, "text", None) or getattr(node, "spelling", "?")
    return str(text).replace(r"\mathrm{F}", "F").replace(r"\text{F}", "F")


def extreme(kind: str, body: Group, scope: Scope) -> Value:
    """Return the greatest or smallest of some values, entry by entry."""
    return reduce(partial(_greater, kind, scope), [mean(item, scope) for item in body.items])


def _clipped(body: Group, scope: Scope) -> Value:
    """Return the first of three values, but at least the second and at most the third."""
    if len(body.items) != _CLIPPED:
        what = "clip without a least and a greatest value"
        raise Misfit("unreadable", what, body.start, body.end)
    value, least, most = (mean(item, scope) for item in body.items)
    return _greater("min", scope, _greater("max", scope, value, least), most)


def _greater(kind: str, scope: Scope, first: Value, second: Value) -> Value:
    """Return the greater or smaller of two: ``max(a, b) = a + relu(b - a)``.

    Where both are equal, the derivative is that of the first, as for all maxima; beside 0 it is
    ReLU's, with no difference that rounding could keep from 0.
    """
    sign = Value(scope.algebra.number(sp.Integer(1 if kind == "max" else -1)))
    if _is_zero(second) and not _is_zero(first):
        first, second = second, first
    difference = second if _is_zero(first) else added(scope.algebra, second, negated(scope, first))
    scaled = multiplied(scope.algebra, sign, difference)
    ramp = scaled.mapped(scope.algebra.apply(relu(LETTER), LETTER, scaled.data))
    back = multiplied(scope.algebra, sign, ramp)
    return back if _is_zero(first) and first.is_scalar else added(scope.algebra, first, back)


def _is_zero(value: Value) -> bool:
    """Tell whether a value is the number 0, in either algebra."""
    return value.is_scalar and bool(np.ndim(value.data) == 0 and value.data == 0)
