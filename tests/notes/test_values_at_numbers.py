r"""Numbers in brackets after what is defined: ``\ell(0)`` is no product with 0."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: observations, p: covariates}
symbols:
  X: {shape: [n, p], role: input}
  y: {shape: [n], role: label}
  '\beta': {shape: [p], role: param}
  c: {shape: [], role: constant}
  '\mu': {shape: [n]}
  '\ell': {shape: []}
define:
  - '\mu_i = \exp(X_i^\top\beta)'
  - '\ell = \sum_{i=1}^n (y_i \log\mu_i - \mu_i)'
---

"""
BY_BETA = r"$\nabla_\beta\ell = X^\top(y - \mu)$. "


def words(body: str, header: str = HEADER) -> list[str]:
    return [verdict.verdict for verdict in check(read(header + body, "note.md"), 0.0).verdicts]


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\ell(0) = -n", "proved"),
        (r"\ell(0) = 0", "wrong"),
        (r"\ell(0)^2 = n^2", "proved"),
        (r"\ell(\mathbf 0) = -n", "proved"),
        (r"\ell - \ell(0) = \ell + n", "proved"),
        (r"\nabla_\beta\ell(0) = X^\top(y - \mathbf 1)", "proved"),
        (r"\nabla_\beta\ell(0) = X^\top y", "wrong"),
        (r"\frac{\partial\ell}{\partial\beta}(0) = X^\top(y - \mathbf 1)", "proved"),
    ],
)
def test_a_zero_in_brackets_is_put_for_what_the_note_differentiates_by(
    claim: str, verdict: str
) -> None:
    assert words(f"{BY_BETA}$${claim}$$") == ["proved", verdict]


def test_other_values_are_read_beside_one_at_zero() -> None:
    body = rf"{BY_BETA}$${{}}$$ $$\ell(0) = -n$$ $$\ell(2\beta) - \ell(\beta) = {{}}$$"
    right = r"\sum_i (y_i X_i^\top\beta + \mu_i - \mu_i^2)"
    assert words(body.format("c(0) = 0", right)) == ["proved", "proved", "proved", "proved"]
    assert words(body.format("c(0) = 0", r"\ell(\beta)"))[-1] == "wrong"


def test_the_note_may_say_itself_what_it_is_a_function_of() -> None:
    body = r"$\ell(\beta) = \sum_i (y_i \log\mu_i - \mu_i)$, $\ell(0) = -n$ and $\ell(1) = 0$"
    assert words(body) == ["proved", "proved", "wrong"]


@pytest.mark.parametrize("claim", [r"\ell(0) = -n", r"\ell(0) = 0", r"\mu(0) = \mathbf 1"])
def test_a_value_is_not_judged_where_nothing_says_of_what(claim: str) -> None:
    (found,) = check(read(f"{HEADER}$${claim}$$", "note.md")).verdicts
    assert found.verdict == "unreadable"
    assert r"(\beta) = … in the header" in found.problems[0].message


SLOPES = r"""---
derive: 1
symbols:
  x: {shape: [], role: input}
  w: {shape: [], role: param}
  y: {shape: [], role: label}
  c: {shape: [], role: constant}
  r: {shape: []}
  L: {shape: []}
define:
  - 'r = y - w x'
  - 'L = r^2'
---

"""


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial L}{\partial w} = 2r(-1)x",
        r"\frac{\partial L}{\partial w} = \frac{\partial L}{\partial r}(-1)x",
        r"\frac{\partial L}{\partial y} = 2r(1)",
        r"c(0) = 0",
        r"c(0.5) = \frac c2",
        r"r(y - x) = ry - rx",
    ],
)
def test_products_stay_products(claim: str) -> None:
    assert words(f"$${claim}$$", SLOPES) == ["proved"]


def test_a_number_alone_in_brackets_may_be_either() -> None:
    assert words("$$r(1) = y - w$$", SLOPES) == ["unreadable"]
