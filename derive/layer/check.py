"""Is a layer well formed? All complaints, not the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.errors import DeriveError, DeriveErrors
from derive.index.functions import Select
from derive.index.terms import Delta, Entry, Index, Reduction, Size, entries, free_indices, tensors
from derive.layer.letters import letters_in
from derive.layer.positions import reach, reads
from derive.layer.updates import UNKNOWN, check_updates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from derive.layer.model import Layer, Node

__all__ = [
    "UNKNOWN",
    "check",
    "index_sizes",
    "never_empty",
    "ranged",
    "refuse_constant",
    "sizeless",
    "smallest",
    "unknown_size",
    "validated",
]


def validated(layer: Layer) -> Layer:
    """Return the layer, or raise all that is wrong with it.

    Raises
    ------
    DeriveErrors
        With one error per mistake.
    """
    complaints = check(layer)
    if complaints:
        raise DeriveErrors(tuple(complaints))
    return layer


def refuse_constant(layer: Layer) -> None:
    """Complain of a layer that has no gradient, as it is given nothing to differentiate by.

    Raises
    ------
    DeriveError
        If neither an input nor a parameter is given.
    """
    if not layer.wrt:
        raise DeriveError(
            f"{layer.name}: there is nothing to differentiate by: no input and no parameter",
            layer.span,
            "labels, constants and integers have no gradients; declare as input or param what has",
        )


def check(layer: Layer) -> list[DeriveError]:
    """Return what is wrong: names, order, ranks, indices, sizes."""
    known = {tensor.name: tensor.shape for tensor in layer.tensors}
    defined = {node.name: node for node in layer.nodes}
    complaints = []
    if not layer.outputs:
        complaints.append(DeriveError(f"{layer.name}: nothing is an output", layer.span))
    for node in layer.nodes:
        for entry in entries(node.body):
            name = entry.tensor
            if name == UNKNOWN:
                continue
            if name not in known and name in defined:
                complaints += _cycle(node, defined)
            elif name not in known:
                complaints.append(DeriveError(f"{node.name}: unknown tensor {name}", node.span))
            elif known[name] != entry.shape:
                text = f"{node.name}: {name} has shape {known[name]}, not {entry.shape}"
                complaints.append(DeriveError(text, node.span))
        if UNKNOWN not in tensors(node.body):
            complaints += _check_indices(node)
            complaints += _meaningless(node)
            complaints += _outside(node)
        known[node.name] = node.tensor.shape
    for name in layer.outputs:
        if name not in defined:
            text = f"{layer.name}: output {name} is never defined"
            complaints.append(DeriveError(text, layer.span))
    return _unique([*complaints, *check_updates(layer)])


#: What SymPy knows and a layer cannot have.
_FOREIGN: dict[type[sp.Basic], str] = {
    type(sp.I): "complex numbers have",
    type(sp.nan): "what is not a number has",
    type(sp.zoo): "a division by zero has",
    sp.Mod: "a remainder, {}, has",
    sp.floor: "a rounded number, {}, has",
    sp.ceiling: "a rounded number, {}, has",
}


#: What to write instead of the quotient and the remainder of an index.
_AXES = (
    "give the parts of an index axes of their own, as in y[i, k] = x[2 * i + k]; "
    "what goes round is a selection, as in select(i < N, x[i + N], x[i - N])"
)


def _meaningless(node: Node) -> list[DeriveError]:
    """Complain of what is no formula in real numbers, and of sums over nothing."""
    complaints = []
    for part in sorted(node.body.atoms(*_FOREIGN), key=str):
        what = next(said for kind, said in _FOREIGN.items() if isinstance(part, kind))
        text = f"{node.name}: {what.format(part)} no place in a layer"
        split = isinstance(part, (sp.Mod, sp.floor)) and part.has(Index) and not part.has(Entry)
        complaints.append(DeriveError(text, node.span, _AXES if split else ""))
    for power in sorted(node.body.atoms(sp.Pow), key=str):
        if power.base.is_nonpositive and power.base.is_number and power.exp.has(Entry):
            text = f"{node.name}: {power}: what is not positive has no such powers"
            complaints.append(DeriveError(text, node.span))
    for size in sorted({each.size for each in node.body.atoms(Reduction)}, key=str):
        if size.is_positive is False:
            text = f"{node.name}: a size is at least 1, and not {size}"
            complaints.append(DeriveError(text, node.span))
    return complaints


def _outside(node: Node) -> Iterator[DeriveError]:
    """Complain of what is read outside of an axis, whatever the sizes are."""
    for read in reads(node.body, node.sizes):
        # Plain indices have a message of their own.
        plain = isinstance(read.position, Index) or isinstance(read.where, Delta)
        reached = None if read.guarded or plain else reach(read)
        if reached is None or reached.data:
            continue
        below = reached.low.is_negative
        if below or (reached.high - read.size).is_nonnegative:
            letters = letters_in(read.where, node.span.text if node.span else "")
            where, place = (str(part.xreplace(letters)) for part in (read.where, read.position))
            inside = f"{place} >= 0" if below else f"{place} < {read.size}"
            last = "counted from 0" if read.size == 1 else f"from 0 to {read.size - 1}"
            hint = f"guard what may lie outside: select({inside}, {where}, 0)"
            if not read.position.has(Index):
                # As Python counts from the end.
                hint = f"write {read.size + read.position} for {place}" if below else ""
            yield DeriveError(
                f"{node.name}: {where} is read at "
                f"{reached.low if below else reached.high}, but positions are {last}",
                node.span,
                hint,
            )


_CIRCLE = (
    "there are no recurrences: write each entry by what is given, as in "
    "sum_over(j, select(j <= i, x[j], 0))"
)


def _cycle(node: Node, defined: Mapping[str, Node]) -> list[DeriveError]:
    """Complain that the node is defined by itself, or else that it stands too early."""
    paths, seen = [[node.name]], {node.name}
    while paths:
        path = paths.pop(0)
        for name in sorted(tensors(defined[path[-1]].body) & set(defined)):
            if name == node.name:
                text = f"definitions need one another in a circle: {' → '.join([*path, name])}"
                return [DeriveError(text, node.span, _CIRCLE if len(path) == 1 else "")]
            if name not in seen:
                seen.add(name)
                paths.append([*path, name])
    return [DeriveError(f"{node.name} is defined by what is defined after it", node.span)]


def _unique(complaints: list[DeriveError]) -> list[DeriveError]:
    return list({(error.message, error.span): error for error in complaints}.values())


def _check_indices(node: Node) -> list[DeriveError]:
    complaints = []
    unbound = free_indices(node.body) - set(node.indices)
    for index in sorted(unbound, key=str):
        complaints.append(
            DeriveError(
                f"index {index} is not bound: it is neither on the left of {node.entry} "
                "nor under a sum",
                node.span,
                f"sum over it, or write {node.name}[…, {index}] on the left",
            )
        )
    complaints += _clashes(node, node.body, node.sizes)
    return complaints


def _clashes(node: Node, body: sp.Basic, ranges: dict[Index, sp.Expr]) -> list[DeriveError]:
    """Complain of every plain index that runs past an axis that it stands on."""
    complaints = []
    for read in reads(body, ranges):
        index, axis = read.position, read.size
        if read.guarded or not (isinstance(read.where, Entry) and index in read.ranges):
            continue
        size = read.ranges[index]
        if smallest([size, axis]) != size:
            letters = letters_in(read.where, node.span.text if node.span else "")
            where, letter = read.where.xreplace(letters), letters.get(index, index)
            text = f"index {letter} runs over {size}, but stands on an axis of size {axis} "
            guard = f"select({letter} < {axis}, {where}, 0)"
            hint = f"if that is meant, guard it: {guard}"
            complaints.append(DeriveError(f"{text}in {where}", node.span, hint))
    return complaints


def ranged(body: sp.Expr, sizes: Mapping[Index, sp.Expr]) -> sp.Expr:
    """Return the body with a selection for every delta between indices of different sizes.

    ``δ(i, j)`` promises that ``i`` is a position of ``j``'s range; where nothing says so, the
    comparison is made when the numbers are known.
    """
    if isinstance(body, Delta) and all(isinstance(side, Index) for side in body.args):
        left, right = (sizes.get(side) for side in body.args)
        return body if left == right else Select(sp.Eq(*body.args), 1, 0)
    if isinstance(body, Reduction):
        inner, index = body.open()
        return body.func(ranged(inner, {**sizes, index: body.size}), index, body.size)
    if not body.has(Delta):
        return body
    return body.func(*(ranged(argument, sizes) for argument in body.args))


def index_sizes(body: sp.Basic, index: Index) -> list[sp.Expr]:
    """Return the different sizes of the axes on which the index stands alone.

    Where a selection guards it, it may run over more: such axes count where there are no others.
    """
    found = [read for read in reads(body, {}) if read.position == index]
    found.sort(key=lambda read: sp.default_sort_key(read.where))
    free = [read for read in found if not read.guarded]
    return list(dict.fromkeys(read.size for read in free or found))


def smallest(sizes: list[sp.Expr]) -> sp.Expr | None:
    """Return the size that is at most every other for all values, or None.

    >>> from derive.index.terms import Size
    >>> N, M = Size("N"), Size("M")
    >>> smallest([N + 1, N]), smallest([N, M])
    (N, None)
    """
    for size in sizes:
        if all((other - size).is_nonnegative for other in sizes):
            return size
    return None


def never_empty(size: sp.Expr) -> bool:
    """Tell whether what is made of sizes is at least 1 whatever they are.

    >>> from derive.index.terms import Size
    >>> N, K = Size("N"), Size("K")
    >>> never_empty(2 * (N - 1) + K), never_empty(N - K + 1)
    (True, False)
    """
    # Sizes are at least 1: what they are above that is any number.
    above = {one: 1 + sp.Dummy(integer=True, nonnegative=True) for one in size.free_symbols}
    return bool(sp.expand(size.xreplace(above)).is_positive)


def unknown_size(index: Index, candidates: list[sp.Expr]) -> Size:
    """Return the stand-in for a size that the body does not tell; the layer's check names it."""
    return Size(f"?{index}:{', '.join(map(str, candidates))}")


