"""What a repair may put in: letters, symbols of one shape, factors that may have been lost."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any

from derive.notes import tree
from derive.notes.basis import units
from derive.notes.compounds import inverse
from derive.notes.factors import Vocabulary
from derive.notes.indexedits import subscript
from derive.notes.links import links
from derive.notes.meaning import constant, letter_of, mean
from derive.notes.names import spellings
from derive.notes.settle import bound, renamed
from derive.notes.shifts import has_shifts
from derive.notes.values import Misfit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    import sympy as sp

    from derive.notes.differentials import Differentials
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["sizes", "summed", "vocabulary"]

#: The most factors that are tried at each place.
_MOST = 48
_INVERSES = 8
#: The most entries of one symbol at written places; up to which number a place is one digit.
_PLACES = 16
_DIGIT = 9
_SYMBOLS = 8
_OUTER = (r"\otimes", "⊗")
_TRANSPOSES = (r"^\top", r"^{\top}", r"^T", r"^{T}", r"^\intercal", r"^\mathsf{T}")


def vocabulary(
    sides: tuple[Node, ...],
    truth: Node,
    text: str,
    letters: dict[str, sp.Expr],
    differentials: Differentials,
    constants: tuple[tuple[Node, str], ...] = (),
    renamed_to: Mapping[str, str] | None = None,
    note: str = "",
    applied: tuple[str, ...] = (),
    brackets: tuple[tuple[Node, str], ...] = (),
    *,
    shifted: bool = False,
) -> Vocabulary:
    """Return what may be put into a side of a claim.

    Parameters
    ----------
    sides : tuple of Node
        All sides of the claim.
    truth : Node
        The side that is right; it is never put in.
    text : str
        The formula's text.
    letters : mapping
        The letters with their sizes.
    differentials : Differentials
        Of the note's world.
    constants : tuple of (Node, str)
        Further factors with their text, from the note's definitions.
    renamed_to : mapping, optional
        From a spelling to that of the symbol it stands for where it has as many indices.
    note : str
        The whole note's text, for its author's habits.
    applied : tuple of str
        Functions that the definitions apply.
    brackets : tuple of (Node, str)
        What the definitions have in brackets.
    shifted : bool
        Whether the definitions have indices such as ``i + 1``.
    """
    world = differentials.world
    used = spellings(*sides)
    ranks = {name: len(symbol.shape) for name, symbol in world.tensors.items()}
    indexed = any(
        isinstance(part, tree.Scripted)
        and ranks.get(getattr(part.base, "spelling", ""), 0)
        and part.sub
        for side in sides
        for part in tree.walk(side)
    )
    # Where entries stand in matrices, whole ones stand beside these.
    matrices = any(isinstance(part, tree.Matrix) for side in sides for part in tree.walk(side))
    functions = tuple(
        name for name in (*world.functions, *world.macros) if name not in world.tensors
    )
    own = tuple(name for name in functions if name in used) or tuple(world.macros)
    numbered = tuple(_numbered(sides, text, world, renamed_to or {}))
    written = (mark for habit in (text, note) for mark in _TRANSPOSES if mark in habit)
    mark = next(written, r"^\top")
    taken = {
        name.spelling
        for part in tree.walk(truth)
        if isinstance(part, tree.BigOperator)
        for name in bound(part)
    }
    free = tuple(
        part.spelling
        for part in tree.walk(truth)
        if isinstance(part, tree.Name) and part.spelling in letters and part.spelling not in taken
    )
    return Vocabulary(
        tuple(letters),
        _symbols(world, used, set(letters)),
        _factors(
            sides,
            truth,
            text,
            (
                *links(sides, truth, text, world, mark),
                *constants,
                *_relettered(sides, text, letters),
                *numbered,
                *_entries(world, letters, used, indexed, mark, matrices=matrices),
                *(_deltas(free, ranks) if indexed else _identity(ranks)),
                *units(truth, free, letters, world),
            ),
            indexed,
        ),
        text,
        functions,
        tuple(ranks.items()),
        indexed,
        mark,
        free,
        _integers(world, letters),
        tuple(dict.fromkeys((*own, *applied))),
        numbered,
        any(sign in note for sign in _OUTER),
        brackets,
        tuple(world.sizes),
        shifted or any(map(has_shifts, sides)),
    )


def _integers(world: World, letters: dict[str, sp.Expr]) -> tuple[tuple[Node, str], ...]:
    """Return the entries of integers that may stand as an index, where a claim has indices."""
    found: list[tuple[Node, str]] = []
    for spelling, symbol in world.tensors.items():
        if not symbol.integer or spelling.endswith(" ") or not symbol.shape:
            continue
        fitting = [[n for n, size in letters.items() if size == axis] for axis in symbol.shape]
        for chosen in itertools.islice(itertools.product(*fitting), 4):
            below = tuple(tree.Name(0, 0, letter) for letter in chosen)
            entry = tree.Scripted(0, 0, tree.Name(0, 0, spelling), below)
            found.append((entry, spelling + subscript(*chosen, between=",")))
    return tuple(found)


def _relettered(
    sides: tuple[Node, ...], text: str, letters: dict[str, sp.Expr]
) -> Iterator[tuple[Node, str]]:
    """Yield a claim's symbols and derivatives with other letters of the same size."""
    for part in (p for side in sides for p in tree.walk(side)):
        if not isinstance(part, (tree.Scripted, tree.Derivative)):
            continue
        names = [p for p in tree.walk(part) if isinstance(p, tree.Name) and p.spelling in letters]
        for old in dict.fromkeys(name.spelling for name in names):
            for new, size in letters.items():
                if new == old or size != letters[old] or new in {n.spelling for n in names}:
                    continue
                spelled = text[part.start : part.end]
                for name in sorted(names, key=lambda n: -n.start):
                    if name.spelling == old:
                        at = (name.start - part.start, name.end - part.start)
                        spelled = spelled[: at[0]] + new + spelled[at[1] :]
                yield renamed(part, old, new), spelled


