"""What every stage guarantees, checked: tests run these after every pass, on every layer.

A broken guarantee is a mistake in derive, never in a layer: it is a ``ValueError``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.program.code import (
    DONE,
    GROUP,
    LARGE_GROUP,
    MOST_SHARES,
    NTH,
    ROWS,
    SHARE,
    SLOT,
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
from derive.program.ir import (
    Axis,
    Buffer,
    Contract,
    Expr,
    Extent,
    Load,
    Local,
    Loop,
    Program,
    Tree,
    accesses,
    reads,
    spans,
    subtrees,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["check_program", "check_routine", "check_trees"]

#: What is no size of the layer: how many shares there may be, and are; what a block has.
_COUNTS = (MOST_SHARES, SHARE.extent, GROUP, LARGE_GROUP, ROWS, DONE)


def check_program(program: Program) -> None:
    """Check that names are unique, axes bound, and arrays read after they have been written.

    Raises
    ------
    ValueError
        Naming the first thing that is wrong.
    """
    names = [*program.sizes, *(buffer.name for buffer in program.buffers)]
    if len(set(names)) < len(names):
        raise ValueError(f"{program.name}: a name stands for two things in {names}")
    check_trees(program, program.body)


def check_trees(program: Program, trees: Sequence[Tree]) -> None:
    """Check the same of a program's loop trees, and that each loop's axis is the statement's.

    Raises
    ------
    ValueError
        Naming the first thing that is wrong.
    """
    written = {buffer.name for buffer in program.of_kind("input")}
    _trees(trees, (), {b.name: b for b in program.buffers}, written, program)
    missing = [b.name for b in program.of_kind("output") if b.name not in written]
    if missing:
        raise ValueError(f"{program.name}: nothing writes {', '.join(missing)}")


def _trees(
    trees: Sequence[Tree],
    around: tuple[Axis, ...],
    buffers: dict[str, Buffer],
    written: set[str],
    program: Program,
) -> None:
    for tree in trees:
        if isinstance(tree, Loop):
            _trees(tree.body, (*around, tree.axis), buffers, written, program)
            continue
        axes = tree.space
        whole = tree.batch[: len(around)] if isinstance(tree, Contract) else axes
        if around and set(around) != set(whole):
            raise ValueError(f"{program.name}: {tree.target} stands in the loops of others")
        if len({axis.name for axis in axes}) < len(axes):
            raise ValueError(f"{program.name}: {tree.target} has an axis twice")
        unwritten = reads(tree) - written
        if unwritten:
            raise ValueError(f"{program.name}: {tree.target} reads {sorted(unwritten)} too early")
        target, values = accesses(tree)
        for expression in (*values, target):
            _expression(expression, set(axes), set(), buffers, program.sizes)
        written.add(tree.target)


def _expression(
    expression: Expr,
    axes: set[Axis],
    scalars: set[str],
    buffers: dict[str, Buffer],
    sizes: tuple[str, ...],
) -> None:
    for part in subtrees(expression):
        if isinstance(part, Axis):
            if part not in axes:
                raise ValueError(f"axis {part.name} is not bound")
            _expression(part.extent, axes, scalars, buffers, sizes)
        elif isinstance(part, Extent) and part not in _COUNTS and part.name not in sizes:
            raise ValueError(f"there is no size {part.name}")
        elif isinstance(part, Local) and part.name not in scalars:
            raise ValueError(f"scalar {part.name} is read before it is defined")
        elif isinstance(part, Load):
            if part.buffer not in buffers:
                raise ValueError(f"there is no array {part.buffer}")
            shape = buffers[part.buffer].shape
            if len(part.at) > len(shape) or sum(spans(part.at, shape)) != len(shape):
                raise ValueError(f"{part.buffer} is read with {len(part.at)} subscripts")


def check_routine(routine: Routine) -> None:
    """Check loops: axes and scalars bound where they are read, arrays written before.

    Raises
    ------
    ValueError
        Naming the first thing that is wrong.
    """
    written = {buffer.name for buffer in routine.buffers if buffer.kind == "input"}
    scope = _Scope(routine, written)
    scope.body(routine.body, set(), {})
    missing = [b.name for b in routine.buffers if b.kind != "input" and b.name not in written]
    if missing:
        raise ValueError(f"{routine.name}: nothing writes {', '.join(missing)}")


def _straight(body: Sequence[Code]) -> Iterator[Code]:
    """Yield code, and what is done for each vector of a group as it is done for one."""
    for part in body:
        if not isinstance(part, Each):
            yield part
            continue
        for name, entry in part.kept:
            yield from (Declare(name, "sum"), Accumulate(Local(name), "sum", entry))
        yield from _straight(part.body)
        yield from (Store(entry, Local(name)) for name, entry in part.kept)


class _Scope:
    """Walks a routine; a scalar is known from its line to the end of the loop's body."""

    def __init__(self, routine: Routine, written: set[str]) -> None:
        self.sizes, self.written = routine.sizes, written
        self.buffers = {buffer.name: buffer for buffer in routine.buffers}

    def body(self, body: Sequence[Code], axes: set[Axis], outside: dict[str, bool]) -> None:
        """Check a body, given the axes and the scalars around it (and which may change)."""
        scalars = dict(outside)
        for part in _straight(body):
            if isinstance(part, For):
                if part.axis.name in {axis.name for axis in axes}:
                    raise ValueError(f"axis {part.axis.name} runs inside itself")
                self.body(part.body, axes | {part.axis}, scalars)
            elif isinstance(part, When):
                self.read(part.condition, axes, scalars)
                self.body(part.body, axes, scalars)
            elif isinstance(part, Product):
                if part.again is not None:
                    self.read(part.again, axes, scalars)
                self.body(part.body, axes, scalars)
            elif isinstance(part, Lanes):
                self.lanes(part, axes, scalars)
            elif isinstance(part, Shares):
                self.read(part.work, axes, scalars)
                # A share sees no scalar but its own.
                begun = {p.name: False for p in part.before if isinstance(p, Define)}
                self.body(part.before, axes | {SHARE}, {})
                if isinstance(part.body, Lanes):
                    self.lanes(part.body, axes | {SHARE, SLOT}, begun)
                else:
                    self.body((part.body,), axes | {SHARE, SLOT}, begun)
                self.body(part.after, axes, scalars)
            elif isinstance(part, Blocks):
                self.blocks(part, axes)
            elif isinstance(part, Fetch):
                _expression(part.place, axes, set(scalars), self.buffers, self.sizes)
            elif isinstance(part, (Define, Declare)):
                if part.name in scalars or part.name in self.buffers:
                    raise ValueError(f"the name {part.name} is taken")
                if isinstance(part, Define):
                    self.read(part.value, axes, scalars)
                scalars[part.name] = isinstance(part, Declare)
            else:
                assert not isinstance(part, Each)
                self.write(part, axes, scalars)

    def blocks(self, part: Blocks, axes: set[Axis]) -> None:
        """Check a loop over blocks: they see no scalar but their own, and a part of each array."""
        whole, self.buffers = self.buffers, {n: part.seen(b) for n, b in self.buffers.items()}
        self.body(part.body, axes, {})
        self.buffers = whole
        self.written |= {other for name, other in part.apart if name in self.written}
        self.body(part.after, axes, {})

    def lanes(self, part: Lanes, axes: set[Axis], outside: dict[str, bool]) -> None:
        """Check a loop over lanes: what its head starts is known to its body and its end."""
        begun = {p.name for p in part.before if isinstance(p, Declare)}
        if begun & outside.keys():
            raise ValueError(f"the names {sorted(begun & outside.keys())} are taken")
        self.body(part.before, axes, outside)
        scalars = {**outside, **dict.fromkeys(begun, True)}
        self.body(part.body, axes | {part.axis}, scalars)
        self.body(part.several, axes | {part.axis, NTH}, scalars)
        self.body(part.after, axes, scalars)

    def write(
        self, part: Accumulate | Choose | Store, axes: set[Axis], scalars: dict[str, bool]
    ) -> None:
        """Check what changes a scalar or an array."""
        self.read(part.value, axes, scalars)
        targets = (part.position, part.best) if isinstance(part, Choose) else (part.target,)
        for target in targets:
            if isinstance(target, Local):
                if not scalars.get(target.name, False):
                    raise ValueError(f"{target.name} is no accumulator here")
                continue
            for at in target.at:
                self.read(at, axes, scalars)
            _expression(target, axes, set(scalars), self.buffers, self.sizes)
            if isinstance(part, Accumulate) and target.buffer not in self.written:
                raise ValueError(f"{target.buffer} is added to before it is written")
            if self.buffers[target.buffer].kind == "input":
                raise ValueError(f"the input {target.buffer} is written")
            self.written.add(target.buffer)

    def read(self, expression: Expr, axes: set[Axis], scalars: dict[str, bool]) -> None:
        """Check an expression, and that what it loads has been written."""
        _expression(expression, axes, set(scalars), self.buffers, self.sizes)
        for part in subtrees(expression):
            if isinstance(part, Load) and part.buffer not in self.written:
                raise ValueError(f"{part.buffer} is read before it is written")
