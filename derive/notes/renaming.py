"""One symbol for another throughout a claim, on both sides of it.

A symbol that nothing declares is most likely one that stands in the same company elsewhere; a
derivative by the wrong symbol is wrong on both sides at once.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["renamings"]


def renamings(
    sides: Sequence[Node],
    root: Node,
    world: World,
    defined: Iterable[Node],
    *,
    alike: bool = False,
) -> Iterator[tuple[str, str, tuple[Edit, ...]]]:
    """Yield the edits that rename an undeclared symbol, or one that is differentiated by.

    Each comes with the old name and the new one.

    Parameters
    ----------
    sides : sequence of Node
        The two sides of the claim.
    root : Node
        The one that is right by its meaning.
    world : World
        Of the note.
    defined : iterable of Node
        The note's definitions.
    alike : bool
        Whether the new name is to begin as the old one does.
    """
    declared = [name for name in world.tensors if not name.endswith(" ")]
    known = {*declared, *world.sizes, *world.functions, *world.macros, *world.losses}
    company = list(_company(defined))
    places: dict[str, list[tuple[int, int]]] = {}
    for side in sides:
        for part in tree.walk(side):
            if isinstance(part, tree.Name) and part.end > part.start:
                places.setdefault(part.spelling, []).append((part.start, part.end))
    own = list(_company(sides))
    wanted = _differentiated(root) - _within(root)
    for old, ranges in places.items():
        if old.endswith(" "):
            # A differential, or a variable: no name that the note has.
            continue
        unknown = old not in known and any(pair[0] == old for pair in own)
        if not unknown and (old not in wanted or len(ranges) < 2):
            continue
        near = [after for before, after in own if before == old]
        ranked = sorted(
            (new for new in declared if new != old),
            key=lambda new: (
                -sum(company.count((new, after)) for after in near),
                -_alike(new, old),
                new.isupper() != old.isupper(),
                declared.index(new),
            ),
        )
        for new in ranked:
            if alike and not _alike(new, old):
                continue
            edits = tuple(Edit(*place, new, "rename") for place in sorted(set(ranges)))
            yield old, new, edits


def _alike(one: str, two: str) -> int:
    """Return how many signs two names begin with in common."""
    pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False))
    return sum(1 for _ in pairs)


def _company(nodes: Iterable[Node]) -> Iterator[tuple[str, Node]]:
    """Yield every symbol that stands right before another factor, with that factor."""
    for node in nodes:
        for part in tree.walk(node):
            if isinstance(part, tree.Product):
                for first, second in zip(part.factors, part.factors[1:], strict=False):
                    if isinstance(first, tree.Name):
                        yield first.spelling, second


def _within(root: Node) -> set[str]:
    """Return the names in what is differentiated: another one there is another claim."""
    return {
        name.spelling
        for part in tree.walk(root)
        if isinstance(part, tree.Derivative) and part.of is not None
        for name in tree.walk(part.of)
        if isinstance(name, tree.Name)
    }


def _differentiated(root: Node) -> set[str]:
    return {
        name.spelling
        for part in tree.walk(root)
        if isinstance(part, tree.Derivative)
        for target in part.wrt
        for name in tree.walk(target)
        if isinstance(name, tree.Name)
    }
