"""Single edits of a formula: what a slip of the pen, undone, would give.

Every edit is made on the tree and, at the same place, on the text. ``variants`` yields them all
for one side of a claim; what they mean is not looked at here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.tree import (
    Add,
    BigOperator,
    Derivative,
    FunctionCall,
    Group,
    Mark,
    Name,
    Node,
    Number,
    Operator,
    Product,
    Scripted,
    Term,
)
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["KINDS", "Vocabulary", "substitutions", "variants", "wrapped"]

#: Kinds of edits, the likelier slips first; the order breaks ties between repairs.
KINDS = (
    "rename", "index", "sign", "symbol", "transpose", "operator", "power", "number", "order",
    "drop", "insert", "diag", "sum", "function",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What may be put in.

    Parameters
    ----------
    letters : tuple of str
        Indices.
    symbols : mapping as tuple of (str, tuple of str)
        For a symbol, others of its shape.
    factors : tuple of (Node, str)
        Factors with their text.
    functions : tuple of str
        Names of functions that may be mixed up.
    """

    letters: tuple[str, ...]
    symbols: tuple[tuple[str, tuple[str, ...]], ...]
    factors: tuple[tuple[Node, str], ...]
    text: str


Variant = tuple[Node, Edit]


def variants(side: Node, vocabulary: Vocabulary) -> Iterator[Variant]:
    """Yield every single edit of a side of a claim."""
    yield from _renamings(side, vocabulary)
    yield from _anywhere(side, vocabulary)
    yield from _negated(side)
    if not isinstance(side, (Add, Product)):
        yield from _multiplied(side, vocabulary)


def substitutions(side: Node, vocabulary: Vocabulary) -> Iterator[Variant]:
    """Yield the edits that put a known factor in the place of another factor."""
    for part in tree.walk(side):
        if not isinstance(part, Product):
            continue
        for factor in part.factors:
            for new, text in vocabulary.factors:
                if new != factor and factor.end > factor.start:
                    moved = replace(new, start=factor.start, end=factor.end)
                    yield (
                        _swapped(side, factor, moved),
                        Edit(factor.start, factor.end, text, "insert"),
                    )


def _swapped(node: Node, old: Node, new: Node) -> Node:
    """Return the tree with one part, that very one, replaced."""
    if node is old:
        return new
    return _mapped(node, lambda child: _swapped(child, old, new), same=True)


def _multiplied(node: Node, vocabulary: Vocabulary) -> Iterator[Variant]:
    """Put a factor before or after something that is no product yet."""
    for new, text in vocabulary.factors:
        for first in (True, False):
            place = node.start if first else node.end
            moved = replace(new, start=place, end=place)
            sign = Operator(place, place, "")
            pair = (moved, node) if first else (node, moved)
            padded = f"{text} " if first else f" {text}"
            yield Product(node.start, node.end, pair, (sign,)), Edit(place, place, padded, "insert")


def _renamings(side: Node, vocabulary: Vocabulary) -> Iterator[Variant]:
    """Rename all occurrences of an index, or of a symbol, at once."""
    symbols = dict(vocabulary.symbols)
    names = [*vocabulary.letters, *(name for name in symbols if name not in vocabulary.letters)]
    for old in names:
        places = [
            part for part in tree.walk(side) if isinstance(part, Name) and part.spelling == old
        ]
        if len(places) < 2:
            continue
        for new in vocabulary.letters if old in vocabulary.letters else symbols[old]:
            if new != old:
                start = min(part.start for part in places)
                end = max(part.end for part in places)
                text = vocabulary.text[start:end]
                for part in sorted(places, key=lambda p: -p.start):
                    text = text[: part.start - start] + new + text[part.end - start :]
                yield _renamed(side, old, new), Edit(start, end, text, "rename")


def _renamed(node: Node, old: str, new: str) -> Node:
    if isinstance(node, Name):
        return replace(node, spelling=new) if node.spelling == old else node
    return _mapped(node, lambda child: _renamed(child, old, new))


