"""Scratch memory for some rows at a time, however many there are.

    for b: S[b, i] = …              for each block of b, one after the other:
    for b: T[b, j] = Σ_i S[b, i] …   →   for b in it: S[b, i] = …
    D[i, j] = Σ_b S[b, i] T[b, j]        for b in it: T[b, j] = Σ_i S[b, i] …
                                         D[i, j] += Σ_b S[b, i] T[b, j]        = in the first block

All loops over ``b``, and the products that have it, become one loop over blocks, if each turn keeps
to its own row of what it makes and no turn needs what the rows sum up to. Then S and T have as many
rows as a block, which follows from the sizes alone. Needs: the final loops. Guarantees: what
:func:`derive.program.check.check_routine` checks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING

from derive.program.code import (
    AGAIN,
    FIRST,
    NEUTRAL,
    ROWS,
    Accumulate,
    Blocks,
    Choose,
    Code,
    Declare,
    Define,
    For,
    Lanes,
    Product,
    Routine,
    Shares,
    Store,
    When,
    walk,
)
from derive.program.ir import (
    ZERO,
    Axis,
    Buffer,
    Call,
    Load,
    Local,
    Number,
    axes_of,
    children,
    multiplied,
    subtrees,
)
from derive.program.loops import names_in
from derive.program.threads import behind, without_unread
from derive.program.traverse import expressions, rebuilt, retargeted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from derive.program.ir import Expr

__all__ = ["blocks", "rows_of"]


def blocks(routine: Routine) -> Routine:
    """Return the routine with its loops over rows in blocks, where that makes arrays smaller."""
    for axis in dict.fromkeys(axis for axis in map(_outermost, routine.body) if axis):
        whole = _in_memory(routine, axis)
        plan = _plan(whole, axis)
        if plan is not None:
            return _made(whole, plan)
    return routine


def _in_memory(routine: Routine, axis: Axis) -> Routine:
    """Return the routine with arrays for the scalars that add up or find what blocks need."""
    turns = [part for part in routine.body if _turn(part, axis) is not None]
    said = {
        each
        for part in walk(turns)
        for e in expressions(part)
        for each in subtrees(e)
        if isinstance(each, Local)
    }
    chosen = {part.best for part in walk(routine.body) if isinstance(part, Choose)}
    places: dict[Local | Load, Local | Load] = {
        Local(part.name): Load(part.name, ())
        for part in routine.body
        if isinstance(part, Declare) and part.op != "argmax" and Local(part.name) in said - chosen
    }
    if not places:
        return routine

    def read(part: Expr) -> Expr | None:
        return places.get(part) if isinstance(part, Local) else None

    def moved(part: Code) -> Code:
        if isinstance(part, Declare) and Local(part.name) in places:
            return Store(Load(part.name, ()), NEUTRAL[part.op])
        return retargeted(rebuilt(part, read), places)

    arrays = (Buffer(local.name, (), "temporary") for local in places if isinstance(local, Local))
    body = tuple(map(moved, routine.body))
    return replace(routine, buffers=(*routine.buffers, *arrays), body=body)


def _outermost(part: Code) -> Axis | None:
    """Return the axis of the outermost loop; of a product, the first of its left operand."""
    if isinstance(part, (For, Lanes)):
        return part.axis
    if isinstance(part, Shares):
        return part.body.axis
    if isinstance(part, Product):
        first = part.entries[1].at[0]
        return first if isinstance(first, Axis) else None
    return None


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a routine: which arrays have a row for each turn, and what it does to others.

    Parameters
    ----------
    code : Code
        The part.
    turn : Axis or None
        The axis whose values are the turns, or that axis and those below it as one.
    sliced : frozenset of str
        The arrays with rows.
    stored, added, read : frozensets of str
        Others, which it writes, adds to, and reads; scalars from outside are among them.
    """

    code: Code
    turn: Axis | None
    sliced: frozenset[str]
    stored: frozenset[str]
    added: frozenset[str]
    read: frozenset[str]

    @property
    def changed(self) -> frozenset[str]:
        """All that it may change."""
        return self.sliced | self.stored | self.added

    @property
    def named(self) -> frozenset[str]:
        """All that it has to do with."""
        return self.changed | self.read


