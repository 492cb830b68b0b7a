"""Formulas as MathML (Core), in chunks between which a browser may break the line.

A formula that is narrow is one ``<math>``. A wider one is a chunk for each term, or for each
factor, and if need be for what stands in brackets too; ``<wbr>`` stands between chunks.
"""

from __future__ import annotations

from functools import singledispatch
from html import escape
from typing import TYPE_CHECKING

from derive.explain.extent import extent
from derive.explain.spelling import spelled
from derive.explain.text import written
from derive.explain.tightness import ATOM, BIG, CIRCLE, POWER, PRODUCT, apart, is_bare, tightness
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
    from derive.layer.written import Written

__all__ = ["mathml"]

#: A chunk that is wider, in em, may not fit on a phone.
_NARROW = 16.0
#: Brackets are broken up to this depth.
_DEEPEST = 6
_SIGNS = {"sum": "∑", "product": "∏", "max": "max", "argmax": "argmax"}
_RELATIONS = {"<": "&lt;", "<=": "≤", ">": "&gt;", ">=": "≥", "==": "=", "!=": "≠"}
_ACCENTS = {"\u0302": "^", "\u0304": "¯", "\u0303": "~", "\u0307": "˙"}
_UPRIGHT = {"𝟏", "𝐈"}
_SPACE = '<mspace width="0.17em"/>'
#: Brackets as tall as a sum with its limits.
_LARGE = 'stretchy="true" minsize="2.4em" maxsize="2.4em"'
#: What is taller than a letter.
_TALL = ("<mfrac", "<munder", "<msqrt", "<mtable")
#: An invisible product, and the application of a function.
_TIMES, _APPLY = "<mo>&#x2062;</mo>", "<mo>&#x2061;</mo>"

Chunks = list[str]


def mathml(formula: Formula | Equation, *, display: bool = False, origin: int = 1) -> str:
    """Return a formula as HTML.

    Parameters
    ----------
    formula : formula or equation
        What to write.
    display : bool
        Whether it stands by itself: fractions are large, and limits stand below and above.
    origin : int
        What indices count from.

    Examples
    --------
    >>> mathml(Over(Letter("a"), Number("2")))
    '<math><mfrac><mrow><mi>a</mi></mrow><mrow><mn>2</mn></mrow></mfrac></math>'
    """
    style = ' displaystyle="true"' if display else ""
    sides = (formula.left, formula.right) if isinstance(formula, Equation) else (formula,)
    found: Chunks = []
    for place, side in enumerate(sides):
        if isinstance(side, Partial) and not display:
            # In a sentence: ∂L/∂b, no fraction.
            above, below = (_Printer(origin, -1).whole(f) for f in (side.of, side.wrt))
            slash = '<mo lspace="0" rspace="0">/</mo>'
            chunks = [f"<mi>∂</mi>{above}{slash}<mi>∂</mi>{below}"]
        else:
            chunks = _fitting(side, origin)
        chunks[0] = f'<mo form="infix">=</mo>{chunks[0]}' if place else chunks[0]
        found += chunks
    if extent("".join(found)) <= _NARROW:
        found = ["".join(found)]
    return "<wbr>".join(f"<math{style}>{chunk}</math>" for chunk in found)


def _fitting(formula: Formula, origin: int) -> Chunks:
    """Return the chunks of a formula: as few as fit."""
    found: Chunks = []
    for split in range(-1, _DEEPEST):
        found = _Printer(origin, split).chunks(formula, 0)
        if all(extent(chunk) <= _NARROW for chunk in found):
            break
    return found


