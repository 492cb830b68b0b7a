r"""Read the LaTeX of one formula into a neutral tree (:mod:`derive.notes.tree`)."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lark import Lark, Token
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError
from lark.lexer import Lexer

from derive.notes.build import Builder
from derive.notes.cursor import Tok, Vocabulary
from derive.notes.lexer import NESTING_LIMIT, Unreadable
from derive.notes.names import Names, Pattern, pattern, spell
from derive.notes.source import FORMULA_LIMIT, Formula, formula
from derive.notes.statements import statements
from derive.notes.tokens import tokenize
from derive.notes.tree import FunctionCall, Line, Name, Node, children

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from derive.notes.raw import RawLine

#: What a token that cannot stand where it does is called.
_CALLED = {
    "REL": "this relation", "SIGN": "this sign", "OP": "this operator", "SEP": "this separator",
    "CLOSE": "this bracket", "RBRACE": "this brace", "SUB": "this _", "SUP": "this ^",
    "PRIMES": "this prime", "END": "this end", "CELL": "this &", "ROW": "this line break",
}  # fmt: skip


class _Tokens(Lexer):
    """Hands the tokens that were made before to the parser."""

    def __init__(self, conf: Any) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any = None) -> Iterator[Token]:
        """Yield the tokens."""
        for token in lexer_state:
            yield Token(token.type, token.value, start_pos=token.start, end_pos=token.end)


@cache
def grammar() -> Lark:
    """Return the parser, built once."""
    text = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer=_Tokens, strict=True, maybe_placeholders=True)


def parse(source: Formula | str, declared: Iterable[str] = ()) -> Line:
    r"""Read a formula.

    Parameters
    ----------
    source : Formula or str
        A note's formula, or its LaTeX alone.
    declared : iterable of str
        The spellings of the names that the note declares: each is one :class:`Name`, the
        longest first, wherever juxtaposition would also be possible.

    Returns
    -------
    Line
        The statements of the formula.

    Raises
    ------
    DeriveError
        Where something cannot be read: what, and its place in the file.

    Examples
    --------
    >>> parse(r"\hat{y}").statements[0].body == parse(r"\hat y").statements[0].body
    True
    >>> parse("dy_i", {"dy"}).statements[0].body
    Scripted(base=Name(spelling='dy'), sub=(Name(spelling='i'),), sup=(), primes=0)
    """
    origin = formula(source) if isinstance(source, str) else source
    names = vocabulary(tuple(sorted(set(declared))))
    try:
        return _parse(origin.latex, names)
    except Unreadable as problem:
        raise origin.origin.error(
            problem.message, problem.start, problem.end, problem.hint
        ) from None


def canonical(spelling: str) -> str:
    r"""Return the one spelling of a name that :class:`Name` nodes carry.

    >>> canonical(r"\hat y"), canonical("W ^ {(2)}"), canonical(r"\text{loss}")
    ('\\hat{y}', 'W^{(2)}', '\\mathrm{loss}')
    """
    return _entry(spelling)[0]


@lru_cache(maxsize=4096)
def _entry(spelling: str) -> tuple[str, Pattern | None, frozenset[str]]:
    """Return a declared name's canonical spelling, its pattern, and the words it claims."""
    origin = formula(spelling)
    try:
        node = name_tree(spelling)
        words = {below.name for below in _calls(node)}
        if isinstance(node, Name) and node.spelling.startswith(r"\mathrm{"):
            words.add(node.spelling[8:-1])
        return spell(node), pattern(node), frozenset(words)
    except Unreadable as problem:
        raise origin.origin.error(
            f"{spelling} cannot be a name: {problem.message}",
            problem.start,
            max(problem.end, problem.start + 1),
        ) from None


def name_tree(spelling: str) -> Node:
    """Return the tree of a name as it is declared.

    Raises
    ------
    Unreadable
        If it is not one name.
    """
    line = _parse(spelling, Names(words=Vocabulary(spelling=True)))
    if len(line.statements) != 1 or line.remarks or line.statements[0].conditions:
        raise Unreadable("this is not one name", 0, max(1, len(spelling)))
    return line.statements[0].body


def _calls(node: Node) -> Iterator[FunctionCall]:
    if isinstance(node, FunctionCall):
        yield node
    for child in children(node):
        yield from _calls(child)


@lru_cache(maxsize=256)
def vocabulary(declared: tuple[str, ...]) -> Names:
    """Return the declared names, ready for finding them."""
    entries = [_entry(spelling) for spelling in declared]
    patterns: dict[Node, list[Pattern]] = {}
    for _, found, _ in entries:
        if found is not None:
            patterns.setdefault(found.atoms[0], []).append(found)
    for group in patterns.values():
        group.sort(key=lambda entry: (entry.weight(), entry.spelling), reverse=True)
    words = Vocabulary(
        frozenset(word for _, _, claimed in entries for word in claimed),
        frozenset(text for text, _, _ in entries if text.isalpha() and text.isascii()),
    )
    ordered = {key: tuple(group) for key, group in patterns.items()}
    spellings = frozenset(text for text, _, _ in entries)
    return Names(spellings, MappingProxyType(ordered), words)


def _parse(latex: str, names: Names) -> Line:
    """Read LaTeX; whatever cannot be read is raised as Unreadable."""
    if len(latex) > FORMULA_LIMIT:
        raise Unreadable(
            f"this formula has {len(latex)} characters; {FORMULA_LIMIT} are the most", 0, 1
        )
    tokens, remarks = tokenize(latex, names.words)
    try:
        tree = grammar().parse(tokens)
        raw: RawLine = Builder(names).transform(tree)
    except UnexpectedToken as problem:
        raise _unexpected(problem, tokens, latex) from None
    except UnexpectedInput:  # pragma: no cover - only tokens are handed in
        raise Unreadable("cannot read this formula", 0, 1) from None
    except VisitError as problem:
        if isinstance(problem.orig_exc, Unreadable):
            raise problem.orig_exc from None
        raise
    found, words = statements(raw, names, remarks, latex)
    line = Line(0, len(latex), found, words)
    _bound_depth(line)
    return line


def _unexpected(problem: UnexpectedToken, tokens: list[Tok], latex: str) -> Unreadable:
    """Say what stands where it cannot."""
    token = problem.token
    if token.type == "$END" or token.start_pos is None:
        last = tokens[-1] if tokens else Tok("", "", 0, 1)
        return Unreadable("the formula ends too early: something must follow", last.start, last.end)
    what = _CALLED.get(token.type, latex[token.start_pos : token.end_pos])
    end = max(token.end_pos or 0, token.start_pos + 1)
    return Unreadable(f"cannot read {what} here", token.start_pos, end)


def _bound_depth(line: Line) -> None:
    """Refuse a tree too deep for those who walk it."""
    waiting: list[tuple[Node, int]] = [(line, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > NESTING_LIMIT:
            raise Unreadable(f"this is nested more than {NESTING_LIMIT} deep", node.start, node.end)
        waiting.extend((child, depth + 1) for child in children(node))
