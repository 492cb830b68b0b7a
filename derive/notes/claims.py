"""The claims of a note: one for each ``=``, and what the note's own symbols stand for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.notes import tree
from derive.notes.brackets import bare
from derive.notes.meaning import CONSTANTS
from derive.notes.tree import Derivative, Empty, Name, Node, Product, Relation, Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derive.notes.document import Note
    from derive.notes.source import Formula
    from derive.notes.tree import Line
    from derive.notes.world import World

__all__ = [
    "EQUALITIES",
    "SOUGHT",
    "UPDATES",
    "Chain",
    "Unread",
    "applied_name",
    "bare_name",
    "chain_ends",
    "chains",
    "is_chain_rule",
    "is_collection",
    "is_of_indices",
    "is_pure_derivative",
    "open_symbols",
    "taken",
]

#: Relations that claim equality.
EQUALITIES = ("=", r"\equiv", ":=", r"\triangleq")
#: What is to be equal.
SOUGHT = r"\stackrel{!}{=}"
UPDATES = (r"\leftarrow", "+=", "-=")
#: What stands in a formula between lines of text that claims something.
_SIGNS = ("=", "<", ">", UPDATES[0])


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain ``A = B = C`` of one statement.

    Parameters
    ----------
    formula : Formula
        Where it stands.
    statement : Statement
        All of it, with its conditions.
    sides : tuple of Node
        What is set equal; a chain that goes on from another display has that one's first side
        and last side first.
    relations : tuple of str
        Between them.
    carried : int
        How many of the sides come from an earlier display.
    dropped : int
        How many sides of the statement's relation are not among them, from its start.
    required, concluded : bool
        Whether words or signs say that what is set equal to zero is to be zero, and that the
        chain follows from what is.
    homes : tuple of Formula
        Where the sides from an earlier display stand.
    """

    formula: Formula
    statement: Statement
    sides: tuple[Node, ...]
    relations: tuple[str, ...]
    carried: int = 0
    dropped: int = 0
    required: bool = False
    concluded: bool = False
    homes: tuple[Formula, ...] = ()

    @property
    def shift(self) -> int:
        """How far the number of a side here is from its number in the statement's relation."""
        return self.carried - self.dropped

    @property
    def ends(self) -> tuple[tuple[Node, Formula], ...]:
        """Its first and its last side, each with where it stands: one that goes on has both."""
        homes = (*self.homes, *(self.formula for _ in self.sides[self.carried :]))
        both = tuple(zip(self.sides, homes, strict=True))
        return both if len(both) < 2 else (both[0], both[-1])

    @property
    def start(self) -> int:
        """Where it begins in its own formula."""
        if self.carried or not self.dropped:
            return self.statement.start
        return self.sides[0].start


@dataclass(frozen=True, slots=True)
class Unread:
    """A formula that is outside the grammar."""

    formula: Formula
    error: DeriveError


def chains(note: Note, parse: Callable[[Formula], Line]) -> list[Chain | Unread]:
    r"""Return the statements of a note, in order.

    A chain that begins with a relation goes on from the one before it; one that ends with
    another relation (``= A \in (0, 1)``) is two.
    """
    found: list[Chain | Unread] = []
    last: tuple[tuple[Node, Formula], ...] = ()
    for formula in note.formulas:
        if formula.skip:
            continue
        try:
            line = parse(formula)
        except DeriveError as error:
            if formula.display or any(sign in formula.latex for sign in _SIGNS):
                found.append(Unread(formula, error))
            continue
        for statement in line.statements:
            if not isinstance(statement.body, Relation):
                if formula.display:
                    found.append(Chain(formula, statement, (statement.body,), ()))
                continue
            parts = _parts(formula, statement, statement.body, last)
            found.extend(parts)
            if parts and all(relation in EQUALITIES for relation in parts[0].relations):
                last = parts[0].ends
    return found


def _parts(
    formula: Formula,
    statement: Statement,
    body: Relation,
    last: tuple[tuple[Node, Formula], ...],
) -> list[Chain]:
    """Return a relation as a chain of equations, and what else is said of its last side."""
    sides, relations = body.sides, tuple(sign.text for sign in body.relations)
    carried = dropped = 0
    homes: tuple[Formula, ...] = ()
    if isinstance(sides[0], Empty):
        carried = len(last)
        dropped = 1
        if last:
            homes = tuple(home for _, home in last)
            sides = (*(side for side, _ in last), *sides[1:])
            relations = ("=",) * (carried - 1) + relations
        else:
            sides, relations = sides[1:], relations[1:]
    if isinstance(sides[-1], Empty):
        sides, relations = sides[:-1], relations[:-1]
    equal = 0
    while equal < len(relations) and relations[equal] in EQUALITIES:
        equal += 1
    whole = Chain(formula, statement, sides, relations, carried, dropped, homes=homes)
    if not 0 < equal < len(relations):
        return [whole]
    head = replace(whole, sides=sides[: equal + 1], relations=relations[:equal])
    rest = Chain(formula, statement, sides[equal:], relations[equal:], 0, equal - whole.shift)
    return [head, rest]


