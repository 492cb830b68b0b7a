"""A formula as a person writes it: signs, fractions, and factors in an order.

SymPy keeps ``a / b`` as ``a * b**-1`` and sorts factors as it likes. This tree is what stands on
paper; :mod:`derive.explain.compose` builds it, and each output format is a printer of it.
Bound indices have letters here, and nothing is ever computed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.layer.written import Written

__all__ = [
    "RAISED",
    "Big",
    "Bracket",
    "Call",
    "Cases",
    "Compare",
    "Derivative",
    "Elementwise",
    "Equation",
    "Formula",
    "Guard",
    "Join",
    "Kronecker",
    "Letter",
    "Mark",
    "Marked",
    "Number",
    "Over",
    "Partial",
    "Plus",
    "Power",
    "Shape",
    "Times",
    "Transposed",
    "less_one",
    "letters_in",
    "parts",
    "plain",
    "settled",
]

#: Functions of which a power is written on the name: tanh²(x).
RAISED = frozenset({"tanh", "sigmoid", "sin", "cos", "tan", "sinh", "cosh", "sech", "log"})


@dataclass(frozen=True, slots=True)
class Number:
    """A number that is not negative, in its digits, or a constant (``pi``, ``oo``)."""

    digits: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A tensor's entry, a whole tensor, an index or a size: a name and subscripts.

    ``prefix`` stands before the name: d, where the letter is the gradient with respect to it.
    ``own`` is how its author writes the name (:mod:`derive.explain.authored`).
    """

    name: str
    indices: tuple[Formula, ...] = ()
    prefix: str = ""
    own: Written | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Partial:
    """``∂of/∂wrt``."""

    of: Letter
    wrt: Letter


@dataclass(frozen=True, slots=True)
class Derivative:
    """``∂/∂wrt body``: a derivative that is still to be worked out."""

    body: Formula
    wrt: Letter


@dataclass(frozen=True, slots=True)
class Plus:
    """A sum of terms, each with its sign; of one term where that is negative."""

    terms: tuple[tuple[bool, Formula], ...]  # (whether it is subtracted, the term)


@dataclass(frozen=True, slots=True)
class Times:
    """A product of at least two factors, in the order in which they are written."""

    factors: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Over:
    """A fraction."""

    numerator: Formula
    denominator: Formula


@dataclass(frozen=True, slots=True)
class Power:
    """A base to an exponent."""

    base: Formula
    exponent: Formula


@dataclass(frozen=True, slots=True)
class Call:
    """A function of its arguments; ``sqrt`` and ``abs`` have signs of their own in print."""

    function: str
    arguments: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Big:
    """``sum``, ``product``, ``max`` or ``argmax`` of a body over an index.

    ``but`` is a position that the index skips: ``∏_{l ≠ i}``.
    """

    kind: str
    index: str
    size: Formula
    body: Formula
    but: Formula | None = None


@dataclass(frozen=True, slots=True)
class Kronecker:
    """``δ`` between two index expressions."""

    left: Formula
    right: Formula


@dataclass(frozen=True, slots=True)
class Compare:
    """A chain of comparisons: ``operands[0] relations[0] operands[1] …``."""

    operands: tuple[Formula, ...]
    relations: tuple[str, ...]  # each one of < <= = !=


@dataclass(frozen=True, slots=True)
class Join:
    """Conditions joined by ``and`` or ``or``; ``not`` has one."""

    word: str
    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Guard:
    """1 where the condition holds, else 0."""

    condition: Formula


@dataclass(frozen=True, slots=True)
class Cases:
    """``first`` where the condition holds, else ``second``."""

    condition: Formula
    first: Formula
    second: Formula


@dataclass(frozen=True, slots=True)
class Transposed:
    """A matrix or vector with its axes swapped."""

    base: Formula


@dataclass(frozen=True, slots=True)
class Elementwise:
    """An elementwise product, or quotient of two, of vectors or matrices."""

    factors: tuple[Formula, ...]
    divides: bool = False


@dataclass(frozen=True, slots=True)
class Bracket:
    """A formula in brackets: a scalar that is itself a product of vectors."""

    inside: Formula


class Mark(Enum):
    """Why a part of a formula is marked."""

    NEW = "new"  # it came with this line of a derivation
    WRONG = "wrong"  # it is the mistake


@dataclass(frozen=True, slots=True)
class Marked:
    """A part of a formula to look at; it reads as it would without the mark."""

    inside: Formula
    mark: Mark = Mark.NEW


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of an array, ``(H, D)``; a product of shapes is written with a dot."""

    sizes: tuple[Formula, ...]


Formula = (
    Number
    | Letter
    | Partial
    | Derivative
    | Plus
    | Times
    | Over
    | Power
    | Call
    | Big
    | Kronecker
    | Compare
    | Join
    | Guard
    | Cases
    | Transposed
    | Elementwise
    | Bracket
    | Marked
    | Shape
)


@dataclass(frozen=True, slots=True)
class Equation:
    """``left = right``."""

    left: Formula
    right: Formula


def plain(formula: Formula) -> Formula:
    """Return a formula without the mark that is on all of it."""
    return plain(formula.inside) if isinstance(formula, Marked) else formula


def less_one(size: Formula) -> Formula:
    """Return the last position of an axis of some size, counted from 0.

    >>> less_one(Number("3"))
    Number(digits='2')
    >>> less_one(Plus(((False, Letter("K")), (False, Number("1")))))
    Letter(name='K', indices=(), prefix='')
    """
    if isinstance(size, Number) and size.digits.isdecimal() and size.digits != "0":
        return Number(str(int(size.digits) - 1))
    terms = size.terms if isinstance(size, Plus) else ((False, size),)
    one = (False, Number("1"))
    if one in terms and len(terms) > 1:
        left = tuple(term for term in terms if term != one)
        return left[0][1] if len(left) == 1 and not left[0][0] else Plus(left)
    return Plus((*terms, (True, Number("1"))))


def parts(formula: object) -> Iterator[object]:
    """Yield a formula and all its parts; of lists and records of formulas, all of theirs.

    >>> [type(part).__name__ for part in parts([Transposed(Letter("a")), None])]
    ['Transposed', 'Letter']
    """
    if isinstance(formula, (tuple, list)):
        for item in formula:
            yield from parts(item)
    elif is_dataclass(formula):
        yield formula
        for field in fields(formula):
            yield from parts(getattr(formula, field.name))


def letters_in(formula: object) -> frozenset[str]:
    """Return the names of the letters in formulas, in lists and records of formulas too.

    >>> sorted(letters_in([Times((Letter("a"), Letter("b", (Letter("i"),))))]))
    ['a', 'b', 'i']
    """
    return frozenset(part.name for part in parts(formula) if isinstance(part, Letter))


def settled(formula: Any) -> Any:
    """Return a formula with the terms of its sums in an order of their own: only to compare.

    >>> a, b = Letter("a"), Letter("b")
    >>> settled(Plus(((False, b), (True, a)))) == settled(Plus(((True, a), (False, b))))
    True
    """
    if isinstance(formula, tuple):
        return tuple(map(settled, formula))
    if not is_dataclass(formula) or isinstance(formula, type):
        return formula
    inside = {field.name: settled(getattr(formula, field.name)) for field in fields(formula)}
    result = replace(formula, **inside)
    if isinstance(result, Plus):
        return replace(result, terms=tuple(sorted(result.terms, key=repr)))
    return result
