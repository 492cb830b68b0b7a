"""Names that a generated Python module can use."""

from __future__ import annotations

import keyword
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.program.ir import (
    Assign,
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
    *("block", "dtype", "high", "lead", "low", "math", "np", "out", "row", "rows", "save", "saved"),
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
            at = tuple(expr(part) for part in expression.at)
            return Load(name(expression.buffer), at, expression.guarded)
        if isinstance(expression, Extent):
            return Extent(name(expression.name))
        if hasattr(expression, "extent"):
            return replace(expression, extent=expr(expression.extent))
        return None

    def axes(old: tuple[Expr, ...]) -> tuple[Expr, ...]:
        return tuple(expr(axis) for axis in old)

    def statement(old: Statement) -> Statement:
        if isinstance(old, Contract):
            return replace(
                old,
                target=name(old.target),
                left=name(old.left),
                right=name(old.right),
                **{
                    part: axes(getattr(old, part))
                    for part in ("target_axes", "left_axes", "right_axes", "over")
                },
            )
        changes: dict[str, object] = {
            "target": name(old.target),
            "axes": axes(old.axes),
            "value": expr(old.value),
        }
        if isinstance(old, Reduce):
            changes["over"] = axes(old.over)
        if isinstance(old, Scatter):
            changes["at"] = axes(old.at)
        assert isinstance(old, (Assign, Reduce, Scatter))
        return replace(old, **changes)  # type: ignore[arg-type]

    def buffer(old: Buffer) -> Buffer:
        return replace(old, name=name(old.name), shape=axes(old.shape))

    return replace(
        program,
        sizes=tuple(map(name, program.sizes)),
        buffers=tuple(map(buffer, program.buffers)),
        body=tuple(map(statement, program.body)),
    )
