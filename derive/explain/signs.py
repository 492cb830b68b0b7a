"""The signs on a page that a reader may not know: each is explained once."""

from __future__ import annotations

from derive.explain.layout import IDENTITY, ONES
from derive.explain.tree import (
    Call,
    Compare,
    Elementwise,
    Guard,
    Kronecker,
    Letter,
    Number,
    parts,
)
from derive.explain.words import Phrase, phrase

__all__ = ["signs"]

_U, _P, _A = Letter("u"), Letter("p"), Letter("A")
_POSITIVE = Compare((_U, Number("0")), (">",))
#: What is said, in this order, of a sign or a function that is not in every textbook.
_SENTENCES = {
    "circle": phrase("sign.circle"),
    "divide": phrase("sign.divide"),
    "power": phrase("sign.power", base=_U, exponent=_P, sign=Call("power", (_U, _P))),
    "ones": phrase("sign.ones", sign=Letter(ONES)),
    "identity": phrase("sign.identity", sign=Letter(IDENTITY)),
    "diagonal": phrase("sign.diagonal", sign=Call("diagonal", (_A,)), matrix=_A),
    "delta": phrase("sign.delta"),
    "guard": phrase("sign.guard", sign=Guard(_POSITIVE)),
    "step": phrase("sign.step", sign=Call("step", (_U,)), condition=_POSITIVE),
}


def signs(formulas: object) -> tuple[Phrase, ...]:
    """Return a sentence for each sign that occurs in the formulas.

    Parameters
    ----------
    formulas : object
        Formulas, and lists and records of formulas.

    Examples
    --------
    >>> from derive.explain.words import said
    >>> [said(found) for found in signs([Letter("x"), Letter(ONES)])]
    ['𝟏 is a vector of ones.']
    """
    found: set[str] = set()
    for part in parts(formulas):
        if isinstance(part, Elementwise):
            found.add("divide" if part.divides else "circle")
        elif isinstance(part, Letter):
            found.add({ONES: "ones", IDENTITY: "identity"}.get(part.name, ""))
        elif isinstance(part, Kronecker):
            found.add("delta")
        elif isinstance(part, Guard):
            found.add("guard")
        elif isinstance(part, Call):
            found.add(part.function)
    return tuple(one for name, one in _SENTENCES.items() if name in found)
