"""How wide some MathML is, roughly: in em of its font.

Only what :mod:`derive.explain.mathml` writes has to be understood.
"""

from __future__ import annotations

from xml.etree import ElementTree

__all__ = ["extent"]

_DIGIT, _LETTER, _WORD, _SUM, _BRACKET, _ROOT = 0.5, 0.56, 0.5, 1.45, 0.42, 0.9
_SCRIPT = 0.72
#: Signs that stand apart from what is on both sides, and the invisible ones.
_APART, _NOTHING = frozenset("+−=<>≤≥≠∧∨∘⊘"), frozenset("\u2061\u2062")
_SIGN, _CLOSE = 1.25, 0.33
#: The space around a sum.
_BESIDE = 0.45
#: A bracket that has to grow is wider.
_TALL = 0.45


def extent(markup: str) -> float:
    """Return the estimated width of elements in a row.

    >>> extent("<mfrac><mi>a</mi><mi>b</mi></mfrac>") < extent("<mi>a</mi><mi>b</mi>")
    True
    """
    return _row(ElementTree.fromstring(f"<mrow>{markup}</mrow>"))


def _row(element: ElementTree.Element) -> float:
    return sum(map(_width, element))


def _width(element: ElementTree.Element) -> float:
    inside = [_width(part) for part in element]
    match element.tag:
        case "mi" | "mn" | "mtext":
            text = element.text or ""
            each = _DIGIT if element.tag == "mn" else _LETTER if len(text) == 1 else _WORD
            return each * len(text)
        case "mo":
            return _operator(element)
        case "mspace":
            return float((element.get("width") or "0em").removesuffix("em"))
        case "mfrac":
            return max(inside) + 0.2
        case "msub" | "msup":
            return inside[0] + _SCRIPT * inside[1]
        case "msubsup":
            return inside[0] + _SCRIPT * max(inside[1:])
        case "munder" | "munderover":
            return max(inside[0], *(_SCRIPT * limit for limit in inside[1:])) + _BESIDE
        case "mover":
            return inside[0]
        case "msqrt":
            return _ROOT + sum(inside)
        case "mtable":
            return max(inside)
        case _:
            return sum(inside)


def _operator(element: ElementTree.Element) -> float:
    text = element.text or ""
    if text in _NOTHING:
        return 0.0
    if text in ("∑", "∏"):
        return _SUM
    if text in _APART:
        return _SIGN if element.get("form") != "prefix" else _SIGN - 0.45
    if text == ",":
        return _CLOSE + 0.1
    return _BRACKET if element.get("stretchy") == "false" else _BRACKET + _TALL
