"""The functions of a C file: one for each program and precision, and those that it calls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.emit.c_lines import Line, lines, share_lines
from derive.emit.c_names import c_names, words
from derive.emit.c_text import DOUBLE, FLOAT, Printer
from derive.emit.c_work import (
    GIVEN,
    Workspace,
    listed,
    pointers,
    spaces_of,
    type_of,
    workspaces,
)
from derive.emit.names import renamed
from derive.emit.printer import UNARY
from derive.emit.sizes import ranges
from derive.program.code import Blocks, Declare, Define, For, Lanes, Routine, Shares, When, walk
from derive.program.ir import Call

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from derive.program.code import Code
    from derive.program.ir import Buffer, Expr, Program

__all__ = ["Function", "Variant", "function"]

#: What has one meaning in every function: the names of sizes and loop variables that are ours.
_OURS = ("SHARES", "share", "shares", "slot", "GROUP", "LARGE_GROUP", "nth", "done", "rows")
#: How many rows were in the blocks before this one.
_DONE = "done"


@dataclass(frozen=True, slots=True)
class Variant:
    """A function in one precision, or what it does for a share or a block; those are static."""

    kind: str
    symbol: str
    parameters: tuple[str, ...]
    known: str
    setup: tuple[str, ...]
    body: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """One program of a layer."""

    name: str
    arrays: tuple[str, ...]
    formulas: tuple[str, ...]
    workspaces: tuple[Workspace, ...]
    variants: tuple[Variant, ...]


def function(
    prefix: str,
    routine: Routine,
    programs: Sequence[Program],
    formulas: tuple[str, ...],
    saved: Mapping[str, Sequence[str]],
) -> Function:
    """Return the functions of a routine.

    Parameters
    ----------
    prefix : str
        What their names begin with.
    routine : Routine
        The loops.
    programs : sequence of Program
        In which integers that are given must be positions.
    formulas : tuple of str
        What they compute.
    saved : mapping of str to sequence of str
        The arrays that one function has from another, by their kind.
    """
    others = (buffer.name for program in programs for buffer in program.buffers)
    names = {**c_names((*_names(routine), *others)), **{f"#{name}": name for name in _OURS}}
    extents = _extents(routine)
    shapes = {buffer.name: buffer.shape for buffer in routine.buffers}
    symbol = f"{prefix}_{routine.name}"
    vectors = frozenset(buffer.name for buffer in routine.buffers if buffer.kind == "lanes")
    double, single = (
        Printer(real, names, shapes, extents, routine.integers, vectors) for real in (DOUBLE, FLOAT)
    )
    plain = replace(double, extents={})
    within = ranges(*(renamed(program, names) for program in programs))
    return Function(
        symbol,
        tuple(
            f"{names[b.name]} ({', '.join(plain.length(e) for e in b.shape)}): "
            f"{_kind(b, within.get(names[b.name], ()), saved)}"
            for b in routine.buffers
            if b.kind in GIVEN
        ),
        formulas,
        tuple(workspaces(symbol, routine, plain)),
        tuple(v for printer in (double, single) for v in _Writer.of(symbol, routine, printer)),
    )


def _kind(buffer: Buffer, within: Sequence[str], saved: Mapping[str, Sequence[str]]) -> str:
    """Return what an array is for, of which numbers where that is not plain, and from where."""
    kept = {"input": "saved by forward", "output": "saved for backward"}
    told = ["int64_t"] if buffer.integer else []
    if buffer.name in saved.get(buffer.kind, ()):
        told.append(kept[buffer.kind])
    return ", ".join((buffer.kind, *told, *within))


def _names(routine: Routine) -> Iterable[str]:
    yield from routine.sizes
    for buffer in routine.buffers:
        yield buffer.name
    for part in walk(routine.body):
        if isinstance(part, (Define, Declare)):
            yield part.name
        elif isinstance(part, (For, Lanes)):
            yield part.axis.name
        if isinstance(part, Lanes):
            yield from (name for run in part.runs for name, _ in run.kept)
            yield from (own.name for own in part.several if isinstance(own, Declare))


def _extents(routine: Routine) -> dict[Expr, str]:
    """Return the sizes that have to be computed, each with a name."""
    found: dict[Expr, str] = {}
    shapes = [extent for buffer in routine.buffers for extent in buffer.shape]
    axes = [part.axis.extent for part in walk(routine.body) if isinstance(part, (For, Lanes))]
    for extent in (*shapes, *axes):
        if isinstance(extent, Call) and extent not in found:
            found[extent] = f"extent_{len(found) + 1}"
    return found


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the functions of a routine in one precision, each after those that it calls.

    Parameters
    ----------
    symbol : str
        The name, without the precision.
    routine : Routine
        All of it.
    printer : Printer
        The precision.
    parameters : tuple of str
        What all of the functions have.
    own : tuple of str
        Their names.
    variants : list of Variant
        The functions so far.
    """

    symbol: str
    routine: Routine
    printer: Printer
    parameters: tuple[str, ...]
    own: tuple[str, ...]
    variants: list[Variant]

    @classmethod
    def of(cls, symbol: str, routine: Routine, printer: Printer) -> list[Variant]:
        """Return the functions of a routine."""
        real, names = printer.real, printer.names
        buffers = [buffer for buffer in routine.buffers if buffer.kind in GIVEN]
        spaces = spaces_of(routine)
        parameters = (
            *(f"size_t {names[size]}" for size in routine.sizes),
            *(
                f"{'const ' if b.kind == 'input' else ''}{type_of(b, real)} *restrict "
                f"{names[b.name]}"
                for b in buffers
            ),
            *(f"{kind(real)} *restrict {space}" for space, kind in spaces.items()),
        )
        own = (*(names[n] for n in (*routine.sizes, *(b.name for b in buffers))), *spaces)
        writer = cls(symbol, routine, printer, parameters, own, [])
        writer.function("void", f"{symbol}_{real.bits}", routine.body, ())
        return writer.variants

    def function(self, kind: str, name: str, body: Sequence[Code], more: tuple[str, ...]) -> None:
        """Write a function with a body; ``more`` is what it is told besides."""
        called = iter(self.called(body, more))
        found = [
            replace(line, called=next(called)) if line.shares or line.rows else line
            for line in lines(body, self.printer)
        ]
        self.write(kind, name, found, more)

    def called(self, body: Sequence[Code], more: tuple[str, ...]) -> list[str]:
        """Write what a body calls; return the beginnings of the calls, in their order."""
        calls: list[str] = []
        for part in _calling(body):
            kind = "share" if isinstance(part, Shares) else "block"
            number = sum(v.symbol.startswith(f"{self.symbol}_{kind}") for v in self.variants) + 1
            name = f"{self.symbol}_{kind}{number}_{self.printer.real.bits}"
            if isinstance(part, Shares):
                # Which block it is matters to what all of its rows sum up to, and to no share.
                shared = tuple(each for each in more if each != _DONE)
                told = (*shared, "share", "shares", "slot")
                self.write("static void", name, share_lines(part, self.printer), told)
                arguments = [*self.own, *shared]
            else:
                shapes = {buffer.name: part.seen(buffer).shape for buffer in self.routine.buffers}
                inside = replace(self, printer=replace(self.printer, shapes=shapes))
                inside.function("static void", name, part.body, (_DONE, "rows"))
                arguments = [self.part(argument, part) for argument in self.own]
            calls.append(f"{name}({', '.join(arguments)}")
        return calls

    def part(self, argument: str, blocks: Blocks) -> str:
        """Return what a block is given for an argument: of an array with its rows, its part."""
        for array in blocks.arrays:
            if self.printer.names[array] == argument:
                row = self.printer.shapes[array][1:]
                count = f" * {self.printer.count(row).within(UNARY)}" if row else ""
                return f"{argument} + {_DONE}{count}"
        for array, other in blocks.apart:
            if self.printer.names[array] == argument:
                return f"{_DONE} ? {self.printer.names[other]} : {argument}"
        return argument

    def write(self, kind: str, name: str, body: Sequence[Line], more: tuple[str, ...]) -> None:
        """Write a function with the lines of its body."""
        known = " ".join(f"KNOWN({self.printer.names[s]}, {s})" for s in self.routine.sizes)
        self.variants.append(
            Variant(
                kind,
                name,
                listed([*self.parameters, *(f"size_t {each}" for each in more)]),
                known,
                self.setup(body, more),
                tuple(body),
            )
        )

    def setup(self, body: Sequence[Line], more: tuple[str, ...]) -> tuple[str, ...]:
        """Return what comes before the lines of a body: what they name of sizes and arrays."""
        said = _words(line.words for line in body)
        places: list[str] = []
        for statement in reversed(pointers(self.routine, self.printer)):
            if statement.split(" = ")[0].split("restrict ")[1] in said:
                places.insert(0, statement)
                said |= _words([statement])
        computed = [
            f"const size_t {name} = {self.printer.length(extent)};"
            for extent, name in self.printer.extents.items()
            if name in said
        ]
        said |= _words(computed)
        if any(line.called for line in body):
            # What is done for a share or a block reaches the same places in its own way.
            places = [statement.replace("*restrict ", "*") for statement in places]
        # A share always asks which one it is.
        own = (*self.own, *(name for name in more if name not in ("share", "shares")))
        unused = (f"(void){name};" for name in own if name not in said)
        return (*computed, *places, *unused)


def _calling(body: Sequence[Code]) -> Iterator[Shares | Blocks]:
    """Yield what is done in functions of its own, in order, but for what these call."""
    for part in body:
        if isinstance(part, (Shares, Blocks)):
            yield part
        elif isinstance(part, (For, When)):
            yield from _calling(part.body)


def _words(texts: Iterable[str]) -> set[str]:
    return set().union(*map(words, texts))