class _Printer:
    """Prints formulas whose brackets may be broken up to a depth; -1 breaks nothing."""

    def __init__(self, origin: int, split: int) -> None:
        self.origin, self.split = origin, split

    def chunks(self, formula: Formula, depth: int) -> Chunks:
        """Return what a formula consists of."""
        return _chunks(formula, self, depth)

    def whole(self, formula: Formula) -> str:
        """Return a formula that is not broken."""
        return "".join(_chunks(formula, _Printer(self.origin, -1), 0))

    def row(self, formula: Formula) -> str:
        """Return a formula as one element."""
        return f"<mrow>{self.whole(formula)}</mrow>"

    def joined(self, parts: list[Chunks], depth: int) -> Chunks:
        """Return parts in a row, which may be broken between them at this depth."""
        flat = [chunk for part in parts for chunk in part]
        return flat if depth <= self.split else ["".join(flat)]

    def bracketed(self, formula: Formula, least: int, depth: int) -> Chunks:
        """Return a formula, in brackets if it binds less tightly than is needed."""
        if tightness(formula) >= least:
            return self.chunks(formula, depth)
        return self.brackets(formula, depth)

    def brackets(self, formula: Formula, depth: int) -> Chunks:
        """Return a formula in brackets."""
        inside = self.chunks(formula, depth + 1)
        if len(inside) == 1:
            return [_fenced("(", inside[0], ")")]
        first, *middle, last = inside
        # Brackets in different chunks do not grow together: they have one size, or another.
        tall = any(mark in chunk for chunk in inside for mark in _TALL)
        fixed = _LARGE if tall else 'stretchy="false"'
        opened = f'<mo form="prefix" {fixed}>(</mo>{first}'
        return [opened, *middle, f'{last}<mo form="postfix" {fixed}>)</mo>']

    def close(self, formula: Formula, least: int) -> str:
        """Return a formula as one element, in brackets if needed."""
        return f"<mrow>{''.join(_Printer(self.origin, -1).bracketed(formula, least, 0))}</mrow>"


def _fenced(left: str, inside: str, right: str) -> str:
    """Return something in brackets, which grow if it is tall."""
    grows = "" if any(mark in inside for mark in _TALL) else ' stretchy="false"'
    opening, closing = f'<mo form="prefix"{grows}>', f'<mo form="postfix"{grows}>'
    return f"<mrow>{opening}{left}</mo>{inside}{closing}{right}</mo></mrow>"


@singledispatch
def _chunks(formula: object, to: _Printer, depth: int) -> Chunks:
    raise TypeError(f"no MathML for a {type(formula).__name__}")


@_chunks.register
def _(formula: Number, to: _Printer, depth: int) -> Chunks:
    if formula.digits.startswith("1e"):
        power = formula.digits[2:].replace("-", "−")
        return [f"<msup><mn>10</mn><mn>{power}</mn></msup>"]
    known = {"pi": "π", "E": "e", "oo": "∞"}.get(formula.digits)
    return [f"<mi>{known}</mi>" if known else f"<mn>{escape(formula.digits)}</mn>"]


@_chunks.register
def _(formula: Letter, to: _Printer, depth: int) -> Chunks:
    if formula.own is not None:
        return [_own(formula, formula.own, to)]
    name = spelled(formula.name)
    upright = ' mathvariant="normal"' if name.stem in _UPRIGHT else ""
    stem = f"<mi{upright}>{escape(name.stem)}</mi>"
    if name.accent:
        stem = (
            f'<mover accent="true">{stem}<mo stretchy="false">{_ACCENTS[name.accent]}</mo></mover>'
        )
    below = [f"<mtext>{escape(name.word)}</mtext>"] if name.word else []
    below += [to.row(index) for index in formula.indices]
    number = f"<mn>{name.number}</mn>" if name.number else ""
    if number and not formula.indices:
        below.insert(0, number)
        number = ""
    short = all(len(written(index)) == 1 for index in formula.indices) and not name.word
    script = ("" if short else "<mo>,</mo>").join(below)
    if number:
        raised = f'<mrow><mo stretchy="false">(</mo>{number}<mo stretchy="false">)</mo></mrow>'
        stem = f"<msubsup>{stem}<mrow>{script}</mrow>{raised}</msubsup>"
    elif script:
        stem = f"<msub>{stem}<mrow>{script}</mrow></msub>"
    return [f"<mi>{formula.prefix}</mi>{stem}" if formula.prefix else stem]


def _own(formula: Letter, own: Written, to: _Printer) -> str:
    """Return a name as its author writes it, with indices behind its own subscript."""
    below = [f"<mtext>{escape(own.below.text)}</mtext>"] if own.below.text else []
    close = not below and all(len(written(index)) == 1 for index in formula.indices)
    under = ("" if close else "<mo>,</mo>").join((*below, *map(to.row, formula.indices)))
    raised = "′" * own.primes + own.above.text
    over = f"<mrow><mtext>{escape(raised)}</mtext></mrow>" if raised else ""
    kind = f"m{'sub' if under else ''}{'sup' if over else ''}" if under or over else "mrow"
    under = f"<mrow>{under}</mrow>" if under else ""
    before = f"<mi>{formula.prefix}</mi>" if formula.prefix else ""
    return f"{before}<{kind}><mi>{escape(own.stem.text)}</mi>{under}{over}</{kind}>"


