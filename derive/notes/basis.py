r"""Vectors of a standard basis: ``e_c`` is 1 at c and 0 elsewhere, if the note has no other e."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.algebra import ROW
from derive.notes.claims import bare_name
from derive.notes.indexing import raised, stand
from derive.notes.meaning import constant, letter_of, undefined
from derive.notes.names import spellings
from derive.notes.places import At
from derive.notes.settle import bound, rebuilt
from derive.notes.subscripts import place
from derive.notes.values import Value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import sympy as sp

    from derive.notes.claims import Chain
    from derive.notes.scope import Scope
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["BASES", "free_bases", "is_basis", "unit", "units", "with_bases"]

#: The names of such vectors.
_BASES = ("e", r"\mathbf{e}", r"\boldsymbol{e}", r"\vec{e}")
#: What they are called here, which no note has.
BASES = frozenset(f"{name} " for name in _BASES)


def free_bases(found: Sequence[Chain], world: World) -> frozenset[str]:
    """Return the names of such vectors by which a note means nothing else."""
    known = {*world.tensors, *world.sizes, *world.functions, *world.macros, *world.losses}
    own = {bare_name(side) for chain in found for side in chain.sides[:1] if chain.relations}
    return frozenset(name for name in _BASES if name not in known | own)


def is_basis(node: Node) -> bool:
    """Tell whether a node is such a vector of which the length is not known yet."""
    if not isinstance(node, tree.Scripted) or not isinstance(node.base, tree.Name):
        return False
    return node.base.spelling in BASES and len(node.sub) == 1


def with_bases(node: Node, names: Collection[str]) -> Node:
    r"""Return a tree in which such vectors go by names that no note has.

    What is summed over, ``\sum_i e_i x_i``, may be the entries of an error.
    """
    summed = {
        name.spelling
        for part in tree.walk(node)
        if isinstance(part, tree.BigOperator)
        for name in bound(part)
    }
    return _renamed(node, names, summed) if names else node


def units(
    truth: Node, free: Sequence[str], letters: Mapping[str, sp.Expr], world: World
) -> Iterator[tuple[Node, str]]:
    """Yield such vectors that a side may lack, with their text.

    They have the letters that a claim holds for, where its right side has a whole vector.
    """
    held = {id(part.base) for part in tree.walk(truth) if isinstance(part, tree.Scripted)}
    whole = any(
        isinstance(part, tree.Name) and id(part) not in held and world.tensors[part.spelling].shape
        for part in tree.walk(truth)
        if spellings(part) <= world.tensors.keys()
    )
    lengths = {size: name for name, size in world.sizes.items()}
    for letter in dict.fromkeys(free) if whole and "e" in world.bases else ():
        if letters[letter] in lengths:
            below = (tree.Name(0, 0, letter), tree.Name(0, 0, lengths[letters[letter]]))
            text = f"e_{letter}" if len(letter) == 1 else f"e_{{{letter}}}"
            yield tree.Scripted(0, 0, tree.Name(0, 0, "e "), below), text


def _renamed(node: Node, names: Collection[str], summed: Collection[str]) -> Node:
    node = rebuilt(node, lambda part: _renamed(part, names, summed))
    if not isinstance(node, tree.Scripted) or not isinstance(node.base, tree.Name):
        return node
    base = node.base
    if base.spelling not in names or len(node.sub) != 1 or node.primes:
        return node
    if not spellings(node.sub[0]).isdisjoint(summed):
        return node
    name = tree.Name(base.start, base.end, f"{base.spelling} ")
    end = max(base.end, node.sub[0].end)
    unsized = tree.Scripted(node.start, end, name, node.sub)
    return tree.Scripted(node.start, node.end, unsized, (), node.sup) if node.sup else unsized


def unit(node: tree.Scripted, base: tree.Name, scope: Scope) -> Value:
    """Return such a vector of the length that stands below it, behind the index.

    Raises
    ------
    Misfit
        If none stands there.
    """
    size = constant(node.sub[1], scope) if len(node.sub) == 2 else None
    if size is None:
        letter = letter_of(node.sub[0])
        name = base.spelling[:-1] + (f"_{letter}" if letter else "")
        raise undefined(name, base.start, base.end)
    at = place(node.sub[0], scope)
    stand((at,), (size,), scope, node.start, node.end)
    return raised(Value(scope.algebra.delta(At(ROW), at, size), rows=size), node.sup, scope)
