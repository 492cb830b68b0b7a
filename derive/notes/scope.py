"""What the names in a formula stand for while it is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from derive.notes.values import Misfit, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import sympy as sp

    from derive.notes.algebra import Algebra
    from derive.notes.tree import Derivative, Node

__all__ = [
    "CALL",
    "DOT",
    "INVERSE",
    "LAYOUT",
    "PAIR",
    "PRIME",
    "REACH",
    "Letters",
    "Macro",
    "Scope",
    "Tensor",
    "narrow",
]

#: ``u \cdot v`` of two vectors: entry by entry, or else their scalar product.
DOT = "dot"
#: ``g (1 - g)`` of a symbol that is defined as ``g(x)``: its value there, or else a product.
CALL = "call"
#: How far a function without brackets reaches in ``\log f(x) (1 - y)``: over the first factor,
#: or else over all.
REACH = "reach"
#: ``K_{ij}^{-1}`` of a square matrix: one over an entry, or else an entry of the inverse.
INVERSE = "inverse"
#: ``\sum_{i < j}``: over the first of two letters, or else over both.
PAIR = "pair"
#: ``A'`` of a vector or a matrix: another name, or else the transpose.
PRIME = "prime"
#: Derivatives of vectors by vectors in the other layout than the note's. No text raises this
#: doubt by itself.
LAYOUT = "layout"


@dataclass(frozen=True, slots=True)
class Tensor:
    """A symbol with a shape: its name among the tensors, and whether it holds integers."""

    name: str
    shape: tuple[sp.Expr, ...]
    integer: bool = False


@dataclass(frozen=True, slots=True)
class Macro:
    """A function that a note defines: parameters, and what they are put into."""

    parameters: tuple[str, ...]
    body: Node


@dataclass(slots=True)
class Letters:
    """The letters met so far, with the size of the axes that each stands on.

    ``sizes`` holds those that are free where the reader stands, ``every`` all that were met: where
    the axes of one letter are of several sizes, the smallest. ``compared`` are letters with the
    size of another that they are compared with: it is theirs only if nothing else says on which
    axis they stand. Where ``fixed``, the sizes are known beforehand and nothing is noted.
    """

    sizes: dict[str, sp.Expr] = field(default_factory=dict)
    every: dict[str, sp.Expr] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    compared: dict[str, sp.Expr] = field(default_factory=dict)
    fixed: bool = False

    def size(self, letter: str) -> sp.Expr | None:
        """Return how far a letter runs: as its axis, or else as what it is compared with."""
        return self.sizes.get(letter, self.compared.get(letter))

    def stands(self, letter: str, size: sp.Expr, start: int, end: int) -> None:
        """Note that a letter stands on an axis of a size.

        Raises
        ------
        Misfit
            If it stands on an axis of another size as well.
        """
        if self.fixed:
            return
        self.used.add(letter)
        narrow(self.every, letter, size)
        known = self.sizes.get(letter, size)
        narrow(self.sizes, letter, size)
        if known == size:
            return
        if (size - known).is_nonnegative or (known - size).is_nonnegative:
            return
        raise Misfit(
            "index-size",
            f"index {letter} runs over {known} and stands on an axis of {size}",
            start,
            end,
        )


def narrow(sizes: dict[str, sp.Expr], letter: str, size: sp.Expr) -> None:
    """Note a size of a letter, where none is known that is as small or smaller."""
    if (sizes.setdefault(letter, size) - size).is_nonnegative:
        sizes[letter] = size


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything that gives names a meaning.

    Parameters
    ----------
    algebra : Algebra
        The numbers to compute in.
    tensors : mapping
        Symbols with shapes, by spelling.
    sizes : mapping
        Sizes, by spelling.
    functions : mapping
        Elementwise functions, by spelling, as expressions in one letter.
    macros : mapping
        Functions that the note defines, by spelling.
    letters : Letters
        The indices met so far.
    calls : mapping
        Symbols that the note writes with arguments: ``E(w)``, ``p(a)``; the arguments that are
        decoration, or None where they are indices.
    derivative : callable
        From a derivative's node and this scope to its value.
    chained : callable
        From a value and the link of a derivative to their product by the chain rule, None where
        they do not meet.
    base : int
        What indices count from.
    rows : bool
        Whether vectors may stand as rows.
    values : mapping
        Parameters of the macro that is being read, and other names with a value.
    expected : (size, size)
        The shape that a matrix with dots is to have.
    applied : mapping
        Symbols that are defined with arguments, as functions of them: ``g(t) = …`` may be
        written ``g(Vz)``.
    losses : mapping
        Unspecified losses as symbols, by spelling.
    filled : bool
        Whether dots are filled in by their pattern; else only printed entries count.
    memo : dict or None
        Values by the identity of their node, for reading variants of one formula quickly.
    doubts : set of str
        Filled with what was met that can be read in two ways: ``CALL``, ``DOT``, ``REACH``,
        ``INVERSE``, ``PAIR``, ``PRIME``.
    other : frozenset of str
        Which of these are to be read in the less usual way; ``LAYOUT`` may be among them.
    bound : frozenset of str
        Names of sizes that a sum around has for its index.
    only : bool
        Whether vectors stand as nothing but rows.
    taken : frozenset of str
        Names of constants by which the note means something else.
    columns : bool
        Whether vectors are nothing but columns in sums, as the note says.
    """

    algebra: Algebra
    tensors: Mapping[str, Tensor]
    sizes: Mapping[str, sp.Expr]
    functions: Mapping[str, sp.Expr]
    macros: Mapping[str, Macro]
    letters: Letters
    calls: Mapping[str, tuple[str, ...] | None]
    derivative: Callable[[Derivative, Scope], Value]
    chained: Callable[[Value, Value, Scope], Value | None]
    base: int = 1
    rows: bool = False
    values: Mapping[str, Value] = field(default_factory=dict)
    expected: tuple[Any, Any] = (None, None)
    applied: Mapping[str, Macro] = field(default_factory=dict)
    losses: Mapping[str, Tensor] = field(default_factory=dict)
    filled: bool = True
    memo: dict[int, tuple[Node, Value]] | None = None
    doubts: set[str] = field(default_factory=set)
    other: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    only: bool = False
    taken: frozenset[str] = frozenset()
    columns: bool = False

    def with_values(self, values: Mapping[str, Value]) -> Scope:
        """Return the scope inside a macro."""
        return replace(self, values={**self.values, **values}, memo=None)
