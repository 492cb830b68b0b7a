"""Loop trees to NumPy statements: the innermost loops become array operations.

Where much is computed on the way, a tree's outermost axes become one loop over blocks of rows, and
what is on the way are scratch arrays of one block, made once. All other trees are whole-array
operations. Sums of products are matrix products wherever the factors allow.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from derive.emit.arrays import (
    Value,
    aligned,
    array_of,
    extent_text,
    extents_text,
    into,
    matmul_text,
    number_text,
    permuted,
    subscripts_text,
)
from derive.emit.chunked import chunked
from derive.emit.page import Page
from derive.emit.summands import apart, landing_of, order_of, product_of, roots_of, summand_of
from derive.emit.ufuncs import HELPERS, LOUD
from derive.emit.values import Values
from derive.program.fuse import fuse
from derive.program.ir import (
    Assign,
    Axis,
    Call,
    Contract,
    Loop,
    Program,
    Reduce,
    Scatter,
    Statement,
    Tree,
    axes_of,
    leaves,
    loads,
    subtrees,
)
from derive.program.rows import Rows, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Kernel", "kernel"]

#: Of each reduction: the ufunc, and what it starts from.
_REDUCTIONS = {
    "sum": ("np.add", "0.0"),
    "product": ("np.multiply", "1.0"),
    "max": ("np.maximum", "-np.inf"),
}


@dataclass(frozen=True, slots=True)
class Kernel:
    """The text of one computation.

    Parameters
    ----------
    lines : tuple of str
        Statements, indented relative to the function's body.
    helpers : frozenset of str
        The helper functions that they call, by the names of their templates.
    """

    lines: tuple[str, ...]
    helpers: frozenset[str]


def kernel(program: Program, samples: str) -> Kernel:
    """Return the NumPy text of a program; its inputs and outputs are arrays in scope.

    Parameters
    ----------
    program : Program
        What to compute.
    samples : str
        The size that counts samples.
    """
    writer = _Writer(program, Page({*program.sizes, *(b.name for b in program.buffers)}))
    trees = fuse(program)
    if any(_loud(statement) for tree in trees for statement in leaves(tree)):
        writer.page.line('with np.errstate(all="ignore"):')
        writer.page.indent = "    "
    for tree in trees:
        writer.tree(tree)
    first = chunked(program, samples, writer.page)
    return Kernel((*first.lines, *writer.page.lines), first.helpers | writer.helpers)


def _loud(statement: Statement) -> bool:
    """Tell whether NumPy may warn of what is on the way to a right result.

    It computes both branches of a selection, the one not taken as well; and what is infinite may
    be the denominator of a 0. Whatever else overflows, is infinite in the end; silence takes its
    time, and is kept for those that need it.
    """
    if isinstance(statement, Contract):
        return False
    calls = [part for part in subtrees(statement.value) if isinstance(part, Call)]
    return any(
        call.function in LOUD or (call.function == "div" and bool(loads(call.arguments[1])))
        for call in calls
    )


@dataclass(slots=True)
class _Writer:
    program: Program
    page: Page
    helpers: set[str] = field(default_factory=set)
    # Temporaries that have been made, in that order.
    made: dict[str, None] = field(default_factory=dict)

    def tree(self, tree: Tree) -> None:
        """Write one tree."""
        statements = list(leaves(tree))
        rows = rows_of(tree, self.program) if isinstance(tree, Loop) else None
        for statement in statements:
            if rows is None or statement.target not in rows.local:
                self._make(statement.target, before_rows=rows is not None)
        if rows is not None:
            self._in_rows(rows)
            return
        values = self._planned(statements, None)
        for statement in statements:
            self._write(statement, values)

    def _make(self, name: str, *, before_rows: bool) -> None:
        """Make a temporary that is not written by one assignment of a whole array."""
        buffer = self.program.buffer(name)
        if buffer.kind != "temporary" or name in self.made:
            return
        scattered = any(isinstance(s, Scatter) and s.target == name for s in self.program.body)
        if before_rows or scattered:
            self._made(name)
            dtype = "np.intp" if buffer.integer else "dtype"
            self.page.line(f"{name} = np.empty({extents_text(buffer.shape)}, {dtype})")

    def _made(self, name: str) -> None:
        """Note that there is an array for a temporary now."""
        self.made[name] = None
        self.page.whole.append(self.program.buffer(name).shape)

    def _in_rows(self, rows: Rows) -> None:
        """Write a tree as a loop over blocks of rows."""
        page = self.page
        for view in rows.views:
            page.taken.add(view.name)
            shape = ", ".join(extent_text(extent, tight=False) for extent in view.shape)
            page.line(f"{view.name} = {view.of}.reshape({shape})")
        extent = extent_text(rows.extent, tight=False)
        for statement in rows.statements:
            if isinstance(statement, Reduce) and rows.axis in statement.over:
                page.line(f"{statement.target}.fill({_REDUCTIONS[statement.op][1]})")
        start = len(page.lines)
        page.row, page.indent = rows.axis, page.indent + "    "
        values = self._planned(rows.statements, rows)
        for name, place in rows.sliced:
            values.blocks[name] = page.fresh(f"{name}_b")
            page.line(f"{values.blocks[name]} = {name}[{':, ' * place}low:high]")
        for statement in rows.statements:
            self._write(statement, values)
        page.row, page.indent = None, page.indent[:-4]
        body, page.lines[start:] = page.lines[start:], []
        blocks = [axes for _, axes in values.scratch if {*rows.inner} <= {*axes}]
        each = (str(len(blocks) + 1), "dtype.itemsize")
        size = " * ".join((*each, *(extent_text(axis.extent) for axis in rows.inner)))
        page.line(f"block = max(1, min({extent}, _BLOCK // max(1, {size})))")
        for name, axes in values.scratch:
            extents = ["block" if a == rows.axis else extent_text(a.extent) for a in axes]
            comma = "," if len(axes) == 1 else ""
            page.line(f"{name} = np.empty(({', '.join(extents)}{comma}), dtype)")
        page.lines += page.before
        page.before = []
        page.line(f"for low in range(0, {extent}, block):")
        page.line(f"    high = min(low + block, {extent})")
        if values.scratch or any(re.search(r"\brows\b", line) for line in body):
            page.line("    rows = high - low")
        if values.scratch:
            page.line("    if rows < block:")
        for name, axes in values.scratch:
            where = ":, " * axes.index(rows.axis) + ":rows"
            page.line(f"        {name} = {name}[{where}]")
        page.lines += body

    def _planned(self, statements: Sequence[Statement], rows: Rows | None) -> Values:
        """Fix the order of axes for a tree, and count how often each value is used."""
        written = [s for s in statements if isinstance(s, (Assign, Reduce, Scatter))]
        order = order_of(written, (rows.axis,) if rows else ())
        if rows and rows.alone:
            # Long rows of what one number of each array makes with others: NumPy runs along these.
            order[rows.axis] = len(order)
        values = Values(self.program, self.page, self.helpers, self.made, order, Counter(), rows)
        values.count(root for statement in written for root in roots_of(statement))
        return values

    def _write(self, statement: Statement, values: Values) -> None:
        if isinstance(statement, Contract):
            self._contract(statement, values)
        elif isinstance(statement, Assign):
            self._assign(statement, values)
        elif isinstance(statement, Reduce):
            self._reduce(statement, values)
        elif isinstance(statement, Scatter):
            self._scatter(statement, values)
        else:
            raise TypeError(f"no NumPy for a {type(statement).__name__}")

    def _fresh(self, name: str, values: Values) -> bool:
        """Tell whether a temporary is yet to be made by its first assignment."""
        if values.rows:
            return name in values.rows.local and name not in values.blocks
        return self.program.buffer(name).kind == "temporary" and name not in self.made

    def _store(self, name: str, axes: tuple[Axis, ...], value: Value, values: Values) -> None:
        """Write a value to a buffer whose axes are stored in the given order."""
        text = permuted(value, axes)
        if not self._fresh(name, values):
            self.page.line(into(values.blocks.get(name, name), text))
            return
        if values.rows:
            known = map(array_of, values.blocks.values())
            if value.scratch and value.axes == axes and array_of(text) not in known:
                values.keep(text)
                values.blocks[name] = text
            else:
                values.blocks[name] = values.take(axes)
                self.page.line(into(values.blocks[name], text))
            return
        self.made[name] = None
        if value.scratch and value.axes == axes:
            # The array becomes the buffer.
            values.keep(text)
            self.page.line(f"{name} = {text}")
            return
        self.page.whole.append(self.program.buffer(name).shape)
        shape = extents_text(axis.extent for axis in axes)
        dtype = "np.intp" if self.program.buffer(name).integer else "dtype"
        self.page.line(f"{name} = np.empty({shape}, {dtype})")
        self.page.line(f"{name}[...] = {text}")

    def _assign(self, statement: Assign, values: Values) -> None:
        root, axes = statement.value, statement.axes
        fresh = self._fresh(statement.target, values)
        whole = axes == values.sorted(axes_of(root))
        place = None
        if (
            isinstance(root, Call)
            and root.function not in ("select", *HELPERS)
            and not fresh
            and axes
            and whole
            and values.uses[root] == 1
        ):
            place = values.blocks.get(statement.target, statement.target)
        hint = statement.target if fresh and whole else ""
        value = values.value(root, place, hint)
        if value.text == hint:
            values.done(root, value)
        elif value.text != place:
            self._store(statement.target, axes, value, values)
            values.done(root, value)

    def _reduce(self, statement: Reduce, values: Values) -> None:
        if statement.op == "argmax":
            self._argmax(statement, values)
            return
        target = statement.target
        sign, text, axes = self._reduction(statement, values)
        if values.rows is not None and values.rows.axis in statement.over:
            if axes != statement.axes:
                text = permuted(Value(f"({text})", axes, False), statement.axes)
            if statement.op == "sum":
                self.page.line(f"{target} {'+' if sign > 0 else '-'}= {text}")
            else:
                ufunc = _REDUCTIONS[statement.op][0]
                self.page.line(f"{ufunc}({target}, {text}, out={target})")
            return
        if sign < 0:
            text = f"-({text})" if " " in text.split("(")[0] else f"-{text}"
        whole = text if axes == statement.axes else f"({text})"
        fresh = self._fresh(target, values) and bool(axes) and not values.rows
        if fresh and set(axes) == set(statement.axes):
            self._made(target)
            self.page.line(f"{target} = {permuted(Value(whole, axes, True), statement.axes)}")
        else:
            self._store(target, statement.axes, Value(whole, axes, False), values)

    def _reduction(self, statement: Reduce, values: Values) -> tuple[int, str, tuple[Axis, ...]]:
        """Return the sign, the text and the axes of what a reduction computes."""
        sign, groups = (1, [statement.value])
        if statement.op == "sum":
            sign, groups = product_of(statement)
        found = [values.value(group) for group in groups]
        if len(found) == 2:
            text, axes = matmul_text(found[0], found[1], statement.over, statement.axes)
        else:
            text, axes = _summed(found[0], statement, values)
        for group, value in zip(groups, found, strict=True):
            values.done(group, value)
        return sign, text, axes

    def _argmax(self, statement: Reduce, values: Values) -> None:
        value = values.value(statement.value)
        axes = values.sorted((*statement.axes, *statement.over))
        text = value.text if value.axes == axes else _spread(value, axes)
        place = axes.index(statement.over[0])
        left = tuple(axis for axis in axes if axis not in statement.over)
        result = Value(f"np.argmax({text}, axis={place})", left, True)
        if values.rows and self._fresh(statement.target, values):
            # No scratch array holds positions.
            name = values.blocks[statement.target] = self.page.fresh(f"{statement.target}_b")
            self.page.line(f"{name} = {permuted(result, statement.axes)}")
        else:
            self._store(statement.target, statement.axes, result, values)
        values.done(statement.value, value)

    def _scatter(self, statement: Scatter, values: Values) -> None:
        shape = self.program.buffer(statement.target).shape
        alone = apart(statement, shape)
        if alone is None:
            landing = values.sorted(landing_of(statement))
        else:
            # Only where entries may meet does it take the function that looks at them one by one.
            position = values.subscript(alone)
            parts = [(p,) if isinstance(p, Axis) else position.axes for p in statement.at]
            landing = tuple(axis for part in parts for axis in part)
        summand = summand_of(statement)
        if isinstance(summand, Reduce):
            sign, text, axes = self._reduction(summand, values)
            text = permuted(Value(f"({'-' if sign < 0 else ''}{text})", axes, False), landing)
        else:
            value = values.value(statement.value)
            text = permuted(value, landing)
            if alone is None and set(value.axes) != set(landing):
                text = _spread(value, landing)
            values.done(statement.value, value)
        if alone is not None:
            where = ", ".join(":" if p != alone else position.text for p in statement.at)
            self.page.line(f"{statement.target}[{where}] += {text}")
            return
        clipped = shape if statement.guarded else ()
        where = subscripts_text(statement.at, landing, values.subscript, clipped)
        self.page.line(f"np.add.at({statement.target}, {where}, {text})")

    def _contract(self, statement: Contract, values: Values) -> None:
        target, axes = statement.target, statement.target_axes
        left = Value(statement.left, statement.left_axes, False)
        right = Value(statement.right, statement.right_axes, False)
        text, got = matmul_text(left, right, statement.over, axes)
        if statement.scale.value != 1:
            text = f"{number_text(statement.scale)} * ({text})"
        if self._fresh(target, values) and got:
            self._made(target)
            self.page.line(f"{target} = {permuted(Value(text, got, True), axes)}")
        else:
            self._store(target, axes, Value(text, got, False), values)


def _spread(value: Value, axes: Sequence[Axis]) -> str:
    """Return an array over all the axes, copies along those that it lacks."""
    return f"np.broadcast_to({aligned(value, axes)}, {extents_text(a.extent for a in axes)})"


def _summed(value: Value, statement: Reduce, values: Values) -> tuple[str, tuple[Axis, ...]]:
    """Return a reduction of one array; axes it lacks count as copies."""
    over: Iterable[Axis] = statement.over
    if not {*statement.axes, *over} <= set(value.axes):
        axes = values.sorted((*statement.axes, *over))
        value = Value(_spread(value, axes), axes, False)
    places = sorted(value.axes.index(axis) for axis in over)
    left = tuple(axis for axis in value.axes if axis not in over)
    where = str(places[0]) if len(places) == 1 else str(tuple(places))
    initial = ", initial=-np.inf" if statement.op == "max" else ""
    return f"{_REDUCTIONS[statement.op][0]}.reduce({value.text}, axis={where}{initial})", left
