"""Single edits of indices: one for another, one too many, one missing, two in the wrong order."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.settle import swapped
from derive.notes.shifts import shifts
from derive.notes.tree import BigOperator, Name, Node, Number, Operator, Relation, Scripted
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from derive.notes.factors import Variant, Vocabulary

__all__ = ["limits", "ranged", "relettered", "resized", "scripts", "subscript"]

#: What the numbers of an entry are written with.
_PLACE = re.compile(r"[0-9{}, ]")


def scripts(node: Scripted, words: Vocabulary) -> Iterator[Variant]:
    """Yield the edits of the indices below a symbol."""
    if not node.sub:
        yield from _unindexed(node, words)
        return
    flat = tree.indices(node)
    if node.end > node.start and all(isinstance(index, tree.Number) for index in flat):
        yield from _renumbered(node, words)
    for n, index in enumerate(flat):
        for new, edit in _letters(index, words):
            yield replace(node, sub=(*flat[:n], new, *flat[n + 1 :])), (edit,)
    if node.sub_range is None or node.sub_range[1] <= flat[-1].start:
        return
    yield from shifts(node, words)
    rank = words.rank(node.base)
    if len(flat) == 1 and rank == 1 and isinstance(flat[0], Name):
        # The whole vector, where an entry of it stands.
        bare = replace(node, sub=(), sub_range=None) if node.sup or node.primes else node.base
        yield bare, (Edit(*node.sub_range, "", "index"),)
    if len(flat) > 1:
        for n in range(len(flat)):
            yield _relisted(node, (*flat[:n], *flat[n + 1 :]), words, "index")
        for n in range(len(flat) - 1):
            if flat[n] != flat[n + 1]:
                swapped = (*flat[:n], flat[n + 1], flat[n], *flat[n + 2 :])
                yield _relisted(node, swapped, words, "order")
    if rank is None or len(flat) < rank:
        for n in range(len(flat) + 1):
            for letter in words.letters:
                new = Name(node.end, node.end, letter)
                yield _relisted(node, (*flat[:n], new, *flat[n:]), words, "index")
            for entry, _ in words.entries:
                if entry not in flat:
                    yield _relisted(node, (*flat[:n], entry, *flat[n:]), words, "index")


def _renumbered(node: Scripted, words: Vocabulary) -> Iterator[Variant]:
    """Put an entry that is written the same but for its numbers in the place of an entry."""
    end = node.sup_range[0] if node.sup and node.sup_range is not None else node.end
    own = words.text[node.start : end]
    for entry, text in words.numbered:
        alike = _PLACE.sub("", own) == _PLACE.sub("", text)
        if alike and own != text and isinstance(entry, Scripted):
            new = replace(node, base=entry.base, sub=entry.sub)
            yield new, (Edit(node.start, end, text, "index"),)


def _unindexed(node: Scripted, words: Vocabulary) -> Iterator[Variant]:
    if isinstance(node.base, Name) and words.rank(node.base) == 1 and words.indexed:
        place = node.base.end
        for letter in words.letters:
            new = replace(node, sub=(Name(place, place, letter),))
            yield new, (Edit(place, place, subscript(letter), "index"),)


def _letters(index: Node, words: Vocabulary) -> Iterator[tuple[Node, Edit]]:
    """Yield an index with another letter, also inside of a sum or an entry of integers."""
    if isinstance(index, Name):
        for letter in words.letters if index.spelling in words.letters else ():
            if letter != index.spelling:
                edit = Edit(index.start, index.end, letter, "index")
                yield replace(index, spelling=letter), edit
        if index.spelling not in words.letters:
            for letter in words.letters:
                yield replace(index, spelling=letter), Edit(index.start, index.end, letter, "index")
    elif isinstance(index, Scripted):
        flat = tree.indices(index)
        for n, part in enumerate(flat):
            for new, edit in _letters(part, words):
                yield replace(index, sub=(*flat[:n], new, *flat[n + 1 :])), edit


def _relisted(node: Scripted, new: tuple[Node, ...], words: Vocabulary, kind: str) -> Variant:
    """Return a symbol with other indices, written as the old ones are."""
    assert node.sub_range is not None
    start, end = node.sub_range
    comma = "," in words.text[start:end] or not all(isinstance(part, Name) for part in new)
    entries = {id(entry): text for entry, text in words.entries}
    texts = [
        part.spelling
        if isinstance(part, Name) and part.end == part.start
        else entries.get(id(part)) or words.text[part.start : part.end]
        for part in new
    ]
    text = (
        (", " if ", " in words.text[start:end] else ",").join(texts)
        if comma
        else "".join(
            f"{one} " if one.startswith("\\") and k + 1 < len(texts) else one
            for k, one in enumerate(texts)
        )
    )
    return replace(node, sub=new), (Edit(start, end, f"_{{{text}}}", kind),)


def relettered(side: Node, words: Vocabulary) -> Iterator[tuple[Node, Node, Edit]]:
    """Yield symbols with all of their indices written anew: the old one, the new one, the edit."""
    for node in tree.walk(side):
        if not isinstance(node, Scripted) or node.sub_range is None:
            continue
        rank = words.rank(node.base)
        flat = tree.indices(node)
        if rank is None or not flat or node.sub_range[1] <= flat[-1].start:
            # What stands below belongs to the name, or there is nothing.
            continue
        for chosen in itertools.product(words.letters, repeat=rank):
            names = tuple(Name(node.end, node.end, letter) for letter in chosen)
            if names != flat:
                new, (edit,) = _relisted(node, names, words, "index")
                yield node, new, edit


#: What is mixed up in the limits of sums.
_OR_EQUAL = {"<": r"\le", ">": r"\ge", r"\le": "<", r"\ge": ">"}


def limits(node: BigOperator, words: Vocabulary) -> Iterator[Variant]:
    """Yield a sum with another index, but none that the claim holds for."""
    for n, item in enumerate(node.lower):
        side = item.sides[0] if isinstance(item, Relation) else item
        for new, edit in _letters(side, words):
            if edit.text in words.free:
                continue
            changed = (
                replace(item, sides=(new, *item.sides[1:])) if isinstance(item, Relation) else new
            )
            yield replace(node, lower=(*node.lower[:n], changed, *node.lower[n + 1 :])), (edit,)
        for new, move in _compared(item) if isinstance(item, Relation) else ():
            yield replace(node, lower=(*node.lower[:n], new, *node.lower[n + 1 :])), move
    yield from _whole(node)
    yield from _opposite(node, words)
    yield from _others(node, words)


def _compared(limit: Relation) -> Iterator[Variant]:
    """Yield a limit with or without the equal case, and none where an index is compared."""
    for n, sign in enumerate(limit.relations):
        if sign.text in _OR_EQUAL:
            new = replace(sign, text=_OR_EQUAL[sign.text])
            relations = (*limit.relations[:n], new, *limit.relations[n + 1 :])
            yield (
                replace(limit, relations=relations),
                (Edit(sign.start, sign.end, new.text, "sign"),),
            )
    if len(limit.sides) == 2 and limit.relations[0].text != "=":
        index = limit.sides[0]
        yield index, (Edit(index.end, limit.end, "", "sum"),)


def _whole(node: BigOperator) -> Iterator[Variant]:
    """Yield a sum from the first or to the last value of its index, for one from or to another."""
    yield from _from(node, "1")
    for last in node.upper if len(node.upper) == 1 else ():
        for part in tree.walk(last):
            if isinstance(part, Name) and part is not last:
                name = Name(last.start, last.end, part.spelling)
                edit = Edit(last.start, last.end, part.spelling, "index")
                yield replace(node, upper=(name,)), (edit,)
    yield from _from(node, "0")


def ranged(side: Node, words: Vocabulary) -> Iterator[Variant]:
    r"""Yield sums from a letter on, for all those from 1 to a size that have one index.

    A risk set, ``\sum_{j=i}^N``, stands above and below a line.
    """
    sums: dict[tuple[str, str], list[tuple[BigOperator, Relation]]] = {}
    for part in tree.walk(side):
        if not isinstance(part, BigOperator) or len(part.lower) != 1 or len(part.upper) != 1:
            continue
        item, last = part.lower[0], part.upper[0]
        if not isinstance(item, Relation) or [one.text for one in item.relations] != ["="]:
            continue
        name, first = item.sides
        if isinstance(name, Name) and isinstance(first, Number) and isinstance(last, Name):
            sums.setdefault((name.spelling, last.spelling), []).append((part, item))
    for (own, size), found in sums.items():
        for letter in words.letters if size in words.sizes else ():
            if letter == own:
                continue
            new, edits = side, []
            for part, item in found:
                name, first = item.sides
                limit = replace(item, sides=(name, Name(first.start, first.end, letter)))
                new = swapped(new, part, replace(part, lower=(limit,)))
                edits.append(Edit(first.start, first.end, letter, "index"))
            yield new, tuple(sorted(edits, key=lambda edit: edit.start))


def _others(node: BigOperator, words: Vocabulary) -> Iterator[Variant]:
    """Yield a sum whose index is not to be another one, that the claim holds for."""
    item = node.lower[0] if len(node.lower) == 1 and not node.upper else None
    if not isinstance(item, Name):
        return
    place, end = (item.start, item.end), (item.end, item.end)
    for letter in words.free:
        if letter != item.spelling:
            sides = (item, Name(*end, letter))
            apart = Relation(*place, sides, (Operator(*end, r"\neq"),))
            text = rf"{words.text[slice(*place)]} \neq {letter}"
            if not words.text[: item.start].rstrip().endswith("{"):
                text = f"{{{text}}}"
            yield replace(node, lower=(apart,)), (Edit(*place, text, "index"),)


def _opposite(node: BigOperator, words: Vocabulary) -> Iterator[Variant]:
    """Yield a sum from a letter to the end for one from the start to it, and the other way."""
    item = node.lower[0] if len(node.lower) == len(node.upper) == 1 else None
    if not isinstance(item, Relation) or [sign.text for sign in item.relations] != ["="]:
        return
    first, last = item.sides[1], node.upper[0]
    sizes = [size for size in words.sizes if not size.isdigit()]
    ends: list[tuple[str, str]] = []
    if isinstance(first, Number) and isinstance(last, Name) and last.spelling not in sizes:
        ends = [(last.spelling, size) for size in sizes]
    elif isinstance(first, Name) and isinstance(last, Name) and last.spelling in sizes:
        ends = [("1", first.spelling)]
    for low, high in ends:
        start = (first.start, first.end)
        new: Node = Number(*start, low) if low.isdigit() else Name(*start, low)
        lower = replace(item, sides=(item.sides[0], new))
        upper = Name(last.start, last.end, high)
        edits = (Edit(*start, low, "index"), Edit(last.start, last.end, high, "index"))
        yield replace(node, lower=(lower,), upper=(upper,)), edits


def _from(node: BigOperator, text: str) -> Iterator[Variant]:
    """Yield a sum whose index starts at a number, where it starts elsewhere."""
    for n, item in enumerate(node.lower):
        if not isinstance(item, Relation) or [sign.text for sign in item.relations] != ["="]:
            continue
        first = item.sides[1]
        if not (isinstance(first, Number) and first.text == text):
            new = replace(item, sides=(item.sides[0], Number(first.start, first.end, text)))
            lower = (*node.lower[:n], new, *node.lower[n + 1 :])
            yield replace(node, lower=lower), (Edit(first.start, first.end, text, "index"),)


def resized(side: Node, sizes: Iterable[str]) -> Iterator[tuple[Edit, ...]]:
    """Yield the edits that let a sum run to another size."""
    known = tuple(sizes)
    for node in tree.walk(side):
        for item in node.upper if isinstance(node, BigOperator) else ():
            for part in tree.walk(item):
                if isinstance(part, Name) and part.spelling in known:
                    for size in known:
                        if size != part.spelling:
                            yield (Edit(part.start, part.end, size, "index"),)


def subscript(*letters: str, between: str = "") -> str:
    """Return indices as authors write them: one without braces.

    >>> subscript("i"), subscript("i", "j")
    ('_i', '_{ij}')
    """
    inner = between.join(letters)
    return f"_{inner}" if len(inner) == 1 else f"_{{{inner}}}"
