"""From the neutral tree of a formula to its meaning, in either algebra.

``mean`` gives a node its value in a scope. Products are taken as the shapes allow (see
:mod:`derive.notes.values`); a name in front of brackets applies if it is a function and
multiplies if it is not. What has no meaning raises a :class:`Misfit` with its place.
"""

from __future__ import annotations

from fractions import Fraction as Exact
from functools import singledispatch

import sympy as sp

from derive.index.scalars import LETTER, primed
from derive.notes import tree
from derive.notes.brackets import unbracketed
from derive.notes.scope import Scope  # noqa: TC001 (dispatch reads it)
from derive.notes.symbols import DIVISIONS, PRODUCTS
from derive.notes.tree import (
    Add,
    Derivative,
    Fraction,
    Group,
    Indicator,
    Name,
    Node,
    Number,
    Operator,
    Product,
    Root,
    Scripted,
    Wrapped,
)
from derive.notes.values import (
    Misfit,
    Value,
    added,
    elementwise,
    shape_text,
    two_axes,
)

__all__ = [
    "applied",
    "constant",
    "divided",
    "divides",
    "is_function",
    "letter_of",
    "mean",
    "negated",
    "number",
    "undefined",
]

#: Names with a fixed value, unless the note declares them.
CONSTANTS = {r"\pi": sp.pi, "e": sp.E, r"\mathrm{e}": sp.E}

#: With two indices: 1 where they are equal, else 0.
KRONECKER = r"\delta"
#: Zeros of any shape.
ZEROS = {r"\mathbf{0}", r"\boldsymbol{0}", r"\mathbb{0}", r"\vec{0}"}
#: A vector of ones.
ONES = {r"\mathbf{1}", r"\boldsymbol{1}", r"\mathbb{1}"}
#: A matrix with ones on its diagonal, as large as what it stands beside.
IDENTITIES = {"I", r"\mathbf{I}", r"\mathbb{I}", r"\mathrm{I}", r"\boldsymbol{I}"}

_STOP = "a stop-gradient: its value is that of its argument, and it has no derivative"
#: Functions that notes use by name and that are not read, and what to say of them.
UNREAD = {
    **dict.fromkeys(("sg", "stopgrad", "stopgradient", "detach"), _STOP),
    "lg": r"the function lg, which may be \log_2 or \log_{10}",
}
#: The sign of an expectation.
EXPECTATION = r"\mathbb{E}"


def mean(node: Node, scope: Scope) -> Value:
    """Return the meaning of a node.

    Raises
    ------
    Misfit
        If it has none, with the place of the smallest part that is to blame.
    """
    if scope.memo is not None:
        known = scope.memo.get(id(node))
        if known is not None:
            return known[1]
    try:
        value = _mean(node, scope)
    except Misfit as misfit:
        if misfit.start < 0:
            misfit.start, misfit.end = node.start, node.end
        raise
    if scope.memo is not None:
        scope.memo[id(node)] = (node, value)
    return value


@singledispatch
def _mean(node: Node, scope: Scope) -> Value:
    raise Misfit("unreadable", _UNREAD.get(type(node), "something that has no meaning here"))


_UNREAD: dict[type[Node], str] = {
    tree.Evaluated: "a value at a point",
    tree.Accented: "an accent over an expression",
    tree.Partial: "a ∂ that belongs to no quotient",
    tree.Dots: "dots outside of a list or a matrix",
    tree.Mark: "a mark in the place of a quantity",
    tree.Relation: "a relation in the place of a quantity",
    tree.Empty: "nothing in the place of a quantity",
    tree.Remark: "words in the place of a quantity",
}


register = _mean.register


def number(scope: Scope, value: sp.Expr) -> Value:
    """Return a constant."""
    return Value(scope.algebra.number(value))


def negated(scope: Scope, value: Value) -> Value:
    """Return minus the value."""
    two_axes(value)
    minus = scope.algebra.number(sp.S.NegativeOne)
    return value.mapped(scope.algebra.multiply(minus, value.data))