@_chunks.register
def _(formula: Partial, to: _Printer, depth: int) -> Chunks:
    above, below = (f"<mrow><mi>∂</mi>{to.whole(f)}</mrow>" for f in (formula.of, formula.wrt))
    return [f"<mfrac>{above}{below}</mfrac>"]


@_chunks.register
def _(formula: Derivative, to: _Printer, depth: int) -> Chunks:
    below = f"<mrow><mi>∂</mi>{to.whole(formula.wrt)}</mrow>"
    body = to.bracketed(formula.body, ATOM, depth)
    space = _SPACE if isinstance(plain(formula.body), Call) else ""
    return [f"<mfrac><mi>∂</mi>{below}</mfrac>{space}{body[0]}", *body[1:]]


@_chunks.register
def _(formula: Plus, to: _Printer, depth: int) -> Chunks:
    parts: list[Chunks] = []
    for place, (negative, term) in enumerate(formula.terms):
        first, *more = to.bracketed(term, CIRCLE, depth + 1)
        sign = "−" if negative else "+"
        form = "infix" if place else "prefix"
        shown = f'<mo form="{form}">{sign}</mo>' if place or negative else ""
        parts.append([f"{shown}{first}", *more])
    return to.joined(parts, depth)


@_chunks.register
def _(formula: Times, to: _Printer, depth: int) -> Chunks:
    parts: list[Chunks] = []
    last = len(formula.factors) - 1
    for place, factor in enumerate(formula.factors):
        least = BIG if place == last else PRODUCT
        if place < last and is_bare(plain(factor)):
            found = [to.close(factor, ATOM)]
        else:
            found = to.bracketed(factor, least, depth)
        if place:
            digits = isinstance(plain(factor), (Number, Shape))
            spaced = _is_named(factor) or apart(formula.factors[place - 1], factor)
            space = _SPACE if spaced else ""
            found[0] = f"{'<mo>·</mo>' if digits else _TIMES}{space}{found[0]}"
        parts.append(found)
    return to.joined(parts, depth)


def _is_named(formula: Formula) -> bool:
    """Tell whether a factor begins with the name of a function."""
    formula = plain(formula)
    if isinstance(formula, (Power, Transposed)):
        return _is_named(formula.base)
    return isinstance(formula, Call)


@_chunks.register
def _(formula: Over, to: _Printer, depth: int) -> Chunks:
    return [f"<mfrac>{to.row(formula.numerator)}{to.row(formula.denominator)}</mfrac>"]


@_chunks.register
def _(formula: Power, to: _Printer, depth: int) -> Chunks:
    base, raised = formula.base, to.row(formula.exponent)
    if isinstance(base, Call) and base.function in RAISED and isinstance(formula.exponent, Number):
        name = f"<msup>{_name(base.function)}{raised}</msup>"
        return _applied(name, base, to, depth)
    return [f"<msup>{to.close(base, ATOM)}{raised}</msup>"]


@_chunks.register
def _(formula: Call, to: _Printer, depth: int) -> Chunks:
    first = formula.arguments[0]
    if formula.function == "abs":
        return [_fenced("|", to.whole(first), "|")]
    if formula.function == "sqrt":
        return [f"<msqrt>{to.whole(first)}</msqrt>"]
    if formula.function == "floor":
        return [_fenced("⌊", to.whole(first), "⌋")]
    if is_bare(formula):
        return [f"{_name(formula.function)}{_APPLY}{_SPACE}{to.whole(first)}"]
    return _applied(_name(formula.function), formula, to, depth)


def _name(function: str) -> str:
    return f"<mi>{'σ' if function == 'sigmoid' else escape(function)}</mi>"


def _applied(name: str, formula: Call, to: _Printer, depth: int) -> Chunks:
    if len(formula.arguments) == 1:
        first, *more = to.brackets(formula.arguments[0], depth)
        return [f"{name}{_APPLY}{first}", *more]
    inside = "<mo>,</mo>".join(map(to.whole, formula.arguments))
    return [f"{name}{_APPLY}{_fenced('(', inside, ')')}"]


