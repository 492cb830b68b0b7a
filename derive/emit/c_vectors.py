"""Expressions as C where a loop runs several values at once: what varies is a vector.

Operators take vectors as they take numbers, and one of each; functions of vectors have names of
their own, and a number among their arguments is made a vector first.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from derive.emit.c_lanes import POLYNOMIALS
from derive.emit.c_text import EACH, Printer, literal
from derive.emit.printer import ATOM, EQUALITY, OR, ORDER, SUM, TERNARY, Text
from derive.program.code import NEUTRAL, Accumulate, Choose, Lanes
from derive.program.ir import Axis, Call, Expr, Load, Local, spans, subtrees
from derive.program.stage import across
from derive.program.uniform import varies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derive.program.code import Each

__all__ = ["LanePrinter"]


#: The integers that are as wide as a real number, and the signs of comparisons.
INTEGERS = {"f64": "int64_t", "f32": "int32_t"}
SIGNS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}


@dataclass(frozen=True, slots=True)
class LanePrinter(Printer):
    """Prints the expressions in a loop over lanes.

    Parameters
    ----------
    axis : Axis
        Its values are the lanes.
    varying : frozenset of str
        The scalars that are vectors, and the arrays of vectors.
    width : str
        How many lanes are filled.
    turn : str
        The variable of the loop.
    held : mapping of str to str
        The scalars that are there for every vector of a group, each with the identifier of their
        array; they are not defined here.
    """

    axis: Axis
    varying: frozenset[str]
    width: str
    turn: str
    held: Mapping[str, str]

    @staticmethod
    def of(printer: Printer, loop: Lanes) -> LanePrinter:
        """Return the printer for what stands in a loop."""
        given = {field.name: getattr(printer, field.name) for field in fields(Printer)}
        varying, turn = loop.varying | printer.vectors, printer.names[loop.axis.name]
        return LanePrinter(
            **given, axis=loop.axis, varying=varying, width="width", turn=turn, held={}
        )

    def each(self, runs: Sequence[Each]) -> LanePrinter:
        """Return the printer for one vector of a group, which is the ``nth``, and stands ``here``.

        Parameters
        ----------
        runs : sequence of Each
            All that is done for the vectors.
        """
        held = {name: self.names[name] for run in runs for name in run.made}
        kept = frozenset(name for run in runs for name, _ in run.kept)
        names = {name: f"{array}[nth]" for name, array in held.items()}
        return replace(
            self,
            names={**self.names, **names, self.axis.name: "here"},
            varying=self.varying | kept,
            width=f"LANES_{self.real.bits.upper()}",
            held=held,
        )

    def define(self, name: str, value: Expr) -> str:
        """Return the statement that defines a scalar, or a vector."""
        if name not in self.varying:
            return Printer.define(self, name, value)
        return f"{self._new(name, 'const ')}{self.names[name]} = {self._vector(value)};"

    def declare(self, name: str, op: str) -> str:
        """Return the statement that starts an accumulator."""
        if name not in self.varying:
            return Printer.declare(self, name, op)
        if op == "argmax":
            return f"ints_{self.real.bits} {self.names[name]} = {{0}};"
        start = self._all(literal(NEUTRAL[op], self.real).text)
        return f"{self._new(name, '')}{self.names[name]} = {start};"

    def _new(self, name: str, constant: str) -> str:
        """Return the type of a vector that is defined here; nothing where it is held."""
        return "" if name in self.held else f"{constant}vec_{self.real.bits} "

    def accumulate(self, part: Accumulate) -> str:
        """Return the statement that adds to an accumulator; an array's entries are loaded first."""
        if not isinstance(part.target, Load) or not self._lined(part.target):
            return Printer.accumulate(self, part)
        function = {"sum": "add", "product": "mul", "max": "greatest"}[part.op]
        return self.store(part.target, Call(function, (part.target, part.value)))

    def choose(self, part: Choose) -> str | None:
        """Return the statement that takes the greatest so far, in each lane or of all lanes."""
        best, position = self.names[part.best.name], self.names[part.position.name]
        if part.best.name in self.varying:
            given = f"{self._vector(part.value)}, {self.names[part.axis.name]} - first"
            return f"choose_{self.real.bits}({given}, &{best}, &{position});"
        if isinstance(part.value, Call) and part.value.function == "lanes_first":
            lanes = ", ".join(
                self.names[p.name] for p in subtrees(part.value) if isinstance(p, Local)
            )
            return f"first_{self.real.bits}({lanes}, first, width, &{best}, &{position});"
        return None

    def store(self, target: Load, value: Expr) -> str:
        """Return the statement that writes an entry, or as many as there are lanes."""
        if self._lined(target):
            place, step = self.entry(target).text, self._step(target)
            function = f"scatter_{self.real.bits}" if step else f"store_{self.real.bits}"
            return f"{function}(&{place}, {step}{self._vector(value)}, {self.width});"
        if target.buffer in self.varying:
            return f"{self.entry(target).text} = {self._vector(value)};"
        return Printer.store(self, target, value)

    def _lined(self, load: Load) -> bool:
        return load.buffer not in self.varying and varies(load, self.axis, self.varying)

    def _step(self, load: Load) -> str:
        """Return how far the entries of neighbouring lanes are apart, an argument; else nothing."""
        if not across(load, self.axis):
            return ""
        shape = self.shapes[load.buffer]
        first = sum(spans(load.at, shape)[: load.at.index(self.axis) + 1])
        return f"{self.count(shape[first:]).text}, "

    def _vector(self, expression: Expr) -> str:
        text = self.number(expression).text
        return text if varies(expression, self.axis, self.varying) else self._all(text)

    def _all(self, text: str) -> str:
        return f"all_{self.real.bits}({text})"

    def _leaf(self, expression: Expr) -> Text | None:
        bits = self.real.bits
        if isinstance(expression, Call) and expression.function.startswith("lanes_"):
            op = expression.function.removeprefix("lanes_")
            return Text(f"{op}_{bits}({self._vector(expression.arguments[0])}, {self.width})", ATOM)
        if not varies(expression, self.axis, self.varying):
            return Printer._leaf(self, expression)
        if isinstance(expression, Load):
            entry = self.entry(expression)
            if not self._lined(expression):
                return entry
            step = self._step(expression)
            function = f"gather_{bits}" if step else f"load_{bits}"
            return Text(f"{function}(&{entry.text}, {step}{self.width})", ATOM)
        if isinstance(expression, Local):
            return Text(self.names[expression.name], ATOM)
        if not isinstance(expression, Call):
            raise TypeError(f"a {type(expression).__name__} does not vary")
        if self.axis in expression.arguments:
            return self._placed(expression)
        if expression.function in POLYNOMIALS or expression.function in EACH:
            inside = ", ".join(self._vector(argument) for argument in expression.arguments)
            return Text(f"{expression.function}_vec_{bits}({inside})", ATOM)
        if expression.function == "select":
            return self._select(*expression.arguments)
        if expression.function in ("and", "or"):
            sign = {"and": "&", "or": "|"}[expression.function]
            left, right = (self._condition(argument) for argument in expression.arguments)
            return Text(f"({left}) {sign} ({right})", OR)
        if expression.function == "not":
            return Text(f"({self._condition(expression.arguments[0])}) == 0", EQUALITY)
        return None

    def _placed(self, comparison: Call) -> Text:
        """Return a comparison of the axis with an integer: of lanes, with how far that is off."""
        left, right = comparison.arguments
        other = right if left == self.axis else left
        bits, axis = self.real.bits, self.names[self.axis.name]
        far = f"({INTEGERS[bits]})({self._difference(other).within(SUM)} - (ptrdiff_t){axis})"
        parts = (f"lane_{bits}()", far) if left == self.axis else (far, f"lane_{bits}()")
        sign = SIGNS[comparison.function]
        return Text(f"{parts[0]} {sign} {parts[1]}", EQUALITY if sign in ("==", "!=") else ORDER)

    def _select(self, condition: Expr, first: Expr, second: Expr) -> Text:
        values = (self._vector(first), self._vector(second))
        if varies(condition, self.axis, self.varying):
            inside = ", ".join((self.number(condition).text, *values))
            return Text(f"pick_{self.real.bits}({inside})", ATOM)
        return Text(f"{self.number(condition).within(OR)} ? {' : '.join(values)}", TERNARY)

    def _condition(self, condition: Expr) -> str:
        text = self.number(condition).text
        if varies(condition, self.axis, self.varying):
            return text
        return f"every_{self.real.bits}({text})"
