"""Single edits of products and sums: what is missing, what is too much, the wrong operator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from derive.notes import tree
from derive.notes.applying import bracketed, elementwise, gated, reapplied, unapplied
from derive.notes.symbols import DIVISIONS
from derive.notes.tree import (
    Add,
    BigOperator,
    Derivative,
    Fraction,
    FunctionCall,
    Group,
    Name,
    Node,
    Norm,
    Number,
    Operator,
    Product,
    Scripted,
    Term,
    Wrapped,
)
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "KINDS",
    "Inserted",
    "Variant",
    "Vocabulary",
    "added",
    "factored",
    "inserted",
    "is_scalar",
    "products",
    "reduced",
    "wrapped",
]

#: Kinds of edits, the likelier slips first; the order breaks ties between repairs.
KINDS = (
    "rename", "index", "sign", "symbol", "transpose", "operator", "sum", "drop", "power", "number",
    "order", "insert", "diag", "function", "term", "substitute", "complement",
)  # fmt: skip

#: A changed side, and the edits of the text that change it.
Variant: TypeAlias = "tuple[Node, tuple[Edit, ...]]"


class Inserted(Wrapped):
    """Something put in from elsewhere: its parts' places are not those of this text."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What may be put in.

    Parameters
    ----------
    letters : tuple of str
        Indices.
    symbols : tuple of (str, tuple of str)
        For a symbol, others that it may be mixed up with.
    factors : tuple of (Node, str)
        Factors with their text.
    text : str
        The formula's text.
    functions : tuple of str
        Names of functions, which may carry a prime.
    ranks : tuple of (str, int)
        How many axes a symbol has; what is not here is no tensor.
    indexed : bool
        Whether the claim is written with indices.
    transpose : str
        How the claim writes a transpose.
    free : tuple of str
        The letters that the claim holds for, one by one.
    entries : tuple of (Node, str)
        Entries of integers that stand as an index somewhere, with their text.
    applied : tuple of str
        Functions that the claim or the definitions have, or those that the note defines.
    numbered : tuple of (Node, str)
        Entries at written places, such as ``w_{12}``, with their text.
    outer : bool
        Whether the note's author writes outer products with their own sign.
    brackets : tuple of (Node, str)
        What the definitions have in brackets, or apply a function to.
    sizes : tuple of str
        The names of sizes.
    shifted : bool
        Whether the claim or the definitions have indices such as ``i + 1``.
    """

    letters: tuple[str, ...]
    symbols: tuple[tuple[str, tuple[str, ...]], ...]
    factors: tuple[tuple[Node, str], ...]
    text: str
    functions: tuple[str, ...] = ()
    ranks: tuple[tuple[str, int], ...] = ()
    indexed: bool = True
    transpose: str = r"^\top"
    free: tuple[str, ...] = ()
    entries: tuple[tuple[Node, str], ...] = ()
    applied: tuple[str, ...] = ()
    numbered: tuple[tuple[Node, str], ...] = ()
    outer: bool = False
    brackets: tuple[tuple[Node, str], ...] = ()
    sizes: tuple[str, ...] = ()
    shifted: bool = False

    def alike(self, edit: Edit, text: str) -> bool:
        """Tell whether a symbol is replaced by one with as many axes, or of an unknown number."""
        ranks = dict(self.ranks)
        old = text[edit.start : edit.end]
        return old not in ranks or ranks[old] == ranks.get(edit.text)

    def rank(self, node: Node) -> int | None:
        """Return how many axes a symbol has, None if that is not known."""
        return dict(self.ranks).get(node.spelling) if isinstance(node, Name) else None


#: Signs of elementwise products.
_ENTRIES = (r"\circ", r"\odot")


def is_scalar(node: Node, words: Vocabulary) -> bool:
    """Tell whether a part is a number for sure."""
    if isinstance(node, (Number, Norm)):
        return True
    if isinstance(node, Name):
        rank = words.rank(node)
        return rank == 0 or (rank is None and node.spelling in (*words.letters, *words.sizes))
    if isinstance(node, Scripted) and isinstance(node.base, Name) and not node.primes:
        rank = words.rank(node.base)
        return rank is not None and len(tree.indices(node)) >= rank
    if isinstance(node, Derivative):
        parts = (node.of, *node.wrt)
        return all(part is not None and _whole(part, words) for part in parts)
    if isinstance(node, (Group, Fraction, Add, Term, Product)):
        return all(
            is_scalar(part, words) for part in tree.children(node) if not isinstance(part, Operator)
        )
    if isinstance(node, BigOperator):
        return is_scalar(node.body, words)
    return False


def _whole(node: Node, words: Vocabulary) -> bool:
    """Tell whether what a derivative is of, or by, is a number; an unknown name is a loss."""
    if isinstance(node, Name):
        return words.rank(node) in (0, None)
    return is_scalar(node, words)


def products(node: Product, words: Vocabulary) -> Iterator[Variant]:
    """Yield the edits of a product: operators, order, factors too many, factors missing."""
    factors, operators = node.factors, node.operators
    scalar = [is_scalar(factor, words) for factor in factors]
    for n, sign in enumerate(operators):
        if not scalar[n] and not scalar[n + 1]:
            yield from _operators(node, n, sign, words)
    for n in range(len(factors) - 1):
        if scalar[n] or scalar[n + 1] or operators[n].text in DIVISIONS:
            continue
        one, two = factors[n], factors[n + 1]
        swapped = (*factors[:n], two, one, *factors[n + 2 :])
        # A space keeps a command before it apart from a letter after it.
        between = f"{words.text[one.end : two.start].rstrip()} "
        text = words.text[two.start : two.end] + between + words.text[one.start : one.end]
        yield replace(node, factors=swapped), (Edit(one.start, two.end, text, "order"),)
    yield from reduced(node)
    yield from reapplied(node)
    yield from gated(node, words)
    name = unapplied(node)
    for group, text in bracketed(words) if name is not None else ():
        assert name is not None
        edit = Edit(name.end, name.end, text, "insert")
        yield replace(node, factors=(name, group)), (edit,)
    places = range(len(factors) + 1)
    free = all(scalar)
    for new, text in words.factors:
        if text == "1":
            continue
        for n in (_usual(node, new, words),) if free or is_scalar(new, words) else places:
            if n and n <= len(operators) and operators[n - 1].text in DIVISIONS:
                continue
            for mark in _signs(new, node, words):
                yield inserted(node, n, new, text, mark)


def inserted(node: Product, n: int, new: Node, text: str, sign: str) -> Variant:
    """Return a product with one more factor, and with a sign towards the one beside it."""
    factors, operators = node.factors, node.operators
    place = factors[n].start if n < len(factors) else factors[-1].end
    moved = Inserted(place, place, "inserted", new)
    grown = (*factors[:n], moved, *factors[n:])
    signs = (*operators[:n], Operator(place, place, sign), *operators[n:])
    if n and n <= len(operators):
        # The written operator goes on standing before the factor it stood before.
        signs = (*operators[: n - 1], Operator(place, place, sign), *operators[n - 1 :])
        place = factors[n - 1].end
    written = f"{sign} " if sign else ""
    padded = f"{text} {written}" if n == 0 else f" {written}{text}"
    edit = Edit(place, place, padded, "insert")
    return replace(node, factors=grown, operators=signs), (edit,)


def _signs(new: Node, beside: Node, words: Vocabulary) -> tuple[str, ...]:
    """Return the signs that may stand between two factors: none, of an elementwise product, ⊗."""
    if words.indexed or is_scalar(new, words) or is_scalar(beside, words):
        return ("",)
    sign = elementwise(words)
    return ("", sign, r"\otimes") if words.outer else ("", sign)


def _operators(node: Product, n: int, sign: Operator, words: Vocabulary) -> Iterator[Variant]:
    factors, operators = node.factors, node.operators
    for operator in (elementwise(words), r"\otimes", ""):
        if operator != sign.text and not (
            operator == "" and sign.text in (r"\cdot", "*", *DIVISIONS)
        ):
            if operator in _ENTRIES and sign.text in _ENTRIES:
                continue
            text = f" {operator} " if operator else " "
            new = replace(sign, text=operator)
            changed = (*operators[:n], new, *operators[n + 1 :])
            edit = Edit(factors[n].end, factors[n + 1].start, text, "operator")
            name = unapplied(factors[n]) if not operator else None
            named = factors if name is None else (*factors[:n], name, *factors[n + 1 :])
            yield replace(node, factors=named, operators=changed), (edit,)


def _usual(node: Product, new: Node, words: Vocabulary) -> int:
    """Return where authors put a number in a product of numbers: constants before symbols."""
    if _is_constant(new, words):
        return 0
    last = node.factors[-1]
    return len(node.factors) - _takes_all(last)


def _is_constant(node: Node, words: Vocabulary) -> bool:
    """Tell whether a factor stands before symbols: a number, a fraction, a size."""
    return isinstance(node, (Number, Fraction)) or (
        isinstance(node, Name) and node.spelling in words.sizes and words.rank(node) is None
    )


def _takes_all(node: Node) -> bool:
    """Tell whether what would follow a part belongs to it."""
    return isinstance(node, BigOperator) or (isinstance(node, FunctionCall) and not node.bracketed)


def reduced(node: Product) -> Iterator[Variant]:
    """Leave one factor out."""
    for n, factor in enumerate(node.factors):
        yield from _without(node, n, factor)


def _without(node: Product, n: int, factor: Node) -> Iterator[Variant]:
    factors, operators = node.factors, node.operators
    if n < len(operators) and operators[n].text in DIVISIONS:
        return
    rest = (*factors[:n], *factors[n + 1 :])
    if 0 < n < len(operators) and isinstance(factors[n + 1], Group):
        # A function that has got its argument from elsewhere takes the brackets instead.
        rest = (*factors[: n - 1], unapplied(factors[n - 1]) or factors[n - 1], *factors[n + 1 :])
    if n == 0:
        signs = operators[1:]
        edit = Edit(factor.start, factors[1].start, "", "drop")
    else:
        signs = (*operators[: n - 1], *operators[n:])
        edit = Edit(factors[n - 1].end, factor.end, "", "drop")
    new: Node = rest[0] if len(rest) == 1 else replace(node, factors=rest, operators=signs)
    yield new, (edit,)
    if 0 < n < len(operators) and operators[n - 1].text != operators[n].text:
        # The sign before it stays, and the one behind it goes.
        signs = (*operators[:n], *operators[n + 1 :])
        edit = Edit(factor.start, factors[n + 1].start, "", "drop")
        yield replace(node, factors=rest, operators=signs), (edit,)


def factored(node: Node, words: Vocabulary) -> Iterator[Variant]:
    """Put a factor beside what stands alone; a sum gets brackets."""
    start, end = node.start, node.end
    for new, text in words.factors:
        if text != "1" and not isinstance(node, Product):
            for first in (True, False):
                either = is_scalar(new, words) or is_scalar(node, words)
                ahead = _is_constant(new, words) or _takes_all(node)
                if (either and first != ahead) or (not first and _takes_all(node)):
                    continue
                moved = Inserted(start if first else end, start if first else end, "inserted", new)
                inner: Node = node
                opening = closing = ""
                if isinstance(node, Add):
                    inner = Group(start, end, "(", ")", (node,))
                    opening, closing = r"\left(", r"\right)"
                pair = (moved, inner) if first else (inner, moved)
                for sign in _signs(new, node, words):
                    whole = f"{text} {sign} {opening}" if sign else f"{text} {opening}"
                    after = f"{closing} {sign} {text}" if sign else f"{closing} {text}"
                    texts = (whole, closing) if first else (opening, after)
                    edits = tuple(
                        Edit(place, place, written, "insert")
                        for place, written in zip((start, end), texts, strict=True)
                        if written
                    )
                    yield Product(start, end, pair, (Operator(start, start, sign),)), edits


def added(node: Node, words: Vocabulary) -> Iterator[Variant]:
    """Add a term."""
    end = node.end
    terms = node.terms if isinstance(node, Add) else (Term(node.start, end, "", node, (end, end)),)
    for new, text in words.factors:
        moved = Inserted(end, end, "inserted", new)
        for sign in "+-":
            grown = (*terms, Term(end, end, sign, moved, (end, end)))
            yield Add(node.start, end, grown), (Edit(end, end, f" {sign} {text}", "term"),)


def wrapped(node: Node, letter: str, words: Vocabulary) -> Iterator[Variant]:
    """Put a sum over a letter where authors do: before the first factor that has the letter."""
    start, end = node.start, node.end
    text = rf"\sum_{{{letter}}} "
    index = Name(start, start, letter)
    if isinstance(node, Add):
        body = Group(start, end, "(", ")", (node,))
        new: Node = BigOperator(start, end, "sum", (index,), (), body, (start, start))
        yield (
            new,
            (
                Edit(start, start, text + r"\left(", "sum"),
                Edit(end, end, r"\right)", "sum"),
            ),
        )
        for n, term in enumerate(node.terms):
            for changed, move in wrapped(term.body, letter, words):
                terms = (*node.terms[:n], replace(term, body=changed), *node.terms[n + 1 :])
                yield replace(node, terms=terms), move
        return
    if not _has(node, letter):
        return
    first = 0
    if isinstance(node, Product):
        first = next(n for n, factor in enumerate(node.factors) if _has(factor, letter))
        if first and _is_function(node.factors[first - 1], words):
            first -= 1
        if first and node.operators[first - 1].text in DIVISIONS:
            first = 0
    if not first:
        yield (
            BigOperator(start, end, "sum", (index,), (), node, (start, start)),
            (Edit(start, start, text, "sum"),),
        )
        return
    assert isinstance(node, Product)
    place = node.factors[first].start
    rest: Node = node.factors[first]
    if first + 1 < len(node.factors):
        rest = Product(place, end, node.factors[first:], node.operators[first:])
    inner = BigOperator(place, end, "sum", (index,), (), rest, (place, place))
    new = replace(node, factors=(*node.factors[:first], inner), operators=node.operators[:first])
    yield new, (Edit(place, place, text, "sum"),)


def _is_function(node: Node, words: Vocabulary) -> bool:
    name = node.base if isinstance(node, Scripted) else node
    return isinstance(name, Name) and name.spelling in words.functions


def _has(node: Node, letter: str) -> bool:
    return any(isinstance(part, Name) and part.spelling == letter for part in tree.walk(node))
