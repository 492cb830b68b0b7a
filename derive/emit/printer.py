"""Scalar expressions to text, for any target: a table of spellings, and as few parentheses as
precedence allows.

A row of the table says how one function is written and how tightly its text binds; how
constants, sizes, entries and scalars are written is the target's own.
"""  # noqa: D205

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.program.ir import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from derive.program.ir import Expr

__all__ = ["ATOM", "PRODUCT", "SUM", "UNARY", "Row", "Text", "call", "infix", "prefix", "printed"]

#: How tightly a text binds, the same scale in every target.
TERNARY, OR, AND, NOT, EQUALITY, ORDER, SUM, PRODUCT, UNARY, ATOM = range(1, 11)


@dataclass(frozen=True, slots=True)
class Row:
    """How a function is written.

    Parameters
    ----------
    template : str
        With ``{0}``, ``{1}``… for the arguments.
    binds : int
        How tightly the whole binds.
    needs : tuple of int
        How tightly each argument must bind to stand without parentheses; 0 for any.
    """

    template: str
    binds: int
    needs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A printed expression, and how tightly it binds."""

    text: str
    binds: int

    def within(self, needed: int) -> str:
        """Return the text, in parentheses if it binds less tightly than needed."""
        return self.text if self.binds >= needed else f"({self.text})"


def infix(operator: str, binds: int, left: int | None = None, right: int | None = None) -> Row:
    """Return the row of a binary operator that groups from the left.

    Parameters
    ----------
    operator : str
        Its sign.
    binds : int
        How tightly it binds.
    left, right : int, optional
        How tightly its operands must bind; as tightly, and more tightly, if not given.
    """
    needs = (binds if left is None else left, binds + 1 if right is None else right)
    return Row(f"{{0}} {operator} {{1}}", binds, needs)


def prefix(operator: str, binds: int = UNARY) -> Row:
    """Return the row of a sign in front of an operand that binds more tightly."""
    return Row(f"{operator}{{0}}", binds, (binds + 1,))


def call(name: str, arity: int = 1) -> Row:
    """Return the row of a function call.

    >>> call("fmax", 2).template
    'fmax({0}, {1})'
    """
    inside = ", ".join(f"{{{place}}}" for place in range(arity))
    return Row(f"{name}({inside})", ATOM, (0,) * arity)


def printed(expression: Expr, rows: Mapping[str, Row], leaf: Callable[[Expr], Text | None]) -> Text:
    """Return the text of an expression.

    Parameters
    ----------
    expression : Expr
        What to print.
    rows : mapping of str to Row
        The spelling of each function.
    leaf : function of Expr
        The text of everything else; also asked for calls first, which it may take over.

    Raises
    ------
    TypeError
        If neither knows the expression: a pass that should have replaced it is missing.

    Examples
    --------
    >>> from derive.program.ir import Local
    >>> rows = {"add": infix("+", SUM), "mul": infix("*", PRODUCT)}
    >>> a, b = Local("a"), Local("b")
    >>> leaf = lambda e: Text(e.name, ATOM) if isinstance(e, Local) else None
    >>> printed(Call("mul", (a, Call("add", (a, Call("mul", (a, b)))))), rows, leaf).text
    'a * (a + a * b)'
    """
    own = leaf(expression)
    if own is not None:
        return own
    row = rows.get(expression.function) if isinstance(expression, Call) else None
    if not isinstance(expression, Call) or row is None:
        raise TypeError(f"no spelling for {expression}")
    parts = (printed(argument, rows, leaf) for argument in expression.arguments)
    inside = [part.within(needed) for part, needed in zip(parts, row.needs, strict=True)]
    return Text(row.template.format(*inside), row.binds)
