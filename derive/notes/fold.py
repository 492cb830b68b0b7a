r"""From a flat row of factors to a product: what each function, sum and derivative takes.

One pass from the right: a big operator or ``\frac{\partial}{\partial b}`` takes the rest of the
product; a function takes the brackets after it or, without brackets, what is juxtaposed up to
the next operator; everything else is a factor.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import derivatives
from derive.notes.heads import applied, differential, indicator, operating, product
from derive.notes.lexer import NESTING_LIMIT, Unreadable
from derive.notes.names import Names, find
from derive.notes.raw import (
    Braces,
    Decorated,
    Head,
    Item,
    RawChain,
    RawLine,
    RawPart,
    RawSum,
    Spread,
    only_items,
    only_product,
    reach,
)
from derive.notes.tree import (
    Add,
    BigOperator,
    Derivative,
    Empty,
    Evaluated,
    Fraction,
    Group,
    Node,
    Operator,
    Product,
    Range,
    Relation,
    Scripted,
    Term,
    Wrapped,
)

if TYPE_CHECKING:
    from derive.notes.cursor import Tok


def part(raw: RawPart, names: Names, at: int) -> Node:
    """Return the tree of a chain or a sum; Empty, standing at ``at``, for nothing."""
    if raw is None:
        return Empty(at, at)
    if isinstance(raw, RawSum):
        return total(raw, names)
    return _relation(raw, names)


def _relation(raw: RawChain, names: Names) -> Node:
    """Return a chain; a side that is itself a boxed chain is taken into it."""
    sides: list[Node] = []
    relations: list[Operator] = []
    for number, side in enumerate(raw.sides):
        before = raw.relations[number - 1] if number else None
        after = raw.relations[number] if number < len(raw.relations) else None
        place = before.end if before else after.start if after else 0
        if side is None and before and after and before.value == after.value:
            continue  # "= \\ =": the sign is repeated after a line break
        if before is not None:
            relations.append(Operator(before.start, before.end, before.value))
        node = part(side, names, place)
        inner = node.body if isinstance(node, Wrapped) else node
        if isinstance(inner, Relation):
            sides.extend(inner.sides)
            relations.extend(inner.relations)
        else:
            sides.append(node)
    ranges = [(node.start, node.end) for node in (*sides, *relations)]
    return Relation(*reach(*ranges), tuple(sides), tuple(relations))


def total(raw: RawSum, names: Names) -> Node:
    """Return the tree of a sum."""
    terms: list[Term] = []
    for sign, row in raw.terms:
        body = fold(row.items, names)
        if sign is None:
            terms.append(Term(body.start, body.end, "", body, (body.start, body.start)))
        else:
            terms.append(Term(sign.start, body.end, sign.value, body, (sign.start, sign.end)))
    if len(terms) == 1 and not terms[0].sign:
        return terms[0].body
    return Add(terms[0].start, terms[-1].end, tuple(terms))


def contents(line: RawLine, names: Names, at: int) -> tuple[tuple[Node, ...], tuple[str, ...]]:
    """Return what a line inside brackets holds, and the separators between."""
    if len(line.parts) == 1 and line.parts[0] is None:
        return (), ()
    if [token.value for token in line.separators] == ["over"]:
        upper, lower = (Braces(at, at, RawLine((raw,), ())) for raw in line.parts)
        return (fraction(upper, lower, at, names),), ()
    nodes: list[Node] = []
    place = at
    for number, raw in enumerate(line.parts):
        place = line.separators[number - 1].end if number else place
        nodes.append(part(raw, names, place))
    return tuple(nodes), tuple(token.value for token in line.separators)


def settled(node: Node, names: Names) -> Node:
    """Return an argument or factor as a node of the tree."""
    if isinstance(node, Decorated):
        inside = settled(node.inside, names)
        return Wrapped(node.start, node.end, node.kind, inside, node.note)
    if isinstance(node, Head):
        return fold((Item(None, None, node),), names)
    if isinstance(node, Spread):
        return node.product
    if not isinstance(node, Braces):
        return node
    items, separators = contents(node.line, names, node.start + 1)
    if not items:
        return Empty(node.start, node.end)
    if len(items) == 1:
        return items[0]
    return Group(node.start, node.end, "{", "}", items, separators)


def arguments(node: Node, names: Names) -> tuple[Node, ...]:
    """Return what commas separate in a script."""
    if isinstance(node, Braces):
        items, separators = contents(node.line, names, node.start + 1)
        if all(separator in (",", ";", "quad") for separator in separators):
            return items
    return (settled(node, names),)


def _factor(node: Node, names: Names, keep: bool) -> Node:
    """Settle a factor; braces that hold a product or a sum stay a group."""
    if not isinstance(node, Braces):
        return settled(node, names)
    inside = settled(node, names)
    if isinstance(inside, Group) and inside.opening == "{":
        return inside
    if keep or isinstance(inside, Product | Add | Relation | BigOperator):
        return Group(node.start, node.end, "{", "}", (inside,))
    return inside


def fold(items: tuple[Item, ...], names: Names, leibniz: bool = True) -> Node:
    """Return the tree of a product; with ``leibniz``, ``dL/dx`` is a derivative."""
    items = tuple(entry for item in items for entry in _spread(item))
    row = derivatives.slashed(items, lambda part: fold(part, names, False), leibniz)
    settled_row: list[Item] = []
    for item in row:
        before = settled_row[-1].node if settled_row and item.operator is None else None
        keep = isinstance(before, Head) and before.kind in ("FUNC", "NABLA", "BIG")
        settled_row.append(
            item
            if isinstance(item.node, Head)
            else replace(item, node=_factor(item.node, names, keep))
        )
    return _taken(_evaluated(find(_staggered(settled_row), names), names), names)


def _taken(row: list[Item], names: Names) -> Node:
    """Return the product of a settled row, in which heads take what follows them."""
    stack: list[Item] = []
    heads = 0
    for item in reversed(row):
        node = item.node
        if isinstance(node, Head):
            heads += 1
            if heads > NESTING_LIMIT:
                raise Unreadable(
                    f"more than {NESTING_LIMIT} functions or sums in one product",
                    node.start,
                    node.end,
                )
            node = applied(node, stack)
        elif isinstance(node, Derivative) and node.form == "operator" and node.of is None:
            node = operating(node, stack)
        else:
            node = differential(node, stack, names) or indicator(node, stack) or node
        stack.append(replace(item, node=node))
    return product(stack[::-1])


def _spread(item: Item) -> list[Item]:
    """Return the factors that a font command holds one by one."""
    if not isinstance(item.node, Spread):
        return [item]
    first, *rest = item.node.product.factors
    operators = item.node.product.operators
    return [
        replace(item, node=first),
        *(
            Item(sign if sign.text else None, None, node)
            for sign, node in zip(operators, rest, strict=True)
        ),
    ]


def _evaluated(items: list[Item], names: Names) -> list[Item]:
    r"""Apply a bar as in ``f|_{x=0}`` to the factors before it."""
    result: list[Item] = []
    for item in items:
        node = item.node
        if isinstance(node, Head) and node.kind == "EVAL":
            if not result:
                raise Unreadable("cannot read what this bar evaluates", node.start, node.end)
            body = _taken(result, names)
            result = [Item(None, None, Evaluated(body.start, node.end, body, node.sub))]
        else:
            result.append(item)
    return result


def _staggered(items: list[Item]) -> list[Item]:
    r"""Hang the scripts of an empty ``{}`` on the symbol before it: ``W^{m}{}_{k}``."""
    result: list[Item] = []
    for item in items:
        node, before = item.node, result[-1].node if result else None
        empty = isinstance(node, Scripted) and isinstance(node.base, Empty)
        if not empty or before is None or isinstance(before, Head) or item.operator:
            result.append(item)
            continue
        assert isinstance(node, Scripted)
        old = before
        if not isinstance(old, Scripted):
            old = Scripted(before.start, before.end, before)
        joined = replace(
            old,
            end=node.end,
            sub=old.sub + node.sub,
            sup=old.sup + node.sup,
            primes=old.primes + node.primes,
            sub_range=_wider(old.sub_range, node.sub_range),
            sup_range=_wider(old.sup_range, node.sup_range),
        )
        result[-1] = replace(result[-1], node=joined)
    return result


def _wider(first: Range | None, second: Range | None) -> Range | None:
    """Return the range over two, either of which may be missing."""
    found = [entry for entry in (first, second) if entry is not None]
    return reach(*found) if found else None


def fraction(upper: Node, lower: Node, start: int, names: Names) -> Node:
    r"""Return ``\frac{..}{..}``: a derivative where both sides begin with ``\partial`` or ``d``."""
    sign, top = _signed(upper)
    bottom = only_items(lower)
    plain = Fraction(start, lower.end, settled(upper, names), settled(lower, names))
    if plain.end <= plain.start:  # from {a \over b}, whose braces have no place of their own
        end = reach((plain.numerator.start, plain.denominator.end))[1]
        plain = replace(plain, end=end)
    if top is None or bottom is None:
        return plain
    found = derivatives.quotient(top, bottom, lambda part: fold(part, names))
    if found is None:
        return plain
    place = (plain.start, plain.end)
    other = plain if found.mark == "d" else None
    node: Node = replace(found, start=place[0], end=place[1], plain=other, head=place)
    if sign is None:
        return node
    return Add(*place, (Term(*place, sign.value, node, (sign.start, sign.end)),))


def _signed(node: Node) -> tuple[Tok | None, tuple[Item, ...] | None]:
    """Return the sign and the factors of braces around a single product."""
    if isinstance(node, Braces) and len(node.line.parts) == 1:
        return only_product(node.line.parts[0]) or (None, None)
    return None, None
