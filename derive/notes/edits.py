"""Single edits of a formula: what a slip of the pen, undone, would give.

Every edit is made on the tree and, at the same places, on the text. ``variants`` yields them all
for one side of a claim; what they mean is not looked at here, but for what can have no effect,
such as transposing a number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from derive.notes import tree
from derive.notes.applying import applied, bracketed
from derive.notes.factors import (
    KINDS,
    Inserted,
    Vocabulary,
    added,
    factored,
    is_scalar,
    products,
    reduced,
    wrapped,
)
from derive.notes.indexedits import limits, ranged, scripts, subscript
from derive.notes.settle import bound, renamed, swapped
from derive.notes.signs import calls, compared, exponents, groups, negated, numbers, terms
from derive.notes.transposes import exchanged
from derive.notes.tree import (
    Add,
    BigOperator,
    Case,
    Condition,
    Derivative,
    Empty,
    Fraction,
    FunctionCall,
    Group,
    Mark,
    Name,
    Node,
    Norm,
    Number,
    Operator,
    Product,
    Relation,
    Scripted,
    Term,
    Wrapped,
)
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.notes.factors import Variant

__all__ = ["KINDS", "Vocabulary", "outside", "substitutions", "variants"]


#: Forms of derivatives that stand before what they are of.
_OPERATORS = ("operator", "nabla", "subscript")


def variants(side: Node, words: Vocabulary) -> Iterator[Variant]:
    """Yield every single edit of a side of a claim, with the text edits that make it."""
    yield from _renamings(side, words)
    yield from ranged(side, words)
    yield from _anywhere(side, words)
    yield from _slot(side, words, ("factor", "term", "sum"))
    if isinstance(side, Number):
        # All else got lost.
        yield from factored(side, words)
    yield from negated(side)


def substitutions(side: Node, words: Vocabulary, *, small: bool) -> Iterator[Variant]:
    r"""Yield the edits that put a known factor in the place of another: of a symbol, or of more.

    A number that is a term may stand for one as well: ``1 - p_j`` for ``\delta_{ij} - p_j``.
    """
    for part in outside(side):
        known: tuple[Node, ...] = part.factors if isinstance(part, Product) else ()
        if isinstance(part, Add) and len(part.terms) > 1:
            known = tuple(term.body for term in part.terms if isinstance(term.body, Number))
        for factor in known:
            if isinstance(factor, (Name, Scripted, Number, Derivative)) != small:
                continue
            for new, text in words.factors:
                # Where a factor is too many, it goes.
                if new != factor and factor.end > factor.start and text != "1":
                    moved = Inserted(factor.start, factor.end, "inserted", new)
                    edit = Edit(factor.start, factor.end, text, "substitute")
                    yield swapped(side, factor, moved), (edit,)


def outside(node: Node) -> Iterator[Node]:
    """Yield a node and its parts, but not those of derivatives."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        if not isinstance(current, Derivative):
            waiting.extend(reversed(tuple(tree.children(current))))


def _renamings(side: Node, words: Vocabulary) -> Iterator[Variant]:
    """Rename all occurrences of an index, or of a symbol, at once."""
    symbols = dict(words.symbols)
    places: dict[str, list[Name]] = {}
    for part in tree.walk(side):
        if isinstance(part, Name) and part.end > part.start:
            places.setdefault(part.spelling, []).append(part)
    summed = {
        name.spelling
        for part in tree.walk(side)
        if isinstance(part, BigOperator)
        for name in bound(part)
    }
    for old, found in places.items():
        if len(found) < 2:
            continue
        for new in words.letters if old in words.letters else symbols.get(old, ()):
            # A letter that the claim holds for is not to be bound as well.
            shadowed = old in summed and (new in places or new in words.free)
            shadowed = shadowed or (new in places and new in summed and new in words.free)
            if new != old and not shadowed:
                found.sort(key=lambda part: part.start)
                yield (
                    renamed(side, old, new),
                    tuple(edit for part in found for edit in _respelled(part, new, "rename")),
                )


