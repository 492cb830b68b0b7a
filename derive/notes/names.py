r"""Declared names: their canonical spelling, and finding them among factors.

``dy``, ``W^{(2)}``, ``\delta_{t1}`` or ``a_{next}`` may each be one symbol. A declared name wins
over juxtaposition, the longest first; what hangs on it beyond its own scripts stays: with
``a^{(3)}`` declared, ``a_{i}^{(3)}`` is that name with the index ``i``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import singledispatch
from types import MappingProxyType
from typing import TYPE_CHECKING

from derive.notes.cursor import Vocabulary
from derive.notes.lexer import Unreadable
from derive.notes.raw import Item, reach
from derive.notes.tree import (
    Accented,
    Add,
    Dots,
    FunctionCall,
    Group,
    Mark,
    Name,
    Node,
    Number,
    Product,
    Range,
    Relation,
    Scripted,
    juxtaposed,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Pattern:
    """A declared name that is more than one sign."""

    spelling: str
    atoms: tuple[Node, ...]
    sub: tuple[Node, ...]
    sup: tuple[Node, ...]
    primes: int

    def weight(self) -> tuple[int, int]:
        """Return what makes a name longer than another."""
        return len(self.atoms), len(self.sub) + len(self.sup) + self.primes


@dataclass(frozen=True, slots=True)
class Names:
    """The declared names of a note, ready for finding them."""

    spellings: frozenset[str] = frozenset()
    patterns: Mapping[Node, tuple[Pattern, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    words: Vocabulary = field(default_factory=Vocabulary)


def spellings(*nodes: Node) -> set[str]:
    """Return all names in some nodes."""
    return {part.spelling for node in nodes for part in walk(node) if isinstance(part, Name)}


@singledispatch
def spell(node: Node) -> str:
    """Return the canonical LaTeX of a name or of what may stand in one."""
    raise Unreadable("this cannot be part of a name", node.start, max(node.end, node.start + 1))


@spell.register
def _(node: Name) -> str:
    return node.spelling


@spell.register
def _(node: Number) -> str:
    return node.text


@spell.register(Mark)
def _mark(node: Mark) -> str:
    return node.text


@spell.register
def _(node: Dots) -> str:
    return "\\" + node.kind


@spell.register
def _(node: FunctionCall) -> str:
    if node.argument is not None or node.sub or node.sup or node.primes:
        raise Unreadable("this cannot be part of a name", node.start, node.end)
    return f"\\mathrm{{{node.name}}}"


@spell.register
def _(node: Accented) -> str:
    return f"\\{node.accent}{{{spell(node.body)}}}"


@spell.register
def _(node: Product) -> str:
    text = spell(node.factors[0])
    for operator, factor in zip(node.operators, node.factors[1:], strict=True):
        text = _glue(_glue(text, operator.text), spell(factor))
    return text


@spell.register
def _(node: Add) -> str:
    return "".join(f"{term.sign}{spell(term.body)}" for term in node.terms)


@spell.register
def _(node: Relation) -> str:
    text = spell(node.sides[0])
    for relation, side in zip(node.relations, node.sides[1:], strict=True):
        text = _glue(_glue(text, relation.text), spell(side))
    return text


@spell.register
def _(node: Group) -> str:
    inside = ""
    for number, item in enumerate(node.items):
        inside = _glue(inside, node.separators[number - 1] if number else "")
        inside = _glue(inside, spell(item))
    return _glue(_glue(node.opening, inside), node.closing)


@spell.register
def _(node: Scripted) -> str:
    text = spell(node.base) + "'" * node.primes
    for mark, script in (("_", node.sub), ("^", node.sup)):
        if script:
            inside = ",".join(spell(part) for part in script)
            simple = len(inside) == 1 or (inside[0] == "\\" and inside[1:].isalpha())
            text += mark + (inside if simple else f"{{{inside}}}")
    return text


def _glue(left: str, right: str) -> str:
    r"""Join two pieces of LaTeX: ``\alpha`` and ``x`` need a blank between."""
    word = left[left.rfind("\\") + 1 :] if "\\" in left else ""
    return left + " " + right if word.isalpha() and right[:1].isalpha() else left + right


def pattern(node: Node) -> Pattern | None:
    """Return the pattern that a parsed name is found by; None where it is a single sign."""
    if isinstance(node, Name):
        return None
    factors = juxtaposed((node,))
    last = factors[-1]
    atoms = (*factors[:-1], last.base if isinstance(last, Scripted) else last)
    for atom in atoms:
        if not isinstance(atom, Name | Number):
            raise Unreadable("this cannot be part of a name", atom.start, atom.end)
    if not isinstance(last, Scripted):
        return Pattern(spell(node), atoms, (), (), 0)
    sub, sup = juxtaposed(last.sub), juxtaposed(last.sup)
    return Pattern(spell(node), atoms, sub, sup, last.primes)


def find(items: Sequence[Item], names: Names) -> list[Item]:
    """Put declared names together in a row of factors."""
    if not names.patterns:
        return list(items)
    result: list[Item] = []
    place = 0
    while place < len(items):
        found = _at(items, place, names)
        if found is None:
            result.append(items[place])
            place += 1
        else:
            node, count = found
            result.append(replace(items[place], node=node))
            place += count
    return result


def _at(items: Sequence[Item], place: int, names: Names) -> tuple[Node, int] | None:
    """Return the longest declared name that begins at a factor, and how many it takes."""
    first = items[place].node
    key = first.base if isinstance(first, Scripted) else first
    if not isinstance(key, Name | Number):
        return None
    for candidate in names.patterns.get(key, ()):
        count = len(candidate.atoms)
        row = items[place : place + count]
        if len(row) < count or any(item.operator or item.sign for item in row[1:]):
            continue
        if any(item.node != atom for item, atom in zip(row[:-1], candidate.atoms, strict=False)):
            continue
        node = _matched(row, candidate)
        if node is not None:
            return node, count
    return None


def _matched(row: Sequence[Item], candidate: Pattern) -> Node | None:
    """Return the name, with the scripts beyond its own, if the last factor fits."""
    last = row[-1].node
    ranges: list[Range] = [(item.node.start, item.node.end) for item in row[:-1]]
    scripted = last if isinstance(last, Scripted) else None
    base = scripted.base if scripted else last
    if base != candidate.atoms[-1]:
        return None
    ranges.append((base.start, base.end))
    if scripted is None:
        if candidate.sub or candidate.sup or candidate.primes:
            return None
        return _name(candidate.spelling, ranges)
    sub = _without(scripted.sub, candidate.sub)
    sup = _without(scripted.sup, candidate.sup)
    if sub is None or sup is None or scripted.primes < candidate.primes:
        return None
    for left, own, whole in (
        (sub, candidate.sub, scripted.sub_range),
        (sup, candidate.sup, scripted.sup_range),
    ):
        if own and whole is not None:  # what is left over may follow in the same braces
            ranges.append((whole[0], min(whole[1], left[0].start) if left else whole[1]))
    if candidate.primes and scripted.prime_range is not None:
        ranges.append(scripted.prime_range)
    name = _name(candidate.spelling, ranges)
    primes = scripted.primes - candidate.primes
    if not (sub or sup or primes):
        return name
    start = min(scripted.start, name.start)
    return replace(scripted, start=start, base=name, sub=sub, sup=sup, primes=primes)


def _name(spelling: str, ranges: list[Range]) -> Name:
    """Return a name that was read from several ranges; adjacent ones become one."""
    parts: list[Range] = []
    for start, end in sorted(ranges):
        if parts and start <= parts[-1][1]:
            parts[-1] = (parts[-1][0], max(parts[-1][1], end))
        else:
            parts.append((start, end))
    return Name(*reach(*parts), spelling, tuple(parts))


def _without(script: tuple[Node, ...], own: tuple[Node, ...]) -> tuple[Node, ...] | None:
    """Return what a script holds after a name's own part, None where it begins otherwise."""
    if not own:
        return script
    if juxtaposed(script)[: len(own)] != own:
        return None
    rest: list[Node] = []
    missing = len(own)
    for node in script:
        factors = juxtaposed((node,))
        taken = min(missing, len(factors))
        missing -= taken
        left = factors[taken:]
        if not taken:
            rest.append(node)
        elif len(left) > 1 and isinstance(node, Product):
            operators = node.operators[taken:]
            rest.append(Product(left[0].start, left[-1].end, left, operators))
        else:
            rest.extend(left)
    return tuple(rest)
