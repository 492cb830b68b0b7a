"""Formulas as one line of text, in Unicode, for a reader.

>>> from derive.explain.names import for_layer
>>> from derive.layers import quantizer
>>> layer = quantizer.layer.build()
>>> equation(layer.nodes[0], for_layer(layer))
'Z_i = Σ_j a_j tanh(c_j (X_i − b_j))'
"""

from __future__ import annotations

import unicodedata
from functools import singledispatch
from typing import TYPE_CHECKING

from derive.explain.compose import compose, compose_node
from derive.explain.spelling import GREEK, spelled
from derive.explain.tightness import (
    ATOM,
    BIG,
    CIRCLE,
    POWER,
    PRODUCT,
    SUM,
    bracketed,
    is_bare,
    tightness,
)
from derive.explain.tree import (
    RAISED,
    Big,
    Bracket,
    Call,
    Cases,
    Compare,
    Derivative,
    Elementwise,
    Equation,
    Formula,
    Guard,
    Join,
    Kronecker,
    Letter,
    Mark,
    Marked,
    Number,
    Over,
    Partial,
    Plus,
    Power,
    Shape,
    Times,
    Transposed,
    plain,
)

if TYPE_CHECKING:
    import sympy as sp

    from derive.explain.names import Notation
    from derive.layer.model import Node

__all__ = ["equation", "marked", "text", "written"]

