"""What a note declares, as a layer with its derivatives, and the scope in which it is read.

A :class:`World` is the layer of a note and, beside it, every derivative that a formula of the
note speaks of: cotangents, Jacobians, derivatives of expressions. Each is a tensor with a
definition, so that it has values (for refuting) and a formula (for proving).
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from derive.errors import DeriveError
from derive.index.canonical import vanishes
from derive.index.inverses import inverse_name, inverted, read
from derive.index.limits import Timeout, within_limit
from derive.index.terms import Index, Size, fresh, substitute, tensors
from derive.layer.model import Layer, Node, Role, Tensor
from derive.layer.run import run
from derive.layer.sample import extents, sample
from derive.notes import scope as reading
from derive.notes.algebra import COLUMN, ROW, Numbers, Symbols
from derive.notes.draws import (
    APART,
    TRIES,
    USUAL,
    Bounds,
    Drawn,
    Far,
    cornered,
    definite,
    moved,
    ordered,
    sizes_at,
    spread,
    within,
)
from derive.notes.values import Misfit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from derive.errors import Span
    from derive.index.arrays import Array
    from derive.notes.scope import Letters, Macro, Scope
    from derive.notes.tree import Derivative
    from derive.notes.values import Value

__all__ = ["Bounds", "Condition", "World"]


class Condition:
    """A declared inequality on a defined quantity: draws that violate it are discarded."""

    def __init__(self, tensor: str, holds: Callable[[Array], bool]) -> None:
        self.tensor = tensor
        self.holds = holds


class World:
    """The layer of a note, and the derivatives that its formulas speak of.

    Parameters
    ----------
    layer : Layer
        Given tensors and definitions.
    tensors : mapping
        From a spelling to its tensor.
    sizes, functions, macros, calls, applied : mappings
        As :class:`~derive.notes.scope.Scope` has them.
    losses : mapping
        Unspecified losses: spelling → (shape, the tensors that they depend on).
    parameters : mapping
        The letter that a function of the note is defined in, by the function's spelling.
    symmetric : tuple of str
        Tensors that are declared symmetric in their last two axes.
    conditions : tuple of Condition
        On defined quantities.
    base, rows, layout
        The note's conventions.
    bounds : mapping
        Bounds of given quantities, by their names, that are no domains of the layer.
    assumed : Span, optional
        Where the note says what it assumes.
    told : bool
        Whether the note itself says that vectors are rows, or columns.
    """

    def __init__(
        self,
        layer: Layer,
        tensors: Mapping[str, reading.Tensor],
        sizes: Mapping[str, sp.Expr],
        functions: Mapping[str, sp.Expr],
        macros: Mapping[str, Macro],
        calls: Mapping[str, tuple[str, ...] | None],
        applied: Mapping[str, Macro],
        losses: Mapping[str, tuple[tuple[sp.Expr, ...], tuple[str, ...]]],
        parameters: Mapping[str, str],
        symmetric: tuple[str, ...] = (),
        conditions: tuple[Condition, ...] = (),
        base: int = 1,
        rows: bool = False,
        layout: str = "gradient",
        bounds: Mapping[str, Bounds] | None = None,
        assumed: Span | None = None,
        told: bool = False,
    ) -> None:
        self.layer = layer
        #: Names of sizes that the note has for indices, too.
        self.lettered: frozenset[str] = frozenset()
        #: Whether the note itself says that vectors are columns, for what its text adds.
        self.only_columns = False
        #: Whether vectors are rows in every product of the header, and so are in all others.
        self.only_rows = False
        #: Whether a vector is a column in some product of the header, and cannot be a row there.
        self.has_columns = False
        #: Pairs of given quantities of which the first is less than the second, entry by entry.
        self.orders: tuple[tuple[str, str], ...] = ()
        #: What is never negative at sizes that are meant: so many values ranges in the header have.
        self.counts: tuple[sp.Expr, ...] = ()
        #: Names of constants that the note uses otherwise; those of a basis that it does not.
        self.taken: frozenset[str] = frozenset()
        self.bases: frozenset[str] = frozenset()
        self.tensors = dict(tensors)
        self.sizes = dict(sizes)
        self.functions = dict(functions)
        self.macros = dict(macros)
        self.calls = dict(calls)
        self.applied = dict(applied)
        self.losses = dict(losses)
        self.parameters = dict(parameters)
        self.symmetric = symmetric
        self.conditions = conditions
        self.bounds = dict(bounds or {})
        self.assumed = assumed
        self.base = base
        self.rows = rows
        self.told = told
        self.layout = layout
        self.given: list[Tensor] = list(layer.tensors)
        self.nodes: list[Node] = list(layer.nodes)
        self.shapes: dict[str, tuple[sp.Expr, ...]] = {t.name: t.shape for t in self.given}
        self.shapes.update((node.name, node.tensor.shape) for node in self.nodes)
        for tensor in layer.tensors:
            shape = tensor.shape
            if len(shape) >= 2 and shape[-1] == shape[-2]:
                self.give(Tensor(inverse_name(tensor.name), shape, Role.CONSTANT))
        #: Axes on which whole numbers that are given stand in the note's formulas.
        self._tied: dict[str, list[sp.Expr]] = {}
        self._drawn: dict[tuple[int, int], tuple[dict[str, Array], dict[Size, int], int, int]] = {}
        #: Filled by :mod:`derive.notes.differentials`.
        self.known: dict[tuple[object, ...], Any] = {}
        #: The draws beyond those that every note has.
        self.far = Far()
        #: The names of quantities that stand for expressions in formulas, and how those were read.
        self.expressions: dict[str, tuple[str, ...]] = {}

    def define(self, name: str, indices: tuple[Index, ...], shape: Any, body: sp.Expr) -> None:
        """Add a quantity with a definition."""
        tensor = Tensor(name, tuple(shape), Role.NODE)
        self.nodes.append(Node(tensor, indices, body))
        self.shapes[name] = tuple(shape)

    def quantity(
        self, wish: str, value: Value, letters: Letters, *, rows: bool = False
    ) -> tuple[str, tuple[str, ...]]:
        """Define what a formula means as a quantity; its letters become its first axes.

        Parameters
        ----------
        wish : str
            Its name, if none has it.
        value : Value
            In the algebra of index expressions.
        letters : Letters
            Those of the formula.
        rows : bool
            Whether a row keeps its axis of length 1.

        Returns
        -------
        name : str
        letters : tuple of str
            Those that are axes.

        Raises
        ------
        Misfit
            If it has an index of which no size is known.
        """
        free = {index.name for index in value.data.atoms(Index) if not index.name.startswith("_")}
        sizes = {**letters.compared, **letters.sizes}
        unknown = sorted(free - {ROW, COLUMN} - (letters.used & sizes.keys()))
        if unknown:
            raise Misfit("index-size", f"the size of index {unknown[0]} is not known")
        own = tuple(sorted(letters.used & free))
        axes = [(Index(letter), sizes[letter]) for letter in own]
        if rows and value.rows is None and value.columns is not None:
            axes.append((fresh(), sp.S.One))
        sides = ((ROW, value.rows), (COLUMN, value.columns))
        axes += [(Index(axis), size) for axis, size in sides if size is not None]
        swap = {index: fresh() for index, _ in axes}
        name = self.name(wish)
        shape = tuple(size for _, size in axes)
        self.define(name, tuple(swap.values()), shape, substitute(value.data, dict(swap)))
        return name, own

    def give(self, tensor: Tensor) -> None:
        """Add a quantity without a definition: the cotangent of an unspecified loss."""
        self.given.append(tensor)
        self.shapes[tensor.name] = tensor.shape

    def tie(self, name: str, size: sp.Expr) -> None:
        """Let whole numbers be positions of an axis, where no definition says that they are."""
        if size not in self._tied.setdefault(name, []):
            self._tied[name].append(size)
            self._drawn.clear()

    @property
    def whole(self) -> Layer:
        """The layer with all that was added."""
        return replace(self.layer, tensors=tuple(self.given), nodes=tuple(self.nodes))

    @property
    def bounded(self) -> frozenset[str]:
        """What may have no other values than are drawn, for the declared bounds to hold."""
        above = [self.above(condition.tensor) for condition in self.conditions]
        return frozenset(self.bounds).union(*above, *self.orders)

    def definitions(self) -> dict[str, tuple[tuple[Index, ...], sp.Expr]]:
        """Return the definition of everything that has one."""
        return {node.name: (node.indices, node.body) for node in self.nodes}

    def above(self, name: str) -> set[str]:
        """Return everything that a quantity depends on."""
        bodies = {node.name: node.body for node in self.nodes}
        found: set[str] = set()
        waiting = [name]
        while waiting:
            one = waiting.pop()
            new = read(bodies.get(one, sp.S.Zero)).union(self.losses.get(one, ((), ()))[1]) - found
            found |= new
            waiting.extend(new)
        return found

    def spelled(self, name: str) -> str | None:
        """Return the spelling of the symbol that a quantity is by its definition."""
        nodes = {node.name: node for node in self.nodes}
        made = nodes[name]
        arrays: dict[str, Array] | None = None
        for spelling, symbol in self.tensors.items():
            one = nodes.get(symbol.name)
            if one is None or one is made or symbol.shape != made.tensor.shape:
                continue
            # Numbers tell almost all of them apart, a proof takes much longer.
            arrays = self.values(0, 0)[0] if arrays is None else arrays
            if not np.allclose(arrays[one.name], arrays[name], equal_nan=True):
                continue
            swap = dict(zip(made.indices, one.indices, strict=True))
            sizes = dict(zip(one.indices, symbol.shape, strict=True))
            with contextlib.suppress(Timeout):
                if vanishes(one.body - substitute(made.body, swap), free=sizes):
                    return spelling
        return None

    def name(self, wish: str) -> str:
        """Return a name that no quantity has."""
        name, number = wish, 2
        while name in self.shapes:
            name, number = f"{wish}_{number}", number + 1
        return name

    def symbols(self) -> Symbols:
        """Return the algebra of index expressions."""
        return Symbols(self.shapes, self.base, self.counts)

    def numbers(self, seed: int, letters: Mapping[str, sp.Expr], draws: int = USUAL) -> Numbers:
        """Return the algebra of numbers at some draws of values, all of the same sizes."""
        seeds = tuple(seed * APART + draw for draw in range(draws))
        sizes = self.values(seeds[0], seed)[1]
        return Numbers(Drawn(self.values, seeds, seed), sizes, letters, self.base)

    def scope(
        self,
        algebra: Symbols | Numbers,
        letters: Letters,
        derivative: Callable[[Derivative, Scope], Value],
        chained: Callable[[Value, Value, Scope], Value | None],
    ) -> Scope:
        """Return the scope in which formulas of the note are read."""
        return reading.Scope(
            algebra,
            self.tensors,
            self.sizes,
            self.functions,
            self.macros,
            letters,
            self.calls,
            derivative,
            chained,
            self.base,
            self.rows,
            applied=self.applied,
            bound=self.lettered,
            only=self.only_rows,
            taken=self.taken,
            columns=self.only_columns,
            losses={name: reading.Tensor(name, shape) for name, (shape, _) in self.losses.items()},
        )

    def values(self, seed: int, size_seed: int) -> tuple[dict[str, Array], dict[Size, int]]:
        """Return values of everything, and the sizes; the same for the same seeds.

        Every other choice of sizes has 1s among them; in the rest all sizes differ, and are
        as great as the seed where that is more than a few.
        """
        key = (seed, size_seed)
        if key not in self._drawn:
            arrays, sizes = self._draw(seed, size_seed)
            self._drawn[key] = (arrays, sizes, len(self.nodes), len(self.given))
        arrays, sizes, nodes, given = self._drawn[key]
        if nodes < len(self.nodes) or given < len(self.given):
            # What was added since: the values that there are stay.
            for tensor in self.given[given:]:
                arrays[tensor.name] = self._sampled(tensor, sizes, seed, 0)
            new = tuple(self.nodes[nodes:])
            below = {name for node in new for name in read(node.body)} & {*arrays}
            real = sorted(name for name in below if np.asarray(arrays[name]).dtype.kind != "i")
            known = [Tensor(name, self.shapes[name], Role.CONSTANT) for name in real]
            known += [tensor for tensor in self.given if tensor.role is Role.INDEX]
            late = replace(self.whole, nodes=new, tensors=tuple(known))
            with np.errstate(all="ignore"):
                arrays.update(run(late, arrays, sizes))
            self._drawn[key] = (arrays, sizes, len(self.nodes), len(self.given))
        return arrays, sizes

    def forget(self, seed: int, size_seed: int) -> None:
        """Take values back."""
        self._drawn.pop((seed, size_seed), None)

    def _draw(self, seed: int, size_seed: int) -> tuple[dict[str, Array], dict[Size, int]]:
        layer = self.whole
        sizes = sizes_at(size_seed, self.layer, self.counts)
        for attempt in range(TRIES):
            # Tensor by tensor, so that values stay as they are when derivatives are added.
            arrays: dict[str, Array] = {}
            for tensor in layer.tensors:
                arrays[tensor.name] = self._sampled(tensor, sizes, seed, attempt)
            if not ordered(arrays, self.orders):
                continue
            for symmetric in self.symmetric:
                arrays[symmetric] = definite(arrays[symmetric])
            for tensor in layer.tensors:
                name = inverted(tensor.name)
                if name is not None:
                    inverse = np.linalg.inv(arrays[name])
                    if name in self.symmetric:
                        # Symmetric to the last digit: more digits are looked at in the end.
                        inverse = (inverse + inverse.swapaxes(-1, -2)) / 2
                    arrays[tensor.name] = inverse
            with np.errstate(all="ignore"):
                arrays.update(run(layer, arrays, sizes))
            if all(condition.holds(arrays[condition.tensor]) for condition in self.conditions):
                return arrays, sizes
        raise DeriveError(
            "no values were found for which all holds that is assumed",
            self.assumed,
            "are two facts at odds with each other, or with a definition?",
        )

    def _sampled(self, tensor: Tensor, sizes: Mapping[Size, int], seed: int, attempt: int) -> Array:
        layer = self.whole
        within_limit(extents(tensor, sizes))
        generator = np.random.default_rng([seed, attempt, *tensor.name.encode()])
        alone = replace(
            layer,
            tensors=(tensor,),
            domains=tuple(d for d in layer.domains if d.tensor == tensor.name),
            facts=tuple(f for f in layer.facts if tensor.name in tensors(f.left)),
        )
        found = sample(alone, sizes, generator)[tensor.name]
        for size in self._tied.get(tensor.name, ()):
            found = found % int(size.xreplace(dict(sizes)))
        if (bounds := self.bounds.get(tensor.name)) is not None:
            return moved(bounds.fitted(found), bounds.hold, seed % APART, self.far)
        if alone.facts or tensor.role in (Role.LABEL, Role.INDEX):
            return cornered(found, alone, seed % APART)
        for domain in alone.domains:
            return moved(found, within(domain.values), seed % APART, self.far)
        return spread(found, seed % APART, self.far)