def _anywhere(node: Node, words: Vocabulary, *, plain: bool = False) -> Iterator[Variant]:
    """Yield the edits of a node itself, then those of its parts, each put back in its place.

    ``plain`` holds inside of derivatives and exponents, where only symbols, indices, numbers and
    signs are mixed up.
    """
    if isinstance(node, (Inserted, Empty, Operator)) or node.end <= node.start:
        # Nobody has written what has no width: the argument that a function is known to have.
        return
    yield from _own(node, words, plain=plain)
    if isinstance(node, Scripted):
        yield from _under(node, words, plain=plain)
    elif isinstance(node, Derivative):
        yield from _below(node, words, ("of", "wrt"), plain=True)
        if isinstance(node.of, Product) and node.form in _OPERATORS:
            # What follows an operator is what it is of: there may be too much of it.
            for new, move in reduced(node.of):
                yield replace(node, of=new), move
    elif isinstance(node, BigOperator):
        yield from limits(node, words)
        own = {rf"\sum_{{{name.spelling}}} " for name in bound(node)}
        for new, move in _below(node, words, ("body",), plain=plain):
            # A letter that is summed over already is not summed over once more.
            if move[0].kind != "sum" or move[0].text.removesuffix(r"\left(") not in own:
                yield new, move
    elif isinstance(node, FunctionCall):
        place = _single(node)
        for new, move in _below(node, words, ("argument",), plain=plain):
            # A factor of a single term stands in the brackets and not before them.
            if move[0].kind != "insert" or move[0].start != place:
                yield new, move
    elif not isinstance(node, (Name, Number, Mark)):
        names = tree.slots(node)
        yield from _below(node, words, names, plain=plain)


def _single(node: FunctionCall) -> int | None:
    """Return where the brackets of a function begin that hold a single term."""
    group = node.argument
    if not node.bracketed or not isinstance(group, Group) or len(group.items) != 1:
        return None
    item = group.items[0]
    return None if isinstance(item, Add) and len(item.terms) > 1 else group.start


def _under(node: Scripted, words: Vocabulary, *, plain: bool) -> Iterator[Variant]:
    """Yield the edits of a base, of its indices and of what is above it."""
    yield from scripts(node, words)
    single = isinstance(node.base, Name)
    for new, move in _anywhere(node.base, words, plain=plain or single):
        yield replace(node, base=new), move
    yield from exponents(node)
    if not (len(node.sup) == 1 and isinstance(node.sup[0], Mark)):
        yield from _below(node, words, ("sup",), plain=True)


def _below(
    node: Node, words: Vocabulary, names: tuple[str, ...], *, plain: bool
) -> Iterator[Variant]:
    slots = () if plain else _gaps(node)
    # A factor 1, or an exponent, is written as nothing.
    silent = isinstance(node, (Product, Scripted))
    for name in names:
        value = getattr(node, name)
        if isinstance(value, Node):
            for new, move in _part(value, words, plain=plain, slots=slots):
                if isinstance(node, Term) and isinstance(value, Number) and move[0].text == "0":
                    # Nor is a term 0 written.
                    continue
                whole = _with(node, name, new)
                # Nobody writes 2 over 2.
                if not (isinstance(whole, Fraction) and whole.numerator == whole.denominator):
                    yield whole, move
        elif isinstance(value, tuple):
            for position, part in enumerate(value):
                if isinstance(part, Node):
                    for new, move in _part(part, words, plain=plain, slots=slots):
                        if silent and isinstance(part, Number) and move[0].text in ("0", "1"):
                            continue
                        changed = (*value[:position], new, *value[position + 1 :])
                        yield _with(node, name, changed), move
                elif isinstance(part, tuple):
                    for inner, cell in enumerate(part):
                        if isinstance(cell, Node):
                            for new, move in _part(cell, words, plain=plain, slots=slots):
                                row = (*part[:inner], new, *part[inner + 1 :])
                                changed = (*value[:position], row, *value[position + 1 :])
                                yield _with(node, name, changed), move


