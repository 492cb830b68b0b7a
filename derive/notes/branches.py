r"""Values for several cases in one line: ``1 \text{ if } z > 0 \text{ else } 5``.

What the words lead to belongs to the claim before them. With *otherwise* it is a case distinction;
of several conditions each has a claim of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.notes import symbols
from derive.notes.brackets import bare
from derive.notes.lexer import Unreadable
from derive.notes.tree import (
    Case,
    Cases,
    Condition,
    Dots,
    Empty,
    Group,
    Node,
    Number,
    Operator,
    Relation,
    Statement,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["with_branches"]

_EQUALITIES = frozenset({"=", r"\equiv", ":=", r"\triangleq"})
#: Conditions of a branch; others are about the whole line.
_WORDS = frozenset({"if", "for", "on", "at", "otherwise", "unless", ""})
#: Words alone between two quantities: what they do is not read.
_INFIX = re.compile(
    r"[\s~]*\\(?:text\w*|[mh]box)\s*\{[\s~]*(?P<words>[^{}$\\,;:.()]*?)[\s~]*[}$][\s~]*\Z"
)
_OPERATIONS = re.compile(
    r"(?:multiplied|divided|scaled|reduced|increased)\s+by|added\s+to|as\s+well\s+as"
)
#: Single words after which no part of the value comes, but what is said of it.
_ABOUT = (symbols.CONJUNCTIONS - {"and", "or", "but"}) | {
    "by", "via", "using", "from", "see", "in", "of", "recall", "note",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Branch:
    """A value, and the conditions under which it is claimed."""

    value: Node
    conditions: tuple[Condition, ...]

    @property
    def last(self) -> bool:
        """Whether it is for all that is left."""
        return any(c.word == "otherwise" for c in self.conditions)


def with_branches(found: Sequence[Statement], latex: str) -> list[Statement]:
    """Return the statements of a line, values for further cases as part of what they belong to.

    Parameters
    ----------
    found : sequence of Statement
        In order.
    latex : str
        The line.

    Raises
    ------
    Unreadable
        Where words lead from a claim to a quantity and do not say what it is there for.
    """
    result: list[Statement] = []
    place = 0
    while place < len(found):
        statement = found[place]
        place += 1
        own = list(_led_otherwise(statement))
        result += own[:-1]
        statement = own[-1]
        if not _equates(statement):
            result.append(statement)
            continue
        assert isinstance(statement.body, Relation)
        branches = list(_branches(statement.body.sides[-1], statement.conditions))
        while place < len(found) and _is_value(found[place]):
            after = found[place]
            more = list(_branches(after.body, after.conditions))
            if not (_restricted(branches[-1]) and _restricted(more[0])):
                _refuse_infix(found[place - 1], after, latex)
                break
            branches += more
            place += 1
        result += [statement] if len(branches) == 1 else _distinguished(statement, branches)
    return result


def _equates(statement: Statement) -> bool:
    body = statement.body
    return (
        isinstance(body, Relation)
        and all(sign.text in _EQUALITIES for sign in body.relations)
        and not isinstance(body.sides[-1], Empty)
    )


def _is_value(statement: Statement) -> bool:
    """Tell whether a part is a quantity of which nothing is claimed."""
    return not isinstance(bare(statement.body), Relation | Empty | Dots)


def _led_otherwise(statement: Statement) -> Iterator[Statement]:
    r"""Yield a statement, and the equation behind ``\text{otherwise}`` as one of its own."""
    for place, condition in enumerate(statement.conditions):
        led = condition.items[0] if condition.word == "otherwise" and condition.items else None
        if isinstance(led, Relation) and all(s.text in _EQUALITIES for s in led.relations):
            before = statement.conditions[:place]
            end = before[-1].end if before else statement.body.end
            yield replace(statement, end=end, conditions=before)
            # It stands where the word does.
            word = replace(condition, end=led.start, items=())
            rest = (word, *statement.conditions[place + 1 :])
            yield from _led_otherwise(Statement(led.start, statement.end, led, rest))
            return
    yield statement


def _branches(value: Node, conditions: Sequence[Condition]) -> Iterator[_Branch]:
    """Yield a value with its conditions, and those that stand behind these."""
    own: list[Condition] = []
    for place, condition in enumerate(conditions):
        last = place + 1 == len(conditions)
        if condition.word == "otherwise" and condition.items:
            yield _Branch(value, tuple(own))
            value, own = condition.items[0], [replace(condition, items=())]
            if len(condition.items) > 1:
                raise Unreadable("more than one value for all other cases", *_range(condition))
        elif not last and _ends_in_value(condition, conditions[place + 1]):
            *items, further = condition.items
            yield _Branch(value, (*own, replace(condition, items=tuple(items))))
            value, own = further, []
        else:
            own.append(condition)
    yield _Branch(value, tuple(own))


def _ends_in_value(condition: Condition, after: Condition) -> bool:
    r"""Tell whether the last part of a condition is what is claimed under the next one.

    In ``i = 1, 2`` it may be one more value of an index: then all other cases come next.
    """
    first, last = condition.items[:1], condition.items[1:][-1:]
    if condition.word not in _WORDS or after.word not in _WORDS or not first or not last:
        return False
    if not isinstance(bare(first[0]), Relation) or isinstance(bare(last[0]), Relation):
        return False
    if any(isinstance(item, Dots) for item in condition.items):
        return False
    return after.word == "otherwise" or any(isinstance(bare(n), Relation) for n in after.items)


def _restricted(branch: _Branch) -> bool:
    """Tell whether a value is for some case only."""
    return any(
        c.word in _WORDS
        and (c.word == "otherwise" or any(isinstance(bare(item), Relation) for item in c.items))
        for c in branch.conditions
    )


def _refuse_infix(one: Statement, two: Statement, latex: str) -> None:
    r"""Complain about a word between two quantities: ``2x \text{ plus } c``."""
    between = latex[one.end : two.start]
    found = _INFIX.match(between)
    inner = bare(two.body)
    if found is None or (isinstance(two.body, Group) and isinstance(inner, Number)):
        return
    words = found["words"].lower()
    if not words or words in _ABOUT or (" " in words and not _OPERATIONS.search(words)):
        return
    raise Unreadable(
        f"what the word {words} does between two quantities is not read",
        one.end,
        two.end,
        "write it in signs, or as a claim of its own",
    )


def _distinguished(statement: Statement, branches: Sequence[_Branch]) -> list[Statement]:
    """Return a claim of a case distinction, or one for each case where no value is left over."""
    body = statement.body
    assert isinstance(body, Relation)
    if branches[-1].last:
        return [_with_cases(statement, body, branches)]
    if any(branch.last for branch in branches) or isinstance(body.sides[0], Empty):
        raise Unreadable("which value is claimed in which case is not clear", *_range(statement))
    first, *others = branches
    found = [replace(statement, end=_end(first), conditions=first.conditions)]
    sign = body.relations[0]
    for branch in others:
        sides = (body.sides[0], branch.value)
        relation = Relation(body.start, branch.value.end, sides, (_equal(sign),))
        found.append(Statement(body.start, _end(branch), relation, branch.conditions))
    return found


def _with_cases(statement: Statement, body: Relation, branches: Sequence[_Branch]) -> Statement:
    r"""Return a claim with a case distinction for its last side, as ``cases`` have it."""
    rows: list[Case] = []
    whole: list[Condition] = []
    for branch in branches:
        own = [c for c in branch.conditions if c.word in _WORDS]
        whole += [c for c in branch.conditions if c.word not in _WORDS]
        tests = [replace(c, items=tuple(map(bare, c.items))) for c in own]
        if not branch.last and any(
            c.word == "unless" or not isinstance(item, Relation) for c in tests for item in c.items
        ):
            raise Unreadable("a case that is no comparison", *_range(branch.value))
        rows.append(Case(branch.value.start, _end(branch), branch.value, tuple(tests)))
    end = rows[-1].end
    cases = Cases(rows[0].start, end, tuple(rows))
    relation = replace(body, end=end, sides=(*body.sides[:-1], cases))
    return replace(statement, end=end, body=relation, conditions=tuple(whole))


def _equal(sign: Operator) -> Operator:
    return replace(sign, text="=")


def _end(branch: _Branch) -> int:
    return max(branch.value.end, *(c.end for c in branch.conditions), 0)


def _range(node: Node) -> tuple[int, int]:
    return node.start, node.end
