"""Expressions to NumPy arrays: each value is computed once, in an array that is used again.

Within a loop over blocks of rows the arrays are scratch arrays of one block; a value that is no
longer needed leaves its array to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from derive.emit.arrays import (
    Value,
    aligned,
    array_of,
    extent_text,
    load_text,
    number_text,
    permuted,
)
from derive.emit.ufuncs import BOOLEAN, HELPERS, UFUNCS, WITH_ZERO
from derive.program.ir import (
    Axis,
    Call,
    Expr,
    Extent,
    Load,
    Number,
    Program,
    Reduce,
    axes_of,
    children,
    loads,
)

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Sequence

    from derive.emit.page import Page
    from derive.program.rows import Rows

__all__ = ["Values"]


@dataclass(slots=True)
class Values:
    """The arrays that the expressions of one loop tree become.

    Parameters
    ----------
    program : Program
        For the shapes of its buffers.
    page : Page
        Where lines go.
    helpers, made : set and dict of str
        The helpers that are called, and the temporaries that have been made; both grow.
    order : mapping of Axis to int
        The order of the axes of every array.
    uses : Counter
        How often each value is still to be used.
    rows : Rows, optional
        The loop over blocks of rows, within one.
    blocks : mapping of str to str
        The block of each array that is seen in slices, and of each temporary while it is needed.
    """

    program: Program
    page: Page
    helpers: set[str]
    made: dict[str, None]
    order: dict[Axis, int]
    uses: Counter[Expr]
    rows: Rows | None = None
    blocks: dict[str, str] = field(default_factory=dict)
    memo: dict[Expr, Value] = field(default_factory=dict)
    scratch: list[tuple[str, tuple[Axis, ...]]] = field(default_factory=list)
    readers: dict[str, list[Load]] = field(default_factory=dict)
    _pool: dict[tuple[Axis, ...], list[str]] = field(default_factory=dict)

    def count(self, roots: Iterable[Expr]) -> None:
        """Count how often each value below the roots is used; shared ones are looked into once."""
        seen: set[Expr] = set()

        def walk(expression: Expr) -> None:
            self.uses[expression] += 1
            if expression not in seen:
                seen.add(expression)
                if isinstance(expression, Load):
                    self.readers.setdefault(expression.buffer, []).append(expression)
                if isinstance(expression, Call):
                    for child in children(expression):
                        walk(child)

        for root in roots:
            walk(root)

    def sorted(self, axes: Iterable[Axis]) -> tuple[Axis, ...]:
        """Return the axes in the order of the tree."""
        return tuple(sorted(axes, key=lambda axis: self.order.get(axis, len(self.order))))

    def value(self, expression: Expr, into: str | None = None, hint: str = "") -> Value:
        """Return the array of an expression, computing it once.

        ``into`` is an array to put it in; ``hint`` is the name of a temporary that it may be.
        """
        if expression in self.memo:
            return self.memo[expression]
        value = self._compute(expression, into, hint)
        self.memo[expression] = value
        return value

    def keep(self, text: str) -> None:
        """Let nobody overwrite the array of this name from now on."""
        self.memo = {
            expression: Value(value.text, value.axes, False) if value.text == text else value
            for expression, value in self.memo.items()
        }

    def done(self, expression: Expr, value: Value) -> None:
        """Note that a statement has used a value."""
        self.uses[expression] -= 1
        self._release((expression,), [value], None)

    def subscript(self, expression: Expr) -> Value:
        """Return a subscript as an array of integers."""
        if isinstance(expression, Axis):
            return Value(self._range(expression, ""), (expression,), False)
        if isinstance(expression, Number):
            return Value(str(int(expression.value)), (), False)
        if isinstance(expression, Load):
            return self._load(expression)
        if isinstance(expression, Call):
            values = [self.subscript(argument) for argument in expression.arguments]
            axes = self._joint(values)
            texts = [aligned(value, axes) for value in values]
            ufunc, operator = UFUNCS[expression.function]
            if operator and len(texts) == 2:
                return Value(f"({texts[0]} {operator} {texts[1]})", axes, False)
            return Value(f"{ufunc}({', '.join(texts)})", axes, False)
        return self.value(expression)

    def _compute(self, expression: Expr, into: str | None, hint: str) -> Value:
        if isinstance(expression, Number):
            return Value(number_text(expression), (), False)
        if isinstance(expression, Extent):
            return Value(expression.name, (), False)
        if isinstance(expression, Axis):
            return Value(self._range(expression), (expression,), False)
        if isinstance(expression, Load):
            value = self._load(expression)
            gathered = not all(isinstance(part, Axis) for part in expression.at)
            if gathered and self.uses[expression] > 1:
                value = replace(self._named(value.text, value.axes), scratch=False)
            return value
        if isinstance(expression, Call):
            return self._call(expression, into, hint)
        raise TypeError(f"no NumPy for a {type(expression).__name__}")

    def _joint(self, values: Sequence[Value]) -> tuple[Axis, ...]:
        return self.sorted({axis: None for value in values for axis in value.axes})

    def _range(self, axis: Axis, dtype: str = ", dtype=dtype") -> str:
        if self.rows and axis == self.rows.axis:
            return "np.arange(rows)"
        return f"np.arange({extent_text(axis.extent)}{dtype})"

    def _load(self, load: Load) -> Value:
        plain = all(isinstance(part, Axis) for part in load.at)
        name = self.blocks.get(load.buffer, load.buffer)
        if plain and len(set(load.at)) == len(load.at):
            axes = tuple(part for part in load.at if isinstance(part, Axis))
            shape = self._shape(load.buffer)
            cut = [axis.extent != extent for axis, extent in zip(axes, shape, strict=True)]
            if any(cut):
                # The loop is shorter than the axis: it reads the first entries.
                parts = [
                    f":{extent_text(axis.extent, tight=False)}" if short else ":"
                    for axis, short in zip(axes, cut, strict=True)
                ]
                name = f"{name}[{', '.join(parts)}]"
            order = self.sorted(axes)
            local = self.rows is not None and load.buffer in self.rows.local
            # What holds places is read by them, and no place for numbers.
            own = local and not self.program.buffer(load.buffer).integer
            return Value(permuted(Value(name, axes, False), order), order, own)
        axes = self.sorted({axis: None for part in load.at for axis in axes_of(part)})
        return load_text(replace(load, buffer=name), self._shape(load.buffer), axes, self.subscript)

    def _shape(self, name: str) -> tuple[Expr, ...]:
        """Return the shape of an array as this tree sees it."""
        if self.rows is None:
            return self.program.buffer(name).shape
        if name in self.rows.local:
            return self.rows.local[name]
        seen = {view.name: view.shape for view in self.rows.views}
        shape = seen.get(name) or self.program.buffer(name).shape
        place = dict(self.rows.sliced).get(name)
        if place is None:
            return shape
        return (*shape[:place], self.rows.axis.extent, *shape[place + 1 :])

    def _call(self, call: Call, into: str | None, hint: str) -> Value:
        if call.function == "select":
            return self._select(call)
        if call.function in BOOLEAN and not any(loads(a) for a in call.arguments):
            return self.subscript(call)
        values = [self.value(argument) for argument in call.arguments]
        axes = self._joint(values)
        texts = [aligned(value, axes) for value in values]
        for argument in call.arguments:
            self.uses[argument] -= 1
        ufunc, operator = UFUNCS.get(call.function, (WITH_ZERO.get(call.function, ""), ""))
        if call.function in WITH_ZERO:
            texts.append("0.0")
        if call.function in HELPERS:
            self.helpers.add(call.function)
        if not axes or call.function in BOOLEAN:
            # Numbers need no array to be kept in.
            inline = f"{ufunc}({', '.join(texts)})"
            self._release(call.arguments, values, None)
            return Value(inline, axes, False) if not axes else self._named(inline, axes)
        free = next(
            (
                value.text
                for argument, value in zip(call.arguments, values, strict=True)
                if value.axes == axes and self.free(argument, value)
            ),
            None,
        )
        dest = into or free
        if dest is None and self.rows and self.rows.axis in axes:
            dest = self.take(axes)
        if dest is not None:
            self.page.line(f"{ufunc}({', '.join(texts)}, out={dest})", axes)
            result = Value(dest, axes, into is None)
        else:
            spelled = (
                f"{texts[0]} {operator} {texts[1]}"
                if operator and len(texts) == 2
                else f"{ufunc}({', '.join(texts)})"
            )
            result = self._named(spelled, axes, hint)
        self._release(call.arguments, values, result.text)
        return result

    def _select(self, call: Call) -> Value:
        place = self._place(call.arguments[0])
        if place is not None:
            chosen, other = call.arguments[1:]
            equal = isinstance(call.arguments[0], Call) and call.arguments[0].function == "eq"
            whole, one = (other, chosen) if equal else (chosen, other)
            if {*axes_of(call)} == {*axes_of(whole)}:
                return self._but_for(call, whole, one, *place)
        condition = call.arguments[0]
        fixed = not any(loads(argument) for argument in children(condition))
        values = [
            self.subscript(condition) if fixed else self.value(condition),
            *(self.value(argument) for argument in call.arguments[1:]),
        ]
        axes = self._joint(values)
        texts = [aligned(value, axes) for value in values]
        for argument in call.arguments:
            self.uses[argument] -= 1
        result = self._named(f"np.where({', '.join(texts)}).astype(dtype, copy=False)", axes)
        self._release(call.arguments, values, None)
        return Value(result.text, axes, False)

    def _place(self, condition: Expr) -> tuple[Axis, Load] | None:
        """Return the axis and where it has to be, if that is one place that it surely has."""
        if not (isinstance(condition, Call) and condition.function in ("eq", "ne")):
            return None
        found = {*condition.arguments}
        axis = next((part for part in found if isinstance(part, Axis)), None)
        load = next((part for part in found if isinstance(part, Load)), None)
        if axis is None or load is None or axis in axes_of(load):
            return None
        maxima = [s for s in self.program.body if isinstance(s, Reduce) and s.op == "argmax"]
        inside = any(s.target == load.buffer and s.over[0].extent == axis.extent for s in maxima)
        return (axis, load) if inside else None

    def _but_for(self, call: Call, whole: Expr, one: Expr, axis: Axis, load: Load) -> Value:
        """Return an array with other entries where an axis is in one place."""
        base, entry, place = self.value(whole), self.value(one), self.subscript(load)
        for argument in call.arguments:
            self.uses[argument] -= 1
        dest = base.text
        if not self.free(whole, base):
            if self.rows and self.rows.axis in base.axes:
                dest = self.take(base.axes)
                self.page.line(f"np.copyto({dest}, {base.text})")
            else:
                dest = self._named(f"{base.text}.copy()", base.axes).text
        rest = tuple(part for part in base.axes if part != axis)
        at = {part: aligned(self.subscript(part), rest) for part in rest}
        at[axis] = aligned(place, rest)
        text = f"{entry.text}[{', '.join(at[part] for part in entry.axes)}]"
        text = text if axis in entry.axes else aligned(entry, rest)
        where = ", ".join(at[part] for part in base.axes)
        self.page.line(f"{dest}[{where}] = {text}", base.axes)
        self._release((whole, one), [base, entry], dest)
        return Value(dest, base.axes, True)

    def _named(self, text: str, axes: tuple[Axis, ...], hint: str = "") -> Value:
        if self.rows is None:
            self.page.whole.append(tuple(axis.extent for axis in axes))
        if hint:
            self.made[hint] = None
            self.page.line(f"{hint} = {text}", axes)
            return Value(hint, axes, False)
        name = self.page.fresh("u", numbered=True)
        self.page.line(f"{name} = {text}", axes)
        # What is made before a loop over rows is read in every turn: it must stay.
        return Value(name, axes, self.rows is None)

    def take(self, axes: tuple[Axis, ...]) -> str:
        """Return a scratch array of a block, one that is free or a new one."""
        if self._pool.get(axes):
            return self._pool[axes].pop()
        name = self.page.fresh("s", numbered=True)
        self.scratch.append((name, axes))
        return name

    def free(self, expression: Expr, value: Value) -> bool:
        """Tell whether an array may be overwritten, and forget the temporary that it was."""
        if not value.scratch or self.uses[expression]:
            return False
        array = array_of(value.text)
        names = [name for name, text in self.blocks.items() if array_of(text) == array]
        if not names:
            return True
        # The block of a temporary: whoever reads it, in whatever way, must have done so.
        same = [other for other, known in self.memo.items() if array_of(known.text) == array]
        readers = [load for name in names for load in self.readers.get(name, ())]
        if any(self.uses[other] for other in (*same, *readers)):
            return False
        for name in names:
            del self.blocks[name]
        return True

    def _release(self, arguments: Iterable[Expr], values: list[Value], kept: str | None) -> None:
        for argument, value in zip(arguments, values, strict=True):
            owned = any(value.text == name for name, _ in self.scratch)
            if owned and value.text != kept and self.free(argument, value):
                free = self._pool.setdefault(value.axes, [])
                if value.text not in free:
                    free.append(value.text)
