r"""What a function, a sum, ``\nabla`` or an indicator takes of the factors after it.

A stack holds the factors to the right, the nearest on top; what is taken is popped.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes.lexer import Unreadable
from derive.notes.raw import (
    Head,
    Item,
    reach,
)
from derive.notes.tree import (
    Add,
    BigOperator,
    Derivative,
    Empty,
    Evaluated,
    FunctionCall,
    Group,
    Indicator,
    Name,
    Node,
    Norm,
    Number,
    Operator,
    Partial,
    Product,
    Relation,
    Scripted,
    Term,
    children,
    walk,
)

if TYPE_CHECKING:
    from derive.notes.names import Names

_ONES = frozenset(
    {"I", r"\mathbb{1}", r"\mathbf{1}", r"\mathbb{I}", r"\mathbf{I}", r"\mathrm{1}", r"\chi"}
    | {r"\mathrm{I}", r"\boldsymbol{1}", r"\mathcal{I}", r"\mathcal{1}"}
)
_LIKE_FUNCTIONS = frozenset({"max", "min", "argmax", "argmin", "sup", "inf", "lim"})


def product(items: list[Item]) -> Node:
    """Return a product of settled factors, or its only factor."""
    solid = [item for item in items if item.operator or not isinstance(item.node, Empty)]
    items = solid or items[:1]
    factors: list[Node] = []
    operators: list[Operator] = []
    for item in items:
        node = item.node
        if item.sign is not None:
            sign = item.sign
            term = Term(sign.start, node.end, sign.value, node, (sign.start, sign.end))
            node = Add(sign.start, node.end, (term,))
        if factors:
            operators.append(item.operator or Operator(factors[-1].end, node.start, ""))
        factors.append(node)
    if len(factors) == 1:
        return factors[0]
    start, end = reach(*((node.start, node.end) for node in factors))
    return Product(start, end, tuple(factors), tuple(operators))


def _free(stack: list[Item]) -> bool:
    """Tell whether a factor follows with no operator between."""
    return bool(stack) and stack[-1].operator is None


def _takes_alone(node: Node) -> bool:
    """Tell whether a factor is an argument by itself and never part of a longer one."""
    base = node.base if isinstance(node, Scripted) else node
    return isinstance(base, FunctionCall | BigOperator | Derivative | Evaluated)


def _run(stack: list[Item]) -> list[Item]:
    """Take the factors that an unbracketed function may apply to."""
    taken = [stack.pop()]
    if not _takes_alone(taken[0].node):
        while _free(stack) and not _takes_alone(stack[-1].node):
            taken.append(stack.pop())
    return taken


def applied(head: Head, stack: list[Item]) -> Node:
    """Apply a function, a big operator, ∇ or ∂ to what follows it."""
    place = (head.start, head.end)
    if head.kind == "NABLA" or (head.kind == "PARTIAL" and (head.sub or _free(stack))):
        return _nabla(head, stack)
    if head.kind == "PARTIAL":
        return Partial(*place)
    if head.kind == "BIG":
        brackets = _free(stack) and isinstance(_bracket(stack[-1].node), Group)
        plain = not head.sub and not head.sup and head.value in _LIKE_FUNCTIONS
        if not (plain and brackets) and (stack or head.value not in _LIKE_FUNCTIONS):
            return _big(head, stack)
    call = FunctionCall(*place, head.value, None, False, head.sub, head.sup, head.primes, place)
    if not _free(stack):
        return call
    after = stack[-1].node
    inside = None if stack[-1].sign else _bracket(after)
    if isinstance(inside, Group):
        stack.pop()
        call = replace(call, end=inside.end, argument=inside, bracketed=True)
        return replace(after, start=head.start, base=call) if isinstance(after, Scripted) else call
    if isinstance(inside, Norm):
        stack.pop()
        return replace(call, end=after.end, argument=after, bracketed=True)
    argument = product(_run(stack))
    return replace(call, end=argument.end, argument=argument)


def _bracket(node: Node) -> Node | None:
    """Return the brackets that a factor is, without its scripts."""
    base = node.base if isinstance(node, Scripted) else node
    return base if isinstance(base, Group | Norm) else None


def _big(head: Head, stack: list[Item]) -> Node:
    r"""Let a big operator take the rest of its product.

    A product or a maximum takes no other operator that its index is no part of, as in
    ``\prod_{t=1}^i a_t \prod_{t=i+1}^T b_t``; of a sum this makes no difference.
    """
    if head.primes or not _free(stack):
        what = "has a prime" if head.primes else "has nothing to work on"
        raise Unreadable(f"this {head.value} {what}", head.start, head.end)
    own = _bound(head.sub)
    taken = [stack.pop()]
    while stack and (head.value == "sum" or not _begins_anew(stack[-1].node, taken, own)):
        taken.append(stack.pop())
    body = product(taken)
    place = (head.start, head.end)
    end = max(body.end, head.end)
    return BigOperator(head.start, end, head.value, head.sub, head.sup, body, place)


def _bound(lower: tuple[Node, ...]) -> frozenset[str]:
    """Return the names of the indices that stand below a big operator."""
    first = (node.sides[0] if isinstance(node, Relation) else node for node in lower)
    return frozenset(
        part.spelling for node in first for part in walk(node) if isinstance(part, Name)
    )


def _begins_anew(node: Node, before: list[Item], own: frozenset[str]) -> bool:
    """Tell whether a factor is an operator without the index that those before it have."""
    return (
        isinstance(node, BigOperator)
        and not _mentions(node, own)
        and any(_mentions(item.node, own) for item in before)
    )


def _mentions(node: Node, names: frozenset[str]) -> bool:
    """Tell whether a name stands in a formula otherwise than as the index of an operator in it."""
    if isinstance(node, Name):
        return node.spelling in names
    if isinstance(node, BigOperator):
        limits = (*(part for one in node.lower for part in _ends(one)), *node.upper)
        inside = names - _bound(node.lower)
        return _mentions(node.body, inside) or any(_mentions(part, names) for part in limits)
    return any(_mentions(part, names) for part in children(node))


def _ends(lower: Node) -> tuple[Node, ...]:
    """Return what stands below an operator beside its index."""
    return lower.sides[1:] if isinstance(lower, Relation) else ()


def _nabla(head: Head, stack: list[Item]) -> Node:
    r"""Read ``\nabla_W L``, ``\partial_x f``; a ``\partial`` alone belongs to no quotient."""
    place = (head.start, head.end)
    if head.kind == "PARTIAL" and not head.sub:
        return Partial(*place)
    form = "nabla" if head.kind == "NABLA" else "subscript"
    order = head.sup[0] if head.sup else None
    of = None
    if _free(stack):
        alone = isinstance(_bracket(stack[-1].node), Group)
        of = product([stack.pop()] if alone else _run(stack))
    end = of.end if of is not None else head.end
    return Derivative(head.start, end, form, head.value, of, head.sub, order, None, place)


def operating(node: Derivative, stack: list[Item]) -> Node:
    r"""Let ``\frac{\partial}{\partial b}`` take the rest of its product."""
    if not _free(stack):
        return node
    body = product(stack[::-1])
    stack.clear()
    return replace(node, end=max(node.end, body.end), of=body)


def differential(node: Node, stack: list[Item], names: Names) -> Node | None:
    """Read ``D_x f`` where no ``D`` is declared."""
    if not (isinstance(node, Scripted) and isinstance(node.base, Name) and _free(stack)):
        return None
    letter = node.base.spelling
    if letter not in ("D", r"\mathrm{D}", r"\mathcal{D}") or letter in names.spellings:
        return None
    if not node.sub or node.sup or node.primes:
        return None
    taken = _run(stack)
    of = product(taken)
    plain = product([Item(None, None, node), *taken])
    place = (node.start, node.end)
    return Derivative(node.start, of.end, "subscript", "D", of, node.sub, None, plain, place)


def indicator(node: Node, stack: list[Item]) -> Node | None:
    r"""Read ``\mathbb{1}[y = k]`` and ``\mathbf 1_{i = j}``: a one with a relation."""
    base = node.base if isinstance(node, Scripted) else node
    one = isinstance(base, Name) and base.spelling in _ONES
    if not one and not (isinstance(base, Number) and base.text == "1"):
        return None
    if isinstance(node, Scripted):
        if node.sup or node.primes or not node.sub:
            return None
        only = node.sub[0] if len(node.sub) == 1 else None
        inside = only.items if isinstance(only, Group) else node.sub
        end = node.end
    else:
        if not _free(stack) or not isinstance(stack[-1].node, Group):
            return None
        inside, end = stack[-1].node.items, stack[-1].node.end
    if not any(isinstance(item, Relation) for item in inside):
        return None
    if not isinstance(node, Scripted):
        stack.pop()
    return Indicator(node.start, end, inside, (base.start, base.end))
