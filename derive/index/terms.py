"""The language of index notation: tensor entries, deltas, reductions, on SymPy's scalar trees.

Everything scalar is SymPy's. Ours are the node types that SymPy lacks or gets wrong:

* :class:`Entry` — ``W[i, j]``, a real number, carrying its tensor's shape;
* :class:`Delta` — Kronecker's delta between two index expressions;
* :class:`Reduction` — a binder over one index: :class:`IndexSum`, :class:`IndexProduct`,
  :class:`IndexMax`, :class:`IndexArgmax`. Binders never evaluate by themselves.

A bound index is named after its *height* (one more than the highest binder inside), so two
expressions that differ only in the names of bound indices are structurally equal, and no free
index can be captured: the names of bound indices cannot be written by a user. To look under a
binder, call :meth:`Reduction.open`, which puts a fresh index in the place of the bound one.
"""

from __future__ import annotations

import itertools
import operator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.functions.elementary.hyperbolic import HyperbolicFunction
from sympy.functions.elementary.trigonometric import TrigonometricFunction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from typing_extensions import Self

__all__ = [
    "Delta",
    "Entry",
    "Index",
    "IndexArgmax",
    "IndexMax",
    "IndexProduct",
    "IndexSum",
    "Reduction",
    "Size",
    "entries",
    "free_indices",
    "fresh",
    "height",
    "mentions",
    "substitute",
    "sum_over",
    "symbols",
    "tensors",
]


#: Functions of one number of which SymPy takes long to find out what they are at an argument. Names
#: of indices change nothing of that but the sign that it takes for canonical, by their order.
_SLOW = (HyperbolicFunction, TrigonometricFunction)

_assumptions: dict[type[sp.Basic], Any] = {}


def _sharing(node: Any) -> Any:
    """Let all nodes of a class share what SymPy has found out about the class.

    SymPy asks every new object dozens of questions (is it zero? is it prime?). For our leaves and
    binders the answer never depends on the object, so it is found once.
    """
    kind = type(node)
    if kind not in _assumptions:
        _assumptions[kind] = node._assumptions.copy()
    node._assumptions = _assumptions[kind]
    return node


class Index(sp.Symbol):  # type: ignore[misc]
    """An index: a letter that stands for a position, counted from 0."""

    def __new__(cls, name: str) -> Index:
        """Return the index of this name."""
        symbol: Index = _sharing(sp.Symbol.__new__(cls, name, integer=True, nonnegative=True))
        return symbol


class Size(sp.Symbol):  # type: ignore[misc]
    """The extent of an axis: a positive integer that is not known yet."""

    def __new__(cls, name: str) -> Size:
        """Return the size of this name."""
        symbol: Size = _sharing(sp.Symbol.__new__(cls, name, integer=True, positive=True))
        return symbol


_counter = itertools.count()


def fresh() -> Index:
    """Return an index that occurs nowhere else.

    The names are padded, so that they sort in the order of their making: SymPy's canonical
    order then does not depend on how many were made before.
    """
    return Index(f"~{next(_counter):012d}")


class Entry(sp.Expr):  # type: ignore[misc]
    """One entry of a tensor, ``name[indices]``; a scalar has no indices.

    Parameters
    ----------
    name : str or sympy.Symbol
        The tensor.
    shape : sequence of sympy expressions
        The tensor's shape, one size per axis.
    indices : sympy expressions
        One integer expression per axis: an index, an affine expression, a number, or an entry
        of a tensor of integers.
    """

    is_commutative = True
    is_real = True
    is_extended_real = True

    def __new__(cls, name: str | sp.Symbol, shape: Iterable[sp.Expr], *indices: sp.Expr) -> Self:
        """Build the entry; the caller has checked that the rank fits."""
        symbol = name if isinstance(name, sp.Symbol) else sp.Symbol(name, real=True)
        sizes = sp.Tuple(*shape)
        if len(sizes) != len(indices):
            raise ValueError(f"{symbol}: {len(indices)} indices for rank {len(sizes)}")
        places = (sp.sympify(index, strict=True) for index in indices)
        node: Self = _sharing(sp.Expr.__new__(cls, symbol, sizes, *places))
        return node

    @property
    def tensor(self) -> str:
        """The tensor's name."""
        return str(self.args[0].name)

    @property
    def shape(self) -> tuple[sp.Expr, ...]:
        """The tensor's shape."""
        return tuple(self.args[1])

    @property
    def indices(self) -> tuple[sp.Expr, ...]:
        """The index expressions."""
        return tuple(self.args[2:])

    def _sympystr(self, printer: sp.printing.StrPrinter) -> str:
        inside = ", ".join(printer.doprint(index) for index in self.indices)
        return f"{self.tensor}[{inside}]" if inside else self.tensor