@dataclass(frozen=True, slots=True)
class _Plan:
    """What comes before the blocks of an axis, what is done in them, and what comes after."""

    axis: Axis
    scalars: tuple[Code, ...]
    before: tuple[_Part, ...]
    inside: tuple[_Part, ...]
    after: tuple[_Part, ...]

    @property
    def sliced(self) -> frozenset[str]:
        """The arrays with a row for each value of the axis."""
        return frozenset().union(*(part.sliced for part in self.inside))


def _plan(routine: Routine, axis: Axis) -> _Plan | None:
    """Sort the parts of a routine by an axis; None where blocks of it change or win nothing."""
    inputs = frozenset(buffer.name for buffer in routine.buffers if buffer.kind == "input")
    before: list[_Part] = []
    inside: list[_Part] = []
    after: list[_Part] = []
    known: dict[str, Define] = {}
    for code in routine.body:
        part = _part(code, _turn(code, axis))
        if part is None or (part.turn is None and axis in _axes(code)):
            return None
        if _collide(part, after, inputs):
            if part.turn is not None:
                return None
            after.append(part)
        elif part.turn is not None:
            inside.append(part)
        elif _collide(part, inside, inputs):
            after.append(part)
        else:
            before.append(part)
            if isinstance(code, Define) and part.read <= inputs | known.keys():
                known[code.name] = code
    buffers = {buffer.name: buffer for buffer in routine.buffers}
    wanted = {name for part in inside for name in part.read - buffers.keys()}
    plan = _Plan(axis, tuple(behind(wanted, known)), *map(tuple, (before, inside, after)))
    return plan if wanted <= known.keys() and _holds(plan, buffers) else None


def _collide(part: _Part, others: Iterable[_Part], inputs: frozenset[str]) -> bool:
    """Tell whether a part has to come before or after others."""
    return any(
        (part.changed & other.named | part.named & other.changed) - inputs for other in others
    )


def _holds(plan: _Plan, buffers: dict[str, Buffer]) -> bool:
    """Tell whether blocks change nothing, and make an array smaller."""
    own = {name for name in plan.sliced if buffers[name].kind not in ("input", "output")}
    if not own or any(buffers[name].kind == "lanes" for name in own):
        return False
    for part in plan.inside:
        others = [other for other in (*plan.before, *plan.inside, *plan.after) if other is not part]
        private = part.stored
        sums = part.added - private
        # The rows of a turn are found in that turn alone, or were given.
        if plan.sliced & (private | part.added | part.read):
            return False
        # What a turn writes anew is nobody else's; what turns add up is an array, read at the end.
        if any(private & other.named for other in others) or not sums <= buffers.keys():
            return False
        if any(buffers[name].kind == "output" for name in private):
            return False
        if any(sums & (other.read | other.stored) for other in plan.inside):
            return False
    return not any(own & other.named for other in (*plan.before, *plan.after))


def _turn(part: Code, axis: Axis) -> Axis | None:
    """Return the axis of a part's turns, where these are values of an axis, or parts of them."""
    if isinstance(part, Product):
        return axis if any(axis in entry.at for entry in part.entries) else None
    outermost = _outermost(part)
    if outermost is None or outermost == axis:
        return outermost
    extent = outermost.extent
    while isinstance(extent, Call) and extent.function == "mul":
        extent = extent.arguments[0]
    return outermost if extent == axis.extent and extent != outermost.extent else None


def _axes(code: Code) -> set[Axis]:
    """Return the axes of all loops and entries in a part."""
    heads = {part.axis for part in walk((code,)) if isinstance(part, (For, Lanes))}
    return heads.union(*(axes_of(e) for part in walk((code,)) for e in expressions(part)))


