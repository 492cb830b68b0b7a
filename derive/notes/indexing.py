"""Symbols with indices, and what stands above them: transposes, powers, inverses."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from derive.index.functions import relu
from derive.index.scalars import LETTER
from derive.notes import tree
from derive.notes.algebra import COLUMN, ROW, At
from derive.notes.meaning import CONSTANTS, KRONECKER, constant, letter_of, mean, register
from derive.notes.scope import PRIME, Scope, Tensor
from derive.notes.subscripts import place
from derive.notes.tree import (
    Add,
    FunctionCall,
    Group,
    Mark,
    Name,
    Node,
    Norm,
    Number,
    Product,
    Scripted,
)
from derive.notes.values import Misfit, Value, matrix_product, transposed

__all__ = [
    "along",
    "hung",
    "index_nodes",
    "is_transpose",
    "raised",
    "stand",
    "subscripted",
    "whole",
]

#: The highest power of a matrix that is written out as a product.
_MOST_FACTORS = 20


def whole(tensor: Tensor, scope: Scope) -> Value:
    """Return a tensor without indices: a number, a vector or a matrix."""
    return subscripted(tensor, (), scope, -1, -1)


def subscripted(
    tensor: Tensor, places: tuple[At, ...], scope: Scope, start: int, end: int
) -> Value:
    """Return a tensor at some indices; the axes that are left are rows and columns.

    Raises
    ------
    Misfit
        If there are more indices than axes, or more axes left than two.
    """
    shape = tensor.shape
    places = along(places, shape)
    if len(places) > len(shape):
        raise Misfit(
            "rank", f"{len(places)} indices on a symbol with {len(shape)} axes", start, end
        )
    stand(places, shape, scope, start, end)
    left = shape[len(places) :]
    long = [n for n, size in enumerate(left) if size != 1]
    if len(long) > 2:
        raise Misfit("rank", f"a symbol with {len(long)} axes needs indices", start, end)
    where = list(places)
    rows: sp.Expr | None = None
    columns: sp.Expr | None = None
    for n, size in enumerate(left):
        if size == 1:
            where.append(At(offset=0))
        elif n == long[0] and not (len(left) == 2 and left[0] == 1):
            rows = size
            where.append(At(ROW))
        else:
            columns = size
            where.append(At(COLUMN))
    try:
        data = scope.algebra.entry(tensor.name, where)
    except KeyError:
        raise Misfit(
            "undefined-symbol", f"nothing says what {tensor.name} is", start, end
        ) from None
    return Value(data, rows, columns, thin=len(left) == 1 and rows is not None)


def along(places: tuple[At, ...], shape: tuple[sp.Expr, ...]) -> tuple[At, ...]:
    """Return the places of an entry: a letter alone runs along a row.

    Parameters
    ----------
    places : tuple of At
        As written.
    shape : tuple of sympy expressions
        Of the symbol.
    """
    row = len(shape) == 2 and shape[0] == 1 != shape[1]
    return (At(offset=0), *places) if row and len(places) == 1 and places[0].letter else places


def stand(
    places: tuple[At, ...], shape: tuple[sp.Expr, ...], scope: Scope, start: int, end: int
) -> None:
    """Note on which axes the letters of some indices stand.

    Raises
    ------
    Misfit
        If a letter stands on axes of different sizes, or a number is not on its axis.
    """
    for at, size in zip(places, shape, strict=False):
        if at.plain:
            scope.letters.stands(at.letter, size, start, end)
        elif at.letter:
            scope.letters.used.update(letter for letter, _ in at.letters)
        elif at.data is None:
            place = at.size + at.offset
            if (place - size).is_nonnegative or place.is_negative:
                message = f"there is no entry {place + scope.base} on an axis of {size}"
                raise Misfit("index-range", message, start, end)


def is_transpose(node: Node, scope: Scope) -> bool:
    """Tell whether a superscript transposes: it looks so, and its name has no value here."""
    return tree.transposes(node) and not (isinstance(node, Name) and node.spelling in scope.values)


def raised(value: Value, sup: tuple[Node, ...], scope: Scope) -> Value:
    """Return a value with its superscript: transposed, inverted, or to a power.

    Raises
    ------
    Misfit
        If the superscript is none of these.
    """
    if not sup:
        return value
    if value.data is None:
        what = "a transpose or a power of a derivative with more than two axes"
        raise Misfit("unreadable", what, sup[0].start, sup[-1].end)
    if len(sup) > 1:
        raise Misfit("unreadable", "several superscripts", sup[0].start, sup[-1].end)
    mark = sup[0]
    parts = tree.juxtaposed((mark,))
    if len(parts) == 2 and is_transpose(parts[1], scope):
        return transposed(scope.algebra, raised(value, (parts[0],), scope))
    if is_transpose(mark, scope):
        if scope.rows and value.thin:
            # By the note's convention the vector was a row.
            return replace(value, thin=False)
        return transposed(scope.algebra, value)
    if isinstance(mark, Add) and len(mark.terms) == 1 and is_transpose(mark.terms[0].body, scope):
        inverse = raised(value, (Number(mark.start, mark.end, "-1"),), scope)
        return transposed(scope.algebra, inverse)
    power = constant(mark, scope)
    if power is None:
        exponent = mean(mark, scope)
        if isinstance(exponent.data, sp.Rational):
            return value.mapped(scope.algebra.power(value.data, exponent.data))
        if exponent.is_scalar and value.is_scalar:
            # x^y = exp(y log x)
            algebra = scope.algebra
            logarithm = algebra.apply(sp.log(LETTER), LETTER, value.data)
            product = algebra.multiply(exponent.data, logarithm)
            return Value(algebra.apply(sp.exp(LETTER), LETTER, product))
        raise Misfit(
            "unreadable", "a superscript that is no power or transpose", mark.start, mark.end
        )
    square = value.rows is not None and value.rows == value.columns
    if square and power.is_Integer and power < -1:
        # A⁻² = (A⁻¹)²
        inverse = raised(value, (Number(mark.start, mark.end, "-1"),), scope)
        return raised(inverse, (Number(mark.start, mark.end, str(-power)),), scope)
    if square and power.is_Integer and power > _MOST_FACTORS:
        raise Misfit("unreadable", f"the power {power} of a matrix", mark.start, mark.end)
    if square and power.is_Integer and power > 1:
        result = value
        for _ in range(int(power) - 1):
            product = matrix_product(scope.algebra, result, value)
            assert product is not None
            result = product
        return result
    if power == -1 and value.rows is not None and value.columns is not None:
        if not square:
            raise Misfit(
                "shape", "the inverse of a matrix that is not square", mark.start, mark.end
            )
        try:
            return value.mapped(scope.algebra.inverse(value.data))
        except ValueError as error:
            raise Misfit("unreadable", str(error), mark.start, mark.end) from error
    return value.mapped(scope.algebra.power(value.data, power))


def index_nodes(node: Scripted, rank: int, scope: Scope) -> tuple[tuple[Node, ...], bool]:
    """Return a symbol's indices in the order of its axes, and whether some stand above it.

    What is missing in number below may stand above. In brackets above, as in ``x^{(i)}_j``, it
    counts samples or steps and comes first; without brackets it comes after those below.
    """
    below, above = tree.indices(node), tree.juxtaposed(node.sup)
    multiples = (part for part in node.sub if isinstance(part, Product))
    numbered = all(isinstance(part.factors[0], Number) for part in multiples)
    if numbered and len(below) > rank == len(node.sub):
        # ``u_{2i}`` of a vector is its entry 2·i.
        below = node.sub
    inner = [_bracketed(part) for part in above]
    counted = [part for part in inner if part is not None and _counts(part, scope)]
    if counted and len(counted) == len(above) and len(below) + len(counted) <= rank:
        return (*counted, *below), True
    if not above or rank - len(below) != len(above) or (len(above) == 1 and not below):
        return below, False
    numbers = len(above) == 1 and isinstance(above[0], Number)
    if numbers or not all(_counts(part, scope) for part in above):
        return below, False
    return (*below, *above), True


def _bracketed(node: Node) -> Node | None:
    if isinstance(node, Group) and node.opening in ("(", "[", r"\langle") and len(node.items) == 1:
        return node.items[0]
    return None


def _counts(node: Node, scope: Scope) -> bool:
    """Tell whether a superscript can be an index."""
    return isinstance(node, Number) or (
        letter_of(node) is not None and not is_transpose(node, scope)
    )


@register
def _(node: Scripted, scope: Scope) -> Value:
    base = node.base
    if isinstance(base, Name):
        return _named(node, base, scope)
    if isinstance(base, Norm):
        from derive.notes.calls import norm

        return norm(base, node.sub, node.sup, scope)
    diagonal = _diagonal(node, scope)
    return hung(mean(base, scope), node, scope) if diagonal is None else diagonal


def _diagonal(node: Scripted, scope: Scope) -> Value | None:
    r"""Return a power of a diagonal matrix, ``\mathrm{diag}(s)^{-2}``: that of its diagonal."""
    base = node.base
    plain = isinstance(base, FunctionCall) and base.name.lower() == "diag" and not base.sup
    if not plain or node.sub or node.primes or len(node.sup) != 1:
        return None
    assert isinstance(base, FunctionCall)
    if base.argument is None or constant(node.sup[0], scope) is None:
        return None
    if not mean(base.argument, scope).is_vector:
        return None
    return mean(replace(base, argument=replace(node, base=base.argument)), scope)


def hung(value: Value, node: Scripted, scope: Scope) -> Value:
    """Return an expression's value with the scripts of a node on it.

    Raises
    ------
    Misfit
        If they do not belong on an expression, or not on this one.
    """
    if node.primes:
        found = None if node.sub else _turned(node, value, scope)
        if found is not None:
            return found
        what = r"a prime on an expression; a transpose is written ^\top"
        raise Misfit("unreadable", what, node.start, node.end)
    if _positive(node):
        value = value.mapped(scope.algebra.apply(relu(LETTER), LETTER, value.data))
    elif node.sub and not _frobenius(node.base, node.sub):
        value = _entry_of(value, node, scope)
    return raised(value, node.sup, scope)


def _positive(node: Scripted) -> bool:
    """Tell whether a subscript makes brackets a positive part: ``[1 - m]_+``."""
    mark = node.sub[0] if len(node.sub) == 1 and isinstance(node.base, Group) else None
    return isinstance(mark, Mark) and mark.text == "+"


def _frobenius(base: Node, sub: tuple[Node, ...]) -> bool:
    r"""Tell whether a subscript says what inner product is meant: ``\langle A, B \rangle_F``."""
    pair = isinstance(base, Group) and base.opening == r"\langle" and len(base.items) == 2
    names = {"F", r"\mathrm{F}", r"\text{F}"}
    return pair and len(sub) == 1 and isinstance(sub[0], Name) and sub[0].spelling in names


def _named(node: Scripted, base: Name, scope: Scope) -> Value:
    spelling = base.spelling
    tensor = scope.tensors.get(spelling, scope.losses.get(spelling))
    if spelling in scope.values:
        value = scope.values[spelling]
        if node.sub:
            value = _entry_of(value, node, scope)
        return raised(value, node.sup, scope)
    if tensor is not None:
        if node.primes:
            flipped = _turned(node, _named(replace(node, primes=0), base, scope), scope)
            if flipped is not None:
                return flipped
            raise Misfit("undefined-symbol", f"{spelling}{chr(39) * node.primes} is not declared")
        from derive.notes.entries import entry

        if spelling == KRONECKER and len(tensor.shape) < 2 and _is_pair(node):
            from derive.notes.undeclared import kronecker

            value = kronecker(tree.indices(node), scope)
            return replace(value, readings=("took \\delta with two indices as Kronecker's",))
        nodes, above = index_nodes(node, len(tensor.shape), scope)
        found = None if above or not node.sub else entry(node, tensor, nodes, scope)
        if found is not None:
            return found
        places = tuple(place(part, scope) for part in nodes)
        value = subscripted(tensor, places, scope, node.start, node.end)
        try:
            return raised(value, () if above else node.sup, scope)
        except Misfit as misfit:
            if misfit.kind != "unreadable" or CONSTANTS.get(spelling) != sp.E:
                raise
            what = rf"{spelling} is the declared symbol here; write \exp for the exponential"
            raise Misfit("unreadable", what, node.start, node.end) from misfit
    from derive.notes.undeclared import undeclared

    return undeclared(node, base, scope)


def _turned(node: Scripted, value: Value, scope: Scope) -> Value | None:
    """Return the transpose of what has a prime, as statistics writes it.

    Elsewhere a prime is part of a name, or a derivative: None where it is not to be read so.
    """
    if node.primes != 1 or node.sup or value.data is None or value.is_scalar or value.identity:
        return None
    scope.doubts.add(PRIME)
    if PRIME not in scope.other:
        return None
    found = raised(value, (Mark(node.end, node.end, r"\top"),), scope)
    return replace(found, readings=(*found.readings, "took ' as the transpose"))


def _is_pair(node: Scripted) -> bool:
    """Tell whether two letters stand below a symbol, and nothing above."""
    below = tree.indices(node)
    letters = [letter_of(part) for part in below]
    return len(below) == 2 and all(letters) and not node.sup and not node.primes


def _entry_of(value: Value, node: Scripted, scope: Scope) -> Value:
    """Return entries of an expression: ``(Wx)_i``."""
    places = [place(part, scope) for part in tree.indices(node)]
    axes = [(ROW, value.rows), (COLUMN, value.columns)]
    open_axes = [(axis, size) for axis, size in axes if size is not None]
    if len(places) == 2 and len(open_axes) == 1:
        # A vector as a matrix with one row or column: the other index is the first place.
        places = [at for at in places if at != At(offset=0)] or places[:1]
    if len(places) > len(open_axes):
        raise Misfit(
            "rank",
            f"{len(places)} indices on an expression with {len(open_axes)} axes",
            node.start,
            node.end,
        )
    data = value.data
    left: dict[str, sp.Expr | None] = {ROW: value.rows, COLUMN: value.columns}
    for at, (axis, size) in zip(places, open_axes, strict=False):
        if at.plain:
            scope.letters.stands(at.letter, size, node.start, node.end)
            data = scope.algebra.move(data, axis, at.letter)
        elif not at.letter and at.data is None:
            data = scope.algebra.fix(data, axis, at.offset + at.size)
        else:
            raise Misfit("unreadable", "an expression at a computed index", node.start, node.end)
        left[axis] = None
    if left[ROW] is None and left[COLUMN] is not None:
        # One row of a matrix is a vector like any other.
        row = scope.algebra.swap(data)
        return value.mapped(row, rows=left[COLUMN], columns=None, thin=True)
    return value.mapped(data, rows=left[ROW], columns=left[COLUMN], thin=True)
