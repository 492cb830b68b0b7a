"""What is timed: layers, sizes, inputs; and one choice of all that, ready for every peer."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from derive import Definition
from derive.layer.sample import extents
from derive.verify.call import imported
from tests.calculus.layers import LAYERS

if TYPE_CHECKING:
    from types import ModuleType

    from derive.layer.model import Layer, Tensor

__all__ = ["CALL", "CASES", "PRECISIONS", "Array", "Case", "Problem", "Row", "definition", "rows"]

Array = np.ndarray[Any, np.dtype[Any]]
PRECISIONS: dict[str, Any] = {"f32": np.float32, "f64": np.float64}


@dataclass(frozen=True, slots=True)
class Case:
    """A layer at several sizes.

    Parameters
    ----------
    layer : str
        Its name.
    axes : tuple of str
        What the numbers in ``sizes`` count: ``B`` the samples, else a size of the layer.
    sizes : tuple of tuple of int
        From small to large.
    elementwise : bool
        Whether elementwise work decides, not matrix products.
    large : int
        How many of the sizes count as large, from the end.
    positive : tuple of str
        Parameters that are drawn above 0.
    """

    layer: str
    axes: tuple[str, ...]
    sizes: tuple[tuple[int, ...], ...]
    elementwise: bool
    large: int = 1
    positive: tuple[str, ...] = ()


CASES = {
    case.layer: case
    for case in (
        Case(
            *("quantizer", ("B", "N", "M")),
            ((1, 8, 4), (64, 32, 8), (1024, 256, 16), (4096, 1024, 16)),
            elementwise=True,
            large=2,
        ),
        Case(
            *("softmax_mlp", ("B", "D", "H", "K")),
            ((1, 2, 2, 2), (1, 784, 128, 10), (64, 784, 128, 10), (1024, 784, 512, 10)),
            elementwise=False,
            large=2,
        ),
        Case(
            *("layer_norm", ("B", "N"), ((4, 16), (64, 256), (2048, 1024))),
            elementwise=True,
        ),
        Case(
            *("softmax_cross_entropy", ("B", "K"), ((4, 10), (128, 100), (4096, 1000))),
            elementwise=True,
        ),
        Case(
            *("attention", ("B", "T", "S", "E", "F")),
            ((1, 8, 8, 4, 4), (8, 64, 64, 32, 32), (16, 256, 256, 64, 64)),
            elementwise=False,
        ),
        Case(
            *("rbf", ("N", "M", "D"), ((8, 4, 2), (256, 32, 8), (8192, 128, 8))),
            elementwise=True,
            positive=("beta",),
        ),
        Case(
            *("gru_cell", ("B", "D", "H"), ((1, 8, 8), (64, 64, 64), (512, 256, 256))),
            elementwise=False,
        ),
    )
}

#: Almost no work: what is timed is the call, with four arrays given and two for the results.
CALL = Case("six_arrays", ("N",), ((1,),), elementwise=True)


def _case(layer: str) -> Case:
    return CALL if layer == CALL.layer else CASES[layer]


def definition(name: str) -> Layer:
    """Return the layer of a case."""
    if name != CALL.layer:
        return LAYERS[name]()
    d = Definition(CALL.layer, "Four arrays to two.")
    N = d.sizes("N")
    p, q, r, s = (d.input(letter, N) for letter in "pqrs")
    d.output("y", p + q)
    d.output("z", r + s)
    return d.build()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a layer at one size, in one precision, on so many threads."""

    layer: str
    sizes: tuple[int, ...]
    precision: str
    threads: int

    @property
    def large(self) -> bool:
        """Tell whether the size counts as large."""
        case = _case(self.layer)
        return self.sizes in case.sizes[-case.large :]

    @property
    def title(self) -> str:
        """The size, as it is written in the table."""
        return "(" + ", ".join(map(str, self.sizes)) + ")"

    def __str__(self) -> str:
        """Return one line for a message."""
        plural = "" if self.threads == 1 else "s"
        return f"{self.layer} {self.title} {self.precision}, {self.threads} thread{plural}"


def rows(
    layers: tuple[str, ...], precisions: tuple[str, ...], threads: tuple[int, ...]
) -> list[Row]:
    """Return what is to be timed, in the order of the table."""
    return [
        Row(layer, sizes, precision, count)
        for layer in layers
        for precision in precisions
        for count in threads
        for sizes in CASES[layer].sizes
    ]


class Problem:
    """A row with its arrays, which are the same in every process, and what is right.

    Parameters
    ----------
    row : Row
        Which.
    folder : Path
        Where the generated modules are.
    """

    def __init__(self, row: Row, folder: Path) -> None:
        self.row = row
        self.folder = folder
        self.dtype = PRECISIONS[row.precision]
        self.threads = row.threads
        layer = definition(row.layer)
        self.outputs = layer.outputs
        self.sizes = dict(zip(_case(row.layer).axes, row.sizes, strict=True))
        generator = np.random.default_rng(0)
        #: What the layer is given, by name.
        self.arrays = {t.name: self._drawn(layer, t, generator) for t in layer.tensors}
        #: What results are differentiated with: the cotangent of each output.
        self.cotangents = tuple(self._cotangent(layer, name, generator) for name in layer.outputs)
        #: By what there is a gradient, in the order of the gradients.
        self.wrt = tuple(t.name for t in layer.tensors if t.role.differentiated)

    def _shape(self, layer: Layer, tensor: Tensor, batched: bool) -> tuple[int, ...]:
        numbers = {size: self.sizes[size.name] for size in layer.sizes}
        lead = (self.sizes["B"],) if batched and "B" in self.sizes else ()
        return (*lead, *extents(tensor, numbers))

    def _drawn(self, layer: Layer, tensor: Tensor, generator: np.random.Generator) -> Array:
        shape = self._shape(layer, tensor, tensor.role.batched)
        values = generator.normal(size=shape)
        if tensor.role.name == "LABEL":
            values = np.eye(shape[-1])[generator.integers(0, shape[-1], shape[:-1])]
        elif not tensor.role.batched and len(shape) > 1:
            values /= np.sqrt(shape[-1])
        if tensor.name in _case(self.row.layer).positive:
            values = np.abs(values)
        return np.ascontiguousarray(values, self.dtype)

    def _cotangent(self, layer: Layer, name: str, generator: np.random.Generator) -> Array:
        shape = self._shape(layer, layer.tensor(name), batched=True)
        tensor_is_loss = not layer.tensor(name).shape
        values = np.ones(shape) if tensor_is_loss else generator.normal(size=shape)
        return np.ascontiguousarray(values, self.dtype)

    def module(self, target: str) -> ModuleType:
        """Return the generated module."""
        return imported(self.folder / target / f"{self.row.layer}.py")

    def positional(self, function: Any) -> list[Array]:
        """Return the arrays that a generated function takes, in its order.

        The cotangent of a loss is 1, and not among them.
        """
        named = {f"d{name}": g for name, g in zip(self.outputs, self.cotangents, strict=True)}
        return [
            {**self.arrays, **named}[name]
            for name, parameter in inspect.signature(function).parameters.items()
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        ]

    @cached_property
    def reference(self) -> tuple[Array, ...]:
        """The outputs, then the gradients, as generated NumPy finds them."""
        function = self.module("numpy").forward_backward
        return tuple(function(*self.positional(function)))
