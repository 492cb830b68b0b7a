"""Right claims written in other words: none of them may be called wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.factors import is_scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from derive.notes.factors import Vocabulary
    from derive.notes.tree import Node
    from tests.bench.mutants import Bench, Claim

__all__ = ["by_hand", "systematic"]

BY_HAND = Path(__file__).with_name("rewritings.txt")
_FRESH = ("r", "s", "u", "v", "n", "q")

#: Text for text, where the left stands in a claim.
_TEXTS = (
    (r"^\top", r"^T"),
    (r"^\top", r"^{\top}"),
    (r"\circ", r"\odot"),
    (r"\odot", r"\circ"),
    (r"\left(", "("),
    (r"\frac{1}{2}", r"0.5"),
    (r"\frac{", r"\dfrac{"),
    (r"\partial", r"\partial "),
    (" ", r" \, "),
)
#: Patterns and what says the same.
_PATTERNS = (
    # Not the upper limit of a sum.
    (r"(?<!\})\^T", r"^\\intercal"),
    (r"1 - \\tanh\^2\[(.*?)\]", r"\\mathrm{sech}^2[\1]"),
    (r"\\tanh\^2\[(.*?)\] - 1", r"-\\mathrm{sech}^2[\1]"),
    (r"1 - \\tanh\^2\[(.*?)\]", r"4 \\sigma(2 \1) \\sigma(-2 \1)"),
    (r"\\tanh\[(.*?)\]", r"(2 \\sigma(2 \1) - 1)"),
    (r"\\exp\\left\((.*?)\\right\)", r"e^{\1}"),
    (r"\\sum_\{(\w)=1\}\^(\{[^}]*\}|\w)", r"\\sum_\1"),
    (r"\\sum_\{(\w)=1\}\^(\{[^}]*\}|\w)", r"\\sum_{\1}"),
    (r"^\\frac\{1\}\{(\w)\} (.*)$", r"\\frac{\2}{\1}"),
    (r"\((\w_\w) - (\w_\w)\)", r"(-\2 + \1)"),
    (r"\((\w) - (\w)\)", r"(-(\2 - \1))"),
    (r"(\w_\w) \(1 - \1\)", r"(\1 - \1^2)"),
    (r"(\w_\{?\w+\}?)\^2", r"\1 \1"),
    (r"\\sigma\(([^()]*)\)", r"\\frac{1}{1 + e^{-(\1)}}"),
    (r"\\sigma\(([^()]*)\)", r"\\frac{e^{\1}}{1 + e^{\1}}"),
    (r"\\sigma\(([^()]*)\)", r"(1 - \\sigma(-(\1)))"),
    (r"\\sigma'\((\w+)\)", r"\\sigma(\1) \\circ (1 - \\sigma(\1))"),
    (r"\\\|(\w)\\\|\^2", r"\1^\\top \1"),
)


def systematic(bench: Bench, claims: Iterable[Claim]) -> Iterator[str]:
    """Yield rewritings of a note's right claims, made by rule."""
    for claim in claims:
        words = bench.words(claim)
        head, side = claim.latex[: claim.side.start], claim.latex[claim.side.start :]
        for old, new in _TEXTS:
            if old in claim.latex:
                text = claim.latex.replace(old, new)
                yield text.replace(r"\right)", ")") if old == r"\left(" else text
        for pattern, new in _PATTERNS:
            if r"\sigma" in pattern and r"{\partial \sigma" in side:
                # What something is derived by must stay what it is.
                continue
            found = re.sub(pattern, new, side, count=1)
            if found != side:
                yield head + found
        yield f"{head}\\left( {side} \\right)"
        yield f"{head}- \\left( - \\left( {side} \\right) \\right)"
        yield from _renamed(claim, words)
        yield from _reordered(claim, words)
        yield from _expanded(claim, words)


