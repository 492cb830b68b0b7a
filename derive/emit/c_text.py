"""Expressions as C: real numbers in one precision, subscripts and sizes in ``size_t``.

A subscript is computed in ``ptrdiff_t`` where it subtracts, so that a position below 0 can be
compared with 0; sizes and loop variables become numbers by a cast.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from derive.emit.printer import (
    AND,
    ATOM,
    EQUALITY,
    OR,
    ORDER,
    PRODUCT,
    SUM,
    TERNARY,
    UNARY,
    Row,
    Text,
    call,
    infix,
    prefix,
    printed,
)
from derive.program.code import NEUTRAL, Accumulate, Fetch
from derive.program.ir import Axis, Call, Expr, Extent, Load, Local, Number, spans, subtrees
from derive.program.share import COMPARISONS, is_integer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["DOUBLE", "EACH", "FLOAT", "HELPERS", "IN_LANES", "Printer", "Real", "literal"]


@dataclass(frozen=True, slots=True)
class Real:
    """A floating-point type: its name, its width, and the suffix of its literals and functions."""

    type: str
    bits: str
    suffix: str


DOUBLE = Real("double", "f64", "")
FLOAT = Real("float", "f32", "f")

#: Functions that the C library lacks, or has slower, each a template of its own, in the order of
#: the file.
HELPERS = ("log1p", "relu", "step", "sign", "maximum", "minimum", "greatest", "exceeds")
#: Functions that a number has from a vector of it: the C library lacks them, or has them slower and
#: with fewer digits.
IN_LANES = ("expm1", "tanh", "sech", "sech2", "sigmoid", "softplus")
_INVERSES = ("asin", "acos", "asinh", "acosh", "atanh")
#: Functions that vectors have lane by lane: how many arguments, and which one of the C library.
EACH: dict[str, tuple[int, str]] = {
    **{name: (1, name) for name in ("sqrt", "sin", "cos", "tan", "atan", "sinh", "cosh")},
    **{name: (1, name) for name in _INVERSES},
    **{name: (1, name) for name in ("relu", "step", "sign")},
    **{name: (2, name) for name in ("maximum", "minimum", "greatest", "pow")},
    "abs": (1, "fabs"),
}
_LIBRARY = (
    *("exp", "log", "sinh", "cosh", "sin", "cos", "tan", "atan"),
    *("erf", "erfc", "sqrt"),
    *_INVERSES,
)

_LOGIC: dict[str, Row] = {
    "lt": infix("<", ORDER, SUM, SUM),
    "le": infix("<=", ORDER, SUM, SUM),
    "gt": infix(">", ORDER, SUM, SUM),
    "ge": infix(">=", ORDER, SUM, SUM),
    "eq": infix("==", EQUALITY, SUM, SUM),
    "ne": infix("!=", EQUALITY, SUM, SUM),
    "and": infix("&&", AND),
    # A conjunction in a disjunction is written in parentheses: compilers warn otherwise.
    "or": infix("||", OR, EQUALITY, EQUALITY),
    "not": prefix("!"),
    "select": Row("{0} ? {1} : {2}", TERNARY, (OR, OR, TERNARY)),
}
_ARITHMETIC: dict[str, Row] = {
    "add": infix("+", SUM),
    "sub": infix("-", SUM),
    "mul": infix("*", PRODUCT),
    "neg": prefix("-"),
}


@cache
def _rows(real: Real) -> dict[str, Row]:
    return {
        **_LOGIC,
        **_ARITHMETIC,
        "div": infix("/", PRODUCT),
        **{name: call(name + real.suffix) for name in _LIBRARY},
        "abs": call("fabs" + real.suffix),
        "pow": call("pow" + real.suffix, 2),
        **{name: call(f"{name}_{real.bits}") for name in (*HELPERS, *IN_LANES)},
        **{
            name: call(f"{name}_{real.bits}", 2)
            for name in ("maximum", "minimum", "greatest", "exceeds")
        },
    }


def literal(number: Number, real: Real) -> Text:
    """Return a constant: a literal where one is exact, else a quotient or the nearest literal.

    >>> literal(Number(Fraction(1, 3)), FLOAT).text, literal(Number(Fraction(-2)), DOUBLE).text
    ('1.0f / 3.0f', '-2.0')
    """
    value = number.value
    if value != value:
        return Text("NAN", ATOM)
    if value < 0:
        positive = literal(Number(-value), real)
        return Text(f"-{positive.within(ATOM)}", UNARY)
    if value == float("inf"):
        return Text("INFINITY", ATOM)
    short = repr(float(value))
    if isinstance(value, Fraction) and Fraction(short) != value:
        above, below = value.numerator, value.denominator
        if max(above, below) < 2**24:
            return Text(f"{above}.0{real.suffix} / {below}.0{real.suffix}", PRODUCT)
    if real is FLOAT and value != 0 and not 2.0**-126 <= value < 2.0**128:
        return Text(f"(float){short}", UNARY)
    return Text(short + real.suffix, ATOM)


@dataclass(frozen=True, slots=True)
class Printer:
    """Prints the expressions of one routine in one precision.

    Parameters
    ----------
    real : Real
        The precision.
    names : mapping
        The C identifier of each size, array, loop variable and scalar.
    shapes : mapping
        The shape of each array.
    extents : mapping
        The variable that holds a size that has to be computed.
    integers : frozenset of str
        The arrays and scalars that hold integers.
    vectors : frozenset of str
        The arrays that hold vectors.
    """

    real: Real
    names: Mapping[str, str]
    shapes: Mapping[str, tuple[Expr, ...]]
    extents: Mapping[Expr, str]
    integers: frozenset[str]
    vectors: frozenset[str]

    def number(self, expression: Expr) -> Text:
        """Return a real number, or a condition."""
        return printed(expression, _rows(self.real), self._leaf)

    def position(self, expression: Expr) -> Text:
        """Return a subscript or a size, as ``size_t``."""
        if expression in self.extents:
            return Text(self.extents[expression], ATOM)
        if _signed(expression):
            return Text(f"(size_t){self._difference(expression).within(UNARY)}", UNARY)
        return printed(expression, _ARITHMETIC, self._unsigned)

    def integer(self, expression: Expr) -> Text:
        """Return an integer that is stored, as ``int64_t``."""
        if isinstance(expression, Local):
            return Text(self.names[expression.name], ATOM)
        return Text(f"(int64_t){self._difference(expression).within(UNARY)}", UNARY)

    def length(self, expression: Expr) -> str:
        """Return a size that is computed from sizes; one below 0 is 0."""
        if _signed(expression):
            return f"length({self._difference(expression).text})"
        return printed(expression, _ARITHMETIC, self._name).text

    def entry(self, load: Load) -> Text:
        """Return an entry of an array, stored row by row."""
        offset = self.offset(load.at, self.shapes[load.buffer], load.guarded)
        return Text(f"{self.names[load.buffer]}[{offset.text}]", ATOM)

    def offset(
        self, subscripts: tuple[Expr, ...], shape: tuple[Expr, ...], guarded: bool = False
    ) -> Text:
        """Return the place of an entry in an array of some shape, stored row by row.

        A guarded position is kept within its axis: its guard may say too little.
        """
        offset, done = Text("0", ATOM), 0
        for at, count in zip(subscripts, spans(subscripts, shape), strict=True):
            here = self.position(at)
            if guarded and not isinstance(at, Axis):
                inside = f"{self._difference(at).text}, {self.position(shape[done]).text}"
                here = Text(f"inside({inside})", ATOM)
            if done == 0:
                offset = here
            else:
                assert count == 1 or isinstance(at, Axis)
                extent = at.extent if isinstance(at, Axis) and count > 1 else shape[done]
                rows = f"{offset.within(PRODUCT)} * {self.position(extent).within(UNARY)}"
                offset = Text(f"{rows} + {here.within(PRODUCT)}", SUM)
            done += count
        return offset

    def define(self, name: str, value: Expr) -> str:
        """Return the statement that defines a scalar."""
        return f"const {self.real.type} {self.names[name]} = {self.number(value).text};"

    def declare(self, name: str, op: str) -> str:
        """Return the statement that starts an accumulator."""
        if op == "argmax":
            return f"int64_t {self.names[name]} = 0;"
        return f"{self.real.type} {self.names[name]} = {literal(NEUTRAL[op], self.real).text};"

    def accumulate(self, part: Accumulate) -> str:
        """Return the statement that adds to an accumulator, or whatever its operation is."""
        target = self.target(part.target)
        if part.op == "max":
            return f"{target} = {self.number(Call('greatest', (part.target, part.value))).text};"
        sign, value = {"sum": "+=", "product": "*="}[part.op], part.value
        if part.op == "sum" and isinstance(value, Call) and value.function == "neg":
            sign, value = "-=", value.arguments[0]
        return f"{target} {sign} {self.number(value).text};"

    def store(self, target: Load, value: Expr) -> str:
        """Return the statement that writes an entry."""
        integer = target.buffer in self.integers
        text = self.integer(value) if integer else self.number(value)
        return f"{self.target(target)} = {text.text};"

    def fetch(self, part: Fetch) -> str:
        """Return the statement that asks for an entry, which may be one after the last."""
        name, offset = part.place.buffer, self.offset(part.place.at, self.shapes[part.place.buffer])
        further = f" + {self.count(part.further).text}" if part.further else ""
        return f"FETCH({self.names[name]}, {offset.text}{further}, {int(part.writes)});"

    def target(self, target: Local | Load) -> str:
        """Return what stands on the left of an assignment."""
        return self.entry(target).text if isinstance(target, Load) else self.names[target.name]

    def count(self, shape: Sequence[Expr]) -> Text:
        """Return the number of entries of an array."""
        if not shape:
            return Text("1", ATOM)
        parts = [self.position(extent) for extent in shape]
        if len(parts) == 1:
            return parts[0]
        return Text(" * ".join(part.within(UNARY) for part in parts), PRODUCT)

    def _leaf(self, expression: Expr) -> Text | None:
        if isinstance(expression, Number):
            return literal(expression, self.real)
        if isinstance(expression, (Axis, Extent)):
            return Text(f"({self.real.type}){self.names[expression.name]}", UNARY)
        if isinstance(expression, Local):
            return self._cast(Text(self.names[expression.name], ATOM), expression.name)
        if isinstance(expression, Load):
            return self._cast(self.entry(expression), expression.buffer)
        if expression.function in COMPARISONS and all(
            is_integer(argument, self.integers) for argument in expression.arguments
        ):
            return self._comparison(expression)
        return None

    def _cast(self, text: Text, name: str) -> Text:
        return Text(f"({self.real.type}){text.text}", UNARY) if name in self.integers else text

    def _comparison(self, expression: Call) -> Text:
        """Return a comparison of integers; below 0 there are none without a sign."""
        data = (Load, Local, Number)
        if any(
            _signed(a) or isinstance(p, data) for a in expression.arguments for p in subtrees(a)
        ):
            return printed(expression, {**_LOGIC, **_ARITHMETIC}, self._signed_leaf)
        return printed(expression, {**_LOGIC, **_ARITHMETIC}, self._unsigned)

    def _difference(self, expression: Expr) -> Text:
        return printed(expression, _ARITHMETIC, self._signed_leaf)

    def _name(self, expression: Expr) -> Text | None:
        """Return what needs no cast in a subscript."""
        if isinstance(expression, Number):
            if expression.value != int(expression.value):
                raise TypeError(f"the subscript {expression.value} is not an integer")
            text = str(int(expression.value))
            return Text(text, ATOM if expression.value >= 0 else UNARY)
        if isinstance(expression, (Axis, Extent)):
            return Text(self.names[expression.name], ATOM)
        if isinstance(expression, Call) and expression.function == "rows_of":
            # It takes sizes: of a difference, the length.
            return Text(f"rows_of({', '.join(map(self.length, expression.arguments))})", ATOM)
        return None

    def _data(self, expression: Expr) -> Text | None:
        """Return an integer that is stored somewhere."""
        if isinstance(expression, Local):
            return Text(self.names[expression.name], ATOM)
        return self.entry(expression) if isinstance(expression, Load) else None

    def _unsigned(self, expression: Expr) -> Text | None:
        data = self._data(expression)
        return self._name(expression) if data is None else Text(f"(size_t){data.text}", UNARY)

    def _signed_leaf(self, expression: Expr) -> Text | None:
        data = self._data(expression) or self._name(expression)
        if data is None or isinstance(expression, Number):
            return data
        return Text(f"(ptrdiff_t){data.text}", UNARY)


def _signed(expression: Expr) -> bool:
    """Tell whether a value may pass below 0 on its way; what subscripts hold counts apart."""
    if isinstance(expression, Number):
        return expression.value < 0
    if not isinstance(expression, Call) or expression.function == "rows_of":
        return False
    return expression.function in ("sub", "neg") or any(map(_signed, expression.arguments))
