"""Matrix products as calls of CBLAS, where the operands are matrices as they lie in memory.

    T[rows, columns] = s Σ_over L[rows, over] R[over, columns]      →   gemm
    T[columns, rows], with L or R stored the other way round        →   gemm, transposed

Each of rows, columns and over must be adjacent axes, in one order in all arrays that have them;
there must be no batch. Anything else is left to loops: a product with a vector is limited by
memory, and a plain loop reads it as fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.emit.c_text import literal

if TYPE_CHECKING:
    from derive.emit.c_text import Printer
    from derive.program.ir import Axis, Contract

__all__ = ["Blas", "blas"]

Axes = tuple["Axis", ...]


@dataclass(frozen=True, slots=True)
class Blas:
    """A call of CBLAS.

    Parameters
    ----------
    sizes : tuple of str
        What must be within the range of its integers: rows, columns, summed.
    call : str
        The statement.
    """

    sizes: tuple[str, ...]
    call: str


def blas(contract: Contract, printer: Printer) -> Blas | None:
    """Return the call that computes a matrix product; None if it is not one for CBLAS."""
    target, over = contract.target_axes, set(contract.over)
    left, right = (contract.left, contract.left_axes), (contract.right, contract.right_axes)
    rows = tuple(axis for axis in target if axis in left[1])
    columns = tuple(axis for axis in target if axis in right[1])
    if set(rows) & set(columns) or not over <= set(left[1]) or not over <= set(right[1]):
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
    real = printer.real
    m, n, k = (_size(axes, printer) for axes in (rows, columns, summed))
    arguments = [
        "CblasRowMajor",
        *(f"Cblas{'Trans' if transposed else 'NoTrans'}" for transposed in (first, second)),
        *(_int(size) for size in (m, n, k)),
        literal(contract.scale, real).text,
        printer.names[left[0]],
        _int(m if first else k),
        printer.names[right[0]],
        _int(k if second else n),
        f"0.0{real.suffix}",
        printer.names[contract.target],
        _int(n),
    ]
    return Blas((m, n, k), f"cblas_{_letter(printer)}gemm({', '.join(arguments)});")


def _stored(axes: Axes, first: Axes, second: Axes) -> bool | None:
    """Tell whether a matrix is stored transposed; None if it is no matrix of these two groups."""
    if axes == (*first, *second):
        return False
    return True if axes == (*second, *first) else None


def _size(axes: Axes, printer: Printer) -> str:
    return printer.count([axis.extent for axis in axes]).text


def _int(size: str) -> str:
    return f"(int){size}" if size.isidentifier() else f"(int)({size})"


def _letter(printer: Printer) -> str:
    return {"f64": "d", "f32": "s"}[printer.real.bits]
