r"""Recognising quotients of ``\partial`` or ``d`` in rows of factors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeGuard

from derive.notes.raw import Head, Item, only_items, reach
from derive.notes.tree import Derivative, Name, Node, Number, Scripted

Fold = Callable[[tuple[Item, ...]], Node]


def mark(node: Node) -> tuple[str, tuple[Node, ...]] | None:
    r"""Return the mark ``\partial`` or ``d`` that a factor is, with its order."""
    if isinstance(node, Head) and node.kind == "PARTIAL" and not node.sub and not node.primes:
        return r"\partial", node.sup
    base = node.base if isinstance(node, Scripted) else node
    if isinstance(base, Name) and base.spelling in ("d", r"\mathrm{d}"):
        if base is node:
            return "d", ()
        if isinstance(node, Scripted) and not node.sub and not node.primes:
            return "d", node.sup
    return None


def _order(sup: tuple[Node, ...]) -> Node | None:
    return sup[0] if sup else None


def _variables(items: Sequence[Item], sign: str, order: Node | None, fold: Fold) -> list[Node]:
    r"""Return what stands below: ``\partial x_i \partial x_j``; nothing where it is no such row."""
    starts = []
    for place, item in enumerate(items):
        found = mark(item.node)
        if found is not None and found[0] == sign and not found[1]:
            starts.append(place)
    if not starts or starts[0] != 0:
        return []
    variables: list[Node] = []
    for start, stop in zip(starts, [*starts[1:], len(items)], strict=True):
        chunk = tuple(items[start + 1 : stop])
        if not chunk or chunk[0].operator or chunk[0].sign:
            return []
        variables.append(fold(chunk))
    if isinstance(order, Number) and order.text == str(len(variables)):
        # Each of them counts once: ``\partial\mu\,\partial\sigma^2`` is by a variance.
        return variables
    return [part for variable in variables for part in _repeated(variable, order)]


def _repeated(variable: Node, order: Node | None) -> list[Node]:
    r"""Take ``x^2`` as ``x`` twice where the order above is 2."""
    if (
        isinstance(variable, Scripted)
        and isinstance(order, Number)
        and variable.sup == (order,)
        and order.text in ("2", "3", "4")
    ):
        plain = replace(variable, sup=(), sup_range=None)
        bare = plain.base if not plain.sub and not plain.primes else plain
        return [bare] * int(order.text)
    return [variable]


def quotient(top: tuple[Item, ...], bottom: tuple[Item, ...], fold: Fold) -> Derivative | None:
    r"""Return ``\frac{\partial L}{\partial x}`` as a derivative, None where it is a fraction."""
    found = mark(top[0].node)
    if found is None:
        return None
    sign, sup = found
    if len(top) > 1 and (top[1].operator or top[1].sign):
        return None
    variables = _variables(bottom, sign, _order(sup), fold)
    if not variables:
        return None
    of = fold(top[1:]) if len(top) > 1 else None
    form = "frac" if of is not None else "operator"
    place = (top[0].node.start, bottom[-1].node.end)
    return Derivative(*place, form, sign, of, tuple(variables), _order(sup))


def slashed(items: tuple[Item, ...], fold: Fold, leibniz: bool) -> list[Item]:
    r"""Put ``\partial L/\partial b`` (and ``dL/dx``) together in a row of factors."""
    row = list(items)
    place = 1
    while place < len(row):
        item = row[place]
        if item.operator is not None and item.operator.text == "/" and item.sign is None:
            found = _slash(row, place, fold, leibniz)
            if found is not None:
                first, stop, node = found
                row[first:stop] = [replace(row[first], node=node)]
                place = first
        place += 1
    return row


def _slash(row: list[Item], place: int, fold: Fold, leibniz: bool) -> tuple[int, int, Node] | None:
    """Return the range of factors around a slash that are a derivative, and it."""
    inner = only_items(row[place].node)
    below = inner if inner is not None and mark(inner[0].node) else None
    found = mark((below or row[place:])[0].node)
    if found is None or (found[0] == "d" and not leibniz):
        return None
    first, above = _above(row, place, found[0])
    if above is None:
        return None
    sign, sup = mark(above[0].node) or ("", ())
    stop = place + 1
    if below is None:
        stop = _stop(row, place, sign)
        below = tuple(row[place:stop])
    variables = _variables(below, sign, _order(sup), fold)
    if not variables:
        return None
    of = fold(above[1:]) if len(above) > 1 else None
    start, end = reach(*((item.node.start, item.node.end) for item in row[first:stop]))
    form = "slash" if of is not None else "operator"
    plain = fold(tuple(row[first:stop])) if sign == "d" else None
    place_ = (start, end)
    node = Derivative(*place_, form, sign, of, tuple(variables), _order(sup), plain, place_)
    return first, stop, node


def _above(row: list[Item], place: int, sign: str) -> tuple[int, tuple[Item, ...] | None]:
    """Return where the upper part of a slash begins, and its factors with their mark."""
    inner = only_items(row[place - 1].node)
    if inner is not None:
        found = mark(inner[0].node)
        if found is not None and found[0] == sign:
            return place - 1, inner
    first = place - 1
    while first >= 0:
        found = mark(row[first].node)
        if found is not None and found[0] == sign:
            return first, tuple(row[first:place])
        if row[first].operator is not None or row[first].sign is not None:
            break
        first -= 1
    return place, None


def _stop(row: list[Item], place: int, sign: str) -> int:
    r"""Return where ``\partial x \partial y`` ends: one factor after each mark."""
    stop = place + 2
    while stop + 1 < len(row):
        found = mark(row[stop].node)
        if found is None or found[0] != sign or row[stop].operator or row[stop + 1].operator:
            break
        stop += 2
    return min(stop, len(row))


def repeated(node: Node) -> tuple[Node, ...]:
    r"""Return what a factor below a derivative of higher order stands for: t, t for ``t^2``."""
    if isinstance(node, Scripted) and len(node.sup) == 1:
        above = node.sup[0]
        if isinstance(above, Number) and above.text in ("2", "3"):
            bare = replace(node, sup=()) if node.sub or node.primes else node.base
            return (bare,) * int(above.text)
    return (node,)


def is_nabla(node: Node | None) -> TypeGuard[Derivative]:
    """Tell whether a node is a derivative that only ∇ says."""
    return isinstance(node, Derivative) and node.form == "nabla" and node.order is None
