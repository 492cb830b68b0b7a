"""From a note's header to its world: sizes, symbols, definitions, facts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.errors import DeriveError, Span
from derive.index.limits import TooLarge
from derive.index.scalars import LETTER
from derive.index.terms import Entry, Size, tensors
from derive.index.unspecified import unspecified
from derive.layer.model import Layer, Node, Role, Tensor
from derive.notes import tree
from derive.notes.define import closed, conforms_with_rows, definition
from derive.notes.differentials import Differentials
from derive.notes.facts import Declared, fact_of, settle_bounds
from derive.notes.functions import ELEMENTWISE
from derive.notes.identifiers import identifier
from derive.notes.meaning import constant, mean
from derive.notes.names import spellings
from derive.notes.order import Definition, in_order
from derive.notes.parse import parse
from derive.notes.ranges import counts
from derive.notes.reading import load_readings
from derive.notes.scope import Macro
from derive.notes.scope import Tensor as Symbol
from derive.notes.settle import with_sizes
from derive.notes.shipped import layer_of
from derive.notes.values import Misfit, Value
from derive.notes.world import World
from derive.notes.written import spelt, written

if TYPE_CHECKING:
    from derive.notes.document import Note
    from derive.notes.header import Declaration, Header
    from derive.notes.source import Formula

__all__ = ["LARGE", "misplaced", "world_of"]

_ROLES = {
    "input": Role.INPUT,
    "param": Role.PARAM,
    "label": Role.LABEL,
    "constant": Role.CONSTANT,
    "index": Role.INDEX,
}


@dataclass(slots=True)
class _Making:
    """What grows while a header is read."""

    header: Header
    file: str
    taken: set[str] = field(default_factory=set)
    sizes: dict[str, sp.Expr] = field(default_factory=dict)
    tensors: dict[str, Symbol] = field(default_factory=dict)
    functions: dict[str, sp.Expr] = field(default_factory=dict)
    macros: dict[str, Macro] = field(default_factory=dict)
    calls: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    applied: dict[str, Macro] = field(default_factory=dict)
    losses: dict[str, tuple[tuple[sp.Expr, ...], tuple[str, ...]]] = field(default_factory=dict)
    given: list[Tensor] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    #: What is made of an unspecified loss: for claims, in no layer.
    loose: list[Node] = field(default_factory=list)
    declared: Declared = field(default_factory=Declared)
    parameters: dict[str, str] = field(default_factory=dict)
    base: int = 1
    exact: bool = True
    lettered: set[str] = field(default_factory=set)
    counts: list[sp.Expr] = field(default_factory=list)
    only_rows: bool = True
    has_columns: bool = False

    def size(self, number: int, letter: sp.Expr) -> sp.Expr:
        """Return a number that is a size, or what stands in for it."""
        if self.exact or number <= LARGE:
            return sp.Integer(number)
        return self.sizes.setdefault(str(number), letter)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.header.names(), *(dim.name for dim in self.header.dims))

    def world(self) -> World:
        """Return the world of what has been read so far."""
        defined = {node.name for node in self.nodes}
        read = {e.tensor for node in self.nodes for e in node.body.atoms(Entry)}
        wanted = [end for _, ends in self.losses.values() for end in ends if end in defined]
        outputs = wanted or [node.name for node in self.nodes if node.name not in read]
        layer = Layer(
            identifier(self.header.title or self.file, set()),
            self.header.title,
            tuple(dict.fromkeys(s for s in self.sizes.values() if isinstance(s, Size))),
            tuple(self.given),
            tuple(self.nodes),
            tuple(dict.fromkeys(outputs)),
            tuple(self.declared.facts),
            tuple(self.declared.domains),
            base=self.base,
        )
        world = World(
            layer,
            self.tensors,
            self.sizes,
            {r"\sigma": ELEMENTWISE[r"\sigma"], **self.functions},
            self.macros,
            self.calls,
            self.applied,
            self.losses,
            self.parameters,
            tuple(self.declared.symmetric),
            tuple(self.declared.conditions),
            self.base,
            self.header.convention == "row",
            self.header.layout,
            self.declared.bounds,
            self.header.span("assume"),
            self.header.span("convention") is not None,
        )
        for node in self.loose:
            world.define(node.name, node.indices, node.tensor.shape, node.body)
        world.lettered = frozenset(self.lettered)
        world.counts, world.orders = tuple(self.counts), tuple(self.declared.orders)
        world.has_columns = self.has_columns
        world.only_rows = world.rows and self.only_rows and self.header.layer is None
        for spelling in [*self.tensors, *self.losses]:
            world.functions.pop(spelling, None)
        return world


#: Numbers above this one, as sizes, are stood in for by a size that may be any.
LARGE = 16


def world_of(note: Note, *, exact: bool = True) -> World:
    """Return the world of a note.

    Parameters
    ----------
    note : Note
        As read.
    exact : bool
        Whether large numbers that are sizes stay what they are. Else a size that may be any
        stands in for each, under its letter and under the number itself: what is true of all
        sizes is true of this one, and small ones tell what is false.

    Raises
    ------
    DeriveError
        If the header is missing, or something that it declares has no meaning; with its place.
    """
    load_readings()
    header = note.header
    if header is None:
        raise DeriveError(
            "the note has no header",
            Span(note.file, 1),
            "begin with --- and derive: 1, in LaTeX with % before both (see the note format)",
        )
    making = _Making(header, re.sub(r".*/|\.[a-z]+$", "", note.file))
    making.base = _base(note, header, making.names)
    making.exact = exact
    # A loss goes by its own name among the tensors.
    making.taken.update(symbol.name for symbol in header.symbols if symbol.of)
    for dim in header.dims:
        own = Size(identifier(dim.name, making.taken))
        making.sizes[dim.name] = own if dim.size is None else making.size(dim.size, own)
    for symbol in header.symbols:
        _declare(symbol, making)
    for spelling, target in header.rename:
        if target not in making.tensors and target not in making.losses:
            raise DeriveError(
                f"rename: {spelling} stands for {target}, which is not declared",
                header.span("rename"),
                "give the spelling of a symbol: its indices come along by themselves",
            )
        if target in making.tensors and spelling not in making.tensors:
            making.tensors[spelling] = making.tensors[target]
    for symbol in header.symbols:
        if symbol.role == "loss":
            _loss(symbol, making)
    if header.layer is not None:
        shipped = layer_of(header.layer, header.span("layer"))
        making.nodes.extend(shipped.nodes)
        making.declared.facts.extend(shipped.facts)
        making.declared.domains.extend(shipped.domains)
    for one in in_order(header.define, making.names):
        _define(one, making)
    for formula in header.assume:
        _assume(formula, making)
    settle_bounds({tensor.name for tensor in making.given}, making.declared, header.span("assume"))
    return making.world()


def _base(note: Note, header: Header, names: tuple[str, ...]) -> int:
    """Return what indices count from: as declared, else 0 where an entry 0 is written."""
    if header.span("index_base") is not None:
        return header.index_base
    axes = {symbol.name: len(symbol.shape or ()) for symbol in header.symbols}
    for formula in (*header.define, *note.formulas):
        if _ZERO.search(formula.latex) and not formula.skip and _has_entry_0(formula, names, axes):
            return 0
    return header.index_base


#: What an index 0 looks like; whether it is one, the tree tells.
_ZERO = re.compile(r"_\s*(0|\{[^{}]*0)")


def _has_entry_0(formula: Formula, names: tuple[str, ...], axes: dict[str, int]) -> bool:
    """Tell whether an entry of a symbol is numbered 0."""
    try:
        line = parse(formula, names)
    except DeriveError:
        # What is wrong with it is said where it is read.
        return False
    return any(
        isinstance(part, tree.Scripted)
        and isinstance(part.base, tree.Name)
        and axes.get(part.base.spelling, 0) > 0
        and any(index == tree.Number(0, 0, "0") for index in tree.indices(part))
        for part in tree.walk(line)
    )


def _shape(symbol: Declaration, making: _Making) -> tuple[sp.Expr, ...]:
    world = making.world()
    scope = Differentials(world).symbolic()
    shape = []
    for text in symbol.shape or ():
        line = parse(text, making.names)
        body = line.statements[0].body if line.statements else None
        size = None if body is None else constant(body, scope)
        if size is None:
            raise DeriveError(
                f"{symbol.spelling}: {text} is not a size",
                symbol.span,
                f"declare it under dims: {{{text}: what it counts}}",
            )
        number = int(size) if size.is_Integer else 0
        shape.append(making.size(number, Size(f"n{number}")) if number else size)
    return tuple(shape)


def _declare(symbol: Declaration, making: _Making) -> None:
    if symbol.role == "function":
        making.functions[symbol.name] = unspecified(identifier(symbol.spelling, making.taken))(
            LETTER
        )
        return
    shape = _shape(symbol, making)
    name = identifier(symbol.spelling, making.taken)
    if symbol.role == "loss" and symbol.of:
        making.losses[symbol.name] = (shape, symbol.of)
        return
    making.tensors[symbol.name] = Symbol(name, shape, symbol.role == "index")
    if symbol.role is not None and symbol.role != "loss":
        role, own = _ROLES[symbol.role], written(symbol.name)
        making.given.append(Tensor(name, shape, role, symbol.doc, own))


def _loss(symbol: Declaration, making: _Making) -> None:
    if not symbol.of:
        return
    unknown = [name for name in symbol.of if name not in making.tensors]
    if unknown:
        raise DeriveError(
            f"{symbol.spelling} depends on {unknown[0]}, which is not declared", symbol.span
        )
    ends = tuple(making.tensors[name].name for name in symbol.of)
    making.losses[symbol.name] = (making.losses[symbol.name][0], ends)


def misplaced(misfit: Misfit, formula: Formula) -> DeriveError:
    """Return the error for a part of a formula that has no meaning."""
    start = max(misfit.start, 0)
    end = misfit.end if misfit.end > start else len(formula.latex)
    return DeriveError(misfit.message, formula.span(start, end), misfit.hint)


def _define(one: Definition, making: _Making) -> None:
    try:
        right = with_sizes(one.right, making.sizes)
        making.counts += counts(right, Differentials(making.world()).symbolic())
        _equation(one.left, right, making, one.formula)
    except Misfit as misfit:
        raise misplaced(misfit, one.formula) from misfit
    except TooLarge as error:
        place = one.formula.span(one.left.start, one.right.end)
        raise DeriveError(str(error), place) from error


def _equation(left: tree.Node, right: tree.Node, making: _Making, formula: Formula) -> None:
    if isinstance(left, tree.Product) and len(left.factors) == 2:
        name, arguments = left.factors
        if isinstance(name, tree.Name) and isinstance(arguments, tree.Group):
            if _called(name, arguments, right, making):
                return
            left = (
                name
                if making.calls[name.spelling] is not None
                else tree.Scripted(left.start, left.end, name, arguments.items)
            )
    if isinstance(left, tree.FunctionCall) and isinstance(left.argument, tree.Group):
        _function(left.name, left.argument, right, making)
        return
    base = left.base if isinstance(left, tree.Scripted) else left
    if isinstance(base, tree.Group) and len(base.items) == 1:
        base = base.items[0]
    spelling = base.spelling if isinstance(base, tree.Name) else None
    if spelling is None or spelling not in making.tensors:
        what = f"{spelling or 'the left side'} is not declared under symbols"
        raise Misfit("undefined-symbol", what, left.start, left.end)
    symbol = making.tensors[spelling]
    if any(tensor.name == symbol.name for tensor in making.given):
        raise Misfit(
            "undefined-symbol", f"{spelling} is given, and cannot be defined", left.start, left.end
        )
    if any(node.name == symbol.name for node in (*making.nodes, *making.loose)):
        raise Misfit("undefined-symbol", f"{spelling} is defined twice", left.start, left.end)
    if isinstance(left, tree.Scripted):
        making.lettered |= spellings(*left.sub) & making.sizes.keys()
    differentials = Differentials(making.world())
    try:
        node = definition(symbol, left, right, differentials)
    except Misfit:
        if not making.only_rows:
            raise
        # Some vectors of this note are columns.
        making.only_rows = False
        differentials = Differentials(making.world())
        node = definition(symbol, left, right, differentials)
    making.has_columns |= not conforms_with_rows(symbol, left, right, making.world())
    span = formula.span(left.start, right.end)
    doc = next((s.doc for s in making.header.symbols if making.tensors.get(s.name) == symbol), "")
    node = spelt(replace(closed(node, right, differentials), span=span), spelling, doc)
    loose = not making.losses.keys().isdisjoint(tensors(node.body))
    (making.loose if loose else making.nodes).append(node)


def _called(name: tree.Name, arguments: tree.Group, right: tree.Node, making: _Making) -> bool:
    """Read ``f(u) = …``; tell whether it defines a function and nothing more is to be done."""
    spelling = name.spelling
    if spelling not in making.tensors:
        _function(spelling, arguments, right, making)
        return True
    symbol = making.tensors[spelling]
    names = [item.spelling for item in arguments.items if isinstance(item, tree.Name)]
    known = all(argument in making.tensors for argument in names)
    indexed = len(symbol.shape) == len(arguments.items) and not known
    making.calls[spelling] = None if indexed else tuple(names)
    if not indexed and len(names) == len(arguments.items):
        making.applied[spelling] = Macro(tuple(names), right)
    return False


def _function(spelling: str, arguments: tree.Group, right: tree.Node, making: _Making) -> None:
    names = tuple(item.spelling for item in arguments.items if isinstance(item, tree.Name))
    if len(names) != len(arguments.items):
        raise Misfit(
            "unreadable", "a function's parameters are names", arguments.start, arguments.end
        )
    if len(names) == 1:
        scope = Differentials(making.world()).symbolic()
        inside = replace(scope, tensors={k: v for k, v in scope.tensors.items() if k != names[0]})
        try:
            value = mean(right, inside.with_values({names[0]: Value(LETTER)}))
        except Misfit as misfit:
            # Of a vector, not of numbers: what it means is seen where it is applied.
            if misfit.kind not in ("rank", "shape", "index-size"):
                raise
            value = None
        if value is not None and value.is_scalar and _of_numbers(value.data):
            making.functions[spelling] = value.data
            making.parameters[spelling] = names[0]
            return
    making.macros[spelling] = Macro(names, right)


def _of_numbers(expression: sp.Expr) -> bool:
    """Tell whether all that a function reads beside its argument are numbers of the note."""
    return not any(entry.indices for entry in expression.atoms(Entry))


def _assume(formula: Formula, making: _Making) -> None:
    line = parse(formula, making.names)
    for statement in line.statements:
        differentials = Differentials(making.world())
        try:
            body = with_sizes(statement.body, making.sizes)
            fact_of(body, differentials, making.declared, formula.latex)
        except Misfit as misfit:
            raise misplaced(misfit, formula) from misfit
