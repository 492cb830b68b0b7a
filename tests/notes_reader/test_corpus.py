"""A corpus of ordinary gradient lines: all read, and no token of them lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from derive.notes import tree
from derive.notes.lexer import scan
from derive.notes.parse import parse, vocabulary
from derive.notes.tokens import tokenize

CORPUS = Path(__file__).with_name("corpus.txt")


def lines() -> Iterator[tuple[tuple[str, ...], str]]:
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            declared, _, latex = line.partition("| ")
            yield tuple(declared.split()), latex


def held(line: tree.Line) -> Iterator[tuple[int, int]]:
    """Yield the ranges that the tree's leaves stand for."""
    for node in tree.walk(line):
        if isinstance(node, tree.Name):
            yield from node.parts
        elif isinstance(node, tree.Number | tree.Mark | tree.Dots | tree.Operator | tree.Partial):
            yield node.start, node.end
        elif isinstance(node, tree.Term):
            yield node.sign_range
        elif isinstance(node, tree.FunctionCall | tree.BigOperator | tree.Indicator):
            yield node.head
        elif isinstance(node, tree.Scripted) and node.prime_range:
            yield node.prime_range
        elif isinstance(node, tree.Derivative) and node.order is not None:
            yield node.head  # the 2 of "∂x²" is in the order


def lost(latex: str, declared: tuple[str, ...]) -> list[str]:
    """Return the operands and operators that no node of the tree stands for."""
    tokens, _ = tokenize(latex, vocabulary(declared).words)
    ranges = list(held(parse(latex, declared)))
    kinds = {"NAME", "NUMBER", "OP", "SIGN", "UNARY", "REL", "DOTS", "MARK", "BIG", "FUNC"}
    return [
        latex[token.start : token.end]
        for token in tokens
        if token.type in kinds
        and not any(start <= token.start and token.end <= end for start, end in ranges)
        and token.value not in ("d", "/", "'", r"\mathrm{d}")  # parts of derivatives, primes
    ]


def test_the_corpus_is_large() -> None:
    assert len(list(lines())) >= 200


@pytest.mark.parametrize(("declared", "latex"), list(lines()))
def test_a_corpus_line_is_read_whole(declared: tuple[str, ...], latex: str) -> None:
    assert lost(latex, declared) == []


def test_lexemes_put_together_are_the_source() -> None:
    for _, latex in lines():
        assert "".join(lexeme.text for lexeme in scan(latex)) == latex
        for lexeme in scan(latex):
            assert latex[lexeme.start : lexeme.end] == lexeme.text


def test_every_node_lies_inside_its_parent() -> None:
    for declared, latex in lines():
        for node in tree.walk(parse(latex, declared)):
            assert 0 <= node.start <= node.end <= len(latex)
            for child in tree.children(node):
                plain = isinstance(node, tree.Derivative) and child is node.plain
                lenient = isinstance(node, tree.BigOperator | tree.Scripted)  # \underset, ranges
                assert plain or lenient or node.start <= child.start <= child.end <= node.end, latex