def _numbered(
    sides: tuple[Node, ...], text: str, world: World, renamed_to: Mapping[str, str]
) -> Iterator[tuple[Node, str]]:
    """Yield the entries, at places that a claim writes as numbers, of the symbols that it has."""
    written: dict[str, tuple[str, str]] = {}
    numbers: set[int] = set()
    for part in (p for side in sides for p in tree.walk(side)):
        if not isinstance(part, tree.Scripted) or not isinstance(part.base, tree.Name):
            continue
        flat = [index for index in tree.indices(part) if isinstance(index, tree.Number)]
        if not flat or len(flat) < len(tree.indices(part)) or flat[0].end <= flat[0].start:
            continue
        numbers.update(int(index.text) for index in flat if index.text.isdigit())
        end = part.sup_range[0] if part.sup and part.sup_range is not None else part.end
        around = text[part.start : flat[0].start], text[flat[-1].end : end]
        spelling = part.base.spelling
        written.setdefault(spelling, around)
        written.setdefault(renamed_to.get(spelling, spelling), around)
    for spelling, (before, after) in written.items():
        symbol = world.tensors.get(spelling)
        if symbol is None or not symbol.shape or symbol.integer:
            continue
        places = [
            [n for n in sorted(numbers) if not size.is_Integer or n < size + world.base]
            for size in symbol.shape
        ]
        for chosen in itertools.islice(itertools.product(*places), _PLACES):
            below = tuple(tree.Number(0, 0, str(n)) for n in chosen)
            inner = ("," if max(chosen) > _DIGIT else "").join(map(str, chosen))
            inner = f"{{{inner}}}" if before.endswith("_") and len(inner) > 1 else inner
            entry = tree.Scripted(0, 0, tree.Name(0, 0, spelling), below)
            yield entry, f"{before}{inner}{after}"


def sizes(
    side: Node, truth: Node, letters: dict[str, sp.Expr], differentials: Differentials
) -> dict[str, sp.Expr]:
    """Return the letters with the sizes that most of a side speaks for.

    In a side that is wrong a letter may stand on axes of several sizes. What the truth says
    counts most, then the limit of a sum, then the number of axes; a symbol that has another letter
    where it cannot be counts for less.
    """
    votes: dict[str, Counter[sp.Expr]] = {}
    right = differentials.symbolic()
    with contextlib.suppress(Misfit):
        mean(truth, right)
    for part in (*tree.walk(side), *tree.walk(truth)):
        if isinstance(part, (tree.Scripted, tree.Derivative)):
            scope = differentials.symbolic()
            with contextlib.suppress(Misfit):
                mean(part, scope)
            known = right.letters.every
            stray = any(known.get(n, size) != size for n, size in scope.letters.every.items())
            for letter, size in scope.letters.every.items():
                votes.setdefault(letter, Counter())[size] += 1 if stray else 2
    for name, size in summed((side, truth), differentials):
        votes.setdefault(name, Counter())[size] += len(letters) * 4
    found = {**letters, **{name: count.most_common(1)[0][0] for name, count in votes.items()}}
    return {**found, **right.letters.every}


def summed(sides: tuple[Node, ...], differentials: Differentials) -> Iterator[tuple[str, sp.Expr]]:
    """Yield the letters of sums that run to a size, with that size."""
    axes = {size for symbol in differentials.world.tensors.values() for size in symbol.shape}
    for part in (part for side in sides for part in tree.walk(side)):
        if isinstance(part, tree.BigOperator) and len(part.lower) == len(part.upper) == 1:
            item = part.lower[0]
            letter = letter_of(item.sides[0]) if isinstance(item, tree.Relation) else None
            size = constant(part.upper[0], differentials.symbolic())
            if letter is not None and size is not None and size in axes:
                yield letter, size


def _deltas(free: tuple[str, ...], ranks: Collection[str]) -> Iterator[tuple[Node, str]]:
    r"""Yield Kronecker's ``\delta_{ij}`` of the letters that the claim holds for."""
    for i, j in itertools.combinations(free, 2) if r"\delta" not in ranks else ():
        below = (tree.Name(0, 0, i), tree.Name(0, 0, j))
        yield tree.Scripted(0, 0, tree.Name(0, 0, r"\delta"), below), rf"\delta_{{{i}{j}}}"


