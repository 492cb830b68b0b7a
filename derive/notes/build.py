"""From the grammar's rules to tree nodes: one method for each rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeAlias

from lark import Token
from lark.visitors import Transformer_NonRecursive, v_args

from derive.notes.cursor import Tok
from derive.notes.fold import arguments, contents, fraction, settled
from derive.notes.lexer import Unreadable
from derive.notes.names import Names
from derive.notes.raw import (
    Braces,
    Decorated,
    Head,
    Item,
    RawChain,
    RawLine,
    RawPart,
    RawProduct,
    RawSum,
    Spread,
    only_product,
)
from derive.notes.statements import case
from derive.notes.style import accented, styled
from derive.notes.tree import (
    Add,
    Cases,
    Derivative,
    Dots,
    Empty,
    Evaluated,
    FunctionCall,
    Group,
    Mark,
    Matrix,
    Name,
    Node,
    Norm,
    Number,
    Operator,
    Product,
    Range,
    Relation,
    Root,
    Scripted,
    walk,
)

Script: TypeAlias = tuple[str, tuple[Node, ...], Range, int]

_MATRIX_OF = {("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("|", "|"): "vmatrix"}
_TRANSPOSING_FONTS = frozenset({"mathbf", "boldsymbol", "mathrm", "mathsf", "mathtt"})
_PAIRS = {"|": False, r"\|": True}
#: Brackets that are a function of what they hold, and never mere parentheses.
_ROUNDING = {r"\lfloor": "floor", r"\lceil": "ceil"}


def _tok(token: Token) -> Tok:
    """Return a token of the grammar as one of the tokenizer."""
    assert token.start_pos is not None
    assert token.end_pos is not None
    return Tok(token.type, str(token), token.start_pos, token.end_pos)


@v_args(inline=True)
class Builder(Transformer_NonRecursive[Token, RawLine]):
    """Builds the tree bottom up, with the declared names at hand."""

    def __init__(self, names: Names) -> None:
        super().__init__()
        self.names = names

    def start(self, line: RawLine) -> RawLine:
        """Return the whole formula."""
        return line

    def line(self, *children: Any) -> RawLine:
        """Gather parts and separators; a box around whole claims is opened."""
        parts: list[RawPart] = []
        separators: list[Tok] = []
        for child in children:
            if isinstance(child, Token):
                separators.append(_tok(child))
                continue
            inner = _boxed(child)
            if inner is None:
                parts.append(child)
            else:
                parts.extend(inner.parts)
                separators.extend(inner.separators)
        return RawLine(tuple(parts), tuple(separators))

    def part(self, chain: RawPart) -> RawPart:
        """Return a chain or nothing."""
        return chain

    def relation(self, *children: Any) -> RawChain:
        """Gather the sides of a chain."""
        first = children[0] if len(children) == 2 else None
        links = children[-1]
        return RawChain(
            (first, *(side for _, side in links)), tuple(relation for relation, _ in links)
        )

    def links(self, *children: Any) -> list[Any]:
        """Gather relations with what follows each."""
        return list(children)

    def link(self, relation: Token, side: RawSum | None) -> tuple[Tok, RawSum | None]:
        """Return a relation with its right side."""
        return _tok(relation), side

    def expression(self, *children: Any) -> RawSum:
        """Gather signed products."""
        signs = children[::2]
        products = children[1::2]
        return RawSum(
            tuple(
                (_tok(sign) if sign is not None else None, product)
                for sign, product in zip(signs, products, strict=True)
            )
        )

    def product(self, *children: Any) -> RawProduct:
        """Gather factors with the operators between."""
        items = [Item(None, None, children[0])]
        for (operator, sign), factor in zip(children[1::2], children[2::2], strict=True):
            items.append(Item(operator, sign, factor))
        return RawProduct(tuple(items))

    def joint(self, operator: Token | None, sign: Token | None) -> tuple[Any, Any]:
        """Return what stands between two factors."""
        if operator is None:
            return None, None
        token = _tok(operator)
        return (
            Operator(token.start, token.end, token.value),
            _tok(sign) if sign is not None else None,
        )

    def unary(self, sign: Token) -> tuple[Any, Any]:
        """Return a sign that belongs to the next factor."""
        return None, _tok(sign)

    def factor(self, atom: Node, *scripts: Script) -> Node:
        """Hang scripts on an atom."""
        if not scripts:
            return atom
        found: dict[str, tuple[tuple[Node, ...], Range]] = {}
        primes = 0
        ticks: Range | None = None
        end = atom.end
        for kind, nodes, place, count in scripts:
            primes += count
            end = max(end, place[1])
            if count:
                ticks = (min(ticks[0], place[0]), max(ticks[1], place[1])) if ticks else place
            if kind in found and nodes:
                raise Unreadable(f"a second {kind} on the same symbol", *place)
            if nodes or kind not in ("prime", "^"):
                found[kind] = (nodes, place)
        sub, sub_range = found.get("_", ((), None))
        sup, sup_range = found.get("^", ((), None))
        if isinstance(atom, Head):
            return replace(atom, end=end, sub=sub, sup=sup, primes=primes)
        base = settled(atom, self.names)
        if isinstance(atom, Braces | Spread) and isinstance(base, Product | Add):
            base = Group(atom.start, atom.end, "{", "}", (base,))
        if isinstance(base, Group) and base.opening == "." and sub and not sup and not primes:
            inside = base.items[0] if len(base.items) == 1 else base
            return Evaluated(atom.start, end, inside, sub)
        if _is_place(base, sub) and not sup and not primes:
            assert isinstance(base, Group)
            return Evaluated(atom.start, end, base.items[0], sub)
        return Scripted(atom.start, end, base, sub, sup, primes, sub_range, sup_range, ticks)

    def sub(self, mark: Token, argument: Node) -> Script:
        """Return a subscript."""
        nodes = arguments(argument, self.names)
        return "_", nodes, (_tok(mark).start, argument.end), 0

    def sup(self, mark: Token, argument: Node) -> Script:
        r"""Return a superscript; ``^{\prime}`` is a prime."""
        nodes: list[Node] = []
        primes = 0
        for node in arguments(argument, self.names):
            factors = node.factors if isinstance(node, Product) else (node,)
            rest = [factor for factor in factors if factor != Mark(0, 0, "'")]
            primes += len(factors) - len(rest)
            if len(rest) == len(factors):
                nodes.append(_transposing(node))
            elif isinstance(node, Product) and len(rest) > 1:
                operators = node.operators[: len(rest) - 1]
                nodes.append(Product(rest[0].start, rest[-1].end, tuple(rest), operators))
            else:
                nodes.extend(rest)
        return "^", tuple(nodes), (_tok(mark).start, argument.end), primes

    def primes(self, token: Token) -> Script:
        """Return primes."""
        tok = _tok(token)
        return "prime", (), (tok.start, tok.end), len(tok.value)

    def leaf(self, token: Token) -> Node:
        """Return a single sign."""
        kind, value, start, end = _tok(token)
        if kind == "NAME":
            return Name(start, end, value, ((start, end),))
        if kind == "NUMBER":
            return Number(start, end, value)
        if kind == "MARK":
            return Mark(start, end, value)
        if kind == "DOTS":
            return Dots(start, end, value)
        return Head(start, end, kind, value)

    def accent(self, token: Token, argument: Node) -> Node:
        """Return something under an accent."""
        tok = _tok(token)
        node = settled(argument, self.names)
        if _is_nabla(node):
            return Head(tok.start, argument.end, "NABLA", r"\nabla")
        return accented(node, tok.value, tok.start, argument.end)

    def font(self, token: Token, argument: Node) -> Node:
        """Return something in a font."""
        tok = _tok(token)
        node = settled(argument, Names())  # a declared plain name is not this one
        node = styled(node, tok.value) if tok.value else node
        end = max(argument.end, tok.end)
        if _is_nabla(node):
            return Head(tok.start, end, "NABLA", r"\nabla")
        if isinstance(node, Name):
            return replace(node, start=tok.start, end=end, parts=((tok.start, end),))
        if isinstance(node, Product):
            return Spread(tok.start, end, node)
        if isinstance(node, Add):
            return Group(tok.start, end, "{", "}", (node,))
        return replace(node, start=tok.start, end=end)

    def fraction(self, token: Token, upper: Node, lower: Node) -> Node:
        """Return a fraction or a derivative."""
        return fraction(upper, lower, _tok(token).start, self.names)

    def root(self, *children: Any) -> Node:
        """Return a root."""
        token, _, line, _, argument = children
        tok = _tok(token)
        order = None
        if line is not None:
            items, _ = contents(line, self.names, tok.end)
            order = items[0] if items else None
        return Root(tok.start, argument.end, settled(argument, self.names), order)

    def wrapped(self, token: Token, argument: Node) -> Node:
        """Return something boxed, or with something above it."""
        tok = _tok(token)
        kind, _, note = tok.value.partition(" ")
        return Decorated(tok.start, argument.end, kind, note, argument)

    def braced(self, token: Token, argument: Node, note: Token) -> Node:
        """Return something with a brace above or below."""
        tok, written = _tok(token), _tok(note)
        return Decorated(tok.start, written.end, tok.value, written.value, argument)

    def brace(self, opening: Token, line: RawLine, closing: Token) -> Node:
        """Return what braces hold, unsettled."""
        return Braces(_tok(opening).start, _tok(closing).end, line)

    def bracket(self, opening: Token, line: RawLine, closing: Token) -> Node:
        """Return what brackets hold."""
        left, right = _tok(opening), _tok(closing)
        items, separators = contents(line, self.names, left.end)
        place = (left.start, right.end)
        only = items[0] if len(items) == 1 else None
        if left.value in _PAIRS and left.value == right.value and only is not None:
            matrix = isinstance(only, Matrix) and only.kind == "array"
            if not matrix:
                return Norm(*place, only, _PAIRS[left.value])
        kind = _MATRIX_OF.get((left.value, right.value))
        if isinstance(only, Matrix) and only.kind == "array" and kind:
            return replace(only, start=place[0], end=place[1], kind=kind)
        group = Group(*place, left.value, right.value, items, separators)
        rounding = _ROUNDING.get(left.value)
        if rounding is None:
            return group
        return FunctionCall(*place, rounding, group, True, head=(left.start, left.end))

    def row(self, *children: Any) -> list[RawLine]:
        """Return the cells of a row."""
        return [child for child in children if isinstance(child, RawLine)]

    def matrix(self, begin: Token, *children: Any) -> Node:
        """Return a matrix or a case distinction."""
        opening, closing = _tok(begin), _tok(children[-1])
        rows = [child for child in children[:-1] if isinstance(child, list)]
        place = (opening.start, closing.end)
        if rows and len(rows[-1]) == 1 and rows[-1][0].parts == (None,):
            rows = rows[:-1]
        if opening.value.endswith("cases"):
            cells = (case(row, self.names, opening.end) for row in rows)
            return Cases(*place, tuple(cells))
        filled = tuple(tuple(self.cell(cell, opening.end) for cell in row) for row in rows)
        return Matrix(*place, opening.value, filled)

    def cell(self, line: RawLine, at: int) -> Node:
        """Return one entry of a matrix."""
        items, separators = contents(line, self.names, at)
        if not items:
            return Empty(at, at)
        if len(items) == 1:
            return items[0]
        return Group(items[0].start, items[-1].end, "{", "}", items, separators)


def _boxed(raw: RawPart) -> RawLine | None:
    """Return the line inside a box or braces that enclose whole claims."""
    found = only_product(raw)
    if found is None or found[0] is not None or len(found[1]) != 1:
        return None
    node = found[1][0].node
    if isinstance(node, Decorated) and node.kind in ("boxed", "fbox"):
        node = node.inside
    elif not isinstance(node, Braces):
        return None
    if not isinstance(node, Braces):
        return None
    several = len(node.line.parts) > 1 and all(
        token.value != "over" for token in node.line.separators
    )
    return node.line if several or isinstance(node.line.parts[0], RawChain) else None


def _transposing(node: Node) -> Node:
    r"""Read an upright or bold raised T, as in ``W^{\mathbf T}``, as ``\top``."""
    if isinstance(node, Name):
        font = node.spelling.removeprefix("\\").removesuffix("{T}")
        if font in _TRANSPOSING_FONTS and node.spelling.endswith("{T}"):
            return Mark(node.start, node.end, r"\top")
    return node


def _is_nabla(node: Node) -> bool:
    r"""Tell whether a node is a sign ``\nabla`` alone, which is the same in all fonts."""
    return isinstance(node, Derivative) and node.form == "nabla" and not (node.of or node.wrt)


def _is_place(base: Node, sub: tuple[Node, ...]) -> bool:
    r"""Tell whether a subscript says where a derivative in brackets is taken: ``[..]_{t=1}``."""
    if not isinstance(base, Group) or len(base.items) != 1 or base.opening not in ("[", "("):
        return False
    equations = [part for part in sub if isinstance(part, Relation)]
    if not equations or len(equations) < len(sub):
        return False
    signs = {sign.text for equation in equations for sign in equation.relations}
    return signs == {"="} and any(isinstance(part, Derivative) for part in walk(base))