class Delta(sp.Expr):  # type: ignore[misc]
    """Kronecker's delta: 1 where both index expressions agree, else 0.

    The order counts: ``δ(access, target)`` promises that the access is a position within the
    range of the target (see :mod:`derive.index.delta`); between two indices of one size it says
    nothing.

    >>> Delta(Index("i"), Index("i")), Delta(Index("i"), Index("i") + 1)
    (1, 0)
    """

    is_commutative = True
    is_real = True
    is_extended_real = True

    def __new__(cls, left: sp.Expr, right: sp.Expr) -> sp.Expr:
        """Build the delta, applying the two identities that always hold."""
        left, right = sp.sympify(left, strict=True), sp.sympify(right, strict=True)
        difference = left - right
        if difference.is_Number:
            return sp.Integer(difference == 0)
        return _sharing(sp.Expr.__new__(cls, left, right))

    def _eval_power(self, exponent: sp.Expr) -> sp.Expr | None:
        return self if exponent.is_positive else None

    def _sympystr(self, printer: sp.printing.StrPrinter) -> str:
        return f"δ({printer.doprint(self.args[0])}, {printer.doprint(self.args[1])})"


class Reduction(sp.Expr):  # type: ignore[misc]
    """A binder: a body reduced over one index that runs from 0 to ``size - 1``."""

    is_commutative = True
    is_real = True
    is_extended_real = True
    symbol = "?"

    def __new__(cls, body: sp.Expr, index: Index, size: sp.Expr) -> Self:
        """Bind ``index`` in ``body``: it is renamed after the height of this binder."""
        body = sp.sympify(body, strict=True)
        bound = Index(f"_{height(body) + 1}")
        if index != bound:
            body = _renamed(body, {index: bound})
        node: Self = _sharing(sp.Expr.__new__(cls, body, bound, sp.sympify(size, strict=True)))
        return node

    @property
    def size(self) -> sp.Expr:
        """How many values the bound index takes."""
        return self.args[2]

    def open(self, index: Index | None = None) -> tuple[sp.Expr, Index]:
        """Return the body with a fresh index (or the one given) in place of the bound one."""
        index = fresh() if index is None else index
        return _renamed(self.args[0], {self.args[1]: index}), index

    def _sympystr(self, printer: sp.printing.StrPrinter) -> str:
        body, bound, size = (printer.doprint(part) for part in self.args)
        return f"{self.symbol}({body}, {bound}<{size})"


class IndexSum(Reduction):
    """``Σ_j body``."""

    symbol = "Σ"


class IndexProduct(Reduction):
    """``∏_j body``."""

    symbol = "∏"


class IndexMax(Reduction):
    """``max_j body``; of an empty range, minus infinity."""

    symbol = "max"


class IndexArgmax(Reduction):
    """The position of the first maximum of ``body`` over the index: an integer."""

    symbol = "argmax"
    is_integer = True


def sum_over(index: Index, size: sp.Expr, body: sp.Expr) -> sp.Expr:
    """Return ``Σ_index body``, with factors that do not depend on the index outside.

    >>> N, i = Size("N"), Index("i")
    >>> sum_over(i, N, 3 * Entry("a", (N,), i)), sum_over(i, N, sp.Integer(2))
    (3*Σ(a[_1], _1<N), 2*N)
    """
    inside: list[sp.Expr] = []
    outside: list[sp.Expr] = []
    for factor in sp.Mul.make_args(body):
        (inside if index in symbols(factor) else outside).append(factor)
    if not inside:
        return size * sp.Mul(*outside)
    return sp.Mul(*outside, IndexSum(sp.Mul(*inside), index, size))


def height(expression: sp.Basic) -> int:
    """Return the greatest height of a binder in the expression, 0 where there is none."""
    if isinstance(expression, Reduction):
        return int(expression.args[1].name[1:])
    return max((height(argument) for argument in expression.args), default=0)


def free_indices(expression: sp.Basic) -> frozenset[Index]:
    """Return the indices that are not bound in the expression.

    >>> N, i, j = Size("N"), Index("i"), Index("j")
    >>> free_indices(IndexSum(Entry("W", (N, N), i, j), j, N))
    frozenset({i})
    """
    return frozenset(
        symbol
        for symbol in symbols(expression)
        if isinstance(symbol, Index) and not symbol.name.startswith("_")
    )


def entries(expression: sp.Basic) -> list[Entry]:
    """Return the entries in the expression, in a reproducible order."""
    return sorted(expression.atoms(Entry), key=sp.default_sort_key)


