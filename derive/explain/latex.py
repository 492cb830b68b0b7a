r"""Formulas as LaTeX, for ``amsmath``.

>>> from derive.explain.names import for_layer
>>> from derive.layers import quantizer
>>> layer = quantizer.layer.build()
>>> print(latex_equation(layer.nodes[0], for_layer(layer)))
Z_i = \sum_{j=1}^{M} a_j \tanh\left(c_j (X_i - b_j)\right)
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from derive.explain.compose import compose, compose_node
from derive.explain.names import Notation
from derive.explain.spelling import GREEK, spelled
from derive.explain.tightness import (
    ATOM,
    BIG,
    CIRCLE,
    POWER,
    PRODUCT,
    SUM,
    apart,
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
    less_one,
    plain,
)

if TYPE_CHECKING:
    import sympy as sp

    from derive.layer.model import Node
    from derive.layer.written import Written

__all__ = ["coloured", "inline_latex", "latex", "latex_equation", "letter_latex", "written_latex"]

_SIGNS = {"sum": r"\sum", "product": r"\prod", "max": r"\max", "argmax": r"\operatorname*{argmax}"}
_RELATIONS = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"}
_KNOWN = {"exp", "log", "tanh", "sin", "cos", "tan", "sinh", "cosh", "max", "min"}
_ACCENTS = {"\u0302": r"\hat", "\u0304": r"\bar", "\u0303": r"\tilde", "\u0307": r"\dot"}
#: Greek letters that LaTeX has no command for, because they look like Latin ones.
_LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo", strict=True))
_COMMANDS = {letter: f"\\{name}" for name, letter in GREEK.items() if letter not in _LATIN}
_COMMANDS |= {"𝟏": r"\mathbf{1}", "𝐈": r"\mathbf{I}"}
#: What makes a bracket grow with what is in it.
_TALL = ("(", r"\frac", r"\sum", r"\prod", r"\max", r"\sqrt", r"\begin", r"\operatorname*", "|")

#: The colours of what is marked, of package xcolor.
_COLOURS = {Mark.NEW: "blue", Mark.WRONG: "red"}

Piece = tuple[str, int]  # some LaTeX, and how tightly it binds


def latex(expression: sp.Expr, notation: Notation | None = None) -> str:
    """Return an expression in LaTeX."""
    notation = notation or Notation()
    return written_latex(compose(expression, notation), notation.origin)


def latex_equation(node: Node, notation: Notation | None = None) -> str:
    """Return ``left = right`` in LaTeX for a definition, or a gradient under its notation."""
    notation = notation or Notation()
    return written_latex(compose_node(node, notation), notation.origin)


def written_latex(formula: Formula | Equation, origin: int = 1, sign: str = "=") -> str:
    """Return a formula in LaTeX.

    Parameters
    ----------
    formula : formula or equation
        What to write.
    origin : int
        What indices count from: the range of a sum is written out.
    sign : str
        The equality sign of an equation (``&=`` in an alignment).
    """
    if isinstance(formula, Equation):
        left, right = (_latex(side, origin)[0] for side in (formula.left, formula.right))
        return f"{left} {sign} {right}"
    return _latex(formula, origin)[0]


def inline_latex(formula: Formula | Equation, origin: int = 1) -> str:
    r"""Return a formula that stands in a line of text: ``\partial L/\partial b_i``, no fraction.

    >>> inline_latex(Partial(Letter("L"), Letter("b", (Letter("i"),))))
    '\\partial L/\\partial b_i'
    """
    if isinstance(formula, Equation):
        return f"{inline_latex(formula.left, origin)} = {inline_latex(formula.right, origin)}"
    if isinstance(formula, Partial):
        of, wrt = _latex(formula.of, origin)[0], _latex(formula.wrt, origin)[0]
        return rf"\partial {of}/\partial {wrt}"
    return written_latex(formula, origin)


def letter_latex(name: str, subscripts: tuple[str, ...] = ()) -> str:
    r"""Return a name with subscripts: ``\theta_i``, ``W^{(1)}_{ij}``, and ``W_1`` without."""
    parts = spelled(name)
    stem = _COMMANDS.get(parts.stem, _LATIN.get(parts.stem, parts.stem))
    if len(parts.stem) > 1:
        escaped = parts.stem.replace("_", r"\_")
        stem = rf"\mathrm{{{escaped}}}"
    if parts.accent:
        stem = f"{_ACCENTS[parts.accent]}{{{stem}}}"
    below = list(subscripts)
    if parts.word:
        escaped = parts.word.replace("_", r"\_")
        below.insert(0, rf"\mathrm{{{escaped}}}")
    if parts.number and subscripts:
        stem += f"^{{({parts.number})}}"
    elif parts.number:
        below.insert(0, parts.number)
    if not below:
        return stem
    joined = ("" if all(len(part) == 1 for part in below) else ",").join(below)
    return f"{stem}_{joined}" if len(joined) == 1 else f"{stem}_{{{joined}}}"


def _own_latex(own: Written, subscripts: tuple[str, ...]) -> str:
    """Return a name as its author writes it, with subscripts behind its own."""
    below = [own.below.latex] if own.below.latex else []
    close = not below and all(len(part) == 1 for part in subscripts)
    joined = ("" if close else ",").join((*below, *subscripts))
    scripts = ((mark, s) for mark, s in (("^", own.above.latex), ("_", joined)) if s)
    stem = own.stem.latex + "'" * own.primes
    return stem + "".join(f"{m}{s}" if len(s) == 1 else f"{m}{{{s}}}" for m, s in scripts)


def _brackets(inside: str) -> str:
    tall = any(mark in inside for mark in _TALL)
    return rf"\left({inside}\right)" if tall else f"({inside})"


def _bracketed(piece: Piece, least: int) -> str:
    return piece[0] if piece[1] >= least else _brackets(piece[0])


@singledispatch
def _latex(formula: object, origin: int) -> Piece:
    raise TypeError(f"no LaTeX for a {type(formula).__name__}")


@_latex.register
def _(formula: Number, origin: int) -> Piece:
    mantissa, _, power = formula.digits.partition("e")
    if power:
        shown = f"10^{{{power}}}"
        return (shown, POWER) if mantissa == "1" else (rf"{mantissa} \cdot {shown}", PRODUCT)
    return {"pi": r"\pi", "E": "e", "oo": r"\infty"}.get(formula.digits, formula.digits), ATOM


@_latex.register
def _(formula: Letter, origin: int) -> Piece:
    indices = tuple(_latex(i, origin)[0] for i in formula.indices)
    if formula.own is not None:
        return formula.prefix + _own_latex(formula.own, indices), tightness(formula)
    text = formula.prefix + letter_latex(formula.name, indices)
    return text, POWER if "^" in text else ATOM


@_latex.register
def _(formula: Partial, origin: int) -> Piece:
    of, wrt = _latex(formula.of, origin)[0], _latex(formula.wrt, origin)[0]
    return rf"\frac{{\partial {of}}}{{\partial {wrt}}}", PRODUCT


@_latex.register
def _(formula: Derivative, origin: int) -> Piece:
    wrt = _latex(formula.wrt, origin)[0]
    body = _bracketed(_latex(formula.body, origin), ATOM)
    return rf"\frac{{\partial}}{{\partial {wrt}}} {body}", PRODUCT


@_latex.register
def _(formula: Plus, origin: int) -> Piece:
    result = ""
    for place, (negative, term) in enumerate(formula.terms):
        sign = ("-" if negative else "") if place == 0 else (" - " if negative else " + ")
        result += sign + _bracketed(_latex(term, origin), CIRCLE)
    return result, SUM


@_latex.register
def _(formula: Times, origin: int) -> Piece:
    last = len(formula.factors) - 1
    result = ""
    for place, factor in enumerate(formula.factors):
        piece = _closed(factor, origin) if place < last else _latex(factor, origin)
        text = _bracketed(piece, BIG if place == last else PRODUCT)
        if place and (text[0].isdigit() or isinstance(factor, Shape)):
            result += rf" \cdot {text}"
        elif place and apart(formula.factors[place - 1], factor):
            result += rf"\, {text}"
        else:
            result += text if not result or text.startswith(r"\left") else f" {text}"
    return result, BIG if isinstance(plain(formula.factors[-1]), Big) else PRODUCT


@_latex.register
def _(formula: Over, origin: int) -> Piece:
    above, below = _latex(formula.numerator, origin)[0], _latex(formula.denominator, origin)[0]
    return rf"\frac{{{above}}}{{{below}}}", PRODUCT


@_latex.register
def _(formula: Power, origin: int) -> Piece:
    exponent = _latex(formula.exponent, origin)[0]
    raised = f"^{exponent}" if len(exponent) == 1 else f"^{{{exponent}}}"
    base = formula.base
    if isinstance(base, Call) and base.function in RAISED and isinstance(formula.exponent, Number):
        return f"{_function(base.function)}{raised}{_arguments(base, origin)}", ATOM
    return f"{_bracketed(_latex(base, origin), ATOM)}{raised}", POWER


@_latex.register
def _(formula: Call, origin: int) -> Piece:
    first = _latex(formula.arguments[0], origin)[0]
    if formula.function == "abs":
        return rf"\left|{first}\right|", ATOM
    if formula.function == "sqrt":
        return rf"\sqrt{{{first}}}", ATOM
    if formula.function == "floor":
        return rf"\left\lfloor {first} \right\rfloor", ATOM
    if is_bare(formula):
        return f"{_function(formula.function)} {first}", PRODUCT
    return _applied(formula, origin), ATOM


def _closed(formula: Formula, origin: int) -> Piece:
    r"""Return a formula such that something may follow it: ``\log(y)``, not ``\log y``."""
    if isinstance(formula, Marked):
        inside, tightness = _closed(formula.inside, origin)
        return coloured(inside, formula.mark), tightness
    if isinstance(formula, Call) and is_bare(formula):
        return _applied(formula, origin), ATOM
    return _latex(formula, origin)


def _applied(formula: Call, origin: int) -> str:
    return _function(formula.function) + _arguments(formula, origin)


def _arguments(formula: Call, origin: int) -> str:
    return _brackets(", ".join(_latex(argument, origin)[0] for argument in formula.arguments))


def _function(name: str) -> str:
    if name == "sigmoid":
        return r"\sigma"
    if name in _KNOWN:
        return f"\\{name}"
    # What is no known function is one of the user's own, perhaps with primes.
    stem = name.rstrip("'")
    letter = GREEK.get(stem, stem)
    spelling = _COMMANDS.get(letter, letter) if len(letter) == 1 else rf"\operatorname{{{stem}}}"
    return spelling + "'" * (len(name) - len(stem))


@_latex.register
def _(formula: Big, origin: int) -> Piece:
    sign, index = _SIGNS[formula.kind], letter_latex(formula.index)
    body = _bracketed(_latex(formula.body, origin), BIG)
    space = "" if body.startswith(r"\left") else " "
    if formula.but is not None:
        return rf"{sign}_{{{index} \ne {_latex(formula.but, origin)[0]}}}{space}{body}", BIG
    if formula.kind in ("max", "argmax"):
        return f"{sign}_{{{index}}}{space}{body}", BIG
    top = formula.size if origin == 1 else less_one(formula.size)
    return f"{sign}_{{{index}={origin}}}^{{{_latex(top, origin)[0]}}}{space}{body}", BIG


@_latex.register
def _(formula: Kronecker, origin: int) -> Piece:
    both = tuple(_latex(side, origin)[0] for side in (formula.left, formula.right))
    joined = ("" if all(len(side) == 1 for side in both) else ",").join(both)
    return rf"\delta_{{{joined}}}", ATOM


@_latex.register
def _(formula: Compare, origin: int) -> Piece:
    result = _latex(formula.operands[0], origin)[0]
    for relation, operand in zip(formula.relations, formula.operands[1:], strict=True):
        result += f" {_RELATIONS[relation]} {_latex(operand, origin)[0]}"
    return result, SUM


@_latex.register
def _(formula: Join, origin: int) -> Piece:
    parts = [_latex(part, origin)[0] for part in formula.parts]
    if formula.word == "not":
        return rf"\neg {_brackets(parts[0])}", SUM
    return rf" \text{{ {formula.word} }} ".join(parts), SUM


@_latex.register
def _(formula: Guard, origin: int) -> Piece:
    return rf"\left[{_latex(formula.condition, origin)[0]}\right]", ATOM


@_latex.register
def _(formula: Cases, origin: int) -> Piece:
    condition, first, second = (
        _latex(part, origin)[0] for part in (formula.condition, formula.first, formula.second)
    )
    rows = rf"{first} & \text{{if }} {condition} \\ {second} & \text{{otherwise}}"
    return rf"\begin{{cases}} {rows} \end{{cases}}", BIG


@_latex.register
def _(formula: Transposed, origin: int) -> Piece:
    base = _closed(formula.base, origin)
    return rf"{_bracketed(base, ATOM)}^{{\top}}", POWER


@_latex.register
def _(formula: Elementwise, origin: int) -> Piece:
    sign = r" \oslash " if formula.divides else r" \circ "
    factors = (_bracketed(_closed(factor, origin), POWER) for factor in formula.factors)
    return sign.join(factors), CIRCLE


@_latex.register
def _(formula: Bracket, origin: int) -> Piece:
    return _brackets(_latex(formula.inside, origin)[0]), ATOM


@_latex.register
def _(formula: Marked, origin: int) -> Piece:
    inside, tightness = _latex(formula.inside, origin)
    return coloured(inside, formula.mark), tightness


def coloured(inside: str, mark: Mark) -> str:
    """Return some LaTeX in the colour of a mark."""
    return rf"{{\color{{{_COLOURS[mark]}}} {inside}}}"


@_latex.register
def _(formula: Shape, origin: int) -> Piece:
    sizes = ", ".join(_latex(size, origin)[0] for size in formula.sizes)
    return f"({sizes})", ATOM
