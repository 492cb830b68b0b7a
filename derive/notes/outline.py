r"""A tree in one line, for tests and for whoever wants to see how a formula was read.

>>> from derive.notes.parse import parse
>>> outline(parse(r"\frac{\partial L}{\partial b_i} = -2\sum_j a_j"))
'D[L; b_{i}] = -(2 sum_{j}(a_{j}))'
"""

from __future__ import annotations

from functools import singledispatch

from derive.notes.tree import (
    Accented,
    Add,
    BigOperator,
    Case,
    Cases,
    Condition,
    Derivative,
    Dots,
    Empty,
    Evaluated,
    Fraction,
    FunctionCall,
    Group,
    Indicator,
    Line,
    Mark,
    Matrix,
    Name,
    Node,
    Norm,
    Number,
    Partial,
    Product,
    Relation,
    Remark,
    Root,
    Scripted,
    Statement,
    Term,
    Wrapped,
)


@singledispatch
def outline(node: Node) -> str:
    """Return a tree as one line of text."""
    raise TypeError(f"no outline for {type(node).__name__}")


def _list(nodes: tuple[Node, ...]) -> str:
    return ", ".join(outline(node) for node in nodes)


def _scripts(sub: tuple[Node, ...], sup: tuple[Node, ...], primes: int) -> str:
    lower = f"_{{{_list(sub)}}}" if sub else ""
    upper = f"^{{{_list(sup)}}}" if sup else ""
    return "'" * primes + lower + upper


@outline.register
def _(node: Empty) -> str:
    return "∅"


@outline.register(Number)
@outline.register(Mark)
@outline.register(Remark)
def _text(node: Number | Mark | Remark) -> str:
    return node.text


@outline.register
def _(node: Name) -> str:
    return node.spelling


@outline.register
def _(node: Dots) -> str:
    return f"<{node.kind}>"


@outline.register
def _(node: Scripted) -> str:
    return outline(node.base) + _scripts(node.sub, node.sup, node.primes)


@outline.register
def _(node: Accented) -> str:
    return f"{node.accent}<{outline(node.body)}>"


@outline.register
def _(node: Product) -> str:
    text = outline(node.factors[0])
    for operator, factor in zip(node.operators, node.factors[1:], strict=True):
        text += f" {operator.text} {outline(factor)}" if operator.text else f" {outline(factor)}"
    return f"({text})"


@outline.register
def _(node: Term) -> str:
    return node.sign + outline(node.body)


@outline.register
def _(node: Add) -> str:
    text = " ".join(outline(term) for term in node.terms)
    return text if len(node.terms) == 1 else f"({text})"


@outline.register
def _(node: Fraction) -> str:
    return f"{{{outline(node.numerator)} / {outline(node.denominator)}}}"


@outline.register
def _(node: Root) -> str:
    order = f"[{outline(node.order)}]" if node.order else ""
    return f"root{order}<{outline(node.body)}>"


@outline.register
def _(node: Norm) -> str:
    bar = "||" if node.double else "|"
    return f"{bar}{outline(node.body)}{bar}"


@outline.register
def _(node: Group) -> str:
    text = outline(node.items[0]) if node.items else ""
    for separator, item in zip(node.separators, node.items[1:], strict=True):
        text += f"{separator} {outline(item)}"
    return f"{node.opening}{text}{node.closing}"


@outline.register
def _(node: BigOperator) -> str:
    return f"{node.operator}{_scripts(node.lower, node.upper, 0)}({outline(node.body)})"


@outline.register
def _(node: FunctionCall) -> str:
    head = node.name + _scripts(node.sub, node.sup, node.primes)
    if node.argument is None:
        return f"{head}@"
    return (
        f"{head}@{outline(node.argument)}"
        if node.bracketed
        else f"{head}@<{outline(node.argument)}>"
    )


@outline.register
def _(node: Derivative) -> str:
    kind = {"frac": "D", "slash": "D", "operator": "Dop", "nabla": "grad"}.get(node.form, "Dsub")
    order = f"^{outline(node.order)}" if node.order else ""
    of = outline(node.of) if node.of else ""
    plain = " or plain" if node.plain else ""
    return f"{kind}{order}[{of}; {_list(node.wrt)}{plain}]"


@outline.register
def _(node: Partial) -> str:
    return "∂"


@outline.register
def _(node: Evaluated) -> str:
    return f"{outline(node.body)} at {{{_list(node.at)}}}"


@outline.register
def _(node: Indicator) -> str:
    return f"1{{{_list(node.conditions)}}}"


@outline.register
def _(node: Matrix) -> str:
    return f"{node.kind}<{' // '.join(' & '.join(map(outline, row)) for row in node.rows)}>"


@outline.register
def _(node: Condition) -> str:
    return f"{node.word or 'restricted'}: {_list(node.items)}"


@outline.register
def _(node: Case) -> str:
    return " ".join([outline(node.value), *(f"<{outline(entry)}>" for entry in node.conditions)])


@outline.register
def _(node: Cases) -> str:
    return f"cases<{' // '.join(outline(row) for row in node.rows)}>"


@outline.register
def _(node: Wrapped) -> str:
    return f"{node.kind}<{outline(node.body)}>"


@outline.register
def _(node: Relation) -> str:
    text = outline(node.sides[0])
    for relation, side in zip(node.relations, node.sides[1:], strict=True):
        text += f" {relation.text} {outline(side)}"
    return text


@outline.register
def _(node: Statement) -> str:
    return " ".join([outline(node.body), *(f"<{outline(entry)}>" for entry in node.conditions)])


@outline.register
def _(node: Line) -> str:
    remarks = f"  # {'; '.join(map(outline, node.remarks))}" if node.remarks else ""
    return " ;; ".join(outline(statement) for statement in node.statements) + remarks
