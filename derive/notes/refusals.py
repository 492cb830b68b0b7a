"""What is no repair: a side that says what it is by its own name, another formula altogether."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.claims import applied_name, bare_name
from derive.notes.names import spellings
from derive.notes.sums import ENTRIES
from derive.notes.symbols import DIVISIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from derive.layer.model import Node as Defined
    from derive.notes.factors import Vocabulary
    from derive.notes.goal import Goal
    from derive.notes.ranks import Move, Moves
    from derive.notes.tree import Node
    from derive.notes.values import Value
    from derive.notes.world import World

__all__ = ["begs", "guts", "holds", "is_value", "leaves_out", "replaces", "trivial", "weighing"]

_ONE = tree.Number(-1, -1, "1")
_DELTA = tree.Name(-1, -1, r"\delta")
#: Symbols and numbers of a side of which repairs must leave a third.
_MANY = 6


def is_value(node: Node, world: World, among: Iterable[Defined] | None = None) -> bool:
    """Tell whether a side is a symbol that the note defines, neither given nor a derivative."""
    called = applied_name(node)
    name = called if called in world.calls else bare_name(node)
    symbol = world.tensors.get(name or "")
    nodes = world.nodes if among is None else among
    return symbol is not None and any(symbol.name == node.name for node in nodes)


def leaves_out(value: Value | None, before: Value | None) -> bool:
    """Tell whether a side sums up entries without an index for them, as it did not before."""
    new, old = (
        {reading for reading in each.readings if reading.endswith(ENTRIES)} if each else set()
        for each in (value, before)
    )
    return not new <= old


def begs(side: Node, root: Node, before: Node, world: World) -> bool:
    """Tell whether a side says what it is to be equal to by its own name, as it did not before."""
    plain = {"I", "1"} - world.tensors.keys()
    if _bare(side, plain) == _bare(root, plain):
        return True
    if isinstance(root, tree.Derivative):
        return holds(side, root)
    if not is_value(root, world):
        return False
    own = applied_name(root) or bare_name(root)
    count, known = (
        sum(isinstance(part, tree.Name) and part.spelling == own for part in tree.walk(one))
        for one in (side, before)
    )
    return count > known


def holds(side: Node, truth: Node) -> bool:
    """Tell whether a side holds a symbol, an entry or a derivative, however that is written."""
    if not isinstance(truth, tree.Derivative):
        atom = isinstance(truth, (tree.Name, tree.Scripted))
        return atom and any(part == truth for part in tree.walk(side))
    own = (truth.of, truth.wrt, truth.order)
    return any(
        (part.of, part.wrt, part.order) == own
        for part in tree.walk(side)
        if isinstance(part, tree.Derivative)
    )


def weighing(side: Node) -> Iterator[Node]:
    """Yield the derivatives of a side, and its terms beside others."""
    for part in tree.walk(side):
        if isinstance(part, tree.Derivative):
            yield part
        elif isinstance(part, tree.Add) and len(part.terms) > 1:
            yield from (term.body for term in part.terms)


def trivial(side: Node, known: Collection[str]) -> int:
    r"""Return how often a side says less than it takes: ``k/k``, ``a - a``, ``\delta_{ii}``."""
    return sum(_is_trivial(part, known) for part in tree.walk(side))


def _is_trivial(part: Node, known: Collection[str]) -> bool:
    if isinstance(part, tree.Fraction):
        return part.numerator == part.denominator or part.denominator == _ONE
    if isinstance(part, tree.Product):
        return any(
            (sign.text in DIVISIONS and one == two)
            or (not sign.text and isinstance(one, tree.Number) and _begins_with_digit(two))
            for one, two, sign in zip(part.factors, part.factors[1:], part.operators, strict=False)
        )
    if isinstance(part, tree.Add):
        signed = {(term.sign == "-", term.body) for term in part.terms}
        return any((not minus, body) in signed for minus, body in signed)
    if isinstance(part, tree.Scripted) and part.base == _DELTA and _DELTA.spelling not in known:
        below = part.sub
        if len(below) == 1 and isinstance(below[0], tree.Product):
            below = below[0].factors
        return len(below) == 2 and below[0] == below[1]
    return False


def _begins_with_digit(node: Node) -> bool:
    """Tell whether a factor right after a number would be printed as more digits of it."""
    return isinstance(node.base if isinstance(node, tree.Scripted) else node, tree.Number)


def _bare(node: Node, plain: Collection[str]) -> Node:
    """Return what is left of a side without brackets around it, frames and a transpose.

    Nor does it keep factors that change nothing.
    """
    while True:
        node = tree.unwrapped(node)
        if isinstance(node, tree.Product) and any(_is_one(f, plain) for f in node.factors):
            node = _without_ones(node, plain)
            continue
        if isinstance(node, tree.Group) and len(node.items) == 1:
            node = node.items[0]
        elif (
            isinstance(node, tree.Scripted)
            and not (node.sub or node.primes)
            and tree.transposes(node.sup[0])
        ):
            node = node.base
        else:
            return node


def _is_one(factor: Node, plain: Collection[str]) -> bool:
    factor = tree.unwrapped(factor)
    name = factor.spelling if isinstance(factor, tree.Name) else getattr(factor, "text", "")
    return name in plain


def _without_ones(node: tree.Product, plain: Collection[str]) -> Node:
    """Return a product without the factors that are an identity, or 1."""
    kept = [n for n, factor in enumerate(node.factors) if not _is_one(factor, plain)] or [0]
    if len(kept) == 1:
        return node.factors[kept[0]] if not _is_one(node.factors[kept[0]], plain) else _ONE
    operators = tuple(node.operators[n - 1] for n in kept[1:])
    return replace(node, factors=tuple(node.factors[n] for n in kept), operators=operators)


def guts(edits: Move, side: Node) -> bool:
    """Tell whether edits leave little of a side: that is another formula, and no repair."""
    # What is put in another order, or between new brackets, is still there.
    edits = tuple(e for e in edits if e.kind != "order" and "{}" not in e.text)
    atoms = [part for part in tree.walk(side) if isinstance(part, (tree.Name, tree.Number))]
    left = [a for a in atoms if not any(e.start <= a.start and a.end <= e.end for e in edits)]
    return len(atoms) >= _MANY and len(left) * 3 < len(atoms)


def replaces(moves: Moves, side: Node, words: Vocabulary, goal: Goal) -> bool:
    """Tell whether two edits put in all that there should be, and take away the rest.

    Of one symbol there is no rest.
    """
    names = dict(words.ranks)
    if len(moves) < 2 or not all(moves) or len(names.keys() & spellings(side)) < 2:
        return False
    texts = (move[0].text for move in moves)
    return any(text in names and goal.given(tree.Name(0, 0, text)) for text in texts)