def _identity(ranks: Collection[str]) -> Iterator[tuple[Node, str]]:
    if "I" not in ranks:
        yield tree.Name(0, 0, "I"), "I"


def _symbols(
    world: World, used: set[str], letters: set[str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return for every symbol those that it may be mixed up with, the likeliest first."""
    every = tuple(
        name
        for name, symbol in world.tensors.items()
        if not name.endswith(" ") and not symbol.integer
    )
    shape = {name: tuple(map(str, world.tensors[name].shape)) for name in every}
    stem = {name: name.partition("^")[0].partition("_")[0] for name in every}
    found = []
    for name in every:
        # The same letter of another layer comes first, then symbols of the same shape, then
        # those that the claim itself uses.
        ranked = sorted(
            (other for other in every if other != name),
            key=lambda other: (
                stem[other] != stem[name],
                shape[other] != shape[name],
                len(shape[other]) != len(shape[name]),
                other not in used,
                every.index(other),
            ),
        )
        same = sum(shape[other] == shape[name] for other in ranked)
        found.append((name, tuple(ranked[: max(_SYMBOLS, same)])))
    known = {*world.tensors, *world.sizes, *world.functions, *world.macros, *letters}
    return (*found, *((name, every) for name in sorted(used - known)))


def _entries(
    world: World,
    letters: dict[str, sp.Expr],
    used: set[str],
    indexed: bool,
    mark: str,
    *,
    matrices: bool = False,
) -> list[tuple[Node, str]]:
    """Return the world's symbols, with indices where the claim is written so."""
    found: list[tuple[bool, int, Node, str]] = []
    for spelling, symbol in world.tensors.items():
        if spelling.endswith(" ") or symbol.integer:
            continue
        name = tree.Name(0, 0, spelling)
        if matrices and indexed and symbol.shape:
            found.append((spelling not in used, 2, name, spelling))
        if not indexed or not symbol.shape:
            found.append((spelling not in used, 0, name, spelling))
            if symbol.shape and not indexed:
                found.append((spelling not in used, 1, *_transpose(name, spelling, mark)))
            continue
        fitting = [[n for n, size in letters.items() if size == axis] for axis in symbol.shape]
        for chosen in itertools.islice(itertools.product(*fitting), 9):
            if len(set(chosen)) == len(chosen):
                below = tuple(tree.Name(0, 0, letter) for letter in chosen)
                node = tree.Scripted(0, 0, name, below)
                found.append((spelling not in used, 0, node, spelling + subscript(*chosen)))
    return [(node, text) for _, _, node, text in sorted(found, key=lambda item: item[:2])]


def _transpose(node: Node, spelling: str, mark: str) -> tuple[Node, str]:
    # What is in a name's superscript already takes no second one.
    text = f"{{{spelling}}}" if "^" in spelling else spelling
    return tree.Scripted(0, 0, node, (), (tree.Mark(0, 0, r"\top"),)), text + mark


def _factors(
    sides: tuple[Node, ...],
    truth: Node,
    text: str,
    others: tuple[tuple[Node, str], ...],
    indexed: bool,
) -> tuple[tuple[Node, str], ...]:
    """Return factors that may be missing: the claim's own, the definitions' numbers, 2 and 1/2."""
    found: dict[str, Node] = {"2": tree.Number(0, 0, "2")}
    found[r"\frac{1}{2}"] = inverse(tree.Number(0, 0, "2"))
    found["1"] = tree.Number(0, 0, "1")
    inverses: dict[str, Node] = {}
    own: dict[Any, None] = {truth: None}
    for side in sides:
        for part in tree.walk(side):
            is_factor = isinstance(
                part,
                (
                    tree.Scripted,
                    tree.Derivative,
                    tree.Fraction,
                    tree.Group,
                    tree.FunctionCall,
                    tree.Norm,
                ),
            ) or (isinstance(part, tree.Name) and letter_of(part) is not None)
            if is_factor and part not in own and 0 < part.end - part.start <= 60:
                own[part] = None
                spelled = text[part.start : part.end]
                found.setdefault(spelled, part)
                scalar = isinstance(part, (tree.Norm, tree.Scripted)) and indexed
                if scalar or isinstance(part, tree.Norm):
                    inverses.setdefault(rf"\frac{{1}}{{{spelled}}}", inverse(part))
    for node, spelled in others:
        if node not in own:
            own[node] = None
            found.setdefault(spelled, node)
            if isinstance(node, tree.Fraction):
                below = node.denominator
                found.setdefault(rf"\frac{{1}}{{{_inside(spelled)}}}", inverse(below))
    chosen = [*list(found.items())[:_MOST], *list(inverses.items())[:_INVERSES]]
    return tuple((node, spelled) for spelled, node in chosen)


def _inside(fraction: str) -> str:
    """Return the text of a fraction's denominator: what the last braces hold."""
    depth = 0
    for place in range(len(fraction) - 1, -1, -1):
        depth += (fraction[place] == "}") - (fraction[place] == "{")
        if depth == 0:
            return fraction[place + 1 : -1] if fraction[place] == "{" else fraction[place:]
    return fraction
