"""Which loops run several of their values at once, as the lanes of a vector.

    for i: T[i] = f(X[i])             →   lanes i: T[i] = f(X[i])
    for i: s += f(X[i])               →   v = 0;  lanes i: v += f(X[i]);     s += lanes_sum(v)
    for i: for j: T[j] += f(X[i], j)  →   V[j] = 0;  lanes i: for j: V[j] += f(X[i], j);
                                          T[j] += lanes_sum(V[j])

The outermost loop that allows it is taken, and loops within one another are joined where every
array has their axes side by side: the more values there are, the fewer lanes are idle. A loop
allows it if neighbouring values read and write neighbouring entries, and if no value needs what
another makes, but for sums, products and maxima. Loops that a compiler makes vectors of by
itself (nothing but arithmetic, nothing summed up) are left as they are. Needs: a routine whose
common scalars are shared. Guarantees: what :func:`derive.program.check.check_routine` checks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from derive.program.code import (
    NEUTRAL,
    Accumulate,
    Code,
    Declare,
    Define,
    For,
    Lanes,
    Product,
    Routine,
    Store,
    When,
    rebuilt,
    walk,
)
from derive.program.ir import (
    Axis,
    Buffer,
    Call,
    Expr,
    Load,
    Local,
    axes_of,
    children,
    subtrees,
)
from derive.program.loops import merged, names_in, unused
from derive.program.share import COMPARISONS, is_integer
from derive.program.uniform import Lane, Tables, nest, varying_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["PLAIN", "lanes"]

#: What compilers make vectors of by themselves.
PLAIN = frozenset({"add", "sub", "mul", "div", "neg", "abs"})


def lanes(routine: Routine) -> Routine:
    """Return the routine with its loops over lanes."""
    taken = {*routine.sizes, *(b.name for b in routine.buffers), *names_in(routine.body)}
    pass_ = _Pass({b.name: b for b in routine.buffers}, routine.integers, taken, [])
    body = pass_.body(routine.body)
    return replace(routine, buffers=(*routine.buffers, *pass_.made), body=body)


@dataclass(frozen=True, slots=True)
class _Pass:
    """The arrays, the integers, the names that are taken, and the arrays that were made."""

    buffers: Mapping[str, Buffer]
    integers: frozenset[str]
    taken: set[str]
    made: list[Buffer]

    def body(self, body: Sequence[Code]) -> tuple[Code, ...]:
        """Return a body with its loops over lanes."""
        result: list[Code] = []
        for part in body:
            if isinstance(part, For):
                result += self.loop(part)
            elif isinstance(part, (When, Product)):
                result.append(replace(part, body=self.body(part.body)))
            else:
                result.append(part)
        return tuple(result)

    def loop(self, loop: For) -> list[Code]:
        """Return a loop over lanes in the place of a loop, or the loop with such loops inside."""
        chain = [loop]
        while len(chain[-1].body) == 1 and isinstance(chain[-1].body[0], For):
            chain.append(chain[-1].body[0])
        for count in range(len(chain), 0, -1):
            joined = self.joined([each.axis for each in chain[:count]], chain[count - 1].body)
            if joined is not None:
                made = self.over(*joined)
                if made is not None:
                    return made
        return [For(loop.axis, self.body(loop.body))]

    def joined(
        self, axes: list[Axis], body: tuple[Code, ...]
    ) -> tuple[Axis, tuple[Code, ...]] | None:
        """Make one axis of several; None where an array has them otherwise than side by side."""
        if len(axes) == 1:
            return axes[0], body
        name = unused("i_" + "".join(axis.name.removeprefix("i_") for axis in axes), self.taken)
        extent = reduce(lambda a, b: Call("mul", (a, b)), (axis.extent for axis in axes))
        axis = Axis(name, extent)

        def join(part: Expr) -> Expr | None:
            if not isinstance(part, Load) or not set(axes) & set(axes_of(part)):
                return None
            shape = self.buffers[part.buffer].shape
            for place in range(len(part.at) - len(axes) + 1):
                end = place + len(axes)
                if list(part.at[place:end]) == axes and shape[place:end] == tuple(
                    each.extent for each in axes
                ):
                    return replace(part, at=(*part.at[:place], axis, *part.at[end:]))
            return None

        result = tuple(rebuilt(part, join) for part in body)
        left = {a for part in walk(result) for e in _expressions(part) for a in axes_of(e)}
        return None if left & set(axes) else (axis, result)

    def over(self, axis: Axis, body: tuple[Code, ...]) -> list[Code] | None:
        """Return the loop over lanes, after what it needs; None where nothing is to be gained."""
        sums = self.allowed(axis, body)
        calls = {
            p.function
            for part in walk(body)
            for e in _expressions(part)
            for p in subtrees(e)
            if isinstance(p, Call)
        }
        if sums is None or not (sums or calls - PLAIN):
            return None
        self.taken.add(axis.name)
        before: list[Code] = []
        after: list[Code] = []
        swaps: dict[Local | Load, Local | Load] = {}
        varying: set[str] = set()
        for target, op in sums.items():
            if isinstance(target, Local):
                name = self.named(f"{target.name}_lanes")
                inside: Local | Load = Local(name)
                varying.add(name)
                before.append(Declare(name, op))
                own: tuple[Axis, ...] = ()
            else:
                name = self.named(f"{target.buffer}_lanes")
                own = _own(target, body) or ()
                inside = Load(name, own)
                if own:
                    self.made.append(Buffer(name, tuple(each.extent for each in own), "lanes"))
                    before.append(nest(own, Store(inside, NEUTRAL[op])))
                else:
                    inside = Local(name)
                    varying.add(name)
                    before.append(Declare(name, op))
            swaps[target] = inside
            added: Code = Accumulate(target, op, Call(f"lanes_{op}", (inside,)))
            after.append(nest(own, added))
        inner = tuple(_retargeted(part, swaps) for part in body)
        arrays = frozenset(buffer.name for buffer in self.made)
        lane = Lane(axis, varying_in(inner, axis, frozenset(varying), arrays))
        inner = tuple(rebuilt(part, lane.uniform_first) for part in inner)
        tables = Tables(lane, self.named, {}, [], [])
        inner = tables.body(inner, ())
        self.made.extend(tables.buffers)
        loop = Lanes(axis, tuple(merged(before)), inner, tuple(merged(after)), lane.varying)
        return [*merged(tables.before), loop]

    def named(self, wish: str) -> str:
        """Return a name that is not taken."""
        name = unused(wish, self.taken)
        self.taken.add(name)
        return name

    def allowed(self, axis: Axis, body: tuple[Code, ...]) -> dict[Local | Load, str] | None:
        """Return what is summed up over the lanes, and how; None if it is not allowed."""
        inside = {part.name for part in walk(body) if isinstance(part, (Declare, Define))}
        sums: dict[Local | Load, str] = {}
        stored: dict[str, Load] = {}
        for part in walk(body):
            if not isinstance(part, (For, Define, Declare, Accumulate, Store)):
                return None
            if isinstance(part, Declare) and part.op == "argmax":
                return None
            if not all(self.lined(e, axis) for e in _expressions(part)):
                return None
            if isinstance(part, (Accumulate, Store)):
                target = part.target
                if isinstance(target, Local):
                    if target.name not in inside:
                        assert isinstance(part, Accumulate)
                        if sums.setdefault(target, part.op) != part.op:
                            return None
                elif self.buffers[target.buffer].integer:
                    return None
                elif axis in axes_of(target):
                    if stored.setdefault(target.buffer, target).at[-1] != target.at[-1]:
                        return None
                elif isinstance(part, Accumulate) and _own(target, body) is not None:
                    if sums.setdefault(target, part.op) != part.op:
                        return None
                else:
                    return None
        arrays = [target.buffer for target in sums if isinstance(target, Load)]
        if len(set(arrays)) < len(arrays) or set(arrays) & set(stored):
            return None
        for part in walk(body):
            for e in _expressions(part):
                own = part.target if isinstance(part, (Accumulate, Store)) else None
                for p in subtrees(e):
                    if isinstance(p, Local) and p in sums and p is not own:
                        return None
                    if not isinstance(p, Load):
                        continue
                    if p.buffer in arrays and p is not own:
                        return None
                    if p.buffer in stored and p.at[-1] != stored[p.buffer].at[-1]:
                        return None
        return sums

    def lined(self, expression: Expr, axis: Axis) -> bool:
        """Tell whether the axis occurs as the last subscript of real numbers alone, by itself.

        It may be compared with an integer that is the same for all its values, too.
        """
        if expression == axis:
            return False
        if isinstance(expression, Call) and axis in expression.arguments:
            others = [argument for argument in expression.arguments if argument != axis]
            return (
                expression.function in COMPARISONS
                and len(others) == 1
                and axis not in axes_of(others[0])
                and is_integer(others[0], self.integers)
            )
        if not isinstance(expression, Load):
            return all(self.lined(part, axis) for part in children(expression))
        if axis not in axes_of(expression):
            return True
        *rows, last = expression.at
        if self.buffers[expression.buffer].integer or expression.guarded:
            return False
        if any(axis in axes_of(part) for part in rows):
            return False
        if isinstance(last, Call) and last.function == "add":
            left, right = last.arguments
            return (left == axis and axis not in axes_of(right)) or (
                right == axis and axis not in axes_of(left)
            )
        return last == axis


def _own(target: Load, body: tuple[Code, ...]) -> tuple[Axis, ...] | None:
    """Return the axes of the loops in the body that a target has; None if not each by itself."""
    loops = {part.axis for part in walk(body) if isinstance(part, For)}
    own = tuple(part for part in target.at if isinstance(part, Axis) and part in loops)
    rest = [part for part in target.at if part not in own]
    if len(set(own)) < len(own) or any(set(axes_of(part)) & loops for part in rest):
        return None
    return own


def _expressions(part: Code) -> Iterator[Expr]:
    """Yield the expressions of one piece of code: what it reads, and where it writes."""
    if isinstance(part, (Define, Accumulate, Store)):
        yield part.value
    if isinstance(part, (Accumulate, Store)):
        yield part.target


def _retargeted(part: Code, swaps: Mapping[Local | Load, Local | Load]) -> Code:
    """Put other targets in the place of some."""
    if isinstance(part, For):
        return For(part.axis, tuple(_retargeted(p, swaps) for p in part.body))
    if isinstance(part, Accumulate):
        return replace(part, target=swaps.get(part.target, part.target))
    return part
