r"""The neutral tree: what the LaTeX says, before anything is known about its names.

Nothing here says whether ``f(x)`` applies or multiplies, whether a raised ``T`` transposes, or
which letter is an index; the declarations of a note decide that later. Every node carries the
half-open range ``start:end`` of the formula's text that it was read from. Ranges do not take
part in comparison, so two nodes are equal when they say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A range of the formula's text.
Range: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of a formula; ``start`` and ``end`` are offsets into its LaTeX text."""

    start: int = field(compare=False, repr=False)
    end: int = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Empty(Node):
    """Nothing where something could stand (an empty cell, a chain going on from above)."""


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number, as written: ``2``, ``0.5``, ``1e-5``."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    r"""A symbol in its canonical spelling: ``x``, ``\sigma``, ``\hat{y}``, ``W^{(2)}``, ``dy``.

    ``parts`` are the ranges it was read from: more than one for ``a^{(3)}`` written as
    ``a_{i}^{(3)}``.
    """

    spelling: str
    parts: tuple[Range, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Mark(Node):
    r"""A sign that is no operand: ``\top``, ``*``, ``+``, ``\dagger``, ``:``, ``\cdot``."""

    text: str


@dataclass(frozen=True, slots=True)
class Dots(Node):
    r"""Something left out: ``\dots``, ``\cdots``, ``\vdots``, ``\ddots``."""

    kind: str


@dataclass(frozen=True, slots=True)
class Scripted(Node):
    r"""A base with what hangs on it: ``W_{ij}^{T}``, ``\sigma'``, ``\|x\|_2^2``.

    ``sub`` and ``sup`` hold what commas separate; ``ij`` without a comma is one product (see
    :func:`indices`). Their ranges include the ``_`` or ``^`` and the braces.
    """

    base: Node
    sub: tuple[Node, ...] = ()
    sup: tuple[Node, ...] = ()
    primes: int = 0
    sub_range: Range | None = field(default=None, compare=False, repr=False)
    sup_range: Range | None = field(default=None, compare=False, repr=False)
    prime_range: Range | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Accented(Node):
    r"""An accent over more than a symbol: ``\bar{x + y}``; over one it is part of the name."""

    accent: str
    body: Node


@dataclass(frozen=True, slots=True)
class Operator(Node):
    r"""What stands between two factors: ``\cdot``, ``\circ``, ``/`` …, or nothing at all."""

    text: str


@dataclass(frozen=True, slots=True)
class Product(Node):
    """Factors side by side; ``operators[k]`` stands between factors ``k`` and ``k + 1``."""

    factors: tuple[Node, ...]
    operators: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class Term(Node):
    r"""A summand with its sign: ``+``, ``-``, ``\pm``, or nothing before the first.

    ``sign_range`` is empty (start = end) where there is no sign.
    """

    sign: str
    body: Node
    sign_range: Range = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Add(Node):
    """A sum of signed terms; also a single term with a sign."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Fraction(Node):
    r"""``\frac{..}{..}`` (``a/b`` stays a product with the operator ``/``)."""

    numerator: Node
    denominator: Node


@dataclass(frozen=True, slots=True)
class Root(Node):
    r"""``\sqrt{..}`` or, with an order, ``\sqrt[3]{..}``."""

    body: Node
    order: Node | None = None


@dataclass(frozen=True, slots=True)
class Norm(Node):
    r"""``|..|`` (single bars) or ``\|..\|`` (double); what hangs on it is a :class:`Scripted`."""

    body: Node
    double: bool


@dataclass(frozen=True, slots=True)
class Group(Node):
    r"""What brackets hold. ``opening`` is ``(``, ``[``, ``\{``, ``\langle`` …, ``.`` (no bracket).

    ``{`` stands for bare TeX braces around more than one factor: they print nothing.
    ``separators[k]`` (``,`` ``;`` ``|`` ``:``, a newline or ``quad``) is between items ``k``
    and ``k + 1``.
    """

    opening: str
    closing: str
    items: tuple[Node, ...]
    separators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BigOperator(Node):
    r"""``\sum``, ``\prod``, ``\max``, ``\argmin`` … over the rest of its product.

    ``lower`` and ``upper`` hold what commas or lines separate: ``i``, ``i = 1``, ``j \neq i``,
    ``j \in S``. ``head`` is the range of the operator with its limits.
    """

    operator: str
    lower: tuple[Node, ...]
    upper: tuple[Node, ...]
    body: Node
    head: Range = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FunctionCall(Node):
    r"""A function known by name: ``\tanh^2[u]``, ``\mathrm{softmax}_j(S_{ij})``, ``\log p``.

    With ``bracketed``, the argument is what the brackets hold (a :class:`Group` or a
    :class:`Norm`). Without, it is everything juxtaposed up to the next explicit operator,
    function or derivative (``\log \sigma(x) (1 - y)`` takes all three): how much of it belongs
    inside, only the declarations tell. ``argument`` is None for a function by itself.
    """

    name: str
    argument: Node | None
    bracketed: bool = False
    sub: tuple[Node, ...] = ()
    sup: tuple[Node, ...] = ()
    primes: int = 0
    head: Range = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Derivative(Node):
    r"""A derivative, however written.

    Parameters
    ----------
    form : str
        ``frac`` (``\frac{\partial L}{\partial b}``), ``slash`` (``\partial L/\partial b``),
        ``operator`` (``\frac{\partial}{\partial b} …``: the body is the rest of the product),
        ``nabla``, ``subscript`` (``\partial_x f``, ``D_x f``). A ``nabla`` that is told by what
        becomes a ``gradient``: of the shape of what it is by, in every layout.
    mark : str
        ``\partial``, ``d``, ``\nabla`` or ``D``.
    of : Node or None
        What is differentiated. For ``nabla`` and ``subscript`` it reaches as far as the
        argument of an unbracketed :class:`FunctionCall` does. None for an operator alone.
    wrt : tuple of Node
        By what, once for each order: ``\partial x^2`` gives two.
    order : Node or None
        The order written at the upper mark, if one is.
    plain : Node or None
        The other reading where letters allow one: ``\frac{dL}{dx}`` as a fraction of products,
        ``D_x f`` as a product.
    """

    form: str
    mark: str
    of: Node | None
    wrt: tuple[Node, ...]
    order: Node | None = None
    plain: Node | None = None
    head: Range = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Partial(Node):
    r"""A ``\partial`` that belongs to no quotient."""


