"""Single edits of signs, comparisons, terms, numbers and powers of functions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes.applying import apart, bracketed
from derive.notes.tree import (
    Add,
    FunctionCall,
    Group,
    Mark,
    Name,
    Node,
    Number,
    Relation,
    Scripted,
    Term,
)
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.notes.factors import Variant, Vocabulary

__all__ = ["calls", "compared", "exponents", "groups", "negated", "numbers", "terms"]

#: What is mixed up in comparisons.
_OPPOSITE = {"<": ">", ">": "<", r"\leq": r"\geq", r"\geq": r"\leq", r"\le": r"\ge", r"\ge": r"\le"}


def calls(node: FunctionCall, words: Vocabulary) -> Iterator[Variant]:
    """Square a function's value, or do not; change its argument where it has no brackets."""
    text, head = words.text, node.head
    if node.sup and len(node.sup) == 1 and isinstance(node.sup[0], Number):
        mark = node.sup[0]
        start, end = text.rfind("^", head[0], mark.start), mark.end
        while end < len(text) and text[end] == "}":
            end += 1
        yield replace(node, sup=()), (Edit(start, end, "", "power"),)
    elif not node.sup and node.argument is not None and not node.primes:
        place = node.argument.start
        while place > head[0] and text[place - 1] in " {":
            place -= 1
        for opener in (r"\left", r"\big", r"\Big", r"\bigg"):
            if text[head[0] : place].endswith(opener):
                place = len(text[: place - len(opener)].rstrip())
        new = replace(node, sup=(Number(place, place, "2"),))
        yield new, (Edit(place, place, "^2", "power"),)
    if node.argument is not None and not node.bracketed and not isinstance(node.argument, Add):
        yield replace(node, argument=_minus(node.argument)), _minus_text(node.argument)
    yield from apart(node)
    if node.argument is None:
        for group, spelled in bracketed(words):
            call = replace(node, argument=group, bracketed=True)
            yield call, (Edit(node.end, node.end, spelled, "insert"),)


def groups(node: Group) -> Iterator[Variant]:
    """Put a minus before what brackets hold."""
    if len(node.items) == 1 and not isinstance(node.items[0], Add) and node.opening != "{":
        yield replace(node, items=(_minus(node.items[0]),)), _minus_text(node.items[0])


def exponents(node: Scripted) -> Iterator[Variant]:
    """Put a minus before what stands above e."""
    if isinstance(node.base, Name) and node.base.spelling == "e" and len(node.sup) == 1:
        above = node.sup[0]
        if not isinstance(above, (Add, Mark)):
            yield replace(node, sup=(_minus(above),)), _minus_text(above)


def compared(node: Relation) -> Iterator[Variant]:
    """Turn a comparison round."""
    for n, sign in enumerate(node.relations):
        if sign.text in _OPPOSITE:
            new = replace(sign, text=_OPPOSITE[sign.text])
            relations = (*node.relations[:n], new, *node.relations[n + 1 :])
            edit = Edit(sign.start, sign.end, new.text, "sign")
            yield replace(node, relations=relations), (edit,)


def _minus(node: Node) -> Node:
    return Add(
        node.start, node.end, (Term(node.start, node.end, "-", node, (node.start, node.start)),)
    )


def _minus_text(node: Node) -> tuple[Edit, ...]:
    return (Edit(node.start, node.start, "-", "sign"),)


def terms(node: Add) -> Iterator[Variant]:
    """Flip the sign of a term, or leave it out."""
    for position, term in enumerate(node.terms):
        flipped = "+" if term.sign == "-" else "-"
        start, end = term.sign_range
        text = "" if position == 0 and flipped == "+" else flipped
        new = replace(term, sign=text and flipped)
        changed = (*node.terms[:position], new, *node.terms[position + 1 :])
        if not term.sign and start == end:
            start = end = term.body.start
        yield replace(node, terms=changed), (Edit(start, end, text, "sign"),)
        if len(node.terms) > 1:
            rest = (*node.terms[:position], *node.terms[position + 1 :])
            cut = term.body.end
            if position == 0:
                first = rest[0]
                if first.sign == "+":
                    cut = first.sign_range[1]
                    rest = (replace(first, sign=""), *rest[1:])
                else:
                    cut = first.sign_range[0]
            yield replace(node, terms=rest), (Edit(start, cut, "", "term"),)


def numbers(node: Number) -> Iterator[Variant]:
    """Put another small number."""
    for text in ("1", "2", "3", "4", "0"):
        if text != node.text:
            yield replace(node, text=text), (Edit(node.start, node.end, text, "number"),)


def negated(side: Node) -> Iterator[Variant]:
    """Put a minus before a whole side."""
    if not isinstance(side, Add):
        yield _minus(side), _minus_text(side)
    elif len(side.terms) > 1:
        terms = tuple(replace(t, sign="+" if t.sign == "-" else "-") for t in side.terms)
        yield (
            replace(side, terms=terms),
            (
                Edit(side.start, side.start, r"-\left(", "sign"),
                Edit(side.end, side.end, r"\right)", "sign"),
            ),
        )
