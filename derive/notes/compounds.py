"""What a repair may put in that stands nowhere yet: brackets such as gradients have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.applying import elementwise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.notes.factors import Vocabulary
    from derive.notes.tree import Node

__all__ = ["compounds", "inverse"]


def compounds(words: Vocabulary) -> Iterator[tuple[Node, str]]:
    """Yield what gradients have in brackets: differences and sums, and what is left of 1.

    What the definitions have in brackets comes first, and what is left of its value.
    """
    known: list[tuple[Node, str]] = [
        pair for pair in words.factors if isinstance(pair[0], (tree.Name, tree.Scripted))
    ]
    one: tuple[Node, str] = (tree.Number(0, 0, "1"), "1")
    two = tree.Number(0, 0, "2")
    for node, text in words.brackets:
        yield node, text
        if isinstance(node, tree.Group) and node.opening == "{":
            for first, second in (((node, text), one), (one, (node, text))):
                yield _bracketed(first, "-", second)
    for n, (node, text) in enumerate(known):
        if words.rank(node) == 1 and not words.indexed:
            yield _diagonal(tree.Group(0, 0, "(", ")", (node,)), f"({text})")
        for gate, spelled in known[:n] if words.rank(node) == 2 else ():
            if words.rank(gate) == 2:
                sign = elementwise(words)
                pair = tree.Product(0, 0, (gate, node), (tree.Operator(0, 0, sign),))
                yield tree.Group(0, 0, "(", ")", (pair,)), f"({spelled} {sign} {text})"
        others = (*known[:n], *known[n + 1 :], one)
        pairs = [(first, "+", (node, text)) for first in known[:n]]
        pairs += [(first, "-", (node, text)) for first in others]
        if not (isinstance(node, tree.Scripted) and node.sup):
            inner = tree.Group(0, 0, "(", ")", (node,))
            squared: Node = tree.Scripted(0, 0, inner, (), (two,))
            pairs.append((one, "-", (squared, f"{text}^2")))
        if words.indexed or words.rank(node) == 0:
            yield from _powers(node, text)
        for terms in pairs:
            whole, spelled = _bracketed(*terms)
            yield whole, spelled
            if terms[0] is one and not words.indexed and words.rank(node) == 1:
                # A matrix of what an elementwise function leaves.
                yield _diagonal(whole, spelled)


def _diagonal(group: Node, text: str) -> tuple[Node, str]:
    """Return the diagonal matrix of what brackets hold."""
    return tree.FunctionCall(0, 0, "diag", group, bracketed=True), rf"\mathrm{{diag}}{text}"


def _bracketed(one: tuple[Node, str], sign: str, two: tuple[Node, str]) -> tuple[Node, str]:
    """Return a sum or difference of two in brackets."""
    terms = (tree.Term(0, 0, "", one[0]), tree.Term(0, 0, sign, two[0]))
    return tree.Group(0, 0, "(", ")", (tree.Add(0, 0, terms),)), f"({one[1]} {sign} {two[1]})"


def _powers(node: Node, text: str) -> Iterator[tuple[Node, str]]:
    """Yield powers of a symbol, up to the third one below a line."""
    if isinstance(node, tree.Scripted) and node.sup:
        return
    group = tree.Group(0, 0, "(", ")", (node,))
    for digit in "23":
        power = tree.Scripted(0, 0, group, (), (tree.Number(0, 0, digit),))
        yield power, f"{text}^{digit}"
        yield inverse(power), rf"\frac{{1}}{{{text}^{digit}}}"
    yield inverse(node), rf"\frac{{1}}{{{text}}}"


def inverse(node: Node) -> Node:
    """Return 1 by an expression."""
    return tree.Fraction(0, 0, tree.Number(0, 0, "1"), node)
