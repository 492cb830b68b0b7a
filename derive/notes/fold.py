r"""From a flat row of factors to a product: what each function, sum and derivative takes.

One pass from the right: a big operator or ``\frac{\partial}{\partial b}`` takes the rest of the
product; a function takes the brackets after it or, without brackets, what is juxtaposed up to
the next operator; everything else is a factor.
"""

from __future__ import annotations

from dataclasses import replace

from derive.notes import derivatives
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
    only_items,
    reach,
)
from derive.notes.tree import (
    Add,
    BigOperator,
    Derivative,
    Empty,
    Evaluated,
    Fraction,
    FunctionCall,
    Group,
    Indicator,
    Name,
    Node,
    Norm,
    Number,
    Operator,
    Partial,
    Product,
    Relation,
    Scripted,
    Term,
    Wrapped,
)

_ONES = frozenset(
    {"I", r"\mathbb{1}", r"\mathbf{1}", r"\mathbb{I}", r"\mathbf{I}", r"\mathrm{1}", r"\chi"}
    | {r"\mathrm{I}", r"\boldsymbol{1}", r"\mathcal{I}", r"\mathcal{1}"}
)
_LIKE_FUNCTIONS = frozenset({"max", "min", "argmax", "argmin", "sup", "inf", "lim"})


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
    for sign, product in raw.terms:
        body = fold(product.items, names)
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
    row = _evaluated(find(settled_row, names))
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
            node = _applied(node, stack)
        elif isinstance(node, Derivative) and node.form == "operator" and node.of is None:
            node = _operating(node, stack)
        else:
            node = _differential(node, stack, names) or _indicator(node, stack) or node
        stack.append(replace(item, node=node))
    return product(stack[::-1])


def product(items: list[Item]) -> Node:
    """Return a product of settled factors, or its only factor."""
    solid = [item for item in items if item.operator or not isinstance(item.node, Empty)]
    items = solid or items[:1]
    factors: list[Node] = []
    operators: list[Operator] = []
    for item in items:
        node = item.node
        if item.sign is not None:
            sign = item.sign
            term = Term(sign.start, node.end, sign.value, node, (sign.start, sign.end))
            node = Add(sign.start, node.end, (term,))
        if factors:
            operators.append(item.operator or Operator(factors[-1].end, node.start, ""))
        factors.append(node)
    if len(factors) == 1:
        return factors[0]
    start, end = reach(*((node.start, node.end) for node in factors))
    return Product(start, end, tuple(factors), tuple(operators))


def _evaluated(items: list[Item]) -> list[Item]:
    r"""Apply a bar as in ``f|_{x=0}`` to the factors before it."""
    result: list[Item] = []
    for item in items:
        node = item.node
        if isinstance(node, Head) and node.kind == "EVAL":
            body = product([entry for entry in result])
            if any(isinstance(entry.node, Head) for entry in result):
                raise Unreadable("cannot read what this bar evaluates", node.start, node.end)
            result = [Item(None, None, Evaluated(body.start, node.end, body, node.sub))]
        else:
            result.append(item)
    return result


def _free(stack: list[Item]) -> bool:
    """Tell whether a factor follows with no operator between."""
    return bool(stack) and stack[-1].operator is None and stack[-1].sign is None


def _takes_alone(node: Node) -> bool:
    """Tell whether a factor is an argument by itself and never part of a longer one."""
    base = node.base if isinstance(node, Scripted) else node
    return isinstance(base, FunctionCall | BigOperator | Derivative | Evaluated)


def _run(stack: list[Item]) -> list[Item]:
    """Take the factors that an unbracketed function may apply to."""
    taken = [stack.pop()]
    if not _takes_alone(taken[0].node):
        while _free(stack) and not _takes_alone(stack[-1].node):
            taken.append(stack.pop())
    return taken