def _mapped(node: Node, function: object, same: bool = False) -> Node:
    """Rebuild a node from changed parts; ``same`` tells changes by identity."""
    assert callable(function)
    changes = {}
    for item in fields(node):
        value = getattr(node, item.name)
        if isinstance(value, Node):
            changes[item.name] = function(value)
        elif isinstance(value, tuple):
            changes[item.name] = tuple(
                function(part)
                if isinstance(part, Node)
                else tuple(function(cell) if isinstance(cell, Node) else cell for cell in part)
                if isinstance(part, tuple)
                else part
                for part in value
            )
    if same:
        changes = {k: v for k, v in changes.items() if not _identical(v, getattr(node, k))}
    else:
        changes = {k: v for k, v in changes.items() if v != getattr(node, k)}
    return replace(node, **changes) if changes else node


def _identical(new: object, old: object) -> bool:
    if isinstance(new, tuple) and isinstance(old, tuple):
        return all(_identical(a, b) for a, b in zip(new, old, strict=True))
    return new is old


def _anywhere(node: Node, vocabulary: Vocabulary) -> Iterator[Variant]:
    """Yield the edits of a node itself, then those of its parts, each put back in its place."""
    yield from _own(node, vocabulary)
    for item in fields(node):
        if isinstance(node, Derivative) and item.name == "plain":
            continue
        value = getattr(node, item.name)
        if isinstance(value, Node):
            for new, edit in _anywhere(value, vocabulary):
                yield replace(node, **{item.name: new}), edit
        elif isinstance(value, tuple):
            for position, part in enumerate(value):
                if isinstance(part, Node):
                    for new, edit in _anywhere(part, vocabulary):
                        changed = (*value[:position], new, *value[position + 1 :])
                        yield replace(node, **{item.name: changed}), edit
                elif isinstance(part, tuple):
                    for inner, cell in enumerate(part):
                        if isinstance(cell, Node):
                            for new, edit in _anywhere(cell, vocabulary):
                                row = (*part[:inner], new, *part[inner + 1 :])
                                changed = (*value[:position], row, *value[position + 1 :])
                                yield replace(node, **{item.name: changed}), edit


def _own(node: Node, vocabulary: Vocabulary) -> Iterator[Variant]:
    if isinstance(node, Name):
        yield from _names(node, vocabulary)
    elif isinstance(node, Scripted):
        yield from _scripts(node, vocabulary)
    elif isinstance(node, FunctionCall):
        yield from _calls(node, vocabulary)
    elif isinstance(node, Add):
        yield from _terms(node)
    elif isinstance(node, Term):
        if not isinstance(node.body, (Add, Product)):
            for new, edit in _multiplied(node.body, vocabulary):
                yield replace(node, body=new), edit
    elif isinstance(node, Product):
        yield from _factors(node, vocabulary)
    elif isinstance(node, Number):
        yield from _numbers(node)
    elif isinstance(node, BigOperator):
        yield node.body, Edit(*_trimmed(node.head, vocabulary.text), "", "sum")
    elif isinstance(node, Group):
        yield from _groups(node, vocabulary)
    if isinstance(node, (Name, Scripted, Group, Derivative)) and node.end > node.start:
        yield from _raised(node)


def _trimmed(span: tuple[int, int], text: str) -> tuple[int, int]:
    start, end = span
    while end < len(text) and text[end] == " ":
        end += 1
    return start, end


def _names(node: Name, vocabulary: Vocabulary) -> Iterator[Variant]:
    others = dict(vocabulary.symbols).get(node.spelling, ())
    for other in others:
        yield replace(node, spelling=other), _text(node, other, "symbol")
    if node.spelling in vocabulary.letters:
        for letter in vocabulary.letters:
            if letter != node.spelling:
                yield replace(node, spelling=letter), _text(node, letter, "index")


def _text(node: Node, text: str, kind: str) -> Edit:
    return Edit(node.start, node.end, text, kind)


