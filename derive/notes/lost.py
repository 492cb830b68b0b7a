"""What gets lost on the way to a gradient: derivatives of the chain, and factors of definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.notes import tree
from derive.notes.settle import moved

if TYPE_CHECKING:
    from derive.notes.sides import Claim, Reader
    from derive.notes.tree import Node

__all__ = ["constants", "cotangents"]


def cotangents(reader: Reader, claim: Claim) -> tuple[tuple[Node, str], ...]:
    """Return derivatives of what the claim differentiates, by what is defined on the way."""
    root = claim.sides[claim.root]
    derivative = next((p for p in tree.walk(root) if isinstance(p, tree.Derivative)), None)
    if derivative is None or derivative.of is None or derivative.form not in ("frac", "slash"):
        return ()
    text = claim.chain.formula.latex
    of = text[derivative.of.start : derivative.of.end]
    indexed = any(isinstance(part, tree.Scripted) and part.sub for part in derivative.wrt)
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
            below = f"_{{{''.join(map(str, letters))}}}"
        spelled = rf"\frac{{\partial {of}}}{{\partial {spelling}{below}}}"
        try:
            line = reader.line(spelled)
        except DeriveError:
            continue
        if line.statements and line.statements[0].body != root:
            found.append((moved(line.statements[0].body, 0), spelled))
    return tuple(found[:6])


def constants(reader: Reader) -> tuple[tuple[Node, str], ...]:
    """Return factors that get lost: numbers and function values in the definitions, signs."""
    found: dict[str, Node] = {}
    for latex, line in reader.define:
        for part in tree.walk(line):
            number = isinstance(part, tree.Number) and part.text not in ("0", "1", "2")
            if number or isinstance(part, (tree.Fraction, tree.Root, tree.FunctionCall)):
                found.setdefault(latex[part.start : part.end], moved(part, 0))
            if isinstance(part, tree.Norm) and not part.double:
                text = rf"\mathrm{{sign}}({latex[part.body.start : part.body.end]})"
                sign = reader.line(text).statements[0].body
                found.setdefault(text, moved(sign, 0))
    return tuple((node, text) for text, node in found.items())