def _applied(head: Head, stack: list[Item]) -> Node:
    """Apply a function, a big operator, ∇ or ∂ to what follows it."""
    place = (head.start, head.end)
    if head.kind == "NABLA" or (head.kind == "PARTIAL" and (head.sub or _free(stack))):
        return _nabla(head, stack)
    if head.kind == "PARTIAL":
        return Partial(*place)
    if head.kind == "BIG":
        brackets = _free(stack) and isinstance(_bracket(stack[-1].node), Group)
        plain = not head.sub and not head.sup and head.value in _LIKE_FUNCTIONS
        if not (plain and brackets) and (stack or head.value not in _LIKE_FUNCTIONS):
            return _big(head, stack)
    call = FunctionCall(*place, head.value, None, False, head.sub, head.sup, head.primes, place)
    if not _free(stack):
        return call
    after = stack[-1].node
    inside = _bracket(after)
    if isinstance(inside, Group):
        stack.pop()
        call = replace(call, end=inside.end, argument=inside, bracketed=True)
        return replace(after, start=head.start, base=call) if isinstance(after, Scripted) else call
    if isinstance(inside, Norm):
        stack.pop()
        return replace(call, end=after.end, argument=after, bracketed=True)
    argument = product(_run(stack))
    return replace(call, end=argument.end, argument=argument)


def _bracket(node: Node) -> Node | None:
    """Return the brackets that a factor is, without its scripts."""
    base = node.base if isinstance(node, Scripted) else node
    return base if isinstance(base, Group | Norm) else None


def _big(head: Head, stack: list[Item]) -> Node:
    """Let a big operator take the rest of its product."""
    if head.primes or not _free(stack):
        what = "has a prime" if head.primes else "has nothing to work on"
        raise Unreadable(f"this {head.value} {what}", head.start, head.end)
    body = product(stack[::-1])
    stack.clear()
    place = (head.start, head.end)
    end = max(body.end, head.end)
    return BigOperator(head.start, end, head.value, head.sub, head.sup, body, place)


def _nabla(head: Head, stack: list[Item]) -> Node:
    r"""Read ``\nabla_W L``, ``\partial_x f``; a ``\partial`` alone belongs to no quotient."""
    place = (head.start, head.end)
    if head.kind == "PARTIAL" and not head.sub:
        return Partial(*place)
    form = "nabla" if head.kind == "NABLA" else "subscript"
    order = head.sup[0] if head.sup else None
    of = None
    if _free(stack):
        alone = isinstance(_bracket(stack[-1].node), Group)
        of = product([stack.pop()] if alone else _run(stack))
    end = of.end if of is not None else head.end
    return Derivative(head.start, end, form, head.value, of, head.sub, order, None, place)


def _operating(node: Derivative, stack: list[Item]) -> Node:
    r"""Let ``\frac{\partial}{\partial b}`` take the rest of its product."""
    if not _free(stack):
        return node
    body = product(stack[::-1])
    stack.clear()
    return replace(node, end=max(node.end, body.end), of=body)


def _differential(node: Node, stack: list[Item], names: Names) -> Node | None:
    """Read ``D_x f`` where no ``D`` is declared."""
    if not (isinstance(node, Scripted) and isinstance(node.base, Name) and _free(stack)):
        return None
    letter = node.base.spelling
    if letter not in ("D", r"\mathrm{D}", r"\mathcal{D}") or letter in names.spellings:
        return None
    if not node.sub or node.sup or node.primes:
        return None
    taken = _run(stack)
    of = product(taken)
    plain = product([Item(None, None, node), *taken])
    place = (node.start, node.end)
    return Derivative(node.start, of.end, "subscript", "D", of, node.sub, None, plain, place)


def _indicator(node: Node, stack: list[Item]) -> Node | None:
    r"""Read ``\mathbb{1}[y = k]`` and ``\mathbf 1_{i = j}``: a one with a relation."""
    base = node.base if isinstance(node, Scripted) else node
    one = isinstance(base, Name) and base.spelling in _ONES
    if not one and not (isinstance(base, Number) and base.text == "1"):
        return None
    if isinstance(node, Scripted):
        if node.sup or node.primes or not node.sub:
            return None
        only = node.sub[0] if len(node.sub) == 1 else None
        inside = only.items if isinstance(only, Group) else node.sub
        end = node.end
    else:
        if not _free(stack) or not isinstance(stack[-1].node, Group):
            return None
        inside, end = stack[-1].node.items, stack[-1].node.end
    if not any(isinstance(item, Relation) for item in inside):
        return None
    if not isinstance(node, Scripted):
        stack.pop()
    return Indicator(node.start, end, inside)


def fraction(upper: Node, lower: Node, start: int, names: Names) -> Node:
    r"""Return ``\frac{..}{..}``: a derivative where both sides begin with ``\partial`` or ``d``."""
    top, bottom = only_items(upper), only_items(lower)
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
    return replace(found, start=place[0], end=place[1], plain=other, head=place)
