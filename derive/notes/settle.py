r"""What the declarations of a note say about a tree that the grammar alone left open.

``u_{21}`` is ``u_{2,1}`` where u has two axes. A function without its argument
(``\partial\sigma/\partial x``, ``\mathrm{diag}(\sigma')``) has the argument that the same claim
gives it, or else the note's definitions. And an expression that the note has wrongly set equal to
a symbol stands for that symbol in derivatives: the mistake was named where it entered.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.tree import Derivative, Group, Name, Node, Number, Operator, Product, Scripted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

__all__ = [
    "applications",
    "bound",
    "indexed",
    "moved",
    "occurs",
    "rebuilt",
    "renamed",
    "substituted",
    "swapped",
    "with_arguments",
]


def rebuilt(node: Node, function: Callable[[Node], Node]) -> Node:
    """Return the node with a function applied to everything directly below it."""
    changes = {}
    for name in tree.slots(node):
        old = getattr(node, name)
        new = old
        if isinstance(old, Node):
            new = function(old)
        elif isinstance(old, tuple):
            new = tuple(
                function(part)
                if isinstance(part, Node)
                else _row(part, function)
                if isinstance(part, tuple)
                else part
                for part in old
            )
            if all(a is b for a, b in zip(new, old, strict=True)):
                continue
        if new is not old:
            changes[name] = new
    return replace(node, **changes) if changes else node


def _row(cells: tuple[object, ...], function: Callable[[Node], Node]) -> tuple[object, ...]:
    new = tuple(function(cell) if isinstance(cell, Node) else cell for cell in cells)
    return cells if all(a is b for a, b in zip(new, cells, strict=True)) else new


def swapped(node: Node, old: Node, new: Node) -> Node:
    """Return the tree with one part, that very one, replaced; the rest stays the same objects."""
    if node is old:
        return new
    return rebuilt(node, lambda child: swapped(child, old, new))


def renamed(node: Node, old: str, new: str) -> Node:
    """Return the tree with another name for one name, wherever it stands."""
    if isinstance(node, Name):
        return replace(node, spelling=new) if node.spelling == old else node
    return rebuilt(node, lambda child: renamed(child, old, new))


def moved(node: Node, place: int) -> Node:
    """Return the node as if it had been read, without any width, at one place of the text."""
    changes: dict[str, object] = {"start": place, "end": place}
    for name in tree.slots(node):
        if name in _RANGES and getattr(node, name) is not None:
            changes[name] = (place, place)
    return replace(rebuilt(node, lambda part: moved(part, place)), **changes)  # type: ignore[arg-type]


_RANGES = ("head", "sign_range", "sub_range", "sup_range", "prime_range")


def indexed(node: Node, ranks: Mapping[str, int], renamed: Mapping[str, str]) -> Node:
    """Settle what stands below symbols: digits, and which of two symbols has so many indices.

    ``u_{21}`` is taken apart where u has two axes. Where w is a vector of its own and is renamed
    to a matrix W as well, ``w_{12}`` is an entry of W and ``w_1`` one of w.
    """
    node = rebuilt(node, lambda part: indexed(part, ranks, renamed))
    if not isinstance(node, Scripted) or not isinstance(node.base, Name):
        return node
    spelling = node.base.spelling
    other = renamed.get(spelling)
    if other is not None:
        found = _digits(replace(node, base=replace(node.base, spelling=other)), ranks)
        if len(tree.indices(found)) > ranks.get(spelling, 0):
            return found
    return _digits(node, ranks)


def _digits(node: Scripted, ranks: Mapping[str, int]) -> Scripted:
    if not isinstance(node.base, Name) or len(node.sub) != 1:
        return node
    number = node.sub[0]
    rank = ranks.get(node.base.spelling, 0)
    if rank < 2 or not isinstance(number, Number) or not number.text.isdigit():
        return node
    if len(number.text) != rank or number.end - number.start != rank:
        return node
    parts = tuple(
        Number(number.start + n, number.start + n + 1, digit) for n, digit in enumerate(number.text)
    )
    return replace(node, sub=parts)


def _applied(factors: Sequence[Node], operators: Sequence[Operator], place: int) -> Node | None:
    """Return the brackets that a factor stands right before."""
    if place + 1 < len(factors) and not operators[place].text:
        following = factors[place + 1]
        inner = following.base if isinstance(following, Scripted) else following
        return inner if isinstance(inner, Group) else None
    return None


def _function(node: Node, names: Collection[str]) -> str | None:
    """Return the function that a node names, with or without primes, powers apart."""
    base = node.base if isinstance(node, Scripted) and not node.sub else node
    return base.spelling if isinstance(base, Name) and base.spelling in names else None


def applications(nodes: Iterable[Node], names: Collection[str]) -> dict[str, Node]:
    """Return the argument of every function that has the same one wherever it is applied.

    An argument with a letter of the sum that it stands under is none elsewhere.
    """
    found: dict[str, Node | None] = {}
    for node in nodes:
        for part, over in _under_sums(node, frozenset()):
            for place, factor in enumerate(part.factors):
                name = _function(factor, names)
                argument = _applied(part.factors, part.operators, place)
                if name is None or argument is None:
                    continue
                same = found.setdefault(name, argument) == argument
                if not same or over & set(tree.walk(argument)):
                    found[name] = None
    return {name: argument for name, argument in found.items() if argument is not None}


def bound(node: tree.BigOperator) -> Iterator[Name]:
    """Yield the names below the sign of a sum, a product or a maximum: its letters among them."""
    for item in node.lower:
        yield from (part for part in tree.walk(item) if isinstance(part, Name))


def _under_sums(node: Node, letters: frozenset[Name]) -> Iterator[tuple[Product, frozenset[Name]]]:
    """Yield the products in a node, each with the letters of the sums around it."""
    if isinstance(node, Product):
        yield node, letters
    if isinstance(node, tree.BigOperator):
        yield from _under_sums(node.body, letters.union(bound(node)))
        return
    for part in tree.children(node):
        yield from _under_sums(part, letters)


def with_arguments(node: Node, arguments: Mapping[str, Node]) -> Node:
    """Give functions that stand without brackets their argument."""
    if not arguments:
        return node
    if isinstance(node, Product):
        factors = tuple(
            factor
            if _function(factor, arguments) and _applied(node.factors, node.operators, place)
            else with_arguments(factor, arguments)
            for place, factor in enumerate(node.factors)
        )
        same = all(a is b for a, b in zip(factors, node.factors, strict=True))
        return node if same else replace(node, factors=factors)
    name = _function(node, arguments)
    if name is not None:
        primed = isinstance(node, Scripted)
        if primed and not (isinstance(node, Scripted) and node.primes):
            return node
        group = moved(arguments[name], node.end)
        return Product(node.start, node.end, (node, group), (Operator(node.end, node.end, ""),))
    if isinstance(node, tree.FunctionCall | Derivative | Group | tree.Fraction):
        return rebuilt(node, lambda part: with_arguments(part, arguments))
    if isinstance(node, tree.Add | tree.Term | tree.Wrapped | tree.BigOperator | Scripted):
        return rebuilt(node, lambda part: with_arguments(part, arguments))
    return node


def with_sizes(node: Node, sizes: Collection[str]) -> Node:
    """Take numbers that are sizes with something to stand in for them as names of these sizes."""
    if not any(spelling.isdigit() for spelling in sizes):
        return node
    if isinstance(node, Number) and node.text in sizes:
        return Name(node.start, node.end, node.text)
    if isinstance(node, Scripted):
        # A number below is an entry's, one above a power.
        base = with_sizes(node.base, sizes)
        return node if base is node.base else replace(node, base=base)
    return rebuilt(node, lambda part: with_sizes(part, sizes))


def substituted(node: Node, meant: Sequence[tuple[Node, Node]]) -> Node:
    """Replace expressions, also where they are some factors of a product, by what is meant."""
    for expression, symbol in meant:
        if node == expression:
            return _moved_to(symbol, node.start, node.end)
        if isinstance(node, Product) and isinstance(expression, Product):
            node = _in_product(node, expression, symbol)
    return rebuilt(node, lambda part: substituted(part, meant))


def _in_product(node: Product, expression: Product, symbol: Node) -> Node:
    """Replace the first run of factors that is an expression."""
    count = len(expression.factors)
    for first in range(len(node.factors) - count + 1):
        run = node.factors[first : first + count]
        if run == expression.factors and (
            node.operators[first : first + count - 1] == expression.operators
        ):
            new = _moved_to(symbol, run[0].start, run[-1].end)
            factors = (*node.factors[:first], new, *node.factors[first + count :])
            operators = (*node.operators[:first], *node.operators[first + count - 1 :])
            return replace(node, factors=factors, operators=operators)
    return node


def occurs(expression: Node, node: Node) -> bool:
    """Tell whether an expression, or its run of factors, stands in a node."""
    return substituted(node, [(expression, tree.Empty(-1, -1))]) != node


def _moved_to(node: Node, start: int, end: int) -> Node:
    """Return a node that stands where another one stood."""
    return replace(moved(node, start), start=start, end=end)