def sizeless(name: str, body: sp.Expr) -> list[DeriveError]:
    """Complain of every sum in a body whose size it does not tell."""
    sums = sorted(body.atoms(Reduction), key=sp.default_sort_key)
    complaints: dict[str, DeriveError] = {}
    for each in sums:
        if not (isinstance(each.size, Size) and each.size.name.startswith("?")):
            continue
        letter, sizes = each.size.name[1:].split(":")
        if sizes:
            text = f"index {letter} is summed over two sizes, {sizes}"
            hint = _swapped(*each.open(Index(letter)))
        else:
            text = f"index {letter} stands alone on no axis, so its size is unknown"
            hint = f"say it: sum_over({letter}, …, size=…)"
        complaints.setdefault(each.size.name, DeriveError(f"{name}: {text}", hint=hint))
    return [complaints[key] for key in sorted(complaints)]


def _swapped(body: sp.Expr, index: Index) -> str:
    """Return where an index stands on axes of different sizes, for a hint."""
    found: dict[sp.Expr, sp.Expr] = {}
    for read in sorted(reads(body, {}), key=lambda read: sp.default_sort_key(read.where)):
        if read.position == index:
            found.setdefault(read.size, read.where.xreplace(letters_in(read.where)))
    places = " and ".join(f"size {size} in {where}" for size, where in found.items())
    return f"it stands on an axis of {places}: do their indices stand in the right order?"
