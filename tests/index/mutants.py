"""Expressions that are wrong in one place: an index, a sign, a factor, a symbol, an exponent."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from derive.index.functions import sigmoid
from derive.index.terms import Delta, Entry, Index, Reduction

FUNCTIONS = (sp.tanh, sigmoid, sp.exp, sp.log, sp.sech)


def mutants(expression, sizes) -> Iterator[tuple[str, sp.Expr]]:
    """Yield what was done and the expression with one edit, at every place and of every kind.

    ``sizes`` are the ranges of the free indices: an index is changed to one of the same range.
    """
    shapes = {entry.tensor: entry for entry in expression.atoms(Entry)}
    for what, new in _edits(expression, dict(sizes), shapes):
        if new != expression and not new.has(sp.nan, sp.zoo, sp.oo):
            yield what, new


def _edits(node, sizes, shapes):
    yield from _here(node, sizes, shapes)
    if isinstance(node, Reduction):
        body, index = node.open()
        for what, new in _edits(body, {**sizes, index: node.size}, shapes):
            yield what, node.func(new, index, node.size)
    elif not isinstance(node, (Entry, Delta)):
        for position, argument in enumerate(node.args):
            if not isinstance(argument, sp.Expr):
                continue
            for what, new in _edits(argument, sizes, shapes):
                if not new.has(sp.nan, sp.zoo, sp.oo):
                    yield what, node.func(*node.args[:position], new, *node.args[position + 1 :])


def _here(node, sizes, shapes):
    if isinstance(node, (Entry, Delta)):
        yield from _other_indices(node, sizes)
    if isinstance(node, Entry):
        for name, other in sorted(shapes.items()):
            if name != node.tensor and other.shape == node.shape:
                yield "symbol", Entry(name, node.shape, *node.indices)
        yield "squared", node**2
    if isinstance(node, Delta):
        yield "factor dropped", sp.S.One
    if isinstance(node, sp.Add):
        for position, term in enumerate(node.args):
            rest = node.func(*node.args[:position], *node.args[position + 1 :])
            yield "sign", rest - term
            yield "term dropped", rest
    if isinstance(node, sp.Mul):
        for position, factor in enumerate(node.args):
            rest = node.func(*node.args[:position], *node.args[position + 1 :])
            yield "factor dropped", rest
            yield "factor doubled", rest * factor**2
    if isinstance(node, sp.Pow) and node.exp.is_number:
        yield "exponent", node.base ** (node.exp + 1)
        yield "exponent", node.base ** (node.exp - 1)
    if isinstance(node, FUNCTIONS):
        for function in FUNCTIONS:
            if function is not type(node):
                yield "function", function(node.args[0])
        yield "function dropped", node.args[0]
        yield "argument negated", node.func(-node.args[0])
    if isinstance(node, Reduction):
        for index, size in sizes.items():
            if size == node.size:
                yield "sum dropped", node.open(index)[0]


def _other_indices(node, sizes):
    indices = list(node.args) if isinstance(node, Delta) else list(node.indices)
    for position, index in enumerate(indices):
        for other, size in sizes.items():
            if isinstance(index, Index) and other != index and size == sizes.get(index):
                changed = [*indices[:position], other, *indices[position + 1 :]]
                if isinstance(node, Delta):
                    yield "index", Delta(*changed)
                else:
                    yield "index", Entry(node.args[0], node.shape, *changed)
