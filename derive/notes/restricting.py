r"""Parts of a line that restrict the claims beside them: ``w > 0 \implies …``, ``…, \quad i = j``.

Equal indices are a condition where the claim beside them has both. What is claimed otherwise is
claimed where no condition of the claims before it holds.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes.settle import moved
from derive.notes.suppositions import OPPOSITE
from derive.notes.tree import (
    Condition,
    Evaluated,
    Group,
    Name,
    Node,
    Relation,
    Scripted,
    Statement,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.notes.names import Names

__all__ = ["contrary", "with_restrictions"]

_LEADS = re.compile(r"\\(?:implies|Rightarrow|Longrightarrow)(?![A-Za-z])|:|⇒|⟹")


def with_restrictions(found: Sequence[Statement], names: Names, latex: str) -> list[Statement]:
    """Return the statements of a line, those that only restrict as conditions of the others.

    Parameters
    ----------
    found : sequence of Statement
        In order.
    names : Names
        What is declared: no index.
    latex : str
        The line.
    """
    result: list[Statement] = []
    leading: list[Condition] = []
    for place, one in enumerate(found):
        statement = _elsewhere(_at_indices(one, names), result)
        item = _bare(statement.body)
        after = found[place + 1] if place + 1 < len(found) else None
        leads = after is not None and _LEADS.search(latex, statement.end, after.start)
        if leads and after is not None and (_orders(item) or _equal(item, after, names)):
            leading += [*statement.conditions, Condition(item.start, item.end, "if", (item,))]
        elif result and not statement.conditions and _equal(item, result[-1], names):
            last = result[-1]
            condition = Condition(item.start, item.end, "", (item,))
            conditions = (*last.conditions, condition)
            result[-1] = replace(last, end=statement.end, conditions=conditions)
        else:
            conditions = (*leading, *statement.conditions)
            start = (
                min(statement.start, *(c.start for c in leading)) if leading else statement.start
            )
            result.append(replace(statement, start=start, conditions=conditions))
            leading = []
    return result


def contrary(node: Node) -> Relation | None:
    """Return what holds where a comparison does not, None of what is no single one."""
    item = _bare(node)
    if not isinstance(item, Relation) or len(item.relations) != 1:
        return None
    (sign,) = item.relations
    if sign.text not in OPPOSITE:
        return None
    return replace(item, relations=(replace(sign, text=OPPOSITE[sign.text]),))


def _bare(node: Node) -> Node:
    return node.items[0] if isinstance(node, Group) and len(node.items) == 1 else node


def _orders(node: Node) -> bool:
    """Tell whether a part says how quantities are ordered, or that they differ, and no more."""
    return isinstance(node, Relation) and all(
        sign.text in OPPOSITE and sign.text != "=" for sign in node.relations
    )


def _indices(node: Node, names: Names) -> frozenset[str]:
    """Return two indices that are set equal, nothing where that is not what a part says."""
    if not isinstance(node, Relation) or [sign.text for sign in node.relations] != ["="]:
        return frozenset()
    letters = [side.spelling for side in node.sides if isinstance(side, Name)]
    plain = [one for one in letters if len(one) == 1 and one.isalpha()]
    found = frozenset(plain) - names.spellings
    return found if len(found) == len(node.sides) else frozenset()


def _equal(node: Node, claim: Statement, names: Names) -> bool:
    """Tell whether a part sets two indices of a claim equal."""
    found = _indices(node, names)
    if not found or not isinstance(claim.body, Relation):
        return False
    below = [s for part in walk(claim.body) if isinstance(part, Scripted) for s in part.sub]
    own = {part.spelling for s in below for part in walk(s) if isinstance(part, Name)}
    return found <= own


def _at_indices(statement: Statement, names: Names) -> Statement:
    r"""Return a claim at some indices, ``\left.…\right|_{i = j}``, as one under a condition."""
    body = statement.body
    if not isinstance(body, Relation):
        return statement
    sides: list[Node] = []
    items: list[Node] = []
    for side in body.sides:
        inner = _bare(side)
        restricted = isinstance(inner, Evaluated) and all(
            _orders(at) or _indices(at, names) for at in inner.at
        )
        if restricted and isinstance(inner, Evaluated):
            sides.append(inner.body)
            items += inner.at
        else:
            sides.append(side)
    if not items:
        return statement
    condition = Condition(items[0].start, items[-1].end, "if", tuple(items))
    conditions = (*statement.conditions, condition)
    return replace(statement, body=replace(body, sides=tuple(sides)), conditions=conditions)


def _elsewhere(statement: Statement, before: Sequence[Statement]) -> Statement:
    """Return a claim that is made otherwise under the contrary of the conditions before it."""
    if not any(c.word == "otherwise" and not c.items for c in statement.conditions):
        return statement
    items: list[Node] = []
    for other in reversed(before):
        if not other.conditions:
            break
        found = [item for condition in other.conditions for item in condition.items]
        other_one = contrary(found[0]) if len(found) == 1 else None
        if other_one is None:
            return statement
        items.insert(0, other_one)
    conditions = [
        # It stands where the word does.
        replace(c, word="if", items=tuple(moved(item, c.start) for item in items))
        if c.word == "otherwise" and items
        else c
        for c in statement.conditions
    ]
    return replace(statement, conditions=tuple(conditions))