def constant(node: Node, scope: Scope) -> sp.Expr | None:
    """Return the exact number or expression in sizes that a node is, None if it is neither."""
    node = unbracketed(node)
    if isinstance(node, Number):
        return _exact(node.text)
    if isinstance(node, Name):
        if node.spelling in scope.sizes and node.spelling not in scope.values:
            return scope.sizes[node.spelling]
        return sp.pi if node.spelling == r"\pi" and r"\pi" not in scope.tensors else None
    if isinstance(node, Add):
        parts = [constant(term.body, scope) for term in node.terms]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        return sp.Add(*(-p if t.sign == "-" else p for p, t in zip(known, node.terms, strict=True)))
    if isinstance(node, Fraction):
        above, below = constant(node.numerator, scope), constant(node.denominator, scope)
        return None if above is None or below is None else _ratio(above, below)
    if isinstance(node, Product):
        found = [constant(factor, scope) for factor in node.factors]
        known = [part for part in found if part is not None]
        if len(known) < len(found):
            return None
        result, *rest = known
        for sign, part in zip(node.operators, rest, strict=True):
            result = _ratio(result, part) if divides(sign) else result * part
        return result
    return None


def divides(operator: Operator) -> bool:
    """Tell whether an operator divides by what stands after it; else it multiplies.

    Raises
    ------
    Misfit
        If it has no one meaning.
    """
    sign = operator.text
    if sign not in DIVISIONS and sign not in PRODUCTS:
        place = (operator.start, operator.end)
        raise Misfit("unreadable", f"the sign {sign} has no one meaning between quantities", *place)
    return sign in DIVISIONS


def _ratio(above: sp.Expr, below: sp.Expr) -> sp.Expr:
    if below == 0:
        raise Misfit("value", "a division by zero")
    return above / below


def _exact(text: str) -> sp.Rational:
    value = Exact(text.replace(",", "").replace(" ", ""))
    return sp.Rational(value.numerator, value.denominator)


def letter_of(node: Node) -> str | None:
    r"""Return the letter that a node may be as an index: ``i``, ``j'``, ``\alpha``."""
    if isinstance(node, Name) and not node.spelling.startswith(("\\hat", "\\bar", "\\tilde")):
        return node.spelling
    if isinstance(node, Scripted) and isinstance(node.base, Name) and not node.sub and not node.sup:
        return node.base.spelling + "'" * node.primes
    return None


def is_function(node: Node, scope: Scope) -> str | None:
    """Return the spelling of a function's name if the node is one, with or without primes."""
    name = node.base if isinstance(node, Scripted) and not node.sub else node
    if isinstance(name, Name):
        spelling = name.spelling
        if spelling in scope.tensors or spelling in scope.values:
            return None
        if spelling in scope.macros or (
            spelling in scope.functions and spelling not in scope.sizes
        ):
            return spelling
    return None


@register
def _(node: Number, scope: Scope) -> Value:
    return number(scope, _exact(node.text))


@register
def _(node: Name, scope: Scope) -> Value:
    from derive.notes.indexing import whole

    spelling = node.spelling
    if spelling in scope.values:
        return scope.values[spelling]
    if spelling in scope.tensors:
        return whole(scope.tensors[spelling], scope)
    if spelling in scope.losses:
        return whole(scope.losses[spelling], scope)
    if spelling in scope.sizes:
        return number(scope, scope.sizes[spelling])
    if spelling in CONSTANTS.keys() - scope.taken:
        return number(scope, CONSTANTS[spelling])
    if spelling in IDENTITIES:
        return Value(scope.algebra.number(sp.S.One), identity=True)
    if spelling in ZEROS:
        return number(scope, sp.S.Zero)
    if spelling in ONES and (scope.expected[0] is None) != (scope.expected[1] is None):
        # As long as what the whole side is compared with.
        return Value(scope.algebra.number(sp.S.One), *scope.expected)
    if spelling in ONES:
        raise Misfit("shape", f"nothing here says how long {spelling} is")
    if scope.letters.size(spelling) is not None:
        scope.letters.used.add(spelling)
        return Value(scope.algebra.letter(spelling))
    if spelling in scope.macros:
        raise Misfit("argument", f"the function {spelling} without an argument")
    raise undefined(spelling)


def undefined(spelling: str, start: int = -1, end: int = -1) -> Misfit:
    """Return the complaint about a name that stands for nothing."""
    if spelling == EXPECTATION:
        what = r"an expectation (write it as a sum, such as \sum_a \pi_a q_a)"
        return Misfit("unreadable", what, start, end)
    what = UNREAD.get(spelling.removeprefix(r"\mathrm{").removesuffix("}"), "")
    if what and spelling.startswith(r"\mathrm{"):
        return Misfit("unreadable", what, start, end)
    return Misfit("undefined-symbol", f"{spelling} is not declared", start, end)


@register
def _(node: Wrapped, scope: Scope) -> Value:
    return mean(node.body, scope)


