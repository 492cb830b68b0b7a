"""Loop code run entry by entry in Python: what it computes, and how often it calls what."""

from __future__ import annotations

import math
import operator
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce
from typing import Any

import numpy as np

from derive.gradient.forward import forward
from derive.gradient.reverse import reverse
from derive.index.terms import Size
from derive.layer.batch import batch
from derive.layer.model import Layer
from derive.layer.run import run
from derive.layer.sample import sample, sample_sizes
from derive.program.ahead import ahead
from derive.program.argmax import argmax
from derive.program.around import around
from derive.program.blocks import blocks
from derive.program.code import (
    NEUTRAL,
    Accumulate,
    Blocks,
    Choose,
    Code,
    Declare,
    Define,
    Each,
    Fetch,
    For,
    Lanes,
    Product,
    Routine,
    Shares,
    Store,
    When,
)
from derive.program.fuse import fuse
from derive.program.group import group
from derive.program.ir import Axis, Call, Expr, Extent, Load, Local, Number, Program, spans
from derive.program.keep import keep
from derive.program.lanes import lanes
from derive.program.loops import loops
from derive.program.onto import onto
from derive.program.pipeline import compiled
from derive.program.share import share
from derive.program.shrink import shrink
from derive.program.threads import threads
from derive.program.together import together

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
    "asin": math.asin,
    "acos": math.acos,
    "asinh": math.asinh,
    "acosh": math.acosh,
    "atanh": math.atanh,
    "log1p": math.log1p,
    "expm1": math.expm1,
    "sech2": lambda x: 1 / math.cosh(x) ** 2,
    "sech": lambda x: 1 / math.cosh(x),
    "sin": math.sin,
    "cos": math.cos,
    "erf": math.erf,
    "erfc": math.erfc,
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
    # Three blocks of more rows than two, and a last one that is smaller.
    "rows_of": lambda size, width: max(1, (size + 1) // 3),
}
OPERATIONS = {"sum": operator.add, "product": operator.mul, "max": np.maximum}


