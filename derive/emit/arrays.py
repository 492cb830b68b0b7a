"""Pieces of NumPy text: arrays with named axes, broadcast, transposed, indexed, multiplied."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.program.ir import Axis, Call, Expr, Extent, Load, Number, axes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = [
    "Value",
    "aligned",
    "array_of",
    "extent_text",
    "extents_text",
    "into",
    "load_text",
    "matmul_text",
    "number_text",
    "permuted",
    "subscripts_text",
    "tuple_text",
]


@dataclass(frozen=True, slots=True)
class Value:
    """The text of an array, and what its axes are.

    Parameters
    ----------
    text : str
        A Python expression that binds as tightly as a name.
    axes : tuple of Axis
        In the order of the array's axes.
    scratch : bool
        Whether the array may be overwritten when it is no longer needed.
    """

    text: str
    axes: tuple[Axis, ...]
    scratch: bool


def array_of(text: str) -> str:
    """Return the name of the array that a text is, or is a view of.

    >>> array_of("s1.transpose(1, 0)")
    's1'
    """
    return re.split(r"[.\[]", text, maxsplit=1)[0]


def number_text(number: Number) -> str:
    """Return a Python literal, or a quotient where no literal is exact.

    >>> number_text(Number(Fraction(1, 2))), number_text(Number(Fraction(1, 3)))
    ('0.5', '(1.0 / 3.0)')
    """
    value = number.value
    if isinstance(value, Fraction):
        short = repr(float(value))
        if value.denominator == 1 or Fraction(short) == value:
            return short
        return f"({float(value.numerator)!r} / {float(value.denominator)!r})"
    return "-np.inf" if value == float("-inf") else repr(float(value))


_INTEGER = {"add": "+", "sub": "-", "mul": "*"}


def extent_text(extent: Expr, tight: bool = True) -> str:
    """Return an integer expression in sizes.

    >>> extent_text(Call("sub", (Extent("N"), Number(Fraction(1)))))
    '(N - 1)'
    """
    if isinstance(extent, Extent):
        return extent.name
    if isinstance(extent, Number):
        return str(int(extent.value))
    if isinstance(extent, Call) and extent.function in _INTEGER:
        # Sums group from the left.
        left = extent_text(extent.arguments[0], tight=extent.function == "mul")
        right = extent_text(extent.arguments[1])
        text = f"{left} {_INTEGER[extent.function]} {right}"
        return f"({text})" if tight else text
    if isinstance(extent, Call) and extent.function == "neg":
        return f"(-{extent_text(extent.arguments[0])})"
    raise TypeError(f"{extent} is not a size")


def extents_text(extents: Iterable[Expr]) -> str:
    """Return a shape as a tuple's text."""
    return tuple_text([extent_text(extent, tight=False) for extent in extents])


def tuple_text(parts: Sequence[str]) -> str:
    """Return the text of a tuple.

    >>> tuple_text(["N"]), tuple_text(["B", "N"])
    ('(N,)', '(B, N)')
    """
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def aligned(value: Value, axes: Sequence[Axis]) -> str:
    """Return the text with axes inserted, so that it broadcasts against arrays over ``axes``.

    Both are in one order, which ``axes`` contains.
    """
    if not value.axes or tuple(axes[-len(value.axes) :]) == value.axes:
        return value.text
    first = list(axes).index(value.axes[0])
    index = ", ".join(":" if axis in value.axes else "None" for axis in axes[first:])
    return f"{value.text}[{index}]"


def permuted(value: Value, axes: Sequence[Axis]) -> str:
    """Return the text with the axes in another order, those that are missing inserted."""
    present = [axis for axis in axes if axis in value.axes]
    order = [value.axes.index(axis) for axis in present]
    text = value.text
    if order != sorted(order):
        if order == [1, 0] and text.endswith(".T"):
            text = text[:-2]
        else:
            swap = f".transpose({', '.join(map(str, order))})"
            text += ".T" if order == [1, 0] else swap
    return aligned(Value(text, tuple(present), False), axes)


def into(target: str, text: str) -> str:
    """Return the statement that puts an array into another; a call does it by itself.

    >>> into("y", "np.matmul(x, w)"), into("y", "np.matmul(x, w).T")
    ('np.matmul(x, w, out=y)', 'y[...] = np.matmul(x, w).T')
    """
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if sign in ")]" and depth == 0:
            if text.startswith("np.") and place == len(text) - 1 and sign == ")":
                return f"{text[:-1]}, out={target})"
            break
    return f"{target}[...] = {text}"


def _split(at: Sequence[Expr]) -> tuple[list[Expr], list[Axis]]:
    """Part subscripts into those that need integers, and plain axes at the end that do not."""
    tail: list[Axis] = []
    head = list(at)
    while head and isinstance(head[-1], Axis):
        axis = head[-1]
        inside = {part for other in head[:-1] for part in axes_of(other)}
        if axis in inside or axis in tail:
            break
        tail.insert(0, axis)
        head.pop()
    return head, tail


