"""The expressions of loops: which there are, which functions they call, and others for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.program.code import (
    Accumulate,
    Choose,
    Define,
    Fetch,
    For,
    Lanes,
    Product,
    Shares,
    Store,
    When,
)
from derive.program.ir import Axis, Call, Load, Local, mapped, subtrees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from derive.program.code import Code
    from derive.program.ir import Contract, Expr

__all__ = ["called", "expressions", "rebuilt", "retargeted"]


def expressions(part: Code) -> Iterator[Expr]:
    """Yield the expressions of one piece of code: what it reads, and where it writes."""
    if isinstance(part, (Define, Accumulate, Choose, Store)):
        yield part.value
    if isinstance(part, (Accumulate, Store)):
        yield part.target
    if isinstance(part, When):
        yield part.condition
    if isinstance(part, Product):
        yield from part.entries


def called(code: Iterable[Code]) -> Iterator[str]:
    """Yield the functions that pieces of code call, what stands inside loops apart."""
    for part in code:
        for expression in expressions(part):
            for call in subtrees(expression):
                if isinstance(call, Call):
                    yield call.function


def rebuilt(part: Code, function: Callable[[Expr], Expr | None]) -> Code:
    """Rebuild the expressions of code, at any depth; see :func:`derive.program.ir.mapped`.

    Where the function puts an axis in the place of another, loops over the one become loops over
    the other. What is done for groups of vectors is left out: it is made last of all.
    """

    def each(body: Sequence[Code]) -> tuple[Code, ...]:
        return tuple(rebuilt(p, function) for p in body)

    def whole(axis: Axis) -> Axis:
        found = function(axis)
        return found if isinstance(found, Axis) else axis

    if isinstance(part, For):
        return For(whole(part.axis), each(part.body))
    if isinstance(part, When):
        return When(mapped(part.condition, function), each(part.body))
    if isinstance(part, Lanes):
        inner = (each(part.before), each(part.body), each(part.after))
        return Lanes(whole(part.axis), *inner, part.varying)
    if isinstance(part, Shares):
        (loop,) = each((part.body,))
        assert isinstance(loop, (For, Lanes))
        return Shares(mapped(part.work, function), each(part.before), loop, each(part.after))
    if isinstance(part, Product):
        target, left, right = (_mapped(entry, function) for entry in part.entries)
        contract = _over(part.contract, whole)
        return replace(part, contract=contract, entries=(target, left, right), body=each(part.body))
    if isinstance(part, Fetch):
        return replace(part, place=_mapped(part.place, function))
    if isinstance(part, Define):
        return Define(part.name, mapped(part.value, function))
    if isinstance(part, (Accumulate, Store)):
        part = replace(part, value=mapped(part.value, function))
        if isinstance(part.target, Load):
            part = replace(part, target=_mapped(part.target, function))
    if isinstance(part, Choose):
        part = replace(part, value=mapped(part.value, function), axis=whole(part.axis))
    return part


def _over(contract: Contract, function: Callable[[Axis], Axis]) -> Contract:
    """Return a product over other axes."""

    def each(axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
        return tuple(map(function, axes))

    return replace(
        contract,
        target_axes=each(contract.target_axes),
        left_axes=each(contract.left_axes),
        right_axes=each(contract.right_axes),
        over=each(contract.over),
    )


def retargeted(part: Code, swaps: Mapping[Local | Load, Local | Load]) -> Code:
    """Put others in the place of some targets that change step by step, at any depth."""

    def each(body: Sequence[Code]) -> tuple[Code, ...]:
        return tuple(retargeted(p, swaps) for p in body)

    if isinstance(part, (For, When)):
        return replace(part, body=each(part.body))
    if isinstance(part, Lanes):
        inner = (each(part.before), each(part.body), each(part.after))
        return Lanes(part.axis, *inner, part.varying)
    if isinstance(part, Shares):
        (loop,) = each((part.body,))
        assert isinstance(loop, (For, Lanes))
        return replace(part, before=each(part.before), body=loop, after=each(part.after))
    if isinstance(part, Accumulate):
        return replace(part, target=swaps.get(part.target, part.target))
    if isinstance(part, Choose):
        best, position = (swaps.get(own, own) for own in (part.best, part.position))
        assert isinstance(best, Local) and isinstance(position, Local)
        return replace(part, best=best, position=position)
    return part


def _mapped(entry: Load, function: Callable[[Expr], Expr | None]) -> Load:
    found = mapped(entry, function)
    assert isinstance(found, Load)
    return found