_SUPERSCRIPTS = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
#: What there are small signs for in a name: W⁽¹⁾.
_SMALL = str.maketrans("0123456789−+()T", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾ᵀ")
_SMALL_SIGNS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾ᵀ"
_SIGNS = {"sum": "Σ", "product": "∏", "max": "max", "argmax": "argmax"}
_RELATIONS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"}
_FUNCTIONS = {"sigmoid": "σ"}

#: Characters that no text has: what is between them is marked.
_OPEN, _CLOSE = {Mark.NEW: "\ufdd0", Mark.WRONG: "\ufdd1"}, "\ufdd2"
_WHY = {character: mark for mark, character in _OPEN.items()}

Piece = tuple[str, int]  # some text, and how tightly it binds


def text(expression: sp.Expr, notation: Notation | None = None) -> str:
    """Return an expression as a person writes it, in one line."""
    return written(compose(expression, notation))


def equation(node: Node, notation: Notation | None = None) -> str:
    """Return ``left = right`` for a definition, or for a gradient under its notation."""
    return written(compose_node(node, notation))


def written(formula: Formula | Equation) -> str:
    """Return a formula as text; marks do not show."""
    return marked(formula)[0]


def marked(formula: Formula | Equation) -> tuple[str, tuple[tuple[int, int, Mark], ...]]:
    """Return a formula as text, and where its marks are: start, end, and why.

    >>> marked(Times((Letter("a"), Marked(Letter("b", (Letter("i"),))))))
    ('a b_i', ((2, 5, <Mark.NEW: 'new'>),))
    """
    sides = (formula.left, formula.right) if isinstance(formula, Equation) else (formula,)
    text, spans = "", []
    opened: list[tuple[int, Mark]] = []
    for character in " = ".join(_text(side)[0] for side in sides):
        if character in _WHY:
            opened.append((len(text), _WHY[character]))
        elif character == _CLOSE:
            start, why = opened.pop()
            spans.append((start, len(text), why))
        else:
            text += character
    return text, tuple(spans)


@singledispatch
def _text(formula: object) -> Piece:
    raise TypeError(f"no text for a {type(formula).__name__}")


@_text.register
def _(formula: Number) -> Piece:
    if formula.digits.startswith("1e"):
        return f"10{formula.digits[2:].replace('-', '−').translate(_SUPERSCRIPTS)}", POWER
    return {"pi": "π", "E": "e", "oo": "∞"}.get(formula.digits, formula.digits), ATOM


@_text.register
def _(formula: Letter) -> Piece:
    if formula.own is not None:
        own, indices = formula.own, formula.indices
        stem = own.stem.text + "′" * own.primes + _raised(own.above.text)
        below = _subscript([own.below.text] if own.below.text else [], indices)
        return formula.prefix + stem + below, tightness(formula)
    name = spelled(formula.name)
    stem = unicodedata.normalize("NFC", name.stem + name.accent) + name.number
    return formula.prefix + stem + _subscript(
        [name.word] if name.word else [], formula.indices
    ), ATOM


def _raised(text: str) -> str:
    """Return a superscript: in small signs, if there are such."""
    small = text.translate(_SMALL)
    if not small.strip(_SMALL_SIGNS):
        return small
    return f"^{text}" if len(text) == 1 else f"^{{{text}}}"


def _subscript(words: list[str], indices: tuple[Formula, ...]) -> str:
    parts = [*words, *(_tight(index) for index in indices)]
    if not parts:
        return ""
    joined = ("" if not words and all(len(part) == 1 for part in parts) else ",").join(parts)
    # 2i is a product, and x_2i would be x_2 times i.
    product = joined[0].isdigit() and not joined.isdigit()
    bare = len(parts) == 1 and joined.isalnum() and not product
    return f"_{joined}" if bare else f"_{{{joined}}}"


def _tight(index: Formula) -> str:
    """Return an index expression without the spaces round its signs: ``2i+k``."""
    found = _text(index)[0].replace(" + ", "+").replace(" − ", "−")
    digits = "0123456789"
    return "".join(
        character
        for place, character in enumerate(found)
        if character != " " or found[place - 1] not in digits
    )


@_text.register
def _(formula: Partial) -> Piece:
    return f"∂{_text(formula.of)[0]}/∂{_text(formula.wrt)[0]}", PRODUCT


@_text.register
def _(formula: Derivative) -> Piece:
    return f"∂/∂{_text(formula.wrt)[0]} {bracketed(_text(formula.body), ATOM)}", PRODUCT


@_text.register
def _(formula: Plus) -> Piece:
    result = ""
    for place, (negative, term) in enumerate(formula.terms):
        sign = ("−" if negative else "") if place == 0 else (" − " if negative else " + ")
        result += sign + bracketed(_text(term), CIRCLE)
    return result, SUM


@_text.register
def _(formula: Times) -> Piece:
    last = len(formula.factors) - 1
    parts = []
    for place, factor in enumerate(formula.factors):
        if isinstance(factor, Shape) and place:
            parts.append(f"· {_text(factor)[0]}")
        elif isinstance(plain(factor), Over) and place < last:
            parts.append(f"({_text(factor)[0]})")
        elif place < last:
            parts.append(_closed(factor))
        else:
            parts.append(bracketed(_text(factor), BIG))
    return " ".join(parts), BIG if isinstance(plain(formula.factors[-1]), Big) else PRODUCT


def _closed(factor: Formula) -> str:
    """Return a factor such that something may follow it: ``log(y)``, not ``log y``."""
    if isinstance(factor, Marked) and isinstance(factor.inside, (Times, Call)):
        return f"{_OPEN[factor.mark]}{_closed(factor.inside)}{_CLOSE}"
    if isinstance(factor, Times):
        # A quotient among the factors ends where it ends: (a/b) c, not a/b c.
        return " ".join(
            f"({_text(part)[0]})" if isinstance(plain(part), Over) else _closed(part)
            for part in factor.factors
        )
    if isinstance(factor, Call) and is_bare(factor):
        return f"{_function(factor.function)}{_enclosed(factor)}"
    return bracketed(_text(factor), PRODUCT)


@_text.register
def _(formula: Over) -> Piece:
    above = bracketed(_text(formula.numerator), PRODUCT)
    if isinstance(plain(formula.numerator), (Times, Call)):
        above = _closed(formula.numerator)
    if isinstance(plain(formula.numerator), Over):
        above = f"({_text(formula.numerator)[0]})"
    denominator = plain(formula.denominator)
    below = bracketed(_text(formula.denominator), BIG)
    if isinstance(denominator, (Times, Partial, Over)):
        below = f"({_text(formula.denominator)[0]})"
    space = " " if isinstance(denominator, Big) else ""
    return f"{above}{space}/{space}{below}", PRODUCT


@_text.register
def _(formula: Power) -> Piece:
    exponent = _text(formula.exponent)[0]
    small = exponent.translate(_SUPERSCRIPTS)
    simple = not small.strip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
    plain = isinstance(formula.exponent, Letter) and not formula.exponent.indices
    raised = small if simple else (f"^{exponent}" if plain else f"^({exponent})")
    base = formula.base
    if isinstance(base, Call) and base.function in RAISED and simple:
        return f"{_function(base.function)}{raised}{_enclosed(base)}", ATOM
    return f"{bracketed(_text(base), ATOM)}{raised}", POWER


@_text.register
def _(formula: Call) -> Piece:
    first = _text(formula.arguments[0])
    if formula.function == "abs":
        return f"|{first[0]}|", ATOM
    if formula.function == "sqrt":
        return f"√{bracketed(first, ATOM)}", ATOM
    if is_bare(formula):
        return f"{_function(formula.function)} {first[0]}", PRODUCT
    return f"{_function(formula.function)}{_enclosed(formula)}", ATOM


def _enclosed(call: Call) -> str:
    """Return the arguments of a function in brackets; a choice has its own."""
    text = ", ".join(_text(argument)[0] for argument in call.arguments)
    chosen = len(call.arguments) == 1 and isinstance(plain(call.arguments[0]), Cases)
    return text if chosen else f"({text})"


def _function(name: str) -> str:
    stem = name.rstrip("'")
    return _FUNCTIONS.get(stem, GREEK.get(stem, stem)) + "′" * (len(name) - len(stem))


@_text.register
def _(formula: Big) -> Piece:
    under = formula.index
    if formula.but is not None:
        under = f"{{{under}≠{_text(formula.but)[0]}}}"
    body = bracketed(_text(formula.body), BIG)
    return f"{_SIGNS[formula.kind]}_{under} {body}", BIG


@_text.register
def _(formula: Kronecker) -> Piece:
    return "δ" + _subscript([], (formula.left, formula.right)), ATOM


@_text.register
def _(formula: Compare) -> Piece:
    result = _text(formula.operands[0])[0]
    for relation, operand in zip(formula.relations, formula.operands[1:], strict=True):
        result += f" {_RELATIONS[relation]} {_text(operand)[0]}"
    return result, SUM


@_text.register
def _(formula: Join) -> Piece:
    parts = [_text(part)[0] for part in formula.parts]
    if formula.word == "not":
        return f"not ({parts[0]})", SUM
    return f" {formula.word} ".join(parts), SUM


@_text.register
def _(formula: Guard) -> Piece:
    return f"[{_text(formula.condition)[0]}]", ATOM


@_text.register
def _(formula: Cases) -> Piece:
    condition, first, second = (
        _text(part)[0] for part in (formula.condition, formula.first, formula.second)
    )
    return f"({first} if {condition}, else {second})", ATOM


@_text.register
def _(formula: Transposed) -> Piece:
    if isinstance(formula.base, Call):
        return f"{_closed(formula.base)}ᵀ", ATOM
    return f"{bracketed(_text(formula.base), ATOM)}ᵀ", ATOM


@_text.register
def _(formula: Elementwise) -> Piece:
    sign = " ⊘ " if formula.divides else " ∘ "
    factors = (
        _closed(factor) if isinstance(factor, Call) else bracketed(_text(factor), POWER)
        for factor in formula.factors
    )
    return sign.join(factors), CIRCLE


@_text.register
def _(formula: Bracket) -> Piece:
    return f"({_text(formula.inside)[0]})", ATOM


@_text.register
def _(formula: Marked) -> Piece:
    inside, tightness = _text(formula.inside)
    return f"{_OPEN[formula.mark]}{inside}{_CLOSE}", tightness


@_text.register
def _(formula: Shape) -> Piece:
    sizes = ", ".join(_text(size)[0] for size in formula.sizes)
    return f"({sizes})", ATOM