def _with(node: Node, name: str, value: object) -> Node:
    changes: dict[str, Any] = {name: value}
    return replace(node, **changes)


def _gaps(node: Node) -> tuple[str, ...]:
    """Return what may be missing where the parts of a node stand."""
    if isinstance(node, (Product, Add, Scripted, Derivative, Relation)):
        return ()
    if isinstance(node, (Term, BigOperator, FunctionCall)):
        # A term beside these parts would stand beside the whole.
        return ("factor", "sum")
    if isinstance(node, Group) and len(node.items) == 1 and isinstance(node.items[0], Add):
        # A factor is put beside the brackets.
        return ("term", "sum")
    return ("factor", "term", "sum")


def _part(
    node: Node, words: Vocabulary, *, plain: bool, slots: tuple[str, ...]
) -> Iterator[Variant]:
    yield from _anywhere(node, words, plain=plain)
    yield from _slot(node, words, slots)


def _slot(node: Node, words: Vocabulary, slots: tuple[str, ...]) -> Iterator[Variant]:
    """Yield the factors, terms and sums that may be missing where an expression stands."""
    if isinstance(node, (Inserted, Empty, Operator, Condition, Case, Wrapped)):
        # What would stand beside a frame belongs into it.
        return
    inner = isinstance(node, Group) and len(node.items) == 1
    # Most numbers are exponents, or stand beside what a factor would stand beside.
    factor = "factor" in slots and not isinstance(node, Number)
    if factor and not (
        inner and words.indexed and not isinstance(node.items[0], Add)  # type: ignore[attr-defined]
    ):
        yield from factored(node, words)
    if "term" in slots and not inner:
        yield from added(node, words)
    if "sum" in slots and not inner:
        for letter in words.letters:
            if letter not in words.free:
                yield from wrapped(node, letter, words)


def _own(node: Node, words: Vocabulary, *, plain: bool) -> Iterator[Variant]:
    if isinstance(node, Name):
        yield from _names(node, words, plain=plain)
    elif isinstance(node, Scripted):
        yield from _removed(node)
    elif isinstance(node, FunctionCall):
        yield from calls(node, words)
    elif isinstance(node, Add):
        yield from terms(node)
    elif isinstance(node, Product) and not plain:
        yield from products(node, words)
        yield from exchanged(node, words)
    elif isinstance(node, Number):
        yield from numbers(node)
    elif isinstance(node, Relation):
        yield from compared(node)
    elif isinstance(node, Fraction) and isinstance(node.numerator, (Name, Scripted, Product)):
        # The denominator is too much.
        above = node.numerator
        yield above, (Edit(node.start, node.end, words.text[above.start : above.end], "drop"),)
    elif isinstance(node, Case):
        yield from ((replace(node, value=new), move) for new, move in negated(node.value))
    elif isinstance(node, BigOperator):
        yield node.body, (Edit(*_trimmed(node.head, words.text), "", "sum"),)
    elif isinstance(node, Group) and not plain:
        yield from groups(node)
        yield from applied(node, words)
    if not plain and isinstance(node, (Name, Scripted, Group, Derivative, Norm)):
        yield from _raised(node, words)


def _trimmed(span: tuple[int, int], text: str) -> tuple[int, int]:
    start, end = span
    while end < len(text) and text[end] == " ":
        end += 1
    return start, end


