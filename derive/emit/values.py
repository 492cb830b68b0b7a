"""Expressions to NumPy arrays: each value is computed once, in an array that is used again.

Within a loop over blocks of rows the arrays are scratch arrays of one block; a value that is no
longer needed leaves its array to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from derive.emit.arrays import Value, aligned, extent_text, load_text, number_text, permuted
from derive.program.ir import (
    Axis,
    Call,
    Expr,
    Extent,
    Load,
    Number,
    Program,
    axes_of,
    children,
    loads,
)

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Sequence

    from derive.program.rows import Rows

__all__ = ["HELPERS", "Page", "Values"]

#: Functions that NumPy lacks, as helpers of the generated module (see templates/numpy).
HELPERS = ("sigmoid", "softplus", "sech", "sech2", "erf", "erfc")

#: A function of the program by its ufunc, and by its operator where Python has one.
_UFUNCS: dict[str, tuple[str, str]] = {
    "add": ("np.add", "+"),
    "sub": ("np.subtract", "-"),
    "mul": ("np.multiply", "*"),
    "div": ("np.divide", "/"),
    "neg": ("np.negative", "-"),
    "exp": ("np.exp", ""),
    "expm1": ("np.expm1", ""),
    "log": ("np.log", ""),
    "log1p": ("np.log1p", ""),
    "tanh": ("np.tanh", ""),
    "sinh": ("np.sinh", ""),
    "cosh": ("np.cosh", ""),
    "sin": ("np.sin", ""),
    "cos": ("np.cos", ""),
    "tan": ("np.tan", ""),
    "atan": ("np.arctan", ""),
    "sqrt": ("np.sqrt", ""),
    "pow": ("np.power", ""),
    "abs": ("np.abs", ""),
    "sign": ("np.sign", ""),
    "maximum": ("np.maximum", ""),
    "minimum": ("np.minimum", ""),
    "lt": ("np.less", "<"),
    "le": ("np.less_equal", "<="),
    "gt": ("np.greater", ">"),
    "ge": ("np.greater_equal", ">="),
    "eq": ("np.equal", "=="),
    "ne": ("np.not_equal", "!="),
    "and": ("np.logical_and", ""),
    "or": ("np.logical_or", ""),
    "not": ("np.logical_not", ""),
    **{name: (f"_{name}", "") for name in HELPERS},
}
#: Functions that are a ufunc with 0 for its second argument.
_WITH_ZERO = {"relu": "np.maximum", "step": "np.heaviside"}

#: Functions whose result is no array of reals, so that no scratch array can hold it.
_BOOLEAN = {"lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not"}


@dataclass(slots=True)
class Page:
    """The lines of a kernel, and the names that are taken in it.

    Parameters
    ----------
    taken : set of str
        Names that mean something already.
    lines, before : list of str
        What is written, and what is to stand before the loop over rows.
    indent : str
        What each line begins with.
    row : Axis, optional
        The axis of the loop over rows, while within it.
    """

    taken: set[str]
    lines: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    indent: str = ""
    row: Axis | None = None

    def line(self, text: str, axes: tuple[Axis, ...] | None = None) -> None:
        """Write a line; what does not depend on the rows goes before the loop over them."""
        if self.row and axes is not None and self.row not in axes:
            self.before.append(self.indent[:-4] + text)
        else:
            self.lines.append(self.indent + text)

    def fresh(self, stem: str, *, numbered: bool = False) -> str:
        """Return a name that nothing has yet: the stem, with a number or underscores after it."""
        number = 1
        name = f"{stem}{number}" if numbered else stem
        while name in self.taken:
            number += 1
            name = f"{stem}{number}" if numbered else f"{name}_"
        self.taken.add(name)
        return name


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
        The block of each array that is seen in slices.
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
    _pool: dict[tuple[Axis, ...], list[str]] = field(default_factory=dict)

    def count(self, roots: Iterable[Expr]) -> None:
        """Count how often each value below the roots is used; shared ones are looked into once."""
        seen: set[Expr] = set()

        def walk(expression: Expr) -> None:
            self.uses[expression] += 1
            if expression not in seen:
                seen.add(expression)
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
            ufunc, operator = _UFUNCS[expression.function]
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
            return self._load(expression)
        if isinstance(expression, Call):
            return self._call(expression, into, hint)
        raise TypeError(f"no NumPy for a {type(expression).__name__}")

    def _joint(self, values: Sequence[Value]) -> tuple[Axis, ...]:
        return self.sorted({axis: None for value in values for axis in value.axes})

    def _range(self, axis: Axis, dtype: str = ", dtype=dtype") -> str:
        if self.rows and axis == self.rows.axis:
            return f"np.arange(low, high{dtype})"
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
            return Value(permuted(Value(name, axes, False), order), order, False)
        shape = self.program.buffer(load.buffer).shape
        axes = self.sorted({axis: None for part in load.at for axis in axes_of(part)})
        return load_text(load, shape, axes, self.subscript)

    def _shape(self, name: str) -> tuple[Expr, ...]:
        """Return the shape of an array as this tree sees it."""
        if self.rows is None:
            return self.program.buffer(name).shape
        seen = {view.name: view.shape for view in self.rows.views}
        shape = seen.get(name) or self.program.buffer(name).shape
        place = dict(self.rows.sliced).get(name)
        if place is None:
            return shape
        return (*shape[:place], self.rows.axis.extent, *shape[place + 1 :])

    def _call(self, call: Call, into: str | None, hint: str) -> Value:
        if call.function == "select":
            return self._select(call)
        if call.function in _BOOLEAN and not any(loads(a) for a in call.arguments):
            return self.subscript(call)
        values = [self.value(argument) for argument in call.arguments]
        axes = self._joint(values)
        texts = [aligned(value, axes) for value in values]
        for argument in call.arguments:
            self.uses[argument] -= 1
        ufunc, operator = _UFUNCS.get(call.function, (_WITH_ZERO.get(call.function, ""), ""))
        if call.function in _WITH_ZERO:
            texts.append("0.0")
        if call.function in HELPERS:
            self.helpers.add(call.function)
        if not axes or call.function in _BOOLEAN:
            # Numbers need no array to be kept in.
            inline = f"{ufunc}({', '.join(texts)})"
            self._release(call.arguments, values, None)
            return Value(inline, axes, False) if not axes else self._named(inline, axes)
        free = next(
            (
                value.text
                for argument, value in zip(call.arguments, values, strict=True)
                if value.scratch and value.axes == axes and self.uses[argument] == 0
            ),
            None,
        )
        dest = into or free
        if dest is None and self.rows and self.rows.axis in axes:
            dest = self._take(axes)
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

    def _named(self, text: str, axes: tuple[Axis, ...], hint: str = "") -> Value:
        if hint:
            self.made[hint] = None
            self.page.line(f"{hint} = {text}", axes)
            return Value(hint, axes, False)
        name = self.page.fresh("u", numbered=True)
        self.page.line(f"{name} = {text}", axes)
        # What is made before a loop over rows is read in every turn: it must stay.
        return Value(name, axes, self.rows is None)

    def _take(self, axes: tuple[Axis, ...]) -> str:
        """Return a scratch array of a block, one that is free or a new one."""
        if self._pool.get(axes):
            return self._pool[axes].pop()
        name = self.page.fresh("s", numbered=True)
        self.scratch.append((name, axes))
        return name

    def _release(self, arguments: Iterable[Expr], values: list[Value], kept: str | None) -> None:
        for argument, value in zip(arguments, values, strict=True):
            owned = any(value.text == name for name, _ in self.scratch)
            if owned and value.text != kept and self.uses[argument] == 0:
                free = self._pool.setdefault(value.axes, [])
                if value.text not in free:
                    free.append(value.text)
