r"""How far a function without brackets reaches: over ``\log p\, q``, or over p alone."""

from __future__ import annotations

from dataclasses import replace

from derive.notes.meaning import constant, is_function
from derive.notes.scope import REACH, Scope
from derive.notes.tree import (
    Derivative,
    FunctionCall,
    Group,
    Name,
    Node,
    Operator,
    Product,
    Scripted,
)

__all__ = ["parted", "reach"]


def reach(node: FunctionCall, scope: Scope) -> tuple[Node, Node | None, str]:
    r"""Return what a function applies to, what it is multiplied by, and how that was read.

    ``\log \sigma(x) (1 - y)``, without brackets around the argument, is the logarithm of the
    factor ``\sigma(x)``, times the rest; ``\log p\, q`` that of the whole product. Both may be
    meant the other way.
    """
    argument = node.argument
    assert argument is not None
    if node.bracketed or not isinstance(argument, Product):
        return argument, None, ""
    count = _first(argument, scope)
    if count == len(argument.factors):
        return argument, None, ""
    scope.doubts.add(REACH)
    # What is in brackets ends with them; what is not goes on.
    if (REACH in scope.other) == (count > 1):
        reading = f"took {node.name} as that of the whole product after it"
        return argument, None, reading if count > 1 else ""
    first, rest = _cut(argument, count)
    return first, rest, _shorter(node)


def _shorter(node: FunctionCall) -> str:
    return f"took {node.name} as that of the first factor after it, times the rest"


def parted(node: Derivative, scope: Scope) -> tuple[Product, str] | None:
    r"""Return ``(\nabla \log p) q`` for ``\nabla \log p\, q``, where it is to be read so."""
    call = node.of
    if REACH not in scope.other or node.form not in ("nabla", "subscript"):
        return None
    argument = call.argument if isinstance(call, FunctionCall) and not call.bracketed else None
    if not isinstance(argument, Product) or _first(argument, scope) != 1:
        return None
    assert isinstance(call, FunctionCall)
    first, rest = _cut(argument, 1)
    head = replace(node, end=first.end, of=replace(call, end=first.end, argument=first))
    sign = Operator(first.end, rest.start, "")
    return Product(node.start, node.end, (head, rest), (sign,)), _shorter(call)


def _first(argument: Product, scope: Scope) -> int:
    r"""Return how many factors are the first: a function with its brackets is one.

    A number is none: ``\sin 2\pi x`` is of all that follows.
    """
    function, group = argument.factors[:2]
    if constant(function, scope) is not None:
        return len(argument.factors)
    base = function.base if isinstance(function, Scripted) else function
    called = isinstance(base, Name) and base.spelling in scope.calls
    inner = group.base if isinstance(group, Scripted) else group
    applied = (called or is_function(function, scope)) and isinstance(inner, Group)
    return 2 if applied else 1


def _cut(argument: Product, count: int) -> tuple[Node, Node]:
    """Return the first factors, and the rest."""
    return (
        _product(argument.factors[:count], argument.operators[: count - 1]),
        _product(argument.factors[count:], argument.operators[count:]),
    )


def _product(factors: tuple[Node, ...], operators: tuple[Operator, ...]) -> Node:
    if len(factors) == 1:
        return factors[0]
    return Product(factors[0].start, factors[-1].end, factors, operators)
