"""Names that a generated Python module can use."""

from __future__ import annotations

import keyword
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.program.ir import (
    Axis,
    Buffer,
    Contract,
    Expr,
    Extent,
    Load,
    Program,
    Reduce,
    Scatter,
    Statement,
    mapped,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["python_extent", "python_name", "python_program", "renamed"]

#: What the generated text uses for itself.
_RESERVED = {
    *("block", "chunk", "compute", "dtype", "high", "lead", "low", "math", "np"),
    *("out", "row", "rows", "save", "saved"),
    *("bool", "float", "int", "max", "min", "range", "tuple", "TypeError", "ValueError"),
    *("annotations", "ctypes", "sys", "Path", "NamedTuple", "Any"),
    *("Gradients", "Outputs", "Pass", "Saved", "Step", "Tangents"),
    *("forward", "backward", "forward_backward", "jvp", "vjp_many", "sgd_step"),
}


def python_name(name: str) -> str:
    """Return the name, with an underscore after it if Python or the generated text has it already.

    Different names stay different: what looks like an escaped name is escaped as well.

    >>> python_name("X"), python_name("lambda"), python_name("lambda_"), python_name("rows")
    ('X', 'lambda_', 'lambda__', 'rows_')
    """
    stem = name.rstrip("_")
    return f"{name}_" if keyword.iskeyword(stem) or stem in _RESERVED else name


def python_extent(extent: Expr) -> Expr:
    """Return an expression in sizes, in the names that Python has for them."""
    return mapped(extent, lambda e: Extent(python_name(e.name)) if isinstance(e, Extent) else None)


def python_program(program: Program) -> Program:
    """Return the program in the names that Python has for its buffers and sizes."""
    names = [*program.sizes, *(buffer.name for buffer in program.buffers)]
    return renamed(program, {name: python_name(name) for name in names})


def renamed(program: Program, names: Mapping[str, str]) -> Program:
    """Return the program with buffers and sizes renamed."""

    def name(old: str) -> str:
        return names.get(old, old)

    def expr(expression: Expr) -> Expr:
        return mapped(expression, swap)

    def swap(expression: Expr) -> Expr | None:
        if isinstance(expression, Load):
            at = tuple(map(expr, expression.at))
            return Load(name(expression.buffer), at, expression.guarded)
        if isinstance(expression, Extent):
            return Extent(name(expression.name))
        return axis(expression) if isinstance(expression, Axis) else None

    def axis(old: Axis) -> Axis:
        return replace(old, extent=expr(old.extent))

    def axes(old: tuple[Axis, ...]) -> tuple[Axis, ...]:
        return tuple(map(axis, old))

    def statement(old: Statement) -> Statement:
        if isinstance(old, Contract):
            return replace(
                old,
                target=name(old.target),
                target_axes=axes(old.target_axes),
                left=name(old.left),
                left_axes=axes(old.left_axes),
                right=name(old.right),
                right_axes=axes(old.right_axes),
                over=axes(old.over),
            )
        new = replace(old, target=name(old.target), axes=axes(old.axes), value=expr(old.value))
        if isinstance(new, Reduce):
            return replace(new, over=axes(new.over))
        return replace(new, at=tuple(map(expr, new.at))) if isinstance(new, Scatter) else new

    def buffer(old: Buffer) -> Buffer:
        return replace(old, name=name(old.name), shape=tuple(map(expr, old.shape)))

    return replace(
        program,
        sizes=tuple(map(name, program.sizes)),
        buffers=tuple(map(buffer, program.buffers)),
        body=tuple(map(statement, program.body)),
    )
