"""How a generated function learns its sizes from its arguments, and what it must refuse.

Text of Python, in the order in which it runs: sizes from the shapes, the shapes that must then
agree, and the positions that must lie inside their axes.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.emit.arrays import extent_text
from derive.emit.names import python_extent, python_name, python_program
from derive.program.ir import (
    ONE,
    ZERO,
    Axis,
    Call,
    Contract,
    Expr,
    Extent,
    Load,
    Number,
    Program,
    Reduce,
    Scatter,
    loads,
    mapped,
    subtrees,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from derive.emit.formals import Formal

__all__ = ["Binding", "bounds", "ranges", "sizes_in", "solve_sizes"]


@dataclass(frozen=True, slots=True)
class Binding:
    """A size, learnt from an argument.

    Parameters
    ----------
    size : str
        As the definition names it.
    text : str
        What it is, in Python.
    source : str
        The label of the argument.
    """

    size: str
    text: str
    source: str


def solve_sizes(
    formals: Sequence[Formal], sizes: Iterable[str], extra: Sequence[str] = ()
) -> tuple[tuple[Binding, ...], tuple[str, ...]]:
    """Return how to find each size, and the sizes that no shape tells.

    A size that is an axis of its own is read off; one that occurs in a sum or product of sizes
    is solved for when it is the only unknown there (the shape is checked afterwards). The sizes
    in ``extra`` are given by the caller.
    """
    wanted = [name for name in sizes if name not in extra]
    found: dict[str, Binding] = {}
    for formal in formals:
        for place, extent in enumerate(formal.shape):
            if isinstance(extent, Extent) and extent.name in wanted and extent.name not in found:
                text = f"{formal.name}.shape[{place - len(formal.shape)}]"
                found[extent.name] = Binding(extent.name, text, formal.label)
    progress = True
    while progress:
        progress = False
        for formal in formals:
            for place, extent in enumerate(formal.shape):
                unknown = [
                    name for name in sizes_in(extent) if name in wanted and name not in found
                ]
                if len(unknown) != 1 or not _linear(extent, unknown[0]):
                    continue
                name = unknown[0]
                length = f"{formal.name}.shape[{place - len(formal.shape)}]"
                at = [extent_text(python_extent(_put(extent, name, value))) for value in (0, 1)]
                text = f"({length} - {at[0]}) // ({at[1]} - {at[0]} or 1)"
                found[name] = Binding(name, text, formal.label)
                progress = True
    return tuple(found.values()), (*extra, *(name for name in wanted if name not in found))


def sizes_in(extent: Expr) -> list[str]:
    """Return the names of the sizes in an extent, each once."""
    return list(dict.fromkeys(p.name for p in subtrees(extent) if isinstance(p, Extent)))


def _linear(extent: Expr, name: str) -> bool:
    """Tell whether an extent is a multiple of the size plus something without it."""
    if not isinstance(extent, Call):
        return True
    parts = [part for part in extent.arguments if name in sizes_in(part)]
    if extent.function == "mul" and len(parts) > 1:
        return False
    return all(_linear(part, name) for part in parts)


def _put(extent: Expr, name: str, value: int) -> Expr:
    return mapped(extent, lambda e: Number(Fraction(value)) if e == Extent(name) else None)


def bounds(*programs: Program) -> tuple[tuple[str, str], ...]:
    """Return the checks for computed subscripts: condition to refuse, and an f-string's message.

    A function is called with what is right for all of the programs: a label is a subscript in the
    definition of a loss, and only compared in its gradient, which reads what the loss has saved.
    Subscripts that are plain axes, and guarded ones, need none; nor do positions along an axis of
    the same extent.
    """
    checks: dict[tuple[str, str], None] = {}
    for each in programs:
        labels = {python_name(buffer.name): buffer.name for buffer in each.buffers}
        program = python_program(each)
        for load, position, extent in _subscripts(program):
            checks |= dict.fromkeys(_check(position, extent, load, program, labels))
    return tuple(checks)


def ranges(*programs: Program) -> dict[str, tuple[str, ...]]:
    """Return what the integers of each input must be for all of the programs, for a reader.

    Each is a range, or where something is added to them, conditions on what is the least and the
    greatest position then.
    """
    found: dict[str, dict[str, None]] = {}
    for program in programs:
        for _, position, extent in _subscripts(program):
            interval = _interval(position, program, ("", ""))
            most = extent_text(Call("sub", (extent, ONE)), tight=False)
            for inner in _stored(position) if interval else ():
                if program.buffer(inner.buffer).kind == "input":
                    several = " and ".join(dict.fromkeys(interval or ()))
                    what = "" if position == inner else f"{several} "
                    found.setdefault(inner.buffer, {})[f"{what}from 0 to {most}"] = None
    # What holds of the integers themselves comes first.
    return {name: tuple(sorted(texts, key=_is_condition)) for name, texts in found.items()}


def _is_condition(text: str) -> bool:
    return not text.startswith("from ")


def _stored(position: Expr) -> Iterator[Load]:
    """Yield the integers that a subscript is made of; their own subscripts are others."""
    if isinstance(position, Load):
        yield position
    elif isinstance(position, Call):
        for argument in position.arguments:
            yield from _stored(argument)


def _subscripts(program: Program) -> Iterator[tuple[Load, Expr, Expr]]:
    """Yield each computed subscript that nothing guards: of what, itself, the extent it is in."""
    for statement in program.body:
        if isinstance(statement, Contract):
            continue
        parts = [statement.value]
        if isinstance(statement, Scatter):
            parts += [Load(statement.target, statement.at, statement.guarded), *statement.at]
        for part in parts:
            for load in loads(part):
                shape = program.buffer(load.buffer).shape
                if load.guarded:
                    continue
                for position, extent in zip(load.at, shape, strict=True):
                    if not isinstance(position, Axis):
                        yield load, position, extent


def _check(
    position: Expr, extent: Expr, load: Load, program: Program, labels: Mapping[str, str]
) -> list[tuple[str, str]]:
    interval = _interval(position, program)
    if interval is None or interval == _inside(extent):
        return []
    low, high = interval
    size = extent_text(extent)
    data = [inner.buffer for inner in loads(position)]
    inputs = [name for name in data if program.buffer(name).kind == "input"]
    if inputs and not isinstance(position, Load) and (told := _allowed(position, extent, program)):
        what = f"expected integers from {{{told[0]}}} to {{{told[1]}}}, "
        what += f"got {{{inputs[0]}.min()}} to {{{inputs[0]}.max()}}"
    elif inputs:
        what = f"expected positions from 0 to {{{size} - 1}}, got {{{low}}} to {{{high}}}"
    else:
        what = f"read from position {{{low}}} to {{{high}}}, but has {{{size}}}"
    nonempty = "".join(f"{name}.size and " for name in inputs)
    subject = labels[inputs[0] if inputs else load.buffer]
    return [(f"{nonempty}not 0 <= {low} <= {high} < {size}", f"{subject}: {what}")]


def _allowed(position: Expr, extent: Expr, program: Program) -> tuple[str, str] | None:
    """Return the least and the greatest integer that may stand in a subscript, as text.

    It is solved for where it stands there once, with a number before it.
    """
    slope = _slope(position)
    alone = mapped(position, lambda e: ZERO if isinstance(e, Load) else None)
    rest = _interval(alone, program)
    if rest is None or not slope:
        return None
    low, high = rest
    size = extent_text(extent)
    below, above = f"({low})", f"({size} - 1 - {high})"
    if slope < 0:
        below, above = above, below
    if abs(slope) == 1:
        return f"-{below}", above
    return f"-({below} // {abs(slope)})", f"{above} // {abs(slope)}"


def _slope(position: Expr) -> int | None:
    """Return the number before the only entry in a subscript; 0 if there is no entry."""
    if isinstance(position, Load):
        return 1
    if not isinstance(position, Call):
        return 0
    slopes = [_slope(argument) for argument in position.arguments]
    if None in slopes or (len(slopes) > 1 and all(slopes)):
        return None
    whole = sum(slope or 0 for slope in slopes)
    if whole == 0 or position.function == "add":
        return whole
    if position.function in ("neg", "sub"):
        return whole if slopes[0] and position.function == "sub" else -whole
    factors = [part for part in position.arguments if isinstance(part, Number)]
    if position.function == "mul" and factors and factors[0].value == int(factors[0].value):
        return whole * int(factors[0].value)
    return None


def _inside(extent: Expr) -> tuple[str, str]:
    """Return the least and the greatest position along an axis."""
    return "0", extent_text(Call("sub", (extent, ONE)))


def _interval(
    position: Expr, program: Program, ends: tuple[str, str] = (".min()", ".max()")
) -> tuple[str, str] | None:
    """Return the least and the greatest value of a subscript, as text; None for a safe one.

    What follows the name of an array stands for the least and the greatest of its integers.
    """
    if isinstance(position, Axis):
        return _inside(position.extent)
    if isinstance(position, (Extent, Number)):
        text = extent_text(position)
        return text, text
    if isinstance(position, Load):
        if program.buffer(position.buffer).kind == "input":
            return f"{position.buffer}{ends[0]}", f"{position.buffer}{ends[1]}"
        made = [s for s in program.body if s.target == position.buffer]
        if len(made) == 1 and isinstance(made[0], Reduce) and made[0].op == "argmax":
            return _inside(made[0].over[0].extent)
        return None
    if isinstance(position, Call):
        parts = [_interval(argument, program, ends) for argument in position.arguments]
        if any(part is None for part in parts):
            return None
        known = [part for part in parts if part is not None]
        if position.function == "neg":
            return f"(-{known[0][1]})", f"(-{known[0][0]})"
        (low, high), (low2, high2) = known
        if position.function == "add":
            return _sum(low, low2), _sum(high, high2)
        if position.function == "sub":
            return f"({low} - {high2})", f"({high} - {low2})"
        if position.function == "mul":
            return _product(known, position.arguments)
    return None


def _product(ends: Sequence[tuple[str, str]], factors: Sequence[Expr]) -> tuple[str, str]:
    """Return the least and the greatest value of a product, from those of its two factors."""
    (low, high), (low2, high2) = ends
    least, greatest = f"({low} * {low2})", f"({high} * {high2})"
    number = any(isinstance(factor, Number) and factor.value >= 0 for factor in factors)
    if number or all(map(_is_count, factors)):
        return least, greatest
    if factors[0] == factors[1]:
        return "0", f"max({least}, {greatest})"
    # An integer that is stored may be negative: the ends change places then.
    mixed = f"({low} * {high2})", f"({high} * {low2})"
    every = ", ".join(dict.fromkeys((least, *mixed, greatest)))
    return f"min({every})", f"max({every})"


def _is_count(expression: Expr) -> bool:
    """Tell whether an integer is made of sizes and loop variables alone, and never negative."""
    if isinstance(expression, Call):
        return expression.function in ("add", "mul") and all(map(_is_count, expression.arguments))
    return isinstance(expression, (Axis, Extent))


def _sum(left: str, right: str) -> str:
    return left if right == "0" else f"({left} + {right})"
