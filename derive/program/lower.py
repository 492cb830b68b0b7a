"""From a layer to a program: every reduction becomes a statement of its own.

    T[i] = … Σ_j e …      →   Reduce(t[i], over j, e);   Assign(T[i], … t[i] …)
    T[k] = Σ_i δ(p, k) e  →   T = 0;                     Scatter(T[p] += e, for all i)

Nested sums without anything between them become one reduction over several axes. Equal
reductions (up to the names of indices) are computed once. Needs: a well-formed layer.
Guarantees: statements in an order in which they can be executed, axes named after their sizes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.errors import DeriveError
from derive.index.delta import prenex
from derive.index.functions import Select
from derive.index.terms import (
    Delta,
    Entry,
    Index,
    IndexArgmax,
    IndexMax,
    IndexProduct,
    IndexSum,
    Reduction,
    entries,
    free_indices,
    substitute,
)
from derive.layer.model import Role
from derive.layer.positions import reads
from derive.program.freeze import freeze, freeze_size, kept_inside, subscript
from derive.program.ir import (
    ZERO,
    Assign,
    Axis,
    Buffer,
    Contract,
    Load,
    Program,
    Reduce,
    Scatter,
    Statement,
    mapped,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from derive.index.local import Term
    from derive.layer.model import Layer, Node
    from derive.program.ir import Expr

__all__ = ["lower"]

_OPS: dict[type[sp.Basic], str] = {
    IndexSum: "sum",
    IndexProduct: "product",
    IndexMax: "max",
    IndexArgmax: "argmax",
}


@dataclass(slots=True)
class _Builder:
    """What grows while a layer is lowered."""

    taken: set[str]
    statements: list[Statement] = field(default_factory=list)
    buffers: list[Buffer] = field(default_factory=list)
    known: dict[tuple[object, ...], str] = field(default_factory=dict)

    def temporary(self, shape: Iterable[sp.Expr], integer: bool) -> Buffer:
        number = len(self.buffers) + 1
        while f"t{number}" in self.taken:
            number += 1
        buffer = Buffer(f"t{number}", tuple(map(freeze_size, shape)), "temporary", integer)
        self.taken.add(buffer.name)
        self.buffers.append(buffer)
        return buffer


Ranges = dict[Index, sp.Expr]


def lower(layer: Layer, name: str) -> Program:
    """Return the program that computes the layer's outputs.

    Parameters
    ----------
    layer : Layer
        What to compute.
    name : str
        The name of the function.

    Raises
    ------
    DeriveError
        If something in it has no meaning in a program, such as a function that none knows.
    """
    builder = _Builder({*layer.names, *(size.name for size in layer.sizes)})
    for node in layer.nodes:
        try:
            _node(node, builder)
        except TypeError as error:
            raise DeriveError(f"{node.name}: {error}", node.span) from error
    inputs = [
        Buffer(t.name, tuple(map(freeze_size, t.shape)), "input", t.role is Role.INDEX)
        for t in layer.tensors
    ]
    shapes = {node.name: tuple(map(freeze_size, node.tensor.shape)) for node in layer.nodes}
    out = [Buffer(result, shapes[result], "output") for result in layer.outputs]
    inner = [
        Buffer(node.name, shapes[node.name], "temporary")
        for node in layer.nodes
        if node.name not in layer.outputs
    ]
    buffers = (*inputs, *out, *inner, *builder.buffers)
    return Program(
        name,
        tuple(size.name for size in layer.sizes),
        buffers,
        tuple(_unguarded(builder.statements, {b.name: b.shape for b in buffers})),
    )


def _unguarded(
    statements: Sequence[Statement], shapes: Mapping[str, tuple[Expr, ...]]
) -> Iterator[Statement]:
    """Yield the statements without guards of entries that are at a maximum's place: it is there."""
    maxima = {
        statement.target: statement.over[0].extent
        for statement in statements
        if isinstance(statement, Reduce) and statement.op == "argmax"
    }

    def entry(part: Expr) -> Expr | None:
        if not (isinstance(part, Load) and part.guarded):
            return None
        there = all(
            isinstance(at, Axis) or (isinstance(at, Load) and maxima.get(at.buffer) == extent)
            for at, extent in zip(part.at, shapes[part.buffer], strict=True)
        )
        return Load(part.buffer, tuple(mapped(at, entry) for at in part.at), not there)

    for statement in statements:
        assert not isinstance(statement, Contract)
        yield replace(statement, value=mapped(statement.value, entry))


