r"""How far a d reaches: ``d X^{-1}`` is of the inverse, ``d e^s`` of all that a factor is.

Nobody writes an inverse of a differential. But ``dx^2`` is (dx)² here and d(x²) there, and
``d x^\top x`` may be of the whole product or, in ``dx^\top A x + x^\top A\,dx``, of its first
factor: both are offered, where both make sense.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.meaning import CONSTANTS, constant, is_function
from derive.notes.settle import rebuilt
from derive.notes.symbols import DIVISIONS
from derive.notes.values import Misfit
from derive.notes.ways import Choice

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from derive.notes.differentials import Differentials
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["PARTIAL", "is_sign", "order", "with_partials", "with_reaches"]

#: The ``\partial`` of ``\partial X^{-1} = -X^{-1}(\partial X)X^{-1}``, where it is a d.
PARTIAL = r"\partial"

#: ``d x^\top x``, all that there is of a side: of the product, or else of the first factor.
_PRODUCT = "differential of a product"
#: ``dx^2``, all that there is of a side: d(x²), or else (dx)².
_POWER = "differential of a power"
#: ``\frac12 h\,dx^2``, among other factors: (dx)², or else d(x²).
_SQUARE = "power of a differential"

#: What a d may stand before whose extent is plain.
_WHOLE = (tree.Fraction, tree.FunctionCall, tree.Root, tree.BigOperator, tree.Product)


def is_sign(node: Node, signs: Collection[str]) -> bool:
    """Tell whether a factor is the d of a differential, or the d² of a second one."""
    if order(node) == 2 and isinstance(node, tree.Scripted):
        node = node.base
    return isinstance(node, tree.Name) and node.spelling in signs


def order(sign: Node) -> int:
    """Return 2 for what may be the sign of a second differential, else 1."""
    if not isinstance(sign, tree.Scripted) or sign.sub or sign.primes:
        return 1
    return 2 if sign.sup == (tree.Number(-1, -1, "2"),) else 1


def with_partials(sides: Sequence[Node], world: World) -> list[Node]:
    r"""Return the sides of a chain with names for every ``\partial`` that stands for a d.

    So it does where every side has one, one is of what the note gives, and none is of a derivative:
    ``\partial f`` alone may as well be all the subgradients.
    """
    parts = [list(tree.walk(side)) for side in sides]
    derived = any(isinstance(part, tree.Derivative) for side in parts for part in side)
    if derived or not all(any(isinstance(p, tree.Partial) for p in side) for side in parts):
        return list(sides)
    if not any(_of_given(part, world) for side in parts for part in side):
        return list(sides)
    return [_named_partials(side) for side in sides]


def _of_given(node: Node, world: World) -> bool:
    r"""Tell whether a product has a ``\partial`` before a symbol that the note gives."""
    given = {tensor.name for tensor in world.layer.tensors}
    if not isinstance(node, tree.Product):
        return False
    for sign, after in zip(node.factors, node.factors[1:], strict=False):
        base = after.base if isinstance(after, tree.Scripted) else after
        symbol = world.tensors.get(base.spelling) if isinstance(base, tree.Name) else None
        if isinstance(sign, tree.Partial) and symbol is not None and symbol.name in given:
            return True
    return False


def _named_partials(node: Node) -> Node:
    if isinstance(node, tree.Partial):
        return tree.Name(node.start, node.end, PARTIAL)
    return rebuilt(node, _named_partials)


def with_reaches(
    sides: Sequence[Node], differentials: Differentials, signs: Collection[str]
) -> list[Node]:
    r"""Return the sides of a chain with a name for every expression after a d.

    What a side is besides, where a d may reach further or less far, is a choice in it. What stands
    last is what comes out: nobody leaves a differential of a product there.
    """
    found = [[part for part in tree.walk(side) if is_sign(part, signs)] for side in sides]
    if not any(found):
        return list(sides)
    nothing = tree.Number(-1, -1, "0")
    every = all(own or side == nothing for side, own in zip(sides, found, strict=True))
    second = any(order(sign) == 2 for own in found for sign in own)
    reach = _Reach(differentials, signs, every=every, second=second)
    return [
        *(reach.side(side, is_last=False) for side in sides[:-1]),
        *(reach.side(side, is_last=True) for side in sides[-1:]),
    ]


class _Reach:
    r"""Says of every d in a chain what it is of.

    Where not every side has one, ``d\frac{s}{t}`` may be a factor d that is not declared; beside a
    second differential, ``ds^2`` is (ds)².
    """

    def __init__(
        self, differentials: Differentials, signs: Collection[str], *, every: bool, second: bool
    ) -> None:
        self.every = every
        self.second = second
        self.differentials = differentials
        self.world = differentials.world
        self.signs = signs
        self.scope = differentials.symbolic()

    def side(self, node: Node, *, is_last: bool) -> Node:
        """Return a side, in which a d may be of all that there is."""
        if not isinstance(node, tree.Product):
            return self.within(node)
        first = next((k for k, part in enumerate(node.factors) if self._is_sign(node, k)), None)
        if first is None or any(
            constant(part, self.scope) is None for part in node.factors[:first]
        ):
            return self.within(node)
        rest = node.factors[first + 1 :]
        narrow = self._product(node, _POWER if self._extent(rest) == len(rest) else _SQUARE)
        # With a space, as in ``d\,x^\top x``, nobody means (dx)ᵀx.
        spaced = rest[:1] and rest[0].start - node.factors[first].end > 1
        if (is_last and not spaced) or not self._reaches_on(node, first):
            return narrow
        body = _run(node, first + 1, len(node.factors))
        wide = self._named(self.within(body))
        if wide is None:
            return narrow
        whole = tree.Product(
            node.start, node.end, (*node.factors[: first + 1], wide), node.operators[: first + 1]
        )
        if spaced:
            return whole
        reading = "took d before a product as that of its first factor"
        return Choice(node.start, node.end, whole, narrow, _PRODUCT, reading)

    def within(self, node: Node) -> Node:
        """Return a part of a side, in which every d is of what follows it."""
        if isinstance(node, tree.Derivative):
            return node
        if isinstance(node, tree.Product):
            return self._product(node, _SQUARE)
        if isinstance(node, tree.FunctionCall):
            cut = self._cut(node)
            return rebuilt(node, self.within) if cut is node else self.within(cut)
        return rebuilt(node, self.within)

    def _cut(self, node: tree.FunctionCall) -> Node:
        r"""Return ``(\cos s)\,ds`` for ``\cos s\,ds``: functions are of no differential."""
        argument = node.argument
        if node.bracketed or not isinstance(argument, tree.Product):
            return node
        count = len(argument.factors)
        first = next((k for k in range(1, count) if self._is_sign(argument, k)), None)
        if first is None:
            return node
        inner = _run(argument, 0, first)
        call = replace(node, argument=inner, end=inner.end)
        return tree.Product(
            node.start,
            node.end,
            (call, *argument.factors[first:]),
            argument.operators[first - 1 :],
        )

    def _is_sign(self, node: tree.Product, k: int) -> bool:
        """Tell whether a factor is a d that stands right before another one."""
        last = k + 1 >= len(node.factors)
        divides = k > 0 and node.operators[k - 1].text in DIVISIONS
        alone = last or divides or node.operators[k].text
        return is_sign(node.factors[k], self.signs) and not alone

    def _extent(self, factors: Sequence[Node]) -> int:
        """Return how many of the factors after a d are the first: numbers go with what follows."""
        if is_function(factors[0], self.scope) is not None and len(factors) > 1:
            return 2
        if constant(factors[0], self.scope) is not None and len(factors) > 1:
            return len(factors)
        return 1

    def _reaches_on(self, node: tree.Product, first: int) -> bool:
        """Tell whether a d may be of a product that goes on behind its first factor.

        What brackets hold ends with them, and where there is another d each is of its own.
        """
        rest, signs = node.factors[first + 1 :], node.operators[first + 1 :]
        base = rest[0].base if isinstance(rest[0], tree.Scripted) else rest[0]
        return (
            self._extent(rest) < len(rest)
            and not isinstance(base, (tree.Group, tree.Norm, tree.FunctionCall))
            and not any(sign.text in DIVISIONS for sign in signs)
            and not any(is_sign(part, self.signs) for one in rest for part in tree.walk(one))
        )

    def _product(self, node: tree.Product, doubt: str) -> Node:
        """Return a product with a name for what each d in it is of, where that is no symbol."""
        factors: list[Node] = []
        operators = list(node.operators)
        k = 0
        while k < len(node.factors):
            after = bool(k) and self._is_sign(node, k - 1)
            count = self._extent(node.factors[k:]) if after else 1
            operand = self.within(_run(node, k, k + count) if count > 1 else node.factors[k])
            del operators[len(factors) : len(factors) + count - 1]
            if after and any(self._has_sign(part) for part in node.factors[k : k + count]):
                raise Misfit("unreadable", "a differential of a differential")
            again = after and order(node.factors[k - 1]) == 2
            found = self._operand(operand, doubt, again=again) if after else operand
            if found is None:
                # Whoever reads it says what is amiss.
                return operand
            factors.append(found)
            k += count
        return replace(node, factors=tuple(factors), operators=tuple(operators))

    def _has_sign(self, node: Node) -> bool:
        return any(is_sign(part, self.signs) for part in tree.walk(node))

    def _operand(self, node: Node, doubt: str, *, again: bool) -> Node | None:
        """Return what a d, or a d², is of as a symbol; None where it has no meaning."""
        base = node.base if isinstance(node, tree.Scripted) else node
        known = isinstance(base, tree.Name) and (
            base.spelling in self.world.tensors or base.spelling in self.world.losses
        )
        bracketed = isinstance(base, tree.Group) and len(base.items) == 1
        bracketed = bracketed and (self.every or base is node)
        if not (known or bracketed or self._is_whole(base, node)):
            return node
        power = self._power(node) if known or bracketed else ""
        if known and not power:
            return node
        wide = self._named(node)
        if again or power != "number" or not isinstance(node, tree.Scripted):
            return wide
        inner = base if known else self._named(base)
        narrow = None if inner is None else replace(node, base=inner)
        if wide is None or narrow is None or self.second:
            return narrow or wide
        return self._either(node, wide, narrow, doubt)

    def _is_whole(self, base: Node, node: Node) -> bool:
        """Tell whether the extent of an expression, perhaps with scripts, is plain: ``e^s``."""
        if isinstance(base, tree.Norm) or isinstance(node, tree.FunctionCall):
            return True
        if isinstance(base, (tree.Name, tree.Number)):
            number = isinstance(base, tree.Number) or base.spelling in CONSTANTS
            return self.every and number and base is not node
        return self.every and isinstance(base, _WHOLE)

    def _either(self, node: tree.Scripted, wide: Node, narrow: Node, doubt: str) -> Node:
        if doubt == _POWER:
            reading = "took a d before a power as the power of the differential"
            return Choice(node.start, node.end, wide, narrow, doubt, reading)
        reading = "took a d before a power as the differential of the power"
        return Choice(node.start, node.end, narrow, wide, doubt, reading)

    def _power(self, node: Node) -> str:
        r"""Return whether a number stands above, or a minus sign as in ``X^{-\top}``."""
        if not isinstance(node, tree.Scripted) or len(node.sup) != 1:
            return ""
        mark = node.sup[0]
        if isinstance(mark, tree.Add) and len(mark.terms) == 1 and mark.terms[0].sign == "-":
            return "inverse"
        bracketed = isinstance(mark, tree.Group) and mark.opening != "{"
        return "number" if not bracketed and self._is_scalar(mark) else ""

    def _is_scalar(self, mark: Node) -> bool:
        """Tell whether an exponent is made of numbers: of none that a transpose is."""
        names = [part for part in tree.walk(mark) if isinstance(part, tree.Name)]
        known = (self.world.tensors.get(name.spelling) for name in names)
        numbers = all(symbol is not None and symbol.shape == () for symbol in known)
        return constant(mark, self.scope) is not None or (bool(names) and numbers)

    def _named(self, node: Node) -> Node | None:
        """Return a new symbol for an expression, with its indices; None where it has no meaning."""
        try:
            symbol, places = self.differentials.expression(node, self.differentials.symbolic())
        except Misfit:
            return None
        name = tree.Name(node.start, node.end, f"{symbol.name} ")
        self.world.tensors[name.spelling] = symbol
        if not places:
            return name
        letters = tuple(tree.Name(node.end, node.end, place.letter) for place in places)
        return tree.Scripted(node.start, node.end, name, letters)


def _run(node: tree.Product, first: int, last: int) -> Node:
    """Return some of the factors of a product."""
    factors = node.factors[first:last]
    if len(factors) == 1:
        return factors[0]
    start, end = factors[0].start, factors[-1].end
    return tree.Product(start, end, factors, node.operators[first : last - 1])