def is_collection(left: Node, right: Node, world: World) -> bool:
    r"""Tell whether a name that is no symbol stands for several: ``\theta = \{W, b\}``."""
    name = bare_name(left)
    if name is None or name in world.tensors or not isinstance(right, tree.Group):
        return False
    items = [item for item in right.items if not isinstance(item, tree.Dots)]
    return len(items) > 1 and all(bare_name(item) in world.tensors for item in items)


def is_of_indices(sides: Sequence[Node], world: World) -> bool:
    """Tell whether letters are set equal of which the note declares none: indices."""
    names = [side.spelling if isinstance(side, Name) else "" for side in sides]
    declared = (*world.tensors, *world.sizes)
    return all(len(n) == 1 and n.isalpha() and n not in declared for n in names)


def is_pure_derivative(node: Node) -> bool:
    """Tell whether a side is a derivative and nothing else, perhaps transposed."""
    while True:
        if isinstance(node, tree.Group) and len(node.items) == 1:
            node = node.items[0]
        elif isinstance(node, tree.Wrapped):
            node = node.body
        elif isinstance(node, tree.Scripted) and not node.sub and not node.primes:
            node = node.base
        else:
            return isinstance(node, Derivative)


def is_chain_rule(node: Node) -> bool:
    """Tell whether a side is a product of derivatives, such as the chain rule gives."""
    return isinstance(node, Product) and all(map(is_pure_derivative, node.factors))


def chain_ends(node: Node) -> tuple[Derivative, ...]:
    r"""Return the derivatives that a product of derivatives, or a sum of such, may stand for.

    ``\partial L/\partial z \cdot \partial z/\partial W`` stands for ``\partial L/\partial W``;
    as columns, it is written the other way round.
    """
    node = tree.unwrapped(node)
    body = node.body if isinstance(node, tree.BigOperator) and node.operator == "sum" else node
    if not isinstance(body, Product):
        return ()
    links = [factor for factor in body.factors if isinstance(factor, Derivative)]
    if len(links) < max(2, len(body.factors)) or any(
        link.of is None or len(link.wrt) != 1 or link.order is not None for link in links
    ):
        return ()
    ends = ((links[0], links[-1]), (links[-1], links[0]))
    return tuple(replace(first, wrt=last.wrt) for first, last in ends)


def open_symbols(world: World) -> dict[str, str]:
    """Return the declared symbols that have no definition yet: spelling → tensor."""
    known = {node.name for node in world.nodes} | {tensor.name for tensor in world.given}
    return {
        spelling: symbol.name
        for spelling, symbol in world.tensors.items()
        if symbol.name not in known
    }


def taken(found: Sequence[Chain], world: World) -> frozenset[str]:
    """Return the constants' names by which a note means something else: ``Let $e = Xw - y$``."""
    return frozenset(
        chain.sides[0].spelling
        for chain in found
        if chain.relations and chain.relations[0] in EQUALITIES
        if isinstance(chain.sides[0], Name) and chain.sides[0].spelling in CONSTANTS
        if any(
            isinstance(part, Name) and part.spelling in world.tensors
            for part in tree.walk(chain.sides[1])
        )
    )


def applied_name(node: Node) -> str | None:
    """Return the spelling of a symbol that is a side alone, with its arguments: f(x)."""
    if isinstance(node, Product) and len(node.factors) == 2:
        function, arguments = node.factors
        return bare_name(function) if isinstance(arguments, tree.Group) else None
    return None


def bare_name(node: Node) -> str | None:
    """Return the spelling of a side that is a symbol alone, perhaps with indices."""
    node = bare(node)
    if isinstance(node, tree.Scripted) and any(isinstance(p, tree.Number) for p in node.sup):
        # A power of a symbol.
        return None
    base = node.base if isinstance(node, tree.Scripted) and not node.primes else node
    return base.spelling if isinstance(base, Name) else None
