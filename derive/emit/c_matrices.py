"""Matrix products as calls of one helper, where the operands are matrices as they lie in memory.

    T[batch, rows, columns] = s Σ_over L[batch, rows, over] R[batch, over, columns]   →   matrices
    T[columns, rows], with L or R stored the other way round                          →   matrices

``matrices`` calls gemm for each of a batch, and for parts of a large product; without CBLAS, and
where a product is too small for a call, it runs loops that hold a tile of the target in registers.
Each of batch, rows, columns and over must be adjacent axes, in one order in all arrays that have
them, and the batch comes first. Anything else is left to loops: a product with a vector is limited
by memory, and a plain loop reads it as fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.emit.c_text import literal
from derive.emit.printer import PRODUCT, UNARY
from derive.program.ir import spans

if TYPE_CHECKING:
    from derive.emit.c_text import Printer
    from derive.program.code import Product
    from derive.program.ir import Axis, Load

__all__ = ["matrices"]

Axes = tuple["Axis", ...]


def matrices(product: Product, printer: Printer) -> str | None:
    """Return the call that computes a matrix product; None if it is not one of matrices."""
    contract = product.contract
    target, over = contract.target_axes, set(contract.over)
    place, *places = (
        _start(entry, axes, printer)
        for entry, axes in zip(
            product.entries,
            (contract.target_axes, contract.left_axes, contract.right_axes),
            strict=True,
        )
    )
    left, right = zip(places, (contract.left_axes, contract.right_axes), strict=True)
    batch = tuple(axis for axis in target if axis in left[1] and axis in right[1])
    every = (target, left[1], right[1])
    if any(axes[: len(batch)] != batch for axes in every):
        return None
    target, *operands = (axes[len(batch) :] for axes in every)
    left, right = (left[0], operands[0]), (right[0], operands[1])
    rows = tuple(axis for axis in target if axis in left[1])
    columns = tuple(axis for axis in target if axis in right[1])
    if not over <= set(left[1]) or not over <= set(right[1]):
        return None
    if target == (*columns, *rows) and rows and columns:
        # The transposed product, of the operands in the other order.
        left, right, rows, columns = right, left, columns, rows
    if target != (*rows, *columns) or not rows or not columns:
        return None
    summed = tuple(axis for axis in left[1] if axis in over)
    first, second = _stored(left[1], rows, summed), _stored(right[1], summed, columns)
    if first is None or second is None:
        return None
    count, *sizes = (_size(axes, printer) for axes in (batch, rows, columns, summed))
    arguments = [
        count,
        *sizes,
        literal(contract.scale, printer.real).text,
        *_operand(left[0], first),
        *_operand(right[0], second),
        str(int(contract.adds)) if product.again is None else printer.number(product.again).text,
        place,
    ]
    return f"matrices_{printer.real.bits}({', '.join(arguments)});"


def _stored(axes: Axes, first: Axes, second: Axes) -> bool | None:
    """Tell whether a matrix is stored transposed; None if it is no matrix of these two groups."""
    if axes == (*first, *second):
        return False
    return True if axes == (*second, *first) else None


def _operand(start: str, transposed: bool) -> tuple[str, str]:
    return start, str(int(transposed))


def _start(entry: Load, own: Axes, printer: Printer) -> str:
    """Return where the matrices begin that an array holds in this turn of the loops around."""
    name, shape = printer.names[entry.buffer], printer.shapes[entry.buffer]
    around = entry.at[: len(entry.at) - len(own)]
    if not around:
        return name
    count = sum(spans(entry.at, shape)[: len(around)])
    turn = printer.offset(around, shape[:count])
    return f"{name} + {turn.within(PRODUCT)} * {printer.count(shape[count:]).within(UNARY)}"


def _size(axes: Axes, printer: Printer) -> str:
    return printer.count([axis.extent for axis in axes]).text
