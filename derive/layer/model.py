"""The central value of derive: a layer, a list of definitions in index notation.

A gradient is a layer too (its nodes are cotangents), and so is a tangent: what can be done
with a layer can be done with its gradients.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from derive.index.functions import KINKED, Select
from derive.index.inverses import read
from derive.index.terms import Entry, Index, IndexArgmax, IndexMax, Size, tensors
from derive.layer.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sympy as sp

    from derive.errors import Span
    from derive.layer.written import Written

__all__ = ["Domain", "Fact", "Layer", "Node", "Role", "Rule", "Step", "Tensor", "Update"]


class Role(Enum):
    """What a tensor is for."""

    INPUT = "input"
    PARAM = "param"
    LABEL = "label"
    CONSTANT = "constant"
    FLAT = "flat"
    INDEX = "index"
    NODE = "node"
    COTANGENT = "cotangent"
    TANGENT = "tangent"

    @property
    def batched(self) -> bool:
        """Tell whether every sample has its own."""
        return self not in (Role.PARAM, Role.CONSTANT)

    @property
    def differentiated(self) -> bool:
        """Tell whether a gradient with respect to it is wanted."""
        return self in (Role.INPUT, Role.PARAM)


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named array.

    Parameters
    ----------
    name : str
        As in the definition.
    shape : tuple of sympy expressions
        Sizes, and sums, differences and multiples of sizes.
    role : Role
        What it is for.
    doc : str
        What it means, for the generated documentation.
    written : Written, optional
        How its author writes it, where that is not by its name.
    """

    name: str
    shape: tuple[sp.Expr, ...]
    role: Role
    doc: str = ""
    # Only for the eye: the name says which tensor it is.
    written: Written | None = field(default=None, compare=False, repr=False)

    def at(self, *indices: sp.Expr) -> Entry:
        """Return the entry at these indices."""
        return Entry(self.name, self.shape, *indices)


