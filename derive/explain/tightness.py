"""How tightly the outermost sign of a formula binds, and which factors need space around them."""

from __future__ import annotations

import unicodedata

from derive.explain.spelling import spelled
from derive.explain.tree import (
    Big,
    Call,
    Cases,
    Compare,
    Derivative,
    Elementwise,
    Formula,
    Join,
    Letter,
    Over,
    Partial,
    Plus,
    Power,
    Times,
    Transposed,
    plain,
)

__all__ = [
    *("ATOM", "BIG", "CIRCLE", "POWER", "PRODUCT", "SUM"),
    *("apart", "bracketed", "is_bare", "tightness"),
]

SUM, CIRCLE, BIG, PRODUCT, POWER, ATOM = range(6)


def tightness(formula: Formula) -> int:
    """Return how tightly a formula holds together, from :data:`SUM` to :data:`ATOM`."""
    formula = plain(formula)
    if isinstance(formula, (Plus, Compare, Join)):
        return SUM
    if isinstance(formula, Elementwise):
        return CIRCLE
    if isinstance(formula, (Big, Cases)):
        return BIG
    if isinstance(formula, Times):
        return BIG if isinstance(plain(formula.factors[-1]), Big) else PRODUCT
    if isinstance(formula, (Partial, Derivative, Over)) or is_bare(formula):
        return PRODUCT
    if isinstance(formula, Letter):
        return ATOM if formula.own is None or formula.own.closed else POWER
    return POWER if isinstance(formula, (Power, Transposed)) else ATOM


def bracketed(piece: tuple[str, int], least: int) -> str:
    """Return a text, in brackets if it binds less tightly than is needed.

    >>> bracketed(("a + b", SUM), PRODUCT), bracketed(("a b", PRODUCT), PRODUCT)
    ('(a + b)', 'a b')
    """
    text, binds = piece
    return text if binds >= least else f"({text})"


def is_bare(formula: Formula) -> bool:
    """Tell whether a formula is a function without brackets: ``log y``."""
    if not isinstance(formula, Call) or formula.function != "log":
        return False
    return isinstance(formula.arguments[0], Letter)


def apart(before: Formula, after: Formula) -> bool:
    """Tell whether two factors need some space: one is of several letters, where they meet.

    A differential is, and a name that is no single letter.

    >>> a, dx = Letter("a"), Letter("x", (), "d")
    >>> apart(a, a), apart(a, dx), apart(Letter("Wz"), a), apart(Transposed(dx), a)
    (False, True, True, False)
    """
    after = plain(after)
    while isinstance(after, (Transposed, Power)):
        after = plain(after.base)
    return any(
        isinstance(side, Letter) and len(side.prefix + _stem(side)) > 1
        for side in (plain(before), after)
    )


def _stem(letter: Letter) -> str:
    """Return what a letter's scripts stand at; an accent is no letter."""
    if letter.own is None:
        return spelled(letter.name).stem
    return "".join(sign for sign in letter.own.stem.text if not unicodedata.combining(sign))