@dataclass(frozen=True, slots=True)
class Evaluated(Node):
    r"""``\left. f \right|_{x=0}``."""

    body: Node
    at: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Indicator(Node):
    r"""``\mathbb{1}[y = k]``, ``\mathbf 1_{i = j}``: one where all conditions hold, else zero."""

    conditions: tuple[Node, ...]
    head: Range = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Matrix(Node):
    """A matrix environment, row by row; ``kind`` is its name without a star."""

    kind: str
    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class Condition(Node):
    r"""A restriction of a claim: ``\text{if } i \neq j``, ``\forall l``, ``for i = 1, …, N``.

    ``word`` is what introduces it (``if``, ``for``, ``forall``, ``where``, ``otherwise``,
    empty where nothing does); ``items`` is what commas separate after it.
    """

    word: str
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Case(Node):
    """One row of a case distinction."""

    value: Node
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Cases(Node):
    """A case distinction."""

    rows: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Wrapped(Node):
    r"""Decoration that changes no value: ``\boxed``, ``\underbrace{..}_{note}``, ``\overset``."""

    kind: str
    body: Node
    note: str = ""


@dataclass(frozen=True, slots=True)
class Relation(Node):
    r"""A chain ``sides[0] relations[0] sides[1] …``: ``=``, ``\approx``, ``\leftarrow``, ``\in``.

    A first or last side may be :class:`Empty`: the chain goes on from, or in, another display.
    """

    sides: tuple[Node, ...]
    relations: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class Remark(Node):
    """Words in a formula that are neither a name nor a condition."""

    text: str


@dataclass(frozen=True, slots=True)
class Statement(Node):
    """One claim (a :class:`Relation`, or an expression alone) and what restricts it."""

    body: Node
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Line(Node):
    """A whole formula: its statements in order, and the words between them."""

    statements: tuple[Statement, ...]
    remarks: tuple[Remark, ...] = ()


_SLOTS: dict[type, tuple[str, ...]] = {}


def slots(node: Node) -> tuple[str, ...]:
    """Return the names of a node's fields; they are looked up once for each kind of nodes."""
    kind = type(node)
    if kind not in _SLOTS:
        _SLOTS[kind] = tuple(item.name for item in fields(node))
    return _SLOTS[kind]


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly below, in the order of the fields."""
    for name in slots(node):
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for part in value:
                if isinstance(part, Node):
                    yield part
                elif isinstance(part, tuple):
                    yield from (entry for entry in part if isinstance(entry, Node))


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and all below it, parents first, however deep."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(tuple(children(current))))


def unwrapped(node: Node) -> Node:
    """Return what stands in frames, without them."""
    while isinstance(node, Wrapped):
        node = node.body
    return node


def juxtaposed(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Return the nodes with products that have no written operator taken apart.

    >>> juxtaposed((Product(0, 2, (Name(0, 1, "i"), Name(1, 2, "j")), (Operator(1, 1, ""),)),))
    (Name(spelling='i'), Name(spelling='j'))
    """
    flat: list[Node] = []
    for node in nodes:
        if isinstance(node, Product) and not any(sign.text for sign in node.operators):
            flat.extend(node.factors)
        else:
            flat.append(node)
    return tuple(flat)


def indices(node: Scripted) -> tuple[Node, ...]:
    """Return a symbol's lower indices one by one, with or without commas between them."""
    return juxtaposed(node.sub)


_TRANSPOSES = {"T", r"\top", r"\intercal", r"\mathsf{T}", r"\mathrm{T}", r"\mathbf{T}"}


def transposes(mark: Node) -> bool:
    r"""Tell whether a superscript looks like a transpose: ``\top``, ``\intercal``, ``T``."""
    if isinstance(mark, Mark):
        return mark.text in _TRANSPOSES
    return isinstance(mark, Name) and mark.spelling in _TRANSPOSES
