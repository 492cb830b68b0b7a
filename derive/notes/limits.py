r"""What stands below a sum: ``i = 1``, ``j \neq c_i``, ``n: t_n = v``, ``1 \le i < j \le n``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.meaning import letter_of
from derive.notes.scope import PAIR
from derive.notes.tree import BigOperator, Group, Node, Relation
from derive.notes.values import Misfit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.notes.scope import Scope

__all__ = ["TWO", "Limit", "letter_occurs", "limits_of"]

#: What was chosen where two letters are compared and nothing says which of them is summed.
TWO = "took a limit that compares two indices as that of a sum over both"


@dataclass(frozen=True, slots=True)
class Limit:
    """One index of a big operator: its letter, where it starts and ends, and conditions on it."""

    letter: str
    first: Node | None
    last: Node | None
    conditions: tuple[Relation, ...] = ()


def letter_occurs(node: Node, letter: str) -> bool:
    """Tell whether a letter stands in a formula."""
    return any(letter_of(part) == letter for part in tree.walk(node))


def limits_of(node: BigOperator, scope: Scope) -> list[Limit]:
    """Return the indices, in the order in which they are written.

    A condition on several of them is one on the last, which is summed over first.

    Raises
    ------
    Misfit
        If a limit is not read.
    """
    found: list[Limit] = []
    conditions: list[Relation] = []
    pending: list[str] = []
    upper = node.upper[0] if len(node.upper) == 1 else None
    for item, restricts in _items(node):
        if isinstance(item, Relation):
            names = [letter_of(part) for part in tree.juxtaposed((item.sides[0],))]
            relation = item.relations[0].text
            starts = len(item.sides) == 2 and relation in ("=", r"\in") and all(names)
            if not starts or restricts:
                conditions.append(item)
                continue
            first, last = (item.sides[1], upper) if relation == "=" else (None, None)
            found += [Limit(name, first, last) for name in (*pending, *names) if name is not None]
            pending = []
            continue
        for part in tree.juxtaposed((item,)):
            name = letter_of(part)
            if name is None or restricts:
                raise Misfit("unreadable", "a limit that is not read", part.start, part.end)
            pending.append(name)
    found += [Limit(name, None, upper) for name in pending]
    for condition in conditions:
        if not any(letter_occurs(condition, limit.letter) for limit in found):
            found += [Limit(name, None, upper) for name in _compared(condition, scope)]
        over = [n for n, limit in enumerate(found) if letter_occurs(condition, limit.letter)]
        found[over[-1]] = replace(
            found[over[-1]], conditions=(*found[over[-1]].conditions, condition)
        )
    return found


def _items(node: BigOperator) -> Iterator[tuple[Node, bool]]:
    """Yield what stands below, and whether it only restricts: what follows on a colon does."""
    for item in node.lower:
        if isinstance(item, Group) and {":", "|"} & set(item.separators):
            after = min(n for n, sign in enumerate(item.separators) if sign in (":", "|")) + 1
            yield from ((part, n >= after) for n, part in enumerate(item.items))
        else:
            yield item, False


def _compared(condition: Relation, scope: Scope) -> list[str]:
    r"""Return the letters that a condition introduces.

    In ``1 \le i < j \le n`` these are the inner ones. In ``j \neq i`` it is the first; where only
    that makes sense, it is both.
    """
    inner = condition.sides[1:-1] if len(condition.sides) > 2 else condition.sides
    letters = [letter_of(side) for side in inner]
    names = [name for name in letters if name and name not in scope.tensors]
    names = [name for name in names if name not in scope.sizes] or names
    if not names:
        raise Misfit("unreadable", "a limit that is not read", condition.start, condition.end)
    if len(condition.sides) == 2:
        if len(names) > 1 and names[1] not in scope.letters.sizes:
            scope.doubts.add(PAIR)
        return names if PAIR in scope.other else names[:1]
    return names