def load_text(
    load: Load,
    shape: Sequence[Expr],
    order: tuple[Axis, ...],
    subscript: Callable[[Expr], Value],
) -> Value:
    """Return an entry whose subscripts are not plain axes, read through arrays of integers."""
    head, tail = _split(load.at)
    space = tuple(axis for axis in order if any(axis in axes_of(part) for part in head))
    values = [subscript(part) for part in head]
    texts = []
    for value, extent in zip(values, shape, strict=False):
        text = aligned(value, space)
        if load.guarded:
            text = f"np.clip({text}, 0, {extent_text(extent)} - 1)"
        texts.append(text)
    for axis, extent in zip(tail, shape[len(head) :], strict=True):
        # A loop that is shorter than the axis reads the first entries.
        short = axis.extent != extent
        texts.append(f":{extent_text(axis.extent, tight=False)}" if short else ":")
    while texts[-1] == ":":
        texts.pop()
    result = Value(f"{load.buffer}[{', '.join(texts)}]", (*space, *tail), False)
    text = permuted(result, order)
    return Value(text, order, False)


def subscripts_text(
    at: Sequence[Expr],
    space: tuple[Axis, ...],
    subscript: Callable[[Expr], Value],
    clipped: Sequence[Expr] = (),
) -> str:
    """Return the tuple of integer arrays that addresses a target over the whole space.

    Where the target's shape is given, positions outside it are moved inside: what is added
    there is 0.
    """
    texts = [aligned(subscript(part), space) for part in at]
    if clipped:
        texts = [
            text if isinstance(part, Axis) else f"np.clip({text}, 0, {extent_text(extent)} - 1)"
            for text, part, extent in zip(texts, at, clipped, strict=True)
        ]
    return tuple_text(texts)


def matmul_text(
    left: Value, right: Value, over: Sequence[Axis], target: Sequence[Axis]
) -> tuple[str, tuple[Axis, ...]]:
    """Return the product of two arrays summed over axes, and the axes of the result.

    Axes that both operands and the target have are a batch; the result is a ``matmul`` of
    matrices (groups of axes are joined) or of stacks of matrices.
    """
    left, right = _alone(left, over, right.axes), _alone(right, over, left.axes)
    summed = tuple(axis for axis in over if axis in left.axes and axis in right.axes)
    batch = tuple(a for a in target if a in left.axes and a in right.axes)
    rows = tuple(a for a in left.axes if a not in batch and a not in summed)
    columns = tuple(a for a in right.axes if a not in batch and a not in summed)
    if not summed:
        text = f"np.multiply({permuted(left, target)}, {permuted(right, target)})"
        return text, tuple(target)
    # The order of the summed axes is that of the operand that is harder to rearrange.
    summed = tuple(axis for axis in left.axes if axis in summed)
    if batch:
        one = _stacked(left, batch, rows, summed)
        two = _stacked(right, batch, summed, columns)
        text = f"np.matmul({one}, {two})"
        shape = extents_text(a.extent for a in (*batch, *rows, *columns))
        if len(rows) != 1 or len(columns) != 1 or len(batch) != 1:
            text += f".reshape({shape})"
        return text, (*batch, *rows, *columns)
    if tuple(target) == (*columns, *rows) and rows and columns:
        left, right, rows, columns = right, left, columns, rows
    one, two = _matrix(left, rows, summed), _matrix(right, summed, columns)
    text = f"np.matmul({one}, {two})"
    result = (*rows, *columns)
    if len(rows) > 1 or len(columns) > 1:
        text += f".reshape({extents_text(a.extent for a in result)})"
    return text, result


def _alone(value: Value, over: Sequence[Axis], others: Sequence[Axis]) -> Value:
    """Sum an operand over the summed axes that the other operand does not have."""
    places = tuple(n for n, axis in enumerate(value.axes) if axis in over and axis not in others)
    if not places:
        return value
    left = tuple(axis for n, axis in enumerate(value.axes) if n not in places)
    where = str(places[0]) if len(places) == 1 else str(places)
    return Value(f"np.add.reduce({value.text}, axis={where})", left, False)


def _joined(axes: Sequence[Axis]) -> str:
    return " * ".join(extent_text(axis.extent) for axis in axes) or "1"


def _matrix(value: Value, first: tuple[Axis, ...], second: tuple[Axis, ...]) -> str:
    """Return the array as a matrix (first group, second group); a vector if a group is empty."""
    groups = [group for group in (first, second) if group]
    if value.axes == (*first, *second):
        return _grouped(value.text, groups)
    if value.axes == (*second, *first):
        text = _grouped(value.text, groups[::-1])
        return text[:-2] if text.endswith(".T") else f"{text}.T"
    return _grouped(permuted(value, (*first, *second)), groups)


def _grouped(text: str, groups: Sequence[tuple[Axis, ...]]) -> str:
    if all(len(group) == 1 for group in groups):
        return text
    return f"{text}.reshape({', '.join(_joined(group) for group in groups)})"


def _stacked(
    value: Value, batch: tuple[Axis, ...], first: tuple[Axis, ...], second: tuple[Axis, ...]
) -> str:
    """Return the array as a stack of matrices (batch, first group, second group)."""
    text = permuted(value, (*batch, *first, *second))
    if len(batch) == 1 and len(first) == 1 and len(second) == 1:
        return text
    parts = ", ".join(_joined(group) for group in (batch, first, second))
    return f"{text}.reshape({parts})"
