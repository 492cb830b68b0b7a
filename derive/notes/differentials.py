"""Derivatives in formulas: what ``∂L/∂b_i``, ``∇_W L`` and ``∂/∂b_i Σ …`` stand for.

A derivative of a declared quantity by a declared quantity is its total derivative, along all
paths below; of an unspecified loss it is the cotangent. Derivatives of expressions, and by
expressions, are derivatives of quantities that are defined for the purpose. In every case the
result is a tensor of the :class:`~derive.notes.world.World`, read at the places that the
formula writes and laid out as the note says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.gradient.jacobian import jacobian
from derive.index.delta import solve_affine
from derive.index.terms import (
    Delta,
    Entry,
    close_over,
    fresh,
    substitute,
)
from derive.notes import tree
from derive.notes.algebra import COLUMN, INNER, ROW, At
from derive.notes.derivatives import is_nabla, repeated
from derive.notes.draws import USUAL
from derive.notes.entries import raised_first
from derive.notes.indexing import along, index_nodes, is_transpose, stand
from derive.notes.invertible import inside, is_whole
from derive.notes.laying import laid_out, reversed_by_layout, turned, without_transpose
from derive.notes.losses import are_arguments, cotangent, introduce, refuse_second, through
from derive.notes.meaning import constant, mean
from derive.notes.nameless import nameless
from derive.notes.names import spellings
from derive.notes.reach import parted
from derive.notes.scope import Letters, Scope
from derive.notes.scope import Tensor as Symbol
from derive.notes.settle import occurs, substituted
from derive.notes.subscripts import place
from derive.notes.values import Link, Misfit, Value
from derive.notes.variables import variables

if TYPE_CHECKING:
    from derive.notes.tree import Derivative
    from derive.notes.world import World

__all__ = ["Differentials"]


class Differentials:
    """Gives derivatives their meaning in a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        introduce(world)

    def symbolic(self) -> Scope:
        """Return a scope that reads formulas as index expressions."""
        return self.world.scope(self.world.symbols(), Letters(), self.derivative, self.chained)

    def numeric(self, seed: int, letters: dict[str, sp.Expr], draws: int = USUAL) -> Scope:
        """Return a scope that reads formulas as arrays of numbers."""
        numbers = self.world.numbers(seed, letters, draws)
        fixed = Letters(dict(letters), dict(letters), set(letters), fixed=True)
        scope = self.world.scope(numbers, fixed, self.derivative, self.chained)
        return replace(scope, memo={})

    def derivative(self, node: Derivative, scope: Scope) -> Value:
        """Return the value of a derivative.

        Raises
        ------
        Misfit
            If it cannot be read.
        """
        if node.plain is not None and self._prefers_plain(node, scope):
            return mean(node.plain, scope)
        shorter = parted(node, scope)
        if shorter is not None:
            found = mean(shorter[0], scope)
            return replace(found, readings=(*found.readings, shorter[1]))
        told = without_transpose(node, scope)
        if told is not None:
            plain, of_vector = told
            return turned(self.derivative(plain, scope), of_vector, self.world, scope)
        order = sp.S.One if node.order is None else constant(node.order, scope)
        if order not in (1, 2, 3):
            raise Misfit("unreadable", "a derivative of this order", node.start, node.end)
        wrt = node.wrt
        if len(wrt) == 1 and node.form != "nabla":
            wrt *= int(order)
        elif 1 < len(wrt) < order:
            wrt = tuple(part for power in wrt for part in repeated(power))
        if order == 1 and is_nabla(node) and is_nabla(node.of) and node.of.wrt == wrt:
            # ``∇∇f`` is the Hessian ``∇²f``.
            return self._nabla(replace(node, of=node.of.of), scope, 2)
        if not wrt or (node.form == "nabla" and order == 2):
            return self._nabla(node, scope, int(order))
        if len(wrt) > 3 or node.of is None:
            raise Misfit("unreadable", "a derivative of this form", node.start, node.end)
        targets = [self._target(part, scope) for part in wrt]
        if any(target is None for target in targets):
            return self._by_expression(node, wrt, scope)
        symbol, places = self._subject(self._with_argument(node.of, scope), scope)
        known = [target for target in targets if target is not None]
        name = symbol.name
        shape = symbol.shape
        for target, _ in known:
            name = self.whole(name, target.name, shape)
            shape = (*shape, *target.shape)
        every = [places, *(where for _, where in known)]
        shapes = [symbol.shape, *(target.shape for target, _ in known)]
        link = None
        if len(known) == 1 and not places and not known[0][1]:
            link = Link(symbol.name, known[0][0].name, name, symbol.shape, known[0][0].shape)
        value = laid_out(self.world, name, shapes, every, scope, node, link)
        return replace(value, readings=self.world.expressions.get(symbol.name, ()))

    def _with_argument(self, of: tree.Node, scope: Scope) -> tree.Node:
        """Return ``σ(z)`` for a function σ of the note that is defined in the letter z."""
        if isinstance(of, tree.Name) and of.spelling in self.world.parameters:
            letter = self.world.parameters[of.spelling]
            if letter in scope.tensors and of.spelling not in scope.tensors:
                argument = tree.Name(of.end, of.end, letter)
                group = tree.Group(of.end, of.end, "(", ")", (argument,))
                sign = tree.Operator(of.end, of.end, "")
                return tree.Product(of.start, of.end, (of, group), (sign,))
        return of

    def _prefers_plain(self, node: Derivative, scope: Scope) -> bool:
        """Tell whether the letters of a d-form are names that the note declares."""
        assert node.plain is not None
        names = spellings(node.plain)
        return all(name in scope.tensors for name in names) and bool(names)

    def _nabla(self, node: Derivative, scope: Scope, order: int) -> Value:
        """Return ``∇f`` or ``∇²f`` of the only argument that f has."""
        if node.of is None:
            raise Misfit("unreadable", "a gradient of nothing", *node.head)
        wrt = node.wrt
        if not wrt:
            arguments = variables(node.of, self.world)
            if len(arguments) != 1:
                raise Misfit("unreadable", "a gradient that does not say by what", *node.head)
            wrt = (arguments[0],)
        twice = wrt * order
        return self.derivative(replace(node, form="gradient", wrt=twice, order=None), scope)

    def _target(self, node: tree.Node, scope: Scope) -> tuple[Symbol, tuple[At, ...]] | None:
        """Return the symbol that is differentiated by, and its indices; None if it is none."""
        if isinstance(node, tree.Group) and len(node.items) == 1:
            return self._target(node.items[0], scope)
        base = node.base if isinstance(node, tree.Scripted) else node
        if isinstance(base, tree.Group) and len(base.items) == 1:
            base = base.items[0]
        spelling = base.spelling if isinstance(base, tree.Name) else ""
        symbol = scope.tensors.get(spelling, scope.losses.get(spelling))
        if symbol is None:
            return None
        if isinstance(node, tree.Scripted):
            if node.primes:
                return None
            nodes, above = index_nodes(node, len(symbol.shape), scope)
            if node.sup and not above:
                if len(node.sup) != 1 or not is_transpose(node.sup[0], scope):
                    return None
                if len(nodes) == 2 == len(symbol.shape):
                    return self._target(replace(node, sub=nodes[::-1], sup=()), scope)
                # By the transpose, of a vector or a row: a Hessian's other axis.
                if len(symbol.shape) != len(nodes) + 1:
                    return None
            places = along(tuple(place(part, scope) for part in nodes), symbol.shape)
            self._stand(places, symbol, node, scope)
            return symbol, places
        return symbol, ()

    def _stand(self, places: tuple[At, ...], symbol: Symbol, node: tree.Node, scope: Scope) -> None:
        if len(places) > len(symbol.shape):
            raise Misfit(
                "rank",
                f"{len(places)} indices on a symbol with {len(symbol.shape)} axes",
                node.start,
                node.end,
            )
        stand(places, symbol.shape, scope, node.start, node.end)

    def _subject(self, node: tree.Node, scope: Scope) -> tuple[Symbol, tuple[At, ...]]:
        """Return what is differentiated: a symbol, a loss, or an expression made into one."""
        if isinstance(node, tree.Group) and len(node.items) == 1:
            return self._subject(node.items[0], scope)
        inner = node
        if isinstance(node, tree.Product) and len(node.factors) == 2:
            name, after = node.factors
            called = isinstance(name, tree.Name) and scope.calls.get(name.spelling) is not None
            if called and isinstance(after, tree.Group):
                loss = isinstance(name, tree.Name) and name.spelling in scope.losses
                inner = name if not loss or are_arguments(after, scope.tensors) else node
        target = self._target(inner, scope)
        return target if target is not None else self.expression(node, scope)

    def expression(self, node: tree.Node, scope: Scope) -> tuple[Symbol, tuple[At, ...]]:
        """Define an expression as a quantity; its letters become its first axes."""
        # Nodes are equal whichever of their scripts comes first.
        order = tuple(raised_first(part) for part in tree.walk(node))
        key = ("expression", node, scope.other, order)
        if key not in self.world.known:
            self.world.known[key] = self._made(node, scope)
        name, letters, sizes, doubts = self.world.known[key]
        scope.doubts.update(doubts)
        for letter, size in zip(letters, sizes, strict=False):
            scope.letters.stands(letter, size, node.start, node.end)
        return Symbol(name, sizes), tuple(At(letter) for letter in letters)

    def _made(self, node: tree.Node, around: Scope) -> tuple[object, ...]:
        scope = replace(self.symbolic(), other=around.other)
        value = mean(node, scope)
        for letter in sorted(scope.letters.used - scope.letters.sizes.keys()):
            # What stands around it tells the size of l where x_{l+n} alone does not.
            size = around.letters.sizes.get(letter, scope.letters.compared.get(letter))
            if size is None:
                what = f"the size of index {letter} is not known"
                raise Misfit("index-size", what, node.start, node.end)
            scope.letters.sizes[letter] = size
        name, letters = self.world.quantity("expression", value, scope.letters)
        self.world.expressions[name] = value.readings
        return name, letters, self.world.shapes[name], scope.doubts

    def _by_expression(self, node: Derivative, wrt: tuple[tree.Node, ...], scope: Scope) -> Value:
        """Return a derivative by an expression, which stands for an independent quantity."""
        within = [inside(part, scope) for part in wrt]
        if len(wrt) > 1 and node.of is not None and any(within):
            last = replace(node, wrt=wrt[1:], order=None, plain=None)
            return self.derivative(replace(last, of=last, wrt=wrt[:1]), scope)
        if within[0] is not None and node.of is not None:
            return self._by_function(node, wrt[0], within[0], scope)
        if len(wrt) != 1 or node.of is None:
            raise Misfit("unreadable", "a derivative by an expression", node.start, node.end)
        target = wrt[0]
        if not occurs(target, node.of):
            made = self.expression(target, scope)[0].name
            same = self.world.spelled(made)
            if same is not None:
                # ``∂L/∂(Wx + b)`` for ``∂L/∂z``.
                named = tree.Name(target.start, target.end, same)
                return self.derivative(replace(node, wrt=(named,), plain=None), scope)
            raise nameless(self.world, made, target)
        symbol, places = self.expression(target, scope)
        if places:
            raise Misfit(
                "unreadable", "a derivative by an expression with indices", target.start, target.end
            )
        spelling = f"{symbol.name} "
        self.world.tensors[spelling] = symbol
        name = tree.Name(target.start, target.end, spelling)
        of = substituted(node.of, [(target, name)])
        inner = replace(scope, tensors=self.world.tensors, memo=None)
        return self.derivative(replace(node, of=of, wrt=(name,), plain=None), inner)

    def _by_function(
        self, node: Derivative, target: tree.Node, symbol: tree.Node, scope: Scope
    ) -> Value:
        """Return a derivative by an invertible function g of one symbol s: ∂f/∂s over ∂g/∂s."""
        assert node.of is not None
        of = self._subject(self._with_argument(node.of, scope), scope)[0]
        same = self.world.spelled(self.expression(target, scope)[0].name)
        if same is not None and self.world.tensors[same].name in self.world.above(of.name):
            # What it is of by a name goes by this name.
            named = tree.Name(target.start, target.end, same)
            return self.derivative(replace(node, wrt=(named,), plain=None), scope)
        above = replace(node, wrt=(symbol,), order=None, plain=None)
        below: tree.Node = replace(above, of=target)
        if is_whole(symbol, scope):
            if of.shape:
                what = "a derivative of what is no number by a function of a vector"
                raise Misfit("unreadable", what, target.start, target.end)
            # Entry by entry.
            below = tree.FunctionCall(node.start, node.end, "diag", below, bracketed=True)
        return mean(tree.Fraction(node.start, node.end, above, below), scope)

    def whole(self, of: str, wrt: str, of_shape: tuple[sp.Expr, ...]) -> str:
        """Return the name of the tensor ∂of/∂wrt, defining it when it is asked for first."""
        key = ("derivative", of, wrt)
        for name in (of, wrt):
            if name not in self.world.shapes and name not in self.world.losses:
                raise Misfit("undefined-symbol", f"nothing says what {name} is")
        if key not in self.world.known:
            refuse_second(self.world, of, wrt)
            if of != wrt and of in self.world.losses:
                self.world.known[key] = cotangent(self.world, of, wrt)
            elif of == wrt or of in {t.name for t in self.world.given}:
                self.world.known[key] = self._trivial(of, wrt, of_shape)
            else:
                self.world.known[key] = self._jacobian(of, wrt)
        found: str = self.world.known[key]
        return found

    def _jacobian(self, of: str, wrt: str) -> str:
        found = jacobian(self.world.whole, of, wrt)
        name = self.world.name(f"d{of}/d{wrt}")
        shape = (*self.world.shapes[of], *self.world.shapes[wrt])
        own = tuple(fresh() for _ in shape)
        swap = dict(zip((*found.rows, *found.columns), own, strict=True))
        free = dict(zip((*found.rows, *found.columns), shape, strict=True))
        body = substitute(solve_affine(found.body, free), swap) + through(self, of, wrt, own)
        self.world.define(name, own, shape, body)
        return name

    def _trivial(self, of: str, wrt: str, shape: tuple[sp.Expr, ...]) -> str:
        """Define ∂x/∂x, the identity, or the derivative of one given quantity by another, 0."""
        name = self.world.name(f"d{of}/d{wrt}")
        rows = tuple(fresh() for _ in shape)
        columns = tuple(fresh() for _ in self.world.shapes[wrt])
        body = (
            sp.Mul(*(Delta(a, b) for a, b in zip(rows, columns, strict=True)))
            if of == wrt
            else sp.S.Zero
        )
        self.world.define(name, (*rows, *columns), (*shape, *self.world.shapes[wrt]), body)
        return name

    def chained(self, left: Value, right: Value, scope: Scope) -> Value | None:
        """Return a product of derivatives by the chain rule, where they meet.

        ``∂a/∂b · ∂b/∂c`` is summed over all axes of b; so is a value of b's shape times a
        derivative of b that has too many axes to be a matrix.
        """
        if right.link is None:
            return None
        if left.link is not None and self._meet(left.link, right.link):
            if reversed_by_layout(self.world, left, right, scope):
                return None
            return self._linked(left.link, right.link, scope)
        if right.data is None:
            return self._contracted(left, right.link, scope)
        return None

    def _meet(self, left: Link, right: Link) -> bool:
        """Tell whether one derivative is by what the other is of, or by an expression for it."""
        if left.wrt == right.of:
            return True
        expressions = self.world.expressions
        either = left.wrt in expressions or right.of in expressions
        return either and left.wrt_shape == right.of_shape

    def _linked(self, left: Link, right: Link, scope: Scope) -> Value:
        key = ("chain", left.name, right.name)
        if key not in self.world.known:
            outer = tuple(fresh() for _ in left.of_shape)
            middle = tuple(fresh() for _ in left.wrt_shape)
            inner = tuple(fresh() for _ in right.wrt_shape)
            product = Entry(left.name, (*left.of_shape, *left.wrt_shape), *outer, *middle) * Entry(
                right.name, (*right.of_shape, *right.wrt_shape), *middle, *inner
            )
            body = close_over(tuple(zip(middle, left.wrt_shape, strict=True)), product)
            name = self.world.name(f"{left.name} {right.name}")
            shape = (*left.of_shape, *right.wrt_shape)
            self.world.define(name, (*outer, *inner), shape, body)
            self.world.known[key] = name
        link = Link(left.of, right.wrt, self.world.known[key], left.of_shape, right.wrt_shape)
        node = tree.Empty(-1, -1)
        shapes = [left.of_shape, right.wrt_shape]
        return laid_out(self.world, link.name, shapes, [(), ()], scope, node, link)

    def _contracted(self, left: Value, link: Link, scope: Scope) -> Value | None:
        """Return a value of the shape of ``of``, times ∂of/∂wrt."""
        sizes = [size for size in left.shape if size is not None]
        of = [(n, size) for n, size in enumerate(link.of_shape) if size != 1]
        wrt = [(n, size) for n, size in enumerate(link.wrt_shape) if size != 1]
        if sizes != [size for _, size in of] or len(wrt) > 2 or left.data is None:
            return None
        algebra, data = scope.algebra, left.data
        open_axes = [
            axis for axis, size in ((ROW, left.rows), (COLUMN, left.columns)) if size is not None
        ]
        where = [At(offset=0)] * (len(link.of_shape) + len(link.wrt_shape))
        for (n, _), axis, inner in zip(of, open_axes, INNER, strict=False):
            data = algebra.move(data, axis, inner)
            where[n] = At(inner)
        for (n, _), axis in zip(wrt, (ROW, COLUMN), strict=False):
            where[len(link.of_shape) + n] = At(axis)
        data = algebra.multiply(data, algebra.entry(link.name, where))
        for (_, size), inner in zip(of, INNER, strict=False):
            data = algebra.reduce("sum", data, inner, size)
        sizes = [size for _, size in wrt]
        return Value(
            data,
            sizes[0] if sizes else None,
            sizes[1] if len(sizes) > 1 else None,
            thin=len(link.wrt_shape) == 1,
            readings=(*left.readings, "a product with a derivative read as the chain rule"),
        )
