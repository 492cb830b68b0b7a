"""Sums of products of whole tensors as a line of code, where there is no matrix form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.explain.code import code
from derive.explain.names import BESIDE, letters
from derive.index.delta import prenex
from derive.index.terms import Entry, Index, substitute, symbols

if TYPE_CHECKING:
    from derive.index.local import Term
    from derive.layer.model import Node

__all__ = ["einsum_text"]


def einsum_text(node: Node, unit: str = "") -> str | None:
    """Return sums of products of whole tensors as calls of ``einsum``, or None if they are not.

    Parameters
    ----------
    node : Node
        The equation in index form.
    unit : str
        A scalar that is 1 and is left out: the cotangent of a scalar loss.

    Examples
    --------
    >>> from derive.index.terms import Size, sum_over
    >>> from derive.layer.model import Node, Role, Tensor
    >>> N, i, j = Size("N"), Index("i"), Index("j")
    >>> y = Tensor("y", (N,), Role.NODE)
    >>> body = sum_over(j, N, 2 * Entry("W", (N, N), i, j) * Entry("x", (N,), j))
    >>> einsum_text(Node(y, (i,), body))
    'y = 2*einsum("il,l->i", W, x)'
    """
    body = substitute(node.body, {Entry(unit, ()): sp.S.One}) if unit else node.body
    terms = prenex(sp.expand(body))
    calls = [_call(term, node) for term in terms]
    # What is added comes first, as in every formula.
    signed = sorted((call for call in calls if call is not None), key=lambda call: call[0])
    if not calls or None in calls:
        return None
    text = "".join(f" {'-' if negative else '+'} {call}" for negative, call in signed)
    first = text[3:] if text.startswith(" +") else f"-{text[3:]}"
    return f"{node.name} = {first}"


def _call(term: Term, node: Node) -> tuple[bool, str] | None:
    """Return a term as one call, and whether it is subtracted."""
    if term.deltas:
        return None
    scalars: list[sp.Expr] = []
    entries: list[Entry] = []
    for factor in sp.Mul.make_args(term.coefficient):
        if not factor.has(Entry) and not any(isinstance(s, Index) for s in symbols(factor)):
            scalars.append(factor)
            continue
        base, exponent = factor.as_base_exp() if factor.is_Pow else (factor, sp.S.One)
        plain = isinstance(base, Entry) and all(isinstance(i, Index) for i in base.indices)
        if not plain or not exponent.is_Integer or exponent < 0:
            return None
        entries += [base] * int(exponent)
    read = {index for entry in entries for index in entry.indices}
    names = letters(BESIDE, {str(index) for index in node.indices})
    called = {index: str(index) for index in node.indices}
    called |= {index: next(names) for index, _ in term.bound}
    if any(len(name) > 1 for name in called.values()) or read != set(called):
        return None
    if not entries:
        return None
    order = list(called)
    entries.sort(key=lambda e: ([order.index(i) for i in e.indices], e.tensor))
    inside = ",".join("".join(called[i] for i in entry.indices) for entry in entries)
    result = "".join(called[i] for i in node.indices)
    arrays = ", ".join(entry.tensor for entry in entries)
    scale = sp.Mul(*scalars)
    negative = bool(scale.could_extract_minus_sign())
    scale = -scale if negative else scale
    factor = "" if scale == 1 else f"{code(scale)}*"
    return negative, f'{factor}einsum("{inside}->{result}", {arrays})'
