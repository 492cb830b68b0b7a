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

Mistakes are collected with the line that made each, and raised all at once by
:meth:`Definition.build`.
"""

from __future__ import annotations

import linecache
import re
import sys
from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.errors import DeriveError, DeriveErrors, Span
from derive.index.terms import Entry, Index, Size, fresh
from derive.layer.arrays import Array, number
from derive.layer.check import check, ranged
from derive.layer.model import Domain, Fact, Layer, Node, Role, Tensor, Update

__all__ = ["Definition", "Handle", "grad"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, eq=False)
class Handle(Array):
    """A tensor of a layer that is being written; ``T[i, j] = …`` defines it."""

    tensor: Tensor
    definition: Definition

    def __getitem__(self, indices: Any) -> sp.Expr:
        """Return the entry at these indices."""
        where = indices if isinstance(indices, tuple) else (indices,)
        try:
            where = tuple(number(index) for index in where)
        except DeriveError as error:
            self.definition.complain(f"{self.tensor.name}: {error.message}")
            where = tuple(fresh() for _ in self.shape)
        for position in where:
            if not isinstance(position, Entry) and position.is_integer is False:
                self.definition.complain(f"{self.tensor.name}: index {position} is not an integer")
        if len(where) != len(self.shape):
            self.definition.complain(
                f"{self.tensor.name} has {len(self.shape)} axes {_shape(self.shape)}, "
                f"but is read with {len(where)} indices"
            )
            where = (*where, *(sp.S.Zero for _ in self.shape))[: len(self.shape)]
        return self.at(*where)

    def __setitem__(self, indices: Any, body: Any) -> None:
        where = indices if isinstance(indices, tuple) else (indices,)
        self.definition.define(self.tensor, where, body)


class Definition:
    """A layer that is being written.

    Parameters
    ----------
    name : str
        An identifier; the generated modules are named after it.
    doc : str
        One sentence on what the layer computes.
    """

    def __init__(self, name: str, doc: str = "") -> None:
        self._name = name
        self._doc = doc
        self._span = _caller()
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
        if not _NAME.match(name):
            self.complain(f"{name!r} is not a name for a layer: use letters, digits and _")

    def complain(self, message: str, hint: str = "") -> None:
        """Note a mistake, at the line of the caller's caller."""
        self._errors.append(DeriveError(message, _caller(), hint))

    def sizes(self, names: str) -> Any:
        """Declare sizes, ``"N M"``; returns one, or a tuple."""
        found = [Size(self._claim(name, "size")) for name in names.split()]
        self._sizes += found
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
        self._outputs[handle.tensor.name] = handle.tensor
        return handle

    def define(self, tensor: Tensor, indices: tuple[Any, ...], body: Any) -> None:
        """Define ``tensor[indices] = body``; users write it so."""
        span = _caller()
        shown = ", ".join(map(str, indices))
        if len(indices) != len(tensor.shape):
            self.complain(
                f"{tensor.name} has {len(tensor.shape)} axes {_shape(tensor.shape)}, "
                f"but is defined with {len(indices)} indices"
            )
            return
        if not all(isinstance(index, Index) for index in indices):
            self.complain(f"{tensor.name}[{shown}]: on the left stand plain indices only")
            return
        if len(set(indices)) < len(indices):
            self.complain(f"{tensor.name}[{shown}]: an index stands twice on the left")
            return
        if tensor in self._tensors:
            self.complain(f"{tensor.name} is given, and cannot be defined as well")
            return
        if any(node.tensor.name == tensor.name for node in self._nodes):
            self.complain(f"{tensor.name} is defined twice")
            return
        try:
            scalar = number(body)
        except DeriveError as error:
            self.complain(f"{tensor.name}[{shown}]: {error.message}")
            return
        if not self._sized(tensor.name, scalar):
            return
        scalar = ranged(scalar, dict(zip(indices, tensor.shape, strict=True)))
        self._nodes.append(Node(tensor, indices, scalar, span))

    def fact(self, left: sp.Expr, right: Any, text: str = "") -> None:
        """Declare an equation that holds of what is given, such as ``Σ_k y_k = 1``."""
        right = number(right)
        self._facts.append(Fact(left, right, text or f"{left} = {right}"))

    def domain(self, tensor: Handle, values: str) -> None:
        """Declare what values a tensor takes: binary, positive, unit or nonzero."""
        if values not in ("binary", "positive", "unit", "nonzero"):
            self.complain(f"{values!r} is not one of binary, positive, unit, nonzero")
            return
        self._domains.append(Domain(tensor.tensor.name, values))

    def rate(self, name: str, doc: str = "") -> Handle:
        """Declare a scalar that only the update step reads."""
        tensor = Tensor(self._claim(name, "rate"), (), Role.CONSTANT, doc)
        self._rates.append(tensor)
        return self._handle(tensor)

    def update(self, tensor: Handle, body: Array) -> None:
        """Declare ``tensor ← body`` as part of the update step; see :func:`grad`."""
        indices = self._letters(len(tensor.shape))
        self._updates.append(Update(tensor.tensor.name, indices, body.at(*indices)))

    def build(self) -> Layer:
        """Return the finished layer.

        Raises
        ------
        DeriveErrors
            With every mistake that was made on the way.
        """
        defined = {node.name for node in self._nodes}
        for name, kind in self._names.items():
            if kind == "node" and name not in defined:
                self._errors.append(
                    DeriveError(f"{name} is declared, but never defined", self._span)
                )
        layer = Layer(
            self._name,
            self._doc,
            tuple(self._sizes),
            tuple(self._tensors),
            _sorted(self._nodes),
            tuple(self._outputs),
            tuple(self._facts),
            tuple(self._domains),
            tuple(self._updates),
            tuple(self._rates),
            self._span,
        )
        errors = self._errors or check(layer)
        if errors:
            raise DeriveErrors(tuple(errors))
        return layer

    def _claim(self, name: str, kind: str) -> str:
        if not _NAME.match(name):
            self.complain(f"{name!r} is not a name: use letters, digits and _, a letter first")
        elif name in self._names:
            self.complain(f"{name} is declared twice")
        self._names[name] = kind
        return name

    def _declare(self, name: str, shape: tuple[Any, ...], role: Role, doc: str) -> Handle:
        self._claim(name, "tensor")
        tensor = Tensor(name, tuple(number(size) for size in shape), role, doc)
        self._tensors.append(tensor)
        return self._handle(tensor)

    def _make(self, name: str, what: tuple[Any, ...], doc: str) -> Handle:
        self._claim(name, "node")
        sizes = set(self._sizes)
        scalar = len(what) == 1 and isinstance(what[0], sp.Expr) and bool(what[0].atoms(Entry))
        if len(what) == 1 and (scalar or isinstance(what[0], Array)):
            body = what[0] if isinstance(what[0], Array) else Array((), lambda: what[0])
            tensor = Tensor(name, body.shape, Role.NODE, doc)
            indices = self._letters(len(body.shape))
            self.define(tensor, indices, body.at(*indices))
        else:
            shape = []
            for size in what:
                if not (isinstance(size, int) or getattr(size, "free_symbols", None) is not None):
                    self.complain(f"{name}: {size!r} is not a size")
                    continue
                size = number(size)
                if not size.free_symbols <= sizes:
                    self.complain(f"{name}: {size} is not made of the declared sizes")
                shape.append(size)
            tensor = Tensor(name, tuple(shape), Role.NODE, doc)
        return self._handle(tensor)

    def _letters(self, count: int) -> tuple[Index, ...]:
        letters = [letter for letter in "ijklmnopqrstuv" if letter not in self._names]
        return tuple(Index(letter) for letter in letters[:count])

    def _handle(self, tensor: Tensor) -> Handle:
        return Handle(tensor.shape, tensor.at, tensor, self)

    def _sized(self, name: str, body: sp.Expr) -> bool:
        """Tell whether every sum in the body knows its size; complain where one does not."""
        unknown = sorted(s.name for s in body.atoms(Size) if s.name.startswith("?"))
        for label in unknown:
            index, sizes = label[1:].split(":")
            self.complain(
                f"{name}: index {index} is summed over two sizes, {sizes}"
                if sizes
                else f"{name}: index {index} stands alone on no axis, so its size is unknown",
                "" if sizes else f"say it: sum_over({index}, …, size=…)",
            )
        return not unknown


def grad(tensor: Handle) -> Array:
    """Return the gradient of the loss with respect to a tensor, for an update step."""
    gradient = Tensor(f"d{tensor.tensor.name}", tensor.shape, Role.NODE)
    return Array(tensor.shape, gradient.at)


def _sorted(nodes: list[Node]) -> tuple[Node, ...]:
    """Order the definitions so that each comes after what it reads, as far as that is possible."""
    left, done, result = list(nodes), set[str](), list[Node]()
    names = {node.name for node in nodes}
    while left:
        ready = next(
            (n for n in left if {e.tensor for e in n.body.atoms(Entry)} & names <= done),
            left[0],  # a cycle: the check will name it
        )
        left.remove(ready)
        done.add(ready.name)
        result.append(ready)
    return tuple(result)


def _shape(shape: tuple[sp.Expr, ...]) -> str:
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def _caller() -> Span:
    """Return the line of the nearest caller outside this package's front end."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(
        "derive.layer."
    ):
        frame = frame.f_back
    file, line = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, line).rstrip("\n")
    start = len(text) - len(text.lstrip())
    return Span(file, line, start + 1, len(text) + 1, text)