def _node(node: Node, builder: _Builder) -> None:
    note = f"{node.entry} = {node.body}"
    ranges = node.sizes
    plain, scattered = _parts(node)
    if plain != 0 or not scattered:
        _define(node.name, node.indices, plain, ranges, builder, note)
    else:
        axes = _axes(node.indices, ranges)
        builder.statements.append(
            Assign(node.name, tuple(axes[i] for i in node.indices), ZERO, note)
        )
    for term in scattered:
        _scatter(node, term, builder)


def _parts(node: Node) -> tuple[sp.Expr, list[Term]]:
    """Part a body into what is defined at every point, and terms that land where a delta says."""
    if not node.body.has(Delta):
        return node.body, []
    plain, scattered = [], []
    for part in sp.Add.make_args(node.body):
        terms = prenex(part)
        if all(term.deltas and _lands(term, node) for term in terms):
            scattered += terms
        else:
            plain.append(part)
    return sp.Add(*plain), scattered


def _lands(term: Term, node: Node) -> bool:
    """Tell whether every delta pins an index of the left side, each another one."""
    pinned = [target for _, target in term.deltas]
    return (
        len(set(pinned)) == len(pinned)
        and all(target in node.indices for target in pinned)
        and not any(access.free_symbols & set(pinned) for access, _ in term.deltas)
        and not term.coefficient.has(Delta)
    )


def _scatter(node: Node, term: Term, builder: _Builder) -> None:
    where = {target: access for access, target in term.deltas}
    ranges: Ranges = {i: size for i, size in node.sizes.items() if i not in where}
    ranges.update(term.bound)
    value = substitute(term.coefficient, where)
    value = _hoisted(value, ranges, builder)
    guarded = term.coefficient.has(Select)
    access = {t: _hoisted(a, ranges, builder, guarded) for t, a in where.items()}
    axes = _axes(ranges, ranges)
    at = tuple(subscript(access.get(index, index), axes, guarded) for index in node.indices)
    if guarded:
        at = kept_inside(at, node.tensor.shape)
    builder.statements.append(
        Scatter(node.name, at, tuple(axes.values()), freeze(value, axes), "", guarded)
    )


def _define(
    target: str,
    indices: Sequence[Index],
    body: sp.Expr,
    ranges: Ranges,
    builder: _Builder,
    note: str,
) -> None:
    """Add the statements of ``target[indices] = body``."""
    if isinstance(body, Reduction):
        _reduce(target, indices, body, ranges, builder, note)
        return
    coefficient, rest = body.as_coeff_Mul()
    if coefficient == -1 and isinstance(rest, IndexSum):
        inner, index = rest.open()
        _reduce(target, indices, IndexSum(-inner, index, rest.size), ranges, builder, note)
        return
    value = _hoisted(body, ranges, builder)
    axes = _axes(indices, ranges)
    builder.statements.append(
        Assign(target, tuple(axes[i] for i in indices), freeze(value, axes), note)
    )


def _reduce(
    target: str,
    indices: Sequence[Index],
    reduction: Reduction,
    ranges: Ranges,
    builder: _Builder,
    note: str,
    guarded: bool = False,
) -> None:
    body, index = reduction.open()
    over: Ranges = {index: reduction.size}
    while type(body) is type(reduction) and not isinstance(body, IndexArgmax):
        size = body.size
        body, index = body.open()
        over[index] = size
    inside = {**{i: ranges[i] for i in indices}, **over}
    value = _hoisted(body, inside, builder, guarded)
    axes = _axes(inside, inside)
    builder.statements.append(
        Reduce(
            target,
            tuple(axes[i] for i in indices),
            tuple(axes[i] for i in over),
            _OPS[type(reduction)],
            freeze(value, axes, guarded),
            note,
        )
    )


