"""SymPy's functions in a body: some say what ours say, of others there is nothing like it here.

``Max(x, y)`` is a maximum, ``sec x`` is ``1 / cos x``, a ``Piecewise`` that covers everything is a
selection. Whatever is left must be a function whose value and whose code are known.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.decimals import whole
from derive.index.elementary import FUNCTIONS
from derive.index.functions import Select, erfc, maximum, minimum

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["lacking", "translated"]


def _piecewise(*pieces: sp.Basic) -> sp.Expr:
    """Return the pieces as selections, the first that holds; themselves if there may be none."""
    *first, (last, otherwise) = pieces
    if otherwise != sp.true:
        return sp.Piecewise(*pieces, evaluate=False)
    return reduce(lambda rest, piece: Select(piece[1], piece[0], rest), reversed(first), last)


def _pairs(kind: type[sp.Expr]) -> Callable[..., sp.Expr]:
    """Return the function of any number of arguments, numbers first: a tie belongs to them."""
    return lambda *parts: reduce(kind, sorted(parts, key=lambda part: not part.is_number))


_OURS: dict[type[sp.Basic], Callable[..., sp.Expr]] = {
    sp.Max: _pairs(maximum),
    sp.Min: _pairs(minimum),
    sp.Piecewise: _piecewise,
    sp.erfc: erfc,
    sp.sec: lambda x: 1 / sp.cos(x),
    sp.csc: lambda x: 1 / sp.sin(x),
    sp.cot: lambda x: 1 / sp.tan(x),
    sp.csch: lambda x: 1 / sp.sinh(x),
    sp.coth: lambda x: 1 / sp.tanh(x),
    sp.acot: lambda x: sp.atan(1 / x),
    sp.asec: lambda x: sp.acos(1 / x),
    sp.acsc: lambda x: sp.asin(1 / x),
    sp.asech: lambda x: sp.acosh(1 / x),
    sp.acsch: lambda x: sp.asinh(1 / x),
    sp.acoth: lambda x: sp.atanh(1 / x),
}

#: What to write instead.
_HINTS = {
    "Sum": "write sum_over(j, x[j]); its range follows from where j stands, or say size=…",
    "Product": "write product_over(j, x[j]); its range follows from where j stands, or say size=…",
    "Derivative": "write the derivative out",
    "Integral": "write the integral out",
    "Heaviside": "write select(x > 0, 1, 0), which says what it is at 0",
    "Piecewise": "say what it is elsewhere: sp.Piecewise((x, x > 0), (0, True)), or select",
    "LambertW": "define it by an equation, outside of the layer",
    "DiracDelta": "write delta(i, j) between indices",
    "KroneckerDelta": "write delta(i, j)",
    "sinc": "write select(sp.Ne(x, 0), sin(x) / x, 1)",
    "atan2": (
        "write sp.atan(y / x), where x is positive; "
        "for any other, 2 * sp.atan(y / (sqrt(x**2 + y**2) + x)), where y is not 0"
    ),
    "cbrt": "write sign(x) * absolute(x) ** sp.Rational(1, 3)",
}


#: SymPy's, which bind letters of their own.
_BINDERS = (sp.Sum, sp.Product, sp.Derivative, sp.Integral, sp.Limit)
#: What rewriting makes, and nobody writes.
_INNER = {"grouped", "step", "log1p", "expm1", "logaddexp"}
#: Complained of in words of their own, see :mod:`derive.layer.check`.
_ELSEWHERE = (sp.Mod, sp.floor, sp.ceiling)


def translated(body: sp.Expr) -> sp.Expr:
    """Return the body in functions of ours where SymPy's say the same, with 1 for 1.0.

    >>> from derive.index.terms import Entry
    >>> x, y = Entry("x", ()), Entry("y", ())
    >>> translated(sp.Max(x, 0) + sp.sec(y))
    maximum(0, x) + 1/cos(y)
    """
    return _ours(whole(body))


def _ours(body: sp.Expr) -> sp.Expr:
    if not body.has(*_OURS):
        return body
    arguments = [_ours(argument) for argument in body.args]
    own = _OURS.get(type(body))
    return own(*arguments) if own else body.func(*arguments)


def lacking(body: sp.Expr) -> dict[str, str]:
    """Return the names of the functions in a body of which nothing is known, each with a hint."""
    found = {
        type(part).__name__
        for part in body.atoms(sp.Function, *_BINDERS)
        if type(part) not in FUNCTIONS and not isinstance(part, _ELSEWHERE)
    }
    known = "there are " + ", ".join(sorted({kind.__name__ for kind in FUNCTIONS} - _INNER))
    return {name: _HINTS.get(name, known) for name in sorted(found)}
