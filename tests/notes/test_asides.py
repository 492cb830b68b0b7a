r"""Equations that a claim mentions after *where* or *with*, and what only restricts it there."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: observations, p: covariates}
symbols:
  X: {shape: [n, p], role: input}
  y: {shape: [n], role: label}
  w: {shape: [p], role: param}
  '\mu': {shape: [n]}
  '\delta': {shape: [n]}
  L: {shape: []}
define:
  - '\mu = \exp(X w)'
  - 'L = \sum_i (\mu_i - y_i \log\mu_i)'
---

"""
GRADIENT = r"\nabla_w L = X^\top(\mu - y)"


def words(body: str, header: str = HEADER, effort: float = 0.0) -> list[str]:
    return [verdict.verdict for verdict in check(read(header + body, "note.md"), effort).verdicts]


@pytest.mark.parametrize(
    ("aside", "verdict"),
    [
        (r"\quad\text{where}\quad \mu = \exp(-Xw)", "wrong"),
        (r"\quad\text{where}\quad \mu = \exp(Xw)", "not-a-claim"),
        (r", \quad\text{with } \mu_i = e^{-X_i^\top w}", "wrong"),
        (r", \quad\text{with } \mu_i = e^{X_i^\top w}", "proved"),
        (r" \text{ where } \log\mu = Xw", "proved"),
        (r" \text{ where $\log\mu = w$ is linear}", "ill-formed"),
        (r" \text{ where } \frac{\partial\mu_i}{\partial w_j} = \mu_i", "wrong"),
        (r" \text{ where } \sum_i \mu_i = 1", "wrong"),
        (r" \text{ where } \exp(y) = \exp(2y)", "wrong"),
        (r" \quad(\mu = \exp(-Xw))", "wrong"),
        (r" \quad(\log\mu = Xw)", "proved"),
    ],
)
def test_an_equation_after_where_is_judged(aside: str, verdict: str) -> None:
    assert words(f"$${GRADIENT}{aside}$$") == ["proved", verdict]


def test_every_equation_after_where_is_judged() -> None:
    aside = r"\text{where } \log\mu = Xw, \mu = \exp(-Xw) \text{ and } \log\mu_i = X_i^\top w"
    assert words(f"$${GRADIENT} \\quad {aside}$$") == ["proved", "proved", "wrong", "proved"]


@pytest.mark.parametrize(
    "body",
    [
        r"$$\text{With } \log\mu = -Xw, \quad " + GRADIENT + "$$",
        r"$$\text{where } \log\mu = -Xw: \quad " + GRADIENT + "$$",
    ],
)
def test_an_equation_may_be_mentioned_before_the_claim(body: str) -> None:
    assert words(body) == ["wrong", "proved"]


@pytest.mark.parametrize("word", ["where", "with"])
def test_a_symbol_is_defined_after_where(word: str) -> None:
    body = rf"$$\nabla_w L = X^\top\delta \quad\text{{{word} }} \delta = \mu - y$$"
    assert words(body) == ["proved", "not-a-claim"]
    body = rf"$$\nabla_w L = X^\top\delta \quad\text{{{word} }} \delta_i = y_i - \mu_i$$"
    assert words(body) == ["wrong", "not-a-claim"]


def test_a_symbol_that_is_defined_is_not_defined_again_after_where() -> None:
    body = r"""Let $\delta = \mu - y$.
$$\nabla_w L = X^\top\delta \quad\text{where}\quad \delta = \mu + y$$"""
    assert words(body) == ["not-a-claim", "proved", "wrong"]


def test_an_aside_is_repaired_in_its_place() -> None:
    aside = r"\quad\text{where}\quad \mu = \exp(-Xw)"
    wrong = check(read(f"{HEADER}$${GRADIENT}{aside}$$", "note.md")).verdicts[1]
    assert wrong.repairs[0].latex == GRADIENT + aside.replace("-", "")


SIGNS = r"""---
derive: 1
dims: {n: entries}
symbols:
  w: {shape: [n], role: param}
  b: {shape: [], role: param}
  A: {shape: [n, n], role: constant}
  p: {shape: [n]}
  f: {shape: []}
  q: {shape: []}
define:
  - 'f = \sum_j |w_j| + b'
  - 'q = \frac12 w^\top A w + b'
  - 'p = \mathrm{softmax}(w)'
---

"""


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial f}{\partial w_j} = 1 \quad\text{where } w_j > 0",
        r"\frac{\partial p_i}{\partial w_j} = -p_i p_j \quad\text{with } i \neq j",
        r"\frac{\partial p_i}{\partial w_j} = p_i(1 - p_i) \quad\text{where } i = j",
        r"\frac{\partial p_i}{\partial w_i} = p_i(1 - p_i) \quad\text{where } i = 1, 2, \dots, n",
        r"f = \|w\|_1 \quad\text{where } b = 0",
        r"\nabla_w q = A w \quad\text{with } A = A^\top",
        r"\frac{\partial f}{\partial w_j} = 1 + b \quad\text{where } w_j > 0, \text{with } b = 0",
    ],
)
def test_what_is_compared_or_given_after_where_restricts(claim: str) -> None:
    assert words(f"$${claim}$$", SIGNS, 0.1) == ["proved"]


def test_what_stands_behind_an_aside_restricts_it() -> None:
    aside = r"\text{where } \frac{\partial p_i}{\partial w_j} = -p_i p_j"
    claim = rf"\frac{{\partial f}}{{\partial b}} = 1 \quad {aside}"
    assert words(f"$${claim}$$", SIGNS) == ["proved", "wrong"]
    assert words(rf"$${claim} \text{{ for }} i \neq j$$", SIGNS) == ["proved", "proved"]