def _part(code: Code, turn: Axis | None) -> _Part | None:
    """Return what a part does to arrays; None where a turn is more than a row of each."""
    sliced: set[str] = set()
    stored: set[str] = set()
    added: set[str] = set()
    read: set[str] = set()

    def entry(load: Load, whole: set[str]) -> bool:
        mine = turn is not None and load.at[:1] == (turn,)
        (sliced if mine else whole).add(load.buffer)
        return all(map(value, load.at[1:] if mine else load.at))

    def value(expression: Expr) -> bool:
        if isinstance(expression, Load):
            return entry(expression, read)
        if isinstance(expression, Local):
            read.add(expression.name)
        return expression != turn and all(map(value, children(expression)))

    def target(place: Local | Load, whole: set[str]) -> bool:
        if isinstance(place, Load):
            return entry(place, whole)
        whole.add(place.name)
        return True

    for part in walk((code,), within_products=False):
        if isinstance(part, Product):
            fine = target(part.entries[0], added) and all(map(value, part.entries[1:]))
        elif isinstance(part, Choose):
            changed = (part.position, part.best)
            fine = part.axis != turn and all(target(each, stored) for each in changed)
            fine = value(part.value) and fine
        elif isinstance(part, (Accumulate, Store)):
            whole = added if isinstance(part, Accumulate) else stored
            fine = target(part.target, whole) and value(part.value)
        else:
            fine = all(map(value, expressions(part)))
        if isinstance(part, (Define, Declare)):
            stored.add(part.name)
        if not fine:
            return None
    own = names_in((code,)) if not isinstance(code, (Define, Declare)) else set()
    return _Part(code, turn, *(frozenset(found - own) for found in (sliced, stored, added, read)))


def _made(routine: Routine, plan: _Plan) -> Routine:
    """Return the routine in blocks."""
    own = [b for b in routine.buffers if b.kind == "temporary" and b.name in plan.sliced]
    most = rows_of(plan.axis.extent, (buffer.shape[1:] for buffer in own))
    buffers = tuple(
        replace(buffer, shape=(most, *buffer.shape[1:])) if buffer in own else buffer
        for buffer in routine.buffers
    )
    body = (*plan.scalars, *(_shortened(part) for part in plan.inside))
    arrays = tuple(buffer.name for buffer in buffers if buffer.name in plan.sliced)
    before, after = ([part.code for part in parts] for parts in (plan.before, plan.after))
    parts = (*before, Blocks(plan.axis, most, arrays, body), *after)
    return replace(routine, buffers=buffers, body=without_unread(parts))


def rows_of(extent: Expr, shapes: Iterable[tuple[Expr, ...]]) -> Expr:
    """Return how many rows a block has, of which each takes arrays of these shapes."""
    counts = Counter(shapes)
    widths = (multiplied((*_times(n, shape), *shape)) for shape, n in counts.items())
    return Call("rows_of", (extent, reduce(lambda one, other: Call("add", (one, other)), widths)))


def _times(count: int, shape: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Return the factor that a number is, where it is not 1, and there are others."""
    return () if count == 1 and shape else (Number(Fraction(count)),)


def _shortened(part: _Part) -> Code:
    """Return what a part does for the rows of a block."""
    turn = part.turn
    assert turn is not None
    own = Axis(turn.name, _first_as_rows(turn.extent))
    code = rebuilt(part.code, lambda e: own if e == turn else None)
    if isinstance(code, Shares):
        return replace(code, work=_first_as_rows(code.work))
    if isinstance(code, Product) and code.entries[0].buffer in part.added:
        if code.contract.adds:
            return code
        return replace(code, again=AGAIN, body=_onward(code.body, code.entries[0].buffer))
    return code


def _first_as_rows(extent: Expr) -> Expr:
    """Return a product of sizes with the rows of a block in the place of the first."""
    if isinstance(extent, Call):
        first, *others = extent.arguments
        return Call(extent.function, (_first_as_rows(first), *others))
    return ROWS


def _onward(body: Sequence[Code], name: str) -> tuple[Code, ...]:
    """Return code that sets an array in the first block, and adds to it in the others."""
    result: list[Code] = []
    for part in body:
        if isinstance(part, (For, When)):
            result.append(replace(part, body=_onward(part.body, name)))
        elif isinstance(part, Lanes):
            before, inside, after = (
                _onward(each, name) for each in (part.before, part.body, part.after)
            )
            result.append(replace(part, before=before, body=inside, after=after))
        elif isinstance(part, Store) and part.target.buffer == name:
            result.append(When(FIRST, (replace(part, value=ZERO),)))
            if part.value != ZERO:
                result.append(Accumulate(part.target, "sum", part.value))
        else:
            result.append(part)
    return tuple(result)
