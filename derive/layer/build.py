"""Write a layer in Python as it stands in the notes.

>>> from derive.layer.arrays import sum_over, tanh
>>> layer = Definition("quantizer", "Soft-to-hard quantization.")
>>> N, M = layer.sizes("N M")
>>> X = layer.input("X", N)
>>> a, b, c = layer.params("a b c", M)
>>> i, j = layer.indices("i j")
>>> Z = layer.output("Z", N)
>>> Z[i] = sum_over(j, a[j] * tanh(c[j] * (X[i] - b[j])))
>>> layer.build().wrt[0].name
'X'

Mistakes are collected with their lines, and raised all at once by :meth:`Definition.build`.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from derive.errors import DeriveError, DeriveErrors, Span
from derive.index.terms import Entry, Index, Size, fresh, tensors
from derive.layer.check import UNKNOWN, check, ranged, sizeless
from derive.layer.foreign import lacking, translated
from derive.layer.letters import in_letters
from derive.layer.model import Domain, Fact, Layer, Node, Role, Tensor, Update
from derive.layer.operators import Array, number
from derive.layer.order import ordered
from derive.layer.place import caller
from derive.layer.shown import Shown
from derive.layer.steps import new_value
from derive.layer.updates import gradient_name

__all__ = ["Definition", "Handle", "grad"]

#: What to write instead of a list.
_LISTS = "sizes follow one another: N, M; parts are defined as y[i, k] = select(k < 1, a[i], b[i])"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, eq=False)
class Handle(Array):
    """A tensor of a layer that is being written; ``T[i, j] = …`` defines it."""

    tensor: Tensor
    definition: Definition

    def __repr__(self) -> str:
        """Return the tensor's name."""
        return self.tensor.name

    def __getitem__(self, indices: Any) -> sp.Expr:
        """Return the entry at these indices."""
        where = self._places(indices)
        complain, name = self.definition.complain, self.tensor.name
        try:
            where = tuple(number(index) for index in where)
        except DeriveError as error:
            complain(f"{name}: {error.message}")
            return self.definition.placeholder(self.shape).at(*(fresh() for _ in self.shape))
        if len(where) != len(self.shape):
            complain(
                f"{name} has {len(self.shape)} axes {_shape(self.shape)}, "
                f"but is read with {len(where)} indices"
            )
            return self.definition.placeholder((sp.S.One,) * len(where)).at(*where)
        for position in where:
            self.definition.check_position(name, position)
        return self.at(*where)

    def __setitem__(self, indices: Any, body: Any) -> None:
        self.definition.define(self.tensor, self._places(indices), body)

    def _places(self, indices: Any) -> tuple[Any, ...]:
        """Return the indices; of a scalar, ``...`` stands for none, as in NumPy."""
        if indices is Ellipsis and not self.shape:
            return ()
        return indices if isinstance(indices, tuple) else (indices,)


