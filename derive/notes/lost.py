"""What gets lost on the way to a gradient: derivatives of the chain, and factors of definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.notes import tree
from derive.notes.claims import bare_name
from derive.notes.compounds import inverse
from derive.notes.indexedits import subscript
from derive.notes.settle import moved

if TYPE_CHECKING:
    from derive.notes.sides import Claim, Reader
    from derive.notes.tree import Node

__all__ = ["brackets", "constants", "cotangents", "functions"]

#: The most derivatives, and brackets of the definitions, that are tried.
_MOST_LINKS = 6
_MOST = 12


def cotangents(reader: Reader, claim: Claim) -> tuple[tuple[Node, str], ...]:
    """Return derivatives of what the claim differentiates, by what is defined on the way."""
    root = claim.sides[claim.root]
    derivative = next((p for p in tree.walk(root) if isinstance(p, tree.Derivative)), None)
    if derivative is None or derivative.of is None or derivative.form not in ("frac", "slash"):
        return ()
    text = claim.chain.formula.latex
    of = text[derivative.of.start : derivative.of.end]
    parts = (part for side in claim.sides for part in tree.walk(side))
    indexed = any(isinstance(part, tree.Scripted) and part.sub for part in parts)
    found = []
    defined = {node.name: node for node in reader.world.layer.nodes}
    for spelling, symbol in reader.world.tensors.items():
        if symbol.name not in defined or spelling.endswith(" ") or spelling == of:
            continue
        below = ""
        if indexed and symbol.shape:
            letters = [
                next((n for n, s in claim.every.items() if s == size), None)
                for size in symbol.shape
            ]
            if not all(letters):
                continue
            below = subscript(*map(str, letters))
        spelled = rf"\frac{{\partial {of}}}{{\partial {spelling}{below}}}"
        try:
            line = reader.line(spelled)
        except DeriveError:
            continue
        if line.statements and line.statements[0].body != root:
            found.append((moved(line.statements[0].body, 0), spelled))
    return tuple(found[:_MOST_LINKS])


def functions(reader: Reader) -> tuple[str, ...]:
    """Return the functions that the definitions apply, by their names."""
    known = {**reader.world.functions, **reader.world.macros}
    parts = (part for _, line in reader.define for part in tree.walk(line))
    names = (part.spelling for part in parts if isinstance(part, tree.Name))
    return tuple(dict.fromkeys(name for name in names if name in known))


def brackets(reader: Reader) -> tuple[tuple[Node, str], ...]:
    """Return what the definitions have in brackets and norms, or apply a function to, in brackets.

    An application of a function that the note declares is one of them, in brackets of no width.
    """
    applied = functions(reader)
    found: dict[str, Node] = {}
    for latex, line in reader.define:
        for part in tree.walk(line):
            inner: Node | None = None
            if isinstance(part, tree.Norm):
                inner = part.body
            elif isinstance(part, tree.Group) and part.end > part.start:
                if len(part.items) > 1:
                    found.setdefault(latex[part.start : part.end], moved(part, 0))
                    continue
                inner = part.items[0]
            elif isinstance(part, tree.Scripted) and bare_name(part.base) == "e" and part.sup:
                inner = part.sup[0]
            if isinstance(inner, (tree.Add, tree.Product)) and inner.end > inner.start:
                text = latex[inner.start : inner.end]
                group = tree.Group(0, 0, "(", ")", (moved(inner, 0),))
                found.setdefault(f"({text})", group)
            if isinstance(part, tree.Product) and len(part.factors) == 2:
                name, argument = part.factors
                if bare_name(name) in applied and isinstance(argument, tree.Group):
                    call = tree.Group(0, 0, "{", "}", (moved(part, 0),))
                    found.setdefault(latex[part.start : part.end], call)
    return tuple((node, text) for text, node in found.items())[:_MOST]


def constants(reader: Reader) -> tuple[tuple[Node, str], ...]:
    """Return factors that get lost: numbers and function values in the definitions, signs."""
    found: dict[str, Node] = {}
    for latex, line in reader.define:
        for part in tree.walk(line):
            if isinstance(part, tree.Fraction) and isinstance(part.denominator, tree.Product):
                # A square's exponent cancels the 2 of 1/(2n).
                two, *rest = part.denominator.factors
                if len(rest) == 1 and isinstance(two, tree.Number):
                    text = rf"\frac{{1}}{{{latex[rest[0].start : rest[0].end]}}}"
                    found.setdefault(text, inverse(moved(rest[0], 0)))
            number = isinstance(part, tree.Number) and part.text not in ("0", "1", "2")
            if number or isinstance(part, (tree.Fraction, tree.Root, tree.FunctionCall)):
                found.setdefault(latex[part.start : part.end], moved(part, 0))
            if isinstance(part, tree.Norm) and not part.double:
                text = rf"\mathrm{{sign}}({latex[part.body.start : part.body.end]})"
                sign = reader.line(text).statements[0].body
                found.setdefault(text, moved(sign, 0))
    return tuple((node, text) for text, node in found.items())
