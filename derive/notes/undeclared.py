r"""Names that need no declaration, with scripts: ``\delta_{ij}``, ``I_N``, ``\mathbf 1_N``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.index.scalars import LETTER
from derive.notes import tree
from derive.notes.basis import BASES, unit
from derive.notes.indexing import raised, whole
from derive.notes.lexer import Unreadable
from derive.notes.meaning import (
    CONSTANTS,
    IDENTITIES,
    KRONECKER,
    ONES,
    ZEROS,
    constant,
    is_function,
    mean,
    undefined,
)
from derive.notes.names import spell
from derive.notes.subscripts import place
from derive.notes.values import Misfit, Value

if TYPE_CHECKING:
    from derive.notes.scope import Scope
    from derive.notes.tree import Name, Scripted

__all__ = ["kronecker", "undeclared"]


def undeclared(node: Scripted, base: Name, scope: Scope) -> Value:
    """Return what a name that is no symbol of the note stands for, with its scripts.

    Raises
    ------
    Misfit
        If it stands for nothing: ``N_k`` is another name than N.
    """
    spelling = base.spelling
    if spelling in BASES:
        return unit(node, base, scope)
    plain = not node.sub and not node.primes
    ends = (*tree.indices(node), *tree.juxtaposed(node.sup))
    if len(ends) == 2 and (spelling == KRONECKER or _is_entry(node, scope)):
        return kronecker(ends, scope)
    constants = CONSTANTS.keys() - scope.taken
    raises = spelling in constants or not _is_plain_power(node)
    if CONSTANTS.get(spelling) == sp.E and node.sup and plain and raises:
        exponent = mean(node.sup[0], scope)
        return exponent.mapped(scope.algebra.apply(sp.exp(LETTER), LETTER, exponent.data))
    if spelling in ONES and node.sub and not node.primes:
        size = constant(node.sub[0], scope) if len(node.sub) == 1 else None
        if size is not None:
            ones = Value(scope.algebra.number(sp.S.One), rows=size)
            return raised(ones, node.sup, scope)
    if spelling in ZEROS and not node.primes:
        return mean(base, scope)
    square = _power_of_symbol(node, base, scope) if plain else None
    if square is not None:
        return square
    if is_function(node, scope):
        raise Misfit("argument", f"the function {spelling} without an argument")
    if plain and (spelling in scope.sizes or spelling in constants or spelling in ONES):
        return raised(mean(base, scope), node.sup, scope)
    letter = spelling + "'" * node.primes
    if not node.sub and scope.letters.size(letter) is not None:
        # An index as a number: ``i^2``.
        scope.letters.used.add(letter)
        return raised(Value(scope.algebra.letter(letter)), node.sup, scope)
    if spelling in IDENTITIES and not node.primes:
        # What stands below says how long it is.
        return raised(mean(base, scope), node.sup, scope)
    known = {*scope.sizes, *scope.letters.sizes, *constants, *IDENTITIES}
    name = _text(node) if spelling in known else spelling
    raise undefined(name, base.start, base.end)


def kronecker(ends: tuple[tree.Node, ...], scope: Scope) -> Value:
    """Return 1 where two indices are equal, else 0."""
    one, two = (place(part, scope) for part in ends)
    for at in (one, two):
        if at.letter:
            scope.letters.used.add(at.letter)
    return Value(scope.algebra.delta(one, two))


def _is_plain_power(node: Scripted) -> bool:
    r"""Tell whether a transpose or a number stands above: ``e^\top``, ``e^2``."""
    return any(isinstance(mark, tree.Mark | tree.Number) for mark in node.sup)


def _power_of_symbol(node: Scripted, base: Name, scope: Scope) -> Value | None:
    r"""Return ``\sigma^4`` where ``\sigma^2`` is the symbol."""
    power = constant(node.sup[0], scope) if len(node.sup) == 1 else None
    if power is None or not power.is_Integer:
        return None
    for part in range(2, abs(int(power))):
        symbols = (f"{base.spelling}^{part}", f"{base.spelling}^{{{part}}}")
        tensor = next((scope.tensors[name] for name in symbols if name in scope.tensors), None)
        if tensor is not None and not tensor.shape and power % part == 0:
            value = whole(tensor, scope)
            return value.mapped(scope.algebra.power(value.data, power / part))
    return None


def _is_entry(node: Scripted, scope: Scope) -> bool:
    """Tell whether two letters below an identity are those of an entry, not its sizes."""
    below = tree.indices(node)
    known = isinstance(node.base, tree.Name) and node.base.spelling in IDENTITIES
    return known and len(below) == 2 and all(constant(part, scope) is None for part in below)


def _text(node: Scripted) -> str:
    """Return a name with what stands below it, and its primes, where these can be in a name."""
    try:
        return spell(tree.Scripted(node.start, node.end, node.base, node.sub, (), node.primes))
    except Unreadable:
        return spell(node.base)