def _names(node: Name, words: Vocabulary, *, plain: bool) -> Iterator[Variant]:
    for other in dict(words.symbols).get(node.spelling, ()):
        yield replace(node, spelling=other), _respelled(node, other, "symbol")
    if words.rank(node) and not plain:
        # A whole vector where an entry of one should be.
        for entry, text in words.numbered:
            edit = Edit(node.start, node.end, text, "symbol")
            yield replace(entry, start=node.start, end=node.end), (edit,)
    if words.indexed and words.rank(node) == 1 and not plain:
        for letter in words.letters:
            below = (Name(node.end, node.end, letter),)
            edit = Edit(node.end, node.end, subscript(letter), "index")
            yield Scripted(node.start, node.end, node, below), (edit,)
    if node.spelling in words.letters and not plain:
        for letter in words.letters:
            if letter != node.spelling:
                edit = Edit(node.start, node.end, letter, "index")
                yield replace(node, spelling=letter), (edit,)
    if node.spelling in words.functions:
        edit = Edit(node.end, node.end, "'", "function")
        yield Scripted(node.start, node.end, node, primes=1), (edit,)
        for group, text in bracketed(words) if not plain else ():
            pair, sign = (node, group), (Operator(node.end, node.end, ""),)
            edit = Edit(node.end, node.end, text, "insert")
            yield Product(node.start, node.end, pair, sign), (edit,)


def _respelled(node: Name, new: str, kind: str) -> tuple[Edit, ...]:
    """Write another symbol; what stands between the parts of the old one stays: y_1^{(i)}."""
    first, *others = node.parts or ((node.start, node.end),)
    return (Edit(*first, new, kind), *(Edit(*part, "", kind) for part in others))


def _removed(node: Scripted) -> Iterator[Variant]:
    """Take a transpose, a power or a prime away."""
    bare: Node
    if node.sup and node.sup_range is not None and len(node.sup) == 1:
        mark = node.sup[0]
        if tree.transposes(mark) or isinstance(mark, Number):
            kind = "transpose" if tree.transposes(mark) else "power"
            bare = replace(node, sup=(), sup_range=None)
            if not node.sub and not node.primes:
                bare = node.base
            yield bare, (Edit(*node.sup_range, "", kind),)
    if node.primes > 1 and node.prime_range is not None:
        end = node.prime_range[1]
        yield replace(node, primes=node.primes - 1), (Edit(end - 1, end, "", "function"),)
    if node.primes and node.prime_range is not None:
        bare = replace(node, primes=0, prime_range=None)
        if not node.sub and not node.sup:
            bare = node.base
        yield bare, (Edit(*node.prime_range, "", "function"),)


def _raised(node: Node, words: Vocabulary) -> Iterator[Variant]:
    """Transpose or square something that has nothing above it."""
    if node.end <= node.start or (isinstance(node, Scripted) and (node.sup or node.primes)):
        return
    if isinstance(node, Name) and (node.spelling in words.functions or node.spelling == "I"):
        return
    base, sub = (node.base, node.sub) if isinstance(node, Scripted) else (node, ())
    end = node.end
    marks: list[tuple[Node, str, str]] = [
        (Mark(end, end, r"\top"), words.transpose, "transpose"),
        (Number(end, end, "2"), "^2", "power"),
    ]
    if isinstance(node, Name) and words.rank(node) is None and node.spelling in words.letters:
        # An index has no powers.
        return
    if isinstance(node, (Name, Scripted)) and is_scalar(node, words):
        marks.append((Number(end, end, "3"), "^3", "power"))
    for mark, text, kind in marks:
        if kind == "transpose" and is_scalar(node, words):
            continue
        if isinstance(node, Derivative):
            inside = Group(node.start, end, "(", ")", (node,))
            yield (
                Scripted(node.start, end, inside, (), (mark,)),
                (
                    Edit(node.start, node.start, r"\left(", kind),
                    Edit(end, end, rf"\right){text}", kind),
                ),
            )
            continue
        new = Scripted(node.start, end, base, sub, (mark,), sup_range=(end, end))
        if isinstance(base, Name) and "^" in base.spelling:
            # A name with a superscript of its own takes no second one.
            yield new, (Edit(node.start, node.start, "{", kind), Edit(end, end, f"}}{text}", kind))
        else:
            yield new, (Edit(end, end, text, kind),)
