"""Single edits of functions and their brackets: a lost name, a lost argument, what is between."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from derive.notes.tree import FunctionCall, Group, Name, Node, Operator, Product, Scripted
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.notes.factors import Variant, Vocabulary

__all__ = ["apart", "applied", "bracketed", "elementwise", "gated", "reapplied", "unapplied"]


def bracketed(words: Vocabulary) -> Iterator[tuple[Group, str]]:
    """Yield what the definitions have in brackets: it may be a lost argument."""
    for node, text in words.brackets:
        if isinstance(node, Group) and node.opening != "{":
            yield node, text


def elementwise(words: Vocabulary) -> str:
    """Return the sign that the claim has for elementwise products."""
    return r"\odot" if r"\odot" in words.text else r"\circ"


def applied(node: Group, words: Vocabulary) -> Iterator[Variant]:
    """Put a function that got lost before its brackets."""
    start = node.start
    # Brackets around several things are those of a function, whichever it is.
    for name in words.functions if len(node.items) > 1 else words.applied:
        for call, text in _calls(name, node):
            yield call, (Edit(start, start, text, "function"),)


def _calls(name: str, argument: Group) -> Iterator[tuple[Group, str]]:
    """Yield a function of brackets, and its derivative, each with the text of its name."""
    start, end = argument.start, argument.end
    plain = Name(start, start, name)
    primed = Scripted(start, start, plain, primes=1)
    for function, text in ((plain, name), (primed, f"{name}'")):
        call = Product(start, end, (function, argument), (Operator(start, start, ""),))
        yield Group(start, end, "{", "}", (call,)), text


def apart(node: FunctionCall) -> Iterator[Variant]:
    """Apply a function to brackets only, without what stands between it and them."""
    argument = node.argument
    if node.bracketed or not isinstance(argument, Product):
        return
    factors, operators = argument.factors, argument.operators
    for n, group in enumerate(factors):
        if n and isinstance(group, Group):
            call = replace(node, argument=group, bracketed=True, end=group.end)
            new: Node = call
            if n + 1 < len(factors):
                rest = (call, *factors[n + 1 :])
                new = Product(node.start, node.end, rest, operators[n:])
            yield new, (Edit(argument.start, group.start, "", "drop"),)
            return


def gated(node: Product, words: Vocabulary) -> Iterator[Variant]:
    """Put a function, with the sign of an elementwise product, before brackets of its argument."""
    for n, group in enumerate(node.factors):
        if not n or words.indexed or not isinstance(group, Group) or node.operators[n - 1].text:
            continue
        start = group.start
        sign = Operator(start, start, elementwise(words))
        signs = (*node.operators[: n - 1], sign, *node.operators[n:])
        for name in words.applied:
            for call, text in _calls(name, group):
                factors = (*node.factors[:n], call, *node.factors[n + 1 :])
                edit = Edit(start, start, f" {sign.text} {text}", "function")
                yield replace(node, factors=factors, operators=signs), (edit,)


def reapplied(node: Product) -> Iterator[Variant]:
    """Apply a function to the brackets behind its argument, which is too much."""
    factors, operators = node.factors, node.operators
    for n, (call, group) in enumerate(pairwise(factors)):
        if not isinstance(call, FunctionCall) or not isinstance(group, Group):
            continue
        if call.argument is None:
            continue
        whole = replace(call, argument=group, bracketed=True, end=group.end)
        rest = (*factors[:n], whole, *factors[n + 2 :])
        new: Node = whole
        if len(rest) > 1:
            new = replace(node, factors=rest, operators=(*operators[:n], *operators[n + 1 :]))
        yield new, (Edit(call.argument.start, group.start, "", "drop"),)


def unapplied(node: Node) -> Node | None:
    """Return the name of a function that was given its argument without any being written."""
    if isinstance(node, Product) and len(node.factors) == 2:
        name, argument = node.factors
        if argument.start == argument.end == name.end:
            return name
    return None
