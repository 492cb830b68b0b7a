"""Loop trees to NumPy statements: the innermost loops become array operations.

A tree whose statements range over more axes than any array they touch would need temporaries
larger than memory traffic: its outermost axes become one loop over blocks of rows, and the
temporaries are scratch arrays of one block, made once. All other trees are whole-array
operations. Sums of products are matrix products wherever the factors allow.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import reduce as fold
from typing import TYPE_CHECKING

from derive.emit.arrays import (
    Value,
    aligned,
    extent_text,
    extents_text,
    load_text,
    matmul_text,
    number_text,
    permuted,
    subscripts_text,
)
from derive.program.contract import factors_of, groups_of
from derive.program.fuse import fuse
from derive.program.ir import (
    Assign,
    Axis,
    Call,
    Contract,
    Expr,
    Extent,
    Load,
    Loop,
    Number,
    Program,
    Reduce,
    Scatter,
    Tree,
    axes_of,
    children,
    leaves,
    loads,
    subtrees,
)
from derive.program.rows import Rows, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["HELPERS", "Kernel", "kernel"]

#: Functions that NumPy lacks, as helpers of the generated module (see templates/numpy).
HELPERS = ("sigmoid", "softplus", "sech", "erf")

#: A function of the program by its ufunc, and by its operator where Python has one.
_UFUNCS: dict[str, tuple[str, str]] = {
    "add": ("np.add", "+"),
    "sub": ("np.subtract", "-"),
    "mul": ("np.multiply", "*"),
    "div": ("np.divide", "/"),
    "neg": ("np.negative", "-"),
    "exp": ("np.exp", ""),
    "log": ("np.log", ""),
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
    helpers : tuple of str
        The helper functions that they call, of :data:`HELPERS`.
    temporaries : tuple of str
        The buffers that the kernel makes for itself.
    """

    lines: tuple[str, ...]
    helpers: tuple[str, ...]
    temporaries: tuple[str, ...]


def kernel(program: Program) -> Kernel:
    """Return the NumPy text of a program; its inputs and outputs are arrays in scope."""
    writer = _Writer(program)
    trees = fuse(program)
    # A value that is made and used in one tree need not be an array of its own, but NumPy has
    # only arrays: every temporary that is written is one, made where it is first written.
    guarded = any(
        isinstance(part, Call) and part.function == "select"
        for tree in trees
        for statement in leaves(tree)
        if not isinstance(statement, Contract)
        for part in subtrees(statement.value)
    )
    if guarded:
        # NumPy computes both branches of a selection, the one not taken as well.
        writer.line('with np.errstate(all="ignore"):')
        writer.indent = "    "
    for tree in trees:
        writer.tree(tree)
    helpers = tuple(name for name in HELPERS if name in writer.helpers)
    return Kernel(tuple(writer.lines), helpers, tuple(writer.made))


def _shape_text(shape: Sequence[Expr]) -> str:
    return f"({', '.join(extent_text(extent, tight=False) for extent in shape)})"


