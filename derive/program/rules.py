"""What a rule of stability is, and how rules are applied.

A rule is a row: its name, what it replaces by what, where that is needed, where it comes from. It
rewrites one expression at its root or leaves it alone; the two sides are equal as real numbers
wherever both are defined (or closer than any rounding), and the second keeps its digits in
floating point.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select
from derive.index.terms import Delta, Entry, IndexArgmax, Reduction, substitute
from derive.layer.model import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from derive.index.terms import Index
    from derive.layer.model import Fact, Layer, Node

__all__ = [
    "DLMF",
    "HIGHAM",
    "MAECHLER",
    "NOTHING",
    "Application",
    "Around",
    "Rule",
    "Rules",
    "over",
]

#: Sources of several rules.
HIGHAM = "N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., SIAM 2002"
DLMF = "NIST Digital Library of Mathematical Functions"
MAECHLER = "M. Mächler, Accurately computing log(1 - exp(-|a|)), R package Rmpfr, 2012"

#: What has a lower logarithm is 0, whatever it is multiplied with.
NOTHING = sp.Integer(-1500)


def over(product: sp.Expr, divisor: sp.Expr) -> sp.Expr:
    """Return a quotient, without the factors that both have.

    SymPy keeps ``exp(a + b) exp(-a - b)`` as it is.

    >>> from derive.index.terms import Entry
    >>> x, y = Entry("x", ()), Entry("y", ())
    >>> over(2 * sp.exp(x + y), sp.exp(x + y))
    2
    """
    factors = list(sp.Mul.make_args(product))
    for factor in sp.Mul.make_args(divisor):
        if factor in factors:
            factors.remove(factor)
        else:
            factors.append(1 / factor)
    return sp.Mul(*factors)


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds an expression.

    Parameters
    ----------
    nodes : mapping of str to Node
        The definitions that can be looked up.
    labels : frozenset of str
        The tensors that are given and not differentiated by.
    facts : tuple of Fact
        What is declared.
    positive : frozenset of str
        The tensors whose values are declared to be greater than 0.
    derived : bool
        Whether the expression is a derivative: that of a length is 0 where the length is.
    """

    nodes: Mapping[str, Node] = field(default_factory=dict)
    labels: frozenset[str] = frozenset()
    facts: tuple[Fact, ...] = ()
    positive: frozenset[str] = frozenset()
    derived: bool = False

    @classmethod
    def of(cls, layer: Layer) -> Around:
        """Return what surrounds the definitions of a layer."""
        labels = frozenset(t.name for t in layer.tensors if t.role in (Role.LABEL, Role.CONSTANT))
        positive = frozenset(each.tensor for each in layer.domains if each.values == "positive")
        return cls({node.name: node for node in layer.nodes}, labels, layer.facts, positive)

    def is_positive(self, expression: sp.Expr) -> bool:
        """Tell whether an expression is known to be greater than 0: as it stands, or declared."""
        declared = isinstance(expression, Entry) and expression.tensor in self.positive
        return declared or bool(expression.is_positive)

    def meaning(self, expression: sp.Expr) -> sp.Expr:
        """Return the definition behind an entry of a node; anything else as it is."""
        node = self.nodes.get(expression.tensor) if isinstance(expression, Entry) else None
        if node is None:
            return expression
        return substitute(node.body, dict(zip(node.indices, expression.indices, strict=True)))


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table.

    Parameters
    ----------
    name : str
        What it is called in reports.
    before, after : str
        The two sides, for a reader.
    domain : str
        Where the first side loses digits, overflows or is not a number.
    source : str
        Where the second side comes from.
    rewrite : callable
        From an expression and what surrounds it to the second side; None where it does not apply.
    example : callable
        Returns an expression in ``x`` or ``t[k]`` to which it applies, for tests.
    within : float
        How far apart the two sides may be as real numbers, relatively: 0, but where one of them
        leaves out what rounding would leave out.
    """

    name: str
    before: str
    after: str
    domain: str
    source: str
    rewrite: Callable[[sp.Expr, Around], sp.Expr | None]
    example: Callable[[], sp.Expr]
    within: float = 0.0


@dataclass(frozen=True, slots=True)
class Application:
    """One use of a rule: ``before`` was replaced by ``after``, under sums over ``bound``."""

    rule: Rule
    before: sp.Expr
    after: sp.Expr
    bound: tuple[tuple[Index, sp.Expr], ...] = ()


@dataclass(slots=True)
class Rules:
    """Applies rules from the inside out, and remembers where.

    Parameters
    ----------
    rows : sequence of Rule
        Tried in this order, until none applies.
    around : Around
        What surrounds the expressions.
    """

    rows: Sequence[Rule]
    around: Around
    applied: list[Application] = field(default_factory=list)
    _known: dict[sp.Expr, sp.Expr] = field(default_factory=dict)
    _bound: list[tuple[Index, sp.Expr]] = field(default_factory=list)

    def __call__(self, expression: sp.Expr) -> sp.Expr:
        """Return the expression with the rules applied everywhere in it."""
        if not expression.args or isinstance(expression, (Entry, Delta, IndexArgmax)):
            return expression
        if expression not in self._known:
            self._known[expression] = self._at_root(self._inside(expression))
        return self._known[expression]

    def _inside(self, expression: sp.Expr) -> sp.Expr:
        if isinstance(expression, Reduction):
            body, index = expression.open()
            self._bound.append((index, expression.size))
            new = self(body)
            self._bound.pop()
            return expression if new == body else expression.func(new, index, expression.size)
        arguments = expression.args
        if isinstance(expression, Select):
            condition, *branches = arguments
            changed = (condition, *(self(branch) for branch in branches))
        else:
            changed = tuple(self(argument) for argument in arguments)
        return expression if changed == arguments else expression.func(*changed)

    def _at_root(self, expression: sp.Expr) -> sp.Expr:
        for rule in self.rows:
            new = rule.rewrite(expression, self.around)
            if new is not None and new != expression:
                self.applied.append(Application(rule, expression, new, tuple(self._bound)))
                return self._at_root(new)
        return expression