@_chunks.register
def _(formula: Big, to: _Printer, depth: int) -> Chunks:
    sign = _SIGNS[formula.kind]
    named = formula.kind in ("max", "argmax")
    head = f"<mi>{sign}</mi>" if named else f"<mo>{sign}</mo>"
    index = to.row(Letter(formula.index))
    if formula.but is not None:
        under = f"<mrow>{index}<mo>≠</mo>{to.whole(formula.but)}</mrow>"
        head = f"<munder>{head}{under}</munder>"
    elif named:
        head = f"<munder>{head}{index}</munder>"
    else:
        under = f"<mrow>{index}<mo>=</mo><mn>{to.origin}</mn></mrow>"
        top = to.row(formula.size if to.origin else less_one(formula.size))
        head = f"<munderover>{head}{under}{top}</munderover>"
    first, *more = to.bracketed(formula.body, BIG, depth)
    return [f"{head}{first}", *more]


@_chunks.register
def _(formula: Kronecker, to: _Printer, depth: int) -> Chunks:
    both = [to.whole(side) for side in (formula.left, formula.right)]
    short = all(len(written(side)) == 1 for side in (formula.left, formula.right))
    return [f"<msub><mi>δ</mi><mrow>{('' if short else '<mo>,</mo>').join(both)}</mrow></msub>"]


@_chunks.register
def _(formula: Compare, to: _Printer, depth: int) -> Chunks:
    result = to.whole(formula.operands[0])
    for relation, operand in zip(formula.relations, formula.operands[1:], strict=True):
        result += f"<mo>{_RELATIONS[relation]}</mo>{to.whole(operand)}"
    return [result]


@_chunks.register
def _(formula: Join, to: _Printer, depth: int) -> Chunks:
    if formula.word == "not":
        return [f"<mo>¬</mo>{to.close(formula.parts[0], ATOM)}"]
    sign = {"and": "∧", "or": "∨"}[formula.word]
    return [f"<mo>{sign}</mo>".join(map(to.whole, formula.parts))]


@_chunks.register
def _(formula: Guard, to: _Printer, depth: int) -> Chunks:
    return [_fenced("[", to.whole(formula.condition), "]")]


@_chunks.register
def _(formula: Cases, to: _Printer, depth: int) -> Chunks:
    first, second = to.whole(formula.first), to.whole(formula.second)
    otherwise = f"<mo>¬</mo>{to.close(formula.condition, ATOM)}"
    rows = f"<mtr><mtd>{first}</mtd><mtd>{to.whole(formula.condition)}</mtd></mtr>"
    rows += f"<mtr><mtd>{second}</mtd><mtd>{otherwise}</mtd></mtr>"
    return [f'<mrow><mo form="prefix">{{</mo><mtable>{rows}</mtable></mrow>']


@_chunks.register
def _(formula: Transposed, to: _Printer, depth: int) -> Chunks:
    base = to.close(formula.base, ATOM)
    return [f"<msup>{base}<mo>⊤</mo></msup>"]


@_chunks.register
def _(formula: Elementwise, to: _Printer, depth: int) -> Chunks:
    sign = "<mo>⊘</mo>" if formula.divides else "<mo>∘</mo>"
    parts: list[Chunks] = []
    for place, factor in enumerate(formula.factors):
        first, *more = to.bracketed(factor, POWER, depth)
        parts.append([f"{sign if place else ''}{first}", *more])
    return to.joined(parts, depth)


@_chunks.register
def _(formula: Bracket, to: _Printer, depth: int) -> Chunks:
    return to.brackets(formula.inside, depth)


@_chunks.register
def _(formula: Marked, to: _Printer, depth: int) -> Chunks:
    chunks = to.chunks(formula.inside, depth)
    return [f'<mrow class="{formula.mark.value}">{chunk}</mrow>' for chunk in chunks]


@_chunks.register
def _(formula: Shape, to: _Printer, depth: int) -> Chunks:
    sizes = "<mo>,</mo>".join(map(to.whole, formula.sizes))
    return [f'<mrow><mo stretchy="false">(</mo>{sizes}<mo stretchy="false">)</mo></mrow>']