@dataclass(slots=True)
class _Writer:
    program: Program
    lines: list[str] = field(default_factory=list)
    helpers: set[str] = field(default_factory=set)
    made: dict[str, None] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)
    indent: str = ""
    count: int = 0
    # Of the tree at hand:
    order: dict[Axis, int] = field(default_factory=dict)
    memo: dict[Expr, Value] = field(default_factory=dict)
    uses: Counter[Expr] = field(default_factory=Counter)
    rows: Rows | None = None
    pool: dict[tuple[Axis, ...], list[str]] = field(default_factory=dict)
    scratch: list[tuple[str, tuple[Axis, ...]]] = field(default_factory=list)

    def line(self, text: str, axes: tuple[Axis, ...] | None = None) -> None:
        """Write a line; what does not depend on the rows goes before the loop over them."""
        if self.rows and axes is not None and self.rows.axis not in axes:
            self.before.append(self.indent[:-4] + text)
        else:
            self.lines.append(self.indent + text)

    def tree(self, tree: Tree) -> None:
        """Write one tree."""
        statements = list(leaves(tree))
        rows = rows_of(tree, self.program) if isinstance(tree, Loop) else None
        for statement in statements:
            self._make(statement.target, zeroed=False, before_rows=rows is not None)
        if rows is None:
            self._plan(statements)
            for statement in statements:
                self._write(statement)
            return
        self._in_rows(rows)

    def _make(self, name: str, *, zeroed: bool, before_rows: bool) -> None:
        buffer = self.program.buffer(name)
        if buffer.kind != "temporary" or name in self.made:
            return
        if before_rows or any(
            isinstance(s, Scatter) and s.target == name for s in self.program.body
        ):
            self.made[name] = None
            dtype = "np.intp" if buffer.integer else "dtype"
            self.line(f"{name} = np.empty({extents_text(buffer.shape)}, {dtype})")

    def _in_rows(self, rows: Rows) -> None:
        """Write a tree as a loop over blocks of rows."""
        for view in rows.views:
            self.line(f"{view.name} = {view.of}.reshape{_shape_text(view.shape)}")
        extent = extent_text(rows.extent, tight=False)
        inner = [extent_text(axis.extent) for axis in rows.inner]
        size = " * ".join(inner) or "1"
        for statement in rows.statements:
            if isinstance(statement, Reduce) and rows.axis in statement.over:
                self.line(f"{statement.target}.fill({_REDUCTIONS[statement.op][1]})")
        self.line(f"block = max(1, min({extent}, _BLOCK // (dtype.itemsize * {size})))")
        start = len(self.lines)
        self.rows = rows
        self.indent += "    "
        self._plan(list(rows.statements))
        for name, place in rows.sliced:
            self.line(f"{name}_b = {name}[{':, ' * place}low:high]")
        for statement in rows.statements:
            self._write(statement)
        self.indent = self.indent[:-4]
        self.rows = None
        body, self.lines[start:] = self.lines[start:], []
        for name, axes in self.scratch:
            shape = ", ".join(
                "block" if axis == rows.axis else extent_text(axis.extent) for axis in axes
            )
            self.line(f"{name}_s = np.empty(({shape}{',' if len(axes) == 1 else ''}), dtype)")
        self.lines += self.before
        self.before = []
        self.line(f"for low in range(0, {extent}, block):")
        self.line(f"    high = min(low + block, {extent})")
        self.line("    rows = high - low")
        for name, axes in self.scratch:
            where = ", ".join(":rows" if axis == rows.axis else ":" for axis in axes)
            self.line(f"    {name} = {name}_s[{where}]")
        self.lines += body
        self.scratch, self.pool = [], {}

    def _plan(self, statements: Iterable[object]) -> None:
        """Fix the order of axes for a tree, and count how often each value is used."""
        self.memo, self.uses, self.order = {}, Counter(), {}
        roots: list[Expr] = []
        spaces: list[tuple[Axis, ...]] = []
        written = [s for s in statements if isinstance(s, (Assign, Reduce, Scatter))]
        for statement in written:
            over = statement.over if isinstance(statement, Reduce) else ()
            spaces.append((*statement.axes, *over))
        # Rows first; then as in the statement with the most axes, so that few are transposed.
        first = (self.rows.axis,) if self.rows else ()
        for axis in (*first, *(a for space in sorted(spaces, key=lambda s: -len(s)) for a in space)):
            self.order.setdefault(axis, len(self.order))
        for statement in written:
            roots += self._roots(statement)
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

    def _roots(self, statement: Assign | Reduce | Scatter) -> list[Expr]:
        if isinstance(statement, Scatter):
            statement = self._summand(statement)
        if isinstance(statement, Reduce) and statement.op == "sum":
            _, groups = self._product(statement)
            return groups
        return [statement.value]

    def _product(self, statement: Reduce) -> tuple[int, list[Expr]]:
        """Part the summand of a sum into a sign and one value, or two that a matmul joins."""
        sign, factors = factors_of(statement.value)
        space = {*statement.axes, *statement.over}
        groups = groups_of(factors, space)
        if groups is None:
            summed = set(statement.over)
            weights = [f for f in factors if axes_of(f) and set(axes_of(f)) <= summed]
            rest = [f for f in factors if f not in weights]
            whole = {axis for factor in rest for axis in axes_of(factor)}
            spans = [self._sorted(axes_of(w)) for w in weights]
            fits = bool(weights) and whole == space and all(s == spans[0] for s in spans)
            groups = (rest, weights) if fits else (factors, [])
        return sign, [
            fold(lambda a, b: Call("mul", (a, b)), group) for group in groups if group
        ]

    def _sorted(self, axes: Iterable[Axis]) -> tuple[Axis, ...]:
        return tuple(sorted(axes, key=lambda axis: self.order.get(axis, len(self.order))))

    def _write(self, statement: object) -> None:
        if isinstance(statement, Contract):
            self._contract(statement)
        elif isinstance(statement, Assign):
            self._assign(statement)
        elif isinstance(statement, Reduce):
            self._reduce(statement)
        elif isinstance(statement, Scatter):
            self._scatter(statement)
        else:
            raise TypeError(f"no NumPy for a {type(statement).__name__}")

    def _target(self, name: str, axes: tuple[Axis, ...]) -> str:
        """Return the text of the array (or block of it) that a statement writes."""
        if self.rows and self.rows.axis in axes:
            return f"{name}_b"
        return name

    def _fresh(self, name: str) -> bool:
        """Tell whether a temporary is yet to be made by its first assignment."""
        if self.rows:
            return False
        return self.program.buffer(name).kind == "temporary" and name not in self.made

    def _store(self, name: str, axes: tuple[Axis, ...], value: Value) -> None:
        """Write a value to a buffer whose axes are stored in the given order."""
        text = permuted(value, axes)
        if self._fresh(name):
            self.made[name] = None
            shape = extents_text(axis.extent for axis in axes)
            full = set(value.axes) == set(axes)
            plain = full and value.scratch and value.axes == axes
            if plain:
                # The array becomes the buffer: nobody may overwrite it from now on.
                self.memo = {
                    e: Value(v.text, v.axes, False) if v.text == text else v
                    for e, v in self.memo.items()
                }
                self.line(f"{name} = {text}")
            else:
                self.line(f"{name} = np.empty({shape}, dtype)")
                self.line(f"{name}[...] = {text}")
        else:
            self.line(f"{self._target(name, axes)}[...] = {text}")

    def _assign(self, statement: Assign) -> None:
        root = statement.value
        into = None
        if (
            isinstance(root, Call)
            and root.function not in ("select", *HELPERS)
            and not self._fresh(statement.target)
            and statement.axes
            and statement.axes == self._sorted(axes_of(root))
            and self.uses[root] == 1
        ):
            into = self._target(statement.target, statement.axes)
        whole = statement.axes == self._sorted(axes_of(root))
        hint = statement.target if self._fresh(statement.target) and whole else ""
        value = self._value(root, into, hint)
        if value.text == hint:
            self._done(root, value)
        elif into is None:
            self._store(statement.target, statement.axes, value)
            self._done(root, value)

    def _reduce(self, statement: Reduce) -> None:
        if statement.op == "argmax":
            self._argmax(statement)
            return
        sign, text, axes = self._reduction(statement)
        accumulates = self.rows is not None and self.rows.axis in statement.over
        if sign < 0 and not accumulates:
            text = f"-({text})" if " " in text.split("(")[0] else f"-{text}"
        if accumulates:
            target = statement.target
            if axes != statement.axes:
                text = permuted(Value(f"({text})", axes, False), statement.axes)
            ufunc = _REDUCTIONS[statement.op][0]
            if statement.op == "sum":
                self.line(f"{target} {'+' if sign > 0 else '-'}= {text}")
            else:
                self.line(f"{ufunc}({target}, {text}, out={target})")
        elif self._fresh(statement.target) and set(axes) == set(statement.axes) and axes:
            self.made[statement.target] = None
            value = Value(f"({text})" if axes != statement.axes else text, axes, True)
            self.line(f"{statement.target} = {permuted(value, statement.axes)}")
        else:
            whole = text if axes == statement.axes else f"({text})"
            self._store(statement.target, statement.axes, Value(whole, axes, False))

    def _reduction(self, statement: Reduce) -> tuple[int, str, tuple[Axis, ...]]:
        """Return the sign, the text and the axes of what a reduction computes."""
        if statement.op == "sum":
            sign, groups = self._product(statement)
        else:
            sign, groups = 1, [statement.value]
        values = [self._value(group) for group in groups]
        if len(values) == 2:
            text, axes = matmul_text(values[0], values[1], statement.over, statement.axes)
        else:
            text, axes = self._summed(values[0], statement, _REDUCTIONS[statement.op][0])
        for group, value in zip(groups, values, strict=True):
            self._done(group, value)
        return sign, text, axes

    def _summed(
        self, value: Value, statement: Reduce, ufunc: str
    ) -> tuple[str, tuple[Axis, ...]]:
        """Return a reduction of one array; axes it lacks count as copies."""
        missing = [axis for axis in statement.over if axis not in value.axes]
        if missing or not set(statement.axes) <= set(value.axes):
            axes = self._sorted((*statement.axes, *statement.over))
            shape = extents_text(axis.extent for axis in axes)
            value = Value(f"np.broadcast_to({aligned(value, axes)}, {shape})", axes, False)
        places = [value.axes.index(axis) for axis in statement.over]
        left = tuple(axis for axis in value.axes if axis not in statement.over)
        where = str(places[0]) if len(places) == 1 else str(tuple(sorted(places)))
        initial = ", initial=-np.inf" if statement.op == "max" else ""
        return f"{ufunc}.reduce({value.text}, axis={where}{initial})", left

    def _argmax(self, statement: Reduce) -> None:
        value = self._value(statement.value)
        axes = self._sorted((*statement.axes, *statement.over))
        shape = extents_text(axis.extent for axis in axes)
        text = f"np.broadcast_to({aligned(value, axes)}, {shape})"
        place = axes.index(statement.over[0])
        left = tuple(axis for axis in axes if axis not in statement.over)
        result = Value(f"np.argmax({text}, axis={place})", left, True)
        self._store(statement.target, statement.axes, result)
        self._done(statement.value, value)

    def _scatter(self, statement: Scatter) -> None:
        landing = self._landing(statement)
        summand = self._summand(statement)
        if isinstance(summand, Reduce):
            sign, text, axes = self._reduction(summand)
            text = permuted(Value(f"({'-' if sign < 0 else ''}{text})", axes, False), landing)
        else:
            value = self._value(statement.value)
            text = aligned(value, landing)
            if set(value.axes) != set(landing):
                text = f"np.broadcast_to({text}, {extents_text(a.extent for a in landing)})"
            self._done(statement.value, value)
        shape = self.program.buffer(statement.target).shape if statement.guarded else ()
        where = subscripts_text(statement.at, landing, self._subscript, shape)
        self.line(f"np.add.at({statement.target}, {where}, {text})")

    def _landing(self, statement: Scatter) -> tuple[Axis, ...]:
        """Return the axes that decide where a scatter lands."""
        return self._sorted({axis: None for part in statement.at for axis in axes_of(part)})

    def _summand(self, statement: Scatter) -> Scatter | Reduce:
        """Return the sum over the axes that do not decide where a scatter lands, if any."""
        landing = {axis for part in statement.at for axis in axes_of(part)}
        over = tuple(axis for axis in statement.axes if axis not in landing)
        if not over:
            return statement
        axes = tuple(axis for axis in statement.axes if axis in landing)
        return Reduce(statement.target, axes, over, "sum", statement.value)

    def _contract(self, statement: Contract) -> None:
        left = Value(statement.left, statement.left_axes, False)
        right = Value(statement.right, statement.right_axes, False)
        text, axes = matmul_text(left, right, statement.over, statement.target_axes)
        if statement.scale.value != 1:
            text = f"{number_text(statement.scale)} * ({text})"
        direct = (
            axes == statement.target_axes
            and not self._fresh(statement.target)
            and text.startswith("np.matmul(")
            and text.endswith(")")
            and len(axes) == 2
        )
        if direct:
            self.line(f"{text[:-1]}, out={statement.target})")
        elif self._fresh(statement.target) and axes:
            self.made[statement.target] = None
            self.line(
                f"{statement.target} = {permuted(Value(text, axes, True), statement.target_axes)}"
            )
        else:
            self._store(statement.target, statement.target_axes, Value(text, axes, False))

    def _value(self, expression: Expr, into: str | None = None, hint: str = "") -> Value:
        """Return the array of an expression, computing it once.

        ``into`` is an array to put it in; ``hint`` is the name of a temporary that it may be.
        """
        if expression in self.memo:
            return self.memo[expression]
        value = self._compute(expression, into, hint)
        self.memo[expression] = value
        return value

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

    def _range(self, axis: Axis, dtype: str = ", dtype=dtype") -> str:
        if self.rows and axis == self.rows.axis:
            return f"np.arange(low, high{dtype})"
        return f"np.arange({extent_text(axis.extent)}{dtype})"

    def _load(self, load: Load) -> Value:
        plain = all(isinstance(part, Axis) for part in load.at)
        name = load.buffer
        if self.rows and name in dict(self.rows.sliced):
            name = f"{name}_b"
        if plain and len(set(load.at)) == len(load.at):
            axes = tuple(part for part in load.at if isinstance(part, Axis))
            cut = [axis.extent != extent for axis, extent in zip(axes, self._shape(load.buffer), strict=True)]
            if any(cut):
                # The loop is shorter than the axis: it reads the first entries.
                parts = [
                    f":{extent_text(axis.extent, tight=False)}" if short else ":"
                    for axis, short in zip(axes, cut, strict=True)
                ]
                name = f"{name}[{', '.join(parts)}]"
            order = self._sorted(axes)
            return Value(permuted(Value(name, axes, False), order), order, False)
        shape = self.program.buffer(load.buffer).shape
        return load_text(load, shape, self._sorted(axes_of(load)), self._subscript)

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

    def _subscript(self, expression: Expr) -> Value:
        """Return a subscript as an array of integers."""
        if isinstance(expression, Axis):
            return Value(self._range(expression, ""), (expression,), False)
        if isinstance(expression, Number):
            return Value(str(int(expression.value)), (), False)
        if isinstance(expression, Load):
            return self._load(expression)
        if isinstance(expression, Call):
            values = [self._subscript(argument) for argument in expression.arguments]
            axes = self._sorted({axis: None for value in values for axis in value.axes})
            texts = [aligned(value, axes) for value in values]
            ufunc, operator = _UFUNCS[expression.function]
            if operator and len(texts) == 2:
                return Value(f"({texts[0]} {operator} {texts[1]})", axes, False)
            return Value(f"{ufunc}({', '.join(texts)})", axes, False)
        return self._value(expression)

    def _call(self, call: Call, into: str | None, hint: str = "") -> Value:
        if call.function == "select":
            return self._select(call)
        if call.function in _BOOLEAN and not any(loads(a) for a in call.arguments):
            return self._subscript(call)
        values = [self._value(argument) for argument in call.arguments]
        axes = self._sorted({axis: None for value in values for axis in value.axes})
        texts = [aligned(value, axes) for value in values]
        for argument, value in zip(call.arguments, values, strict=True):
            self.uses[argument] -= 1
            del value
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
            self.line(f"{ufunc}({', '.join(texts)}, out={dest})", axes)
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

    def _named(self, text: str, axes: tuple[Axis, ...], hint: str = "") -> Value:
        if hint:
            self.made[hint] = None
            self.line(f"{hint} = {text}", axes)
            return Value(hint, axes, False)
        self.count += 1
        name = f"u{self.count}"
        while any(buffer.name == name for buffer in self.program.buffers):
            self.count += 1
            name = f"u{self.count}"
        self.line(f"{name} = {text}", axes)
        # What is made before a loop over rows is read in every turn: it must stay.
        return Value(name, axes, self.rows is None)

    def _take(self, axes: tuple[Axis, ...]) -> str:
        """Return a scratch array of a block, one that is free or a new one."""
        if self.pool.get(axes):
            return self.pool[axes].pop()
        name = f"s{len(self.scratch) + 1}"
        while any(buffer.name == name for buffer in self.program.buffers):
            name += "_"
        self.scratch.append((name, axes))
        return name

    def _release(self, arguments: Iterable[Expr], values: list[Value], kept: str | None) -> None:
        for argument, value in zip(arguments, values, strict=True):
            owned = any(value.text == name for name, _ in self.scratch)
            if owned and value.text != kept and self.uses[argument] == 0:
                free = self.pool.setdefault(value.axes, [])
                if value.text not in free:
                    free.append(value.text)

    def _done(self, expression: Expr, value: Value) -> None:
        """Note that a statement has used a value."""
        self.uses[expression] -= 1
        self._release((expression,), [value], None)

    def _select(self, call: Call) -> Value:
        values = [
            self._subscript(call.arguments[0])
            if not any(loads(a) for a in children(call.arguments[0]))
            else self._value(call.arguments[0]),
            *(self._value(argument) for argument in call.arguments[1:]),
        ]
        axes = self._sorted({axis: None for value in values for axis in value.axes})
        texts = [aligned(value, axes) for value in values]
        for argument in call.arguments:
            self.uses[argument] -= 1
        result = self._named(f"np.where({', '.join(texts)}).astype(dtype, copy=False)", axes)
        self._release(call.arguments, values, None)
        return Value(result.text, axes, False)