def _scripts(node: Scripted, vocabulary: Vocabulary) -> Iterator[Variant]:
    base = node.base
    if isinstance(base, Name) and not node.primes and not node.sup and node.sub:
        # A symbol with its indices may be mixed up with another of the same shape: see _names.
        return
    if node.sup and node.sup_range is not None and len(node.sup) == 1:
        mark = node.sup[0]
        if _is_transpose(mark) or isinstance(mark, Number):
            kind = "transpose" if _is_transpose(mark) else "power"
            bare: Node = replace(node, sup=(), sup_range=None)
            if not node.sub and not node.primes:
                bare = base
            yield bare, Edit(*node.sup_range, "", kind)
    if node.primes and node.prime_range is not None:
        bare = replace(node, primes=0, prime_range=None)
        if not node.sub and not node.sup:
            bare = base
        yield bare, Edit(*node.prime_range, "", "function")


def _is_transpose(mark: Node) -> bool:
    return (isinstance(mark, Mark) and mark.text in (r"\top", r"\intercal")) or (
        isinstance(mark, Name) and mark.spelling in ("T", r"\top")
    )


def _raised(node: Node) -> Iterator[Variant]:
    """Transpose or square something that has nothing above it."""
    if isinstance(node, Scripted) and (node.sup or node.primes):
        return
    base, sub = (node.base, node.sub) if isinstance(node, Scripted) else (node, ())
    end = node.end
    for mark, text, kind in (
        (Mark(end, end, r"\top"), r"^\top", "transpose"),
        (Number(end, end, "2"), "^2", "power"),
    ):
        if isinstance(node, Derivative):
            if kind == "power":
                continue
            edit_text = text
            grouped = Group(node.start, node.end, "(", ")", (node,))
            yield (
                Scripted(node.start, end, grouped, (), (mark,)),
                Edit(node.start, end, f"\\left({{}}\\right){edit_text}", kind),
            )
            continue
        yield (
            Scripted(node.start, end, base, sub, (mark,), sup_range=(end, end)),
            Edit(end, end, text, kind),
        )


def _calls(node: FunctionCall, vocabulary: Vocabulary) -> Iterator[Variant]:
    head = node.head
    if node.sup and len(node.sup) == 1 and isinstance(node.sup[0], Number):
        mark = node.sup[0]
        start = vocabulary.text.rfind("^", head[0], mark.start)
        end = mark.end
        while end < len(vocabulary.text) and vocabulary.text[end] == "}":
            end += 1
        yield replace(node, sup=()), Edit(start, end, "", "power")
    elif not node.sup and node.argument is not None and not node.primes:
        place = node.argument.start
        while place > head[0] and vocabulary.text[place - 1] in " {":
            place -= 1
        name_end = head[0] + len(vocabulary.text[head[0] : place].rstrip())
        for opener in (r"\left", r"\big", r"\Big", r"\bigg"):
            if vocabulary.text[head[0] : name_end].endswith(opener):
                name_end = len(vocabulary.text[: name_end - len(opener)].rstrip())
        mark = Number(name_end, name_end, "2")
        yield replace(node, sup=(mark,)), Edit(name_end, name_end, "^2", "power")
    if node.argument is not None and not node.bracketed:
        yield from _minus_inside(node)


def _minus_inside(node: FunctionCall) -> Iterator[Variant]:
    argument = node.argument
    assert argument is not None
    if not isinstance(argument, Add):
        start = argument.start
        term = Term(start, argument.end, "-", argument, (start, start))
        negative = Add(start, argument.end, (term,))
        yield replace(node, argument=negative), Edit(start, start, "-", "sign")


def _groups(node: Group, vocabulary: Vocabulary) -> Iterator[Variant]:
    if len(node.items) == 1 and not isinstance(node.items[0], Add) and node.opening != "{":
        item = node.items[0]
        term = Term(item.start, item.end, "-", item, (item.start, item.start))
        negative = Add(item.start, item.end, (term,))
        yield replace(node, items=(negative,)), Edit(item.start, item.start, "-", "sign")


def _terms(node: Add) -> Iterator[Variant]:
    for position, term in enumerate(node.terms):
        flipped = "+" if term.sign == "-" else "-"
        start, end = term.sign_range
        text = flipped
        if position == 0 and flipped == "+":
            text = ""
        new = replace(term, sign="" if not text else flipped)
        terms = (*node.terms[:position], new, *node.terms[position + 1 :])
        if not term.sign and start == end:
            start = end = term.body.start
        yield replace(node, terms=terms), Edit(start, end, text, "sign")
        if len(node.terms) > 1:
            rest = (*node.terms[:position], *node.terms[position + 1 :])
            cut_end = term.body.end
            cut_start = start
            if position == 0:
                first = rest[0]
                if first.sign == "+":
                    cut_end = first.sign_range[1]
                    rest = (replace(first, sign=""), *rest[1:])
                else:
                    cut_end = first.sign_range[0]
            yield replace(node, terms=rest), Edit(cut_start, cut_end, "", "drop")


