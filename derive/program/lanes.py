"""Which loops run several of their values at once, as the lanes of a vector.

    for i: T[i] = f(X[i])             →   lanes i: T[i] = f(X[i])
    for i: s += f(X[i])               →   v = 0;  lanes i: v += f(X[i]);     s += lanes_sum(v)
    for i: p = first max of X[i]      →   lanes i: q = first max of X[i];    p = lanes_first(q)
    for i: for j: T[j] += f(X[i], j)  →   V[j] = 0;  lanes i: for j: V[j] += f(X[i], j);
                                          T[j] += lanes_sum(V[j])

The outermost loop that allows it is taken, and loops within one another are joined where every
array has their axes side by side: the more values there are, the fewer lanes are idle. A loop
allows it if neighbouring values read and write neighbouring entries, and if no value needs what
another makes, but for sums, products and maxima. Loops that a compiler makes vectors of by
itself (nothing but arithmetic, nothing summed up) are left as they are. Where an elementary
function would stay in a loop without lanes, neighbouring values may be rows apart in memory (see
:mod:`derive.program.stage`), if the vectors that this takes stay in the cache. Needs: a routine
whose common scalars are shared. Guarantees: what :func:`derive.program.check.check_routine` checks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.program.code import (
    NEUTRAL,
    Accumulate,
    Choose,
    Code,
    Declare,
    Define,
    For,
    Lanes,
    Product,
    Routine,
    Store,
    When,
    walk,
)
from derive.program.ir import (
    Axis,
    Buffer,
    Call,
    Expr,
    Load,
    Local,
    Number,
    axes_of,
    children,
    subtrees,
)
from derive.program.join import joinings
from derive.program.keep import CHEAP, PLAIN
from derive.program.loops import claimed, merged, names_in, names_of
from derive.program.share import COMPARISONS, is_integer, share
from derive.program.shrink import entries_in
from derive.program.stage import across, entries_of, place_of, staged
from derive.program.traverse import called, expressions, retargeted
from derive.program.uniform import Lane, Order, Tables, nest, varying_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["lanes"]

#: How many vectors a loop may keep, at most, for what lies across its lanes and what it sums up.
_MOST_HELD = Number(Fraction(4096))


def lanes(routine: Routine) -> Routine:
    """Return the routine with its loops over lanes."""
    taken = names_of(routine)
    uses = Counter(load.buffer for load in entries_in(routine.body))
    pass_ = _Pass({b.name: b for b in routine.buffers}, routine.integers, taken, [], uses)
    body = pass_.body(routine.body)
    kept = {load.buffer for load in entries_in(body)}
    buffers = (b for b in routine.buffers if b.kind != "temporary" or b.name in kept)
    return replace(routine, buffers=(*buffers, *pass_.made), body=body)


@dataclass(frozen=True, slots=True)
class _Pass:
    """The arrays, the integers, the names that are taken, and the arrays that were made.

    And how often each array is read or written, and whether entries of neighbouring lanes may be
    far from one another.
    """

    buffers: Mapping[str, Buffer]
    integers: frozenset[str]
    taken: set[str]
    made: list[Buffer]
    uses: Mapping[str, int]
    far_too: bool = True

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
        shapes = {name: buffer.shape for name, buffer in self.buffers.items()}
        for axis, body in joinings(loop, shapes, self.taken):
            made = self.over(axis, body)
            if made:
                return made
        mine = len(self.made)
        near = For(loop.axis, replace(self, far_too=False).body(loop.body))
        if not self.far_too or not _costly_inside(near):
            return [near]
        for axis, body in joinings(loop, shapes, self.taken):
            found = self.far(axis, body)
            if found:
                held, made = found
                few, many = (Call(sign, (held, _MOST_HELD)) for sign in ("le", "gt"))
                return [When(few, tuple(made)), When(many, (near,))]
        del self.made[mine:]
        return [For(loop.axis, self.body(loop.body))]

    def far(self, axis: Axis, body: tuple[Code, ...]) -> tuple[Expr, list[Code]] | None:
        """Return a loop over lanes that arrays lie across, and how many vectors it holds."""
        if any(isinstance(part, Product) for part in walk(body)):
            return None
        uses = Counter(load.buffer for load in entries_in(body))

        def local(name: str) -> bool:
            return self.buffers[name].kind == "temporary" and self.uses[name] == uses[name]

        stage = staged(axis, body, local, self.named)
        if stage is None:
            return None
        mine = len(self.made)
        self.made.extend(stage.made)
        known = {**self.buffers, **{buffer.name: buffer for buffer in stage.made}}
        made = replace(self, buffers=known).over(axis, stage.body, far=True)
        if made is None:
            del self.made[mine:]
            return None
        held = [buffer for buffer in self.made[mine:] if buffer.kind == "lanes"]
        return entries_of(held), made

    def over(self, axis: Axis, body: tuple[Code, ...], *, far: bool = False) -> list[Code] | None:
        """Return the loop over lanes, after what it needs; None where nothing is to be gained."""
        sums = self.allowed(axis, body, far)
        calls = {
            p.function
            for part in walk(body)
            for e in expressions(part)
            for p in subtrees(e)
            if isinstance(p, Call)
        }
        if sums is None or not (sums or calls - PLAIN):
            return None
        sums = {target: op for target, op in sums.items() if op != "first"}
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
        for choice in (part for part in body if isinstance(part, Choose)):
            best = Local(self.named(f"{choice.best.name}_lanes"))
            position = Local(self.named(f"{choice.position.name}_lanes"))
            varying |= {best.name, position.name}
            before += [Declare(best.name, "max"), Declare(position.name, "argmax")]
            after.append(replace(choice, value=Call("lanes_first", (best, position))))
            swaps |= {choice.best: best, choice.position: position}
        inner = tuple(retargeted(part, swaps) for part in body)
        arrays = frozenset(buffer.name for buffer in self.made if buffer.kind == "lanes")
        written = {
            part.target.buffer
            for part in walk(inner)
            if isinstance(part, (Accumulate, Store)) and isinstance(part.target, Load)
        }
        lane = Lane(axis, varying_in(inner, axis, frozenset(varying), arrays) | arrays)
        inner = Order(lane, frozenset(written), {}).body(inner, ())
        inner = share(Routine("", tuple(self.taken), self.integer_arrays, inner)).body
        self.taken.update(names_in(inner))
        lane = Lane(axis, varying_in(inner, axis, frozenset(varying), arrays) | arrays)
        tables = Tables(lane, self.named, {}, [], [])
        inner = tables.body(inner, ())
        self.made.extend(tables.buffers)
        loop = Lanes(
            axis, tuple(merged(before)), inner, tuple(merged(after)), lane.varying - arrays
        )
        return [*merged(tables.before), loop]

    @property
    def integer_arrays(self) -> tuple[Buffer, ...]:
        """The arrays and scalars that hold integers, all as arrays."""
        known = (name for name in self.integers if name not in self.buffers)
        made = tuple(Buffer(name, (), "temporary", integer=True) for name in known)
        return (*made, *(buffer for buffer in self.buffers.values() if buffer.integer))

    def named(self, wish: str) -> str:
        """Return a name that is not taken."""
        return claimed(wish, self.taken)

    def allowed(
        self, axis: Axis, body: tuple[Code, ...], far: bool
    ) -> dict[Local | Load, str] | None:
        """Return what is summed up over the lanes, and how; None if it is not allowed."""
        inside = {part.name for part in walk(body) if isinstance(part, (Declare, Define))}
        sums: dict[Local | Load, str] = {}
        stored: dict[str, Load] = {}
        for part in walk(body):
            if isinstance(part, Choose) and part in body and part.axis == axis:
                sums |= {part.best: "first", part.position: "first"}
            elif not isinstance(part, (For, Define, Declare, Accumulate, Store)):
                return None
            if isinstance(part, Declare) and part.op == "argmax":
                return None
            if not all(self.lined(e, axis, far) for e in expressions(part)):
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
                    if not _alike(stored.setdefault(target.buffer, target), target, axis):
                        return None
                elif self.buffers[target.buffer].kind == "lanes":
                    continue
                elif isinstance(part, Accumulate) and _own(target, body) is not None:
                    if sums.setdefault(target, part.op) != part.op:
                        return None
                else:
                    return None
        arrays = [target.buffer for target in sums if isinstance(target, Load)]
        if len(set(arrays)) < len(arrays) or set(arrays) & set(stored):
            return None
        for part in walk(body):
            for e in expressions(part):
                own = part.target if isinstance(part, (Accumulate, Store)) else None
                for p in subtrees(e):
                    if isinstance(p, Local) and p in sums and p is not own:
                        return None
                    if not isinstance(p, Load):
                        continue
                    if p.buffer in arrays and p is not own:
                        return None
                    if p.buffer in stored and not _alike(stored[p.buffer], p, axis):
                        return None
        return sums

    def lined(self, expression: Expr, axis: Axis, far: bool) -> bool:
        """Tell whether the axis occurs as the last subscript of real numbers alone, by itself.

        It may be compared with an integer that is the same for all its values, too; and it may be
        another subscript, if entries may be far from one another.
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
            return all(self.lined(part, axis, far) for part in children(expression))
        if axis not in axes_of(expression):
            return True
        if self.buffers[expression.buffer].integer or expression.guarded:
            return False
        if across(expression, axis):
            return far
        if place_of(expression, axis) != len(expression.at) - 1:
            return False
        last = expression.at[-1]
        if isinstance(last, Call) and last.function == "add":
            left, right = last.arguments
            return (left == axis and axis not in axes_of(right)) or (
                right == axis and axis not in axes_of(left)
            )
        return last == axis


