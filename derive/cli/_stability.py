"""``derive show --stability``: what is rewritten so that digits are kept."""

from __future__ import annotations

import string
from itertools import takewhile
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

__all__ = ["shortened", "show_stability"]

#: Characters of a formula that are shown to a reader; JSON has all.
_MOST = 240
#: Characters on each side of what differs.
_BESIDE = 20


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
    sides = [(each, *_sides(each, layer)) for each in found]
    # Some rules only say what is computed first, which a formula does not show.
    seen = [(each, before, after) for each, before, after in sides if before != after]
    if found and not seen:
        page.line("  only the order is changed in which products are computed")
    for each, before, after in seen:
        page.heading(each.application.rule.name, f"in {each.name}; {each.equal}")
        page.line(f"  where   {each.application.rule.domain}")
        page.line(f"  before  {shortened(before, after)}")
        page.line(f"  after   {shortened(after, before)}")
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


def shortened(text: str, other: str) -> str:
    """Return a text that is too long to be read around what another one has not.

    Parameters
    ----------
    text : str
        What is shown.
    other : str
        What it is compared with.
    """
    if len(text) <= _MOST:
        return text
    ahead = _alike(text, other)
    behind = _alike(text[ahead:][::-1], other[ahead:][::-1])
    beside = max(_BESIDE, (_MOST - (len(text) - ahead - behind)) // 2)
    low, high = max(0, ahead - beside), min(len(text), len(text) - behind + beside)
    part = text[low:high]
    if len(part) > _MOST:
        part = f"{part[: _MOST * 2 // 3]} … {part[-_MOST // 3 :]}"
    return f"{'… ' if low else ''}{part}{' …' if high < len(text) else ''}"


def _alike(one: str, two: str) -> int:
    """Return with how many equal characters two texts begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False)))


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