def _hoisted(
    expression: sp.Expr, ranges: Ranges, builder: _Builder, guarded: bool = False
) -> sp.Expr:
    """Replace every maximal reduction by an entry of a temporary that holds it.

    What a selection guards may read outside of an axis, and is computed for all entries.
    """
    swap: dict[sp.Basic, sp.Basic] = {}
    for atom, closed in _reductions(expression, guarded).items():
        free = _in_order(atom, ranges)
        # A renaming by position makes reductions equal that differ in free indices only.
        names = {index: Index(f"~{n}") for n, index in enumerate(free)}
        key = (atom.xreplace(names), *(ranges[index] for index in free))
        within = {index: ranges[index] for index in free}
        # Where every subscript is in range anyway, the guard makes no difference.
        guard = closed and key not in builder.known and _may_leave(atom, within)
        if guard:
            key = (*key, "guarded")
        if key not in builder.known:
            integer = isinstance(atom, IndexArgmax)
            buffer = builder.temporary((ranges[index] for index in free), integer)
            _reduce(buffer.name, free, atom, within, builder, "", guard)
            builder.known[key] = buffer.name
        shape = tuple(ranges[index] for index in free)
        swap[atom] = Entry(builder.known[key], shape, *free)
    return substitute(expression, swap) if swap else expression


def _may_leave(atom: Reduction, ranges: Ranges) -> bool:
    """Tell whether a subscript is more than an index that runs over its axis."""
    return any(
        not isinstance(read.position, Index) or read.ranges.get(read.position) != read.size
        for read in reads(atom, ranges)
    )


def _in_order(atom: Reduction, ranges: Ranges) -> list[Index]:
    """Return the free indices in the order in which the largest tensors have them.

    The order does not depend on where the reduction stands, so that one that occurs in several
    definitions is found again.
    """
    free = free_indices(atom)
    found: dict[Index, None] = {}
    place = {index: n for n, index in enumerate(ranges)}

    def first(entry: Entry) -> tuple[int, int, str]:
        places = [place.get(index, len(place)) for index in entry.indices]
        return -len(places), min(places, default=0), entry.tensor

    for entry in sorted(entries(atom), key=first):
        for position in entry.indices:
            for index in sorted(position.atoms(Index), key=str):
                if index in free:
                    found[index] = None
    found.update((index, None) for index in ranges if index in free)
    return list(found)


def _reductions(expression: sp.Expr, guarded: bool) -> dict[Reduction, bool]:
    """Return the maximal reductions, those in subscripts and conditions included.

    With each, whether it is only looked at in branches of selections, or beside one that is 0
    elsewhere.
    """
    found: dict[Reduction, bool] = {}

    def walk(node: sp.Basic, closed: bool) -> None:
        if isinstance(node, Reduction):
            found[node] = closed and found.get(node, True)
        else:
            masks = [f for f in node.args if isinstance(f, Select) and f.args[2] == 0]
            for place, argument in enumerate(node.args):
                branch = isinstance(node, Select) and place > 0
                beside = isinstance(node, sp.Mul) and any(mask != argument for mask in masks)
                walk(argument, closed or branch or beside)

    walk(expression, guarded)
    return found


def _axes(indices: Iterable[Index], ranges: Mapping[Index, sp.Expr]) -> dict[Index, Axis]:
    """Name each index after its size, so that loops over the same sizes can be compared."""
    axes: dict[Index, Axis] = {}
    used: set[str] = set()
    for index in indices:
        size = ranges[index]
        stem = str(size) if isinstance(size, sp.Symbol) else "e"
        name, number = f"i_{stem}", 2
        while name in used:
            name, number = f"i_{stem}{number}", number + 1
        used.add(name)
        axes[index] = Axis(name, freeze_size(size))
    return axes
