"""Layers that nobody thought of: random formulas in index notation, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from derive import (
    Definition,
    absolute,
    cos,
    delta,
    exp,
    log,
    max_over,
    maximum,
    mean_over,
    min_over,
    minimum,
    relu,
    select,
    sigmoid,
    sin,
    softmax,
    softplus,
    sqrt,
    sum_over,
    tanh,
)
from derive.layer.model import Layer

#: Functions of one number that are finite and smooth enough everywhere.
FUNCTIONS: tuple[Callable[[Any], Any], ...] = (
    *(tanh, tanh, sigmoid, sin, cos, softplus, relu, absolute),
    *(lambda u: exp(-u * u), lambda u: log(1 + u * u), lambda u: sqrt(1 + u * u)),
)
#: Operations of two numbers.
OPERATIONS: tuple[Callable[[Any, Any], Any], ...] = (
    *(lambda u, v: u + v, lambda u, v: u - v, lambda u, v: u * v, lambda u, v: u * v),
    *(lambda u, v: u / (1 + v * v), maximum, minimum, lambda u, v: select(u > v, u * v, v)),
)
REDUCTIONS = (sum_over, sum_over, sum_over, mean_over, max_over, min_over)
#: How many letters each size has.
LETTERS = 4


@dataclass
class _Maker:
    """Makes formulas of the tensors so far; each stands with the names of its sizes."""

    definition: Definition
    random: Random
    sizes: dict[str, Any]
    letters: dict[str, list[Any]]
    tensors: list[tuple[Any, tuple[str, ...]]] = field(default_factory=list)
    positions: tuple[Any, str, str] | None = None

    def shape(self, *ranks: int) -> tuple[str, ...]:
        return tuple(self.random.choice(list(self.sizes)) for _ in range(self.random.choice(ranks)))

    def unused(self, size: str, used: list[Any]) -> Any:
        """Return a letter of a size that means nothing yet; None if there is none."""
        return next((letter for letter in self.letters[size] if letter not in used), None)

    def reduced(self, body: Any, letter: Any, size: str) -> Any:
        return self.random.choice(REDUCTIONS)(letter, body, size=self.sizes[size])

    def entry(self, free: dict[Any, str], used: list[Any]) -> Any:
        """Return an entry of a tensor; letters that are not free are summed over."""
        tensor, shape = self.random.choice(self.tensors)
        at: list[Any] = []
        bound: list[tuple[Any, str]] = []
        if (
            self.positions
            and shape
            and shape[0] == self.positions[2]
            and self.random.random() < 0.5
        ):
            # A row that another array chooses.
            found = [letter for letter, size in free.items() if size == self.positions[1]]
            if found:
                at.append(self.positions[0][self.random.choice(found)])
        for size in shape[len(at) :]:
            known = [letter for letter, other in free.items() if other == size and letter not in at]
            letter = self.random.choice(known) if known and self.random.random() < 0.85 else None
            if letter is None:
                letter = self.unused(size, [*used, *(each for each, _ in bound)])
                if letter is None:
                    return 1
                bound.append((letter, size))
            at.append(letter)
        body = tensor[tuple(at)] if at else tensor.at()
        for letter, size in bound:
            body = self.reduced(body, letter, size)
        return body

    def formula(self, free: dict[Any, str], used: list[Any], depth: int) -> Any:
        """Return a formula with free letters, that many functions deep."""
        chance = self.random.random()
        if depth == 0 or chance < 0.2:
            return self.entry(free, used)
        if chance < 0.45:
            return self.random.choice(FUNCTIONS)(self.formula(free, used, depth - 1))
        one, other = (self.formula(free, used, depth - 1) for _ in range(2))
        if chance < 0.75:
            return self.random.choice(OPERATIONS)(one, other)
        if chance < 0.82:
            return self.chosen(free, one, other)
        size = self.random.choice(list(self.sizes))
        letter = self.unused(size, used)
        if letter is None:
            return one
        inside = self.formula({**free, letter: size}, [*used, letter], depth - 1)
        return self.reduced(inside, letter, size)

    def chosen(self, free: dict[Any, str], one: Any, other: Any) -> Any:
        """Return what depends on the places themselves."""
        pairs = [(i, j) for i in free for j in free if i is not j and free[i] == free[j]]
        if pairs:
            i, j = self.random.choice(pairs)
            return self.random.choice(
                (select(i > j, one, other), delta(i, j) * one + other, select(i >= j, one, 0))
            )
        if free:
            return select(self.random.choice(list(free)) > 0, one, other)
        return one - other

    def node(self, name: str, made: Callable[..., Any]) -> None:
        """Define a node, or an output: a matrix product, a softmax, or a formula."""
        chance = self.random.random()
        matrices = [each for each in self.tensors if len(each[1]) == 2]
        if chance < 0.35 and matrices:
            left, (rows, over) = self.random.choice(matrices)
            fitting = [each for each in self.tensors if each[1] and each[1][0] == over]
            if fitting:
                right, shape = self.random.choice(fitting)
                product = left @ right
                body = self.random.choice((tanh, sigmoid, softplus))(product)
                self.tensors.append((made(name, body), (rows, *shape[1:])))
                return
        if chance < 0.45:
            arrays = [each for each in self.tensors if each[1]]
            if arrays:
                array, shape = self.random.choice(arrays)
                self.tensors.append((made(name, softmax(array)), shape))
                return
        shape = self.shape(0, 1, 1, 2, 2)
        free: dict[Any, str] = {}
        for size in shape:
            free[self.unused(size, list(free))] = size
        tensor = made(name, *(self.sizes[size] for size in shape))
        tensor[tuple(free)] = self.formula(free, list(free), self.random.choice((2, 3)))
        self.tensors.append((tensor, shape))


def random_layer(seed: int) -> Layer:
    """Return the layer of a seed: some inputs and parameters, nodes of them, one or two outputs."""
    random = Random(seed)
    d = Definition(f"random_{seed}")
    names = ["N", "M", "K"][: random.choice((2, 2, 3))]
    sizes = dict(zip(names, d.sizes(" ".join(names)), strict=True))
    letters = {
        name: list(d.indices(" ".join(f"{name.lower()}{n}" for n in range(LETTERS))))
        for name in names
    }
    maker = _Maker(d, random, sizes, letters)
    for number in range(random.choice((1, 1, 2))):
        shape = maker.shape(1, 2, 2)
        maker.tensors.append((d.input(f"x{number}", *(sizes[s] for s in shape)), shape))
    for number in range(random.choice((1, 2, 2, 3))):
        shape = maker.shape(0, 1, 2, 2)
        maker.tensors.append((d.param(f"w{number}", *(sizes[s] for s in shape)), shape))
    if random.random() < 0.4:
        (of,), (among,) = maker.shape(1), maker.shape(1)
        maker.positions = (d.integers("t", sizes[of]), of, among)
    for number in range(random.choice((0, 1, 2, 3))):
        maker.node(f"h{number}", d.node)
    for number in range(random.choice((1, 1, 2))):
        maker.node(f"y{number}", d.output)
    return d.build()
