"""Loop code run entry by entry in Python: what it computes, and how often it calls what."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from derive.gradient.forward import forward
from derive.gradient.reverse import reverse
from derive.layer.batch import batch
from derive.layer.model import Layer
from derive.layer.run import run
from derive.layer.sample import sample, sample_sizes
from derive.program.code import (
    NEUTRAL,
    Accumulate,
    Choose,
    Code,
    Declare,
    Define,
    For,
    Product,
    Routine,
    Store,
    When,
)
from derive.program.fuse import fuse
from derive.program.ir import Axis, Expr, Extent, Load, Local, Number, Program
from derive.program.loops import loops
from derive.program.pipeline import compiled
from derive.program.share import share

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "neg": lambda x: -x,
    "exp": math.exp,
    # A branch that is not chosen may be computed all the same.
    "log": lambda x: math.log(x) if x > 0 else math.nan,
    "sqrt": lambda x: math.sqrt(x) if x >= 0 else math.nan,
    "pow": lambda x, y: x**y,
    "tanh": math.tanh,
    "sech": lambda x: 1 / math.cosh(x),
    "sin": math.sin,
    "cos": math.cos,
    "erf": math.erf,
    "abs": abs,
    "sign": lambda x: float(np.sign(x)),
    "sigmoid": lambda x: 0.5 * (1 + math.tanh(0.5 * x)),
    "softplus": lambda x: math.log1p(math.exp(-abs(x))) + max(x, 0),
    "relu": lambda x: max(x, 0.0),
    "step": lambda x: float(x > 0),
    "maximum": lambda x, y: x if x >= y else y,
    "minimum": lambda x, y: x if x <= y else y,
    "lt": lambda x, y: x < y,
    "le": lambda x, y: x <= y,
    "gt": lambda x, y: x > y,
    "ge": lambda x, y: x >= y,
    "eq": lambda x, y: x == y,
    "ne": lambda x, y: x != y,
    "and": lambda x, y: x and y,
    "or": lambda x, y: x or y,
    "not": lambda x: not x,
}
OPERATIONS = {"sum": lambda x, y: x + y, "product": lambda x, y: x * y, "max": max}


class Machine:
    """Scalars, arrays, and the number of calls of each function."""

    def __init__(self, routine: Routine, sizes: Mapping[str, int], inputs: Mapping[str, Any]):
        self.scalars: dict[str, Any] = dict(sizes)
        self.arrays: dict[str, Any] = {}
        self.calls: Counter[str] = Counter()
        for buffer in routine.buffers:
            if buffer.kind == "input":
                self.arrays[buffer.name] = inputs[buffer.name]
            else:
                # What is read before it is written shows: it is no number, or no position.
                shape = tuple(self.value(extent) for extent in buffer.shape)
                start = -(10**6) if buffer.integer else np.nan
                self.arrays[buffer.name] = np.full(shape, start)
        self.run(routine.body)

    def value(self, e: Expr) -> Any:
        if isinstance(e, Number):
            whole = not isinstance(e.value, float) and e.value.denominator == 1
            return int(e.value) if whole else float(e.value)
        if isinstance(e, (Axis, Extent, Local)):
            return self.scalars[e.name]
        if isinstance(e, Load):
            return self.arrays[e.buffer][self.place(e)].item()
        if e.function == "select":
            condition, first, second = e.arguments
            return self.value(first if self.value(condition) else second)
        self.calls[e.function] += 1
        return FUNCTIONS[e.function](*map(self.value, e.arguments))

    def place(self, load: Load) -> tuple[int, ...]:
        at = tuple(self.value(part) for part in load.at)
        shape = self.arrays[load.buffer].shape
        assert all(0 <= p < n for p, n in zip(at, shape, strict=True)), (load, at, shape)
        return at

    def put(self, target: Local | Load, value: Any) -> None:
        if isinstance(target, Local):
            self.scalars[target.name] = value
        else:
            self.arrays[target.buffer][self.place(target)] = value

    def run(self, body: Sequence[Code]) -> None:
        for part in body:
            if isinstance(part, For):
                for turn in range(self.value(part.axis.extent)):
                    self.scalars[part.axis.name] = turn
                    self.run(part.body)
            elif isinstance(part, When):
                if self.value(part.condition):
                    self.run(part.body)
            elif isinstance(part, Product):
                self.run(part.body)
            elif isinstance(part, Define):
                self.scalars[part.name] = self.value(part.value)
            elif isinstance(part, Declare):
                start = NEUTRAL[part.op].value
                self.scalars[part.name] = 0 if part.op == "argmax" else float(start)
            elif isinstance(part, Choose):
                value = self.value(part.value)
                if value > self.scalars[part.best.name]:
                    self.scalars[part.best.name] = value
                    self.scalars[part.position.name] = self.scalars[part.axis.name]
            elif isinstance(part, Accumulate):
                self.put(
                    part.target,
                    OPERATIONS[part.op](self.value(part.target), self.value(part.value)),
                )
            else:
                assert isinstance(part, Store)
                self.put(part.target, self.value(part.value))


@cache
def derived(layer: Layer, kind: str) -> tuple[Layer, Program]:
    """Return one of the functions of a layer over a batch."""
    batched = batch(layer)
    whole = reverse(batched, keep_outputs=True) if kind == "gradient" else forward(batched)
    return whole, compiled(whole, kind)


def stages(program: Program) -> tuple[Routine, Routine]:
    """Return a program's loops, before and after sharing."""
    plain = loops(program, fuse(program))
    return plain, share(plain)


def assert_same(layer: Layer, routines: Sequence[Routine], seed: int, ones: bool) -> list[Machine]:
    """Check every routine against the interpreter; return how each went."""
    generator = np.random.default_rng(seed)
    sizes = sample_sizes(layer, generator, ones)
    arrays = sample(layer, sizes, generator)
    wanted = run(layer, arrays, sizes)
    found = []
    for routine in routines:
        machine = Machine(routine, {s.name: n for s, n in sizes.items()}, arrays)
        for name in layer.outputs:
            np.testing.assert_allclose(
                machine.arrays[name], wanted[name], rtol=1e-9, atol=1e-9, err_msg=name
            )
        found.append(machine)
    return found
