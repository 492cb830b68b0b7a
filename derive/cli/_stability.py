"""``derive show --stability``: what is rewritten so that digits are kept."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any

from derive.cli._output import Page, print_json
from derive.explain.code import code
from derive.explain.names import for_layer
from derive.index.functions import grouped
from derive.index.terms import Index
from derive.verify.stability import rewritten

if TYPE_CHECKING:
    import sympy as sp

    from derive.layer.model import Layer
    from derive.verify.stability import Rewritten

__all__ = ["show_stability"]

#: Characters of a formula that are shown to a reader; JSON has all.
_MOST = 240


def show_stability(layer: Layer, output: str) -> None:
    """Print each expression of a layer that a rule rewrites.

    Parameters
    ----------
    layer : Layer
        Without a batch.
    output : str
        ``text`` or ``json``.
    """
    found = rewritten(layer)
    if output == "json":
        print_json({"name": layer.name, "rewritten": [_json(each, layer) for each in found]})
        return
    page = Page()
    page.title(layer.name, layer.doc)
    if not found:
        page.line("  nothing is rewritten: no rule applies")
    for each in found:
        before, after = _sides(each, layer)
        page.heading(each.application.rule.name, f"in {each.name}; {each.equal}")
        page.line(f"  where   {each.application.rule.domain}")
        page.line(f"  before  {_short(before)}")
        page.line(f"  after   {_short(after)}")
        page.line(f"  error   {_error(each.before)} → {_error(each.after)}")
    page.line("")
    page.line(
        "  relative errors in float64, at normal inputs of scale 1, 30 and 300, of each expression "
        "within\n  its layer before and after; where a result is no number, ∞"
    )


def _sides(each: Rewritten, layer: Layer) -> tuple[str, str]:
    notation = for_layer(layer)
    taken = {*layer.names, *(size.name for size in layer.sizes)}
    taken |= {str(s) for s in each.application.before.free_symbols}
    letters = (letter for letter in string.ascii_lowercase[8:] if letter not in taken)
    names = {index: Index(next(letters)) for index, _ in each.application.bound}

    def text(expression: sp.Expr) -> str:
        plain = expression.replace(grouped, lambda inside: inside)
        return code(plain.xreplace(names), notation)

    return text(each.application.before), text(each.application.after)


def _short(text: str) -> str:
    """Return a text without its middle, if it is too long to be read."""
    return text if len(text) <= _MOST else f"{text[: _MOST * 2 // 3]} … {text[-_MOST // 3 :]}"


def _error(error: float) -> str:
    return "∞" if error == float("inf") else f"{error:.1e}"


def _json(each: Rewritten, layer: Layer) -> dict[str, Any]:
    rule, (before, after) = each.application.rule, _sides(each, layer)
    return {
        "definition": each.name,
        "rule": rule.name,
        "domain": rule.domain,
        "source": rule.source,
        "before": before,
        "after": after,
        "equal": each.equal,
        "error_before": each.before,
        "error_after": each.after,
    }
