"""Products: which of them the shapes allow, and which names before brackets apply."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from derive.notes.indexing import hung, whole
from derive.notes.losses import are_arguments
from derive.notes.meaning import (
    ONES,
    ZEROS,
    applied,
    constant,
    divided,
    divides,
    is_function,
    mean,
    register,
)
from derive.notes.scope import CALL, DOT, Scope
from derive.notes.sums import over_all
from derive.notes.tree import Derivative, Group, Name, Node, Operator, Product, Scripted
from derive.notes.values import Misfit, Value, elementwise, multiplied


@register
def _(node: Product, scope: Scope) -> Value:
    result: Value | None = None
    sign = Operator(node.start, node.start, "")
    place = 0
    factors, operators = node.factors, node.operators
    while place < len(factors):
        factor = factors[place]
        last = place
        following = place + 1 < len(factors) and not operators[place].text
        called = _applied(factor, factors[place + 1], scope) if following else None
        if called is not None:
            last = place + 1
            value = called
        else:
            ones = _ones(factor, result, factors[place + 1] if following else None, scope)
            value = mean(factor, scope) if ones is None else ones
        operator = sign.text
        if result is None:
            result = value
        elif divides(sign):
            result = divided(scope, result, value)
        else:
            try:
                chained = scope.chained(result, value, scope)
                # What is written as a gradient may be a column in notes with rows, too.
                free = scope.only and _is_gradient(factor)
                around = replace(scope, only=False) if free else scope
                result = chained or _times(result, value, operator, around)
            except Misfit as misfit:
                starred = any(other.text == "*" for other in operators)
                behind = _behind(node, result, operator, (place, last), scope)
                if behind is not None:
                    result, last = behind
                elif not operator and starred and result.shape == value.shape:
                    # Where a star is the elementwise product, so is nothing at all.
                    result = elementwise(scope.algebra, result, value)
                    reading = (*result.readings, "a product read elementwise")
                    result = replace(result, readings=reading)
                else:
                    misfit.start, misfit.end = factors[0].start, factors[last].end
                    raise
        sign = operators[last] if last < len(operators) else sign
        place = last + 1
    assert result is not None
    return result


def _is_gradient(node: Node) -> bool:
    return isinstance(node, Derivative) and node.form == "nabla"


def _behind(
    node: Product, left: Value, operator: str, at: tuple[int, int], scope: Scope
) -> tuple[Value, int] | None:
    r"""Return ``a \odot (W b)`` for ``a \odot W b`` where only that conforms, and its end.

    So is ``u \cdot A v`` the scalar product of u and Av.
    """
    first, last = at
    while last < len(node.operators) and not node.operators[last].text:
        last += 1
    if operator not in (r"\odot", r"\circ", r"\cdot") or last == at[1]:
        return None
    factors, operators = node.factors[first : last + 1], node.operators[first:last]
    inner = Product(factors[0].start, factors[-1].end, factors, operators)
    try:
        right = mean(inner, scope)
        if operator != r"\cdot":
            return _times(left, right, operator, scope), last
    except Misfit:
        return None
    if not (left.is_vector and left.shape == right.shape):
        return None
    dot = over_all("sum", elementwise(scope.algebra, left, right), scope)
    reading = r"took \cdot before a product that is a vector as the scalar product"
    return replace(dot, readings=(*dot.readings, reading)), last


def _ones(node: Node, before: Value | None, after: Node | None, scope: Scope) -> Value | None:
    r"""Return ones as long as their neighbour says: ``A \mathbf 1``, ``\mathbf 1^\top A``."""
    base = node.base if isinstance(node, Scripted) and not node.sub else node
    if not isinstance(base, Name) or base.spelling not in ONES or base.spelling in scope.tensors:
        return None
    if base is node:
        size = None if before is None else before.columns
    else:
        size = None if after is None else mean(after, scope).rows
    return None if size is None else mean(node, replace(scope, expected=(size, None), memo=None))


def _times(left: Value, right: Value, operator: str, scope: Scope) -> Value:
    r"""Return a product; ``u \cdot v`` of two vectors may be meant as their scalar product."""
    if operator == r"\cdot" and left.is_vector and left.shape == right.shape:
        scope.doubts.add(DOT)
        if DOT in scope.other:
            dot = over_all("sum", elementwise(scope.algebra, left, right), scope)
            reading = r"took \cdot between vectors as the scalar product"
            return replace(dot, readings=(*dot.readings, reading))
    return multiplied(scope.algebra, left, right, operator, rows=scope.rows, only=scope.only)


def _applied(name: Node, after: Node, scope: Scope) -> Value | None:
    """Return a function or symbol of the brackets after it; None where it takes no arguments."""
    if is_function(name, scope) is None:
        return _called(name, after, scope)
    arguments = _brackets(after)
    return _hung(applied(name, after if arguments is None else arguments, scope), after, scope)


def _brackets(node: Node) -> Group | None:
    """Return the brackets that a factor is, without what hangs on them."""
    inner = node.base if isinstance(node, Scripted) else node
    return inner if isinstance(inner, Group) and (inner is node or inner.opening != "{") else None


def _hung(value: Value, after: Node, scope: Scope) -> Value:
    r"""Return a value with what hangs on the brackets: ``\sigma(z)^2`` is that of ``\sigma(z)``."""
    if isinstance(after, Scripted) and _brackets(after) is not None:
        return hung(value, after, scope)
    return value


def _called(symbol: Node, after: Node, scope: Scope) -> Value | None:
    """Return a symbol that the note writes with arguments: ``E(w)``, ``f'(x)``, ``p(a)``."""
    arguments = _brackets(after)
    if isinstance(symbol, Derivative) and symbol.of is not None:
        # Where the derivative is taken.
        taken = None if arguments is None else _called(symbol.of, arguments, scope)
        return None if taken is None else _hung(mean(symbol, scope), after, scope)
    name = symbol.base if isinstance(symbol, Scripted) else symbol
    if not isinstance(name, Name) or name.spelling not in scope.calls:
        return None
    if arguments is None or name.spelling in scope.values:
        return None
    usual = scope.calls[name.spelling]
    loss = name.spelling in scope.losses
    if loss and not are_arguments(arguments, scope.tensors):
        return None
    if usual is None:
        entry = Scripted(symbol.start, arguments.end, name, arguments.items)
        return _hung(mean(entry, replace(scope, memo=None)), after, scope)
    given = tuple(item.spelling for item in arguments.items if isinstance(item, Name))
    primes = symbol.primes if isinstance(symbol, Scripted) else 0
    macro = scope.applied.get(name.spelling)
    decorated = loss or (macro is None and given and set(given) <= set(usual))
    if given != usual and not decorated:
        if macro is None or primes or len(arguments.items) != len(macro.parameters):
            return None
        if not all(_is_number(item, scope) for item in arguments.items):
            scope.doubts.add(CALL)
        if CALL in scope.doubts & scope.other:
            product = _times(mean(symbol, scope), mean(after, scope), "", scope)
            reading = f"took {name.spelling} before brackets as a factor"
            return replace(product, readings=(*product.readings, reading))
        values = [
            _whole(mean(item, scope), parameter, name.spelling, scope)
            for item, parameter in zip(arguments.items, macro.parameters, strict=True)
        ]
        inner = scope.with_values(dict(zip(macro.parameters, values, strict=True)))
        value = mean(macro.body, inner)
        if isinstance(symbol, Scripted):
            value = mean(symbol, inner.with_values({name.spelling: value}))
        return _hung(value, after, scope)
    if not primes and isinstance(symbol, Name) and isinstance(after, Scripted):
        # A symbol has more indices than an expression may have.
        return mean(replace(after, base=symbol), replace(scope, memo=None))
    if not primes:
        return _hung(mean(symbol, scope), after, scope)
    wrt = tuple(arguments.items) * primes
    derivative = Derivative(symbol.start, arguments.end, "frac", "d", name, wrt)
    return _hung(scope.derivative(derivative, scope), after, scope)


def _is_number(node: Node, scope: Scope) -> bool:
    """Tell whether an argument is a constant: nobody writes such a factor behind a symbol."""
    return constant(node, scope) is not None or (isinstance(node, Name) and node.spelling in ZEROS)


def _whole(value: Value, parameter: str, function: str, scope: Scope) -> Value:
    """Return an argument with the shape of what it is put for: ``f(0)`` is f of zeros.

    What is as long as its argument may be taken of any entry.

    Raises
    ------
    Misfit
        If it is one number, but no constant, for more than one.
    """
    tensor, of = scope.tensors.get(parameter), scope.tensors.get(function)
    if tensor is None or of is None or not value.is_scalar or of.shape == tensor.shape:
        return value
    own = whole(tensor, scope)
    if own.is_scalar:
        return value
    if np.ndim(value.data) or not (isinstance(value.data, float) or value.data.is_number):
        raise Misfit("unreadable", f"a number for {parameter}, which is none")
    return replace(own, data=value.data)
