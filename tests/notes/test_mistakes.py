"""A mistake is named where it is made, and changes nothing of what later claims say."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {n: entries}
symbols:
  x: {shape: [n], role: input}
  w: {shape: [n], role: param}
  f: {shape: []}
  g: {shape: []}
define:
  - f = w^\top x
  - g = (w^\top w)^2 + f^3
---
"""
SQUARES = r"""---
derive: 1
dims: {n: samples, d: features}
symbols:
  X: {shape: [n, d], role: input}
  w: {shape: [d], role: param}
  y: {shape: [n], role: label}
  f: {shape: []}
define:
  - f(w) = \frac12\|Xw-y\|^2
---
"""
GAUSS = r"""---
derive: 1
dims: {N: samples}
symbols:
  x: {shape: [N], role: input}
  \mu: {shape: [], role: param}
  \ell: {shape: []}
define:
  - \ell = -\frac12\sum_i (x_i-\mu)^2
---
"""


def verdicts(header: str, *claims: str, effort: float = 0.0) -> tuple[Verdict, ...]:
    text = "\n\n".join(f"$${claim}$$" for claim in claims)
    return check(read(f"{header}\n{text}\n", "note.md"), effort).verdicts


def found(header: str, *claims: str) -> list[str]:
    return [verdict.verdict for verdict in verdicts(header, *claims)]


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"\frac{\partial}{\partial w} w^\top w = 2w", "proved"),
        (r"\frac{\partial}{\partial w} w^\top w = x", "wrong"),
        (r"\frac{\partial g}{\partial w} = 4 (w^\top w) w + 3 f^2 x", "proved"),
        (r"\frac{\partial g}{\partial w} = 4 f w + 3 f^2 x", "wrong"),
        (r"\frac{\partial f}{\partial w} = \frac{\partial}{\partial w} w^\top w", "wrong"),
    ],
)
def test_a_wrong_formula_changes_no_later_claim(claim: str, expected: str) -> None:
    assert found(HEADER, r"f = w^\top w", claim) == ["wrong", expected]


def test_a_wrong_claim_that_follows_from_a_mistake_says_so() -> None:
    header = HEADER.replace(r"(w^\top w)^2 + f^3", "f^3")
    (_, second) = verdicts(header, r"f = w^\top w", r"\nabla_w g = 3 (w^\top w)^2 x")
    assert (second.verdict, second.note) == ("wrong", "follows from [1], which is wrong")


def test_links_of_the_chain_rule_named_by_a_mistaken_formula_follow_from_it() -> None:
    chain = (
        r"\frac{\partial g}{\partial w}"
        r" = \frac{\partial g}{\partial f} \frac{\partial w^\top w}{\partial w}"
    )
    header = HEADER.replace(r"(w^\top w)^2 + f^3", "f^3")
    assert found(header, chain) == ["wrong"]
    (_, second) = verdicts(header, r"f = w^\top w", chain)
    assert (second.verdict, second.note) == ("proved", "follows from [1], which is wrong")


def test_a_wrong_value_at_a_point_changes_no_later_claim() -> None:
    claims = (
        r"\nabla f(0) = X^\top y",
        r"\nabla f(w) = X^\top Xw - X^\top y",
        r"\nabla f(w) = X^\top Xw + X^\top y",
    )
    assert found(SQUARES, *claims) == ["wrong", "proved", "wrong"]


def test_an_ill_formed_line_does_not_make_the_next_one_so() -> None:
    claims = (r"\ell_\mu = \sum_i x_i - N\mu", r"\partial_\mu\ell = \sum_i x_i - N\mu")
    assert found(GAUSS, *claims) == ["ill-formed", "proved"]


def test_a_number_that_is_wrong_for_a_symbol_stays_a_number() -> None:
    claims = ("f = 2", r"\frac{\partial}{\partial w} w^\top w = 2 x")
    assert [v.note for v in verdicts(HEADER, *claims)][1] != "follows from [1], which is wrong"