def _alike(one: Load, two: Load, axis: Axis) -> bool:
    """Tell whether two entries of an array belong to the same lane."""
    place, other = place_of(one, axis), place_of(two, axis)
    return place is not None and place == other and one.at[place] == two.at[place]


def _costly_inside(loop: For) -> bool:
    """Tell whether loops in the rows of a nest compute elementary functions one by one."""
    body: tuple[Code, ...] = loop.body
    while len(body) == 1 and isinstance(body[0], For):
        body = body[0].body
    return any(
        function not in CHEAP
        for inner in body
        if isinstance(inner, For)
        for function in called(_without_lanes(inner.body))
    )


def _without_lanes(body: Sequence[Code]) -> Iterator[Code]:
    """Yield the code at any depth, but for loops over lanes."""
    for part in body:
        if not isinstance(part, Lanes):
            yield part
            yield from _without_lanes(part.body if isinstance(part, (For, When)) else ())


def _own(target: Load, body: tuple[Code, ...]) -> tuple[Axis, ...] | None:
    """Return the axes of the loops in the body that a target has; None if not each by itself."""
    loops = {part.axis for part in walk(body) if isinstance(part, For)}
    own = tuple(part for part in target.at if isinstance(part, Axis) and part in loops)
    rest = [part for part in target.at if part not in own]
    if len(set(own)) < len(own) or any(set(axes_of(part)) & loops for part in rest):
        return None
    return own
