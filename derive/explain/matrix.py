"""From index form to matrix form, by one procedure for every layer.

A product with its sums pulled to the front is contracted:

1. factors over the same indices make one group, an elementwise product;
2. one summed index after another is contracted: in one group it is a sum over an axis, or a dot
   product; in two groups a matrix-vector or matrix-matrix product; in three, of which one is a
   vector, that vector is a diagonal matrix between the two others;
3. what is left over free indices is an outer product, or scales rows and columns.

A factor over two indices in which no matrix occurs, ``tanh(c_j (X_i − b_j))``, gets a name
first: without indices nothing would tell its rows from its columns. So does a factor that
has no matrix form itself.

A form is given out only after its value was found equal to that of the index form.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.explain.algebra import (
    Apply,
    Diag,
    DiagOf,
    Literal,
    Name,
    Ones,
    Outer,
    Scaled,
    Sum,
    Tree,
    transposed,
)
from derive.explain.check import is_equal
from derive.explain.groups import (
    Groups,
    NoForm,
    Place,
    assembled,
    negated,
    powered,
    summed,
    upright,
)
from derive.explain.names import Notation
from derive.explain.scope import Scope, degree, key, numbers_lead, scope_of
from derive.explain.shorthands import Shorthands
from derive.index.functions import Select
from derive.index.terms import (
    Delta,
    Entry,
    Index,
    IndexSum,
    Reduction,
    free_indices,
    substitute,
)

if TYPE_CHECKING:
    from derive.layer.model import Node

__all__ = ["MatrixForm", "Shorthands", "matrix_form"]


@dataclass(frozen=True, slots=True)
class MatrixForm:
    """An equation without indices.

    Parameters
    ----------
    name : str
        The tensor on the left.
    tree : Tree
        The right side.
    where : tuple of Node
        The definitions, in index form, of the names that the procedure introduced.
    """

    name: str
    tree: Tree
    where: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class _Value:
    """A tree whose axes are named by indices."""

    tree: Tree
    axes: tuple[Index, ...]

    def along(self, axes: tuple[Index, ...]) -> Tree:
        """Return the tree with its axes in this order."""
        if axes == self.axes:
            return self.tree
        if axes == self.axes[::-1]:
            return transposed(self.tree)
        raise NoForm


def matrix_form(
    node: Node, shorthands: Shorthands | None = None, unit: str = ""
) -> MatrixForm | None:
    """Return the matrix form of an equation, or None if the procedure finds none.

    Parameters
    ----------
    node : Node
        The equation in index form.
    shorthands : Shorthands, optional
        Names given before; new ones are added.
    unit : str
        A scalar that is 1 and is left out: the cotangent of a scalar loss.

    Examples
    --------
    >>> from derive.layers import softmax_mlp
    >>> matrix_form(softmax_mlp.layer.build().nodes[1]).tree
    Apply(function=sigmoid, arguments=(Name(name='s', rank=1),))
    """
    shorthands = shorthands if shorthands is not None else Shorthands()
    body = node.body
    if unit:
        body = substitute(body, {Entry(unit, ()): sp.S.One})
    if len(node.indices) > 2:
        return None
    names: dict[sp.Expr, Node] = {}
    finder = _Finder(shorthands, names, dict(node.sizes), scope_of(body, Notation(), node.indices))
    try:
        tree = finder.spread(finder.whole(body), node.indices)
    except NoForm:
        return None
    where = tuple(names.values())
    if not is_equal(tree, body, node, where):
        return None
    shorthands.found.update(names)
    return MatrixForm(node.name, tree, where)


@dataclass(frozen=True, slots=True)
class _Finder:
    """The procedure, at a place where the sizes of some indices are known."""

    shorthands: Shorthands
    names: dict[sp.Expr, Node]  # those used by this equation, filled on the way
    sizes: dict[Index, sp.Expr]
    scope: Scope

    def under(self, index: Index, size: sp.Expr) -> _Finder:
        return replace(self, sizes={**self.sizes, index: size}, scope=self.scope.inside(index))

    @property
    def place(self) -> Place:
        return Place(self.sizes, self.scope.ranks)

    def ordered(self, indices: frozenset[Index]) -> tuple[Index, ...]:
        return self.place.ordered(indices)

    def spread(self, found: _Value, axes: tuple[Index, ...]) -> Tree:
        """Return a value as an array over the axes, repeated along those that it lacks."""
        if not set(found.axes) <= set(axes):
            raise NoForm
        if len(found.axes) == len(axes):
            return found.along(axes)
        missing = [Ones(self.sizes[index]) for index in axes if index not in found.axes]
        ones: Tree = missing[0]
        if not found.axes:
            whole = ones if len(axes) == 1 else Outer(missing[0], missing[1])
            return whole if found.tree == Literal(sp.S.One) else Scaled(found.tree, whole)
        return Outer(found.tree, ones) if found.axes[0] == axes[0] else Outer(ones, found.tree)

    def whole(self, expression: sp.Expr) -> _Value:
        """Return the right side of an equation; by a name only if it has one from before."""
        try:
            return self.value(expression, top=True)
        except NoForm:
            known = self.known(expression)
            if known is None:
                raise
            return known

    def value(self, expression: sp.Expr, top: bool = False) -> _Value:
        """Return an expression without indices; at the top of an equation it gets no name."""
        if not expression.has(Entry, Index, Delta):
            return _Value(Literal(expression), ())
        if isinstance(expression, Entry):
            return self.entry(expression)
        if isinstance(expression, (sp.Mul, sp.Pow, IndexSum, Delta)) or _is_masked(expression):
            return self.product(expression)
        if isinstance(expression, sp.Add):
            return self.total(expression, top)
        if isinstance(expression, sp.Function):
            return self.application(expression, top)
        raise NoForm

    def factor(self, expression: sp.Expr) -> _Value:
        """Return a factor without indices, by a name if there is no other way."""
        try:
            return self.value(expression)
        except NoForm:
            return self.named(expression)

    def named(self, expression: sp.Expr) -> _Value:
        indices = free_indices(expression)
        positions = (p for entry in expression.atoms(Entry) for p in entry.indices)
        plain = all(isinstance(p, Index) for p in positions) and not expression.has(Delta)
        if not plain or not 1 <= len(indices) <= 2 or isinstance(expression, Entry):
            raise NoForm
        node, order = self.shorthands.node(expression, self.sizes, self.names)
        self.names[node.body] = node
        return _Value(Name(node.name, len(order)), order)

    def known(self, expression: sp.Expr) -> _Value | None:
        """Return the name that an expression has from before, if it has one."""
        node, order = self.shorthands.node(expression, self.sizes, {})
        if node.body not in self.shorthands.found:
            return None
        self.names[node.body] = node
        return _Value(Name(node.name, len(order)), order)

    def entry(self, expression: Entry) -> _Value:
        indices = expression.indices
        for index, size in zip(indices, expression.shape, strict=True):
            if not isinstance(index, Index) or self.sizes[index] != size:
                raise NoForm
        if len(indices) > 2:
            raise NoForm
        whole = Name(expression.tensor, len(indices))
        if len(set(indices)) < len(indices):
            return _Value(DiagOf(whole), indices[:1])
        return _Value(whole, indices)

    def application(self, expression: sp.Function, top: bool) -> _Value:
        indices = free_indices(expression)
        if len(indices) == 2 and not _has_matrix(expression):
            known = self.known(expression) if top else self.named(expression)
            if known is not None:
                return known
        arguments = [self.value(argument) for argument in expression.args]
        axes = self.ordered(frozenset().union(*(a.axes for a in arguments)))
        trees = [a.tree if not a.axes else self.spread(a, axes) for a in arguments]
        return _Value(upright(lambda *t: Apply(type(expression), t), *trees), axes)

    def total(self, expression: sp.Add, top: bool) -> _Value:
        axes = self.ordered(free_indices(expression))
        if len(axes) > 2:
            raise NoForm
        signs, parts = [], []
        for term in self.in_order(expression):
            negative = term.could_extract_minus_sign()
            signs.append(negative)
            parts.append(self.value(-term if negative else term))
        if all(len(part.axes) < len(axes) for part in parts) and not top:
            return self.named(expression)
        if all(not part.axes for part in parts) and axes:
            raise NoForm  # the indices are gone: they stood in what is no tensor
        # A number is added to every entry, 1 − h; anything else is written out, x − μ 𝟏.
        plain = [isinstance(part.tree, Literal) and not (top and len(axes) == 2) for part in parts]
        trees = [
            part.tree if bare else self.spread(part, axes)
            for part, bare in zip(parts, plain, strict=True)
        ]
        return _Value(upright(lambda *t: Sum(tuple(zip(signs, t, strict=True))), *trees), axes)

    def in_order(self, expression: sp.Add) -> list[sp.Expr]:
        """Return the terms: what is added first, products with sums before single letters."""
        lead = numbers_lead(expression)

        def place(term: sp.Expr) -> tuple[object, ...]:
            negative = term.could_extract_minus_sign()
            keys = sorted(key(factor, self.scope) for factor in sp.Mul.make_args(term))
            last = term.is_Number != lead
            return (negative, last, not term.has(Reduction), -degree(term), keys)

        return sorted(expression.args, key=place)

    def product(self, expression: sp.Expr) -> _Value:
        """Contract a product; see the module's docstring."""
        number, rest = expression.as_coeff_Mul()
        if number.is_negative:
            found = self.product(-number * rest)
            return _Value(negated(found.tree), found.axes)
        for deep in (True, False):
            finder, factors, bound = self.opened(expression, deep)
            deltas = [f for f in factors if isinstance(f, Delta)]
            try:
                if deltas:
                    return finder.diagonal(deltas, [f for f in factors if f not in deltas], bound)
                return finder.contracted(factors, bound)
            except NoForm:
                continue
        raise NoForm

    def opened(self, expression: sp.Expr, deep: bool) -> tuple[_Finder, list[sp.Expr], list[Index]]:
        """Return the factors of a product with its sums pulled to the front, and their indices.

        If not deep, sums within sums stay what they are, to get a name.
        """
        finder, factors, bound = self, list[sp.Expr](), list[Index]()
        pending, inner = list(sp.Mul.make_args(expression)), set[sp.Expr]()
        while pending:
            factor = pending.pop(0)
            if isinstance(factor, IndexSum) and (deep or factor not in inner):
                body, index = factor.open()
                finder = finder.under(index, factor.size)
                bound.append(index)
                inner.update(sp.Mul.make_args(body))
                pending += sp.Mul.make_args(body)
            elif _is_masked(factor):
                pending += [Select(factor.args[0], 1, 0), *sp.Mul.make_args(factor.args[1])]
            elif isinstance(factor, sp.Add) and factor.primitive()[0].is_Integer:
                factors += [part for part in factor.primitive() if part != 1]
            else:
                factors.append(factor)
        return finder, factors, bound

    def diagonal(self, deltas: list[sp.Expr], factors: list[sp.Expr], bound: list[Index]) -> _Value:
        """Return a diagonal matrix: one delta between two free indices, times anything."""
        left, right = deltas[0].args
        free = [index for index in (left, right) if isinstance(index, Index) and index not in bound]
        if len(deltas) > 1 or len(free) < 2 or self.sizes[left] != self.sizes[right]:
            raise NoForm
        found = self.contracted([substitute(f, {right: left}) for f in factors], bound)
        return _Value(Diag(self.spread(found, (left,))), (left, right))

    def contracted(self, factors: list[sp.Expr], bound: list[Index]) -> _Value:
        for place, factor in enumerate(factors):
            if isinstance(factor, sp.Add) and len(free_indices(factor)) > 2:
                rest = [*factors[:place], *factors[place + 1 :]]
                return self.distributed(factor, rest, bound)
        groups: Groups = {}
        for factor in sorted(factors, key=lambda factor: key(factor, self.scope)):
            if factor.is_Number:
                above, below = groups.setdefault(frozenset(), ([], []))
                parts = factor.as_numer_denom() if factor.is_Rational else (factor, sp.S.One)
                for side, part in zip((above, below), parts, strict=True):
                    side += [] if part in (1, 1.0) else [Literal(part)]
                continue
            base, exponent = factor.as_base_exp() if factor.is_Pow else (factor, sp.S.One)
            if not exponent.is_Rational:
                raise NoForm
            found = self.factor(base)
            axes = self.ordered(frozenset(found.axes))
            above, below = groups.setdefault(frozenset(axes), ([], []))
            tree = powered(found.along(axes), abs(exponent))
            (above if exponent > 0 else below).append(tree)
        for order in itertools.permutations(bound):
            try:
                return _Value(*assembled(summed(groups, order, self.place), self.place))
            except NoForm:
                continue
        raise NoForm

    def distributed(self, total: sp.Add, rest: list[sp.Expr], bound: list[Index]) -> _Value:
        """Multiply a sum out that has too many indices: ``Σ_k (a_ik − b_kj) c_k``."""
        parts = []
        for term in self.in_order(total):
            negative = term.could_extract_minus_sign()
            factors = [*sp.Mul.make_args(-term if negative else term), *rest]
            parts.append((negative, self.contracted(factors, bound)))
        axes = self.ordered(frozenset().union(*(part.axes for _, part in parts)))
        return _Value(Sum(tuple((sign, self.spread(part, axes)) for sign, part in parts)), axes)


def _is_masked(expression: sp.Expr) -> bool:
    """Tell whether an expression is 0 where a condition does not hold, and not a mask itself."""
    return isinstance(expression, Select) and expression.args[2] == 0 and expression.args[1] != 1


def _has_matrix(expression: sp.Expr) -> bool:
    """Tell whether a tensor with two plain indices occurs: it says what are rows and columns."""
    return any(len(entry.indices) == 2 for entry in expression.atoms(Entry))