@register
def _(node: Group, scope: Scope) -> Value:
    if len(node.items) == 1:
        only = node.items[0]
        if node.opening == "[" and isinstance(only, tree.Relation):
            # Iverson's brackets: 1 where it holds, else 0.
            only = Indicator(node.start, node.end, node.items, (node.start, node.start))
        return mean(only, scope)
    if node.opening == r"\langle" and len(node.items) == 2:
        from derive.notes.sums import inner

        return inner(node, scope)
    from derive.notes.matrices import row

    return row(node, scope)


@register
def _(node: Add, scope: Scope) -> Value:
    result: Value | None = None
    for term in node.terms:
        if term.sign not in ("", "+", "-"):
            raise Misfit("unreadable", f"the sign {term.sign} has two readings", *term.sign_range)
        value = mean(term.body, scope)
        value = negated(scope, value) if term.sign == "-" else value
        try:
            if result is not None:
                if scope.columns and _lie_across(result, value):
                    raise Misfit("shape", "a row and a column are added")
                value = added(scope.algebra, result, value, rows=scope.rows)
            result = value
        except Misfit as misfit:
            misfit.start, misfit.end = term.body.start, term.body.end
            raise
    assert result is not None
    return result


def _lie_across(one: Value, two: Value) -> bool:
    """Tell whether one of two vectors is a row and the other one a column."""
    vectors = one.is_vector and two.is_vector and one.shape != two.shape
    return vectors and one.shape == two.shape[::-1]


@register
def _(node: Fraction, scope: Scope) -> Value:
    return divided(scope, mean(node.numerator, scope), mean(node.denominator, scope))


def divided(scope: Scope, above: Value, below: Value) -> Value:
    """Return a quotient: by a number, or entry by entry.

    Raises
    ------
    Misfit
        If the shapes do not agree.
    """
    two_axes(above, below)
    if below.identity or (not below.is_scalar and not above.is_scalar and _differs(above, below)):
        raise Misfit(
            "shape",
            f"a value of shape {shape_text(above)} is divided by one of {shape_text(below)}",
        )
    inverse = below.mapped(scope.algebra.power(below.data, sp.S.NegativeOne))
    return (
        elementwise(scope.algebra, above, inverse, "/")
        if not above.identity
        else above.mapped(scope.algebra.multiply(above.data, inverse.data))
    )


def _differs(left: Value, right: Value) -> bool:
    same = left.shape in (right.shape, right.shape[::-1]) and (left.thin or right.thin)
    return not (same or left.shape == right.shape)


@register
def _(node: Root, scope: Scope) -> Value:
    value = mean(node.body, scope)
    two_axes(value)
    order = sp.Integer(2) if node.order is None else constant(node.order, scope)
    if order is None or not order.is_Rational:
        raise Misfit("unreadable", "a root of an order that is no number")
    return value.mapped(scope.algebra.power(value.data, 1 / order))


@register
def _(node: Derivative, scope: Scope) -> Value:
    return scope.derivative(node, scope)


def applied(function: Node, argument: Node, scope: Scope) -> Value:
    """Return a named function of an argument: elementwise, or as the note defines it."""
    spelling = is_function(function, scope)
    assert spelling is not None
    primes, power = 0, None
    if isinstance(function, Scripted):
        primes = function.primes
        if len(function.sup) == 1:
            mark = function.sup[0]
            if isinstance(mark, tree.Mark) and mark.text in (r"\prime", "'"):
                primes += 1
            else:
                power = constant(mark, scope)
                if power is None:
                    raise Misfit("unreadable", f"a superscript on the function {spelling}")
    if spelling in scope.macros:
        value = _expanded(spelling, argument, scope, primes)
    else:
        inner = mean(argument, scope)
        two_axes(inner)
        form = primed(scope.functions[spelling], primes)
        value = inner.mapped(scope.algebra.apply(form, LETTER, inner.data))
    return value if power is None else value.mapped(scope.algebra.power(value.data, power))


def _expanded(spelling: str, argument: Node, scope: Scope, primes: int) -> Value:
    """Return a function of the note with its arguments put in."""
    macro = scope.macros[spelling]
    items = argument.items if isinstance(argument, Group) else (argument,)
    if len(items) != len(macro.parameters):
        raise Misfit(
            "shape", f"{spelling} takes {len(macro.parameters)} arguments, got {len(items)}"
        )
    if primes:
        raise Misfit("unreadable", f"a derivative of {spelling}, which is no elementwise function")
    values = {name: mean(item, scope) for name, item in zip(macro.parameters, items, strict=True)}
    return mean(macro.body, scope.with_values(values))
