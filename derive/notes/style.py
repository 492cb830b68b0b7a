"""Accents and fonts: over a symbol they are part of its name."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import singledispatch

from derive.notes.tree import Accented, Add, Group, Name, Node, Number, Product, Scripted, Term

_ACCENT = re.compile(r"(\\(?:hat|bar|tilde|vec|d?dot|check|breve|acute|grave|underline)\{)(.*)\}$")


@singledispatch
def accented(node: Node, accent: str, start: int, end: int) -> Node:
    """Put an accent on a symbol (it becomes part of the name) or over an expression."""
    return Accented(start, end, accent, node)


@accented.register
def _(node: Name, accent: str, start: int, end: int) -> Node:
    return Name(start, end, f"\\{accent}{{{node.spelling}}}", ((start, end),))


@accented.register
def _(node: Number, accent: str, start: int, end: int) -> Node:
    return Name(start, end, f"\\{accent}{{{node.text}}}", ((start, end),))


@accented.register
def _(node: Scripted, accent: str, start: int, end: int) -> Node:
    return replace(node, start=start, end=end, base=accented(node.base, accent, start, end))


@singledispatch
def styled(node: Node, font: str) -> Node:
    """Set the symbols of an expression, but not their scripts, in a font."""
    return node


@styled.register
def _(node: Name, font: str) -> Node:
    inside = node.spelling
    prefix = suffix = ""
    while match := _ACCENT.match(inside):
        prefix, suffix, inside = prefix + match.group(1), suffix + "}", match.group(2)
    return replace(node, spelling=f"{prefix}\\{font}{{{inside}}}{suffix}")


@styled.register
def _(node: Number, font: str) -> Node:
    place = (node.start, node.end)
    return Name(*place, f"\\{font}{{{node.text}}}", (place,)) if len(node.text) == 1 else node


@styled.register
def _(node: Scripted, font: str) -> Node:
    return replace(node, base=styled(node.base, font))


@styled.register
def _(node: Product, font: str) -> Node:
    return replace(node, factors=tuple(styled(factor, font) for factor in node.factors))


@styled.register
def _(node: Add, font: str) -> Node:
    terms = tuple(replace(term, body=styled(term.body, font)) for term in node.terms)
    return replace(node, terms=terms)


@styled.register
def _(node: Term, font: str) -> Node:
    return replace(node, body=styled(node.body, font))


@styled.register
def _(node: Group, font: str) -> Node:
    return replace(node, items=tuple(styled(item, font) for item in node.items))