@lru_cache(maxsize=1 << 16)
def tensors(expression: sp.Basic) -> frozenset[str]:
    """Return the names of the tensors that are read in the expression.

    >>> sorted(tensors(Entry("x", ()) * Entry("y", ()) + 1))
    ['x', 'y']
    """
    own = frozenset({expression.tensor} if isinstance(expression, Entry) else ())
    return own.union(*map(tensors, expression.args))


@lru_cache(maxsize=1 << 16)
def symbols(expression: sp.Basic) -> frozenset[sp.Symbol]:
    """Return the symbols in the expression, those of binders included.

    The same as SymPy's ``free_symbols``, which walks through the whole expression every time.
    """
    if isinstance(expression, sp.Symbol):
        return frozenset({expression})
    return frozenset().union(*map(symbols, expression.args))


def mentions(expression: sp.Basic, tensor: str) -> bool:
    """Tell whether an entry of the tensor occurs in the expression."""
    return tensor in tensors(expression)


def _renamed(expression: sp.Basic, names: Mapping[sp.Basic, sp.Basic]) -> sp.Basic:
    """Return the expression with other names for indices; the new ones must not stand in it."""
    if expression in names:
        return names[expression]
    if symbols(expression).isdisjoint(names):
        return expression
    arguments = tuple(_renamed(argument, names) for argument in expression.args)
    return _under_names(expression, arguments)


def _under_names(expression: sp.Basic, arguments: Sequence[sp.Basic]) -> sp.Basic:
    """Return the expression of these arguments, which differ from its own in names alone."""
    own = expression.args
    if all(map(operator.is_, arguments, own)):
        return expression
    if isinstance(expression, _SLOW) and _negative(arguments[0]) == _negative(own[0]):
        return expression.func(*arguments, evaluate=False)
    return expression.func(*arguments)


def _negative(argument: sp.Expr) -> bool:
    return bool(argument.could_extract_minus_sign())


def substitute(expression: sp.Expr, mapping: Mapping[sp.Basic, sp.Basic]) -> sp.Expr:
    """Replace subtrees, going under binders without capture.

    Works outside in: what has been put in is not looked at again. Values must not contain
    bound indices out of their binder (no expression of ours does).

    >>> N, i, j = Size("N"), Index("i"), Index("j")
    >>> s = IndexSum(Entry("W", (N, N), i, j), j, N)
    >>> substitute(s, {i: j})
    Σ(W[j, _1], _1<N)
    """
    renaming = _is_renaming(mapping) and symbols(expression).isdisjoint(mapping.values())
    return _substituted(expression, mapping, renaming)


def _is_renaming(mapping: Mapping[sp.Basic, sp.Basic]) -> bool:
    """Tell whether indices become other indices, no two of them the same."""
    return len(set(mapping.values())) == len(mapping) and all(
        isinstance(side, Index) for pair in mapping.items() for side in pair
    )


def _substituted(
    expression: sp.Expr, mapping: Mapping[sp.Basic, sp.Basic], renaming: bool
) -> sp.Expr:
    if expression in mapping:
        return mapping[expression]
    if not expression.args:
        return expression
    if isinstance(expression, Reduction) and not renaming:
        body, index = expression.open()
        size = _substituted(expression.size, mapping, renaming)
        return expression.func(_substituted(body, mapping, renaming), index, size)
    arguments = [_substituted(argument, mapping, renaming) for argument in expression.args]
    if renaming:
        return _under_names(expression, arguments)
    if all(new is old for new, old in zip(arguments, expression.args, strict=True)):
        return expression
    return expression.func(*arguments)


def rename_tensors(expression: sp.Expr, names: Mapping[str, str]) -> sp.Expr:
    """Return the expression with tensors renamed."""
    return expression.xreplace(
        {
            entry.args[0]: sp.Symbol(names[entry.tensor], real=True)
            for entry in entries(expression)
            if entry.tensor in names
        }
    )


def close_over(indices: Sequence[tuple[Index, sp.Expr]], body: sp.Expr) -> sp.Expr:
    """Return the body summed over the indices, each sum's scope as small as the factors allow.

    At every turn the index on which the fewest factors depend is summed first, so
    ``Σ_i Σ_j x_i W_ij z_j`` becomes ``Σ_i x_i Σ_j W_ij z_j``.
    """
    remaining = list(indices)
    factors = list(sp.Mul.make_args(body))
    while remaining:
        index, size = min(remaining, key=lambda pair: sum(pair[0] in symbols(f) for f in factors))
        remaining.remove((index, size))
        dependent = [f for f in factors if index in symbols(f)]
        others = [f for f in factors if index not in symbols(f)]
        factors = list(
            sp.Mul.make_args(sp.Mul(*others) * sum_over(index, size, sp.Mul(*dependent)))
        )
    return sp.Mul(*factors)