class Definition(Shown):
    """A layer that is being written.

    Parameters
    ----------
    name : str
        An identifier; the generated modules are named after it.
    doc : str
        One sentence on what the layer computes.
    """

    def __init__(self, name: str, doc: str = "") -> None:
        self._name, self._doc, self._span = name, doc, caller()
        self._sizes: list[Size] = []
        self._tensors: list[Tensor] = []
        self._nodes: list[Node] = []
        self._outputs: dict[str, Tensor] = {}
        self._facts: list[Fact] = []
        self._domains: list[Domain] = []
        self._updates: list[Update] = []
        self._rates: list[Tensor] = []
        self._errors: list[DeriveError] = []
        self._names: dict[str, str] = {}
        self._places: dict[str, Span] = {}
        self._makings: dict[str, Tensor] = {}
        self._defined: set[str] = set()
        if not _NAME.match(name):
            self.complain(f"{name!r} is not a name for a layer: use letters, digits and _")

    def __repr__(self) -> str:
        return f"Definition({self._name!r}, {self._doc!r})"

    def complain(self, message: str, hint: str = "") -> None:
        """Note a mistake, at the line of the user."""
        self.note(DeriveError(message, caller(), hint))

    def note(self, error: DeriveError) -> None:
        """Keep a mistake for :meth:`build`."""
        self._errors.append(error)

    def placeholder(self, shape: tuple[sp.Expr, ...]) -> Array:
        """Return an array to go on with after a mistake; nothing more is said of it."""
        return Array(shape, lambda *where: Entry(UNKNOWN, shape, *where), notebook=self)

    def check_position(self, name: str, position: sp.Expr) -> None:
        """Complain of a subscript that is not an integer."""
        integers = {t.name for t in self._tensors if t.role is Role.INDEX}
        reals = sorted(tensors(position) - integers)
        if reals:
            self.complain(f"{name}: {reals[0]} is not a tensor of integers")
            return
        if not position.xreplace({e: Index("e") for e in position.atoms(Entry)}).is_integer:
            self.complain(f"{name}: index {position} is not an integer")

    def sizes(self, names: str) -> Any:
        """Declare sizes, ``"N M"``; returns one, or a tuple."""
        found = [Size(name) for name in names.split()]
        self._sizes += [size for size in found if self._claim(size.name, "size") != UNKNOWN]
        return found[0] if len(found) == 1 else tuple(found)

    def indices(self, names: str) -> Any:
        """Name indices, ``"i j"``; their ranges follow from where they stand."""
        found = [Index(name) for name in names.split()]
        for name in names.split():
            if not _NAME.match(name):
                self.complain(f"{name!r} is not a name for an index")
        return found[0] if len(found) == 1 else tuple(found)

    def input(self, name: str, *shape: Any, doc: str = "") -> Handle:
        """Declare a tensor that is differentiated by, and of which every sample has its own."""
        return self._declare(name, shape, Role.INPUT, doc)

    def param(self, name: str, *shape: Any, doc: str = "") -> Handle:
        """Declare a tensor that is differentiated by, and shared by all samples."""
        return self._declare(name, shape, Role.PARAM, doc)

    def params(self, names: str, *shape: Any) -> tuple[Handle, ...]:
        """Declare several parameters of one shape, ``"a b c"``."""
        return tuple(self._declare(name, shape, Role.PARAM, "") for name in names.split())

    def label(self, name: str, *shape: Any, doc: str = "") -> Handle:
        """Declare a tensor that is not differentiated by, and of which every sample has one."""
        return self._declare(name, shape, Role.LABEL, doc)

    def constant(self, name: str, *shape: Any, doc: str = "") -> Handle:
        """Declare a tensor that is neither differentiated by nor batched."""
        return self._declare(name, shape, Role.CONSTANT, doc)

    def integers(self, name: str, *shape: Any, doc: str = "") -> Handle:
        """Declare a batched tensor of integers counted from 0, to stand in subscripts."""
        return self._declare(name, shape, Role.INDEX, doc)

    def node(self, name: str, *what: Any, doc: str = "") -> Handle:
        """Declare an intermediate: by its shape, to be defined by ``T[i] = …``, or at once.

        ``layer.node("h", H)`` or ``layer.node("h", sigmoid(r))``.
        """
        return self._make(name, what, doc)

    def output(self, name: str, *what: Any, doc: str = "") -> Handle:
        """Declare a result, as :meth:`node` does; a loss has no shape."""
        handle = self._make(name, what, doc)
        if handle.tensor.name != UNKNOWN:
            self._outputs[handle.tensor.name] = handle.tensor
        return handle

    def define(self, tensor: Tensor, indices: tuple[Any, ...], body: Any) -> None:
        """Define ``tensor[indices] = body``; users write it so."""
        span = caller()
        shown = ", ".join(map(str, indices))
        problem = ""
        if tensor.name == UNKNOWN:
            return
        if self._names[tensor.name] == "given":
            problem = f"{tensor.name} is given, and cannot be defined as well"
        elif tensor.name in self._defined:
            problem = f"{tensor.name} is defined twice"
        elif len(indices) != len(tensor.shape):
            problem = (
                f"{tensor.name} has {len(tensor.shape)} axes {_shape(tensor.shape)}, "
                f"but is defined with {len(indices)} indices"
            )
        elif not all(isinstance(index, Index) for index in indices):
            problem = f"{tensor.name}[{shown}]: on the left stand plain indices only"
        elif len(set(indices)) < len(indices):
            problem = f"{tensor.name}[{shown}]: an index stands twice on the left"
        if problem:
            self.complain(problem)
            self._give_up(tensor)
            return
        try:
            scalar = translated(number(body))
        except DeriveError as error:
            self.complain(f"{tensor.name}[{shown}]: {error.message}", error.hint)
            self._give_up(tensor)
            return
        unknown = lacking(scalar)
        for function, hint in unknown.items():
            self.complain(f"{tensor.name}: no code is made for the function {function}", hint)
        if unknown or not self._sized(tensor.name, scalar):
            self._give_up(tensor)
            return
        scalar = ranged(scalar, dict(zip(indices, tensor.shape, strict=True)))
        self._defined.add(tensor.name)
        self._nodes.append(Node(tensor, indices, scalar, span))

    def _give_up(self, tensor: Tensor) -> None:
        """Define a tensor by a placeholder, so that what reads it is still looked at."""
        if self._names[tensor.name] == "node" and tensor.name not in self._defined:
            indices = self._letters(len(tensor.shape))
            self._defined.add(tensor.name)
            self._nodes.append(Node(tensor, indices, self.placeholder(tensor.shape).at(*indices)))

    def fact(self, left: sp.Expr, right: Any, text: str = "") -> None:
        """Declare an equation that holds of what is given, such as ``Σ_k y_k = 1``."""
        left, right = number(left), number(right)
        self._facts.append(Fact(left, right, text or f"{in_letters(left)} = {in_letters(right)}"))

    def domain(self, tensor: Handle, values: str) -> None:
        """Declare what values a tensor takes: binary, positive, unit or nonzero."""
        if not isinstance(tensor, Handle):
            hint = "name the tensor itself, without quotes or indices"
            self.complain(f"{tensor!r} is no tensor whose values could be declared", hint)
            return
        if values not in ("binary", "positive", "unit", "nonzero"):
            self.complain(f"{values!r} is not one of binary, positive, unit, nonzero")
            return
        self._domains.append(Domain(tensor.tensor.name, values))

    def rate(self, name: str, doc: str = "") -> Handle:
        """Declare a scalar that only the update step reads."""
        tensor = Tensor(self._claim(name, "rate"), (), Role.CONSTANT, doc)
        self._rates.append(tensor)
        return self._handle(tensor)

    def update(self, tensor: Handle, body: Any) -> None:
        """Declare ``tensor ← body`` as part of the update step; see :func:`grad`."""
        if not isinstance(tensor, Handle):
            self.complain(f"{tensor} is updated, but is no parameter", "name it without indices")
            return
        try:
            value = new_value(tensor.tensor, body, self._letters(len(tensor.shape)))
        except DeriveError as error:
            self.complain(f"the update of {tensor}: {error.message}", error.hint)
            return
        if tensor.tensor.name != UNKNOWN:
            self._updates.append(replace(value, span=caller()))

    def build(self) -> Layer:
        """Return the finished layer.

        Raises
        ------
        DeriveErrors
            With every mistake that was made on the way.
        """
        for name, kind in self._names.items():
            if kind == "node" and name not in self._defined:
                axes = ", ".join("ijklmnpq"[: len(self._makings[name].shape)]) or "()"
                text, hint = f"{name} is declared, but never defined", f"write {name}[{axes}] = …"
                self._errors.append(DeriveError(text, self._places[name], hint))
                self._give_up(self._makings[name])
        layer = Layer(
            self._name,
            self._doc,
            tuple(self._sizes),
            tuple(self._tensors),
            ordered(self._nodes),
            tuple(self._outputs),
            tuple(self._facts),
            tuple(self._domains),
            tuple(self._updates),
            tuple(self._rates),
            self._span,
        )
        errors = [*self._errors, *check(layer)]
        if self._errors and not self._outputs:  # the output may be what was mistaken
            errors = self._errors
        if not errors:
            text = "{} reads a tensor of another definition, which has a mistake"
            errors = [
                DeriveError(text.format(node.name), node.span)
                for node in layer.nodes
                if UNKNOWN in tensors(node.body)
            ]
        if errors:
            raise DeriveErrors(tuple(sorted(errors, key=lambda e: e.span.line if e.span else 0)))
        return layer

    def _claim(self, name: str, kind: str) -> str:
        """Take a name; return it, or the name of the placeholder if it cannot be had."""
        if not _NAME.match(name):
            self.complain(f"{name!r} is not a name: use letters, digits and _, a letter first")
            return UNKNOWN
        if name in self._names:
            self.complain(f"{name} is declared twice")
            return UNKNOWN
        self._names[name] = kind
        self._places[name] = caller()
        return name

    def _extents(self, name: str, what: tuple[Any, ...]) -> tuple[sp.Expr, ...] | None:
        """Return a shape, or None (having complained) if it is none."""
        shape, known = [], set(self._sizes)
        for value in what:
            size = sp.Integer(value) if isinstance(value, int) else value
            if isinstance(value, (list, tuple)):
                self.complain(f"{name}: {value} is a list, and not a size or a formula", _LISTS)
            elif not isinstance(size, sp.Expr) or not size.is_integer or size.is_nonpositive:
                self.complain(f"{name}: {value} is not a size")
            elif not size.free_symbols <= known:
                self.complain(f"{name}: {value} is not made of the declared sizes")
            else:
                shape.append(size)
        return tuple(shape) if len(shape) == len(what) else None

    def _declare(self, name: str, what: tuple[Any, ...], role: Role, doc: str) -> Handle:
        name, shape = self._claim(name, "given"), self._extents(name, what)
        if shape is None:
            return self._handle(Tensor(UNKNOWN, (sp.S.One,) * len(what), role))
        tensor = Tensor(name, shape, role, doc)
        if name != UNKNOWN:
            self._tensors.append(tensor)
        return self._handle(tensor)

    def _make(self, name: str, what: tuple[Any, ...], doc: str) -> Handle:
        name, body = self._claim(name, "node"), what[0] if len(what) == 1 else None
        if isinstance(body, sp.Expr) and body.has(Entry):
            scalar = body
            body = Array((), lambda: scalar)
        if not isinstance(body, Array):
            shape = self._extents(name, what)
            if shape is None:
                self._names.pop(name, None)
                return self._handle(Tensor(UNKNOWN, (sp.S.One,) * len(what), Role.NODE))
            tensor = Tensor(name, shape, Role.NODE, doc)
            self._makings[name] = tensor
            return self._handle(tensor)
        tensor = Tensor(name, body.shape, Role.NODE, doc)
        indices = self._letters(len(body.shape))
        self.define(tensor, indices, body.at(*indices))
        return self._handle(tensor)

    def _letters(self, count: int) -> tuple[Index, ...]:
        numbered = (f"i{n}" for n in itertools.count())
        free = (n for n in itertools.chain("ijklmnopqrstuv", numbered) if n not in self._names)
        return tuple(Index(letter) for letter in itertools.islice(free, count))

    def _handle(self, tensor: Tensor) -> Handle:
        return Handle(tensor.shape, tensor.at, tensor, self, notebook=self)

    def _sized(self, name: str, body: sp.Expr) -> bool:
        """Tell whether every sum in the body knows its size; complain where one does not."""
        if UNKNOWN in tensors(body):
            return True
        unknown = sizeless(name, body)
        for error in unknown:
            self.complain(error.message, error.hint)
        return not unknown


def grad(tensor: Handle) -> Array:
    """Return the gradient of the loss with respect to a tensor, for an update step."""
    gradient = Tensor(gradient_name(tensor.tensor.name), tensor.shape, Role.NODE)
    return Array(tensor.shape, gradient.at)


def _shape(shape: tuple[sp.Expr, ...]) -> str:
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"