def _numbers(node: Number) -> Iterator[Variant]:
    for text in ("1", "2", "3", "4", "0"):
        if text != node.text:
            yield replace(node, text=text), _text(node, text, "number")


_OPERATORS = ((r"\circ", r" \circ "), (r"\otimes", r" \otimes "), ("", " "))


def _factors(node: Product, vocabulary: Vocabulary) -> Iterator[Variant]:
    factors, operators = node.factors, node.operators
    for n, sign in enumerate(operators):
        for operator, text in _OPERATORS:
            if operator != sign.text and not (operator == "" and sign.text in (r"\cdot", "*", "/")):
                new = replace(sign, text=operator)
                changed = (*operators[:n], new, *operators[n + 1 :])
                start, end = factors[n].end, factors[n + 1].start
                yield replace(node, operators=changed), Edit(start, end, text, "operator")
    for n in range(len(factors) - 1):
        one, two = factors[n], factors[n + 1]
        swapped = (*factors[:n], two, one, *factors[n + 2 :])
        start, end = one.start, two.end
        # A space keeps a command before it apart from a letter after it.
        between = f"{vocabulary.text[one.end : two.start].rstrip()} "
        text = vocabulary.text[two.start : two.end] + between + vocabulary.text[one.start : one.end]
        yield replace(node, factors=swapped), Edit(start, end, text, "order")
    for n, factor in enumerate(factors):
        yield from _without(node, n, factor)
    for n in range(len(factors) + 1):
        for new, text in vocabulary.factors:
            place = factors[n].start if n < len(factors) else factors[-1].end
            moved = replace(new, start=place, end=place)
            grown = (*factors[:n], moved, *factors[n:])
            signs = (*operators[:n], Operator(place, place, ""), *operators[n:])
            padded = f"{text} " if n < len(factors) else f" {text}"
            yield replace(node, factors=grown, operators=signs), Edit(place, place, padded, "insert")


def _without(node: Product, n: int, factor: Node) -> Iterator[Variant]:
    factors, operators = node.factors, node.operators
    if len(factors) < 2 or (n < len(operators) and operators[n].text == "/"):
        return
    rest = (*factors[:n], *factors[n + 1 :])
    if n == 0:
        signs = operators[1:]
        edit = Edit(factor.start, factors[1].start, "", "drop")
    else:
        signs = (*operators[: n - 1], *operators[n:])
        edit = Edit(factors[n - 1].end, factor.end, "", "drop")
    new: Node = rest[0] if len(rest) == 1 else replace(node, factors=rest, operators=signs)
    yield new, edit


def _negated(side: Node) -> Iterator[Variant]:
    """Put a minus before a whole side."""
    if isinstance(side, Add):
        if len(side.terms) > 1:
            terms = tuple(
                replace(term, sign="+" if term.sign == "-" else "-") for term in side.terms
            )
            inner = replace(side, terms=terms)
            yield inner, Edit(side.start, side.end, "-\\left({}\\right)", "sign")
        return
    term = Term(side.start, side.end, "-", side, (side.start, side.start))
    yield Add(side.start, side.end, (term,)), Edit(side.start, side.start, "-", "sign")


def wrapped(side: Node, letter: str) -> Variant:
    """Put a sum over a letter before a side."""
    start = side.start
    index = Name(start, start, letter)
    body = Group(side.start, side.end, "(", ")", (side,)) if isinstance(side, Add) else side
    new = BigOperator(start, side.end, "sum", (index,), (), body, (start, start))
    text = rf"\sum_{{{letter}}} "
    if isinstance(side, Add):
        return new, Edit(start, side.end, text + r"\left({}\right)", "sum")
    return new, Edit(start, start, text, "sum")