class Rule(Enum):
    """What a line of a derivation does, as a person names it."""

    CHAIN = "chain"
    DEFINITION = "definition"
    COTANGENT = "cotangent"
    SUM = "sum"
    CONSTANT = "constant"
    FLAT = "flat"
    PRODUCT = "product"
    QUOTIENT = "quotient"
    POWER = "power"
    EXPONENTIAL = "exponential"
    FUNCTION = "function"
    CASES = "cases"
    MAXIMUM = "maximum"
    ENTRY = "entry"
    DELTA = "delta"
    SPLIT = "split"
    OUT = "out"
    EXCHANGE = "exchange"
    RENAME = "rename"
    SAVED = "saved"
    FACT = "fact"
    SIGN = "sign"
    COLLECT = "collect"
    SIMPLIFY = "simplify"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a derivation: ``before = after`` by a rule.

    Parameters
    ----------
    rule : Rule
        What was done.
    before, after : sympy expressions
        The two lines; both may hold a :class:`derive.index.partial.Partial`.
    part, became : sympy expressions
        The smallest part of ``before`` that changed, and what it is in ``after``.
    detail : tuple of str
        The names that a reason needs: the intermediates, the functions, the fact.
    letters : tuple of int
        The places whose letters the summed indices of ``after`` have on paper, from the
        outermost sum on; their own if empty. Where a sum has come to another place, its index
        keeps its letter until it is renamed.
    """

    rule: Rule
    before: sp.Expr
    after: sp.Expr
    part: sp.Expr
    became: sp.Expr
    detail: tuple[str, ...] = ()
    letters: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A definition ``tensor[indices] = body``.

    Parameters
    ----------
    tensor : Tensor
        What is defined.
    indices : tuple of Index
        One for each axis; they are free in the body.
    body : sympy expression
        A scalar in index notation.
    span : Span, optional
        Where it was written.
    steps : tuple of Step
        How it was derived, for a gradient.
    facts : tuple of str
        The declared facts that the derivation used.
    """

    tensor: Tensor
    indices: tuple[Index, ...]
    body: sp.Expr
    span: Span | None = None
    steps: tuple[Step, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the tensor that is defined."""
        return self.tensor.name

    @property
    def sizes(self) -> dict[Index, sp.Expr]:
        """The size of each free index."""
        return dict(zip(self.indices, self.tensor.shape, strict=True))

    @property
    def entry(self) -> Entry:
        """The left side."""
        return self.tensor.at(*self.indices)


@dataclass(frozen=True, slots=True)
class Fact:
    """A declared equation, used as the rewrite ``left → right``.

    Free indices of the left side stand for anything; ``text`` is how a derivation names it.
    """

    left: sp.Expr
    right: sp.Expr
    text: str


@dataclass(frozen=True, slots=True)
class Domain:
    """A declared set of values: ``binary`` {0, 1}, ``positive``, ``unit`` (0, 1) or ``nonzero``."""

    tensor: str
    values: str


@dataclass(frozen=True, slots=True)
class Update:
    """One assignment of an update step: ``tensor[indices] ← body``.

    The body reads parameters, extra scalars, and gradients as entries of ``d`` + name; ``span``
    is where it was written.
    """

    tensor: str
    indices: tuple[Index, ...]
    body: sp.Expr
    # What is generated says what it was generated from, and not where that stood.
    span: Span | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Layer(Shown):
    """A directed acyclic graph of definitions.

    Parameters
    ----------
    name : str
        An identifier; names the generated module.
    doc : str
        One sentence.
    sizes : tuple of Size
        All sizes, in the order of their declaration.
    tensors : tuple of Tensor
        What is given, in the order of the definition.
    nodes : tuple of Node
        What is defined, in an order in which it can be computed.
    outputs : tuple of str
        The names of the nodes that are results.
    facts, domains : tuples
        What is known of the given tensors.
    updates : tuple of Update
        The update step, if the layer declares one.
    rates : tuple of Tensor
        The scalars that only the update step reads.
    span : Span, optional
        Where the layer was written.
    base : int, optional
        What its author's indices count from, where that is said; within derive it is 0.
    """

    name: str
    doc: str
    sizes: tuple[Size, ...]
    tensors: tuple[Tensor, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    facts: tuple[Fact, ...] = ()
    domains: tuple[Domain, ...] = ()
    updates: tuple[Update, ...] = ()
    rates: tuple[Tensor, ...] = ()
    span: Span | None = None
    base: int | None = None

    def node(self, name: str) -> Node:
        """Return the node of this name.

        Raises
        ------
        KeyError
            If nothing of this name is defined.
        """
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)

    def tensor(self, name: str) -> Tensor:
        """Return the tensor of this name, given or defined.

        Raises
        ------
        KeyError
            If there is none.
        """
        return self.by_name[name]

    @property
    def by_name(self) -> dict[str, Tensor]:
        """All tensors, given and defined; whoever asks for many asks this once."""
        return {t.name: t for t in (*self.tensors, *(node.tensor for node in self.nodes))}

    @property
    def names(self) -> tuple[str, ...]:
        """All names, given ones first."""
        return (*(t.name for t in self.tensors), *(node.name for node in self.nodes))

    @property
    def wrt(self) -> tuple[Tensor, ...]:
        """The tensors whose gradients are wanted, in the order of the definition."""
        return tuple(t for t in self.tensors if t.role.differentiated)

    def wrt_names(self, wrt: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return the names to differentiate by: those that are given, else all that are wanted."""
        return tuple(tensor.name for tensor in self.wrt) if wrt is None else tuple(wrt)

    @property
    def kinks(self) -> tuple[str, ...]:
        """The functions in it that have a point without a derivative, of what it is derived by.

        A condition of indices, or of labels, is the same at all values of the inputs near by.
        """
        moving = {tensor.name for tensor in self.wrt}
        found = set()
        for node in self.nodes:
            if moving.isdisjoint(tensors(node.body)):
                continue
            moving.add(node.name)
            for part in node.body.atoms(*KINKED, IndexMax, IndexArgmax):
                decides = part.args[0] if isinstance(part, Select) else part
                if not moving.isdisjoint(tensors(decides)):
                    found.add(type(part).__name__)
        return tuple(sorted(found))

    def with_outputs(self, outputs: tuple[str, ...]) -> Layer:
        """Return the layer with other results, without the nodes that they do not need."""
        needed = set(outputs)
        kept: list[Node] = []
        for node in reversed(self.nodes):
            if node.name in needed:
                kept.append(node)
                needed |= read(node.body)
        return replace(self, nodes=tuple(reversed(kept)), outputs=outputs)