def _renamed(claim: Claim, words: Vocabulary) -> Iterator[str]:
    """Yield the claim with the index of one sum renamed."""
    for part in tree.walk(claim.side):
        if not isinstance(part, tree.BigOperator):
            continue
        names = [
            name
            for name in tree.walk(part)
            if isinstance(name, tree.Name) and name.spelling in words.letters
        ]
        letter = next((n.spelling for n in names if n.start < part.head[1]), None)
        taken = {p.spelling for p in tree.walk(claim.side) if isinstance(p, tree.Name)}
        taken |= {name for name, _ in words.ranks} | {"n", "d", "k", "m"}
        new = next((one for one in _FRESH if one not in taken and one not in claim.latex), None)
        if letter is None or new is None:
            continue
        text = claim.latex
        for name in sorted(names, key=lambda n: -n.start):
            if name.spelling == letter:
                text = text[: name.start] + new + text[name.end :]
        yield text


def _reordered(claim: Claim, words: Vocabulary) -> Iterator[str]:
    """Yield the claim with two terms, or two factors that are numbers, exchanged."""
    text = claim.latex
    below = {
        id(index)
        for part in tree.walk(claim.side)
        if isinstance(part, tree.Scripted)
        for index in part.sub
    }
    for part in tree.walk(claim.side):
        if isinstance(part, tree.Product) and is_scalar(part, words) and id(part) not in below:
            pairs = zip(part.factors, part.factors[1:], part.operators, strict=False)
            for one, two, sign in pairs:
                simple = isinstance(two, (tree.Scripted, tree.Name, tree.Group, tree.Fraction))
                if not sign.text and simple:
                    between = text[one.end : two.start] or " "
                    yield (
                        text[: one.start]
                        + text[two.start : two.end]
                        + between
                        + text[one.start : one.end]
                        + text[two.end :]
                    )
        elif isinstance(part, tree.Add) and len(part.terms) == 2 and part.terms[1].sign == "+":
            one, two = part.terms[0].body, part.terms[1].body
            if not part.terms[0].sign and not isinstance(two, tree.BigOperator):
                yield (
                    text[: one.start]
                    + text[two.start : two.end]
                    + " + "
                    + text[one.start : one.end]
                    + text[two.end :]
                )


def _expanded(claim: Claim, words: Vocabulary) -> Iterator[str]:
    """Yield the claim with a factor distributed over a bracket, or a sum over its terms."""
    text = claim.latex
    for part in tree.walk(claim.side):
        if isinstance(part, tree.Product) and not any(o.text for o in part.operators):
            last = part.factors[-1]
            add = _bracket(last)
            if add is not None and len(part.factors) == 2 and _simple(part.factors[0]):
                first = text[part.factors[0].start : part.factors[0].end]
                terms = " ".join(
                    f"{term.sign or ('+' if n else '')} {first} {text[t.start : t.end]}"
                    for n, term in enumerate(add.terms)
                    for t in (term.body,)
                )
                scalar = is_scalar(last, words) or not is_scalar(part.factors[0], words)
                if scalar and is_scalar(part, words):
                    yield f"{text[: part.start]}\\left( {terms} \\right){text[part.end :]}"
        elif isinstance(part, tree.BigOperator):
            add = _bracket(part.body)
            if add is not None:
                head = text[part.head[0] : part.head[1]]
                terms = " ".join(
                    f"{term.sign or ('+' if n else '')} {head} {text[t.start : t.end]}"
                    for n, term in enumerate(add.terms)
                    for t in (term.body,)
                )
                yield f"{text[: part.start]}\\left( {terms} \\right){text[part.end :]}"


def _bracket(node: Node) -> tree.Add | None:
    if isinstance(node, tree.Group) and len(node.items) == 1:
        inner = node.items[0]
        if isinstance(inner, tree.Add) and len(inner.terms) > 1:
            return inner
    return None


def _simple(node: Node) -> bool:
    return isinstance(node, (tree.Name, tree.Scripted, tree.Number, tree.Fraction))


def by_hand(note: str) -> Iterator[str]:
    """Yield the rewritings that were written by hand for a note."""
    for line in BY_HAND.read_text(encoding="utf-8").splitlines():
        name, _, latex = line.partition(" | ")
        if name == note:
            yield latex