class Machine:
    """Scalars, arrays, and the number of calls of each function."""

    def __init__(self, routine: Routine, sizes: Mapping[str, int], inputs: Mapping[str, Any]):
        self.scalars: dict[str, Any] = {**sizes, "#SHARES": 3, "#shares": 2, "#GROUP": 2}
        self.arrays: dict[str, Any] = {}
        self.calls: Counter[str] = Counter()
        self.shapes = {buffer.name: buffer.shape for buffer in routine.buffers}
        self.buffers = routine.buffers
        self.width = 1
        #: What each vector of a group has for itself.
        self.group: list[dict[str, Any]] = []
        for buffer in routine.buffers:
            if buffer.kind == "input":
                self.arrays[buffer.name] = inputs[buffer.name]
            else:
                # What is read before it is written shows: it is no number, or no position.
                shape = tuple(self.value(extent) for extent in buffer.shape)
                start = -(10**6) if buffer.integer else np.nan
                kind = object if buffer.kind == "lanes" else None
                self.arrays[buffer.name] = np.full(shape, start, kind)
        self.run(routine.body)

    def value(self, e: Expr) -> Any:
        if isinstance(e, Number):
            whole = not isinstance(e.value, float) and e.value.denominator == 1
            return int(e.value) if whole else float(e.value)
        if isinstance(e, (Axis, Extent, Local)):
            return self.scalars[e.name]
        if isinstance(e, Load):
            entries, at = self.place(e)
            found = entries[at]
            return found if isinstance(found, np.ndarray) else np.asarray(found).item()
        if e.function.startswith("lanes_"):
            (inside,) = e.arguments
            values = np.broadcast_to(self.value(inside), self.width)
            return reduce(OPERATIONS[e.function.removeprefix("lanes_")], values.tolist())
        if e.function == "select":
            condition, first, second = e.arguments
            chosen = self.value(condition)
            if isinstance(chosen, np.ndarray):
                return np.where(chosen, self.value(first), self.value(second))
            return self.value(first if chosen else second)
        values = [self.value(argument) for argument in e.arguments]
        if not any(isinstance(value, np.ndarray) for value in values):
            self.calls[e.function] += 1
            return FUNCTIONS[e.function](*values)
        # In each lane by itself.
        self.calls[e.function] += self.width
        every = zip(*(np.broadcast_to(value, self.width).tolist() for value in values), strict=True)
        return np.array([FUNCTIONS[e.function](*lane) for lane in every])

    def place(self, load: Load) -> tuple[Any, tuple[Any, ...]]:
        """Return an array, seen with as many axes as there are subscripts, and the place in it."""
        entries = self.arrays[load.buffer]
        rest, shape = list(entries.shape), []
        for count in spans(load.at, self.shapes[load.buffer]):
            shape.append(math.prod(rest[:count]))
            del rest[:count]
        at = tuple(self.value(part) for part in load.at)
        if load.guarded:
            # As generated code does: what is read there is not used.
            at = tuple(np.clip(p, 0, n - 1) for p, n in zip(at, shape, strict=True))
        assert all(
            np.all((np.asarray(p) >= 0) & (np.asarray(p) < n))
            for p, n in zip(at, shape, strict=True)
        ), (load, at, shape)
        return entries.reshape(shape), at

    def blocks(self, part: Blocks) -> None:
        """Run blocks, each on its part of the arrays, and on the same scratch memory."""
        size, most = self.value(part.axis.extent), self.value(part.most)
        shapes, arrays = self.shapes, self.arrays
        self.shapes = {buffer.name: part.seen(buffer).shape for buffer in self.buffers}
        kinds = {buffer.name: buffer.kind for buffer in self.buffers}
        for done in range(0, max(size, 1), most):
            rows = min(most, size - done)
            self.scalars.update({"#done": done, "#rows": rows})
            own = {}
            for buffer in self.buffers:
                if (place := part.place(buffer)) is not None:
                    first = done if kinds[buffer.name] in ("input", "output") else 0
                    where = (*(slice(None),) * place, slice(first, first + rows))
                    own[buffer.name] = arrays[buffer.name][where]
            apart = {name: arrays[other] for name, other in part.apart if done}
            self.arrays = {**arrays, **own, **apart}
            self.run(part.body)
            self.arrays = arrays
            self.run(part.after)
        self.shapes = shapes

    def shares(self, part: Shares) -> None:
        """Run the shares of a loop, the last one first."""
        size = self.value(part.body.axis.extent)
        for turn in reversed(range(self.scalars["#shares"])):
            self.scalars["#share"], self.scalars["#slot"] = turn, turn % 2
            self.run(part.before)
            begin, end = (size * n // self.scalars["#shares"] for n in (turn, turn + 1))
            if isinstance(part.body, Lanes):
                self.lanes(part.body, begin, end)
            else:
                self.turns(part.body, begin, end)
        self.run(part.after)

    def choose(self, part: Choose) -> None:
        """Take the first greatest value: in each lane, of all lanes, or of single values."""
        best, position = part.best.name, part.position.name
        if isinstance(part.value, Call) and part.value.function == "lanes_first":
            lanes = (self.scalars[p.name] for p in part.value.arguments)
            values, places = (np.broadcast_to(each, self.width) for each in lanes)
            found = sorted(zip(-values, places, strict=True))[0]
            if -found[0] > self.scalars[best]:
                self.scalars[best], self.scalars[position] = -found[0], found[1]
            return
        value = self.value(part.value)
        worse = self.scalars[best]
        exceeds = (value > worse) | (np.isnan(value) & ~np.isnan(worse))
        self.scalars[best] = np.where(exceeds, value, self.scalars[best])[()]
        place = np.where(exceeds, self.scalars[part.axis.name], self.scalars[position])
        self.scalars[position] = place[()]

    def turns(self, part: For, first: int, last: int) -> None:
        for turn in range(first, last):
            self.scalars[part.axis.name] = turn
            self.run(part.body)

    def lanes(self, part: Lanes, first: int, size: int) -> None:
        """Run a loop over lanes, three at once, two vectors in a block, which are a group."""
        while first < size:
            self.width = min(3, size - first)
            last = first + self.width * (2 if size - first >= 6 else 1)
            self.run(part.before)
            vectors = [
                {part.axis.name: np.arange(start, start + self.width), "#nth": nth}
                for nth, start in enumerate(range(first, last, self.width))
            ]
            if part.several and len(vectors) == 2:
                self.group = vectors
                self.run(part.several)
            else:
                for vector in vectors:
                    self.scalars.update(vector)
                    self.run(part.body)
            self.run(part.after)
            first = last

    def each(self, part: Each) -> None:
        """Run what is done for each vector of a group."""
        for name, entry in part.kept:
            self.scalars[name] = self.value(entry)
        for vector in self.group:
            self.scalars.update(vector)
            self.run(part.body)
            vector.update({name: self.scalars[name] for name in (*vector, *part.made)})
        for name, entry in part.kept:
            self.put(entry, self.scalars[name])

    def put(self, target: Local | Load, value: Any) -> None:
        if isinstance(target, Local):
            self.scalars[target.name] = value
        else:
            entries, at = self.place(target)
            entries[at] = value

    def run(self, body: Sequence[Code]) -> None:
        for part in body:
            if isinstance(part, For):
                self.turns(part, 0, self.value(part.axis.extent))
            elif isinstance(part, When):
                if self.value(part.condition):
                    self.run(part.body)
            elif isinstance(part, Product):
                self.run(part.body)
            elif isinstance(part, Fetch):
                continue
            elif isinstance(part, Blocks):
                self.blocks(part)
            elif isinstance(part, Each):
                self.each(part)
            elif isinstance(part, Lanes):
                self.lanes(part, 0, self.value(part.axis.extent))
            elif isinstance(part, Shares):
                self.shares(part)
            elif isinstance(part, Define):
                self.scalars[part.name] = self.value(part.value)
            elif isinstance(part, Declare):
                start = NEUTRAL[part.op].value
                self.scalars[part.name] = 0 if part.op == "argmax" else float(start)
            elif isinstance(part, Choose):
                self.choose(part)
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


def stages(program: Program) -> tuple[Routine, Routine, Routine, Routine]:
    """Return a program's loops: plain, with shared scalars, over lanes, and as they are written."""
    program = onto(program)
    plain = argmax(loops(program, together(fuse(program))))
    shared = share(plain)
    laned = lanes(share(keep(shared)))
    whole = blocks(ahead(threads(shrink(laned))))
    # Cotangents come before samples, where there are many.
    samples = program.sizes[program.name == "vjp_many"]
    return plain, shared, laned, group(around(whole, program, samples))


def assert_same(layer: Layer, routines: Sequence[Routine], seed: int, ones: bool) -> list[Machine]:
    """Check every routine against the interpreter; return how each went."""
    generator = np.random.default_rng(seed)
    sizes = sample_sizes(layer, generator, ones)
    arrays = sample(layer, sizes, generator)
    return [assert_computes(routine, layer, arrays, sizes) for routine in routines]


def assert_computes(
    routine: Routine, layer: Layer, arrays: Mapping[str, Any], sizes: Mapping[Size, int]
) -> Machine:
    """Check a routine against the interpreter at some sizes and values; return how it went."""
    wanted = run(layer, arrays, sizes)
    machine = Machine(routine, {size.name: n for size, n in sizes.items()}, arrays)
    for name in layer.outputs:
        np.testing.assert_allclose(
            machine.arrays[name], wanted[name], rtol=1e-9, atol=1e-9, err_msg=name
        )
    return machine
